/* SPDX-License-Identifier: MIT */
/* The end of a boot: is there an init that can be run? Then what the running system is
 * to find is put in place, and its init started. Or the end of all attempts. */
//config:config FEATURE_INIT_EMERGENCY
//config:	bool "An emergency program"
//config:	default y
//config:	depends on INIT
//config:	help
//config:	  rd.shell and rd.break=STEP run /emergency or /bin/sh, where the
//config:	  initramfs has one.
//config:
//config:config FEATURE_INIT_EXPLAIN
//config:	bool "Say what the kernel says"
//config:	default y
//config:	depends on INIT && FEATURE_PROBE
//config:	help
//config:	  Of an image that was not mounted: its compressor, and what the
//config:	  kernel wrote to its log.
//kbuild:obj-$(CONFIG_INIT) += init/boot.o
#include <sys/wait.h>

#include "handover.h"
#include "plan.h"

extern char **environ;

/* The program of init=, or else the first that there is of those that the kernel would take. */
static int find_init(struct handover *handover)
{
	/* clang-format off */
	static const char usual[] = "/sbin/init\0" "/etc/init\0" "/bin/init\0" "/bin/sh\0";
	/* clang-format on */
	int r;

	handover->init = plan[INIT] ? plan[INIT] : usual;
	while ((r = handover_check(handover)) == -ENOENT && why.path == handover->init && !plan[INIT]) {
		handover->init = nth_string(handover->init, 1);
		if (!*handover->init)
			return failed(r, usual, why.step);
	}
	return r;
}

/* Shows in the new root what the running system expects there, not below /run. */
static void show(const char *what, const char *where)
{
	char *place = joined(NEW_ROOT, where, "");

	make_directories(place); /* if the root can be written */
	sys_mount(what, place, NULL, MS_BIND, NULL);
}

static void show_places(const char *medium)
{
	static const struct {
		unsigned char slot;
		char place[25];
	} places[] = {
		{ MEDIUM, OUR_RUN "medium" },
		{ BASE, "" },
		{ STORE_PLACE, OUR_RUN "overlay" },
	};

	for (unsigned i = 0; i < LENGTH(places); i++) {
		const char *wanted = plan[places[i].slot];
		if (!wanted)
			continue;
		if (!after_prefix(wanted, "/run/"))
			show(*places[i].place ? places[i].place : base_place, wanted);
		else if (places[i].slot == MEDIUM && medium)
			sys_symlink(wanted, places[i].place);
	}
}

int handover_boot(const char *image, const char *medium)
{
	struct handover handover = { .new_root = new_root, .argv = init_argv, .is_init = true };

	int r = find_init(&handover);
	if (r < 0)
		return r;
	if (ENABLE_FEATURE_INIT_TRIES)
		tries_add(image, medium);
	if (ENABLE_FEATURE_INIT_RAM && medium)
		ram_release(medium);
	if (ENABLE_INIT_FAMILIES)
		show_places(medium);
	/* Ubuntu and SONiC look for the medium here, where the image has a folder for it. */
	if (ENABLE_INIT_FAMILIES && medium && !plan[MEDIUM])
		sys_mount(medium, NEW_ROOT "/host", NULL, MS_BIND, NULL);
	sys_symlink(image, OUR_RUN "booted");
	if (ENABLE_FEATURE_INIT_FALLBACK)
		log_save(OUR_RUN "failures");
	if (ENABLE_EXITRD)
		exitrd_place();
	if (ENABLE_FEATURE_INIT_EMERGENCY)
		emergency("pre-pivot");
	step("handing over to %s", handover.init);
	r = handover_run(&handover);
	if (ENABLE_FEATURE_INIT_FALLBACK) {
		/* What has been moved can't be had again for another attempt. */
		log_failure();
		log_give_up();
		sys_exit(1);
	}
	return r;
}

void emergency(const char *at)
{
	/* clang-format off */
	static const char programs[] = "/emergency\0" "/bin/sh\0";
	/* clang-format on */
	const char *asked = plan[BREAK] && *plan[BREAK] ? plan[BREAK] : "pre-pivot";
	int status;

	if (plan[BREAK] && at && equal(at, "cmdline") && !has_word("cmdline,pre-mount,pre-pivot", asked))
		warn("rd.break=%s: no such step", asked);
	if (at ? !(plan[BREAK] && equal(asked, at)) : !is_on(SHELL))
		return;
	for (const char *program = programs; *program; program = nth_string(program, 1)) {
		if (sys_access(program, X_OK) < 0)
			continue;
		step("starting %s", program);
		int child = sys_fork();
		if (child == 0) {
			char *argv[] = { (char *)program, NULL };
			sys_execve(program, argv, environ);
			sys_exit(127);
		}
		sys_wait(child, &status);
		return;
	}
	warn("no emergency program");
}
