/* SPDX-License-Identifier: MIT */
/* Edges that a review has found. */
#include <string.h>

#include "fake_kernel.h"
#include "libbb.h"
#include "module.h"
#include "probe.h"
#include "test.h"

static struct volume volume;
TEST(fat32_label_in_the_second_cluster_of_the_root)
{
	static unsigned char image[65536];
	struct fake_file *disk = fake_add("/dev/sda1", S_IFBLK | 0600);
	disk->data = image, disk->size = sizeof image;
	image[12] = 2, image[13] = 1, image[14] = 32, image[16] = 1, image[21] = 0xf8, image[32] = 100,
	image[36] = 1, image[44] = 2;
	memcpy(image + 82, "FAT32   ", 8);
	image[510] = 0x55, image[511] = 0xaa;
	unsigned char *fat = image + 32 * 512, *root = fat + 512;
	fat[8] = 3; /* cluster 2 -> 3 */
	memset(fat + 12, 0xff, 4);
	for (unsigned i = 0; i < 16; i++)
		memcpy(root + 32 * i, "FILE    TXT\x20", 12);
	memcpy(root + 512, "LABEL      \x08", 12);
	EQUAL(probe("/dev/sda1", &volume), 0);
	SAME(volume.label, "LABEL");
}

static void mods(const char *soft, const char *modprobe_d, const char *cmdline)
{
	fake_text("/lib/modules/" FAKE_RELEASE "/modules.dep", "a.ko:\nb.ko:\nc.ko:\nd.ko:\ne.ko:\n");
	fake_text("/lib/modules/" FAKE_RELEASE "/modules.softdep", soft);
	static const char *const names[] = { "a", "b", "c", "d", "e" };
	char path[80];
	for (unsigned i = 0; i < 5; i++) {
		strcat(strcat(strcpy(path, "/lib/modules/" FAKE_RELEASE "/"), names[i]), ".ko");
		fake_add(path, S_IFREG | 0644);
	}
	if (modprobe_d) {
		fake_add("/etc/modprobe.d", S_IFDIR | 0755);
		fake_text("/etc/modprobe.d/a.conf", modprobe_d);
	}
	fake_text("/proc/cmdline", cmdline);
}
#define LOG fake_log("finit_module /lib/modules/" FAKE_RELEASE "/")

TEST(given_parameters_come_behind_those_of_modprobe_d)
{
	mods("", "options a x=1\n", "a.x=2");
	module_request(&(struct module_request){ .name = "a", .parameters = "x=3" });
	SAME(LOG, "|a.ko x=1 x=2 x=3");
}

TEST(blanks_in_modprobe_d)
{
	mods("", "options\ta\tx=1\noptions  b  x=1\n   options c x=1\n", "");
	module_load("a");
	module_load("b");
	module_load("c");
	SAME(LOG, "|a.ko x=1|b.ko  x=1|c.ko x=1");
}

TEST(continued_lines_in_modprobe_d)
{
	mods("", "options a x=1 \\\n  y=2\n", "");
	module_load("a");
	CHECK(strstr(LOG, "y=2"));
}

TEST(quoted_parameters_of_the_command_line)
{
	mods("", NULL, "a.x=\"1 2\" ro");
	module_load("a");
	CHECK(strstr(LOG, "x=\"1 2\""));
}

TEST(only_conf_files_count)
{
	mods("", NULL, "");
	fake_add("/etc/modprobe.d", S_IFDIR | 0755);
	fake_text("/etc/modprobe.d/a.conf.dpkg-old", "options a x=1\n");
	module_load("a");
	SAME(LOG, "|a.ko ");
}

TEST(soft_dependencies_of_each_other_are_loaded_some_times)
{
	mods("softdep a pre: b c d e\nsoftdep b pre: a c d e\nsoftdep c pre: a b d e\n"
	     "softdep d pre: a b c e\nsoftdep e pre: a b c d\n",
	     NULL, "");
	module_load("a");
	CHECK(fake_count("finit_module") < 50);
}

TEST(partnroff_may_be_negative)
{
	static unsigned char disk[4096];
	fake_text("/proc/partitions", "major minor  #blocks  name\n\n   8        2       2048 sda2\n");
	fake_add("/sys/class/block/sda2", S_IFLNK | 0777)->data = "../x/sda/sda2";
	fake_text("/sys/class/block/sda2/partition", "2\n");
	struct fake_file *file = fake_add("/dev/sda", S_IFBLK | 0600);
	file->data = disk, file->size = sizeof disk;
	memcpy(disk + 440, "\xef\xbe\xad\xde", 4);
	disk[510] = 0x55, disk[511] = 0xaa;
	SAME(device_find("PARTUUID=deadbeef-02/PARTNROFF=1"), "/dev/sda3");
	SAME(device_find("PARTUUID=deadbeef-02/PARTNROFF=-1"), "/dev/sda1");
}

TEST(a_gpt_with_entries_of_no_size_has_no_partitions)
{
	static unsigned char disk[4096];
	struct partition partition;
	fake_add("/sys/class/block/sda2", S_IFLNK | 0777)->data = "../x/sda/sda2";
	fake_text("/sys/class/block/sda2/partition", "2\n");
	struct fake_file *file = fake_add("/dev/sda", S_IFBLK | 0600);
	file->data = disk, file->size = sizeof disk;
	memcpy(disk + 512, "EFI PART", 8);
	disk[512 + 72] = 2, disk[512 + 80] = 128;
	CHECK(!probe_partition("/dev/sda2", &partition)); /* size 0 */
	disk[512 + 84] = 1;
	CHECK(!probe_partition("/dev/sda2", &partition));
}
