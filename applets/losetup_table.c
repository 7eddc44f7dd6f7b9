/* SPDX-License-Identifier: MIT */
/* The tables of losetup: aligned columns, --raw and --json, as losetup(8). */
//config:config FEATURE_LOSETUP_TABLE
//config:	bool "Tables: -l -n -O --raw --output-all --json"
//config:	default y
//config:	depends on LOSETUP
//config:	help
//config:	  Without it, losetup lists in the one-line form of -a alone.
//kbuild:obj-$(CONFIG_FEATURE_LOSETUP_TABLE) += applets/losetup_table.o
#include <linux/fs.h>

#include "losetup.h"

enum column {
	NAME,
	AUTOCLEAR,
	BACK_FILE,
	BACK_INO,
	BACK_MAJ_MIN,
	MAJ_MIN,
	OFFSET,
	PARTSCAN,
	RO,
	SIZELIMIT,
	DIO,
	LOG_SEC,
	COLUMNS
};

/* In the order of --output-all. */
static const struct {
	char name[13];
	char kind; /* 's' text, 'd' device number, 'n' number, 'b' yes or no */
} columns[COLUMNS] = {
	{ "NAME", 's' },	 { "AUTOCLEAR", 'b' }, { "BACK-FILE", 's' }, { "BACK-INO", 'n' },
	{ "BACK-MAJ:MIN", 'd' }, { "MAJ:MIN", 'd' },   { "OFFSET", 'n' },    { "PARTSCAN", 'b' },
	{ "RO", 'b' },		 { "SIZELIMIT", 'n' }, { "DIO", 'b' },	     { "LOG-SEC", 'n' },
};

static const unsigned char usual[] = { NAME, SIZELIMIT, OFFSET, AUTOCLEAR, RO, BACK_FILE, DIO, LOG_SEC };

static struct {
	unsigned char column[4 * COLUMNS];
	unsigned used;
	unsigned width[COLUMNS];
	char format;
	unsigned devices; /* shown so far */
} table;

/* MAJOR:MINOR; in an aligned table with the colons below one another, for which
 * util-linux takes that width before and three behind. */
static void write_device(char *text, uint64_t device, unsigned width)
{
	const char *major = decimal(device >> 8 & 0xfff);
	const char *minor = decimal((device & 0xff) | (device >> 12 & 0xfff00));

	*text = 0;
	for (unsigned i = length(major); i < width; i++)
		text = append(text, " ");
	text = append(append(append(text, major), ":"), minor);
	for (unsigned i = length(minor); width && i < 3; i++)
		text = append(text, " ");
}

static void value_of(enum column column, int fd, const char *path, const struct loop_info64 *info,
		     char text[LOOP_FILE_SIZE])
{
	unsigned long long number = 0;
	uint64_t device = info->lo_device;
	int block_size = 0;
	struct stat node;

	switch (column) {
	case NAME:
		append(text, path);
		return;
	case BACK_FILE:
		loop_file_name(text, info);
		return;
	case MAJ_MIN:
		sys_stat(fd, "", &node);
		device = node.st_rdev;
		/* fall through */
	case BACK_MAJ_MIN:
		write_device(text, device, table.format != 'l' ? 0 : column == MAJ_MIN ? 3 : 8);
		return;
	case LOG_SEC:
		sys_ioctl(fd, BLKSSZGET, &block_size);
		number = block_size;
		break;
	case AUTOCLEAR:
		number = !!(info->lo_flags & LO_FLAGS_AUTOCLEAR);
		break;
	case PARTSCAN:
		number = !!(info->lo_flags & LO_FLAGS_PARTSCAN);
		break;
	case RO:
		number = !!(info->lo_flags & LO_FLAGS_READ_ONLY);
		break;
	case DIO:
		number = !!(info->lo_flags & LO_FLAGS_DIRECT_IO);
		break;
	case OFFSET:
		number = info->lo_offset;
		break;
	case SIZELIMIT:
		number = info->lo_sizelimit;
		break;
	case BACK_INO:
		number = info->lo_inode;
		break;
	case COLUMNS:
		break;
	}
	append_number(text, number);
}

static void pad(unsigned from, unsigned to)
{
	while (from++ < to)
		say_char(' ');
}

/* Byte by byte, what would break a line or a field as \xNN, or as JSON has it;
 * counts only where nothing is to be written. */
