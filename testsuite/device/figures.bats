#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # bats runs each test in a subshell; the rest is in common.bash
# What the four operations cost: `losetup -f --show -r FILE`, `losetup -d DEV`,
# `mount -o loop,ro -t squashfs FILE DIR`, `umount DIR`, of core_defconfig, with
# an empty environment. Each is measured by what it is called by, its link.

load common

prepare() {
	make_image squashfs file
	mkdir d links
	for name in losetup mount umount; do ln -s "$LOOPBOX_CORE" "links/$name"; done
}

# Fails where the figure is above the goal; prints it in any case.
at_most() {
	local what=$1 figure=$2 goal=$3

	echo "# $what: $figure (goal $goal)" >&3
	[ "$figure" -gt 0 ]
	[ "$figure" -le "$goal" ]
}

# The system calls of a command, execve and exit included.
system_calls() {
	env -i "$(command -v strace)" -f -qq -o trace -- "$@" >output
	wc -l <trace
}

@test "An attach takes at most 11 system calls, a detach 6" {
	at_most "system calls, attach" "$(system_calls links/losetup -f --show -r file)" 11
	carried "$dir/file"
	at_most "system calls, detach" "$(system_calls links/losetup -d "$(<output)")" 6
	eventually nothing_carries "$dir/file"
}

@test "A mount of an image takes at most 12 system calls, a umount 5" {
	at_most "system calls, mount" "$(system_calls links/mount -o loop,ro -t squashfs file d)" 12
	is_mounted "$dir/d"
	at_most "system calls, umount" "$(system_calls links/umount d)" 5
	eventually nothing_carries "$dir/file"
}

# Adds the microseconds that a command takes to $spent.
add_time() {
	local start=$EPOCHREALTIME end

	"$@" || return
	end=$EPOCHREALTIME
	spent=$((spent + (${end/./} - ${start/./})))
}

# best NAME MOUNT... -- UMOUNT...: $NAME becomes the least that both have taken.
best() {
	local name=$1 words=() spent=0
	shift

	while [ "$1" != -- ]; do words+=("$1"); shift; done
	shift
	add_time "${words[@]}"
	add_time "$@"
	eventually nothing_carries "$dir/file"
	[ "${!name}" -le "$spent" ] || printf -v "$name" %d "$spent"
}

@test "Before 5.8 a mount and umount take 1.1 times a bare program's time, and 1.3 times that since then" {
	local round bare=1000000 legacy=1000000 since=1000000

	mkdir legacy configure
	for name in mount umount; do
		ln -s "$LOOPBOX_LEGACY" "legacy/$name"
		ln -s "$LOOPBOX_CONFIGURE" "configure/$name"
	done
	# On a busy machine it takes more rounds until each has had a quiet moment.
	for ((round = 0; round < 60 || (round < 400 && (legacy * 100 > bare * 110 || legacy * 100 > since * 130)); round++)); do
		best bare bare-mount file d -- bare-mount d
		best legacy legacy/mount -o loop,ro -t squashfs file d -- legacy/umount d
		best since configure/mount -o loop,ro -t squashfs file d -- configure/umount d
	done
	at_most "microseconds of a mount and umount before 5.8, bare $bare" "$legacy" $((bare * 110 / 100))
	at_most "the same, since 5.8 $since" "$legacy" $((since * 130 / 100))
}
