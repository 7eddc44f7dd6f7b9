/* SPDX-License-Identifier: MIT */
/*
 * Finding the medium: each device that root= names is looked at in turn, then each
 * again whenever the kernel tells of a device, until one boots or the time is up.
 * root=* means any device that holds the image.
 */
//config:config FEATURE_INIT_ISO
//config:	bool "Images in images"
//config:	default y
//config:	depends on FEATURE_INIT_FALLBACK && FEATURE_PROBE_TAGS
//config:	help
//config:	  A medium that is itself a file on another (iso-scan/filename=,
//config:	  findiso=, ...), and an image that holds the image of the root.
//config:
//config:config FEATURE_INIT_MTD
//config:	bool "MTD devices by name"
//config:	default y
//config:	depends on INIT
//config:	help
//config:	  root=mtd:NAME, for flash memory.
//kbuild:obj-$(CONFIG_INIT) += init/medium.o
#include <linux/netlink.h>
#include <sys/socket.h>

#include "module.h"
#include "plan.h"
#include "probe.h"

#define OUTER OUR_RUN "iso"

enum {
	PATIENCE_SECONDS = 10,	/* without rootwait */
	A_WEEK = 7 * 24 * 3600, /* in seconds; in milliseconds, it fits an int */
	RESCAN_MS = 100,	/* where the kernel has no uevents */
	REPORT_SECONDS = 5,
};

/* ENODEV is rather that of a mount: no such type. */
static bool is_absent(int r)
{
	return r == -ENOENT || r == -ENXIO || r == -ENOMEDIUM;
}


/* --- devices that were tried ------------------------------------------------ */

static const char *tried[64];
static unsigned tried_count;

static bool was_tried(const char *device)
{
	for (unsigned i = 0; i < tried_count; i++)
		if (equal(tried[i], device))
			return true;
	return false;
}

static void remember(const char *device)
{
	if (tried_count < LENGTH(tried))
		tried[tried_count++] = device;
}

/* The kernel tells of a device: it may hold something else now. */
static void forget(const char *event, int size)
{
	for (const char *p = event; p < event + size; p = nth_string(p, 1)) {
		const char *name = after_prefix(p, "DEVNAME=");
		for (unsigned i = 0; name && i < tried_count; i++)
			if (equal(joined("/dev/", name, ""), tried[i]))
				tried[i] = tried[--tried_count];
	}
}


/* --- one device --------------------------------------------------------------- */

/* The number of an MTD device by its name, as /proc/mtd has it: mtd0: 00020000 ... "name" */
static const char *mtd_block(const char *name)
{
	char *text = read_whole("/proc/mtd"), *line;

	while (text && (line = next_line(&text))) {
		const char *digits = after_prefix(line, "mtd");
		char *quoted = find_byte(line, '"');
		char *end = after_prefix(quoted + !!*quoted, name);
		if (digits && end && *end == '"')
			return joined("/dev/mtdblock", decimal(parse_digits(&digits)), "");
	}
	return NULL;
}

const char *device_of(const char *spec)
{
	const char *p = spec, *name, *node = "/dev/root";
	char value[TAG_SIZE];

	if (ENABLE_FEATURE_PROBE_TAGS && tag_of(spec, value) != TAG_NONE) {
		const char *device = device_find(spec);
		if (!device)
			failed(-ENOENT, spec, "no device has it");
		return device;
	}
	if (*spec == '/' || after_prefix(spec, "ubi"))
		return spec;
	if (ENABLE_FEATURE_INIT_MTD && (name = after_prefix(spec, "mtd:"))) {
		name = mtd_block(name);
		if (!name)
			failed(-ENOENT, spec, "no such MTD device");
		else if (ENABLE_FEATURE_INIT_MODPROBE && sys_access(name, F_OK) < 0)
			module_load("mtdblock");
		return name;
	}
	unsigned number = parse_device(&p);
	if (!number) {
		failed(-EINVAL, spec,
		       "root= (/dev/..., MAJOR:MINOR, LABEL=, UUID=, PARTLABEL= or PARTUUID=)");
		return NULL;
	}
	if (ENABLE_FEATURE_INIT_FALLBACK)
		node = joined(node, "-", spec);
	sys_mknod(node, S_IFBLK | 0600, number);
	return node;
}

