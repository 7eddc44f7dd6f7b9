/* SPDX-License-Identifier: MIT */
/*
 * Changing what is mounted. mount(2) gives a mount just the flags that it is told, and takes all
 * others away; who says `remount,rw` wants to keep nosuid. So what is there is added, or, where
 * the kernel has mount_setattr(2), nothing but the named flags is changed.
 */
//kbuild:obj-$(CONFIG_MOUNT_CHANGES) += libbb/mount_change.o
#include "mount.h"

enum { ATIME = MS_NOATIME | MS_RELATIME | MS_STRICTATIME };

/* The flags of a mount and of its file system, by the kernel's list, or by the file system, which
 * may be dead. */
static int flags_of(const char *target, unsigned *flags)
{
	struct mount_info info;
	struct statfs now;

	if (ENABLE_FEATURE_MOUNT_MORE && mount_find(target, &info) == 0) {
		*flags = mount_flags_in(info.options) | mount_flags_in(info.super_options);
		return 0;
	}
	int r = sys_statfs(target, &now);
	if (r < 0)
		return failed(r, target, "statfs");
	/* statfs(2) has the values of mount(2), but for these two. */
	*flags = now.f_flags & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_SYNCHRONOUS | MS_MANDLOCK |
				MS_NOATIME | MS_NODIRATIME);
	if (now.f_flags & 0x1000)
		*flags |= MS_RELATIME;
	if (now.f_flags & 0x2000)
		*flags |= MS_NOSYMFOLLOW;
	return 0;
}

int mount_keep_flags(const char *target, unsigned *flags, unsigned cleared)
{
	unsigned now = 0;

	int r = flags_of(target, &now);
	if (r < 0)
		return r;
	if ((*flags | cleared) & ATIME)
		now &= ~ATIME;
	*flags |= now & ~cleared;
	return 0;
}

/* MOUNT_ATTR_* of linux/mount.h; the first four are as MS_* are. */
enum { NOATIME = 0x10, STRICTATIME = 0x20, ALL_ATIME = 0x70, NODIRATIME = 0x80, NOSYMFOLLOW = 0x200000 };

/* The flags of mount(2) as those of mount_setattr(2). */
static uint64_t attributes(unsigned flags)
{
	uint64_t set = flags & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC);

	return set | (flags & MS_NOATIME ? NOATIME : 0) | (flags & MS_STRICTATIME ? STRICTATIME : 0) |
	       (flags & MS_NODIRATIME ? NODIRATIME : 0) | (flags & MS_NOSYMFOLLOW ? NOSYMFOLLOW : 0);
}

/* Sets and clears just these (Linux 5.12). */
static int set_attributes(const char *target, unsigned flags, unsigned cleared)
{
	struct { /* struct mount_attr of linux/mount.h */
		uint64_t set, cleared, propagation, user_namespace;
	} change = { attributes(flags), attributes(cleared), 0, 0 };

	/* One of the kinds of atime takes the place of another. */
	if ((flags | cleared) & ATIME)
		change.cleared |= ALL_ATIME;
	return sys_mount_setattr(target, &change, sizeof change);
}

int mount_set_flags(const char *target, unsigned flags, unsigned cleared)
{
	int r = ENABLE_FEATURE_MOUNT_MORE ? set_attributes(target, flags, cleared) : -ENOSYS;
	if (r != -ENOSYS)
		return r;
	r = mount_keep_flags(target, &flags, cleared);
	return r < 0 ? r : sys_mount(NULL, target, NULL, flags | MS_BIND | MS_REMOUNT, NULL);
}
