/* SPDX-License-Identifier: MIT */
/*
 * What the kernel's interfaces have and the headers may lack; the only place
 * for such things. Values from the kernel's include/uapi.
 */
#ifndef COMPAT_H
#define COMPAT_H

#include <linux/loop.h>
#include <linux/stat.h>

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

/* Linux 5.8: the path is the root of a mount */
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x2000
#endif

/* Linux 5.10; sys/mount.h of musl before 1.2.4 lacks it */
#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif

/* Linux 5.17: the kernel decompresses the module itself */
#ifndef MODULE_INIT_COMPRESSED_FILE
#define MODULE_INIT_COMPRESSED_FILE 4
#endif

#endif
