/* SPDX-License-Identifier: MIT */
/*
 * The end of a boot: is there an init that can be run? Then what the running system is to find
 * is put in place, and its init started.
 */
//kbuild:obj-$(CONFIG_INIT) += init/leave.o
#include "attempt.h"

/* Finds the program of init=, or else the first one that exists of those that the kernel takes. */
enum outcome init_find(struct attempt *a)
{
	/* clang-format off */
	static const char usual[] = "/sbin/init\0" "/etc/init\0" "/bin/init\0" "/bin/sh\0";
	/* clang-format on */
	struct handover *h = &a->handover;
	int r;

	for (h->init = plan[INIT] ? plan[INIT] : usual; *h->init; h->init = nth_string(h->init, 1)) {
		r = handover_check(h);
		if (plan[INIT] || !h->missing_init)
			return outcome_of(r);
	}
	failed(-ENOENT, usual, why.step);
	return FAILED;
}

/* Shows in the new root what the running system expects there, not below /run. */
static void show_at(const char *what, const char *where)
{
	char *place = joined(NEW_ROOT, where, "");

	make_directories(place); /* if the root can be written */
	log_refused(sys_mount(what, place, NULL, MS_BIND, NULL), where, "bind in the new root");
}

/* Where a slot says that the running system expects something, and where it is. */
static void show_place(const char *wanted, const char *place)
{
	if (wanted && !after_prefix(wanted, "/run/"))
		show_at(place, wanted);
}

static void show_places(const struct attempt *a)
{
	const char *medium = said(MEDIUM);

	show_place(medium, MEDIUM_PLACE);
	show_place(said(BASE), a->base);
	show_place(said(STORE_PLACE), OUR_RUN "overlay");
	if (!has_medium(a))
		return;
	if (medium && after_prefix(medium, "/run/")) {
		sys_unlink(AT_FDCWD, MEDIUM_PLACE, AT_REMOVEDIR); /* where nothing is mounted then */
		log_refused(sys_symlink(medium, MEDIUM_PLACE), MEDIUM_PLACE, "symlink");
	}
	/* Ubuntu and SONiC look for the medium here, where the image has a folder for it. */
	if (!medium)
		sys_mount(a->medium, NEW_ROOT "/host", NULL, MS_BIND, NULL);
}

static void report(void)
{
	log_failure();
	log_give_up();
}

void hand_over(struct attempt *a)
{
	a->handover.report = report;
	tries_add(a);
	ram_release(a);
	if (ENABLE_INIT_FAMILIES)
		show_places(a);
	log_refused(sys_symlink(top_image(a), OUR_RUN "booted"), OUR_RUN "booted", "symlink");
	state_save(a);
	shutdown_place(a);
	if (ENABLE_FEATURE_INIT_FALLBACK)
		log_save(OUR_RUN "failures"); /* those of earlier attempts */
	emergency("pre-pivot");
	watchdog_leave();
	step("handing over to %s", a->handover.init);
	handover_run(&a->handover);
}
