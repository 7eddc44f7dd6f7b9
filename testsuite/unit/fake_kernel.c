/* SPDX-License-Identifier: MIT */
/*
 * The fake kernel. libbb's calls come in at the bottom, by the linker's --wrap;
 * above that, from the top: the log and the faults, files, the loop driver,
 * mounts.
 */
#include <dirent.h>
#include <link.h>
#include <linux/fs.h>
#include <linux/watchdog.h>
#include <mtd/mtd-user.h>
#include <mtd/ubi-user.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "dm.h"
#include "fake_kernel.h"
#include "test.h"

struct fake fake;

enum { MICROSECONDS_PER_CALL = 10, LIMIT_SECONDS = 300, OUR_MAJOR = 7 };

static long microseconds;
static bool is_initramfs; /* fake_initramfs() */
static void let_appear(void);
__attribute__((noreturn)) static void end_program(int how);
static int poll_events(struct pollfd *events, int milliseconds);


/* --- the log and the faults ----------------------------------------------- */

static char log_text[1 << 20];
static size_t log_size;

static struct fault {
	const char *start;
	unsigned passed;
	int times, error;
} faults[16];
static unsigned fault_count, nth;
static int nth_error;

void fake_fail_later(unsigned passed, int times, int error, const char *start)
{
	if (fault_count == LENGTH(faults))
		abort();
	faults[fault_count++] = (struct fault){ start, passed, times, error };
}

void fake_fail(int times, int error, const char *start)
{
	fake_fail_later(0, times, error, start);
}

void fake_fail_nth(unsigned n, int error)
{
	nth = n;
	nth_error = error;
}

