/* SPDX-License-Identifier: MIT */
/*
 * init: /init of an initramfs. Reads the kernel command line and goes
 *
 *   set up /dev /proc /sys /run -> load modules -> wait for the medium -> mount it
 *   -> attach and mount the image -> hand over
 *
 * Each step says so in the kernel's log, which shows on the console unless it is
 * quiet, keeps the time, and survives in pstore. A step that fails says what, on
 * what and why, and init exits: the kernel panics, and obeys panic=.
 */
//config:config INIT
//config:	bool "init"
//config:	default y
//config:	help
//config:	  Boots the root that the kernel command line names. As /init it is
//config:	  all that an initramfs needs.
//config:
//config:config FEATURE_INIT_MODULES
//config:	bool "Load modules"
//config:	default y
//config:	depends on INIT
//config:	help
//config:	  Those that /etc/loopbox.modules lists, one path a line, in order;
//config:	  scripts/mkinitramfs writes it.
//kbuild:obj-$(CONFIG_INIT) += applets/init.o
//applet:init INIT init_main
//usage:init [ARGUMENT...]
//usage:init Only for PID 1 of an initramfs. Words of the kernel command line:
//usage:init   root=DEVICE|MAJOR:MINOR   the medium, or the root itself without loop=
//usage:init   rootfstype= rootflags= ro rw rootwait[=SECONDS] rootdelay=SECONDS
//usage:init   loop=PATH                 a root image on the medium; without root=, in the
//usage:init                             initramfs (/root.squashfs)
//usage:init   loopfstype= loopflags=
//usage:init   init=PROGRAM              of the new root
#include <linux/netlink.h>
#include <sys/socket.h>

#include "handover.h"
#include "mount.h"

#define NEW_ROOT "/sysroot"
#define MEDIUM "/run/initramfs/medium"
#define BUILT_IN_IMAGE "/root.squashfs"

enum {
	PATIENCE_SECONDS = 10,	/* without rootwait */
	A_WEEK = 7 * 24 * 3600, /* in seconds; in milliseconds, it fits an int */
	RESCAN_MS = 100,	/* where the kernel has no uevents */
};

/* Words of the kernel command line; with "=", a value follows. The last one counts. */
/* clang-format off */
#define WORDS(X) \
	X(ROOT, "root=") \
	X(ROOTFSTYPE, "rootfstype=") \
	X(ROOTFLAGS, "rootflags=") \
	X(ROOTWAIT, "rootwait") \
	X(ROOTWAIT_SECONDS, "rootwait=") \
	X(ROOTDELAY, "rootdelay=") \
	X(LOOP, "loop=") \
	X(LOOPFSTYPE, "loopfstype=") \
	X(LOOPFLAGS, "loopflags=") \
	X(INIT, "init=") \
	X(RW, "rw") \
	X(RO, "ro")
/* clang-format on */

#define NUMBER(word, name) word,
enum word { WORDS(NUMBER) COUNT };
#define NAME(word, name) name "\0"
static const char words[] = WORDS(NAME);

/* What each word says: its value, or "" for one that is there; else NULL. */
static char *plan[COUNT];


/* --- what the console shows ----------------------------------------------- */

/* Directs messages to the kernel's log at a level, or to the console. A log once
 * opened takes ten records in five seconds (devkmsg_read's rate limit), hence
 * anew for each. */
static void log_at(const char *level)
{
	if (message_fd > STDERR_FILENO)
		sys_close(message_fd);
	message_prefix = level;
	message_fd = sys_open("/dev/kmsg", O_WRONLY);
	if (message_fd < 0) {
		message_fd = STDERR_FILENO;
		message_prefix = level + length("<6>");
	}
}

#define step(...) (log_at("<6>loopbox"), complain(__VA_ARGS__))

static int give_up(void)
{
	log_at("<3>loopbox");
	return complain_why();
}


/* --- the kernel command line ----------------------------------------------- */

