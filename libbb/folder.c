/* SPDX-License-Identifier: MIT */
/* The folder that a path lies in. */
//kbuild:obj-y += libbb/folder.o
#include "libbb.h"

void folder_sync(const char *path)
{
	int fd = sys_open(copied(path, base_name(path) - path), O_RDONLY | O_DIRECTORY);

	if (fd >= 0) {
		sys_fsync(fd);
		sys_close(fd);
	}
}
