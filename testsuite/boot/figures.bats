#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# What a boot costs, against a program that makes just the calls that it needs (bare-init.c): for a
# kernel that has loaded what it needs, a device that is there, an ext4 medium, one squashfs, quiet.

load common

prepare_file() {
	cd "$work" || return
	root_tree root
	mkdir -p medium/images
	squashfs root medium/images/root.squashfs
	ext4 medium medium.ext4
}

# Of these, four list the initramfs for root hashes, and two grow the heap.
calls_more=25

@test "A boot takes few more calls than the bare sequence" {
	in_turn 2
	need 6.1
	on 6.1
	measures() {
		case $1 in
		boot) loopbox=$LOOPBOX_BOOT ;;
		initramfs) loopbox=$LOOPBOX_INITRAMFS ;;
		bare) loopbox=$work/bin/bare-init ;;
		esac
		initramfs
		mkdir -p script/bin
		cp "$work/bin/trace-exec" script/bin
		# What is traced finds an initramfs that holds nothing but itself.
		script <<-END
			basics
			modules
			umount /run /proc /sys /dev
			mkdir /tools
			mount -t tmpfs tools /tools
			cp /bin/busybox /bin/trace-exec /tools
			/tools/busybox rm -rf /bin /lib /etc /test
			/tools/trace-exec /init
			/tools/busybox reboot -f
		END
		boot 'rdinit=/test quiet root=/dev/vda rootfstype=ext4 loop=/images/root.squashfs loopfstype=squashfs' "$work/medium.ext4"
		sed -n 's/^trace: //p' console >traced
		[ -s traced ] || complain 'nothing was traced'
	}
	LOOPBOX_SAMPLE="" each measures bare boot initramfs
	calls() { sed -n 's/^calls //p' "$1/traced"; }
	bare=$(calls bare) boot=$(calls boot) initramfs=$(calls initramfs)
	echo "# calls: bare $bare, init alone $boot, with everything $initramfs" >&3
	diff initramfs/traced bare/traced || :
	[ "$boot" -le $((bare + calls_more)) ]
	[ "$initramfs" -le $((bare + calls_more)) ]
	[ "$initramfs" -le 100 ]
}
