/* SPDX-License-Identifier: MIT */
/*
 * The kernel command line becomes the plan. Our own words are here: the kernel's, loop= as
 * Ubuntu and SONiC have it, rd.overlay as dracut has it, and loopbox.*. The words of other
 * initramfs are in families.c, and fill the same slots.
 *
 * In the tables, and in what families take for granted, ".x" is short for "loopbox.x".
 */
//kbuild:obj-$(CONFIG_INIT) += init/words.o
#include "log.h"
#include "plan.h"

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
	IF_FEATURE_INIT_RESET(X(RESET_ON, ".reset.on=")) \
	IF_FEATURE_INIT_FORMAT(X(FORMAT, ".format=")) \
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
	IF_FEATURE_INIT_TRIES_ON( \
	X(TRIES_ON, ".tries.on=") \
	) \
	IF_FEATURE_INIT_EMERGENCY( \
	X(SHELL, "rd.shell" MAYBE) \
	X(BREAK, "rd.break" MAYBE) \
	) \
	IF_FEATURE_INIT_REASON( \
	X(WAIT, ".wait=") \
	) \
	IF_FEATURE_INIT_WATCHDOG(X(WATCHDOG, ".watchdog=")) \
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

/* Several words may fill these slots: each adds a line. */
static bool is_list(unsigned char slot)
{
	return is_slot(slot, IMAGE_HASHES) || is_slot(slot, ARRAYS);
}

/* What a family takes for granted. */
static char *granted[SLOTS];

/* "root=" says nothing, and takes back what another said; but "roothash=" demands one. */
static bool says_nothing(unsigned char slot, const char *name, const char *value)
{
	return ENABLE_FEATURE_INIT_FALLBACK && !*value && slot < FIRST_DEMAND &&
	       name[length(name) - 1] == '=';
}

/* Puts what a word says into its slot. */
static void fill(unsigned char slot, const char *name, char *parameter, char *value)
{
	if (is_slot(slot, TOP_LAYER)) {
		if (!*value)
			return;
		slot = IMAGE;
		value = family_layers(value);
	}
	if (is_slot(slot, LIVE_MEDIA)) {
		slot = ROOT;
		value = family_media(value);
	}
	if (family_passes_over(slot, parameter))
		return;
	demands_notice(slot, parameter, value);
	if (slot & CLEARS)
		plan[slot & ~CLEARS] = NULL;
	else if (is_list(slot))
		plan[slot] = joined(plan[slot] ? plan[slot] : "", "\n", value);
	else if (!demands_fill(slot, value))
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

/* Does it ask for what this build leaves out? Whoever wrote it counts on it. */
static bool is_not_built(const char *parameter, const char *own)
{
	if (!ENABLE_FEATURE_INIT_OVERLAY && after_prefix(parameter, "rd.overlay"))
		return true;
	return own && !ENABLE_FEATURE_INIT_FALLBACK; /* which all of our words need */
}

/* A family's own words come first; ours are known beside them. */
static int take_either(char *parameter, const struct family *family)
{
	int slot = family ? take(parameter, family->names, family->slots) : NO_SLOT;

	if (slot != NO_SLOT)
		return slot;
	char *own = after_prefix(parameter, "loopbox.");
	if (is_not_built(parameter, own))
		warn("%s: not supported, ignored", parameter);
	if (!own || !ENABLE_FEATURE_INIT_FALLBACK)
		return take(parameter, names, slots);
	slot = take(own - 1, names, slots);
	if (slot == NO_SLOT)
		warn("%s: not a word of loopbox, ignored", parameter);
	return slot;
}

static void take_defaults(const struct family *family)
{
	char *text = copy_of(family->defaults), *parameter;

	while ((parameter = next_parameter(&text)))
		if (take(parameter, own_names, own_slots) == NO_SLOT)
			take(parameter, names, slots);
	for (unsigned slot = 0; slot < SLOTS; slot++)
		granted[slot] = plan[slot];
}

/* What the initramfs says, with the build option. */
static int take_file(void)
{
	char *text = read_whole(WORDS_FILE), *parameter;

	if (!text && why.error != -ENOENT)
		return why.error;
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
		family = family_select(family, parameter);
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

	demands_begin(false);
	int r = ENABLE_INIT_ROOT_HASH_FROM_INITRAMFS ? take_file() : 0;
	if (r < 0)
		return r;
	r = read_file(COMMAND_LINE, line, LINE_SIZE + 1);
	if (is_cut_off(r))
		r = -EFBIG;
	if (r < 0)
		return failed(r, COMMAND_LINE, "read");
	demands_begin(true);
	unsigned demands = demands_count(line);
	const struct family *family = cut_up(line);
	if (family)
		take_defaults(family);
	r = demands_granted();
	for (char *p = line; r == 0 && *p; p += length(p) + 1)
		r = demands_check(p, take_either(p, family), &demands);
	return r < 0 ? r : demands_end(demands);
}
