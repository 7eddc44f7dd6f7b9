/* SPDX-License-Identifier: MIT */
/*
 * The new root of several layers, and of a writable one: in memory, or on a device,
 * or in a file on the medium. Sources: Documentation/filesystems/overlayfs.rst of the
 * kernel.
 */
//config:config FEATURE_INIT_OVERLAY
//config:	bool "Layers and a writable root"
//config:	default y
//config:	depends on FEATURE_INIT_FALLBACK
//config:	help
//config:	  rd.overlay, several images one over the other, and a layer in
//config:	  memory or on a device for what is written.
//kbuild:obj-$(CONFIG_FEATURE_INIT_OVERLAY) += init/layers.o
#include "store.h"

/* --- where is written ------------------------------------------------------------- */

/* Mounts a device for writing, also the medium, which is mounted read-only already. */
static int mount_writable(const char *source, const char *target, const char *type, char *words)
{
	struct mount_request m;

	mount_begin(&m, source, target, type);
	if (is_on(OVERLAY_READ_ONLY))
		m.flags = MS_RDONLY;
	else
		m.cleared = MS_RDONLY;
	int r = mount_said(&m, words);
	if (r < 0)
		return r;
	r = mount_step(&m);
	if (r != -EBUSY)
		return r;
	/* The medium itself: it has been mounted, for reading. */
	m.flags |= MS_RDONLY;
	m.cleared = 0;
	r = mount_step(&m);
	if (r == 0)
		r = remount_writable(target);
	return r < 0 ? r : 0;
}

/* Deletes a directory, and all below it: what could not be deleted keeps it there. 0, or -errno with
 * a `why`. */
static int clear(const char *directory)
{
	int r = sys_open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

	if (r == -ENOENT)
		return 0;
	if (r >= 0)
		r = directory_clear(r);
	if (r >= 0)
		r = sys_unlink(AT_FDCWD, directory, AT_REMOVEDIR);
	return r < 0 ? failed(r, directory, "empty") : 0;
}

/* Where the writable layer is: the directory that upper and work are in. */
struct store {
	const char *directory, *upper, *work;
};

/* `/ union` in persistence.conf says that the whole root is meant, and `source=DIR` in which folder it
 * is kept; what else it may say is named and passed over. */
static int read_configuration(const char *path, struct store *store)
{
	char *text = read_whole(path), *line, *word;
	bool whole_root = false;

	if (!text)
		return why.error;
	while ((line = next_line(&text))) {
		const char *all = copy_of(line);
		word = next_word(&line);
		if (!word || !*word || *word == '#')
			continue;
		const char *how = next_word(&line), *source = NULL, *option;
		bool is_union = false;
		while ((option = next_part(&how, ','))) {
			is_union |= equal(option, "union");
			if (after_prefix(option, "source="))
				source = after_prefix(option, "source=");
		}
		if (!equal(word, "/") || !is_union) {
			warn("%s: %s: not supported, ignored", path, all);
			continue;
		}
		whole_root = true;
		if (source && !equal(source, "."))
			store->directory = joined(store->directory, "/", source);
	}
	return whole_root ? 0 : found(-EINVAL, path, "has no line '/ union'");
}

/* The rest of the specification DEVICE[:PATH], or NULL. */
static char *path_in(char *device)
{
	char *p = name_end_of_device(device);

	if (!*p)
		return NULL;
	*p++ = 0;
	for (char *last = p + length(p); last > p && last[-1] == '/';)
		*--last = 0;
	return !*p || equal(p, "auto") ? NULL : p;
}

/* The file on the medium that has the label for its name, as live media may have one. */
static const char *file_of_label(const char *spec, const struct attempt *a)
{
	char label[TAG_SIZE];

	if (!is_on(PERSISTENT) || !has_medium(a) || tag_of(spec, label) != TAG_LABEL)
		return NULL;
	const char *file = joined(a->medium, "/", label);
	if (is_missing(sys_access(file, F_OK)))
		return NULL;
	if (remount_writable(a->medium) >= 0)
		return file;
	log_failure();
	return NULL;
}

static bool is_file(const char *path)
{
	struct stat status;

	return sys_stat(AT_FDCWD, path, &status) == 0 && S_ISREG(status.st_mode);
}

/* Mounts the file system in a file of the store. */
static int mount_file(const char *path, struct store *store)
{
	static struct volume volume;

	store->directory = FILE_PLACE;
	if (probe(path, &volume) == 0 && !volume.type)
		return found(-EINVAL, path, "not a file system; device-mapper's COW is not supported");
	return mount_writable(path, store->directory, NULL, NULL);
}

