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
//config:	  one; where /dev/loopN is missing, make it, and where the user names
//config:	  one that the kernel does not have, add it.
//config:
//config:config LOOP_NAMED
//config:	def_bool LOSETUP || MOUNT
//kbuild:obj-y += libbb/loop.o
#include "loop.h"

static const char control[] = "/dev/loop-control";

/* The device that the user wants, or NULL; init lets nobody choose. */
static const char *named(const struct loop_request *request)
{
	return ENABLE_LOOP_NAMED ? request->device : NULL;
}

static bool has_reference(const struct loop_request *request)
{
	return ENABLE_FEATURE_LOSETUP_MORE && request->reference;
}

/* Makes a node that devtmpfs would have made. The minor comes from sysfs: with
 * loop.max_part it is not the number. */
static void make_node(const char *path)
{
	char numbers[32];
	const char *p = numbers;

	if (loop_read_sysfs(loop_number(path), "/dev", numbers, sizeof numbers) > 0)
		sys_mknod(path, S_IFBLK | 0600, parse_device(&p));
}

static int open_control(struct loop_device *device)
{
	if (device->control_fd < 0)
		device->control_fd = sys_open(control, O_RDWR);
	return device->control_fd;
}

/* Makes the kernel have the device that the user has named. */
static void add_device(struct loop_device *device)
{
	long number = loop_number(device->path);

	if (number >= 0 && open_control(device) >= 0)
		sys_ioctl(device->control_fd, LOOP_CTL_ADD, (void *)number);
}

int loop_remove(const char *path)
{
	struct loop_device device = { .control_fd = -1 };
	int number = loop_number(path);

	int r = loop_check(path);
	if (r < 0)
		return r;
	if (number < 0)
		return found(-ENODEV, path, "not a loop device by its name");
	r = open_control(&device);
	if (r >= 0) {
		r = sys_ioctl(device.control_fd, LOOP_CTL_REMOVE, (void *)(long)number);
		sys_close(device.control_fd);
	}
	return r < 0 ? failed(r, path, "LOOP_CTL_REMOVE") : 0;
}

/* The first unbound device, where the kernel can't be asked. */
static int scan(void)
{
	struct loop_info64 info;
	char path[LOOP_PATH_SIZE];

	for (unsigned number = 0; number < LOOP_SCANNED; number++) {
		int fd = loop_open_bound(loop_path(path, number), &info);
		if (fd == -ENOENT) {
			make_node(path);
			fd = loop_open_bound(path, &info);
		}
		if (fd == -ENXIO)
			return number;
		if (fd >= 0)
			sys_close(fd);
	}
	return -1;
}

int loop_find_free(struct loop_device *device)
{
	int number = -1;

	if (open_control(device) < 0) {
		if (ENABLE_FEATURE_LOOP_NODES && device->control_fd != -EACCES)
			number = scan();
		return number < 0 ? failed(device->control_fd, control, "open") : number;
	}
	number = sys_ioctl(device->control_fd, LOOP_CTL_GET_FREE, NULL);
	return number < 0 ? failed(number, control, "LOOP_CTL_GET_FREE") : number;
}

/* Opens the backing file, read-only where it is asked for or can't be helped,
 * and finds out how much of it there is. */
static int open_file(const struct loop_request *request, struct loop_device *device)
{
	struct stat status;

	device->file_fd = look_at_image(request->file, &status);
	if (device->file_fd < 0)
		return device->file_fd;

	int fd = -EACCES;
	if (!(device->flags & LO_FLAGS_READ_ONLY))
		fd = sys_open(request->file, O_RDWR);
	if (fd == -EROFS || fd == -EACCES || fd == -EPERM || fd == -ETXTBSY) {
		device->flags |= LO_FLAGS_READ_ONLY;
		fd = sys_open(request->file, O_RDONLY);
	}
	device->file_fd = fd;
	if (fd < 0)
		return failed(fd, request->file, "open");

	int64_t size = S_ISBLK(status.st_mode) ? sys_seek_end(fd) : status.st_size;
	if (size < 0)
		return failed(size, request->file, "seek");
	size = request->offset < (uint64_t)size ? size - request->offset : 0;
	if (request->size_limit && request->size_limit < (uint64_t)size)
		size = request->size_limit;
	device->size = size;
	if (request->needs_data && size < 512)
		return found(-ENODATA, request->file, "holds less than one sector (512 bytes)");
	return 0;
}

/* Whether the kernel lacks LOOP_CONFIGURE, which it says by r or, before 5.8, by
 * the EINVAL that bad arguments get too. A descriptor that can't be one tells:
 * EBADF comes from LOOP_CONFIGURE itself. */
static bool configure_missing(const struct loop_device *device, struct loop_config *config, int r)
{
	if (r == -EINVAL) {
		config->fd = -1;
		r = sys_ioctl(device->fd, LOOP_CONFIGURE, config);
		config->fd = device->file_fd;
		return r != -EBADF;
	}
	/* ENOTTY: a 32-bit program on a 64-bit kernel; ENOSYS: qemu-user */
	return r == -ENOTTY || r == -ENOSYS;
}

/* This kernel's LOOP_CONFIGURE does not do what it is asked (5.8 to 5.8.5). */
static bool configure_broken;

/* Binds by the way that the kernel has. */
static int bind_device(struct loop_device *device, struct loop_config *config, struct patience *patience)
{
	int r = -ENOTTY;

	if (ENABLE_LOOP_BIND_CONFIGURE && !configure_broken) {
		r = loop_configure(device, config);
		if (ENABLE_LOOP_BIND_LEGACY && r == -EPROTO) {
			configure_broken = true;
			return -EBUSY; /* it takes a while to be free again */
		}
		if (!configure_missing(device, config, r))
			return r;
		why.step = "LOOP_CONFIGURE (needs Linux 5.8 and a loop device)";
	}
	if (ENABLE_LOOP_BIND_LEGACY)
		r = loop_legacy(device, config, patience);
	return r;
}

