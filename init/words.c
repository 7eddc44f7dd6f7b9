/* SPDX-License-Identifier: MIT */
/*
 * The kernel command line becomes the plan. Our own words are here: those of the
 * kernel, of Ubuntu's and SONiC's loop=, of dracut's overlayfs, and loopbox.*; the
 * words of other initramfs are in families.c, and say the same things.
 */
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
	X(OVERLAY_SIZE, "loopbox.overlay.size=") \
	X(OVERLAY_TYPE, "loopbox.overlay.fstype=") \
	X(OVERLAY_FLAGS, "loopbox.overlay.flags=") \
	X(STORE_DIRECTORY, "loopbox.overlay.dir=") \
	X(STORE_PATH, "loopbox.overlay.path=") \
	X(STORE_PLACE, "loopbox.overlay.place=") \
	X(UPPER, "loopbox.overlay.upper=") \
	X(WORK, "loopbox.overlay.work=") \
	X(CONFIGURATION, "loopbox.overlay.conf=") \
	X(PERSISTENT_ON, "loopbox.persistent.on=") \
	X(PERSISTENT, "loopbox.persistent?") \
	) \
	IF_INIT_FAMILIES( \
	X(DIRECTORY, "loopbox.dir=") \
	X(MEDIUM, "loopbox.medium=") \
	X(BASE, "loopbox.base=") \
	) \
	IF_FEATURE_INIT_ISO( \
	X(INNER, "loopbox.inner=") \
	X(ISO, "loopbox.iso=") \
	X(ISO_DEVICE, "loopbox.iso.device=") \
	) \
	IF_FEATURE_INIT_RAM( \
	X(RAM, "loopbox.toram?") \
	X(RAM_SIZE, "loopbox.toram.size=") \
	) \
	IF_FEATURE_INIT_TRIES( \
	X(TRIES, "loopbox.tries=") \
	) \
	IF_FEATURE_INIT_EMERGENCY( \
	X(SHELL, "rd.shell?") \
	X(BREAK, "rd.break?") \
	) \
	IF_FEATURE_INIT_MODPROBE( \
	X(MODULE_NAMES, "loopbox.modules=") \
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
		else if (*slot & CLEARS)
			plan[*slot & ~CLEARS] = NULL;
		else if (*slot < SLOTS)
			plan[*slot] = value;
		return true;
	}
	return false;
}

static void take_all(char *text, const struct family *family)
{
	char *parameter;

	while ((parameter = next_parameter(&text)) && !equal(parameter, "--"))
		if (!ENABLE_INIT_FAMILIES || !family || !take(parameter, family->names, family->slots))
			take(parameter, names, slots);
}

static const char command_line[] = "/proc/cmdline";

int plan_read(void)
{
	const struct family *family = NULL;
	static char text[8192]; /* the kernel has 4096 at most, and gives them at once */
	char *parameter;

	int r = read_file(command_line, text, sizeof text);
	if (r < 0)
		return failed(r, command_line, "read");
	if (ENABLE_INIT_FAMILIES) {
		/* The family first in the list of families is the one. */
		char *copy = joined(text, "", "");
		while ((parameter = next_parameter(&copy)) && !equal(parameter, "--")) {
			const struct family *one = family_of(parameter);
			if (one && (!family || one < family))
				family = one;
		}
		if (family) {
			is_live = family->live;
			take_all(joined(family->defaults, "", ""), NULL);
		}
	}
	take_all(text, family);
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
	const char *from = *list;

	if (!from || !*from)
		return NULL;
	char *part = joined(from, "", ""), *to = part;
	while (*from && *from != separator) {
		if (*from == '\\' && from[1] == separator)
			from++;
		*to++ = *from++;
	}
	*to = 0;
	*list = *from ? from + 1 : from;
	return part;
}
