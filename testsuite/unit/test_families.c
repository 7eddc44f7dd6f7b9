/* SPDX-License-Identifier: MIT */
/* The command lines that people already have, each with a medium as its family lays it out: what is
 * mounted where in the end, the root's layers, the uppermost last, and what of a line is refused. */
#include <stdio.h>
#include <string.h>

#include "fake_kernel.h"
#include "test.h"

int init_main(char **argv);

/* What a disk, or a file on one, may hold. */
static void add_volume(const char *path, const char *name)
{
	char tree[40];

	sprintf(tree, "%s:", name);
	bool is_new = !fake_find(tree);
#define IS(text) (!strcmp(name, text) && is_new)
	if (!strcmp(name, "root")) {
		fake_volume(path, "ext4", name, "root");
	} else if (IS("debian")) {
		fake_volume("debian:/live/filesystem.squashfs", "squashfs", "root", NULL);
	} else if (IS("ubuntu")) {
		fake_volume("ubuntu:/casper/filesystem.squashfs", "squashfs", "root", NULL);
	} else if (IS("layered")) {
		fake_volume("layered:/casper/minimal.squashfs", "squashfs", "root", NULL);
		fake_volume("layered:/casper/minimal.standard.squashfs", "squashfs", "standard", NULL);
		fake_volume("layered:/casper/minimal.standard.live.squashfs", "squashfs", "live", NULL);
		fake_volume("layered:/casper/minimal.de.squashfs", "squashfs", "german", NULL);
	} else if (IS("fedora")) {
		fake_volume("fedora:/LiveOS/squashfs.img", "squashfs", "inner", NULL);
		fake_volume("inner:/LiveOS/rootfs.img", "ext4", "root", NULL);
	} else if (IS("plain")) {
		fake_volume("plain:/LiveOS/squashfs.img", "squashfs", "root", NULL);
	} else if (IS("arch")) {
		fake_volume("arch:/arch/x86_64/airootfs.sfs", "squashfs", "root", NULL);
	} else if (IS("gentoo")) {
		fake_volume("gentoo:/image.squashfs", "squashfs", "root", NULL);
	} else if (IS("isos")) {
		add_volume("isos:/boot/debian.iso", "debian");
		add_volume("isos:/boot/ubuntu.iso", "ubuntu");
		add_volume("isos:/boot/fedora.iso", "fedora");
		add_volume("isos:/boot/arch.iso", "arch");
	} else if (IS("modules")) {
		fake_volume("modules:/live/a.squashfs", "squashfs", "root", NULL);
		fake_volume("modules:/live/b.squashfs", "squashfs", "b", NULL);
		fake_volume("modules:/live/c.squashfs", "squashfs", "c", NULL);
		fake_text("modules:/live/mini.module", "c.squashfs\r\na.squashfs gone.squashfs\r\n");
		fake_text("modules:/live/filesystem.module", "a.squashfs\n");
	} else if (IS("stick")) {
		fake_volume("stick:/arch/x86_64/airootfs.sfs", "squashfs", "root", NULL);
		fake_put("stick:/boot/2020-01-02-03-04-05-00.uuid", S_IFREG | 0644);
	} else if (IS("my arch")) {
		fake_volume("my arch:/arch/x86_64/airootfs.sfs", "squashfs", "root", NULL);
	} else if (IS("persistence")) {
		fake_text("persistence:/persistence.conf", "/ union\n");
	} else if (IS("my cow")) {
		fake_text("my cow:/persistence.conf", "/ union\n");
		fake_volume(path, "ext4", name, name);
		return;
	} else if (IS("sourced")) {
		fake_text("sourced:/persistence.conf", "# mine\r\n/home bind\r\n/ union,source=deb\r\n");
		fake_volume(path, "ext4", name, "persistence");
		return;
	}
	if (!strcmp(name, "root"))
		return;
	bool is_disk = !strcmp(name, "isos") || !strcmp(name, "persistence") || !strcmp(name, "casper-rw") ||
		       !strcmp(name, "cow") || !strcmp(name, "stick");
	fake_volume(path, is_disk ? "ext4" : "iso9660", name, name);
}

struct boot {
	const char *line;
	const char *disks;  /* from vda on */
	const char *mounts; /* when it is handed over, what each boot has apart */
	const char *layers; /* of the root, the lowest last; "" if it is none of layers */
};
static const struct boot *one;

static void it_boots(void)
{
	static char *argv[] = { "/init", NULL };
	char disks[200], *disk, *rest, path[] = "/dev/vda";
	char mounts[2000] = "", layers[1000] = "";

	fake_initramfs(one->line);
	fake_root("root", "cdrom var host mnt/cdrom usr");
	strcpy(disks, one->disks);
	/* by commas, where a name has a blank */
	const char *between = strchr(disks, ',') ? "," : " ";
	for (disk = strtok_r(disks, between, &rest); disk; disk = strtok_r(NULL, between, &rest)) {
		add_volume(path, disk);
		path[7]++;
	}
	message_prefix = "init";
	int code = fake_run(init_main, argv);
	if (code != FAKE_EXECUTES) {
		SAME(strrchr(fake_console(), '|') + 1, one->mounts);
		return;
	}
	char all[4000], *mount;
	strcpy(all, fake_mounted());
	for (mount = strtok_r(all, "|", &rest); mount; mount = strtok_r(NULL, "|", &rest)) {
		char *target = strstr(mount, " on /sysroot");
		if (!strncmp(mount, "devtmpfs", 8) || !strncmp(mount, "proc ", 5) ||
		    !strncmp(mount, "sysfs", 5) || !strcmp(mount, "tmpfs on /sysroot/run") ||
		    !strcmp(mount, "tmpfs on /sysroot/run/initramfs"))
			continue;
		sprintf(mounts + strlen(mounts), "|%.*s %s", (int)(target - mount), mount,
			target[12] ? target + 12 : "/");
	}
	strcpy(all, fake_log("mount overlay /sysroot overlay - lowerdir="));
	char *upper = strstr(all, ",upperdir="), *work = strstr(all, ",workdir=");
	if (upper && work)
		sprintf(layers, "|upper %.*s", (int)(work - upper - 10), upper + 10);
	if (upper)
		*upper = 0;
	char lowers[1000] = "";
	for (mount = strtok_r(all + !!*all, ":", &rest); mount; mount = strtok_r(NULL, ":", &rest))
		sprintf(lowers + strlen(lowers), "|lower %s", mount);
	strcat(lowers, layers);
	SAME(mounts, one->mounts);
	SAME(lowers, one->layers);
}

