/* SPDX-License-Identifier: MIT */
/* What init/ offers to its applet. */
#ifndef BOOT_H
#define BOOT_H

/* The whole boot, for PID 1 of an initramfs; argv is what the new init gets. Returns an exit code,
 * if at all. */
int boot(char **argv);

#endif