/* Cuts the next word off, without its quotes, as the kernel does: a="b c". */
static char *next_parameter(char **text)
{
	char *from = *text, *to, *start;
	bool quoted = false;

	while (*from == ' ' || *from == '\n')
		from++;
	if (!*from)
		return NULL;
	for (start = to = from; *from && (quoted || (*from != ' ' && *from != '\n')); from++) {
		if (*from == '"')
			quoted = !quoted;
		else
			*to++ = *from;
	}
	*text = *from ? from + 1 : from;
	*to = 0;
	return start;
}

static void read_parameter(char *parameter)
{
	const char *name = words;

	for (enum word word = 0; word < COUNT; word++, name = nth_string(name, 1)) {
		char *value = after_prefix(parameter, name);
		if (value && (value[-1] == '=' || !*value))
			plan[word] = value;
	}
	if (equal(parameter, "ro"))
		plan[RW] = NULL;
}

static unsigned seconds(enum word word, unsigned otherwise)
{
	const char *digits = plan[word];
	unsigned n = digits ? parse_digits(&digits) : otherwise;

	return n < A_WEEK ? n : A_WEEK;
}

static int read_command_line(void)
{
	char *text = read_whole("/proc/cmdline"), *word;

	if (!text)
		return -1;
	while ((word = next_parameter(&text)) && !equal(word, "--"))
		read_parameter(word);
	return 0;
}


/* --- the steps -------------------------------------------------------------- */

