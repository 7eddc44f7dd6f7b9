/* SPDX-License-Identifier: MIT */
/* Mounting: the words behind -o, the calls, images; and the tables. */
#include <stdio.h>
#include <string.h>

#include "fake_kernel.h"
#include "mount.h"
#include "test.h"

static struct mount_request request;

/* --- words ---------------------------------------------------------------- */

static int take_words(const char *words)
{
	static char copy[3 * MOUNT_DATA_SIZE];

	return mount_words(&request, strcpy(copy, words));
}

TEST(words_become_flags_or_data)
{
	static const struct {
		const char *words;
		unsigned flags, cleared;
		const char *data;
	} cases[] = {
		{ "", 0, 0, "" },
		{ ",,", 0, 0, "" },
		{ "defaults", 0, 0, "" },
		{ "ro", MS_RDONLY, 0, "" },
		{ "rw", 0, MS_RDONLY, "" },
		{ "ro,rw", 0, MS_RDONLY, "" },
		{ "rw,ro", MS_RDONLY, 0, "" },
		{ "nosuid,nodev,noexec", MS_NOSUID | MS_NODEV | MS_NOEXEC, 0, "" },
		{ "suid,dev,exec", 0, MS_NOSUID | MS_NODEV | MS_NOEXEC, "" },
		{ "noatime,nodiratime,nosymfollow", MS_NOATIME | MS_NODIRATIME | MS_NOSYMFOLLOW, 0, "" },
		{ "atime,diratime,symfollow", 0, MS_NOATIME | MS_NODIRATIME | MS_NOSYMFOLLOW, "" },
		{ "relatime,strictatime,lazytime", MS_RELATIME | MS_STRICTATIME | MS_LAZYTIME, 0, "" },
		{ "norelatime,nostrictatime,nolazytime", 0, MS_RELATIME | MS_STRICTATIME | MS_LAZYTIME, "" },
		{ "sync,dirsync", MS_SYNCHRONOUS | MS_DIRSYNC, 0, "" },
		{ "async", 0, MS_SYNCHRONOUS, "" },
		{ "mand,iversion", MS_MANDLOCK | MS_I_VERSION, 0, "" },
		{ "nomand,noiversion", 0, MS_MANDLOCK | MS_I_VERSION, "" },
		{ "silent", MS_SILENT, 0, "" },
		{ "loud", 0, MS_SILENT, "" },
		{ "bind", MS_BIND, 0, "" },
		{ "rbind", MS_BIND | MS_REC, 0, "" },
		{ "move", MS_MOVE, 0, "" },
		{ "remount,noexec", MS_REMOUNT | MS_NOEXEC, 0, "" },
		{ "user", MS_NOEXEC | MS_NOSUID | MS_NODEV, 0, "" },
		{ "users,exec", MS_NOSUID | MS_NODEV, MS_NOEXEC, "" },
		{ "owner", MS_NOSUID | MS_NODEV, 0, "" },
		{ "group,suid", MS_NODEV, MS_NOSUID, "" },
		{ "mode=755", 0, 0, "mode=755" },
		{ "uid=0,ro,gid=5,,mode=620", MS_RDONLY, 0, "uid=0,gid=5,mode=620" },
		{ "context=\"a,b\",ro", MS_RDONLY, 0, "context=\"a,b\"" },
		{ "x=\"ro,noexec", 0, 0, "x=\"ro,noexec" },
		{ "roo,r,norw,noro,nobind,nodefaults", 0, 0, "roo,r,norw,noro,nobind,nodefaults" },
		{ "no,noo,nonoexec", 0, 0, "no,noo,nonoexec" },
		{ "looping,offsets=1,loop2=x", 0, 0, "looping,offsets=1,loop2=x" },
		{ "auto,nofail,noauto,_netdev,x-systemd.automount,comment=x", 0, 0, "" },
	};
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		memset(&request, 0, sizeof request);
		EQUAL(take_words(cases[i].words), 0);
		if (request.flags != cases[i].flags || request.cleared != cases[i].cleared ||
		    strcmp(request.data, cases[i].data))
			FAIL("\"%s\" gives %#x, %#x and \"%s\"", cases[i].words, request.flags,
			     request.cleared, request.data);
		CHECK(!request.use_loop && !request.propagation[0]);
	}
}

TEST(nouser_allows_nothing_that_another_word_forbids)
{
	EQUAL(take_words("nosuid,nodev,nouser"), 0);
	EQUAL(request.flags, MS_NOSUID | MS_NODEV);
}

/* The kernel applies them one after the other: private, then shared is a new peer group. */
TEST(words_of_propagation_are_steps_in_their_order)
{
	static const struct {
		const char *words;
		unsigned steps[4];
	} cases[] = {
		{ "shared", { MS_SHARED } },
		{ "rshared", { MS_SHARED | MS_REC } },
		{ "private", { MS_PRIVATE } },
		{ "rprivate", { MS_PRIVATE | MS_REC } },
		{ "slave", { MS_SLAVE } },
		{ "rslave", { MS_SLAVE | MS_REC } },
		{ "unbindable", { MS_UNBINDABLE } },
		{ "runbindable", { MS_UNBINDABLE | MS_REC } },
		{ "rshared,private", { MS_SHARED | MS_REC, MS_PRIVATE } },
		{ "private,shared,private", { MS_PRIVATE, MS_SHARED, MS_PRIVATE } },
	};
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		memset(&request, 0, sizeof request);
		EQUAL(take_words(cases[i].words), 0);
		for (unsigned n = 0; n < 4; n++)
			EQUAL(request.propagation[n], cases[i].steps[n]);
	}
	EQUAL(request.flags, 0);
	memset(&request, 0, sizeof request);
	EQUAL(take_words("shared,slave,shared,slave,shared,slave,shared"), 0);
	EQUAL(take_words("slave"), -E2BIG);
}

