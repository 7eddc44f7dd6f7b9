/* SPDX-License-Identifier: MIT */
/* Whole boots on the fake kernel: what init takes, in which order, what it waits for, what it
 * mounts and undoes, and what it says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "booting.h"

/* A disk with an ext4 that holds images/root.squashfs. */
static void add_medium(void)
{
	fake_volume("/dev/vda", "ext4", "medium", "data");
	fake_volume("medium:/images/root.squashfs", "squashfs", "root", NULL);
	fake_root("root", "");
}

static void start(const char *line)
{
	fake_initramfs(line);
	add_medium();
}

static void boots_to(const char *init)
{
	char line[300];

	boots();
	sprintf(line, "%s: %s", init, init);
	CHECK(strstr(fake_log("execve "), line));
}

#define BASICS "|devtmpfs on /dev|proc on /proc|sysfs on /sys|tmpfs on /run"

/* It ends with 1, after these words, and with nothing of an attempt left. */
static void gives_up(const char *words)
{
	int code = run();

	if (code != 1)
		FAIL("init ends with %d: %s", code, fake_console());
	const char *last = strrchr(fake_console(), '|');
	SAME(last ? last + 1 : "", words);
	EQUAL(fake_bound_by_us(), 0);
	if (strcmp(fake_mounted(), BASICS "|tmpfs on /run/initramfs")) /* for exitrd */
		SAME(fake_mounted(), BASICS);
}

/* In this order. */
static void mounts(const char *wanted)
{
	char all[4000] = "";
	const char *line = fake_log("mount ");

	/* without those of each boot */
	for (unsigned i = 0; i < 4 && line; i++)
		line = strchr(line + 1, '|');
	const char *end = line ? strstr(line, "|/dev dev - move") : NULL;
	if (line)
		sprintf(all, "%.*s", (int)(end ? end - line : (long)strlen(line)), line);
	SAME(all, wanted);
}


/* --- one image on one medium ------------------------------------------------ */

TEST(an_image_on_a_medium_boots)
{
	start("root=/dev/vda loop=/images/root.squashfs");
	boots_to("/sbin/init");
	mounts("|/dev/vda /run/initramfs/medium ext4 ro -|/dev/loop0 /sysroot squashfs ro -"
	       "|/run/initramfs/medium /sysroot/host - bind -");
	SAME(fake_mounted(), "|devtmpfs on /sysroot/dev|proc on /sysroot/proc|sysfs on /sysroot/sys"
			     "|tmpfs on /sysroot/run|/dev/vda on /sysroot/run/initramfs/medium"
			     "|/dev/loop0 on /sysroot");
	SAME(fake_console(), "|+ mounted /dev/vda on /run/initramfs/medium, read-only"
			     "|+ attached /run/initramfs/medium/images/root.squashfs to /dev/loop0, mounted "
			     "it on /sysroot, read-only"
			     "|+ handing over to /sbin/init");
	EQUAL(fake.inherited, 0);
	EQUAL(fake.sleeps, 0);
}

TEST(without_root_the_image_in_the_initramfs_boots)
{
	fake_initramfs("quiet");
	fake_volume("/root.squashfs", "squashfs", "root", NULL);
	fake_root("root", "");
	boots_to("/sbin/init");
	mounts("|/dev/loop0 /sysroot squashfs ro -");
}

TEST(another_image_in_the_initramfs_boots_by_its_name)
{
	fake_initramfs("loop=/other");
	fake_volume("/other", "squashfs", "root", NULL);
	fake_root("root", "");
	boots_to("/sbin/init");
	says("attached /other to /dev/loop0");
}

TEST(a_device_that_is_the_root_itself_needs_no_loop_device)
{
	fake_initramfs("root=/dev/vda");
	fake_volume("/dev/vda", "squashfs", "root", NULL);
	fake_root("root", "");
	boots_to("/sbin/init");
	mounts("|/dev/vda /sysroot squashfs ro -");
	EQUAL(fake_count("ioctl LOOP"), 0);
}

/* A case of a test: a command line, and what comes of it. */
static const char *line_of, *wanted_of;

static void a_root_is_mounted_so(void)
{
	fake_initramfs(line_of);
	fake_volume("/dev/vda", "ext4", "root", NULL);
	fake_root("root", "");
	boots_to("/sbin/init");
	mounts(wanted_of);
}

TEST(the_words_of_the_command_line_say_how_a_root_is_mounted)
{
	static const char *const cases[][2] = {
		{ "root=/dev/vda", "ext4 ro -" },
		{ "root=/dev/vda ro", "ext4 ro -" },
		{ "root=/dev/vda rw", "ext4 - -" },
		{ "root=/dev/vda rw ro", "ext4 ro -" },
		{ "root=/dev/vda ro rw rootfstype=ext4", "ext4 - -" },
		{ "root=/dev/vda rw rootflags=noatime,nodev,stripe=8", "ext4 nodev,noatime stripe=8" },
		{ "root=/dev/vda rootflags=rw", "ext4 - -" },
		{ "root=/dev/vda rw rootflags=ro", "ext4 ro -" },
		{ "root=/dev/vda rw \"rootflags=noatime,stripe=8\"", "ext4 noatime stripe=8" },
	};

	for (unsigned i = 0; i < LENGTH(cases); i++) {
		char wanted[100];
		sprintf(wanted, "|/dev/vda /sysroot %s", cases[i][1]);
		line_of = cases[i][0];
		wanted_of = wanted;
		test_apart(a_root_is_mounted_so, line_of);
	}
}

TEST(a_list_of_types_is_tried_in_order)
{
	fake_initramfs("root=/dev/vda rootfstype=squashfs,ext4");
	fake_volume("/dev/vda", "ext4", "root", NULL);
	fake_root("root", "");
	boots_to("/sbin/init");
	CHECK(strstr(fake_log("mount /dev/vda /sysroot "), "|ext4"));
}

TEST(a_device_is_named_by_its_number_too)
{
	start("root=254:0 loop=/images/root.squashfs");
	fake_find("/dev/vda")->number = 0xfe00;
	boots_to("/sbin/init");
	mounts("|/dev/root-254:0 /run/initramfs/medium ext4 ro -|/dev/loop0 /sysroot squashfs ro -"
	       "|/run/initramfs/medium /sysroot/host - bind -");
}

TEST(a_device_is_found_by_its_label)
{
	start("root=LABEL=data loop=/images/root.squashfs");
	fake_volume("/dev/vdb", "ext4", "other", "other");
	boots_to("/sbin/init");
	CHECK(strstr(fake_log("mount /dev/vda "), "|/run/initramfs/medium ext4"));
}

TEST(any_device_that_holds_the_image_is_the_medium)
{
	fake_initramfs("root=* loop=/images/root.squashfs");
	fake_volume("/dev/vdc", "swap", NULL, NULL);
	fake_volume("/dev/vdb", "ext4", "other", "other");
	add_medium();
	boots_to("/sbin/init");
	/* The other one is only looked at, and left alone. */
	mounts("|/dev/vdb /run/initramfs/medium ext4 ro noload|/dev/vda /run/initramfs/medium ext4 ro noload"
	       "|/dev/loop0 /sysroot squashfs ro -|/run/initramfs/medium /sysroot/host - bind -");
	SAME(fake_mounted(), "|devtmpfs on /sysroot/dev|proc on /sysroot/proc|sysfs on /sysroot/sys"
			     "|tmpfs on /sysroot/run|/dev/vda on /sysroot/run/initramfs/medium"
			     "|/dev/loop0 on /sysroot");
}

TEST(an_image_may_be_at_an_offset_and_have_flags)
{
	start("root=/dev/vda loop=/images/root.squashfs loopflags=nodev,offset=0,nosuid");
	boots_to("/sbin/init");
	CHECK(strstr(fake_log("mount /dev/loop0 "), "|/sysroot squashfs ro,nosuid,nodev -"));
}

TEST(an_erofs_is_mounted_without_a_loop_device_where_the_kernel_can)
{
	start("root=/dev/vda loop=/image.erofs");
	fake.mounts_files = true;
	fake_volume("medium:/image.erofs", "erofs", "root", NULL);
	boots_to("/sbin/init");
	says("mounted /run/initramfs/medium/image.erofs on /sysroot, read-only");
	EQUAL(fake_count("ioctl LOOP"), 0);
}

TEST(an_erofs_gets_a_loop_device_where_the_kernel_wants_one)
{
	start("root=/dev/vda loop=/image.erofs");
	fake_volume("medium:/image.erofs", "erofs", "root", NULL);
	boots_to("/sbin/init");
	says("attached /run/initramfs/medium/image.erofs to /dev/loop0");
}

static const char *program_of;

static void the_usual_program_is_found(void)
{
	fake_initramfs("");
	fake_volume("/root.squashfs", "squashfs", "root", NULL);
	fake_root("root", "");
	char path[100];
	sprintf(path, "root:%s", program_of);
	strcpy(fake_find("root:/sbin/init")->path, "root:/sbin/none");
	fake_program(path);
	boots_to(program_of);
}

