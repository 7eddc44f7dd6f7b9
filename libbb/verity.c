/* SPDX-License-Identifier: MIT */
/* dm-verity: from a superblock and a root hash to a device that can be read, or not. */
//config:config VERITY
//config:	def_bool VERITYSETUP || FEATURE_INIT_VERITY
//config:
//config:config FEATURE_VERITY_OPTIONS
//config:	bool "All options of dm-verity"
//config:	default y
//config:	help
//config:	  What is done about corruption, signed root hashes, error
//config:	  correction, a tree without a superblock.
//kbuild:obj-$(CONFIG_VERITY) += libbb/verity.o
#include <endian.h>

#include "explain.h"
#include "loop.h"
#include "superblock.h"
#include "verity.h"


/* --- the superblock ----------------------------------------------------------- */

/* What the file system at the start says that it takes, up to a whole page, as
 * mksquashfs and mkfs.erofs write it; 0 where it is none of these. */
static uint64_t size_of_data(int fd)
{
	static unsigned char start[1024 + 64];
	const unsigned char *erofs = start + 1024;
	uint64_t bytes = 0;

	if (sys_pread(fd, start, sizeof start, 0) < (int)sizeof start)
		return 0;
	if (le32(start) == 0x73717368) /* "hsqs" */
		bytes = squashfs_bytes(start);
	else if (le32(erofs) == 0xe0f5e1e2)
		bytes = erofs_bytes(erofs);
	return (bytes + 4095) & -4096ULL;
}

static bool is_block_size(uint32_t bytes)
{
	return bytes >= VERITY_BLOCK_MIN && bytes <= VERITY_BLOCK_MAX && !(bytes & (bytes - 1));
}

/* It becomes a word of the table: nothing in it may end that, or begin another one. */
static bool is_algorithm(const char *name, unsigned size)
{
	for (const char *p = name; size--; p++) {
		if (!*p)
			return p != name;
		if (*p <= ' ' || *p > '~' || *p == '\\')
			break;
	}
	return false;
}

/* Is the algorithm one that nobody can forge, or that an option has named? */
static bool is_trusted(const struct verity *v)
{
	const char *name = v->super.algorithm;

	return equal(name, "sha256") || equal(name, "sha512") ||
	       (ENABLE_FEATURE_VERITY_OPTIONS && v->algorithm && equal(v->algorithm, name));
}

/* Where there are no options, one text has to do, and what the kernel looks at, too, is left
 * to it. */
#define BY_US(condition) (ENABLE_FEATURE_VERITY_OPTIONS && (condition))
#define FAULT(text) (ENABLE_FEATURE_VERITY_OPTIONS ? text : "dm-verity superblock")

static const char *fault_of(const struct verity *v)
{
	const struct verity_superblock *super = &v->super;

	return BY_US(!v->no_superblock && super->version != 1)		? "an unknown version of dm-verity"
	       : BY_US(super->type > 1)					? "an unknown type of hash tree"
	       : BY_US(!is_block_size(super->data_block))		? "a bad size of data blocks"
	       : !is_block_size(super->hash_block)			? FAULT("a bad size of hash blocks")
	       : BY_US(!super->data_blocks || super->data_blocks >> 43) ? "a bad number of data blocks"
	       : super->salt_size > VERITY_SALT_MAX			? FAULT("a salt that is too long")
	       : !is_algorithm(super->algorithm, sizeof super->algorithm)
		       ? FAULT("a bad name of a hash algorithm")
	       : v->trusted_algorithms && !is_trusted(v)
		       ? FAULT("a hash algorithm that is not trusted: not sha256, sha512 or the one of hash=")
	       : BY_US(v->hash_offset % (v->no_superblock ? super->hash_block : VERITY_BLOCK_MIN))
		       ? "a hash tree that begins within a block"
		       : NULL;
}

int verity_check(const struct verity *v)
{
	const char *fault = fault_of(v);

	return fault ? found(VERITY_BAD, v->hash, fault) : 0;
}

