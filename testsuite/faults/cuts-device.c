/*
 * SPDX-License-Identifier: MIT
 * What runs in the device of testsuite/faults/cuts, and does what it reads from the serial line.
 * As /loader, in the initramfs, it stands for the boot loader: it waits for the kernel command line.
 * As /sbin/init, in an image, it stands for the system: it tells which image that is, and whether it
 * is whole, and then confirms, writes, updates, crashes. On the host, it makes the content of an image.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mtd/ubi-user.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define MEDIUM "/run/initramfs/medium"

static void tell(const char *format, const char *text, long number)
{
	printf(format, text, number);
	fflush(stdout);
}

static void take_serial_line(void)
{
	struct termios settings;
	int fd = open("/dev/ttyS0", O_RDWR | O_NOCTTY);

	if (fd < 0)
		exit(1);
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	if (tcgetattr(0, &settings) == 0) {
		settings.c_lflag &= ~ECHO;
		tcsetattr(0, TCSANOW, &settings);
	}
}

static char *read_line(void)
{
	static char line[2000];

	if (!fgets(line, sizeof line, stdin))
		exit(1);
	line[strcspn(line, "\n")] = 0;
	return line;
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		tell("guest: error: %s\n", path, 0);
	close(fd);
}

static int run(char *const arguments[], const char *program)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		execv(program, arguments);
		_exit(127);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}


/* --- the boot loader ------------------------------------------------------------------------- */

/* The kernel finds the disk some time after its driver. */
static void attach_flash(void)
{
	run((char *[]){ "modprobe", "-a", "virtio_pci", "virtio_blk", "mtd", NULL }, "/init");
	for (int i = 0; i < 1000 && access("/dev/vda", F_OK) < 0; i++)
		usleep(20000);
	if (run((char *[]){ "insmod", "/flash.ko", NULL }, "/init"))
		tell("guest: error: the flash%s\n", "", 0);
}

static int load(void)
{
	mkdir("/dev", 0755);
	mkdir("/proc", 0755);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("proc", "/proc", "proc", 0, NULL);
	take_serial_line();
	do
		tell("guest: loader%s\n", "", 0);
	while (poll(&(struct pollfd){ 0, POLLIN, 0 }, 1, 50) == 0);
	char *line = read_line();
	if (!strncmp(line, "flash ", 6)) {
		line += 6;
		attach_flash();
	}
	run((char *[]){ "modprobe", "ext4", NULL }, "/init"); /* for the system */
	write_text("/etc/cmdline_", line);
	execl("/init", "/init", (char *)NULL);
	return 1;
}


/* --- the system ------------------------------------------------------------------------------ */

/* Every byte of /content follows from the image's number, which stands in /version. */
enum { CONTENT = 200000 };

static unsigned char next_byte(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 24;
}

static int make_content(uint32_t state)
{
	for (int i = 0; i < CONTENT; i++)
		putchar(next_byte(&state));
	return 0;
}

static int is_whole(uint32_t state)
{
	FILE *content = fopen("/content", "r");
	int byte, size = 0;

	while (content && (byte = getc(content)) != EOF) {
		if (byte != next_byte(&state))
			return 0;
		size++;
	}
	return size == CONTENT;
}

static long number_in(const char *path)
{
	FILE *file = fopen(path, "r");
	long number = 0;

	if (file) {
		if (fscanf(file, "%ld", &number) != 1)
			number = -1;
		fclose(file);
	}
	return number;
}

/* What init says of the boot, for scripts. */
static void tell_state(void)
{
	FILE *file = fopen("/run/initramfs/state", "r");
	char line[300], root[100] = "", image[100] = "";
	int attempts = 0;

	while (file && fgets(line, sizeof line, file)) {
		sscanf(line, "root=%99s", root);
		sscanf(line, "image=%99s", image);
		sscanf(line, "attempts=%d", &attempts);
	}
	if (file)
		fclose(file);
	tell("guest: state %s %ld\n", *image ? image : root, attempts);
}

static long size_of(const char *name)
{
	char path[200];
	struct stat status;

	snprintf(path, sizeof path, MEDIUM "/%s", name);
	return stat(path, &status) == 0 ? (long)status.st_size : 0;
}

static void sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY);

	fsync(fd);
	close(fd);
}

