/* SPDX-License-Identifier: MIT */
/* The ELF file of a module, of either class and order of bytes, and modules.builtin.modinfo. */
#include <stdio.h>

#include "libbb.h"

/* What is shown is looked at, and goes nowhere. */
#define say looked_at
#define say_char looked_at_char
static __attribute__((format(printf, 1, 2))) void looked_at(const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	free(text);
}
static void looked_at_char(char letter)
{
	if (letter && letter != '\n' && letter != ' ')
		abort();
}

#include "../../applets/modinfo.c"
#include "fuzz.h"

/* Parameters are compared with each other, which takes its time where there are thousands. */
enum { SIZE_MAX_HERE = 16384 };

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
	static const char *const fields[] = { NULL, "parm", "parmtype", "license", "filename" };
	char *mark = read_mark();

	if (!size || size > SIZE_MAX_HERE)
		return 0;
	fake_boot();
	unsigned char *copy = malloc(size);
	memcpy(copy, bytes, size);
	struct fake_file *module = fake_put("/first.ko", S_IFREG | 0644);
	module->data = copy;
	module->size = size;
	module = fake_put("/lib/modules/1/modules.builtin.modinfo", S_IFREG | 0644);
	module->data = copy;
	module->size = size;
	module_directory = "/lib/modules/1/";
	message_prefix = "modinfo";
	for (unsigned i = 0; i < LENGTH(fields); i++) {
		field = fields[i];
		separator = i % 2 ? 0 : '\n';
		show_module("", "first", "/first.ko");
		show_module("", "first", "");
	}
	fake_check_descriptors();
	/* Messages are not kept. */
	memset(fake.output_size, 0, sizeof fake.output_size);
	free(copy);
	read_forget(mark);
	return 0;
}
