/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a device: the kernel tells of each that comes, and drivers and arrays may bring more.
 */
//kbuild:obj-$(CONFIG_INIT) += init/wait.o
#include <linux/netlink.h>
#include <sys/socket.h>

#include "attempt.h"

enum {
	PATIENCE_SECONDS = 10, /* without rootwait */
	RESCAN_MS = 100,       /* where the kernel has no uevents */
	REPORT_SECONDS = 5,
};

/* What a device is waited for. */
static const char *waited_for(const struct search *s)
{
	const char *candidates = name_candidates();

	if (resume_is_awaited(s) && !s->has_resumed)
		return joined("resume=", plan[RESUME], "");
	if (ENABLE_FEATURE_INIT_FALLBACK && s->missing)
		return s->missing;
	return candidate_is_any(candidates) ? name_wanted() : candidates;
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
	step("waiting for %s" SEEN "%s", waited_for(s), reason_seen("no device"));
}

/* What the kernel tells of a device. */
static void heed(struct search *s, char *event, int size)
{
	if (size > 0) {
		event[size] = 0;
		candidates_changed(s, event, size);
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

	watchdog_feed();
	if (s->events < 0) {
		sys_poll(NULL, 0, RESCAN_MS);
		small_rescan();
	}
	/* All events that are there, so that one round is enough for many devices. */
	while (s->events >= 0 && sys_poll(&events, 1, wait) > 0) {
		int size = sys_read(s->events, event, sizeof event - 1);
		if (ENABLE_FEATURE_INIT_FALLBACK)
			heed(s, event, size);
		wait = 0;
	}
	nodes_make();
}

bool wait_for_device(struct search *s, unsigned seconds)
{
	long now = sys_ticks();
	/* rootwait has no end, unless an image was skipped for its count: that one is tried again then. */
	bool is_endless = !seconds && plan[ROOT_WAIT] && !(said(TRIES) && s->passed_over);

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
	if (is_late && !resume_is_awaited(s) && !is_endless)
		return false;
	if (is_late)
		s->resumes = false;
	if (ENABLE_FEATURE_INIT_FALLBACK)
		report(s, now);
	wait_for_event(s);
	return true;
}

void wait_for_drivers(struct search *s, unsigned seconds)
{
	s->missing = joined("rootdelay=", plan[ROOT_DELAY], "");
	/* It ends a second before it is late: then arrays would be assembled of what there is. */
	wait_for_device(s, seconds + 1);
	while (sys_ticks() - s->deadline < -TICKS_PER_SECOND)
		wait_for_device(s, seconds);
	s->deadline = s->next_report = 0;
	s->missing = NULL;
}

bool wait_for_other(struct search *s, const char *what, unsigned seconds)
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

void wait_end(struct search *s)
{
	if (s->events >= 0)
		sys_close(s->events);
	s->events = -1;
}
