#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# swapon and swapoff beside util-linux's, and what mount says of device-mapper's devices.

load common

uuid=11111111-2222-3333-4444-555555555555

prepare_file() {
	cd "$work" || return
	mkdir tree
	head -c 2M /dev/urandom >tree/file
	chmod 600 tree/file
	mkswap -q tree/file
	cp tree/file tree/open
	chmod 644 tree/open
	head -c 1M /dev/urandom >tree/noise
	# in blocks of a page, as mke2fs leaves out those that hold zeros
	mke2fs -q -t ext4 -b 4096 -L medium -d tree medium 16M >/dev/null
	truncate -s 8M area
	mkswap -q -L area -U $uuid area
	theirs swapon swapoff
}

@test "swapon and swapoff do what util-linux's do, on old and new kernels" {
	in_turn 2
	need 5.10 newest
	swaps() {
		on "$1"
		initramfs --modules virtio_blk,virtio_pci,ext4
		overlay "$work/programs"
		script <<-END
			basics
			# What the kernel says of an area could land within a line of ours.
			echo 1 >/proc/sys/kernel/printk
			modules
			mkdir -p /m /etc
			until [ -e /dev/vda ] && [ -e /dev/vdb ]; do sleep 0.1; done
			mount -t ext4 /dev/vdb /m
			cat >/etc/fstab <<-FSTAB
				LABEL=area none swap sw,pri=3,discard=bogus 0 0
				/m/file none swap sw
				/dev/nosuch none swap nofail
				/m/open none swap noauto
				/dev/vdb /m ext4 defaults
			FSTAB
			# Runs the words after some areas were made busy, by both; tells where they differ.
			agree() { # PREPARATION PROGRAM WORD...
				local before=\$1 program=\$2 by code theirs=
				shift 2
				for by in /theirs/\$program "loopbox \$program"; do
					busybox swapoff -a
					eval "\$before"
					code=0
					\$by "\$@" >/out 2>/dev/null || code=\$?
					result="\$(cat /out) exit \$code, \$(busybox tail -n +2 /proc/swaps)"
					[ "\$by" != /theirs/\$program ] || theirs=\$result
				done
				if [ "\$theirs" = "\$result" ]; then tell "same \$before: \$program \$*"
				else tell "differs \$before: \$program \$*:" \$theirs "ours:" \$result; fi
			}
			on='busybox swapon /dev/vda' both='busybox swapon /dev/vda /m/file'
			both='busybox swapon /dev/vda; busybox swapon /m/file'
			for words in /dev/vda "-L area" "-U $uuid" LABEL=area UUID=$uuid "-p 5 /dev/vda" "-o pri=7 /dev/vda" \\
				"--priority=9 /dev/vda /m/file" "-p 0 /m/file" /m/file /m/open /m/noise /dev/nosuch /m \\
				"/dev/nosuch /dev/vda" "-a" "-v /dev/vda" "-L nosuch" "-p x /dev/vda" "-s" "-d /dev/vda" \\
				"-dbogus /dev/vda" "--discard=once /dev/vda" "--discard=pages /dev/vda" "-p 32767 /dev/vda" "-z" "-a -e" \\
				"-o discard=once,pri=2 /dev/vda" "-p -1 /dev/vda" "-p -5 /dev/vda" "/dev/vdb" \\
				"-L area -L nosuch" "-o pri=x /dev/vda"; do
				agree : swapon \$words
			done
			for words in /dev/vda -a "-a -v" "-s" "-p 3 /m/file" "--summary"; do agree "\$on" swapon \$words; done
			for words in /dev/vda -a "-L area" "-U $uuid" UUID=$uuid LABEL=area "-v /dev/vda" /dev/nosuch /m/file \\
				"/dev/vda /m/file" "-L nosuch" "-z" "" "-a /dev/vda"; do
				agree "\$on" swapoff \$words
				agree "\$both" swapoff \$words
			done
			agree : swapoff -a
			agree : swapoff /dev/vda
			busybox swapoff -a
			# fstab counts more than the command line
			agree : swapon -p 9 -a
			busybox swapoff -a
			# util-linux 2.38 does not do as its manual says
			try loopbox swapon -e /dev/nosuch /m/file
			try loopbox swapon -o nofail /dev/nosuch
			tell used \$(cut -d' ' -f1 /proc/swaps)
			try loopbox swapoff -av
			try loopbox swapon /m/open
			try loopbox swapon /m/noise
			try loopbox swapon nosuch
			try loopbox swapon
			try loopbox swapoff /dev/vda
			# what there is no swap in
			umount /proc
			try loopbox swapon -s
			try loopbox swapoff -a
		END
		cp "$work/area" "$work/medium" .
		boot 'rdinit=/test quiet' area:rw medium:rw
		told end
		untold 'differs .*'
		[ "$(grep -c '^guest: same ' console)" -eq 70 ] || complain "$(grep -c '^guest: same ' console) are the same"
		told 'loopbox swapon -e /dev/nosuch /m/file = 0 *' 'loopbox swapon -o nofail /dev/nosuch = 0 *' \
			'used Filename.* /m/file' 'loopbox swapoff -av = 0 swapoff /m/file'
		told 'loopbox swapon /m/open = 0 swapon: /m/open: warning: insecure permissions, others may read or write it' \
			'loopbox swapon /m/noise = 255 .*swapon: /m/noise: swapon \(not a swap area.*\): Invalid arg.*' \
			'loopbox swapon nosuch = 255 swapon: nosuch: open: No such file or directory' 'loopbox swapon = 0 NAME TYPE SIZE USED PRIO /m/open file .*' \
			'loopbox swapoff /dev/vda = 4 swapoff: /dev/vda: swapoff: Invalid argument' \
			'loopbox swapon -s = 1 swapon: /proc/swaps: open: No such file or directory' \
			'loopbox swapoff -a = 1 swapoff: /proc/swaps: open: No such file or directory'
	}
	each swaps 5.10 newest
}

