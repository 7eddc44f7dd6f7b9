/* SPDX-License-Identifier: MIT */
/*
 * One boot, as boot.c goes through it: a medium, an alternative of images on it, the root made
 * of that. Each step takes the attempt, adds what it has found, and returns an outcome; none
 * calls the next one. What is mounted in an attempt that fails is unmounted by undo_to().
 *
 *   medium.c    the next device (candidates.c), waiting for it (wait.c, with drivers.c, array.c and
 *               resume.c), mounting it; layers.c waits for its store, too
 *   image.c     the next alternative; its images attached and mounted, after ram.c,
 *               checksum.c and verity.c have had their say; tries.c counts
 *   layers.c    the images stacked, with a writable layer on top (store.h)
 *   leave.c     is there an init? put in place what it is to find, hand over
 *
 * names.c and name_device.c turn words into paths, steps.c mounts and undoes, log.c says what was done,
 * emergency.c runs a shell.
 */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include "handover.h"
#include "log.h"
#include "mount.h"
#include "plan.h"
#include "probe.h"

#define NEW_ROOT "/sysroot"
#define OUR_RUN "/run/initramfs/"
#define MEDIUM_PLACE OUR_RUN "medium"
#define LAYERS OUR_RUN "layers/"
#define BUILT_IN_IMAGE "/root.squashfs"

enum outcome {
	READY = 0,
	NOT_YET,	/* what it needs is not there: wait, and look again */
	NOT_THE_MEDIUM, /* a device that holds something else: no failure */
	FAILED,		/* `why` has the reason */
};
static inline enum outcome outcome_of(int r)
{
	return r < 0 ? FAILED : READY;
}

enum { LAYERS_MAX = ENABLE_FEATURE_INIT_OVERLAY ? 64 : 2 }; /* one less than that fit */

/* The search for a medium: what is left to look at, and how long it may take. */
struct search {
	const char *specs;  /* what is left of root= in this round */
	const char *any;    /* root=* or the like: all devices are gone through; NULL: not now */
	const char *tagged; /* LABEL= or the like: all devices that have it are gone through */
	bool has_tagged;    /* at least one has it */
	bool passed_over;   /* an image has been tried too often (tries.c) */
	char *start;	    /* of what the search has in libbb's text memory: */
	const char *tried;  /* devices that have failed, each behind a newline */
	bool may_come;	    /* something may be there in the next round */
	bool has_failed;    /* a failure has been logged */
	bool resumes;	    /* the device of a hibernated system is waited for */
	bool has_resumed;
	unsigned retries;    /* of devices whose images could not be read */
	const char *missing; /* what a device of this round needs besides */
	int events;	     /* socket of the kernel's events, or -1 */
	long deadline;	     /* in ticks; 0: not waiting yet */
	long next_report;
	uint64_t arrays; /* a bit for each array of md that was assembled */
};

/* Where the attempts are counted: in a file of a device, or on the device itself. */
struct counts_place {
	const char *device;
	const char *file; /* NULL: none */
	uint64_t offset;
	const char *name;    /* of the attempt, in the counts; NULL: the file is its count alone */
	const char *options; /* of the mount */
};

struct attempt {
	struct search search;
	enum outcome outcome; /* of the last step */

	/* The medium: */
	const char *device; /* NULL: the initramfs itself is the medium */
	const char *type;   /* of its file system; NULL: only a mount will tell */
	const char *medium; /* where it is mounted; "": the initramfs; NULL: the device is the root */

