#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the program is made of, and what it does when no applet is called.
# shellcheck disable=SC2154 # tree is from build.bash
load build.bash
bats_require_minimum_version 1.5.0

setup_file() {
	copy_tree
	export out=$BATS_FILE_TMPDIR
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
	copy_build full_defconfig "$out/full_defconfig"
	export loopbox=$out/full_defconfig/loopbox
	# These were built before the tests began.
	export built=$BATS_TEST_DIRNAME/../../build
}

backends() { # CONFIGURATION: the objects in the link map that bind
	sed -n 's,^LOAD .*/loop_\(configure\|legacy\)\.o$,\1,p' "$built/$1/loopbox_unstripped.map" |
		sort -u | paste -sd ' '
}

ioctls() { # CONFIGURATION: those that bind, of all numbers that the code names
	objdump -d "$built/$1/loopbox_unstripped" | grep -ow '0x4c0[04a]' | sort -u | paste -sd ' '
}

@test "each binding links its own object, and no other" {
	same objects 'configure legacy' "$(backends core_defconfig)"
	same objects configure "$(backends core_configure_defconfig)"
	same objects legacy "$(backends core_legacy_defconfig)"
}

@test "each binding knows its own ioctls, and no other" {
	# LOOP_SET_FD, LOOP_SET_STATUS64, LOOP_CONFIGURE
	same ioctls '0x4c00 0x4c04 0x4c0a' "$(ioctls core_defconfig)"
	same ioctls 0x4c0a "$(ioctls core_configure_defconfig)"
	same ioctls '0x4c00 0x4c04' "$(ioctls core_legacy_defconfig)"
}

@test "it is static" {
	readelf -lW "$loopbox" | grep -q LOAD
	readelf -lW "$loopbox" | not grep -E 'INTERP|DYNAMIC'
}

@test "the small ones have no section headers, what is everything has them" {
	readelf -hW "$built/core_defconfig/loopbox" | grep -q 'Number of section headers: *0$'
	readelf -hW "$built/core_defconfig/loopbox" | grep -q 'Start of section headers: *0 '
	readelf -hW "$loopbox" | grep -q 'Number of section headers: *[1-9]'
}

@test "it has no segment that is both writable and executable" {
	readelf -lW "$loopbox" | grep -q 'R E'
	readelf -lW "$loopbox" | not grep 'RWE'
}

