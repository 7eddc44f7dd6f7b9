/* SPDX-License-Identifier: MIT */
/*
 * Whoever controls every disk, and can add words to the kernel command line, tries to have a tree
 * booted that no root hash stands for: whole boots on the fake kernel. The same attacks, and those
 * that need a real file system, are in testsuite/boot/verified.bats.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "booting.h"

#define GOOD "1111111111111111111111111111111111111111111111111111111111111111"
#define EVIL "6666666666666666666666666666666666666666666666666666666666666666"
#define SIGNED "root=/dev/vda loop=images/good.squashfs roothash=" GOOD
#define TABLE(hash) \
	"\"dm-mod.create=vroot,,,ro,0 128 verity 1 IMAGE IMAGE 4096 4096 16 17 sha256 " hash " -\""
#define OF_KERNEL \
	"\"dm-mod.create=vroot,,,ro,0 128 verity 1 /dev/vda /dev/vda 4096 4096 16 17 sha256 " GOOD " -\""

/* An image, with its hash tree behind it. */
static void add_image(const char *path, const char *type, const char *tree, const char *root_hash)
{
	fake_verity(fake_volume(path, type, tree, NULL), root_hash);
}

static void start(const char *line)
{
	fake_initramfs(line);
	fake_volume("/dev/vda", "ext4", "medium", "data");
	fake_volume("/dev/vdb", "ext4", "other", "data");
	add_image("/dev/vdc", "squashfs", "evil", EVIL);
	add_image("medium:/images/good.squashfs", "squashfs", "good", GOOD);
	add_image("medium:/images/evil.squashfs", "squashfs", "evil", EVIL);
	fake_volume("medium:/images/plain.squashfs", "squashfs", "evil", NULL);
	fake_text("medium:/images/hash", EVIL "\n");
	fake_root("good", "images");
	fake_root("evil", "images");
	fake_program("/bin/sh");
}

static bool is_evil(const char *place)
{
	return !strncmp(fake_locate(place), "evil:", 5);
}

static const char *line_of;

/* It boots what is good, and nothing else, or not at all; nor does it start a shell. */
static void it_holds(void)
{
	start(line_of);
	if (run() == FAKE_EXECUTES && (is_evil("/sysroot/sbin/init") || is_evil("/sysroot/usr/x")))
		FAIL("EVIL: %s", fake_console());
	EQUAL(fake_count("fork"), 0);
}

static void hold(const char *const *lines, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		test_apart(it_holds, line_of = lines[i]);
}

/* One boot, apart from the others: what is there besides the usual, and why it is refused; NULL
 * where it boots what is good. */
static void (*setup_of)(void);
static const char *reason_of;

static void it_ends_so(void)
{
	start(line_of);
	if (setup_of)
		setup_of();
	int code = run();
	const char *last = strrchr(fake_console(), '|');
	if (!reason_of) {
		if (code != FAKE_EXECUTES || is_evil("/sysroot/sbin/init"))
			FAIL("it ends with %d: %s", code, fake_console());
		CHECK(strstr(fake_mounted(), "/dev/dm-0 on /sysroot"));
	} else if (code != 1 || !last || !strstr(last, reason_of)) {
		FAIL("it ends with %d: %s", code, fake_console());
	}
	EQUAL(fake_count("fork"), 0);
}

static void refuse(const char *line, void (*setup)(void), const char *reason)
{
	line_of = line;
	setup_of = setup;
	reason_of = reason;
	test_apart(it_ends_so, line);
}

static void boot(const char *line, void (*setup)(void))
{
	refuse(line, setup, NULL);
}

static void add_good_disk(void)
{
	add_image("/dev/vdd", "squashfs", "good", GOOD);
	fake_root("good", "images");
}

TEST(what_a_root_hash_stands_for_boots)
{
	boot(SIGNED, NULL);
	boot("root=/dev/vda loop=images/good.squashfs loopbox.roothash.good.squashfs=" GOOD, NULL);
	boot("root=/dev/vda loop=images/good.squashfs " TABLE(GOOD), NULL);
}


