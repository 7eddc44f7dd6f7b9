/* SPDX-License-Identifier: MIT */
/* What the running system, its scripts and `loopbox confirm` can read of the boot, a line each: how
 * and from where, and where the attempt was counted. */
//config:config FEATURE_INIT_STATE
//config:	bool "Tell the running system how it was booted"
//config:	default y
//config:	depends on FEATURE_INIT_FALLBACK
//config:	help
//config:	  /run/initramfs/state: which entry of root= and loop=, on which
//config:	  device and partition, the store's device, how many attempts.
//kbuild:obj-$(CONFIG_FEATURE_INIT_STATE) += init/state.o
#include "attempt.h"

/* "KEY=VALUE\n" behind the text; nothing for no value. A label may hold anything, but no second line. */
static char *with(const char *text, const char *key, const char *value)
{
	char *line = value && *value ? copy_of(value) : NULL;

	for (char *p = line; p && *p; p++)
		if ((unsigned char)*p < ' ')
			*p = '?';
	return line ? joined(text, key, joined("=", line, "\n")) : (char *)text;
}

/* The number of an entry in root= or loop=, from 1; NULL where it is not listed. */
static const char *place_in(const char *list, const char *entry)
{
	const char *one;

	for (unsigned n = 1; entry && (one = next_part(&list, ',')); n++)
		if (equal(one, entry))
			return decimal(n);
	return NULL;
}

/* The name of a partition, by the kernel. */
static const char *partition_name(const char *device)
{
	const char *name = device ? after_prefix(device, "/dev/") : NULL;
	char *text = name ? read_whole(joined("/sys/class/block/", name, "/uevent")) : NULL, *line;

	while (text && (line = next_line(&text)))
		if (after_prefix(line, "PARTNAME="))
			return after_prefix(line, "PARTNAME=");
	return NULL;
}

void state_save(const struct attempt *a)
{
	const char *image = a->medium ? a->alternative : NULL;
	char *text = with("", "root", a->spec);

	text = with(text, "root.number", place_in(name_candidates(), a->spec));
	text = with(text, "device", a->device);
	text = with(text, "partlabel", partition_name(a->device));
	text = with(text, "image", image);
	text = with(text, "image.number", place_in(plan[IMAGE], image));
	text = with(text, "medium", has_medium(a) ? a->device : NULL);
	text = with(text, "store", a->has_store ? a->store : NULL);
	text = with(text, "tries", said(TRIES));
	if (a->is_counted) {
		text = with(text, "attempts", decimal(a->tries + 1));
		text = with(text, "counts", a->counts.device);
		text = with(text, "counts.file", a->counts.file);
		text = with(text, "counts.offset", a->counts.file ? NULL : decimal(a->counts.offset));
		text = with(text, "counts.name", a->counts.name);
		text = with(text, "counts.options", a->counts.options);
	}
	int fd = sys_create(OUR_RUN "state", 0644), r = fd;
	if (fd >= 0) {
		r = sys_write(fd, text, length(text));
		sys_close(fd);
	}
	log_refused(r, OUR_RUN "state", "write");
}
