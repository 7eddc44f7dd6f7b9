/* SPDX-License-Identifier: MIT */
/* Waiting for others, without waiting with them: no two programs sleep alike. */
//kbuild:obj-y += libbb/patience.o
#include "patience.h"

#include "libbb.h"

/* The cheapest answer to a lost race: 128 programs that start together need no sleep. */
enum { TRIES_AT_ONCE = 64 };

bool patience_wait(struct patience *patience)
{
	if (patience->tries++ < TRIES_AT_ONCE)
		return true;

	long now = sys_ticks();
	if (!patience->deadline) {
		patience->deadline = now + PATIENCE_LIMIT_SECONDS * TICKS_PER_SECOND;
		patience->random = sys_getpid();
	}
	if (now - patience->deadline >= 0)
		return false;
	/* Milliseconds: more each time, and not the same for all that lost. */
	patience->random = patience->random * 1103515245 + 12345;
	sys_poll(NULL, 0, 1 + (patience->random >> 16) % (8 * (patience->tries - TRIES_AT_ONCE)));
	return true;
}
