/* SPDX-License-Identifier: MIT */
/* veritysetup's format and verify: what needs no device-mapper, but a digest of our own. */
//config:config FEATURE_VERITYSETUP_TREE
//config:	bool "format and verify"
//config:	default y
//config:	depends on VERITYSETUP && FEATURE_VERITY_OPTIONS
//config:	help
//config:	  Make and check hash trees in user space, with SHA-256 or SHA-512.
//kbuild:obj-$(CONFIG_FEATURE_VERITYSETUP_TREE) += applets/veritysetup_tree.o
#include "loop.h"
#include "veritysetup.h"

static int write_at(const struct verity *v, int fd, const void *data, int size, int64_t offset)
{
	int n = sys_pwrite(fd, data, size, offset);

	return n == size ? 0 : failed(n < 0 ? n : -ENOSPC, v->hash, "write");
}

/* Writes the superblock as the disk has it. */
static int write_superblock(const struct verity *v, int fd)
{
	struct verity_superblock super = v->super;

	append(super.magic, "verity");
	verity_turn(&super);
	return write_at(v, fd, &super, sizeof super, v->hash_offset);
}

/* 1, 0 or -errno with a why. A file that is yet to be made is another one. */
static int is_same_file(const char *a, const char *b)
{
	struct loop_file one, other;
	const char *path = a;

	int r = loop_identify(path, &one);
	if (r == 0)
		r = loop_identify(path = b, &other);
	if (r == 0)
		return one.device == other.device && one.inode == other.inode;
	return r == -ENOENT ? 0 : failed(r, path, "stat");
}

/* What is written must not lie over what is there for it. */
static int check_places(const struct verity *v)
{
	const struct verity_superblock *super = &v->super;
	uint64_t data_end = super->data_blocks * super->data_block;
	uint64_t tree_end = (verity_tree_start(v) + verity_tree_blocks(v)) * super->hash_block;
	static const char of_hash[] = "data area overlaps with hash area (--hash-offset)",
			  of_codes[] = "data or hash area overlaps with FEC area (--fec-offset)";
	const struct {
		const char *file, *other, *finding;
		uint64_t end, start;
	} pairs[] = {
		{ v->data, v->hash, of_hash, data_end, v->hash_offset },
		{ v->data, v->fec_device, of_codes, data_end, v->fec_offset },
		{ v->hash, v->fec_device, of_codes, tree_end, v->fec_offset },
	};

	for (unsigned i = 0; i < LENGTH(pairs); i++) {
		if (!pairs[i].other || pairs[i].end <= pairs[i].start)
			continue;
		int r = is_same_file(pairs[i].file, pairs[i].other);
		if (r)
			return r < 0 ? r : found(VERITY_BAD, v->hash, pairs[i].finding);
	}
	return 0;
}

static int check_digest(const struct verity *v)
{
	return verity_digest_size(v) ? 0
				     : found(VERITY_BAD, v->hash, "format and verify know sha256 and sha512");
}

static int take_random(const struct verity *v, unsigned char *bytes, int size)
{
	int n = sys_getrandom(bytes, size);

	return n == size ? 0 : failed(n < 0 ? n : -EIO, v->hash, "random bytes");
}

/* Fills in what no option has said. */
static int complete(struct verity *v, int data_fd)
{
	struct verity_superblock *super = &v->super;
	static const unsigned char none[16];
	bool has_uuid = false;
	int r = 0;

	for (unsigned i = 0; i < sizeof none; i++)
		has_uuid |= super->uuid[i];
	if (!has_uuid) {
		r = take_random(v, super->uuid, sizeof super->uuid);
		super->uuid[6] = 0x40 | (super->uuid[6] & 0x0f); /* a random one, RFC 9562 */
		super->uuid[8] = 0x80 | (super->uuid[8] & 0x3f);
	}
	if (!option_arg('s')) {
		super->salt_size = 32;
		if (r == 0)
			r = take_random(v, super->salt, super->salt_size);
	}
	if (!super->data_blocks && super->data_block)
		super->data_blocks = sys_seek_end(data_fd) / super->data_block;
	if (r == 0)
		r = verity_check(v);
	if (r == 0)
		r = check_digest(v);
	return r < 0 ? r : check_places(v);
}

