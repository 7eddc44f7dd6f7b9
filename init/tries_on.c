/* SPDX-License-Identifier: MIT */
/*
 * Counts of attempts that are not beside the image: loopbox.tries.on= names a file on a device, or
 * a place on a raw one. So each device of root= has its count, too, and each image that is verified.
 */
//config:config FEATURE_INIT_TRIES_ON
//config:	bool "Count the attempts on another device"
//config:	default y
//config:	depends on FEATURE_INIT_TRIES
//config:	help
//config:	  loopbox.tries.on=DEVICE:FILE or DEVICE:OFFSET: also for root
//config:	  partitions, UBI volumes and verified images.
//kbuild:obj-$(CONFIG_FEATURE_INIT_TRIES_ON) += init/tries_on.o
#include "tries.h"

#define PLACE OUR_RUN "counts"
#define DEFAULT_FILE "/loopbox.tries"

enum { PATIENCE_SECONDS = 5 };

/* Where the words say that the counts are: 0, or -errno with a `why`. */
static int find_place(struct attempt *a, struct counts_place *p)
{
	char *spec = copy_of(plan[TRIES_ON]), *end = name_end_of_device(spec);
	const char *rest = *end ? end + 1 : DEFAULT_FILE;
	enum outcome outcome;

	*end = 0;
	do {
		outcome = name_device(spec, &p->device);
		if (outcome == READY && *p->device == '/' && sys_access(p->device, F_OK) < 0) {
			failed(-ENOENT, p->device, "open");
			outcome = NOT_YET;
		}
	} while (
		outcome == NOT_YET &&
		wait_for_other(&a->search, joined("the device of the counts, ", spec, ""), PATIENCE_SECONDS));
	if (outcome != READY)
		return why.error;
	*p = (struct counts_place){ .device = p->device };
	/* Flash that has no path. */
	if (*p->device != '/' && *rest >= '0' && *rest <= '9')
		return found(-EINVAL, plan[TRIES_ON], "on flash, name a file");
	if (*rest >= '0' && *rest <= '9')
		return parse_size(rest, &p->offset) < 0 ? found(-EINVAL, plan[TRIES_ON], "not an offset") : 0;
	p->file = joined(*rest == '/' ? "" : "/", rest, "");
	return 0;
}

/* Mounts the device of a file; without MS_RDONLY it is writable, unless it is mounted read-only
 * elsewhere. Returns 1 where it is read-only, 0, or -errno with a `why`. */
static int mount_place(const struct counts_place *p, unsigned read_only)
{
	struct mount_request m;

	mount_begin(&m, p->device, PLACE, NULL);
	m.flags = COUNTS_MOUNT | read_only;
	int r = mount_step(&m);
	return r < 0 ? r : !!(m.flags & MS_RDONLY);
}

/* What to open, once the device of a file is mounted. */
static const char *path_of(const struct counts_place *p)
{
	return p->file ? joined(PLACE, p->file, "") : p->device;
}

int tries_on_read(struct attempt *a, const char *name)
{
	struct counts_place *p = &a->counts;
	unsigned mark = undo_mark();

	int r = find_place(a, p);
	p->name = name;
	if (r == 0 && p->file)
		r = mount_place(p, MS_RDONLY);
	/* It is mounted writable elsewhere, or an empty UBI volume, of which this makes a UBIFS. */
	if (r == -EBUSY || r == -EROFS)
		r = mount_place(p, 0);
	if (r >= 0)
		r = counts_read(path_of(p), p->offset, name);
	undo_to(mark);
	return r;
}

int tries_on_write(const struct attempt *a, const char *name, unsigned number, enum counts_how how)
{
	const struct counts_place *p = &a->counts;
	const char *path = path_of(p);
	unsigned mark = undo_mark();
	int was_read_only = p->file ? mount_place(p, 0) : 0, r = was_read_only;

	if (was_read_only > 0)
		r = remount_writable(PLACE);
	if (r >= 0)
		r = counts_write(path, p->offset, name, number, how);
	if (r >= 0 && p->file && folder_sync(path) < 0)
		log_failure(); /* it was counted all the same, and can be confirmed */
	if (was_read_only > 0)
		remount_read_only(PLACE, MS_RDONLY);
	undo_to(mark);
	return r;
}
