/* SPDX-License-Identifier: MIT */
/* Kernel modules: modules.dep, modules.alias, modules.softdep and modules.builtin, which are searched as
 * they are, without a copy; and what is done by them. */
//config:config MODULES
//config:	def_bool MODPROBE || INSMOD || RMMOD || MODINFO || FEATURE_INIT_MODULES
//config:
//config:config MODULES_BY_NAME
//config:	def_bool MODPROBE || MODINFO || FEATURE_INIT_MODPROBE
//config:
//config:config FEATURE_MODULE_REASON
//config:	bool "Say what the kernel's log says of a module that it refused"
//config:	default y
//config:	depends on MODPROBE || INSMOD
//config:	help
//config:	  "Unknown symbol ..." instead of "No such file or directory".
//kbuild:obj-$(CONFIG_MODULES) += libbb/module.o
#include <sys/utsname.h>

#include "compat.h"
#include "module.h"
#include "run.h"

const char *module_directory;
int module_force;

enum { DEPTH = 8 }; /* of aliases and soft dependencies */

/* What the kernel's log says of the module that it has just refused, or NULL. A record of /dev/kmsg:
 * "6,339,5140900,-;NAME: TEXT\n", the third is its time. */
static const char *reason_in_log(const char *name)
{
	static char record[1024];
	enum { JUST_MS = 2000 };
	const char *reason = NULL;
	uint64_t now = sys_milliseconds(), time;
	int n, fd = sys_open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	if (fd < 0)
		return NULL;
	/* EPIPE: what was to be read next is overwritten. */
	while ((n = sys_read(fd, record, sizeof record - 1)) > 0 || n == -EPIPE) {
		record[n < 0 ? 0 : n] = 0;
		char *text = find_byte(record, ';'), *number = find_byte(record, ',');
		number = find_byte(number + !!*number, ',');
		number += !!*number;
		*find_byte(number, ',') = 0;
		*find_byte(text, '\n') = 0;
		text = (char *)module_behind_name(text + !!*text, name);
		if (text && (text = after_prefix(text, ": ")) && parse_size(number, &time) == 0 &&
		    time / 1000 + JUST_MS >= now)
			reason = copy_of(text);
	}
	sys_close(fd);
	return reason;
}

/* Why the kernel did not take it. */
static int refused(int r, const char *path)
{
	const char *reason = NULL;

	if (!ENABLE_MODULE_APPLETS || r == -EEXIST)
		return failed(r, path, "load");
	if (ENABLE_FEATURE_MODULE_REASON)
		reason = reason_in_log(module_name_of(path));
	if (reason)
		return found(r == -ENOENT ? -ENOEXEC : r, path, reason);
	if (r == -ENOENT) /* which is for what is not there */
		return found(-ENOEXEC, path,
			     "unknown symbol in the module, or unknown parameter (see dmesg)");
	return failed(r, path, "load");
}

int module_insert(const char *path, const char *parameters)
{
	if (ENABLE_MODULES_BY_NAME && !parameters)
		return why.error;
	int fd = memory_check();
	if (fd < 0)
		return fd;
	fd = sys_open(path, O_RDONLY);
	if (fd < 0)
		return failed(fd, path, "open");
	size_t size = length(path);
	bool plain = size > 3 && equal(path + size - 3, ".ko");
	int r = sys_finit_module(fd, parameters,
				 (plain ? 0 : MODULE_INIT_COMPRESSED_FILE) |
					 (ENABLE_FEATURE_MODPROBE_MORE ? module_force : 0));
	sys_close(fd);
	return r < 0 ? refused(r, path) : 0;
}

/* "RELEASE/" of this kernel. */
static const char *kernel_release(void)
{
	static struct utsname system;

	sys_uname(&system);
	return joined(system.release, "/", "");
}

void module_set_directory(const char *base, const char *release)
{
	const char *folder = joined(base ? base : "", "/lib/modules/", "");

	module_directory = release ? joined(folder, release, "/") : joined(folder, kernel_release(), "");
}

enum { DEPENDENCIES, ALIASES, SOFT_DEPENDENCIES, BUILT_IN, TEXTS };
static const char *texts[TEXTS];

static const char *text_of(unsigned n)
{
	return texts[n];
}

