/* SPDX-License-Identifier: MIT */
/* losetup: attach, list, change and detach loop devices, as losetup(8). */
//config:config LOSETUP
//config:	bool "losetup"
//config:	default y
//config:	help
//config:	  Attach files to loop devices, list them, detach them.
//config:
//config:config FEATURE_LOSETUP_MORE
//config:	bool "--loop-ref and --remove"
//config:	default y
//config:	depends on LOSETUP
//config:	help
//config:	  What util-linux 2.40 has added.
//kbuild:obj-$(CONFIG_LOSETUP) += applets/losetup.o
//applet:sbin/losetup LOSETUP losetup_main
//usage:losetup [ -r ] [-Ps] [-o N] [-S N] [-b N] {-f|DEV} FILE | -f | DEV | -a | -j FILE | {-c|-d} DEV | -D
//usage:losetup   -f, --find             use the first free device; without FILE, print it
//usage:losetup   -s, --show             print the device after attaching
//usage:losetup   -r, --read-only        attach read-only
//usage:losetup   -o, --offset N         start N bytes into FILE
//usage:losetup   -S, --sizelimit N      use at most N bytes of FILE
//usage:losetup   -b, --sector-size N    set the logical sector size of the device
//usage:losetup   -P, --partscan         scan for partitions
//usage:losetup       --direct-io[=off]  access FILE by direct I/O, past the page cache
//usage:losetup?FEATURE_LOOP_OVERLAP   -L, --nooverlap        reuse a device of the same bytes, refuse overlaps
//usage:losetup?FEATURE_LOSETUP_MORE       --loop-ref NAME    set a reference name for the device
//usage:losetup   -a, --all              list all attached devices
//usage:losetup   -j, --associated FILE  list the devices of FILE
//usage:losetup   -c, --set-capacity     adapt the device to the new size of FILE
//usage:losetup   -d, --detach           detach DEVICEs; a busy one goes with its last user
//usage:losetup   -D, --detach-all       detach all devices
//usage:losetup?FEATURE_LOSETUP_MORE       --remove           remove detached DEVICEs from the kernel
//usage:losetup?FEATURE_LOSETUP_TABLE   -l, --list             print a table; -n no headings, --raw, -J --json, -O COLUMN,...
//usage:losetup?FEATURE_LOSETUP_TABLE   -H, --list-columns     list what COLUMN may be
#include "losetup.h"

/* Says where an attach is not quite what was asked for. */
static void warn(const struct loop_request *request, const struct loop_device *device)
{
	unsigned tail = device->size % 512;

	if (request->flags & ~device->flags & LO_FLAGS_DIRECT_IO)
		complain("%s: warning: direct I/O is not possible here; using buffered I/O", request->file);
	if (device->flags & ~request->flags & LO_FLAGS_READ_ONLY)
		complain("%s: warning: attached read-only, the file is not writable", request->file);
	if (!device->size)
		complain("%s: warning: no data at this offset, the device is empty", request->file);
	else if (tail)
		complain("%s: warning: the last %s bytes do not fill a 512-byte sector and are not part of "
			 "the device",
			 request->file, decimal(tail));
}

/* For a device that was there already: is it what was asked for, and does it stay? */
static int adopt(const struct loop_request *request, const struct loop_device *device)
{
	struct loop_info64 info;

	if (device->flags & ~request->flags & LO_FLAGS_READ_ONLY)
		return found(-EROFS, request->file, "overlapping read-only loop device exists");
	if (!(device->flags & LO_FLAGS_AUTOCLEAR))
		return 0;
	int r = sys_ioctl(device->fd, LOOP_GET_STATUS64, &info);
	info.lo_flags &= ~LO_FLAGS_AUTOCLEAR;
	if (r == 0)
		r = sys_ioctl(device->fd, LOOP_SET_STATUS64, &info);
	return r < 0 ? failed(r, device->path, "LOOP_SET_STATUS64") : 0;
}

/* What an errno of the kernel's means here; its log says nothing of it. */
static void explain_attach(const struct loop_request *request, int r)
{
	if (!ENABLE_FEATURE_EXPLAIN || why.is_finding)
		return;
	if (r == -EBADF)
		found(r, request->file, "lies on the loop device itself");
	else if (r == -EINVAL && request->block_size)
		found(r, request->file,
		      joined("sector size ", option_arg('b'),
			     " refused by the kernel: it must be a power of two, from 512 to the page size"));
}

