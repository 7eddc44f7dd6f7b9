/* SPDX-License-Identifier: MIT */
/*
 * An image that boots and then crashes: each attempt is counted in a file beside the
 * image, IMAGE.tries, which the booted system deletes once it runs well. An image that
 * has been tried loopbox.tries= times is passed over.
 */
//config:config FEATURE_INIT_TRIES
//config:	bool "Count the attempts to boot an image"
//config:	default y
//config:	depends on FEATURE_INIT_FALLBACK
//config:	help
//config:	  loopbox.tries=N: after N attempts that the booted system has not
//config:	  confirmed, the next image is taken.
//kbuild:obj-$(CONFIG_FEATURE_INIT_TRIES) += init/tries.o
#include "attempt.h"

static unsigned tries_of(const char *image)
{
	char text[16];
	const char *digits = text;

	return read_file(joined(image, ".tries", ""), text, sizeof text) > 0 ? parse_digits(&digits) : 0;
}

enum outcome tries_check(const struct attempt *a)
{
	unsigned limit = plan_number(TRIES, 0);
	if (!limit || !has_medium(a))
		return READY;
	const char *image = top_image(a);
	unsigned tries = tries_of(image);
	return tries < limit
		       ? READY
		       : outcome_of(found(-EINVAL, image,
					  joined("tried ", decimal(tries), " times, and not confirmed")));
}

static int write_count(const char *path, const char *number)
{
	int fd = sys_create(path, 0644);
	if (fd < 0)
		return fd;
	int r = sys_write(fd, number, length(number));
	if (r >= 0)
		r = sys_fsync(fd);
	sys_close(fd);
	return r;
}

/* The medium is writable no longer than that takes. */
void tries_add(const struct attempt *a)
{
	if (!plan[TRIES] || !has_medium(a))
		return;
	const char *image = top_image(a);
	char *path = joined(image, ".tries", "");
	const char *number = joined(decimal(tries_of(image) + 1), "\n", "");
	int was_read_only = remount(a->medium, 0), r = was_read_only;
	if (r >= 0)
		r = write_count(path, number);
	if (was_read_only > 0)
		remount(a->medium, MS_RDONLY);
	sys_symlink(path, OUR_RUN "tries");
	if (r < 0) {
		failed(r, path, "count the attempt");
		log_failure();
	}
}
