/* SPDX-License-Identifier: MIT */
/* The words behind -o: some are mount's, some the kernel's, the rest the file
 * system's own. */
//kbuild:obj-y += libbb/mount_words.o
#include "mount.h"

/* What a word does, beside the flag it is about. */
enum {
	CLEARS = 1 << 30, /* the word clears the flag */
	HAS_NO = 1 << 29, /* with "no" before it, it means the opposite */
	FLAGS = HAS_NO - 1,
	PROPAGATION = MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE,
	/* Who may mount by fstab is not our business; what such a mount may not do, is. */
	BY_USER = MS_NOEXEC | MS_NOSUID | MS_NODEV,
	BY_OWNER = MS_NOSUID | MS_NODEV,
};

/* clang-format off */
#define WORDS(X) \
	X("ro", MS_RDONLY) \
	X("rw", CLEARS | MS_RDONLY) \
	X("suid", CLEARS | HAS_NO | MS_NOSUID) \
	X("dev", CLEARS | HAS_NO | MS_NODEV) \
	X("exec", CLEARS | HAS_NO | MS_NOEXEC) \
	X("atime", CLEARS | HAS_NO | MS_NOATIME) \
	X("diratime", CLEARS | HAS_NO | MS_NODIRATIME) \
	X("symfollow", CLEARS | HAS_NO | MS_NOSYMFOLLOW) \
	X("relatime", HAS_NO | MS_RELATIME) \
	X("strictatime", HAS_NO | MS_STRICTATIME) \
	X("lazytime", HAS_NO | MS_LAZYTIME) \
	X("sync", MS_SYNCHRONOUS) \
	X("async", CLEARS | MS_SYNCHRONOUS) \
	X("dirsync", MS_DIRSYNC) \
	X("mand", HAS_NO | MS_MANDLOCK) \
	X("iversion", HAS_NO | MS_I_VERSION) \
	X("silent", MS_SILENT) \
	X("loud", CLEARS | MS_SILENT) \
	IF_MOUNT_CHANGES( \
	X("remount", MS_REMOUNT) \
	X("bind", MS_BIND) \
	X("rbind", MS_BIND | MS_REC) \
	X("move", MS_MOVE) \
	X("shared", MS_SHARED) \
	X("rshared", MS_SHARED | MS_REC) \
	X("private", MS_PRIVATE) \
	X("rprivate", MS_PRIVATE | MS_REC) \
	X("slave", MS_SLAVE) \
	X("rslave", MS_SLAVE | MS_REC) \
	X("unbindable", MS_UNBINDABLE) \
	X("runbindable", MS_UNBINDABLE | MS_REC) \
	) \
	X("defaults", 0) \
	IF_MOUNT_CHANGES( \
	X("user", HAS_NO | BY_USER) \
	X("users", HAS_NO | BY_USER) \
	X("owner", HAS_NO | BY_OWNER) \
	X("group", HAS_NO | BY_OWNER) \
	)
/* clang-format on */

#define NAME(name, meaning) name "\0"
static const char names[] = WORDS(NAME);
#define MEANING(name, meaning) meaning,
static const int meanings[] = { WORDS(MEANING) };

static bool take_flag(struct mount_request *request, const char *word)
{
	int n = find_string(names, word);
	bool inverted = n < 0 && word[0] == 'n' && word[1] == 'o';

	if (inverted)
		n = find_string(names, word + 2);
	if (n < 0 || (inverted && !(meanings[n] & HAS_NO)))
		return false;

	unsigned flags = meanings[n] & FLAGS;
	if (inverted && (flags & BY_OWNER) == BY_OWNER)
		return true; /* "nouser" takes nothing back */
	if (ENABLE_MOUNT_CHANGES && flags & PROPAGATION) {
		unsigned n = 0;
		while (n < MOUNT_STEPS - 1 && request->propagation[n])
			n++;
		request->propagation[n] = flags;
		return true;
	}
	request->flags &= ~flags;
	request->cleared &= ~flags;
	if (inverted == !(meanings[n] & CLEARS))
		request->cleared |= flags;
	else
		request->flags |= flags;
	return true;
}

