/* SPDX-License-Identifier: MIT */
/*
 * The system calls, as the kernel gives them: each returns -errno where it
 * fails. On x86_64 with musl they are made right here, and start.c replaces the
 * C library's start, which together saves a fifth of a small program and two
 * system calls of each run. Everywhere else they go through libc's syscall(2),
 * which is also where the unit tests put their kernel.
 */
#ifndef SYS_H
#define SYS_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#ifdef SYS_BARE

#define SYS_CALL(...) \
	({ \
		long result_; \
		__asm__ volatile("syscall" : "=a"(result_) : __VA_ARGS__ : "rcx", "r11", "memory"); \
		result_; \
	})
#define sys0(n) SYS_CALL("a"(n))
#define sys1(n, a) SYS_CALL("a"(n), "D"(a))
#define sys2(n, a, b) SYS_CALL("a"(n), "D"(a), "S"(b))
#define sys3(n, a, b, c) SYS_CALL("a"(n), "D"(a), "S"(b), "d"(c))
#define sys4(n, a, b, c, d) \
	({ \
		register long r10_ __asm__("r10") = (long)(d); \
		SYS_CALL("a"(n), "D"(a), "S"(b), "d"(c), "r"(r10_)); \
	})
#define sys5(n, a, b, c, d, e) \
	({ \
		register long r10_ __asm__("r10") = (long)(d); \
		register long r8_ __asm__("r8") = (long)(e); \
		SYS_CALL("a"(n), "D"(a), "S"(b), "d"(c), "r"(r10_), "r"(r8_)); \
	})

#else

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

#endif

/* Close-on-exec, so that no descriptor of ours gets anywhere. */
static inline int sys_openat(int directory, const char *path, int flags)
{
	return sys4(SYS_openat, directory, path, flags | O_CLOEXEC | O_LARGEFILE, 0);
}

/* Never one of 0 to 2: who starts us with those closed would get messages written
 * into an image. In file.c, for its size. */
int sys_open(const char *path, int flags);

/* For one that shall. */
static inline int sys_open_inherited(const char *path, int flags)
{
	return sys4(SYS_openat, AT_FDCWD, path, flags, 0);
}

static inline void sys_close(int fd)
{
	sys1(SYS_close, fd);
}

static inline int sys_read(int fd, void *buffer, size_t size)
{
	return sys3(SYS_read, fd, buffer, size);
}

static inline int sys_write(int fd, const void *buffer, size_t size)
{
	return sys3(SYS_write, fd, buffer, size);
}

static inline int sys_ioctl(int fd, unsigned long request, void *arg)
{
	return sys3(SYS_ioctl, fd, request, arg);
}

/* Moves the heap's end, where that is possible; returns where it is now, which on a 32-bit
 * machine may look like an error. */
static inline char *sys_brk(char *end)
{
#ifdef SYS_BARE
	return (char *)sys1(SYS_brk, end);
#else
	return (char *)syscall(SYS_brk, end);
#endif
}

static inline int sys_flock(int fd, int operation)
{
	return sys2(SYS_flock, fd, operation);
}

/* A write(2) to a pipe that nobody reads fails then, and does not end the program. */
static inline void sys_block_sigpipe(void)
{
	unsigned long signals[128 / 8 / sizeof(long)] = { 1UL << (SIGPIPE - 1) };

	sys4(SYS_rt_sigprocmask, SIG_BLOCK, signals, NULL, _NSIG / 8);
}

static inline int sys_getpid(void)
{
	return sys0(SYS_getpid);
}

static inline int sys_mknod(const char *path, unsigned mode, unsigned device)
{
	return sys4(SYS_mknodat, AT_FDCWD, path, mode, device);
}

static inline int sys_mkdir(const char *path, unsigned mode)
{
	return sys3(SYS_mkdirat, AT_FDCWD, path, mode);
}

/* Calls of it that take one argument. */
static inline int sys_prctl(int option, unsigned long arg)
{
	return sys5(SYS_prctl, option, arg, 0, 0, 0);
}

struct __user_cap_header_struct;
struct __user_cap_data_struct;
static inline int sys_capget(struct __user_cap_header_struct *header, struct __user_cap_data_struct *sets)
{
	return sys2(SYS_capget, header, sets);
}

static inline int sys_capset(struct __user_cap_header_struct *header,
			     const struct __user_cap_data_struct *sets)
{
	return sys2(SYS_capset, header, sets);
}

static inline int sys_chown(const char *path, unsigned owner, unsigned group)
{
	return sys5(SYS_fchownat, AT_FDCWD, path, owner, group, 0);
}

static inline int sys_chmod(const char *path, unsigned mode)
{
	return sys3(SYS_fchmodat, AT_FDCWD, path, mode);
}

static inline int sys_unlink(int directory, const char *name, int flags)
{
	return sys3(SYS_unlinkat, directory, name, flags);
}

static inline int sys_readlink(const char *path, char *target, size_t size)
{
	return sys4(SYS_readlinkat, AT_FDCWD, path, target, size);
}

