/* SPDX-License-Identifier: MIT */
/*
 * Makes the system calls of init fail, as PID 1: /init of a guest in QEMU, where nothing can be harmed.
 * Boots again and again, each time in a PID and mount namespace of its own, whose root is a tmpfs with
 * loopbox as /init, as in an initramfs; each time with another fault at another call, up to the exec of
 * the new init.
 *
 * The kernel command line is that of the boots, and /faults has: SEED COUNT DENIED PLAN, where COUNT 0 means
 * all, and DENIED is a call's number that this kernel is to be without (EINVAL), or -1; of some plans more is
 * looked at than the new root. The same program is the init of the image: it tells by its exit code what it
 * finds. Prints to the console, each line behind "faults: ".
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <sys/sendfile.h>
#include <sys/vfs.h>

#include "trace.h"
#include "guest.h"

enum {
	LIMIT = 60,	 /* seconds that a boot may take, on a busy machine */
	COMPLETE = 0x40, /* what the init of the image exits with; less a bit of these: */
	NO_DEV = 1,
	NO_PROC = 2,
	NO_SYS = 4,
	NO_RUN = 8,
	ANOTHER_ROOT = 16,
	INITRAMFS_LEFT = 32,
};

#define CASE "/case"

/* --- the init of the image -------------------------------------------------- */

static int be_new_init(void)
{
	struct statfs left;
	int code = COMPLETE;

	if (access("/dev/null", F_OK))
		code |= NO_DEV;
	if (access("/proc/self", F_OK))
		code |= NO_PROC;
	if (access("/sys/class", F_OK))
		code |= NO_SYS;
	/* tmpfs, or ramfs on a kernel that seems to have none */
	if (statfs("/run", &left) || (left.f_type != 0x01021994 && left.f_type != 0x858458f6))
		code |= NO_RUN;
	if (access("/marker", F_OK))
		code |= ANOTHER_ROOT;
	return code;
}

/* --- one boot --------------------------------------------------------------- */

/* What init has written to the log and to the console, a line each. */
static char said[16384];
static size_t said_size;

static void listen(pid_t process, const struct user_regs_struct *regs)
{
	char line[1000];

	if (regs->orig_rax != SYS_write || regs->rdx >= sizeof line)
		return;
	peek(process, regs->rsi, line, sizeof line);
	line[regs->rdx] = 0;
	/* Not what it writes to files. */
	const char *start = *line == '<' && line[1] && line[2] == '>' ? line + 3 : line;
	if (!strncmp(start, "loopbox: ", strlen("loopbox: ")) && said_size + strlen(line) + 2 < sizeof said)
		said_size += sprintf(said + said_size, "%s", line);
}

static void copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);

	if (in < 0 || out < 0)
		_exit(97);
	while (sendfile(out, in, NULL, 1 << 20) > 0)
		;
	close(in);
	close(out);
}

/* In the namespaces of the boot: an initramfs. */
static void become_init(void)
{
	static char *argv[] = { "/init", NULL }, *environment[] = { "HOME=/", NULL };

	if (mount("initramfs", CASE, "tmpfs", 0, "mode=0755"))
		_exit(96);
	mkdir(CASE "/etc", 0755);
	copy("/init", CASE "/init");
	/* One module, which is loaded already. */
	copy(guest_module, CASE "/module.ko");
	copy("/module.list", CASE "/etc/loopbox.modules");
	int null = open("/dev/null", O_RDWR);
	if (chdir(CASE) || mount(".", "/", NULL, MS_MOVE, NULL) || chroot("."))
		_exit(95);
	for (int i = 0; i < 3; i++)
		dup2(null, i);
	if (null > 2)
		close(null);
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	execve(argv[0], argv, environment);
	_exit(94);
}

/* Is a loop device in use? Then it is let go of, for the next boot. */
static bool any_attached(void)
{
	DIR *folder = opendir("/sys/block");
	struct dirent *entry;
	bool any = false;

	while (folder && (entry = readdir(folder))) {
		if (strncmp(entry->d_name, "loop", 4) ||
		    access(text("/sys/block/%s/loop/backing_file", entry->d_name), F_OK))
			continue;
		any = true;
		int fd = open(text("/dev/%s", entry->d_name), O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			ioctl(fd, LOOP_CLR_FD, 0);
			close(fd);
		}
	}
	if (folder)
		closedir(folder);
	return any;
}

/* Is anything mapped by device-mapper? Then it is let go of, for the next boot; all of that is ours. */
static bool any_mapped(void)
{
	bool any = false;

	for (int i = 0; i < 200; i++) {
		struct dm_ioctl all = { .version = { 4, 0, 0 }, .data_size = sizeof all };
		DIR *folder = opendir("/sys/block");
		struct dirent *entry;
		bool has = false;
		while (folder && (entry = readdir(folder)))
			has |= !strncmp(entry->d_name, "dm-", 3);
		if (folder)
			closedir(folder);
		if (!has)
			break;
		any = true;
		int control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
		ioctl(control, DM_REMOVE_ALL, &all);
		close(control);
		pause_for(0.005);
	}
	unlink("/dev/mapper/root");
	return any;
}