unsigned mount_flags_in(const char *words)
{
	static struct mount_request scratch;
	char word[LIST_WORD_SIZE];

	scratch.flags = 0;
	while (next_listed(&words, word))
		take_flag(&scratch, word);
	return scratch.flags;
}

char *mount_flag_words(char words[MOUNT_FLAG_WORDS_SIZE], unsigned flags)
{
	const char *name = names;
	char *to = append(words, flags & MS_RDONLY ? "ro" : "rw");
	for (unsigned i = 0; i < LENGTH(meanings); i++, name = nth_string(name, 1)) {
		unsigned flag = meanings[i] & FLAGS;
		bool is_one = flag && !(flag & (flag - 1));
		bool inverted = meanings[i] & CLEARS;
		if (!is_one || !(flags & flag) || flag == MS_RDONLY || (inverted && !(meanings[i] & HAS_NO)))
			continue;
		to = append(append(to, inverted ? ",no" : ","), name);
	}
	return to;
}

/* X-mount.mkdir[=MODE], .owner=, .group=, .mode=; what else there is would mount something
 * else than is asked for. What another program may read is passed over. */
static int take_target(struct mount_request *request, const char *word)
{
	const char *value = after_prefix(word, "mount.mkdir");

	if (value && (!*value || *value == '='))
		request->make_target = value + !!*value;
	else if ((value = after_prefix(word, "mount.owner=")))
		request->owner = value;
	else if ((value = after_prefix(word, "mount.group=")))
		request->group = value;
	else if ((value = after_prefix(word, "mount.mode=")))
		request->mode = value;
	else if (after_prefix(word, "mount."))
		return -EOPNOTSUPP;
	return 0;
}

/* Words that never reach the kernel. */
static bool take_own(struct mount_request *request, const char *word, int *error)
{
	const char *value;

	*error = 0;
	if ((value = after_prefix(word, "loop")) && (!*value || (ENABLE_LOOP_NAMED && *value == '='))) {
		if (*value)
			request->loop.device = value + 1;
	} else if ((value = after_prefix(word, "offset="))) {
		*error = parse_size(value, &request->loop.offset);
	} else if ((value = after_prefix(word, "sizelimit="))) {
		*error = parse_size(value, &request->loop.size_limit);
	} else if (!ENABLE_MOUNT) {
		return false; /* the others are for fstab */
	} else if (ENABLE_FEATURE_MOUNT_MORE &&
		   ((value = after_prefix(word, "X-")) || (value = after_prefix(word, "x-")))) {
		*error = take_target(request, value);
		return true;
	} else if (equal(word, "noauto")) {
		return request->no_auto = true;
	} else if (equal(word, "nofail")) {
		return request->no_fail = true;
	} else {
		return has_word("auto,_netdev", word) || after_prefix(word, "x-") ||
		       after_prefix(word, "comment=");
	}
	return request->use_loop = true;
}

int mount_data(struct mount_request *request, const char *words)
{
	size_t used = length(request->data);

	if (used + 1 + length(words) >= sizeof request->data)
		return found(-EOVERFLOW, words, "too many options");
	if (used && *words)
		request->data[used++] = ',';
	append(request->data + used, words);
	return 0;
}

char *mount_word_end(const char *word)
{
	bool quoted = false;

	for (; *word && (quoted || *word != ','); word++)
		quoted ^= *word == '"';
	return (char *)word;
}

int mount_words(struct mount_request *request, char *words)
{
	while (*words) {
		char *word = words;
		int r;

		words = mount_word_end(word);
		if (*words)
			*words++ = 0;
		if (!*word)
			continue;
		if (take_flag(request, word))
			r = request->propagation[MOUNT_STEPS - 1] ? -E2BIG : 0;
		else if (!take_own(request, word, &r) && mount_data(request, word) < 0)
			return -EOVERFLOW;
		if (r < 0)
			return found(r, word, "not a valid option");
	}
	return 0;
}
