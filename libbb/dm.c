/* SPDX-License-Identifier: MIT */
/* Device-mapper: its requests, and the way from a table to a device. */
//config:config DEVICE_MAPPER
//config:	def_bool DMSETUP || VERITY
//config:
//config:config DM_APPLETS
//config:	def_bool DMSETUP || VERITYSETUP
//kbuild:obj-$(CONFIG_DEVICE_MAPPER) += libbb/dm.o
#include "compat.h"
#include "dm.h"
#include "module.h"

#define CONTROL DM_FOLDER "control"

struct dm_buffer dm;
bool dm_refused;
static unsigned used; /* of its data */

/* The control device, which stays open. */
static int control(void)
{
	static int fd = -1;

	if (fd >= 0)
		return fd;
	fd = sys_open(CONTROL, O_RDWR);
	if (ENABLE_MODULES_BY_NAME && fd == -ENOENT && module_load("dm-mod") == 0)
		fd = sys_open(CONTROL, O_RDWR);
	/* Without devtmpfs */
	if (ENABLE_FEATURE_LOOP_NODES && fd == -ENOENT) {
		sys_mkdir("/dev/mapper", 0755);
		sys_mknod(CONTROL, S_IFCHR | 0600, device_number(10, 236)); /* MAPPER_CTRL_MINOR */
		fd = sys_open(CONTROL, O_RDWR);
		if (fd < 0)
			sys_unlink(AT_FDCWD, CONTROL, 0);
	}
	if (fd >= 0)
		return fd;
	bool is_told = ENABLE_FEATURE_EXPLAIN && (fd == -ENOENT || fd == -ENODEV);
	return failed(fd, CONTROL, is_told ? "open (CONFIG_BLK_DEV_DM, or the module dm-mod)" : "open");
}

/* The request is about that mapping, and has no lines. */
static int address(const char *name)
{
	dm.head = (struct dm_ioctl){
		.version = { 4 },
		.data_size = sizeof dm,
		.data_start = sizeof dm.head,
	};
	if (ENABLE_DM_APPLETS && !name)
		return 0;
	if (ENABLE_DM_APPLETS && length(name) >= sizeof dm.head.name)
		return found(-ENAMETOOLONG, name, "the name is too long");
	append(dm.head.name, name);
	return 0;
}

const char *dm_name(const char *given)
{
	const char *plain = after_prefix(given, DM_FOLDER);
	char *text = NULL;

	if (plain)
		return plain;
	if (after_prefix(given, "/dev/dm-"))
		text = read_whole(joined("/sys/class/block/", base_name(given), "/dm/name"));
	const char *name = text ? next_line(&text) : NULL;
	return name ? name : given;
}

const char *dm_kernel_name(const char *number)
{
	static char link[PATH_SIZE];
	const char *path = joined("/sys/dev/block/", number, "");
	int size = sys_readlink(path, link, sizeof link - 1);

	if (size < 0) {
		if (size != -ENOENT) {
			failed(size, path, "read link");
			complain_why();
		}
		return NULL;
	}
	link[size] = 0;
	return base_name(link);
}

int dm_start(const char *name)
{
	used = 0;
	return address(name);
}

int dm_add(uint64_t start, uint64_t sectors, const char *type, const char *parameters)
{
	struct dm_target_spec *line = (void *)(dm.data + used);
	unsigned size = (sizeof *line + length(parameters) + 1 + 7) & -8;

	if (ENABLE_DM_APPLETS && (used + size > sizeof dm.data || length(type) >= sizeof line->target_type))
		return found(-E2BIG, dm.head.name, "the table is too long");
	line->sector_start = start;
	line->length = sectors;
	line->next = size;
	append(line->target_type, type);
	append((char *)(line + 1), parameters);
	used += size;
	dm.head.target_count++;
	return 0;
}

int dm_call(unsigned long request, const char *step)
{
	int fd = memory_check();
	if (fd == 0)
		fd = control();
	if (fd < 0)
		return fd;
	int r = sys_ioctl(fd, request, &dm);
	if (ENABLE_FEATURE_VERITY_OPTIONS)
		dm_refused = r < 0;
	return r < 0 ? failed(r, dm.head.name, step) : 0;
}

int dm_let_go(const char *name)
{
	address(name);
	dm.head.flags = DM_DEFERRED_REMOVE;
	return sys_ioctl(control(), DM_DEV_REMOVE, &dm);
}