static int open_device(const struct loop_request *request, const struct loop_device *device, int mode)
{
	int r = named(request) ? loop_check(device->path) : 0;

	if (r < 0)
		return r;
	r = sys_open(device->path, mode);
	return r < 0 ? failed(r, device->path, "open") : r;
}

/* One attempt at device->path. */
static int attach_once(const struct loop_request *request, struct loop_device *device,
		       struct patience *patience)
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
	device->fd = open_device(request, device, mode);
	if (ENABLE_FEATURE_LOOP_NODES && (device->fd == -ENOENT || device->fd == -ENXIO)) {
		if (named(request))
			add_device(device);
		make_node(device->path);
		device->fd = open_device(request, device, mode);
	}
	if (device->fd < 0)
		return device->fd;
	/* What fits; the kernel knows the whole name, see loop_file_name(). */
	const char *name = has_reference(request) ? request->reference : request->file;
	size_t size = length(name);
	__builtin_memcpy(config.info.lo_file_name, name, size < LO_NAME_SIZE ? size : LO_NAME_SIZE - 1);
	int r = bind_device(device, &config, patience);
	if (r != -EBUSY) { /* it is not the device's fault */
		why.path = request->file;
		device->file_failed = r < 0;
	}
	device->flags = config.info.lo_flags;
	return r;
}

/* Whether r says that the device was not ours in time, rather than that it can't
 * be. A device that the user named is the only one to have: it may run down
 * (ENXIO), or be busy with what we have just undone. */
static bool lost_race(const struct loop_request *request, const struct loop_device *device, int r)
{
	struct loop_info64 info;

	if (device->fd < 0) /* no node yet, or udev has not given it to us */
		return r == -ENXIO || (!named(request) && (r == -ENOENT || r == -EACCES));
	/* A named device may run down, too, which its status tells, as that it is unbound. */
	return r == -EBUSY && (!named(request) || sys_ioctl(device->fd, LOOP_GET_STATUS64, &info) == -ENXIO);
}

static int attach_new(const struct loop_request *request, struct loop_device *device)
{
	struct patience patience = { 0 };
	int r;

	device->path = named(request);
	for (;;) {
		if (!named(request)) {
			r = loop_find_free(device);
			if (r < 0)
				return r;
			device->path = loop_path(device->path_of_ours, r);
		}
		r = attach_once(request, device, &patience);
		if (!r || !lost_race(request, device, r) || !patience_wait(&patience))
			break;
		sys_close(device->fd);
		device->fd = -1;
	}
	device->stays =
		ENABLE_LOOP_BIND_LEGACY && r == 0 && request->flags & ~device->flags & LO_FLAGS_AUTOCLEAR;
	return r;
}

/* Waits for the file's lock. Returns 0, -EAGAIN where somebody keeps it for long, or another
 * -errno where the file system has no locks. */
static int lock(int fd)
{
	struct patience patience = { 0 };
	int r;

	do
		r = sys_flock(fd, LOCK_EX | LOCK_NB);
	while (r == -EAGAIN && patience_wait(&patience));
	return r;
}

/* Two page caches of the same bytes know nothing of each other, and break what is written there:
 * looks for the device that has them already. While *locked is open, nobody else does. It is
 * not file_fd, whose lock the device keeps. Where there are no locks, it goes on without. */
static int share(const struct loop_request *request, struct loop_device *device, int *locked)
{
	*locked = sys_open(request->file, device->flags & LO_FLAGS_READ_ONLY ? O_RDONLY : O_RDWR);
	if (*locked >= 0)
		lock(*locked);

	int r = loop_find_same(request, device);
	device->is_shared = r == 0;
	device->file_failed = r == -EBUSY;
	if (r < 0)
		return r == -ENXIO ? 0 : r;
	if (device->fd == -ENOENT && ENABLE_FEATURE_LOOP_NODES) {
		make_node(device->path);
		device->fd = sys_open(device->path, O_RDONLY);
	}
	return device->fd < 0 ? failed(device->fd, device->path, "open") : 0;
}

/* The same in short: the device keeps the lock, and who comes later is refused. */
static int claim(const struct loop_request *request, struct loop_device *device)
{
	device->file_failed = lock(device->file_fd) == -EAGAIN;
	return device->file_failed ? found(-EBUSY, request->file, "already attached for writing") : 0;
}

int loop_attach(const struct loop_request *request, struct loop_device *device)
{
	int locked = -1;

	device->fd = device->control_fd = -1;
	device->is_shared = device->stays = false;
	device->flags = request->flags;
	if (has_reference(request))
		device->has_reference = true;
	int r = open_file(request, device);
	device->file_failed = r < 0;
	if (r == 0 && ENABLE_LOOP_NAMED && request->shares)
		r = ENABLE_FEATURE_LOOP_OVERLAP ? share(request, device, &locked) : claim(request, device);
	if (r == 0 && !device->is_shared)
		r = attach_new(request, device);
	if (ENABLE_FEATURE_LOOP_OVERLAP && locked >= 0)
		sys_close(locked);
	if (r < 0)
		loop_close(device);
	return r;
}

void loop_close(struct loop_device *device)
{
	loop_hand_over(device);

	int fds[] = { device->fd, device->control_fd, device->file_fd };

	for (unsigned i = 0; i < LENGTH(fds); i++)
		if (fds[i] >= 0)
			sys_close(fds[i]);
}
