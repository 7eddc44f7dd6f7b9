/* SPDX-License-Identifier: MIT */
/*
 * The system calls without a C library. The machine's header in libbb/arch/ says where the number,
 * the arguments and the result are (SYS_INSTRUCTION, ...), or has a function in assembly for it
 * (SYS_FUNCTION), where one that does it at each call would be larger.
 */
#include <signal.h>
#include <sys/wait.h>

#ifdef SYS_INSTRUCTION

#define SYS_IN(i, value) register __auto_type in##i##_ __asm__(SYS_ARGUMENT_##i) = (value)
#define SYS_MAKE(n, ...) \
	register long number_ __asm__(SYS_NUMBER) = (n); \
	register long result_ __asm__(SYS_RESULT); \
	__asm__ volatile(SYS_INSTRUCTION \
			 : "=r"(result_) \
			 : __VA_ARGS__ "r"(number_) \
			 : SYS_CLOBBERS "memory"); \
	result_

#define sys0(n) ({ SYS_MAKE(n, ); })
#define sys1(n, a) \
	({ \
		SYS_IN(1, a); \
		SYS_MAKE(n, "r"(in1_), ); \
	})
#define sys2(n, a, b) \
	({ \
		SYS_IN(1, a); \
		SYS_IN(2, b); \
		SYS_MAKE(n, "r"(in1_), "r"(in2_), ); \
	})
#define sys3(n, a, b, c) \
	({ \
		SYS_IN(1, a); \
		SYS_IN(2, b); \
		SYS_IN(3, c); \
		SYS_MAKE(n, "r"(in1_), "r"(in2_), "r"(in3_), ); \
	})
#define sys4(n, a, b, c, d) \
	({ \
		SYS_IN(1, a); \
		SYS_IN(2, b); \
		SYS_IN(3, c); \
		SYS_IN(4, d); \
		SYS_MAKE(n, "r"(in1_), "r"(in2_), "r"(in3_), "r"(in4_), ); \
	})
#define sys5(n, a, b, c, d, e) \
	({ \
		SYS_IN(1, a); \
		SYS_IN(2, b); \
		SYS_IN(3, c); \
		SYS_IN(4, d); \
		SYS_IN(5, e); \
		SYS_MAKE(n, "r"(in1_), "r"(in2_), "r"(in3_), "r"(in4_), "r"(in5_), ); \
	})
#define sys6(n, a, b, c, d, e, f) \
	({ \
		SYS_IN(1, a); \
		SYS_IN(2, b); \
		SYS_IN(3, c); \
		SYS_IN(4, d); \
		SYS_IN(5, e); \
		SYS_IN(6, f); \
		SYS_MAKE(n, "r"(in1_), "r"(in2_), "r"(in3_), "r"(in4_), "r"(in5_), "r"(in6_), ); \
	})

#else

/* One function; what it gets beyond the call's arguments, it passes on. */
#define SYS_IN long
long sys_call0(SYS_IN) __asm__("sys_call");
long sys_call1(SYS_IN, SYS_IN) __asm__("sys_call");
long sys_call2(SYS_IN, SYS_IN, SYS_IN) __asm__("sys_call");
long sys_call3(SYS_IN, SYS_IN, SYS_IN, SYS_IN) __asm__("sys_call");
long sys_call4(SYS_IN, SYS_IN, SYS_IN, SYS_IN, SYS_IN) __asm__("sys_call");
long sys_call5(SYS_IN, SYS_IN, SYS_IN, SYS_IN, SYS_IN, SYS_IN) __asm__("sys_call");
long sys_call6(SYS_IN, SYS_IN, SYS_IN, SYS_IN, SYS_IN, SYS_IN, SYS_IN) __asm__("sys_call");
long sys_call7(SYS_IN, SYS_IN, SYS_IN, SYS_IN, SYS_IN, SYS_IN, SYS_IN, SYS_IN) __asm__("sys_call");
#define sys0(n) sys_call0(n)
#define sys1(n, a) sys_call1(n, (long)(a))
#define sys2(n, a, b) sys_call2(n, (long)(a), (long)(b))
#define sys3(n, a, b, c) sys_call3(n, (long)(a), (long)(b), (long)(c))
#define sys4(n, a, b, c, d) sys_call4(n, (long)(a), (long)(b), (long)(c), (long)(d))
#define sys5(n, a, b, c, d, e) sys_call5(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))
#define sys6(n, a, b, c, d, e, f) \
	sys_call6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define sys7(n, a, b, c, d, e, f, g) \
	sys_call7(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f), (long)(g))

#endif

static inline long sys_ticks(void)
{
	return sys1(__NR_times, NULL);
}

#ifdef __NR_fork
static inline int sys_fork(void)
{
	return sys0(__NR_fork);
}
#else
static inline int sys_fork(void)
{
	return sys5(__NR_clone, SIGCHLD, 0, 0, 0, 0);
}
#endif

static inline char *sys_brk(char *end)
{
	return (char *)sys1(__NR_brk, end);
}

#ifdef __NR_wait4
static inline int sys_wait(int child, int *status)
{
	return sys4(__NR_wait4, child, status, 0, NULL);
}
#else
/* The status has to be put together as wait(2) tells it. */
static inline int sys_wait(int child, int *status)
{
	siginfo_t end = { 0 };
	int r = sys5(__NR_waitid, child < 0 ? P_ALL : P_PID, child, &end, WEXITED, NULL);

	*status = end.si_code == CLD_EXITED ? (end.si_status & 0xff) << 8 : end.si_status & 0x7f;
	return r < 0 ? r : end.si_pid;
}
#endif

#ifndef __NR_sendfile
#define __NR_sendfile __NR_sendfile64
#endif
static inline int64_t sys_sendfile(int to, int from, size_t size)
{
	return sys4(__NR_sendfile, to, from, NULL, size);
}

/* What came late has 64 bits for the time in any case. */
#ifdef __NR_clock_gettime
typedef long sys_seconds;
#else
typedef int64_t sys_seconds;
#define __NR_clock_gettime __NR_clock_gettime64
#define __NR_ppoll __NR_ppoll_time64
#endif

#ifdef __NR_poll
static inline int sys_poll(struct pollfd *events, unsigned count, int milliseconds)
{
	return sys3(__NR_poll, events, count, milliseconds);
}
#else
static inline int sys_poll(struct pollfd *events, unsigned count, int milliseconds)
{
	struct {
		sys_seconds seconds;
		sys_seconds nanoseconds;
	} wait = { milliseconds / 1000, milliseconds % 1000 * 1000000 };

	return sys5(__NR_ppoll, events, count, milliseconds < 0 ? NULL : &wait, NULL, 0);
}
#endif

static inline int sys_socket(int family, int type, int protocol)
{
	return sys3(__NR_socket, family, type, protocol);
}

static inline int sys_bind(int fd, const void *address, unsigned size)
{
	return sys3(__NR_bind, fd, address, size);
}

static inline int sys_send(int fd, const void *data, size_t size, int flags)
{
	/* Without an address, the kernel does not look at its length. i386 has no register for that
	 * where a function needs a frame pointer. */
	return sys5(__NR_sendto, fd, data, size, flags, 0L);
}

/* In stat.c: by a structure of the kernel's, which is not libc's. */
int stat_converted(int fd, const char *path, struct stat *status, int flags);

#if __SIZEOF_LONG__ == 8
#include "sys_64.h"
#else
#include "sys_32.h"
#endif
