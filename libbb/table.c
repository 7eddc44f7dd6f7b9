/* SPDX-License-Identifier: MIT */
/* Tables, without memory for them: rows are asked for twice, to measure and to print. */
//config:config TABLES
//config:	def_bool FEATURE_LOSETUP_TABLE || FINDMNT || FEATURE_SWAPON_TABLE
//kbuild:obj-$(CONFIG_TABLES) += libbb/table.o
#include "table.h"

enum { MAX_COLUMNS = 64 };

static const struct table *table;
static unsigned char chosen[MAX_COLUMNS];
static unsigned used;
static unsigned width_of[MAX_COLUMNS]; /* by place, not by column */
static unsigned rows_seen;
static bool measuring;

static void pad(unsigned from, unsigned to)
{
	while (from++ < to)
		say_char(' ');
}

/* Byte by byte, what would break a line or a field as \xNN, or as JSON has it;
 * counts only where nothing is to be written. */
static unsigned escaped(const char *text, bool write)
{
	static const char json_short[] = "\bb\tt\nn\ff\rr\"\"\\\\";
	bool json = table->format == 'J', raw = table->format == 'R', pairs = table->format == 'P';
	unsigned width = 0;

	for (; *text; text++) {
		unsigned char c = *text;
		const char *quote = json ? json_short : "";
		bool bad = c < ' ' || c == 0x7f || (raw && (c == ' ' || c >= 0x80)) ||
			   ((raw || pairs) && c == '\\') || (pairs && c == '"');

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
			char digits[4];
			append_id(digits, &c, "\1", 'a');
			say(json ? "\\u00%s" : "\\x%s", digits);
		} else {
			say_char(c);
		}
	}
	return width;
}

static void say_field(unsigned place, const char *text)
{
	char kind = table->columns[chosen[place]].kind;
	bool right = kind == 'n' || kind == 'b', last = place == used - 1;
	unsigned width = escaped(text, false);

	if (place)
		say_char(' ');
	if (right)
		pad(width, width_of[place]);
	escaped(text, true);
	if (!right && !last)
		pad(width, width_of[place]);
	if (last)
		say_char('\n');
}

/* NAME="value" */
static void say_pair(unsigned place, const char *text)
{
	say(place ? " %s=\"" : "%s=\"", table->columns[chosen[place]].name);
	escaped(text, true);
	say(place == used - 1 ? "\"\n" : "\"");
}

static void say_json(unsigned place, const char *text)
{
	char kind = table->columns[chosen[place]].kind;

	say(place ? ",\n         \"" : rows_seen ? ",{\n         \"" : "      {\n         \"");
	for (const char *p = table->columns[chosen[place]].name; *p; p++)
		say_char(*p >= 'A' && *p <= 'Z' ? *p | 0x20 : *p);
	say("\": ");
	if (kind == 'b') {
		say(*text == '1' ? "true" : "false");
	} else if (!*text) {
		say("null");
	} else if (kind == 'n') {
		say("%s", text);
	} else {
		say_char('"');
		escaped(text, true);
		say_char('"');
	}
	if (place == used - 1)
		say("\n      }");
}

void table_row(void)
{
	static char buffer[TABLE_VALUE_SIZE];

	for (unsigned place = 0; place < used; place++) {
		const char *text = table->value_of(chosen[place], buffer);
		unsigned width = measuring && table->format == 'l' ? escaped(text, false) : 0;
		if (width > width_of[place])
			width_of[place] = width;
		if (measuring)
			continue;
		if (table->format == 'J')
			say_json(place, text);
		else if (table->format == 'P')
			say_pair(place, text);
		else
			say_field(place, text);
	}
	rows_seen++;
}

static void say_headings(void)
{
	for (unsigned place = 0; place < used; place++)
		say_field(place, table->columns[chosen[place]].name);
}

/* They count also where they are not shown. */
static void measure_headings(void)
{
	for (unsigned place = 0; place < used; place++) {
		unsigned width = length(table->columns[chosen[place]].name);
		if (width > width_of[place])
			width_of[place] = width;
	}
}

int table_print(const struct table *from, int (*rows)(void))
{
	table = from;
	measuring = true;
	int r = rows();
	measuring = false;
	/* Without rows there is nothing at all. */
	if (!rows_seen)
		return r;
	rows_seen = 0;
	if (table->format == 'J')
		say("{\n   \"%s\": [\n", table->name);
	if (table->format == 'l')
		measure_headings();
	if (!table->no_headings && (table->format == 'l' || table->format == 'R'))
		say_headings();
	r = rows();
	if (table->format == 'J')
		say("\n   ]\n}\n");
	return r;
}

/* The column whose name, in any case, is the start of text up to a comma. */
static unsigned column_of(const char *text)
{
	unsigned column = 0;

	for (; column < table->count; column++) {
		const char *name = table->columns[column].name, *p = text;
		while (*name && (*p | 0x20) == (*name | 0x20))
			name++, p++;
		if (!*name && (!*p || *p == ','))
			break;
	}
	return column;
}

static bool add(unsigned column)
{
	if (used == MAX_COLUMNS || column == table->count)
		return false;
	chosen[used++] = column;
	return true;
}

int table_choose(const struct table *from, const char *list)
{
	table = from;
	if (!list || *list == '+')
		for (unsigned i = 0; i < table->usual_count; i++)
			add(table->usual[i]);
	for (unsigned i = 0; list && !*list && i < table->count; i++)
		add(i);
	if (!list || !*list)
		return 0;
	for (const char *rest = list + (*list == '+');; rest++) {
		if (!add(column_of(rest))) {
			complain("%s: unknown column", list);
			return USAGE_ERROR;
		}
		rest = find_byte(rest, ',');
		if (!*rest)
			return 0;
	}
}

const char *table_device(char *text, unsigned number, unsigned width)
{
	const char *major = decimal(device_major(number));
	const char *minor = decimal(device_minor(number));
	char *end = text;

	*end = 0;
	for (unsigned i = length(major); i < width; i++)
		end = append(end, " ");
	end = append(append(append(end, major), ":"), minor);
	for (unsigned i = length(minor); width && i < 3; i++)
		end = append(end, " ");
	return text;
}

int table_list_columns(const struct table *from)
{
	for (unsigned i = 0; i < from->count; i++)
		say("%s\n", from->columns[i].name);
	return 0;
}
