/* SPDX-License-Identifier: MIT */
/*
 * Finding the medium: each device that root= names is looked at in turn, then each again
 * whenever the kernel tells of a device, until one boots or the time is up. root=* means any
 * device that holds the image.
 *
 *   a round      every candidate once (candidates.c); then waiting (wait.c), and the next round
 */
//config:config FEATURE_INIT_ISO
//config:	bool "Images in images"
//config:	default y
//config:	depends on FEATURE_INIT_FALLBACK && FEATURE_PROBE_TAGS
//config:	help
//config:	  A medium that is itself a file on another (iso-scan/filename=,
//config:	  findiso=, ...), and an image that holds the image of the root.
//kbuild:obj-$(CONFIG_INIT) += init/medium.o
#include "attempt.h"

#define OUTER OUR_RUN "iso"


/* --- rounds -------------------------------------------------------------------------------- */

static void begin_round(struct search *s)
{
	if (ENABLE_FEATURE_INIT_FALLBACK)
		found(-EINVAL, "root=", "names no device");
	s->missing = NULL;
	s->specs = name_candidates();
	s->may_come = resume_is_awaited(s) && resume_waits(s);
	if (s->may_come) /* nothing is mounted before */
		s->specs = NULL;
}

static void begin_search(struct search *s)
{
	s->events = -1;
	s->tried = "";
	s->resumes = said(RESUME);
	if (plan[ROOT_DELAY])
		wait_delay(s, plan_seconds(ROOT_DELAY, 0));
	begin_round(s);
}


/* --- one device ---------------------------------------------------------------------------- */

/* The same for a kernel that does not know that word yet. */
static char *untouched_before(const char *type)
{
	return has_word("btrfs", type) ? "nologreplay" : NULL;
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
		/* Where all devices are looked at, the others are not for us. */
		a->type = is_searched(a) && volume.no_file_system ? NULL : volume.type;
	}
	return outcome_of_device(a->device, r);
}

/* Is the device itself the root, and not the medium that an image lies on? So is a live medium that is a
 * squashfs or EROFS itself, unless the line names a verified image. */
static bool is_root(const struct attempt *a)
{
	if (said(ISO) || is_searched(a))
		return false;
	if (ENABLE_FEATURE_INIT_VERITY_WORDS && verity_demanded() && plan_images_of_line)
		return !plan[IMAGE];
	return !plan[IMAGE] || (plan_is_live() && a->type && has_word("squashfs,erofs", a->type));
}

/* Mounts a device if it holds the image, so that nothing on it changes; then, where something
 * is to be written on it, once more. */
static enum outcome mount_found(struct attempt *a)
{
	if (!a->type)
		return NOT_THE_MEDIUM;
	enum outcome outcome = mount_all(a, untouched(a->type));
	if (outcome == FAILED && untouched_before(a->type))
		outcome = mount_all(a, untouched_before(a->type));
	if (outcome != READY)
		return outcome;
	int r = name_any_exists(a);
	if (r <= 0)
		return r < 0 ? FAILED : NOT_THE_MEDIUM;
	if (!plan_writes_medium())
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

	s->has_failed |= a->outcome == FAILED;
	if (a->device)
		candidate_settle(s, a);
	else
		begin_search(s);
	while (!(a->device = candidate_next(a))) {
		if (!s->may_come || !wait_for_device(s, 0))
			return false;
		candidates_new_round(s);
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
