/* SPDX-License-Identifier: MIT */
/*
 * The plan: what the kernel command line says, in whichever family's words. words.c reads
 * it; the steps of a boot carry it out (attempt.h).
 *
 *   plan         all that the command line says, one value a slot
 *   slot         what a word is about: ROOT, IMAGE, OVERLAY, ... Words of several families
 *                may fill the same slot
 *   family       the words of another initramfs (dracut, live-boot, ...): families.c
 *   medium       the file system that the images lie on: a disk, a stick, an ISO
 *   image        a file that holds a file system: squashfs, EROFS, ...
 *   alternative  one entry of loop=A,B: what is tried next where the one before fails
 *   layer        one image of an alternative A:B:C, stacked with the others by overlayfs
 *   store        the device, or file, that keeps what is written over the layers
 *   place        a directory where something is mounted
 *   step         one thing that a boot does, and one line of its log
 */
#ifndef PLAN_H
#define PLAN_H

#include "libbb.h"

/* X(SLOT, can a word of this build fill it?) */
/* clang-format off */
#define PLAN_SLOTS(X) \
	X(ROOT, true)		/* the medium, or the root itself: candidates, by commas */ \
	X(ROOT_TYPE, true) \
	X(ROOT_FLAGS, true) \
	X(ROOT_DELAY, true) \
	X(ROOT_WAIT, true) \
	X(WAIT_SECONDS, true) \
	X(RW, true) \
	X(INIT, true) \
	X(IMAGE, true)		/* on the medium: alternatives by commas, layers by colons */ \
	X(IMAGE_TYPE, true) \
	X(IMAGE_FLAGS, true) \
	X(DIRECTORY, ENABLE_INIT_FAMILIES)	/* where the images are */ \
	X(MODULE, ENABLE_INIT_FAMILIES)		/* MODULE.module there lists which of them are layers */ \
	X(MARK, ENABLE_INIT_FAMILIES)		/* a file that the medium has, or its UUID */ \
	X(INNER, ENABLE_FEATURE_INIT_ISO)	/* images that may be in the image: the root then */ \
	X(ISO, ENABLE_FEATURE_INIT_ISO)		/* a file that is the medium, */ \
	X(ISO_DEVICE, ENABLE_FEATURE_INIT_ISO)	/* and the device it is on */ \
	X(MEDIUM, ENABLE_INIT_FAMILIES)		/* where the running system expects the medium, */ \
	X(BASE, ENABLE_INIT_FAMILIES)		/* the root without its writable layer, */ \
	X(STORE_PLACE, ENABLE_FEATURE_INIT_OVERLAY) /* and what holds that layer */ \
	X(OVERLAY, ENABLE_FEATURE_INIT_OVERLAY)	/* a writable layer: in memory, or DEVICE[:PATH] */ \
	X(OVERLAY_SIZE, ENABLE_FEATURE_INIT_OVERLAY) \
	X(OVERLAY_MIB, ENABLE_FEATURE_INIT_DRACUT) \
	X(OVERLAY_TYPE, ENABLE_FEATURE_INIT_OVERLAY) \
	X(OVERLAY_FLAGS, ENABLE_FEATURE_INIT_OVERLAY) \
	X(OVERLAY_RESET, ENABLE_FEATURE_INIT_OVERLAY) \
	X(OVERLAY_READ_ONLY, ENABLE_FEATURE_INIT_OVERLAY) \
	X(STORE_DIRECTORY, ENABLE_FEATURE_INIT_OVERLAY)	/* where the upper and the work directory are, */ \
	X(STORE_PATH, ENABLE_FEATURE_INIT_OVERLAY)	/* or the upper one's path, where DEVICE has no PATH */ \
	X(UPPER, ENABLE_FEATURE_INIT_OVERLAY)	/* the names of these two */ \
	X(WORK, ENABLE_FEATURE_INIT_OVERLAY) \
	X(PERSISTENT, ENABLE_FEATURE_INIT_OVERLAY) /* the writable layer is kept where one of these is there: */ \
	X(PERSISTENT_ON, ENABLE_FEATURE_INIT_OVERLAY) /* a device, or a file of that label on the medium */ \
	X(CONFIGURATION, ENABLE_FEATURE_INIT_OVERLAY) /* a file there has to say so */ \
	X(RESET_ON, ENABLE_FEATURE_INIT_RESET)	/* a flag file that empties the writable layer once */ \
	X(FORMAT, ENABLE_FEATURE_INIT_FORMAT)	/* what makes a file system on a blank device for it */ \
	X(VOLATILE, ENABLE_FEATURE_INIT_VOLATILE) /* "yes" or "state", see systemd.volatile= */ \
	X(RAM, ENABLE_FEATURE_INIT_RAM) \
	X(RAM_SIZE, ENABLE_FEATURE_INIT_RAM) \
	X(CHECKSUM, ENABLE_FEATURE_INIT_CHECKSUM) \
	X(TRIES, ENABLE_FEATURE_INIT_TRIES) \
	X(TRIES_ON, ENABLE_FEATURE_INIT_TRIES_ON)	/* where they are counted: DEVICE[:FILE], DEVICE:OFFSET */ \
	X(RESUME, ENABLE_FEATURE_INIT_RESUME) \
	X(RESUME_OFFSET, ENABLE_FEATURE_INIT_RESUME) \
	X(NO_RESUME, ENABLE_FEATURE_INIT_RESUME) \
	X(SHELL, ENABLE_FEATURE_INIT_EMERGENCY) \
	X(BREAK, ENABLE_FEATURE_INIT_EMERGENCY) \
	X(WAIT, ENABLE_FEATURE_INIT_REASON) /* before a panic */ \
	X(WATCHDOG, ENABLE_FEATURE_INIT_WATCHDOG) /* seconds after which it resets what hangs */ \
	X(MODULE_NAMES, ENABLE_FEATURE_INIT_MODPROBE) \
	X(ARRAYS, ENABLE_FEATURE_INIT_MD)	/* of md: NUMBER,DEVICE,... one a line */ \
	/* Each slot from here on demands a root hash: */ \
	X(ROOT_HASH, ENABLE_INIT_KNOWS_ROOT_HASH) /* of the image, or of the root partition */ \
	X(IMAGE_HASHES, ENABLE_FEATURE_INIT_FALLBACK) /* IMAGE=HASH, one a line: all that were given */ \
	X(VERITY, ENABLE_FEATURE_INIT_FALLBACK)	/* systemd's switch for it, and what else it may say */ \
	X(VERITY_DATA, ENABLE_FEATURE_INIT_VERITY_WORDS) /* the root partition, */ \
	X(VERITY_TREE, ENABLE_FEATURE_INIT_VERITY_WORDS) /* and where its hash tree is */ \
	X(VERITY_OPTIONS, ENABLE_FEATURE_INIT_VERITY_WORDS) \
	X(USR_HASH, ENABLE_FEATURE_INIT_FALLBACK) \
	X(USR_DATA, ENABLE_FEATURE_INIT_VERITY_WORDS) \
	X(USR_TREE, ENABLE_FEATURE_INIT_VERITY_WORDS) \
	X(USR_OPTIONS, ENABLE_FEATURE_INIT_VERITY_WORDS) \
	X(DM_TABLE, ENABLE_FEATURE_INIT_VERITY_WORDS)