void verity_turn(struct verity_superblock *super)
{
	super->version = le32toh(super->version);
	super->type = le32toh(super->type);
	super->data_block = le32toh(super->data_block);
	super->hash_block = le32toh(super->hash_block);
	super->data_blocks = le64toh(super->data_blocks);
	super->salt_size = le16toh(super->salt_size);
}

static bool lacks_superblock(const struct verity *v)
{
	return ENABLE_FEATURE_VERITY_OPTIONS && v->no_superblock;
}

/* What the options say is the superblock, but for the number of blocks, perhaps. */
static void count_blocks(struct verity *v, int data_fd)
{
	uint64_t bytes = equal(v->data, v->hash) ? v->hash_offset : (uint64_t)sys_seek_end(data_fd);

	if (!v->super.data_blocks && is_block_size(v->super.data_block))
		v->super.data_blocks = bytes / v->super.data_block;
}

/* Says what is there instead, too: a truncated image, which it was behind, or a LUKS volume. */
static int lacks_tree(const struct verity *v)
{
	if (!ENABLE_FEATURE_VERITY_OPTIONS)
		return found(VERITY_BAD, v->hash, FAULT(""));
	bool is_other = explain_image(v->hash) < 0;
	const char *text = joined("no dm-verity superblock at byte ", decimal(v->hash_offset), "");
	return found(VERITY_BAD, v->hash, is_other ? joined(text, ": ", why.step) : text);
}

/* Reads it, from what is open already. */
static int read_superblock(struct verity *v, int data_fd, int hash_fd)
{
	struct verity_superblock *super = &v->super;

	if (!ENABLE_FEATURE_VERITY_OPTIONS || v->hash_offset == VERITY_BEHIND_DATA)
		v->hash_offset = size_of_data(data_fd);
	if (lacks_superblock(v)) {
		count_blocks(v, data_fd);
	} else {
		int size = sys_pread(hash_fd, super, sizeof *super, v->hash_offset);
		if (BY_US(size < 0))
			return failed(size, v->hash, "read");
		if (size < (int)sizeof *super || !equal(super->magic, "verity"))
			return lacks_tree(v);
		verity_turn(super);
	}
	return verity_check(v);
}

int verity_load(struct verity *v)
{
	int data_fd = -1, fd = open_to_read(v->hash), r = fd;

	if (r >= 0 && lacks_superblock(v))
		r = data_fd = open_to_read(v->data);
	if (r >= 0)
		r = read_superblock(v, data_fd, fd);
	if (fd >= 0)
		sys_close(fd);
	if (data_fd >= 0)
		sys_close(data_fd);
	return r;
}


/* --- options -------------------------------------------------------------------- */

/* clang-format off */
#define FLAGS(X) \
	X("r", "restart-on-corruption", "restart_on_corruption") \
	X("p", "panic-on-corruption", "panic_on_corruption") /* Linux 5.9 */ \
	X("E", "restart-on-error", "restart_on_error") /* Linux 6.12, */ \
	X("N", "panic-on-error", "panic_on_error") /* this, too */ \
	X("i", "ignore-corruption", "ignore_corruption") \
	X("z", "ignore-zero-blocks", "ignore_zero_blocks") \
	X("o", "check-at-most-once", "check_at_most_once") \
	X("T", "use-tasklets", "try_verify_in_tasklet") /* Linux 6.0 */ \
	X("c", "error-as-corruption", "") \
	X("S", "no-superblock", "")
#define VALUES(X) \
	X("a", "hash-offset", ) X("b", "data-blocks", ) X("d", "data-block-size", ) \
	X("e", "hash-block-size", ) X("f", "format", ) X("F", "fec-device", ) X("O", "fec-offset", ) \
	X("t", "fec-roots", ) X("h", "hash", ) X("s", "salt", ) X("u", "uuid", ) \
	X("R", "root-hash-file", ) X("g", "root-hash-signature", ) X("P", "superblock", )
/* clang-format on */

