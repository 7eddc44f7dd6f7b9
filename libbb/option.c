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

struct options options;

/* Where letter stands in letters, or NULL. */
static const char *find(const char *letters, char letter)
{
	for (; *letters; letters++)
		if (*letters == letter && letter != ':')
			return letters;
	return NULL;
}

/* What options_parse() found wrong with a word. */
static const char *fault = "unknown option";

int option_unknown(const char *word)
{
	complain("%s: %s", word, fault);
	return USAGE_ERROR;
}

int options_parse(char **argv, const char *letters, const char *longs,
		  int (*each)(char letter, const char *arg))
{
	char **operand = ++argv, *word;
	bool only_operands = false;

	options.operands = operand;
	while ((word = *argv++)) {
		char *p = word + 1;
		if (only_operands || *word != '-' || !*p) {
			*operand++ = word;
			only_operands |= options.ordered;
			continue;
		}
		bool is_long = *p == '-';
		if (is_long && !*++p) {
			only_operands = true;
			continue;
		}
		do {
			char letter = '?';
			const char *arg = "";
			if (!is_long) {
				letter = *p++;
				if (letter < '-') /* one of a long name alone; nor ':' */
					letter = '?';
			} else {
				const char *name = p;
				while (*p && *p != '=')
					p++;
				if (ENABLE_FEATURE_LONG_OPTIONS)
					letter = letter_of(name, p - name, longs);
			}
			const char *spec = find(letters, letter);
			if (spec && spec[1] == ':') {
				if (*p)
					arg = p + is_long; /* -aARG, --name=ARG */
				else if (spec[2] != ':')
					arg = *argv ? *argv++ : NULL;
				is_long = true; /* nothing more in this word */
			} else if (is_long && *p) {
				arg = NULL; /* --flag=value */
			}
			if (!spec || !arg) {
				if (spec)
					fault = spec[1] == ':' ? "needs an argument" : "takes no argument";
				letter = '?';
				arg = word;
			} else {
				options.args[(unsigned char)letter] = arg;
			}
			int r = each ? each(letter, arg) : letter == '?' ? option_unknown(arg) : 0;
			if (r)
				return r;
		} while (!is_long && *p);
	}
	*operand = NULL;
	options.count = operand - options.operands;
	return 0;
}
