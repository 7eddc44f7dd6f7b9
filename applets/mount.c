/* SPDX-License-Identifier: MIT */
/* mount: as mount(8), for what an initramfs mounts. */
//config:config MOUNT
//config:	bool "mount"
//config:	default y
//config:	help
//config:	  Mount file systems and images, or list what is mounted.
//kbuild:obj-$(CONFIG_MOUNT) += applets/mount.o
//applet:bin/mount MOUNT mount_main
//usage:mount [-BMRfinrvw] [--make-PROPAGATION] [-t TYPE] [-o OPTIONS] [[SOURCE] DIR]
//usage:mount   -t, --types TYPE         one type, or a list to try; found out without it
//usage:mount   -o, --options OPTIONS    loop, offset=, sizelimit=, ro, bind, remount, ...,
//usage:mount                            or the file system's own
//usage:mount   -r, --read-only          same as -o ro
//usage:mount   -w, --rw                 same as -o rw
//usage:mount   -B, --bind               mount a directory at another place, too
//usage:mount   -R, --rbind              the same with all that is mounted below
//usage:mount   -M, --move               move a mount to another place
//usage:mount       --make-private, -shared, -slave, -unbindable; --make-rprivate, ...
//usage:mount?FEATURE_MOUNT_FSTAB   -a, --all                mount what fstab lists
//usage:mount?FEATURE_MOUNT_FSTAB   -T, --fstab FILE         use another fstab
//usage:mount?FEATURE_MOUNT_FSTAB   -O, --test-opts LIST     with -a: only entries that have these options
//usage:mount?FEATURE_MOUNT_MORE   -F, --fork               with -a: mount all at once
//usage:mount?FEATURE_MOUNT_MORE       --options-mode MODE  ignore, append, prepend or replace fstab's
//usage:mount?FEATURE_MOUNT_MORE       --onlyonce           refuse what is mounted there already
//usage:mount?FEATURE_MOUNT_MORE       --source SOURCE      the source, as an option
//usage:mount?FEATURE_MOUNT_MORE       --target DIR         the mount point, as an option
//usage:mount?FEATURE_MOUNT_MORE       --target-prefix DIR  put this before each mount point
//usage:mount?FEATURE_MOUNT_MORE   -m, --mkdir[=MODE]       make the mount point
//usage:mount?FEATURE_MOUNT_MORE   -l, --show-labels        list labels, too
//usage:mount?FEATURE_MOUNT_MORE   -c, --no-canonicalize    take the source as it is
//usage:mount?FEATURE_PROBE_TAGS   -L, --label LABEL        the source by its label
//usage:mount?FEATURE_PROBE_TAGS   -U, --uuid UUID          the source by its UUID
//usage:mount?FEATURE_MOUNT_HELPERS   -i, --internal-only      without /sbin/mount.TYPE
//usage:mount?FEATURE_MOUNT_HELPERS   -s                       passed on to /sbin/mount.TYPE
//usage:mount   -f, --fake               do all but mount
//usage:mount   -v, --verbose            say what is mounted
//usage:mount   -n, --no-mtab            accepted and ignored, for compatibility
#include "fstab.h"
#include "mount_applet.h"
#include "probe.h"

static void say_label(const char *source)
{
	static struct volume volume;

	if (after_prefix(source, "/dev/") && probe(source, &volume) == 0 && *volume.label)
		say(" [%s]", volume.label);
}

/* What is bound to a loop device that goes with the mount tells more than its name. */
static void say_source(const char *source)
{
	struct loop_info64 info;
	char name[LOOP_FILE_SIZE];

	int fd = ENABLE_FEATURE_MOUNT_MORE && loop_number(source) >= 0 ? loop_open_bound(source, &info) : -1;
	if (fd < 0 || !(info.lo_flags & LO_FLAGS_AUTOCLEAR)) {
		say("%s", source);
	} else {
		loop_file_name(name, &info);
		for (const char *p = name; *p; p++) {
			unsigned char c = *p;
			/* as the kernel does in /proc/mounts */
			if ((c != ' ' && c != '\t' && c != '\n' && c != '\\') || equal(p, " (deleted)"))
				say_char(c);
			else
				say("\\%s%s%s", decimal(c >> 6), decimal(c >> 3 & 7), decimal(c & 7));
		}
	}
	if (fd >= 0)
		sys_close(fd);
}

static int list(const char *type)
{
	struct mount_entry entry;
	char *text = read_whole(MOUNTS);

	if (!text)
		return complain_why();
	while (mount_entry_next(&text, &entry)) {
		if (type && *type && !in_list(entry.type, type))
			continue;
		say_source(entry.source);
		say(" on %s type %s (%s)", entry.target, entry.type, entry.options);
		if (ENABLE_FEATURE_MOUNT_MORE && ENABLE_FEATURE_PROBE_TAGS && option_arg('l'))
			say_label(entry.source);
		say_char('\n');
	}
	return 0;
}

/* clang-format off */
static const char letters[] = "BfiMno:rRst:vw"
	IF_FEATURE_MOUNT_FSTAB("aO:T:") IF_FEATURE_PROBE_TAGS("L:U:")
	IF_FEATURE_MOUNT_MORE("cFlm::\1:\2:\3:\4:\5");