#define LETTER(letter, name, word) letter
#define NAME(letter, name, word) name "\0"
#define WORD(letter, name, word) word "\0"
static const char letters[] = FLAGS(LETTER) VALUES(LETTER);
static const char names[] = FLAGS(NAME) VALUES(NAME);
static const char flag_words[] = FLAGS(WORD);
enum {
	FLAG_COUNT = sizeof(FLAGS(LETTER)) - 1,
	/* Bits of `flags`, in the order of FLAGS: restart or panic, the same a second time for errors */
	ON_CORRUPTION = 3,
	TO_ERROR = 2,
};

const char *verity_long_options(void)
{
	static char longs[sizeof names + 3 * sizeof letters];
	char *end = longs;

	for (unsigned i = 0; letters[i]; i++) {
		end = append(append(end, nth_string(names, i)), "=");
		*end++ = letters[i];
	}
	return longs;
}

bool verity_is_hex(const char *text, unsigned bytes_max)
{
	size_t size = length(text);

	for (const char *p = text; *p; p++)
		if (hex_digit(*p) > 15)
			return false;
	return size && size % 2 == 0 && size / 2 <= bytes_max;
}

/* Reads bytes from hexadecimal digits. */
static void take_hex(unsigned char *bytes, const char *text)
{
	for (; *text; text += 2)
		*bytes++ = hex_byte(text);
}

static bool take_salt(struct verity_superblock *super, const char *value)
{
	if (equal(value, "-"))
		value = "";
	else if (!verity_is_hex(value, sizeof super->salt))
		return false;
	take_hex(super->salt, value);
	super->salt_size = length(value) / 2;
	return true;
}

static bool take_uuid(struct verity_superblock *super, const char *value)
{
	char digits[33];
	unsigned used = 0;

	for (; *value && used < 32; value++)
		if (*value != '-')
			digits[used++] = *value;
	digits[used] = 0;
	if (*value || used < 32 || !verity_is_hex(digits, 16))
		return false;
	take_hex(super->uuid, digits);
	return true;
}

const char *verity_hash_in(const char *path)
{
	char *text = read_whole(path);
	if (!text)
		return NULL;
	char *line = next_line(&text), *hash = line ? next_word(&line) : NULL;
	if (!hash)
		found(-EINVAL, path, "its first line is empty: not a root hash");
	return hash;
}

int verity_option(struct verity *v, char letter, const char *value)
{
	struct verity_superblock *super = &v->super;
	uint64_t number = 0;
	bool good = true;

	for (unsigned i = 0; i < FLAG_COUNT; i++)
		if (letters[i] == letter)
			v->flags |= 1U << i;
	for (const char *p = "abdefOt"; *p; p++)
		if (*p == letter)
			good = parse_size(value, &number) == 0;
	switch (letter) {
	case 'a':
		v->hash_offset = number;
		break;
	case 'b':
		super->data_blocks = number;
		break;
	case 'd':
		super->data_block = number > UINT32_MAX ? 0 : number;
		break;
	case 'e':
		super->hash_block = number > UINT32_MAX ? 0 : number;
		break;
	case 'f':
		super->type = number > 1 ? 2 : number;
		break;
	case 'F':
		v->fec_device = value;
		break;
	case 'O':
		v->fec_offset = number;
		break;
	case 't':
		good &= number >= 2 && number <= VERITY_ROOTS_MAX;
		v->fec_roots = number;
		break;
	case 'h':
		good = is_algorithm(value, sizeof super->algorithm);
		if (good)
			append(super->algorithm, v->algorithm = value);
		break;
	case 's':
		good = take_salt(super, value);
		break;
	case 'c':
		v->error_as_corruption = true;
		break;
	case 'S':
		v->no_superblock = true;
		break;
	case 'P':
		v->no_superblock = has_word("0,n,no,off,false", value);
		break;
	case 'u':
		good = take_uuid(super, value);
		break;
	case 'R':
		v->root_hash = verity_hash_in(value);
		return v->root_hash ? 0 : why.error;
	case 'g':
		v->signature = value;
		break;
	}
	const char *name = nth_string(names, find_byte(letters, letter) - letters);
	return good ? 0 : found(-EINVAL, value, joined("not a valid value of --", name, ""));
}

