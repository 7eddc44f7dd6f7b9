/* SPDX-License-Identifier: MIT */
/* modprobe.d(5) of all its places, and what the kernel command line has to say of modules: one text,
 * line by line, which is searched as it is. */
//kbuild:obj-$(CONFIG_MODULES) += libbb/module_config.o
#include <dirent.h>

#include "module.h"

const char *module_configuration;

/* Single lines for those that go on, and blanks for tabs. Once it is read it stays. */
static char *config, *config_end;
static char *behind_softdep; /* there: what is in files named behind modules.softdep */

/* The end of a line, or of its word. */
static bool ends_word(char c)
{
	return !c || c == ' ' || c == '\n';
}


/* --- names and patterns -------------------------------------------------------------- */

/* '-' and '_' are the same in names. */
static char plain(char c)
{
	return c == '-' ? '_' : c;
}

/* What stands behind a set like [a-z] or [!0-9] if c is in it, or else NULL. */
static const char *behind_set(const char *set, char c)
{
	bool is_inverse = set[1] == '!' || set[1] == '^', is_in = false;

	for (set += 1 + is_inverse; !ends_word(*set) && *set != ']'; set++) {
		char from = *set, to = from;
		if (set[1] == '-' && !ends_word(set[2]) && set[2] != ']')
			to = *(set += 2);
		is_in |= c >= from && c <= to;
	}
	return *set == ']' && is_in != is_inverse ? set + 1 : NULL;
}

/* What stands behind the pattern's first element if that is c, or else NULL. */
static const char *behind_element(const char *pattern, char c)
{
	if (*pattern == '[')
		return behind_set(pattern, c);
	return !ends_word(*pattern) && (*pattern == '?' || plain(*pattern) == plain(c)) ? pattern + 1 : NULL;
}

/* Where it fails it goes back to the last star alone, so that the time is bounded by the product of
 * both lengths. */
bool module_matches(const char *pattern, const char *text)
{
	const char *behind_star = NULL, *tried = text;

	for (;;) {
		if (*pattern == '*') {
			behind_star = ++pattern;
			tried = text;
			continue;
		}
		if (!*text && ends_word(*pattern))
			return true;
		const char *rest = *text ? behind_element(pattern, *text) : NULL;
		if (rest) {
			pattern = rest;
			text++;
			continue;
		}
		if (!behind_star || !*tried)
			return false;
		pattern = behind_star;
		text = ++tried;
	}
}

const char *module_behind_name(const char *text, const char *name)
{
	while (*name && plain(*text) == plain(*name))
		text++, name++;
	return *name ? NULL : text;
}

char *module_name_of(const char *path)
{
	const char *base = base_name(path);
	size_t size = find_byte(base, '.') - base;
	char *name = copied(base, size);

	for (char *p = name; *p; p++)
		*p = plain(*p);
	return name;
}


/* --- files --------------------------------------------------------------------------- */

/* Adds the lines of text up to end, which lies behind config: as kmod(8) reads them, a backslash
 * goes, and at the end of a line takes that with it. */
static void add_lines(const char *text, const char *end)
{
	char *to = config_end;

	for (; text < end; text++) {
		if (!*text || (text[0] == '\r' && text[1] == '\n'))
			continue;
		if (*text == '\\' && text + 1 < end && *++text == '\n')
			continue;
		*to++ = *text == '\t' ? ' ' : *text;
	}
	if (to > config && to[-1] != '\n')
		*to++ = '\n';
	*to = 0;
	config_end = to;
	read_forget(to + 1);
}

/* Before the lines of a file stands FILE_MARK and its path. */
#define FILE_MARK "\1"

/* It lies behind config, where it was put together; or nowhere, for want of memory. */
static void add_text(const char *text)
{
	if (memory_check() < 0)
		return;
	config_end = append(config_end, text);
	read_forget(config_end + 1);
}

static int add_file(const char *path)
{
	if (ENABLE_FEATURE_MODPROBE_MORE)
		add_text(joined(FILE_MARK, path, "\n"));
	const char *text = read_whole(path);
	if (!text)
		return why.error;
	add_lines(text, read_mark() - 1);
	return memory_check();
}

/* Where modprobe.d may lie; a file counts where it is found first. */
/* clang-format off */
static const char usual_places[] = "/etc/modprobe.d\0" IF_FEATURE_MODPROBE_MORE(
	"/run/modprobe.d\0" "/usr/local/lib/modprobe.d\0" "/usr/lib/modprobe.d\0" "/lib/modprobe.d\0");
/* clang-format on */

/* Notes the paths of its files, one behind the other, in the memory of read_whole(). */
static int list_files(const char *place)
{
	struct directory directory;
	const struct directory_entry *entry;
	int fd = sys_open(place, O_RDONLY | O_DIRECTORY);

	if (ENABLE_FEATURE_MODPROBE_MORE && module_configuration && fd == -ENOTDIR) {
		copy_of(place);
		return 0;
	}
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return failed(fd, place, "open");
	directory_start(&directory, fd);
	while ((entry = directory_next(&directory)))
		if (*entry->name != '.' && ends_with(entry->name, ".conf") && entry->type != DT_DIR)
			joined(place, "/", entry->name);
	sys_close(fd);
	return directory.error < 0 ? failed(directory.error, place, "read") : 0;
}

