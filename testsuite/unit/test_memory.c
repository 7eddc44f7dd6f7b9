/* SPDX-License-Identifier: MIT */
/* Memory that grows, and what is done where there is no more. */
#include <stdlib.h>
#include <string.h>

#include "dm.h"
#include "fake_kernel.h"
#include "libbb.h"
#include "module.h"
#include "mount.h"
#include "test.h"

TEST(whole_files_are_read_one_behind_the_other)
{
	fake_text("/one", "first");
	fake_text("/two", "second");
	fake_text("/empty", "");
	const char *one = read_whole("/one"), *empty = read_whole("/empty"), *two = read_whole("/two");
	SAME(one, "first");
	SAME(empty, "");
	SAME(two, "second");
	CHECK(!read_whole("/missing"));
	EQUAL(why.error, -ENOENT);
	SAME(why.path, "/missing");
	EQUAL(fake_open_count(), 0);
}

TEST(a_file_that_can_not_be_read_leaves_nothing_open)
{
	fake_fail(1, EIO, "read");
	CHECK(!read_whole("/image"));
	EQUAL(why.error, -EIO);
	SAME(why.step, "read");
	EQUAL(fake_open_count(), 0);
}

TEST(text_is_copied_and_put_together)
{
	char *mark = joined("", "", "");
	SAME(mark, "");
	char *one = copied("onetwo", 3), *two = joined("a", "", "bc"), *three = joined("", "d", "");
	SAME(one, "one");
	SAME(two, "abc");
	SAME(three, "d");
	SAME(copied("x", 0), "");
	/* Parts may be texts from there, and the same one twice. */
	SAME(joined(two, three, two), "abcdabc");
	SAME(one, "one");
	SAME(two, "abc");
	read_forget(mark);
	CHECK(joined("x", "y", "z") == mark);
	SAME(mark, "xyz");
}


TEST(what_is_there_stays_where_it_is_while_the_memory_grows)
{
	static char large[1000000];
	char *texts[20];

	memset(large, 'x', sizeof large - 1);
	for (unsigned i = 0; i < LENGTH(texts); i++) {
		large[0] = 'a' + i;
		texts[i] = copy_of(large);
	}
	for (unsigned i = 0; i < LENGTH(texts); i++) {
		EQUAL(texts[i][0], 'a' + i);
		EQUAL(length(texts[i]), sizeof large - 1);
	}
	EQUAL(memory_check(), 0);
}

TEST(a_file_of_any_size_around_a_step_is_read_whole)
{
	static const unsigned sizes[] = { 1, 4095, 131070, 131071, 131072, 131073, 262143, 5000000 };
	struct fake_file *file = fake_text("/file", "");

	for (unsigned i = 0; i < LENGTH(sizes); i++) {
		char *data = memset(calloc(1, sizes[i] + 1), 'x', sizes[i]);
		file->data = data;
		file->size = sizes[i];
		char *text = read_whole("/file");
		CHECK(text);
		EQUAL(length(text), sizes[i]);
		read_forget(text);
		free(data);
	}
}

TEST(a_file_too_large_is_told_and_leaves_the_memory_usable)
{
	fake_add("/large", S_IFREG | 0644)->size = 70 << 20;
	fake_text("/small", "small");
	CHECK(!read_whole("/large"));
	EQUAL(why.error, -EFBIG);
	EQUAL(fake_open_count(), 0);
	SAME(read_whole("/small"), "small");
	SAME(joined("a", "", ""), "a");
	EQUAL(memory_check(), 0);
}

TEST(a_file_that_finds_no_memory_is_told)
{
	fake_add("/large", S_IFREG | 0644)->size = 1 << 20;
	fake_text("/small", "small");
	fake.heap_left = 512 * 1024;
	CHECK(!read_whole("/large"));
	EQUAL(why.error, -ENOMEM);
	SAME(why.path, "/large");
	EQUAL(fake_open_count(), 0);
	SAME(read_whole("/small"), "small");
	EQUAL(memory_check(), 0);
}

TEST(a_file_that_finds_no_memory_at_all_is_told)
{
	fake.heap_left = 0;
	CHECK(!read_whole("/image"));
	EQUAL(why.error, -ENOMEM);
	EQUAL(fake_open_count(), 0);
}

TEST(text_that_finds_no_memory_is_empty_and_that_is_remembered)
{
	static char large[300000];

	memset(large, 'x', sizeof large - 1);
	fake.heap_left = 512 * 1024;
	char *mark = read_mark();
	char *one = copy_of(large);
	EQUAL(memory_check(), 0);
	SAME(copy_of(large), "");
	SAME(joined(large, "", large), "");
	CHECK(!memory_take(sizeof large));
	SAME(copied("small", 5), "small");
	EQUAL(length(one), sizeof large - 1);
	EQUAL(memory_check(), -ENOMEM);
	message_prefix = "applet";
	complain_why();
	SAME(fake.output[1], "applet: memory: exhausted\n");
	/* Even if there is room again: what was lost is lost. */
	read_forget(mark);
	SAME(joined("a", "b", "c"), "abc");
	EQUAL(memory_check(), -ENOMEM);
}

TEST(lost_text_given_back_does_no_harm)
{
	fake.heap_left = 192 * 1024;
	static char large[200000];

	memset(large, 'x', sizeof large - 1);
	char *kept = copy_of("kept");
	read_forget(copy_of(large));
	SAME(kept, "kept");
	SAME(joined("a", "b", "c"), "abc");
	SAME(kept, "kept");
}

/* An option that is lost must not mean a mount without it. */
TEST(nothing_is_done_once_text_was_lost)
{
	struct mount_request mount = { .source = "/dev/sda", .target = "/mnt", .type = "ext4" };

	fake_add("/dev/sda", S_IFBLK | 0600);
	fake_add("/mnt", S_IFDIR | 0755);
	fake.heap_left = 0;
	SAME(joined("noexec,", "nosuid", ""), "");
	EQUAL(mount_do(&mount), -ENOMEM);
	SAME(why.path, "memory");
	EQUAL(dm_start("root"), 0);
	EQUAL(dm_call(DM_DEV_CREATE, "create"), -ENOMEM);
	EQUAL(module_insert("/m.ko", ""), -ENOMEM);
	EQUAL(fake.calls, 0);
}
