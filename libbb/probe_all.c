/* SPDX-License-Identifier: MIT */
/* What a row of probe.c's table can't say of a format: whether it is one, where its magic
 * number is short; and labels, UUIDs and versions that lie elsewhere, or are written in their
 * own way. Sources: the kernel's headers of each, and the documents of their makers. */
//kbuild:obj-$(CONFIG_FEATURE_PROBE_ALL) += libbb/probe_all.o
#include "probe_format.h"

/* --- texts ---------------------------------------------------------------------- */

/* A text in groups of so many characters, with dashes between them. */
static void group(char *to, const unsigned char *text, const char *sizes)
{
	for (; *sizes; sizes++) {
		for (char n = *sizes; n; n--)
			*to++ = *text++;
		*to++ = sizes[1] ? '-' : 0;
	}
}
#define LVM_GROUPS "\6\4\4\4\4\4\6"
#define UUID_GROUPS "\10\4\4\4\14"
#define VMFS_ORDER "\4\3\2\1-\10\7\6\5-\12\11-\13\14\15\16\17\20"

static void take_number(uint64_t number)
{
	append_number(volume->uuid, number);
}

static const char to_hex_big[] = "\1\2\3\4\5\6\7\10", to_hex_little[] = "\10\7\6\5\4\3\2\1";


/* --- members of RAIDs --------------------------------------------------------------- */

static unsigned sum_of_words(const unsigned char *bytes, unsigned count)
{
	unsigned sum = 0;

	for (; count--; bytes += 2)
		sum += le16(bytes);
	return sum & 0xffff;
}

static bool look_at_via(const unsigned char *super)
{
	unsigned char sum = 0;

	for (unsigned i = 0; i < 50; i++)
		sum += super[i];
	return super[2] <= 2 && sum == super[50] && is_whole_disk();
}

static bool look_at_silicon(const unsigned char *super)
{
	if (super[0x116] >= 8 || (sum_of_words(super, 0x9f) + le16(super + 0x13e)) & 0xffff)
		return false;
	tell_version(le16(super + 0x10a), le16(super + 0x108));
	return is_whole_disk();
}

static bool look_at_jmicron(const unsigned char *super)
{
	tell_version(super[3], super[2]);
	return sum_of_words(super, 63) <= 1 && super[46] <= 5 && is_whole_disk();
}

static bool find_promise(const unsigned char *start UNUSED)
{
	static const unsigned short places[] = { 63,  255, 256, 16,  399, 591, 675,
						 735, 911, 974, 991, 951, 3087 };
	const unsigned char *super;

	for (unsigned i = 0; i < LENGTH(places); i++) {
		super = bytes_at((probed.size / 512 - places[i]) * 512, 24);
		if (super && is_at(super, "Promise Technology, Inc.", 24))
			return is_whole_disk();
	}
	return false;
}

static bool look_at_drbd(const unsigned char *super)
{
	bool is_9 = super[63] == 0x6d;
	const unsigned char *id = super + (is_9 ? 48 : 40);
	char text[20], *digits = text;

	if (be32(super + 80) != 4096)
		return false;
	append_id(text, id, to_hex_big, 'a');
	while (*digits == '0')
		digits++;
	append(volume->uuid, digits);
	tell("VERSION", is_9 ? "v09" : "v08");
	return true;
}

static bool look_at_lvm2(const unsigned char *super)
{
	const unsigned char *label = super + (is_at(super, "LABELONE", 8) ? 0 : 512);

	if (!is_at(label, "LABELONE", 8))
		return false;
	group(volume->uuid, label + 32, LVM_GROUPS);
	tell("VERSION", "LVM2 001");
	return true;
}

static bool look_at_lvm1(const unsigned char *super)
{
	unsigned version = le16(super + 2);

	group(volume->uuid, super + 44, LVM_GROUPS);
	return version == 1 || version == 2;
}

