/* SPDX-License-Identifier: MIT */
/* What the files of the applet mount share. */
#ifndef MOUNT_APPLET_H
#define MOUNT_APPLET_H

#include "mount.h"

/* mount(8)'s exit codes */
enum { MOUNT_FAILED = 32, SOME_SUCCEEDED = 64 };

/* mount_helper.c: request->helper. Runs /sbin/mount.TYPE, if it is there, and waits. */
int mount_helper(struct mount_request *request, const char *source, const char *type);

/* mount_target.c: X-mount.*. Makes the directory before the mount, where it is to be made,
 * and removes it where that fails; gives what is mounted its owner and mode. Return 0, or
 * -errno with a why: then no directory is left. */
int mount_make_target(const struct mount_request *request);
void mount_forget_target(void);
int mount_own_target(const struct mount_request *request);

#endif