TEST(words_for_images_ask_for_a_loop_device)
{
	static const char *const words[] = { "loop", "loop=/dev/loop7", "offset=4096", "sizelimit=1M" };

	for (unsigned i = 0; i < LENGTH(words); i++) {
		memset(&request, 0, sizeof request);
		EQUAL(take_words(words[i]), 0);
		CHECK(request.use_loop);
		SAME(request.data, "");
	}
	EQUAL(take_words("loop=/dev/loop7,offset=0x200,sizelimit=2KiB"), 0);
	SAME(request.loop.device, "/dev/loop7");
	EQUAL(request.loop.offset, 512);
	EQUAL(request.loop.size_limit, 2048);
}

TEST(fstab_words_are_noted)
{
	EQUAL(take_words("noauto"), 0);
	CHECK(request.no_auto && !request.no_fail);
	EQUAL(take_words("nofail"), 0);
	CHECK(request.no_fail);
}

TEST(bad_sizes_are_refused_by_name)
{
	static const char *const words[] = { "offset=", "offset=x", "ro,sizelimit=12abc,loop",
					     "sizelimit=-1" };

	for (unsigned i = 0; i < LENGTH(words); i++)
		EQUAL(take_words(words[i]), -EINVAL);
	SAME(why.path, "sizelimit=-1");
	CHECK(take_words("offset=99999999999999999999") < 0);
}

/* Each length around the limit: taken whole, or refused and left alone. */
TEST(data_is_never_cut_off)
{
	static char words[MOUNT_DATA_SIZE + 200];

	for (unsigned size = MOUNT_DATA_SIZE - 40; size < MOUNT_DATA_SIZE + 100; size++) {
		memset(&request, 0, sizeof request);
		memset(words, 'w', size);
		words[size] = 0;
		words[20] = ',';
		int r = take_words(words);
		if (r == 0)
			SAME(request.data, words);
		else
			EQUAL(strlen(request.data), 20);
		EQUAL(r, size < MOUNT_DATA_SIZE - 1 ? 0 : size > MOUNT_DATA_SIZE - 1 ? -EOVERFLOW : r);
	}
	EQUAL(why.error, -EOVERFLOW);
	SAME(why.step, "too many options");
	CHECK(why.is_finding);
}


/* --- mount(2) ------------------------------------------------------------- */

static const char filesystems[] = "nodev\tsysfs\nnodev\ttmpfs\n\text3\n\text2\n\text4\n\tsquashfs\n\tvfat\n";

static struct fake_file *disk;

/* A request for a mount of source on /mnt. */
static void ask(const char *source, const char *type, const char *words)
{
	fake_boot();
	fake_add("/mnt", S_IFDIR | 0755);
	fake_add("/src", S_IFDIR | 0755);
	fake_text("/proc/filesystems", filesystems);
	disk = fake_add("/dev/sda1", S_IFBLK | 0600);
	disk->size = 1 << 20;
	memset(&request, 0, sizeof request);
	request.source = source;
	request.target = "/mnt";
	request.type = type;
	EQUAL(take_words(words), 0);
}

static void check_mounts(const char *wanted)
{
	SAME(fake_log("mount "), wanted);
}

TEST(a_type_is_mounted_with_its_words)
{
	ask("/dev/sda1", "ext4", "ro,nosuid,data=journal,commit=5");
	EQUAL(mount_do(&request), 0);
	check_mounts("|/dev/sda1 /mnt ext4 ro,nosuid data=journal,commit=5");
	EQUAL(request.flags, MS_RDONLY | MS_NOSUID);
	CHECK(!request.use_loop && !request.fell_back);
}

TEST(a_source_need_not_be_a_path)
{
	ask("none", "tmpfs", "mode=755");
	EQUAL(mount_do(&request), 0);
	check_mounts("|none /mnt tmpfs - mode=755");
}

TEST(types_in_a_list_are_tried_in_their_order)
{
	ask("/dev/sda1", "vfat,ext2,ext4,xfs", "");
	disk->holds = "ext4";
	EQUAL(mount_do(&request), 0);
	check_mounts("|/dev/sda1 /mnt vfat - -|/dev/sda1 /mnt ext2 - -|/dev/sda1 /mnt ext4 - -");
}

TEST(a_list_that_fails_gives_the_last_errno)
{
	ask("/dev/sda1", "vfat,xfs", "");
	fake_fail(1, EINVAL, "mount /dev/sda1 /mnt vfat");
	fake_fail(1, ENODEV, "mount /dev/sda1 /mnt xfs");
	EQUAL(mount_do(&request), -ENODEV);
	EQUAL(why.error, -ENODEV);
	SAME(why.path, "/dev/sda1");
	CHECK(why.is_finding);
}

TEST(a_list_ends_at_an_error_that_is_no_matter_of_types)
{
	static const int errors[] = { EPERM, ENOENT, ENOMEM, ENXIO };

	for (unsigned i = 0; i < LENGTH(errors); i++) {
		ask("/dev/sda1", "vfat,ext4", "");
		fake_fail(1, errors[i], "mount");
		EQUAL(mount_do(&request), -errors[i]);
		EQUAL(fake_count("mount "), 1);
	}
}

TEST(a_type_too_long_is_no_other_type)
{
	char type[100];

	memset(type, 't', sizeof type);
	type[99] = 0;
	ask("/dev/sda1", type, "");
	disk->holds = "ext4";
	EQUAL(mount_do(&request), -EINVAL);
}

static const char *tried(void)
{
	static char types[200];
	char *to = types;

	for (const char *p = fake_log("mount /dev/sda1 /mnt "); *p;) {
		p++;
		while (*p != ' ')
			*to++ = *p++;
		*to++ = ' ';
		while (*p && *p != '|')
			p++;
	}
	*to = 0;
	return types;
}

