/* SPDX-License-Identifier: MIT */
/* What a boot begins with: the file systems of the kernel, the console, the modules that are
 * listed or named. */
//config:config FEATURE_INIT_MODULES
//config:	bool "Load modules"
//config:	default y
//config:	depends on INIT
//config:	help
//config:	  Those that /etc/loopbox.modules lists, one path a line, in order;
//config:	  scripts/mkinitramfs writes it.
//kbuild:obj-$(CONFIG_INIT) += init/setup.o
#include "attempt.h"
#include "handover.h"
#include "module.h"

void set_up(void)
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

	int results[LENGTH(mounts)];

	for (unsigned i = 0; i < LENGTH(mounts); i++) {
		const char *type = mounts[i].type, *target = mounts[i].target;
		while (((results[i] = sys_mount(type, target, type, mounts[i].flags, mounts[i].data)) ==
				-ENOENT &&
			sys_mkdir(target, 0755) == 0) ||
		       small_replaces(&type, results[i]))
			;
	}
	sys_mkdir("/run/initramfs", 0755);
	if (results[0] < 0 && results[0] != -EBUSY)
		nodes_begin();

	/* An initramfs without /dev/console starts us with no descriptors; one that
	 * has it, with those of a node that is deleted with it. */
	handover_console("/dev/console");
	/* EBUSY: it is there already. */
	for (unsigned i = 0; ENABLE_FEATURE_INIT_FALLBACK && i < LENGTH(mounts); i++)
		if (results[i] < 0 && results[i] != -EBUSY)
			small_report(mounts[i].type, mounts[i].target, results[i]);
}

void make_places(void)
{
	shutdown_prepare();
	sys_mkdir(MEDIUM_PLACE, 0755);
}

/* What mkinitramfs has listed, in order. */
static void load_listed(void)
{
	char *text = read_whole("/etc/loopbox.modules"), *path;
	unsigned loaded = 0;

	if (!text && why.error != -ENOENT)
		log_failure();
	while (text && (path = next_line(&text))) {
		int r = module_insert(path, ENABLE_FEATURE_INIT_MODPROBE ? module_parameters(path) : "");
		if (r == 0) {
			loaded++;
		} else if (r != -EEXIST) {
			/* A driver for hardware that is not there says ENODEV. */
			warn("%s: %s", path, small_module_error(r));
		}
	}
	if (loaded)
		step("loaded %s modules", decimal(loaded));
}

void load_modules(void)
{
	if (ENABLE_FEATURE_INIT_MODULES)
		load_listed();
	drivers_load_named();
	nodes_make();
}
