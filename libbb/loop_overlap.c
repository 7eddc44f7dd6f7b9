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
	struct loop_info64 info;
	struct loop_file wanted = { 0 };
	uint64_t end = request->size_limit ? request->offset + request->size_limit : UINT64_MAX;

	if (loop_identify(request->file, &wanted) < 0)
		return -ENXIO; /* attaching says why */
	for (int number = -1; (number = loop_next(number)) >= 0;) {
		device->path = loop_path(device->path_of_ours, number);
		int fd = loop_open_bound(device->path, &info);
		if (fd < 0)
			continue;
		if (loop_is_of(&info, &wanted)) {
			if (info.lo_offset == request->offset && info.lo_sizelimit == request->size_limit) {
				device->fd = fd;
				device->file_fd = device->control_fd = -1;
				device->flags = info.lo_flags;
				return 0;
			}
			uint64_t its_end =
				info.lo_sizelimit ? info.lo_offset + info.lo_sizelimit : UINT64_MAX;
			if (info.lo_offset < end && request->offset < its_end) {
				sys_close(fd);
				return failed(-EBUSY, request->file, "another loop device has a part of it");
			}
		}
		sys_close(fd);
	}
	return -ENXIO;
}