/* --- words that somebody adds ------------------------------------------------------------ */

TEST(words_behind_the_signed_ones_boot_nothing_else)
{
	static const char *const lines[] = {
		SIGNED " loop=images/evil.squashfs",
		SIGNED " loop=images/evil.squashfs loopbox.roothash.evil.squashfs=" EVIL,
		SIGNED " root=/dev/vdc loop=",
		SIGNED " roothash=" EVIL " loop=images/evil.squashfs",
		SIGNED " loopbox.roothash.good.squashfs=" EVIL,
		SIGNED " loop=images/evil.squashfs " TABLE(EVIL),
		SIGNED " " TABLE(EVIL),
		SIGNED " root=/dev/vdc dm-mod.create=\"vroot,,,ro,0 128 linear /dev/vdc 0\" root=/dev/dm-0",
		SIGNED " loop=images/evil.squashfs loopbox.verity.options=ignore-corruption",
		SIGNED " loop=images/evil.squashfs systemd.verity_root_options=ignore-corruption",
		SIGNED " loop=images/evil.squashfs "
		       "loopbox.verity.options=root-hash-file=/run/initramfs/medium/images/hash",
		SIGNED " usrhash=" EVIL " systemd.verity_usr_data=/dev/vdc systemd.verity_usr_hash=/dev/vdc",
		SIGNED " rd.shell rd.break=pre-mount",
		SIGNED " rd.shell rd.break roothash=",
		SIGNED " rd.shell x=\"",
		SIGNED " rd.overlay=/dev/vdb loopbox.persistent=/dev/vdb rw",
		SIGNED " rd.overlay=/dev/vdb,required",
		SIGNED " loopbox.inner=../../medium/images/plain.squashfs",
		SIGNED " rd.live.image rd.live.squashimg=evil.squashfs rd.live.dir=images",
		SIGNED " boot=live live-media-path=images",
		SIGNED " boot=casper layerfs-path=evil.squashfs live-media-path=images",
		SIGNED " systemd.verity=no",
		"root=/dev/vda loop=images/good.squashfs loopbox.roothash.good.squashfs=" GOOD
		" loop=images/evil.squashfs loopbox.roothash.evil.squashfs=" EVIL,
		"root=/dev/vda loop=images/good.squashfs loopbox.roothash.good.squashfs=" GOOD
		" rd.live.image rd.live.dir=images rd.live.squashimg=evil.squashfs "
		"loopbox.roothash.evil.squashfs=" EVIL,
		"root=/dev/vda loop=images/good.squashfs loopbox.roothash.good.squashfs=" GOOD
		" boot=casper live-media-path=images layerfs-path=evil.squashfs "
		"loopbox.roothash.evil.squashfs=" EVIL,
		"root=/dev/vda loop=images/good.squashfs " TABLE(GOOD) " " TABLE(EVIL),
		"root=/dev/vda loop=images/good.squashfs " TABLE(GOOD) " dm_mod.create=x",
		"root=/dev/vda loop=images/good.squashfs " TABLE(GOOD) " loop=images/evil.squashfs",
		"root=/dev/vda loop=images/good.squashfs " TABLE(GOOD) " roothash=" EVIL,
	};

	hold(lines, LENGTH(lines));
}

#define NAMED "root=/dev/vda loop=images/good.squashfs loopbox.roothash.good.squashfs=" GOOD

TEST(a_disk_is_not_the_image_that_the_line_names)
{
	static const char *const lines[] = {
		NAMED " boot=live root=/dev/vdc loopbox.roothash.vdc=" EVIL,
		NAMED " boot=casper live-media=/dev/vdc loopbox.roothash.vdc=" EVIL,
		NAMED " rd.live.image root=live:/dev/vdc loopbox.roothash.vdc=" EVIL,
		NAMED " archisobasedir=x archisodevice=/dev/vdc loopbox.roothash.vdc=" EVIL,
		NAMED " real_root=/dev/vdc loopbox.roothash.vdc=" EVIL,
		"boot=live root=/dev/vdc loopbox.roothash.vdc=" EVIL " " NAMED " root=/dev/vdc",
	};

	hold(lines, LENGTH(lines));
	/* A live medium that is the image may well be. */
	boot("root=live:/dev/vdd rd.live.image roothash=" GOOD, add_good_disk);
}

