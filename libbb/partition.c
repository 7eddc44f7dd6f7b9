/* SPDX-License-Identifier: MIT */
/* Partition tables: GPT, and the DOS table. */
//kbuild:obj-$(CONFIG_FEATURE_PROBE_TAGS) += libbb/partition.o
#include "probe_format.h"

/* Reads the first sector, if it holds a DOS table. */
static bool read_dos(int fd, unsigned char sector[512])
{
	return sys_pread(fd, sector, 512, 0) == 512 && le16(sector + 510) == 0xaa55;
}

/* Reads the header of a GPT: into header, where it lies at sector 1, of whatever size
 * the disk's are. Returns that size, or 0; also where sector 0 does not say that it is
 * in force: an old one may be left there. */
static unsigned read_gpt(int fd, unsigned char header[512])
{
	bool in_force = false;

	if (!read_dos(fd, header))
		return 0;
	for (unsigned i = 0; i < 4; i++)
		in_force |= header[446 + 16 * i + 4] == 0xee;
	for (unsigned size = 512; in_force && size <= 4096; size *= 2)
		if (sys_pread(fd, header, 512, size) == 512 && le64(header) == 0x5452415020494645)
			return size; /* "EFI PART" */
	return 0;
}

/* Reads the entry of a GPT, counted from 0, whose header and sector size are known. */
static bool read_entry(int fd, const unsigned char *header, unsigned sector, unsigned n,
		       unsigned char entry[128])
{
	unsigned size = le32(header + 84);

	return n < le32(header + 80) && size >= 128 && size <= 4096 &&
	       sys_pread(fd, entry, 128, le64(header + 72) * sector + (uint64_t)n * size) == 128;
}

static bool take_gpt(int fd, struct partition *p)
{
	unsigned char header[512], entry[128];

	unsigned sector = read_gpt(fd, header);
	if (!sector || !read_entry(fd, header, sector, p->number - 1, entry))
		return false;
	p->scheme = "gpt";
	append_id(p->type, entry, ID_GUID, 'a');
	append_id(p->uuid, entry + 16, ID_GUID, 'a');
	char *end = append_utf16(p->label, entry + 56, 36);
	while (end > p->label && end[-1] == ' ')
		*--end = 0;
	if (ENABLE_FEATURE_PROBE_ALL) {
		p->start = le64(entry + 32) * (sector / 512);
		p->size = (le64(entry + 40) + 1) * (sector / 512) - p->start;
		p->flags = le64(entry + 48);
	}
	return true;
}

/* An entry of a DOS table: of 16 bytes. */
static bool is_extended(const unsigned char *entry)
{
	return entry[4] == 0x05 || entry[4] == 0x0f || entry[4] == 0x85;
}

static void take_dos_entry(struct partition *p, const unsigned char *entry, uint64_t base)
{
	char *end = append_id(append(p->type, "0x"), entry + 4, "\1", 'a');

	if (p->type[2] == '0') { /* as a number, without a leading zero */
		p->type[2] = end[-1];
		p->type[3] = 0;
	}
	if (ENABLE_FEATURE_PROBE_ALL) {
		p->start = base + le32(entry + 8);
		p->size = le32(entry + 12);
		p->flags = *entry;
	}
}

/* Goes through the tables in an extended partition, from 5 on to the partition's number. */
static void take_logical(int fd, struct partition *p, unsigned char sector[512])
{
	const unsigned char *entry;
	uint64_t extended = 0, table = 0;

	for (unsigned number = 5, links = 0; links < 256; links++) {
		uint64_t next = 0;
		for (entry = sector + 446; entry < sector + 510; entry += 16) {
			if (!le32(entry + 12))
				continue;
			if (is_extended(entry) && !next) {
				next = extended + le32(entry + 8);
			} else if (!is_extended(entry) && table && number++ == p->number) {
				take_dos_entry(p, entry, table);
				return;
			}
		}
		if (next <= table || sys_pread(fd, sector, 512, next * 512) != 512 ||
		    le16(sector + 510) != 0xaa55)
			return;
		table = next;
		if (!extended)
			extended = next;
	}
}

/* A boot sector without a table has code there. */
static bool is_dos_table(const unsigned char *sector)
{
	unsigned marks = 0; /* where to boot from: 0x80 or 0 */

	for (unsigned i = 446; i < 510; i += 16)
		marks |= sector[i] | (sector[i + 4] == 0xee); /* it has been that of a GPT */
	return !(marks & 0x7f);
}

static bool take_dos(int fd, struct partition *p)
{
	unsigned char sector[512], number[1] = { p->number };

	if (!read_dos(fd, sector) || !is_dos_table(sector))
		return false;
	p->scheme = "dos";
	if (le32(sector + 440))
		append_id(append(append_id(p->uuid, sector + 440, ID_NUMBER, 'a'), "-"), number, "\1", 'a');
	if (p->number <= 4)
		take_dos_entry(p, sector + 446 + 16 * (p->number - 1), 0);
	else if (ENABLE_FEATURE_PROBE_ALL)
		take_logical(fd, p, sector);
	return true;
}

bool is_in_partition(int disk, uint64_t at, uint64_t size)
{
	unsigned char header[512], entry[128];
	uint64_t start = at / 512, end = (at + size) / 512;

	unsigned sector = read_gpt(disk, header);
	for (unsigned n = 0; sector && n < 128 && read_entry(disk, header, sector, n, entry); n++)
		if (le64(entry) && start >= le64(entry + 32) * (sector / 512) &&
		    end <= (le64(entry + 40) + 1) * (sector / 512))
			return true;
	if (sector || !read_dos(disk, header))
		return false;
	for (const unsigned char *dos = header + 446; dos < header + 510; dos += 16)
		if (start >= le32(dos + 8) && end <= le32(dos + 8) + le32(dos + 12))
			return true;
	return false;
}

bool probe_partition(const char *device, struct partition *p)
{
	char path[96], link[512], digits[16], *end;
	const char *name = after_prefix(device, "/dev/"), *number = digits;

	*p = (struct partition){ 0 };
	if (!name || length(name) > 32)
		return false;
	end = append(append(path, "/sys/class/block/"), name);
	int size = sys_readlink(path, link, sizeof link - 1);
	append(end, "/partition");
	if (size < 0 || read_file(path, digits, sizeof digits) < 0)
		return false;
	p->number = parse_digits(&number);
	/* .../block/sda/sda1 */
	while (size && link[--size] != '/')
		;
	link[size] = 0;
	while (size && link[size - 1] != '/')
		size--;
	if (length(link + size) > sizeof p->disk - sizeof "/dev/" || !p->number)
		return false;
	append(append(p->disk, "/dev/"), link + size);
	int fd = sys_open(p->disk, O_RDONLY);
	if (fd < 0)
		return false;
	bool found = take_gpt(fd, p) || take_dos(fd, p);
	sys_close(fd);
	return found;
}

const char *probe_table(const char *disk, char uuid[40])
{
	unsigned char sector[512];
	const char *scheme = NULL;

	*uuid = 0;
	int fd = sys_open(disk, O_RDONLY);
	if (fd < 0)
		return NULL;
	if (read_gpt(fd, sector)) {
		append_id(uuid, sector + 56, ID_GUID, 'a');
		scheme = "gpt";
	} else if (read_dos(fd, sector) && is_dos_table(sector)) {
		if (le32(sector + 440))
			append_id(uuid, sector + 440, ID_NUMBER, 'a');
		scheme = "dos";
	}
	sys_close(fd);
	return scheme;
}
