/* SPDX-License-Identifier: MIT */
/*
 * Device-mapper, by the ioctls of its control device: no udev, no libdevmapper.
 * Sources: linux/dm-ioctl.h and Documentation/admin-guide/device-mapper of the kernel.
 */
#ifndef DM_H
#define DM_H

#include <linux/dm-ioctl.h>
#include <linux/ioctl.h>

#include "libbb.h"

#define DM_FOLDER "/dev/mapper/"
#define DM_PATH_SIZE 24 /* "/dev/dm-1048575" */

/* What goes to the kernel and comes back; there is one at a time. */
extern struct dm_buffer {
	struct dm_ioctl head;
	char data[26 * 1024]; /* larger than any table of init's */
} dm;

/* The name of the mapping that a user means: by its name, DM_FOLDER and its name, or /dev/dm-N, which
 * sysfs knows. What is none of these is returned as it is. Valid for the run. */
const char *dm_name(const char *given);
/* Begins a request about the mapping of that name; NULL: about none. 0, or -ENAMETOOLONG. */
int dm_start(const char *name);
/* Adds to it a line of a table, in sectors of 512 bytes. 0, or -E2BIG. */
int dm_add(uint64_t start, uint64_t sectors, const char *type, const char *parameters);
/* Sends it: DM_*. 0, or -errno with the name and that step. */
int dm_call(unsigned long request, const char *step);
/* Was it the kernel that said no to the last dm_call()? `why` is about the mapping then, whose name
 * means nothing to who reads of an image. verity_open() begins with false. Only with
 * FEATURE_VERITY_OPTIONS. */
extern bool dm_refused;

/* Makes a mapping of the lines that were added, and starts it; of none, an empty one (only with
 * DM_APPLETS). flags: DM_READONLY_FLAG;
 * uuid may be empty. 0, and its device in dm.head.dev; or -errno, and nothing is there
 * that was not before. At most four ioctls. */
int dm_create(const char *name, const char *uuid, unsigned flags);
/* Takes it down. flags: DM_DEFERRED_REMOVE, once nobody uses it (Linux 3.13). */
int dm_remove(const char *name, unsigned flags);
/* The same with DM_DEFERRED_REMOVE, for one that is there. 0, or -errno without a why, which stays as it
 * is. */
int dm_let_go(const char *name);
/* Sends words to the target at that sector; those with an @ are for the mapping. What it
 * answers is in dm.data, where dm.head.flags has DM_DATA_OUT_FLAG. */
int dm_message(const char *name, uint64_t sector, const char *words);
/* Asks for the table, or with flags 0 the status, of a mapping. 0, and lines as
 * dm_line() tells them; or -errno. */
int dm_ask_table(const char *name, unsigned flags);
/* The next line, and its parameters; NULL starts. NULL at the end. */
const struct dm_target_spec *dm_line(const struct dm_target_spec *previous, const char **parameters);

/* What the kernel calls the device MAJOR:MINOR: dm-0, loop1. NULL where sysfs does not know it; what fails
 * is told. Only with DM_APPLETS. Valid until the next call. */
const char *dm_kernel_name(const char *number);
/* Where the device of dm.head.dev is; returns path. */
char *dm_path(char path[DM_PATH_SIZE]);
/* Gives it its name in DM_FOLDER, as udev would, who may be there first; and takes that away. 0, or -errno
 * with a why. */
int dm_link(const char *name);
int dm_unlink(const char *name);

#endif
