/* SPDX-License-Identifier: MIT */
/* fstab for the applets that read it: lines that are none are named, and passed over. */
//kbuild:obj-y += applets/fstab.o
#include "fstab.h"

bool fstab_entry(struct fstab *fstab, struct mount_entry *entry)
{
	int r;

	while ((r = fstab_next(fstab, entry)) < 0) {
		fstab->is_bad = true;
		complain("%s: parse error at line %s -- ignored", fstab->path, decimal(fstab->line));
	}
	return r;
}