/* Let go of by the end of its mounts, which the kernel takes apart a little later. */
static bool is_left(void)
{
	for (int i = 0; i < 100; i++) {
		DIR *folder = opendir("/sys/block");
		struct dirent *entry;
		bool any = false;
		while (folder && (entry = readdir(folder)))
			any |= !strncmp(entry->d_name, "loop", 4) &&
			       !access(text("/sys/block/%s/loop/backing_file", entry->d_name), F_OK);
		if (folder)
			closedir(folder);
		if (!any)
			return false;
		pause_for(0.005);
	}
	return any_attached();
}

/* --- what some plans are about -------------------------------------------------- */

static char plan[20];

static void with_store(void (*run)(void))
{
	mkdir("/store", 0755);
	if (mount("/dev/vdb", "/store", "ext4", 0, NULL))
		die("/store");
	run();
	umount("/store");
}

static void put_old_file(void)
{
	mkdir("/store/upper", 0755);
	int fd = open("/store/upper/old", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		die("/store/upper/old");
	close(fd);
}

static bool has_old_file;
static void look_for_old_file(void)
{
	has_old_file = !access("/store/upper/old", F_OK) || access("/store/upper", F_OK);
}

static void before_boot(void)
{
	static const char blank[8192];
	int fd;

	if (!strcmp(plan, "reset"))
		with_store(put_old_file);
	if (!strcmp(plan, "tries")) {
		fd = open("/dev/vdb", O_WRONLY | O_CLOEXEC);
		if (fd < 0 || pwrite(fd, blank, sizeof blank, 0) != sizeof blank)
			die("/dev/vdb");
		close(fd);
	}
}

/* Has a complete boot left out what its words demand? */
static bool is_undone(void)
{
	static const char magic[] = "loopbox tries";
	char copies[2][sizeof magic - 1];
	int fd;

	if (!strcmp(plan, "reset")) {
		with_store(look_for_old_file);
		return has_old_file;
	}
	if (!strcmp(plan, "tries")) {
		fd = open("/dev/vdb", O_RDONLY | O_CLOEXEC);
		for (int i = 0; i < 2; i++)
			if (pread(fd, copies[i], sizeof copies[i], i * 4096L) != sizeof copies[i])
				die("/dev/vdb");
		close(fd);
		return memcmp(copies[0], magic, sizeof copies[0]) &&
		       memcmp(copies[1], magic, sizeof copies[1]);
	}
	return false;
}

static int boot(const struct fault *fault, const struct call *aim)
{
	said_size = 0;
	*said = 0;
	before_boot();
	child = syscall(SYS_clone, CLONE_NEWNS | CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
	if (child < 0)
		die("clone");
	if (!child)
		become_init();
	return follow(fault, aim, LIMIT, true);
}

/* --- judging ---------------------------------------------------------------- */

/* How many warnings and errors there are; is one of them "OBJECT: REASON" at least? */
static unsigned count_warnings(bool *is_clear)
{
	unsigned count = 0;

	*is_clear = false;
	for (const char *line = said; *line; line += strcspn(line, "\n") + 1) {
		const char *start = strstr(line, "loopbox: ");
		/* On a console, steps begin with a plus, and the rest has no level. */
		if (!strncmp(line, "<6>", 3) || !start || start[strlen("loopbox: ")] == '+')
			continue;
		const char *text = start + strlen("loopbox: "), *colon = strstr(text, ": ");
		*is_clear |= colon && colon < text + strcspn(text, "\n");
		count++;
	}
	return count;
}

static unsigned usual_warnings;

static enum outcome judge(int status, bool is_killed)
{
	bool is_clear;
	unsigned warnings = count_warnings(&is_clear);
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	if (was_too_long)
		return HANGS;
	if (is_killed)
		return is_left() ? LEFT : KILLED;
	if (code < 0)
		return CRASHES;
	if (code & COMPLETE && code < 0x80) {
		any_mapped(); /* the root of a verified image stays */
		if (is_left())
			return LEFT;
		if (warnings > usual_warnings)
			return WARNED;
		return code == COMPLETE && !is_undone() ? DONE : SILENT;
	}
	bool is_mapped = any_mapped(), left = is_left() || is_mapped;
	if (code != 1)
		return CRASHES;
	if (!warnings)
		return MUTE;
	return !is_clear ? VAGUE : left ? LEFT : REFUSED;
}

/* --- all of them ------------------------------------------------------------ */

static const int errors[] = { EINTR, EAGAIN, EBUSY, ENOMEM, EIO, EPERM, ENOENT, EINVAL, ENOSYS, ENODEV };
static const int lasting[] = { EIO, ENOMEM, EPERM };

static struct fault cases[CALLS_MAX * 24];
static unsigned case_count;

static struct call clean[CALLS_MAX];
static unsigned clean_count;

static void add_case(enum kind kind, int call, int error)
{
	cases[case_count++] = (struct fault){ kind, call, error };
}

static bool is_first_of_kind(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (clean[i].number == clean[n].number &&
		    (clean[n].number != SYS_ioctl || clean[i].request == clean[n].request))
			return false;
	return true;
}

static void make_cases(void)
{
	for (unsigned n = 0; n < clean_count; n++) {
		long number = clean[n].number;
		/* These have no error. */
		if (number == SYS_getpid || number == SYS_clock_gettime || number == SYS_times ||
		    number == SYS_exit_group)
			continue;
		for (unsigned i = 0; i < LENGTH(errors); i++)
			add_case(ONE, n, errors[i]);
		for (unsigned i = 0; i < LENGTH(lasting); i++)
			if (is_first_of_kind(n))
				add_case(EVERY, n, lasting[i]);
		add_case(FROM, n, EIO);
		if (number == SYS_read || number == SYS_pread64 || number == SYS_getdents64)
			add_case(EMPTY, n, 0);
		if (number == SYS_pread64)
			add_case(SHORT, n, 0);
	}
}

static struct tally by_call = { .title = "call" }, by_fault = { .title = "fault" };

static bool is_set_up(const char *what)
{
	const char *last = strrchr(what, ' ');

	return last && (!strcmp(last, " /dev") || !strcmp(last, " /proc") || !strcmp(last, " /sys") ||
			!strcmp(last, " /run"));
}

static void do_case(const struct fault *fault, unsigned number)
{
	const struct call *aim = &clean[fault->call];
	int status = boot(fault, aim);
	enum outcome outcome = judge(status, false);

	/* Where nothing can be said, nothing is. */
	if (outcome == MUTE && (fault->kind == FROM || (fault->kind == EVERY && aim->number == SYS_write)))
		outcome = PARTLY;
	/* By EBUSY the kernel says that it is mounted there already: what set_up() mounts. */
	if (outcome == SILENT && fault->error == EBUSY && aim->number == SYS_mount && is_set_up(aim->what))
		outcome = DONE;
	counts[outcome]++;
	count_case(&by_call, name_of_call(aim), outcome);
	count_case(&by_fault, fault_name(fault), outcome);
	printf("faults: case\t%u\t%s\t%s\t%s\n", number, aim->what, fault_name(fault),
	       outcome_names[outcome]);
	if (outcome < FIRST_BAD)
		return;
	printf("faults: # %s: call %d (%s), %s: status %x\n", outcome_names[outcome], fault->call, aim->what,
	       fault_name(fault), status);
	for (char *line = strtok(said, "\n"); line; line = strtok(NULL, "\n"))
		printf("faults: #     %s\n", line);
}

static void try_all(void)
{
	unsigned seed = 1, count = 0, bad = 0, done = 0;
	FILE *file = fopen("/faults", "re");

	if (!file || fscanf(file, "%u %u %ld %19s", &seed, &count, &denied_call, plan) != 4)
		die("/faults");
	fclose(file);
	on_call = listen;
	int status = boot(&(struct fault){ NONE, 0, 0 }, NULL);
	clean_count = call_count < CALLS_MAX ? call_count : CALLS_MAX;
	memcpy(clean, calls, sizeof clean);
	bool is_clear;
	usual_warnings = count_warnings(&is_clear);
	bool is_mapped = any_mapped() == !strcmp(plan, "verity");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != COMPLETE || was_too_long || is_left() ||
	    !is_mapped || is_undone()) {
		printf("faults: Bail out! a boot without a fault ends with %x\n", status);
		for (char *line = strtok(said, "\n"); line; line = strtok(NULL, "\n"))
			printf("faults: #     %s\n", line);
		return;
	}
	make_cases();
	srandom(seed);
	for (unsigned i = case_count; count && i > 1; i--) {
		unsigned other = random() % i;
		struct fault kept = cases[i - 1];
		cases[i - 1] = cases[other];
		cases[other] = kept;
	}
	if (!count || count > case_count)
		count = case_count;
	double start = now();
	printf("faults: # %u calls of a boot, %u cases, of which %u\n", clean_count, case_count, count);
	for (; done < count; done++)
		do_case(&cases[done], done + 1);
	for (unsigned o = FIRST_BAD; o < OUTCOMES; o++)
		bad += counts[o];
	show_tally(&by_call);
	show_tally(&by_fault);
	printf("faults: # %u cases in %.0f s\n", done, now() - start);
	printf("faults: end %u %u\n", done, bad);
}

int main(int argc, char **argv)
{
	if (argc && !strcmp(argv[0], "/sbin/init"))
		return be_new_init();
	guest_begin("faults: ");
	mkdir(CASE, 0755);
	sigaction(SIGALRM, &(struct sigaction){ .sa_handler = too_long }, NULL);
	try_all();
	guest_end();
	return 1;
}
