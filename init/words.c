/* SPDX-License-Identifier: MIT */
/*
 * The kernel command line becomes the plan. Our own words are here: those of the
 * kernel, of Ubuntu's and SONiC's loop=, of dracut's overlayfs, and loopbox.*; the
 * words of other initramfs are in families.c, and say the same things.
 *
 * In the tables, and in what families take for granted, ".x" is short for "loopbox.x".
 */
//config:config INIT_KNOWS_ROOT_HASH
//config:	def_bool FEATURE_INIT_VERITY || FEATURE_INIT_FALLBACK
//kbuild:obj-$(CONFIG_INIT) += init/words.o
#include "plan.h"

char *plan[SLOTS];
bool is_live;

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

static bool may_be_ours(const char *parameter)
{
#define BIT(slot, name) | WORD_BIT(name)
	const uint64_t bits = 0 WORDS(BIT);

	return bits & WORD_BIT(parameter);
}

char *value_of(char *parameter, const char *word)
{
	char *value = NULL;

	for (;; word++) {
		while (*word && *word == *parameter)
			word++, parameter++;
		if (*word != *VALUE)
			break;
		value = parameter;
	}
	if (*word == *ANY || (*word == *MAYBE && (!*parameter || *parameter == '=')))
		return parameter + (*parameter == '=');
	if (*word || (word[-1] != '=' && word[-1] != ':' && *parameter))
		return NULL;
	return value ? value : parameter;
}

/* Takes what a table, whose names have two bytes at least, says of the parameter; false
 * where it says nothing. */
static bool take(char *parameter, const char *name, const unsigned char *slot)
{
	for (; *name; name += length(name) + 1, slot++) {
		char *value =
			name[0] == parameter[0] && name[1] == parameter[1] ? value_of(parameter, name) : NULL;
		if (!value)
			continue;
		if (*slot & CLEARS)
			plan[*slot & ~CLEARS] = NULL;
		else if (ENABLE_INIT_FAMILIES && *slot == REFUSED)
			warn("%s: not supported, passed over", parameter);
		else if (ENABLE_INIT_FAMILIES && *slot == IGNORED)
			;
		else if (ENABLE_FEATURE_INIT_CASPER && *slot == TOP_LAYER)
			plan[IMAGE] = *value ? layers_up_to(value) : plan[IMAGE];
		else if (ENABLE_FEATURE_INIT_FALLBACK && (*slot == IMAGE_HASHES || *slot == ARRAYS))
			plan[*slot] = joined(plan[*slot] ? plan[*slot] : "", "\n", value);
		else if (ENABLE_FEATURE_INIT_FALLBACK && !*value && *slot < ROOT_HASH &&
			 name[length(name) - 1] == '=')
			plan[*slot] = NULL; /* "root=" says nothing, but "roothash=" demands one */
		else
			plan[*slot] = value;
		return true;
	}
	return false;
}

static void take_either(char *parameter, const struct family *family)
{
	if (ENABLE_INIT_FAMILIES && family && take(parameter, family->names, family->slots))
		return;
	if (!may_be_ours(parameter)) /* "loopbox." may be, as "loop=" may */
		return;
	char *own = ENABLE_FEATURE_INIT_FALLBACK ? after_prefix(parameter, "loopbox") : NULL;
	take(own && *own == '.' ? own : parameter, names, slots);
}

enum { IS_WITHOUT_VERITY = ENABLE_FEATURE_INIT_FALLBACK && !ENABLE_FEATURE_INIT_VERITY_WORDS };

static const char command_line[] = "/proc/cmdline";

int plan_read(void)
{
	const struct family *family = NULL, *one;
	/* The kernel gives all at once; a bootconfig makes it longer. Behind the last word, too, are
	 * some bytes to look at. */
	enum { LINE_SIZE = 16384 };
	static char line[LINE_SIZE + 8], *parameters[LINE_SIZE / 2];
	unsigned count = 0;
	char *text = line, *parameter;

	int r = read_file(command_line, line, LINE_SIZE);
	if (ENABLE_FEATURE_INIT_FALLBACK && r == LINE_SIZE - 1)
		r = -EFBIG;
	if (r < 0)
		return failed(r, command_line, "read");
	/* Behind "--" stands what is for init itself. */
	while ((parameter = next_parameter(&text)) && !(*parameter == '-' && equal(parameter, "--"))) {
		if (!ENABLE_INIT_FAMILIES) {
			take_either(parameter, NULL);
			continue;
		}
		parameters[count++] = parameter;
		/* The family first in the list of families is the one. */
		one = family_of(parameter);
		if (one && (!family || one < family))
			family = one;
	}
	if (family) {
		is_live = family->live;
		text = copy_of(family->defaults);
		while ((parameter = next_parameter(&text)))
			take_either(parameter, NULL);
	}
	for (unsigned i = 0; i < count; i++)
		take_either(parameters[i], family);
	/* Who demands a root hash has to get it, or nothing. */
	for (unsigned i = ROOT_HASH; IS_WITHOUT_VERITY && i < SLOTS; i++)
		if (plan[i] && !(ENABLE_FEATURE_INIT_VERITY && i == ROOT_HASH) &&
		    (i != VERITY || is_on(VERITY)))
			return failed(-EOPNOTSUPP, command_line,
				      "root hashes, as this build verifies nothing");
	return 0;
}

bool is_on(enum slot slot)
{
	const char *value = plan[slot];

	return value && !has_word("0,n,no,off,false,none", *value ? value : "1");
}

unsigned plan_number(enum slot slot, unsigned otherwise)
{
	const char *digits = plan[slot];

	return digits ? parse_digits(&digits) : otherwise;
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
