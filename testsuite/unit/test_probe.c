/* SPDX-License-Identifier: MIT */
/* Superblocks: what they tell, and that garbage tells nothing. */
#include <stdlib.h>
#include <string.h>

#include "fake_kernel.h"
#include "mount.h"
#include "test.h"

static unsigned char image[2048];
static struct fake_file *disk;

static void put(unsigned at, uint32_t value, unsigned bytes)
{
	for (; bytes--; value >>= 8)
		image[at++] = value;
}

static void ext(uint32_t compat, uint32_t incompat, uint32_t ro_compat)
{
	memset(image, 0, sizeof image);
	put(1024 + 56, 0xef53, 2);
	put(1024 + 92, compat, 4);
	put(1024 + 96, incompat, 4);
	put(1024 + 100, ro_compat, 4);
}

static void erofs(void)
{
	memset(image, 0, sizeof image);
	put(1024, 0xe0f5e1e2, 4);
}

static void boot(void)
{
	disk = fake_add("/dev/sda1", S_IFBLK | 0600);
	disk->data = image;
	disk->size = sizeof image;
}

TEST(each_superblock_has_its_type)
{
	boot();
	CHECK(!probe_type("/dev/sda1"));
	memcpy(image, "hsqs", 4);
	SAME(probe_type("/dev/sda1"), "squashfs");
	erofs();
	SAME(probe_type("/dev/sda1"), "erofs");
	EQUAL(fake_open_count(), 0);
}

TEST(ext_is_told_apart_by_its_features)
{
	static const struct {
		uint32_t compat, incompat, ro_compat;
		const char *type;
	} cases[] = {
		{ 0, 0, 0, "ext2" },	    { 0x38, 0x2, 0x3, "ext2" },
		{ 0x4, 0x2, 0x3, "ext3" },  { 0x3c, 0x2c2, 0x46b, "ext4" }, /* mkfs.ext4's of today */
		{ 0x4, 0x42, 0x0, "ext4" }, { 0x0, 0x40, 0x0, "ext4" },
		{ 0x4, 0x2, 0x8, "ext4" },  { 0x4, 0x6, 0x3, "ext3" }, /* needs its journal replayed */
	};
	boot();
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		ext(cases[i].compat, cases[i].incompat, cases[i].ro_compat);
		SAME(probe_type("/dev/sda1"), cases[i].type);
	}
}

TEST(a_short_file_has_no_superblock)
{
	static const unsigned sizes[] = { 0, 1, 3, 512, 1024, 1026 };

	boot();
	erofs();
	for (unsigned i = 0; i < LENGTH(sizes); i++) {
		disk->size = sizes[i];
		CHECK(!probe_type("/dev/sda1"));
	}
	disk->size = 1028;
	SAME(probe_type("/dev/sda1"), "erofs");
}

TEST(what_can_not_be_read_has_no_type)
{
	boot();
	memcpy(image, "hsqs", 4);
	CHECK(!probe_type("/dev/missing"));
	fake_fail(1, EACCES, "open ro /dev/sda1");
	CHECK(!probe_type("/dev/sda1"));
	fake_fail(1, EIO, "read");
	CHECK(!probe_type("/dev/sda1"));
	EQUAL(fake_open_count(), 0);
	disk->mode = S_IFIFO;
	unsigned opened = fake_count("open");
	CHECK(!probe_type("/dev/sda1"));
	EQUAL(fake_count("open"), opened);
}

TEST(garbage_crashes_nothing)
{
	char value[40];

	boot();
	fake_text("/proc/partitions", "major minor  #blocks  name\n\n   8        1       2048 sda1\n");
	srand(1);
	for (unsigned i = 0; i < 3000; i++) {
		unsigned kind = i % 4;
		for (unsigned n = 0; n < sizeof image; n++)
			image[n] = rand() >> 8;
		if (kind == 1)
			put(1024 + 56, 0xef53, 2);
		if (kind == 2)
			put(1024, 0xe0f5e1e2, 4);
		disk->size = i % 5 ? sizeof image : i % sizeof image;
		const char *type = probe_type("/dev/sda1");
		if (kind && kind < 3 && disk->size == sizeof image)
			CHECK(type);
		for (unsigned n = 0; n < sizeof value; n++)
			value[n] = rand() >> 8;
		value[i % sizeof value] = 0;
		if (i < 500)
			probe_find(i % 2 ? 'L' : 'U', value);
	}
	EQUAL(fake_open_count(), 0);
}

static const unsigned char uuid[16] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
					0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10 };

static void boot_tags(void)
{
	static unsigned char other[2048], squash[2048];

	boot();
	fake_text("/proc/partitions", "major minor  #blocks  name\n\n"
				      "   7        0       2048 loop0\n"
				      "   8        0       2048 sda\n"
				      "   8        1       2048 sda1\n"
				      " 259        3       2048 nvme0n1p3\n");
	memcpy(squash, "hsqs", 4);
	memcpy(squash + 1024 + 104, uuid, 16);
	struct fake_file *file = fake_add("/dev/sda", S_IFBLK | 0600);
	file->data = squash;
	file->size = sizeof squash;
	ext(4, 0x40, 0);
	memcpy(image + 1024 + 104, uuid, 16);
	memcpy(image + 1024 + 120, "sixteen-letters!", 16);
	memset(other, 0, sizeof other);
	memcpy(other + 1024, "\xe2\xe1\xf5\xe0", 4);
	memcpy(other + 1024 + 64, "root", 5);
	memcpy(other + 1024 + 48, uuid + 1, 15);
	file = fake_add("/dev/nvme0n1p3", S_IFBLK | 0600);
	file->data = other;
	file->size = sizeof other;
}

TEST(devices_are_found_by_label)
{
	boot_tags();
	SAME(probe_find('L', "sixteen-letters!"), "/dev/sda1");
	SAME(probe_find('L', "root"), "/dev/nvme0n1p3");
	CHECK(!probe_find('L', "roo"));
	CHECK(!probe_find('L', "roots"));
	CHECK(!probe_find('L', "sixteen-letters"));
	CHECK(!probe_find('L', "sixteen-letters!!"));
	CHECK(!probe_find('L', ""));
}

TEST(devices_are_found_by_uuid_in_either_case)
{
	boot_tags();
	SAME(probe_find('U', "01234567-89ab-cdef-fedc-ba9876543210"), "/dev/sda1");
	SAME(probe_find('U', "01234567-89AB-CDEF-FEDC-BA9876543210"), "/dev/sda1");
	SAME(probe_find('U', "23456789-abcd-effe-dcba-987654321000"), "/dev/nvme0n1p3");
	CHECK(!probe_find('U', "01234567-89ab-cdef-fedc-ba9876543211"));
	CHECK(!probe_find('U', "01234567-89ab-cdef-fedc-ba98765432100"));
	CHECK(!probe_find('U', "01234567-89ab-cdef-fedc-ba987654321"));
	CHECK(!probe_find('U', "0123456789abcdeffedcba9876543210"));
	CHECK(!probe_find('U', ""));
}

TEST(without_proc_no_device_is_found)
{
	boot_tags();
	fake_fail(ALWAYS, ENOENT, "open ro /proc/partitions");
	CHECK(!probe_find('L', "root"));
}
