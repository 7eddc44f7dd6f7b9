/* SPDX-License-Identifier: MIT */
/* Numbers of superblocks, at any place, and the sizes of those that are images. */
#ifndef SUPERBLOCK_H
#define SUPERBLOCK_H

#include <stdint.h>

#define ENDIAN(bits, name, order, swap) \
	static inline uint64_t name##bits(const unsigned char *p) \
	{ \
		uint##bits##_t number; \
		__builtin_memcpy(&number, p, sizeof number); \
		return __BYTE_ORDER__ == order ? number : swap(number); \
	}
ENDIAN(16, le, __ORDER_LITTLE_ENDIAN__, __builtin_bswap16)
ENDIAN(32, le, __ORDER_LITTLE_ENDIAN__, __builtin_bswap32)
ENDIAN(64, le, __ORDER_LITTLE_ENDIAN__, __builtin_bswap64)
ENDIAN(16, be, __ORDER_BIG_ENDIAN__, __builtin_bswap16)
ENDIAN(32, be, __ORDER_BIG_ENDIAN__, __builtin_bswap32)
ENDIAN(64, be, __ORDER_BIG_ENDIAN__, __builtin_bswap64)

/* The bytes that a file system takes, as its superblock has it: struct squashfs_super_block of the kernel's
 * fs/squashfs/squashfs_fs.h, and struct erofs_super_block of its fs/erofs/erofs_fs.h, whose block is a power
 * of two. */
static inline uint64_t squashfs_bytes(const unsigned char *super)
{
	return le64(super + 40);
}
static inline uint64_t erofs_bytes(const unsigned char *super)
{
	return le32(super + 36) << (super[12] & 31);
}

#endif
