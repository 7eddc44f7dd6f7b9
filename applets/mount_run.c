/* SPDX-License-Identifier: MIT */
/* How the applet mount carries out one request: its own, or that of an entry of fstab. */
//kbuild:obj-$(CONFIG_MOUNT) += applets/mount_run.o
#include "mount_applet.h"
#include "probe.h"

struct mount_request given;
const char *given_words = "";

/* Words are cut up, so a copy where they are needed again. */
int mount_take(struct mount_request *request, const char *words)
{
	char *copy = ENABLE_FEATURE_MOUNT_FSTAB ? copy_of(words) : (char *)words;

	if (*words && !*copy)
		return failed(-ENOMEM, words, "option");
	return mount_words(request, copy);
}

/* Is the source, which no link or tag is, a path? Not "none", "server:/share" or what else a
 * type may want. */
static bool is_path(const struct mount_request *request)
{
	const char *p = request->source;

	if (request->use_loop || !request->type || request->flags & (MS_BIND | MS_MOVE))
		return true;
	while (*p && *p != '/' && *p != ':')
		p++;
	return *p == '/';
}

/* Puts the device, or the path without links, in the place of what the user calls it. False with a `why`
 * where no device has the label or UUID. */
static bool find_source(struct mount_request *request)
{
	static char real[PATH_SIZE];

	/* A link to a device tells more than we do, where it is there. */
	request->source = device_named(mount_device_name(request->source));
	/* What lies in /dev keeps its name: that of a mapping is a link, too. */
	if (ENABLE_FEATURE_MOUNT_MORE && !option_arg('c') && request->source &&
	    !after_prefix(request->source, "/dev/") && is_path(request))
		request->source = real_path(request->source, real);
	return request->source;
}

/* Undoes the mount where that fails; what was there before stays. */
static int own_target(const struct mount_request *request)
{
	int r = mount_own_target(request);

	if (r < 0 && request->source && !(request->flags & (MS_REMOUNT | MS_MOVE))) {
		sys_umount(request->target, MNT_DETACH);
		mount_forget_target();
	}
	return r;
}

/* --onlyonce: is that mounted there? 1, 0 or -errno, with a why. */
static int is_mounted_already(const struct mount_request *request)
{
	struct mount_entry entry;
	char real[PATH_SIZE], *text = read_whole(MOUNTS);

	if (!text)
		return why.error;
	const char *target = real_path(request->target, real);
	while (mount_entry_next(&text, &entry)) {
		unescape(entry.source);
		unescape(entry.target);
		if (equal(entry.target, target) && mount_is_source(entry.source, request->source))
			return found(-EBUSY, request->source, "already mounted there");
	}
	return 0;
}

/* What FEATURE_MOUNT_MORE does before a mount. */
static int prepare(struct mount_request *request)
{
	int r = mount_number_names(request);

	if (r == 0 && option_arg(ONLY_ONCE) && request->source)
		r = is_mounted_already(request);
	return r < 0 ? r : mount_make_target(request);
}

/* Does that say that the source is not there, which nofail allows? */
static bool is_missing(const struct mount_request *request, int r)
{
	return request->failed_for == MOUNT_FAILED_SOURCE &&
	       (r == -ENOENT || r == -ENOTDIR || r == -ENXIO || r == -ENOMEDIUM);
}

static int mount_failed(const struct mount_request *request, int r)
{
	if (ENABLE_FEATURE_MOUNT_HELPERS && request->helper_code)
		return request->helper_code; /* it has said why */
	if (request->no_fail && is_missing(request, r))
		return 0;
	complain_why();
	return MOUNT_FAILED;
}

/* -v, in util-linux's words. */
static void say_done(const struct mount_request *request)
{
	char real[PATH_SIZE];
	struct mount_info info;
	const char *target = real_path(request->target, real), *source = request->source;

	if (!source) {
		say("mount: %s propagation flags changed.\n", target);
		return;
	}
	if (request->use_loop && request->device.path)
		source = request->device.path;
	else if (request->flags & MS_REMOUNT && mount_find(target, &info) == 0)
		source = info.source;
	const char *done = "mounted on";
	if (request->flags & MS_MOVE)
		done = "moved to";
	else if ((request->flags & (MS_BIND | MS_REMOUNT)) == MS_BIND)
		done = "bound on";
	say("mount: %s %s %s.\n", source, done, target);
}

int mount_run(struct mount_request *request)
{
	const char *source = request->source;
	char value[TAG_SIZE];
	int r = 0;

	if (source && !find_source(request)) {
		if (request->no_fail && !devices_unread)
			return 0;
		complain_why();
		bool is_empty = tag_of(source, value) != TAG_NONE && !*value;
		return is_empty && !devices_unread ? MOUNT_FAILED : 1; /* as mount(8) has it */
	}
	request->fake = option_arg('f');
	request->explains = true;
	if (ENABLE_FEATURE_MOUNT_HELPERS && !option_arg('i'))
		request->helper = mount_helper;
	if (ENABLE_FEATURE_MOUNT_MORE)
		r = prepare(request);
	if (r == 0) {
		r = mount_do(request);
		if (ENABLE_FEATURE_MOUNT_MORE && r < 0)
			mount_forget_target();
	}
	if (ENABLE_FEATURE_MOUNT_MORE && r == 0 && !request->fake)
		r = own_target(request);
	if (r < 0)
		return mount_failed(request, r);
	if (request->fell_back)
		complain("%s: warning: source write-protected, mounted read-only", request->target);
	if (ENABLE_FEATURE_MOUNT_MORE && option_arg('v') && !is_of_all())
		say_done(request);
	else if (option_arg('v') && request->source && !ENABLE_FEATURE_MOUNT_MORE)
		say("mount: %s mounted on %s.\n", request->source, request->target);
	return 0;
}