static bool starts(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

static bool is_cleanup(const char *line)
{
	return starts(line, "ioctl LOOP_CLR_FD") || starts(line, "ioctl DM_DEV_REMOVE") ||
	       starts(line, "umount ") || starts(line, "fchdir ") || starts(line, "chroot .") ||
	       starts(line, "write ");
}

static int fault_of(const char *line)
{
	for (struct fault *f = faults; f < faults + fault_count; f++) {
		if (!f->times || !starts(line, f->start))
			continue;
		if (f->passed) {
			f->passed--;
			continue;
		}
		if (f->times > 0)
			f->times--;
		return -f->error;
	}
	if (nth && !is_cleanup(line) && !--nth) {
		fake.fault_hit = true;
		return -nth_error;
	}
	return 0;
}

static void pass_time(long spent)
{
	microseconds += spent;
	fake.milliseconds = microseconds / 1000;
	let_appear();
	if (fake.watchdog_runs && fake.milliseconds - fake.watchdog_fed >= fake.watchdog_seconds * 1000L)
		end_program(FAKE_IS_RESET);
	if (microseconds > LIMIT_SECONDS * 1000000L)
		FAIL("still at it after %d seconds", LIMIT_SECONDS);
}

/* Each call begins here: 0, or the error that it is to fail with. */
__attribute__((format(printf, 1, 2))) static int enter(const char *format, ...)
{
	char line[1000];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	size_t size = strlen(line);
	if (log_size + size + 2 < sizeof log_text) {
		memcpy(log_text + log_size, line, size);
		log_text[log_size + size] = '\n';
		log_size += size + 1;
	}
	fake.calls++;
	pass_time(MICROSECONDS_PER_CALL);
	return fault_of(line);
}

unsigned fake_count(const char *start)
{
	unsigned n = 0;

	for (const char *line = log_text; *line; line = strchr(line, '\n') + 1)
		n += starts(line, start);
	return n;
}

const char *fake_log(const char *start)
{
	static char found[sizeof log_text];
	char *to = found;

	for (const char *line = log_text; *line; line = strchr(line, '\n') + 1) {
		if (!starts(line, start))
			continue;
		*to++ = '|';
		for (const char *p = line + strlen(start); *p != '\n'; p++)
			*to++ = *p;
	}
	*to = 0;
	return found;
}

void fake_show_calls(void)
{
	const char *line = log_text + log_size;
	unsigned n = 0;

	while (line > log_text && n < 12)
		if (*--line == '\n' && line + 1 < log_text + log_size)
			n++;
	for (line += n == 12; *line; line = strchr(line, '\n') + 1)
		printf("#   %.*s\n", (int)(strchr(line, '\n') - line), line);
}


/* --- files ---------------------------------------------------------------- */

static struct fake_file files[600];
static unsigned file_count;

/* What a descriptor is open on. */
static struct descriptor {
	enum {
		CLOSED,
		TERMINAL,
		FILE_,
		CONTROL,
		LOOP,
		TEXT,
		SYS_BLOCK,
		MAPPER,
		MAP,
		EVENTS,
		LOG,
		CONTEXT,
		WATCHDOG
	} kind;
	int flags;
	const struct fake_file *file;
	unsigned number; /* of the loop device, or mapping */
	uint64_t position;
	char *text; /* what sysfs says */
} fds[64];

struct fake_file *fake_find(const char *path)
{
	for (unsigned i = 0; i < file_count; i++)
		if (!strcmp(files[i].path, path))
			return files + i;
	return NULL;
}

struct fake_file *fake_add(const char *path, unsigned mode)
{
	struct fake_file *file = files + file_count;

	if (++file_count == LENGTH(files))
		abort();
	strcpy(file->path, path);
	file->mode = mode;
	file->device = 1;
	file->inode = 1000 + file_count;
	/* Of a tree, see fake_mounts.c */
	char root[300];
	const char *colon = strchr(path, ':');
	if (colon && *path != '/') {
		snprintf(root, sizeof root, "%.*s:", (int)(colon - path), path);
		const struct fake_file *top = fake_find(root);
		file->device = top && top != file ? top->device : 100 + file_count;
	}
	return file;
}

struct fake_file *fake_text(const char *path, const char *text)
{
	struct fake_file *file = fake_add(path, S_IFREG | 0755);

	file->data = text;
	file->size = strlen(text);
	return file;
}

void fake_tidy(char *path)
{
	for (char *p; (p = strstr(path, "//"));)
		memmove(p, p + 1, strlen(p));
	for (char *dots; (dots = strstr(path, "/../"));) {
		char *above = dots;
		while (above > path && *--above != '/')
			;
		memmove(above, dots + 3, strlen(dots + 3) + 1);
	}
	while (*path && path[strlen(path) - 1] == '/')
		path[strlen(path) - 1] = 0;
}

/* The whole path, as the first root has it. */
static const char *resolve(int directory, const char *path)
{
	static char whole[600];

	if (*path == '/')
		strcpy(whole, fake.root);
	else if (directory == AT_FDCWD)
		strcpy(whole, fake.directory);
	else if (directory >= 0 && directory < (int)LENGTH(fds) && fds[directory].kind == FILE_)
		strcpy(whole, fds[directory].file->path);
	else
		FAIL("no directory: %d", directory);
	while (*path == '/')
		path++;
	if (*path && strcmp(path, "."))
		strcat(strcat(whole, "/"), path);
	if (is_initramfs)
		fake_tidy(whole);
	return whole;
}

/* Where the file of that path is, whatever is mounted; links there are none. */
static const char *place_of(int directory, const char *path)
{
	const char *whole = resolve(directory, path);

	return is_initramfs ? fake_locate(whole) : whole;
}

static int new_fd(int kind, int flags)
{
	for (unsigned fd = 0; fd < LENGTH(fds); fd++)
		if (fds[fd].kind == CLOSED) {
			fds[fd] = (struct descriptor){ .kind = kind, .flags = flags };
			return fd;
		}
	return -EMFILE;
}

static struct descriptor *of(int fd)
{
	return fd >= 0 && fd < (int)LENGTH(fds) && fds[fd].kind != CLOSED ? fds + fd : NULL;
}

struct fake_loop *fake_loop_of(const char *path)
{
	unsigned number;
	char rest;

	return sscanf(path, "/dev/loop%u%c", &number, &rest) == 1 && number < LENGTH(fake.loops)
		       ? fake.loops + number
		       : NULL;
}

static int open_loop(struct fake_loop *loop, int flags)
{
	if (!loop->has_node)
		return -ENOENT;
	if (!loop->is_there || loop->runs_down)
		return -ENXIO;
	int fd = new_fd(LOOP, flags);
	if (fd >= 0) {
		fds[fd].number = loop - fake.loops;
		loop->openers++;
	}
	return fd;
}

/* A file of the folder that is there while something is attached. */
static int sys_loop(const struct fake_loop *loop, const char *name, char **text)
{
	static const struct {
		const char *name;
		unsigned flag;
	} flags[] = {
		{ "autoclear", LO_FLAGS_AUTOCLEAR },
		{ "partscan", LO_FLAGS_PARTSCAN },
		{ "dio", LO_FLAGS_DIRECT_IO },
	};
	if (!strcmp(name, "backing_file"))
		return asprintf(text, "%s\n", loop->name);
	if (!strcmp(name, "offset"))
		return asprintf(text, "%llu\n", (long long)loop->info.lo_offset);
	if (!strcmp(name, "sizelimit"))
		return asprintf(text, "%llu\n", (long long)loop->info.lo_sizelimit);
	for (unsigned i = 0; i < LENGTH(flags); i++)
		if (!strcmp(name, flags[i].name))
			return asprintf(text, "%d\n", !!(loop->info.lo_flags & flags[i].flag));
	return -ENOENT;
}

static int open_sys(const char *path, int flags)
{
	char name[20] = "", *text = NULL;
	unsigned number;
	int r = -ENOENT;

	if (fake.has_no_sysfs)
		return -ENOENT;
	if (!strcmp(path, "/sys/block"))
		return new_fd(SYS_BLOCK, flags);
	if (sscanf(path, "/sys/block/loop%u/%19s", &number, name) != 2 || number >= LENGTH(fake.loops))
		return -ENOENT;
	const struct fake_loop *loop = fake.loops + number;
	if (!loop->is_there)
		return -ENOENT;
	if (!strcmp(name, "dev"))
		r = asprintf(&text, "%d:%u\n", OUR_MAJOR, number << fake.part_shift);
	else if (!strcmp(name, "capability"))
		r = fake.capability ? asprintf(&text, "%s", fake.capability)
				    : asprintf(&text, "%x\n", loop->scans ? 0x50 : 0x250);
	else if (!strcmp(name, "ro"))
		r = asprintf(&text, "%d\n", !!(loop->info.lo_flags & LO_FLAGS_READ_ONLY));
	else if (starts(name, "loop/") && loop->name)
		r = sys_loop(loop, name + 5, &text);
	if (r < 0)
		return r;
	r = new_fd(TEXT, flags);
	if (r >= 0)
		fds[r].text = text;
	else
		free(text);
	return r;
}

struct fake_map *fake_map_of(const char *path)
{
	unsigned number;
	char rest;

	return sscanf(path, "/dev/dm-%u%c", &number, &rest) == 1 && number < LENGTH(fake.maps) &&
			       fake.maps[number].is_there
		       ? fake.maps + number
		       : NULL;
}

static unsigned number_of_map(const struct fake_map *map)
{
	return 253 << 8 | (map - fake.maps);
}

static int open_map(struct fake_map *map, int flags)
{
	int fd = map ? new_fd(MAP, flags) : -ENOENT;

	if (fd >= 0) {
		fds[fd].number = map - fake.maps;
		map->openers++;
	}
	return fd;
}

/* A file of procfs, made when it is opened. */
static int open_partitions(int flags)
{
	char text[4000], *end = text;

	end += sprintf(end, "major minor  #blocks  name\n\n");
	for (unsigned i = 0; i < file_count; i++)
		if (S_ISBLK(files[i].mode) && starts(files[i].path, "/dev/"))
			end += sprintf(end, "%4u %7u %10u %s\n", files[i].number >> 8, files[i].number & 255,
				       (unsigned)(files[i].size / 1024), files[i].path + 5);
	int fd = new_fd(TEXT, flags);
	if (fd >= 0)
		fds[fd].text = strdup(text);
	return fd;
}

/* A file that can be written; with O_TRUNC, an old one is emptied. */
static struct fake_file *create(const char *path, unsigned mode, int flags)
{
	struct fake_file *file = fake_find(path);
	char above[600];

	strcpy(above, path);
	char *slash = strrchr(above, '/');
	if (!slash)
		return NULL;
	*slash = 0;
	if (!file && fake_find(above))
		file = fake_add(path, S_IFREG | mode);
	if (file && flags & O_TRUNC) {
		file->data = NULL;
		file->size = 0;
	}
	return file;
}

static int do_open(int directory, const char *name, int flags, unsigned mode)
{
	char whole[600];
	strcpy(whole, resolve(directory, name));
	const char *path = is_initramfs ? fake_locate(whole) : whole;
	int r = enter("open %s %s",
		      flags & O_PATH			     ? "path"
		      : flags & O_EXCL && !(flags & O_CREAT) ? "excl"
		      : (flags & O_ACCMODE) == O_RDWR	     ? "rw"
							     : "ro",
		      name);

	if (r < 0)
		return r;
	if (!*name)
		return -ENOENT;
	if ((is_initramfs || fake.kernel_says) && !strcmp(path, "/dev/kmsg"))
		return new_fd(LOG, flags);
	if (is_initramfs && !strcmp(path, "/dev/watchdog") && fake_find(path)) {
		fake.watchdog_runs = true;
		fake.watchdog_seconds = 60;
		fake.watchdog_fed = fake.milliseconds;
		return new_fd(WATCHDOG, flags);
	}
	if (is_initramfs && !strcmp(path, "/proc/partitions") && !fake_find(path))
		return open_partitions(flags);
	if (is_initramfs && !strcmp(path, "/dev/loop-control") && !fake_find(path))
		return -ENOENT;
	if (is_initramfs && flags & (O_CREAT | O_TRUNC)) {
		if (fake_is_read_only(whole))
			return -EROFS;
		struct fake_file *created = create(path, mode, flags);
		int fd = created ? new_fd(FILE_, flags) : -ENOENT;
		if (fd >= 0)
			fds[fd].file = created;
		return fd;
	}
	if (!strcmp(path, "/dev/loop-control"))
		return new_fd(CONTROL, flags);
	if (!strcmp(path, "/dev/mapper/control"))
		return new_fd(MAPPER, flags);
	if (starts(path, "/dev/dm-"))
		return open_map(fake_map_of(path), flags);
	struct fake_loop *loop = fake_loop_of(path);
	if (loop)
		return open_loop(loop, flags);
	const struct fake_file *file = fake_find(path);
	if (!file && starts(path, "/sys/"))
		return open_sys(path, flags);
	if (!file)
		return -ENOENT;
	if (is_initramfs && S_ISBLK(file->mode) && !file->data)
		return -ENXIO; /* a node of no disk */
	if (flags & O_DIRECTORY && !S_ISDIR(file->mode))
		return -ENOTDIR;
	if ((flags & O_ACCMODE) == O_RDWR && S_ISDIR(file->mode))
		return -EISDIR;
	r = new_fd(FILE_, flags);
	if (r >= 0)
		fds[r].file = file;
	return r;
}

static void loop_put(struct fake_loop *loop);
static void map_put(struct fake_map *map);

void fake_map_put(struct fake_map *map)
{
	map_put(map);
}

void fake_loop_put(struct fake_loop *loop)
{
	loop_put(loop);
}

bool fake_closes_blindly;

static int do_close(int fd)
{
	struct descriptor *d = of(fd);

	if (fd < 0)
		return -EBADF;
	if (!d && fake_closes_blindly)
		return -EBADF;
	if (!d)
		FAIL("closes %d, which is not open", fd);
	if (d->kind == LOOP)
		loop_put(fake.loops + d->number);
	if (d->kind == WATCHDOG) {
		fake.watchdog_runs = !(d->position || fake.watchdog_is_simple); /* 'V' was written */
		fake.watchdog_fed = fake.milliseconds;
	}
	if (d->kind == MAP)
		map_put(fake.maps + d->number);
	free(d->text);
	*d = (struct descriptor){ .kind = CLOSED };
	return 0;
}

static long next_event(char *buffer, size_t size);

/* One record. */
static long read_log(char *buffer, size_t size)
{
	const char *text = fake.kernel_says;

	fake.kernel_says = NULL;
	return text ? snprintf(buffer, size, "3,1,1,-;%s\n", text) : -EAGAIN;
}

static long do_read(int fd, char *buffer, size_t size)
{
	struct descriptor *d = of(fd);

	if (!d || d->flags & O_PATH)
		return -EBADF;
	if (d->kind == EVENTS)
		return next_event(buffer, size);
	if (d->kind == LOG)
		return read_log(buffer, size);
	const struct fake_file *file = d->kind == LOOP ? fake.loops[d->number].file : d->file;
	const char *data = d->kind == TEXT ? d->text : file ? file->data : NULL;
	uint64_t end = d->kind == TEXT ? strlen(d->text) : file ? file->size : 0;
	int r = enter("read %s", d->kind == TEXT ? "sysfs" : file ? file->path : "nothing");

	if (r < 0)
		return r;
	if (file && S_ISDIR(file->mode))
		return -EISDIR;
	if (d->position > end)
		return 0;
	if (size > end - d->position)
		size = end - d->position;
	if (data)
		memcpy(buffer, data + d->position, size);
	else
		memset(buffer, 0, size);
	d->position += size;
	return size;
}

/* Does the mapping hold what the root hash of its table stands for? */
static bool is_verified(const struct fake_map *map)
{
	const char *root_hash = map->file ? map->file->root_hash : NULL;

	return !fake.is_not_verified &&
	       (!root_hash || strstr(map->table, root_hash) || strstr(map->table, "ignore_corruption"));
}

/* As do_read(), but at an offset; what is no file has none. */
static long do_pread(int fd, char *buffer, size_t size, int64_t offset)
{
	struct descriptor *d = of(fd);

	if (!d || d->flags & O_PATH)
		return -EBADF;
	const struct fake_loop *loop = d->kind == LOOP ? fake.loops + d->number : NULL;
	const struct fake_file *file = loop ? loop->file : d->file;
	int r = enter("pread %s %lld", file ? file->path : "nothing", (long long)offset);

	if (r < 0)
		return r;
	if (d->kind == MAP && !is_verified(fake.maps + d->number))
		return -EIO;
	if (d->kind == MAP)
		file = fake.maps[d->number].file;
	if (d->kind == MAP && !file) {
		memset(buffer, 0, size);
		return size;
	}
	if (!file && !loop)
		return -ESPIPE;
	if (file && S_ISDIR(file->mode))
		return -EISDIR;
	if (offset < 0)
		return -EINVAL;
	uint64_t start = loop ? loop->info.lo_offset : 0, end = loop ? loop->size : file->size;
	if ((uint64_t)offset >= end)
		return 0;
	if (size > end - offset)
		size = end - offset;
	if (file && file->data)
		memcpy(buffer, (const char *)file->data + start + offset, size);
	else
		memset(buffer, 0, size);
	return size;
}

__attribute__((noreturn)) static void end_program(int how);

/* Writes to a file, as much of it as the power lasts for. */
static long write_at(struct fake_file *file, uint64_t offset, const char *text, size_t size)
{
	uint64_t end = offset + size > file->size ? offset + size : file->size;
	char *data = calloc(1, end + 1);

	if (file->size && file->data)
		memcpy(data, file->data, file->size);
	bool is_cut = fake.cut_after && size >= fake.cut_after;
	if (is_cut)
		size = fake.cut_after - 1;
	else if (fake.cut_after)
		fake.cut_after -= size;
	memcpy(data + offset, text, size);
	file->size = end;
	file->data = data;
	for (unsigned fd = 3; is_cut && fd < LENGTH(fds); fd++)
		fds[fd].kind = CLOSED;
	if (is_cut)
		end_program(FAKE_IS_CUT);
	return size;
}

static long append_to(struct fake_file *file, const char *text, size_t size)
{
	return write_at(file, file->size, text, size);
}

static long do_pwrite(int fd, const char *bytes, size_t size, int64_t offset)
{
	const struct descriptor *d = of(fd);
	int r = enter("pwrite %s %lld", d && d->file ? d->file->path : "nothing", (long long)offset);

	if (r < 0)
		return r;
	if (!d || !d->file || (d->flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	if (S_ISBLK(d->file->mode) && offset + size > d->file->size)
		return -ENOSPC;
	return write_at((struct fake_file *)d->file, offset, bytes, size);
}

static long do_write(int fd, const char *text, size_t size)
{
	int r = enter("write %d %zu", fd, size);

	const struct descriptor *d = of(fd);
	if (r < 0)
		return r;
	if (d && d->kind == LOG) {
		size_t used = strlen(fake.console);
		if (used + size + 2 >= sizeof fake.console)
			FAIL("logs too much");
		memcpy(fake.console + used, text, size);
		if (text[size - 1] != '\n')
			fake.console[used + size] = '\n';
		return size;
	}
	if (d && d->kind == WATCHDOG) {
		((struct descriptor *)d)->position = size == 1 && *text == 'V';
		fake.watchdog_fed = fake.milliseconds;
		return size;
	}
	if (d && d->file && is_initramfs) {
		uint64_t at = d->position;
		((struct descriptor *)d)->position += size;
		return write_at((struct fake_file *)d->file, at, text, size);
	}
	if (fd != 1 && fd != 2)
		FAIL("writes to descriptor %d", fd);
	if (fake.output_size[fd - 1] + size >= sizeof fake.output[0])
		FAIL("writes too much");
	memcpy(fake.output[fd - 1] + fake.output_size[fd - 1], text, size);
	fake.output_size[fd - 1] += size;
	return size;
}

/* Locks belong to an open file, and a loop device keeps the one that it was given. */
static int do_flock(int fd, int operation)
{
	const struct descriptor *d = of(fd);

	if (!d || !d->file)
		return -EBADF;
	int r = enter("flock %s %s", d->file->path, operation == (LOCK_EX | LOCK_NB) ? "exclusive" : "?");
	if (r < 0)
		return r;
	return fake.milliseconds < fake.locked_until ? -EWOULDBLOCK : 0;
}

/* The entry after position that lies in the directory; moves position. */
static const char *next_entry(struct descriptor *d, unsigned char *type)
{
	static char name[300];

	if (d->kind == SYS_BLOCK) {
		/* in the order of a hash, that is none */
		while (d->position < LENGTH(fake.loops)) {
			unsigned number = d->position++ * 7 % LENGTH(fake.loops);
			*type = DT_LNK;
			sprintf(name, "loop%u", number);
			if (fake.loops[number].is_there)
				return name;
		}
		*type = DT_LNK;
		return d->position++ == LENGTH(fake.loops) ? "sda" : NULL;
	}
	if (!d->file || !S_ISDIR(d->file->mode))
		return NULL;
	if (d->position < 2) {
		*type = DT_DIR;
		return d->position++ ? ".." : ".";
	}
	while (d->position - 2 < file_count) {
		const struct fake_file *file = files + d->position++ - 2;
		const char *rest =
			starts(file->path, d->file->path) ? file->path + strlen(d->file->path) : "";
		*type = file->mode >> 12;
		if (*rest == '/' && !strchr(rest + 1, '/') && file->path[0] != '\n')
			return strcpy(name, rest + 1);
	}
	return NULL;
}

static long do_getdents(int fd, char *buffer, size_t size)
{
	struct descriptor *d = of(fd);
	size_t used = 0;
	const char *name;
	int r = enter("getdents %s", d && d->file ? d->file->path : "/sys/block");

	if (!d || r < 0)
		return d ? r : -EBADF;
	for (;;) {
		struct directory_entry *entry = (void *)(buffer + used);
		uint64_t before = d->position;
		unsigned char type;
		if (!(name = next_entry(d, &type)))
			return used;
		size_t wanted = (offsetof(struct directory_entry, name) + strlen(name) + 1 + 7) & -8;
		if (used + wanted > size) {
			d->position = before;
			return used ? (long)used : -EINVAL;
		}
		entry->inode = 1;
		entry->offset = d->position;
		entry->length = wanted;
		entry->type = type;
		strcpy(entry->name, name);
		used += wanted;
	}
}

static int do_unlink(int directory, const char *name, int flags)
{
	char path[600];

	strcpy(path, place_of(directory, name));
	int r = enter("%s %s", flags & AT_REMOVEDIR ? "rmdir" : "unlink", path);
	struct fake_file *file = fake_find(path);
	if (r < 0)
		return r;
	if (!file)
		return -ENOENT;
	if (!(flags & AT_REMOVEDIR) && S_ISDIR(file->mode))
		return -EISDIR;
	if (file->is_mounted || (is_initramfs && fake_is_mount_point(resolve(directory, name))))
		return -EBUSY;
	strcat(path, "/");
	for (unsigned i = 0; i < file_count; i++)
		if (starts(files[i].path, path))
			return -ENOTEMPTY;
	strcpy(file->path, "\n"); /* which no path is */
	return 0;
}

/* A node of a disk that is there is that disk. */
static int make_node(const char *path, unsigned mode, unsigned device)
{
	if (fake_find(path))
		return -EEXIST;
	struct fake_file *node = fake_add(path, mode);
	node->number = device;
	for (unsigned i = 0; i < file_count; i++)
		if (files + i != node && S_ISBLK(files[i].mode) && files[i].number == device) {
			node->data = files[i].data;
			node->size = files[i].size;
			node->holds = files[i].holds;
			node->tree = files[i].tree;
		}
	return 0;
}

static int do_mkdir(const char *path, unsigned mode)
{
	int r = enter("mkdir %s", path);
	const char *place = place_of(AT_FDCWD, path), *slash = strrchr(place, '/');
	char above[600];

	if (r < 0 || !is_initramfs)
		return r;
	if (fake_find(place))
		return -EEXIST;
	sprintf(above, "%.*s", slash ? (int)(slash - place) : 0, place);
	if (!fake_find(above))
		return -ENOENT;
	if (fake_is_read_only(resolve(AT_FDCWD, path)))
		return -EROFS;
	fake_add(place, S_IFDIR | mode);
	return 0;
}

static int do_symlink(const char *target, const char *path)
{
	int r = enter("symlink %s %s", target, path);
	const char *place = place_of(AT_FDCWD, path);

	if (r < 0)
		return r;
	if (fake_find(place))
		return -EEXIST;
	struct fake_file *link = fake_add(place, S_IFLNK | 0777);
	link->data = strdup(target);
	link->size = strlen(target);
	return 0;
}

static int do_mknod(const char *path, unsigned mode, unsigned device)
{
	int r = enter("mknod %s %o %#x", path, mode, device);
	struct fake_loop *loop = fake_loop_of(path);

	if (r < 0)
		return r;
	if (is_initramfs && !loop)
		return make_node(path, mode, device);
	if (!loop || loop->has_node)
		return loop ? -EEXIST : -EPERM;
	/* new_decode_dev() */
	unsigned minor = (device & 0xff) | (device >> 12 & 0xfff00);
	if ((device >> 8 & 0xfff) != OUR_MAJOR || minor != (loop - fake.loops) << fake.part_shift ||
	    !S_ISBLK(mode))
		FAIL("a wrong node: %s is %#x", path, device);
	loop->has_node = true;
	return 0;
}

static int do_stat(int fd, const char *name, struct stat *status)
{
	const struct fake_file *file;
	const struct fake_loop *loop = NULL;
	const struct fake_map *map = NULL;
	unsigned device = 0;

	if (*name) {
		const char *path = place_of(fd, name);
		file = fake_find(path);
		loop = fake_loop_of(path);
		map = fake_map_of(path);
		device = is_initramfs ? fake_device_at(resolve(fd, name)) : 0;
	} else {
		struct descriptor *d = of(fd);
		if (!d)
			return -EBADF;
		file = d->file;
	}
	int r = enter("stat %s", *name ? name : file ? file->path : "a descriptor");
	if (r < 0)
		return r;
	memset(status, 0, sizeof *status);
	if (loop && loop->has_node) {
		status->st_mode = S_IFBLK | 0600;
		status->st_rdev = device_number(OUR_MAJOR, (loop - fake.loops) << fake.part_shift);
		return 0;
	}
	if (map) {
		status->st_mode = S_IFBLK | 0600;
		status->st_rdev = number_of_map(map);
		return 0;
	}
	if (!file)
		return -ENOENT;
	status->st_mode = file->mode;
	status->st_size = file->size;
	status->st_dev = device ? device : file->device;
	status->st_ino = file->inode;
	status->st_rdev = file->number;
	return 0;
}

static int do_statx(const char *path, struct attributes *status)
{
	int r = enter("statx %s", path);
	const struct fake_file *file = fake_find(place_of(AT_FDCWD, path));

	if (r < 0)
		return r;
	if (!file)
		return -ENOENT;
	memset(status, 0, sizeof *status);
	if (!fake.tells_no_mount_root) {
		status->attributes_mask = ATTRIBUTE_MOUNT_ROOT;
		status->attributes = file->is_mounted ? ATTRIBUTE_MOUNT_ROOT : 0;
	}
	return 0;
}

static int do_access_open(int fd, int mode)
{
	int r = enter("access %s", fds[fd].file->path);

	if (r < 0)
		return r;
	return mode & X_OK && !(fds[fd].file->mode & 0111) ? -EACCES : 0;
}

static int do_access(const char *path, int mode)
{
	int r = enter("access %s", path);
	const char *whole = place_of(AT_FDCWD, path);
	const struct fake_file *file = fake_find(whole);
	const struct fake_loop *loop = fake_loop_of(whole);

	if (r < 0 || (loop && loop->has_node))
		return r;
	if (!file)
		return -ENOENT;
	return mode & X_OK && !(file->mode & 0111) ? -EACCES : 0;
}

static long do_readlink(const char *path, char *target, size_t size)
{
	int fd, r = enter("readlink %s", path);

	if (r < 0)
		return r;
	const struct fake_file *link = fake_find(place_of(AT_FDCWD, path));
	const char *whole;
	if (link && S_ISLNK(link->mode))
		whole = link->data;
	else if (sscanf(path, "/proc/self/fd/%d", &fd) == 1 && of(fd) && fds[fd].file)
		whole = fds[fd].file->path;
	else
		return -ENOENT;
	size_t length = strlen(whole);
	if (length > size)
		length = size;
	memcpy(target, whole, length);
	return length;
}


/* --- the loop driver ------------------------------------------------------ */

static void rival_binds(struct fake_loop *loop)
{
	loop->owner = RIVAL;
	loop->openers++;
	loop->info.lo_flags = 0;
	loop->name = "/of/the/rival";
}

static void rival_follows(struct fake_loop *loop)
{
	if (!fake.follows || loop->owner != NOBODY)
		return;
	fake.follows -= fake.follows > 0;
	rival_binds(loop);
}

static void unbind_loop(struct fake_loop *loop)
{
	loop->owner = NOBODY;
	loop->runs_down = loop->is_cleared = loop->scans = false;
	loop->size = 0;
	loop->file = NULL;
	loop->name = NULL;
	memset(&loop->info, 0, sizeof loop->info);
	rival_follows(loop);
}

static void loop_put(struct fake_loop *loop)
{
	if (!--loop->openers &&
	    (loop->runs_down || (loop->owner && loop->info.lo_flags & LO_FLAGS_AUTOCLEAR)))
		unbind_loop(loop);
}

static uint64_t size_of(const struct fake_loop *loop)
{
	uint64_t size = loop->file->size;

	size = loop->info.lo_offset > size ? 0 : size - loop->info.lo_offset;
	if (loop->info.lo_sizelimit && loop->info.lo_sizelimit < size)
		size = loop->info.lo_sizelimit;
	return size & -512;
}

/* With direct I/O, a device has at least the blocks that the file needs. */
static void settle_direct(struct fake_loop *loop, bool wanted)
{
	if (wanted && !fake.refuses_direct && loop->block_size >= fake.direct_alignment)
		loop->info.lo_flags |= LO_FLAGS_DIRECT_IO;
	else
		loop->info.lo_flags &= ~LO_FLAGS_DIRECT_IO;
}

static bool is_block_size(unsigned size)
{
	return size >= 512 && size <= 4096 && !(size & (size - 1));
}

static int bind_loop(struct fake_loop *loop, const struct descriptor *lfd, const struct loop_config *config)
{
	const struct loop_info64 *info = &config->info;
	const unsigned settable =
		LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN | LO_FLAGS_DIRECT_IO;
	struct descriptor *ffd = of(config->fd);

	if (!ffd)
		return -EBADF;
	if (fake.steals && loop->owner == NOBODY && fake.milliseconds <= fake.steals_until) {
		fake.steals -= fake.steals > 0;
		rival_binds(loop);
	}
	if (loop->owner != NOBODY || (loop == fake.loops && fake.milliseconds < fake.held_until))
		return -EBUSY;
	if (!ffd->file || !(S_ISREG(ffd->file->mode) || S_ISBLK(ffd->file->mode)) ||
	    (config->block_size && !is_block_size(config->block_size)) || info->lo_flags & ~settable)
		return -EINVAL;
	if (info->lo_offset > INT64_MAX)
		return -EOVERFLOW;
	loop->owner = US;
	loop->file = ffd->file;
	loop->name = ffd->file->path;
	loop->info = *info;
	loop->info.lo_number = loop - fake.loops;
	loop->info.lo_device = ffd->file->device;
	loop->info.lo_inode = ffd->file->inode;
	loop->info.lo_file_name[LO_NAME_SIZE - 1] = 0;
	if ((lfd->flags & O_ACCMODE) == O_RDONLY || (ffd->flags & O_ACCMODE) == O_RDONLY)
		loop->info.lo_flags |= LO_FLAGS_READ_ONLY;
	bool direct = info->lo_flags & LO_FLAGS_DIRECT_IO || ffd->flags & O_DIRECT;
	loop->block_size = config->block_size ? config->block_size : direct ? fake.direct_alignment : 512;
	settle_direct(loop, direct);
	loop->size = fake.ignores_offset ? loop->file->size & -512 : size_of(loop);
	loop->scans = loop->info.lo_flags & LO_FLAGS_PARTSCAN && !fake.ignores_partscan;
	return 0;
}

/* LOOP_SET_FD knows no options. */
static int bind_plain(struct fake_loop *loop, const struct descriptor *lfd, unsigned ffd)
{
	bool ignores_offset = fake.ignores_offset;
	struct loop_config config = { .fd = ffd };

	fake.ignores_offset = false;
	int r = bind_loop(loop, lfd, &config);
	fake.ignores_offset = ignores_offset;
	return r;
}

static int set_status(struct fake_loop *loop, const struct loop_info64 *info)
{
	const unsigned settable = LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN;
	unsigned flags = (loop->info.lo_flags & ~LO_FLAGS_AUTOCLEAR) | (info->lo_flags & settable);

	if (info->lo_offset > INT64_MAX)
		return -EOVERFLOW;
	loop->info.lo_flags = flags;
	loop->info.lo_offset = info->lo_offset;
	loop->info.lo_sizelimit = info->lo_sizelimit;
	memcpy(loop->info.lo_file_name, info->lo_file_name, LO_NAME_SIZE - 1);
	loop->size = size_of(loop);
	loop->scans |= !!(flags & LO_FLAGS_PARTSCAN);
	return 0;
}

static int set_block_size(struct fake_loop *loop, unsigned long size)
{
	if (!is_block_size(size))
		return -EINVAL;
	loop->block_size = size;
	settle_direct(loop, loop->info.lo_flags & LO_FLAGS_DIRECT_IO);
	return 0;
}

static int clear(struct fake_loop *loop)
{
	if (loop->owner == NOBODY || loop->runs_down)
		return -ENXIO;
	loop->info.lo_flags |= LO_FLAGS_AUTOCLEAR;
	loop->is_cleared = true;
	if (loop->openers > 1)
		return 0;
	if (fake.clears_at_once)
		unbind_loop(loop);
	else
		loop->runs_down = true;
	return 0;
}

static long get_free(void)
{
	for (unsigned number = 0; number < LENGTH(fake.loops); number++) {
		struct fake_loop *loop = fake.loops + number;
		if (!loop->is_there)
			loop->is_there = loop->has_node = true;
		if (loop->owner == NOBODY)
			return number;
	}
	return -ENOSPC;
}

static long add(unsigned long number)
{
	if (number >= LENGTH(fake.loops))
		return -EINVAL;
	if (fake.loops[number].is_there)
		return -EEXIST;
	fake.loops[number].is_there = fake.loops[number].has_node = true;
	return number;
}

static long control_loop(struct descriptor *d, unsigned long request, unsigned long arg)
{
	struct fake_loop *loop = fake.loops + d->number;

	switch (request) {
	case LOOP_CONFIGURE:
		return bind_loop(loop, d, (void *)arg);
	case LOOP_SET_FD:
		return bind_plain(loop, d, arg);
	case BLKFLSBUF:
		return 0;
	case BLKGETSIZE64:
		*(uint64_t *)arg = loop->size;
		return 0;
	case BLKSSZGET:
		*(unsigned *)arg = loop->block_size;
		return 0;
	case LOOP_CLR_FD:
		if (loop->owner == RIVAL)
			FAIL("clears the rival's device");
		return clear(loop);
	}
	if (loop->owner == NOBODY || loop->runs_down)
		return -ENXIO;
	if (request == LOOP_GET_STATUS64) {
		*(struct loop_info64 *)arg = loop->info;
		return 0;
	}
	if (loop->owner == RIVAL)
		FAIL("changes the rival's device");
	switch (request) {
	case LOOP_SET_STATUS64:
		return set_status(loop, (void *)arg);
	case LOOP_SET_BLOCK_SIZE:
		return set_block_size(loop, arg);
	case LOOP_SET_CAPACITY:
		loop->size = size_of(loop);
		return 0;
	default: /* LOOP_SET_DIRECT_IO */
		settle_direct(loop, arg);
		return arg && !(loop->info.lo_flags & LO_FLAGS_DIRECT_IO) ? -EINVAL : 0;
	}
}

/* --- device-mapper --------------------------------------------------------- */

unsigned fake_maps(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < LENGTH(fake.maps); i++)
		n += fake.maps[i].is_there;
	return n;
}

static void map_goes(struct fake_map *map)
{
	for (unsigned i = 0; i < LENGTH(map->holds); i++) {
		struct fake_loop *loop = (struct fake_loop *)map->holds[i];
		if (!loop)
			continue;
		loop->holders--;
		loop_put(loop);
	}
	*map = (struct fake_map){ 0 };
}

static void map_put(struct fake_map *map)
{
	if (!--map->openers && map->goes)
		map_goes(map);
}

static struct fake_map *map_named(const char *name)
{
	for (unsigned i = 0; i < LENGTH(fake.maps); i++)
		if (fake.maps[i].is_there && !strcmp(fake.maps[i].name, name))
			return fake.maps + i;
	return NULL;
}

/* The table holds the loop devices that it names. */
static int load_map(struct fake_map *map, const struct dm_ioctl *head)
{
	const struct dm_target_spec *line = (void *)((char *)head + head->data_start);
	char words[sizeof map->table], *word, *rest;
	unsigned n = 0;

	if (head->target_count != 1 || line->sector_start)
		return -EINVAL;
	snprintf(map->type, sizeof map->type, "%s", line->target_type);
	snprintf(map->table, sizeof map->table, "%s", (const char *)(line + 1));
	map->sectors = line->length;
	map->is_read_only = head->flags & DM_READONLY_FLAG;
	if (strcmp(map->type, "verity"))
		return -EINVAL;
	strcpy(words, map->table);
	for (word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		struct fake_loop *loop = fake_loop_of(word);
		if (!loop || (n && map->holds[n - 1] == loop))
			continue;
		if (!loop->file)
			return -ENXIO;
		loop->openers++;
		loop->holders++;
		map->holds[n++] = loop;
		if (!map->file)
			map->file = loop->file;
	}
	/* MAJOR:MINOR of a disk */
	for (unsigned i = 0; i < file_count && !map->file; i++) {
		char number[40];
		sprintf(number, " %u:%u ", files[i].number >> 8, files[i].number & 255);
		if (S_ISBLK(files[i].mode) && strstr(map->table, number))
			map->file = files + i;
	}
	map->is_loaded = true;
	return 0;
}

static long control_maps(unsigned long request, struct dm_ioctl *head)
{
	struct fake_map *map = map_named(head->name);
	int r = 0;

	if (head->version[0] != 4 || head->data_size < sizeof *head || strnlen(head->name, 128) == 128)
		return -EINVAL;
	/* A mapping is asked for by one of its names. */
	if (head->dev || (request != DM_DEV_CREATE && head->uuid[0]))
		return -ENXIO;
	if (request == DM_DEV_CREATE) {
		if (map)
			return -EBUSY;
		for (map = fake.maps; map < fake.maps + LENGTH(fake.maps) && map->is_there; map++)
			;
		if (map == fake.maps + LENGTH(fake.maps))
			return -EBUSY;
		map->is_there = true;
		strcpy(map->name, head->name);
		strcpy(map->uuid, head->uuid);
	} else if (!map) {
		return -ENXIO;
	} else if (request == DM_TABLE_LOAD) {
		r = load_map(map, head);
	} else if (request == DM_DEV_SUSPEND) {
		if (!map->is_loaded || head->flags & DM_SUSPEND_FLAG)
			return -EINVAL;
		map->is_active = true;
	} else if (request == DM_DEV_REMOVE) {
		if (map->openers && !(head->flags & DM_DEFERRED_REMOVE))
			return -EBUSY;
		map->goes = true;
		if (!map->openers)
			map_goes(map);
		return 0;
	}
	/* As the kernel does, whoever wants it or not. */
	head->dev = number_of_map(map);
	strcpy(head->uuid, map->uuid);
	return r;
}


/* --- the watchdog ------------------------------------------------------------ */

static int control_watchdog(unsigned long request, unsigned long arg)
{
	if (request == WDIOC_SETTIMEOUT)
		fake.watchdog_seconds = *(int *)arg;
	if (request == WDIOC_GETSUPPORT)
		((struct watchdog_info *)arg)->options = fake.watchdog_is_simple ? 0 : WDIOF_MAGICCLOSE;
	if (request == WDIOC_SETTIMEOUT || request == WDIOC_KEEPALIVE)
		fake.watchdog_fed = fake.milliseconds;
	return 0;
}


/* --- what ioctls there are --------------------------------------------------- */

#define IOCTL(name) \
	{ \
		name, #name \
	}
static const struct {
	unsigned long request;
	const char *name;
} ioctls[] = {
	IOCTL(LOOP_CTL_GET_FREE),  IOCTL(LOOP_CTL_ADD),	       IOCTL(LOOP_CONFIGURE),
	IOCTL(LOOP_SET_FD),	   IOCTL(LOOP_SET_STATUS64),   IOCTL(LOOP_GET_STATUS64),
	IOCTL(LOOP_CLR_FD),	   IOCTL(LOOP_SET_BLOCK_SIZE), IOCTL(LOOP_SET_CAPACITY),
	IOCTL(LOOP_SET_DIRECT_IO), IOCTL(BLKFLSBUF),	       IOCTL(BLKGETSIZE64),
	IOCTL(BLKSSZGET),	   IOCTL(DM_DEV_CREATE),       IOCTL(DM_TABLE_LOAD),
	IOCTL(DM_DEV_SUSPEND),	   IOCTL(DM_DEV_REMOVE),       IOCTL(WDIOC_SETTIMEOUT),
	IOCTL(WDIOC_KEEPALIVE),	   IOCTL(WDIOC_GETSUPPORT),    IOCTL(MEMGETINFO),
	IOCTL(UBI_IOCATT),	   IOCTL(UBI_IOCVOLCRBLK),
};

static long do_ioctl(int fd, unsigned long request, unsigned long arg)
{
	struct descriptor *d = of(fd);
	const char *name = NULL;
	char device[sizeof d->file->path + 2] = "";

	for (unsigned i = 0; i < LENGTH(ioctls); i++)
		if (ioctls[i].request == request)
			name = ioctls[i].name;
	if (!name)
		FAIL("calls ioctl %#lx", request);
	if (!d)
		FAIL("calls %s on a closed descriptor", name);
	if (d->kind == LOOP)
		sprintf(device, " /dev/loop%u", d->number);
	bool is_flash = d->kind == FILE_ && fake.flash;
	if (is_flash)
		snprintf(device, sizeof device, " %s", d->file->path);
	long r = enter("ioctl %s%s", name, device);
	if (r == 0 && d->kind == CONTROL)
		r = request == LOOP_CTL_GET_FREE ? get_free() : request == LOOP_CTL_ADD ? add(arg) : -ENOSYS;
	else if (r == 0 && d->kind == WATCHDOG)
		r = control_watchdog(request, arg);
	else if (r == 0 && d->kind == MAPPER)
		r = control_maps(request, (void *)arg);
	else if (r == 0 && is_flash)
		r = fake.flash(request, d->file->path, (void *)arg);
	else if (r == 0)
		r = d->kind == LOOP ? control_loop(d, request, arg) : -ENOTTY;
	bool binds = request == LOOP_CONFIGURE || request == LOOP_SET_FD;
	if (r < 0 && binds && d->kind == LOOP)
		rival_follows(fake.loops + d->number);
	return r;
}

struct fake_loop *fake_bind(unsigned number, int owner, const char *path, uint64_t offset, uint64_t limit)
{
	struct fake_loop *loop = fake.loops + number;
	const struct fake_file *file = fake_find(path);

	loop->is_there = loop->has_node = true;
	loop->owner = owner;
	loop->file = file;
	loop->name = path;
	loop->info = (struct loop_info64){ .lo_number = number, .lo_offset = offset, .lo_sizelimit = limit };
	if (file) {
		loop->info.lo_device = file->device;
		loop->info.lo_inode = file->inode;
		loop->size = size_of(loop);
	}
	for (unsigned i = 0; i < LO_NAME_SIZE - 1 && path[i]; i++)
		loop->info.lo_file_name[i] = path[i];
	return loop;
}

unsigned fake_bound_by_us(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < LENGTH(fake.loops); i++)
		n += fake.loops[i].owner == US && (fake.loops[i].holders || !fake.loops[i].is_cleared);
	return n;
}


/* --- mounts and roots ----------------------------------------------------- */

static const struct {
	unsigned long flag;
	const char *name;
} mount_flags[] = {
	{ MS_RDONLY, "ro" },
	{ MS_NOSUID, "nosuid" },
	{ MS_NODEV, "nodev" },
	{ MS_NOEXEC, "noexec" },
	{ MS_SYNCHRONOUS, "sync" },
	{ MS_REMOUNT, "remount" },
	{ MS_NOATIME, "noatime" },
	{ MS_NODIRATIME, "nodiratime" },
	{ MS_RELATIME, "relatime" },
	{ MS_BIND, "bind" },
	{ MS_MOVE, "move" },
	{ MS_REC, "rec" },
	{ MS_SILENT, "silent" },
	{ MS_PRIVATE, "private" },
	{ MS_SHARED, "shared" },
	{ MS_NOSYMFOLLOW, "nosymfollow" },
	{ MS_STRICTATIME, "strictatime" },
	{ MS_SLAVE, "slave" },
};

static const char *or_dash(const char *text)
{
	return text && *text ? text : "-";
}

/* What lies below from, and from itself, is below to. */
static void move(const char *from, const char *to)
{
	struct fake_file *root = fake_find(from), *there = fake_find(to);
	char path[600];

	there->is_mounted = true;
	there->device = root->device;
	root->is_mounted = false;
	root->device = fake_find("")->device;
	size_t length = strlen(from);
	for (unsigned i = 0; i < file_count; i++)
		if (starts(files[i].path, from) && files[i].path[length] == '/') {
			snprintf(path, sizeof path, "%s%s", to, files[i].path + length);
			strcpy(files[i].path, path);
		}
}

static int do_move(const char *source, const char *target)
{
	char from[600], to[600];

	strcpy(from, resolve(AT_FDCWD, source));
	strcpy(to, resolve(AT_FDCWD, target));
	const struct fake_file *root = fake_find(from);
	if (!root || !fake_find(to))
		return -ENOENT;
	if (!root->is_mounted)
		return -EINVAL;
	if (*to) /* the move to / shows in chroot(2) only */
		move(from, to);
	return 0;
}

static int do_mount(const char *source, const char *target, const char *type, unsigned long flags,
		    const char *data)
{
	unsigned long all_flags = flags;
	char words[200] = "";

	for (unsigned i = 0; i < LENGTH(mount_flags); i++)
		if (flags & mount_flags[i].flag) {
			flags &= ~mount_flags[i].flag;
			strcat(strcat(words, *words ? "," : ""), mount_flags[i].name);
		}
	if (flags)
		FAIL("mounts with flags %#lx", flags);
	int r = enter("mount %s %s %s %s %s", or_dash(source), or_dash(target), or_dash(type), or_dash(words),
		      or_dash(data));
	if (r < 0)
		return r;
	if (is_initramfs) {
		char from[600], to[600];
		bool is_path = source && (all_flags & (MS_MOVE | MS_BIND) || *source == '/');
		strcpy(from, is_path ? resolve(AT_FDCWD, source) : source ? source : "none");
		strcpy(to, resolve(AT_FDCWD, target));
		return fake_do_mount(from, to, type, all_flags, data);
	}
	if (!fake_find(resolve(AT_FDCWD, target)))
		return -ENOENT;
	if (strstr(words, "move"))
		return do_move(source, target);
	if (!type || !source)
		return 0;
	struct fake_loop *loop = fake_loop_of(source);
	const struct fake_file *file = loop ? loop->file : fake_find(source);
	if (!file && (loop || *source == '/'))
		return loop ? -EIO : -ENOENT;
	if (!loop && file && S_ISREG(file->mode) && !fake.mounts_files)
		return -ENOTBLK;
	for (unsigned i = 0; fake.refuses_written && loop && i < LENGTH(fds); i++)
		if (fds[i].kind == LOOP && fake.loops + fds[i].number == loop &&
		    (fds[i].flags & O_ACCMODE) == O_RDWR)
			return -EBUSY;
	if (loop && loop->info.lo_flags & LO_FLAGS_READ_ONLY && !starts(words, "ro"))
		return -EACCES;
	if (file && file->holds && strcmp(file->holds, type))
		return -EINVAL;
	if (loop) {
		loop->openers++;
		loop->holders++;
		fake_find(resolve(AT_FDCWD, target))->carries = loop;
	}
	return 0;
}

/* struct mount_attr: set, cleared, propagation, user namespace */
static int do_mount_setattr(const char *path, const uint64_t change[4])
{
	return enter("mount_setattr %s +%#llx -%#llx", path, (unsigned long long)change[0],
		     (unsigned long long)change[1]);
}

static int do_statfs(const char *path, struct statfs *status)
{
	int r = enter("statfs %s", path);

	if (r < 0)
		return r;
	memset(status, 0, sizeof *status);
	status->f_type = fake.root_type;
	status->f_flags = is_initramfs ? fake_flags_at(resolve(AT_FDCWD, path)) : fake.mount_flags;
	return 0;
}

/* The old root is what lies on the new one then, until that is unmounted. */
static int do_pivot_root(const char *new_root, const char *put_old)
{
	int r = enter("pivot_root %s %s", new_root, put_old);

	if (r < 0 || !fake.pivots_initramfs)
		return r < 0 ? r : -EINVAL;
	if (strcmp(new_root, ".") || strcmp(put_old, "."))
		FAIL("pivots to %s, %s", new_root, put_old);
	const struct fake_file *root = fake_find(fake.directory);
	if (!root || !root->is_mounted || !strcmp(fake.directory, fake.root))
		return -EINVAL;
	strcpy(fake.root, fake.directory);
	fake.old_root = OLD_ROOT_COVERS;
	return 0;
}

/* fsopen(2): only of what is stacked; a context's text gathers what mount(2) would be given. */
static int do_fsopen(const char *type)
{
	int r = enter("fsopen %s", type);

	if (r < 0 || !is_initramfs || fake.has_no_fsopen)
		return r < 0 ? r : -ENOSYS;
	int fd = new_fd(CONTEXT, O_CLOEXEC);
	if (fd >= 0)
		fds[fd].text = strdup("");
	return fd;
}

static int do_fsconfig(int fd, unsigned command, const char *key, const char *value)
{
	struct descriptor *d = of(fd);
	int r = enter("fsconfig %s %s", or_dash(key), or_dash(value));
	char *text;

	if (r < 0 || !d || d->kind != CONTEXT)
		return r < 0 ? r : -EBADF;
	if (command != 1) /* FSCONFIG_SET_STRING */
		return 0;
	bool is_layer = !strcmp(key, "lowerdir+");
	r = is_layer && strstr(d->text, ",lowerdir=")
		    ? asprintf(&text, "%s:%s", d->text, value)
		    : asprintf(&text, "%s,%s=%s", d->text, is_layer ? "lowerdir" : key, value);
	free(d->text);
	d->text = text;
	return r < 0 ? r : 0;
}

static int do_umount(const char *target, int flags)
{
	int r = enter("umount %s %d", target, flags);

	if (r == 0 && fake.old_root == OLD_ROOT_COVERS && !strcmp(resolve(AT_FDCWD, target), fake.root))
		fake.old_root = OLD_ROOT_GONE;
	if (r == 0 && is_initramfs)
		return fake_do_umount(resolve(AT_FDCWD, target), flags);
	struct fake_file *point = fake_find(resolve(AT_FDCWD, target));
	if (r == 0 && point && point->carries) {
		point->carries->holders--;
		loop_put(point->carries);
		point->carries = NULL;
	}
	return r;
}

static int set_directory(const char *path)
{
	const struct fake_file *file = fake_find(is_initramfs ? fake_locate(path) : path);

	if (!file)
		return -ENOENT;
	if (!S_ISDIR(file->mode))
		return -ENOTDIR;
	strcpy(fake.directory, path);
	return 0;
}

static int do_chroot(const char *path)
{
	char whole[600];
	int r = enter("chroot %s", path);

	strcpy(whole, resolve(AT_FDCWD, path));
	if (r < 0)
		return r;
	if (!fake_find(is_initramfs ? fake_locate(whole) : whole))
		return -ENOENT;
	strcpy(fake.root, whole);
	return 0;
}

static int do_fchdir(int fd)
{
	int r = enter("fchdir %d", fd);
	const struct descriptor *d = of(fd);

	return r < 0 ? r : d && d->file ? set_directory(d->file->path) : -EBADF;
}

static jmp_buf program_end;

__attribute__((noreturn)) static void end_program(int how)
{
	/* After a reset, nothing is open. */
	for (unsigned fd = 3; how == FAKE_IS_RESET && fd < LENGTH(fds); fd++)
		fds[fd].kind = CLOSED;
	longjmp(program_end, how + 1000);
}

int fake_run(int (*program)(char **argv), char **argv)
{
	int how = setjmp(program_end);

	return how ? how - 1000 : program(argv);
}

static int do_execve(const char *path, char **argv)
{
	char words[200] = "";

	for (; *argv; argv++)
		strcat(strcat(words, " "), *argv);
	int r = enter("execve %s:%s", path, words);
	if (r < 0)
		return r;
	for (unsigned fd = 0; fd < LENGTH(fds); fd++) {
		if (fds[fd].kind != CLOSED && fds[fd].flags & O_CLOEXEC)
			do_close(fd);
		fake.inherited += fd > 2 && fds[fd].kind != CLOSED;
	}
	if (is_initramfs)
		end_program(FAKE_EXECUTES);
	return 0; /* which the real one never does */
}

static int do_dup(int fd, int as)
{
	int r = enter("dup %d %d", fd, as);

	if (r < 0)
		return r;
	if (!of(fd))
		return -EBADF;
	if (fd == as)
		return -EINVAL;
	if (of(as))
		do_close(as);
	fds[as] = fds[fd];
	return as;
}


/* --- modules -------------------------------------------------------------- */

static char modules[64][64]; /* which are loaded */
static unsigned module_count;

static int do_uname(struct utsname *system)
{
	int r = enter("uname");

	memset(system, 0, sizeof *system);
	strcpy(system->release, FAKE_RELEASE);
	strcpy(system->machine, fake.machine ? fake.machine : "x86_64");
	return r;
}

/* The name in the file; here it is that of the file. */
static const char *module_name(const char *path)
{
	static char name[64];
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;

	snprintf(name, sizeof name, "%.*s", (int)strcspn(base, "."), base);
	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	return name;
}

static int find_module(const char *name)
{
	for (unsigned i = 0; i < module_count; i++)
		if (!strcmp(modules[i], name))
			return i;
	return -1;
}

static int do_finit_module(int fd, const char *parameters, int flags)
{
	const struct descriptor *d = of(fd);

	if (!d || !d->file)
		return -EBADF;
	const char *path = d->file->path, *suffix = strrchr(path, '.');
	/* both want what they are told: a plain file, or a compressed one */
	if (flags & ~4 || !flags != (suffix && !strcmp(suffix, ".ko")))
		FAIL("loads %s with flags %d", path, flags);
	int r = enter("finit_module %s %s", path, parameters);
	if (r < 0)
		return r;
	if (find_module(module_name(path)) >= 0)
		return -EEXIST;
	if (module_count == LENGTH(modules))
		FAIL("too many modules");
	strcpy(modules[module_count++], module_name(path));
	if (fake.loads)
		fake.loads(modules[module_count - 1]);
	return 0;
}

static int do_delete_module(const char *name, int flags)
{
	int r = enter("delete_module %s", name);
	int n = find_module(name);

	if (r < 0)
		return r;
	if (!(flags & O_NONBLOCK))
		FAIL("waits for a module that is in use");
	if (n < 0)
		return -ENOENT;
	memmove(modules[n], modules[--module_count], sizeof *modules);
	return 0;
}

void fake_load(const char *name)
{
	strcpy(modules[module_count++], name);
}


/* --- what libbb calls ----------------------------------------------------- */

static long leave(long r)
{
	if (r >= 0)
		return r;
	errno = -r;
	return -1;
}

/* The heap outlives a boot, as the program does. Neither counted nor logged. */
static long do_brk(char *wanted)
{
	static char heap[80 << 20], *end = heap;
	size_t more = wanted - end;

	if (wanted > end && more <= fake.heap_left && wanted <= heap + sizeof heap) {
		fake.heap_left -= more;
		end = wanted;
	}
	return (long)end;
}

/* An end of a pipe into which nothing is written. */
static int open_pipe(void)
{
	int fd = new_fd(FILE_, O_CLOEXEC);

	if (fd >= 0)
		fds[fd].file = fake_find("/dev/pipe") ?: fake_add("/dev/pipe", S_IFREG | 0600);
	return fd;
}

long __wrap_syscall(long number, ...)
{
	long arg[5];
	va_list args;

	va_start(args, number);
	for (unsigned i = 0; i < LENGTH(arg); i++)
		arg[i] = va_arg(args, long);
	va_end(args);
#define PATH(n) ((char *)arg[n])
	switch (number) {
	case SYS_getpid:
		return fake.pid;
	case SYS_brk:
		return do_brk(PATH(0));
	case SYS_close:
		return leave(do_close(arg[0]));
	case SYS_openat:
		return leave(do_open(arg[0], PATH(1), arg[2], arg[3]));
	case SYS_read:
		return leave(do_read(arg[0], PATH(1), arg[2]));
	case SYS_write:
		return leave(do_write(arg[0], PATH(1), arg[2]));
	case SYS_ioctl:
		return leave(do_ioctl(arg[0], arg[1], arg[2]));
	case SYS_flock:
		return leave(do_flock(arg[0], arg[1]));
	case SYS_getdents64:
		return leave(do_getdents(arg[0], PATH(1), arg[2]));
	case SYS_unlinkat:
		return leave(do_unlink(arg[0], PATH(1), arg[2]));
	case SYS_mknodat:
		return leave(do_mknod(PATH(1), arg[2], arg[3]));
	case SYS_mkdirat:
		return leave(do_mkdir(PATH(1), arg[2]));
	case SYS_statx:
		return leave(do_statx(PATH(1), (void *)arg[4]));
	case SYS_openat2: { /* with RESOLVE_IN_ROOT: the directory is the root */
		int r = fake.has_no_openat2 ? -ENOSYS : enter("openat2 %s", PATH(1));
		const char *path = PATH(1);
		while (*path == '/')
			path++;
		return leave(r < 0 ? r : do_open(arg[0], path, *(unsigned long *)arg[2], 0));
	}
	case SYS_faccessat2:
		return leave(fake.has_no_openat2 ? -ENOSYS : do_access_open(arg[0], arg[2]));
	case SYS_faccessat:
		return leave(do_access(PATH(1), arg[2]));
	case SYS_readlinkat:
		return leave(do_readlink(PATH(1), PATH(2), arg[3]));
	case SYS_mount_setattr:
		return leave(do_mount_setattr(PATH(1), (void *)arg[3]));
	case SYS_mount:
		return leave(do_mount(PATH(0), PATH(1), PATH(2), arg[3], PATH(4)));
	case SYS_umount2:
		return leave(do_umount(PATH(0), arg[1]));
	case SYS_pivot_root:
		return leave(do_pivot_root(PATH(0), PATH(1)));
	case SYS_uname:
		return leave(do_uname((void *)arg[0]));
	case SYS_finit_module:
		return leave(do_finit_module(arg[0], PATH(1), arg[2]));
	case SYS_delete_module:
		return leave(do_delete_module(PATH(0), arg[1]));
	case SYS_chdir: {
		int r = enter("chdir %s", PATH(0));
		return leave(r < 0 ? r : set_directory(resolve(AT_FDCWD, PATH(0))));
	}
	case SYS_fchdir:
		return leave(do_fchdir(arg[0]));
	case SYS_chroot:
		return leave(do_chroot(PATH(0)));
	case SYS_execve:
		return leave(do_execve(PATH(0), (char **)arg[1]));
	case SYS_dup3:
		return leave(do_dup(arg[0], arg[1]));
	case SYS_symlinkat:
		return leave(do_symlink(PATH(0), PATH(2)));
	case SYS_fsopen:
		return leave(do_fsopen(PATH(0)));
	case SYS_fsconfig:
		return leave(do_fsconfig(arg[0], arg[1], PATH(2), PATH(3)));
	case SYS_fsync:
		return leave(enter("fsync"));
	case SYS_sync:
		return leave(enter("sync"));
	case SYS_wait4:
		enter("wait");
		*(int *)arg[1] = fake.child_status;
		return arg[0];
	case SYS_pipe2: {
		int *ends = (int *)arg[0], r = enter("pipe");
		for (unsigned i = 0; r == 0 && i < 2; i++)
			ends[i] = open_pipe();
		return leave(r);
	}
	case SYS_exit_group:
		end_program(arg[0]);
	case SYS_swapoff:
		return leave(enter("swapoff %s", PATH(0)));
	case SYS_reboot: {
		int r = enter("reboot %#lx", arg[2]);
		if (r < 0)
			return leave(r);
		end_program(FAKE_REBOOTS);
	}
	}
	FAIL("makes the system call %ld", number);
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	(void)clock;
	now->tv_sec = 1000 + microseconds / 1000000; /* the machine is up for a while */
	now->tv_nsec = microseconds % 1000000 * 1000;
	return 0;
}

/* The child is not run: what it does shows by its end. */
pid_t __wrap_fork(void)
{
	int r = is_initramfs ? enter("fork") : -ENOSYS;

	if (r == 0 && fake.child)
		fake.child();
	return leave(r ?: 4242);
}

int __wrap_socket(int family, int type, int protocol)
{
	int r = enter("socket %d %d", family, protocol);

	(void)type;
	if (r == 0 && (!is_initramfs || fake.has_no_uevents || family != AF_NETLINK))
		r = -EAFNOSUPPORT;
	return leave(r < 0 ? r : new_fd(EVENTS, O_CLOEXEC));
}

int __wrap_bind(int fd, const void *address, unsigned size)
{
	(void)address;
	(void)size;
	return leave(of(fd) ? enter("bind") : -EBADF);
}

ssize_t __wrap_sendfile(int to, int from, off_t *offset, size_t size)
{
	struct descriptor *d = of(from), *t = of(to);
	int r = enter("sendfile %s", d && d->file ? d->file->path : "nothing");

	if (r < 0 || offset || !d || !d->file || !t || !t->file)
		return leave(r < 0 ? r : -EINVAL);
	uint64_t left = d->position < d->file->size ? d->file->size - d->position : 0;
	if (size > left)
		size = left;
	static const char zeros[1 << 20];
	const char *data = d->file->data;
	struct fake_file *copy = (struct fake_file *)t->file;
	append_to(copy, data ? data + d->position : zeros, size);
	copy->holds = d->file->holds;
	copy->tree = d->file->tree;
	d->position += size;
	return size;
}

int __wrap_posix_fadvise(int fd, off_t start, off_t size, int advice)
{
	(void)start;
	(void)size;
	(void)advice;
	return of(fd) ? 0 : EBADF;
}

clock_t __wrap_times(void *unused)
{
	(void)unused;
	return fake.clock_start + microseconds / (1000000 / TICKS_PER_SECOND);
}

off_t __wrap_lseek(int fd, off_t offset, int whence)
{
	const struct descriptor *d = of(fd);

	if (is_initramfs && d && whence == SEEK_SET && !offset) {
		((struct descriptor *)d)->position = 0;
		return leave(enter("lseek"));
	}
	if (offset || whence != SEEK_END)
		FAIL("seeks elsewhere");
	int r = enter("lseek");
	if (d && d->kind == LOG)
		return leave(r);
	if (r == 0 && d && d->kind == LOOP)
		return fake.loops[d->number].size;
	if (r == 0 && d && d->kind == MAP && fake.maps[d->number].file)
		return fake.maps[d->number].file->size;
	return leave(r < 0 ? r : !d || !d->file ? -ESPIPE : (off_t)d->file->size);
}

ssize_t __wrap_pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
	return leave(do_pwrite(fd, bytes, size, offset));
}

