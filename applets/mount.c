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
//usage:mount?FEATURE_PROBE_TAGS   -L, --label; -U, --uuid   instead of SOURCE
//usage:mount   -f, --fake            all but the mount itself
//usage:mount   -v, --verbose
//usage:mount   -i, -l, -n, -s        accepted; there is no helper and no mtab
#include "mount.h"
#include "probe.h"

/* mount(8)'s exit codes */
enum { MOUNT_FAILED = 32, SOME_SUCCEEDED = 64 };

static struct mount_request given; /* by the command line */

static int list(const char *type)
{
	struct mount_entry entry;
	char *text = read_whole(MOUNTS);

	if (!text)
		return complain_why();
	while (mount_entry_next(&text, &entry, true))
		if (!type || !*type || in_list(entry.type, type))
			say("%s on %s type %s (%s)\n", entry.source, entry.target, entry.type, entry.options);
	return 0;
}

static const char *find_tag(const char *spec)
{
	const char *device = device_find(spec);

	if (!device)
		complain("%s: no device has it", spec);
	return device;
}

static int run(struct mount_request *request)
{
	const char *source = request->source;
	char value[TAG_SIZE];

	if (ENABLE_FEATURE_PROBE_TAGS && source && *source != '/' && tag_of(source, value) != TAG_NONE) {
		request->source = find_tag(source);
		if (!request->source)
			return !request->no_fail;
	}
	int r = mount_do(request);
	if (r < 0) {
		if (r == -ENOENT && why.path == request->source && request->no_fail)
			return 0;
		complain_why();
		return MOUNT_FAILED;
	}
	if (request->fell_back)
		complain("%s: mounted read-only: it can't be written", request->source);
	if (option_arg('v') && request->source)
		say("mount: %s mounted on %s.\n", request->source, request->target);
	return 0;
}

/* Mounts what an fstab entry says, as far as the command line does not say
 * otherwise. -EALREADY: not meant for `mount -a`, or mounted. */
static int run_entry(const struct mount_entry *entry, bool all)
{
	struct mount_request request = { .fake = given.fake };

	if (all) {
		char real[PATH_SIZE];
		int r = equal(entry->type, "swap") || mount_is_target(real_path(entry->target, real));
		if (r > 0)
			return -EALREADY;
		if (r < 0) {
			complain_why();
			return MOUNT_FAILED;
		}
	}
	request.source = entry->source;
	request.target = entry->target;
	request.type = all || !given.type ? entry->type : given.type;
	if (mount_words(&request, entry->options) < 0) {
		complain_why();
		return MOUNT_FAILED;
	}
	if (all && request.no_auto)
		return -EALREADY;
	request.flags = (request.flags & ~given.cleared) | given.flags;
	request.cleared |= given.cleared;
	request.propagation |= given.propagation;
	if (mount_data(&request, given.data) < 0) {
		complain_why();
		return MOUNT_FAILED;
	}
	int code = run(&request);
	/* A single mount leaves that to its end. */
	if (all && !code && request.use_loop)
		loop_close(&request.device);
	return code;
}

/* `-O WORD,...`: each has to be among the options, or with "no" before it not. */
static bool has_options(const char *options, const char *wanted)
{
	char word[LIST_WORD_SIZE];

	while (next_listed(&wanted, word)) {
		const char *without = after_prefix(word, "no");
		if (!has_word(options, word) && !(without && !has_word(options, without)))
			return false;
	}
	return true;
}

/* Mounts the entry that names the directory or device, or without a name all of
 * them. */
static int run_fstab(const char *path, const char *name, const char *wanted)
{
	struct mount_entry entry;
	char *text = read_whole(path);
	bool some = false;
	int code = 0;

	if (!text)
		return complain_why();
	while (mount_entry_next(&text, &entry, false)) {
		unescape(entry.source);
		unescape(entry.target);
		if (name) {
			if (equal(entry.source, name) || equal(entry.target, name))
				return run_entry(&entry, false);
			continue;
		}
		if (given.type && !in_list(entry.type, given.type))
			continue;
		if (wanted && !has_options(entry.options, wanted))
			continue;
		int r = run_entry(&entry, true);
		some |= r == 0;
		if (r > 0)
			code = r;
	}
	if (name) {
		complain("%s: not found in %s", name, path);
		return 1;
	}
	return code && some ? SOME_SUCCEEDED : code;
}

/* clang-format off */
static const char letters[] = "BfilMno:rRst:vw"
	IF_FEATURE_MOUNT_FSTAB("aO:T:") IF_FEATURE_PROBE_TAGS("L:U:");
static const char long_options[] = LONG_OPTIONS(
	"bind=B" "fake=f" "internal-only=i" "move=M" "no-mtab=n" "options=o" "rbind=R" "read-only=r"
	"read-write=w" "rw=w" "types=t" "verbose=v"
	IF_FEATURE_MOUNT_FSTAB("all=a" "fstab=T" "test-opts=O") IF_FEATURE_PROBE_TAGS("label=L" "uuid=U"));
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
	const char *make = after_prefix(arg, "--make-");
	char *words = NULL;

	if (letter == 'o')
		words = (char *)arg;
	if (letter == '?') {
		words = (char *)make;
		given.propagation = 0;
	}
	for (unsigned i = 0; letters_of[i]; i++)
		if (letters_of[i] == letter)
			words = (char *)nth_string(words_of, i);
	if (words && mount_words(&given, words) < 0)
		return complain_why();
	return letter == '?' && !given.propagation ? option_unknown(arg) : 0;
}

int mount_main(char **argv)
{
	int r = options_parse(argv, letters, long_options, take_option);
	if (r)
		return r;
	given.type = option_arg('t');
	given.fake = option_arg('f');
	given.source = options.operands[0];
	given.target = options.operands[1];

	const char *label = option_arg('L'), *uuid = option_arg('U');
	if (ENABLE_FEATURE_PROBE_TAGS && (label || uuid)) {
		/* it stands for the source */
		given.target = given.source;
		given.source = label ? joined("LABEL=", label, "") : joined("UUID=", uuid, "");
		options.count++;
	}
	const char *fstab = option_arg('T') ? option_arg('T') : "/etc/fstab";
	if (ENABLE_FEATURE_MOUNT_FSTAB && option_arg('a') && !options.count)
		return run_fstab(fstab, NULL, option_arg('O'));
	switch (options.count) {
	case 0:
		return list(given.type);
	case 1:
		/* A change to what is mounted needs no source. */
		given.target = given.source;
		if (given.propagation && !given.flags)
			given.source = NULL;
		else if (!(given.flags & MS_REMOUNT))
			return ENABLE_FEATURE_MOUNT_FSTAB ? run_fstab(fstab, given.target, NULL)
							  : USAGE_ERROR;
		/* fall through */
	case 2:
		return run(&given);
	}
	return USAGE_ERROR;
}
