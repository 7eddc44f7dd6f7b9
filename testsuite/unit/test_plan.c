/* SPDX-License-Identifier: MIT */
/* The kernel command line, in whichever words, and the plan that it becomes. */
#include <string.h>

#include "attempt.h"
#include "fake_kernel.h"
#include "test.h"

/* What init has said: there is no kernel's log to open. */
#define warned fake.output[1]

static void boot(const char *line)
{
	struct fake_file *file = fake_find("/proc/cmdline");

	if (!file)
		file = fake_text("/proc/cmdline", line);
	file->data = line;
	file->size = strlen(line);
	memset(plan, 0, sizeof plan);
	plan_of_live = false;
	memset(warned, 0, sizeof warned);
	fake.output_size[1] = 0;
	EQUAL(plan_read(), 0);
	EQUAL(fake_open_count(), 0);
}


/* --- one word -------------------------------------------------------------- */

TEST(a_word_of_a_table_says_where_a_value_starts)
{
	static const struct {
		const char *parameter, *word, *value;
	} cases[] = {
		{ "root=x", "root=", "x" },
		{ "root=", "root=", "" },
		{ "root", "root=", NULL },
		{ "rootx=y", "root=", NULL },
		{ "Root=x", "root=", NULL },
		{ "root=live:x", "root=live:", "x" },
		{ "root=live", "root=live:", NULL },
		{ "rw", "rw", "" },
		{ "rwx", "rw", NULL },
		{ "rw=1", "rw", NULL },
		{ "r", "rw", NULL },
		{ "", "rw", NULL },
		{ "on", "on" MAYBE, "" },
		{ "on=", "on" MAYBE, "" },
		{ "on=1", "on" MAYBE, "1" },
		{ "on.more", "on" MAYBE, NULL },
		{ "only", "on" MAYBE, NULL },
		{ "any", "any" ANY, "" },
		{ "any=x", "any" ANY, "x" },
		{ "anything=x", "any" ANY, "thing=x" },
		{ "an", "any" ANY, NULL },
		{ "cow_label=X", "cow_" VALUE "label=", "label=X" },
		{ "cow_label", "cow_" VALUE "label=", NULL },
		{ "cow_labels=X", "cow_" VALUE "label=", NULL },
		{ "cow_|label=X", "cow_" VALUE "label=", NULL },
		{ "a=b=c", "a=", "b=c" },
	};
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		const char *value = value_of((char *)cases[i].parameter, cases[i].word);
		if (!value != !cases[i].value || (value && strcmp(value, cases[i].value)))
			FAIL("%s is %s by %s", cases[i].parameter, value ? value : "nothing", cases[i].word);
	}
}

TEST(a_word_may_be_off)
{
	static const char *const off[] = { "0", "n", "no", "off", "false", "none" };
	static const char *const on[] = { "", "1", "y", "yes", "on", "true", "nothing", "00", "/dev/sda1" };

	CHECK(!is_on(OVERLAY));
	for (unsigned i = 0; i < LENGTH(off); i++) {
		plan[OVERLAY] = (char *)off[i];
		CHECK(!is_on(OVERLAY));
	}
	for (unsigned i = 0; i < LENGTH(on); i++) {
		plan[OVERLAY] = (char *)on[i];
		CHECK(is_on(OVERLAY));
	}
}

TEST(a_number_may_be_missing)
{
	EQUAL(plan_number(TRIES, 7), 7);
	plan[TRIES] = (char *)"12s";
	EQUAL(plan_number(TRIES, 7), 12);
	plan[TRIES] = (char *)"";
	EQUAL(plan_number(TRIES, 7), 0);
}

static void check_parts(const char *list, char separator, const char *wanted)
{
	char all[200] = "", *part;
	const char *rest = list;

	while ((part = next_part(&rest, separator)))
		strcat(strcat(all, "|"), part);
	SAME(all, wanted);
	CHECK(!next_part(&rest, separator));
}