static bool look_at_stratis(const unsigned char *super)
{
	char pool[40];

	super += 512;
	group(volume->uuid, super + 64, UUID_GROUPS);
	group(pool, super + 32, UUID_GROUPS);
	tell("POOL_UUID", pool);
	tell_number("BLOCKDEV_SECTORS", le64(super + 20));
	tell_number("BLOCKDEV_INITTIME", le64(super + 120));
	return true;
}

static bool look_at_vmfs_volume(const unsigned char *super)
{
	tell_uuid("UUID_SUB", super + 130, VMFS_ORDER);
	super = bytes_at(1024 * 1024 + 532, 35);
	for (unsigned i = 0; super && i < 35; i++)
		volume->uuid[i] = super[i];
	return true;
}

/* The first number of a member's own field: where it is in the set. */
static bool look_at_bcachefs(const unsigned char *super)
{
	unsigned version = le16(super + 16), fields = 752;
	unsigned end = fields + le32(super + 124) * 8;

	if (le64(super + 104) != probed.at / 512 || !super[123] || super[122] >= super[123])
		return false;
	tell_version(version >> 10, version & 0x3ff);
	while (fields + 8 <= end && fields <= SUPER_SIZE - 24) {
		unsigned size = le32(super + fields) * 8, type = le32(super + fields + 4);
		unsigned first = type == 11 ? 16 : 8;
		unsigned member = type == 11 ? le16(super + fields + 8) : 56;
		unsigned own = fields + first + super[122] * member;
		if ((type == 1 || type == 11) && size == first + super[123] * member &&
		    own <= SUPER_SIZE - 16) {
			tell_uuid("UUID_SUB", super + own, ID_UUID);
			break;
		}
		if (!type || size < 8)
			break;
		fields += size;
	}
	return true;
}


/* --- what is encrypted ---------------------------------------------------------------- */

/* Volumes of Vista tell nothing more; those after it have a GUID in their first sector, and
 * their metadata behind it, with a name. */
static bool look_at_bitlocker(const unsigned char *super)
{
	unsigned place = super[1] == 0x52 ? 0 : is_at(super + 3, "MSWIN", 5) ? 440 : 176;

	*volume->uuid = 0;
	if (!place)
		return true;
	uint64_t at = le64(super + place);
	const unsigned char *block = at && !(at % 64) ? bytes_at(at, 512) : NULL;
	if (!block || !is_at(block, "-FVE-FS-", 8))
		return false;
	tell_number("VERSION", le16(block + 10));
	take_uuid(block + 80, ID_GUID, 'a');
	unsigned end = le32(block + 64);
	for (unsigned entry = 48; entry + 8 < end;) {
		const unsigned char *p = bytes_at(at + 64 + entry, 8);
		unsigned size = p ? le16(p) : 0;
		if (size < 8 || size > SUPER_SIZE)
			break;
		if (le16(p + 2) == 7 && le16(p + 4) == 2) {
			p = bytes_at(at + 64 + entry, size);
			if (p)
				take_wide_label(p + 8, (size - 8) / 2);
			break;
		}
		entry += size;
	}
	return true;
}

static bool is_fvault(const unsigned char *super)
{
	return super[8] == 1 && super[10] == 0x10 && le32(super + 90) == 1 && le32(super + 168) == 16 &&
	       le32(super + 172) == 2;
}


/* --- file systems ------------------------------------------------------------------------ */

static bool is_power(unsigned n)
{
	return n && !(n & (n - 1));
}

