/* SPDX-License-Identifier: MIT */
/* Flash by each of its names: which device is mounted, when UBI is attached, and what is said where that
 * can't be. */
#include <mtd/mtd-user.h>
#include <mtd/ubi-user.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "booting.h"

#define TOP "/lib/modules/" FAKE_RELEASE "/"

/* A case of a test. */
static const char *line_of, *wanted_of;

static void mounts(const char *wanted)
{
	boots();
	if (!strstr(fake_log("mount "), wanted))
		FAIL("no mount %s, but %s", wanted, fake_log("mount "));
}

/* Its last words begin so. */
static void gives_up(const char *words)
{
	EQUAL(run(), 1);
	const char *last = strrchr(fake_console(), '|') + 1;
	if (strncmp(last, words, strlen(words)))
		FAIL("the last words are %s", last);
}


/* --- the flash ----------------------------------------------------------------------------- */

static const char UBIFS[] = "\x31\x18\x10\x06", JFFS2[] = "\x85\x19\x03\x20",
		  JFFS2_BIG[] = "\x19\x85\xe0\x01", ERASED[] = "\xff\xff\xff\xff", UBI[] = "UBI#",
		  SQUASHFS[] = "hsqs", NEARLY[] = "\x85\x19\x03\x10";

/* A node of characters that reads so; second: what its second erase block begins with. */
static void node(const char *path, const char *start, const char *second)
{
	enum { BLOCK = 128 << 10 };
	char *data = malloc(2 * BLOCK);

	memset(data, 0xff, 2 * BLOCK);
	memcpy(data, start, 4);
	if (second)
		memcpy(data + BLOCK, second, 4);
	struct fake_file *file = fake_put(path, S_IFCHR | 0600);
	file->data = data;
	file->size = 2 * BLOCK;
}

static void text(const char *path, const char *words)
{
	struct fake_file *file = fake_put(path, S_IFREG | 0444);

	file->data = words;
	file->size = strlen(words);
}

static void root_at(const char *path, const char *type)
{
	fake_volume(path, type, "root", NULL);
}

static void block_of_mtd(unsigned number, const char *type)
{
	char path[40];

	sprintf(path, "/dev/mtdblock%u", number);
	root_at(path, type);
}

/* What /proc/mtd has, as tests need it. */
static void put_mtd(const char *names)
{
	text("/proc/mtd", names);
	node("/dev/mtd0", SQUASHFS, NULL);
	node("/dev/mtd1", JFFS2, NULL);
	node("/dev/mtd2", UBI, NULL);
	node("/dev/mtd3", ERASED, NULL);
	node("/dev/mtd4", ERASED, JFFS2_BIG);
	node("/dev/mtd5", NEARLY, NULL);
	root_at("mtd1", "jffs2");
	root_at("mtd4", "jffs2");
	block_of_mtd(0, "squashfs");
	block_of_mtd(3, "ext4");
	block_of_mtd(5, "ext4");
}

#define HEAD "dev:    size   erasesize  name\n"
#define MTD \
	HEAD "mtd0: 00040000 00020000 \"kernel\"\nmtd1: 00040000 00020000 \"data\"\n" \
	     "mtd2: 00040000 00020000 \"ubi\"\nmtd3: 00040000 00020000 \"erased, old\"\n" \
	     "mtd4: 00040000 00020000 \"later\"\nmtd5: 00040000 00020000 \"nearly\"\n"

/* A UBI device, with a UBIFS, a squashfs and an empty volume. */
static void put_ubi(unsigned number)
{
	static const char *const names[] = { "root\n", NULL, "image\n", "empty\n", NULL };
	static const char *const starts[] = { UBIFS, NULL, SQUASHFS, ERASED, NULL };
	char path[60];

	for (unsigned i = 0; i < LENGTH(names); i++) {
		if (!names[i])
			continue;
		sprintf(path, "/sys/class/ubi/ubi%u_%u/name", number, i);
		text(path, names[i]);
		sprintf(path, "/dev/ubi%u_%u", number, i);
		node(path, starts[i], NULL);
	}
	sprintf(path, "/sys/class/ubi/ubi%u", number);
	fake_put(path, S_IFDIR | 0755);
}

