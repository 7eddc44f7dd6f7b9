/* SPDX-License-Identifier: MIT */
/*
 * Makes system calls fail: runs each command of a list again and again, each time with another
 * fault at another of its calls, and judges what it does by its exit code, what it says, and
 * what there is afterwards.
 *
 *	inject [-s SECONDS | -n COUNT] [-r SEED] [-p I/N] [-t TABLE] [-o COMMAND] [-g] SCRATCH LIST NAME=PROGRAM...
 *
 * In an order by the seed; -s: so many of the cases as fit, -n: so many, otherwise all. -p: every Nth
 * of them, from the Ith on, so that several can share the work. -t: appends a line for each case:
 * program, command, call, fault, outcome. -o: commands with that in their name.
 * -g: those that need a guest of our own (guest.h), where it is /init.
 * LIST: see the file `commands`. Prints TAP. x86_64 only, by ptrace(2); as root, in a mount
 * namespace of its own.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/swap.h>

#include "trace.h"
#include "room.h"
#include "guest.h"

enum {
	LIMIT = 20,	  /* seconds that a command may take, with others on the machine */
	MEMORY = 4 << 20, /* bytes of address space, as by `ulimit -v 4096`: enough for each command */
	SPARE = 100,	  /* the number of a device that a guest adds */
	COMMANDS_MAX = ROWS_MAX,
	PROGRAMS_MAX = 4,
	TEXT_SIZE = 256 * 1024
};

static char scratch[200], device[32];
static const char *counts_file;
static bool in_guest, is_about_swap; /* what needs more to be looked at */

static char *in_scratch(const char *name)
{
	return text("%s/%s", scratch, name);
}

/* A small file's content, without what follows its first line. */
static char *line_of(const char *path, char *to, int size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), n = fd < 0 ? 0 : read(fd, to, size - 1);

	if (fd >= 0)
		close(fd);
	to[n > 0 ? n : 0] = 0;
	to[strcspn(to, "\n")] = 0;
	return to;
}

/* --- what there is --------------------------------------------------------- */

struct state {
	char *lines[400];
	unsigned count;
};

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char **)a, *(char **)b);
}

static void add_line(struct state *state, const char *line)
{
	if (state->count == LENGTH(state->lines) || !(state->lines[state->count++] = strdup(line)))
		die("state");
}

/* The loop devices that carry a file of ours. Which devices carry anything at all is read at once, since there
 * may be hundreds: of those that have a size. */
static void each_device(void (*visit)(const char *name, const char *file, void *), void *arg)
{
	static char list[64 * 1024];
	int fd = open("/proc/partitions", O_RDONLY | O_CLOEXEC);
	char name[100], file[4096];
	size_t size = 0;
	ssize_t part;

	/* A page at a time: the fewer, the less comes or goes meanwhile. */
	while ((part = read(fd, list + size, sizeof list - 1 - size)) > 0)
		size += part;
	if (part < 0 || size == 0 || size == sizeof list - 1)
		die("/proc/partitions");
	list[size] = 0;
	close(fd);
	for (char *line = list; *line; line += strcspn(line, "\n") + 1)
		if (*line != '\n' && sscanf(line, "%*u %*u %*u %99s", name) == 1 &&
		    !strncmp(name, "loop", 4) &&
		    !strncmp(line_of(text("/sys/block/%s/loop/backing_file", name), file, sizeof file),
			     scratch, strlen(scratch)))
			visit(name, file, arg);
}

static void note_device(const char *name, const char *file, void *state)
{
	static const char *const facts[] = {
		"loop/offset", "loop/sizelimit",	  "loop/autoclear", "loop/dio",
		"ro",	       "queue/logical_block_size"
	};
	char line[5000], value[100];
	int size = snprintf(line, sizeof line, "device %s", file);

	for (unsigned i = 0; i < LENGTH(facts); i++)
		size += snprintf(line + size, sizeof line - size, " %s",
				 line_of(text("/sys/block/%s/%s", name, facts[i]), value, sizeof value));
	add_line(state, line);
}

/* Areas that are swapped to by our devices; a priority that the kernel gives depends on others. */
static void note_swap(const char *name, const char *file, void *state)
{
	FILE *list = fopen("/proc/swaps", "re");
	char line[1000], path[300], of_type[30];
	int priority;

	while (list && fgets(line, sizeof line, list))
		if (sscanf(line, "%299s %29s %*s %*s %d", path, of_type, &priority) == 3 &&
		    !strcmp(path, text("/dev/%s", name)))
			add_line(state, text("swap %s %d", file, priority < 0 ? -1 : priority));
	if (list)
		fclose(list);
}

/* In a guest of our own: what is mapped, with which node, and the modules of our commands. */
static void note_guest(struct state *state)
{
	DIR *folder = opendir("/sys/block");
	FILE *list = fopen("/proc/modules", "re");
	struct dirent *entry;
	char line[1000], name[200], value[4][200];
	int users;

	while (folder && (entry = readdir(folder)))
		if (!strncmp(entry->d_name, "dm-", 3)) {
			line_of(text("/sys/block/%s/dm/name", entry->d_name), value[0], sizeof *value);
			line_of(text("/sys/block/%s/dm/suspended", entry->d_name), value[1], sizeof *value);
			line_of(text("/sys/block/%s/ro", entry->d_name), value[2], sizeof *value);
			line_of(text("/sys/block/%s/size", entry->d_name), value[3], sizeof *value);
			add_line(state, text("mapping %s %s %s %s", value[0], value[1], value[2], value[3]));
		}
	if (folder)
		closedir(folder);
	folder = opendir("/dev/mapper");
	while (folder && (entry = readdir(folder)))
		add_line(state, text("node %s", entry->d_name));
	if (folder)
		closedir(folder);
	while (list && fgets(line, sizeof line, list))
		if (sscanf(line, "%199s %*s %d", name, &users) == 2 && strstr(name, "fat"))
			add_line(state, text("module %s %d", name, users));
	if (list)
		fclose(list);
	folder = opendir("/sys/block");
	while (folder && (entry = readdir(folder)))
		if (!strncmp(entry->d_name, "loop1", 5))
			add_line(state, text("block %s", entry->d_name));
	if (folder)
		closedir(folder);
}