TEST(init_is_where_kernels_look_too)
{
	static const char *const programs[] = { "/etc/init", "/bin/init", "/bin/sh" };

	for (unsigned i = 0; i < LENGTH(programs); i++) {
		program_of = programs[i];
		test_apart(the_usual_program_is_found, program_of);
	}
}

TEST(the_words_for_init_reach_it)
{
	static char *argv[] = { "/init", "single", "-v", NULL };

	start("root=/dev/vda loop=/images/root.squashfs init=/bin/other single");
	fake_program("root:/bin/other");
	EQUAL(fake_run(init_main, argv), FAKE_EXECUTES);
	SAME(fake_log("execve "), "|/bin/other: /bin/other single -v");
	says("handing over to /bin/other");
}

TEST(whoever_is_not_pid_1_does_nothing)
{
	start("root=/dev/vda loop=/images/root.squashfs");
	fake.pid = 2;
	EQUAL(run(), 1);
	EQUAL(fake_count("mount "), 0);
	CHECK(strstr(fake.output[1], "not PID 1"));
}


/* --- journals ------------------------------------------------------------------ */

TEST(a_journal_on_a_device_that_can_t_be_written_is_not_replayed)
{
	start("root=/dev/vda loop=/images/root.squashfs");
	fake_fail(1, EROFS, "mount /dev/vda");
	boots_to("/sbin/init");
	CHECK(strstr(fake_log("mount /dev/vda "), "|/run/initramfs/medium ext4 ro noload"));
}

TEST(nor_that_of_a_root)
{
	fake_initramfs("root=/dev/vda rootflags=noatime");
	fake_volume("/dev/vda", "ext4", "root", NULL);
	fake_root("root", "");
	fake_fail(1, EROFS, "mount /dev/vda");
	boots_to("/sbin/init");
	CHECK(strstr(fake_log("mount /dev/vda "), "|/sysroot ext4 ro,noatime noload"));
}

static void a_label_with_a_blank_is_found(void)
{
	fake_initramfs(line_of);
	fake_volume("/dev/vda", "ext4", "medium", "a b");
	fake_volume("medium:/images/root.squashfs", "squashfs", "root", NULL);
	fake_root("root", "");
	boots_to("/sbin/init");
}

TEST(a_label_with_a_blank_is_written_in_several_ways)
{
	static const char *const lines[] = {
		"root=LABEL=a\\x20b loop=/images/root.squashfs",
		"root=LABEL=a\\040b loop=/images/root.squashfs",
		"root=/dev/disk/by-label/a\\x20b loop=/images/root.squashfs",
		"\"root=LABEL=a b\" loop=/images/root.squashfs",
		"root=LABEL=\"a b\" loop=/images/root.squashfs",
	};

	for (unsigned i = 0; i < LENGTH(lines); i++) {
		line_of = lines[i];
		test_apart(a_label_with_a_blank_is_found, line_of);
	}
}


/* --- waiting ------------------------------------------------------------------ */

/* Milliseconds until the medium was mounted. */
static long moment_of_mount(void)
{
	const char *line = strstr(fake.console, "mounted /dev/");

	CHECK(line);
	while (line[-1] != '+')
		line--;
	return strtod(line, NULL) * 1000;
}

TEST(a_late_device_is_waited_for)
{
	start("root=/dev/vda loop=/images/root.squashfs");
	fake_appears(5000, "/dev/vda");
	boots_to("/sbin/init");
	says("|+ waiting for /dev/vda|");
	/* The kernel tells of it, so hardly a moment is lost. */
	CHECK(moment_of_mount() >= 4000 && fake.milliseconds < 5100);
}

TEST(without_uevents_a_late_device_is_looked_for_again_and_again)
{
	start("root=/dev/vda loop=/images/root.squashfs");
	fake.has_no_uevents = true;
	fake_appears(2000, "/dev/vda");
	boots_to("/sbin/init");
	CHECK(fake.milliseconds >= 2000 && fake.milliseconds < 2200);
	EQUAL(fake.longest_sleep, 100);
}

TEST(a_missing_device_is_given_up_after_ten_seconds)
{
	fake_initramfs("root=/dev/vda loop=/images/root.squashfs");
	gives_up("/dev/vda: open: No such file or directory; seen: no device");
	says("|+ waiting for /dev/vda|");
	says("|+ waiting for /dev/vda; seen: no device|");
	CHECK(fake.milliseconds >= 10000 && fake.milliseconds < 11200);
}

TEST(rootwait_says_how_long_a_device_is_waited_for)
{
	fake_initramfs("root=/dev/vda rootwait=2");
	gives_up("/dev/vda: open: No such file or directory; seen: no device");
	CHECK(fake.milliseconds >= 2000 && fake.milliseconds < 3200);
}

TEST(what_is_seen_while_waiting_is_told_every_few_seconds)
{
	start("root=LABEL=nowhere loop=/images/root.squashfs rootwait=12");
	EQUAL(run(), 1);
	const char *first = strstr(fake_console(), "|+ waiting for LABEL=nowhere; seen: vda");
	CHECK(first && strstr(first + 1, "|+ waiting for LABEL=nowhere; seen: vda"));
}

TEST(rootwait_alone_waits_as_long_as_it_takes)
{
	start("root=/dev/vda loop=/images/root.squashfs rootwait");
	fake_appears(50000, "/dev/vda");
	boots_to("/sbin/init");
	CHECK(fake.milliseconds >= 50000);
}

TEST(rootdelay_passes_before_anything_is_looked_for)
{
	start("root=/dev/vda loop=/images/root.squashfs rootdelay=2");
	boots_to("/sbin/init");
	CHECK(fake.milliseconds >= 2000 && fake.milliseconds < 2100);
	EQUAL(fake.sleeps, 2);
}

/* Two disks may be the medium, and the one that is to be preferred needs a driver. */
TEST(rootdelay_counts_after_drivers_were_looked_for)
{
	start("root=/dev/vdb,/dev/vda loop=/images/root.squashfs rootdelay=5");
	fake_volume("/dev/vdb", "ext4", "other", NULL);
	fake_volume("other:/images/root.squashfs", "squashfs", "root", NULL);
	fake_appears(3000, "/dev/vdb");
	boots_to("/sbin/init");
	CHECK(fake.milliseconds >= 5000 && fake.milliseconds < 5100);
	says("/dev/vdb on /run/initramfs/medium");
	const char *calls = fake_log("");
	const char *drivers = strstr(calls, "|open ro /sys/bus"), *medium = strstr(calls, "|mount /dev/vdb");
	CHECK(drivers && medium && drivers < medium);
}

/* A stick with a copied label stops no machine. */
TEST(each_device_with_the_label_is_tried)
{
	start("root=LABEL=data loop=/images/root.squashfs");
	fake_volume("/dev/aaa", "ext4", "other", "data");
	boots_to("/sbin/init");
	says("/dev/vda on /run/initramfs/medium");
}

TEST(a_label_that_comes_late_is_found)
{
	start("root=LABEL=data loop=/images/root.squashfs");
	fake_volume("/dev/vdb", "ext4", "other", "other");
	fake_appears(3000, "/dev/vda");
	boots_to("/sbin/init");
	says("|+ waiting for LABEL=data|");
	CHECK(fake.milliseconds < 3100);
}

TEST(a_device_that_holds_no_image_does_not_end_the_search)
{
	fake_initramfs("root=* loop=/images/root.squashfs");
	fake_volume("/dev/vdb", "ext4", "other", "other");
	add_medium();
	fake_appears(3000, "/dev/vda");
	boots_to("/sbin/init");
	/* Once it was looked at, nobody looks again. */
	EQUAL(fake_count("mount /dev/vdb "), 1);
}


/* --- one after the other -------------------------------------------------------- */

TEST(the_next_device_of_a_list_is_taken_where_one_fails)
{
	start("root=/dev/vdb,/dev/vda loop=/images/root.squashfs");
	fake_volume("/dev/vdb", "ext4", "other", "other");
	boots_to("/sbin/init");
	says("|/run/initramfs/medium/images/root.squashfs: open: No such file or directory|");
	mounts("|/dev/vdb /run/initramfs/medium ext4 ro -|/dev/vda /run/initramfs/medium ext4 ro -"
	       "|/dev/loop0 /sysroot squashfs ro -|/run/initramfs/medium /sysroot/host - bind -");
	CHECK(fake_find("tmpfs1:/initramfs/failures"));
}

TEST(the_next_image_of_a_list_is_taken_where_one_fails)
{
	start("root=/dev/vda loop=/images/none,/images/root.squashfs");
	boots_to("/sbin/init");
	says("|/run/initramfs/medium/images/none: open: No such file or directory|");
	EQUAL(fake_count("mount /dev/vda "), 1);
	struct fake_file *failures = fake_find("tmpfs1:/initramfs/failures");
	CHECK(failures);
	SAME(failures->data, "/run/initramfs/medium/images/none: open: No such file or directory\n");
}

TEST(an_image_without_an_init_is_taken_back_and_the_next_one_boots)
{
	start("root=/dev/vda loop=/images/empty,/images/root.squashfs");
	fake_volume("medium:/images/empty", "squashfs", "empty", NULL);
	boots_to("/sbin/init");
	says("|/sbin/init: init in the new root: No such file or directory|");
	SAME(fake_log("umount "), "|/sysroot 2");
}