TEST(without_a_type_those_of_the_kernel_are_tried)
{
	static const char *const types[] = { NULL, "", "auto" };

	for (unsigned i = 0; i < LENGTH(types); i++) {
		ask("/dev/sda1", types[i], "");
		disk->holds = "vfat";
		EQUAL(mount_do(&request), 0);
		SAME(tried(), "ext3 ext2 ext4 squashfs vfat ");
	}
}

TEST(types_that_are_not_wanted_are_left_out)
{
	ask("/dev/sda1", "noext3,squashfs", "");
	disk->holds = "vfat";
	EQUAL(mount_do(&request), 0);
	SAME(tried(), "ext2 ext4 vfat ");
}

TEST(when_no_type_fits_it_says_so)
{
	ask("/dev/sda1", NULL, "");
	disk->holds = "btrfs";
	EQUAL(mount_do(&request), -EINVAL);
	SAME(tried(), "ext3 ext2 ext4 squashfs vfat ");
}

TEST(without_proc_no_type_can_be_found)
{
	ask("/dev/sda1", NULL, "");
	fake_fail(ALWAYS, ENOENT, "open ro /proc/filesystems");
	CHECK(mount_do(&request) < 0);
	EQUAL(fake_count("mount"), 0);
	EQUAL(why.error, -ENOENT); /* and not that the kernel has no such type */
	SAME(why.path, "/proc/filesystems");
	EQUAL(request.failed_for, MOUNT_FAILED_SOURCE);
}

static void put_magic(struct fake_file *file)
{
	static unsigned char start[4096];

	memcpy(start, "hsqs", 4);
	file->data = start;
	file->size = sizeof start;
}

TEST(a_superblock_tells_the_type)
{
	ask("/dev/sda1", NULL, "");
	put_magic(disk);
	EQUAL(mount_do(&request), 0);
	SAME(tried(), "squashfs ");
	ask("/dev/sda1", "noext4", "");
	put_magic(disk);
	EQUAL(mount_do(&request), 0);
	SAME(tried(), "squashfs ");
	ask("/dev/sda1", "nosquashfs", "");
	put_magic(disk);
	disk->holds = "vfat";
	EQUAL(mount_do(&request), 0);
	SAME(tried(), "ext3 ext2 ext4 vfat ");
}


/* --- what can't be written: row 25 ---------------------------------------- */

TEST(what_can_not_be_written_is_mounted_read_only)
{
	static const int errors[] = { EACCES, EROFS };

	for (unsigned i = 0; i < LENGTH(errors); i++) {
		ask("/dev/sda1", "ext4", "nosuid");
		fake_fail(ALWAYS, errors[i], "mount /dev/sda1 /mnt ext4 nosuid");
		EQUAL(mount_do(&request), 0);
		check_mounts("|/dev/sda1 /mnt ext4 nosuid -|/dev/sda1 /mnt ext4 ro,nosuid -");
		CHECK(request.fell_back);
		EQUAL(request.flags, MS_RDONLY | MS_NOSUID);
	}
}

TEST(who_says_rw_gets_no_read_only_mount)
{
	ask("/dev/sda1", "ext4", "rw");
	fake_fail(ALWAYS, EACCES, "mount /dev/sda1 /mnt ext4 -");
	EQUAL(mount_do(&request), -EACCES);
	EQUAL(fake_count("mount "), 1);
	CHECK(!request.fell_back);
}

TEST(a_read_only_mount_that_fails_is_not_tried_again)
{
	ask("/dev/sda1", "ext4", "ro");
	fake_fail(ALWAYS, EACCES, "mount");
	EQUAL(mount_do(&request), -EACCES);
	EQUAL(fake_count("mount "), 1);
}

TEST(a_second_try_that_fails_is_no_fallback)
{
	ask("/dev/sda1", "ext4", "");
	fake_fail(ALWAYS, EACCES, "mount");
	EQUAL(mount_do(&request), -EACCES);
	EQUAL(fake_count("mount "), 2);
	CHECK(!request.fell_back);
	EQUAL(request.flags, 0);
}

TEST(no_other_error_makes_a_mount_read_only)
{
	static const int errors[] = { EPERM, EINVAL, ENOENT };

	for (unsigned i = 0; i < LENGTH(errors); i++) {
		ask("/dev/sda1", "ext4", "");
		fake_fail(ALWAYS, errors[i], "mount");
		EQUAL(mount_do(&request), -errors[i]);
		EQUAL(fake_count("mount "), 1);
	}
}

TEST(a_missing_mount_point_is_what_is_named)
{
	ask("/dev/sda1", "ext4", "");
	request.target = "/nowhere";
	EQUAL(mount_do(&request), -ENOENT);
	SAME(why.path, "/nowhere");
	ask("/dev/sdz", "ext4", "");
	EQUAL(mount_do(&request), -ENOENT);
	SAME(why.path, "/dev/sdz");
}

