/*
 * SPDX-License-Identifier: MIT
 * A year of updates, in which the power is cut anywhere: boots a device in QEMU again and again. It
 * confirms, writes, updates, crashes, and reboots, as the seed has it, and QEMU is killed at a write,
 * a read, or a moment of its life. After each boot: is it an image that may boot, by what was done
 * before, is it whole, and is there what was written?
 *
 *   cuts KIND SEED CUTS FOLDER     KIND: slots, files, ubi, or a file system for counts alone (replay());
 *                                  testsuite/faults/cuts makes the folder
 *
 * The disk is served from here (NBD, as its first version has it), so that a cut loses what the device
 * has not flushed: all from some write on, or any pages of it. Flash is a disk whose writes are all flushed
 * (cuts-flash.c): a cut tears the last one.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	PAGE = 4096, /* what of it is written by one request is written whole, as on eMMC; ext4 needs that */
	TRIES = 3,
	IMAGES = 8,
	PATIENCE = 300, /* seconds without a word from the device */
};

static const char *kind;
static bool has_slots, has_ubi; /* ubi: two slots as well, without a root hash */
static bool is_replay;		/* of counts, on the file system that `kind` names */
static unsigned long exceptions, boots, cuts, updates, confirms, crashes, forgiven;


/* --- chance ----------------------------------------------------------------------------------- */

static uint64_t chance;

static unsigned below(unsigned limit)
{
	chance = chance * 6364136223846793005u + 1442695040888963407u;
	return (chance >> 33) % limit;
}

static bool one_in(unsigned n)
{
	return below(n) == 0;
}

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void must(bool done, const char *what)
{
	if (!done) {
		perror(what);
		exit(2);
	}
}


/* --- what the device says ----------------------------------------------------------------------- */

static FILE *history; /* all of it */
static char console[1 << 18];
static size_t console_size;

static void note(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vfprintf(history, format, list);
	va_end(list);
	fflush(history);
}

static void exception(const char *format, ...)
{
	va_list list;

	exceptions++;
	printf("# cut %lu, boot %lu: ", cuts, boots);
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	printf("\n# the console ends with:\n");
	const char *end = console + console_size, *from = end > console + 1500 ? end - 1500 : console;
	for (const char *p = from; p < end; p++) {
		if (p == from || p[-1] == '\n')
			printf("#   ");
		if (*p != '\r')
			putchar(*p);
	}
	putchar('\n');
	fflush(stdout);
	note("EXCEPTION\n");
}


/* --- the disk ------------------------------------------------------------------------------------ */

static unsigned char *disk, *seen; /* what is durable, and what the device sees */
static size_t disk_size;
static struct pending {
	uint64_t at;
	uint32_t size;
	unsigned char *data;
} pending[100000];
static unsigned pendings;

static unsigned long writes, reads; /* of this boot */
static unsigned long cut_at_write, cut_at_read;

static void forget(void)
{
	while (pendings)
		free(pending[--pendings].data);
}

static void flush(void)
{
	for (unsigned i = 0; i < pendings; i++)
		memcpy(disk + pending[i].at, pending[i].data, pending[i].size);
	forget();
}

static void remember(uint64_t at, uint32_t size, const unsigned char *data)
{
	must(pendings < sizeof pending / sizeof *pending, "too many writes");
	struct pending *p = pending + pendings++;
	*p = (struct pending){ at, size, malloc(size) };
	memcpy(p->data, data, size);
}

/* What was not flushed is lost from some page on, or here and there, or not at all. */
static void lose(void)
{
	unsigned way = below(3), whole = pendings ? below(pendings + 1) : 0;

	for (unsigned i = 0; i < pendings; i++)
		for (uint32_t at = 0, size; at < pending[i].size; at += size) {
			size = PAGE - (pending[i].at + at) % PAGE;
			if (size > pending[i].size - at)
				size = pending[i].size - at;
			bool stays = way == 0 ? i < whole : way == 1 ? !one_in(3) : true;
			if (way == 0 && i == whole && at < pending[i].size / 2)
				stays = true;
			if (stays)
				memcpy(disk + pending[i].at + at, pending[i].data + at, size);
		}
	forget();
}

/* What was written before it is there. */
static void lose_last(void)
{
	if (pendings)
		free(pending[--pendings].data);
	flush();
}

