/* SPDX-License-Identifier: MIT */
/* losetup: attach, list, change and detach loop devices, as losetup(8). */
//config:config LOSETUP
//config:	bool "losetup"
//config:	default y
//config:	help
//config:	  Attach files to loop devices, list them, detach them.
//kbuild:obj-$(CONFIG_LOSETUP) += applets/losetup.o
//applet:sbin/losetup LOSETUP losetup_main
//usage:losetup [ -r ] [-PL] [-o OFFSET] [-S SIZELIMIT] [-b SECTOR] [-s] {-f | DEVICE} FILE | -f | DEVICE | -a | -j FILE | -c DEVICE | -d DEVICE... | -D
//usage:losetup   -f, --find             the first free device; with FILE, attach it there
//usage:losetup   -s, --show             print the device after attaching
//usage:losetup   -r, --read-only
//usage:losetup   -o, --offset N         where the device begins in FILE, in bytes
//usage:losetup   -S, --sizelimit N      how long it may be, in bytes
//usage:losetup   -b, --sector-size N    the device's block size
//usage:losetup   -P, --partscan         look for partitions
//usage:losetup       --direct-io[=off]  past the page cache
//usage:losetup   -L, --nooverlap        never the same bytes twice
//usage:losetup   -a, --all              what is attached
//usage:losetup   -j, --associated FILE  the devices of FILE
//usage:losetup   -c, --set-capacity     after FILE has changed its size
//usage:losetup   -d, --detach           DEVICEs; a busy one goes with its last user
//usage:losetup   -D, --detach-all
//usage:losetup   -l, --list             a table; -n no heading, --raw, -J --json, -O COLUMN,...
#include "losetup.h"

static int attach(struct options *o, struct loop_request *request)
{
	struct loop_device device;

	request->file = o->argv[o->operands - 1];
	if (o->operands == 2)
		request->device = o->argv[0];
	if (ENABLE_FEATURE_LOOP_OVERLAP && option_seen(o, 'L')) {
		int fd = loop_find_same(request, &device);
		if (fd != -ENXIO) {
			if (fd < 0)
				return complain_why(&request->why, fd);
			goto attached;
		}
	}
	int r = loop_attach(request, &device);
	if (r < 0)
		return complain_why(&request->why, r);

	unsigned missing = request->flags & ~device.flags & LO_FLAGS_DIRECT_IO;
	if (missing)
		complain("%s: buffered: its file system refuses direct I/O", request->file);
	if (device.flags & ~request->flags & LO_FLAGS_READ_ONLY)
		complain("%s: attached read-only: it can't be written", request->file);
	if (!device.size)
		complain("%s: warning: no data there", request->file);
	else if (device.size % 512)
		complain("%s: warning: the last %u bytes are no whole sector, and left out",
			 request->file, (unsigned)(device.size % 512));
attached:
	if (option_seen(o, 's'))
		say("%s\n", device.path);
	return 0;	/* the descriptors go with the process */
}

/* A line as `losetup -a` prints it: scripts take the first field, or the third. */
static void show(int fd UNUSED, const char *path, const struct loop_info64 *info)
{
	char name[LOOP_FILE_SIZE];

	loop_file_name(name, info);
	say("%s: [%s%llu]:%llu (%s)", path, info->lo_device < 1000 ? "0" : "",
	    (unsigned long long)info->lo_device, (unsigned long long)info->lo_inode, name);
	if (info->lo_offset)
		say(", offset %llu", (unsigned long long)info->lo_offset);
	if (info->lo_sizelimit)
		say(", sizelimit %llu", (unsigned long long)info->lo_sizelimit);
	say_char('\n');
}

/* Is it a device of the filter's file? Where that is gone, its name has to do. */
static bool passes(const struct losetup_filter *filter, const struct loop_info64 *info,
		   const struct loop_info64 *wanted)
{
	char name[LOOP_FILE_SIZE];

	if (filter->offset && filter->offset != info->lo_offset)
		return false;
	if (wanted)
		return loop_same_file(info, wanted);
	loop_file_name(name, info);
	return !strcmp(name, filter->file);
}

int losetup_each(const struct losetup_filter *filter,
		 void (*show_device)(int fd, const char *path, const struct loop_info64 *info))
{
	struct loop_info64 info, wanted;
	char path[LOOP_PATH_SIZE];
	bool by_inode = filter->file && loop_identify(filter->file, &wanted) == 0;

	if (filter->path) {
		int fd = loop_open_bound(filter->path, &info);
		if (fd < 0)
			return fd;
		show_device(fd, filter->path, &info);
		close(fd);
		return 0;
	}
	for (int number = -1; (number = loop_next(number)) >= 0;) {
		loop_path(path, number);
		int fd = loop_open_bound(path, &info);
		if (fd < 0)
			continue;
		if (!filter->file || passes(filter, &info, by_inode ? &wanted : NULL))
			show_device(fd, path, &info);
		close(fd);
	}
	return 0;
}

/* Calls an ioctl on the device. */
static int change(const char *path, unsigned long request, unsigned long arg)
{
	int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, request, arg) < 0)
		return complain_errno(path, -errno);
	return 0;
}

