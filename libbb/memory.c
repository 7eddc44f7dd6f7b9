/* SPDX-License-Identifier: MIT */
/*
 * Memory that grows as it is needed: whole files, and text that is put together. It is the
 * program's heap, brk(2), whose addresses stay; what came last is given back first.
 */
//kbuild:obj-y += libbb/memory.o
#include "libbb.h"

enum {
	STEP = 128 * 1024, /* few calls for much text, little memory for a small one */
	/* Fits the tables of 100,000 mounts; a file without an end is told to be too large. */
	MOST = 64 * 1024 * 1024,
};

static char *first, *used, *end; /* where the heap begins, what of it is in use, what is ours */
bool memory_is_full;

/* Makes room for so many bytes more: 0, -EFBIG or -ENOMEM. */
static int grow(size_t size)
{
	if (!first)
		first = used = end = sys_brk(NULL);
	if ((size_t)(end - used) >= size)
		return 0;
	char *wanted = used + size + STEP;
	if (wanted - first > MOST)
		return -EFBIG;
	if (sys_brk(wanted) != wanted)
		return -ENOMEM;
	end = wanted;
	return 0;
}

char *memory_take(size_t size)
{
	char *start = NULL;

	if (grow(size) == 0) {
		start = used;
		used += size;
	} else {
		memory_is_full = true;
	}
	return start;
}

int memory_check(void)
{
	return memory_is_full ? found(-ENOMEM, "memory", "exhausted") : 0;
}

/* What stands for text that found no room. */
static char lost[1];

char *copied(const char *from, size_t size)
{
	char *start = memory_take(size + 1);

	if (!start)
		return lost;
	for (size_t i = 0; i < size; i++)
		start[i] = from[i];
	start[size] = 0;
	return start;
}

char *copy_of(const char *text)
{
	return copied(text, length(text));
}

char *joined(const char *a, const char *b, const char *c)
{
	char *start = memory_take(length(a) + length(b) + length(c) + 1);

	if (!start)
		return lost;
	append(append(append(start, a), b), c);
	return start;
}

char *read_mark(void)
{
	grow(0);
	return used;
}

void read_forget(char *text)
{
	if (text != lost)
		used = text;
}

char *read_whole(const char *path)
{
	char *start = read_mark();
	int n;

	int fd = ENABLE_DMSETUP && !path ? STDIN_FILENO : sys_open(path, O_RDONLY | O_NONBLOCK);
	if (fd < 0) {
		failed(fd, path, "open");
		return NULL;
	}
	while ((n = grow(2)) == 0 && (n = sys_read(fd, used, end - used - 1)) > 0)
		used += n;
	if (!ENABLE_DMSETUP || path)
		sys_close(fd);
	if (n < 0) {
		used = start;
		failed(n, !ENABLE_DMSETUP || path ? path : "standard input", "read");
		return NULL;
	}
	*used++ = 0;
	return start;
}
