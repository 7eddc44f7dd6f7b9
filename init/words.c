/* SPDX-License-Identifier: MIT */
/*
 * The kernel command line becomes the plan. Our own words are here: the kernel's, loop= as
 * Ubuntu and SONiC have it, rd.overlay as dracut has it, and loopbox.*. The words of other
 * initramfs are in families.c, and fill the same slots.
 *
 * In the tables, and in what families take for granted, ".x" is short for "loopbox.x".
 */
//config:config INIT_KNOWS_ROOT_HASH
//config:	def_bool FEATURE_INIT_VERITY || FEATURE_INIT_FALLBACK
//config:
//config:config INIT_ROOT_HASH_FROM_INITRAMFS
//config:	bool "Take root hashes from the initramfs alone"
//config:	depends on FEATURE_INIT_VERITY_WORDS
//config:	help
//config:	  Root hashes, options of dm-verity and images are what files of the
//config:	  initramfs say: /etc/loopbox.words and /IMAGE.roothash. A word of the
//config:	  command line that says otherwise is refused, and nothing unverified
//config:	  boots. For boot loaders where somebody can type.
//config:	  Adds nothing: about 200 bytes less.
//kbuild:obj-$(CONFIG_INIT) += init/words.o
#include "log.h"
#include "plan.h"

char *plan[SLOTS];
bool plan_demands_verity;
bool plan_of_live;

/* clang-format off */
#define WORDS(X) \
	X(ROOT, "root=") \
	X(ROOT_TYPE, "rootfstype=") \
	X(ROOT_FLAGS, "rootflags=") \
	X(ROOT_WAIT, "rootwait") \
	X(WAIT_SECONDS, "rootwait=") \
	X(ROOT_DELAY, "rootdelay=") \
	X(RW, "rw") \
	X(RW | CLEARS, "ro") \
	X(INIT, "init=") \
	X(IMAGE, "loop=") \
	X(IMAGE_TYPE, "loopfstype=") \
	X(IMAGE_FLAGS, "loopflags=") \
	IF_FEATURE_INIT_RESUME( \
	X(RESUME, "resume=") \
	X(RESUME_OFFSET, "resume_offset=") \
	X(RESUME_OFFSET, "resume-offset=") \
	X(NO_RESUME, "noresume") \
	) \
	IF_FEATURE_INIT_OVERLAY( \
	X(OVERLAY, "rd.overlay" MAYBE) \
	X(OVERLAY_RESET, "rd.overlay.reset" MAYBE) \
	X(OVERLAY_READ_ONLY, "rd.overlay.readonly" MAYBE) \
	X(OVERLAY_SIZE, ".overlay.size=") \
	X(OVERLAY_TYPE, ".overlay.fstype=") \
	X(OVERLAY_FLAGS, ".overlay.flags=") \
	X(STORE_DIRECTORY, ".overlay.dir=") \
	X(UPPER, ".overlay.upper=") \
	X(WORK, ".overlay.work=") \
	X(PERSISTENT_ON, ".persistent.on=") \
	X(PERSISTENT, ".persistent" MAYBE) \
	) \
	IF_FEATURE_INIT_ISO( \
	X(ISO, ".iso=") \
	X(ISO_DEVICE, ".iso.device=") \
	) \
	IF_FEATURE_INIT_RAM( \
	X(RAM, ".toram" MAYBE) \
	X(RAM_SIZE, ".toram.size=") \
	) \
	IF_FEATURE_INIT_TRIES( \
	X(TRIES, ".tries=") \
	) \
	IF_FEATURE_INIT_EMERGENCY( \
	X(SHELL, "rd.shell" MAYBE) \
	X(BREAK, "rd.break" MAYBE) \
	) \
	IF_FEATURE_INIT_REASON( \
	X(WAIT, ".wait=") \
	) \
	IF_FEATURE_INIT_MODPROBE( \
	X(MODULE_NAMES, ".modules=") \
	) \
	IF_FEATURE_INIT_MD( \
	X(ARRAYS, "md=") \
	) \
	IF_INIT_KNOWS_ROOT_HASH( \
	X(ROOT_HASH, "roothash=") \
	) \
	IF_FEATURE_INIT_VERITY_WORDS( \
	X(DM_TABLE, "dm_mod.create=") \
	X(VERITY_OPTIONS, ".verity.options=") \
	X(VERITY_OPTIONS, "systemd.verity_root_options=") \
	X(VERITY_DATA, "systemd.verity_root_data=") \
	X(VERITY_TREE, "systemd.verity_root_hash=") \
	X(USR_DATA, "systemd.verity_usr_data=") \
	X(USR_TREE, "systemd.verity_usr_hash=") \
	X(USR_OPTIONS, "systemd.verity_usr_options=") \
	X(DM_TABLE, "dm-mod.create=") \
	) \
	IF_FEATURE_INIT_FALLBACK( \
	X(IMAGE_HASHES, ".roothash." ANY) \
	X(USR_HASH, "usrhash=") \
	X(VERITY, "systemd.verity" ANY) \
	X(VERITY, "rd.systemd.verity" ANY) \
	)