struct request {
	uint32_t magic;
	uint16_t flags, type;
	uint64_t handle, from;
	uint32_t size;
} __attribute__((packed));
struct reply {
	uint32_t magic, error;
	uint64_t handle;
} __attribute__((packed));

static bool read_all(int fd, void *to, size_t size)
{
	return recv(fd, to, size, MSG_WAITALL) == (ssize_t)size;
}

static bool write_all(int fd, const void *from, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t r = send(fd, (const char *)from + done, size - done, MSG_NOSIGNAL);
		if (r <= 0)
			return false;
		done += r;
	}
	return true;
}

static bool greet(int client)
{
	struct {
		char magic[8];
		uint64_t old_style, size;
		uint32_t flags; /* has flags, flush, FUA */
		char zeros[124];
	} __attribute__((packed))
	hello = { "NBDMAGIC", htobe64(0x420281861253), htobe64(disk_size), htobe32(1 | 4 | 8), { 0 } };

	return write_all(client, &hello, sizeof hello);
}

enum served { SERVED, GONE, CUT };

static enum served serve(int client)
{
	static unsigned char data[32 << 20];
	struct request q;
	struct reply a = { htobe32(0x67446698), 0, 0 };

	if (!read_all(client, &q, sizeof q))
		return GONE;
	uint64_t from = be64toh(q.from);
	uint32_t size = be32toh(q.size);
	a.handle = q.handle;
	switch (be16toh(q.type)) {
	case 0:
		if (++reads == cut_at_read)
			return CUT;
		return write_all(client, &a, sizeof a) && write_all(client, seen + from, size) ? SERVED
											       : GONE;
	case 1:
		if (!read_all(client, data, size))
			return GONE;
		memcpy(seen + from, data, size);
		remember(from, size, data);
		if (++writes == cut_at_write)
			return CUT;
		if (be16toh(q.flags) & 1)
			flush();
		return write_all(client, &a, sizeof a) ? SERVED : GONE;
	case 3:
		if (++writes == cut_at_write)
			return CUT;
		flush();
		return write_all(client, &a, sizeof a) ? SERVED : GONE;
	default:
		return GONE;
	}
}


/* --- the machine --------------------------------------------------------------------------------- */

static int listener, client = -1, serial_in, serial_out, monitor = -1;
static pid_t machine;
static char line[4096];	 /* what it said last */
static long cut_at_time; /* 0: not so */
enum event { LINE, ENDED, POWER_CUT, SILENT };
static enum event next_event(void);
static enum event next_word(const char **word);

static void listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(address.sun_path, path);
	unlink(path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 1) == 0,
	     path);
}

static void command(const char *text)
{
	must(write(monitor, text, strlen(text)) > 0, "monitor");
}

/* QEMU may need the disk before it says anything. */
static void serve_for(long milliseconds)
{
	cut_at_time = now() + milliseconds;
	while (next_event() == LINE)
		;
	cut_at_time = 0;
}

/* QEMU answers once it has begun. */
static void open_monitor(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "monitor" };
	int r = -1;

	monitor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	for (int i = 0; i < 6000 && (r = connect(monitor, (struct sockaddr *)&address, sizeof address)) < 0;
	     i++) {
		must(waitpid(machine, NULL, WNOHANG) == 0, "QEMU");
		serve_for(10);
	}
	must(r == 0, "monitor");
}

/* Until the monitor says so. */
static void wait_for(const char *question, const char *wanted)
{
	char answer[4096];

	do {
		command(question);
		serve_for(20);
		ssize_t size = recv(monitor, answer, sizeof answer - 1, MSG_DONTWAIT);
		answer[size > 0 ? size : 0] = 0;
		must(!strstr(answer, "failed"), "keeping the machine");
	} while (!strstr(answer, wanted));
}

