/* SPDX-License-Identifier: MIT */
/*
 * Runs a program under ptrace(2), and makes its system calls fail; and counts what came of it. For
 * inject.c, which does that to commands, and boots.c, which does it to init. x86_64 only.
 */
#include <errno.h>
#include <linux/dm-ioctl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum { CALLS_MAX = 600, ROWS_MAX = 200 };

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void pause_for(double seconds)
{
	nanosleep(&(struct timespec){ seconds, (seconds - (long)seconds) * 1e9 }, NULL);
}

/* In one of a few buffers, used in turn. */
__attribute__((format(printf, 1, 2))) static char *text(const char *format, ...)
{
	static char texts[8][1000];
	static unsigned next;
	char *to = texts[next++ % LENGTH(texts)];
	va_list args;

	va_start(args, format);
	vsnprintf(to, sizeof texts[0], format, args);
	va_end(args);
	return to;
}

/* --- running, with a fault ------------------------------------------------- */

enum kind { NONE, ONE, FROM, EVERY, EMPTY, SHORT, KILL };

struct fault {
	enum kind kind;
	int call, error;
};

struct call {
	long number;
	unsigned long request; /* of an ioctl */
	char what[160];
};

static struct call calls[CALLS_MAX];
static unsigned call_count; /* of the last run */
/* The call that the fault met first: not always the one that it was for, since programs look at what others
 * have, too. */
static struct call met;

static const char *const names[] = {
#include "names.h"
};

static const struct {
	unsigned long request;
	const char *name;
} requests[] = {
	{ LOOP_CONFIGURE, "LOOP_CONFIGURE" },
	{ LOOP_SET_FD, "LOOP_SET_FD" },
	{ LOOP_CLR_FD, "LOOP_CLR_FD" },
	{ LOOP_SET_STATUS64, "LOOP_SET_STATUS64" },
	{ LOOP_GET_STATUS64, "LOOP_GET_STATUS64" },
	{ LOOP_SET_CAPACITY, "LOOP_SET_CAPACITY" },
	{ LOOP_SET_DIRECT_IO, "LOOP_SET_DIRECT_IO" },
	{ LOOP_SET_BLOCK_SIZE, "LOOP_SET_BLOCK_SIZE" },
	{ LOOP_CTL_ADD, "LOOP_CTL_ADD" },
	{ LOOP_CTL_REMOVE, "LOOP_CTL_REMOVE" },
	{ LOOP_CTL_GET_FREE, "LOOP_CTL_GET_FREE" },
	{ BLKGETSIZE64, "BLKGETSIZE64" },
	{ BLKSSZGET, "BLKSSZGET" },
	{ BLKFLSBUF, "BLKFLSBUF" },
	{ DM_VERSION, "DM_VERSION" },
	{ DM_REMOVE_ALL, "DM_REMOVE_ALL" },
	{ DM_LIST_DEVICES, "DM_LIST_DEVICES" },
	{ DM_DEV_CREATE, "DM_DEV_CREATE" },
	{ DM_DEV_REMOVE, "DM_DEV_REMOVE" },
	{ DM_DEV_SUSPEND, "DM_DEV_SUSPEND" },
	{ DM_DEV_STATUS, "DM_DEV_STATUS" },
	{ DM_TABLE_LOAD, "DM_TABLE_LOAD" },
	{ DM_TABLE_DEPS, "DM_TABLE_DEPS" },
	{ DM_TABLE_STATUS, "DM_TABLE_STATUS" },
	{ DM_LIST_VERSIONS, "DM_LIST_VERSIONS" },
};

static char *name_of_call(const struct call *call)
{
	if (call->number == SYS_ioctl) {
		for (unsigned i = 0; i < LENGTH(requests); i++)
			if (requests[i].request == call->request)
				return (char *)requests[i].name;
		return text("ioctl-%lx", call->request);
	}
	return call->number >= 0 && call->number < (long)LENGTH(names) && names[call->number]
		       ? (char *)names[call->number]
		       : text("call-%ld", call->number);
}

static void peek(pid_t process, unsigned long address, char *to, unsigned size)
{
	for (unsigned i = 0; i < size - 1; i++, address++) {
		errno = 0;
		long word = ptrace(PTRACE_PEEKDATA, process, address & -8UL, 0);
		to[i] = errno ? 0 : word >> 8 * (address & 7);
		if (!to[i])
			return;
	}
	to[size - 1] = 0;
}

