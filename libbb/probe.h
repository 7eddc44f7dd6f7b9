/* SPDX-License-Identifier: MIT */
/*
 * What is on a block device or in an image: the file system by its superblock,
 * and the device by a label or UUID. Types, labels and UUIDs are written as
 * blkid(8) does. Sources: the kernel's headers of each file system,
 * include/linux/... and fs/... ; UEFI 2.10 chapter 5 for partitions.
 */
#ifndef PROBE_H
#define PROBE_H

#include "libbb.h"

enum { LABEL_UNITS = 512 }; /* of UTF-16: f2fs */

/* What a volume is for, as blkid has it. */
enum usage { FILE_SYSTEM, RAID, CRYPTO, OTHER_USE };

struct volume {
	const char *type;	/* a literal; NULL: none that we know */
	uint64_t needs;		/* bytes that a squashfs or erofs says it has, or 0, */
	uint64_t size;		/* and then, bytes that there are */
	uint64_t bytes;		/* the file system's size, where it is known: with FSTYPE */
	const char *compressor; /* of a squashfs; a literal, or NULL */
	bool no_file_system;	/* LUKS, swap, a member of an array or what else can't be mounted */
	enum usage usage;
	const char *refused; /* why no kernel mounts it, or NULL; with FEATURE_EXPLAIN also what it is, if
				not a file system */
	char uuid[56];	     /* these two are empty without FEATURE_PROBE_TAGS */
	char label[LABEL_UNITS * 3 + 1];
	/* With FEATURE_PROBE_ALL, what else is told, each as a name and a value, each with its
	 * NUL: VERSION, BLOCK_SIZE, ... */
	IF_FEATURE_PROBE_ALL(unsigned tags_size; char tags[1200];)
};

/* Reads the superblock in a file or device. Returns 0, also where there is none;
 * or -errno; -ENOSYS without FEATURE_PROBE. */
#if ENABLE_FEATURE_PROBE
int probe(const char *path, struct volume *volume);
#else
static inline int probe(const char *path UNUSED, struct volume *volume UNUSED)
{
	return -ENOSYS;
}
#endif

/* What probe() looks for: where that is not what is there, it looks further, such as for the file system
 * that a member of an md array begins with. NULL: all types. Only with FEATURE_PROBE_MORE. */
extern bool (*probe_wants)(const struct volume *volume);

/* What a partition table says of a partition. */
struct partition {
	unsigned number;
	const char *scheme; /* "gpt" or "dos"; a literal */
	char uuid[40];
	char type[40];
	char label[112];
	char disk[64];		     /* its whole disk, as /dev/NAME */
	uint64_t start, size, flags; /* in sectors of 512 bytes; with FEATURE_PROBE_ALL */
};

/* Looks the partition up in the table of its disk, which sysfs names. False where
 * it is none, or the table has no such entry. Only with FEATURE_PROBE_TAGS. */
bool probe_partition(const char *device, struct partition *partition);

/* Is what lies there in a partition, as the table at the start of this open disk has it? */
bool is_in_partition(int disk, uint64_t at, uint64_t size);

/* The table on a whole disk: "gpt", "dos" or NULL; and its UUID. */
const char *probe_table(const char *disk, char uuid[40]);

/* Goes through the block devices that there are, the partitions of a disk before the disk:
 * both may carry the same file system (an ISO image that was written to a USB stick), and a
 * disk that is mounted keeps its partitions busy. Starts as zeros; what it has read lies in the
 * memory of read_whole() until read_forget(). */
struct device_list {
	char *rest;
	const char *disk; /* that comes next, behind its partitions */
	unsigned optical;
	bool started, optical_listed;
	bool loosely;  /* in: labels in other letters, or cut short, will do, too */
	char path[96]; /* of the device that was found last */
};
/* The words LABEL= UUID= PARTLABEL= PARTUUID= before a value. */
#define TAG_SIZE 128
enum tag { TAG_NONE = -1, TAG_LABEL, TAG_UUID, TAG_PARTLABEL, TAG_PARTUUID };
/* Words of a kernel command line have \x20 or \040 for a blank, as a path has: initramfs paste them behind
 * /dev/disk/by-label/. */
extern bool tags_are_escaped;

#if ENABLE_FEATURE_PROBE_TAGS
/* The kernel's list of devices could not be read, with a why: so none was found the last time. */
extern bool devices_unread;

bool device_next(struct device_list *list);

/* The tag that spec starts with, in either case, or that a path as
 * /dev/disk/by-label/VALUE means; and its value, unescaped where it has to be. */
enum tag tag_of(const char *spec, char value[TAG_SIZE]);

/* Finds the device that spec, LABEL=... or the like, or /dev/disk/by-..., means.
 * Its path is static; NULL where there is none. PARTUUID=.../PARTNROFF=n is the
 * partition so many behind. */
const char *device_find(const char *spec);

/* Says in `why` that no device has the label or UUID: -ENOENT. */
void device_absent(const char *spec);

/* The device that a name means: what device_find() finds for LABEL=... and the like, and for a path of
 * /dev/disk/by-... that is not there, since nobody runs udev; any other name means itself. A device that was found
 * lies in libbb's text memory. NULL with a `why` where no device has the label or UUID, or devices_unread. */
const char *device_named(const char *name);

/* The same for each device in turn, where several have it: the next one of the list, which
 * starts as zeros. Returns its path, which is the list's; NULL at the end.
 *	struct device_list list = { 0 };
 *	char *mark = read_mark();
 *	while ((path = device_find_next("LABEL=root", &list)))
 *		...
 *	read_forget(mark);
 */
const char *device_find_next(const char *spec, struct device_list *list);

#else /* no device has a tag, and none is listed */
enum { devices_unread = false };

static inline bool device_next(struct device_list *list UNUSED)
{
	return false;
}
static inline enum tag tag_of(const char *spec UNUSED, char value[TAG_SIZE] UNUSED)
{
	return TAG_NONE;
}
static inline const char *device_find(const char *spec UNUSED)
{
	return NULL;
}
static inline const char *device_named(const char *name)
{
	return name;
}
static inline void device_absent(const char *spec UNUSED)
{
}
static inline const char *device_find_next(const char *spec UNUSED, struct device_list *list UNUSED)
{
	return NULL;
}
#endif

#endif
