/* SPDX-License-Identifier: MIT */
/*
 * bare-mount IMAGE DIR | bare-mount DIR: the least that mounts a squashfs image before
 * LOOP_CONFIGURE, so that the device goes with the mount; and that unmounts it. What
 * loopbox's `mount -o loop,ro` and `umount` are timed against.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char path[32];

	if (argc == 2)
		return umount(argv[1]) < 0;
	int file = argc == 3 ? open(argv[1], O_RDONLY) : -1;
	int control = open("/dev/loop-control", O_RDWR);
	if (control < 0 || file < 0)
		return 1;
	for (;;) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);
		if (number < 0)
			return 1;
		snprintf(path, sizeof path, "/dev/loop%d", number);
		int device = open(path, O_RDONLY);
		if (device >= 0 && ioctl(device, LOOP_SET_FD, file) == 0) {
			int r = mount(path, argv[2], "squashfs", MS_RDONLY, "");
			return ioctl(device, LOOP_CLR_FD) < 0 || r < 0;
		}
		if (errno != EBUSY && errno != ENXIO)
			return 1;
		if (device >= 0)
			close(device);
	}
}