/* How many copies of counts are in a file? */
static void note_counts(struct state *state, const char *path)
{
	static char bytes[4 << 20];
	static const char magic[] = "loopbox tries";
	int fd = open(path, O_RDONLY | O_CLOEXEC), copies = 0;
	ssize_t size = fd < 0 ? 0 : pread(fd, bytes, sizeof bytes, 0);

	if (fd < 0)
		return;
	close(fd);
	for (ssize_t i = 0; i + 512 <= size; i += 512)
		copies += !memcmp(bytes + i, magic, sizeof magic - 1);
	add_line(state, text("counts %d", copies));
}

/* Has the root of the room been left for the new one that was put in? */
static bool is_left_for_new(char lines[100][2000], unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (!strncmp(lines[i], "mount / ", strlen("mount / ")) && strstr(lines[i], " tmpfs new "))
			return true;
	return false;
}

/* What is in a folder of the room. */
static void note_room(struct state *state, const char *path)
{
	DIR *folder = opendir(text("/proc/%d/root%s", holder, path));
	struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		add_line(state, text("room %s/%s", path, entry->d_name));
	if (folder)
		closedir(folder);
}

/* The mounts below our folder, or all of the room, in their order. */
static unsigned mounts(char targets[100][1000], char lines[100][2000])
{
	FILE *file = fopen(holder ? text("/proc/%d/mountinfo", holder) : "/proc/self/mountinfo", "re");
	char line[8192], root[1000], options[400], type[100], source[300], of_system[1000], target[1000];
	unsigned count = 0;

	while (file && fgets(line, sizeof line, file) && count < 100) {
		char *rest = strstr(line, " - ");
		if (sscanf(line, "%*d %*d %*s %999s %999s %399s", root, target, options) < 3 || !rest ||
		    sscanf(rest, " - %99s %299s %999s", type, source, of_system) < 3 ||
		    (!holder && (strncmp(target, scratch, strlen(scratch)) || !target[strlen(scratch)])))
			continue;
		if (!strncmp(source, "/dev/loop", 9))
			source[9] = 0;
		snprintf(targets[count], sizeof targets[0], "%s", target);
		snprintf(lines[count++], sizeof lines[0], "mount %.200s %.200s %.200s %s %.100s %.200s",
			 target, root, options, type, source, of_system);
	}
	if (file)
		fclose(file);
	return count;
}

static struct state take_state(void)
{
	static char targets[100][1000], lines[100][2000];
	struct state state = { .count = 0 };
	struct dirent *entry;
	struct stat status;

	each_device(note_device, &state);
	if (is_about_swap)
		each_device(note_swap, &state);
	if (in_guest)
		note_guest(&state);
	unsigned count = mounts(targets, lines);
	/* The old root is covered or gone, by what the kernel allows; what was in it should be gone. */
	bool is_left = holder && is_left_for_new(lines, count);
	for (unsigned i = 0; i < count; i++)
		if (!is_left || !strstr(lines[i], " tmpfs root "))
			add_line(&state, lines[i]);
	if (is_left && !access(text("/proc/%d/root/left", holder), F_OK))
		add_line(&state, "initramfs");
	if (holder && !is_left) {
		note_room(&state, "");
		note_room(&state, "/run/initramfs");
	}
	if (counts_file)
		note_counts(&state, counts_file);
	DIR *folder = opendir(scratch);
	while (folder && (entry = readdir(folder)))
		if (!lstat(in_scratch(entry->d_name), &status))
			add_line(&state, text("file %s %o %ld", entry->d_name, status.st_mode & S_IFMT,
					      S_ISREG(status.st_mode) ? (long)status.st_size : 0));
	if (folder)
		closedir(folder);
	qsort(state.lines, state.count, sizeof *state.lines, compare_lines);
	return state;
}

static void drop_state(struct state *state)
{
	while (state->count)
		free(state->lines[--state->count]);
}

static bool same_state(const struct state *a, const struct state *b)
{
	for (unsigned i = 0; i < a->count && i < b->count; i++)
		if (strcmp(a->lines[i], b->lines[i]))
			return false;
	return a->count == b->count;
}

/* What is now; waits for what is wanted as long as something changes, since devices are let go
 * of a little later. */
static struct state settled(const struct state *wanted)
{
	struct state state = take_state();

	for (int quiet = 0; quiet < 30 && !same_state(&state, wanted); quiet++) {
		pause_for(0.01);
		struct state next = take_state();
		if (!same_state(&state, &next))
			quiet = 0;
		drop_state(&state);
		state = next;
	}
	return state;
}

/* --- before each case ------------------------------------------------------ */

static void detach(const char *name, const char *file, void *any)
{
	char again[4096];
	int fd = open(text("/dev/%s", name), O_RDONLY | O_CLOEXEC);

	*(bool *)any = true;
	/* It may be another's by now. */
	if (fd >= 0 &&
	    !strcmp(file, line_of(text("/sys/block/%s/loop/backing_file", name), again, sizeof again))) {
		struct state swaps = { .count = 0 };
		note_swap(name, file, &swaps);
		if (swaps.count)
			swapoff(text("/dev/%s", name));
		drop_state(&swaps);
		ioctl(fd, LOOP_CLR_FD, 0);
	}
	if (fd >= 0)
		close(fd);
}

