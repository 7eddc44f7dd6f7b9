/* SPDX-License-Identifier: MIT */
/*
 * The entry: finds the applet by the name it was called by, or by the first
 * argument of `loopbox`, and runs it. The table comes from the //applet: and
 * //usage: lines of the other files here (scripts/gen).
 */
//config:config FEATURE_LOOPBOX
//config:	bool "The command line of loopbox itself"
//config:	default y
//config:	help
//config:	  The applets by their names, --help and --version. Without it the
//config:	  program is init, by whatever name it is called.
//config:
//config:config FEATURE_LONG_HELP
//config:	bool "Explain the options in --help"
//config:	default y
//config:	help
//config:	  Without it, --help prints one line.
//config:
//config:config FEATURE_INSTALLER
//config:	bool "loopbox --install"
//config:	default y
//config:	help
//config:	  `loopbox --install [-s] DIR` links the applets' names to itself.
//config:
//config:config FEATURE_LIST
//config:	bool "loopbox --list"
//config:	default y
//config:	help
//config:	  Prints the applets' names, one a line, as busybox does.
//kbuild:obj-y += applets/main.o
#include "libbb.h"
#include "version.h"

/* The hidden ones are the last. */
#define HIDDEN APPLET
#define APPLET(name, function, short_usage, long_usage) int function(char **argv);
#include "applets.h"
#undef APPLET

/* Names and usages as strings one behind the other, since a pointer to each
 * would take more than finding them does. */
#define APPLET(name, function, short_usage, long_usage) name "\0"
static const char names[] =
#include "applets.h"
	"";
#undef APPLET

#define APPLET(name, function, short_usage, long_usage) short_usage IF_FEATURE_LONG_HELP(long_usage) "\0"
static const char usages[] =
#include "applets.h"
	"";
#undef APPLET

#define APPLET(name, function, short_usage, long_usage) function,
static int (*const functions[])(char **argv) = {
#include "applets.h"
	NULL
};
#undef APPLET

#undef HIDDEN
#define HIDDEN(...)
#define APPLET(...) +1
enum {
	SHOWN =
#include "applets.h"
		+0
};
#undef APPLET

static void say_usage(int n, bool whole)
{
	const char *p = nth_string(usages, n);

	say("Usage: %s ", nth_string(names, n));
	do
		say_char(*p);
	while (*p++ != '\n' || (whole && *p));
}

static int run_applet(int n, char **argv)
{
	message_prefix = nth_string(names, n);
	/* The kernel's arguments to PID 1 are meant for the real init; those of a hidden applet
	 * have other meanings. */
	int word = argv[1] && *argv[1] == '-' && n < SHOWN
			   ? find_string("--help\0-h\0--version\0-V\0", argv[1])
			   : -1;
	if (word >= 0 && sys_getpid() != 1) {
		if (word < 2)
			say_usage(n, true);
		else
			say("%s from loopbox " VERSION "\n", message_prefix);
		return 0;
	}
	int code = functions[n](argv);
	if (code == USAGE_ERROR) {
		say_redirect(STDERR_FILENO);
		say_usage(n, false);
		code = 1;
	}
	return code;
}

/* Links each applet's name in the directory to this program. */
static int install(char **argv)
{
	static char self[4096], name[4096];
	bool symbolic = argv[2] && equal(argv[2], "-s");
	const char *directory = argv[2 + symbolic];
	int code = 0;

	int size = sys_readlink("/proc/self/exe", self, sizeof self - 1);
	if (!directory || length(directory) > sizeof name / 2) {
		complain("--install [-s] DIR");
		return 1;
	}
	if (size < 0)
		return complain_errno("/proc/self/exe", size);
	for (const char *p = names; p < nth_string(names, SHOWN); p = nth_string(p, 1)) {
		append(append(append(name, directory), "/"), p);
		int r = symbolic ? sys_symlink(self, name) : sys_link(self, name);
		if (r < 0)
			code = complain_errno(name, r);
	}
	return code;
}

static void say_names(const char *format)
{
	for (const char *p = names; p < nth_string(names, SHOWN); p = nth_string(p, 1))
		say(format, p);
}

static int loopbox(char **argv)
{
	const char *word = argv[0] ? argv[1] : NULL;

	message_prefix = "loopbox";
	if (word && equal(word, "--version")) {
		say("loopbox " VERSION "\n");
		return 0;
	}
	if (ENABLE_FEATURE_INSTALLER && word && equal(word, "--install"))
		return install(argv);
	if (ENABLE_FEATURE_LIST && word && equal(word, "--list")) {
		say_names("%s\n");
		return 0;
	}
	if (word && !equal(word, "--help")) {
		int n = find_string(names, base_name(word));
		if (n >= 0)
			return run_applet(n, argv + 1);
		complain("%s: applet not found", word);
		return 127;
	}
	say("loopbox " VERSION ", a multi-call binary. Usage: loopbox APPLET [ARGUMENT...]%s\nApplets:",
	    IF_FEATURE_LIST("\n   or: loopbox --list")
		    IF_FEATURE_INSTALLER("\n   or: loopbox --install [-s] DIR") "");
	say_names(" %s");
	say("\n");
	return 0;
}

int init_main(char **argv);

int main(int argc UNUSED, char **argv)
{
	if (ENABLE_INIT && !ENABLE_FEATURE_LOOPBOX) {
		message_prefix = "init";
		return init_main(argv);
	}
	/* Before Linux 5.18, there may be no name at all. */
	int n = argv[0] ? find_string(names, base_name(argv[0])) : -1;
	int code = n < 0 ? loopbox(argv) : run_applet(n, argv);

	int r = say_flush();
	if (r < 0 && !code)
		code = complain_errno("standard output", r);
	if (memory_check() < 0) {
		complain_why();
		code = code ? code : 1;
	}
	return code;
}
