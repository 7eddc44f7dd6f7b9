/* SPDX-License-Identifier: MIT */
/* blkid: what is on block devices and in images, as blkid(8) prints it. */
//config:config BLKID
//config:	bool "blkid"
//config:	default y
//config:	depends on FEATURE_PROBE_TAGS
//config:	help
//config:	  Print type, label and UUID of file systems and partitions.
//kbuild:obj-$(CONFIG_BLKID) += applets/blkid.o
//applet:sbin/blkid BLKID blkid_main
//usage:blkid [-lp] [-o FORMAT] [-s TAG]... [-t NAME=VALUE] [DEVICE...] | -L LABEL | -U UUID
//usage:blkid   -o, --output FORMAT   full, value, udev, export, list or device
//usage:blkid   -s, --match-tag TAG   only these: LABEL UUID TYPE PARTLABEL PARTUUID
//usage:blkid   -t, --match-token NAME=VALUE   only devices that have it; -l, --list-one the first
//usage:blkid   -L, --label; -U, --uuid        the device that has it
//usage:blkid   -p, --probe           the partition table's entry, too; with it,
//usage:blkid   -n, --match-types; -u, --usages   only of these, or with "no" of all others
//usage:blkid   -c, -d, -g, -w        accepted; there is no cache
#include "probe.h"

enum { FOUND_NOTHING = 2, OTHER_ERROR = 4 };

static struct volume volume;
static struct partition partition;
static char table_uuid[40];

/* clang-format off */
static const char names[] = "LABEL\0" "UUID\0" "TYPE\0" "USAGE\0" "PARTLABEL\0" "PARTUUID\0"
	"PTUUID\0" "PTTYPE\0" "PART_ENTRY_SCHEME\0" "PART_ENTRY_NAME\0" "PART_ENTRY_UUID\0"
	"PART_ENTRY_TYPE\0" "PART_ENTRY_NUMBER\0";
/* clang-format on */
enum { LABEL, UUID, TYPE, USAGE, PARTLABEL, PARTUUID, PTUUID, PTTYPE, PART_SCHEME, PART_NAME, COUNT = 13 };

static const char *values[COUNT];
static unsigned wanted; /* by -s: a bit for each; none means all */

static const char *usage_of(const char *type)
{
	return !type					      ? NULL
	       : has_word("crypto_LUKS,DM_verity_hash", type) ? "crypto"
	       : has_word("swap,swsuspend,jbd", type)	      ? "other"
	       : equal(type, "linux_raid_member")	      ? "raid"
							      : "filesystem";
}

/* Fills values. */
static int look_at(const char *device)
{
	bool low_level = option_arg('p');
	bool is_partition = probe_partition(device, &partition);

	for (unsigned i = 0; i < COUNT; i++)
		values[i] = NULL;
	int r = probe(device, &volume);
	if (r < 0)
		return r;
	values[LABEL] = volume.label;
	values[UUID] = volume.uuid;
	values[TYPE] = volume.type;
	if (low_level)
		values[USAGE] = usage_of(volume.type);
	if (is_partition && !low_level) {
		values[PARTLABEL] = partition.label;
		values[PARTUUID] = partition.uuid;
	} else if (is_partition) {
		const char **value = values + PART_SCHEME;
		*value++ = partition.scheme;
		*value++ = partition.label;
		*value++ = partition.uuid;
		*value++ = partition.type;
		*value = decimal(partition.number);
	}
	/* A file system has a boot sector that looks like a table. */
	if (!is_partition && (!volume.type || equal(volume.type, "iso9660"))) {
		values[PTTYPE] = probe_table(device, table_uuid);
		values[PTUUID] = table_uuid;
	}
	return 0;
}

static void say_escaped(const char *value, const char *specials)
{
	for (; *value; value++) {
		for (const char *p = specials; *p; p++)
			if (*p == *value)
				say_char('\\');
		/* A label must not end its line. */
		if ((unsigned char)*value < ' ' || *value == 127) {
			say_char('^');
			say_char(*value ^ 0x40);
		} else {
			say_char(*value);
		}
	}
}

/* udev's variables: a blank is an underscore; or, where a link in /dev gets the name, all
 * that is odd there \xHH. */
static void say_encoded(const char *value, bool escape)
{
	for (; *value; value++) {
		unsigned char c = *value;
		bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			     c >= 0x80;
		for (const char *p = "#+-.:=@_"; *p; p++)
			plain |= *p == (char)c;
		if (plain || (!escape && c > ' ' && c != 127)) {
			say_char(c);
		} else if (escape) {
			char digits[4];
			append_id(digits, &c, "\1", 'a');
			say("\\x%s", digits);
		} else {
			say_char('_');
		}
	}
}

/* ID_FS_LABEL=..., ID_PART_TABLE_TYPE=..., ID_PART_ENTRY_NAME=... */
static void say_udev(unsigned n, const char *name, const char *value, bool escape)
{
	if (n == PARTLABEL || n == PARTUUID)
		return;
	bool of_table = n == PTUUID || n == PTTYPE;
	say("ID_%s%s=", n <= USAGE ? "FS_" : of_table ? "PART_TABLE_" : "", name + (of_table ? 2 : 0));
	say_encoded(value, escape);
	say_char('\n');
}

