/* SPDX-License-Identifier: MIT */
/*
 * The loop interface: find a free device, attach, status, list, detach.
 * Sources: loop(4) and the kernel's drivers/block/loop.c.
 */
#ifndef LOOP_H
#define LOOP_H

#include "compat.h"
#include "libbb.h"
#include "patience.h"

#define LOOP_PATH_SIZE 24 /* "/dev/loop1048575" */

struct loop_request {
	const char *file;      /* a regular file or block device */
	const char *device;    /* the one to bind, or NULL for a free one */
	const char *reference; /* a name for it of the user's, at most 63 bytes, or NULL for the
				  file's; with FEATURE_LOSETUP_MORE */
	uint64_t offset;       /* bytes, where the device begins in the file */
	uint64_t size_limit;   /* bytes, or 0 for all the rest */
	uint32_t block_size;   /* bytes, or 0 for the kernel's choice */
	uint32_t flags;	       /* LO_FLAGS_READ_ONLY, _AUTOCLEAR, _PARTSCAN, _DIRECT_IO */
	bool needs_data;       /* refuse (-ENODATA) where no sector would be there */
	bool shares;	       /* let no two devices have these bytes: take the one that has just
				  them, if none was named, and refuse (-EBUSY) overlaps. Without
				  FEATURE_LOOP_OVERLAP, refuse what another request with this has */
};

/* What an attach made. The caller owns the descriptors: loop_close() when something else uses the
 * device, or nothing is to. */
struct loop_device {
	int fd;		    /* the device; keeps an autoclear one alive */
	int file_fd;	    /* the backing file */
	int control_fd;	    /* /dev/loop-control, or -1 */
	uint32_t flags;	    /* LO_FLAGS_* that were really set */
	uint64_t size;	    /* bytes of the file that the request covers; the
				   device has as many whole sectors of 512 */
	bool file_failed;   /* loop_attach() failed for the file, not for a device */
	bool has_reference; /* the request's: it has to be set, whatever that takes */
	bool is_shared;	    /* it was there already */
	bool stays;	    /* it was to go with its last user, and does not yet: loop_hand_over() */
	const char *path;   /* the request's device, or path_of_ours */
	char path_of_ours[LOOP_PATH_SIZE];
};

/* Binds file to a device, or shares one that has it already; waits, with patience, for what the kernel only
 * promises: a free device that nobody else takes, its node, a clean page cache. Where file can't be written,
 * the attach is read-only, and flags say so; the same for direct I/O that is refused.
 * Returns 0 or -errno: then nothing of ours is bound or open. Another one's
 * device is never cleared. */
int loop_attach(const struct loop_request *request, struct loop_device *device);
int loop_set_autoclear(struct loop_device *device); /* in loop_legacy.c, for: */
/* To be called once a mount or a mapping holds the device: from now on it goes with its last
 * user, where that was asked for, and has not been done at the bind. Returns 0 or -errno. */
static inline int loop_hand_over(struct loop_device *device)
{
	return ENABLE_LOOP_BIND_LEGACY && device->stays ? loop_set_autoclear(device) : 0;
}
/* Closes the descriptors; hands the device over, or detaches it where nobody holds it. */
void loop_close(struct loop_device *device);

/* The number of a free device, which is not reserved by that; or -errno. */
int loop_find_free(struct loop_device *device);

/* Is what a user names a loop device? 0, or -errno without a why: -ENODEV for
 * other things, which are not even to be opened: it may start a watchdog. */
int loop_check(const char *path);

/* Opens a loop device and asks for its status. Returns the descriptor, or,
 * without a why, -errno: -ENXIO where nothing is bound. */
int loop_open_bound(const char *path, struct loop_info64 *info);

/* Opens a device and calls an ioctl named step. Returns the descriptor, which the
 * caller closes, or -errno. */
int loop_call(const char *path, unsigned long request, void *arg, const char *step);

/* Detaches it. Returns the descriptor, which the caller closes, or -errno. A device in use goes when its last
 * user does (Linux 3.7), and even an idle one only when its last descriptor is closed (Linux 6.11), this one
 * included. */
