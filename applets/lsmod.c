/* SPDX-License-Identifier: MIT */
/* lsmod: the modules that are loaded, as lsmod(8) prints /proc/modules. */
//config:config LSMOD
//config:	bool "lsmod"
//config:	default y
//config:	help
//config:	  List the modules that are loaded.
//kbuild:obj-$(CONFIG_LSMOD) += applets/lsmod.o
//applet:sbin/lsmod LSMOD lsmod_main
//usage:lsmod
//usage:lsmod Lists the modules that are loaded: name, size in bytes, how many use it, and who.
#include "libbb.h"

/* The text, with blanks before or behind it up to that width. */
static void say_padded(const char *text, unsigned width, bool is_number)
{
	unsigned blanks = length(text) < width ? width - length(text) : 0;

	for (unsigned i = 0; is_number && i < blanks; i++)
		say_char(' ');
	say("%s", text);
	for (unsigned i = 0; !is_number && i < blanks; i++)
		say_char(' ');
}

/* "NAME SIZE COUNT HOLDER,HOLDER, STATE ADDRESS". The count is "-" in a kernel that can't unload. */
static void print_module(char *line)
{
	const char *name = next_word(&line), *size = next_word(&line), *count = next_word(&line);
	char *holders = next_word(&line);

	if (!count)
		return;
	say_padded(name, 19, false);
	say_char(' ');
	say_padded(size, 8, true);
	say("  %s", count);
	if (holders && *holders != '-') {
		size_t end = length(holders) - 1;
		if (holders[end] == ',')
			holders[end] = 0;
		say(" %s", holders);
	}
	say_char('\n');
}

int lsmod_main(char **argv)
{
	char *text, *line;

	int r = options_parse(argv, "", "", NULL);
	if (r)
		return r;
	if (options.count)
		return USAGE_ERROR;
	text = read_whole("/proc/modules");
	if (!text)
		return complain_why();
	say("Module                  Size  Used by\n");
	while ((line = next_line(&text)))
		print_module(line);
	return 0;
}
