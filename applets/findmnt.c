/* SPDX-License-Identifier: MIT */
/* findmnt: what is mounted where, or what fstab says of it, as findmnt(8) prints it. */
//config:config FINDMNT
//config:	bool "findmnt"
//config:	default y
//config:	help
//config:	  Find what is mounted by its source, directory, type or options.
//kbuild:obj-$(CONFIG_FINDMNT) += applets/findmnt.o
//applet:bin/findmnt FINDMNT findmnt_main
//usage:findmnt [-efiJnPrsv] [-o COLUMN,...] [-t TYPES] [-O WORDS] [-T PATH | [SOURCE] [DIR]]
//usage:findmnt   -s, --fstab            what /etc/fstab says
//usage:findmnt   -F, --tab-file FILE    what another file says
//usage:findmnt   -T, --target PATH      the mount that PATH lies on
//usage:findmnt   -M, --mountpoint DIR   the mount at DIR
//usage:findmnt   -S, --source SOURCE    the mounts of SOURCE
//usage:findmnt   -t, --types LIST       only these types
//usage:findmnt   -O, --options LIST     only mounts that have these options
//usage:findmnt   -i, --invert           all but these
//usage:findmnt   -f, --first-only       only the first one
//usage:findmnt   -R, --submounts        and what is mounted below
//usage:findmnt   -o, --output LIST      only these columns
//usage:findmnt       --output-all       all columns: TARGET SOURCE FSTYPE OPTIONS VFS-OPTIONS
//usage:findmnt                          FS-OPTIONS FSROOT MAJ:MIN ID PARENT OPT-FIELDS PROPAGATION
//usage:findmnt                          LABEL UUID PARTLABEL PARTUUID FREQ PASSNO
//usage:findmnt   -n, --noheadings       no headings
//usage:findmnt   -r, --raw              one space between columns
//usage:findmnt   -P, --pairs            NAME="value"
//usage:findmnt   -J, --json             JSON
//usage:findmnt   -v, --nofsroot         no [/directory] behind a source
//usage:findmnt   -e, --evaluate         the device that LABEL= and the like mean
//usage:findmnt   -C, --nocanonicalize   take names as they are
//usage:findmnt   -A -a -c -k -l -m -u   accepted and ignored, for compatibility
#include "fstab.h"
#include "probe.h"
#include "table.h"

/* In the order of --output-all. */
/* clang-format off */
#define COLUMNS(X) \
	X(FREQ, "FREQ", 'n') \
	X(FSROOT, "FSROOT", 's') \
	X(FSTYPE, "FSTYPE", 's') \
	X(FS_OPTIONS, "FS-OPTIONS", 's') \
	X(ID, "ID", 'n') \
	X(LABEL, "LABEL", 's') \
	X(MAJ_MIN, "MAJ:MIN", 'd') \
	X(OPTIONS, "OPTIONS", 's') \
	X(OPT_FIELDS, "OPT-FIELDS", 's') \
	X(PARENT, "PARENT", 'n') \
	X(PARTLABEL, "PARTLABEL", 's') \
	X(PARTUUID, "PARTUUID", 's') \
	X(PASSNO, "PASSNO", 'n') \
	X(PROPAGATION, "PROPAGATION", 's') \
	X(SOURCE, "SOURCE", 's') \
	X(TARGET, "TARGET", 's') \
	X(UUID, "UUID", 's') \
	X(VFS_OPTIONS, "VFS-OPTIONS", 's')
/* clang-format on */
enum column { COLUMNS(TABLE_SYMBOL) COUNT };
static const struct table_column columns[] = { COLUMNS(TABLE_COLUMN) };
static const unsigned char usual[] = { TARGET, SOURCE, FSTYPE, OPTIONS };

/* What is known of a mount without looking at its device; "" for what is not. */
static const char *row[COUNT];

static const char *value_of(unsigned column, char text[TABLE_VALUE_SIZE]);
static struct table table = {
	.columns = columns,
	.count = COUNT,
	.usual = usual,
	.usual_count = LENGTH(usual),
	.value_of = value_of,
	.name = "filesystems",
};

/* What to look for; NULL: anything. */
static const char *wanted_source, *wanted_target, *wanted_id;
static const char *wanted_device; /* what the source means, or NULL */
static bool either;		  /* the two are the same, and one is enough */
enum { OUTPUT_ALL = 1 };

/* What follows "ro" or "rw". */
static const char *behind_mode(const char *options)
{
	const char *rest = after_prefix(options, "rw");

	if (!rest)
		rest = after_prefix(options, "ro");
	return rest ? rest : "";
}

