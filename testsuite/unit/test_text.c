/* SPDX-License-Identifier: MIT */
/* Numbers, words, options and messages. */
#include <string.h>

#include "fake_kernel.h"
#include "test.h"

TEST(sizes_are_read_as_util_linux_does)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
		{ "0", 0 },
		{ "1", 1 },
		{ "512", 512 },
		{ "007", 7 },
		{ "4294967296", 1ULL << 32 },
		{ "0x10", 16 },
		{ "0Xff", 255 },
		{ "0xAbC", 0xabc },
		{ "0x10K", 16384 },
		{ "1K", 1024 },
		{ "1k", 1024 },
		{ "1KiB", 1024 },
		{ "1kib", 1024 },
		{ "1KB", 1000 },
		{ "1kb", 1000 },
		{ "3M", 3 << 20 },
		{ "3MiB", 3 << 20 },
		{ "3MB", 3000000 },
		{ "2G", 2ULL << 30 },
		{ "2GB", 2000000000 },
		{ "5T", 5ULL << 40 },
		{ "5TB", 5000000000000 },
		{ "6P", 6ULL << 50 },
		{ "6PB", 6000000000000000 },
		{ "1E", 1ULL << 60 },
		{ "7E", 7ULL << 60 },
		{ "7EB", 7000000000000000000 },
		{ "4611686018427387904", 1ULL << 62 },
		{ "0x4000000000000000", 1ULL << 62 },
		{ "010", 8 },
		{ "0100K", 64 << 10 },
		{ "00", 0 },
		{ "0K", 0 },
		{ "1.5K", 1536 },
		{ "1.5M", 3 << 19 },
		{ "1.5MB", 1500000 },
		{ "0.5KiB", 512 },
		{ "2.25G", 9ULL << 28 },
		{ "1.000000000000000000000001K", 1024 },
		{ "7.999999999999999999999999E", UINT64_MAX >> 1 },
		{ "1.05K", 1075 },
		{ "2.K", 2048 },
	};
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		uint64_t bytes = 12345;
		if (parse_size(cases[i].text, &bytes) != 0 || bytes != cases[i].bytes)
			FAIL("%s is %llu", cases[i].text, (unsigned long long)bytes);
	}
}

TEST(what_is_no_size_is_refused)
{
	static const char *const cases[] = {
		"",	 "x",	  "12abc", "-1",   "+1",    " 1",     "1 ",	"0x",	"0xg",	 "K",
		"1KX",	 "1KiBs", "1KBs",  "1iB",  "1.5",   "1KK",    "1KiBB",	"12z",	"1\n",	 "0x-1",
		"1,",	 "one",	  "1B",	   "\200", "1\200", "1K\200", "1\377B", "1K ",	":",	 "/",
		"`",	 "1@",	  "g",	   "08",   "019",   "1.",     "1..5K",	"1.xK", ".5K",	 "1.5KK",
		"0xg.5", "0x`",	  "0x@",   "0x:",  "\020",  "1\031",  "1Q",	"\001", "1\013",
	};
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		uint64_t bytes;
		int r = parse_size(cases[i], &bytes);
		if (r != -EINVAL)
			FAIL("\"%s\" gives %d", cases[i], r);
	}
}

TEST(sizes_that_overflow_are_refused)
{
	static const char *const cases[] = {
		"18446744073709551616",
		"99999999999999999999",
		"184467440737095516150",
		"0x10000000000000000",
		"0xfffffffffffffffff",
		"16E",
		"16EiB",
		"19EB",
		"16384P",
		"16777216T",
		"36893488147419103232",
		"100000000000000000000000000000000000001",
		"18014398509481984K",
		"0x40000000000000K",
		"18446744073709551615E",
	};
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		uint64_t bytes;
		int r = parse_size(cases[i], &bytes);
		if (r != -EOVERFLOW)
			FAIL("\"%s\" gives %d", cases[i], r);
	}
}

