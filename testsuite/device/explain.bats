#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # bats runs each test in a subshell; the rest is in common.bash
# Why something is not mounted: what mount says.

load common

prepare() {
	mkdir d tree
	head -c 300000 /dev/urandom >tree/file
	mksquashfs tree squashfs -quiet -no-progress -noappend >/dev/null
}

# Nothing is left of an image that was refused.
refuses_image() {
	refuses "$@"
	eventually nothing_carries "$dir"
}

@test "A truncated image is named as that, with its sizes, squashfs and erofs" {
	local type words
	make_image erofs erofs
	for type in squashfs erofs; do
		head -c 3000 "$type" >short
		for words in "" "-o loop" "-t $type" "-t auto"; do
			# shellcheck disable=SC2086
			refuses_image 32 "$dir/short: truncated: 3,000 of " "$lb" mount $words "$dir/short" d
		done
	done
	echo "$dir/short $dir/d auto ro 0 0" >fstab
	refuses_image 32 "$dir/short: truncated: 3,000 of " "$lb" mount -a -T fstab
}

@test "What is no file system is named as what it is" {
	truncate -s 20M swap luks
	mkswap -q swap
	refuses_image 32 "swap: a swap area" "$lb" mount "$dir/swap" d
	echo -n x | cryptsetup -q luksFormat --pbkdf pbkdf2 --pbkdf-force-iterations 1000 luks -
	refuses_image 32 "luks: a LUKS volume" "$lb" mount "$dir/luks" d
	refuses_image 32 "luks: a LUKS volume" "$lb" mount -t ext4 "$dir/luks" d
	own_device
	losetup "$device" luks
	refuses 32 "$device: a LUKS volume" "$lb" mount "$device" d
	losetup -d "$device"
}

@test "A version or block size that no kernel takes is named" {
	printf '\003' | dd of=squashfs bs=1 seek=28 conv=notrunc status=none
	refuses_image 32 "a squashfs before version 4" "$lb" mount "$dir/squashfs" d
	printf '\004' | dd of=squashfs bs=1 seek=28 conv=notrunc status=none
	printf '\001' | dd of=squashfs bs=1 seek=12 conv=notrunc status=none
	refuses_image 32 "a squashfs with a bad block size" "$lb" mount "$dir/squashfs" d
}

@test "Another type than is there, and one that the kernel does not have, are named" {
	refuses_image 32 "squashfs: not ext4, but squashfs" "$lb" mount -t ext4 "$dir/squashfs" d
	refuses_image 32 "squashfs: not ext4, but squashfs" "$lb" mount -t ext4 squashfs d
	refuses 32 'none: this kernel has no file system type "bogusfs"' "$lb" mount -t bogusfs none d
}

@test "The kernel's own words are told, by fsopen(2) or by its log" {
	make_image ext4 ext4
	truncate -s 2M ext4
	refuses_image 32 "ext4: the kernel refused it as ext4: " "$lb" mount "$dir/ext4" d
	[[ $stderr == *"bad geometry"* ]]
	refuses_image 32 "squashfs: the kernel refused it as squashfs: Unknown parameter 'foo'" "$lb" mount -o foo squashfs d
	refuses 32 "none: the kernel refused it as tmpfs: Unknown parameter 'bogus'" \
		"$lb" mount -t tmpfs -o bogus=1 none d
	faulty fsopen:error=ENOSYS "$lb" mount -t tmpfs -o bogus=1 none d
	[ "$status" -eq 32 ]
	[[ $stderr == *"none: the kernel refused it as tmpfs: Unknown parameter 'bogus'"* ]]
	run ! is_mounted d
	truncate -s 1M blank
	refuses_image 32 "blank: wrong type, bad option or superblock" "$lb" mount "$dir/blank" d
}

@test "The mount point is named where it is to blame" {
	refuses 32 "squashfs: mount point is not a directory" "$lb" mount -t tmpfs none squashfs
	refuses 32 "missing: mount point: No such file or directory" "$lb" mount -t tmpfs none missing
	refuses_image 32 "squashfs/x: mount point: Not a directory" "$lb" mount squashfs squashfs/x
}

@test "squashfs and erofs are attached read-only, however their type is found" {
	local type words
	make_image erofs erofs
	for type in squashfs erofs; do
		for words in "" "-t $type" "-t auto" "-o loop" "-t squashfs,erofs"; do
			# shellcheck disable=SC2086
			run --separate-stderr "$lb" mount $words "$type" d
			[ "$status" -eq 0 ]
			[ -z "$stderr" ]
			# erofs may need no device (Linux 6.12)
			device=$(findmnt -n -o SOURCE d)
			[[ $device != /dev/loop* ]] || [ "$(cat "/sys/block/${device#/dev/}/ro")" = 1 ]
			umount d
			eventually nothing_carries "$dir"
		done
	done
}
