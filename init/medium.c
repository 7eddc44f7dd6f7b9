/* SPDX-License-Identifier: MIT */
/*
 * Finding the medium: each device that root= names is looked at in turn, then each again
 * whenever the kernel tells of a device, until one boots or the time is up. root=* means any
 * device that holds the image.
 *
 *   a round      every candidate once; then waiting, and the next round
 *   tried        a device that has failed is not looked at again, until the kernel tells of it
 */
//config:config FEATURE_INIT_ISO
//config:	bool "Images in images"
//config:	default y
//config:	depends on FEATURE_INIT_FALLBACK && FEATURE_PROBE_TAGS
//config:	help
//config:	  A medium that is itself a file on another (iso-scan/filename=,
//config:	  findiso=, ...), and an image that holds the image of the root.
//kbuild:obj-$(CONFIG_INIT) += init/medium.o
#include <linux/netlink.h>
#include <sys/socket.h>

#include "attempt.h"

#define OUTER OUR_RUN "iso"

enum {
	PATIENCE_SECONDS = 10, /* without rootwait */
	RESCAN_MS = 100,       /* where the kernel has no uevents */
	REPORT_SECONDS = 5,
	RETRIES = 3,
};


/* --- devices that were tried ------------------------------------------------------------ */

static bool was_tried(const struct search *s, const char *device)
{
	for (const char *line = s->tried; ENABLE_FEATURE_INIT_FALLBACK && *line;
	     line = find_byte(line, '\n')) {
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

/* The kernel tells of a device: it may hold something else now. */
static void forget_by(struct search *s, const char *event, int size)
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

/* Is the device one of all that are gone through, rather than one that the words name? */
static bool is_searched(const struct attempt *a)
{
	return ENABLE_FEATURE_INIT_FALLBACK && a->search.any;
}

/* Does the word mean any device that holds the image, or any that can be taken out? */
static bool means_any(const char *spec)
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
	found(-ENOENT, name_wanted(),
	      ENABLE_FEATURE_INIT_REASON ? "not found on" : "not found on any device");
	s->any = NULL;
	return NULL;
}

static void search_all(struct attempt *a, const char *spec)
{
	if (!plan[IMAGE] && !said(ISO)) {
		failed(-EINVAL, "root=*", "no loop= says what to look for");
		return;
	}
	a->devices = (struct device_list){ 0 };
	a->search.any = spec;
	a->search.may_come = true;
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
	if (ENABLE_FEATURE_INIT_FALLBACK && outcome == FAILED)
		log_failure();
	return outcome == READY && !was_tried(s, device) ? device : NULL;
}

/* The next candidate of this round that is there; NULL at the end. */
static const char *next_candidate(struct attempt *a)
{
	struct search *s = &a->search;
	const char *spec, *device;

	for (;;) {
		if ((s->any && (device = next_searched(a))) || (s->tagged && (device = next_tagged(a))))
			return device;
		if (!(spec = next_part(&s->specs, ',')))
			return NULL;
		if (ENABLE_FEATURE_PROBE_TAGS && means_any(spec))
			search_all(a, spec);
		else if (!search_tagged(a, spec) && (device = named(s, spec)))
			return device;
	}
}

/* The same for a build that takes root= for one device. */
static const char *only_candidate(struct search *s)
{
	const char *spec = s->specs;

	s->specs = NULL;
	return spec ? named(s, spec) : NULL;
}


/* --- rounds and waiting -------------------------------------------------------------------- */

static bool waits_for_resume(const struct search *s)
{
	return ENABLE_FEATURE_INIT_RESUME && s->resumes;
}

/* Gives back what the rounds before have put into libbb's text memory, but for the list of the
 * devices that were tried, which moves down to `start`. What drivers.c reads stays: it has done so
 * before the second round. */
static void forget_round(struct search *s)
{
	if (s->start)
		read_forget(s->start);
	else
		s->start = read_mark();
	s->tried = copy_of(s->tried);
}

static void begin_round(struct search *s)
{
	if (ENABLE_FEATURE_INIT_FALLBACK)
		failed(-EINVAL, "root=", "no device");
	s->missing = NULL;
	s->specs = name_candidates();
	s->may_come = waits_for_resume(s) && resume_waits(s);
	if (s->may_come) /* nothing is mounted before */
		s->specs = NULL;
}

static void begin_search(struct search *s)
{
	s->events = -1;
	s->tried = "";
	s->resumes = said(RESUME);
	if (plan[ROOT_DELAY])
		sys_poll(NULL, 0, plan_seconds(ROOT_DELAY, 0) * 1000);
	begin_round(s);
}

/* What a device is waited for. */
static const char *waited_for(const struct search *s)
{
	const char *candidates = name_candidates();

	if (ENABLE_FEATURE_INIT_RESUME && s->resumes && !s->has_resumed)
		return joined("resume=", plan[RESUME], "");
	if (ENABLE_FEATURE_INIT_FALLBACK && s->missing)
		return s->missing;
	return means_any(candidates) ? name_wanted() : candidates;
}

/* Listens to the kernel, and looks for what may bring a device. Whatever came before
 * shows in the round after it. */
static void start_waiting(struct search *s)
{
	struct sockaddr_nl every_event = { .nl_family = AF_NETLINK, .nl_groups = 1 };

	step("waiting for %s", waited_for(s));
	if (s->events >= 0)
		return;
	s->events = sys_socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (s->events >= 0)
		sys_bind(s->events, &every_event, sizeof every_event);
	drivers_load();
	/* Optical drives tell of a new disc only where the kernel asks them. */
	if (ENABLE_FEATURE_INIT_FALLBACK)
		write_file("/sys/module/block/parameters/events_dfl_poll_msecs", "2000");
}

static void report(struct search *s, long now)
{
	if (s->next_report && now - s->next_report < 0)
		return;
	bool is_first = !s->next_report;
	s->next_report = now + REPORT_SECONDS * TICKS_PER_SECOND;
	if (is_first)
		return;
	step("waiting for %s; seen: %s", waited_for(s), reason_seen("no device"));
}

/* What the kernel tells of a device. */
static void heed(struct search *s, char *event, int size)
{
	if (size > 0) {
		event[size] = 0;
		forget_by(s, event, size);
		drivers_load_for(event, size);
	}
	/* There were more than the socket holds: some are lost. */
	if (size == -ENOBUFS)
		drivers_load();
}

/* Waits for the kernel to tell of a device, a second at most. */
static void wait_for_event(struct search *s)
{
	static char event[8192];
	struct pollfd events = { .fd = s->events, .events = POLLIN };
	int wait = 1000;

	if (s->events < 0)
		sys_poll(NULL, 0, RESCAN_MS);
	/* All that there is to read, so that one round is enough for many. */
	while (s->events >= 0 && sys_poll(&events, 1, wait) > 0) {
		int size = sys_read(s->events, event, sizeof event - 1);
		if (ENABLE_FEATURE_INIT_FALLBACK)
			heed(s, event, size);
		wait = 0;
	}
}

/* Waits for what may bring another device; false where the time is up, which begins with the first
 * call, and is that of the medium if seconds is 0. */
static bool wait_for_device(struct search *s, unsigned seconds)
{
	long now = sys_ticks();
	bool is_endless = !seconds && plan[ROOT_WAIT];

	if (!s->deadline) {
		if (!seconds)
			seconds = plan_seconds(WAIT_SECONDS, PATIENCE_SECONDS);
		s->deadline = now + (long)seconds * TICKS_PER_SECOND;
		start_waiting(s);
		return true;
	}
	bool is_late = now - s->deadline >= 0;
	if (arrays_assemble(s, is_late))
		return true;
	if (is_late && !waits_for_resume(s) && !is_endless)
		return false;
	if (is_late)
		s->resumes = false;
	if (ENABLE_FEATURE_INIT_FALLBACK)
		report(s, now);
	wait_for_event(s);
	return true;
}

bool medium_wait(struct search *s, const char *what, unsigned seconds)
{
	if (!s->missing)
		s->deadline = 0;
	s->missing = what;
	bool goes_on = wait_for_device(s, seconds);
	if (!goes_on)
		s->missing = NULL;
	s->tried = ""; /* what the kernel has told of since then is not known */
	return goes_on;
}

/* What the device that was looked at last means for the search. */
static void settle(struct search *s, const struct attempt *a)
{
	bool again = a->outcome == NOT_YET;

	s->has_failed |= a->outcome == FAILED;
	if (!ENABLE_FEATURE_INIT_FALLBACK) {
		s->may_come |= again;
		return;
	}
	/* The device is there, but it can't be read yet, or something else is not there. */
	if (again && !(is_absent(why.error) && equal(why.path, a->device)))
		s->missing = joined(why.path, ": ", joined(why.step, ": ", errno_text(-why.error)));
	/* Some times only, where others are looked at, too (a broken drive takes its time), or what is on it
	 * could not be read: a broken image says the same, each time. */
	if ((a->outcome == FAILED || (again && is_searched(a))) && may_pass(why.error))
		again = !verity_demanded() && s->retries++ < RETRIES;
	s->may_come |= again;
	if (!again)
		remember(s, a->device);
}


/* --- one device ---------------------------------------------------------------------------- */

/* The same for a kernel that does not know that word yet. */
static char *untouched_before(const char *type)
{
	return has_word("btrfs", type) ? "nologreplay" : NULL;
}

/* May something be written on the medium? */
static bool is_written(void)
{
	return plan[RW] || said(TRIES) || is_on(PERSISTENT) || (said(OVERLAY) && *plan[OVERLAY]);
}

/* Nothing on the medium of verified images is executed, or changed by us. */
static void keep_harmless(struct mount_request *m)
{
	if (verity_demanded())
		m->flags |= MS_RDONLY | MS_NODEV | MS_NOSUID | MS_NOEXEC;
}

/* Mounts the device. words: more options, or NULL */
static enum outcome mount_device(const struct attempt *a, const char *target, char *words)
{
	struct mount_request m;

	mount_begin(&m, a->device, target, a->type);
	if (!plan[RW])
		m.flags = MS_RDONLY;
	int r = mount_said(&m, words);
	if (r == 0)
		r = mount_said(&m, plan[ROOT_FLAGS]);
	if (r < 0)
		return FAILED;
	keep_harmless(&m);
	return outcome_of_mount(&m, mount_step(&m));
}

/* Mounts the file on the outer medium that is the medium itself. */
static enum outcome mount_iso(const char *target)
{
	struct mount_request m;

	mount_begin(&m, joined(OUTER, "/", name_iso_path()), target, NULL);
	m.flags = MS_RDONLY;
	m.use_loop = true;
	keep_harmless(&m);
	int r = mount_step(&m);
	return r == -ENOENT && m.failed_for == MOUNT_FAILED_SOURCE ? NOT_THE_MEDIUM : outcome_of(r);
}

/* Mounts the device, and what on it is the medium. */
static enum outcome mount_all(struct attempt *a, char *words)
{
	if (!said(ISO))
		return mount_device(a, a->medium, words);
	enum outcome outcome = mount_device(a, OUTER, words);
	return outcome == READY ? mount_iso(a->medium) : outcome;
}

/* What is on the device? a->type, NULL where only a mount will tell. */
static enum outcome find_type(struct attempt *a)
{
	static struct volume volume;
	const char *told = plan[ROOT_TYPE];
	int r = 0;

	a->type = told;
	if (*a->device != '/')
		return READY;
	if (!ENABLE_FEATURE_PROBE || (told && !is_searched(a) && !equal(told, "auto"))) {
		/* A mount would find out, but the kernel complains of that. */
		r = sys_access(a->device, F_OK);
		if (r < 0)
			failed(r, a->device, "open");
	} else {
		r = probe(a->device, &volume);
		a->type = volume.type;
	}
	return outcome_of_device(a->device, r);
}

/* Is the device the root, rather than the medium of an image? A live medium that is an image
 * itself has none on it. */
static bool is_root(const struct attempt *a)
{
	if (said(ISO) || is_searched(a))
		return false;
	return !plan[IMAGE] || (plan_is_live() && a->type && has_word("squashfs,erofs", a->type));
}

/* Mounts a device if it holds the image, so that nothing on it changes; then, where something
 * is to be written on it, once more. */
static enum outcome mount_found(struct attempt *a)
{
	if (!a->type || has_word(NO_FILE_SYSTEM, a->type))
		return NOT_THE_MEDIUM;
	enum outcome outcome = mount_all(a, untouched(a->type));
	if (outcome == FAILED && untouched_before(a->type))
		outcome = mount_all(a, untouched_before(a->type));
	if (outcome != READY)
		return outcome;
	if (!name_any_exists(a))
		return NOT_THE_MEDIUM;
	if (!is_written())
		return READY;
	sys_umount(a->medium, 0);
	if (said(ISO))
		sys_umount(OUTER, 0);
	return mount_all(a, NULL);
}

static enum outcome mount_medium(struct attempt *a)
{
	a->medium = NULL;
	enum outcome outcome = find_type(a);
	if (outcome != READY || is_root(a))
		return outcome;
	a->medium = place_of_medium();
	outcome = is_searched(a) ? mount_found(a) : mount_all(a, NULL);
	/* Where the words name the device, there is no other. */
	return outcome == NOT_THE_MEDIUM && !is_searched(a) ? FAILED : outcome;
}


/* --- all of it ----------------------------------------------------------------------------- */

/* The images that are to be tried on what has been mounted. */
static const char *images_of(const struct attempt *a)
{
	if (a->outcome != READY)
		return NULL;
	return !a->medium ? a->device : plan[IMAGE] ? plan[IMAGE] : BUILT_IN_IMAGE;
}

/* Without root=, the initramfs is the medium, once. */
static bool take_initramfs(struct attempt *a)
{
	bool is_first = !a->medium;

	a->search.events = -1;
	a->medium = "";
	return is_first;
}

/* Mounts the next device that may be the medium; false where there is none any more. */
static bool take_device(struct attempt *a)
{
	struct search *s = &a->search;

	if (a->device)
		settle(s, a);
	else
		begin_search(s);
	while (!(a->device = ENABLE_FEATURE_INIT_FALLBACK ? next_candidate(a) : only_candidate(s))) {
		if (!s->may_come || !wait_for_device(s, 0))
			return false;
		if (ENABLE_FEATURE_INIT_FALLBACK)
			forget_round(s);
		begin_round(s);
	}
	a->outcome = mount_medium(a);
	if (a->outcome == FAILED)
		log_failure();
	return true;
}

bool medium_next(struct attempt *a)
{
	bool is_named = name_candidates();

	if (!(is_named ? take_device(a) : take_initramfs(a))) {
		if (a->outcome == NOT_YET || (is_named && !a->search.has_failed)) {
			reason_complete();
			log_failure();
		}
		return false;
	}
	a->images_left = images_of(a);
	return true;
}
