/* SPDX-License-Identifier: MIT */
/* The end of a system: what exitrd unmounts, and what it tells of that. */
#include <stdio.h>
#include <string.h>

#include "fake_kernel.h"
#include "test.h"

int exitrd_main(char **argv);

/* systemd has made its folder the root, and left the system at /oldroot. */
static void boot(void)
{
	fake_initramfs("");
	fake_volume("/dev/vda", "ext4", "data", NULL);
	fake_put("/shutdown", S_IFREG | 0755);
	sys_mkdir("/oldroot", 0755);
	EQUAL(sys_mount("/dev/vda", "/oldroot", "ext4", 0, NULL), 0);
	fake_text("/proc/self/mounts", "proc /proc proc rw 0 0\n"
				       "sysfs /sys sysfs rw 0 0\n"
				       "/dev/vda /oldroot ext4 rw 0 0\n"
				       "tmpfs /oldroot/tmp tmpfs rw 0 0\n");
	fake_closes_blindly = true;
	fake_put("/dev/console", S_IFCHR | 0600);
	fake_fail(ALWAYS, ENXIO, "open rw /dev/console"); /* so that the output can be looked at */
}

static int run(const char *verb)
{
	static char *argv[3] = { "/shutdown" };

	argv[1] = (char *)verb;
	message_prefix = "exitrd";
	return fake_run(exitrd_main, argv);
}

/* It has told that, and ended the machine all the same. */
static void tells(const char *line)
{
	EQUAL(run("poweroff"), FAKE_REBOOTS);
	if (!strstr(fake.output[1], line))
		FAIL("not '%s': %s", line, fake.output[1]);
}

TEST(exitrd_unmounts_all_and_ends_the_machine)
{
	boot();
	tells("exitrd: poweroff, mounts left: 0\n");
	SAME(fake.output[1], "exitrd: poweroff, mounts left: 0\n");
	SAME(fake_log("umount "), "|/oldroot/tmp 0|/oldroot 0|/sys 0");
	EQUAL(fake_count("mount - / "), 1);
	SAME(fake_log("reboot "), "|0x4321fedc");
	EQUAL(fake.sleeps, 0);
}

TEST(what_stays_mounted_is_told_and_made_read_only)
{
	boot();
	fake_fail(ALWAYS, EBUSY, "umount /oldroot ");
	tells("exitrd: /oldroot: unmount: Device or resource busy\n");
	tells("mounts left: 1\n");
	CHECK(fake.milliseconds < 11000); /* twice */
	CHECK(fake_count("mount - /oldroot - ro,remount -"));
	fake_fail(ALWAYS, EROFS, "mount - /oldroot - ro,remount -");
	tells("exitrd: /oldroot: remount: Read-only file system\n");
}

static const struct failure {
	const char *call;
	int error;
	const char *line;
} failures[] = {
	{ "mount - / ", EPERM, "exitrd: /: private: Operation not permitted\n" },
	{ "mount /oldroot/run ", EBUSY, "exitrd: /run: move: Device or resource busy\n" },
	{ "read /proc/swaps", EIO, "exitrd: /proc/swaps: read: Input/output error\n" },
	{ "swapoff /swap file", ENOMEM, "exitrd: /swap file: swapoff: Out of memory\n" },
	{ "open ro /proc/self/mounts", EMFILE, "exitrd: /proc/self/mounts: open: Too many open files\n" },
	{ "getdents /sys/block", EIO, "exitrd: /sys/block: read: Input/output error\n" },
	{ "open ro /dev/loop1", EIO, "exitrd: /dev/loop1: open: Input/output error\n" },
	{ "reboot 0x4321fedc", EPERM, "exitrd: poweroff: reboot: Operation not permitted\n" },
};
static const struct failure *failure;

static void fail_and_tell(void)
{
	boot();
	fake_text("/proc/swaps", "Filename Type Size Used Priority\n/swap\\040file file 1 0 -2\n");
	fake_bind(1, ADMIN, "/image", 0, 0);
	fake_fail(ALWAYS, failure->error, failure->call);
	tells(failure->line);
	EQUAL(fake_count("swapoff Filename"), 0);
}

TEST(every_step_of_exitrd_that_fails_is_told)
{
	for (failure = failures; failure < failures + LENGTH(failures); failure++)
		test_apart(fail_and_tell, failure->call);
}

TEST(a_kernel_that_can_not_end_the_machine_is_told)
{
	boot();
	fake_fail(ALWAYS, EPERM, "reboot");
	EQUAL(run("kexec"), 1);
	CHECK(strstr(fake.output[1], "exitrd: kexec: reboot: Operation not permitted\n"));
	CHECK(strstr(fake.output[1], "exitrd: reboot: reboot: Operation not permitted\n"));
}