/* The mount's own words, and the file system's, which starts with ro or rw, too. */
static const char *all_options(const char *of_mount, const char *of_system)
{
	bool read_only = has_word(of_mount, "ro") || has_word(of_system, "ro");

	return joined(read_only ? "ro" : "rw", behind_mode(of_mount), behind_mode(of_system));
}

/* shared:N master:N propagate_from:N unbindable */
static const char *propagation(const char *fields)
{
	bool shared = false, slave = false;

	for (const char *p = fields; *p; p++) {
		shared |= after_prefix(p, "shared:") != NULL;
		slave |= after_prefix(p, "master:") != NULL;
	}
	return shared && slave			    ? "shared,slave"
	       : shared				    ? "shared"
	       : slave				    ? "private,slave"
	       : after_prefix(fields, "unbindable") ? "private,unbindable"
						    : "private";
}

static bool take_mount(char *line)
{
	struct mount_info info;

	if (!mount_info_split(line, &info))
		return false;
	row[ID] = info.id;
	row[PARENT] = info.parent;
	row[MAJ_MIN] = info.device;
	row[FSROOT] = info.root;
	row[TARGET] = info.target;
	row[VFS_OPTIONS] = info.options;
	row[OPT_FIELDS] = info.fields;
	row[FSTYPE] = info.type;
	row[SOURCE] = info.source;
	row[FS_OPTIONS] = info.super_options;
	row[OPTIONS] = all_options(info.options, info.super_options);
	row[PROPAGATION] = propagation(info.fields);
	return true;
}

static void take_entry(const struct mount_entry *entry)
{
	row[SOURCE] = entry->source;
	row[TARGET] = entry->target;
	row[FSTYPE] = entry->type;
	row[OPTIONS] = entry->options;
	row[FREQ] = entry->frequency;
	row[PASSNO] = entry->pass;
	if (ENABLE_FEATURE_PROBE_TAGS && option_arg('e')) {
		const char *device = device_find(entry->source);
		if (device)
			row[SOURCE] = copy_of(device);
	}
}

static const char *value_of(unsigned column, char text[TABLE_VALUE_SIZE])
{
	static struct volume volume;
	static struct partition partition;
	const char *number = row[MAJ_MIN];

	switch (column) {
	case LABEL:
	case UUID:
		if (!ENABLE_FEATURE_PROBE || *row[SOURCE] != '/' || probe(row[SOURCE], &volume) < 0)
			return "";
		return column == LABEL ? volume.label : volume.uuid;
	case PARTLABEL:
	case PARTUUID:
		if (!ENABLE_FEATURE_PROBE_TAGS || !probe_partition(row[SOURCE], &partition))
			return "";
		return column == PARTLABEL ? partition.label : partition.uuid;
	case MAJ_MIN:
		return *number ? table_device(text, parse_device(&number), table.format == 'l' ? 3 : 0) : "";
	case SOURCE:
		if (!option_arg('v') && row[FSROOT][0] && row[FSROOT][1])
			return joined(row[SOURCE], "[", joined(row[FSROOT], "]", ""));
	}
	return row[column];
}

/* The device that LABEL= and the like mean, or NULL. */
static const char *find_tag(const char *spec)
{
	return device_find(spec);
}

/* By its name, device number, or the device that both mean. */
static bool is_source(void)
{
	if (equal(row[SOURCE], wanted_source) || equal(row[MAJ_MIN], wanted_source))
		return true;
	const char *of_row = *row[SOURCE] == '/' ? row[SOURCE] : find_tag(row[SOURCE]);
	return wanted_device && of_row && equal(of_row, wanted_device);
}

/* The directory that is asked for, with or without a slash behind it. */
static bool is_target(const char *name)
{
	const char *rest = after_prefix(row[TARGET], name);

	return rest && (!*rest || (equal(rest, "/") && name[1]));
}

static bool matches(void)
{
	const char *types = option_arg('t'), *with = option_arg('O');
	bool of_source = wanted_id ? equal(row[ID], wanted_id) : !wanted_source || is_source();
	bool of_target = !wanted_target || is_target(wanted_target) ||
			 (option_arg('R') && mount_is_below(row[TARGET], wanted_target));
	bool found = either ? of_source || of_target : of_source && of_target;

	found &= (!types || in_list(row[FSTYPE], types)) && (!with || mount_has_options(row[OPTIONS], with));
	return found != (option_arg('i') != NULL);
}

static bool found_any;

/* Calls act for the entries of fstab. */
static int each_of_fstab(const char *path, bool (*act)(void))
{
	struct mount_entry entry;
	struct fstab fstab;

	int r = fstab_read(&fstab, path);
	char *mark = read_mark();
	while (r == 0 && fstab_entry(&fstab, &entry)) {
		read_forget(mark); /* what was put together for the last */
		take_entry(&entry);
		if (!act())
			break;
	}
	return r;
}

