/* SPDX-License-Identifier: MIT */
/* What loop devices there are, what is bound to them, and its end. */
//kbuild:obj-y += libbb/loop_status.o
#include <linux/major.h>

#include "loop.h"

/* With loop.max_part, partitions have the major of loop devices, and take their ioctls, for the whole
 * of the device. What is named /dev/loopN is none. */
static bool is_partition(const char *path, unsigned number)
{
	char file[64];

	if (loop_number(path) >= 0)
		return false;
	if (!ENABLE_FEATURE_LOSETUP_MORE) /* by its name: /dev/loop2p1 */
		return after_prefix(path, "/dev/loop");
	char *end = append_number(append(file, "/sys/dev/block/"), device_major(number));
	append(append_number(append(end, ":"), device_minor(number)), "/partition");
	return sys_access(file, F_OK) == 0;
}

int loop_check(const char *path)
{
	struct stat status;

	int r = sys_stat(AT_FDCWD, path, &status);
	if (r < 0)
		return failed(r, path, "open");
	if (!S_ISBLK(status.st_mode) || device_major(status.st_rdev) != LOOP_MAJOR ||
	    is_partition(path, status.st_rdev))
		return found(-ENODEV, path, "not a loop device");
	return 0;
}

char *loop_path(char path[LOOP_PATH_SIZE], unsigned number)
{
	append_number(append(path, "/dev/loop"), number);
	return path;
}

