/* SPDX-License-Identifier: MIT */
/* swapon and swapoff: as swapon(8), for what an initramfs needs. */
//config:config SWAPON
//config:	bool "swapon"
//config:	default y
//config:	help
//config:	  Give the kernel areas to swap to.
//config:
//config:config SWAPOFF
//config:	bool "swapoff"
//config:	default y
//config:	help
//config:	  Take them away again.
//config:
//config:config SWAP_APPLETS
//config:	def_bool SWAPON || SWAPOFF
//kbuild:obj-$(CONFIG_SWAP_APPLETS) += applets/swapon.o
//applet:sbin/swapon SWAPON swapon_main
//applet:sbin/swapoff SWAPOFF swapoff_main
//usage:swapon [-ev] [-d[HOW]] [-p N] [-o OPTIONS] {-a | AREA...}
//usage:swapon?FEATURE_SWAPON_TABLE swapon [--show[=LIST]] [--noheadings] [--raw] [--bytes]
//usage:swapon   -a, --all             use what fstab lists
//usage:swapon   -T, --fstab FILE      use another fstab
//usage:swapon   -d, --discard[=HOW]   discard freed pages: once or pages; both without it
//usage:swapon   -e, --ifexists        no failure where the area is missing
//usage:swapon   -o, --options LIST    pri=N, discard[=HOW], nofail
//usage:swapon   -p, --priority N      use areas with a higher one first
//usage:swapon   -L LABEL, -U UUID     instead of AREA, which may be LABEL=... and the like
//usage:swapon   -s, --summary         the kernel's list of what is in use
//usage:swapon?FEATURE_SWAPON_TABLE       --show[=LIST]     a table: NAME TYPE SIZE USED PRIO UUID LABEL
//usage:swapon?FEATURE_SWAPON_TABLE       --output-all      with all columns
//usage:swapon?FEATURE_SWAPON_TABLE       --noheadings      without headings
//usage:swapon?FEATURE_SWAPON_TABLE       --raw             with one space between columns
//usage:swapon?FEATURE_SWAPON_TABLE       --bytes           sizes in bytes
//usage:swapon   -v, --verbose         say what is done
//usage:swapoff [-v] {-a | AREA...}
//usage:swapoff   -a, --all           all that is in use
//usage:swapoff   -L LABEL, -U UUID   instead of AREA
//usage:swapoff   -v, --verbose       say what is done
#include <sys/swap.h>

#include "fstab.h"
#include "swapon.h"
#include "probe.h"

enum {
	SWAPON_FAILED = 255,
	SWAPOFF_FAILED = 4,
	NO_MEMORY = 2,
	OFF_USAGE = 16,
	ALL_FAILED = 32,
	SOME_FAILED = 64
};
enum { PRIORITY_MAX = 0x7fff, DISCARD = 0x10000, DISCARD_ONCE = 0x20000, DISCARD_PAGES = 0x40000 };

/* What the command line or fstab wants of an area. */
struct request {
	unsigned flags;
	bool may_be_missing, no_auto;
};

/* `-d[POLICY]` */
static int take_policy(struct request *request, const char *policy)
{
	policy += *policy == '='; /* -d=once, too */
	request->flags |= DISCARD;
	if (equal(policy, "once"))
		request->flags |= DISCARD_ONCE;
	else if (equal(policy, "pages"))
		request->flags |= DISCARD_PAGES;
	else if (*policy)
		return found(-EINVAL, policy, "not a discard policy (once or pages)");
	return 0;
}

static int take_priority(struct request *request, const char *text)
{
	const char *end = text;
	unsigned n = parse_digits(&end);

	/* A negative one is the kernel's to give, as there is without one. */
	if (*text == '-') {
		end = ++text;
		n = parse_digits(&end);
		if (!*end && end > text)
			return 0;
	}
	if (*end || end == text || end - text > 5 || n > PRIORITY_MAX)
		return found(-EINVAL, text, "not a priority (0 to 32767)");
	request->flags = (request->flags & ~PRIORITY_MAX) | SWAP_FLAG_PREFER | n;
	return 0;
}

/* Words as fstab has them; those that are not for us are passed over. */
static void take_words(struct request *request, const char *words)
{
	char word[LIST_WORD_SIZE];
	const char *value;

	while (next_listed(&words, word)) {
		int r = 0;
		request->may_be_missing |= equal(word, "nofail");
		request->no_auto |= equal(word, "noauto");
		if ((value = after_prefix(word, "pri=")))
			r = take_priority(request, value);
		else if ((value = after_prefix(word, "discard")) && (!*value || *value++ == '='))
			r = take_policy(request, value);
		if (r < 0) /* no reason to be without swap */
			complain("%s: ignored: %s", word, why.step);
	}
}

static int swap_on(const char *name, const struct request *request)
{
	char real[PATH_SIZE];
	const char *path = device_named(name);
	struct stat status;

	int r = path ? look_at_image(path, &status) : why.error;
	bool is_missing = r == -ENOENT && (path || !devices_unread);
	if (is_missing && request->may_be_missing)
		return 0;
	if (r == 0) {
		if (S_ISREG(status.st_mode) && status.st_mode & 077)
			complain("%s: warning: insecure permissions, others may read or write it", path);
		if (option_arg('v'))
			say("swapon %s\n", real_path(path, real));
		r = sys_swapon(path, request->flags);
		failed(r, path,
		       r == -EINVAL ? "swapon (not a swap area, or made for another page size)" : "swapon");
	}
	if (r < 0)
		complain_why();
	return r < 0 ? SWAPON_FAILED : 0;
}

