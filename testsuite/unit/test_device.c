/* SPDX-License-Identifier: MIT */
/* Devices by label and UUID, and what partition tables say. */
#include <stdio.h>
#include <string.h>

#include "fake_kernel.h"
#include "probe.h"
#include "test.h"

enum { DISK = 64 * 1024 };
static unsigned char disk[DISK], image[4096], other[4096], squash[4096];
static struct fake_file *disk_file;
static struct partition partition;

static const unsigned char uuid[16] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
					0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10 };
#define UUID_TEXT "01234567-89ab-cdef-fedc-ba9876543210"
#define GUID_TEXT "67452301-ab89-efcd-fedc-ba9876543210" /* the same bytes, as UEFI writes them */

static void put(unsigned char *to, uint64_t value, unsigned bytes)
{
	for (; bytes--; value >>= 8)
		*to++ = value;
}

static struct fake_file *device(const char *path, const void *data, unsigned size)
{
	struct fake_file *file = fake_add(path, S_IFBLK | 0600);

	file->data = data;
	file->size = size;
	return file;
}

/* That sysfs has it as a partition. */
static void is_partition(const char *name, const char *number, const char *link)
{
	char path[60];

	snprintf(path, sizeof path, "/sys/class/block/%s", name);
	fake_add(path, S_IFLNK | 0777)->data = link;
	strcat(path, "/partition");
	fake_text(path, number);
}

static void boot(void)
{
	fake_text("/proc/partitions", "major minor  #blocks  name\n\n"
				      "   7        0       2048 loop0\n"
				      "   8        0       2048 sda\n"
				      "   8        1       2048 sda1\n"
				      " 259        3       2048 nvme0n1p3\n");
	memset(disk, 0, sizeof disk);
	memset(image, 0, sizeof image);
	memset(other, 0, sizeof other);
	memcpy(squash, "hsqs", 4);
	memcpy(squash + 1024 + 104, uuid, 16);
	device("/dev/sda", squash, sizeof squash);
	put(image + 1024 + 56, 0xef53, 2);
	put(image + 1024 + 96, 0x40, 4);
	memcpy(image + 1024 + 104, uuid, 16);
	memcpy(image + 1024 + 120, "sixteen-letters!", 16);
	device("/dev/sda1", image, sizeof image);
	memcpy(other + 1024, "\xe2\xe1\xf5\xe0", 4);
	memcpy(other + 1024 + 64, "root", 5);
	memcpy(other + 1024 + 48, uuid + 1, 15);
	device("/dev/nvme0n1p3", other, sizeof other);
	is_partition("nvme0n1p3", "3\n", "../../devices/pci0000:00/nvme/nvme0/nvme0n1/nvme0n1p3");
	is_partition("sda1", "1\n", "../../devices/pci0000:00/ata1/block/sda/sda1");
	disk_file = device("/dev/nvme0n1", disk, sizeof disk);
}


/* --- the words ------------------------------------------------------------- */