static void each_boots(const struct boot *boots, unsigned count)
{
	for (one = boots; one < boots + count; one++)
		test_apart(it_boots, one->line);
}
#define EACH_BOOTS(...) \
	static const struct boot boots[] = { __VA_ARGS__ }; \
	each_boots(boots, LENGTH(boots))

TEST(dracut_s_live_images_boot)
{
	EACH_BOOTS(
		{ "root=live:CDLABEL=fedora rd.live.image", "fedora",
		  "|/dev/vda /run/initramfs/live|/dev/loop0 /run/initramfs/layers/0|/dev/loop1 "
		  "/run/rootfsbase|tmpfs /run/initramfs/overlay|overlay /",
		  "|lower /run/rootfsbase|upper /run/initramfs/overlay/upper" },
		{ "root=live:LABEL=plain rd.live.image rd.live.overlay.overlayfs=1 rd.live.overlay.size=8",
		  "plain",
		  "|/dev/vda /run/initramfs/live|/dev/loop0 /run/rootfsbase|tmpfs "
		  "/run/initramfs/overlay|overlay /",
		  "|lower /run/rootfsbase|upper /run/initramfs/overlay/upper" },
		{ "root=live:/dev/vda rd.live.image rd.live.ram=1 rd.live.dir=LiveOS "
		  "rd.live.squashimg=squashfs.img",
		  "plain",
		  "|tmpfs /run/initramfs/ram|/dev/loop0 /run/rootfsbase|tmpfs /run/initramfs/overlay|overlay "
		  "/",
		  "|lower /run/rootfsbase|upper /run/initramfs/overlay/upper" },
		{ "root=live:CDLABEL=fedora rd.live.image iso-scan/filename=/boot/fedora.iso", "root isos",
		  "|/dev/vdb /run/initramfs/iso|/dev/loop0 /run/initramfs/live|/dev/loop1 "
		  "/run/initramfs/layers/0|/dev/loop2 /run/rootfsbase|tmpfs /run/initramfs/overlay|overlay /",
		  "|lower /run/rootfsbase|upper /run/initramfs/overlay/upper" },
		{ "root=live:/dev/vda rd.live.image rd.live.overlay=LABEL=cow", "plain cow",
		  "|/dev/vda /run/initramfs/live|/dev/loop0 /run/rootfsbase|/dev/vdb "
		  "/run/initramfs/overlay|overlay /",
		  "|lower /run/rootfsbase|upper "
		  "/run/initramfs/overlay/LiveOS/overlay-plain-2026-11-22-12-30-45-00" },
		{ "root=live:/dev/vda rd.live.image rd.live.overlay=LABEL=cow:/mine/changes", "plain cow",
		  "|/dev/vda /run/initramfs/live|/dev/loop0 /run/rootfsbase|/dev/vdb "
		  "/run/initramfs/overlay|overlay /",
		  "|lower /run/rootfsbase|upper /run/initramfs/overlay//mine/changes" },
		{ "root=live:/dev/vda rd.live.image rd.live.overlay=none", "plain",
		  "|/dev/vda /run/initramfs/live|/dev/loop0 /run/rootfsbase|/run/rootfsbase /", "" },
		{ "root=live:http://example.org/squashfs.img rd.live.image", "plain",
		  "http://example.org/squashfs.img: not /dev/..., MAJOR:MINOR, LABEL=, "
		  "UUID=, PARTLABEL= or PARTUUID=",
		  "" });
}

