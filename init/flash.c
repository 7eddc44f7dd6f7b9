/* SPDX-License-Identifier: MIT */
/*
 * Flash memory, by each name that the kernel has for it. UBI is attached where nobody has done that.
 *
 *   mtd:NAME, mtdN    an MTD device: mtdN for the mount, if it holds JFFS2; else /dev/mtdblockN
 *   ubiN:NAME, ubiN_V a UBI volume: as it is, if it holds UBIFS or nothing; else /dev/ubiblockN_V
 *
 * Sources: include/uapi/mtd/, drivers/mtd/ubi/build.c, fs/ubifs/super.c and block/early-lookup.c of the
 * kernel.
 */
//config:config FEATURE_INIT_FLASH
//config:	bool "All names of flash, and UBI"
//config:	default y
//config:	depends on FEATURE_INIT_MTD && FEATURE_INIT_MODPROBE
//config:	help
//config:	  mtdN, ubiN:NAME and the like wherever a device may stand. UBI is
//config:	  attached (ubi.mtd=, or the MTD device "ubi"), a block device made
//config:	  for a squashfs on a volume, jffs2 told from others. Also
//config:	  root=fe00, a device's number in hexadecimal digits.
//kbuild:obj-$(CONFIG_FEATURE_INIT_FLASH) += init/flash.o
#include <mtd/mtd-user.h>
#include <mtd/ubi-user.h>

#include "attempt.h"
#include "module.h"

#define UBI_CLASS "/sys/class/ubi"


/* --- words ------------------------------------------------------------------------------- */

/* The kernel mounts ubi0_0 where udev has /dev/ubi0_0. */
static const char *without_folder(const char *spec)
{
	const char *name = after_prefix(spec, "/dev/");

	return name ? name : spec;
}

bool flash_is_named(const char *spec)
{
	const char *name = without_folder(spec), *rest = after_prefix(name, "mtd");

	if (!rest)
		rest = after_prefix(name, "ubi");
	if (rest && after_prefix(rest, "block"))
		rest = after_prefix(rest, "block");
	return rest && (*rest == ':' || *rest == '!' || hex_digit(*rest) < 10);
}

static enum outcome refuse_name(const char *spec)
{
	return outcome_of(found(-EINVAL, spec, "not mtd:NAME, mtdN, ubiN:NAME or ubiN_VOLUME"));
}

unsigned number_in_hex(const char *spec)
{
	const char *digits = after_prefix(spec, "0x");
	unsigned number = 0;

	for (spec = digits ? digits : spec; hex_digit(*spec) < 16; spec++)
		number = number << 4 | hex_digit(*spec);
	return *spec ? 0 : number;
}


/* --- what it holds ------------------------------------------------------------------------- */

enum content { NOTHING, OTHER, UBIFS, JFFS2, UBI };

static enum content content_of(const unsigned char *start)
{
	unsigned magic = little_endian(start, 4);
	/* The kind of a node: 0x2003, 0xe001, ..., in the order of bytes that the magic tells. */
	bool is_little = start[0] == 0x85 && start[1] == 0x19, is_big = start[0] == 0x19 && start[1] == 0x85;
	unsigned char kind = start[is_little ? 3 : 2];

	return magic == 0xffffffff				? NOTHING
	       : magic == 0x06101831				? UBIFS
	       : magic == 0x23494255 /* "UBI#" */		? UBI
	       : (is_little || is_big) && (kind & 0x3f) == 0x20 ? JFFS2
								: OTHER;
}

/* Where its first erase block is erased, the next one tells: JFFS2 begins anywhere. What can't be read is
 * left to the mount. Nothing is read behind the end: of a volume, the kernel (6.1) then writes more than was
 * asked for. */
static enum content look(const char *path)
{
	struct mtd_info_user info = { .erasesize = 64 << 10 };
	enum content content = NOTHING;
	unsigned char start[4];
	int fd = sys_open(path, O_RDONLY);

	if (fd < 0)
		return NOTHING;
	sys_ioctl(fd, MEMGETINFO, &info);
	if (!info.erasesize) /* of memory that needs no erasing */
		info.erasesize = 64 << 10;
	int64_t size = sys_seek_end(fd);
	for (int64_t at = 0; content == NOTHING && at < size; at += info.erasesize)
		if (sys_pread(fd, start, sizeof start, at) == sizeof start)
			content = content_of(start);
	sys_close(fd);
	return content;
}

const char *flash_type(const char *source, const char *type)
{
	const char *own = after_prefix(source, "ubi")	? "ubifs"
			  : after_prefix(source, "mtd") ? "jffs2"
							: NULL;

	return own && (!type || equal(type, "auto") || has_word(type, own)) ? own : type;
}

/* UBIFS asks the kernel's cryptography for them, and is not loaded where one is missing. */
void flash_load_for(const char *type)
{
	static const char compressors[] = "crypto-lzo\0crypto-deflate\0crypto-zstd\0";

	bool is_ubifs = type && equal(type, "ubifs");

	for (const char *name = compressors; is_ubifs && *name; name = nth_string(name, 1))
		driver_load(name);
}


