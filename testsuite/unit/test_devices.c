/* SPDX-License-Identifier: MIT */
/* What devices there are, their status, their end; and overlaps of their files. */
#include <stdio.h>
#include <string.h>

#include "fake_kernel.h"
#include "test.h"

static const char *listed(void)
{
	static char text[9000];
	char *to = text;

	for (int number = -1; (number = loop_next(number)) >= 0;)
		to = append(append_number(to, number), " ");
	*to = 0;
	return text;
}

TEST(devices_are_listed_by_their_numbers)
{
	fake.loops[11].is_there = fake.loops[100].is_there = true;
	SAME(listed(), "0 1 2 3 11 100 ");
}

TEST(more_than_a_thousand_devices_are_listed)
{
	unsigned count = 0;

	for (unsigned i = 0; i < LENGTH(fake.loops); i++)
		fake.loops[i].is_there = i != 7;
	for (int number = -1, before = -1; (number = loop_next(number)) >= 0; before = number, count++) {
		CHECK(number > before);
		CHECK(number != 7);
	}
	EQUAL(count, LENGTH(fake.loops) - 1);
}

TEST(without_sysfs_the_numbers_that_dev_may_have_are_listed)
{
	unsigned count = 0;

	fake.has_no_sysfs = true;
	for (int number = -1; (number = loop_next(number)) >= 0; count++)
		EQUAL(number, count);
	EQUAL(count, LOOP_SCANNED);
}

TEST(no_device_is_no_device)
{
	for (unsigned i = 0; i < LENGTH(fake.loops); i++)
		fake.loops[i].is_there = false;
	EQUAL(loop_next(-1), -ENODEV);
}

TEST(a_path_has_room_for_every_number)
{
	char path[LOOP_PATH_SIZE];

	SAME(loop_path(path, 0), "/dev/loop0");
	SAME(loop_path(path, 1048575), "/dev/loop1048575");
	SAME(loop_path(path, 4294967295), "/dev/loop4294967295");
}

static const char *name_of(const char *backing)
{
	static char name[LOOP_FILE_SIZE];

	fake_bind(1, ADMIN, backing, 0, 0);
	loop_file_name(name, &fake.loops[1].info);
	return name;
}

TEST(the_name_of_a_file_comes_whole_from_sysfs)
{
	char path[201] = "/";

	memset(path + 1, 'b', 199);
	SAME(name_of("/image"), "/image");
	SAME(name_of(path), path);
	SAME(name_of("/with a blank"), "/with a blank");
	SAME(name_of("/with a\nnewline"), "/with a\nnewline");
	SAME(name_of("/image (deleted)"), "/image (deleted)");
}

TEST(a_name_too_long_for_sysfs_is_cut_off)
{
	static char path[LOOP_FILE_SIZE + 100];
	char name[LOOP_FILE_SIZE];

	memset(path, 'c', sizeof path - 1);
	fake_bind(1, ADMIN, "/image", 0, 0)->name = path;
	loop_file_name(name, &fake.loops[1].info);
	CHECK(strlen(name) >= LOOP_FILE_SIZE - 2);
	CHECK(after_prefix(path, name));
}

TEST(without_sysfs_the_name_is_what_the_driver_keeps)
{
	char path[201] = "/";

	memset(path + 1, 'b', 199);
	fake.has_no_sysfs = true;
	SAME(name_of("/image"), "/image");
	EQUAL(strlen(name_of(path)), LO_NAME_SIZE - 1);
	SAME(name_of(""), "");
}

TEST(the_status_of_a_bound_device_can_be_had)
{
	struct loop_info64 info;

	fake_bind(2, ADMIN, "/image", 4096, 8192);
	int fd = loop_open_bound("/dev/loop2", &info);
	EQUAL(fake_flags_of(fd) & O_ACCMODE, O_RDONLY);
	EQUAL(info.lo_offset, 4096);
	EQUAL(info.lo_sizelimit, 8192);
	EQUAL(info.lo_number, 2);
	sys_close(fd);
}

