/* SPDX-License-Identifier: MIT */
/*
 * An image that boots and then crashes: each attempt is counted in a file beside the
 * image, IMAGE.tries, which the booted system deletes once it runs well. An image that
 * has been tried loopbox.tries= times is passed over; when that leaves none, the one that was confirmed
 * last is tried again, and then all, so that a device never stays off for its counts.
 */
//config:config FEATURE_INIT_TRIES
//config:	bool "Count the attempts to boot an image"
//config:	default y
//config:	depends on FEATURE_INIT_FALLBACK
//config:	help
//config:	  loopbox.tries=N: after N attempts that the booted system has not
//config:	  confirmed, the next image is taken.
//kbuild:obj-$(CONFIG_FEATURE_INIT_TRIES) += init/tries.o
#include "tries.h"


/* --- beside the image ---------------------------------------------------------------------- */

static const char *count_of(const char *image)
{
	return joined(image, ".tries", "");
}

/* As counts_read() has it. */
static int tries_of(const char *image)
{
	char text[16];
	const char *digits = text, *path = count_of(image);

	int r = read_file(path, text, sizeof text);
	if (r < 0 && r != -ENOENT)
		return failed(r, path, "read");
	if (r <= 0)
		return 0;
	unsigned n = parse_digits(&digits);
	return (n < COUNT_MOST ? n : COUNT_MOST) |
	       (COUNT_CONFIRMED != 0 && *digits == COUNT_LETTER ? COUNT_CONFIRMED : 0);
}

static int write_count(const char *path, unsigned number)
{
	return count_save(sys_open_or_create(path, 0644), path, number);
}

/* Takes the count of another image back, or only that it was confirmed. 0, or -errno with a `why`. */
static int revise(const char *image, bool begins_anew)
{
	const char *path = count_of(image);

	if (!begins_anew) {
		int tries = tries_of(image);
		return tries > 0 && tries & COUNT_CONFIRMED ? write_count(path, tries & ~COUNT_CONFIRMED)
							    : tries;
	}
	int r = sys_unlink(AT_FDCWD, path, 0);
	return r < 0 && r != -ENOENT ? failed(r, path, "delete") : 0;
}

/* If all images are tried anew, deletes the counts of the other alternatives; else takes from them the
 * mark of the one that was confirmed last. */
static void revise_others(const struct attempt *a)
{
	const char *images = plan[IMAGE], *alternative;
	struct attempt each = *a;

	while ((alternative = next_part(&images, ','))) {
		each.alternative = alternative;
		int n = equal(alternative, a->alternative) ? 0 : name_layers(&each, each.images);
		if (n > 0 && revise(each.images[n - 1], a->round != BY_COUNTS) < 0)
			log_failure();
	}
}

/* The file system of the medium may hold the store, too, which stays writable. */
static unsigned long read_only_again(const struct attempt *a)
{
	bool is_alone = !a->has_store || is_store_elsewhere(a) > 0;

	return is_alone ? MS_RDONLY : MS_RDONLY | MS_BIND;
}

/* Counts in a file beside the image. The medium is writable for that moment only. */
static int add_beside(struct attempt *a)
{
	const char *image = top_image(a), *path = count_of(image);
	int was_read_only = remount_writable(a->medium), r = was_read_only;

	if (r >= 0 && (a->round != BY_COUNTS || (a->is_confirmed && !a->tries)))
		revise_others(a);
	if (r >= 0)
		r = write_count(path, (a->tries + 1) | (a->is_confirmed ? COUNT_CONFIRMED : 0));
	if (r >= 0 && folder_sync(path) < 0)
		log_failure(); /* it was counted all the same, and can be confirmed */
	if (was_read_only > 0)
		remount_read_only(a->medium, read_only_again(a));
	if (r >= 0)
		log_refused(sys_symlink(path, OUR_RUN "tries"), OUR_RUN "tries", "symlink");
	a->counts = (struct counts_place){ a->device, path + length(a->medium), 0, NULL, plan[ROOT_FLAGS] };
	return r;
}


/* --- beside it, or elsewhere ----------------------------------------------------------------- */

static bool is_elsewhere(void)
{
	return said(TRIES_ON);
}

/* By which the attempt is known elsewhere: the device as root= has it, and the image as loop= has it. */
static const char *name_of(const struct attempt *a)
{
	const char *device = a->spec ? a->spec : "";

	return a->medium ? joined(device, ":", a->alternative) : device;
}

/* As counts_read() has it; -1 where nobody can tell, which is told once. What lies beside its image is
 * begun anew where it can't be read: to write it mends a sector that a power cut has torn. */
static int count(struct attempt *a)
{
	int r = -1;

	if (a->is_uncounted)
		return -1;
	if (is_elsewhere() || has_medium(a)) {
		r = is_elsewhere() ? tries_on_read(a, name_of(a)) : tries_of(top_image(a));
		if (r < 0)
			log_failure();
		if (!is_elsewhere() && r < 0)
			r = 0;
	} else {
		warn("loopbox.tries=: not counted: the root is not an image on a disk");
	}
	a->is_uncounted = r < 0;
	return r;
}

enum outcome tries_check(struct attempt *a)
{
	int limit = plan_number(TRIES, 0);

	if (!limit) {
		if (is_on(TRIES) || said(TRIES_ON))
			warn("loopbox.tries=: not a number of attempts, so nothing is counted");
		return READY;
	}
	int tries = count(a), number = tries < 0 ? 0 : tries & ~COUNT_CONFIRMED;
	a->is_confirmed = tries > 0 && tries & COUNT_CONFIRMED;
	a->tries = a->round == BY_COUNTS ? number : 0;
	const char *name = a->medium ? top_image(a) : a->device;
	if (COUNT_CONFIRMED != 0 && a->round == CONFIRMED_LAST && !a->is_confirmed) {
		a->search.passed_over = true;
		return outcome_of(found(-EINVAL, name, "skipped, another image was confirmed last"));
	}
	if (a->round != BY_COUNTS || number < limit)
		return READY;
	/* From now on, the others are waited for. */
	if (!a->search.passed_over)
		a->search.deadline = 0;
	a->search.passed_over = true;
	a->has_confirmed |= a->is_confirmed;
	return outcome_of(
		found(-EINVAL, name, joined("skipped, ", decimal(number), " boots were not confirmed")));
}

bool tries_forgive(struct attempt *a)
{
	bool goes_on = a->round == CONFIRMED_LAST || (a->round == BY_COUNTS && a->search.passed_over);

	if (a->round == BY_COUNTS && goes_on)
		warn("loopbox.tries=: no image is left; trying them again, whatever their counts say");
	if (goes_on) {
		wait_end(&a->search);
		/* What was done once, or waited for until the time was up, is not done again. */
		*a = (struct attempt){
			.search = { .has_resumed = true, .arrays = a->search.arrays },
			.handover = a->handover,
			.round = COUNT_CONFIRMED != 0 && a->has_confirmed ? CONFIRMED_LAST : ANY_IMAGE,
			.is_uncounted = a->is_uncounted,
		};
	}
	return goes_on;
}

void tries_add(struct attempt *a)
{
	if (!plan_number(TRIES, 0) || a->is_uncounted)
		return;
	int r = is_elsewhere() ? tries_on_write(a, a->counts.name, a->tries + 1,
						a->round == BY_COUNTS ? COUNTS_ADD : COUNTS_FORGET)
			       : add_beside(a);
	a->is_counted = r >= 0;
	if (r < 0)
		log_failure();
}