/* good.squashfs is evil, with a hash tree of its own. */
static void replace_image(void)
{
	static const char path[] = "medium:/images/good.squashfs";
	struct fake_file *evil = fake_volume(path, "squashfs", "evil", NULL);

	fake_verity(evil, EVIL);
	*fake_find(path) = *evil;
}

TEST(no_backslash_hides_a_root_hash)
{
	static const char reason[] = "good.squashfs: the command line has two root hashes for it";
	static const char of_evil[] = " loopbox.roothash.good.squashfs=" EVIL;
	char line[500];

	sprintf(line, "loopbox.roothash.x=\\ " NAMED "%s", of_evil);
	refuse(line, replace_image, reason);
	sprintf(line, "loopbox.roothash.x=1\\ " NAMED "%s", of_evil);
	refuse(line, replace_image, reason);
	sprintf(line, NAMED "%s\\", of_evil);
	refuse(line, replace_image, reason);
}

TEST(words_before_the_signed_ones_boot_nothing_else)
{
	static const char *const lines[] = {
		"root=/dev/vda loop=images/plain.squashfs -- " SIGNED,
		"root=/dev/vda loop=images/plain.squashfs x=\"" SIGNED,
		"root=/dev/vda loop=images/plain.squashfs x=\" " SIGNED " y\"",
		"root=/dev/vda loop=images/plain.squashfs x=\" " TABLE(GOOD),
		"root=/dev/vda loop=images/plain.squashfs -- loopbox.verity.options=hash=sha256",
		"loop=images/evil.squashfs roothash=" EVIL " " SIGNED,
		"root=/dev/vdc roothash=" EVIL " -- " SIGNED,
		"loopbox.roothash.good.squashfs=" EVIL " " SIGNED,
		TABLE(EVIL) " " SIGNED,
	};

	hold(lines, LENGTH(lines));
}

/* A quote makes the signed words part of a value, whose word is known. */
TEST(no_value_hides_a_demand)
{
	static const char *const words[] = {
		"systemd.verity=no",
		"systemd.verity=0",
		"rd.systemd.verity=off",
		"roothash=" EVIL,
		"usrhash=" EVIL,
		"loopbox.roothash.evil.squashfs=" EVIL,
		"systemd.verity_root_data=/dev/vdc",
		"loopbox.verity.options=hash=sha256",
		"dm-mod.create=",
		"x=",
		"rd.overlay=",
		"init=",
		"loop=",
		"md=",
		"systemd.verity",
		"rd.systemd.verity_",
		"loopbox.verity.",
	};
	static const char *const signed_words[] = {
		SIGNED,
		NAMED,
		"root=/dev/vda loop=images/good.squashfs systemd.verity=yes",
		"root=/dev/vda usrhash=" GOOD,
	};
	static const char evil[] = "root=/dev/vda loop=images/plain.squashfs";
	char line[1000];

	for (unsigned i = 0; i < LENGTH(words); i++) {
		for (unsigned n = 0; n < LENGTH(signed_words); n++) {
			sprintf(line, "%s %s\" %s \"", evil, words[i], signed_words[n]);
			const char *const one = line;
			hold(&one, 1);
		}
	}
	refuse("root=/dev/vda loop=images/plain.squashfs systemd.verity=no\" " SIGNED " \"", NULL,
	       "not understood, and a root hash is demanded");
}

