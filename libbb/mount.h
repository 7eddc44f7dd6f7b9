/* SPDX-License-Identifier: MIT */
/*
 * Mounting: from the words of a command line to mount(2), through a loop device
 * where the source is an image. Sources: mount(2), mount(8), fstab(5).
 */
#ifndef MOUNT_H
#define MOUNT_H

#include <sys/mount.h>

#include "loop.h"

/* The kernel takes one page of a file system's own options and ignores the rest. */
#define MOUNT_DATA_SIZE 4096
#define MOUNT_STEPS 8

/* What a mount failed for, as a value: `why` has it as text, for people. */
enum mount_failure {
	MOUNT_DONE,
	MOUNT_FAILED_SOURCE, /* not there, can't be opened, or refused by the kernel */
	MOUNT_FAILED_TARGET, /* not there */
	MOUNT_FAILED_LOOP,   /* no loop device could be had or bound for the source */
	MOUNT_FAILED_FLAGS,  /* flags or propagation could not be changed; a new mount is undone */
};

struct mount_request {
	const char *source; /* NULL: only change the propagation of target */
	const char *target;
	const char *type;		   /* NULL or "auto": found out; "a,b": either; "noa,b":
				   any but these */
	unsigned flags;			   /* MS_* to set; out: as mounted */
	unsigned cleared;		   /* MS_* that a word has cleared */
	unsigned propagation[MOUNT_STEPS]; /* MS_SHARED, ... and MS_REC: steps in their order, and 0 */
	bool use_loop;			   /* the source is an image */
	bool maybe_loop;		   /* the source is an image, which its type may mount without */
	bool fell_back;			   /* out: read-only, though nobody asked for that */
	bool no_auto, no_fail;		   /* fstab's noauto and nofail */
	bool fake;			   /* all but the mount itself */
	bool explains;			   /* why it fails, as well as can be found out (FEATURE_EXPLAIN) */
	bool replaces;			   /* a remount: takes away what flags do not name */
	struct loop_request loop;	   /* offset, size_limit and device, for an image */
	struct loop_device device;	   /* out: where use_loop is set */
	char data[MOUNT_DATA_SIZE];	   /* the file system's own words */
	/* X-mount.*: the values, or NULL; "" for X-mount.mkdir alone (FEATURE_MOUNT_MORE) */
	const char *make_target, *owner, *group, *mode;
	/* What mounts a type instead of the kernel, where there is such a thing: NULL: nothing.
	 * Returns 0, -ENOSYS where there is none, or another -errno, with its exit code
	 * (FEATURE_MOUNT_HELPERS). */
	int (*helper)(struct mount_request *request, const char *source, const char *type);
	int helper_code;

	enum mount_failure failed_for; /* out */
};

/* Takes comma-separated words, as behind -o. What it keeps of them belongs to
 * the request; words itself is cut up. Returns 0 or -errno: -EINVAL for a bad
 * offset or size, -EOVERFLOW where data is full. */
int mount_words(struct mount_request *request, char *words);

/* The flags that the kernel's words of a mount stand for. */
unsigned mount_flags_in(const char *words);

/* Writes the words that stand for the flags, "rw,nosuid,..."; returns their end. Only with
 * FEATURE_MOUNT_HELPERS. */
#define MOUNT_FLAG_WORDS_SIZE 256
char *mount_flag_words(char words[MOUNT_FLAG_WORDS_SIZE], unsigned flags);

/* Where a word ends, at a comma or NUL: context="a,b" is one. */
char *mount_word_end(const char *word);

/* Adds to the file system's own words. Returns 0 or -EOVERFLOW. */
int mount_data(struct mount_request *request, const char *words);

/* Mounts. An image gets a loop device that goes with the mount, and so does a
 * regular file whose type needs a block device: use_loop is set then, and the
 * caller owns the device's descriptors. What can't be written is mounted
 * read-only. Returns 0 or -errno: then nothing that we made remains, and failed_for
 * says what it is about. */
int mount_do(struct mount_request *request);


/* --- mount_change.c: what is mounted already ------------------------------ */

/* Adds to the flags of a remount what the mount has and no word has cleared: the kernel takes
 * the rest away. Returns 0, or -errno with a why where nobody can tell what it has. */
int mount_keep_flags(const char *target, unsigned *flags, unsigned cleared);

/* Sets and clears flags of a mount, and changes no others. Returns 0 or -errno, not always with
 * a why. */
int mount_set_flags(const char *target, unsigned flags, unsigned cleared);


/* --- mount_table.c: fstab and /proc/self/mounts --------------------------- */

struct mount_entry {
	char *source, *target, *type, *options;
	const char *frequency, *pass; /* of fstab alone: for dump(8) and fsck(8), "0" where it has none */
};

/* Cuts the next entry off *text, which the kernel has written; false at the end. Blanks in
 * source and target stay escaped. */
bool mount_entry_next(char **text, struct mount_entry *entry);

/* fstab(5), as administrators write it. */
struct fstab {
	const char *path;
	unsigned line; /* the number of the one that was read last */
	bool is_bad;   /* for the reader: a line was none */
	char *rest;
};
/* Returns 0, or -errno with a why. */
int fstab_read(struct fstab *fstab, const char *path);
/* The next entry, unescaped. Returns 1, 0 at the end, or -EINVAL for a line that is none: one
 * with a NUL, as a torn write leaves it, without a type, or with a last number that is not. */
int fstab_next(struct fstab *fstab, struct mount_entry *entry);

/* A line of /proc/self/mountinfo, proc(5). */
#define MOUNT_INFO "/proc/self/mountinfo"
struct mount_info {
	char *id, *parent, *device /* MAJOR:MINOR */, *root, *target, *options;
	char *fields; /* shared:N master:N ... */
	char *type, *source, *super_options;
};

/* Cuts up a line of that; false where it is not one. */
bool mount_info_split(char *line, struct mount_info *info);

/* Finds the mount that path lies on, whatever is mounted on top of others and wherever links
 * lead; asks no file system for it, which may be dead. Returns 0, or -errno with a why. What info
 * points to lies in the memory of read_whole(). */
int mount_find(const char *path, struct mount_info *info);

/* The name that /proc/mounts has for a device: that which a link such as /dev/disk/by-label/X
 * leads to; of a device-mapper's, the one in /dev/mapper (with FEATURE_MOUNT_MORE). path itself for
 * all else; static. */
const char *mount_device_name(const char *path);

/* `-O WORD,...`: each has to be among the options, or with "no" before it not; one without a
 * value stands for any. A '+' takes its "no" for a part of it. */
bool mount_has_options(const char *options, const char *wanted);

/* Is that source, as the kernel's list has it, what name means: its name, the device that a link
 * leads to, or the loop device that carries an image? */
bool mount_is_source(const char *source, const char *name);

#define MOUNTS "/proc/self/mounts"
/* Is something mounted on path, which has to be absolute and without links? 1, 0,
 * or -errno where the kernel's list can't be read. */
int mount_is_target(const char *path);

/* Is path that directory, or below it? Both are absolute and without links. */
bool mount_is_below(const char *path, const char *directory);

/* Is something mounted there? By the kernel's word (Linux 5.8), or by its list where it has none; links are
 * followed. 1, 0 or -errno with a why. */
int mount_is_point(const char *path);

/* Cuts the last line off text up to *end, and moves that; NULL at the start. */
char *mount_last_line(char *text, char **end);

/* Cuts the last entry off text up to *end, and moves that; false at the start. What
 * is mounted last is unmounted first, and hides what was there before. */
bool mount_entry_last(char *text, char **end, struct mount_entry *entry);

#endif