/* Calls act for the mounts that there are. */
static int each_mount(const char *path, bool (*act)(void))
{
	char *text = read_whole(path), *mark = read_mark(), *line;

	if (!text)
		return why.error;
	while ((line = next_line(&text))) {
		read_forget(mark);
		if (take_mount(line) && !act())
			break;
	}
	return 0;
}

/* Calls act for each, until it returns false. */
static int each(bool (*act)(void))
{
	const char *path = option_arg('F');
	bool fstab = option_arg('s') || (path && !option_arg('k') && !option_arg('m'));
	char *mark = read_mark();

	for (unsigned i = 0; i < COUNT; i++)
		row[i] = "";
	int r = fstab ? each_of_fstab(path ? path : "/etc/fstab", act)
		      : each_mount(path ? path : MOUNT_INFO, act);
	read_forget(mark);
	return r;
}

static bool print_matching(void)
{
	if (!matches())
		return true;
	found_any = true;
	table_row();
	return !option_arg('f');
}

static int rows(void)
{
	return each(print_matching);
}

/* That nothing is there, the exit code says alone, as with util-linux; anything else is told. */
static int not_found(const char *path, int r)
{
	return r == -ENOENT || r == -ENOTDIR ? 1 : complain_errno(path, r);
}

/* The operands, or -S and -M. False where these contradict each other. */
static bool take_operands(void)
{
	wanted_source = option_arg('S');
	wanted_target = option_arg('M');
	if (options.count > 2 || (options.count && (wanted_source || wanted_target || option_arg('T'))))
		return false;
	if (options.count) {
		wanted_source = options.operands[0];
		wanted_target = options.operands[options.count - 1];
		either = options.count == 1;
	}
	return true;
}

/* The mount that -T's path lies on. 0, or an exit code. */
static int find_below(const char *path)
{
	static struct mount_info below;

	int r = sys_access(path, F_OK);
	if (r < 0)
		return not_found(path, r);
	if (mount_find(path, &below) < 0)
		return complain_why();
	wanted_id = option_arg('R') ? NULL : below.id;
	wanted_target = option_arg('R') ? below.target : NULL;
	return 0;
}

/* What the names mean: a device, paths without links. 0, or an exit code. */
static int find_wanted(void)
{
	static char real[PATH_SIZE];
	const char *path_below = option_arg('T');

	if (wanted_source && !option_arg('C')) {
		wanted_device =
			*wanted_source == '/' ? mount_device_name(wanted_source) : find_tag(wanted_source);
		if (devices_unread)
			return complain_why();
		if (wanted_device)
			wanted_device = copy_of(wanted_device);
	}
	if (wanted_target && !option_arg('C'))
		wanted_target = real_path(wanted_target, real);
	if (path_below && option_arg('s'))
		wanted_target = real_path(path_below, real);
	else if (path_below)
		return find_below(path_below);
	return 0;
}

int findmnt_main(char **argv)
{
	int r = options_parse(argv, "aACcefF:iJklmM:nO:o:PrRsS:t:T:uv\1",
			      LONG_OPTIONS("all=A"
					   "ascii=a"
					   "canonicalize=c"
					   "evaluate=e"
					   "first-only=f"
					   "fstab=s"
					   "invert=i"
					   "json=J"
					   "kernel=k"
					   "list=l"
					   "mountpoint=M"
					   "mtab=m"
					   "nocanonicalize=C"
					   "nofsroot=v"
					   "noheadings=n"
					   "notruncate=u"
					   "options=O"
					   "output=o"
					   "output-all=\1"
					   "pairs=P"
					   "raw=r"
					   "source=S"
					   "submounts=R"
					   "tab-file=F"
					   "target=T"
					   "types=t"),
			      NULL);
	if (r)
		return r;
	if (!take_operands())
		return USAGE_ERROR;
	r = find_wanted();
	if (r)
		return r;
	r = table_choose(&table, option_arg(OUTPUT_ALL) ? "" : option_arg('o'));
	if (r)
		return r;
	table.format = option_arg('J') ? 'J' : option_arg('P') ? 'P' : option_arg('r') ? 'R' : 'l';
	table.no_headings = option_arg('n');
	if (table_print(&table, rows) < 0)
		return complain_why();
	/* One that is still relative, real_path() could not look up. */
	if (!found_any && wanted_target && *wanted_target != '/' && !option_arg('C')) {
		r = sys_access(wanted_target, F_OK);
		if (r < 0)
			return not_found(wanted_target, r);
		complain("%s: its absolute path is unknown (is /proc mounted?)", wanted_target);
		return 1;
	}
	return !found_any;
}