/* What a call is about: its path, or the file of its descriptor. */
static void describe(pid_t process, const struct user_regs_struct *regs, struct call *call)
{
	char object[100] = "";
	unsigned long path = 0;
	int size;

	call->number = regs->orig_rax;
	call->request = (unsigned)regs->rsi;
	switch (call->number) {
	case SYS_openat:
	case SYS_newfstatat:
	case SYS_readlinkat:
	case SYS_faccessat:
	case SYS_faccessat2:
	case SYS_mkdirat:
	case SYS_unlinkat:
	case SYS_mknodat:
	case SYS_statx:
	case SYS_mount:
		path = regs->rsi;
		break;
	case SYS_statfs:
	case SYS_umount2:
	case SYS_chdir:
	case SYS_execve:
		path = regs->rdi;
		break;
	case SYS_ioctl:
	case SYS_read:
	case SYS_write:
	case SYS_pread64:
	case SYS_pwrite64:
	case SYS_getdents64:
	case SYS_lseek:
	case SYS_close:
	case SYS_fcntl:
		size = readlink(text("/proc/%d/fd/%lld", process, regs->rdi), object, sizeof object - 1);
		object[size > 0 ? size : 0] = 0;
		break;
	}
	if (path)
		peek(process, path, object, sizeof object);
	snprintf(call->what, sizeof call->what, "%s %s", name_of_call(call), object);
}

static bool is_hit(const struct fault *fault, unsigned n, const struct call *call, const struct call *aim)
{
	/* These can't fail, and programs count on it: a clock that stands still is no fault. */
	if (call->number == SYS_times || call->number == SYS_clock_gettime || call->number == SYS_getpid)
		return false;
	switch (fault->kind) {
	case NONE:
		return false;
	case FROM:
		return n >= (unsigned)fault->call;
	case EVERY:
		return call->number == aim->number &&
		       (call->number != SYS_ioctl || call->request == aim->request);
	case EMPTY:
	case SHORT: /* what only some calls can meet */
		return n == (unsigned)fault->call && call->number == aim->number;
	default:
		return n == (unsigned)fault->call;
	}
}

/* A process at the entrance of a call: does it, and how does it fail? */
struct traced {
	pid_t id;
	bool inside, answers, is_short;
	long answer, size;
};

/* What else is to be done with each call: NULL, nothing. And one that always says EINVAL; -1: none. */
static void (*on_call)(pid_t process, const struct user_regs_struct *regs);
static long denied_call = -1;

static void enter(struct traced *process, const struct fault *fault, const struct call *aim, bool record)
{
	struct user_regs_struct regs;
	struct call call;

	ptrace(PTRACE_GETREGS, process->id, 0, &regs);
	call.number = regs.orig_rax;
	call.request = (unsigned)regs.rsi;
	if (record && call_count < CALLS_MAX)
		describe(process->id, &regs, &calls[call_count]);
	unsigned n = call_count++;
	bool hit =
		regs.orig_rax != SYS_exit_group && regs.orig_rax != SYS_exit && is_hit(fault, n, &call, aim);
	bool denied = !hit && call.number == denied_call;
	if (hit && !*met.what)
		describe(process->id, &regs, &met);
	if (on_call && !hit)
		on_call(process->id, &regs);
	if (!hit && !denied)
		return;
	switch (denied ? EVERY : fault->kind) {
	case KILL:
		kill(process->id, SIGKILL);
		return;
	case SHORT:
		process->is_short = true;
		process->size = regs.rdx;
		regs.rdx = 1;
		break;
	default:
		process->answers = true;
		process->answer = denied ? -EINVAL : fault->kind == EMPTY ? 0 : -fault->error;
		/* A close always closes, whatever it says. */
		if (regs.orig_rax == SYS_close)
			return;
		regs.orig_rax = -1;
	}
	ptrace(PTRACE_SETREGS, process->id, 0, &regs);
}

static void leave(struct traced *process)
{
	struct user_regs_struct regs;

	if (!process->answers && !process->is_short)
		return;
	ptrace(PTRACE_GETREGS, process->id, 0, &regs);
	if (process->answers)
		regs.rax = process->answer;
	else /* a call leaves its arguments as they were */
		regs.rdx = process->size;
	process->answers = process->is_short = false;
	ptrace(PTRACE_SETREGS, process->id, 0, &regs);
}

static pid_t child;
static bool was_too_long;

static void too_long(int signal)
{
	(void)signal;
	was_too_long = true;
	kill(child, SIGKILL);
}