int dm_create(const char *name, const char *uuid, unsigned flags)
{
	unsigned lines = dm.head.target_count;

	int r = address(name);
	if (r < 0)
		return r;
	if (ENABLE_DM_APPLETS && length(uuid) >= sizeof dm.head.uuid)
		return found(-ENAMETOOLONG, uuid, "the UUID is too long");
	if (ENABLE_DM_APPLETS || ENABLE_FEATURE_VERITY_OPTIONS)
		append(dm.head.uuid, uuid);
	r = dm_call(DM_DEV_CREATE, "dm create");
	if (r < 0)
		return r;
	if (ENABLE_DM_APPLETS && !lines)
		return 0;
	/* Each answer tells uuid and number, too, which a request must not. */
	address(name);
	dm.head.flags = flags;
	dm.head.target_count = lines;
	r = dm_call(DM_TABLE_LOAD, "dm table");
	address(name);
	if (r == 0)
		r = dm_call(DM_DEV_SUSPEND, "dm start"); /* which it does without DM_SUSPEND_FLAG */
	if (ENABLE_FEATURE_INIT_SMALL && r == 0)	 /* without devtmpfs */
		sys_mknod(dm_path((char[DM_PATH_SIZE]){ 0 }), S_IFBLK | 0600, dm.head.dev);
	if (r < 0)
		dm_let_go(name);
	return r;
}

int dm_remove(const char *name, unsigned flags)
{
	int r = dm_start(name);
	if (r < 0)
		return r;
	dm.head.flags = flags;
	return dm_call(DM_DEV_REMOVE, "remove");
}

int dm_message(const char *name, uint64_t sector, const char *words)
{
	struct dm_target_msg *message = (void *)dm.data;

	int r = dm_start(name);
	if (r < 0)
		return r;
	if (length(words) >= sizeof dm.data - sizeof *message)
		return found(-E2BIG, dm.head.name, "the message is too long");
	message->sector = sector;
	append(message->message, words);
	return dm_call(DM_TARGET_MSG, "message");
}

int dm_ask_table(const char *name, unsigned flags)
{
	int r = dm_start(name);
	if (r < 0)
		return r;
	dm.head.flags = flags;
	r = dm_call(DM_TABLE_STATUS, "table");
	if (r == 0 && dm.head.flags & DM_BUFFER_FULL_FLAG)
		r = found(-E2BIG, dm.head.name, "the table is too long");
	return r;
}

const struct dm_target_spec *dm_line(const struct dm_target_spec *previous, const char **parameters)
{
	static unsigned number;
	const struct dm_target_spec *line = (void *)dm.data;

	number = previous ? number + 1 : 0;
	/* `next` counts from the start of all, unlike in what is loaded. */
	if (previous)
		line = (void *)(dm.data + previous->next);
	*parameters = (const char *)(line + 1);
	return number < dm.head.target_count ? line : NULL;
}

char *dm_path(char path[DM_PATH_SIZE])
{
	append_number(append(path, "/dev/dm-"), device_minor(dm.head.dev));
	return path;
}

/* Does that path lead to the mapping of dm.head? */
static bool is_right(const char *link)
{
	struct stat status;

	return sys_stat(AT_FDCWD, link, &status) == 0 && S_ISBLK(status.st_mode) &&
	       status.st_rdev == dm.head.dev;
}

int dm_link(const char *name)
{
	char path[DM_PATH_SIZE];
	const char *link = joined(DM_FOLDER, name, "");

	int r = memory_check();
	if (r < 0 || is_right(link))
		return r;
	/* What is there is of a mapping that has gone. */
	r = dm_unlink(name);
	if (r < 0)
		return r;
	if (sys_access(dm_path(path), F_OK) == 0)
		r = sys_symlink(joined("../", after_prefix(path, "/dev/"), ""), link);
	else
		r = sys_mknod(link, S_IFBLK | 0600, dm.head.dev);
	/* udev may have been faster. */
	return r < 0 && !(r == -EEXIST && is_right(link)) ? failed(r, link, "make") : 0;
}

int dm_unlink(const char *name)
{
	const char *link = joined(DM_FOLDER, name, "");
	int r = sys_unlink(AT_FDCWD, link, 0);

	return r < 0 && r != -ENOENT ? failed(r, link, "remove") : 0;
}