/* The volume's record is the fourth of the master file table; its name, an attribute. */
static bool look_at_ntfs(const unsigned char *boot)
{
	unsigned sector = le16(boot + 11), cluster = boot[13];

	if (cluster > 240)
		cluster = 1U << (256 - cluster);
	if (sector < 256 || sector > 4096 || !is_power(sector) || !is_power(cluster) || boot[16] ||
	    le16(boot + 14) || le32(boot + 17) || le16(boot + 22) || le32(boot + 32))
		return false;
	uint64_t serial_at = 72, clusters = le64(boot + 40) / cluster;
	uint64_t table = le64(boot + 48);
	if (table > clusters || le64(boot + 56) > clusters)
		return false;
	cluster *= sector;
	unsigned size = boot[64] < 128 ? boot[64] * cluster : boot[64] > 224 ? 1U << (256 - boot[64]) : 0;
	take_uuid(boot + serial_at, to_hex_little, 'A');
	if (size < 64)
		return false;
	uint64_t at = table * cluster + 3ULL * size;
	if (size > SUPER_SIZE)
		size = SUPER_SIZE;
	const unsigned char *record = bytes_at(at, size);
	if (!record || !is_at(record, "FILE", 4))
		return false;
	for (unsigned n = le16(record + 20); n <= size - 24;) {
		unsigned bytes = le32(record + n + 4), type = le32(record + n);
		unsigned name = n + le16(record + n + 20), length = le32(record + n + 16);
		if (type == 0x60 && name <= size && length <= size - name)
			take_wide_label(record + name, length / 2);
		if (type == 0x60 || bytes < 24 || bytes > size - n)
			break;
		n += bytes;
	}
	return true;
}