ssize_t __wrap_pread(int fd, void *buffer, size_t size, off_t offset)
{
	return leave(do_pread(fd, buffer, size, offset));
}

int __wrap_fstatat(int fd, const char *path, struct stat *status, int flags)
{
	const struct fake_file *file = *path ? fake_find(place_of(fd, path)) : NULL;

	if (flags != AT_EMPTY_PATH && flags != AT_SYMLINK_NOFOLLOW)
		FAIL("stats with flags %#x", flags);
	if (file && S_ISLNK(file->mode) && flags != AT_SYMLINK_NOFOLLOW)
		path = file->data;
	return leave(do_stat(fd, path, status));
}

int __wrap_statfs(const char *path, struct statfs *status)
{
	return leave(do_statfs(path, status));
}

int __wrap_poll(struct pollfd *events, unsigned long count, int milliseconds)
{
	if (is_initramfs && count == 1)
		return poll_events(events, milliseconds);
	if (!count && milliseconds == -1)
		end_program(FAKE_SLEEPS);
	if (events || count || milliseconds <= 0)
		FAIL("sleeps %d ms", milliseconds);
	fake.sleeps++;
	if ((unsigned)milliseconds > fake.longest_sleep)
		fake.longest_sleep = milliseconds;
	fake.sleeps_hash = (fake.sleeps_hash * 131 + milliseconds) % 1000000007;
	pass_time(milliseconds * 1000L);
	return 0;
}

