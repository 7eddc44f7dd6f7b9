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
	X(STORE_PATH, ".overlay.path=") \
	X(STORE_PLACE, ".overlay.place=") \
	X(UPPER, ".overlay.upper=") \
	X(WORK, ".overlay.work=") \
	X(CONFIGURATION, ".overlay.conf=") \
	X(PERSISTENT_ON, ".persistent.on=") \
	X(PERSISTENT, ".persistent" MAYBE) \
	) \
	IF_INIT_FAMILIES( \
	X(DIRECTORY, ".dir=") \
	X(MEDIUM, ".medium=") \
	X(BASE, ".base=") \
	) \
	IF_FEATURE_INIT_ISO( \
	X(INNER, ".inner=") \
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
/* clang-format on */

#define SLOT(slot, name) slot,
static const unsigned char slots[] = { WORDS(SLOT) };
#define NAME(slot, name) name "\0"
static const char names[] = WORDS(NAME);

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
	return value ? value : parameter;
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

/* "root=" says nothing, and takes back what another said; but "roothash=" demands one. */
static bool says_nothing(unsigned char slot, const char *name, const char *value)
{
	return ENABLE_FEATURE_INIT_FALLBACK && !*value && slot < FIRST_DEMAND &&
	       name[length(name) - 1] == '=';
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
	else
		plan[slot] = says_nothing(slot, name, value) ? NULL : value;
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
	take(own && *own == '.' ? own : parameter, names, slots);
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
		take_either(parameter, NULL);
}

/* Who demands a root hash has to get it, or nothing. */
static bool demands_too_much(void)
{
	for (unsigned i = FIRST_DEMAND; i < SLOTS; i++)
		if (plan[i] && !(ENABLE_FEATURE_INIT_VERITY && i == ROOT_HASH) &&
		    (i != VERITY || is_on(VERITY)))
			return true;
	return false;
}

enum { LACKS_DEMANDS = ENABLE_FEATURE_INIT_FALLBACK && !ENABLE_FEATURE_INIT_VERITY_WORDS };

static const char command_line[] = "/proc/cmdline";

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
	if (LACKS_DEMANDS && demands_too_much())
		return failed(-EOPNOTSUPP, command_line, "root hashes, as this build verifies nothing");
	return 0;
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
