#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# kconfig's programs, of whatever origin, understand our files alike.
# shellcheck disable=SC2086,SC2154 # $ready is words; it and tree are from build.bash
load build.bash

setup_file() { copy_tree; }

find_conf() { # in $conf
	conf=$(find /usr/lib/linux-kbuild-*/scripts/kconfig -name conf 2>/dev/null | sort -V | tail -n 1)
	[ "$conf" ] || skip "no conf of a kernel (Debian's linux-kbuild-6.1) is here"
}

@test "kconfig-frontends and a kernel's conf make the same of each configuration" {
	find_conf
	for name in $(sampled $ready allyesconfig allnoconfig); do
		build "$BATS_TEST_TMPDIR/old" "$name" KCONF=kconfig-conf
		build "$BATS_TEST_TMPDIR/new" "$name" KCONF="$conf"
		# What can't be seen and is not set, only the old one writes down.
		same ".config of $name" "$(grep ^CONFIG_ "$BATS_TEST_TMPDIR/old/.config")" \
			"$(grep ^CONFIG_ "$BATS_TEST_TMPDIR/new/.config")"
	done
}

@test "both of them build the same program" {
	in_turn 3
	find_conf
	build "$BATS_TEST_TMPDIR/old" core_defconfig KCONF=kconfig-conf
	build "$BATS_TEST_TMPDIR/new" core_defconfig KCONF="$conf"
	build "$BATS_TEST_TMPDIR/old" -j2 KCONF=kconfig-conf
	build "$BATS_TEST_TMPDIR/new" -j2 KCONF="$conf"
	same options.h "$(cat "$BATS_TEST_TMPDIR/old/include/generated/options.h")" \
		"$(cat "$BATS_TEST_TMPDIR/new/include/generated/options.h")"
	cmp "$BATS_TEST_TMPDIR/old/loopbox" "$BATS_TEST_TMPDIR/new/loopbox"
}

@test "KCONF= may name a built tree of the kernel, OpenWrt or Buildroot" {
	local place
	find_conf
	build "$BATS_TEST_TMPDIR/old" core_defconfig KCONF=kconfig-conf
	for place in scripts/kconfig scripts/config output/build/buildroot-config build/buildroot-config; do
		mkdir -p "$BATS_TEST_TMPDIR/$place/tree/$place"
		ln -s "$conf" "$BATS_TEST_TMPDIR/$place/tree/$place/conf"
		build "$BATS_TEST_TMPDIR/new" core_defconfig KCONF="$BATS_TEST_TMPDIR/$place/tree"
		same "by $place" "$(grep ^CONFIG_ "$BATS_TEST_TMPDIR/old/.config")" \
			"$(grep ^CONFIG_ "$BATS_TEST_TMPDIR/new/.config")"
	done
}

@test "an option that .config does not know takes its default, without a question" {
	local dir=$BATS_TEST_TMPDIR/dir
	build "$dir" core_defconfig
	sed -i '/FEATURE_ERRNO_TEXT/d' "$dir/.config"
	build "$dir"
	grep -qx CONFIG_FEATURE_ERRNO_TEXT=y "$dir/.config"
}

menu() { # TARGET KEYS: starts it on a terminal, and once it shows its menu presses the keys until it ends
	local target=$1 keys=$2 screen=$BATS_TEST_TMPDIR/screen
	command -v script >/dev/null || skip 'script, which makes a terminal, is missing'
	build "$BATS_TEST_TMPDIR/menu" defconfig
	: >"$screen"
	while [ ! -e "$screen.code" ]; do
		sleep 0.7
		! grep -aq 'loop devices are bound' "$screen" || printf %b "$keys" || break
	done 2>/dev/null | {
		local code=0
		timeout 300 script -qec "stty rows 40 cols 100; \
			TERM=xterm make -C '$tree' O='$BATS_TEST_TMPDIR/menu' $target" /dev/null >"$screen" || code=$?
		echo "$code" >"$screen.code"
	} || :
	[ "$(<"$screen.code")" = 0 ] || {
		echo "exit code $(<"$screen.code")"
		cat -v "$screen"
		return 1
	}
	# A letter of each entry has a colour of its own.
	grep -aq 'loop devices are bound' "$BATS_TEST_TMPDIR/screen"
}

@test "menuconfig starts, shows the menu and ends" { menu menuconfig '\033\033'; }
@test "nconfig starts, shows the menu and ends" { menu nconfig '\033'; }

@test "Python's kconfiglib makes the same of each configuration" {
	local python
	for python in python3 /usr/bin/python3; do
		! "$python" -c 'import kconfiglib' 2>/dev/null || break
	done
	"$python" -c 'import kconfiglib' || skip 'python3-kconfiglib is not here'
	for name in $(sampled $ready allyesconfig allnoconfig); do
		build "$BATS_TEST_TMPDIR/old" "$name" KCONF=kconfig-conf
		build "$BATS_TEST_TMPDIR/new" "$name" KCONF="$python $tree/scripts/kconfiglib-conf"
		same ".config of $name" "$(grep ^CONFIG_ "$BATS_TEST_TMPDIR/old/.config" | sort)" \
			"$(grep ^CONFIG_ "$BATS_TEST_TMPDIR/new/.config" | sort)"
	done
}

@test "what is missing is one line that names a package and a variable" {
	not make -s -C "$tree" O="$BATS_TEST_TMPDIR/out" core_defconfig KCONF=/nonesuch >"$BATS_TEST_TMPDIR/said" 2>&1
	grep '^KCONF=/nonesuch: .*kconfig-frontends-nox.*KCONF=' "$BATS_TEST_TMPDIR/said"
	build "$BATS_TEST_TMPDIR/out" core_defconfig
	not make -s -C "$tree" O="$BATS_TEST_TMPDIR/out" CC=nonesuch-gcc >"$BATS_TEST_TMPDIR/said" 2>&1
	grep '^toolchain: nonesuch-gcc: not found: .*musl-tools.*CC=' "$BATS_TEST_TMPDIR/said"
}
