/* SPDX-License-Identifier: MIT */
/*
 * Why a mount failed, or would fail: what the superblock says, and the kernel's own words. Only
 * with FEATURE_EXPLAIN; without it, nothing more is found out than the errno says.
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "mount.h"

#if ENABLE_FEATURE_EXPLAIN
/* What of the superblock in an image or device keeps every kernel from mounting it: it is truncated, of a kind that no kernel takes, or no file system but a
 * member of something. Returns 0, or -errno with a finding about path. */
int explain_image(const char *path);

/* -ENOTDIR where the mount point is not a directory, with that as a finding; else 0. */
int explain_target(const char *target);

/* Finds out more of a mount that failed with r, just now: `why` has what is known. source: the
 * device, which may be the loop device of the request's image. Asks the kernel once more, and reads
 * what it says (fsopen(2), Linux 5.2, or /dev/kmsg). Returns r, with what was found as why. */
int explain_mount(const struct mount_request *request, const char *source, int r);

/* What the kernel warned of in its log while run(arg) ran; "" where that is nothing, or it can't be
 * read. Static. */
const char *explain_by_log(void (*run)(void *), void *arg);
#else
static inline int explain_image(const char *path UNUSED)
{
	return 0;
}
static inline int explain_target(const char *target UNUSED)
{
	return 0;
}
static inline int explain_mount(const struct mount_request *request UNUSED, const char *source UNUSED, int r)
{
	return r;
}
static inline const char *explain_by_log(void (*run)(void *) UNUSED, void *arg UNUSED)
{
	return "";
}
#endif

#endif
