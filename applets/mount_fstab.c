/* SPDX-License-Identifier: MIT */
/* fstab: mount -a, and mount with a directory or device alone. */
//config:config FEATURE_MOUNT_FSTAB
//config:	bool "/etc/fstab"
//config:	default y
//config:	depends on MOUNT
//config:	help
//config:	  mount -a, and mount with a directory or device alone.
//kbuild:obj-$(CONFIG_FEATURE_MOUNT_FSTAB) += applets/mount_fstab.o
#include "fstab.h"
#include "mount_applet.h"
#include "probe.h"

enum { SKIPPED = -1 }; /* not meant for `mount -a`, or mounted */
enum { CODE_OF_SKIPPED = 255 };

static const char *fstab_path(void)
{
	return option_arg('T') ? option_arg('T') : "/etc/fstab";
}

/* The targets in the kernel's list, one string behind the other. */
static const char *mounted = "";

/* Where that can't be read, nothing counts as mounted: /proc may be among what is to be. */
static void read_mounted(void)
{
	struct mount_entry entry;
	char *text = read_whole(MOUNTS), *to = text;

	if (!text)
		return;
	mounted = text;
	while (mount_entry_next(&text, &entry)) {
		unescape(entry.target);
		to = append(to, entry.target) + 1; /* which comes before where it was */
	}
	*to = 0;
}

static bool is_mounted(const char *target)
{
	char real[PATH_SIZE];

	return find_string(mounted, target) >= 0 || find_string(mounted, real_path(target, real)) >= 0;
}

/* An entry's words and those of the command line, which count more as they come last,
 * unless --options-mode says otherwise. */
static int take_both(struct mount_request *request, const char *of_entry)
{
	const char *mode = ENABLE_FEATURE_MOUNT_MORE ? option_arg(OPTIONS_MODE) : NULL;
	bool append = mode && *mode == 'a', ignore = mode && *mode == 'i', replace = mode && *mode == 'r';

	int r = append || ignore ? mount_take(request, given_words) : 0;
	if (r == 0 && !ignore)
		r = mount_take(request, of_entry);
	if (r == 0 && !append && !ignore && !replace)
		r = mount_take(request, given_words);
	return r;
}

/* Mounts what an entry says, as far as the command line does not say otherwise. */
static int run_entry(const struct mount_entry *entry, const char *type)
{
	struct mount_request request = { .source = entry->source,
					 .target = mount_prefixed(entry->target),
					 .type = type };

	int r = take_both(&request, entry->options);
	if (r < 0) {
		complain_why();
		return MOUNT_FAILED;
	}
	/* fstab says what the mount is to be, but the kernel knows better what it is of. */
	request.replaces = request.flags & MS_REMOUNT;
	if (request.replaces)
		request.source = request.target;
	return mount_run(&request);
}


/* --- all of it --------------------------------------------------------------- */

/* -v, in mount(8)'s words. */
static void say_state(const char *target, const char *state)
{
	if (!ENABLE_FEATURE_MOUNT_MORE || !option_arg('v'))
		return;
	say("%s", target);
	for (size_t n = length(target); n < 25; n++)
		say_char(' ');
	say(": %s\n", state);
}

/* A remount takes the kernel's list, whose words the kernel would not all take back. */
static int remount_entry(const struct mount_entry *entry)
{
	struct mount_request request = { .source = entry->source, .target = entry->target };

	if (mount_take(&request, given_words) < 0) {
		complain_why();
		return MOUNT_FAILED;
	}
	return mount_run(&request);
}

static int mount_entry(const struct mount_entry *entry)
{
	const char *target = mount_prefixed(entry->target);

	if (has_word(entry->options, "noauto") || equal(entry->type, "swap")) {
		say_state(target, "ignored");
		return SKIPPED;
	}
	if (is_mounted(target)) {
		say_state(target, "already mounted");
		return SKIPPED;
	}
	struct mount_request request = { .source = entry->source, .target = target, .type = entry->type };
	if (take_both(&request, entry->options) < 0) {
		complain_why();
		return MOUNT_FAILED;
	}
	if (request.no_auto) /* by the command line */
		return SKIPPED;
	int code = mount_run(&request);
	if (!code && request.source && request.failed_for == MOUNT_DONE) /* or else nofail allows it */
		say_state(target, "successfully mounted");
	/* A single mount leaves that to its end. */
	if (!code && request.use_loop)
		loop_close(&request.device);
	return code;
}

static int one_of_all(const struct mount_entry *entry)
{
	return given_remount() ? remount_entry(entry) : mount_entry(entry);
}

/* With -F, in a process of its own. */
static int one_in_child(const struct mount_entry *entry, unsigned *children)
{
	say_flush();
	int child = sys_fork();
	if (child == 0) {
		int code = one_of_all(entry), r = say_flush();
		if (r < 0 && code <= 0)
			code = complain_errno("standard output", r);
		sys_exit(code == SKIPPED ? CODE_OF_SKIPPED : code == CODE_OF_SKIPPED ? MOUNT_FAILED : code);
	}
	if (child < 0) {
		complain_errno("fork", child);
		return MOUNT_FAILED;
	}
	++*children;
	return SKIPPED;
}

