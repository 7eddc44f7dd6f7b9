/* SPDX-License-Identifier: MIT */
/*
 * Attaching: open the file, find a free device, bind, and try again where
 * somebody else was faster. How a device is bound is in loop_configure.c and
 * loop_legacy.c; everything around it, here. loop_status.c tells what is there.
 *
 * Devices are shared by the whole machine, and asking for a free one reserves
 * nothing: EBUSY at the bind only says that the race was lost. Asking again at
 * once is the cheapest answer; 128 processes that start together need no sleep.
 */
//config:config FEATURE_LOOP_NODES
//config:	bool "Loop devices without devtmpfs or loop-control"
//config:	default y
//config:	help
//config:	  Where /dev/loop-control is missing, look for a free device one by
//config:	  one; where /dev/loopN is missing, make it.
//kbuild:obj-y += libbb/loop.o
#include <poll.h>
#include <sys/sysmacros.h>
#include <sys/times.h>

#include "loop.h"

enum {
	TRIES_AT_ONCE = 64,
	TICKS_PER_SECOND = 100,	/* of times(2), on every kernel: USER_HZ */
};

bool loop_try_again(struct loop_patience *patience)
{
	if (patience->tries++ < TRIES_AT_ONCE)
		return true;

	long now = times(NULL);
	if (!patience->deadline) {
		patience->deadline = now + LOOP_PATIENCE_SECONDS * TICKS_PER_SECOND;
		patience->random = getpid();
	}
	if (now - patience->deadline >= 0)
		return false;
	/* Up to 1, 2, 4 ... 128 ms, and not the same for all that lost. */
	unsigned growth = patience->tries - TRIES_AT_ONCE;
	patience->random = patience->random * 1103515245 + 12345;
	poll(NULL, 0, 1 + (patience->random >> 16) % (1U << (growth < 7 ? growth : 7)));
	return true;
}

void loop_path(char path[LOOP_PATH_SIZE], unsigned number)
{
	append_number(append(path, "/dev/loop"), number);
}

/* Makes a node that devtmpfs would have made. The minor comes from sysfs: with
 * loop.max_part it is not the number. Whether that helped, the next open tells. */
static void make_node(const char *path)
{
	char name[64], numbers[32];
	const char *p = numbers;

	append(append(append(name, "/sys/block/"), path + strlen("/dev/")), "/dev");
	if (read_file(name, numbers, sizeof numbers) <= 0)
		return;
	unsigned major = parse_digits(&p);
	p++;
	mknod(path, S_IFBLK | 0600, makedev(major, parse_digits(&p)));
}

