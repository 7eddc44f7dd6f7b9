/* SPDX-License-Identifier: MIT */
/*
 * Images that must not change. Where a root hash is demanded, by a word of the command line,
 * by a file of the initramfs or by the build, nothing is mounted but what that hash stands
 * for, and the medium it is on; whatever else could put something in its place is off. There
 * is no way back from that, neither a timeout nor another image.
 */
//config:config FEATURE_INIT_VERITY
//config:	bool "Verified images"
//config:	default y
//config:	depends on INIT
//config:	help
//config:	  roothash=, by dm-verity. The hash tree lies behind the data; with
//config:	  FEATURE_VERITY_OPTIONS also in IMAGE.verity beside it.
//config:
//config:config FEATURE_INIT_VERITY_WORDS
//config:	bool "All words for verified images"
//config:	default y
//config:	depends on FEATURE_INIT_VERITY && FEATURE_INIT_FALLBACK && FEATURE_VERITY_OPTIONS
//config:	help
//config:	  A root hash for each image, systemd.verity*, usrhash=, dm-mod.create=.
//kbuild:obj-$(CONFIG_FEATURE_INIT_VERITY) += init/verity.o
#include "module.h"
#include "plan.h"
#include "verity.h"

#define HASH_FILE ".roothash"

enum { UUID_DIGITS = 32 };

bool plan_demands_verity;


/* --- what is demanded ---------------------------------------------------------------- */

/* Does the initramfs hold a root hash for any image? */
static bool has_hash_file(void)
{
	static struct directory root;
	const struct directory_entry *entry;
	bool found = false;

	directory_start(&root, sys_open("/", O_RDONLY | O_DIRECTORY));
	while (root.fd >= 0 && (entry = directory_next(&root)))
		found |= ends_with(entry->name, HASH_FILE);
	if (root.fd >= 0)
		sys_close(root.fd);
	return found;
}

/* What must not be where images are verified: each of these takes something that is not. */
static void restrict_plan(void)
{
	static const struct {
		unsigned char slot;
		char what[15];
	} off[] = {
		{ SHELL, "rd.shell" }, { BREAK, "rd.break" },	 { TRIES, "loopbox.tries" },
		{ RESUME, "resume" },  { CHECKSUM, "checksum" }, { PERSISTENT, "persistence" },
	};

	plan[RW] = NULL;
	for (unsigned i = 0; i < LENGTH(off); i++)
		if (plan[off[i].slot] && !(ENABLE_INIT_UNVERIFIED_OVERLAY && off[i].slot == PERSISTENT)) {
			plan[off[i].slot] = NULL;
			warn("%s: off, since a root hash is demanded", off[i].what);
		}
	if (ENABLE_FEATURE_INIT_OVERLAY && !ENABLE_INIT_UNVERIFIED_OVERLAY && is_on(OVERLAY) &&
	    !layers_in_memory(plan[OVERLAY])) {
		warn("rd.overlay: in memory, since a root hash is demanded");
		plan[OVERLAY] = "";
	}
}

/* PARTUUID= of 128 bits of a root hash: systemd's way to find a root partition by its first
 * ones, and the hash tree's by its last ones. */
static char *partition_of(const char *digits)
{
	char *spec = "PARTUUID=";

	for (unsigned i = 0; i < UUID_DIGITS; i += 4)
		spec = joined(spec, copied(digits + i, 4), i >= 4 && i <= 16 ? "-" : "");
	return spec;
}

static bool is_hash(const char *hash)
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
	if (!hash || !is_hash(hash))
		return;
	plan[ROOT] = partition_of(hash);
	if (!plan[VERITY_TREE])
		plan[VERITY_TREE] = partition_of(hash + length(hash) - UUID_DIGITS);
}

/* A table that does not name the image is the kernel's business (DM_INIT): it has made that
 * device before we came. */
static void leave_to_kernel(const char *table)
{
	while (*table && !after_prefix(table, "IMAGE"))
		table++;
	if (!*table)
		plan[DM_TABLE] = NULL;
}

