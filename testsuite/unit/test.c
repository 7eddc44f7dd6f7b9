/* SPDX-License-Identifier: MIT */
/* Runs the tests and prints what became of them: TAP, but for the numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "fake_kernel.h"
#include "test.h"

static struct {
	const char *name, *file;
	void (*run)(void);
} tests[600];
static unsigned count;

void test_add_of(const char *file, const char *name, void (*run)(void))
{
	if (count == LENGTH(tests)) {
		printf("# there are more tests than places for them\n");
		abort();
	}
	tests[count].name = name;
	tests[count].file = file;
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

/* In a child, since libbb has static data and a test may crash or hang. */
static bool passes(void (*run)(void))
{
	int status;

	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		alarm(10);
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

/* With the name of a file of tests, begins with these, and ends with the first that fails. */
int main(int argc, char **argv)
{
	unsigned failures = 0;

	for (unsigned i = 0; i < 2 * count && !(argc > 1 && failures); i++) {
		bool is_first = argc > 1 && strstr(tests[i % count].file, argv[1]);
		if (is_first != (i < count))
			continue;
		bool passed = passes(tests[i % count].run);
		printf("%s - %s\n", passed ? "ok" : "not ok", tests[i % count].name);
		failures += !passed;
	}
	printf("1..%u\n", count);
	return failures || !count;
}
