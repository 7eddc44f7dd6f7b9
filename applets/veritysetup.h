/* SPDX-License-Identifier: MIT */
/* What the files of veritysetup share. */
#ifndef VERITYSETUP_H
#define VERITYSETUP_H

#include "verity.h"

/* The actions that need no device-mapper, of data and tree as the options have them. They return
 * 0, or -errno with `why`. */
/* text: takes the root hash, of up to 2 * VERITY_DIGEST_MAX digits and a NUL. */
int veritysetup_format(struct verity *verity, char **operands, char *text);
int veritysetup_verify(struct verity *verity, char **operands);

#endif
