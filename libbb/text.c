/* SPDX-License-Identifier: MIT */
/* Numbers and words. */
//kbuild:obj-y += libbb/text.o
#include "libbb.h"

__attribute__((noinline)) size_t length(const char *text)
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

const char *nth_string(const char *strings, unsigned n)
{
	while (n--)
		strings += length(strings) + 1;
	return strings;
}

int find_string(const char *strings, const char *word)
{
	for (int n = 0; *strings; n++) {
		if (equal(strings, word))
			return n;
		strings += length(strings) + 1;
	}
	return -1;
}

/* Makes letters small, and leaves digits as they are. */
static unsigned small(char c)
{
	return c | 0x20;
}

unsigned hex_digit(char c)
{
	unsigned digit = c - '0', letter = small(c) - 'a';

	return digit <= 9 ? digit : letter < 6 ? letter + 10 : 16;
}

unsigned hex_byte(const char *digits)
{
	unsigned high = hex_digit(digits[0]), low = hex_digit(digits[1]);

	return (high | (low & 16)) << 4 | low;
}

bool is_hex_of(const char *digits, const unsigned char *bytes, unsigned count)
{
	bool is_it = length(digits) == 2 * (size_t)count;

	for (; is_it && count--; digits += 2)
		is_it = hex_byte(digits) == *bytes++;
	return is_it;
}

uint64_t little_endian(const unsigned char *p, unsigned bytes)
{
	uint64_t n = 0;

	while (bytes--)
		n = n << 8 | p[bytes];
	return n;
}

uint64_t big_endian(const unsigned char *p, unsigned bytes)
{
	uint64_t n = 0;

	while (bytes--)
		n = n << 8 | *p++;
	return n;
}

int parse_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "kmgtpe";
	unsigned base = 10, factor = 1024;
	uint64_t n = 0, too_large = 0; /* what has left at the top, or would */
	uint64_t scale = 1, rest = 0;

	if (text[0] == '0' && small(text[1]) == 'x') {
		base = 16;
		text += 2;
	} else if (text[0] == '0') {
		base = 8;
	}
	for (const char *start = text;; text++) {
		unsigned digit = hex_digit(*text);
		if (digit >= base) {
			if (text == start)
				return -EINVAL;
			break;
		}
		too_large |= n >> 59;
		n = n * base + digit;
	}
	/* Digits behind a point need a unit. */
	const char *point = text;
	if (ENABLE_FEATURE_LOSETUP_MORE && *text == '.')
		do
			text++;
		while (*text >= '0' && *text <= '9');
	const char *end = text;
	if (*text) {
		const char *unit = units;
		while (*unit != (char)small(*text))
			if (!*unit++)
				return -EINVAL;
		text++;
		if (*text && small(text[1]) == 'b' && small(*text) == 'i')
			text += 2;
		else if (small(*text) == 'b') {
			text++;
			factor = 1000;
		}
		if (*text)
			return -EINVAL;
		do {
			too_large |= n >> 53;
			n *= factor;
			scale *= factor;
		} while (unit-- > units);
	} else if (end > point) {
		return -EINVAL;
	}
	while (end-- > point + 1)
		rest = (rest + (*end - '0') * scale) / 10;
	*bytes = n + rest;
	return too_large ? -EOVERFLOW : 0;
}

uint64_t parse_digits(const char **text)
{
	uint64_t n = 0;

	for (; **text >= '0' && **text <= '9'; ++*text)
		n = n * 10 + **text - '0';
	return n;
}

unsigned parse_device(const char **text)
{
	unsigned major = parse_digits(text);

	if (**text != ':')
		return 0;
	++*text;
	return device_number(major, parse_digits(text));
}

__attribute__((noinline)) char *append(char *to, const char *text)
{
	while ((*to = *text++))
		to++;
	return to;
}

const char *decimal(unsigned long long number)
{
	static char texts[4][21];
	static unsigned next;
	char *p = texts[next++ % LENGTH(texts)] + sizeof *texts - 1;

	do
		*--p = '0' + number % 10;
	while (number /= 10);
	return p;
}

char *append_number(char *to, unsigned long long number)
{
	return append(to, decimal(number));
}