/* --- MTD ------------------------------------------------------------------------------------- */

static int mtd_by_number(unsigned number)
{
	return mtd_find(joined("mtd", decimal(number), ":"));
}

static int mtd_by_name(const char *name)
{
	return mtd_find(joined("\"", name, "\""));
}

/* A device that is not there, with those that are. */
static enum outcome absent_mtd(const char *spec, const char *finding)
{
	char *text = read_whole("/proc/mtd"), *line;
	const char *names = "";

	while (text && (line = next_line(&text)))
		if (*(line = find_byte(line, '"')))
			names = joined(names, *names ? ", " : "; there are: ", line);
	found(-ENODEV, spec, joined(finding, *names ? names : "; there are none", ""));
	return NOT_YET;
}

static enum outcome find_mtd(const char *spec, const char *name, const char **device)
{
	const char *block = after_prefix(name, "block"), *rest = block ? block : name;
	int number = *name == ':' ? mtd_by_name(name + 1) : mtd_by_number(parse_digits(&rest));

	if (*name != ':' && *rest && !equal(rest, "ro"))
		return refuse_name(spec);
	if (number < 0)
		return absent_mtd(spec, *name == ':' ? "no MTD device has this name" : "no such MTD device");
	enum content content = block ? OTHER : look(joined("/dev/mtd", decimal(number), ""));
	if (content == UBI)
		return outcome_of(found(-EINVAL, spec,
					"holds UBI: use a volume (ubi0:NAME), and attach this by ubi.mtd="));
	*device = joined(content == JFFS2 ? "mtd" : "/dev/mtdblock", decimal(number), "");
	if (content == JFFS2 || sys_access(*device, F_OK) == 0 || driver_load("mtdblock_ro") == 0 ||
	    driver_load("mtdblock") == 0)
		return READY;
	/* Of flash that has just been found, it comes a moment later. */
	found(-ENOENT, spec,
	      joined("has no block device ", *device, " (CONFIG_MTD_BLOCK, or the module mtdblock)"));
	return NOT_YET;
}


/* --- UBI ------------------------------------------------------------------------------------- */

static bool is_attached(unsigned ubi)
{
	return sys_access(joined(UBI_CLASS "/ubi", decimal(ubi), ""), F_OK) == 0;
}

/* The next number of ubi.mtd=NAME,NUMBER,...; 0 where it is left out, and what the kernel refuses where it is none. */
static int next_number(const char **list)
{
	const char *from = *list + !!**list, *end = find_byte(from, ',');
	uint64_t number = 0;

	*list = end;
	return end > from && parse_size(copied(from, end - from), &number) < 0 ? -2 : (int)number;
}

/* An MTD device is attached once: that reads all of it, and would fail for the same reason. */
static uint64_t was_attached;

/* Attaches NAME|NUMBER|PATH[,VID_OFFSET[,BAD_BLOCKS[,UBI_NUMBER]]], as ubi.mtd= has it. */
static enum outcome attach(const char *entry, bool only_look)
{
	struct ubi_attach_req request = { .ubi_num = UBI_DEV_NUM_AUTO };
	const char *p = find_byte(entry, ','), *name = copied(entry, p - entry);
	const char *digits = after_prefix(name, "/dev/mtd"), *rest = digits ? digits : name;
	unsigned number = parse_digits(&rest);
	int mtd = *name && !*rest ? mtd_by_number(number) : mtd_by_name(name);
	uint64_t bit = (uint64_t)1 << (mtd & 63);

	if (mtd < 0)
		return absent_mtd(joined("ubi.mtd=", name, ""), "no such MTD device");
	if (only_look)
		return READY;
	if (was_attached & bit)
		return outcome_of(found(-EINVAL, joined("ubi.mtd=", name, ""), "could not be attached"));
	request.mtd_num = mtd;
	request.vid_hdr_offset = next_number(&p);
	request.max_beb_per1024 = next_number(&p);
	if (*p)
		request.ubi_num = next_number(&p);
	int fd = sys_open("/dev/ubi_ctrl", O_RDONLY);
	int r = fd;
	if (fd >= 0) {
		was_attached |= bit;
		r = sys_ioctl(fd, UBI_IOCATT, &request);
		sys_close(fd);
	}
	if (r == -EEXIST) /* by somebody else */
		return READY;
	if (r < 0)
		return outcome_of(failed(r, joined("ubi.mtd=", name, ""), "attach to UBI"));
	step("attached mtd%s to ubi%s", decimal(mtd), decimal(request.ubi_num));
	return READY;
}

/* Each ubi.mtd= of the module's parameters, until there is the UBI device. */
static enum outcome attach_each(unsigned ubi, const char *parameters, bool only_look)
{
	char *text = copy_of(parameters), *word;
	enum outcome outcome = READY;

	while (outcome == READY && !is_attached(ubi) && (word = next_word(&text))) {
		const char *entry = after_prefix(word, "mtd=");
		if (entry)
			outcome = attach(entry, only_look);
	}
	return outcome;
}

