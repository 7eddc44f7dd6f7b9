/* SPDX-License-Identifier: MIT */
/*
 * An image that boots and then crashes: each attempt is counted in a file beside the
 * image, IMAGE.tries, which the booted system deletes once it runs well. An image that
 * has been tried loopbox.tries= times is passed over; when that leaves none, all are tried again,
 * so that a device never stays off for its counts.
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

static unsigned tries_of(const char *image)
{
	char text[16];
	const char *digits = text;

	return read_file(count_of(image), text, sizeof text) > 0 ? parse_digits(&digits) : 0;
}

/* In its place, and always of one length, so that a power cut leaves the old or the new count. */
static int write_count(const char *path, unsigned number)
{
	char text[] = "   \n";
	const char *digits = decimal(number < 999 ? number : 999);

	for (unsigned i = 0; digits[i]; i++)
		text[i] = digits[i];
	int fd = sys_open_or_create(path, 0644);
	if (fd < 0)
		return fd;
	int r = sys_write(fd, text, sizeof text - 1);
	if (r >= 0)
		r = sys_fsync(fd);
	sys_close(fd);
	return r;
}

/* All alternatives of the medium begin anew, not only the one that is booted. */
static void forget_counts(const struct attempt *a)
{
	const char *images = plan[IMAGE], *alternative;
	struct attempt each = *a;

	while ((alternative = next_part(&images, ','))) {
		each.alternative = alternative;
		int n = name_layers(&each, each.images);
		if (n > 0)
			sys_unlink(AT_FDCWD, count_of(each.images[n - 1]), 0);
	}
}

/* The file system of the medium may hold the store, too, which stays writable. */
static unsigned long read_only_again(const struct attempt *a)
{
	struct stat medium, store;
	bool is_shared = a->has_store && sys_stat(AT_FDCWD, a->medium, &medium) == 0 &&
			 sys_stat(AT_FDCWD, place_of_store(), &store) == 0 && medium.st_dev == store.st_dev;

	return is_shared ? MS_RDONLY | MS_BIND : MS_RDONLY;
}

/* The medium is writable no longer than that takes. */
static int add_beside(struct attempt *a)
{
	const char *image = top_image(a), *path = count_of(image);
	int was_read_only = remount(a->medium, 0), r = was_read_only;

	if (r >= 0 && a->ignores_tries)
		forget_counts(a);
	if (r >= 0)
		r = write_count(path, a->tries + 1);
	folder_sync(path);
	if (was_read_only > 0)
		remount(a->medium, read_only_again(a));
	sys_symlink(path, OUR_RUN "tries");
	a->counts = (struct counts_place){ a->device, path + length(a->medium), 0, NULL, plan[ROOT_FLAGS] };
	return r < 0 ? failed(r, path, "count the attempt") : 0;
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

/* How often it was tried; -1 where nobody can tell, which is told once. */
static int count(struct attempt *a)
{
	int r = -1;

	if (a->is_uncounted)
		return -1;
	if (is_elsewhere())
		r = tries_on_read(a, name_of(a));
	else if (has_medium(a))
		r = tries_of(top_image(a));
	else
		warn("loopbox.tries=: not counted: the root is not an image on a disk");
	if (r < 0 && is_elsewhere())
		log_failure();
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
	int tries = count(a);
	a->tries = a->ignores_tries || tries < 0 ? 0 : tries;
	if (tries < limit || a->ignores_tries)
		return READY;
	a->passed_over = true;
	return outcome_of(found(-EINVAL, a->medium ? top_image(a) : a->device,
				joined("skipped, ", decimal(tries), " boots were not confirmed")));
}

bool tries_forgive(struct attempt *a)
{
	bool is_new = a->passed_over && !a->ignores_tries;

	if (is_new) {
		warn("loopbox.tries=: no image is left; trying them again, whatever their counts say");
		wait_end(&a->search);
		*a = (struct attempt){ .handover = a->handover, .ignores_tries = true };
	}
	return is_new;
}

void tries_add(struct attempt *a)
{
	if (!plan_number(TRIES, 0) || a->is_uncounted)
		return;
	int r = is_elsewhere() ? tries_on_write(a, a->counts.name, a->tries + 1, a->ignores_tries)
			       : add_beside(a);
	a->is_counted = r >= 0;
	if (r < 0)
		log_failure();
}
