/* SPDX-License-Identifier: MIT */
/*
 * rd.overlay=behind: the writable layer is behind the image, on the same partition, as OpenWrt has its
 * rootfs_data: from the next 64 KiB on, through a loop device. Of flash, from the next erase block on: to change
 * any byte of a block, mtdblock erases all of it, and the end of the image would be lost with the power.
 */
//config:config FEATURE_INIT_BEHIND
//config:	bool "A writable layer behind the image on its partition"
//config:	default y
//config:	depends on FEATURE_INIT_OVERLAY && FEATURE_PROBE && FEATURE_MOUNT_LOOP
//config:	help
//config:	  rd.overlay=behind, where the root partition is a squashfs or EROFS.
//kbuild:obj-$(CONFIG_FEATURE_INIT_BEHIND) += init/behind.o
#include "store.h"

enum { ALIGNMENT = 64 << 10 };

/* persistence-label=behind is a label. */
bool is_behind(const char *spec)
{
	return equal(spec, "behind") && !plan_is_memory(plan[OVERLAY]);
}

static uint64_t alignment_of(const char *device)
{
	const char *number = after_prefix(device, "/dev/mtdblock");
	const char *size = number ? read_whole(joined("/sys/class/mtd/mtd", number, "/erasesize")) : NULL;
	uint64_t erase_block = size ? parse_digits(&size) : 0;

	return erase_block > ALIGNMENT ? erase_block : ALIGNMENT;
}

/* Where the rest of the partition begins: in *offset. 0, or -errno with a `why`. */
static int find_end(const struct attempt *a, uint64_t *offset)
{
	static struct volume volume;

	if (a->medium)
		return found(-EINVAL, "behind", "only behind an image that is the root partition itself");
	/* What is behind the image may be its hash tree. */
	if (verity_demanded())
		return found(-EINVAL, "behind", "not while a root hash is demanded");
	int r = probe(a->device, &volume);
	if (r == 0 && !volume.needs)
		r = found(-EINVAL, a->device, "not a squashfs or EROFS: nobody knows where it ends");
	uint64_t alignment = alignment_of(a->device);
	*offset = (volume.needs + alignment - 1) & -alignment;
	return r;
}

static int attach(const struct loop_request *request, struct loop_device *loop)
{
	int r = loop_attach(request, loop);

	if (r < 0 && !loop->file_failed && driver_load_loop())
		r = loop_attach(request, loop);
	if (r < 0 || !(loop->flags & ~request->flags & LO_FLAGS_READ_ONLY))
		return r;
	loop_close(loop);
	return found(-EROFS, request->file, "not writable behind the image");
}

enum outcome behind_attach(struct attempt *a, const char **device)
{
	struct loop_request request = { .file = a->device, .flags = LO_FLAGS_AUTOCLEAR, .needs_data = true };

	if (is_on(OVERLAY_READ_ONLY))
		request.flags |= LO_FLAGS_READ_ONLY;
	int r = find_end(a, &request.offset);
	if (r == 0)
		r = attach(&request, &a->behind);
	if (r < 0)
		return FAILED;
	*device = copy_of(a->behind.path);
	step("attached %s from byte %s on to %s", a->device, decimal(request.offset), *device);
	return READY;
}

void behind_let_go(struct attempt *a)
{
	loop_close(&a->behind);
}
