#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# What init boots, from what, and the world in which the image's init then finds itself.

load common

prepare_file() {
	cd "$work" || return
	root_tree root
	ln -s init root/sbin/other
	mkdir root/opt
	ln -s /sbin/init root/opt/absolute
	echo plain >root/opt/text
	squashfs root root.squashfs

	mkdir -p medium/images
	cp root.squashfs medium/images/root.squashfs
	long=medium/$(printf '%050d/%050d/%050d' 1 2 3)
	mkdir -p "$long"
	cp root.squashfs "$long/image"
	cp root.squashfs 'medium/with space'
	{ head -c 4096 /dev/zero; cat root.squashfs; } >medium/at-4096
	mkfs.erofs --quiet medium/image.erofs root >/dev/null 2>&1 || mkfs.erofs medium/image.erofs root >/dev/null
	ext4 medium medium.ext4
}

# The same in many tests: the medium, and the image on it.
usual='root=/dev/vda loop=/images/root.squashfs'

# What the guest then finds mounted, in the order of the alphabet.
mounts='/dev/loop0 / squashfs
/dev/vda /run/initramfs/medium ext4
devtmpfs /dev devtmpfs
proc /proc proc
sysfs /sys sysfs
tmpfs /run tmpfs'

@test "An image on a medium boots with each binary, on old and new kernels" {
	need 5.10 6.1 newest legacy
	boots() {
		loopbox=$LOOPBOX_FULL
		[[ $1 != *-boot ]] || loopbox=$LOOPBOX_BOOT
		on "${1%-*}"
		initramfs
		boot "$usual quiet" "$work/medium.ext4"
		told 'pid 1' 'argv 0 /sbin/init' 'root Read-only file system' end
		same kernel "$version" "$(values kernel)"
		same mounts "$mounts" "$(values mount | cut -d' ' -f1-3 | sort)"
	}
	# The oldest kernel and the newest one, each time.
	LOOPBOX_SAMPLE='' each boots 5.10-boot newest-full -- legacy-full 6.1-boot newest-boot 6.1-full
}

@test "The image's init finds nothing that init has left behind" {
	in_turn 3
	need 6.1 newest
	finds() {
		loopbox=$LOOPBOX_BOOT
		on "$1"
		initramfs
		script <<-'END'
			mknod /dev/null c 1 3
			stay_behind
			exec /init "$@"
		END
		boot "rdinit=/test $usual" "$work/medium.ext4"
		has_console_only
		told 'initramfs (visible|replaced)' 'loop 0 .*/images/root.squashfs'
		untold 'initramfs-entry .*'
	}
	each finds newest -- 6.1
}

@test "Arguments, environment and the medium reach the image's init, and each step is told" {
	in_turn 3
	need 6.1
	on 6.1
	initramfs
	boot "$usual init=/sbin/other single foo=bar word.of=module rootx -- -v a=b 'c" "$work/medium.ext4"
	same arguments "$(printf '%s\n' '0 /sbin/other' '1 single' '2 rootx' '3 -v' '4 a=b' "5 'c")" "$(values argv)"
	told 'env HOME=/' 'env TERM=linux' 'env foo=bar' end
	untold 'env word.of=module' 'env a=b'
	told 'medium present' 'medium-entry images' 'mount /dev/vda /run/initramfs/medium ext4 ro,.*'
	said 'loaded [0-9]+ modules'
	said 'mounted /dev/vda on /run/initramfs/medium, read-only'
	said '\+0\.[0-9]{3} attached /run/initramfs/medium/images/root.squashfs to /dev/loop0, mounted it on /sysroot, read-only'
	said 'handing over to /sbin/other'
}

