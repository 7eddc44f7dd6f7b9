/* SPDX-License-Identifier: MIT */
/*
 * The words of other initramfs, as data that words.c reads. Each family has words that select
 * it, what it takes for granted (a command line in our own words), and a table of its words.
 * Where words of several families stand on one command line, the first in `families` is the one.
 */
//config:config FEATURE_INIT_DRACUT
//config:	bool "dracut's words: root=live:, rd.live.*"
//config:	default y
//config:	depends on FEATURE_INIT_ISO && FEATURE_INIT_OVERLAY
//config:	help
//config:	  The live images of Fedora and its relatives.
//config:
//config:config FEATURE_INIT_LIVE_BOOT
//config:	bool "live-boot's words: boot=live"
//config:	default y
//config:	depends on FEATURE_INIT_ISO && FEATURE_INIT_OVERLAY
//config:	help
//config:	  The live images of Debian and its relatives.
//config:
//config:config FEATURE_INIT_CASPER
//config:	bool "casper's words: boot=casper"
//config:	default y
//config:	depends on FEATURE_INIT_ISO && FEATURE_INIT_OVERLAY
//config:	help
//config:	  The live images of Ubuntu and its relatives.
//config:
//config:config FEATURE_INIT_ARCHISO
//config:	bool "archiso's words: archisobasedir="
//config:	default y
//config:	depends on FEATURE_INIT_ISO && FEATURE_INIT_OVERLAY
//config:	help
//config:	  The live images of Arch and its relatives.
//config:
//config:config FEATURE_INIT_GENTOO
//config:	bool "genkernel's words: looptype=, real_root=, cdroot"
//config:	default y
//config:	depends on FEATURE_INIT_ISO
//config:	help
//config:	  The live images of Gentoo and its relatives.
//config:
//config:config FEATURE_INIT_YOCTO
//config:	bool "Yocto's words: rootrw="
//config:	default y
//config:	depends on FEATURE_INIT_OVERLAY
//config:	help
//config:	  A writable layer as meta-readonly-rootfs-overlay makes it.
//config:
//config:config FEATURE_INIT_ALPINE
//config:	bool "Alpine's words: overlaytmpfs, usbdelay=, modules="
//config:	default y
//config:	depends on FEATURE_INIT_OVERLAY
//config:	help
//config:	  A layer in memory as mkinitfs makes it.
//config:
//config:config FEATURE_INIT_VOLATILE
//config:	bool "systemd's word: systemd.volatile="
//config:	default y
//config:	depends on FEATURE_INIT_OVERLAY
//config:	help
//config:	  A root whose changes, or whose state, are in memory.
//config:
//config:config INIT_FAMILIES
//config:	def_bool FEATURE_INIT_DRACUT || FEATURE_INIT_LIVE_BOOT || FEATURE_INIT_CASPER || FEATURE_INIT_ARCHISO || FEATURE_INIT_GENTOO || FEATURE_INIT_YOCTO || FEATURE_INIT_ALPINE || FEATURE_INIT_VOLATILE
//kbuild:obj-$(CONFIG_INIT_FAMILIES) += init/families.o
#include "plan.h"

/* clang-format off */
#define DRACUT(X) \
	X(ROOT, "root=live:CD" VALUE "LABEL=") \
	X(ROOT, "root=live:") \
	X(ROOT, "root=CD" VALUE "LABEL=") \
	X(IGNORED, "rd.live.image") \
	X(DIRECTORY, "rd.live.dir=") \
	X(IMAGE, "rd.live.squashimg=") \
	X(RAM, "rd.live.ram" MAYBE) \
	X(IGNORED, "rd.live.overlay.overlayfs" MAYBE) \
	X(OVERLAY_READ_ONLY, "rd.live.overlay.readonly" MAYBE) \
	X(OVERLAY_RESET, "rd.live.overlay.reset" MAYBE) \
	X(OVERLAY_MIB, "rd.live.overlay.size=") \
	X(OVERLAY, "rd.live.overlay=") \
	X(OVERLAY, "overlayroot=") \
	X(ISO, "iso-scan/filename=") \
	X(ROOT_WAIT, "rd.timeout=0") \
	X(WAIT_SECONDS, "rd.timeout=") \
	X(WAIT_SECONDS, "rd.retry=") \
	X(IGNORED, "rd.live.debug" MAYBE) \
	X(REFUSED, "rd.live." ANY) \
	X(REFUSED, "rd.driver." ANY) \
	X(REFUSED, "rd.luks." ANY) \
	X(REFUSED, "rootfallback=") \
	X(REFUSED, "rd.emergency=") \
	X(REFUSED, "rd.zipl=") \
	X(REFUSED, "rd.writable.fsimg" MAYBE)
