/* SPDX-License-Identifier: MIT */
/*
 * All words for verified images: a root hash for each image, by a word or by a file of the initramfs;
 * partitions by the root hash; and the kernel's dm-mod.create=.
 */
//config:config FEATURE_INIT_VERITY_WORDS
//config:	bool "All words for verified images"
//config:	default y
//config:	depends on FEATURE_INIT_VERITY && FEATURE_INIT_FALLBACK && FEATURE_VERITY_OPTIONS
//config:	help
//config:	  A root hash for each image, systemd.verity*, usrhash=, dm-mod.create=.
//kbuild:obj-$(CONFIG_FEATURE_INIT_VERITY_WORDS) += init/verity_words.o
#include "verified.h"

#define TABLE_WORD "dm-mod.create="

enum { UUID_DIGITS = 32 };


/* --- what is demanded ---------------------------------------------------------------- */

/* PARTUUID= of 128 bits of a root hash: systemd's way to find a root partition by its first
 * ones, and the hash tree's by its last ones. */
static char *partition_of(const char *digits)
{
	char *spec = "PARTUUID=";

	for (unsigned i = 0; i < UUID_DIGITS; i += 4)
		spec = joined(spec, copied(digits + i, 4), i >= 4 && i <= 16 ? "-" : "");
	return spec;
}

char *verified_data_of(const char *hash)
{
	return partition_of(hash);
}

char *verified_tree_of(const char *hash)
{
	return partition_of(hash + length(hash) - UUID_DIGITS);
}

bool verified_is_hash(const char *hash)
{
	return verity_is_hex(hash, VERITY_DIGEST_MAX) && length(hash) >= UUID_DIGITS;
}

/* The root partition, where the words leave that to the root hash. */
static void find_partitions(void)
{
	const char *hash = plan[ROOT_HASH];

	if (plan[IMAGE]) /* root= is the medium */
		return;
	if (plan[VERITY_DATA])
		plan[ROOT] = plan[VERITY_DATA];
	/* systemd's name of what is not there yet */
	if (plan[ROOT] ? !equal(plan[ROOT], "/dev/mapper/root") : sys_access(BUILT_IN_IMAGE, F_OK) == 0)
		return;
	if (!hash || !verified_is_hash(hash))
		return;
	plan[ROOT] = verified_data_of(hash);
	if (!plan[VERITY_TREE])
		plan[VERITY_TREE] = verified_tree_of(hash);
}

/* Is root= the mapping that the kernel makes of the table (DM_INIT) before we come? The table
 * begins with NAME,UUID,MINOR. */
static bool is_root_of_table(const char *table)
{
	const char *name = next_part(&table, ','), *root = plan[ROOT];
	const char *by_name = root ? after_prefix(root, "/dev/mapper/") : NULL;

	return name && root && (equal(root, "/dev/dm-0") || (by_name && equal(by_name, name)));
}

static bool has_in(const char *text, const char *word)
{
	while (*text && !after_prefix(text, word))
		text++;
	return *text;
}

bool verified_is_made_by_kernel(void)
{
	return plan[DM_TABLE] && !has_in(plan[DM_TABLE], "IMAGE");
}

/* A table with IMAGE in it is for us. One without it is for the kernel (DM_INIT), and has to make the
 * device of root=, or else nobody does what it demands. Of several devices it is not known which one is
 * the root. A table without dm-verity demands nothing. 0, or -errno. */
int verified_read_table(void)
{
	const char *table = plan[DM_TABLE];
	if (!table)
		return 0;
	bool names_image = has_in(table, "IMAGE"), verifies = names_image || has_in(table, " verity ");

	for (unsigned i = ROOT_HASH; verifies && i < USR_HASH; i++)
		if (plan[i] && i != VERITY)
			return found(-EINVAL, TABLE_WORD, "another word says what the root hash is");
	if (!names_image &&
	    (!is_root_of_table(table) || (verifies && (plan[IMAGE] || said(ISO) || has_in(table, ";")))))
		return found(-EINVAL, TABLE_WORD, "neither names IMAGE, nor makes the device of root=");
	if (!verifies)
		plan[DM_TABLE] = NULL;
	return 0;
}