	/* An alternative on it: */
	const char *images_left; /* the rest of loop=; NULL: none */
	const char *alternative;
	unsigned count;		    /* of its layers */
	unsigned mark;		    /* undo_mark() before it */
	unsigned copied;	    /* files that were copied to memory; their names begin with that */
	bool uses_ram;		    /* memory for them is mounted */
	bool uses_medium;	    /* an image could not be copied */
	bool has_left_medium;	    /* all of them could, and it was unmounted */
	bool has_store;		    /* what was written before is on a device that has to stay */
	const char *store;	    /* that device */
	struct loop_device behind;  /* it, until it is mounted, where it is behind the image */
	bool is_first_store;	    /* of those that the words list: no other is ever formatted */
	struct counts_place counts; /* with loopbox.tries.on= */
	const char *spec;	    /* the part of root= that its device was found by; NULL: none */
	unsigned tries;		    /* attempts before this one, by the counts */
	bool is_confirmed;	    /* it was confirmed last */
	enum {
		BY_COUNTS,
		CONFIRMED_LAST, /* no image is left by the counts: that one, whatever its count says, */
		ANY_IMAGE,	/* and now any */
	} round;
	bool has_confirmed;		 /* that one was passed over */
	bool is_counted;		 /* as tries and counts have it */
	bool is_uncounted;		 /* since the counts could not be read */
	bool is_persistent;		 /* what is written is kept there: it has to be clean at the end */
	const char *base;		 /* where the root without its writable layer is mounted */
	const char *mapping;		 /* the name of the verity device that was opened last */
	unsigned verified;		 /* how many were opened for layers */
	const char *usr_data, *usr_tree; /* devices of usrhash= */

	struct handover handover;	/* to the new init */
	struct device_list devices;	/* of search.any, or search.tagged */
	char *images[LAYERS_MAX];	/* the layers, the lowest first: files, or the device */
	const char *copies[LAYERS_MAX]; /* where they are to be read, in memory, or the same; with
					   FEATURE_INIT_RAM: image_to_read() */
	char *places[LAYERS_MAX + 1];	/* where they are mounted; with room for what was kept before */
};

/* Where layer i is to be read. */
static inline const char *image_to_read(const struct attempt *a, unsigned i)
{
	return ENABLE_FEATURE_INIT_RAM ? a->copies[i] : a->images[i];
}
/* Do the images lie on a medium that we have mounted? */
static inline bool has_medium(const struct attempt *a)
{
	return a->medium && *a->medium;
}
/* The image that gives the alternative its name: the top layer. */
static inline char *top_image(const struct attempt *a)
{
	return a->images[a->count - 1];
}


/* --- setup.c ---------------------------------------------------------------------------- */

/* Mounts /dev, /proc, /sys and /run, and takes the console. */
void set_up(void);
/* Makes the folders in /run that the plan needs. */
void make_places(void);
/* Loads what mkinitramfs has listed, and what a word names. */
void load_modules(void);


/* --- names.c, name_device.c: from words to paths; they mount nothing ----------------------- */

/* The text with what %m (this machine), %d (the folder of the images), %l and %u (the label and
 * UUID on the medium's device) stand for, in libbb's text memory. */
char *name_expanded(const char *text, const struct attempt *a);
/* The layers that an alternative means, the lowest first; their count, or -errno. */
int name_layers(const struct attempt *a, char *layers[LAYERS_MAX]);
/* Is any of the images of loop= on the medium? 1, 0, or -errno with a `why`, where that can't be read. */
int name_any_exists(const struct attempt *a);
/* The device that a word means: root=, resume=, ... READY and its path, in libbb's text memory;
 * NOT_YET where it is not there; FAILED where the word is no device's name. */
enum outcome name_device(const char *spec, const char **device);
/* Where the device ends in DEVICE[:PATH], at its colon or NUL: ubi0:NAME and mtd:NAME have one of
 * their own. */
