/* SPDX-License-Identifier: MIT */
/*
 * The same bytes of a file on two loop devices have two page caches that know
 * nothing of each other; a writable file system there ends broken.
 */
//config:config FEATURE_LOOP_OVERLAP
//config:	bool "Reuse a device that carries the image, refuse overlaps"
//config:	default y
//config:	help
//config:	  losetup --nooverlap; and each mount of an image looks whether a
//config:	  device has it already, at the price of asking all devices.
//kbuild:obj-$(CONFIG_FEATURE_LOOP_OVERLAP) += libbb/loop_overlap.o
#include "loop.h"

int loop_find_same(const struct loop_request *request, struct loop_device *device)
{
	struct loop_list list = { .file = request->file };
	uint64_t end = request->size_limit ? request->offset + request->size_limit : UINT64_MAX;

	while (loop_each(&list)) {
		if (list.error)
			return list.error;
		const struct loop_info64 *info = &list.info;
		if (info->lo_offset == request->offset && info->lo_sizelimit == request->size_limit) {
			if (list.fd < 0)
				return failed(list.fd, list.path, "open");
			device->path = loop_path(device->path_of_ours, list.number);
			device->fd = list.fd;
			device->file_fd = device->control_fd = -1;
			device->flags = info->lo_flags;
			return 0;
		}
		uint64_t its_end = info->lo_sizelimit ? info->lo_offset + info->lo_sizelimit : UINT64_MAX;
		if (info->lo_offset < end && request->offset < its_end) {
			if (list.fd >= 0)
				sys_close(list.fd);
			return failed(-EBUSY, request->file, "another loop device has a part of it");
		}
	}
	return -ENXIO;
}
