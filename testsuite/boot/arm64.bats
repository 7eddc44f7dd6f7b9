#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# The same init on another machine, built by a cross compiler and another C library.

load common

prepare_file() {
	cd "$work" || return
	aarch64-linux-gnu-gcc -Os -static -s -o bin/guest-init "$here/guest-init.c"
	make -s -C "$top" O="$work/build" initramfs_defconfig >/dev/null
	make -s -C "$top" O="$work/build" CROSS_COMPILE=aarch64-linux-gnu-
	mkdir -p medium/images
	root_with root base
	squashfs root medium/images/a.squashfs
	layer second second
	squashfs second medium/images/b.squashfs
	ext4 medium medium.ext4 medium
	mkdir nothing
	ext4 nothing store.ext4 store
	export LOOPBOX_MACHINE=arm64
}

@test "On arm64, an image, layers, what is written, memory and a fallback boot" {
	need 6.1-arm64
	on 6.1-arm64
	loopbox=$work/build/loopbox
	planned 'root=x loop=x rd.overlay'
	cp "$work/store.ext4" store.img
	boots() {
		ln ../initramfs .
		case $1 in
		plain)
			boot 'root=LABEL=medium loop=/images/a.squashfs quiet' "$work/medium.ext4"
			told 'fact base base' 'root Read-only file system' 'mount /dev/loop0 / squashfs .*' end
			has_console_only
			;;
		layers)
			boot 'root=/dev/vda loop=/images/ rd.overlay quiet' "$work/medium.ext4"
			told 'fact base base' 'fact second second' 'root writable' end
			;;
		memory)
			boot 'root=/dev/vda loop=/images/a.squashfs loopbox.toram' "$work/medium.ext4"
			told 'fact base base' end
			untold 'mount /dev/vda .*'
			;;
		fallback)
			boot 'root=/dev/vda loop=/missing,/images/a.squashfs quiet' "$work/medium.ext4"
			told 'fact base base' 'failure .*/missing: open: No such file or directory' end
			;;
		store)
			for n in 1 2; do
				boot 'root=/dev/vda loop=/images/a.squashfs rd.overlay=LABEL=store guest=systemd quiet' "$work/medium.ext4" ../store.img:rw
				told "boots $n" shutdown end
				grep -q ': 0 mounts left, reboot' console
			done
			;;
		esac
	}
	each boots plain layers memory fallback store
}
