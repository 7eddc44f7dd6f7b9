/* SPDX-License-Identifier: MIT */
/*
 * noloopcfg [-s] [-e EINVAL|ENOTTY|ENOSYS|ESTALE|ENOTCONN] COMMAND...
 * Runs the command as on a kernel without LOOP_CONFIGURE: a seccomp filter
 * answers for that ioctl, as the kernel answers for one that it does not know.
 * -s: for LOOP_GET_STATUS64 instead, as where the server of the file is gone.
 */
#include <endian.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/loop.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Where the half of the argument lies that the kernel looks at. */
#define LOW_HALF (offsetof(struct seccomp_data, args[1]) + (BYTE_ORDER == BIG_ENDIAN ? 4 : 0))

static const struct {
	const char *name;
	int number;
} answers[] = {
	{ "EINVAL", EINVAL },	  /* before Linux 5.8 */
	{ "ENOTTY", ENOTTY },	  /* a 32-bit program there */
	{ "ENOSYS", ENOSYS },	  /* qemu-user */
	{ "ESTALE", ESTALE },	  /* a server that is gone: NFS */
	{ "ENOTCONN", ENOTCONN }, /* FUSE */
	{ NULL, 0 },
};

static int forbid(unsigned request, int error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, LOW_HALF),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, request, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof filter / sizeof *filter, filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
	unsigned request = LOOP_CONFIGURE;
	int error = EINVAL;

	argv++;
	if (argc > 2 && !strcmp(*argv, "-s")) {
		request = LOOP_GET_STATUS64;
		argv++;
		argc--;
	}
	if (argc > 2 && !strcmp(*argv, "-e")) {
		int i = 0;
		while (answers[i].name && strcmp(answers[i].name, argv[1]))
			i++;
		error = answers[i].number;
		argv += 2;
	}
	if (!*argv || !error) {
		fputs("usage: noloopcfg [-s] [-e EINVAL|ENOTTY|ENOSYS|ESTALE|ENOTCONN] COMMAND...\n", stderr);
		return 125;
	}
	if (forbid(request, error) < 0) {
		perror("seccomp");
		return 126;
	}
	execvp(*argv, argv);
	perror(*argv);
	return 127;
}
