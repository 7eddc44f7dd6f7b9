/* SPDX-License-Identifier: MIT */
/* Calls whose arguments are 64 bits wide, which is one register here. */

static inline uint64_t sys_milliseconds(void)
{
	struct timespec now = { 0 };

	sys2(__NR_clock_gettime, CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static inline int sys_forget_pages(int fd)
{
	return sys4(__NR_fadvise64, fd, 0, 0, POSIX_FADV_DONTNEED);
}

static inline int64_t sys_seek_end(int fd)
{
	return sys3(__NR_lseek, fd, 0, SEEK_END);
}

static inline int sys_seek_start(int fd)
{
	return sys3(__NR_lseek, fd, 0, SEEK_SET);
}

static inline int sys_pread(int fd, void *buffer, size_t size, int64_t offset)
{
	return sys4(__NR_pread64, fd, buffer, size, offset);
}

static inline int sys_pwrite(int fd, const void *data, size_t size, int64_t offset)
{
	return sys4(__NR_pwrite64, fd, data, size, offset);
}

/* musl's struct stat is the kernel's, mostly. */
#if defined ARCH_STAT_DIFFERS || !defined __NR_newfstatat
#define sys_fstatat stat_converted
#else
#define sys_fstatat(...) sys4(__NR_newfstatat, __VA_ARGS__)
#endif

static inline int sys_stat(int fd, const char *path, struct stat *status)
{
	return sys_fstatat(fd, path, status, AT_EMPTY_PATH);
}

static inline int sys_lstat(const char *path, struct stat *status)
{
	return sys_fstatat(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}

static inline int sys_statfs(const char *path, struct statfs *status)
{
	return sys2(__NR_statfs, path, status);
}

static inline int sys_fcntl(int fd, int command, int arg)
{
	return sys3(__NR_fcntl, fd, command, arg);
}