TEST(lists_have_parts)
{
	check_parts(NULL, ',', "");
	check_parts("", ',', "");
	check_parts("a", ',', "|a");
	check_parts("a,b:c,d", ',', "|a|b:c|d");
	check_parts("a,b:c,d", ':', "|a,b|c,d");
	check_parts(",a,,b,", ',', "|a|b");
	check_parts("a\\,b,c", ',', "|a,b|c");
	check_parts("a\\:b,c\\:d", ',', "|a\\:b|c\\:d");
	check_parts("a\\\\,b", ',', "|a\\,b");
	check_parts("a\\", ',', "|a\\");
	check_parts("\\,", ',', "|,");
}


/* --- the line -------------------------------------------------------------- */

TEST(our_words_become_the_plan)
{
	boot("BOOT_IMAGE=/vmlinuz root=LABEL=x rootfstype=ext4,xfs rootflags=noatime rootwait=10 rw "
	     "loop=a.sqfs,b.sqfs "
	     "init=/bin/sh quiet\n");
	SAME(plan[ROOT], "LABEL=x");
	SAME(plan[ROOT_TYPE], "ext4,xfs");
	SAME(plan[ROOT_FLAGS], "noatime");
	SAME(plan[WAIT_SECONDS], "10");
	CHECK(!plan[ROOT_WAIT]);
	SAME(plan[RW], "");
	SAME(plan[IMAGE], "a.sqfs,b.sqfs");
	SAME(plan[INIT], "/bin/sh");
	CHECK(!plan[OVERLAY] && !plan[RAM] && !plan_of_live);
	SAME(warned, "");
}

TEST(an_empty_line_is_no_plan)
{
	boot("");
	for (unsigned slot = 0; slot < SLOTS; slot++)
		CHECK(!plan[slot]);
	boot(" \n");
	CHECK(!plan[ROOT]);
}

TEST(without_proc_there_is_no_plan)
{
	EQUAL(plan_read(), -ENOENT);
}

TEST(the_last_word_counts)
{
	boot("root=a root=b loop=x loop=");
	SAME(plan[ROOT], "b");
	CHECK(!plan[IMAGE]); /* which says nothing */
	boot("ro rw");
	CHECK(plan[RW]);
	boot("rw ro");
	CHECK(!plan[RW]);
	boot("ro rw ro rw quiet");
	CHECK(plan[RW]);
	boot("rd.overlay rd.overlay=0");
	CHECK(!is_on(OVERLAY));
	boot("rd.overlay=0 rd.overlay");
	CHECK(is_on(OVERLAY));
}

TEST(what_stands_behind_dashes_is_init_s)
{
	boot("root=a -- root=b single boot=live");
	SAME(plan[ROOT], "a");
	CHECK(!plan_of_live);
	boot("-- root=b");
	CHECK(!plan[ROOT]);
	boot("root=a --x root=b");
	SAME(plan[ROOT], "b");
	boot("root=a \"--\" root=b");
	SAME(plan[ROOT], "a");
}

TEST(quotes_keep_a_word_together)
{
	boot("root=\"LABEL=my disk\" \"loop=a b.sqfs\" init=/x");
	SAME(plan[ROOT], "LABEL=my disk");
	SAME(plan[IMAGE], "a b.sqfs");
	SAME(plan[INIT], "/x");
	boot("foo=\"root=x loop=y\" boot=\"live\"");
	SAME(plan[IMAGE], "/"); /* live-boot's own */
	CHECK(plan_of_live);
}

TEST(words_like_ours_say_nothing)
{
	boot("xroot=a rootx=b roots rw=1 rox loop loopback=x loopbox=1 loopbox.dirs=x Root=c rd.overlays "
	     "rd.overlay.size=1");
	for (unsigned slot = 0; slot < SLOTS; slot++)
		CHECK(!plan[slot]);
}


/* --- families -------------------------------------------------------------- */

