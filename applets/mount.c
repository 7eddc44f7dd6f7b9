/* SPDX-License-Identifier: MIT */
/* mount: as mount(8), for what an initramfs mounts. */
//config:config MOUNT
//config:	bool "mount"
//config:	default y
//config:	help
//config:	  Mount file systems and images, or list what is mounted.
//config:
//config:config FEATURE_MOUNT_FSTAB
//config:	bool "/etc/fstab"
//config:	default y
//config:	depends on MOUNT
//config:	help
//config:	  mount -a, and mount with a directory or device alone.
//kbuild:obj-$(CONFIG_MOUNT) += applets/mount.o
//applet:bin/mount MOUNT mount_main
//usage:mount [-BMRfinrvw] [--make-WORD] [-t TYPE] [-o WORDS] [[SOURCE] DIR]
//usage:mount   -t, --types TYPE      found out by the superblock, or by trying, without it
//usage:mount   -o, --options WORDS   loop, offset=, sizelimit=, ro, bind, remount, ... or the
//usage:mount                         file system's own
//usage:mount   -r, --read-only       same as -o ro; -w, --rw the opposite
//usage:mount   -B, --bind; -R, --rbind; -M, --move
//usage:mount       --make-private, -shared, -slave, -unbindable; --make-rprivate, ...
//usage:mount?FEATURE_MOUNT_FSTAB   -a, --all             what fstab lists; -T, --fstab FILE another fstab
//usage:mount?FEATURE_MOUNT_FSTAB   -O, --test-opts WORDS what has these options; -F, --fork all at once
//usage:mount?FEATURE_MOUNT_MORE       --options-mode MODE   ignore, append, prepend or replace fstab's
//usage:mount?FEATURE_MOUNT_MORE       --source SOURCE; --target DIR; --target-prefix DIR
//usage:mount?FEATURE_MOUNT_MORE   -m, --mkdir[=MODE]    make DIR; -l, --show-labels in the list
//usage:mount?FEATURE_PROBE_TAGS   -L, --label; -U, --uuid   instead of SOURCE
//usage:mount   -f, --fake            all but the mount itself
//usage:mount   -v, --verbose
//usage:mount?FEATURE_MOUNT_HELPERS   -i, --internal-only   without /sbin/mount.TYPE; -s is for that
//usage:mount   -c, -n                accepted
#include "mount_applet.h"
#include "probe.h"

enum { SOURCE = 1, TARGET, TARGET_PREFIX, OPTIONS_MODE }; /* options without a letter */

static struct mount_request given; /* by the command line, whose words are */
static const char *words = "";	   /* here, too, for what fstab has to go before */

static bool is_remount(void)
{
	return given.flags & MS_REMOUNT;
}

