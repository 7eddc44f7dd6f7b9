/* SPDX-License-Identifier: MIT */
/*
 * The same bytes of a file on two loop devices have two page caches that know
 * nothing of each other; a writable file system there ends broken.
 */
//config:config FEATURE_LOOP_OVERLAP
//config:	bool "Reuse a device that carries the image, refuse overlaps"
//config:	default y
//config:	help
//config:	  losetup --nooverlap. Each mount of an image looks whether a device has
//config:	  it already, at the price of asking all devices, and is refused where
//config:	  another one has a part of it. Without this, an image that is mounted
//config:	  for writing can't be mounted for writing a second time.
//kbuild:obj-$(CONFIG_FEATURE_LOOP_OVERLAP) += libbb/loop_overlap.o
#include "loop.h"

/* Where the request ends in its file, or a device. */
static uint64_t end_of(uint64_t offset, uint64_t limit)
{
	return limit ? offset + limit : UINT64_MAX;
}

static int refuse(const struct loop_request *request, const char *device)
{
	static char what[LOOP_PATH_SIZE + 48];

	append(append(what, device), " already uses an overlapping part of this file");
	return found(-EBUSY, request->file, what);
}

int loop_find_same(const struct loop_request *request, struct loop_device *device)
{
	struct loop_list list = { .file = request->file };
	uint64_t end = end_of(request->offset, request->size_limit);

	while (loop_each(&list)) {
		const struct loop_info64 *info = &list.info;
		if (list.error) {
			if (list.fd >= 0)
				sys_close(list.fd);
			return list.error;
		}
		if (!request->device && info->lo_offset == request->offset &&
		    info->lo_sizelimit == request->size_limit) {
			device->path = loop_path(device->path_of_ours, list.number);
			device->fd = list.fd;
			device->flags = info->lo_flags;
			return 0;
		}
		if (info->lo_offset < end && request->offset < end_of(info->lo_offset, info->lo_sizelimit)) {
			if (list.fd >= 0)
				sys_close(list.fd);
			return refuse(request, list.path);
		}
	}
	return -ENXIO;
}
