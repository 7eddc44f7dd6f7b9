/* SPDX-License-Identifier: MIT */
/* X-mount.mkdir, .owner, .group and .mode: what the mount point is to be. */
//config:config FEATURE_MOUNT_MORE
//config:	bool "--mkdir, X-mount.*, --source, --target, --options-mode, -l, -F"
//config:	default y
//config:	depends on FEATURE_MOUNT_FSTAB
//config:	help
//config:	  The rarer options of mount(8), and /etc/filesystems.
//kbuild:obj-$(CONFIG_FEATURE_MOUNT_MORE) += applets/mount_target.o
#include "mount_applet.h"

static char *directory;		/* the path of the mount point */
static unsigned short made[32]; /* where in it the names end that were not there before */
static unsigned made_count;
static unsigned owner, group, mode;

/* Octal digits. */
static int parse_mode(const char *text, unsigned *to)
{
	const char *p = text;

	for (*to = 0; *p >= '0' && *p <= '7' && *to <= 0777; p++)
		*to = *to * 8 + *p - '0';
	return *p || p == text ? found(-EINVAL, text, "not a mode (octal digits)") : 0;
}

/* The number of a name in /etc/passwd or /etc/group, or that it is; -1 changes nothing. */
static int find_id(const char *name, const char *path, unsigned *id)
{
	const char *end = name;
	char *text, *line;

	*id = -1;
	if (!name)
		return 0;
	*id = parse_digits(&end);
	if (!*end && end > name && end - name <= 9)
		return 0;
	text = read_whole(path);
	if (!text)
		return why.error;
	while ((line = next_line(&text))) {
		const char *rest = after_prefix(line, name);
		if (!rest || *rest++ != ':')
			continue;
		while (*rest && *rest++ != ':')
			;
		*id = parse_digits(&rest);
		return 0;
	}
	return found(-ENOENT, name, "not a user or group");
}

/* Adds a word; "uid=NAME" and "gid=NAME" with the name's number. */
static int add_word(struct mount_request *request, const char *word)
{
	const char *name = after_prefix(word, "uid="), *path = "/etc/passwd";
	unsigned id;

	if (!name && (name = after_prefix(word, "gid=")))
		path = "/etc/group";
	if (name && (*name < '0' || *name > '9') && find_id(name, path, &id) == 0)
		word = joined(copied(word, name - word), decimal(id), "");
	return mount_data(request, word);
}

int mount_number_names(struct mount_request *request)
{
	char *rest = copy_of(request->data), *word;
	int r = 0;

	request->data[0] = 0;
	while (r == 0 && *rest) {
		word = rest;
		rest = mount_word_end(word);
		if (*rest)
			*rest++ = 0;
		r = add_word(request, word);
	}
	return r;
}

int mount_make_target(const struct mount_request *request)
{
	unsigned of_new = 0755;

	made_count = 0;
	int r = find_id(request->owner, "/etc/passwd", &owner);
	if (r == 0)
		r = find_id(request->group, "/etc/group", &group);
	if (r == 0 && request->mode)
		r = parse_mode(request->mode, &mode);
	if (r == 0 && request->make_target && *request->make_target)
		r = parse_mode(request->make_target, &of_new);
	if (r < 0 || !request->make_target || request->fake || sys_access(request->target, F_OK) == 0)
		return r;
	directory = copy_of(request->target);
	for (char *p = directory; *p;) {
		while (*p == '/')
			p++;
		p = find_byte(p, '/');
		char end = *p;
		*p = 0;
		r = sys_mkdir(directory, of_new);
		if (r == 0 && made_count < LENGTH(made))
			made[made_count++] = p - directory;
		if (r < 0 && r != -EEXIST) {
			failed(r, copy_of(directory), "mkdir");
			mount_forget_target();
			return r;
		}
		*p = end;
	}
	return 0;
}

void mount_forget_target(void)
{
	while (made_count) {
		directory[made[--made_count]] = 0;
		sys_unlink(AT_FDCWD, directory, AT_REMOVEDIR);
	}
}

int mount_own_target(const struct mount_request *request)
{
	int r = 0;

	if (request->owner || request->group)
		r = sys_chown(request->target, owner, group);
	if (r == 0 && request->mode)
		r = sys_chmod(request->target, mode);
	return r < 0 ? failed(r, request->target, "owner or mode") : 0;
}
