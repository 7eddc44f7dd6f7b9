/* SPDX-License-Identifier: MIT */
/* Comparing an image with a sum that lies beside it, IMAGE's name with .sha512 for its
 * ending. The kernel computes it: Documentation/crypto/userspace-if.rst. */
//config:config FEATURE_INIT_CHECKSUM
//config:	bool "Check the image's SHA-512 sum"
//config:	default y
//config:	depends on FEATURE_INIT_ARCHISO
//config:	help
//config:	  archiso's checksum=y; needs a kernel with CRYPTO_USER_API_HASH.
//kbuild:obj-$(CONFIG_FEATURE_INIT_CHECKSUM) += init/checksum.o
#include <linux/if_alg.h>

#include "attempt.h"

enum { DIGEST = 64 };

/* Lets the kernel compute the file's sum. 0, or -errno. */
static int compute(const char *path, unsigned char digest[DIGEST])
{
	static const struct sockaddr_alg sha512 = {
		.salg_family = AF_ALG,
		.salg_type = "hash",
		.salg_name = "sha512",
	};
	static char buffer[1 << 16];
	int sfd = -1;

	int fd = sys_open(path, O_RDONLY);
	if (fd < 0)
		return failed(fd, path, "open");
	int socket = sys_socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int n = socket;
	if (n >= 0)
		n = sys_bind(socket, &sha512, sizeof sha512);
	if (n >= 0)
		n = sfd = sys_accept(socket);
	while (n >= 0 && (n = sys_read(fd, buffer, sizeof buffer)) > 0) {
		watchdog_feed();
		n = sys_send(sfd, buffer, n, MSG_MORE);
	}
	if (n == 0)
		n = sys_read(sfd, digest, DIGEST);
	if (sfd >= 0)
		sys_close(sfd);
	if (socket >= 0)
		sys_close(socket);
	sys_close(fd);
	return n < 0 ? failed(n, path, "SHA-512 (needs CRYPTO_USER_API_HASH)") : 0;
}

/* The file of sums beside an image: its name, with .sha512 for its ending. */
static char *sums_of(const char *image)
{
	const char *name = base_name(image), *end = image + length(image), *dot = end;

	while (dot > name && *--dot != '.')
		;
	return joined(copied(image, (dot > name ? dot : end) - image), ".sha512", "");
}

/* The image's sum in that file: a line "SUM  NAME", where a * before the name means that the file
 * is binary. NULL where there is none. */
static const char *sum_in(char *text, const char *name)
{
	char *line;

	while ((line = next_line(&text))) {
		const char *sum = next_word(&line), *of = next_word(&line);
		if (sum && of && equal(of + (*of == '*'), name))
			return sum;
	}
	return NULL;
}

static int compare(const char *image, const char *copy)
{
	unsigned char digest[DIGEST];
	const char *sums = sums_of(image), *name = base_name(image);

	char *text = read_whole(sums);
	if (!text)
		return why.error;
	const char *sum = sum_in(text, name);
	if (!sum)
		return found(-EINVAL, sums, joined("has no sum of ", name, ""));
	int r = compute(copy, digest);
	if (r == 0 && !is_hex_of(sum, digest, DIGEST))
		return found(-EINVAL, copy, joined("SHA-512 differs from the one in ", sums, ""));
	return r;
}

enum outcome checksum_compare(const struct attempt *a)
{
	for (unsigned i = 0; is_on(CHECKSUM) && a->medium && i < a->count; i++)
		if (compare(a->images[i], image_to_read(a, i)) < 0)
			return FAILED;
	return READY;
}
