/* SPDX-License-Identifier: MIT */
/* The words behind -o: some are mount's, some the kernel's, the rest the file
 * system's own. */
//kbuild:obj-y += libbb/mount_words.o
#include "mount.h"

/* What a word does, beside the flag it is about. */
enum {
	CLEARS = 1 << 30,	/* the word clears the flag */
	HAS_NO = 1 << 29,	/* with "no" before it, it means the opposite */
	FLAGS = HAS_NO - 1,
	PROPAGATION = MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE,
	/* Who may mount by fstab is not our business; what such a mount may not do, is. */
	BY_USER = MS_NOEXEC | MS_NOSUID | MS_NODEV,
	BY_OWNER = MS_NOSUID | MS_NODEV,
};

static const char names[] =
	"ro\0" "rw\0" "suid\0" "dev\0" "exec\0" "atime\0" "diratime\0" "symfollow\0" "relatime\0"
	"strictatime\0" "lazytime\0" "sync\0" "async\0" "dirsync\0" "mand\0" "iversion\0" "silent\0"
	"loud\0" "remount\0" "bind\0" "rbind\0" "move\0" "shared\0" "rshared\0" "private\0" "rprivate\0"
	"slave\0" "rslave\0" "unbindable\0" "runbindable\0" "defaults\0" "user\0" "users\0" "owner\0"
	"group\0";	/* and an empty one */
static const int meanings[] = {
	MS_RDONLY, CLEARS | MS_RDONLY, CLEARS | HAS_NO | MS_NOSUID, CLEARS | HAS_NO | MS_NODEV,
	CLEARS | HAS_NO | MS_NOEXEC, CLEARS | HAS_NO | MS_NOATIME, CLEARS | HAS_NO | MS_NODIRATIME,
	CLEARS | HAS_NO | MS_NOSYMFOLLOW, HAS_NO | MS_RELATIME, HAS_NO | MS_STRICTATIME,
	HAS_NO | MS_LAZYTIME, MS_SYNCHRONOUS, CLEARS | MS_SYNCHRONOUS, MS_DIRSYNC,
	HAS_NO | MS_MANDLOCK, HAS_NO | MS_I_VERSION, MS_SILENT, CLEARS | MS_SILENT, MS_REMOUNT, MS_BIND,
	MS_BIND | MS_REC, MS_MOVE, MS_SHARED, MS_SHARED | MS_REC, MS_PRIVATE, MS_PRIVATE | MS_REC,
	MS_SLAVE, MS_SLAVE | MS_REC, MS_UNBINDABLE, MS_UNBINDABLE | MS_REC, 0, HAS_NO | BY_USER,
	HAS_NO | BY_USER, HAS_NO | BY_OWNER, HAS_NO | BY_OWNER,
};

static bool take_flag(struct mount_request *request, const char *word)
{
	int n = find_string(names, word);
	bool inverted = n < 0 && word[0] == 'n' && word[1] == 'o';

	if (inverted)
		n = find_string(names, word + 2);
	if (n < 0 || (inverted && !(meanings[n] & HAS_NO)))
		return false;

	unsigned flags = meanings[n] & FLAGS;
	if (flags & PROPAGATION) {
		request->propagation = flags;
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

/* Words that never reach the kernel. */
static bool take_own(struct mount_request *request, const char *word, int *error)
{
	const char *value;

	*error = 0;
	if ((value = after_prefix(word, "loop")) && (!*value || *value == '=')) {
		if (*value)
			request->loop.device = value + 1;
	} else if ((value = after_prefix(word, "offset="))) {
		*error = parse_size(value, &request->loop.offset);
	} else if ((value = after_prefix(word, "sizelimit="))) {
		*error = parse_size(value, &request->loop.size_limit);
	} else if (equal(word, "noauto")) {
		return request->no_auto = true;
	} else if (equal(word, "nofail")) {
		return request->no_fail = true;
	} else {
		return has_word("auto,_netdev", word) || after_prefix(word, "x-") || after_prefix(word, "comment=");
	}
	return request->use_loop = true;
}

int mount_data(struct mount_request *request, const char *words)
{
	size_t used = length(request->data);

	if (used + 1 + length(words) >= sizeof request->data)
		return failed(-E2BIG, words, "option");
	if (used && *words)
		request->data[used++] = ',';
	append(request->data + used, words);
	return 0;
}

int mount_words(struct mount_request *request, char *words)
{
	while (*words) {
		char *word = words;
		bool quoted = false;
		int r;

		/* context="a,b" is one word */
		for (; *words && (quoted || *words != ','); words++)
			quoted ^= *words == '"';
		if (*words)
			*words++ = 0;
		if (!*word || take_flag(request, word))
			continue;
		if (!take_own(request, word, &r) && mount_data(request, word) < 0)
			return -E2BIG;
		if (r < 0)
			return failed(r, word, "option");
	}
	return 0;
}
