/* SPDX-License-Identifier: MIT */
/*
 * A kernel for libbb to run on: some files, a loop driver, mounts, a clock and a
 * rival. Each call leaves a line in a log, such as
 *	open rw /image
 *	ioctl LOOP_CONFIGURE /dev/loop0
 *	mount /dev/loop0 /mnt squashfs ro,nosuid -
 * By these lines tests count calls, and by how they start they make them fail:
 * an old kernel is one where "ioctl LOOP_CONFIGURE" always fails with EINVAL.
 *
 * Some things no program of ours may ever do, and end the test at once: touch a
 * rival's device, close what is not open, make a call that is not known here.
 */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#include "loop.h"

enum { ALWAYS = -1 };
#define FAKE_RELEASE "6.1.0-test"
enum { IMAGE_SIZE = 1024 * 1024 + 100 }; /* of /image, which fake_boot() makes */

struct fake_loop;
struct fake_file {
	char path[300];	  /* without a / at the end; "" is the root */
	unsigned mode;	  /* S_IFREG, ... */
	const void *data; /* what can be read, or where a link leads; NULL: zeros */
	uint64_t size;
	uint64_t device, inode;
	unsigned number;	   /* a device's own */
	const char *holds;	   /* the file system in it, or NULL for any */
	const char *tree;	   /* what files that has, see fake_mounts.c */
	const char *root_hash;	   /* that stands for it; NULL: whatever somebody says */
	bool is_mounted;	   /* a mount point */
	struct fake_loop *carries; /* what is mounted on it */
};

struct fake_loop {
	bool is_there; /* the kernel has it */
	bool has_node;
	enum { NOBODY, US, RIVAL, ADMIN } owner;
	bool is_cleared;  /* goes with its last opener */
	bool runs_down;	  /* and that is known already: nothing works on it */
	unsigned openers; /* descriptors and mounts */
	unsigned holders; /* of these, mounts and mappings */
	struct loop_info64 info;
	const struct fake_file *file;
	const char *name; /* the backing file's, as sysfs has it */
	uint64_t size;	  /* as BLKGETSIZE64 tells */
	unsigned block_size;
	bool scans; /* partitions */
};

/* A mapping of device-mapper's; /dev/dm-N, where N is its place. */
struct fake_map {
	bool is_there, is_loaded, is_active, is_read_only;
	unsigned openers; /* descriptors */
	bool goes;	  /* with its last opener */
	char name[128], uuid[129], type[16], table[2048];
	uint64_t sectors;
	const struct fake_loop *holds[3]; /* loop devices that its table names */
	const struct fake_file *file;	  /* what is read of it, if that is known */
};

extern struct fake {
	/* What a test may set. The kernel is new and has all one could want: */
	bool ignores_partscan;	  /* LOOP_CONFIGURE of 5.8.0 */
	bool ignores_offset;	  /* LOOP_CONFIGURE of 5.8.3 */
	bool clears_at_once;	  /* before 6.11 */
	bool tells_no_mount_root; /* statx before 5.8 */
	const char *machine;	  /* as uname(2) tells; NULL: x86_64 */
	bool has_no_openat2;	  /* nor faccessat2: before 5.6 and 5.8 */
	bool refuses_written;	  /* BLK_DEV_WRITE_MOUNTED=n */
	bool mounts_files;	  /* erofs since 6.12 */
	bool pivots_initramfs;	  /* 7.0 */
	bool has_no_sysfs;
	bool has_no_fsopen;	   /* before 5.2 */
	bool has_no_uevents;	   /* CONFIG_NET=n */
	const char *kernel_says;   /* in its log, once, after a mount that fails */
	const char *capability;	   /* the file in sysfs; NULL: as in 5.8 */
	unsigned part_shift;	   /* by loop.max_part */
	bool refuses_direct;	   /* the file system of the backing file */
	unsigned direct_alignment; /* what direct I/O to the backing file needs */
	long clock_start;	   /* ticks */
	int pid;
	size_t heap_left;						   /* bytes that brk(2) still gives */
	unsigned long mount_flags;					   /* as statfs tells */
	long root_type;							   /* likewise */
	long (*flash)(unsigned long request, const char *path, void *arg); /* what ioctls of MTD and UBI do */
	void (*loads)(const char *name); /* what a module does that is loaded, or NULL */
	void (*child)(void);		 /* what a program does that is started; NULL: nothing */
	int child_status;		 /* how it ends, as wait(2) has that */
	/* The rival: */
	int steals;	   /* so many of our binds come too late, */
	long steals_until; /* within so many ms */
	int follows;	   /* it takes so many devices that we don't get or keep */
	long held_until;   /* ms: loop0 is opened exclusively */
	long locked_until; /* ms: it has locked every file */
	/* What became of it: */
	long milliseconds; /* since the start */
	unsigned calls;	   /* close(2) is not counted */
	unsigned sleeps;
	unsigned longest_sleep;
	long sleeps_hash;		/* tells their lengths apart */
	bool fault_hit;			/* fake_fail_nth() had its moment */
	unsigned inherited;		/* descriptors but 0 to 2 that an exec gave on */
	char root[300], directory[300]; /* chroot(2), chdir(2) */
	enum { OLD_ROOT_IS, OLD_ROOT_COVERS, OLD_ROOT_GONE } old_root; /* by pivot_root(2) */
	char console[20000];					       /* written to /dev/kmsg */
	char output[2][20000];					       /* written to descriptors 1 and 2 */
	unsigned output_size[2];
	struct fake_loop loops[1300];
	struct fake_map maps[4];
	uint64_t cut_after; /* the power goes with this byte that is written to files, from 1; 0: it stays */
	bool watchdog_is_simple; /* a close stops it, whatever was written */
	bool watchdog_runs;
	int watchdog_seconds;
	long watchdog_fed;    /* when, in ms */
	bool is_not_verified; /* what is read of a mapping is EIO */
} fake;

