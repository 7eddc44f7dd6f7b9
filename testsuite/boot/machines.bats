#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# Each architecture boots, on one of Debian's kernels: a verified squashfs on a disk, an overlay, and
# dates of 2040, which fit no 32-bit time_t. loopbox is without a C library there, as everywhere.
# armhf in `make check`, all that Debian has a kernel for in `make soak`.

load common

# NAME COMPILER KERNEL PACKAGE-OF-QEMU
machines='
arm64 aarch64-linux-gnu 6.1-arm64 qemu-system-aarch64
arm64-16k aarch64-linux-gnu 6.12-arm64 qemu-system-aarch64
armhf arm-linux-gnueabihf 6.1-armhf qemu-system-arm
i386 i686-linux-gnu 6.1-i386 qemu-system-i386
mips64el mips64el-linux-gnuabi64 6.1-mips64el qemu-system-mips64el
mipsel mipsel-linux-gnu 6.1-mipsel qemu-system-mipsel
ppc64el powerpc64le-linux-gnu 6.1-ppc64el qemu-system-ppc64
riscv64 riscv64-linux-gnu 6.12-riscv64 qemu-system-riscv64
s390x s390x-linux-gnu 6.1-s390x qemu-system-s390x
'

@test "Each architecture boots a verified squashfs with an overlay, in 2040" {
	in_turn 2
	boots() {
		local triplet name program compiler size hash machine=${1%-16k}

		read -r _ triplet name program <<<"$(grep "^$1 " <<<"$machines")"
		for program in "$triplet-gcc" "$program"; do
			command -v "$program" >/dev/null || { echo "$1: $program is not installed" >&2; return 1; }
		done
		dir=$PWD on "$name" || { cat unfetched >&2; return 1; }
		compiler=$("$top/scripts/cross-compiler" "$machine")
		make -s -C "$top" O="$PWD/build" full_defconfig >/dev/null
		# shellcheck disable=SC2086 # CC=... CROSS_COMPILE=...
		make -s -C "$top" O="$PWD/build" WERROR=1 $compiler
		loopbox=$PWD/build/loopbox

		root_with root "$1"
		"$triplet-gcc" -Os -static -s -D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64 -o root/sbin/init "$here/guest-init.c"
		mkdir medium
		squashfs root medium/root.squashfs
		size=$(stat -c %s medium/root.squashfs)
		hash=$(veritysetup format medium/root.squashfs medium/root.squashfs --hash-offset="$size" | sed -n 's/^Root hash: *\t//p')
		touch -d 2040-01-01 medium/root.squashfs medium
		ext4 medium medium.ext4 medium

		planned "root=LABEL=medium loop=/root.squashfs roothash=x rd.overlay" --medium ext4
		export LOOPBOX_MACHINE=$machine LOOPBOX_QEMU='-rtc base=2040-01-01'
		[ "$1" = "$machine" ] || export LOOPBOX_CPU=max,pauth-impdef=on
		boot "root=LABEL=medium loop=/root.squashfs roothash=$hash rd.overlay" medium.ext4
		said 'verified /run/initramfs/medium/root.squashfs: /dev/dm-0'
		told "fact $1 $1" 'root writable' 'mount overlay / overlay .*' end
		has_console_only
		# armhf's driver of the clock is a module.
		[ "$1" = armhf ] || told 'year 2040'
		rm -rf --one-file-system build root medium
	}
	each boots armhf -- arm64 arm64-16k i386 mips64el mipsel ppc64el riscv64 s390x
}
