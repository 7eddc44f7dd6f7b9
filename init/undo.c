/* SPDX-License-Identifier: MIT */
/* What has been mounted, to be unmounted when an attempt has failed. */
//kbuild:obj-$(CONFIG_FEATURE_INIT_FALLBACK) += init/undo.o
#include "attempt.h"

static const char *mounted[128]; /* more than a plan can have */
static unsigned mounts;

unsigned undo_mark(void)
{
	return mounts;
}

void undo_remember(const char *target)
{
	if (mounts < LENGTH(mounted))
		mounted[mounts++] = target;
}

void undo_to(unsigned mark)
{
	while (mounts > mark)
		sys_umount(mounted[--mounts], MNT_DETACH);
}
