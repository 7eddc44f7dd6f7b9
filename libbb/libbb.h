/* SPDX-License-Identifier: MIT */
/*
 * What the applets share: messages, options, numbers, text and small files. The
 * loop devices are in loop.h, mounting in mount.h, handing over in handover.h.
 *
 * libbb reports a failure as -errno and says in `why` what it is about; it never
 * exits and, message.c apart, never prints.
 */
#ifndef LIBBB_H
#define LIBBB_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "options.h"
#include "sys.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define UNUSED __attribute__((unused))
/* An array whose initializer's NUL may be cut off: GCC 15 warns of others. */
#if __has_attribute(nonstring)
#define NOT_A_STRING __attribute__((nonstring))
#else
#define NOT_A_STRING
#endif

/* Why the last thing failed that a function of libbb returned -errno for. The
 * strings are literals, belong to the request that they are about, or lie in the memory
 * of read_whole(). */
extern struct why {
	int error;	  /* -errno */
	bool is_finding;  /* we found it ourselves: there is no reason of the kernel's behind it */
	const char *path; /* on what */
	const char *step; /* what was tried, or found */
} why;

/* Notes what the kernel refused: which step, and its reason. Returns the error, a -errno:
 *	/dev/loop0: LOOP_CLR_FD: Device or resource busy */
int failed(int error, const char *path, const char *step);
/* Notes what we found ourselves. Returns the error, which is for the caller's decisions, and not shown:
 *	/dev/null: not a regular file or block device */
int found(int error, const char *path, const char *finding);


/* --- message.c: what the user reads -------------------------------------- */

/* Stands before each message, followed by ": ". */
extern const char *message_prefix;
/* Where messages go: standard error, unless an applet says otherwise. */
extern int message_fd;

/* printf(3) for %s alone, buffered; to standard output. Numbers: decimal(). */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* One character of the same. */
void say_char(char c);
/* Writes what is there, and what comes from now on to fd. */
void say_redirect(int fd);
/* The same as a line of its own to message_fd, behind the prefix, at once. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same behind other texts. */
void message(const char *prefix, const char *separator, const char *format, va_list args);
/* Says what `why` holds; returns 1, an exit code. */
int complain_why(void);
/* For "PATH: the reason of errno -r"; returns 1. */
int complain_errno(const char *path, int r);
/* Writes what say() still holds. 0, or the -errno of it or of a write before. */
int say_flush(void);
/* The kernel's reason in words, or "error N" where the errno is a rare one; static. */
const char *errno_text(int error);


/* --- option.c: the command line ------------------------------------------ */

/* What an applet returns for a wrong call: main.c then shows its usage, and
 * exits with 1, as mount(8) and losetup(8) do. */
#define USAGE_ERROR (-1)

/* What the command line holds; a program has one. */
extern struct options {
	char **operands;       /* and NULL */
	int count;	       /* of operands */
	bool ordered;	       /* in: the options end at the first operand */
	const char *args[128]; /* at its letter: an option's last argument, "" where it has
				  none; NULL where it was not given */
} options;

/* Sorts argv, without the applet's name, into options and operands. Options may
 * stand behind operands and in clusters; "--" ends them.
 * letters: as for getopt(3), "a" flag, "a:" argument, "a::" optional argument; an option
 * that has a long name alone has a control character here, '\1' and so on
 * longs: LONG_OPTIONS("name=a" "other=b" ...); a unique start of a name will do
 * each: if not NULL, called with each option in turn; with the word as '?' where
 * it is unknown or used wrongly. 0 or the code to end with.
 * Returns 0, or USAGE_ERROR after a complaint, or what each returned. */
int options_parse(char **argv, const char *letters, const char *longs,
		  int (*each)(char letter, const char *arg));

#define LONG_OPTIONS(...) IF_FEATURE_LONG_OPTIONS(__VA_ARGS__) ""

static inline const char *option_arg(char letter)
{
	return options.args[(unsigned char)letter];
}

