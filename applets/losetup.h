/* SPDX-License-Identifier: MIT */
/* What the files of losetup share. */
#ifndef LOSETUP_H
#define LOSETUP_H

#include "loop.h"

/* Which devices to list: all, or the one at path, or those of a file. */
struct losetup_filter {
	const char *path;
	const char *file;
	uint64_t offset; /* 0: any */
};

/* Calls show_device for each device that passes the filter. Returns 0, or -errno where
 * there is nothing at path. */
int losetup_each(const struct losetup_filter *filter,
		 void (*show_device)(int fd, const char *path, const struct loop_info64 *info));

/* losetup_table.c: what -l, -n, -O, --raw and -J print. format: 'l', 'R', 'J'.
 * Returns 0, or USAGE_ERROR for an unknown column. */
int losetup_table(const struct losetup_filter *filter, char format, bool headings, const char *list);
/* What may stand behind -O. */
int losetup_list_columns(void);

#endif
