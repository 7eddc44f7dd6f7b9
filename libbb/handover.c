/* SPDX-License-Identifier: MIT */
/* From the initramfs to the real root: look first, then move, then delete. */
//kbuild:obj-y += libbb/handover.o
#include <sys/vfs.h>

#include "compat.h"
#include "handover.h"
#include "mount.h"

enum {
	RAMFS = (int)0x858458f6,
	TMPFS = 0x01021994,
};

static int failure(struct handover *h, const char *path, const char *step, int error, const char *hint)
{
	h->why.hint = hint;
	errno = error;
	return why_errno(&h->why, path, step);
}

static int status_of(int fd, const char *path, struct statx *status)
{
	return syscall(SYS_statx, fd, path, AT_EMPTY_PATH, STATX_TYPE | STATX_MODE | STATX_INO, status);
}

static bool same_device(const struct statx *a, const struct statx *b)
{
	return a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor;
}

/* Before Linux 5.8, statx(2) does not tell. */
static bool is_listed_mount(const char *path)
{
	struct mount_entry entry;
	char real[PATH_SIZE];
	char *text = read_whole("/proc/self/mounts");

	path = real_path(path, real);
	while (text && mount_entry_next(&text, &entry)) {
		unescape(entry.target);
		if (!strcmp(entry.target, path))
			return true;
	}
	return false;
}

static int check_roots(struct handover *h)
{
	struct statx new, old;
	struct statfs old_type;

	if (status_of(AT_FDCWD, h->new_root, &new) < 0)
		return why_errno(&h->why, h->new_root, "new root");
	if (new.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT ? !(new.stx_attributes & STATX_ATTR_MOUNT_ROOT)
							    : !is_listed_mount(h->new_root))
		return failure(h, h->new_root, "new root", EINVAL, "no mount point");
	if (status_of(AT_FDCWD, "/", &old) < 0 || statfs("/", &old_type) < 0)
		return why_errno(&h->why, "/", "old root");
	if (same_device(&new, &old) && new.stx_ino == old.stx_ino)
		return failure(h, h->new_root, "new root", EINVAL, "it is the root already");
	if ((int)old_type.f_type != RAMFS && (int)old_type.f_type != TMPFS)
		return failure(h, "/", "old root", EINVAL, "no initramfs");
	return 0;
}

/* Looks from within the new root, as links there may be absolute. */
static int check_init(struct handover *h)
{
	struct statx status;
	int r;

	int root = openat(AT_FDCWD, "/", O_PATH | O_CLOEXEC);
	int here = openat(AT_FDCWD, ".", O_PATH | O_CLOEXEC);
	if (root < 0 || here < 0 || chroot(h->new_root) < 0 || chdir("/") < 0) {
		r = why_errno(&h->why, h->new_root, "chroot");
	} else {
		if (access(h->init, X_OK) < 0 || status_of(AT_FDCWD, h->init, &status) < 0)
			r = why_errno(&h->why, h->init, "init in the new root");
		else if (!S_ISREG(status.stx_mode))
			r = failure(h, h->init, "init in the new root", EACCES, "no regular file");
		else
			r = 0;
	}
	if (syscall(SYS_fchdir, root) < 0 || chroot(".") < 0 || syscall(SYS_fchdir, here) < 0)
		r = why_errno(&h->why, "/", "chroot back");
	close(root);
	close(here);
	return r;
}

int handover_check(struct handover *h)
{
	int r = check_roots(h);

	return r < 0 ? r : check_init(h);
}

/* Deletes all that lies in the directory on the same mount; closes it. */
static void delete_contents(int fd, const struct statx *old)
{
	struct directory directory = { .fd = fd };
	const struct directory_entry *entry;
	struct statx status;

	while ((entry = directory_next(&directory))) {
		const char *name = entry->name;
		if (name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2])))
			continue;
		if (unlinkat(fd, name, 0) == 0 || errno != EISDIR)
			continue;
		int below = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below < 0)
			continue;
		if (status_of(below, "", &status) == 0 && same_device(&status, old) &&
		    !(status.stx_attributes & STATX_ATTR_MOUNT_ROOT))
			delete_contents(below, old);
		else
			close(below);
		unlinkat(fd, name, AT_REMOVEDIR);
	}
	close(fd);
}

static void open_console(const char *console)
{
	int fd = openat(AT_FDCWD, console, O_RDWR);

	if (fd < 0)
		return;
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

int handover_run(struct handover *h)
{
	static const char kept[][6] = { "/dev", "/proc", "/sys", "/run" };
	struct statx old, new;

	int old_root = openat(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (old_root < 0 || chdir(h->new_root) < 0)
		return why_errno(&h->why, h->new_root, "chdir");
	/* Whoever has moved them before gets EINVAL here, which is fine. What the
	 * new root has no place for would keep the initramfs in use. */
	for (unsigned i = 0; i < LENGTH(kept); i++)
		if (mount(kept[i], kept[i] + 1, NULL, MS_MOVE, NULL) < 0 && errno == ENOENT)
			umount2(kept[i], MNT_DETACH);
	if (mount(".", "/", NULL, MS_MOVE, NULL) < 0)
		return why_errno(&h->why, h->new_root, "move to /");
	if (chroot(".") < 0 || chdir("/") < 0)
		return why_errno(&h->why, h->new_root, "chroot");
	if (h->console)
		open_console(h->console);
	/* Never where the new root lies on the initramfs itself. */
	if (!h->keep_initramfs && status_of(old_root, "", &old) == 0 &&
	    status_of(AT_FDCWD, "/", &new) == 0 && !same_device(&old, &new))
		delete_contents(old_root, &old);
	h->argv[0] = (char *)h->init;
	execve(h->init, h->argv, environ);
	return why_errno(&h->why, h->init, "exec");
}
