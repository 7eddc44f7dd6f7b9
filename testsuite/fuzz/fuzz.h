/* SPDX-License-Identifier: MIT */
/*
 * For targets of libFuzzer whose code under test runs on the unit tests' fake kernel, whose
 * checks (nothing stays open, no unknown call) end the program here.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdlib.h>
#include <string.h>

#include "fake_kernel.h"
#include "test.h"

void test_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

/* A text with its NUL in memory of its own, so that a byte behind it is noticed. */
static inline char *text_of_input(const unsigned char *bytes, size_t size)
{
	char *text = malloc(size + 1);

	memcpy(text, bytes, size);
	text[size] = 0;
	return text;
}

#endif