int __wrap_fcntl(int fd, int command, int flags)
{
	struct descriptor *d = of(fd);

	if (d && d->kind != LOOP && command == F_DUPFD_CLOEXEC) {
		while (of(flags))
			flags++;
		return leave(do_dup(fd, flags));
	}
	int r = enter("fcntl %s", flags & O_DIRECT ? "O_DIRECT" : "");
	if (!d || command != F_SETFL)
		FAIL("calls fcntl %d on %d", command, fd);
	if (r == 0 && flags & O_DIRECT && fake.refuses_direct)
		r = -EINVAL;
	if (r < 0)
		return leave(r);
	d->flags = (d->flags & ~O_DIRECT) | (flags & O_DIRECT);
	return 0;
}

/* Their names where files have 64-bit sizes by a macro, and not by nature. */
off_t __wrap_lseek64(int, off_t, int) __attribute__((alias("__wrap_lseek")));
ssize_t __wrap_pwrite64(int, const void *, size_t, off_t) __attribute__((alias("__wrap_pwrite")));
ssize_t __wrap_pread64(int, void *, size_t, off_t) __attribute__((alias("__wrap_pread")));
int __wrap___fstatat64_time64(int, const char *, struct stat *, int) __attribute__((alias("__wrap_fstatat")));
int __wrap_fstatat64(int, const char *, struct stat *, int) __attribute__((alias("__wrap_fstatat")));
int __wrap_statfs64(const char *, struct statfs *) __attribute__((alias("__wrap_statfs")));
ssize_t __wrap_sendfile64(int, int, off_t *, size_t) __attribute__((alias("__wrap_sendfile")));
int __wrap_posix_fadvise64(int, off_t, off_t, int) __attribute__((alias("__wrap_posix_fadvise")));
int __wrap_fcntl64(int, int, int) __attribute__((alias("__wrap_fcntl")));
int __wrap___fcntl_time64(int, int, int) __attribute__((alias("__wrap_fcntl")));
int __wrap___clock_gettime64(clockid_t, struct timespec *) __attribute__((alias("__wrap_clock_gettime")));