char *name_end_of_device(char *spec);
/* mtd.c: the name in mtd:NAME; NULL: it is not that. The device that has the name. */
#if ENABLE_FEATURE_INIT_MTD
static inline const char *mtd_name(const char *spec)
{
	return after_prefix(spec, "mtd:");
}
enum outcome name_by_mtd(const char *spec, const char *name, const char **device);
/* The number of the device whose line of /proc/mtd begins so (mtd0:), or ends so ("NAME"); -ENOENT. */
int mtd_find(const char *key);
#else
static inline const char *mtd_name(const char *spec UNUSED)
{
	return NULL;
}
static inline enum outcome name_by_mtd(const char *spec UNUSED, const char *name UNUSED,
				       const char **device UNUSED)
{
	return FAILED;
}
#endif
/* flash.c: is that a name of flash? The device that it means, as name_device() has it; for a mount, it
 * need not be a path: ubi0:NAME, mtd0. */
#if ENABLE_FEATURE_INIT_FLASH
bool flash_is_named(const char *spec);
enum outcome flash_find(const char *spec, const char **device);
/* The type of what is mounted of flash by a name that is no path, if the words leave that open; else
 * type. */
const char *flash_type(const char *source, const char *type);
/* Loads what a type, or NULL, needs besides its own module. */
void flash_load_for(const char *type);
/* Does ENODEV of its mount mean that the device is not there? Where there is sysfs, flash_find() has seen
 * it. */
static inline bool flash_may_come(const char *device)
{
	return *device != '/' && sys_access("/sys/class", F_OK) < 0;
}
/* The number of a device in hexadecimal digits, as the kernel takes it: fe00; 0: not that. */
unsigned number_in_hex(const char *spec);
#else
static inline bool flash_is_named(const char *spec UNUSED)
{
	return false;
}
static inline enum outcome flash_find(const char *spec UNUSED, const char **device UNUSED)
{
	return FAILED;
}
static inline const char *flash_type(const char *source, const char *type)
{
	/* No other takes a volume for its device. */
	return ENABLE_FEATURE_INIT_MTD && !type && after_prefix(source, "ubi") ? "ubifs" : type;
}
static inline void flash_load_for(const char *type UNUSED)
{
}
/* mount(2) of what is a path says it for an unknown type. */
static inline bool flash_may_come(const char *device)
{
	return *device != '/';
}
static inline unsigned number_in_hex(const char *spec UNUSED)
{
	return 0;
}
#endif
/* Says that none has the label or UUID: NOT_YET. */
enum outcome name_absent_tag(const char *spec);
/* The next device that may be a medium: neither a loop device nor a RAM disk. */
bool name_next_device(struct device_list *list);
/* What is looked for on any device, as the command line has it, such as live/ and the names of images; in libbb's
 * text memory. */
const char *name_wanted(void);
/* The path of the ISO file on its device. */
const char *name_iso_path(void);
/* What the words say where the medium is, by commas, "*" for anywhere; NULL: the initramfs. */
const char *name_candidates(void);
/* Where to mount what the running system expects at wanted: there, if that is below /run; what
 * is not is shown in the new root, later. */
static inline const char *place_below_run(const char *wanted, const char *otherwise)
{
	return wanted && after_prefix(wanted, "/run/") ? wanted : otherwise;
}
#define place_of_medium() place_below_run(said(MEDIUM), MEDIUM_PLACE)
#define place_of_store() place_below_run(said(STORE_PLACE), OUR_RUN "overlay")


/* --- medium.c: the medium ------------------------------------------------------------- */

/* Finds the next device that may be the medium, waits for it where need be, and mounts it.
 * a->outcome tells whether that worked. False where there is nothing left to look at, or the time
 * is up; what failed has been logged then. */
bool medium_next(struct attempt *a);


/* --- candidates.c: the devices that may be the medium ----------------------------------- */

/* Is the device one of all that are gone through, rather than one that the words name? */
static inline bool is_searched(const struct attempt *a)
{
	return ENABLE_FEATURE_INIT_FALLBACK && ENABLE_FEATURE_PROBE_TAGS && a->search.any;
}
#if ENABLE_FEATURE_INIT_FALLBACK
/* The next one of this round that is there; NULL at the end. */
const char *candidate_next(struct attempt *a);
/* What the device that was looked at last means for the search. */
void candidate_settle(struct search *s, const struct attempt *a);
/* Does the word mean any device that holds the image, or any that can be taken out? */
bool candidate_is_any(const char *spec);
/* Gives back what the rounds before have put into libbb's text memory, but for the list of the
 * devices that were tried. */
