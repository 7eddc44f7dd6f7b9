/* SPDX-License-Identifier: MIT */
/* Superblocks: what they tell, and that garbage tells nothing. */
#include <string.h>

#include "fake_kernel.h"
#include "probe.h"
#include "test.h"

enum { KIB = 1024, IMAGE = 3 * KIB * KIB };
static unsigned char image[IMAGE];
static struct fake_file *disk;
static struct volume volume;

static const unsigned char uuid[16] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
					0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10 };
#define UUID_TEXT "01234567-89ab-cdef-fedc-ba9876543210"

static void put(unsigned at, uint64_t value, unsigned bytes)
{
	for (; bytes--; value >>= 8)
		image[at++] = value;
}

static void put_text(unsigned at, const char *text)
{
	memcpy(image + at, text, strlen(text));
}

static void put_uuid(unsigned at)
{
	memcpy(image + at, uuid, sizeof uuid);
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
	image[1024 + 12] = 12;
}

static void squashfs(void)
{
	memset(image, 0, sizeof image);
	put_text(0, "hsqs");
	put(12, 128 * KIB, 4);
	put(20, 1, 2);
	put(28, 4, 2);
	put(40, 5000, 8);
}

static void boot(void)
{
	memset(image, 0, sizeof image);
	disk = fake_add("/dev/sda1", S_IFBLK | 0600);
	disk->data = image;
	disk->size = sizeof image;
}

/* As probe() finds it in the image; NULL where it finds none. */
static const char *type(void)
{
	memset(&volume, 0xaa, sizeof volume);
	EQUAL(probe("/dev/sda1", &volume), 0);
	EQUAL(volume.size, volume.needs ? disk->size : 0);
	CHECK(strlen(volume.label) < sizeof volume.label && strlen(volume.uuid) < sizeof volume.uuid);
	EQUAL(fake_open_count(), 0);
	return volume.type;
}

TEST(each_superblock_has_its_type)
{
	boot();
	CHECK(!type());
	SAME(volume.label, "");
	SAME(volume.uuid, "");
	squashfs();
	SAME(type(), "squashfs");
	erofs();
	SAME(type(), "erofs");
}

TEST(superblocks_have_type_label_and_uuid)
{
	static const struct {
		unsigned magic_at;
		const char *magic;
		unsigned magic_size, uuid_at, label_at;
		const char *type;
		enum usage usage;
		const char *words; /* why it can't be mounted */
	} cases[] = {
		{ 1024 + 56, "\x53\xef", 2, 1024 + 104, 1024 + 120, "ext2", FILE_SYSTEM, NULL },
		{ 1024, "\xe2\xe1\xf5\xe0", 4, 1024 + 48, 1024 + 64, "erofs", FILE_SYSTEM,
		  "an erofs with a bad block size" },
		{ 0, "XFSB", 4, 32, 108, "xfs", FILE_SYSTEM, NULL },
		{ 0, "verity\0\0", 8, 16, 0, "DM_verity_hash", CRYPTO, "a verity hash tree, not the data" },
		{ 4086, "SWAPSPACE2", 10, 1024 + 12, 1024 + 28, "swap", OTHER_USE, "a swap area" },
		{ 4086, "S1SUSPEND\0", 10, 1024 + 12, 1024 + 28, "swsuspend", OTHER_USE,
		  "a swap area with a hibernated system" },
		{ 64 * KIB + 64, "_BHRfS_M", 8, 64 * KIB + 32, 64 * KIB + 299, "btrfs", FILE_SYSTEM, NULL },
		{ 0, "\xfc\x4e\x2b\xa9\1", 5, 16, 32, "linux_raid_member", RAID,
		  "a member of an md array: assemble that first" },
		{ 4096, "\xfc\x4e\x2b\xa9\1", 5, 4096 + 16, 4096 + 32, "linux_raid_member", RAID,
		  "a member of an md array: assemble that first" },
		{ 4086, "S1SUSPEND2", 10, 1024 + 12, 1024 + 28, "swsuspend", OTHER_USE,
		  "a swap area with a hibernated system" }, /* SWAPSPACE2's 2 */
	};
	boot();
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		memset(image, 0, sizeof image);
		memcpy(image + cases[i].magic_at, cases[i].magic, cases[i].magic_size);
		put_uuid(cases[i].uuid_at);
		if (cases[i].magic_at == 4086)
			put(1024, 1, 4); /* its version */
		if (i == 8)
			put(4096 + 144, 8, 8); /* where it is */
		if (cases[i].label_at)
			put_text(cases[i].label_at, "my label");
		SAME(type(), cases[i].type);
		SAME(volume.uuid, UUID_TEXT);
		SAME(volume.label, cases[i].label_at ? "my label" : "");
		EQUAL(volume.needs, 0);
		CHECK(!volume.compressor);
		EQUAL(volume.usage, cases[i].usage);
		EQUAL(volume.no_file_system, cases[i].usage != FILE_SYSTEM);
		if (cases[i].words)
			SAME(volume.refused, cases[i].words);
		else
			CHECK(!volume.refused);
		/* A byte of the magic less, or a wrong one, and there is nothing. */
		disk->size = cases[i].magic_at + cases[i].magic_size - (i == 3 || i == 5 ? 3 : 1);
		CHECK(!type());
		disk->size = sizeof image;
		image[cases[i].magic_at] ^= 1;
		CHECK(!type());
	}
}

