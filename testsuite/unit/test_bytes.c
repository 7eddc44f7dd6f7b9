/* SPDX-License-Identifier: MIT */
/* The instructions of bytes.h, which the other tests, built for libc's system calls, have as
 * loops: both do the same. */
#if defined(__x86_64__)
#define SYS_BARE
#endif
#include "bytes.h"
#undef SYS_BARE
#include <string.h>

#include "test.h"

TEST(what_is_behind_a_text_is_found)
{
	static const char text[] = "\0a\0bc";

	CHECK(behind_nul(text) == text + 1);
	CHECK(behind_nul(text + 1) == text + 3);
	CHECK(behind_nul(text + 3) == text + 6);
}

TEST(bytes_are_copied_and_both_pointers_moved)
{
	char buffer[] = "........", *to = buffer + 1;
	const char *from = "abc";

	copy_bytes(&to, &from, 0);
	CHECK(to == buffer + 1 && *from == 'a');
	copy_bytes(&to, &from, 2);
	SAME(buffer, ".ab.....");
	CHECK(to == buffer + 3 && *from == 'c');
	/* to lower addresses they may overlap */
	to = buffer, from = buffer + 1;
	copy_bytes(&to, &from, 4);
	SAME(buffer, "ab......");
}

static void skips(const char *a, const char *b, unsigned size, unsigned wanted)
{
	const char *start = a, *other = b;

	skip_equal(&a, &b, size);
	EQUAL(a - start, wanted);
	EQUAL(b - other, wanted);
}

TEST(what_is_equal_is_skipped_up_to_the_last_byte)
{
	skips("root=x", "root=", 6, 5);
	skips("root", "root=", 6, 4);
	skips("x", "y", 2, 0);
	skips("", "", 1, 0);
	skips("same", "same", 5, 4);
	skips("same", "same", 3, 2);
}
