/* SPDX-License-Identifier: MIT */
/* Kernels that lack something: each boots, or says in one line which option is missing. */
#include <stdio.h>
#include <string.h>

#include "booting.h"

#define LINE "root=/dev/vda loop=/images/root.squashfs "
#define ALL "\tproc\n\text4\n\tsquashfs\n\toverlay\n\tramfs\n"
#define DISKS "major minor  #blocks  name\n\n 254        0      10240 vda\n"

/* A disk that is there, and has no node. */
static struct fake_file *add_disk(const char *path)
{
	struct fake_file *disk = fake_volume(path, "ext4", "medium", "data");

	disk->mode = S_IFBLK | 0600;
	disk->number = 254 << 8;
	return disk;
}

static void start(const char *line, const char *types)
{
	fake_initramfs(line);
	struct fake_file *list = fake_find("/proc/filesystems");
	list->data = types;
	list->size = strlen(types);
	fake_volume("medium:/images/root.squashfs", "squashfs", "root", NULL);
	fake_root("root", "");
}

TEST(without_devtmpfs_nodes_are_made)
{
	start(LINE, ALL "\tsysfs\n\ttmpfs\n");
	fake_put("/hidden", S_IFDIR | 0755);
	add_disk("/hidden/vda");
	fake_text("/proc/partitions", DISKS);
	boots();
	says("/dev: this kernel has no devtmpfs (CONFIG_DEVTMPFS)");
	CHECK(fake_count("mknod /dev/kmsg ") && fake_count("mknod /dev/console ") &&
	      fake_count("mknod /dev/null "));
	CHECK(!strstr(fake_console(), "/dev: move"));
}

TEST(without_devtmpfs_and_netlink_a_late_disk_gets_its_node)
{
	start(LINE, ALL "\tsysfs\n\ttmpfs\n");
	fake.has_no_uevents = true;
	fake_put("/hidden", S_IFDIR | 0755);
	add_disk("/hidden/vda");
	fake_text("/proc/partitions", DISKS);
	fake_appears(3000, "/proc/partitions");
	boots();
	CHECK(fake.milliseconds >= 3000 && fake.milliseconds < 3300);
}

TEST(a_node_of_a_disk_that_has_gone_is_replaced)
{
	start(LINE, ALL "\tsysfs\n\ttmpfs\n");
	fake_put("/hidden", S_IFDIR | 0755);
	add_disk("/hidden/vda");
	fake_put("/dev/vda", S_IFBLK | 0600)->number = 8 << 8;
	fake_text("/proc/partitions", DISKS);
	boots();
}

TEST(without_devtmpfs_the_nodes_of_other_drivers_are_made)
{
	start(LINE, ALL "\tsysfs\n\ttmpfs\n");
	add_disk("/dev/vda");
	fake_text("/proc/misc", "130 watchdog\n237 loop-control\n");
	boots();
	CHECK(fake_count("mknod /dev/watchdog 20600 0xa82"));
}

TEST(without_devtmpfs_and_sysfs_loop_devices_get_their_nodes)
{
	start(LINE, ALL "\ttmpfs\n");
	fake.has_no_sysfs = true;
	fake_text("/proc/misc", "237 loop-control\n");
	add_disk("/dev/vda");
	for (unsigned i = 0; i < LENGTH(fake.loops); i++)
		fake.loops[i].has_node = false;
	boots();
	says("/sys: this kernel has no sysfs (CONFIG_SYSFS)");
}

TEST(with_devtmpfs_no_nodes_are_made)
{
	start(LINE, ALL "\tdevtmpfs\n\tsysfs\n\ttmpfs\n");
	add_disk("/dev/vda");
	boots();
	EQUAL(fake_count("mknod "), 0);
}

TEST(without_tmpfs_ramfs_takes_its_place)
{
	start(LINE "rd.overlay", ALL "\tdevtmpfs\n\tsysfs\n");
	add_disk("/dev/vda");
	boots();
	CHECK(strstr(fake_log("mount "), "|ramfs /run ramfs nosuid,nodev mode=0755"));
	CHECK(strstr(fake_log("mount "), "|tmpfs /run/initramfs/overlay ramfs - mode=0755"));
	CHECK(strstr(fake_log("mount "), "|tmpfs /run/initramfs ramfs nosuid,nodev mode=0755"));
	CHECK(!strstr(fake_console(), "/run/initramfs: mount"));
}

/* It is not the kernel that lacks something. */
TEST(a_size_that_tmpfs_does_not_take_is_an_error)
{
	start(LINE "rd.overlay loopbox.overlay.size=much loopbox.wait=0",
	      ALL "\tdevtmpfs\n\tsysfs\n\ttmpfs\n");
	add_disk("/dev/vda");
	fake_fail(ALWAYS, EINVAL, "mount tmpfs /run/initramfs/overlay tmpfs");
	EQUAL(run(), 1);
	CHECK(!strstr(fake_log("mount "), "ramfs -"));
}

TEST(without_kmsg_the_console_shows_what_is_done)
{
	start(LINE, ALL "\tdevtmpfs\n\tsysfs\n\ttmpfs\n");
	add_disk("/dev/vda");
	fake_fail(ALWAYS, ENOENT, "open ro /dev/kmsg");
	const struct fake_file *console = fake_find("/dev/console");
	boots();
	CHECK(console->data && strstr(console->data, "mounted /dev/vda on /run/initramfs/medium"));
}

TEST(without_modules_that_is_told)
{
	start(LINE, ALL "\tdevtmpfs\n\tsysfs\n\ttmpfs\n");
	add_disk("/dev/vda");
	fake_put("/etc", S_IFDIR | 0755);
	fake_text("/etc/loopbox.modules", "/good.ko\n");
	fake_put("/good.ko", S_IFREG | 0644);
	fake_fail(ALWAYS, ENOSYS, "finit_module ");
	boots();
	says("|/good.ko: this kernel has no modules (CONFIG_MODULES)|");
}

TEST(without_loop_devices_what_needs_none_boots)
{
	start("root=/dev/vdb", ALL "\tdevtmpfs\n\tsysfs\n\ttmpfs\n");
	fake_volume("/dev/vdb", "squashfs", "root", NULL);
	strcpy(fake_find("/dev/loop-control")->path, "\n");
	for (unsigned i = 0; i < LENGTH(fake.loops); i++)
		fake.loops[i].is_there = fake.loops[i].has_node = false;
	boots();
}

TEST(without_overlayfs_that_is_told)
{
	start(LINE "rd.overlay", "\tproc\n\text4\n\tsquashfs\n\tdevtmpfs\n\tsysfs\n\ttmpfs\n");
	add_disk("/dev/vda");
	fake_fail(ALWAYS, ENODEV, "mount overlay");
	EQUAL(run(), 1);
	says("overlay: this kernel has no overlay (CONFIG_OVERLAY_FS, or the module overlay)");
}

TEST(without_proc_that_is_told)
{
	start(LINE, "\tdevtmpfs\n\tsysfs\n\ttmpfs\n");
	strcpy(fake_find("/proc/cmdline")->path, "\n");
	EQUAL(run(), 1);
	says("/proc: this kernel has no proc (CONFIG_PROC_FS)");
}