/* --- a machine that boots --------------------------------------------------- */

/* What comes later, in the order of coming. */
static struct later {
	long milliseconds;
	char path[40];	/* of a disk that is hidden until then */
	char event[80]; /* what the kernel tells */
	bool is_there, is_told;
} laters[16];
static unsigned later_count;

void fake_appears(long milliseconds, const char *path)
{
	struct later *later = laters + later_count;
	struct fake_file *file = fake_find(path);

	if (++later_count == LENGTH(laters) || !file)
		abort();
	later->milliseconds = milliseconds;
	strcpy(later->path, path);
	sprintf(file->path, "\n%s", path);
	sprintf(later->event, "add@/devices/%s", path + 5);
	/* strings, each with its NUL */
	sprintf(later->event + strlen(later->event) + 1, "DEVNAME=%s", path + 5);
}

static void let_appear(void)
{
	char hidden[60];

	for (struct later *l = laters; l < laters + later_count; l++) {
		sprintf(hidden, "\n%s", l->path);
		struct fake_file *file = fake_find(hidden);
		if (l->is_there || l->milliseconds > fake.milliseconds)
			continue;
		l->is_there = true;
		if (file)
			strcpy(file->path, l->path);
	}
}

static int poll_events(struct pollfd *events, int milliseconds)
{
	long end = fake.milliseconds + milliseconds;

	events->revents = 0;
	fake.sleeps += milliseconds > 0;
	for (struct later *l = laters; l < laters + later_count; l++) {
		if (l->is_told || l->milliseconds > end)
			continue;
		if (l->milliseconds > fake.milliseconds)
			pass_time((l->milliseconds - fake.milliseconds) * 1000 + 1000);
		events->revents = POLLIN;
		return 1;
	}
	pass_time(milliseconds * 1000L);
	return 0;
}

