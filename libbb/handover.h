/* SPDX-License-Identifier: MIT */
/*
 * Handing over from an initramfs to the real root. Sources: switch_root(8) and
 * Documentation/filesystems/ramfs-rootfs-initramfs.rst of the kernel.
 */
#ifndef HANDOVER_H
#define HANDOVER_H

#include "libbb.h"

struct handover {
	const char *new_root; /* a mount point */
	const char *init;     /* a program there; its path as seen from there */
	char **argv;	      /* its arguments; argv[0] is replaced by init */
	const char *console;  /* a device for its descriptors 0 to 2, or NULL */
	bool keep_initramfs;  /* does not free the memory */
	bool is_init;	      /* has mounted new_root, /dev, /proc, /sys and /run itself */
	void (*report)(void); /* called with a `why` for what goes wrong, and does not end it; or NULL */
	/* Out: */
	bool missing_init; /* handover_check() returned -ENOENT because of init itself: another one
			      may be there */
};

/* Finds out what would keep handover_run() from succeeding, without touching anything: the
 * new root is a mount point, the old one an initramfs, init is there and can be
 * executed, as is the interpreter that it names. Returns 0, and the new root is the working directory then; or -errno. */
int handover_check(struct handover *handover);

/* Moves /dev, /proc, /sys and /run to the new root, makes it the root, frees the
 * initramfs (never what is mounted in it) and becomes init. Only for PID 1, and
 * only after the check. Returns -errno, if at all: nothing has been
 * deleted where the root could not be changed. Once it has been, nothing but a failing exec(2) ends
 * it. */
int handover_run(struct handover *handover);

/* Makes it descriptors 0 to 2, if it can be opened; else -errno, without a why. */
int handover_console(const char *console);

#endif