TEST(live_boot_s_images_boot)
{
	EACH_BOOTS({ "boot=live components quiet splash", "root debian",
		     "|/dev/vdb /run/live/medium|/dev/loop0 /run/initramfs/layers/0|tmpfs "
		     "/run/live/overlay|overlay /",
		     "|lower /run/initramfs/layers/0|upper /run/live/overlay/upper" },
		   { "boot=live live-media=/dev/vdb live-media-path=/live live-media-timeout=20 toram",
		     "root debian",
		     "|tmpfs /run/initramfs/ram|/dev/loop0 /run/initramfs/layers/0|tmpfs "
		     "/run/live/overlay|overlay /",
		     "|lower /run/initramfs/layers/0|upper /run/live/overlay/upper" },
		   { "boot=live", "modules",
		     "|/dev/vda /run/live/medium|/dev/loop0 /run/initramfs/layers/0|tmpfs "
		     "/run/live/overlay|overlay /",
		     "|lower /run/initramfs/layers/0|upper /run/live/overlay/upper" },
		   { "boot=live module=mini", "modules",
		     "|/dev/vda /run/live/medium|/dev/loop0 /run/initramfs/layers/0|/dev/loop1 "
		     "/run/initramfs/layers/1|tmpfs /run/live/overlay|overlay /",
		     "|lower /run/initramfs/layers/1|lower /run/initramfs/layers/0|upper "
		     "/run/live/overlay/upper" },
		   { "boot=live bootfrom=/dev/vdb live-media=", "root debian",
		     "|/dev/vdb /run/live/medium|/dev/loop0 /run/initramfs/layers/0|tmpfs "
		     "/run/live/overlay|overlay /",
		     "|lower /run/initramfs/layers/0|upper /run/live/overlay/upper" },
		   /* any other device, where it is not there or not the medium */
		   { "boot=live live-media=/dev/vdz", "root debian",
		     "|/dev/vdb /run/live/medium|/dev/loop0 /run/initramfs/layers/0|tmpfs "
		     "/run/live/overlay|overlay /",
		     "|lower /run/initramfs/layers/0|upper /run/live/overlay/upper" },
		   { "boot=live live-media=/dev/vda", "root debian",
		     "|/dev/vdb /run/live/medium|/dev/loop0 /run/initramfs/layers/0|tmpfs "
		     "/run/live/overlay|overlay /",
		     "|lower /run/initramfs/layers/0|upper /run/live/overlay/upper" },
		   { "boot=live bootfrom=/dev/vdb", "debian debian",
		     "|/dev/vdb /run/live/medium|/dev/loop0 /run/initramfs/layers/0|tmpfs "
		     "/run/live/overlay|overlay /",
		     "|lower /run/initramfs/layers/0|upper /run/live/overlay/upper" },
		   { "boot=live fromiso=/dev/disk/by-label/isos/boot/debian.iso", "root isos",
		     "|/dev/vdb /run/initramfs/iso|/dev/loop0 /run/live/medium|/dev/loop1 "
		     "/run/initramfs/layers/0|tmpfs /run/live/overlay|overlay /",
		     "|lower /run/initramfs/layers/0|upper /run/live/overlay/upper" },
		   { "boot=live persistence", "debian sourced",
		     "|/dev/vda /run/live/medium|/dev/loop0 /run/initramfs/layers/0|/dev/vdb "
		     "/run/live/overlay|overlay /",
		     "|lower /run/initramfs/layers/0|upper /run/live/overlay/deb/rw" },
		   { "boot=live persistence persistence-label=none,persistence", "debian persistence",
		     "|/dev/vda /run/live/medium|/dev/loop0 /run/initramfs/layers/0|/dev/vdb "
		     "/run/live/overlay|overlay /",
		     "|lower /run/initramfs/layers/0|upper /run/live/overlay/rw" },
		   { "boot=live components findiso=/boot/debian.iso", "isos",
		     "|/dev/vda /run/initramfs/iso|/dev/loop0 /run/live/medium|/dev/loop1 "
		     "/run/initramfs/layers/0|tmpfs /run/live/overlay|overlay /",
		     "|lower /run/initramfs/layers/0|upper /run/live/overlay/upper" },
		   { "boot=live fromiso=/dev/vdb/boot/debian.iso", "root isos",
		     "|/dev/vdb /run/initramfs/iso|/dev/loop0 /run/live/medium|/dev/loop1 "
		     "/run/initramfs/layers/0|tmpfs /run/live/overlay|overlay /",
		     "|lower /run/initramfs/layers/0|upper /run/live/overlay/upper" },
		   { "boot=live components persistence", "debian persistence",
		     "|/dev/vda /run/live/medium|/dev/loop0 /run/initramfs/layers/0|/dev/vdb "
		     "/run/live/overlay|overlay /",
		     "|lower /run/initramfs/layers/0|upper /run/live/overlay/rw" },
		   { "boot=live components persistence nopersistence", "debian persistence",
		     "|/dev/vda /run/live/medium|/dev/loop0 /run/initramfs/layers/0|tmpfs "
		     "/run/live/overlay|overlay /",
		     "|lower /run/initramfs/layers/0|upper /run/live/overlay/upper" });
}

TEST(casper_s_images_boot)
{
	EACH_BOOTS({ "file=/cdrom/preseed/ubuntu.seed boot=casper quiet splash ---", "root ubuntu",
		     "|/dev/vdb /run/initramfs/medium|/dev/loop0 /run/initramfs/layers/0|tmpfs "
		     "/run/initramfs/overlay|overlay /|/run/initramfs/medium /cdrom",
		     "|lower /run/initramfs/layers/0|upper /run/initramfs/overlay/upper" },
		   { "boot=casper iso-scan/filename=/boot/ubuntu.iso noprompt noeject", "isos",
		     "|/dev/vda /run/initramfs/iso|/dev/loop0 /run/initramfs/medium|/dev/loop1 "
		     "/run/initramfs/layers/0|tmpfs /run/initramfs/overlay|overlay /|/run/initramfs/medium "
		     "/cdrom",
		     "|lower /run/initramfs/layers/0|upper /run/initramfs/overlay/upper" },
		   { "boot=casper layerfs-path=minimal.standard.live.squashfs", "layered",
		     "|/dev/vda /run/initramfs/medium|/dev/loop0 /run/initramfs/layers/0|/dev/loop1 "
		     "/run/initramfs/layers/1|/dev/loop2 /run/initramfs/layers/2|tmpfs "
		     "/run/initramfs/overlay|overlay /|/run/initramfs/medium /cdrom",
		     "|lower /run/initramfs/layers/2|lower /run/initramfs/layers/1|lower "
		     "/run/initramfs/layers/0|upper /run/initramfs/overlay/upper" },
		   { "boot=casper live-media=/dev/vda toram", "ubuntu",
		     "|tmpfs /run/initramfs/ram|/dev/loop0 /run/initramfs/layers/0|tmpfs "
		     "/run/initramfs/overlay|overlay /|/run/initramfs/medium /cdrom",
		     "|lower /run/initramfs/layers/0|upper /run/initramfs/overlay/upper" },
		   { "boot=casper live-media=/dev/vdz", "ubuntu",
		     "|/dev/vda /run/initramfs/medium|/dev/loop0 /run/initramfs/layers/0|tmpfs "
		     "/run/initramfs/overlay|overlay /|/run/initramfs/medium /cdrom",
		     "|lower /run/initramfs/layers/0|upper /run/initramfs/overlay/upper" },
		   { "boot=casper persistent", "ubuntu casper-rw",
		     "|/dev/vda /run/initramfs/medium|/dev/loop0 /run/initramfs/layers/0|/dev/vdb "
		     "/run/initramfs/overlay|overlay /|/run/initramfs/medium /cdrom",
		     "|lower /run/initramfs/layers/0|upper /run/initramfs/overlay/upper" },
		   { "boot=casper persistent nopersistent", "ubuntu casper-rw",
		     "|/dev/vda /run/initramfs/medium|/dev/loop0 /run/initramfs/layers/0|tmpfs "
		     "/run/initramfs/overlay|overlay /|/run/initramfs/medium /cdrom",
		     "|lower /run/initramfs/layers/0|upper /run/initramfs/overlay/upper" });
}

