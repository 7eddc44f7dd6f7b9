/* SPDX-License-Identifier: MIT */
/* Kernel modules: modules.dep, modules.alias, modules.softdep, modules.builtin and
 * modprobe.d, which are searched as they are, without a copy. */
//config:config MODULES
//config:	def_bool MODPROBE || INSMOD || FEATURE_INIT_MODULES
//config:
//config:config MODULES_BY_NAME
//config:	def_bool MODPROBE || FEATURE_INIT_MODPROBE
//kbuild:obj-$(CONFIG_MODULES) += libbb/module.o
#include <sys/utsname.h>

#include "compat.h"
#include "module.h"

const char *module_directory;
const char *module_configuration;
int module_force;

enum { DEPTH = 8 }; /* of aliases and soft dependencies */

int module_insert(const char *path, const char *parameters)
{
	int fd = memory_check();
	if (fd == 0)
		fd = sys_open(path, O_RDONLY);
	if (fd < 0)
		return fd;
	size_t size = length(path);
	bool plain = size > 3 && equal(path + size - 3, ".ko");
	int r = sys_finit_module(fd, parameters,
				 (plain ? 0 : MODULE_INIT_COMPRESSED_FILE) |
					 (ENABLE_FEATURE_MODPROBE_MORE ? module_force : 0));
	sys_close(fd);
	return r;
}

const char *module_release(void)
{
	static struct utsname system;

	sys_uname(&system);
	return joined(system.release, "/", "");
}

static const char *texts[4]; /* of the modules' directory, once they were read */

/* Reads a file of the modules' directory once; "" where it is missing. */
static const char *text_of(unsigned n)
{
	static const char names[] = "modules.dep\0"
				    "modules.alias\0"
				    "modules.softdep\0"
				    "modules.builtin\0";

	if (!module_directory)
		module_directory = joined("/lib/modules/", module_release(), "");
	if (!texts[n]) {
		texts[n] = read_whole(joined(module_directory, nth_string(names, n), ""));
		if (!texts[n])
			texts[n] = "";
	}
	return texts[n];
}
enum { DEPENDENCIES, ALIASES, SOFT_DEPENDENCIES, BUILT_IN };

static const char *next_line_of(const char *text)
{
	text = find_byte(text, '\n');
	return text + !!*text;
}

/* '-' and '_' are the same in names. */
static char plain(char c)
{
	return c == '-' ? '_' : c;
}

/* fnmatch(3): * ? [a-z]; the pattern ends at a blank. */
static bool matches(const char *pattern, const char *text)
{
	for (; *pattern && *pattern != ' '; pattern++, text++) {
		if (*pattern == '*') {
			do
				if (matches(pattern + 1, text))
					return true;
			while (*text++);
			return false;
		}
		if (*pattern == '[') {
			bool found = false;
			while (*++pattern && *pattern != ']') {
				char from = *pattern, to = from;
				if (pattern[1] == '-' && pattern[2] && pattern[2] != ']')
					to = *(pattern += 2);
				found |= *text >= from && *text <= to;
			}
			if (!found || !*pattern)
				return false;
		} else if (!*text || (*pattern != '?' && plain(*pattern) != plain(*text))) {
			return false;
		}
	}
	return !*text;
}

/* Copies what stands before the end of the line, or before a blank. */
static char *copy(const char *from, bool whole_line)
{
	size_t size = 0;

	while (from[size] && from[size] != '\n' && (whole_line || from[size] != ' '))
		size++;
	return copied(from, size);
}

/* Is it that name, up to whatever ends a name? Returns what stands behind it. */
static const char *behind_name(const char *text, const char *name)
{
	while (*name && plain(*text) == plain(*name))
		text++, name++;
	return *name ? NULL : text;
}

/* The file's name at path, up to ".ko", is that name. */
static bool is_named(const char *path, const char *name)
{
	const char *base = path;

	for (; *path && *path != ':' && *path != ' ' && *path != '\n'; path++)
		if (*path == '/')
			base = path + 1;
	const char *rest = behind_name(base, name);
	return rest && after_prefix(rest, ".ko");
}

