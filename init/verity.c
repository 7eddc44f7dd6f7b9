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
#include "attempt.h"
#include "explain.h"
#include "verity.h"

#define TABLE_WORD "dm-mod.create="

enum { UUID_DIGITS = 32 };


/* --- what is demanded ---------------------------------------------------------------- */

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
	if (!ENABLE_INIT_UNVERIFIED_OVERLAY && is_on(OVERLAY) && !plan_is_memory(plan[OVERLAY])) {
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

/* Has the kernel made the mapping that is the root, so that nothing is to be opened? */
static bool is_made_by_kernel(void)
{
	return said(DM_TABLE) && !has_in(plan[DM_TABLE], "IMAGE");
}

/* A table that names the image is ours; one that does not is the kernel's business, and has to make
 * the root: or else it demands something that nobody does. Of several devices, who knows which one that
 * is. One without dm-verity, a volume's, demands nothing. 0, or -errno. */
static int read_table(const char *table)
{
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

/* Does a word, or with all words for it a file of the initramfs, demand a root hash? */
static bool is_demanded(void)
{
	for (unsigned i = FIRST_DEMAND; i < SLOTS; i++)
		if (plan[i] && (i != VERITY || is_on(VERITY)))
			return true;
	return false;
}

/* What the initramfs has root hashes for counts, and nothing of the line: not for other images,
 * either. */
static void take_hash_files(void)
{
	if (!hash_file_name())
		return;
	plan_demands_verity = true;
	if (ENABLE_INIT_ROOT_HASH_FROM_INITRAMFS ||
	    !(plan[ROOT_HASH] || plan[IMAGE_HASHES] || plan[DM_TABLE]))
		return;
	warn("root hashes of the command line are ignored: the initramfs has its own");
	plan[ROOT_HASH] = plan[IMAGE_HASHES] = plan[DM_TABLE] = NULL;
}

int verity_read_plan(void)
{
	int r = said(DM_TABLE) ? read_table(plan[DM_TABLE]) : 0;
	if (r < 0)
		return r;
	plan_demands_verity = is_demanded();
	if (ENABLE_FEATURE_INIT_VERITY_WORDS)
		take_hash_files();
	if (!verity_demanded())
		return 0;
	if (plan_other_images)
		return found(-EINVAL, plan_other_images, "names other images, and a root hash is demanded");
	if (ENABLE_FEATURE_INIT_VERITY_WORDS && plan[VERITY] && !is_on(VERITY))
		warn("systemd.verity=%s: not supported, a root hash is demanded", plan[VERITY]);
	restrict_plan();
	if (ENABLE_FEATURE_INIT_VERITY_WORDS)
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

/* The root hash of an image: a file of the initramfs counts more than the command line. 0, or
 * -errno. */
static int hash_of(const char *image, const char **hash)
{
	if (!ENABLE_FEATURE_INIT_VERITY_WORDS) {
		*hash = plan[ROOT_HASH];
		return 0;
	}
	*hash = verity_hash_in(joined("/", base_name(image), HASH_FILE));
	return *hash ? 0 : hash_in_words(image, hash);
}

/* What is to be opened. */
struct verified {
	const char *name;      /* of the image or partition, for people */
	const char *data;      /* where it is to be read */
	const char *root_hash; /* or NULL */
	const char *tree;      /* the device that has its hash tree, or NULL */
	const char *options;   /* as veritysetup(8)'s, by commas, or NULL */
};

static struct verity verity;

/* The device that spec means, if it is there. */
static enum outcome find_partner(const char *spec, const char *waiting, const char **device)
{
	if (name_device(spec, device) == READY && sys_access(*device, F_OK) == 0)
		return READY;
	failed(-ENOENT, waiting, joined("its partner ", spec, ""));
	return NOT_YET;
}

/* Where the hash tree is: on a device of its own, in IMAGE.verity, or behind the data. */
static enum outcome find_tree(struct attempt *a, const struct verified *v)
{
	if (!ENABLE_FEATURE_VERITY_OPTIONS)
		return READY;
	if (ENABLE_FEATURE_INIT_VERITY_WORDS && v->tree) {
		verity.hash_offset = 0;
		return find_partner(v->tree, v->name, &verity.hash);
	}
	const char *beside = joined(v->name, ".verity", "");
	if (sys_access(beside, F_OK) == 0) {
		verity.hash = equal(v->data, v->name) ? beside : ram_copy(a, beside);
		verity.hash_offset = 0;
	} else {
		verity.hash_offset = VERITY_BEHIND_DATA;
	}
	return READY;
}

static void open_again(void *arg)
{
	const struct attempt *a = arg;

	if (verity_open(&verity, a->mapping) == 0)
		dm_let_go(a->mapping);
}

/* Adds what the kernel says of a device that it did not make, or that can't be read. */
static void explain(struct attempt *a, int r)
{
	const char *step = why.step;

	if (!dm_refused && r != -EIO)
		return;
	const char *kernel = explain_by_log(open_again, a);
	found(-EINVAL, verity.data, joined(step, joined(": ", errno_text(-r), *kernel ? "; " : ""), kernel));
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
static int open_by_table(const struct attempt *a, const char *image, const char *text)
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
		return found(-EINVAL, TABLE_WORD, "not a table of dm-verity alone");
	if (has_in(words, ",") || has_in(words, ";"))
		return found(-EINVAL, TABLE_WORD, "more than one line, or device");
	if (!has_long_hash(words))
		return found(-EINVAL, TABLE_WORD, "a root hash of less than 256 bits");
	return verity_open_table(&verity, a->mapping, sectors, words);
}

static enum outcome open_by_hash(struct attempt *a, const struct verified *v)
{
	if (ENABLE_FEATURE_VERITY_OPTIONS)
		verity_default(&verity);
	verity.data = verity.hash = v->data;
	verity.root_hash = v->root_hash;
	verity.trusted_algorithms = true;
	if (!v->root_hash)
		return outcome_of(found(-EINVAL, v->name, "no root hash for it, and one is demanded"));
	enum outcome outcome = find_tree(a, v);
	if (outcome != READY)
		return outcome;
	int r = IS_KNOWN_VERITY_OPTIONS && v->options ? verity_option_list(&verity, copy_of(v->options)) : 0;
	if (r == 0)
		r = verity_open(&verity, a->mapping);
	if (r < 0 && ENABLE_FEATURE_EXPLAIN && ENABLE_FEATURE_INIT_VERITY_WORDS)
		explain(a, r);
	return outcome_of(r);
}

/* File systems that read nothing but their own device. btrfs takes any other one that says that it
 * is the same file system. Without options of dm-verity, only what says its size has its tree behind
 * it. */
#define TYPES (ENABLE_FEATURE_VERITY_OPTIONS ? "squashfs,erofs,ext2,ext3,ext4,xfs" : "squashfs,erofs")

static const char *type_to_mount(const struct mount_request *m)
{
	static struct volume volume;
	const char *type = m->type;

	/* ext2 is one without a journal, and not just said to be. */
	if (ENABLE_FEATURE_PROBE && (!type || has_word("auto,ext2", type)))
		type = probe(m->source, &volume) < 0 ? NULL : volume.type;
	else if (!type)
		type = "squashfs"; /* what a build without probe() is made for */
	return type;
}

/* An erofs may have its data on other devices, which its superblock counts (Linux 5.16). */
static bool has_other_devices(const char *erofs)
{
	uint16_t count = 1;
	int fd = sys_open(erofs, O_RDONLY);

	if (fd < 0)
		return true;
	sys_pread(fd, &count, sizeof count, 1024 + 86);
	sys_close(fd);
	return count;
}

static bool reads_others(const struct mount_request *m)
{
	return !m->type || !has_word(TYPES, m->type) || *find_byte(m->data, '/') ||
	       (equal(m->type, "erofs") && has_other_devices(m->source));
}

/* Is what is mounted the device that was verified? A file that was mounted without one is what we
 * have named. */
static int compare_device(const struct mount_request *m)
{
	const char *source = m->use_loop ? m->device.path : m->source;
	struct stat device, root;

	int r = sys_stat(AT_FDCWD, source, &device);
	if (r == 0)
		r = sys_stat(AT_FDCWD, m->target, &root);
	if (r < 0)
		return failed(r, m->target, "stat");
	return !S_ISBLK(device.st_mode) || device.st_rdev == root.st_dev
		       ? 0
		       : found(-EINVAL, m->source, "another device was mounted in its place");
}

int verity_mount(struct mount_request *m)
{
	m->type = type_to_mount(m);
	if (reads_others(m))
		return found(-EINVAL, m->source,
			     joined("not mounted as ", m->type ? m->type : "an unknown type",
				    ": it may read other devices, which no root hash stands for"));
	/* Their journal may be on another device. */
	int r = ENABLE_FEATURE_VERITY_OPTIONS && has_word("ext3,ext4", m->type) ? mount_data(m, "noload") : 0;
	if (r == 0)
		r = mount_step(m);
	return r < 0 ? r : compare_device(m);
}

static const char *tell(const char *name)
{
	step("verified %s: %s", name, verity.path);
	return verity.path;
}

enum outcome verity_open_layer(struct attempt *a, unsigned i, const char **device)
{
	struct verified v = {
		.name = a->images[i],
		.data = image_to_read(a, i),
		.tree = a->medium ? NULL : said(VERITY_TREE),
		.options = said(VERITY_OPTIONS),
	};
	enum outcome outcome;

	if (ENABLE_FEATURE_INIT_VERITY_WORDS && is_made_by_kernel()) {
		a->mapping = NULL;
		*device = v.data;
		return READY;
	}
	if (hash_of(v.name, &v.root_hash) < 0)
		return FAILED;
	/* systemd's name; what is taken down may still be there when the next one comes. */
	a->mapping = a->verified ? joined("root-", decimal(a->verified), "") : "root";
	a->verified++;
	if (ENABLE_FEATURE_INIT_MODPROBE && sys_access("/dev/loop-control", F_OK) < 0)
		driver_load("loop");
	if (said(DM_TABLE))
		outcome = outcome_of(open_by_table(a, v.data, plan[DM_TABLE]));
	else
		outcome = open_by_hash(a, &v);
	if (outcome == READY)
		*device = tell(v.name);
	return outcome;
}

void verity_let_go(const struct attempt *a)
{
	if (a->mapping)
		dm_let_go(a->mapping);
}

/* The devices of /usr, by the words, or by the root hash. */
enum outcome verity_find_usr(struct attempt *a)
{
	const char *hash = said(USR_HASH), *data = said(USR_DATA), *tree = said(USR_TREE);
	const char *waiting = a->device ? a->device : a->images[0];

	if (!hash)
		return READY;
	if (!is_hash(hash))
		return outcome_of(found(-EINVAL, "usrhash=", "no root hash"));
	if (!data)
		data = partition_of(hash);
	if (!tree)
		tree = partition_of(hash + length(hash) - UUID_DIGITS);
	enum outcome outcome = find_partner(data, waiting, &a->usr_data);
	return outcome == READY ? find_partner(tree, waiting, &a->usr_tree) : outcome;
}

/* Only a root without a /usr of its own gets one: nobody else can add the word. */
static bool is_empty(const char *path)
{
	static struct directory open;
	const struct directory_entry *entry;
	unsigned count = 0;

	directory_start(&open, sys_open(path, O_RDONLY | O_DIRECTORY));
	if (open.fd < 0)
		return false;
	while ((entry = directory_next(&open)))
		count++;
	sys_close(open.fd);
	return count <= 2; /* itself, and the one above */
}

enum outcome verity_mount_usr(struct attempt *a)
{
	struct verified v = {
		.name = a->usr_data,
		.data = a->usr_data,
		.root_hash = said(USR_HASH),
		.tree = a->usr_tree,
		.options = said(USR_OPTIONS),
	};
	struct mount_request m;

	if (!v.root_hash)
		return READY;
	if (!is_empty(NEW_ROOT "/usr"))
		return outcome_of(
			found(-EINVAL, "usrhash=", "the root has a /usr that is not an empty folder"));
	a->mapping = "usr";
	enum outcome outcome = open_by_hash(a, &v);
	if (outcome != READY)
		return outcome;
	mount_begin(&m, tell(v.name), NEW_ROOT "/usr", NULL);
	m.explains = true;
	m.flags = MS_RDONLY;
	int r = verity_mount(&m);
	verity_let_go(a);
	return outcome_of(r);
}