/* Reads the files of the modules' directory, once; what is missing is empty. */
static int read_texts(void)
{
	static const char names[] = "modules.dep\0"
				    "modules.alias\0"
				    "modules.softdep\0"
				    "modules.builtin\0";

	if (!module_directory)
		module_directory = joined("/lib/modules/", kernel_release(), "");
	for (unsigned n = 0; n < TEXTS; n++) {
		if (texts[n])
			continue;
		texts[n] = read_whole(joined(module_directory, nth_string(names, n), ""));
		if (!texts[n] && why.error != -ENOENT)
			return why.error;
		if (!texts[n])
			texts[n] = "";
	}
	return 0;
}

static const char *next_line_of(const char *text)
{
	text = find_byte(text, '\n');
	return text + !!*text;
}

/* Copies what stands before the end of the line, or before a blank. */
static char *copy(const char *from, bool whole_line)
{
	size_t size = 0;

	while (from[size] && from[size] != '\n' && (whole_line || from[size] != ' '))
		size++;
	return copied(from, size);
}

/* Is that module's file what the line begins with? The line goes on with a colon, or ends. */
static bool is_named(const char *line, const char *name)
{
	const char *base = line;

	for (; *line && *line != ':' && *line != '\n'; line++)
		if (*line == '/')
			base = line + 1;
	const char *rest = module_behind_name(base, name);
	return rest && after_prefix(rest, ".ko");
}

/* Is it one that no alias is to load? */
static bool is_blacklisted(const char *name)
{
	return module_config_for("blacklist", name, false);
}

/* Are these words of a line about the module? Returns what follows its name, or NULL. */
static const char *behind_own_name(const char *words, const char *name)
{
	const char *rest = name ? module_behind_name(words, name) : NULL;

	return rest && *rest == ' ' ? rest + 1 : NULL;
}

/* What modprobe.d has for the module and for the alias by which it was found, or NULL; and the given
 * ones, which come last and so count most. */
static const char *parameters_of(const char *name, const char *alias, const char *given)
{
	const char *found = "", *line = NULL, *words;

	while ((words = module_config_next(&line, "options"))) {
		const char *more = behind_own_name(words, name);
		if (!more && ENABLE_FEATURE_MODPROBE_MORE)
			more = behind_own_name(words, alias);
		if (more)
			found = joined(found, *found ? " " : "", copy(more, true));
	}
	return *found && *given ? joined(found, " ", given) : *found ? found : given;
}

const char *module_parameters(const char *path)
{
	return module_config_read() < 0 ? NULL : parameters_of(module_name_of(path), NULL, "");
}

static int load(const struct module_request *request, unsigned depth);

/* The rest of "pre: a b post: c": loads those of `when`, or removes them, the last first. They need not be
 * there, nor succeed. */
static void do_soft(const struct module_request *request, char *words, const char *when, bool now,
		    unsigned depth)
{
	char *word = next_word(&words);

	if (!word)
		return;
	bool is_label = word[length(word) - 1] == ':';
	struct module_request one = { .name = word,
				      .parameters = "",
				      .remove = request->remove,
				      .show = request->show,
				      .only_show = request->only_show,
				      .show_all = request->show_all };
	if (now && !is_label && !request->remove)
		load(&one, depth + 1);
	do_soft(request, words, when, is_label ? equal(word, when) : now, depth);
	if (now && !is_label && request->remove)
		load(&one, depth + 1);
}

/* What modprobe.d or modules.softdep has for it: "softdep NAME pre: a b post: c". The first line counts,
 * but of modules.softdep all, as each is one of the module's own. With request NULL only looks. Was there
 * one? */
static bool load_soft(const struct module_request *request, const char *name, const char *when,
		      unsigned depth)
{
	const char *own = ENABLE_FEATURE_MODPROBE_MORE ? module_config_for("softdep", name, true) : NULL;
	bool is_there = own;

	for (const char *line = text_of(SOFT_DEPENDENCIES);
	     *line && !(own && !module_config_is_behind_softdep(own)); line = next_line_of(line)) {
		const char *words = after_prefix(line, "softdep ");
		const char *list = words ? behind_own_name(words, name) : NULL;
		if (!list)
			continue;
		is_there = true;
		own = NULL;
		if (request)
			do_soft(request, copy(list, true), when, false, depth);
	}
	if (own && request)
		do_soft(request, copy(own, true), when, false, depth);
	return is_there;
}