static const struct {
	const char *spec;
	int tag;
	const char *value;
} specs[] = {
	{ "LABEL=root", TAG_LABEL, "root" },
	{ "label=Root", TAG_LABEL, "Root" },
	{ "Uuid=AB-cd", TAG_UUID, "AB-cd" },
	{ "PARTLABEL=a b", TAG_PARTLABEL, "a b" },
	{ "PartUuid=1", TAG_PARTUUID, "1" },
	{ "PARTUUID=1/PARTNROFF=2", TAG_PARTUUID, "1/PARTNROFF=2" },
	{ "LABEL=", TAG_LABEL, "" },
	{ "LABEL=a=b", TAG_LABEL, "a=b" },
	{ "LABEL=\"a b\"", TAG_LABEL, "a b" },
	{ "UUID=\"1-2\"", TAG_UUID, "1-2" },
	{ "LABEL='a b'", TAG_LABEL, "a b" },
	{ "LABEL=\"a\"b\"", TAG_LABEL, "a\"b" },
	{ "LABEL=a\"b", TAG_LABEL, "a\"b" },
	{ "LABEL='a\"b'", TAG_LABEL, "a\"b" },
	{ "LABEL=\"a", TAG_NONE, NULL },
	{ "LABEL='", TAG_NONE, NULL },
	{ "LABEL=''", TAG_LABEL, "" },
	{ "LABEL=a\\x20b", TAG_LABEL, "a\\x20b" },
	{ "/dev/disk/by-label/root", TAG_LABEL, "root" },
	{ "/dev/disk/by-label/a\\x20b\\x2fc", TAG_LABEL, "a b/c" },
	{ "/dev/disk/by-label/a\\x2", TAG_LABEL, "a\\x2" },
	{ "/dev/disk/by-label/a\\", TAG_LABEL, "a\\" },
	{ "/dev/disk/by-label/\"a\"", TAG_LABEL, "\"a\"" },
	{ "/dev/disk/by-label/x=y", TAG_LABEL, "x=y" },
	{ "/dev/disk/by-uuid/1-2", TAG_UUID, "1-2" },
	{ "/dev/disk/by-partlabel/EFI\\x20system", TAG_PARTLABEL, "EFI system" },
	{ "/dev/disk/by-partuuid/1-2", TAG_PARTUUID, "1-2" },
	{ "", TAG_NONE, NULL },
	{ "=", TAG_NONE, NULL },
	{ "root", TAG_NONE, NULL },
	{ "LABEL", TAG_NONE, NULL },
	{ "LABEL:root", TAG_NONE, NULL },
	{ "LABEL/root", TAG_NONE, NULL },
	{ "LABELS=root", TAG_NONE, NULL },
	{ "LABE=root", TAG_NONE, NULL },
	{ " LABEL=root", TAG_NONE, NULL },
	{ "ID=root", TAG_NONE, NULL },
	{ "aVeryLongWordThatIsNone=root", TAG_NONE, NULL },
	{ "/dev/disk/by-id/LABEL=root", TAG_NONE, NULL },
	{ "/dev/disk/by-label", TAG_NONE, NULL },
	{ "/dev/disk/by-label=root", TAG_NONE, NULL },
	{ "/dev/disk/by-LABELS/root", TAG_NONE, NULL },
	{ "/dev/disk/by-", TAG_NONE, NULL },
	{ "/dev/sda1", TAG_NONE, NULL },
};

TEST(words_before_a_value_are_tags)
{
	char value[TAG_SIZE];

	for (unsigned i = 0; i < LENGTH(specs); i++) {
		int tag = tag_of(specs[i].spec, value);
		if (tag != specs[i].tag)
			FAIL("%s is %d", specs[i].spec, tag);
		if (tag != TAG_NONE)
			SAME(value, specs[i].value);
	}
}

TEST(a_value_that_is_too_long_is_cut_and_found_nowhere)
{
	char spec[1000], value[TAG_SIZE];

	boot();
	for (unsigned size = TAG_SIZE - 3; size < 900; size++) {
		strcpy(spec, size % 2 ? "LABEL=" : "/dev/disk/by-partlabel/");
		memset(spec + strlen(spec), 'x', size);
		spec[(size % 2 ? 6 : 23) + size] = 0;
		CHECK(tag_of(spec, value) >= 0);
		EQUAL(strlen(value), size < TAG_SIZE ? size : TAG_SIZE - 1);
		if (size % 100 == 0)
			CHECK(!device_find(spec));
	}
}


/* --- file systems ---------------------------------------------------------- */

TEST(devices_are_found_by_label)
{
	boot();
	SAME(device_find("LABEL=sixteen-letters!"), "/dev/sda1");
	SAME(device_find("LABEL=root"), "/dev/nvme0n1p3");
	SAME(device_find("label=\"root\""), "/dev/nvme0n1p3");
	SAME(device_find("/dev/disk/by-label/root"), "/dev/nvme0n1p3");
	CHECK(!device_find("LABEL=Root"));
	CHECK(!device_find("LABEL=roo"));
	CHECK(!device_find("LABEL=roots"));
	CHECK(!device_find("LABEL=sixteen-letters"));
	CHECK(!device_find("LABEL=sixteen-letters!!"));
	CHECK(!device_find("LABEL="));
	CHECK(!device_find("LABEL=\"\""));
	CHECK(!device_find("root"));
	CHECK(!device_find("/dev/sda1"));
}