void verity_read_plan(void)
{
	if (ENABLE_FEATURE_INIT_VERITY_WORDS && plan[DM_TABLE])
		leave_to_kernel(plan[DM_TABLE]);
	for (unsigned i = ROOT_HASH; i < SLOTS; i++)
		plan_demands_verity |= plan[i] && (i != VERITY || is_on(VERITY));
	if (ENABLE_FEATURE_INIT_VERITY_WORDS) {
		plan_demands_verity |= has_hash_file();
		if (plan[VERITY] && !is_on(VERITY) && verity_demanded())
			warn("systemd.verity=%s: not supported, a root hash is demanded", plan[VERITY]);
	}
	if (!verity_demanded())
		return;
	restrict_plan();
	if (ENABLE_FEATURE_INIT_VERITY_WORDS)
		find_partitions();
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

/* The root hash of an image, or NULL. */
static const char *hash_of(const char *image)
{
	const char *list = plan[IMAGE_HASHES];
	char *one;

	if (!ENABLE_FEATURE_INIT_VERITY_WORDS)
		return plan[ROOT_HASH];
	while ((one = next_part(&list, '\n'))) { /* IMAGE=HASH */
		char *hash = one + length(one);
		while (hash > one && hash[-1] != '=')
			hash--;
		if (hash == one)
			continue;
		hash[-1] = 0;
		if (is_image(image, one))
			return hash;
	}
	const char *hash = verity_hash_in(joined("/", base_name(image), HASH_FILE));
	return hash ? hash : plan[ROOT_HASH];
}

static struct verity verity;

/* The device that spec means; or NULL and a `why` that says to wait. */
static const char *device_or_wait(const char *spec, const char *waited_for)
{
	const char *device = device_of(spec);

	if (device && sys_access(device, F_OK) == 0)
		return copy_of(device);
	failed(-ENOENT, waited_for, joined("its partner ", spec, ""));
	return NULL;
}

/* Where the hash tree is: on a device of its own, in IMAGE.verity, or behind the data. */
static int find_tree(const char *image, const char *copy, const char *device)
{
	if (!ENABLE_FEATURE_VERITY_OPTIONS)
		return 0;
	verity.hash_offset = VERITY_BEHIND_DATA;
	const char *beside = joined(image, ".verity", "");
	if (ENABLE_FEATURE_INIT_VERITY_WORDS && device) {
		device = device_or_wait(device, image);
		if (!device)
			return why.error;
		verity.hash = device;
		verity.hash_offset = 0;
	} else if (sys_access(beside, F_OK) == 0) {
		verity.hash = ENABLE_FEATURE_INIT_RAM && copy != image ? ram_copy(beside) : beside;
		verity.hash_offset = 0;
	}
	return 0;
}

static const char *mapping; /* the last one's name */

static int open_again(void *arg)
{
	int r = verity_open(arg, mapping);
	if (r == 0)
		dm_let_go(mapping);
	return r;
}

/* Adds what the kernel says of a device that it did not make, or that can't be read. */
static int explain(int r)
{
	bool is_kernels = why.path == dm.head.name; /* which means nothing to anybody */
	const char *step = why.step;

	if (!is_kernels && r != -EIO)
		return r;
	const char *kernel = log_of_kernel(open_again, &verity);
	return failed(FOUND_BAD, verity.data,
		      joined(step, joined(": ", errno_text(-r), *kernel ? "; " : ""), kernel));
}

/* `dm-mod.create=NAME,UUID,MINOR,FLAGS,0 SECTORS verity ...`, as the kernel has it for devices
 * that are there without an initramfs. */
static int open_by_table(const char *image, const char *text)
{
	uint64_t start, sectors;

	verity_default(&verity);
	verity.data = image;
	for (unsigned commas = 0; commas < 4 && *text; text++)
		commas += *text == ',';
	char *words = copy_of(text), *first = next_word(&words), *second = next_word(&words),
	     *type = next_word(&words);
	if (!type || !equal(type, "verity") || parse_size(first, &start) < 0 || start ||
	    parse_size(second, &sectors) < 0)
		return failed(FOUND_BAD, "dm-mod.create=", "no table of dm-verity alone");
	for (const char *p = words; *p; p++)
		if (*p == ',' || *p == ';')
			return failed(FOUND_BAD, "dm-mod.create=", "more than one line, or device");
	return verity_open_table(&verity, mapping, sectors, words);
}

static int open_verity(const char *image, const char *copy, const char *root_hash, const char *device,
		       const char *option_list)
{
	if (ENABLE_FEATURE_VERITY_OPTIONS)
		verity_default(&verity);
	verity.data = verity.hash = copy;
	verity.root_hash = root_hash;
	if (!root_hash && (ENABLE_FEATURE_INIT_VERITY_WORDS || ENABLE_INIT_REQUIRE_VERITY))
		return failed(FOUND_BAD, image, "no root hash for it, and one is demanded");
	int r = find_tree(image, copy, device);
	if (r == 0 && ENABLE_FEATURE_INIT_VERITY_WORDS && option_list)
		r = verity_option_list(&verity, copy_of(option_list));
	if (r == 0)
		r = verity_open(&verity, mapping);
	return r < 0 && ENABLE_FEATURE_INIT_EXPLAIN && ENABLE_FEATURE_INIT_VERITY_WORDS ? explain(r) : r;
}

static const char *tell(const char *image)
{
	step("verified %s: %s", image, verity.path);
	return verity.path;
}

const char *verity_device(const char *image, const char *copy, bool is_device)
{
	static unsigned count;
	int r;

	/* systemd's name; what is taken down may still be there when the next one comes. */
	mapping = ENABLE_FEATURE_INIT_FALLBACK && count ? joined("root-", decimal(count), "") : "root";
	count++;
	if (ENABLE_FEATURE_INIT_MODPROBE && sys_access("/dev/loop-control", F_OK) < 0)
		module_load("loop");
	if (ENABLE_FEATURE_INIT_VERITY_WORDS && plan[DM_TABLE])
		r = open_by_table(copy, plan[DM_TABLE]);
	else
		r = open_verity(image, copy, hash_of(image), is_device ? plan[VERITY_TREE] : NULL,
				plan[VERITY_OPTIONS]);
	return r < 0 ? NULL : tell(image);
}

void verity_let_go(void)
{
	dm_let_go(mapping);
}

static const char *usr_data, *usr_tree;

int verity_find_usr(const char *waited_for)
{
	const char *hash = plan[USR_HASH], *data = plan[USR_DATA], *tree = plan[USR_TREE];

	if (!hash)
		return 0;
	if (!is_hash(hash))
		return failed(FOUND_BAD, "usrhash=", "no root hash");
	usr_data = device_or_wait(data ? data : partition_of(hash), waited_for);
	if (!usr_data)
		return why.error;
	usr_tree = tree ? tree : partition_of(hash + length(hash) - UUID_DIGITS);
	return device_or_wait(usr_tree, waited_for) ? 0 : why.error;
}

int verity_mount_usr(void)
{
	if (!plan[USR_HASH])
		return 0;
	mapping = "usr";
	int r = open_verity(usr_data, usr_data, plan[USR_HASH], usr_tree, plan[USR_OPTIONS]);
	if (r < 0)
		return r;
	request_new(tell(usr_data), NEW_ROOT "/usr", NULL);
	request.flags = MS_RDONLY;
	r = mount_step();
	verity_let_go();
	return r;
}
