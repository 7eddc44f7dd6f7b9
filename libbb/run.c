/* SPDX-License-Identifier: MIT */
/* Runs a program and waits for it. */
//kbuild:obj-y += libbb/run.o
#include "run.h"

extern char **environ;

/* The child's part: never returns. What execve(2) says goes to the parent, who else would not know
 * it from an exit code of the program's. */
static void become(const char *path, char *const *argv, int report)
{
	int r = sys_execve(path, (char **)argv, environ);

	sys_write(report, &r, sizeof r);
	sys_exit(127);
}

int run_program(const char *path, char *const *argv)
{
	int ends[2], status, error = 0;

	int r = sys_pipe(ends); /* which the exec closes */
	if (r < 0)
		return failed(r, path, "pipe");
	int child = sys_fork();
	if (child == 0)
		become(path, argv, ends[1]);
	sys_close(ends[1]);
	int size = child < 0 ? 0 : sys_read(ends[0], &error, sizeof error);
	sys_close(ends[0]);
	if (child < 0)
		return failed(child, path, "fork");
	r = sys_wait(child, &status);
	if (r < 0)
		return failed(r, path, "wait");
	if (size == sizeof error)
		return failed(error, path, "run");
	return status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff;
}