int verity_option_list(struct verity *v, char *list)
{
	while (*list) {
		char *word = list;
		list = find_byte(list, ',');
		if (*list)
			*list++ = 0;
		char *value = find_byte(word, '=');
		bool has_value = *value;
		if (has_value)
			*value++ = 0;
		int n = find_string(names, word);
		if (n < 0)
			return found(-EINVAL, word, "not an option of dm-verity");
		if (has_word("ignore-corruption,root-hash-file", word))
			return found(-EINVAL, word, "refused: it takes back what the root hash demands");
		if (has_value != (n >= FLAG_COUNT))
			return found(-EINVAL, word, has_value ? "takes no argument" : "needs an argument");
		int r = verity_option(v, letters[n], value);
		if (r < 0)
			return r;
	}
	return 0;
}

void verity_default(struct verity *v)
{
	*v = (struct verity){ 0 };
	v->super = (struct verity_superblock){
		.version = 1, .type = 1, .data_block = 4096, .hash_block = 4096, .algorithm = "sha256"
	};
	v->fec_roots = 2;
}


/* --- from there to a device ------------------------------------------------------- */

/* Fits the longest table of a kernel command line, with two paths of PATH_MAX in the place of IMAGE. */
enum { TABLE_SIZE = 25 * 1024 };
#define SIGNATURE "loopbox-verity" /* its key's name */

/* What is open while a device is made: data, hash tree, error correction. release() closes it. */
static struct loop_device attached[ENABLE_FEATURE_VERITY_OPTIONS ? 3 : 1];
static const char *paths[LENGTH(attached)];
static unsigned count;

/* Of a device that was made, r is 0: what it reads is to go with it. */
static int release(const char *name, int r)
{
	for (; count; count--) {
		struct loop_device *loop = attached + (LENGTH(attached) > 1 ? count - 1 : 0);
		int handed_over = r == 0 ? loop_hand_over(loop) : 0;
		if (handed_over < 0) {
			r = handed_over;
			dm_let_go(name);
		}
		loop_close(loop);
	}
	return r;
}

static int attach_next(const char *path)
{
	static struct loop_request request;
	struct loop_device *loop = attached + (LENGTH(attached) > 1 ? count : 0);
	struct stat status;

	int r = look_at_image(path, &status);
	if (r < 0)
		return r;
	if (!S_ISBLK(status.st_mode)) {
		request.file = path;
		request.flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR;
		request.needs_data = true;
		return loop_attach(&request, loop);
	}
	/* By its number, since a path may be of somebody else's choice, and so, words of the table. */
	loop->path = loop->path_of_ours;
	append_number(append(append_number(loop->path_of_ours, device_major(status.st_rdev)), ":"),
		      device_minor(status.st_rdev));
	loop->control_fd = loop->file_fd = -1;
	r = loop->fd = sys_open(path, O_RDONLY);
	return r < 0 ? failed(r, path, "open") : 0;
}

/* The device itself, or a loop device of ours for the file; what was attached already, it is
 * again. NULL and a why where it can't be. */
static const struct loop_device *attach(const char *path)
{
	for (unsigned i = 0; ENABLE_FEATURE_VERITY_OPTIONS && i < count; i++)
		if (equal(paths[i], path))
			return attached + i;
	if (attach_next(path) < 0)
		return NULL;
	if (LENGTH(attached) == 1) {
		count = 1;
		return attached;
	}
	paths[count] = path;
	return attached + count++;
}

static char *append_word(char *to, const char *word)
{
	return append(append(to, word), " ");
}

char *verity_append_hex(char *to, const unsigned char *bytes, unsigned count)
{
	for (unsigned i = 0; i < 2 * count; i++) {
		unsigned digit = bytes[i / 2] >> (i % 2 ? 0 : 4) & 15;
		*to++ = digit < 10 ? '0' + digit : 'a' - 10 + digit;
	}
	return to;
}

