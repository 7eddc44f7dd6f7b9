/* SPDX-License-Identifier: MIT */
/* Binding by LOOP_CONFIGURE, in one step (Linux 5.8). */
//config:config LOOP_ALL_REQUESTS
//config:	def_bool LOSETUP
//kbuild:obj-$(CONFIG_LOOP_BIND_CONFIGURE) += libbb/loop_configure.o
#include <linux/fs.h>

#include "loop.h"

/* Linux 5.8 to 5.8.5 scan no partitions on a device from LOOP_CONFIGURE, which
 * shows in /sys/block/loopN/capability alone (GENHD_FL_NO_PART_SCAN). Other
 * kernels lack the file or use another bit. */
static bool scans_partitions(unsigned number)
{
	char capability[16];
	int n = loop_read_sysfs(number, "/capability", capability, sizeof capability);

	/* hexadecimal digits and a newline; the bit is 0x200 */
	return n < 4 || !((capability[n - 4] - '0') & 2);
}

/* Whether the device is what config asks for. Linux 5.8.3 got the size wrong
 * (fixed by 79e5dc59e297), 5.8 to 5.8.5 the partitions (fe6a8fc5ed2f). Direct
 * I/O may be left out silently. */
static bool as_asked(const struct loop_device *device, struct loop_config *config)
{
	unsigned *flags = &config->info.lo_flags;
	struct loop_info64 now;
	uint64_t bytes;
	unsigned block_size;

	/* Who mounts asks for neither of these, nor for a block size. */
	if (ENABLE_LOOP_ALL_REQUESTS && *flags & (LO_FLAGS_DIRECT_IO | LO_FLAGS_PARTSCAN)) {
		if (sys_ioctl(device->fd, LOOP_GET_STATUS64, &now) < 0 ||
		    *flags & ~now.lo_flags & LO_FLAGS_PARTSCAN)
			return false;
		*flags = now.lo_flags;
		if (*flags & LO_FLAGS_PARTSCAN && !scans_partitions(now.lo_number))
			return false;
	}
	if (config->info.lo_offset | config->info.lo_sizelimit &&
	    (sys_ioctl(device->fd, BLKGETSIZE64, &bytes) < 0 || bytes != (device->size & -512)))
		return false;
	return !ENABLE_LOOP_ALL_REQUESTS || !config->block_size ||
	       (sys_ioctl(device->fd, BLKSSZGET, &block_size) == 0 && block_size == config->block_size);
}

int loop_configure(const struct loop_device *device, struct loop_config *config)
{
	int r = sys_ioctl(device->fd, LOOP_CONFIGURE, config);
	if (r < 0)
		return failed(r, device->path, "LOOP_CONFIGURE");
	if (as_asked(device, config))
		return 0;
	sys_ioctl(device->fd, LOOP_CLR_FD, NULL);
	return found(-EPROTO, device->path, "LOOP_CONFIGURE is broken in this kernel");
}