TEST(dracut_s_live_words_are_understood)
{
	boot("root=live:CDLABEL=Fedora-WS rd.live.image rd.live.overlay.size=512 quiet");
	CHECK(plan_of_live);
	SAME(plan[ROOT], "LABEL=Fedora-WS");
	SAME(plan[DIRECTORY], "LiveOS");
	CHECK(plan[IMAGE] && strstr(plan[IMAGE], "squashfs.img"));
	CHECK(is_on(OVERLAY));
	SAME(plan[OVERLAY_MIB], "512");
	CHECK(!is_on(RAM) && !is_on(OVERLAY_RESET));
	SAME(warned, "");
	boot("root=live:/dev/sr0 rd.live.dir=other rd.live.squashimg=x.img rd.live.ram=1 "
	     "rd.live.overlay=LABEL=data:/o "
	     "rd.live.overlay.reset rd.live.overlay.readonly=0 iso-scan/filename=/a.iso rd.live.check");
	SAME(plan[DIRECTORY], "other");
	SAME(plan[IMAGE], "x.img");
	CHECK(is_on(RAM) && is_on(OVERLAY_RESET) && !is_on(OVERLAY_READ_ONLY));
	SAME(plan[OVERLAY], "LABEL=data:/o");
	SAME(plan[ISO], "/a.iso");
	CHECK(strstr(warned, "rd.live.check"));
	/* The medium is any, where only this says what it is about. */
	boot("rd.live.image");
	CHECK(plan_of_live);
	SAME(plan[ROOT], "*");
}

TEST(live_boot_s_words_are_understood)
{
	boot("boot=live components quiet splash");
	CHECK(plan_of_live && is_on(OVERLAY));
	SAME(plan[ROOT], "*");
	SAME(plan[DIRECTORY], "live");
	CHECK(!plan[PERSISTENT]);
	boot("boot=live live-media=/dev/sdb1 live-media-path=/x persistence persistence-label=mine toram "
	     "live-media-timeout=7 findiso=/a.iso");
	SAME(plan[ROOT], "/dev/sdb1,*");
	SAME(plan[DIRECTORY], "/x");
	CHECK(plan[PERSISTENT] && plan[RAM]);
	SAME(plan[PERSISTENT_ON], "label=mine");
	SAME(plan[WAIT_SECONDS], "7");
	SAME(plan[ISO], "/a.iso");
	SAME(warned, "");
	boot("boot=live live-media=removable-usb");
	SAME(plan[ROOT], "removable-usb");
	boot("boot=live live-media=/dev/sda live-media=");
	SAME(plan[ROOT], "*");
	boot("boot=live persistence nopersistence");
	CHECK(!plan[PERSISTENT]);
	boot("boot=live nopersistence persistence");
	CHECK(plan[PERSISTENT]);
	boot("boot=live fetch=http://x netboot=nfs");
	CHECK(strstr(warned, "fetch=http://x") && strstr(warned, "netboot=nfs"));
}

TEST(casper_s_words_are_understood)
{
	boot("boot=casper persistent iso-scan/filename=/u.iso --- quiet");
	CHECK(plan_of_live && plan[PERSISTENT]);
	SAME(plan[DIRECTORY], "casper");
	SAME(plan[ISO], "/u.iso");
	SAME(plan[MEDIUM], "/cdrom");
}

TEST(archiso_s_words_are_understood)
{
	boot("archisobasedir=arch2 archisolabel=ARCH_2024 cow_spacesize=1G copytoram=n cow_label=COW");
	CHECK(plan_of_live);
	SAME(plan[DIRECTORY], "arch2");
	SAME(plan[ROOT], "label=ARCH_2024");
	SAME(plan[OVERLAY_SIZE], "1G");
	SAME(plan[OVERLAY], "label=COW");
	CHECK(!is_on(RAM));
	boot("archisobasedir=arch archisosearchuuid=2024-01-02 img_dev=/dev/sda1 img_loop=/a.iso");
	SAME(plan[ROOT], "*");
	SAME(plan[MARK], "2024-01-02");
	SAME(plan[ISO_DEVICE], "/dev/sda1");
	SAME(plan[ISO], "/a.iso");
	boot("archisolabel=X"); /* which selects nothing by itself */
	CHECK(!plan_of_live && !plan[ROOT]);
}