TEST(devices_are_found_by_uuid_in_either_case)
{
	boot();
	SAME(device_find("UUID=" UUID_TEXT), "/dev/sda1");
	SAME(device_find("UUID=01234567-89AB-CDEF-FEDC-BA9876543210"), "/dev/sda1");
	SAME(device_find("UUID=23456789-abcd-effe-dcba-987654321000"), "/dev/nvme0n1p3");
	CHECK(!device_find("UUID=01234567-89ab-cdef-fedc-ba9876543211"));
	CHECK(!device_find("UUID=01234567-89ab-cdef-fedc-ba98765432100"));
	CHECK(!device_find("UUID=01234567-89ab-cdef-fedc-ba987654321"));
	CHECK(!device_find("UUID=0123456789abcdeffedcba9876543210"));
	CHECK(!device_find("UUID="));
}

TEST(without_proc_no_device_is_found)
{
	boot();
	fake_fail(ALWAYS, ENOENT, "open ro /proc/partitions");
	CHECK(!device_find("LABEL=root"));
	CHECK(!device_find("PARTUUID=" GUID_TEXT));
}

TEST(a_list_of_devices_that_can_not_be_read_is_no_empty_one)
{
	static const int errors[] = { ENOENT, EIO, EMFILE, ENOMEM };
	const char *call[] = { "open ro /proc/partitions", "read /proc/partitions" };

	boot();
	fake_add("/dev/sr0", S_IFBLK | 0600);
	for (unsigned i = 0; i < 2 * LENGTH(errors); i++) {
		struct device_list list = { 0 };
		fake_fail(2, errors[i / 2], call[i % 2]);
		CHECK(!device_find("LABEL=none"));
		EQUAL(why.error, -errors[i / 2]);
		SAME(why.path, "/proc/partitions");
		CHECK(!device_next(&list));
		CHECK(devices_unread);
		EQUAL(why.error, -errors[i / 2]);
	}
	CHECK(!device_find("LABEL=none"));
	CHECK(!devices_unread);
}

TEST(a_device_that_can_not_be_read_hides_no_other)
{
	boot();
	fake_fail(ALWAYS, ENOMEDIUM, "open ro /dev/sda");
	SAME(device_find("LABEL=root"), "/dev/nvme0n1p3");
	fake_fail(ALWAYS, EIO, "pread /dev/nvme0n1p3");
	CHECK(!device_find("LABEL=root"));
}

TEST(a_search_takes_no_memory_with_it)
{
	boot();
	for (unsigned i = 0; i < 100; i++) {
		char *before = joined("", "", "");
		device_find("LABEL=root");
		device_find("LABEL=none");
		CHECK(joined("", "", "") == before + 1);
	}
}


/* --- the list of devices --------------------------------------------------- */

static const char *list_devices(void)
{
	static char all[1000];
	struct device_list list = { 0 };

	*all = 0;
	while (device_next(&list))
		strcat(strcat(all, "|"), list.path);
	return all;
}

TEST(devices_are_listed_as_the_kernel_has_them)
{
	boot();
	SAME(list_devices(), "|/dev/loop0|/dev/sda1|/dev/sda|/dev/nvme0n1p3");
	fake_add("/dev/sr0", S_IFBLK | 0600);
	fake_add("/dev/sr1", S_IFBLK | 0600);
	fake_add("/dev/sr3", S_IFBLK | 0600);
	SAME(list_devices(), "|/dev/loop0|/dev/sda1|/dev/sda|/dev/nvme0n1p3|/dev/sr0|/dev/sr1");
}

TEST(partitions_come_before_their_disk)
{
	fake_text("/proc/partitions",
		  "major minor  #blocks  name\n\n"
		  " 7 0 1 loop1\n 259 0 1 loop1p1\n 7 1 1 loop10\n 7 2 1 loop11\n"
		  " 8 0 1 sda\n 8 1 1 sda1\n 8 2 1 sda15\n 259 3 1 sda16\n 8 3 1 sdaa\n 8 4 1 sdaa1\n"
		  " 8 5 1 sdb\n 179 0 1 mmcblk0\n 179 1 1 mmcblk0p1\n 179 2 1 mmcblk0boot0\n"
		  " 259 0 1 nvme0n1\n 259 1 1 nvme0n1p2\n 259 2 1 nvme0n1p12\n 259 1 1 nvme0n2\n"
		  " 254 0 1 dm-0\n 9 0 1 md_d0\n 9 1 1 md_d0p1\n");
	SAME(list_devices(), "|/dev/loop1p1|/dev/loop1|/dev/loop10|/dev/loop11"
			     "|/dev/sda1|/dev/sda15|/dev/sda16|/dev/sda|/dev/sdaa1|/dev/sdaa|/dev/sdb"
			     "|/dev/mmcblk0p1|/dev/mmcblk0|/dev/mmcblk0boot0"
			     "|/dev/nvme0n1p2|/dev/nvme0n1p12|/dev/nvme0n1|/dev/nvme0n2"
			     "|/dev/dm-0|/dev/md_d0p1|/dev/md_d0");
}