/* MD5 of a block of 64 bytes, which is all that there is. RFC 1321. */
static void md5(unsigned char digest[16], const unsigned char block[64])
{
	static const unsigned sines[64] = {
		0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613,
		0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193,
		0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d,
		0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed,
		0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122,
		0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
		0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244,
		0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
		0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
		0xeb86d391,
	};
	static const unsigned char shifts[] = { 7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21 };
	static const unsigned start[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
	unsigned a = start[0], b = start[1], c = start[2], d = start[3];

	for (unsigned i = 0; i < 64; i++) {
		unsigned f, word;
		if (i < 16)
			f = d ^ (b & (c ^ d)), word = i;
		else if (i < 32)
			f = c ^ (d & (b ^ c)), word = 5 * i + 1;
		else if (i < 48)
			f = b ^ c ^ d, word = 3 * i + 5;
		else
			f = c ^ (b | ~d), word = 7 * i;
		unsigned shift = shifts[i / 16 * 4 + i % 4];
		f += a + sines[i] + le32(block + word % 16 * 4);
		a = d;
		d = c;
		c = b;
		b += f << shift | f >> (32 - shift);
	}
	unsigned sums[4] = { start[0] + a, start[1] + b, start[2] + c, start[3] + d };
	for (unsigned i = 0; i < 16; i++)
		digest[i] = sums[i / 4] >> i % 4 * 8;
}

/* From the 8 bytes that the finder keeps, as Apple makes one: version 3, in a space of its own. */
static void take_hfs_uuid(const unsigned char *id)
{
	unsigned char block[64] = { 0xb3, 0xe2, 0x0f, 0x39, 0xf2, 0x92, 0x11, 0xd6,
				    0x97, 0xa4, 0x00, 0x30, 0x65, 0x43, 0xec, 0xac };
	unsigned char digest[16];

	if (!le64(id))
		return;
	for (unsigned i = 0; i < 8; i++)
		block[16 + i] = id[i];
	block[24] = 0x80;
	block[56] = 24 * 8;
	md5(digest, block);
	digest[6] = 0x30 | (digest[6] & 0x0f);
	digest[8] = 0x80 | (digest[8] & 0x3f);
	take_uuid(digest, ID_UUID, 'a');
}

static bool is_hfsplus(const unsigned char *signature)
{
	return is_at(signature, "H+", 2) || is_at(signature, "HX", 2);
}

static bool look_at_hfs(const unsigned char *super)
{
	unsigned block = be32(super + 20), size = super[36];

	if (is_hfsplus(super + 124) || !block || block % 512)
		return false;
	take_hfs_uuid(super + 116);
	take_label(super + 37, size < 27 ? size : 27);
	return true;
}

/* The first record of the catalog's first leaf is the root directory, whose name is the
 * label. The volume may lie in one of HFS. */
static bool look_at_hfsplus(const unsigned char *super)
{
	uint64_t start = 0;

	if (is_at(super, "BD", 2)) {
		if (!is_hfsplus(super + 124))
			return false;
		start = be16(super + 28) * 512 + be16(super + 126) * be32(super + 20);
		super = bytes_at(start + 1024, 512);
	}
	if (!super || !is_hfsplus(super))
		return false;
	uint64_t block = be32(super + 40);
	if (block < 512 || !is_power(block))
		return false;
	unsigned char extents[64];
	for (unsigned i = 0; i < sizeof extents; i++)
		extents[i] = super[288 + i];
	take_hfs_uuid(super + 104);
	tell_number("BLOCK_SIZE", block);
	const unsigned char *tree = bytes_at(start + be32(extents) * block, 512);
	if (!tree)
		return true;
	unsigned size = be16(tree + 32);
	uint64_t leaf = be32(tree + 24) * size / block;
	for (unsigned i = 0; i < sizeof extents; i += 8) {
		uint64_t count = be32(extents + i + 4);
		if (leaf >= count) {
			leaf -= count;
			continue;
		}
		const unsigned char *node = bytes_at(start + (be32(extents + i) + leaf) * block, 534);
		if (node && node[8] == 0xff && be16(node + 10) && be32(node + 16) == 1 && !node[20])
			take_wide(volume->label, node + 22, node[21], true);
		break;
	}
	return true;
}

static bool look_at_hpfs(const unsigned char *start UNUSED)
{
	const unsigned char *spare = bytes_at(0x2200, 4), *boot;

	if (!spare || !is_at(spare, "\x49\x18\x91\xf9", 4))
		return false;
	boot = bytes_at(0, 512);
	if (is_at(boot + 510, "\x55\xaa", 2) && is_at(boot + 54, "HPFS", 4) && boot[38] == 0x28) {
		take_label(boot + 43, 11);
		take_uuid(boot + 39, ID_SERIAL, 'A');
	}
	return true;
}

static bool find_sysv(const unsigned char *start UNUSED)
{
	static const unsigned char blocks[] = { 0, 9, 15, 18 };

	for (unsigned i = 0; i < sizeof blocks; i++) {
		const unsigned char *super = bytes_at(blocks[i] * 1024 + 512, 512);
		if (super && (le32(super + 504) == 0xfd187e20 || be32(super + 504) == 0xfd187e20)) {
			take_label(super + 440, 6);
			return true;
		}
	}
	return false;
}

static bool find_ufs(const unsigned char *start UNUSED)
{
	static const unsigned magics[] = { 0x19540119, 0x00011954, 0x00195612,
					   0x00095014, 0x00612195, 0x05231994 };
	static const unsigned short places[] = { 0, 8, 64, 256 };

	for (unsigned i = 0; i < LENGTH(places) * LENGTH(magics) * 2; i++) {
		uint64_t (*number)(const unsigned char *, unsigned) = i % 2 ? big_endian : little_endian;
		unsigned kind = i / 2 % LENGTH(magics);
		const unsigned char *super = bytes_at(places[i / 2 / LENGTH(magics)] * 1024, 1376);
		if (!super)
			return false;
		if (number(super + 1372, 4) != magics[kind])
			continue;
		if (!kind)
			take_label(super + 680, 32);
		tell_number("VERSION", kind ? 1 : 2);
		take_uuid(super + 144, i % 2 ? to_hex_big : "\4\3\2\1\10\7\6\5", 'a');
		tell_number("BLOCK_SIZE", number(super + 52, 4));
		return true;
	}
	return false;
}

static bool look_at_minix(const unsigned char *super)
{
	/* 1 with names of 14 or 30 bytes, 2 likewise, 3 */
	static const unsigned short magics[] = { 0x137f, 0x138f, 0x2468, 0x2478, 0x4d5a };

	for (unsigned i = 0; i < 10; i++) {
		uint64_t (*number)(const unsigned char *, unsigned) = i % 2 ? big_endian : little_endian;
		unsigned version = i / 4 + 1;
		bool is_3 = version == 3;
		if (number(super + (is_3 ? 24 : 16), 2) != magics[i / 2])
			continue;
		uint64_t inodes = number(super, is_3 ? 4 : 2), maps = number(super + (is_3 ? 6 : 4), 2);
		uint64_t zone_maps = number(super + (is_3 ? 8 : 6), 2),
			 first = number(super + (is_3 ? 10 : 8), 2);
		uint64_t zones = version == 1 ? number(super + 2, 2) : number(super + 20, 4);
		unsigned shift = super[is_3 ? 12 : 10] | super[is_3 ? 13 : 11];
		if (shift || !inodes || maps * 8192 < inodes + 1 || first > zones ||
		    zone_maps * 8192 < zones - first + 1 || (!is_3 && number(super + 18, 2) & ~3ULL))
			return false;
		tell_number("VERSION", version);
		tell_number("BLOCK_SIZE", is_3 ? number(super + 28, 2) : 1024);
		return true;
	}
	return false;
}

static bool look_at_reiserfs(const unsigned char *super)
{
	unsigned block = le16(super + 44);

	/* one in the journal is that of another file system, which lies in this one */
	if (block < 512 || probed.at / 1024 / (block / 512) > le32(super + 12) / 2)
		return false;
	tell("VERSION", super[58] == '3' ? "JR" : super[58] == '2' ? "3.6" : "3.5");
	return true;
}

static bool look_at_scoutfs(const unsigned char *super)
{
	bool is_meta = super[48] & 1;
	char id[20];

	volume->type = is_meta ? "scoutfs_meta" : "scoutfs_data";
	append_id(id, super + 8, to_hex_little, 'a');
	tell("FSID", id);
	tell_number("BLOCK_SIZE", is_meta ? 65536 : 4096);
	return true;
}

static bool look_at_gfs(const unsigned char *super)
{
	unsigned format = be32(super + 24), hosts = be32(super + 28);

	if (format == 1309 && hosts == 1401) {
		volume->type = "gfs";
		volume->tags_size = *volume->tags = 0; /* they are of gfs2 */
		return true;
	}
	return format / 100 == 18 && hosts / 100 == 19;
}

static bool look_at_ubifs(const unsigned char *super)
{
	char version[24];

	append_number(append(append_number(append(version, "w"), le32(super + 80)), "r"), le32(super + 124));
	tell("VERSION", version);
	return super[20] == 6; /* the node of a superblock */
}

static bool look_at_befs(const unsigned char *super)
{
	if (is_at(super, "\353", 1))
		super += 512; /* behind a boot sector */
	bool is_little = is_at(super + 32, "1SFB", 4);

	if (!is_at(super + 36, is_little ? "EGIB" : "BIGE", 4))
		return false;
	tell("VERSION", is_little ? "little-endian" : "big-endian");
	tell_number("BLOCK_SIZE", is_little ? le32(super + 40) : be32(super + 40));
	return true;
}

static bool look_at_squashfs3(const unsigned char *super)
{
	bool is_big = is_at(super, "sqsh", 4);

	if (is_big)
		tell_version(be16(super + 28), be16(super + 30));
	volume->refused = "a squashfs before version 4";
	return is_big || le16(super + 28) - 1 < 3;
}

/* A node of a journal: a mark of an erased block, an entry of a directory, an inode, ... */
static bool is_jffs2(const unsigned char *super)
{
	unsigned type = super[0] == 0x85 ? le16(super + 2) : be16(super + 2);

	return (type & 0xff00) == 0x2000 || (type & 0xff00) == 0xe000 ? (type & 0xff) <= 9 : false;
}

static bool is_jfs(const unsigned char *super)
{
	unsigned bits = le16(super + 20), device_bits = le16(super + 28);

	return bits < 32 && device_bits < 32 && le32(super + 16) == 1U << bits &&
	       le32(super + 24) == 1U << device_bits && bits - device_bits == le16(super + 22);
}

static bool is_nilfs(const unsigned char *super)
{
	unsigned size = le16(super + 8);

	return size >= 20 && size <= 1024 && le32(super) == 2 && le32(super + 20) <= 6;
}

static bool is_xfs_log(const unsigned char *super)
{
	unsigned version = be32(super + 8), format = be32(super + 300);

	tell_uuid("LOGUUID", super + 304, ID_UUID);
	return version && version < 4 && format && format < 4;
}

/* Names and numbers as XDR writes them, RFC 4506, one list in another. */
static bool look_at_zfs_label(uint64_t at)
{
	enum { UINT64 = 8, STRING = 9, LIST = 19 };
	const unsigned char *p = bytes_at(at, 12);
	uint64_t end = at + 112 * 1024;
	unsigned level = 0;
	char name[16];

	if (!p || p[0] != 1 || p[1] > 1)
		return false;
	for (at += 12; at < end;) {
		p = bytes_at(at, 64);
		unsigned size = p ? be32(p) : 0, named = p ? be32(p + 8) : 0;
		if (!size && p && level) {
			level--;
			at += 8;
			continue;
		}
		unsigned value = 12 + (named + 3) / 4 * 4;
		if (!size || named > 32 || value + 4 > size)
			break;
		unsigned type = be32(p + value);
		if (type == LIST) {
			level++;
			at += value + 16;
			continue;
		}
		for (unsigned i = 0; i < sizeof name; i++)
			name[i] = i < named && i < sizeof name - 1 ? p[12 + i] : 0;
		p = bytes_at(at + value + 8, 256);
		uint64_t number = p && type == UINT64 ? be64(p) : 0;
		if (p && type == STRING && !level && equal(name, "name")) {
			number = be32(p);
			take_label(p + 4, number < 250 ? number : 250);
		} else if (number && !level && equal(name, "pool_guid")) {
			take_number(number);
		} else if (number && !level && equal(name, "guid")) {
			tell_number("UUID_SUB", number);
		} else if (number && !level && equal(name, "version")) {
			tell_number("VERSION", number);
		} else if (number && equal(name, "ashift")) {
			tell_number("BLOCK_SIZE", 1ULL << number % 32);
		}
		at += size;
	}
	return *volume->uuid;
}

/* Two labels at the start and two at the end. */
static bool find_zfs(const unsigned char *start UNUSED)
{
	enum { LABEL = 256 * 1024, NAMES = 16 * 1024 };
	uint64_t size = probed.size & -LABEL;

	if (size < 64 << 20)
		return false;
	for (unsigned i = 0; i < 4; i++)
		if (look_at_zfs_label((i < 2 ? i * LABEL : size - (4 - i) * LABEL) + NAMES))
			return true;
	return false;
}

/* --- ISO 9660 ------------------------------------------------------------------------------ */

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? c - 32 : c;
}

