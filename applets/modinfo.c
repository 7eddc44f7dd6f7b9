/* SPDX-License-Identifier: MIT */
/* modinfo: what a module says of itself, as modinfo(8): the strings KEY=VALUE in its section .modinfo, or
 * those of modules.builtin.modinfo. Source: elf(5). */
//config:config MODINFO
//config:	bool "modinfo"
//config:	default y
//config:	depends on FEATURE_MODPROBE_MORE
//config:	help
//config:	  Show what modules say of themselves: file, aliases, dependencies, parameters.
//kbuild:obj-$(CONFIG_MODINFO) += applets/modinfo.o
//applet:sbin/modinfo MODINFO modinfo_main
//usage:modinfo [-adlmnp0] [-F FIELD] [-k VERSION] [-b DIR] MODULE|FILE...
//usage:modinfo   -F, --field FIELD      only the values of this field: alias, depends, vermagic, parm ...
//usage:modinfo   -n, --filename         the same as -F filename; -p, --parameters as -F parm
//usage:modinfo   -a, --author           the same as -F author; -d, --description; -l, --license
//usage:modinfo   -0, --null             end each with a NUL instead of a newline
//usage:modinfo   -m, --modname          MODULE is a name, and neither a file nor an alias
//usage:modinfo   -k, --set-version V    modules of the kernel version V
//usage:modinfo   -b, --basedir DIR      where lib/modules lies
#include <elf.h>

#include "module.h"

static const char *field; /* the only one to show, or NULL */
static char separator = '\n';
static int code;

/* What a module says, each with a NUL, up to end. */
static char *info, *info_end;
enum { INFO_MAX = 16 * 1024 * 1024 };


/* --- where it says so ------------------------------------------------------------------ */

static struct {
	const char *path;
	int fd;
	bool is_64, is_big;
} file;

static int bad(const char *finding)
{
	return found(-ENOEXEC, file.path, finding);
}

static int read_at(void *to, size_t size, uint64_t offset)
{
	int n = sys_pread(file.fd, to, size, offset);

	return n < 0 ? failed(n, file.path, "read") : (size_t)n < size ? bad("truncated") : 0;
}

/* A number in the file's own order of bytes. */
static uint64_t number(const unsigned char *bytes, unsigned count)
{
	return file.is_big ? big_endian(bytes, count) : little_endian(bytes, count);
}

/* Where a section lies. */
static uint64_t section_offset(const unsigned char *header)
{
	return file.is_64 ? number(header + 24, 8) : number(header + 16, 4);
}

static uint64_t section_size(const unsigned char *header)
{
	return file.is_64 ? number(header + 32, 8) : number(header + 20, 4);
}

static int read_section(const unsigned char *header)
{
	uint64_t size = section_size(header);

	info = size > INFO_MAX ? NULL : memory_take(size + 1);
	if (!info)
		return bad(".modinfo section is too large");
	int r = read_at(info, size, section_offset(header));
	info_end = info + (r < 0 ? 0 : size);
	*info_end = 0;
	return r;
}

/* Finds the section .modinfo, and reads it. */
static int read_sections(void)
{
	static const char wanted[] = ".modinfo";
	unsigned char start[sizeof(Elf64_Ehdr)], header[sizeof(Elf64_Shdr)];
	char name[sizeof wanted];

	int r = read_at(start, sizeof(Elf32_Ehdr), 0);
	if (r < 0)
		return r;
	if (number(start, 4) != number((const unsigned char *)ELFMAG, 4))
		return bad(ends_with(file.path, ".ko") ? "not a module (an ELF file)"
						       : "compressed: only -n (the file name) works");
	file.is_64 = start[EI_CLASS] == ELFCLASS64;
	file.is_big = start[EI_DATA] == ELFDATA2MSB;
	if (file.is_64)
		r = read_at(start, sizeof(Elf64_Ehdr), 0);
	if (r < 0)
		return r;
	uint64_t table = file.is_64 ? number(start + 40, 8) : number(start + 32, 4);
	const unsigned char *counts = start + (file.is_64 ? 58 : 46); /* size, number, which has the names */
	unsigned size = number(counts, 2), count = number(counts + 2, 2);
	unsigned header_size = file.is_64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	r = read_at(header, header_size, table + number(counts + 4, 2) * size);
	uint64_t names = section_offset(header);
	for (unsigned i = 1; i < count && r == 0; i++) {
		r = read_at(header, header_size, table + i * size);
		if (r == 0)
			r = read_at(name, sizeof name, names + number(header, 4));
		name[sizeof name - 1] = 0;
		if (r == 0 && equal(name, wanted))
			return read_section(header);
	}
	return r < 0 ? r : bad("has no .modinfo section");
}

