/* SPDX-License-Identifier: MIT */
/* A hibernated system is resumed before anything is mounted, which it may have mounted
 * itself. Source: Documentation/power/swsusp.rst of the kernel. */
//config:config FEATURE_INIT_RESUME
//config:	bool "Resume a hibernated system"
//config:	default y
//config:	depends on INIT && FEATURE_PROBE_TAGS
//config:	help
//config:	  resume=DEVICE; the kernel does so itself only where the driver of
//config:	  that is built in.
//kbuild:obj-$(CONFIG_FEATURE_INIT_RESUME) += init/resume.o
#include "attempt.h"

/* Returns at all only where there is nothing to resume, or the kernel refuses. */
static int resume(const struct stat *device)
{
	int r = plan[RESUME_OFFSET] ? write_file("/sys/power/resume_offset", plan[RESUME_OFFSET]) : 0;

	/* Before Linux 4.17 there is no such file, and the kernel takes its own resume_offset=. */
	if (r < 0 && r != -ENOENT)
		return r;
	return write_file("/sys/power/resume", joined(decimal(device_major(device->st_rdev)), ":",
						      decimal(device_minor(device->st_rdev))));
}

bool resume_waits(struct search *s)
{
	const char *device;
	struct stat status;

	if (s->has_resumed || !plan[RESUME] || plan[NO_RESUME])
		return false;
	enum outcome outcome = name_device(plan[RESUME], &device);
	if (outcome == FAILED) { /* nobody waits for what is not a device's name */
		log_failure();
		s->has_resumed = true;
		return false;
	}
	if (outcome != READY || sys_stat(AT_FDCWD, device, &status) < 0 || !S_ISBLK(status.st_mode))
		return true;
	s->has_resumed = true;
	watchdog_stop(); /* which the resumed system does not know to run */
	int r = resume(&status);
	if (r < 0)
		warn("%s: resume: %s", device, errno_text(-r));
	else
		step("nothing to resume on %s", device);
	return false;
}
