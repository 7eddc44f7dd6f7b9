/* SPDX-License-Identifier: MIT */
/* Handing over: all is checked before anything is touched, and what is deleted is
 * the initramfs alone. */
#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <string.h>

#include "compat.h"
#include "fake_kernel.h"
#include "handover.h"
#include "test.h"

enum { RAMFS = 0x858458f6, TMPFS = 0x01021994, EXT = 0xef53 };

static char *arguments[] = { "/sbin/init", "single", NULL };
static struct handover handover;

/* The start of a program, as far as it is looked at. */
static unsigned char program[sizeof(ElfW(Ehdr))];

static void make_program(unsigned machine, unsigned class)
{
	ElfW(Ehdr) header = { .e_ident = ELFMAG, .e_machine = machine };

	header.e_ident[EI_CLASS] = class;
	header.e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? ELFDATA2MSB : ELFDATA2LSB;
	memcpy(program, &header, sizeof header);
}

/* The machine that these tests run on, which the linker tells. */
extern const ElfW(Ehdr) __ehdr_start;
#define OURS __ehdr_start.e_machine
/* What programs of the other class are, that the same kernel runs. */
#ifdef ARCH_ELF_64
#define THEIRS (sizeof(long) == 8 ? ARCH_ELF_32 : ARCH_ELF_64)
#else
#define THEIRS OURS
#endif
enum { OUR_CLASS = sizeof(long) == 8 ? ELFCLASS64 : ELFCLASS32 };

/* One that needs another one, which the initramfs has, too. */
static struct {
	ElfW(Ehdr) elf;
	ElfW(Phdr) headers[2];
	char path[32];
} dynamic;

static struct fake_file *make_dynamic(const char *interpreter)
{
	struct fake_file *init = fake_find("/new/sbin/init");

	memcpy(&dynamic.elf, program, sizeof program);
	dynamic.elf.e_phoff = offsetof(typeof(dynamic), headers);
	dynamic.elf.e_phnum = LENGTH(dynamic.headers);
	dynamic.headers[0].p_type = PT_LOAD;
	dynamic.headers[1].p_type = PT_INTERP;
	dynamic.headers[1].p_offset = offsetof(typeof(dynamic), path);
	strcpy(dynamic.path, interpreter);
	init->data = &dynamic;
	init->size = sizeof dynamic;
	fake_add(interpreter, S_IFREG | 0755);
	return init;
}

static struct fake_file *add_program(const char *path)
{
	struct fake_file *file = fake_add(path, S_IFREG | 0755);

	file->device = 2;
	file->data = program;
	file->size = sizeof program;
	return file;
}

static struct fake_file *on(uint64_t device, struct fake_file *file)
{
	file->device = device;
	return file;
}

/* An initramfs (device 1) with /new (2), what is to be moved (3 to 6), and a mount
 * that nobody moves (7). */
static void boot(void)
{
	static const char *const moved[] = { "/dev", "/proc", "/sys", "/run" };
	char path[40];

	fake_boot();
	fake.root_type = RAMFS;
	for (unsigned i = 0; i < 4; i++) {
		on(3 + i, fake_add(moved[i], S_IFDIR | 0755))->is_mounted = true;
		append(append(path, "/new"), moved[i]);
		on(2, fake_add(path, S_IFDIR | 0755));
	}
	on(3, fake_add("/dev/console", S_IFCHR | 0600));
	on(2, fake_add("/new", S_IFDIR | 0755))->is_mounted = true;
	on(2, fake_add("/new/sbin", S_IFDIR | 0755));
	make_program(OURS, OUR_CLASS);
	struct fake_file *init = on(2, fake_add("/new/sbin/init", S_IFREG | 0755));
	init->data = program;
	init->size = sizeof program;
	on(2, fake_add("/new/data", S_IFREG | 0644));
	fake_add("/init", S_IFREG | 0755);
	fake_add("/lib", S_IFDIR | 0755);
	fake_add("/lib/modules", S_IFDIR | 0755);
	fake_add("/lib/modules/loop.ko", S_IFREG | 0644);
	on(7, fake_add("/medium", S_IFDIR | 0755))->is_mounted = true;
	on(7, fake_add("/medium/precious", S_IFREG | 0644));
	on(7, fake_add("/medium/folder", S_IFDIR | 0755));
	handover = (struct handover){ .new_root = "/new", .init = "/sbin/init", .argv = arguments };
}