/* Runs `child`, which waits, stopped, to be traced, to the end of all its processes: its status, as of
 * waitpid(2). aim: the call that the fault is for, as a run without a fault has it. ends_at_exec: what
 * another program does that it becomes is of no interest. */
static int follow(const struct fault *fault, const struct call *aim, int seconds, bool ends_at_exec)
{
	struct traced processes[32] = { { 0 } };
	unsigned process_count = 1, execs = 0;
	int status, result = 0;

	waitpid(child, &status, __WALL);
	ptrace(PTRACE_SETOPTIONS, child, 0,
	       PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		       PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC);
	ptrace(PTRACE_SYSCALL, child, 0, 0);
	processes[0].id = child;
	was_too_long = false;
	call_count = 0;
	*met.what = 0;
	setitimer(ITIMER_REAL, &(struct itimerval){ { 1, 0 }, { seconds, 0 } }, NULL);
	for (;;) {
		pid_t id = waitpid(-1, &status, __WALL);
		if (id < 0 && errno == EINTR)
			continue;
		if (id < 0)
			break;
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (id == child)
				result = status;
			continue;
		}
		unsigned i = 0;
		while (i < process_count && processes[i].id != id)
			i++;
		if (i == process_count && i < LENGTH(processes))
			processes[process_count++] = (struct traced){ .id = id };
		int signal = WSTOPSIG(status), give = 0;
		bool is_over = ends_at_exec && execs > 1;
		if (signal == (SIGTRAP | 0x80) && i < LENGTH(processes)) {
			processes[i].inside = !processes[i].inside;
			if (execs && !is_over && processes[i].inside)
				enter(&processes[i], fault, aim, fault->kind == NONE);
			else if (!processes[i].inside)
				leave(&processes[i]);
		} else if (signal == SIGTRAP) {
			execs += status >> 16 == PTRACE_EVENT_EXEC;
		} else if (signal != SIGSTOP) {
			give = signal;
		}
		ptrace(PTRACE_SYSCALL, id, 0, give);
	}
	setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { 0, 0 } }, NULL);
	return result;
}

static const char *fault_name(const struct fault *fault)
{
	static const char *const kinds[] = { "none", "", "from ", "every ", "empty", "short", "kill" };

	return text("%s%s", kinds[fault->kind], fault->error ? strerrorname_np(fault->error) : "");
}

/* --- what came of it ------------------------------------------------------- */

enum outcome {
	DONE,	 /* as without the fault */
	WARNED,	 /* done in another way, or less, and said so */
	REFUSED, /* nothing done, and said why */
	PARTLY,	 /* some of it done, or left, where cleaning up failed too; and said so */
	KILLED,
	/* What must not be: */
	HANGS,
	CRASHES,
	SILENT, /* exit 0, and it was not done, or other output, and not a word */
	MUTE,	/* fails without a message */
	VAGUE,	/* a message without an object or a reason */
	LEFT,	/* something was left behind */
	LATE,	/* done, but fails */
	OUTCOMES,
	FIRST_BAD = HANGS,
};
static const char *const outcome_names[OUTCOMES] = { "done",   "warned", "refused", "partly",
						     "killed", "HANGS",	 "CRASHES", "SILENT",
						     "MUTE",   "VAGUE",	 "LEFT",    "LATE" };

static unsigned counts[OUTCOMES];

/* How many cases of each name ended how: by command, by call, by fault. */
struct tally {
	const char *title;
	unsigned count;
	struct {
		char *name;
		unsigned cases[OUTCOMES];
	} rows[ROWS_MAX];
};
static void count_case(struct tally *tally, const char *name, enum outcome outcome)
{
	unsigned i = 0;

	while (i < tally->count && strcmp(tally->rows[i].name, name))
		i++;
	if (i == LENGTH(tally->rows))
		return;
	if (i == tally->count)
		tally->rows[tally->count++].name = strdup(name);
	tally->rows[i].cases[outcome]++;
}

static void show_row(const char *name, const unsigned cases[OUTCOMES])
{
	printf("# %-28s", name);
	for (unsigned o = 0; o < OUTCOMES; o++)
		printf(" %7u", cases[o]);
	printf("\n");
}

static void show_tally(const struct tally *tally)
{
	printf("#\n# %-28s", tally->title);
	for (unsigned o = 0; o < OUTCOMES; o++)
		printf(" %7s", outcome_names[o]);
	printf("\n");
	for (unsigned i = 0; i < tally->count; i++)
		show_row(tally->rows[i].name, tally->rows[i].cases);
	show_row("all", counts);
}