TEST(what_has_no_status_is_closed_again)
{
	struct loop_info64 info;

	EQUAL(loop_open_bound("/dev/loop1", &info), -ENXIO);
	EQUAL(loop_open_bound("/dev/loop9", &info), -ENOENT);
	fake_fail(1, EPERM, "ioctl LOOP_GET_STATUS64");
	EQUAL(loop_open_bound("/dev/loop1", &info), -EPERM);
	EQUAL(fake_open_count(), 0);
}

TEST(only_loop_devices_are_loop_devices)
{
	fake_add("/dev/sda", S_IFBLK | 0600);
	fake_add("/dev/null", S_IFCHR | 0600);
	EQUAL(loop_check("/dev/loop0"), 0);
	EQUAL(loop_check("/dev/sda"), -ENODEV);
	EQUAL(loop_check("/dev/null"), -ENODEV);
	EQUAL(loop_check("/image"), -ENODEV);
	EQUAL(loop_check("/dev/loop9"), -ENOENT);
	fake.part_shift = 8;
	fake.loops[300].is_there = fake.loops[300].has_node = true;
	EQUAL(loop_check("/dev/loop300"), 0);
	EQUAL(fake_count("open"), 0);
}

/* Row 31 */
TEST(partitions_of_a_loop_device_are_not_the_device)
{
	fake_add("/dev/loop2p1", S_IFBLK | 0600)->number = device_number(7, 2 << 4 | 1);
	fake_add("/dev/block/7:32", S_IFBLK | 0600)->number = device_number(7, 2 << 4);
	fake_text("/sys/dev/block/7:33/partition", "1\n");
	EQUAL(loop_check("/dev/loop2p1"), -ENODEV);
	SAME(why.step, "not a loop device");
	EQUAL(loop_detach("/dev/loop2p1"), -ENODEV);
	EQUAL(fake_count("open ro /dev/loop2p1"), 0);
	EQUAL(loop_check("/dev/block/7:32"), 0); /* another name of the whole */
}


/* --- what is attached ------------------------------------------------------ */

/* The devices that a list has, "N:BACKING FILE:OFFSET:LIMIT:FLAGS ", and N! for one that can't be
 * looked at. */
static const char *attached(const char *file)
{
	static char text[2000];
	char *to = text;
	struct loop_list list = { .file = file };

	while (loop_each(&list)) {
		if (list.error) {
			EQUAL(why.error, list.error);
			to += sprintf(to, "%d! ", list.number);
			continue;
		}
		to += sprintf(to, "%d:%s:%llu:%llu:%u ", list.number, list.name,
			      (long long)list.info.lo_offset, (long long)list.info.lo_sizelimit,
			      list.info.lo_flags);
	}
	EQUAL(fake_open_count(), 0);
	*to = 0;
	return text;
}

TEST(what_is_attached_is_listed_by_numbers)
{
	fake_bind(3, ADMIN, "/image", 512, 1024);
	fake_bind(11, ADMIN, "/image", 0, 0);
	fake_add("/other", S_IFREG | 0644);
	fake_bind(2, ADMIN, "/other", 0, 0);
	SAME(attached(NULL), "2:/other:0:0:0 3:/image:512:1024:0 11:/image:0:0:0 ");
	SAME(attached("/image"), "3:/image:512:1024:0 11:/image:0:0:0 ");
	SAME(attached("/missing"), "");
}

TEST(a_device_with_nothing_attached_costs_one_call)
{
	EQUAL(strlen(attached(NULL)), 0);
	EQUAL(fake.calls, 1 + 2 + 4); /* the folder, twice read; each of four */
}

TEST(a_file_that_is_gone_is_known_by_its_name)
{
	fake_bind(1, ADMIN, "/image", 0, 0)->name = "/gone (deleted)";
	SAME(attached("/gone (deleted)"), "1:/gone (deleted):0:0:0 ");
}

