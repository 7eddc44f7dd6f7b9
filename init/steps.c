/* SPDX-License-Identifier: MIT */
/* Mounting as the steps do it, and taking it back. */
//kbuild:obj-$(CONFIG_INIT) += init/steps.o
#include "module.h"
#include "plan.h"

static const char *mounted[64];
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

void make_directories(const char *path)
{
	/* What is not of a family is one level below what is there. */
	if (sys_mkdir(path, 0755) != -ENOENT || !(ENABLE_INIT_FAMILIES || ENABLE_FEATURE_INIT_OVERLAY))
		return;
	char *above = joined(path, "", ""), *p = above + length(above);
	while (p > above && *p != '/')
		p--;
	*p = 0;
	if (p > above)
		make_directories(above);
	sys_mkdir(path, 0755);
}

/* Loads what the mount has failed for want of; false where that is nothing. */
static bool load_missing(const struct mount_request *m, int r)
{
	if (r == -ENODEV && m->type)
		return module_load(joined("fs-", m->type, "")) == 0;
	return equal(why.path, "/dev/loop-control") && module_load("loop") == 0;
}

int mount_step(struct mount_request *m)
{
	/* These two are there, as a rule. */
	if (!equal(m->target, NEW_ROOT) && !equal(m->target, OUR_RUN "medium"))
		make_directories(m->target);
	int r = mount_do(m);
	if (r == -ENOENT && why.path == m->target) {
		make_directories(m->target);
		r = mount_do(m);
	}
	struct why failure = why;
	if (ENABLE_FEATURE_INIT_MODPROBE && r < 0 && load_missing(m, r)) {
		r = mount_do(m);
		failure = why;
	}
	if (r < 0) {
		why = failure;
		return r;
	}
	if (ENABLE_FEATURE_INIT_FALLBACK)
		undo_remember(m->target);
	const char *read_only = m->flags & MS_RDONLY ? ", read-only" : "";
	if (m->use_loop) {
		step("attached %s to %s, mounted it on %s%s", m->source, m->device.path, m->target,
		     read_only);
		loop_close(&m->device);
	} else {
		step("mounted %s on %s%s", m->source, m->target, read_only);
	}
	return 0;
}
