/* SPDX-License-Identifier: MIT */
/* loopbox.watchdog=: a boot that waits or copies is not reset, one that stands still is, and the system
 * that takes over gets a watchdog that runs. */
#include <string.h>

#include "booting.h"

#define LINE "root=/dev/vda loop=/images/root.squashfs "

static void start(const char *line)
{
	fake_initramfs(line);
	fake_add("/dev/watchdog", S_IFCHR | 0600);
	fake_volume("/dev/vda", "ext4", "medium", "data");
	fake_volume("medium:/images/root.squashfs", "squashfs", "root", NULL);
	fake_root("root", "");
}

TEST(without_its_word_the_watchdog_is_left_alone)
{
	start(LINE);
	boots();
	EQUAL(fake_count("open ro /dev/watchdog"), 0);
}

TEST(the_watchdog_is_started_and_runs_on_in_the_new_system)
{
	start(LINE "loopbox.watchdog=30");
	boots();
	says("|+ started /dev/watchdog, which resets after 30 s|");
	EQUAL(fake.watchdog_seconds, 30);
	CHECK(fake.watchdog_runs);
	/* Who takes over has all of its time, and can open it. */
	CHECK(fake.milliseconds - fake.watchdog_fed < 5);
	EQUAL(fake.inherited, 0);
}

TEST(a_watchdog_is_fed_while_a_device_is_waited_for)
{
	start(LINE "rootwait loopbox.watchdog=2");
	fake_appears(60000, "/dev/vda");
	boots();
	CHECK(fake.watchdog_runs && fake.milliseconds >= 60000);
}

TEST(a_watchdog_is_fed_while_rootdelay_passes)
{
	start(LINE "rootdelay=20 loopbox.watchdog=2");
	boots();
	CHECK(fake.milliseconds >= 20000);
}

TEST(a_watchdog_is_fed_without_uevents)
{
	start(LINE "rootwait loopbox.watchdog=1");
	fake.has_no_uevents = true;
	fake_appears(5000, "/dev/vda");
	boots();
}

TEST(a_watchdog_is_fed_while_an_image_is_copied)
{
	start(LINE "loopbox.toram loopbox.watchdog=2");
	boots();
	const char *log = fake_log("");
	const char *copying = strstr(log, "|sendfile"), *fed = copying;
	CHECK(copying);
	unsigned feeds = 0;
	while ((fed = strstr(fed + 1, "|ioctl WDIOC_KEEPALIVE")))
		feeds++;
	CHECK(feeds >= 2); /* it is compared, too */
}

TEST(a_watchdog_whose_driver_comes_late_is_started_then)
{
	start(LINE "rootwait loopbox.watchdog=2");
	fake_appears(1000, "/dev/watchdog");
	fake_appears(5000, "/dev/vda");
	boots();
	says("|+ started /dev/watchdog, which resets after 2 s|");
	CHECK(fake.watchdog_runs);
}

TEST(a_watchdog_that_never_comes_is_told)
{
	start(LINE "loopbox.watchdog=2");
	strcpy(fake_find("/dev/watchdog")->path, "\n");
	boots();
	says("|/dev/watchdog: open: No such file or directory");
}

TEST(a_number_of_seconds_that_is_none_is_told)
{
	start(LINE "loopbox.watchdog=soon");
	boots();
	says("|loopbox.watchdog=: not a number of seconds, ignored|");
	EQUAL(fake_count("open ro /dev/watchdog"), 0);
}

TEST(a_time_that_the_driver_does_not_take_is_told_and_it_is_fed_nevertheless)
{
	start(LINE "rootwait loopbox.watchdog=100000");
	fake_fail(ALWAYS, EINVAL, "ioctl WDIOC_SETTIMEOUT");
	fake_appears(200000, "/dev/vda"); /* more than its own 60 s */
	boots();
	says("|/dev/watchdog: set to 100000 s: Invalid argument|");
	CHECK(fake.watchdog_runs);
}

TEST(a_driver_that_a_close_stops_is_told_of)
{
	start(LINE "loopbox.watchdog=30");
	fake.watchdog_is_simple = true;
	boots();
	says("|/dev/watchdog: its driver may stop it until the system opens it|");
}

/* Not even loopbox.wait= keeps it. */
TEST(a_boot_that_has_failed_is_reset)
{
	start("root=/dev/vda loop=/nothing loopbox.wait=60 loopbox.watchdog=20");
	struct fake_file *panic = fake_find("/proc/sys/kernel/panic");
	panic->data = "0\n";
	panic->size = 2;
	EQUAL(run(), FAKE_IS_RESET);
	CHECK(fake.milliseconds >= 20000);
}

static bool was_at_the_shell;

static void be_at_the_shell(void)
{
	was_at_the_shell = true;
	CHECK(!fake.watchdog_runs);
}

TEST(a_watchdog_stands_still_while_somebody_is_at_the_shell)
{
	start(LINE "rd.break=pre-pivot loopbox.watchdog=2");
	fake_program("/bin/sh");
	fake.child = be_at_the_shell;
	boots();
	CHECK(was_at_the_shell && fake.watchdog_runs);
	EQUAL(fake_count("open ro /dev/watchdog"), 2);
}