/* A text of the descriptor, into the label of text: half as long and in UTF-16 in that of
 * Joliet, without small letters and with '_' for others in the first one. */
static const char *merge(char *text, const unsigned char *plain, const unsigned char *wide, unsigned size)
{
	unsigned char merged[512], *to = merged;
	unsigned unit = 0;

	if (!wide) {
		take_text(text, plain, size);
		return text;
	}
	for (unsigned i = 0; i < size; i++, to += 2) {
		const unsigned char *w = wide + 2 * unit++;
		to[0] = 0;
		to[1] = plain[i];
		if (unit > size / 2)
			continue;
		if (w[0] >> 2 == 0xd8 >> 2 && w[2] >> 2 == 0xdc >> 2 && unit < size / 2) {
			*to++ = *w++;
			*to++ = *w++;
			unit++;
		}
		to[0] = w[0];
		if (plain[i] == '_' ||
		    (!w[0] && upper(w[1]) == upper(plain[i]) && plain[i] == upper(plain[i]))) {
			to[1] = w[1];
		} else if (w[0] || (w[1] != '_' && upper(w[1]) != upper(plain[i]))) {
			take_wide(text, wide, size / 2, true);
			return text;
		} else {
			to[1] = plain[i];
		}
	}
	take_wide(text, merged, (to - merged) / 2, true);
	return text;
}

