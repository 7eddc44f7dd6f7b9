/* SPDX-License-Identifier: MIT */
/*
 * The program's start where the C library's is not needed: no thread-local
 * storage, no stdio, no locale has to be set up. And what a compiler calls that
 * has no instruction for it, which libc and libgcc would bring with them.
 */
#include "sys.h"

int main(int argc, char **argv);

char **environ;

#ifdef SYS_FUNCTION
__asm__(".text\n\t.globl sys_call\n\t.type sys_call, %function\n" SYS_FUNCTION);
#endif
__asm__(".text\n\t.globl _start\n\t.type _start, %function\n_start:\n\t" ARCH_START);

/* The stack: argc, argv[], NULL, environment[], NULL (System V psABI). */
__attribute__((noreturn, used)) void start(long *stack)
{
	int argc = stack[0];
	char **argv = (char **)(stack + 1);

	environ = argv + argc + 1;
	sys1(__NR_exit_group, main(argc, argv));
	__builtin_unreachable();
}

/* Structures are set and copied by these; the linker leaves out what is not called. */
void *memset(void *to, int byte, size_t size);
void *memset(void *to, int byte, size_t size)
{
	for (char *p = to; size--; p++)
		*p = byte;
	return to;
}

void *memcpy(void *to, const void *from, size_t size);
void *memcpy(void *to, const void *from, size_t size)
{
	const char *q = from;

	for (char *p = to; size--; p++)
		*p = *q++;
	return to;
}

/* 64-bit division on 32-bit machines. Decimal numbers and sizes in blocks need it; libgcc's is
 * faster, and 1 to 3 KB. */
uint64_t __udivmoddi4(uint64_t n, uint64_t by, uint64_t *rest);
uint64_t __udivmoddi4(uint64_t n, uint64_t by, uint64_t *rest)
{
	uint64_t left = 0;

	for (int i = 0; i < 64; i++) {
		left = left << 1 | n >> 63;
		n <<= 1;
		if (left >= by) {
			left -= by;
			n |= 1;
		}
	}
	if (rest)
		*rest = left;
	return n;
}

uint64_t __udivdi3(uint64_t n, uint64_t by);
uint64_t __udivdi3(uint64_t n, uint64_t by)
{
	return __udivmoddi4(n, by, NULL);
}

uint64_t __umoddi3(uint64_t n, uint64_t by);
uint64_t __umoddi3(uint64_t n, uint64_t by)
{
	uint64_t rest;

	__udivmoddi4(n, by, &rest);
	return rest;
}
