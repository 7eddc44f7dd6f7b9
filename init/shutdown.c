/* SPDX-License-Identifier: MIT */
/* The program that the running system shuts down with, exitrd: this one, put where systemd and
 * others look for it. Source: systemd's https://systemd.io/INITRD_INTERFACE/ */
//kbuild:obj-$(CONFIG_EXITRD) += init/shutdown.o
#include "attempt.h"

#define FOLDER "/run/initramfs"

/* The system may make /run noexec; a mount of its own stays as it is. */
void shutdown_prepare(void)
{
	const char *type = "tmpfs";
	int r;

	if (!plan[OVERLAY] && !(plan[IMAGE] && plan_writes_medium()))
		return;
	do
		r = sys_mount("tmpfs", FOLDER, type, MS_NOSUID | MS_NODEV, "mode=0755");
	while (small_replaces(&type, r));
	log_refused(r, FOLDER, "mount");
}

static int copy_ourselves(const char *path)
{
	int from = sys_open("/proc/self/exe", O_RDONLY);
	if (from < 0)
		return from;
	int to = sys_create(path, 0755), r = to;
	if (to >= 0) {
		do
			r = sys_sendfile(to, from, 1 << 20);
		while (r > 0);
		sys_close(to);
	}
	sys_close(from);
	return r;
}

void shutdown_place(const struct attempt *a)
{
	/* An image that is replaced while it is mounted keeps its medium busy, and so unclean. */
	bool holds_images =
		has_medium(a) && !a->has_left_medium && plan_writes_medium() && !verity_demanded();

	if (!a->is_persistent && !holds_images)
		return;
	log_refused(copy_ourselves(FOLDER "/shutdown"), FOLDER "/shutdown", "write");
}
