/* SPDX-License-Identifier: MIT */
/* Which block devices there are, and which of them has a label or UUID: that of its
 * file system, or of its partition (GPT, or the DOS table). */
//kbuild:obj-$(CONFIG_FEATURE_PROBE_TAGS) += libbb/device.o
#include "probe_format.h"

/* Is name that of a partition of the disk: sda1 of sda, nvme0n1p1 of nvme0n1? */
static bool is_partition_of(const char *name, const char *disk)
{
	const char *number = after_prefix(name, disk);

	if (number && hex_digit(number[-1]) < 10 && *number++ != 'p')
		return false;
	return number && hex_digit(*number) < 10;
}

/* The next name that the kernel lists, NULL at the end: a disk, and then its partitions. */
static const char *next_name(struct device_list *list)
{
	char *line;

	if (!list->started) {
		list->started = true;
		list->rest = read_whole("/proc/partitions");
	}
	while (list->rest && (line = next_line(&list->rest))) {
		/* major minor blocks name, below two lines of heading */
		char *name = NULL;
		for (unsigned i = 0; i < 4; i++)
			name = next_word(&line);
		if (!name || equal(name, "name") || length(name) > sizeof list->path - sizeof "/dev/")
			continue;
		list->optical_listed |= name[0] == 's' && name[1] == 'r';
		return name;
	}
	return NULL;
}

bool device_next(struct device_list *list)
{
	const char *name, *disk;

	do {
		name = next_name(list);
		disk = list->disk;
		if (name && disk && is_partition_of(name, disk))
			break;
		list->disk = name;
		name = disk; /* its partitions were all there */
	} while (!name && list->disk);
	if (name) {
		append(append(list->path, "/dev/"), name);
		return true;
	}
	/* Before Linux 5.17 no optical drive stood there. */
	if (list->optical_listed)
		return false;
	append_number(append(list->path, "/dev/sr"), list->optical++);
	return sys_access(list->path, F_OK) == 0;
}


/* --- partitions ------------------------------------------------------------ */

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


/* --- labels and UUIDs ------------------------------------------------------ */

/* clang-format off */
static const char tags[] = "label\0" "uuid\0" "partlabel\0" "partuuid\0";
/* clang-format on */

enum tag tag_of(const char *spec, char value[TAG_SIZE])
{
	const char *link = after_prefix(spec, "/dev/disk/by-");
	const char *name = tags;
	char word[16];
	unsigned n = 0;

	if (link)
		spec = link;
	while (n < sizeof word - 1 && spec[n] && spec[n] != '=' && spec[n] != '/') {
		word[n] = spec[n];
		n++;
	}
	word[n] = 0;
	if (spec[n++] != (link ? '/' : '='))
		return TAG_NONE;
	for (enum tag tag = TAG_LABEL; tag <= TAG_PARTUUID; tag++, name = nth_string(name, 1)) {
		if (!equal_letters(name, word))
			continue;
		/* udev's names have \x20 for a blank; others may stand in quotes. */
		unsigned used = 0;
		spec += n;
		char quote = !link && (*spec == '"' || *spec == '\'') ? *spec++ : 0;
		for (; *spec && used < TAG_SIZE - 1; spec++) {
			if (link && spec[0] == '\\' && spec[1] == 'x' && spec[2] && spec[3]) {
				value[used++] = hex_byte(spec + 2);
				spec += 3;
			} else {
				value[used++] = *spec;
			}
		}
		value[used] = 0;
		if (!quote)
			return tag;
		while (used && value[--used] != quote)
			;
		if (value[used] != quote)
			return TAG_NONE;
		value[used] = 0;
		return tag;
	}
	return TAG_NONE;
}

static bool has_tag(const char *device, enum tag tag, const char *value)
{
	static struct volume volume;
	static struct partition partition;

	if (tag == TAG_LABEL || tag == TAG_UUID) {
		if (probe(device, &volume) < 0 || !volume.type)
			return false;
		return tag == TAG_LABEL ? equal(volume.label, value) : equal_letters(volume.uuid, value);
	}
	if (!probe_partition(device, &partition))
		return false;
	return tag == TAG_PARTLABEL ? equal(partition.label, value) : equal_letters(partition.uuid, value);
}

/* Puts the partition so many behind the one that was found in its place. */
static bool move_to_neighbour(struct device_list *list, int offset)
{
	struct partition partition;

	if (!probe_partition(list->path, &partition))
		return false;
	char *end = append(list->path, partition.disk);
	if (hex_digit(end[-1]) < 10)
		*end++ = 'p';
	append_number(end, partition.number + offset);
	return true;
}

/* Cuts /PARTNROFF=n off, and returns n. */
static int cut_offset(char *value)
{
	for (; *value; value++) {
		const char *digits = after_prefix(value, "/PARTNROFF=");
		if (!digits)
			continue;
		*value = 0;
		bool before = *digits == '-';
		digits += before;
		int offset = parse_digits(&digits);
		return before ? -offset : offset;
	}
	return 0;
}

const char *device_find_next(const char *spec, struct device_list *list)
{
	char value[TAG_SIZE];

	enum tag tag = tag_of(spec, value);
	if (tag == TAG_NONE || !*value)
		return NULL;
	int offset = tag == TAG_PARTUUID ? cut_offset(value) : 0;
	while (device_next(list))
		if (has_tag(list->path, tag, value) && (!offset || move_to_neighbour(list, offset)))
			return list->path;
	return NULL;
}

const char *device_find(const char *spec)
{
	static struct device_list list;
	char *mark = read_mark();

	list = (struct device_list){ 0 };
	const char *found = device_find_next(spec, &list);
	read_forget(mark);
	return found;
}
