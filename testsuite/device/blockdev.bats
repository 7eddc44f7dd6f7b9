#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # bats runs each test in a subshell; the rest is in common.bash
# blockdev, mountpoint, pivot_root and fstype, beside util-linux's and klibc's.

load common

prepare() {
	mkdir d e
}

# Each command of blockdev, on a new device, and what it is like then.
alike() {
	local words theirs ours bad=0

	for words in "$@"; do
		losetup "$device" file
		# shellcheck disable=SC2086
		theirs=$(answer blockdev $words "$device"; blockdev --getro --getra --getfra "$device")
		detach "$device"
		losetup "$device" file
		# shellcheck disable=SC2086
		ours=$(answer "$lb" blockdev $words "$device"; blockdev --getro --getra --getfra "$device")
		detach "$device"
		same "blockdev $words" "$theirs" "$ours" || bad=1
	done
	return "$bad"
}

@test "blockdev answers and sets what util-linux's does" {
	truncate -s 5M file
	own_device
	alike --getsz --getsize64 --getss --getpbsz --getro --getiomin --getioopt --getalignoff --getmaxsect --getbsz \
		--getsize --getra --getfra --getdiscardzeroes "--setro --getro" "--setrw --getro" "--setra 100 --getra" \
		"--setra 0x40" "--setfra 64" "--setbsz 1024" --flushbufs --rereadpt "--getss --getsz --getsize64" "-q --getss" \
		"--bogus" "--setra x" "--setra 0x40" "--setra" "-v --getsz" "--getsz -v" "--get" "--setbsz 3" \
		"--setro --bogus" "-getsz"
}

@test "blockdev takes several devices, and says of each what is wrong" {
	truncate -s 1M file
	own_device
	losetup "$device" file
	agrees blockdev --getsz "$device" "$device"
	refuses 1 "nosuch: open: No such file" "$lb" blockdev --getsz nosuch
	refuses 1 "/dev/null: not a regular file or block device" "$lb" blockdev --getsz /dev/null
	refuses 1 "file: getsz: Inappropriate ioctl" "$lb" blockdev --getsz file
	refuses 1 "sage" "$lb" blockdev "$device"
	refuses 1 "sage" "$lb" blockdev --getsz
	run --separate-stderr "$lb" blockdev --getsz nosuch "$device"
	[ "$status" -eq 1 ] && [ "$output" = 2048 ]
	# the first that fails is the last
	refuses 1 "rereadpt" "$lb" blockdev --rereadpt --setro "$device"
	[ "$(blockdev --getro "$device")" -eq 0 ]
	run "$lb" blockdev -v --setro --getss "$device"
	[ "$output" = "$device: setro succeeded"$'\n'512 ]
}

@test "mountpoint tells as util-linux's" {
	local words

	ln -s d link
	: >file
	inside '
		mount -t ramfs none d
		mount --bind /etc/passwd file
		bad=0
		while read -r words; do
			code=0 theirs=$(eval mountpoint $words 2>/dev/null) || code=$?
			theirs+=" exit $code" code=0
			ours=$(eval "$LOOPBOX_FULL" mountpoint $words 2>/dev/null) || code=$?
			ours+=" exit $code"
			[ "$theirs" = "$ours" ] || { echo "mountpoint $words: $theirs, ours: $ours" >&2; bad=1; }
		done <<-END
			d
			-q d
			-d d
			/
			e
			-q e
			-d e
			nosuch
			-q nosuch
			-x /dev/null
			--nofollow --devno /dev/null
			-x nosuch
			-q -x file
			file
			-d file
			link
			--nofollow link
			-d link
			link/
			--nofollow d

			d e
			-z d
			-qd d
			-xd d
			/etc/passwd
			/proc
			.
			--quiet --fs-devno d
			""
			-q ""
		END
		exit $bad'
	own_device
	agrees mountpoint -x "$device"
	agrees mountpoint --devno "$device"
	refuses 1 "nosuch: No such file" "$lb" mountpoint nosuch
}

