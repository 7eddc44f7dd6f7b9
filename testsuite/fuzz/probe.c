/* SPDX-License-Identifier: MIT */
/* Whatever stands on a disk: superblocks, a partition table, the tags of both. */
#include <stdio.h>

#include "fuzz.h"
#include "probe.h"

static void check_text(const char *text, size_t size)
{
	if (strnlen(text, size) == size)
		abort();
}

static bool is_no_array(const struct volume *volume)
{
	return strcmp(volume->type, "linux_raid_member");
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
	static struct volume volume;
	struct partition partition;
	char uuid[40];

	fake_boot();
	struct fake_file *disk = fake_add("/dev/sda", S_IFBLK | 0600);
	disk->data = bytes;
	disk->size = size;
	fake_add("/dev/sda1", S_IFBLK | 0600)->data = bytes;
	fake_find("/dev/sda1")->size = size;
	fake_text("/sys/class/block/sda1/partition", "1\n");
	fake_text("/sys/class/block/sda1/start", "2048\n");
	for (unsigned members = 0; members < 2; members++) {
		probe_wants = members ? is_no_array : NULL;
		if (probe("/dev/sda", &volume) == 0) {
			check_text(volume.uuid, sizeof volume.uuid);
			check_text(volume.label, sizeof volume.label);
		}
	}
	probe_table("/dev/sda", uuid);
	probe_partition("/dev/sda1", &partition);
	fake_check_descriptors();
	return 0;
}