/* clang-format on */

/* What a slot is to those who write a command line. scripts/words makes the table of words of these
 * lines and of the tables in words.c and families.c:
 * //slot:NAME  what it needs of the kernel (configs/kernel.needs)  an example's value  meaning */
//slot:ROOT	-	LABEL=system	the device with the image, or the root itself; several by commas, the first that boots is taken
//slot:ROOT_TYPE	-	ext4	file system of the device; default: what the kernel finds
//slot:ROOT_FLAGS	-	noatime	mount options of the device
//slot:ROOT_DELAY	-	5	seconds to wait before the device is looked for; default: 0
//slot:ROOT_WAIT	-	-	wait for the device without end; default: 10 seconds
//slot:WAIT_SECONDS	-	30	seconds to wait for the device; default: 10
//slot:RW	-	-	mount it writable; default: read-only
//slot:INIT	-	/sbin/init	program of the root to run; default: /sbin/init, /etc/init, /bin/init, /bin/sh
//slot:IMAGE	loop	root.squashfs	the image on the device: alternatives by commas, layers by colons; a folder is all images in it
//slot:IMAGE_TYPE	loop	squashfs	file system of the image; default: by its superblock
//slot:IMAGE_FLAGS	loop	noatime	mount options of the image; default: read-only
//slot:DIRECTORY	-	live	folder of the device where the images are
//slot:MODULE	-	filesystem	NAME.module there lists the images that are layers
//slot:MARK	-	/boot/2026.uuid	a file that the medium has, or the UUID of the medium, for which that is /boot/UUID.uuid
//slot:INNER	loop,ext4	LiveOS/rootfs.img	images that may be in the image
//slot:ISO	loop,iso9660	/boot/live.iso	file on the device that holds the medium
//slot:ISO_DEVICE	-	LABEL=data	the device with that file
//slot:MEDIUM	-	/run/medium	where the running system finds the medium
//slot:BASE	-	/run/base	where it finds the root without its writable layer
//slot:STORE_PLACE	-	/run/store	where it finds what holds that layer
//slot:OVERLAY	overlay	LABEL=store:/upper	a writable layer: in memory, or on DEVICE[:PATH], with ,required behind it never in memory
//slot:OVERLAY_SIZE	overlay	512M	size of the writable layer in memory; default: half of the memory
//slot:OVERLAY_MIB	overlay	512	size of the writable layer in memory, in MiB
//slot:OVERLAY_TYPE	overlay	ext4	file system of the device with the writable layer
//slot:OVERLAY_FLAGS	overlay	noatime	mount options of the writable layer's device or memory
//slot:OVERLAY_RESET	overlay	-	delete what was written before
//slot:OVERLAY_READ_ONLY	overlay	-	read what was written before, write nothing more to it
//slot:STORE_DIRECTORY	overlay	state	folder on that device for the writable layer
//slot:STORE_PATH	overlay	/state	path of the writable layer where DEVICE has no PATH
//slot:UPPER	overlay	upper	name of the folder with what is written
//slot:WORK	overlay	work	name of the folder that overlayfs works in
//slot:PERSISTENT	overlay	-	keep what is written where a device or file for it is found; default: in memory
//slot:PERSISTENT_ON	overlay	LABEL=store	which device or file that is
//slot:CONFIGURATION	overlay	persistence.conf	a file there has to say so
//slot:RESET_ON	overlay	/factory-reset	a file on the store or the medium that empties the writable layer, once
//slot:FORMAT	overlay	ext4	make a file system on a blank device for it: TYPE (by mkfs.TYPE), or a program of the initramfs
//slot:VOLATILE	-	yes	changes in memory: yes (nothing but /usr is kept), state (/var), overlay
//slot:RAM	-	-	copy the images to memory first and unmount the device
//slot:RAM_SIZE	-	75%	size of the memory for the copies
//slot:CHECKSUM	hash	-	compare the image with the checksum file beside it
//slot:TRIES	-	3	boots of an image that may go unconfirmed before the next one is taken
//slot:TRIES_ON	-	LABEL=boot:/tries	where boots are counted: DEVICE:FILE, or DEVICE:OFFSET of a raw device; default: IMAGE.tries
//slot:RESUME	hibernation	LABEL=swap	device to resume a hibernated system from
//slot:RESUME_OFFSET	hibernation	38912	where in that device, in pages
//slot:NO_RESUME	-	-	do not resume
//slot:SHELL	-	-	run /emergency or /bin/sh after a failure
//slot:BREAK	-	pre-pivot	run a shell before a step: cmdline, pre-mount, pre-pivot (default)
//slot:WAIT	-	60	seconds to wait before a panic that reboots nothing, or forever; default: 10
//slot:WATCHDOG	watchdog	30	seconds that the boot may stand still before the watchdog resets the machine; default: it is left alone
//slot:MODULE_NAMES	-	e1000e,usbhid	modules to load at once
//slot:ARRAYS	md	0,/dev/vda,/dev/vdb	assemble /dev/mdNUMBER of these devices
//slot:ROOT_HASH	verity	HEX	root hash of the image or root partition; nothing else is booted
//slot:IMAGE_HASHES	verity	root.squashfs=HEX	root hash of one image, by its name or path
//slot:VERITY	verity	yes	a root hash is demanded
//slot:VERITY_DATA	verity	PARTLABEL=root	the verified root partition
//slot:VERITY_TREE	verity	PARTLABEL=root-verity	the device with its hash tree
//slot:VERITY_OPTIONS	verity	panic-on-corruption	options of veritysetup, without their --
//slot:USR_HASH	verity	HEX	root hash of /usr
//slot:USR_DATA	verity	PARTLABEL=usr	the verified partition with /usr
//slot:USR_TREE	verity	PARTLABEL=usr-verity	the device with its hash tree
//slot:USR_OPTIONS	verity	panic-on-corruption	options of veritysetup for /usr
//slot:DM_TABLE	verity	"root,,,ro,0 N verity ..."	a verity mapping in the kernel's words
//slot:TOP_LAYER	loop,overlay	a.b.squashfs	the topmost layer; a.squashfs below it is found by its name
//slot:LIVE_MEDIA	-	/dev/sdb1	root=, and any other device where nothing is found there
//slot:IGNORED	-	-	known and without effect: the family's other words say the same
//slot:REFUSED	-	-	not supported: named on the console and passed over