TEST(all_images_are_tried_on_one_device_before_the_next)
{
	start("root=/dev/vda,/dev/vdb loop=/images/none,/only-there");
	fake_volume("/dev/vdb", "ext4", "other", "other");
	fake_volume("other:/only-there", "squashfs", "root", NULL);
	boots_to("/sbin/init");
	says("|/run/initramfs/medium/images/none: open: No such file or directory"
	     "|+ mounted /dev/vdb on /run/initramfs/medium, read-only"
	     "|/run/initramfs/medium/only-there: open: No such file or directory"
	     "|+ attached /run/initramfs/medium/only-there to /dev/loop0");
}

TEST(a_comma_in_an_image_s_name_is_written_with_a_backslash)
{
	start("root=/dev/vda loop=/a\\,comma");
	fake_volume("medium:/a,comma", "squashfs", "root", NULL);
	boots_to("/sbin/init");
	says("attached /run/initramfs/medium/a,comma to");
}

TEST(a_name_with_a_space_is_quoted)
{
	start("root=/dev/vda \"loop=/with space\"");
	fake_volume("medium:/with space", "squashfs", "root", NULL);
	boots_to("/sbin/init");
	says("attached /run/initramfs/medium/with space to");
}

TEST(what_was_booted_is_told)
{
	start("root=/dev/vda loop=/images/root.squashfs");
	boots_to("/sbin/init");
	struct fake_file *booted = fake_find("tmpfs1:/initramfs/booted");
	CHECK(booted);
	SAME(booted->data, "/run/initramfs/medium/images/root.squashfs");
}


/* --- failures ------------------------------------------------------------------- */

static void an_attempt_fails_so(void)
{
	start(line_of);
	fake_volume("/dev/blank", "nothing", NULL, NULL);
	fake_put("medium:/images/empty", S_IFREG | 0644);
	struct fake_file *file = fake_volume("medium:/images/short", "squashfs", "root", NULL);
	file->size = 511;
	file = fake_volume("medium:/images/half", "squashfs", "root", NULL);
	file->size /= 2;
	fake_volume("medium:/images/text", "nothing", NULL, NULL);
	fake_volume("medium:/images/without-init", "squashfs", "empty", NULL);
	fake_put("root:/etc/text", S_IFREG | 0644);
	file = fake_put("root:/etc/executable", S_IFREG | 0755);
	file->data = "no format that a kernel knows; what is shorter than a header says less, though";
	file->size = strlen(file->data);
	gives_up(wanted_of);
}

TEST(each_failure_is_told_with_its_object_and_reason)
{
#define IMAGES "/run/initramfs/medium/images/"
#define SEEN "vda (ext4, \"data\"), blank"
	static const char *const cases[][2] = {
		{ "root=/dev/vdz rootwait=1", "/dev/vdz: open: No such file or directory; seen: " SEEN },
		{ "root=254:77 rootwait=1",
		  "/dev/root-254:77: open: No such device or address; seen: " SEEN ", root-254:77" },
		{ "root=nonsense", "nonsense: not /dev/..., MAJOR:MINOR, LABEL=, UUID=, "
				   "PARTLABEL= or PARTUUID=" },
		{ "root=LABEL=none rootwait=1", "LABEL=none: no device has this label; seen: " SEEN },
		{ "root=*", "root=*: no loop= names an image to look for" },
		{ "root=* loop=/none rootwait=1", "/none: not found on " SEEN },
		{ "root=/dev/blank", "/dev/blank: wrong type, bad option or superblock" },
		{ "root=/dev/vda rootfstype=squashfs", "/dev/vda: not squashfs, but ext4" },
		{ "root=/dev/vda rootfstype=xyzfs", "/dev/vda: not xyzfs, but ext4" },
		{ "root=/dev/vda loop=/images/missing", IMAGES "missing: open: No such file or directory" },
		{ "root=/dev/vda loop=/images/empty",
		  IMAGES "empty: holds less than one sector (512 bytes)" },
		{ "root=/dev/vda loop=/images/short",
		  IMAGES "short: holds less than one sector (512 bytes)" },
		{ "root=/dev/vda loop=/images/half", IMAGES "half: truncated: 32,768 of 65,536 bytes" },
		{ "root=/dev/vda loop=/images/text", IMAGES "text: wrong type, bad option or superblock" },
		{ "root=/dev/vda loop=/images/root.squashfs loopfstype=erofs",
		  IMAGES "root.squashfs: not erofs, but squashfs" },
		{ "root=/dev/vda loop=/images/without-init",
		  "/sbin/init: init in the new root: No such file or directory" },
		{ "root=/dev/vda loop=/images/root.squashfs init=/missing",
		  "/missing: init in the new root: No such file or directory" },
		{ "root=/dev/vda loop=/images/root.squashfs init=/etc/text",
		  "/etc/text: init in the new root: Permission denied" },
		{ "root=/dev/vda loop=/images/root.squashfs init=/etc/executable",
		  "/etc/executable: not a program (an ELF file or a script)" },
		{ "", "/root.squashfs: not in the initramfs, and no root= and no loop=: nothing to boot" },
		{ "loop=/named", "/named: not in the initramfs, and no root=: nothing to boot" },
	};

	for (unsigned i = 0; i < LENGTH(cases); i++) {
		line_of = cases[i][0];
		wanted_of = cases[i][1];
		test_apart(an_attempt_fails_so, line_of);
	}
}

TEST(what_the_kernel_says_of_a_mount_is_told)
{
	start("root=/dev/vda loop=/images/root.squashfs");
	fake_fail(ALWAYS, EINVAL, "mount /dev/loop0 /sysroot");
	fake.kernel_says = "SQUASHFS error: lzo compression, options not supported";
	gives_up(IMAGES "root.squashfs: the kernel refused it as squashfs: "
			"SQUASHFS error: lzo compression, options not supported");
}

TEST(a_module_that_can_t_be_loaded_is_told_of_and_the_boot_goes_on)
{
	start("root=/dev/vda loop=/images/root.squashfs");
	fake_put("/etc", S_IFDIR | 0755);
	fake_text("/etc/loopbox.modules", "/missing.ko\n/good.ko\n/bad.ko\n");
	fake_put("/good.ko", S_IFREG | 0644);
	fake_put("/bad.ko", S_IFREG | 0644);
	fake_fail(1, ENOEXEC, "finit_module /bad.ko");
	boots_to("/sbin/init");
	says("|/missing.ko: No such file or directory|");
	says("|/bad.ko: Exec format error|");
	says("|+ loaded 1 modules|");
}

TEST(a_kernel_without_loop_devices_is_told_of)
{
	start("root=/dev/vda loop=/images/root.squashfs");
	strcpy(fake_find("/dev/loop-control")->path, "\n");
	for (unsigned i = 0; i < LENGTH(fake.loops); i++)
		fake.loops[i].is_there = fake.loops[i].has_node = false;
	gives_up("/run/initramfs/medium/images/root.squashfs: needs a loop device, and there is none "
		 "(CONFIG_BLK_DEV_LOOP, or the module loop)");
}


/* --- the last words ---------------------------------------------------------------- */

TEST(a_boot_without_words_says_which_are_missing)
{
	fake_initramfs("quiet");
	gives_up("/root.squashfs: not in the initramfs, and no root= and no loop=: nothing to boot");
}

static void a_device_is_not_found_so(void)
{
	fake_initramfs(line_of);
	fake_volume("/dev/vda", "ext4", "medium", "data");
	fake_volume("/dev/vdb", "iso9660", "iso", "DEBIAN_LIVE");
	EQUAL(run(), 1);
	SAME(strrchr(fake_console(), '|') + 1, wanted_of);
}

