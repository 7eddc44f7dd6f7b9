/* SPDX-License-Identifier: MIT */
/* findfs: as findfs(8), the device that has a label or UUID. */
//config:config FINDFS
//config:	bool "findfs"
//config:	default y
//config:	depends on FEATURE_PROBE_TAGS
//config:	help
//config:	  Find a device by LABEL=, UUID=, PARTLABEL= or PARTUUID=.
//kbuild:obj-$(CONFIG_FINDFS) += applets/findfs.o
//applet:sbin/findfs FINDFS findfs_main
//usage:findfs LABEL=...|UUID=...|PARTLABEL=...|PARTUUID=...|DEVICE
#include "probe.h"

enum { WRONG_CALL = 2 }; /* findfs(8)'s exit code */

int findfs_main(char **argv)
{
	int r = options_parse(argv, "", "", NULL);
	if (r)
		return WRONG_CALL;
	const char *spec = options.operands[0];
	if (options.count != 1) {
		complain("exactly one argument is needed, such as LABEL=name");
		return WRONG_CALL;
	}
	/* A path is its own answer, also one of /dev/disk where udev has made it. */
	const char *device = *spec == '/' && sys_access(spec, F_OK) == 0 ? spec : device_find(spec);
	if (!device) {
		if (devices_unread)
			return complain_why();
		complain("unable to resolve '%s'", spec);
		return 1;
	}
	say("%s\n", device);
	return 0;
}