/* What became of the entries. */
struct tally {
	bool some; /* succeeded */
	int code;  /* of the last that failed */
};

static void count(struct tally *tally, int code)
{
	tally->some |= code == 0;
	if (code > 0)
		tally->code = code;
}

static int sum(const struct tally *tally)
{
	return !tally->code ? 0 : tally->some ? SOME_SUCCEEDED : MOUNT_FAILED;
}

static void wait_for(unsigned children, struct tally *tally)
{
	int status;

	while (children--) {
		int code = sys_wait(-1, &status) < 0 || status & 0x7f ? MOUNT_FAILED : status >> 8 & 0xff;
		if (code != CODE_OF_SKIPPED)
			count(tally, code);
	}
}

/* The next entry of the kernel's list, or of fstab. */
static bool next_entry(struct fstab *fstab, struct mount_entry *entry)
{
	if (!given_remount())
		return fstab_entry(fstab, entry);
	if (!mount_entry_next(&fstab->rest, entry))
		return false;
	unescape(entry->source);
	unescape(entry->target);
	return true;
}

int mount_all(void)
{
	const char *with = option_arg('O');
	struct mount_entry entry;
	struct tally tally = { 0 };
	struct fstab fstab;
	unsigned children = 0;

	if (fstab_read(&fstab, given_remount() ? MOUNTS : fstab_path()) < 0)
		return complain_why();
	if (!given_remount())
		read_mounted();
	while (next_entry(&fstab, &entry)) {
		char *mark = read_mark();
		if ((given.type && !in_list(entry.type, given.type)) ||
		    (with && !mount_has_options(entry.options, with))) {
			say_state(entry.target, "ignored");
			continue;
		}
		count(&tally, ENABLE_FEATURE_MOUNT_MORE && option_arg('F') ? one_in_child(&entry, &children)
									   : one_of_all(&entry));
		read_forget(mark);
	}
	wait_for(children, &tally);
	if (fstab.is_bad)
		count(&tally, MOUNT_FAILED);
	return sum(&tally);
}


/* --- one entry --------------------------------------------------------------- */

/* What a name means, as something that can be compared: the device with a tag, or a path without
 * links. NULL where no device has the tag. */
static const char *meaning_of(const char *name)
{
	char real[PATH_SIZE];
	const char *device = device_named(name);

	return device && equal(device, name) ? copy_of(real_path(name, real)) : device;
}

/* A name that is looked for. */
struct wanted {
	const char *name, *meaning;
};

/* Is it that name, or, where that is asked for, does it mean the same? */
static bool is_same(const char *of_entry, const struct wanted *wanted, bool by_meaning)
{
	if (!wanted->name)
		return false;
	if (!by_meaning)
		return equal(of_entry, wanted->name) || (wanted->meaning && equal(of_entry, wanted->meaning));
	const char *meaning = wanted->meaning ? meaning_of(of_entry) : NULL;
	return meaning && equal(meaning, wanted->meaning);
}

static bool next_good(struct fstab *fstab, struct mount_entry *entry)
{
	int r;

	while ((r = fstab_next(fstab, entry)) < 0)
		;
	return r;
}

/* Looks for names first, and then for what they mean, for which devices are looked at. Returns 1,
 * 0 where there is no such entry, or -errno with a why. */
static int find_entry(const struct wanted *source, const struct wanted *target, bool by_meaning,
		      struct mount_entry *entry)
{
	struct fstab fstab;

	int r = fstab_read(&fstab, fstab_path());
	/* The first time names the lines that are none, also those behind it. */
	while (r == 0 && (by_meaning ? next_good(&fstab, entry) : fstab_entry(&fstab, entry))) {
		char *mark = read_mark();
		if (is_same(entry->target, target, by_meaning) ||
		    is_same(entry->source, source, by_meaning)) {
			struct mount_entry other;
			while (!by_meaning && fstab_entry(&fstab, &other))
				;
			return 1;
		}
		read_forget(mark);
	}
	return r;
}

int mount_by_fstab(const char *source, const char *target, bool either)
{
	struct wanted of_source = { .name = either ? target : source }, of_target = { .name = target };
	struct mount_entry entry;

	if (of_source.name)
		of_source.meaning = meaning_of(of_source.name);
	if (target)
		of_target.meaning = either ? of_source.meaning : meaning_of(target);
	int r = find_entry(&of_source, &of_target, false, &entry);
	if (ENABLE_FEATURE_MOUNT_MORE && r == 0)
		r = find_entry(&of_source, &of_target, true, &entry);
	if (r > 0)
		return run_entry(&entry, given.type ? given.type : entry.type);
	if (given_remount() && !(r < 0 && option_arg('T')))
		return NOT_IN_FSTAB;
	if (r < 0 || devices_unread)
		return complain_why();
	complain("%s: not found in %s", target ? target : source, fstab_path());
	return 1;
}
