/* SPDX-License-Identifier: MIT */
/*
 * From words to devices: root=, resume=, md= and the like. It looks at what is there, and mounts nothing.
 */
//kbuild:obj-$(CONFIG_INIT) += init/name_device.o
#include "attempt.h"

enum outcome name_absent_tag(const char *spec)
{
	if (!devices_unread) /* or else `why` says so */
		device_absent(spec);
	return NOT_YET;
}

/* By LABEL= and its like. */
static enum outcome name_by_tag(const char *spec, const char **device)
{
	const char *found = device_find(spec);

	if (!found)
		return name_absent_tag(spec);
	*device = copy_of(found);
	return READY;
}

/* MAJOR:MINOR, for which a node is made. */
static enum outcome name_by_number(const char *spec, const char **device)
{
	const char *p = spec;
	unsigned number = parse_device(&p);

	if (!number)
		number = number_in_hex(spec);
	if (!number) {
		found(-EINVAL, spec,
		      "not /dev/..., MAJOR:MINOR, LABEL=, UUID=, PARTLABEL= or "
		      "PARTUUID=");
		return FAILED;
	}
	*device = ENABLE_FEATURE_INIT_FALLBACK ? joined("/dev/root-", spec, "") : "/dev/root";
	sys_mknod(*device, S_IFBLK | 0600, number);
	return READY;
}

/* udev makes these names, and nobody does here. */
static bool is_of_udev(const char *spec)
{
	return ENABLE_FEATURE_INIT_REASON &&
	       (after_prefix(spec, "/dev/disk/by-") || after_prefix(spec, "/dev/mapper/")) &&
	       sys_access(spec, F_OK) < 0;
}

enum outcome name_device(const char *spec, const char **device)
{
	const char *mtd = mtd_name(spec);
	char value[TAG_SIZE];

	if (tag_of(spec, value) != TAG_NONE)
		return name_by_tag(spec, device);
	if (flash_is_named(spec))
		return flash_find(spec, device);
	if (mtd)
		return name_by_mtd(spec, mtd, device);
	if (*spec != '/' && !after_prefix(spec, "ubi"))
		return name_by_number(spec, device);
	if (is_of_udev(spec))
		return outcome_of(found(-EINVAL, spec,
					"names by udev are not supported, only by-label, -uuid, -partlabel, "
					"-partuuid: use /dev/NAME, LABEL= or UUID="));
	*device = spec;
	return READY;
}

char *name_end_of_device(char *spec)
{
	char *colon = find_byte(spec, ':');
	const char *kind = after_prefix(spec, "ubi");

	if (kind)
		parse_digits(&kind); /* not that of ubi0_0:PATH */
	else
		kind = after_prefix(spec, "mtd");
	bool is_name = *colon && kind == colon && colon[1] != '/';
	return is_name ? find_byte(colon + 1, ':') : colon;
}

bool name_next_device(struct device_list *list)
{
	while (device_next(list)) {
		const char *name = after_prefix(list->path, "/dev/");
		if (!after_prefix(name, "loop") && !after_prefix(name, "ram"))
			return true;
	}
	return false;
}

const char *name_iso_path(void)
{
	const char *iso = plan[ISO], *name = after_prefix(iso, "/dev/disk/by-");

	/* /dev/disk/by-label/NAME/PATH, /dev/NAME/PATH */
	if (name)
		name = find_byte(name, '/');
	name = name ? name + !!*name : after_prefix(iso, "/dev/");
	return name ? find_byte(name, '/') : iso;
}

const char *name_candidates(void)
{
	if (!said(ISO))
		return plan[ROOT];
	if (said(ISO_DEVICE))
		return said(ISO_DEVICE);
	int device = name_iso_path() - plan[ISO];
	return device ? copied(plan[ISO], device) : "*";
}
