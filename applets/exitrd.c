/* SPDX-License-Identifier: MIT */
/*
 * exitrd: the end of a system whose root init has put together. systemd runs it as
 * /run/initramfs/shutdown, with that folder for its root and the system at /oldroot:
 * it unmounts the overlay, the images and the medium, detaches the loop devices, and
 * ends the machine. Any other PID 1 may run it just so, as /run/initramfs/shutdown.
 * Source: systemd's https://systemd.io/INITRD_INTERFACE/
 */
//config:config EXITRD
//config:	bool "exitrd"
//config:	default y
//config:	depends on FEATURE_INIT_OVERLAY
//config:	help
//config:	  Unmounts everything at the end of a system with a persistent
//config:	  writable layer, which is clean at the next boot then.
//kbuild:obj-$(CONFIG_EXITRD) += applets/exitrd.o
//applet:-/exitrd EXITRD exitrd_main
//applet:-/shutdown EXITRD exitrd_main
//usage:exitrd poweroff|reboot|halt|kexec
//usage:exitrd Only for PID 1 at the end of a system: unmounts all and ends the machine.
//usage:shutdown poweroff|reboot|halt|kexec
//usage:shutdown Only for PID 1 at the end of a system: unmounts all and ends the machine.
#include <sys/reboot.h>

#include "handover.h"
#include "loop.h"
#include "mount.h"

#define FOLDER "/run/initramfs"
#define OLD_ROOT "/oldroot"
enum { DESCRIPTORS = 256 };

/* What fails is told, and does not end it. */
static void report(int r, const char *path, const char *step)
{
	if (r < 0) {
		failed(r, path, step);
		complain_why();
	}
}

/* Makes the folder that this program lies in the root, and the system's root OLD_ROOT,
 * unless that has been done; and takes out of that what its layers are made of, which
 * could be unmounted neither before it nor after it there. */
static void leave_system(void)
{
	/* clang-format off */
	static const char kept[] = "/dev\0" "/proc\0" "/sys\0" "/run\0";
	/* clang-format on */
	int r;

	report(sys_mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL), "/", "private");
	if (sys_access("/shutdown", F_OK) < 0) {
		sys_mkdir(FOLDER OLD_ROOT, 0755);
		if ((r = sys_mount(FOLDER, FOLDER, NULL, MS_BIND, NULL)) == 0 && (r = sys_chdir(FOLDER)) == 0)
			r = sys_pivot_root(".", &OLD_ROOT[1]);
		report(r, FOLDER, "make it the root");
		sys_chdir("/");
	}
	for (const char *path = kept; *path; path = nth_string(path, 1)) {
		sys_mkdir(path, 0755);
		r = sys_mount(joined(OLD_ROOT, path, ""), path, NULL, MS_MOVE, NULL);
		if (r != -EINVAL) /* systemd has moved it itself */
			report(r, path, "move");
	}
}

/* Unmounts all that can be, from the last to the first, but for what we need ourselves.
 * Returns how many were left that hold data; the last time, these become read-only. */
static unsigned unmount_all(bool last)
{
	struct mount_entry entry;
	unsigned left = 0;
	char *text = read_whole(MOUNTS), *end;

	if (!text) {
		if (last)
			complain_why();
		return 1;
	}
	for (end = text + length(text); mount_entry_last(text, &end, &entry);) {
		unescape(entry.target);
		if (equal(entry.target, "/proc") || equal(entry.target, "/dev"))
			continue;
		int r = entry.target[1] ? sys_umount(entry.target, 0) : -EBUSY;
		/* EINVAL: what is mounted over it has hidden it. What has no device holds no
		 * data, but for an overlay. */
		if (r == 0 || r == -EINVAL || (*entry.source != '/' && !equal(entry.type, "overlay")))
			continue;
		left++;
		if (last) {
			report(r, entry.target, "unmount");
			report(sys_mount(NULL, entry.target, NULL, MS_REMOUNT | MS_RDONLY, NULL),
			       entry.target, "remount");
		}
	}
	read_forget(text);
	return left;
}

/* A file that is swapped to keeps its file system in use. */
static void stop_swapping(void)
{
	char *text = read_whole(SWAPS), *rest, *area;

	if (!text && why.error != -ENOENT) /* a kernel without swap */
		complain_why();
	while (text && (area = next_swap(&text, &rest)))
		report(sys_swapoff(area), area, "swapoff");
}

/* The last time, it tells what can't be detached. */
static void detach_all(bool last)
{
	char path[LOOP_PATH_SIZE];
	int number = -1;

	while ((number = loop_next(number)) >= 0) {
		int fd = loop_detach(loop_path(path, number));
		if (fd >= 0)
			sys_close(fd);
		else if (last && fd != -ENXIO && fd != -ENOENT) /* nothing is attached, or no such device */
			complain_why();
	}
	if (last && number != -ENODEV)
		complain_why();
}

int exitrd_main(char **argv)
{
	/* clang-format off */
	static const char verbs[] = "poweroff\0" "reboot\0" "halt\0" "kexec\0";
	/* clang-format on */
	static const unsigned commands[] = { RB_POWER_OFF, RB_AUTOBOOT, RB_HALT_SYSTEM, RB_KEXEC };
	int verb = argv[1] ? find_string(verbs, argv[1]) : -1;
	struct patience patience = { 0 };
	unsigned left;

	if (verb < 0)
		return USAGE_ERROR;
	if (sys_getpid() != 1) {
		complain("not PID 1: nothing done");
		return 1;
	}
	/* Whatever the system's init has left open would keep its root in use. */
	for (int fd = STDERR_FILENO + 1; fd < DESCRIPTORS; fd++)
		sys_close(fd);
	sys_sync();
	leave_system();
	/* The system may have unmounted them. */
	if (sys_access("/dev/console", F_OK) == -ENOENT)
		sys_mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	if (sys_access(MOUNTS, F_OK) == -ENOENT)
		sys_mount("proc", "/proc", "proc", 0, NULL);
	handover_console("/dev/console");
	stop_swapping();
	/* What one round has unmounted, another may have waited for; or it is busy a moment longer. */
	while ((left = unmount_all(false)) && patience_wait(&patience))
		detach_all(false);
	if (left)
		left = unmount_all(true);
	detach_all(true);
	sys_sync();
	complain("%s, mounts left: %s", argv[1], decimal(left));
	report(sys_reboot(commands[verb]), argv[1], "reboot");
	/* Without a kernel to execute, kexec fails. */
	report(sys_reboot(RB_AUTOBOOT), "reboot", "reboot");
	return 1;
}
