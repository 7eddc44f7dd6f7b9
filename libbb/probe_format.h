/* SPDX-License-Identifier: MIT */
/*
 * What probe.c and the files about single formats share: the bytes of the device, and how
 * to say what was found in them. A format is a row of the table in probe.c; where a row is not
 * enough, its kind names a function. docs/hacking.md tells how to add one.
 */
#ifndef PROBE_FORMAT_H
#define PROBE_FORMAT_H

#include "probe.h"
#include "superblock.h"

enum kind {
	IS_PLAIN,
	IS_MD,
	IS_LUKS,
	IS_SWAP,
	IS_SQUASHFS,
	IS_EROFS,
	IS_EXT,
	IS_FAT,
	IS_EXFAT,
	IS_F2FS,
	IS_UDF,
	IS_ISO,
	IS_BTRFS,
	IS_XFS,
	/* These are in probe_all.c: */
	FIRST_OF_ALL,
	IS_DDF = FIRST_OF_ALL,
	IS_ISW,
	IS_VIA,
	IS_SILICON,
	IS_NVIDIA,
	IS_PROMISE,
	IS_FAKE_RAID, /* a disk of a BIOS' RAID, and nothing to look at */
	IS_JMICRON,
	IS_BCACHE,
	IS_BCACHEFS,
	IS_DRBD,
	IS_DRBD_LOG,
	IS_DRBDMANAGE,
	IS_LVM2,
	IS_LVM1,
	IS_VMFS,
	IS_VMFS_VOLUME,
	IS_UBI,
	IS_STRATIS,
	IS_BITLOCKER,
	IS_FVAULT,
	IS_XFS_LOG,
	IS_SQUASHFS3,
	IS_HIGH_SIERRA,
	IS_NSS,
	IS_REISERFS,
	IS_HFSPLUS,
	IS_HFS,
	IS_UFS,
	IS_HPFS,
	IS_SYSV,
	IS_NTFS,
	IS_CRAMFS,
	IS_SCOUTFS,
	IS_MINIX,
	IS_GFS,
	IS_OCFS,
	IS_UBIFS,
	IS_BEFS,
	IS_NILFS,
	IS_ZFS,
	IS_JFFS2,
	IS_JFS,
};

/* Where a number is: its form, and its place in the superblock. */
enum {
	NONE,
	BYTE = 1 << 12,
	LE16 = 2 << 12,
	LE32 = 3 << 12,
	LE64 = 4 << 12,
	BE16 = 5 << 12,
	BE32 = 6 << 12,
	POWER = 7 << 12,    /* of two, in a byte; */
	POWER32 = 8 << 12,  /* in 32 bits; */
	POWER_K = 9 << 12,  /* in KiB */
	SECTORS = 10 << 12, /* 16 bits, of 512 bytes */
	BY_256 = 11 << 12,  /* a byte */
	PAIR = 12 << 12,    /* two of 16 bits: MAJOR.MINOR */
	SECTOR = 13 << 12,  /* the number itself, times 512 */
	IS = 14 << 12,	    /* the number itself */
};

/* From here a superblock may be read: what is behind the end of the device is zeros. */
enum { SUPER_SIZE = 4096 };

/* As far as most superblocks lie, that of btrfs is the last; most are told by the start. */
enum { PROBED_START = 8192, PROBED_AREA = 64 * 1024 + PROBED_START, PROBED_TAIL = 8192 };

/* The device, or image, that probe() looks at. */
extern struct probed {
	const char *path;
	int fd, error;
	uint64_t size;
	uint64_t at;	 /* where the superblock is that is looked at */
	unsigned loaded; /* so much of the area was read, */
	unsigned filled; /* and so much was there */
	bool has_tail, is_image, is_cd;
} probed;
/* Its start, as far as it is loaded. */
extern unsigned char probed_area[PROBED_AREA];
/* Reads all of that, or notes in `probed` why it can't be. */
bool probe_read(unsigned char *to, unsigned size, uint64_t at);
/* Reads the area up to there; zeros where there is less. */
void probe_load(unsigned end);
/* So many bytes of the device, valid up to the next call; NULL where it ends before.
 * At most SUPER_SIZE. */
const unsigned char *bytes_at(uint64_t at, unsigned size);
/* Is it no partition? Images are whole disks, too. */
bool is_whole_disk(void);
bool is_at(const void *bytes, const char *magic, unsigned size);
uint64_t number_at(const unsigned char *super, unsigned place);

/* What probe() was called for. */
extern struct volume *volume;

/* What was found; nothing where it is empty: blanks at the end of a text do not count. */
void take_text(char *to, const unsigned char *text, unsigned size);
void take_label(const unsigned char *label, unsigned size);
/* UTF-16 of either byte order, at most LABEL_UNITS. */
void take_wide(char *to, const unsigned char *from, unsigned units, bool is_big);
void take_wide_label(const unsigned char *from, unsigned units);
/* An identifier that is zero is none. order: as for append_id(). */
void take_uuid(const unsigned char *bytes, const char *order, char first_letter);
/* The time that an ISO has for a UUID, unless it is all zeros; false where it is. */
bool take_time(const unsigned char *time, unsigned zone);
/* Other tags, in the order in which they are told. Only with FEATURE_PROBE_ALL. */
#if ENABLE_FEATURE_PROBE_ALL
void tell(const char *name, const char *value);
void tell_number(const char *name, uint64_t number);
void tell_text(const char *name, const unsigned char *text, unsigned size);
/* VERSION, as MAJOR.MINOR */
void tell_version(unsigned major, unsigned minor);
void tell_uuid(const char *name, const unsigned char *bytes, const char *order);
#else
#define tell(name, value) ((void)(value))
#define tell_number(name, number) ((void)(number))
#define tell_text(name, text, size) ((void)(text))
#define tell_version(major, minor) ((void)0)
#define tell_uuid(name, bytes, order) ((void)(bytes))
#endif

/* Looks closer at what has the magic number of a kind from FIRST_OF_ALL on; false where it is
 * something else. */
bool look_closer(enum kind kind, const unsigned char *super);
/* What an ISO's and a UDF's descriptors say beside type, label and UUID. */
void look_at_iso_texts(const unsigned char *descriptor);

#endif
