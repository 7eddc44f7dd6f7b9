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
		warn("rd.break=%s: not cmdline, pre-mount or pre-pivot", asked);
	return at ? plan[BREAK] && equal(asked, at) : is_on(SHELL);
}

/* Not by run_program(), which no other part of such a build needs. */
static void run_shell(const char *program)
{
	int status;

	watchdog_stop();
	step("starting %s", program);
	int child = sys_fork(), r = child;
	if (child == 0)
		r = sys_execve(program, (char *[]){ (char *)program, NULL }, environ);
	else if (child > 0)
		r = sys_wait(child, &status);
	if (r < 0) { /* the child says so itself */
		failed(r, program, "run");
		log_failure();
		log_give_up();
	}
	if (child == 0)
		sys_exit(127);
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
		run_shell(program);
		return;
	}
	warn("neither /emergency nor /bin/sh is in the initramfs");
}