/* For an applet's own judgement of an option, or for its '?': complains in the words of what is wrong;
 * USAGE_ERROR. */
int option_unknown(const char *word);


/* --- text.c: numbers and words ------------------------------------------- */

/* strlen(3) and strcmp(3), small. */
size_t length(const char *text);
bool equal(const char *a, const char *b);

/* A list of strings is one behind the other, each with its NUL, and an empty one
 * at the end: takes less than a pointer to each. Where word stands in it, or -1. */
int find_string(const char *strings, const char *word);
const char *nth_string(const char *strings, unsigned n);

/* Reads bytes as util-linux does: decimal, 0x or octal behind a 0, then nothing, K/KiB (1024) or
 * KB (1000), and so M G T P E; with FEATURE_LOSETUP_MORE, 1.5M. Returns 0, -EINVAL or -EOVERFLOW. */
int parse_size(const char *text, uint64_t *bytes);
/* The value of a hexadecimal digit, in either case; 16 for anything else. */
unsigned hex_digit(char c);
/* That of two of them; more than a byte holds where they are none. */
unsigned hex_byte(const char *digits);
/* Are these the digits of so many bytes, and of no more? */
bool is_hex_of(const char *digits, const unsigned char *bytes, unsigned count);
/* Reads a number of so many bytes. */
uint64_t little_endian(const unsigned char *p, unsigned bytes);
uint64_t big_endian(const unsigned char *p, unsigned bytes);
/* Reads decimal digits up to whatever else, moving *text there. */
uint64_t parse_digits(const char **text);
/* The device's number as the kernel's interfaces have it: new_encode_dev() of
 * its linux/kdev_t.h. */
static inline unsigned device_number(unsigned major, unsigned minor)
{
	return (minor & 0xff) | major << 8 | (minor & ~0xffU) << 12;
}
static inline unsigned device_major(unsigned number)
{
	return number >> 8 & 0xfff;
}
static inline unsigned device_minor(unsigned number)
{
	return (number & 0xff) | (number >> 12 & 0xfff00);
}
/* Reads it from MAJOR:MINOR; 0, which is no device, for anything else. */
unsigned parse_device(const char **text);
/* Copies and returns where the NUL stands, to append there. The caller knows
 * that there is room. */
char *append(char *to, const char *text);
char *append_number(char *to, unsigned long long number);
/* The number in digits; in static memory that the fourth call from now reuses. */
const char *decimal(unsigned long long number);
/* Where the byte is in the text, or else its NUL: strchrnul(3). */
char *find_byte(const char *text, char byte);
/* The first byte that is no blank. */
char *behind_blanks(const char *text);
/* What stands behind the last slash. */
const char *base_name(const char *path);
/* Appends an identifier in hexadecimal digits. order: which byte comes next, counted
 * from 1, or a '-'. first_letter: 'a' or 'A'. */
#define ID_UUID "\1\2\3\4-\5\6-\7\10-\11\12-\13\14\15\16\17\20"
#define ID_GUID "\4\3\2\1-\6\5-\10\7-\11\12-\13\14\15\16\17\20" /* UEFI's */
#define ID_NUMBER "\4\3\2\1"					/* little-endian */
#define ID_SERIAL "\4\3-\2\1"
char *append_id(char *to, const unsigned char *bytes, const char *order, char first_letter);
/* Appends UTF-16, little-endian, up to a NUL or so many units, as UTF-8; it takes
 * three times the units at most. */
char *append_utf16(char *to, const unsigned char *from, unsigned units);
/* strcmp(3) < 0. */
bool is_before(const char *a, const char *b);
/* strcasecmp(3) == 0, for ASCII. */
bool equal_letters(const char *a, const char *b);
bool ends_with(const char *text, const char *end);
/* What follows prefix in text, or NULL where text does not start with it. */
char *after_prefix(const char *text, const char *prefix);
/* Copies the next word of a comma-separated list, what of it fits, and moves *list
 * behind it; false at the end. */
