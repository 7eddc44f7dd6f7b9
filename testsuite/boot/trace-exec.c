/*
 * SPDX-License-Identifier: MIT
 * Traces a program from its start to its own next execve, which is an init's end:
 *   trace-exec PROGRAM [ARGUMENT...]
 * lists the numbers of its system calls, one line each, and how many they are.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child;

static void fail(const char *what)
{
	perror(what);
	exit(127);
}

/* Waits for the next stop; false at the program's end, or at its exec. */
static int resume(int how)
{
	int status;

	if (ptrace(how, child, NULL, 0) < 0 || waitpid(child, &status, 0) < 0 || !WIFSTOPPED(status))
		return 0;
	return status >> 8 != (SIGTRAP | PTRACE_EVENT_EXEC << 8);
}

static void list_calls(void)
{
	struct __ptrace_syscall_info info;
	unsigned count = 0;

	while (resume(PTRACE_SYSCALL)) {
		if (ptrace((int)PTRACE_GET_SYSCALL_INFO, child, (void *)sizeof info, &info) < 0)
			fail("PTRACE_GET_SYSCALL_INFO");
		if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
			continue;
		count++;
		printf("trace: call %llu\n", (unsigned long long)info.entry.nr);
	}
	printf("trace: calls %u\n", count);
}

int main(int argc, char **argv)
{
	int status;

	if (argc < 2)
		return 2;
	/* The next child is PID 1, of a namespace of its own. */
	if (unshare(CLONE_NEWPID) < 0 || (child = fork()) < 0)
		fail("trace-exec");
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			fail("ptrace");
		raise(SIGSTOP);
		execv(argv[1], argv + 1);
		fail(argv[1]);
	}
	waitpid(child, &status, 0);
	ptrace(PTRACE_SETOPTIONS, child, NULL,
	       PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
	while (resume(PTRACE_CONT)) /* up to the start of the program */
		;
	list_calls();
	fflush(stdout);
	return 0; /* with us, the child ends */
}
