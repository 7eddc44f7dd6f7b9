/* SPDX-License-Identifier: MIT */
/* fstab(5) and /proc/self/mounts, which have the same form. */
//kbuild:obj-y += libbb/mount_table.o
#include "mount.h"

static char defaults[] = "defaults", empty[] = "";

static bool split(char *line, struct mount_entry *entry)
{
	/* The source may be empty. */
	entry->source = *line == ' ' ? empty : next_word(&line);
	entry->target = next_word(&line);
	entry->type = next_word(&line);
	entry->options = next_word(&line);
	return entry->options;
}

bool mount_entry_next(char **text, struct mount_entry *entry)
{
	char *line;

	while ((line = next_line(text)))
		if (split(line, entry))
			return true;
	return false;
}

/* What takes the place of a NUL, which would end the text. */
enum { TORN = '\1' };

int fstab_read(struct fstab *fstab, const char *path)
{
	*fstab = (struct fstab){ .path = path };
	fstab->rest = read_whole(path);
	if (!fstab->rest)
		return why.error;
	for (char *p = fstab->rest, *end = read_mark() - 1; p < end; p++)
		if (!*p)
			*p = TORN;
	return 0;
}

/* Cuts off LABEL="a b", where blanks belong to the value; else the next word. */
static char *next_source(char **line)
{
	char *start = behind_blanks(*line), *p = start;

	while (*p && *p != ' ' && *p != '\t' && *p != '=')
		p++;
	if (!*p || (p[1] != '"' && p[1] != '\''))
		return next_word(line);
	char *end = find_byte(p + 2, p[1]);
	if (!*end || (end[1] != ' ' && end[1] != '\t'))
		return next_word(line);
	end[1] = 0;
	*line = end + 2;
	return start;
}

/* The next word, "0" where there is none, or NULL where it is not a number. */
static const char *next_number(char **line)
{
	const char *word = next_word(line), *end;

	if (!word)
		return "0";
	end = word + (*word == '-');
	parse_digits(&end);
	return !*end && end > word ? word : NULL;
}

/* 1, 0 where nothing is in the line, or -EINVAL. */
static int split_fstab(char *line, struct mount_entry *entry)
{
	size_t size = length(line);
	bool is_torn = *find_byte(line, TORN);

	if (size && line[size - 1] == '\r')
		line[size - 1] = 0;
	char *first = behind_blanks(line);
	if (!*first || *first == '#')
		return 0;
	entry->source = next_source(&line);
	entry->target = next_word(&line);
	entry->type = next_word(&line);
	entry->options = next_word(&line);
	if (!entry->options || !*entry->options)
		entry->options = defaults;
	entry->frequency = next_number(&line);
	entry->pass = next_number(&line);
	if (is_torn || !entry->type || !*entry->type || !entry->frequency || !entry->pass)
		return -EINVAL;
	unescape(entry->source);
	unescape(entry->target);
	return 1;
}

int fstab_next(struct fstab *fstab, struct mount_entry *entry)
{
	char *line;
	int r = 0;

	while (r == 0 && (line = next_line(&fstab->rest))) {
		fstab->line++;
		r = split_fstab(line, entry);
	}
	return r;
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

/* Reads the kernel's number of the mount that path lies on; a literal's, in text. */
static const char *id_of(const char *path, char text[512])
{
	char fdinfo[64], *line;

	int fd = sys_open(path, O_PATH);
	if (fd < 0) {
		failed(fd, path, "open");
		return NULL;
	}
	append_number(append(fdinfo, "/proc/self/fdinfo/"), fd);
	int size = read_file(fdinfo, text, 512);
	sys_close(fd);
	while (size > 0 && (line = next_line(&text))) {
		const char *id = after_prefix(line, "mnt_id:\t");
		if (id)
			return id;
	}
	failed(size < 0 ? size : -ENODATA, "/proc/self/fdinfo", "mnt_id"); /* Linux 3.15 */
	return NULL;
}

int mount_find(const char *path, struct mount_info *info)
{
	char text[512], *list, *line;

	const char *id = id_of(path, text);
	if (!id || !(list = read_whole(MOUNT_INFO)))
		return why.error;
	while ((line = next_line(&list)))
		if (mount_info_split(line, info) && equal(info->id, id))
			return 0;
	return found(-ENOENT, path, "its mount is not in " MOUNT_INFO); /* behind a chroot */
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

/* Is image the file behind a loop device, and not behind one of its partitions? */
static bool is_image_of(const char *source, const char *image)
{
	struct loop_info64 info;
	struct loop_file wanted = { 0 };

	if (loop_number(source) < 0 || loop_identify(image, &wanted) < 0)
		return false;
	int fd = loop_open_bound(source, &info);
	if (fd < 0)
		return false;
	sys_close(fd);
	return loop_is_of(&info, &wanted);
}

bool mount_is_source(const char *source, const char *name)
{
	return equal(source, ENABLE_FEATURE_MOUNT_MORE ? mount_device_name(name) : name) ||
	       is_image_of(source, name);
}

int mount_is_target(const char *path)
{
	struct mount_entry entry;
	char *text = read_whole(MOUNTS), *rest = text;
	bool found = false;

	if (!text)
		return why.error;
	while (!found && mount_entry_next(&rest, &entry)) {
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

int mount_is_point(const char *path)
{
	struct attributes status;
	char real[PATH_SIZE];

	/* From Linux 5.8 on, which a build without the legacy binding needs anyway,
	 * the kernel tells. */
	int r = sys_statx(path, &status);
	if (r == 0 && status.attributes_mask & ATTRIBUTE_MOUNT_ROOT)
		return !!(status.attributes & ATTRIBUTE_MOUNT_ROOT);
	if (ENABLE_LOOP_BIND_LEGACY)
		return mount_is_target(real_path(path, real));
	return r < 0 ? failed(r, path, "statx") : 0;
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

	return line && split(line, entry);
}
