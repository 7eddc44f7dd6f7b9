/* SPDX-License-Identifier: MIT */
/*
 * init: /init of an initramfs. Reads the kernel command line and goes
 *
 *   set up /dev /proc /sys /run -> find the medium -> mount it -> attach and mount the
 *   image, the next one if that fails -> layers -> hand over
 *
 * which are the files of init/; see init/plan.h. Each step says so in the kernel's log,
 * which shows on the console unless it is quiet, keeps the time, and survives in pstore.
 * When nothing is left to try, it says what failed last, on what and why, and exits: the
 * kernel panics, and obeys panic=.
 */
//config:config INIT
//config:	bool "init"
//config:	default y
//config:	help
//config:	  Boots the root that the kernel command line names. As /init it is
//config:	  all that an initramfs needs.
//config:
//config:config FEATURE_INIT_MODULES
//config:	bool "Load modules"
//config:	default y
//config:	depends on INIT
//config:	help
//config:	  Those that /etc/loopbox.modules lists, one path a line, in order;
//config:	  scripts/mkinitramfs writes it.
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
//usage:init?FEATURE_INIT_MD   md=NUMBER,DEVICE[,DEVICE...]
//usage:init?FEATURE_INIT_VERITY   roothash=HEX
//usage:init?FEATURE_INIT_VERITY_WORDS   loopbox.roothash.IMAGE=HEX loopbox.verity.options= systemd.verity_*= usrhash= dm-mod.create=
//usage:init?FEATURE_INIT_RESUME   resume= resume_offset= noresume
//usage:init?FEATURE_INIT_EMERGENCY   rd.shell rd.break[=STEP]
//usage:init?FEATURE_INIT_DRACUT   dracut: root=live: rd.live.* iso-scan/filename=
//usage:init?FEATURE_INIT_LIVE_BOOT   live-boot: boot=live live-media= findiso= toram persistence ...
//usage:init?FEATURE_INIT_CASPER   casper: boot=casper iso-scan/filename= toram persistent ...
//usage:init?FEATURE_INIT_ARCHISO   archiso: archisobasedir= archisolabel= copytoram cow_label= ...
//usage:init?FEATURE_INIT_GENTOO   genkernel: looptype= real_root= cdroot
//usage:init?FEATURE_INIT_YOCTO   Yocto: rootrw= rootrwfstype= rootrwreset= ...
//usage:init?FEATURE_INIT_ALPINE   Alpine: overlaytmpfs usbdelay= modules=
//usage:init?FEATURE_INIT_VOLATILE   systemd.volatile=overlay|state|yes
#include "handover.h"
#include "module.h"
#include "plan.h"

char **init_argv;

static void set_up(void)
{
	static const struct {
		const char *type, *target, *data;
		unsigned long flags;
	} mounts[] = {
		{ "devtmpfs", "/dev", "mode=0755", MS_NOSUID },
		{ "proc", "/proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC },
		{ "sysfs", "/sys", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC },
		{ "tmpfs", "/run", "mode=0755", MS_NOSUID | MS_NODEV },
	};

	/* What is there already, or can't be had, shows in the steps that need it. */
	for (unsigned i = 0; i < LENGTH(mounts); i++) {
		while (sys_mount(mounts[i].type, mounts[i].target, mounts[i].type, mounts[i].flags,
				 mounts[i].data) == -ENOENT &&
		       sys_mkdir(mounts[i].target, 0755) == 0)
			;
	}
	sys_mkdir("/run/initramfs", 0755);

	/* An initramfs without /dev/console starts us with no descriptors; one that
	 * has it, with those of a node that is deleted with it. */
	handover_console("/dev/console");
}

/* What mkinitramfs has listed, in order. */
static void load_listed_modules(void)
{
	char *text = read_whole("/etc/loopbox.modules"), *path;
	unsigned loaded = 0;

	while (text && (path = next_line(&text))) {
		int r = module_insert(path, ENABLE_FEATURE_INIT_MODPROBE ? module_parameters(path) : "");
		if (r == 0) {
			loaded++;
		} else if (r != -EEXIST) {
			/* A driver for hardware that is not there says ENODEV. */
			warn("%s: %s", path, errno_text(-r));
		}
	}
	if (loaded)
		step("loaded %s modules", decimal(loaded));
}

/* Those that a word of the command line names. */
static void load_named_modules(void)
{
	const char *list = plan[MODULE_NAMES], *name;

	while ((name = next_part(&list, ',')))
		if (module_load(name) < 0)
			log_failure();
}

int init_main(char **argv)
{
	if (sys_getpid() != 1) {
		complain("not PID 1: nothing done");
		return 1;
	}
	init_argv = argv;
	log_start();
	set_up();
	int r = plan_read();
	if (r < 0) {
		log_failure();
		log_give_up();
		return 1;
	}
	if (ENABLE_FEATURE_INIT_VERITY && PLAN_IS_RESTRICTED)
		verity_read_plan();
	if (ENABLE_EXITRD)
		exitrd_prepare();
	sys_mkdir(medium_place, 0755);
	if (ENABLE_FEATURE_INIT_EMERGENCY)
		emergency("cmdline");
	if (ENABLE_FEATURE_INIT_MODULES)
		load_listed_modules();
	if (ENABLE_FEATURE_INIT_MODPROBE)
		load_named_modules();
	if (ENABLE_FEATURE_INIT_EMERGENCY)
		emergency("pre-mount");
	if (plan[ROOT] || plan[ISO])
		medium_boot();
	else if (images_boot(NULL, NULL, NULL) < 0)
		log_failure();
	log_give_up();
	if (ENABLE_FEATURE_INIT_EMERGENCY)
		emergency(NULL);
	return 1;
}