static unsigned escaped(const char *text, bool write)
{
	static const char hex[] = "0123456789abcdef";
	static const char json_short[] = "\bb\tt\nn\ff\rr\"\"\\\\";
	bool json = table.format == 'J', raw = table.format == 'R';
	unsigned width = 0;

	for (; *text; text++) {
		unsigned char c = *text;
		const char *quote = json ? json_short : "";
		bool bad = c < ' ' || c == 0x7f || (raw && (c == ' ' || c == '\\' || c >= 0x80));

		while (*quote && *quote != *text)
			quote += 2;
		/* what follows the first byte of a character in UTF-8 takes no room */
		width += bad ? 4 : (c & 0xc0) != 0x80;
		if (!write)
			continue;
		if (*quote) {
			say_char('\\');
			say_char(quote[1]);
		} else if (bad) {
			say("%s", json ? "\\u00" : "\\x");
			say_char(hex[c >> 4]);
			say_char(hex[c & 15]);
		} else {
			say_char(c);
		}
	}
	return width;
}

static void measure(int fd, const char *path, const struct loop_info64 *info)
{
	char text[LOOP_FILE_SIZE];

	for (unsigned i = 0; i < table.used; i++) {
		enum column c = table.column[i];
		value_of(c, fd, path, info, text);
		unsigned width = escaped(text, false);
		if (width > table.width[c])
			table.width[c] = width;
	}
	table.devices++;
}

static void say_field(unsigned i, const char *text)
{
	enum column c = table.column[i];
	bool right = columns[c].kind == 'n' || columns[c].kind == 'b', last = i == table.used - 1;
	unsigned width = escaped(text, false);

	if (i)
		say_char(' ');
	if (right)
		pad(width, table.width[c]);
	escaped(text, true);
	if (!right && !last)
		pad(width, table.width[c]);
	if (last)
		say_char('\n');
}

static void show_row(int fd, const char *path, const struct loop_info64 *info)
{
	char text[LOOP_FILE_SIZE];

	for (unsigned i = 0; i < table.used; i++) {
		value_of(table.column[i], fd, path, info, text);
		say_field(i, text);
	}
}

static void show_json(int fd, const char *path, const struct loop_info64 *info)
{
	char text[LOOP_FILE_SIZE];

	say("%s{\n", table.devices++ ? "," : "      ");
	for (unsigned i = 0; i < table.used; i++) {
		char kind = columns[table.column[i]].kind;
		say("%s         \"", i ? ",\n" : "");
		for (const char *p = columns[table.column[i]].name; *p; p++)
			say_char(*p >= 'A' && *p <= 'Z' ? *p | 0x20 : *p);
		say("\": ");
		value_of(table.column[i], fd, path, info, text);
		if (kind == 'b') {
			say("%s", *text == '1' ? "true" : "false");
		} else if (kind == 'n') {
			say("%s", text);
		} else {
			say_char('"');
			escaped(text, true);
			say_char('"');
		}
	}
	say("\n      }");
}

/* The column whose name, in any case, is the start of text up to a comma. */
static enum column column_of(const char *text)
{
	for (enum column c = 0; c < COLUMNS; c++) {
		const char *name = columns[c].name;
		const char *p = text;
		while (*name && (*p | 0x20) == (*name | 0x20))
			name++, p++;
		if (!*name && (!*p || *p == ','))
			return c;
	}
	return COLUMNS;
}

static bool add_column(enum column column)
{
	if (table.used == sizeof table.column || column == COLUMNS)
		return false;
	table.column[table.used++] = column;
	return true;
}

/* NULL is the usual columns, "" all, "+LIST" the usual ones and more. */
static bool choose_columns(const char *list)
{
	if (!list || *list == '+')
		for (unsigned i = 0; i < sizeof usual; i++)
			add_column(usual[i]);
	if (!list)
		return true;
	if (!*list) {
		for (enum column c = 0; c < COLUMNS; c++)
			add_column(c);
		return true;
	}
	for (list += *list == '+';; list++) {
		if (!add_column(column_of(list)))
			return false;
		while (*list && *list != ',')
			list++;
		if (!*list)
			return true;
	}
}

int losetup_table(const struct losetup_filter *filter, char format, bool headings, const char *list)
{
	int r;

	if (!choose_columns(list)) {
		complain("%s: unknown column", list);
		return USAGE_ERROR;
	}
	table.format = format;
	if (format == 'J') {
		say("{\n   \"loopdevices\": [\n");
		r = losetup_each(filter, show_json);
		say("\n   ]\n}\n");
	} else {
		r = losetup_each(filter, measure);
		if (format == 'R')
			for (unsigned i = 0; i < COLUMNS; i++)
				table.width[i] = 0;
		if (table.devices) {
			for (unsigned i = 0; format != 'R' && i < table.used; i++) {
				enum column c = table.column[i];
				unsigned width = length(columns[c].name);
				if (width > table.width[c])
					table.width[c] = width;
			}
			for (unsigned i = 0; headings && i < table.used; i++)
				say_field(i, columns[table.column[i]].name);
		}
		if (!r)
			r = losetup_each(filter, show_row);
	}
	return r < 0 ? complain_errno(filter->path, r) : 0;
}
