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
//usage:mount [-nirwvf] [-t TYPE] [-o WORD,...] [--bind|--rbind|--move|--make-PROPAGATION] [SOURCE] [DIR] | -a [-t TYPE] [-O WORD,...]
//usage:mount   -t, --types TYPE      found out by the superblock, or by trying, without it
//usage:mount   -o, --options WORDS   loop, offset=, sizelimit=, ro, bind, remount, ... or the
//usage:mount                         file system's own
//usage:mount   -r, --read-only       same as -o ro; -w, --rw the opposite
//usage:mount   -B, --bind; -R, --rbind; -M, --move
//usage:mount       --make-private, -shared, -slave, -unbindable; --make-rprivate, ...
//usage:mount   -a, --all             what fstab lists; -T, --fstab FILE another fstab
//usage:mount   -L, --label; -U, --uuid   instead of SOURCE
//usage:mount   -f, --fake            all but the mount itself
//usage:mount   -v, --verbose
//usage:mount   -i, -n                accepted; there is no helper and no mtab
#include "mount.h"

/* mount(8)'s exit codes */
enum { MOUNT_FAILED = 32, SOME_SUCCEEDED = 64 };

static bool verbose;

static int list(const char *type)
{
	struct mount_entry entry;
	char *text = read_whole("/proc/self/mounts");

	if (!text)
		return complain_errno("/proc/self/mounts", -errno);
	while (mount_entry_next(&text, &entry))
		if (!type || in_list(entry.type, type))
			say("%s on %s type %s (%s)\n", entry.source, entry.target, entry.type, entry.options);
	return 0;
}

static const char *find_tag(char kind, const char *value)
{
	const char *device = probe_find(kind, value);

	if (!device)
		complain("%s: no device has this %s", value, kind == 'L' ? "label" : "UUID");
	return device;
}

static int run(struct mount_request *request)
{
	const char *source = request->source;
	if (ENABLE_FEATURE_PROBE_TAGS && source) {
		const char *label = after_prefix(source, "LABEL="), *uuid = after_prefix(source, "UUID=");
		if (label || uuid)
			request->source = label ? find_tag('L', label) : find_tag('U', uuid);
		if (!request->source)
			return request->no_fail ? 0 : MOUNT_FAILED;
	}
	int r = mount_do(request);
	if (r < 0) {
		if (r == -ENOENT && request->no_fail)
			return 0;
		complain_why(&request->why, r);
		return MOUNT_FAILED;
	}
	if (request->fell_back)
		complain("%s: mounted read-only: it can't be written", request->source);
	if (verbose)
		say("mount: %s mounted on %s.\n", request->source, request->target);
	return 0;
}

static bool is_target(const char *mounts, const char *target)
{
	for (const char *line = mounts; *line; line++) {
		while (*line && *line++ != ' ')
			;
		const char *rest = after_prefix(line, target);
		if (rest && *rest == ' ')
			return true;
		while (*line && *line != '\n')
			line++;
		if (!*line)
			break;
	}
	return false;
}

/* Mounts what an fstab entry says, as far as the command line does not say
 * otherwise. -EALREADY: not meant for `mount -a`, or mounted. */
static int run_entry(struct mount_entry *entry, const struct mount_request *given, const char *mounts)
{
	struct mount_request request = { .fake = given->fake };

	if (!strcmp(entry->type, "swap") || (mounts && is_target(mounts, entry->target)))
		return -EALREADY;
	unescape(entry->source);
	unescape(entry->target);
	request.source = entry->source;
	request.target = entry->target;
	request.type = mounts || !given->type ? entry->type : given->type;
	if (mount_words(&request, entry->options) < 0) {
		complain_why(&request.why, -EINVAL);
		return MOUNT_FAILED;
	}
	if (mounts && request.no_auto)
		return -EALREADY;
	request.flags = (request.flags & ~given->cleared) | given->flags;
	request.cleared |= given->cleared;
	request.propagation |= given->propagation;
	if (*request.data && *given->data)
		append(request.data + strlen(request.data), ",");
	append(request.data + strlen(request.data), given->data);
	return run(&request);
}

/* Mounts the entry that names the directory or device, or without a name all of
 * them. */