static struct ubi_attach_req requests[4];
static unsigned attached;

static long answer(unsigned long request, const char *path, void *arg)
{
	struct ubi_attach_req *attach = arg;
	unsigned ubi, volume;
	char block[40];

	if (request == MEMGETINFO) {
		((struct mtd_info_user *)arg)->erasesize = 128 << 10;
		return 0;
	}
	if (request == UBI_IOCATT) {
		SAME(path, "/dev/ubi_ctrl");
		requests[attached] = *attach;
		if (attach->ubi_num < 0)
			attach->ubi_num = attached;
		attached++;
		put_ubi(attach->ubi_num);
		return 0;
	}
	EQUAL(request, UBI_IOCVOLCRBLK);
	EQUAL(sscanf(path, "/dev/ubi%u_%u", &ubi, &volume), 2);
	sprintf(block, "/dev/ubiblock%u_%u", ubi, volume);
	root_at(block, "squashfs");
	return 0;
}

static void start(const char *line)
{
	fake_initramfs(line);
	fake_root("root", "");
	fake_put("/sys/class", S_IFDIR | 0755);
	fake.flash = answer;
}

/* The kernel has UBI, but none is attached. */
static void start_unattached(const char *line)
{
	start(line);
	put_mtd(MTD);
	fake_put("/sys/class/ubi", S_IFDIR | 0755);
	fake_put("/dev/ubi_ctrl", S_IFCHR | 0600);
}

static void start_attached(const char *line)
{
	start_unattached(line);
	put_ubi(0);
	put_ubi(2);
	root_at("ubi0:root", "ubifs");
	root_at("ubi2:root", "ubifs");
	root_at("ubi:root", "ubifs");
	root_at("ubi!root", "ubifs");
	root_at("ubi0_0", "ubifs");
	root_at("ubi0", "ubifs");
	root_at("ubi0:empty", "ubifs");
}

/* Modules of these names, which need none other. */
static void put_module(const char *name)
{
	char path[100];

	sprintf(path, TOP "%s.ko", name);
	fake_add(path, S_IFREG | 0644);
}


/* --- names --------------------------------------------------------------------------------- */

static void a_name_is_mounted_so(void)
{
	start_attached(line_of);
	fake_volume("/dev/vda", "ext4", "root", NULL);
	fake_find("/dev/vda")->number = 253 << 8;
	mounts(wanted_of);
	EQUAL(fake.sleeps, 0);
}

TEST(each_name_of_flash_is_mounted)
{
	static const char *const cases[][2] = {
		{ "root=mtd:data", "|mtd1 /sysroot jffs2 ro -" },
		{ "root=mtd1", "|mtd1 /sysroot jffs2 ro -" },
		{ "root=/dev/mtd1", "|mtd1 /sysroot jffs2 ro -" },
		{ "root=/dev/mtd1ro", "|mtd1 /sysroot jffs2 ro -" },
		{ "root=mtd1 rootfstype=jffs2 rw", "|mtd1 /sysroot jffs2 - -" },
		{ "root=mtd1 rootfstype=squashfs,jffs2", "|mtd1 /sysroot jffs2 ro -" },
		{ "root=mtd1 rootfstype=auto", "|mtd1 /sysroot jffs2 ro -" },
		{ "root=mtd4", "|mtd4 /sysroot jffs2 ro -" }, /* its first block is erased */
		{ "root=mtd:kernel", "|/dev/mtdblock0 /sysroot squashfs ro -" },
		{ "root=mtd0", "|/dev/mtdblock0 /sysroot squashfs ro -" },
		{ "root=mtdblock0", "|/dev/mtdblock0 /sysroot squashfs ro -" },
		{ "root=/dev/mtdblock0", "|/dev/mtdblock0 /sysroot squashfs ro -" },
		{ "\"root=mtd:erased\\, old\"", "|/dev/mtdblock3 /sysroot ext4 ro -" },
		{ "root=mtd5", "|/dev/mtdblock5 /sysroot ext4 ro -" },
		{ "root=ubi0:root", "|ubi0:root /sysroot ubifs ro -" },
		{ "root=ubi2:root rootfstype=ubifs", "|ubi2:root /sysroot ubifs ro -" },
		{ "root=ubi:root rootfstype=squashfs,ubifs", "|ubi:root /sysroot ubifs ro -" },
		{ "root=ubi!root", "|ubi!root /sysroot ubifs ro -" },
		{ "root=ubi0_0", "|ubi0_0 /sysroot ubifs ro -" },
		{ "root=/dev/ubi0_0", "|ubi0_0 /sysroot ubifs ro -" },
		{ "root=ubi0", "|ubi0 /sysroot ubifs ro -" },
		{ "root=ubi0:empty", "|ubi0:empty /sysroot ubifs ro -" },
		{ "root=ubi0:image", "|/dev/ubiblock0_2 /sysroot squashfs ro -" },
		{ "root=ubi2_2", "|/dev/ubiblock2_2 /sysroot squashfs ro -" },
		{ "root=ubi2", "|/dev/ubiblock0_2 /sysroot squashfs ro -" },
		{ "root=/dev/ubiblock0_2", "|/dev/ubiblock0_2 /sysroot squashfs ro -" },
		{ "root=ubiblock0_2", "|/dev/ubiblock0_2 /sysroot squashfs ro -" },
		{ "root=mtd:none,ubi9:root,mtd:data", "|mtd1 /sysroot jffs2 ro -" },
		{ "root=fd00", "|/dev/root-fd00 /sysroot ext4 ro -" },
	};

	for (unsigned i = 0; i < LENGTH(cases); i++) {
		line_of = cases[i][0];
		wanted_of = cases[i][1];
		test_apart(a_name_is_mounted_so, line_of);
	}
}