/* What PATH of DEVICE:PATH means, on the device that is mounted: the upper directory, or a file
 * that has a file system of its own. */
static int take_path(const char *path, struct store *store)
{
	char *whole = joined(place_of_store(), "/", path), *name = whole + length(whole);

	if (is_file(whole))
		return mount_file(whole, store);
	while (name[-1] != '/')
		name--;
	name[-1] = 0;
	store->directory = whole;
	store->upper = name;
	return 0;
}

/* Refuses what can't keep a writable layer. A file with a file system of its own may lie on any. */
static int check_store(const char *device, const struct volume *v, bool is_in_file)
{
	if (v->no_file_system || has_word("iso9660,squashfs,erofs", v->type) ||
	    (!is_in_file && has_word("vfat,exfat,ntfs", v->type)))
		return found(-EINVAL, device, joined(v->type, " can't keep a writable layer", ""));
	return 0;
}

/* Mounts the device, or file, of a store, and finds in it where to write: at path, or NULL. */
static int mount_store(const char *device, const char *path, const struct attempt *a, struct store *store)
{
	static struct volume volume;
	const char *const texts[] = { path, plan[STORE_DIRECTORY], plan[UPPER], plan[WORK] };

	volume.type = NULL;
	int r = slot_check(texts, LENGTH(texts));
	if (r == 0 && probe(device, &volume) == 0)
		r = volume.type		? check_store(device, &volume, path)
		    : a->is_first_store ? format_blank(device)
					: 0;
	if (r < 0)
		return r;
	r = mount_writable(device, place_of_store(), plan[OVERLAY_TYPE], plan[OVERLAY_FLAGS]);
	if ((r == -EINVAL || r == -EACCES) && !volume.type && *device == '/') { /* EACCES: is read-only */
		int blank = is_blank(device);
		return blank < 0 ? blank
				 : found(r, device,
					 blank ? "is blank, and needs a file system first"
					       : "has no file system");
	}
	if (r == 0 && plan[STORE_DIRECTORY])
		store->directory = joined(place_of_store(), "/",
					  name_expanded(slot_expanded(plan[STORE_DIRECTORY], a), a));
	if (r == 0 && path)
		r = take_path(path, store);
	/* With a path, what is not a file would be a folder on it. */
	if (r == 0 && path && volume.type && !equal(store->directory, FILE_PLACE))
		r = check_store(device, &volume, false);
	if (r == 0 && plan[CONFIGURATION])
		r = read_configuration(joined(place_of_store(), "/", plan[CONFIGURATION]), store);
	return r;
}

static int mount_memory_at(const char *target, const char *options)
{
	struct mount_request m;

	mount_begin(&m, "tmpfs", target, "tmpfs");
	int r = mount_words(&m, copy_of(options));
	return r < 0 ? r : mount_step(&m);
}

static int mount_memory(const char *target)
{
	const char *options = "mode=0755";

	if (said(OVERLAY_MIB))
		options = joined(options, ",size=", joined(plan[OVERLAY_MIB], "m", ""));
	if (plan[OVERLAY_SIZE])
		options = joined(options, ",size=", plan[OVERLAY_SIZE]);
	/* Where the words name a device, the flags are the device's. */
	if (plan[OVERLAY_FLAGS] && !plan_stores())
		options = joined(options, ",", plan[OVERLAY_FLAGS]);
	return mount_memory_at(target, options);
}


/* --- the new root ----------------------------------------------------------------- */

/* Overlayfs takes what stands behind a backslash for part of a name. */
static const char *escaped(const char *path)
{
	char *text = "";

	for (; *path; path++) {
		bool is_special = *path == ',' || *path == ':' || *path == '\\';
		text = joined(text, is_special ? "\\" : "", copied(path, 1));
	}
	return text;
}

/* By mount(2): all the names fit a page, and the new mount API would take no more of them in one word,
 * or, one by one (lowerdir+), only since Linux 6.8; before that, the kernel complains. */
static int stack(char *const *layers, unsigned count, const char *upper, const char *work)
{
	const char *lower = escaped(layers[count - 1]);
	struct mount_request m;

	for (unsigned i = count - 1; i--;)
		lower = joined(lower, ":", escaped(layers[i]));
	mount_begin(&m, "overlay", NEW_ROOT, "overlay");
	if (mount_data(&m, joined("lowerdir=", lower, "")) < 0 ||
	    (upper &&
	     mount_data(&m, joined("upperdir=", escaped(upper), joined(",workdir=", escaped(work), ""))) < 0))
		return why.error;
	if (!upper)
		m.flags = MS_RDONLY;
	return mount_step(&m);
}