TEST(an_external_journal_is_not_a_file_system)
{
	boot();
	put_text(1024 + 56, "\x53\xef");
	put(1024 + 96, 8, 4);
	SAME(type(), "jbd");
	EQUAL(volume.usage, OTHER_USE);
	CHECK(volume.no_file_system);
	SAME(volume.refused, "an external journal");
}

TEST(a_member_of_an_array_is_told_by_its_end)
{
	boot();
	ext(4, 0x40, 0);
	unsigned last = sizeof image / 65536 * 65536 - 65536;
	put(last, 0xa92b4efc, 4);
	for (unsigned i = 0; i < 16; i++)
		image[last + (i < 4 ? 20 : 48) + (i ^ 3)] = uuid[i];
	SAME(type(), "linux_raid_member");
	SAME(volume.uuid, UUID_TEXT);
	SAME(volume.label, "");
	EQUAL(fake_count("pread"), 3); /* one at its end, and for a table at its start */
	put(last + 4, 1, 4);	       /* of another version, which lies elsewhere */
	SAME(type(), "ext4");

	disk->size = sizeof image - 3 * 512; /* its place is a multiple of 4096 */
	unsigned place = (disk->size - 8192) & ~4095;
	put(place, 0xa92b4efc, 4);
	put(place + 4, 1, 4);
	put(place + 144, place / 512, 8);
	put_uuid(place + 16);
	put_text(place + 32, "host:0");
	SAME(type(), "linux_raid_member");
	SAME(volume.uuid, UUID_TEXT);
	SAME(volume.label, "host:0");
	put(place + 4, 0, 4);
	SAME(type(), "ext4");
	disk->number = device_number(11, 0); /* an optical drive is not looked at there */
	put(place + 4, 1, 4);
	SAME(type(), "ext4");
}

TEST(label_fields_end_with_their_size)
{
	static const struct {
		unsigned magic_at;
		const char *magic;
		unsigned label_at, size;
	} cases[] = {
		{ 1024 + 56, "\x53\xef", 1024 + 120, 16 },
		{ 1024, "\xe2\xe1\xf5\xe0", 1024 + 64, 16 },
		{ 0, "XFSB", 108, 12 },
		{ 4086, "SWAPSPACE2", 1024 + 28, 16 },
		{ 64 * KIB + 64, "_BHRfS_M", 64 * KIB + 299, 255 },
		{ 32 * KIB + 1, "CD001", 32 * KIB + 40, 32 },
	};
	boot();
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		memset(image, 0, sizeof image);
		memset(image + cases[i].label_at, 'x', 300);
		put_text(cases[i].magic_at, cases[i].magic);
		if (cases[i].magic_at == 4086) {
			put(1024, 1, 4);
			put(1024 + 172, 0, 8);
		}
		CHECK(type());
		EQUAL(strlen(volume.label), cases[i].size);
		EQUAL(strspn(volume.label, "x"), cases[i].size);
	}
}