/* By a value, which no copied string changes. */
TEST(what_a_mount_failed_for_is_a_value)
{
	static const struct {
		const char *source, *target, *words, *call;
		int error;
		enum mount_failure failed_for;
	} cases[] = {
		{ "/dev/sda1", "/mnt", "", NULL, 0, MOUNT_DONE },
		{ "/image", "/mnt", "loop", NULL, 0, MOUNT_DONE },
		{ "/dev/sdz", "/mnt", "", NULL, 0, MOUNT_FAILED_SOURCE },
		{ "/dev/sda1", "/mnt", "", "mount", EIO, MOUNT_FAILED_SOURCE },
		{ "/dev/sda1", "/nowhere", "", NULL, 0, MOUNT_FAILED_TARGET },
		{ "/same", "/same", "", NULL, 0, MOUNT_FAILED_TARGET },
		{ "/missing", "/mnt", "loop", NULL, 0, MOUNT_FAILED_SOURCE },
		{ "/image", "/mnt", "loop", "mount", EINVAL, MOUNT_FAILED_SOURCE },
		{ "/image", "/nowhere", "loop", NULL, 0, MOUNT_FAILED_TARGET },
		{ "/image", "/mnt", "loop,offset=2M", NULL, 0, MOUNT_FAILED_SOURCE },
		{ "/image", "/mnt", "loop", "ioctl LOOP_CTL_GET_FREE", ENOSPC, MOUNT_FAILED_LOOP },
		{ "/image", "/mnt", "loop=/dev/loop99", "open rw /dev/loop99", EPERM, MOUNT_FAILED_LOOP },
		{ NULL, "/mnt", "private", "mount", EINVAL, MOUNT_FAILED_FLAGS },
		{ "/dev/sda1", "/mnt", "private", "mount - /mnt", EINVAL, MOUNT_FAILED_FLAGS },
	};
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		ask(cases[i].source, "ext4", cases[i].words);
		request.target = cases[i].target;
		if (cases[i].call)
			fake_fail(ALWAYS, cases[i].error, cases[i].call);
		mount_do(&request);
		if (request.failed_for != cases[i].failed_for)
			FAIL("case %u: failed for %d, not %d", i, request.failed_for, cases[i].failed_for);
		if (!request.failed_for && request.use_loop)
			loop_close(&request.device);
	}
}


/* --- images --------------------------------------------------------------- */

/* The mount has its device, which lives without us. */
static void check_image_mounted(void)
{
	struct loop_device *device = &request.device;

	CHECK(request.use_loop);
	EQUAL(fake_flags_of(device->fd) & O_ACCMODE, O_RDONLY);
	EQUAL(fake_open_count(), 1 + (device->file_fd >= 0) + (device->control_fd >= 0));
	EQUAL(fake_bound_by_us(), 1);
	CHECK(device->flags & LO_FLAGS_AUTOCLEAR);
	loop_close(device);
	EQUAL(fake_open_count(), 0);
	EQUAL(fake_bound_by_us(), 1);
}

static void check_nothing_left(void)
{
	EQUAL(fake_open_count(), 0);
	EQUAL(fake_bound_by_us(), 0);
	EQUAL(fake.loops[0].owner, NOBODY);
}

TEST(an_image_gets_a_device_that_goes_with_the_mount)
{
	ask("/image", "squashfs", "loop,ro");
	EQUAL(mount_do(&request), 0);
	check_mounts("|/dev/loop0 /mnt squashfs ro -");
	CHECK(!request.fell_back);
	EQUAL(fake_count("open rw /dev/loop0"), 0);
	EQUAL(fake_count("open rw /image"), 0);
	check_image_mounted();
}

TEST(a_regular_file_is_an_image_without_being_told)
{
	ask("/image", "squashfs", "");
	EQUAL(mount_do(&request), 0);
	check_mounts("|/image /mnt squashfs - -|/dev/loop0 /mnt squashfs ro -");
	CHECK(!request.fell_back);
	check_image_mounted();
}

TEST(the_type_of_an_image_is_found_out)
{
	ask("/image", NULL, "");
	put_magic(fake_find("/image"));
	EQUAL(mount_do(&request), 0);
	CHECK(strstr(fake_log("mount "), "|/dev/loop0 /mnt squashfs "));
	check_image_mounted();
}

TEST(a_file_that_the_kernel_mounts_itself_needs_no_device)
{
	ask("/image", "erofs", "");
	fake.mounts_files = true;
	EQUAL(mount_do(&request), 0);
	check_mounts("|/image /mnt erofs - -");
	CHECK(!request.use_loop);
	EQUAL(fake_open_count(), 0);
	EQUAL(fake_count("ioctl"), 0);
}

TEST(a_file_that_the_kernel_can_not_mount_itself_gets_a_device)
{
	/* as erofs in a file on a tmpfs */
	ask("/image", "erofs", "ro");
	request.maybe_loop = true;
	fake.mounts_files = true;
	fake_fail(1, EINVAL, "mount /image");
	EQUAL(mount_do(&request), 0);
	check_mounts("|/image /mnt erofs ro -|/dev/loop0 /mnt erofs ro -");
	check_image_mounted();
}

TEST(a_file_that_might_need_a_device_may_do_without)
{
	ask("/image", "erofs", "ro");
	request.maybe_loop = fake.mounts_files = true;
	EQUAL(mount_do(&request), 0);
	check_mounts("|/image /mnt erofs ro -");
	CHECK(!request.use_loop);
	EQUAL(fake_count("ioctl"), 0);
}

TEST(a_file_that_is_bad_gets_no_device)
{
	ask("/image", "erofs", "ro");
	fake.mounts_files = true;
	fake_fail(1, EINVAL, "mount /image");
	EQUAL(mount_do(&request), -EINVAL); /* nobody said that it might need one */
	check_nothing_left();
	request.maybe_loop = true;
	fake_fail(1, EUCLEAN, "mount /image");
	EQUAL(mount_do(&request), -EUCLEAN);
	check_nothing_left();
	EQUAL(fake_count("ioctl"), 0);
	SAME(why.path, "/image");
}

TEST(a_block_device_gets_a_loop_device_only_on_demand)
{
	ask("/dev/sda1", "ext4", "offset=4096");
	EQUAL(mount_do(&request), 0);
	check_mounts("|/dev/loop0 /mnt ext4 - -");
	EQUAL(fake.loops[0].info.lo_offset, 4096);
	check_image_mounted();
}

TEST(nothing_has_a_mounted_device_open_for_writing)
{
	ask("/image", "ext4", "loop");
	fake.refuses_written = true;
	EQUAL(mount_do(&request), 0);
	check_mounts("|/dev/loop0 /mnt ext4 - -");
	CHECK(!(fake.loops[0].info.lo_flags & LO_FLAGS_READ_ONLY));
	check_image_mounted();
}

