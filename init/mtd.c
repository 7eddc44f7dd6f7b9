/* SPDX-License-Identifier: MIT */
/* Flash memory: MTD devices by their name, as /proc/mtd has it. */
//config:config FEATURE_INIT_MTD
//config:	bool "MTD devices by name"
//config:	default y
//config:	depends on INIT
//config:	help
//config:	  root=mtd:NAME, for flash memory.
//kbuild:obj-$(CONFIG_FEATURE_INIT_MTD) += init/mtd.o
#include "attempt.h"

/* A line is mtd0: 00020000 00001000 "name" */
enum outcome name_by_mtd(const char *spec, const char *name, const char **device)
{
	char *text = read_whole("/proc/mtd"), *line;

	while (text && (line = next_line(&text))) {
		const char *digits = after_prefix(line, "mtd");
		char *quoted = find_byte(line, '"');
		char *end = after_prefix(quoted + !!*quoted, name);
		if (!digits || !end || *end != '"')
			continue;
		*device = joined("/dev/mtdblock", decimal(parse_digits(&digits)), "");
		if (sys_access(*device, F_OK) < 0)
			driver_load("mtdblock");
		return READY;
	}
	found(-ENOENT, spec, "no MTD device has this name");
	return NOT_YET;
}
