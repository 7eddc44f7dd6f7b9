/* SPDX-License-Identifier: MIT */
/* Which block devices there are, and which of them has a label or UUID: that of its
 * file system, or of its partition (GPT, or the DOS table). */
//kbuild:obj-$(CONFIG_FEATURE_PROBE_TAGS) += libbb/device.o
#include "probe_format.h"

/* Is name that of a partition of the disk: sda1 of sda, nvme0n1p1 of nvme0n1? */
static bool is_partition_of(const char *name, const char *disk)
{
	const char *number = after_prefix(name, disk);

	if (number && hex_digit(number[-1]) < 10 && *number++ != 'p')
		return false;
	return number && hex_digit(*number) < 10;
}

bool devices_unread;

/* The next name that the kernel lists, NULL at the end: a disk, and then its partitions. */
static const char *next_name(struct device_list *list)
{
	char *line;

	if (!list->started) {
		list->started = true;
		list->rest = read_whole("/proc/partitions");
		devices_unread = list->optical_listed = !list->rest;
	}
	while (list->rest && (line = next_line(&list->rest))) {
		/* major minor blocks name, below two lines of heading */
		char *name = NULL;
		for (unsigned i = 0; i < 4; i++)
			name = next_word(&line);
		if (!name || equal(name, "name") || length(name) > sizeof list->path - sizeof "/dev/")
			continue;
		list->optical_listed |= name[0] == 's' && name[1] == 'r';
		return name;
	}
	return NULL;
}

bool device_next(struct device_list *list)
{
	const char *name, *disk;

	do {
		name = next_name(list);
		disk = list->disk;
		if (name && disk && is_partition_of(name, disk))
			break;
		list->disk = name;
		name = disk; /* its partitions were all there */
	} while (!name && list->disk);
	if (name) {
		append(append(list->path, "/dev/"), name);
		return true;
	}
	/* Before Linux 5.17 no optical drive stood there. */
	if (list->optical_listed)
		return false;
	append_number(append(list->path, "/dev/sr"), list->optical++);
	return sys_access(list->path, F_OK) == 0;
}


/* --- labels and UUIDs ------------------------------------------------------ */

/* clang-format off */
static const char tags[] = "label\0" "uuid\0" "partlabel\0" "partuuid\0";
/* clang-format on */

bool tags_are_escaped;

/* The byte that \xHH or, as fstab has it, \OOO stands for; 0 for anything else. */
static unsigned escaped_byte(const char *text)
{
	if (text[0] != '\\')
		return 0;
	if (text[1] == 'x')
		return hex_digit(text[2]) < 16 && hex_digit(text[3]) < 16 ? hex_byte(text + 2) : 0;
	bool is_octal = hex_digit(text[1]) < 4 && hex_digit(text[2]) < 8 && hex_digit(text[3]) < 8;
	return is_octal ? hex_digit(text[1]) << 6 | hex_digit(text[2]) << 3 | hex_digit(text[3]) : 0;
}

enum tag tag_of(const char *spec, char value[TAG_SIZE])
{
	const char *link = after_prefix(spec, "/dev/disk/by-");
	const char *name = tags;
	char word[16];
	unsigned n = 0;

	if (link)
		spec = link;
	while (n < sizeof word - 1 && spec[n] && spec[n] != '=' && spec[n] != '/') {
		word[n] = spec[n];
		n++;
	}
	word[n] = 0;
	if (spec[n++] != (link ? '/' : '='))
		return TAG_NONE;
	for (enum tag tag = TAG_LABEL; tag <= TAG_PARTUUID; tag++, name = nth_string(name, 1)) {
		if (!equal_letters(name, word))
			continue;
		/* udev's names have \x20 for a blank; others may stand in quotes. */
		unsigned used = 0;
		spec += n;
		char quote = !link && (*spec == '"' || *spec == '\'') ? *spec++ : 0;
		for (; *spec && used < TAG_SIZE - 1; spec++) {
			unsigned byte = link || tags_are_escaped ? escaped_byte(spec) : 0;
			value[used++] = byte ? (char)byte : *spec;
			spec += byte ? 3 : 0;
		}
		value[used] = 0;
		if (!quote)
			return tag;
		while (used && value[--used] != quote)
			;
		if (value[used] != quote)
			return TAG_NONE;
		value[used] = 0;
		return tag;
	}
	return TAG_NONE;
}

/* Is it the label, as a tool may have written it: in other letters, or without what there was no room for
 * (FAT has 11 bytes)? */
static bool is_nearly(const char *label, const char *value)
{
	size_t size = length(label);

	return equal_letters(label, value) ||
	       (size >= 11 && length(value) > size && equal_letters(label, copied(value, size)));
}

static bool has_label(const char *label, const char *value, bool loosely)
{
	return ENABLE_FEATURE_INIT_REASON && loosely ? is_nearly(label, value) : equal(label, value);
}

static bool has_tag(const char *device, enum tag tag, const char *value, bool loosely)
{
	static struct volume volume;
	static struct partition partition;

	if (tag == TAG_LABEL || tag == TAG_UUID) {
		if (probe(device, &volume) < 0 || !volume.type)
			return false;
		return tag == TAG_LABEL ? has_label(volume.label, value, loosely)
					: equal_letters(volume.uuid, value);
	}
	if (!probe_partition(device, &partition))
		return false;
	return tag == TAG_PARTLABEL ? has_label(partition.label, value, loosely)
				    : equal_letters(partition.uuid, value);
}

/* Puts the partition so many behind the one that was found in its place. */
static bool move_to_neighbour(struct device_list *list, int offset)
{
	struct partition partition;

	if (!probe_partition(list->path, &partition))
		return false;
	char *end = append(list->path, partition.disk);
	if (hex_digit(end[-1]) < 10)
		*end++ = 'p';
	append_number(end, partition.number + offset);
	return true;
}

/* Cuts /PARTNROFF=n off, and returns n. */
static int cut_offset(char *value)
{
	for (; *value; value++) {
		const char *digits = after_prefix(value, "/PARTNROFF=");
		if (!digits)
			continue;
		*value = 0;
		bool before = *digits == '-';
		digits += before;
		int offset = parse_digits(&digits);
		return before ? -offset : offset;
	}
	return 0;
}

const char *device_find_next(const char *spec, struct device_list *list)
{
	char value[TAG_SIZE];

	enum tag tag = tag_of(spec, value);
	if (tag == TAG_NONE || !*value)
		return NULL;
	int offset = tag == TAG_PARTUUID ? cut_offset(value) : 0;
	while (device_next(list))
		if (has_tag(list->path, tag, value, list->loosely) &&
		    (!offset || move_to_neighbour(list, offset)))
			return list->path;
	return NULL;
}

void device_absent(const char *spec)
{
	char value[TAG_SIZE];
	enum tag tag = tag_of(spec, value);
	bool is_uuid = tag == TAG_UUID || tag == TAG_PARTUUID;

	found(-ENOENT, spec, is_uuid ? "no device has this UUID" : "no device has this label");
}

const char *device_named(const char *name)
{
	char value[TAG_SIZE];

	if (tag_of(name, value) == TAG_NONE || (*name == '/' && sys_access(name, F_OK) == 0))
		return name;
	const char *device = device_find(name);
	if (!device && !devices_unread)
		device_absent(name);
	return device ? copy_of(device) : NULL;
}

const char *device_find(const char *spec)
{
	static struct device_list list;
	char *mark = read_mark();

	list = (struct device_list){ 0 };
	const char *found = device_find_next(spec, &list);
	read_forget(mark);
	return found;
}
