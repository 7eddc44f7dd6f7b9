/* SPDX-License-Identifier: MIT */
/* From the initramfs to the real root: look first, then move, then delete. */
//config:config FEATURE_HANDOVER_FORMAT
//config:	bool "Look whether the new init is a program of this machine"
//config:	default y
//config:	help
//config:	  Before anything is given up for it: a script, or an ELF file, whose
//config:	  interpreter is there, too.
//config:
//config:config FEATURE_HANDOVER_PIVOT
//config:	bool "Leave the initramfs by pivot_root(2)"
//config:	default y
//config:	help
//config:	  Where the kernel allows it (Linux 7.0). Otherwise the new root is
//config:	  moved over it, and what is in it is deleted.
//kbuild:obj-y += libbb/handover.o
#include <link.h>
#include <sys/utsname.h>

#include "compat.h"
#include "handover.h"
#include "mount.h"

enum {
	RAMFS = (int)0x858458f6,
	TMPFS = 0x01021994,
	SCRIPTS = 5, /* as many as the kernel goes through: exec_binprm() of its fs/exec.c */
	NATIVE_CLASS = sizeof(long) == 8 ? ELFCLASS64 : ELFCLASS32,
};

extern char **environ;

/* Where libbb/arch/ has no header for the machine: that of this program, which the linker tells. */
#ifndef ARCH_ELF_64
extern const ElfW(Ehdr) __ehdr_start;
#define ARCH_ELF_64 __ehdr_start.e_machine
#define ARCH_ELF_32 __ehdr_start.e_machine
#endif

static int check_new_root(const char *new_root)
{
	struct stat from, to;

	int r = sys_stat(AT_FDCWD, new_root, &to);
	if (r < 0)
		return failed(r, new_root, "new root");
	r = mount_is_point(new_root);
	if (r <= 0)
		return r < 0 ? r : found(-EINVAL, new_root, "not a mount point");
	r = sys_stat(AT_FDCWD, "/", &from);
	if (r < 0)
		return failed(r, "/", "old root");
	if (to.st_dev == from.st_dev && to.st_ino == from.st_ino)
		return found(-EINVAL, new_root, "this is already the root");
	return 0;
}

static int check_old_root(void)
{
	struct statfs old;

	int r = sys_statfs("/", &old);
	if (r < 0)
		return failed(r, "/", "old root");
	if ((int)old.f_type != RAMFS && (int)old.f_type != TMPFS)
		return found(-EINVAL, "the old root", "not an initramfs (ramfs or tmpfs)");
	return 0;
}

/* What the start of a program tells. */
struct program {
	const char *interpreter; /* what else the kernel needs to run it, or NULL; in libbb's text memory */
	bool is_script;		 /* its interpreter may need one itself */
	const char *finding;	 /* why it can't be run, or NULL */
};

/* What uname(2) calls the machine that a program is for. */
static const char *machine_name(unsigned number)
{
	static const struct {
		unsigned short number;
		char name[12];
	} names[] = {
		{ EM_386, "i386" },    { EM_X86_64, "x86_64" }, { EM_ARM, "arm" }, { EM_AARCH64, "aarch64" },
		{ EM_RISCV, "riscv" }, { EM_MIPS, "mips" },	{ EM_PPC, "ppc" }, { EM_PPC64, "ppc64" },
		{ EM_S390, "s390x" },  { 258, "loongarch64" },
	};

	for (unsigned i = 0; i < LENGTH(names); i++)
		if (names[i].number == number)
			return names[i].name;
	return joined("machine ", decimal(number), "");
}

/* Why a program of another machine can't be run. */
static const char *foreign(const ElfW(Ehdr) * elf)
{
	struct utsname system = { .machine = "another" };
	const unsigned char *bytes = (const void *)&elf->e_machine;
	unsigned machine =
		elf->e_ident[EI_DATA] == ELFDATA2MSB ? bytes[0] << 8 | bytes[1] : bytes[1] << 8 | bytes[0];

	sys_uname(&system);
	return joined("built for ", machine_name(machine), joined(", this machine is ", system.machine, ""));
}

/* Whether the running kernel has 64 bits, and so runs programs of both kinds. */
static bool kernel_is_64(void)
{
	struct utsname system;

	if (sizeof(long) == 8)
		return true;
	if (sys_uname(&system) < 0)
		return false;
	/* x86_64, aarch64, mips64, ppc64le, ... */
	for (const char *at = system.machine; *(at = find_byte(at, '6')); at++)
		if (at[1] == '4')
			return true;
	return false;
}

/* Whether it is a program of this machine, of either class. The number can be told from its
 * bytes in the wrong order, as a program of the other byte order has it. */
static bool runs_here(const ElfW(Ehdr) * elf)
{
	bool is_32 = elf->e_machine == ARCH_ELF_32 && elf->e_ident[EI_CLASS] == ELFCLASS32;

	return is_32 || (elf->e_machine == ARCH_ELF_64 && kernel_is_64());
}

