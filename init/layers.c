/* SPDX-License-Identifier: MIT */
/*
 * The new root of several layers, and of a writable one: in memory, or on a device,
 * or in a file on the medium. Sources: Documentation/filesystems/overlayfs.rst of the
 * kernel, fsopen(2).
 */
//config:config FEATURE_INIT_OVERLAY
//config:	bool "Layers and a writable root"
//config:	default y
//config:	depends on FEATURE_INIT_FALLBACK
//config:	help
//config:	  rd.overlay, several images one over the other, and a layer in
//config:	  memory or on a device for what is written.
//kbuild:obj-$(CONFIG_FEATURE_INIT_OVERLAY) += init/layers.o
#include "plan.h"
#include "probe.h"

enum { SET_STRING = 1, CREATE = 6 }; /* fsconfig(2) */

/* The store is on a device: it has to be clean when the system goes down. */
static bool is_persistent, has_store;

bool layers_persist(void)
{
	return is_persistent;
}

bool layers_have_store(void)
{
	return has_store;
}


/* --- which images are layers ------------------------------------------------------ */

static bool is_before(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (unsigned char)*a < (unsigned char)*b;
}

int layers_list(const char *directory, char **names, unsigned size)
{
	static struct directory open;
	const struct directory_entry *entry;
	unsigned count = 0;

	directory_start(&open, sys_open(directory, O_RDONLY | O_DIRECTORY));
	if (open.fd < 0)
		return failed(open.fd, directory, "open");
	while ((entry = directory_next(&open)) && count < size) {
		if (!ends_with(entry->name, ".squashfs") && !ends_with(entry->name, ".erofs"))
			continue;
		char *path = joined(directory, entry->name, "");
		unsigned at = count++;
		for (; at && is_before(path, names[at - 1]); at--)
			names[at] = names[at - 1];
		names[at] = path;
	}
	sys_close(open.fd);
	return count;
}


/* --- where is written ------------------------------------------------------------- */

int mount_writable(const char *source, const char *target, const char *type, const char *words)
{
	request_new(source, target, type);
	if (is_on(OVERLAY_READ_ONLY))
		request.flags = MS_RDONLY;
	else
		request.cleared = MS_RDONLY;
	int r = words ? mount_words(&request, copy_of(words)) : 0;
	if (r < 0)
		return r;
	r = mount_step();
	if (r != -EBUSY)
		return r;
	/* The medium itself: it has been mounted, for reading. */
	request.flags |= MS_RDONLY;
	request.cleared = 0;
	r = mount_step();
	if (r == 0)
		r = remount(target, 0);
	return r < 0 ? r : 0;
}

/* Deletes what is in the directory, which then is made anew. */
static void empty(const char *directory)
{
	struct stat status;

	int fd = sys_open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (fd >= 0 && sys_stat(fd, "", &status) == 0)
		directory_empty(fd, status.st_dev);
}

/* `/ union` in persistence.conf says that the whole root is meant; what else it may say
 * is named and passed over. */
static int read_configuration(const char *path)
{
	char *text = read_whole(path), *line, *word;
	bool whole_root = false;

	if (!text)
		return why.error;
	while ((line = next_line(&text))) {
		char *mark = read_mark();
		const char *all = copy_of(line);
		word = next_word(&line);
		if (word && *word != '#') {
			char *how = next_word(&line);
			if (equal(word, "/") && how && equal(how, "union"))
				whole_root = true;
			else
				warn("%s: %s: not supported, passed over", path, all);
		}
		read_forget(mark);
	}
	return whole_root ? 0 : failed(FOUND_BAD, path, "no line '/ union'");
}

/* The rest of the specification DEVICE[:PATH]; a device such as ubi0:name has none. */
static char *path_in(char *device)
{
	char *p = find_byte(device, ':');

	if (!*p || after_prefix(device, "ubi"))
		return NULL;
	*p++ = 0;
	for (char *last = p + length(p); last > p && last[-1] == '/';)
		*--last = 0;
	return !*p || equal(p, "auto") ? NULL : p;
}

/* Where the writable layer is: the directory that upper and work are in. */
struct store {
	const char *directory, *upper;
};

static const char *store_place(void)
{
	return place_below_run(STORE_PLACE, OUR_RUN "overlay");
}

