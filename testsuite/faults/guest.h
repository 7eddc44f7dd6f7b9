/* SPDX-License-Identifier: MIT */
/*
 * For inject.c as /init of a guest in QEMU, whose kernel has modules and device-mapper, and where all devices
 * are ours: loads what /etc/loopbox.modules lists, runs itself with the words of /words, prints the table
 * that it has written, each line behind "case", and ends the guest.
 */
#include <sys/reboot.h>

static void guest_modules(void)
{
	FILE *list = fopen("/etc/loopbox.modules", "re");
	char path[300];

	while (list && fgets(path, sizeof path, list)) {
		path[strcspn(path, "\n")] = 0;
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
			printf("# %s: %s\n", path, strerror(errno));
		close(fd);
	}
	if (list)
		fclose(list);
}

static int guest_run(int (*run)(int argc, char **argv))
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
	return run(argc, argv);
}

static void be_guest(int (*run)(int argc, char **argv))
{
	char line[500];
	int status;

	mkdir("/dev", 0755);
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sys", "/sys", "sysfs", 0, NULL);
	int console = open("/dev/console", O_RDWR);
	for (int i = 0; console >= 0 && i < 3; i++)
		dup2(console, i);
	setvbuf(stdout, NULL, _IOLBF, 0);
	guest_modules();
	pid_t id = fork();
	if (!id)
		exit(guest_run(run));
	while (waitpid(-1, &status, 0) != id)
		;
	FILE *table = fopen("/table", "re");
	while (table && fgets(line, sizeof line, table))
		printf("case\t%s", line);
	printf("end %d\n", status);
	fflush(stdout);
	sync();
	reboot(RB_AUTOBOOT);
}
