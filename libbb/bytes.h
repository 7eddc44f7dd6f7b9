/* SPDX-License-Identifier: MIT */
/* What x86_64 has one instruction for, and other machines a loop. volatile: the compiler would
 * take the memory that they read for unchanged. */
#ifndef BYTES_H
#define BYTES_H

#include <stddef.h>

#ifdef SYS_BARE

/* What follows the NUL of the text. */
static inline const char *behind_nul(const char *text)
{
	long left = -1;

	__asm__ volatile("repne scasb" : "+D"(text), "+c"(left) : "a"(0) : "cc", "memory");
	return text;
}

/* Copies bytes, and moves both pointers behind them. */
static inline void copy_bytes(char **to, const char **from, size_t size)
{
	__asm__ volatile("rep movsb" : "+D"(*to), "+S"(*from), "+c"(size) : : "memory");
}

/* Moves both pointers over what is equal, of so many bytes, one at least: to the first that
 * differ, or to the last. */
static inline void skip_equal(const char **a, const char **b, size_t size)
{
	__asm__ volatile("repe cmpsb" : "+D"(*a), "+S"(*b), "+c"(size) : : "cc", "memory");
	--*a;
	--*b;
}

#else

static inline const char *behind_nul(const char *text)
{
	while (*text++)
		;
	return text;
}

static inline void copy_bytes(char **to, const char **from, size_t size)
{
	while (size--)
		*(*to)++ = *(*from)++;
}

static inline void skip_equal(const char **a, const char **b, size_t size)
{
	while (--size && **a == **b)
		++*a, ++*b;
}

#endif

#endif