static int attach(struct loop_request *request)
{
	static struct loop_device device;

	request->file = options.operands[options.count - 1];
	if (options.count == 2)
		request->device = options.operands[0];
	request->shares = ENABLE_FEATURE_LOOP_OVERLAP && option_arg('L');
	int r = loop_attach(request, &device);
	bool is_shared = ENABLE_FEATURE_LOOP_OVERLAP && device.is_shared;
	if (r == 0 && is_shared)
		r = adopt(request, &device);
	if (r < 0) {
		explain_attach(request, r);
		return complain_why();
	}
	if (!is_shared)
		warn(request, &device);
	if (!option_arg('s'))
		return 0; /* the descriptors go with the process */
	sys_block_sigpipe();
	say("%s\n", device.path);
	/* A device that nobody hears of would stay. */
	if (say_flush() < 0 && !is_shared)
		r = sys_ioctl(device.fd, LOOP_CLR_FD, NULL);
	return r < 0 ? complain_errno(device.path, r) : 0;
}

/* A line as `losetup -a` prints it: scripts take the first field, or the third. */
static void print_device(const struct loop_list *list)
{
	const struct loop_info64 *info = &list->info;
	const char *device = decimal(info->lo_device);
	size_t digits = length(device);

	/* Where only sysfs tells of it, that field is empty, as with util-linux. */
	if (info->lo_inode)
		say("%s: [%s%s]:%s (%s)", list->path, &"000"[digits < 4 ? digits - 1 : 3], device,
		    decimal(info->lo_inode), list -> name);
	else
		say("%s: []: (%s)", list->path, list->name);
	if (info->lo_offset)
		say(", offset %s", decimal(info->lo_offset));
	if (info->lo_sizelimit)
		say(", sizelimit %s", decimal(info->lo_sizelimit));
	say_char('\n');
}

static int detach(const char *first, char **others)
{
	int code = 0, fd = -1;

	for (const char *path = first; path; path = *others++) {
		if (fd >= 0)
			sys_close(fd);
		fd = loop_detach(path);
		if (fd < 0)
			code = complain_why();
	}
	return code; /* the last descriptor goes with the process */
}

static int detach_all(void)
{
	struct loop_list list = { 0 };
	int code = 0;

	while (loop_each(&list)) {
		int r = list.error ? list.error : list.fd;
		if (r >= 0)
			r = sys_ioctl(list.fd, LOOP_CLR_FD, NULL);
		/* That somebody else has been faster is no failure. */
		if (r < 0 && r != -ENXIO)
			code = list.error ? complain_why() : complain_errno(list.path, r);
	}
	return code;
}

static int show_all(struct loop_list *list)
{
	int code = 0;

	while (loop_each(list))
		if (list->error)
			code = complain_why();
		else
			print_device(list);
	return code;
}

static int remove_devices(char **devices)
{
	int code = *devices ? 0 : USAGE_ERROR;

	for (; *devices; devices++)
		if (loop_remove(*devices) < 0)
			code = complain_why();
	return code;
}

/* Changes an attached device. */
static int change(const char *path, unsigned long request, unsigned long arg, const char *step)
{
	return loop_call(path, request, (void *)arg, step) < 0 ? complain_why() : 0;
}

static int print_free(void)
{
	struct loop_device device = { .control_fd = -1 };
	int number = loop_find_free(&device);

	if (number < 0)
		return complain_why();
	say("/dev/loop%s\n", decimal(number));
	return 0;
}

/* clang-format off */
static const char letters[] = "ab:c:d:Df\1::j:o:PrsS:v" IF_FEATURE_LOSETUP_MORE("\2:\3")
	IF_FEATURE_LOOP_OVERLAP("L") IF_FEATURE_LOSETUP_TABLE("\4HJlnO:\5");
static const char long_options[] = LONG_OPTIONS(
	"all=a" "associated=j" "detach=d" "detach-all=D" "direct-io=\1" "find=f" "offset=o"
	"partscan=P" "read-only=r" "sector-size=b" "set-capacity=c" "show=s" "sizelimit=S"
	"verbose=v" IF_FEATURE_LOSETUP_MORE("loop-ref=\2" "remove=\3")
	IF_FEATURE_LOOP_OVERLAP("nooverlap=L")
	IF_FEATURE_LOSETUP_TABLE("json=J" "list=l" "list-columns=H" "noheadings=n" "output=O"
	"output-all=\4" "raw=\5"));
enum { DIRECT_IO = 1, LOOP_REF, REMOVE, OUTPUT_ALL, RAW }; /* without a letter */
/* clang-format on */

