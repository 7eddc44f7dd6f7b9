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

enum { DEPTH = 8 }; /* of aliases and soft dependencies */

int module_insert(const char *path, const char *parameters)
{
	int fd = sys_open(path, O_RDONLY);
	if (fd < 0)
		return fd;
	size_t size = length(path);
	bool plain = size > 3 && equal(path + size - 3, ".ko");
	int r = sys_finit_module(fd, parameters, plain ? 0 : MODULE_INIT_COMPRESSED_FILE);
	sys_close(fd);
	return r;
}

const char *module_release(void)
{
	static struct utsname system;

	sys_uname(&system);
	return joined(system.release, "/", "");
}

/* Reads a file of the modules' directory once; "" where it is missing. */
static const char *text_of(unsigned n)
{
	static const char names[] = "modules.dep\0"
				    "modules.alias\0"
				    "modules.softdep\0"
				    "modules.builtin\0";
	static const char *texts[4];

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
	while (*text && *text != '\n')
		text++;
	return *text ? text + 1 : text;
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
	for (unsigned i = 0; i < size; i++)
		name[i] = plain(name[i]);
	return name;
}

/* Appends a line "NAME PARAMETERS". */
static const char *add_options(const char *all, const char *name, const char *parameters)
{
	while (*parameters == ' ' || *parameters == '\t')
		parameters++;
	return joined(all, joined(name, " ", parameters), "\n");
}

/* The same word for the module, whose kernel wants a value with blanks in quotes. */
static const char *quoted(char *parameter)
{
	char *value = parameter;

	while (*value && *value != '=')
		value++;
	for (const char *p = value; *p; p++)
		if (*p == ' ')
			return joined(copied(parameter, value + 1 - parameter), "\"",
				      joined(value + 1, "\"", ""));
	return parameter;
}

/* Names that no alias is to load. */
static const char *blacklist = "";

/* Lines of what modprobe.d says, and then the kernel command line by NAME.PARAMETER. */
static const char *read_options(void)
{
	struct directory directory;
	const struct directory_entry *entry;
	const char *all = "";
	char *text, *line, *word;

	directory_start(&directory, sys_open("/etc/modprobe.d", O_RDONLY | O_DIRECTORY));
	while (directory.fd >= 0 && (entry = directory_next(&directory))) {
		if (!ends_with(entry->name, ".conf") ||
		    !(text = read_whole(joined("/etc/modprobe.d/", entry->name, ""))))
			continue;
		for (char *p = text; *p; p++)
			if (p[0] == '\\' && p[1] == '\n') /* the line goes on */
				p[0] = p[1] = ' ';
		while ((line = next_line(&text)))
			if ((word = next_word(&line)) && equal(word, "options") && (word = next_word(&line)))
				all = add_options(all, word, line);
			else if (word && equal(word, "blacklist") && (word = next_word(&line)))
				blacklist = joined(blacklist, ",", name_of(word));
	}
	if (directory.fd >= 0)
		sys_close(directory.fd);
	text = read_whole("/proc/cmdline");
	while (text && (word = next_parameter(&text))) {
		char *p = word;
		while (*p && *p != '.' && *p != '=')
			p++;
		if (*p != '.')
			continue;
		char *list = after_prefix(word, "modprobe.blacklist=");
		if (list)
			blacklist = joined(blacklist, ",", list);
		*p = 0;
		all = add_options(all, word, quoted(p + 1));
	}
	return all;
}

/* The parameters of the module, and the given ones, which count more. */
static const char *parameters_of(const char *name, const char *given)
{
	static const char *all;
	const char *found = "";

	if (!all)
		all = read_options();
	for (const char *line = all; *line; line = next_line_of(line)) {
		const char *rest = behind_name(line, name);
		if (rest && *rest == ' ')
			found = joined(found, *found ? " " : "", copy(rest + 1, true));
	}
	return *found && *given ? joined(found, " ", given) : *found ? found : given;
}

const char *module_parameters(const char *path)
{
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

static int load_file(const struct module_request *request, const char *path, const char *parameters,
		     unsigned depth)
{
	const char *name = name_of(path);
	int r = 0;

	if (*path != '/')
		path = joined(module_directory, path, "");
	load_soft(request, name, "pre:", depth);
	parameters = parameters_of(name, parameters);
	if (request->show)
		request->show(path, parameters);
	else
		r = module_insert(path, parameters);
	if (r < 0 && r != -EEXIST)
		return failed(r, path, "load");
	load_soft(request, name, "post:", depth);
	return 0;
}

static int unload(const struct module_request *request, char *words)
{
	if (request->show)
		return 0;
	int r = sys_delete_module(name_of(next_word(&words)), O_NONBLOCK);
	char *path;

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
			r = load_file(request, end, "", depth);
		if (end > words)
			*--end = 0;
	}
	return r < 0 ? r : load_file(request, path, request->parameters, depth);
}

static int load(const struct module_request *request, unsigned depth)
{
	int r = -ENOENT;

	if (depth > DEPTH)
		return failed(-ELOOP, request->name, "aliases");
	for (const char *line = text_of(DEPENDENCIES); *line; line = next_line_of(line))
		if (is_named(line, request->name))
			return load_line(request, line, depth);
	for (const char *line = text_of(ALIASES); *line; line = next_line_of(line)) {
		const char *pattern = after_prefix(line, "alias "), *name = pattern;
		if (!pattern || !matches(pattern, request->name))
			continue;
		while (*name && *name++ != ' ')
			;
		struct module_request target = *request;
		target.name = copy(name, false);
		if (has_word(blacklist, target.name))
			continue;
		int one = load(&target, depth + 1);
		if (r != 0)
			r = one;
	}
	for (const char *line = text_of(BUILT_IN); *line && r == -ENOENT; line = next_line_of(line))
		if (is_named(line, request->name))
			return 0;
	return r == -ENOENT ? failed(r, request->name, "no such module") : r;
}

int module_request(const struct module_request *request)
{
	/* The texts stay; what else is read is given back. */
	for (unsigned i = DEPENDENCIES; i <= BUILT_IN; i++)
		text_of(i);
	parameters_of("", "");
	line_count = 0;
	char *mark = read_mark();
	int r = load(request, 0);
	/* `why` may be about what lies there. */
	if (r == 0)
		read_forget(mark);
	return r;
}