TEST(blanks_at_the_end_are_no_part_of_a_label)
{
	boot();
	put_text(32 * KIB + 1, "CD001");
	memset(image + 32 * KIB + 40, ' ', 32);
	put_text(32 * KIB + 40, " A  B");
	SAME(type(), "iso9660");
	SAME(volume.label, " A  B");
	memset(image + 32 * KIB + 40, ' ', 32);
	type();
	SAME(volume.label, "");
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
		{ 0x0, 0x8, 0x0, "jbd" },			       /* a journal of another file system */
	};
	boot();
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		ext(cases[i].compat, cases[i].incompat, cases[i].ro_compat);
		SAME(type(), cases[i].type);
	}
}

TEST(a_short_file_has_no_superblock)
{
	static const unsigned sizes[] = { 0, 1, 3, 512, 1024, 1026 };

	boot();
	erofs();
	for (unsigned i = 0; i < LENGTH(sizes); i++) {
		disk->size = sizes[i];
		CHECK(!type());
	}
	disk->size = 1028;
	SAME(type(), "erofs");
}

TEST(nothing_is_left_of_what_was_read_before)
{
	boot();
	memset(image, 'x', 70 * KIB);
	put_text(64 * KIB + 64, "_BHRfS_M");
	SAME(type(), "btrfs");
	disk->size = 64 * KIB + 70;
	CHECK(!type());
	SAME(volume.label, "");
}

TEST(what_can_not_be_read_has_no_type)
{
	boot();
	squashfs();
	EQUAL(probe("/dev/missing", &volume), -ENOENT);
	CHECK(!volume.type);
	SAME(why.path, "/dev/missing");
	fake_fail(1, EACCES, "open ro /dev/sda1");
	EQUAL(probe("/dev/sda1", &volume), -EACCES);
	CHECK(!volume.type);
	fake_fail(1, EIO, "pread /dev/sda1 0");
	EQUAL(probe("/dev/sda1", &volume), -EIO);
	CHECK(!volume.type);
	SAME(why.path, "/dev/sda1");
	image[0] = 0;
	fake_fail(1, EIO, "pread /dev/sda1 8192"); /* what lies behind the first pages */
	EQUAL(probe("/dev/sda1", &volume), -EIO);
	CHECK(!volume.type);
	EQUAL(fake_open_count(), 0);
	disk->mode = S_IFIFO;
	unsigned opened = fake_count("open");
	EQUAL(probe("/dev/sda1", &volume), -EINVAL);
	CHECK(!volume.type);
	EQUAL(fake_count("open"), opened);
}

TEST(the_first_page_is_all_that_is_read_of_most)
{
	boot();
	squashfs();
	type();
	EQUAL(fake_count("pread"), 4); /* three of them at its end */
	ext(4, 0x40, 0);
	type();
	EQUAL(fake_count("pread"), 8);
}


/* --- squashfs and erofs ---------------------------------------------------- */

TEST(a_squashfs_tells_its_size_and_compressor)
{
	static const char *const compressors[] = { "gzip", "lzma", "lzo", "xz", "lz4", "zstd" };

	boot();
	squashfs();
	for (unsigned i = 0; i < LENGTH(compressors); i++) {
		put(20, i + 1, 2);
		SAME(type(), "squashfs");
		SAME(volume.compressor, compressors[i]);
		CHECK(!volume.refused);
		EQUAL(volume.needs, 5000);
	}
	put(40, 0x8000000000000001, 8);
	type();
	EQUAL(volume.needs, (int64_t)0x8000000000000001);
	SAME(volume.label, "");
	SAME(volume.uuid, "");
}

static void refuse(unsigned at, uint64_t value, unsigned bytes, const char *reason)
{
	put(at, value, bytes);
	SAME(type(), "squashfs");
	CHECK(volume.refused && strstr(volume.refused, reason));
	CHECK(!volume.compressor);
	squashfs();
}

TEST(a_squashfs_that_no_kernel_mounts_says_why)
{
	boot();
	squashfs();
	refuse(28, 0, 2, "version");
	put(28, 3, 2);
	SAME(type(), "squashfs3");
	SAME(volume.refused, "a squashfs before version 4");
	put(28, 4, 2);
	refuse(28, 5, 2, "version");
	refuse(28, 0x400, 2, "version"); /* of the other byte order */
	refuse(20, 0, 2, "compressor");
	refuse(20, 7, 2, "compressor");
	refuse(20, 0xffff, 2, "compressor");
	refuse(20, 0x100, 2, "compressor");
	refuse(12, 0, 4, "block size");
	refuse(12, 2048, 4, "block size");
	refuse(12, 5000, 4, "block size");
	refuse(12, 3 * KIB * KIB, 4, "block size");
	refuse(12, 2 * KIB * KIB, 4, "block size");
	refuse(12, 0x80000000, 4, "block size");
	refuse(12, 0xffffffff, 4, "block size");
	for (unsigned block = 4 * KIB; block <= KIB * KIB; block *= 2) {
		put(12, block, 4);
		type();
		CHECK(!volume.refused);
	}
}

