/* SPDX-License-Identifier: MIT */
/*
 * The images of an alternative: which they are, and mounting them, one after the other; or
 * mounting the device that is the root itself.
 */
//kbuild:obj-$(CONFIG_INIT) += init/image.o
#include "attempt.h"


/* --- which ones -------------------------------------------------------------------------- */

static const char *cut_alternative(struct attempt *a)
{
	const char *whole = a->images_left;

	if (ENABLE_FEATURE_INIT_FALLBACK && a->medium)
		return next_part(&a->images_left, ',');
	a->images_left = NULL;
	return whole;
}

bool image_next(struct attempt *a)
{
	a->mark = undo_mark();
	a->alternative = cut_alternative(a);
	a->uses_ram = a->uses_medium = a->has_store = a->is_persistent = false;
	/* "loop=," */
	if (ENABLE_FEATURE_INIT_FALLBACK && !a->alternative && a->outcome == READY) {
		found(-EINVAL, "loop=", "names no image");
		log_failure();
		a->outcome = FAILED;
	}
	return a->alternative;
}

enum outcome images_list(struct attempt *a)
{
	if (!a->medium) {
		a->images[0] = (char *)a->device;
		a->count = 1;
		return READY;
	}
	int r = name_layers(a, a->images);
	a->count = r < 0 ? 0 : r;
	if (ENABLE_FEATURE_INIT_REASON && r > 0 && !*a->medium && sys_access(a->images[0], F_OK) == -ENOENT)
		r = found(-ENOENT, a->images[0],
			  plan[IMAGE] ? "not in the initramfs, and no root=: nothing to boot"
				      : "not in the initramfs, and no root= and no loop=: nothing to boot");
	return outcome_of(r);
}


/* --- mounting ---------------------------------------------------------------------------- */

/* Finds out how an image has to be mounted: erofs may need no loop device (Linux 6.12). */
static void prepare_file(struct mount_request *m)
{
	static struct volume volume;

	if (!m->type && probe(m->source, &volume) == 0)
		m->type = volume.type;
	m->use_loop = !ENABLE_FEATURE_PROBE || !m->type || !equal(m->type, "erofs");
	m->maybe_loop = true;
}

/* Mounts a layer through its device of dm-verity. */
static enum outcome mount_verified(struct attempt *a, unsigned i, struct mount_request *m)
{
	enum outcome outcome = verity_open_layer(a, i, &m->source);
	if (outcome != READY)
		return outcome;
	int r = verity_mount(m);
	verity_let_go(a);
	/* Nobody knows the device by its name. */
	if (r < 0 && m->failed_for <= MOUNT_FAILED_SOURCE)
		why.path = a->images[i];
	return outcome_of(r);
}

/* A layer: an image, or the device that is the root. */
static enum outcome mount_layer(struct attempt *a, unsigned i)
{
	struct mount_request m;
	bool is_device = !a->medium;
	char *words = plan[is_device ? ROOT_FLAGS : IMAGE_FLAGS];

	mount_begin(&m, image_to_read(a, i), a->places[i], is_device ? a->type : plan[IMAGE_TYPE]);
	if (!is_device || !plan[RW] || plan_is_layered())
		m.flags = MS_RDONLY;
	int r = mount_said(&m, words);
	if (r < 0)
		return FAILED;
	if (verity_demanded())
		return mount_verified(a, i, &m);
	if (!is_device && !m.use_loop)
		prepare_file(&m);
	r = mount_step(&m);
	return is_device ? outcome_of_mount(&m, r) : outcome_of(r);
}

/* An image in the image, which then holds the root, as dracut's may; NULL: none. */
static const char *inner_of(const char *place)
{
	const char *list = said(INNER), *name;

	while ((name = next_part(&list, ','))) {
		const char *path = joined(place, "/", name);
		if (!is_missing(sys_access(path, F_OK))) /* what can't be read, the mount tells */
			return path;
	}
	return NULL;
}

/* Is it a file of the image itself, or a link that may lead out of it? */
static bool is_within(const char *path)
{
	struct stat status;
	char *folder = copied(path, base_name(path) - path - 1);

	return sys_lstat(folder, &status) == 0 && S_ISDIR(status.st_mode) && sys_lstat(path, &status) == 0 &&
	       S_ISREG(status.st_mode);
}

/* What is in a verified image needs no root hash of its own; it is mounted like one that has. */
static int mount_inner(const char *image, const char *place)
{
	struct mount_request m;

	if (verity_demanded() && !is_within(image))
		return found(-EINVAL, image, "not a file of the verified image itself");
	mount_begin(&m, image, place, NULL);
	m.flags = MS_RDONLY;
	int r = mount_said(&m, plan[IMAGE_FLAGS]);
	if (r < 0)
		return r;
	if (!m.use_loop)
		prepare_file(&m);
	return verity_demanded() ? verity_mount(&m) : mount_step(&m);
}

/* The base of the root is the image in the image, if there is one; else the image itself is moved to the
 * same place. */
static enum outcome mount_base(struct attempt *a)
{
	const char *inner = inner_of(a->base), *base = place_below_run(said(BASE), LAYERS "base");
	int r;

	if (inner) {
		r = mount_inner(inner, base);
	} else {
		r = make_directories(base);
		if (r < 0)
			return FAILED;
		r = sys_mount(a->base, base, NULL, MS_MOVE, NULL);
		if (r < 0)
			return outcome_of(failed(r, a->base, "move"));
		r = undo_remember(base);
	}
	a->base = a->places[0] = (char *)base;
	return outcome_of(r);
}

/* Where a layer is mounted: the new root itself, if that is all that it takes. */
static const char *place_of(const struct attempt *a, unsigned i)
{
	if (a->count > 1 || said(INNER))
		return joined(LAYERS, decimal(i), "");
	return plan_is_layered() ? place_below_run(said(BASE), LAYERS "0") : NEW_ROOT;
}

enum outcome images_mount(struct attempt *a)
{
	for (unsigned i = 0; i < a->count; i++) {
		a->places[i] = (char *)place_of(a, i);
		enum outcome outcome = mount_layer(a, i);
		if (outcome != READY)
			return outcome;
	}
	a->base = a->places[0];
	return said(INNER) && a->count == 1 ? mount_base(a) : READY;
}
