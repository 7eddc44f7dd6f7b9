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
 * hash: another value for the same is a contradiction. */
static const char *contradiction;

static void fill_demand(unsigned char slot, char *parameter, char *value)
{
	if (slot == VERITY && plan[slot] && (plan_is_on(slot) || !*value))
		return; /* on stays on */
	if (slot != VERITY && plan[slot] && !equal(plan[slot], value))
		contradiction = parameter;
	plan[slot] = value;
}

/* What families alone say; false for any other slot. */
static bool fill_for_family(unsigned char slot, char *parameter, char *value)
{
	if (slot == REFUSED)
		warn("%s: not supported, passed over", parameter);
	else if (slot == TOP_LAYER)
		plan[IMAGE] = *value ? layers_up_to(value) : plan[IMAGE];
	else
		return slot == IGNORED;
	return true;
}

/* Puts what a word says into its slot. */
static void fill(unsigned char slot, const char *name, char *parameter, char *value)
{
	if (slot & CLEARS)
		plan[slot & ~CLEARS] = NULL;
	else if (ENABLE_INIT_FAMILIES && fill_for_family(slot, parameter, value))
		;
	else if (ENABLE_FEATURE_INIT_FALLBACK && is_list(slot))
		plan[slot] = joined(plan[slot] ? plan[slot] : "", "\n", value);
	else if (ENABLE_FEATURE_INIT_VERITY_WORDS && slot >= FIRST_DEMAND)
		fill_demand(slot, parameter, value);
	else
		plan[slot] = says_nothing(slot, name, value) ? granted[slot] : value;
}

/* Takes what a table says of the parameter; false where it says nothing. */
static bool take(char *parameter, const char *name, const unsigned char *slot)
{
	for (; *name; name += length(name) + 1, slot++) {
		char *value = value_of(parameter, name);
		if (!value)
			continue;
		fill(*slot, name, parameter, value);
		return true;
	}
	return false;
}

/* A family's own words come first; ours are known beside them. */
static void take_either(char *parameter, const struct family *family)
{
	if (ENABLE_INIT_FAMILIES && family && take(parameter, family->names, family->slots))
		return;
	char *own = ENABLE_FEATURE_INIT_FALLBACK ? after_prefix(parameter, "loopbox") : NULL;
	if (!own || *own != '.')
		take(parameter, names, slots);
	else if (!take(own, names, slots))
		warn("%s: not a word of loopbox, ignored", parameter);
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
		if (!take(parameter, own_names, own_slots))
			take(parameter, names, slots);
	for (unsigned slot = 0; slot < SLOTS; slot++)
		granted[slot] = plan[slot];
}

static const char command_line[] = "/proc/cmdline";

/* systemd.verity=no, or any other word for that */
static bool is_off(const char *value)
{
	return value[0] == '=' && (value[1] == '0' || value[1] == 'n' || value[1] == 'f' ||
				   (value[1] == 'o' && value[2] == 'f'));
}

/* How often a text demands a root hash. The kernel takes - and _ for the same in its own words. */
static unsigned count_demands(const char *text)
{
	static const char words[] = "roothash=\0"
				    "loopbox.roothash\0"
				    "usrhash=\0"
				    "systemd.verity\0"
				    "dm-mod.create=\0"
				    "dm_mod.create=\0";
	unsigned count = 0;

	for (; *text; text++)
		for (const char *word = words; *word; word += length(word) + 1) {
			const char *value = after_prefix(text, word);
			count += value && !is_off(value);
		}
	return count;
}

/* Is the parameter one word about root hashes? */
static bool is_demand(char *parameter)
{
	char *behind = after_prefix(parameter, "rd.");

	/* Any other one would be hidden in it. */
	return !count_demands((behind ? behind : parameter) + 1);
}

/* Who demands a root hash has to get it, or nothing. in_line: how often the whole line demands
 * one. What a parameter hides in its value, or what stands behind "--", is not obeyed, so it is
 * refused. 0, or -errno. */
static int check_demands(char *parameters, unsigned in_line)
{
	unsigned seen = 0;

	for (char *p = parameters; *p; p += length(p) + 1) {
		unsigned here = count_demands(p);
		if (here && !is_demand(p))
			return found(-EINVAL, p, "not understood, and a root hash is demanded");
		seen += here;
	}
	if (seen != in_line)
		return found(-EINVAL, command_line, "a root hash is demanded behind --, or in an open quote");
	return contradiction ? found(-EINVAL, contradiction, "contradicts another word about root hashes")
			     : 0;
}

/* The same for a build that knows roothash= alone, or no root hash at all. */
static int check_one_demand(unsigned in_line)
{
	unsigned obeyed = ENABLE_FEATURE_INIT_VERITY && said(ROOT_HASH);

	return in_line == obeyed
		       ? 0
		       : found(-EOPNOTSUPP, command_line,
			       "demands a root hash in words that this build of init does not know");
}

int plan_read(void)
{
	/* The kernel gives all of it at once; a bootconfig makes it longer. */
	enum { LINE_SIZE = 16384 };
	static char line[LINE_SIZE + 1];
	const struct family *family = NULL;
	char *text = line, *parameter, *end = line;

	int r = read_file(command_line, line, LINE_SIZE);
	if (r == LINE_SIZE - 1)
		r = -EFBIG;
	if (r < 0)
		return failed(r, command_line, "read");
	contradiction = NULL;
	unsigned demands = count_demands(line);
	/* Cut up in place: one parameter behind the other, each with its NUL. What stands behind
	 * "--" is for the new init. */
	while ((parameter = next_parameter(&text)) && !equal(parameter, "--")) {
		if (!*parameter)
			continue;
		if (ENABLE_INIT_FAMILIES)
			family = select_family(family, parameter);
		end = append(end, parameter) + 1;
	}
	*end = 0;
	if (ENABLE_INIT_FAMILIES && family)
		take_defaults(family);
	for (parameter = line; *parameter; parameter += length(parameter) + 1)
		take_either(parameter, family);
	return ENABLE_FEATURE_INIT_VERITY_WORDS ? check_demands(line, demands) : check_one_demand(demands);
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
