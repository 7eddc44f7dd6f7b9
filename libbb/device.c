/* SPDX-License-Identifier: MIT */
/* Which block devices there are, and which of them has a label or UUID: that of its
 * file system, or of its partition (GPT, or the DOS table). */
//kbuild:obj-$(CONFIG_FEATURE_PROBE_TAGS) += libbb/device.o
#include "probe.h"

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
	return sys_pread(fd, sector, 512, 0) == 512 && little_endian(sector + 510, 2) == 0xaa55;
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
		if (sys_pread(fd, header, 512, size) == 512 && little_endian(header, 8) == 0x5452415020494645)
			return size; /* "EFI PART" */
	return 0;
}

static bool take_gpt(int fd, struct partition *p)
{
	unsigned char header[512], entry[128];

	unsigned sector = read_gpt(fd, header);
	unsigned size = little_endian(header + 84, 4);
	if (!sector || p->number > little_endian(header + 80, 4) || size < sizeof entry || size > 4096 ||
	    sys_pread(fd, entry, sizeof entry,
		      little_endian(header + 72, 8) * sector + (uint64_t)(p->number - 1) * size) < 128)
		return false;
	p->scheme = "gpt";
	append_id(p->type, entry, ID_GUID, 'a');
	append_id(p->uuid, entry + 16, ID_GUID, 'a');
	append_utf16(p->label, entry + 56, 36);
	return true;
}

static bool take_dos(int fd, struct partition *p)
{
	unsigned char sector[512], number[1] = { p->number };

	if (!read_dos(fd, sector) || !little_endian(sector + 440, 4))
		return false;
	p->scheme = "dos";
	append_id(append(append_id(p->uuid, sector + 440, ID_NUMBER, 'a'), "-"), number, "\1", 'a');
	if (p->number <= 4)
		append_id(append(p->type, "0x"), sector + 446 + 16 * (p->number - 1) + 4, "\1", 'a');
	return true;
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

	int fd = sys_open(disk, O_RDONLY);
	if (fd < 0)
		return NULL;
	if (read_gpt(fd, sector)) {
		append_id(uuid, sector + 56, ID_GUID, 'a');
		scheme = "gpt";
	} else if (read_dos(fd, sector)) {
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
		/* udev's names have \x20 for a blank; fstab's have quotes. */
		unsigned used = 0;
		for (spec += n; *spec && used < TAG_SIZE - 1; spec++) {
			if (link && spec[0] == '\\' && spec[1] == 'x' && spec[2] && spec[3]) {
				value[used++] = hex_byte(spec + 2);
				spec += 3;
			} else if (*spec != '"' || link) {
				value[used++] = *spec;
			}
		}
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
