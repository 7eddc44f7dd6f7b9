/* SPDX-License-Identifier: MIT */
/*
 * What the kernel's interfaces have and the headers may lack; the only place
 * for such things. Values from the kernel's include/uapi.
 */
#ifndef COMPAT_H
#define COMPAT_H

#include <elf.h>
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

/* linux/module.h of Linux 3.8, which musl-gcc may not find */
#ifndef MODULE_INIT_IGNORE_MODVERSIONS
#define MODULE_INIT_IGNORE_MODVERSIONS 1
#define MODULE_INIT_IGNORE_VERMAGIC 2
#endif
/* Linux 5.17: the kernel decompresses the module itself */
#ifndef MODULE_INIT_COMPRESSED_FILE
#define MODULE_INIT_COMPRESSED_FILE 4
#endif

/* The machines whose programs this kernel runs, as e_machine of elf(5) has them; none:
 * any. A 64-bit kernel runs 32-bit programs, too. */
#if defined __x86_64__
#define MACHINES EM_X86_64, EM_386
#elif defined __i386__
#define MACHINES EM_386
#elif defined __aarch64__
#define MACHINES EM_AARCH64, EM_ARM
#elif defined __arm__
#define MACHINES EM_ARM
#elif defined __riscv
#define MACHINES EM_RISCV
#elif defined __MIPSEL__
#define MACHINES EM_MIPS
#else
#define MACHINES
#endif

#endif