/* Nothing has changed. */
static void check_untouched(void)
{
	EQUAL(fake_count("mount") + fake_count("umount"), 0);
	EQUAL(fake_count("unlink") + fake_count("rmdir"), 0);
	SAME(fake.root, "");
	EQUAL(fake_open_count(), 0);
}

static void refuse(int error, const char *path)
{
	EQUAL(handover_check(&handover), error);
	EQUAL(why.error, error);
	SAME(why.path, path);
	SAME(fake.directory, ""); /* else it would stay in use */
	check_untouched();
}

TEST(a_good_root_passes)
{
	boot();
	EQUAL(handover_check(&handover), 0);
	SAME(fake.directory, "/new");
	check_untouched();
	fake.root_type = TMPFS;
	EQUAL(handover_check(&handover), 0);
	check_untouched();
}

TEST(a_directory_is_no_new_root)
{
	boot();
	fake_find("/new")->is_mounted = false;
	refuse(-EINVAL, "/new");
}

TEST(before_5_8_mounts_tell_what_is_a_mount_point)
{
	boot();
	fake.tells_no_mount_root = true;
	fake_text("/proc/self/mounts", "none / rootfs rw 0 0\n/dev/sda1 /new ext4 rw 0 0\n");
	if (HAS_LEGACY) {
		EQUAL(handover_check(&handover), 0);
		check_untouched();
	} else {
		refuse(-EINVAL, "/new");
	}
}

TEST(before_5_8_a_directory_is_no_new_root_either)
{
	boot();
	fake.tells_no_mount_root = true;
	fake_text("/proc/self/mounts", "none / rootfs rw 0 0\n/dev/sda1 /newer ext4 rw 0 0\n");
	refuse(-EINVAL, "/new");
	boot();
	fake.tells_no_mount_root = true; /* and /proc is missing */
	if (HAS_LEGACY)
		refuse(-ENOENT, "/proc/self/mounts");
	else
		refuse(-EINVAL, "/new");
}

TEST(a_kernel_without_statx_is_an_old_one)
{
	boot();
	fake_fail(ALWAYS, ENOSYS, "statx");
	fake_text("/proc/self/mounts", "/dev/sda1 /new ext4 rw 0 0\n");
	if (HAS_LEGACY)
		EQUAL(handover_check(&handover), 0);
	else
		refuse(-ENOSYS, "/new");
}

TEST(a_missing_root_is_refused)
{
	boot();
	handover.new_root = "/nowhere";
	refuse(-ENOENT, "/nowhere");
}

TEST(the_root_itself_is_refused)
{
	boot();
	fake_find("")->is_mounted = true;
	handover.new_root = "/";
	refuse(-EINVAL, "/");
}

TEST(an_old_root_that_is_no_initramfs_is_refused)
{
	boot();
	fake.root_type = EXT;
	refuse(-EINVAL, "the old root");
	CHECK(why.is_finding);
}

TEST(an_init_that_is_missing_is_refused)
{
	boot();
	handover.init = "/sbin/other";
	refuse(-ENOENT, "/sbin/other");
	CHECK(handover.missing_init);
	handover.init = "/init"; /* which the initramfs has */
	refuse(-ENOENT, "/init");
	CHECK(handover.missing_init);
}

TEST(an_init_that_is_no_program_is_refused)
{
	boot();
	handover.init = "/data";
	refuse(-EACCES, "/data");
	CHECK(!handover.missing_init);
	handover.init = "/sbin";
	refuse(-EISDIR, "/sbin");
}

TEST(an_init_of_another_machine_is_refused)
{
	boot();
	EQUAL(handover_check(&handover), 0);
	check_untouched();
	make_program(EM_PARISC, OUR_CLASS);
	refuse(-ENOEXEC, "/sbin/init");
	CHECK(why.is_finding && after_prefix(why.step, "built for machine 15, this machine is "));
	make_program(EM_S390, OUR_CLASS);
	refuse(-ENOEXEC, "/sbin/init");
	CHECK(after_prefix(why.step, "built for s390x, this machine is "));
	make_program(OURS | 0x100, OUR_CLASS);
	refuse(-ENOEXEC, "/sbin/init");
	make_program(__builtin_bswap16(OURS), OUR_CLASS);
	refuse(-ENOEXEC, "/sbin/init");
	make_program(OURS, OUR_CLASS);
	fake_find("/new/sbin/init")->size = sizeof program - 1;
	refuse(-ENOEXEC, "/sbin/init");
	fake_find("/new/sbin/init")->size = sizeof program;
	EQUAL(handover_check(&handover), 0);
	program[0] = 0;
	refuse(-ENOEXEC, "/sbin/init");
	SAME(why.step, "not a program (an ELF file or a script)");
}