@test "root= takes the device's number too" {
	in_turn 3
	need 6.1 newest
	boots() {
		local number

		on "$1"
		initramfs
		boot "$usual" "$work/medium.ext4" "$work/root.squashfs"
		number=$(values 'disk vdb')
		[[ $number =~ ^[0-9]+:[0-9]+$ ]]
		boot "root=$number quiet" "$work/medium.ext4" "$work/root.squashfs"
		told 'mount [^ ]+ / squashfs .*' end
		[ "$(values 'mount [^ ]* / squashfs' | wc -l)" = 1 ]
	}
	each boots newest -- 6.1
}

@test "A disk or partition that is itself a squashfs boots without a loop device" {
	in_turn 3
	need 5.10 newest
	boots() {
		local disk=${1#*-}

		on "${1%-*}"
		loopbox=$LOOPBOX_BOOT
		initramfs --modules virtio_pci,virtio_blk,squashfs
		# One partition, from sector 2048, of type 83.
		{
			head -c 446 /dev/zero
			printf '\0\0\0\0\x83\0\0\0\0\x08\0\0\0\x10\0\0'
			head -c 48 /dev/zero
			printf '\x55\xaa'
			head -c $((2047 * 512)) /dev/zero
			cat "$work/root.squashfs"
			head -c 2M /dev/zero
		} >parted
		boot "root=/dev/$disk quiet loopbox.tries=3 loopbox.tries.on=/dev/vdb:0 rd.overlay=LABEL=data" "$work/root.squashfs" parted
		said 'loopbox.tries=3: not supported, ignored'
		said 'loopbox.tries.on=/dev/vdb:0: not supported, ignored'
		said 'rd.overlay=LABEL=data: not supported, ignored'
		told "mount /dev/$disk / squashfs ro,.*" 'root Read-only file system' end
		untold 'loop .*'
	}
	each boots 5.10-vda newest-vdb1 -- newest-vda
}

@test "An ext4 root is mounted as the words of the command line say" {
	in_turn 3
	need 6.1
	on 6.1
	(cd "$work" && ext4 root root.ext4)
	initramfs --modules virtio_pci,virtio_blk,ext4
	boots() {
		local words expect=writable

		ln ../initramfs .
		case $1 in
		ro) words='rw ro' expect='Read-only file system' ;;
		rw) words='ro rw rootfstype=ext4' ;;
		flags) words='rw rootflags=noatime,nodev,stripe=8' ;;
		rw-in-flags) words='rootflags=rw' ;;
		ro-in-flags) words='rw rootflags=ro' expect='Read-only file system' ;;
		list) words='rw rootfstype=squashfs,ext4 "rootflags=noatime,stripe=8"' ;;
		esac
		boot "root=/dev/vda $words quiet" "$work/root.ext4"
		told "root $expect" 'mount /dev/vda / ext4 .*' end
		case $1 in
		flags) told 'mount [^ ]+ / ext4 (.*,)?nodev,(.*,)?noatime,(.*,)?stripe=8.*' ;;
		list) told 'mount [^ ]+ / ext4 (.*,)?noatime,(.*,)?stripe=8.*' ;;
		esac
	}
	each boots rw list -- ro flags rw-in-flags ro-in-flags
}

@test "Without root=, the image in the initramfs boots" {
	in_turn 3
	need 5.10 6.1 newest
	boots() {
		local name=root.squashfs words=''

		on "${1%%-*}"
		loopbox=$LOOPBOX_BOOT
		initramfs --modules loop,squashfs --image "$work/root.squashfs"
		if [[ $1 == *-other ]]; then
			name=other.squashfs words=loop=/other.squashfs
			root_tree other
			squashfs other other.squashfs
			mkdir more
			ln other.squashfs more/
			overlay more
		fi
		script <<-'END'
			mknod /dev/null c 1 3
			stay_behind
			exec /init
		END
		boot "rdinit=/test $words"
		said "attached /$name to /dev/loop0, mounted it on /sysroot, read-only"
		told 'mount /dev/loop0 / squashfs ro,.*' 'medium present' end
		untold 'medium-entry .*' 'initramfs-entry .*'
	}
	each boots newest 6.1-other -- 5.10
}

