/* SPDX-License-Identifier: MIT */
/*
 * rd.overlay=behind: the writable layer is behind the image, on the same partition, as OpenWrt has its
 * rootfs_data: from the next 64 KiB on, through a loop device.
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
	*offset = (volume.needs + ALIGNMENT - 1) & -(uint64_t)ALIGNMENT;
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