static inline int sys_symlink(const char *target, const char *path)
{
	return sys3(SYS_symlinkat, target, AT_FDCWD, path);
}

static inline int sys_link(const char *from, const char *to)
{
	return sys5(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static inline int sys_access(const char *path, int mode)
{
	return sys3(SYS_faccessat, AT_FDCWD, path, mode);
}

/* As access(2), for an open file: Linux 5.8; before, it fails with ENOSYS. */
static inline int sys_access_open(int fd, int mode)
{
	return sys4(SYS_faccessat2, fd, "", mode, AT_EMPTY_PATH);
}

/* Opens a path as if the directory were the root: Linux 5.6; before, it fails with
 * ENOSYS. */
static inline int sys_open_in_root(int directory, const char *path, uint64_t flags)
{
	struct {
		uint64_t flags, mode, resolve; /* struct open_how of linux/openat2.h */
	} how = { flags | O_CLOEXEC | O_LARGEFILE, 0, 0x10 /* RESOLVE_IN_ROOT */ };

	return sys4(SYS_openat2, directory, path, &how, sizeof how);
}

/* For what stat(2) has not: Linux 4.11 */
struct statx;
static inline int sys_statx(const char *path, struct statx *status)
{
	return sys5(SYS_statx, AT_FDCWD, path, 0, 0, status);
}

static inline int sys_getdents(int fd, void *buffer, size_t size)
{
	return sys3(SYS_getdents64, fd, buffer, size);
}

static inline int sys_mount(const char *source, const char *target, const char *type, unsigned long flags,
			    const void *data)
{
	return sys5(SYS_mount, source, target, type, flags, data);
}

/* Linux 5.12; before, it fails with ENOSYS. */
static inline int sys_mount_setattr(const char *target, const void *change, size_t size)
{
	return sys5(SYS_mount_setattr, AT_FDCWD, target, 0, change, size);
}

static inline int sys_umount(const char *target, int flags)
{
	return sys2(SYS_umount2, target, flags);
}

static inline int sys_chdir(const char *path)
{
	return sys1(SYS_chdir, path);
}

static inline int sys_fchdir(int fd)
{
	return sys1(SYS_fchdir, fd);
}

static inline int sys_chroot(const char *path)
{
	return sys1(SYS_chroot, path);
}

static inline int sys_dup(int fd, int as)
{
	return sys3(SYS_dup3, fd, as, 0);
}

static inline int sys_execve(const char *path, char **argv, char **environment)
{
	return sys3(SYS_execve, path, argv, environment);
}

static inline int sys_finit_module(int fd, const char *parameters, int flags)
{
	return sys3(SYS_finit_module, fd, parameters, flags);
}

static inline int sys_delete_module(const char *name, int flags)
{
	return sys2(SYS_delete_module, name, flags);
}

struct utsname;
static inline int sys_uname(struct utsname *system)
{
	return sys1(SYS_uname, system);
}

static inline int sys_swapon(const char *path, unsigned flags)
{
	return sys2(SYS_swapon, path, flags);
}

static inline int sys_swapoff(const char *path)
{
	return sys1(SYS_swapoff, path);
}

static inline int sys_pivot_root(const char *new_root, const char *put_old)
{
	return sys2(SYS_pivot_root, new_root, put_old);
}

static inline int sys_rename(const char *from, const char *to)
{
	return sys5(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static inline int sys_fsync(int fd)
{
	return sys1(SYS_fsync, fd);
}

static inline void sys_sync(void)
{
	sys0(SYS_sync);
}

/* The magic numbers of reboot(2) are its birthdays. */
static inline int sys_reboot(unsigned command)
{
	return sys4(SYS_reboot, 0xfee1dead, 672274793, command, NULL);
}

/* A new file, or one that is there, empty. */
static inline int sys_create(const char *path, unsigned mode)
{
	return sys4(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_LARGEFILE, mode);
}

/* To read it again, too. */
static inline int sys_open_new(const char *path, unsigned mode)
{
	return sys4(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_LARGEFILE, mode);
}

static inline void sys_exit(int code)
{
	sys1(SYS_exit_group, code);
}

/* Linux 5.2; before, they fail with ENOSYS. */
static inline int sys_fsopen(const char *type)
{
	return sys2(SYS_fsopen, type, 1 /* FSOPEN_CLOEXEC */);
}

static inline int sys_fsconfig(int fd, unsigned command, const char *key, const char *value)
{
	return sys5(SYS_fsconfig, fd, command, key, value, 0);
}

static inline int sys_fsmount(int fd, unsigned attributes)
{
	return sys3(SYS_fsmount, fd, 1 /* FSMOUNT_CLOEXEC */, attributes);
}

/* Mounts what sys_fsmount() made. */
static inline int sys_move_mount(int fd, const char *target)
{
	return sys5(SYS_move_mount, fd, "", AT_FDCWD, target, 4 /* MOVE_MOUNT_F_EMPTY_PATH */);
}

/* keyrings(7); musl has no header for it. */
static inline int sys_add_key(const char *type, const char *description, const void *payload, size_t size,
			      int keyring)
{
	return sys5(SYS_add_key, type, description, payload, size, keyring);
}

static inline int sys_getrandom(void *bytes, size_t size)
{
	return sys3(SYS_getrandom, bytes, size, 0);
}

/* A connection of a socket of AF_ALG, which has no address. */
static inline int sys_accept(int fd)
{
	return sys4(SYS_accept4, fd, NULL, NULL, SOCK_CLOEXEC);
}

static inline int sys_send(int fd, const void *data, size_t size, int flags)
{
#ifdef SYS_BARE
	register long r9_ __asm__("r9") = 0;
	register long r8_ __asm__("r8") = 0;
	register long r10_ __asm__("r10") = flags;

	return SYS_CALL("a"(SYS_sendto), "D"(fd), "S"(data), "d"(size), "r"(r10_), "r"(r8_), "r"(r9_));
#else
	return sys_errno(send(fd, data, size, flags));
#endif
}

/* What follows has another form on 32-bit machines, which libc knows. */
#ifdef SYS_BARE
#define sys_errno_of(number, name, count, ...) sys##count(number, __VA_ARGS__)
#else
#define sys_errno_of(number, name, count, ...) sys_errno(name(__VA_ARGS__))
#endif

/* Ticks of a clock that nobody sets, 100 a second on every kernel (USER_HZ); any
 * number may be one, so none is an error. */
#define TICKS_PER_SECOND 100
static inline long sys_ticks(void)
{
#ifdef SYS_BARE
	return sys1(SYS_times, NULL);
#else
	return times(NULL);
#endif
}

/* Milliseconds since the kernel's start, as its log counts them. */
static inline uint64_t sys_milliseconds(void)
{
	struct timespec now = { 0 };

	sys_errno_of(SYS_clock_gettime, clock_gettime, 2, CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

/* A child process, which continues here with 0. */
static inline int sys_fork(void)
{
#ifdef SYS_BARE
	return sys0(SYS_fork);
#else
	return sys_errno(fork());
#endif
}

/* Close-on-exec. */
static inline int sys_pipe(int ends[2])
{
	return sys2(SYS_pipe2, ends, O_CLOEXEC);
}

static inline int sys_wait(int child, int *status)
{
	return sys4(SYS_wait4, child, status, 0, NULL);
}

/* Copies from the offset of one file to that of another; the bytes that it has
 * copied. */
static inline int64_t sys_sendfile(int to, int from, size_t size)
{
	return sys_errno_of(SYS_sendfile, sendfile, 4, to, from, NULL, size);
}

static inline int sys_forget_pages(int fd)
{
#ifdef SYS_BARE
	return sys4(SYS_fadvise64, fd, 0, 0, POSIX_FADV_DONTNEED);
#else
	return -posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
#endif
}

/* Sets the offset to the end, and returns it. */
static inline int64_t sys_seek_end(int fd)
{
	return sys_errno_of(SYS_lseek, lseek, 3, fd, 0, SEEK_END);
}

static inline int sys_pread(int fd, void *buffer, size_t size, int64_t offset)
{
	return sys_errno_of(SYS_pread64, pread, 4, fd, buffer, size, offset);
}

static inline int sys_pwrite(int fd, const void *data, size_t size, int64_t offset)
{
	return sys_errno_of(SYS_pwrite64, pwrite, 4, fd, data, size, offset);
}

static inline int sys_seek_start(int fd)
{
	return sys_errno_of(SYS_lseek, lseek, 3, fd, 0, SEEK_SET);
}

/* fd: AT_FDCWD, or with the path "" the open file itself. st_dev and st_rdev are
 * the kernel's device numbers, see device_number(). */
static inline int sys_stat(int fd, const char *path, struct stat *status)
{
	return sys_errno_of(SYS_newfstatat, fstatat, 4, fd, path, status, AT_EMPTY_PATH);
}

/* Of a link, and not where it leads. */
static inline int sys_lstat(const char *path, struct stat *status)
{
	return sys_errno_of(SYS_newfstatat, fstatat, 4, AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}

static inline int sys_statfs(const char *path, struct statfs *status)
{
	return sys_errno_of(SYS_statfs, statfs, 2, path, status);
}

static inline int sys_poll(struct pollfd *events, unsigned count, int milliseconds)
{
	return sys_errno_of(SYS_poll, poll, 3, events, count, milliseconds);
}

static inline int sys_fcntl(int fd, int command, int arg)
{
	return sys_errno_of(SYS_fcntl, fcntl, 3, fd, command, arg);
}

static inline int sys_socket(int family, int type, int protocol)
{
	return sys_errno_of(SYS_socket, socket, 3, family, type, protocol);
}

static inline int sys_bind(int fd, const void *address, unsigned size)
{
	return sys_errno_of(SYS_bind, bind, 3, fd, address, size);
}

#endif
