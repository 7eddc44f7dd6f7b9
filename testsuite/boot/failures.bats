#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# Boots that fail: also on a quiet console, init says once which step failed, on what, and why; then
# the kernel panics and does as panic= says.

load common

prepare_file() {
	cd "$work" || return
	root_tree root
	mkdir root/etc
	echo 'no program' >root/etc/text
	echo 'no format that a kernel knows' >root/etc/executable
	chmod 755 root/etc/executable
	ln -s /missing root/etc/dangling
	squashfs root root.squashfs

	mkdir -p medium/images bare/etc
	cp root.squashfs medium/images/
	: >medium/images/empty
	head -c 511 root.squashfs >medium/images/short
	head -c $(($(wc -c <root.squashfs) / 2)) root.squashfs >medium/images/half
	yes 'no image' | head -c 64K >medium/images/text
	# The superblock is fine, what it points to is not.
	cp root.squashfs medium/images/corrupt
	yes | dd of=medium/images/corrupt bs=1 seek=96 count=$(($(wc -c <root.squashfs) - 96)) conv=notrunc 2>/dev/null
	squashfs bare medium/images/without-init
	cp -r root unusable
	chmod 644 unusable/sbin/init
	squashfs unusable medium/images/unusable
	ext4 medium medium.ext4
	head -c 1M /dev/zero >blank
}

# A quiet boot with the arguments of boot panics: init ends with 1, after one line on the console,
# which is this (an extended regular expression) and gives the reason in words.
panics() { # LINE APPEND [DISK...]
	local line=$1 ours
	shift

	boot "quiet $1" "${@:2}"
	grep -q 'Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100' console ||
		complain 'no panic because init ended with 1'
	untold '.*'
	ours=$(sed -n 's/^\[.*\] loopbox: //p' console)
	[[ $ours =~ ^($line)$ ]] || complain "loopbox says '$ours', not '$line'" || return
	not grep -E 'loopbox: .*error [0-9]' console
}

missing='No such file or directory'

@test "A medium that can't be mounted is named, with the reason" {
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	initramfs
	fails() {
		ln ../initramfs .
		case $1 in
		vdz) panics "/dev/vdz: .*: $missing" 'root=/dev/vdz rootwait=1' ;;
		254:77) panics '/dev/root-254:77: .*: No such device or address' 'root=254:77 rootwait=1' ;;
		blank) panics '/dev/vda: mount.*: Invalid argument.*' 'root=/dev/vda' "$work/blank" ;;
		wrong-type) panics '/dev/vda: mount.*: Invalid argument.*' 'root=/dev/vda rootfstype=squashfs' "$work/medium.ext4" ;;
		no-type) panics '/dev/vda: mount.*: No such device.*' 'root=/dev/vda rootfstype=xyzfs' "$work/medium.ext4" ;;
		flags) panics '/dev/vda: mount.*: Invalid argument.*' 'root=/dev/vda rootflags=nonsense=1' "$work/medium.ext4" ;;
		esac
	}
	each fails vdz 254:77 blank wrong-type no-type flags
}

@test "An image that can't be mounted is named, with the reason" {
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	initramfs
	fails() {
		local name=$1 reason

		ln ../initramfs .
		case $1 in
		missing) reason="open: $missing" ;;
		folder) name=. reason='.*Is a directory|.*not a regular file.*' ;;
		below) name=root.squashfs/below reason='open: Not a directory' ;;
		empty) reason='.*not one sector.*' ;;
		short) reason='truncated: 511 of [0-9,]+ bytes' ;;
		half) reason='truncated: [0-9,]+ of [0-9,]+ bytes' ;;
		text | corrupt) reason='mount.*: (Invalid argument|Input/output error).*' ;;
		esac
		panics "/run/initramfs/medium/images/$name: ($reason)" "root=/dev/vda loop=/images/$name" "$work/medium.ext4"
	}
	each fails missing folder below empty short half text corrupt
}

@test "Without root=, an image that is not in the initramfs is named" {
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	initramfs --modules loop,squashfs
	fails() {
		ln ../initramfs .
		case $1 in
		default) panics "/root.squashfs: open: $missing" '' ;;
		named) panics "/named: open: $missing" 'loop=/named' ;;
		esac
	}
	each fails default named
}