/* A module's name, as the kernel has it. */
static char *name_of(const char *path)
{
	const char *base = path;
	unsigned size = 0;

	for (; *path && *path != ':'; path++)
		if (*path == '/')
			base = path + 1;
	while (base[size] && base[size] != '.' && base[size] != ':')
		size++;
	char *name = copied(base, size);
	for (unsigned i = 0; name[i]; i++)
		name[i] = plain(name[i]);
	return name;
}

/* The same word for the module, whose kernel wants a value with blanks in quotes. */
static const char *quoted(char *parameter)
{
	char *value = find_byte(parameter, '=');

	if (!*find_byte(value, ' '))
		return parameter;
	return joined(copied(parameter, value + 1 - parameter), "\"", joined(value + 1, "\"", ""));
}

/* All of modprobe.d, line by line, with single lines for those that go on, and blanks for
 * tabs; what the kernel command line says is there as more of its lines. */
static char *config, *config_end;

/* Text that was put together behind it becomes its end; what lies between is given back. */
static void add_to_config(const char *text)
{
	if (memory_check() < 0)
		return; /* it may not be there to be added to */
	config_end = append(config_end, text);
	if (config_end > config && config_end[-1] != '\n')
		config_end = append(config_end, "\n");
	read_forget(config_end + 1);
}

static void read_config(const char *path)
{
	char *text = read_whole(path);

	for (char *p = text; p && *p; p++)
		if (*p == '\t')
			*p = ' ';
		else if (p[0] == '\\' && p[1] == '\n') /* the line goes on */
			p[0] = p[1] = ' ';
	if (text)
		add_to_config(text);
}

/* Where modprobe.d may lie; a file counts where it is found first. */
/* clang-format off */
static const char places[] = "/etc/modprobe.d\0" IF_FEATURE_MODPROBE_MORE(
	"/run/modprobe.d\0" "/usr/lib/modprobe.d\0" "/lib/modprobe.d\0");
/* clang-format on */

static bool is_overridden(const char *place, const char *name)
{
	for (const char *before = places; before < place; before = nth_string(before, 1))
		if (sys_access(joined(before, "/", name), F_OK) == 0)
			return true;
	return false;
}

/* False where it is no directory. */
static bool read_directory(const char *path, bool is_place)
{
	struct directory directory;
	const struct directory_entry *entry;

	directory_start(&directory, sys_open(path, O_RDONLY | O_DIRECTORY));
	if (directory.fd < 0)
		return false;
	while ((entry = directory_next(&directory)))
		if (ends_with(entry->name, ".conf") &&
		    !(ENABLE_FEATURE_MODPROBE_MORE && is_place && is_overridden(path, entry->name)))
			read_config(joined(path, "/", entry->name));
	sys_close(directory.fd);
	return true;
}

/* Reads it once, and what the kernel command line has as NAME.PARAMETER, which counts more. */
static void read_all_config(void)
{
	char *text, *word, *p;

	if (config)
		return;
	config = config_end = copied("", 0);
	if (ENABLE_FEATURE_MODPROBE_MORE && module_configuration) {
		if (!read_directory(module_configuration, false))
			read_config(module_configuration);
	} else {
		for (const char *place = places; *place; place = nth_string(place, 1))
			read_directory(place, true);
	}
	text = read_whole("/proc/cmdline");
	const char *lines = "";
	while (text && (word = next_parameter(&text))) {
		for (p = word; *p && *p != '.' && *p != '='; p++)
			;
		if (*p != '.')
			continue;
		char *list = after_prefix(word, "modprobe.blacklist=");
		while (list && *list) {
			char *name = list;
			list = find_byte(list, ',');
			lines = joined(lines, joined("blacklist ", copied(name, list - name), ""), "\n");
			list += *list == ',';
		}
		*p = 0;
		lines = joined(lines, joined("options ", word, " "), joined(quoted(p + 1), "\n", ""));
	}
	add_to_config(lines);
}

/* The next line of config from *line on that starts with the two words, or only with the first
 * where name is NULL; moves *line to the one behind. Returns what follows, or NULL. */
