/* SPDX-License-Identifier: MIT */
/* umount: as umount(8). The kernel is asked first; /proc/self/mounts is read only
 * where the target is no mount point itself, or several are meant. */
//config:config UMOUNT
//config:	bool "umount"
//config:	default y
//config:	help
//config:	  Unmount directories, devices or images.
//kbuild:obj-$(CONFIG_UMOUNT) += applets/umount.o
//applet:bin/umount UMOUNT umount_main
//usage:umount [-cdfilnrRv] TARGET... | -a [-t TYPE]
//usage:umount   -l, --lazy         now for who comes, later for who is there
//usage:umount   -f, --force        an unreachable server
//usage:umount   -r, --read-only    read-only where it is busy
//usage:umount   -R, --recursive    what is mounted below, too
//usage:umount   -d, --detach-loop  free the loop device, too
//usage:umount   -a, --all          everything but the kernel's own; -t, --types only these
//usage:umount   -v, --verbose; -q, --quiet
//usage:umount   -c, -i, -n, -D     accepted; they change nothing here
#include "mount.h"
#include "loop.h"

enum { UMOUNT_FAILED = 32, SOME_SUCCEEDED = 64 };

/* All types but those that a whole system goes on needing. */
static const char not_kept[] = "noproc,devfs,devpts,sysfs,rpc_pipefs,nfsd,selinuxfs";

static struct options o;
static int failed, succeeded;

/* Unmounts one mount point. source: its device, or NULL where nobody knows. */
static int unmount(const char *target, const char *source)
{
	int flags = (option_seen(&o, 'l') ? MNT_DETACH : 0) | (option_seen(&o, 'f') ? MNT_FORCE : 0);
	struct why why = { 0 };

	if (umount2(target, flags) < 0 &&
	    !(errno == EBUSY && option_seen(&o, 'r') &&
	      mount(NULL, target, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0))
		return -errno;
	/* An autoclear device has gone by itself. */
	if (option_seen(&o, 'd') && source && after_prefix(source, "/dev/loop")) {
		int fd = loop_detach(source, &why);
		if (fd >= 0)
			close(fd);
	}
	if (option_seen(&o, 'v'))
		say("umount: %s unmounted\n", target);
	return 0;
}

static void count(const char *target, int r)
{
	if (r == 0) {
		succeeded++;
		return;
	}
	failed++;
	if (r == -EINVAL) {
		if (!option_seen(&o, 'q'))
			complain("%s: not mounted", target);
	} else {
		complain_errno(target, r);
	}
}

/* Is path the directory, or below it? */
static bool is_below(const char *path, const char *directory)
{
	const char *rest = after_prefix(path, directory);

	return rest && (!*rest || *rest == '/' || !directory[1]);
}

/* The mount's source where image is the file behind it: its loop device. */
static bool is_image_of(const char *source, const char *image)
{
	struct loop_info64 info, wanted;

	if (!after_prefix(source, "/dev/loop") || loop_identify(image, &wanted) < 0)
		return false;
	int fd = loop_open_bound(source, &info);
	if (fd < 0)
		return false;
	close(fd);
	return loop_same_file(&info, &wanted);
}

/* Goes through what is mounted, from the last to the first, and unmounts what
 * match says; only the first such where the rest would be hidden by it. */
enum match { ALL, TREE, TARGET, SOURCE };
static int unmount_matching(enum match match, const char *name, const char *types)
{
	struct mount_entry entry;
	char *text = read_whole("/proc/self/mounts"), *end;
	int r = -EINVAL;

	if (!text)
		return -errno;
	for (end = text + strlen(text); mount_entry_last(text, &end, &entry);) {
		unescape(entry.source);
		unescape(entry.target);
		if (match == ALL ? !in_list(entry.type, types) :
		    match == TREE ? !is_below(entry.target, name) :
		    match == TARGET ? strcmp(entry.target, name) :
				      strcmp(entry.source, name) && !is_image_of(entry.source, name))
			continue;
		r = unmount(entry.target, entry.source);
		if (match == ALL || (match == TREE && r < 0))
			count(entry.target, r);
		if (match >= TARGET)
			break;
	}
	return r;
}

static void unmount_named(const char *name)
{
	char real[PATH_SIZE];
	int r;

	if (option_seen(&o, 'R')) {
		int before = failed;
		r = unmount_matching(TREE, real_path(name, real), NULL);
		if (failed > before)
			return;	/* each has been named */
	} else {
		r = option_seen(&o, 'd') ? unmount_matching(TARGET, real_path(name, real), NULL)
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
	static const char long_options[] =
		"all=a" "detach-loop=d" "force=f" "internal-only=i" "lazy=l" "no-canonicalize=c"
		"no-mtab=n" "quiet=q" "read-only=r" "recursive=R" "types=t" "verbose=v";
	const char *types = not_kept;
	int letter;

	o = OPTIONS(argv);
	while ((letter = option_next(&o, "acdDfilnqrRt:v", long_options))) {
		if (letter == '?')
			return option_error(&o);
		if (letter == 't')
			types = o.arg;
	}
	if (option_seen(&o, 'a'))
		unmount_matching(ALL, NULL, types);
	else if (!o.operands)
		return USAGE_ERROR;
	for (char **name = o.argv; *name; name++)
		unmount_named(*name);
	return !failed ? 0 : succeeded ? SOME_SUCCEEDED : UMOUNT_FAILED;
}
