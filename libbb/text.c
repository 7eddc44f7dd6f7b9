/* SPDX-License-Identifier: MIT */
/* Numbers and words. */
//kbuild:obj-y += libbb/text.o
#include "libbb.h"

size_t length(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	return n;
}

bool equal(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

int parse_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "kmgtpe";
	unsigned base = 10, digit;
	uint64_t n = 0, too_large = 0;	/* what has left at the top, or would */

	if (text[0] == '0' && (text[1] | 0x20) == 'x') {
		base = 16;
		text += 2;
	}
	const char *digits = text;
	for (; (digit = digit_of(*text)) < base; text++) {
		too_large |= n >> 59;
		n = n * base + digit;
	}
	if (text == digits)
		return -EINVAL;

	if (*text) {
		unsigned factor = 1024;
		const char *unit = units;
		while (*unit != (*text | 0x20))
			if (!*unit++)
				return -EINVAL;
		text++;
		if ((text[0] | 0x20) == 'i')
			text++;
		else if (*text)
			factor = 1000;
		if (*text && (*text++ | 0x20) != 'b')
			return -EINVAL;
		if (*text)
			return -EINVAL;
		do {
			too_large |= n >> 53;
			n *= factor;
		} while (unit-- > units);
	}
	if (too_large)
		return -ERANGE;
	*bytes = n;
	return 0;
}

unsigned parse_digits(const char **text)
{
	unsigned n = 0;

	for (; **text >= '0' && **text <= '9'; ++*text)
		n = n * 10 + **text - '0';
	return n;
}

unsigned parse_device(const char **text)
{
	unsigned major = parse_digits(text);
	++*text;
	return device_number(major, parse_digits(text));
}

char *append(char *to, const char *text)
{
	while ((*to = *text++))
		to++;
	return to;
}

char *append_number(char *to, unsigned long long number)
{
	char digits[NUMBER_SIZE];
	char *p = digits + sizeof digits - 1;

	*p = 0;
	do
		*--p = '0' + number % 10;
	while (number /= 10);
	return append(to, p);
}

char *after_prefix(const char *text, const char *prefix)
{
	while (*prefix)
		if (*text++ != *prefix++)
			return NULL;
	return (char *)text;
}

bool in_list(const char *word, const char *list)
{
	const char *others = after_prefix(list, "no");
	const char *rest;

	if (others)
		list = others;
	for (;;) {
		rest = after_prefix(list, word);
		if (rest && (!*rest || *rest == ','))
			return !others;
		while (*list != ',')
			if (!*list++)
				return others;
		list++;
	}
}

/* Cuts at the first byte that is any of the two; moves *text behind it. */
static char *cut(char **text, char end, char other)
{
	char *start = *text, *p = start;

	if (!*p)
		return NULL;
	while (*p && *p != end && *p != other)
		p++;
	*text = *p ? p + 1 : p;
	*p = 0;
	return start;
}

char *next_line(char **text)
{
	return cut(text, '\n', '\n');
}

char *next_word(char **text)
{
	while (**text == ' ' || **text == '\t')
		++*text;
	return cut(text, ' ', '\t');
}

void unescape(char *text)
{
	char *to = text;

	for (; *text; to++) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && text[2] && text[3]) {
			*to = (text[1] - '0') * 64 + (text[2] - '0') * 8 + text[3] - '0';
			text += 4;
		} else {
			*to = *text++;
		}
	}
	*to = 0;
}
