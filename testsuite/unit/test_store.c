/* SPDX-License-Identifier: MIT */
/* What a store may have besides: a folder for each slot, a flag that empties it, a file system that is
 * made for it, a place behind the image. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "booting.h"

#define LINE "root=/dev/vda loop=/images/root.squashfs "
#define PLACE "/run/initramfs/overlay"

/* A medium with images, and a partition for what is written. */
static void start(const char *line)
{
	fake_initramfs(line);
	fake_volume("/dev/vda", "ext4", "medium", "data");
	fake_find("medium:")->device = 1;
	fake_volume("medium:/images/root.squashfs", "squashfs", "root", NULL);
	fake_volume("medium:/images/b.squashfs", "squashfs", "root", NULL);
	fake_root("root", "");
	fake_volume("/dev/vdb", "ext4", "store", NULL);
}

static void is_in_memory(void)
{
	says("|changes are kept in memory, and lost at shutdown|");
	CHECK(!strstr(fake_log("mount overlay "), "upperdir=" PLACE "/a"));
}

static void overlay_is(const char *upper, const char *work)
{
	char words[600];

	sprintf(words, "upperdir=%s,workdir=%s", upper, work);
	if (!strstr(fake_log("mount overlay "), words))
		FAIL("not %s, but %s", words, fake_log("mount overlay "));
}

/* A case of a test. */
static const char *line_of, *upper_of, *work_of;


/* --- slots --------------------------------------------------------------------------------- */

static void a_slot_has_its_folder(void)
{
	start(line_of);
	fake_volume("/dev/vdd", "squashfs", "root", NULL);
	boots();
	overlay_is(upper_of, work_of);
}

TEST(a_slot_is_named_by_its_entries)
{
	static const char *const cases[][3] = {
		{ "root=/dev/vdc,/dev/vdd rd.overlay=/dev/vdb:/%s/upper", PLACE "//vdd/upper",
		  PLACE "//vdd/work" },
		{ "root=/dev/vdd rd.overlay=/dev/vdb:/etc-%s", PLACE "//etc-vdd", PLACE "//etc-vdd.work" },
		{ "root=LABEL=data loop=/images/none,/images/b.squashfs rd.overlay=/dev/vdb:/%s",
		  PLACE "//data-images_b.squashfs", PLACE "//data-images_b.squashfs.work" },
		{ "root=/dev/vda loop=/images/root.squashfs:/images/b.squashfs rd.overlay=/dev/vdb:/%s/a",
		  PLACE "//vda-images_root.squashfs__images_b.squashfs/a",
		  PLACE "//vda-images_root.squashfs__images_b.squashfs/work" },
		{ "root=* loop=images/root.squashfs rd.overlay=/dev/vdb:/%s/a",
		  PLACE "//images_root.squashfs/a", PLACE "//images_root.squashfs/work" },
		{ "root=/dev/vdd rd.overlay=/dev/vdb loopbox.overlay.upper=u%s loopbox.overlay.work=w%s",
		  PLACE "/uvdd", PLACE "/wvdd" },
		{ "root=/dev/vdd rd.overlay=/dev/vdb loopbox.overlay.dir=%s", PLACE "/vdd/upper",
		  PLACE "/vdd/work" },
		/* Other letters are a part of the name. */
		{ "root=/dev/vdd rd.overlay=/dev/vdb:/%d%%/a%", PLACE "//%d%%/a%", PLACE "//%d%%/work" },
	};

	for (unsigned i = 0; i < LENGTH(cases); i++) {
		line_of = cases[i][0];
		upper_of = cases[i][1];
		work_of = cases[i][2];
		test_apart(a_slot_has_its_folder, line_of);
	}
}


/* --- a flag that empties it ------------------------------------------------------------------ */

static void start_to_reset(const char *line)
{
	start(line);
	fake_put("store:/upper/etc/passwd", S_IFREG | 0600);
	fake_put("store:/upper/etc/link", S_IFLNK | 0777)->data = "/run/initramfs/medium";
	fake_put("store:/work/index/1", S_IFREG | 0600);
	fake_put("store:/kept/file", S_IFREG | 0600);
}

static bool is_emptied(void)
{
	return !fake_find("store:/upper/etc/passwd") && !fake_find("store:/upper/etc") &&
	       !fake_find("store:/work/index");
}