TEST(an_erofs_tells_its_size)
{
	boot();
	erofs();
	put(1024 + 36, 3, 4);
	SAME(type(), "erofs");
	EQUAL(volume.needs, 3 * 4096);
	CHECK(!volume.refused);
	put(1024 + 36, 0xffffffff, 4);
	image[1024 + 12] = 16;
	type();
	EQUAL(volume.needs, 0xffffffffULL << 16);
	image[1024 + 12] = 9;
	type();
	EQUAL(volume.needs, 0xffffffffULL << 9);
}

TEST(an_erofs_with_a_bad_block_size_is_refused)
{
	static const unsigned char bits[] = { 0, 1, 8, 17, 31, 32, 63, 64, 128, 255 };

	boot();
	erofs();
	put(1024 + 36, 0xffffffff, 4);
	for (unsigned i = 0; i < LENGTH(bits); i++) {
		image[1024 + 12] = bits[i];
		SAME(type(), "erofs");
		CHECK(volume.refused && strstr(volume.refused, "block size"));
		EQUAL(volume.needs, 0);
	}
}


/* --- FAT and exfat --------------------------------------------------------- */

static void fat(unsigned bits)
{
	memset(image, 0, sizeof image);
	put(11, 512, 2);
	image[13] = 4;
	image[16] = 2;
	image[21] = 0xf8;
	put(510, 0xaa55, 2);
	if (bits == 32) {
		put(14, 32, 2);
		put(36, 10, 4);
		put(44, 2, 4);
		put(32, 1 << 20, 4);
		put(67, 0x1234abcd, 4);
		put_text(82, "FAT32   ");
	} else {
		put(14, 1, 2);
		put(17, 512, 2);
		put(22, 20, 2);
		image[38] = 0x29;
		put(19, 60000, 2);
		put(39, 0x1234abcd, 4);
		put_text(54, bits == 16 ? "FAT16   " : "FAT12   ");
	}
}
enum { ROOT_16 = (1 + 2 * 20) * 512, ROOT_32 = (32 + 2 * 10) * 512 };

static void entry(unsigned at, const char *name, unsigned attributes)
{
	memset(image + at, 0, 32);
	put_text(at, name);
	image[at + 11] = attributes;
}

TEST(a_fat_has_its_label_in_the_root_directory)
{
	boot();
	for (unsigned i = 0; i < 3; i++) {
		unsigned root = i < 2 ? ROOT_16 : ROOT_32;
		fat(i == 0 ? 12 : i == 1 ? 16 : 32);
		SAME(type(), "vfat");
		SAME(volume.uuid, "1234-ABCD");
		SAME(volume.label, "");
		entry(root,
		      "\xe5"
		      "ELETED    ",
		      0x08);
		entry(root + 32, "a long name", 0x0f);
		entry(root + 64, "FILE    TXT", 0x20);
		entry(root + 96, "MY DISK    ", 0x28);
		SAME(type(), "vfat");
		SAME(volume.label, "MY DISK");
		entry(root + 64, "", 0); /* which ends the directory */
		type();
		SAME(volume.label, "");
	}
}

TEST(a_fat_s_root_directory_may_start_anywhere)
{
	boot();
	fat(32);
	put(44, 100, 4);
	entry(ROOT_32 + 98 * 4 * 512, "FAR AWAY   ", 0x08);
	SAME(type(), "vfat");
	SAME(volume.label, "FAR AWAY");
	put(44, 0x0fffffff, 4); /* behind the end */
	type();
	SAME(volume.label, "");
	for (unsigned cluster = 0; cluster < 2; cluster++) { /* before the first */
		put(44, cluster, 4);
		SAME(type(), "vfat");
	}
	put(36, 0xffffffff, 4);
	put(44, 0xffffffff, 4);
	image[13] = 128;
	image[16] = 255;
	type();
}

