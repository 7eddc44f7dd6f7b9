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
static unsigned tries;

static bool was_tried(const char *device)
{
	for (unsigned i = 0; i < tries; i++)
		if (equal(tried[i], device))
			return true;
	return false;
}

static void remember(const char *device)
{
	if (tries < LENGTH(tried))
		tried[tries++] = joined(device, "", "");
}

/* The kernel tells of a device: it may hold something else now. */
static void forget(const char *event, int size)
{
	for (const char *p = event; p < event + size; p = nth_string(p, 1)) {
		const char *name = after_prefix(p, "DEVNAME=");
		for (unsigned i = 0; name && i < tries; i++)
			if (equal(after_prefix(tried[i], "/dev/"), name))
				tried[i] = tried[--tries];
	}
}


/* --- one device --------------------------------------------------------------- */

/* The number of an MTD device by its name, as /proc/mtd has it: mtd0: 00020000 ... "name" */
static const char *mtd_block(const char *name)
{
	char *text = read_whole("/proc/mtd"), *line;

	while (text && (line = next_line(&text))) {
		const char *digits = after_prefix(line, "mtd");
		char *quoted = line;
		while (*quoted && *quoted != '"')
			quoted++;
		char *end = after_prefix(quoted + !!*quoted, name);
		if (digits && end && *end == '"')
			return joined("/dev/mtdblock", decimal(parse_digits(&digits)), "");
	}
	return NULL;
}

const char *device_of(const char *spec)
{
	static const char by_number[] = "/dev/root";
	const char *p = spec, *name;
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
	sys_unlink(AT_FDCWD, by_number, 0);
	sys_mknod(by_number, S_IFBLK | 0600, number);
	return by_number;
}

/* A disk that a hibernated system may have mounted, say, must stay as it is: its
 * journal is not replayed where we only look whether it holds the image. */
static const char *untouched(const char *type)
{
	if (plan[TRIES] || plan[PERSISTENT] || plan[RW] || !type)
		return NULL;
	return has_word("ext3,ext4", type)  ? "noload"
	       : has_word("xfs,f2fs", type) ? "norecovery"
	       : has_word("btrfs", type)    ? "nologreplay"
					    : NULL;
}

static int mount_medium(const char *device, const char *type, const char *target, bool searching)
{
	static struct mount_request m;
	const char *words = ENABLE_FEATURE_INIT_FALLBACK && searching ? untouched(type) : NULL;

	m = (struct mount_request){ .source = device, .target = target };
	m.type = type;
	if (!plan[RW])
		m.flags = MS_RDONLY;
	int r = words ? mount_words(&m, joined(words, "", "")) : 0;
	if (r == 0 && plan[ROOT_FLAGS])
		r = mount_words(&m, own_copy(plan[ROOT_FLAGS]));
	return r < 0 ? r : mount_step(&m);
}

/* Mounts the file on the outer medium that is the medium itself. */
static int mount_iso(void)
{
	static struct mount_request m;
	/* /dev/NAME/PATH: the device is not part of the path */
	const char *path = plan[ISO], *behind = after_prefix(path, "/dev/");

	while (behind && *behind && *behind != '/')
		behind++;
	m = (struct mount_request){
		.source = joined(OUTER, "/", behind ? behind : path),
		.target = place_below_run(MEDIUM, OUR_RUN "medium"),
		.flags = MS_RDONLY,
		.use_loop = true,
	};
	return mount_step(&m);
}

/* What is on the device? 0 and its type, NULL where only a mount will tell; or -errno. */
static int look_for(const char *device, const char **type)
{
	static struct volume volume;

	*type = plan[ROOT_TYPE] && !equal(plan[ROOT_TYPE], "auto") ? plan[ROOT_TYPE] : NULL;
	if (!ENABLE_FEATURE_PROBE || *type || *device != '/')
		return 0;
	int r = probe(device, &volume);
	*type = volume.type;
	return r;
}

