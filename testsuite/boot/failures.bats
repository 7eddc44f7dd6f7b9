#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# Boots that fail: also on a quiet console, init says once which step failed, on what, and why, as
# the kernel gives the reason; then the kernel panics and does as panic= says. What init says of
# each failure is shown by unit tests (testsuite/unit/test_init.c).

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

	mkdir -p medium/images
	cp root.squashfs medium/images/
	# The superblock is fine, what it points to is not.
	cp root.squashfs medium/images/corrupt
	yes | dd of=medium/images/corrupt bs=1 seek=96 count=$(($(wc -c <root.squashfs) - 96)) conv=notrunc 2>/dev/null
	cp -r root unusable
	chmod 644 unusable/sbin/init
	squashfs unusable medium/images/unusable
	ext4 medium medium.ext4
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

@test "A medium, an image and a device that can't be had are named, and panic= is obeyed" {
	in_turn 3
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	initramfs
	fails() {
		ln ../initramfs .
		case $1 in
		254:77) panics '/dev/root-254:77: .*: No such device or address; seen: no device' 'root=254:77 rootwait=1' ;;
		flags) panics '/dev/vda: .*(Invalid argument|bad option|nonsense).*' 'root=/dev/vda rootflags=nonsense=1' "$work/medium.ext4" ;;
		corrupt) panics '/run/initramfs/medium/images/corrupt: .*(Invalid argument|Input/output error|superblock|unable to read).*' \
			'root=/dev/vda loop=/images/corrupt' "$work/medium.ext4" ;;
		panic)
			# All others end because of panic=-1.
			panics '/root.squashfs: not in the initramfs, and no root= and no loop=: nothing to boot' panic=1
			grep -q 'Rebooting in 1 seconds' console
			;;
		esac
	}
	each fails 254:77 flags corrupt panic
}

# Lines of 80 characters that the console has from a line of ours on.
screen_lines() {
	sed -n '/loopbox: .*by-id/,$p' console | fold -w 80 | wc -l
}

@test "The last reason stays on a screen of 80 by 25, whatever quiet, loglevel= and panic= say" {
	in_turn 3
	need 5.10 6.1 newest
	stays() {
		on "${1%-*}"
		loopbox=$LOOPBOX_INITRAMFS
		initramfs
		case $1 in
		*-0) boot 'loglevel=0 panic=-1 root=/dev/disk/by-id/x' ;;
		*-3) boot 'loglevel=3 panic=1 root=/dev/disk/by-id/x' ;;
		*-quiet) boot 'quiet panic=-1 root=/dev/disk/by-id/x' ;;
		*-wait)
			# A guest that nothing reboots, and that is ended here.
			LOOPBOX_BOOT_TIMEOUT=90 boot 'quiet panic=0 loopbox.wait=2 root=/dev/disk/by-id/x' || :
			grep -q 'waiting 2 s, then the kernel panics' console
			grep -q 'Kernel panic' console
			;;
		esac
		grep -q 'loopbox: /dev/disk/by-id/x: names by udev are not supported' console || complain 'no reason'
		[ "$(screen_lines)" -le 24 ] || complain "the reason is $(screen_lines) lines above the end"
	}
	each stays 6.1-0 newest-3 -- 6.1-wait 5.10-0 5.10-quiet 6.1-3 6.1-quiet newest-0 newest-quiet
}

@test "An init that can't be run is named, with the reason" {
	in_turn 3
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	initramfs
	fails() {
		ln ../initramfs .
		case $1 in
		folder) panics '/etc: init in the new root: .+' "$usual init=/etc" "$medium" ;;
		dangling) panics "/etc/dangling: init in the new root: $missing" "$usual init=/etc/dangling" "$medium" ;;
		executable) panics '/etc/executable: not a program \(an ELF file or a script\)' "$usual init=/etc/executable" "$medium" ;;
		unusable) panics "/sbin/init: init in the new root: Permission denied" \
			"root=/dev/vda loop=/images/unusable" "$medium" ;;
		esac
	}
	medium=$work/medium.ext4 usual='root=/dev/vda loop=/images/root.squashfs'
	each fails folder dangling executable unusable
}

@test "What a missing module is needed for fails with the kernel's reason" {
	in_turn 3
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	fails() {
		case $1 in
		squashfs)
			initramfs --modules virtio_pci,virtio_blk,loop
			panics '/run/initramfs/medium/images/root.squashfs: .*no (such )?file system type.*' \
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
	in_turn 3
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
	for_soak
	need legacy
	on legacy
	loopbox=$LOOPBOX_BOOT
	initramfs
	panics '.*: LOOP_CONFIGURE.*Linux 5\.8.*' \
		'root=/dev/vda loop=/images/root.squashfs' "$work/medium.ext4"
}

@test "Where init is all there is, reasons have the names of errnos" {
	in_turn 3
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
