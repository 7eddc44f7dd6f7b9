/* SPDX-License-Identifier: MIT */
/* What the files of the applet mount share. */
#ifndef MOUNT_APPLET_H
#define MOUNT_APPLET_H

#include "mount.h"

/* mount(8)'s exit codes */
enum { MOUNT_FAILED = 32, SOME_SUCCEEDED = 64 };
/* Options without a letter */
enum { SOURCE = 1, TARGET, TARGET_PREFIX, OPTIONS_MODE, ONLY_ONCE };

/* mount_run.c: what the command line has taken, */
extern struct mount_request given;
/* and its words, for what fstab has to go before. */
extern const char *given_words;
static inline bool given_remount(void)
{
	return given.flags & MS_REMOUNT;
}
/* Is it `mount -a`? */
static inline bool is_of_all(void)
{
	return option_arg('a') && !options.count;
}
/* The target behind --target-prefix, where that is given. */
static inline const char *mount_prefixed(const char *target)
{
	const char *prefix = ENABLE_FEATURE_MOUNT_MORE ? option_arg(TARGET_PREFIX) : NULL;

	return prefix ? joined(prefix, "/", target + (*target == '/')) : target;
}
/* Adds to what a request has. Returns 0, or -errno with a why. */
int mount_take(struct mount_request *request, const char *words);
/* Mounts what a request says, by whatever name its source has. Returns an exit code. */
int mount_run(struct mount_request *request);

/* mount_fstab.c: all entries but those that the command line leaves out. Returns an exit code. */
int mount_all(void);
/* The entry with that source and target; one of them may be NULL, and either: one name may be
 * any. Returns an exit code, or NOT_IN_FSTAB for a remount, which needs none. */
enum { NOT_IN_FSTAB = -1 };
int mount_by_fstab(const char *source, const char *target, bool either);

/* mount_helper.c: request->helper. Runs /sbin/mount.TYPE, if it is there, and waits. */
int mount_helper(struct mount_request *request, const char *source, const char *type);

/* mount_target.c: X-mount.*. Makes the directory before the mount, where it is to be made,
 * and removes it where that fails; gives what is mounted its owner and mode. Return 0, or
 * -errno with a why: then no directory is left. */
int mount_make_target(const struct mount_request *request);
void mount_forget_target(void);
int mount_own_target(const struct mount_request *request);
/* Puts numbers in the place of names in uid= and gid=; what is no name is for the file system to
 * understand. Returns 0, or -errno with a why. */
int mount_number_names(struct mount_request *request);

#endif