/* Each word that takes a device, with each way to write its name. */
static char word_line[300];
static const char *word_disks, *word_mount;

static void it_finds_the_device(void)
{
	static char *argv[] = { "/init", NULL };
	char disks[200], *disk, *rest, path[] = "/dev/vda";

	fake_initramfs(word_line);
	fake_root("root", "cdrom var host mnt/cdrom usr");
	strcpy(disks, word_disks);
	for (disk = strtok_r(disks, ",", &rest); disk; disk = strtok_r(NULL, ",", &rest)) {
		add_volume(path, disk);
		path[7]++;
	}
	message_prefix = "init";
	int code = fake_run(init_main, argv);
	if (code != FAKE_EXECUTES || !strstr(fake_mounted(), word_mount))
		FAIL("%d: %s: %s", code, word_line, code == FAKE_EXECUTES ? fake_mounted() : fake_console());
}

/* words: with %s for the name */
static void each_name_is_found(const char *words, const char *disks, const char *label, const char *mount)
{
	/* with %s for the label, which is escaped unless it stands in quotes */
	static const char *const names[] = {
		"/dev/vdb",
		"LABEL=%s",
		"label=%s",
		"\"LABEL=%s\"",
		"LABEL=\"%s\"",
		"/dev/disk/by-label/%s",
		"UUID=2026-11-22-12-30-45-00",
		"/dev/disk/by-uuid/2026-11-22-12-30-45-00",
	};
	char escaped[60] = "", name[100];

	for (const char *p = label; *p; p++)
		sprintf(escaped + strlen(escaped), *p == ' ' ? "\\x20" : "%c", *p);
	word_disks = disks;
	word_mount = mount;
	for (unsigned i = 0; i < LENGTH(names); i++) {
		if ((!strcmp(label, "my cow") || !strcmp(label, "isos")) &&
		    strstr(names[i], "2026")) /* ext4, without a UUID */
			continue;
		sprintf(name, names[i], strchr(names[i], '"') ? label : escaped);
		sprintf(word_line, words, name);
		test_apart(it_finds_the_device, word_line);
	}
}

TEST(each_word_for_a_device_takes_each_way_to_name_it)
{
	static const struct {
		const char *words, *disks, *label, *mount;
	} cases[] = {
		{ "boot=live live-media=%s", "root,debian", "debian",
		  "|/dev/vdb on /sysroot/run/live/medium" },
		{ "boot=live bootfrom=%s live-media-timeout=3", "root,debian", "debian",
		  "|/dev/vdb on /sysroot/run/live/medium" },
		{ "boot=casper live-media=%s", "root,ubuntu", "ubuntu",
		  "|/dev/vdb on /sysroot/run/initramfs/medium" },
		{ "root=live:%s rd.live.image", "root,fedora", "fedora",
		  "|/dev/vdb on /sysroot/run/initramfs/live" },
		{ "root=%s rd.live.image", "root,fedora", "fedora",
		  "|/dev/vdb on /sysroot/run/initramfs/live" },
		{ "archisobasedir=arch archisodevice=%s", "root,my arch", "my arch",
		  "|/dev/vdb on /sysroot/run/archiso/bootmnt" },
		{ "archisobasedir=arch img_dev=%s img_loop=boot/arch.iso", "root,isos", "isos",
		  "|/dev/vdb on /sysroot/run/initramfs/iso" },
		{ "looptype=squashfs loop=/image.squashfs cdroot=%s", "root,gentoo", "gentoo",
		  "|/dev/vdb on /sysroot/run/initramfs/medium" },
		{ "looptype=squashfs loop=/image.squashfs real_root=%s", "root,gentoo", "gentoo",
		  "|/dev/vdb on /sysroot/run/initramfs/medium" },
		{ "root=%s loop=/image.squashfs", "root,gentoo", "gentoo",
		  "|/dev/vdb on /sysroot/run/initramfs/medium" },
		{ "loopbox.iso=/boot/debian.iso loopbox.iso.device=%s loop=live/filesystem.squashfs",
		  "root,isos", "isos", "|/dev/vdb on /sysroot/run/initramfs/iso" },
		{ "root=/dev/vda rd.overlay=%s", "root,my cow", "my cow",
		  "|/dev/vdb on /sysroot/run/initramfs/overlay" },
		{ "root=/dev/vda rd.overlay=%s:/folder", "root,my cow", "my cow",
		  "|/dev/vdb on /sysroot/run/initramfs/overlay" },
		{ "root=/dev/vda rd.overlay=%s,required", "root,my cow", "my cow",
		  "|/dev/vdb on /sysroot/run/initramfs/overlay" },
		{ "root=live:/dev/vda rd.live.image rd.live.overlay=%s", "plain,my cow", "my cow",
		  "|/dev/vdb on /sysroot/run/initramfs/overlay" },
		{ "root=live:/dev/vda rd.live.image rd.live.overlay=%s:auto", "plain,my cow", "my cow",
		  "|/dev/vdb on /sysroot/run/initramfs/overlay" },
		{ "root=live:/dev/vda rd.live.image rd.live.overlay=%s:mine", "plain,my cow", "my cow",
		  "|/dev/vdb on /sysroot/run/initramfs/overlay" },
		{ "root=live:/dev/vda rd.live.image rd.overlay=%s", "plain,my cow", "my cow",
		  "|/dev/vdb on /sysroot/run/initramfs/overlay" },
		{ "root=live:/dev/vda rd.live.image overlayroot=%s", "plain,my cow", "my cow",
		  "|/dev/vdb on /sysroot/run/initramfs/overlay" },
		{ "archisobasedir=arch archisodevice=/dev/vda cow_device=%s", "arch,my cow", "my cow",
		  "|/dev/vdb on /sysroot/run/archiso/cowspace" },
		{ "root=/dev/vda rootrw=%s", "root,my cow", "my cow",
		  "|/dev/vdb on /sysroot/run/initramfs/overlay" },
	};
	for (unsigned i = 0; i < LENGTH(cases); i++)
		each_name_is_found(cases[i].words, cases[i].disks, cases[i].label, cases[i].mount);
}

