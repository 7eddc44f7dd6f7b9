/* SPDX-License-Identifier: MIT */
/*
 * bare-attach FILE | bare-attach -d DEVICE: the least that attaches: ask for a free
 * device, bind, ask again on EBUSY; and that detaches. What loopbox's losetup is timed
 * against.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char path[32];

	if (argc == 3)
		return ioctl(open(argv[2], O_RDONLY), LOOP_CLR_FD) < 0;
	int control = open("/dev/loop-control", O_RDWR);
	int file = argc == 2 ? open(argv[1], O_RDWR) : -1;
	struct loop_config config = { .fd = file };

	if (control < 0 || file < 0)
		return 1;
	for (;;) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);
		if (number < 0)
			return 1;
		int length = snprintf(path, sizeof path, "/dev/loop%d\n", number);
		path[length - 1] = 0;
		int device = open(path, O_RDWR);
		if (device >= 0 && ioctl(device, LOOP_CONFIGURE, &config) == 0) {
			path[length - 1] = '\n';
			return write(STDOUT_FILENO, path, length) != length;
		}
		if (errno != EBUSY && errno != ENXIO)
			return 1;
		if (device >= 0)
			close(device);
	}
}
