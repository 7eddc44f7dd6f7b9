/*
 * SPDX-License-Identifier: MIT
 * The init of images that are compared (see images): it reads files of /usr/bin, and says on the
 * console in one line how long it took from /init to here, to read each tenth file, and to read all, in
 * microseconds; what was read from the disk by then but for the last, and what memory was in use
 * here, in KiB.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

enum { KLOG_READ_ALL = 3 };

static char text[1 << 20];
static unsigned step, count;

static const char *file(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

	close(fd);
	text[size < 0 ? 0 : size] = 0;
	return text;
}

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

/* The kernel's clock when it started /init. */
static long long started(void)
{
	int size = klogctl(KLOG_READ_ALL, text, sizeof text - 1);
	char *line;

	text[size < 0 ? 0 : size] = 0;
	line = strstr(text, "as init process");
	while (line && line > text && *line != '[')
		line--;
	return line ? strtod(line + 1, NULL) * 1000000 : 0;
}

static long field(const char *from, const char *name)
{
	const char *at = strstr(from, name);

	return at ? atol(at + strlen(name)) : 0;
}

static long memory(void)
{
	const char *table = file("/proc/meminfo");

	return field(table, "MemTotal:") - field(table, "MemAvailable:");
}

/* What was read from it, in KiB: sectors of 512 bytes are the third number. */
static long disk(void)
{
	long reads, merged, sectors = 0;

	sscanf(file("/sys/block/vda/stat"), "%ld %ld %ld", &reads, &merged, &sectors);
	return sectors / 2;
}

static int read_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status, (void)where;
	if (type != FTW_F || count++ % step)
		return 0;
	int fd = open(path, O_RDONLY);
	while (read(fd, text, sizeof text) > 0)
		;
	close(fd);
	return 0;
}

/* Reads the first file, and each of that distance from it; returns how long it took. */
static long long read_files(unsigned distance)
{
	long long start = now();

	step = distance;
	count = 0;
	nftw("/usr/bin", read_one, 8, FTW_PHYS);
	return now() - start;
}

int main(void)
{
	long long here = now(), boot = here - started();
	long used = memory();
	long long some = read_files(10);
	long from_disk = disk();
	long long all = some + read_files(1);

	printf("guest: image %lld %lld %lld %ld %ld\n", boot, some, all, from_disk, used);
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 0;
}
