/* SPDX-License-Identifier: MIT */
/* Tells a file system by its superblock. */
//config:config FEATURE_PROBE
//config:	bool "Tell file systems by their superblock"
//config:	default y
//config:	help
//config:	  squashfs, erofs, ext2, ext3 and ext4, without a try at every type
//config:	  that the kernel knows.
//config:
//config:config FEATURE_PROBE_MORE
//config:	bool "Tell more file systems"
//config:	default y
//config:	depends on FEATURE_PROBE
//config:	help
//config:	  xfs, btrfs, f2fs, vfat, exfat, iso9660, udf, swap, LUKS,
//config:	  dm-verity and members of md arrays, too.
//config:
//config:config FEATURE_PROBE_TAGS
//config:	bool "Find devices by LABEL= and UUID="
//config:	default y
//config:	depends on FEATURE_PROBE
//config:	help
//config:	  And by PARTLABEL= and PARTUUID=; for mount -L and -U too.
//kbuild:obj-$(CONFIG_FEATURE_PROBE) += libbb/probe.o
#include <linux/major.h>

#include "probe.h"

/* As far as superblocks lie: that of btrfs is the last. */
enum { START = 8192, AREA = 64 * 1024 + START };
enum { CHAIN = 1024 }; /* clusters of a directory */
static unsigned char area[AREA];

static bool is_at(const void *bytes, const char *magic, unsigned size)
{
	const char *p = bytes;

	while (size && *p == *magic)
		p++, magic++, size--;
	return !size;
}


/* --- labels and UUIDs ------------------------------------------------------ */

/* Copies a field that ends with its size or a NUL, without blanks at its end. */
static void take_label(struct volume *volume, const unsigned char *label, unsigned size)
{
	unsigned end = 0;

	for (unsigned i = 0; i < size && label[i]; i++) {
		volume->label[i] = label[i];
		if (label[i] != ' ')
			end = i + 1;
	}
	volume->label[end] = 0;
}

/* --- file systems ---------------------------------------------------------- */

enum {
	HAS_JOURNAL = 0x4, /* s_feature_compat */
	IS_JOURNAL = 0x8,  /* s_feature_incompat */
	/* s_feature_incompat: extents, 64bit, mmp, flex_bg, ea_inode, csum_seed, ... */
	EXT4_INCOMPAT = 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x1000 | 0x2000 | 0x4000 | 0x8000 | 0x10000,
	/* s_feature_ro_compat: huge_file, gdt_csum, dir_nlink, extra_isize, ... */
	EXT4_RO_COMPAT = 0x8 | 0x10 | 0x20 | 0x40 | 0x100 | 0x200 | 0x400,
};

static const char *ext_type(const unsigned char *super)
{
	unsigned incompat = little_endian(super + 96, 4);

	if (incompat & IS_JOURNAL)
		return "jbd";
	if (incompat & EXT4_INCOMPAT || little_endian(super + 100, 4) & EXT4_RO_COMPAT)
		return "ext4";
	return little_endian(super + 92, 4) & HAS_JOURNAL ? "ext3" : "ext2";
}

static void look_at_squashfs(struct volume *volume, const unsigned char *super)
{
	/* clang-format off */
	static const char compressors[] = "gzip\0" "lzma\0" "lzo\0" "xz\0" "lz4\0" "zstd\0";
	/* clang-format on */
	unsigned compressor = little_endian(super + 20, 2);
	unsigned block = little_endian(super + 12, 4);

	volume->needs = little_endian(super + 40, 8);
	if (little_endian(super + 28, 2) != 4)
		volume->refused = "a squashfs before version 4";
	else if (compressor < 1 || compressor > 6)
		volume->refused = "a squashfs with an unknown compressor";
	else if (block < 4096 || block > 1 << 20 || block & (block - 1))
		volume->refused = "a squashfs with a bad block size";
	else
		volume->compressor = nth_string(compressors, compressor - 1);
}

static void look_at_erofs(struct volume *volume, const unsigned char *super)
{
	unsigned bits = super[12];

	if (bits < 9 || bits > 16)
		volume->refused = "an erofs with a bad block size";
	else
		volume->needs = little_endian(super + 36, 4) << bits;
}

/* Looks for the volume's name among so many bytes of directory; true where it ends. */
static bool look_for_name(struct volume *volume, int fd, uint64_t at, unsigned size)
{
	unsigned char *entry = area + START;

	/* A page is enough for where tools put it. */
	int left = sys_pread(fd, entry, size < 32768 ? size : 32768, at);
	for (; left >= 32 && *entry; entry += 32, left -= 32)
		if (*entry != 0xe5 && (entry[11] & 0x1f) == 0x08) { /* a volume's name, no long one */
			take_label(volume, entry, 11);
			return true;
		}
	return left >= 32;
}

