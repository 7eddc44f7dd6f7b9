/* SPDX-License-Identifier: MIT */
/* fstab for the applets that read it: lines that are none are named, and passed over. */
#ifndef FSTAB_H
#define FSTAB_H

#include "mount.h"

/* The next entry; false at the end. Then is_bad tells whether a line had to be passed over. */
bool fstab_entry(struct fstab *fstab, struct mount_entry *entry);

#endif
