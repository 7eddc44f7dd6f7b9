/* SPDX-License-Identifier: MIT */
/*
 * memory COMMAND...: runs it, and prints on descriptor 3 what memory it has when it exits, in KiB:
 * all that is resident, and how much of it is anonymous (heap, stack, data that was written to).
 * ru_maxrss does not tell: it begins with the memory of who has started the process.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void tell(pid_t pid)
{
	char path[64], line[256];
	long resident = 0, anonymous = 0;

	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
	FILE *file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file)) {
		if (!strncmp(line, "Rss:", 4))
			resident = atol(line + 4);
		if (!strncmp(line, "Anonymous:", 10))
			anonymous = atol(line + 10);
	}
	if (file)
		fclose(file);
	dprintf(3, "%ld %ld\n", resident, anonymous);
}

int main(int argc, char **argv)
{
	int status;

	if (argc < 2)
		return 2;
	pid_t pid = fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		close(3);
		execve(argv[1], argv + 1, (char *[]){ NULL });
		_exit(127);
	}
	waitpid(pid, &status, 0); /* it stops when it has been executed */
	ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL);
	while (WIFSTOPPED(status)) {
		int signal = WSTOPSIG(status);
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8))
			tell(pid);
		ptrace(PTRACE_CONT, pid, 0, signal == SIGTRAP ? 0 : signal);
		if (waitpid(pid, &status, 0) < 0)
			return 1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