TEST(slashes_behind_the_names_of_the_folders_change_nothing)
{
	start_to_reset(LINE "rd.overlay=/dev/vdb loopbox.overlay.upper=upper/ loopbox.overlay.work=work// "
			    "loopbox.reset.on=factory-reset");
	fake_put("store:/factory-reset", S_IFREG | 0644);
	boots();
	CHECK(is_emptied());
	CHECK(!fake_find("store:/factory-reset"));
}

static void the_store_is_not_used(void)
{
	start_to_reset(line_of);
	fake_put("store:/factory-reset", S_IFREG | 0644);
	fake_fail(ALWAYS, EIO, upper_of);
	boots();
	says(work_of);
	is_in_memory();
	CHECK(fake_find("store:/upper/etc/passwd"));
}

TEST(a_flag_that_can_t_be_looked_for_is_not_no_flag)
{
	line_of = LINE "rd.overlay=/dev/vdb loopbox.reset.on=/factory-reset";
	upper_of = "stat " PLACE "/factory-reset";
	work_of = "|" PLACE "/factory-reset: stat: Input/output error|";
	test_apart(the_store_is_not_used, "on the store");
	upper_of = "stat /run/initramfs/medium/factory-reset";
	work_of = "|/run/initramfs/medium/factory-reset: stat: Input/output error|";
	test_apart(the_store_is_not_used, "on the medium");
}

TEST(a_flag_on_the_store_empties_the_layer_once)
{
	start_to_reset(LINE "rd.overlay=/dev/vdb loopbox.reset.on=/factory-reset");
	fake_put("store:/factory-reset", S_IFREG | 0644);
	boots();
	CHECK(is_emptied());
	CHECK(!fake_find("store:/factory-reset") && fake_find("store:/kept/file"));
	CHECK(fake_find("store:/upper") && fake_find("store:/work"));
	says("|+ emptied " PLACE "/upper, as " PLACE "/factory-reset demands|");
	/* The flag goes last, once the rest is on the disk. */
	const char *calls = fake_log(""), *flag = strstr(calls, "|unlink store:/factory-reset");
	const char *upper = strstr(calls, "|rmdir store:/upper|");
	CHECK(flag && upper && upper < flag);
	CHECK(strstr(upper, "|fsync|") && strstr(upper, "|fsync|") < flag && strstr(flag, "|fsync|"));
}

TEST(without_the_flag_nothing_is_emptied)
{
	start_to_reset(LINE "rd.overlay=/dev/vdb loopbox.reset.on=factory-reset");
	fake_put("store:/factory-reset", S_IFDIR | 0755);
	boots();
	CHECK(fake_find("store:/upper/etc/passwd") && fake_find("store:/factory-reset"));
}

TEST(a_flag_on_the_medium_empties_the_layer_and_the_medium_is_read_only_again)
{
	start_to_reset(LINE "rd.overlay=/dev/vdb loopbox.reset.on=etc/reset");
	fake_put("medium:/etc/reset", S_IFREG | 0644);
	boots();
	CHECK(is_emptied() && !fake_find("medium:/etc/reset"));
	const char *calls = fake_log(""), *flag = strstr(calls, "|unlink medium:/etc/reset");
	CHECK(flag && strstr(calls, "|mount - /run/initramfs/medium - remount -|") <
			      strstr(calls, "|rmdir store:/upper|"));
	CHECK(strstr(flag, "|mount - /run/initramfs/medium - ro,remount -|"));
}

/* The call fails each time. */
static void boots_with_a_flag_on_the_medium(int error, const char *call)
{
	start_to_reset(LINE "rd.overlay=/dev/vdb loopbox.reset.on=reset");
	fake_put("medium:/reset", S_IFREG | 0644);
	fake_fail(ALWAYS, error, call);
	boots();
}

TEST(a_flag_on_a_medium_that_can_not_be_written_empties_nothing)
{
	boots_with_a_flag_on_the_medium(EROFS, "mount - /run/initramfs/medium - remount");
	CHECK(fake_find("store:/upper/etc/passwd") && fake_find("medium:/reset"));
	says("|/run/initramfs/medium/reset: ignored, because it could not be deleted|");
}

