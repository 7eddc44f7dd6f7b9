/* SPDX-License-Identifier: MIT */
/*
 * The images: alternatives, each of one layer or of several. An alternative that can't
 * be mounted, or has no init that can be run, is given up for the next, before anything
 * is done that can't be taken back.
 */
//kbuild:obj-$(CONFIG_INIT) += init/image.o
#include <sys/utsname.h>

#include "plan.h"
#include "probe.h"

#define LAYERS OUR_RUN "layers/"

enum { LAYERS_MAX = 64 };

static const char *medium_device; /* NULL: the initramfs */
const char *base_place;

/* Puts in what %m (this machine), %d (the folder of the images), %l and %u (the medium's
 * label and UUID) mean. */
static char *expanded(const char *text)
{
	static struct utsname system;
	static struct volume medium;
	char *whole = "";

	for (;;) {
		const char *end = find_byte(text, '%'), *value = "";
		whole = joined(whole, copied(text, end - text), "");
		if (!*end)
			return whole;
		switch (*++end) {
		case 'm':
			sys_uname(&system);
			value = system.machine;
			break;
		case 'd':
			value = plan[DIRECTORY];
			break;
		case 'l':
		case 'u':
			if (ENABLE_FEATURE_PROBE && medium_device)
				probe(medium_device, &medium);
			value = *end == 'l' ? medium.label : medium.uuid;
			break;
		case 0:
			return whole;
		}
		whole = joined(whole, value ? value : "", "");
		text = end + 1;
	}
}

char *plan_expanded(enum slot slot)
{
	return expanded(plan[slot]);
}

/* Where an image is, as a word of the command line has it. */
static char *path_of(const char *medium, const char *image)
{
	const char *directory = "";

	if (ENABLE_INIT_FAMILIES) {
		directory = plan[DIRECTORY] ? plan[DIRECTORY] : "";
		image = expanded(image);
		directory = joined(*directory ? "/" : "", expanded(directory), "");
	}
	return joined(medium, directory, *image == '/' ? image : joined("/", image, ""));
}

static bool is_folder(const char *path)
{
	return *path && path[length(path) - 1] == '/';
}

bool images_there(const char *medium)
{
	const char *list = plan[IMAGE], *one;

	while ((one = next_part(&list, ','))) {
		one = next_part(&one, ':');
		if (!one)
			continue;
		const char *path = path_of(medium, one);
		char *name;
		if (ENABLE_FEATURE_INIT_OVERLAY && is_folder(path) ? layers_list(path, &name, 1) > 0
								   : sys_access(path, F_OK) == 0)
			return true;
	}
	return false;
}

/* 1234567 as 1,234,567 */
static const char *with_commas(uint64_t number)
{
	const char *digits = decimal(number);
	char *text = "";

	for (unsigned left = length(digits); left; digits++, left--)
		text = joined(text, copied(digits, 1), left % 3 == 1 && left > 1 ? "," : "");
	return text;
}

/* Is the new root made of what is mounted elsewhere? */
static bool is_layered(void)
{
	return ENABLE_FEATURE_INIT_OVERLAY && (is_on(OVERLAY) || is_on(VOLATILE));
}

static int mount_again(void *arg)
{
	struct mount_request *m = arg;

	int r = mount_do(m);
	if (r == 0)
		sys_umount(m->target, MNT_DETACH);
	if (r == 0 && m->use_loop)
		loop_close(&m->device);
	return r;
}

static struct volume volume;

/* Finds out what an image is, and what the kernel would not tell of it. */
static int look_at(const char *image)
{
	int r = probe(image, &volume);
	if (r < 0)
		return r;
	if (volume.refused)
		return failed(FOUND_BAD, image, volume.refused);
	if (volume.needs > volume.size)
		return failed(FOUND_BAD, image,
			      joined("truncated: ", with_commas(volume.size),
				     joined(" of ", with_commas(volume.needs), " bytes")));
	return 0;
}

/* Says more of an image that was not mounted than the errno does. */
static int explain(const char *image)
{
	struct why plain = why;

	volume.compressor = NULL;
	/* A superblock elsewhere in the file is not this one. */
	if (!request.loop.offset && look_at(image) < 0)
		return why.error;
	const char *kernel = log_of_kernel(mount_again, &request);
	why = plain;
	if (volume.compressor)
		kernel = joined("it is compressed with ", volume.compressor,
				*kernel ? joined("; ", kernel, "") : "");
	if (!*kernel)
		return why.error;
	return failed(FOUND_BAD, image,
		      joined(why.step, joined(": ", errno_text(-why.error), ""), joined("; ", kernel, "")));
}

/* Mounts one image, read-only; or the device that is the root, as the words say. name: the
 * image's own, where this may be a copy; NULL where it is inside another one. */
static int mount_layer(const char *name, const char *image, const char *target, const char *type,
		       bool is_device)
{
	char *words = plan[is_device ? ROOT_FLAGS : IMAGE_FLAGS];
	bool is_verified = verity_demanded() && (!ENABLE_FEATURE_INIT_ISO || name);

	request_new(image, target, type);
	if (!is_device || !plan[RW] || is_layered())
		request.flags = MS_RDONLY;
	int r = words ? mount_words(&request, own_copy(words)) : 0;
	if (r < 0)
		return r;
	if (is_verified) {
		request.source = verity_device(name, image, is_device);
		if (!request.source)
			return why.error;
	} else if (!is_device && !request.use_loop) {
		/* Only squashfs says itself that it is truncated. */
		if (ENABLE_FEATURE_PROBE && !(request.type && equal(request.type, "squashfs"))) {
			r = look_at(image);
			if (r < 0)
				return r;
			if (!request.type)
				request.type = volume.type;
		}
		/* erofs may need no loop device (Linux 6.12). */
		request.use_loop = !ENABLE_FEATURE_PROBE || !request.type || !equal(request.type, "erofs");
		request.maybe_loop = true;
	}
	r = mount_step();
	if (r < 0 && ENABLE_FEATURE_INIT_EXPLAIN && r != -ENOENT)
		r = explain(is_verified ? request.source : image);
	if (is_verified) {
		verity_let_go();
		if (ENABLE_FEATURE_INIT_FALLBACK && r < 0 && why.path == request.source)
			why.path = name;
	}
	return r;
}

