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
//usage:umount   -l, --lazy           detach now, clean up when it is no longer busy
//usage:umount   -f, --force          even if the server does not answer (NFS, FUSE)
//usage:umount   -r, --read-only      remount read-only where it is busy
//usage:umount   -R, --recursive      all that is mounted there and below
//usage:umount   -d, --detach-loop    detach the loop device, too
//usage:umount   -a, --all            all file systems but the kernel's own
//usage:umount   -t, --types LIST     with -a: only these types
//usage:umount?FEATURE_UMOUNT_MORE   -O, --test-opts LIST with -a: only mounts that have these options
//usage:umount?FEATURE_UMOUNT_MORE   -A, --all-targets    wherever the same file system is mounted
//usage:umount?FEATURE_UMOUNT_MORE       --fake           do all but unmount
//usage:umount   -v, --verbose        say what is unmounted
//usage:umount   -q, --quiet          do not say what is not mounted
//usage:umount   -c -i -n -D          accepted and ignored, for compatibility
#include "mount.h"
#include "loop.h"
#include "probe.h"

enum { UMOUNT_FAILED = 32, SOME_SUCCEEDED = 64 };
enum { FAKE = 1 }; /* an option without a letter */

/* All types but those that a whole system goes on needing. */
static const char not_kept[] = "noproc,devfs,devpts,sysfs,rpc_pipefs,nfsd,selinuxfs";

static int failures, successes; /* of what was asked for */
static unsigned unmounted;
static int failed_code = UMOUNT_FAILED;

/* Makes a mount that is busy read-only, and keeps what else it is. */
static int make_read_only(const char *target)
{
	unsigned flags = MS_RDONLY;

	int r = mount_keep_flags(target, &flags, 0);
	return r < 0 ? r : sys_mount(NULL, target, NULL, MS_REMOUNT | flags, NULL);
}

/* Besides 0 and -errno, what may come of an unmount: */
enum { LIST_FAILED = 1, IS_TOLD, NONE }; /* why is in `why`; all is said; nothing was meant */

/* Detaches the device, as it was opened before. Somebody else may have done so. */
static int detach(const char *source, int fd)
{
	int r = fd < 0 ? fd : sys_ioctl(fd, LOOP_CLR_FD, NULL);

	if (r == 0 || (r == -ENXIO && fd >= 0))
		return 0;
	complain("%s: unmounted, but not detached: %s", source, errno_text(-r));
	return IS_TOLD;
}

/* Unmounts one mount point. source: its device, or NULL where nobody knows. */
static int unmount(const char *target, const char *source)
{
	int flags = (option_arg('l') ? MNT_DETACH : 0) | (option_arg('f') ? MNT_FORCE : 0);
	bool is_fake = ENABLE_FEATURE_UMOUNT_MORE && option_arg(FAKE);
	bool detaches = option_arg('d') && !is_fake && source && loop_number(source) >= 0;

	/* Opened before: else the device may go, and another come by its name. */
	int fd = detaches ? sys_open(source, O_RDONLY) : -1;
	int r = is_fake ? 0 : sys_umount(target, flags);
	if (r == 0 && detaches)
		r = detach(source, fd);
	if (fd >= 0)
		sys_close(fd);
	if (r == -EBUSY && option_arg('r') && make_read_only(target) == 0) {
		if (ENABLE_FEATURE_UMOUNT_MORE)
			complain("%s: busy, remounted read-only", target);
		return 0;
	}
	if (r == 0 && option_arg('v') && source && ENABLE_FEATURE_UMOUNT_MORE)
		complain("%s (%s) unmounted", target, source);
	else if (r == 0 && option_arg('v'))
		complain("%s unmounted", target);
	return r;
}

static void count(const char *target, int r)
{
	if (r == 0) {
		successes++;
		return;
	}
	failures++;
	if (r == LIST_FAILED)
		complain("%s: %s: %s", target, why.path, errno_text(-why.error));
	else if (r == -EINVAL && !option_arg('q'))
		complain("%s: not mounted", target);
	else if (r == -EBUSY)
		complain("%s: target is busy", target);
	else if (r < 0 && r != -EINVAL)
		complain_errno(target, r);
}

/* Has the mount what -O wants? */
static bool has_options(const char *options)
{
	const char *wanted = ENABLE_FEATURE_UMOUNT_MORE ? option_arg('O') : NULL;

	return !wanted || mount_has_options(options, wanted);
}

enum match { ALL, BELOW, TARGET, SOURCE };
/* Is the entry meant by name: its mount point, what is above that, its device or image; or, with -a,
 * its types? */
static bool is_meant(const struct mount_entry *entry, enum match match, const char *name)
{
	return match == ALL	 ? in_list(entry->type, name) && has_options(entry->options)
	       : match == BELOW	 ? mount_is_below(entry->target, name)
	       : match == TARGET ? equal(entry->target, name)
				 : mount_is_source(entry->source, name);
}