/* In a guest of our own: all mappings, the modules of our commands, and devices that were added. */
static void clean_guest(void)
{
	struct dm_ioctl all = { .version = { 4, 0, 0 }, .data_size = sizeof all };
	int control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	DIR *folder = opendir("/dev/mapper");
	struct dirent *entry;

	ioctl(control, DM_REMOVE_ALL, &all);
	close(control);
	while (folder && (entry = readdir(folder)))
		if (*entry->d_name != '.' && strcmp(entry->d_name, "control"))
			unlink(text("/dev/mapper/%s", entry->d_name));
	if (folder)
		closedir(folder);
	syscall(SYS_delete_module, "vfat", O_NONBLOCK);
	syscall(SYS_delete_module, "fat", O_NONBLOCK);
	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	ioctl(control, LOOP_CTL_REMOVE, SPARE);
	close(control);
}

static void clean_up(void)
{
	static char targets[100][1000], lines[100][2000];
	struct dirent *entry;
	unsigned count;
	bool any = true;

	close_room();
	if (in_guest)
		clean_guest();
	while ((count = mounts(targets, lines)))
		while (count--)
			umount2(targets[count], MNT_DETACH);
	for (int i = 0; any && i < 500; i++) {
		any = false;
		each_device(detach, &any);
		if (any)
			pause_for(i < 10 ? 0.001 : 0.02);
	}
	DIR *folder = opendir(scratch);
	while (folder && (entry = readdir(folder)))
		if (!strncmp(entry->d_name, "new", 3) && unlink(in_scratch(entry->d_name)))
			rmdir(in_scratch(entry->d_name));
	if (folder)
		closedir(folder);
}

/* Binds a file, sets `device`; returns its descriptor. */
static int attach(const char *file, unsigned flags, unsigned long offset)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int backing = open(in_scratch(file), O_RDWR | O_CLOEXEC);

	for (int i = 0; i < 1000 && control >= 0 && backing >= 0; i++) {
		struct loop_config config = { .fd = backing,
					      .info = { .lo_flags = flags, .lo_offset = offset } };
		snprintf((char *)config.info.lo_file_name, LO_NAME_SIZE, "%s", in_scratch(file));
		snprintf(device, sizeof device, "/dev/loop%d", ioctl(control, LOOP_CTL_GET_FREE));
		int fd = open(device, O_RDWR | O_CLOEXEC);
		if (fd >= 0 && !ioctl(fd, LOOP_CONFIGURE, &config)) {
			close(control);
			close(backing);
			return fd;
		}
		if (fd >= 0)
			close(fd);
	}
	die(file);
	return -1;
}

static void mount_at(const char *source, const char *target, const char *type, unsigned long flags)
{
	mkdir(in_scratch(target), 0755);
	if (mount(source, in_scratch(target), type, flags, NULL))
		die(target);
}

static void mount_image(const char *image, const char *type, unsigned flags)
{
	int fd = attach(image, flags, 0);

	mount_at(device, "d", type, flags & LO_FLAGS_READ_ONLY ? MS_RDONLY : 0);
	close(fd);
}

/* A loop device of its own for each case: what a case writes is not there for the next one. */
static void restore(const char *file, const char *from)
{
	int in = open(in_scratch(from), O_RDONLY | O_CLOEXEC);
	int out = open(in_scratch(file), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (in < 0 || out < 0)
		die(file);
	while (sendfile(out, in, NULL, 1 << 22) > 0)
		;
	close(in);
	close(out);
}

static void load(const char *module)
{
	int fd = open(in_scratch(module), O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		die(module);
	close(fd);
}

static void add_spare(void)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);

	if (control < 0 || ioctl(control, LOOP_CTL_ADD, SPARE) < 0)
		die("a spare device");
	close(control);
	snprintf(device, sizeof device, "/dev/loop%d", SPARE);
}

/* By the program itself, without a fault: the first line of a file are its words. */
static void prepare(const char *program, const char *name)
{
	char line[500], *argv[20] = { (char *)program }, *rest = line;
	int count = 1, status;

	line_of(in_scratch(name), line, sizeof line);
	while (count < 19 && (argv[count] = strsep(&rest, " "))) {
		for (char *p = argv[count]; *p; p++)
			if (*p == '~')
				*p = ' ';
		count++;
	}
	pid_t id = fork();
	if (!id) {
		if (chdir(scratch) == 0)
			execv(program, argv);
		_exit(99);
	}
	if (waitpid(id, &status, 0) != id || status)
		die(name);
}