static long next_event(char *buffer, size_t size)
{
	for (struct later *l = laters; l < laters + later_count; l++) {
		if (l->is_told || !l->is_there || size < sizeof l->event)
			continue;
		l->is_told = true;
		memcpy(buffer, l->event, sizeof l->event);
		return strlen(l->event) + 1 + strlen(l->event + strlen(l->event) + 1) + 1;
	}
	return -EAGAIN;
}

struct fake_file *fake_put(const char *path, unsigned mode)
{
	char above[600];

	for (const char *p = path; (p = strchr(p, '/')); p++) {
		sprintf(above, "%.*s", (int)(p - path), path);
		if (!fake_find(above))
			fake_add(above, S_IFDIR | 0755);
	}
	return fake_add(path, mode);
}

void fake_tree(const char *name)
{
	char root[300];

	sprintf(root, "%s:", name);
	if (!fake_find(root))
		fake_add(root, S_IFDIR | 0755);
}

/* This program's own start, without what an interpreter is found by. */
void fake_program(const char *path)
{
	static ElfW(Ehdr) head;
	struct fake_file *file = fake_put(path, S_IFREG | 0755);
	int fd = open("/proc/self/exe", O_RDONLY);

	if (read(fd, &head, sizeof head) != sizeof head)
		FAIL("can't read this program");
	close(fd);
	head.e_phnum = 0;
	file->data = &head;
	file->size = sizeof head;
}