/* Whether the kernel can run it, as far as its start tells: a program of this machine,
 * or a script. */
static int check_format(int fd, struct program *program)
{
	static union {
		ElfW(Ehdr) elf;
		char text[1024];
	} start;

	int size = sys_read(fd, start.text, sizeof start - 1);
	if (size < 0)
		return size;
	start.text[size] = 0;
	char *script = after_prefix(start.text, "#!");
	if (script)
		*find_byte(script, '\n') = 0;
	const char *interpreter = script ? next_word(&script) : NULL;
	program->is_script = interpreter;
	if (interpreter) {
		program->interpreter = copy_of(interpreter);
		return 0;
	}
	if (size < (int)sizeof start.elf || !after_prefix(start.text, ELFMAG))
		program->finding = "not a program (an ELF file or a script)";
	else if (!runs_here(&start.elf))
		program->finding = foreign(&start.elf);
	if (program->finding)
		return -ENOEXEC;
	/* A 32-bit program's structures are others, which are not looked at; nor is what lies
	 * where no linker puts it. */
	bool is_usual = start.elf.e_ident[EI_CLASS] == NATIVE_CLASS && start.elf.e_phoff % sizeof(long) == 0;
	unsigned left = is_usual ? start.elf.e_phnum : 0;
	for (uint64_t at = start.elf.e_phoff; left-- && at <= size - sizeof(ElfW(Phdr));
	     at += sizeof(ElfW(Phdr))) {
		const ElfW(Phdr) *header = (void *)(start.text + at);
		if (header->p_type != PT_INTERP)
			continue;
		size = sys_pread(fd, start.text, sizeof start - 1, header->p_offset);
		if (size < 0)
			return size;
		start.text[size] = 0;
		program->interpreter = copy_of(start.text);
		break;
	}
	return 0;
}

static int check_program(int fd, struct program *program)
{
	struct stat status;
	int r = sys_access_open(fd, X_OK); /* it may lie on what is noexec */

	/* A start that can be read is a regular file's. */
	if ((ENABLE_LOOP_BIND_LEGACY && r == -ENOSYS) || (r == 0 && !ENABLE_FEATURE_HANDOVER_FORMAT)) {
		r = sys_stat(fd, "", &status);
		if (r == 0 && !(S_ISREG(status.st_mode) && status.st_mode & 0111))
			r = -EACCES;
	}
	return ENABLE_FEATURE_HANDOVER_FORMAT && r == 0 ? check_format(fd, program) : r;
}

/* Not to be stopped by a FIFO. */
enum { LOOK = O_RDONLY | O_NONBLOCK };

/* Before Linux 5.6, which a build without the legacy binding does not run on. */
static int open_by_chroot(const char *init)
{
	int root = sys_open("/", O_PATH), here = sys_open(".", O_PATH);
	int fd = root < 0 ? root : here < 0 ? here : sys_chroot(".");

	if (fd == 0) {
		fd = sys_open(init, LOOK);
		int r = sys_fchdir(root);
		if (r == 0)
			r = sys_chroot(".");
		if (r == 0)
			r = sys_fchdir(here);
		if (r < 0 && fd >= 0)
			sys_close(fd);
		if (r < 0)
			fd = r;
	}
	if (root >= 0)
		sys_close(root);
	if (here >= 0)
		sys_close(here);
	return fd;
}

/* Looks from within the new root, since links there may be absolute. */
static int check_file(const char *path, struct program *program)
{
	int fd = sys_open_in_root(AT_FDCWD, path, LOOK), r = fd;

	if (ENABLE_LOOP_BIND_LEGACY && fd == -ENOSYS)
		r = fd = open_by_chroot(path);
	*program = (struct program){ 0 };
	if (fd >= 0) {
		r = check_program(fd, program);
		sys_close(fd);
	}
	return r;
}

/* Why the program can't be run; which one of them it is, where the kernel says so. */
static int refused(int r, const struct program *program, const char *path, const char *which)
{
	return ENABLE_FEATURE_HANDOVER_FORMAT && r == -ENOEXEC && program->finding
		       ? found(r, path, program->finding)
		       : failed(r, path, which);
}

/* The init, and what the kernel needs to run it; a script's interpreter may be a script itself. */
static int check_init(struct handover *h)
{
	struct program program;
	int r = check_file(h->init, &program);
	h->missing_init = r == -ENOENT;
	if (r < 0)
		return refused(r, &program, h->init, "init in the new root");
	const char *user = h->init, *path;
	/* Below /run is what is there once that has moved. */
	for (unsigned i = 0;
	     ENABLE_FEATURE_HANDOVER_FORMAT && (path = program.interpreter) && !after_prefix(path, "/run/");
	     i++) {
		bool is_last = !program.is_script;
		r = is_last || i < SCRIPTS ? check_file(path, &program) : -ELOOP;
		if (r == -ENOENT)
			return found(r, user, joined("needs ", path, ", which is missing"));
		if (r < 0)
			return refused(r, &program, path, joined("interpreter of ", user, ""));
		if (is_last)
			break;
		user = path;
	}
	return 0;
}