#define LIST_WORD_SIZE 32
bool next_listed(const char **list, char word[LIST_WORD_SIZE]);
/* Is word in the comma-separated list? */
bool has_word(const char *list, const char *word);
/* The same for `mount -t`, where a list that starts with "no" is of those that are
 * not in it. */
bool in_list(const char *word, const char *list);
/* Cuts the next line, or blank-separated word, off *text; NULL at the end. */
char *next_line(char **text);
char *next_word(char **text);
/* Cuts the next word off the kernel command line, without its quotes, as the kernel
 * does: a="b c". Any control character is a blank. NULL at the end. */
char *next_parameter(char **text);
/* Turns \ooo into the byte it means, in place: /proc/mounts, fstab(5). */
void unescape(char *text);
/* Cuts the next swap area off what was read of SWAPS. Returns its path; *rest has the other columns, TYPE SIZE
 * USED PRIORITY. NULL at the end. */
#define SWAPS "/proc/swaps"
char *next_swap(char **text, char **rest);


/* --- memory.c: memory that grows ------------------------------------------ */

/* Reads a file whole; path NULL: standard input, only with DMSETUP. NULL and `why` where it
 * can't: ENOMEM for want of memory, EFBIG for more than 64 MiB in all. */
char *read_whole(const char *path);
/* Copies and puts together text. Where there is no memory, the text is lost and an empty one
 * stands for it, see memory_check(). */
char *copied(const char *from, size_t size);
char *copy_of(const char *text);
char *joined(const char *a, const char *b, const char *c);
/* Memory for anything else, not aligned and not empty; NULL as text that is lost. */
char *memory_take(size_t size);
/* Gives back the memory of that text, and of all that came since; or all since
 * read_mark() was called. */
char *read_mark(void);
void read_forget(char *text);
/* 0, or -ENOMEM and a why where text was lost, ever. What takes options asks this before it
 * does anything: an empty text would mean none of them. Others need not: no path is empty,
 * and main.c asks at the end, tells it and makes the exit code a failure. */
int memory_check(void);

/* --- file.c: small files -------------------------------------------------- */

/* One read(2) of at most size - 1 bytes, which is all that a file in /sys has;
 * adds a NUL. Returns the length or -errno, without a why. */
int read_file(const char *path, char *buffer, size_t size);
/* Writes a file that is there. Negative: -errno, without a why. */
int write_file(const char *path, const char *text);
/* Is path a regular file or a block device, and what is there to know of it? 0, or
 * -errno with a why: -EINVAL for what else there is. To open that may block, or start a
 * watchdog. */
int look_at_image(const char *path, struct stat *status);
/* Opens it to read, if it is one of these. The descriptor, or -errno with a why. */
int open_to_read(const char *path);
/* folder.c: flushes the folder that the path lies in to its device, so that a new name there outlives a
 * power cut. 0, or -errno with a why. */
int folder_sync(const char *path);
/* The absolute path without links, in real; or path itself, where it does not
 * exist or /proc is not mounted. */
#define PATH_SIZE 4096
const char *real_path(const char *path, char real[PATH_SIZE]);
/* Reads an open directory. */
struct directory {
	int fd;	   /* the caller's */
	int error; /* why it could not be read to its end: -errno, or 0 */
	char *next, *end;
	char buffer[1024] __attribute__((aligned(8)));
};
struct directory_entry { /* struct linux_dirent64, getdents64(2) */
	uint64_t inode;
	int64_t offset;
	unsigned short length;
	unsigned char type; /* DT_DIR, ... */
	char name[];
};
static inline void directory_start(struct directory *directory, int fd)
{
	directory->fd = fd;
	directory->error = 0;
	directory->next = directory->end = NULL;
}
/* The next entry, valid up to the next call; NULL at the end, or with an error. */
const struct directory_entry *directory_next(struct directory *directory);
/* Deletes all that lies in the directory on that same file system; closes it. A mount
 * point can't be unlinked, and as another device is not gone into. */
void directory_empty(int fd, dev_t device);
/* The same for the file system that it is on; -errno where that can't be asked for. */
int directory_clear(int fd);

#endif
