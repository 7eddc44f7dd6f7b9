/* SPDX-License-Identifier: MIT */
/* Between tries.c and tries_on.c. */
#ifndef TRIES_H
#define TRIES_H

#include "attempt.h"
#include "counts.h"

#if ENABLE_FEATURE_INIT_TRIES_ON
/* How often that was tried, as counts_read() has it, by the counts of loopbox.tries.on=, which are found for
 * the attempt; or -errno with a `why`. */
int tries_on_read(struct attempt *a, const char *name);
/* Counts it there. 0, or -errno with a `why`. */
int tries_on_write(const struct attempt *a, const char *name, unsigned number, enum counts_how how);
#else
static inline int tries_on_read(struct attempt *a UNUSED, const char *name UNUSED)
{
	return -ENOSYS;
}
static inline int tries_on_write(const struct attempt *a UNUSED, const char *name UNUSED,
				 unsigned number UNUSED, enum counts_how how UNUSED)
{
	return -ENOSYS;
}
#endif

#endif
