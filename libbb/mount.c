/* SPDX-License-Identifier: MIT */
/* Mounting, for the applets mount and init. */
//config:config FEATURE_MOUNT_LOOP
//config:	bool "Mount images"
//config:	default y
//config:	help
//config:	  -o loop, offset=, sizelimit=, and a loop device by itself for a
//config:	  regular file. init needs it for an image on a medium.
//config:
//config:config MOUNT_CHANGES
//config:	def_bool MOUNT || UMOUNT || FEATURE_INIT_OVERLAY
//kbuild:obj-y += libbb/mount.o
#include "explain.h"
#include "mount.h"
#include "probe.h"

enum {
	/* Neither needs a type, nor looks at a device. */
	WITHOUT_TYPE = MS_BIND | MS_MOVE | MS_REMOUNT,
};

static bool is_any(const char *type)
{
	return !type || !*type || equal(type, "auto");
}

static bool is_read_only_type(const char *type)
{
	return type && has_word("squashfs,erofs,iso9660,cramfs,romfs", type);
}

/* mount(2), once more read-only where the source can't be written, or is mounted read-only
 * elsewhere (EBUSY); unless rw was asked for by name. */
static int mount_as(struct mount_request *m, const char *source, const char *type)
{
	if (ENABLE_FEATURE_MOUNT_HELPERS && m->helper && type) {
		int r = m->helper(m, source, type);
		if (r != -ENOSYS)
			return r;
	}
	if (m->fake)
		return 0;
	int r = sys_mount(source, m->target, type, m->flags, m->data);
	if (!(r == -EACCES || r == -EROFS || r == -EBUSY) ||
	    (m->flags | m->cleared) & (MS_RDONLY | MS_BIND | MS_MOVE))
		return r;
	int again = sys_mount(source, m->target, type, m->flags | MS_RDONLY, m->data);
	if (again < 0)
		return r == -EBUSY ? r : again;
	m->flags |= MS_RDONLY;
	m->fell_back = true;
	return 0;
}

/* Whether r may only say that the superblock is another type's. */
static bool is_other_type(int r)
{
	return r == -EINVAL || r == -ENODEV || r == -EIO || r == -EUCLEAN;
}

static int try_list(struct mount_request *m, const char *source)
{
	const char *list = m->type;
	char type[LIST_WORD_SIZE];
	int r = -ENODEV;

	while (next_listed(&list, type)) {
		r = mount_as(m, source, type);
		if (!is_other_type(r))
			break;
	}
	return r;
}

/* The type in a line "\tTYPE" of the kernel, or written in any way by the administrator; NULL where
 * it needs no device, or there is none. */
static char *type_in(char *line)
{
	char *type = next_word(&line);
	return type && *type != '#' && !equal(type, "nodev") ? type : NULL;
}

/* No type was tried, since the kernel's list can't be read: `why` says so. */
enum { UNLISTED = -ENOMSG };

/* Every type that the kernel knows and that needs a device; in the order of the administrator's
 * list, if there is one, which a star ends where the kernel's is to follow. */
static int try_known(struct mount_request *m, const char *source, bool any)
{
	char *text = ENABLE_FEATURE_MOUNT_MORE ? read_whole("/etc/filesystems") : NULL, *line;
	int reason = -EINVAL;

	if (!text)
		text = read_whole("/proc/filesystems");
	if (!text)
		return UNLISTED;
	m->flags |= MS_SILENT; /* no complaint of each that it is not */
	while ((line = next_line(&text))) {
		if (ENABLE_FEATURE_MOUNT_MORE ? !(line = type_in(line)) : *line++ != '\t')
			continue;
		if (!(any || in_list(line, m->type)))
			continue;
		if (ENABLE_FEATURE_MOUNT_MORE && equal(line, "*")) {
			text = read_whole("/proc/filesystems");
			if (!text)
				break;
			continue;
		}
		int r = mount_as(m, source, line);
		if (!is_other_type(r))
			return r;
		if (r != -ENODEV && r != -EINVAL)
			reason = r;
	}
	return reason;
}

static struct volume volume; /* of the function that runs; too large for the stack */

static int try_types(struct mount_request *m, const char *source)
{
	bool any = is_any(m->type);

	if (!any && !after_prefix(m->type, "no"))
		return try_list(m, source);
	/* What can't be read here, the kernel may be able to, or says why not. */
	if (ENABLE_FEATURE_PROBE && probe(source, &volume) == 0 && volume.type &&
	    (any || in_list(volume.type, m->type)))
		return mount_as(m, source, volume.type);
	return try_known(m, source, any);
}

