/* SPDX-License-Identifier: MIT */
/* rmmod: unloads modules by their names, as rmmod(8). */
//config:config RMMOD
//config:	bool "rmmod"
//config:	default y
//config:	help
//config:	  Unload modules; modprobe -r does so with what they depended on.
//kbuild:obj-$(CONFIG_RMMOD) += applets/rmmod.o
//applet:sbin/rmmod RMMOD rmmod_main
//usage:rmmod [-fsv] MODULE...
//usage:rmmod   -f, --force    even if it is in use: crashes most kernels that allow it
//usage:rmmod   -v, --verbose  say what was unloaded
//usage:rmmod   -s, --syslog   accepted and ignored, for compatibility
#include "module.h"

/* Those that use the module, as /proc/modules names them: "NAME SIZE COUNT HOLDER,HOLDER, STATE ..."; NULL
 * where it is not listed, or nobody does. */
static const char *holders_of(const char *name)
{
	char *text = read_whole("/proc/modules"), *line;

	while (text && (line = next_line(&text))) {
		if (!equal(next_word(&line), name))
			continue;
		next_word(&line);
		next_word(&line);
		char *holders = next_word(&line);
		if (!holders || *holders == '-')
			return NULL;
		for (char *p = holders; *p; p++)
			if (*p == ',')
				*p = p[1] ? ' ' : 0;
		return holders;
	}
	return NULL;
}

static int unload(const char *operand)
{
	const char *name = module_name_of(operand);

	int r = module_remove(name, option_arg('f') ? O_TRUNC : 0);
	if (r == 0) {
		if (option_arg('v'))
			say("rmmod %s\n", name);
		return 0;
	}
	const char *holders = r == -EWOULDBLOCK ? holders_of(name) : NULL;
	if (holders)
		found(r, name, joined("the module is in use by: ", holders, ""));
	return complain_why();
}

int rmmod_main(char **argv)
{
	int code = 0;

	int r = options_parse(argv, "fsv",
			      LONG_OPTIONS("force=f"
					   "syslog=s"
					   "verbose=v"),
			      NULL);
	if (r)
		return r;
	if (!options.count)
		return USAGE_ERROR;
	for (char **operand = options.operands; *operand; operand++)
		code |= unload(*operand);
	return code;
}