/* An image that holds the image of the root, as dracut's may. */
static const char *inner_of(const char *place)
{
	const char *list = plan[INNER], *name;

	while ((name = next_part(&list, ','))) {
		const char *path = joined(place, "/", name);
		if (sys_access(path, F_OK) == 0)
			return path;
	}
	return NULL;
}

/* Mounts the layers, and in places tells where. */
static int mount_layers(char **images, char **places, unsigned count, const char *type, bool is_device)
{
	const char *inner;
	int r = 0;

	for (unsigned i = 0; r == 0 && i < count; i++) {
		const char *image = images[i];
		if (ENABLE_FEATURE_INIT_RAM && is_on(RAM) && !is_device)
			image = ram_copy(image);
		if (ENABLE_FEATURE_INIT_CHECKSUM && is_on(CHECKSUM) && !is_device) {
			r = checksum_compare(images[i], image);
			if (r < 0)
				break;
		}
		if (count == 1 && !plan[INNER])
			places[i] = (char *)(is_layered() ? place_below_run(BASE, LAYERS "0") : new_root);
		else
			places[i] = joined(LAYERS, decimal(i), "");
		r = mount_layer(images[i], image, places[i], type, is_device);
	}
	if (!ENABLE_INIT_FAMILIES || r < 0)
		return r;
	base_place = places[0];
	if (!ENABLE_FEATURE_INIT_ISO || !plan[INNER] || count > 1)
		return r;
	char *base = (char *)place_below_run(BASE, LAYERS "base");
	inner = inner_of(places[0]);
	if (inner) {
		r = mount_layer(NULL, inner, base, NULL, false);
	} else {
		make_directories(base);
		r = sys_mount(places[0], base, NULL, MS_MOVE, NULL);
		undo_remember(base);
	}
	base_place = places[0] = base;
	return r;
}

/* Boots from one alternative: its layers, the lowest first. */
static int boot_layers(char **images, unsigned count, const char *medium, const char *type, bool is_device)
{
	char *places[LAYERS_MAX + 1];
	unsigned mark = ENABLE_FEATURE_INIT_FALLBACK ? undo_mark() : 0;

	int r = ENABLE_FEATURE_INIT_TRIES && medium ? tries_check(images[count - 1]) : 0;
	if (ENABLE_FEATURE_INIT_RAM)
		ram_forget();
	/* Before anything is made, of which the kernel would tell those who wait. */
	if (ENABLE_FEATURE_INIT_VERITY_WORDS && r == 0)
		r = verity_find_usr(medium_device ? medium_device : images[0]);
	if (r == 0)
		r = mount_layers(images, places, count, type, is_device);
	if (ENABLE_FEATURE_INIT_OVERLAY && r == 0 && (is_layered() || plan[INNER] || count > 1))
		r = layers_mount(places, count, medium);
	if (ENABLE_FEATURE_INIT_VERITY_WORDS && r == 0)
		r = verity_mount_usr();
	if (r == 0)
		r = handover_boot(images[count - 1], medium);
	if (ENABLE_FEATURE_INIT_FALLBACK)
		undo_to(mark);
	return r;
}

/* The layers that one alternative of the list names; their count, or -errno. */
static int layers_of(const char *medium, const char *alternative, char **layers)
{
	const char *rest = alternative, *one;
	unsigned count = 0;

	while ((one = next_part(&rest, ':'))) {
		char *path = path_of(medium, one);
		if (ENABLE_FEATURE_INIT_OVERLAY && is_folder(path)) {
			if (verity_demanded())
				return failed(FOUND_BAD, path,
					      "a folder has no root hash: name the images (loop=)");
			int n = layers_list(path, layers + count, LAYERS_MAX - count);
			if (n < 0)
				return n;
			count += n;
		} else if (count < LAYERS_MAX) {
			layers[count++] = path;
		}
		if (count == LAYERS_MAX)
			return failed(-E2BIG, alternative, "layers");
	}
	return count ? (int)count : failed(-ENOENT, alternative, "images");
}

int images_boot(const char *medium, const char *device, const char *type)
{
	const char *list = plan[IMAGE], *alternative;
	char *layers[LAYERS_MAX];
	bool first = true;
	int r = ENABLE_FEATURE_INIT_FALLBACK ? failed(-EINVAL, "loop=", "no image") : 0;

	medium_device = device;
	if (device && !medium) {
		layers[0] = (char *)device;
		return boot_layers(layers, 1, NULL, type, true);
	}
	if (!list)
		list = BUILT_IN_IMAGE;
	if (!ENABLE_FEATURE_INIT_FALLBACK && !ENABLE_FEATURE_INIT_OVERLAY) {
		layers[0] = path_of(medium ? medium : "", list);
		return boot_layers(layers, 1, medium, plan[IMAGE_TYPE], false);
	}
	while ((alternative = next_part(&list, ','))) {
		if (!first)
			log_failure();
		first = false;
		r = layers_of(medium ? medium : "", alternative, layers);
		if (r > 0)
			r = boot_layers(layers, r, medium, plan[IMAGE_TYPE], false);
	}
	return r;
}
