/*
 * SPDX-License-Identifier: MIT
 * The calls that a boot can't do without, and nothing else: the measure for init's. The plan is
 * root=/dev/vda (ext4) with the squashfs /images/root.squashfs on it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MEDIUM "/run/initramfs/medium"

static void delete_contents(int fd)
{
	char buffer[1024];
	struct stat status;
	long size;

	while ((size = syscall(SYS_getdents64, fd, buffer, sizeof buffer)) > 0) {
		for (long at = 0; at < size;) {
			struct dirent *entry = (struct dirent *)(buffer + at);
			at += entry->d_reclen;
			if (entry->d_name[0] == '.')
				continue;
			if (entry->d_type != DT_DIR) {
				unlinkat(fd, entry->d_name, 0);
				continue;
			}
			if (unlinkat(fd, entry->d_name, AT_REMOVEDIR) == 0)
				continue;
			int below = openat(fd, entry->d_name, O_RDONLY);
			fstat(below, &status); /* is it on the same file system? */
			delete_contents(below);
			unlinkat(fd, entry->d_name, AT_REMOVEDIR);
		}
	}
	close(fd);
}

int main(int argc, char **argv, char **environment)
{
	static struct loop_config config;
	static char text[4096];
	static const char *const kept[] = { "/dev", "/proc", "/sys", "/run" };

	(void)argc;
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("tmpfs", "/run", "tmpfs", 0, NULL);
	mkdir("/run/initramfs", 0755);
	mkdir(MEDIUM, 0755);

	int fd = open("/proc/cmdline", O_RDONLY);
	read(fd, text, sizeof text);
	close(fd);

	mount("/dev/vda", MEDIUM, "ext4", MS_RDONLY, NULL);

	int file = open(MEDIUM "/images/root.squashfs", O_RDONLY);
	int control = open("/dev/loop-control", O_RDWR);
	char device[] = "/dev/loop0";
	device[9] += ioctl(control, LOOP_CTL_GET_FREE);
	int loop = open(device, O_RDONLY);
	config.fd = file;
	config.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR;
	ioctl(loop, LOOP_CONFIGURE, &config);
	mount(device, "/sysroot", "squashfs", MS_RDONLY, NULL);
	close(loop);
	close(control);
	close(file);

	int root = open("/", O_RDONLY);
	chdir("/sysroot");
	for (int i = 0; i < 4; i++)
		mount(kept[i], kept[i] + 1, NULL, MS_MOVE, NULL);
	mount(".", "/", NULL, MS_MOVE, NULL);
	chroot(".");
	chdir("/");
	delete_contents(root);
	return execve("/sbin/init", argv, environment);
}
