/* SPDX-License-Identifier: MIT */
/*
 * The system calls, as the kernel gives them: each returns -errno where it fails.
 * Where libbb/arch/ knows the machine, they are made right here, and start.c
 * replaces the C library's start, which together saves a fifth of a small program
 * and two system calls of each run. Everywhere else they go through libc, which is
 * also where the unit tests put their kernel: sys_libc.h.
 */
#ifndef SYS_H
#define SYS_H

#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"

/* What has another form on 32-bit machines, or on those that came late. */

/* Ticks of a clock that nobody sets, 100 a second on every kernel (USER_HZ); any
 * number may be one, so none is an error. */
#define TICKS_PER_SECOND 100
static inline long sys_ticks(void);

/* Milliseconds since the kernel's start, as its log counts them. */
static inline uint64_t sys_milliseconds(void);

/* A child process, which continues here with 0. */
static inline int sys_fork(void);

/* Moves the heap's end, where that is possible; returns where it is now, which on a 32-bit
 * machine may look like an error. */
static inline char *sys_brk(char *end);

/* Waits for this one to end. */
static inline int sys_wait(int child, int *status);

/* Copies from the offset of one file to that of another; the bytes that it has
 * copied. */
static inline int64_t sys_sendfile(int to, int from, size_t size);

static inline int sys_forget_pages(int fd);

/* Sets the offset to the end, and returns it. */
static inline int64_t sys_seek_end(int fd);
static inline int sys_seek_start(int fd);
static inline int sys_pread(int fd, void *buffer, size_t size, int64_t offset);
static inline int sys_pwrite(int fd, const void *data, size_t size, int64_t offset);

/* fd: AT_FDCWD, or with the path "" the open file itself. Sets st_mode, st_size, st_ino, and
 * st_dev and st_rdev, which are the kernel's device numbers, see device_number(). */
static inline int sys_stat(int fd, const char *path, struct stat *status);
/* Of a link, and not where it leads. */
static inline int sys_lstat(const char *path, struct stat *status);
static inline int sys_statfs(const char *path, struct statfs *status);

static inline int sys_poll(struct pollfd *events, unsigned count, int milliseconds);
static inline int sys_fcntl(int fd, int command, int arg);

static inline int sys_socket(int family, int type, int protocol);
static inline int sys_bind(int fd, const void *address, unsigned size);
static inline int sys_send(int fd, const void *data, size_t size, int flags);

/* sysN(number, argument...) makes a call of N arguments, and the functions above are: */
#ifdef SYS_BARE
#include "sys_bare.h"
#else
#include "sys_libc.h"
#endif

/* Close-on-exec, so that no descriptor of ours gets anywhere. */
static inline int sys_openat(int directory, const char *path, int flags)
{
	return sys4(__NR_openat, directory, path, flags | O_CLOEXEC | O_LARGEFILE, 0);
}

/* Never one of 0 to 2: who starts us with those closed would get messages written
 * into an image. In file.c, for its size. */
int sys_open(const char *path, int flags);

/* For one that shall. */
static inline int sys_open_inherited(const char *path, int flags)
{
	return sys4(__NR_openat, AT_FDCWD, path, flags, 0);
}

static inline void sys_close(int fd)
{
	sys1(__NR_close, fd);
}

static inline int sys_read(int fd, void *buffer, size_t size)
{
	return sys3(__NR_read, fd, buffer, size);
}

static inline int sys_write(int fd, const void *buffer, size_t size)
{
	return sys3(__NR_write, fd, buffer, size);
}

static inline int sys_ioctl(int fd, unsigned long request, void *arg)
{
	return sys3(__NR_ioctl, fd, request, arg);
}

static inline int sys_flock(int fd, int operation)
{
	return sys2(__NR_flock, fd, operation);
}

/* A write(2) to a pipe that nobody reads fails then, and does not end the program. */
static inline void sys_block_sigpipe(void)
{
	unsigned long signals[128 / 8 / sizeof(long)] = { 1UL << (SIGPIPE - 1) };

	sys4(__NR_rt_sigprocmask, SIG_BLOCK, signals, NULL, _NSIG / 8);
}

static inline int sys_getpid(void)
{
	return sys0(__NR_getpid);
}

/* Close-on-exec. */
static inline int sys_pipe(int ends[2])
{
	return sys2(__NR_pipe2, ends, O_CLOEXEC);
}

static inline int sys_mknod(const char *path, unsigned mode, unsigned device)
{
	return sys4(__NR_mknodat, AT_FDCWD, path, mode, device);
}

static inline int sys_mkdir(const char *path, unsigned mode)
{
	return sys3(__NR_mkdirat, AT_FDCWD, path, mode);
}

/* Calls of it that take one argument. */
static inline int sys_prctl(int option, unsigned long arg)
{
	return sys5(__NR_prctl, option, arg, 0, 0, 0);
}

struct __user_cap_header_struct;
struct __user_cap_data_struct;
static inline int sys_capget(struct __user_cap_header_struct *header, struct __user_cap_data_struct *sets)
{
	return sys2(__NR_capget, header, sets);
}

static inline int sys_capset(struct __user_cap_header_struct *header,
			     const struct __user_cap_data_struct *sets)
{
	return sys2(__NR_capset, header, sets);
}

static inline int sys_chown(const char *path, unsigned owner, unsigned group)
{
	return sys5(__NR_fchownat, AT_FDCWD, path, owner, group, 0);
}

static inline int sys_chmod(const char *path, unsigned mode)
{
	return sys3(__NR_fchmodat, AT_FDCWD, path, mode);
}

static inline int sys_unlink(int directory, const char *name, int flags)
{
	return sys3(__NR_unlinkat, directory, name, flags);
}

