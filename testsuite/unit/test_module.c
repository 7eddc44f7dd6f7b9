/* SPDX-License-Identifier: MIT */
/* Modules: which files are loaded, in which order, and with which parameters. */
#include <stdlib.h>
#include <string.h>

#include "fake_kernel.h"
#include "module.h"
#include "test.h"

#define TOP "/lib/modules/" FAKE_RELEASE "/"

static void tree(const char *dependencies, const char *aliases, const char *soft, const char *built_in)
{
	fake_text(TOP "modules.dep", dependencies);
	if (aliases)
		fake_text(TOP "modules.alias", aliases);
	if (soft)
		fake_text(TOP "modules.softdep", soft);
	if (built_in)
		fake_text(TOP "modules.builtin", built_in);
}

static void file(const char *name)
{
	char path[100];

	fake_add(strcat(strcpy(path, TOP), name), S_IFREG | 0644);
}

static void boot(void)
{
	tree("kernel/fs/squashfs/squashfs.ko:\n"
	     "kernel/drivers/usb-storage.ko.xz: kernel/scsi/scsi_mod.ko kernel/scsi/scsi-common.ko\n"
	     "kernel/scsi/scsi_mod.ko: kernel/scsi/scsi-common.ko\n"
	     "kernel/scsi/scsi-common.ko:\n"
	     "updates/a.ko: updates/b.ko updates/c.ko updates/d.ko\n"
	     "updates/b.ko: updates/c.ko updates/d.ko\n"
	     "updates/c.ko: updates/d.ko\n"
	     "updates/d.ko:\n",
	     "# Aliases extracted from modules themselves.\n"
	     "alias fs-squashfs squashfs\n"
	     "alias usb:v*p*d*dc*dsc*dp*ic08isc06ip[5-6]0in* usb_storage\n"
	     "alias virtio:d0000000[1-3]v* a\n"
	     "alias virtio:d00000002v* d\n"
	     "alias nothing-there missing\n"
	     "alias pci:v0000[8A]086d?7* squashfs\n",
	     NULL, "kernel/fs/ext4/ext4.ko\nkernel/drivers/block/virtio_blk.ko\n");
	file("kernel/fs/squashfs/squashfs.ko");
	file("kernel/drivers/usb-storage.ko.xz");
	file("kernel/scsi/scsi_mod.ko");
	file("kernel/scsi/scsi-common.ko");
	file("updates/a.ko");
	file("updates/b.ko");
	file("updates/c.ko");
	file("updates/d.ko");
}

/* What has been loaded, "|NAME PARAMETERS" each. */
static const char *loaded(void)
{
	static char all[4000];
	char *to = all;

	for (const char *line = fake_log("finit_module "); *line;) {
		const char *base = ++line;
		for (; *line && *line != ' '; line++)
			if (*line == '/')
				base = line + 1;
		*to++ = '|';
		while (base < line && *base != '.')
			*to++ = *base++;
		while (*line && *line != '|')
			*to++ = *line++;
		if (to[-1] == ' ')
			to--;
	}
	*to = 0;
	return all;
}

TEST(a_module_is_loaded_by_its_name)
{
	boot();
	EQUAL(module_load("squashfs"), 0);
	SAME(fake_log("finit_module "), "|" TOP "kernel/fs/squashfs/squashfs.ko ");
	EQUAL(fake_open_count(), 0);
}

TEST(dependencies_are_loaded_before_the_module_the_last_first)
{
	boot();
	EQUAL(module_load("a"), 0);
	SAME(loaded(), "|d|c|b|a");
	EQUAL(module_load("usb_storage"), 0);
	SAME(loaded(), "|d|c|b|a|scsi-common|scsi_mod|usb-storage");
}

TEST(dashes_and_underscores_are_the_same)
{
	boot();
	EQUAL(module_load("scsi_common"), 0);
	EQUAL(module_load("usb-storage"), 0);
	EQUAL(module_load("scsi-mod"), 0);
	SAME(loaded(), "|scsi-common|scsi-common|scsi_mod|usb-storage|scsi-common|scsi_mod");
}

TEST(names_are_whole_names)
{
	static const char *const names[] = {
		"squash",   "squashfss", "quashfs", "squashfs.ko", "kernel/fs/squashfs/squashfs",
		"SQUASHFS", "",		 "a:",	    "updates",	   "modules.dep",
		"*",	    "ext",	 "ext44",   "?",
	};
	boot();
	for (unsigned i = 0; i < LENGTH(names); i++) {
		EQUAL(module_load(names[i]), -ENOENT);
		EQUAL(why.error, -ENOENT);
		SAME(why.path, names[i]);
	}
	SAME(loaded(), "");
}

TEST(a_module_that_is_there_already_is_no_error)
{
	boot();
	fake_load("squashfs");
	fake_load("c");
	EQUAL(module_load("squashfs"), 0);
	EQUAL(module_load("a"), 0);
	EQUAL(module_load("a"), 0);
}

