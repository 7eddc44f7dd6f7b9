/* SPDX-License-Identifier: MIT */
/* dm-verity: from a superblock to the kernel's table, and what is refused before it gets there; the
 * digests that hash trees are made of. */
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "fake_kernel.h"
#include "sha2.h"
#include "test.h"
#include "verity.h"

enum { BLOCKS = 8, TREE = BLOCKS * 4096, DISK = TREE + 3 * 4096 };
#define ROOT_HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static unsigned char disk[DISK];
static struct verity verity;

static struct verity_superblock *on_disk(void)
{
	return (void *)(disk + TREE);
}

/* An image that holds a squashfs, and behind that its hash tree. */
static void fill(void)
{
	struct verity_superblock *super = on_disk();

	memset(disk, 0, sizeof disk);
	memcpy(disk, "hsqs", 4);
	disk[14] = 2; /* blocks of 128 KiB */
	disk[20] = 1;
	disk[22] = 17;
	disk[28] = 4; /* the version */
	disk[40] = 1; /* bytes_used: a little more than 7 blocks */
	disk[41] = 0x70;
	strcpy(super->magic, "verity");
	super->version = htole32(1);
	super->type = htole32(1);
	for (unsigned i = 0; i < 16; i++)
		super->uuid[i] = i;
	strcpy(super->algorithm, "sha256");
	super->data_block = super->hash_block = htole32(4096);
	super->data_blocks = htole64(BLOCKS);
	super->salt_size = htole16(3);
	memcpy(super->salt, "\x0a\xbc\xff", 3);
	verity_default(&verity);
	verity.data = verity.hash = "/verified";
	verity.hash_offset = VERITY_BEHIND_DATA;
	verity.root_hash = ROOT_HASH;
}

static void start(void)
{
	fake_boot();
	struct fake_file *file = fake_add("/verified", S_IFREG | 0644);
	file->data = disk;
	file->size = sizeof disk;
	fill();
}

static void check_nothing_left(void)
{
	EQUAL(fake_maps(), 0);
	EQUAL(fake_bound_by_us(), 0);
}

/* It can't be opened, for that reason, and the kernel is not asked. */
static void refused(const char *reason)
{
	EQUAL(verity_open(&verity, "root"), VERITY_BAD);
	SAME(why.path, "/verified");
	SAME(why.step, reason);
	CHECK(why.is_finding && !dm_refused);
	EQUAL(fake_count("ioctl DM_"), 0);
	EQUAL(fake_open_count(), 0);
	check_nothing_left();
}

TEST(an_image_becomes_a_device_by_its_superblock)
{
	start();
	EQUAL(verity_open(&verity, "root"), 0);
	SAME(verity.path, "/dev/dm-0");
	EQUAL(fake_maps(), 1);
	struct fake_map *map = fake.maps;
	SAME(map->name, "root");
	SAME(map->uuid, "CRYPT-VERITY-000102030405060708090a0b0c0d0e0f-root");
	EQUAL(map->sectors, BLOCKS * 8);
	CHECK(map->is_active && map->is_read_only);
	SAME(map->table, "1 /dev/loop0 /dev/loop0 4096 4096 8 9 sha256 " ROOT_HASH " 0abcff");
	EQUAL(fake.loops[0].info.lo_flags & (LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR),
	      LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR);
	EQUAL(fake.loops[0].openers, 1); /* the mapping */
	EQUAL(fake_count("ioctl "), HAS_CONFIGURE ? 5 : 6);
	/* The loop device goes with the mapping. */
	EQUAL(dm_remove("root", 0), 0);
	EQUAL(fake_maps(), 0);
	EQUAL(fake.loops[0].owner, NOBODY);
}

/* Before Linux 5.8, it is told to go with the mapping once that is there. */
TEST(a_loop_device_that_would_stay_makes_no_mapping)
{
	if (!HAS_LEGACY)
		return;
	start();
	fake_fail(ALWAYS, EINVAL, "ioctl LOOP_CONFIGURE");
	fake_fail(1, EIO, "ioctl LOOP_CLR_FD");
	EQUAL(verity_open(&verity, "root"), -EIO);
	SAME(why.step, "LOOP_CLR_FD");
	check_nothing_left();
}