TEST(lists_hold_words)
{
	CHECK(in_list("ext4", "ext4"));
	CHECK(in_list("ext4", "vfat,ext4"));
	CHECK(in_list("ext4", "vfat,ext4,xfs"));
	CHECK(!in_list("ext4", "ext4dev"));
	CHECK(!in_list("ext4", "ext"));
	CHECK(!in_list("ext4", "vfat,ext4x,xext4"));
	CHECK(!in_list("ext4", ""));
	CHECK(!in_list("fat", "vfat"));
}

TEST(lists_that_start_with_no_hold_the_others)
{
	CHECK(!in_list("ext4", "noext4"));
	CHECK(!in_list("xfs", "noext4,xfs"));
	CHECK(in_list("vfat", "noext4,xfs"));
	CHECK(in_list("ext", "noext4"));
	CHECK(in_list("ntfs", "ntfs,nfs"));
}

TEST(string_lists_are_searched_and_counted)
{
	static const char strings[] = "ab\0"
				      "a\0"
				      "abc\0";

	EQUAL(find_string(strings, "ab"), 0);
	EQUAL(find_string(strings, "a"), 1);
	EQUAL(find_string(strings, "abc"), 2);
	EQUAL(find_string(strings, "b"), -1);
	EQUAL(find_string(strings, ""), -1);
	SAME(nth_string(strings, 2), "abc");
}

TEST(a_byte_is_found_or_the_end_of_the_text)
{
	SAME(find_byte("a,b,c", ','), ",b,c");
	SAME(find_byte("abc", ','), "");
	SAME(find_byte("", ','), "");
	SAME(behind_blanks(" \t a "), "a ");
	SAME(behind_blanks("\n"), "\n");
	SAME(behind_blanks("  "), "");
}

TEST(octal_escapes_are_undone_in_place)
{
	static const char *const cases[][2] = {
		{ "", "" },	      { "plain", "plain" },
		{ "a\\040b", "a b" }, { "\\011\\012\\134", "\t\n\\" },
		{ "\\040", " " },     { "\\04", "\\04" },
		{ "\\", "\\" },	      { "a\\", "a\\" },
		{ "\\x40", "\\x40" }, { "\\134040", "\\040" },
		{ "\\377", "\377" },  { "\\0", "\\0" },
	};
	for (unsigned i = 0; i < LENGTH(cases); i++) {
		char text[40];
		strcpy(text, cases[i][0]);
		unescape(text);
		SAME(text, cases[i][1]);
	}
}

TEST(words_are_cut_at_blanks)
{
	char text[] = "  one\ttwo   three ", *p = text;

	SAME(next_word(&p), "one");
	SAME(next_word(&p), "two");
	SAME(next_word(&p), "three");
	CHECK(!next_word(&p));
	CHECK(!next_word(&p));
}

TEST(lines_are_cut_at_newlines)
{
	char text[] = "one\n\n three four\nlast", *p = text;

	SAME(next_line(&p), "one");
	SAME(next_line(&p), "");
	SAME(next_line(&p), " three four");
	SAME(next_line(&p), "last");
	CHECK(!next_line(&p));
}

TEST(numbers_are_written_in_digits)
{
	char text[60];
	char *end = append_number(append(text, "<"), 0);

	append(append_number(append(end, ","), UINT64_MAX), ">");
	SAME(text, "<0,18446744073709551615>");
	SAME(decimal(10), "10");
}

TEST(four_numbers_in_digits_live_at_once)
{
	const char *a = decimal(1), *b = decimal(22), *c = decimal(UINT64_MAX), *d = decimal(4444);

	SAME(a, "1");
	SAME(b, "22");
	SAME(c, "18446744073709551615");
	SAME(d, "4444");
}

TEST(device_numbers_are_the_kernels)
{
	const char *text = "7:272\n", *other = "259:1048575";

	EQUAL(parse_device(&text), 0x100710);
	SAME(text, "\n");
	EQUAL(parse_device(&other), 0xfff00000 | 259 << 8 | 0xff);
	EQUAL(device_number(8, 1), 0x801);
}