/* Is it in the kernel's list? */
static bool is_in_use(const char *path)
{
	char real[PATH_SIZE], *mark = read_mark(), *text = read_whole(SWAPS), *rest, *area;
	bool found = false;

	path = real_path(path, real);
	while (text && !found && (area = next_swap(&text, &rest)))
		found = equal(area, path);
	read_forget(mark);
	return found;
}

static int on_all(const struct request *given)
{
	struct mount_entry entry;
	struct fstab fstab;
	int code = 0;

	if (fstab_read(&fstab, option_arg('T') ? option_arg('T') : "/etc/fstab") < 0)
		return complain_why();
	while (fstab_entry(&fstab, &entry)) {
		struct request request = *given;
		if (!equal(entry.type, "swap"))
			continue;
		take_words(&request, entry.options);
		const char *path = device_named(entry.source);
		if (request.no_auto || (path && is_in_use(path)))
			continue;
		code |= swap_on(entry.source, &request);
	}
	return fstab.is_bad ? SWAPON_FAILED : code;
}

/* -L and -U name areas, too. */
static const char *tags[16];
static unsigned tag_count;

static int take_option(char letter, const char *arg)
{
	if (letter == '?')
		return option_unknown(arg);
	if (letter != 'L' && letter != 'U')
		return 0;
	if (tag_count == LENGTH(tags)) {
		complain("%s: too many labels and UUIDs", arg);
		return USAGE_ERROR;
	}
	tags[tag_count++] = joined(letter == 'L' ? "LABEL=" : "UUID=", arg, "");
	return 0;
}

/* Each area that was named. */
static int for_all(int (*act)(const char *name, const struct request *request), const struct request *request)
{
	int code = 0;

	for (unsigned i = 0; i < tag_count; i++)
		code |= act(tags[i], request);
	for (char **name = options.operands; *name; name++)
		code |= act(*name, request);
	return code;
}

/* The kernel's list; nothing where there is only its heading. */
static int summary(void)
{
	char *text = read_whole(SWAPS);

	if (!text)
		return complain_why();
	const char *rest = find_byte(text, '\n');
	unescape(text);
	if (*rest && rest[1])
		say("%s", text);
	return 0;
}

int swapon_main(char **argv)
{
	struct request request = { 0 };
	int code = 0;

	int r = options_parse(argv, "ad::eL:o:p:sT:U:v" IF_FEATURE_SWAPON_TABLE("\1::\2\3\4\5"),
			      LONG_OPTIONS("all=a"
					   "discard=d"
					   "fstab=T"
					   "ifexists=e"
					   "options=o"
					   "priority=p" IF_FEATURE_SWAPON_TABLE("bytes=\4"
										"noheadings=\2"
										"output-all=\5"
										"raw=\3"
										"show=\1") "summary=s"
											   "verbose=v"),
			      take_option);
	if (r)
		return r;
	request.may_be_missing = option_arg('e');
	if (option_arg('d'))
		r = take_policy(&request, option_arg('d'));
	if (r == 0 && option_arg('p'))
		r = take_priority(&request, option_arg('p'));
	if (r < 0)
		return complain_why();
	if (option_arg('o'))
		take_words(&request, option_arg('o'));
	if (option_arg('s'))
		return summary();
	bool names_any = options.count || tag_count;
	if (ENABLE_FEATURE_SWAPON_TABLE && (option_arg(SHOW) || !(option_arg('a') || names_any)))
		return swapon_table();
	if (option_arg('a'))
		code |= on_all(&request);
	else if (!names_any)
		return USAGE_ERROR;
	return code | for_all(swap_on, &request);
}

static int swap_off(const char *name, const struct request *request UNUSED)
{
	const char *path = device_named(name);

	if (path && option_arg('v'))
		say("swapoff %s\n", path);
	int r = path ? sys_swapoff(path) : -ENOENT;
	if (r == 0)
		return 0;
	if (path)
		failed(r, name, "swapoff");
	complain_why();
	return !path ? SWAPON_FAILED : r == -ENOMEM ? NO_MEMORY : SWAPOFF_FAILED;
}

/* All that the kernel lists. */
static int off_all(void)
{
	char *text = read_whole(SWAPS), *rest, *area;
	bool some = false, all = true;

	if (!text)
		return complain_why();
	while ((area = next_swap(&text, &rest))) {
		bool off = swap_off(area, NULL) == 0;
		some |= off;
		all &= off;
	}
	return all ? 0 : some ? SOME_FAILED : ALL_FAILED;
}

int swapoff_main(char **argv)
{
	int code, r = options_parse(argv, "aL:U:v",
				    LONG_OPTIONS("all=a"
						 "verbose=v"),
				    take_option);
	if (r)
		return OFF_USAGE;
	if (!option_arg('a') && !options.count && !tag_count) {
		complain("needs an area, or -a");
		return OFF_USAGE;
	}
	code = for_all(swap_off, NULL);
	return option_arg('a') ? code | off_all() : code;
}
