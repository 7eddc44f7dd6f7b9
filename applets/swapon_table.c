/* SPDX-License-Identifier: MIT */
/* swapon --show: what is in use, as swapon(8) prints it. */
//config:config FEATURE_SWAPON_TABLE
//config:	bool "swapon --show"
//config:	default y
//config:	depends on SWAPON
//config:	help
//config:	  A table of what is in use, also for swapon without arguments.
//kbuild:obj-$(CONFIG_FEATURE_SWAPON_TABLE) += applets/swapon_table.o
#include "swapon.h"
#include "probe.h"
#include "table.h"

/* clang-format off */
#define COLUMNS(X) \
	X(NAME, "NAME", 's') \
	X(TYPE, "TYPE", 's') \
	X(SIZE, "SIZE", 'n') \
	X(USED, "USED", 'n') \
	X(PRIO, "PRIO", 'n') \
	X(UUID, "UUID", 's') \
	X(LABEL, "LABEL", 's')
/* clang-format on */
enum column { COLUMNS(TABLE_SYMBOL) COUNT };
static const struct table_column columns[] = { COLUMNS(TABLE_COLUMN) };
static const unsigned char usual[] = { NAME, TYPE, SIZE, USED, PRIO };

static const char *row[PRIO + 1]; /* as the kernel's list has it */

/* "40M", "1.5G": as many of the largest unit as there are, with a decimal place where it is not 0. */
static const char *human_size(char *text, uint64_t bytes)
{
	static const char units[] = "BKMGTPE";
	unsigned unit = 0;

	while (bytes >> (10 * unit) >= 1024)
		unit++;
	uint64_t whole = bytes >> (10 * unit), rest = bytes - (whole << (10 * unit));
	/* of the last three digits, what counts is the first */
	unsigned tenths = unit ? ((rest >> (10 * (unit - 1))) * 1000 / 1024 + 50) / 100 : 0;
	char *end = append_number(text, whole + tenths / 10);
	if (tenths % 10)
		end = append_number(append(end, "."), tenths);
	*end++ = units[unit];
	*end = 0;
	return text;
}

/* The list has KiB. */
static const char *size_of(const char *kibibytes, char *text)
{
	uint64_t bytes = parse_digits(&kibibytes) * 1024;

	return option_arg(BYTES) ? decimal(bytes) : human_size(text, bytes);
}

static const char *value_of(unsigned column, char text[TABLE_VALUE_SIZE])
{
	static struct volume volume;

	switch (column) {
	case SIZE:
	case USED:
		return size_of(row[column], text);
	case UUID:
	case LABEL:
		if (!ENABLE_FEATURE_PROBE_TAGS || probe(row[NAME], &volume) < 0)
			return "";
		return column == UUID ? volume.uuid : volume.label;
	}
	return row[column];
}

static struct table table = {
	.columns = columns,
	.count = COUNT,
	.usual = usual,
	.usual_count = LENGTH(usual),
	.value_of = value_of,
	.format = 'l',
};

static int rows(void)
{
	char *mark = read_mark(), *text = read_whole(SWAPS), *rest;

	if (!text)
		return why.error;
	while ((row[NAME] = next_swap(&text, &rest))) {
		bool whole = true;
		for (unsigned i = TYPE; i < LENGTH(row); i++)
			whole &= (row[i] = next_word(&rest)) != NULL;
		if (whole)
			table_row();
	}
	read_forget(mark);
	return 0;
}

int swapon_table(void)
{
	const char *list = option_arg(SHOW);

	int r = table_choose(&table, option_arg(OUTPUT_ALL) ? "" : list && *list ? list : NULL);
	if (r)
		return r;
	if (option_arg(RAW))
		table.format = 'R';
	table.no_headings = option_arg(NO_HEADINGS);
	return table_print(&table, rows) < 0 ? complain_why() : 0;
}
