#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # bats runs each test in a subshell; the rest is in common.bash
# switch_root and run-init. Each runs in a mount namespace whose root is a small
# file system made for it, with the machine's programs bound to it read-only: so
# even one that should not go ahead and does can delete nothing else.

load common

# By pivot_root(2), which can leave a tmpfs and, since Linux 7.0, an initramfs, the shell that
# looks afterwards would go along; so this build moves the new root over the old one, as all
# kernels can. testsuite/boot shows both.
prepare_file() {
	make -s -C "$top" O="$work/moving" full_defconfig >/dev/null
	sed -i 's/^CONFIG_FEATURE_HANDOVER_PIVOT=y/# CONFIG_FEATURE_HANDOVER_PIVOT is not set/' "$work/moving/.config"
	make -s -C "$top" O="$work/moving" olddefconfig >/dev/null
	make -s -C "$top" O="$work/moving"
}

# Runs bash lines in such a root of that type: tmpfs, as an initramfs is, or ext4,
# which is none. There is /loopbox, a mount at /new with /new/init, an old file
# and folder, and something mounted in the way. "pid1 COMMAND" runs it as PID 1.
in_root() {
	export LINES_OF_TEST=$2 TYPE=$1

	truncate -s 16M root.ext4
	[ "$1" = tmpfs ] || mkfs.ext4 -q root.ext4
	mkdir root
	unshare -m --propagation private bash -eu <<-'EOT'
		case $TYPE in
		tmpfs) mount -t tmpfs none root ;;
		ext4) mount -o loop root.ext4 root ;;
		esac
		cp "$work/moving/loopbox" root/loopbox
		cd root
		mkdir -p usr proc sys dev run new old old-root kept/mounted
		mount --bind /usr usr
		mount -o remount,bind,ro usr
		for name in bin sbin lib lib64; do ln -s "usr/$name" "$name"; done
		mount -t proc none proc
		mount -t tmpfs none sys
		mount -t tmpfs none dev
		mount -t tmpfs none run
		mount -t tmpfs none kept/mounted
		touch run/marker dev/marker old/file kept/mounted/file file
		mknod dev/null c 1 3
		mount -t tmpfs none new
		mkdir -p new/usr new/proc new/sys new/dev new/run new/folder new/mounted
		mount --bind usr new/usr
		for name in bin sbin lib lib64; do ln -s "usr/$name" "new/$name"; done
		cat >new/init <<'END'
		#!/bin/sh
		echo "init is $0, arguments: $*, PID $$"
		echo "in $(pwd): $(echo /*)"
		cat /proc/self/mounts
		END
		sed -i 's/^\t*//' new/init
		chmod 755 new/init
		printf 'no program' >new/text
		ln -s /init new/link
		ln -s ../../init new/folder/relative
		pivot_root . old-root
		cd /
		umount -l /old-root
		rmdir /old-root
		export PATH=/usr/bin:/usr/sbin
		pid1() { unshare -pf "$@"; }
		state() { cat /proc/self/mounts; find / -xdev; }
		# Succeeds where the command fails, says why, and has changed nothing.
		harmless() {
			local before code=0
			before=$(state)
			"$@" >/dev/null 2>/run/errors || code=$?
			cat /run/errors >&2
			[ "$code" -ne 0 ] && [ -s /run/errors ] && [ "$(state)" = "$before" ] && [ -e /run/marker ]
		}
		set -x
		eval "$LINES_OF_TEST"
	EOT
}

@test "switch_root refuses where it is not PID 1, and changes nothing" {
	in_turn 3
	in_root tmpfs '
		harmless /loopbox switch_root /new /init
		grep -q "PID 1" /run/errors
		harmless /loopbox switch_root /new /missing
		harmless /loopbox run-init /new /init
		grep -q "PID 1" /run/errors'
}

@test "switch_root refuses where the old root is no initramfs, and changes nothing" {
	in_turn 3
	in_root ext4 '
		harmless pid1 /loopbox switch_root /new /init
		grep -q "initramfs" /run/errors
		harmless pid1 /loopbox run-init /new /init
		grep -q "initramfs" /run/errors
		harmless /loopbox run-init -n /new /init'
	eventually nothing_carries "$dir/root.ext4"
}