/* The signature of the root hash, as a key of this thread's: where the kernel looks for it,
 * and nobody else. */
static int add_signature(const char *path)
{
	static char signature[16384];

	int size = read_file(path, signature, sizeof signature);
	if (size < 0)
		return failed(size, path, "read");
	int r = sys_add_key("user", SIGNATURE, signature, size, -1 /* KEY_SPEC_THREAD_KEYRING */);
	return r < 0 ? failed(r, path, "add it as a key") : 0;
}

uint64_t verity_fec_blocks(const struct verity *v)
{
	int64_t size = v->fec_offset;

	if (v->fec_blocks)
		return v->fec_blocks;
	if (!equal(v->fec_device, v->hash)) {
		int fd = sys_open(v->hash, O_RDONLY);
		size = fd < 0 ? fd : sys_seek_end(fd);
		if (fd >= 0)
			sys_close(fd);
	}
	uint64_t end = size < 0 ? 0 : size / v->super.data_block;
	/* The kernel refuses 0. */
	return end < verity_tree_start(v) ? 0 : v->super.data_blocks + end - verity_tree_start(v);
}

static char *append_options(char *to, const struct verity *v, const char *fec)
{
	char text[sizeof flag_words + 256], *end = text;
	unsigned count = 0, flags = v->flags;

	if (v->error_as_corruption)
		flags |= (flags & ON_CORRUPTION) << TO_ERROR;
	for (unsigned i = 0; i < FLAG_COUNT; i++) {
		const char *word = nth_string(flag_words, i);
		if (!(flags >> i & 1) || !*word)
			continue;
		end = append_word(end, word);
		count++;
	}
	if (v->signature) {
		end = append_word(append_word(end, "root_hash_sig_key_desc"), SIGNATURE);
		count += 2;
	}
	if (fec) {
		end = append_word(append_word(end, "use_fec_from_device"), fec);
		end = append_number(append_word(end, "fec_roots"), v->fec_roots);
		end = append_number(append(end, " fec_blocks "), verity_fec_blocks(v));
		end = append_number(append(end, " fec_start "), v->fec_offset / v->super.data_block);
		count += 8;
	}
	if (!count)
		return to;
	*end = 0;
	return append(append(append_number(append(to, " "), count), " "), text);
}

/* What cryptsetup knows its own devices by. */
static void make_uuid(char *uuid, const struct verity *v)
{
	char *end = append(uuid, "CRYPT-VERITY-");

	if (!v->no_superblock)
		end = append(verity_append_hex(end, v->super.uuid, sizeof v->super.uuid), "-");
	append(end, dm.head.name);
	uuid[sizeof dm.head.uuid - 1] = 0;
}

/* Makes the device, and reads from it. */
static int start(struct verity *v, const char *name, uint64_t sectors, const char *table)
{
	static char uuid[sizeof dm.head.uuid + sizeof dm.head.name], block[VERITY_BLOCK_MIN];

	int r = dm_start(name);
	if (r < 0)
		return r;
	if (ENABLE_FEATURE_VERITY_OPTIONS)
		make_uuid(uuid, v);
	r = dm_add(0, sectors, "verity", table);
	if (r == 0)
		r = dm_create(name, uuid, DM_READONLY_FLAG);
	if (r < 0)
		return r;
	int fd = sys_open(dm_path(v->path), O_RDONLY);
	bool is_ours = fd == -ENOENT;
	if (ENABLE_FEATURE_LOOP_NODES && is_ours) {
		sys_mknod(v->path, S_IFBLK | 0600, dm.head.dev);
		fd = sys_open(v->path, O_RDONLY);
	}
	r = fd < 0 ? fd : sys_pread(fd, block, sizeof block, 0);
	if (fd >= 0)
		sys_close(fd);
	if (r > 0)
		return 0;
	dm_let_go(name);
	if (ENABLE_FEATURE_LOOP_NODES && is_ours)
		sys_unlink(AT_FDCWD, v->path, 0);
	return failed(r < 0 ? r : -EIO, v->data,
		      ENABLE_FEATURE_VERITY_OPTIONS ? "verify (wrong root hash, or hash tree?)"
						    : "root hash");
}