/* systemd.volatile=yes: a root of nothing but the image's /usr. */
static int mount_volatile(const char *layer)
{
	/* An init is looked for before systemd makes these. */
	/* clang-format off */
	static const char links[] = "bin\0" "sbin\0" "lib\0" "lib64\0";
	static const char directories[] = "dev\0" "proc\0" "sys\0" "run\0" "usr\0";
	/* clang-format on */

	struct mount_request m;

	int r = mount_memory_at(NEW_ROOT, "mode=0755");
	if (r < 0)
		return r;
	for (const char *link = links; *link; link = nth_string(link, 1))
		sys_symlink(joined("usr/", link, ""), joined(NEW_ROOT, "/", link));
	for (const char *name = directories; *name; name = nth_string(name, 1))
		sys_mkdir(joined(NEW_ROOT, "/", name), 0755);
	mount_begin(&m, joined(layer, "/usr", ""), NEW_ROOT "/usr", NULL);
	m.flags = MS_BIND | MS_RDONLY;
	return mount_step(&m);
}

static int bind_root(const char *layer)
{
	int r = make_directories(NEW_ROOT);

	if (r < 0)
		return r;
	r = sys_mount(layer, NEW_ROOT, NULL, MS_BIND, NULL);
	return r < 0 ? failed(r, layer, "bind") : undo_remember(NEW_ROOT);
}

/* Mounts the overlay, with what is written below the store's directory. */
static int stack_on(char **layers, unsigned count, const struct store *store)
{
	const char *upper = joined(store->directory, "/", store->upper);
	const char *work = joined(store->directory, "/", store->work);

	int r = make_directories(upper) ?: make_directories(work) ?: stack(layers, count, upper, work);
	if (r < 0) { /* only empty folders go, and these are ours */
		sys_unlink(AT_FDCWD, work, AT_REMOVEDIR);
		sys_unlink(AT_FDCWD, upper, AT_REMOVEDIR);
	}
	return r;
}

static int stack_in_memory(char **layers, unsigned count, const char *place)
{
	int r = mount_memory(place);

	return r < 0 ? r : stack_on(layers, count, &(struct store){ place, "upper", "work" });
}

/* With what was written before as one more layer, and what is written now in memory. */
static int stack_read_only(char **layers, unsigned count, const struct store *store)
{
	char *before = joined(store->directory, "/", store->upper);

	if (!is_missing(sys_access(before, F_OK)))
		layers[count++] = before;
	return stack_in_memory(layers, count, OUR_RUN "changes");
}

/* rd.overlay.reset empties both folders: the index in the work folder is that of the upper one. */
static int reset_by_word(const struct store *store)
{
	const char *upper = joined(store->directory, "/", store->upper);

	if (!is_on(OVERLAY_RESET))
		return 0;
	int r = clear(upper) ?: clear(joined(store->directory, "/", store->work));
	/* Without memory the paths are empty, and so nothing was emptied. */
	if (r == 0)
		r = memory_check();
	if (r == 0)
		step("emptied %s", upper);
	return r;
}

static int mount_and_stack(struct attempt *a, const char *device, const char *path)
{
	struct store store = {
		.directory = place_of_store(),
		.upper = plan[UPPER] ? slot_expanded(plan[UPPER], a) : "upper",
		.work = plan[WORK] ? slot_expanded(plan[WORK], a) : slot_work(path ? path : plan[UPPER], a),
	};

	int r = mount_store(device, path ? slot_expanded(path, a) : NULL, a, &store);
	if (r == 0 && is_on(OVERLAY_READ_ONLY))
		return stack_read_only(a->places, a->count, &store);
	if (r == 0)
		r = reset_by_word(&store) ?: reset_by_flag(a, store.directory, store.upper, store.work);
	return r < 0 ? r : stack_on(a->places, a->count, &store);
}

/* With the writable layer on this device. If that fails, all of it is undone. */
static enum outcome stack_on_device(struct attempt *a, const char *device, const char *path)
{
	unsigned mark = undo_mark();

	int r = mount_and_stack(a, device, path);
	/* A UBI volume may still come, unless it has been mounted: then overlayfs is what is missing. */
	if (r == -ENODEV && flash_may_come(device) && undo_mark() == mark) {
		failed(r, device, "open");
		return NOT_YET;
	}
	if (r < 0) {
		log_failure();
		undo_to(mark);
		if (has_medium(a) && !plan[RW])
			remount_read_only(a->medium, MS_RDONLY);
		return FAILED;
	}
	a->has_store = true;
	a->store = device;
	a->is_persistent = !is_on(OVERLAY_READ_ONLY);
	return READY;
}

