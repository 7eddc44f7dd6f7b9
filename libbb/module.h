/* SPDX-License-Identifier: MIT */
/*
 * Kernel modules by their name or alias, with what they depend on. Sources:
 * modprobe(8), modules.dep(5), modprobe.d(5), finit_module(2).
 */
#ifndef MODULE_H
#define MODULE_H

#include "libbb.h"

struct module_request {
	const char *name;	/* a module's name, or an alias as the kernel asks for */
	const char *parameters; /* for the module itself, or "" */
	bool remove;		/* instead of loading it */
	/* What would be done, instead of doing it: "insmod" a path with parameters, "install"
	 * a command, or that a name is "builtin". */
	void (*show)(const char *what, const char *path, const char *parameters);
	/* For modprobe alone: */
	bool use_blacklist;   /* for names, too, and not only for aliases */
	bool ignore_commands; /* what modprobe.d has for this module instead of loading it */
	bool first_time;      /* -EEXIST where it is there already, -ENOENT where it is not */
	bool resolve;	      /* only show the names of modules, as "" */
};

/* A file or directory instead of modprobe.d, or NULL. */
extern const char *module_configuration;
/* MODULE_INIT_IGNORE_* of finit_module(2), for all that is loaded. */
extern int module_force;

/* Where modules.dep lies, with a / at the end; NULL: /lib/modules/RELEASE/ of this
 * kernel, as the second has it: "RELEASE/". */
extern const char *module_directory;
const char *module_release(void);

/* Loads it, and before it what it depends on; a module that is there already is no
 * error, nor is one that the kernel has built in. Returns 0 or -errno: -ENOENT where
 * no module has that name or alias. */
int module_request(const struct module_request *request);

static inline int module_load(const char *name)
{
	return module_request(&(struct module_request){ .name = name, .parameters = "" });
}

/* Loads one file. A file that is compressed needs a kernel that decompresses it
 * (Linux 5.17, MODULE_DECOMPRESS). Returns 0 or -errno, without a why. */
int module_insert(const char *path, const char *parameters);

/* What modprobe.d and the kernel command line have for the module in that file. */
const char *module_parameters(const char *path);

#endif
