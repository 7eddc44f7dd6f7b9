/* SPDX-License-Identifier: MIT */
/* Attaching, on kernels of every age, against faults and a rival. */
#include <stdio.h>
#include <string.h>

#include "fake_kernel.h"
#include "test.h"

/* Runs where LOOP_CONFIGURE is there, and once more where it is not if the binding
 * copes with both. */
#define TEST_ON_BOTH(name) \
	static void name(void); \
	static void old_##name(void) \
	{ \
		lacks_configure(EINVAL); \
		name(); \
	} \
	__attribute__((constructor)) static void add_##name(void) \
	{ \
		test_add(#name, name); \
		if (HAS_CONFIGURE && HAS_LEGACY) \
			test_add(#name "_before_5_8", old_##name); \
	} \
	static void name(void)

static struct loop_request request = { .file = "/image" };
static struct loop_device device;

static void lacks_configure(int error)
{
	fake_fail(ALWAYS, error, "ioctl LOOP_CONFIGURE");
}

/* The bind fails, whichever way it goes. */
static void bind_fails(int times, int error)
{
	if (HAS_CONFIGURE)
		fake_fail(times, error, "ioctl LOOP_CONFIGURE");
	if (HAS_LEGACY)
		fake_fail(times, error, "ioctl LOOP_SET_FD");
}

static struct fake_loop *bound(void)
{
	const char *number = after_prefix(device.path, "/dev/loop");

	CHECK(number);
	return fake.loops + parse_digits(&number);
}

static uint64_t size_asked_for(void)
{
	uint64_t size = fake_find(request.file)->size;

	size = request.offset > size ? 0 : size - request.offset;
	return request.size_limit && request.size_limit < size ? request.size_limit : size;
}

static void check_bound(void)
{
	const unsigned exact = LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN;
	const struct fake_loop *loop = bound();

	EQUAL(fake_bound_by_us(), 1);
	EQUAL(loop->owner, US);
	SAME(loop->file->path, request.file);
	EQUAL(loop->info.lo_offset, request.offset);
	EQUAL(loop->info.lo_sizelimit, request.size_limit);
	EQUAL(loop->size, size_asked_for() & -512);
	EQUAL(loop->info.lo_flags, device.flags);
	EQUAL((device.flags | (device.stays ? LO_FLAGS_AUTOCLEAR : 0)) & exact, request.flags & exact);
	if (!fake.fault_hit) /* or sysfs could not tell */
		EQUAL(loop->scans, !!(request.flags & LO_FLAGS_PARTSCAN));
	if (request.block_size)
		EQUAL(loop->block_size, request.block_size);
	if (request.device)
		SAME(device.path, request.device);
}

/* Exactly what struct loop_device has is open, and for what it may be. */
static void check_held(void)
{
	int mode = device.flags & LO_FLAGS_READ_ONLY ? O_RDONLY : O_RDWR;

	EQUAL(fake_open_count(), 2 + (device.control_fd >= 0));
	CHECK(fake_flags_of(device.fd) >= 0);
	CHECK(fake_flags_of(device.file_fd) >= 0);
	CHECK(device.control_fd < 0 || fake_flags_of(device.control_fd) >= 0);
	EQUAL(fake_flags_of(device.fd) & O_ACCMODE, mode);
	EQUAL(fake_flags_of(device.file_fd) & O_ACCMODE, mode);
	CHECK(fake_flags_of(device.fd) & O_CLOEXEC);
	CHECK(fake_flags_of(device.file_fd) & O_CLOEXEC);
}

/* Attaches; what comes back is checked against the contract. */
static int attach(void)
{
	int r = loop_attach(&request, &device);

	if (r == 0) {
		check_bound();
		check_held();
		return 0;
	}
	CHECK(r < 0);
	EQUAL(why.error, r);
	CHECK(why.path && why.step);
	EQUAL(fake_open_count(), 0);
	EQUAL(fake_bound_by_us(), 0);
	return r;
}

static void attach_and_close(void)
{
	EQUAL(attach(), 0);
	EQUAL(device.size, size_asked_for());
	loop_close(&device);
	EQUAL(device.stays, false);
	EQUAL(fake_open_count(), 0);
	EQUAL(fake_bound_by_us(), !(request.flags & LO_FLAGS_AUTOCLEAR));
}

static void check_at_once(void)
{
	EQUAL(fake.sleeps, 0);
	EQUAL(fake_count("ioctl LOOP_CTL_GET_FREE"), 1);
}

static void check_patience(void)
{
	CHECK(fake.milliseconds >= PATIENCE_LIMIT_SECONDS * 1000);
	CHECK(fake.longest_sleep < 1000);
	CHECK(fake.milliseconds <= PATIENCE_LIMIT_SECONDS * 1000 + fake.longest_sleep + 100);
}

/* What the kernel is asked for, and in which order. */
static void check_ioctls(const char *wanted)
{
	SAME(fake_log("ioctl "), wanted);
}


/* --- a plain attach ------------------------------------------------------- */

TEST_ON_BOTH(attaches_a_file)
{
	attach_and_close();
}

TEST_ON_BOTH(attaches_to_a_named_device)
{
	request.device = "/dev/loop2";
	attach_and_close();
	EQUAL(fake_count("open rw /dev/loop-control"), 0);
}

TEST_ON_BOTH(takes_the_first_free_device)
{
	fake_bind(0, ADMIN, "/image", 0, 0);
	fake_bind(1, ADMIN, "/image", 0, 0);
	attach_and_close();
	SAME(device.path, "/dev/loop2");
}

TEST(a_plain_attach_costs_six_calls)
{
	request.flags = LO_FLAGS_READ_ONLY;
	attach_and_close();
	EQUAL(fake.calls, 6);
	check_ioctls(HAS_CONFIGURE ? "|LOOP_CTL_GET_FREE|LOOP_CONFIGURE /dev/loop0"
				   : "|LOOP_CTL_GET_FREE|LOOP_SET_FD /dev/loop0");
}

TEST_ON_BOTH(an_autoclear_device_goes_with_its_descriptors)
{
	request.flags = LO_FLAGS_AUTOCLEAR;
	attach_and_close();
	EQUAL(fake.loops[0].owner, NOBODY);
}

TEST_ON_BOTH(a_device_without_autoclear_stays)
{
	attach_and_close();
	EQUAL(fake.loops[0].owner, US);
}

TEST_ON_BOTH(every_option_reaches_the_device)
{
	request.flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN | LO_FLAGS_DIRECT_IO;
	request.offset = 4096;
	request.size_limit = 65536;
	request.block_size = 1024;
	EQUAL(attach(), 0);
	EQUAL(device.flags, request.flags);
	loop_close(&device);
}

TEST_ON_BOTH(autoclear_and_block_size_go_into_the_bind)
{
	/* Rows 9 and 10: later, both answer EBUSY. */
	request.flags = LO_FLAGS_AUTOCLEAR;
	request.block_size = 4096;
	attach_and_close();
	if (fake_count("ioctl LOOP_SET_FD")) {
		/* autoclear alone is set by loop_hand_over() */
		EQUAL(fake_count("ioctl LOOP_SET_STATUS64"), 0);
		EQUAL(fake_count("ioctl LOOP_SET_BLOCK_SIZE"), 1);
	} else {
		check_ioctls("|LOOP_CTL_GET_FREE|LOOP_CONFIGURE /dev/loop0|BLKSSZGET /dev/loop0");
	}
}

TEST(the_slow_status_call_is_made_only_where_asked_for)
{
	static const struct loop_request slow[] = {
		{ .offset = 512 },
		{ .size_limit = 512 },
		{ .flags = LO_FLAGS_PARTSCAN },
	};
	lacks_configure(EINVAL);
	if (!HAS_LEGACY)
		return;
	request.flags = LO_FLAGS_READ_ONLY;
	attach_and_close();
	EQUAL(fake_count("ioctl LOOP_SET_STATUS64"), 0);
	for (unsigned i = 0; i < LENGTH(slow); i++) {
		request = slow[i];
		request.file = "/image";
		fake_boot();
		lacks_configure(EINVAL);
		attach_and_close();
		EQUAL(fake_count("ioctl LOOP_SET_STATUS64"), 1);
	}
}


/* --- which way to bind: rows 1, 2, 24 ------------------------------------- */

TEST(each_errno_of_a_missing_loop_configure_falls_back)
{
	static const int errors[] = { EINVAL, ENOTTY, ENOSYS };

	for (unsigned i = 0; i < LENGTH(errors); i++) {
		fake_boot();
		lacks_configure(errors[i]);
		if (HAS_LEGACY) {
			attach_and_close();
			EQUAL(fake_count("ioctl LOOP_SET_FD"), 1);
		} else {
			EQUAL(attach(), -errors[i]);
			check_at_once();
			CHECK(after_prefix(why.step, "LOOP_CONFIGURE (needs"));
		}
	}
}

TEST(each_binding_makes_its_own_calls_only)
{
	request.offset = 512;
	attach_and_close();
	EQUAL(fake_count("ioctl LOOP_CONFIGURE"), HAS_CONFIGURE);
	EQUAL(fake_count("ioctl LOOP_SET_FD"), !HAS_CONFIGURE);
	EQUAL(fake_count("ioctl LOOP_SET_STATUS64"), !HAS_CONFIGURE);
}

TEST(an_einval_that_loop_configure_means_is_no_reason_to_fall_back)
{
	request.block_size = 1000;
	EQUAL(attach(), -EINVAL);
	EQUAL(fake_count("ioctl LOOP_SET_FD"), !HAS_CONFIGURE);
	SAME(why.step, HAS_CONFIGURE ? "LOOP_CONFIGURE" : "LOOP_SET_BLOCK_SIZE");
	check_at_once();
}

TEST(a_legacy_bind_that_fails_too_gives_its_own_errno)
{
	lacks_configure(EINVAL);
	fake_fail(ALWAYS, ENOMEM, "ioctl LOOP_SET_FD");
	EQUAL(attach(), HAS_LEGACY ? -ENOMEM : -EINVAL);
	if (HAS_LEGACY)
		SAME(why.step, "LOOP_SET_FD");
	check_at_once();
}

TEST(what_is_no_loop_device_is_not_even_opened)
{
	fake_add("/dev/sda", S_IFBLK | 0600);
	fake_add("/dev/watchdog", S_IFCHR | 0600);
	static const char *const others[] = { "/image", "/dev/sda", "/dev/watchdog" };

	for (unsigned i = 0; i < LENGTH(others); i++) {
		request.device = others[i];
		EQUAL(attach(), -ENODEV);
		SAME(why.path, others[i]);
	}
	EQUAL(fake_count("open rw /dev"), 0);
	EQUAL(fake.sleeps, 0);
}

TEST(what_is_no_image_is_not_even_opened)
{
	static const unsigned modes[] = { S_IFDIR, S_IFIFO, S_IFCHR, S_IFSOCK };
	struct fake_file *other = fake_add("/other", 0);

	request.file = "/other";
	for (unsigned i = 0; i < LENGTH(modes); i++) {
		other->mode = modes[i] | 0644;
		EQUAL(attach(), -EINVAL);
		SAME(why.path, "/other");
	}
	EQUAL(fake_count("open"), 0);
}

TEST_ON_BOTH(a_block_device_is_an_image)
{
	fake_add("/dev/sda", S_IFBLK | 0600)->size = 8192;
	request.file = "/dev/sda";
	attach_and_close();
}

TEST(a_missing_file_is_refused_at_once)
{
	request.file = "/missing";
	EQUAL(attach(), -ENOENT);
	SAME(why.path, "/missing");
	EQUAL(fake.calls, 1);
}


/* --- kernels whose LOOP_CONFIGURE is broken: rows 3, 4, 5 ----------------- */

/* Another device by the older way, or a failure that says what is wrong. */
static void check_mended(void)
{
	if (HAS_LEGACY) {
		attach_and_close();
		EQUAL(fake_count("ioctl LOOP_CONFIGURE"), HAS_CONFIGURE);
		EQUAL(fake_count("ioctl LOOP_SET_FD"), 1);
	} else {
		EQUAL(attach(), -EPROTO);
		CHECK(after_prefix(why.step, "LOOP_CONFIGURE is broken"));
	}
}

TEST(partitions_that_5_8_0_ignores_are_noticed)
{
	fake.ignores_partscan = true;
	request.flags = LO_FLAGS_PARTSCAN;
	check_mended();
}

TEST(an_offset_that_5_8_3_ignores_is_noticed)
{
	fake.ignores_offset = true;
	request.offset = 4096;
	check_mended();
}

TEST(a_size_limit_that_5_8_3_ignores_is_noticed)
{
	fake.ignores_offset = true;
	request.size_limit = 4096;
	check_mended();
}

TEST(on_5_8_what_works_is_left_alone)
{
	fake.ignores_partscan = fake.ignores_offset = true;
	attach_and_close();
	EQUAL(fake_count("ioctl LOOP_CONFIGURE"), HAS_CONFIGURE);
	EQUAL(fake_count("ioctl LOOP_CLR_FD"), 0);
}

TEST(a_device_that_still_clears_is_not_waited_for)
{
	fake.ignores_offset = true;
	fake.loops[0].openers++; /* udev looks at it */
	request.offset = 4096;
	check_mended();
	EQUAL(fake.sleeps, 0);
	if (HAS_CONFIGURE && HAS_LEGACY)
		SAME(device.path, "/dev/loop1");
}

TEST(a_named_device_that_still_clears_is_waited_for)
{
	fake.ignores_partscan = true;
	request.flags = LO_FLAGS_PARTSCAN;
	request.device = "/dev/loop0";
	if (HAS_CONFIGURE && HAS_LEGACY)
		fake_fail(100, EBUSY, "ioctl LOOP_SET_FD");
	if (HAS_LEGACY)
		attach_and_close();
	else
		EQUAL(attach(), -EPROTO);
}

TEST(the_capability_of_later_kernels_misleads_nobody)
{
	static const char *const capabilities[] = { "0\n", "4\n", "10\n", "50\n", "52\n", "" };

	for (unsigned i = 0; i < LENGTH(capabilities); i++) {
		fake_boot();
		fake.capability = capabilities[i];
		request.flags = LO_FLAGS_PARTSCAN;
		attach_and_close();
		EQUAL(fake_count("ioctl LOOP_CONFIGURE"), HAS_CONFIGURE);
	}
}

TEST(partitions_need_no_sysfs)
{
	fake.has_no_sysfs = true;
	request.flags = LO_FLAGS_PARTSCAN;
	attach_and_close();
}


/* --- lost races: rows 8, 11, 13, 22 --------------------------------------- */

TEST_ON_BOTH(a_lost_race_is_run_again_at_once)
{
	fake.steals = 20;
	attach_and_close();
	EQUAL(fake.sleeps, 0);
	SAME(device.path, "/dev/loop20");
	EQUAL(fake_count("ioctl LOOP_CTL_GET_FREE"), 21);
}

TEST_ON_BOTH(the_last_of_128_programs_succeeds)
{
	fake.steals = ALWAYS;
	fake.steals_until = 127 * 2; /* ms that each of the others takes */
	attach_and_close();
	CHECK(fake.milliseconds < 500);
}

TEST_ON_BOTH(a_race_lost_forever_ends_after_five_seconds)
{
	fake.steals = ALWAYS;
	EQUAL(attach(), -EBUSY);
	check_patience();
}

TEST_ON_BOTH(a_device_opened_exclusively_is_waited_for)
{
	fake.held_until = 3000;
	attach_and_close();
	CHECK(fake.milliseconds >= 3000);
	CHECK(fake_count("ioctl LOOP_CTL_GET_FREE") < 300);
}

TEST_ON_BOTH(a_device_opened_exclusively_forever_ends_after_five_seconds)
{
	fake.held_until = 1000000;
	EQUAL(attach(), -EBUSY);
	check_patience();
}

TEST(two_losers_sleep_differently)
{
	long hash;

	fake.steals = ALWAYS;
	EQUAL(attach(), -EBUSY);
	hash = fake.sleeps_hash;
	fake_boot();
	fake.steals = ALWAYS;
	fake.pid++;
	EQUAL(attach(), -EBUSY);
	CHECK(fake.sleeps_hash != hash);
}

TEST(patience_ends_while_the_clock_is_below_zero)
{
	/* It starts there on 32-bit kernels with HZ=100: five minutes. */
	fake.clock_start = -30000;
	fake.steals = ALWAYS;
	EQUAL(attach(), -EBUSY);
	check_patience();
}

TEST_ON_BOTH(a_named_device_in_use_is_refused_at_once)
{
	fake_bind(1, ADMIN, "/image", 0, 0);
	request.device = "/dev/loop1";
	EQUAL(attach(), -EBUSY);
	EQUAL(fake.sleeps, 0);
	EQUAL(fake.loops[1].owner, ADMIN);
	CHECK(!fake.loops[1].is_cleared);
}

TEST_ON_BOTH(never_clears_a_rival)
{
	static const int errors[] = { EBUSY, EPERM, EINVAL, EIO, ENOMEM };

	for (unsigned i = 0; i < LENGTH(errors); i++) {
		fake_boot();
		fake.follows = 2;
		bind_fails(1, errors[i]);
		if (attach() == 0)
			loop_close(&device);
		EQUAL(fake.loops[0].owner, RIVAL);
	}
}

TEST_ON_BOTH(never_clears_a_rival_that_binds_what_we_cleared)
{
	fake.follows = ALWAYS;
	fake.ignores_offset = fake.clears_at_once = true;
	fake_fail(1, EIO, "ioctl LOOP_SET_STATUS64");
	request.offset = 512;
	if (attach() == 0)
		loop_close(&device);
	if (fake_count("ioctl LOOP_CLR_FD"))
		EQUAL(fake.loops[0].owner, RIVAL);
}

TEST_ON_BOTH(a_node_that_comes_late_is_waited_for)
{
	static const int errors[] = { ENOENT, ENXIO, EACCES };

	for (unsigned i = 0; i < LENGTH(errors); i++) {
		fake_boot();
		/* ENOENT and ENXIO cost two opens a time */
		fake_fail(errors[i] == EACCES ? 90 : 180, errors[i], "open rw /dev/loop0");
		attach_and_close();
		CHECK(fake.sleeps);
		fake_boot();
		fake_fail(ALWAYS, errors[i], "open rw /dev/loop0");
		EQUAL(attach(), -errors[i]);
		check_patience();
		SAME(why.path, "/dev/loop0");
	}
}

TEST_ON_BOTH(a_node_that_can_not_be_opened_ends_it_at_once)
{
	static const int errors[] = { EPERM, ENODEV, EMFILE, EIO, ENOTDIR };

	for (unsigned i = 0; i < LENGTH(errors); i++) {
		fake_boot();
		fake_fail(ALWAYS, errors[i], "open rw /dev/loop0");
		EQUAL(attach(), -errors[i]);
		check_at_once();
	}
}

TEST_ON_BOTH(a_named_node_is_not_waited_for)
{
	static const int errors[] = { ENOENT, EACCES };

	for (unsigned i = 0; i < LENGTH(errors); i++) {
		fake_boot();
		request.device = "/dev/loop3";
		fake_fail(ALWAYS, errors[i], "open rw /dev/loop3");
		EQUAL(attach(), -errors[i]);
		EQUAL(fake.sleeps, 0);
	}
}

TEST_ON_BOTH(a_named_device_that_runs_down_is_waited_for)
{
	request.device = "/dev/loop3";
	fake_fail(90, ENXIO, "open rw /dev/loop3");
	attach_and_close();
}


TEST_ON_BOTH(a_named_device_that_is_busy_though_nothing_is_attached_is_waited_for)
{
	request.device = "/dev/loop0";
	fake.held_until = 2000;
	attach_and_close();
	CHECK(fake.milliseconds >= 2000);
}


/* --- one device for an image: row 30 --------------------------------------- */

/* The device that is there, and no other. */
static void check_shared(const char *path)
{
	EQUAL(loop_attach(&request, &device), 0);
	CHECK(device.is_shared);
	CHECK(!device.stays);
	SAME(device.path, path);
	EQUAL(fake_bound_by_us(), 0);
	loop_close(&device);
	EQUAL(fake_open_count(), 0);
	EQUAL(fake_count("ioctl LOOP_CLR_FD"), 0);
}

TEST_ON_BOTH(a_device_that_has_the_image_is_shared)
{
	fake_bind(2, ADMIN, "/image", 0, 0);
	request.shares = true;
	check_shared("/dev/loop2");
	EQUAL(fake_count("flock /image exclusive"), 1);
	EQUAL(fake_count("open rw /dev/loop-control"), 0);
}

TEST_ON_BOTH(what_has_no_device_gets_one_while_it_is_locked)
{
	request.shares = true;
	request.flags = LO_FLAGS_AUTOCLEAR;
	attach_and_close();
	CHECK(strstr(fake_log(""), "|flock /image exclusive|"));
	CHECK(!device.is_shared);
}

TEST_ON_BOTH(who_holds_the_lock_is_waited_for_but_not_for_ever)
{
	request.shares = true;
	fake.locked_until = 1000;
	attach_and_close();
	CHECK(fake.milliseconds >= 1000);
	fake_boot();
	fake.locked_until = 1000000;
	attach_and_close();
	check_patience();
}

TEST_ON_BOTH(who_can_not_lock_goes_on)
{
	static const int errors[] = { ENOLCK, EOPNOTSUPP, EBADF, EINVAL, ENOSYS, EIO };

	request.shares = true;
	for (unsigned i = 0; i < LENGTH(errors); i++) {
		fake_boot();
		fake_fail(ALWAYS, errors[i], "flock");
		attach_and_close();
		EQUAL(fake_count("flock"), 1);
		EQUAL(fake.sleeps, 0);
	}
}

TEST_ON_BOTH(a_device_without_a_node_is_shared_by_a_new_one)
{
	fake_bind(2, ADMIN, "/image", 0, 0)->has_node = false;
	request.shares = true;
	check_shared("/dev/loop2");
	EQUAL(fake_count("mknod /dev/loop2"), 1);
	fake.loops[2].has_node = false;
	fake_fail(ALWAYS, EPERM, "mknod");
	EQUAL(attach(), -ENOENT);
	SAME(why.path, "/dev/loop2");
}

TEST_ON_BOTH(a_look_that_fails_attaches_nothing)
{
	request.shares = true;
	fake_fail(1, EIO, "getdents");
	EQUAL(attach(), -EIO);
	SAME(why.path, "/sys/block");
	CHECK(!device.file_failed);
	EQUAL(fake_count("ioctl"), 0);
}

TEST_ON_BOTH(an_overlap_is_refused_and_named)
{
	fake_bind(1, ADMIN, "/image", 512, 0);
	request.shares = true;
	EQUAL(attach(), -EBUSY);
	SAME(why.path, "/image");
	SAME(why.step, "/dev/loop1 already uses an overlapping part of this file");
	CHECK(device.file_failed);
	EQUAL(fake.loops[1].owner, ADMIN);
}

TEST_ON_BOTH(a_named_device_shares_with_none)
{
	fake_bind(1, ADMIN, "/image", 0, 0);
	request.shares = true;
	request.device = "/dev/loop2";
	EQUAL(attach(), -EBUSY);
	EQUAL(fake.loops[2].owner, NOBODY);
}


/* --- errors that last: rows 22, 23 ---------------------------------------- */

TEST_ON_BOTH(a_permanent_error_ends_it_at_once)
{
	static const int errors[] = { EPERM, EACCES, EIO, ENOMEM, ENODEV, EFBIG, ENOSPC, EOVERFLOW, EROFS };

	for (unsigned i = 0; i < LENGTH(errors); i++) {
		fake_boot();
		bind_fails(ALWAYS, errors[i]);
		EQUAL(attach(), -errors[i]);
		check_at_once();
	}
}

TEST_ON_BOTH(no_access_to_loop_control_ends_it_at_once)
{
	fake_fail(ALWAYS, EACCES, "open rw /dev/loop-control");
	EQUAL(attach(), -EACCES);
	SAME(why.path, "/dev/loop-control");
	EQUAL(fake.sleeps, 0);
	EQUAL(fake_count("open rw /dev/loop-control"), 1);
	EQUAL(fake_count("open ro /dev/loop0"), 0);
}

TEST_ON_BOTH(no_free_device_ends_it_at_once)
{
	fake_fail(ALWAYS, ENOSPC, "ioctl LOOP_CTL_GET_FREE");
	EQUAL(attach(), -ENOSPC);
	SAME(why.step, "LOOP_CTL_GET_FREE");
	check_at_once();
}

/* What follows the bind on the older way; and each failure there. */
TEST(a_legacy_step_that_fails_undoes_the_bind)
{
	static const char *const steps[] = {
		"ioctl LOOP_SET_BLOCK_SIZE",
		"ioctl LOOP_SET_STATUS64",
		"ioctl LOOP_GET_STATUS64",
	};
	for (unsigned i = 0; HAS_LEGACY && i < LENGTH(steps); i++) {
		fake_boot();
		lacks_configure(EINVAL);
		fake_fail(ALWAYS, EIO, steps[i]);
		request.offset = 512;
		request.block_size = 1024;
		request.flags = LO_FLAGS_DIRECT_IO;
		EQUAL(attach(), -EIO);
		EQUAL(fake_count(steps[i]), 1);
		EQUAL(fake_count("ioctl LOOP_CLR_FD"), 1);
		SAME(why.step, after_prefix(steps[i], "ioctl "));
		check_at_once();
	}
	EQUAL(fake_bound_by_us(), 0);
}

static struct shape {
	struct loop_request request;
	int lacks; /* LOOP_CONFIGURE, with this errno */
	int follows;
	bool ignores_offset, ignores_partscan, clears_at_once;
} shapes[] = {
	{ .request = { .file = "/image" } },
	{ .request = { .file = "/image", .device = "/dev/loop1" } },
	{ .request = { .file = "/image", .flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR },
	  .lacks = EINVAL },
	{ .request = { .file = "/image", .offset = 512, .block_size = 1024, .flags = LO_FLAGS_DIRECT_IO } },
	{ .request = { .file = "/image", .offset = 512, .block_size = 1024, .flags = LO_FLAGS_DIRECT_IO },
	  .lacks = ENOTTY,
	  .follows = 2 },
	{ .request = { .file = "/image", .size_limit = 8192, .flags = LO_FLAGS_PARTSCAN },
	  .ignores_offset = true },
	{ .request = { .file = "/image", .flags = LO_FLAGS_PARTSCAN },
	  .ignores_partscan = true,
	  .clears_at_once = true,
	  .follows = 2 },
};
static const struct shape *shape;
static unsigned failing;

static void boot_shape(void)
{
	fake_boot();
	request = shape->request;
	fake.ignores_offset = shape->ignores_offset;
	fake.ignores_partscan = shape->ignores_partscan;
	fake.follows = shape->follows;
	fake.clears_at_once = shape->clears_at_once;
	if (shape->lacks)
		lacks_configure(shape->lacks);
}

static void attach_and_fail(int error)
{
	boot_shape();
	fake_fail_nth(failing, error);
	int r = attach();
	if (r == 0)
		loop_close(&device);
	else /* the reason is the fault, or what the kernel could do before it */
		CHECK(r == -error || r == -EPROTO || r == -shape->lacks);
}

static void fail_there(void)
{
	static const int errors[] = {
		EPERM,	ENOENT, EIO,	ENXIO,	EBADF,	EAGAIN, ENOMEM, EACCES, EBUSY,
		ENODEV, EINVAL, EMFILE, ENOTTY, ENOSPC, EROFS,	EINTR,	ENOSYS, EOVERFLOW,
	};
	for (unsigned i = 0; i < LENGTH(errors); i++)
		attach_and_fail(errors[i]);
}

TEST(whatever_call_fails_nothing_is_left)
{
	char about[80];

	for (shape = shapes; shape < shapes + LENGTH(shapes); shape++) {
		failing = 0;
		attach_and_fail(0);
		unsigned calls = fake.calls;
		CHECK(calls >= 5);
		for (failing = 1; failing <= calls; failing++) {
			snprintf(about, sizeof about, "shape %d, call %u fails", (int)(shape - shapes),
				 failing);
			test_apart(fail_there, about);
		}
	}
}


/* --- the page cache: rows 6, 7 -------------------------------------------- */

TEST_ON_BOTH(a_dirty_page_cache_is_waited_for)
{
	fake_fail(70, EAGAIN, "ioctl LOOP_SET_STATUS64");
	fake_fail(20, EAGAIN, "ioctl LOOP_SET_BLOCK_SIZE");
	request.offset = 512;
	request.block_size = 4096;
	attach_and_close();
	EQUAL(fake_count("ioctl LOOP_SET_FD"), fake_count("ioctl LOOP_SET_STATUS64") > 0);
	EQUAL(fake_count("ioctl LOOP_CLR_FD"), 0);
}

TEST(a_page_cache_dirty_forever_ends_after_five_seconds)
{
	fake_fail(ALWAYS, EAGAIN, "ioctl LOOP_SET_STATUS64");
	request.offset = 512;
	lacks_configure(EINVAL);
	EQUAL(attach(), HAS_LEGACY ? -EAGAIN : -EINVAL);
	if (HAS_LEGACY)
		check_patience();
}

TEST(an_offset_flushes_pages_read_before)
{
	if (HAS_LEGACY)
		lacks_configure(EINVAL);
	request.offset = 512;
	attach_and_close();
	EQUAL(fake_count("ioctl BLKFLSBUF"), HAS_LEGACY);
	if (HAS_LEGACY)
		CHECK(strstr(fake_log("ioctl "), "SET_STATUS64 /dev/loop0|BLKFLSBUF"));
}


/* --- what can't be written: rows 14, 15, 16 ------------------------------- */

TEST_ON_BOTH(a_read_only_attach_opens_nothing_for_writing)
{
	request.flags = LO_FLAGS_READ_ONLY;
	attach_and_close();
	SAME(fake_log("open rw "), "|/dev/loop-control");
	EQUAL(device.flags, LO_FLAGS_READ_ONLY);
}

TEST_ON_BOTH(a_file_that_can_not_be_written_is_attached_read_only)
{
	static const int errors[] = { EROFS, EACCES, EPERM, ETXTBSY };

	for (unsigned i = 0; i < LENGTH(errors); i++) {
		fake_boot();
		fake_fail(ALWAYS, errors[i], "open rw /image");
		attach_and_close();
		EQUAL(device.flags, LO_FLAGS_READ_ONLY);
		EQUAL(request.flags, 0);
	}
}

TEST_ON_BOTH(no_other_error_makes_it_read_only)
{
	static const int errors[] = { ENOENT, EISDIR, EIO, EMFILE, ENXIO, ELOOP, EBUSY };

	for (unsigned i = 0; i < LENGTH(errors); i++) {
		fake_boot();
		fake_fail(ALWAYS, errors[i], "open rw /image");
		EQUAL(attach(), -errors[i]);
		EQUAL(fake_count("open"), 1);
		SAME(why.path, "/image");
		SAME(why.step, "open");
	}
}

TEST(a_file_that_can_not_be_read_either_is_refused)
{
	fake_fail(ALWAYS, EACCES, "open rw /image");
	fake_fail(ALWAYS, EACCES, "open ro /image");
	EQUAL(attach(), -EACCES);
	EQUAL(fake_count("open"), 2);
}


/* --- names and sizes: rows 17, 19 ----------------------------------------- */

TEST_ON_BOTH(a_long_name_is_cut_off_safely)
{
	static const unsigned lengths[] = { 62, 63, 64, 65, 200 };
	char path[201], name[LOOP_FILE_SIZE];

	for (unsigned i = 0; i < LENGTH(lengths); i++) {
		memset(path, 'a', lengths[i]);
		path[0] = '/';
		path[lengths[i]] = 0;
		fake_add(path, S_IFREG | 0644)->size = 4096;
		request.file = path;
		request.size_limit = 1024; /* for the name to be set at all */
		EQUAL(attach(), 0);
		const struct loop_info64 *info = &bound()->info;
		unsigned kept = lengths[i] < LO_NAME_SIZE ? lengths[i] : LO_NAME_SIZE - 1;
		CHECK(!memcmp(info->lo_file_name, path, kept));
		EQUAL(info->lo_file_name[kept], 0);
		loop_file_name(name, info);
		SAME(name, path);
		loop_close(&device);
		bound()->owner = NOBODY;
	}
}

TEST_ON_BOTH(the_size_is_what_the_request_covers)
{
	static const struct {
		uint64_t file, offset, limit, size;
	} cases[] = {
		{ 1048576, 0, 0, 1048576 },
		{ 1048676, 0, 0, 1048676 }, /* 100 bytes are lost: who attaches, warns */
		{ 1048676, 512, 0, 1048164 },
		{ 1048676, 0, 1000, 1000 },
		{ 1048676, 1048064, 4096, 612 },
		{ 1048676, 1048676, 0, 0 },
		{ 1048676, 2000000, 0, 0 },
		{ 1048676, 2000000, 512, 0 },
		{ 0, 0, 0, 0 },
		{ 511, 0, 0, 511 },
		{ 5ULL << 40, 4ULL << 40, 0, 1ULL << 40 },
	};
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		fake_find("/image")->size = cases[i].file;
		request.offset = cases[i].offset;
		request.size_limit = cases[i].limit;
		attach_and_close();
		EQUAL(device.size, cases[i].size);
		EQUAL(fake_count("ioctl LOOP_CLR_FD"), 0);
		bound()->owner = NOBODY;
	}
}

TEST_ON_BOTH(a_device_without_a_sector_is_refused_where_data_is_needed)
{
	static const struct {
		uint64_t file, offset, limit;
	} cases[] = {
		{ 0, 0, 0 },	   { 511, 0, 0 },    { 4096, 4096, 0 },	      { 4096, 3585, 0 },
		{ 4096, 8192, 0 }, { 4096, 0, 511 }, { 4096, 1ULL << 63, 0 }, { 4096, UINT64_MAX, 0 },
	};
	request.needs_data = true;
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		fake_find("/image")->size = cases[i].file;
		request.offset = cases[i].offset;
		request.size_limit = cases[i].limit;
		EQUAL(attach(), -ENODATA);
		EQUAL(fake_count("ioctl"), 0);
	}
	request = (struct loop_request){ .file = "/image", .needs_data = true, .offset = 3584 };
	attach_and_close();
}

