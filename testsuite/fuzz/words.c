/* SPDX-License-Identifier: MIT */
/* Words behind -o, numbers, lists, and what kernels and administrators write into tables. */
#include <stdio.h>

#include "fuzz.h"
#include "mount.h"

static void mount_options(char *text)
{
	struct mount_request request = { .source = "/image", .target = "/mnt" };

	if (mount_words(&request, text) == 0 && length(request.data) >= sizeof request.data)
		abort();
}

static void tables(const unsigned char *bytes, size_t size)
{
	struct mount_entry entry;
	struct mount_info info;

	char *text = text_of_input(bytes, size), *rest = text;
	while (mount_entry_next(&rest, &entry)) {
		unescape(entry.source);
		unescape(entry.target);
		mount_has_options(entry.options, "ro,nodev,+noauto,uid=1");
		mount_options(entry.options);
	}
	free(text);
	struct fstab fstab = { .rest = text = text_of_input(bytes, size) };
	int r;
	while ((r = fstab_next(&fstab, &entry)))
		if (r > 0)
			mount_options(entry.options);
	free(text);
	text = text_of_input(bytes, size);
	char *end = text + length(text), *line;
	while (mount_entry_last(text, &end, &entry))
		unescape(entry.target);
	free(text);
	text = text_of_input(bytes, size);
	end = text + length(text);
	while ((line = mount_last_line(text, &end)))
		if (mount_info_split(line, &info))
			unescape(info.target);
	free(text);
}

static void numbers(const unsigned char *bytes, size_t size)
{
	char *text = text_of_input(bytes, size), word[LIST_WORD_SIZE], utf[3 * 64 + 1];
	const char *rest = text;
	uint64_t number;

	int r = parse_size(text, &number);
	if (r != 0 && r != -EINVAL && r != -EOVERFLOW)
		abort();
	parse_digits(&rest);
	rest = text;
	parse_device(&rest);
	rest = text;
	while (next_listed(&rest, word))
		if (strlen(word) >= sizeof word)
			abort();
	in_list("ext4", text);
	has_word(text, "word");
	append_utf16(utf, bytes, size / 2 < 64 ? size / 2 : 64);
	equal_letters(text, "nosuid");
	ends_with(text, ".ko");
	base_name(text);
	char *words = text;
	while (next_parameter(&words))
		;
	free(text);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
	char *mark = read_mark();

	fake_boot();
	numbers(bytes, size);
	tables(bytes, size);
	char *text = text_of_input(bytes, size);
	mount_options(text);
	free(text);
	read_forget(mark);
	return 0;
}