/* If the initramfs has root hashes, those of the command line count for no image. */
int verified_take_files(void)
{
	const char *name;
	int r = hash_file_find(&name);

	if (r <= 0)
		return r;
	plan_demands_verity = true;
	if (ENABLE_INIT_ROOT_HASH_FROM_INITRAMFS ||
	    !(plan[ROOT_HASH] || plan[IMAGE_HASHES] || plan[DM_TABLE]))
		return 0;
	warn("root hashes of the command line are ignored: the initramfs has its own");
	plan[ROOT_HASH] = plan[IMAGE_HASHES] = plan[DM_TABLE] = NULL;
	return 0;
}

int verified_read_words(void)
{
	if (plan_other_images)
		return found(-EINVAL, plan_other_images, "names other images, and a root hash is demanded");
	if (plan[VERITY] && !is_on(VERITY))
		warn("systemd.verity=%s: not supported, a root hash is demanded", plan[VERITY]);
	find_partitions();
	return 0;
}


/* --- one image ------------------------------------------------------------------------ */

/* Is it that file, by its name or by the end of its path? */
static bool is_image(const char *path, const char *name)
{
	while (*name == '/')
		name++;
	size_t size = length(path), of_name = length(name);

	return size > of_name && path[size - of_name - 1] == '/' && equal(path + size - of_name, name);
}

/* The root hash that words of the command line have for an image, or NULL; -errno where they
 * contradict each other. */
static int hash_in_words(const char *image, const char **found_hash)
{
	char *list = plan[IMAGE_HASHES] ? copy_of(plan[IMAGE_HASHES]) : NULL, *one;

	*found_hash = plan[ROOT_HASH];
	while (list && (one = next_line(&list))) { /* IMAGE=HASH */
		char *hash = one + length(one);
		while (hash > one && hash[-1] != '=')
			hash--;
		if (hash == one)
			continue;
		hash[-1] = 0;
		if (!is_image(image, one))
			continue;
		if (*found_hash && !equal_letters(*found_hash, hash))
			return found(-EINVAL, image, "the command line has two root hashes for it");
		*found_hash = hash;
	}
	return 0;
}

int verified_hash_of(const char *image, const char **hash)
{
	/* A file of the initramfs counts more than the command line. */
	*hash = verity_hash_in(joined("/", base_name(image), HASH_FILE));
	if (*hash)
		return 0;
	return why.is_finding || why.error == -ENOENT ? hash_in_words(image, hash) : why.error;
}

/* Does a table's ninth word, the root hash, have as many bits as any other one has to have? */
static bool has_long_hash(const char *table)
{
	char *words = copy_of(table), *hash = NULL;

	for (unsigned i = 0; i < 9; i++)
		hash = next_word(&words);
	return hash && length(hash) >= 2 * VERITY_DIGEST_MIN;
}

/* `dm-mod.create=NAME,UUID,MINOR,FLAGS,0 SECTORS verity ...`, as the kernel has it for devices
 * that are there without an initramfs. */
int verified_open_table(struct verity *verity, const char *mapping, const char *image)
{
	const char *text = plan[DM_TABLE];
	uint64_t start, sectors;

	verity_default(verity);
	verity->data = image;
	for (unsigned commas = 0; commas < 4 && *text; text++)
		commas += *text == ',';
	char *words = copy_of(text), *first = next_word(&words), *second = next_word(&words),
	     *type = next_word(&words);
	if (!type || !equal(type, "verity") || parse_size(first, &start) < 0 || start ||
	    parse_size(second, &sectors) < 0)
		return found(-EINVAL, TABLE_WORD, "not a table of dm-verity alone");
	if (has_in(words, ",") || has_in(words, ";"))
		return found(-EINVAL, TABLE_WORD, "more than one line, or device");
	if (!has_long_hash(words))
		return found(-EINVAL, TABLE_WORD, "a root hash of less than 256 bits");
	return verity_open_table(verity, mapping, sectors, words);
}
