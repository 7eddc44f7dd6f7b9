/* SPDX-License-Identifier: MIT */
/* What the formats of probe.c and probe_all.c share: the bytes of the device, numbers in them, and
 * how to say what was found. */
//kbuild:obj-$(CONFIG_FEATURE_PROBE) += libbb/probe_read.o
#include "probe_format.h"

/* --- the device ------------------------------------------------------------- */

unsigned char probed_area[PROBED_AREA];
struct probed probed;
static unsigned char tail[PROBED_TAIL], elsewhere[SUPER_SIZE];
struct volume *volume;

bool probe_read(unsigned char *to, unsigned size, uint64_t at)
{
	int r = 0;

	for (; size; size -= r, to += r, at += r) {
		r = sys_pread(probed.fd, to, size, at);
		if (r <= 0) {
			probed.error = r < 0 ? r : -EIO; /* it ends before its size */
			return false;
		}
	}
	return true;
}

void probe_load(unsigned end)
{
	unsigned from = probed.loaded, there = probed.size < end ? probed.size : end;

	probed.loaded = end;
	probed.filled = there > from && probe_read(probed_area + from, there - from, from) ? there : from;
	for (unsigned i = probed.filled; i < end; i++)
		probed_area[i] = 0;
}

const unsigned char *bytes_at(uint64_t at, unsigned size)
{
	if (at <= PROBED_AREA - size) {
		if (at + size > probed.loaded && probed.loaded < PROBED_AREA)
			probe_load(PROBED_AREA);
		return at + size <= probed.filled ? probed_area + at : NULL;
	}
	if (at > probed.size || size > probed.size - at)
		return NULL;
	if (ENABLE_FEATURE_PROBE_ALL && at + PROBED_TAIL >= probed.size) {
		probed.has_tail = probed.has_tail || probe_read(tail, PROBED_TAIL, probed.size - PROBED_TAIL);
		if (!probed.has_tail)
			return NULL;
		return tail + PROBED_TAIL - (probed.size - at);
	}
	return probe_read(elsewhere, size, at) ? elsewhere : NULL;
}

bool is_whole_disk(void)
{
	struct partition partition;

	return probed.is_image || !probe_partition(probed.path, &partition);
}

bool is_at(const void *bytes, const char *magic, unsigned size)
{
	const char *p = bytes;

	while (size && *p == *magic)
		p++, magic++, size--;
	return !size;
}

uint64_t number_at(const unsigned char *super, unsigned place)
{
	const unsigned char *p = super + place % BYTE;

	switch (place & -BYTE) {
	case BYTE:
		return *p;
	case LE16:
		return le16(p);
	case LE32:
		return le32(p);
	case LE64:
		return le64(p);
	case BE16:
		return be16(p);
	case BE32:
		return be32(p);
	case POWER:
		return *p < 32 ? 1U << *p : 0;
	case POWER32:
		return p[0] < 32 && !p[1] && !p[2] && !p[3] ? 1U << *p : 0;
	case POWER_K:
		return p[0] < 22 && !p[1] && !p[2] && !p[3] ? 1024U << *p : 0;
	case SECTORS:
		return le16(p) * 512;
	case BY_256:
		return *p * 256;
	case SECTOR:
		return place % BYTE * 512;
	default:
		return place % BYTE;
	}
}


/* --- what was found ---------------------------------------------------------- */

/* Copies a field that ends with its size or a NUL, without blanks at its end. */
void take_text(char *to, const unsigned char *text, unsigned size)
{
	unsigned end = 0;

	for (unsigned i = 0; i < size && text[i]; i++) {
		to[i] = text[i];
		if (text[i] != ' ' && text[i] - '\t' + 0U > 4)
			end = i + 1;
	}
	to[end] = 0;
}

void take_label(const unsigned char *label, unsigned size)
{
	take_text(volume->label, label, size);
}

void take_wide(char *to, const unsigned char *from, unsigned units, bool is_big)
{
	unsigned char swapped[2 * LABEL_UNITS];

	if (units > LABEL_UNITS)
		units = LABEL_UNITS;
	for (unsigned i = 0; i < 2 * units; i++)
		swapped[i] = from[i ^ is_big];
	unsigned size = append_utf16(to, swapped, units) - to;
	take_text(to, (unsigned char *)to, size);
}

void take_wide_label(const unsigned char *from, unsigned units)
{
	take_wide(volume->label, from, units, false);
}

/* Appends it, unless all of its bytes are zero. */
static void take_id(char *to, const unsigned char *bytes, const char *order, char first_letter)
{
	unsigned any = 0;

	for (const char *p = order; *p; p++)
		any |= *p == '-' ? 0 : bytes[*p - 1];
	if (any)
		append_id(to, bytes, order, first_letter);
}

void take_uuid(const unsigned char *bytes, const char *order, char first_letter)
{
	take_id(volume->uuid, bytes, order, first_letter);
}

bool take_time(const unsigned char *time, unsigned zone)
{
	char *to = volume->uuid;
	unsigned zeros = 0;

	for (unsigned i = 0; i < 16; i++) {
		zeros += time[i] == '0';
		*to++ = time[i];
		if (i >= 3 && i < 14 && i % 2)
			*to++ = '-';
	}
	if (zeros == 16 && !zone)
		*volume->uuid = 0;
	return *volume->uuid;
}

#if ENABLE_FEATURE_PROBE_ALL

void tell(const char *name, const char *value)
{
	char *to = volume->tags + volume->tags_size;
	size_t size = length(name) + length(value) + 2;

	if (!*value || size >= sizeof volume->tags - volume->tags_size)
		return;
	append(append(to, name) + 1, value);
	volume->tags_size += size;
}

void tell_number(const char *name, uint64_t number)
{
	tell(name, decimal(number));
}

void tell_text(const char *name, const unsigned char *text, unsigned size)
{
	char value[160];

	take_text(value, text, size);
	tell(name, value);
}

void tell_version(unsigned major, unsigned minor)
{
	char version[24];

	append_number(append(append_number(version, major), "."), minor);
	tell("VERSION", version);
}

void tell_uuid(const char *name, const unsigned char *bytes, const char *order)
{
	char value[40] = "";

	take_id(value, bytes, order, 'a');
	tell(name, value);
}

#endif