TEST(a_superblock_that_can_t_be_read_is_not_none)
{
	start();
	fake_fail(ALWAYS, EIO, "pread /verified 32768");
	EQUAL(verity_open(&verity, "root"), -EIO);
	SAME(why.step, "read");
	CHECK(!why.is_finding);
	check_nothing_left();
}

TEST(what_the_kernel_says_of_a_mapping_that_it_refused_is_told)
{
	start();
	fake_fail(ALWAYS, EINVAL, "ioctl DM_TABLE_LOAD");
	EQUAL(verity_open(&verity, "root"), -EINVAL);
	fake.kernel_says = "device-mapper: table: 254:0: verity: Unrecognized verity feature request";
	verity_explain(&verity, "root", "/verified", -EINVAL);
	EQUAL(why.error, -EINVAL);
	SAME(why.path, "/verified");
	SAME(why.step, "dm table: Invalid argument; device-mapper: table: 254:0: verity: Unrecognized verity "
		       "feature request");
	CHECK(why.is_finding);
	check_nothing_left();
}

TEST(a_device_mapper_without_verity_is_told_of)
{
	start();
	fake_fail(ALWAYS, EINVAL, "ioctl DM_TABLE_LOAD");
	fake.kernel_says = "device-mapper: table: 254:0: verity: unknown target type";
	EQUAL(verity_open(&verity, "root"), -EINVAL);
	verity_explain(&verity, "root", "/verified", -EINVAL);
	SAME(why.step, "dm table: Invalid argument; device-mapper: table: 254:0: verity: unknown target type "
		       "(CONFIG_DM_VERITY, or the module dm-verity)");
}

TEST(where_the_kernel_says_nothing_of_a_mapping_the_reason_stays)
{
	start();
	fake_fail(ALWAYS, EBUSY, "ioctl DM_DEV_CREATE");
	EQUAL(verity_open(&verity, "root"), -EBUSY);
	verity_explain(&verity, "root", "root", -EBUSY);
	EQUAL(why.error, -EBUSY);
	SAME(why.path, "root");
	SAME(why.step, "dm create");
	CHECK(!why.is_finding);
	check_nothing_left();
}

TEST(a_kernel_without_device_mapper_is_told_of)
{
	start();
	fake_fail(ALWAYS, ENODEV, "open rw /dev/mapper/control");
	EQUAL(verity_open(&verity, "root"), -ENODEV);
	SAME(why.path, "/dev/mapper/control");
	SAME(why.step, "open (CONFIG_BLK_DEV_DM, or the module dm-mod)");
	check_nothing_left();
}

TEST(who_may_not_open_device_mapper_is_told_no_option)
{
	start();
	fake_fail(ALWAYS, EACCES, "open rw /dev/mapper/control");
	EQUAL(verity_open(&verity, "root"), -EACCES);
	SAME(why.step, "open");
}

TEST(what_is_in_the_place_of_a_superblock_is_named)
{
	start();
	memset(disk, 0, sizeof disk);
	memcpy(disk, "LUKS\xba\xbe\0\2", 8);
	refused("no dm-verity superblock at byte 0: a LUKS volume: open it first");
}

TEST(an_erofs_tells_its_size_too)
{
	start();
	memset(disk, 0, TREE);
	memcpy(disk + 1024, "\xe2\xe1\xf5\xe0", 4);
	disk[1024 + 12] = 12;
	disk[1024 + 36] = BLOCKS;
	EQUAL(verity_open(&verity, "root"), 0);
	CHECK(strstr(fake.maps[0].table, " 8 9 sha256 "));
}

TEST(data_and_tree_may_be_two_files)
{
	start();
	fake_add("/data", S_IFREG | 0644)->size = TREE;
	verity.data = "/data";
	verity.hash_offset = TREE;
	EQUAL(verity_open(&verity, "root"), 0);
	SAME(fake.maps[0].table, "1 /dev/loop0 /dev/loop1 4096 4096 8 9 sha256 " ROOT_HASH " 0abcff");
	EQUAL(fake_bound_by_us(), 2);
	dm_let_go("root");
	check_nothing_left();
}