#ifdef ARCH_ELF_64
TEST(the_running_kernel_decides_on_programs_of_64_bits)
{
	static const char *const kernels[] = { "i686", "armv7l", "mips", "ppc" };

	boot();
	make_program(ARCH_ELF_32, ELFCLASS32);
	EQUAL(handover_check(&handover), 0);
	check_untouched();
	make_program(ARCH_ELF_64, ELFCLASS64);
	fake.machine = "mips64";
	EQUAL(handover_check(&handover), 0);
	check_untouched();
	for (unsigned i = 0; sizeof(long) == 4 && i < LENGTH(kernels); i++) {
		fake.machine = kernels[i];
		refuse(-ENOEXEC, "/sbin/init");
	}
	make_program(OURS, OUR_CLASS); /* for the tests that follow */
}
#endif

TEST(an_init_that_is_a_script_passes)
{
	static const struct {
		const char *text;
		int result;
	} cases[] = {
		{ "#!/sbin/sh\n", 0 },
		{ "#! \t/sbin/sh -e\necho", 0 },
		{ "#!/sbin/sh", 0 },
		{ "#!", -ENOEXEC },
		{ "#! \t", -ENOEXEC },
		{ "#!\n/sbin/sh", -ENOEXEC },
		{ "# comment, no shebang", -ENOEXEC },
		{ "", -ENOEXEC },
		{ "echo", -ENOEXEC },
		{ " #!/sbin/sh and more", -ENOEXEC },
	};
	boot();
	add_program("/new/sbin/sh");
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		fake_find("/new/sbin/init")->data = cases[i].text;
		fake_find("/new/sbin/init")->size = strlen(cases[i].text);
		if (cases[i].result)
			refuse(cases[i].result, "/sbin/init");
		EQUAL(handover_check(&handover), cases[i].result);
	}
}

TEST(an_interpreter_that_is_missing_is_refused)
{
	boot();
	struct fake_file *init = make_dynamic("/sbin/ld.so");
	refuse(-ENOENT, "/sbin/init");
	SAME(why.step, "needs /sbin/ld.so, which is missing");
	CHECK(why.is_finding);
	CHECK(!handover.missing_init); /* which is there */
	struct fake_file *loader = add_program("/new/sbin/ld.so");
	EQUAL(handover_check(&handover), 0);
	check_untouched();
	loader->mode = S_IFREG | 0644;
	refuse(-EACCES, "/sbin/ld.so");
	fake_fail(1, EIO, "pread");
	refuse(-EIO, "/sbin/init");
	/* Where no headers are, or others, nothing is found. */
	dynamic.elf.e_phnum = 1;
	EQUAL(handover_check(&handover), 0);
	dynamic.elf.e_phnum = 65535;
	dynamic.elf.e_phoff = -8;
	EQUAL(handover_check(&handover), 0);
	dynamic.elf.e_phoff = 1;
	EQUAL(handover_check(&handover), 0);
	dynamic.elf.e_phoff = offsetof(typeof(dynamic), headers);
	init->size = offsetof(typeof(dynamic), path) - 1;
	EQUAL(handover_check(&handover), 0);
	init->size = sizeof dynamic;
	dynamic.elf.e_ident[EI_CLASS] = 3 - dynamic.elf.e_ident[EI_CLASS];
	dynamic.elf.e_machine = THEIRS;
	EQUAL(handover_check(&handover), 0);
}

TEST(the_interpreter_of_a_script_may_need_one_itself)
{
	static const char script[] = "#!/sbin/other -x\n", other[] = "#!/sbin/dynamic\n",
			  self[] = "#!/sbin/init";

	boot();
	struct fake_file *init = make_dynamic("/sbin/ld.so");
	struct fake_file *second = fake_add("/new/sbin/other", S_IFREG | 0755);
	struct fake_file *third = fake_add("/new/sbin/dynamic", S_IFREG | 0755);
	third->data = init->data;
	third->size = init->size;
	init->data = script;
	init->size = sizeof script - 1;
	second->data = other;
	second->size = sizeof other - 1;
	refuse(-ENOENT, "/sbin/dynamic");
	SAME(why.step, "needs /sbin/ld.so, which is missing");
	add_program("/new/sbin/ld.so");
	EQUAL(handover_check(&handover), 0);
	third->data = NULL;
	third->size = 0;
	refuse(-ENOEXEC, "/sbin/dynamic");
	/* It has an end, as it has for the kernel. */
	init->data = self;
	init->size = sizeof self - 1;
	refuse(-ELOOP, "/sbin/init");
}