/* The kernel (6.1) would write more than it was asked for. */
TEST(nothing_is_read_behind_the_end_of_a_volume)
{
	char read[60];

	start_attached("root=ubi0:empty");
	mounts("|ubi0:empty /sysroot ubifs ro -");
	EQUAL(fake_count("pread /dev/ubi0_3 "), 2);
	sprintf(read, "pread /dev/ubi0_3 %d", 128 << 10);
	EQUAL(fake_count(read), 1);
}

static void a_name_is_refused_so(void)
{
	start_attached(line_of);
	gives_up(wanted_of);
}

TEST(what_is_no_flash_is_told)
{
#define NAMES "not mtd:NAME, mtdN, ubiN:NAME or ubiN_VOLUME"
#define VOLUMES "no such UBI volume; there are: root, image, empty"
	static const char *const cases[][2] = {
		{ "root=mtd0x", "mtd0x: " NAMES },
		{ "root=ubi0:", "ubi0:: " NAMES },
		{ "root=ubi0_x", "ubi0_x: " NAMES },
		{ "root=ubi0_0x", "ubi0_0x: " NAMES },
		{ "root=ubi0;root", "ubi0;root: " NAMES },
		{ "root=/dev/ubiblock0:image", "/dev/ubiblock0:image: " NAMES },
		{ "root=mtd:ubi",
		  "mtd:ubi: holds UBI: use a volume (ubi0:NAME), and attach this by ubi.mtd=" },
		{ "root=ubi0:Root", "ubi0:Root: " VOLUMES },
		{ "root=ubi0_1", "ubi0_1: " VOLUMES },
		{ "root=/dev/ubiblock2_1", "/dev/ubiblock2_1: " VOLUMES },
		{ "root=mtd:Data rootwait=1", "mtd:Data: no MTD device has this name; there are: \"kernel\", "
					      "\"data\", \"ubi\", \"erased, old\", \"later\", \"nearly\"" },
		{ "root=mtd7 rootwait=1", "mtd7: no such MTD device; there are: \"kernel\"" },
		{ "root=fg00", "fg00: not /dev/..., MAJOR:MINOR" },
		{ "root=0", "0: not /dev/..., MAJOR:MINOR" },
	};

	for (unsigned i = 0; i < LENGTH(cases); i++) {
		line_of = cases[i][0];
		wanted_of = cases[i][1];
		test_apart(a_name_is_refused_so, line_of);
	}
}