static inline int loop_detach(const char *path)
{
	return loop_call(path, LOOP_CLR_FD, NULL, "LOOP_CLR_FD");
}

/* Takes an unbound device, /dev/loopN, out of the kernel (Linux 3.1). Returns 0 or -errno.
 * Only with FEATURE_LOSETUP_MORE. */
int loop_remove(const char *path);

/* Writes "/dev/loopN"; returns path. */
char *loop_path(char path[LOOP_PATH_SIZE], unsigned number);
/* The number in that, or -1: /dev/loop2p1 and /dev/loop02 have none. */
int loop_number(const char *path);

/* Reads a file of /sys/block/loopN, as read_file(). */
int loop_read_sysfs(unsigned number, const char *file, char *buffer, size_t size);

/* Reads the backing file's name from sysfs, which has all of it, whoever bound
 * the device and how: lo_file_name holds 63 bytes, and is empty after a plain
 * LOOP_SET_FD. Falls back to it without sysfs. */
#define LOOP_FILE_SIZE 4096
void loop_file_name(char name[LOOP_FILE_SIZE], const struct loop_info64 *info);

/* What tells files apart, better than a name. */
struct loop_file {
	uint64_t device, inode;
};
/* Returns 0, or -errno without a why. */
int loop_identify(const char *path, struct loop_file *file);
static inline bool loop_is_of(const struct loop_info64 *info, const struct loop_file *file)
{
	return info->lo_inode == file->inode && info->lo_device == file->device;
}

/* Goes through the loop devices that something is attached to, in the order of their
 * numbers. Starts as zeros, but for what is wanted:
 *	struct loop_list list = { .file = "/image" };
 *	while (loop_each(&list))
 *		if (list.error)
 *			complain_why();
 *		else
 *			show(list.path);
 */
struct loop_list {
	/* In: which of them; NULL and 0 for all. */
	const char *device; /* just this one */
	const char *file;   /* those of this file, by whatever name it was attached */
	bool has_offset;    /* those with this offset */
	uint64_t offset;

	/* Out, up to the next one: */
	int error;	  /* -errno with a why, where this one could not be looked at, or nobody
			     could say which there are */
	const char *path; /* "/dev/loopN" */
	int number;	  /* N, or -1 where that is not its name */
	int fd;		  /* open for reading, or negative: it has no node here (containers) */
	const char *name; /* the backing file's, see loop_file_name() */
	/* From sysfs where the device can't tell, since the server of its file is gone (ESTALE,
	 * ENOTCONN) or it has no node: then the file's lo_device and lo_inode are 0. */
	struct loop_info64 info;

	/* loop_each()'s own */
	bool is_gone; /* the file */
	struct loop_file wanted;
	char path_of_ours[LOOP_PATH_SIZE];
};
bool loop_each(struct loop_list *list);

/* The number of the next loop device after that one, bound or not; -1 starts. From sysfs; without
 * it, every number that /dev may have. -ENODEV is the end, and another -errno, with a why, a
 * failure. */
#define LOOP_SCANNED 256 /* where nothing tells which there are */
int loop_next(int number);


/* --- what loop_attach() is made of ----------------------------------------- */

/* Looks for a device that has just the bytes that the request asks for. Returns 0 with
 * device->path, flags and fd (negative where it has no node), -ENXIO where there is none, -EBUSY
 * where another device has a part of them, or another -errno. With FEATURE_LOOP_OVERLAP. */
int loop_find_same(const struct loop_request *request, struct loop_device *device);

/* The two ways to bind, chosen by kconfig. */
/* Both bind config->fd to the device as config says, and return 0 or -errno;
 * after a failure nothing of ours is bound. -EBUSY: another device may do. What
 * was really set is then in config's lo_flags. */
int loop_configure(const struct loop_device *device, struct loop_config *config);
int loop_legacy(const struct loop_device *device, struct loop_config *config, struct patience *patience);

#endif
