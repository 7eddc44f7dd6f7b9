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

bool mount_has_options(const char *options, const char *wanted)
{
	char word[LIST_WORD_SIZE];

	while (next_listed(&wanted, word)) {
		const char *without = after_prefix(word, "no");
		if (!has_word(options, word) && !(without && !has_word(options, without)))
			return false;
	}
	return true;
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

bool mount_entry_last(char *text, char **end, struct mount_entry *entry)
{
	char *p = *end;

	if (p == text)
		return false;
	*--p = 0; /* the newline */
	while (p > text && p[-1] != '\n')
		p--;
	*end = p;
	return split(p, entry, true);
}
