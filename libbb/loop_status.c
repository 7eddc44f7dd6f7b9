/* SPDX-License-Identifier: MIT */
/* What loop devices there are, what is bound to them, and its end. */
//kbuild:obj-y += libbb/loop_status.o
#include <linux/major.h>

#include "loop.h"

int loop_check(const char *path)
{
	struct stat status;

	int r = sys_stat(AT_FDCWD, path, &status);
	if (r == 0 && (!S_ISBLK(status.st_mode) || device_major(status.st_rdev) != LOOP_MAJOR))
		r = -ENODEV;
	return r;
}

int loop_open_bound(const char *path, struct loop_info64 *info)
{
	int fd = sys_open(path, O_RDONLY);
	if (fd < 0)
		return fd;
	int r = sys_ioctl(fd, LOOP_GET_STATUS64, info);
	if (r < 0) {
		sys_close(fd);
		return r;
	}
	return fd;
}

int loop_call(const char *path, unsigned long request, void *arg, const char *step)
{
	int fd = loop_check(path);
	if (fd == 0)
		fd = sys_open(path, O_RDONLY);
	if (fd < 0)
		return failed(fd, path, "open");
	int r = sys_ioctl(fd, request, arg);
	if (r < 0) {
		sys_close(fd);
		return failed(r, path, step);
	}
	return fd;
}

int loop_read_sysfs(unsigned number, const char *file, char *buffer, size_t size)
{
	char path[64];

	append(append_number(append(path, "/sys/block/loop"), number), file);
	return read_file(path, buffer, size);
}

void loop_file_name(char name[LOOP_FILE_SIZE], const struct loop_info64 *info)
{
	int size = loop_read_sysfs(info->lo_number, "/loop/backing_file", name, LOOP_FILE_SIZE);
	if (size > 0)
		name[size - 1] = 0; /* the newline */
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
	struct directory sys;
	const struct directory_entry *entry;

	directory_start(&sys, sys_open("/sys/block", O_RDONLY));
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
	sys_close(sys.fd);
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

int loop_identify(const char *path, struct loop_file *file)
{
	struct stat status;

	int r = sys_stat(AT_FDCWD, path, &status);
	if (r == 0) {
		file->device = status.st_dev;
		file->inode = status.st_ino;
	}
	return r;
}
