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
	/* Is told what is done: "insmod" a path with parameters, "install" or "remove" a command,
	 * "rmmod" a name, or that a name is "builtin". NULL: nobody is. */
	void (*show)(const char *what, const char *path, const char *parameters);
	bool only_show;	   /* what would be done, instead of doing it */
	const char *alias; /* by which the name was found; for module.c alone */
	/* For modprobe alone: */
	bool use_blacklist;   /* for names, too, and not only for aliases */
	bool ignore_commands; /* what modprobe.d has for this module instead of loading it */
	bool first_time;      /* -EEXIST where it is there already, -ENOENT where it is not */
	bool resolve;	      /* only show the names of modules, as "", and as parameters their files; "" for
				 one that is built in */
	bool only_names;      /* no aliases, but of what is built in, as kmod(8) has it */
	bool show_all;	      /* "rmmod" for what is not there, too */
};

/* A list of files and directories instead of modprobe.d, as nth_string() has them, or NULL. */
extern const char *module_configuration;
/* MODULE_INIT_IGNORE_* of finit_module(2), for all that is loaded. */
extern int module_force;

/* Where modules.dep lies, with a / at the end; NULL: /lib/modules/RELEASE/ of this kernel. */
extern const char *module_directory;

/* Sets module_directory for --basedir and --set-version; NULL where one is not given. */
void module_set_directory(const char *base, const char *release);

/* Loads it, and before it what it depends on; a module that is there already is no
 * error, nor is one that the kernel has built in. Returns 0 or -errno with a why: -ENOENT and a
 * finding (why.is_finding) where no module has that name or alias; whatever keeps a file of modprobe.d or
 * of the modules' directory from being read, and then nothing was loaded. */
int module_request(const struct module_request *request);

static inline int module_load(const char *name)
{
	return module_request(&(struct module_request){ .name = name, .parameters = "" });
}

/* Loads one file. A file that is compressed needs a kernel that decompresses it
 * (Linux 5.17, MODULE_DECOMPRESS). Returns 0 or -errno with a why; -ENOENT is about the file alone.
 * parameters NULL: those of module_parameters() can't be had, and `why` says so. */
int module_insert(const char *path, const char *parameters);
/* Unloads one that nobody uses. flags: O_TRUNC by force. 0, or -errno with a why: -EWOULDBLOCK where it is
 * in use, -ENOENT where it is not loaded. */
int module_remove(const char *name, unsigned flags);

/* What modprobe.d and the kernel command line have for the module in that file; NULL with a why where
 * one can't be read. */
const char *module_parameters(const char *path);


/* --- module_config.c: names, and the lines of modprobe.d and the kernel command line ------- */

/* Does fnmatch(3)'s pattern, up to a blank or the end of a line, fit all of the text? - and _ are the same. */
bool module_matches(const char *pattern, const char *text);
/* What stands behind the name in the text, where that begins with it; or NULL. */
const char *module_behind_name(const char *text, const char *name);
/* A module's name, as the kernel has it, of its file's path. */
char *module_name_of(const char *path);

/* Reads them once. 0, or -errno with a why where a file can't be read. */
int module_config_read(void);
/* What follows the keyword in the next line that begins with it. *line is where to begin, NULL at first.
 * NULL at the end. */
const char *module_config_next(const char **line, const char *keyword);
/* What follows the keyword and the name in the first such line, or NULL. by_pattern: the line's name
 * may be a pattern. */
const char *module_config_for(const char *keyword, const char *name, bool by_pattern);
/* The path of the file that these words are from. */
const char *module_config_file(const char *words);
/* Were these words in a file whose name comes behind modules.softdep? */
bool module_config_is_behind_softdep(const char *words);

#endif