/* Prints what is wanted of the device, behind others or not; false where nothing at all is
 * known of it. */
static bool show(const char *device, bool shown)
{
	const char *format = option_arg('o') ? option_arg('o') : "full";
	const char *name = names;
	bool found = false, known = false;

	for (unsigned i = 0; i < COUNT; i++, name = nth_string(name, 1)) {
		const char *value = values[i];
		if (!value || !*value)
			continue;
		known = true;
		if (equal(format, "device"))
			break;
		if (wanted && !(wanted >> i & 1))
			continue;
		bool first = !found;
		found = true;
		if (equal(format, "value")) {
			say("%s\n", value);
		} else if (equal(format, "export")) {
			if (first)
				say("%sDEVNAME=%s\n", shown ? "\n" : "", device);
			say("%s=", name);
			say_escaped(value, " \"\\$`'<>&|;()*?");
			say_char('\n');
		} else if (equal(format, "udev")) {
			say_udev(i, name, value, i == PART_NAME);
			if (i <= UUID)
				say_udev(i, joined(name, "_ENC", ""), value, true);
		} else {
			if (first)
				say("%s:", device);
			say(" %s=\"", name);
			say_escaped(value, "\"\\");
			say_char('"');
		}
	}
	if (known && equal(format, "device"))
		say("%s\n", device);
	else if (found && (equal(format, "full") || equal(format, "list")))
		say_char('\n');
	return known;
}

static int number_of(const char *name)
{
	return find_string(names, name);
}

/* `-t NAME=VALUE` */
static bool matches(const char *token)
{
	char name[32];
	unsigned used = 0;

	if (!token)
		return true;
	for (; *token && *token != '=' && used < sizeof name - 1; token++)
		name[used++] = *token;
	name[used] = 0;
	int n = number_of(name);
	return n >= 0 && *token == '=' && values[n] && equal(values[n], token + 1);
}

/* `-u USAGES` and `-n TYPES`, each with "no" before it where it is of all others; with -p. */
static bool is_wanted(void)
{
	const char *usages = option_arg('u'), *types = option_arg('n');

	if (!option_arg('p'))
		return true;
	return (!usages || in_list(values[USAGE] ? values[USAGE] : "", usages)) &&
	       (!types || in_list(values[TYPE] ? values[TYPE] : "", types));
}

static int take_option(char letter, const char *arg)
{
	if (letter == '?')
		return option_unknown(arg);
	if (letter == 's') {
		int n = number_of(arg);
		/* One that nobody has is one that no device has. */
		wanted |= n < 0 ? 1U << 31 : 1U << n;
	}
	return 0;
}

static int show_found(const char *tag, const char *value)
{
	const char *device = device_find(joined(tag, value, ""));

	if (!device)
		return FOUND_NOTHING;
	say("%s\n", device);
	return 0;
}

int blkid_main(char **argv)
{
	static struct device_list list;
	const char *formats = "full,value,udev,export,list,device";
	int code = FOUND_NOTHING;

	int r = options_parse(argv, "c:dglL:n:o:ps:t:u:U:w:",
			      LONG_OPTIONS("cache-file=c"
					   "garbage-collect=g"
					   "label=L"
					   "list-one=l"
					   "match-tag=s"
					   "match-token=t"
					   "match-types=n"
					   "no-encoding=d"
					   "output=o"
					   "probe=p"
					   "usages=u"
					   "uuid=U"),
			      take_option);
	if (r)
		return r;
	if (option_arg('o') && !has_word(formats, option_arg('o')))
		return option_unknown(option_arg('o'));
	if (option_arg('g'))
		return 0; /* there is no cache */
	if (option_arg('L') || option_arg('U'))
		return option_arg('L') ? show_found("LABEL=", option_arg('L'))
				       : show_found("UUID=", option_arg('U'));
	if (option_arg('p') && !options.count) {
		complain("-p: needs a device");
		return OTHER_ERROR;
	}
	/* Who does not ask for arrays is told what they hold. */
	const char *usages = option_arg('u'), *types = option_arg('n');
	probe_ignores_arrays = option_arg('p') && ((usages && !in_list("raid", usages)) ||
						   (types && !in_list("linux_raid_member", types)));
	const char *token = option_arg('t');
	for (char **name = options.operands;;) {
		const char *device = *name;
		if (options.count) {
			if (!device)
				break;
			name++;
		} else {
			if (!device_next(&list))
				break;
			device = list.path;
		}
		char *mark = read_mark();
		r = look_at(device);
		if (r == 0 && matches(token) && is_wanted() && show(device, code == 0))
			code = 0;
		else if (r == 0 && option_arg('p'))
			return FOUND_NOTHING;
		read_forget(mark);
		if (code == 0 && option_arg('l'))
			break;
	}
	return code;
}