TEST(prefixes_are_cut_off)
{
	SAME(after_prefix("offset=12", "offset="), "12");
	SAME(after_prefix("abc", ""), "abc");
	SAME(after_prefix("abc", "abc"), "");
	CHECK(!after_prefix("ab", "abc"));
	CHECK(equal("", "") && equal("a", "a") && !equal("a", "") && !equal("", "a") && !equal("ab", "ac"));
	EQUAL(length("four"), 4);
}


TEST(hexadecimal_digits_have_values)
{
	for (int c = -128; c < 256; c++) {
		unsigned value = 16;
		if (c >= '0' && c <= '9')
			value = c - '0';
		if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
			value = (c & 15) + 9;
		EQUAL(hex_digit(c), value);
	}
}

TEST(two_hexadecimal_digits_are_a_byte)
{
	EQUAL(hex_byte("09"), 9);
	EQUAL(hex_byte("fE"), 0xfe);
	CHECK(hex_byte("ag") > 255 && hex_byte("a") > 255 && hex_byte("ga") > 255);
	static const unsigned char bytes[] = { 0x00, 0xff, 0x1a };
	CHECK(is_hex_of("00ff1A", bytes, 3) && is_hex_of("", bytes, 0));
	CHECK(!is_hex_of("00ff1", bytes, 3) && !is_hex_of("00ff1a0", bytes, 3) &&
	      !is_hex_of("00ff1a00", bytes, 3));
	CHECK(!is_hex_of("00ff1b", bytes, 3) && !is_hex_of("00ffgg", bytes, 3) && !is_hex_of("", bytes, 3));
}

TEST(numbers_of_superblocks_start_with_their_low_byte)
{
	static const unsigned char bytes[] = { 0x01, 0x02, 0x03, 0x84, 0x05, 0x06, 0x07, 0xf8 };

	EQUAL(little_endian(bytes, 0), 0);
	EQUAL(little_endian(bytes, 1), 1);
	EQUAL(little_endian(bytes, 2), 0x0201);
	EQUAL(little_endian(bytes, 4), 0x84030201LL);
	EQUAL(little_endian(bytes, 8), (int64_t)0xf807060584030201);
}

TEST(identifiers_are_written_in_their_order)
{
	static const unsigned char bytes[] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
					       0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10 };
	char text[48];

	CHECK(append_id(text, bytes, ID_UUID, 'a') == text + 36);
	SAME(text, "01234567-89ab-cdef-fedc-ba9876543210");
	append_id(text, bytes, ID_GUID, 'A');
	SAME(text, "67452301-AB89-EFCD-FEDC-BA9876543210");
	append_id(text, bytes, ID_NUMBER, 'a');
	SAME(text, "67452301");
	append_id(append(text, "x"), bytes + 4, ID_SERIAL, 'A');
	SAME(text, "xEFCD-AB89");
	append_id(text, bytes, "", 'a');
	SAME(text, "");
}

TEST(utf_16_becomes_utf_8)
{
	static const unsigned char units[] = "a\0\x7f\0\x80\0\xff\x07\0\x08\xff\xff\0\0b";
	char text[40];

	CHECK(append_utf16(text, units, 7) == text + 12);
	SAME(text, "a\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf");
	append_utf16(text, units, 2);
	SAME(text, "a\x7f");
	append_utf16(append(text, "x"), units, 0);
	SAME(text, "x");
}

TEST(letters_are_equal_in_either_case)
{
	CHECK(equal_letters("", "") && equal_letters("aZ09-", "Az09-") && equal_letters("\xe4", "\xe4"));
	CHECK(!equal_letters("a", "") && !equal_letters("", "a") && !equal_letters("ab", "a"));
	CHECK(!equal_letters("a", "ab") && !equal_letters("a", "b") && !equal_letters("\xc4", "\xe4"));
	/* which differ in that same bit */
	CHECK(!equal_letters("@", "`") && !equal_letters("[", "{") && !equal_letters("-", "\r"));
	CHECK(!equal_letters("Z", ":") && !equal_letters("0", "\x10"));
}

static void check_parameters(const char *text, const char *wanted)
{
	char copy[200], all[200] = "", *rest = strcpy(copy, text), *word;

	while ((word = next_parameter(&rest)))
		strcat(strcat(all, "|"), word);
	SAME(all, wanted);
	CHECK(!next_parameter(&rest));
}

