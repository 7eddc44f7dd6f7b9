/* SPDX-License-Identifier: MIT */
/*
 * The fake kernel's mount table, for init: where a path leads once something is mounted above it.
 *
 * What a file system holds is a tree of files whose paths begin with its name and a colon:
 * "medium:/images/root.squashfs". A mount shows one tree, an overlay several, a bind mount a part
 * of one. Before fake_initramfs() there is no table, and mount points are as test_handover.c has
 * them.
 */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "fake_kernel.h"
#include "test.h"

static struct mount {
	char target[300]; /* as the first root has it */
	char type[32], source[300];
	char trees[8][300]; /* the first one that has the file; none: what is there shows through */
	unsigned tree_count;
	unsigned long flags;
	struct fake_loop *loop;
	struct fake_map *map;
	unsigned device; /* its number, of a loop device or a mapping */
} mounts[64];
static unsigned mount_count;
static unsigned tmpfs_count;

void fake_mounts_forget(void)
{
	mount_count = tmpfs_count = 0;
	mounts[0].target[0] = 0;
	mounts[0].tree_count = 0;
}

static bool is_at_or_below(const char *path, const char *above)
{
	size_t length = strlen(above);

	return !strncmp(path, above, length) && (!path[length] || path[length] == '/');
}

/* The mount that shows the path, or NULL: the root itself. */
static struct mount *mount_of(const char *path)
{
	for (struct mount *m = mounts + mount_count; m-- > mounts;)
		if (m->tree_count && is_at_or_below(path, m->target))
			return m;
	return NULL;
}

const char *fake_locate(const char *path)
{
	static char found[2][600];
	static unsigned n;
	const struct mount *m = mount_of(path);

	if (!m)
		return path;
	char *result = found[++n % 2];
	/* Where none has it, the uppermost is where it would be. */
	for (unsigned i = 0; i < m->tree_count; i++) {
		snprintf(result, sizeof found[0], "%s%s", m->trees[i], path + strlen(m->target));
		if (fake_find(result))
			return result;
	}
	snprintf(result, sizeof found[0], "%s%s", m->trees[0], path + strlen(m->target));
	return result;
}

bool fake_is_read_only(const char *path)
{
	const struct mount *m = mount_of(path);

	return m && m->flags & MS_RDONLY;
}

bool fake_is_mount_point(const char *path)
{
	for (unsigned i = 0; i < mount_count; i++)
		if (!strcmp(mounts[i].target, path))
			return true;
	return false;
}

unsigned long fake_flags_at(const char *path)
{
	const struct mount *m = mount_of(path);

	return m ? m->flags : 0;
}

const char *fake_mounted(void)
{
	static char text[64 * 400];
	char *end = text;

	*end = 0;
	for (unsigned i = 0; i < mount_count; i++)
		end += sprintf(end, "|%s on %s", mounts[i].source, mounts[i].target);
	return text;
}

unsigned fake_device_at(const char *path)
{
	const struct mount *m = mount_of(path);

	return m ? m->device : 0;
}

static struct mount *find(const char *target)
{
	for (struct mount *m = mounts + mount_count; m-- > mounts;)
		if (!strcmp(m->target, target))
			return m;
	return NULL;
}

static struct mount *new_mount(const char *source, const char *target, const char *type, unsigned long flags)
{
	struct mount *m = mounts + mount_count;

	if (++mount_count == LENGTH(mounts))
		FAIL("too many mounts");
	memset(m, 0, sizeof *m);
	snprintf(m->target, sizeof m->target, "%s", target);
	snprintf(m->source, sizeof m->source, "%s", source ? source : "none");
	snprintf(m->type, sizeof m->type, "%s", type ? type : "");
	m->flags = flags;
	return m;
}

static void add_tree(struct mount *m, const char *tree)
{
	if (m->tree_count == LENGTH(m->trees))
		FAIL("too many layers");
	snprintf(m->trees[m->tree_count++], sizeof m->trees[0], "%s", tree);
}

/* The trees of lowerdir= and upperdir=, the uppermost first. */
static int stack(struct mount *m, const char *data)
{
	char words[600], *word, *rest, *layer, *more;

	snprintf(words, sizeof words, "%s", data ? data : "");
	for (unsigned round = 0; round < 2; round++) {
		const char *name = round ? "lowerdir=" : "upperdir=";
		char copy[600];
		strcpy(copy, words);
		for (word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
			if (strncmp(word, name, strlen(name)))
				continue;
			for (layer = strtok_r(word + strlen(name), ":", &more); layer;
			     layer = strtok_r(NULL, ":", &more)) {
				fake_tidy(layer);
				const char *tree = fake_locate(layer);
				if (!fake_find(tree))
					return -ENOENT;
				add_tree(m, tree);
			}
		}
	}
	return 0;
}

static bool knows_type(const char *type)
{
	const struct fake_file *list = fake_find("/proc/filesystems");
	char line[40];

	snprintf(line, sizeof line, "\t%s\n", type);
	return !list || strstr(list->data, line);
}

