/* SPDX-License-Identifier: MIT */
/*
 * What a device keeps for init: counts of attempts (what is neither blank nor counts stays as it is; what was
 * written is read again), the count beside an image, and live-boot's persistence.conf.
 */
#include <stdio.h>

#include "../../init/tries.c"
#include "../../init/layers.c"
#include "counts.h"
#include "fuzz.h"

enum { NUMBER = 7 };

/* The fake kernel's file is another one after a write. */
static int write_counts(unsigned number, enum counts_how how)
{
	const void *before = fake_find("/counts")->data;
	int r = counts_write("/counts", 0, "image", number, how);

	if (fake_find("/counts")->data != before)
		free((void *)before);
	return r;
}

static void counts(const unsigned char *bytes, size_t size)
{
	static unsigned char disk[8192];

	memset(disk, 0, sizeof disk);
	memcpy(disk, bytes, size < sizeof disk ? size : sizeof disk);
	struct fake_file *file = fake_put("/counts", S_IFREG | 0644);
	file->data = memcpy(malloc(sizeof disk), disk, sizeof disk);
	file->size = sizeof disk;
	int before = counts_read("/counts", 0, "image");
	int r = write_counts(NUMBER, COUNTS_ADD);
	if ((before < 0) != (r < 0) || before > (int)(COUNT_MOST | COUNT_CONFIRMED))
		abort();
	file = fake_find("/counts");
	if (r < 0 && memcmp(file->data, disk, sizeof disk))
		abort();
	if (r == 0 && (counts_read("/counts", 0, "image") & ~COUNT_CONFIRMED) != NUMBER)
		abort();
	if (r == 0 &&
	    (write_counts(0, COUNTS_CONFIRM) < 0 || counts_read("/counts", 0, "image") != COUNT_CONFIRMED))
		abort();
	free((void *)fake_find("/counts")->data);
}

static void text_files(const unsigned char *bytes, size_t size)
{
	struct store store = { .directory = "/store" };
	/* Each line may be worth a message, and the fake console has room for those of so much text. */
	char *text = text_of_input(bytes, size < 1000 ? size : 1000);

	fake_text("/image.tries", text);
	if ((tries_of("/image") & ~COUNT_CONFIRMED) > COUNT_MOST)
		abort();
	fake_text("/persistence.conf", text);
	int r = read_configuration("/persistence.conf", &store);
	if (strncmp(store.directory, "/store", strlen("/store")) || (r < 0 && r != why.error))
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
	char *mark = read_mark();

	fake_boot();
	counts(bytes, size);
	text_files(bytes, size);
	fake_check_descriptors();
	/* Messages are not kept. */
	memset(fake.output_size, 0, sizeof fake.output_size);
	read_forget(mark);
	return 0;
}