#define DRACUT_DEFAULTS \
	"root=* rootwait=180 .dir=LiveOS loop=squashfs.img,rootfs.img rd.overlay .medium=/run/initramfs/live " \
	".inner=LiveOS/rootfs.img,LiveOS/ext3fs.img .base=/run/rootfsbase " \
	".overlay.upper=overlayfs .overlay.work=ovlwork .overlay.path=%d/overlay-%l-%u"

#define LIVE_BOOT(X) \
	X(IGNORED, "boot=live") \
	X(LIVE_MEDIA, "live-media=") \
	X(LIVE_MEDIA, "bootfrom=") \
	X(DIRECTORY, "live-media-path=") \
	X(WAIT_SECONDS, "live-media-timeout=") \
	X(ISO, "findiso=") \
	X(ISO, "fromiso=") \
	X(ISO, "isofrom=") \
	X(MODULE, "module=") \
	X(RAM, "toram" MAYBE) \
	X(PERSISTENT, "persistence") \
	X(PERSISTENT_ON, "persistence-" VALUE "label=") \
	X(PERSISTENT | CLEARS, "nopersistence") \
	X(OVERLAY_READ_ONLY, "persistence-read-only") \
	X(OVERLAY_SIZE, "overlay-size=") \
	X(IGNORED, "persistence-encryption=none") \
	X(IGNORED, "persistence-method=overlay") \
	X(IGNORED, "persistence-storage=filesystem,file") \
	X(IGNORED, "union=overlay") \
	X(REFUSED, "persistence-" ANY) \
	X(REFUSED, "live-media-" ANY) \
	X(REFUSED, "union=") \
	X(REFUSED, "plainroot") \
	X(REFUSED, "exposedroot") \
	X(REFUSED, "skipunion") \
	X(REFUSED, "live-boot." ANY) \
	X(REFUSED, "verify-checksums" MAYBE) \
	X(REFUSED, "read-only" MAYBE) \
	X(REFUSED, "encryption=") \
	X(REFUSED, "dm-verity-" ANY) \
	X(REFUSED, "forcefsck") \
	X(REFUSED, "swap" MAYBE) \
	X(REFUSED, "todisk=") \
	X(REFUSED, "fetch=") \
	X(REFUSED, "httpfs=") \
	X(REFUSED, "ftpfs=") \
	X(REFUSED, "iscsi=") \
	X(REFUSED, "nfs" ANY) \
	X(REFUSED, "break" MAYBE) \
	X(REFUSED, "netboot" ANY)
#define LIVE_BOOT_DEFAULTS \
	"root=* rootwait=60 .dir=live .module=filesystem loop=/ rd.overlay .medium=/run/live/medium .overlay.place=/run/live/overlay " \
	".persistent.on=LABEL=persistence .overlay.conf=persistence.conf .overlay.upper=rw"

#define CASPER(X) \
	X(IGNORED, "boot=casper") \
	X(LIVE_MEDIA, "live-media=") \
	X(LIVE_MEDIA, "bootfrom=") \
	X(DIRECTORY, "live-media-path=") \
	X(WAIT_SECONDS, "live-media-timeout=") \
	X(MODULE, "module=") \
	X(ISO, "iso-scan/filename=") \
	X(RAM, "toram" MAYBE) \
	X(PERSISTENT, "persistent") \
	X(PERSISTENT | CLEARS, "nopersistent") \
	X(TOP_LAYER, "layerfs-path=") \
	X(IGNORED, "union=overlay" ANY) \
	X(REFUSED, "union=") \
	X(REFUSED, "persistent-" ANY) \
	X(REFUSED, "live-media-" ANY) \
	X(REFUSED, "encryption=") \
	X(REFUSED, "uuid=") \
	X(REFUSED, "todisk=") \
	X(REFUSED, "swapon") \
	X(REFUSED, "url=") \
	X(REFUSED, "iso-url=") \
	X(REFUSED, "nfs" ANY) \
	X(REFUSED, "break" MAYBE) \
	X(REFUSED, "netboot" ANY)
#define CASPER_DEFAULTS \
	"root=* rootwait=60 .dir=casper loop=/ rd.overlay .medium=/cdrom .persistent.on=LABEL=casper-rw,LABEL=writable"

