/* SPDX-License-Identifier: MIT */
/*
 * Whatever stands in a dm-verity superblock, in an image that somebody else has written, becomes an
 * error or a table of just the words that there should be, with our root hash in its place.
 * libFuzzer's entry; the code under test is included, so that the table can be looked at.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../../libbb/verity.c"

#define ROOT_HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct dm_buffer dm;
bool dm_refused;
static unsigned tables;

/* What goes to device-mapper ends here. */
int dm_start(const char *name)
{
	strcpy(dm.head.name, name);
	return 0;
}

int dm_add(uint64_t start_sector, uint64_t sectors, const char *type, const char *table)
{
	char copy[TABLE_SIZE], *words[32], *rest, *word;
	unsigned n = 0;

	if (start_sector || !sectors || sectors >> 62 || strcmp(type, "verity") || strlen(table) > 2000)
		abort();
	/* As the kernel splits it: at white space, and a backslash quotes. */
	if (strchr(table, '\\'))
		abort();
	strcpy(copy, table);
	for (word = strtok_r(copy, " \t\n\v\f\r\xa0", &rest); word;
	     word = strtok_r(NULL, " \t\n\v\f\r\xa0", &rest))
		if (n < LENGTH(words))
			words[n++] = word;
	if (n != 10 || strcmp(words[8], ROOT_HASH) || strcmp(words[1], "/dev/loop0") ||
	    strcmp(words[2], "/dev/loop0"))
		abort();
	tables++;
	return failed(-ENOSPC, dm.head.name, "no further");
}

int dm_create(const char *name, const char *uuid, unsigned flags)
{
	(void)name, (void)uuid, (void)flags;
	abort();
}

char *dm_path(char path[DM_PATH_SIZE])
{
	return path;
}

int dm_let_go(const char *name)
{
	(void)name;
	return 0;
}

/* The image is its own loop device. */
int loop_attach(const struct loop_request *wanted, struct loop_device *device)
{
	device->fd = open(wanted->file, O_RDONLY);
	device->file_fd = device->control_fd = -1;
	device->path = "/dev/loop0";
	return device->fd < 0 ? failed(-errno, wanted->file, "open") : 0;
}

void loop_close(struct loop_device *device)
{
	close(device->fd);
}

int loop_set_autoclear(struct loop_device *device)
{
	(void)device;
	return 0;
}

int explain_image(const char *image)
{
	(void)image;
	return 0;
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
	static char path[32];
	static int fd = -1;
	unsigned char root[VERITY_DIGEST_MAX];
	struct verity verity;

	if (fd < 0) {
		fd = memfd_create("image", 0);
		append_number(append(path, "/proc/self/fd/"), fd);
	}
	if (ftruncate(fd, 0) < 0 || pwrite(fd, bytes, size, 0) != (ssize_t)size || ftruncate(fd, 16384) < 0)
		abort();
	/* The superblock at the start of a device of its own, or behind what says that it is a file system. */
	for (unsigned behind = 0; behind < 2; behind++) {
		verity_default(&verity);
		verity.data = verity.hash = path;
		verity.root_hash = ROOT_HASH;
		verity.hash_offset = behind ? VERITY_BEHIND_DATA : 0;
		int r = verity_open(&verity, "root");
		if (r >= 0 || why.error != r || !why.path || !why.step)
			abort();
		/* And what user space does with it. */
		if (verity_load(&verity) == 0 && verity_digest_size(&verity)) {
			verity_tree_blocks(&verity);
			if (verity_tree(&verity, fd, fd, true, root) == 0)
				abort(); /* nobody has made a tree for that */
		}
	}
	return 0;
}