/* The kernel cuts off what it has no room for: behind what somebody has put before it, say. */
TEST(a_line_that_may_have_been_cut_off_is_refused)
{
	static const unsigned sizes[] = { 1024, 2048, 4096, 16384, 20000 };
	static char line[20001];

	for (unsigned i = 0; i < LENGTH(sizes); i++) {
		memset(line, 'x', sizes[i]);
		memcpy(line, SIGNED " ", sizeof SIGNED);
		line[sizes[i] - 1] = '\n';
		line[sizes[i]] = 0;
		refuse(line, NULL, "/proc/cmdline: read: File too large");
		/* One less is no limit of a kernel's. */
		line[sizes[i] - 2] = '\n';
		line[sizes[i] - 1] = 0;
		if (sizes[i] < 16384)
			boot(line, NULL);
	}
}

TEST(no_shell_is_started_where_what_is_demanded_is_refused)
{
	refuse("root=/dev/vda rd.shell roothash=1 roothash=2", NULL,
	       "roothash=2: contradicts another word about root hashes");
	refuse(SIGNED " rd.overlay=/dev/vdb,required", NULL,
	       "/dev/vdb,required: not while a root hash is demanded");
	refuse(SIGNED " rd.shell loop=images/plain.squashfs", NULL,
	       "loop=images/plain.squashfs: names other images, and a root hash is demanded");
}

TEST(what_takes_back_what_is_demanded_is_no_option)
{
	refuse(SIGNED " loopbox.verity.options=check-at-most-once,ignore-corruption", NULL,
	       "ignore-corruption: refused: it takes back what the root hash demands");
	refuse(SIGNED " loopbox.verity.options=root-hash-file=/hash", NULL,
	       "root-hash-file: refused: it takes back what the root hash demands");
}

TEST(one_word_says_what_the_root_hash_is)
{
	static const char reason[] = "dm-mod.create=: another word says what the root hash is";

	refuse(SIGNED " " TABLE(GOOD), NULL, reason);
	refuse("root=/dev/vda loop=images/good.squashfs loopbox.verity.options=hash=sha256 " TABLE(GOOD),
	       NULL, reason);
	refuse("root=/dev/vda loop=images/good.squashfs " TABLE("12345678"), NULL,
	       "dm-mod.create=: a root hash of less than 256 bits");
}

/* A mapping that the kernel has made before, of a disk. */
static void map_disk(void)
{
	struct fake_map *map = fake.maps;

	add_image("/dev/vdd", "squashfs", "good", GOOD);
	fake_root("good", "images");
	map->is_there = map->is_active = true;
	strcpy(map->name, "vroot");
	strcpy(map->table, "1 254:48 254:48 4096 4096 16 17 sha256 " GOOD " -");
	map->file = fake_find("/dev/vdd");
	fake_put("/dev/dm-0", S_IFBLK | 0600);
}

static void map_disk_and_add_hash(void)
{
	map_disk();
	fake_text("/good.squashfs.roothash", GOOD "\n");
}

TEST(a_root_that_the_kernel_has_mapped_is_demanded_too)
{
#define VOLUME " \"dm-mod.create=vroot,,,ro,0 128 linear /dev/vdd 0\""
	static const char reason[] = "dm-mod.create=: neither names IMAGE, nor makes the device of root=";

	boot("root=/dev/dm-0 " OF_KERNEL, map_disk);
	boot("root=/dev/dm-0 rd.shell rd.break rw " OF_KERNEL, map_disk);
	refuse("root=/dev/dm-0 loop=/../../../dev/vdc " OF_KERNEL, map_disk, reason);
	refuse("root=/dev/dm-0 loopbox.iso=/x " OF_KERNEL, map_disk, reason);
	refuse("root=/dev/vdc " OF_KERNEL, map_disk, reason);
	refuse("root=/dev/dm-0 root=/dev/vdc " OF_KERNEL, map_disk, reason);
	refuse("root=/dev/dm-0 \"dm-mod.create=vroot,,1,ro,0 128 verity 1 /dev/vda /dev/vda 4096 4096 16 17 "
	       "sha256 " GOOD " -;other,,0,ro,0 128 linear /dev/vdc 0\"",
	       map_disk, reason);
	/* A volume of the kernel's is no demand. */
	boot("root=/dev/dm-0" VOLUME, map_disk);
	refuse("root=/dev/vdc" VOLUME, map_disk, reason);
	/* A root hash of the initramfs is for something else then. */
	refuse("root=/dev/dm-0 " OF_KERNEL, map_disk_and_add_hash,
	       "/dev/dm-0: no root hash given, but one is demanded");
}

