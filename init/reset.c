/* SPDX-License-Identifier: MIT */
/*
 * A factory reset without a word of the kernel's: a flag file, on the store or on the medium, empties
 * the writable layer once, before it is used. The flag goes when that is complete, and on the disk: a
 * power cut before begins it anew at the next boot. Nothing outside of the layer is touched: no link is
 * followed, and no other file system entered.
 */
//config:config FEATURE_INIT_RESET
//config:	bool "Empty the writable layer where a flag file says so"
//config:	default y
//config:	depends on FEATURE_INIT_OVERLAY
//config:	help
//config:	  loopbox.reset.on=FILE, on the store or on the medium.
//kbuild:obj-$(CONFIG_FEATURE_INIT_RESET) += init/reset.o
#include "store.h"

/* Opens the mount point that a path begins with, and moves that behind it. */
static int open_place(const struct attempt *a, const char **path)
{
	const char *places[] = { place_of_store(), FILE_PLACE, a->medium };

	for (unsigned i = 0; i < LENGTH(places); i++) {
		const char *rest = places[i] ? after_prefix(*path, places[i]) : NULL;
		if (!rest || *rest != '/')
			continue;
		*path = rest;
		return sys_open(places[i], O_RDONLY | O_DIRECTORY);
	}
	return -ENOENT;
}

/* Which would name a folder above, or the whole store. */
static bool is_dots(const char *name)
{
	return equal(name, ".") || equal(name, "..");
}

/* Opens a folder, with no link on the way to it from there. The descriptor, or -errno. */
static int open_folder(const struct attempt *a, const char *path)
{
	const char *name;
	int fd = open_place(a, &path);

	while (fd >= 0 && (name = next_part(&path, '/'))) {
		int below =
			is_dots(name) ? -ELOOP : sys_openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		sys_close(fd);
		fd = below;
	}
	return fd;
}

static int open_folder_of(const struct attempt *a, const char *path)
{
	return open_folder(a, copied(path, base_name(path) - path));
}

/* Takes a name out of its folder, for good. 0, or -errno with a `why`. */
static int take_away(const struct attempt *a, const char *path, int flags)
{
	int folder = open_folder_of(a, path), r = folder;

	if (r >= 0)
		r = sys_unlink(folder, base_name(path), flags);
	if (r >= 0)
		r = sys_fsync(folder);
	if (folder >= 0)
		sys_close(folder);
	return r < 0 ? failed(r, path, "delete") : 0;
}

/* Deletes a folder and all below it; what can't be deleted keeps the folder there. */
static int clear(const struct attempt *a, const char *path)
{
	int r = open_folder(a, path);

	if (r == -ENOENT)
		return 0;
	if (r >= 0)
		r = directory_clear(r);
	return r < 0 ? failed(r, path, "empty") : take_away(a, path, AT_REMOVEDIR);
}

/* A regular file; what is behind a link is none. 1, 0, or -errno with a `why`. */
static int is_flag(const struct attempt *a, const char *path)
{
	struct stat status;
	int folder = open_folder_of(a, path), r = folder;

	if (folder >= 0) {
		sys_close(folder);
		r = sys_lstat(path, &status);
	}
	if (is_missing(r))
		return false;
	return r < 0 ? failed(r, path, "stat") : S_ISREG(status.st_mode);
}

/* Is that path the folder, or below it? However many slashes either has. */
static bool is_in(const char *path, const char *folder)
{
	const char *one, *other;

	while ((one = next_part(&folder, '/')))
		if (!(other = next_part(&path, '/')) || !equal(one, other))
			return false;
	return true;
}

/* Without slashes at its end: what is deleted at last needs a name. */
static const char *folder_in(const char *directory, const char *name)
{
	char *path = joined(directory, "/", name);

	for (unsigned i = length(path); i-- && path[i] == '/';)
		path[i] = 0;
	return path;
}

/* The flag on the medium, which has to be writable before anything is emptied: else that would be done
 * at each boot. 1, or 0 where there is none, or it can't be taken away; or -errno with a `why`. */
static int is_flag_of_medium(const struct attempt *a, const char *path, int *was_read_only)
{
	int r = has_medium(a) ? is_flag(a, path) : 0;

	if (r > 0 && (r = is_store_elsewhere(a)) < 0)
		return failed(r, a->medium, "stat");
	if (r <= 0)
		return r;
	if (verity_demanded()) {
		warn("%s: ignored, because a root hash is demanded", path);
		return false;
	}
	*was_read_only = remount_writable(a->medium);
	if (*was_read_only >= 0)
		return true;
	log_failure();
	warn("%s: ignored, because it could not be deleted", path);
	return false;
}

int reset_by_flag(const struct attempt *a, const char *directory, const char *upper, const char *work)
{
	int was_read_only = 0;

	if (!plan[RESET_ON])
		return 0;
	const char *name = slot_expanded(plan[RESET_ON], a);
	name += *name == '/';
	const char *path = joined(place_of_store(), "/", name);
	upper = folder_in(directory, upper);
	work = folder_in(directory, work);
	/* It would not be the last to go. */
	if (is_in(path, upper) || is_in(path, work)) {
		warn("%s: ignored, because it is in a folder that it would empty", path);
		return memory_check();
	}
	const char *path_on_medium = joined(a->medium ? a->medium : "", "/", name);
	int of_store = is_flag(a, path);
	int of_medium = of_store < 0 ? of_store : is_flag_of_medium(a, path_on_medium, &was_read_only);
	int r = of_medium < 0 ? of_medium : 0;
	bool is_demanded = of_medium >= 0 && (of_store || of_medium);
	if (is_demanded)
		r = clear(a, upper) ?: clear(a, work);
	/* Lost text names nothing: neither a flag, nor a folder that would have to be emptied. */
	if (r == 0)
		r = memory_check();
	if (r == 0 && of_medium)
		r = take_away(a, path_on_medium, 0);
	if (was_read_only > 0)
		remount_read_only(a->medium, MS_RDONLY);
	if (r == 0 && of_store)
		r = take_away(a, path, 0);
	if (r == 0 && is_demanded)
		step("emptied %s, as %s demands", upper, of_store ? path : path_on_medium);
	return r;
}