TEST(genkernel_s_words_are_understood)
{
	boot("root=/dev/ram0 init=/linuxrc looptype=squashfs loop=/image.squashfs cdroot docache subdir=/g");
	CHECK(plan_of_live);
	SAME(plan[ROOT], "*");
	CHECK(!plan[INIT]);
	SAME(plan[IMAGE], "/image.squashfs");
	SAME(plan[IMAGE_TYPE], "squashfs");
	SAME(plan[DIRECTORY], "/g");
	CHECK(plan[RAM]);
	boot("looptype=squashfs loop=/i cdroot=/dev/sr0 real_init=/x");
	SAME(plan[ROOT], "/dev/sr0");
	SAME(plan[INIT], "/x");
}

TEST(words_of_a_writable_layer_are_understood)
{
	boot("root=/dev/sda1 rootrw=/dev/sda2 rootrwfstype=ext4 rootrwreset=yes rootrwoptions=noatime "
	     "init=/init rootinit=/x");
	CHECK(!plan_of_live);
	SAME(plan[ROOT], "/dev/sda1");
	SAME(plan[OVERLAY], "/dev/sda2");
	SAME(plan[OVERLAY_TYPE], "ext4");
	SAME(plan[OVERLAY_FLAGS], "noatime");
	CHECK(is_on(OVERLAY_RESET));
	SAME(plan[INIT], "/x");
	boot("root=/dev/sda1 overlaytmpfs usbdelay=3 modules=loop,squashfs");
	CHECK(!plan_of_live && is_on(OVERLAY));
	SAME(plan[ROOT_DELAY], "3");
	SAME(plan[MODULE_NAMES], "loop,squashfs");
	boot("root=/dev/sda1 systemd.volatile=overlay");
	CHECK(is_on(OVERLAY));
	CHECK(!plan[VOLATILE]);
	boot("root=/dev/sda1 systemd.volatile=state");
	CHECK(!plan[OVERLAY]);
	SAME(plan[VOLATILE], "state");
	boot("root=/dev/sda1 systemd.volatile");
	SAME(plan[VOLATILE], "");
}

TEST(casper_s_top_layer_stands_for_those_below)
{
	boot("boot=casper layerfs-path=minimal.standard.live.squashfs");
	SAME(plan[IMAGE], "minimal.squashfs:minimal.standard.squashfs:minimal.standard.live.squashfs");
	boot("boot=casper layerfs-path=filesystem.squashfs");
	SAME(plan[IMAGE], "filesystem.squashfs");
	boot("boot=casper layerfs-path=a.b");
	SAME(plan[IMAGE], "a.squashfs:a.b");
	boot("boot=casper layerfs-path=./v1.2/a.b.squashfs");
	SAME(plan[IMAGE], "./v1.2/a.squashfs:./v1.2/a.b.squashfs");
	boot("boot=casper layerfs-path=");
	SAME(plan[IMAGE], "/");
}

TEST(the_first_family_of_the_list_is_the_one)
{
	boot("boot=casper rd.live.image");
	SAME(plan[DIRECTORY], "LiveOS");
	boot("rd.live.image boot=casper");
	SAME(plan[DIRECTORY], "LiveOS");
	boot("modules=x boot=live");
	SAME(plan[DIRECTORY], "live");
	CHECK(plan_of_live);
	CHECK(!plan[MODULE_NAMES]); /* a word of the other family */
	boot("boot=casper boot=live");
	SAME(plan[DIRECTORY], "live");
	boot("root=live:/dev/sda1");
	SAME(plan[DIRECTORY], "LiveOS");
	boot("root=/dev/sda1 boot=local rd.live.image=0");
	CHECK(!plan_of_live && !plan[DIRECTORY]);
}