#define ARCHISO(X) \
	X(DIRECTORY, "archisobasedir=") \
	X(ROOT, "archiso" VALUE "label=") \
	X(MARK, "archisosearchuuid=") \
	X(MARK, "archisosearchfilename=") \
	X(ROOT, "archisodevice=") \
	X(RAM, "copytoram" MAYBE) \
	X(RAM_SIZE, "copytoram_size=") \
	X(OVERLAY, "cow_" VALUE "label=") \
	X(OVERLAY, "cow_device=") \
	X(STORE_DIRECTORY, "cow_directory=") \
	X(OVERLAY_SIZE, "cow_spacesize=") \
	X(OVERLAY_FLAGS, "cow_flags=") \
	X(ISO_DEVICE, "img_" VALUE "label=") \
	X(ISO_DEVICE, "img_dev=") \
	X(ISO, "img_loop=") \
	X(ROOT_FLAGS, "img_flags=") \
	IF_FEATURE_INIT_CHECKSUM(X(CHECKSUM, "checksum" MAYBE)) \
	X(IGNORED, "cow_persistent=") \
	X(IGNORED, "cow_chunksize=") \
	X(MODULE_NAMES, "earlymodules=") \
	X(REFUSED, "disablehooks=") \
	X(REFUSED, "break" MAYBE) \
	X(REFUSED, "archiso" ANY) \
	X(REFUSED, "cow_" ANY) \
	X(REFUSED, "arch=") \
	X(REFUSED, "cms_verify=") \
	X(REFUSED, "verify=")
#define ARCHISO_DEFAULTS \
	"root=* rootwait=30 .dir=arch loop=%m/airootfs.sfs,%m/airootfs.erofs rd.overlay .overlay.size=256M " \
	".overlay.dir=persistent_%l/%m " \
	".medium=/run/archiso/bootmnt .base=/run/archiso/airootfs .overlay.place=/run/archiso/cowspace " \
	".overlay.upper=upperdir .overlay.work=workdir .toram.size=75%"

#define GENTOO(X) \
	X(IMAGE_TYPE, "looptype=") \
	X(ROOT, "real_root=") \
	X(ROOT_FLAGS, "real_rootflags=") \
	X(INIT, "real_init=") \
	X(ROOT, "cdroot=") \
	X(IGNORED, "cdroot") \
	X(MARK, "cdroot_marker=") \
	X(ROOT_TYPE, "cdroot_type=") \
	X(ISO, "isoboot=") \
	X(ROOT_DELAY, "scandelay=") \
	X(MODULE_NAMES, "doload=") \
	IF_FEATURE_INIT_RESUME(X(RESUME, "real_resume=")) \
	IF_FEATURE_INIT_OVERLAY(X(OVERLAY, "overlayfs")) \
	X(IGNORED, "root=/dev/ram0") \
	X(IGNORED, "init=/linuxrc") \
	X(DIRECTORY, "subdir=") \
	X(RAM, "docache") \
	X(RAM | CLEARS, "nocache") \
	X(REFUSED, "crypt_" ANY) \
	X(REFUSED, "root_key" ANY) \
	X(REFUSED, "overlayfs." ANY) \
	X(REFUSED, "overlayfs=") \
	X(REFUSED, "firstmods=") \
	X(REFUSED, "noload=") \
	X(REFUSED, "verify") \
	X(REFUSED, "aufs" ANY) \
	X(REFUSED, "unionfs") \
	X(REFUSED, "dolvm") \
	X(REFUSED, "lvmraid=") \
	X(REFUSED, "domdadm") \
	X(REFUSED, "dodmraid" MAYBE) \
	X(REFUSED, "domultipath") \
	X(REFUSED, "dozfs" MAYBE) \
	X(REFUSED, "dosshd") \
	X(REFUSED, "iscsi_" ANY) \
	X(REFUSED, "nfsroot=") \
	X(REFUSED, "init_opts=")
#define GENTOO_DEFAULTS "root=* .medium=/mnt/cdrom"

#define YOCTO(X) \
	X(OVERLAY, "rootrw=") \
	X(OVERLAY_TYPE, "rootrwfstype=") \
	X(OVERLAY_FLAGS, "rootrwoptions=") \
	X(OVERLAY_RESET, "rootrwreset" MAYBE) \
	X(UPPER, "rootrwupperdir=") \
	X(ROOT_FLAGS, "rootoptions=") \
	X(INIT, "rootinit=") \
	X(IGNORED, "init=/init") \
	X(WAIT_SECONDS, "roottimeout=") \
	X(REFUSED, "rootrw" ANY) \
	X(REFUSED, "overlayroot" ANY)
#define YOCTO_DEFAULTS \
	"rd.overlay .base=/media/rfs/ro .overlay.place=/media/rfs/rw .overlay.upper=upperdir"