/* An ISO image that was written to a stick is its first partition, too. */
TEST(where_a_disk_and_its_partition_have_a_label_it_is_the_partition)
{
	boot();
	fake_find("/dev/sda")->data = image;
	SAME(device_find("LABEL=sixteen-letters!"), "/dev/sda1");
	SAME(device_find("UUID=" UUID_TEXT), "/dev/sda1");
	memset(image + 1024 + 120, 0, 16);
	memcpy(image + 1024 + 120, "root", 4);
	SAME(device_find("LABEL=root"), "/dev/sda1");
}

TEST(all_devices_with_a_label_can_be_had)
{
	struct device_list list = { 0 };

	boot();
	fake_find("/dev/sda")->data = other;
	char *before = read_mark();
	SAME(device_find_next("LABEL=root", &list), "/dev/sda");
	SAME(device_find_next("LABEL=root", &list), "/dev/nvme0n1p3");
	CHECK(!device_find_next("LABEL=root", &list));
	CHECK(!device_find_next("LABEL=root", &list));
	read_forget(before);
	list = (struct device_list){ 0 };
	CHECK(!device_find_next("LABEL=", &list));
	CHECK(!device_find_next("/dev/sda", &list));
	CHECK(!device_find_next("LABEL=none", &list));
}

TEST(optical_drives_that_the_kernel_lists_come_once)
{
	fake_text("/proc/partitions",
		  "major minor  #blocks  name\n\n  11        0  2048 sr0\n   8 0 1 sda\n");
	fake_add("/dev/sr0", S_IFBLK | 0600);
	fake_add("/dev/sr1", S_IFBLK | 0600);
	SAME(list_devices(), "|/dev/sr0|/dev/sda");
}

TEST(a_strange_list_of_devices_crashes_nothing)
{
	char text[1000] = "\n\n \n1\n1 2\n1 2 3\n1 2 3 \n 1 2 3 ok rest\n1 2 3 ";

	memset(text + strlen(text), 'x', 200);
	strcat(text, "\n\t1\t2\t3\tlast");
	fake_text("/proc/partitions", text);
	SAME(list_devices(), "|/dev/ok|/dev/last");
	boot();
	fake_find("/proc/partitions")->size = 0;
}


/* --- partitions ------------------------------------------------------------ */

static unsigned sector;

static void gpt(unsigned sector_size, unsigned entry_size)
{
	unsigned char *header = disk + sector_size, *entry = disk + 2 * sector_size + 2 * entry_size;

	sector = sector_size;
	memset(disk, 0, sizeof disk);
	put(disk + 510, 0xaa55, 2);
	put(disk + 440, 0xdeadbeef, 4);
	disk[446 + 4] = 0xee;
	memcpy(header, "EFI PART", 8);
	memcpy(header + 56, uuid, 16);
	header[57] = 0xff;
	put(header + 72, 2, 8);
	put(header + 80, 128, 4);
	put(header + 84, entry_size, 4);
	if (!entry_size)
		return;
	memcpy(entry, uuid, 16);
	entry[0] = 0xaa;
	memcpy(entry + 16, uuid, 16);
	memcpy(entry + 56, "r\0o\0\xf6\0t\0", 8);
}

TEST(a_gpt_tells_of_its_partitions)
{
	boot();
	for (unsigned size = 512; size <= 4096; size *= 2)
		for (unsigned entry = 128; entry <= 512; entry *= 2) {
			gpt(size, entry);
			CHECK(probe_partition("/dev/nvme0n1p3", &partition));
			EQUAL(partition.number, 3);
			SAME(partition.scheme, "gpt");
			SAME(partition.uuid, GUID_TEXT);
			SAME(partition.type, "674523aa-ab89-efcd-fedc-ba9876543210");
			SAME(partition.label, "ro\xc3\xb6t");
			SAME(partition.disk, "/dev/nvme0n1");
			EQUAL(fake_open_count(), 0);
		}
}