/* A disk that a hibernated system may have mounted, say, must stay as it is: its
 * journal is not replayed where we only look whether it holds the image. */
static const char *untouched(const char *type)
{
	return has_word("ext3,ext4", type)  ? "noload"
	       : has_word("xfs,f2fs", type) ? "norecovery"
	       : has_word("btrfs", type)    ? "nologreplay"
					    : NULL;
}

/* May something be written on the medium? */
static bool is_written(void)
{
	return plan[RW] || plan[TRIES] || is_on(PERSISTENT) || (plan[OVERLAY] && *plan[OVERLAY]);
}

/* Nothing on the medium of verified images is executed, or changed by us. */
static void keep_harmless(void)
{
	if (verity_demanded())
		request.flags |= MS_RDONLY | MS_NODEV | MS_NOSUID | MS_NOEXEC;
}

static int mount_medium(const char *device, const char *type, const char *target, const char *words)
{
	request_new(device, target, type);
	if (!plan[RW])
		request.flags = MS_RDONLY;
	int r = words ? mount_words(&request, copy_of(words)) : 0;
	if (r == 0 && plan[ROOT_FLAGS])
		r = mount_words(&request, own_copy(plan[ROOT_FLAGS]));
	keep_harmless();
	return r < 0 ? r : mount_step();
}

/* Mounts the file on the outer medium that is the medium itself. */
static int mount_iso(void)
{
	/* /dev/NAME/PATH: the device is not part of the path */
	const char *path = plan[ISO], *behind = after_prefix(path, "/dev/");

	request_new(joined(OUTER, "/", behind ? find_byte(behind, '/') : path),
		    place_below_run(MEDIUM, medium_place), NULL);
	request.flags = MS_RDONLY;
	request.use_loop = true;
	keep_harmless();
	int r = mount_step();
	return r == -ENOENT && why.path == request.source ? -ENODATA : r;
}

/* Mounts the device, and what on it is the medium. */
static int mount_all(const char *device, const char *type, const char *words)
{
	const char *place = place_below_run(MEDIUM, medium_place);

	if (!ENABLE_FEATURE_INIT_ISO || !plan[ISO])
		return mount_medium(device, type, place, words);
	int r = mount_medium(device, type, OUTER, words);
	return r < 0 ? r : mount_iso();
}

/* What is on the device? 0 and its type, NULL where only a mount will tell; or -errno. */
static int look_for(const char *device, const char **type, bool searching)
{
	static struct volume volume;
	const char *told = plan[ROOT_TYPE];

	*type = told;
	if (*device != '/')
		return 0;
	if (!ENABLE_FEATURE_PROBE || (told && !searching && !equal(told, "auto"))) {
		/* A mount would find out, but the kernel complains of that. */
		int r = sys_access(device, F_OK);
		return r < 0 ? failed(r, device, "open") : 0;
	}
	int r = probe(device, &volume);
	*type = volume.type;
	return r;
}

/* Boots from one device. */
static int try_device(const char *device, const char *type)
{
	unsigned mark = ENABLE_FEATURE_INIT_FALLBACK ? undo_mark() : 0;
	bool has_iso = ENABLE_FEATURE_INIT_ISO && plan[ISO];
	/* A medium that is an image has none on it. */
	bool is_image = ENABLE_INIT_FAMILIES && is_live && type && has_word("squashfs,erofs", type);

	if (!has_iso && (!plan[IMAGE] || is_image))
		return images_boot(NULL, device, type);
	int r = mount_all(device, type, NULL);
	if (r == 0)
		r = images_boot(place_below_run(MEDIUM, medium_place), device, type);
	if (ENABLE_FEATURE_INIT_FALLBACK)
		undo_to(mark);
	return r;
}