TEST_ON_BOTH(an_offset_past_all_files_is_the_kernels_to_refuse)
{
	request.offset = 1ULL << 63;
	EQUAL(attach(), -EOVERFLOW);
	check_at_once();
}


/* --- direct I/O: rows 18, 26 ---------------------------------------------- */

TEST_ON_BOTH(direct_io_is_set_and_reported)
{
	request.flags = LO_FLAGS_DIRECT_IO;
	attach_and_close();
	EQUAL(device.flags, LO_FLAGS_DIRECT_IO);
	EQUAL(fake_count("ioctl LOOP_SET_DIRECT_IO"), 0); /* it is slow */
}

TEST_ON_BOTH(a_file_that_refuses_direct_io_is_attached_buffered)
{
	request.flags = LO_FLAGS_DIRECT_IO;
	fake.refuses_direct = true;
	attach_and_close();
	EQUAL(device.flags, 0);
}

TEST_ON_BOTH(a_block_size_asked_for_is_worth_more_than_direct_io)
{
	request.flags = LO_FLAGS_DIRECT_IO;
	request.block_size = 512;
	fake.direct_alignment = 4096;
	attach_and_close();
	EQUAL(device.flags, 0);
}

TEST_ON_BOTH(direct_io_and_a_block_size_that_fits_go_together)
{
	request.flags = LO_FLAGS_DIRECT_IO | LO_FLAGS_AUTOCLEAR;
	request.block_size = 4096;
	fake.direct_alignment = 4096;
	attach_and_close();
	EQUAL(device.flags, request.flags);
}