TEST(what_was_looked_for_is_told_with_the_devices_that_were_seen)
{
#define ISO_SEEN "vdb (iso9660, \"DEBIAN_LIVE\", 2026-11-22-12-30-45-00)"
	static const char *const cases[][2] = {
		{ "root=* loop=/a/b,/c rootwait=1",
		  "/a/b, /c: not found on vda (ext4, \"data\"), " ISO_SEEN },
		{ "boot=live rootwait=1", "live/*.squashfs: not found on vda (ext4, \"data\"), " ISO_SEEN },
		{ "boot=live live-media-path=/debian/live rootwait=1",
		  "/debian/live/*.squashfs: not found on vda (ext4, \"data\"), " ISO_SEEN },
		{ "boot=live findiso=/a.iso rootwait=1",
		  "/a.iso: not found on vda (ext4, \"data\"), " ISO_SEEN },
		{ "archisobasedir=arch rootwait=1",
		  "arch/x86_64/airootfs.sfs, arch/x86_64/airootfs.erofs: not "
		  "found on vda (ext4, \"data\"), " ISO_SEEN },
		{ "root=LABEL=Data loop=/a rootwait=1", "LABEL=Data: no device has this label, but vda has "
							"it in other letters, or cut short; seen: "
							"vda (ext4, \"data\"), " ISO_SEEN },
		{ "root=LABEL=DEBIAN_LIVE_13 rootwait=1",
		  "LABEL=DEBIAN_LIVE_13: no device has this label, but vdb has it in other letters, or cut "
		  "short; seen: vda (ext4, \"data\"), " ISO_SEEN },
		{ "root=/dev/disk/by-label/DATA rootwait=1", "/dev/disk/by-label/DATA: no device has this "
							     "label, but vda has it in other letters, or cut "
							     "short; seen: vda (ext4, \"data\"), " ISO_SEEN },
		{ "root=UUID=12-34 rootwait=1",
		  "UUID=12-34: no device has this UUID; seen: vda (ext4, \"data\"), " ISO_SEEN },
		{ "root=/dev/disk/by-id/usb-1",
		  "/dev/disk/by-id/usb-1: names by udev are not supported, only by-label, -uuid, -partlabel, "
		  "-partuuid: use /dev/NAME, LABEL= or UUID=" },
		{ "root=/dev/mapper/vg-root",
		  "/dev/mapper/vg-root: names by udev are not supported, only by-label, -uuid, -partlabel, "
		  "-partuuid: use /dev/NAME, LABEL= or UUID=" },
	};

	for (unsigned i = 0; i < LENGTH(cases); i++) {
		line_of = cases[i][0];
		wanted_of = cases[i][1];
		test_apart(a_device_is_not_found_so, line_of);
	}
}

TEST(without_any_device_that_is_told)
{
	fake_initramfs("root=* loop=/a rootwait=1");
	gives_up("/a: not found on any device");
}

static void set(const char *path, const char *text)
{
	fake_find(path)->data = text;
	fake_find(path)->size = strlen(text);
}

/* Text that is put together is lost then. */
TEST(without_memory_the_reason_is_told_nevertheless)
{
	start("root=/dev/vda loop=/images/root.squashfs");
	fake.heap_left = 0;
	EQUAL(run(), 1);
	says("memory: exhausted");
}

static void the_last_reason_is_shown(const char *printk, const char *direct)
{
	fake_initramfs("root=/dev/mapper/x");
	set("/proc/sys/kernel/printk", printk);
	EQUAL(run(), 1);
	says("/dev/mapper/x: names by udev are not supported");
	struct fake_file *console = fake_find("/dev/console");
	EQUAL(console->size > 0, *direct != 0);
	EQUAL(!strncmp(*direct ? console->data : "", direct, strlen(direct)), 1);
}

TEST(the_last_reason_is_shown_with_quiet)
{
	the_last_reason_is_shown("4\t4\t1\t7\n", "");
}

TEST(the_last_reason_is_shown_with_loglevel_3)
{
	the_last_reason_is_shown("3\t4\t1\t7\n", "loopbox: /dev/mapper/x: names by udev");
}

TEST(the_last_reason_is_shown_with_loglevel_0)
{
	the_last_reason_is_shown("0\t4\t1\t7\n", "loopbox: /dev/mapper/x: names by udev");
}

TEST(the_last_reason_is_shown_with_loglevel_15)
{
	the_last_reason_is_shown("15\t4\t1\t7\n", "");
}

/* Seconds that init waits before it exits. */
static long waits_at_the_end(const char *line, const char *panic)
{
	fake_initramfs(line);
	set("/proc/sys/kernel/panic", panic);
	fake_put("/proc/sys/kernel/tainted", S_IFREG | 0644);
	EQUAL(run(), 1);
	return fake.milliseconds / 1000;
}

TEST(init_waits_before_a_panic_that_reboots_nothing)
{
	EQUAL(waits_at_the_end("", "0\n"), 10);
	says("|waiting 10 s, then the kernel panics (loopbox.wait=)");
}

TEST(init_does_not_wait_before_a_panic_that_reboots)
{
	EQUAL(waits_at_the_end("loopbox.wait=20", "30\n"), 0);
}

TEST(init_does_not_wait_before_a_panic_that_reboots_at_once)
{
	EQUAL(waits_at_the_end("", "-1\n"), 0);
}

TEST(loopbox_wait_says_how_long_init_waits)
{
	EQUAL(waits_at_the_end("loopbox.wait=3", "0\n"), 3);
	says("|waiting 3 s, then");
}

TEST(loopbox_wait_forever_sleeps)
{
	fake_initramfs("loopbox.wait=forever");
	set("/proc/sys/kernel/panic", "0\n");
	fake_put("/proc/sys/kernel/tainted", S_IFREG | 0644);
	EQUAL(run(), FAKE_SLEEPS);
	says("|waiting forever (loopbox.wait=)");
}

TEST(loopbox_wait_0_does_not_wait)
{
	EQUAL(waits_at_the_end("loopbox.wait=0", "0\n"), 0);
}

TEST(a_boot_that_waits_says_for_which_device_and_why)
{
	start("resume=/dev/vdz root=/dev/vda loop=/images/root.squashfs rootwait=7");
	boots_to("/sbin/init");
	says("|+ waiting for resume=/dev/vdz|");
	says("|+ waiting for resume=/dev/vdz; seen: vda (ext4, \"data\")|");
}


/* --- what goes wrong for a moment ---------------------------------------------------- */

static int error_of;

static void a_device_fails_for_a_moment(void)
{
	start("root=/dev/vda loop=/images/root.squashfs rootwait");
	fake_fail(1, error_of, line_of);
	boots_to("/sbin/init");
}

TEST(what_fails_once_is_tried_again_with_rootwait)
{
	static const char *const calls[] = { "mount /dev/vda /run/initramfs/medium", "open ro /dev/vda",
					     "pread /dev/vda", "mount /dev/loop0 /sysroot",
					     "open ro /run/initramfs/medium" };
	static const int errors[] = { EIO, EBUSY, ENOMEM };

	for (unsigned i = 0; i < LENGTH(calls); i++)
		for (unsigned n = 0; n < LENGTH(errors); n++) {
			line_of = calls[i];
			error_of = errors[n];
			test_apart(a_device_fails_for_a_moment, line_of);
		}
}

TEST(what_keeps_failing_is_told_when_the_time_is_up)
{
	start("root=/dev/vda loop=/images/root.squashfs rootwait=12");
	fake_fail(ALWAYS, EIO, "mount /dev/vda");
	gives_up("/dev/vda: mount: Input/output error");
	says("|+ waiting for /dev/vda: mount: Input/output error|");
	CHECK(fake.milliseconds >= 12000 && fake.milliseconds < 13200);
}

TEST(without_rootwait_what_fails_once_ends_the_boot)
{
	start("root=/dev/vda loop=/images/root.squashfs");
	fake_fail(1, EIO, "mount /dev/vda");
	gives_up("/dev/vda: mount: Input/output error");
}

TEST(an_image_that_can_t_be_read_is_not_tried_for_ever)
{
	start("root=/dev/vda loop=/images/root.squashfs rootwait");
	fake_fail(ALWAYS, EIO, "mount /dev/loop0 /sysroot");
	EQUAL(run(), 1);
	CHECK(fake.milliseconds < 5000);
}

/* Each look at a broken drive may take half a minute. */
TEST(a_drive_that_can_t_be_read_does_not_hold_up_a_search)
{
	fake_initramfs("root=* loop=/images/root.squashfs rootwait=60");
	fake_volume("/dev/vdb", "ext4", "other", "other");
	add_medium();
	fake_appears(30000, "/dev/vda");
	fake_fail(ALWAYS, EIO, "open ro /dev/vdb");
	boots_to("/sbin/init");
	CHECK(fake_count("open ro /dev/vdb") < 30);
}

TEST(a_file_system_of_the_kernel_that_can_t_be_had_is_told)
{
	start("root=/dev/vda loop=/images/root.squashfs");
	fake_fail(1, ENOMEM, "mount tmpfs /run");
	EQUAL(run(), FAKE_EXECUTES);
	says("|/run: mount: Out of memory|");
}

TEST(what_is_there_already_is_not_told)
{
	start("root=/dev/vda loop=/images/root.squashfs");
	fake_fail(1, EBUSY, "mount proc /proc");
	boots_to("/sbin/init");
	CHECK(!strstr(fake_console(), "/proc: mount"));
}

TEST(what_could_not_be_moved_to_the_new_root_is_told)
{
	start("root=/dev/vda loop=/images/root.squashfs");
	fake_fail(1, ENOENT, "mount /sys sys");
	boots_to("/sbin/init");
	says("|/sys: move to the new root: No such file or directory");
}


/* --- layers --------------------------------------------------------------------- */

TEST(a_writable_layer_in_memory_lies_on_the_image)
{
	start("root=/dev/vda loop=/images/root.squashfs rd.overlay");
	boots_to("/sbin/init");
	mounts("|tmpfs /run/initramfs tmpfs nosuid,nodev mode=0755"
	       "|/dev/vda /run/initramfs/medium ext4 ro -"
	       "|/dev/loop0 /run/initramfs/layers/0 squashfs ro -"
	       "|tmpfs /run/initramfs/overlay tmpfs - mode=0755"
	       "|overlay /sysroot overlay - lowerdir=/run/initramfs/layers/0,"
	       "upperdir=/run/initramfs/overlay/upper,workdir=/run/initramfs/overlay/work"
	       "|/run/initramfs/medium /sysroot/host - bind -");
	CHECK(strstr(fake_mounted(), "|overlay on /sysroot"));
}

