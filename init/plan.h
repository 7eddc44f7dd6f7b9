/* SPDX-License-Identifier: MIT */
/*
 * What the files of init/ share. The kernel command line, in whichever words it is
 * written, becomes one plan (words.c, families.c); the steps then carry it out:
 *
 *   medium.c    find the device (drivers.c, array.c, resume.c), wait for it, mount it
 *   image.c     the images on it, in order: attach, mount, the next if that fails;
 *               each after ram.c, verity.c, checksum.c and tries.c have had their say
 *   layers.c    stack them, and a writable layer on top
 *   boot.c      is there an init? put in place what it is to find, hand over
 *
 * steps.c mounts and takes back, log.c says what was done.
 *
 * An attempt that fails leaves nothing mounted that it has mounted.
 */
#ifndef PLAN_H
#define PLAN_H

#include "mount.h"

#define NEW_ROOT "/sysroot"
/* The same, and where the medium is, unless the running system expects it elsewhere: for what is
 * mounted, since mount_step() knows them by their addresses. */
extern const char new_root[], medium_place[];
#define BUILT_IN_IMAGE "/root.squashfs"
#define OUR_RUN "/run/initramfs/"

/* What a word of the command line is about. */
/* clang-format off */
enum slot {
	ROOT,		/* the medium, or the root itself: candidates, by commas */
	ROOT_TYPE, ROOT_FLAGS, ROOT_DELAY, ROOT_WAIT, WAIT_SECONDS,
	RW, INIT,
	IMAGE,		/* on the medium: alternatives by commas, layers by colons */
	IMAGE_TYPE, IMAGE_FLAGS,
	DIRECTORY,	/* where the images are */
	INNER,		/* images that may be in the image: the root then */
	ISO, ISO_DEVICE,/* a file that is the medium, and the device it is on */
	MEDIUM,		/* where the running system expects the medium, */
	BASE,		/* the root without its writable layer, */
	STORE_PLACE,	/* and what holds that layer */
	OVERLAY,	/* a writable layer: in memory, or DEVICE[:PATH] */
	OVERLAY_SIZE, OVERLAY_MIB, OVERLAY_TYPE, OVERLAY_FLAGS,
	OVERLAY_RESET, OVERLAY_READ_ONLY,
	STORE_DIRECTORY,/* where they are in the device's file system, */
	STORE_PATH,	/* or both at once, where DEVICE has no PATH */
	UPPER, WORK,	/* the names of its directories; */
	PERSISTENT,	/* the writable layer is, where one of these is there, */
	PERSISTENT_ON,	/* on that device, or in a file of that label on the medium; */
	CONFIGURATION,	/* a file there has to say so */
	VOLATILE,	/* "yes" or "state", see systemd.volatile= */
	RAM, RAM_SIZE, CHECKSUM,
	TRIES,
	RESUME, RESUME_OFFSET, NO_RESUME,
	SHELL, BREAK, MODULE_NAMES,
	ARRAYS,		/* of md: NUMBER,DEVICE,... one a line */
	/* Each of what follows demands a root hash: */
	ROOT_HASH,	/* of the image, or of the root partition; */
	IMAGE_HASHES,	/* IMAGE=HASH, one a line: all that were given; */
	VERITY,		/* systemd's word for that, and what else it may say; */
	VERITY_DATA, VERITY_TREE, /* the root partition, and where its hash tree is */
	VERITY_OPTIONS,
	USR_HASH, USR_DATA, USR_TREE, USR_OPTIONS,
	DM_TABLE,
	SLOTS,
	IGNORED, REFUSED,
	TOP_LAYER,	/* IMAGE, of which a.b.squashfs stands for a.squashfs and itself on top */
	CLEARS = 0x80,	/* with a slot: the word takes back what another said */
};
/* clang-format on */

/* What the words say: a value, "" for a word without one, NULL where it is not there. */
extern char *plan[SLOTS];

/* A word that may be off: =0, =n, =no, =off, =false or =none. */
bool is_on(enum slot slot);
/* The plan is that of a live system, by its family's words. */
extern bool is_live;