/* The device that spec means, or a file on the medium that has its label for a name. */
static const char *store_device(const char *spec, const char *medium)
{
	char value[TAG_SIZE];

	const char *device = device_of(spec);
	if (device || !ENABLE_FEATURE_PROBE_TAGS || !is_on(PERSISTENT) || !medium ||
	    tag_of(spec, value) != TAG_LABEL)
		return device;
	device = joined(medium, "/", value);
	return sys_access(device, F_OK) < 0 || remount(medium, 0) < 0 ? NULL : device;
}

/* Mounts what DEVICE[:PATH] means: PATH is the upper directory, or a file that has a
 * file system of its own. */
static int mount_store(char *spec, const char *medium, struct store *result)
{
	char *path = path_in(spec);
	struct store store = *result;
	struct stat status;

	if (!path && plan[STORE_PATH])
		path = plan_expanded(STORE_PATH);
	const char *device = store_device(spec, medium);
	if (!device)
		return why.error;
	int r = mount_writable(copy_of(device), store_place(), plan[OVERLAY_TYPE], plan[OVERLAY_FLAGS]);
	if (r < 0)
		return r;
	if (plan[STORE_DIRECTORY])
		store.directory = joined(store_place(), "/", plan_expanded(STORE_DIRECTORY));
	if (path) {
		char *whole = joined(store_place(), "/", path), *name = whole + length(whole);
		if (sys_stat(AT_FDCWD, whole, &status) == 0 && S_ISREG(status.st_mode)) {
			static struct volume volume;
			store.directory = OUR_RUN "store";
			if (ENABLE_FEATURE_PROBE && probe(whole, &volume) == 0 && !volume.type)
				return failed(FOUND_BAD, whole,
					      "no file system in it; device-mapper's COW is not supported");
			r = mount_writable(whole, store.directory, NULL, NULL);
		} else {
			while (name[-1] != '/')
				name--;
			name[-1] = 0;
			store = (struct store){ whole, name };
		}
	}
	if (r == 0 && plan[CONFIGURATION])
		r = read_configuration(joined(store_place(), "/", plan[CONFIGURATION]));
	if (r == 0)
		*result = store;
	return r;
}

bool layers_in_memory(const char *spec)
{
	return !*spec || has_word("1,y,yes,on,true,tmpfs", spec);
}

/* The devices that the writable layer may be on; NULL where it is in memory. */
static const char *stores(void)
{
	const char *list = plan[OVERLAY];

	if (list && !layers_in_memory(list))
		return list;
	return is_on(PERSISTENT) ? plan[PERSISTENT_ON] : NULL;
}

static int mount_memory_at(const char *target, const char *options)
{
	request_new("tmpfs", target, "tmpfs");
	int r = mount_words(&request, copy_of(options));
	return r < 0 ? r : mount_step();
}

static int mount_memory(const char *target)
{
	const char *options = "mode=0755";

	if (plan[OVERLAY_MIB])
		options = joined(options, ",size=", joined(plan[OVERLAY_MIB], "m", ""));
	if (plan[OVERLAY_SIZE])
		options = joined(options, ",size=", plan[OVERLAY_SIZE]);
	/* The flags of a device are none of memory. */
	if (plan[OVERLAY_FLAGS] && !stores())
		options = joined(options, ",", plan[OVERLAY_FLAGS]);
	return mount_memory_at(target, options);
}


/* --- the new root ----------------------------------------------------------------- */

/* By the new mount API, which takes layers one by one (Linux 6.8). */
static int mount_overlay_new(char *const *layers, unsigned count, const char *upper, const char *work)
{
	int fd = sys_fsopen("overlay"), r = fd;

	if (fd < 0)
		return fd;
	r = sys_fsconfig(fd, SET_STRING, "source", "overlay");
	while (r == 0 && count)
		r = sys_fsconfig(fd, SET_STRING, "lowerdir+", layers[--count]);
	if (r == 0 && upper)
		r = sys_fsconfig(fd, SET_STRING, "upperdir", upper);
	if (r == 0 && upper)
		r = sys_fsconfig(fd, SET_STRING, "workdir", work);
	if (r == 0)
		r = sys_fsconfig(fd, CREATE, NULL, NULL);
	int mfd = r < 0 ? r : sys_fsmount(fd, 0);
	sys_close(fd);
	if (mfd < 0)
		return mfd;
	r = sys_move_mount(mfd, new_root);
	sys_close(mfd);
	return r;
}

