/* SPDX-License-Identifier: MIT */
/* What has been mounted, to be unmounted when an attempt has failed. */
//kbuild:obj-$(CONFIG_FEATURE_INIT_FALLBACK) += init/undo.o
#include "attempt.h"

/* The layers, and a dozen besides: media, the copies in memory, the store, the root, /usr, /var. */
enum { MOST = LAYERS_MAX + 64 };
static const char *mounted[MOST];
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
