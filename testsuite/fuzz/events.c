/* SPDX-License-Identifier: MIT */
/*
 * What the kernel tells of a device (a uevent): strings, each with a NUL. A device that is named is looked at
 * again, no other is; and whatever its alias is, no file beyond modules.dep is loaded.
 */
#include <stdio.h>

#include "../../init/wait.c"
#include "../../libbb/module.c"
#include "../../libbb/module_config.c"
#include "fuzz.h"
#include "run.h"

int run_program(const char *path, char *const *argv)
{
	(void)argv;
	return !*path;
}

static bool names(const unsigned char *bytes, size_t size, const char *string)
{
	for (size_t i = 0; i + strlen(string) <= size; i++)
		if ((!i || !bytes[i - 1]) && !memcmp(bytes + i, string, strlen(string)) &&
		    (i + strlen(string) == size || !bytes[i + strlen(string)]))
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
	char *mark = read_mark();
	struct search search = { .tried = "\n/dev/sda\n/dev/sdb1", .events = -1 };

	if (size >= 8192)
		return 0;
	memset(texts, 0, sizeof texts);
	config = config_end = behind_softdep = NULL;
	line_count = 0;
	fake_boot();
	module_directory = "/lib/modules/1/";
	fake_text("/lib/modules/1/modules.dep", "kernel/first.ko: kernel/second.ko\nkernel/second.ko:\n");
	fake_text("/lib/modules/1/modules.alias",
		  "alias pci:v00008086d* first\nalias usb:v[0-9]*p* second\nalias platform:?x third\n");
	fake_text("/lib/modules/1/modules.softdep", "softdep first pre: second\n");
	fake_text("/proc/cmdline", "second.a=1");
	fake_put("/lib/modules/1/kernel/first.ko", S_IFREG | 0644);
	fake_put("/lib/modules/1/kernel/second.ko", S_IFREG | 0644);
	/* As it is read: in a buffer with room for one byte more. */
	char *event = text_of_input(bytes, size);
	heed(&search, event, size);
	bool has_sda = strstr(search.tried, "\n/dev/sda"), has_sdb1 = strstr(search.tried, "\n/dev/sdb1");
	if (has_sda == names(bytes, size, "DEVNAME=sda") || has_sdb1 == names(bytes, size, "DEVNAME=sdb1"))
		abort();
	heed(&search, event, -ENOBUFS);
	heed(&search, event, 0);
	fake_check_descriptors();
	free(event);
	read_forget(mark);
	return 0;
}