/* The label is an entry of the root directory; FAT12 and FAT16 have that at a place
 * of its own, FAT32 in clusters, which the table links. */
static const char *look_at_fat(struct volume *volume, int fd)
{
	const unsigned char *boot = area;
	unsigned char link[4];
	bool is_32 = is_at(boot + 82, "FAT32   ", 8);
	unsigned sector = little_endian(boot + 11, 2), cluster = boot[13];

	if (little_endian(boot + 510, 2) != 0xaa55 || !(is_32 || is_at(boot + 54, "FAT", 3)) ||
	    sector < 512 || sector > 4096 || sector & (sector - 1) || !cluster)
		return NULL;
	if (!ENABLE_FEATURE_PROBE_TAGS)
		return "vfat";
	append_id(volume->uuid, boot + (is_32 ? 67 : 39), ID_SERIAL, 'A');
	uint64_t table = little_endian(boot + 14, 2);
	uint64_t data = table + little_endian(boot + (is_32 ? 36 : 22), is_32 ? 4 : 2) * boot[16];
	if (!is_32) {
		look_for_name(volume, fd, data * sector, little_endian(boot + 17, 2) * 32);
		return "vfat";
	}
	unsigned next = little_endian(boot + 44, 4);
	for (unsigned i = 0; i < CHAIN && next >= 2; i++) {
		if (look_for_name(volume, fd, (data + (uint64_t)(next - 2) * cluster) * sector,
				  cluster * sector) ||
		    sys_pread(fd, link, 4, table * sector + 4ULL * next) < 4)
			break;
		next = little_endian(link, 4) & 0xfffffff;
		if (next >= 0xffffff7) /* the end, or a bad one */
			break;
	}
	return "vfat";
}

static void look_at_exfat(struct volume *volume, int fd)
{
	unsigned sector = area[108], cluster = area[109];

	append_id(volume->uuid, area + 100, ID_SERIAL, 'A');
	if (sector < 9 || sector > 12 || cluster > 25 - sector)
		return;
	uint64_t at = little_endian(area + 88, 4) + ((little_endian(area + 96, 4) - 2) << cluster);
	unsigned char *entry = area + START;
	int size = sys_pread(fd, entry, 4096, at << sector);
	for (; size >= 32 && *entry; entry += 32, size -= 32)
		if (*entry == 0x83) {
			append_utf16(volume->label, entry + 2, entry[1] < 11 ? entry[1] : 11);
			break;
		}
}

/* The time of its last change; of its making, where there is none. */
static void look_at_iso(struct volume *volume, const unsigned char *descriptor)
{
	const unsigned char *time = descriptor + (descriptor[830] > '0' ? 830 : 813);
	char *to = volume->uuid;

	for (unsigned i = 0; i < 16; i++) {
		*to++ = time[i];
		if (i >= 3 && i < 14 && i % 2)
			*to++ = '-';
	}
}

/* Its volume recognition sequence is like that of iso9660, which may be there too: one
 * each 2048 bytes; or alone, each block of 4096. */
static bool is_udf(void)
{
	unsigned char *start = area + 32768;
	unsigned step = is_at(start + 1, "BEA01", 5) && !start[2048 + 1] ? 4096 : 2048;

	for (unsigned char *at = start; at < area + AREA - 4096 && at[1]; at += step)
		if (is_at(at + 1, "NSR0", 4))
			return true;
	return false;
}

/* A text of UDF: 8 or 16 bits each, big-endian, and its length in its last byte. */
static void take_udf_text(char *to, unsigned size, const unsigned char *text, unsigned field)
{
	unsigned length = text[field - 1], wide = *text == 16;
	unsigned char unit[2];

	if (length >= field)
		return;
	for (unsigned i = 1; i + wide < length && (i - 1) >> wide < size; i += 1 + wide) {
		unit[0] = text[i + wide];
		unit[1] = wide ? text[i] : 0;
		to = append_utf16(to, unit, 1);
	}
}

