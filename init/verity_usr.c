/* SPDX-License-Identifier: MIT */
/* A verified /usr in a root that has none: usrhash=, and systemd.verity_usr_*. */
//kbuild:obj-$(CONFIG_FEATURE_INIT_VERITY_WORDS) += init/verity_usr.o
#include "verified.h"

/* The devices of /usr, by the words, or by the root hash. */
enum outcome verity_find_usr(struct attempt *a)
{
	const char *hash = plan[USR_HASH], *data = plan[USR_DATA], *tree = plan[USR_TREE];
	const char *waiting = a->device ? a->device : a->images[0];

	if (!hash)
		return READY;
	if (!verified_is_hash(hash))
		return outcome_of(found(-EINVAL, "usrhash=", "not a root hash"));
	if (!data)
		data = verified_data_of(hash);
	if (!tree)
		tree = verified_tree_of(hash);
	enum outcome outcome = verified_partner(data, waiting, &a->usr_data);
	return outcome == READY ? verified_partner(tree, waiting, &a->usr_tree) : outcome;
}

/* Only a root without a /usr of its own gets one: nobody else can add the word. 0, or -errno with a `why`. */
static int check_place(const char *path)
{
	static struct directory open;
	unsigned count = 0;
	int fd = sys_open(path, O_RDONLY | O_DIRECTORY);

	if (fd < 0 && !is_missing(fd))
		return failed(fd, path, "open");
	if (fd >= 0) {
		directory_start(&open, fd);
		while (directory_next(&open))
			count++;
		sys_close(fd);
		if (open.error < 0)
			return failed(open.error, path, "read");
	}
	if (fd < 0 || count > 2) /* itself, and the one above */
		return found(-EINVAL, "usrhash=", "the root has a /usr that is not an empty folder");
	return 0;
}

enum outcome verity_mount_usr(struct attempt *a)
{
	struct verified v = {
		.name = a->usr_data,
		.data = a->usr_data,
		.root_hash = plan[USR_HASH],
		.tree = a->usr_tree,
		.options = plan[USR_OPTIONS],
	};
	struct mount_request m;

	if (!v.root_hash)
		return READY;
	if (check_place(NEW_ROOT "/usr") < 0)
		return FAILED;
	a->mapping = "usr";
	enum outcome outcome = verified_open(a, &v);
	if (outcome != READY)
		return outcome;
	mount_begin(&m, verified_tell(v.name), NEW_ROOT "/usr", NULL);
	m.flags = MS_RDONLY;
	int r = verity_mount(&m);
	verity_let_go(a);
	return outcome_of(r);
}
