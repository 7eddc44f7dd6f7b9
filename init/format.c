/* SPDX-License-Identifier: MIT */
/*
 * loopbox.format=TYPE: a new device gets its file system at the first boot, by mkfs of the initramfs or
 * by a program of whoever has made that. Only what is in use by nobody and blank, as far as blank.c
 * reads it: never what has a superblock of any kind, a partition table, or anything else there.
 */
//config:config FEATURE_INIT_FORMAT
//config:	bool "Make a file system on a blank device for the writable layer"
//config:	default y
//config:	depends on FEATURE_INIT_BLANK && FEATURE_PROBE_ALL
//config:	help
//config:	  loopbox.format=ext4, f2fs, ... or a program. Off unless that word
//config:	  stands on the command line.
//kbuild:obj-$(CONFIG_FEATURE_INIT_FORMAT) += init/format.o
#include "run.h"
#include "store.h"

#define HOOK "/etc/loopbox/format"

/* The program, or NULL with a `why`. */
static const char *find_program(const char *type)
{
	/* clang-format off */
	static const char folders[] = "/sbin/mkfs.\0" "/usr/sbin/mkfs.\0" "/bin/mkfs.\0" "/usr/bin/mkfs.\0";
	/* clang-format on */

	if (*type == '/' && !verity_demanded()) /* then a line that nobody signs chooses no program */
		return type;
	if (sys_access(HOOK, X_OK) == 0)
		return HOOK;
	for (const char *folder = folders; *folder; folder = nth_string(folder, 1)) {
		const char *program = joined(folder, type, "");
		if (sys_access(program, X_OK) == 0)
			return program;
	}
	found(-ENOENT, joined("mkfs.", type, ""), "not in the initramfs, nor is " HOOK);
	return NULL;
}

/* May that become a file system? 0, or -errno with a `why`. */
static int check(const char *device)
{
	static struct volume volume;
	char uuid[40];

	int r = probe(device, &volume);
	if (r < 0)
		return r;
	if (volume.type)
		return found(-EINVAL, device, joined("not formatted: ", volume.type, ""));
	if (probe_table(device, uuid))
		return found(-EINVAL, device, "not formatted: has a partition table");
	r = is_blank(device);
	if (r <= 0)
		return r < 0 ? r
			     : found(-EINVAL, device, "not formatted: has no file system, but is not blank");
	/* Mounted, or a part of something: the disk of partitions that the kernel was told of, say. */
	int fd = sys_open(device, O_RDONLY | O_EXCL);
	if (fd < 0)
		return failed(fd, device, "format");
	sys_close(fd);
	return 0;
}

int format_blank(const char *device)
{
	const char *type = plan[FORMAT], *program;

	if (!type || is_on(OVERLAY_READ_ONLY))
		return 0;
	if (check(device) < 0) { /* the kernel may know it */
		log_failure();
		return 0;
	}
	program = find_program(type);
	if (!program)
		return why.error;
	warn("%s: is blank; making a file system on it by %s", device, program);
	int r = run_program(program, (char *[]){ (char *)program, (char *)device,
						 equal(program, HOOK) ? (char *)type : NULL, NULL });
	if (r > 0)
		return found(-EIO, program, joined("failed with exit code ", decimal(r), ""));
	return r;
}