/* What a command finds, by words. */
static void set_up(const char *words, const char *program)
{
	static char counts_image[300], counts_place[100];
	char copy[300], *rest, *word;

	clean_up();
	*device = 0;
	is_about_swap = strstr(words, "swap");
	counts_file = NULL;
	snprintf(counts_image, sizeof counts_image, "%s", in_scratch("counts.img"));
	snprintf(copy, sizeof copy, "%s", words);
	for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		if (!strcmp(word, "attached"))
			close(attach("squash.img", 0, 0));
		else if (!strcmp(word, "offset"))
			close(attach("ext4.img", 0, 4096));
		else if (!strcmp(word, "ext4"))
			close(attach("ext4.img", 0, 0));
		else if (!strcmp(word, "mounted"))
			mount_image("squash.img", "squashfs", LO_FLAGS_AUTOCLEAR | LO_FLAGS_READ_ONLY);
		else if (!strcmp(word, "kept")) /* as by losetup, then mount */
			mount_image("squash.img", "squashfs", LO_FLAGS_READ_ONLY);
		else if (!strcmp(word, "kept-ext4")) {
			close(attach("ext4.img", 0, 0));
			mount_at(device, "d", "ext4", MS_RDONLY);
		} else if (!strcmp(word, "tmpfs"))
			mount_at("none", "d", "tmpfs", MS_NOSUID | MS_NODEV);
		else if (!strcmp(word, "tree")) {
			mount_at("none", "d", "tmpfs", 0);
			mount_at("none", "d/a", "tmpfs", 0);
			mount_at("none", "d/a/b", "tmpfs", 0);
		} else if (!strcmp(word, "two")) {
			mount_at("none", "d", "tmpfs", 0);
			mount_at("none", "e", "tmpfs", 0);
		} else if (!strcmp(word, "swap") || !strcmp(word, "swapping")) {
			close(attach("swap.img", 0, 0));
			if (word[4] && swapon(device, 0))
				die(word);
		} else if (!strcmp(word, "counts")) {
			restore("counts.img", "ext4.img");
			counts_file = counts_image;
			close(attach("counts.img", 0, 0));
		} else if (!strncmp(word, "room:", strlen("room:"))) {
			open_room(in_scratch("room"), word + strlen("room:"), program, device);
			snprintf(counts_place, sizeof counts_place, "/proc/%d/root/run/counts", holder);
			if (!strcmp(word, "room:counted"))
				counts_file = counts_place;
		} else if (!strcmp(word, "fat"))
			load("fat.ko");
		else if (!strcmp(word, "vfat"))
			load("vfat.ko");
		else if (!strcmp(word, "opened") || !strcmp(word, "mapped"))
			prepare(program, word);
		else if (!strcmp(word, "spare"))
			add_spare();
		else if (strcmp(word, "-"))
			die(word);
	}
}

/* --- running, with a fault ------------------------------------------------- */

static struct result {
	int status;
	double seconds;
	bool too_long;
	char out[TEXT_SIZE], err[TEXT_SIZE];
} result;

/* What was found so far is told, too. */
static volatile sig_atomic_t is_ending;
static void end(int signal)
{
	(void)signal;
	is_ending = true;
}

static void drain(int fd, char *to)
{
	size_t size = 0;
	ssize_t n;

	while (size < TEXT_SIZE - 1 && (n = read(fd, to + size, TEXT_SIZE - 1 - size)) > 0)
		size += n;
	to[size] = 0;
	close(fd);
}

/* Runs it; aim: the call that the fault is for, as a run without a fault has it. As PID 1, what it becomes is
 * not traced any more. */
static void run(char **argv, const struct fault *fault, const struct call *aim, bool as_first)
{
	int out[2], err[2], program = open(argv[0], O_PATH | O_CLOEXEC);

	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		die("pipe");
	fcntl(out[1], F_SETPIPE_SZ, 1 << 20);
	fcntl(err[1], F_SETPIPE_SZ, 1 << 20);
	double start = now();
	child = as_first ? syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0) : fork();
	if (child < 0)
		die("fork");
	if (!child) {
		static char *environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
		int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
		dup2(null, 0);
		dup2(out[1], 1);
		dup2(err[1], 2);
		if (as_first && getpid() != 1)
			_exit(99);
		if (holder)
			enter_room();
		else if (chdir(scratch))
			_exit(99);
		setrlimit(RLIMIT_AS, &(struct rlimit){ MEMORY, MEMORY });
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		syscall(SYS_execveat, program, "", argv, environment, AT_EMPTY_PATH);
		_exit(98);
	}
	close(program);
	close(out[1]);
	close(err[1]);
	result.status = follow(fault, aim, LIMIT, as_first);
	result.too_long = was_too_long;
	result.seconds = now() - start;
	drain(out[0], result.out);
	drain(err[0], result.err);
}

/* --- commands -------------------------------------------------------------- */

struct command {
	char *name, *flags, *before, *words;
	/* By program, of the run without a fault: */
	struct clean {
		struct state before, after;
		int code;
		unsigned count; /* of calls */
		struct call *calls;
		char *out, *err;
	} clean[PROGRAMS_MAX];
};

static struct command commands[COMMANDS_MAX];
static unsigned command_count, program_count;
static char *program_names[PROGRAMS_MAX], *programs[PROGRAMS_MAX];

static bool has_flag(const struct command *command, char flag)
{
	return strchr(command->flags, flag);
}

/* The words with @DEV, the device that was set up, and @S, the folder, put in; ~ is a blank in a word. */
static char **make_argv(unsigned program, const struct command *command)
{
	static char *argv[40], words[40][400];
	char copy[1000], *rest, *word;
	int count = 0;

	snprintf(copy, sizeof copy, "%s", command->words);
	argv[count++] = programs[program];
	for (word = strtok_r(copy, " ", &rest); word && count < 39; word = strtok_r(NULL, " ", &rest)) {
		char *place = strchr(word, '@'), *to = words[count];
		for (char *p = word; *p; p++)
			if (*p == '~')
				*p = ' ';
		if (place && !strncmp(place, "@DEV", 4))
			snprintf(to, 400, "%.*s%s%s", (int)(place - word), word, device, place + 4);
		else if (place && !strncmp(place, "@S", 2))
			snprintf(to, 400, "%.*s%s%s", (int)(place - word), word, scratch, place + 2);
		else
			snprintf(to, 400, "%s", word);
		argv[count++] = to;
	}
	argv[count] = NULL;
	return argv;
}

/* Output without the numbers of loop devices, and of tmpfs, which differ from run to run; filter: only
 * the lines about our folder. */
