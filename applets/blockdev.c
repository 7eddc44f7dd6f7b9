/* SPDX-License-Identifier: MIT */
/* blockdev: asks and tells block devices what the kernel's ioctls can, as blockdev(8). */
//config:config BLOCKDEV
//config:	bool "blockdev"
//config:	default y
//config:	help
//config:	  Sizes, read-only, read-ahead and partition tables of block devices.
//kbuild:obj-$(CONFIG_BLOCKDEV) += applets/blockdev.o
//applet:sbin/blockdev BLOCKDEV blockdev_main
//usage:blockdev [-qv] --COMMAND... DEVICE...
//usage:blockdev   --getsz                size in sectors of 512 bytes
//usage:blockdev   --getsize64            size in bytes
//usage:blockdev   --getss, --getpbsz     size of a logical sector, of a physical one
//usage:blockdev   --getro                is it read-only: 1 or 0
//usage:blockdev   --setro, --setrw       make it read-only, writable
//usage:blockdev   --getra, --setra N     read-ahead in sectors of 512 bytes
//usage:blockdev   --getfra, --setfra N   the same of file systems
//usage:blockdev   --getbsz, --setbsz N   block size
//usage:blockdev   --getiomin --getioopt --getalignoff --getmaxsect --getsize --getdiscardzeroes
//usage:blockdev   --rereadpt             read the partition table again
//usage:blockdev   --flushbufs            write out what is cached, and forget it
//usage:blockdev   -v, -q                 say what was done; say nothing
#include <linux/fs.h>

#include "libbb.h"

/* What a request reads or wants. */
enum { NOTHING, INT, SHORT, LONG, BYTES, SECTORS, READ_ONLY, WRITABLE, VALUE, INT_VALUE };

/* clang-format off */
#define COMMANDS(X) \
	X("getsz", BLKGETSIZE64, SECTORS) \
	X("getsize64", BLKGETSIZE64, BYTES) \
	X("getss", BLKSSZGET, INT) \
	X("getpbsz", BLKPBSZGET, INT) \
	X("getro", BLKROGET, INT) \
	X("setro", BLKROSET, READ_ONLY) \
	X("setrw", BLKROSET, WRITABLE) \
	X("getra", BLKRAGET, LONG) \
	X("setra", BLKRASET, VALUE) \
	X("getfra", BLKFRAGET, LONG) \
	X("setfra", BLKFRASET, VALUE) \
	X("getbsz", BLKBSZGET, INT) \
	X("setbsz", BLKBSZSET, INT_VALUE) \
	X("getiomin", BLKIOMIN, INT) \
	X("getioopt", BLKIOOPT, INT) \
	X("getalignoff", BLKALIGNOFF, INT) \
	X("getmaxsect", BLKSECTGET, SHORT) \
	X("getsize", BLKGETSIZE, LONG) \
	X("getdiscardzeroes", BLKDISCARDZEROES, INT) \
	X("rereadpt", BLKRRPART, NOTHING) \
	X("flushbufs", BLKFLSBUF, NOTHING)
/* clang-format on */

#define NAME(name, request, kind) name "\0"
static const char names[] = COMMANDS(NAME);
#define REQUEST(name, request, kind) request,
static const unsigned requests[] = { COMMANDS(REQUEST) };
#define KIND(name, request, kind) kind,
static const unsigned char kinds[] = { COMMANDS(KIND) };

static bool is_verbose;

/* Which command a word is; -1 for none. */
static int command_of(const char *word)
{
	const char *name = after_prefix(word, "--");

	return name ? find_string(names, name) : -1;
}

static bool takes_value(int command)
{
	return kinds[command] >= VALUE;
}

static int do_command(const char *device, int fd, int command, const char *value)
{
	union {
		int as_int;
		unsigned short as_short;
		unsigned long as_long;
		uint64_t as_bytes;
	} result = { .as_bytes = 0 };
	unsigned kind = kinds[command];
	void *arg = &result;
	const char *end = value;

	if (takes_value(command)) {
		result.as_int = parse_digits(&end);
		if (*end || end == value || end - value > 9) {
			complain("%s: not a number", value);
			return 1;
		}
	}
	if (kind == READ_ONLY)
		result.as_int = 1;
	if (kind == VALUE)
		arg = (void *)(long)result.as_int;
	int r = sys_ioctl(fd, requests[command], arg);
	if (r < 0) {
		failed(r, device, nth_string(names, command));
		return complain_why();
	}
	if (kind == NOTHING || kind >= READ_ONLY) {
		if (is_verbose)
			say("%s: %s succeeded\n", device, nth_string(names, command));
		return 0;
	}
	uint64_t n = kind == INT     ? (uint64_t)(int64_t)result.as_int
		     : kind == SHORT ? result.as_short
		     : kind == LONG  ? result.as_long
				     : result.as_bytes;
	if (kind == INT && result.as_int < 0) { /* an alignment that is unknown */
		say_char('-');
		n = -n;
	}
	say("%s\n", decimal(kind == SECTORS ? n / 512 : n));
	return 0;
}

/* All commands on one device, in their order, up to the first that fails. */
static int run_all(const char *device, char **words, char **end)
{
	int fd = open_to_read(device), code = 0;

	if (fd < 0)
		return complain_why();
	for (; words < end && !code; words++) {
		int command = command_of(*words);
		if (command < 0)
			continue; /* -q or -v */
		const char *value = takes_value(command) ? *++words : NULL;
		code = do_command(device, fd, command, value);
	}
	sys_close(fd);
	return code;
}

int blockdev_main(char **argv)
{
	char **words = argv + 1, **word = words;
	int code = 0, commands = 0;

	for (; *word && **word == '-'; word++) {
		int command = command_of(*word);
		is_verbose |= equal(*word, "-v");
		if (command < 0 && !equal(*word, "-v") && !equal(*word, "-q"))
			return option_unknown(*word);
		commands += command >= 0;
		if (command >= 0 && takes_value(command) && !*++word)
			return USAGE_ERROR;
	}
	if (!commands || !*word)
		return USAGE_ERROR;
	for (char **device = word; *device; device++)
		code |= run_all(*device, words, word);
	return code;
}