static void nothing_stays_of_a_mapping(void)
{
	start("root=/dev/dm-0 rd.overlay=/dev/vdb " OF_KERNEL);
	map_disk();
	EQUAL(run(), FAKE_EXECUTES);
	CHECK(!strstr(fake_mounted(), "/dev/vdb"));
	/* It is not ours to remove. */
	EQUAL(fake_count("ioctl DM_"), 0);
}

TEST(over_a_root_that_the_kernel_has_mapped_is_written_in_memory)
{
	nothing_stays_of_a_mapping();
}

static void add_usr(void)
{
	add_image("/dev/vdd", "squashfs", "usr", EVIL);
	fake_put("usr:/lib", S_IFDIR | 0755);
}

static void add_usr_to_be_mounted(void)
{
	add_usr();
	fake_put("good:/usr", S_IFDIR | 0755);
}

static void add_usr_of_its_own(void)
{
	add_usr();
	fake_put("good:/usr/bin", S_IFDIR | 0755);
}

static void add_usr_that_can_not_be_read(void)
{
	add_usr_of_its_own();
	fake_fail(1, EIO, "getdents good:/usr");
}

TEST(usr_is_mounted_where_the_root_has_none_of_its_own)
{
	static const char line[] = SIGNED " usrhash=" EVIL " systemd.verity_usr_data=/dev/vdd "
					  "systemd.verity_usr_hash=/dev/vdd "
					  "systemd.verity_usr_options=superblock=no,data-blocks=16";
	static const char reason[] = "usrhash=: the root has a /usr that is not an empty folder";

	boot(line, add_usr_to_be_mounted);
	/* Who adds the word to the line of a whole root replaces nothing. */
	refuse(line, add_usr_of_its_own, reason);
	refuse(line, add_usr, reason);
	/* What can't be read may be one. */
	refuse(line, add_usr_that_can_not_be_read, "/sysroot/usr: read: Input/output error");
}


/* --- root hashes in the initramfs ------------------------------------------------------------ */

static void add_hash(void)
{
	fake_text("/good.squashfs.roothash", GOOD "\n");
}

static void add_empty_hash(void)
{
	fake_text("/evil.squashfs.roothash", "\n");
}

TEST(where_the_initramfs_has_root_hashes_those_of_the_line_do_not_count)
{
	static const char reason[] = "evil.squashfs: no root hash given, but one is demanded";
	static const char evil[] = "root=/dev/vda loop=images/evil.squashfs";
	char line[1000];

	boot("root=/dev/vda loop=images/good.squashfs", add_hash);
	boot("root=/dev/vda loop=images/good.squashfs roothash=" EVIL, add_hash);
	refuse(evil, add_hash, reason);
	sprintf(line, "%s roothash=" EVIL, evil);
	refuse(line, add_hash, reason);
	/* A file without one is no reason to take another. */
	refuse(line, add_empty_hash, reason);
	sprintf(line, "%s loopbox.roothash.evil.squashfs=" EVIL, evil);
	refuse(line, add_hash, reason);
	sprintf(line, "%s " TABLE(EVIL), evil);
	refuse(line, add_hash, reason);
	sprintf(line, "%s systemd.verity=no", evil);
	refuse(line, add_hash, reason);
}

static void hide_hash(void)
{
	add_hash();
	fake_fail(1, EIO, "getdents ");
}

static void hide_line(void)
{
	add_hash();
	fake_fail(1, EIO, "open ro /good.squashfs.roothash");
}

/* Whichever call fails, the file is found, or nothing boots. */
static unsigned failing;