TEST(words_of_a_family_say_nothing_without_it)
{
	boot("root=/dev/sda1 toram persistence live-media=x cow_label=y archisolabel=z "
	     "docache");
	SAME(plan[ROOT], "/dev/sda1");
	CHECK(!plan[RAM] && !plan[PERSISTENT] && !plan[OVERLAY] && !plan_of_live);
	SAME(warned, "");
}

TEST(our_words_go_with_those_of_a_family)
{
	boot("boot=live rd.overlay=0 root=LABEL=x loop=one.squashfs ro");
	CHECK(plan_of_live && !is_on(OVERLAY));
	SAME(plan[DIRECTORY], "live");
	SAME(plan[ROOT], "LABEL=x");
	SAME(plan[IMAGE], "one.squashfs");
}

TEST(a_place_is_below_run_or_another)
{
	SAME(place_below_run(plan[MEDIUM], "/run/x"), "/run/x");
	plan[MEDIUM] = (char *)"/run/live";
	SAME(place_below_run(plan[MEDIUM], "/run/x"), "/run/live");
	plan[MEDIUM] = (char *)"/cdrom";
	SAME(place_below_run(plan[MEDIUM], "/run/x"), "/run/x");
	plan[MEDIUM] = (char *)"/running";
	SAME(place_below_run(plan[MEDIUM], "/run/x"), "/run/x");
}

TEST(lines_of_garbage_crash_nothing)
{
	static char line[300];
	static const char bits[] =
		"\0\0root=\0live:\0boot=\0live\0rd.\0overlay\0?\0*\0|\0=\0 \0\"\0--\0\n\0,\0\\\0rw\0ro\0x\0";
	uint32_t noise = 1;

	for (unsigned i = 0; i < 2000; i++) {
		*line = 0;
		for (unsigned n = 0; n < 30; n++) {
			noise = noise * 1103515245 + 12345;
			const char *bit = bits + (noise >> 8) % (sizeof bits - 1);
			strcat(line, bit);
		}
		char *mark = joined("", "", "");
		boot(line);
		read_forget(mark);
	}
}


/* --- root hashes ------------------------------------------------------------ */

TEST(an_empty_root_hash_is_one_that_is_demanded)
{
	boot("root= roothash=");
	CHECK(!plan[ROOT]);
	SAME(plan[ROOT_HASH], "");
	boot("usrhash= dm-mod.create=");
	SAME(plan[USR_HASH], "");
	SAME(plan[DM_TABLE], "");
}

TEST(each_image_has_a_root_hash_of_its_own)
{
	boot("loopbox.roothash.a.squashfs=12 loopbox.roothash.images/b=34");
	SAME(plan[IMAGE_HASHES], "\na.squashfs=12\nimages/b=34");
	CHECK(!plan[ROOT_HASH]);
}

TEST(systemds_words_for_verity_are_known)
{
	boot("systemd.verity=no systemd.verity_root_data=/dev/a systemd.verity_root_hash=/dev/b "
	     "systemd.verity_root_options=salt=12 systemd.verity_usr_data=/dev/c "
	     "systemd.verity_usr_hash=/dev/d "
	     "systemd.verity_usr_options=format=1");
	SAME(plan[VERITY], "no");
	SAME(plan[VERITY_DATA], "/dev/a");
	SAME(plan[VERITY_TREE], "/dev/b");
	SAME(plan[VERITY_OPTIONS], "salt=12");
	SAME(plan[USR_DATA], "/dev/c");
	SAME(plan[USR_TREE], "/dev/d");
	SAME(plan[USR_OPTIONS], "format=1");
	/* What nobody knows yet demands a root hash, too. */
	boot("rd.systemd.verity_new=1");
	CHECK(is_on(VERITY));
}

/* A command line that is refused, for what is said of this object. */
static void refused(const char *line, const char *object)
{
	struct fake_file *file = fake_find("/proc/cmdline");

	if (!file)
		file = fake_text("/proc/cmdline", line);
	file->data = line;
	file->size = strlen(line);
	memset(plan, 0, sizeof plan);
	plan_of_live = false;
	if (plan_read() >= 0)
		FAIL("'%s' is not refused", line);
	else if (!why.is_finding || strcmp(why.path, object))
		FAIL("'%s' is refused for %s: %s", line, why.path, why.step);
}