void candidates_new_round(struct search *s);
/* The kernel tells of a device: it may hold something else now. */
void candidates_changed(struct search *s, const char *event, int size);
#else
static inline const char *candidate_next(struct attempt *a)
{
	const char *spec = a->search.specs, *device;

	a->search.specs = NULL;
	if (!spec)
		return NULL;
	enum outcome outcome = name_device(spec, &device);
	a->search.may_come |= outcome == NOT_YET;
	return outcome == READY ? device : NULL;
}
static inline void candidate_settle(struct search *s, const struct attempt *a)
{
	s->may_come |= a->outcome == NOT_YET;
}
static inline bool candidate_is_any(const char *spec UNUSED)
{
	return false;
}
static inline void candidates_new_round(struct search *s UNUSED)
{
}
static inline void candidates_changed(struct search *s UNUSED, const char *event UNUSED, int size UNUSED)
{
}
#endif


/* --- wait.c ------------------------------------------------------------------------------ */

/* Lets the time of rootdelay= pass, in which drivers, if there are any to load, bring devices. */
void wait_for_drivers(struct search *s, unsigned seconds);
static inline void wait_delay(struct search *s, unsigned seconds)
{
	if (ENABLE_FEATURE_INIT_MODPROBE || ENABLE_FEATURE_INIT_WATCHDOG)
		wait_for_drivers(s, seconds);
	else
		sys_poll(NULL, 0, seconds * 1000);
}
/* Waits for what may bring another device; false where the time is up, which begins with the first
 * call, and is that of the medium if seconds is 0. */
bool wait_for_device(struct search *s, unsigned seconds);
/* Waits for what else is needed, and not there yet, a moment: false where the time is up, that of the
 * medium, or so many seconds. */
bool wait_for_other(struct search *s, const char *what, unsigned seconds);
/* Closes what the search has waited with. */
void wait_end(struct search *s);


/* --- image.c: the images --------------------------------------------------------------- */

/* Cuts the next alternative off loop=. False where there is none left. */
bool image_next(struct attempt *a);
/* Finds the layers that it means. */
enum outcome images_list(struct attempt *a);
/* Mounts them, verified where that is demanded. */
enum outcome images_mount(struct attempt *a);


/* --- steps.c: mounting and undoing ----------------------------------------------------- */

/* Can more than the errno be found out of why it does not mount? Not of memory. */
static inline bool is_explained(const char *source)
{
	return ENABLE_FEATURE_EXPLAIN && (*source == '/' || after_prefix(source, "ubi"));
}
/* Begins a request for mount_step(). */
void mount_begin(struct mount_request *m, const char *source, const char *target, const char *type);
/* Adds the words of a slot, which may be NULL. 0, or -errno with a `why`. */
int mount_said(struct mount_request *m, char *words);
/* Mounts, once more after loading what was missing for it, or making the target. What is mounted
 * is remembered for undo_to(), by its target, which has to stay. 0, or -errno. */
int mount_step(struct mount_request *m);
/* The outcome of a mount that returned r: NOT_YET where the device that is its source is not there.
 * The same of a look at a device. */