TEST(what_the_kernel_has_built_in_is_there)
{
	boot();
	EQUAL(module_load("ext4"), 0);
	EQUAL(module_load("virtio-blk"), 0);
	SAME(loaded(), "");
}

TEST(aliases_name_modules)
{
	static const struct {
		const char *alias, *loads;
	} cases[] = {
		{ "fs-squashfs", "|squashfs" },
		{ "fs_squashfs", "|squashfs" },
		{ "usb:v1234p5678d0100dc00dsc00dp00ic08isc06ip50in00", "|scsi-common|scsi_mod|usb-storage" },
		{ "usb:v1234p5678d0100dc00dsc00dp00ic08isc06ip60in", "|scsi-common|scsi_mod|usb-storage" },
		{ "usb:v1234p5678d0100dc00dsc00dp00ic08isc06ip70in00", NULL },
		{ "usb:v1234p5678d0100dc00dsc00dp00ic08isc06ip5", NULL },
		{ "usb:vpddcdscdpic08isc06ip50in", "|scsi-common|scsi_mod|usb-storage" },
		{ "virtio:d00000001v00001AF4", "|d|c|b|a" },
		{ "virtio:d00000002v00001AF4", "|d|c|b|a|d" }, /* both aliases fit */
		{ "virtio:d00000004v00001AF4", NULL },
		{ "pci:v00008086d17", "|squashfs" },
		{ "pci:v0000A086dX7xyz", "|squashfs" },
		{ "pci:v0000B086d17", NULL },
		{ "pci:v00008086d7", NULL },
		{ "pci:v0000", NULL },
		{ "fs-squashf", NULL },
		{ "fs-squashfss", NULL },
		{ "fs-squashfs squashfs", NULL },
		{ "nothing-there", NULL },
	};
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		fake_boot();
		boot();
		int r = module_load(cases[i].alias);
		if (r != (cases[i].loads ? 0 : -ENOENT))
			FAIL("%s: %d", cases[i].alias, r);
		SAME(loaded(), cases[i].loads ? cases[i].loads : "");
	}
}

TEST(strange_aliases_crash_nothing)
{
	tree("a.ko:\n",
	     "alias\nalias \nalias x\nalias  a\nalias [\nalias [a\nalias [a- a\nalias [a-] a\nalias [] a\n"
	     "alias [z-a] a\nalias *[ a\nalias **** a\nalias loop loop\nalias y",
	     NULL, NULL);
	file("a.ko");
	EQUAL(module_load("whatever"), 0);
	SAME(loaded(), "|a");
	EQUAL(module_load(""), 0);
	module_load("x");
	module_load("[");
}

TEST(aliases_that_lead_to_each_other_end)
{
	tree("a.ko:\n", "alias x y\nalias y x\nalias self self\n", NULL, NULL);
	CHECK(module_load("x") < 0);
	CHECK(module_load("self") < 0);
	SAME(loaded(), "");
}

TEST(a_dependency_that_fails_keeps_the_module_from_being_loaded)
{
	boot();
	fake_fail(1, ENOEXEC, "finit_module " TOP "updates/c.ko");
	EQUAL(module_load("a"), -ENOEXEC);
	EQUAL(why.error, -ENOEXEC);
	SAME(why.path, TOP "updates/c.ko");
	SAME(loaded(), "|d|c");
	SAME(why.path, TOP "updates/c.ko"); /* still */
	fake_fail(1, EACCES, "open ro " TOP "updates/d.ko");
	EQUAL(module_load("b"), -EACCES);
	EQUAL(fake_open_count(), 0);
}

TEST(without_a_tree_there_are_no_modules)
{
	EQUAL(module_load("squashfs"), -ENOENT);
	SAME(why.path, "squashfs");
	EQUAL(fake_count("open ro " TOP "modules."), 4 + 1); /* the aliases of what is built in */
}

TEST(the_tree_may_lie_elsewhere)
{
	fake_text("/x/modules.dep", "a.ko: /elsewhere/b.ko\n");
	fake_add("/x/a.ko", S_IFREG | 0644);
	fake_add("/elsewhere/b.ko", S_IFREG | 0644);
	module_directory = "/x/";
	EQUAL(module_load("a"), 0);
	SAME(fake_log("finit_module "), "|/elsewhere/b.ko |/x/a.ko ");
	EQUAL(fake_count("uname"), 0);
}

TEST(the_texts_are_read_once)
{
	boot();
	for (unsigned i = 0; i < 20; i++)
		EQUAL(module_load("a"), 0);
	EQUAL(fake_count("open ro " TOP "modules."), 4);
	EQUAL(fake_count("open ro /proc/cmdline"), 1);
}