TEST(a_medium_that_does_not_tell_whether_it_can_be_written_is_told)
{
	boots_with_a_flag_on_the_medium(EIO, "statfs /run/initramfs/medium");
	says("|/run/initramfs/medium: remount writable: Input/output error|");
}

TEST(a_medium_that_stays_writable_is_told)
{
	boots_with_a_flag_on_the_medium(EBUSY, "mount - /run/initramfs/medium - ro,remount");
	says("|/run/initramfs/medium: remount read-only: Device or resource busy|");
}

/* Another power cut, a file that can't be deleted: the flag stays, and what is half there is not used. */
static void a_reset_that_fails_keeps_the_flag(void)
{
	start_to_reset(LINE "rd.overlay=/dev/vdb loopbox.reset.on=reset");
	fake_put("store:/reset", S_IFREG | 0644);
	fake_fail(ALWAYS, EIO, line_of);
	boots();
	CHECK(fake_find("store:/reset"));
	is_in_memory();
}

TEST(a_layer_that_could_not_be_emptied_is_not_used_and_the_flag_stays)
{
	static const char *const calls[] = { "unlink store:/upper/etc/passwd",
					     "rmdir store:/upper/etc",
					     "rmdir store:/upper",
					     "rmdir store:/work",
					     "fsync",
					     "unlink store:/reset",
					     "open ro upper" };

	for (unsigned i = 0; i < LENGTH(calls); i++)
		test_apart(a_reset_that_fails_keeps_the_flag, line_of = calls[i]);
}

/* Where text is lost, a name is empty, and names nothing: nothing that would have to be emptied, either;
 * and the next, shorter one may find room again. */
#define LONG_NAME "the-name-of-this-folder-is-longer-than-the-path-of-the-folder-that-the-flag-is-in"
static unsigned bytes_left;

static void a_flag_goes_with_the_layer_alone(void)
{
	start(LINE "rd.overlay=/dev/vdb loopbox.reset.on=reset loopbox.overlay.upper=" LONG_NAME);
	fake_put("store:/reset", S_IFREG | 0644);
	fake_put("store:/" LONG_NAME "/etc", S_IFREG | 0644);
	char *end = read_mark() + 128 * 1024;
	while (end - read_mark() > bytes_left)
		memory_take(1);
	fake.heap_left = 0;
	run();
	if (!fake_find("store:/reset") && fake_find("store:/" LONG_NAME "/etc"))
		FAIL("the flag is gone, and nothing emptied: %s", fake_console());
}

TEST(a_reset_without_memory_keeps_the_flag)
{
	for (bytes_left = 300; bytes_left < 1500; bytes_left += 16)
		test_apart(a_flag_goes_with_the_layer_alone, "so many bytes");
}

TEST(no_link_leads_a_reset_out_of_the_store)
{
	start(LINE "rd.overlay=/dev/vdb:/a/upper loopbox.reset.on=reset");
	fake_put("store:/reset", S_IFREG | 0644);
	fake_put("store:/a", S_IFLNK | 0777)->data = "/run/initramfs/medium/images";
	boots();
	CHECK(fake_find("medium:/images/root.squashfs") && fake_find("store:/reset"));
	is_in_memory();
}

TEST(a_path_with_dots_leads_a_reset_nowhere)
{
	start(LINE "rd.overlay=/dev/vdb:/../medium/images loopbox.reset.on=reset");
	fake_put("store:/reset", S_IFREG | 0644);
	boots();
	CHECK(fake_find("medium:/images/root.squashfs") && fake_find("store:/reset"));
}

/* It would go in the middle, and what a power cut leaves then would be used. */
TEST(a_flag_in_the_layer_itself_empties_nothing)
{
	start_to_reset(LINE "rd.overlay=/dev/vdb:/upper loopbox.reset.on=/upper/etc/passwd");
	boots();
	CHECK(fake_find("store:/upper/etc/passwd"));
	says("/upper/etc/passwd: ignored, because it is in a folder that it would empty|");
}

static void nothing_else_is_emptied(void)
{
	start_to_reset(line_of);
	fake_put("store:/reset", S_IFREG | 0644);
	boots();
	CHECK(fake_find("store:/kept/file") && fake_find("store:/reset"));
	is_in_memory();
}

