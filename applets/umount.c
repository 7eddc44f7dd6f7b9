/* SPDX-License-Identifier: MIT */
/* umount: as umount(8). The kernel is asked first; /proc/self/mounts is read only
 * where the target is no mount point itself, or several are meant. */
//config:config UMOUNT
//config:	bool "umount"
//config:	default y
//config:	help
//config:	  Unmount directories, devices or images.
//config:
//config:config FEATURE_UMOUNT_MORE
//config:	bool "--all-targets, --test-opts and --fake"
//config:	default y
//config:	depends on UMOUNT
//config:	help
//config:	  The rarer options of umount(8), and LABEL= and the like.
//kbuild:obj-$(CONFIG_UMOUNT) += applets/umount.o
//applet:bin/umount UMOUNT umount_main
//usage:umount [-Rdflrv] TARGET... | -a [-t TYPE]
//usage:umount   -l, --lazy         now for who comes, later for who is there
//usage:umount   -f, --force        an unreachable server
//usage:umount   -r, --read-only    read-only where it is busy
//usage:umount   -R, --recursive    what is mounted below, too
//usage:umount   -d, --detach-loop  free the loop device, too
//usage:umount   -a, --all          everything but the kernel's own; -t, --types only these
//usage:umount?FEATURE_UMOUNT_MORE   -O, --test-opts WORDS  of them, what has these options
//usage:umount?FEATURE_UMOUNT_MORE   -A, --all-targets  wherever that same thing is mounted
//usage:umount?FEATURE_UMOUNT_MORE       --fake         all but the unmounting
//usage:umount   -v, --verbose; -q, --quiet
//usage:umount   -c, -i, -n, -D     accepted; they change nothing here
#include "mount.h"
#include "loop.h"
#include "probe.h"

enum { UMOUNT_FAILED = 32, SOME_SUCCEEDED = 64 };
enum { FAKE = 1 }; /* an option without a letter */

/* All types but those that a whole system goes on needing. */
static const char not_kept[] = "noproc,devfs,devpts,sysfs,rpc_pipefs,nfsd,selinuxfs";

static int failures, successes;
static int failed_code = UMOUNT_FAILED;