void fake_root(const char *tree, const char *more)
{
	char path[100], folders[100], *folder, *rest;

	fake_tree(tree);
	snprintf(folders, sizeof folders, "dev proc sys run %s", more);
	for (folder = strtok_r(folders, " ", &rest); folder; folder = strtok_r(NULL, " ", &rest)) {
		snprintf(path, sizeof path, "%s:/%s", tree, folder);
		fake_put(path, S_IFDIR | 0755);
	}
	snprintf(path, sizeof path, "%s:/sbin/init", tree);
	fake_program(path);
}

struct fake_file *fake_volume(const char *path, const char *type, const char *tree, const char *label)
{
	static unsigned disks;
	enum { SIZE = 64 * 1024 };
	struct fake_file *file = fake_put(path, starts(path, "/dev/") ? S_IFBLK | 0600 : S_IFREG | 0644);
	char *data = calloc(1, SIZE);

	if (S_ISBLK(file->mode))
		file->number = 254 << 8 | disks++ << 4;
	if (!strcmp(type, "squashfs")) {
		memcpy(data, "hsqs", 4);
		data[28] = 4; /* version 4.0 */
		data[14] = 2; /* 128 KiB */
		data[20] = 1; /* gzip */
		data[42] = SIZE >> 16;
	} else if (!strcmp(type, "erofs")) {
		memcpy(data + 1024, "\xe2\xe1\xf5\xe0", 4);
		data[1024 + 12] = 12;
		data[1024 + 36] = SIZE >> 12;
	} else if (!strcmp(type, "ext4")) {
		memcpy(data + 1024 + 56, "\x53\xef", 2);
		data[1024 + 92] = 4;	/* a journal */
		data[1024 + 96] = 0x40; /* extents */
		if (label)
			strcpy(data + 1024 + 120, label);
	} else if (!strcmp(type, "iso9660")) {
		memcpy(data + 32768, "\1CD001\1", 7);
		memset(data + 32768 + 40, ' ', 32);
		if (label)
			memcpy(data + 32768 + 40, label, strlen(label));
		memcpy(data + 32768 + 813, "2026112212304500", 16);
	} else if (!strcmp(type, "swap")) {
		memcpy(data + 4096 - 10, "SWAPSPACE2", 10);
		data[1024] = 1;
		data[1028] = 15;
	} else if (!strcmp(type, "crypto_LUKS")) {
		memcpy(data, "LUKS\xba\xbe\0\1", 8);
	} else if (!strcmp(type, "BitLocker")) {
		memcpy(data, "\xeb\x52\x90-FVE-FS-", 11);
	} else if (!strcmp(type, "vfat")) {
		memcpy(data, "\xeb\x3c\x90mkfs.fat\0\2\1\1\0\2\x10\0\x80\0\xf8\1", 24);
		data[38] = 0x29;
		/* the root directory, with the label */
		memset(data + 1536, ' ', 11);
		data[1536 + 11] = 8;
		if (label)
			memcpy(data + 1536, label, strlen(label));
		memcpy(data + 54, "FAT12   ", 8);
		memcpy(data + 510, "\x55\xaa", 2);
	}
	file->data = data;
	file->size = SIZE;
	file->holds = type;
	file->tree = tree;
	if (tree)
		fake_tree(tree);
	return file;
}

