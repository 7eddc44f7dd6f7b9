/* SPDX-License-Identifier: MIT */
/* run-init -d: takes capabilities from the new init and all that it will start, and from
 * what the kernel starts by itself (modprobe and the like). Source: capabilities(7). */
//config:config FEATURE_RUN_INIT_CAPS
//config:	bool "run-init -d CAPABILITY,..."
//config:	default y
//config:	depends on RUN_INIT
//config:	help
//config:	  What initramfs-tools calls for drop_capabilities= on the command line.
//kbuild:obj-$(CONFIG_FEATURE_RUN_INIT_CAPS) += applets/capabilities.o
#include <linux/capability.h>
#include <linux/prctl.h>

#include "capabilities.h"

/* clang-format off */
static const char names[] = /* in the order of their numbers */
	"chown\0" "dac_override\0" "dac_read_search\0" "fowner\0" "fsetid\0" "kill\0" "setgid\0" "setuid\0"
	"setpcap\0" "linux_immutable\0" "net_bind_service\0" "net_broadcast\0" "net_admin\0" "net_raw\0"
	"ipc_lock\0" "ipc_owner\0" "sys_module\0" "sys_rawio\0" "sys_chroot\0" "sys_ptrace\0" "sys_pacct\0"
	"sys_admin\0" "sys_boot\0" "sys_nice\0" "sys_resource\0" "sys_time\0" "sys_tty_config\0" "mknod\0"
	"lease\0" "audit_write\0" "audit_control\0" "setfcap\0" "mac_override\0" "mac_admin\0" "syslog\0"
	"wake_alarm\0" "block_suspend\0" "audit_read\0" "perfmon\0" "bpf\0" "checkpoint_restore\0";
/* clang-format on */

/* The number of a name, with or without "cap_" and in either case; or of what is a number;
 * -EINVAL. */
static int capability_of(const char *word)
{
	const char *name = word, *end, *known = names;

	if ((word[0] | 0x20) == 'c' && (word[1] | 0x20) == 'a' && (word[2] | 0x20) == 'p' && word[3] == '_')
		name = word + 4;
	end = name;
	unsigned number = parse_digits(&end);
	if (!*end && end > name && end - name <= 2 && number < 64)
		return number;
	for (int n = 0; *known; n++, known = nth_string(known, 1))
		if (equal_letters(known, name))
			return n;
	return -EINVAL;
}

/* Takes them from one of the kernel's own sets, two numbers of 32 bits. */
static int limit_helpers(const char *path, const uint32_t dropped[2])
{
	char text[64];
	const char *p = text;

	int r = read_file(path, text, sizeof text);
	if (r < 0)
		return failed(r, path, "read");
	unsigned low = parse_digits(&p) & ~dropped[0];
	p = behind_blanks(p);
	unsigned high = parse_digits(&p) & ~dropped[1];
	append_number(append(append_number(text, low), " "), high);
	int fd = sys_open(path, O_WRONLY);
	r = fd < 0 ? fd : sys_write(fd, text, length(text));
	if (fd >= 0)
		sys_close(fd);
	return r < 0 ? failed(r, path, "write") : 0;
}

int capabilities_drop(const char *list, bool only_look)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct sets[2];
	uint32_t dropped[2] = { 0, 0 };
	char word[LIST_WORD_SIZE];

	/* All of them, before any is touched. */
	for (const char *rest = list; next_listed(&rest, word);) {
		int n = capability_of(word);
		if (n < 0 || sys_prctl(PR_CAPBSET_READ, n) < 0)
			return found(-EINVAL, copy_of(word), "not a capability");
		dropped[n / 32] |= 1U << n % 32;
	}
	if (only_look)
		return 0;
	int r = limit_helpers("/proc/sys/kernel/usermodehelper/bset", dropped);
	if (r == 0)
		r = limit_helpers("/proc/sys/kernel/usermodehelper/inheritable", dropped);
	if (r < 0)
		return r;
	r = sys_capget(&header, sets);
	for (unsigned n = 0; r == 0 && n < 64; n++)
		if (dropped[n / 32] >> n % 32 & 1)
			r = sys_prctl(PR_CAPBSET_DROP, n);
	if (r == 0) {
		sets[0].inheritable &= ~dropped[0];
		sets[1].inheritable &= ~dropped[1];
		r = sys_capset(&header, sets);
	}
	return r < 0 ? failed(r, list, "drop capabilities") : 0;
}