static int mount_file_system(const char *source, const char *target, const char *type, unsigned long flags,
			     const char *data)
{
	char tree[300];

	if (!knows_type(type))
		return -ENODEV;
	if (!strcmp(type, "devtmpfs") || !strcmp(type, "proc") || !strcmp(type, "sysfs")) {
		new_mount(source, target, type, flags);
		return 0;
	}
	if (!strcmp(type, "tmpfs") || !strcmp(type, "ramfs")) {
		snprintf(tree, sizeof tree, "tmpfs%u", ++tmpfs_count);
		fake_tree(tree);
		strcat(tree, ":");
		add_tree(new_mount(source, target, type, flags), tree);
		return 0;
	}
	if (!strcmp(type, "overlay")) {
		struct mount *m = new_mount(source, target, type, flags);
		int r = stack(m, data);
		mount_count -= r < 0;
		return r;
	}
	struct fake_loop *loop = fake_loop_of(source);
	const char *path = fake_locate(source);
	struct fake_map *map = fake_map_of(source);
	const struct fake_file *file = loop ? loop->file : map ? map->file : fake_find(path);
	if (file && loop && loop->info.lo_offset) {
		snprintf(tree, sizeof tree, "/%s+%llu", base_name(file->path),
			 (unsigned long long)loop->info.lo_offset);
		file = fake_find(tree);
	}
	bool is_volume = !strcmp(type, "ubifs") || !strcmp(type, "jffs2"); /* of flash: no path */
	if (!file)
		return loop ? -EIO : is_volume ? -ENODEV : -ENOENT;
	if (!loop && !map && !is_volume && S_ISREG(file->mode) && !fake.mounts_files)
		return -ENOTBLK;
	if (!file->holds || strcmp(file->holds, type))
		return -EINVAL;
	/* It reads tables at its end, which erofs does not. */
	uint64_t bytes_used;
	if (!strcmp(type, "squashfs") && file->size >= 48 && memcpy(&bytes_used, file->data + 40, 8) &&
	    le64toh(bytes_used) > file->size)
		return -EIO;
	if ((map || (loop && loop->info.lo_flags & LO_FLAGS_READ_ONLY)) && !(flags & MS_RDONLY))
		return -EACCES;
	struct mount *m = new_mount(source, target, type, flags);
	snprintf(tree, sizeof tree, "%s:", file->tree ? file->tree : "empty");
	if (!fake_find(tree))
		fake_tree(file->tree ? file->tree : "empty");
	add_tree(m, tree);
	m->loop = loop;
	struct stat status;
	if ((loop || map) && sys_stat(AT_FDCWD, source, &status) == 0)
		m->device = status.st_rdev;
	m->map = map;
	if (loop)
		loop->openers++;
	if (map)
		map->openers++;
	return 0;
}

/* What is mounted at from, and below it, is at to. */
static int move_all(const char *from, const char *to)
{
	char target[600];

	if (!find(from))
		return -EINVAL;
	if (!*to) /* that shows in chroot(2) only */
		return 0;
	for (unsigned i = 0; i < mount_count; i++)
		if (is_at_or_below(mounts[i].target, from)) {
			snprintf(target, sizeof target, "%s%s", to, mounts[i].target + strlen(from));
			strcpy(mounts[i].target, target);
		}
	return 0;
}

int fake_do_mount(const char *source, const char *target, const char *type, unsigned long flags,
		  const char *data)
{
	struct mount *m;

	if (!fake_find(fake_locate(target)))
		return -ENOENT;
	if (flags & MS_REMOUNT) {
		m = find(target);
		if (!m)
			return -EINVAL;
		m->flags = flags & ~MS_REMOUNT;
		return 0;
	}
	if (flags & MS_MOVE)
		return move_all(source, target);
	if (flags & MS_BIND) {
		char from[600];
		strcpy(from, fake_locate(source));
		if (!fake_find(from))
			return -ENOENT;
		add_tree(new_mount(source, target, "bind", fake_flags_at(source)), from);
		return 0;
	}
	return !type ? 0 : mount_file_system(source, target, type, flags & ~MS_SILENT, data);
}

int fake_do_umount(const char *target, int flags)
{
	struct mount *m = find(target);

	if (!m)
		return -EINVAL;
	for (unsigned i = 0; i < mount_count; i++) {
		struct mount *other = mounts + i;
		if (other == m || !is_at_or_below(other->target, target) || !strcmp(other->target, target))
			continue;
		if (!(flags & MNT_DETACH))
			return -EBUSY;
	}
	/* With all that lies on it. */
	for (unsigned i = mount_count; i-- > 0;) {
		if (mounts + i != m &&
		    (!is_at_or_below(mounts[i].target, target) || !strcmp(mounts[i].target, target)))
			continue;
		if (mounts[i].loop)
			fake_loop_put(mounts[i].loop);
		if (mounts[i].map)
			fake_map_put(mounts[i].map);
		memmove(mounts + i, mounts + i + 1, (--mount_count - i) * sizeof *mounts);
		m -= mounts + i < m;
	}
	return 0;
}
