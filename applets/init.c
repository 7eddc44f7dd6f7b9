/* SPDX-License-Identifier: MIT */
/*
 * init: /init of an initramfs. Reads the kernel command line, and boots what it says: init/boot.c
 * has the whole of it. When nothing is left to try, it says what failed last, on what and why,
 * and exits: the kernel panics, and obeys panic=.
 */
//config:config INIT
//config:	bool "init"
//config:	default y
//config:	help
//config:	  Boots the root that the kernel command line names. As /init it is
//config:	  all that an initramfs needs.
//kbuild:obj-$(CONFIG_INIT) += applets/init.o
//applet:init INIT init_main
//usage:init [ARGUMENT...]
//usage:init Only for PID 1 of an initramfs. Words of the kernel command line:
//usage:init   root=DEVICE[,...]    /dev/..., MAJOR:MINOR, LABEL= UUID= PARTLABEL= PARTUUID=, *
//usage:init   rootfstype= rootflags= ro rw rootwait[=SECONDS] rootdelay=SECONDS init=
//usage:init   loop=PATH[:LAYER...][,OTHER...] loopfstype= loopflags=
//usage:init?FEATURE_INIT_OVERLAY   rd.overlay[=DEVICE[:PATH]] rd.overlay.reset rd.overlay.readonly
//usage:init?FEATURE_INIT_RAM   loopbox.toram
//usage:init?FEATURE_INIT_ISO   loopbox.iso=PATH
//usage:init?FEATURE_INIT_TRIES   loopbox.tries=N
//usage:init?FEATURE_INIT_TRIES_ON   loopbox.tries.on=DEVICE[:FILE|:OFFSET]
//usage:init?FEATURE_INIT_MD   md=NUMBER,DEVICE[,DEVICE...]
//usage:init?FEATURE_INIT_VERITY   roothash=HEX
//usage:init?FEATURE_INIT_VERITY_WORDS   loopbox.roothash.IMAGE=HEX loopbox.verity.options= systemd.verity_*= usrhash= dm-mod.create=
//usage:init?FEATURE_INIT_RESUME   resume= resume_offset= noresume
//usage:init?FEATURE_INIT_REASON   loopbox.wait=SECONDS|forever
//usage:init?FEATURE_INIT_WATCHDOG   loopbox.watchdog=SECONDS
//usage:init?FEATURE_INIT_EMERGENCY   rd.shell rd.break[=STEP]
//usage:init?FEATURE_INIT_DRACUT   dracut: root=live: rd.live.* iso-scan/filename=
//usage:init?FEATURE_INIT_LIVE_BOOT   live-boot: boot=live live-media= findiso= toram persistence ...
//usage:init?FEATURE_INIT_CASPER   casper: boot=casper iso-scan/filename= toram persistent ...
//usage:init?FEATURE_INIT_ARCHISO   archiso: archisobasedir= archisolabel= archisosearchuuid= copytoram cow_label= ...
//usage:init?FEATURE_INIT_GENTOO   genkernel: looptype= real_root= cdroot
//usage:init?FEATURE_INIT_YOCTO   Yocto: rootrw= rootrwfstype= rootrwreset= ...
//usage:init?FEATURE_INIT_ALPINE   Alpine: overlaytmpfs usbdelay= modules=
//usage:init?FEATURE_INIT_VOLATILE   systemd.volatile=overlay|state|yes
#include "boot.h"
#include "libbb.h"

int init_main(char **argv)
{
	if (sys_getpid() != 1) {
		complain("not PID 1: nothing done");
		return 1;
	}
	return boot(argv);
}
