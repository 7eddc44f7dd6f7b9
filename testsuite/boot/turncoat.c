/*
 * SPDX-License-Identifier: MIT
 * turncoat DEVICE GOOD EVIL WHEN: a network block device that reads as GOOD, and turns to EVIL, both
 * of one size: after that many reads; "again", where a block is read that was read before; or "odd",
 * with every other read. What was looked at once must not be trusted later.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <fcntl.h>
#include <linux/nbd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCK = 512, BLOCKS = 1 << 16 };

static unsigned char was_read[BLOCKS];
static long reads;

static int must(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
	return result;
}

static int is_turned(const char *when, unsigned long block)
{
	int again = block < BLOCKS && was_read[block];

	if (block < BLOCKS)
		was_read[block] = 1;
	return !strcmp(when, "again") ? again : !strcmp(when, "odd") ? reads % 2 == 0 : reads > atol(when);
}

/* Answers until the kernel hangs up. */
static void serve(int kernel, int good, int evil, const char *when)
{
	static char data[1 << 20];
	struct nbd_request request;
	struct nbd_reply reply = { .magic = htonl(NBD_REPLY_MAGIC) };

	while (recv(kernel, &request, sizeof request, MSG_WAITALL) == sizeof request) {
		unsigned long at = be64toh(request.from), size = ntohl(request.len);
		if (request.magic != htonl(NBD_REQUEST_MAGIC) || ntohl(request.type) == NBD_CMD_DISC)
			return;
		memcpy(reply.handle, request.handle, sizeof reply.handle);
		reply.error = htonl(ntohl(request.type) == NBD_CMD_READ && size <= sizeof data ? 0 : 1);
		must(write(kernel, &reply, sizeof reply), "reply");
		if (reply.error)
			continue;
		reads++;
		for (unsigned long i = 0; i < size; i += BLOCK)
			must(pread(is_turned(when, (at + i) / BLOCK) ? evil : good, data + i, BLOCK, at + i),
			     "read");
		for (unsigned long i = 0; i < size;)
			i += must(write(kernel, data + i, size - i), "answer");
	}
}

int main(int count, char **arguments)
{
	int ends[2];

	if (count != 5)
		return 2;
	int device = must(open(arguments[1], O_RDWR), arguments[1]);
	int good = must(open(arguments[2], O_RDONLY), arguments[2]);
	int evil = must(open(arguments[3], O_RDONLY), arguments[3]);
	unsigned long size = must(lseek(good, 0, SEEK_END), "seek");

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
	must(ioctl(device, NBD_SET_BLKSIZE, (unsigned long)BLOCK), "block size");
	must(ioctl(device, NBD_SET_SIZE_BLOCKS, size / BLOCK), "size");
	must(ioctl(device, NBD_SET_SOCK, ends[0]), "socket");
	if (!must(fork(), "fork")) {
		close(ends[0]);
		close(device);
		serve(ends[1], good, evil, arguments[4]);
		return 0;
	}
	close(ends[1]);
	ioctl(device, NBD_DO_IT);
	ioctl(device, NBD_CLEAR_SOCK);
	return 0;
}
