/* SPDX-License-Identifier: MIT */
/*
 * What the kernel's interfaces have and the headers may lack; the only place
 * for such things. Values from the kernel's include/uapi.
 */
#ifndef COMPAT_H
#define COMPAT_H

#include <linux/loop.h>
#include <stdint.h>

/* Linux 4.10 */
#ifndef LOOP_SET_DIRECT_IO
#define LOOP_SET_DIRECT_IO 0x4C08
#endif

/* Linux 4.14 */
#ifndef LOOP_SET_BLOCK_SIZE
#define LOOP_SET_BLOCK_SIZE 0x4C09
#endif

/* Linux 5.8 */
#ifndef LOOP_CONFIGURE
#define LOOP_CONFIGURE 0x4C0A
struct loop_config {
	__u32 fd;
	__u32 block_size;
	struct loop_info64 info;
	__u64 __reserved[8];
};
#endif

/* Linux 4.11: struct statx. Some libcs have one in sys/stat.h, which is at odds with that of
 * linux/stat.h. */
struct attributes {
	uint32_t mask, block_size;
	uint64_t attributes;
	uint32_t links, owner, group;
	uint16_t mode, spare;
	uint64_t inode, size, blocks, attributes_mask;
	struct {
		int64_t seconds;
		int32_t nanoseconds, spare;
	} times[4];
	uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
	uint64_t spares[14];
};
#define ATTRIBUTE_MOUNT_ROOT 0x2000 /* Linux 5.8: the path is the root of a mount */

/* Numbers of system calls, which are the same on all machines, but for where they begin. */
#ifndef ARCH_CALLS_FROM
#define ARCH_CALLS_FROM 0
#endif
#ifndef __NR_statx /* Linux 4.11; in that time they were not yet the same */
#define __NR_statx -1
#endif
#ifndef __NR_fsopen /* Linux 5.2 */
#define __NR_fsopen (ARCH_CALLS_FROM + 430)
#define __NR_fsconfig (ARCH_CALLS_FROM + 431)
#endif
#ifndef __NR_openat2 /* Linux 5.6 */
#define __NR_openat2 (ARCH_CALLS_FROM + 437)
#endif
#ifndef __NR_mount_setattr /* Linux 5.12 */
#define __NR_mount_setattr (ARCH_CALLS_FROM + 442)
#endif
#ifndef __NR_faccessat2 /* Linux 5.8 */
#define __NR_faccessat2 (ARCH_CALLS_FROM + 439)
#endif

/* Linux 5.10; sys/mount.h of musl before 1.2.4 lacks it */
#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif

/* linux/module.h of Linux 3.8, which musl-gcc may not find */
#ifndef MODULE_INIT_IGNORE_MODVERSIONS
#define MODULE_INIT_IGNORE_MODVERSIONS 1
#define MODULE_INIT_IGNORE_VERMAGIC 2
#endif
/* Linux 5.17: the kernel decompresses the module itself */
#ifndef MODULE_INIT_COMPRESSED_FILE
#define MODULE_INIT_COMPRESSED_FILE 4
#endif

#endif