static const char long_options[] = LONG_OPTIONS(
	"bind=B" "fake=f" "internal-only=i" "move=M" "no-mtab=n" "options=o" "rbind=R" "read-only=r"
	"read-write=w" "rw=w" "types=t" "verbose=v"
	IF_FEATURE_MOUNT_FSTAB("all=a" "fstab=T" "test-opts=O") IF_FEATURE_PROBE_TAGS("label=L" "uuid=U")
	IF_FEATURE_MOUNT_MORE("fork=F" "mkdir=m" "no-canonicalize=c" "onlyonce=\5" "options-mode=\4" "show-labels=l"
	"source=\1" "target=\2" "target-prefix=\3"));
/* clang-format on */

/* What may stand behind --make-. */
static bool is_propagation(const char *word)
{
	return has_word("shared,private,slave,unbindable", word + (*word == 'r'));
}

/* Options that are words, in their order. */
static int take_option(char letter, const char *arg)
{
	static const char words_of[] = "ro\0"
				       "rw\0"
				       "bind\0"
				       "rbind\0"
				       "move";
	static const char letters_of[] = "rwBRM";
	const char *word = NULL;

	if (letter == 'o')
		word = arg;
	if (letter == '?')
		word = after_prefix(arg, "--make-");
	if (ENABLE_FEATURE_MOUNT_MORE && letter == 'm')
		word = joined("X-mount.mkdir", *arg && *arg != '=' ? "=" : "", arg); /* -m=MODE, too */
	for (unsigned i = 0; letters_of[i]; i++)
		if (letters_of[i] == letter)
			word = nth_string(words_of, i);
	if (letter == '?' && !(word && is_propagation(word)))
		return option_unknown(arg);
	if (word && mount_take(&given, word) < 0)
		return complain_why();
	if (ENABLE_FEATURE_MOUNT_FSTAB && word && *word) {
		given_words = joined(given_words, *given_words ? "," : "", word);
		if (!*given_words)
			return complain_errno(word, -ENOMEM);
	}
	return 0;
}

/* Where it was mounted last, if name is a device's, a label's, or the word that stands for one; else NULL. */
static const char *mounted_from(const char *name)
{
	struct mount_entry entry;
	char *text, *end;
	const char *device = device_named(mount_device_name(name));

	if (!device || (!after_prefix(device, "/dev/") && sys_access(name, F_OK) == 0) ||
	    !(text = read_whole(MOUNTS)))
		return NULL;
	for (end = text + length(text); mount_entry_last(text, &end, &entry);) {
		unescape(entry.source);
		unescape(entry.target);
		if (equal(entry.source, device))
			return entry.target;
	}
	return NULL;
}

/* either: target may be the source. */
static int mount_operands(const char *source, const char *target, bool either)
{
	struct mount_request *request = &given;
	const char *mounted = NULL; /* where it is already */
	/* A change to what is mounted needs no source, and may have no entry. */
	bool changes = given_remount() || (request->propagation[0] && !request->flags);

	if (ENABLE_FEATURE_MOUNT_FSTAB && !(source && target) && (!changes || given_remount())) {
		int code = mount_by_fstab(source, target, either);
		if (code != NOT_IN_FSTAB)
			return code;
	}
	if (ENABLE_FEATURE_MOUNT_MORE && given_remount() && !(source && target)) {
		target = target ? target : source;
		source = NULL;
		mounted = mounted_from(target);
	}
	if (!target || !(source || changes))
		return USAGE_ERROR;
	request->target = mounted ? mounted : mount_prefixed(target);
	request->source = given_remount() && !source ? request->target : source;
	return mount_run(request);
}

int mount_main(char **argv)
{
	int r = options_parse(argv, letters, long_options, take_option);
	if (r)
		return r;
	const char *label = option_arg('L'), *uuid = option_arg('U'), *source = NULL, *target = NULL;
	char **operand = options.operands;
	given.type = option_arg('t');
	if (ENABLE_FEATURE_MOUNT_MORE) {
		const char *mode = option_arg(OPTIONS_MODE);
		if (mode && !has_word("append,ignore,prepend,replace", mode))
			return option_unknown(mode);
		source = option_arg(SOURCE);
		target = option_arg(TARGET);
	}
	if (ENABLE_FEATURE_PROBE_TAGS && label)
		source = joined("LABEL=\"", label, "\"");
	if (ENABLE_FEATURE_PROBE_TAGS && uuid)
		source = joined("UUID=", uuid, "");

	if (ENABLE_FEATURE_MOUNT_FSTAB && is_of_all())
		return mount_all();
	if (!options.count && !source && !target)
		return ENABLE_FEATURE_MOUNT_FSTAB && *given_words ? USAGE_ERROR : list(given.type);
	/* What no option has named, operands do; one alone may be either. */
	bool either = options.count == 1 && !source && !target;
	if (!source && (options.count > 1 || target) && *operand)
		source = *operand++;
	if (!target && *operand)
		target = *operand++;
	if (*operand)
		return USAGE_ERROR;
	return mount_operands(source, target, either);
}