TEST(words_of_a_label_take_an_escaped_one)
{
	static const struct {
		const char *words, *disks, *mount;
	} cases[] = {
		{ "root=live:CDLABEL=my\\x20arch rd.live.image rd.live.dir=arch/x86_64 "
		  "rd.live.squashimg=airootfs.sfs",
		  "root,my arch", "|/dev/vdb on /sysroot/run/initramfs/live" },
		{ "root=CDLABEL=fedora rd.live.image", "root,fedora",
		  "|/dev/vdb on /sysroot/run/initramfs/live" },
		{ "root=CDLABEL=my\\x20arch rd.live.image rd.live.dir=arch/x86_64 "
		  "rd.live.squashimg=airootfs.sfs",
		  "root,my arch", "|/dev/vdb on /sysroot/run/initramfs/live" },
		{ "archisobasedir=arch archisolabel=my\\040arch", "root,my arch",
		  "|/dev/vdb on /sysroot/run/archiso/bootmnt" },
		{ "archisobasedir=arch archisolabel=\"my arch\"", "root,my arch",
		  "|/dev/vdb on /sysroot/run/archiso/bootmnt" },
		{ "archisobasedir=arch \"archisolabel=my arch\"", "root,my arch",
		  "|/dev/vdb on /sysroot/run/archiso/bootmnt" },
		{ "archisobasedir=arch archisodevice=/dev/vda cow_label=my\\x20cow", "arch,my cow",
		  "|/dev/vdb on /sysroot/run/archiso/cowspace" },
		{ "archisobasedir=arch archisodevice=/dev/vda cow_label=my\\x20cow cow_directory=/a/b/",
		  "arch,my cow", "|/dev/vdb on /sysroot/run/archiso/cowspace" },
		{ "archisobasedir=arch archisodevice=/dev/vda cow_label=my\\x20cow cow_directory=",
		  "arch,my cow", "|/dev/vdb on /sysroot/run/archiso/cowspace" },
		{ "archisobasedir=arch img_label=isos img_loop=boot/arch.iso", "root,isos",
		  "|/dev/vdb on /sysroot/run/initramfs/iso" },
		{ "archisobasedir= archisolabel=arch", "root,arch",
		  "|/dev/vdb on /sysroot/run/archiso/bootmnt" },
		{ "archisobasedir=/arch/ archisolabel= archisodevice= archisosearchuuid= "
		  "archisosearchfilename=",
		  "root,arch", "|/dev/vdb on /sysroot/run/archiso/bootmnt" },
		{ "boot=live fromiso=/dev/vdb//boot//debian.iso", "root,isos",
		  "|/dev/vdb on /sysroot/run/initramfs/iso" },
		{ "boot=live findiso=boot/debian.iso", "root,isos",
		  "|/dev/vdb on /sysroot/run/initramfs/iso" },
		{ "boot=live findiso= fromiso= live-media= live-media-path= live-media-timeout= module= "
		  "persistence-label= overlay-size=",
		  "root,debian", "|/dev/vdb on /sysroot/run/live/medium" },
		{ "boot=live live-media-path=/live/ persistence persistence-label=my\\x20cow",
		  "debian,my cow", "|/dev/vda on /sysroot/run/live/medium" },
		{ "boot=live live-media=/dev/vdb\r", "debian,debian",
		  "|/dev/vdb on /sysroot/run/live/medium" },
		{ "boot=live\r\n", "root,debian", "|/dev/vdb on /sysroot/run/live/medium" },
		{ "boot=casper iso-scan/filename= live-media= layerfs-path= live-media-timeout= module=",
		  "root,ubuntu", "|/dev/vdb on /sysroot/run/initramfs/medium" },
		{ "boot=casper iso-scan/filename=boot/ubuntu.iso", "root,isos",
		  "|/dev/vdb on /sysroot/run/initramfs/iso" },
		{ "boot=casper iso-scan/filename=\"/boot/ubuntu.iso\"", "root,isos",
		  "|/dev/vdb on /sysroot/run/initramfs/iso" },
		{ "boot=casper layerfs-path=/minimal.standard.live.squashfs", "root,layered",
		  "|/dev/vdb on /sysroot/run/initramfs/medium" },
		{ "root=live:CDLABEL=fedora rd.live.image rd.live.dir= rd.live.squashimg= rd.live.overlay= "
		  "rd.live.overlay.size= rd.retry= rd.timeout=",
		  "root,fedora", "|/dev/vdb on /sysroot/run/initramfs/live" },
		{ "root=live:CDLABEL=fedora rd.live.dir=/LiveOS/ rd.live.squashimg=squashfs.img",
		  "root,fedora", "|/dev/vdb on /sysroot/run/initramfs/live" },
		{ "root=live:/dev/vda rd.live.image rd.live.overlay=/dev/vdb:", "plain,my cow",
		  "|/dev/vdb on /sysroot/run/initramfs/overlay" },
		{ "root=live:/dev/vda rd.live.image rd.live.overlay=LABEL=my\\x20cow:/LiveOS/",
		  "plain,my cow", "|/dev/vdb on /sysroot/run/initramfs/overlay" },
		{ "root=/dev/vda rootrw=/dev/vdb rootrwfstype= rootrwoptions= rootrwreset= rootrwupperdir= "
		  "roottimeout= rootoptions= rootinit=",
		  "root,my cow", "|/dev/vdb on /sysroot/run/initramfs/overlay" },
		{ "looptype=squashfs loop=/image.squashfs cdroot= real_root= subdir= cdroot_marker= "
		  "scandelay= doload= isoboot= cdroot_type= real_rootflags=",
		  "root,gentoo", "|/dev/vdb on /sysroot/run/initramfs/medium" },
		{ "looptype=squashfs loop=image.squashfs cdroot cdroot_marker=/image.squashfs", "root,gentoo",
		  "|/dev/vdb on /sysroot/run/initramfs/medium" },
		{ "looptype=squashfs loop=/image.squashfs cdroot subdir=/", "root,gentoo",
		  "|/dev/vdb on /sysroot/run/initramfs/medium" },
		{ "root=0xfe00", "root", "|/dev/root-0xfe00 on /sysroot" },
		{ "root=fe00", "root", "|/dev/root-fe00 on /sysroot" },
		{ "boot=live live-media=254:16", "root,debian",
		  "|/dev/root-254:16 on /sysroot/run/live/medium" },
		{ "root=/dev/vda\r", "root", "|/dev/vda on /sysroot" },
	};
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		strcpy(word_line, cases[i].words);
		word_disks = cases[i].disks;
		word_mount = cases[i].mount;
		test_apart(it_finds_the_device, word_line);
	}
}

