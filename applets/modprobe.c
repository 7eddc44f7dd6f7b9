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
//usage:modprobe   -a, --all            every operand is a module
//usage:modprobe   -D, --show-depends; -n, --dry-run, --show
//usage:modprobe   -r, --remove
//usage:modprobe   -q, --quiet          no message where there is no such module
//usage:modprobe   -d, --dirname DIR    where lib/modules lies; -S, --set-version VERSION
//usage:modprobe?FEATURE_MODPROBE_MORE   -b, --use-blacklist  not what modprobe.d blacklists
//usage:modprobe?FEATURE_MODPROBE_MORE   -C, --config PATH    another modprobe.d; -i, --ignore-install without its commands
//usage:modprobe?FEATURE_MODPROBE_MORE   -f, --force          of another kernel version; --force-modversion, --force-vermagic
//usage:modprobe?FEATURE_MODPROBE_MORE       --first-time     a failure where there is nothing to do
//usage:modprobe?FEATURE_MODPROBE_MORE   -R, --resolve-alias  print the modules that an alias means
//usage:modprobe   -s                   accepted
//usage:insmod FILE [PARAMETER=VALUE...]
#include "compat.h"
#include "module.h"

enum { FIRST_TIME = 1, FORCE_MODVERSION, FORCE_VERMAGIC }; /* without a letter */

/* The parameters, one behind the other. */
static const char *parameters_from(char **words)
{
	const char *parameters = "";

	for (; *words; words++)
		parameters = joined(parameters, *parameters ? " " : "", *words);
	return parameters;
}

static void show(const char *what, const char *path, const char *parameters)
{
	if (option_arg('R'))
		say("%s\n", path);
	else if (option_arg('D') || (option_arg('v') && equal(what, "insmod")))
		say("%s %s%s%s\n", what, path, *parameters ? " " : "", parameters);
}

static int run(struct module_request *request)
{
	int r = module_request(request);

	if (r == 0 || (option_arg('q') && r == -ENOENT && equal(why.path, request->name)))
		return r < 0;
	if (r != -ECHILD)
		return complain_why();
	complain("%s: a command of modprobe.d has failed", why.path);
	return 1;
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
										"resolve-alias=R")),
			      NULL);
	if (r)
		return r;
	char **operand = options.operands;
	if (!*operand)
		return USAGE_ERROR;
	if (option_arg('d') || option_arg('S')) {
		const char *top = option_arg('d') ? option_arg('d') : "";
		module_directory = option_arg('S')
					   ? joined(top, "/lib/modules/", joined(option_arg('S'), "/", ""))
					   : joined(top, "/lib/modules/", module_release());
	}
	if (option_arg('n') || option_arg('D') || option_arg('R'))
		request.show = show;
	request.use_blacklist = option_arg('b');
	if (ENABLE_FEATURE_MODPROBE_MORE) {
		module_configuration = option_arg('C');
		request.resolve = option_arg('R');
		request.ignore_commands = option_arg('i');
		request.first_time = option_arg(FIRST_TIME);
		if (option_arg('f') || option_arg(FORCE_MODVERSION))
			module_force |= MODULE_INIT_IGNORE_MODVERSIONS;
		if (option_arg('f') || option_arg(FORCE_VERMAGIC))
			module_force |= MODULE_INIT_IGNORE_VERMAGIC;
	}
	request.remove = option_arg('r');
	request.parameters = "";
	if (!option_arg('a') && !request.remove) {
		request.name = *operand;
		request.parameters = parameters_from(operand + 1);
		return run(&request);
	}
	for (; *operand; operand++) {
		request.name = *operand;
		code |= run(&request);
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
	r = module_insert(*operand, parameters_from(operand + 1));
	return r < 0 ? complain_errno(*operand, r) : 0;
}