int handover_check(struct handover *h)
{
	int r = ENABLE_HANDOVER_APPLETS && !h->is_init ? check_new_root(h->new_root) : 0;

	if (r == 0)
		r = check_old_root();
	if (r < 0)
		return r;
	r = sys_chdir(h->new_root);
	if (r < 0)
		return failed(r, h->new_root, "chdir");
	r = check_init(h);
	if (r < 0)
		sys_chdir("/"); /* else it would stay in use */
	return r;
}

int handover_console(const char *console)
{
	int fd = sys_open_inherited(console, O_RDWR);

	for (int i = 0; fd >= 0 && i < 3; i++)
		sys_dup(fd, i); /* EINVAL where it is that one already */
	if (fd > 2)
		sys_close(fd);
	return fd;
}

/* Something that does not end the hand-over. */
static void report(struct handover *h, int r, const char *path, const char *step)
{
	if ((ENABLE_FEATURE_INIT_FALLBACK || ENABLE_HANDOVER_APPLETS) && r < 0 && h->report) {
		failed(r, path, step);
		h->report();
	}
}

/* Whoever has mounted all of it himself need not look. */
static bool is_known(const struct handover *h)
{
	return !ENABLE_HANDOVER_APPLETS || h->is_init;
}

/* 1: the new root has no directory of that name; 0: it has one; -errno: nobody can tell. */
static int has_no_place(const char *path, dev_t to)
{
	struct stat place;

	int r = sys_lstat(path, &place);
	return r == -ENOENT ? 1 : r < 0 ? r : place.st_dev != to || !S_ISDIR(place.st_mode);
}

/* Moves what is mounted there from the initramfs, a device, to the new root, another one. */
static void move_mounts(struct handover *h, dev_t from, dev_t to)
{
	static const char kept[][6] = { "/dev", "/proc", "/sys", "/run" };
	bool known = is_known(h);

	for (unsigned i = 0; i < LENGTH(kept); i++) {
		struct stat old;
		int r = known ? 0 : sys_lstat(kept[i], &old);
		/* Nothing is mounted there, or somebody has moved it, and perhaps left a link to
		 * its new place, as initramfs-tools does. */
		if (r == -ENOENT || (!known && r == 0 && old.st_dev == from))
			continue;
		/* What the new root has itself, or has no place for, is not needed; it
		 * would keep the initramfs in use. */
		r = known ? 0 : has_no_place(kept[i] + 1, to);
		if (r == 0)
			r = sys_mount(kept[i], kept[i] + 1, NULL, MS_MOVE, NULL);
		/* Without devtmpfs it is a folder of the initramfs. */
		if (ENABLE_FEATURE_INIT_SMALL && r == -EINVAL && sys_lstat(kept[i], &old) == 0 &&
		    old.st_dev == from)
			continue;
		report(h, r, kept[i], "move to the new root");
		if (r)
			sys_umount(kept[i], MNT_DETACH);
	}
}

int handover_run(struct handover *h)
{
	bool known = is_known(h);
	struct stat from, to;
	int r;

	int old_root = sys_open("/", O_RDONLY | O_DIRECTORY);
	if ((r = old_root) < 0 || (r = sys_stat(old_root, "", &from)) < 0 ||
	    (!known && (r = sys_stat(AT_FDCWD, ".", &to)) < 0))
		return failed(r, h->new_root, "stat");
	move_mounts(h, from.st_dev, known ? from.st_dev : to.st_dev);
	/* Since Linux 7.0 an initramfs can be left by pivot_root(2), and goes as a whole. */
	if (ENABLE_FEATURE_HANDOVER_PIVOT && !h->keep_initramfs && sys_pivot_root(".", ".") == 0) {
		r = sys_umount(".", MNT_DETACH);
		report(h, r, "/", "unmount the initramfs");
		/* Else what is in it is deleted. */
		if (r == 0) {
			sys_close(old_root);
			old_root = -1;
		}
	} else if ((r = sys_mount(".", "/", NULL, MS_MOVE, NULL)) < 0 || (r = sys_chroot(".")) < 0) {
		return failed(r, h->new_root, "move to /");
	}
	sys_chdir("/"); /* where we are is the new root, by another way */
	if (ENABLE_HANDOVER_APPLETS && h->console)
		report(h, handover_console(h->console), h->console, "open");
	/* Never where the new root lies on the initramfs itself. */
	if (old_root >= 0 && !h->keep_initramfs && (known || to.st_dev != from.st_dev))
		directory_empty(old_root, from.st_dev);
	h->argv[0] = (char *)h->init;
	return failed(sys_execve(h->init, h->argv, environ), h->init, "exec");
}
