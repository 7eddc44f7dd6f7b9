/*
 * SPDX-License-Identifier: MIT
 * The init of the root images that demo and boot tests boot: it prints the world it was started
 * in, one fact per line, "guest: KEY VALUE", and ends the machine. The last line is "guest: end".
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { KLOG_READ_ALL = 3, KLOG_CONSOLE_OFF = 6, FDS = 64 };

#define STARTED "the image's init runs"

extern char **environ;

/* The kernel's log has a clock of its own, which differs from the others by some milliseconds. */
static void log_start(void)
{
	int fd = open("/dev/kmsg", O_WRONLY);

	if (fd < 0)
		return;
	dprintf(fd, STARTED "\n");
	close(fd);
}

static void tell_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	printf("guest: uptime %lld.%03ld\n", (long long)now.tv_sec, now.tv_nsec / 1000000);
	clock_gettime(CLOCK_REALTIME, &now);
	printf("guest: year %d\n", gmtime(&now.tv_sec)->tm_year + 1900);
}

static void tell_kernel(void)
{
	struct utsname name;

	uname(&name);
	printf("guest: kernel %s\n", name.release);
}

static void tell_descriptors(const char open[FDS])
{
	char path[32], target[PATH_MAX];

	for (int fd = 0; fd < FDS; fd++) {
		if (!open[fd])
			continue;
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		ssize_t length = readlink(path, target, sizeof target);
		printf("guest: fd %d %.*s\n", fd, length < 0 ? 1 : (int)length, length < 0 ? "?" : target);
	}
}

static void tell_mounts(void)
{
	FILE *mounts = fopen("/proc/mounts", "r");
	char line[4096];

	if (!mounts)
		printf("guest: error /proc/mounts: %s\n", strerror(errno));
	while (mounts && fgets(line, sizeof line, mounts))
		printf("guest: mount %s", line);
}

static void tell_root(void)
{
	int fd = open("/.writable", O_WRONLY | O_CREAT, 0600);

	printf("guest: root %s\n", fd >= 0 ? "writable" : strerror(errno));
	unlink("/.writable");
}

static void tell_folder(const char *key, const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	printf("guest: %s %s\n", key, dir ? "present" : strerror(errno));
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			printf("guest: %s-entry %s\n", key, entry->d_name);
}

/* "guest: disk vda 254:0" */
static void tell_disks(void)
{
	DIR *dir = opendir("/sys/block");
	struct dirent *entry;
	char path[PATH_MAX], number[16];

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof path, "/sys/block/%s/dev", entry->d_name);
		FILE *file = strncmp(entry->d_name, "vd", 2) == 0 ? fopen(path, "r") : NULL;
		if (file && fgets(number, sizeof number, file))
			printf("guest: disk %s %s", entry->d_name, number);
	}
}

static int tell_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status, (void)type;
	if (where->level > 0)
		printf("guest: initramfs-entry %s\n", strchr(path + sizeof "/proc", '/'));
	return 0;
}

/*
 * What is left of the initramfs. It lies below our root, where no path leads; but a process that
 * was started in it, before us, still has it as its root.
 */
static void tell_initramfs(void)
{
	char path[64];

	for (int pid = 2; pid < 1000; pid++) {
		snprintf(path, sizeof path, "/proc/%d/exe", pid);
		if (readlink(path, (char[1]){ 0 }, 1) < 0)
			continue; /* no process, or one of the kernel's */
		snprintf(path, sizeof path, "/proc/%d/root/", pid);
		/* pivot_root(2) has given it our root instead: nothing leads there any more. */
		struct stat its, ours;
		if (stat(path, &its) == 0 && stat("/", &ours) == 0 && its.st_dev == ours.st_dev &&
		    its.st_ino == ours.st_ino) {
			printf("guest: initramfs replaced\n");
			continue;
		}
		printf("guest: initramfs %s\n", access(path, F_OK) == 0 ? "visible" : strerror(errno));
		nftw(path, tell_entry, 16, FTW_PHYS | FTW_MOUNT);
	}
}