static int run_fstab(const char *path, const char *name, const struct mount_request *given, const char *options)
{
	struct mount_entry entry;
	char *text = read_whole(path), *mounts = NULL;
	bool some = false;
	int code = 0;

	if (!text)
		return complain_errno(path, -errno);
	if (!name && !(mounts = read_whole("/proc/self/mounts")))
		return complain_errno("/proc/self/mounts", -errno);
	while (mount_entry_next(&text, &entry)) {
		if (name) {
			if (!strcmp(entry.source, name) || !strcmp(entry.target, name))
				return run_entry(&entry, given, NULL);
			continue;
		}
		if (given->type && !in_list(entry.type, given->type))
			continue;
		if (options && !in_list(options, entry.options))
			continue;
		int r = run_entry(&entry, given, mounts);
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

#if ENABLE_FEATURE_MOUNT_FSTAB
#define FSTAB_LETTERS "aO:T:"
#define FSTAB_LONG "all=a" "fstab=T" "test-opts=O"
#else
#define FSTAB_LETTERS ""
#define FSTAB_LONG ""
#endif
#if ENABLE_FEATURE_PROBE_TAGS
#define TAG_LETTERS "L:U:"
#define TAG_LONG "label=L" "uuid=U"
#else
#define TAG_LETTERS ""
#define TAG_LONG ""
#endif

static const char letters[] = "BfiMno:rRst:vw" FSTAB_LETTERS TAG_LETTERS;
static const char long_options[] =
	"bind=B" "fake=f" "internal-only=i" "move=M" "no-mtab=n" "options=o" "rbind=R" "read-only=r"
	"read-write=w" "rw=w" "types=t" "verbose=v" FSTAB_LONG TAG_LONG;

int mount_main(char **argv)
{
	struct options o = OPTIONS(argv);
	struct mount_request request = { 0 };
	const char *tag = NULL, *fstab = "/etc/fstab", *test_options = NULL;
	char tag_kind = 0;
	int letter;

	while ((letter = option_next(&o, letters, long_options))) {
		char *words = NULL;

		if (letter == 'o')
			words = (char *)o.arg;
		else if (letter == 'r')
			words = "ro";
		else if (letter == 'w')
			words = "rw";
		else if (letter == 'B')
			words = "bind";
		else if (letter == 'R')
			words = "rbind";
		else if (letter == 'M')
			words = "move";
		else if (letter == 't')
			request.type = o.arg;
		else if (letter == 'T')
			fstab = o.arg;
		else if (letter == 'O')
			test_options = o.arg;
		else if (letter == 'L' || letter == 'U') {
			tag_kind = letter;
			tag = o.arg;
		} else if (letter == '?') {
			words = after_prefix(o.arg, "--make-");
			request.propagation = 0;
		}
		int r = words ? mount_words(&request, words) : 0;
		if (r < 0)
			return complain_why(&request.why, r);
		if (letter == '?' && !request.propagation)
			return option_error(&o);
	}
	request.fake = option_seen(&o, 'f');
	verbose = option_seen(&o, 'v');

	if (ENABLE_FEATURE_PROBE_TAGS && tag) {
		/* it stands for the first operand */
		request.source = find_tag(tag_kind, tag);
		if (!request.source)
			return request.no_fail ? 0 : MOUNT_FAILED;
		o.argv--;
		o.operands++;
	} else {
		request.source = o.argv[0];
	}
	if (ENABLE_FEATURE_MOUNT_FSTAB && option_seen(&o, 'a') && !o.operands)
		return run_fstab(fstab, NULL, &request, test_options);
	switch (o.operands) {
	case 0:
		return list(request.type);
	case 1:
		/* A change to what is mounted needs no source. */
		request.target = request.source;
		if (request.flags & MS_REMOUNT)
			return run(&request);
		if (request.propagation && !request.flags) {
			request.source = NULL;
			return run(&request);
		}
		if (ENABLE_FEATURE_MOUNT_FSTAB)
			return run_fstab(fstab, request.target, &request, NULL);
		return USAGE_ERROR;
	case 2:
		request.target = o.argv[1];
		return run(&request);
	}
	return USAGE_ERROR;
}
