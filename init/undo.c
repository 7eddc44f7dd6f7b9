/* SPDX-License-Identifier: MIT */
/*
 * What has been mounted, to be unmounted when an attempt has failed. It belongs to the process, not to an
 * attempt: what was mounted stays so until it is unmounted, whichever attempt is the next.
 */
//kbuild:obj-$(CONFIG_FEATURE_INIT_FALLBACK) += init/undo.o
#include "attempt.h"

/* The layers, and some more: media, the copies in memory, the store, the root, /usr, /var. */
enum { MOST = LAYERS_MAX + 64 };
static const char *mounted[MOST];
static unsigned mounts;

unsigned undo_mark(void)
{
	return mounts;
}

int undo_remember(const char *target)
{
	if (mounts == LENGTH(mounted)) {
		sys_umount(target, MNT_DETACH);
		return found(-E2BIG, target, "too many mounts");
	}
	mounted[mounts++] = target;
	return 0;
}

void undo_to(unsigned mark)
{
	while (mounts > mark)
		sys_umount(mounted[--mounts], MNT_DETACH);
}