TEST(a_layer_without_a_name_of_its_own_is_not_emptied)
{
	static const char *const lines[] = {
		LINE "loopbox.reset.on=reset rd.overlay=/dev/vdb:/.",
		LINE "loopbox.reset.on=reset rd.overlay=/dev/vdb loopbox.overlay.upper=.",
		LINE "loopbox.reset.on=reset rd.overlay=/dev/vdb loopbox.overlay.work=.",
		LINE "loopbox.reset.on=reset rd.overlay=/dev/vdb loopbox.overlay.upper=upper/..",
		LINE "loopbox.reset.on=reset rd.overlay=/dev/vdb loopbox.overlay.work=./.",
	};

	for (unsigned i = 0; i < LENGTH(lines); i++)
		test_apart(nothing_else_is_emptied, line_of = lines[i]);
}

static void start_to_empty(void)
{
	start_to_reset(LINE "rd.overlay=/dev/vdb rd.overlay.reset");
}

TEST(a_word_empties_the_layer)
{
	start_to_empty();
	boots();
	CHECK(is_emptied() && fake_find("store:/upper") && fake_find("store:/kept/file"));
	says("|+ emptied " PLACE "/upper|");
	overlay_is(PLACE "/upper", PLACE "/work");
}

static void a_layer_that_is_not_emptied_is_not_used(void)
{
	start_to_empty();
	fake_fail(ALWAYS, EIO, line_of);
	boots();
	CHECK(!strstr(fake_console(), "emptied"));
	is_in_memory();
}

TEST(a_layer_that_a_word_could_not_empty_is_not_used)
{
	static const char *const calls[] = { "unlink store:/upper/etc/passwd",
					     "rmdir store:/upper/etc",
					     "rmdir store:/upper",
					     "rmdir store:/work",
					     "getdents store:/upper",
					     "open ro " PLACE "/upper" };

	for (unsigned i = 0; i < LENGTH(calls); i++)
		test_apart(a_layer_that_is_not_emptied_is_not_used, line_of = calls[i]);
}

TEST(a_store_that_is_only_read_is_not_emptied)
{
	start_to_reset(LINE "rd.overlay=/dev/vdb rd.overlay.readonly loopbox.reset.on=reset");
	fake_put("store:/reset", S_IFREG | 0644);
	boots();
	CHECK(fake_find("store:/upper/etc/passwd") && fake_find("store:/reset"));
}


/* --- blank, and formatted --------------------------------------------------------------------- */

enum { SIZE = 64 * 1024 };
static unsigned char content[3 * SIZE];

static struct fake_file *add_new_disk(unsigned char value)
{
	struct fake_file *file = fake_volume("/dev/vdc", "nothing", NULL, NULL);

	memset(content, value, sizeof content);
	file->data = content;
	file->size = sizeof content;
	return file;
}

static unsigned value_of_all, place_of_byte;

static void it_is_blank(void)
{
	start(LINE "rd.overlay=/dev/vdc");
	add_new_disk(value_of_all);
	boots();
	says("|/dev/vdc: is blank, and needs a file system first|changes are kept in memory");
}

TEST(a_blank_store_is_told_as_that)
{
	test_apart(it_is_blank, "zeros");
	value_of_all = 0xff;
	test_apart(it_is_blank, "erased");
}

static void it_is_not_blank(void)
{
	start(LINE "rd.overlay=/dev/vdc");
	add_new_disk(value_of_all);
	content[place_of_byte] = 1;
	boots();
	says("|/dev/vdc: has no file system|");
}

TEST(a_store_with_a_byte_on_it_is_not_blank)
{
	static const unsigned places[] = { 0, SIZE - 1, SIZE, 3 * SIZE - 1 };

	for (unsigned i = 0; i < LENGTH(places); i++) {
		place_of_byte = places[i];
		test_apart(it_is_not_blank, "a byte");
	}
	value_of_all = 1;
	test_apart(it_is_not_blank, "a byte again and again");
}

/* What mkfs does. */
static void become_ext4(void)
{
	struct fake_file *file = fake_find("/dev/vdc");

	memset(content, 0, 4096);
	memcpy(content + 1024 + 56, "\x53\xef", 2);
	content[1024 + 92] = 4;
	content[1024 + 96] = 0x40;
	file->holds = "ext4";
	file->tree = "new";
	fake_tree("new");
}