/* Reads the size behind an option, if it was given. */
static bool read_size(char letter, uint64_t *size)
{
	const char *arg = option_arg(letter);
	int r = arg ? parse_size(arg, size) : 0;

	if (r < 0)
		complain("%s: %s", arg, r == -EINVAL ? "not a number" : "too large");
	return r == 0;
}

/* What of the table options was given: 'J', 'R' (raw), 'l' or 0 for none. */
static char table_format(void)
{
	return option_arg('J')									 ? 'J'
	       : option_arg(RAW)								 ? 'R'
	       : option_arg('l') || option_arg('n') || option_arg('O') || option_arg(OUTPUT_ALL) ? 'l'
												 : 0;
}

static int given_of(const char *letter)
{
	int number = 0;

	for (; *letter; letter++)
		number += option_arg(*letter) != NULL;
	return number;
}

/* One command at a time: `losetup -D -f` is to detach nothing. What is for attaching goes with that
 * alone, but for the offset of -j. */
static bool is_contradictory(void)
{
	int others = given_of("acdDj" IF_FEATURE_LOSETUP_MORE("\3")), find = given_of("f");

	if (others + find > 1)
		return true;
	if (!ENABLE_FEATURE_LOSETUP_MORE || (!others && options.count == 2 - find))
		return false;
	return given_of("PrsS") || (option_arg('o') && !option_arg('j'));
}

/* What the options say of a device. 0, or an exit code. */
static int take_request(struct loop_request *request)
{
	const char *direct_io = option_arg(DIRECT_IO);
	uint64_t block_size = 0;

	if (!read_size('o', &request->offset) || !read_size('S', &request->size_limit) ||
	    !read_size('b', &block_size))
		return 1;
	request->block_size = block_size > UINT32_MAX ? UINT32_MAX : block_size; /* which is none */
	if (direct_io && *direct_io && !equal(direct_io, "on") && !equal(direct_io, "off"))
		return option_unknown(direct_io);
	if (direct_io && equal(direct_io, "off"))
		direct_io = NULL;
	request->flags = (option_arg('r') ? LO_FLAGS_READ_ONLY : 0) |
			 (option_arg('P') ? LO_FLAGS_PARTSCAN : 0) | (direct_io ? LO_FLAGS_DIRECT_IO : 0);
	request->reference = ENABLE_FEATURE_LOSETUP_MORE ? option_arg(LOOP_REF) : NULL;
	if (request->reference && length(request->reference) >= LO_NAME_SIZE) {
		complain("%s: longer than 63 bytes", request->reference);
		return 1;
	}
	return 0;
}

int losetup_main(char **argv)
{
	static struct loop_request request;

	int r = options_parse(argv, letters, long_options, NULL);
	if (r)
		return r;
	if (is_contradictory())
		return USAGE_ERROR;
	r = take_request(&request);
	if (r)
		return r;
	if (ENABLE_FEATURE_LOSETUP_MORE && option_arg(REMOVE))
		return remove_devices(options.operands);
	if (ENABLE_FEATURE_LOSETUP_TABLE && option_arg('H'))
		return losetup_list_columns();

	bool find = option_arg('f');
	char **operands = options.operands;
	if (option_arg('d'))
		return detach(option_arg('d'), operands);
	if (option_arg('D'))
		return options.count ? USAGE_ERROR : detach_all();
	if (options.count == 2 - find)
		return attach(&request);
	if (options.count > !find)
		return USAGE_ERROR;
	if (find)
		return print_free();

	const char *device = operands[0];
	if (option_arg('c'))
		return change(option_arg('c'), LOOP_SET_CAPACITY, 0, "LOOP_SET_CAPACITY");
	if (device && option_arg(DIRECT_IO))
		return change(device, LOOP_SET_DIRECT_IO, !!(request.flags & LO_FLAGS_DIRECT_IO),
			      "LOOP_SET_DIRECT_IO");
	if (device && request.block_size)
		return change(device, LOOP_SET_BLOCK_SIZE, request.block_size, "LOOP_SET_BLOCK_SIZE");

	struct loop_list list = { .device = device,
				  .file = option_arg('j'),
				  .has_offset = option_arg('o'),
				  .offset = request.offset };
	char format = table_format();
	if (ENABLE_FEATURE_LOSETUP_TABLE && (format || !(device || list.file || option_arg('a'))))
		return losetup_table(&list, format, !option_arg('n'),
				     option_arg(OUTPUT_ALL) ? "" : option_arg('O'));
	return show_all(&list);
}