/* Starts QEMU: from the moment at which the loader waits, where that was kept. */
static void power_on(bool is_kept)
{
	int in[2], out[2];

	must(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0, "pipe");
	machine = fork();
	if (machine == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(out[1], 2);
		execl("./machine", "./machine", is_kept ? "kept" : "new", (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	serial_in = in[1];
	serial_out = out[0];
	console_size = 0;
	reads = writes = cut_at_read = cut_at_write = 0;
	boots++;
	if (!is_kept)
		return;
	open_monitor();
	command("migrate_set_capability x-ignore-shared on\nmigrate_incoming \"exec:cat ../kept\"\n");
	const char *word;
	while (next_word(&word) == LINE && strcmp(word, "loader"))
		;
}

static void power_off(void)
{
	kill(machine, SIGKILL);
	waitpid(machine, NULL, 0);
	close(serial_in);
	close(serial_out);
	if (monitor >= 0)
		close(monitor);
	monitor = -1;
	if (client >= 0)
		close(client);
	client = -1;
}

static void type(const char *format, ...)
{
	char line[2000];
	va_list list;

	va_start(list, format);
	int size = vsnprintf(line, sizeof line, format, list);
	va_end(list);
	note("> %s", line);
	if (write(serial_in, line, size) != size)
		note("the serial line is closed\n");
}

/* The next line that the device says, or what else happens. */
static enum event next_event(void)
{
	static size_t line_size;
	static unsigned long of_boot;
	long silent_since = now();

	if (of_boot != boots) {
		of_boot = boots;
		line_size = 0;
	}
	for (;;) {
		struct pollfd fds[] = { { listener, POLLIN, 0 },
					{ client, POLLIN, 0 },
					{ serial_out, POLLIN, 0 } };
		long left = cut_at_time ? cut_at_time - now() : 1000;
		if (cut_at_time && left <= 0)
			return POWER_CUT;
		poll(fds, 3, left < 1000 ? left : 1000);
		if (now() - silent_since > PATIENCE * 1000L)
			return SILENT;
		if (fds[0].revents) {
			if (client >= 0)
				close(client);
			client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
			greet(client);
			continue;
		}
		if (client >= 0 && fds[1].revents) {
			enum served served = serve(client);
			if (served == CUT)
				return POWER_CUT;
			if (served == GONE) {
				close(client);
				client = -1;
			}
		}
		if (!fds[2].revents)
			continue;
		char c;
		if (read(serial_out, &c, 1) != 1)
			return ENDED;
		silent_since = now();
		if (console_size < sizeof console)
			console[console_size++] = c;
		fputc(c, history);
		if (line_size < sizeof line - 1)
			line[line_size++] = c;
		if (c == '\n') {
			line[line_size] = 0;
			line[strcspn(line, "\r\n")] = 0;
			line_size = 0;
			return LINE;
		}
	}
}

/* What the guest says, without "guest: ". */
static enum event next_word(const char **word)
{
	enum event event;

	while ((event = next_event()) == LINE) {
		const char *said = strstr(line, "guest: ");
		if (said) {
			*word = said + 7;
			break;
		}
	}
	return event;
}

/* Boots the kernel once, until the loader waits, and keeps that. */
static void keep_machine(void)
{
	const char *word;

	if (access("../kept", F_OK) == 0)
		return;
	power_on(false);
	must(next_word(&word) == LINE && !strcmp(word, "loader"), "the loader");
	open_monitor();
	command("migrate_set_capability x-ignore-shared on\nmigrate -d \"exec:cat >../kept.new\"\n");
	wait_for("info migrate\n", "status: completed");
	power_off();
	must(rename("../kept.new", "../kept") == 0, "keeping the machine");
	boots = 0;
}


/* --- the images, and what may boot ----------------------------------------------------------------- */

static struct image {
	long offset, size;
	char hash[65];
} images[IMAGES];

/* Slots: 0 is rootfs_a, 1 is rootfs_b; files: 0 is new.squashfs, 1 is old.squashfs. */
static struct slot {
	int image;
	bool may_be_broken; /* it was being written */
	bool may_be_new;    /* UBI: all of new_image was written, perhaps */
	int new_image;
	int least, most; /* its count */
	bool is_confirmed;
} slots[2];
static int first;	   /* of the list */
static bool is_uncertain;  /* files: an update was cut; the device tells what it has */
static int updated, runs;  /* files: the image of that update, and the one that ran */
static int last_confirmed; /* the slot; -1: none */
static long generation, next_generation = 1;
static bool is_good[1000000]; /* by number of installation */
static unsigned installations = 1;
static unsigned installed[2]; /* which installation is in a slot */

static void read_images(void)
{
	FILE *list = fopen("images", "r");

	must(list, "images");
	for (int i = 0; i < IMAGES; i++)
		must(fscanf(list, "%ld %ld %64s", &images[i].offset, &images[i].size, images[i].hash) == 3,
		     "images");
	fclose(list);
}

static int image_of_size(long size)
{
	for (int i = 0; i < IMAGES; i++)
		if (images[i].size == size)
			return i;
	return -1;
}

/* As the command line has it. */
static const char *name_of(int s)
{
	static const char *const names[] = { "PARTLABEL=rootfs_a", "PARTLABEL=rootfs_b", "new.squashfs",
					     "old.squashfs",	   "ubi0:rootfs_a",	 "ubi0:rootfs_b" };

	return names[(has_ubi ? 4 : has_slots ? 0 : 2) + s];
}

static char *words(void)
{
	static char text[2000];

	if (has_ubi)
		snprintf(text, sizeof text,
			 "flash root=%s,%s ubi.mtd=flash rootwait=60 loopbox.tries=%d "
			 "loopbox.tries.on=ubi0:data:/tries rd.overlay=ubi0:data:/changes/upper,required "
			 "quiet panic=-1",
			 name_of(first), name_of(!first), TRIES);
	else if (has_slots)
		snprintf(text, sizeof text,
			 "root=%s,%s rootfstype=squashfs rootwait=60 loopbox.tries=%d "
			 "loopbox.tries.on=PARTLABEL=boot:/tries loopbox.roothash.vda2=%s "
			 "loopbox.roothash.vda3=%s "
			 "rd.overlay quiet panic=-1",
			 name_of(first), name_of(!first), TRIES, images[slots[0].image].hash,
			 images[slots[1].image].hash);
	else
		snprintf(text, sizeof text,
			 "root=LABEL=system rw loop=new.squashfs,old.squashfs rootwait=60 loopbox.tries=%d "
			 "rd.overlay=LABEL=system:/changes/upper,required quiet panic=-1",
			 TRIES);
	return text;
}

/* Which slots may boot now, a bit for each; *again where all may be used up. */
static unsigned allowed(bool *again)
{
	unsigned mask = 0;

	*again = false;
	for (int i = 0; i < 2; i++) {
		int s = i ? !first : first;
		if (slots[s].least >= TRIES)
			continue;
		mask |= 1u << s;
		if (slots[s].most < TRIES && !slots[s].may_be_broken)
			return mask;
	}
	/* The newest that was confirmed comes first, if it is whole. */
	*again = true;
	for (int i = -1; i < 2; i++) {
		int s = i < 0 ? last_confirmed : i ? !first : first;
		if (s < 0)
			continue;
		mask |= 1u << s;
		if (!slots[s].may_be_broken)
			break;
	}
	for (int s = 0; s < 2; s++)
		mask |= (unsigned)slots[s].may_be_new << s;
	return mask;
}

/* The power went before the device said what it has booted. */
static void may_have_counted(void)
{
	bool again;
	unsigned mask = allowed(&again);

	for (int s = 0; s < 2; s++) {
		if (mask & 1u << s)
			slots[s].most++;
		if (again)
			slots[s].least = 0;
	}
}

static void has_counted(int s)
{
	bool again;

	allowed(&again);
	bool is_again = slots[s].least >= TRIES;
	if (is_again)
		forgiven++;
	if (again) {
		slots[!s].least = 0;
		slots[s].least = is_again ? 1 : slots[s].least + 1 < TRIES ? 1 : TRIES;
		slots[s].most = slots[s].most + 1 < TRIES ? slots[s].most + 1 : TRIES;
		return;
	}
	slots[s].least++;
	slots[s].most = slots[s].most + 1 < TRIES ? slots[s].most + 1 : TRIES;
}

/* An update of files was cut: the device tells what there is, and that must be before, between or after. */
static void look_again(int new, int old)
{
	if (new >= 0 && new != runs &&new != updated)
		exception("after an update of image %d to %d, new.squashfs is %d", runs, updated, new);
	if (new < 0 && old != runs)
		exception("after an update of image %d to %d, there is only %d", runs, updated, old);
	bool is_done = new == updated &&updated != runs &&old == runs;
	if (is_done || new < 0) {
		slots[1] = slots[0];
		installed[1] = installed[0];
		slots[1].most = TRIES;
		slots[1].least = 0;
		slots[0].image = is_done ? updated : -1;
		slots[0].least = 0;
		slots[0].most = is_done ? 1 : TRIES;
		slots[0].may_be_broken = !is_done;
		slots[0].is_confirmed = false;
		installed[0] = installations - 1;
	}
	is_uncertain = false;
}


/* --- one life --------------------------------------------------------------------------------------- */

static unsigned long writes_of_a_life = 200, reads_of_a_life = 400;
static long length_of_a_life = 15000, start_of_life;

static void choose_cut(bool with_cut)
{
	cut_at_write = cut_at_read = cut_at_time = 0;
	if (!with_cut)
		return;
	unsigned way = below(10);
	if (way < 6)
		cut_at_write = 1 + below(writes_of_a_life);
	else if (way < 8)
		cut_at_read = 1 + below(reads_of_a_life);
	else
		cut_at_time = now() + 1 + below(length_of_a_life);
}

static void end_by_cut(void)
{
	power_off();
	if (is_replay)
		lose_last();
	else
		lose();
	memcpy(seen, disk, disk_size);
	cuts++;
	note("\n=== cut %lu ===\n", cuts);
}

/* What is in the cache of the disk is written where the power stays. */
static void end_by_itself(void)
{
	power_off();
	flush();
	writes_of_a_life = (writes_of_a_life * 3 + writes + 4) / 4;
	reads_of_a_life = (reads_of_a_life * 3 + reads + 4) / 4;
	length_of_a_life = (length_of_a_life * 3 + now() - start_of_life) / 4;
}

/* Does one thing; false where the life is over. */
static bool act(const char *command, ...)
{
	char text[300];
	const char *word;
	va_list list;

	va_start(list, command);
	vsnprintf(text, sizeof text, command, list);
	va_end(list);
	type("%s\n", text);
	enum event event = next_word(&word);
	if (event == POWER_CUT) {
		end_by_cut();
		return false;
	}
	if (event != LINE) {
		exception("%s: %s", text, event == SILENT ? "no answer" : "QEMU has ended");
		end_by_itself();
		return false;
	}
	if (!strstr(word, " = 0"))
		exception("%s: %s", text, word);
	return true;
}

static bool confirm(int s)
{
	slots[s].least = 0;
	int before = last_confirmed;
	bool was_first = before == s;
	if (!act("confirm")) {
		/* perhaps */
		if (!was_first)
			last_confirmed = slots[!s].least >= TRIES ? -1 : before;
		return false;
	}
	slots[s].most = 0;
	slots[s].is_confirmed = true;
	last_confirmed = s;
	confirms++;
	return true;
}

static bool store(void)
{
	long number = next_generation++;

	if (!act("store %ld", number))
		return false;
	generation = number;
	return true;
}

static bool update(int s)
{
	int image = below(IMAGES), to = has_slots ? !s : 0;
	unsigned installation = installations++;

	if (image == slots[0].image || image == slots[1].image)
		image = (image + 1) % IMAGES;
	if (image == slots[0].image || image == slots[1].image)
		image = (image + 1) % IMAGES;
	is_good[installation] = !one_in(4);
	updates++;
	if (has_slots) {
		static const char *const devices[] = { "/dev/vda2", "/dev/vda3", "/dev/ubi0_0",
						       "/dev/ubi0_1" };
		slots[to].may_be_broken = true;
		slots[to].may_be_new = has_ubi;
		slots[to].new_image = image;
		slots[to].least = 0;
		if (last_confirmed == to)
			last_confirmed = -1;
		if (!act("slot %s %s %ld %ld", devices[2 * has_ubi + to], name_of(to), images[image].offset,
			 images[image].size))
			return false;
		slots[to] = (struct slot){ .image = image };
		installed[to] = installation;
		first = to;
		return true;
	}
	is_uncertain = true;
	updated = image;
	runs = slots[s].image;
	/* It runs as old.squashfs: another name for the same. */
	if (s == 1) {
		is_uncertain = false;
		return true;
	}
	if (!act("files %ld %ld", images[image].offset, images[image].size))
		return false;
	is_uncertain = false;
	slots[1] = slots[0];
	installed[1] = installed[0];
	slots[0] = (struct slot){ .image = image };
	installed[0] = installation;
	last_confirmed = slots[1].is_confirmed ? 1 : -1;
	return true;
}

/* Reboots or crashes, and waits for that. */
static void leave(const char *how)
{
	const char *word = "";

	type("%s\n", how);
	enum event event = next_word(&word);
	if (event == POWER_CUT) {
		end_by_cut();
	} else {
		if (event != ENDED)
			exception("%s: %s", how, event == SILENT ? "no end" : word);
		end_by_itself();
	}
}

/* What the system does until it ends; false where it was cut. */
static void run_system(int s)
{
	bool is_well = is_good[installed[s]];

	if (!is_well || one_in(8)) {
		crashes++;
		leave("crash");
		return;
	}
	if (!confirm(s) || !store())
		return;
	while (one_in(2))
		if (!store())
			return;
	if (one_in(2) && !update(s))
		return;
	leave(one_in(5) ? "crash" : "reboot");
}

/* Which slot has that image; by that, it is known what an update that was cut has left in it. */
static int slot_of(int image)
{
	for (int i = 0; i < 2; i++) {
		int s = i ? !first : first;
		if (slots[s].may_be_new && image == slots[s].new_image) {
			slots[s].image = image;
			slots[s].is_confirmed = false;
			installed[s] = installations - 1;
		}
		if (image != slots[s].image)
			continue;
		if (slots[s].may_be_new)
			slots[s].may_be_new = slots[s].may_be_broken = false;
		return s;
	}
	return -1;
}

static void live(void)
{
	const char *word;
	enum event event;
	long new = 0, old = 0, stored = -1, version = -1;
	bool is_whole = false;
	char name[100] = "";
	int attempts = 0;

	power_on(true);
	start_of_life = now();
	choose_cut(boots > 1 && !one_in(6)); /* the first one tells how long a life is */
	type("%s\n", words());
	while ((event = next_word(&word)) == LINE) {
		char whole[10];
		if (!strcmp(word, "loader") || sscanf(word, "state %99s %d", name, &attempts) == 2 ||
		    sscanf(word, "names new=%ld old=%ld", &new, &old) == 2 ||
		    sscanf(word, "generation %ld", &stored) == 1)
			continue;
		if (sscanf(word, "booted %9s %ld", whole, &version) == 2) {
			is_whole = !strcmp(whole, "whole");
			break;
		}
		exception("%s", word);
	}
	if (event == POWER_CUT) {
		end_by_cut();
		if (!is_uncertain)
			may_have_counted();
		return;
	}
	if (event != LINE) {
		exception("it does not boot: %s", event == SILENT ? "no end" : "QEMU has ended");
		end_by_itself();
		return;
	}
	if (is_uncertain)
		look_again(image_of_size(new), image_of_size(old));
	bool again;
	unsigned may_boot = allowed(&again);
	int s = slot_of(version);
	if (!is_whole)
		exception("image %ld is not whole", version);
	if (stored < generation || stored >= next_generation)
		exception("generation %ld was stored, and now it is %ld", generation, stored);
	else
		generation = stored;
	if (s < 0) {
		exception("image %ld has booted, which is neither %d nor %d", version, slots[0].image,
			  slots[1].image);
		exit(1);
	}
	if (!(may_boot & 1u << s))
		exception("slot %d has booted; counts %d..%d and %d..%d, %d first, %d confirmed last", s,
			  slots[0].least, slots[0].most, slots[1].least, slots[1].most, first,
			  last_confirmed);
	has_counted(s);
	if (strcmp(name, name_of(s)) || attempts < slots[s].least || attempts > slots[s].most)
		exception("/run/initramfs/state tells of %s, attempt %d; it is %s, %d..%d", name, attempts,
			  name_of(s), slots[s].least, slots[s].most);
	note("=== slot %d: counts %d..%d and %d..%d ===\n", s, slots[0].least, slots[0].most, slots[1].least,
	     slots[1].most);
	run_system(s);
}


/* --- counts alone ------------------------------------------------------------------------------------ */

/* Boots until the system runs: how many attempts that were; 0: the power was cut before, -1: it fails. */
static int boot_and_count(unsigned long cut_at)
{
	const char *word;
	enum event event;
	int attempts = 0;
	char name[100], whole[10];
	long version;

	power_on(true);
	cut_at_write = cut_at;
	cut_at_time = 0;
	if (has_ubi)
		type("flash root=/dev/vdb ubi.mtd=flash rootfstype=squashfs rootwait=60 loopbox.tries=9 "
		     "loopbox.tries.on=ubi0:data:/tries quiet panic=-1\n");
	else
		type("root=/dev/vdb rootfstype=squashfs rootwait=60 loopbox.tries=9 "
		     "loopbox.tries.on=/dev/vda:/tries quiet panic=-1\n");
	while ((event = next_word(&word)) == LINE) {
		sscanf(word, "state %99s %d", name, &attempts);
		if (!strncmp(word, "error", 5))
			exception("%s", word);
		if (sscanf(word, "booted %9s %ld", whole, &version) == 2)
			return attempts;
	}
	if (event == POWER_CUT) {
		end_by_cut();
		return 0;
	}
	exception("it does not boot: %s", event == SILENT ? "no end" : "QEMU has ended");
	end_by_itself();
	return -1;
}

static void begin_with(const unsigned char *from)
{
	memcpy(disk, from, disk_size);
	memcpy(seen, from, disk_size);
}

/* Cut at the write with that number, of a boot that is confirmed: what the next boot counts is what it would have
 * counted before, or after the step in which it was cut. */
static void replay_prefix(const unsigned char *base, int next, unsigned long number)
{
	int old = next, new = next + 1;

	begin_with(base);
	if (boot_and_count(number) > 0) {
		old = new;
		new = 1;
		if (act("confirm")) {
			old = new;
			end_by_itself();
		}
	}
	int attempts = boot_and_count(0);
	if (attempts != old && attempts != new)
		exception("write %lu: attempt %d, not %d or %d", number, attempts, old, new);
	end_by_itself();
}

/* Three boots, without counts, with one that was confirmed, and one that was not. */
static void replay(unsigned long wanted)
{
	static const int next[] = { 1, 1, 2 };
	unsigned char *base = malloc(disk_size), *counted = malloc(disk_size);

	must(base && counted, "memory");
	memcpy(base, disk, disk_size);
	for (int round = 0; round < 3 && exceptions < 10; round++) {
		begin_with(base);
		int attempts = boot_and_count(0);
		if (attempts != next[round])
			exception("attempt %d, not %d", attempts, next[round]);
		flush();
		memcpy(counted, disk, disk_size);
		act("confirm");
		unsigned long all = writes, step = all * 3 / wanted + 1;
		end_by_itself();
		unsigned char *after = malloc(disk_size);
		must(after, "memory");
		memcpy(after, round ? counted : disk, disk_size);
		for (unsigned long number = 1 + below(step); number <= all; number += step)
			replay_prefix(base, next[round], number);
		free(base);
		base = after;
		printf("# %s, boot %d: %lu writes, each %lu. of them lost\n", kind, round + 1, all, step);
	}
	free(base);
	free(counted);
}

static void *map(const char *path, int flags, size_t *size)
{
	struct stat status;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	must(fd >= 0 && fstat(fd, &status) == 0, path);
	*size = status.st_size;
	void *p = mmap(NULL, *size, PROT_READ | PROT_WRITE, flags, fd, 0);
	must(p != MAP_FAILED, path);
	return p;
}

int main(int count, char **arguments)
{
	if (count != 5) {
		fprintf(stderr, "usage: cuts KIND SEED CUTS FOLDER\n");
		return 2;
	}
	kind = arguments[1];
	is_replay = strcmp(kind, "slots") && strcmp(kind, "files") && strcmp(kind, "ubi");
	has_ubi = !strncmp(kind, "ubi", 3);
	has_slots = has_ubi || !strcmp(kind, "slots");
	chance = strtoull(arguments[2], NULL, 10) * 2862933555777941757u + 3037000493u;
	unsigned long wanted = strtoul(arguments[3], NULL, 10);
	must(chdir(arguments[4]) == 0, arguments[4]);
	history = fopen("history", "a");
	must(history, "history");
	setvbuf(history, NULL, _IOFBF, 1 << 16);
	signal(SIGPIPE, SIG_IGN);
	read_images();
	disk = map("disk", MAP_SHARED, &disk_size);
	seen = map("disk", MAP_PRIVATE, &disk_size);
	listen_at("nbd");
	is_good[0] = true;
	last_confirmed = -1;
	slots[0].image = 0;
	slots[1].image = 1;
	keep_machine();
	long start = now();
	if (is_replay)
		replay(wanted);
	while (!is_replay && cuts < wanted && exceptions < 10) {
		live();
		if (cuts && cuts % 50 == 0 && cuts != updates)
			fflush(stdout);
	}
	if (is_replay)
		printf("# %s: %lu cuts in %lu boots, %lu exceptions; %ld s\n", kind, cuts, boots, exceptions,
		       (now() - start) / 1000);
	else
		printf("# %s: %lu cuts in %lu boots, %lu updates, %lu confirmations, %lu crashes, %lu times "
		       "all were used up; %lu exceptions; %ld s\n",
		       kind, cuts, boots, updates, confirms, crashes, forgiven, exceptions,
		       (now() - start) / 1000);
	return exceptions > 0;
}