TEST(the_status_is_set_once_and_before_the_mount)
{
	ask("/image", "ext4", "loop,offset=512");
	fake_fail(ALWAYS, EINVAL, "ioctl LOOP_CONFIGURE");
	if (!HAS_LEGACY) {
		EQUAL(mount_do(&request), -EINVAL);
		return check_nothing_left();
	}
	EQUAL(mount_do(&request), 0);
	EQUAL(fake_count("ioctl LOOP_SET_STATUS64"), 1);
	EQUAL(fake_count("ioctl LOOP_CLR_FD"), 0);
	check_image_mounted();
}

/* Row 27 */
TEST(before_5_8_a_mounted_device_is_made_to_go_with_its_mount_in_no_time)
{
	ask("/image", "squashfs", "loop,ro");
	fake_fail(ALWAYS, EINVAL, "ioctl LOOP_CONFIGURE");
	if (!HAS_LEGACY)
		return;
	EQUAL(mount_do(&request), 0);
	EQUAL(fake_count("ioctl LOOP_SET_STATUS64"), 0);
	/* only once the mount holds it */
	CHECK(strstr(fake_log(""), "|mount /dev/loop0 /mnt squashfs ro -|ioctl LOOP_CLR_FD /dev/loop0"));
	CHECK(fake.loops[0].info.lo_flags & LO_FLAGS_AUTOCLEAR);
	check_image_mounted();
	EQUAL(fake_count("ioctl LOOP_CLR_FD"), 1);
}

TEST(before_3_7_a_mounted_device_is_made_to_go_with_its_mount_by_its_status)
{
	ask("/image", "squashfs", "loop,ro");
	fake_fail(ALWAYS, EINVAL, "ioctl LOOP_CONFIGURE");
	fake_fail(ALWAYS, EBUSY, "ioctl LOOP_CLR_FD");
	if (!HAS_LEGACY)
		return;
	EQUAL(mount_do(&request), 0);
	EQUAL(fake_count("ioctl LOOP_SET_STATUS64"), 1);
	CHECK(fake.loops[0].info.lo_flags & LO_FLAGS_AUTOCLEAR);
	check_image_mounted();
}

TEST(a_mount_whose_device_would_stay_is_undone)
{
	ask("/image", "squashfs", "loop,ro");
	fake_fail(ALWAYS, EINVAL, "ioctl LOOP_CONFIGURE");
	fake_fail(1, EIO, "ioctl LOOP_CLR_FD");
	if (!HAS_LEGACY)
		return;
	EQUAL(mount_do(&request), -EIO);
	EQUAL(request.failed_for, MOUNT_FAILED_LOOP);
	SAME(why.step, "LOOP_CLR_FD");
	EQUAL(fake_count("umount /mnt"), 1);
	check_nothing_left();
}

TEST(a_mount_that_fails_before_5_8_leaves_no_device)
{
	ask("/image", "squashfs", "loop,ro");
	fake_fail(ALWAYS, EINVAL, "ioctl LOOP_CONFIGURE");
	fake_fail(ALWAYS, EUCLEAN, "mount");
	if (!HAS_LEGACY)
		return;
	EQUAL(mount_do(&request), -EUCLEAN);
	EQUAL(fake_count("ioctl LOOP_SET_STATUS64"), 0);
	check_nothing_left();
}

TEST(an_image_that_can_not_be_written_is_mounted_read_only)
{
	ask("/image", "ext4", "loop");
	fake_fail(ALWAYS, EROFS, "open rw /image");
	EQUAL(mount_do(&request), 0);
	check_mounts("|/dev/loop0 /mnt ext4 ro -");
	CHECK(request.fell_back);
	check_image_mounted();
}

/* As by util-linux; a device is another matter. */
TEST(an_image_that_can_not_be_written_is_mounted_read_only_even_where_rw_is_said)
{
	ask("/image", "ext4", "loop,rw");
	fake_fail(ALWAYS, EROFS, "open rw /image");
	EQUAL(mount_do(&request), 0);
	check_mounts("|/dev/loop0 /mnt ext4 ro -");
	CHECK(request.fell_back);
	check_image_mounted();
}

TEST(a_named_device_is_used_for_the_image)
{
	ask("/image", "ext4", "loop=/dev/loop2");
	EQUAL(mount_do(&request), 0);
	check_mounts("|/dev/loop2 /mnt ext4 - -");
	check_image_mounted();
}

TEST(an_image_without_data_is_refused)
{
	static const char *const words[] = { "loop,offset=2M", "loop,sizelimit=100", "loop,offset=1M" };

	for (unsigned i = 0; i < LENGTH(words); i++) {
		ask("/image", "ext4", words[i]);
		EQUAL(mount_do(&request), -ENODATA);
		check_nothing_left();
		EQUAL(fake_count("mount"), 0);
	}
}

TEST(an_image_that_does_not_mount_leaves_no_device)
{
	static const int errors[] = { EINVAL, EBUSY, EPERM, EIO, ENOMEM, ENODEV, EACCES };

	for (unsigned i = 0; i < LENGTH(errors); i++) {
		ask("/image", "ext4", "loop");
		fake_fail(ALWAYS, errors[i], "mount");
		EQUAL(mount_do(&request), -errors[i]);
		SAME(why.path, "/image");
		check_nothing_left();
	}
}

static unsigned failing;

static void mount_and_fail(int error)
{
	ask("/image", "ext4", "loop,offset=4096");
	fake_fail_nth(failing, error);
	if (mount_do(&request) == 0) {
		CHECK(fake_flags_of(request.device.fd) >= 0);
		EQUAL(fake_bound_by_us(), 1);
		loop_close(&request.device);
	} else {
		CHECK(why.error < 0);
		EQUAL(fake_bound_by_us(), 0);
	}
	EQUAL(fake_open_count(), 0);
}