static inline int sys_readlink(const char *path, char *target, size_t size)
{
	return sys4(__NR_readlinkat, AT_FDCWD, path, target, size);
}

static inline int sys_symlink(const char *target, const char *path)
{
	return sys3(__NR_symlinkat, target, AT_FDCWD, path);
}

static inline int sys_link(const char *from, const char *to)
{
	return sys5(__NR_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static inline int sys_access(const char *path, int mode)
{
	return sys3(__NR_faccessat, AT_FDCWD, path, mode);
}

/* As access(2), for an open file: Linux 5.8; before, it fails with ENOSYS. */
static inline int sys_access_open(int fd, int mode)
{
	return sys4(__NR_faccessat2, fd, "", mode, AT_EMPTY_PATH);
}

/* Opens a path as if the directory were the root: Linux 5.6; before, it fails with
 * ENOSYS. */
static inline int sys_open_in_root(int directory, const char *path, uint64_t flags)
{
	struct {
		uint64_t flags, mode, resolve; /* struct open_how of linux/openat2.h */
	} how = { flags | O_CLOEXEC | O_LARGEFILE, 0, 0x10 /* RESOLVE_IN_ROOT */ };

	return sys4(__NR_openat2, directory, path, &how, sizeof how);
}

/* For what stat(2) has not: Linux 4.11 */
static inline int sys_statx(const char *path, struct attributes *status)
{
	return sys5(__NR_statx, AT_FDCWD, path, 0, 0, status);
}

static inline int sys_getdents(int fd, void *buffer, size_t size)
{
	return sys3(__NR_getdents64, fd, buffer, size);
}

static inline int sys_mount(const char *source, const char *target, const char *type, unsigned long flags,
			    const void *data)
{
	return sys5(__NR_mount, source, target, type, flags, data);
}

/* Linux 5.12; before, it fails with ENOSYS. */
static inline int sys_mount_setattr(const char *target, const void *change, size_t size)
{
	return sys5(__NR_mount_setattr, AT_FDCWD, target, 0, change, size);
}

static inline int sys_umount(const char *target, int flags)
{
	return sys2(__NR_umount2, target, flags);
}

static inline int sys_chdir(const char *path)
{
	return sys1(__NR_chdir, path);
}

static inline int sys_fchdir(int fd)
{
	return sys1(__NR_fchdir, fd);
}

static inline int sys_chroot(const char *path)
{
	return sys1(__NR_chroot, path);
}

static inline int sys_dup(int fd, int as)
{
	return sys3(__NR_dup3, fd, as, 0);
}

static inline int sys_execve(const char *path, char **argv, char **environment)
{
	return sys3(__NR_execve, path, argv, environment);
}

static inline int sys_finit_module(int fd, const char *parameters, int flags)
{
	return sys3(__NR_finit_module, fd, parameters, flags);
}

static inline int sys_delete_module(const char *name, int flags)
{
	return sys2(__NR_delete_module, name, flags);
}

struct utsname;
static inline int sys_uname(struct utsname *system)
{
	return sys1(__NR_uname, system);
}

static inline int sys_swapon(const char *path, unsigned flags)
{
	return sys2(__NR_swapon, path, flags);
}

static inline int sys_swapoff(const char *path)
{
	return sys1(__NR_swapoff, path);
}

static inline int sys_pivot_root(const char *new_root, const char *put_old)
{
	return sys2(__NR_pivot_root, new_root, put_old);
}

static inline int sys_fsync(int fd)
{
	return sys1(__NR_fsync, fd);
}

static inline void sys_sync(void)
{
	sys0(__NR_sync);
}

/* The magic numbers of reboot(2) are its birthdays. */
static inline int sys_reboot(unsigned command)
{
	return sys4(__NR_reboot, 0xfee1dead, 672274793, command, NULL);
}

/* A new file, or one that is there, as it is. */
static inline int sys_open_or_create(const char *path, unsigned mode)
{
	return sys4(__NR_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC | O_LARGEFILE, mode);
}

/* The same, for reading as well. A link is not followed. */
static inline int sys_open_to_update(const char *path, unsigned mode)
{
	return sys4(__NR_openat, AT_FDCWD, path,
		    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_LARGEFILE, mode);
}

/* A new file, or one that is there, empty. */
static inline int sys_create(const char *path, unsigned mode)
{
	return sys4(__NR_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_LARGEFILE,
		    mode);
}

/* To read it again, too. */
static inline int sys_open_new(const char *path, unsigned mode)
{
	return sys4(__NR_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_LARGEFILE, mode);
}

static inline void sys_exit(int code)
{
	sys1(__NR_exit_group, code);
}

/* Linux 5.2; before, they fail with ENOSYS. */
static inline int sys_fsopen(const char *type)
{
	return sys2(__NR_fsopen, type, 1 /* FSOPEN_CLOEXEC */);
}

static inline int sys_fsconfig(int fd, unsigned command, const char *key, const char *value)
{
	return sys5(__NR_fsconfig, fd, command, key, value, 0);
}

/* keyrings(7); musl has no header for it. */
static inline int sys_add_key(const char *type, const char *description, const void *payload, size_t size,
			      int keyring)
{
	return sys5(__NR_add_key, type, description, payload, size, keyring);
}

static inline int sys_getrandom(void *bytes, size_t size)
{
	return sys3(__NR_getrandom, bytes, size, 0);
}

/* A connection of a socket of AF_ALG, which has no address. */
static inline int sys_accept(int fd)
{
	return sys4(__NR_accept4, fd, NULL, NULL, SOCK_CLOEXEC);
}

#endif
