/* SPDX-License-Identifier: MIT */
/* A writable layer for each slot: %s in its path is the name of the slot that boots, so that A and
 * B do not share /etc. */
//config:config FEATURE_INIT_SLOT
//config:	bool "A writable layer for each slot"
//config:	default y
//config:	depends on FEATURE_INIT_OVERLAY
//config:	help
//config:	  rd.overlay=DEVICE:/%s/upper: one folder for each entry of root= and
//config:	  loop=.
//kbuild:obj-$(CONFIG_FEATURE_INIT_SLOT) += init/slot.o
#include "store.h"

/* PARTLABEL=rootfs_a is rootfs_a, LABEL=system with loop=/images/a.squashfs is
 * system-images_a.squashfs: one name, and no path. */
static char *slot_name(const struct attempt *a)
{
	const char *device = a->spec && !candidate_is_any(a->spec) ? a->spec : "";
	const char *image = a->medium ? a->alternative : "";
	char value[TAG_SIZE];

	device = tag_of(device, value) == TAG_NONE ? base_name(device) : value;
	image += *image == '/';
	char *name = joined(device, *device && *image ? "-" : "", image);
	for (char *p = name; *p; p++)
		if (*p == '/' || *p == ':' || (unsigned char)*p < ' ')
			*p = '_';
	return name;
}

const char *slot_expanded(const char *text, const struct attempt *a)
{
	const char *p = find_byte(text, '%');

	while (*p && p[1] != 's')
		p = find_byte(p + 1, '%');
	if (!*p)
		return text;
	return joined(copied(text, p - text), slot_name(a), slot_expanded(p + 2, a));
}

/* Two upper folders may not have one work folder between them, where the kernel keeps an index there. */
const char *slot_work(const char *path, const struct attempt *a)
{
	const char *upper = path ? base_name(path) : "", *name = slot_expanded(upper, a);

	return equal(name, upper) ? "work" : joined(name, ".work", "");
}
