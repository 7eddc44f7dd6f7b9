/* SPDX-License-Identifier: MIT */
/*
 * loopctl add          adds a loop device that nobody else has in use, prints it
 * loopctl remove DEV   removes it again, if it is still there
 * For tests that bind by number: asking for a free device reserves nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum { FIRST = 2000, LAST = 3000 };

static int add(int control)
{
	for (int number = FIRST; number < LAST; number++) {
		if (ioctl(control, LOOP_CTL_ADD, number) >= 0)
			return printf("/dev/loop%d\n", number) < 0;
		if (errno != EEXIST)
			break;
	}
	perror("LOOP_CTL_ADD");
	return 1;
}

int main(int argc, char **argv)
{
	int control = open("/dev/loop-control", O_RDWR);

	if (control < 0) {
		perror("/dev/loop-control");
		return 1;
	}
	if (argc == 2 && !strcmp(argv[1], "add"))
		return add(control);
	if (argc == 3 && !strncmp(argv[2], "/dev/loop", 9))
		return ioctl(control, LOOP_CTL_REMOVE, atoi(argv[2] + 9)) < 0 && errno != ENODEV;
	return 2;
}