/* The path whose name is the next one behind that name, and of several the first. */
static const char *next_file(const char *paths, const char *end, const char *name)
{
	const char *next = NULL;

	for (; paths < end; paths = nth_string(paths, 1)) {
		const char *other = base_name(paths);
		if (is_before(name, other) && (!next || is_before(other, base_name(next))))
			next = paths;
	}
	return next;
}

/* All files of all places in the order of their names. */
static int add_files(void)
{
	const char *places =
		ENABLE_FEATURE_MODPROBE_MORE && module_configuration ? module_configuration : usual_places;
	const char *paths = read_mark(), *path, *name = "";
	int r = 0;

	for (; *places && r == 0; places = nth_string(places, 1))
		r = list_files(places);
	const char *end = read_mark();
	config = config_end = behind_softdep = copied("", 0);
	if (r == 0)
		r = memory_check();
	while (r == 0 && (path = next_file(paths, end, name))) {
		name = base_name(path);
		r = add_file(path);
		if (is_before(name, "modules.softdep"))
			behind_softdep = config_end;
	}
	return r;
}


/* --- the kernel command line --------------------------------------------------------- */

/* Cuts the next word off the text, with its quotes, between which blanks do not end it. */
static char *next_quoted(char **text)
{
	char *p = *text;
	bool is_quoted = false;

	while (*p && *p <= ' ')
		p++;
	char *start = p;
	for (; *p && (is_quoted || (unsigned char)*p > ' '); p++) {
		is_quoted ^= *p == '"';
		if ((unsigned char)*p < ' ')
			*p = ' ';
	}
	*text = p + !!*p;
	*p = 0;
	return *start ? start : NULL;
}

/* What modprobe.d would have for the word, behind these lines: NAME.PARAMETER=VALUE. GRUB puts the
 * quotes of a value around all of it. */
static const char *line_of(const char *lines, char *word)
{
	bool is_whole = ENABLE_FEATURE_MODPROBE_MORE && *word == '"';
	char *name = word + is_whole, *dot = name;

	while (*dot && *dot != '.' && *dot != '=' && *dot != '"')
		dot++;
	char *parameter = dot + 1;
	if (*dot != '.' || dot == name)
		return lines;
	char *value = find_byte(parameter, '=');
	for (char *p = parameter; ENABLE_FEATURE_MODPROBE_MORE && p < value; p++)
		if (*p == '.' || *p == '"')
			return lines;
	*dot = 0;
	char *list = equal(name, "modprobe") ? after_prefix(parameter, "blacklist=") : NULL;
	while (list && *list) {
		char *listed = list;
		list = find_byte(list, ',');
		lines = joined(lines, joined("blacklist ", copied(listed, list - listed), ""), "\n");
		list += *list == ',';
	}
	if (is_whole && *value)
		parameter = joined(copied(parameter, value + 1 - parameter), "\"", value + 1);
	return joined(lines, joined("options ", name, " "), joined(parameter, "\n", ""));
}

static int add_command_line(void)
{
	char *text = read_whole("/proc/cmdline"), *word;
	const char *lines = "";

	if (!text)
		return why.error == -ENOENT ? 0 : why.error; /* without /proc there is none */
	while ((word = next_quoted(&text)))
		lines = line_of(lines, word);
	add_text(lines);
	return memory_check();
}

int module_config_read(void)
{
	if (config)
		return 0;
	int r = add_files();
	if (r == 0)
		r = add_command_line();
	if (r < 0)
		config = NULL;
	return r;
}


/* --- lines ----------------------------------------------------------------------------- */

/* Is there a second word, which all but `blacklist` need? */
static bool is_complete(const char *keyword, const char *words)
{
	while (!ends_word(*words))
		words++;
	return *keyword == 'b' || !ends_word(*behind_blanks(words));
}

const char *module_config_next(const char **line, const char *keyword)
{
	const char *p = *line ? *line : config;

	while (*p) {
		const char *words = after_prefix(behind_blanks(p), keyword);
		p = find_byte(p, '\n');
		p += !!*p;
		if (!words || *words != ' ')
			continue;
		words = behind_blanks(words);
		if (ENABLE_FEATURE_MODPROBE_MORE && !is_complete(keyword, words))
			continue;
		*line = p;
		return words;
	}
	return NULL;
}

const char *module_config_for(const char *keyword, const char *name, bool by_pattern)
{
	const char *line = NULL, *words;

	while ((words = module_config_next(&line, keyword))) {
		const char *rest = words;
		while (!ends_word(*rest))
			rest++;
		if (by_pattern ? module_matches(words, name) : module_behind_name(words, name) == rest)
			return rest + (*rest == ' '); /* what may begin with blanks */
	}
	return NULL;
}

const char *module_config_file(const char *words)
{
	const char *file = "";

	for (const char *line = config; line < words; line = find_byte(line, '\n') + 1)
		if (after_prefix(line, FILE_MARK))
			file = line + 1;
	return copied(file, find_byte(file, '\n') - file);
}

bool module_config_is_behind_softdep(const char *words)
{
	return words >= behind_softdep;
}
