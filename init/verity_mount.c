/* SPDX-License-Identifier: MIT */
/*
 * Mounting a verified device: only as a file system that reads no other device, and only if it is this
 * device that was mounted in the end.
 */
//kbuild:obj-$(CONFIG_FEATURE_INIT_VERITY) += init/verity_mount.o
#include "attempt.h"

/* File systems that read nothing but their own device. btrfs takes any other one that says that it
 * is the same file system. Without options of dm-verity, only what says its size has its tree behind
 * it. */
#define TYPES (ENABLE_FEATURE_VERITY_OPTIONS ? "squashfs,erofs,ext2,ext3,ext4,xfs" : "squashfs,erofs")

static const char *type_to_mount(const struct mount_request *m)
{
	static struct volume volume;
	const char *type = m->type;

	/* What a word calls ext2 may have a journal. */
	if (ENABLE_FEATURE_PROBE && (!type || has_word("auto,ext2", type)))
		type = probe(m->source, &volume) < 0 ? NULL : volume.type;
	else if (!type)
		type = "squashfs"; /* what a build without probe() is made for */
	return type;
}

/* An erofs may have its data on other devices, which its superblock counts (Linux 5.16). */
static bool has_other_devices(const char *erofs)
{
	uint16_t count = 1;
	int fd = sys_open(erofs, O_RDONLY);

	if (fd < 0)
		return true;
	sys_pread(fd, &count, sizeof count, 1024 + 86);
	sys_close(fd);
	return count;
}

static bool reads_others(const struct mount_request *m)
{
	return !m->type || !has_word(TYPES, m->type) || *find_byte(m->data, '/') ||
	       (equal(m->type, "erofs") && has_other_devices(m->source));
}

/* Is what is mounted the device that was verified? A file that was mounted without one is what we
 * have named. */
static int compare_device(const struct mount_request *m)
{
	const char *source = m->use_loop ? m->device.path : m->source;
	struct stat device, root;

	int r = sys_stat(AT_FDCWD, source, &device);
	if (r == 0)
		r = sys_stat(AT_FDCWD, m->target, &root);
	if (r < 0)
		return failed(r, m->target, "stat");
	return !S_ISBLK(device.st_mode) || device.st_rdev == root.st_dev
		       ? 0
		       : found(-EINVAL, m->source, "another device was mounted in its place");
}

int verity_mount(struct mount_request *m)
{
	m->type = type_to_mount(m);
	if (reads_others(m))
		return found(-EINVAL, m->source,
			     joined("not mounted as ", m->type ? m->type : "an unknown type",
				    ": it may read other devices, which no root hash stands for"));
	/* Their journal may be on another device. */
	int r = ENABLE_FEATURE_VERITY_OPTIONS && has_word("ext3,ext4", m->type) ? mount_data(m, "noload") : 0;
	if (r == 0)
		r = mount_step(m);
	return r < 0 ? r : compare_device(m);
}
