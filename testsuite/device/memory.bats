#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # bats runs each test in a subshell; the rest is in common.bash
# Little memory: what works in how little, and what is said where it is not enough.

load common

prepare() {
	make_image squashfs image
	mkdir d
}

# Runs a command in so many KiB of address space.
within() {
	local kilobytes=$1
	shift
	(ulimit -v "$kilobytes" && exec "$@")
}

# A table of so many mounts, as fstab and /proc/self/mounts have them.
many_mounts() {
	seq "$1" | sed "s,.*,tmpfs& $dir/a/rather/long/name/of/a/mount/point/& tmpfs rw\,nosuid\,nodev\,noexec\,relatime\,size=102400k\,mode=755 0 0,"
}

@test "every applet says how it is used within 4 MiB" {
	local applet

	for applet in $("$lb" | sed -n 's/^Applets: //p'); do
		within 4096 "$lb" "$applet" --help >out
	done
}

@test "every applet does its work within 4 MiB, without faults, in the list of commands for these" {
	local applet missing=''

	# The injector gives each of these no more than that (MEMORY), and ends where one does not do what it should.
	tr -s '\t\n ' ' ' <"$top/testsuite/faults/inject.c" | grep -q 'MEMORY = 4 << 20'
	for applet in $("$lb" | sed -n 's/^Applets: //p'); do
		[ "$applet" != init ] || continue # which boots within the memory that there is: testsuite/boot/init.bats
		grep -Eq "\| $applet( |\$)" "$top/testsuite/faults/commands" || missing="$missing $applet"
	done
	[ -z "$missing" ] || { echo "no command of these:$missing"; false; }
}

@test "applets do their work within 4 MiB" {
	local device

	device=$(within 4096 "$lb" losetup -f --show image)
	within 4096 "$lb" losetup -a | grep -q "^$device:"
	within 4096 "$lb" losetup -l >list
	grep -q "$dir/image" list
	[ "$(within 4096 "$lb" blkid -p -o value -s TYPE "$device")" = squashfs ]
	within 4096 "$lb" blockdev --getsize64 "$device"
	within 4096 "$lb" fstype "$device" | grep -q squashfs
	within 4096 "$lb" mount "$device" d
	within 4096 "$lb" findmnt -n d
	within 4096 "$lb" mountpoint -q d
	within 4096 "$lb" umount d
	within 4096 "$lb" losetup -d "$device"
	eventually unbound "$device"
	within 4096 "$lb" mount -o loop image d
	within 4096 "$lb" umount d
	echo "$dir/image $dir/d squashfs loop 0 0" >fstab
	within 4096 "$lb" mount -a -T fstab
	is_mounted d
	within 4096 "$lb" umount d
}

@test "swapon, swapoff, findfs, modinfo and modprobe do their work within 4 MiB" {
	local device

	truncate -s 1M area
	chmod 600 area
	mkswap -q -L "swap$$" area
	device=$(within 4096 "$lb" losetup -f --show area)
	[ "$(within 4096 "$lb" findfs "LABEL=swap$$")" = "$device" ]
	within 4096 "$lb" swapon "LABEL=swap$$"
	within 4096 "$lb" swapon --show=NAME --noheadings | grep -qx "$device"
	within 4096 "$lb" swapoff "$device"
	run ! grep -q "^$device " /proc/swaps
	within 4096 "$lb" losetup -d "$device"
	mkdir -p modules/lib/modules/1
	printf 'first.ko: second.ko\nsecond.ko:\n' >modules/lib/modules/1/modules.dep
	printf '.section .modinfo,"a"\n.asciz "license=GPL"\n' | gcc -x assembler -c -o modules/lib/modules/1/first.ko -
	[ "$(within 4096 "$lb" modinfo -F license modules/lib/modules/1/first.ko)" = GPL ]
	[ "$(within 4096 "$lb" modprobe -d modules -S 1 -D first | wc -l)" -eq 2 ]
}

@test "veritysetup makes and checks a tree with large blocks, and error correction, within 4 MiB" {
	local size

	head -c 2M /dev/urandom >data
	for size in 4096 65536; do
		rm -f hashes codes
		within 4096 "$lb" veritysetup format data hashes --data-block-size=$size --hash-block-size=$size \
			--fec-device=codes --fec-roots=24 >answer
		within 4096 "$lb" veritysetup verify data hashes "$(sed -n 's/^Root hash: *\t//p' answer)"
	done
}

@test "applets run with little data, by RLIMIT_DATA" {
	prlimit --data=1500000 "$lb" mount -o loop image d
	prlimit --data=1500000 "$lb" findmnt -n d
	prlimit --data=1500000 "$lb" umount d
}

@test "the table of 100,000 mounts fits" {
	many_mounts 100000 >table
	"$lb" findmnt -n -F table >rows
	[ "$(wc -l <rows)" -eq 100000 ]
}

@test "a table that does not fit into memory is told, and nothing is done" {
	{ echo "$dir/image $dir/d squashfs loop 0 0"; many_mounts 50000; } >table
	run ! within 4096 "$lb" findmnt -F table
	[[ $output == *"table: read: Out of memory"* ]]
	run ! prlimit --data=2000000 "$lb" findmnt -F table
	[[ $output == *"table: read: Out of memory"* ]]
	run ! within 4096 "$lb" mount -a -T table
	[[ $output == *"table: read: Out of memory"* ]]
	run ! is_mounted d
}

@test "a file without an end is told to be too large" {
	run ! "$lb" findmnt -F /dev/zero
	[[ $output == *"/dev/zero: read: File too large"* ]]
}
