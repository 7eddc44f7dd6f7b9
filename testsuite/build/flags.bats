#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Whoever builds it has flags of his own: they are used, and whatever they are, the program runs.
# shellcheck disable=SC2154 # tree is from build.bash
load build.bash
bats_require_minimum_version 1.5.0

setup_file() { copy_tree; }

runs() { # DIR: what it built
	"$1/loopbox" --help | grep '^Applets: losetup'
	"$1/loopbox" losetup --help | grep '^Usage: losetup'
	# A message, which goes through most of what a start has to prepare.
	run -1 "$1/loopbox" losetup "$BATS_TEST_TMPDIR/nonesuch"
	[[ $output == *nonesuch* ]]
}

flags() { # NAME VARIABLE=FLAGS...: the core configuration, by musl and by glibc
	local name=$1 cc
	shift
	for cc in $(some musl-gcc cc); do
		build "$BATS_TEST_TMPDIR/$name-$cc" core_defconfig
		build "$BATS_TEST_TMPDIR/$name-$cc" -j2 CC="$cc" "$@"
		runs "$BATS_TEST_TMPDIR/$name-$cc"
	done
}

@test "Debian's flags" {
	in_turn 2
	flags debian CPPFLAGS='-Wdate-time -D_FORTIFY_SOURCE=2' \
		CFLAGS="-g -O2 -ffile-prefix-map=$tree=. -fstack-protector-strong -fstack-clash-protection -Wformat -Werror=format-security -fcf-protection" \
		LDFLAGS='-Wl,-z,relro -Wl,-z,now'
}

@test "Yocto's flags" {
	in_turn 2
	flags yocto CFLAGS='-O2 -pipe -g -feliminate-unused-debug-types -fstack-protector-strong -fPIE -pie -D_FORTIFY_SOURCE=2 -Wformat -Wformat-security -Werror=format-security' \
		LDFLAGS='-Wl,-O1 -Wl,--hash-style=gnu -Wl,--as-needed -fstack-protector-strong -Wl,-z,relro,-z,now'
}

@test "Alpine's flags" {
	in_turn 2
	flags alpine CFLAGS='-Os -fstack-clash-protection -Wformat -Werror=format-security -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS=1 -fno-plt' \
		LDFLAGS='-Wl,--as-needed,-O1,--sort-common -Wl,-z,pack-relative-relocs -Wl,--build-id=sha1'
}

@test "OpenWrt's flags" {
	in_turn 2
	flags openwrt CFLAGS='-Os -pipe -fno-caller-saves -fno-plt -Wno-error=unused-but-set-variable -ffunction-sections -fdata-sections -fstack-protector -D_FORTIFY_SOURCE=1' \
		EXTRA_LDFLAGS='-Wl,-z,now -Wl,-z,relro -Wl,--gc-sections'
}

@test "flags that no start without a C library bears" {
	local name=$BATS_TEST_TMPDIR/odd odd
	build "$name" core_defconfig
	some -pg -fsanitize=undefined --coverage '-flto -fprofile-arcs' -finstrument-functions -pie >"$name/flags"
	while read -r odd; do
		build "$name" -j2 CC=musl-gcc EXTRA_CFLAGS="$odd"
		runs "$name"
	done <"$name/flags"
}

@test "the flags are used, and who builds has the last word" {
	build "$BATS_TEST_TMPDIR/out" core_defconfig
	make -C "$tree" O="$BATS_TEST_TMPDIR/out" V=1 CPPFLAGS=-DONE CFLAGS=-DTWO EXTRA_CFLAGS=-DTHREE \
		LDFLAGS=-L/four EXTRA_LDFLAGS=-L/five </dev/null >"$BATS_TEST_TMPDIR/said"
	grep -e '-Os .* -DONE -DTWO -DTHREE .*-c -o .*/applets/main\.o ' "$BATS_TEST_TMPDIR/said"
	grep -e '-L/four -L/five .*/loopbox_unstripped ' "$BATS_TEST_TMPDIR/said"
}

@test "a static PIE runs, and is one" {
	in_turn 2
	local dir=$BATS_TEST_TMPDIR/pie cc
	for cc in $(some musl-gcc cc); do
		build "$dir-$cc" core_defconfig
		choose "$dir-$cc" CONFIG_STATIC_PIE=y
		build "$dir-$cc" -j2 CC="$cc"
		readelf -hW "$dir-$cc/loopbox" | grep 'Type: *DYN'
		readelf -lW "$dir-$cc/loopbox" | not grep INTERP
		runs "$dir-$cc"
	done
}

@test "with its section headers, other tools can read it" {
	local dir=$BATS_TEST_TMPDIR/kept
	build "$dir" core_defconfig
	choose "$dir" CONFIG_KEEP_SECTION_HEADERS=y
	build "$dir" -j2
	strip -o "$dir/stripped" "$dir/loopbox"
	objcopy --remove-section=.comment "$dir/loopbox" "$dir/copied"
	"$dir/stripped" --help >/dev/null
	"$dir/copied" --help >/dev/null
	size "$dir/loopbox"
}

@test "SKIP_STRIP=y leaves the symbols in" {
	local dir=$BATS_TEST_TMPDIR/symbols
	build "$dir" core_defconfig
	build "$dir" -j2 SKIP_STRIP=y
	nm "$dir/loopbox" | grep -w losetup_main
	runs "$dir"
}

@test "It builds with the kernel's headers of Linux 4.4" {
	in_turn 2
	local old=$BATS_TEST_TMPDIR/headers out=$BATS_TEST_TMPDIR/old

	mkdir "$old"
	cp -r /usr/include/{linux,asm-generic,mtd} "/usr/include/$(gcc -print-multiarch)/asm" "$old"
	# Its last system call was number 325.
	sed -i -E '/__NR_[a-z0-9_]+ (32[6-9]|3[3-9][0-9]|4[0-9][0-9])$/d' "$old/asm/unistd_64.h"
	rm "$old"/linux/{mount,openat2}.h
	echo >"$old/linux/stat.h"
	sed -i '/mount\.h/d' "$old/linux/fs.h"
	sed -i '/#define LOOP_\(CONFIGURE\|SET_BLOCK_SIZE\|SET_DIRECT_IO\)\s/d; /^struct loop_config {/,/^};/d' "$old/linux/loop.h"
	build "$out" full_defconfig
	build "$out" -j2 CC="musl-gcc -isystem $old"
	"$out/loopbox" losetup --help | grep '^Usage: losetup'
}