static int detach(const char *first, char **others)
{
	struct why why = { 0 };
	int code = 0, fd = -1;

	for (const char *path = first; path; path = *others++) {
		if (fd >= 0)
			close(fd);
		fd = loop_detach(path, &why);
		if (fd < 0)
			code = complain_why(&why, fd);
	}
	return code;	/* the last descriptor goes with the process */
}

static int detach_all(void)
{
	char path[LOOP_PATH_SIZE];
	struct why why = { 0 };
	int code = 0;

	for (int number = -1; (number = loop_next(number)) >= 0;) {
		loop_path(path, number);
		int fd = loop_detach(path, &why);
		if (fd >= 0)
			close(fd);
		else if (fd != -ENXIO)
			code = complain_why(&why, fd);
	}
	return code;
}

static int print_free(void)
{
	struct loop_device device = { .control_fd = -1 };
	struct why why = { 0 };
	int number = loop_find_free(&device, &why);

	if (number < 0)
		return complain_why(&why, number);
	say("/dev/loop%u\n", number);
	return 0;
}

#if ENABLE_FEATURE_LOOP_OVERLAP
#define OVERLAP_LETTERS "L"
#define OVERLAP_LONG "nooverlap=L"
#else
#define OVERLAP_LETTERS ""
#define OVERLAP_LONG ""
#endif
#if ENABLE_FEATURE_LOSETUP_TABLE
#define TABLE_LETTERS "AJlnO:R"
#define TABLE_LONG "json=J" "list=l" "noheadings=n" "output=O" "output-all=A" "raw=R"
#else
#define TABLE_LETTERS ""
#define TABLE_LONG ""
#endif

static const char letters[] = "ab:c:d:DfI::j:o:PrsS:v" OVERLAP_LETTERS TABLE_LETTERS;
static const char long_options[] =
	"all=a" "associated=j" "detach=d" "detach-all=D" "direct-io=I" "find=f" "offset=o"
	"partscan=P" "read-only=r" "sector-size=b" "set-capacity=c" "show=s" "sizelimit=S"
	"verbose=v" OVERLAP_LONG TABLE_LONG;

int losetup_main(char **argv)
{
	struct options o = OPTIONS(argv);
	struct loop_request request = { 0 };
	struct losetup_filter filter = { 0 };
	const char *detached = NULL, *resized = NULL, *columns = NULL;
	bool direct_io = false;
	char format = 0;	/* of the table: l, J or R (raw) */
	uint64_t size = 0;
	int letter, r;

	while ((letter = option_next(&o, letters, long_options))) {
		switch (letter) {
		case '?':
			return option_error(&o);
		case 'c':
			resized = o.arg;
			break;
		case 'd':
			detached = o.arg;
			break;
		case 'j':
			filter.file = o.arg;
			break;
		case 'A':
			columns = "";
			format = format ? format : 'l';
			break;
		case 'O':
			columns = o.arg;
			format = format ? format : 'l';
			break;
		case 'l':
		case 'n':
			format = format ? format : 'l';
			break;
		case 'J':
		case 'R':
			format = letter;
			break;
		case 'I':
			direct_io = !o.arg || strcmp(o.arg, "off");
			break;
		case 'b':
		case 'o':
		case 'S':
			r = parse_size(o.arg, &size);
			if (letter == 'b' && size > UINT32_MAX)
				r = -ERANGE;
			if (r < 0)
				return complain_errno(o.arg, r);
			if (letter == 'o')
				request.offset = size;
			else if (letter == 'S')
				request.size_limit = size;
			else
				request.block_size = size;
		}
	}
	if (option_seen(&o, 'r'))
		request.flags |= LO_FLAGS_READ_ONLY;
	if (option_seen(&o, 'P'))
		request.flags |= LO_FLAGS_PARTSCAN;
	if (direct_io)
		request.flags |= LO_FLAGS_DIRECT_IO;

	bool find = option_seen(&o, 'f');
	if (detached)
		return detach(detached, o.argv);
	if (find ? o.operands == 1 : o.operands == 2)
		return attach(&o, &request);
	if (!find && o.operands == 1) {
		const char *device = o.argv[0];
		if (option_seen(&o, 'I'))
			return change(device, LOOP_SET_DIRECT_IO, direct_io);
		if (request.block_size)
			return change(device, LOOP_SET_BLOCK_SIZE, request.block_size);
		filter.path = device;
	}
	if (o.operands > !!filter.path)
		return USAGE_ERROR;
	filter.offset = request.offset;
	if (find)
		return print_free();
	if (option_seen(&o, 'D'))
		return detach_all();
	if (resized)
		return change(resized, LOOP_SET_CAPACITY, 0);
	if (ENABLE_FEATURE_LOSETUP_TABLE && (format || !(filter.path || filter.file || option_seen(&o, 'a'))))
		return losetup_table(&filter, format, !option_seen(&o, 'n'), columns);
	r = losetup_each(&filter, show);
	return r < 0 ? complain_errno(filter.path, r) : 0;
}