#define PLAN_SLOT(slot, known) slot,
enum slot {
	PLAN_SLOTS(PLAN_SLOT) SLOTS,
	FIRST_DEMAND = ROOT_HASH, /* of a root hash, as all slots behind it */
	/* For the tables of words alone: */
	IGNORED = SLOTS, /* the word changes nothing here */
	REFUSED,	 /* the word is not supported, and named on the console */
	TOP_LAYER,	 /* IMAGE, where a.b.squashfs stands for a.squashfs with itself on top */
	LIVE_MEDIA,	 /* ROOT, and all other devices behind it */
	CLEARS = 0x80,	 /* with a slot: the word takes back what another said */
};
_Static_assert(LIVE_MEDIA < CLEARS, "a slot and CLEARS share a byte");
_Static_assert(FIRST_DEMAND > ARRAYS && DM_TABLE + 1 == SLOTS, "what demands a root hash comes last");

#define PLAN_KNOWN(slot, known) IS_KNOWN_##slot = known,
enum {
	PLAN_SLOTS(PLAN_KNOWN) IS_KNOWN_TOP_LAYER = ENABLE_FEATURE_INIT_CASPER,
	IS_KNOWN_LIVE_MEDIA = ENABLE_FEATURE_INIT_LIVE_BOOT || ENABLE_FEATURE_INIT_CASPER
};