TEST(loading_takes_no_memory_with_it)
{
	boot();
	module_load("a");
	char *before = joined("", "", "");
	read_forget(before);
	for (unsigned i = 0; i < 100; i++)
		module_load("virtio:d00000002v00001AF4");
	CHECK(joined("", "", "") == before);
}


/* --- soft dependencies ----------------------------------------------------- */

static void boot_soft(const char *soft)
{
	tree("a.ko:\nb.ko:\nc.ko:\nd.ko: c.ko\ne-e.ko:\n", "alias crypto-x e_e\n", soft, NULL);
	file("a.ko");
	file("b.ko");
	file("c.ko");
	file("d.ko");
	file("e-e.ko");
}

TEST(soft_dependencies_come_before_and_after)
{
	boot_soft("# Soft dependencies\nsoftdep a pre: b d post: crypto-x\nsoftdep aa pre: c\n");
	EQUAL(module_load("a"), 0);
	SAME(loaded(), "|b|c|d|a|e-e");
}

TEST(soft_dependencies_need_not_be_there)
{
	boot_soft("softdep a pre: missing b post: missing\n");
	EQUAL(module_load("a"), 0);
	SAME(loaded(), "|b|a");
	fake_fail(ALWAYS, ENODEV, "finit_module " TOP "b.ko");
	EQUAL(module_load("a"), 0);
}

TEST(a_module_s_name_in_a_soft_dependency_has_either_dash)
{
	boot_soft("softdep e-e pre: a\n");
	EQUAL(module_load("e_e"), 0);
	SAME(loaded(), "|a|e-e");
}

TEST(dependencies_have_soft_dependencies_too)
{
	boot_soft("softdep c pre: b\n");
	EQUAL(module_load("d"), 0);
	SAME(loaded(), "|b|c|d");
}

TEST(soft_dependencies_that_lead_to_each_other_end)
{
	boot_soft("softdep a pre: b\nsoftdep b pre: a\nsoftdep c pre: c\nsoftdep d post: d\n");
	EQUAL(module_load("a"), 0);
	EQUAL(module_load("c"), 0);
	EQUAL(module_load("d"), 0);
	CHECK(fake_count("finit_module") < 200);
}

TEST(strange_soft_dependencies_crash_nothing)
{
	boot_soft("softdep\nsoftdep \nsoftdep a\nsoftdep a \nsoftdep a pre:\nsoftdep a :\nsoftdep a b\n"
		  "softdep a pre:  \t c\nsoftdep a post");
	EQUAL(module_load("a"), 0);
	SAME(loaded(), "|c|a");
}


/* --- parameters ------------------------------------------------------------ */

static void load_with(const char *name, const char *parameters)
{
	EQUAL(module_request(&(struct module_request){ .name = name, .parameters = parameters }), 0);
}

TEST(parameters_are_those_of_the_module_itself)
{
	boot();
	load_with("b", "x=1 y");
	SAME(loaded(), "|d|c|b x=1 y");
}

TEST(parameters_come_from_modprobe_d)
{
	boot();
	fake_add("/etc/modprobe.d", S_IFDIR | 0755);
	fake_text("/etc/modprobe.d/one.conf", "# options d x=9\noptions d x=1 y=2\nblacklist c\nalias q d\n"
					      "options usb_storage quirks=a:b:c\n");
	fake_text("/etc/modprobe.d/two.conf", "options b z\noptions bb no\noptions b-b no");
	fake_text("/etc/modprobe.d/.hidden", "options d x=3\n");
	load_with("a", "own=1");
	SAME(loaded(), "|d x=1 y=2|c|b z|a own=1");
	EQUAL(module_load("usb-storage"), 0);
	CHECK(strstr(loaded(), "|usb-storage quirks=a:b:c"));
}

TEST(parameters_come_from_the_kernel_s_command_line)
{
	boot();
	fake_text("/proc/cmdline",
		  "root=/dev/sda1 d.x=1 usb-storage.quirks=a.b.c c.flag ro b=1 a.b= .x x.\n");
	load_with("a", "");
	SAME(loaded(), "|d x=1|c flag|b|a b=");
	EQUAL(module_load("usb_storage"), 0);
	CHECK(strstr(loaded(), "|usb-storage quirks=a.b.c"));
}


/* --- showing and removing -------------------------------------------------- */

static char shown[1000];

static void show(const char *what, const char *path, const char *parameters)
{
	strcat(shown, "|");
	if (strcmp(what, "insmod"))
		strcat(strcat(shown, what), " ");
	strcat(strcat(strcat(shown, path), " "), parameters);
}

TEST(what_is_shown_is_not_loaded)
{
	boot();
	struct module_request request = { .name = "b", .parameters = "x=1", .show = show, .only_show = true };
	EQUAL(module_request(&request), 0);
	SAME(shown, "|" TOP "updates/d.ko |" TOP "updates/c.ko |" TOP "updates/b.ko x=1");
	SAME(loaded(), "");
	*shown = 0;
	request.name = "ext4";
	EQUAL(module_request(&request), 0);
	SAME(shown, "|builtin ext4 ");
	request.name = "missing";
	EQUAL(module_request(&request), -ENOENT);
}