/* What families alone say, in what they take for granted: where the running system expects things,
 * and what is in an image. None of it is taken from a command line. */
#define OWN_WORDS(X) \
	X(DIRECTORY, ".dir=") \
	X(MEDIUM, ".medium=") \
	X(BASE, ".base=") \
	X(MODULE, ".module=") \
	IF_FEATURE_INIT_OVERLAY( \
	X(STORE_PATH, ".overlay.path=") \
	X(STORE_PLACE, ".overlay.place=") \
	X(CONFIGURATION, ".overlay.conf=") \
	) \
	IF_FEATURE_INIT_ISO(X(INNER, ".inner="))
/* clang-format on */

#define SLOT(slot, name) slot,
static const unsigned char slots[] = { WORDS(SLOT) };
static const unsigned char own_slots[] = { OWN_WORDS(SLOT) };
#define NAME(slot, name) name "\0"
static const char names[] = WORDS(NAME);
static const char own_names[] = OWN_WORDS(NAME);

char *value_of(char *parameter, const char *word)
{
	char *value = NULL;

	for (; *word == *VALUE || (*word && *word == *parameter); word++) {
		if (*word == *VALUE)
			value = parameter;
		else
			parameter++;
	}
	if (*word == *ANY || (*word == *MAYBE && (!*parameter || *parameter == '=')))
		return parameter + (*parameter == '=');
	if (*word || (word[-1] != '=' && word[-1] != ':' && *parameter))
		return NULL;
	/* "cow_label=" is empty, too. */
	return value && *parameter ? value : parameter;
}

/* The layers that casper finds below such a one, as IMAGE has them: of "a.b.squashfs",
 * "a.squashfs:a.b.squashfs". */
static char *layers_up_to(const char *top)
{
	char *layers = "";

	for (const char *end = base_name(top); *(end = find_byte(end, '.')) && !equal(end, ".squashfs");
	     end++)
		layers = joined(layers, copied(top, end - top), ".squashfs:");
	return joined(layers, top, "");
}

/* Several words may fill these slots: each adds a line. */
static bool is_list(unsigned char slot)
{
	return slot == IMAGE_HASHES || slot == ARRAYS;
}

/* What a family takes for granted. */
static char *granted[SLOTS];

/* "root=" says nothing, and takes back what another said; but "roothash=" demands one. */
static bool says_nothing(unsigned char slot, const char *name, const char *value)
{
	return ENABLE_FEATURE_INIT_FALLBACK && !*value && slot < FIRST_DEMAND &&
	       name[length(name) - 1] == '=';
}

/* Whoever can add words to a command line must not take back, or replace, what demands a root
 * hash: another value for the same is a contradiction. So are other images than those that the
 * line has named before, if a root hash is demanded. */
static bool contradicts;
const char *plan_other_images;
const char *plan_images_of_line;

static void fill_demand(unsigned char slot, char *value)
{
	if (slot == VERITY && plan[slot] && (plan_is_on(slot) || !*value))
		return; /* on stays on */
	if (slot != VERITY && plan[slot] && !equal(plan[slot], value))
		contradicts = true;
	plan[slot] = value;
}