/* A slot's value: "" for a word without one, NULL where no word has filled it. The texts are
 * in the command line's buffer, or in the text memory of libbb.h for the whole boot. */
extern char *plan[SLOTS];
/* The same, and NULL for the compiler, too, where no word of this build can fill the slot: what
 * depends on it then takes no space. */
#define said(slot) (IS_KNOWN_##slot ? plan[slot] : NULL)
/* Is the number that of this slot? Never, for the compiler, too, where no word can fill it. */
#define is_slot(number, slot) (IS_KNOWN_##slot && (number) == (slot))
/* A word that may be off: =0, =n, =no, =off, =false or =none. */
#define is_on(slot) (IS_KNOWN_##slot && plan_is_on(slot))
bool plan_is_on(enum slot slot);
/* The decimal digits of a slot; otherwise, where it is not filled. */
unsigned plan_number(enum slot slot, unsigned otherwise);
/* The same as seconds: a week at most, so that its milliseconds fit an int. */
unsigned plan_seconds(enum slot slot, unsigned otherwise);
#define COMMAND_LINE "/proc/cmdline"
/* With INIT_ROOT_HASH_FROM_INITRAMFS: what the initramfs says itself. */
#define WORDS_FILE "/etc/loopbox.words"
/* words.c: reads the command line into the plan. 0, or -errno with a `why`. */
int plan_read(void);

/* Cuts the next part off a list, at the separator, unless a backslash stands before that.
 * The part is in libbb's text memory. NULL at the end. */
char *next_part(const char **list, char separator);
/* For what cuts text up: a copy, where the text is needed once more. */
static inline char *own_copy(char *text)
{
	return ENABLE_FEATURE_INIT_FALLBACK ? copy_of(text) : text;
}

/* Is the new root put together of what is mounted elsewhere? */
#define plan_is_layered() (is_on(OVERLAY) || is_on(VOLATILE))
/* The devices that the words name for the store, by commas; NULL: what is written goes to
 * memory. */
const char *plan_stores(void);
/* Is one of them the word that memory will not do? rd.overlay=DEVICE,required */
#define REQUIRED "required"
bool plan_requires_store(void);
/* May something be written on the medium, by init or, since it stays writable, by the system? */
bool plan_writes_medium(void);
/* Does rd.overlay=SPEC mean memory? */
bool plan_is_memory(const char *spec);


/* --- families.c, family.c --------------------------------------------------------------- */

/* One family: its words, as words.c reads a table. */
struct family {
	const char *defaults;	    /* what it takes for granted: a command line in our own words */
	const char *names;	    /* its words, as find_string() has lists */
	const unsigned char *slots; /* of each word */
	bool is_live;
};
/* Where words of several families stand on one command line, the first of these is the one. */
extern const struct family families[];
/* The words that select a family, as a list, and for each the family's number. */
extern const char family_selectors[];
extern const unsigned char family_selected[];