TEST(soft_dependencies_are_shown_and_not_loaded)
{
	boot_soft("softdep a pre: b post: d\n");
	EQUAL(module_request(&(struct module_request){
		      .name = "a", .parameters = "x", .show = show, .only_show = true }),
	      0);
	SAME(shown, "|" TOP "b.ko |" TOP "a.ko x|" TOP "c.ko |" TOP "d.ko ");
	SAME(loaded(), "");
}

TEST(a_module_that_soft_dependencies_name_twice_is_shown_once)
{
	boot_soft("softdep a pre: crypto-x e-e\n");
	EQUAL(module_request(&(struct module_request){
		      .name = "a", .parameters = "", .show = show, .only_show = true }),
	      0);
	SAME(shown, "|" TOP "e-e.ko |" TOP "a.ko ");
}

static int remove_module(const char *name)
{
	return module_request(&(struct module_request){ .name = name, .parameters = "", .remove = true });
}

TEST(what_only_the_module_needed_is_removed_with_it)
{
	boot();
	module_load("a");
	EQUAL(remove_module("a"), 0);
	SAME(fake_log("delete_module "), "|a|b|c|d");
	module_load("usb-storage");
	fake_fail(ALWAYS, EWOULDBLOCK, "delete_module scsi_mod");
	EQUAL(remove_module("usb-storage"), 0);
	SAME(fake_log("delete_module "), "|a|b|c|d|usb_storage|scsi_mod|scsi_common");
}

TEST(a_module_that_is_in_use_is_not_removed)
{
	boot();
	module_load("a");
	fake_fail(ALWAYS, EWOULDBLOCK, "delete_module a");
	EQUAL(remove_module("a"), -EWOULDBLOCK);
	SAME(why.path, "a");
	SAME(fake_log("delete_module "), "|a");
	EQUAL(remove_module("missing"), -ENOENT);
}

TEST(what_is_there_or_not_fails_only_at_the_first_time)
{
	boot();
	struct module_request request = { .name = "d", .parameters = "", .first_time = true };
	EQUAL(module_request(&request), 0);
	EQUAL(module_request(&request), -EEXIST);
	request.name = "ext4"; /* which is built in */
	EQUAL(module_request(&request), -EEXIST);
	request.name = "c"; /* what it depends on may be there */
	EQUAL(module_request(&request), 0);
	EQUAL(remove_module("squashfs"), 0);
	request.remove = true;
	request.name = "squashfs";
	EQUAL(module_request(&request), -ENOENT);
}


/* --- what modprobe.d says ---------------------------------------------------- */

static void configure(const char *text)
{
	boot();
	*shown = 0;
	fake_add("/etc/modprobe.d", S_IFDIR | 0755);
	fake_text("/etc/modprobe.d/one.conf", text);
}

/* What would be done for a name. */
static const char *shown_for(const char *name, bool without_commands)
{
	*shown = 0;
	module_request(&(struct module_request){ .name = name,
						 .parameters = "",
						 .show = show,
						 .only_show = true,
						 .ignore_commands = without_commands });
	return shown;
}

TEST(modprobe_d_has_aliases_too)
{
	configure("alias mine d\nalias two-* c\nalias usb_storage d\nalias off nosuch\n");
	SAME(shown_for("mine", false), "|" TOP "updates/d.ko ");
	SAME(shown_for("two_three", false), "|" TOP "updates/d.ko |" TOP "updates/c.ko ");
	/* they come before modules */
	SAME(shown_for("usb-storage", false), "|" TOP "updates/d.ko ");
	/* as kmod has it */
	SAME(shown_for("off", false), "");
	EQUAL(module_request(&(struct module_request){
		      .name = "off", .parameters = "", .show = show, .only_show = true }),
	      0);
	EQUAL(module_load("off"), -ENOENT);
	CHECK(why.is_finding);
	SAME(loaded(), "");
}

TEST(an_alias_of_modprobe_d_names_no_other_alias)
{
	configure("alias x y\nalias y x\nalias z fs-squashfs\nalias squashfs off\n");
	EQUAL(module_load("x"), -ENOENT);
	EQUAL(module_load("z"), -ENOENT);
	/* nor does one of the modules' own */
	SAME(shown_for("fs-squashfs", false), "|" TOP "kernel/fs/squashfs/squashfs.ko ");
}

TEST(a_line_without_its_second_word_is_passed_over)
{
	configure("alias only\ninstall d\nsoftdep d \ninstall d echo it\nremove d\noptions d\nblacklist c\n");
	EQUAL(module_load("only"), -ENOENT);
	SAME(shown_for("d", false), "|install echo it ");
}