/* Boots from a device if it holds the image; -ENODATA if not. */
static int search_device(const char *device, const char *type)
{
	const char *place = place_below_run(MEDIUM, medium_place);
	unsigned mark = undo_mark();

	if (!type || has_word("swap,swsuspend,crypto_LUKS,DM_verity_hash,jbd,linux_raid_member", type))
		return -ENODATA;
	int r = mount_all(device, type, untouched(type));
	if (r == 0 && !images_there(place))
		r = -ENODATA;
	if (r == 0 && is_written()) {
		undo_to(mark);
		r = mount_all(device, type, NULL);
	}
	if (r == 0)
		r = images_boot(place, device, type);
	undo_to(mark);
	return r;
}


/* --- all of them, and waiting --------------------------------------------------- */

static const char *candidates(void)
{
	const char *iso = ENABLE_FEATURE_INIT_ISO ? plan[ISO] : NULL, *p;

	if (!iso)
		return plan[ROOT];
	if (plan[ISO_DEVICE])
		return plan[ISO_DEVICE];
	p = after_prefix(iso, "/dev/");
	if (!p)
		return "*";
	return copied(iso, find_byte(p, '/') - iso);
}

static bool has_failed;

/* Returns whether another look at it may help. */
static bool look_at(const char *device, bool searching)
{
	const char *type;

	if (ENABLE_FEATURE_INIT_FALLBACK) {
		if (was_tried(device))
			return searching;
		device = copy_of(device); /* another search would overwrite it */
	}
	int r = look_for(device, &type, searching);
	if (r == 0)
		r = ENABLE_FEATURE_INIT_FALLBACK && searching ? search_device(device, type)
							      : try_device(device, type);
	if (why.path == device && (is_absent(r) || (r == -ENODEV && *device != '/')))
		return true;
	if (ENABLE_FEATURE_INIT_FALLBACK)
		remember(device);
	if (!ENABLE_FEATURE_INIT_FALLBACK || (r == -ENODATA && searching))
		return searching;
	log_failure();
	has_failed = true;
	return searching;
}

/* The next device that may be a medium. */
static bool next_device(struct device_list *list)
{
	while (device_next(list)) {
		const char *name = after_prefix(list->path, "/dev/");
		if (!after_prefix(name, "loop") && !after_prefix(name, "ram"))
			return true;
	}
	return false;
}

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

/* Looks at every device for the image; at removable ones alone for live-boot's words for that. */
static void search(const char *spec)
{
	static struct device_list devices;

	devices = (struct device_list){ 0 };
	while (next_device(&devices))
		if (*spec == '*' || is_removable(devices.path, spec))
			look_at(devices.path, true);
	failed(-ENOENT, plan[ISO] ? plan[ISO] : plan[IMAGE], "on no device");
}

/* Tries all candidates that are there. Returns whether waiting may help. */
static bool look_at_all(void)
{
	const char *list = candidates(), *spec;
	bool hope = false;

	if (!ENABLE_FEATURE_INIT_FALLBACK) {
		const char *device = device_of(list);
		return device ? look_at(device, false) : why.error == -ENOENT;
	}
	failed(-EINVAL, "root=", "no device");
	while ((spec = next_part(&list, ','))) {
		bool any = equal(spec, "*") || (is_live && has_word("removable,removable-usb", spec));
		if (!ENABLE_FEATURE_PROBE_TAGS || !any) {
			const char *device = device_of(spec);
			hope |= device ? look_at(device, false) : why.error == -ENOENT;
		} else if (plan[IMAGE] || plan[ISO]) {
			search(spec);
			hope = true;
		} else {
			failed(-EINVAL, "root=*", "no loop= says what to look for");
		}
	}
	return hope;
}