TEST(a_volume_that_was_half_written_is_told_and_passed_over)
{
	start_attached("root=ubi0:image,ubi2:image");
	text("/sys/class/ubi/ubi0_2/upd_marker", "1\n");
	text("/sys/class/ubi/ubi2_2/upd_marker", "0\n");
	mounts("|/dev/ubiblock2_2 /sysroot squashfs ro -");
	says("|ubi0:image: an update of this UBI volume was not finished: write it again|");
	EQUAL(fake_count("open ro /dev/ubi0_2"), 0);
}

static void a_store_is_mounted_so(void)
{
	start_attached(line_of);
	fake_volume("/dev/vda", "squashfs", "root", NULL);
	root_at("ubi0_3", "ubifs");
	fake_find("mtd1")->tree = fake_find("ubi0:empty")->tree = fake_find("ubi0_3")->tree = "store";
	mounts(wanted_of);
	EQUAL(fake.sleeps, 0);
}

TEST(flash_keeps_changes_by_each_name)
{
#define STORE "|mtd1 /run/initramfs/overlay jffs2 - -"
#define UPPER "upperdir=/run/initramfs/overlay/"
	static const char *const cases[][2] = {
		{ "rd.overlay=mtd:data", STORE },
		{ "rd.overlay=mtd1", STORE },
		{ "rd.overlay=mtd:data:/a/up", UPPER "/a/up," },
		{ "rd.overlay=mtd1:/up", UPPER "/up," },
		{ "rd.overlay=mtd1:up,required", UPPER "up," },
		{ "rd.overlay=ubi0:empty", "|ubi0:empty /run/initramfs/overlay ubifs - -" },
		{ "rd.overlay=ubi0:empty:/up,required", UPPER "/up," },
		{ "rd.overlay=ubi0_3:up", UPPER "up," },
		{ "rd.overlay=/dev/ubi0_3:/up", UPPER "/up," },
	};
	char line[100];

	for (unsigned i = 0; i < LENGTH(cases); i++) {
		snprintf(line, sizeof line, "root=/dev/vda %s", cases[i][0]);
		line_of = line;
		wanted_of = cases[i][1];
		test_apart(a_store_is_mounted_so, line_of);
	}
}

/* The kernel makes the UBIFS, which it does for a mount that may write. */
TEST(counts_are_written_to_an_empty_volume_at_the_first_boot)
{
	start_attached("root=mtd0 loopbox.tries=3 loopbox.tries.on=ubi0:empty");
	fake_find("ubi0:empty")->tree = "store";
	fake_fail(ALWAYS, EROFS, "mount ubi0:empty /run/initramfs/counts ubifs ro");
	mounts("|ubi0:empty /run/initramfs/counts ubifs nosuid,nodev,noexec,nosymfollow -");
	CHECK(fake_find("store:/loopbox.tries"));
}

/* A relative path would be a file of the initramfs. */
TEST(counts_are_not_written_to_flash_by_an_offset)
{
	start_attached("root=mtd0 loopbox.tries=3 loopbox.tries.on=ubi0:empty:0");
	mounts("|/dev/mtdblock0 /sysroot");
	says("|ubi0:empty:0: on flash, name a file|");
}


/* --- UBI is attached ----------------------------------------------------------------------- */

static void is_request(unsigned i, int ubi, int mtd, int offset, int bad_blocks)
{
	EQUAL(requests[i].ubi_num, ubi);
	EQUAL(requests[i].mtd_num, mtd);
	EQUAL(requests[i].vid_hdr_offset, offset);
	EQUAL(requests[i].max_beb_per1024, bad_blocks);
}

TEST(the_mtd_device_named_ubi_is_attached)
{
	start_unattached("root=ubi3:root");
	root_at("ubi3:root", "ubifs");
	mounts("|ubi3:root /sysroot ubifs ro -");
	says("|+ attached mtd2 to ubi3|");
	is_request(0, 3, 2, 0, 0);
	EQUAL(fake_count("ioctl UBI_IOCATT"), 1);
	EQUAL(fake.sleeps, 0);
}