TEST(the_interpreter_of_a_program_is_the_last)
{
	static const char below_run[] = "#!/run/later/sh";

	boot();
	struct fake_file *init = make_dynamic("/sbin/ld.so");
	struct fake_file *loader = add_program("/new/sbin/ld.so");
	/* whatever that names itself */
	loader->data = &dynamic;
	loader->size = sizeof dynamic;
	strcpy(dynamic.path, "/sbin/ld.so");
	EQUAL(handover_check(&handover), 0);
	EQUAL(fake_count("openat2"), 2);
	/* /run is still to be moved there. */
	init->data = below_run;
	init->size = sizeof below_run - 1;
	EQUAL(handover_check(&handover), 0);
}

TEST(an_init_that_can_not_be_read_is_refused)
{
	boot();
	fake_fail(1, EACCES, "openat2 /sbin/init");
	refuse(-EACCES, "/sbin/init");
}

TEST(before_5_6_the_new_root_is_looked_at_by_chroot)
{
	boot();
	fake.has_no_openat2 = true;
	if (!HAS_LEGACY) {
		refuse(-ENOSYS, "/sbin/init");
		return;
	}
	EQUAL(handover_check(&handover), 0);
	EQUAL(fake_count("chroot ."), 2);
	check_untouched();
	fake_find("/new/sbin/init")->mode = S_IFREG | 0644;
	refuse(-EACCES, "/sbin/init");
	fake_find("/new/sbin/init")->mode = S_IFDIR | 0755;
	refuse(-EACCES, "/sbin/init");
}

TEST(a_chroot_that_fails_leaves_nothing_open)
{
	boot();
	fake.has_no_openat2 = true;
	fake_fail(1, EPERM, "chroot .");
	if (HAS_LEGACY)
		refuse(-EPERM, "/sbin/init");
}

static unsigned failing;

static void fail_check_there(void)
{
	static const int errors[] = { EPERM, ENOENT, EIO, EACCES, EMFILE, ENOMEM, ENOTDIR };

	for (unsigned i = 0; i < LENGTH(errors); i++) {
		boot();
		fake_fail_nth(failing, errors[i]);
		handover_check(&handover);
		check_untouched();
	}
}

TEST(whatever_call_fails_the_check_touches_nothing)
{
	char about[40];

	boot();
	EQUAL(handover_check(&handover), 0);
	for (unsigned calls = fake.calls; failing < calls;) {
		append_number(append(about, "fails at call "), ++failing);
		test_apart(fail_check_there, about);
	}
}


/* --- the handover itself -------------------------------------------------- */

static void run(void)
{
	EQUAL(handover_check(&handover), 0);
	EQUAL(handover_run(&handover), 0);
}

TEST(init_runs_in_the_new_root_with_its_arguments)
{
	boot();
	run();
	SAME(fake_log("execve "), "|/sbin/init: /sbin/init single");
	SAME(fake.root, "/new");
	SAME(fake.directory, "/new");
	EQUAL(fake.inherited, 0);
}

TEST(the_mounts_of_the_system_move_along)
{
	boot();
	run();
	SAME(fake_log("mount "),
	     "|/dev dev - move -|/proc proc - move -|/sys sys - move -|/run run - move -|. / - move -");
	CHECK(fake_find("/new/dev/console"));
	CHECK(fake_find("/new/dev")->is_mounted);
	EQUAL(fake_count("umount"), 0);
}

TEST(what_was_moved_before_is_no_failure)
{
	boot();
	on(1, fake_find("/dev"))->is_mounted = on(1, fake_find("/run"))->is_mounted = false;
	run();
	EQUAL(fake_count("execve"), 1);
	EQUAL(fake_count("umount"), 0);
}

/* So does initramfs-tools, for scripts that still want to say something. */
TEST(a_link_to_what_was_moved_before_is_not_followed)
{
	boot();
	on(7, fake_find("/new/dev"))->is_mounted = true;
	struct fake_file *link = on(1, fake_find("/dev"));
	link->mode = S_IFLNK | 0777;
	link->is_mounted = false;
	link->data = "/new/dev";
	run();
	EQUAL(fake_count("umount"), 0);
	EQUAL(fake_count("mount /dev "), 0);
	CHECK(fake_find("/new/dev")->is_mounted);
}