#define ALPINE(X) \
	X(OVERLAY, "overlaytmpfs" MAYBE) \
	X(OVERLAY_FLAGS, "overlaytmpfsflags=") \
	X(ROOT_DELAY, "usbdelay=") \
	X(MODULE_NAMES, "modules=") \
	X(REFUSED, "crypt" ANY) \
	X(REFUSED, "alpine_" ANY) \
	X(REFUSED, "apkovl=") \
	X(REFUSED, "modloop=") \
	X(REFUSED, "nbd=") \
	X(REFUSED, "aoe" ANY) \
	X(REFUSED, "wireguard=") \
	X(REFUSED, "blacklist=") \
	X(REFUSED, "usrflags=") \
	X(REFUSED, "init_args=") \
	X(REFUSED, "zfs_force=")
#define ALPINE_DEFAULTS ".base=/media/root-ro .overlay.place=/media/root-rw"

#define VOLATILE_WORDS(X) \
	X(OVERLAY, "systemd.volatile=overlay") \
	X(VOLATILE, "systemd.volatile" MAYBE)
#define VOLATILE_DEFAULTS ""
/* clang-format on */

#define SLOT(slot, name) slot,
#define NAME(slot, name) name "\0"

#define TABLE(name, words) \
	static const char name##_names[] = words(NAME); \
	static const unsigned char name##_slots[] = { words(SLOT) };

/* clang-format off */
IF_FEATURE_INIT_DRACUT(TABLE(dracut, DRACUT))
IF_FEATURE_INIT_LIVE_BOOT(TABLE(live_boot, LIVE_BOOT))
IF_FEATURE_INIT_CASPER(TABLE(casper, CASPER))
IF_FEATURE_INIT_ARCHISO(TABLE(archiso, ARCHISO))
IF_FEATURE_INIT_GENTOO(TABLE(gentoo, GENTOO))
IF_FEATURE_INIT_YOCTO(TABLE(yocto, YOCTO))
IF_FEATURE_INIT_ALPINE(TABLE(alpine, ALPINE))
IF_FEATURE_INIT_VOLATILE(TABLE(volatile_root, VOLATILE_WORDS))

#define FAMILIES(X) \
	IF_FEATURE_INIT_DRACUT(X(dracut, DRACUT_DEFAULTS, true)) \
	IF_FEATURE_INIT_LIVE_BOOT(X(live_boot, LIVE_BOOT_DEFAULTS, true)) \
	IF_FEATURE_INIT_CASPER(X(casper, CASPER_DEFAULTS, true)) \
	IF_FEATURE_INIT_ARCHISO(X(archiso, ARCHISO_DEFAULTS, true)) \
	IF_FEATURE_INIT_GENTOO(X(gentoo, GENTOO_DEFAULTS, true)) \
	IF_FEATURE_INIT_YOCTO(X(yocto, YOCTO_DEFAULTS, false)) \
	IF_FEATURE_INIT_ALPINE(X(alpine, ALPINE_DEFAULTS, false)) \
	IF_FEATURE_INIT_VOLATILE(X(volatile_root, VOLATILE_DEFAULTS, false))

/* The words that select a family. */
#define SELECTORS(X) \
	IF_FEATURE_INIT_DRACUT(X(dracut, "root=live:") X(dracut, "rd.live.image")) \
	IF_FEATURE_INIT_LIVE_BOOT(X(live_boot, "boot=live")) \
	IF_FEATURE_INIT_CASPER(X(casper, "boot=casper")) \
	IF_FEATURE_INIT_ARCHISO(X(archiso, "archisobasedir=")) \
	IF_FEATURE_INIT_GENTOO(X(gentoo, "looptype=") X(gentoo, "real_root=") X(gentoo, "cdroot" MAYBE)) \
	IF_FEATURE_INIT_YOCTO(X(yocto, "rootrw=")) \
	IF_FEATURE_INIT_ALPINE(X(alpine, "overlaytmpfs" MAYBE) X(alpine, "usbdelay=") X(alpine, "modules=")) \
	IF_FEATURE_INIT_VOLATILE(X(volatile_root, "systemd.volatile" MAYBE))
/* clang-format on */

#define FAMILY(name, defaults, live) { defaults, name##_names, name##_slots, live },
const struct family families[] = { FAMILIES(FAMILY) };

#define NUMBER(name, defaults, live) number_of_##name,
enum { FAMILIES(NUMBER) };
#define SELECTED(name, selector) number_of_##name,
const unsigned char family_selected[] = { SELECTORS(SELECTED) };
#define SELECTOR(name, selector) selector "\0"
const char family_selectors[] = SELECTORS(SELECTOR);