TEST(what_the_device_can_not_tell_comes_from_sysfs)
{
	static const int errors[] = { ESTALE, ENOTCONN, EIO, EACCES, EPERM };
	const unsigned flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO;

	for (unsigned i = 0; i < LENGTH(errors); i++) {
		fake_boot();
		struct fake_loop *loop = fake_bind(1, ADMIN, "/image", 512, 1024);
		loop->info.lo_flags = flags;
		loop->openers = 1; /* which keeps it */
		fake_fail(ALWAYS, errors[i], "ioctl LOOP_GET_STATUS64");
		SAME(attached(NULL), "1:/image:512:1024:21 ");
		SAME(attached("/image"), "1:/image:512:1024:21 ");
	}
}

TEST(what_sysfs_can_not_tell_either_is_a_failure)
{
	static const char *const files[] = { "offset", "sizelimit", "autoclear", "partscan", "dio" };
	static const int errors[] = { EIO, EACCES, ENOMEM, EMFILE, EPERM };
	struct loop_request request = { .file = "/image", .offset = 512, .size_limit = 1024 };
	struct loop_device device;
	char call[100];

	fake_bind(1, ADMIN, "/image", 512, 1024)->openers = 1;
	fake_fail(ALWAYS, ESTALE, "ioctl LOOP_GET_STATUS64");
	for (unsigned i = 0; i < LENGTH(files); i++) {
		sprintf(call, "open ro /sys/block/loop1/loop/%s", files[i]);
		fake_fail(1, errors[i], call);
		SAME(attached(NULL), "1! ");
		EQUAL(why.error, -errors[i]);
		fake_fail(1, errors[i], call); /* not taken for the one that is asked for, nor for another */
		int r = loop_find_same(&request, &device);
		CHECK(r < 0 && r != -ENXIO);
	}
	/* It may be detached meanwhile; and before Linux 4.10 there was no direct I/O to be told of. */
	fake_fail(1, ENOENT, "open ro /sys/block/loop1/loop/offset");
	SAME(attached(NULL), "");
	fake_fail(1, ENOENT, "open ro /sys/block/loop1/loop/dio");
	SAME(attached(NULL), "1:/image:512:1024:0 ");
}

TEST(a_device_without_a_node_here_is_listed_too)
{
	fake_bind(1, ADMIN, "/image", 512, 0)->has_node = false;
	SAME(attached(NULL), "1:/image:512:0:0 ");
	SAME(attached("/image"), "1:/image:512:0:0 ");
	fake_add("/other", S_IFREG | 0644);
	SAME(attached("/other"), "");
}

TEST(a_device_that_nobody_can_tell_of_is_a_failure)
{
	fake_bind(1, ADMIN, "/image", 0, 0);
	fake_bind(2, ADMIN, "/image", 0, 0);
	fake.has_no_sysfs = true;
	fake_fail(1, EIO, "ioctl LOOP_GET_STATUS64 /dev/loop1");
	SAME(attached(NULL), "1! 2:/image:0:0:0 ");
	fake_fail(1, EMFILE, "open ro /dev/loop2");
	SAME(attached(NULL), "1:/image:0:0:0 2! ");
}

TEST(a_list_of_devices_that_can_not_be_read_is_a_failure)
{
	static const int errors[] = { EIO, EACCES, EMFILE, ENOMEM, EPERM };

	fake_bind(1, ADMIN, "/image", 0, 0);
	for (unsigned i = 0; i < LENGTH(errors); i++) {
		struct loop_list list = { 0 };
		fake_fail(1, errors[i], i % 2 ? "open ro /sys/block" : "getdents /sys/block");
		CHECK(loop_each(&list));
		EQUAL(list.error, -errors[i]);
		SAME(why.path, "/sys/block");
		CHECK(!loop_each(&list));
	}
}

TEST(a_list_whose_error_looks_like_its_end_is_a_failure)
{
	static const int errors[] = { ENODEV, ENXIO };

	fake_bind(1, ADMIN, "/image", 0, 0);
	for (unsigned i = 0; i < LENGTH(errors); i++) {
		struct loop_list list = { 0 };
		fake_fail(1, errors[i], "getdents /sys/block");
		CHECK(loop_each(&list));
		EQUAL(list.error, -EIO);
		EQUAL(why.error, -errors[i]);
		CHECK(!loop_each(&list));
	}
}

