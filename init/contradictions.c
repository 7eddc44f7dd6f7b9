/* SPDX-License-Identifier: MIT */
/*
 * Somebody may be able to add words to a command line that demands a root hash: they must not take back,
 * replace or hide what it demands.
 */
//config:config INIT_ROOT_HASH_FROM_INITRAMFS
//config:	bool "Take root hashes from the initramfs alone"
//config:	depends on FEATURE_INIT_VERITY_WORDS
//config:	help
//config:	  Root hashes, options of dm-verity and images are what files of the
//config:	  initramfs say: /etc/loopbox.words and /IMAGE.roothash. A word of the
//config:	  command line that says otherwise is refused, and nothing unverified
//config:	  boots. For boot loaders where somebody can type.
//kbuild:obj-$(CONFIG_FEATURE_INIT_VERITY_WORDS) += init/contradictions.o
#include "plan.h"

/* Another value for the same is a contradiction. So are other images than those that the line has
 * named before, if a root hash is demanded. */
static bool contradicts;

/* With the build option, what is verified is for the initramfs to say: the line may say the same. */
static bool reads_line;

void demands_begin(bool of_line)
{
	reads_line = of_line;
	if (of_line)
		return;
	contradicts = false;
	plan_other_images = plan_images_of_line = NULL;
}

static void compare_images(const char *parameter, const char *value)
{
	if (plan_images_of_line && !equal(plan_images_of_line, value))
		plan_other_images = parameter;
	plan_images_of_line = value;
}

static bool says_otherwise(unsigned char slot, const char *value)
{
	bool is_for_initramfs = slot == IMAGE || slot == INNER || slot == DIRECTORY ||
				(slot >= FIRST_DEMAND && slot < SLOTS && slot != VERITY);

	return is_for_initramfs && (!plan[slot] || !equal(plan[slot], value));
}

void demands_notice(unsigned char slot, const char *parameter, const char *value)
{
	if (slot == IMAGE)
		compare_images(parameter, value);
	if (ENABLE_INIT_ROOT_HASH_FROM_INITRAMFS && reads_line && says_otherwise(slot, value))
		contradicts = true;
}

bool demands_fill(unsigned char slot, char *value)
{
	if (slot < FIRST_DEMAND)
		return false;
	if (slot == VERITY && plan[slot] && (plan_is_on(slot) || !*value))
		return true; /* on stays on */
	if (slot != VERITY && plan[slot] && !equal(plan[slot], value))
		contradicts = true;
	plan[slot] = value;
	return true;
}

/* roothash without a value, or of anything: it was meant to demand one. */
static bool is_unknown_demand(char *parameter)
{
	const char *behind = after_prefix(parameter, "roothash");

	if (!behind)
		behind = after_prefix(parameter, "usrhash");
	return behind && *behind != '=';
}

/* loopbox.roothash.IMAGE=HASH without an image, or a hash */
static bool is_incomplete(int slot, char *parameter)
{
	const char *image = parameter + length("loopbox.roothash.");
	const char *end = slot == IMAGE_HASHES ? find_byte(image, '=') : NULL;

	return end && (end == image || !*end);
}

static int check_contradiction(const char *parameter)
{
	return !contradicts ? 0
			    : found(-EINVAL, parameter,
				    ENABLE_INIT_ROOT_HASH_FROM_INITRAMFS
					    ? "only the initramfs says what is verified (" WORDS_FILE ")"
					    : "contradicts another word about root hashes");
}

int demands_granted(void)
{
	plan_images_of_line = NULL;
	return check_contradiction(COMMAND_LINE);
}

/* What a parameter hides in its value, and what no table has, is not obeyed, so it is refused. */
int demands_check(char *parameter, int slot, unsigned *left)
{
	unsigned demands = demands_count(parameter);
	bool hides_one = demands_count(find_byte(parameter, '='));
	bool is_obeyed =
		slot >= FIRST_DEMAND && slot < SLOTS && !is_incomplete(slot, parameter) && !hides_one;

	*left -= demands;
	return demands + is_unknown_demand(parameter) <= is_obeyed
		       ? check_contradiction(parameter)
		       : found(-EINVAL, parameter, "not understood, and a root hash is demanded");
}
