/* SPDX-License-Identifier: MIT */
/* What a boot says: steps, warnings, and why an attempt failed. */
#ifndef LOG_H
#define LOG_H

#include "libbb.h"

/* A line of the log: what a step has done, behind the seconds since the last one; what is odd.
 * The format is complain()'s. */
void log_line(const char *prefix, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define STEP "<6>loopbox: +"
#define step(...) log_line(STEP, __VA_ARGS__)
#define warn(...) log_line("<4>loopbox: ", __VA_ARGS__)
/* Remembers `why` as what kept an attempt from succeeding: it is logged as a warning
 * before the next one, or as the end of all. */
void log_failure(void);
/* The same of a step that does not end the boot: r is its result, and says nothing unless negative; `why`
 * stays as it is. */
void log_step(int r, const char *path, const char *step);
static inline void log_refused(int r, const char *path, const char *step)
{
	if (ENABLE_FEATURE_INIT_FALLBACK && r < 0)
		log_step(r, path, step);
}
void log_give_up(void);
/* Says what has to be read, even with quiet; with FEATURE_INIT_REASON also with loglevel=0: then
 * directly on the console. */
void log_loud(const char *text);
/* Writes what has failed to a file for the running system. */
void log_save(const char *path);

#endif
