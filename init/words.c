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
	X(OVERLAY, "rd.overlay?") \
	X(OVERLAY_RESET, "rd.overlay.reset?") \
	X(OVERLAY_READ_ONLY, "rd.overlay.readonly?") \
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
	X(PERSISTENT, ".persistent?") \
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
	X(RAM, ".toram?") \
	X(RAM_SIZE, ".toram.size=") \
	) \
	IF_FEATURE_INIT_TRIES( \
	X(TRIES, ".tries=") \
	) \
	IF_FEATURE_INIT_EMERGENCY( \
	X(SHELL, "rd.shell?") \
	X(BREAK, "rd.break?") \
	) \
	IF_FEATURE_INIT_MODPROBE( \
	X(MODULE_NAMES, ".modules=") \
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
	X(IMAGE_HASHES, ".roothash.*") \
	X(USR_HASH, "usrhash=") \
	X(VERITY, "systemd.verity*") \
	X(VERITY, "rd.systemd.verity*") \
	)
/* clang-format on */

#define SLOT(slot, name) slot,
static const unsigned char slots[] = { WORDS(SLOT) };
#define NAME(slot, name) name "\0"
static const char names[] = WORDS(NAME);

char *value_of(char *parameter, const char *word)
{
	char *value = NULL;

	for (; *word; word++) {
		if (*word == '|') {
			value = parameter;
			continue;
		}
		if (*word == '*' || (*word == '?' && (!*parameter || *parameter == '=')))
			return parameter + (*parameter == '=');
		if (*parameter++ != *word)
			return NULL;
	}
	if (word[-1] != '=' && word[-1] != ':' && *parameter)
		return NULL;
	return value ? value : parameter;
}

/* Takes what a table says of the parameter; false where it says nothing. */
static bool take(char *parameter, const char *name, const unsigned char *slot)
{
	for (; *name; name = nth_string(name, 1), slot++) {
		char *value = value_of(parameter, name);
		if (!value)
			continue;
		if (*slot == REFUSED)
			warn("%s: not supported, passed over", parameter);
		else if (ENABLE_FEATURE_INIT_FALLBACK && *slot == IMAGE_HASHES)
			plan[*slot] = joined(plan[*slot] ? plan[*slot] : "", "\n", value);
		else if (*slot & CLEARS)
			plan[*slot & ~CLEARS] = NULL;
		else if (*slot < SLOTS) /* "root=" says nothing, but "roothash=" demands one */
			plan[*slot] = ENABLE_FEATURE_INIT_FALLBACK && !*value && *slot < ROOT_HASH &&
						      name[length(name) - 1] == '='
					      ? NULL
					      : value;
		return true;
	}
	return false;
}

static void take_all(char *text, const struct family *family)
{
	char *parameter;

	while ((parameter = next_parameter(&text)) && !equal(parameter, "--"))
		if (!ENABLE_INIT_FAMILIES || !family || !take(parameter, family->names, family->slots)) {
			char *own = ENABLE_FEATURE_INIT_FALLBACK ? after_prefix(parameter, "loopbox") : NULL;
			take(own && *own == '.' ? own : parameter, names, slots);
		}
}

enum { IS_WITHOUT_VERITY = ENABLE_FEATURE_INIT_FALLBACK && !ENABLE_FEATURE_INIT_VERITY_WORDS };

static const char command_line[] = "/proc/cmdline";

int plan_read(void)
{
	const struct family *family = NULL;
	static char text[16384]; /* the kernel gives all at once; a bootconfig makes it longer */
	char *parameter;

	int r = read_file(command_line, text, sizeof text);
	if (ENABLE_FEATURE_INIT_FALLBACK && r == sizeof text - 1)
		r = -EFBIG;
	if (r < 0)
		return failed(r, command_line, "read");
	if (ENABLE_INIT_FAMILIES) {
		/* The family first in the list of families is the one. */
		char *copy = copy_of(text);
		while ((parameter = next_parameter(&copy)) && !equal(parameter, "--")) {
			const struct family *one = family_of(parameter);
			if (one && (!family || one < family))
				family = one;
		}
		if (family) {
			is_live = family->live;
			take_all(copy_of(family->defaults), NULL);
		}
	}
	take_all(text, family);
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

	while (from && *from == separator)
		from++;
	if (!from || !*from)
		return NULL;
	for (end = from; *end && *end != separator; end++)
		if (end[0] == '\\' && end[1] == separator)
			end++;
	*list = end;
	char *part = copied(from, end - from), *to = part;
	for (from = part; *from; *to++ = *from++)
		if (from[0] == '\\' && from[1] == separator)
			from++;
	*to = 0;
	return part;
}
