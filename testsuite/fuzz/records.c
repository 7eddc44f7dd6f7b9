/* SPDX-License-Identifier: MIT */
/*
 * Records of the kernel's log, as /dev/kmsg has them: one for each read of 1023 bytes at most. What is found
 * in them is text of one line, that of the module is about that module.
 */
#include <stdio.h>

#include "../../libbb/explain.c"
#include "../../libbb/module.c"
#include "fuzz.h"

static void check_line(const char *text)
{
	if (text && (strlen(text) >= 1024 || strchr(text, '\n')))
		abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
	char *mark = read_mark(), *text;

	fake_boot();
	unsigned char *copy = malloc(size + 1);
	memcpy(copy, bytes, size);
	struct fake_file *log = fake_put("/dev/kmsg", S_IFREG | 0644);
	log->data = copy;
	log->size = size;
	int fd = sys_open("/dev/kmsg", O_RDONLY);
	while ((text = next_record(fd))) {
		if (!*text)
			abort();
		check_line(text);
	}
	sys_close(fd);
	check_line(reason_in_log("squashfs"));
	check_line(reason_in_log("snd_hda_intel"));
	fake_check_descriptors();
	free(copy);
	read_forget(mark);
	return 0;
}