TEST(the_images_of_a_folder_are_layers_in_order)
{
	start("root=/dev/vda loop=/images/");
	fake_volume("medium:/images/a.squashfs", "squashfs", "a", NULL);
	fake_put("medium:/images/readme", S_IFREG | 0644);
	boots_to("/sbin/init");
	mounts("|/dev/vda /run/initramfs/medium ext4 ro -"
	       "|/dev/loop0 /run/initramfs/layers/0 squashfs ro -"
	       "|/dev/loop1 /run/initramfs/layers/1 squashfs ro -"
	       "|overlay /sysroot overlay ro lowerdir=/run/initramfs/layers/1:/run/initramfs/layers/0"
	       "|/run/initramfs/medium /sysroot/host - bind -");
	says("attached /run/initramfs/medium/images/a.squashfs to /dev/loop0");
}

TEST(layers_are_named_one_by_one)
{
	start("root=/dev/vda loop=/images/root.squashfs:/images/a.squashfs");
	fake_volume("medium:/images/a.squashfs", "squashfs", "a", NULL);
	boots_to("/sbin/init");
	mounts("|/dev/vda /run/initramfs/medium ext4 ro -"
	       "|/dev/loop0 /run/initramfs/layers/0 squashfs ro -"
	       "|/dev/loop1 /run/initramfs/layers/1 squashfs ro -"
	       "|overlay /sysroot overlay ro lowerdir=/run/initramfs/layers/1:/run/initramfs/layers/0"
	       "|/run/initramfs/medium /sysroot/host - bind -");
	says("attached /run/initramfs/medium/images/root.squashfs to /dev/loop0");
	says("attached /run/initramfs/medium/images/a.squashfs to /dev/loop1");
}

TEST(a_writable_layer_on_a_device_is_kept)
{
	start("root=/dev/vda loop=/images/root.squashfs rd.overlay=/dev/vdb");
	fake_volume("/dev/vdb", "ext4", "store", NULL);
	boots_to("/sbin/init");
	mounts("|tmpfs /run/initramfs tmpfs nosuid,nodev mode=0755"
	       "|/dev/vda /run/initramfs/medium ext4 ro -"
	       "|/dev/loop0 /run/initramfs/layers/0 squashfs ro -"
	       "|/dev/vdb /run/initramfs/overlay ext4 - -"
	       "|overlay /sysroot overlay - lowerdir=/run/initramfs/layers/0,"
	       "upperdir=/run/initramfs/overlay/upper,workdir=/run/initramfs/overlay/work"
	       "|/run/initramfs/medium /sysroot/host - bind -");
	CHECK(fake_find("store:/upper") && fake_find("store:/work"));
}

TEST(where_the_device_of_the_writable_layer_is_missing_it_is_in_memory)
{
	start("root=/dev/vda loop=/images/root.squashfs rd.overlay=/dev/vdb");
	boots_to("/sbin/init");
	says("|/dev/vdb: open: No such file or directory|changes are kept in memory, and lost at "
	     "shutdown|");
	CHECK(fake.milliseconds >= 10000 && fake.milliseconds < 11200);
	CHECK(strstr(fake_log("mount tmpfs "), "|/run/initramfs/overlay tmpfs"));
}

TEST(the_device_of_the_writable_layer_is_waited_for)
{
	start("root=/dev/vda loop=/images/root.squashfs rd.overlay=LABEL=store");
	fake_volume("/dev/vdb", "ext4", "store", "store");
	fake_appears(4000, "/dev/vdb");
	boots_to("/sbin/init");
	says("|+ waiting for the device of the writable layer, LABEL=store|");
	CHECK(strstr(fake_mounted(), "|/dev/vdb on /sysroot/run/initramfs/overlay"));
	CHECK(fake.milliseconds >= 4000 && fake.milliseconds < 4200);
}

TEST(the_device_of_the_writable_layer_is_waited_for_as_the_medium_is)
{
	start("root=/dev/vda loop=/images/root.squashfs rd.overlay=LABEL=store rootwait=3");
	boots_to("/sbin/init");
	says("|LABEL=store: no device has this label|changes are kept in memory");
	CHECK(fake.milliseconds >= 3000 && fake.milliseconds < 4200);
}

TEST(with_rootwait_the_device_of_the_writable_layer_is_waited_for_without_end)
{
	start("root=/dev/vda loop=/images/root.squashfs rd.overlay=/dev/vdb rootwait");
	fake_volume("/dev/vdb", "ext4", "store", "store");
	fake_appears(60000, "/dev/vdb");
	boots_to("/sbin/init");
	CHECK(fake.milliseconds >= 60000);
	CHECK(strstr(fake_mounted(), "|/dev/vdb on /sysroot/run/initramfs/overlay"));
}

TEST(the_device_of_the_writable_layer_is_waited_for_as_long_as_the_family_waits)
{
	fake_initramfs("root=live:/dev/vda rd.live.overlay=LABEL=store rd.timeout=40");
	fake_volume("/dev/vda", "ext4", "medium", "data");
	fake_volume("medium:/LiveOS/squashfs.img", "squashfs", "root", NULL);
	fake_root("root", "");
	fake_volume("/dev/vdb", "ext4", "store", "store");
	fake_appears(35000, "/dev/vdb");
	boots_to("/sbin/init");
	CHECK(fake.milliseconds >= 35000 && fake.milliseconds < 35200);
	CHECK(strstr(fake_mounted(), "|/dev/vdb on /sysroot/run/initramfs/overlay"));
}

static void a_required_store_is_not_replaced_by_memory(void)
{
	start(line_of);
	fake_volume("/dev/fat", "vfat", "fat", NULL);
	set("/proc/sys/kernel/printk", "3\t4\t1\t7\n");
	EQUAL(run(), 1);
	says(wanted_of);
	CHECK(!strstr(fake_console(), "kept in memory"));
	SAME(fake_mounted(),
	     "|devtmpfs on /dev|proc on /proc|sysfs on /sys|tmpfs on /run|tmpfs on /run/initramfs");
	CHECK(fake_count("write 2 ") > 0); /* though the boot is quiet */
	EQUAL(fake_count("mount overlay"), 0);
}

TEST(without_a_store_that_is_required_nothing_boots)
{
#define ONE "root=/dev/vda loop=/images/root.squashfs rootwait=1 rd.overlay="
#define NONE ": the device of the writable layer could not be used"
	static const char *const cases[][2] = {
		{ ONE "/dev/vdb,required", "/dev/vdb,required" NONE },
		{ ONE "LABEL=a,LABEL=b,required", "LABEL=a,LABEL=b,required" NONE },
		{ ONE "required,/dev/vdb", "required,/dev/vdb" NONE },
		{ ONE "/dev/fat,required", "/dev/fat,required" NONE },
		{ ONE "required", "required" NONE },
		{ ONE "tmpfs,required", "tmpfs,required" NONE },
		{ ONE " loopbox.persistent loopbox.persistent.on=LABEL=a,required", "LABEL=a,required" NONE },
		{ ONE "ubi0:data,required", "ubi0:data,required" NONE },
		{ ONE "/dev/fat,required systemd.volatile=yes",
		  "/dev/fat,required: not with systemd.volatile=yes" },
	};

	for (unsigned i = 0; i < LENGTH(cases); i++) {
		line_of = cases[i][0];
		wanted_of = cases[i][1];
		test_apart(a_required_store_is_not_replaced_by_memory, line_of);
	}
}

TEST(a_store_that_is_required_and_there_is_used)
{
	start("root=/dev/vda loop=/images/root.squashfs rd.overlay=/dev/vdc,LABEL=store:/a,required "
	      "rootwait=1");
	fake_volume("/dev/vdb", "ext4", "store", "store");
	boots_to("/sbin/init");
	CHECK(strstr(fake_mounted(), "|/dev/vdb on /sysroot/run/initramfs/overlay"));
	CHECK(fake_find("store:/a"));
}

/* It has no node. */
TEST(a_ubi_volume_is_a_store)
{
	start("root=/dev/vda loop=/images/root.squashfs rd.overlay=ubi0:data,required rootwait=1");
	fake_volume("ubi0:data", "ubifs", "store", NULL);
	boots_to("/sbin/init");
	CHECK(strstr(fake_mounted(), "|ubi0:data on /sysroot/run/initramfs/overlay"));
	EQUAL(fake.sleeps, 0);
}

TEST(a_ubi_volume_is_not_waited_for_where_overlayfs_is_missing)
{
	start("root=/dev/vda loop=/images/root.squashfs rd.overlay=ubi0:data,required rootwait=1");
	fake_volume("ubi0:data", "ubifs", "store", NULL);
	fake_fail(ALWAYS, ENODEV, "mount overlay");
	EQUAL(run(), 1);
	says("|overlay: ");
	EQUAL(fake_count("mount ubi0:data"), 1);
	CHECK(!strstr(fake_mounted(), "ubi0:data"));
}

