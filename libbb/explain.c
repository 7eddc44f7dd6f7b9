/* SPDX-License-Identifier: MIT */
/* Why a mount failed, or would fail. */
//config:config FEATURE_EXPLAIN
//config:	bool "Say why something can't be mounted"
//config:	default y
//config:	depends on FEATURE_PROBE && (MOUNT || INIT || VERITYSETUP)
//config:	help
//config:	  A truncated image, what is no file system but LUKS, swap or a member
//config:	  of an array, a version or compressor that the kernel does not take,
//config:	  and the kernel's own words, instead of an errno that may mean anything.
//kbuild:obj-$(CONFIG_FEATURE_EXPLAIN) += libbb/explain.o
#include "explain.h"
#include "probe.h"

enum { CREATE = 6, SET_FLAG = 0, SET_STRING = 1 }; /* FSCONFIG_* of linux/mount.h */
enum { WARNING = 4 };				   /* LOGLEVEL_WARNING */

/* 1234567 as 1,234,567 */
static const char *with_commas(uint64_t number)
{
	const char *digits = decimal(number);
	char *text = "";

	for (unsigned left = length(digits); left; digits++, left--)
		text = joined(text, copied(digits, 1), left % 3 == 1 && left > 1 ? "," : "");
	return text;
}

/* What explain_image() has read, for explain_mount(); too large for the stack. */
static struct volume volume;

int explain_image(const char *path)
{
	if (probe(path, &volume) < 0)
		return 0; /* the mount says why */
	if (volume.refused)
		return found(-EINVAL, path, volume.refused);
	if (volume.needs > volume.size)
		return found(-EINVAL, path,
			     joined(joined("truncated: ", with_commas(volume.size), " of "),
				    with_commas(volume.needs), " bytes"));
	return 0;
}

int explain_target(const char *target)
{
	struct stat status;

	if (sys_stat(AT_FDCWD, target, &status) < 0 || S_ISDIR(status.st_mode))
		return 0;
	return found(-ENOTDIR, target, "mount point is not a directory");
}

/* The next message of a descriptor, a record each time, at or above a level; NULL at the end. */
static char *next_record(int fd)
{
	static char record[1024];
	int n;

	while ((n = sys_read(fd, record, sizeof record - 1)) > 0) {
		const char *digits = record;
		record[n] = 0;
		/* "PRIORITY,NUMBER,TIME,FLAGS;TEXT\n" */
		if ((parse_digits(&digits) & 7) > WARNING)
			continue;
		char *text = find_byte(record, ';');
		text += *text == ';';
		*find_byte(text, '\n') = 0;
		if (*text)
			return text;
	}
	return NULL;
}

const char *explain_by_log(void (*run)(void *), void *arg)
{
	int fd = sys_open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	/* Or else it would be what was said long ago. */
	bool is_at_end = fd >= 0 && sys_seek_end(fd) >= 0;
	run(arg);
	const char *text = is_at_end ? next_record(fd) : NULL;
	if (fd >= 0)
		sys_close(fd);
	return text ? text : "";
}

/* One more try. */
struct
try {
	const struct mount_request *request;
	const char *source, *type;
	const char *words; /* what fsopen(2)'s descriptor has to say */
};

/* The file system's own options: WORD, or WORD=VALUE. */
static int set_data(int fd, const char *data)
{
	int r = 0;

	while (r == 0 && *data) {
		const char *end = mount_word_end(data);
		char *word = copied(data, end - data), *value = find_byte(word, '=');
		bool has_value = *value;
		*value = 0;
		r = sys_fsconfig(fd, has_value ? SET_STRING : SET_FLAG, word, has_value ? value + 1 : NULL);
		data = end + (*end == ',');
	}
	return r;
}

/* Its first message: "e TEXT", and so on. */
static const char *words_of(int fd)
{
	char text[512];
	int n = sys_read(fd, text, sizeof text - 1);

	if (n < 3)
		return "";
	text[n] = 0;
	*find_byte(text, '\n') = 0;
	return copy_of(text + 2);
}

/* Makes the superblock once more, without mounting it; before Linux 5.2, mounts, and undoes that.
 * Alone with init, nothing else writes to the log, and that can be read: that is enough. */
static void try_again(void *arg)
{
	struct try *t = arg;
	const struct mount_request *m = t->request;

	int fd = ENABLE_MOUNT ? sys_fsopen(t->type) : -ENOSYS;
	if (fd < 0) {
		if (sys_mount(t->source, m->target, t->type, m->flags, m->data) == 0)
			sys_umount(m->target, MNT_DETACH);
		return;
	}
	int r = sys_fsconfig(fd, SET_STRING, "source", t->source);
	if (r == 0 && m->flags & MS_RDONLY)
		r = sys_fsconfig(fd, SET_FLAG, "ro", NULL);
	if (r == 0)
		r = set_data(fd, m->data);
	if (r == 0)
		r = sys_fsconfig(fd, CREATE, NULL, NULL);
	if (r < 0)
		t->words = words_of(fd);
	sys_close(fd);
}

/* The one type that was tried, if that is known. */
static const char *tried_type(const struct mount_request *m)
{
	bool any = !m->type || !*m->type || equal(m->type, "auto") || after_prefix(m->type, "no") ||
		   *find_byte(m->type, ',');

	return any ? volume.type : m->type;
}

static bool is_ext(const char *type)
{
	return after_prefix(type, "ext") != NULL;
}

/* May that mean anything? Others say enough, or come from a server that is not to be asked twice. */
static bool is_vague(int r)
{
	static const unsigned char vague[] = { EINVAL, ENODEV, EIO, EUCLEAN, EBADMSG, EOPNOTSUPP, EFBIG };

	for (unsigned i = 0; i < LENGTH(vague); i++)
		if (r == -vague[i])
			return true;
	return false;
}

/* Without the type's name in front, which is said already. */
static const char *without_name(const char *words, const char *type)
{
	const char *rest = after_prefix(words, type);

	if (rest)
		rest = after_prefix(rest, ": ");
	return rest ? rest : words;
}

int explain_mount(const struct mount_request *m, const char *source, int r)
{
	struct why plain = why;

	if (!is_vague(r))
		return r;
	/* An image has its whole size, a loop device only whole sectors; but an offset. */
	if (explain_image(m->use_loop && (m->loop.offset || m->loop.size_limit) ? source : m->source) < 0) {
		why.path = m->source;
		return r;
	}
	why = plain;
	const char *type = tried_type(m);
	if (!type)
		return r;
	if (volume.type && !equal(type, volume.type) && !(is_ext(type) && is_ext(volume.type)))
		return found(r, m->source, joined(joined("not ", type, ", but "), volume.type, ""));
	if (r == -ENODEV)
		return found(
			r, m->source,
			joined("this kernel has no file system type \"", type, "\" (module not loaded?)"));
	struct try once = { m, source, type, "" };
	const char *logged = explain_by_log(try_again, &once);
	const char *words = *once.words ? once.words : logged;
	if (*words)
		return found(r, m->source,
			     joined(joined("the kernel refused it as ", type, ": "),
				    without_name(words, type), ""));
	if (volume.compressor)
		return found(r, m->source, joined(plain.step, "; it is compressed with ", volume.compressor));
	why = plain;
	return r;
}
