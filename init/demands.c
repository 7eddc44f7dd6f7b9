/* SPDX-License-Identifier: MIT */
/*
 * If the command line demands a root hash, nothing else boots. The demands in its text are counted, and
 * those that became part of the plan are counted off: if one is left, something has hidden it. A build
 * that knows roothash= alone, or no root hash at all, refuses other words for it.
 */
//config:config INIT_KNOWS_ROOT_HASH
//config:	def_bool FEATURE_INIT_VERITY || FEATURE_INIT_FALLBACK
//kbuild:obj-$(CONFIG_INIT) += init/demands.o
#include "plan.h"

/* systemd.verity=no, or any other word for that */
static bool is_off(const char *text)
{
	const char *value = after_prefix(text, "systemd.verity=");

	return value &&
	       (*value == '0' || *value == 'n' || *value == 'f' || (*value == 'o' && value[1] == 'f'));
}

/* The kernel takes - and _ for the same in its own words. A build that does not know all words refuses
 * whatever speaks of them; none knows live-boot's. */
#define DEMANDS_OF_ALL \
	"loopbox.verity\0" \
	"systemd.verity\0" \
	"dm-mod.create=\0" \
	"dm_mod.create=\0" \
	"dm-verity-root-hash\0" \
	"dm-verity-oncorruption=\0" \
	"dm-verity-enforce\0"

unsigned demands_count(const char *text)
{
	const char *words = ENABLE_FEATURE_INIT_VERITY_WORDS
				    ? "roothash=\0loopbox.roothash\0usrhash=\0" DEMANDS_OF_ALL
				    : "roothash\0usrhash\0" DEMANDS_OF_ALL;
	unsigned count = 0, quotes = 0;

	for (; *text; text++) {
		quotes += *text == '"';
		for (const char *word = words; *word; word += length(word) + 1)
			count += after_prefix(text, word) && !is_off(text);
	}
	/* Words that are added behind an open quote would not be seen: it counts as a demand that is not met. */
	return count && quotes % 2 ? count + 1 : count;
}

int hash_file_find(const char **name)
{
	static struct directory root;
	const struct directory_entry *entry = NULL;
	int r = sys_open("/", O_RDONLY | O_DIRECTORY);

	if (r >= 0) {
		directory_start(&root, r);
		while ((entry = directory_next(&root)) && !ends_with(entry->name, HASH_FILE))
			;
		sys_close(root.fd);
		r = root.error;
	}
	if (r < 0)
		return failed(r, "/", "read");
	if (entry)
		*name = entry->name;
	return entry != NULL;
}

int demands_end(unsigned left)
{
	if (ENABLE_FEATURE_INIT_VERITY_WORDS)
		return !left ? 0
			     : found(-EINVAL, COMMAND_LINE,
				     "a root hash is demanded behind --, or in an open quote");
	unsigned obeyed = ENABLE_FEATURE_INIT_VERITY && said(ROOT_HASH);
	const char *demanding = COMMAND_LINE;
	int r = left == obeyed ? hash_file_find(&demanding) : true;
	return r > 0 ? found(-EOPNOTSUPP, demanding,
			     "demands a root hash in a way that this build of init does not know")
		     : r;
}