static int read_file_info(const char *path)
{
	file.is_big = false;
	file.path = path;
	file.fd = open_to_read(path);
	if (file.fd < 0)
		return file.fd;
	int r = read_sections();
	sys_close(file.fd);
	return r;
}

/* What the kernel's own modules say: "NAME.KEY=VALUE". A kernel before 5.2 has no such file. */
static int read_built_in_info(const char *module)
{
	const char *text = read_whole(joined(module_directory, "modules.builtin.modinfo", ""));

	info = info_end = read_mark();
	if (!text)
		return why.error == -ENOENT ? 0 : why.error;
	for (const char *end = info - 1; text < end; text = nth_string(text, 1)) {
		const char *rest = module_behind_name(text, module);
		if (rest && *rest == '.')
			copy_of(rest + 1); /* one behind the other */
	}
	info_end = read_mark();
	return memory_check();
}


/* --- how it is shown --------------------------------------------------------------------- */

/* "KEY=NAME:TEXT" of a parameter: the name's place, or NULL for any other key. */
static const char *parameter_of(const char *string)
{
	const char *name = after_prefix(string, "parm=");

	return name ? name : after_prefix(string, "parmtype=");
}

/* A value, behind its key where more than one field is shown. */
static void print_value(const char *key, const char *value)
{
	if (field && !equal(field, key))
		return;
	if (!field) {
		say("%s:", key);
		for (size_t n = length(key); n < 15; n++)
			say_char(' ');
	}
	say("%s", value);
	say_char(separator);
}

/* A string of the module's own, which -0 leaves as it is. */
static void show_string(const char *string)
{
	const char *value = find_byte(string, '=');

	if (!*value || (parameter_of(string) && !(field && equal(field, "parmtype"))))
		return;
	if (field || separator) {
		print_value(copied(string, value - string), value + 1);
	} else {
		say("%s", string);
		say_char(separator);
	}
}

/* The text that the string has for that parameter, where it is of that key; or NULL. */
static const char *text_in(const char *string, const char *key, const char *name)
{
	const char *value = after_prefix(string, key), *text = value ? after_prefix(value, name) : NULL;

	return text && *text == ':' ? text + 1 : NULL;
}

/* The first such text of all strings, or NULL. */
static const char *text_of(const char *key, const char *name)
{
	const char *text = NULL;

	for (const char *at = info; at < info_end && !text; at = nth_string(at, 1))
		text = text_in(at, key, name);
	return text;
}

/* A parameter has a description, perhaps with a type; or a type alone, which modinfo(8) shows in
 * another way with -F. */
static void show_parameter(const char *name)
{
	const char *text = text_of("parm=", name), *type = text_of("parmtype=", name);

	if (!text)
		text = field ? joined(" (", type, ")") : type;
	else if (type)
		text = joined(text, " (", joined(type, ")", ""));
	print_value("parm", joined(name, ":", text));
}

/* The last parameter before end, or NULL. */
static const char *parameter_before(const char *end)
{
	const char *last = NULL;

	for (const char *at = info; at < end; at = nth_string(at, 1))
		if (parameter_of(at))
			last = at;
	return last;
}

