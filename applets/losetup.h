/* SPDX-License-Identifier: MIT */
/* What losetup asks of losetup_table.c. */
#ifndef LOSETUP_H
#define LOSETUP_H

#include "loop.h"

/* What -l, -n, -O, --raw and -J print of the devices in the list. format: 'l', 'R', 'J'.
 * Returns an exit code, or USAGE_ERROR for an unknown column. */
int losetup_table(struct loop_list *list, char format, bool headings, const char *names);
/* What may stand behind -O. */
int losetup_list_columns(void);

#endif
