/* SPDX-License-Identifier: MIT */
/* What the console shows: the kernel's log has it, keeps the time, and survives in
 * pstore; failures are also kept for the running system. */
//kbuild:obj-$(CONFIG_INIT) += init/log.o
#include "plan.h"

/* A descriptor of the log takes ten records in five seconds (devkmsg_write's rate
 * limit), so a new one is opened in time. */
enum { RECORDS = 10 };

void log_at(const char *level_and_prefix)
{
	static unsigned records;

	if (records++ % RECORDS == 0) {
		if (message_fd > STDERR_FILENO)
			sys_close(message_fd);
		message_fd = sys_open("/dev/kmsg", O_WRONLY);
	}
	message_prefix = level_and_prefix;
	if (message_fd < 0) {
		records = 0;
		message_fd = STDERR_FILENO;
		message_prefix += length("<6>");
	}
}

const char *log_elapsed(void)
{
	static char text[24];
	static uint64_t before;

	uint64_t now = sys_milliseconds(), passed = now - before;
	before = now;
	char *p = append(append_number(text, passed / 1000), ".");
	for (unsigned digit = 100; digit; digit /= 10)
		*p++ = '0' + passed / digit % 10;
	*p = 0;
	return text;
}

static char failures[8192]; /* lines, of which the last is not yet logged */
static char *last_failure, *end = failures;

static void log_last(const char *level)
{
	if (!last_failure)
		return;
	log_at(level);
	end[-1] = 0;
	complain("%s", last_failure);
	end[-1] = '\n';
	last_failure = NULL;
}

/* What fits of the text. */
static void add(const char *text)
{
	while (*text && end < failures + sizeof failures - 2)
		*end++ = *text++;
	*end = 0;
}

int log_failure(void)
{
	log_last("<4>loopbox");
	last_failure = end;
	add(why.path);
	add(": ");
	add(why.step);
	if (why.error != FOUND_BAD) {
		add(": ");
		add(errno_text(-why.error));
	}
	add("\n");
	return why.error;
}

void log_give_up(void)
{
	log_last("<3>loopbox");
}

void log_save(const char *path)
{
	log_last("<4>loopbox");
	int fd = end > failures ? sys_create(path, 0644) : -1;
	if (fd >= 0) {
		sys_write(fd, failures, end - failures);
		sys_close(fd);
	}
}

const char *log_of_kernel(int (*run)(void *), void *arg)
{
	static char record[1024];
	char *text = NULL;
	int n;

	int fd = sys_open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return "";
	sys_seek_end(fd);
	run(arg);
	/* "PRIORITY,NUMBER,TIME,FLAGS;TEXT\n", one each time */
	while (!text && (n = sys_read(fd, record, sizeof record - 1)) > 0) {
		const char *digits = record;
		record[n] = 0;
		if ((parse_digits(&digits) & 7) > 4)
			continue;
		for (text = record; *text && *text != ';'; text++)
			;
		text += *text == ';';
		for (char *p = text; *p; p++)
			if (*p == '\n')
				*p = 0;
	}
	sys_close(fd);
	return text ? text : "";
}