@test "mountpoint -n prints the source, as busybox's" {
	make_image squashfs squashfs
	own_device
	losetup -r "$device" squashfs
	inside '
		mount -t ramfs none e
		mount '"$device"' d
		[ "$("$LOOPBOX_FULL" mountpoint -n d)" = "'"$device"' d" ]
		[ "$("$LOOPBOX_FULL" mountpoint -n e)" = "UNKNOWN e" ]'
	run "$lb" mountpoint -n e
	[ "$status" -eq 32 ]
}

@test "Before Linux 5.8 the list of mounts tells what is a mount point" {
	# what statx says of an older kernel: nothing about it
	faulty statx:error=ENOSYS "$lb" mountpoint d
	[ "$status" -eq 32 ]
	faulty statx:error=ENOSYS "$lb" mountpoint /proc
	[ "$status" -eq 0 ]
	[ "$output" = "/proc is a mountpoint" ]
}

@test "pivot_root swaps the roots, or says why not, as util-linux's" {
	for pivot in pivot_root "$lb pivot_root"; do
		inside '
			mount -t tmpfs none d
			mkdir d/{usr,proc,old}
			mount --bind /usr d/usr
			mount --bind /proc d/proc
			for name in bin lib lib64 sbin; do ln -s usr/$name d/$name; done
			cp "$LOOPBOX_FULL" d/loopbox
			mkdir d/'"$(dirname "$LOOPBOX_FULL")"' -p
			cp "$LOOPBOX_FULL" d/'"$LOOPBOX_FULL"'
			cd d
			'"$pivot"' . old
			cd /
			test -e /old/etc/passwd && test ! -e /etc && test -e /loopbox'
	done
	refuses 1 "e: change the root, with the old root at e/old: " "$lb" pivot_root e e/old
	refuses 1 "sage" "$lb" pivot_root e
	agrees pivot_root nosuch nosuch/old
	agrees pivot_root
	refuses 1 "e: change the root, with the old root at e/old: Operation not permitted" setpriv --reuid=65534 --clear-groups \
		"$lb" pivot_root e e/old
}

# klibc's, which a machine need not have, has printed this for such images.
@test "fstype prints what a shell can evaluate" {
	local type

	for type in squashfs ext2 ext3 ext4; do
		make_image "$type" "$type"
		eval "$("$lb" fstype "$type")"
		[ "$FSTYPE" = "$type" ]
		[ "$type" = squashfs ] || [ "$FSSIZE" -eq $((4 << 20)) ]
		[ "$("$lb" fstype <"$type")" = "$("$lb" fstype "$type")" ]
		[ "$("$lb" fstype - <"$type")" = "$("$lb" fstype "$type")" ]
	done
	make_image squashfs squashfs
	[ "$("$lb" fstype squashfs | tail -1)" = "FSSIZE=$(unsquashfs -s squashfs | sed -n 's/^Filesystem size \([0-9]*\) bytes.*/\1/p')" ]
	truncate -s 320M xfs btrfs
	mkfs.xfs -q xfs
	mkfs.btrfs -q btrfs >/dev/null
	for type in xfs btrfs; do
		[ "$("$lb" fstype "$type")" = "FSTYPE=$type"$'\n'"FSSIZE=$((320 << 20))" ]
	done
	truncate -s 1M swap
	mkswap -q swap 2>/dev/null
	[ "$("$lb" fstype swap)" = $'FSTYPE=swap\nFSSIZE=0' ]
	printf S1SUSPEND | dd of=swap bs=1 seek=4086 conv=notrunc status=none
	[ "$("$lb" fstype swap)" = $'FSTYPE=suspend\nFSSIZE=0' ]
	truncate -s 20M luks
	echo secret | cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 luks -
	[ "$("$lb" fstype luks)" = $'FSTYPE=luks\nFSSIZE=0' ]
	head -c 64K /dev/urandom >noise
	run "$lb" fstype noise
	[ "$status" -eq 1 ]
	[ "$output" = $'FSTYPE=unknown\nFSSIZE=0' ]
	refuses 2 "d: not a regular file" "$lb" fstype d
	refuses 2 "nosuch" "$lb" fstype nosuch
	refuses 1 "sage" "$lb" fstype a b
}