TEST(other_devices_than_live_media_s_are_looked_at_when_its_time_is_over)
{
	static const struct boot late = {
		"boot=live live-media=/dev/vdz live-media-timeout=20", "root debian",
		"|/dev/vdb /run/live/medium|/dev/loop0 /run/initramfs/layers/0|tmpfs "
		"/run/live/overlay|overlay /",
		"|lower /run/initramfs/layers/0|upper /run/live/overlay/upper"
	};

	one = &late;
	it_boots();
	CHECK(fake.milliseconds >= 19000 && fake.milliseconds <= 20500);
}

TEST(the_device_of_live_media_is_waited_for)
{
	fake_initramfs("boot=live live-media=/dev/vdb live-media-timeout=20");
	fake_root("root", "");
	add_volume("/dev/vda", "debian");
	add_volume("/dev/vdb", "debian");
	fake_appears(3000, "/dev/vdb");
	EQUAL(fake_run(init_main, (char *[]){ "/init", NULL }), FAKE_EXECUTES);
	CHECK(strstr(fake_mounted(), "|/dev/vdb on /sysroot/run/live/medium"));
}

TEST(archiso_s_images_boot)
{
	EACH_BOOTS({ "archisobasedir=arch archisolabel=arch", "root arch",
		     "|/dev/vdb /run/archiso/bootmnt|/dev/loop0 /run/archiso/airootfs|tmpfs "
		     "/run/archiso/cowspace|overlay /",
		     "|lower /run/archiso/airootfs|upper /run/archiso/cowspace/upper" },
		   { "archisobasedir=arch archisosearchuuid=2020-01-02-03-04-05-00", "arch stick",
		     "|/dev/vdb /run/archiso/bootmnt|/dev/loop0 /run/archiso/airootfs|tmpfs "
		     "/run/archiso/cowspace|overlay /",
		     "|lower /run/archiso/airootfs|upper /run/archiso/cowspace/upper" },
		   { "archisobasedir=arch archisosearchfilename=/boot/2020-01-02-03-04-05-00.uuid",
		     "arch stick",
		     "|/dev/vdb /run/archiso/bootmnt|/dev/loop0 /run/archiso/airootfs|tmpfs "
		     "/run/archiso/cowspace|overlay /",
		     "|lower /run/archiso/airootfs|upper /run/archiso/cowspace/upper" },
		   { "archisobasedir=arch archisolabel=my\\x20arch cow_label= cow_device=", "arch,my arch",
		     "|/dev/vdb /run/archiso/bootmnt|/dev/loop0 /run/archiso/airootfs|tmpfs "
		     "/run/archiso/cowspace|overlay /",
		     "|lower /run/archiso/airootfs|upper /run/archiso/cowspace/upper" },
		   { "archisobasedir=arch archisosearchuuid=2026-11-22-12-30-45-00 cow_spacesize=8M", "arch",
		     "|/dev/vda /run/archiso/bootmnt|/dev/loop0 /run/archiso/airootfs|tmpfs "
		     "/run/archiso/cowspace|overlay /",
		     "|lower /run/archiso/airootfs|upper /run/archiso/cowspace/upper" },
		   { "archisobasedir=arch img_dev=/dev/disk/by-label/isos img_loop=/boot/arch.iso copytoram",
		     "root isos",
		     "|tmpfs /run/initramfs/ram|/dev/loop1 /run/archiso/airootfs|tmpfs "
		     "/run/archiso/cowspace|overlay /",
		     "|lower /run/archiso/airootfs|upper /run/archiso/cowspace/upper" },
		   { "archisobasedir=arch archisodevice=/dev/vda cow_label=cow", "arch cow",
		     "|/dev/vda /run/archiso/bootmnt|/dev/loop0 /run/archiso/airootfs|/dev/vdb "
		     "/run/archiso/cowspace|overlay /",
		     "|lower /run/archiso/airootfs|upper "
		     "/run/archiso/cowspace/persistent_arch/x86_64/upperdir" },
		   { "archisobasedir=arch archisodevice=/dev/vda cow_device=/dev/vdb cow_directory=mine",
		     "arch cow",
		     "|/dev/vda /run/archiso/bootmnt|/dev/loop0 /run/archiso/airootfs|/dev/vdb "
		     "/run/archiso/cowspace|overlay /",
		     "|lower /run/archiso/airootfs|upper /run/archiso/cowspace/mine/upperdir" });
}

