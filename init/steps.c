/* SPDX-License-Identifier: MIT */
/* How the steps of a boot mount: what is missing for it is made or loaded, and what was mounted
 * is logged, and remembered for undo.c. */
//kbuild:obj-$(CONFIG_INIT) += init/steps.o
#include "attempt.h"

/* Without families and layers, only the last folder of a path may be missing. */
enum { HAS_DEEP_PATHS = ENABLE_INIT_FAMILIES || ENABLE_FEATURE_INIT_OVERLAY };

/* Makes what lies above it: 0, or -errno with a `why`. */
static int make_above(const char *path)
{
	char *above = copy_of(path), *p = above + length(above);

	while (p > above && *p != '/')
		p--;
	*p = 0;
	return p > above ? make_directories(above) : 0;
}

int make_directories(const char *path)
{
	int r = sys_mkdir(path, 0755);

	if (r == -ENOENT && HAS_DEEP_PATHS) {
		if (make_above(path) < 0)
			return why.error;
		r = sys_mkdir(path, 0755);
	}
	return ENABLE_FEATURE_INIT_FALLBACK && r < 0 && r != -EEXIST ? failed(r, path, "mkdir") : 0;
}

/* A disk that a hibernated system may have mounted, say, must stay as it is: its journal is not
 * replayed where we only look whether it holds the image. */
char *untouched(const char *type)
{
	return has_word("ext3,ext4", type)	   ? "noload"
	       : has_word("xfs,f2fs,nilfs2", type) ? "norecovery"
	       : has_word("btrfs", type)	   ? "rescue=nologreplay" /* Linux 5.9 */
						   : NULL;
}

/* Makes or loads what the mount lacked. True: another try may help. */
static bool make_up_for(struct mount_request *m, int r)
{
	struct why failure = why;

	/* A journal that would have to be replayed, on a device that can't be written. */
	if (ENABLE_FEATURE_INIT_FALLBACK && r == -EROFS && m->type && untouched(m->type)) {
		m->flags |= MS_RDONLY;
		return mount_words(m, copy_of(untouched(m->type))) == 0;
	}

	if (r == -ENOENT && m->failed_for == MOUNT_FAILED_TARGET)
		return make_directories(m->target) == 0;
	if (small_replaces(&m->type, r))
		return true;
	if (r == -ENODEV)
		flash_load_for(m->type);
	bool loaded = driver_load_for_mount(m, r);
	nodes_make();
	why = failure;
	return loaded;
}

/* The places that every boot needs have been made by set_up(), or by whoever made the initramfs. */
static bool is_made(const char *place)
{
	return equal(place, NEW_ROOT) || equal(place, MEDIUM_PLACE);
}

static void log_mount(const struct mount_request *m)
{
	const char *read_only = m->flags & MS_RDONLY ? ", read-only" : "";

	if (m->use_loop)
		step("attached %s to %s, mounted it on %s%s", m->source, m->device.path, m->target,
		     read_only);
	else
		step("mounted %s on %s%s", m->source, m->target, read_only);
}

void mount_begin(struct mount_request *m, const char *source, const char *target, const char *type)
{
	*m = (struct mount_request){ .source = source,
				     .target = target,
				     .type = flash_type(source, type),
				     .explains = is_explained(source) };
}

int mount_said(struct mount_request *m, char *words)
{
	return words ? mount_words(m, own_copy(words)) : 0;
}

int mount_step(struct mount_request *m)
{
	int r, again = 3;

	if (!is_made(m->target))
		make_directories(m->target);
	while ((r = mount_do(m)) < 0)
		if (!again-- || !make_up_for(m, r)) {
			small_explain(m, r);
			return r;
		}
	log_mount(m);
	if (m->use_loop)
		loop_close(&m->device);
	return undo_remember(m->target);
}

bool may_pass(int r)
{
	return ENABLE_FEATURE_INIT_FALLBACK && (r == -EIO || r == -EBUSY || r == -ENOMEM) &&
	       (plan[ROOT_WAIT] || plan[WAIT_SECONDS]);
}

enum outcome outcome_of_device(const char *device, int r)
{
	return is_absent(r) || (r == -ENODEV && flash_may_come(device)) || may_pass(r) ? NOT_YET
										       : outcome_of(r);
}

enum outcome outcome_of_mount(const struct mount_request *m, int r)
{
	return m->failed_for == MOUNT_FAILED_SOURCE ? outcome_of_device(m->source, r)
	       : may_pass(r)			    ? NOT_YET
						    : outcome_of(r);
}

/* 1, 0 or -errno, without a `why`. */
static int remount(const char *mount_point, unsigned long read_only)
{
	struct statfs status;

	int r = sys_statfs(mount_point, &status);
	/* What is read-only may still be a mount of a file system that is writable. */
	if (r == 0 && !read_only && !(status.f_flags & MS_RDONLY))
		return false;
	if (r == 0) /* nodev, nosuid and noexec stay */
		r = sys_mount(NULL, mount_point, NULL,
			      MS_REMOUNT | read_only | (status.f_flags & (MS_NODEV | MS_NOSUID | MS_NOEXEC)),
			      NULL);
	return r < 0 ? r : true;
}

int remount_writable(const char *mount_point)
{
	int r = remount(mount_point, 0);

	return r < 0 ? failed(r, mount_point, "remount writable") : r;
}

void remount_read_only(const char *mount_point, unsigned long flags)
{
	log_refused(remount(mount_point, flags), mount_point, "remount read-only");
}

int is_store_elsewhere(const struct attempt *a)
{
	struct stat medium, store;
	int r = sys_stat(AT_FDCWD, a->medium, &medium);

	if (r == 0)
		r = sys_stat(AT_FDCWD, place_of_store(), &store);
	return r < 0 ? r : medium.st_dev != store.st_dev;
}
