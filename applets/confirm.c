/* SPDX-License-Identifier: MIT */
/*
 * confirm: the system that runs was booted well, and loopbox.tries= need not count that boot. Reads
 * in /run/initramfs/state where it was counted, and mounts that device for the moment, whatever the
 * system has mounted.
 */
//config:config CONFIRM
//config:	bool "confirm"
//config:	default y
//config:	depends on FEATURE_INIT_TRIES && FEATURE_INIT_STATE
//config:	help
//config:	  Take back the count of the attempt that has booted this system.
//kbuild:obj-$(CONFIG_CONFIRM) += applets/confirm.o
//applet:-/confirm CONFIRM confirm_main
//usage:confirm [ENTRY]
//usage:confirm Takes back the count of the attempt that has booted this system (loopbox.tries=).
//usage:confirm ENTRY: that of another entry, as loopbox.tries.on= counts it: PARTLABEL=rootfs_b
#include "counts.h"
#include "mount.h"

#define FOLDER "/run/initramfs/"
#define STATE FOLDER "state"
#define PLACE FOLDER "counts"
#define CONFIRMED FOLDER "confirmed"

/* Where the attempt was counted: as init/state.c has written it. */
static struct {
	const char *device, *file, *offset, *name, *options;
} counts;

static bool read_state(void)
{
	static const char keys[] = "counts=\0counts.file=\0counts.offset=\0counts.name=\0counts.options=\0";
	const char **values[] = { &counts.device, &counts.file, &counts.offset, &counts.name,
				  &counts.options };
	char *text = read_whole(STATE), *line;

	if (!text)
		return false;
	while ((line = next_line(&text)))
		for (unsigned i = 0; i < LENGTH(values); i++)
			if (after_prefix(line, nth_string(keys, i)))
				*values[i] = after_prefix(line, nth_string(keys, i));
	if (!counts.device)
		found(-ENOENT, STATE, "this boot was not counted (loopbox.tries=)");
	return counts.device;
}

/* Mounts the device of the file. Returns whether that, and whatever else mounts it, is read-only; or
 * -errno with a `why`. */
static int mount_place(unsigned flags)
{
	struct mount_request m = { .source = counts.device, .target = PLACE };

	/* Flash that has no path */
	m.type = after_prefix(counts.device, "ubi")   ? "ubifs"
		 : after_prefix(counts.device, "mtd") ? "jffs2"
						      : NULL;
	m.flags = flags;
	int r = sys_mkdir(PLACE, 0700);
	if (r < 0 && r != -EEXIST)
		return failed(r, PLACE, "mkdir");
	r = counts.options ? mount_words(&m, copy_of(counts.options)) : 0;
	if (r == 0)
		r = mount_do(&m);
	return r < 0 ? r : !!(m.flags & MS_RDONLY);
}

/* A file that is gone confirms, too; or the image has another name by now. */
static int confirm_file(const char *path)
{
	int r = count_save(sys_open(path, O_WRONLY | O_NOFOLLOW), path, COUNT_CONFIRMED);

	return r == -ENOENT ? 0 : r;
}

/* The count beside an image is a file of its own; elsewhere there is one file for all. */
static int take_back(const char *entry)
{
	const char *path = counts.file ? joined(PLACE, counts.file, "") : counts.device,
		   *digits = counts.offset;
	bool is_file = !counts.name;
	uint64_t offset = 0;

	if (is_file && entry)
		return found(-EINVAL, entry, "counted beside the image: delete IMAGE.tries");
	if (digits && parse_size(digits, &offset) < 0)
		return found(-EINVAL, STATE, joined("counts.offset=", digits, ": not an offset"));
	if (is_file)
		return confirm_file(path);
	int r = counts_write(path, offset, entry ? entry : counts.name, 0,
			     entry ? COUNTS_ADD : COUNTS_CONFIRM);
	return r == 0 && counts.file ? folder_sync(path) : r;
}

/* For what is cleaned up in any case: keeps the first error. */
static int also(int r, int result, const char *path, const char *step)
{
	return r < 0 || result >= 0 ? r : failed(result, path, step);
}

static int confirm(const char *entry)
{
	/* An image may be reached by links of its medium, and so is the count beside it. */
	unsigned flags = counts.name ? COUNTS_MOUNT : COUNTS_MOUNT & ~MS_NOSYMFOLLOW;
	int was_read_only = counts.file ? mount_place(flags) : 0;
	if (was_read_only < 0)
		return was_read_only;
	int r = was_read_only ? sys_mount(NULL, PLACE, NULL, MS_REMOUNT | flags, NULL) : 0;
	r = r < 0 ? failed(r, counts.device, "remount writable") : take_back(entry);
	if (was_read_only)
		r = also(r, sys_mount(NULL, PLACE, NULL, MS_REMOUNT | MS_RDONLY | flags, NULL), counts.device,
			 "remount read-only");
	if (counts.file) {
		r = also(r, sys_umount(PLACE, 0), PLACE, "unmount");
		int left = sys_unlink(AT_FDCWD, PLACE, AT_REMOVEDIR);
		if (r >= 0 && left < 0) /* it is confirmed all the same */
			complain_errno(PLACE, left);
	}
	return r;
}

int confirm_main(char **argv)
{
	int r = options_parse(argv, "", "", NULL);
	if (r)
		return r;
	if (options.count > 1)
		return USAGE_ERROR;
	if (!read_state() || confirm(options.operands[0]) < 0)
		return complain_why();
	if (options.count)
		return 0;
	int fd = sys_create(CONFIRMED, 0644);
	if (fd < 0)
		return complain_errno(CONFIRMED, fd);
	sys_close(fd);
	return 0;
}
