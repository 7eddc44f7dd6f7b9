/* SPDX-License-Identifier: MIT */
/*
 * dm-verity: a device that reads as the data does, as long as that is what the root hash
 * stands for. Sources: Documentation/admin-guide/device-mapper/verity.rst of the kernel;
 * the superblock is that of cryptsetup's veritysetup(8).
 */
#ifndef VERITY_H
#define VERITY_H

#include "dm.h"

enum {
	VERITY_SALT_MAX = 256,	 /* bytes, */
	VERITY_DIGEST_MAX = 128, /* so are these, */
	VERITY_DIGEST_MIN = 32,	 /* of a root hash: what is shorter can be forged */
	VERITY_BLOCK_MIN = 512,
	VERITY_BLOCK_MAX = 512 * 1024,
	VERITY_ROOTS_MAX = 24, /* bytes of parity in 255 */
	/* Findings of our own, whose step says it all: what is no good, */
	VERITY_BAD = -EBADMSG,
	VERITY_CHANGED = -EILSEQ, /* data or tree that are not what they were, */
	VERITY_WRONG_ROOT = -EKEYREJECTED,
};

/* As it is on the disk, little-endian there. */
struct verity_superblock {
	char magic[8];
	uint32_t version;
	uint32_t type; /* 1, or 0 for Chrome OS's: the salt behind what is hashed */
	unsigned char uuid[16];
	char algorithm[32];
	uint32_t data_block; /* bytes */
	uint32_t hash_block; /* bytes */
	uint64_t data_blocks;
	uint16_t salt_size;
	unsigned char padding[6];
	unsigned char salt[VERITY_SALT_MAX];
	unsigned char padding_too[168];
};
_Static_assert(sizeof(struct verity_superblock) == 512, "the format says so");

#define VERITY_BEHIND_DATA UINT64_MAX

struct verity {
	const char *data;      /* a file or block device */
	const char *hash;      /* where the tree is; may be the same */
	uint64_t hash_offset;  /* bytes: where the superblock begins, or without one the
				 tree. VERITY_BEHIND_DATA: behind the squashfs or erofs in data */
	const char *root_hash; /* in hexadecimal digits */
	/* Whoever writes the disk does not choose the hash algorithm, nor a module that the kernel
	 * loads for it: the superblock's is refused (VERITY_BAD) unless it is sha256, sha512 or the
	 * one that the option `hash` names. For init; veritysetup takes what the kernel has. */
	bool trusted_algorithms;
	struct verity_superblock super;
	/* Only with FEATURE_VERITY_OPTIONS: */
	bool no_superblock;	    /* super is what the options say */
	const char *algorithm;	    /* what the option `hash` named, or NULL */
	unsigned flags;		    /* a bit for each word that the kernel knows, see verity.c */
	bool error_as_corruption;   /* an error of the disk is treated as corruption is */
	const char *root_hash_file; /* for veritysetup alone */
	const char *signature;	    /* a file, PKCS #7 */
	const char *fec_device;
	uint64_t fec_offset;
	uint64_t fec_blocks; /* as verity_fec_blocks() has found it, once for all; or 0 */
	unsigned fec_roots;
	/* Out: */
	char path[DM_PATH_SIZE]; /* the device */
};

/* For an unknown kind of data: what veritysetup(8) takes where nothing is said. */
void verity_default(struct verity *verity);

/* veritysetup(8)'s long options, for options_parse(); and what one of them says, by its
 * letter. 0, or -EINVAL with a why, or what
 * kept the file of a root hash from being read. Only with FEATURE_VERITY_OPTIONS. */
#define VERITY_LETTERS "rpENizoTcSa:b:d:e:f:F:O:t:h:s:u:R:g:"
const char *verity_long_options(void);
int verity_option(struct verity *verity, char letter, const char *value);
/* Takes the same from a comma-separated list, as systemd.verity_root_options= has it, but for
 * ignore-corruption and root-hash-file, by which somebody who adds words to a kernel command line
 * would take back what it demands. The list is cut up. 0, or -EINVAL with a why. */
