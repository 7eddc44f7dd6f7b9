/* SPDX-License-Identifier: MIT */
/*
 * rounds COUNT SEED IMAGE <PROGRAMS: runs each program once in a round, in an order that is random
 * in each, and prints what it took.
 *
 * A line of PROGRAMS is NAME and up to three commands, with tabs between them; their words have
 * spaces between them. In a command, @ is the loop device that the first one has printed, or else
 * the one that IMAGE is attached to. Between two programs it waits until IMAGE is on no loop device,
 * which is not counted; "-" as IMAGE needs no such wait.
 *
 * A line of the output, with tabs: NAME, microseconds of its commands (median and quartiles), the
 * same divided by those of the first program in the same round (median and quartiles), the page
 * faults (median), and how many rounds have failed, which are not in the others. What fails in the
 * round that warms up is left out, and told.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/loop.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PROGRAMS = 16, COMMANDS = 3, WORDS = 16 };

struct program {
	char *name;
	char *words[COMMANDS][WORDS];
	int commands, failures;
	double *microseconds, *ratios, *faults;
};

static const char *image;
static char device[64];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

/* Finds the device that IMAGE is attached to. */
static int attached(void)
{
	glob_t files;
	char text[4096];
	int found = 0;

	if (glob("/sys/block/loop*/loop/backing_file", 0, NULL, &files))
		return 0;
	for (size_t i = 0; i < files.gl_pathc && !found; i++) {
		int fd = open(files.gl_pathv[i], O_RDONLY);
		ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
		if (fd >= 0)
			close(fd);
		text[size > 0 ? size - 1 : 0] = 0;
		found = !strcmp(text, image);
		if (found)
			snprintf(device, sizeof device, "/dev/loop%d",
				 atoi(files.gl_pathv[i] + sizeof "/sys/block/loop" - 1));
	}
	globfree(&files);
	return found;
}

/* Detaching ends when the last one has closed the device, which may be the kernel or udev. */
static int settle(void)
{
	if (!strcmp(image, "-"))
		return 1;
	for (int i = 0; i < 10000; i++, usleep(1000))
		if (!attached())
			return 1;
	fprintf(stderr, "rounds: %s: still on %s\n", image, device);
	return 0;
}

/* Runs a command and adds what it took. */
static int run(char **words, int is_first, double *microseconds, double *faults)
{
	char *argv[WORDS + 1] = { NULL }, *none[] = { NULL };
	static char output[1 << 16];
	size_t size = 0;
	ssize_t n;
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	int ends[2], status;
	pid_t pid;

	for (int i = 0; words[i]; i++)
		argv[i] = !is_first && !strcmp(words[i], "@") ? device : words[i];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return 0;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	double start = now();
	int error = posix_spawn(&pid, argv[0], &actions, NULL, argv, none);
	close(ends[1]);
	posix_spawn_file_actions_destroy(&actions);
	if (error) {
		close(ends[0]);
		return 0;
	}
	while ((n = read(ends[0], output + size, sizeof output - 1 - size)) > 0)
		size = size + n < sizeof output - 1 ? size + n : 0;
	while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR)
		;
	*microseconds += now() - start;
	*faults += usage.ru_minflt + usage.ru_majflt;
	close(ends[0]);
	output[size] = 0;
	if (is_first && strcmp(image, "-")) {
		output[strcspn(output, " \n")] = 0;
		if (!strncmp(output, "/dev/loop", 9))
			snprintf(device, sizeof device, "%.40s", output);
		else
			attached();
	}
	return status == 0;
}

/* What fails takes no time: it is sorted out by that. It must not leave IMAGE attached. */
static int run_all(struct program *p, int round)
{
	double microseconds = 0, faults = 0;

	p->microseconds[round] = 0;
	device[0] = 0;
	for (int i = 0; i < p->commands; i++) {
		if (!run(p->words[i], i == 0, &microseconds, &faults)) {
			p->failures++;
			if (i > 0 && attached()) {
				int fd = open(device, O_RDONLY | O_CLOEXEC);
				ioctl(fd, LOOP_CLR_FD);
				close(fd);
			}
			return 0;
		}
	}
	p->microseconds[round] = microseconds;
	p->faults[round] = faults;
	return 1;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Prints median and quartiles of those that are not 0. */
static void print(double *values, int count, const char *format, int quartiles)
{
	int first = 0;

	qsort(values, count, sizeof *values, compare);
	while (first < count - 1 && values[first] == 0)
		first++;
	count -= first;
	printf(format, values[first + count / 2]);
	if (quartiles) {
		printf(format, values[first + count / 4]);
		printf(format, values[first + count * 3 / 4]);
	}
}

static int parse(struct program *p, char *line, int rounds)
{
	char *rest, *in;

	line[strcspn(line, "\n")] = 0;
	p->name = strtok_r(line, "\t", &rest);
	if (!p->name)
		return 0;
	for (char *command; p->commands < COMMANDS && (command = strtok_r(NULL, "\t", &rest));
	     p->commands++) {
		int count = 0;
		for (char *word = strtok_r(command, " ", &in); word && count < WORDS;
		     word = strtok_r(NULL, " ", &in))
			p->words[p->commands][count++] = word;
	}
	p->microseconds = calloc(rounds, sizeof(double));
	p->ratios = calloc(rounds, sizeof(double));
	p->faults = calloc(rounds, sizeof(double));
	return p->commands > 0 && p->microseconds && p->ratios && p->faults;
}

int main(int argc, char **argv)
{
	static struct program programs[PROGRAMS];
	int rounds = argc == 4 ? atoi(argv[1]) : 0, count = 0, order[PROGRAMS];
	char *line = NULL;
	size_t size = 0;

	if (rounds < 1) {
		fprintf(stderr, "usage: rounds COUNT SEED IMAGE <PROGRAMS\n");
		return 2;
	}
	srandom(atoi(argv[2]));
	image = argv[3];
	while (count < PROGRAMS && getline(&line, &size, stdin) > 0) {
		if (!parse(&programs[count], line, rounds))
			return 2;
		line = NULL; /* the program has it */
		int done = run_all(&programs[count], 0);
		if (!settle())
			return 1;
		if (!done) {
			fprintf(stderr, "rounds: %s fails, and is left out\n", programs[count].name);
			if (count == 0)
				return 1; /* nothing to compare with */
			programs[count--] = (struct program){ 0 };
		}
		count++;
	}
	for (int i = 0; i < count; i++)
		order[i] = i;
	for (int round = 0; round < rounds; round++) {
		for (int i = count - 1; i > 0; i--) {
			int other = random() % (i + 1), kept = order[i];
			order[i] = order[other];
			order[other] = kept;
		}
		for (int i = 0; i < count; i++) {
			run_all(&programs[order[i]], round);
			if (!settle())
				return 1;
		}
		for (int i = 0; i < count; i++)
			if (programs[0].microseconds[round] > 0)
				programs[i].ratios[round] =
					programs[i].microseconds[round] / programs[0].microseconds[round];
	}
	for (int i = 0; i < count; i++) {
		struct program *p = &programs[i];
		printf("%s", p->name);
		print(p->microseconds, rounds, "\t%.0f", 1);
		print(p->ratios, rounds, "\t%.3f", 1);
		print(p->faults, rounds, "\t%.0f", 0);
		printf("\t%d\n", p->failures);
	}
	return 0;
}
