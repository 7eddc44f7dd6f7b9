/* SPDX-License-Identifier: MIT */
/*
 * exclusive PATH...: a rival, as udev and others are: opens each loop device that carries one of
 * these files exclusively (O_EXCL), for a moment, until it is killed.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void hold(const char *name)
{
	char path[300];

	snprintf(path, sizeof path, "/dev/%s", name);
	int fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC);
	nanosleep(&(struct timespec){ 0, 300000 }, NULL);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	char path[300], file[4096];
	struct dirent *entry;

	for (;;) {
		DIR *folder = opendir("/sys/block");
		while (folder && (entry = readdir(folder))) {
			snprintf(path, sizeof path, "/sys/block/%s/loop/backing_file", entry->d_name);
			int fd = strncmp(entry->d_name, "loop", 4) ? -1 : open(path, O_RDONLY | O_CLOEXEC);
			ssize_t size = fd < 0 ? 0 : read(fd, file, sizeof file - 1);
			if (fd >= 0)
				close(fd);
			file[size > 0 ? size : 0] = 0;
			file[strcspn(file, "\n")] = 0;
			for (int i = 1; i < argc; i++)
				if (!strcmp(file, argv[i]))
					hold(entry->d_name);
		}
		if (folder)
			closedir(folder);
	}
}
