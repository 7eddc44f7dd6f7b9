#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# losetup, mount and umount where a test may take all loop devices, and in an initramfs that lacks
# what they otherwise use.

load common

prepare_file() {
	cd "$work" || return
	mkdir root
	echo there >root/file
	squashfs root root.squashfs
}

@test "losetup -a with 64 of 64 devices attached takes 450 calls at most, losetup -D detaches all" {
	in_turn 2
	need 6.1 newest
	counts() {
		local calls

		on "$1"
		loopbox=$LOOPBOX_CORE
		initramfs --modules loop,squashfs --image "$work/root.squashfs"
		mkdir -p script/bin
		cp "$work/bin/count-syscalls" script/bin
		script <<-'END'
			basics
			modules
			for i in $(seq 64); do loopbox losetup -f -r /root.squashfs || tell failed "$i"; done
			tell devices $(ls -d /sys/block/loop* | wc -l) $(ls -d /sys/block/loop*/loop | wc -l)
			tell listed $(loopbox losetup -a | sort -u | wc -l)
			tell $(count-syscalls /bin/loopbox losetup -a | tail -n 1)
			try loopbox losetup -D
			left() { ls -d /sys/block/loop*/loop 2>/dev/null | wc -l; }
			for i in $(seq 600); do [ "$(left)" = 0 ] || sleep 0.1; done
			tell left "$(left)"
		END
		boot 'rdinit=/test quiet'
		untold 'failed .*'
		told 'devices 64 64' 'listed 64' 'loopbox losetup -D = 0' 'left 0' end
		calls=$(values syscalls)
		echo "# losetup -a of 64 devices, kernel $1: $calls calls" >&3
		[ "$calls" -le 450 ]
	}
	each counts 6.1 newest
}

# What a guest says of cycle, below; the name of the file is not everywhere to be had.
cycle='loopbox losetup -f --show -r /root.squashfs = 0 /dev/loop0
loopbox losetup -a = 0 /dev/loop0: FILE
loopbox losetup -f = 0 /dev/loop1
loopbox losetup -d /dev/loop0 = 0
loopbox mount -o loop,ro -t squashfs /root.squashfs /mnt = 0
cat /mnt/file = 0 there
loopbox losetup -f = 0 /dev/loop1
loopbox umount /mnt = 0
loopbox losetup -f = 0 /dev/loop0'

@test "Attaching, mounting and detaching need no /proc, /sys, devtmpfs or loop-control" {
	in_turn 2
	need 6.1 legacy
	works() {
		local binary=${1#*-} no_control='1 losetup: /dev/loop-control: open: No such file or directory'

		on "${1%-*}"
		loopbox=${!binary}
		initramfs --modules loop,squashfs --image "$work/root.squashfs"
		script <<-'END'
			mkdir -p /dev /mnt /sys
			mknod /dev/null c 1 3
			try loopbox losetup -f -r /root.squashfs
			modules
			static_nodes() {
				mknod /dev/loop-control c 10 237
				for i in $(seq 0 7); do mknod /dev/loop$i b 7 $i; done
			}
			cycle() {
				tell "with $*"
				try loopbox losetup -f --show -r /root.squashfs
				try loopbox losetup -a
				try loopbox losetup -f
				try loopbox losetup -d /dev/loop0
				until [ "$(loopbox losetup -f)" = /dev/loop0 ]; do sleep 0.1; done
				try loopbox mount -o loop,ro -t squashfs /root.squashfs /mnt
				try cat /mnt/file
				try loopbox losetup -f
				try loopbox umount /mnt
				until [ "$(loopbox losetup -f)" = /dev/loop0 ]; do sleep 0.1; done
				try loopbox losetup -f
			}
			static_nodes
			cycle static nodes
			rm /dev/loop-control
			cycle nodes alone
			for i in $(seq 0 7); do loopbox losetup -r /dev/loop$i /root.squashfs; done
			try loopbox losetup -f -r /root.squashfs
			try loopbox losetup -D
			rm /dev/loop*
			try loopbox losetup -f -r /root.squashfs
			mount -t sysfs sys /sys
			mknod /dev/loop-control c 10 237
			cycle /sys and loop-control
		END
		boot 'rdinit=/test quiet'
		told end
		same answers "$(
			cat <<-END
				loopbox losetup -f -r /root.squashfs = $no_control
				with static nodes
				$cycle
				with nodes alone
				$cycle
				loopbox losetup -f -r /root.squashfs = $no_control
				loopbox losetup -D = 0
				loopbox losetup -f -r /root.squashfs = $no_control
				with /sys and loop-control
				$cycle
				end
			END
		)" "$(sed -n 's/^guest: //p' console | sed 's/\[.*$/FILE/')"
	}
	each works 6.1-LOOPBOX_FULL 6.1-LOOPBOX_CORE -- legacy-LOOPBOX_LEGACY
}

@test "-P finds the partitions, by either way" {
	in_turn 2
	need 6.1 newest legacy
	truncate -s 4M "$work/disk"
	# an MBR with one entry: type 0x83, from sector 2048, 2048 sectors
	printf '\0\0\0\0\x83\0\0\0\0\x08\0\0\0\x08\0\0' |
		dd of="$work/disk" bs=1 seek=446 conv=notrunc status=none
	mkdir part
	mksquashfs part part.squashfs -quiet -no-progress
	dd if=part.squashfs of="$work/disk" bs=1M seek=1 conv=notrunc status=none
	printf '\x55\xaa' | dd of="$work/disk" bs=1 seek=510 conv=notrunc status=none
	finds() {
		local binary=${1#*-}

		on "${1%-*}"
		loopbox=${!binary}
		initramfs --modules loop,squashfs --image "$work/disk"
		script <<-'END'
			basics
			modules
			try loopbox losetup -f --show -r -P /root.squashfs
			tell partition $(cat /sys/block/loop0/loop0p1/start /sys/block/loop0/loop0p1/size)
			# which is not the device: nothing detaches that by its name
			try loopbox losetup -d /dev/loop0p1
			mkdir /part
			try loopbox mount -t squashfs /dev/loop0p1 /part
			try loopbox umount -d /part
			tell still $(cat /sys/block/loop0/loop/backing_file)
		END
		boot 'rdinit=/test quiet'
		told 'partition 2048 2048' 'loopbox losetup -d /dev/loop0p1 = 1 .*not a loop device' \
			'loopbox mount -t squashfs /dev/loop0p1 /part = 0.*' 'loopbox umount -d /part = 0' \
			'still /root.squashfs' end
	}
	each finds 6.1-LOOPBOX_CONFIGURE newest-LOOPBOX_FULL 6.1-LOOPBOX_LEGACY -- legacy-LOOPBOX_CORE
}
