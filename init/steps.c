/* SPDX-License-Identifier: MIT */
/* Mounting as the steps do it, and taking it back. */
//kbuild:obj-$(CONFIG_INIT) += init/steps.o
#include "module.h"
#include "plan.h"
#include "probe.h"

const char new_root[] = NEW_ROOT;
const char medium_place[] = OUR_RUN "medium";

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

void make_directories(const char *path)
{
	/* What is not of a family is one level below what is there. */
	if (sys_mkdir(path, 0755) != -ENOENT || !(ENABLE_INIT_FAMILIES || ENABLE_FEATURE_INIT_OVERLAY))
		return;
	char *above = copy_of(path), *p = above + length(above);
	while (p > above && *p != '/')
		p--;
	*p = 0;
	if (p > above)
		make_directories(above);
	sys_mkdir(path, 0755);
}

struct mount_request request;

void request_new(const char *source, const char *target, const char *type)
{
	request = (struct mount_request){ .source = source, .target = target, .type = type };
}

/* Loads what the mount has failed for want of; false where that is nothing. */
static bool load_missing(int r)
{
	static struct volume volume;
	const char *type = request.type;

	if (r == -ENODEV && !type && probe(request.source, &volume) == 0)
		type = volume.type;
	if (r == -ENODEV && type)
		return module_load(joined("fs-", type, "")) == 0;
	return equal(why.path, "/dev/loop-control") && module_load("loop") == 0;
}

/* Makes up for what the mount has failed for want of, so that another try may help. */
static bool make_up_for(int r)
{
	struct why failure = why;

	if (r == -ENOENT && why.path == request.target) {
		make_directories(request.target);
		return true;
	}
	bool loaded = ENABLE_FEATURE_INIT_MODPROBE && load_missing(r);
	why = failure;
	return loaded;
}

int mount_step(void)
{
	/* These two are there, as a rule. */
	if (request.target != new_root && request.target != medium_place)
		make_directories(request.target);
	int r, again = 3;
	while ((r = mount_do(&request)) < 0)
		if (!again-- || !make_up_for(r))
			return r;
	if (ENABLE_FEATURE_INIT_FALLBACK)
		undo_remember(request.target);
	const char *read_only = request.flags & MS_RDONLY ? ", read-only" : "";
	if (request.use_loop) {
		step("attached %s to %s, mounted it on %s%s", request.source, request.device.path,
		     request.target, read_only);
		loop_close(&request.device);
	} else {
		step("mounted %s on %s%s", request.source, request.target, read_only);
	}
	return 0;
}

int remount(const char *mount_point, unsigned long read_only)
{
	struct statfs status;

	int r = sys_statfs(mount_point, &status);
	/* What is read-only may still be a mount of a file system that is not. */
	if (r < 0 || !(read_only || status.f_flags & MS_RDONLY))
		return r;
	/* and keep what else it must not be */
	r = sys_mount(NULL, mount_point, NULL,
		      MS_REMOUNT | read_only | (status.f_flags & (MS_NODEV | MS_NOSUID | MS_NOEXEC)), NULL);
	return r < 0 ? failed(r, mount_point, "make it writable") : true;
}