void fake_verity(struct fake_file *file, const char *root_hash)
{
	unsigned char *data = calloc(1, file->size + 4096), *super = data + file->size;

	memcpy(data, file->data, file->size);
	memcpy(super, "verity\0", 8);
	super[8] = super[12] = 1;
	memcpy(super + 32, "sha256", 7);
	super[65] = super[69] = 4096 >> 8;
	super[72] = file->size / 4096;
	file->data = data;
	file->size += 4096;
	file->root_hash = root_hash;
}

bool test_requires_verity, test_hash_from_initramfs;

void fake_initramfs(const char *command_line)
{
	/* clang-format off */
	static const char *const folders[] = { "/dev", "/proc", "/sys", "/run", "/sysroot" };
	/* clang-format on */

	is_initramfs = true;
	fake_mounts_forget();
	fake.pid = 1;
	fake.root_type = 0x858458f6; /* ramfs */
	later_count = 0;
	for (unsigned i = 0; i < LENGTH(folders); i++)
		fake_put(folders[i], S_IFDIR | 0755);
	fake_put("/dev/loop-control", S_IFCHR | 0600);
	fake_put("/dev/console", S_IFCHR | 0600);
	fake_program("/init");
	fake_put("/proc/cmdline", S_IFREG | 0444);
	fake_find("/proc/cmdline")->data = command_line;
	fake_find("/proc/cmdline")->size = strlen(command_line);
	fake_put("/proc/sys/kernel", S_IFDIR | 0755);
	fake_text("/proc/sys/kernel/printk", "7\t4\t1\t7\n");
	fake_text("/proc/sys/kernel/panic", "1\n");
	fake_put("/proc/filesystems", S_IFREG | 0444);
	fake_find("/proc/filesystems")->data =
		"nodev\tproc\nnodev\tsysfs\nnodev\tdevtmpfs\nnodev\ttmpfs\nnodev\toverlay\n"
		"\text4\n\tiso9660\n\tsquashfs\n\terofs\n\tvfat\n\tubifs\n\tjffs2\n";
	fake_find("/proc/filesystems")->size = strlen(fake_find("/proc/filesystems")->data);
}

const char *fake_console(void)
{
	static char text[sizeof fake.console];
	char *to = text;
	const char *start, *line = fake.console;

	for (; *line; line = strchr(line, '\n') + 1) {
		*to++ = '|';
		start = line;
		if (*start == '<')
			start += 3;
		if (starts(start, "loopbox: "))
			start += 9;
		if (*start == '+') {
			*to++ = '+';
			start = strchr(start, ' ');
		}
		while (*start != '\n')
			*to++ = *start++;
	}
	*to = 0;
	return text;
}


/* --- the world ------------------------------------------------------------ */

void fake_boot(void)
{
	static bool is_used;

	if (is_used) { /* each page of it that is touched costs time */
		memset(&fake, 0, sizeof fake);
		memset(files, 0, sizeof files);
		memset(faults, 0, sizeof faults);
		memset(fds, 0, sizeof fds);
		memset(log_text, 0, log_size);
	}
	is_used = true;
	is_initramfs = false;
	file_count = fault_count = nth = module_count = later_count = 0;
	log_size = microseconds = 0;

	fake.pid = 100;
	fake.heap_left = SIZE_MAX;
	fake.steals_until = LIMIT_SECONDS * 1000;
	fake.direct_alignment = 512;
	for (unsigned i = 0; i < 4; i++)
		fake.loops[i].is_there = fake.loops[i].has_node = true;
	for (unsigned i = 0; i < 3; i++)
		fds[i].kind = TERMINAL;
	fake_add("", S_IFDIR | 0755);
	fake_add("/image", S_IFREG | 0644)->size = IMAGE_SIZE;
}

unsigned fake_open_count(void)
{
	unsigned n = 0;

	for (unsigned i = 3; i < LENGTH(fds); i++)
		n += fds[i].kind != CLOSED && fds[i].kind != MAPPER && fds[i].kind != EVENTS &&
		     fds[i].kind != LOG;
	return n;
}

unsigned fake_event_sockets(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < LENGTH(fds); i++)
		n += fds[i].kind == EVENTS;
	return n;
}

int fake_flags_of(int fd)
{
	const struct descriptor *d = of(fd);

	return d ? d->flags : -1;
}

void fake_check_descriptors(void)
{
	EQUAL(fake_open_count(), 0);
}
