/* SPDX-License-Identifier: MIT */
/* fstab(5) and /proc/self/mounts, which have the same form. */
//kbuild:obj-y += libbb/mount_table.o
#include "mount.h"

static bool split(char *line, struct mount_entry *entry)
{
	static char defaults[] = "defaults";

	entry->source = next_word(&line);
	entry->target = next_word(&line);
	entry->type = next_word(&line);
	entry->options = next_word(&line);
	if (!entry->options)
		entry->options = defaults;
	return entry->type && entry->source[0] != '#';
}

bool mount_entry_next(char **text, struct mount_entry *entry)
{
	char *line;

	while ((line = next_line(text)))
		if (split(line, entry))
			return true;
	return false;
}

bool mount_is_target(const char *path)
{
	struct mount_entry entry;
	char *text = read_whole(MOUNTS);

	while (text && mount_entry_next(&text, &entry)) {
		unescape(entry.target);
		if (equal(entry.target, path))
			return true;
	}
	return false;
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
	return split(p, entry);
}
