/* SPDX-License-Identifier: MIT */
/*
 * A test is a function named by a sentence; each runs in a process of its own,
 * with a fresh fake kernel and with libbb's static data as at the start.
 */
#ifndef TEST_H
#define TEST_H

#include <stdbool.h>

#include "libbb.h"

#define TEST(name) \
	static void name(void); \
	__attribute__((constructor)) static void add_##name(void) \
	{ \
		test_add(#name, name); \
	} \
	static void name(void)

void test_add(const char *name, void (*run)(void));

/* Ends the test as failed. */
void test_fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4), noreturn));

#define FAIL(...) test_fail(__FILE__, __LINE__, __VA_ARGS__)
#define CHECK(condition) \
	do { \
		if (!(condition)) \
			FAIL("%s", #condition); \
	} while (0)
#define EQUAL(is, wanted) \
	do { \
		long long is_ = (is), wanted_ = (wanted); \
		if (is_ != wanted_) \
			FAIL("%s is %lld, not %lld", #is, is_, wanted_); \
	} while (0)
#define SAME(is, wanted) test_same(__FILE__, __LINE__, #is, is, wanted)
void test_same(const char *file, int line, const char *what, const char *is, const char *wanted);

/* Runs a part of a test as if it were a test of its own; about: what to say where
 * that fails. */
void test_apart(void (*run)(void), const char *about);

/* The three bindings. Macros, so that what does not ask for them is compiled once for all. */
#define HAS_CONFIGURE ENABLE_LOOP_BIND_CONFIGURE
#define HAS_LEGACY ENABLE_LOOP_BIND_LEGACY

#endif
