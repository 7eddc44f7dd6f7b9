/* SPDX-License-Identifier: MIT */
/* What loop devices there are, what is bound to them, and its end. */
//kbuild:obj-y += libbb/loop_status.o
#include "loop.h"

int loop_open_bound(const char *path, struct loop_info64 *info)
{
	int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, LOOP_GET_STATUS64, info) < 0) {
		int r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

int loop_detach(const char *path, struct why *why)
{
	int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return why_errno(why, path, "open");
	if (ioctl(fd, LOOP_CLR_FD) < 0) {
		int r = why_errno(why, path, "LOOP_CLR_FD");
		close(fd);
		return r;
	}
	return fd;
}

void loop_file_name(char name[LOOP_FILE_SIZE], const struct loop_info64 *info)
{
	append(append_number(append(name, "/sys/block/loop"), info->lo_number), "/loop/backing_file");
	int length = read_file(name, name, LOOP_FILE_SIZE);
	if (length > 0)
		name[length - 1] = 0;	/* the newline */
	else
		append(name, (const char *)info->lo_file_name);
}

/* One bit for each of the 2^20 devices that there can be, for the order of
 * numbers: sysfs has none. What is not touched costs nothing. */
static unsigned char present[(1 << 20) / 8];
static int last = -1;

static void note(unsigned number)
{
	if (number >= 1 << 20)
		return;
	present[number / 8] |= 1 << number % 8;
	if ((int)number > last)
		last = number;
}

static void find_all(void)
{
	struct directory sys = { .fd = openat(AT_FDCWD, "/sys/block", O_RDONLY | O_CLOEXEC) };
	const struct directory_entry *entry;

	if (sys.fd < 0) {
		for (unsigned number = 0; number < LOOP_SCANNED; number++)
			note(number);
		return;
	}
	while ((entry = directory_next(&sys))) {
		const char *digits = after_prefix(entry->name, "loop");
		if (digits)
			note(parse_digits(&digits));
	}
	close(sys.fd);
}

int loop_next(int number)
{
	if (number < 0)
		find_all();
	while (++number <= last)
		if (present[number / 8] & 1 << number % 8)
			return number;
	return -1;
}

int loop_identify(const char *file, struct loop_info64 *info)
{
	struct statx status;

	if (syscall(SYS_statx, AT_FDCWD, file, 0, STATX_INO, &status) < 0)
		return -errno;
	/* the kernel's huge_encode_dev(), linux/kdev_t.h */
	info->lo_device = (status.stx_dev_minor & 0xff) | status.stx_dev_major << 8 |
			  (uint64_t)(status.stx_dev_minor & ~0xff) << 12;
	info->lo_inode = status.stx_ino;
	return 0;
}