/* The other one's root is on a partition of its own, say. */
TEST(an_image_whose_required_store_fails_makes_way_for_the_next)
{
	start("root=/dev/vda loop=/images/root.squashfs,/images/b.squashfs rd.overlay=/dev/vdb,required");
	fake_volume("medium:/images/b.squashfs", "squashfs", "root", NULL);
	fake_volume("/dev/vdb", "ext4", "store", NULL);
	fake_fail(1, EIO, "mount /dev/vdb");
	boots_to("/sbin/init");
	says("|/dev/vdb,required: the device of the writable layer could not be used|");
	says("images/b.squashfs");
	CHECK(strstr(fake_mounted(), "|/dev/vdb on /sysroot/run/initramfs/overlay"));
}

TEST(each_device_with_the_label_of_the_writable_layer_is_tried)
{
	start("root=/dev/vda loop=/images/root.squashfs rd.overlay=LABEL=store");
	fake_volume("/dev/vdb", "vfat", "fat", "store");
	fake_volume("/dev/vdc", "ext4", "store", "store");
	boots_to("/sbin/init");
	says("|/dev/vdb: vfat can't keep a writable layer|");
	CHECK(strstr(fake_mounted(), "|/dev/vdc on /sysroot/run/initramfs/overlay"));
	CHECK(!fake_find("fat:/upper") && !fake_find("fat:/work"));
	EQUAL(fake.sleeps, 0);
}

static void a_store_is_refused_so(void)
{
	char line[200];

	sprintf(line, "root=/dev/vda loop=/images/root.squashfs rd.overlay=%s", line_of);
	start(line);
	fake_volume("/dev/fat", "vfat", "fat", NULL);
	fake_volume("/dev/luks", "crypto_LUKS", NULL, NULL);
	fake_volume("/dev/swap", "swap", NULL, NULL);
	fake_volume("/dev/iso", "iso9660", "iso", NULL);
	fake_volume("/dev/blank", "nothing", NULL, NULL);
	boots_to("/sbin/init");
	char words[200];
	sprintf(words, "|%s|changes are kept in memory, and lost at shutdown|", wanted_of);
	says(words);
	CHECK(!fake_find("fat:/upper") && !fake_find("fat:/work") && !fake_find("fat:/a"));
	CHECK(!strstr(fake_mounted(), line_of));
}

TEST(a_store_that_can_t_keep_a_layer_is_named_and_nothing_left_on_it)
{
	static const char *const cases[][2] = {
		{ "/dev/fat", "/dev/fat: vfat can't keep a writable layer" },
		{ "/dev/fat:/a/b", "/dev/fat: vfat can't keep a writable layer" },
		{ "/dev/luks", "/dev/luks: crypto_LUKS can't keep a writable layer" },
		{ "/dev/swap", "/dev/swap: swap can't keep a writable layer" },
		{ "/dev/iso", "/dev/iso: iso9660 can't keep a writable layer" },
		{ "/dev/blank", "/dev/blank: is blank, and needs a file system first" },
	};

	for (unsigned i = 0; i < LENGTH(cases); i++) {
		line_of = cases[i][0];
		wanted_of = cases[i][1];
		test_apart(a_store_is_refused_so, line_of);
	}
}

TEST(a_file_on_fat_may_keep_a_layer)
{
	start("root=/dev/vda loop=/images/root.squashfs rd.overlay=/dev/fat:/a.img");
	fake_volume("/dev/fat", "vfat", "fat", NULL);
	fake_volume("fat:/a.img", "ext4", "store", NULL);
	boots_to("/sbin/init");
	CHECK(fake_find("store:/upper"));
}

TEST(what_was_made_for_a_layer_that_fails_is_taken_back)
{
	start("root=/dev/vda loop=/images/root.squashfs rd.overlay=/dev/vdb");
	fake_volume("/dev/vdb", "ext4", "store", NULL);
	fake_fail(1, EINVAL, "mount overlay /sysroot");
	boots_to("/sbin/init");
	CHECK(!fake_find("store:/upper") && !fake_find("store:/work"));
}

TEST(a_store_that_could_not_be_used_is_told_though_the_boot_is_quiet)
{
	start("root=/dev/vda loop=/images/root.squashfs rd.overlay=LABEL=store rootwait=1");
	set("/proc/sys/kernel/printk", "3\t4\t1\t7\n");
	boots_to("/sbin/init");
	says("|LABEL=store: no device has this label|changes are kept in memory, and lost at "
	     "shutdown|");
	EQUAL(fake_count("write 2 "), 2);
}

TEST(a_comma_or_colon_in_the_name_of_a_store_is_part_of_it)
{
	start("root=/dev/vda loop=/images/root.squashfs rd.overlay=/dev/vdb:a\\,b/c:d");
	fake_volume("/dev/vdb", "ext4", "store", NULL);
	EQUAL(run(), FAKE_EXECUTES);
	CHECK(strstr(fake_log("mount overlay "), "upperdir=/run/initramfs/overlay/a\\,b/c\\:d,"));
}

TEST(a_missing_layer_fails_the_whole_alternative)
{
	start("root=/dev/vda loop=/images/root.squashfs:/none,/images/root.squashfs");
	boots_to("/sbin/init");
	says("|/run/initramfs/medium/none: open: No such file or directory|");
}


/* --- copies in memory, sums, tries ------------------------------------------------ */

TEST(an_image_is_copied_to_memory_and_the_medium_let_go)
{
	start("root=/dev/vda loop=/images/root.squashfs loopbox.toram");
	boots_to("/sbin/init");
	CHECK(strstr(fake_log("mount tmpfs "), "|/run/initramfs/ram tmpfs - mode=0700,size=100%"));
	says("|+ copied /run/initramfs/medium/images/root.squashfs to /run/initramfs/ram, and compared it|");
	says("|+ unmounted /run/initramfs/medium; the medium is not needed any more|");
	CHECK(!strstr(fake_mounted(), "/dev/vda"));
	SAME(fake.loops[0].name, "tmpfs2:/1-root.squashfs");
}

/* Of 64 KiB, where an eighth of the memory is kept for the system. */
TEST(an_image_that_is_too_large_for_memory_stays_on_the_medium)
{
	start("root=/dev/vda loop=/images/root.squashfs loopbox.toram");
	fake_text("/proc/meminfo", "MemTotal:  800 kB\nMemFree: 0 kB\n\nMemAvailable: 163 kB\n");
	boots_to("/sbin/init");
	says("|/run/initramfs/medium/images/root.squashfs: not copied to memory: 65536 bytes, but "
	     "64512 available|");
	CHECK(strstr(fake_mounted(), "|/dev/vda on "));
}

TEST(an_image_that_leaves_an_eighth_of_the_memory_is_copied)
{
	start("root=/dev/vda loop=/images/root.squashfs loopbox.toram");
	fake_text("/proc/meminfo", "MemTotal:  800 kB\nMemFree: 0 kB\n\nMemAvailable: 164 kB\n");
	boots_to("/sbin/init");
	CHECK(!strstr(fake_mounted(), "|/dev/vda on "));
}

TEST(less_memory_than_the_reserve_takes_no_image)
{
	start("root=/dev/vda loop=/images/root.squashfs loopbox.toram");
	fake_text("/proc/meminfo", "MemTotal: 80000 kB\nMemAvailable: 9000 kB\n");
	boots_to("/sbin/init");
	CHECK(strstr(fake_mounted(), "|/dev/vda on "));
}

static bool has_exitrd(void)
{
	start(line_of);
	fake_volume("/dev/vdc", "squashfs", "root", NULL);
	fake_text("/proc/self/exe", "program");
	boots_to("/sbin/init");
	return fake_count("open ro /run/initramfs/shutdown");
}

static void exitrd_is_placed(void)
{
	CHECK(has_exitrd());
	CHECK(strstr(fake_log("mount tmpfs "), "|/run/initramfs tmpfs ")); /* /run may be noexec */
}

static void exitrd_is_not_placed(void)
{
	CHECK(!has_exitrd());
}

/* An image on it that is replaced would keep it busy to the end. */
TEST(a_medium_with_images_that_was_writable_gets_the_program_that_unmounts_it)
{
	static const char *const with[] = {
		"root=/dev/vda rw loop=/images/root.squashfs",
		"root=* rw loop=/images/root.squashfs",
		"root=/dev/vda loop=/images/root.squashfs loopbox.tries=3",
	};
	static const char *const without[] = {
		"root=/dev/vda loop=/images/root.squashfs",
		"root=/dev/vda loop=/images/root.squashfs loopbox.tries=3 loopbox.tries.on=/dev/vdb:0",
		"root=/dev/vdc rw", /* it is the root itself, and the system's own */
		"root=/dev/vda rw loop=/images/root.squashfs loopbox.toram", /* not mounted any more */
	};

	for (unsigned i = 0; i < LENGTH(with); i++)
		test_apart(exitrd_is_placed, line_of = with[i]);
	for (unsigned i = 0; i < LENGTH(without); i++)
		test_apart(exitrd_is_not_placed, line_of = without[i]);
}