TEST(what_is_loaded_is_left_as_it_is)
{
	boot_soft("softdep a pre: c post: e_e\n");
	fake_add("/etc/modprobe.d", S_IFDIR | 0755);
	fake_text("/etc/modprobe.d/one.conf", "install b /bin/false\n");
	fake_text("/sys/module/a/initstate", "live\n");
	fake_text("/sys/module/b/initstate", "live\n");
	EQUAL(module_load("a"), 0);
	EQUAL(module_load("b"), 0);
	SAME(loaded(), "");
	struct module_request request = { .name = "b", .parameters = "", .show = show, .first_time = true };
	EQUAL(module_request(&request), -EEXIST);
	SAME(why.step, "the module is already loaded");
	SAME(shown_for("a", false), "");
	*shown = 0;
	request = (struct module_request){
		.name = "b", .parameters = "", .show = show, .only_show = true, .show_all = true
	};
	EQUAL(module_request(&request), 0);
	SAME(shown, "|install /bin/false ");
}

TEST(names_on_the_blacklist_are_passed_over_where_that_is_asked_for)
{
	configure("blacklist usb-storage\n");
	struct module_request request = { .name = "usb_storage", .parameters = "", .use_blacklist = true };
	EQUAL(module_request(&request), 0);
	SAME(loaded(), "");
	request.use_blacklist = false;
	EQUAL(module_request(&request), 0);
	CHECK(strstr(loaded(), "usb-storage"));
	/* names of modules, and not of aliases */
	configure("blacklist fs-squashfs\n");
	request = (struct module_request){ .name = "fs-squashfs", .parameters = "", .use_blacklist = true };
	EQUAL(module_request(&request), 0);
	CHECK(strstr(loaded(), "squashfs"));
}

TEST(the_command_of_a_name_on_the_blacklist_is_not_run)
{
	configure("blacklist cramfs\ninstall cramfs /bin/false\n");
	EQUAL(module_request(
		      &(struct module_request){ .name = "cramfs", .parameters = "", .use_blacklist = true }),
	      0);
	EQUAL(fake_count("pipe"), 0);
}

TEST(a_command_takes_the_place_of_a_module)
{
	configure("install d echo it; true\ninstall only-a-command /bin/false\nremove c echo away\n");
	SAME(shown_for("d", false), "|install echo it; true ");
	SAME(shown_for("d", true), "|" TOP "updates/d.ko ");
	/* that of a module which another depends on stays */
	SAME(shown_for("c", true), "|install echo it; true |" TOP "updates/c.ko ");
	SAME(shown_for("only_a_command", false), "|install /bin/false ");
	*shown = 0;
	module_request(&(struct module_request){
		.name = "c", .parameters = "", .show = show, .only_show = true, .remove = true });
	SAME(shown, "|remove echo away ");
	SAME(loaded(), "");
}

TEST(without_commands_there_are_no_soft_dependencies_of_the_module_itself)
{
	boot_soft("softdep a pre: b post: d\n");
	SAME(shown_for("a", true), "|" TOP "a.ko ");
}

TEST(an_alias_can_be_resolved)
{
	configure("alias mine d\n");
	struct module_request request = {
		.name = "mine", .parameters = "", .show = show, .only_show = true, .resolve = true
	};
	EQUAL(module_request(&request), 0);
	SAME(shown, "| d " TOP "updates/d.ko");
	SAME(loaded(), "");
}

TEST(another_configuration_is_read_instead)
{
	configure("options d x=1\n");
	fake_text("/other.conf", "options d y=2\n");
	module_configuration = "/other.conf\0";
	SAME(shown_for("d", false), "|" TOP "updates/d.ko y=2");
}

TEST(a_file_of_modprobe_d_counts_where_it_is_first)
{
	configure("options d x=1\n");
	fake_add("/lib/modprobe.d", S_IFDIR | 0755);
	fake_text("/lib/modprobe.d/one.conf", "options d y=2\n");
	fake_text("/lib/modprobe.d/two.conf", "options d z=3\n");
	SAME(shown_for("d", false), "|" TOP "updates/d.ko x=1 z=3");
}

TEST(one_file_can_be_loaded)
{
	fake_add("/m/x.ko", S_IFREG | 0644);
	fake_add("/m/y.ko.zst", S_IFREG | 0644);
	fake_add("/m/z.ko.gz", S_IFREG | 0644);
	EQUAL(module_insert("/m/x.ko", "a=1"), 0);
	EQUAL(module_insert("/m/y.ko.zst", ""), 0);
	EQUAL(module_insert("/m/z.ko.gz", ""), 0);
	SAME(fake_log("finit_module "), "|/m/x.ko a=1|/m/y.ko.zst |/m/z.ko.gz ");
	EQUAL(module_insert("/m/x.ko", "a=1"), -EEXIST);
	EQUAL(module_insert("/m/none.ko", ""), -ENOENT);
	EQUAL(fake_open_count(), 0);
}