/* --- without loop-control, nodes or sysfs --------------------------------- */

TEST_ON_BOTH(without_loop_control_the_first_free_device_is_found)
{
	fake_fail(ALWAYS, ENOENT, "open rw /dev/loop-control");
	fake_bind(0, ADMIN, "/image", 0, 0);
	fake_bind(1, ADMIN, "/image", 0, 0);
	fake.loops[2].has_node = false;
	attach_and_close();
	SAME(device.path, "/dev/loop2");
	EQUAL(fake_count("mknod /dev/loop2 60600"), 1);
	CHECK(device.control_fd < 0);
}

TEST_ON_BOTH(without_loop_control_a_lost_race_is_run_again)
{
	fake_fail(ALWAYS, ENOENT, "open rw /dev/loop-control");
	fake.steals = 3;
	attach_and_close();
	SAME(device.path, "/dev/loop3");
}

TEST_ON_BOTH(without_loop_control_and_a_free_device_it_says_so)
{
	fake_fail(ALWAYS, ENOENT, "open rw /dev/loop-control");
	for (unsigned i = 0; i < 4; i++)
		fake_bind(i, ADMIN, "/image", 0, 0);
	EQUAL(attach(), -ENOENT);
	SAME(why.path, "/dev/loop-control");
	EQUAL(fake.sleeps, 0);
}