static char *normal(const char *from, bool filter)
{
	char *all = malloc(strlen(from) + 1), *to = all;

	while (*from) {
		size_t size = strcspn(from, "\n");
		char line[5000];
		snprintf(line, sizeof line, "%.*s", (int)size, from);
		from += size + !!from[size];
		if (filter && !strstr(line, scratch))
			continue;
		for (char *p = line; *p;) {
			bool of_loop = !strncmp(p, "loop", 4) || !strncmp(p, "7:", 2) ||
				       (p == line && !strncmp(p, "0:", 2));
			int skip = !strncmp(p, "loop", 4) ? 4 : 2;
			if (of_loop) {
				memcpy(to, p, skip);
				to += skip;
				p += skip;
				while (*p >= '0' && *p <= '9')
					p++;
			} else if (*p == ' ') {
				*to++ = ' ';
				while (*p == ' ')
					p++;
			} else {
				*to++ = *p++;
			}
		}
		*to++ = '\n';
	}
	*to = 0;
	return all;
}

static void read_commands(const char *path, const char *only)
{
	FILE *file = fopen(path, "re");
	char line[1000];

	if (!file)
		die(path);
	while (fgets(line, sizeof line, file)) {
		struct command *command = &commands[command_count];
		char *fields[4], *rest = line;
		line[strcspn(line, "\n")] = 0;
		if (!*line || *line == '#')
			continue;
		for (unsigned i = 0; i < 4; i++) {
			char *field = strsep(&rest, "|");
			if (!field)
				die(line);
			field += strspn(field, " ");
			size_t size = strlen(field);
			while (size && field[size - 1] == ' ')
				field[--size] = 0;
			fields[i] = strdup(field);
		}
		*command = (struct command){ fields[0], fields[1], fields[2], fields[3], { { .code = 0 } } };
		if (command_count < COMMANDS_MAX - 1 && (!only || strstr(fields[0], only)) &&
		    !strchr(fields[1], 'g') == !in_guest)
			command_count++;
	}
	fclose(file);
}

/* PID 1 that has ended its machine, of which there is but a PID namespace, died of a signal that tells how:
 * SIGINT or SIGHUP. */
enum { ENDED = 200 };

static int code_of(int status)
{
	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGHUP))
		return ENDED + WTERMSIG(status);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void run_clean(unsigned program, struct command *command)
{
	struct clean *clean = &command->clean[program];

	set_up(command->before, programs[program]);
	clean->before = take_state();
	run(make_argv(program, command), &(struct fault){ NONE, 0, 0 }, NULL, has_flag(command, 'i'));
	clean->code = code_of(result.status);
	clean->count = call_count < CALLS_MAX ? call_count : CALLS_MAX;
	clean->calls = malloc(sizeof(struct call) * (clean->count + 1));
	memcpy(clean->calls, calls, sizeof(struct call) * clean->count);
	clean->out = normal(result.out, has_flag(command, 'f'));
	clean->err = strdup(result.err);
	struct state last = take_state(), next;
	/* Until it changes no more. */
	for (int quiet = 0; quiet < 5;) {
		pause_for(0.02);
		next = take_state();
		quiet = same_state(&last, &next) ? quiet + 1 : 0;
		drop_state(&last);
		last = next;
	}
	clean->after = last;
	bool fails = has_flag(command, 'x');
	if ((clean->code != 0) != fails || result.too_long) {
		errno = 0;
		printf("# %s %s: exits with %d: %s\n", program_names[program], command->name, clean->code,
		       result.err);
		die("a command does not do without a fault what it should");
	}
}

/* --- cases ----------------------------------------------------------------- */

struct one_case {
	unsigned short command, program;
	struct fault fault;
};

static struct one_case *cases;
static unsigned case_count;

static const int errors[] = { EINTR,   EAGAIN,	   EBUSY,  ENOMEM,  EIO,      ENOSPC, EPERM,   EACCES,
			      ENOENT,  ENXIO,	   ENODEV, EINVAL,  ENOTTY,   ENOSYS, EBADF,   EMFILE,
			      ENFILE,  ELOOP,	   EROFS,  ENOTBLK, EUCLEAN,  EFBIG,  ENOTDIR, EEXIST,
			      ENODATA, EOPNOTSUPP, E2BIG,  ESTALE,  ENOTCONN, EBADMSG };
/* What may last; an EINTR does not, so it can be waited for. */
static const int lasting[] = { EIO, EPERM, ENOMEM, EINVAL, EBUSY, ENOSYS, EAGAIN, ENOTCONN };

static void add_case(unsigned command, unsigned program, enum kind kind, int call, int error)
{
	static unsigned room;

	if (case_count == room) {
		room = room ? 2 * room : 1 << 14;
		cases = realloc(cases, room * sizeof *cases);
		if (!cases)
			die("cases");
	}
	cases[case_count++] = (struct one_case){ command, program, { kind, call, error } };
}

/* The same call of the same kind of object, but for numbers: the third shows no more than the
 * second, such as for each of a thousand devices of others. */
static bool is_repeated(const struct clean *clean, unsigned n)
{
	unsigned seen = 0;

	const char *ours = *device ? strstr(clean->calls[n].what, device + strlen("/dev/")) : NULL;
	char behind = ours ? ours[strlen(device + strlen("/dev/"))] : '0';

	if (behind < '0' || behind > '9')
		return false;
	for (unsigned i = 0; i < n; i++) {
		const char *a = clean->calls[i].what, *b = clean->calls[n].what;
		for (;; a++, b++) {
			a += strspn(a, "0123456789");
			b += strspn(b, "0123456789");
			if (*a != *b || !*a)
				break;
		}
		seen += *a == *b;
	}
	return seen >= 2;
}