static void a_failure_hides_no_hash(void)
{
	start("root=/dev/vda loop=images/evil.squashfs");
	add_hash();
	fake_fail_nth(failing, EIO);
	int code = run();
	if (code == FAKE_EXECUTES && is_evil("/sysroot/sbin/init"))
		FAIL("EVIL where call %u fails: %s", failing, fake_console());
}

TEST(an_initramfs_that_can_not_be_read_may_have_root_hashes)
{
	refuse("root=/dev/vda loop=images/plain.squashfs", hide_hash, "/: read: Input/output error");
	refuse("root=/dev/vda loop=images/good.squashfs", hide_line,
	       "/good.squashfs.roothash: open: Input/output error");
	for (failing = 1; failing < 60; failing++)
		test_apart(a_failure_hides_no_hash, "a call");
}

TEST(a_build_that_requires_root_hashes_boots_nothing_without)
{
	test_requires_verity = true;
	refuse("root=/dev/vda loop=images/plain.squashfs rd.shell", NULL,
	       "plain.squashfs: no root hash given, but one is demanded");
	refuse("root=/dev/vdc", NULL, "/dev/vdc: no root hash given, but one is demanded");
	refuse("root=/dev/vda loop=images/good.squashfs loop=images/plain.squashfs", NULL,
	       "loop=images/plain.squashfs: names other images, and a root hash is demanded");
	boot(SIGNED, NULL);
}

static void add_words(void)
{
	fake_text("/etc/loopbox.words", "loop=images/good.squashfs\nroothash=" GOOD "\n");
}

static void add_words_and_hash(void)
{
	fake_text("/etc/loopbox.words", "loop=images/good.squashfs");
	add_hash();
}

static void add_bad_words(void)
{
	fake_text("/etc/loopbox.words", "loop=images/good.squashfs rootash=" GOOD);
}

TEST(with_the_build_option_the_initramfs_alone_says_what_is_verified)
{
#define INITRAMFS_SAYS ": only the initramfs says what is verified (/etc/loopbox.words)"
	static const char *const words[] = {
		"loop=images/evil.squashfs",
		"loop=",
		"roothash=" EVIL,
		"usrhash=" EVIL,
		"loopbox.roothash.good.squashfs=" GOOD,
		"loopbox.verity.options=check-at-most-once",
		"systemd.verity_root_data=/dev/vdc",
		"systemd.verity_root_hash=/dev/vdc",
		"systemd.verity_usr_options=check-at-most-once",
		"dm_mod.create=x",
	};
	char line[300], reason[300];

	test_hash_from_initramfs = true;
	for (unsigned i = 0; i < LENGTH(words); i++) {
		sprintf(line, "root=/dev/vda rd.shell %s", words[i]);
		sprintf(reason, "%s" INITRAMFS_SAYS, words[i]);
		refuse(line, add_words, reason);
	}
	refuse("root=/dev/vda boot=live", add_words, "/proc/cmdline" INITRAMFS_SAYS);
	refuse("root=/dev/vda rd.live.image", add_words, "/proc/cmdline" INITRAMFS_SAYS);
	boot("root=/dev/vda", add_words);
	/* The same once more is no contradiction, and whatever else there is is the line's. */
	boot(SIGNED " rw init=/sbin/init systemd.verity=yes", add_words);
}

TEST(with_the_build_option_nothing_boots_that_the_initramfs_does_not_name)
{
	test_hash_from_initramfs = true;
	refuse("root=/dev/vdc", NULL, "/dev/vdc: no root hash given, but one is demanded");
	refuse(SIGNED, NULL, "loop=images/good.squashfs" INITRAMFS_SAYS);
	refuse("root=/dev/vda roothash=" EVIL " loop=", add_words_and_hash, "roothash=" EVIL INITRAMFS_SAYS);
	boot("root=/dev/vda", add_words_and_hash);
	refuse("root=/dev/vda", add_bad_words, "rootash=" GOOD ": not a word for /etc/loopbox.words");
}


/* --- file systems that read other devices ------------------------------------------------------ */

static const char *type_of;