TEST(no_fat_has_a_senseless_geometry)
{
	static const struct {
		unsigned at, value, bytes;
	} cases[] = {
		{ 13, 0, 1 },	   { 11, 0, 2 }, { 11, 256, 2 }, { 11, 513, 2 }, { 11, 0x8000, 2 },
		{ 11, 0xffff, 2 }, { 13, 3, 1 }, { 14, 0, 2 },	 { 16, 0, 1 },	 { 21, 0, 1 },
		{ 21, 0xf1, 1 },   { 36, 0, 4 }, { 32, 0, 4 },
	};
	boot();
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		fat(32);
		SAME(type(), "vfat");
		put(cases[i].at, cases[i].value, cases[i].bytes);
		CHECK(!type());
	}
}

/* As the kernel takes it: the words in the boot sector, and what ends it, are of no matter. */
TEST(a_fat_needs_no_words)
{
	boot();
	for (unsigned bits = 12; bits <= 32; bits += 4) {
		fat(bits);
		put(510, 0, 2);
		memset(image + (bits == 32 ? 82 : 54), 0, 8);
		SAME(type(), "vfat");
		SAME(volume.uuid, "1234-ABCD");
		if (bits == 32)
			continue;
		image[38] = 0x28;
		type();
		SAME(volume.uuid, "1234-ABCD");
		image[38] = 0; /* has no serial number */
		SAME(type(), "vfat");
		SAME(volume.uuid, "");
	}
	fat(32);
	put(67, 0, 4); /* none */
	SAME(type(), "vfat");
	SAME(volume.uuid, "");
	entry(ROOT_32, "\5LABEL     ", 0x28);
	type();
	SAME(volume.label, "\xe5LABEL");
	put(ROOT_32 + 26, 5, 2); /* a file's cluster */
	type();
	SAME(volume.label, "");
}

TEST(a_full_root_directory_without_a_label_ends)
{
	boot();
	for (unsigned bits = 16; bits <= 32; bits += 16) {
		fat(bits);
		image[13] = 128;
		put(17, bits == 16 ? 0xffff : 0, 2);
		put(11, 4096, 2);
		for (unsigned at = 8 * KIB; at < sizeof image; at += 32)
			entry(at, "FILE    TXT", 0x20);
		SAME(type(), "vfat");
		SAME(volume.label, "");
		for (unsigned size = 1536; size < 400 * KIB; size += 4099) {
			disk->size = size;
			SAME(type(), "vfat");
		}
		disk->size = sizeof image;
	}
}

enum { EXFAT_ROOT = (24 + 3 * 8) * 512 };

static void exfat(void)
{
	memset(image, 0, sizeof image);
	put_text(3, "EXFAT   ");
	put(88, 24, 4);
	put(96, 5, 4);
	put(100, 0x1234abcd, 4);
	image[108] = 9;
	image[109] = 3;
}

TEST(an_exfat_has_its_label_in_the_root_directory)
{
	boot();
	exfat();
	SAME(type(), "exfat");
	SAME(volume.uuid, "1234-ABCD");
	SAME(volume.label, "");
	image[EXFAT_ROOT] = 0x81;
	image[EXFAT_ROOT + 32] = 0x83;
	image[EXFAT_ROOT + 33] = 3;
	memcpy(image + EXFAT_ROOT + 34, "\xe4\0\x42\0\xac\x20X\0", 8);
	type();
	SAME(volume.label, "\xc3\xa4"
			   "B\xe2\x82\xac");
	/* More than its field has. */
	image[EXFAT_ROOT + 33] = 255;
	memset(image + EXFAT_ROOT + 34, 'x', 300);
	type();
	EQUAL(strlen(volume.label), 11 * 3);
}

TEST(an_exfat_s_shifts_have_limits)
{
	static const unsigned char shifts[][2] = {
		{ 0, 3 },   { 8, 3 },	{ 13, 0 },   { 255, 3 }, { 9, 17 },
		{ 12, 14 }, { 9, 255 }, { 12, 255 }, { 64, 64 }, { 32, 249 },
	};
	boot();
	exfat();
	for (unsigned i = 0; i < LENGTH(shifts); i++) {
		image[108] = shifts[i][0];
		image[109] = shifts[i][1];
		unsigned reads = fake_count("pread");
		SAME(type(), "exfat");
		SAME(volume.uuid, "1234-ABCD");
		SAME(volume.label, "");
		EQUAL(fake_count("pread"),
		      reads + 4); /* three at its end; there is no root directory to read */
	}
	exfat();
	image[108] = 12;
	image[109] = 13;
	put(96, 0xffffffff, 4);
	put(88, 0xffffffff, 4);
	SAME(type(), "exfat");
	put(96, 0, 4);
	SAME(type(), "exfat");
}