void look_at_iso_texts(const unsigned char *plain)
{
	static const char names[] =
		"SYSTEM_ID\0VOLUME_SET_ID\0PUBLISHER_ID\0DATA_PREPARER_ID\0APPLICATION_ID\0";
	static const unsigned short places[] = { 8, 190, 318, 446, 574 };
	char text[800];
	const unsigned char *wide = NULL, *next = plain;

	for (unsigned i = 1; i < 16 && *next != 0xff; i++) {
		next = plain + 2048 * i;
		if (!*next)
			tell_text("BOOT_SYSTEM_ID", next + 7, 32);
		if (!wide && *next == 2 && is_at(next + 88, "%/", 2) && next[90] &&
		    find_byte("@CE", next[90])[0])
			wide = next;
	}
	for (unsigned i = 0; i < LENGTH(places); i++) {
		unsigned at = places[i];
		const char *name = nth_string(names, i);
		const char *start = text;
		merge(text, plain + at, wide ? wide + at : NULL, i ? 128 : 32);
		while (*start == ' ')
			start++;
		if (i < 2 || *start != '_') /* which stands before the name of a file */
			tell(name, start);
	}
	if (!wide)
		return;
	tell("VERSION", "Joliet Extension");
	merge(volume->label, plain + 40, wide + 40, 32);
}

