/* SPDX-License-Identifier: MIT */
/* switch_root, as util-linux's and busybox's, and klibc's run-init. */
//config:config SWITCH_ROOT
//config:	bool "switch_root"
//config:	default y
//config:	help
//config:	  Hand over from an initramfs to the real root.
//config:
//config:config RUN_INIT
//config:	bool "run-init"
//config:	default y
//config:	help
//config:	  The same by klibc's name, for initramfs-tools; -n only looks whether
//config:	  it would succeed.
//config:
//config:config HANDOVER_APPLETS
//config:	def_bool SWITCH_ROOT || RUN_INIT
//kbuild:obj-$(CONFIG_HANDOVER_APPLETS) += applets/switch_root.o
//applet:sbin/switch_root SWITCH_ROOT switch_root_main
//applet:sbin/run-init RUN_INIT run_init_main
//usage:switch_root [-c CONSOLE] NEWROOT INIT [ARGUMENT...]
//usage:switch_root Only for PID 1 of an initramfs: moves /dev /proc /sys /run to NEWROOT,
//usage:switch_root makes it the root, frees the initramfs and becomes INIT.
//usage:switch_root   -c CONSOLE   a device for standard input, output and error of INIT
//usage:run-init [-c CONSOLE] [-d CAPS] [-n] [-p] NEWROOT INIT [ARGUMENT...]
//usage:run-init   -c CONSOLE   a device for standard input, output and error of INIT
//usage:run-init?FEATURE_RUN_INIT_CAPS   -d CAPS      take these capabilities away: sys_module,...
//usage:run-init   -n           only look whether it would succeed
//usage:run-init   -p           keep the initramfs in memory
#include "capabilities.h"
#include "handover.h"

static void report(void)
{
	complain_why();
}

static int hand_over(char **argv, const char *letters)
{
	struct handover handover = { 0 };

	options.ordered = true;
	int r = options_parse(argv, letters, "", NULL);
	if (r)
		return r;
	if (options.count < 2)
		return USAGE_ERROR;
	handover.new_root = options.operands[0];
	handover.argv = options.operands + 1;
	handover.init = options.operands[1];
	handover.console = option_arg('c');
	handover.keep_initramfs = option_arg('p');
	handover.report = report;

	const char *dropped = ENABLE_FEATURE_RUN_INIT_CAPS ? option_arg('d') : NULL;
	bool only_look = option_arg('n');
	if (!only_look && sys_getpid() != 1) {
		complain("not PID 1: nothing done");
		return 1;
	}
	r = handover_check(&handover);
	if (r == 0 && dropped)
		r = capabilities_drop(dropped, only_look);
	if (r == 0 && !only_look)
		r = handover_run(&handover);
	return r < 0 ? complain_why() : 0;
}

int switch_root_main(char **argv)
{
	return hand_over(argv, "c:");
}

int run_init_main(char **argv)
{
	return hand_over(argv, "c:np" IF_FEATURE_RUN_INIT_CAPS("d:"));
}
