/* SPDX-License-Identifier: MIT */
/* The command lines that people already have, each with a medium as its family lays it out: what is
 * mounted where in the end, the root's layers, the uppermost last, and what of a line is refused. */
#include <stdio.h>
#include <string.h>

#include "fake_kernel.h"
#include "test.h"

int init_main(char **argv);

static void add_root(const char *tree)
{
	static const char *const folders[] = { "dev", "proc", "sys",	   "run", "cdrom",
					       "var", "host", "mnt/cdrom", "usr" };
	char path[100];

	fake_tree(tree);
	for (unsigned i = 0; i < LENGTH(folders); i++) {
		sprintf(path, "%s:/%s", tree, folders[i]);
		fake_put(path, S_IFDIR | 0755);
	}
	sprintf(path, "%s:/sbin/init", tree);
	fake_program(path);
}

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
	} else if (IS("persistence")) {
		fake_text("persistence:/persistence.conf", "/ union\n");
	}
	if (!strcmp(name, "root"))
		return;
	bool is_disk = !strcmp(name, "isos") || !strcmp(name, "persistence") || !strcmp(name, "casper-rw") ||
		       !strcmp(name, "cow");
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
	add_root("root");
	strcpy(disks, one->disks);
	for (disk = strtok_r(disks, " ", &rest); disk; disk = strtok_r(NULL, " ", &rest)) {
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
		  "http://example.org/squashfs.img: root= (/dev/..., MAJOR:MINOR, LABEL=, UUID=, PARTLABEL= "
		  "or PARTUUID=): Invalid argument",
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
		   { "boot=casper persistent", "ubuntu casper-rw",
		     "|/dev/vda /run/initramfs/medium|/dev/loop0 /run/initramfs/layers/0|/dev/vdb "
		     "/run/initramfs/overlay|overlay /|/run/initramfs/medium /cdrom",
		     "|lower /run/initramfs/layers/0|upper /run/initramfs/overlay/upper" },
		   { "boot=casper persistent nopersistent", "ubuntu casper-rw",
		     "|/dev/vda /run/initramfs/medium|/dev/loop0 /run/initramfs/layers/0|tmpfs "
		     "/run/initramfs/overlay|overlay /|/run/initramfs/medium /cdrom",
		     "|lower /run/initramfs/layers/0|upper /run/initramfs/overlay/upper" });
}

TEST(archiso_s_images_boot)
{
	EACH_BOOTS({ "archisobasedir=arch archisolabel=arch", "root arch",
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
	EACH_BOOTS({ "root=/dev/vda rootrw=/dev/vdb init=/init", "root cow",
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
