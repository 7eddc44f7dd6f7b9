/* SPDX-License-Identifier: MIT */
/*
 * Is a root hash demanded, by a word of the command line, by a file of the initramfs or by the build?
 * Then whatever else could put something in the place of what it stands for is off.
 */
//kbuild:obj-$(CONFIG_FEATURE_INIT_VERITY) += init/verity_plan.o
#include "verified.h"

/* What must not be where images are verified: each of these takes something that is not. */
static void restrict_plan(void)
{
	static const struct {
		unsigned char slot;
		char what[15];
	} off[] = {
		{ SHELL, "rd.shell" }, { BREAK, "rd.break" },	 { TRIES, "loopbox.tries" },
		{ RESUME, "resume" },  { CHECKSUM, "checksum" },
	};

	plan[RW] = NULL;
	/* A count elsewhere chooses among what is verified, and writes nothing to the medium: it stays. */
	for (unsigned i = 0; i < LENGTH(off); i++)
		if (plan[off[i].slot] && !(off[i].slot == TRIES && said(TRIES_ON))) {
			plan[off[i].slot] = NULL;
			warn("%s: off, because a root hash is demanded", off[i].what);
		}
}

/* What is written may come from anybody who has the disk: it is in memory. */
static int restrict_overlay(void)
{
	if (ENABLE_INIT_UNVERIFIED_OVERLAY)
		return 0;
	if (is_on(OVERLAY) && plan_requires_store())
		return found(-EINVAL, plan_stores(), "not while a root hash is demanded");
	if (said(PERSISTENT)) {
		plan[PERSISTENT] = NULL;
		warn("persistence: off, because a root hash is demanded");
	}
	if (is_on(OVERLAY) && !plan_is_memory(plan[OVERLAY])) {
		log_loud("rd.overlay: kept in memory, because a root hash is demanded");
		plan[OVERLAY] = "";
	}
	return 0;
}

/* Does a word, or with all words for it a file of the initramfs, demand a root hash? */
static bool is_demanded(void)
{
	for (unsigned i = FIRST_DEMAND; i < SLOTS; i++)
		if (plan[i] && (i != VERITY || is_on(VERITY)))
			return true;
	return false;
}

int verity_read_plan(void)
{
	int r = verified_read_table();
	if (r < 0)
		return r;
	plan_demands_verity = is_demanded();
	r = verified_take_files();
	if (r < 0 || !verity_demanded())
		return r;
	r = verified_read_words();
	if (r < 0)
		return r;
	restrict_plan();
	return restrict_overlay();
}
