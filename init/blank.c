/* SPDX-License-Identifier: MIT */
/* Is a device empty, as a new disk or erased flash is: nothing but zeros, or nothing but 0xff? */
//config:config FEATURE_INIT_BLANK
//config:	bool "Tell a blank device for the writable layer"
//config:	default y
//config:	depends on FEATURE_INIT_OVERLAY && FEATURE_PROBE
//config:	help
//config:	  Where the device of rd.overlay= has no file system, say whether it is
//config:	  empty or holds something unknown.
//kbuild:obj-$(CONFIG_FEATURE_INIT_BLANK) += init/blank.o
#include "store.h"

/* Both ends of it are read, where superblocks, partition tables and their copies are; and between them
 * 1024 places, or all where there are no more. Up to 64 GiB, places a power of two apart meet copies
 * of superblocks: ext4 has one at 128 MiB, btrfs at 64 MiB. */
enum { PIECE = 64 << 10, ENDS = 16 << 20, PLACES = 1024 };

static uint64_t next_place(uint64_t at, uint64_t size, uint64_t distance)
{
	uint64_t tail = size > ENDS ? (size - ENDS) & -(uint64_t)PIECE : 0;

	if (at < ENDS || at >= tail)
		return at + PIECE;
	at = (at | (distance - 1)) + 1;
	return at < tail ? at : tail;
}

/* Are so many bytes all the same, and the same as those before? value: of these, or below 0. 1, 0 or
 * -errno. */
static int is_same(int fd, uint64_t at, uint64_t left, int *value)
{
	static unsigned char piece[PIECE];
	unsigned size = left < PIECE ? left : PIECE;

	for (unsigned done = 0; done < size;) {
		int r = sys_pread(fd, piece, size - done, at + done);
		if (r <= 0)
			return r;
		if (*value < 0)
			*value = *piece;
		for (int i = 0; i < r; i++)
			if (piece[i] != *value)
				return false;
		done += r;
	}
	return *value == 0 || *value == 0xff;
}

int is_blank(const char *device)
{
	int fd = sys_open(device, O_RDONLY), value = -1;

	if (fd < 0)
		return failed(fd, device, "open");
	int64_t size = sys_seek_end(fd);
	int r = size < 0 ? size : size > 0;
	uint64_t distance = PIECE;
	while (size > 0 && distance * PLACES < (uint64_t)size)
		distance *= 2;
	for (int64_t at = 0; r > 0 && at < size; at = next_place(at, size, distance))
		r = is_same(fd, at, size - at, &value);
	sys_close(fd);
	return r < 0 ? failed(r, device, "read") : r;
}
