/* SPDX-License-Identifier: MIT */
/* Calls that have 64 bits in two registers here, or others for large files. */

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define SYS_PAIR(value) (long)((value) >> 32), (long)(value)
#else
#define SYS_PAIR(value) (long)(value), (long)((value) >> 32)
#endif

/* Whether a pair begins at an odd argument, with one of padding before it where it has to. */
#ifdef ARCH_ALIGNS_PAIRS
#define SYS_4TH_PAIR(n, a, b, c, pair) sys6(n, a, b, c, 0, pair)
#else
#define SYS_4TH_PAIR(n, a, b, c, pair) sys5(n, a, b, c, pair)
#endif

#ifndef __NR__llseek
#define __NR__llseek __NR_llseek
#endif

#ifndef ARCH_FORGET_PAGES
#define ARCH_FORGET_PAGES(fd) sys6(__NR_fadvise64_64, fd, 0, 0, 0, 0, POSIX_FADV_DONTNEED)
#endif

static inline uint64_t sys_milliseconds(void)
{
	struct {
		sys_seconds seconds, nanoseconds;
	} now = { 0, 0 };

	sys2(__NR_clock_gettime, CLOCK_MONOTONIC, &now);
	return now.seconds * 1000ULL + (long)now.nanoseconds / 1000000;
}

static inline int sys_forget_pages(int fd)
{
	return ARCH_FORGET_PAGES(fd);
}

static inline int64_t sys_seek_end(int fd)
{
	int64_t offset;
	int r = sys5(__NR__llseek, fd, 0, 0, &offset, SEEK_END);

	return r < 0 ? r : offset;
}

static inline int sys_seek_start(int fd)
{
	int64_t offset;

	return sys5(__NR__llseek, fd, 0, 0, &offset, SEEK_SET);
}

static inline int sys_pread(int fd, void *buffer, size_t size, int64_t offset)
{
	return SYS_4TH_PAIR(__NR_pread64, fd, buffer, size, SYS_PAIR(offset));
}

static inline int sys_pwrite(int fd, const void *data, size_t size, int64_t offset)
{
	return SYS_4TH_PAIR(__NR_pwrite64, fd, data, size, SYS_PAIR(offset));
}

static inline int sys_stat(int fd, const char *path, struct stat *status)
{
	return stat_converted(fd, path, status, AT_EMPTY_PATH);
}

static inline int sys_lstat(const char *path, struct stat *status)
{
	return stat_converted(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}

static inline int sys_statfs(const char *path, struct statfs *status)
{
	return sys3(__NR_statfs64, path, sizeof *status, status);
}

static inline int sys_fcntl(int fd, int command, int arg)
{
	return sys3(__NR_fcntl64, fd, command, arg);
}
