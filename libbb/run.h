/* SPDX-License-Identifier: MIT */
/* Other programs: started, and waited for. */
#ifndef RUN_H
#define RUN_H

#include "libbb.h"

/* Runs the program with our environment and descriptors 0 to 2, and waits for its end; argv[0] is
 * its name, NULL the end. Returns its exit code, 0 to 255, or 128 and the signal that ended it, as
 * sh(1) does; or -errno with a why, where it can't be started. */
int run_program(const char *path, char *const *argv);

#endif