char *append_id(char *to, const unsigned char *bytes, const char *order, char first_letter)
{
	for (; *order; order++) {
		if (*order == '-') {
			*to++ = '-';
			continue;
		}
		for (int shift = 4; shift >= 0; shift -= 4) {
			unsigned digit = bytes[*order - 1] >> shift & 15;
			*to++ = digit < 10 ? '0' + digit : first_letter + digit - 10;
		}
	}
	*to = 0;
	return to;
}

char *append_utf16(char *to, const unsigned char *from, unsigned units)
{
	for (; units--; from += 2) {
		unsigned c = from[0] | from[1] << 8;
		if (!c)
			break;
		if (c >> 10 == 0xd800 >> 10 && units && from[3] >> 2 == 0xdc00 >> 10) {
			/* two for what is above 0xffff */
			c = 0x10000 + ((c & 0x3ff) << 10 | from[2] | (from[3] & 3) << 8);
			from += 2;
			units--;
		}
		if (c < 0x80) {
			*to++ = c;
			continue;
		}
		if (c < 0x800) {
			*to++ = 0xc0 | c >> 6;
		} else {
			if (c < 0x10000) {
				*to++ = 0xe0 | c >> 12;
			} else {
				*to++ = 0xf0 | c >> 18;
				*to++ = 0x80 | (c >> 12 & 0x3f);
			}
			*to++ = 0x80 | (c >> 6 & 0x3f);
		}
		*to++ = 0x80 | (c & 0x3f);
	}
	*to = 0;
	return to;
}

char *find_byte(const char *text, char byte)
{
	while (*text && *text != byte)
		text++;
	return (char *)text;
}

char *behind_blanks(const char *text)
{
	while (*text == ' ' || *text == '\t')
		text++;
	return (char *)text;
}

bool is_before(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (unsigned char)*a < (unsigned char)*b;
}

bool equal_letters(const char *a, const char *b)
{
	while (*a && (*a == *b || (small(*a) == small(*b) && small(*a) - 'a' < 26)))
		a++, b++;
	return *a == *b;
}

char *after_prefix(const char *text, const char *prefix)
{
	while (*prefix)
		if (*text++ != *prefix++)
			return NULL;
	return (char *)text;
}

bool ends_with(const char *text, const char *end)
{
	size_t size = length(text), of_end = length(end);

	return size > of_end && equal(text + size - of_end, end);
}

const char *base_name(const char *path)
{
	const char *name = path;

	while (*path)
		if (*path++ == '/')
			name = path;
	return name;
}

bool next_listed(const char **list, char word[LIST_WORD_SIZE])
{
	unsigned used = 0;
	const char *p = *list;

	if (!*p)
		return false;
	for (; *p && *p != ','; p++)
		if (used < LIST_WORD_SIZE - 1)
			word[used++] = *p;
	word[used] = 0;
	*list = *p ? p + 1 : p;
	return true;
}

bool has_word(const char *list, const char *word)
{
	for (;;) {
		const char *rest = after_prefix(list, word);
		if (rest && (!*rest || *rest == ','))
			return true;
		while (*list != ',')
			if (!*list++)
				return false;
		list++;
	}
}

bool in_list(const char *word, const char *list)
{
	const char *others = after_prefix(list, "no");

	return others ? !has_word(others, word) : has_word(list, word);
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
	char *line = cut(text, '\n', '\n');

	/* Files that were written on Windows. */
	size_t size = ENABLE_FEATURE_INIT_FALLBACK && line ? length(line) : 0;
	if (size && line[size - 1] == '\r')
		line[size - 1] = 0;
	return line;
}

char *next_word(char **text)
{
	*text = behind_blanks(*text);
	return cut(text, ' ', '\t');
}

char *next_parameter(char **text)
{
	unsigned char *from = (unsigned char *)*text, *to, *start;
	bool quoted = false;

	while (*from && *from <= ' ')
		from++;
	if (!*from)
		return NULL;
	start = from--;
	while (*++from > '"') /* most are, and stay where they are */
		;
	for (to = from; *from && (quoted || *from > ' '); from++) {
		if (*from == '"')
			quoted = !quoted;
		else
			*to++ = *from;
	}
	*text = (char *)from + !!*from;
	*to = 0;
	return (char *)start;
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

char *next_swap(char **text, char **rest)
{
	char *path = "";

	while (*path != '/') { /* the heading */
		*rest = next_line(text);
		if (!*rest || !(path = next_word(rest)))
			return NULL;
	}
	unescape(path);
	return path;
}
