/* SPDX-License-Identifier: MIT */
/*
 * Messages, without stdio: text gathers in one buffer and leaves by write(2).
 */
//config:config FEATURE_ERRNO_TEXT
//config:	bool "Say the kernel's reasons in words"
//config:	default y
//config:	help
//config:	  "Device or resource busy" instead of "EBUSY".
//config:
//config:config FEATURE_ERRNO_RARE
//config:	bool "The rare ones, too"
//config:	default y
//config:	help
//config:	  What servers, networks, keys and sockets answer. Without it such a
//config:	  reason is told as "error 111".
//config:
//config:config FEATURE_ERRNO_NAMES
//config:	bool "Say the kernel's reasons by their names"
//config:	default y
//config:	depends on !FEATURE_ERRNO_TEXT
//config:	help
//config:	  "EBUSY" instead of "error 16".
//kbuild:obj-y += libbb/message.o
#include "libbb.h"

const char *message_prefix;
int message_fd = STDERR_FILENO;

/* Below the 1024 bytes that a record of /dev/kmsg may have. */
static char buffer[960];
static char *end = buffer; /* of what is in there */
static int target = STDOUT_FILENO;
static int write_error; /* of standard output */

static void drain(void)
{
	for (char *from = buffer; from < end;) {
		int n = sys_write(target, from, end - from);
		if (n > 0) {
			from += n;
		} else if (n != -EINTR) {
			if (target == STDOUT_FILENO)
				write_error = n ?: -EIO;
			break;
		}
	}
	end = buffer;
}

static void put_bytes(const char *bytes, size_t size)
{
	while (size--) {
		if (end == buffer + sizeof buffer)
			drain();
		*end++ = *bytes++;
	}
}

void say_char(char c)
{
	put_bytes(&c, 1);
}

static void put(const char *text)
{
	put_bytes(text, length(text));
}

