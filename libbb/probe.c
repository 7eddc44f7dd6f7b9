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
//config:config FEATURE_PROBE_ALL
//config:	bool "Tell every file system that blkid knows"
//config:	default y
//config:	depends on FEATURE_PROBE_MORE && FEATURE_PROBE_TAGS
//config:	help
//config:	  ntfs, hfsplus, jfs, nilfs2, ubifs, LVM2_member, zfs_member,
//config:	  BitLocker and some seventy more; and the tags VERSION, BLOCK_SIZE,
//config:	  UUID_SUB, SEC_TYPE and what else blkid -p prints.
//config:
//config:config FEATURE_PROBE_TAGS
//config:	bool "Find devices by LABEL= and UUID="
//config:	default y
//config:	depends on FEATURE_PROBE
//config:	help
//config:	  And by PARTLABEL= and PARTUUID=; for mount -L and -U too.
//kbuild:obj-$(CONFIG_FEATURE_PROBE) += libbb/probe.o
#include <linux/major.h>

#include "probe_format.h"

enum { CHAIN = 256 }; /* clusters of a directory, which is enough for where tools put a label */

/* --- formats ------------------------------------------------------------------- */

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
	unsigned incompat = le32(super + 96);

	if (incompat & IS_JOURNAL)
		return "jbd";
	if (incompat & EXT4_INCOMPAT || le32(super + 100) & EXT4_RO_COMPAT)
		return "ext4";
	return le32(super + 92) & HAS_JOURNAL ? "ext3" : "ext2";
}

static bool look_at_squashfs(const unsigned char *super)
{
	/* clang-format off */
	static const char compressors[] = "gzip\0" "lzma\0" "lzo\0" "xz\0" "lz4\0" "zstd\0";
	/* clang-format on */
	unsigned compressor = le16(super + 20);
	unsigned block = le32(super + 12);

	if (ENABLE_FEATURE_PROBE_ALL && le16(super + 28) - 1 < 3)
		return false; /* squashfs3 has another superblock */
	volume->needs = volume->bytes = squashfs_bytes(super);
	if (le16(super + 28) != 4)
		volume->refused = "a squashfs before version 4";
	else if (compressor < 1 || compressor > 6)
		volume->refused = "a squashfs with an unknown compressor";
	else if (block < 4096 || block > 1 << 20 || block & (block - 1))
		volume->refused = "a squashfs with a bad block size";
	else
		volume->compressor = nth_string(compressors, compressor - 1);
	return true;
}

static void look_at_erofs(const unsigned char *super)
{
	unsigned bits = super[12];

	if (bits < 9 || bits > 16)
		volume->refused = "an erofs with a bad block size";
	else
		volume->needs = volume->bytes = erofs_bytes(super);
}

/* Looks for the volume's name among so many bytes of a directory of FAT or exFAT; true where it
 * ends. */
static bool look_for_name(uint64_t at, unsigned size, bool is_exfat)
{
	for (unsigned done = 0; done < size; done += SUPER_SIZE, at += SUPER_SIZE) {
		unsigned part = size - done < SUPER_SIZE ? size - done : SUPER_SIZE;
		const unsigned char *entry = bytes_at(at, part);
		if (!entry)
			return true;
		for (const unsigned char *end = entry + part; entry < end; entry += 32) {
			if (!*entry)
				return true;
			if (is_exfat && *entry == 0x83) {
				take_wide_label(entry + 2, entry[1] < 11 ? entry[1] : 11);
				return true;
			}
			/* A volume's name has no cluster, and is no part of a long name. */
			if (is_exfat || *entry == 0xe5 || (entry[11] & 0x3f) == 0x0f ||
			    (entry[11] & 0x18) != 0x08 || le16(entry + 20) || le16(entry + 26))
				continue;
			take_label(entry, 11);
			if (*entry == 0x05)
				*volume->label = 0xe5;
			return true;
		}
	}
	return false;
}

/* The same in the clusters of a root directory, which a table links. */
static void look_in_root(uint64_t next, uint64_t table, uint64_t data, unsigned cluster, bool is_exfat)
{
	const unsigned char *link;

	for (unsigned i = 0; i < CHAIN && next >= 2 && next < 0xffffff7; i++) {
		if (look_for_name(data + (next - 2) * cluster, cluster, is_exfat) ||
		    !(link = bytes_at(table + 4 * next, 4)))
			break;
		next = le32(link) & 0xfffffff;
	}
}

/* What the kernel takes for a FAT, fs/fat/inode.c: neither words nor the boot sector's 0xaa55
 * decide. JFS, HPFS and BitLocker have a boot sector that looks like one. */
static bool is_fat(const unsigned char *boot, unsigned sector, unsigned cluster)
{
	if (sector < 512 || sector > 4096 || sector & (sector - 1) || !cluster || cluster & (cluster - 1) ||
	    !le16(boot + 14) || !boot[16] || (boot[21] < 0xf8 && boot[21] != 0xf0))
		return false;
	return !ENABLE_FEATURE_PROBE_ALL || !(is_at(boot + 54, "JFS ", 4) || is_at(boot + 54, "HPFS", 4) ||
					      is_at(boot + 3, "-FVE-FS-", 8));
}

static void tell_fat(const unsigned char *extension, const char *version, unsigned sector)
{
	if (version[3] == '1')
		tell("SEC_TYPE", "msdos");
	if (extension[2] == 0x29 && !is_at(extension + 7, "NO NAME    ", 11))
		tell_text("LABEL_FATBOOT", extension + 7, 11);
	tell("VERSION", version);
	tell_number("BLOCK_SIZE", sector);
}

