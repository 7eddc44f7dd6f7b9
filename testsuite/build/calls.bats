#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Which file uses which: docs/hacking.md has the picture.
load build.bash
bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || exit
	make -s O=build/full_defconfig full_defconfig >/dev/null
	make -s O=build/full_defconfig
}

# A program of its own, of files a and b, linked as ours is.
linked() { # TEXT-OF-A TEXT-OF-B [FOLDER-OF-B]
	local dir=$BATS_TEST_TMPDIR/linked b=${3-libbb}
	mkdir -p "$dir/libbb" "$dir/init" "$dir/applets"
	echo "$1" | cc -c -x c -o "$dir/libbb/a.o" -
	echo "$2" | cc -c -x c -o "$dir/$b/b.o" -
	printf 'LOAD %s\n' "$dir/libbb/a.o" "$dir/$b/b.o" >"$dir/loopbox_unstripped.map"
	run scripts/calls "$dir"
}

@test "no files use each other in a circle, and nothing uses what stands above it" {
	scripts/calls >/dev/null
}

@test "the picture in docs/hacking.md is that of today" {
	sed '1,/^<!-- scripts\/calls -->$/d; /^<!-- end -->$/,$d' docs/hacking.md | grep -v '^```' >"$BATS_TEST_TMPDIR/shown"
	scripts/calls 2>/dev/null | diff "$BATS_TEST_TMPDIR/shown" - || {
		echo 'scripts/calls --update brings it up to date'
		false
	}
}

@test "a circle is found" {
	linked 'void b(void); void a(void) { b(); }' 'void a(void); void b(void) { a(); }'
	[ "$status" = 1 ]
	[[ $output == *'a circle: libbb/a libbb/b'* ]]
}

@test "a call upwards is found, and one downwards is none" {
	linked 'void b(void); void a(void) { b(); }' 'void b(void) { }' init
	[ "$status" = 1 ]
	[[ $output == *'upward: libbb/a uses b of init/b'* ]]
	linked 'void a(void) { }' 'void a(void); void b(void) { a(); }' init
	[ "$status" = 0 ]
}
