/* SPDX-License-Identifier: MIT */
/* veritysetup: as veritysetup(8) of cryptsetup, for images that must not change. */
//config:config VERITYSETUP
//config:	bool "veritysetup"
//config:	default y
//config:	depends on FEATURE_LONG_OPTIONS && FEATURE_VERITY_OPTIONS
//config:	help
//config:	  Open devices that dm-verity verifies, show them, close them.
//kbuild:obj-$(CONFIG_VERITYSETUP) += applets/veritysetup.o
//applet:sbin/veritysetup VERITYSETUP veritysetup_main
//usage:veritysetup [OPTIONS] open DATA NAME HASH ROOTHASH | close|status NAME | dump HASH
//usage:veritysetup   format DATA HASH; verify DATA HASH ROOTHASH
//usage:veritysetup   DATA and HASH are devices or files, or the same one with --hash-offset
//usage:veritysetup   --hash-offset BYTES         where in HASH the superblock begins
//usage:veritysetup   --root-hash-file FILE       format: write the root hash there; else read it
//usage:veritysetup   --root-hash-signature FILE  PKCS #7 of the root hash, for the kernel
//usage:veritysetup   --restart-on-corruption --panic-on-corruption --ignore-corruption
//usage:veritysetup   --restart-on-error --panic-on-error --error-as-corruption   Linux 6.12
//usage:veritysetup   --ignore-zero-blocks --check-at-most-once --use-tasklets
//usage:veritysetup   --fec-device DEVICE --fec-offset BYTES --fec-roots N   correct errors
//usage:veritysetup   --no-superblock             what it would say, as for format:
//usage:veritysetup   -h, --hash NAME  -s, --salt HEX  --uuid UUID  --format 0|1
//usage:veritysetup   --data-blocks N  --data-block-size BYTES  --hash-block-size BYTES
//usage:veritysetup   --deferred                  close: once it is no longer in use
//usage:veritysetup   --cancel-deferred           close: not any more
//usage:veritysetup   -v, --verbose               say whether it succeeded
//usage:veritysetup   --debug                     accepted and ignored, for compatibility
#include "veritysetup.h"

/* cryptsetup's exit codes */
enum { WRONG_PARAMETERS = 1, NO_PERMISSION, OUT_OF_MEMORY, WRONG_DEVICE, IS_BUSY };
/* clang-format off */
static const char code_names[] = "wrong or missing parameters\0" "no permission or bad passphrase\0"
	"out of memory\0" "wrong device or file specified\0" "device already exists or device is busy\0";
/* clang-format on */

/* What the command line says of data and tree. */
static struct verity verity;

/* Says what failed, and which exit code that is. */
static int say_failed(void)
{
	static const struct {
		signed char error, code;
	} codes[] = {
		{ -EPERM, NO_PERMISSION },  { VERITY_CHANGED, NO_PERMISSION },
		{ -ENOMEM, OUT_OF_MEMORY }, { -ENODEV, WRONG_DEVICE },
		{ -ENOTBLK, WRONG_DEVICE }, { -ENXIO, WRONG_DEVICE },
		{ -ENOENT, WRONG_DEVICE },  { -EBUSY, IS_BUSY },
		{ -EEXIST, IS_BUSY },	    { -E2BIG, WRONG_DEVICE },
	};

	complain_why();
	for (unsigned i = 0; i < LENGTH(codes); i++)
		if (codes[i].error == why.error)
			return codes[i].code;
	return WRONG_PARAMETERS;
}

/* Prints what the superblock says, and the root hash unless it is NULL. */
static void print_superblock(const char *root_hash)
{
	const struct verity_superblock *super = &verity.super;
	bool knows_tree = ENABLE_FEATURE_VERITYSETUP_TREE && verity_digest_size(&verity);
	char uuid[40], salt[2 * VERITY_SALT_MAX + 1] = "-";

	append_id(uuid, super->uuid, ID_UUID, 'a');
	if (super->salt_size)
		*verity_append_hex(salt, super->salt, super->salt_size) = 0;
	say("VERITY header information for %s\n", verity.hash);
	say("UUID:            \t%s\n", verity.no_superblock ? "" : uuid);
	say("Hash type:       \t%s\n", decimal(super->type));
	say("Data blocks:     \t%s\n", decimal(super->data_blocks));
	say("Data block size: \t%s\n", decimal(super->data_block));
	if (knows_tree)
		say("Hash blocks:     \t%s\n", decimal(verity_tree_blocks(&verity)));
	say("Hash block size: \t%s\n", decimal(super->hash_block));
	say("Hash algorithm:  \t%s\n", super->algorithm);
	if (ENABLE_FEATURE_VERITYSETUP_TREE && verity.fec_device)
		say("FEC RS roots:   \t%s\nFEC blocks:     \t%s\n", decimal(verity.fec_roots),
		    decimal(verity_fec_size(&verity)));
	say("Salt:            \t%s\n", salt);
	if (root_hash)
		say("Root hash:      \t%s\n", root_hash);
	if (knows_tree && !verity.hash_offset) /* that of a device which holds nothing else */
		say("Hash device size: \t%s [bytes]\n",
		    decimal((verity_tree_start(&verity) + verity_tree_blocks(&verity)) * super->hash_block));
	if (ENABLE_FEATURE_VERITYSETUP_TREE && verity.fec_device && !verity.fec_offset)
		say("FEC device size: \t%s [bytes]\n", decimal(verity_fec_size(&verity) * super->data_block));
}