TEST(a_device_stands_in_the_table_by_its_number)
{
	start();
	struct fake_file *device = fake_add("/medium/x 4096 4096 9", S_IFBLK | 0600);
	device->data = disk;
	device->size = sizeof disk;
	verity.data = verity.hash = "/medium/x 4096 4096 9";
	EQUAL(verity_open(&verity, "root"), 0);
	CHECK(!strncmp(fake.maps[0].table, "1 0:0 0:0 4096 4096 8 9 sha256 ", 31));
	EQUAL(fake_bound_by_us(), 0);
}

TEST(without_a_salt_the_table_has_a_dash)
{
	start();
	on_disk()->salt_size = 0;
	EQUAL(verity_open(&verity, "root"), 0);
	SAME(fake.maps[0].table, "1 /dev/loop0 /dev/loop0 4096 4096 8 9 sha256 " ROOT_HASH " -");
}

TEST(the_longest_of_everything_fits)
{
	static char root_hash[2 * VERITY_DIGEST_MAX + 1], salt[2 * VERITY_SALT_MAX + 1];

	start();
	memset(root_hash, 'e', sizeof root_hash - 1);
	memset(salt, 'f', sizeof salt - 1);
	memset(on_disk()->salt, 0xff, VERITY_SALT_MAX);
	memset(on_disk()->algorithm, 'a', 31);
	on_disk()->salt_size = htole16(VERITY_SALT_MAX);
	on_disk()->data_blocks = htole64((1ULL << 43) - 1);
	verity.root_hash = root_hash;
	char list[] = "restart-on-corruption,panic-on-corruption,ignore-zero-blocks,check-at-most-once,use-"
		      "tasklets";
	EQUAL(verity_option_list(&verity, list), 0);
	EQUAL(verity_option(&verity, 'i', NULL), 0);
	EQUAL(verity_open(&verity, "root"), 0);
	CHECK(strstr(fake.maps[0].table, salt));
	CHECK(strstr(fake.maps[0].table, " 6 restart_on_corruption panic_on_corruption ignore_corruption "
					 "ignore_zero_blocks check_at_most_once try_verify_in_tasklet"));
}

TEST(a_superblock_that_no_kernel_takes_is_refused)
{
	start();
	on_disk()->magic[5] = 'Y';
	refused("no dm-verity superblock at byte 32768");
	start();
	on_disk()->magic[6] = 'x';
	refused("no dm-verity superblock at byte 32768");
	start();
	on_disk()->version = htole32(2);
	refused("an unknown version of dm-verity");
	start();
	on_disk()->type = htole32(2);
	refused("an unknown type of hash tree");
	start();
	on_disk()->data_blocks = 0;
	refused("a bad number of data blocks");
	start();
	on_disk()->data_blocks = htole64(1ULL << 43);
	refused("a bad number of data blocks");
	start();
	on_disk()->salt_size = htole16(VERITY_SALT_MAX + 1);
	refused("a salt that is too long");
}

TEST(block_sizes_are_powers_of_two_within_limits)
{
	static const uint32_t bad[] = { 0, 1, 256, 511, 513, 4095, 6144, 1 << 20, 1U << 31, UINT32_MAX };

	for (unsigned i = 0; i < LENGTH(bad); i++) {
		start();
		on_disk()->data_block = htole32(bad[i]);
		refused("a bad size of data blocks");
		start();
		on_disk()->hash_block = htole32(bad[i]);
		refused("a bad size of hash blocks");
	}
}

TEST(the_name_of_an_algorithm_is_one_word)
{
	static const char *const bad[] = { "",	    "sha256 0 -", "sha\t256", "sha256\n",
					   "a\\ b", "\x7f",	  "\xa0",     "\x01" };

	for (unsigned i = 0; i < LENGTH(bad); i++) {
		start();
		memset(on_disk()->algorithm, 0, 32);
		strcpy(on_disk()->algorithm, bad[i]);
		refused("a bad name of a hash algorithm");
	}
	start();
	memset(on_disk()->algorithm, 'a', 32);
	refused("a bad name of a hash algorithm");
}

