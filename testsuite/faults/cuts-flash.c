/*
 * SPDX-License-Identifier: MIT
 * NOR flash that a disk plays, for testsuite/faults/cuts: an MTD device "flash" whose every write and erasure is
 * on the disk when it returns. (block2mtd leaves them to the page cache, which writes them some time later, in
 * any order: after a power cut, UBI finds what no flash could hold.)
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mtd/mtd.h>
#include <linux/slab.h>

enum { ERASE_BLOCK = 64 << 10 };

static struct file *disk;

static int read_disk(struct mtd_info *mtd, loff_t at, size_t size, size_t *done, u_char *to)
{
	ssize_t r = kernel_read(disk, to, size, &at);

	*done = r < 0 ? 0 : r;
	return r == size ? 0 : -EIO;
}

static int write_disk(struct mtd_info *mtd, loff_t at, size_t size, size_t *done, const u_char *from)
{
	ssize_t r = kernel_write(disk, from, size, &at);

	*done = r < 0 ? 0 : r;
	return r == size ? 0 : -EIO;
}

static int erase_disk(struct mtd_info *mtd, struct erase_info *erasure)
{
	u_char *erased = kmalloc(ERASE_BLOCK, GFP_KERNEL);
	size_t done;
	int r = erased ? 0 : -ENOMEM;

	if (erased)
		memset(erased, 0xff, ERASE_BLOCK);
	for (uint64_t at = 0; r == 0 && at < erasure->len; at += ERASE_BLOCK)
		r = write_disk(mtd, erasure->addr + at, ERASE_BLOCK, &done, erased);
	kfree(erased);
	return r;
}

static struct mtd_info flash = {
	.name = "flash",
	.owner = THIS_MODULE,
	.type = MTD_NORFLASH,
	.flags = MTD_CAP_NORFLASH,
	.erasesize = ERASE_BLOCK,
	.writesize = 1,
	.writebufsize = 1024,
	._read = read_disk,
	._write = write_disk,
	._erase = erase_disk,
};

static int __init begin(void)
{
	disk = filp_open("/dev/vda", O_RDWR | O_DSYNC | O_LARGEFILE, 0);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	flash.size = i_size_read(disk->f_mapping->host);
	return mtd_device_register(&flash, NULL, 0);
}

module_init(begin);
MODULE_LICENSE("Dual MIT/GPL");