/* Runs the command that modprobe.d(5) has, of the rest of its line: "install" or "remove". */
static int run_command(const struct module_request *request, const char *what, const char *line,
		       const char *parameters)
{
	const char *command = copy(line, true);

	if (request->show)
		request->show(what, command, parameters);
	if (request->only_show)
		return 0;
	/* $CMDLINE_OPTS stands for what was given on the command line; $0 is not looked into. */
	const char *words[] = { "/bin/sh",
				"-c",
				joined("CMDLINE_OPTS=$0; export MODPROBE_MODULE=$1; ", command, ""),
				parameters,
				module_name_of(request->name),
				NULL };
	int code = run_program(words[0], (char *const *)words);
	if (code <= 0)
		return code;
	command = joined("the ", what, joined(" command of ", module_config_file(line), ""));
	return found(-ECHILD, request->name, joined(command, " failed with exit code ", decimal(code)));
}

/* As far as can be seen: the kernel's own parts have no initstate. One that is "coming" may still fail.
 * 1, 0 or -errno with a why. */
static int is_loaded(const char *name)
{
	char state[8];
	const char *path = joined("/sys/module/", name, "/initstate");
	int size = read_file(path, state, sizeof state);

	if (size < 0)
		return size == -ENOENT ? 0 : failed(size, path, "read");
	return !!after_prefix(state, "live");
}

static int already_loaded(const char *name)
{
	return found(-EEXIST, name, "the module is already loaded");
}

/* is_asked_for: the module itself, and not what it depends on */
static int load_file(const struct module_request *request, const char *path, const char *parameters,
		     unsigned depth, bool is_asked_for)
{
	const char *name = module_name_of(path), *alias = is_asked_for ? request->alias : NULL;
	bool without = ENABLE_FEATURE_MODPROBE_MORE && request->ignore_commands && is_asked_for;
	const char *command = NULL;
	bool has_soft = false;
	int r = 0;

	if (*path != '/')
		path = joined(module_directory, path, "");
	/* Soft dependencies take the place of a command. */
	if (ENABLE_FEATURE_MODPROBE_MORE && !without) {
		has_soft = load_soft(NULL, name, "", 0);
		command = has_soft ? NULL : module_config_for("install", name, true);
	}
	/* Else it is the kernel that tells. */
	bool is_to_ask = has_soft || command || request->only_show;
	if (ENABLE_FEATURE_MODPROBE_MORE && is_to_ask && !request->show_all) {
		int there = is_loaded(name);
		if (there < 0)
			return there;
		if (there)
			return is_asked_for && request->first_time ? already_loaded(name) : 0;
	}
	if (command)
		return run_command(request, "install", command, parameters_of(name, alias, parameters));
	if (!without)
		load_soft(request, name, "pre:", depth);
	parameters = parameters_of(name, alias, parameters);
	if (!request->only_show)
		r = module_insert(path, parameters);
	if (request->show && r == 0)
		request->show("insmod", path, parameters);
	if (r == -EEXIST && ENABLE_FEATURE_MODPROBE_MORE && is_asked_for && request->first_time)
		return already_loaded(name);
	if (r < 0 && r != -EEXIST)
		return r;
	if (!without)
		load_soft(request, name, "post:", depth);
	return 0;
}

/* What the modules depended on goes too, unless something else needs it, or it has gone before. */
static int unload_unused(char *paths)
{
	char *path;

	while ((path = next_word(&paths))) {
		int r = sys_delete_module(module_name_of(path), O_NONBLOCK);
		if (r < 0 && r != -EWOULDBLOCK && r != -EBUSY && r != -ENOENT)
			return failed(r, module_name_of(path), "remove");
	}
	return 0;
}

static int not_loaded(const char *name)
{
	return found(-ENOENT, name, "the module is not currently loaded");
}

int module_remove(const char *name, unsigned flags)
{
	int r = sys_delete_module(name, O_NONBLOCK | flags);

	if (r == -EWOULDBLOCK)
		return found(r, name, "the module is in use");
	if (r == -ENOENT || r == -ENOSYS) /* a kernel that knows no modules has none loaded */
		return not_loaded(name);
	return r < 0 ? failed(r, name, "remove") : 0;
}

/* One that was there, and what it depended on, words. */
static int unload_one(const struct module_request *request, const char *name, char *words)
{
	int r = request->only_show ? 0 : module_remove(name, 0);

	if (r == -ENOENT && !(ENABLE_FEATURE_MODPROBE_MORE && request->first_time))
		return 0;
	if (r == 0 && request->show)
		request->show("rmmod", name, "");
	return r < 0 || request->only_show ? r : unload_unused(words);
}