enum outcome outcome_of_mount(const struct mount_request *m, int r);
enum outcome outcome_of_device(const char *device, int r);
/* May what failed so go better a moment later, and do the words wait for that? */
bool may_pass(int r);
/* Is that the error of a device that is not there? */
static inline bool is_absent(int r)
{
	return r == -ENOENT || r == -ENXIO || r == -ENOMEDIUM;
}
/* Is that the error of a path that leads nowhere? Of any other, nobody knows what is there. */
static inline bool is_missing(int r)
{
	return r == -ENOENT || r == -ENOTDIR || r == -ELOOP;
}
/* The words by which a journal is not replayed; NULL where there is none for the type. */
char *untouched(const char *type);
/* Makes a directory and those above it, where they are missing. 0, or -errno with a `why`. */
int make_directories(const char *path);
/* Makes a mount, and its file system, writable. 1 where it was not, 0 where it was, or -errno with a `why`. */
int remount_writable(const char *mount_point);
/* And read-only again, where what needed that is done: MS_RDONLY, with MS_BIND the mount alone. Logs a failure,
 * and leaves `why` as it is. */
void remount_read_only(const char *mount_point, unsigned long flags);
/* Is the store on another file system than the medium? They may be one, mounted twice. 1, 0, or -errno without a
 * `why`. */
int is_store_elsewhere(const struct attempt *a);
/* How many mounts are remembered; remembering one more (0, or -errno with a `why` where it could not be, and was
 * unmounted); unmounting all but so many of them, the last first. boot.c does that to an attempt, layers.c to a
 * store that won't do, and tries_on.c to what it mounts for a moment only. For another attempt, so nothing
 * without FEATURE_INIT_FALLBACK. */
enum { NOTHING_MOUNTED = 0 };
#if ENABLE_FEATURE_INIT_FALLBACK
unsigned undo_mark(void);
int undo_remember(const char *target);
void undo_to(unsigned mark);
#else
static inline unsigned undo_mark(void)
{
	return NOTHING_MOUNTED;
}
static inline int undo_remember(const char *target UNUSED)
{
	return 0;
}
static inline void undo_to(unsigned mark UNUSED)
{
}
#endif


/* --- ram.c, checksum.c, tries.c: before an image is mounted ------------------------------ */

#if ENABLE_FEATURE_INIT_RAM
/* Copies the images to memory where the words say so; what can't be copied stays on the medium,
 * with a warning. */
enum outcome ram_load(struct attempt *a);
/* Copies a file that belongs to an image; its path in memory, or the same as before. */
const char *ram_copy(struct attempt *a, const char *file);
/* Unmounts the medium, where all that is needed of it is in memory. */
void ram_release(struct attempt *a);
#else
static inline enum outcome ram_load(struct attempt *a UNUSED)
{
	return READY;
}
static inline const char *ram_copy(struct attempt *a UNUSED, const char *file)
{
	return file;
}
static inline void ram_release(struct attempt *a UNUSED)
{
}
#endif

#if ENABLE_FEATURE_INIT_CHECKSUM
/* Compares the images with the sums that lie beside them. */
enum outcome checksum_compare(const struct attempt *a);
#else
static inline enum outcome checksum_compare(const struct attempt *a UNUSED)
{
	return READY;
}
#endif

#if ENABLE_FEATURE_INIT_TRIES
/* FAILED where the image has been tried too often. */
enum outcome tries_check(struct attempt *a);
/* Nothing has booted: is it worth another round, since images were passed over? The attempt begins anew
 * then. */
bool tries_forgive(struct attempt *a);
/* Counts the attempt. */
void tries_add(struct attempt *a);
#else
static inline enum outcome tries_check(struct attempt *a UNUSED)
{
	return READY;
}
static inline bool tries_forgive(struct attempt *a UNUSED)
{
	return false;
}
static inline void tries_add(struct attempt *a UNUSED)
{
}
#endif


/* --- verity.c, verity_mount.c: images that must not change ------------------------------- */

#if ENABLE_FEATURE_INIT_VERITY
/* Opens the device that reads as layer i does, as long as that is what its root hash stands for;
 * its path in *device. NOT_YET where the partition with the hash tree is not there. */
enum outcome verity_open_layer(struct attempt *a, unsigned i, const char **device);
/* Mounts a verified device, if its type reads nothing but that device, and looks whether that is
 * what was mounted. 0, or -errno. */