TEST(a_file_that_can_not_be_asked_for_is_no_file_that_is_gone)
{
	struct loop_list list = { .file = "/image" };

	fake_bind(1, ADMIN, "/image", 0, 0);
	fake_fail(1, EACCES, "stat /image");
	CHECK(loop_each(&list));
	EQUAL(list.error, -EACCES);
	SAME(why.path, "/image");
	CHECK(!loop_each(&list));
}

TEST(one_device_is_shown_or_told_of)
{
	struct loop_list list = { .device = "/dev/loop1" };

	fake_bind(1, ADMIN, "/image", 0, 0);
	CHECK(loop_each(&list));
	EQUAL(list.error, 0);
	SAME(list.name, "/image");
	CHECK(!loop_each(&list));
	EQUAL(fake_open_count(), 0);

	static const struct {
		const char *path;
		int error;
	} cases[] = { { "/dev/loop2", -ENXIO }, { "/dev/loop9", -ENOENT }, { "/image", -ENODEV } };
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		list = (struct loop_list){ .device = cases[i].path };
		CHECK(loop_each(&list));
		EQUAL(list.error, cases[i].error);
		SAME(why.path, cases[i].path);
		CHECK(!loop_each(&list));
		EQUAL(fake_open_count(), 0);
	}
	EQUAL(fake_count("open ro /image"), 0);
}

TEST(names_of_devices_are_numbers_without_zeros_before_them)
{
	static const char *const none[] = { "/dev/loop",    "/dev/loop01",	 "/dev/loop00",
					    "/dev/loop2p1", "/dev/loop-control", "/dev/loop12345678",
					    "loop1" };

	EQUAL(loop_number("/dev/loop0"), 0);
	EQUAL(loop_number("/dev/loop1048575"), 1048575);
	for (unsigned i = 0; i < LENGTH(none); i++)
		EQUAL(loop_number(none[i]), -1);
}


/* --- detaching: rows 11, 12 ----------------------------------------------- */

TEST(a_detached_device_is_gone_at_the_last_close)
{
	struct loop_info64 info;

	fake_bind(1, ADMIN, "/image", 0, 0);
	int fd = loop_detach("/dev/loop1");
	CHECK(fd >= 0);
	EQUAL(fake.loops[1].owner, ADMIN);
	EQUAL(loop_open_bound("/dev/loop1", &info), -ENXIO);
	sys_close(fd);
	EQUAL(fake.loops[1].owner, NOBODY);
}

TEST(a_busy_device_goes_when_its_last_user_does)
{
	fake_bind(1, ADMIN, "/image", 0, 0)->openers++;
	int fd = loop_detach("/dev/loop1");
	CHECK(fd >= 0);
	sys_close(fd);
	EQUAL(fake.loops[1].owner, ADMIN);
	CHECK(fake.loops[1].info.lo_flags & LO_FLAGS_AUTOCLEAR);
}

TEST(what_can_not_be_detached_is_said_and_closed)
{
	fake_add("/dev/watchdog", S_IFCHR | 0600);
	EQUAL(loop_detach("/dev/loop1"), -ENXIO);
	SAME(why.step, "LOOP_CLR_FD");
	SAME(why.path, "/dev/loop1");
	EQUAL(why.error, -ENXIO);
	EQUAL(loop_detach("/dev/loop9"), -ENOENT);
	SAME(why.step, "open");
	EQUAL(loop_detach("/dev/watchdog"), -ENODEV);
	EQUAL(fake_count("open ro /dev/watchdog"), 0);
	EQUAL(fake_open_count(), 0);
}

TEST(a_capacity_is_set_anew)
{
	struct fake_loop *loop = fake_bind(1, ADMIN, "/image", 0, 0);

	fake_find("/image")->size = 5 << 20;
	int fd = loop_call("/dev/loop1", LOOP_SET_CAPACITY, NULL, "LOOP_SET_CAPACITY");
	EQUAL(loop->size, 5 << 20);
	sys_close(fd);
}


/* --- the same bytes twice ------------------------------------------------- */

