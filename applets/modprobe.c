/* SPDX-License-Identifier: MIT */
/* modprobe and insmod: as modprobe(8) and insmod(8), for an initramfs; modprobe is
 * also what the kernel calls, as `/sbin/modprobe -q -- ALIAS`. */
//config:config MODPROBE
//config:	bool "modprobe"
//config:	default y
//config:	help
//config:	  Load kernel modules by name or alias, with what they depend on.
//config:
//config:config FEATURE_MODPROBE_MORE
//config:	bool "All of modprobe.d; -C, -f, -R, --first-time"
//config:	default y
//config:	depends on MODPROBE
//config:	help
//config:	  Its aliases and commands, in all its places; without it, options and
//config:	  blacklist of /etc/modprobe.d.
//config:
//config:config INSMOD
//config:	bool "insmod"
//config:	default y
//config:	help
//config:	  Load one file.
//config:
//config:config MODULE_APPLETS
//config:	def_bool MODPROBE || INSMOD
//kbuild:obj-$(CONFIG_MODULE_APPLETS) += applets/modprobe.o
//applet:sbin/modprobe MODPROBE modprobe_main
//applet:sbin/insmod INSMOD insmod_main
//usage:modprobe [-aDnqrv] [-d DIR] [-S VERSION] MODULE [PARAMETER=VALUE...]
//usage:modprobe   -a, --all                  each operand is a module
//usage:modprobe   -r, --remove               unload each operand, and what it depended on
//usage:modprobe   -D, --show-depends         only print what would be loaded, in order
//usage:modprobe   -n, --dry-run, --show      do nothing
//usage:modprobe   -v, --verbose              print what is done
//usage:modprobe   -q, --quiet                no message where there is no such module
//usage:modprobe   -d, --dirname DIR          where lib/modules lies
//usage:modprobe   -S, --set-version VERSION  modules of another kernel
//usage:modprobe?FEATURE_MODPROBE_MORE   -b, --use-blacklist        the blacklist of modprobe.d counts for names, too
//usage:modprobe?FEATURE_MODPROBE_MORE   -C, --config PATH          read PATH instead of modprobe.d
//usage:modprobe?FEATURE_MODPROBE_MORE   -i, --ignore-install       no commands of modprobe.d for MODULE; also --ignore-remove
//usage:modprobe?FEATURE_MODPROBE_MORE   -f, --force                even of another kernel version
//usage:modprobe?FEATURE_MODPROBE_MORE       --force-modversion, --force-vermagic   only one of these checks
//usage:modprobe?FEATURE_MODPROBE_MORE       --first-time           fail where there is nothing to do
//usage:modprobe?FEATURE_MODPROBE_MORE   -R, --resolve-alias        only print the modules that an alias means
//usage:modprobe   -s, --syslog               accepted and ignored, for compatibility
//usage:insmod FILE [PARAMETER=VALUE...]
#include "compat.h"
#include "module.h"

enum { FIRST_TIME = 1, FORCE_MODVERSION, FORCE_VERMAGIC }; /* without a letter */

/* The same word for the module, whose kernel wants a value with blanks in quotes. */
static const char *quoted(const char *word)
{
	const char *value = find_byte(word, '=');

	value += !!*value;
	if (!ENABLE_FEATURE_MODPROBE_MORE || *value == '"' || *value == '\'' || !*find_byte(value, ' '))
		return word;
	return joined(copied(word, value - word), "\"", joined(value, "\"", ""));
}

/* The parameters, one behind the other. A word of insmod(8) may hold several. */
static const char *parameters_from(char **words, bool by_insmod)
{
	const char *parameters = "";

	for (; *words; words++)
		parameters = joined(parameters, *parameters ? " " : "", by_insmod ? *words : quoted(*words));
	return parameters;
}

static void print_step(const char *what, const char *path, const char *parameters)
{
	if (option_arg('R'))
		say("%s\n", path);
	else if (option_arg('D') || (option_arg('v') && !option_arg('q') && !equal(what, "builtin")))
		say("%s %s%s%s\n", what, path, *parameters ? " " : "", parameters);
}

static int carry_out(struct module_request *request)
{
	int r = module_request(request);

	if (r == 0)
		return 0;
	/* A finding: no module has that name. */
	return option_arg('q') && r == -ENOENT && why.is_finding ? 1 : complain_why();
}

/* Notes each PATH of -C. */
static int take_option(char letter, const char *arg)
{
	static char list[PATH_SIZE], *end = list;

	if (letter == '?')
		return option_unknown(arg);
	if (letter != 'C')
		return 0;
	if (length(arg) + 2 > (size_t)(list + sizeof list - end)) {
		complain("-C: too many paths");
		return USAGE_ERROR;
	}
	end = append(end, arg) + 1;
	module_configuration = list;
	return 0;
}

int modprobe_main(char **argv)
{
	struct module_request request = { 0 };
	int code = 0;

	int r = options_parse(argv, "abd:DinqrsS:v" IF_FEATURE_MODPROBE_MORE("C:fR\1\2\3"),
			      LONG_OPTIONS("all=a"
					   "dirname=d"
					   "dry-run=n"
					   "ignore-install=i"
					   "ignore-remove=i"
					   "quiet=q"
					   "remove=r"
					   "set-version=S"
					   "show=n"
					   "show-depends=D"
					   "syslog=s"
					   "use-blacklist=b"
					   "verbose=v" IF_FEATURE_MODPROBE_MORE("config=C"
										"first-time=\1"
										"force=f"
										"force-modversion=\2"
										"force-vermagic=\3"
										"resolve-alias=R"
										"show-alias=R")),
			      ENABLE_FEATURE_MODPROBE_MORE ? take_option : NULL);
	if (r)
		return r;
	char **operand = options.operands;
	if (!*operand)
		return USAGE_ERROR;
	if (option_arg('d') || option_arg('S'))
		module_set_directory(option_arg('d'), option_arg('S'));
	request.show = print_step;
	request.only_show = option_arg('n') || option_arg('D') || option_arg('R');
	request.use_blacklist = option_arg('b') && !option_arg('R');
	if (ENABLE_FEATURE_MODPROBE_MORE) {
		request.resolve = option_arg('R');
		request.ignore_commands = option_arg('i');
		request.first_time = option_arg(FIRST_TIME);
		if (option_arg('f') || option_arg(FORCE_MODVERSION))
			module_force |= MODULE_INIT_IGNORE_MODVERSIONS;
		if (option_arg('f') || option_arg(FORCE_VERMAGIC))
			module_force |= MODULE_INIT_IGNORE_VERMAGIC;
	}
	request.remove = option_arg('r');
	request.show_all = option_arg('D');
	request.parameters = "";
	if (!option_arg('a') && !request.remove) {
		request.name = *operand;
		request.parameters = parameters_from(operand + 1, false);
		return carry_out(&request);
	}
	for (; *operand; operand++) {
		request.name = *operand;
		code |= carry_out(&request);
	}
	return code;
}

int insmod_main(char **argv)
{
	int r = options_parse(argv, "", "", NULL);
	if (r)
		return r;
	char **operand = options.operands;
	if (!*operand)
		return USAGE_ERROR;
	r = module_insert(*operand, parameters_from(operand + 1, true));
	return r < 0 ? complain_why() : 0;
}
