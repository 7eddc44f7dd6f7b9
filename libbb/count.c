/* SPDX-License-Identifier: MIT */
/* The count beside an image, IMAGE.tries: text that init and `confirm` write. */
//kbuild:obj-$(CONFIG_FEATURE_INIT_TRIES) += libbb/count.o
#include "counts.h"

int count_save(int fd, const char *path, unsigned number)
{
	char text[] = "   \n";
	char *end = append(text, decimal(number & ~COUNT_CONFIRMED));
	int r = fd;

	*end = number & COUNT_CONFIRMED ? COUNT_LETTER : ' ';
	if (fd >= 0) {
		r = sys_write(fd, text, sizeof text - 1);
		if (r >= 0)
			r = sys_fsync(fd);
		sys_close(fd);
	}
	return r < 0 ? failed(r, path, "write") : 0;
}
