/* SPDX-License-Identifier: MIT */
/* dmsetup: as dmsetup(8), for what an initramfs needs: to see a mapping, and take it down. */
//config:config DMSETUP
//config:	bool "dmsetup"
//config:	default y
//config:	help
//config:	  Make, show and remove device-mapper's mappings. No udev is needed,
//config:	  and none is waited for.
//kbuild:obj-$(CONFIG_DMSETUP) += applets/dmsetup.o
//applet:sbin/dmsetup DMSETUP dmsetup_main
//usage:dmsetup create NAME [--table TABLE|FILE] | COMMAND [NAME...]
//usage:dmsetup   create NAME           make a mapping, of a table from a file or standard input
//usage:dmsetup   remove|suspend|resume NAME...; remove_all; mknodes [NAME...]
//usage:dmsetup   table|status|info|deps [NAME...]; ls; version; targets
//usage:dmsetup   message NAME SECTOR WORD...
//usage:dmsetup   -r, --readonly        create: make it read-only
//usage:dmsetup   -u, --uuid UUID       create: give it that UUID
//usage:dmsetup   -n, --notable         create: without a table
//usage:dmsetup       --target TYPE     ls, table, status: only mappings of that type
//usage:dmsetup       --showkeys        table: the keys of dm-crypt, which are zeros otherwise
//usage:dmsetup       --deferred        remove: once it is no longer in use
//usage:dmsetup       --retry           remove: try for 5 seconds while it is in use
//usage:dmsetup   -o, --options FORMAT  ls, deps: devno, blkdevname or devname
//usage:dmsetup       --noflush         suspend: do not wait for I/O
//usage:dmsetup       --nolockfs        suspend: do not freeze the file system
//usage:dmsetup   -v -y --noudevsync --noudevrules --verifyudev   accepted and ignored, for compatibility
#include <dirent.h>
#include <linux/fs.h>

#include "dm.h"
#include "patience.h"

/* Adds the lines of a table: START LENGTH TYPE PARAMETERS. */
static int add_lines(char *text)
{
	char *line;

	while ((line = next_line(&text))) {
		char *start = next_word(&line), *size = next_word(&line), *type = next_word(&line);
		uint64_t sector, sectors;
		if (!start || *start == '#')
			continue;
		if (!type || parse_size(start, &sector) < 0 || parse_size(size, &sectors) < 0)
			return found(-EINVAL, start, "table line is not START LENGTH TYPE PARAMETERS");
		int r = dm_add(sector, sectors, type, behind_blanks(line));
		if (r < 0)
			return r;
	}
	return 0;
}

static int create(char **names)
{
	const char *name = dm_name(names[0]), *table = option_arg('t');

	if (options.count > 3 || (table && names[1]))
		return USAGE_ERROR;
	if (dm_start(name) < 0)
		return complain_why();
	char *text = option_arg('n') ? "" : table ? copy_of(table) : read_whole(names[1]);
	if (!text || add_lines(text) < 0)
		return complain_why();
	if (!dm.head.target_count && !option_arg('n')) {
		complain("%s: the table is empty", name);
		return 1;
	}
	if (dm_create(name, option_arg('u') ? option_arg('u') : "", option_arg('r') ? DM_READONLY_FLAG : 0) <
	    0)
		return complain_why();
	if (dm_link(name) == 0)
		return 0;
	int code = complain_why();
	dm_let_go(name);
	return code;
}

static int remove(const char *name)
{
	struct patience patience = { 0 };
	int r;

	do
		r = dm_remove(name, option_arg('D') ? DM_DEFERRED_REMOVE : 0);
	while (r == -EBUSY && option_arg('R') && patience_wait(&patience));
	return r < 0 ? r : dm_unlink(name);
}

static int suspend_or_resume(const char *name, unsigned flags)
{
	int r = dm_start(name);
	if (r < 0)
		return r;
	dm.head.flags =
		flags | (option_arg('F') ? DM_NOFLUSH_FLAG : 0) | (option_arg('L') ? DM_SKIP_LOCKFS_FLAG : 0);
	return dm_call(DM_DEV_SUSPEND, flags ? "suspend" : "resume");
}

static int suspend(const char *name)
{
	return suspend_or_resume(name, DM_SUSPEND_FLAG);
}

static int resume(const char *name)
{
	int r = suspend_or_resume(name, 0);

	return r < 0 ? r : dm_link(name); /* what had no table had no use for a node */
}


/* --- what is there ------------------------------------------------------------------ */

