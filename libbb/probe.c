/* SPDX-License-Identifier: MIT */
/* Tells a file system by its superblock. */
//config:config FEATURE_PROBE
//config:	bool "Tell file systems by their superblock"
//config:	default y
//config:	help
//config:	  squashfs, erofs, ext2, ext3 and ext4, without a try at every type
//config:	  that the kernel knows.
//config:
//config:config FEATURE_PROBE_TAGS
//config:	bool "Find devices by LABEL= and UUID="
//config:	default y
//config:	depends on FEATURE_PROBE
//config:	help
//config:	  Of erofs, ext2, ext3 and ext4; for mount -L and -U too.
//kbuild:obj-$(CONFIG_FEATURE_PROBE) += libbb/probe.o
#include "mount.h"

enum {
	SQUASHFS_MAGIC = 0x73717368,
	EROFS_MAGIC = 0xe0f5e1e2,
	EXT_MAGIC = 0xef53,
	HAS_JOURNAL = 0x4, /* s_feature_compat */
	/* s_feature_incompat: extents, 64bit, mmp, flex_bg, ea_inode, csum_seed, ... */
	EXT4_INCOMPAT = 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x1000 | 0x2000 | 0x4000 | 0x8000 | 0x10000,
	/* s_feature_ro_compat: huge_file, gdt_csum, dir_nlink, extra_isize, ... */
	EXT4_RO_COMPAT = 0x8 | 0x10 | 0x20 | 0x40 | 0x100 | 0x200 | 0x400,
};

static uint32_t little_endian(const unsigned char *p, unsigned bytes)
{
	uint32_t n = 0;

	while (bytes--)
		n = n << 8 | p[bytes];
	return n;
}

/* The first 2 KiB, where these superblocks lie; zeros where there is less. */
static void read_start(const char *path, unsigned char start[2048])
{
	int fd = is_image(path) < 0 ? -1 : sys_open(path, O_RDONLY);

	for (unsigned i = 0; i < 2048; i++)
		start[i] = 0;
	if (fd >= 0) {
		if (sys_read(fd, start, 2048) < 0)
			*start = 0;
		sys_close(fd);
	}
}

static const char *type_of(const unsigned char start[2048])
{
	const unsigned char *super = start + 1024;

	if (little_endian(start, 4) == SQUASHFS_MAGIC)
		return "squashfs";
	if (little_endian(super, 4) == EROFS_MAGIC)
		return "erofs";
	if (little_endian(super + 56, 2) != EXT_MAGIC)
		return NULL;
	if (little_endian(super + 96, 4) & EXT4_INCOMPAT || little_endian(super + 100, 4) & EXT4_RO_COMPAT)
		return "ext4";
	return little_endian(super + 92, 4) & HAS_JOURNAL ? "ext3" : "ext2";
}

const char *probe_type(const char *path)
{
	unsigned char start[2048];

	read_start(path, start);
	return type_of(start);
}

/* Does the text start with the bytes as UUIDs are written? In either case. */
static bool is_uuid(const char *text, const unsigned char uuid[16])
{
	static const char hex[] = "0123456789abcdef";

	for (unsigned i = 0; i < 32; i++) {
		unsigned half = i % 2 ? uuid[i / 2] & 15 : uuid[i / 2] >> 4;
		if ((*text++ | 0x20) != hex[half])
			return false;
		if ((i == 7 || i == 11 || i == 15 || i == 19) && *text++ != '-')
			return false;
	}
	return !*text;
}

/* Does the text equal a field of 16 bytes that ends with them or a NUL? */
static bool is_label(const char *text, const unsigned char label[16])
{
	for (unsigned i = 0; i < 16; i++) {
		if (label[i] != (unsigned char)text[i])
			return false;
		if (!text[i])
			return i > 0;
	}
	return !text[16];
}

const char *probe_find(char kind, const char *value)
{
	static char path[64];
	unsigned char start[2048];
	char *text = read_whole("/proc/partitions"), *line;

	while (text && (line = next_line(&text))) {
		/* major minor blocks name, below two lines of heading */
		char *name = NULL;
		for (unsigned i = 0; i < 4; i++)
			name = next_word(&line);
		if (!name || length(name) > sizeof path - sizeof "/dev/")
			continue;
		append(append(path, "/dev/"), name);
		read_start(path, start);
		const char *type = type_of(start);
		if (!type || equal(type, "squashfs"))
			continue; /* which has neither */
		const unsigned char *super = start + 1024;
		bool is_erofs = equal(type, "erofs");
		if (kind == 'U' ? is_uuid(value, super + (is_erofs ? 48 : 104))
				: is_label(value, super + (is_erofs ? 64 : 120)))
			return path;
	}
	return NULL;
}