static int dump(char **operands)
{
	verity.hash = operands[0];
	if (verity.no_superblock)
		return USAGE_ERROR;
	if (verity_load(&verity) < 0)
		return say_failed();
	print_superblock(NULL);
	return 0;
}


/* --- without a device: FEATURE_VERITYSETUP_TREE ---------------------------------------- */

#if ENABLE_FEATURE_VERITYSETUP_TREE
static int format(char **operands)
{
	char root_hash[2 * VERITY_DIGEST_MAX + 1];

	if (veritysetup_format(&verity, operands, root_hash) < 0)
		return say_failed();
	print_superblock(root_hash);
	return 0;
}

static int verify(char **operands)
{
	return veritysetup_verify(&verity, operands) < 0 ? say_failed() : 0;
}
#endif


/* --- devices ------------------------------------------------------------------------ */

static int open_device(char **operands)
{
	verity.data = operands[0];
	verity.hash = operands[2];
	const char *name = dm_name(operands[1]);
	if (operands[3])
		verity.root_hash = operands[3];
	int r = verity_open(&verity, name);
	if (r < 0) {
		verity_explain(&verity, name, why.path, r);
		return say_failed();
	}
	if (dm_link(name) == 0)
		return 0;
	int code = say_failed();
	dm_let_go(name);
	return code;
}

/* The table of a device of dm-verity, or with flags 0 its status, behind the target's name; NULL
 * and a why where there is none. */
static const char *parameters_of(const char *name, unsigned flags)
{
	const char *parameters;

	if (dm_ask_table(name, flags) < 0)
		return NULL;
	const struct dm_target_spec *line = dm_line(NULL, &parameters);
	if (line && equal(line->target_type, "verity"))
		return parameters;
	found(-ENODEV, name, "not a dm-verity device");
	return NULL;
}

static int close_device(char **operands)
{
	const char *name = dm_name(operands[0]);

	if (!parameters_of(name, 0))
		return say_failed();
	if (option_arg('C')) {
		if (dm_message(name, 0, "@cancel_deferred_remove") < 0 || dm_ask_table(name, 0) < 0 ||
		    dm_link(name) < 0)
			return say_failed();
		return 0;
	}
	if (dm_remove(name, option_arg('D') ? DM_DEFERRED_REMOVE : 0) < 0 || dm_unlink(name) < 0)
		return say_failed();
	return 0;
}

/* The node of MAJOR:MINOR, as sysfs knows it. */
static const char *node_of(const char *number)
{
	const char *name = dm_kernel_name(number);

	return name ? joined("/dev/", name, "") : number;
}

/* And the file behind it, if it is a loop device. */
static void show_device(const char *what, const char *number)
{
	say("  %s device: %s\n", what, node_of(number));
	const char *path = joined("/sys/dev/block/", number, "/loop/backing_file");
	char *text = read_whole(path), *file = text ? next_line(&text) : NULL;
	if (text && !file)
		found(-ENODATA, path, "the file is empty");
	if (file)
		say("  %s loop:   %s\n", what, file);
	else if (why.error != -ENOENT) /* not a loop device */
		complain_why();
}

/* WORD VALUE WORD VALUE ... of error correction. */
static void show_fec(char **words, unsigned count, uint64_t block_size)
{
	const char *roots = "";
	uint64_t start = 0;

	for (unsigned i = 2; i + 1 < count; i += 2) {
		if (equal(words[i], "fec_start"))
			parse_size(words[i + 1], &start);
		if (equal(words[i], "fec_roots"))
			roots = words[i + 1];
	}
	say("  FEC device:  %s\n  FEC offset:  %s sectors\n  FEC roots:   %s\n", node_of(words[1]),
	    decimal(start * block_size / 512), roots);
}

/* The other words of a table: what is told of elsewhere is left out, with its value. */
static void show_flags(char **words, unsigned count)
{
	bool any = false;

	for (unsigned i = 0; i < count; i++) {
		if (equal(words[i], "root_hash_sig_key_desc") || after_prefix(words[i], "fec_") ||
		    equal(words[i], "use_fec_from_device")) {
			i++;
			continue;
		}
		say("%s%s ", any ? "" : "  flags:       ", words[i]);
		any = true;
	}
	if (any)
		say_char('\n');
}

