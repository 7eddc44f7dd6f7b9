/* SPDX-License-Identifier: MIT */
/* What the files of veritysetup share. */
#ifndef VERITYSETUP_H
#define VERITYSETUP_H

#include "verity.h"

/* What the command line says of data and tree. */
extern struct verity verity;

/* Complains of `why`; returns cryptsetup's exit code for that. */
int veritysetup_failed(void);
/* Prints what the superblock says, and the root hash unless it is NULL. */
void veritysetup_show(const char *root_hash);

/* veritysetup_tree.c: the actions; they return exit codes. */
int veritysetup_format(char **operands);
int veritysetup_verify(char **operands);

#endif
