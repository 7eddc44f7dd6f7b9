/* SPDX-License-Identifier: MIT */
/* The kernel command line, from wherever a boot loader has it. */
#include <stdio.h>

#include "fuzz.h"
#include "attempt.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
	char *mark = read_mark();

	fake_boot();
	char *text = text_of_input(bytes, size);
	struct fake_file *file = fake_text("/proc/cmdline", text);
	file->size = size;
	memset(plan, 0, sizeof plan);
	plan_of_live = false;
	plan_read();
	for (unsigned i = 0; i < SLOTS; i++) {
		const char *list = plan[i];
		if (!plan[i])
			continue;
		plan_is_on(i);
		plan_number(i, 1);
		while (next_part(&list, ':'))
			;
	}
	fake_check_descriptors();
	free(text);
	read_forget(mark);
	return 0;
}
