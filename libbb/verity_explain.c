/* SPDX-License-Identifier: MIT */
/* Why the kernel made no verity device, in its own words. */
//config:config VERITY_EXPLAIN
//config:	def_bool VERITY && FEATURE_EXPLAIN
//kbuild:obj-$(CONFIG_VERITY_EXPLAIN) += libbb/verity_explain.o
#include "explain.h"
#include "verity.h"

/* A device that is opened once more. */
struct again {
	struct verity *verity;
	const char *name;
};

static void open_again(void *arg)
{
	struct again *again = arg;

	if (verity_open(again->verity, again->name) == 0)
		dm_let_go(again->name);
}

void verity_explain(struct verity *verity, const char *name, const char *path, int r)
{
	struct why plain = why;

	if (!dm_refused && r != -EIO)
		return;
	const char *kernel = explain_by_log(open_again, &(struct again){ verity, name });
	why = plain;
	/* Else something could not be read, and `why` has its name. */
	if (dm_refused)
		why.path = path;
	if (ends_with(kernel, "verity: unknown target type"))
		kernel = joined(kernel, " (CONFIG_DM_VERITY, or the module dm-verity)", "");
	if (*kernel)
		found(r, why.path, joined(plain.step, joined(": ", errno_text(-r), "; "), kernel));
}