int verity_option_list(struct verity *verity, char *list);

/* The root hash in a file: the first word of its first line, or NULL and a why. Only
 * with FEATURE_VERITY_OPTIONS. */
const char *verity_hash_in(const char *path);
/* Is it a number of bytes in hexadecimal digits, of that many at most? */
bool verity_is_hex(const char *text, unsigned bytes_max);

/* Appends bytes in such digits, without a NUL; returns where to append more. */
char *verity_append_hex(char *to, const unsigned char *bytes, unsigned count);

/* Reads the superblock, and finds out where it is. 0, or -errno; VERITY_BAD where there
 * is none, or one that no kernel would take. */
int verity_load(struct verity *verity);
/* From the disk's order of bytes to the machine's, or back. */
void verity_turn(struct verity_superblock *super);
/* Looks whether a kernel would take what super says. 0, or VERITY_BAD with a why. */
int verity_check(const struct verity *verity);

/* The first block of the tree, counted in hash blocks. */
static inline uint64_t verity_tree_start(const struct verity *verity)
{
	bool alone = ENABLE_FEATURE_VERITY_OPTIONS && verity->no_superblock;
	uint64_t bytes = verity->hash_offset + (alone ? 0 : sizeof verity->super);

	return (bytes + verity->super.hash_block - 1) / verity->super.hash_block;
}

/* Makes the device, read-only, for what verity_load() has read or options say. Files get
 * loop devices, which go with it. Reads a block, since a wrong root hash shows only
 * there. 0, or -errno: then nothing that we made remains. VERITY_BAD for a root hash that is
 * none, or of less than VERITY_DIGEST_MIN bytes; dm_refused says whether the kernel refused the
 * mapping, and `why` is about that. */
int verity_open(struct verity *verity, const char *name);
/* The same of a table that somebody has written: what stands behind the target's name.
 * The words IMAGE in it are data. Only with FEATURE_VERITY_OPTIONS. */
int verity_open_table(struct verity *verity, const char *name, uint64_t sectors, const char *table);
/* verity_open() has failed with r: where the kernel refused the device, or it can't be read, adds to `why` what
 * the kernel's log says once that is tried again, and names path. Only with FEATURE_EXPLAIN. */
#if ENABLE_FEATURE_EXPLAIN
void verity_explain(struct verity *verity, const char *name, const char *path, int r);
#else
static inline void verity_explain(struct verity *verity UNUSED, const char *name UNUSED,
				  const char *path UNUSED, int r UNUSED)
{
}
#endif


/* --- verity_tree.c: in user space, with FEATURE_VERITYSETUP_TREE -------------- */

/* The size of a digest in bytes, or 0 for an algorithm that only the kernel knows. */
unsigned verity_digest_size(const struct verity *verity);
/* Reads all data, and writes the tree to hash_fd; or compares with what is there, and
 * with root. Returns 0, and the root hash in root; or -errno: VERITY_CHANGED where data or tree
 * are not what they should be, VERITY_WRONG_ROOT where the root hash is not. */
int verity_tree(const struct verity *verity, int data_fd, int hash_fd, bool compare,
		unsigned char root[VERITY_DIGEST_MAX]);
/* How many blocks the tree has. */
uint64_t verity_tree_blocks(const struct verity *verity);

/* How many blocks error correction is for, data and tree together, and whatever follows that
 * up to the end of hash, or the codes; 0 where the codes lie before the tree. */
uint64_t verity_fec_blocks(const struct verity *verity);
/* verity_fec.c: how many blocks the codes have. */
uint64_t verity_fec_size(const struct verity *verity);
/* Computes the codes, and writes them. 0, or -errno. */
int verity_write_fec(const struct verity *verity, int data_fd, int hash_fd, int fec_fd);

#endif