static void set_up(void)
{
	static const struct {
		const char *type, *target, *data;
		unsigned long flags;
	} mounts[] = {
		{ "devtmpfs", "/dev", "mode=0755", MS_NOSUID },
		{ "proc", "/proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC },
		{ "sysfs", "/sys", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC },
		{ "tmpfs", "/run", "mode=0755", MS_NOSUID | MS_NODEV },
	};

	for (unsigned i = 0; i < LENGTH(mounts); i++) {
		sys_mkdir(mounts[i].target, 0755);
		/* What is missing or there already shows in the steps that need it. */
		sys_mount(mounts[i].type, mounts[i].target, mounts[i].type, mounts[i].flags, mounts[i].data);
	}
	sys_mkdir("/run/initramfs", 0755);
	sys_mkdir(MEDIUM, 0755);
	sys_mkdir(NEW_ROOT, 0755);

	/* An initramfs without /dev/console starts us with no descriptors; one that
	 * has it, with those of a node that is deleted with it. */
	handover_console("/dev/console");
}

static void load_modules(void)
{
	char *text = read_whole("/etc/loopbox.modules"), *path;
	unsigned loaded = 0;

	while (text && (path = next_line(&text))) {
		int r, fd = r = sys_open(path, O_RDONLY);
		if (fd >= 0) {
			size_t size = length(path);
			bool plain = size > 3 && equal(path + size - 3, ".ko");
			r = sys_finit_module(fd, "", plain ? 0 : MODULE_INIT_COMPRESSED_FILE);
			sys_close(fd);
		}
		if (r == 0) {
			loaded++;
		} else if (r != -EEXIST) {
			/* A driver for hardware that is not there says ENODEV. */
			log_at("<4>loopbox");
			complain_errno(path, r);
		}
	}
	if (loaded)
		step("loaded %s modules", decimal(loaded));
}

/* Waits until the device can be opened: for an event of the kernel each time it
 * can't. Whatever came before the socket was there shows in the look after it. */
static int wait_for(const char *device)
{
	struct sockaddr_nl every_event = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	struct pollfd events = { .fd = -1, .events = POLLIN };
	char event[4096];
	long deadline = 0;
	int fd;

	while ((fd = sys_open(device, O_RDONLY)) < 0) {
		int r = failed(fd, device, "open");
		if (r != -ENOENT && r != -ENXIO && r != -ENODEV && r != -ENOMEDIUM)
			return r;
		long now = sys_ticks();
		if (!deadline) {
			step("waiting for %s", device);
			deadline = now + (long)seconds(ROOTWAIT_SECONDS, PATIENCE_SECONDS) * TICKS_PER_SECOND;
			events.fd = sys_socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
			if (events.fd >= 0)
				sys_bind(events.fd, &every_event, sizeof every_event);
			continue;
		}
		if (!plan[ROOTWAIT] && now - deadline >= 0)
			return r;
		if (events.fd < 0)
			sys_poll(NULL, 0, RESCAN_MS);
		else if (sys_poll(&events, 1, 1000) > 0)
			sys_read(events.fd, event, sizeof event);
	}
	sys_close(fd);
	if (events.fd >= 0)
		sys_close(events.fd);
	return 0;
}

/* Mounts as the words of the command line say; read-only unless they do. */
static int mount_step(struct mount_request *m, char *words)
{
	if (!plan[RW] || m->use_loop)
		m->flags |= MS_RDONLY;
	int r = words ? mount_words(m, words) : 0;
	if (r == 0)
		r = mount_do(m);
	if (r < 0)
		return r;
	step("mounted %s on %s%s", m->source, m->target, m->flags & MS_RDONLY ? ", read-only" : "");
	if (m->use_loop)
		loop_close(&m->device);
	return 0;
}

static int mount_root(struct mount_request *m)
{
	const char *device = plan[ROOT], *p = device;

	if (*device != '/') {
		unsigned number = parse_device(&p);
		if (!number)
			return failed(-EINVAL, device, "root= (/dev/... or MAJOR:MINOR)");
		device = "/dev/root";
		sys_mknod(device, S_IFBLK | 0600, number);
	}
	if (plan[ROOTDELAY])
		sys_poll(NULL, 0, seconds(ROOTDELAY, 0) * 1000);
	int r = wait_for(device);
	if (r < 0)
		return r;
	m->source = device;
	m->target = plan[LOOP] ? MEDIUM : NEW_ROOT;
	m->type = plan[ROOTFSTYPE];
	return mount_step(m, plan[ROOTFLAGS]);
}

static int mount_image(struct mount_request *m)
{
	static char path[sizeof MEDIUM + PATH_SIZE];

	const char *image = plan[LOOP];

	m->source = image ? image : BUILT_IN_IMAGE;
	if (plan[ROOT]) {
		if (length(image) >= PATH_SIZE)
			return failed(-ENAMETOOLONG, image, "loop=");
		append(append(path, MEDIUM "/"), image + (*image == '/'));
		m->source = path;
	}
	m->target = NEW_ROOT;
	m->type = plan[LOOPFSTYPE];
	m->use_loop = true;
	return mount_step(m, plan[LOOPFLAGS]);
}

/* The program of init=, or else the first that the kernel would take. */
static int hand_over(char **argv)
{
	/* clang-format off */
	static const char usual[] = "/sbin/init\0" "/etc/init\0" "/bin/init\0" "/bin/sh\0";
	/* clang-format on */
	struct handover handover = { .new_root = NEW_ROOT, .argv = argv };
	struct why first = { 0 };

	handover.init = plan[INIT] ? plan[INIT] : usual;
	while (handover_check(&handover) < 0) {
		/* What is there and can't be executed tells more than what is not there. */
		if (!first.error || (first.error == -ENOENT && why.error != -ENOENT))
			first = why;
		handover.init = nth_string(handover.init, 1);
		if (plan[INIT] || !*handover.init) {
			why = first;
			return give_up();
		}
	}
	step("handing over to %s", handover.init);
	handover_run(&handover);
	return give_up();
}

int init_main(char **argv)
{
	struct mount_request medium = { 0 }, image = { 0 };

	if (sys_getpid() != 1) {
		complain("not PID 1: nothing done");
		return 1;
	}
	set_up();
	if (read_command_line() < 0)
		return give_up();
	if (ENABLE_FEATURE_INIT_MODULES)
		load_modules();
	if (plan[ROOT] && mount_root(&medium) < 0)
		return give_up();
	if ((!plan[ROOT] || plan[LOOP]) && mount_image(&image) < 0)
		return give_up();
	return hand_over(argv);
}
