/* SPDX-License-Identifier: MIT */
/* Runs init on the fake kernel, and looks at what it says. */
#ifndef BOOTING_H
#define BOOTING_H

#include <string.h>

#include "fake_kernel.h"
#include "test.h"

int init_main(char **argv);

/* How it ends: FAKE_EXECUTES, ... */
static inline int run(void)
{
	static char *argv[] = { "/init", NULL };

	message_prefix = "init";
	return fake_run(init_main, argv);
}

/* It gets as far as the init of an image. */
static inline void boots(void)
{
	if (run() != FAKE_EXECUTES)
		FAIL("init gives up: %s", fake_console());
}

static inline void says(const char *words)
{
	if (!strstr(fake_console(), words))
		FAIL("init has not said \"%s\", but %s", words, fake_console());
}

#endif
