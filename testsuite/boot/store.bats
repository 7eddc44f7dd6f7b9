#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# The device for what is written, as firmware has it: a folder for each slot, a factory reset, a place
# behind the image that gets its file system at the first boot.

load common

prepare_file() {
	cd "$work" || return
	mkdir medium
	root_with base base
	squashfs base medium/a.squashfs
	ext4 medium medium.ext4 medium
	truncate -s 20M parted
	printf '%s\n' 'label: gpt' 'start=2048, size=32768, name=system' | sfdisk -q parted
	dd if=medium.ext4 of=parted bs=512 seek=2048 conv=notrunc,sparse status=none
	# What two slots have written, and the wish to begin anew.
	mkdir -p data/system-a.squashfs/upper/facts data/system-a.squashfs/work data/other/upper
	echo old >data/system-a.squashfs/upper/facts/old
	ln -s /run/initramfs/medium data/system-a.squashfs/upper/facts/link
	echo kept >data/other/upper/kept
	touch data/reset
	ext4 data data.ext4 store
}

@test "A flag empties what one slot has written, once, on a store that is required" {
	in_turn 2
	need 6.1
	on 6.1
	local plan='root=PARTLABEL=system loop=a.squashfs rd.overlay=LABEL=store:/%s/upper,required loopbox.reset.on=reset guest=systemd quiet'
	planned "$plan"
	cp "$work/data.ext4" store
	for n in 1 2; do
		boot "$plan" "$work/parted" store:rw
		told "boots $n" 'root writable' 'fact base base' 'state root=PARTLABEL=system' 'state root.number=1' \
			'state device=/dev/vda1' 'state partlabel=system' 'state image=a.squashfs' \
			'state image.number=1' 'state medium=/dev/vda1' 'state store=/dev/vdb' end
		not grep -q 'guest: fact old' console
		debugfs -R 'ls -p /' store 2>/dev/null | not grep -q /reset/
		debugfs -R 'cat /other/upper/kept' store 2>/dev/null | grep -qx kept
	done
	debugfs -R 'ls -p /system-a.squashfs' store 2>/dev/null | grep -q /upper/

	# Where it can't be had, nothing boots.
	boot "${plan/LABEL=store//dev/vdb} panic=-1" "$work/parted" "$work/medium/a.squashfs"
	grep -q '/dev/vdb: squashfs can.t keep a writable layer' console
	grep -q '/dev/vdb:/%s/upper,required: the device of the writable layer could not be used' console
	not grep -q 'guest:' console
}

@test "What is behind the image on its partition gets a file system at the first boot, and keeps it" {
	in_turn 2
	need 6.1
	on 6.1
	local plan='root=/dev/vda rd.overlay=behind,required loopbox.format=ext4 guest=systemd'
	planned "$plan" 2>messages
	grep -q 'needs mkfs.ext4' messages
	theirs mkfs.ext4
	mkdir programs/sbin
	mv programs/theirs/mkfs.ext4 programs/sbin
	overlay programs
	cp "$work/medium/a.squashfs" disk
	truncate -s 24M disk
	for n in 1 2; do
		boot "$plan" disk:rw
		told "boots $n" 'root writable' 'fact base base' 'mount /dev/loop0 /run/initramfs/overlay ext4 rw,.*' end
		grep -q ': reboot, mounts left: 0' console || complain 'it was not all unmounted'
		[ "$n" != 1 ] || grep -q '/dev/loop0: is blank; making a file system on it by /sbin/mkfs.ext4' console
		[ "$n" != 2 ] || not grep -q 'making a file system' console
	done
	# The image is as it was, and what is behind it begins at the next 64 KiB, and is clean.
	size=$(wc -c <"$work/medium/a.squashfs")
	cmp -n "$size" disk "$work/medium/a.squashfs"
	dd if=disk of=rest bs=64K skip=$(((size + 65535) / 65536)) status=none
	dumpe2fs -h rest 2>/dev/null | grep -E 'state: *clean$'
}
