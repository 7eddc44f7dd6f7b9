#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A build after a change rebuilds exactly what depends on it.
# shellcheck disable=SC2154 # tree is from build.bash
load build.bash

setup_file() {
	copy_tree
	export out=$BATS_FILE_TMPDIR/out
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
	build "$out" core_defconfig
}

# Each test starts from a finished build. Clocks of file systems tick slowly.
setup() {
	build "$out" -j2
	sleep 0.05
	touch "$BATS_FILE_TMPDIR/stamp"
	sleep 0.05
}

rebuilt() { # [MAKE-ARGUMENT...]: prints the names of the objects that a build makes
	build "$out" -j2 "$@"
	(cd "$out" && find . -name '*.o' -newer "$BATS_FILE_TMPDIR/stamp" -printf '%P\n' | sort)
}

is_linked() { [ "$out/loopbox" -nt "$BATS_FILE_TMPDIR/stamp" ]; }

# Those of the sources that this configuration has.
objects_of() {
	local source
	while read -r source; do
		[ ! -e "$out/${source%.c}.o" ] || echo "${source%.c}.o"
	done | sort
}

includers() { # HEADER: the sources that include it, through other headers too
	local all=$1 header more
	for ((;;)); do
		more=$(cd "$tree" && for header in $all; do
			grep -l "#include \"${header##*/}\"" applets/*.[ch] init/*.[ch] libbb/*.[ch]
		done | sort -u)
		more=$(printf '%s\n' "$1" "$more" | sort -u)
		[ "$more" != "$all" ] || break
		all=$more
	done
	echo "$all" | grep '\.c$'
}

@test "nothing changed: nothing is rebuilt" {
	same objects '' "$(rebuilt)"
	not is_linked
}

@test "an option changed: the objects that name it are rebuilt" {
	cd "$tree"
	not grep -l ENABLE_FEATURE_ERRNO_TEXT libbb/*.h applets/*.h
	local users
	users=$(grep -l ENABLE_FEATURE_ERRNO_TEXT libbb/*.c init/*.c applets/*.c | objects_of)
	[ "$users" ]
	choose "$out" CONFIG_FEATURE_ERRNO_TEXT=n
	same objects "$users" "$(rebuilt)"
	is_linked
	choose "$out" CONFIG_FEATURE_ERRNO_TEXT=y
}

@test "an applet left out: its object is not rebuilt, and not linked" {
	choose "$out" CONFIG_UMOUNT=n
	rebuilt | not grep umount
	not "$out/loopbox" umount --help
	choose "$out" CONFIG_UMOUNT=y
	build "$out" -j2
	"$out/loopbox" umount --help
}

@test "a usage changed: the applet and the table of applets are rebuilt" {
	sed -i '0,/^\/\/usage:umount /s//&SURPRISE /' "$tree/applets/umount.c"
	same objects "$(printf '%s\n' applets/main.o applets/umount.o)" "$(rebuilt)"
	"$out/loopbox" umount --help | grep SURPRISE
}

@test "an applet's code changed: it alone is rebuilt" {
	echo '/* a comment */' >>"$tree/applets/umount.c"
	same objects applets/umount.o "$(rebuilt)"
}

@test "a header touched: those that include it are rebuilt" {
	local users
	users=$(includers libbb/loop.h | objects_of)
	[ "$users" ]
	touch "$tree/libbb/loop.h"
	same objects "$users" "$(rebuilt)"
}

@test "a header gone: it is not missed" {
	touch "$tree/libbb/short_lived.h"
	echo '#include "short_lived.h"' >>"$tree/applets/umount.c"
	build "$out"
	sed -i '/short_lived/d' "$tree/applets/umount.c"
	rm "$tree/libbb/short_lived.h"
	build "$out"
}

@test "flags changed: everything is rebuilt" {
	in_turn 2
	local all
	all=$(cd "$out" && find . -name '*.o' -printf '%P\n' | sort)
	same objects "$all" "$(rebuilt EXTRA_CFLAGS=-DSURPRISE)"
	is_linked
}

@test "the compiler changed: everything is rebuilt, and its own way" {
	in_turn 2
	build "$out" -j2 CC=clang
	(cd "$out" && strings -a loopbox_unstripped) | grep 'clang version'
}

@test "a new applet is one new file" {
	cat >"$tree/applets/hello.c" <<-'END'
		//config:config HELLO
		//config:	bool "hello"
		//config:	default y
		//config:	help
		//config:	  Says hello.
		//kbuild:obj-$(CONFIG_HELLO) += applets/hello.o
		//applet:bin/hello HELLO hello_main
		//usage:hello
		#include "libbb.h"

		int hello_main(char **argv UNUSED)
		{
			say("hello, world\n");
			return 0;
		}
	END
	same objects "$(printf '%s\n' applets/hello.o applets/main.o)" "$(rebuilt)"
	same output 'hello, world' "$("$out/loopbox" hello)"
	"$out/loopbox" --help | grep hello

	rm "$tree/applets/hello.c"
	build "$out"
	"$out/loopbox" --help | not grep hello
}

@test "from a clean start, two at a time make the same bytes as one, here and elsewhere" {
	in_turn 3
	build "$BATS_TEST_TMPDIR/out" full_defconfig
	build "$BATS_TEST_TMPDIR/out" -j1
	build "$tree" full_defconfig
	build "$tree" -j2
	cmp "$BATS_TEST_TMPDIR/out/loopbox" "$tree/loopbox"
	build "$tree" mrproper
}
