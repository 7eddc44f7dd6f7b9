/* SPDX-License-Identifier: MIT */
/*
 * loopbox.watchdog=SECONDS: a boot that stands still for so long is ended by a reset. The watchdog is fed
 * where init waits or copies, and by nothing else, so that what hangs is not fed.
 * Sources: Documentation/watchdog/watchdog-api.rst, drivers/watchdog/watchdog_dev.c of the kernel.
 */
//config:config FEATURE_INIT_WATCHDOG
//config:	bool "Feed a watchdog"
//config:	default y
//config:	depends on FEATURE_INIT_FALLBACK
//config:	help
//config:	  loopbox.watchdog=SECONDS starts /dev/watchdog, and feeds it while init
//config:	  waits or copies. Without that word it is left alone.
//kbuild:obj-$(CONFIG_FEATURE_INIT_WATCHDOG) += init/watchdog.o
#include <linux/watchdog.h>

#include "attempt.h"

#define DEVICE "/dev/watchdog"

static int fd = -ENOENT; /* or why it is not open */

/* Opening it starts it, with a time of its own. */
static void start(void)
{
	int seconds = plan_seconds(WATCHDOG, 0);

	if (!seconds) {
		warn("loopbox.watchdog=: not a number of seconds, ignored");
		plan[WATCHDOG] = NULL;
		return;
	}
	fd = sys_open(DEVICE, O_WRONLY);
	if (fd < 0)
		return;
	int r = sys_ioctl(fd, WDIOC_SETTIMEOUT, &seconds);
	if (r == 0) {
		step("started " DEVICE ", which resets after %s s", decimal(seconds));
		return;
	}
	failed(r, DEVICE, joined("set to ", plan[WATCHDOG], " s"));
	log_failure();
}

void watchdog_feed(void)
{
	if (said(WATCHDOG) && fd < 0)
		start();
	if (fd >= 0)
		sys_ioctl(fd, WDIOC_KEEPALIVE, NULL);
}

static void let_go(void)
{
	sys_close(fd);
	fd = -ENOENT;
}

void watchdog_stop(void)
{
	if (fd < 0)
		return;
	/* Else the driver takes a close for a crash. */
	log_refused(sys_write(fd, "V", 1), DEVICE, "stop");
	let_go();
}

void watchdog_leave(void)
{
	struct watchdog_info info = { 0 };

	watchdog_feed();
	if (!said(WATCHDOG))
		return;
	if (fd < 0) {
		warn(DEVICE ": open: %s", errno_text(-fd));
		return;
	}
	sys_ioctl(fd, WDIOC_GETSUPPORT, &info);
	if (!(info.options & WDIOF_MAGICCLOSE))
		warn(DEVICE ": its driver may stop it until the system opens it");
	let_go();
}