@test "An init that can't be run is named, with the reason" {
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	initramfs
	fails() {
		ln ../initramfs .
		case $1 in
		missing) panics "/missing: init in the new root: $missing" "$usual init=/missing" "$medium" ;;
		text) panics '/etc/text: init in the new root: Permission denied' "$usual init=/etc/text" "$medium" ;;
		folder) panics '/etc: init in the new root: .+' "$usual init=/etc" "$medium" ;;
		dangling) panics "/etc/dangling: init in the new root: $missing" "$usual init=/etc/dangling" "$medium" ;;
		executable) panics '/etc/executable: init in the new root: Exec format error' "$usual init=/etc/executable" "$medium" ;;
		without-init) panics "/sbin/init: init in the new root: $missing" \
			"root=/dev/vda loop=/images/without-init" "$medium" ;;
		unusable) panics "/sbin/init: init in the new root: Permission denied" \
			"root=/dev/vda loop=/images/unusable" "$medium" ;;
		esac
	}
	medium=$work/medium.ext4 usual='root=/dev/vda loop=/images/root.squashfs'
	each fails missing text folder dangling executable without-init unusable
}

@test "What a missing module is needed for fails with the kernel's reason" {
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	fails() {
		case $1 in
		squashfs)
			initramfs --modules virtio_pci,virtio_blk,loop
			panics '/run/initramfs/medium/images/root.squashfs: mount.*: No such device.*' \
				'root=/dev/vda loop=/images/root.squashfs loopfstype=squashfs' "$work/medium.ext4"
			;;
		loop)
			initramfs --modules virtio_pci,virtio_blk,squashfs
			panics "/dev/loop-control: open: $missing" \
				'root=/dev/vda loop=/images/root.squashfs' "$work/medium.ext4"
			;;
		esac
	}
	each fails squashfs loop
}

@test "A module that can't be loaded is told of, and the boot goes on" {
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	initramfs
	mkdir -p more/etc
	cp "$work/root.squashfs" more/no-module.ko
	# That one file is replaced.
	cpio --quiet -i --to-stdout etc/loopbox.modules <initramfs >more/etc/loopbox.modules
	printf '%s\n' /missing.ko /no-module.ko >>more/etc/loopbox.modules
	overlay more
	boot 'root=/dev/vda loop=/images/root.squashfs' "$work/medium.ext4"
	said "/missing.ko: $missing"
	said '/no-module.ko: Exec format error'
	told end
}

@test "A kernel without LOOP_CONFIGURE is named as the reason where nothing else is built in" {
	need legacy
	on legacy
	loopbox=$LOOPBOX_BOOT
	initramfs
	panics '.*: LOOP_CONFIGURE.*Linux 5\.8.*' \
		'root=/dev/vda loop=/images/root.squashfs' "$work/medium.ext4"
}

@test "Where init is all there is, reasons have the names of errnos" {
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_BOOT
	initramfs
	fails() {
		ln ../initramfs .
		case $1 in
		vdz) panics '/dev/vdz: open: ENOENT' 'root=/dev/vdz rootwait=1' ;;
		unusable) panics '/sbin/init: init in the new root: EACCES' \
			'root=/dev/vda loop=/images/unusable' "$work/medium.ext4" ;;
		esac
	}
	each fails vdz unusable
}

@test "A missing device is given up after the seconds of rootwait=, or after ten" {
	need 6.1 newest
	fails() {
		on "${1%-*}"
		loopbox=$LOOPBOX_INITRAMFS
		initramfs
		case $1 in
		*-2) boot 'root=/dev/vda rootwait=2' ;;
		*-default) boot 'root=/dev/vda' ;;
		esac
		said "/dev/vda: .*: $missing"
		case $1 in
		*-2) passed "$(moment 'waiting for /dev/vda')" "$(moment 'loopbox: /dev/vda')" 1.9 4 ;;
		*-default) passed "$(moment 'waiting for /dev/vda')" "$(moment 'loopbox: /dev/vda')" 9.5 13 ;;
		esac
	}
	each fails 6.1-2 6.1-default newest-2
}

@test "After a failure, panic= is obeyed" {
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	initramfs
	# All others here end because of panic=-1.
	panics '/root.squashfs: open: .*' panic=1
	grep -q 'Rebooting in 1 seconds' console
}