/* Where the system keeps what it writes: verified slots have a partition for that, others a layer. */
static const char *folder = "/";

static void find_folder(void)
{
	if (access("/dev/vda4", F_OK) < 0)
		return;
	folder = "/mnt";
	if (mount("/dev/vda4", folder, "ext4", 0, NULL) < 0)
		tell("guest: error: /dev/vda4%s\n", "", 0);
}

/* What the system writes: whole, or as it was. */
static int store(const char *number)
{
	if (chdir(folder) < 0)
		return 1;
	int fd = open("generation.new", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, number, strlen(number)) < 0 || fsync(fd) < 0)
		return 1;
	close(fd);
	int r = rename("generation.new", "generation");
	sync_folder(folder);
	return r < 0;
}

/* A volume of UBI is told how much will come. */
static int copy(const char *to, int flags, long offset, long size)
{
	static char buffer[1 << 16];
	int in = open("/dev/vdb", O_RDONLY), out = open(to, O_RDWR | flags, 0644);
	int64_t all = size;

	if (in < 0 || out < 0 || (!strncmp(to, "/dev/ubi", 8) && ioctl(out, UBI_IOCVOLUP, &all) < 0))
		return 1;
	for (long done = 0; done < size;) {
		long part = size - done < (long)sizeof buffer ? size - done : (long)sizeof buffer;
		if (pread(in, buffer, part, offset + done) != part || write(out, buffer, part) != part)
			return 1;
		done += part;
	}
	int r = fsync(out);
	close(out);
	close(in);
	return r < 0;
}

static int confirm(char *entry)
{
	return run((char *[]){ "loopbox", "confirm", entry, NULL }, "/sbin/loopbox");
}

/* As docs/updates.md has it. */
static int update_files(long offset, long size)
{
	int was_read_only = mount(NULL, MEDIUM, NULL, MS_REMOUNT, NULL) == 0;

	if (copy(MEDIUM "/update.part", O_CREAT | O_TRUNC, offset, size))
		return 1;
	sync();
	if (rename(MEDIUM "/new.squashfs", MEDIUM "/old.squashfs") < 0 && size_of("old.squashfs") == 0)
		return 1;
	if (rename(MEDIUM "/new.squashfs.tries", MEDIUM "/old.squashfs.tries") < 0)
		unlink(MEDIUM "/old.squashfs.tries");
	if (rename(MEDIUM "/update.part", MEDIUM "/new.squashfs") < 0)
		return 1;
	sync();
	if (was_read_only)
		mount(NULL, MEDIUM, NULL, MS_REMOUNT | MS_RDONLY | MS_BIND, NULL);
	return 0;
}

static int update_slot(const char *device, char *entry, long offset, long size)
{
	return copy(device, 0, offset, size) || confirm(entry);
}

static int act(char *line)
{
	static char device[100], entry[100];
	long offset, size;

	if (!strcmp(line, "confirm"))
		return confirm(NULL);
	if (!strncmp(line, "store ", 6))
		return store(line + 6);
	if (sscanf(line, "files %ld %ld", &offset, &size) == 2)
		return update_files(offset, size);
	if (sscanf(line, "slot %99s %99s %ld %ld", device, entry, &offset, &size) == 4)
		return update_slot(device, entry, offset, size);
	if (!strcmp(line, "reboot")) {
		sync();
		return reboot(RB_AUTOBOOT);
	}
	return reboot(RB_AUTOBOOT); /* crash: nothing is written any more */
}

int main(int count, char **arguments)
{
	if (!strcmp(arguments[0], "/loader"))
		return load();
	if (count > 1 && getpid() != 1)
		return make_content(atoi(arguments[1]));
	take_serial_line();
	long version = number_in("/version");
	tell("guest: names %s%ld", "new=", size_of("new.squashfs"));
	tell(" %s%ld\n", "old=", size_of("old.squashfs"));
	find_folder();
	tell_state();
	tell("guest: generation %s%ld\n", "", chdir(folder) < 0 ? -2 : number_in("generation"));
	tell("guest: booted %s %ld\n", is_whole(version) ? "whole" : "BROKEN", version);
	for (;;) {
		char *line = read_line();
		int code = act(line);
		tell("guest: done %s = %ld\n", line, code);
	}
}