TEST(partitions_are_found_by_label_and_uuid)
{
	boot();
	gpt(512, 128);
	SAME(device_find("PARTUUID=" GUID_TEXT), "/dev/nvme0n1p3");
	SAME(device_find("PARTUUID=67452301-AB89-EFCD-FEDC-BA9876543210"), "/dev/nvme0n1p3");
	SAME(device_find("/dev/disk/by-partuuid/" GUID_TEXT), "/dev/nvme0n1p3");
	SAME(device_find("PARTLABEL=ro\xc3\xb6t"), "/dev/nvme0n1p3");
	SAME(device_find("/dev/disk/by-partlabel/ro\\xc3\\xb6t"), "/dev/nvme0n1p3");
	CHECK(!device_find("PARTLABEL=RO\xc3\xb6T"));
	CHECK(!device_find("PARTUUID=" UUID_TEXT));
	CHECK(!device_find("PARTUUID="));
	CHECK(!device_find("PARTLABEL="));
	/* the disk's own is that of no partition */
	CHECK(!device_find("PARTUUID=6745ff01-ab89-efcd-fedc-ba9876543210"));
}

TEST(partnroff_counts_from_a_partition)
{
	boot();
	gpt(512, 128);
	SAME(device_find("PARTUUID=" GUID_TEXT "/PARTNROFF=0"), "/dev/nvme0n1p3");
	SAME(device_find("PARTUUID=" GUID_TEXT "/PARTNROFF=2"), "/dev/nvme0n1p5");
	CHECK(!device_find("PARTUUID=" GUID_TEXT "x/PARTNROFF=1"));
	CHECK(!device_find("PARTUUID=" GUID_TEXT "/PARTNR=1"));
	CHECK(!device_find("PARTUUID=/PARTNROFF=1"));
	/* Where the disk's name ends with a letter. */
	fake_find("/dev/sda")->data = disk;
	fake_find("/dev/sda")->size = sizeof disk;
	fake_find("/dev/nvme0n1")->size = 0;
	memcpy(disk + 1024, disk + 1024 + 256, 128);
	SAME(device_find("PARTUUID=" GUID_TEXT), "/dev/sda1");
	SAME(device_find("PARTUUID=" GUID_TEXT "/PARTNROFF=1"), "/dev/sda2");
}

TEST(a_gpt_may_not_have_the_entry)
{
	boot();
	gpt(512, 128);
	put(disk + 512 + 80, 2, 4); /* two entries */
	put(disk + 440, 0, 4);
	CHECK(!probe_partition("/dev/nvme0n1p3", &partition));
	put(disk + 512 + 80, 3, 4);
	CHECK(probe_partition("/dev/nvme0n1p3", &partition));
	put(disk + 512 + 72, DISK / 512, 8); /* behind the end */
	CHECK(!probe_partition("/dev/nvme0n1p3", &partition));
	put(disk + 512 + 72, 0xffffffffffffffff, 8);
	CHECK(!probe_partition("/dev/nvme0n1p3", &partition));
	put(disk + 512 + 72, 0x00ffffffffffffff, 8);
	CHECK(!probe_partition("/dev/nvme0n1p3", &partition));
	gpt(512, 128);
	put(disk + 440, 0, 4);
	put(disk + 512 + 84, 0xffffffff, 4);
	CHECK(!probe_partition("/dev/nvme0n1p3", &partition));
	put(disk + 512 + 84, 8192, 4);
	CHECK(!probe_partition("/dev/nvme0n1p3", &partition));
	disk_file->size = 1024 + 2 * 128 + 127; /* ends within it */
	put(disk + 512 + 84, 128, 4);
	CHECK(!probe_partition("/dev/nvme0n1p3", &partition));
	disk_file->size++;
	CHECK(probe_partition("/dev/nvme0n1p3", &partition));
	EQUAL(fake_open_count(), 0);
}

TEST(a_gpt_label_may_fill_its_field)
{
	boot();
	gpt(512, 128);
	memset(disk + 1024 + 256 + 56, 0xff, 200);
	CHECK(probe_partition("/dev/nvme0n1p3", &partition));
	EQUAL(strlen(partition.label), 36 * 3);
}

