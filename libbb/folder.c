/* SPDX-License-Identifier: MIT */
/* The folder that a path lies in. */
//kbuild:obj-y += libbb/folder.o
#include "libbb.h"

int folder_sync(const char *path)
{
	int fd = sys_open(copied(path, base_name(path) - path), O_RDONLY | O_DIRECTORY), r = fd;

	if (fd >= 0) {
		r = sys_fsync(fd);
		sys_close(fd);
	}
	return r < 0 ? failed(r, path, "flush its folder") : 0;
}
