/* SPDX-License-Identifier: MIT */
/* SHA-256 and SHA-512. Source: FIPS 180-4. */
#ifndef SHA2_H
#define SHA2_H

#include "libbb.h"

struct sha2 {
	unsigned word; /* bytes: 4 for SHA-256, 8 for SHA-512 */
	uint64_t state[8];
	uint64_t size; /* bytes that were added */
	unsigned char block[128];
};

/* digest_size: 32 or 64 bytes. */
void sha2_start(struct sha2 *sha2, unsigned digest_size);
void sha2_add(struct sha2 *sha2, const unsigned char *bytes, size_t size);
void sha2_end(struct sha2 *sha2, unsigned char *digest);

#endif