/* Gives the image a device that goes with the mount. */
static int attach_image(struct mount_request *m)
{
	m->loop.file = m->source;
	m->loop.needs_data = true;
	m->loop.flags = LO_FLAGS_AUTOCLEAR;
	m->use_loop = true;
	const char *type = m->type;
	/* What is at an offset, is not looked at before it has a device. */
	if (ENABLE_FEATURE_PROBE && is_any(type) && !m->loop.offset) {
		int r = probe(m->source, &volume);
		if (r < 0) {
			m->failed_for = MOUNT_FAILED_SOURCE;
			return r;
		}
		type = volume.type;
	}
	if (m->flags & MS_RDONLY || is_read_only_type(type))
		m->loop.flags |= LO_FLAGS_READ_ONLY;

	/* Read-only devices do one another no harm. */
	m->loop.shares =
		ENABLE_FEATURE_LOOP_OVERLAP || (ENABLE_MOUNT && !(m->loop.flags & LO_FLAGS_READ_ONLY));
	int r = loop_attach(&m->loop, &m->device);
	if (r < 0) {
		m->failed_for = m->device.file_failed ? MOUNT_FAILED_SOURCE : MOUNT_FAILED_LOOP;
		return r;
	}
	if (m->device.flags & LO_FLAGS_READ_ONLY) {
		m->fell_back = !(m->loop.flags & LO_FLAGS_READ_ONLY);
		m->flags |= MS_RDONLY;
		return 0;
	}
	/* Kernels with BLK_DEV_WRITE_MOUNTED=n (6.8) mount nothing that somebody
	 * has open for writing; open for reading, the device still lives. */
	int fd = sys_open(m->device.path, O_RDONLY);
	if (fd >= 0) {
		sys_close(m->device.fd);
		m->device.fd = fd;
	}
	return 0;
}

/* Says which of the two paths a mount failed for, and what its errno means. source: the image's
 * device, or the source itself. */
static int explain(struct mount_request *m, const char *source, int r)
{
	if (r >= 0)
		return r;
	m->failed_for = MOUNT_FAILED_SOURCE;
	if (r == UNLISTED)
		return r;
	m->failed_for = MOUNT_FAILED_TARGET;
	if (sys_access(m->target, F_OK) < 0)
		return failed(r, m->target, "mount point");
	if (r == -ENOTDIR && explain_target(m->target) < 0)
		return r;
	m->failed_for = MOUNT_FAILED_SOURCE;
	if (r == -EINVAL)
		found(r, m->source, "wrong type, bad option or superblock");
	else if (r == -ENODEV)
		found(r, m->source, "no such file system type in this kernel");
	else
		failed(r, m->source, "mount");
	return m->explains && !(m->flags & WITHOUT_TYPE) ? explain_mount(m, source, r) : r;
}

/* What of the source would fail later, or not at all: a truncated image may well be mounted. */
static int look_before(struct mount_request *m)
{
	int r = 0;

	if (ENABLE_FEATURE_EXPLAIN && m->explains && *m->source == '/' && !m->loop.offset &&
	    (is_any(m->type) || equal(m->type, "erofs")))
		r = explain_image(m->source);
	if (r < 0)
		m->failed_for = MOUNT_FAILED_SOURCE;
	return r;
}

static int mount_source(struct mount_request *m)
{
	int r = -ENOTBLK;

	if (ENABLE_MOUNT_CHANGES && m->flags & WITHOUT_TYPE)
		return explain(m, m->source, mount_as(m, m->source, NULL));
	if (look_before(m) < 0)
		return why.error;
	if (!ENABLE_FEATURE_MOUNT_LOOP || !m->use_loop)
		r = try_types(m, m->source);
	else if (m->fake)
		r = 0;
	/* erofs on a file says ENOTBLK before Linux 6.12, but EINVAL where that lies on a
	 * tmpfs, which can't be read the way it needs. */
	if (!ENABLE_FEATURE_MOUNT_LOOP || (r != -ENOTBLK && !(r == -EINVAL && m->maybe_loop)))
		return explain(m, m->source, r);
	r = attach_image(m);
	if (r < 0)
		return r;
	r = explain(m, m->device.path, try_types(m, m->device.path));
	if (r == 0) {
		/* Never before something holds the device. */
		r = loop_hand_over(&m->device);
		if (r < 0) {
			m->failed_for = MOUNT_FAILED_LOOP;
			sys_umount(m->target, MNT_DETACH);
		}
	}
	if (r < 0)
		loop_close(&m->device);
	return r;
}

/* Takes a new mount back. What was there before stays: a move can't be undone, but is done. */
static void undo(struct mount_request *m)
{
	if (m->source && !(m->flags & (MS_REMOUNT | MS_MOVE)))
		sys_umount(m->target, MNT_DETACH);
	if (m->use_loop)
		loop_close(&m->device);
}

/* What a new mount is to be besides, it takes in further steps. */
static int change(struct mount_request *m)
{
	unsigned of_bind = m->flags & ~(MS_BIND | MS_REC | MS_SILENT);
	int r = 0;

	if (m->flags & MS_BIND && of_bind | m->cleared && !(of_bind & MS_REMOUNT))
		r = mount_set_flags(m->target, of_bind, m->cleared);
	for (const unsigned *step = m->propagation; r == 0 && *step; step++)
		r = sys_mount(NULL, m->target, NULL, *step, NULL);
	if (r < 0) {
		failed(r, m->target, "change of flags");
		m->failed_for = MOUNT_FAILED_FLAGS;
		undo(m);
	}
	return r;
}

int mount_do(struct mount_request *m)
{
	int r = memory_check();

	m->device.fd = m->device.control_fd = m->device.file_fd = -1;
	m->failed_for = MOUNT_DONE;
	if (ENABLE_MOUNT_CHANGES && r == 0 && m->flags & MS_REMOUNT && !m->replaces) {
		r = mount_keep_flags(m->target, &m->flags, m->cleared);
		if (r < 0)
			m->failed_for = MOUNT_FAILED_FLAGS;
	}
	if (r == 0 && m->source)
		r = mount_source(m);
	if (!ENABLE_MOUNT_CHANGES || r < 0 || m->fake)
		return r;
	return change(m);
}
