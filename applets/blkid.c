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
//usage:blkid   -o, --output FORMAT     full, value, udev, export, list or device
//usage:blkid   -s, --match-tag TAG     only this tag, such as LABEL, UUID or TYPE; may be repeated
//usage:blkid   -t, --match-token N=V   only devices that have this tag
//usage:blkid   -l, --list-one          only the first device that is found
//usage:blkid   -L, --label LABEL       print the device that has this label
//usage:blkid   -U, --uuid UUID         print the device that has this UUID
//usage:blkid   -p, --probe             all tags, the partition table's entry among them
//usage:blkid   -n, --match-types LIST  with -p: only these types ("no" before it: all others)
//usage:blkid   -u, --usages LIST       with -p: only filesystem, raid, crypto, other
//usage:blkid   -d, --no-encoding       print values as they are, with quotes and control characters
//usage:blkid   -D, --no-part-details   with -p: without the partition table's entry
//usage:blkid   -c -g -w                accepted and ignored, for compatibility
#include "probe.h"

enum { FOUND_NOTHING = 2, OTHER_ERROR = 4 };

static struct volume volume;
static struct partition partition;
static char table_uuid[40];

/* What is known of a device, each a name and a value. */
static struct tag_value {
	const char *name, *value;
} values[40];
static unsigned count;
/* By -s; none means all. */
static const char *wanted[16];
static unsigned wanted_count;

static const char *usage_of(const struct volume *v)
{
	static const char usages[] = "filesystem\0raid\0crypto\0other\0"; /* by enum usage */

	return nth_string(usages, v->usage);
}

/* `-u USAGES` and `-n TYPES`, each with "no" before it where it is of all others; with -p. What was
 * found and is not wanted may still have a boot sector. */
static const char *unwanted;

static bool is_wanted(const struct volume *v)
{
	const char *usages = option_arg('u'), *types = option_arg('n');
	bool wanted = (!usages || in_list(usage_of(v), usages)) && (!types || in_list(v->type, types));

	if (!wanted)
		unwanted = v->type;
	return wanted;
}

/* Is it a list of usages, perhaps with "no" before it? */
static bool are_usages(const char *list)
{
	char word[LIST_WORD_SIZE];
	bool are = *list;

	if (after_prefix(list, "no"))
		list += 2;
	while (are && next_listed(&list, word))
		are = has_word("filesystem,raid,crypto,other", word);
	return are;
}

static void add(const char *name, const char *value)
{
	if (value && *value && count < LENGTH(values))
		values[count++] = (struct tag_value){ name, value };
}

static const char *value_of(const char *name)
{
	for (unsigned i = 0; i < count; i++)
		if (equal(values[i].name, name))
			return values[i].value;
	return "";
}

/* Other tags of the superblock; without -p neither its version nor identifiers of other things. */
static void add_tags(bool low_level)
{
#if ENABLE_FEATURE_PROBE_ALL
	for (const char *name = volume.tags; *name;) {
		const char *value = nth_string(name, 1), *p = name;
		while (*p && !after_prefix(p, "_ID"))
			p++;
		if (low_level || (!*p && !equal(name, "VERSION")))
			add(name, value);
		name = nth_string(value, 1);
	}
#else
	(void)low_level;
#endif
}

static const char *hex_of(uint64_t number)
{
	static char text[24];
	char *p = text + sizeof text - 1;

	do {
		*--p = number % 16 < 10 ? '0' + number % 16 : 'a' + number % 16 - 10;
	} while (number /= 16);
	*--p = 'x';
	*--p = '0';
	return p;
}