static bool names_mtd(const char *parameters)
{
	while (*parameters && !after_prefix(parameters, "mtd="))
		parameters++;
	return *parameters;
}

static enum outcome attach_ubi(const char *spec, unsigned ubi)
{
	const char *parameters = module_parameters("ubi");
	enum outcome outcome = READY;

	if (!parameters)
		return FAILED;
	bool is_said = names_mtd(parameters);
	/* The module attaches those that are said itself, and is not loaded where one is missing. */
	bool is_module = sys_access(UBI_CLASS, F_OK) < 0;
	if (is_module && is_said)
		outcome = attach_each(ubi, parameters, true);
	if (outcome == READY && is_module && driver_load("ubi") < 0)
		return FAILED;
	nodes_make();
	if (outcome == READY && is_said)
		outcome = attach_each(ubi, parameters, false);
	else if (outcome == READY && mtd_by_name("ubi") >= 0)
		outcome = attach(joined("ubi,,,", decimal(ubi), ""), false);
	else if (outcome == READY)
		outcome = absent_mtd(spec, "no ubi.mtd= is given, and no MTD device is named \"ubi\"");
	if (outcome == READY && !is_attached(ubi))
		outcome = outcome_of(found(-EINVAL, spec, "no UBI device has this number"));
	return outcome;
}

/* The number of the volume that is named or, behind '_', numbered; or -errno with a `why`. */
static int find_volume(const char *spec, unsigned ubi, const char *name)
{
	enum { VOLUMES = 128 };
	char text[UBI_MAX_VOLUME_NAME + 2];
	const char *names = "", *digits = name + 1;
	unsigned wanted = parse_digits(&digits);

	for (unsigned i = 0; i < VOLUMES; i++) {
		const char *folder = joined(UBI_CLASS "/ubi", decimal(ubi), joined("_", decimal(i), ""));
		int size = read_file(joined(folder, "/name", ""), text, sizeof text);
		if (size <= 0)
			continue;
		text[size - 1] = 0; /* the newline */
		if (*name == '_' ? i == wanted : equal(text, name + 1))
			return i;
		names = joined(names, *names ? ", " : "; there are: ", text);
	}
	return found(-EINVAL, spec, joined("no such UBI volume", *names ? names : "; there are none", ""));
}

/* Of a volume whose update was cut off, the kernel lets nothing be read. */
static bool is_half_written(const char *numbers)
{
	char mark[2];

	return read_file(joined(UBI_CLASS "/ubi", numbers, "/upd_marker"), mark, sizeof mark) > 0 &&
	       *mark == '1';
}

/* Makes the block device of a volume, which can only be read. */
static int make_block(const char *spec, const char *node)
{
	struct ubi_blkcreate_req request = { 0 };
	int fd = sys_open(node, O_RDONLY);
	int r = fd < 0 ? fd : sys_ioctl(fd, UBI_IOCVOLCRBLK, &request);

	if (fd >= 0)
		sys_close(fd);
	return r < 0 && r != -EEXIST ? failed(r, spec, "make its block device (CONFIG_MTD_UBI_BLOCK)") : 0;
}

static enum outcome find_ubi(const char *spec, const char *name, const char **device)
{
	const char *block = after_prefix(name, "block"), *rest = block ? block : name, *end;
	unsigned ubi = parse_digits(&rest);

	if (!*rest) { /* a volume of the first device, for the kernel */
		rest = joined("_", decimal(ubi), "");
		ubi = 0;
	}
	end = rest + 1;
	parse_digits(&end);
	if (!rest[1] || (*rest == '_' ? *end : block || !(*rest == ':' || *rest == '!')))
		return refuse_name(spec);
	*device = block ? joined("/dev/ubi", name, "") : without_folder(spec);
	/* Without sysfs, the mount will tell. */
	if (sys_access("/sys/class", F_OK) < 0 || (block && sys_access(*device, F_OK) == 0))
		return READY;
	enum outcome outcome = is_attached(ubi) ? READY : attach_ubi(spec, ubi);
	if (outcome != READY)
		return outcome;
	int volume = find_volume(spec, ubi, rest);
	if (volume < 0)
		return FAILED;
	const char *numbers = joined(decimal(ubi), "_", decimal(volume));
	if (is_half_written(numbers))
		return outcome_of(found(-EINVAL, spec,
					"an update of this UBI volume was not finished: write it again"));
	const char *node = joined("/dev/ubi", numbers, "");
	enum content content = block ? OTHER : look(node);
	if (content == NOTHING || content == UBIFS)
		return READY;
	*device = joined("/dev/ubiblock", numbers, "");
	return outcome_of(sys_access(*device, F_OK) < 0 ? make_block(spec, node) : 0);
}


enum outcome flash_find(const char *spec, const char **device)
{
	const char *name = without_folder(spec), *rest = name + sizeof "mtd" - 1;

	return *name == 'm' ? find_mtd(spec, rest, device) : find_ubi(spec, rest, device);
}