/* The first unbound device, where the kernel can't be asked. */
static int scan(void)
{
	struct loop_info64 info;
	char path[LOOP_PATH_SIZE];

	for (unsigned number = 0; number < LOOP_SCANNED; number++) {
		loop_path(path, number);
		int fd = loop_open_bound(path, &info);
		if (fd == -ENXIO)
			return number;
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

int loop_find_free(struct loop_device *device, struct why *why)
{
	static const char control[] = "/dev/loop-control";

	if (device->control_fd < 0)
		device->control_fd = openat(AT_FDCWD, control, O_RDWR | O_CLOEXEC);
	if (device->control_fd < 0) {
		int r = why_errno(why, control, "open");
		if (!ENABLE_FEATURE_LOOP_NODES || r == -EACCES)
			return r;
		int number = scan();
		return number < 0 ? r : number;
	}
	int number = ioctl(device->control_fd, LOOP_CTL_GET_FREE);
	return number < 0 ? why_errno(why, control, "LOOP_CTL_GET_FREE") : number;
}

/* Opens the backing file, read-only where it is asked for or can't be helped,
 * and finds out how much of it there is. */
static int open_file(struct loop_request *request, struct loop_device *device)
{
	int mode = device->flags & LO_FLAGS_READ_ONLY ? O_RDONLY : O_RDWR;
	int fd;

	while ((fd = openat(AT_FDCWD, request->file, mode | O_CLOEXEC)) < 0) {
		if (mode == O_RDONLY || (errno != EROFS && errno != EACCES && errno != EPERM))
			return why_errno(&request->why, request->file, "open");
		mode = O_RDONLY;
		device->flags |= LO_FLAGS_READ_ONLY;
	}
	device->file_fd = fd;

	int64_t size = lseek(fd, 0, SEEK_END);
	device->size = size > 0 && request->offset < (uint64_t)size ? size - request->offset : 0;
	if (request->size_limit && request->size_limit < device->size)
		device->size = request->size_limit;
	if (request->needs_data && device->size < 512) {
		errno = ENODATA;
		request->why.hint = "is it empty, or the offset beyond its end?";
		return why_errno(&request->why, request->file, "size");
	}
	return 0;
}

/* Whether the kernel lacks LOOP_CONFIGURE, which it says by r or, before 5.8, by
 * the EINVAL that bad arguments get too. A descriptor that can't be one tells:
 * EBADF comes from LOOP_CONFIGURE itself. */
static bool configure_missing(int lfd, int r)
{
	struct loop_config no_file = { .fd = -1 };

	/* ENOTTY: a 32-bit program on a 64-bit kernel; ENOSYS: qemu-user */
	if (r == -ENOTTY || r == -ENOSYS)
		return true;
	return r == -EINVAL && ioctl(lfd, LOOP_CONFIGURE, &no_file) < 0 && errno != EBADF;
}

/* This kernel's LOOP_CONFIGURE does not do what it is asked (5.8 to 5.8.5). */
static bool configure_broken;

/* Binds by the way that the kernel has. */
static int bind_device(struct loop_request *request, struct loop_device *device,
		       struct loop_config *config, struct loop_patience *patience)
{
	int r = -ENOTTY;

	if (ENABLE_LOOP_BIND_CONFIGURE && !configure_broken) {
		r = loop_configure(device->fd, config, device->size, &request->why);
		if (ENABLE_LOOP_BIND_LEGACY && r == -EPROTO) {
			configure_broken = true;
			return -EBUSY;	/* it takes a while to be free again */
		}
		if (!configure_missing(device->fd, r))
			return r;
		request->why.hint = "it needs Linux 5.8 and a loop device";
	}
	if (ENABLE_LOOP_BIND_LEGACY) {
		request->why.hint = NULL;
		r = loop_legacy(device->fd, config, patience, &request->why);
	}
	return r;
}

/* One attempt at device->path. */
static int attach_once(struct loop_request *request, struct loop_device *device,
		       struct loop_patience *patience)
{
	struct loop_config config = {
		.fd = device->file_fd,
		.block_size = request->block_size,
		.info = {
			.lo_offset = request->offset,
			.lo_sizelimit = request->size_limit,
			.lo_flags = device->flags,
		},
	};
	int mode = device->flags & LO_FLAGS_READ_ONLY ? O_RDONLY : O_RDWR;

	device->fd = openat(AT_FDCWD, device->path, mode | O_CLOEXEC);
	if (device->fd < 0) {
		int r = why_errno(&request->why, device->path, "open");
		if (ENABLE_FEATURE_LOOP_NODES && r == -ENOENT)
			make_node(device->path);
		return r;
	}
	/* What fits; the kernel knows the whole name, see loop_file_name(). */
	for (unsigned i = 0; i < LO_NAME_SIZE - 1 && request->file[i]; i++)
		config.info.lo_file_name[i] = request->file[i];
	int r = bind_device(request, device, &config, patience);
	request->why.path = r == -EBUSY ? device->path : request->file;
	device->flags = config.info.lo_flags;
	return r;
}

/* Whether r says that the device was not ours in time, rather than that it can't
 * be. A device that the user named is the only one to have: it may run down
 * (ENXIO), or be busy with what we have just undone. */
static bool lost_race(const struct loop_request *request, const struct loop_device *device, int r)
{
	if (device->fd < 0)	/* no node yet, or udev has not given it to us */
		return r == -ENXIO || (!request->device && (r == -ENOENT || r == -EACCES));
	return r == -EBUSY && (!request->device || configure_broken);
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

int loop_attach(struct loop_request *request, struct loop_device *device)
{
	struct loop_patience patience = { 0 };

	device->fd = device->control_fd = -1;
	device->flags = request->flags;
	int r = open_file(request, device);
	if (r < 0)
		return r;
	do {
		close_if_open(device->fd);
		if (request->device) {
			append(device->path, request->device);
		} else {
			r = loop_find_free(device, &request->why);
			if (r < 0)
				break;
			loop_path(device->path, r);
		}
		r = attach_once(request, device, &patience);
		if (!r)
			return 0;
	} while (lost_race(request, device, r) && loop_try_again(&patience));
	loop_close(device);
	return r;
}

void loop_close(struct loop_device *device)
{
	close_if_open(device->fd);
	close_if_open(device->control_fd);
	close_if_open(device->file_fd);
}