TEST(a_dos_table_tells_of_its_partitions)
{
	boot();
	put(disk + 440, 0x0badcafe, 4);
	disk[446 + 2 * 16 + 4] = 0x83;
	CHECK(!probe_partition("/dev/nvme0n1p3", &partition)); /* without its signature */
	put(disk + 510, 0xaa55, 2);
	CHECK(probe_partition("/dev/nvme0n1p3", &partition));
	EQUAL(partition.number, 3);
	SAME(partition.scheme, "dos");
	SAME(partition.uuid, "0badcafe-03");
	SAME(partition.type, "0x83");
	SAME(partition.label, "");
	SAME(device_find("PARTUUID=0BADCAFE-03"), "/dev/nvme0n1p3");
	SAME(device_find("PARTUUID=0badcafe-03/PARTNROFF=1"), "/dev/nvme0n1p4");
	CHECK(!device_find("PARTUUID=0badcafe-3"));
	/* one of an extended partition */
	fake_find("/sys/class/block/nvme0n1p3/partition")->data = "17\n";
	fake_find("/sys/class/block/nvme0n1p3/partition")->size = 3;
	CHECK(probe_partition("/dev/nvme0n1p3", &partition));
	SAME(partition.uuid, "0badcafe-11");
	SAME(partition.type, "");
	put(disk + 440, 0, 4); /* which has no identifier */
	CHECK(probe_partition("/dev/nvme0n1p3", &partition));
	SAME(partition.uuid, "");
	disk[446] = 0x12; /* code, and no mark of where to boot from */
	CHECK(!probe_partition("/dev/nvme0n1p3", &partition));
}

TEST(a_logical_partition_is_an_entry_of_a_table_in_an_extended_one)
{
	/* 1: 0xc; 2: extended from sector 8 on, where 5 is, and behind it 6 */
	static const struct {
		unsigned at, type, start, size;
	} entries[] = {
		{ 446, 0x0c, 1, 2 },
		{ 446 + 16, 0x05, 8, 40 },
		{ 8 * 512 + 446, 0x83, 1, 3 },
		{ 8 * 512 + 446 + 16, 0x05, 10, 10 },
		{ 18 * 512 + 446, 0x82, 2, 4 },
		{ 18 * 512 + 446 + 16, 0x05, 10, 10 }, /* leads back to itself */
	};
	static const struct {
		const char *number, *type;
		unsigned start, size;
	} wanted[] = { { "1", "0xc", 1, 2 },
		       { "2", "0x5", 8, 40 },
		       { "5", "0x83", 9, 3 },
		       { "6", "0x82", 20, 4 },
		       { "7", "", 0, 0 } };

	boot();
	put(disk + 440, 0x0badcafe, 4);
	for (unsigned i = 0; i < LENGTH(entries); i++) {
		disk[entries[i].at + 4] = entries[i].type;
		put(disk + entries[i].at + 8, entries[i].start, 4);
		put(disk + entries[i].at + 12, entries[i].size, 4);
		put(disk + entries[i].at / 512 * 512 + 510, 0xaa55, 2);
	}
	for (unsigned i = 0; i < LENGTH(wanted); i++) {
		fake_find("/sys/class/block/nvme0n1p3/partition")->data = wanted[i].number;
		fake_find("/sys/class/block/nvme0n1p3/partition")->size = 1;
		CHECK(probe_partition("/dev/nvme0n1p3", &partition));
		SAME(partition.type, wanted[i].type);
		EQUAL(partition.start, wanted[i].start);
		EQUAL(partition.size, wanted[i].size);
	}
}

TEST(what_is_in_a_partition_is_told_by_the_table)
{
	boot();
	gpt(512, 128);
	put(disk + 1024 + 256 + 32, 40, 8);
	put(disk + 1024 + 256 + 40, 49, 8);
	put(disk + 510, 0xaa55, 2);
	int fd = sys_open("/dev/nvme0n1", O_RDONLY);
	CHECK(is_in_partition(fd, 40 * 512, 512));
	CHECK(is_in_partition(fd, 41 * 512, 9 * 512));
	CHECK(!is_in_partition(fd, 41 * 512, 10 * 512));
	CHECK(!is_in_partition(fd, 39 * 512, 512));
	disk[446 + 4] = 0x83;
	put(disk + 446 + 8, 60, 4);
	put(disk + 446 + 12, 5, 4);
	CHECK(!is_in_partition(fd, 40 * 512, 512));
	CHECK(is_in_partition(fd, 60 * 512, 5 * 512));
	CHECK(!is_in_partition(fd, 61 * 512, 5 * 512));
	sys_close(fd);
}

