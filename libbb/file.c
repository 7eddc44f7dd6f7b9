/* SPDX-License-Identifier: MIT */
/* Small files and directories. */
//kbuild:obj-y += libbb/file.o
#include <dirent.h>

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

int write_file(const char *path, const char *text)
{
	int fd = sys_open(path, O_WRONLY | O_NONBLOCK), r = fd;

	if (fd >= 0) {
		r = sys_write(fd, text, length(text));
		sys_close(fd);
	}
	return r;
}

int read_file(const char *path, char *buffer, size_t size)
{
	int fd = sys_open(path, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return fd;
	int n = sys_read(fd, buffer, size - 1);
	sys_close(fd);
	buffer[n < 0 ? 0 : n] = 0;
	return n;
}

int look_at_image(const char *path, struct stat *status)
{
	int r = sys_stat(AT_FDCWD, path, status);
	if (r < 0)
		return failed(r, path, "open");
	if (!S_ISREG(status->st_mode) && !S_ISBLK(status->st_mode))
		return found(-EINVAL, path, "not a regular file or block device");
	return 0;
}

int open_to_read(const char *path)
{
	struct stat status;

	int fd = look_at_image(path, &status);
	if (fd < 0)
		return fd;
	fd = sys_open(path, O_RDONLY);
	return fd < 0 ? failed(fd, path, "open") : fd;
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
	if (d->next == d->end) {
		int size = sys_getdents(d->fd, d->buffer, sizeof d->buffer);
		if (size <= 0) {
			d->error = size;
			return NULL;
		}
		d->next = d->buffer;
		d->end = d->buffer + size;
	}
	const struct directory_entry *entry = (void *)d->next;
	d->next += entry->length;
	return entry;
}

void directory_empty(int fd, dev_t device)
{
	struct directory directory;
	const struct directory_entry *entry;
	struct stat status;

	directory_start(&directory, fd);
	while ((entry = directory_next(&directory))) {
		const char *name = entry->name;
		if (*name == '.' && (!name[1] || equal(name + 1, ".")))
			continue;
		if (entry->type != DT_DIR && sys_unlink(fd, name, 0) != -EISDIR)
			continue;
		/* Most folders of an initramfs are empty by now: one call instead of six. */
		if (sys_unlink(fd, name, AT_REMOVEDIR) == 0)
			continue;
		int below = sys_openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		if (below < 0)
			continue;
		if (sys_stat(below, "", &status) == 0 && status.st_dev == device)
			directory_empty(below, device);
		else
			sys_close(below);
		sys_unlink(fd, name, AT_REMOVEDIR);
	}
	sys_close(fd);
}

int directory_clear(int fd)
{
	struct stat status;
	int r = sys_stat(fd, "", &status);

	if (r < 0)
		sys_close(fd);
	else
		directory_empty(fd, status.st_dev);
	return r;
}
