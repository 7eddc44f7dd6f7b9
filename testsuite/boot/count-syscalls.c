/*
 * SPDX-License-Identifier: MIT
 * Counts the system calls of a command, its execve and exit included, where no strace is:
 *   count-syscalls COMMAND...
 * "syscalls N" is the last line on standard output; the exit code is the command's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SYSCALL_STOP = SIGTRAP | 0x80 };

static void fail(const char *what)
{
	perror(what);
	exit(127);
}

int main(int argc, char **argv)
{
	int status, stops = 0;
	pid_t pid = argc > 1 ? fork() : -1;

	if (pid < 0)
		fail("count-syscalls");
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			fail("ptrace");
		kill(getpid(), SIGSTOP);
		execv(argv[1], argv + 1);
		fail(argv[1]);
	}
	waitpid(pid, &status, 0);
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (int passed_on = 0; ptrace(PTRACE_SYSCALL, pid, NULL, passed_on) == 0;) {
		if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
			break;
		int signal = WSTOPSIG(status);
		stops += signal == SYSCALL_STOP;
		/* The SIGTRAP after execve is ptrace's own. */
		passed_on = signal == SYSCALL_STOP || signal == SIGTRAP ? 0 : signal;
	}
	/* Each call stops twice, at its entry and its return; exit does not return. The first stop
	 * is the return of the kill that raised SIGSTOP. */
	printf("syscalls %d\n", stops / 2);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}
