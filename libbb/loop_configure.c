/* SPDX-License-Identifier: MIT */
/* Binding by LOOP_CONFIGURE, in one step (Linux 5.8). */
//kbuild:obj-$(CONFIG_LOOP_BIND_CONFIGURE) += libbb/loop_configure.o
#include <linux/fs.h>

#include "loop.h"

/* Linux 5.8 to 5.8.5 scan no partitions on a device from LOOP_CONFIGURE, which
 * shows in /sys/block/loopN/capability alone (GENHD_FL_NO_PART_SCAN). Other
 * kernels lack the file or use another bit. */
static bool scans_partitions(const char *device)
{
	char name[64], capability[16];

	append(append(append(name, "/sys/block/"), device + strlen("/dev/")), "/capability");
	int n = read_file(name, capability, sizeof capability);
	/* hexadecimal digits and a newline; the bit is 0x200 */
	return n < 4 || !((capability[n - 4] - '0') & 2);
}

/* Whether the device is what config asks for. Linux 5.8.3 got the size wrong
 * (fixed by 79e5dc59e297), 5.8 to 5.8.5 the partitions (fe6a8fc5ed2f). Direct
 * I/O may be left out silently: config then tells. */
static bool as_asked(int lfd, struct loop_config *config, uint64_t size, const char *device)
{
	struct loop_info64 now;
	uint64_t bytes;
	int block_size;

	if (config->info.lo_flags & (LO_FLAGS_DIRECT_IO | LO_FLAGS_PARTSCAN)) {
		if (ioctl(lfd, LOOP_GET_STATUS64, &now) < 0 ||
		    config->info.lo_flags & ~now.lo_flags & LO_FLAGS_PARTSCAN)
			return false;
		config->info.lo_flags = now.lo_flags;
	}
	if ((config->info.lo_offset || config->info.lo_sizelimit) &&
	    (ioctl(lfd, BLKGETSIZE64, &bytes) < 0 || bytes != (size & -512)))
		return false;
	if (config->block_size &&
	    (ioctl(lfd, BLKSSZGET, &block_size) < 0 || (unsigned)block_size != config->block_size))
		return false;
	return !(config->info.lo_flags & LO_FLAGS_PARTSCAN) || scans_partitions(device);
}

int loop_configure(int lfd, struct loop_config *config, uint64_t size, struct why *why)
{
	if (ioctl(lfd, LOOP_CONFIGURE, config) < 0)
		return why_errno(why, why->path, "LOOP_CONFIGURE");
	if (as_asked(lfd, config, size, why->path))
		return 0;
	ioctl(lfd, LOOP_CLR_FD);
	why->hint = "this kernel's LOOP_CONFIGURE is broken";
	errno = EPROTO;
	return why_errno(why, why->path, "LOOP_CONFIGURE");
}