static void start_to_format(const char *words, const char *program)
{
	static char line[200]; /* which stays the command line */

	sprintf(line, LINE "rd.overlay=/dev/vdc %s", words);
	start(line);
	add_new_disk(0xff);
	if (program)
		fake_program(program);
	fake.child = become_ext4;
}

static void a_program_formats(void)
{
	start_to_format(line_of, upper_of);
	boots();
	char words[200];
	sprintf(words, "|/dev/vdc: is blank; making a file system on it by %s|", upper_of);
	says(words);
	EQUAL(fake_count("fork"), 1);
	CHECK(strstr(fake_mounted(), "|/dev/vdc on /sysroot" PLACE));
	CHECK(fake_find("new:/upper"));
}

TEST(a_blank_store_is_formatted_by_what_the_word_says)
{
	static const char *const cases[][2] = {
		{ "loopbox.format=ext4", "/sbin/mkfs.ext4" },
		{ "loopbox.format=f2fs", "/usr/bin/mkfs.f2fs" },
		{ "loopbox.format=hook", "/etc/loopbox/format" },
		{ "loopbox.format=/bin/mine", "/bin/mine" },
	};

	for (unsigned i = 0; i < LENGTH(cases); i++) {
		line_of = cases[i][0];
		upper_of = cases[i][1];
		test_apart(a_program_formats, line_of);
	}
}

TEST(a_store_that_can_t_be_read_is_not_called_blank_or_used)
{
	start_to_format("loopbox.format=ext4", "/sbin/mkfs.ext4");
	fake_fail(ALWAYS, EIO, "pread /dev/vdc 131072");
	boots();
	says("|/dev/vdc: read: Input/output error|");
	EQUAL(fake_count("fork"), 0);
	is_in_memory();
}

TEST(a_format_that_fails_is_told_and_what_is_written_kept_in_memory)
{
	start_to_format("loopbox.format=ext4", "/sbin/mkfs.ext4");
	fake.child = NULL;
	fake.child_status = 3 << 8;
	boots();
	says("|/sbin/mkfs.ext4: failed with exit code 3|");
	is_in_memory();
}

TEST(without_a_program_nothing_is_formatted)
{
	start_to_format("loopbox.format=ext4", NULL);
	boots();
	says("|mkfs.ext4: not in the initramfs, nor is /etc/loopbox/format|");
	EQUAL(fake_count("fork"), 0);
}

static void what_is_not_blank_is_never_formatted(void)
{
	start(line_of);
	fake_program("/sbin/mkfs.ext4");
	add_new_disk(0);
	memcpy(content + place_of_byte, upper_of, strlen(upper_of));
	fake_volume("/dev/luks", "crypto_LUKS", NULL, NULL);
	fake_volume("/dev/swap", "swap", NULL, NULL);
	fake_volume("/dev/fat", "vfat", "fat", NULL);
	fake_volume("/dev/bitlocker", "BitLocker", NULL, NULL);
	fake_volume("/dev/squash", "squashfs", "root", NULL);
	boots();
	EQUAL(fake_count("fork"), 0);
}

TEST(nothing_but_what_is_blank_is_formatted)
{
#define ON(device) LINE "loopbox.format=ext4 rd.overlay=" device
	static const struct {
		const char *line, *bytes;
		unsigned place;
	} cases[] = {
		{ ON("/dev/luks"), "", 0 },
		{ ON("/dev/swap"), "", 0 },
		{ ON("/dev/fat"), "", 0 },
		{ ON("/dev/bitlocker"), "", 0 },
		{ ON("/dev/squash"), "", 0 },
		{ ON("/dev/vda:/store"), "", 0 },
		{ ON("/dev/vdc"), "\x55\xaa", 510 },		/* a table of partitions */
		{ ON("/dev/vdc"), "EFI PART", 512 },		/* half of one */
		{ ON("/dev/vdc"), "EFI PART", 3 * SIZE - 512 }, /* the copy alone */
		{ ON("/dev/vdc"), "unknown", 100000 },
		{ ON("/dev/vdc") " rd.overlay.readonly", "", 0 },
		{ ON("/dev/vdc") " loopbox.format=", "", 0 },
	};

	for (unsigned i = 0; i < LENGTH(cases); i++) {
		line_of = cases[i].line;
		upper_of = cases[i].bytes;
		place_of_byte = cases[i].place;
		test_apart(what_is_not_blank_is_never_formatted, line_of);
	}
}

