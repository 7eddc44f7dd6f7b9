/* SPDX-License-Identifier: MIT */
/* Small files and directories. */
//kbuild:obj-y += libbb/file.o
#include "libbb.h"

int sys_open(const char *path, int flags)
{
	int fd = sys_openat(AT_FDCWD, path, flags);

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	int higher = sys_fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	sys_close(fd);
	return higher;
}

int read_file(const char *path, char *buffer, size_t size)
{
	int fd = sys_open(path, O_RDONLY);
	if (fd < 0)
		return fd;
	int n = sys_read(fd, buffer, size - 1);
	sys_close(fd);
	buffer[n < 0 ? 0 : n] = 0;
	return n;
}

/* For whole files. Untouched, it costs neither file nor memory. */
static char memory[1024 * 1024];
static size_t used;

char *read_whole(const char *path)
{
	char *start = memory + used;
	int n;

	int fd = sys_open(path, O_RDONLY);
	if (fd < 0) {
		failed(fd, path, "open");
		return NULL;
	}
	while ((n = sys_read(fd, memory + used, sizeof memory - 1 - used)) > 0)
		used += n;
	sys_close(fd);
	if (used == sizeof memory - 1)
		n = -EFBIG;
	if (n < 0) {
		failed(n, path, "read");
		return NULL;
	}
	memory[used++] = 0;
	return start;
}

void read_forget(char *text)
{
	used = text - memory;
}

int is_image(const char *path)
{
	struct stat status;

	int r = sys_stat(AT_FDCWD, path, &status);
	if (r < 0)
		return failed(r, path, "open");
	if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
		return failed(-EINVAL, path, "no regular file or block device");
	return 0;
}

const char *real_path(const char *path, char real[PATH_SIZE])
{
	char link[64];

	int fd = sys_open(path, O_PATH);
	if (fd < 0)
		return path;
	append_number(append(link, "/proc/self/fd/"), fd);
	int size = sys_readlink(link, real, PATH_SIZE - 1);
	sys_close(fd);
	if (size < 0)
		return path;
	real[size] = 0;
	return real;
}

const struct directory_entry *directory_next(struct directory *d)
{
	if (d->used >= d->size) {
		d->used = 0;
		d->size = sys_getdents(d->fd, d->buffer, sizeof d->buffer);
		if (d->size <= 0)
			return NULL;
	}
	const struct directory_entry *entry = (void *)(d->buffer + d->used);
	d->used += entry->length;
	return entry;
}
