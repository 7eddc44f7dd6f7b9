/* SPDX-License-Identifier: MIT */
/*
 * Codes that correct errors, as dm-verity reads them: Reed-Solomon over GF(2^8), 255 bytes
 * each, of which so many are parity (the roots). The bytes of one codeword lie far apart, so
 * that whole blocks may be lost: those at the same place of blocks n, n + rounds,
 * n + 2 * rounds, ... of data and hash tree together.
 */
//kbuild:obj-$(CONFIG_FEATURE_VERITYSETUP_TREE) += libbb/verity_fec.o
#include "verity.h"

enum { CODEWORD = 255, BLOCK_MAX = 64 * 1024 };

/* The product in the field of x^8 + x^4 + x^3 + x^2 + 1. */
static unsigned char multiplied(unsigned a, unsigned b)
{
	unsigned product = 0;

	for (; b; b >>= 1) {
		if (b & 1)
			product ^= a;
		a = a << 1 ^ (a & 0x80 ? 0x11d : 0);
	}
	return product;
}

/* (x - 1)(x - 2)(x - 4)..., without its first coefficient, which is 1. */
static void make_generator(unsigned char generator[VERITY_ROOTS_MAX], unsigned roots)
{
	unsigned char root = 1;

	for (unsigned n = 0; n < roots; n++, root = multiplied(root, 2)) {
		generator[n] = 0;
		for (unsigned i = n + 1; i--;)
			generator[i] ^= multiplied(i ? generator[i - 1] : 1, root);
	}
}

/* Reads a block of data, or of what follows the start of the tree; zeros behind all that. */
static int read_block(const struct verity *v, uint64_t n, uint64_t count, int data_fd, int hash_fd,
		      unsigned char *block)
{
	unsigned size = v->super.data_block;
	bool is_data = n < v->super.data_blocks;
	uint64_t at = is_data ? n : n - v->super.data_blocks + verity_tree_start(v);

	for (unsigned i = 0; i < size; i++)
		block[i] = 0;
	if (n >= count)
		return 0;
	int r = sys_pread(is_data ? data_fd : hash_fd, block, size, at * size);
	return r < 0 ? failed(r, is_data ? v->data : v->hash, "read") : 0;
}

static uint64_t rounds_of(const struct verity *v, uint64_t blocks)
{
	unsigned data_bytes = CODEWORD - v->fec_roots;

	return (blocks + data_bytes - 1) / data_bytes;
}

uint64_t verity_fec_size(const struct verity *v)
{
	return rounds_of(v, verity_fec_blocks(v)) * v->fec_roots;
}

int verity_write_fec(const struct verity *v, int data_fd, int hash_fd, int fec_fd)
{
	unsigned char generator[VERITY_ROOTS_MAX];
	unsigned roots = v->fec_roots, size = v->super.data_block, data_bytes = CODEWORD - roots;
	unsigned bytes = size * roots; /* of parity for a block; that of each of its bytes together */
	uint64_t count = verity_fec_blocks(v), rounds = rounds_of(v, count);

	if (size > BLOCK_MAX || size != v->super.hash_block || !count || v->fec_offset % size)
		return found(VERITY_BAD, v->fec_device,
			     "error correction: both blocks of one size, and an offset of whole ones");
	unsigned char *block = (void *)memory_take(size), *parity = (void *)memory_take(bytes);
	if (memory_check() < 0)
		return -ENOMEM;
	make_generator(generator, roots);
	for (uint64_t n = 0; n < rounds; n++) {
		for (unsigned i = 0; i < bytes; i++)
			parity[i] = 0;
		for (unsigned k = 0; k < data_bytes; k++) {
			int r = read_block(v, n + k * rounds, count, data_fd, hash_fd, block);
			if (r < 0)
				return r;
			/* Division by the generator, a byte at a time. */
			for (unsigned b = 0; b < size; b++) {
				unsigned char *p = parity + b * roots, feedback = block[b] ^ p[0];
				for (unsigned i = 0; i < roots; i++)
					p[i] = (i + 1 < roots ? p[i + 1] : 0) ^
					       (feedback ? multiplied(feedback, generator[i]) : 0);
			}
		}
		int r = sys_pwrite(fec_fd, parity, bytes, v->fec_offset + n * bytes);
		if (r != (int)bytes)
			return failed(r < 0 ? r : -ENOSPC, v->fec_device, "write");
	}
	return 0;
}