/* words: a line of modules.dep */
static int unload(const struct module_request *request, char *words, unsigned depth)
{
	const char *name = module_name_of(next_word(&words)), *command = NULL;
	bool with_soft = ENABLE_FEATURE_MODPROBE_MORE && !request->ignore_commands;

	if (with_soft)
		command = module_config_for("remove", name, true);
	int there = command || request->show_all ? 1 : is_loaded(name);
	if (there < 0)
		return there;
	if (!there) {
		if (request->only_show)
			return request->first_time ? not_loaded(name) : 0;
		with_soft = false; /* as far as can be seen it is not there */
	}
	if (with_soft)
		load_soft(request, name, "post:", depth);
	int r = command ? run_command(request, "remove", command, "") : unload_one(request, name, words);
	if (r == 0 && with_soft)
		load_soft(request, name, "pre:", depth);
	return r;
}

/* The lines of modules.dep that one request has come by: soft dependencies may go round
 * in circles. */
static const char *lines[256];
static unsigned line_count;

static bool was_here(const char *line)
{
	for (unsigned i = 0; i < line_count; i++)
		if (lines[i] == line)
			return true;
	if (line_count < LENGTH(lines))
		lines[line_count++] = line;
	return false;
}

/* line: "PATH: DEPENDENCY...", of which the last is to be loaded first. */
static int load_line(const struct module_request *request, const char *line, unsigned depth)
{
	char *words = copy(line, true);
	int r = 0;

	if (!*words)
		return failed(-ENOMEM, request->name, "dependencies");
	if (was_here(line))
		return 0;
	if (request->remove)
		return unload(request, words, depth);
	char *path = next_word(&words), *end = words + length(words);
	path[length(path) - 1] = 0; /* the colon */
	while (r == 0 && end > words) {
		while (end > words && end[-1] != ' ')
			end--;
		if (*end)
			r = load_file(request, end, "", depth, false);
		if (end > words)
			*--end = 0;
	}
	return r < 0 ? r : load_file(request, path, request->parameters, depth, true);
}

/* Loads what an alias means; -ENOENT where that is no module, nor is to be one. */
static int load_target(const struct module_request *request, const char *alias, const char *name,
		       unsigned depth)
{
	struct module_request target = *request;
	unsigned before = line_count;

	target.name = name;
	target.alias = alias;
	if (!request->remove && !request->resolve && is_blacklisted(name))
		return ENABLE_FEATURE_MODPROBE_MORE ? 0 : -ENOENT;
	int r = load(&target, depth + 1);
	if (!depth)
		line_count = before; /* what one module of an alias needed, the next one may be */
	return r;
}

/* Two results of which one is to be told: what was done counts most. */
static int either(int before, int now)
{
	return before == 0 ? 0 : now;
}

/* Looks among the aliases of modprobe.d, which hide those of the modules; -EAGAIN: there is
 * none. */
static int load_own_aliases(const struct module_request *request, unsigned depth)
{
	const char *line = NULL, *words;
	int r = -EAGAIN;

	while ((words = module_config_next(&line, "alias"))) {
		if (!module_matches(words, request->name))
			continue;
		char *alias = copy(words, false), *name = copy(behind_blanks(words + length(alias)), false);
		if (equal(module_name_of(name), module_name_of(request->name)))
			continue;
		int one = load_target(request, alias, name, depth);
		/* "off", say, is no module, and so not loaded */
		if (one == -ENOENT && (request->remove ? !request->first_time : request->only_show)) {
			if (request->resolve)
				request->show("", module_name_of(name), "");
			one = 0;
		}
		r = either(r, one);
	}
	return r;
}

/* Looks among the modules' own aliases; -ENOENT: there is none that is to be loaded. */
static int load_aliases(const struct module_request *request, unsigned depth)
{
	int r = -ENOENT;

	for (const char *line = text_of(ALIASES); *line; line = next_line_of(line)) {
		const char *pattern = after_prefix(line, "alias "), *name;
		if (!pattern || !module_matches(pattern, request->name))
			continue;
		name = copy(behind_blanks(find_byte(pattern, ' ')), false);
		r = either(r, load_target(request, request->name, name, depth));
	}
	return r;
}

