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

bool resume_waits(struct search *s)
{
	const char *device;
	struct stat status;

	if (s->has_resumed || !plan[RESUME] || plan[NO_RESUME])
		return false;
	if (name_device(plan[RESUME], &device) != READY || sys_stat(AT_FDCWD, device, &status) < 0 ||
	    !S_ISBLK(status.st_mode))
		return true;
	s->has_resumed = true;
	if (plan[RESUME_OFFSET])
		write_file("/sys/power/resume_offset", plan[RESUME_OFFSET]);
	watchdog_stop(); /* which the resumed system does not know to run */
	/* Returns only where there is nothing to resume. */
	write_file("/sys/power/resume",
		   joined(decimal(device_major(status.st_rdev)), ":", decimal(device_minor(status.st_rdev))));
	step("nothing to resume on %s", device);
	return false;
}
