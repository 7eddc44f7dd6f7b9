/* SPDX-License-Identifier: MIT */
/*
 * Several devices that may be the medium: those that root= lists, all that have a label, or all that
 * there are (root=*). A device that has failed is not looked at again until the kernel tells of it.
 * A build without this takes root= for one device.
 */
//kbuild:obj-$(CONFIG_FEATURE_INIT_FALLBACK) += init/candidates.o
#include "attempt.h"

enum { RETRIES = 3 };


/* --- devices that were tried ------------------------------------------------------------ */

static bool was_tried(const struct search *s, const char *device)
{
	for (const char *line = s->tried; *line; line = find_byte(line, '\n')) {
		char *end = after_prefix(++line, device);
		if (end && (!*end || *end == '\n'))
			return true;
	}
	return false;
}

static void remember(struct search *s, const char *device)
{
	s->tried = joined(s->tried, "\n", device);
}

static void forget(struct search *s, const char *device)
{
	const char *list = s->tried, *one;

	s->tried = "";
	while ((one = next_part(&list, '\n')))
		if (!equal(one, device))
			remember(s, one);
}

void candidates_changed(struct search *s, const char *event, int size)
{
	for (const char *p = event; p < event + size; p = nth_string(p, 1)) {
		const char *name = after_prefix(p, "DEVNAME=");
		if (name)
			forget(s, joined("/dev/", name, ""));
	}
}


/* --- which one is next ------------------------------------------------------------------- */

/* Does the drive say that its medium can be taken out, and is it on USB, where that is
 * asked for by "removable-usb"? */
static bool is_removable(const char *device, const char *spec)
{
	static char link[512];
	char flag[2] = "";
	const char *path = joined("/sys/class/block/", after_prefix(device, "/dev/"), ""), *p = link;

	int size = sys_readlink(path, link, sizeof link - 1);
	if (read_file(joined(path, "/removable", ""), flag, sizeof flag) < 0)
		read_file(joined(path, "/../removable", ""), flag, sizeof flag); /* of a partition's disk */
	if (size < 0 || *flag != '1')
		return false;
	link[size] = 0;
	while (ends_with(spec, "-usb") && !after_prefix(p, "/usb"))
		if (!*(p = find_byte(p + 1, '/')))
			return false;
	return true;
}

bool candidate_is_any(const char *spec)
{
	return equal(spec, "*") || (plan_is_live() && has_word("removable,removable-usb", spec));
}

/* The next one of all that there are, which was not tried; NULL at the end. */
static const char *next_searched(struct attempt *a)
{
	struct search *s = &a->search;

	while (name_next_device(&a->devices)) {
		const char *device = a->devices.path;
		if (!was_tried(s, device) && (*s->any == '*' || is_removable(device, s->any)))
			return copy_of(device); /* another search would overwrite it */
	}
	if (!devices_unread) /* or else `why` says so */
		found(-ENOENT, name_wanted(),
		      ENABLE_FEATURE_INIT_REASON ? "not found on" : "not found on any device");
	s->any = NULL;
	return NULL;
}

/* live-boot and casper look at other devices than live-media= says once live-media-timeout= is over.
 * A round begins each second at the latest, and none when the time is up. */
static bool is_too_early(const struct search *s, const char *spec)
{
	if (!plan_is_live() || !said(WAIT_SECONDS) || equal(spec, name_candidates()))
		return false;
	return !s->deadline || sys_ticks() - s->deadline < -TICKS_PER_SECOND;
}

static void search_all(struct attempt *a, const char *spec)
{
	if (!plan[IMAGE] && !said(ISO)) {
		found(-EINVAL, "root=*", "no loop= names an image to look for");
		return;
	}
	a->search.may_come = true;
	if (is_too_early(&a->search, spec))
		return;
	a->devices = (struct device_list){ 0 };
	a->search.any = spec;
}

/* The next one of all that have the label or UUID of `tagged`; NULL at the end. */
static const char *next_tagged(struct attempt *a)
{
	struct search *s = &a->search;
	const char *device;

	while ((device = device_find_next(s->tagged, &a->devices))) {
		s->has_tagged = true;
		if (!was_tried(s, device))
			return copy_of(device);
	}
	if (!s->has_tagged) {
		name_absent_tag(s->tagged);
		s->may_come = true;
	}
	s->tagged = NULL;
	return NULL;
}

/* Several devices may have the same label: a copy, or what somebody has plugged in. */
static bool search_tagged(struct attempt *a, const char *spec)
{
	char value[TAG_SIZE];

	if (tag_of(spec, value) == TAG_NONE)
		return false;
	a->devices = (struct device_list){ 0 };
	a->search.tagged = spec;
	a->search.has_tagged = false;
	return true;
}

/* The device that a word names, if it is there and was not tried. */
static const char *named(struct search *s, const char *spec)
{
	const char *device;
	enum outcome outcome = name_device(spec, &device);

	s->may_come |= outcome == NOT_YET;
	if (outcome == FAILED)
		log_failure();
	return outcome == READY && !was_tried(s, device) ? device : NULL;
}

const char *candidate_next(struct attempt *a)
{
	struct search *s = &a->search;
	const char *spec, *device;

	for (;;) {
		if ((s->any && (device = next_searched(a))) || (s->tagged && (device = next_tagged(a))))
			return device;
		if (!(spec = next_part(&s->specs, ',')))
			return NULL;
		a->spec = spec;
		if (ENABLE_FEATURE_PROBE_TAGS && candidate_is_any(spec))
			search_all(a, spec);
		else if (!search_tagged(a, spec) && (device = named(s, spec)))
			return device;
	}
}


/* --- from round to round ------------------------------------------------------------------ */

/* What drivers.c has read stays: it has done so before the second round. */
void candidates_new_round(struct search *s)
{
	if (s->start)
		read_forget(s->start);
	else
		s->start = read_mark();
	s->tried = copy_of(s->tried);
}

void candidate_settle(struct search *s, const struct attempt *a)
{
	bool again = a->outcome == NOT_YET;

	/* The device is there, but it can't be read yet, or something else is not there. */
	if (again && !(is_absent(why.error) && equal(why.path, a->device)))
		s->missing = joined(why.path, ": ", joined(why.step, ": ", errno_text(-why.error)));
	/* Only a few times, if others are looked at, too (a broken drive is slow), or if its images could
	 * not be read (a broken image fails each time). */
	if ((a->outcome == FAILED || (again && is_searched(a))) && may_pass(why.error))
		again = !verity_demanded() && s->retries++ < RETRIES;
	s->may_come |= again;
	if (!again)
		remember(s, a->device);
}
