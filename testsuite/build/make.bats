#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The Makefile's other targets, and the scripts that measure.
# shellcheck disable=SC2154 # tree is from build.bash
load build.bash

setup_file() {
	copy_tree
	git -C "$tree" init -q
	git -C "$tree" add .
}

untracked() { git -C "$tree" status --porcelain --ignored | grep -v '^A '; }

@test "make help tells the targets" {
	make -s -C "$tree" help >"$BATS_TEST_TMPDIR/help"
	for target in build install clean mrproper demo check check-unit check-device check-boot check-build soak size bloatcheck baseline costs menuconfig nconfig \
		oldconfig olddefconfig savedefconfig allnoconfig allyesconfig randconfig defconfig; do
		grep -w "$target" "$BATS_TEST_TMPDIR/help" || { echo "$target is missing"; return 1; }
	done
}

@test "a build elsewhere writes nothing here" {
	build "$BATS_TEST_TMPDIR/out" core_defconfig
	build "$BATS_TEST_TMPDIR/out" all
	build "$BATS_TEST_TMPDIR/out" savedefconfig
	build "$BATS_TEST_TMPDIR/out" install
	same files '' "$(untracked)"
}

@test "a build here leaves nothing that git shows" {
	build "$tree" core_defconfig
	build "$tree" all
	build "$tree" savedefconfig
	build "$tree" install
	[ -x "$tree/loopbox" ]
	same files '' "$(untracked | grep -v '^!!')"
}

@test "make clean keeps the configuration, make mrproper nothing" {
	build "$tree" core_defconfig
	build "$tree" all
	build "$tree" install
	build "$tree" savedefconfig
	build "$tree" olddefconfig
	build "$tree" clean
	same files "$(printf '!! %s\n' .config .config.old _install/ defconfig)" "$(untracked | LC_ALL=C sort)"
	build "$tree" mrproper
	same files '' "$(untracked)"
}

@test "without a configuration, make takes the default one" {
	build "$BATS_TEST_TMPDIR/plain" all
	build "$BATS_TEST_TMPDIR/default" defconfig
	same configurations "$(cat "$BATS_TEST_TMPDIR/default/.config")" "$(cat "$BATS_TEST_TMPDIR/plain/.config")"
}

@test "V=1 shows the commands" {
	build "$BATS_TEST_TMPDIR/out" core_defconfig
	make -C "$tree" O="$BATS_TEST_TMPDIR/out" V=1 </dev/null | grep -e '-c -o .*/applets/main\.o '
}

@test "CROSS_COMPILE= names the compiler and the binutils" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	for tool in gcc strip readelf; do
		printf '#!/bin/sh\necho %s >>%s/used\nexec %s "$@"\n' "$tool" "$BATS_TEST_TMPDIR" \
			"${tool/#gcc/musl-gcc}" >"$BATS_TEST_TMPDIR/bin/odd-$tool"
		chmod +x "$BATS_TEST_TMPDIR/bin/odd-$tool"
	done
	# The small configurations cut the section headers, behind what readelf tells.
	build "$BATS_TEST_TMPDIR/out" core_defconfig
	PATH=$BATS_TEST_TMPDIR/bin:$PATH build "$BATS_TEST_TMPDIR/out" CROSS_COMPILE=odd-
	same tools "$(printf '%s\n' gcc readelf strip)" "$(sort -u "$BATS_TEST_TMPDIR/used")"
}

@test "the ready configurations keep to their budgets, and size --check would tell" {
	cd "$tree"
	scripts/size --check core_defconfig
	sed -i 's/^core_defconfig .*/core_defconfig 4000/' configs/budget
	run scripts/size --check core_defconfig
	[ "$status" != 0 ]
	[[ $output == *'core_defconfig is '[1-9]*' bytes over its budget'* ]]
	git checkout -q configs/budget
}

@test "every ready configuration has a budget" {
	same names "$(cd "$tree/configs" && printf '%s\n' *defconfig | sort)" \
		"$(sed 's/ [0-9]*$//' "$tree/configs/budget" | sort)"
}

# Each one that is measured is a build: in soak all are, otherwise some, chosen by the seed.
some_options() {
	sed '/^#/d; s/ .*//' configs/costs | awk -v seed="${LOOPBOX_SEED:-1}" '
		{ name[NR] = $1 }
		END {
			x = seed % 2147483646 + 1
			for (i = 1; i <= 20; i++) x = x * 16807 % 2147483647
			for (i = 1; i <= 2; i++) { x = x * 16807 % 2147483647; print name[x % NR + 1] }
		}' | sort -u
}

@test "the stored costs of the options are right, and costs --check would tell" {
	local options
	in_turn 2
	cd "$tree"
	for dir in full 0 1; do copy_build full_defconfig "$tree/build/costs/$dir"; done
	[ ! "${LOOPBOX_SOAK-}" ] || scripts/costs --check

	options=$(some_options | grep -vx -e UMOUNT -e MOUNT -e BLKID | xargs)
	echo "# LOOPBOX_SEED=${LOOPBOX_SEED:-1}: $options" >&3
	echo 'NONESUCH 5' >>configs/costs
	sed -i '/^UMOUNT /s/.*/UMOUNT 5/; /^MOUNT /d; /^BLKID /d' configs/costs
	# shellcheck disable=SC2086 # words
	run scripts/costs --check UMOUNT MOUNT $options
	[ "$status" != 0 ]
	[[ $output == *'UMOUNT costs '*' bytes, not 5'* ]]
	[[ $output == *'MOUNT costs '*' bytes, but is not in configs/costs'* ]]
	[[ $output == *'BLKID is not in configs/costs'* ]]
	[[ $output == *'NONESUCH is in configs/costs, but no option'* ]]
	[ "$(grep -c 'configs/costs\|bytes, not' <<<"$output")" = 5 ] # MOUNT twice; none of those that are right
	git checkout -q configs/costs
}

@test "bloatcheck tells what grew, came and went since the baseline" {
	cd "$tree"
	for name in core_defconfig full_defconfig; do
		rm -rf "build/$name"
		copy_build $name "$tree/build/$name"
	done
	scripts/baseline
	scripts/bloatcheck >"$BATS_TEST_TMPDIR/same"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/same")" = 7 ] # two of heading, all symbols, file; a blank one between

	grown=losetup_main new=mount_main
	size=$(awk -v name=$grown '$1 == "core_defconfig" && $2 == name { print $3 }' configs/baseline)
	sed -i "s/^core_defconfig $grown .*/core_defconfig $grown $((size - 7))/; /^core_defconfig $new /d" configs/baseline
	echo 'core_defconfig gone 300' >>configs/baseline
	scripts/bloatcheck >"$BATS_TEST_TMPDIR/changed"
	grep -E "^$grown +$((size - 7)) +$size +\+7\$" "$BATS_TEST_TMPDIR/changed"
	grep -E "^$new +- +[0-9]+ +\+[0-9]+\$" "$BATS_TEST_TMPDIR/changed"
	grep -E '^gone +300 +- +-300$' "$BATS_TEST_TMPDIR/changed"
	git checkout -q configs/baseline
}
