/* SPDX-License-Identifier: MIT */
/* Runs the tests and prints what became of them: TAP, but for the numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "fake_kernel.h"
#include "test.h"

static struct {
	const char *name;
	void (*run)(void);
} tests[2000];
static unsigned count;

void test_add(const char *name, void (*run)(void))
{
	if (count == LENGTH(tests)) {
		printf("# there are more tests than places for them\n");
		abort();
	}
	tests[count].name = name;
	tests[count++].run = run;
}

void test_fail(const char *file, int line, const char *format, ...)
{
	const char *name = strrchr(file, '/');
	va_list args;

	printf("# %s:%d: ", name ? name + 1 : file, line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fake_show_calls();
	fflush(stdout);
	_exit(1);
}

void test_same(const char *file, int line, const char *what, const char *is, const char *wanted)
{
	if (!is || !wanted ? is != wanted : strcmp(is, wanted))
		test_fail(file, line, "%s is \"%s\", not \"%s\"", what, is ? is : "(null)",
			  wanted ? wanted : "(null)");
}

/* Of the processor, since the machine may be busy; what hangs does so in a loop, as nothing here
 * sleeps. UNIT_SECONDS sets another limit. */
static void limit_time(void)
{
	const char *wanted = getenv("UNIT_SECONDS");
	struct itimerval limit = { .it_value.tv_sec = wanted ? atoi(wanted) : 20 };

	setitimer(ITIMER_PROF, &limit, NULL);
	alarm(600);
}

/* Which functions a test has entered, where they are built with -finstrument-functions: what mutants
 * wants to know. Shared with children. */
static void **reached;
enum { REACHED_SIZE = 1 << 12 };

__attribute__((no_instrument_function)) void __cyg_profile_func_enter(void *function, void *caller)
{
	(void)caller;
	if (!reached)
		return;
	for (unsigned i = (uintptr_t)function >> 4;; i++) {
		if (!reached[i % REACHED_SIZE])
			reached[i % REACHED_SIZE] = function;
		if (reached[i % REACHED_SIZE] == function)
			return;
	}
}

__attribute__((no_instrument_function)) void __cyg_profile_func_exit(void *function, void *caller)
{
	(void)function;
	(void)caller;
}

static void show_reached(const char *name, long milliseconds)
{
	printf("# reaches %ld %s", milliseconds, name);
	for (unsigned i = 0; i < REACHED_SIZE; i++)
		if (reached[i])
			printf(" %lx", (unsigned long)reached[i]);
	printf("\n");
	memset(reached, 0, REACHED_SIZE * sizeof *reached);
}

pid_t __real_fork(void); /* libc's */

/* In a child, since libbb has static data and a test may crash or hang. */
static bool passes(void (*run)(void))
{
	int status;

	fflush(stdout);
	pid_t child = __real_fork();
	if (child == 0) {
		limit_time();
		fake_boot();
		run();
		fake_check_descriptors();
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return false;
	if (WIFSIGNALED(status))
		printf("# ended by signal %d\n", WTERMSIG(status));
	return status == 0;
}

void test_apart(void (*run)(void), const char *about)
{
	if (passes(run))
		return;
	printf("# %s\n", about);
	fflush(stdout);
	_exit(1);
}

/* The tests of these names, until one fails. */
static int run_some(char **names)
{
	for (; *names; names++)
		for (unsigned i = 0; i < count; i++)
			if (!strcmp(*names, tests[i].name) && !passes(tests[i].run)) {
				printf("not ok - %s\n", *names);
				return 1;
			}
	return 0;
}

/* Runs all tests; or some, by their names; or all, with --reaches, to show what they reach. */
int main(int argc, char **argv)
{
	unsigned failures = 0;

	if (argc > 1 && strcmp(argv[1], "--reaches"))
		return run_some(argv + 1);
	if (argc > 1)
		reached = mmap(NULL, REACHED_SIZE * sizeof *reached, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (unsigned i = 0; i < count; i++) {
		struct timeval start, end;
		gettimeofday(&start, NULL);
		bool passed = passes(tests[i].run);
		gettimeofday(&end, NULL);
		printf("%s - %s\n", passed ? "ok" : "not ok", tests[i].name);
		failures += !passed;
		if (reached)
			show_reached(tests[i].name, (end.tv_sec - start.tv_sec) * 1000 +
							    (end.tv_usec - start.tv_usec) / 1000);
	}
	printf("1..%u\n", count);
	return failures || !count;
}