/* Unmounts one mount point. source: its device, or NULL where nobody knows. */
static int unmount(const char *target, const char *source)
{
	int flags = (option_arg('l') ? MNT_DETACH : 0) | (option_arg('f') ? MNT_FORCE : 0);
	int lfd = -1;

	/* Opened before: else the device may go, and another come by its name. */
	if (option_arg('d') && source && after_prefix(source, "/dev/loop"))
		lfd = sys_open(source, O_RDONLY);
	bool is_fake = ENABLE_FEATURE_UMOUNT_MORE && option_arg(FAKE);
	int r = is_fake ? 0 : sys_umount(target, flags);
	if (r == -EBUSY && option_arg('r') &&
	    sys_mount(NULL, target, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0)
		r = 0;
	else if (r == 0 && lfd >= 0 && !is_fake)
		sys_ioctl(lfd, LOOP_CLR_FD, NULL);
	if (lfd >= 0)
		sys_close(lfd);
	if (r == 0 && option_arg('v'))
		say("umount: %s unmounted\n", target);
	return r;
}

static void count(const char *target, int r)
{
	if (r == 0) {
		successes++;
		return;
	}
	failures++;
	if (r == -EINVAL) {
		if (!option_arg('q'))
			complain("%s: not mounted", target);
	} else {
		complain_errno(target, r);
	}
}

/* Has the mount what -O wants? */
static bool has_options(const char *options)
{
	const char *wanted = ENABLE_FEATURE_UMOUNT_MORE ? option_arg('O') : NULL;

	return !wanted || mount_has_options(options, wanted);
}

/* The mount's source where image is the file behind it: its loop device. */
static bool is_image_of(const char *source, const char *image)
{
	struct loop_info64 info;
	struct loop_file wanted = { 0 };

	if (!after_prefix(source, "/dev/loop") || loop_identify(image, &wanted) < 0)
		return false;
	int fd = loop_open_bound(source, &info);
	if (fd < 0)
		return false;
	sys_close(fd);
	return loop_is_of(&info, &wanted);
}

/* Is it that, by its name or for its image? */
static bool is_source(const char *source, const char *name)
{
	return equal(source, ENABLE_FEATURE_UMOUNT_MORE ? mount_device_name(name) : name) ||
	       is_image_of(source, name);
}

/* Goes through what is mounted, from the last to the first, and unmounts what
 * match says: one, or all of it. Returns 0, -EINVAL where there was none, or what
 * the last failure was. */
enum match { ALL, TREE, TARGET, SOURCE };
static int unmount_matching(enum match match, const char *name, const char *types)
{
	struct mount_entry entry;
	char *text = read_whole(MOUNTS), *end;
	int result = -EINVAL;
	bool top_is_busy = false;

	if (!text)
		return why.error;
	for (end = text + length(text); mount_entry_last(text, &end, &entry);) {
		unescape(entry.source);
		unescape(entry.target);
		if (match == ALL      ? !in_list(entry.type, types) || !has_options(entry.options)
		    : match == TREE   ? !mount_is_below(entry.target, name)
		    : match == TARGET ? !equal(entry.target, name)
				      : !is_source(entry.source, name))
			continue;
		/* Whatever else is mounted there is hidden by the first. */
		bool is_top = match == TREE && equal(entry.target, name);
		if (is_top && top_is_busy)
			continue;
		int r = unmount(entry.target, entry.source);
		if (match == ALL)
			count(entry.target, r);
		else if (r == 0)
			successes++;
		if (r < 0 || result == -EINVAL || is_top)
			result = r;
		if (match >= TARGET || (is_top && r == 0))
			break;
		top_is_busy |= is_top;
	}
	read_forget(text);
	return result;
}

static int unmount_tree(const char *name)
{
	int r = mount_is_target(name), before;

	if (r <= 0) {
		failed_code = 1; /* as umount(8) has it */
		return r < 0 ? r : -EINVAL;
	}
	/* What was moved stands in the list before what it is in now. */
	do {
		before = successes;
		r = unmount_matching(TREE, name, NULL);
	} while (r < 0 && successes > before);
	return r;
}

/* Unmounts, wherever it is mounted, what name is the mount point, device or image of. The
 * kernel's number tells it, not its source: every tmpfs may have the same. */
static void unmount_everywhere(const char *name)
{
	struct mount_info info;
	char *text = read_whole(MOUNT_INFO), *end, *line, *wanted = NULL;

	for (end = text ? text + length(text) : text;
	     !wanted && text && (line = mount_last_line(text, &end));)
		if (mount_info_split(line, &info) &&
		    (equal(info.target, name) || is_source(info.source, name)))
			wanted = info.device;
	if (!wanted) {
		failed_code = 1; /* as umount(8) has it */
		count(name, text ? -EINVAL : why.error);
		return;
	}
	text = read_whole(MOUNT_INFO);
	for (end = text ? text + length(text) : text; text && (line = mount_last_line(text, &end));)
		if (mount_info_split(line, &info) && equal(info.device, wanted))
			count(info.target, option_arg('R') ? unmount_tree(info.target)
							   : unmount(info.target, info.source));
}

static void unmount_named(const char *name)
{
	char real[PATH_SIZE];
	int r;

	if (ENABLE_FEATURE_UMOUNT_MORE && ENABLE_FEATURE_PROBE_TAGS && *name != '/' &&
	    tag_of(name, real) != TAG_NONE) {
		const char *device = device_find(name);
		if (device)
			name = copy_of(device);
	}
	if (ENABLE_FEATURE_UMOUNT_MORE && option_arg('A')) {
		unmount_everywhere(real_path(name, real));
		return;
	}
	if (option_arg('R')) {
		r = unmount_tree(real_path(name, real));
	} else {
		r = option_arg('d') ? unmount_matching(TARGET, real_path(name, real), NULL)
				    : unmount(name, NULL);
		/* A device or an image, then. */
		if (r == -EINVAL || r == -ENOTDIR) {
			int by_source = unmount_matching(SOURCE, real_path(name, real), NULL);
			if (by_source != -ENOENT)
				r = by_source;
		}
	}
	count(name, r);
}

int umount_main(char **argv)
{
	static const char long_options[] = LONG_OPTIONS("all=a"
							"detach-loop=d"
							"force=f"
							"internal-only=i"
							"lazy=l"
							"no-canonicalize=c"
							"no-mtab=n"
							"quiet=q"
							"read-only=r"
							"recursive=R"
							"types=t"
							"verbose=v" IF_FEATURE_UMOUNT_MORE("all-targets=A"
											   "fake=\1"
											   "test-opts=O"));
	int r = options_parse(argv, "acdDfilnqrRt:v" IF_FEATURE_UMOUNT_MORE("AO:\1"), long_options, NULL);

	if (r)
		return r;
	if (option_arg('a'))
		unmount_matching(ALL, NULL, option_arg('t') ? option_arg('t') : not_kept);
	else if (!options.count)
		return USAGE_ERROR;
	for (char **name = options.operands; *name; name++)
		unmount_named(*name);
	return !failures ? 0 : successes ? SOME_SUCCEEDED : failed_code;
}
