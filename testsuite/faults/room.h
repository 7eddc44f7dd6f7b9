/* SPDX-License-Identifier: MIT */
/*
 * A room for commands that change the whole tree of mounts, or end the machine: a mount namespace whose root
 * is in memory, with nothing in it of the machine but /proc, /sys and those devices that were put in. A
 * process holds it, so that it can be looked at after the command. For inject.c.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>

static pid_t holder; /* 0: there is no room */

static void put_file(const char *path, const char *content, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);

	if (fd < 0 || write(fd, content, size) != (ssize_t)size)
		_exit(90);
	close(fd);
}

static void put_mount(const char *source, const char *target, const char *type)
{
	mkdir(target, 0755);
	if (mount(source, target, type, 0, NULL))
		_exit(91);
}

static void put_program(int from, const char *to)
{
	static char bytes[1 << 20];
	ssize_t size = pread(from, bytes, sizeof bytes, 0);

	if (size <= 0)
		_exit(92);
	put_file(to, bytes, size);
}

static void put_folders(const char *where)
{
	static const char *const names[] = { "dev", "proc", "sys", "run" };

	for (unsigned i = 0; i < LENGTH(names); i++)
		mkdir(text("%s/%s", where, names[i]), 0755);
}

/* What a command finds in it, by a word. */
static void furnish(const char *word, int program, const char *device)
{
	if (!strcmp(word, "initramfs")) { /* with a new root, of which we ourselves are the init */
		put_mount("new", "/new", "tmpfs");
		put_folders("/new");
		put_program(program, "/new/loopbox");
		put_file("/left", "", 0);
	} else if (!strcmp(word, "dying")) { /* the system is shut down: its root and an image */
		put_file("/shutdown", "", 0);
		put_mount("old", "/oldroot", "tmpfs");
		put_folders("/oldroot");
		put_mount(device, "/oldroot/image", "squashfs");
	} else if (!strcmp(word, "pivot")) {
		put_mount("new", "/new", "tmpfs");
		mkdir("/new/old", 0755);
	} else if (!strcmp(word, "mounts")) {
		put_mount("one", "/one", "tmpfs");
		put_mount("two", "/one/two", "tmpfs");
		put_mount("three", "/three", "ramfs");
	} else if (!strcmp(word, "counted")) { /* on a raw device, or what is like one */
		static const char blank[8192];
		const char *state = "root=/dev/a\ncounts=/run/counts\ncounts.offset=0\ncounts.name=a\n";
		mkdir("/run/initramfs", 0755);
		put_file("/run/initramfs/state", state, strlen(state));
		put_file("/run/counts", blank, sizeof blank);
	} else if (!strcmp(word, "counted-file")) {
		const char *state = text("counts=%s\ncounts.file=/tries\ncounts.name=a\n", device);
		mkdir("/run/initramfs", 0755);
		put_file("/run/initramfs/state", state, strlen(state));
	} else {
		_exit(93);
	}
}

/* At that folder. program: what is run in it; device: a node of that is put in. */
static void open_room(const char *folder, const char *word, const char *program, const char *device)
{
	int ready[2], fd = open(program, O_RDONLY | O_CLOEXEC);
	struct stat status = { .st_rdev = 0 };
	pid_t id = 0;

	if (fd < 0 || pipe2(ready, O_CLOEXEC))
		die("a room");
	if (*device)
		stat(device, &status);
	/* Not a child of this process, which waits for all that it has. */
	pid_t between = fork();
	if (!between) {
		id = fork();
		if (id)
			_exit(id < 0);
		if (unshare(CLONE_NEWNS) || mount("root", folder, "tmpfs", 0, "mode=0755") || chdir(folder))
			_exit(94);
		mkdir("old", 0755);
		if (syscall(SYS_pivot_root, ".", "old") || chdir("/"))
			_exit(95);
		put_mount("proc", "/proc", "proc");
		put_mount("sys", "/sys", "sysfs");
		put_mount("dev", "/dev", "tmpfs");
		put_mount("run", "/run", "tmpfs");
		mknod("/dev/null", S_IFCHR | 0666, makedev(1, 3));
		symlink("/proc/self/fd/2", "/dev/console");
		if (*device)
			mknod(device, S_IFBLK | 0600, status.st_rdev);
		furnish(word, fd, device);
		if (umount2("/old", MNT_DETACH) || rmdir("/old"))
			_exit(96);
		id = getpid();
		if (write(ready[1], &id, sizeof id) != sizeof id)
			_exit(97);
		close(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	waitpid(between, NULL, 0);
	if (read(ready[0], &holder, sizeof holder) != sizeof holder)
		die(text("the room %s", word));
	close(ready[0]);
	close(fd);
}

static void enter_room(void)
{
	int fd = open(text("/proc/%d/ns/mnt", holder), O_RDONLY | O_CLOEXEC);

	if (setns(fd, CLONE_NEWNS) || chdir("/"))
		_exit(98);
	close(fd);
}

static void close_room(void)
{
	if (holder)
		kill(holder, SIGKILL);
	holder = 0;
}