TEST(the_kernel_s_command_line_has_quotes)
{
	check_parameters("", "");
	check_parameters(" \n ", "");
	check_parameters("a", "|a");
	check_parameters("a=b  c\n", "|a=b|c");
	check_parameters(" a=\"b c\" d", "|a=b c|d");
	check_parameters("\"a=b c\" d", "|a=b c|d");
	check_parameters("a=\"\" b", "|a=|b");
	check_parameters("\"\" b", "||b");
	check_parameters("a=\"b c", "|a=b c");
	check_parameters("a=b\"\nc\"d e", "|a=b\ncd|e");
	check_parameters("a -- b", "|a|--|b");
	check_parameters("a=\\\"b c\"", "|a=\\b c");
}


/* --- files ---------------------------------------------------------------- */

TEST(a_small_file_is_read_with_a_nul)
{
	char buffer[8];

	fake_text("/small", "abc\n");
	memset(buffer, 'x', sizeof buffer);
	EQUAL(read_file("/small", buffer, sizeof buffer), 4);
	SAME(buffer, "abc\n");
	fake_text("/large", "0123456789");
	EQUAL(read_file("/large", buffer, sizeof buffer), 7);
	SAME(buffer, "0123456");
	EQUAL(read_file("/missing", buffer, sizeof buffer), -ENOENT);
	fake_fail(1, EIO, "read");
	EQUAL(read_file("/small", buffer, sizeof buffer), -EIO);
	SAME(buffer, "");
	EQUAL(fake_open_count(), 0);
}

TEST(a_real_path_is_what_proc_says)
{
	char real[PATH_SIZE];

	SAME(real_path("//image", real), "/image");
	SAME(real_path("/missing", real), "/missing");
	fake_fail(1, ENOENT, "readlink");
	SAME(real_path("//image", real), "//image");
	EQUAL(fake_open_count(), 0);
}

TEST(directories_larger_than_the_buffer_are_read_whole)
{
	struct directory directory;
	unsigned count = 0;
	char path[300];

	fake_add("/full", S_IFDIR | 0755);
	for (unsigned i = 0; i < 60; i++) {
		memset(path, 'a' + i % 26, sizeof path);
		append_number(append(path, "/full/"), 100000 + i);
		path[12] = 'x';
		path[20 + i] = 0;
		fake_add(path, S_IFREG | 0644);
	}
	directory_start(&directory, sys_open("/full", O_RDONLY));
	while (directory_next(&directory))
		count++;
	EQUAL(count, 62);
	sys_close(directory.fd);
}


/* --- options -------------------------------------------------------------- */

static const char letters[] = "ab:c::dr";
static const char longs[] = "alpha=a"
			    "also=a"
			    "beta=b"
			    "gamma=c"
			    "delta=d"
			    "delete=d"
			    "deliver=r";

/* The options and operands that a line of words gives, as one text. */
static const char *parsed(const char *line)
{
	static char text[500], words[200], *argv[30];
	unsigned count = 0;
	char *p = strcpy(words, line), *to = text;

	memset(options.args, 0, sizeof options.args);
	while ((argv[count] = next_word(&p)))
		count++;
	int r = options_parse(argv, letters, longs, NULL);
	if (r)
		return r == USAGE_ERROR ? "usage" : "other";
	*to = 0;
	for (char c = 'a'; c <= 'z'; c++)
		if (option_arg(c)) {
			char name[] = { c, '=', 0 };
			to = append(append(append(to, name), option_arg(c)), " ");
		}
	for (int i = 0; i < options.count; i++)
		to = append(append(to, options.operands[i]), " ");
	CHECK(!options.operands[options.count]);
	return text;
}

static void check_parsed(const char *const (*cases)[2], unsigned count)
{
	message_prefix = "test";
	for (unsigned i = 0; i < count; i++) {
		const char *is = parsed(cases[i][0]);
		if (strcmp(is, cases[i][1]))
			FAIL("\"%s\" gives \"%s\", not \"%s\"", cases[i][0], is, cases[i][1]);
	}
}

