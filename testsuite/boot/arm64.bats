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
	mkfs.erofs --quiet medium/root.erofs root >/dev/null 2>&1 || mkfs.erofs medium/root.erofs root >/dev/null
	head -c 8000 medium/images/a.squashfs >medium/truncated
	cp medium/images/a.squashfs medium/corrupt
	yes | dd of=medium/corrupt bs=1 seek=96 count=$(($(wc -c <medium/corrupt) - 96)) conv=notrunc 2>/dev/null
	ext4 medium medium.ext4 medium
	vfat medium medium.vfat MEDIUM
	iso medium medium.iso THE_ISO
	truncate -s 40M parted
	printf '%s\n' 'label: gpt' 'start=8192, size=32768, uuid=AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE' | sfdisk -q parted
	dd if=medium.ext4 of=parted bs=512 seek=8192 conv=notrunc status=none
	mkdir nothing
	ext4 nothing store.ext4 store
	export LOOPBOX_MACHINE=arm64
}

@test "On arm64, each kind of medium boots" {
	in_turn 2
	need 6.1-arm64
	on 6.1-arm64
	loopbox=$work/build/loopbox
	planned 'root=x loop=x.erofs,x' --medium ext4,vfat,iso9660
	boots() {
		local words='loop=/images/a.squashfs quiet'

		ln ../initramfs .
		case $1 in
		vfat) boot "root=LABEL=MEDIUM $words" "$work/medium.vfat" ;;
		iso) boot "root=LABEL=THE_ISO $words" "$work/medium.iso" ;;
		partuuid) boot "root=PARTUUID=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee $words" "$work/parted" ;;
		squashfs) boot 'root=/dev/vda quiet' "$work/medium/images/a.squashfs" ;;
		erofs) boot 'root=/dev/vda loop=/root.erofs quiet' "$work/medium.ext4" ;;
		truncated | corrupt) boot "root=/dev/vda loop=/$1,/images/a.squashfs quiet" "$work/medium.ext4" ;;
		built-in)
			initramfs --modules loop,squashfs --image "$work/medium/images/a.squashfs"
			boot quiet
			;;
		esac
		told 'fact base base' 'root Read-only file system' end
		case $1 in truncated | corrupt) told "failure .*/$1: .*" ;; esac
	}
	each boots vfat erofs corrupt built-in -- iso partuuid squashfs truncated
}

@test "On arm64, an image, layers, what is written, memory and a fallback boot" {
	in_turn 2
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
				grep -q ': reboot, mounts left: 0' console
			done
			;;
		esac
	}
	each boots layers store -- plain memory fallback
}