/* --- short ones ---------------------------------------------------------------------------- */

static bool look_at_ddf(const unsigned char *super)
{
	for (unsigned i = 0; i < 24; i++)
		volume->uuid[i] = super[8 + i];
	tell_text("VERSION", super + 32, 8);
	return true;
}

static bool look_at_isw(const unsigned char *super)
{
	tell_text("VERSION", super + 24, 6);
	return is_whole_disk();
}

static bool look_at_fake_raid(const unsigned char *super UNUSED)
{
	return is_whole_disk();
}

static bool is_bcache(const unsigned char *super)
{
	return le64(super + 8) == 8;
}

static bool look_at_drbd_log(const unsigned char *super)
{
	char version[24];

	append_number(append(version, "v"), le64(super + 8));
	tell("VERSION", version);
	return true;
}

static bool look_at_drbdmanage(const unsigned char *super)
{
	for (unsigned i = 0; i < 32; i++)
		volume->uuid[i] = super[11 + i];
	if (is_at(super + 4096, "\x1a\xdb\x98\xa2", 4))
		tell_number("VERSION", be32(super + 4100));
	return super[43] == '\n';
}

static bool look_at_vmfs(const unsigned char *super)
{
	take_uuid(super + 9, VMFS_ORDER, 'a');
	return true;
}

static bool look_at_ubi(const unsigned char *super)
{
	take_number(be32(super + 24));
	return true;
}

static bool look_at_high_sierra(const unsigned char *super)
{
	if (!take_time(super + 806, 0))
		take_time(super + 790, 0);
	tell("VERSION", "High Sierra");
	return true;
}

/* Of any version but the first. */
static bool look_at_ocfs(const unsigned char *super)
{
	tell("SEC_TYPE", "ntocfs");
	tell_version(le32(super + 4), le32(super));
	return true;
}

static bool look_at_nss(const unsigned char *super)
{
	char version[24];

	append_number(append(append_number(version, le16(super + 8)), super[10] < 10 ? ".0" : "."),
		      le16(super + 10));
	tell("VERSION", version);
	return true;
}

static bool look_at_cramfs(const unsigned char *super)
{
	tell_number("VERSION", 1 + ((super[*super == 0x45 ? 8 : 11]) & 1));
	return true;
}

