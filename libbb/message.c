/* SPDX-License-Identifier: MIT */
/*
 * Messages, without stdio: text gathers in one buffer and leaves by write(2).
 */
//config:config FEATURE_ERRNO_TEXT
//config:	bool "Say the kernel's reasons in words"
//config:	default y
//config:	help
//config:	  "Device or resource busy" instead of "error 16".
//kbuild:obj-y += libbb/message.o
#include "libbb.h"

const char *message_prefix;
int message_fd = STDERR_FILENO;

/* Below the 1024 bytes that a record of /dev/kmsg may have. */
static char buffer[960];
static unsigned used;
static int target = STDOUT_FILENO;
static bool write_failed;

static void drain(void)
{
	for (unsigned done = 0; done < used;) {
		int n = sys_write(target, buffer + done, used - done);
		if (n > 0) {
			done += n;
		} else if (n != -EINTR) {
			write_failed |= target == STDOUT_FILENO;
			break;
		}
	}
	used = 0;
}

void say_char(char c)
{
	if (used == sizeof buffer)
		drain();
	buffer[used++] = c;
}

static void put(const char *text)
{
	while (*text)
		say_char(*text++);
}

static void format_into(const char *format, va_list args)
{
	for (; *format; format++) {
		if (*format == '%') {
			format++;
			put(va_arg(args, const char *));
		} else {
			say_char(*format);
		}
	}
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	format_into(format, args);
	va_end(args);
}

void say_redirect(int fd)
{
	drain();
	target = fd;
}

void complain(const char *format, ...)
{
	va_list args;

	say_redirect(message_fd);
	put(message_prefix);
	put(": ");
	va_start(args, format);
	format_into(format, args);
	va_end(args);
	say_char('\n');
	say_redirect(STDOUT_FILENO);
}

bool say_flush(void)
{
	drain();
	return !write_failed;
}

static const unsigned char codes[] = {
	EPERM, ENOENT, EIO, ENXIO, ENOEXEC, EBADF, EAGAIN, ENOMEM, EACCES, ENOTBLK, EBUSY, EEXIST,
	ENODEV, ENOTDIR, EISDIR, EINVAL, EMFILE, ENOTTY, ETXTBSY, EFBIG, ENOSPC, EROFS,
	ENAMETOOLONG, ENOSYS, ELOOP, EOVERFLOW, EOPNOTSUPP, EUCLEAN, ENOMEDIUM, ENODATA,
};
static const char texts[] =
	"Operation not permitted\0" "No such file or directory\0" "Input/output error\0"
	"No such device or address\0" "Exec format error\0" "Bad file descriptor\0"
	"Resource temporarily unavailable\0" "Out of memory\0" "Permission denied\0"
	"Block device required\0" "Device or resource busy\0" "File exists\0" "No such device\0"
	"Not a directory\0" "Is a directory\0" "Invalid argument\0" "Too many open files\0"
	"Inappropriate ioctl for device\0" "Text file busy\0" "File too large\0"
	"No space left on device\0" "Read-only file system\0" "File name too long\0"
	"Function not implemented\0" "Too many levels of symbolic links\0"
	"Value too large for data type\0" "Operation not supported\0"
	"Structure needs cleaning\0" "No medium found\0" "No data available\0";

const char *errno_text(int error)
{
	static char other[32];

	for (unsigned i = 0; ENABLE_FEATURE_ERRNO_TEXT && i < LENGTH(codes); i++)
		if (codes[i] == error)
			return nth_string(texts, i);
	append_number(append(other, "error "), error);
	return other;
}

struct why why;

int failed(int error, const char *path, const char *step)
{
	why.error = error;
	why.path = path;
	why.step = step;
	return error;
}

int complain_why(void)
{
	complain("%s: %s: %s", why.path, why.step, errno_text(-why.error));
	return 1;
}

int complain_errno(const char *path, int r)
{
	complain("%s: %s", path, errno_text(-r));
	return 1;
}
