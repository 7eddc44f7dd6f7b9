/* SPDX-License-Identifier: MIT */
/*
 * One boot, from the command line to the hand-over. This is the only place that knows what
 * comes after what: each step below returns here.
 */
//kbuild:obj-$(CONFIG_INIT) += init/boot.o
#include "attempt.h"
#include "boot.h"

/* Makes the new root of one alternative: the first step that is not READY ends it. */
static enum outcome root_prepare(struct attempt *a)
{
	/* clang-format off */
	return images_list(a)
	    ?: tries_check(a)
	    ?: verity_find_usr(a) /* it may wait: before loop devices are made, whose events would end each wait */
	    ?: ram_load(a)
	    ?: checksum_compare(a)
	    ?: images_mount(a)
	    ?: layers_stack(a)
	    ?: verity_mount_usr(a)
	    ?: init_find(a);
	/* clang-format on */
}

/* Nothing is left to try: the kernel panics when we exit, and obeys panic=. */
static int give_up(void)
{
	log_give_up();
	emergency(NULL);
	reason_keep();
	return 1;
}

/* The same, but without a shell: a root hash may be demanded. */
static int give_up_at_once(void)
{
	log_failure();
	log_give_up();
	reason_keep();
	return 1;
}

int boot(char **argv)
{
	static struct attempt a;

	if (ENABLE_FEATURE_PROBE_TAGS)
		tags_are_escaped = true;
	a.handover = (struct handover){ .new_root = NEW_ROOT, .argv = argv, .is_init = true };
	set_up();
	if (plan_read() < 0 || (PLAN_IS_RESTRICTED && verity_read_plan() < 0))
		return give_up_at_once();
	make_places();
	emergency("cmdline");
	load_modules();
	watchdog_feed();
	emergency("pre-mount");
	do {
		while (medium_next(&a)) {
			watchdog_feed();
			while (image_next(&a)) {
				watchdog_feed();
				a.outcome = root_prepare(&a);
				if (a.outcome == READY) {
					hand_over(&a);
					/* What has been moved can't be had again for another attempt. */
					return give_up_at_once();
				}
				if (a.outcome == FAILED)
					log_failure();
				undo_to(a.mark);
			}
			undo_to(NOTHING_MOUNTED);
		}
	} while (tries_forgive(&a));
	return give_up();
}
