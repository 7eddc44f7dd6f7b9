/* SPDX-License-Identifier: MIT */
/* Which family of words a command line is of, and what families alone say: families.c has the tables. */
//kbuild:obj-$(CONFIG_INIT_FAMILIES) += init/family.o
#include "log.h"
#include "plan.h"

bool plan_of_live;

const struct family *family_select(const struct family *selected, char *parameter)
{
	const unsigned char *number = family_selected;

	for (const char *word = family_selectors; *word; word += length(word) + 1, number++)
		if (value_of(parameter, word) && (!selected || families + *number < selected))
			selected = families + *number;
	if (selected)
		plan_of_live = selected->is_live;
	return selected;
}

bool family_passes_over(unsigned char slot, const char *parameter)
{
	if (slot == REFUSED)
		warn("%s: not supported, ignored", parameter);
	return slot == REFUSED || slot == IGNORED;
}

char *family_layers(const char *top)
{
	char *layers = "";

	for (const char *end = base_name(top); *(end = find_byte(end, '.')) && !equal(end, ".squashfs");
	     end++)
		layers = joined(layers, copied(top, end - top), ".squashfs:");
	return joined(layers, top, "");
}

char *family_media(char *device)
{
	bool is_alone = !*device || after_prefix(device, "removable");

	return is_alone ? device : joined(device, ",*", "");
}