TEST(a_root_hash_is_hexadecimal)
{
	static const char *const bad[] = { "", "0", "012", "xy", ROOT_HASH " 1 ignore_corruption", NULL };
	static char too_long[2 * VERITY_DIGEST_MAX + 3];

	for (unsigned i = 0; i < LENGTH(bad); i++) {
		start();
		verity.root_hash = bad[i];
		refused("the root hash is not valid");
	}
	start();
	memset(too_long, '0', sizeof too_long - 1);
	verity.root_hash = too_long;
	refused("the root hash is not valid");
}

TEST(a_root_hash_that_can_be_forged_is_refused)
{
	char sha1[] = "0123456789abcdef0123456789abcdef01234567";

	start();
	strcpy(on_disk()->algorithm, "crc32c");
	verity.root_hash = "01234567";
	refused("the root hash has less than 256 bits");
	start();
	verity.root_hash = sha1;
	refused("the root hash has less than 256 bits");
}

static int open_of(const char *algorithm, const char *option)
{
	char list[40];

	fill();
	memset(on_disk()->algorithm, 0, 32);
	strcpy(on_disk()->algorithm, algorithm);
	verity.trusted_algorithms = true;
	if (equal(algorithm, "sha512"))
		verity.root_hash = ROOT_HASH ROOT_HASH;
	if (equal(algorithm, "sha384"))
		verity.root_hash = ROOT_HASH "0123456789abcdef0123456789abcdef";
	EQUAL(verity_option_list(&verity, strcpy(list, option)), 0);
	int r = verity_open(&verity, "root");
	if (r == 0) {
		CHECK(strstr(fake.maps[0].table, algorithm));
		dm_let_go("root");
	}
	check_nothing_left();
	return r;
}

TEST(the_disk_does_not_choose_the_algorithm)
{
	static const char *const bad[] = { "crc32c",	  "md5",	   "sha1",   "sha256-avx2",
					   "SHA256",	  "sha256,sha512", "sha",    "xxhash64",
					   "hmac(crc32)", "sha2567",	   "sha384", "blake2b-256" };

	start();
	for (unsigned i = 0; i < LENGTH(bad); i++) {
		EQUAL(open_of(bad[i], ""), VERITY_BAD);
		EQUAL(open_of(bad[i], "hash=sha224"), VERITY_BAD);
		CHECK(why.is_finding);
		EQUAL(fake_count("ioctl DM_"), 0);
	}
	EQUAL(open_of("sha256", ""), 0);
	EQUAL(open_of("sha512", ""), 0);
	EQUAL(open_of("sha256", "hash=sha384"), 0);
	EQUAL(open_of("sha384", "hash=sha384"), 0);
	/* Whoever runs veritysetup may trust the disk. */
	fill();
	strcpy(on_disk()->algorithm, "sha3-256");
	EQUAL(verity_open(&verity, "root"), 0);
}

/* The table's end where these are the options. */
static void table_ends(const char *options, const char *wanted)
{
	char list[60];

	fill();
	EQUAL(verity_option_list(&verity, strcpy(list, options)), 0);
	EQUAL(verity_open(&verity, "root"), 0);
	SAME(strstr(fake.maps[0].table, " 0abcff"), wanted);
	dm_let_go("root");
}

TEST(errors_of_the_disk_can_be_treated_as_corruption_is)
{
	start();
	table_ends("panic-on-error,restart-on-error", " 0abcff 2 restart_on_error panic_on_error ");
	table_ends("error-as-corruption,panic-on-corruption",
		   " 0abcff 2 panic_on_corruption panic_on_error ");
	table_ends("restart-on-corruption,error-as-corruption",
		   " 0abcff 2 restart_on_corruption restart_on_error ");
	table_ends("error-as-corruption", " 0abcff");
}

TEST(that_the_kernel_refused_the_mapping_is_told_as_a_value)
{
	start();
	fake_fail(1, EINVAL, "ioctl DM_TABLE_LOAD");
	EQUAL(verity_open(&verity, "root"), -EINVAL);
	CHECK(dm_refused && !why.is_finding);
	SAME(why.path, "root");
	check_nothing_left();
	on_disk()->magic[0] = 0;
	EQUAL(verity_open(&verity, "root"), VERITY_BAD);
	CHECK(why.is_finding && !dm_refused);
}