/* The label is an entry of the root directory; FAT12 and FAT16 have that at a place
 * of its own, FAT32 in clusters, which the table links. */
static bool look_at_fat(void)
{
	enum { FAT12_MAX = 0xff4, FAT16_MAX = 0xfff4 };
	const unsigned char *boot = probed_area;
	unsigned sector = le16(boot + 11), cluster = boot[13], reserved = le16(boot + 14);
	unsigned table = le16(boot + 22), root = le16(boot + 17) * 32;
	/* drive, flags, sign, serial number, label */
	const unsigned char *extension = boot + (table ? 36 : 64);

	bool is_32 = !table;
	if (is_32)
		table = le32(boot + 36);
	if (!is_fat(boot, sector, cluster) || !table)
		return false;
	uint64_t data = reserved + (uint64_t)table * boot[16];
	if (ENABLE_FEATURE_PROBE_ALL) {
		unsigned sectors = le16(boot + 19) ? le16(boot + 19) : le32(boot + 32);
		unsigned clusters = (sectors - (unsigned)data - (root + sector - 1) / sector) / cluster;
		if (clusters > (is_32 ? 0xffffff6 : FAT16_MAX))
			return false;
		tell_fat(extension, is_32 ? "FAT32" : clusters < FAT12_MAX ? "FAT12" : "FAT16", sector);
	}
	if (is_32 || (extension[2] & 0xfe) == 0x28)
		take_uuid(extension + 3, ID_SERIAL, 'A');
	if (is_32)
		look_in_root(le32(boot + 44), reserved * sector, data * sector, cluster * sector, false);
	else
		look_for_name(data * sector, root, false);
	return true;
}

static void look_at_exfat(void)
{
	const unsigned char *boot = probed_area;
	unsigned sector = boot[108], cluster = sector + boot[109];

	take_uuid(boot + 100, ID_SERIAL, 'A');
	if (ENABLE_FEATURE_PROBE_ALL)
		tell_version(boot[105], boot[104]);
	if (sector >= 9 && sector <= 12 && cluster <= 25)
		look_in_root(le32(boot + 96), le32(boot + 80) << sector, le32(boot + 88) << sector,
			     1U << cluster, true);
}

/* The time of its last change; of its making, where there is none. */
static void look_at_iso(const unsigned char *descriptor)
{
	if (!take_time(descriptor + 830, descriptor[846]))
		take_time(descriptor + 813, descriptor[829]);
	if (ENABLE_FEATURE_PROBE_ALL)
		look_at_iso_texts(descriptor);
}

/* Its volume recognition sequence is like that of iso9660, which may be there too: one
 * each 2048 bytes; or alone, each block of 4096. */
static bool has_udf_sequence(void)
{
	const unsigned char *start = probed_area + 32768;
	unsigned step = is_at(start + 1, "BEA01", 5) && !start[2048 + 1] ? 4096 : 2048;

	for (const unsigned char *at = start; at < probed_area + PROBED_AREA - 4096 && at[1]; at += step)
		if (is_at(at + 1, "NSR0", 4))
			return true;
	return false;
}

/* A text of UDF: 8 or 16 bits each, big-endian, and its length in its last byte. */
static const char *udf_text(char *to, const unsigned char *text, unsigned field)
{
	unsigned char wide[256];
	unsigned size = text[field - 1];

	*to = 0;
	if (!size)
		return to;
	if (size > field - 1)
		size = field - 1;
	if (*text == 16)
		take_wide(to, text + 1, (size - 1) / 2, true);
	for (unsigned i = 0; *text == 8 && i + 1 < size; i++) {
		wide[2 * i] = text[1 + i];
		wide[2 * i + 1] = 0;
		take_wide(to, wide, i + 1, false);
	}
	return to;
}

/* The first 16 characters, where they are hexadecimal digits; what is not is written in them:
 * from the first 8 characters, or from the next 4 behind 8 digits. */
static void take_udf_uuid(const char *id)
{
	unsigned digits = 0;
	char *to = volume->uuid;

	if (length(id) < 8)
		return;
	while (digits < 16 && hex_digit(id[digits]) < 16)
		digits++;
	digits = digits < 8 ? 0 : digits < 16 ? 8 : 16;
	for (unsigned i = 0; i < digits; i++)
		*to++ = id[i] | 0x20;
	for (unsigned i = digits; to < volume->uuid + 16; i++)
		to = append_id(to, (const unsigned char *)id + i, "\1", 'a');
	*to = 0;
}

/* Where a block's anchor is, which says where the descriptors are. */
static const unsigned char *anchor_at(unsigned block, unsigned at)
{
	const unsigned char *anchor = bytes_at((uint64_t)at * block, 512);

	return anchor && le16(anchor) == 2 && le32(anchor + 12) == at ? anchor : NULL;
}