static void format_into(const char *format, va_list args)
{
	for (;;) {
		const char *literal = format;
		while (*format && *format != '%')
			format++;
		put_bytes(literal, format - literal);
		if (!*format)
			return;
		put(va_arg(args, const char *));
		format += 2; /* %s */
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

void message(const char *prefix, const char *separator, const char *format, va_list args)
{
	say_redirect(message_fd);
	put(prefix);
	put(separator);
	format_into(format, args);
	put("\n");
	say_redirect(STDOUT_FILENO);
}

void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message(message_prefix, ": ", format, args);
	va_end(args);
}

int say_flush(void)
{
	drain();
	return write_error;
}

/* What strerror(3) says: of what loop devices, mounting and booting meet, then of what
 * comes from further away. */
/* clang-format off */
#define REASONS(X) \
	X(EPERM, "Operation not permitted") \
	X(ENOENT, "No such file or directory") \
	X(EINTR, "Interrupted system call") \
	X(EIO, "Input/output error") \
	X(ENXIO, "No such device or address") \
	X(ENOEXEC, "Exec format error") \
	X(EBADF, "Bad file descriptor") \
	X(EAGAIN, "Resource temporarily unavailable") \
	X(ENOMEM, "Out of memory") \
	X(EACCES, "Permission denied") \
	X(ENOTBLK, "Block device required") \
	X(EBUSY, "Device or resource busy") \
	X(EEXIST, "File exists") \
	X(EXDEV, "Invalid cross-device link") \
	X(ENODEV, "No such device") \
	X(ENOTDIR, "Not a directory") \
	X(EISDIR, "Is a directory") \
	X(EINVAL, "Invalid argument") \
	X(ENFILE, "Too many open files in system") \
	X(EMFILE, "Too many open files") \
	X(ENOTTY, "Inappropriate ioctl for device") \
	X(ETXTBSY, "Text file busy") \
	X(EFBIG, "File too large") \
	X(ENOSPC, "No space left on device") \
	X(EROFS, "Read-only file system") \
	X(ENAMETOOLONG, "File name too long") \
	X(ENOSYS, "Function not implemented") \
	X(ELOOP, "Too many levels of symbolic links") \
	X(ENODATA, "No data available") \
	X(EOVERFLOW, "Value too large for data type") \
	X(EBADMSG, "Bad message") \
	X(EOPNOTSUPP, "Operation not supported") \
	X(ENOTCONN, "Transport endpoint is not connected") \
	X(ESTALE, "Stale file handle") \
	X(EUCLEAN, "Structure needs cleaning") \
	X(ENOMEDIUM, "No medium found") \
	IF_FEATURE_ERRNO_RARE( \
	X(ESRCH, "No such process") \
	X(E2BIG, "Argument list too long") \
	X(ECHILD, "No child processes") \
	X(EFAULT, "Bad address") \
	X(ESPIPE, "Illegal seek") \
	X(EMLINK, "Too many links") \
	X(EPIPE, "Broken pipe") \
	X(EDOM, "Numerical argument out of domain") \
	X(ERANGE, "Numerical result out of range") \
	X(EDEADLK, "Resource deadlock avoided") \
	X(ENOLCK, "No locks available") \
	X(ENOTEMPTY, "Directory not empty") \
	X(ENOPKG, "Package not installed") \
	X(EREMOTE, "Object is remote") \
	X(ENOLINK, "Link has been severed") \
	X(EPROTO, "Protocol error") \
	X(ENOTUNIQ, "Name not unique on network") \
	X(EILSEQ, "Illegal byte sequence") \
	X(EUSERS, "Too many users") \
	X(ENOTSOCK, "Socket operation on non-socket") \
	X(EMSGSIZE, "Message too long") \
	X(EPROTONOSUPPORT, "Protocol not supported") \
	X(EAFNOSUPPORT, "Address family not supported by protocol") \
	X(EADDRINUSE, "Address already in use") \
	X(EADDRNOTAVAIL, "Cannot assign requested address") \
	X(ENETDOWN, "Network is down") \
	X(ENETUNREACH, "Network is unreachable") \
	X(ECONNABORTED, "Software caused connection abort") \
	X(ECONNRESET, "Connection reset by peer") \
	X(ENOBUFS, "No buffer space available") \
	X(ESHUTDOWN, "Cannot send after transport endpoint shutdown") \
	X(ETIMEDOUT, "Connection timed out") \
	X(ECONNREFUSED, "Connection refused") \
	X(EHOSTDOWN, "Host is down") \
	X(EHOSTUNREACH, "No route to host") \
	X(EALREADY, "Operation already in progress") \
	X(EINPROGRESS, "Operation now in progress") \
	X(EREMOTEIO, "Remote I/O error") \
	X(EDQUOT, "Disk quota exceeded") \
	X(EMEDIUMTYPE, "Wrong medium type") \
	X(ECANCELED, "Operation canceled") \
	X(ENOKEY, "Required key not available") \
	X(EKEYEXPIRED, "Key has expired") \
	X(EKEYREVOKED, "Key has been revoked") \
	X(EKEYREJECTED, "Key was rejected by service") \
	)
/* clang-format on */

/* A byte holds each of them but EDQUOT of MIPS, 1133; no other has its low byte. */
#define CODE(code, text) (unsigned char)(code),
static const unsigned char codes[] = { REASONS(CODE) };
#define TEXT(code, text) IF_FEATURE_ERRNO_TEXT(text) IF_FEATURE_ERRNO_NAMES(#code) "\0"
static const char texts[] = REASONS(TEXT);
enum { HAS_TEXTS = ENABLE_FEATURE_ERRNO_TEXT || ENABLE_FEATURE_ERRNO_NAMES };

const char *errno_text(int error)
{
	static char other[32];

	for (unsigned i = 0; HAS_TEXTS && i < LENGTH(codes); i++)
		if (codes[i] == (unsigned char)error)
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
	why.is_finding = false;
	return error;
}

int found(int error, const char *path, const char *finding)
{
	failed(error, path, finding);
	why.is_finding = true;
	return error;
}

int complain_why(void)
{
	complain("%s: %s%s%s", why.path, why.step, why.is_finding ? "" : ": ",
		 why.is_finding ? "" : errno_text(-why.error));
	return 1;
}

int complain_errno(const char *path, int r)
{
	complain("%s: %s", path, errno_text(-r));
	return 1;
}
