/* SPDX-License-Identifier: MIT */
/*
 * modules.dep, modules.alias, modules.softdep, modules.builtin, modprobe.d and the command line's
 * parameters: the input has them one behind the other, each behind a line "@". What would be
 * loaded is only shown.
 */
#include <stdio.h>

#include "../../libbb/module.c"
#include "../../libbb/module_config.c"
#include "fuzz.h"
#include "run.h"

/* The commands of modprobe.d are not run. */
int run_program(const char *path, char *const *argv)
{
	for (unsigned i = 0; argv[i]; i++)
		if (strlen(argv[i]) > 1 << 20)
			abort();
	return !*path;
}

static void shown(const char *what, const char *path, const char *words)
{
	if (!what || !path || !words)
		abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
	static const char *const files[] = {
		"/lib/modules/1/modules.dep",	  "/lib/modules/1/modules.alias",
		"/lib/modules/1/modules.softdep", "/lib/modules/1/modules.builtin",
		"/etc/modprobe.d/a.conf",	  "/proc/cmdline"
	};
	static const char *const wanted[] = { "first", "pci:v00008086d", "fs-ext4" };
	char *mark = read_mark(), *text = text_of_input(bytes, size), *part = text;

	memset(texts, 0, sizeof texts);
	config = config_end = behind_softdep = NULL;
	line_count = 0;
	fake_boot();
	module_directory = "/lib/modules/1/";
	fake_add("/etc/modprobe.d", S_IFDIR | 0755);
	for (unsigned i = 0; i < LENGTH(files); i++) {
		char *end = strstr(part, "\n@\n");
		if (end)
			end[1] = 0;
		fake_text(files[i], part);
		part = end ? end + 3 : part + strlen(part);
	}
	for (unsigned i = 0; i < LENGTH(wanted); i++) {
		struct module_request request = { .name = wanted[i], .parameters = "a=1", .show = shown };
		request.use_blacklist = i;
		module_request(&request);
		request.remove = true;
		module_request(&request);
		request.remove = false;
		request.resolve = true;
		module_request(&request);
	}
	module_parameters("/lib/modules/1/first.ko");
	fake_check_descriptors();
	free(text);
	read_forget(mark);
	return 0;
}
