# SPDX-License-Identifier: MIT
# Sourced by run and mutants, in the top folder: compiles libbb, as it is for the
# C library's system calls, what of init/ reads the command line, and the tests.
# CC= names the compiler.
# shellcheck shell=sh disable=SC2086,SC2231 # lists of words

CC=${CC:-cc}
unit=testsuite/unit
header=$(scripts/toolchain --header $CC) # of the machine
wrap=
for name in syscall lseek lseek64 pread pread64 pwrite pwrite64 fstatat fstatat64 __fstatat64_time64 __fcntl_time64 __clock_gettime64 \
	statfs statfs64 poll fcntl fcntl64 times clock_gettime fork socket bind sendfile sendfile64 posix_fadvise posix_fadvise64; do
	wrap=$wrap,--wrap=$name
done

# configure OUT BINDING: every option on, and one binding.
configure()
{
	generated=$1/include/generated
	mkdir -p "$1/include/config" "$1/obj"
	scripts/gen "$generated" libbb/*.c init/*.c applets/*.c
	{
		sed -n 's/^config \(.*\)/CONFIG_\1=y/p' Config.in "$generated"/*.in |
			grep -v -e LOOP_CONFIGURE= -e LOOP_BIND_ -e ERRNO_NAMES= -e INIT_UNVERIFIED
		case $2 in
		try) printf 'CONFIG_%s=y\n' TRY_LOOP_CONFIGURE LOOP_BIND_CONFIGURE LOOP_BIND_LEGACY ;;
		configure) printf 'CONFIG_%s=y\n' LOOP_CONFIGURE LOOP_BIND_CONFIGURE ;;
		legacy) printf 'CONFIG_%s=y\n' NO_LOOP_CONFIGURE LOOP_BIND_LEGACY ;;
		esac
	} >"$1/include/config/auto.conf"
	scripts/gen-options "$generated"
	# What a test chooses, as if each were a build of its own.
	{
		echo '#include <stdbool.h>'
		for option in INIT_REQUIRE_VERITY:test_requires_verity INIT_ROOT_HASH_FROM_INITRAMFS:test_hash_from_initramfs; do
			printf '#undef ENABLE_%s\n#define ENABLE_%s %s\nextern bool %s;\n' \
				${option%:*} ${option%:*} ${option#*:} ${option#*:}
		done
	} >>"$generated/options.h"
}

# sources OUT: the files under test that the configuration builds.
sources()
{
	sed -n -e 's,^obj-\(.*\) += \(libbb/.*\)\.o$,\1 \2.c,p' -e 's,^obj-\(.*\) += \(init/.*\)\.o$,\1 \2.c,p' \
		-e 's,^obj-\(.*\) += \(applets/init\|applets/exitrd\|applets/confirm\)\.o$,\1 \2.c,p' "$1/include/generated/objects.mk" |
	while read -r condition file; do
		option=${condition#??}
		if [ "$condition" = y ] || grep -q "^${option%?}=y" "$1/include/config/auto.conf"; then
			echo "$file"
		fi
	done
}

# translate OUT FLAGS ARGUMENT...: the compiler, with the flags of each file
translate()
{
	headers=$1/include/generated how=$2
	shift 2
	$CC -std=gnu11 -g -Wall -Wextra $how -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 \
		${header:+-include $header} -Ilibbb -Iinit -I"$headers" -I$unit "$@"
}

# compile OUT FLAGS FILE OBJECT
compile()
{
	translate "$1" "$2" -c -o "$4" "$3"
}

# is_same OUT LIKE FLAGS FILE: whether the compiler sees the same text in both
is_same()
{
	translate "$1" "$3" -E -P -o "$1/obj/text" "$4" && translate "$2" "$3" -E -P -o "$1/obj/text.like" "$4" &&
		cmp -s "$1/obj/text" "$1/obj/text.like"
}

# link OUT FLAGS OBJECT...: the program OUT/tests
link()
{
	out=$1 flags=$2
	shift 2
	$CC $flags -o "$out/tests" "$@" "-Wl$wrap"
}

# build OUT BINDING FLAGS [LIKE]: LIKE is a build of another binding with the same flags. An object that
# would be the same is taken from there.
build()
{
	configure "$1" "$2" &&
	for file in $(sources "$1") $unit/*.c; do
		object=obj/$(echo "${file%.c}" | tr / -).o
		if [ "${4-}" ] && is_same "$1" "$4" "$3" "$file"; then
			ln -f "$4/$object" "$1/$object"
		else
			compile "$1" "$3" "$file" "$1/$object"
		fi || return
	done &&
	link "$1" "$3" "$1"/obj/*.o
}