static void fail_mount_there(void)
{
	static const int errors[] = { EPERM, ENOENT, EIO,    ENXIO,   EACCES,
				      EBUSY, EINVAL, EMFILE, ENOTBLK, ENOMEM };

	for (unsigned i = 0; i < LENGTH(errors); i++)
		mount_and_fail(errors[i]);
}

TEST(whatever_call_fails_an_image_leaves_nothing_open)
{
	char about[40];

	mount_and_fail(0);
	for (unsigned calls = fake.calls; failing < calls;) {
		append_number(append(about, "fails at call "), ++failing);
		test_apart(fail_mount_there, about);
	}
	CHECK(failing >= 10);
}

TEST(a_device_that_carries_the_image_is_mounted_again)
{
	ask("/image", "ext4", "loop");
	fake_bind(1, ADMIN, "/image", 0, 0);
	EQUAL(mount_do(&request), 0);
	check_mounts("|/dev/loop1 /mnt ext4 - -");
	EQUAL(fake_bound_by_us(), 0);
	EQUAL(fake_open_count(), 2);
	loop_close(&request.device);
	EQUAL(fake.loops[1].owner, ADMIN);
}

TEST(a_part_of_an_image_in_use_is_not_mounted)
{
	ask("/image", "ext4", "loop,offset=4096");
	fake_bind(1, ADMIN, "/image", 0, 0);
	EQUAL(mount_do(&request), -EBUSY);
	SAME(why.path, "/image");
	check_nothing_left();
	CHECK(!fake.loops[1].is_cleared);
}


/* --- bind, move, remount, propagation ------------------------------------- */

TEST(a_bind_mount_needs_no_type)
{
	ask("/src", NULL, "bind");
	EQUAL(mount_do(&request), 0);
	check_mounts("|/src /mnt - bind -");
	ask("/src", "none", "rbind");
	EQUAL(mount_do(&request), 0);
	check_mounts("|/src /mnt - bind,rec -");
}

TEST(a_bind_mount_gets_what_is_named_and_keeps_the_rest)
{
	static const struct {
		const char *words, *changes, *old;
	} cases[] = {
		{ "bind,ro,nosuid", "|/mnt +0x3 -0", "ro,nosuid,nodev,remount,bind" },
		{ "rbind,noexec,dev", "|/mnt +0x8 -0x4", "noexec,remount,bind" },
		{ "bind,noatime", "|/mnt +0x10 -0x70", "nodev,remount,noatime,bind" },
		{ "bind,strictatime,nodiratime", "|/mnt +0xa0 -0x70",
		  "nodev,remount,nodiratime,bind,strictatime" },
		{ "bind,relatime", "|/mnt +0 -0x70", "nodev,remount,relatime,bind" },
		{ "bind,nosymfollow", "|/mnt +0x200000 -0", "nodev,remount,bind,nosymfollow" },
	};
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		ask("/src", NULL, cases[i].words);
		EQUAL(mount_do(&request), 0);
		SAME(fake_log("mount_setattr "), cases[i].changes);
		EQUAL(fake_count("statfs"), 0);
		/* before Linux 5.12 */
		ask("/src", NULL, cases[i].words);
		fake.mount_flags = MS_NODEV;
		fake_fail(ALWAYS, ENOSYS, "mount_setattr");
		EQUAL(mount_do(&request), 0);
		SAME(fake_log("mount - /mnt - "), joined("|", cases[i].old, " -"));
	}
}

TEST(a_bind_mount_that_can_not_be_restricted_is_undone)
{
	static const char *const calls[] = { "mount_setattr", "mount - /mnt", "statfs" };

	for (unsigned i = 0; i < LENGTH(calls); i++) {
		ask("/src", NULL, "bind,ro");
		if (i > 0)
			fake_fail(ALWAYS, ENOSYS, "mount_setattr");
		fake_fail(1, EPERM, calls[i]);
		EQUAL(mount_do(&request), -EPERM);
		SAME(fake_log("umount "), "|/mnt 2");
		EQUAL(why.error, -EPERM);
		EQUAL(request.failed_for, MOUNT_FAILED_FLAGS);
	}
	ask("/src", NULL, "bind,remount,ro");
	fake_fail(1, EPERM, "mount");
	EQUAL(mount_do(&request), -EPERM);
	EQUAL(fake_count("umount"), 0);
}

TEST(a_bind_mount_that_fails_is_not_undone)
{
	ask("/src", NULL, "bind,ro");
	fake_fail(ALWAYS, ENOENT, "mount");
	EQUAL(mount_do(&request), -ENOENT);
	EQUAL(fake_count("umount"), 0);
}

TEST(a_bind_mount_is_restricted_later_by_a_remount)
{
	ask("/src", NULL, "bind,remount,ro");
	fake.mount_flags = MS_NODEV;
	EQUAL(mount_do(&request), 0);
	check_mounts("|/src /mnt - ro,nodev,remount,bind -");
}

TEST(a_move_is_one_call)
{
	ask("/src", NULL, "move");
	fake_find("/src")->is_mounted = true;
	EQUAL(mount_do(&request), 0);
	check_mounts("|/src /mnt - move -");
}

TEST(a_move_is_not_undone_by_an_unmount)
{
	ask("/src", NULL, "move,private");
	fake_find("/src")->is_mounted = true;
	fake_fail(1, EINVAL, "mount - /mnt");
	EQUAL(mount_do(&request), -EINVAL);
	EQUAL(fake_count("umount"), 0);
}