static bool is_first_of_kind(const struct clean *clean, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (clean->calls[i].number == clean->calls[n].number &&
		    (clean->calls[n].number != SYS_ioctl ||
		     clean->calls[i].request == clean->calls[n].request))
			return false;
	return true;
}

static void add_cases(unsigned command, unsigned program)
{
	const struct clean *clean = &commands[command].clean[program];

	for (unsigned n = 0; n < clean->count; n++) {
		long number = clean->calls[n].number;
		/* These have no error. */
		if (number == SYS_exit_group || number == SYS_dup3 || number == SYS_getpid ||
		    number == SYS_times || is_repeated(clean, n))
			continue;
		for (unsigned i = 0; i < LENGTH(errors); i++)
			add_case(command, program, ONE, n, errors[i]);
		for (unsigned i = 0; i < LENGTH(lasting); i++) {
			add_case(command, program, FROM, n, lasting[i]);
			if (is_first_of_kind(clean, n))
				add_case(command, program, EVERY, n, lasting[i]);
		}
		if (number == SYS_read || number == SYS_pread64 || number == SYS_write ||
		    number == SYS_pwrite64 || number == SYS_getdents64)
			add_case(command, program, EMPTY, n, 0);
		/* A file of sysfs, which is one value, comes in one piece. */
		if ((number == SYS_read &&
		     strncmp(clean->calls[n].what, "read /sys/", strlen("read /sys/"))) ||
		    number == SYS_pread64 || number == SYS_write || number == SYS_pwrite64)
			add_case(command, program, SHORT, n, 0);
		add_case(command, program, KILL, n, 0);
	}
}

/* --- judging --------------------------------------------------------------- */

/* "APPLET: OBJECT: REASON" in its first line. */
static bool is_told(const char *applet)
{
	const char *end = strchr(result.err, '\n'), *colon = strstr(result.err, ": ");

	if (!strncmp(result.err, "findfs: unable to resolve '", strlen("findfs: unable to resolve '")))
		return true; /* as util-linux says it */
	return !strncmp(result.err, applet, strcspn(applet, " ")) && colon && end && colon < end &&
	       strstr(colon + 2, ": ") && strstr(colon + 2, ": ") < end;
}

/* What a fault of that call can't but lead to. */
static bool loses_message(const struct one_case *one, const struct call *aim)
{
	return aim->number == SYS_write && (one->fault.kind != ONE || strstr(aim->what, "pipe")) &&
	       !*result.err;
}

/* Is all as before, but for mounts that are gone? */
static bool is_unmounted(const struct state *is, const struct state *before)
{
	unsigned n = 0;

	for (unsigned i = 0; i < before->count; i++)
		if (n < is->count && !strcmp(is->lines[n], before->lines[i]))
			n++;
		else if (strncmp(before->lines[i], "mount ", strlen("mount ")))
			return false;
	return n == is->count && n < before->count;
}

/* Is all as before, but for files that the command makes? */
static bool is_new_file_left(const struct state *is, const struct state *before)
{
	unsigned n = 0;

	for (unsigned i = 0; i < is->count; i++)
		if (n < before->count && !strcmp(is->lines[i], before->lines[n]))
			n++;
		else if (strncmp(is->lines[i], "file new", strlen("file new")))
			return false;
	return n == before->count;
}

/* A device that can't be opened or asked: a list has what sysfs tells of it. */
static bool is_listed_by_sysfs(const struct command *command, const struct call *aim)
{
	return has_flag(command, 's') && strstr(aim->what, " /dev/loop");
}

/* By ENODEV of a file of sysfs, by ENOENT of that which names the backing file, and by ENXIO of the device
 * itself the kernel says that somebody has detached it; by ENOENT, that a file has lost its name, or that
 * there is no modprobe.d. Then it is right not to count with it. */
static bool is_said_to_be_gone(const struct command *command, const struct call *aim,
			       const struct fault *fault)
{
	switch (fault->error) {
	case ENOENT:
		return strstr(aim->what, "openat /dev/loop") || strstr(aim->what, "/loop/backing_file") ||
		       aim->number == SYS_newfstatat || strstr(aim->what, "/modprobe.d");
	case EINVAL: /* not mounted */
		return aim->number == SYS_umount2 && has_flag(command, 'p');
	case ENODEV:
		return strstr(aim->what, " /sys/");
	case ENXIO:
		return aim->request == LOOP_GET_STATUS64 || aim->request == LOOP_CLR_FD ||
		       strstr(aim->what, "openat /dev/loop");
	default:
		return false;
	}
}

/* Is the exit code the answer, to a file that ends early or a path that does not exist? */
static bool is_answer(const struct command *command, const struct fault *fault)
{
	return has_flag(command, 'e') && (fault->kind == EMPTY || fault->kind == SHORT ||
					  fault->error == ENOENT || fault->error == ENOTDIR);
}

/* A command of two steps, of which the first was done alone: if a kill came between them, if it
 * says so and fails, or if the kernel said that the second one was done already. */
static bool is_half_done(const struct one_case *one, const struct call *aim, int code)
{
	return one->fault.kind == KILL || (code > 0 && strstr(result.err, ": unmounted, but ")) ||
	       (code == 0 && aim->request == LOOP_CLR_FD && one->fault.error == ENXIO);
}

/* Is all as it should be, but for mounts? */
static bool is_still_mounted(const struct state *is, const struct state *after)
{
	unsigned n = 0;

	for (unsigned i = 0; i < is->count; i++)
		if (n < after->count && !strcmp(is->lines[i], after->lines[n]))
			n++;
		else if (strncmp(is->lines[i], "mount ", strlen("mount ")))
			return false;
	return n == after->count;
}