static const char *next_config(const char **line, const char *keyword, const char *name)
{
	while (**line) {
		const char *p = *line;
		*line = next_line_of(p);
		p = after_prefix(behind_blanks(p), keyword);
		if (!p || *p != ' ')
			continue;
		p = behind_blanks(p);
		if (name && (!(p = behind_name(p, name)) || (*p != ' ' && *p != '\n')))
			continue;
		return behind_blanks(p);
	}
	return NULL;
}

/* Is it one that no alias is to load? */
static bool is_blacklisted(const char *name)
{
	const char *line = config;

	return next_config(&line, "blacklist", name);
}

/* The parameters of the module, and the given ones, which count more. */
static const char *parameters_of(const char *name, const char *given)
{
	const char *found = "", *line = config, *more;

	while ((more = next_config(&line, "options", name)))
		found = joined(found, *found ? " " : "", copy(more, true));
	return *found && *given ? joined(found, " ", given) : *found ? found : given;
}

const char *module_parameters(const char *path)
{
	read_all_config();
	return parameters_of(name_of(path), "");
}

static int load(const struct module_request *request, unsigned depth);

/* What modules.softdep has for it: "softdep NAME pre: a b post: c". */
static void load_soft(const struct module_request *request, const char *name, const char *when,
		      unsigned depth)
{
	for (const char *line = text_of(SOFT_DEPENDENCIES); *line; line = next_line_of(line)) {
		const char *rest = after_prefix(line, "softdep ");
		if (!rest || !(rest = behind_name(rest, name)) || *rest != ' ')
			continue;
		char *words = copy(rest, true), *word;
		bool now = false;
		while ((word = next_word(&words))) {
			if (word[length(word) - 1] == ':')
				now = equal(word, when);
			else if (now)
				load(&(struct module_request){ .name = word,
							       .parameters = "",
							       .show = request->show },
				     depth + 1);
		}
	}
}

/* The command that modprobe.d has for the module, of these: "install" or "remove"; or NULL. */
static const char *command_for(const char *what, const char *name)
{
	const char *line = config, *command = next_config(&line, what, name);

	return command ? copy(command, true) : NULL;
}

extern char **environ;

/* Runs such a command, as modprobe.d(5) has it. */
static int run_command(const struct module_request *request, const char *what, const char *command,
		       const char *parameters)
{
	int status = 0;

	if (request->show) {
		request->show(what, command, parameters);
		return 0;
	}
	/* $CMDLINE_OPTS stands for what was given on the command line; $0 is not looked into. */
	const char *words[] = { "/bin/sh",
				"-c",
				joined("CMDLINE_OPTS=$0; export MODPROBE_MODULE=$1; ", command, ""),
				parameters,
				name_of(request->name),
				NULL };
	int child = sys_fork();
	if (child == 0) {
		sys_execve(words[0], (char **)words, environ);
		sys_exit(127);
	}
	int r = child < 0 ? child : sys_wait(child, &status);
	return r < 0 ? r : status ? failed(-ECHILD, command, "command of modprobe.d") : 0;
}

/* is_asked_for: the module itself, and not what it depends on */
static int load_file(const struct module_request *request, const char *path, const char *parameters,
		     unsigned depth, bool is_asked_for)
{
	const char *name = name_of(path);
	bool without = ENABLE_FEATURE_MODPROBE_MORE && request->ignore_commands && is_asked_for;
	int r = 0;

	if (*path != '/')
		path = joined(module_directory, path, "");
	const char *command = ENABLE_FEATURE_MODPROBE_MORE && !without ? command_for("install", name) : NULL;
	if (command)
		return run_command(request, "install", command, parameters);
	if (!without)
		load_soft(request, name, "pre:", depth);
	parameters = parameters_of(name, parameters);
	if (request->show)
		request->show("insmod", path, parameters);
	else
		r = module_insert(path, parameters);
	if (r < 0 && (r != -EEXIST || (ENABLE_FEATURE_MODPROBE_MORE && is_asked_for && request->first_time)))
		return failed(r, path, "load");
	if (!without)
		load_soft(request, name, "post:", depth);
	return 0;
}

