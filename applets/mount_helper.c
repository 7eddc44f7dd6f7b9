/* SPDX-License-Identifier: MIT */
/* /sbin/mount.TYPE: what mounts a type that the kernel does not, or not alone. */
//config:config FEATURE_MOUNT_HELPERS
//config:	bool "/sbin/mount.TYPE"
//config:	default y
//config:	depends on MOUNT
//config:	help
//config:	  Where there is such a program for the type, it mounts: network
//config:	  file systems, FUSE.
//kbuild:obj-$(CONFIG_FEATURE_MOUNT_HELPERS) += applets/mount_helper.o
#include "mount_applet.h"
#include "run.h"

int mount_helper(struct mount_request *m, const char *source, const char *type)
{
	static char words[MOUNT_FLAG_WORDS_SIZE + MOUNT_DATA_SIZE];
	char real[PATH_SIZE];
	const char *argv[12], **argument = argv; /* 3, -s -f -n -v, -o WORDS, -t TYPE, NULL */

	if (*find_byte(type, '/'))
		return -ENOSYS;
	/* fuse.sshfs is the business of mount.fuse. */
	char *main_type = copy_of(type), *subtype = find_byte(main_type, '.');
	bool has_subtype = *subtype;
	*subtype = 0;
	const char *path = joined("/sbin/mount.", main_type, "");
	if (memory_check() < 0)
		return -ENOMEM; /* there may be one */
	int code = sys_access(path, X_OK);
	if (code == -ENOENT || code == -ENOTDIR)
		return -ENOSYS;

	*argument++ = path;
	*argument++ = source;
	*argument++ = real_path(m->target, real);
	for (const char *flag = "sfnv"; *flag; flag++)
		if (option_arg(*flag))
			*argument++ = joined("-", copied(flag, 1), "");
	/* Whether types are tried quietly is our business. */
	char *end = mount_flag_words(words, m->flags & ~MS_SILENT);
	if (*m->data)
		append(append(end, ","), m->data);
	*argument++ = "-o";
	*argument++ = words;
	if (has_subtype) {
		*argument++ = "-t";
		*argument++ = type;
	}
	*argument = NULL;

	code = code < 0 ? failed(code, path, "open") : run_program(path, (char *const *)argv);
	if (code < 0) {
		complain_why(); /* about the helper, not the source */
		code = MOUNT_FAILED;
	}
	m->helper_code = code > 128 ? MOUNT_FAILED : code; /* by a signal */
	return code ? -ECHILD : 0;
}
