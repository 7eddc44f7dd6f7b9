/* SPDX-License-Identifier: MIT */
/*
 * Binding by LOOP_SET_FD and what it leaves to do, for kernels before 5.8.
 * LOOP_SET_STATUS64 and LOOP_SET_DIRECT_IO wait for an RCU grace period, 15 ms
 * each, so neither is called where a descriptor can say the same: read-only and
 * direct I/O are taken from the backing file's.
 */
//kbuild:obj-$(CONFIG_LOOP_BIND_LEGACY) += libbb/loop_legacy.o
#include <linux/fs.h>

#include "loop.h"

int loop_legacy(const struct loop_device *device, struct loop_config *config, struct loop_patience *patience)
{
	struct loop_info64 *info = &config->info;
	const struct {
		unsigned long request;
		const char *name;
		const void *arg;
		bool wanted;
	} steps[] = {
		{ LOOP_SET_FD, "LOOP_SET_FD", (void *)(long)config->fd, true },
		{ LOOP_SET_BLOCK_SIZE, "LOOP_SET_BLOCK_SIZE", (void *)(long)config->block_size,
		  config->block_size },
		{ LOOP_SET_STATUS64, "LOOP_SET_STATUS64", info,
		  info->lo_offset || info->lo_sizelimit ||
		  info->lo_flags & (LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN) },
		/* Before 5.0, pages read at the old offset stay. */
		{ BLKFLSBUF, "BLKFLSBUF", NULL, info->lo_offset },
		{ LOOP_GET_STATUS64, "LOOP_GET_STATUS64", info, info->lo_flags & LO_FLAGS_DIRECT_IO },
	};

	/* A file system that can't do it says EINVAL: then I/O is buffered. */
	if (info->lo_flags & LO_FLAGS_DIRECT_IO)
		sys_set_flags(config->fd, O_DIRECT);

	for (unsigned i = 0; i < LENGTH(steps); i++) {
		int r = 0;
		/* EAGAIN while the device's page cache is dirty (since 5.0), typically
		 * at the first attach after the module was loaded. */
		while (steps[i].wanted && (r = sys_ioctl(device->fd, steps[i].request, steps[i].arg)) == -EAGAIN)
			if (!loop_try_again(patience))
				break;
		if (r < 0) {
			if (i > 0)	/* only what we have bound */
				sys_ioctl(device->fd, LOOP_CLR_FD, NULL);
			return failed(r, device->path, steps[i].name);
		}
	}
	return 0;
}