# The hidden ones, -/NAME, are neither listed nor installed.
names() { sed -n '/^\/\/applet:-/d; s,^//applet:\([^ ]*/\)\?\([^ /]*\) .*,\2,p' "$tree"/applets/*.c | sort; }

@test "called without arguments, and with --help, it lists the applets" {
	for arguments in '' --help; do
		# shellcheck disable=SC2086 # one or none
		same applets "$(names)" "$("$loopbox" $arguments | sed -n '/^Applets:/s///p' | xargs -n1 | sort)"
	done
}

@test "--list prints the applets' names, one a line" {
	same applets "$(names)" "$("$loopbox" --list | sort)"
}

@test "it tells its version" {
	"$loopbox" --version | grep -x 'loopbox [0-9.]* ([a-z_]*)'
	"$loopbox" losetup --version | grep -x 'losetup from loopbox [0-9.]* ([a-z_]*)'
}

@test "an applet that is not there is exit code 127 and a message" {
	run -127 --separate-stderr "$loopbox" nonesuch
	[ -z "$output" ]
	[ "$stderr" = 'loopbox: nonesuch: applet not found' ]
}

@test "output that can't be written is a failure" {
	not "$loopbox" --help >/dev/full
}

@test "each applet shows its usage, whatever way it is called" {
	for name in $(names); do
		"$loopbox" "$name" --help | grep "^Usage: $name"
		ln -s "$loopbox" "$BATS_TEST_TMPDIR/$name"
		same usage "$("$loopbox" "$name" --help)" "$("$BATS_TEST_TMPDIR/$name" --help)"
	done
}

@test "--install makes links, -s symbolic ones" {
	mkdir "$BATS_TEST_TMPDIR"/{hard,symbolic}
	"$loopbox" --install "$BATS_TEST_TMPDIR/hard"
	"$loopbox" --install -s "$BATS_TEST_TMPDIR/symbolic"
	for name in $(names); do
		[ "$BATS_TEST_TMPDIR/hard/$name" -ef "$loopbox" ]
		[ ! -L "$BATS_TEST_TMPDIR/hard/$name" ]
		[ "$(readlink "$BATS_TEST_TMPDIR/symbolic/$name")" = "$(realpath "$loopbox")" ]
	done
	same names "$(names)" "$(ls "$BATS_TEST_TMPDIR/hard")"
	same names "$(names)" "$(ls "$BATS_TEST_TMPDIR/symbolic")"
}

@test "--install tells what it can't do" {
	run -1 "$loopbox" --install /nonesuch
	[[ $output == *"/nonesuch/losetup: No such file or directory"* ]]
	run -1 --separate-stderr "$loopbox" --install
	[ -z "$output" ]
	[ "$stderr" ]
}

installs() { # LINE: sets it, installs, and prints the names, loopbox itself apart
	choose "$out/full_defconfig" "$1"
	build "$out/full_defconfig" install CONFIG_PREFIX="$BATS_TEST_TMPDIR/root"
	cmp "$loopbox" "$BATS_TEST_TMPDIR/root/bin/loopbox"
	(cd "$BATS_TEST_TMPDIR/root" && find . ! -type d -printf '%P\n' | grep -vx bin/loopbox | sort)
}

paths() { sed -n '/^\/\/applet:-/d; s,^//applet:\([^ ]*\) .*,\1,p' "$tree"/applets/*.c | sort; }

@test "make install makes symbolic links" {
	same names "$(paths)" "$(installs CONFIG_INSTALL_SYMLINKS=y)"
	for path in $(paths); do
		[[ $(readlink "$BATS_TEST_TMPDIR/root/$path") == [!/]* ]]
		[ "$(realpath "$BATS_TEST_TMPDIR/root/$path")" = "$(realpath "$BATS_TEST_TMPDIR/root/bin/loopbox")" ]
		"$BATS_TEST_TMPDIR/root/$path" --help | grep "^Usage: ${path##*/}"
	done
}

@test "make install makes hard links" {
	same names "$(paths)" "$(installs CONFIG_INSTALL_HARDLINKS=y)"
	for path in $(paths); do
		[ ! -L "$BATS_TEST_TMPDIR/root/$path" ]
		[ "$BATS_TEST_TMPDIR/root/$path" -ef "$BATS_TEST_TMPDIR/root/bin/loopbox" ]
		"$BATS_TEST_TMPDIR/root/$path" --help | grep "^Usage: ${path##*/}"
	done
}

@test "make install makes no links" {
	same names '' "$(installs CONFIG_INSTALL_NO_LINKS=y)"
}

@test "make install takes DESTDIR, leaves names alone, and can be undone" {
	local root=$BATS_TEST_TMPDIR/destdir
	choose "$out/full_defconfig" CONFIG_INSTALL_SYMLINKS=y
	mkdir -p "$root/usr/sbin"
	echo other >"$root/usr/sbin/losetup"
	build "$out/full_defconfig" install-noclobber DESTDIR="$root" CONFIG_PREFIX=/usr
	[ "$(cat "$root/usr/sbin/losetup")" = other ]
	"$root/usr/bin/mount" --help | grep '^Usage: mount'
	build "$out/full_defconfig" uninstall DESTDIR="$root" CONFIG_PREFIX=/usr
	same files "$root/usr/sbin/losetup" "$(find "$root" ! -type d)"
	build "$out/full_defconfig" install DESTDIR="$root"
	"$root/sbin/losetup" --help | grep '^Usage: losetup'
}