static void report(void)
{
	static struct device_list devices;
	const char *seen = "";

	devices = (struct device_list){ 0 };
	while (ENABLE_FEATURE_PROBE_TAGS && next_device(&devices))
		seen = joined(seen, " ", after_prefix(devices.path, "/dev/"));
	step("waiting for %s; seen:%s", candidates(), *seen ? seen : " no device");
}

/* Waits for the kernel to tell of a device, a second at most. */
static void wait_for_event(struct pollfd *events)
{
	static char event[8192];
	int wait = 1000;

	if (events->fd < 0)
		sys_poll(NULL, 0, RESCAN_MS);
	/* All that there is to read, so that one look is enough for many. */
	while (events->fd >= 0 && sys_poll(events, 1, wait) > 0) {
		int size = sys_read(events->fd, event, sizeof event - 1);
		if (ENABLE_FEATURE_INIT_FALLBACK && size > 0) {
			event[size] = 0;
			forget(event, size);
			if (ENABLE_FEATURE_INIT_MODPROBE)
				load_driver_of(event, size);
		}
		/* There were more than the socket holds: some are lost. */
		if (ENABLE_FEATURE_INIT_MODPROBE && size == -ENOBUFS)
			load_drivers();
		wait = 0;
	}
}

/* Listens to the kernel, and looks for what may bring a device. Whatever came before
 * shows in the look after it. */
static void start_waiting(struct pollfd *events)
{
	struct sockaddr_nl every_event = { .nl_family = AF_NETLINK, .nl_groups = 1 };

	step("waiting for %s", candidates());
	events->fd = sys_socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (events->fd >= 0)
		sys_bind(events->fd, &every_event, sizeof every_event);
	if (ENABLE_FEATURE_INIT_MODPROBE)
		load_drivers();
	/* Optical drives tell of a new disc only where the kernel asks them. */
	if (ENABLE_FEATURE_INIT_FALLBACK)
		write_file("/sys/module/block/parameters/events_dfl_poll_msecs", "2000");
}

static unsigned seconds(enum slot slot, unsigned otherwise)
{
	unsigned n = plan_number(slot, otherwise);

	return n < A_WEEK ? n : A_WEEK;
}

/* Is it time for another report? */
static bool is_report_due(long now)
{
	static long next;
	bool due = next && now - next >= 0;

	if (!next || due)
		next = now + REPORT_SECONDS * TICKS_PER_SECOND;
	return due;
}

int medium_boot(void)
{
	struct pollfd events = { .fd = -1, .events = POLLIN };
	long deadline = 0;
	bool resumes = ENABLE_FEATURE_INIT_RESUME && plan[RESUME];

	if (plan[ROOT_DELAY])
		sys_poll(NULL, 0, seconds(ROOT_DELAY, 0) * 1000);
	for (;;) {
		char *mark = ENABLE_FEATURE_INIT_FALLBACK ? read_mark() : NULL;
		unsigned before = tried_count;
		if (!(resumes && resume_waits()) && !look_at_all())
			break;
		long now = sys_ticks();
		if (!deadline) {
			deadline = now + (long)seconds(WAIT_SECONDS, PATIENCE_SECONDS) * TICKS_PER_SECOND;
			start_waiting(&events);
			continue;
		}
		if (ENABLE_FEATURE_INIT_MD && arrays_assemble(now - deadline >= 0))
			continue;
		if (now - deadline >= 0) {
			if (!resumes && !plan[ROOT_WAIT])
				break;
			resumes = false;
		}
		if (ENABLE_FEATURE_INIT_FALLBACK && is_report_due(now))
			report();
		/* A device that was tried is remembered there. */
		if (ENABLE_FEATURE_INIT_FALLBACK && tried_count == before && tried_count < LENGTH(tried))
			read_forget(mark);
		wait_for_event(&events);
	}
	return has_failed ? why.error : log_failure();
}