static enum outcome judge(const struct one_case *one, struct state *is)
{
	const struct command *command = &commands[one->command];
	const struct clean *clean = &command->clean[one->program];
	const struct call *aim = *met.what ? &met : &clean->calls[one->fault.call];
	int code = code_of(result.status);
	/* Where all calls fail from there on, what was done can't be taken back. */
	bool lasting = one->fault.kind == FROM || one->fault.kind == EVERY;

	*is = settled(code == clean->code ? &clean->after : &clean->before);
	if (result.too_long)
		return HANGS;
	if (has_flag(command, 'd') && is_unmounted(is, &clean->before) && is_half_done(one, aim, code))
		return one->fault.kind == KILL ? KILLED : PARTLY;
	if (one->fault.kind == KILL) {
		bool either = same_state(is, &clean->before) || same_state(is, &clean->after);
		/* Before Linux 5.8 a device is bound first, and told to go with its mount later. */
		either |= !strcmp(program_names[one->program], "legacy");
		either |= has_flag(command, 'm');
		either |= has_flag(command, 'k') && is_new_file_left(is, &clean->before);
		either |= has_flag(command, 'h') && is->count == clean->after.count;
		return either || has_flag(command, 'p') ? KILLED : LEFT;
	}
	if (code < 0)
		return CRASHES;
	/* What it has become then complains in its own words. */
	if (has_flag(command, 'i') && is_said_to_be_gone(command, aim, &one->fault) && *result.err)
		return WARNED;
	if (code == clean->code) {
		char *out = normal(result.out, has_flag(command, 'f'));
		bool same = same_state(is, &clean->after) && !strcmp(out, clean->out);
		free(out);
		same |= has_flag(command, 'u') && is_still_mounted(is, &clean->after);
		/* A file or folder that ends early is one. */
		same |= one->fault.kind == EMPTY &&
			(aim->number == SYS_read || aim->number == SYS_getdents64);
		if (same)
			return DONE;
		if (code == 0 || code >= ENDED)
			return (*result.err && strcmp(result.err, clean->err)) ||
					       is_listed_by_sysfs(command, aim) ||
					       is_said_to_be_gone(command, aim, &one->fault)
				       ? WARNED
				       : SILENT;
	}
	if (!*result.err && !is_answer(command, &one->fault) && !loses_message(one, aim) &&
	    !(lasting && aim->number != SYS_write && one->fault.kind == FROM))
		return MUTE;
	if (*result.err && !is_told(command->words))
		return VAGUE;
	if (same_state(is, &clean->before))
		return REFUSED;
	if (lasting || has_flag(command, 'p'))
		return PARTLY;
	if (same_state(is, &clean->after))
		return has_flag(command, 'l') && aim->number == SYS_write ? PARTLY : LATE;
	return LEFT;
}

static struct tally by_command = { .title = "command" }, by_call = { .title = "call" },
		    by_fault = { .title = "fault" };

/* What is wrong, once for each call of a command, with all faults that lead to it. */
struct finding {
	struct one_case first;
	enum outcome outcome;
	char *call, *faults, *said, *printed, *difference;
};

static struct finding findings[2000];
static unsigned finding_count;

static char *with(char *list, const char *prefix, const char *more, const char *behind)
{
	size_t size = strlen(list);

	list = realloc(list, size + strlen(prefix) + strlen(more) + strlen(behind) + 1);
	sprintf(list + size, "%s%s%s", prefix, more, behind);
	return list;
}

static char *difference(const struct state *is, const struct state *wanted)
{
	char *lines = strdup("");

	for (unsigned i = 0; i < is->count; i++)
		if (!bsearch(&is->lines[i], wanted->lines, wanted->count, sizeof *wanted->lines,
			     compare_lines))
			lines = with(lines, "is: ", is->lines[i], "\n");
	for (unsigned i = 0; i < wanted->count; i++)
		if (!bsearch(&wanted->lines[i], is->lines, is->count, sizeof *is->lines, compare_lines))
			lines = with(lines, "is not: ", wanted->lines[i], "\n");
	return lines;
}

static const struct call *aim_of(const struct one_case *one)
{
	return &commands[one->command].clean[one->program].calls[one->fault.call];
}

static void note(const struct one_case *one, enum outcome outcome, const struct state *is)
{
	const struct clean *clean = &commands[one->command].clean[one->program];
	unsigned i = 0;

	while (i < finding_count &&
	       (findings[i].outcome != outcome || findings[i].first.command != one->command ||
		findings[i].first.program != one->program || findings[i].first.fault.call != one->fault.call))
		i++;
	if (i == LENGTH(findings))
		return;
	if (i == finding_count)
		findings[finding_count++] =
			(struct finding){ *one,
					  outcome,
					  strdup(*met.what ? met.what : aim_of(one)->what),
					  strdup(""),
					  strdup(result.err),
					  strdup(outcome == SILENT ? result.out : ""),
					  difference(is,
						     outcome == SILENT ? &clean->after : &clean->before) };
	findings[i].faults = with(findings[i].faults, " ", fault_name(&one->fault), "");
}

static void show_lines(const char *what, const char *lines)
{
	while (*lines) {
		size_t size = strcspn(lines, "\n");
		printf("#     %s%.*s\n", what, (int)size, lines);
		lines += size + !!lines[size];
	}
}

static void show_findings(void)
{
	for (unsigned i = 0; i < finding_count; i++) {
		const struct finding *f = &findings[i];
		printf("# %s: %s, %s, call %d (%s):%s\n", outcome_names[f->outcome],
		       program_names[f->first.program], commands[f->first.command].name, f->first.fault.call,
		       f->call, f->faults);
		show_lines("says: ", f->said);
		show_lines("prints: ", f->printed);
		show_lines("", f->difference);
	}
}