TEST(short_options_are_taken_in_clusters)
{
	static const char *const cases[][2] = {
		{ "x", "" },
		{ "x -a", "a= " },
		{ "x -ad", "a= d= " },
		{ "x -a -d", "a= d= " },
		{ "x -bV", "b=V " },
		{ "x -b V", "b=V " },
		{ "x -adbV", "a= b=V d= " },
		{ "x -ab V w", "a= b=V w " },
		{ "x -b -a", "b=-a " },
		{ "x -b --", "b=-- " },
		{ "x -b 1 -b 2", "b=2 " },
		{ "x -c", "c= " },
		{ "x -cV", "c=V " },
		{ "x -c V", "c= V " },
		{ "x -ac", "a= c= " },
	};
	check_parsed(cases, LENGTH(cases));
}

TEST(options_may_stand_behind_operands)
{
	static const char *const cases[][2] = {
		{ "x o -a p", "a= o p " },	{ "x o p -b V", "b=V o p " }, { "x -- -a", "-a " },
		{ "x o -- -a --", "o -a -- " }, { "x -a -- -d", "a= -d " },   { "x -", "- " },
		{ "x -a - o", "a= - o " },
	};
	check_parsed(cases, LENGTH(cases));
}

TEST(long_options_may_be_abbreviated)
{
	static const char *const cases[][2] = {
		{ "x --alpha", "a= " },	    { "x --alp", "a= " },     { "x --al", "a= " },
		{ "x --beta=V", "b=V " },   { "x --beta V", "b=V " }, { "x --b=V", "b=V " },
		{ "x --beta=", "b= " },	    { "x --gamma", "c= " },   { "x --gamma=V", "c=V " },
		{ "x --gamma V", "c= V " }, { "x --delt", "d= " },    { "x --deli", "r= " },
		{ "x --dele", "d= " },
	};
	check_parsed(cases, LENGTH(cases));
}

TEST(wrong_options_are_refused)
{
	static const char *const cases[][2] = {
		{ "x -z", "usage" },	     { "x -az", "usage" },    { "x -b", "usage" },
		{ "x -ab", "usage" },	     { "x --beta", "usage" }, { "x --nothing", "usage" },
		{ "x --alphabet", "usage" }, { "x --del", "usage" },  { "x --de", "usage" },
		{ "x --alpha=V", "usage" },  { "x -:", "usage" },     { "x -a:", "usage" },
		{ "x --=", "usage" },	     { "x -\377", "usage" },  { "x -\001", "usage" },
		{ "x ---a", "usage" },
	};
	check_parsed(cases, LENGTH(cases));
	CHECK(strstr(fake.output[1], "test: -z: "));
	EQUAL(fake.output_size[0], 0);
}

TEST(ordered_options_end_at_the_first_operand)
{
	static const char *const cases[][2] = {
		{ "x -a o -d --beta", "a= o -d --beta " },
		{ "x -- -a", "-a " },
		{ "x -a -- o -d", "a= o -d " },
	};
	options.ordered = true;
	check_parsed(cases, LENGTH(cases));
}

static char seen[100];

static int note_option(char letter, const char *arg)
{
	char name[] = { letter, ':', 0 };

	append(append(append(append(seen, seen), name), arg), " ");
	return letter == 'd' ? 7 : 0;
}

TEST(each_option_is_handed_on_in_turn)
{
	char *argv[] = { "x", "-a", "o", "--nope=1", "-b1", "--beta=2", "-d", "-a", NULL };

	EQUAL(options_parse(argv, letters, longs, note_option), 7);
	SAME(seen, "a: ?:--nope=1 b:1 b:2 d: ");
}


/* --- messages ------------------------------------------------------------- */

static const char *output(int fd)
{
	return fake.output[fd - 1];
}

TEST(what_is_said_comes_out_when_flushed)
{
	say("%s and %s%s", "one", decimal(2), "");
	say_char('\n');
	EQUAL(fake.calls, 0);
	EQUAL(say_flush(), 0);
	SAME(output(1), "one and 2\n");
	EQUAL(fake.calls, 1);
	EQUAL(say_flush(), 0);
	EQUAL(fake.calls, 1);
}

