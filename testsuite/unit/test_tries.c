/* SPDX-License-Identifier: MIT */
/* Counts of attempts elsewhere than beside the image (loopbox.tries.on=), over several boots, and over
 * power cuts: each boot is a child, and the disk with the counts is what they share. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "booting.h"

int confirm_main(char **argv);

enum { DISK = 2 * 4096 };

/* One boot: its command line, where the counts are, and what is to come of it. */
static const char *line, *counts, *wanted_root, *wanted_words;
static unsigned cut_after;
static const struct fake_file *device; /* by its name it is gone when init is */
static struct disk {
	bool is_there;
	char bytes[DISK];
	char state[1000]; /* /run/initramfs/state */
} * disk;

static void begin(void)
{
	disk = mmap(NULL, sizeof *disk, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(disk != MAP_FAILED);
	wanted_words = NULL;
	cut_after = 0;
}

/* The same for boots with that line, and the counts there. */
static void begin_with(const char *with_line, const char *with_counts)
{
	begin();
	line = with_line;
	counts = with_counts;
}

/* Two root partitions, a medium with an image of each, a boot partition, and a raw one. */
static void set_up_machine(void)
{
	fake_initramfs(line);
	fake_volume("/dev/vda", "squashfs", "a", NULL);
	fake_volume("/dev/vdb", "squashfs", "b", NULL);
	fake_volume("/dev/vde", "ext4", "medium", NULL);
	fake_volume("medium:/one", "squashfs", "a", NULL);
	fake_volume("medium:/two", "squashfs", "b", NULL);
	fake_root("a", "");
	fake_root("b", "");
	fake_volume("/dev/vdc", "ext4", "boot", "boot");
	fake_volume("/dev/vdd", "nothing", NULL, NULL);
	if (disk->is_there && !fake_find(counts))
		fake_put(counts, S_IFREG | 0644);
	struct fake_file *file = fake_find(counts);
	device = file;
	if (disk->is_there) {
		file->data = disk->bytes;
		file->size = DISK;
	}
}

/* What the disk holds now is for the next boot. */
static void keep(void)
{
	const struct fake_file *file = device ? device : fake_find(counts);
	char bytes[DISK] = "";

	const struct fake_file *state = fake_find("tmpfs1:/initramfs/state");
	if (!state) /* with exitrd, it has a mount of its own */
		state = fake_find("tmpfs2:/state");
	if (state)
		snprintf(disk->state, sizeof disk->state, "%.*s", (int)state->size,
			 (const char *)state->data);
	if (!file)
		return;
	if (file->data)
		memcpy(bytes, file->data, file->size < DISK ? file->size : DISK);
	memcpy(disk->bytes, bytes, DISK);
	disk->is_there = true;
}

static void runs_to(int wanted)
{
	static char *argv[] = { "/init", NULL };

	message_prefix = "init";
	int code = fake_run(init_main, argv);
	if (code != wanted)
		FAIL("init ends with %d: %s", code, fake_console());
	keep();
}

static void boot_once(void)
{
	set_up_machine();
	runs_to(FAKE_EXECUTES);
	if (wanted_root && !strstr(fake_mounted(), wanted_root))
		FAIL("%s is not the root: %s", wanted_root, fake_console());
	CHECK(!strstr(fake_mounted(), "/run/initramfs/counts"));
	if (wanted_words)
		says(wanted_words);
}

static void cut_once(void)
{
	set_up_machine();
	fake.cut_after = cut_after;
	runs_to(FAKE_IS_CUT);
}

/* The roots of one boot after the other, "aab". */
static void boots_in_turn(const char *order)
{
	for (const char *slot = order; *slot; slot++) {
		char about[300];
		sprintf(about, "%.200s: boot %d", line, (int)(slot - order) + 1);
		wanted_root = *slot == 'a' ? "|/dev/vda on /sysroot" : "|/dev/vdb on /sysroot";
		test_apart(boot_once, about);
	}
}

#define SLOTS_LINE "root=/dev/vda,/dev/vdb loopbox.tries=2 loopbox.tries.on="

TEST(attempts_of_root_partitions_are_counted_in_a_file_of_another)
{
	begin_with(SLOTS_LINE "LABEL=boot:/state", "boot:/state");
	/* The fifth finds both used up, and all begin anew. */
	boots_in_turn("aabbaabba");
}

TEST(attempts_are_counted_in_a_file_of_that_name_where_none_is_given)
{
	begin_with(SLOTS_LINE "/dev/vdc", "boot:/loopbox.tries");
	boots_in_turn("aab");
}

TEST(attempts_are_counted_on_a_raw_device)
{
	begin_with(SLOTS_LINE "/dev/vdd:0", "/dev/vdd");
	boots_in_turn("aabba");
}

TEST(attempts_are_counted_on_a_raw_device_that_was_erased)
{
	begin_with(SLOTS_LINE "/dev/vdd:0", "/dev/vdd");
	disk->is_there = true;
	memset(disk->bytes, 0xff, DISK);
	boots_in_turn("aabba");
}

/* 24 bytes of 0xff, then zeros: the checksum of that is 0xffffffff, and its number the last one. */
TEST(attempts_are_counted_on_a_raw_device_that_was_half_erased)
{
	begin_with(SLOTS_LINE "/dev/vdd:0", "/dev/vdd");
	disk->is_there = true;
	memset(disk->bytes, 0, DISK);
	memset(disk->bytes, 0xff, 24);
	boots_in_turn("aabba");
}

static void slots_are_used_up(void)
{
	boot_once();
	says("|/dev/vda: skipped, 2 boots were not confirmed|");
	says("|/dev/vdb: skipped, 2 boots were not confirmed|");
	says("|loopbox.tries=: no image is left; trying them again, whatever their counts say|");
	SAME(fake_log("pwrite "), "|/dev/vdd 4096");
	EQUAL(fake_count("fsync"), 1);
}

TEST(slots_that_are_used_up_are_told)
{
	begin_with(SLOTS_LINE "/dev/vdd:0", "/dev/vdd");
	boots_in_turn("aabb");
	wanted_root = "/dev/vda on /sysroot";
	test_apart(slots_are_used_up, "the fifth");
}

static void image_is_booted(void)
{
	set_up_machine();
	runs_to(FAKE_EXECUTES);
	says(wanted_words);
	CHECK(!fake_find("medium:/one.tries"));
}

TEST(images_are_counted_elsewhere_by_their_names_in_whatever_order)
{
	begin();
	counts = "boot:/loopbox.tries";
	line = "root=/dev/vde loop=/one,/two loopbox.tries=1 loopbox.tries.on=/dev/vdc";
	wanted_words = "attached /run/initramfs/medium/one to ";
	test_apart(image_is_booted, "one");
	line = "root=/dev/vde loop=/two,/one loopbox.tries=1 loopbox.tries.on=/dev/vdc";
	wanted_words = "attached /run/initramfs/medium/two to ";
	test_apart(image_is_booted, "two");
	line = "root=/dev/vde loop=/one,/none,/two loopbox.tries=1 loopbox.tries.on=/dev/vdc";
	wanted_words = "trying them again";
	test_apart(image_is_booted, "both");
}

static void nothing_is_written(void)
{
	boot_once();
	EQUAL(fake_count("pwrite"), 0);
}

TEST(what_is_neither_blank_nor_counts_is_left_alone)
{
	begin_with(SLOTS_LINE "/dev/vdd:0", "/dev/vdd");
	wanted_root = "|/dev/vda on /sysroot";
	wanted_words = "|/dev/vdd: neither blank nor counts of loopbox.tries=: left alone|";
	disk->is_there = true;
	strcpy(disk->bytes + 100, "a superblock");
	test_apart(nothing_is_written, "in the first copy");
	memset(disk->bytes, 0, DISK);
	disk->bytes[4096 + 511] = 1;
	test_apart(nothing_is_written, "in the second copy");
}

static void flash_is_not_written(void)
{
	set_up_machine();
	fake_find("/dev/vdd")->number = 31 << 8 | 2;
	runs_to(FAKE_EXECUTES);
	says(wanted_words);
	EQUAL(fake_count("pwrite"), 0);
}

TEST(flash_is_not_written_in_its_place)
{
	begin_with(SLOTS_LINE "/dev/vdd:0", "/dev/vdd");
	wanted_words = "|/dev/vdd: not a disk, partition or file; on flash, name a file on UBIFS|";
	flash_is_not_written();
}

static void nothing_can_be_written(void)
{
	set_up_machine();
	fake_fail(ALWAYS, EROFS, "pwrite");
	runs_to(FAKE_EXECUTES);
	says(wanted_words);
	CHECK(!strstr(fake_mounted(), "counts"));
}

TEST(counts_that_can_t_be_written_are_told_and_the_system_boots)
{
	begin_with(SLOTS_LINE "/dev/vdd:0", "/dev/vdd");
	wanted_words = "|/dev/vdd: write: Read-only file system|";
	test_apart(nothing_can_be_written, "raw");
	line = SLOTS_LINE "/dev/vdc";
	counts = "boot:/loopbox.tries";
	wanted_words = "|/run/initramfs/counts/loopbox.tries: write: Read-only file system|";
	test_apart(nothing_can_be_written, "a file");
}

TEST(a_device_for_counts_that_never_comes_is_told_and_delays_the_boot_a_little)
{
	begin_with(SLOTS_LINE "LABEL=counts", "none");
	wanted_root = "|/dev/vda on /sysroot";
	boot_once();
	says("|+ waiting for the device of the counts, LABEL=counts|");
	says("|LABEL=counts: no device has this label|");
	CHECK(fake.milliseconds >= 4000 && fake.milliseconds < 7000);
}

TEST(a_device_for_counts_that_comes_late_is_waited_for)
{
	begin_with(SLOTS_LINE "/dev/vdd:0", "/dev/vdd");
	set_up_machine();
	fake_appears(2000, "/dev/vdd");
	runs_to(FAKE_EXECUTES);
	EQUAL(fake_count("pwrite /dev/vdd 4096"), 1);
}

static void nothing_is_counted(void)
{
	set_up_machine();
	fake_fail(ALWAYS, EIO, "pread /dev/vdd");
	runs_to(FAKE_EXECUTES);
	says("|/dev/vdd: read: Input/output error|");
	EQUAL(fake_count("pwrite"), 0);
}

static void the_other_copy_counts(void)
{
	set_up_machine();
	fake_fail(ALWAYS, EIO, "pread /dev/vdd 0");
	runs_to(FAKE_EXECUTES);
	CHECK(strstr(fake_mounted(), "|/dev/vdb on /sysroot"));
}

TEST(counts_that_can_t_be_read_are_not_0)
{
	begin_with(SLOTS_LINE "/dev/vdd:0", "/dev/vdd");
	boots_in_turn("a");
	test_apart(nothing_is_counted, "both copies");
	boots_in_turn("ab");
	test_apart(the_other_copy_counts, "one copy");
	boots_in_turn("a"); /* both are used up */
}

static void the_folder_is_not_flushed(void)
{
	set_up_machine();
	fake_fail_later(1, 1, EIO, "fsync");
	runs_to(FAKE_EXECUTES);
	says("|/run/initramfs/counts/loopbox.tries: flush its folder: Input/output error|");
}

TEST(a_count_whose_folder_can_t_be_flushed_is_told)
{
	begin_with(SLOTS_LINE "/dev/vdc", "boot:/loopbox.tries");
	the_folder_is_not_flushed();
}

static void resume_is_waited_for_once(void)
{
	static const char waiting[] = "|+ waiting for resume=/dev/vdz|";

	boot_once();
	const char *first = strstr(fake_console(), waiting);
	CHECK(first && !strstr(first + 1, waiting));
}

TEST(images_that_are_tried_again_do_not_wait_for_resume_again)
{
	begin_with("root=/dev/vda,/dev/vdb loopbox.tries=1 loopbox.tries.on=/dev/vdd:0 resume=/dev/vdz "
		   "rootwait=3",
		   "/dev/vdd");
	boots_in_turn("ab");
	wanted_root = NULL;
	wanted_words = "trying them again";
	test_apart(resume_is_waited_for_once, line);
}

TEST(a_place_for_counts_that_is_no_offset_is_told)
{
	begin_with(SLOTS_LINE "/dev/vdd:4x", "/dev/vdd");
	wanted_words = "|/dev/vdd:4x: not an offset|";
	wanted_root = "|/dev/vda on /sysroot";
	boot_once();
	EQUAL(fake_count("pwrite"), 0);
}

TEST(a_place_for_counts_needs_a_number_of_tries)
{
	begin_with("root=/dev/vda loopbox.tries.on=/dev/vdd:0", "/dev/vdd");
	wanted_words = "|loopbox.tries=: not a number of attempts, so nothing is counted|";
	wanted_root = "|/dev/vda on /sysroot";
	nothing_is_written();
}

/* The newer copy's only count. */
static unsigned count_on_disk(void)
{
	uint32_t sequences[2], number = 0;

	for (unsigned i = 0; i < 2; i++)
		memcpy(sequences + i, disk->bytes + 4096 * i + 20, 4);
	memcpy(&number, disk->bytes + 4096 * (sequences[1] > sequences[0]) + 28, 4);
	return number;
}

/* The power is cut at the bytes of what a boot writes: the next one reads the old count, whatever is
 * there of the new one, writes it, and boots. */
TEST(a_power_cut_leaves_the_old_count_or_the_new_one)
{
	unsigned replayed = 0;

	begin_with("root=/dev/vda,/dev/vdb loopbox.tries=9 loopbox.tries.on=/dev/vdd:0", "/dev/vdd");
	wanted_root = "|/dev/vda on /sysroot";
	for (unsigned boot = 1; boot <= 3; boot++) {
		struct disk before = *disk;
		for (cut_after = 1; cut_after <= 512; cut_after += cut_after < 48 ? 1 : 29, replayed++) {
			char about[40];
			sprintf(about, "boot %u, cut at byte %u", boot, cut_after);
			*disk = before;
			test_apart(cut_once, about);
			wanted_words = "handing over";
			test_apart(boot_once, about);
			/* 28 bytes and the number, below 256, are all that is not zero */
			unsigned is_whole = cut_after > (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 32 : 29);
			if (count_on_disk() != boot + is_whole)
				FAIL("%s: %u", about, count_on_disk());
		}
		*disk = before;
		test_apart(boot_once, "without a cut");
	}
	CHECK(replayed >= 100);
}


/* --- beside the image ------------------------------------------------------------------------ */

enum { LIMIT = 25 };
static unsigned count_before;

/* The power goes when the count is written: four bytes in their place, in one sector. */
static void cut_beside(void)
{
	set_up_machine();
	fake.cut_after = 1;
	runs_to(FAKE_IS_CUT);
}

/* The next boot reads that count and no other: by it, it chooses, and writes the next one. */
static void boot_beside(void)
{
	char text[8];

	set_up_machine();
	runs_to(FAKE_EXECUTES);
	says(count_before < LIMIT ? "attached /run/initramfs/medium/one to "
				  : "attached /run/initramfs/medium/two to ");
	unsigned number = count_before < LIMIT ? count_before + 1 : count_before;
	sprintf(text, "%u", number);
	if (strncmp(disk->bytes, text, strlen(text)) != 0 || (unsigned char)disk->bytes[strlen(text)] > 'c')
		FAIL("%s, not %s", disk->bytes, text);
}

/* A file that is there already with the old count, or none of the new one: empty, or zeros. */
TEST(a_power_cut_beside_the_image_leaves_the_old_count_or_the_new_one)
{
	unsigned replayed = 0;

	begin_with("root=/dev/vde loop=/one,/two loopbox.tries=25", "medium:/one.tries");
	for (count_before = 0; count_before <= LIMIT; count_before++)
		for (unsigned way = 0; way < 4; way++, replayed++) {
			char about[60];
			sprintf(about, "count %u, way %u", count_before, way);
			memset(disk, 0, sizeof *disk);
			disk->is_there = count_before || way > 1;
			if (count_before)
				sprintf(disk->bytes, "%u%c", count_before, way % 2 ? 'c' : ' ');
			if (way < 2)
				test_apart(cut_beside, about);
			test_apart(boot_beside, about);
		}
	CHECK(replayed >= 100);
}

static const char *failing_call;
static int failing_error;

static void the_failure_is_told(void)
{
	set_up_machine();
	fake_fail(ALWAYS, failing_error, failing_call);
	runs_to(FAKE_EXECUTES);
	says(wanted_words);
}

TEST(a_count_beside_the_image_that_can_t_be_read_is_told_and_begun_anew)
{
	begin_with("root=/dev/vde loop=/one,/two loopbox.tries=3", "medium:/one.tries");
	disk->is_there = true;
	strcpy(disk->bytes, "2  \n");
	failing_call = "read medium:/one.tries";
	failing_error = EIO;
	wanted_words = "|/run/initramfs/medium/one.tries: read: Input/output error|";
	test_apart(the_failure_is_told, "read");
	SAME(disk->bytes, "1  \n");
	failing_call = "open ro /run/initramfs/medium/one.tries";
	failing_error = EACCES;
	wanted_words = "|/run/initramfs/medium/one.tries: read: Permission denied|";
	test_apart(the_failure_is_told, "open");
	SAME(disk->bytes, "1  \n");
}

/* It would be passed over at the next boot, or never come first again. */
TEST(a_count_of_another_image_that_can_t_be_taken_back_is_told)
{
	begin_with("root=/dev/vde loop=/one,/two loopbox.tries=1", "medium:/two.tries");
	disk->is_there = true;
	strcpy(disk->bytes, "1  \n");
	failing_call = "unlink medium:/two.tries";
	failing_error = EIO;
	wanted_words = "|/run/initramfs/medium/two.tries: delete: Input/output error|";
	set_up_machine();
	fake_text("medium:/one.tries", "1  \n");
	fake_fail(ALWAYS, failing_error, failing_call);
	runs_to(FAKE_EXECUTES);
	says(wanted_words);
}

TEST(a_medium_that_stays_writable_after_the_count_is_told)
{
	begin_with("root=/dev/vde loop=/one,/two loopbox.tries=2", "medium:/one.tries");
	failing_call = "mount - /run/initramfs/medium - ro,remount";
	failing_error = EBUSY;
	wanted_words = "|/run/initramfs/medium: remount read-only: Device or resource busy|";
	test_apart(the_failure_is_told, "the medium");
}


/* --- confirming ------------------------------------------------------------------------------ */

TEST(the_running_system_is_told_how_it_was_booted)
{
	begin_with(SLOTS_LINE "/dev/vdc:/state", "boot:/state");
	boots_in_turn("aab");
	SAME(disk->state,
	     "root=/dev/vdb\nroot.number=2\ndevice=/dev/vdb\ntries=2\nattempts=1\ncounts=/dev/vdc\n"
	     "counts.file=/state\ncounts.name=/dev/vdb\n");
	line = "root=LABEL=data,/dev/vde loop=/none,/two rootflags=noatime loopbox.tries=3 "
	       "rd.overlay=/dev/vdc";
	wanted_root = NULL;
	test_apart(boot_once, line);
	SAME(disk->state, "root=/dev/vde\nroot.number=2\ndevice=/dev/vde\nimage=/two\nimage.number=2\n"
			  "medium=/dev/vde\nstore=/dev/vdc\ntries=3\nattempts=1\ncounts=/dev/vde\n"
			  "counts.file=/two.tries\ncounts.options=noatime\n");
}

/* In the running system, where nothing of the medium is mounted. */
static const char *entry;
static int wanted_code;
static unsigned passed_before; /* of the calls that fail */

static void confirm_once(void)
{
	static char *argv[] = { "confirm", NULL, NULL };

	set_up_machine();
	fake_put("/run/initramfs", S_IFDIR | 0755);
	fake_text("/run/initramfs/state", disk->state);
	argv[1] = (char *)entry;
	message_prefix = "confirm";
	if (wanted_code && failing_call)
		fake_fail_later(passed_before, ALWAYS, failing_error, failing_call);
	int code = fake_run(confirm_main, argv);
	if (code != wanted_code)
		FAIL("confirm ends with %d: %.*s", code, (int)fake.output_size[1], fake.output[1]);
	if (wanted_words && !strstr(fake.output[1], wanted_words))
		FAIL("confirm says %.*s", (int)fake.output_size[1], fake.output[1]);
	if (!wanted_code && !entry)
		CHECK(fake_find("/run/initramfs/confirmed"));
	CHECK(!strstr(fake_mounted(), "counts"));
	keep();
}

static void is_confirmed(const char *words, const char *place)
{
	begin_with(words, place);
	entry = NULL;
	wanted_code = 0;
	for (unsigned i = 0; i < 4; i++) {
		boots_in_turn("a");
		test_apart(confirm_once, line);
	}
}

TEST(an_entry_that_is_confirmed_boots_again_and_again)
{
	is_confirmed(SLOTS_LINE "/dev/vdc:/state", "boot:/state");
	is_confirmed(SLOTS_LINE "/dev/vdd:0", "/dev/vdd");
}

static void confirms_without_links(void)
{
	confirm_once();
	CHECK(strstr(fake_log("mount "), "nosymfollow"));
}

TEST(no_link_leads_a_confirmation_away_from_the_device_of_the_counts)
{
	begin_with(SLOTS_LINE "/dev/vdc:/state", "boot:/state");
	entry = NULL;
	wanted_code = 0;
	boots_in_turn("a");
	test_apart(confirms_without_links, "a file");
}

/* Both are used up: the one that was confirmed last comes first, whatever the order is; it keeps that. */
static void confirmed_comes_first(const char *words, const char *place)
{
	begin_with(words, place);
	entry = NULL;
	wanted_code = 0;
	boots_in_turn("aab");
	test_apart(confirm_once, line);
	boots_in_turn("bbbaabb");
}

TEST(where_all_are_used_up_the_one_that_was_confirmed_last_comes_first)
{
	confirmed_comes_first(SLOTS_LINE "/dev/vdc:/state", "boot:/state");
	confirmed_comes_first(SLOTS_LINE "/dev/vdd:0", "/dev/vdd");
}

/* It was overwritten since then. */
TEST(an_entry_that_is_new_is_not_the_one_that_was_confirmed_last)
{
	begin_with(SLOTS_LINE "/dev/vdd:0", "/dev/vdd");
	entry = NULL;
	wanted_code = 0;
	boots_in_turn("aab");
	test_apart(confirm_once, line);
	entry = "/dev/vdb";
	test_apart(confirm_once, "as new");
	boots_in_turn("bba");
}

TEST(another_entry_can_be_confirmed_by_its_name)
{
	begin_with(SLOTS_LINE "/dev/vdc:/state", "boot:/state");
	boots_in_turn("aab");
	entry = "/dev/vda";
	test_apart(confirm_once, entry);
	boots_in_turn("aab");
}

static void the_count_is_taken_back(void)
{
	confirm_once();
	SAME(fake_find("medium:/two.tries")->data, "0c \n");
}

TEST(a_count_beside_an_image_is_taken_back_though_the_medium_is_not_mounted)
{
	begin_with("root=/dev/vde loop=/two loopbox.tries=3 loopbox.toram", "medium:/two.tries");
	wanted_root = NULL;
	boot_once();
	entry = NULL;
	test_apart(the_count_is_taken_back, line);
}

TEST(a_boot_that_was_not_counted_can_t_be_confirmed)
{
	begin_with("root=/dev/vda", "");
	wanted_root = NULL;
	test_apart(boot_once, line);
	wanted_code = 1;
	wanted_words = "confirm: /run/initramfs/state: this boot was not counted (loopbox.tries=)";
	confirm_once();
}

TEST(a_confirmation_that_is_not_done_does_not_exit_with_0)
{
	static const struct {
		unsigned passed;
		int error;
		const char *call, *words;
	} cases[] = {
		{ 0, EIO, "fsync", "counts/state: write: Input/output error" },
		{ 1, EIO, "fsync", "counts/state: flush its folder: Input/output error" },
		{ 0, ENOSPC, "mkdir /run/initramfs/counts", "/run/initramfs/counts: mkdir: No space left" },
		{ 0, ENOSPC, "open ro /run/initramfs/confirmed", "/run/initramfs/confirmed: No space left" },
	};

	begin_with(SLOTS_LINE "/dev/vdc:/state", "boot:/state");
	entry = NULL;
	boots_in_turn("a");
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		wanted_code = 1;
		passed_before = cases[i].passed;
		failing_call = cases[i].call;
		failing_error = cases[i].error;
		wanted_words = cases[i].words;
		test_apart(confirm_once, cases[i].call);
	}
}

TEST(a_state_whose_offset_is_not_one_confirms_nothing)
{
	begin_with(SLOTS_LINE "/dev/vdd:0", "/dev/vdd");
	strcpy(disk->state, "counts=/dev/vdd\ncounts.offset=4x\ncounts.name=/dev/vda\n");
	wanted_code = 1;
	failing_call = NULL;
	wanted_words = "/run/initramfs/state: counts.offset=4x: not an offset";
	confirm_once();
}