@test "The image may have a long name, one with a space, or an offset" {
	in_turn 3
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_BOOT
	initramfs
	boots() {
		local words

		ln ../initramfs .
		case $1 in
		long) words="loop=/$(printf '%050d/%050d/%050d' 1 2 3)/image" ;;
		space) words='"loop=/with space"' ;;
		space-too) words='loop="/with space"' ;;
		relative) words=loop=images/root.squashfs ;;
		offset) words='loop=/at-4096 loopflags=offset=4096,nodev' ;;
		esac
		boot "root=/dev/vda $words" "$work/medium.ext4"
		told 'mount /dev/loop0 / squashfs ro,.*' end
		case $1 in
		long) told "loop 0 .*$(printf '%050d/%050d/%050d' 1 2 3)/image" ;;
		offset) told 'mount /dev/loop0 / squashfs ro,nodev,.*' ;;
		esac
	}
	each boots long offset -- space space-too relative
}

@test "An image of another type boots, told or found out" {
	in_turn 3
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_BOOT
	initramfs --modules virtio_pci,virtio_blk,ext4,loop,squashfs,erofs
	boots() {
		ln ../initramfs .
		case $1 in
		told) boot 'root=/dev/vda loop=/image.erofs loopfstype=erofs' "$work/medium.ext4" ;;
		found) boot 'root=/dev/vda loop=/image.erofs' "$work/medium.ext4" ;;
		esac
		"$1" 'mount /dev/loop0 / erofs ro,.*' end
	}
	found() { told "$@"; }
	each boots found -- told
}

@test "An image needs no folders for /dev, /proc, /sys and /run" {
	in_turn 3
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_BOOT
	mkdir -p bare/sbin
	cp "$work/bin/guest-init" bare/sbin/init
	squashfs bare bare.squashfs
	initramfs --modules loop,squashfs --image bare.squashfs
	boot quiet
	told 'argv 0 /sbin/init' 'error /proc/mounts: .*' end
}

@test "The init of the image may be an absolute link, or where kernels look too" {
	in_turn 3
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_BOOT
	boots() {
		local words=''

		root_tree root
		case $1 in
		absolute) ln -s /sbin/init root/absolute && words=init=/absolute ;;
		etc) mkdir root/etc && mv root/sbin/init root/etc/init ;;
		bin) mkdir root/bin && mv root/sbin/init root/bin/sh ;;
		esac
		squashfs root root.squashfs
		initramfs --modules loop,squashfs --image root.squashfs
		boot "$words quiet"
		case $1 in
		absolute) told 'argv 0 /absolute' end ;;
		etc) told 'argv 0 /etc/init' end ;;
		bin) told 'argv 0 /bin/sh' end ;;
		esac
	}
	each boots absolute -- etc bin
}

@test "init starts without standard descriptors and leaves them to the image's init" {
	in_turn 3
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_BOOT
	initramfs
	# A folder of that name is what the kernel then fails to open.
	mkdir -p no/dev/console
	overlay no
	boot "$usual" "$work/medium.ext4"
	grep -q 'unable to open an initial console' console
	has_console_only
	told end
}

# Boots with a disk that is plugged in when the console says so, seconds later; it becomes vda.
boot_late() { # APPEND PATTERN SECONDS
	local more

	mkfifo monitor.in monitor.out
	(
		until grep -qsE "$2" serial; do sleep 0.1; done
		sleep "$3"
		echo 'device_add virtio-blk-pci,drive=late' >monitor.in
	) &
	more="-chardev pipe,id=monitor,path=monitor -mon chardev=monitor"
	more+=" -drive file=$work/medium.ext4,format=raw,if=none,id=late,snapshot=on"
	LOOPBOX_QEMU=$more boot "$1"
	kill $! 2>/dev/null || :
}