TEST(a_link_in_the_new_root_is_no_place_to_move_to)
{
	boot();
	struct fake_file *link = fake_find("/new/run");
	link->mode = S_IFLNK | 0777;
	link->data = "/somewhere";
	run();
	SAME(fake_log("umount "), "|/run 2");
	EQUAL(fake_count("execve"), 1);
}

TEST(a_mount_without_a_place_in_the_new_root_is_detached)
{
	boot();
	strcpy(fake_find("/new/sys")->path, "/new/other");
	run();
	SAME(fake_log("umount "), "|/sys 2");
	EQUAL(fake_count("execve"), 1);
}

/* What an applet says: |OBJECT: STEP */
static char told[200];
static void report(void)
{
	strcat(strcat(strcat(strcat(told, "|"), why.path), ": "), why.step);
}

TEST(what_can_not_be_moved_along_is_told)
{
	boot();
	handover.report = report;
	fake_fail(1, EBUSY, "mount /dev ");
	strcpy(fake_find("/new/sys")->path, "/new/other");
	run();
	SAME(told, "|/dev: move to the new root"); /* for /sys there is no place, as with util-linux */
	SAME(fake_log("umount "), "|/dev 2|/sys 2");
	EQUAL(fake_count("execve"), 1);
}

/* The kernel says EINVAL of a folder that is no mount, too, as without devtmpfs; but not only. */
TEST(a_mount_that_init_can_not_move_along_is_told_whatever_the_kernel_says)
{
	boot();
	handover.is_init = true;
	handover.report = report;
	fake_fail(1, EINVAL, "mount /dev ");
	run();
	SAME(told, "|/dev: move to the new root");
}

TEST(what_the_new_root_has_itself_is_not_hidden)
{
	boot();
	on(8, fake_find("/new/dev"))->is_mounted = true;
	run();
	SAME(fake_log("umount "), "|/dev 2");
	EQUAL(fake_count("execve"), 1);
}

TEST(the_initramfs_is_deleted_and_nothing_else)
{
	boot();
	run();
	CHECK(!fake_find("/init"));
	CHECK(!fake_find("/lib"));
	CHECK(!fake_find("/lib/modules/loop.ko"));
	CHECK(fake_find("/new/data"));
	CHECK(fake_find("/new/sbin/init"));
	CHECK(fake_find("/medium/precious"));
	CHECK(fake_find("/medium/folder"));
	EQUAL(fake_count("unlink /medium/") + fake_count("rmdir /medium/"), 0);
	EQUAL(fake_count("unlink /new/") + fake_count("rmdir /new/"), 0);
}

TEST(the_initramfs_is_deleted_only_once_the_root_is_the_new_one)
{
	boot();
	run();
	const char *log = fake_log("");
	CHECK(strstr(log, "|chroot .|"));
	CHECK(strstr(log, "|unlink "));
	/* the check chroots too, and back: the last one counts */
	const char *last = log;
	for (const char *p = log; (p = strstr(p, "|chroot .|")); p++)
		last = p;
	CHECK(strstr(log, "|unlink ") > last);
	CHECK(strstr(log, "|execve ") > strstr(log, "|unlink "));
}

TEST(an_initramfs_may_be_kept)
{
	boot();
	handover.keep_initramfs = true;
	run();
	EQUAL(fake_count("unlink") + fake_count("rmdir"), 0);
	EQUAL(fake_count("execve"), 1);
}

TEST(a_new_root_on_the_initramfs_itself_is_not_deleted)
{
	boot();
	fake_find("/new")->device = 1;
	run();
	EQUAL(fake_count("unlink") + fake_count("rmdir"), 0);
}

TEST(an_initramfs_that_can_be_left_is_unmounted_as_a_whole)
{
	boot();
	fake.pivots_initramfs = true;
	run();
	SAME(fake_log("pivot_root "), "|. .");
	SAME(fake_log("umount "), "|. 2");
	SAME(fake_log("mount "),
	     "|/dev dev - move -|/proc proc - move -|/sys sys - move -|/run run - move -");
	EQUAL(fake.old_root, OLD_ROOT_GONE);
	SAME(fake.root, "/new");
	SAME(fake.directory, "/new");
	EQUAL(fake_count("unlink") + fake_count("rmdir"), 0); /* that goes by itself */
	SAME(fake_log("execve "), "|/sbin/init: /sbin/init single");
	EQUAL(fake.inherited, 0);
	EQUAL(fake_open_count(), 0);
}