TEST(what_ubi_mtd_names_is_attached_as_far_as_it_is_needed)
{
	start_unattached("ubi.mtd=later,2KiB,25 ubi.mtd=1,,,7 ubi.mtd=/dev/mtd3 root=ubi7:root");
	root_at("ubi7:root", "ubifs");
	mounts("|ubi7:root /sysroot");
	EQUAL(attached, 2);
	is_request(0, UBI_DEV_NUM_AUTO, 4, 2048, 25);
	is_request(1, 7, 1, 0, 0);
}

/* It is of another device, say. */
TEST(a_number_of_ubi_mtd_that_is_none_is_the_kernel_s_to_refuse)
{
	start_unattached("ubi.mtd=later,x,3 root=ubi0:root");
	root_at("ubi0:root", "ubifs");
	mounts("|ubi0:root /sysroot");
	is_request(0, UBI_DEV_NUM_AUTO, 4, -2, 3);
}

TEST(what_modprobe_d_says_of_ubi_is_attached)
{
	start_unattached("root=ubi0:root");
	text("/etc/modprobe.d/flash.conf", "options ubi mtd=/dev/mtd5\n");
	root_at("ubi0:root", "ubifs");
	mounts("|ubi0:root /sysroot");
	is_request(0, UBI_DEV_NUM_AUTO, 5, 0, 0);
}

TEST(what_is_attached_already_is_no_failure)
{
	start_unattached("ubi.mtd=ubi root=ubi1:root,mtd0");
	fake_fail(ALWAYS, EEXIST, "ioctl UBI_IOCATT");
	mounts("|/dev/mtdblock0 /sysroot");
	says("|ubi1:root: no UBI device has this number|");
}

TEST(an_mtd_device_is_attached_once)
{
	start_unattached("root=ubi0:root,/dev/vda rootwait=5");
	fake_volume("/dev/vda", "squashfs", "root", NULL);
	fake_appears(3500, "/dev/vda");
	fake_fail(ALWAYS, EINVAL, "ioctl UBI_IOCATT");
	mounts("|/dev/vda /sysroot");
	says("|ubi.mtd=ubi: attach to UBI: Invalid argument|");
	EQUAL(fake_count("ioctl UBI_IOCATT"), 1);
}

TEST(the_mtd_device_is_waited_for)
{
	start_unattached("root=ubi0:root rootwait=5");
	strcpy(fake_find("/proc/mtd")->path, "\n");
	text("/proc/mtd", HEAD);
	gives_up("ubi0:root: no ubi.mtd= is given, and no MTD device is named \"ubi\"; there are none");
	CHECK(fake.milliseconds >= 5000);
	EQUAL(fake_count("ioctl UBI_IOCATT"), 0);
}

static void do_as_module(const char *name)
{
	if (!strcmp(name, "mtdblock"))
		block_of_mtd(0, "squashfs");
	if (strcmp(name, "ubi"))
		return;
	fake_put("/sys/class/ubi", S_IFDIR | 0755);
	fake_put("/dev/ubi_ctrl", S_IFCHR | 0600);
	if (strstr(line_of, "ubi.mtd="))
		put_ubi(0);
}

static void ubi_is_a_module(const char *line)
{
	line_of = line;
	start(line);
	put_mtd(MTD);
	fake.loads = do_as_module;
	fake_text(TOP "modules.dep", "ubi.ko:\nubifs.ko: ubi.ko\nzstd.ko:\nmtdblock.ko:\n");
	fake_text(TOP "modules.alias", "alias fs-ubifs ubifs\nalias crypto-zstd zstd\n");
	put_module("ubi");
	put_module("ubifs");
	put_module("zstd");
	put_module("mtdblock");
	root_at("ubi0:root", "ubifs");
}

TEST(the_module_is_loaded_and_attaches_what_is_said)
{
	ubi_is_a_module("ubi.mtd=ubi,2048 root=ubi0:root");
	mounts("|ubi0:root /sysroot ubifs ro -");
	CHECK(strstr(fake_log("finit_module "), "ubi.ko mtd=ubi,2048"));
	EQUAL(fake_count("ioctl UBI_IOCATT"), 0);
}

TEST(the_module_that_has_nothing_to_attach_is_told)
{
	ubi_is_a_module("root=ubi0:root");
	mounts("|ubi0:root /sysroot ubifs ro -");
	EQUAL(fake_count("ioctl UBI_IOCATT"), 1);
}