static void compare_images(const char *parameter, const char *value)
{
	if (plan_images_of_line && !equal(plan_images_of_line, value))
		plan_other_images = parameter;
	plan_images_of_line = value;
}

/* With the build option, what is verified is for the initramfs to say: the line may say the same. */
static bool reads_line;

static bool says_otherwise(unsigned char slot, const char *value)
{
	bool is_for_initramfs = slot == IMAGE || slot == INNER || slot == DIRECTORY ||
				(slot >= FIRST_DEMAND && slot < SLOTS && slot != VERITY);

	return is_for_initramfs && (!plan[slot] || !equal(plan[slot], value));
}

/* What families alone say; false for any other slot. */
static bool fill_for_family(unsigned char slot, const char *parameter)
{
	if (slot == REFUSED)
		warn("%s: not supported, passed over", parameter);
	return slot == REFUSED || slot == IGNORED;
}

/* Puts what a word says into its slot. */
static void fill(unsigned char slot, const char *name, char *parameter, char *value)
{
	if (ENABLE_INIT_FAMILIES && slot == TOP_LAYER) {
		if (!*value)
			return;
		slot = IMAGE;
		value = layers_up_to(value);
	}
	if (ENABLE_FEATURE_INIT_VERITY_WORDS && slot == IMAGE)
		compare_images(parameter, value);
	if (ENABLE_INIT_ROOT_HASH_FROM_INITRAMFS && reads_line && says_otherwise(slot, value))
		contradicts = true;
	if (slot & CLEARS)
		plan[slot & ~CLEARS] = NULL;
	else if (ENABLE_INIT_FAMILIES && fill_for_family(slot, parameter))
		;
	else if (ENABLE_FEATURE_INIT_FALLBACK && is_list(slot))
		plan[slot] = joined(plan[slot] ? plan[slot] : "", "\n", value);
	else if (ENABLE_FEATURE_INIT_VERITY_WORDS && slot >= FIRST_DEMAND)
		fill_demand(slot, value);
	else
		plan[slot] = says_nothing(slot, name, value) ? granted[slot] : value;
}

/* Takes what a table says of the parameter: its slot, or NO_SLOT where it says nothing. */
enum { NO_SLOT = -1 };

static int take(char *parameter, const char *name, const unsigned char *slot)
{
	for (; *name; name += length(name) + 1, slot++) {
		char *value = value_of(parameter, name);
		if (!value)
			continue;
		fill(*slot, name, parameter, value);
		return *slot;
	}
	return NO_SLOT;
}

/* A family's own words come first; ours are known beside them. */
static int take_either(char *parameter, const struct family *family)
{
	int slot = ENABLE_INIT_FAMILIES && family ? take(parameter, family->names, family->slots) : NO_SLOT;

	if (slot != NO_SLOT)
		return slot;
	char *own = ENABLE_FEATURE_INIT_FALLBACK ? after_prefix(parameter, "loopbox") : NULL;
	if (!own || *own != '.')
		return take(parameter, names, slots);
	slot = take(own, names, slots);
	if (slot == NO_SLOT)
		warn("%s: not a word of loopbox, ignored", parameter);
	return slot;
}

/* The first in the list of families that has been selected so far. */
static const struct family *select_family(const struct family *selected, char *parameter)
{
	const unsigned char *number = family_selected;

	for (const char *word = family_selectors; *word; word += length(word) + 1, number++)
		if (value_of(parameter, word) && (!selected || families + *number < selected))
			selected = families + *number;
	return selected;
}

static void take_defaults(const struct family *family)
{
	char *text = copy_of(family->defaults), *parameter;

	plan_of_live = family->is_live;
	while ((parameter = next_parameter(&text)))
		if (take(parameter, own_names, own_slots) == NO_SLOT)
			take(parameter, names, slots);
	for (unsigned slot = 0; slot < SLOTS; slot++)
		granted[slot] = plan[slot];
	plan_images_of_line = NULL;
}

static const char command_line[] = "/proc/cmdline";
#define WORDS_FILE "/etc/loopbox.words"

