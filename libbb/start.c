/* SPDX-License-Identifier: MIT */
/*
 * The program's start where the C library's is not needed: no thread-local
 * storage, no stdio, no locale has to be set up. x86_64 alone; see sys.h.
 */
#include "sys.h"

int main(int argc, char **argv);

char **environ;

/* The stack: argc, argv[], NULL, environment[], NULL (System V psABI). */
__attribute__((noreturn, used)) void start(long *stack)
{
	int argc = stack[0];
	char **argv = (char **)(stack + 1);

	environ = argv + argc + 1;
	sys1(SYS_exit_group, main(argc, argv));
	__builtin_unreachable();
}

__attribute__((naked, noreturn)) void _start(void)
{
	__asm__("mov %rsp, %rdi\n\t"
		"and $-16, %rsp\n\t"
		"call start");
}