static void tell_loops(void)
{
	char path[64], backing[PATH_MAX];

	for (int i = 0; i < 16; i++) {
		snprintf(path, sizeof path, "/sys/block/loop%d/loop/backing_file", i);
		FILE *file = fopen(path, "r");
		if (file && fgets(backing, sizeof backing, file))
			printf("guest: loop %d %s", i, backing);
	}
}

/* The lines of a file, or where a link leads. */
static void tell_file(const char *key, const char *path)
{
	char text[4096];
	ssize_t size = readlink(path, text, sizeof text - 1);
	FILE *file = size < 0 ? fopen(path, "r") : NULL;

	if (size >= 0)
		printf("guest: %s %.*s\n", key, (int)size, text);
	while (file && fgets(text, sizeof text, file))
		printf("guest: %s %s", key, text);
}

/* Each layer of a test has a file of its own, and one that others have too. */
static void tell_facts(void)
{
	DIR *dir = opendir("/facts");
	struct dirent *entry;
	char path[PATH_MAX];

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof path, "/facts/%s", entry->d_name);
		char key[PATH_MAX];
		snprintf(key, sizeof key, "fact %s", entry->d_name);
		if (entry->d_name[0] != '.')
			tell_file(key, path);
	}
}

/* What was written at earlier boots, if anything can be. */
static void tell_boots(void)
{
	int fd = open("/boots", O_RDWR | O_CREAT | O_APPEND, 0644);
	struct stat status;

	if (fd < 0)
		return;
	if (write(fd, "x", 1) == 1 && fstat(fd, &status) == 0)
		printf("guest: boots %d\n", (int)status.st_size);
	close(fd);
}

/* Linux: linux/watchdog.h, which is not there for each compiler that makes this. */
#define WDIOC_GETTIMEOUT _IOR('W', 7, int)

/* With guest=hangs in the environment, opens the watchdog, and feeds it no more. */
static void hang(void)
{
	const char *how = getenv("guest");
	int seconds = 0;

	if (!how || strcmp(how, "hangs"))
		return;
	int fd = open("/dev/watchdog", O_WRONLY);
	if (fd < 0 || ioctl(fd, WDIOC_GETTIMEOUT, &seconds) < 0)
		printf("guest: error watchdog: %s\n", strerror(errno));
	printf("guest: watchdog %d\n", seconds);
	fflush(stdout);
	sleep(300);
	printf("guest: not reset\n");
}

/* Can the medium be made read-only? */
static void tell_read_only(const char *when)
{
	int r = mount(NULL, "/run/initramfs/medium", NULL, MS_REMOUNT | MS_RDONLY, NULL);

	printf("guest: read-only %s: %s\n", when, r < 0 ? strerror(errno) : "yes");
}

/* With guest=replaces in the environment, puts another file in the place of the image that is mounted: at
 * first as an update does, which keeps the old one, then deletes that, too. */
static void replace_image(void)
{
	const char *how = getenv("guest");
	char image[4000], old[4096], new[4096];

	if (!how || strcmp(how, "replaces"))
		return;
	ssize_t size = readlink("/run/initramfs/booted", image, sizeof image - 1);
	image[size < 0 ? 0 : size] = 0;
	snprintf(old, sizeof old, "%s.old", image);
	snprintf(new, sizeof new, "%s.new", image);
	int fd = open(new, O_CREAT | O_WRONLY, 0644);
	if (fd < 0 || write(fd, "x", 1) < 0 || close(fd) < 0 || rename(image, old) < 0 ||
	    rename(new, image) < 0)
		printf("guest: error replace %s: %s\n", image, strerror(errno));
	tell_read_only("kept");
	mount(NULL, "/run/initramfs/medium", NULL, MS_REMOUNT, NULL);
	if (unlink(old) < 0)
		printf("guest: error delete %s: %s\n", old, strerror(errno));
	tell_read_only("deleted");
}

/* Ends the system as it is to be done where init has put a program for that; with
 * guest=systemd in the environment as systemd does it, with the old root at /oldroot. */
