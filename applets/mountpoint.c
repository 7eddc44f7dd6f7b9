/* SPDX-License-Identifier: MIT */
/* mountpoint: is something mounted there? As mountpoint(1), and busybox's -n. */
//config:config MOUNTPOINT
//config:	bool "mountpoint"
//config:	default y
//config:	help
//config:	  Tell whether a directory or file is a mount point.
//kbuild:obj-$(CONFIG_MOUNTPOINT) += applets/mountpoint.o
//applet:bin/mountpoint MOUNTPOINT mountpoint_main
//usage:mountpoint [-dnq] [--nofollow] PATH | -x DEVICE
//usage:mountpoint   -q, --quiet      print nothing, exit with 0 or 32
//usage:mountpoint   -d, --fs-devno   print MAJOR:MINOR of the file system
//usage:mountpoint   -n               print its source
//usage:mountpoint       --nofollow   do not follow a link: it is not a mount point
//usage:mountpoint   -x, --devno      print MAJOR:MINOR of a block device
#include "mount.h"

enum { IS_NONE = 32 };
enum { NOFOLLOW = 1 }; /* an option without a letter */

static void say_number(unsigned device)
{
	say("%s:%s\n", decimal(device_major(device)), decimal(device_minor(device)));
}

/* The source of what was mounted there last; busybox has "UNKNOWN" for what is no path. */
static int say_source(const char *path)
{
	struct mount_entry entry;
	char real[PATH_SIZE], *text = read_whole(MOUNTS), *end;
	const char *target = real_path(path, real), *source = "UNKNOWN";

	if (!text)
		return complain_why();
	for (end = text + length(text); mount_entry_last(text, &end, &entry);) {
		unescape(entry.target);
		if (!equal(entry.target, target))
			continue;
		if (*entry.source == '/')
			source = entry.source;
		break;
	}
	say("%s %s\n", source, path);
	return 0;
}

int mountpoint_main(char **argv)
{
	struct stat status;

	int r = options_parse(argv, "dnqx\1",
			      LONG_OPTIONS("devno=x"
					   "fs-devno=d"
					   "nofollow=\1"
					   "quiet=q"),
			      NULL);
	if (r)
		return r;
	const char *path = options.operands[0];
	bool quiet = option_arg('q');
	if (options.count != 1 || (option_arg('x') && option_arg(NOFOLLOW)))
		return USAGE_ERROR;
	/* "" would mean where we are. */
	r = !*path		   ? -ENOENT
	    : option_arg(NOFOLLOW) ? sys_lstat(path, &status)
				   : sys_stat(AT_FDCWD, path, &status);
	if (r < 0)
		return quiet ? 1 : complain_errno(path, r);
	if (option_arg('x')) {
		if (S_ISBLK(status.st_mode)) {
			say_number(status.st_rdev);
			return 0;
		}
		if (!quiet)
			complain("%s: not a block device", path);
		return IS_NONE;
	}
	r = S_ISLNK(status.st_mode) ? 0 : mount_is_point(path);
	if (r < 0)
		return quiet ? 1 : complain_why();
	if (r == 0) {
		if (!quiet)
			say("%s is not a mountpoint\n", path);
		return IS_NONE;
	}
	if (option_arg('d'))
		say_number(status.st_dev);
	else if (option_arg('n'))
		return say_source(path);
	else if (!quiet)
		say("%s is a mountpoint\n", path);
	return 0;
}
