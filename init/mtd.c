/* SPDX-License-Identifier: MIT */
/* Flash memory: MTD devices by their name, as /proc/mtd has it. */
//config:config FEATURE_INIT_MTD
//config:	bool "MTD devices by name"
//config:	default y
//config:	depends on INIT
//config:	help
//config:	  mtd:NAME wherever a device may stand, for flash memory.
//kbuild:obj-$(CONFIG_FEATURE_INIT_MTD) += init/mtd.o
#include "attempt.h"

int mtd_find(const char *key)
{
	char *text = read_whole("/proc/mtd"), *line;

	/* mtd0: 00020000 00001000 "name" */
	while (text && (line = next_line(&text))) {
		const char *digits = after_prefix(line, "mtd");
		if (digits && (after_prefix(line, key) || equal(find_byte(line, '"'), key)))
			return parse_digits(&digits);
	}
	return -ENOENT;
}

enum outcome name_by_mtd(const char *spec, const char *name, const char **device)
{
	int number = mtd_find(joined("\"", name, "\""));

	if (number < 0) {
		found(-ENOENT, spec, "no MTD device has this name");
		return NOT_YET;
	}
	*device = joined("/dev/mtdblock", decimal(number), "");
	if (sys_access(*device, F_OK) < 0)
		driver_load("mtdblock");
	return READY;
}