/* A test may allow a program to close what is not open. */
extern bool fake_closes_blindly;

/* Options of the build that tests set: build.sh makes variables of them. */
extern bool test_requires_verity, test_hash_from_initramfs;

/* A new world: /image, four loop devices. */
void fake_boot(void);

/* A world for init: this is PID 1, in an initramfs; what it mounts shows files. */
void fake_initramfs(const char *command_line);
/* An empty file system of that name; files in it are called "NAME:/PATH". */
void fake_tree(const char *name);
/* Adds a file and the folders above it. */
struct fake_file *fake_put(const char *path, unsigned mode);
/* A program of this machine, which needs no interpreter. */
void fake_program(const char *path);
/* A tree that can be handed over to: /dev, /proc, /sys, /run, these folders more, by blanks, and an
 * init. */
void fake_root(const char *tree, const char *more);
/* Puts a superblock of dm-verity behind the file system that a file holds, which this root hash
 * stands for. */
void fake_verity(struct fake_file *file, const char *root_hash);
/* An image, or a disk "/dev/NAME", with a file system of that type and this tree; label: or NULL.
 * ext4, squashfs, erofs, iso9660, vfat, swap and crypto_LUKS are known to probe.c. */
struct fake_file *fake_volume(const char *path, const char *type, const char *tree, const char *label);
/* What is at an offset of a disk "/dev/NAME" is another one, "/NAME+OFFSET". */
/* A disk that is there only after so many milliseconds; the kernel tells of it. */
void fake_appears(long milliseconds, const char *path);
/* Runs a program's main until it ends: 0 to 255, its exit code; or fake.executes is what it has
 * become, and this is FAKE_EXECUTES. */
enum {
	FAKE_EXECUTES = -1,
	FAKE_REBOOTS = -2,
	FAKE_SLEEPS = -3 /* for ever */,
	FAKE_IS_CUT = -4,
	FAKE_IS_RESET = -5
};
int fake_run(int (*program)(char **argv), char **argv);
/* What was logged, without priorities, the program's name and times: "|+ mounted ...|reason" */
const char *fake_console(void);
/* "|SOURCE on TARGET|...", in the order of mounting */
const char *fake_mounted(void);

/* The next so many calls, from now on, whose line starts so fail with error;
 * after others of them have passed. */
void fake_fail(int times, int error, const char *start);
void fake_fail_later(unsigned passed, int times, int error, const char *start);
/* The call number n fails, whatever it is (but for close(2), the clock, and what
 * a cleanup can't do without). */
void fake_fail_nth(unsigned n, int error);

/* Lines of the log that start so. */
unsigned fake_count(const char *start);
/* The lines that start so, without that start, each behind a '|'. */
const char *fake_log(const char *start);
void fake_show_calls(void);

struct fake_file *fake_add(const char *path, unsigned mode);
struct fake_file *fake_text(const char *path, const char *text);
struct fake_file *fake_find(const char *path);
/* A module that is there already. */
void fake_load(const char *name);
/* Binds a device beforehand, for somebody else. */
struct fake_loop *fake_bind(unsigned number, int owner, const char *path, uint64_t offset, uint64_t limit);

/* How many devices we have bound, and not cleared. */
unsigned fake_bound_by_us(void);
/* without those that are kept: device-mapper's control device, init's log and events */
unsigned fake_open_count(void);
/* How many sockets of the kernel's events are open. */
unsigned fake_event_sockets(void);
/* How many mappings there are. */
unsigned fake_maps(void);
/* The O_* of an open descriptor, or -1. */
int fake_flags_of(int fd);
/* fake_mounts.c, for fake_kernel.c: where a path leads, and the system calls. */
void fake_mounts_forget(void);
/* Takes out of a path what changes nothing: "//", "X/../", a slash at the end. */
void fake_tidy(char *path);
const char *fake_locate(const char *path);
bool fake_is_read_only(const char *path);
bool fake_is_mount_point(const char *path);
unsigned long fake_flags_at(const char *path);
int fake_do_mount(const char *source, const char *target, const char *type, unsigned long flags,
		  const char *data);
int fake_do_umount(const char *target, int flags);
struct fake_loop *fake_loop_of(const char *path);
struct fake_map *fake_map_of(const char *path);
/* The number of the device that is mounted there, or 0. */
unsigned fake_device_at(const char *path);
void fake_loop_put(struct fake_loop *loop);
void fake_map_put(struct fake_map *map);

/* That none but 0 to 2 are open, and these not on a file. */
void fake_check_descriptors(void);

#endif