int verity_mount(struct mount_request *m);
/* The device goes once it is not in use any more. */
void verity_let_go(const struct attempt *a);
#else
static inline enum outcome verity_open_layer(struct attempt *a UNUSED, unsigned i UNUSED,
					     const char **device UNUSED)
{
	return READY;
}
static inline int verity_mount(struct mount_request *m UNUSED)
{
	return -ENOSYS;
}
static inline void verity_let_go(const struct attempt *a UNUSED)
{
}
#endif

#if ENABLE_FEATURE_INIT_VERITY_WORDS
/* verity_usr.c: what usrhash= means: finds its devices, and mounts it in the new root. */
enum outcome verity_find_usr(struct attempt *a);
enum outcome verity_mount_usr(struct attempt *a);
#else
static inline enum outcome verity_find_usr(struct attempt *a UNUSED)
{
	return READY;
}
static inline enum outcome verity_mount_usr(struct attempt *a UNUSED)
{
	return READY;
}
#endif


/* --- layers.c: the root of several layers --------------------------------------------- */

#if ENABLE_FEATURE_INIT_OVERLAY
/* Makes the new root of the layers that are mounted, where it is not one of them. */
enum outcome layers_stack(struct attempt *a);
#else
static inline enum outcome layers_stack(struct attempt *a UNUSED)
{
	return READY;
}
#endif


/* --- leave.c: the end ------------------------------------------------------------------ */

/* Looks whether the new root has an init that can be run: a->handover.init. */
enum outcome init_find(struct attempt *a);
/* Commits: puts in place what the running system is to find, and becomes its init. Returns on
 * failure alone, with a `why`; what has been moved then can't be had again. */
void hand_over(struct attempt *a);

/* state.c */
#if ENABLE_FEATURE_INIT_STATE
/* Writes /run/initramfs/state. */
void state_save(const struct attempt *a);
#else
static inline void state_save(const struct attempt *a UNUSED)
{
}
#endif

/* shutdown.c */
#if ENABLE_EXITRD
/* Makes room for the program that the running system shuts down with; and puts it there, where
 * what is written is kept on a device, or the medium with the images may be written. */
void shutdown_prepare(void);
void shutdown_place(const struct attempt *a);
#else
static inline void shutdown_prepare(void)
{
}
static inline void shutdown_place(const struct attempt *a UNUSED)
{
}
#endif

/* emergency.c */
#if ENABLE_FEATURE_INIT_EMERGENCY
/* Runs the emergency program, if there is one and the words say so: before a step, or with
 * NULL after a failure. */
void emergency(const char *step);
#else
static inline void emergency(const char *step UNUSED)
{
}
#endif


/* watchdog.c: feeds the watchdog where loopbox.watchdog= names its seconds, and starts it where it has not
 * been. */
#if ENABLE_FEATURE_INIT_WATCHDOG
void watchdog_feed(void);
/* Stops it until it is fed again, for what may take as long as it likes; not with the kernel's nowayout. */
void watchdog_stop(void);
/* Closes it, which does not stop it: the new system has all its seconds to open it. */
void watchdog_leave(void);
#else
static inline void watchdog_feed(void)
{
}
static inline void watchdog_stop(void)
{
}
static inline void watchdog_leave(void)
{
}
#endif

/* reason.c */
#if ENABLE_FEATURE_INIT_REASON
/* The devices that there are, with type, label and UUID, in libbb's text memory; or `none`. */
const char *reason_seen(const char *none);
#define SEEN "; seen: "
/* Adds them to `why`, and a near miss, where that is of a device that was not found. */
void reason_complete(void);
/* Keeps what was said last on the screen, as long as loopbox.wait= says. */
void reason_keep(void);
#else
#define SEEN ""
static inline const char *reason_seen(const char *none UNUSED)
{
	return "";
}
static inline void reason_complete(void)
{
}
static inline void reason_keep(void)
{
}
#endif