TEST(a_whole_disk_is_no_partition)
{
	char long_name[200] = "/dev/";

	boot();
	gpt(512, 128);
	CHECK(!probe_partition("/dev/nvme0n1", &partition));
	CHECK(!probe_partition("/dev/missing", &partition));
	CHECK(!probe_partition("/image", &partition));
	CHECK(!probe_partition("", &partition));
	memset(long_name + 5, 'x', 190);
	CHECK(!probe_partition(long_name, &partition));
	fake_fail(1, EACCES, "open ro /dev/nvme0n1");
	CHECK(!probe_partition("/dev/nvme0n1p3", &partition));
	EQUAL(fake_open_count(), 0);
}

TEST(a_strange_link_in_sysfs_names_no_disk)
{
	static char long_link[500];
	static const char *const links[] = { "", "/", "//", "sda", "/sda", "a/", "../..", long_link };

	boot();
	gpt(512, 128);
	memset(long_link, 'x', 400);
	memcpy(long_link, "../", 3);
	strcpy(long_link + 400, "/x");
	for (unsigned i = 0; i < LENGTH(links); i++) {
		fake_find("/sys/class/block/nvme0n1p3")->data = links[i];
		CHECK(!probe_partition("/dev/nvme0n1p3", &partition));
	}
	fake_find("/sys/class/block/nvme0n1p3")->data = "../nvme0n1/nvme0n1p3";
	CHECK(probe_partition("/dev/nvme0n1p3", &partition));
	fake_find("/sys/class/block/nvme0n1p3/partition")->data = "0\n";
	CHECK(!probe_partition("/dev/nvme0n1p3", &partition));
	fake_find("/sys/class/block/nvme0n1p3/partition")->data = "x\n";
	CHECK(!probe_partition("/dev/nvme0n1p3", &partition));
}

TEST(a_disk_tells_its_table)
{
	char id[40] = "";

	boot();
	CHECK(!probe_table("/dev/nvme0n1", id));
	gpt(4096, 128);
	SAME(probe_table("/dev/nvme0n1", id), "gpt");
	SAME(id, "6745ff01-ab89-efcd-fedc-ba9876543210");
	memset(disk + 4096, 0, 8);
	CHECK(!probe_table("/dev/nvme0n1", id)); /* what protects a GPT is no table of its own */
	SAME(id, "");
	disk[446 + 4] = 0x0c;
	SAME(probe_table("/dev/nvme0n1", id), "dos");
	SAME(id, "deadbeef");
	disk[446 + 3 * 16] = 0x80;
	SAME(probe_table("/dev/nvme0n1", id), "dos");
	put(disk + 440, 0, 4);
	SAME(probe_table("/dev/nvme0n1", id), "dos");
	SAME(id, "");
	disk[446 + 3 * 16] = 0x81;
	CHECK(!probe_table("/dev/nvme0n1", id));
	disk_file->size = 511;
	CHECK(!probe_table("/dev/nvme0n1", id));
	CHECK(!probe_table("/dev/missing", id));
	EQUAL(fake_open_count(), 0);
}

TEST(tables_of_garbage_crash_nothing)
{
	uint64_t noise = 1;
	char id[40];

	boot();
	for (unsigned i = 0; i < 1000; i++) {
		for (unsigned n = 0; n < 8192; n += 8) {
			noise ^= noise << 13, noise ^= noise >> 7, noise ^= noise << 17;
			put(disk + n, noise, 8);
		}
		if (i % 2)
			memcpy(disk + 512, "EFI PART", 8);
		if (i % 4 == 3)
			put(disk + 512 + 84, 128, 4), put(disk + 512 + 72, i % 200, 8);
		put(disk + 510, 0xaa55, 2);
		probe_partition("/dev/nvme0n1p3", &partition);
		CHECK(strlen(partition.label) < sizeof partition.label);
		probe_table("/dev/nvme0n1", id);
		CHECK(strlen(id) < sizeof id);
		int fd = sys_open("/dev/nvme0n1", O_RDONLY);
		is_in_partition(fd, noise % DISK, 512);
		sys_close(fd);
	}
	EQUAL(fake_open_count(), 0);
}
