/* SPDX-License-Identifier: MIT */
/*
 * For inject.c and boots.c as /init of a guest in QEMU, where all devices are ours: its start and its end.
 */
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>

static char guest_module[300]; /* the path of the module that was loaded last */

/* Loads what /etc/loopbox.modules lists; what fails is printed behind the prefix. */
static void guest_modules(const char *prefix)
{
	FILE *list = fopen("/etc/loopbox.modules", "re");

	while (list && fgets(guest_module, sizeof guest_module, list)) {
		guest_module[strcspn(guest_module, "\n")] = 0;
		int fd = open(guest_module, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
			printf("%s# %s: %s\n", prefix, guest_module, strerror(errno));
		close(fd);
	}
	if (list)
		fclose(list);
}

static void guest_begin(const char *prefix)
{
	mkdir("/dev", 0755);
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sys", "/sys", "sysfs", 0, NULL);
	int console = open("/dev/console", O_RDWR);
	for (int i = 0; console >= 0 && i < 3; i++)
		dup2(console, i);
	setvbuf(stdout, NULL, _IOLBF, 0);
	guest_modules(prefix);
}

static void guest_end(void)
{
	fflush(stdout);
	sync();
	reboot(RB_AUTOBOOT);
}
