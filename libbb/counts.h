/* SPDX-License-Identifier: MIT */
/*
 * How often each of several things was tried in vain, and which of them was confirmed last, on a raw device or in a file. There are two
 * copies of the counts, 4096 bytes apart; the older one is written, so that a power cut leaves the
 * old counts or the new ones.
 */
#ifndef COUNTS_H
#define COUNTS_H

#include "libbb.h"

/* How the device of such a file is mounted for a moment: nothing on it runs, and since Linux 5.10 no
 * link on it leads away. */
#define COUNTS_MOUNT (MS_NODEV | MS_NOSUID | MS_NOEXEC | MS_NOSYMFOLLOW)

/* A count beside an image, which is text: no more than so often; with that letter it was confirmed. Only what
 * reads init's state confirms so; without that, no code is left of it. */
enum { COUNT_MOST = 999, COUNT_CONFIRMED = ENABLE_FEATURE_INIT_STATE ? 1 << 10 : 0 };
#define COUNT_LETTER 'c'

/* Writes such a count in the place of the one before, and always of one length, so that a power cut leaves
 * either. fd may be the -errno of an open; it is closed. 0, or -errno with a `why`. */
int count_save(int fd, const char *path, unsigned number);

enum counts_how {
	COUNTS_ADD,	/* the count alone */
	COUNTS_FORGET,	/* and no other was tried */
	COUNTS_CONFIRM, /* and it was confirmed last */
};

#if ENABLE_FEATURE_INIT_TRIES_ON
/* How often name was tried, with COUNT_CONFIRMED if it was confirmed last. Or -errno with a `why`: -EINVAL
 * for what is neither counts nor blank (0, or 0xff). A file need not be there. */
int counts_read(const char *path, uint64_t offset, const char *name);
/* Writes that it was tried so often; 0 without COUNTS_CONFIRM: it is new. What is neither counts nor blank is
 * left alone. 0, or -errno with a `why`. */
int counts_write(const char *path, uint64_t offset, const char *name, unsigned number, enum counts_how how);
#else
static inline int counts_write(const char *path UNUSED, uint64_t offset UNUSED, const char *name UNUSED,
			       unsigned number UNUSED, enum counts_how how UNUSED)
{
	return -ENOSYS;
}
#endif

#endif
