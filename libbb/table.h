/* SPDX-License-Identifier: MIT */
/*
 * Tables as util-linux prints them: aligned columns, raw, pairs or JSON. Sources: its
 * manual pages, and what version 2.38 prints.
 */
#ifndef TABLE_H
#define TABLE_H

#include "libbb.h"

#define TABLE_VALUE_SIZE 4096

struct table_column {
	char name[13];
	char kind; /* 's' text, 'n' number, 'b' 0 or 1, 'd' MAJOR:MINOR */
};

/* For lists X(SYMBOL, "NAME", kind) of columns: an enumeration, and what stands in it. */
#define TABLE_SYMBOL(symbol, name, kind) symbol,
#define TABLE_COLUMN(symbol, name, kind) { name, kind },

struct table {
	const struct table_column *columns;
	const unsigned char *usual; /* columns that are shown unless others are named */
	unsigned char count, usual_count;
	/* What a column has in the row that is shown: in buffer, or anywhere else. */
	const char *(*value_of)(unsigned column, char buffer[TABLE_VALUE_SIZE]);
	const char *name; /* in JSON */
	char format;	  /* 'l' aligned, 'R' raw, 'P' NAME="value", 'J' JSON */
	bool no_headings;
};

/* Chooses columns by "NAME,..."; "+NAME,..." are the usual ones and more, NULL the usual
 * ones, "" all. Returns 0, or USAGE_ERROR after a complaint. */
int table_choose(const struct table *table, const char *list);

/* Prints it. rows calls table_row() for each row, and is itself called twice, to look whether
 * there are any, and how wide, and to print. Returns what it returns. */
int table_print(const struct table *table, int (*rows)(void));
void table_row(void);

/* Writes MAJOR:MINOR for a value; so wide before and behind the colon that colons stand
 * below one another, in an aligned table. number: as device_number() */
const char *table_device(char *text, unsigned number, unsigned width);

/* The names of all columns, one a line. */
int table_list_columns(const struct table *table);

#endif
