#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# Kernels that lack what others take for granted: what needs none of it boots, and of all else one line says which
# option is missing. They are built for this, see tiny-kernel.

load common

prepare_file() {
	[ ! "${LOOPBOX_SAMPLE-}" ] || return 0
	cd "$work" || return
	root_tree root
	squashfs root root.squashfs
	mkdir -p medium
	cp root.squashfs medium
	mke2fs -q -t ext2 -L data -d medium medium.ext2 8M
	mke2fs -q -t ext2 -L root -d root root.ext2 8M
	cp root.squashfs verified
	"$LOOPBOX_FULL" veritysetup format verified verified --hash-offset="$(stat -c %s root.squashfs)" >says
	awk '/^Root hash:/ { print $NF }' says >roothash
	[ -s roothash ]
}

# Has ./initramfs of $loopbox for one of tiny-kernel's. `make check` leaves out what takes minutes to build.
tiny() { # NAME
	for_soak
	or_skip "$here/tiny-kernel" "$1" >folder
	kernel=$(<folder)
	"$top/scripts/mkinitramfs" -c none --loopbox "$loopbox" -o initramfs
}

usual='root=/dev/vda loop=/root.squashfs'

# The guest's root is on that device, and of that type.
is_up() { # DEVICE TYPE
	told 'pid 1' "mount $1 / $2 .*" end
}

# The boot ends without an image's init, and one line says this: twice where the kernel can't tell what its
# console shows (PROC_SYSCTL).
lacks() { # REGEX WORDS DISK...
	boot "$2 rootwait=1 loopbox.wait=0" "${@:3}"
	said "$1" || return
	same lines 1 "$(grep -E -- "loopbox: .*($1)" console | sort -u | wc -l)" || return
	untold 'pid 1'
}

@test "Without devtmpfs, sysfs, tmpfs, network, modules and loop devices, a partition boots" {
	tiny bare
	for words in root=/dev/vda root=254:0 root=fe00 'root=/dev/vda rootfstype=squashfs'; do
		boot "$words" "$work/root.squashfs"
		is_up '[^ ]+' squashfs
		said '/dev: this kernel has no devtmpfs \(CONFIG_DEVTMPFS\)'
		said '/sys: this kernel has no sysfs \(CONFIG_SYSFS\)'
		untold 'mount (devtmpfs|sysfs) .*'
	done
	boot root=LABEL=root "$work/medium.ext2" "$work/root.ext2"
	is_up /dev/vdb ext2
}

@test "A build without the option for small kernels boots it by the device's number, or says what is missing" {
	for loopbox in "$LOOPBOX_BOOT" "$LOOPBOX_INITRAMFS"; do
		tiny bare
		boot root=254:0 "$work/root.squashfs"
		is_up '[^ ]+' squashfs
		lacks 'no devtmpfs|devtmpfs: mount: No such device' root=/dev/vda "$work/root.squashfs"
	done
}

@test "What is missing for an image, for layers and for a root hash is named" {
	tiny bare
	hash=$(<"$work/roothash")
	lacks 'root\.squashfs: .*\(CONFIG_BLK_DEV_LOOP, or the module loop\)' "$usual" "$work/medium.ext2"
	lacks 'overlay: .*\(CONFIG_OVERLAY_FS, or the module overlay\)' 'root=/dev/vda rd.overlay' "$work/root.squashfs"
	lacks '/dev/mapper/control: .*\(CONFIG_BLK_DEV_DM, or the module dm-mod\)' "root=/dev/vda roothash=$hash" \
		"$work/verified"
	tiny mapper
	lacks '/dev/vda: .*\(CONFIG_DM_VERITY, or the module dm-verity\)' "root=/dev/vda roothash=$hash" "$work/verified"
}

@test "Without devtmpfs, sysfs and tmpfs, an image on a medium boots, copied to memory and with layers, too" {
	tiny loops
	boot "$usual" "$work/medium.ext2"
	is_up /dev/loop0 squashfs
	boot "$usual loopbox.toram" "$work/medium.ext2"
	is_up /dev/loop0 squashfs
	untold 'mount /dev/vda .*'
	boot "$usual rd.overlay" "$work/medium.ext2"
	is_up overlay overlay
	told 'root writable' 'mount ramfs /run ramfs .*' 'mount tmpfs /run/initramfs ramfs .*'
	not grep 'loopbox: .*Invalid argument' console
	boot "$usual rd.overlay=/dev/vdb" "$work/medium.ext2" "$work/root.ext2"
	is_up overlay overlay
	told 'root writable' 'mount /dev/vdb .*' shutdown
	grep -qx 'shutdown: reboot, mounts left: 0' console
}

@test "Without devtmpfs and netlink, a disk that comes late is found" {
	tiny loops
	LOOPBOX_QEMU="-device qemu-xhci -drive file=$work/medium.ext2,format=raw,if=none,id=stick,snapshot=on -device usb-storage,drive=stick" \
		boot 'root=/dev/sda loop=/root.squashfs'
	is_up /dev/loop0 squashfs
	said 'waiting for /dev/sda'
	told 'mount /dev/sda .*'
}

@test "Without devtmpfs, sysfs tells the numbers of loop devices" {
	tiny mapper
	boot "$usual" "$work/medium.ext2"
	is_up /dev/loop0 squashfs
	told 'mount sysfs .*' 'mount tmpfs .*'
	said '/dev: this kernel has no devtmpfs \(CONFIG_DEVTMPFS\)'
}

@test "A module that a kernel without modules is to load is told" {
	tiny bare
	mkdir -p more/etc
	echo /good.ko >more/etc/loopbox.modules
	echo >more/good.ko
	overlay more
	boot root=/dev/vda "$work/root.squashfs"
	is_up /dev/vda squashfs
	said '/good\.ko: this kernel has no modules \(CONFIG_MODULES\)'
}

@test "Without proc nothing boots, and that is told" {
	tiny noproc
	lacks '/proc: this kernel has no proc \(CONFIG_PROC_FS\)' root=/dev/vda "$work/root.squashfs"
}

@test "Without the kernel's log, the console shows the steps" {
	tiny mute
	boot root=/dev/vda "$work/root.squashfs"
	is_up /dev/vda squashfs
	said 'mounted /dev/vda on /sysroot'
	said 'handing over to /sbin/init'
	lacks 'root\.squashfs: .*\(CONFIG_BLK_DEV_LOOP, or the module loop\)' "$usual" "$work/medium.ext2"
}