/* --- patterns ----------------------------------------------------------------- */

TEST(patterns_are_those_of_the_shell)
{
	static const struct {
		const char *pattern, *text;
		bool fits;
	} cases[] = {
		{ "a", "a", true },	     { "a", "b", false },
		{ "a", "", false },	     { "", "", true },
		{ "", "a", false },	     { "*", "", true },
		{ "*", "abc", true },	     { "a*c", "abbc", true },
		{ "a*c", "abcd", false },    { "*b*", "abc", true },
		{ "**b", "ab", true },	     { "?", "a", true },
		{ "?", "", false },	     { "a?c", "abc", true },
		{ "[a-c]", "b", true },	     { "[a-c]", "d", false },
		{ "[!a-c]", "b", false },    { "[!a-c]", "d", true },
		{ "[^x]", "y", true },	     { "[xy]*", "yes", true },
		{ "[", "[", false },	     { "[a", "a", false },
		{ "[a-]", "-", true },	     { "a-b", "a_b", true },
		{ "a_b", "a-b", true },	     { "*[0-9]", "a12", true },
		{ "*a", "aab", false },	     { "*ab", "aab", true },
		{ "a b", "a", true },	     { "a\nb", "a", true },
		{ "*:x*y", "p:q:xy", true },
	};
	for (unsigned i = 0; i < LENGTH(cases); i++)
		if (module_matches(cases[i].pattern, cases[i].text) != cases[i].fits)
			FAIL("%s %s %s", cases[i].pattern, cases[i].fits ? "does not fit" : "fits",
			     cases[i].text);
}

/* It took over 30 seconds. */
TEST(many_stars_take_no_time)
{
	char pattern[401], text[2001];

	for (unsigned i = 0; i < 200; i++)
		memcpy(pattern + 2 * i, "*a", 2);
	pattern[400] = 0;
	memset(text, 'a', 1999);
	text[1999] = 'b';
	text[2000] = 0;
	for (unsigned i = 0; i < 100; i++)
		CHECK(!module_matches(pattern, text));
	text[1999] = 'a';
	CHECK(module_matches(pattern, text));
}


/* --- files of modprobe.d -------------------------------------------------------- */

static void place(const char *directory)
{
	fake_add(directory, S_IFDIR | 0755);
}

TEST(files_of_all_places_count_in_the_order_of_their_names)
{
	configure("options d b=one\n");
	place("/run/modprobe.d");
	place("/usr/lib/modprobe.d");
	place("/lib/modprobe.d");
	fake_text("/lib/modprobe.d/zero.conf", "options d e=zero\n");
	fake_text("/run/modprobe.d/a.conf", "options d a=a\n");
	fake_text("/usr/lib/modprobe.d/one.conf", "options d no=1\n"); /* is in /etc, too */
	fake_text("/lib/modprobe.d/a.conf", "options d no=2\n");
	fake_text("/usr/lib/modprobe.d/two.conf", "options d d=two\n");
	fake_text("/etc/modprobe.d/onf.conf", "options d c=onf");
	fake_text("/etc/modprobe.d/.one.conf", "options d no=3\n");
	fake_text("/etc/modprobe.d/x.conf.dpkg-old", "options d no=4\n");
	place("/etc/modprobe.d/directory.conf");
	SAME(shown_for("d", false), "|" TOP "updates/d.ko a=a b=one c=onf d=two e=zero");
}

TEST(of_commands_the_first_counts)
{
	configure("install d first\nremove d gone\n");
	fake_text("/etc/modprobe.d/two.conf", "install d second\nremove d no\n");
	fake_text("/etc/modprobe.d/b.conf", "install c[x] no\ninstall c* pattern\n");
	SAME(shown_for("d", false), "|install first ");
	CHECK(strstr(shown_for("c", false), "|install pattern "));
}

TEST(lines_go_on_behind_a_backslash)
{
	configure("opt\\\nions d a=\\\n1 \\\n\tb=2\r\n\toptions\td\tc='x\\\\y'\n \n\\\n# options d "
		  "no=1\n#options d \\\n"
		  "options d no=2\noptions d e");
	SAME(shown_for("d", false), "|" TOP "updates/d.ko a=1  b=2 c='x\\y' e");
}

TEST(a_nul_byte_hides_no_line)
{
	static const char text[] = "options d a=1\n\0\0\0\noptions d b=2\n";

	configure("");
	struct fake_file *file = fake_find("/etc/modprobe.d/one.conf");
	file->data = text;
	file->size = sizeof text - 1;
	SAME(shown_for("d", false), "|" TOP "updates/d.ko a=1 b=2");
}