/* A file to write to; made, where there is none. */
static int open_to_write(const char *path, bool *is_new)
{
	struct stat status;

	*is_new = sys_access(path, F_OK) == -ENOENT;
	int fd = *is_new ? 0 : look_at_image(path, &status);
	if (fd < 0)
		return fd;
	fd = *is_new ? sys_open_new(path, 0600) : sys_open(path, O_RDWR);
	return fd < 0 ? failed(fd, path, "open") : fd;
}

static int sync_file(int fd, const char *path)
{
	int r = sys_fsync(fd);

	return r < 0 ? failed(r, path, "write") : 0;
}

static int write_tree(const struct verity *v, int data_fd, int hash_fd, unsigned char *root)
{
	int r = verity_tree(v, data_fd, hash_fd, false, root);

	/* Last, so that there is none without its tree. */
	if (r == 0 && !v->no_superblock)
		r = write_superblock(v, hash_fd);
	/* The kernel wants a whole block, though one block of data has no tree. */
	if (r == 0 && !v->no_superblock && !verity_tree_blocks(v))
		r = write_at(v, hash_fd, "", 1, verity_tree_start(v) * v->super.hash_block - 1);
	return r < 0 ? r : sync_file(hash_fd, v->hash);
}

static int write_fec(struct verity *v, int data_fd, int hash_fd)
{
	bool is_new;
	int fd = open_to_write(v->fec_device, &is_new);
	if (fd < 0)
		return fd;
	v->fec_blocks = verity_fec_blocks(v);
	int r = verity_write_fec(v, data_fd, hash_fd, fd);
	if (r == 0)
		r = sync_file(fd, v->fec_device);
	if (r < 0 && is_new)
		sys_unlink(AT_FDCWD, v->fec_device, 0);
	return r;
}

/* The digits alone, as cryptsetup writes them. */
static int write_root_hash(const char *path, const char *digits)
{
	int size = length(digits), fd = sys_create(path, 0666);

	if (fd < 0)
		return failed(fd, path, "open");
	int n = sys_write(fd, digits, size);
	sys_close(fd);
	return n == size ? 0 : failed(n < 0 ? n : -ENOSPC, path, "write");
}

int veritysetup_format(struct verity *v, char **operands, char *text)
{
	unsigned char root[VERITY_DIGEST_MAX];

	v->data = operands[0];
	v->hash = operands[1];
	int data_fd = open_to_read(v->data);
	if (data_fd < 0)
		return data_fd;
	bool is_new = false;
	int hash_fd = open_to_write(v->hash, &is_new);
	int r = hash_fd < 0 ? hash_fd : complete(v, data_fd);
	if (r == 0)
		r = write_tree(v, data_fd, hash_fd, root);
	if (r == 0 && v->fec_device)
		r = write_fec(v, data_fd, hash_fd);
	if (r == 0)
		*verity_append_hex(text, root, verity_digest_size(v)) = 0;
	if (r == 0 && v->root_hash_file)
		r = write_root_hash(v->root_hash_file, text);
	if (r < 0 && is_new && hash_fd >= 0)
		sys_unlink(AT_FDCWD, v->hash, 0);
	return r;
}

/* The root hash: an operand, or from a file. */
static int take_root_hash(struct verity *v, const char *operand)
{
	if (operand)
		v->root_hash = operand;
	unsigned size = verity_digest_size(v);
	if (v->root_hash && verity_is_hex(v->root_hash, VERITY_DIGEST_MAX) &&
	    !(size && length(v->root_hash) != 2 * size))
		return 0;
	return found(-EINVAL, v->root_hash ? v->root_hash : v->data,
		     v->root_hash ? "not a root hash of that algorithm" : "needs a root hash");
}

int veritysetup_verify(struct verity *v, char **operands)
{
	unsigned char root[VERITY_DIGEST_MAX];

	v->data = operands[0];
	v->hash = operands[1];
	int data_fd = open_to_read(v->data);
	if (data_fd < 0 || verity_load(v) < 0 || take_root_hash(v, operands[2]) < 0 || check_digest(v) < 0)
		return why.error;
	int hash_fd = sys_open(v->hash, O_RDONLY);
	return hash_fd < 0 ? failed(hash_fd, v->hash, "open") : verity_tree(v, data_fd, hash_fd, true, root);
}
