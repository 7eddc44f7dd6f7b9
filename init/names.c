/* SPDX-License-Identifier: MIT */
/*
 * From words to paths: the images that loop= names, and the devices of root= and its like.
 * It looks at what is there, and mounts nothing.
 */
//config:config FEATURE_INIT_MTD
//config:	bool "MTD devices by name"
//config:	default y
//config:	depends on INIT
//config:	help
//config:	  root=mtd:NAME, for flash memory.
//kbuild:obj-$(CONFIG_INIT) += init/names.o
#include <sys/utsname.h>

#include "attempt.h"


/* --- images ---------------------------------------------------------------------------- */

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
		if (ENABLE_FEATURE_PROBE && a && a->device)
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

char *name_of_image(const char *image, const struct attempt *a)
{
	return joined(a->medium, below_medium(image, a), "");
}

static bool is_before(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (unsigned char)*a < (unsigned char)*b;
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
	return count;
}

/* The images that a file of the folder lists, in its order; their count, 0 where there is no file. */
static int list_module(const char *folder, char **names, unsigned size)
{
	const char *list = joined(folder, plan[MODULE], ".module");
	char *text = sys_access(list, F_OK) < 0 ? NULL : read_whole(list), *line, *name;
	unsigned count = 0;

	while (text && (line = next_line(&text)))
		while ((name = next_word(&line)) && *name && count < size) {
			names[count] = joined(folder, name, "");
			if (sys_access(names[count], F_OK) == 0)
				count++;
			else
				warn("%s: listed in %s, but not there", names[count], list);
		}
	return count;
}

static int list_images(const char *folder, char **names, unsigned size)
{
	int count = ENABLE_INIT_FAMILIES && said(MODULE) ? list_module(folder, names, size) : 0;

	return count ? count : list_folder(folder, names, size);
}

static bool is_folder(const char *path)
{
	return ENABLE_FEATURE_INIT_OVERLAY && *path && path[length(path) - 1] == '/';
}

