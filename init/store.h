/* SPDX-License-Identifier: MIT */
/* What a store may have besides: between layers.c and slot.c, reset.c, blank.c, behind.c, format.c. */
#ifndef STORE_H
#define STORE_H

#include "attempt.h"

/* Where the file system in a file of the store is mounted. */
#define FILE_PLACE OUR_RUN "store"

/* slot.c: the text with the name of the slot that boots for each %s, in libbb's text memory; and
 * the name of overlayfs's own folder beside such an upper one. */
#if ENABLE_FEATURE_INIT_SLOT
const char *slot_expanded(const char *text, const struct attempt *a);
const char *slot_work(const char *path, const struct attempt *a);
#else
static inline const char *slot_expanded(const char *text, const struct attempt *a UNUSED)
{
	return text;
}
static inline const char *slot_work(const char *path UNUSED, const struct attempt *a UNUSED)
{
	return "work";
}
#endif
/* Would slots share what is to be one folder for each: does any of these say %s? Any may be NULL. 0, or
 * -errno with a `why`. */
static inline int slot_check(const char *const *texts, unsigned count)
{
	for (unsigned i = 0; !ENABLE_FEATURE_INIT_SLOT && i < count; i++)
		for (const char *p = texts[i] ? texts[i] : ""; *(p = find_byte(p, '%')); p++)
			if (p[1] == 's')
				return found(-EINVAL, texts[i], "%s is not supported by this build");
	return 0;
}

/* reset.c: empties the layer where a flag file demands that. 0, also where none does; or -errno with a
 * `why`, where the layer may be half there. */
#if ENABLE_FEATURE_INIT_RESET
int reset_by_flag(const struct attempt *a, const char *directory, const char *upper, const char *work);
#else
static inline int reset_by_flag(const struct attempt *a UNUSED, const char *directory UNUSED,
				const char *upper UNUSED, const char *work UNUSED)
{
	return 0;
}
#endif

/* blank.c: is there nothing but zeros, or nothing but 0xff, on the device? 1, 0, or -errno with a `why`. */
#if ENABLE_FEATURE_INIT_BLANK
int is_blank(const char *device);
#else
static inline int is_blank(const char *device UNUSED)
{
	return false;
}
#endif

/* behind.c: does the word mean what is behind the image on its partition? Attaches that to a loop
 * device; READY, or FAILED with a `why`. The device goes with its mount, once it is let go. */
#if ENABLE_FEATURE_INIT_BEHIND
bool is_behind(const char *spec);
enum outcome behind_attach(struct attempt *a, const char **device);
void behind_let_go(struct attempt *a);
#else
static inline bool is_behind(const char *spec UNUSED)
{
	return false;
}
static inline enum outcome behind_attach(struct attempt *a UNUSED, const char **device UNUSED)
{
	return FAILED;
}
static inline void behind_let_go(struct attempt *a UNUSED)
{
}
#endif

/* format.c: makes a file system on a device that has none, by what loopbox.format= says, if it is
 * blank. 0, also where nothing was to be done; or -errno with a `why`. */
#if ENABLE_FEATURE_INIT_FORMAT
int format_blank(const char *device);
#else
static inline int format_blank(const char *device UNUSED)
{
	return 0;
}
#endif

#endif