static bool several;	  /* lines say whose they are */
static const char *given; /* what the user has called it */

/* CIPHER KEY ...: zeros, as dmsetup(8) has it, unless that is in the kernel's keyring. */
static void hide_key(char *parameters)
{
	char *key = find_byte(parameters, ' ');

	key += !!*key;
	for (char *end = find_byte(key, ' '); *key != ':' && key < end; key++)
		*key = '0';
}

static int show_lines(const char *name, unsigned flags)
{
	const struct dm_target_spec *line = NULL;
	const char *parameters, *wanted = option_arg('T');

	int r = dm_ask_table(name, flags);
	if (r < 0)
		return r;
	while ((line = dm_line(line, &parameters))) {
		if (wanted && !equal(wanted, line->target_type))
			continue;
		if (flags && equal(line->target_type, "crypt") && !option_arg('K'))
			hide_key((char *)parameters);
		say("%s%s%s %s %s %s\n", several ? given : "", several ? ": " : "",
		    decimal(line->sector_start), decimal(line->length), line->target_type, parameters);
	}
	if (!dm.head.target_count && !wanted)
		say("%s%s\n", several ? given : "", several ? ": " : "");
	return 0;
}

static int table(const char *name)
{
	return show_lines(name, DM_STATUS_TABLE_FLAG);
}

static int status(const char *name)
{
	return show_lines(name, 0);
}

/* What a mapping is: in dm.head. */
static int ask_status(const char *name)
{
	int r = dm_start(name);

	return r < 0 ? r : dm_call(DM_DEV_STATUS, "status");
}

static int info(const char *name)
{
	char path[DM_PATH_SIZE];
	long read_ahead = 0;

	int r = ask_status(name);
	if (r < 0)
		return r;
	unsigned flags = dm.head.flags;
	int fd = sys_open(dm_path(path), O_RDONLY);
	r = fd < 0 ? fd : sys_ioctl(fd, BLKRAGET, &read_ahead);
	if (fd >= 0)
		sys_close(fd);
	/* Without devtmpfs there is no such path, and an empty one may not be opened (Linux 7). */
	if (r < 0 && r != -ENOENT && r != -ENXIO) {
		failed(r, path, "read ahead");
		complain_why();
	}
	say("Name:              %s\n", dm.head.name);
	say("State:             %s%s%s\n", flags & DM_SUSPEND_FLAG ? "SUSPENDED" : "ACTIVE",
	    flags & DM_READONLY_FLAG ? " (READ-ONLY)" : "",
	    flags & DM_DEFERRED_REMOVE ? " (DEFERRED REMOVE)" : "");
	if (r == 0)
		say("Read Ahead:        %s\n", decimal(read_ahead));
	bool live = flags & DM_ACTIVE_PRESENT_FLAG, inactive = flags & DM_INACTIVE_PRESENT_FLAG;
	say("Tables present:    %s%s%s\n", live ? "LIVE" : "", live && inactive ? " & " : "",
	    inactive ? "INACTIVE"
	    : live   ? ""
		     : "None");
	say("Open count:        %s\nEvent number:      %s\n", decimal(dm.head.open_count),
	    decimal(dm.head.event_nr));
	say("Major, minor:      %s, %s\n", decimal(device_major(dm.head.dev)),
	    decimal(device_minor(dm.head.dev)));
	say("Number of targets: %s\n", decimal(dm.head.target_count));
	if (dm.head.uuid[0])
		say("UUID: %s\n", dm.head.uuid);
	say_char('\n');
	return 0;
}

/* Has it a target of that type? 1, 0 or -errno with a why. */
static int has_target(const char *name, const char *type)
{
	const struct dm_target_spec *line = NULL;
	const char *parameters;

	int r = dm_ask_table(name, 0);
	if (r < 0)
		return r;
	while ((line = dm_line(line, &parameters)))
		if (equal(line->target_type, type))
			return 1;
	return 0;
}

/* A device by its name of a mapping or of the kernel, or NULL. */
static const char *name_of_device(uint64_t number, bool as_mapping)
{
	const char *name =
		dm_kernel_name(joined(decimal(device_major(number)), ":", decimal(device_minor(number))));

	return name && as_mapping ? base_name(dm_name(joined("/dev/", name, ""))) : name;
}

/* A device as -o wants it, MAJOR and MINOR with that between them. */
static void say_device(uint64_t number, const char *between)
{
	const char *format = option_arg('o') ? option_arg('o') : "devno";
	const char *name = equal(format, "devno") ? NULL : name_of_device(number, equal(format, "devname"));

	if (name)
		say("(%s)", name);
	else
		say("(%s%s%s)", decimal(device_major(number)), between, decimal(device_minor(number)));
}

