/* SPDX-License-Identifier: MIT */
/* The command line: getopt_long(3)'s rules in a tenth of its size. */
//config:config FEATURE_LONG_OPTIONS
//config:	bool "Long options"
//config:	default y
//config:	help
//config:	  --show beside -s, in every applet that has options. Off, each
//config:	  long option is refused.
//kbuild:obj-y += libbb/option.o
#include "libbb.h"

/* The letter for the long name of that length, or '?' where none or several fit. */
static char letter_of(const char *name, size_t length, const char *longs)
{
	char found = '?';
	bool ambiguous = false;

	while (*longs) {
		size_t same = 0;
		while (same < length && longs[same] == name[same])
			same++;
		const char *end = longs + same;
		while (*end != '=')
			end++;
		if (same == length) {
			if (longs[same] == '=')
				return end[1];
			ambiguous |= found != '?' && found != end[1];
			found = end[1];
		}
		longs = end + 2;
	}
	return ambiguous ? '?' : found;
}

/* Where letter stands in letters, or NULL. */
static const char *find(const char *letters, char letter)
{
	for (; *letters; letters++)
		if (*letters == letter && letter != ':')
			return letters;
	return NULL;
}

/* Moves the words up to the next option to the operands; false at the end. */
static bool skip_operands(struct options *o)
{
	bool only_operands = false;
	char *word;

	while ((word = *o->next)) {
		o->next++;
		if (only_operands || word[0] != '-' || !word[1]) {
			o->argv[o->operands++] = word;
			only_operands |= o->ordered;
		} else if (word[1] == '-' && !word[2]) {
			only_operands = true;
		} else {
			o->cluster = word + 1;
			return true;
		}
	}
	o->argv[o->operands] = NULL;
	return false;
}

int option_next(struct options *o, const char *letters, const char *longs)
{
	char letter = '?';
	char *value;

	o->arg = NULL;
	if (!o->cluster && !skip_operands(o))
		return 0;

	bool is_long = *o->cluster == '-' && o->cluster == o->next[-1] + 1;
	if (is_long) {
		char *name = o->cluster + 1;
		size_t length = 0;
		while (name[length] && name[length] != '=')
			length++;
		value = name[length] ? name + length + 1 : NULL;
		if (ENABLE_FEATURE_LONG_OPTIONS)
			letter = letter_of(name, length, longs);
		o->cluster = NULL;
	} else {
		letter = *o->cluster++;
		if (!*o->cluster)
			o->cluster = NULL;
		value = o->cluster;
	}

	const char *spec = find(letters, letter);
	if (!spec)
		goto wrong;
	if (spec[1] == ':') {
		o->cluster = NULL;
		if (!value && spec[2] != ':') {
			value = *o->next;
			if (!value)
				goto wrong;
			o->next++;
		}
		o->arg = value;
	} else if (is_long && value) {
		goto wrong;
	}
	o->seen |= (uint64_t)1 << (letter - '@');
	return letter;
wrong:
	o->arg = o->next[-1];
	return '?';
}