static void add_x(void)
{
	add_image("medium:/images/x", type_of, "good", GOOD);
}

static void add_erofs_with_devices(void)
{
	add_x();
	((char *)fake_find("medium:/images/x")->data)[1024 + 86] = 1;
}

static void add_outer(void)
{
	add_image("medium:/images/x", "squashfs", "outer", GOOD);
	fake_volume("outer:/LiveOS/rootfs.img", type_of, "good", NULL);
}

TEST(a_verified_device_is_mounted_as_what_reads_no_other)
{
	static const char *const types[] = { "iso9660", "nothing" };
	static const char *const types_of[] = { "iso9660", "an unknown type" };
	static const char line[] =
		"root=/dev/vda loop=images/x roothash=" GOOD " loopbox.verity.options=hash-offset=65536";
	char reason[200];

	for (unsigned i = 0; i < LENGTH(types); i++) {
		sprintf(reason,
			"x: not mounted as %s: it may read other devices, which no root hash stands for",
			types_of[i]);
		type_of = types[i];
		refuse(line, add_x, reason);
	}
	type_of = "erofs";
	boot("root=/dev/vda loop=images/x roothash=" GOOD, add_x);
	refuse("root=/dev/vda loop=images/x roothash=" GOOD, add_erofs_with_devices,
	       "x: not mounted as erofs: it may read other devices, which no root hash stands for");
}

static void an_ext4_is_mounted_without_its_journal(void)
{
	start(line_of);
	type_of = "ext4";
	add_x();
	EQUAL(run(), FAKE_EXECUTES);
	CHECK(strstr(fake_log("mount /dev/dm-0 "), "|/sysroot ext4 ro noload"));
}

TEST(the_journal_of_an_ext4_is_not_read_whatever_the_words_call_it)
{
	static const char *const lines[] = {
#define EXT4 "root=/dev/vda loop=images/x roothash=" GOOD " loopbox.verity.options=hash-offset=65536"
		EXT4,
		EXT4 " loopfstype=ext4",
		EXT4 " loopfstype=ext2",
		EXT4 " loopfstype=auto",
	};
	for (unsigned i = 0; i < LENGTH(lines); i++)
		test_apart(an_ext4_is_mounted_without_its_journal, line_of = lines[i]);
}

TEST(options_that_name_other_devices_are_refused)
{
	static const char *const flags[] = { "logdev=/dev/vdb", "device=/dev/vdb",
					     "noatime,rtdev=../dev/vdb" };
	char line[300];

	for (unsigned i = 0; i < LENGTH(flags); i++) {
		sprintf(line, SIGNED " loopflags=%s", flags[i]);
		refuse(line, NULL, "it may read other devices, which no root hash stands for");
	}
}

TEST(what_is_mounted_is_what_was_verified)
{
	/* A loop device of its own would be another device. */
	refuse(SIGNED " loopflags=offset=4096", NULL, "good.squashfs: ");
	refuse(SIGNED " loopflags=loop", NULL, "good.squashfs: ");
}

static void an_inner_image_is_mounted_so(void)
{
	start(line_of);
	add_outer();
	fake_root("good", "images");
	if (!reason_of) {
		EQUAL(run(), FAKE_EXECUTES);
		CHECK(strstr(fake_console(), "/sysroot/dev") || !is_evil("/sysroot/sbin/init"));
		return;
	}
	EQUAL(run(), 1);
	if (!strstr(fake_console(), reason_of))
		FAIL("%s", fake_console());
}

TEST(an_image_in_a_verified_one_is_mounted_as_what_reads_no_other)
{
	line_of = "root=live:/dev/vda rd.live.dir=images rd.live.squashimg=x roothash=" GOOD;
	type_of = "ext4";
	reason_of = NULL;
	test_apart(an_inner_image_is_mounted_so, type_of);
	type_of = "iso9660";
	reason_of = "rootfs.img: not mounted as iso9660: it may read other devices";
	test_apart(an_inner_image_is_mounted_so, type_of);
}