/* From the anchor at sector 256 or 512 to the descriptors of the volume. */
static bool look_at_udf(void)
{
	const unsigned char *at = NULL;
	unsigned block = 256;
	bool has_label = false;

	if (!has_udf_sequence())
		return false;
	do {
		block *= 2;
		at = anchor_at(block, 256);
		if (!at)
			at = anchor_at(block, 512);
	} while (!at && block < 4096);
	if (!at)
		return false;
	uint64_t sequence = le32(at + 20);
	for (unsigned i = 0; i < 16 && (at = bytes_at((sequence + i) * block, 512)); i++) {
		unsigned tag = le16(at);
		if (tag == 8)
			break;
		if (tag == 1 && !*volume->uuid) {
			char text[400]; /* the name of the set of volumes starts with what is unique */
			take_udf_uuid(udf_text(text, at + 72, 128));
			if (ENABLE_FEATURE_PROBE_ALL) {
				tell("VOLUME_SET_ID", text);
				tell("VOLUME_ID", udf_text(text, at + 24, 32));
				tell_text("APPLICATION_ID", at + 345 + (at[345] == '*'),
					  23 - (at[345] == '*'));
			}
		} else if (tag == 6 && !has_label) {
			has_label = true;
			tell("LOGICAL_VOLUME_ID", udf_text(volume->label, at + 84, 128));
			if (ENABLE_FEATURE_PROBE_ALL) {
				char version[] = "1.02";
				version[0] = '0' + (at[241] & 15);
				append_id(version + 2, at + 240, "\1", 'a');
				tell("VERSION", version);
				tell_number("BLOCK_SIZE", block);
			}
		}
	}
	return true;
}

/* Notes that this is not a file system, and what it is instead. */
static void take_words(const char *text)
{
	volume->no_file_system = true;
	if (ENABLE_FEATURE_EXPLAIN)
		volume->refused = text;
}

/* A swap area ends its first page, of whatever size that is, with a word. */
static bool look_at_swap(void)
{
	static const char words[] = "SWAPSPACE2\0S1SUSPEND\0S2SUSPEND\0ULSUSPEND\0LINHIB0001\0SWAP-SPACE\0";
	enum { SWAPSPACE2, SWAP_SPACE = 5 };
	const unsigned char *super = probed_area + 1024;
	char word[11];

	for (unsigned page = 4096; page <= probed.loaded && page <= 65536; page *= 2) {
		const unsigned char *end = bytes_at(page - 10, 10);
		if (!end)
			break;
		take_text(word, end, 10);
		int n = find_string(words, word);
		if (n < 0) { /* behind a word of nine letters may be what was there before */
			word[9] = 0;
			n = find_string(words, word);
		}
		if (n < 0)
			continue;
		if (n == SWAPSPACE2 && (*super | super[3]) != 1)
			continue; /* of no version, in neither byte order */
		if (n != SWAP_SPACE && !le64(super + 172)) {
			take_uuid(super + 12, ID_UUID, 'a');
			take_label(super + 28, 16);
		}
		if (ENABLE_FEATURE_PROBE_ALL) {
			for (char *p = word; *p; p++)
				*p |= *p >= 'A' ? 0x20 : 0;
			tell("VERSION", n == SWAP_SPACE ? "0" : n == SWAPSPACE2 ? "1" : word);
		}
		if (n != SWAPSPACE2 && n != SWAP_SPACE) {
			volume->type = "swsuspend";
			take_words("a swap area with a hibernated system");
		}
		return true;
	}
	return false;
}

/* --- members of md arrays --------------------------------------------------------- */

enum { MD_MAGIC = 0xa92b4efc, MD_RESERVED = 65536 };
/* The four numbers of version 0.90's, of which the first lies apart. */
#define MD_UUID_LITTLE "\4\3\2\1-\44\43-\42\41-\50\47-\46\45\54\53\52\51"
#define MD_UUID_BIG "\1\2\3\4-\41\42-\43\44-\45\46-\47\50\51\52\53\54"

/* Version 1, which says where it is itself: at the end of the last partition it is not the
 * disk's. Source: the kernel's linux/raid/md_p.h. */
static bool look_at_md_1(const unsigned char *super, uint64_t at, const char *version)
{
	if (le64(super) != (MD_MAGIC | 1ULL << 32) || le64(super + 144) != at / 512)
		return false;
	take_uuid(super + 16, ID_UUID, 'a');
	take_label(super + 32, 32);
	tell_uuid("UUID_SUB", super + 168, ID_UUID);
	tell("VERSION", version);
	return true;
}

/* Version 0.90, of the byte order of the machine that made it. */
static bool look_at_md_0(const unsigned char *super, uint64_t at)
{
	bool is_little = !ENABLE_FEATURE_PROBE_ALL || le32(super) == MD_MAGIC;
	uint64_t (*number)(const unsigned char *, unsigned) = is_little ? little_endian : big_endian;

	if (number(super, 4) != MD_MAGIC || le32(super + 4))
		return false;
	uint64_t used = number(super + 32, 4) << 10;
	if (at < used || (ENABLE_FEATURE_PROBE_ALL && is_whole_disk() &&
			  is_in_partition(probed.fd, at - used, used + MD_RESERVED)))
		return false;
	/* before 0.90 there was but the first number */
	take_uuid(super + 20, is_little ? MD_UUID_LITTLE : MD_UUID_BIG, 'a');
	if (ENABLE_FEATURE_PROBE_ALL) {
		char version[40], *to = version;
		for (unsigned i = 0; i < 3; i++) {
			to = append_number(to, number(super + 4 + 4 * i, 4));
			*to++ = i < 2 ? '.' : 0;
		}
		tell("VERSION", version);
	}
	return true;
}

/* A member of an md array may have its superblock at its end, and at its start what the array
 * holds, which must be left to that. */
static bool is_md_at_end(void)
{
	unsigned char super[256];
	uint64_t at = (probed.size & -MD_RESERVED) - MD_RESERVED;

	if (probed.size < MD_RESERVED)
		return false;
	if (probe_read(super, sizeof super, at) && look_at_md_0(super, at))
		return true;
	at = (probed.size & -4096ULL) - 8192;
	return probe_read(super, sizeof super, at) && look_at_md_1(super, at, "1.0");
}


/* --- the table ------------------------------------------------------------------- */