/* The entry of a partition in the table of its disk. */
static void add_entry(void)
{
	static char number[16];
	const char *disk = base_name(partition.disk);

	add("PART_ENTRY_SCHEME", partition.scheme);
	add("PART_ENTRY_NAME", partition.label);
	add("PART_ENTRY_UUID", partition.uuid);
	add("PART_ENTRY_TYPE", partition.type);
	if (ENABLE_FEATURE_PROBE_ALL && partition.flags)
		add("PART_ENTRY_FLAGS", hex_of(partition.flags));
	add("PART_ENTRY_NUMBER", decimal(partition.number));
	if (!ENABLE_FEATURE_PROBE_ALL || !partition.size)
		return;
	add("PART_ENTRY_OFFSET", decimal(partition.start));
	add("PART_ENTRY_SIZE", decimal(partition.size));
	if (read_file(joined("/sys/class/block/", disk, "/dev"), number, sizeof number) > 0) {
		*find_byte(number, '\n') = 0;
		add("PART_ENTRY_DISK", number);
	}
}

/* Fills values. */
static int read_values(const char *device)
{
	bool low_level = option_arg('p');

	count = 0;
	unwanted = "";
	int r = probe(device, &volume);
	if (r < 0)
		return r;
	add("LABEL", volume.label);
	add("UUID", volume.uuid);
	add_tags(low_level);
	add("TYPE", volume.type);
	if (low_level && volume.type)
		add("USAGE", usage_of(&volume));
	/* What a RAID holds is not its members'; and these have a boot sector that looks like a table. */
	const char *found = volume.type ? volume.type : unwanted;
	if (!(volume.type && volume.usage == RAID) &&
	    !has_word("vfat,exfat" IF_FEATURE_PROBE_ALL(",ntfs,BitLocker,befs"), found)) {
		const char *table = probe_table(device, table_uuid);
		add("PTUUID", table_uuid);
		add("PTTYPE", table);
	}
	if (option_arg('D') || !probe_partition(device, &partition))
		return 0;
	if (low_level) {
		add_entry();
	} else {
		add("PARTLABEL", partition.label);
		add("PARTUUID", partition.uuid);
	}
	return 0;
}

