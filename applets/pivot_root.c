/* SPDX-License-Identifier: MIT */
/* pivot_root: swaps the root for another mount, as pivot_root(8). */
//config:config PIVOT_ROOT
//config:	bool "pivot_root"
//config:	default y
//config:	help
//config:	  For roots that an initramfs was loaded into as a block device; from
//config:	  an initramfs, switch_root.
//kbuild:obj-$(CONFIG_PIVOT_ROOT) += applets/pivot_root.o
//applet:sbin/pivot_root PIVOT_ROOT pivot_root_main
//usage:pivot_root NEWROOT PUTOLD
//usage:pivot_root NEWROOT becomes the root of this mount namespace; the old root is mounted at PUTOLD.
#include "libbb.h"

int pivot_root_main(char **argv)
{
	int r = options_parse(argv, "", "", NULL);
	if (r)
		return r;
	if (options.count != 2)
		return USAGE_ERROR;
	r = sys_pivot_root(options.operands[0], options.operands[1]);
	if (r == 0)
		return 0;
	failed(r, options.operands[0],
	       joined("change the root, with the old root at ", options.operands[1], ""));
	return complain_why();
}
