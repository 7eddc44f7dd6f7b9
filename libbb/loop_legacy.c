/* SPDX-License-Identifier: MIT */
/*
 * Binding by LOOP_SET_FD and what it leaves to do, for kernels before 5.8.
 * LOOP_SET_STATUS64 and LOOP_SET_DIRECT_IO wait for an RCU grace period, 15 ms
 * each, so neither is called where something else says the same: read-only and
 * direct I/O are taken from the backing file's descriptor, and autoclear alone is
 * left to loop_hand_over().
 */
//kbuild:obj-$(CONFIG_LOOP_BIND_LEGACY) += libbb/loop_legacy.o
#include <linux/fs.h>

#include "loop.h"

/* EAGAIN while the device's page cache is dirty (since 5.0), typically at the
 * first attach after the module was loaded. */
static int call(const struct loop_device *device, unsigned long request, void *arg, const char *step,
		struct patience *patience)
{
	int r;

	do
		r = sys_ioctl(device->fd, request, arg);
	while (r == -EAGAIN && patience_wait(patience));
	return r < 0 ? failed(r, device->path, step) : 0;
}

int loop_legacy(const struct loop_device *device, struct loop_config *config, struct patience *patience)
{
	struct loop_info64 *info = &config->info;
	bool direct_io = info->lo_flags & LO_FLAGS_DIRECT_IO;

	/* A file system that can't do it says EINVAL: then I/O is buffered. */
	if (direct_io)
		sys_fcntl(config->fd, F_SETFL, O_DIRECT);
	int r = call(device, LOOP_SET_FD, (void *)(long)config->fd, "LOOP_SET_FD", patience);
	if (r < 0)
		return r;

	if (config->block_size)
		r = call(device, LOOP_SET_BLOCK_SIZE, (void *)(long)config->block_size, "LOOP_SET_BLOCK_SIZE",
			 patience);
	bool has_status = info->lo_offset || info->lo_sizelimit || info->lo_flags & LO_FLAGS_PARTSCAN ||
			  (ENABLE_FEATURE_LOSETUP_MORE && device->has_reference);
	if (r == 0 && has_status)
		r = call(device, LOOP_SET_STATUS64, info, "LOOP_SET_STATUS64", patience);
	/* Before 5.0, pages read at the old offset stay. */
	if (r == 0 && info->lo_offset)
		r = call(device, BLKFLSBUF, NULL, "BLKFLSBUF", patience);
	if (r == 0 && direct_io)
		r = call(device, LOOP_GET_STATUS64, info, "LOOP_GET_STATUS64", patience);
	if (!has_status)
		info->lo_flags &= ~LO_FLAGS_AUTOCLEAR;
	if (r < 0)
		sys_ioctl(device->fd, LOOP_CLR_FD, NULL);
	return r;
}

/* LOOP_CLR_FD on a device that somebody else holds does nothing but set autoclear (Linux 3.7), at
 * once. */
int loop_set_autoclear(struct loop_device *device)
{
	struct loop_info64 info = { .lo_flags = LO_FLAGS_AUTOCLEAR };

	int r = sys_ioctl(device->fd, LOOP_CLR_FD, NULL);
	if (r == -EBUSY) /* before Linux 3.7 */
		r = sys_ioctl(device->fd, LOOP_SET_STATUS64, &info);
	if (r < 0)
		return failed(r, device->path, "LOOP_CLR_FD");
	device->flags |= LO_FLAGS_AUTOCLEAR;
	device->stays = false;
	return 0;
}