TEST(genkernel_s_images_boot)
{
	EACH_BOOTS({ "root=/dev/ram0 init=/linuxrc dokeymap looptype=squashfs loop=/image.squashfs cdroot",
		     "root gentoo",
		     "|/dev/vdb /run/initramfs/medium|/dev/loop0 /|/run/initramfs/medium /mnt/cdrom", "" },
		   { "root=/dev/ram0 init=/linuxrc real_root=/dev/vdb looptype=squashfs loop=/image.squashfs",
		     "root gentoo",
		     "|/dev/vdb /run/initramfs/medium|/dev/loop0 /|/run/initramfs/medium /mnt/cdrom", "" });
}

TEST(the_roots_of_yocto_alpine_and_systemd_boot)
{
	EACH_BOOTS({ "root=/dev/vda rootrw= init=/init", "root",
		     "|/dev/vda /run/initramfs/layers/0|tmpfs /run/initramfs/overlay|overlay "
		     "/|/run/initramfs/layers/0 /media/rfs/ro|/run/initramfs/overlay /media/rfs/rw",
		     "|lower /run/initramfs/layers/0|upper /run/initramfs/overlay/upper" },
		   { "root=/dev/vda rootrw=/dev/vdb init=/init", "root cow",
		     "|/dev/vda /run/initramfs/layers/0|/dev/vdb /run/initramfs/overlay|overlay "
		     "/|/run/initramfs/layers/0 /media/rfs/ro|/run/initramfs/overlay /media/rfs/rw",
		     "|lower /run/initramfs/layers/0|upper /run/initramfs/overlay/upperdir" },
		   { "root=/dev/vda rootrw=/dev/vdb rootrwupperdir=other", "root cow",
		     "|/dev/vda /run/initramfs/layers/0|/dev/vdb /run/initramfs/overlay|overlay "
		     "/|/run/initramfs/layers/0 /media/rfs/ro|/run/initramfs/overlay /media/rfs/rw",
		     "|lower /run/initramfs/layers/0|upper /run/initramfs/overlay/other" },
		   { "root=LABEL=root modules=virtio-blk,ext4 rootfstype=ext4 overlaytmpfs=yes "
		     "overlaytmpfsflags=size=8M",
		     "root",
		     "|/dev/vda /run/initramfs/layers/0|tmpfs /run/initramfs/overlay|overlay "
		     "/|/run/initramfs/layers/0 /media/root-ro|/run/initramfs/overlay /media/root-rw",
		     "|lower /run/initramfs/layers/0|upper /run/initramfs/overlay/upper" },
		   { "root=LABEL=root systemd.volatile=overlay", "root",
		     "|/dev/vda /run/initramfs/layers/0|tmpfs /run/initramfs/overlay|overlay /",
		     "|lower /run/initramfs/layers/0|upper /run/initramfs/overlay/upper" },
		   { "root=LABEL=root systemd.volatile=state", "root",
		     "|/dev/vda /run/initramfs/layers/0|/run/initramfs/layers/0 /|tmpfs /var", "" },
		   { "root=LABEL=root systemd.volatile=no", "root", "|/dev/vda /", "" });
}

/* What of a line is not supported is named, and the rest obeyed. */
static const char *line_of, *named_of;

static void it_is_named(void)
{
	static char *argv[] = { "/init", NULL };
	char words[100];

	fake_initramfs(line_of);
	message_prefix = "init";
	EQUAL(fake_run(init_main, argv), 1);
	sprintf(words, "|%s: not supported, ignored|", named_of);
	if (!strstr(fake_console(), words))
		FAIL("not named: %s", named_of);
}