/* --- what may bring a device ------------------------------------------------------------ */

/* drivers.c: loads the drivers of the devices that are there; the one of a kernel's event. */
#if ENABLE_FEATURE_INIT_MODPROBE
void drivers_load(void);
/* The same, if the number of devices has changed since the last look. */
void drivers_load_new(void);
void drivers_load_for(const char *event, int size);
/* Loads a module by its name, or by what the kernel asks for it by. */
int driver_load(const char *name);
/* Those that words name. */
void drivers_load_named(void);
/* That of loop devices, where there are none; whether it was loaded. */
bool driver_load_loop(void);
/* What the mount has failed with r for want of; false where that is nothing. */
bool driver_load_for_mount(const struct mount_request *m, int r);
#else
static inline void drivers_load(void)
{
}
static inline void drivers_load_new(void)
{
}
static inline void drivers_load_for(const char *event UNUSED, int size UNUSED)
{
}
static inline int driver_load(const char *name UNUSED)
{
	return -ENOENT;
}
static inline void drivers_load_named(void)
{
}
static inline bool driver_load_loop(void)
{
	return false;
}
static inline bool driver_load_for_mount(const struct mount_request *m UNUSED, int r UNUSED)
{
	return false;
}
#endif

/* Why a module could not be loaded: what the kernel has logged, where this build looks for that. */
static inline const char *module_error(int r)
{
	return ENABLE_MODULE_APPLETS && why.is_finding ? why.step : errno_text(-r);
}

/* small.c: kernels that lack something. */
#if ENABLE_FEATURE_INIT_SMALL
/* Logs that the file system could not be mounted, with r. */
void small_report(const char *type, const char *target, int r);
/* A mount of the type has returned r: puts what will do in its place, where it is missing; false where it is
 * not, or nothing does. */
bool small_replaces(const char **type, int r);
/* The same as module_error(), where the kernel has modules. */
const char *small_module_error(int r);
/* The mount has failed with r for good: makes `why` of it, where something is missing. */
void small_explain(const struct mount_request *m, int r);
/* There is no devtmpfs: makes the nodes of all devices, and once more with each nodes_make(). */
void nodes_begin(void);
void nodes_make(void);
/* Another look, where the kernel does not tell of what comes. */
static inline void small_rescan(void)
{
	drivers_load_new();
}
#else
static inline void small_report(const char *type, const char *target UNUSED, int r)
{
	failed(r, type, "mount");
	log_failure();
}
static inline bool small_replaces(const char **type UNUSED, int r UNUSED)
{
	return false;
}
static inline const char *small_module_error(int r)
{
	return module_error(r);
}
static inline void small_explain(const struct mount_request *m UNUSED, int r UNUSED)
{
}
static inline void nodes_begin(void)
{
	if (!ENABLE_FEATURE_INIT_FALLBACK)
		warn("no devtmpfs");
}
static inline void nodes_make(void)
{
}
static inline void small_rescan(void)
{
}
#endif

/* array.c: assembles arrays of md, each once: where its devices are all there, or at the last
 * moment of what is there. Whether there are any new ones. */
#if ENABLE_FEATURE_INIT_MD
bool arrays_assemble(struct search *s, bool is_last_moment);
#else
static inline bool arrays_assemble(struct search *s UNUSED, bool is_last_moment UNUSED)
{
	return false;
}
#endif

/* resume.c: resumes, if that is asked for; true where its device is not there yet. */
#if ENABLE_FEATURE_INIT_RESUME
bool resume_waits(struct search *s);
/* Is it still to come, as long as the time is not up? */
static inline bool resume_is_awaited(const struct search *s)
{
	return s->resumes;
}
#else
static inline bool resume_waits(struct search *s UNUSED)
{
	return false;
}
static inline bool resume_is_awaited(const struct search *s UNUSED)
{
	return false;
}
#endif


#endif
