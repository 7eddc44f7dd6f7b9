/* SPDX-License-Identifier: MIT */
/*
 * Arrays of md by md=NUMBER,DEVICE,..., which the kernel itself assembles only where it mounts the
 * root, so not where there is an initramfs. What it detects by itself, partitions of type 0xfd, is
 * for that case alone (md_run_setup()), and Linux 6.1 has no ioctl that asks for it.
 * Sources: Documentation/admin-guide/md.rst, drivers/md/md.c of the kernel.
 */
//config:config FEATURE_INIT_MD
//config:	bool "Arrays of md"
//config:	default y
//config:	depends on FEATURE_INIT_FALLBACK
//config:	help
//config:	  md=NUMBER,DEVICE,... assembles one that has superblocks, as the kernel
//config:	  does where there is no initramfs.
//kbuild:obj-$(CONFIG_FEATURE_INIT_MD) += init/array.o
#include <linux/major.h>
#include <linux/raid/md_u.h>

#include "attempt.h"

#define START_READ_ONLY "/sys/module/md_mod/parameters/start_ro"

/* The array's device, which is made by being opened. */
static int open_array(unsigned number)
{
	const char *path = joined("/dev/md", decimal(number), "");

	sys_mknod(path, S_IFBLK | 0600, device_number(MD_MAJOR, number));
	int fd = sys_open(path, O_RDWR);
	/* Its disks stay as they are until something is written: a hibernated system may know them. */
	if (fd >= 0)
		log_refused(write_file(START_READ_ONLY, "1"), START_READ_ONLY, "write");
	return fd;
}

/* The number of the next disk of a list: 0 where that is not there, -1 at the end. */
static int next_disk(const char **list)
{
	struct stat status;
	const char *disk = next_part(list, ',');

	if (!disk)
		return -1;
	disk = joined(*disk == '/' ? "" : "/dev/", disk, "");
	return sys_stat(AT_FDCWD, disk, &status) == 0 && S_ISBLK(status.st_mode) ? status.st_rdev : 0;
}

/* Runs an array of these disks, which tell what it is by superblocks of version 0.90, 1.0, 1.1 or
 * 1.2. How many they are, or -errno. */
static int run_array(int fd, const char *disks)
{
	static mdu_array_info_t info;
	static mdu_disk_info_t disk;
	int number, r = -EINVAL, added = 0;

	for (int version = -1; version <= 2 && !added; version++) {
		info.major_version = version >= 0;
		info.minor_version = version < 0 ? 90 : version;
		/* Fails where the array runs already: what is added then would be a spare. */
		r = sys_ioctl(fd, SET_ARRAY_INFO, &info);
		if (r < 0)
			return r;
		for (const char *list = disks; (number = next_disk(&list)) >= 0;) {
			disk.major = device_major(number);
			disk.minor = device_minor(number);
			r = sys_ioctl(fd, ADD_NEW_DISK, &disk);
			added += r == 0;
		}
	}
	if (!added)
		return r < 0 ? r : -EINVAL;
	r = sys_ioctl(fd, RUN_ARRAY, NULL);
	if (r < 0)
		sys_ioctl(fd, STOP_ARRAY, NULL);
	return r < 0 ? r : added;
}

/* Assembles NUMBER,DEVICE,...; false where that waits for a device. */
static bool assemble(const char *what, bool last)
{
	const char *disks = what, *list;
	unsigned array = parse_digits(&disks);
	int number, r = -EINVAL;

	for (list = disks; !last && (number = next_disk(&list)) >= 0;)
		if (!number)
			return false;
	if (disks > what && *disks == ',') {
		int fd = r = open_array(array);
		if (fd >= 0) {
			r = run_array(fd, disks);
			sys_close(fd);
		}
	}
	if (r < 0) {
		failed(r, joined("md=", what, ""), "assemble");
		log_failure();
	} else {
		step("assembled /dev/md%s of %s devices", decimal(array), decimal(r));
	}
	return true;
}

bool arrays_assemble(struct search *s, bool is_last_moment)
{
	const char *list = plan[ARRAYS], *what;
	uint64_t before = s->arrays;

	for (uint64_t bit = 1; bit && (what = next_part(&list, '\n')); bit <<= 1)
		if (!(s->arrays & bit) && assemble(what, is_last_moment))
			s->arrays |= bit;
	return s->arrays != before;
}