TEST(what_demands_a_root_hash_can_not_be_hidden_or_replaced)
{
	refused("loop=images/evil.squashfs -- root=/dev/vda roothash=12", "/proc/cmdline");
	refused("x=\"root=/dev/vda roothash=12\"", "x=root=/dev/vda roothash=12");
	refused("x=\"root=/dev/vda roothash=12", "x=root=/dev/vda roothash=12");
	refused("roothash=34 root=/dev/vda roothash=12", "roothash=12");
	refused("roothash=12 roothash=", "roothash=");
	refused("usrhash=12 usrhash=34", "usrhash=34");
	refused("dm-mod.create=a dm_mod.create=b", "dm_mod.create=b");
	refused("loopbox.roothash=12", "loopbox.roothash=12");
	refused("xroothash=12", "xroothash=12");
	refused("loopbox.roothash.=12", "loopbox.roothash.=12");
	refused("loopbox.roothash.a.squashfs", "loopbox.roothash.a.squashfs");
	refused("roothash", "roothash");
	refused("roothash.a.squashfs=12", "roothash.a.squashfs=12");
	refused("roothash:12", "roothash:12");
	refused("usrhash", "usrhash");
	refused("rd.roothash=12", "rd.roothash=12");
	refused("loopbox.usrhash=12", "loopbox.usrhash=12");
	refused("loopbox.verity=12", "loopbox.verity=12");
	refused("dm-verity-root-hash=a.squashfs:12", "dm-verity-root-hash=a.squashfs:12");
	refused("dm-verity-oncorruption=panic", "dm-verity-oncorruption=panic");
	refused("dm-verity-enforce-roothash-signature", "dm-verity-enforce-roothash-signature");
	refused("loop=x -- dm-verity-root-hash=a.squashfs:12", "/proc/cmdline");
	refused("root=/dev/vda roothash=12 x=\"", "/proc/cmdline");
	refused("loop=x -- loopbox.verity.options=hash=sha256", "/proc/cmdline");
	refused("loop=x -- dm_mod.create=x", "/proc/cmdline");
	refused("loop=x -- usrhash=12", "/proc/cmdline");
	refused("loop=x -- systemd.verity_root_hash=/dev/vda", "/proc/cmdline");
	refused("loopbox.roothash.a=roothash=12", "loopbox.roothash.a=roothash=12");
	refused("systemd.verity_root_options=a systemd.verity_root_options=b",
		"systemd.verity_root_options=b");
	boot("roothash=12 root=/dev/vda roothash=12");
	SAME(plan[ROOT_HASH], "12");
	boot("dm_mod.create=a");
	SAME(plan[DM_TABLE], "a");
	boot("systemd.verity=no quiet -- systemd.verity=0");
	CHECK(!is_on(VERITY));
}

TEST(verity_stays_on_once_it_is)
{
	boot("systemd.verity=yes systemd.verity=no");
	CHECK(is_on(VERITY));
	boot("systemd.verity=no systemd.verity=yes");
	CHECK(is_on(VERITY));
}

TEST(what_families_take_for_granted_is_not_taken_from_a_command_line)
{
	boot("boot=live loopbox.inner=../../evil.squashfs loopbox.medium=/x loopbox.base=/x loopbox.dir=x "
	     "loopbox.overlay.place=/x loopbox.overlay.path=x loopbox.overlay.conf=x");
	SAME(plan[DIRECTORY], "live");
	SAME(plan[MEDIUM], "/run/live/medium");
	SAME(plan[STORE_PLACE], "/run/live/overlay");
	SAME(plan[CONFIGURATION], "persistence.conf");
	CHECK(!plan[INNER] && !plan[BASE] && !plan[STORE_PATH]);
}