/* It would not be loaded. */
TEST(the_module_waits_for_what_it_attaches)
{
	ubi_is_a_module("ubi.mtd=system root=ubi0:root rootwait=1");
	gives_up("ubi.mtd=system: no such MTD device; there are: \"kernel\"");
	EQUAL(fake_count("finit_module"), 0);
}

TEST(ubifs_is_loaded_with_its_compressors)
{
	ubi_is_a_module("ubi.mtd=ubi root=ubi0:root");
	fake_fail(1, ENODEV, "mount ubi0:root");
	mounts("|ubi0:root /sysroot ubifs ro -");
	SAME(fake_log("finit_module "),
	     "|" TOP "ubi.ko mtd=ubi|" TOP "zstd.ko |" TOP "ubi.ko mtd=ubi|" TOP "ubifs.ko ");
}

TEST(a_block_device_of_flash_that_comes_late_is_waited_for)
{
	start("root=mtd0 rootwait=5");
	put_mtd(MTD);
	fake_appears(2000, "/dev/mtdblock0");
	mounts("|/dev/mtdblock0 /sysroot squashfs ro -");
	CHECK(fake.milliseconds >= 2000);
}

TEST(a_block_device_of_flash_that_never_comes_is_told)
{
	start("root=mtd0 rootwait=2");
	put_mtd(MTD);
	strcpy(fake_find("/dev/mtdblock0")->path, "\n");
	gives_up("mtd0: has no block device /dev/mtdblock0 (CONFIG_MTD_BLOCK, or the module mtdblock)");
}

TEST(mtdblock_is_loaded_where_it_is_needed)
{
	ubi_is_a_module("root=mtd:kernel");
	strcpy(fake_find("/dev/mtdblock0")->path, "\n");
	mounts("|/dev/mtdblock0 /sysroot squashfs ro -");
	SAME(fake_log("finit_module "), "|" TOP "mtdblock.ko ");
}


/* --- three things that may be missing ------------------------------------------------------- */

TEST(a_module_that_does_not_load_is_told)
{
	ubi_is_a_module("ubi.mtd=ubi root=ubi0:root");
	fake_fail(ALWAYS, EINVAL, "finit_module " TOP "ubi.ko");
	gives_up(TOP "ubi.ko: load: Invalid argument");
}

TEST(a_module_of_a_type_that_does_not_load_is_told)
{
	ubi_is_a_module("ubi.mtd=ubi root=ubi0:root");
	fake_fail(ALWAYS, ENODEV, "mount ubi0:root");
	fake_fail(ALWAYS, ENOEXEC, "finit_module " TOP "ubifs.ko");
	gives_up("ubi0:root: this kernel has no file system type \"ubifs\" (module not loaded?)");
	says("|" TOP "ubifs.ko: load: Exec format error|");
	EQUAL(fake.sleeps, 0);
}

TEST(a_kernel_without_ubiblock_is_told)
{
	start_attached("root=ubi0:image");
	fake_fail(ALWAYS, ENOTTY, "ioctl UBI_IOCVOLCRBLK");
	gives_up("ubi0:image: make its block device (CONFIG_MTD_UBI_BLOCK): ");
}

/* What is written goes to an MTD device that is erased. */
static void start_with_erased(void)
{
	start_attached("root=/dev/vda rd.overlay=mtd3,required");
	fake_volume("/dev/vda", "squashfs", "root", NULL);
	struct fake_file *file = fake_find("/dev/mtdblock3");
	memset((char *)file->data, 0xff, file->size);
	file->holds = "nothing";
}

TEST(a_type_that_nobody_gives_is_told)
{
	start_with_erased();
	EQUAL(run(), 1);
	says("|/dev/mtdblock3: is blank, and needs a file system first|");
}

/* By mtdblock_ro, say, which is loaded where there is one. */
TEST(a_type_that_nobody_gives_is_told_of_a_device_that_is_read_only)
{
	start_with_erased();
	fake_fail(ALWAYS, EACCES, "mount /dev/mtdblock3");
	EQUAL(run(), 1);
	says("|/dev/mtdblock3: is blank, and needs a file system first|");
}
