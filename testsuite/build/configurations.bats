#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Every configuration builds, with every compiler, without a warning.
# shellcheck disable=SC2086,SC2154 # $ready is words; it and tree are from build.bash
load build.bash

setup_file() { copy_tree; }

each_ready() { # MAKE-ARGUMENT...
	for name in $(some $ready); do
		build "$BATS_TEST_TMPDIR/$name" "$name"
		quiet "$BATS_TEST_TMPDIR/$name" -j2 "$@"
		runs "$BATS_TEST_TMPDIR/$name"
	done
}

# It says its version; or, where it is nothing but init, that it is not PID 1.
runs() { # DIR
	if grep -q '^CONFIG_FEATURE_LOOPBOX=y' "$1/.config"; then
		"$1/loopbox" --version
	else
		"$1/loopbox" 2>&1 | grep -qx 'init: not PID 1: nothing done'
	fi
}

# They were built with musl-gcc, without a warning, before the tests began.
@test "the ready configurations run" {
	for name in $ready; do runs "$BATS_TEST_DIRNAME/../../build/$name"; done
}

@test "the ready configurations build with clang" { each_ready CC=clang; }
@test "the ready configurations build with cc and glibc" { each_ready CC=cc; }

@test "everything and nothing build" {
	in_turn 2
	for name in allyesconfig allnoconfig; do
		for cc in $(some musl-gcc clang); do
			build "$BATS_TEST_TMPDIR/$name" $name
			quiet "$BATS_TEST_TMPDIR/$name" -j2 CC="$cc"
			"$BATS_TEST_TMPDIR/$name/loopbox" --version
		done
	done
}

random() { # SEED
	mkdir "$BATS_TEST_TMPDIR"
	if ! KCONFIG_SEED=$1 build "$BATS_TEST_TMPDIR" randconfig || ! quiet "$BATS_TEST_TMPDIR" ||
		{ [ $(($1 % 2)) = 1 ] && ! quiet "$BATS_TEST_TMPDIR" CC=clang; }; then
		echo "with KCONFIG_SEED=$1"
		return 1
	fi
}

@test "random configurations build" {
	in_turn 2
	# 4.11's randconfig takes the clock for a seed unless told otherwise.
	local first=${LOOPBOX_SEED:-1} count=${LOOPBOX_SOAK:+60}
	: "${count:=2}"
	echo "# LOOPBOX_SEED=$first: seeds $first to $((first + count - 1))" >&3
	export -f random build quiet
	seq "$first" $((first + count - 1)) |
		xargs -P "$(nproc)" -I SEED env BATS_TEST_TMPDIR="$BATS_TEST_TMPDIR/randomSEED" bash -c 'random SEED'
	# They were random, indeed.
	[ "$(md5sum "$BATS_TEST_TMPDIR"/random*/.config | cut -c-32 | sort -u | wc -l)" -ge $((count - count / 30)) ]
}

@test "full_defconfig is everything" {
	build "$BATS_TEST_TMPDIR/full" full_defconfig
	build "$BATS_TEST_TMPDIR/all" allyesconfig
	# but for what refuses words that everything else takes
	without() { grep -v -e INIT_ROOT_HASH_FROM_INITRAMFS -e CONFIGURATION= "$BATS_TEST_TMPDIR/$1/.config"; }
	same configurations "$(without full)" "$(without all)"
}

@test "what a ready configuration says is what it gives" {
	for name in $(sampled $ready); do
		local dir=$BATS_TEST_TMPDIR/$name
		build "$dir" "$name"
		while read -r line; do
			case $line in
			CONFIG_*=*) grep -qx "$line" "$dir/.config" ;;
			'# What is not named here is off.') ;;
			*) # gone, where it depends on something that is not set either; but not unknown
				line=${line#'# CONFIG_'} line=${line%' is not set'}
				! grep "^CONFIG_$line=" "$dir/.config" &&
					grep -qx "config $line" "$tree/Config.in" "$dir"/include/generated/*.in ;;
			esac || { echo "$name: $line"; return 1; }
		done <"$tree/configs/$name"
	done
}

@test "an option that is on by default does not creep into the small configurations" {
	local dir=$BATS_TEST_TMPDIR/dir
	printf '//config:config CREEPS\n//config:\tbool "Creeps"\n//config:\tdefault y\n' >>"$tree/applets/losetup.c"
	for name in $(sampled $ready); do
		build "$dir" "$name"
		case $name in
		core*_defconfig | boot_* | verity_* | initramfs_*) not grep ^CONFIG_CREEPS= "$dir/.config" ;;
		*) grep ^CONFIG_CREEPS=y "$dir/.config" ;;
		esac || { echo "$name"; return 1; }
	done
	sed -i '/CREEPS/,$d' "$tree/applets/losetup.c"
}

@test "savedefconfig saves what gives the same configuration again" {
	for name in $(sampled $ready); do
		local dir=$BATS_TEST_TMPDIR/$name
		build "$dir" "$name"
		build "$dir" savedefconfig
		cp "$dir/defconfig" "$tree/configs/again_defconfig"
		build "$dir.again" again_defconfig
		same "$name and what it saved" "$(cat "$dir/.config")" "$(cat "$dir.again/.config")"
	done
}

@test "every option has a help text that tells its cost" {
	local dir=$BATS_TEST_TMPDIR/full
	build "$dir" full_defconfig
	[ "$(options "$dir" | wc -l)" -gt 10 ]
	same options "$(options "$dir")" "$(awk '
		$1 == "config" { option = $2; help = 0 }
		help && /^\t  \[-?[0-9]+ bytes(, [0-9-]+)?\]$/ { cost = 1; next }
		help && cost && /[a-z]/ { print option; cost = 0 }
		$1 == "help" { help = 1; cost = 0 }' "$dir"/include/generated/*.in)"
}