/* Else it would depend on who comes first where the changes are. */
TEST(only_the_first_store_of_a_list_is_formatted)
{
	start(LINE "loopbox.format=ext4 rd.overlay=LABEL=late,/dev/vdc rootwait=5");
	add_new_disk(0);
	fake_program("/sbin/mkfs.ext4");
	fake.child = become_ext4;
	fake_volume("/dev/vdd", "ext4", "other", "late");
	fake_appears(2000, "/dev/vdd");
	boots();
	EQUAL(fake_count("fork"), 0);
	CHECK(strstr(fake_mounted(), "|/dev/vdd on /sysroot" PLACE));
}

TEST(a_blank_disk_that_somebody_uses_is_not_formatted)
{
	start_to_format("loopbox.format=ext4", "/sbin/mkfs.ext4");
	fake_fail(ALWAYS, EBUSY, "open excl /dev/vdc");
	boots();
	says("|/dev/vdc: format: Device or resource busy|");
	EQUAL(fake_count("fork"), 0);
}


/* --- behind the image ----------------------------------------------------------------------- */

static void start_behind_on(const char *device, const char *words)
{
	static char line[200];

	sprintf(line, "%s%s %s", strstr(words, "root=") ? "" : "root=", strstr(words, "root=") ? "" : device,
		words);
	start(line);
	struct fake_file *file = fake_volume(device, "squashfs", "root", NULL);
	unsigned char *data = calloc(1, 5 * SIZE);
	memcpy(data, file->data, SIZE);
	data[40] = 1; /* a byte more than 64 KiB */
	for (unsigned at = 2; at <= 4; at += 2)
		memcpy(data + at * SIZE, fake_find("/dev/vdb")->data, SIZE);
	file->data = data;
	file->size = 5 * SIZE;
	fake_volume("/vdd+131072", "ext4", "behind", NULL);
	fake_volume("/mtdblock3+262144", "ext4", "behind", NULL);
	fake_volume("/dev/ext", "ext4", "root", NULL);
}

static void start_behind(const char *words)
{
	start_behind_on("/dev/vdd", words);
}

/* The end of the image lies in an erase block that is not touched. */
TEST(a_layer_behind_the_image_on_flash_begins_at_the_next_erase_block)
{
	start_behind_on("/dev/mtdblock3", "rd.overlay=behind");
	fake_text("/proc/mtd", "mtd3: 00080000 00040000 \"flash\"\n");
	struct fake_file *file = fake_add("/sys/class/mtd/mtd3/erasesize", S_IFREG | 0444);
	file->data = "262144\n";
	file->size = 7;
	boots();
	EQUAL(fake.loops[0].info.lo_offset, 4 * SIZE);
}

TEST(a_layer_behind_the_image_begins_at_the_next_64_kib)
{
	start_behind("rd.overlay=behind");
	boots();
	says("|+ attached /dev/vdd from byte 131072 on to /dev/loop0|");
	EQUAL(fake.loops[0].info.lo_offset, 2 * SIZE);
	CHECK(!(fake.loops[0].info.lo_flags & LO_FLAGS_READ_ONLY));
	CHECK(fake.loops[0].info.lo_flags & LO_FLAGS_AUTOCLEAR);
	CHECK(strstr(fake_log("mount /dev/loop0 "), "|" PLACE " ext4 - -"));
	CHECK(fake_find("behind:/upper"));
}

static void it_is_refused(void)
{
	start_behind(line_of);
	boots();
	says(upper_of);
	is_in_memory();
	if (!strstr(line_of, "loop="))
		EQUAL(fake_bound_by_us(), 0);
}

TEST(behind_is_refused_where_it_means_nothing)
{
	static const char *const cases[][2] = {
		{ "root=/dev/vda loop=/images/root.squashfs rd.overlay=behind",
		  "|behind: only behind an image that is the root partition itself|" },
		{ "root=/dev/ext rd.overlay=behind",
		  "|/dev/ext: not a squashfs or EROFS: nobody knows where it ends|" },
	};

	for (unsigned i = 0; i < LENGTH(cases); i++) {
		line_of = cases[i][0];
		upper_of = cases[i][1];
		test_apart(it_is_refused, line_of);
	}
}