TEST(before_7_0_the_root_is_moved)
{
	boot();
	run();
	EQUAL(fake_count("pivot_root"), 1);
	CHECK(strstr(fake_log(""), "|pivot_root . .|mount . / - move -|chroot .|chdir /|"));
	EQUAL(fake.old_root, OLD_ROOT_IS);
	boot();
	fake_fail(ALWAYS, ENOSYS, "pivot_root");
	run();
	EQUAL(fake_count("execve"), 1);
	CHECK(!fake_find("/init"));
}

TEST(an_initramfs_that_is_kept_is_not_pivoted_from)
{
	boot();
	fake.pivots_initramfs = handover.keep_initramfs = true;
	run();
	EQUAL(fake_count("pivot_root") + fake_count("umount"), 0);
	EQUAL(fake_count("unlink") + fake_count("rmdir"), 0);
	EQUAL(fake_count("execve"), 1);
}

/* The new root is complete: it is entered. */
TEST(an_old_root_that_can_not_be_detached_is_emptied)
{
	boot();
	fake.pivots_initramfs = true;
	fake_fail(1, EPERM, "umount .");
	run();
	EQUAL(fake_count("execve"), 1);
	CHECK(!fake_find("/init"));
	EQUAL(fake_open_count(), 0);
}

TEST(a_root_that_has_been_left_is_left)
{
	for (unsigned pivots = 0; pivots < 2; pivots++) {
		boot();
		fake.pivots_initramfs = pivots;
		EQUAL(handover_check(&handover), 0);
		fake_fail(1, EPERM, "chdir /");
		EQUAL(handover_run(&handover), 0);
		EQUAL(fake_count("execve"), 1);
	}
}

TEST(a_root_that_can_not_be_changed_is_not_deleted)
{
	static const char *const steps[] = {
		"open ro /",
		"mount . /",
		"chroot .",
	};
	for (unsigned i = 0; i < LENGTH(steps); i++) {
		boot();
		EQUAL(handover_check(&handover), 0);
		fake_fail(1, EPERM, steps[i]);
		if (i == 0)
			fake_find("")->mode = S_IFDIR;
		EQUAL(handover_run(&handover), -EPERM);
		EQUAL(why.error, -EPERM);
		EQUAL(fake_count("unlink") + fake_count("rmdir") + fake_count("execve"), 0);
		for (int fd = 3; fd < 10; fd++)
			if (fake_flags_of(fd) >= 0)
				sys_close(fd); /* who failed so is to end */
	}
}

TEST(a_console_takes_the_first_three_descriptors)
{
	boot();
	handover.console = "/dev/console";
	run();
	SAME(fake_log("open rw "), "|/dev/console");
	EQUAL(fake_count("dup "), 3);
	EQUAL(fake.inherited, 0);
	for (int fd = 0; fd < 3; fd++) {
		CHECK(fake_flags_of(fd) >= 0);
		CHECK(!(fake_flags_of(fd) & O_CLOEXEC));
	}
}

TEST(a_console_works_where_the_first_three_are_closed)
{
	boot();
	handover.console = "/dev/console";
	EQUAL(handover_check(&handover), 0);
	for (int fd = 0; fd < 3; fd++)
		sys_close(fd);
	EQUAL(handover_run(&handover), 0);
	for (int fd = 0; fd < 3; fd++) {
		CHECK(fake_flags_of(fd) >= 0);
		EQUAL(fake_flags_of(fd) & O_ACCMODE, O_RDWR);
		CHECK(!(fake_flags_of(fd) & O_CLOEXEC));
	}
	EQUAL(fake.inherited, 0);
}

TEST(a_missing_console_stops_nothing)
{
	boot();
	handover.console = "/dev/tty9";
	handover.report = report;
	run();
	SAME(told, "|/dev/tty9: open");
	EQUAL(fake_count("dup "), 0);
	EQUAL(fake_count("execve"), 1);
}

TEST(an_exec_that_fails_is_told)
{
	boot();
	fake_fail(1, ENOEXEC, "execve");
	EQUAL(handover_check(&handover), 0);
	EQUAL(handover_run(&handover), -ENOEXEC);
	SAME(why.path, "/sbin/init");
	SAME(why.step, "exec");
}