TEST(a_remount_keeps_what_no_word_is_about)
{
	static const struct {
		const char *words;
		unsigned long now;
		const char *wanted;
	} cases[] = {
		{ "remount,ro", MS_NOSUID | MS_NODEV, "ro,nosuid,nodev,remount" },
		{ "remount,rw", MS_RDONLY | MS_NOSUID | MS_NOEXEC, "nosuid,noexec,remount" },
		{ "remount,suid", MS_NOSUID | MS_NODEV, "nodev,remount" },
		{ "remount,noatime", 0x1000 | MS_NODEV, "nodev,remount,noatime" },
		{ "remount,ro", 0x1000, "ro,remount,relatime" },
		{ "remount,ro", 0x2000, "ro,remount,nosymfollow" },
		{ "remount", 0x20, "remount" }, /* ST_VALID */
	};
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		ask("/dev/sda1", NULL, cases[i].words);
		fake.mount_flags = cases[i].now;
		EQUAL(mount_do(&request), 0);
		const char *log = fake_log("mount /dev/sda1 /mnt - ");
		const char *rest = after_prefix(log, "|");
		if (!rest || !(rest = after_prefix(rest, cases[i].wanted)) || strcmp(rest, " -"))
			FAIL("%s on %#lx gives %s", cases[i].words, cases[i].now, log);
	}
}

/* That does not ask the file system, which may be dead. */
TEST(a_remount_keeps_what_the_kernels_list_has)
{
	static const struct {
		const char *words, *options, *system, *wanted;
	} cases[] = {
		{ "remount,ro", "rw,nosuid,relatime", "rw", "ro,nosuid,remount,relatime" },
		{ "remount,rw", "ro,noexec,noatime", "ro,errors=x", "noexec,remount,noatime" },
		{ "remount,dev", "rw,nosuid,nodev", "rw,sync", "nosuid,sync,remount" },
		{ "remount,atime", "rw,noatime", "rw", "remount" },
		{ "remount", "rw,nosymfollow,nodiratime,relatime", "rw",
		  "remount,nodiratime,relatime,nosymfollow" },
	};
	char list[400];

	for (unsigned i = 0; i < LENGTH(cases); i++) {
		ask("/dev/sda1", NULL, cases[i].words);
		/* the first descriptor is 3 */
		fake_text("/proc/self/fdinfo/3", "pos:\t0\nflags:\t012000000\nmnt_id:\t41\nino:\t2\n");
		snprintf(list, sizeof list,
			 "40 1 8:0 / /mnt rw,noexec - ext4 /dev/sda rw\n"
			 "41 1 8:1 / /mnt %s shared:1 - ext4 /dev/sda1 %s\n"
			 "42 1 8:1 / /mnt rw,noexec - ext4 /dev/sdb rw\n",
			 cases[i].options, cases[i].system);
		fake_text(MOUNT_INFO, list);
		fake_fail(ALWAYS, ENOTCONN, "statfs");
		EQUAL(mount_do(&request), 0);
		SAME(fake_log("mount /dev/sda1 /mnt - "), joined("|", cases[i].wanted, " -"));
		EQUAL(fake_count("statfs"), 0);
	}
}

TEST(a_remount_that_can_not_know_what_there_is_is_refused)
{
	ask("/dev/sda1", NULL, "remount,ro");
	fake_fail(ALWAYS, ENOTCONN, "statfs");
	EQUAL(mount_do(&request), -ENOTCONN);
	EQUAL(fake_count("mount"), 0);
	EQUAL(request.failed_for, MOUNT_FAILED_FLAGS);
	SAME(why.path, "/mnt");
	/* All that it is to be is said: nothing is to be kept. */
	ask("/dev/sda1", NULL, "remount,ro,nodev");
	request.replaces = true;
	EQUAL(mount_do(&request), 0);
	check_mounts("|/dev/sda1 /mnt - ro,nodev,remount -");
}

TEST(a_file_system_that_is_read_only_elsewhere_is_mounted_so)
{
	ask("/dev/sda1", "ext4", "nosuid");
	fake_fail(1, EBUSY, "mount");
	EQUAL(mount_do(&request), 0);
	check_mounts("|/dev/sda1 /mnt ext4 nosuid -|/dev/sda1 /mnt ext4 ro,nosuid -");
	CHECK(request.fell_back);
	ask("/dev/sda1", "ext4", "");
	fake_fail(ALWAYS, EBUSY, "mount");
	EQUAL(mount_do(&request), -EBUSY);
	EQUAL(fake_count("mount "), 2);
	ask("/dev/sda1", "ext4", "rw");
	fake_fail(ALWAYS, EBUSY, "mount");
	EQUAL(mount_do(&request), -EBUSY);
	EQUAL(fake_count("mount "), 1);
}

TEST(a_remount_to_rw_that_fails_is_not_made_read_only)
{
	ask("/dev/sda1", NULL, "remount,rw");
	fake_fail(ALWAYS, EROFS, "mount");
	EQUAL(mount_do(&request), -EROFS);
	EQUAL(fake_count("mount "), 1);
}

TEST(propagation_is_changed_without_a_source)
{
	ask(NULL, NULL, "rprivate");
	EQUAL(mount_do(&request), 0);
	check_mounts("|- /mnt - rec,private -");
	ask(NULL, NULL, "shared");
	fake_fail(1, EINVAL, "mount");
	EQUAL(mount_do(&request), -EINVAL);
	EQUAL(fake_count("umount"), 0);
	SAME(why.path, "/mnt");
}

TEST(propagation_follows_the_mount)
{
	ask("/dev/sda1", "ext4", "private");
	EQUAL(mount_do(&request), 0);
	check_mounts("|/dev/sda1 /mnt ext4 - -|- /mnt - private -");
}

TEST(a_mount_whose_propagation_fails_is_undone)
{
	ask("/dev/sda1", "ext4", "private");
	fake_fail(1, EINVAL, "mount - /mnt");
	EQUAL(mount_do(&request), -EINVAL);
	SAME(fake_log("umount "), "|/mnt 2");
}