static void do_case(const struct one_case *one, FILE *table)
{
	struct command *command = &commands[one->command];
	struct state is;

	set_up(command->before, programs[one->program]);
	run(make_argv(one->program, command), &one->fault, aim_of(one), has_flag(command, 'i'));
	enum outcome outcome = judge(one, &is);
	const struct call *call = *met.what ? &met : aim_of(one);
	counts[outcome]++;
	count_case(&by_command, command->name, outcome);
	count_case(&by_call, name_of_call(call), outcome);
	count_case(&by_fault, fault_name(&one->fault), outcome);
	if (table)
		fprintf(table, "%s\t%s\t%s\t%s\t%s\n", program_names[one->program], command->name,
			name_of_call(call), fault_name(&one->fault), outcome_names[outcome]);
	if (outcome >= FIRST_BAD)
		note(one, outcome, &is);
	drop_state(&is);
}

static void shuffle(unsigned seed)
{
	srandom(seed);
	for (unsigned i = case_count; i > 1; i--) {
		unsigned other = random() % i;
		struct one_case kept = cases[i - 1];
		cases[i - 1] = cases[other];
		cases[other] = kept;
	}
}

static int run_all(int argc, char **argv)
{
	const char *only = NULL, *table_path = NULL;
	unsigned seed = time(NULL), done = 0, bad = 0, count = UINT_MAX, part = 1, parts = 1;
	double seconds = 0;
	int option;

	while ((option = getopt(argc, argv, "s:n:r:p:t:o:g")) > 0) {
		if (option == 's')
			seconds = atof(optarg);
		else if (option == 'n')
			count = strtoul(optarg, NULL, 0);
		else if (option == 'r')
			seed = strtoul(optarg, NULL, 0);
		else if (option == 'p' && sscanf(optarg, "%u/%u", &part, &parts) == 2 && part &&
			 part <= parts)
			;
		else if (option == 't')
			table_path = optarg;
		else if (option == 'o') {
			for (char *p = optarg; *p; p++)
				if (*p == '~')
					*p = ' ';
			only = optarg;
		} else if (option == 'g')
			in_guest = true;
		else
			return 2;
	}
	if (argc - optind < 3 || argc - optind > 2 + PROGRAMS_MAX) {
		fprintf(stderr, "usage: inject [-s SECONDS | -n COUNT] [-r SEED] [-p I/N] [-t TABLE] "
				"[-o COMMAND] [-g] SCRATCH LIST NAME=PROGRAM...\n");
		return 2;
	}
	snprintf(scratch, sizeof scratch, "%s", argv[optind]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("a mount namespace");
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGALRM, &(struct sigaction){ .sa_handler = too_long }, NULL);
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = end }, NULL);
	sigaction(SIGINT, &(struct sigaction){ .sa_handler = end }, NULL);
	read_commands(argv[optind + 1], only);
	for (char **word = argv + optind + 2; *word; word++) {
		program_names[program_count] = *word;
		programs[program_count] = strchr(*word, '=') + 1;
		programs[program_count++][-1] = 0;
	}
	FILE *table = table_path ? fopen(table_path, "ae") : NULL;
	if (table_path && !table)
		die(table_path);
	/* Each line at once: others append to it, too. */
	if (table)
		setvbuf(table, NULL, _IOLBF, 0);
	/* Flag b: each binding does it in its own way; the first program does all. */
	for (unsigned p = 0; p < program_count; p++)
		for (unsigned i = 0; i < command_count; i++)
			if (!p || has_flag(&commands[i], 'b')) {
				run_clean(p, &commands[i]);
				add_cases(i, p);
			}
	/* What is bad is found early, since others of its kind are everywhere. */
	shuffle(seed);
	double start = now();
	printf("# %u commands, %u cases, in an order by the seed %u\n", command_count, case_count, seed);
	for (unsigned i = part - 1;
	     !is_ending && i < case_count && done < count && (!seconds || now() - start < seconds);
	     i += parts, done++)
		do_case(&cases[i], table);
	clean_up();
	for (unsigned o = FIRST_BAD; o < OUTCOMES; o++)
		bad += counts[o];
	show_findings();
	show_tally(&by_command);
	show_tally(&by_call);
	show_tally(&by_fault);
	printf("# %u cases in %.0f s\n", done, now() - start);
	for (unsigned o = FIRST_BAD; o < OUTCOMES; o++)
		printf("%sok %u - of %u injected faults, %u end as %s\n", counts[o] ? "not " : "",
		       o - FIRST_BAD + 1, done, counts[o], outcome_names[o]);
	printf("1..%u\n", OUTCOMES - FIRST_BAD);
	return bad > 0;
}

static int run_by_words(void)
{
	static char words[2000], *argv[50];
	FILE *file = fopen("/words", "re");
	int argc = 1;

	argv[0] = "inject";
	if (!file || !fgets(words, sizeof words, file))
		die("/words");
	fclose(file);
	for (char *rest = words, *word; argc < 49 && (word = strsep(&rest, " \n"));)
		if (*word)
			argv[argc++] = word;
	return run_all(argc, argv);
}

/* As /init of a guest, whose kernel has modules and device-mapper: runs itself with the words of /words, prints
 * the table that it has written, each line behind "case", and ends the guest. */
static void be_guest(void)
{
	char line[500];
	int status;

	guest_begin("");
	pid_t id = fork();
	if (!id)
		exit(run_by_words());
	while (waitpid(-1, &status, 0) != id)
		;
	FILE *table = fopen("/table", "re");
	while (table && fgets(line, sizeof line, table))
		printf("case\t%s", line);
	printf("end %d\n", status);
	guest_end();
}

int main(int argc, char **argv)
{
	if (getpid() == 1)
		be_guest();
	return run_all(argc, argv);
}
