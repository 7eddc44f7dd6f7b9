/* SPDX-License-Identifier: MIT */
/* From words to paths: the images that loop= names. It looks at what is there, and mounts nothing. */
//kbuild:obj-$(CONFIG_INIT) += init/names.o
#include <sys/utsname.h>

#include "attempt.h"

/* What the letter behind a % stands for; it may be NULL. */
static const char *value_of_letter(char letter, const struct attempt *a)
{
	static struct utsname system;
	static struct volume medium;

	switch (letter) {
	case 'm':
		sys_uname(&system);
		return system.machine;
	case 'd':
		return said(DIRECTORY);
	case 'l':
	case 'u':
		if (a && a->device)
			probe(a->device, &medium);
		return letter == 'l' ? medium.label : medium.uuid;
	}
	return NULL;
}

char *name_expanded(const char *text, const struct attempt *a)
{
	char *whole = "";

	for (;;) {
		const char *percent = find_byte(text, '%');
		whole = joined(whole, copied(text, percent - text), "");
		if (!*percent || !percent[1])
			return whole;
		const char *value = value_of_letter(percent[1], a);
		whole = joined(whole, value ? value : "", "");
		text = percent + 2;
	}
}

/* The path below where the medium is mounted; a: NULL where no device is looked at. */
static const char *below_medium(const char *image, const struct attempt *a)
{
	const char *directory = "";

	if (ENABLE_INIT_FAMILIES) {
		directory = said(DIRECTORY) ? said(DIRECTORY) : "";
		image = name_expanded(image, a);
		directory = joined(*directory ? "/" : "", name_expanded(directory, a), "");
	}
	return joined(directory, *image == '/' ? "" : "/", image);
}

/* The path of an image that a word names, on the medium; in libbb's text memory. */
static char *path_on_medium(const char *image, const struct attempt *a)
{
	return joined(a->medium, below_medium(image, a), "");
}

/* The names of all *.squashfs and *.erofs in a folder, in order; their count, or -errno. */
static int list_folder(const char *folder, char **names, unsigned size)
{
	static struct directory open;
	const struct directory_entry *entry;
	unsigned count = 0;

	directory_start(&open, sys_open(folder, O_RDONLY | O_DIRECTORY));
	if (open.fd < 0)
		return failed(open.fd, folder, "open");
	while ((entry = directory_next(&open)) && count < size) {
		if (!ends_with(entry->name, ".squashfs") && !ends_with(entry->name, ".erofs"))
			continue;
		char *path = joined(folder, entry->name, "");
		unsigned at = count++;
		for (; at && is_before(path, names[at - 1]); at--)
			names[at] = names[at - 1];
		names[at] = path;
	}
	sys_close(open.fd);
	return open.error < 0 ? failed(open.error, folder, "read") : (int)count;
}

/* The images that a file of the folder lists, in its order; their count, 0 where there is no file; or
 * -errno. */
static int list_module(const char *folder, char **names, unsigned size)
{
	const char *list = joined(folder, plan[MODULE], ".module");
	char *text = read_whole(list), *line, *name;
	unsigned count = 0;

	if (!text && why.error != -ENOENT)
		return why.error;
	while (text && (line = next_line(&text)))
		while ((name = next_word(&line)) && *name && count < size) {
			names[count] = joined(folder, name, "");
			if (!is_missing(sys_access(names[count], F_OK))) /* or else the mount tells */
				count++;
			else
				warn("%s: listed in %s, but missing", names[count], list);
		}
	return count;
}

static int list_images(const char *folder, char **names, unsigned size)
{
	int count = said(MODULE) ? list_module(folder, names, size) : 0;

	return count ? count : list_folder(folder, names, size);
}

static bool is_folder(const char *path)
{
	return ENABLE_FEATURE_INIT_OVERLAY && *path && path[length(path) - 1] == '/';
}

/* The result of a look at a file: 1 or 0, or -errno with a `why` where that can't be read. */
static int known(int r, const char *path)
{
	return r == -EIO || r == -ENOMEM ? failed(r, path, "open") : r > 0;
}

static int file_exists(const char *path)
{
	return known(sys_access(path, F_OK) ?: true, path);
}

/* Is the image there, or an image in the folder? */
static int exists(const char *path)
{
	char *name;

	return is_folder(path) ? known(list_images(path, &name, 1), path) : file_exists(path);
}

const char *name_wanted(void)
{
	const char *list = plan[IMAGE], *one, *text = "";

	if (said(ISO))
		return plan[ISO];
	if (!ENABLE_FEATURE_INIT_REASON)
		return list;
	while ((one = next_part(&list, ','))) {
		one = joined(said(DIRECTORY) ? below_medium(one, NULL) + 1 : one, "",
			     is_folder(one) ? "*.squashfs" : "");
		text = joined(text, *text ? ", " : "", one);
	}
	return said(MARK) ? joined(text, " with ", plan[MARK]) : text;
}

/* Has the medium the file that it is known by? Of a UUID, a copy of the medium has a file. */
static int is_marked(const struct attempt *a)
{
	const char *mark = said(MARK);

	if (!mark || equal_letters(name_expanded("%u", a), mark))
		return true;
	if (!*find_byte(mark, '/'))
		mark = joined("boot/", mark, ".uuid");
	return file_exists(joined(a->medium, "/", mark));
}

int name_any_exists(const struct attempt *a)
{
	const char *list = plan[IMAGE], *one;

	while ((one = next_part(&list, ','))) {
		one = next_part(&one, ':');
		int r = one ? exists(path_on_medium(one, a)) : 0;
		if (r)
			return r < 0 ? r : is_marked(a);
	}
	return 0;
}

/* Adds what one word of an alternative means; the new count, or -errno. */
static int add_layers(const char *path, char **layers, unsigned count)
{
	if (!is_folder(path)) {
		layers[count] = (char *)path;
		return count + 1;
	}
	if (verity_demanded())
		return found(-EINVAL, path, "a folder has no root hash: name the images (loop=)");
	int n = list_images(path, layers + count, LAYERS_MAX - count);
	return n < 0 ? n : (int)count + n;
}

int name_layers(const struct attempt *a, char *layers[LAYERS_MAX])
{
	const char *rest = a->alternative, *one;
	int count = 0;

	if (!ENABLE_FEATURE_INIT_FALLBACK)
		return add_layers(path_on_medium(rest, a), layers, 0);
	while (count >= 0 && (one = next_part(&rest, ':'))) {
		count = add_layers(path_on_medium(one, a), layers, count);
		if (count == LAYERS_MAX) /* perhaps not all of them */
			return found(-E2BIG, a->alternative, "too many layers");
	}
	return count ? count : found(-ENOENT, a->alternative, "neither a *.squashfs nor a *.erofs is in it");
}
