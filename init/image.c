/* SPDX-License-Identifier: MIT */
/*
 * The images of an alternative: which they are, and mounting them, one after the other; or
 * mounting the device that is the root itself. What can't be mounted is looked at, so that the
 * reason can be told.
 */
//config:config FEATURE_INIT_EXPLAIN
//config:	bool "Say what the kernel says"
//config:	default y
//config:	depends on INIT && FEATURE_PROBE
//config:	help
//config:	  Of an image that was not mounted: its compressor, and what the
//config:	  kernel wrote to its log.
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
		failed(-EINVAL, "loop=", "no image");
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


/* --- why one was not mounted ------------------------------------------------------------- */

/* 1234567 as 1,234,567 */
static const char *with_commas(uint64_t number)
{
	const char *digits = decimal(number);
	char *text = "";

	for (unsigned left = length(digits); left; digits++, left--)
		text = joined(text, copied(digits, 1), left % 3 == 1 && left > 1 ? "," : "");
	return text;
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
		return found(-EINVAL, image, volume.refused);
	if (volume.needs > volume.size)
		return found(-EINVAL, image,
			     joined("truncated: ", with_commas(volume.size),
				    joined(" of ", with_commas(volume.needs), " bytes")));
	return 0;
}

/* Says more of an image that was not mounted than the errno does. */
static void explain(struct mount_request *m)
{
	struct why plain = why;
	const char *image = m->source;

	volume.compressor = NULL;
	/* A superblock elsewhere in the file is not this one. */
	if (!m->loop.offset && look_at(image) < 0)
		return;
	const char *kernel = log_of_kernel(mount_again, m);
	why = plain;
	if (volume.compressor)
		kernel = joined("it is compressed with ", volume.compressor,
				*kernel ? joined("; ", kernel, "") : "");
	const char *reason = why.is_finding ? "" : joined(": ", errno_text(-why.error), "");
	if (*kernel)
		found(plain.error, image, joined(joined(why.step, reason, "; "), kernel, ""));
}


/* --- mounting ---------------------------------------------------------------------------- */

static int explained(struct mount_request *m, int r)
{
	if (r < 0 && ENABLE_FEATURE_INIT_EXPLAIN && r != -ENOENT && m->failed_for != MOUNT_DONE)
		explain(m);
	return r;
}

/* Finds out how an image has to be mounted. */
static int prepare_file(struct mount_request *m)
{
	/* Only squashfs says itself that it is truncated. */
	if (ENABLE_FEATURE_PROBE && !(m->type && equal(m->type, "squashfs"))) {
		int r = look_at(m->source);
		if (r < 0)
			return r;
		if (!m->type)
			m->type = volume.type;
	}
	/* erofs may need no loop device (Linux 6.12). */
	m->use_loop = !ENABLE_FEATURE_PROBE || !m->type || !equal(m->type, "erofs");
	m->maybe_loop = true;
	return 0;
}

/* The device that reads as the layer does, as long as that is what its root hash stands for. */
static enum outcome mount_verified(struct attempt *a, unsigned i, struct mount_request *m)
{
	enum outcome outcome = verity_open_layer(a, i, &m->source);
	if (outcome != READY)
		return outcome;
	int r = explained(m, verity_mount(m));
	verity_let_go(a);
	/* Nobody knows the device by its name. */
	if (r < 0 && m->failed_for == MOUNT_FAILED_SOURCE)
		why.path = a->images[i];
	return outcome_of(r);
}

/* A file of the initramfs demands a root hash for the image, which this build can't obey. */
static bool is_demanded_in_vain(const char *image)
{
	return !ENABLE_FEATURE_INIT_VERITY_WORDS &&
	       sys_access(joined("/", base_name(image), ".roothash"), F_OK) == 0;
}

/* A layer: an image, or the device that is the root. */
static enum outcome mount_layer(struct attempt *a, unsigned i)
{
	struct mount_request m;
	bool is_device = !a->medium;
	char *words = plan[is_device ? ROOT_FLAGS : IMAGE_FLAGS];

	if (is_demanded_in_vain(a->images[i]))
		return outcome_of(found(-EOPNOTSUPP, a->images[i],
					"the initramfs has a root hash for it, which this build can't use"));
	mount_begin(&m, image_to_read(a, i), a->places[i], is_device ? a->type : plan[IMAGE_TYPE]);
	if (!is_device || !plan[RW] || plan_is_layered())
		m.flags = MS_RDONLY;
	int r = mount_said(&m, words);
	if (r < 0)
		return FAILED;
	if (verity_demanded())
		return mount_verified(a, i, &m);
	if (!is_device && !m.use_loop)
		r = prepare_file(&m);
	if (r == 0)
		r = explained(&m, mount_step(&m));
	return is_device ? outcome_of_mount(&m, r) : outcome_of(r);
}

/* An image in the image, which then holds the root, as dracut's may; NULL: none. */
static const char *inner_of(const char *place)
{
	const char *list = said(INNER), *name;

	while ((name = next_part(&list, ','))) {
		const char *path = joined(place, "/", name);
		if (sys_access(path, F_OK) == 0)
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

/* What is in a verified image needs no root hash of its own. */
static int mount_inner(const char *image, const char *place)
{
	struct mount_request m;

	if (verity_demanded() && !is_within(image))
		return found(-EINVAL, image, "not a file of the verified image itself");
	mount_begin(&m, image, place, NULL);
	m.flags = MS_RDONLY;
	int r = mount_said(&m, plan[IMAGE_FLAGS]);
	if (r == 0 && !m.use_loop)
		r = prepare_file(&m);
	return r < 0 ? r : explained(&m, mount_step(&m));
}

/* The root is the image in the image, where there is one; it has the same place without. */
static enum outcome mount_base(struct attempt *a)
{
	const char *inner = inner_of(a->base), *base = place_below_run(said(BASE), LAYERS "base");
	int r;

	if (inner) {
		r = mount_inner(inner, base);
	} else {
		make_directories(base);
		r = sys_mount(a->base, base, NULL, MS_MOVE, NULL);
		if (r < 0)
			failed(r, a->base, "move");
		undo_remember(base);
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
