/* SPDX-License-Identifier: MIT */
/*
 * A kernel command line with a signed part, and whatever somebody has put before and behind it: the
 * line is refused, or what the signed part demands stands.
 */
#include <stdio.h>

#include "attempt.h"
#include "fuzz.h"

#define GOOD "1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef"
#define IMAGE_WORDS "root=LABEL=system loop=good.squashfs "
#define TABLE_OF_GOOD "vroot,,,ro,0 8 verity 1 IMAGE IMAGE 4096 4096 1 2 sha256 " GOOD " -"

static const struct {
	const char *words;
	unsigned char slot;
	const char *value;
} parts[] = {
	{ IMAGE_WORDS "roothash=" GOOD, ROOT_HASH, GOOD },
	{ "root=/dev/vda roothash=" GOOD, ROOT_HASH, GOOD },
	{ IMAGE_WORDS "loopbox.roothash.good.squashfs=" GOOD, IMAGE_HASHES, "\ngood.squashfs=" GOOD },
	{ IMAGE_WORDS "dm-mod.create=\"" TABLE_OF_GOOD "\"", DM_TABLE, TABLE_OF_GOOD },
	{ IMAGE_WORDS "\"dm_mod.create=" TABLE_OF_GOOD "\"", DM_TABLE, TABLE_OF_GOOD },
	{ IMAGE_WORDS "systemd.verity=yes", VERITY, "yes" },
	{ IMAGE_WORDS "roothash=" GOOD " usrhash=" GOOD, USR_HASH, GOOD },
	{ IMAGE_WORDS "roothash=" GOOD " loopbox.verity.options=hash=sha256", VERITY_OPTIONS, "hash=sha256" },
	{ "roothash=" GOOD " systemd.verity_root_data=/dev/vda", VERITY_DATA, "/dev/vda" },
};

/* What somebody else demands for other images may stand before or behind it. */
static bool stands(const char *value, unsigned slot)
{
	if (slot == IMAGE_HASHES)
		return plan[slot] && strstr(plan[slot], value);
	return plan[slot] && (slot == VERITY || !strcmp(plan[slot], value));
}

static void check(const char *line, unsigned n)
{
	static const unsigned char off[] = { RW, SHELL, BREAK, TRIES, RESUME, CHECKSUM, PERSISTENT };
	bool good = verity_demanded() && stands(parts[n].value, parts[n].slot);

	for (unsigned i = 0; i < LENGTH(off); i++)
		good &= !plan[off[i]];
	good &= !plan_stores();
	/* Another image would need the same root hash. */
	if (strstr(parts[n].words, "loop=") && !plan[ROOT_HASH])
		good &= !strcmp(plan[IMAGE] ? plan[IMAGE] : "", "good.squashfs");
	/* By a table nothing else is opened. */
	if (plan[DM_TABLE])
		good &= parts[n].slot == DM_TABLE && !plan[ROOT_HASH] && !plan[IMAGE_HASHES];
	if (good)
		return;
	fprintf(stderr, "%s\n", line);
	abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
	char line[4096];

	if (size < 2 || size > 1000 || memchr(bytes, 0, size))
		return 0;
	unsigned n = bytes[0] % LENGTH(parts);
	size_t before = bytes[1] * size / 256;
	bytes += 2;
	size -= 2;
	before = before < size ? before : size;
	snprintf(line, sizeof line, "%.*s %s %.*s\n", (int)before, (const char *)bytes, parts[n].words,
		 (int)(size - before), (const char *)bytes + before);
	char *mark = read_mark();
	fake_boot();
	fake_text("/proc/cmdline", line);
	memset(plan, 0, sizeof plan);
	plan_of_live = false;
	if (plan_read() == 0 && verity_read_plan() == 0)
		check(line, n);
	fake_check_descriptors();
	read_forget(mark);
	return 0;
}
