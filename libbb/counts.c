/* SPDX-License-Identifier: MIT */
/* Counts that survive a power cut. */
//kbuild:obj-$(CONFIG_FEATURE_INIT_TRIES_ON) += libbb/counts.o
#include "counts.h"

#define MAGIC "loopbox tries\n\1"

enum {
	APART = 4096, /* in two pages, blocks and sectors, whatever their size */
	MTD_BLOCK_MAJOR = 31,
	NEWEST = 1, /* the name of an entry whose number is the name that was confirmed last */
};

/* What a device writes whole, or not at all; and where not, the sum tells it. */
static struct counts {
	char magic[16];
	uint32_t sum;	   /* CRC-32 of what follows */
	uint32_t sequence; /* the newer copy has the higher one; 0: blank */
	struct {
		uint32_t name; /* its CRC-32 */
		uint32_t number;
	} entries[61];
} copies[2];

_Static_assert(sizeof(struct counts) == 512, "one sector");

static uint32_t checksum(const void *bytes, unsigned size)
{
	uint32_t crc = ~0U;

	for (const unsigned char *p = bytes; size--;) {
		crc ^= *p++;
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static uint32_t sum_of(const struct counts *c)
{
	return checksum(&c->sequence, sizeof *c - offsetof(struct counts, sequence));
}

/* Is it blank, or at least the start of what we write? */
static bool is_ours(const struct counts *c)
{
	const char *magic = MAGIC, *p = c->magic, *end = (const char *)(c + 1);

	while (*magic && *magic == *p)
		magic++, p++;
	while (*magic && p < end && (*p == 0 || *p == '\xff'))
		p++;
	return !*magic || p == end;
}

/* Reads both copies; the newer one, or NULL with a `why`. One that can't be read is blank: a power cut may
 * leave it so, and to write it mends that. */
static struct counts *read_counts(int fd, const char *path, uint64_t offset)
{
	int size = 0;

	for (unsigned i = 0; i < LENGTH(copies); i++) {
		struct counts *c = copies + i;
		*c = (struct counts){ 0 };
		int before = size;
		size = sys_pread(fd, c, sizeof *c, offset + i * APART);
		if (before < 0 && size < 0) {
			failed(size, path, "read");
			return NULL;
		}
		if (!is_ours(c)) {
			found(-EINVAL, path, "neither blank nor counts of loopbox.tries=: left alone");
			return NULL;
		}
		/* Nothing is newer than the highest sequence, and half-erased flash may look like that. */
		if (c->sum != sum_of(c) || c->sequence == ~0U)
			*c = (struct counts){ 0 };
	}
	return copies + (copies[1].sequence > copies[0].sequence);
}

/* Flash that is written through mtdblock would lose both copies at once. */
static int check(int fd, const char *path)
{
	struct stat status;

	int r = fd < 0 ? fd : sys_stat(fd, "", &status);
	if (r < 0)
		return failed(r, path, "open");
	bool is_flash = S_ISBLK(status.st_mode) && device_major(status.st_rdev) == MTD_BLOCK_MAJOR;
	return is_flash || !(S_ISREG(status.st_mode) || S_ISBLK(status.st_mode))
		       ? found(-EINVAL, path, "not a disk, partition or file; on flash, name a file on UBIFS")
		       : 0;
}

static uint32_t get(const struct counts *c, uint32_t name)
{
	for (unsigned i = 0; i < LENGTH(c->entries); i++)
		if (c->entries[i].name == name)
			return c->entries[i].number;
	return 0;
}

int counts_read(const char *path, uint64_t offset, const char *name)
{
	uint32_t sum = checksum(name, length(name));
	const struct counts *c = NULL;

	int fd = sys_open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
	if (fd == -ENOENT)
		return 0;
	int r = check(fd, path);
	if (r == 0)
		c = read_counts(fd, path, offset);
	if (fd >= 0)
		sys_close(fd);
	if (!c)
		return why.error;
	uint32_t number = get(c, sum);
	return (number < COUNT_MOST ? number : COUNT_MOST) | (get(c, NEWEST) == sum ? COUNT_CONFIRMED : 0);
}

/* Its entry, or else a free one, or else the last. */
static void set(struct counts *c, uint32_t name, unsigned number)
{
	unsigned at = LENGTH(c->entries) - 1;

	for (unsigned i = at; i--;)
		if (c->entries[i].name == name || (c->entries[at].name != name && !c->entries[i].number))
			at = i;
	c->entries[at].name = name;
	c->entries[at].number = number;
}

static int save(int fd, const char *path, uint64_t offset, struct counts *c)
{
	append(c->magic, MAGIC);
	c->sequence++;
	c->sum = sum_of(c);
	int r = sys_pwrite(fd, c, sizeof *c, offset + (c - copies) * APART);
	if (r >= 0)
		r = r == sizeof *c ? sys_fsync(fd) : -ENOSPC;
	return r < 0 ? failed(r, path, "write") : 0;
}

int counts_write(const char *path, uint64_t offset, const char *name, unsigned number, enum counts_how how)
{
	uint32_t sum = checksum(name, length(name));
	struct counts *newer = NULL;

	int fd = sys_open_to_update(path, 0644);
	int r = check(fd, path);
	if (r == 0)
		newer = read_counts(fd, path, offset);
	if (newer) {
		struct counts *older = copies + (newer == copies);
		unsigned sequence = newer->sequence;
		uint32_t newest = how == COUNTS_CONFIRM ? sum : get(newer, NEWEST);
		if (newest == sum && !number && how != COUNTS_CONFIRM)
			newest = 0;
		*older = how == COUNTS_FORGET ? (struct counts){ .sequence = sequence } : *newer;
		if (newest != get(older, NEWEST))
			set(older, NEWEST, newest);
		set(older, sum, number);
		r = save(fd, path, offset, older);
	}
	if (fd >= 0)
		sys_close(fd);
	return newer ? r : why.error;
}
