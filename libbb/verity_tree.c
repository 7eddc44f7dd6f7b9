/* SPDX-License-Identifier: MIT */
/*
 * The hash tree of dm-verity, in user space: level 0 has the digests of the data, each
 * level above those of the blocks of the one below, and the root hash is that of the top
 * block. The top lies first.
 */
//kbuild:obj-$(CONFIG_FEATURE_VERITYSETUP_TREE) += libbb/verity_tree.o
#include "sha2.h"
#include "verity.h"

enum { LEVELS_MAX = 64 };

struct level {
	unsigned char *block; /* what is gathered of the next one, */
	unsigned used;	      /* so many bytes, */
	uint64_t first, at;   /* where on the disk the level begins, and that one lies: in blocks */
};

static struct level levels[LEVELS_MAX];
static unsigned level_count;
static unsigned char *there; /* a block of the tree as it is on the disk */

static struct tree {
	const struct verity *verity;
	unsigned digest_size, entries_shift; /* a block holds 1 << so many digests */
	int hash_fd;
	bool compare;
	unsigned char *root;
} tree;

unsigned verity_digest_size(const struct verity *v)
{
	return equal(v->super.algorithm, "sha256") ? 32 : equal(v->super.algorithm, "sha512") ? 64 : 0;
}

static void hash(const unsigned char *block, unsigned size, unsigned char *digest)
{
	const struct verity_superblock *super = &tree.verity->super;
	struct sha2 sha2;

	sha2_start(&sha2, tree.digest_size);
	if (super->type == 1)
		sha2_add(&sha2, super->salt, super->salt_size);
	sha2_add(&sha2, block, size);
	if (super->type == 0)
		sha2_add(&sha2, super->salt, super->salt_size);
	sha2_end(&sha2, digest);
}

/* Lays out the levels; returns how many blocks they have. */
static uint64_t lay_out(const struct verity *v)
{
	uint64_t sizes[LEVELS_MAX], blocks = v->super.data_blocks, total = 0;

	tree.verity = v;
	tree.digest_size = verity_digest_size(v);
	for (tree.entries_shift = 0; tree.digest_size << tree.entries_shift < v->super.hash_block;)
		tree.entries_shift++;
	level_count = 0;
	while (blocks > 1) {
		blocks = (blocks + (1ULL << tree.entries_shift) - 1) >> tree.entries_shift;
		sizes[level_count++] = blocks;
	}
	for (unsigned i = level_count; i--; total += sizes[i])
		levels[i] = (struct level){ .first = verity_tree_start(v) + total,
					    .at = verity_tree_start(v) + total };
	return total;
}

uint64_t verity_tree_blocks(const struct verity *v)
{
	return lay_out(v);
}

/* Where in the data the two blocks of level 0 begin to differ. */
static int tell_difference(unsigned level, const unsigned char *is, const unsigned char *wanted)
{
	const struct verity_superblock *super = &tree.verity->super;
	uint64_t block = levels[0].at - levels[0].first;
	unsigned n = 0;

	while (is[n] == wanted[n])
		n++;
	block = (block << tree.entries_shift) + n / tree.digest_size;
	if (level || block >= super->data_blocks)
		return found(VERITY_CHANGED, tree.verity->hash, "the hash tree is damaged");
	return found(VERITY_CHANGED, tree.verity->data,
		     joined("verification failed at position ", decimal(block * super->data_block), ""));
}

static int write_or_compare(unsigned level)
{
	struct level *l = levels + level;
	unsigned size = tree.verity->super.hash_block;
	int64_t at = l->at * size;

	if (!tree.compare) {
		int n = sys_pwrite(tree.hash_fd, l->block, size, at);
		return n == (int)size ? 0 : failed(n < 0 ? n : -ENOSPC, tree.verity->hash, "write");
	}
	int n = sys_pread(tree.hash_fd, there, size, at);
	if (n != (int)size)
		return failed(n < 0 ? n : -EIO, tree.verity->hash, "read");
	for (unsigned i = 0; i < size; i++)
		if (there[i] != l->block[i])
			return tell_difference(level, l->block, there);
	return 0;
}

static int flush(unsigned level);

/* Adds the digest of a block to that level, or it is the root hash. */
static int add(unsigned level, const unsigned char *digest)
{
	struct level *l = levels + level;
	unsigned char *to = level == level_count ? tree.root : l->block + l->used;

	for (unsigned i = 0; i < tree.digest_size; i++)
		to[i] = digest[i];
	if (level == level_count)
		return 0;
	l->used += tree.digest_size;
	return l->used < tree.verity->super.hash_block ? 0 : flush(level);
}

/* The level's block is complete: the rest of it is zeros. */
static int flush(unsigned level)
{
	struct level *l = levels + level;
	unsigned char digest[VERITY_DIGEST_MAX];
	unsigned size = tree.verity->super.hash_block;

	while (l->used < size)
		l->block[l->used++] = 0;
	int r = write_or_compare(level);
	if (r < 0)
		return r;
	hash(l->block, size, digest);
	l->used = 0;
	l->at++;
	return add(level + 1, digest);
}

int verity_tree(const struct verity *v, int data_fd, int hash_fd, bool compare,
		unsigned char root[VERITY_DIGEST_MAX])
{
	unsigned char digest[VERITY_DIGEST_MAX];
	unsigned size = v->super.data_block;
	unsigned char *block = (void *)memory_take(size);

	lay_out(v);
	for (unsigned i = 0; i < level_count; i++)
		levels[i].block = (void *)memory_take(v->super.hash_block);
	there = (void *)memory_take(v->super.hash_block);
	if (memory_check() < 0)
		return -ENOMEM;
	tree.hash_fd = hash_fd;
	tree.compare = compare;
	tree.root = root;
	int r = 0;
	for (uint64_t n = 0; r == 0 && n < v->super.data_blocks; n++) {
		r = sys_pread(data_fd, block, size, n * size);
		if (r != (int)size)
			return failed(r < 0 ? r : -EIO, v->data, "read");
		hash(block, size, digest);
		r = add(0, digest);
	}
	for (unsigned i = 0; r == 0 && i < level_count; i++)
		if (levels[i].used)
			r = flush(i);
	if (r == 0 && compare && !is_hex_of(v->root_hash, root, tree.digest_size))
		r = found(VERITY_WRONG_ROOT, v->hash, "verification of root hash failed");
	return r;
}
