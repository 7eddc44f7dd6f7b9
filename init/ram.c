/* SPDX-License-Identifier: MIT */
/* Copying images to memory, so that the medium can be pulled out. */
//config:config FEATURE_INIT_RAM
//config:	bool "Copy the image to memory"
//config:	default y
//config:	depends on FEATURE_INIT_OVERLAY
//config:	help
//config:	  loopbox.toram, and what other families call it.
//kbuild:obj-$(CONFIG_FEATURE_INIT_RAM) += init/ram.o
#include "attempt.h"

#define RAM_PLACE OUR_RUN "ram"

enum {
	CHUNK = 1 << 20,
	RESERVE = 8, /* the part of the memory that the system needs besides: an eighth */
};

/* Bytes that copies may take: what can be had without swapping anything out (Linux 3.14), but for the
 * reserve. */
static uint64_t available(void)
{
	char *text = read_whole("/proc/meminfo"), *line;
	uint64_t reserve = 0;

	while (text && (line = next_line(&text))) {
		char *name = next_word(&line);
		const char *digits = next_word(&line);
		uint64_t bytes = digits ? parse_digits(&digits) << 10 : 0;
		if (bytes && equal(name, "MemTotal:"))
			reserve = bytes / RESERVE;
		if (bytes && equal(name, "MemAvailable:"))
			return bytes > reserve ? bytes - reserve : 0;
	}
	return UINT64_MAX; /* then the copy shows it */
}

/* A line that overwrites itself: this is the one step that takes minutes. */
static void show_progress(const char *name, uint64_t done, uint64_t size, uint64_t milliseconds)
{
	uint64_t rate = done / (milliseconds ? milliseconds : 1); /* bytes in a ms are KB in a second */

	say_redirect(STDERR_FILENO);
	say("\rloopbox: copying %s: %s", name, decimal(size ? done * 100 / size : 100));
	say_char('%');
	say(", %s MB/s, %s s left ", decimal(rate / 1000), decimal(rate ? (size - done) / rate / 1000 : 0));
	if (done == size)
		say_char('\n');
	say_redirect(STDOUT_FILENO);
}

static int copy(int from, int to, const char *name, uint64_t size)
{
	uint64_t start = sys_milliseconds(), shown = start;

	for (uint64_t done = 0; done < size;) {
		watchdog_feed();
		int64_t n = sys_sendfile(to, from, CHUNK);
		if (n <= 0)
			return n ? n : -ENODATA;
		done += n;
		uint64_t now = sys_milliseconds();
		if (now - shown < 500 && done < size)
			continue;
		shown = now;
		show_progress(name, done, size, now - start);
	}
	return 0;
}

/* Reads both again; the medium's from the medium. */
static int compare(int from, int to, uint64_t size)
{
	static char a[1 << 16], b[1 << 16];

	sys_forget_pages(from);
	for (uint64_t at = 0; at < size;) {
		watchdog_feed();
		int n = sys_pread(from, a, sizeof a, at);
		if (n <= 0 || sys_pread(to, b, n, at) != n)
			return n < 0 ? n : -EIO;
		for (int i = 0; i < n; i++)
			if (a[i] != b[i])
				return -EIO;
		at += n;
	}
	return 0;
}

static int copy_to(const char *image, const char *target, const char *name)
{
	int from = open_to_read(image);
	if (from < 0)
		return from;
	int64_t size = sys_seek_end(from);
	int r = sys_seek_start(from);
	if (size < 0 || r < 0) {
		sys_close(from);
		return failed(size < 0 ? size : r, image, "seek");
	}
	uint64_t room = available();
	if ((uint64_t)size > room) {
		sys_close(from);
		return found(-ENOMEM, image,
			     joined(joined("not copied to memory: ", decimal(size), " bytes, but "),
				    decimal(room), " available"));
	}
	int to = sys_open_new(target, 0600);
	r = to;
	if (to >= 0) {
		r = copy(from, to, name, size);
		if (r == 0)
			r = compare(from, to, size);
		sys_close(to);
	}
	sys_close(from);
	return r < 0 ? failed(r, image, "copy to memory") : 0;
}

static int mount_ram(void)
{
	struct mount_request m;

	mount_begin(&m, "tmpfs", RAM_PLACE, "tmpfs");
	/* Of itself, tmpfs takes half of the memory at most; available() has been asked. */
	int r = mount_data(&m, joined("mode=0700,size=", plan[RAM_SIZE] ? plan[RAM_SIZE] : "100%", ""));
	return r < 0 ? r : mount_step(&m);
}

const char *ram_copy(struct attempt *a, const char *file)
{
	const char *name = base_name(file);

	/* Two may have the same name. */
	char *target = joined(RAM_PLACE "/", decimal(++a->copied), joined("-", name, ""));
	int r = a->uses_ram ? 0 : mount_ram();
	a->uses_ram |= r == 0;
	if (r == 0)
		r = copy_to(file, target, name);
	if (r == 0) {
		step("copied %s to " RAM_PLACE ", and compared it", file);
		return target;
	}
	a->uses_medium = true;
	sys_unlink(AT_FDCWD, target, 0);
	log_failure();
	return file;
}

enum outcome ram_load(struct attempt *a)
{
	bool is_copied = is_on(RAM) && a->medium;

	for (unsigned i = 0; i < a->count; i++)
		a->copies[i] = is_copied ? ram_copy(a, a->images[i]) : a->images[i];
	return READY;
}

void ram_release(struct attempt *a)
{
	if (!has_medium(a) || !a->uses_ram || a->uses_medium || a->has_store)
		return;
	int r = sys_umount(a->medium, 0);
	if (r < 0) {
		failed(r, a->medium, "unmount");
		log_failure();
		return;
	}
	a->has_left_medium = true;
	if (said(ISO)) {
		r = sys_umount(OUR_RUN "iso", 0);
		log_refused(r, OUR_RUN "iso", "unmount");
	}
	if (r < 0)
		return;
	step("unmounted %s; the medium is not needed any more", a->medium);
}