static int show_name(const char *name)
{
	const char *type = option_arg('T');

	int r = type ? has_target(name, type) : 1;
	if (r <= 0)
		return r;
	r = ask_status(name);
	if (r < 0)
		return r;
	say("%s\t", name);
	say_device(dm.head.dev, type ? ", " : ":"); /* as dmsetup(8) has it */
	say_char('\n');
	return 0;
}

/* The devices that a mapping is on. */
static int deps(const char *name)
{
	struct dm_target_deps *answer = (void *)dm.data;

	int r = dm_start(name);
	answer->count = 0; /* the kernel writes nothing for a mapping without a table */
	if (r == 0)
		r = dm_call(DM_TABLE_DEPS, "deps");
	if (r == 0 && dm.head.flags & DM_BUFFER_FULL_FLAG)
		r = found(-E2BIG, dm.head.name, "the list of devices is too long");
	if (r < 0)
		return r;
	say("%s%s%s dependencies\t:", several ? given : "", several ? ": " : "", decimal(answer->count));
	for (unsigned i = 0; i < answer->count; i++) {
		say_char(' ');
		say_device(answer->dev[i], ", ");
	}
	say_char('\n');
	return 0;
}

/* Gives the mapping its name in DM_FOLDER; takes it away where there is no such mapping. */
static int make_node(const char *name)
{
	int r = ask_status(name);

	return r == 0 ? dm_link(name) : r == -ENXIO ? dm_unlink(name) : r;
}

/* Is it a name that a mapping had? 1, 0 or -errno with a why. */
static int is_node(const struct directory_entry *entry)
{
	char link[16];

	if (entry->type != DT_LNK)
		return entry->type == DT_BLK;
	const char *path = joined(DM_FOLDER, entry->name, "");
	int size = sys_readlink(path, link, sizeof link);
	if (size < 0)
		return failed(size, path, "read link");
	return size > 6 && after_prefix(link, "../dm-");
}

/* Removes it, if it is the name of a mapping that has gone. */
static int remove_node(const struct directory_entry *entry)
{
	int r = is_node(entry);

	if (r > 0)
		r = ask_status(entry->name);
	return r == -ENXIO ? dm_unlink(entry->name) : r;
}

/* What is left of mappings that have gone. */
static int remove_nodes(void)
{
	struct directory directory;
	const struct directory_entry *entry;
	int code = 0, fd = sys_open(DM_FOLDER, O_RDONLY | O_DIRECTORY);

	if (fd < 0) {
		failed(fd, DM_FOLDER, "open");
		return complain_why();
	}
	directory_start(&directory, fd);
	while ((entry = directory_next(&directory)))
		if (remove_node(entry) < 0)
			code = complain_why();
	sys_close(fd);
	if (directory.error < 0) {
		failed(directory.error, DM_FOLDER, "read");
		code = complain_why();
	}
	return code;
}

/* For remove_all: a mapping that was not removed. */
static int still_there(const char *name)
{
	int r = ask_status(name);

	if (r == 0 && !(dm.head.flags & DM_DEFERRED_REMOVE))
		r = found(-EBUSY, name, "still in use");
	return r;
}

/* Calls the function for each that there is; a list says so where there is none. */
static int each(int (*run)(const char *name), bool is_list)
{
	static char names[sizeof dm.data] __attribute__((aligned(8)));
	int code = 0;

	dm_start(NULL);
	int r = dm_call(DM_LIST_DEVICES, "list");
	if (r == 0 && dm.head.flags & DM_BUFFER_FULL_FLAG)
		r = found(-E2BIG, DM_FOLDER, "the list of mappings is too long");
	if (r < 0)
		return complain_why();
	/* What run() asks comes to the same place. */
	for (unsigned i = 0; i < sizeof names; i++)
		names[i] = dm.data[i];
	if (is_list && !((struct dm_name_list *)names)->dev)
		say("No devices found\n");
	for (const struct dm_name_list *entry = (void *)names; entry->dev;) {
		given = entry->name;
		/* It may have gone meanwhile. */
		if (run(given) < 0 && why.error != -ENXIO)
			code = complain_why();
		if (!entry->next)
			break;
		entry = (void *)((char *)entry + entry->next);
	}
	return code;
}

