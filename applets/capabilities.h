/* SPDX-License-Identifier: MIT */
#ifndef CAPABILITIES_H
#define CAPABILITIES_H

#include "libbb.h"

/* Drops the comma-separated capabilities for whatever is executed from now on, by this process
 * or by the kernel itself. Needs /proc. Returns 0 or -errno; where a name is unknown, which is
 * all that only_look is for, nothing has been dropped. */
int capabilities_drop(const char *list, bool only_look);

#endif
