/*
 * SPDX-License-Identifier: MIT
 * The init of an image that a test tries to have booted, or not: it says who it is (/who), and what
 * is mounted on /usr, and ends.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static void tell(const char *path)
{
	char text[64];
	int fd = open(path, O_RDONLY);
	ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof text);

	if (size > 0)
		printf("guest: who %.*s", (int)size, text);
}

int main(void)
{
	tell("/who");
	tell("/usr/who");
	return 0;
}
