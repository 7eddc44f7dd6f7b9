/* SPDX-License-Identifier: MIT */
/* fstab(5) and /proc/self/mounts, which have the same form. */
//kbuild:obj-y += libbb/mount_table.o
#include "mount.h"

/* by_kernel: blanks are single, and the source may be empty. */
static bool split(char *line, struct mount_entry *entry, bool by_kernel)
{
	static char defaults[] = "defaults", empty[] = "";

	entry->source = by_kernel && *line == ' ' ? empty : next_word(&line);
	entry->target = next_word(&line);
	entry->type = next_word(&line);
	entry->options = next_word(&line);
	if (!entry->options)
		entry->options = defaults;
	return entry->type && entry->source[0] != '#';
}

bool mount_entry_next(char **text, struct mount_entry *entry, bool by_kernel)
{
	char *line;

	while ((line = next_line(text)))
		if (split(line, entry, by_kernel))
			return true;
	return false;
}

/* Is the option, so long, in the list? One without a value stands for any. */
static bool has_option(const char *list, const char *option, size_t size)
{
	bool any_value = true;

	for (size_t i = 0; i < size; i++)
		any_value &= option[i] != '=';
	for (;;) {
		size_t same = 0;
		while (same < size && list[same] == option[same])
			same++;
		if (same == size && (!list[size] || list[size] == ',' || (any_value && list[size] == '=')))
			return true;
		list = find_byte(list, ',');
		if (!*list++)
			return false;
	}
}

bool mount_has_options(const char *options, const char *wanted)
{
	while (*wanted) {
		const char *option = after_prefix(wanted, "no");
		bool is_there = !option;
		if (is_there)
			option = wanted + (*wanted == '+');
		const char *end = find_byte(option, ',');
		if (end > option && has_option(options, option, end - option) != is_there)
			return false;
		wanted = end + (*end == ',');
	}
	return true;
}

bool mount_info_split(char *line, struct mount_info *info)
{
	static char empty[] = "";
	char **words[] = {
		&info->id, &info->parent, &info->device, &info->root, &info->target, &info->options
	};
	char *word;

	for (unsigned i = 0; i < LENGTH(words); i++)
		if (!(*words[i] = next_word(&line)))
			return false;
	/* So many optional fields, and a dash. */
	info->fields = line;
	while ((word = line, *line != '-' || line[1] != ' '))
		if (!next_word(&line))
			return false;
		else if (*line)
			line[-1] = ' ';
	if (word > info->fields)
		word[-1] = 0;
	else
		info->fields = empty;
	line += 2;
	info->type = next_word(&line);
	/* which may be empty */
	info->source = *line == ' ' ? empty : next_word(&line);
	info->super_options = next_word(&line);
	if (!info->super_options)
		return false;
	unescape(info->root);
	unescape(info->target);
	unescape(info->source);
	return true;
}

const char *mount_device_name(const char *path)
{
	static char real[PATH_SIZE], name[160];
	const char *device = path, *dm;

	if (!after_prefix(path, "/dev/") || after_prefix(path, "/dev/mapper/"))
		return path;
	if (sys_readlink(path, real, sizeof real) >= 0)
		device = real_path(path, real);
	dm = after_prefix(device, "/dev/dm-");
	if (!ENABLE_FEATURE_MOUNT_MORE || !dm)
		return device;
	char *end = append(name, "/dev/mapper/");
	int size = read_file(joined("/sys/block/dm-", dm, "/dm/name"), end, 128);
	if (size <= 0)
		return device;
	end[size - 1] = 0; /* the newline */
	return name;
}

int mount_is_target(const char *path)
{
	struct mount_entry entry;
	char *text = read_whole(MOUNTS), *rest = text;
	bool found = false;

	if (!text)
		return why.error;
	while (!found && mount_entry_next(&rest, &entry, true)) {
		unescape(entry.target);
		found = equal(entry.target, path);
	}
	read_forget(text);
	return found;
}

bool mount_is_below(const char *path, const char *directory)
{
	const char *rest = after_prefix(path, directory);

	return rest && (!*rest || *rest == '/' || !directory[1]);
}

bool mount_is_point(const char *path)
{
	struct statx status;
	char real[PATH_SIZE];

	/* From Linux 5.8 on, which a build without the legacy binding needs anyway,
	 * the kernel tells. */
	if (sys_statx(path, &status) == 0 && status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT)
		return status.stx_attributes & STATX_ATTR_MOUNT_ROOT;
	return ENABLE_LOOP_BIND_LEGACY && mount_is_target(real_path(path, real)) > 0;
}

char *mount_last_line(char *text, char **end)
{
	char *p = *end;

	if (p == text)
		return NULL;
	*--p = 0; /* the newline */
	while (p > text && p[-1] != '\n')
		p--;
	return *end = p;
}

bool mount_entry_last(char *text, char **end, struct mount_entry *entry)
{
	char *line = mount_last_line(text, end);

	return line && split(line, entry, true);
}
