/* SPDX-License-Identifier: MIT */
/*
 * What the files of init/ share that verify: verity_plan.c (what is demanded, and what is off then),
 * verity.c (one image), verity_mount.c (mounting it), and, with FEATURE_INIT_VERITY_WORDS, verity_words.c
 * (root hashes, partitions and tables by all words) and verity_usr.c (usrhash=).
 */
#ifndef VERIFIED_H
#define VERIFIED_H

#include "attempt.h"
#include "verity.h"

/* What is to be opened. */
struct verified {
	const char *name;      /* of the image or partition, for people */
	const char *data;      /* where it is to be read */
	const char *root_hash; /* or NULL */
	const char *tree;      /* the device that has its hash tree, or NULL */
	const char *options;   /* as veritysetup(8)'s, by commas, or NULL */
};

/* --- verity.c --- */

/* The device that spec means, if it is there; or NOT_YET, which is waited for with `waiting`. */
enum outcome verified_partner(const char *spec, const char *waiting, const char **device);
/* Opens it as a->mapping. */
enum outcome verified_open(struct attempt *a, const struct verified *v);
/* Says so; the path of the device. */
const char *verified_tell(const char *name);

/* --- verity_words.c --- */

#if ENABLE_FEATURE_INIT_VERITY_WORDS
/* Reads what dm-mod.create= demands. 0, or -errno with a `why`. */
int verified_read_table(void);
/* Finds root hashes in the initramfs: they count, and those of the line do not. 0, or -errno with a `why`. */
int verified_take_files(void);
/* A root hash is demanded: what the other words mean then. 0, or -errno with a `why`. */
int verified_read_words(void);
/* The root hash of an image, or NULL. 0, or -errno with a `why`. */
int verified_hash_of(const char *image, const char **hash);
/* Has the kernel made the mapping that is the root, so that nothing is to be opened? */
bool verified_is_made_by_kernel(void);
/* Fills in, and opens, what dm-mod.create= says of the image. 0, or -errno with a `why`. */
int verified_open_table(struct verity *verity, const char *mapping, const char *image);
/* Is it as long as a root hash has to be to find partitions by it? PARTUUID= of its data, or of its tree,
 * as systemd has them: 128 bits from its first digits, or up to its last. */
bool verified_is_hash(const char *hash);
char *verified_data_of(const char *hash);
char *verified_tree_of(const char *hash);
#else
static inline int verified_read_table(void)
{
	return 0;
}
static inline int verified_take_files(void)
{
	return 0;
}
static inline int verified_read_words(void)
{
	return 0;
}
static inline int verified_hash_of(const char *image UNUSED, const char **hash)
{
	*hash = plan[ROOT_HASH];
	return 0;
}
static inline bool verified_is_made_by_kernel(void)
{
	return false;
}
static inline int verified_open_table(struct verity *verity UNUSED, const char *mapping UNUSED,
				      const char *image UNUSED)
{
	return -ENOSYS;
}
#endif

#endif