static bool exists(const char *path)
{
	char *name;

	return is_folder(path) ? list_images(path, &name, 1) > 0 : sys_access(path, F_OK) == 0;
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
static bool is_marked(const struct attempt *a)
{
	const char *mark = said(MARK);

	if (!mark || equal_letters(name_expanded("%u", a), mark))
		return true;
	if (!*find_byte(mark, '/'))
		mark = joined("boot/", mark, ".uuid");
	return sys_access(joined(a->medium, "/", mark), F_OK) == 0;
}

bool name_any_exists(const struct attempt *a)
{
	const char *list = plan[IMAGE], *one;

	while ((one = next_part(&list, ','))) {
		one = next_part(&one, ':');
		if (one && exists(name_of_image(one, a)))
			return !ENABLE_INIT_FAMILIES || is_marked(a);
	}
	return false;
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

	if (!ENABLE_FEATURE_INIT_FALLBACK && !ENABLE_FEATURE_INIT_OVERLAY)
		return add_layers(name_of_image(rest, a), layers, 0);
	while (count >= 0 && (one = next_part(&rest, ':'))) {
		count = add_layers(name_of_image(one, a), layers, count);
		if (count == LAYERS_MAX) /* perhaps not all of them */
			return failed(-E2BIG, a->alternative, "layers");
	}
	return count ? count : failed(-ENOENT, a->alternative, "images");
}


/* --- devices --------------------------------------------------------------------------- */

static enum outcome absent(const char *spec, const char *what)
{
	found(-ENOENT, spec, what);
	return NOT_YET;
}

enum outcome name_absent_tag(const char *spec)
{
	char value[TAG_SIZE];
	enum tag tag = tag_of(spec, value);
	bool is_uuid = tag == TAG_UUID || tag == TAG_PARTUUID;

	return absent(spec, is_uuid ? "no device has this UUID" : "no device has this label");
}

/* By LABEL= and its like. */
static enum outcome name_by_tag(const char *spec, const char **device)
{
	const char *found = device_find(spec);

	if (!found)
		return name_absent_tag(spec);
	*device = copy_of(found);
	return READY;
}

/* An MTD device by its name, as /proc/mtd has it: mtd0: 00020000 00001000 "name" */
static enum outcome name_by_mtd(const char *spec, const char *name, const char **device)
{
	char *text = read_whole("/proc/mtd"), *line;

	while (text && (line = next_line(&text))) {
		const char *digits = after_prefix(line, "mtd");
		char *quoted = find_byte(line, '"');
		char *end = after_prefix(quoted + !!*quoted, name);
		if (!digits || !end || *end != '"')
			continue;
		*device = joined("/dev/mtdblock", decimal(parse_digits(&digits)), "");
		if (sys_access(*device, F_OK) < 0)
			driver_load("mtdblock");
		return READY;
	}
	return absent(spec, "no MTD device has this name");
}

/* MAJOR:MINOR, for which a node is made. */
static enum outcome name_by_number(const char *spec, const char **device)
{
	const char *p = spec;
	unsigned number = parse_device(&p);

	if (!number) {
		failed(-EINVAL, spec,
		       "root= (/dev/..., MAJOR:MINOR, LABEL=, UUID=, PARTLABEL= or PARTUUID=)");
		return FAILED;
	}
	*device = ENABLE_FEATURE_INIT_FALLBACK ? joined("/dev/root-", spec, "") : "/dev/root";
	sys_mknod(*device, S_IFBLK | 0600, number);
	return READY;
}

/* udev makes these names, and nobody does here. */
static bool is_of_udev(const char *spec)
{
	return ENABLE_FEATURE_INIT_REASON &&
	       (after_prefix(spec, "/dev/disk/by-") || after_prefix(spec, "/dev/mapper/")) &&
	       sys_access(spec, F_OK) < 0;
}

enum outcome name_device(const char *spec, const char **device)
{
	const char *name;
	char value[TAG_SIZE];

	if (tag_of(spec, value) != TAG_NONE)
		return name_by_tag(spec, device);
	if (ENABLE_FEATURE_INIT_MTD && (name = after_prefix(spec, "mtd:")))
		return name_by_mtd(spec, name, device);
	if (*spec != '/' && !after_prefix(spec, "ubi"))
		return name_by_number(spec, device);
	if (is_of_udev(spec))
		return outcome_of(found(-EINVAL, spec,
					"names by udev are not supported, only by-label, -uuid, -partlabel, "
					"-partuuid: use /dev/NAME, LABEL= or UUID="));
	*device = spec;
	return READY;
}

char *name_end_of_device(char *spec)
{
	char *colon = find_byte(spec, ':');
	bool is_name = *colon && colon[1] != '/' && (after_prefix(spec, "ubi") || after_prefix(spec, "mtd"));

	return is_name ? find_byte(colon + 1, ':') : colon;
}

bool name_next_device(struct device_list *list)
{
	while (device_next(list)) {
		const char *name = after_prefix(list->path, "/dev/");
		if (!after_prefix(name, "loop") && !after_prefix(name, "ram"))
			return true;
	}
	return false;
}

const char *name_iso_path(void)
{
	const char *iso = plan[ISO], *name = after_prefix(iso, "/dev/disk/by-");

	/* /dev/disk/by-label/NAME/PATH, /dev/NAME/PATH */
	if (name)
		name = find_byte(name, '/');
	name = name ? name + !!*name : after_prefix(iso, "/dev/");
	return name ? find_byte(name, '/') : iso;
}

const char *name_candidates(void)
{
	if (!said(ISO))
		return plan[ROOT];
	if (said(ISO_DEVICE))
		return said(ISO_DEVICE);
	int device = name_iso_path() - plan[ISO];
	return device ? copied(plan[ISO], device) : "*";
}