@test "What a link leads to is mounted, and by its name in /dev/mapper" {
	in_turn 2
	need 6.1
	on 6.1
	initramfs --modules virtio_blk,virtio_pci,ext4,dm-mod
	script <<-'END'
		basics
		modules
		mkdir -p /m /dev/disk/by-label /dev/disk/by-id
		until [ -e /dev/vda ]; do sleep 0.1; done
		ln -s ../../vda /dev/disk/by-label/link
		mount() { loopbox mount "$@"; }
		shows() { tell "$1" $(grep ' /m ' /proc/mounts | cut -d' ' -f1); loopbox umount /m; }
		mount /dev/disk/by-label/link /m; shows link
		mount -r /dev/vda /m; shows device
		mount -L medium /m; shows label
		# without udev there are no such links
		mount /dev/disk/by-label/medium /m; shows no-link
		loopbox dmsetup create mine --table "0 $(loopbox blockdev --getsz /dev/vda) linear /dev/vda 0"
		ln -s ../../dm-0 /dev/disk/by-id/dm-name-mine
		mount /dev/disk/by-id/dm-name-mine /m; shows mapped
		mount /dev/mapper/mine /m
		for name in /dev/dm-0 /dev/disk/by-id/dm-name-mine /dev/mapper/mine; do
			tell "found $(loopbox findmnt -rno TARGET,SOURCE $name)"
		done
		shows mapper
		mount /dev/mapper/mine /m
		loopbox umount /dev/disk/by-id/dm-name-mine && tell "unmounted $(grep -c ' /m ' /proc/mounts)"
		loopbox dmsetup remove mine
	END
	boot 'rdinit=/test quiet' "$work/medium"
	told 'link /dev/vda' 'device /dev/vda' 'label /dev/vda' 'no-link /dev/vda' 'mapped /dev/mapper/mine' \
		'mapper /dev/mapper/mine' 'unmounted 0' end
	[ "$(grep -c 'guest: found /m /dev/mapper/mine' console)" -eq 3 ]
}