static void say_escaped(const char *value, const char *specials)
{
	if (option_arg('d'))
		say("%s", value);
	for (; !option_arg('d') && *value; value++) {
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

/* udev's variables: blanks between words are an underscore; or, where a link in /dev gets the name,
 * all that is odd there \xHH. */
static void say_encoded(const char *value, bool escape)
{
	while (!escape && *value == ' ')
		value++;
	for (; *value; value++) {
		if (!escape && *value == ' ' && (value[1] == ' ' || !value[1]))
			continue;
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
static void say_udev(const char *name, const char *value)
{
	const char *table = after_prefix(name, "PT");
	bool is_entry = after_prefix(name, "PART_ENTRY_");

	if (!is_entry && after_prefix(name, "PART")) /* udev knows of these by the entry */
		return;
	/* a label and a UUID are told twice: written for a link, and encoded */
	bool both = after_prefix(name, "LABEL") || after_prefix(name, "UUID");
	say("ID_%s%s=", table ? "PART_TABLE_" : is_entry ? "" : "FS_", table ? table : name);
	say_encoded(value,
		    ends_with(name, "TYPE") || equal(name, "TYPE") || equal(name, "PART_ENTRY_NAME") ||
			    (ENABLE_FEATURE_PROBE_ALL && (equal(name, "VERSION") || ends_with(name, "_ID"))));
	say_char('\n');
	if (both) {
		say("ID_FS_%s_ENC=", name);
		say_encoded(value, true);
		say_char('\n');
	}
}

static bool is_wanted_tag(const char *name)
{
	for (unsigned i = 0; i < wanted_count; i++)
		if (equal(wanted[i], name))
			return true;
	return !wanted_count;
}

/* Prints what is wanted of the device, behind others or not; false where nothing at all is
 * known of it. */
static bool print_device(const char *device, bool shown)
{
	const char *format = option_arg('o') ? option_arg('o') : "full";
	bool in_lines = equal(format, "export") || equal(format, "udev");
	bool found = false;

	if (equal(format, "device")) {
		if (count)
			say("%s\n", device);
		return count;
	}
	for (struct tag_value *tag = values; tag < values + count; tag++) {
		if (!is_wanted_tag(tag->name))
			continue;
		if (!found && in_lines && shown)
			say_char('\n');
		if (!found && equal(format, "export"))
			say("DEVNAME=%s\n", device);
		else if (!found && !in_lines && !equal(format, "value"))
			say("%s:", device);
		found = true;
		if (equal(format, "value")) {
			say("%s\n", tag->value);
		} else if (equal(format, "export")) {
			say("%s=", tag->name);
			say_escaped(tag->value, " \"\\$`'<>&|;()*?");
			say_char('\n');
		} else if (equal(format, "udev")) {
			say_udev(tag->name, tag->value);
		} else {
			say(" %s=\"", tag->name);
			say_escaped(tag->value, "\"\\");
			say_char('"');
		}
	}
	if (found && !in_lines && !equal(format, "value"))
		say_char('\n');
	return count;
}

/* `-t NAME=VALUE` */
static bool matches(const char *token)
{
	if (!token)
		return true;
	char *end = find_byte(token, '='), *value = end + 1;
	size_t size = length(value);
	if ((*value == '"' || *value == '\'') && size > 1 && value[size - 1] == *value)
		value = copied(value + 1, size - 2);
	return equal(value_of(copied(token, end - token)), value);
}

static int take_option(char letter, const char *arg)
{
	if (letter == '?')
		return option_unknown(arg);
	if (letter == 's') {
		if (wanted_count == LENGTH(wanted))
			return option_unknown(arg);
		wanted[wanted_count++] = arg;
	}
	return 0;
}

/* The list of devices could not be read. */
static int list_failed(void)
{
	complain_why();
	return OTHER_ERROR;
}

static int show_found(const char *tag, const char *value)
{
	const char *device = device_find(joined(tag, value, ""));

	if (!device)
		return devices_unread ? list_failed() : FOUND_NOTHING;
	say("%s\n", device);
	return 0;
}

/* Do the options go together? 0, or an exit code. */
static int check_options(void)
{
	const char *token = option_arg('t'), *equals = token ? find_byte(token, '=') : "=";

	if (option_arg('p') && !options.count) {
		complain("-p needs a device or file");
		return OTHER_ERROR;
	}
	if (option_arg('u') && !are_usages(option_arg('u')))
		return option_unknown(option_arg('u'));
	if (!*equals || equals == token || (token && !equals[1])) {
		complain("-t %s: not NAME=VALUE", token);
		return OTHER_ERROR;
	}
	if (option_arg('l') && !token) {
		complain("-l needs -t NAME=VALUE");
		return OTHER_ERROR;
	}
	return 0;
}

/* The next operand, or without any the next device that there is; NULL at the end. */
static const char *next_device(char ***operand)
{
	static struct device_list list;

	if (options.count)
		return *(*operand)++;
	return device_next(&list) ? list.path : NULL;
}

int blkid_main(char **argv)
{
	const char *formats = "full,value,udev,export,list,device", *name;
	char **operand;
	int code = FOUND_NOTHING;

	int r = options_parse(argv, "c:dDglL:n:o:ps:t:u:U:w:",
			      LONG_OPTIONS("cache-file=c"
					   "garbage-collect=g"
					   "label=L"
					   "list-one=l"
					   "match-tag=s"
					   "match-token=t"
					   "match-types=n"
					   "no-encoding=d"
					   "no-part-details=D"
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
	r = check_options();
	if (r)
		return r;
	if (option_arg('p'))
		probe_wants = is_wanted;
	for (operand = options.operands; (name = next_device(&operand));) {
		char *mark = read_mark();
		r = read_values(name);
		if (r < 0 && options.count) /* one that was named */
			complain_why();
		if (r == 0 && matches(option_arg('t')) && print_device(name, code == 0))
			code = 0;
		else if (r == 0 && option_arg('p'))
			return FOUND_NOTHING;
		read_forget(mark);
		if (code == 0 && option_arg('l'))
			break;
	}
	return !options.count && devices_unread ? list_failed() : code;
}