@test "init waits for a device that appears five seconds late" {
	in_turn 3
	need 5.10 newest
	boots() {
		local words=''
		on "${1%%-*}"
		loopbox=$LOOPBOX_BOOT
		initramfs
		case $1 in
		*-rootwait) words=rootwait ;;
		*-limit) words=rootwait=100 ;;
		esac
		boot_late "$usual $words" 'waiting for /dev/vda' 5
		told end
		passed "$(moment 'waiting for /dev/vda')" "$(moment 'mounted /dev/vda')" 3
	}
	each boots 5.10 newest-rootwait -- newest-limit
}

@test "Where the kernel has no uevents, a late device is found by looking again" {
	in_turn 3
	need newest
	boots() {
		on newest
		loopbox=$LOOPBOX_BOOT
		[ "$1" = boot ] || loopbox=$LOOPBOX_INITRAMFS
		initramfs
		install -D "$work/bin/no-netlink" no/no-netlink
		overlay no
		boot_late "rdinit=/no-netlink $usual" 'waiting for /dev/vda' 2
		told 'netlink Function not implemented' end
		passed "$(moment 'waiting for /dev/vda')" "$(moment 'mounted /dev/vda')" 1
	}
	each boots boot -- initramfs
}

@test "It boots where the kernel promises no memory that it has not" {
	in_turn 3
	need 6.1
	on 6.1
	initramfs
	# 9 MiB for all programs together
	boot "$usual sysctl.vm.overcommit_memory=2 sysctl.vm.overcommit_ratio=4" "$work/medium.ext4"
	told 'mount /dev/loop0 / squashfs .*' end
}

@test "A watchdog is fed while init waits, runs on in the system, and resets what hangs" {
	in_turn 3
	need newest
	on newest
	planned "$usual loopbox.watchdog=10"
	LOOPBOX_QEMU='-device i6300esb -action watchdog=reset' boot \
		"$usual rootdelay=12 loopbox.watchdog=10 loopbox.modules=i6300esb guest=hangs" "$work/medium.ext4"
	said 'started /dev/watchdog, which resets after 10 s'
	grep -q 'watchdog did not stop' console
	told 'watchdog 10' end
	untold 'not reset'
}

# Debian's kernel with other names for these file systems; a seccomp filter answers for netlink.
@test "A kernel without devtmpfs, tmpfs, sysfs and netlink boots" {
	in_turn 3
	need 6.1
	on 6.1
	initramfs
	install -D "$work/bin/no-netlink" no/no-netlink
	overlay no
	mkdir small
	LC_ALL=C sed 's/devtmpfs\x00/devtmpfx\x00/g; s/sysfs\x00/sysfx\x00/g' "$kernel/kernel" >small/kernel
	kernel=$PWD/small
	boot "rdinit=/no-netlink $usual" "$work/medium.ext4"
	said '/dev: this kernel has no devtmpfs \(CONFIG_DEVTMPFS\)'
	said '/sys: this kernel has no sysfs \(CONFIG_SYSFS\)'
	told 'netlink .*' 'mount ramfs /run ramfs .*' 'mount /dev/loop0 / squashfs .*' end
}

# xhci_pci is found at once; the stick that needs usb_storage and sd_mod, a second later.
@test "Without netlink, the drivers of a disk that comes late are loaded" {
	in_turn 3
	need 6.1-full
	on 6.1-full
	planned "root=/dev/sda loop=/images/root.squashfs" --hardware usb
	install -D "$work/bin/no-netlink" no/no-netlink
	overlay no
	LOOPBOX_QEMU="-drive file=$work/medium.ext4,format=raw,if=none,id=disk,snapshot=on -device qemu-xhci -device usb-storage,drive=disk" \
		boot 'rdinit=/no-netlink root=/dev/sda loop=/images/root.squashfs'
	said 'waiting for /dev/sda'
	told 'netlink .*' 'mount /dev/sda /run/initramfs/medium ext4 .*' 'mount /dev/loop0 / squashfs .*' end
}