/*
 * All that is known of a format, field by field:
 *
 *   type       as blkid has it; "": another place or magic number of the format above
 *   place      of its superblock, in KiB; below 0: in sectors of 512 bytes from the end of the device
 *   at, magic  where its magic number is in that
 *   uuid       where its UUID is; 0: nowhere, or where its kind says
 *   label, size   where its label is, and of how many bytes
 *   version, block   VERSION and BLOCK_SIZE, as number_at() reads them
 *   kind       IS_PLAIN: there is no more to it. Else look_at_more() has a function for it
 *   usage      as blkid -p has it
 *   words      why it can't be mounted: what it is instead of a file system
 *
 * What holds something else comes first: what is left there of an older file system is not in use.
 */
/* clang-format off */
#define FORMATS(X) \
	IF_FEATURE_PROBE_MORE( \
	X("linux_raid_member", 0, 0, "\xfc\x4e\x2b\xa9\1", 0, 0, 0, NONE, NONE, IS_MD, RAID, "a member of an md array: assemble that first") \
	X("", 4, 0, "\xfc\x4e\x2b\xa9\1", 0, 0, 0, NONE, NONE, IS_MD, RAID, "") \
	) \
	IF_FEATURE_PROBE_ALL( \
	X("ddf_raid_member", -1, 0, "\xde\x11\xde\x11", 0, 0, 0, NONE, NONE, IS_DDF, RAID, "") \
	X("", -257, 0, "\xde\x11\xde\x11", 0, 0, 0, NONE, NONE, IS_DDF, RAID, "") \
	X("isw_raid_member", -2, 0, "Intel Raid", 0, 0, 0, NONE, NONE, IS_ISW, RAID, "") \
	X("lsi_mega_raid_member", -1, 0, "$XIDE$", 0, 0, 0, NONE, NONE, IS_FAKE_RAID, RAID, "") \
	X("via_raid_member", -1, 0, "\x55\xaa", 0, 0, 0, BYTE | 2, NONE, IS_VIA, RAID, "") \
	X("silicon_medley_raid_member", -1, 96, "\0\0\0\x2f", 0, 0, 0, NONE, NONE, IS_SILICON, RAID, "") \
	X("nvidia_raid_member", -2, 0, "NVIDIA  \x1e\0", 0, 0, 0, LE16 | 16, NONE, IS_NVIDIA, RAID, "") \
	X("promise_fasttrack_raid_member", 32, 0, "", 0, 0, 0, NONE, NONE, IS_PROMISE, RAID, "") \
	X("hpt45x_raid_member", -11, 0, "\xf3\x16\x78\x5a", 0, 0, 0, NONE, NONE, IS_FAKE_RAID, RAID, "") \
	X("", -11, 0, "\xfd\x16\x78\x5a", 0, 0, 0, NONE, NONE, IS_FAKE_RAID, RAID, "") \
	X("hpt37x_raid_member", 4, 544, "\xf0\x16\x78\x5a", 0, 0, 0, NONE, NONE, IS_FAKE_RAID, RAID, "") \
	X("", 4, 544, "\xfd\x16\x78\x5a", 0, 0, 0, NONE, NONE, IS_FAKE_RAID, RAID, "") \
	X("adaptec_raid_member", -1, 0, "\x37\xfc\x4d\x1e", 0, 0, 0, BYTE | 63, NONE, IS_FAKE_RAID, RAID, "") \
	X("jmicron_raid_member", -1, 0, "JM", 0, 0, 0, NONE, NONE, IS_JMICRON, RAID, "") \
	X("bcache", 4, 24, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65", 40, 72, 32, LE64 | 16, SECTORS | 192, IS_BCACHE, OTHER_USE, "a backing device of bcache: register it first") \
	X("bcachefs", 4, 24, "\xc6\x85\x73\xf6", 56, 72, 32, NONE, SECTORS | 120, IS_BCACHEFS, FILE_SYSTEM, "") \
	X("", 2048, 24, "\xc6\x85\x73\xf6", 56, 72, 32, NONE, SECTORS | 120, IS_BCACHEFS, FILE_SYSTEM, "") \
	X("", -2048, 24, "\xc6\x85\x73\xf6", 56, 72, 32, NONE, SECTORS | 120, IS_BCACHEFS, FILE_SYSTEM, "") \
	X("ceph_bluestore", 0, 0, "bluestore ", 0, 0, 0, NONE, NONE, IS_PLAIN, OTHER_USE, "") \
	X("drbd", -8, 60, "\x83\x74\x02\x6b", 0, 0, 0, NONE, NONE, IS_DRBD, RAID, "") \
	X("", -8, 60, "\x83\x74\x02\x6c", 0, 0, 0, NONE, NONE, IS_DRBD, RAID, "") \
	X("", -8, 60, "\x83\x74\x02\x6d", 0, 0, 0, NONE, NONE, IS_DRBD, RAID, "") \
	X("drbdmanage_control_volume", 0, 0, "$DRBDmgr=q", 0, 0, 0, NONE, NONE, IS_DRBDMANAGE, OTHER_USE, "") \
	X("drbdproxy_datalog", 0, 0, "DRBDdlh*", 16, 0, 0, NONE, NONE, IS_DRBD_LOG, FILE_SYSTEM, "") \
	X("LVM2_member", 0, 536, "LVM2 001", 0, 0, 0, NONE, NONE, IS_LVM2, RAID, "a physical volume of LVM: activate its group first") \
	X("", 0, 24, "LVM2 001", 0, 0, 0, NONE, NONE, IS_LVM2, RAID, "") \
	X("", 1, 24, "LVM2 001", 0, 0, 0, NONE, NONE, IS_LVM2, RAID, "") \
	X("", 1, 536, "LVM2 001", 0, 0, 0, NONE, NONE, IS_LVM2, RAID, "") \
	X("LVM1_member", 0, 0, "HM", 0, 0, 0, NONE, NONE, IS_LVM1, RAID, "") \
	X("DM_snapshot_cow", 0, 0, "SnAp", 0, 0, 0, NONE, NONE, IS_PLAIN, OTHER_USE, "") \
	) \
	IF_FEATURE_PROBE_MORE( \
	X("DM_verity_hash", 0, 0, "verity\0\0", 16, 0, 0, LE32 | 8, NONE, IS_PLAIN, CRYPTO, "a verity hash tree, not the data") \
	) \
	IF_FEATURE_PROBE_ALL( \
	X("DM_integrity", 0, 0, "integrt\0", 0, 0, 0, BYTE | 8, NONE, IS_PLAIN, CRYPTO, "") \
	) \
	IF_FEATURE_PROBE_MORE( \
	X("crypto_LUKS", 0, 0, "LUKS\xba\xbe", 0, 0, 0, BYTE | 7, NONE, IS_LUKS, CRYPTO, "a LUKS volume: open it first") \
	) \
	IF_FEATURE_PROBE_ALL( \
	X("VMFS_volume_member", 1024, 0, "\x0d\xd0\x01\xc0", 0, 0, 0, LE32 | 4, NONE, IS_VMFS_VOLUME, RAID, "") \
	X("ubi", 0, 0, "UBI#", 0, 0, 0, BYTE | 4, NONE, IS_UBI, RAID, "") \
	X("vdo", 0, 0, "dmvdo001", 40, 0, 0, NONE, NONE, IS_PLAIN, OTHER_USE, "") \
	X("stratis", 0, 516, "!Stra0tis\x86", 0, 0, 0, NONE, NONE, IS_STRATIS, RAID, "") \
	X("", 4, 516, "!Stra0tis\x86", 0, 0, 0, NONE, NONE, IS_STRATIS, RAID, "") \
	X("BitLocker", 0, 0, "\xeb\x52\x90-FVE-FS-", 0, 0, 0, NONE, NONE, IS_BITLOCKER, CRYPTO, "a BitLocker volume: open it first") \
	X("", 0, 0, "\xeb\x58\x90-FVE-FS-", 160, 0, 0, NONE, NONE, IS_BITLOCKER, CRYPTO, "") \
	X("", 0, 0, "\xeb\x58\x90MSWIN4.1", 424, 0, 0, NONE, NONE, IS_BITLOCKER, CRYPTO, "") \
	X("cs_fvault2", 0, 88, "CS", 304, 0, 0, LE16 | 8, NONE, IS_FVAULT, CRYPTO, "") \
	) \
	IF_FEATURE_PROBE_MORE( \
	X("swap", 0, 0, "", 0, 0, 0, NONE, NONE, IS_SWAP, OTHER_USE, "a swap area") \
	X("xfs", 0, 0, "XFSB", 32, 108, 12, NONE, BE16 | 102, IS_XFS, FILE_SYSTEM, "") \
	) \
	IF_FEATURE_PROBE_ALL( \
	X("xfs_external_log", 0, 0, "\xfe\xed\xba\xbe", 0, 0, 0, NONE, NONE, IS_XFS_LOG, OTHER_USE, "") \
	X("exfs", 0, 0, "EXFS", 32, 108, 12, NONE, BE32 | 4, IS_PLAIN, FILE_SYSTEM, "") \
	) \
	X("squashfs", 0, 0, "hsqs", 0, 0, 0, PAIR | 28, LE32 | 12, IS_SQUASHFS, FILE_SYSTEM, "") \
	X("erofs", 1, 0, "\xe2\xe1\xf5\xe0", 48, 64, 16, NONE, POWER | 12, IS_EROFS, FILE_SYSTEM, "") \
	X("ext", 1, 56, "\x53\xef", 104, 120, 16, NONE, POWER_K | 24, IS_EXT, FILE_SYSTEM, "") \
	IF_FEATURE_PROBE_MORE( \
	X("f2fs", 1, 0, "\x10\x20\xf5\xf2", 108, 0, 0, PAIR | 4, POWER32 | 16, IS_F2FS, FILE_SYSTEM, "") \
	X("exfat", 0, 3, "EXFAT   ", 0, 0, 0, NONE, POWER | 108, IS_EXFAT, FILE_SYSTEM, "") \
	) \
	IF_FEATURE_PROBE_ALL( \
	X("ntfs", 0, 3, "NTFS    ", 0, 0, 0, NONE, LE16 | 11, IS_NTFS, FILE_SYSTEM, "") \
	X("ReFS", 0, 0, "\0\0\0ReFS\0", 0, 0, 0, NONE, NONE, IS_PLAIN, FILE_SYSTEM, "") \
	) \
	IF_FEATURE_PROBE_MORE( \
	X("vfat", 0, 0, "", 0, 0, 0, NONE, NONE, IS_FAT, FILE_SYSTEM, "") \
	) \
	IF_FEATURE_PROBE_ALL( \
	X("cramfs", 0, 0, "\x45\x3d\xcd\x28", 0, 48, 16, NONE, NONE, IS_CRAMFS, FILE_SYSTEM, "") \
	X("", 0, 0, "\x28\xcd\x3d\x45", 0, 48, 16, NONE, NONE, IS_CRAMFS, FILE_SYSTEM, "") \
	X("romfs", 0, 0, "-rom1fs-", 0, 16, 16, NONE, SECTOR | 2, IS_PLAIN, FILE_SYSTEM, "") \
	X("squashfs3", 0, 0, "hsqs", 0, 0, 0, PAIR | 28, SECTOR | 2, IS_SQUASHFS3, FILE_SYSTEM, "") \
	X("", 0, 0, "sqsh", 0, 0, 0, NONE, SECTOR | 2, IS_SQUASHFS3, FILE_SYSTEM, "") \
	X("mpool", 0, 0, "mpoolDev", 40, 8, 32, NONE, NONE, IS_PLAIN, FILE_SYSTEM, "") \
	X("zonefs", 0, 0, "SFOZ", 40, 8, 32, NONE, SECTOR | 8, IS_PLAIN, FILE_SYSTEM, "") \
	X("apfs", 0, 32, "NXSB", 72, 0, 0, NONE, LE32 | 36, IS_PLAIN, FILE_SYSTEM, "") \
	X("ubifs", 0, 0, "\x31\x18\x10\x06", 108, 0, 0, NONE, NONE, IS_UBIFS, FILE_SYSTEM, "") \
	X("jffs2", 0, 0, "\x85\x19", 0, 0, 0, NONE, NONE, IS_JFFS2, FILE_SYSTEM, "") \
	X("", 0, 0, "\x19\x85", 0, 0, 0, NONE, NONE, IS_JFFS2, FILE_SYSTEM, "") \
	X("bfs", 0, 0, "\xce\xfa\xad\x1b", 0, 0, 0, NONE, NONE, IS_PLAIN, FILE_SYSTEM, "") \
	X("oracleasm", 0, 32, "ORCLDISK", 0, 40, 24, NONE, NONE, IS_PLAIN, FILE_SYSTEM, "") \
	X("befs", 0, 32, "BFS1", 0, 0, 32, NONE, NONE, IS_BEFS, FILE_SYSTEM, "") \
	X("", 0, 32, "1SFB", 0, 0, 32, NONE, NONE, IS_BEFS, FILE_SYSTEM, "") \
	X("", 0, 544, "BFS1", 0, 512, 32, NONE, NONE, IS_BEFS, FILE_SYSTEM, "") \
	X("", 0, 544, "1SFB", 0, 512, 32, NONE, NONE, IS_BEFS, FILE_SYSTEM, "") \
	X("vxfs", 1, 0, "\xf5\xfc\x01\xa5", 0, 0, 0, LE32 | 4, LE32 | 32, IS_PLAIN, FILE_SYSTEM, "") \
	X("", 8, 0, "\xa5\x01\xfc\xf5", 0, 0, 0, BE32 | 4, BE32 | 32, IS_PLAIN, FILE_SYSTEM, "") \
	X("ocfs2", 1, 0, "OCFSV2", 336, 272, 64, PAIR | 192, POWER32 | 248, IS_PLAIN, FILE_SYSTEM, "") \
	X("", 2, 0, "OCFSV2", 336, 272, 64, PAIR | 192, POWER32 | 248, IS_PLAIN, FILE_SYSTEM, "") \
	X("", 4, 0, "OCFSV2", 336, 272, 64, PAIR | 192, POWER32 | 248, IS_PLAIN, FILE_SYSTEM, "") \
	X("", 8, 0, "OCFSV2", 336, 272, 64, PAIR | 192, POWER32 | 248, IS_PLAIN, FILE_SYSTEM, "") \
	X("nss", 4, 0, "SPB5", 348, 0, 0, NONE, NONE, IS_NSS, FILE_SYSTEM, "") \
	X("hfsplus", 1, 0, "BD", 0, 0, 0, NONE, NONE, IS_HFSPLUS, FILE_SYSTEM, "") \
	X("", 1, 0, "H+", 0, 0, 0, NONE, NONE, IS_HFSPLUS, FILE_SYSTEM, "") \
	X("", 1, 0, "HX", 0, 0, 0, NONE, NONE, IS_HFSPLUS, FILE_SYSTEM, "") \
	X("hfs", 1, 0, "BD", 0, 0, 0, NONE, NONE, IS_HFS, FILE_SYSTEM, "") \
	X("nilfs2", 1, 6, "\x34\x34", 152, 168, 80, LE32 | 0, POWER_K | 20, IS_NILFS, FILE_SYSTEM, "") \
	X("xenix", 1, 1024, "\x2b\x55\x44", 0, 632, 6, NONE, NONE, IS_PLAIN, FILE_SYSTEM, "") \
	X("", 1, 1024, "\x44\x55\x2b", 0, 632, 6, NONE, NONE, IS_PLAIN, FILE_SYSTEM, "") \
	X("minix", 1, 0, "", 0, 0, 0, NONE, NONE, IS_MINIX, FILE_SYSTEM, "") \
	X("hpfs", 8, 0, "\x49\xe8\x95\xf9", 0, 0, 0, BYTE | 8, SECTOR | 1, IS_HPFS, FILE_SYSTEM, "") \
	X("ocfs", 8, 0, "OracleCFS", 626, 560, 64, NONE, NONE, IS_OCFS, FILE_SYSTEM, "") \
	X("reiserfs", 8, 52, "ReIsErFs", 0, 0, 0, NONE, LE16 | 44, IS_REISERFS, FILE_SYSTEM, "") \
	X("", 64, 52, "ReIsEr2Fs", 84, 100, 16, NONE, LE16 | 44, IS_REISERFS, FILE_SYSTEM, "") \
	X("", 64, 52, "ReIsEr3Fs", 84, 100, 16, NONE, LE16 | 44, IS_REISERFS, FILE_SYSTEM, "") \
	X("", 64, 52, "ReIsErFs", 0, 0, 0, NONE, LE16 | 44, IS_REISERFS, FILE_SYSTEM, "") \
	X("", 8, 20, "ReIsErFs", 0, 0, 0, NONE, LE16 | 44, IS_REISERFS, FILE_SYSTEM, "") \
	X("reiser4", 64, 0, "ReIsEr4", 20, 36, 16, IS | 4, BY_256 | 19, IS_PLAIN, FILE_SYSTEM, "") \
	X("jfs", 32, 0, "JFS1", 136, 152, 16, NONE, LE32 | 16, IS_JFS, FILE_SYSTEM, "") \
	) \
	IF_FEATURE_PROBE_MORE( \
	X("swap", 32, 0, "", 0, 0, 0, NONE, NONE, IS_SWAP, OTHER_USE, "a swap area") \
	X("udf", 32, 0, "", 0, 0, 0, NONE, NONE, IS_UDF, FILE_SYSTEM, "") \
	X("iso9660", 32, 1, "CD001", 0, 40, 32, NONE, LE16 | 128, IS_ISO, FILE_SYSTEM, "") \
	X("btrfs", 64, 64, "_BHRfS_M", 32, 299, 255, NONE, LE32 | 144, IS_BTRFS, FILE_SYSTEM, "") \
	) \
	IF_FEATURE_PROBE_ALL( \
	X("iso9660", 32, 9, "CDROM", 0, 48, 32, NONE, LE16 | 136, IS_HIGH_SIERRA, FILE_SYSTEM, "") \
	X("gfs2", 64, 0, "\x01\x16\x19\x70", 256, 160, 64, IS | 1, BE32 | 36, IS_GFS, FILE_SYSTEM, "") \
	X("scoutfs_meta", 64, 4, "\x8b\x42\x3c\x10", 56, 0, 0, LE64 | 40, NONE, IS_SCOUTFS, FILE_SYSTEM, "") \
	X("VMFS", 2048, 0, "\x5e\xf1\xab\x2f", 0, 29, 128, BYTE | 8, NONE, IS_VMFS, FILE_SYSTEM, "") \
	X("sysv", 32, 0, "", 0, 0, 0, NONE, NONE, IS_SYSV, FILE_SYSTEM, "") \
	X("ufs", 32, 0, "", 0, 0, 0, NONE, NONE, IS_UFS, FILE_SYSTEM, "") \
	X("zfs_member", 32, 0, "", 0, 0, 0, NONE, NONE, IS_ZFS, FILE_SYSTEM, "a member of a ZFS pool: import that first") \
	)
#define TYPE(type, place, at, magic, uuid, label, size, version, block, kind, usage, words) type "\0"
#define WORDS(type, place, at, magic, uuid, label, size, version, block, kind, usage, words) words "\0"
#define ROW(type, place, at, magic, uuid, label, size, version, block, kind, usage, words) \
	{ place, at, uuid, label, size, kind, usage, sizeof magic - 1, sizeof words > 1, \
	  magic IF_FEATURE_PROBE_ALL(, version, block) },
/* clang-format on */

static const char types[] = FORMATS(TYPE), words[] = FORMATS(WORDS);
static const struct format {
	short place;
	unsigned short magic_at, uuid_at, label_at;
	unsigned char label_size, kind : 6, usage : 2, magic_size : 4, has_words : 1;
	NOT_A_STRING char magic[11];
	IF_FEATURE_PROBE_ALL(unsigned short version, block;)
} formats[] = { FORMATS(ROW) };
bool (*probe_wants)(const struct volume *volume);

static bool is_wanted(void)
{
	return !ENABLE_FEATURE_PROBE_MORE || !probe_wants || probe_wants(volume);
}

static void take_type(unsigned n)
{
	while (!*nth_string(types, n))
		n--;
	volume->type = nth_string(types, n);
	volume->usage = formats[n].usage;
	if (formats[n].has_words)
		take_words(nth_string(words, n));
}

/* The size of those whose superblock has it in one or two numbers. */
static uint64_t bytes_of(unsigned kind, const unsigned char *super)
{
	if (kind == IS_EXT)
		/* s_blocks_count_hi is 0 without the feature 64bit */
		return (le32(super + 4) | le32(super + 336) << 32) << (10 + (super[24] & 7));
	if (kind == IS_BTRFS)
		return le64(super + 112);
	if (kind == IS_XFS)
		return be64(super + 8) * be32(super + 4);
	return 0;
}

static bool look_at_luks(const unsigned char *super)
{
	if (super[7] == 2) {
		take_label(super + 24, 48);
		tell_text("SUBSYSTEM", super + 208, 48);
	}
	take_text(volume->uuid, super + 168, 36);
	return true;
}

static void look_at_ext(const unsigned char *super)
{
	volume->type = ext_type(super);
	if (equal(volume->type, "jbd")) {
		volume->usage = OTHER_USE;
		take_words("an external journal");
	}
	if (!ENABLE_FEATURE_PROBE_ALL)
		return;
	if (le32(super + 352) & 4 && !equal(volume->type, "jbd")) /* s_flags: in development */
		volume->type = "ext4dev";
	tell_version(le32(super + 76), le16(super + 62));
	if (le32(super + 92) & HAS_JOURNAL)
		tell_uuid("EXT_JOURNAL", super + 208, ID_UUID);
	if (equal(volume->type, "jbd"))
		tell_uuid("LOGUUID", super + 104, ID_UUID);
	else if (!equal(volume->type, "ext2") && !(le32(super + 96) & ~0x12))
		tell("SEC_TYPE", "ext2");
}

/* What a row's fields say. */
static void take_fields(const struct format *format, const unsigned char *super)
{
	if (!ENABLE_FEATURE_PROBE_TAGS)
		return;
	if (format->uuid_at)
		take_uuid(super + format->uuid_at, ID_UUID, 'a');
	if (format->label_size)
		take_label(super + format->label_at, format->label_size);
#if ENABLE_FEATURE_PROBE_ALL
	if (format->version / BYTE == PAIR / BYTE) {
		const unsigned char *pair = super + format->version % BYTE;
		tell_version(le16(pair), le16(pair + 2));
	} else if (format->version) {
		tell_number("VERSION", number_at(super, format->version));
	}
	if (format->block && number_at(super, format->block))
		tell_number("BLOCK_SIZE", number_at(super, format->block));
#endif
}

/* Those of FEATURE_PROBE_MORE. */
static bool look_at_more(enum kind kind, const unsigned char *super)
{
	switch (kind) {
	case IS_MD:
		return look_at_md_1(super, probed.at, probed.at ? "1.2" : "1.1");
	case IS_LUKS:
		return look_at_luks(super);
	case IS_SWAP:
		return look_at_swap();
	case IS_FAT:
		return look_at_fat();
	case IS_UDF:
		return look_at_udf();
	case IS_EXFAT:
		look_at_exfat();
		return true;
	case IS_F2FS:
		take_wide_label(super + 124, 512);
		return true;
	case IS_ISO:
		look_at_iso(super);
		return true;
	case IS_BTRFS:
		tell_uuid("UUID_SUB", super + 267, ID_UUID);
		return true;
	default:
		return !ENABLE_FEATURE_PROBE_ALL || look_closer(kind, super);
	}
}

/* Is it this format? Says what is in its superblock. */
static bool take(const struct format *format, const unsigned char *super)
{
	take_type(format - formats);
	take_fields(format, super);
	if (ENABLE_FSTYPE)
		volume->bytes = bytes_of(format->kind, super);
	switch (format->kind) {
	case IS_PLAIN:
		return true;
	case IS_SQUASHFS:
		return look_at_squashfs(super);
	case IS_EROFS:
		look_at_erofs(super);
		return true;
	case IS_EXT:
		look_at_ext(super);
		return true;
	default:
		return !ENABLE_FEATURE_PROBE_MORE || look_at_more(format->kind, super);
	}
}

/* Where its magic number is, if it is there. */
static bool find(const struct format *format, uint64_t *at)
{
	*at = format->place * 1024;
	if (ENABLE_FEATURE_PROBE_ALL && format->place < 0) {
		uint64_t sectors = probed.size / 512;
		if (sectors < 128 || probed.is_cd) /* where no RAID is */
			return false;
		*at = (sectors + format->place) * 512;
	}
	const unsigned char *magic = bytes_at(*at + format->magic_at, format->magic_size);
	return magic && is_at(magic, format->magic, format->magic_size);
}

/* Looks for formats in what the first pages and the end tell, or farther away. */
static bool look(bool far)
{
	uint64_t at;

	for (unsigned n = 0; n < LENGTH(formats); n++) {
		const struct format *format = formats + n;
		bool is_far = format->place * 1024 + format->magic_at + format->magic_size > PROBED_START ||
			      format->place < -PROBED_TAIL / 512;
		if (is_far != far || !find(format, &at))
			continue;
		/* Behind the area no superblock is as large as what is read of it. */
		const unsigned char *super =
			at < PROBED_AREA
				? probed_area + at
				: bytes_at(at, probed.size - at < SUPER_SIZE ? probed.size - at : SUPER_SIZE);
		probed.at = at;
		if (super && take(format, super) && is_wanted())
			return true;
		*volume = (struct volume){ 0 };
	}
	return false;
}

static void look_at_all(void)
{
	/* An optical drive may be hard to read at its end. */
	if (ENABLE_FEATURE_PROBE_MORE && !probed.is_cd && (ENABLE_FEATURE_PROBE_ALL || !probed.is_image)) {
		take_type(0);
		if (is_wanted() && is_md_at_end())
			return;
		*volume = (struct volume){ 0 };
	}
	probe_load(PROBED_START); /* Most are told by the first pages. */
	/* A device of 1 KiB is an extended partition. */
	if (probed.filled <= 1024 || look(false) || !ENABLE_FEATURE_PROBE_MORE)
		return;
	if (probed.loaded < PROBED_AREA)
		probe_load(PROBED_AREA);
	if (!probed.error)
		look(true);
}

int probe(const char *path, struct volume *told)
{
	struct stat status;

	volume = told;
	*volume = (struct volume){ 0 };
	int r = look_at_image(path, &status);
	if (r < 0)
		return r;
	int fd = sys_open(path, O_RDONLY);
	if (fd < 0)
		return failed(fd, path, "open");
	probed.path = path;
	probed.fd = fd;
	probed.error = probed.loaded = probed.filled = 0;
	probed.has_tail = false;
	probed.is_image = S_ISREG(status.st_mode);
	probed.is_cd = !probed.is_image && device_major(status.st_rdev) == SCSI_CDROM_MAJOR;
	int64_t size = probed.is_image ? status.st_size : sys_seek_end(fd);
	probed.size = size;
	if (size < 0)
		probed.error = size;
	else
		look_at_all();
	if (volume->needs)
		volume->size = probed.size;
	sys_close(fd);
	return probed.error && !volume->type ? failed(probed.error, path, "read") : 0;
}