/* On what is behind the image. */
static enum outcome stack_behind(struct attempt *a, const char *path)
{
	const char *device;
	enum outcome outcome = behind_attach(a, &device);

	if (outcome == READY) {
		outcome = stack_on_device(a, device, path);
		behind_let_go(a);
	} else {
		log_failure();
	}
	return outcome;
}

/* On a device that DEVICE[:PATH] means: each that has the label, say, until one will do. */
static enum outcome stack_on_store(struct attempt *a, char *spec)
{
	static struct device_list devices;
	enum outcome outcome = NOT_YET;
	char value[TAG_SIZE];
	const char *path = path_in(spec), *device;

	if (!path && plan[STORE_PATH])
		path = name_expanded(plan[STORE_PATH], a);
	if (is_behind(spec))
		return stack_behind(a, path);
	devices = (struct device_list){ 0 };
	/* persistence-label=A,B */
	if (is_on(PERSISTENT) && *spec != '/' && tag_of(spec, value) == TAG_NONE)
		spec = joined("LABEL=", spec, "");
	if (tag_of(spec, value) == TAG_NONE) {
		outcome = name_device(spec, &device);
		if (outcome == FAILED)
			log_failure();
		if (outcome != READY)
			return outcome;
		int r = *device == '/' ? sys_access(device, F_OK) : 0; /* ubi0:NAME has no node */
		if (r == 0)
			return stack_on_device(a, device, path);
		failed(r, device, "open");
		return NOT_YET;
	}
	while (outcome != READY && (device = device_find_next(spec, &devices)))
		outcome = stack_on_device(a, copy_of(device), path);
	if (outcome != READY && (device = file_of_label(spec, a)))
		outcome = stack_on_device(a, device, path);
	return outcome == NOT_YET ? name_absent_tag(spec) : outcome;
}

/* How long a device is waited for that the words do not demand: as long as live-boot waits for disks to
 * settle. */
enum { STORE_SECONDS = 5 };

/* On the first store that will do; in memory where none does, and that is told. */
static int stack_writable(struct attempt *a)
{
	uint64_t refused = 0; /* a bit for each spec */
	bool is_required = plan_requires_store();
	const char *missing, *list;
	char *spec;

	if (!plan_stores())
		return stack_in_memory(a->places, a->count, place_of_store());
	do {
		uint64_t bit = 1;
		missing = NULL;
		for (list = plan_stores(); (spec = next_part(&list, ',')); bit <<= 1) {
			if (is_required && equal(spec, REQUIRED))
				continue;
			const char *name = copy_of(spec);
			a->is_first_store = bit == 1;
			enum outcome outcome = refused & bit ? FAILED : stack_on_store(a, spec);
			if (outcome == READY)
				return 0;
			if (outcome == FAILED)
				refused |= bit;
			else
				missing = name;
		}
	} while (missing &&
		 wait_for_other(&a->search, joined("the device of the writable layer, ", missing, ""),
				plan_is_memory(plan[OVERLAY]) && !is_required ? STORE_SECONDS : 0));
	if (missing)
		log_failure();
	log_give_up();
	if (is_required)
		return found(-ENOENT, plan_stores(), "the device of the writable layer could not be used");
	log_loud("changes are kept in memory, and lost at shutdown");
	return stack_in_memory(a->places, a->count, place_of_store());
}

static int make_root(struct attempt *a)
{
	if (is_on(OVERLAY))
		return stack_writable(a);
	return a->count > 1 ? stack(a->places, a->count, NULL, NULL) : bind_root(a->places[0]);
}

enum outcome layers_stack(struct attempt *a)
{
	bool state = is_on(VOLATILE) && equal(plan[VOLATILE], "state");
	int r;

	if (!plan_is_layered() && !said(INNER) && a->count == 1)
		return READY;
	if (is_on(VOLATILE) && !state && plan_requires_store())
		return outcome_of(found(-EINVAL, plan_stores(), "not with systemd.volatile=yes"));
	if (is_on(VOLATILE) && !state)
		return outcome_of(mount_volatile(a->places[a->count - 1]));
	r = make_root(a);
	if (r == 0 && state)
		r = mount_memory_at(NEW_ROOT "/var", "mode=0755");
	return outcome_of(r);
}