/* What the kernel is to know, from the superblock. */
static void make_table(char *end, const struct verity *v, const struct loop_device *data,
		       const struct loop_device *hash, const struct loop_device *fec)
{
	const struct verity_superblock *super = &v->super;

	const char *const words[] = {
		super->type ? "1" : "0",
		data->path,
		hash->path,
		decimal(super->data_block),
		decimal(super->hash_block),
		decimal(super->data_blocks),
		decimal(verity_tree_start(v)),
		super->algorithm,
		v->root_hash,
	};
	for (unsigned i = 0; i < LENGTH(words); i++)
		end = append_word(end, words[i]);
	*end = '-'; /* no salt */
	end = verity_append_hex(end, super->salt, super->salt_size) + !super->salt_size;
	*end = 0;
	if (ENABLE_FEATURE_VERITY_OPTIONS)
		append_options(end, v, fec ? fec->path : NULL);
}

/* Is the root hash as long as the digests of the algorithm? Of others than these the kernel knows. */
static bool fits(const char *root_hash, const char *algorithm)
{
	const char *bits = after_prefix(algorithm, "sha");
	bool is_known = bits && find_string("256\0"
					    "384\0"
					    "512\0",
					    bits) >= 0;

	return !is_known || length(root_hash) == 2 * parse_digits(&bits) / 8;
}

static int open_attached(struct verity *v, const char *name)
{
	const struct loop_device *data, *hash, *fec = NULL;
	static char table[TABLE_SIZE];

	hash = data = attach(v->data);
	if (ENABLE_FEATURE_VERITY_OPTIONS && data)
		hash = attach(v->hash);
	if (!hash || (ENABLE_FEATURE_VERITY_OPTIONS && v->fec_device && !(fec = attach(v->fec_device))))
		return why.error;
	int r = read_superblock(v, data->fd, hash->fd);
	if (BY_US(r == 0 && !fits(v->root_hash, v->super.algorithm)))
		r = found(VERITY_BAD, v->data, "the root hash is not as long as those of this algorithm");
	if (ENABLE_FEATURE_VERITY_OPTIONS && r == 0 && v->signature)
		r = add_signature(v->signature);
	if (r < 0)
		return r;
	make_table(table, v, data, hash, fec);
	return start(v, name, v->super.data_blocks * (v->super.data_block / 512), table);
}

int verity_open(struct verity *v, const char *name)
{
	int r;

	if (ENABLE_FEATURE_VERITY_OPTIONS)
		dm_refused = false;
	if (BY_US(!v->root_hash || !verity_is_hex(v->root_hash, VERITY_DIGEST_MAX)))
		r = found(VERITY_BAD, v->data, "the root hash is not valid");
	else if (length(v->root_hash) < 2 * VERITY_DIGEST_MIN)
		r = found(VERITY_BAD, v->data,
			  ENABLE_FEATURE_VERITY_OPTIONS ? "the root hash has less than 256 bits"
							: "bad root hash");
	else
		r = open_attached(v, name);
	return release(name, r);
}

int verity_open_table(struct verity *v, const char *name, uint64_t sectors, const char *text)
{
	const struct loop_device *data = attach(v->data);
	static char table[TABLE_SIZE];
	char *end = table;

	if (!data)
		return why.error;
	while (*text && end < table + TABLE_SIZE / 2) {
		const char *rest = after_prefix(text, "IMAGE");
		if (rest)
			end = append(end, data->path);
		else
			*end++ = *text;
		text = rest ? rest : text + 1;
	}
	*end = 0;
	v->no_superblock = true;
	int r = *text ? found(-E2BIG, v->data, "the table is too long") : start(v, name, sectors, table);
	return release(name, r);
}