/* From the anchor at sector 256 to the descriptors of the volume. */
static void look_at_udf(struct volume *volume, int fd)
{
	unsigned char *at = area + START;
	unsigned block = 256;

	do {
		block *= 2;
		if (block > 4096 || sys_pread(fd, at, 512, 256 * block) < 512)
			return;
	} while (little_endian(at, 2) != 2 || little_endian(at + 12, 4) != 256);
	uint64_t sequence = little_endian(at + 20, 4);
	for (unsigned i = 0; i < 16; i++) {
		if (sys_pread(fd, at, 512, (sequence + i) * block) < 512)
			return;
		unsigned tag = little_endian(at, 2);
		if (tag == 1) /* the volume set's identifier starts with a number of its own */
			take_udf_text(volume->uuid, 16, at + 72, 128);
		else if (tag == 6)
			take_udf_text(volume->label, 127, at + 84, 128);
		else if (tag == 8)
			return;
	}
}

enum {
	IS_PLAIN,
	IS_EXT,
	IS_SQUASHFS,
	IS_EROFS,
	IS_F2FS,
	IS_EXFAT,
	IS_ISO,
	IS_LUKS,
	IS_MD,
	MD_FORMATS = 2, /* the first ones */
};

/* Where a magic number tells. Places are in bytes behind a number of KiB. */
static const struct format {
	unsigned char kib, length, magic_at_256; /* the last: in steps of 256 bytes */
	unsigned char magic_at, kind;
	unsigned char uuid_at, label_size;
	unsigned short label_at;
	char magic[10];
} formats[] = {
	/* clang-format off */
	IF_FEATURE_PROBE_MORE( /* before what the array holds, or somebody has left there */
	{ 0, 5, 0, 0, IS_MD, 16, 32, 32, "\xfc\x4e\x2b\xa9\1" },
	{ 4, 5, 0, 0, IS_MD, 16, 32, 32, "\xfc\x4e\x2b\xa9\1" },
	)
	{ 0, 4, 0, 0, IS_SQUASHFS, 0, 0, 0, "hsqs" },
	{ 1, 4, 0, 0, IS_EROFS, 48, 16, 64, "\xe2\xe1\xf5\xe0" },
	{ 1, 2, 0, 56, IS_EXT, 104, 16, 120, "\x53\xef" },
	IF_FEATURE_PROBE_MORE(
	{ 0, 4, 0, 0, IS_PLAIN, 32, 12, 108, "XFSB" },
	{ 1, 4, 0, 0, IS_F2FS, 108, 0, 124, "\x10\x20\xf5\xf2" },
	{ 0, 8, 0, 3, IS_EXFAT, 0, 0, 0, "EXFAT   " },
	{ 0, 6, 0, 0, IS_LUKS, 0, 0, 0, "LUKS\xba\xbe" },
	{ 0, 8, 0, 0, IS_PLAIN, 16, 0, 0, "verity\0\0" },
	{ 1, 10, 11, 246, IS_PLAIN, 12, 16, 28, "SWAPSPACE2" },
	{ 1, 9, 11, 246, IS_PLAIN, 12, 16, 28, "S1SUSPEND" },
	{ 32, 5, 0, 1, IS_ISO, 0, 32, 40, "CD001" },
	{ 64, 8, 0, 64, IS_PLAIN, 32, 255, 299, "_BHRfS_M" },
	)
	/* clang-format on */
};

/* clang-format off */
static const char types[] = IF_FEATURE_PROBE_MORE("\0" "\0") "squashfs\0" "erofs\0" "ext\0" IF_FEATURE_PROBE_MORE("xfs\0" "f2fs\0" "exfat\0"
	"crypto_LUKS\0" "DM_verity_hash\0" "swap\0" "swsuspend\0" "iso9660\0" "btrfs\0");
/* clang-format on */

/* The size of those whose superblock has it in one or two numbers. */
static uint64_t bytes_of(unsigned kind, const char *type, const unsigned char *super)
{
	uint64_t n = 0;

	if (kind == IS_EXT)
		/* s_blocks_count_hi is 0 without the feature 64bit */
		return (little_endian(super + 4, 4) | little_endian(super + 336, 4) << 32)
		       << (10 + (super[24] & 7));
	if (equal(type, "btrfs"))
		return little_endian(super + 112, 8);
	if (!equal(type, "xfs"))
		return 0;
	for (unsigned i = 8; i < 16; i++) /* sb_dblocks, big-endian as all of it */
		n = n << 8 | super[i];
	return n * (super[5] << 16 | super[6] << 8 | super[7]);
}

bool probe_ignores_arrays;

static const char md_member[] = "linux_raid_member";

/* A member of an md array may have its superblock at its end, and at its start what the array
 * holds, which must be left to that. Source: the kernel's linux/raid/md_p.h. */
