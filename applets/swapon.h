/* SPDX-License-Identifier: MIT */
/* What the files of the applet swapon share. */
#ifndef SWAPON_H
#define SWAPON_H

/* Options without a letter, all of the table */
enum { SHOW = 1, NO_HEADINGS, RAW, BYTES, OUTPUT_ALL };

/* swapon_table.c: `swapon --show`, and swapon alone. Returns an exit code. */
int swapon_table(void);

#endif