static int unload(const struct module_request *request, char *words)
{
	char *path = next_word(&words);
	const char *command = NULL;
	if (ENABLE_FEATURE_MODPROBE_MORE && !request->ignore_commands)
		command = command_for("remove", name_of(path));
	if (command)
		return run_command(request, "remove", command, "");
	if (request->show)
		return 0;
	int r = sys_delete_module(name_of(path), O_NONBLOCK);
	if (r == -ENOENT && !(ENABLE_FEATURE_MODPROBE_MORE && request->first_time))
		return 0;

	/* What it depended on goes too, unless something else needs it. */
	while (r == 0 && (path = next_word(&words)))
		sys_delete_module(name_of(path), O_NONBLOCK);
	return r < 0 ? failed(r, request->name, "remove") : 0;
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
	if (request->remove)
		return unload(request, words);
	if (was_here(line))
		return 0;
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
static int load_target(const struct module_request *request, const char *name, unsigned depth)
{
	struct module_request target = *request;

	target.name = name;
	if (is_blacklisted(name))
		return ENABLE_FEATURE_MODPROBE_MORE ? 0 : -ENOENT;
	return load(&target, depth + 1);
}

/* Looks among the aliases of modprobe.d, which hide those of the modules; -EAGAIN: there is
 * none. */
static int load_own_aliases(const struct module_request *request, unsigned depth)
{
	const char *line = config, *pattern, *name;
	int r = -EAGAIN;

	while ((pattern = next_config(&line, "alias", NULL))) {
		if (!matches(pattern, request->name))
			continue;
		for (name = pattern; *name && *name != ' ' && *name != '\n'; name++)
			;
		name = copy(behind_blanks(name), false);
		if (equal(name_of(name), name_of(request->name)))
			continue;
		int one = load_target(request, name, depth);
		if (one == -ENOENT) /* "off", say */
			one = 0;
		if (r != 0)
			r = one;
	}
	return r;
}

static int load(const struct module_request *request, unsigned depth)
{
	const char *name = request->name;
	int r = -ENOENT;

	if (depth > DEPTH)
		return failed(-ELOOP, name, "aliases");
	if (ENABLE_MODPROBE && request->use_blacklist && is_blacklisted(name))
		return 0;
	if (ENABLE_FEATURE_MODPROBE_MORE && (r = load_own_aliases(request, depth)) != -EAGAIN)
		return r;
	for (const char *line = text_of(DEPENDENCIES); *line; line = next_line_of(line)) {
		if (!is_named(line, name))
			continue;
		if (!ENABLE_FEATURE_MODPROBE_MORE || !request->resolve)
			return load_line(request, line, depth);
		request->show("", name_of(copy(line, false)), "");
		return 0;
	}
	r = -ENOENT;
	for (const char *line = text_of(ALIASES); *line; line = next_line_of(line)) {
		const char *pattern = after_prefix(line, "alias ");
		if (!pattern || !matches(pattern, name))
			continue;
		int one = load_target(request, copy(behind_blanks(find_byte(pattern, ' ')), false), depth);
		if (r != 0)
			r = one;
	}
	/* A name that is only a command. */
	const char *what = request->remove ? "remove" : "install", *command = NULL;
	if (ENABLE_FEATURE_MODPROBE_MORE && r == -ENOENT && !request->ignore_commands && !request->resolve)
		command = command_for(what, name);
	if (command)
		return run_command(request, what, command, request->parameters);
	for (const char *line = text_of(BUILT_IN); *line && r == -ENOENT; line = next_line_of(line))
		if (is_named(line, name)) {
			if (ENABLE_FEATURE_MODPROBE_MORE && request->show)
				request->show("builtin", name_of(name), "");
			return ENABLE_FEATURE_MODPROBE_MORE && request->first_time
				       ? failed(-EEXIST, name, "built in")
				       : 0;
		}
	return r == -ENOENT ? failed(r, name, "no such module") : r;
}

int module_request(const struct module_request *request)
{
	/* The texts stay; what else is read is given back. */
	for (unsigned i = DEPENDENCIES; i <= BUILT_IN; i++)
		text_of(i);
	read_all_config();
	line_count = 0;
	char *mark = read_mark();
	int r = load(request, 0);
	/* `why` may be about what lies there. */
	if (r == 0)
		read_forget(mark);
	return r;
}