int loop_number(const char *path)
{
	const char *digits = after_prefix(path, "/dev/loop"), *end = digits;
	unsigned number = digits ? parse_digits(&end) : 0;

	/* There are 2^20 numbers at most, and none begins with a 0 but that. */
	if (!digits || *end || end == digits || end - digits > 7 || (*digits == '0' && digits[1]))
		return -1;
	return number;
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
	if (fd < 0)
		return fd;
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

/* --- which there are ------------------------------------------------------- */

/* One bit for each of the 2^20 devices that there can be, for the order of
 * numbers: sysfs has none. In .bss: it takes no memory until it is used. */
static unsigned char present[(1 << 20) / 8];
static int last;
static bool has_sysfs;

static void note(unsigned number)
{
	if (number >= 1 << 20)
		return;
	present[number / 8] |= 1 << number % 8;
	if ((int)number > last)
		last = number;
}

/* ENODEV and ENXIO would mean that there is nothing. */
static int unlisted(int error, const char *folder, const char *step)
{
	failed(error, folder, step);
	return error == -ENODEV || error == -ENXIO ? -EIO : error;
}

/* Returns 0, or -errno with a why. */
static int find_all(void)
{
	static const char folder[] = "/sys/block";
	struct directory sys;
	const struct directory_entry *entry;

	last = -1;
	directory_start(&sys, sys_open(folder, O_RDONLY));
	has_sysfs = sys.fd >= 0;
	if (sys.fd == -ENOENT) {
		for (unsigned number = 0; number < LOOP_SCANNED; number++)
			note(number);
		return 0;
	}
	if (!has_sysfs)
		return unlisted(sys.fd, folder, "open");
	while ((entry = directory_next(&sys))) {
		const char *digits = after_prefix(entry->name, "loop");
		if (digits)
			note(parse_digits(&digits));
	}
	sys_close(sys.fd);
	return sys.error ? unlisted(sys.error, folder, "read") : 0;
}

int loop_next(int number)
{
	int r = number < 0 ? find_all() : 0;

	if (r < 0)
		return r;
	while (++number <= last)
		if (present[number / 8] & 1 << number % 8)
			return number;
	return -ENODEV;
}


/* --- what is attached to them ------------------------------------------------ */

/* Reads a number in sysfs: a negative value for an error. */
static int read_number(unsigned device, const char *file, uint64_t *number)
{
	char text[24];
	const char *digits = text;

	int r = loop_read_sysfs(device, file, text, sizeof text);
	*number = r > 0 ? parse_digits(&digits) : 0;
	return r;
}

/* What LOOP_GET_STATUS64 tells, as far as sysfs has it. Returns 0 or -errno: an offset that nobody knows
 * is not 0. */
static int read_status(unsigned number, struct loop_info64 *info)
{
	static const struct {
		char file[16];
		unsigned flag;
	} numbers[] = {
		{ "/loop/offset", 0 },
		{ "/loop/sizelimit", 0 },
		{ "/ro", LO_FLAGS_READ_ONLY },
		{ "/loop/autoclear", LO_FLAGS_AUTOCLEAR },
		{ "/loop/partscan", LO_FLAGS_PARTSCAN },
		{ "/loop/dio", LO_FLAGS_DIRECT_IO }, /* since Linux 4.10 */
	};
	uint64_t value[LENGTH(numbers)];

	*info = (struct loop_info64){ .lo_number = number };
	if (!ENABLE_FEATURE_LOSETUP_MORE)
		return 0;
	for (unsigned i = 0; i < LENGTH(numbers); i++) {
		int r = read_number(number, numbers[i].file, &value[i]);
		if (r < 0 && !(r == -ENOENT && numbers[i].flag))
			return r;
		if (value[i])
			info->lo_flags |= numbers[i].flag;
	}
	info->lo_offset = value[0];
	info->lo_sizelimit = value[1];
	return 0;
}

/* Opens the device and finds out what is attached to it. Returns 0, -ENXIO where nothing
 * is, or another -errno with a why. */
static int read_entry(struct loop_list *list)
{
	static char name[LOOP_FILE_SIZE];
	int size = loop_read_sysfs(list->number, "/loop/backing_file", name, sizeof name);

	name[size > 0 ? size - 1 : 0] = 0; /* the newline */
	list->name = name;
	if ((size == -ENOENT || size == -ENODEV) && has_sysfs)
		return -ENXIO;
	if (size < 0 && size != -ENOENT)
		return unlisted(size, list->path, "backing file");
	int r = list->device ? loop_check(list->device) : 0;
	if (r == -ENODEV)
		return r;
	if (r == 0)
		r = list->fd = sys_open(list->path, O_RDONLY);
	if (r >= 0)
		r = sys_ioctl(list->fd, LOOP_GET_STATUS64, &list->info);
	if (r == 0 && size < 0)
		append(name, (const char *)list->info.lo_file_name);
	if (r >= 0)
		return 0;
	if (r == -ENXIO)
		return found(r, list->path, "not attached");
	if (size < 0)
		return failed(r, list->path, list->fd < 0 ? "open" : "LOOP_GET_STATUS64");
	r = read_status(list->number, &list->info);
	if (r == -ENOENT)
		return found(-ENXIO, list->path, "not attached");
	return r < 0 ? unlisted(r, list->path, "offset, limit and flags") : 0;
}

/* Is it one to be shown, or told of? */
static bool passes(const struct loop_list *list)
{
	const struct loop_info64 *info = &list->info;
	struct loop_file file = { info->lo_device, info->lo_inode };

	/* Nothing is attached there, or without sysfs there is no such device. */
	if (list->error)
		return list->device || !(list->error == -ENXIO || (list->error == -ENOENT && !has_sysfs));
	if (list->has_offset && list->offset != info->lo_offset)
		return false;
	if (!list->file || list->is_gone)
		return !list->file || equal(list->name, list->file);
	if (!info->lo_inode)
		loop_identify(list->name, &file);
	return file.inode == list->wanted.inode && file.device == list->wanted.device;
}

/* Moves on to the next device that there is, or failure to look for it; false at the end. */
static bool advance(struct loop_list *list)
{
	bool is_first = !list->path;

	if (list->fd > 0)
		sys_close(list->fd);
	list->fd = -ENXIO;
	if (list->device) {
		list->path = list->device;
		list->number = loop_number(list->device);
		return is_first;
	}
	list->path = list->path_of_ours;
	list->number = loop_next(is_first ? -1 : list->number);
	list->error = list->number < 0 ? list->number : 0;
	if (list->error)
		list->number = 1 << 20; /* there is none behind it */
	else
		loop_path(list->path_of_ours, list->number);
	return list->error != -ENODEV;
}

bool loop_each(struct loop_list *list)
{
	if (list->file && !list->path) {
		int r = loop_identify(list->file, &list->wanted);
		list->is_gone = r < 0;
		if (r < 0 && r != -ENOENT) {
			/* Not "gone": then it would be attached once more. There is nothing behind it. */
			list->path = list->file;
			list->number = 1 << 20;
			list->fd = -ENXIO;
			list->error = unlisted(r, list->file, "stat");
			return true;
		}
	}
	do {
		if (!advance(list))
			return false;
		if (!list->error)
			list->error = read_entry(list);
	} while (!passes(list));
	return true;
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