static int status(char **operands)
{
	const char *name = dm_name(operands[0]);
	char *words[64], *word;
	unsigned count = 0;

	const char *state = parameters_of(name, 0);
	if (!state) {
		if (why.error != -ENXIO || *find_byte(name, '/'))
			return say_failed();
		say(DM_FOLDER "%s is inactive.\n", name);
		return WRONG_DEVICE;
	}
	bool is_verified = *state == 'V';
	char *text = (char *)parameters_of(name, DM_STATUS_TABLE_FLAG);
	if (!text)
		return say_failed();
	while (count < LENGTH(words) && (word = next_word(&text)))
		words[count++] = word;
	if (count < 10) {
		found(-ENODEV, name, "not a dm-verity table");
		return say_failed();
	}
	uint64_t hash_start = 0, hash_block = 0;
	parse_size(words[6], &hash_start);
	parse_size(words[4], &hash_block);
	bool is_signed = false;
	for (unsigned i = 11; i < count; i++)
		is_signed |= equal(words[i], "root_hash_sig_key_desc");
	say(DM_FOLDER "%s is active%s.\n", name, dm.head.open_count ? " and is in use" : "");
	say("  type:        VERITY\n  status:      %s%s\n", is_verified ? "verified" : "corrupted",
	    is_signed ? " (with signature)" : "");
	say("  hash type:   %s\n  data block:  %s\n  hash block:  %s\n  hash name:   %s\n", words[0],
	    words[3], words[4], words[7]);
	say("  salt:        %s\n", words[9]);
	show_device("data", words[1]);
	say("  size:        %s sectors\n", decimal(((struct dm_target_spec *)dm.data)->length));
	say("  mode:        %s\n", dm.head.flags & DM_READONLY_FLAG ? "readonly" : "read/write");
	show_device("hash", words[2]);
	say("  hash offset: %s sectors\n", decimal(hash_start * hash_block / 512));
	for (unsigned i = 11; i + 1 < count; i++)
		if (equal(words[i], "use_fec_from_device"))
			show_fec(words + i, count - i, hash_block);
	say("  root hash:   %s\n", words[8]);
	if (count > 11)
		show_flags(words + 11, count - 11);
	return 0;
}


/* --- the command line ----------------------------------------------------------------- */

static int take_option(char letter, const char *arg)
{
	if (letter == '?')
		return option_unknown(arg);
	if (letter == 'R') {
		verity.root_hash_file = arg; /* to be written, or read */
		return 0;
	}
	if (verity_option(&verity, letter, arg) < 0)
		return say_failed();
	return 0;
}

/* clang-format off */
#define ACTIONS(X) \
	X("open\0", open_device, 3, 4) \
	X("create\0", open_device, 3, 4) \
	X("close\0", close_device, 1, 1) \
	X("remove\0", close_device, 1, 1) \
	X("status\0", status, 1, 1) \
	X("dump\0", dump, 1, 1) \
	IF_FEATURE_VERITYSETUP_TREE( \
	X("format\0", format, 2, 2) \
	X("verify\0", verify, 2, 3) \
	)
/* clang-format on */

#define NAME(name, run, least, most) name
static const char names[] = ACTIONS(NAME);
#define ACTION(name, run, least, most) { run, least, most },
static const struct {
	int (*run)(char **operands);
	unsigned char least, most;
} actions[] = { ACTIONS(ACTION) };

/* What format will write is read by others. */
static int read_root_hash(void)
{
	if (verity_option(&verity, 'R', verity.root_hash_file) == 0)
		return 0;
	complain_why();
	return WRONG_PARAMETERS;
}

/* In cryptsetup's words. */
static int print_result(int code)
{
	if (code == 0)
		say("Command successful.\n");
	if (code > 0)
		say("Command failed with code -%s (%s).\n", decimal(code), nth_string(code_names, code - 1));
	return code;
}

int veritysetup_main(char **argv)
{
	struct stat data;

	verity_default(&verity);
	int r = options_parse(argv, "CDGv" VERITY_LETTERS,
			      joined("deferred=D"
				     "cancel-deferred=C"
				     "debug=G"
				     "verbose=v",
				     verity_long_options(), ""),
			      take_option);
	if (r)
		return r;
	char **operands = options.operands + 1;
	int n = options.count ? find_string(names, options.operands[0]) : -1;
	if (n < 0 || options.count - 1 < actions[n].least || options.count - 1 > actions[n].most)
		return USAGE_ERROR;
	/* create has the name first with cryptsetup: the data is what is there. */
	if (equal(options.operands[0], "create") && look_at_image(operands[1], &data) == 0) {
		char *name = operands[0];
		operands[0] = operands[1];
		operands[1] = name;
	}
	r = verity.root_hash_file && !equal(options.operands[0], "format") ? read_root_hash() : 0;
	if (r == 0)
		r = actions[n].run(operands);
	return option_arg('v') ? print_result(r) : r;
}