static int show_version(void)
{
	dm_start(NULL);
	if (dm_call(DM_VERSION, "version") < 0)
		return complain_why();
	const uint32_t *version = dm.head.version;
	/* For scripts that look for a version of libdevmapper. */
	say("Library version:   1.02 (loopbox)\nDriver version:    %s.%s.%s\n", decimal(version[0]),
	    decimal(version[1]), decimal(version[2]));
	return 0;
}

/* The types of targets that the kernel knows. */
static int show_targets(void)
{
	const struct dm_target_versions *target = (void *)dm.data;

	dm_start(NULL);
	int r = dm_call(DM_LIST_VERSIONS, "targets");
	if (r == 0 && dm.head.flags & DM_BUFFER_FULL_FLAG)
		r = found(-E2BIG, DM_FOLDER, "the list of targets is too long");
	if (r < 0)
		return complain_why();
	for (;; target = (void *)((char *)target + target->next)) {
		const uint32_t *version = target->version;
		say("%s", target->name);
		for (size_t n = length(target->name); n < 16; n++)
			say_char(' ');
		say(" v%s.%s.%s\n", decimal(version[0]), decimal(version[1]), decimal(version[2]));
		if (!target->next)
			return 0;
	}
}

/* The kernel passes over what is in use, and says so of none. */
static int remove_all(void)
{
	dm_start(NULL);
	dm.head.flags = option_arg('D') ? DM_DEFERRED_REMOVE : 0;
	if (dm_call(DM_REMOVE_ALL, "remove_all") < 0)
		return complain_why();
	int code = each(still_there, false);
	return code | remove_nodes();
}

static int send_message(char **words)
{
	uint64_t sector;
	const char *text = "";

	if (options.count < 4 || parse_size(words[1], &sector) < 0)
		return USAGE_ERROR;
	for (char **word = words + 2; *word; word++)
		text = joined(text, *text ? " " : "", *word);
	if (dm_message(dm_name(words[0]), sector, text) < 0)
		return complain_why();
	if (dm.head.flags & DM_DATA_OUT_FLAG)
		say("%s\n", dm.data);
	return 0;
}


/* --- the command line ----------------------------------------------------------------- */

/* clang-format off */
static const char commands[] = "create\0" "message\0" "version\0" "targets\0" "remove_all\0" "ls\0"
	"table\0" "status\0" "info\0" "deps\0" "mknodes\0" "remove\0" "suspend\0" "resume\0";
/* clang-format on */
enum { CREATE, MESSAGE, VERSION, TARGETS, REMOVE_ALL, LS, TABLE, STATUS, INFO, DEPS, MKNODES, REMOVE };
static int (*const runs[])(const char *name) = { show_name, table,  status,  info,  deps,
						 make_node, remove, suspend, resume };

static int run_alone(int command)
{
	return command == VERSION ? show_version() : command == TARGETS ? show_targets() : remove_all();
}

/* For each name up to the first that fails, as dmsetup(8); or for all mappings without one. */
static int run_each(int (*run)(const char *name), char **names)
{
	if (!*names) {
		int code = each(run, run != make_node);
		return run == make_node ? code | remove_nodes() : code;
	}
	for (; *names; names++) {
		given = *names;
		if (run(dm_name(given)) < 0)
			return complain_why();
	}
	return 0;
}

int dmsetup_main(char **argv)
{
	int r = options_parse(argv, "no:rt:T:u:DRFKLNvy",
			      LONG_OPTIONS("addnodeoncreate=N"
					   "addnodeonresume=N"
					   "deferred=D"
					   "noflush=F"
					   "nolockfs=L"
					   "notable=n"
					   "options=o"
					   "noudevrules=N"
					   "noudevsync=N"
					   "readonly=r"
					   "retry=R"
					   "showkeys=K"
					   "table=t"
					   "target=T"
					   "uuid=u"
					   "verbose=v"
					   "verifyudev=N"
					   "yes=y"),
			      NULL);
	if (r)
		return r;
	int command = options.count ? find_string(commands, options.operands[0]) : -1;
	char **names = options.operands + 1;
	if (command < 0 || (!*names && (command <= MESSAGE || command >= REMOVE)))
		return USAGE_ERROR;
	if (option_arg('o') && !has_word("devno,blkdevname,devname", option_arg('o'))) {
		complain("-o %s: not a format of device names", option_arg('o'));
		return 1;
	}
	if (command == CREATE)
		return create(names);
	if (command == MESSAGE)
		return send_message(names);
	if (command <= LS && *names)
		return USAGE_ERROR;
	if (command < LS)
		return run_alone(command);
	several = options.count != 2;
	return run_each(runs[command - LS], names);
}
