/* SPDX-License-Identifier: MIT */
/*
 * Patience: to try again what another program, or the kernel, is about to be done
 * with; at once at first, then after short random pauses, and not for ever.
 */
#ifndef PATIENCE_H
#define PATIENCE_H

#include <stdbool.h>

#define PATIENCE_LIMIT_SECONDS 5 /* in all */

/* What remains of it; starts as zeros. */
struct patience {
	unsigned tries;
	long deadline;
	unsigned random;
};

/* Waits a little, or not at all for the first tries; false when time is up. */
bool patience_wait(struct patience *patience);

#endif
