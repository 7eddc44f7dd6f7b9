/* SPDX-License-Identifier: MIT */
/*
 * Kernels that lack what others take for granted: without devtmpfs, the nodes of devices are made by
 * /proc/partitions and /proc/misc; without tmpfs, ramfs takes its place. What is missing is told, with the
 * kernel's option. Sources: block/genhd.c, drivers/char/misc.c, fs/ramfs/inode.c of the kernel.
 */
//config:config FEATURE_INIT_SMALL
//config:	bool "Kernels without devtmpfs, sysfs, tmpfs or netlink"
//config:	default y
//config:	depends on FEATURE_INIT_FALLBACK
//config:	help
//config:	  Makes the nodes of devices itself, takes ramfs for tmpfs, looks for
//config:	  drivers again and again, and names the kernel's option that is missing.
//kbuild:obj-$(CONFIG_FEATURE_INIT_SMALL) += init/small.o
#include <linux/major.h>

#include "attempt.h"

static bool makes_nodes;

void small_report(const char *type, const char *target, int r)
{
	/* clang-format off */
	static const char types[] = "devtmpfs\0" "proc\0" "sysfs\0" "tmpfs\0";
	static const char options[] = "DEVTMPFS\0" "PROC_FS\0" "SYSFS\0" "TMPFS\0";
	/* clang-format on */
	int n = find_string(types, type);

	/* EINVAL: tmpfs is there for the kernel's own use alone. */
	if (n >= 0 && (r == -ENODEV || r == -EINVAL))
		found(r, target,
		      joined("this kernel has no ", type, joined(" (CONFIG_", nth_string(options, n), ")")));
	else
		failed(r, target, "mount");
	log_failure();
}

bool small_replaces(const char **type, int r)
{
	static bool is_known, is_missing;

	if (!*type || !equal(*type, "tmpfs"))
		return false;
	/* The first one, /run, has options that every tmpfs takes. */
	if (!is_known)
		is_missing = r == -ENODEV || r == -EINVAL;
	is_known = true;
	if (r >= 0 || !is_missing)
		return false;
	*type = "ramfs"; /* which is in every kernel, and has no limit */
	return true;
}

const char *small_module_error(int r)
{
	return r == -ENOSYS ? "this kernel has no modules (CONFIG_MODULES)" : module_error(r);
}

void small_explain(const struct mount_request *m, int r)
{
	if (m->failed_for == MOUNT_FAILED_LOOP && is_absent(r))
		found(r, m->source,
		      "needs a loop device, and there is none (CONFIG_BLK_DEV_LOOP, or the module loop)");
	else if (r == -ENODEV && equal(m->source, "overlay"))
		found(r, m->source, "this kernel has no overlay (CONFIG_OVERLAY_FS, or the module overlay)");
}


/* --- nodes --------------------------------------------------------------------------------- */

/* A node of a disk; what had the name before may have gone. */
static void make_disk(const char *path, unsigned number)
{
	struct stat status;

	if (sys_mknod(path, S_IFBLK | 0600, number) != -EEXIST || sys_stat(AT_FDCWD, path, &status) < 0 ||
	    status.st_rdev == number)
		return;
	sys_unlink(AT_FDCWD, path, 0);
	sys_mknod(path, S_IFBLK | 0600, number);
}

static void make_disks(void)
{
	char *text = read_whole("/proc/partitions"), *line;

	while (text && (line = next_line(&text))) {
		const char *major = next_word(&line), *minor = next_word(&line);
		next_word(&line); /* its size */
		const char *name = next_word(&line);
		if (name && hex_digit(*major) < 10) /* not the heading */
			make_disk(joined("/dev/", name, ""),
				  device_number(parse_digits(&major), parse_digits(&minor)));
	}
}

/* Sysfs would tell their numbers. */
static void make_loops(void)
{
	static bool are_made;

	if (are_made || sys_access("/sys/block", F_OK) == 0)
		return;
	for (unsigned i = 0; i < LAYERS_MAX; i++)
		sys_mknod(joined("/dev/loop", decimal(i), ""), S_IFBLK | 0600, device_number(LOOP_MAJOR, i));
	are_made = true;
}

/* loop-control, watchdog, ubi_ctrl, ... */
static void make_others(void)
{
	char *text = read_whole("/proc/misc"), *line;

	while (text && (line = next_line(&text))) {
		const char *minor = next_word(&line), *name = next_word(&line);
		if (!name)
			continue;
		sys_mknod(joined("/dev/", name, ""), S_IFCHR | 0600,
			  device_number(MISC_MAJOR, parse_digits(&minor)));
		if (equal(name, "loop-control"))
			make_loops();
	}
}

void nodes_make(void)
{
	struct why before = why;
	char *mark = read_mark();

	if (!makes_nodes)
		return;
	make_disks();
	make_others();
	read_forget(mark);
	why = before;
}

void nodes_begin(void)
{
	makes_nodes = true;
	sys_mkdir("/dev", 0755);
	sys_mknod("/dev/null", S_IFCHR | 0666, device_number(MEM_MAJOR, 3));
	sys_mknod("/dev/kmsg", S_IFCHR | 0600, device_number(MEM_MAJOR, 11));
	sys_mknod("/dev/console", S_IFCHR | 0600, device_number(TTYAUX_MAJOR, 1));
	nodes_make();
}
