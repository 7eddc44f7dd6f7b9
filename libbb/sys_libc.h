/* SPDX-License-Identifier: MIT */
/* The system calls by the C library: syscall(2), or its own function where the form of a call is
 * another on some machine. */
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/times.h>

#define sys_errno(call) \
	({ \
		__typeof__(call) result_ = (call); \
		result_ < 0 ? -errno : result_; \
	})
#define sys0(n) sys_errno(syscall(n))
#define sys1(n, ...) sys_errno(syscall(n, __VA_ARGS__))
#define sys2 sys1
#define sys3 sys1
#define sys4 sys1
#define sys5 sys1

static inline long sys_ticks(void)
{
	return times(NULL);
}

static inline uint64_t sys_milliseconds(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static inline int sys_fork(void)
{
	return sys_errno(fork());
}

static inline char *sys_brk(char *end)
{
	return (char *)syscall(__NR_brk, end);
}

static inline int sys_wait(int child, int *status)
{
	return sys4(__NR_wait4, child, status, 0, NULL);
}

static inline int64_t sys_sendfile(int to, int from, size_t size)
{
	return sys_errno(sendfile(to, from, NULL, size));
}

static inline int sys_forget_pages(int fd)
{
	return -posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

static inline int64_t sys_seek_end(int fd)
{
	return sys_errno(lseek(fd, 0, SEEK_END));
}

static inline int sys_seek_start(int fd)
{
	return sys_errno(lseek(fd, 0, SEEK_SET));
}

static inline int sys_pread(int fd, void *buffer, size_t size, int64_t offset)
{
	return sys_errno(pread(fd, buffer, size, offset));
}

static inline int sys_pwrite(int fd, const void *data, size_t size, int64_t offset)
{
	return sys_errno(pwrite(fd, data, size, offset));
}

static inline int sys_stat(int fd, const char *path, struct stat *status)
{
	return sys_errno(fstatat(fd, path, status, AT_EMPTY_PATH));
}

static inline int sys_lstat(const char *path, struct stat *status)
{
	return sys_errno(fstatat(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW));
}

static inline int sys_statfs(const char *path, struct statfs *status)
{
	return sys_errno(statfs(path, status));
}

static inline int sys_poll(struct pollfd *events, unsigned count, int milliseconds)
{
	return sys_errno(poll(events, count, milliseconds));
}

static inline int sys_fcntl(int fd, int command, int arg)
{
	return sys_errno(fcntl(fd, command, arg));
}

static inline int sys_socket(int family, int type, int protocol)
{
	return sys_errno(socket(family, type, protocol));
}

static inline int sys_bind(int fd, const void *address, unsigned size)
{
	return sys_errno(bind(fd, address, size));
}

static inline int sys_send(int fd, const void *data, size_t size, int flags)
{
	return sys_errno(send(fd, data, size, flags));
}