TEST(what_holds_no_file_system_needs_to_say_where_its_tree_is)
{
	start();
	memset(disk, 0, TREE);
	refused("no dm-verity superblock at byte 0");
	start();
	memset(disk, 0, TREE);
	verity.hash_offset = TREE;
	EQUAL(verity_open(&verity, "root"), 0);
}

TEST(options_say_what_no_superblock_says)
{
	char list[] = "no-superblock,hash=sha512,format=0,data-block-size=1024,hash-block-size=2048,"
		      "hash-offset=4096,salt=AA0b,check-at-most-once";

	start();
	verity.root_hash = ROOT_HASH ROOT_HASH;
	EQUAL(verity_option_list(&verity, list), 0);
	EQUAL(verity_open(&verity, "root"), 0);
	SAME(fake.maps[0].table, "0 /dev/loop0 /dev/loop0 1024 2048 4 2 sha512 " ROOT_HASH ROOT_HASH
				 " aa0b 1 check_at_most_once ");
	SAME(fake.maps[0].uuid, "CRYPT-VERITY-root");
}

TEST(bad_options_are_refused)
{
	static const char *const bad[] = {
		"nonsense",
		"nonsense=1",
		"hash-offset",
		"hash-offset=",
		"hash-offset=x",
		"hash-offset=99999999999999999999",
		"ignore-corruption=1",
		"ignore-corruption",
		"root-hash-file=/hash",
		"salt=abc",
		"salt=xy",
		"salt=",
		"hash=",
		"hash=a b",
		"hash=0123456789012345678901234567890123456789",
		"uuid=1234",
		"uuid=00112233-4455-6677-8899-aabbccddeeffa",
		"fec-roots=1",
		"fec-roots=25",
	};
	char list[64];

	for (unsigned i = 0; i < LENGTH(bad); i++) {
		start();
		strcpy(list, bad[i]);
		if (verity_option_list(&verity, list) != -EINVAL)
			FAIL("takes %s", bad[i]);
	}
}

TEST(a_root_hash_comes_from_a_file)
{
	start();
	fake_text("/hash", ROOT_HASH "\n");
	EQUAL(verity_option(&verity, 'R', "/hash"), 0);
	SAME(verity.root_hash, ROOT_HASH);
	fake_text("/empty", "\n" ROOT_HASH);
	EQUAL(verity_option(&verity, 'R', "/empty"), -EINVAL);
	CHECK(why.is_finding);
	EQUAL(verity_option(&verity, 'R', "/missing"), -ENOENT);
	SAME(why.path, "/missing");
}

TEST(a_root_hash_is_as_long_as_its_algorithm_s)
{
	start();
	strcpy(on_disk()->algorithm, "sha512");
	refused("the root hash is not as long as those of this algorithm");
	start();
	strcpy(on_disk()->algorithm, "sha384");
	refused("the root hash is not as long as those of this algorithm");
	fill();
	strcpy(on_disk()->algorithm, "sha512");
	verity.root_hash = ROOT_HASH ROOT_HASH;
	EQUAL(verity_open(&verity, "root"), 0);
}

TEST(a_wrong_root_hash_shows_at_the_first_read_and_leaves_nothing)
{
	start();
	fake.is_not_verified = true;
	EQUAL(verity_open(&verity, "root"), -EIO);
	SAME(why.path, "/verified");
	check_nothing_left();
}

TEST(a_name_that_is_taken_leaves_the_other_alone)
{
	start();
	EQUAL(verity_open(&verity, "root"), 0);
	EQUAL(verity_open(&verity, "root"), -EBUSY);
	SAME(why.path, "root");
	EQUAL(fake_maps(), 1);
	EQUAL(fake_bound_by_us(), 1);
	static char long_name[200];
	memset(long_name, 'n', sizeof long_name - 1);
	EQUAL(verity_open(&verity, long_name), -ENAMETOOLONG);
	EQUAL(fake_maps(), 1);
	EQUAL(fake_bound_by_us(), 1);
}