/* The name of the module in the kernel that has the alias, or NULL, with an error where it can't be told:
 * modules.builtin.modinfo (Linux 5.2) has "NAME.alias=PATTERN", each with a NUL. */
static const char *built_in_by_alias(const char *alias, int *error)
{
	const char *text = read_whole(joined(module_directory, "modules.builtin.modinfo", "")), *name = text;

	if (!text)
		*error = why.error;
	for (const char *end = read_mark() - 1; text && name < end; name = nth_string(name, 1)) {
		const char *dot = find_byte(name, '.'), *pattern = after_prefix(dot, ".alias=");
		if (pattern && module_matches(pattern, alias))
			return copied(name, dot - name);
	}
	return NULL;
}

/* The name of what the kernel has built in by that name or alias, or NULL, with an error where that can't
 * be told. */
static const char *built_in(const char *name, int *error)
{
	for (const char *line = text_of(BUILT_IN); *line; line = next_line_of(line))
		if (is_named(line, name))
			return module_name_of(name);
	return ENABLE_FEATURE_MODPROBE_MORE ? built_in_by_alias(name, error) : NULL;
}

static int have_built_in(const struct module_request *request, const char *name)
{
	bool is_asked = ENABLE_FEATURE_MODPROBE_MORE && request->only_show;
	bool is_fault = request->remove || (ENABLE_FEATURE_MODPROBE_MORE && request->first_time);

	if (is_asked && (request->show_all || !request->remove))
		request->show(request->remove ? "rmmod" : request->resolve ? "" : "builtin", name, "");
	return is_fault && !request->show_all
		       ? found(request->remove ? -EBUSY : -EEXIST, name, "the module is builtin")
		       : 0;
}

/* What stands for the name alone; -ENOENT where nothing does. */
static int load_by_command(const struct module_request *request)
{
	const char *what = request->remove ? "remove" : "install";
	const char *command = request->ignore_commands ? NULL : module_config_for(what, request->name, false);

	if (!command)
		return -ENOENT;
	if (ENABLE_MODPROBE && request->use_blacklist && is_blacklisted(request->name))
		return 0;
	if (!request->resolve)
		return run_command(request, what, command,
				   parameters_of(request->name, NULL, request->parameters));
	request->show("", module_name_of(request->name), "");
	return 0;
}

/* A line of modules.dep: the module's name and file. */
static void show_found(const struct module_request *request, const char *line)
{
	const char *path = copied(line, find_byte(line, ':') - line);

	request->show("", module_name_of(path), *path == '/' ? path : joined(module_directory, path, ""));
}

/* In kmod(8)'s order. */
static int load(const struct module_request *request, unsigned depth)
{
	const char *name = request->name;
	int r = -ENOENT;

	if (depth > DEPTH)
		return found(-ELOOP, name, "its aliases lead in a circle");
	/* An alias names a module, and no other alias: modprobe.d(5). */
	if (ENABLE_FEATURE_MODPROBE_MORE && !request->alias &&
	    (r = load_own_aliases(request, depth)) != -EAGAIN)
		return r;
	for (const char *line = text_of(DEPENDENCIES); *line; line = next_line_of(line)) {
		if (!is_named(line, name))
			continue;
		if (ENABLE_MODPROBE && request->use_blacklist && is_blacklisted(name))
			return 0;
		if (!ENABLE_FEATURE_MODPROBE_MORE || !request->resolve)
			return load_line(request, line, depth);
		show_found(request, line);
		return 0;
	}
	r = ENABLE_FEATURE_MODPROBE_MORE ? load_by_command(request) : -ENOENT;
	if (r == -ENOENT && !request->only_names && !request->alias)
		r = load_aliases(request, depth);
	const char *known = r == -ENOENT ? built_in(name, &r) : NULL;
	if (known)
		return have_built_in(request, known);
	if (r != -ENOENT)
		return r;
	const char *directory = copied(module_directory, length(module_directory) - 1);
	return found(r, name, joined("not found in directory ", directory, ""));
}

int module_request(const struct module_request *request)
{
	/* The texts stay; what else is read is given back. */
	int r = read_texts();
	if (r == 0)
		r = module_config_read();
	if (r < 0)
		return r;
	line_count = 0;
	char *mark = read_mark();
	r = load(request, 0);
	/* `why` may be about what lies there. */
	if (r == 0)
		read_forget(mark);
	return r;
}