/* The function of each kind; NULL: its magic number is enough. */
static bool (*const functions[])(const unsigned char *super) = {
	[IS_DDF - FIRST_OF_ALL] = look_at_ddf,
	[IS_ISW - FIRST_OF_ALL] = look_at_isw,
	[IS_VIA - FIRST_OF_ALL] = look_at_via,
	[IS_SILICON - FIRST_OF_ALL] = look_at_silicon,
	[IS_JMICRON - FIRST_OF_ALL] = look_at_jmicron,
	[IS_FAKE_RAID - FIRST_OF_ALL] = look_at_fake_raid,
	[IS_PROMISE - FIRST_OF_ALL] = find_promise,
	[IS_BCACHE - FIRST_OF_ALL] = is_bcache,
	[IS_BCACHEFS - FIRST_OF_ALL] = look_at_bcachefs,
	[IS_DRBD - FIRST_OF_ALL] = look_at_drbd,
	[IS_DRBD_LOG - FIRST_OF_ALL] = look_at_drbd_log,
	[IS_DRBDMANAGE - FIRST_OF_ALL] = look_at_drbdmanage,
	[IS_LVM2 - FIRST_OF_ALL] = look_at_lvm2,
	[IS_LVM1 - FIRST_OF_ALL] = look_at_lvm1,
	[IS_VMFS - FIRST_OF_ALL] = look_at_vmfs,
	[IS_VMFS_VOLUME - FIRST_OF_ALL] = look_at_vmfs_volume,
	[IS_UBI - FIRST_OF_ALL] = look_at_ubi,
	[IS_STRATIS - FIRST_OF_ALL] = look_at_stratis,
	[IS_BITLOCKER - FIRST_OF_ALL] = look_at_bitlocker,
	[IS_FVAULT - FIRST_OF_ALL] = is_fvault,
	[IS_XFS_LOG - FIRST_OF_ALL] = is_xfs_log,
	[IS_SQUASHFS3 - FIRST_OF_ALL] = look_at_squashfs3,
	[IS_HIGH_SIERRA - FIRST_OF_ALL] = look_at_high_sierra,
	[IS_OCFS - FIRST_OF_ALL] = look_at_ocfs,
	[IS_NSS - FIRST_OF_ALL] = look_at_nss,
	[IS_CRAMFS - FIRST_OF_ALL] = look_at_cramfs,
	[IS_REISERFS - FIRST_OF_ALL] = look_at_reiserfs,
	[IS_HFSPLUS - FIRST_OF_ALL] = look_at_hfsplus,
	[IS_HFS - FIRST_OF_ALL] = look_at_hfs,
	[IS_UFS - FIRST_OF_ALL] = find_ufs,
	[IS_HPFS - FIRST_OF_ALL] = look_at_hpfs,
	[IS_SYSV - FIRST_OF_ALL] = find_sysv,
	[IS_NTFS - FIRST_OF_ALL] = look_at_ntfs,
	[IS_SCOUTFS - FIRST_OF_ALL] = look_at_scoutfs,
	[IS_MINIX - FIRST_OF_ALL] = look_at_minix,
	[IS_GFS - FIRST_OF_ALL] = look_at_gfs,
	[IS_UBIFS - FIRST_OF_ALL] = look_at_ubifs,
	[IS_BEFS - FIRST_OF_ALL] = look_at_befs,
	[IS_NILFS - FIRST_OF_ALL] = is_nilfs,
	[IS_ZFS - FIRST_OF_ALL] = find_zfs,
	[IS_JFFS2 - FIRST_OF_ALL] = is_jffs2,
	[IS_JFS - FIRST_OF_ALL] = is_jfs,
};

bool look_closer(enum kind kind, const unsigned char *super)
{
	unsigned n = kind - FIRST_OF_ALL;

	return n >= LENGTH(functions) || !functions[n] || functions[n](super);
}