/* systemd.verity=no, or any other word for that */
static bool is_off(const char *text)
{
	const char *value = after_prefix(text, "systemd.verity=");

	return value &&
	       (*value == '0' || *value == 'n' || *value == 'f' || (*value == 'o' && value[1] == 'f'));
}

/* How often a text demands a root hash. The kernel takes - and _ for the same in its own words. A
 * build that does not know all words refuses whatever speaks of them; none knows live-boot's. */
#define DEMANDS_OF_ALL \
	"loopbox.verity\0" \
	"systemd.verity\0" \
	"dm-mod.create=\0" \
	"dm_mod.create=\0" \
	"dm-verity-root-hash\0" \
	"dm-verity-oncorruption=\0" \
	"dm-verity-enforce\0"

static unsigned count_demands(const char *text)
{
	const char *words = ENABLE_FEATURE_INIT_VERITY_WORDS
				    ? "roothash=\0loopbox.roothash\0usrhash=\0" DEMANDS_OF_ALL
				    : "roothash\0usrhash\0" DEMANDS_OF_ALL;
	unsigned count = 0, quotes = 0;

	for (; *text; text++) {
		quotes += *text == '"';
		for (const char *word = words; *word; word += length(word) + 1)
			count += after_prefix(text, word) && !is_off(text);
	}
	/* An open quote hides whatever comes next to whom adds words: it is one that is not obeyed. */
	return count && quotes % 2 ? count + 1 : count;
}

/* roothash without a value, or of anything: it was meant to demand one. */
static bool is_unknown_demand(char *parameter)
{
	const char *behind = after_prefix(parameter, "roothash");

	if (!behind)
		behind = after_prefix(parameter, "usrhash");
	return behind && *behind != '=';
}

/* loopbox.roothash.IMAGE=HASH without an image, or a hash */
static bool is_incomplete(int slot, char *parameter)
{
	const char *image = parameter + length("loopbox.roothash.");
	const char *end = slot == IMAGE_HASHES ? find_byte(image, '=') : NULL;

	return end && (end == image || !*end);
}

/* Who demands a root hash has to get it, or nothing: what a parameter hides in its value, and what
 * no table has, is not obeyed, so it is refused. The parameter has filled the slot. How often it
 * demands one, or -errno. */
static int check_parameter(char *parameter, int slot)
{
	int demands = count_demands(parameter);
	bool is_obeyed = slot >= FIRST_DEMAND && slot < SLOTS && !is_incomplete(slot, parameter);

	return demands + is_unknown_demand(parameter) <= is_obeyed
		       ? demands
		       : found(-EINVAL, parameter, "not understood, and a root hash is demanded");
}

static int check_contradiction(const char *parameter)
{
	return !contradicts ? 0
			    : found(-EINVAL, parameter,
				    ENABLE_INIT_ROOT_HASH_FROM_INITRAMFS
					    ? "only the initramfs says what is verified (" WORDS_FILE ")"
					    : "contradicts another word about root hashes");
}

/* The same for all of a line, by a build that knows all words. in_line: how often the whole line
 * demands one, behind "--", too. */
static int take_and_check(char *parameters, const struct family *family, unsigned in_line)
{
	int r = check_contradiction(command_line); /* by what the family takes for granted */

	for (char *p = parameters; r == 0 && *p; p += length(p) + 1) {
		int demands = check_parameter(p, take_either(p, family));
		in_line -= demands;
		r = demands < 0 ? demands : check_contradiction(p);
	}
	return r == 0 && in_line ? found(-EINVAL, command_line,
					 "a root hash is demanded behind --, or in an open quote")
				 : r;
}

const char *hash_file_name(void)
{
	static struct directory root;
	const struct directory_entry *entry;

	directory_start(&root, sys_open("/", O_RDONLY | O_DIRECTORY));
	if (root.fd < 0)
		return NULL;
	while ((entry = directory_next(&root)) && !ends_with(entry->name, HASH_FILE))
		;
	sys_close(root.fd);
	return entry ? entry->name : NULL;
}