/* Boots from one device. -ENODATA: it is none of those that are looked for. */
static int try_device(const char *device, const char *type, bool searching)
{
	const char *iso = ENABLE_FEATURE_INIT_ISO ? plan[ISO] : NULL;
	unsigned mark = ENABLE_FEATURE_INIT_FALLBACK ? undo_mark() : 0;

	if (ENABLE_FEATURE_INIT_FALLBACK && searching &&
	    (!type || has_word("swap,swsuspend,crypto_LUKS,DM_verity_hash,jbd", type)))
		return -ENODATA;
	/* A medium that is an image has none on it. */
	bool is_image = ENABLE_INIT_FAMILIES && is_live && type && has_word("squashfs,erofs", type);
	if (!(plan[IMAGE] || iso) || is_image)
		return images_boot(NULL, device, type);

	const char *place = place_below_run(MEDIUM, OUR_RUN "medium");
	int r = mount_medium(device, type, iso ? OUTER : place, searching);
	if (r == 0 && iso) {
		r = mount_iso();
		if (r == -ENOENT && searching)
			r = -ENODATA;
	}
	/* A device without the file is not the one; the others are to be looked at. */
	if (ENABLE_FEATURE_INIT_FALLBACK && r == 0 && searching && !images_there(place))
		r = -ENODATA;
	if (r == 0)
		r = images_boot(place, device, type);
	if (ENABLE_FEATURE_INIT_FALLBACK)
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
	while (*p && *p != '/')
		p++;
	return copied(iso, p - iso);
}

static bool has_failed;

/* Returns whether another look at it may help. */
static bool look_at(const char *device, bool searching)
{
	const char *type;

	if (ENABLE_FEATURE_INIT_FALLBACK && was_tried(device))
		return searching;
	int r = look_for(device, &type);
	if (r == 0)
		r = try_device(device, type, searching);
	if (is_absent(r) && why.path == device)
		return true;
	if (ENABLE_FEATURE_INIT_FALLBACK)
		remember(device);
	if (!ENABLE_FEATURE_INIT_FALLBACK || (r == -ENODATA && searching))
		return searching;
	log_failure();
	has_failed = true;
	return searching;
}

/* Tries all candidates that are there. Returns whether waiting may help. */
static bool look_at_all(void)
{
	static struct device_list devices;
	const char *list = candidates(), *spec;
	bool hope = false;

	if (!ENABLE_FEATURE_INIT_FALLBACK) {
		const char *device = device_of(list);
		return device ? look_at(device, false) : why.error == -ENOENT;
	}
	while ((spec = next_part(&list, ','))) {
		if (!ENABLE_FEATURE_PROBE_TAGS || !equal(spec, "*")) {
			const char *device = device_of(spec);
			if (device)
				hope |= look_at(device, false);
			else
				hope |= why.error == -ENOENT;
			continue;
		}
		hope = true;
		devices = (struct device_list){ 0 };
		failed(-ENOENT, plan[ISO] ? plan[ISO] : plan[IMAGE], "on no device");
		struct why nowhere = why;
		while (device_next(&devices)) {
			const char *name = after_prefix(devices.path, "/dev/");
			if (!after_prefix(name, "loop") && !after_prefix(name, "ram"))
				look_at(devices.path, true);
		}
		why = nowhere;
	}
	return hope;
}

static void report(void)
{
	static struct device_list devices;
	const char *seen = "";

	devices = (struct device_list){ 0 };
	while (ENABLE_FEATURE_PROBE_TAGS && device_next(&devices)) {
		const char *name = after_prefix(devices.path, "/dev/");
		if (!after_prefix(name, "loop") && !after_prefix(name, "ram"))
			seen = joined(seen, " ", name);
	}
	step("waiting for %s; seen:%s", candidates(), *seen ? seen : " no device");
}

/* Optical drives tell of a new disc only where the kernel asks them. */
static void poll_media(void)
{
	int fd = sys_open("/sys/module/block/parameters/events_dfl_poll_msecs", O_WRONLY);

	if (fd >= 0) {
		sys_write(fd, "2000", 4);
		sys_close(fd);
	}
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
	if (ENABLE_FEATURE_INIT_FALLBACK)
		poll_media();
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
		char *mark = joined("", "", "");
		unsigned before = tries;
		if (!(resumes && resume_waits()) && !look_at_all())
			break;
		long now = sys_ticks();
		if (!deadline) {
			deadline = now + (long)seconds(WAIT_SECONDS, PATIENCE_SECONDS) * TICKS_PER_SECOND;
			start_waiting(&events);
			continue;
		}
		if (now - deadline >= 0) {
			if (!resumes && !plan[ROOT_WAIT])
				break;
			resumes = false;
		}
		if (ENABLE_FEATURE_INIT_FALLBACK && is_report_due(now))
			report();
		/* A device that was tried is remembered there. */
		if (tries == before)
			read_forget(mark);
		wait_for_event(&events);
	}
	return has_failed ? why.error : log_failure();
}