static void shut_down(void)
{
	const char *how = getenv("guest");
	const char *verb = how && (!strcmp(how, "poweroff") || !strcmp(how, "halt")) ? how : "reboot";

	if (access("/run/initramfs/shutdown", X_OK) < 0)
		return;
	printf("guest: shutdown\n");
	fflush(stdout);
	if (how && strcmp(how, "noexec") == 0)
		mount(NULL, "/run", NULL, MS_REMOUNT | MS_NOEXEC | MS_NOSUID | MS_NODEV, NULL);
	if (how && strcmp(how, "systemd") == 0) {
		static const char *const kept[] = { "dev", "proc", "sys", "run" };
		char from[16], to[32];

		chdir("/run/initramfs");
		mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL);
		mount("/run/initramfs", "/run/initramfs", NULL, MS_BIND, NULL);
		chdir("/run/initramfs");
		mkdir("oldroot", 0755);
		for (int i = 0; i < 4; i++) {
			snprintf(from, sizeof from, "/%s", kept[i]);
			snprintf(to, sizeof to, "/run/initramfs/%s", kept[i]);
			mkdir(to, 0755);
			mount(from, to, NULL, MS_BIND | (strcmp(kept[i], "run") ? MS_REC : 0), NULL);
		}
		if (syscall(SYS_pivot_root, ".", "oldroot") < 0)
			printf("guest: error pivot_root: %s\n", strerror(errno));
		chroot(".");
		chdir("/");
		execl("/shutdown", "/shutdown", verb, (char *)NULL);
	}
	execl("/run/initramfs/shutdown", "/run/initramfs/shutdown", verb, (char *)NULL);
	printf("guest: error shutdown: %s\n", strerror(errno));
}

/* With guest=unplugged in the environment, waits until the first disk is gone. */
static void wait_for_unplugging(void)
{
	const char *how = getenv("guest");

	if (!how || strcmp(how, "unplugged"))
		return;
	printf("guest: waits\n");
	fflush(stdout);
	for (int i = 0; i < 300 && access("/sys/block/vda", F_OK) == 0; i++)
		usleep(100000);
	printf("guest: disk %s\n", access("/sys/block/vda", F_OK) == 0 ? "stays" : "gone");
}

/* With "quiet" the steps of loopbox are in the kernel log only. */
static void tell_log(void)
{
	static char log[1 << 20];

	if (klogctl(KLOG_READ_ALL, log, sizeof log - 1) < 0)
		printf("guest: error kernel log: %s\n", strerror(errno));
	for (char *line = strtok(log, "\n"); line; line = strtok(NULL, "\n")) {
		char *text = strchr(line, '['); /* before it is the priority: <6> */
		if (text &&
		    (strstr(text, "loopbox:") || strstr(text, "as init process") || strstr(text, STARTED)))
			printf("guest: log %s\n", text);
	}
}

int main(int argc, char **argv)
{
	char open_at_start[FDS];

	for (int fd = 0; fd < FDS; fd++)
		open_at_start[fd] = fcntl(fd, F_GETFD) >= 0;
	if (!open_at_start[1])
		dup2(open("/dev/console", O_RDWR | O_NOCTTY), 1);
	/* A message of the kernel's could otherwise land within a line. */
	klogctl(KLOG_CONSOLE_OFF, NULL, 0);
	log_start();

	wait_for_unplugging();
	tell_time();
	tell_kernel();
	printf("guest: pid %d\n", (int)getpid());
	for (int i = 0; i < argc; i++)
		printf("guest: argv %d %s\n", i, argv[i]);
	for (char **word = environ; *word; word++)
		printf("guest: env %s\n", *word);
	tell_descriptors(open_at_start);
	tell_mounts();
	tell_root();
	tell_folder("medium", "/run/initramfs/medium");
	tell_disks();
	tell_initramfs();
	tell_loops();
	tell_facts();
	tell_boots();
	tell_file("booted", "/run/initramfs/booted");
	tell_file("state", "/run/initramfs/state");
	tell_file("failure", "/run/initramfs/failures");
	tell_file("status", "/proc/self/status");
	tell_file("helpers", "/proc/sys/kernel/usermodehelper/bset");
	tell_log();
	printf("guest: end\n");
	fflush(stdout);
	tcdrain(1);
	hang();
	replace_image();
	shut_down();

	fflush(stdout);
	tcdrain(1);
	/* Not a power-off: QEMU ends either way (-no-reboot), and this works without ACPI, too. */
	reboot(RB_AUTOBOOT);
	return 1;
}