TEST(words_that_are_not_supported_are_named)
{
	static const char *const cases[][2] = {
		{ "root=live:LABEL=x rd.live.overlay.thin=1 rd.retry=1", "rd.live.overlay.thin=1" },
		{ "root=live:LABEL=x rootfallback=/dev/sda1 rd.retry=1", "rootfallback=/dev/sda1" },
		{ "root=live:LABEL=x rd.luks.uuid=1234 rd.retry=1", "rd.luks.uuid=1234" },
		{ "boot=live verify-checksums=sha256 live-media-timeout=1", "verify-checksums=sha256" },
		{ "boot=live live-boot.verify-checksums live-media-timeout=1", "live-boot.verify-checksums" },
		{ "boot=live swap live-media-timeout=1", "swap" },
		{ "boot=live read-only live-media-timeout=1", "read-only" },
		{ "boot=live read-only=/dev/sda live-media-timeout=1", "read-only=/dev/sda" },
		{ "boot=live encryption=aes live-media-timeout=1", "encryption=aes" },
		{ "boot=live break=premount live-media-timeout=1", "break=premount" },
		{ "boot=casper break live-media-timeout=1", "break" },
		{ "archisobasedir=arch break=postmount rootwait=1", "break=postmount" },
		{ "archisobasedir=arch disablehooks=resume rootwait=1", "disablehooks=resume" },
		{ "boot=live persistence-storage=directory live-media-timeout=1",
		  "persistence-storage=directory" },
		{ "boot=live httpfs=http://1.2.3.4/a live-media-timeout=1", "httpfs=http://1.2.3.4/a" },
		{ "boot=live union=aufs live-media-timeout=1", "union=aufs" },
		{ "boot=live dm-verity-oncorruption=panic live-media-timeout=1",
		  "dm-verity-oncorruption=panic" },
		{ "boot=casper todisk=/dev/sda live-media-timeout=1", "todisk=/dev/sda" },
		{ "archisobasedir=arch archiso_http_srv=http://x/ rootwait=1", "archiso_http_srv=http://x/" },
		{ "archisobasedir=arch arch=i686 rootwait=1", "arch=i686" },
		{ "cdroot crypt_root=/dev/sda1 rootwait=1", "crypt_root=/dev/sda1" },
		{ "cdroot overlayfs=/dev/sda1 rootwait=1", "overlayfs=/dev/sda1" },
		{ "cdroot firstmods=a rootwait=1", "firstmods=a" },
		{ "cdroot noload=a rootwait=1", "noload=a" },
		{ "cdroot verify rootwait=1", "verify" },
		{ "root=/dev/sda1 rootrw= overlayrootfstype=ext4 rootwait=1", "overlayrootfstype=ext4" },
		{ "root=/dev/sda1 overlaytmpfs cryptroot=/dev/sda2 rootwait=1", "cryptroot=/dev/sda2" },
	};

	for (unsigned i = 0; i < LENGTH(cases); i++) {
		line_of = cases[i][0];
		named_of = cases[i][1];
		test_apart(it_is_named, line_of);
	}
}

static long seconds_of;

static void it_waits(void)
{
	static char *argv[] = { "/init", NULL };

	fake_initramfs(line_of);
	message_prefix = "init";
	EQUAL(fake_run(init_main, argv), 1);
	if (fake.milliseconds < seconds_of * 1000 || fake.milliseconds > seconds_of * 1000 + 1200)
		FAIL("waits for %ld ms", fake.milliseconds);
}

TEST(each_family_has_its_patience)
{
	static const struct {
		const char *line;
		long seconds;
	} cases[] = {
		{ "boot=live", 60 },
		{ "boot=live live-media-timeout=20", 20 },
		{ "boot=casper", 60 },
		{ "boot=casper live-media-timeout=7", 7 },
		{ "root=/dev/sda1 rootrw= roottimeout=7", 7 },
		{ "archisobasedir=arch archisolabel=x", 30 },
		{ "root=live:LABEL=x", 180 },
		{ "root=live:LABEL=x rd.timeout=12", 12 },
		{ "root=live:LABEL=x rd.retry=12", 12 },
		{ "root=live:LABEL=x rd.timeout=12 rootwait=", 180 },
		{ "cdroot loop=/image.squashfs", 10 },
	};

	for (unsigned i = 0; i < LENGTH(cases); i++) {
		line_of = cases[i].line;
		seconds_of = cases[i].seconds;
		test_apart(it_waits, line_of);
	}
}

/* How long it takes until the root is handed over, where persistence comes that late; 0: not. */
static void persistence_is_waited_for(const char *words, long comes, long least, long most,
				      const char *overlay)
{
	static char *argv[] = { "/init", NULL };

	fake_initramfs(words);
	fake_root("root", "cdrom var host mnt/cdrom usr");
	add_volume("/dev/vda", "debian");
	if (comes) {
		add_volume("/dev/vdb", "persistence");
		fake_appears(comes, "/dev/vdb");
	}
	message_prefix = "init";
	EQUAL(fake_run(init_main, argv), FAKE_EXECUTES);
	CHECK(fake.milliseconds >= least && fake.milliseconds <= most);
	if (!strstr(fake_mounted(), overlay))
		FAIL("%s", fake_mounted());
}

TEST(persistence_that_comes_late_is_found)
{
	persistence_is_waited_for("boot=live persistence", 3000, 3000, 3200,
				  "|/dev/vdb on /sysroot/run/live/overlay");
}

TEST(persistence_that_does_not_come_is_waited_for_five_seconds)
{
	persistence_is_waited_for("boot=live persistence", 0, 5000, 6200,
				  "|tmpfs on /sysroot/run/live/overlay");
}

TEST(without_persistence_nothing_is_waited_for)
{
	persistence_is_waited_for("boot=live", 0, 0, 100, "|tmpfs on /sysroot/run/live/overlay");
}

/* What the documentation names, wherever a family has the medium. */
TEST(the_medium_is_found_at_our_place_too)
{
	static char *argv[] = { "/init", NULL };

	message_prefix = "init";
	fake_initramfs("boot=live");
	add_volume("/dev/vda", "debian");
	fake_root("root", "");
	EQUAL(fake_run(init_main, argv), FAKE_EXECUTES);
	SAME(fake_log("symlink /run/live/medium "), "|/run/initramfs/medium");
	CHECK(!strstr(fake_console(), "/run/initramfs/medium: symlink"));
}