/* And by one that knows roothash= alone, or no root hash at all. */
static int take_and_count(char *parameters, const struct family *family, unsigned in_line)
{
	for (char *p = parameters; *p; p += length(p) + 1)
		take_either(p, family);
	unsigned obeyed = ENABLE_FEATURE_INIT_VERITY && said(ROOT_HASH);
	const char *demanding = in_line == obeyed ? hash_file_name() : command_line;
	return demanding ? found(-EOPNOTSUPP, demanding,
				 "demands a root hash in a way that this build of init does not know")
			 : 0;
}

/* What the initramfs says, with the build option. */
static int take_file(void)
{
	char *text = read_whole(WORDS_FILE), *parameter;

	while (text && (parameter = next_parameter(&text)))
		if (take_either(parameter, NULL) == NO_SLOT)
			return found(-EINVAL, parameter, "not a word for " WORDS_FILE);
	return 0;
}

/* Cuts a line up in place: one parameter behind the other, each with its NUL, and one more at the
 * end. What stands behind "--" is for the new init. */
static const struct family *cut_up(char *line)
{
	const struct family *family = NULL;
	char *text = line, *parameter, *end = line;

	while ((parameter = next_parameter(&text)) && !equal(parameter, "--")) {
		if (!*parameter)
			continue;
		if (ENABLE_INIT_FAMILIES)
			family = select_family(family, parameter);
		end = append(end, parameter) + 1;
	}
	*end = 0;
	return family;
}

/* The kernel gives all of it at once; a bootconfig makes it longer. */
enum { LINE_SIZE = 16384 };

/* Is it as long as the kernel or we take it? Then what stood behind is missing. A kernel's limit is
 * a power of two, with the NUL that here is a line feed. */
static bool is_cut_off(int size)
{
	return size >= 1024 && !(size & (size - 1));
}

int plan_read(void)
{
	static char line[LINE_SIZE + 2];

	plan_other_images = plan_images_of_line = NULL;
	contradicts = reads_line = false;
	int r = ENABLE_INIT_ROOT_HASH_FROM_INITRAMFS ? take_file() : 0;
	if (r < 0)
		return r;
	r = read_file(command_line, line, LINE_SIZE + 1);
	if (is_cut_off(r))
		r = -EFBIG;
	if (r < 0)
		return failed(r, command_line, "read");
	reads_line = true;
	unsigned demands = count_demands(line);
	const struct family *family = cut_up(line);
	if (ENABLE_INIT_FAMILIES && family)
		take_defaults(family);
	return ENABLE_FEATURE_INIT_VERITY_WORDS ? take_and_check(line, family, demands)
						: take_and_count(line, family, demands);
}

bool plan_is_on(enum slot slot)
{
	const char *value = plan[slot];

	return value && !has_word("0,n,no,off,false,none", *value ? value : "1");
}

unsigned plan_number(enum slot slot, unsigned otherwise)
{
	const char *digits = plan[slot];

	return digits ? parse_digits(&digits) : otherwise;
}

unsigned plan_seconds(enum slot slot, unsigned otherwise)
{
	enum { A_WEEK = 7 * 24 * 3600 };
	unsigned n = plan_number(slot, otherwise);

	return n < A_WEEK ? n : A_WEEK;
}

bool plan_is_memory(const char *spec)
{
	return !*spec || has_word("1,y,yes,on,true,tmpfs", spec);
}

const char *plan_stores(void)
{
	const char *list = said(OVERLAY);

	if (list && !plan_is_memory(list))
		return list;
	return is_on(PERSISTENT) ? plan[PERSISTENT_ON] : NULL;
}

char *next_part(const char **list, char separator)
{
	const char *from = *list, *end;
	bool escaped = false;

	while (from && *from == separator)
		from++;
	if (!from || !*from)
		return NULL;
	for (end = from; *end && *end != separator; end++)
		if (end[0] == '\\' && end[1] == separator) {
			escaped = true;
			end++;
		}
	*list = end;
	char *part = copied(from, end - from), *to = part;
	for (from = part; escaped && (*to = *from); to++, from++)
		if (from[0] == '\\' && from[1] == separator)
			*to = *++from;
	return part;
}