/* Reads /proc/cmdline. 0, or -errno. */
int plan_read(void);
/* Decimal digits of a slot; or, where it is not there, otherwise. */
unsigned plan_number(enum slot slot, unsigned otherwise);

/* A slot's text, with what %m (this machine), %d (the folder of the images), %l and %u
 * (the medium's label and UUID) mean put in. */
char *plan_expanded(enum slot slot);
/* Where to mount what the running system expects in a slot's place: there, if that is
 * below /run; what is not is shown in the new root, later. */
static inline const char *place_below_run(enum slot slot, const char *otherwise)
{
	return ENABLE_INIT_FAMILIES && plan[slot] && after_prefix(plan[slot], "/run/") ? plan[slot]
										       : otherwise;
}

/* For what cuts text up: a copy, where the text is needed once more. */
static inline char *own_copy(char *text)
{
	return ENABLE_FEATURE_INIT_FALLBACK ? copy_of(text) : text;
}

/* Cuts the next part off a list, at the separator, unless a backslash stands before that.
 * The part is in libbb's memory. NULL at the end. */
char *next_part(const char **list, char separator);


/* --- families.c ------------------------------------------------------------ */

/* One family of words: a table as words.c reads it. */
struct family {
	const char *defaults; /* a command line in our own words, before the user's */
	const char *names;    /* its words */
	const unsigned char *slots;
	bool live;
};
/* The one whose selector this is, or NULL. Five bytes are looked at, even where it has fewer. */
const struct family *family_of(const char *parameter);

/* A bit that words which begin with these three bytes share. Few words on a command line are
 * anybody's, so that looking for the others costs next to nothing. */
#define WORD_BIT(start) (1ULL << (((start)[0] * 3 + (start)[1] * 4 + (start)[2]) & 63))
/* The layers that casper finds below such a one, as IMAGE has them. */
char *layers_up_to(const char *top);

/* What a word of a table says of the parameter: its value, or NULL where it is another
 * one. A word ends with = or : where a value follows, or says otherwise: */
#define MAYBE "\1" /* at its end: a value may follow */
#define ANY "\2"   /* at its end: anything may follow */
#define VALUE "\3" /* the value starts here already */
char *value_of(char *parameter, const char *word);


/* --- log.c ------------------------------------------------------------------ */

/* What a step has done, behind the seconds that have passed since the last one, as
 * complain() formats it; what is odd about it; and the last word. */