/* --- the others ------------------------------------------------------------ */

TEST(an_f2fs_has_a_label_in_utf_16)
{
	boot();
	put(1024, 0xf2f52010, 4);
	put_uuid(1024 + 108);
	memcpy(image + 1024 + 124, "f\0002\0\xfc\0\xac\x20", 8);
	SAME(type(), "f2fs");
	SAME(volume.uuid, UUID_TEXT);
	SAME(volume.label, "f2\xc3\xbc\xe2\x82\xac");
	memset(image + 1024 + 124, 0xff, 2000);
	type();
	EQUAL(strlen(volume.label), 512 * 3);
}

TEST(an_iso_s_uuid_is_when_it_was_changed)
{
	boot();
	put_text(32 * KIB + 1, "CD001");
	put_text(32 * KIB + 813, "2024010203040506");
	memset(image + 32 * KIB + 830, '0', 16);
	SAME(type(), "iso9660");
	SAME(volume.uuid, "2024-01-02-03-04-05-06");
	put_text(32 * KIB + 830, "2025111213141516");
	type();
	SAME(volume.uuid, "2025-11-12-13-14-15-16");
	memset(image + 32 * KIB + 813, 0xff, 100);
	type();
	EQUAL(strlen(volume.uuid), 22);
}

TEST(luks_has_its_uuid_as_text)
{
	boot();
	put_text(0, "LUKS\xba\xbe");
	put_text(6, "");
	put(6, 0x0100, 2); /* big-endian 1 */
	put_text(24, "aes");
	put_text(168, UUID_TEXT);
	SAME(type(), "crypto_LUKS");
	SAME(volume.uuid, UUID_TEXT);
	SAME(volume.label, "");
	put(6, 0x0200, 2);
	memset(image + 24, 'x', 48);
	memset(image + 168, 'u', 40);
	SAME(type(), "crypto_LUKS");
	EQUAL(strlen(volume.label), 48);
	EQUAL(strlen(volume.uuid), 36);
}

static void udf(unsigned block)
{
	unsigned at = 256 * block;

	memset(image, 0, sizeof image);
	put_text(32 * KIB + 1, "BEA01");
	put_text(34 * KIB + 1, "NSR03");
	put_text(36 * KIB + 1, "TEA01");
	put(at, 2, 2);
	put(at + 12, 256, 4);
	put(at + 16, 16 * block, 4);
	put(at + 20, 260, 4);
	at = 260 * block;
	put(at, 1, 2); /* the primary descriptor */
	image[at + 72] = 8;
	put_text(at + 73, "0123456789abcdefRest");
	image[at + 72 + 127] = 21;
	at += block;
	put(at, 6, 2); /* of the logical volume */
	image[at + 84] = 8;
	put_text(at + 85, "my volume");
	image[at + 84 + 127] = 10;
	put(at + block, 8, 2); /* the last */
}

TEST(an_udf_is_found_with_blocks_of_any_size)
{
	boot();
	for (unsigned block = 512; block <= 4096; block *= 2) {
		udf(block);
		SAME(type(), "udf");
		SAME(volume.label, "my volume");
		SAME(volume.uuid, "0123456789abcdef");
	}
	memcpy(image + 261 * 4096 + 84, "\x10\0A\0B\x20\xac", 7);
	image[261 * 4096 + 84 + 127] = 7;
	type();
	CHECK(volume.label[0] == 'A' && volume.label[1] == 'B');
}

TEST(an_iso_that_is_an_udf_too_is_an_udf)
{
	boot();
	udf(2048);
	put_text(32 * KIB + 1, "CD001");
	put_text(34 * KIB + 1, "BEA01");
	put_text(36 * KIB + 1, "NSR02");
	SAME(type(), "udf");
	memset(image + 34 * KIB, 0, 2048); /* what ends the sequence */
	SAME(type(), "iso9660");
}

