/* SPDX-License-Identifier: MIT */
/* fstype: the type and size of a file system for a shell to evaluate, as klibc's. */
//config:config FSTYPE
//config:	bool "fstype"
//config:	default y
//config:	depends on FEATURE_PROBE
//config:	help
//config:	  Print FSTYPE= and FSSIZE= of what is on a device or in an image.
//kbuild:obj-$(CONFIG_FSTYPE) += applets/fstype.o
//applet:bin/fstype FSTYPE fstype_main
//usage:fstype [FILE]
//usage:fstype Prints FSTYPE=type or unknown, and FSSIZE=bytes, of FILE or standard input.
#include "probe.h"

enum { FAILED = 2 };

int fstype_main(char **argv)
{
	static struct volume volume;

	int r = options_parse(argv, "", "", NULL);
	if (r)
		return r;
	const char *path = options.operands[0];
	if (options.count > 1)
		return USAGE_ERROR;
	r = probe(path && !equal(path, "-") ? path : "/proc/self/fd/0", &volume);
	if (r < 0) {
		complain_why();
		return FAILED;
	}
	/* klibc has names of its own for these. */
	const char *type = !volume.type			       ? "unknown"
			   : equal(volume.type, "swsuspend")   ? "suspend"
			   : equal(volume.type, "crypto_LUKS") ? "luks"
							       : volume.type;
	say("FSTYPE=%s\nFSSIZE=%s\n", type, decimal(volume.bytes));
	return !volume.type;
}
