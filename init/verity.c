/* SPDX-License-Identifier: MIT */
/*
 * A verified image: a device of dm-verity, which can be read as long as its blocks match the root hash.
 * Where a root hash is demanded, nothing is mounted but such devices, and the medium that the images lie
 * on. Neither a timeout nor another image leads around that.
 */
//config:config FEATURE_INIT_VERITY
//config:	bool "Verified images"
//config:	default y
//config:	depends on INIT
//config:	help
//config:	  roothash=, by dm-verity. The hash tree lies behind the data; with
//config:	  FEATURE_VERITY_OPTIONS also in IMAGE.verity beside it.
//kbuild:obj-$(CONFIG_FEATURE_INIT_VERITY) += init/verity.o
#include "verified.h"

/* The device that is opened: a request of libbb's, filled in anew for each. Its path is used before the next. */
static struct verity verity;

enum outcome verified_partner(const char *spec, const char *waiting, const char **device)
{
	enum outcome outcome = name_device(spec, device);

	if (outcome == FAILED || (outcome == READY && sys_access(*device, F_OK) != -ENOENT))
		return outcome;
	failed(-ENOENT, waiting, joined("needs ", spec, ""));
	return NOT_YET;
}

/* Where the hash tree is: on a device of its own, in IMAGE.verity, or behind the data. */
static enum outcome find_tree(struct attempt *a, const struct verified *v)
{
	if (!ENABLE_FEATURE_VERITY_OPTIONS)
		return READY;
	if (v->tree) {
		verity.hash_offset = 0;
		return verified_partner(v->tree, v->name, &verity.hash);
	}
	const char *beside = joined(v->name, ".verity", "");
	if (!is_missing(sys_access(beside, F_OK))) { /* what can't be read is told */
		verity.hash = equal(v->data, v->name) ? beside : ram_copy(a, beside);
		verity.hash_offset = 0;
	} else {
		verity.hash_offset = VERITY_BEHIND_DATA;
	}
	return READY;
}

enum outcome verified_open(struct attempt *a, const struct verified *v)
{
	if (ENABLE_FEATURE_VERITY_OPTIONS)
		verity_default(&verity);
	verity.data = verity.hash = v->data;
	verity.root_hash = v->root_hash;
	verity.trusted_algorithms = true;
	if (!v->root_hash)
		return outcome_of(found(-EINVAL, v->name, "no root hash given, but one is demanded"));
	enum outcome outcome = find_tree(a, v);
	if (outcome != READY)
		return outcome;
	int r = IS_KNOWN_VERITY_OPTIONS && v->options ? verity_option_list(&verity, copy_of(v->options)) : 0;
	if (r == 0)
		r = verity_open(&verity, a->mapping);
	if (r < 0)
		verity_explain(&verity, a->mapping, verity.data, r);
	return outcome_of(r);
}

const char *verified_tell(const char *name)
{
	step("verified %s: %s", name, verity.path);
	return verity.path;
}

enum outcome verity_open_layer(struct attempt *a, unsigned i, const char **device)
{
	struct verified v = {
		.name = a->images[i],
		.data = image_to_read(a, i),
		.tree = a->medium ? NULL : said(VERITY_TREE),
		.options = said(VERITY_OPTIONS),
	};

	if (verified_is_made_by_kernel()) {
		a->mapping = NULL;
		*device = v.data;
		return READY;
	}
	if (verified_hash_of(v.name, &v.root_hash) < 0)
		return FAILED;
	/* systemd's name; of another attempt or layer, what is taken down may still be there. */
	a->mapping = "root";
	if (ENABLE_FEATURE_INIT_FALLBACK && a->verified++)
		a->mapping = joined("root-", decimal(a->verified - 1), "");
	driver_load_loop();
	enum outcome outcome = said(DM_TABLE) ? outcome_of(verified_open_table(&verity, a->mapping, v.data))
					      : verified_open(a, &v);
	if (outcome == READY)
		*device = verified_tell(v.name);
	return outcome;
}

void verity_let_go(const struct attempt *a)
{
	if (a->mapping)
		log_refused(dm_let_go(a->mapping), a->mapping, "deferred remove");
}