TEST_ON_BOTH(a_missing_node_is_made_with_the_number_that_sysfs_has)
{
	static const unsigned shifts[] = { 0, 4, 8 }; /* 17 << 4 needs more than 8 bits */

	for (unsigned i = 0; i < LENGTH(shifts); i++) {
		fake_boot();
		for (unsigned n = 0; n < 17; n++)
			fake_bind(n, ADMIN, "/image", 0, 0);
		fake.loops[17].is_there = true;
		fake.part_shift = shifts[i];
		attach_and_close();
		SAME(device.path, "/dev/loop17");
		EQUAL(fake_count("mknod /dev/loop17 60600"), 1);
		EQUAL(fake.sleeps, 0);
	}
}

TEST_ON_BOTH(a_missing_node_without_sysfs_ends_after_five_seconds)
{
	fake.has_no_sysfs = true;
	fake.loops[0].has_node = false;
	EQUAL(attach(), -ENOENT);
	check_patience();
}

TEST_ON_BOTH(a_missing_node_of_a_named_device_is_made)
{
	fake.loops[0].has_node = false;
	request.device = "/dev/loop0";
	attach_and_close();
	EQUAL(fake_count("mknod /dev/loop0 60600"), 1);
}

TEST_ON_BOTH(nothing_is_added_or_made_for_a_name_that_is_no_number)
{
	static const char *const names[] = { "/dev/loop", "/dev/loop5x", "/dev/loop4294967301", "/dev/x" };

	for (unsigned i = 0; i < LENGTH(names); i++) {
		fake_boot();
		request.device = names[i];
		EQUAL(attach(), -ENOENT);
		EQUAL(fake_count("mknod"), 0);
		EQUAL(fake_count("ioctl LOOP_CTL_ADD"), 0);
	}
}

TEST_ON_BOTH(a_named_device_that_the_kernel_lacks_is_added)
{
	request.device = "/dev/loop70";
	attach_and_close();
	EQUAL(fake_count("ioctl LOOP_CTL_ADD"), 1);
	EQUAL(fake_count("ioctl LOOP_CTL_GET_FREE"), 0);
}

TEST(finding_a_free_device_keeps_loop_control_open)
{
	struct loop_device d = { .control_fd = -1 };

	fake_bind(0, ADMIN, "/image", 0, 0);
	EQUAL(loop_find_free(&d), 1);
	EQUAL(loop_find_free(&d), 1);
	EQUAL(fake_count("open"), 1);
	EQUAL(fake_open_count(), 1);
	d.fd = d.file_fd = -1;
	loop_close(&d);
}
