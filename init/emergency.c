/* SPDX-License-Identifier: MIT */
/* A shell, or whatever the initramfs has for that, where the words ask for it. */
//config:config FEATURE_INIT_EMERGENCY
//config:	bool "An emergency program"
//config:	default y
//config:	depends on INIT
//config:	help
//config:	  rd.shell and rd.break=STEP run /emergency or /bin/sh, where the
//config:	  initramfs has one.
//kbuild:obj-$(CONFIG_FEATURE_INIT_EMERGENCY) += init/emergency.o
#include <sys/wait.h>

#include "attempt.h"

extern char **environ;

/* Does rd.break= name the step, or rd.shell ask for it after a failure? */
static bool is_asked_for(const char *at)
{
	const char *asked = plan[BREAK] && *plan[BREAK] ? plan[BREAK] : "pre-pivot";

	if (plan[BREAK] && at && equal(at, "cmdline") && !has_word("cmdline,pre-mount,pre-pivot", asked))
		warn("rd.break=%s: no such step", asked);
	return at ? plan[BREAK] && equal(asked, at) : is_on(SHELL);
}

static void run(const char *program)
{
	int status;

	watchdog_stop();
	step("starting %s", program);
	int child = sys_fork();
	if (child == 0) {
		char *argv[] = { (char *)program, NULL };
		sys_execve(program, argv, environ);
		sys_exit(127);
	}
	sys_wait(child, &status);
}

void emergency(const char *at)
{
	/* clang-format off */
	static const char programs[] = "/emergency\0" "/bin/sh\0";
	/* clang-format on */

	if (!is_asked_for(at))
		return;
	for (const char *program = programs; *program; program = nth_string(program, 1)) {
		if (sys_access(program, X_OK) < 0)
			continue;
		run(program);
		return;
	}
	warn("no /emergency and no /bin/sh");
}