/* Adds to what a request has. It cuts them up, so a copy where they are needed again. */
static int take_words(struct mount_request *request, const char *more)
{
	char *copy = ENABLE_FEATURE_MOUNT_FSTAB ? copy_of(more) : (char *)more;

	if (*more && !*copy)
		return failed(-ENOMEM, more, "option");
	return mount_words(request, copy);
}

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

	int fd = ENABLE_FEATURE_MOUNT_MORE && after_prefix(source, "/dev/loop")
			 ? loop_open_bound(source, &info)
			 : -1;
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
	while (mount_entry_next(&text, &entry, true)) {
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

static const char *find_tag(const char *spec)
{
	const char *device = device_find(spec);

	if (!device)
		complain("%s: no device has it", spec);
	return device;
}

static int mount_failed(const struct mount_request *request)
{
	if (ENABLE_FEATURE_MOUNT_HELPERS && request->helper_code)
		return request->helper_code; /* it has said why */
	complain_why();
	return MOUNT_FAILED;
}

/* Undoes the mount where that fails; what was there before stays. */
static int own_target(const struct mount_request *request)
{
	int r = mount_own_target(request);

	if (r < 0 && request->source && !(request->flags & (MS_REMOUNT | MS_MOVE))) {
		sys_umount(request->target, MNT_DETACH);
		mount_forget_target();
	}
	return r;
}

static int run(struct mount_request *request)
{
	const char *source = request->source;
	char value[TAG_SIZE];
	int r = 0;

	/* A link to a device tells more than we do, where it is there. */
	if (source)
		request->source = mount_device_name(source);
	if (ENABLE_FEATURE_PROBE_TAGS && source && request->source == source &&
	    tag_of(source, value) != TAG_NONE && (*source != '/' || sys_access(source, F_OK) < 0)) {
		request->source = find_tag(source);
		if (!request->source)
			return !request->no_fail;
	}
	request->fake = option_arg('f');
	if (ENABLE_FEATURE_MOUNT_HELPERS && !option_arg('i'))
		request->helper = mount_helper;
	if (ENABLE_FEATURE_MOUNT_MORE)
		r = mount_make_target(request);
	if (r == 0) {
		r = mount_do(request);
		if (ENABLE_FEATURE_MOUNT_MORE && r < 0)
			mount_forget_target();
	}
	if (ENABLE_FEATURE_MOUNT_MORE && r == 0 && !request->fake)
		r = own_target(request);
	if (r == -ENOENT && request->failed_for == MOUNT_FAILED_SOURCE && request->no_fail)
		return 0;
	if (r < 0)
		return mount_failed(request);
	if (request->fell_back)
		complain("%s: mounted read-only: it can't be written", request->source);
	if (option_arg('v') && request->source)
		say("mount: %s mounted on %s.\n", request->source, request->target);
	return 0;
}


/* --- fstab ------------------------------------------------------------------ */

static const char *fstab(void)
{
	return option_arg('T') ? option_arg('T') : "/etc/fstab";
}

/* An entry's words and those of the command line, which count more as they come last,
 * unless --options-mode says otherwise. */
static int take_both(struct mount_request *request, const char *of_entry)
{
	const char *mode = ENABLE_FEATURE_MOUNT_MORE ? option_arg(OPTIONS_MODE) : NULL;
	bool append = mode && *mode == 'a', ignore = mode && *mode == 'i', replace = mode && *mode == 'r';

	int r = append || ignore ? take_words(request, words) : 0;
	if (r == 0 && !ignore)
		r = take_words(request, of_entry);
	if (r == 0 && !append && !ignore && !replace)
		r = take_words(request, words);
	return r;
}

/* Mounts what an entry says, as far as the command line does not say otherwise. -EALREADY: not
 * meant for `mount -a`, or mounted. all: for that. */
static int run_entry(const struct mount_entry *entry, bool all, const char *type)
{
	struct mount_request request = { 0 };
	char real[PATH_SIZE];

	request.source = entry->source;
	request.target = entry->target;
	if (ENABLE_FEATURE_MOUNT_MORE && option_arg(TARGET_PREFIX))
		request.target = joined(option_arg(TARGET_PREFIX), entry->target, "");
	if (all && !is_remount()) {
		int r = equal(entry->type, "swap") || mount_is_target(real_path(request.target, real));
		if (r > 0)
			return -EALREADY;
		if (r < 0) {
			complain_why();
			return MOUNT_FAILED;
		}
	}
	request.type = all || !type ? entry->type : type;
	/* What is mounted has the kernel's words, not all of which it would take back. */
	int r = all && is_remount() ? take_words(&request, words) : take_both(&request, entry->options);
	if (r < 0) {
		complain_why();
		return MOUNT_FAILED;
	}
	if (all && request.no_auto)
		return -EALREADY;
	int code = run(&request);
	/* A single mount leaves that to its end. */
	if (all && !code && request.use_loop)
		loop_close(&request.device);
	return code;
}

/* Is it what an entry's source or target says, perhaps by another name? */
static bool is_same(const char *of_entry, const char *name)
{
	char real[PATH_SIZE], value[TAG_SIZE];

	if (!name)
		return false;
	const char *path = real_path(name, real);
	if (equal(of_entry, name) || equal(of_entry, path))
		return true;
	if (!ENABLE_FEATURE_MOUNT_MORE || !ENABLE_FEATURE_PROBE_TAGS || *of_entry == '/' ||
	    !after_prefix(path, "/dev/") || tag_of(of_entry, value) == TAG_NONE)
		return false;
	const char *device = device_find(of_entry);
	return device && equal(device, path);
}

enum { CODE_OF_SKIPPED = 255 }; /* of a child */

/* Mounts an entry of several; -EALREADY likewise. With -F, in a process of its own. */
static int run_one_of_all(const struct mount_entry *entry, unsigned *children)
{
	if (!ENABLE_FEATURE_MOUNT_MORE || !option_arg('F'))
		return run_entry(entry, true, NULL);
	say_flush();
	int child = sys_fork();
	if (child == 0) {
		int code = run_entry(entry, true, NULL);
		say_flush();
		sys_exit(code < 0 ? CODE_OF_SKIPPED : code == CODE_OF_SKIPPED ? MOUNT_FAILED : code);
	}
	if (child < 0) {
		complain_errno("fork", child);
		return MOUNT_FAILED;
	}
	++*children;
	return -EALREADY;
}

/* All entries but those that the command line leaves out. */
static int run_all(const char *path, const char *types)
{
	const char *with = option_arg('O');
	struct mount_entry entry;
	unsigned children = 0;
	bool some = false;
	int code = 0, status;

	char *text = read_whole(is_remount() ? MOUNTS : path);
	if (!text)
		return complain_why();
	while (mount_entry_next(&text, &entry, is_remount())) {
		char *mark = read_mark();
		unescape(entry.source);
		unescape(entry.target);
		if ((types && !in_list(entry.type, types)) ||
		    (with && !mount_has_options(entry.options, with)))
			continue;
		int r = run_one_of_all(&entry, &children);
		some |= r == 0;
		if (r > 0)
			code = r;
		read_forget(mark);
	}
	while (children--) {
		int r = sys_wait(-1, &status) < 0 || status & 0x7f ? MOUNT_FAILED : status >> 8 & 0xff;
		some |= r == 0;
		if (r != 0 && r != CODE_OF_SKIPPED)
			code = r;
	}
	return !code ? 0 : some ? SOME_SUCCEEDED : MOUNT_FAILED;
}

/* The entry with that source and target; one of them may be NULL, and either: one name
 * may be any. */
static int run_fstab(const char *path, const char *source, const char *target, const char *type, bool either)
{
	struct mount_entry entry;
	char *text = read_whole(path);

	if (!text)
		return complain_why();
	while (mount_entry_next(&text, &entry, false)) {
		unescape(entry.source);
		unescape(entry.target);
		if (is_same(entry.target, target) || is_same(entry.source, either ? target : source))
			return run_entry(&entry, false, type);
	}
	complain("%s: not found in %s", target ? target : source, path);
	return 1;
}


/* --- the command line -------------------------------------------------------- */

/* clang-format off */
static const char letters[] = "BfiMno:rRst:vw"
	IF_FEATURE_MOUNT_FSTAB("aO:T:") IF_FEATURE_PROBE_TAGS("L:U:")
	IF_FEATURE_MOUNT_MORE("cFlm::\1:\2:\3:\4:");
static const char long_options[] = LONG_OPTIONS(
	"bind=B" "fake=f" "internal-only=i" "move=M" "no-mtab=n" "options=o" "rbind=R" "read-only=r"
	"read-write=w" "rw=w" "types=t" "verbose=v"
	IF_FEATURE_MOUNT_FSTAB("all=a" "fstab=T" "test-opts=O") IF_FEATURE_PROBE_TAGS("label=L" "uuid=U")
	IF_FEATURE_MOUNT_MORE("fork=F" "mkdir=m" "no-canonicalize=c" "options-mode=\4" "show-labels=l"
	"source=\1" "target=\2" "target-prefix=\3"));
/* clang-format on */

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
	if (letter == '?') {
		word = after_prefix(arg, "--make-");
		given.propagation = 0;
	}
	if (ENABLE_FEATURE_MOUNT_MORE && letter == 'm')
		word = joined("X-mount.mkdir", *arg ? "=" : "", arg);
	for (unsigned i = 0; letters_of[i]; i++)
		if (letters_of[i] == letter)
			word = nth_string(words_of, i);
	if (word && take_words(&given, word) < 0)
		return complain_why();
	if (ENABLE_FEATURE_MOUNT_FSTAB && word && *word) {
		words = joined(words, *words ? "," : "", word);
		if (!*words)
			return complain_errno(word, -ENOMEM);
	}
	return letter == '?' && !given.propagation ? option_unknown(arg) : 0;
}