TEST(long_output_comes_out_whole)
{
	static char wanted[10001];

	for (unsigned i = 0; i < 10000; i++)
		wanted[i] = 'a' + i % 26;
	say("%s", wanted);
	EQUAL(say_flush(), 0);
	SAME(output(1), wanted);
	CHECK(fake.calls < 20);
}

TEST(complaints_go_to_standard_error_behind_what_was_said)
{
	message_prefix = "applet";
	say("before");
	complain("%s: %s", "file", "reason");
	SAME(output(1), "before");
	SAME(output(2), "applet: file: reason\n");
	say("after");
	EQUAL(say_flush(), 0);
	SAME(output(1), "beforeafter");
	SAME(fake_log("write "), "|1 6|2 21|1 5");
}

TEST(a_failure_is_told_with_path_step_and_reason)
{
	message_prefix = "losetup";
	EQUAL(failed(-EBUSY, "/dev/loop0", "LOOP_CLR_FD"), -EBUSY);
	EQUAL(why.error, -EBUSY);
	EQUAL(complain_why(), 1);
	SAME(output(2), "losetup: /dev/loop0: LOOP_CLR_FD: Device or resource busy\n");
	fake.output_size[1] = 0;
	memset(fake.output[1], 0, sizeof fake.output[1]);
	EQUAL(complain_errno("/x", -ENOENT), 1);
	SAME(output(2), "losetup: /x: No such file or directory\n");
}

TEST(a_finding_of_our_own_is_told_without_an_errno)
{
	message_prefix = "losetup";
	EQUAL(found(-EINVAL, "/dev/null", "not a regular file or block device"), -EINVAL);
	EQUAL(why.error, -EINVAL);
	EQUAL(complain_why(), 1);
	SAME(output(2), "losetup: /dev/null: not a regular file or block device\n");
	failed(-EIO, "/dev/loop0", "read");
	CHECK(!why.is_finding);
}

TEST(an_interrupted_or_short_write_goes_on)
{
	say("text");
	fake_fail(3, EINTR, "write");
	EQUAL(say_flush(), 0);
	SAME(output(1), "text");
}

TEST(a_failed_write_is_remembered)
{
	say("text");
	fake_fail(1, ENOSPC, "write");
	EQUAL(say_flush(), -ENOSPC);
	say("more");
	EQUAL(say_flush(), -ENOSPC);
	SAME(output(1), "more");
}

TEST(a_failed_complaint_is_no_failed_output)
{
	message_prefix = "applet";
	fake_fail(1, EIO, "write 2");
	complain("%s", "unheard");
	say("text");
	EQUAL(say_flush(), 0);
}

TEST(messages_may_go_elsewhere)
{
	message_prefix = "init";
	message_fd = 1;
	complain("%s", "hello");
	SAME(output(1), "init: hello\n");
	SAME(output(2), "");
}

TEST(every_errno_that_can_happen_has_words)
{
	unsigned words = 0;

	for (int error = 1; error < 256; error++) {
		const char *text = errno_text(error);
		/* MIPS has numbers of its own, and gaps. */
		if (strncmp(text, "error ", 6) == 0 || strncmp(strerror(error), "Unknown", 7) == 0)
			continue;
		words++;
		/* musl's words where they are plainer. */
		if (error != ENOMEM && error != EOVERFLOW && error != EILSEQ && error != ECANCELED)
			SAME(text, strerror(error));
	}
	CHECK(words >= 80);
	static const int must[] = { EINTR, ENFILE, ESTALE,    ENOTCONN, EBADMSG,
				    E2BIG, ERANGE, ETIMEDOUT, EDQUOT,	EKEYREVOKED };
	for (unsigned i = 0; i < LENGTH(must); i++)
		CHECK(strncmp(errno_text(must[i]), "error ", 6) != 0);
	SAME(errno_text(ENOMEM), "Out of memory");
	SAME(errno_text(0), "error 0");
	SAME(errno_text(4095), "error 4095");
}