TEST(an_udf_s_descriptors_come_to_an_end)
{
	boot();
	/* None is the last, and they go on for ever. */
	udf(2048);
	for (unsigned at = 260 * 2048; at < sizeof image; at += 2048)
		put(at, 4, 2);
	SAME(type(), "udf");
	CHECK(fake_count("pread") < 60);
	/* The sequence is the anchor itself; lies nowhere; and there is no anchor. */
	udf(2048);
	put(256 * 2048 + 20, 256, 4);
	SAME(type(), "udf");
	SAME(volume.label, "my volume");
	put(256 * 2048 + 20, 0xffffffff, 4);
	SAME(type(), "udf");
	SAME(volume.label, "");
	put(256 * 2048, 3, 2);
	CHECK(!type());
	disk->size = 36 * KIB;
	CHECK(!type());
}

TEST(an_udf_s_texts_have_limits)
{
	boot();
	for (unsigned length = 0; length < 256; length++)
		for (unsigned kind = 8; kind <= 16; kind += 8) {
			udf(2048);
			memset(image + 260 * 2048 + 72, 'x', 127);
			memset(image + 261 * 2048 + 84, 'y', 127);
			image[260 * 2048 + 72] = image[261 * 2048 + 84] = kind;
			image[260 * 2048 + 72 + 127] = image[261 * 2048 + 84 + 127] = length;
			SAME(type(), "udf");
			/* 16 bits take three bytes at most. */
			CHECK(strlen(volume.label) <= (kind == 8 ? 126 : 63 * 3));
			CHECK(strlen(volume.uuid) <= (kind == 8 ? 16 : 16 * 3));
			if (!length)
				CHECK(!*volume.label && !*volume.uuid);
		}
}

/* As rand(3), but fast. */
static uint64_t noise = 1;
static uint64_t next_noise(void)
{
	noise ^= noise << 13;
	noise ^= noise >> 7;
	noise ^= noise << 17;
	return noise;
}

TEST(garbage_crashes_nothing)
{
	static const struct {
		unsigned at;
		const char *magic;
		const char *type;
	} kinds[] = {
		{ 0, "", NULL },
		{ 1024 + 56, "\x53\xef", NULL }, /* one of four */
		{ 1024, "\xe2\xe1\xf5\xe0", "erofs" },
		{ 0, "hsqs", "squashfs" },
		{ 0, "XFSB", "xfs" },
		{ 1024, "\x10\x20\xf5\xf2", "f2fs" },
		{ 3, "EXFAT   ", "exfat" },
		{ 0, "LUKS\xba\xbe", "crypto_LUKS" },
		{ 82, "FAT32   ", NULL }, /* where the geometry has sense */
		{ 54, "FAT16   ", NULL },
		{ 4086, "SWAPSPACE2", NULL }, /* of a version */
		{ 32 * KIB + 1, "CD001", "iso9660" },
		{ 32 * KIB + 1, "NSR03", NULL }, /* with an anchor */
		{ 64 * KIB + 64, "_BHRfS_M", "btrfs" },
	};
	char value[TAG_SIZE + 40], parsed[TAG_SIZE];

	boot();
	fake_text("/proc/partitions", "major minor  #blocks  name\n\n   8        1       2048 sda1\n");
	for (unsigned i = 0; i < 1400; i++) {
		unsigned kind = i % LENGTH(kinds);
		for (unsigned n = 0; n < 72 * KIB; n += 8)
			put(n, next_noise(), 8);
		put_text(kinds[kind].at, kinds[kind].magic);
		if (kind == 8 || kind == 9) {
			put(11, 512 << i % 4, 2);
			image[13] |= 1;
			put(510, 0xaa55, 2);
		}
		disk->size = i % 5 ? sizeof image : next_noise() % (72 * KIB);
		const char *found = type();
		if (disk->size == sizeof image) {
			if (kinds[kind].type)
				SAME(found, kinds[kind].type);
		}
		for (unsigned n = 0; n < sizeof value; n += 8)
			((uint64_t *)(void *)value)[n / 8] = next_noise();
		value[i % sizeof value] = 0;
		tag_of(value, parsed);
		memcpy(value, i % 2 ? "LABEL=" : "UUID=", 5);
		value[sizeof value - 1] = 0;
		if (i < 200)
			device_find(value);
	}
}
