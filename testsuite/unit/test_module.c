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
	EQUAL(fake_count("open ro " TOP "modules."), 4);
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
	struct module_request request = { .name = "b", .parameters = "x=1", .show = show };
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
	EQUAL(module_request(&(struct module_request){ .name = "a", .parameters = "x", .show = show }), 0);
	SAME(shown, "|" TOP "b.ko |" TOP "a.ko x|" TOP "c.ko |" TOP "d.ko ");
	SAME(loaded(), "");
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
	module_request(&(struct module_request){
		.name = name, .parameters = "", .show = show, .ignore_commands = without_commands });
	return shown;
}

TEST(modprobe_d_has_aliases_too)
{
	configure("alias mine d\nalias two-* c\nalias usb_storage d\nalias off nosuch\n");
	SAME(shown_for("mine", false), "|" TOP "updates/d.ko ");
	SAME(shown_for("two_three", false), "|" TOP "updates/d.ko |" TOP "updates/c.ko ");
	/* they come before modules */
	SAME(shown_for("usb-storage", false), "|" TOP "updates/d.ko ");
	EQUAL(module_load("off"), 0);
	SAME(loaded(), "");
}

TEST(aliases_of_modprobe_d_that_lead_to_each_other_end)
{
	configure("alias x y\nalias y x\n");
	EQUAL(module_load("x"), -ELOOP);
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
	module_request(
		&(struct module_request){ .name = "c", .parameters = "", .show = show, .remove = true });
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
	struct module_request request = { .name = "mine", .parameters = "", .show = show, .resolve = true };
	EQUAL(module_request(&request), 0);
	SAME(shown, "| d ");
	SAME(loaded(), "");
}

TEST(another_configuration_is_read_instead)
{
	configure("options d x=1\n");
	fake_text("/other.conf", "options d y=2\n");
	module_configuration = "/other.conf";
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