/* Nothing is loaded as long as it is not known with which parameters. */
static void unreadable(const char *path, int error, const char *call)
{
	fake_fail(1, error, call);
	EQUAL(module_load("a"), -error);
	SAME(why.path, path);
	CHECK(!why.is_finding);
	SAME(loaded(), "");
	EQUAL(fake_open_count(), 0);
	EQUAL(module_load("d"), 0); /* the next time it can be read */
	SAME(loaded(), "|d x=1");
	EQUAL(fake_count("delete_module"), 0);
}

TEST(a_file_of_modprobe_d_that_can_t_be_read_is_told)
{
	configure("options d x=1\n");
	unreadable("/etc/modprobe.d/one.conf", EACCES, "open ro /etc/modprobe.d/one.conf");
}

TEST(a_modprobe_d_that_can_t_be_read_is_told)
{
	configure("options d x=1\n");
	unreadable("/etc/modprobe.d", EIO, "open ro /etc/modprobe.d");
}

TEST(files_of_the_modules_directory_that_can_t_be_read_are_told)
{
	static const char *const names[] = { TOP "modules.dep", TOP "modules.alias", TOP "modules.softdep",
					     TOP "modules.builtin" };
	char call[80];

	for (unsigned i = 0; i < LENGTH(names); i++) {
		fake_fail(1, EIO, strcat(strcpy(call, "open ro "), names[i]));
		EQUAL(module_load("a"), -EIO);
		SAME(why.path, names[i]);
	}
}

TEST(several_configurations_can_be_named)
{
	configure("options d no=1\n");
	fake_text("/b.conf", "options d y=2\n");
	fake_text("/a.conf", "options d x=1\n");
	place("/dir");
	fake_text("/dir/aa.conf", "options d z=3\n");
	module_configuration = "/b.conf\0/dir\0/a.conf\0/missing\0";
	SAME(shown_for("d", false), "|" TOP "updates/d.ko x=1 z=3 y=2");
}

TEST(an_alias_has_options_too)
{
	configure("options mine m=1\noptions d x=1\noptions crypto-d c=1\nalias mine d\nalias two-* "
		  "d\noptions two-* t=1\n"
		  "options two-three no=1\n");
	SAME(shown_for("mine", false), "|" TOP "updates/d.ko m=1 x=1");
	SAME(shown_for("two-three", false), "|" TOP "updates/d.ko x=1 t=1");
	SAME(shown_for("d", false), "|" TOP "updates/d.ko x=1");
	/* of the module itself, and not of what it needs */
	configure("options mine m=1\nalias mine c\n");
}

TEST(a_softdep_of_modprobe_d_counts_by_the_name_of_its_file)
{
	boot_soft("softdep a pre: b\nsoftdep d pre: b\nsoftdep d post: a\n");
	fake_add("/etc/modprobe.d", S_IFDIR | 0755);
	fake_text("/etc/modprobe.d/local.conf", "softdep a pre: c post: missing e_e\nsoftdep a pre: d\n");
	fake_text("/etc/modprobe.d/z.conf", "softdep d pre: e_e\nsoftdep c pre: e-e\n");
	SAME(shown_for("a", false), "|" TOP "e-e.ko |" TOP "c.ko |" TOP "a.ko ");
	/* behind modules.softdep: what the modules say themselves */
	SAME(shown_for("d", false),
	     "|" TOP "e-e.ko |" TOP "c.ko |" TOP "b.ko |" TOP "d.ko |" TOP "c.ko |" TOP "a.ko ");
}

TEST(soft_dependencies_take_the_place_of_a_command)
{
	configure("softdep d pre: squashfs\ninstall d no\n");
	SAME(shown_for("d", false), "|" TOP "kernel/fs/squashfs/squashfs.ko |" TOP "updates/d.ko ");
}

TEST(the_kernel_s_command_line_keeps_its_quotes)
{
	boot();
	fake_text("/proc/cmdline",
		  "d.dyndbg=\"file a.c +p\" \"c.dyndbg=file b.c +p\" b.x=\"1\" a.b.c=1 \"d\".y=1 d.\"z\"=1 "
		  "modprobe.blacklist=squashfs,usb-storage d.last\n");
	load_with("a", "");
	SAME(loaded(), "|d dyndbg=\"file a.c +p\" last|c dyndbg=\"file b.c +p\"|b x=\"1\"|a");
	EQUAL(module_load("fs-squashfs"), 0);
	EQUAL(module_load("usb:vpddcdscdpic08isc06ip50in"), 0);
	CHECK(!strstr(loaded(), "squashfs"));
	CHECK(!strstr(loaded(), "usb"));
}


/* --- what is built in, and what the kernel refuses ---------------------------------- */

