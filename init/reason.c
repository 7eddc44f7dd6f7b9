/* SPDX-License-Identifier: MIT */
/*
 * The last words of a boot that fails: which devices were seen, and whether one of them is nearly what
 * was asked for; and they stay on the screen, since the kernel's panic pushes off what is above it.
 */
//config:config FEATURE_INIT_REASON
//config:	bool "Keep the last reason on the console"
//config:	default y
//config:	depends on FEATURE_INIT_FALLBACK && FEATURE_PROBE_TAGS
//config:	help
//config:	  It is shown whatever loglevel= says, names the devices that were seen
//config:	  and near misses, and stays: init waits (loopbox.wait=SECONDS) before
//config:	  it exits, unless panic= reboots.
//kbuild:obj-$(CONFIG_FEATURE_INIT_REASON) += init/reason.o
#include "attempt.h"

enum { SEEN_SIZE = 600 }; /* a record of the log has 1024 bytes, and a screen 25 lines */

/* vda (ext4, "data", 8f1c...) */
static char *described(const char *device)
{
	static struct volume volume;
	const char *name = after_prefix(device, "/dev/");

	if (probe(device, &volume) < 0 || !volume.type)
		return copy_of(name);
	char *text = joined(name, " (", volume.type);
	if (*volume.label)
		text = joined(text, ", \"", joined(volume.label, "\"", ""));
	if (*volume.uuid)
		text = joined(text, ", ", volume.uuid);
	return joined(text, ")", "");
}

const char *reason_seen(const char *none)
{
	static struct device_list list;
	const char *text = "";

	list = (struct device_list){ 0 };
	while (name_next_device(&list)) {
		if (length(text) > SEEN_SIZE)
			return joined(text, ", ...", "");
		text = joined(text, *text ? ", " : "", described(list.path));
	}
	return *text ? text : none;
}

/* The device whose label is nearly that; NULL: none. */
static const char *near_miss(const char *spec)
{
	static struct device_list list;

	list = (struct device_list){ .loosely = true };
	return device_find_next(spec, &list);
}

void reason_complete(void)
{
	struct why plain = why;
	const char *text = plain.step, *near = NULL;

	if (!is_absent(plain.error))
		return;
	if (plain.is_finding)
		near = near_miss(plain.path);
	else
		text = joined(text, ": ", errno_text(-plain.error));
	if (near)
		text = joined(
			text, ", but ",
			joined(after_prefix(near, "/dev/"), " has it in other letters, or cut short", ""));
	bool is_on = ends_with(text, " on");
	found(plain.error, plain.path,
	      joined(text, is_on ? " " : SEEN, reason_seen(is_on ? "any device" : "no device")));
}

/* Does the kernel reboot after a panic? Not where we can't know. */
static bool panic_reboots(void)
{
	char text[16];

	return read_file("/proc/sys/kernel/panic", text, sizeof text) > 0 && *text != '0';
}

void reason_keep(void)
{
	bool forever = said(WAIT) && equal(plan[WAIT], "forever");
	unsigned seconds = plan_seconds(WAIT, 10);

	/* A kernel that is "tainted: died" prints no registers and no stack when it panics, which are 30 lines
	 * and say nothing of a boot. */
	write_file("/proc/sys/kernel/tainted", "128");
	if (panic_reboots() || !(forever || seconds))
		return;
	if (forever)
		log_loud("waiting forever (loopbox.wait=)");
	else
		log_loud(joined("waiting ", decimal(seconds), " s, then the kernel panics (loopbox.wait=)"));
	do
		sys_poll(NULL, 0, forever ? -1 : (int)seconds * 1000);
	while (forever);
}
