/* SPDX-License-Identifier: MIT */
/* Small files and directories. */
//kbuild:obj-y += libbb/file.o
#include "libbb.h"

int read_file(const char *path, char *buffer, size_t size)
{
	int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int n = read(fd, buffer, size - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	buffer[n < 0 ? 0 : n] = 0;
	return n;
}

char *read_whole(const char *path)
{
	/* Untouched, it costs neither file nor memory. */
	static char memory[1024 * 1024];
	static size_t used;
	char *start = memory + used;
	ssize_t n;

	int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	while ((n = read(fd, memory + used, sizeof memory - 1 - used)) > 0)
		used += n;
	close(fd);
	if (used == sizeof memory - 1) {
		errno = EFBIG;
		return NULL;
	}
	memory[used++] = 0;
	return n < 0 ? NULL : start;
}

const struct directory_entry *directory_next(struct directory *d)
{
	if (d->used == d->size) {
		d->used = 0;
		d->size = syscall(SYS_getdents64, d->fd, d->buffer, sizeof d->buffer);
		if (d->size <= 0) {
			d->size = 0;
			return NULL;
		}
	}
	const struct directory_entry *entry = (void *)(d->buffer + d->used);
	d->used += entry->length;
	return entry;
}

const char *real_path(const char *path, char real[PATH_SIZE])
{
	char link[sizeof "/proc/self/fd/" + NUMBER_SIZE];
	int length = -1;

	int fd = openat(AT_FDCWD, path, O_PATH | O_CLOEXEC);
	if (fd >= 0) {
		append_number(append(link, "/proc/self/fd/"), fd);
		length = readlink(link, real, PATH_SIZE - 1);
		close(fd);
	}
	if (length < 0)
		return path;
	real[length] = 0;
	return real;
}