static int mount_overlay(char *const *layers, unsigned count, const char *upper, const char *work)
{
	const char *lower = layers[count - 1];

	for (unsigned i = count - 1; i--;)
		lower = joined(lower, ":", layers[i]);
	request_new("overlay", new_root, "overlay");
	if (mount_data(&request, joined("lowerdir=", lower, "")) < 0 ||
	    (upper && mount_data(&request, joined("upperdir=", upper, joined(",workdir=", work, ""))) < 0))
		return why.error;
	if (!upper)
		request.flags = MS_RDONLY;
	return mount_step();
}

static int stack(char *const *layers, unsigned count, const char *upper, const char *work)
{
	make_directories(new_root);
	if (mount_overlay_new(layers, count, upper, work) < 0)
		return mount_overlay(layers, count, upper, work);
	undo_remember(new_root);
	step("mounted overlay of %s layers on " NEW_ROOT, decimal(count));
	return 0;
}

/* systemd.volatile=yes: a root of nothing but the image's /usr. */
static int mount_volatile(const char *layer)
{
	/* An init is looked for before systemd makes these. */
	/* clang-format off */
	static const char links[] = "bin\0" "sbin\0" "lib\0" "lib64\0";
	static const char directories[] = "dev\0" "proc\0" "sys\0" "run\0" "usr\0";
	/* clang-format on */

	int r = mount_memory_at(new_root, "mode=0755");
	if (r < 0)
		return r;
	for (const char *link = links; *link; link = nth_string(link, 1))
		sys_symlink(joined("usr/", link, ""), joined(NEW_ROOT, "/", link));
	for (const char *name = directories; *name; name = nth_string(name, 1))
		sys_mkdir(joined(NEW_ROOT, "/", name), 0755);
	request_new(joined(layer, "/usr", ""), NEW_ROOT "/usr", NULL);
	request.flags = MS_BIND | MS_RDONLY;
	return mount_step();
}

static int bind_root(const char *layer)
{
	make_directories(new_root);
	int r = sys_mount(layer, new_root, NULL, MS_BIND, NULL);
	if (r == 0)
		undo_remember(new_root);
	return r < 0 ? failed(r, layer, "bind") : 0;
}

/* Mounts the overlay, with what is written below the store's directory. */
static int stack_on(char **layers, unsigned count, const struct store *store)
{
	const char *upper = joined(store->directory, "/", store->upper);
	const char *work = joined(store->directory, "/", plan[WORK] ? plan[WORK] : "work");

	if (is_on(OVERLAY_RESET) && sys_access(upper, F_OK) == 0) {
		empty(upper);
		step("emptied %s", upper);
	}
	make_directories(upper);
	make_directories(work);
	return stack(layers, count, upper, work);
}

static int stack_in_memory(char **layers, unsigned count, const char *place)
{
	int r = mount_memory(place);

	return r < 0 ? r : stack_on(layers, count, &(struct store){ place, "upper" });
}

/* With what was written before as one more layer, and what is written now in memory. */
static int stack_read_only(char **layers, unsigned count, const struct store *store)
{
	char *before = joined(store->directory, "/", store->upper);

	if (sys_access(before, F_OK) == 0)
		layers[count++] = before;
	return stack_in_memory(layers, count, OUR_RUN "changes");
}

/* On the first store that will do; in memory where none does. */
static int mount_root(char **layers, unsigned count, const char *medium)
{
	const char *list = stores();
	char *spec;

	is_persistent = has_store = false;
	if (!is_on(OVERLAY))
		return count > 1 ? stack(layers, count, NULL, NULL) : bind_root(layers[0]);
	while ((spec = next_part(&list, ','))) {
		struct store store = { store_place(), plan[UPPER] ? plan[UPPER] : "upper" };
		unsigned mark = undo_mark();
		int r = mount_store(spec, medium, &store);
		if (r == 0)
			r = is_on(OVERLAY_READ_ONLY) ? stack_read_only(layers, count, &store)
						     : stack_on(layers, count, &store);
		if (r == 0) {
			has_store = true;
			is_persistent = !is_on(OVERLAY_READ_ONLY);
			return 0;
		}
		log_failure();
		undo_to(mark);
		if (medium && !plan[RW])
			remount(medium, MS_RDONLY);
	}
	return stack_in_memory(layers, count, store_place());
}

int layers_mount(char **layers, unsigned count, const char *medium)
{
	bool state = is_on(VOLATILE) && equal(plan[VOLATILE], "state");

	if (is_on(VOLATILE) && !state)
		return mount_volatile(layers[count - 1]);
	int r = mount_root(layers, count, medium);
	return r < 0 || !state ? r : mount_memory_at(NEW_ROOT "/var", "mode=0755");
}