void log_line(const char *prefix, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define STEP "<6>loopbox: +"
#define step(...) log_line(STEP, __VA_ARGS__)
#define warn(...) log_line("<4>loopbox: ", __VA_ARGS__)
/* Starts the clock. */
void log_start(void);
/* why.error for a finding of our own, whose step says it all. */
#define FOUND_BAD (-EBADMSG)
/* Remembers `why` as what kept an attempt from succeeding; it is logged as a warning
 * before the next one, or as the end of all. Returns why.error. */
int log_failure(void);
void log_give_up(void);
/* Writes what has failed to a file for the running system. */
void log_save(const char *path);
/* What the kernel says to its log while the function runs; "" where it says nothing. */
const char *log_of_kernel(int (*run)(void *), void *arg);


/* --- steps ------------------------------------------------------------------ */

/* What a step mounts; there is one at a time. request_new() begins it. */
extern struct mount_request request;
void request_new(const char *source, const char *target, const char *type);
/* Mounts, once more after loading what was missing for it. The target is made. What is
 * mounted is remembered for undo_to(). 0, or -errno. */
int mount_step(void);
/* Mounts it for writing; the medium itself, which is mounted for reading, too. */
int mount_writable(const char *source, const char *target, const char *type, const char *words);
/* Makes a directory and those above it. */
void make_directories(const char *path);
/* How many mounts are remembered, and unmounting all but so many of them; for another
 * attempt, so only with FEATURE_INIT_FALLBACK. */
unsigned undo_mark(void);
void undo_remember(const char *target);
void undo_to(unsigned mark);

/* Finds the medium and boots from it; returns -errno, if at all. */
int medium_boot(void);
/* Is any of the images on what is mounted there? */
bool images_there(const char *medium);
/* Boots from what is mounted on medium, or from the device itself, or the initramfs
 * (both NULL). Returns -errno, if at all. */
int images_boot(const char *medium, const char *device, const char *type);
/* Resolves a device as root= names it; its path, or NULL where it is not there (yet). */
const char *device_of(const char *spec);
/* Copies an image to memory; where it is then, which is the same where that failed (a
 * warning tells). Another attempt begins by forgetting what was there. */
const char *ram_copy(const char *image);
void ram_forget(void);
/* Compares the copy of an image with the sum that lies beside the image. 0, or -errno. */
int checksum_compare(const char *image, const char *copy);
/* Unmounts the medium, where all images that were attached are in memory. */
void ram_release(const char *medium);
/* Makes the new root of layers, the lowest first, with room for one more. 0, or -errno. */
int layers_mount(char **layers, unsigned count, const char *medium);
/* Is what is written kept on a device, and is a device needed at all for it, as for
 * reading what was? */
bool layers_persist(void);
bool layers_have_store(void);
/* Is what rd.overlay= says in memory? */
bool layers_in_memory(const char *spec);
/* Where the root without its writable layer is mounted. */
extern const char *base_place;
/* Makes a mount, and its file system, read-only (MS_RDONLY) or writable (0). Whether it was not,
 * or -errno. */
int remount(const char *mount_point, unsigned long read_only);
/* The names of all *.squashfs and *.erofs in a directory, in order; their count, or -errno. */
int layers_list(const char *directory, char **names, unsigned size);
/* Looks whether the new root can be handed over to; then does. -errno, if at all. */
int handover_boot(const char *image, const char *medium);
/* verity.c: is the root hash of each image demanded? Known once the plan has been read. */
extern bool plan_demands_verity;
enum {
	PLAN_IS_RESTRICTED =
		ENABLE_FEATURE_INIT_FALLBACK || ENABLE_FEATURE_INIT_EMERGENCY || ENABLE_FEATURE_INIT_RESUME
};
static inline bool verity_demanded(void)
{
	return ENABLE_FEATURE_INIT_VERITY &&
	       (ENABLE_INIT_REQUIRE_VERITY ||
		(PLAN_IS_RESTRICTED ? plan_demands_verity : plan[ROOT_HASH] != NULL));
}
/* Finds that out, and takes out of the plan what then must not be; only where PLAN_IS_RESTRICTED,
 * as there is nothing of the kind otherwise. */
void verity_read_plan(void);
/* The device that reads as the image does, as long as that is what its root hash stands for;
 * copy: where the image is now, device or file. NULL and a why, where it has none, or is not
 * that. It goes once it is let go and not in use. */
const char *verity_device(const char *image, const char *copy, bool is_device);
void verity_let_go(void);
/* What usrhash= means: finds its devices, where they are not there with a `why` about waited_for,
 * and mounts it. 0, or -errno. */
int verity_find_usr(const char *waited_for);
int verity_mount_usr(void);
/* Counts the attempts to boot an image, in a file beside it. */
int tries_check(const char *image);
void tries_add(const char *image, const char *medium);
/* Runs the emergency program, if there is one and the plan says so: at a step, or with
 * NULL after a failure. */
void emergency(const char *at);
/* Loads the drivers of the devices that are there; of a kernel's event. */
void load_drivers(void);
void load_driver_of(const char *event, int size);
/* Assembles arrays of md, each once: where its devices are all there, or at the last moment of
 * what is there. Returns whether there are any new ones. */
bool arrays_assemble(bool last);
/* Resumes, if that is asked for; true where its device is not there yet. */
bool resume_waits(void);
/* Makes place for the program that the running system shuts down with, and puts it
 * there, where what is written is kept on a device. */
void exitrd_prepare(void);
void exitrd_place(void);

extern char **init_argv;

#endif