TEST(an_image_whose_propagation_fails_is_given_back)
{
	ask("/image", "ext4", "loop,private");
	fake_fail(1, EINVAL, "mount - /mnt");
	EQUAL(mount_do(&request), -EINVAL);
	EQUAL(fake_open_count(), 0);
}

TEST(a_fake_mount_touches_nothing)
{
	static const struct {
		const char *source, *type, *words;
	} cases[] = {
		{ "/dev/sda1", "ext4", "ro" }, { "/dev/sda1", NULL, "" },
		{ "/src", NULL, "bind,ro" },   { "/image", "squashfs", "loop,private" },
		{ "/image", "squashfs", "" },
	};
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		ask(cases[i].source, cases[i].type, cases[i].words);
		request.fake = true;
		EQUAL(mount_do(&request), 0);
		EQUAL(fake_count("mount") + fake_count("umount") + fake_count("ioctl"), 0);
		EQUAL(fake_open_count(), 0);
	}
}


/* --- tables --------------------------------------------------------------- */

static const char fstab_text[] = "# a comment\n"
				 "\n"
				 "   # another one, and more words here\n"
				 "proc /proc proc\n"
				 "two words\n"
				 "  /dev/sda1\t/with\\040blank   ext4 ro,nosuid 0 1\r\n"
				 "LABEL=\"a b\" /l auto x 0 0 and more\n"
				 "UUID='x y'\t/u auto\n"
				 "LABEL=\"a /l auto\n"
				 "/dev/sda2 /x ext4 defaults zero 0\n"
				 "/dev/sda2 /x ext4 defaults 0 0x\n"
				 "torn\0/x ext4 rw\n"
				 "/dev/sda3 /\0 ext4 rw\n"
				 " \t \n"
				 "\0\0\0\0\n"
				 "tmpfs /run tmpfs mode=755 0 0\n"
				 "\0\0";

static void check_entry(struct fstab *fstab, const char *wanted)
{
	struct mount_entry entry;
	char is[200];

	int r = fstab_next(fstab, &entry);
	if (r == 1)
		snprintf(is, sizeof is, "%u|%s|%s|%s|%s", fstab->line, entry.source, entry.target, entry.type,
			 entry.options);
	else
		snprintf(is, sizeof is, "%u: %d", fstab->line, r);
	SAME(is, wanted);
}

TEST(fstab_entries_are_taken_in_their_order_and_bad_lines_are_told)
{
	struct fstab fstab;
	struct mount_entry entry;
	struct fake_file *file = fake_text("/etc/fstab", "");

	file->data = fstab_text;
	file->size = sizeof fstab_text - 1;
	EQUAL(fstab_read(&fstab, "/etc/fstab"), 0);
	check_entry(&fstab, "4|proc|/proc|proc|defaults");
	check_entry(&fstab, "5: -22");
	check_entry(&fstab, "6|/dev/sda1|/with blank|ext4|ro,nosuid");
	check_entry(&fstab, "7|LABEL=\"a b\"|/l|auto|x");
	check_entry(&fstab, "8|UUID='x y'|/u|auto|defaults");
	check_entry(&fstab, "9|LABEL=\"a|/l|auto|defaults");
	for (unsigned line = 10; line <= 13; line++) {
		EQUAL(fstab_next(&fstab, &entry), -EINVAL);
		EQUAL(fstab.line, line);
	}
	check_entry(&fstab, "15: -22");
	check_entry(&fstab, "16|tmpfs|/run|tmpfs|mode=755");
	check_entry(&fstab, "17: -22");
	EQUAL(fstab_next(&fstab, &entry), 0);
	EQUAL(fstab_next(&fstab, &entry), 0);
}

TEST(an_fstab_that_can_not_be_read_is_an_error)
{
	struct fstab fstab;

	EQUAL(fstab_read(&fstab, "/etc/fstab"), -ENOENT);
	fake_text("/etc/fstab", "proc /proc proc\n");
	fake_fail(1, EIO, "read");
	EQUAL(fstab_read(&fstab, "/etc/fstab"), -EIO);
	SAME(why.path, "/etc/fstab");
}

TEST(the_kernels_entries_may_have_no_source)
{
	char copy[] = " /mnt tmpfs rw 0 0\n#x / ext4 rw 0 0\n", *text = copy;
	struct mount_entry entry;

	CHECK(mount_entry_next(&text, &entry));
	SAME(entry.source, "");
	SAME(entry.target, "/mnt");
	CHECK(mount_entry_next(&text, &entry));
	SAME(entry.source, "#x");
	CHECK(!mount_entry_next(&text, &entry));
}

TEST(mounts_are_taken_last_first)
{
	char text[] = "proc /proc proc rw 0 0\nsys /sys sysfs rw 0 0\nc /\\134 d rw 0 0\n";
	char *end = text + strlen(text);
	struct mount_entry entry;

	CHECK(mount_entry_last(text, &end, &entry));
	SAME(entry.source, "c");
	SAME(entry.target, "/\\134");
	CHECK(mount_entry_last(text, &end, &entry));
	SAME(entry.type, "sysfs");
	CHECK(mount_entry_last(text, &end, &entry));
	SAME(entry.target, "/proc");
	CHECK(!mount_entry_last(text, &end, &entry));
	CHECK(!mount_entry_last(text, &end, &entry));
}

/* By statx(2) or, before Linux 5.8, by the kernel's list. */
TEST(what_nobody_can_tell_to_be_a_mount_point_is_an_error)
{
	fake_boot();
	fake_add("/mnt", S_IFDIR | 0755);
	fake_fail(ALWAYS, EIO, "statx");
	int r = mount_is_point("/mnt");
	SAME(why.path, HAS_LEGACY ? "/proc/self/mounts" : "/mnt");
	EQUAL(r, HAS_LEGACY ? -ENOENT : -EIO);
}
