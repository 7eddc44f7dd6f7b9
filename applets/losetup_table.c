/* SPDX-License-Identifier: MIT */
/* The tables of losetup: aligned columns, --raw and --json, as losetup(8). */
//config:config FEATURE_LOSETUP_TABLE
//config:	bool "Tables: -l -n -O --raw --output-all --json --list-columns"
//config:	default y
//config:	depends on LOSETUP
//config:	help
//config:	  Without it, losetup lists in the one-line form of -a alone.
//kbuild:obj-$(CONFIG_FEATURE_LOSETUP_TABLE) += applets/losetup_table.o
#include <linux/fs.h>

#include "losetup.h"
#include "table.h"

/* In the order of --output-all. */
/* clang-format off */
#define COLUMNS(X) \
	X(NAME, "NAME", 's') \
	X(AUTOCLEAR, "AUTOCLEAR", 'b') \
	X(BACK_FILE, "BACK-FILE", 's') \
	X(BACK_INO, "BACK-INO", 'n') \
	X(BACK_MAJ_MIN, "BACK-MAJ:MIN", 'd') \
	X(BACK_MAJ, "BACK-MAJ", 'n') \
	X(BACK_MIN, "BACK-MIN", 'n') \
	X(MAJ_MIN, "MAJ:MIN", 'd') \
	X(MAJ, "MAJ", 'n') \
	X(MIN, "MIN", 'n') \
	X(OFFSET, "OFFSET", 'n') \
	X(PARTSCAN, "PARTSCAN", 'b') \
	X(REF, "REF", 's') \
	X(RO, "RO", 'b') \
	X(SIZELIMIT, "SIZELIMIT", 'n') \
	X(DIO, "DIO", 'b') \
	X(LOG_SEC, "LOG-SEC", 'n')
/* clang-format on */
enum column { COLUMNS(TABLE_SYMBOL) };
static const struct table_column columns[] = { COLUMNS(TABLE_COLUMN) };

static const unsigned char usual[] = { NAME, SIZELIMIT, OFFSET, AUTOCLEAR, RO, BACK_FILE, DIO, LOG_SEC };

/* Its device is the one that is shown. */
static struct loop_list *list;

static const char *value_of(unsigned column, char text[TABLE_VALUE_SIZE]);
static struct table table = {
	.columns = columns,
	.count = LENGTH(columns),
	.usual = usual,
	.usual_count = LENGTH(usual),
	.value_of = value_of,
	.name = "loopdevices",
};

static const char *flag(unsigned flag)
{
	return list->info.lo_flags & flag ? "1" : "0";
}

/* The block size, by the device or by sysfs. Without an answer: empty. */
static const char *block_size(char text[TABLE_VALUE_SIZE])
{
	int bytes;

	if (list->fd >= 0 && sys_ioctl(list->fd, BLKSSZGET, &bytes) == 0)
		return decimal(bytes);
	int size = loop_read_sysfs(list->number, "/queue/logical_block_size", text, TABLE_VALUE_SIZE);
	text[size > 0 ? size - 1 : 0] = 0; /* the newline */
	return text;
}

/* The device's own number. */
static unsigned own_number(void)
{
	char text[32];
	const char *p = text;
	struct stat node;

	if (list->fd >= 0 && sys_stat(list->fd, "", &node) == 0)
		return node.st_rdev;
	return loop_read_sysfs(list->number, "/dev", text, sizeof text) > 0 ? parse_device(&p) : 0;
}

static const char *value_of(unsigned column, char text[TABLE_VALUE_SIZE])
{
	const struct loop_info64 *info = &list->info;
	unsigned device = info->lo_device;

	if (column == MAJ_MIN || column == MAJ || column == MIN)
		device = own_number();
	else if (!info->lo_inode && column >= BACK_INO && column <= BACK_MIN)
		return ""; /* nobody can be asked for these */
	switch ((enum column)column) {
	case NAME:
		return list->path;
	case BACK_FILE:
		return list->name;
	case REF:
		return (const char *)info->lo_file_name;
	case MAJ_MIN:
		return table_device(text, device, table.format == 'l' ? 3 : 0);
	case BACK_MAJ_MIN:
		/* util-linux takes that width before the colon */
		return table_device(text, device, table.format == 'l' ? 8 : 0);
	case MAJ:
	case BACK_MAJ:
		return decimal(device_major(device));
	case MIN:
	case BACK_MIN:
		return decimal(device_minor(device));
	case LOG_SEC:
		return block_size(text);
	case AUTOCLEAR:
		return flag(LO_FLAGS_AUTOCLEAR);
	case PARTSCAN:
		return flag(LO_FLAGS_PARTSCAN);
	case RO:
		return flag(LO_FLAGS_READ_ONLY);
	case DIO:
		return flag(LO_FLAGS_DIRECT_IO);
	case OFFSET:
		return decimal(info->lo_offset);
	case SIZELIMIT:
		return decimal(info->lo_sizelimit);
	case BACK_INO:
		return decimal(info->lo_inode);
	}
	return "";
}

/* Returns an exit code. */
static int rows(void)
{
	static int before; /* the code of the first time */
	int code = 0;

	/* Twice, each time from the start; what fails is told once. */
	*list = (struct loop_list){ .device = list->device, .file = list->file, .offset = list->offset };
	while (loop_each(list))
		if (!list->error)
			table_row();
		else
			code = before ? 1 : complain_why();
	before = code;
	return code;
}

int losetup_table(struct loop_list *devices, char format, bool headings, const char *names)
{
	int r = table_choose(&table, names);

	if (r)
		return r;
	table.format = format ? format : 'l';
	table.no_headings = !headings;
	list = devices;
	return table_print(&table, rows);
}

int losetup_list_columns(void)
{
	return table_list_columns(&table);
}
