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

/* An ioctl that answers EAGAIN while the device's page cache is dirty (since
 * 5.0), typically at the first attach after the module was loaded. */
static int try_ioctl(int lfd, unsigned long request, void *arg, struct loop_patience *patience)
{
	int r;

	while ((r = ioctl(lfd, request, arg)) < 0 && errno == EAGAIN && loop_try_again(patience))
		;
	return r;
}

int loop_legacy(int lfd, struct loop_config *config, struct loop_patience *patience, struct why *why)
{
	struct loop_info64 *info = &config->info;
	unsigned asked = info->lo_flags;
	const char *step;

	/* A file system that can't do it says EINVAL: then I/O is buffered. */
	if (asked & LO_FLAGS_DIRECT_IO)
		syscall(SYS_fcntl, config->fd, F_SETFL, O_DIRECT);

	if (ioctl(lfd, LOOP_SET_FD, config->fd) < 0)
		return why_errno(why, why->path, "LOOP_SET_FD");

	step = "LOOP_SET_BLOCK_SIZE";
	if (config->block_size &&
	    try_ioctl(lfd, LOOP_SET_BLOCK_SIZE, (void *)(unsigned long)config->block_size, patience) < 0)
		goto undo;

	step = "LOOP_SET_STATUS64";
	if (info->lo_offset || info->lo_sizelimit || asked & (LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN)) {
		if (try_ioctl(lfd, LOOP_SET_STATUS64, info, patience) < 0)
			goto undo;
		/* Before 5.0, pages read at the old offset stay. */
		if (info->lo_offset)
			ioctl(lfd, BLKFLSBUF, 0);
	}

	step = "LOOP_GET_STATUS64";
	if (asked & LO_FLAGS_DIRECT_IO && ioctl(lfd, LOOP_GET_STATUS64, info) < 0)
		goto undo;
	return 0;
undo:;
	int r = why_errno(why, why->path, step);
	ioctl(lfd, LOOP_CLR_FD);
	return r;
}
