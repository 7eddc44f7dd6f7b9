/* SPDX-License-Identifier: MIT */
/* The status of a file where the kernel's structure is not libc's; see sys_32.h and sys_64.h. */
//kbuild:obj-y += libbb/stat.o
/* The kernel's structures have the names of libc's. */
#define stat kernel_stat
#define stat64 kernel_stat64
#include <asm/stat.h>
#undef stat
#undef stat64

#include "libbb.h"

#ifdef SYS_BARE

#if !defined __NR_fstatat64 && !defined __NR_newfstatat
/* Machines that came late have statx(2) alone. */
int stat_converted(int fd, const char *path, struct stat *status, int flags)
{
	struct attributes kernel;
	int r = sys5(__NR_statx, fd, path, flags, 0x7ff /* STATX_BASIC_STATS */, &kernel);

	status->st_mode = kernel.mode;
	status->st_size = kernel.size;
	status->st_ino = kernel.inode;
	status->st_dev = device_number(kernel.dev_major, kernel.dev_minor);
	status->st_rdev = device_number(kernel.rdev_major, kernel.rdev_minor);
	return r;
}
#else

#ifdef __NR_fstatat64
#define KERNEL_FSTATAT __NR_fstatat64
#define KERNEL_STAT struct kernel_stat64
#else
#define KERNEL_FSTATAT __NR_newfstatat
#define KERNEL_STAT struct kernel_stat
#endif

int stat_converted(int fd, const char *path, struct stat *status, int flags)
{
	KERNEL_STAT kernel;
	int r = sys4(KERNEL_FSTATAT, fd, path, &kernel, flags);

	status->st_mode = kernel.st_mode;
	status->st_size = kernel.st_size;
	status->st_ino = kernel.st_ino;
	status->st_dev = kernel.st_dev;
	status->st_rdev = kernel.st_rdev;
	return r;
}
#endif

#endif