@test "switch_root refuses a new root that is none, and changes nothing" {
	in_turn 3
	in_root tmpfs '
		for root in /old /new/folder /missing /file / . /proc/self/fd; do
			harmless pid1 /loopbox switch_root "$root" /init
			harmless pid1 /loopbox run-init "$root" /init
			harmless /loopbox run-init -n "$root" /init
		done'
}

@test "switch_root finds a missing or unusable init before anything is deleted" {
	in_turn 3
	in_root tmpfs '
		chmod 644 /new/text
		ln -s /missing /new/dangling
		ln -s loop /new/loop
		mkfifo -m 755 /new/fifo
		for init in /missing /text /folder /dangling /loop /fifo /file /init/below ""; do
			harmless pid1 /loopbox switch_root /new "$init"
			harmless pid1 /loopbox run-init /new "$init"
			harmless /loopbox run-init -n /new "$init"
		done'
}

@test "switch_root called wrongly says how it is called, and changes nothing" {
	in_turn 3
	in_root tmpfs '
		for words in "" "/new" "-Z /new /init" "-c" "-c /dev/null /new"; do
			harmless pid1 /loopbox switch_root $words
			grep -q "Usage: switch_root" /run/errors
			harmless pid1 /loopbox run-init $words
			grep -q "Usage: run-init" /run/errors
		done'
}

@test "run-init -n says yes without a trace, as any process" {
	in_turn 3
	in_root tmpfs '
		before=$(state)
		for init in /init init /link /folder/relative /bin/sh; do
			/loopbox run-init -n /new "$init"
			pid1 /loopbox run-init -n /new "$init"
			/loopbox run-init -n -c /dev/null /new "$init" arguments -x
		done
		[ "$(state)" = "$before" ]
		[ "$(pwd)" = / ]'
}

# Hands over by that command, then tells what is left of the initramfs. The
# machine's programs are out of reach by then, so bash does it alone.
hand_over() {
	export COMMAND=$1
	rm -rf --one-file-system root
	run --separate-stderr in_root tmpfs "${2-}"'
		pid1 /loopbox $COMMAND >/kept/mounted/report
		printf "%s\n" "$(</kept/mounted/report)" "left: $(echo /* /kept/mounted/*)"'
	printf '%s\n' "$COMMAND: exit $status" "$output" "$stderr" >&2
	[ "$status" -eq 0 ]
}

@test "switch_root moves the mounts, frees the initramfs and becomes init" {
	local words at
	for words in "switch_root /new /init a -b" "switch_root /new/ /init a -b" "switch_root new init a -b" \
		"run-init /new /init a -b" "switch_root /new /link a -b"; do
		hand_over "$words"
		[[ $output == *"arguments: a -b, PID 1"$'\n'"in /: "* ]]
		[[ $output == *" /folder "* ]]
		for at in proc sys dev run; do [[ $output == *" /$at "* ]]; done
		# in the way of nothing: what is mounted there is not the initramfs
		[[ $output == *"left: /kept /usr /kept/mounted/file /kept/mounted/report" ]]
	done
}

@test "switch_root -c gives init the console for its descriptors" {
	in_turn 3
	hand_over "switch_root -c /dev/null /new /init"
	[[ $output == $'\n'"left: "* ]]
	# One that can not be opened is told, and does not end it.
	hand_over "switch_root -c /dev/none /new /init a"
	[[ $output == *"arguments: a, PID 1"* ]]
	[[ $stderr == *"switch_root: /dev/none: open: No such file or directory"* ]]
}

@test "switch_root goes on where the mounts have been moved before" {
	in_turn 3
	hand_over "switch_root /new /init" '
		for name in proc sys dev run; do mount -n --move "/$name" "/new/$name"; done'
	for at in proc sys dev run; do [[ $output == *" /$at "* ]]; done
	[[ $output == *"left: /kept /usr "* ]]
}

@test "run-init -p keeps the initramfs" {
	in_turn 3
	hand_over "run-init -p /new /init"
	[[ $output == *"PID 1"* ]]
	[[ $output == *"left: "*" /file "*" /old "* ]]
}

@test "init refuses to run as anything but PID 1" {
	in_turn 3
	in_root tmpfs '
		harmless /loopbox init
		harmless /loopbox init single'
}
