/* SPDX-License-Identifier: MIT */
/* What the plan says, once words.c has read it; and lists and words of a table, as it has them. */
//kbuild:obj-$(CONFIG_INIT) += init/plan.o
#include "plan.h"

char *plan[SLOTS];
bool plan_demands_verity;
const char *plan_images_of_line, *plan_other_images;

bool plan_is_on(enum slot slot)
{
	const char *value = plan[slot];

	return value && !has_word("0,n,no,off,false,none", *value ? value : "1");
}

unsigned plan_number(enum slot slot, unsigned otherwise)
{
	const char *digits = plan[slot];

	return digits ? parse_digits(&digits) : otherwise;
}

unsigned plan_seconds(enum slot slot, unsigned otherwise)
{
	enum { A_WEEK = 7 * 24 * 3600 };
	unsigned n = plan_number(slot, otherwise);

	return n < A_WEEK ? n : A_WEEK;
}

bool plan_is_memory(const char *spec)
{
	return !*spec || has_word("1,y,yes,on,true,tmpfs", spec);
}

const char *plan_stores(void)
{
	const char *list = said(OVERLAY);

	if (list && !plan_is_memory(list))
		return list;
	return is_on(PERSISTENT) ? plan[PERSISTENT_ON] : NULL;
}

bool plan_requires_store(void)
{
	const char *list = plan_stores();

	return list && has_word(list, REQUIRED);
}

char *next_part(const char **list, char separator)
{
	const char *from = *list, *end;
	bool escaped = false;

	while (from && *from == separator)
		from++;
	if (!from || !*from)
		return NULL;
	for (end = from; *end && *end != separator; end++)
		if (end[0] == '\\' && end[1] == separator) {
			escaped = true;
			end++;
		}
	*list = end;
	char *part = copied(from, end - from), *to = part;
	for (from = part; escaped && (*to = *from); to++, from++)
		if (from[0] == '\\' && from[1] == separator)
			*to = *++from;
	return part;
}

char *value_of(char *parameter, const char *word)
{
	char *value = NULL;

	for (; *word == *VALUE || (*word && *word == *parameter); word++) {
		if (*word == *VALUE)
			value = parameter;
		else
			parameter++;
	}
	if (*word == *ANY || (*word == *MAYBE && (!*parameter || *parameter == '=')))
		return parameter + (*parameter == '=');
	if (*word || (word[-1] != '=' && word[-1] != ':' && *parameter))
		return NULL;
	/* "cow_label=" is empty, too. */
	return value && *parameter ? value : parameter;
}

bool plan_writes_medium(void)
{
	bool counts = said(TRIES) && !said(TRIES_ON);

	return plan[RW] || counts || is_on(PERSISTENT) || (said(OVERLAY) && *plan[OVERLAY]);
}