/* Is something else mounted on top, which an unmount there would take? */
static bool is_hidden(const char *target, const char *source)
{
	struct mount_info info;

	return mount_find(target, &info) == 0 && !mount_is_source(info.source, source);
}

/* Goes once through what is mounted, from the last to the first, and unmounts what is meant: the
 * first of it, or, with ALL and BELOW, all. Returns what came of it, or the first failure, whose
 * mount point is then in *where. */
static int unmount_meant(enum match match, const char *name, const char **where)
{
	struct mount_entry entry;
	char *text = read_whole(MOUNTS), *end;
	int result = NONE;

	if (!text)
		return LIST_FAILED;
	for (end = text + length(text); mount_entry_last(text, &end, &entry);) {
		unescape(entry.source);
		unescape(entry.target);
		if (!is_meant(&entry, match, name))
			continue;
		if (ENABLE_FEATURE_UMOUNT_MORE && match == SOURCE && is_hidden(entry.target, name)) {
			complain("%s: another mount on %s hides it", name, entry.target);
			failed_code = 1; /* as umount(8) has it */
			return IS_TOLD;
		}
		int r = unmount(entry.target, entry.source);
		if (match == ALL)
			count(entry.target, r);
		if (match >= TARGET)
			return r;
		unmounted += r == 0;
		if (result == NONE || result == 0) {
			result = r;
			*where = entry.target;
		}
	}
	return result;
}

/* For -d and -v, which are about the source, too. Where the list can't be read, the unmount may
 * still work, but not all that -d means. */
static int unmount_listed(const char *name)
{
	char real[PATH_SIZE];

	int r = unmount_meant(TARGET, real_path(name, real), NULL);
	if (r != LIST_FAILED || (r = unmount(name, NULL)) < 0 || !option_arg('d'))
		return r;
	complain("%s: unmounted, but its loop device was not detached", name);
	return LIST_FAILED;
}

/* -R: all that is stacked there, and below. */
static void unmount_tree(const char *name)
{
	const char *where = name;
	unsigned before;

	int r = mount_is_target(name);
	if (r <= 0) {
		failed_code = r < 0 ? failed_code : 1; /* as umount(8) has it */
		count(name, r < 0 ? LIST_FAILED : -EINVAL);
		return;
	}
	/* What was moved, or is hidden by another mount, goes when that has gone which comes before it
	 * in the list. */
	do {
		before = unmounted;
		r = unmount_meant(BELOW, name, &where);
	} while (r < 0 && unmounted > before);
	count(where, r == NONE ? 0 : r);
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
		    (equal(info.target, name) || mount_is_source(info.source, name)))
			wanted = info.device;
	if (!text || !wanted || !(text = read_whole(MOUNT_INFO))) {
		failed_code = text ? 1 : failed_code; /* as umount(8) has it */
		count(name, text ? -EINVAL : LIST_FAILED);
		return;
	}
	for (end = text + length(text); (line = mount_last_line(text, &end));) {
		if (!mount_info_split(line, &info) || !equal(info.device, wanted))
			continue;
		if (option_arg('R'))
			unmount_tree(info.target);
		else
			count(info.target, unmount(info.target, info.source));
	}
}

static void unmount_types(const char *types)
{
	const char *where;

	if (unmount_meant(ALL, types, &where) == LIST_FAILED)
		count("-a", LIST_FAILED);
}

/* By its directory, or else as a device, an image, or the word that a file system without a
 * device has for one. */
static int unmount_any(const char *name)
{
	char real[PATH_SIZE];

	bool tells_source = ENABLE_FEATURE_UMOUNT_MORE && option_arg('v');
	int r = option_arg('d') || tells_source ? unmount_listed(name) : unmount(name, NULL);
	bool may_be_word = ENABLE_FEATURE_UMOUNT_MORE && r == -ENOENT && *name != '/';
	if (r != -EINVAL && r != -ENOTDIR && r != NONE && !may_be_word)
		return r;
	int by_source = unmount_meant(SOURCE, real_path(name, real), NULL);
	return by_source != NONE ? by_source : r == NONE ? -EINVAL : r;
}

static void unmount_named(const char *name)
{
	char real[PATH_SIZE];

	const char *device = ENABLE_FEATURE_UMOUNT_MORE ? device_named(name) : name;
	if (device)
		name = device;
	else if (devices_unread)
		return count(name, LIST_FAILED);
	if (ENABLE_FEATURE_UMOUNT_MORE && option_arg('A'))
		unmount_everywhere(real_path(name, real));
	else if (option_arg('R'))
		unmount_tree(real_path(name, real));
	else
		count(name, unmount_any(name));
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
		unmount_types(option_arg('t') ? option_arg('t') : not_kept);
	else if (!options.count)
		return USAGE_ERROR;
	for (char **name = options.operands; *name; name++)
		unmount_named(*name);
	return !failures ? 0 : successes ? SOME_SUCCEEDED : failed_code;
}
