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

/* The device that is shown. */
static struct {
	int fd;
	const char *path;
	const struct loop_info64 *info;
} row;

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
	return row.info->lo_flags & flag ? "1" : "0";
}

static const char *value_of(unsigned column, char text[TABLE_VALUE_SIZE])
{
	const struct loop_info64 *info = row.info;
	unsigned device = info->lo_device;
	int block_size = 0;
	struct stat node;

	if (column == MAJ_MIN || column == MAJ || column == MIN) {
		sys_stat(row.fd, "", &node);
		device = node.st_rdev;
	}
	switch ((enum column)column) {
	case NAME:
		return row.path;
	case BACK_FILE:
		loop_file_name(text, info);
		return text;
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
		sys_ioctl(row.fd, BLKSSZGET, &block_size);
		return decimal(block_size);
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

static void show_row(int fd, const char *path, const struct loop_info64 *info)
{
	row.fd = fd;
	row.path = path;
	row.info = info;
	table_row();
}

static const struct losetup_filter *wanted;

static int rows(void)
{
	return losetup_each(wanted, show_row);
}

int losetup_table(const struct losetup_filter *filter, char format, bool headings, const char *list)
{
	int r = table_choose(&table, list);

	if (r)
		return r;
	table.format = format ? format : 'l';
	table.no_headings = !headings;
	wanted = filter;
	r = table_print(&table, rows);
	return r < 0 ? complain_errno(filter->path, r) : 0;
}

int losetup_list_columns(void)
{
	return table_list_columns(&table);
}