TEST(what_is_built_in_has_aliases)
{
	static const char info[] =
		"ext4.license=GPL\0ext4.alias=fs-ext[34]\0virtio_blk.alias=virtio:d00000002v*";

	tree("", "", "", "kernel/fs/ext4/ext4.ko\nkernel/drivers/block/virtio_blk.ko\n");
	struct fake_file *file = fake_text(TOP "modules.builtin.modinfo", "");
	file->data = info;
	file->size = sizeof info;
	EQUAL(module_load("fs-ext4"), 0);
	EQUAL(module_load("virtio:d00000002v00001AF4"), 0);
	EQUAL(module_load("fs-ext2"), -ENOENT);
	EQUAL(module_load("GPL"), -ENOENT);
	SAME(shown_for("fs-ext3", false), "|builtin ext4 ");
	fake_fail(1, EIO, "open ro " TOP "modules.builtin.modinfo");
	EQUAL(module_load("fs-ext4"), -EIO); /* and not that there is none */
	SAME(why.step, "open");
	fake_fail(1, ENOENT, "open ro " TOP "modules.builtin.modinfo"); /* before Linux 5.2 */
	EQUAL(module_load("fs-ext4"), -ENOENT);
	CHECK(why.is_finding);
}

TEST(what_is_built_in_is_not_removed)
{
	boot();
	EQUAL(remove_module("ext4"), -EBUSY);
	CHECK(why.is_finding);
	SAME(fake_log("delete_module "), "");
}

TEST(a_dependency_that_can_t_be_removed_is_told)
{
	boot();
	module_load("a");
	fake_fail(ALWAYS, EPERM, "delete_module c");
	EQUAL(remove_module("a"), -EPERM);
	SAME(why.path, "c");
}

/* It may still fail, which the kernel tells whoever loads it, too. */
TEST(what_is_being_loaded_is_waited_for)
{
	boot_soft("softdep a pre: c\n");
	fake_text("/sys/module/a/initstate", "coming\n");
	EQUAL(module_load("a"), 0);
	CHECK(strstr(fake_log("finit_module "), "/a.ko"));
}

TEST(soft_dependencies_are_removed_too)
{
	boot_soft("softdep a pre: b e_e missing post: c\n");
	module_load("a");
	EQUAL(remove_module("a"), 0);
	SAME(fake_log("delete_module "), "|a"); /* without /sys it may not be there */
	module_load("a");
	for (const char *name = "a\0b\0c\0e_e\0"; *name; name = nth_string(name, 1)) {
		char path[40];
		append(append(append(path, "/sys/module/"), name), "/initstate");
		fake_text(path, "live\n");
	}
	EQUAL(remove_module("a"), 0);
	SAME(fake_log("delete_module "), "|a|c|a|e_e|b");
}

TEST(what_would_be_removed_is_shown)
{
	boot();
	fake_text("/sys/module/a/initstate", "live\n");
	struct module_request request = {
		.name = "a", .parameters = "", .show = show, .only_show = true, .remove = true
	};
	EQUAL(module_request(&request), 0);
	request.name = "b";
	EQUAL(module_request(&request), 0);
	SAME(shown, "|rmmod a ");
	request.show_all = true;
	EQUAL(module_request(&request), 0);
	SAME(shown, "|rmmod a |rmmod b ");
	SAME(fake_log("delete_module "), "");
}

/* A record of /dev/kmsg. */
static void kernel_says(uint64_t milliseconds, const char *text)
{
	static char record[200];

	strcat(strcpy(record, "4,100,"), decimal(milliseconds * 1000));
	strcat(strcat(strcat(record, ",-;"), text), "\n");
	fake_text("/dev/kmsg", record);
}

TEST(the_kernel_s_reason_is_told)
{
	boot();
	kernel_says(sys_milliseconds(), "usb_storage: Unknown symbol scsi_x (err -2)");
	fake_fail(1, ENOENT, "finit_module " TOP "kernel/drivers/usb-storage.ko.xz");
	EQUAL(module_load("usb-storage"), -ENOEXEC); /* the file is there */
	SAME(why.path, TOP "kernel/drivers/usb-storage.ko.xz");
	SAME(why.step, "Unknown symbol scsi_x (err -2)");
	CHECK(why.is_finding);
	EQUAL(fake_open_count(), 0);
}

TEST(where_the_log_says_nothing_the_errno_does)
{
	boot();
	kernel_says(sys_milliseconds(), "usb_storage2: Unknown symbol x");
	fake_fail(1, ENOENT, "finit_module " TOP "updates/d.ko");
	EQUAL(module_load("d"), -ENOEXEC);
	SAME(why.step, "unknown symbol in the module, or unknown parameter (see dmesg)");
	fake_fail(1, ENOEXEC, "finit_module " TOP "updates/d.ko");
	EQUAL(module_load("d"), -ENOEXEC);
	CHECK(!why.is_finding);
}

TEST(a_reason_of_long_ago_is_none)
{
	boot();
	kernel_says(0, "d: Unknown symbol x (err -2)");
	sys_poll(NULL, 0, 10000);
	fake_fail(1, ENOENT, "finit_module " TOP "updates/d.ko");
	EQUAL(module_load("d"), -ENOEXEC);
	CHECK(!strstr(why.step, "symbol x"));
}