TEST(an_attempt_is_counted_beside_the_image)
{
	start("root=/dev/vda loop=/images/root.squashfs loopbox.tries=3");
	boots_to("/sbin/init");
	struct fake_file *tries = fake_find("medium:/images/root.squashfs.tries");
	CHECK(tries);
	SAME(tries->data, "1  \n");
	mounts("|tmpfs /run/initramfs tmpfs nosuid,nodev mode=0755"
	       "|/dev/vda /run/initramfs/medium ext4 ro -"
	       "|/dev/loop0 /sysroot squashfs ro -"
	       "|- /run/initramfs/medium - remount -|- /run/initramfs/medium - ro,remount -"
	       "|/run/initramfs/medium /sysroot/host - bind -");
	EQUAL(fake_count("fsync"), 2); /* the file, and its folder */
	EQUAL(fake_count("open rwct"), 0);
}

TEST(an_image_that_was_tried_too_often_is_skipped)
{
	start("root=/dev/vda loop=/images/root.squashfs,/images/other loopbox.tries=3");
	fake_text("medium:/images/root.squashfs.tries", "3\n");
	fake_volume("medium:/images/other", "squashfs", "root", NULL);
	boots_to("/sbin/init");
	says("|/run/initramfs/medium/images/root.squashfs: skipped, 3 boots were not confirmed|");
	SAME(fake_find("medium:/images/other.tries")->data, "1  \n");
}

TEST(where_every_image_was_tried_too_often_all_are_tried_again)
{
	start("root=/dev/vda loop=/images/broken,/images/root.squashfs,/images/other loopbox.tries=3");
	fake_volume("medium:/images/broken", "nothing", NULL, NULL);
	fake_volume("medium:/images/other", "squashfs", "root", NULL);
	fake_text("medium:/images/root.squashfs.tries", "3\n");
	fake_text("medium:/images/other.tries", "12 \n");
	boots_to("/sbin/init");
	says("|/run/initramfs/medium/images/root.squashfs: skipped, 3 boots were not confirmed|");
	says("|loopbox.tries=: no image is left; trying them again, whatever their counts say|");
	SAME(fake_find("medium:/images/root.squashfs.tries")->data, "1  \n");
	CHECK(!fake_find("medium:/images/other.tries"));
}

TEST(of_images_that_were_tried_too_often_the_one_that_was_confirmed_comes_first)
{
	start("root=/dev/vda loop=/images/other,/images/root.squashfs loopbox.tries=3");
	fake_volume("medium:/images/other", "squashfs", "root", NULL);
	fake_text("medium:/images/other.tries", "3  \n");
	fake_text("medium:/images/root.squashfs.tries", "3c \n");
	boots_to("/sbin/init");
	says("|/run/initramfs/medium/images/other: skipped, another image was confirmed last|");
	SAME(fake_find("medium:/images/root.squashfs.tries")->data, "1c \n");
	CHECK(!fake_find("medium:/images/other.tries"));
}

TEST(an_image_that_was_confirmed_and_does_not_boot_any_more_is_followed_by_the_others)
{
	start("root=/dev/vda loop=/images/other,/images/root.squashfs loopbox.tries=3");
	fake_volume("medium:/images/other", "nothing", NULL, NULL);
	fake_text("medium:/images/other.tries", "5c \n");
	fake_text("medium:/images/root.squashfs.tries", "3  \n");
	boots_to("/sbin/init");
	CHECK(!strstr(strstr(fake_console(), "trying them again") + 1, "trying them again"));
	SAME(fake_find("medium:/images/root.squashfs.tries")->data, "1  \n");
}

TEST(with_rootwait_too_an_image_that_was_confirmed_is_followed_by_the_others)
{
	start("root=* loop=/images/other,/images/root.squashfs loopbox.tries=3 rootwait");
	fake_volume("medium:/images/other", "nothing", NULL, NULL);
	fake_text("medium:/images/other.tries", "5c \n");
	fake_text("medium:/images/root.squashfs.tries", "3  \n");
	boots_to("/sbin/init");
	SAME(fake_find("medium:/images/root.squashfs.tries")->data, "1  \n");
}

/* It is waited for from then on, however late the image that was passed over has come. */
TEST(where_an_image_is_passed_over_late_the_other_slot_is_still_waited_for)
{
	start("root=/dev/vda,/dev/vdb loop=/images/root.squashfs loopbox.tries=3 rootwait");
	fake_volume("/dev/vdb", "ext4", "other", NULL);
	fake_put("other:/images", S_IFDIR | 0755);
	fake_volume("other:/images/root.squashfs", "squashfs", "root", NULL);
	fake_text("medium:/images/root.squashfs.tries", "3\n");
	fake_appears(15000, "/dev/vda");
	fake_appears(18000, "/dev/vdb");
	boots_to("/sbin/init");
	SAME(fake_find("other:/images/root.squashfs.tries")->data, "1  \n");
}

TEST(the_image_that_was_confirmed_last_is_one)
{
	start("root=/dev/vda loop=/images/other,/images/root.squashfs loopbox.tries=3");
	fake_volume("medium:/images/other", "squashfs", "root", NULL);
	fake_text("medium:/images/other.tries", "0c \n");
	fake_text("medium:/images/root.squashfs.tries", "2c \n");
	boots_to("/sbin/init");
	SAME(fake_find("medium:/images/other.tries")->data, "1c \n");
	SAME(fake_find("medium:/images/root.squashfs.tries")->data, "2  \n");
}

TEST(an_image_that_was_tried_too_often_is_tried_again_though_another_device_is_waited_for_without_end)
{
	start("root=/dev/vda,/dev/vdz loop=/images/root.squashfs loopbox.tries=3 rootwait");
	fake_text("medium:/images/root.squashfs.tries", "3\n");
	boots_to("/sbin/init");
	says("|loopbox.tries=: no image is left; trying them again, whatever their counts say|");
}

TEST(where_no_image_was_passed_over_none_is_tried_again)
{
	start("root=/dev/vda loop=/images/broken loopbox.tries=3");
	fake_volume("medium:/images/broken", "nothing", NULL, NULL);
	gives_up("/run/initramfs/medium/images/broken: wrong type, bad option or superblock");
	EQUAL(fake_count("mount /dev/vda /run/initramfs/medium"), 1);
}

TEST(images_that_can_t_be_booted_end_the_second_round_too)
{
	start("root=/dev/vda loop=/images/broken loopbox.tries=3");
	fake_volume("medium:/images/broken", "nothing", NULL, NULL);
	fake_text("medium:/images/broken.tries", "3\n");
	gives_up("/run/initramfs/medium/images/broken: wrong type, bad option or superblock");
	SAME(fake_find("medium:/images/broken.tries")->data, "3\n");
}

TEST(a_second_round_for_counts_waits_anew_and_leaves_no_socket)
{
	start("root=/dev/vda,/dev/vdz loop=/images/broken loopbox.tries=3 rootwait=1");
	fake_volume("medium:/images/broken", "nothing", NULL, NULL);
	fake_text("medium:/images/broken.tries", "3\n");
	EQUAL(run(), 1);
	EQUAL(fake_count("socket"), 2);
	EQUAL(fake_event_sockets(), 1);
}

TEST(what_is_no_file_system_is_not_mounted_to_look_for_the_image)
{
	fake_initramfs("root=* loop=/images/root.squashfs");
	fake_volume("/dev/vdk", "crypto_LUKS", NULL, NULL);
	fake_volume("/dev/vdl", "BitLocker", NULL, NULL);
	fake_volume("/dev/vdm", "swap", NULL, NULL);
	add_medium();
	boots_to("/sbin/init");
	EQUAL(fake_count("mount /dev/vdk"), 0);
	EQUAL(fake_count("mount /dev/vdl"), 0);
	EQUAL(fake_count("mount /dev/vdm"), 0);
}

TEST(tries_that_can_t_be_counted_are_told)
{
	start("root=/dev/vdb loopbox.tries=3");
	fake_volume("/dev/vdb", "squashfs", "root", NULL);
	boots_to("/sbin/init");
	says("|loopbox.tries=: not counted: the root is not an image on a disk|");
}

TEST(a_label_with_a_u_is_no_uuid)
{
	start("root=LABEL=Ubuntu");
	gives_up("LABEL=Ubuntu: no device has this label; seen: vda (ext4, \"data\")");
}

TEST(a_number_of_tries_that_is_none_is_told)
{
	start("root=/dev/vda loop=/images/root.squashfs loopbox.tries=many");
	boots_to("/sbin/init");
	says("|loopbox.tries=: not a number of attempts, so nothing is counted|");
	CHECK(!fake_find("medium:/images/root.squashfs.tries"));
}


/* --- what fails, and does not end the boot ---------------------------------------------- */

#define USUAL "root=/dev/vda loop=/images/root.squashfs "

static const struct failure {
	const char *line, *call, *words;
	int error;
} * failure;