/* Each once, in modinfo(8)'s order: the one that is named last comes first. */
static void show_parameters(void)
{
	for (const char *at = info_end; (at = parameter_before(at));) {
		const char *value = parameter_of(at), *name = copied(value, find_byte(value, ':') - value);
		bool is_named_before = false;
		for (const char *before = info; before < at; before = nth_string(before, 1))
			is_named_before |=
				text_in(before, "parm=", name) || text_in(before, "parmtype=", name);
		if (!is_named_before && value[length(name)])
			show_parameter(name);
	}
}

static void show_info(void)
{
	for (const char *at = info; at < info_end; at = nth_string(at, 1))
		show_string(at);
	if (!field || equal(field, "parm"))
		show_parameters();
}

/* path: "" for what the kernel has built in. */
static void show_module(const char *what UNUSED, const char *name, const char *path)
{
	if (!*path)
		print_value("name", name);
	print_value("filename", *path ? path : "(builtin)");
	if (field && equal(field, "filename"))
		return;
	if ((*path ? read_file_info(path) : read_built_in_info(name)) < 0)
		code = complain_why();
	else
		show_info();
}


/* --- the command line ---------------------------------------------------------------------- */

/* Where a file is, from the root; NULL with a `why`. */
static const char *absolute(const char *path)
{
	static char directory[PATH_SIZE];

	if (*path == '/')
		return path;
	int size = sys_readlink("/proc/self/cwd", directory, sizeof directory - 1);
	if (size < 0) {
		failed(size, path, "the folder it is in");
		return NULL;
	}
	directory[size] = 0;
	path = joined(directory, "/", path);
	return memory_check() < 0 ? NULL : path;
}

/* As modinfo(8) tells them from names. */
static bool is_file(const char *operand)
{
	struct stat status;
	bool is_module = false;

	for (const char *suffix = ".ko\0.ko.gz\0.ko.xz\0.ko.zst\0"; *suffix; suffix = nth_string(suffix, 1))
		is_module |= ends_with(operand, suffix);
	int r = is_module ? sys_stat(AT_FDCWD, operand, &status) : -ENOENT;
	return r == 0 ? S_ISREG(status.st_mode) : r != -ENOENT && r != -ENOTDIR; /* to open it tells why */
}

static void look_up(const char *operand)
{
	bool is_name = option_arg('m');

	if (!is_name && is_file(operand)) {
		const char *path = absolute(operand);
		if (path)
			show_module("", "", path);
		else
			code = complain_why();
		return;
	}
	if (module_request(&(struct module_request){ .name = operand,
						     .parameters = "",
						     .show = show_module,
						     .only_show = true,
						     .resolve = true,
						     .ignore_commands = true,
						     .only_names = is_name }) < 0)
		code = complain_why();
}

static int take_option(char letter, const char *arg)
{
	/* clang-format off */
	static const char fields[] = "author\0" "description\0" "license\0" "parm\0" "filename\0";
	/* clang-format on */
	const char *letters = "adlpn", *known = find_byte(letters, letter);

	if (letter == '?')
		return option_unknown(arg);
	if (*known)
		field = nth_string(fields, known - letters);
	if (letter == 'F')
		field = arg;
	if (letter == '0')
		separator = 0;
	return 0;
}

int modinfo_main(char **argv)
{
	int r = options_parse(argv, "adlpn0mF:k:b:",
			      LONG_OPTIONS("author=a"
					   "basedir=b"
					   "description=d"
					   "field=F"
					   "filename=n"
					   "license=l"
					   "modname=m"
					   "null=0"
					   "parameters=p"
					   "set-version=k"),
			      take_option);
	if (r)
		return r;
	if (!options.count)
		return USAGE_ERROR;
	if (option_arg('b') || option_arg('k'))
		module_set_directory(option_arg('b'), option_arg('k'));
	module_configuration = ""; /* of modprobe.d nothing counts here */
	for (char **operand = options.operands; *operand; operand++)
		look_up(*operand);
	return code;
}
