/* SPDX-License-Identifier: MIT */
/* The drivers of devices, by the aliases that the kernel has for them. */
//config:config FEATURE_INIT_MODPROBE
//config:	bool "Load modules when they are needed"
//config:	default y
//config:	depends on FEATURE_INIT_MODULES && FEATURE_INIT_FALLBACK && FEATURE_PROBE
//config:	help
//config:	  For the devices that are there, for loop devices, for file systems;
//config:	  by modules.dep and modules.alias.
//kbuild:obj-$(CONFIG_FEATURE_INIT_MODPROBE) += init/drivers.o
#include "module.h"
#include "attempt.h"

static void load_alias(const char *alias)
{
	int r = module_load(alias);

	/* Most devices have no driver in an initramfs. */
	if (r < 0 && r != -ENOENT)
		log_failure();
}

/* Calls do_entry with "PATH/NAME" of each entry. */
static void each_entry(const char *path, const char *behind, void (*do_entry)(const char *path))
{
	struct directory directory;
	const struct directory_entry *entry;

	directory_start(&directory, sys_open(path, O_RDONLY | O_DIRECTORY));
	while (directory.fd >= 0 && (entry = directory_next(&directory))) {
		if (entry->name[0] == '.')
			continue;
		char *mark = read_mark();
		do_entry(joined(path, "/", joined(entry->name, behind, "")));
		read_forget(mark);
	}
	int r = directory.fd < 0 ? directory.fd : directory.error;
	if (directory.fd >= 0)
		sys_close(directory.fd);
	if (r != -ENOENT) /* without /sys, which is told already */
		log_refused(r, path, "read");
}

static void load_device(const char *path)
{
	char alias[2048];

	int size = read_file(path, alias, sizeof alias);
	if (size <= 1)
		return;
	alias[size - 1] = 0; /* the newline */
	load_alias(alias);
}

static void load_bus(const char *path)
{
	each_entry(path, "/modalias", load_device);
}

void drivers_load(void)
{
	module_load(""); /* reads what stays in memory */
	each_entry("/sys/bus", "/devices", load_bus);
}

static unsigned devices;

static void count_device(const char *path UNUSED)
{
	devices++;
}

static void count_bus(const char *path)
{
	each_entry(path, "", count_device);
}

void drivers_load_new(void)
{
	static unsigned before;

	devices = 0;
	each_entry("/sys/bus", "/devices", count_bus);
	if (devices != before)
		drivers_load();
	before = devices;
}

void drivers_load_for(const char *event, int size)
{
	for (const char *p = event; p < event + size; p = nth_string(p, 1)) {
		const char *alias = after_prefix(p, "MODALIAS=");
		if (alias && *alias)
			load_alias(alias);
	}
}

int driver_load(const char *name)
{
	return module_load(name);
}

void drivers_load_named(void)
{
	const char *list = plan[MODULE_NAMES], *name;

	while ((name = next_part(&list, ',')))
		if (driver_load(name) < 0)
			log_failure();
}

bool driver_load_loop(void)
{
	return sys_access("/dev/loop-control", F_OK) < 0 && driver_load("loop") == 0;
}

bool driver_load_for_mount(const struct mount_request *m, int r)
{
	static struct volume volume;
	const char *type = m->type;

	if (m->failed_for == MOUNT_FAILED_LOOP)
		return driver_load_loop();
	if (r != -ENODEV)
		return false;
	if (!type && probe(m->source, &volume) == 0)
		type = volume.type;
	if (!type)
		return false;
	r = driver_load(joined("fs-", type, ""));
	/* That the kernel does not know the type, the mount says. */
	if (r < 0 && r != -ENOENT)
		log_failure();
	return r == 0;
}