static bool look_at_md(struct volume *volume, int fd)
{
	uint64_t size = sys_seek_end(fd), at = (size & -65536ULL) - 65536;

	/* version 0.90, then 1.0 */
	for (unsigned version = 0; version < 2; version++, at = (size - 8192) & -4096ULL) {
		if (sys_pread(fd, area, 64, at) != 64 ||
		    little_endian(area, 8) != (0xa92b4efc | (uint64_t)version << 32))
			continue;
		volume->type = md_member;
		if (ENABLE_FEATURE_PROBE_TAGS && version) {
			append_id(volume->uuid, area + 16, ID_UUID, 'a');
			take_label(volume, area + 32, 32);
		} else if (ENABLE_FEATURE_PROBE_TAGS) {
			/* four numbers, little-endian, of which the first lies apart */
			append_id(volume->uuid, area + 20, "\4\3\2\1-\44\43-\42\41-\50\47-\46\45\54\53\52\51",
				  'a');
		}
		return true;
	}
	return false;
}

static void take(struct volume *volume, unsigned n, int fd)
{
	const struct format *format = formats + n;
	const unsigned char *super = area + format->kib * 1024;

	volume->type = nth_string(types, n);
	if (format->kind == IS_EXT)
		volume->type = ext_type(super);
	else if (ENABLE_FEATURE_PROBE_MORE && format->kind == IS_MD)
		volume->type = md_member;
	else if (format->kind == IS_SQUASHFS)
		look_at_squashfs(volume, super);
	else if (format->kind == IS_EROFS)
		look_at_erofs(volume, super);
	if (ENABLE_FSTYPE)
		volume->bytes = volume->needs ? volume->needs : bytes_of(format->kind, volume->type, super);
	if (!ENABLE_FEATURE_PROBE_TAGS)
		return;
	if (format->uuid_at)
		append_id(volume->uuid, super + format->uuid_at, ID_UUID, 'a');
	take_label(volume, super + format->label_at, format->label_size);
	if (!ENABLE_FEATURE_PROBE_MORE)
		return;
	if (format->kind == IS_ISO)
		look_at_iso(volume, super);
	else if (format->kind == IS_EXFAT)
		look_at_exfat(volume, fd);
	else if (format->kind == IS_F2FS)
		append_utf16(volume->label, super + format->label_at, 128);
	else if (format->kind == IS_LUKS) {
		if (super[7] == 2)
			take_label(volume, super + 24, 48);
		for (unsigned i = 0; i < 36; i++)
			volume->uuid[i] = super[168 + i];
	}
}

static bool look(struct volume *volume, unsigned size, int fd)
{
	for (unsigned n = ENABLE_FEATURE_PROBE_MORE && probe_ignores_arrays ? MD_FORMATS : 0;
	     n < LENGTH(formats); n++) {
		const struct format *format = formats + n;
		unsigned at = format->kib * 1024 + format->magic_at_256 * 256 + format->magic_at;
		if (at + format->length <= size && is_at(area + at, format->magic, format->length)) {
			take(volume, n, fd);
			return true;
		}
	}
	return false;
}

/* Reads that part of the area; zeros where there is less. */
static int read_area(int fd, unsigned from, unsigned end)
{
	int r = sys_pread(fd, area + from, end - from, from);

	for (unsigned i = from + (r < 0 ? 0 : r); i < end; i++)
		area[i] = 0;
	return r;
}

int probe(const char *path, struct volume *volume)
{
	*volume = (struct volume){ 0 };

	struct stat status;
	int r = look_at_image(path, &status);
	if (r < 0)
		return r;
	int fd = sys_open(path, O_RDONLY);
	if (fd < 0)
		return failed(fd, path, "open");
	/* A CD may be hard to read at its end. */
	bool is_member = ENABLE_FEATURE_PROBE_MORE && !probe_ignores_arrays && S_ISBLK(status.st_mode) &&
			 device_major(status.st_rdev) != SCSI_CDROM_MAJOR && look_at_md(volume, fd);
	/* Most are told by the first pages. */
	if (!is_member)
		r = read_area(fd, 0, START);
	if (r > 0 && !look(volume, r, fd) && ENABLE_FEATURE_PROBE_MORE &&
	    !(volume->type = look_at_fat(volume, fd))) {
		r = read_area(fd, START, AREA);
		if (is_udf()) {
			volume->type = "udf";
			if (ENABLE_FEATURE_PROBE_TAGS)
				look_at_udf(volume, fd);
		} else {
			look(volume, START + (r < 0 ? 0 : r), fd);
		}
	}
	if (volume->needs)
		volume->size = S_ISBLK(status.st_mode) ? sys_seek_end(fd) : status.st_size;
	sys_close(fd);
	return r < 0 ? failed(r, path, "read") : 0;
}