/* Where a device was mounted last, if name is one's, or a label's; else that name. */
static const char *mounted_from(const char *name)
{
	struct mount_entry entry;
	char value[TAG_SIZE], *text, *end;
	const char *device = mount_device_name(name);

	if (ENABLE_FEATURE_PROBE_TAGS && *name != '/' && tag_of(name, value) != TAG_NONE)
		device = device_find(name);
	if (!device || !after_prefix(device, "/dev/") || !(text = read_whole(MOUNTS)))
		return name;
	for (end = text + length(text); mount_entry_last(text, &end, &entry);) {
		unescape(entry.source);
		unescape(entry.target);
		if (equal(entry.source, device))
			return entry.target;
	}
	return name;
}

int mount_main(char **argv)
{
	int r = options_parse(argv, letters, long_options, take_option);
	if (r)
		return r;
	const char *type = option_arg('t'), *label = option_arg('L'), *uuid = option_arg('U');
	const char *source = NULL, *target = NULL;
	char **operand = options.operands;
	if (ENABLE_FEATURE_MOUNT_MORE) {
		const char *mode = option_arg(OPTIONS_MODE);
		if (mode && !has_word("append,ignore,prepend,replace", mode))
			return option_unknown(mode);
		source = option_arg(SOURCE);
		target = option_arg(TARGET);
	}
	if (ENABLE_FEATURE_PROBE_TAGS && label)
		source = joined("LABEL=", label, "");
	if (ENABLE_FEATURE_PROBE_TAGS && uuid)
		source = joined("UUID=", uuid, "");

	/* A change to what is mounted needs no source. */
	bool changes = is_remount() || (given.propagation && !given.flags);
	if (ENABLE_FEATURE_MOUNT_FSTAB && option_arg('a') && !options.count)
		return run_all(fstab(), type);
	if (!options.count && !source && !target)
		return list(type);
	/* What no option has named, operands do; one alone may be either. */
	bool either = options.count == 1 && !source && !target;
	if (!source && (options.count > 1 || target) && *operand)
		source = *operand++;
	if (!target && *operand)
		target = *operand++;
	if (*operand)
		return USAGE_ERROR;
	if (ENABLE_FEATURE_MOUNT_MORE && changes && given.flags && !(source && target)) {
		target = mounted_from(target ? target : source);
		source = NULL;
	}
	if (changes && target) {
		if (!source && given.flags)
			source = target;
	} else if (!source || !target) {
		return ENABLE_FEATURE_MOUNT_FSTAB ? run_fstab(fstab(), source, target, type, either)
						  : USAGE_ERROR;
	}
	given.type = type;
	given.source = source;
	given.target = target;
	return run(&given);
}