static void a_failure_is_told(void)
{
	start(failure->line);
	fake_text("/sys/power/resume", "");
	fake_text("/etc/loopbox.modules", "/good.ko\n");
	fake_put("/good.ko", S_IFREG | 0644);
	fake_put("/sys/bus/pci/devices", S_IFDIR | 0755);
	fake_program("/emergency");
	fake_text("/proc/self/exe", "program");
	fake_volume("/dev/vdb", "ext4", "store", NULL);
	fake_volume("medium:/casper/filesystem.squashfs", "squashfs", "root", NULL);
	fake_put("root:/cdrom", S_IFDIR | 0755);
	fake_fail(1, failure->error, failure->call);
	boots_to("/sbin/init");
	says(failure->words);
}

TEST(what_fails_and_does_not_end_a_boot_is_told)
{
	static const struct failure failures[] = {
		{ USUAL "resume=/dev/vdb", "open ro /sys/power/resume",
		  "|/dev/vdb: resume: Permission denied|", EACCES },
		{ USUAL "rd.break", "fork", "|/emergency: run: Out of memory|", ENOMEM },
		{ USUAL, "open ro /etc/loopbox.modules", "|/etc/loopbox.modules: open: Input/output error|",
		  EIO },
		{ USUAL, "finit_module /good.ko", "|/good.ko: unknown symbol in the module", ENOENT },
		{ USUAL "rootdelay=1", "getdents /sys/bus", "|/sys/bus: read: Input/output error|", EIO },
		{ USUAL, "symlink ", "|/run/initramfs/booted: symlink: No space left on device|", ENOSPC },
		{ USUAL, "open ro /run/initramfs/state",
		  "|/run/initramfs/state: write: No space left on device|", ENOSPC },
		{ USUAL "rd.overlay=/dev/vdb", "open ro /run/initramfs/shutdown",
		  "|/run/initramfs/shutdown: write: No space left on device|", ENOSPC },
		{ "boot=casper root=/dev/vda", "mount /run/initramfs/medium /sysroot/cdrom",
		  "|/cdrom: bind in the new root: Operation not permitted|", EPERM },
	};

	for (unsigned i = 0; i < LENGTH(failures); i++) {
		failure = failures + i;
		test_apart(a_failure_is_told, failure->words);
	}
}

TEST(a_word_that_is_not_a_devices_name_is_not_waited_for_to_resume)
{
	start(USUAL "rootwait=60 resume=/dev/disk/by-id/disk");
	boots_to("/sbin/init");
	says("|/dev/disk/by-id/disk: names by udev are not supported");
	CHECK(fake.milliseconds < 1000);
}


/* --- what can not be read --------------------------------------------------------------- */

TEST(a_folder_that_can_not_be_read_whole_boots_no_fewer_layers)
{
	start("root=/dev/vda loop=/images/");
	fake_fail(1, EIO, "getdents medium:/images");
	gives_up("/run/initramfs/medium/images/: read: Input/output error");
}

TEST(a_list_of_images_that_can_not_be_read_is_not_missing)
{
	start("boot=live root=/dev/vda module=mini");
	fake_volume("medium:/live/a.squashfs", "squashfs", "root", NULL);
	fake_text("medium:/live/mini.module", "a.squashfs");
	fake_fail(ALWAYS, EIO, "open ro /run/live/medium/live/mini.module");
	gives_up("/run/live/medium/live/mini.module: open: Input/output error");
}

TEST(a_medium_that_can_not_be_read_once_is_looked_at_again)
{
	start("root=* loop=/images/root.squashfs rootwait=9");
	fake_fail(1, EIO, "access /run/initramfs/medium/images/root.squashfs");
	boots_to("/sbin/init");
}

TEST(a_folder_without_images_is_told)
{
	start("root=/dev/vda loop=/others/");
	fake_put("medium:/others/file", S_IFREG | 0644);
	gives_up("/others/: neither a *.squashfs nor a *.erofs is in it");
}

TEST(a_medium_that_is_encrypted_is_told_as_that)
{
	start("root=/dev/vdb loop=/images/root.squashfs");
	fake_volume("/dev/vdb", "crypto_LUKS", NULL, NULL);
	run();
	says("LUKS");
	CHECK(!strstr(fake_console(), "no such file system type"));
}

TEST(a_base_that_was_not_moved_is_not_unmounted)
{
	start("root=live:/dev/vda");
	fake_volume("medium:/LiveOS/squashfs.img", "squashfs", "root", NULL);
	fake_fail(1, EIO, "mount /run/initramfs/layers/0 /run/rootfsbase - move");
	EQUAL(run(), 1);
	says("|/run/initramfs/layers/0: move: Input/output error|");
	EQUAL(fake_count("umount /run/rootfsbase"), 0);
}


/* --- the emergency program --------------------------------------------------------- */

TEST(a_shell_is_started_after_a_failure_where_that_is_asked_for)
{
	fake_initramfs("loop=/none rd.shell");
	fake_program("/bin/sh");
	EQUAL(run(), 1);
	says("|+ starting /bin/sh");
	EQUAL(fake_count("fork"), 1);
	EQUAL(fake_count("wait"), 1);
}

TEST(without_a_shell_that_is_told)
{
	fake_initramfs("loop=/none rd.shell");
	EQUAL(run(), 1);
	says("|neither /emergency nor /bin/sh is in the initramfs");
}

static void a_boot_stops_once(void)
{
	start(line_of);
	fake_program("/emergency");
	boots_to("/sbin/init");
	EQUAL(fake_count("fork"), 1);
	EQUAL(fake_count("wait"), 1);
	says("|+ starting /emergency|");
}

TEST(a_boot_stops_at_the_step_that_is_named)
{
	static const char *const steps[] = { "=cmdline", "=pre-mount", "=pre-pivot", "" };

	for (unsigned i = 0; i < LENGTH(steps); i++) {
		char line[100];
		sprintf(line, "root=/dev/vda loop=/images/root.squashfs rd.break%s", steps[i]);
		line_of = line;
		test_apart(a_boot_stops_once, line_of);
	}
}


/* --- root hashes --------------------------------------------------------------------- */

static void the_plan_is_refused(void)
{
	start(line_of);
	gives_up(wanted_of);
}

TEST(where_a_root_hash_is_demanded_nothing_else_boots)
{
#define HASH "1111111111111111111111111111111111111111111111111111111111111111"
	static const char *const cases[][2] = {
		{ "root=/dev/vda loop=/images/root.squashfs roothash=" HASH,
		  IMAGES "root.squashfs: no dm-verity superblock at byte 65536" },
		{ "root=/dev/vda loop=/images/root.squashfs roothash=xyz",
		  IMAGES "root.squashfs: the root hash is not valid" },
		{ "root=/dev/vda loop=/images/root.squashfs roothash=",
		  IMAGES "root.squashfs: the root hash is not valid" },
		{ "root=/dev/vda loop=/images/ roothash=" HASH,
		  IMAGES ": a folder has no root hash: name the images (loop=)" },
		{ "root=/dev/vda loop=/images/root.squashfs loopbox.roothash.other=" HASH,
		  IMAGES "root.squashfs: no root hash given, but one is demanded" },
	};

	for (unsigned i = 0; i < LENGTH(cases); i++) {
		line_of = cases[i][0];
		wanted_of = cases[i][1];
		test_apart(the_plan_is_refused, line_of);
	}
}

TEST(a_hidden_demand_for_a_root_hash_ends_the_boot)
{
	start("loop=/images/root.squashfs root=/dev/vda -- roothash=12");
	gives_up("/proc/cmdline: a root hash is demanded behind --, or in an open quote");
	EQUAL(fake_count("mount /dev/vda"), 0);
}

TEST(an_unknown_word_of_ours_is_named_and_the_boot_goes_on)
{
	start("root=/dev/vda loop=/images/root.squashfs loopbox.medium=/x");
	boots_to("/sbin/init");
	says("loopbox.medium=/x: not a word of loopbox, ignored");
}

TEST(where_a_root_hash_is_demanded_no_shell_is_started)
{
	start("root=/dev/vda loop=/images/root.squashfs rd.shell rd.break=pre-mount roothash=" HASH);
	fake_program("/bin/sh");
	EQUAL(run(), 1);
	EQUAL(fake_count("fork"), 0);
}

TEST(the_medium_of_what_is_verified_is_harmless)
{
	start("root=/dev/vda rw loop=/images/root.squashfs roothash=" HASH);
	EQUAL(run(), 1);
	CHECK(strstr(fake_log("mount /dev/vda "), "|/run/initramfs/medium ext4 ro,nosuid,nodev,noexec"));
}

TEST(a_list_of_devices_that_can_t_be_read_is_not_an_empty_one)
{
	static const char *const lines[] = { "root=LABEL=data loop=/images/root.squashfs rootwait=1",
					     "root=* loop=/images/root.squashfs rootwait=1" };

	for (unsigned i = 0; i < LENGTH(lines); i++) {
		start(lines[i]);
		fake_fail(ALWAYS, EIO, "open ro /proc/partitions");
		gives_up("/proc/partitions: open: Input/output error");
	}
}

TEST(a_place_that_can_t_be_made_is_told_with_its_reason)
{
	start("root=/dev/vda loop=/images/root.squashfs rd.overlay");
	fake_fail(ALWAYS, ENOSPC, "mkdir /run/initramfs/layers");
	gives_up("/run/initramfs/layers/0: mkdir: No space left on device");
}