TEST(a_table_of_the_command_line_names_the_image)
{
	start();
	EQUAL(verity_open_table(&verity, "vroot", 64, "1 IMAGE IMAGE 4096 4096 8 9 sha256 " ROOT_HASH " -"),
	      0);
	SAME(fake.maps[0].table, "1 /dev/loop0 /dev/loop0 4096 4096 8 9 sha256 " ROOT_HASH " -");
	SAME(fake.maps[0].name, "vroot");
	dm_let_go("vroot");
	check_nothing_left();
	static char huge[30000];
	memset(huge, 'x', sizeof huge - 1);
	EQUAL(verity_open_table(&verity, "vroot", 64, huge), -E2BIG);
	check_nothing_left();
}

static unsigned failing;
static int error;

static void open_and_fail(void)
{
	start();
	fake_fail_nth(failing, error);
	if (verity_open(&verity, "root") == 0) {
		EQUAL(fake_maps(), 1);
		EQUAL(fake_bound_by_us(), 1);
		dm_let_go("root");
	} else {
		CHECK(fake.fault_hit);
		CHECK(why.error < 0 && why.path && why.step);
	}
	check_nothing_left();
	EQUAL(fake_open_count(), 0);
}

TEST(whatever_call_fails_no_mapping_is_left)
{
	static const int errors[] = { ENOENT, EIO, EBUSY, EINVAL };
	enum { MORE_THAN_CALLS = 20 };
	char about[60];

	for (failing = 1; failing < MORE_THAN_CALLS; failing++)
		for (unsigned i = 0; i < LENGTH(errors); i++) {
			error = errors[i];
			append_number(
				append(append_number(append(about, "fails at call "), failing), " with "),
				error);
			test_apart(open_and_fail, about);
		}
}

TEST(the_disk_has_its_numbers_in_the_other_order_only_where_the_machine_has)
{
	struct verity_superblock super = { .version = 0x01020304,
					   .data_blocks = 0x0102030405060708,
					   .salt_size = 0x0102 };
	unsigned char *bytes = (void *)&super;

	verity_turn(&super);
	EQUAL(bytes[8], 4);
	EQUAL(bytes[72], 8);
	EQUAL(bytes[80], 2);
}

/* --- digests: the examples of FIPS 180-4 -------------------------------------------- */

static const char *digest_of(unsigned size, const char *text, unsigned times)
{
	static char digits[2 * 64 + 1];
	unsigned char digest[64];
	struct sha2 sha2;

	sha2_start(&sha2, size);
	while (times--)
		sha2_add(&sha2, (const unsigned char *)text, strlen(text));
	sha2_end(&sha2, digest);
	*verity_append_hex(digits, digest, size) = 0;
	return digits;
}

#define TWO_BLOCKS_OF_256 "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
#define TWO_BLOCKS_OF_512 \
	"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrs" \
	"mnopqrstnopqrstu"

TEST(sha_256_gives_the_known_digests)
{
	SAME(digest_of(32, "", 1), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	SAME(digest_of(32, "abc", 1), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	SAME(digest_of(32, TWO_BLOCKS_OF_256, 1),
	     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	SAME(digest_of(32, "aaaaaaaaaa", 100000),
	     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(sha_512_gives_the_known_digests)
{
	SAME(digest_of(64, "", 1), "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
				   "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e");
	SAME(digest_of(64, "abc", 1), "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
				      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
	SAME(digest_of(64, TWO_BLOCKS_OF_512, 1),
	     "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
	     "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909");
	SAME(digest_of(64, "aaaaaaaaaa", 100000),
	     "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
	     "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b");
}

TEST(a_digest_does_not_depend_on_the_pieces)
{
	const char *text = TWO_BLOCKS_OF_512;
	char whole[129];

	strcpy(whole, digest_of(32, text, 1));
	for (unsigned cut = 1; cut < strlen(text); cut++) {
		unsigned char digest[32];
		struct sha2 sha2;
		char digits[65];
		sha2_start(&sha2, 32);
		sha2_add(&sha2, (const unsigned char *)text, cut);
		sha2_add(&sha2, (const unsigned char *)text + cut, strlen(text) - cut);
		sha2_end(&sha2, digest);
		*verity_append_hex(digits, digest, 32) = 0;
		SAME(digits, whole);
	}
}