/* A word of a table ends with = or : where a value follows, or with one of the marks at its end: */
#define MAYBE "\1" /* a value may follow: rd.overlay, rd.overlay=1 */
#define ANY "\2"   /* anything may follow: rd.live.* */
/* or has this one inside: */
#define VALUE "\3" /* the value begins here, not behind the =: cow_|label=X is LABEL=X */

/* What a word of a table says of the parameter: its value, or NULL where that is another word. */
char *value_of(char *parameter, const char *word);

/* Is the plan a live system's, by its family's words? */
extern bool plan_of_live;
#define plan_is_live() (ENABLE_INIT_FAMILIES && plan_of_live)
#if ENABLE_INIT_FAMILIES
/* The first in the list of families that is selected: by the parameter, or before it. */
const struct family *family_select(const struct family *selected, char *parameter);
/* Says what is not supported; false for the slots that a step looks at. */
bool family_passes_over(unsigned char slot, const char *parameter);
/* The layers that casper finds below the top one, as IMAGE has them: of "a.b.squashfs",
 * "a.squashfs:a.b.squashfs". */
char *family_layers(const char *top);
/* What a live family's word for its device means: that device, or else any other. */
char *family_media(char *device);
#else
static inline const struct family *family_select(const struct family *selected UNUSED, char *parameter UNUSED)
{
	return NULL;
}
static inline bool family_passes_over(unsigned char slot UNUSED, const char *parameter UNUSED)
{
	return false;
}
static inline char *family_media(char *device)
{
	return device;
}
static inline char *family_layers(const char *top UNUSED)
{
	return NULL;
}
#endif


/* --- demands.c, contradictions.c: what the command line demands ----------------------------- */

/* How often a text demands a root hash. */
unsigned demands_count(const char *text);
/* At the end of a line, which has demanded one so many times more than its parameters did: -errno
 * where that was behind "--", or by what a build does not know. */
int demands_end(unsigned left);
/* The images that the line names itself, whatever a family takes for granted, or NULL; and the first
 * word of it that names others than one before did. */
extern const char *plan_images_of_line, *plan_other_images;
#define HASH_FILE ".roothash"
/* Has the initramfs a file IMAGE.roothash? 1 and its name, 0, or -errno with a `why`: one may be there. */
int hash_file_find(const char **name);
#if ENABLE_FEATURE_INIT_VERITY_WORDS
/* A word is about to fill a slot: may it? */
void demands_notice(unsigned char slot, const char *parameter, const char *value);
/* Fills a slot that demands a root hash; false for any other one. */
bool demands_fill(unsigned char slot, char *value);
/* What is read next: what the initramfs says itself, at first, or the line. */
void demands_begin(bool of_line);
/* What the family takes for granted has been filled in. 0, or -errno with a `why`. */
int demands_granted(void);
/* The parameter has filled the slot, or none: -errno where it demands what it does not get, or takes
 * back what another one does. Takes what it demands off what is left. */
int demands_check(char *parameter, int slot, unsigned *left);
#else
static inline void demands_notice(unsigned char slot UNUSED, const char *parameter UNUSED,
				  const char *value UNUSED)
{
}
static inline bool demands_fill(unsigned char slot UNUSED, char *value UNUSED)
{
	return false;
}
static inline void demands_begin(bool of_line UNUSED)
{
}
static inline int demands_granted(void)
{
	return 0;
}
static inline int demands_check(char *parameter UNUSED, int slot UNUSED, unsigned *left UNUSED)
{
	return 0;
}
#endif


/* --- verity.c: what is demanded --------------------------------------------------------- */

/* Is a root hash demanded of each image? Known once verity_read_plan() has been called. */
extern bool plan_demands_verity;
enum {
	PLAN_IS_RESTRICTED =
		ENABLE_FEATURE_INIT_FALLBACK || ENABLE_FEATURE_INIT_EMERGENCY || ENABLE_FEATURE_INIT_RESUME
};
static inline bool verity_demanded(void)
{
	return ENABLE_FEATURE_INIT_VERITY &&
	       (ENABLE_INIT_REQUIRE_VERITY || ENABLE_INIT_ROOT_HASH_FROM_INITRAMFS ||
		(PLAN_IS_RESTRICTED ? plan_demands_verity : !!said(ROOT_HASH)));
}
/* Finds that out, and takes out of the plan what then must not be. 0, or -errno with a `why`. */
#if ENABLE_FEATURE_INIT_VERITY
int verity_read_plan(void);
#else
static inline int verity_read_plan(void)
{
	return 0;
}
#endif

#endif
