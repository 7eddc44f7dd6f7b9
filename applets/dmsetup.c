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
//usage:dmsetup create NAME [--table TABLE|FILE] | remove|suspend|resume NAME... | table|status|info [NAME...] | ls | message NAME SECTOR WORDS
//usage:dmsetup   -r, --readonly        what create makes
//usage:dmsetup   -u, --uuid UUID       of what create makes; -n, --notable: nothing in it
//usage:dmsetup       --target TYPE     only such, for ls, table and status
//usage:dmsetup       --showkeys        of dm-crypt, in table; zeros without it
//usage:dmsetup       --deferred        remove once nobody uses it
//usage:dmsetup       --retry           try to remove for some seconds
//usage:dmsetup       --noflush, --nolockfs   for suspend
//usage:dmsetup       --noudevsync, --noudevrules, --verifyudev, -y   accepted
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
			return failed(-EINVAL, start, "table: START LENGTH TYPE PARAMETERS");
		while (*line == ' ' || *line == '\t')
			line++;
		int r = dm_add(sector, sectors, type, line);
		if (r < 0)
			return r;
	}
	return 0;
}

static int create(char **names)
{
	const char *table = option_arg('t');

	if (options.count > 3 || (table && names[1]))
		return USAGE_ERROR;
	if (dm_start(names[0]) < 0)
		return complain_why();
	char *text = option_arg('n') ? "" : table ? copy_of(table) : read_whole(names[1]);
	if (!text || add_lines(text) < 0)
		return complain_why();
	if (!dm.head.target_count && !option_arg('n')) {
		complain("%s: no table", names[0]);
		return 1;
	}
	if (dm_create(names[0], option_arg('u') ? option_arg('u') : "",
		      option_arg('r') ? DM_READONLY_FLAG : 0) < 0)
		return complain_why();
	dm_link(names[0]);
	return 0;
}

static int remove(const char *name)
{
	struct patience patience = { 0 };
	int r;

	do
		r = dm_remove(name, option_arg('D') ? DM_DEFERRED_REMOVE : 0);
	while (r == -EBUSY && option_arg('R') && patience_wait(&patience));
	if (r == 0)
		dm_unlink(name);
	return r;
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

	if (r == 0)
		dm_link(name); /* what had no table had no use for a node */
	return r;
}


/* --- what is there ------------------------------------------------------------------ */

static bool several; /* lines say whose they are */

/* CIPHER KEY ...: zeros, as dmsetup(8) has it, unless that is in the kernel's keyring. */
static void hide_key(char *parameters)
{
	parameters = find_byte(parameters, ' ');
	parameters += *parameters == ' ';
	if (*parameters != ':')
		for (; *parameters && *parameters != ' '; parameters++)
			*parameters = '0';
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
		say("%s%s%s %s %s %s\n", several ? name : "", several ? ": " : "",
		    decimal(line->sector_start), decimal(line->length), line->target_type, parameters);
	}
	if (several && !dm.head.target_count && !wanted)
		say("%s: \n", name);
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
	if (fd >= 0) { /* an empty one may not be opened (Linux 7) */
		sys_ioctl(fd, BLKRAGET, &read_ahead);
		sys_close(fd);
	}
	say("Name:              %s\n", dm.head.name);
	say("State:             %s%s%s\n", flags & DM_SUSPEND_FLAG ? "SUSPENDED" : "ACTIVE",
	    flags & DM_READONLY_FLAG ? " (READ-ONLY)" : "",
	    flags & DM_DEFERRED_REMOVE ? " (DEFERRED REMOVE)" : "");
	if (fd >= 0)
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

/* Has it a target of that type? */
static bool has_target(const char *name, const char *type)
{
	const struct dm_target_spec *line = NULL;
	const char *parameters;

	if (dm_ask_table(name, 0) < 0)
		return false;
	while ((line = dm_line(line, &parameters)))
		if (equal(line->target_type, type))
			return true;
	return false;
}

static int show_name(const char *name)
{
	const char *type = option_arg('T');

	if (type && !has_target(name, type))
		return 0;
	int r = ask_status(name);
	if (r < 0)
		return r;
	/* Thus dmsetup(8) has it. */
	say("%s\t(%s%s%s)\n", name, decimal(device_major(dm.head.dev)), type ? ", " : ":",
	    decimal(device_minor(dm.head.dev)));
	return 0;
}

/* Calls the function for each that there is. */
static int each(int (*run)(const char *name))
{
	static char names[sizeof dm.data] __attribute__((aligned(8)));
	int code = 0;

	dm_start(NULL);
	int r = dm_call(DM_LIST_DEVICES, "list");
	if (r == 0 && dm.head.flags & DM_BUFFER_FULL_FLAG)
		r = failed(-E2BIG, DM_FOLDER, "list");
	if (r < 0)
		return complain_why();
	/* What run() asks comes to the same place. */
	for (unsigned i = 0; i < sizeof names; i++)
		names[i] = dm.data[i];
	if (!((struct dm_name_list *)names)->dev)
		say("No devices found\n");
	for (const struct dm_name_list *entry = (void *)names; entry->dev;) {
		/* It may have gone meanwhile. */
		if (run(entry->name) < 0 && why.error != -ENXIO)
			code = complain_why();
		if (!entry->next)
			break;
		entry = (void *)((char *)entry + entry->next);
	}
	return code;
}

static int send_message(char **words)
{
	uint64_t sector;
	const char *text = "";

	if (options.count < 4 || parse_size(words[1], &sector) < 0)
		return USAGE_ERROR;
	for (char **word = words + 2; *word; word++)
		text = joined(text, *text ? " " : "", *word);
	if (dm_message(words[0], sector, text) < 0)
		return complain_why();
	if (dm.head.flags & DM_DATA_OUT_FLAG)
		say("%s\n", dm.data);
	return 0;
}


/* --- the command line ----------------------------------------------------------------- */

/* clang-format off */
static const char commands[] = "create\0" "message\0" "ls\0" "table\0" "status\0" "info\0"
	"remove\0" "suspend\0" "resume\0";
/* clang-format on */
enum { CREATE, MESSAGE, LS, TABLE, STATUS, INFO, REMOVE };
static int (*const runs[])(const char *name) = { show_name, table, status, info, remove, suspend, resume };

int dmsetup_main(char **argv)
{
	int r = options_parse(argv, "nrt:T:u:DRFKLNvy",
			      LONG_OPTIONS("addnodeoncreate=N"
					   "addnodeonresume=N"
					   "deferred=D"
					   "noflush=F"
					   "nolockfs=L"
					   "notable=n"
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
	if (command < 0 || (!*names && (command < LS || command >= REMOVE)))
		return USAGE_ERROR;
	if (command == CREATE)
		return create(names);
	if (command == MESSAGE)
		return send_message(names);
	if (command == LS && *names)
		return USAGE_ERROR;
	several = options.count != 2;
	if (!*names)
		return each(runs[command - LS]);
	for (; *names; names++)
		if (runs[command - LS](*names) < 0)
			r = complain_why();
	return r;
}