static int find_same(const char *file, uint64_t offset, uint64_t limit)
{
	struct loop_request request = { .file = file, .offset = offset, .size_limit = limit };
	struct loop_device device;

	int r = loop_find_same(&request, &device);
	if (r == 0) {
		EQUAL(fake_open_count(), 1);
		SAME(device.path, "/dev/loop1");
		sys_close(device.fd);
	}
	EQUAL(fake_open_count(), 0);
	return r;
}

TEST(a_device_that_carries_the_image_is_found)
{
	fake_bind(1, ADMIN, "/image", 0, 0);
	EQUAL(find_same("/image", 0, 0), 0);
}

/* ENXIO would mean that none has it: it would be attached once more. */
TEST(an_image_that_can_not_be_looked_at_is_not_taken_for_a_new_one)
{
	fake_bind(1, ADMIN, "/image", 0, 0);
	fake_fail(1, ENXIO, "stat /image");
	EQUAL(find_same("/image", 0, 0), -EIO);
}

TEST(a_device_whose_file_can_not_be_read_is_not_taken_for_a_free_one)
{
	static const int errors[] = { ENXIO, EIO, EACCES };

	for (unsigned i = 0; i < LENGTH(errors); i++) {
		fake_bind(1, ADMIN, "/image", 0, 0);
		fake_fail(1, errors[i], "open ro /sys/block/loop1/loop/backing_file");
		CHECK(find_same("/image", 0, 0) != -ENXIO);
		EQUAL(why.error, -errors[i]);
		SAME(why.step, "backing file");
	}
}

TEST(a_device_that_carries_that_part_of_the_image_is_found)
{
	fake_bind(0, ADMIN, "/image", 0, 4096);
	fake_bind(1, ADMIN, "/image", 4096, 8192);
	EQUAL(find_same("/image", 4096, 8192), 0);
}

TEST(overlaps_are_refused_and_neighbours_are_not)
{
	static const struct {
		uint64_t offset, limit;
		int result;
	} cases[] = {
		{ 0, 4096, -ENXIO },	   { 0, 4097, -EBUSY },	 { 0, 0, -EBUSY },
		{ 4096, 4096, -EBUSY },	   { 8191, 1, -EBUSY },	 { 8192, 0, -EBUSY },
		{ 12287, 512, -EBUSY },	   { 12288, 0, -ENXIO }, { 12288, 4096, -ENXIO },
		{ 0, UINT64_MAX, -EBUSY },
	};
	fake_bind(1, ADMIN, "/image", 4096, 8192);
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		int r = find_same("/image", cases[i].offset, cases[i].limit);
		if (r != cases[i].result)
			FAIL("case %u is %d", i, r);
	}
	EQUAL(why.error, -EBUSY);
}

TEST(a_device_without_a_limit_overlaps_all_behind_its_offset)
{
	fake_bind(1, ADMIN, "/image", 4096, 0);
	EQUAL(find_same("/image", 0, 4096), -ENXIO);
	EQUAL(find_same("/image", 1ULL << 40, 512), -EBUSY);
}

TEST(a_look_that_fails_does_not_say_that_there_is_none)
{
	fake_bind(1, ADMIN, "/image", 0, 0);
	fake_fail(1, EIO, "getdents /sys/block");
	EQUAL(find_same("/image", 0, 0), -EIO);
	fake.has_no_sysfs = true;
	fake_fail(1, ENOMEM, "open ro /dev/loop1");
	EQUAL(find_same("/image", 0, 0), -ENOMEM);
}

TEST(files_are_told_apart_by_device_and_inode)
{
	struct fake_file *twin = fake_add("/twin", S_IFREG | 0644);
	struct fake_file *elsewhere = fake_add("/elsewhere", S_IFREG | 0644);
	const struct fake_file *image = fake_find("/image");

	fake_bind(1, ADMIN, "/image", 0, 0);
	twin->inode = image->inode;
	elsewhere->inode = image->inode;
	elsewhere->device = image->device + 1;
	fake.loops[1].name = "/elsewhere";
	EQUAL(find_same("/twin", 0, 0), 0);
	EQUAL(find_same("/elsewhere", 0, 0), -ENXIO);
	EQUAL(find_same("/missing", 0, 0), -ENXIO);
}
