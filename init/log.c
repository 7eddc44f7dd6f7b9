/* SPDX-License-Identifier: MIT */
/* What the console shows: the kernel's log has it, keeps the time, and survives in
 * pstore; failures are also kept for the running system. */
//config:config FEATURE_INIT_FALLBACK
//config:	bool "Several devices and images"
//config:	default y
//config:	depends on INIT
//config:	help
//config:	  Lists in root= and loop=: where one can't be booted, the reason is
//config:	  kept, and the next is tried.
//kbuild:obj-$(CONFIG_INIT) += init/log.o
#include "log.h"

/* A descriptor of the log takes ten records in five seconds (devkmsg_write's rate
 * limit), so a new one is opened in time. */
enum { RECORDS = 10 };

static void open_log(void)
{
	static unsigned records;

	if (records++ % RECORDS)
		return;
	if (message_fd > STDERR_FILENO)
		sys_close(message_fd);
	message_fd = sys_open("/dev/kmsg", O_WRONLY);
	if (message_fd < 0) {
		records = 0;
		message_fd = STDERR_FILENO;
	}
}

static uint64_t last_step; /* in milliseconds; 0: when the kernel started */

/* The seconds since the last step, as text. */
static const char *time_passed(void)
{
	static char text[sizeof "4294967.295 "];
	char *p = text + sizeof text - 1;

	uint64_t now = sys_milliseconds();
	unsigned passed = now - last_step;
	last_step = now;
	*--p = ' ';
	for (unsigned digits = 0; digits < 4 || passed; digits++) {
		if (digits == 3)
			*--p = '.';
		*--p = '0' + passed % 10;
		passed /= 10;
	}
	return p;
}

void log_line(const char *prefix, const char *format, ...)
{
	va_list args;

	open_log();
	va_start(args, format);
	/* The level stands before the prefix in the log, and nowhere on a console. That of a step
	 * has no other use. */
	message(prefix + (message_fd == STDERR_FILENO ? sizeof "<6>" - 1 : 0),
		prefix[1] == STEP[1] ? time_passed() : "", format, args);
	va_end(args);
}

#define give_up(...) log_line("<3>loopbox: ", __VA_ARGS__)

static char failures[8192]; /* lines, all but the last with their end */
static char *end = failures;
static const char *last_failure; /* there, where it is not yet logged */
static const char *last_line = failures;

static void log_last(void)
{
	if (last_failure)
		warn("%s", last_failure);
	last_failure = NULL;
}

/* Does the console show what the log has at level 3? */
static bool is_shown(void)
{
	char level[16];

	return message_fd == STDERR_FILENO ||
	       (read_file("/proc/sys/kernel/printk", level, sizeof level) > 1 &&
		(*level > '3' || hex_digit(level[1]) < 10));
}

void log_loud(const char *text)
{
	give_up("%s", text);
	if (!ENABLE_FEATURE_INIT_REASON || is_shown())
		return;
	say_redirect(STDERR_FILENO);
	say("loopbox: %s\n", text);
	say_redirect(STDOUT_FILENO);
}

/* What fits of the text. */
static void add(const char *text)
{
	while (*text && end < failures + sizeof failures - 2)
		*end++ = *text++;
	*end = 0;
}

void log_failure(void)
{
	const char *reason = why.is_finding ? "" : errno_text(-why.error);
	const char *colon = why.is_finding ? "" : ": ";

	if (!ENABLE_FEATURE_INIT_FALLBACK) {
		give_up("%s: %s%s%s", why.path, why.step, colon, reason);
		return;
	}
	/* Text is lost then, and what failed may have failed for want of it. */
	if (memory_check() < 0) {
		give_up("%s: %s", why.path, why.step);
		return;
	}
	const char *text = joined(joined(why.path, ": ", why.step), colon, reason);
	/* What is tried again fails again. */
	if (equal(text, last_line))
		return;
	log_last();
	if (end > failures)
		add("\n");
	last_failure = last_line = end;
	add(text);
}

void log_step(int r, const char *path, const char *step)
{
	struct why before = why;

	failed(r, path, step);
	log_failure();
	why = before;
}

void log_give_up(void)
{
	if (last_failure)
		log_loud(last_failure);
	last_failure = NULL;
}

void log_save(const char *path)
{
	log_last();
	if (end == failures)
		return;
	add("\n");
	int fd = sys_create(path, 0644), r = fd;
	if (fd >= 0) {
		r = sys_write(fd, failures, end - failures);
		sys_close(fd);
	}
	log_refused(r, path, "write");
	log_last();
}
