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

calls_more=20

# The instructions of init alone are within 1.5 times those of the bare sequence. With everything,
# they are 2.3 times those.
@test "A boot takes few more calls and instructions than the bare sequence" {
	need 6.1
	on 6.1
	measures() {
		local binary=${1%-*} how=${1#*-}
		case $binary in
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
			/tools/trace-exec $how /init
			/tools/busybox reboot -f
		END
		boot 'rdinit=/test quiet root=/dev/vda rootfstype=ext4 loop=/images/root.squashfs loopfstype=squashfs' "$work/medium.ext4"
		sed -n 's/^trace: //p' console >traced
		[ -s traced ] || complain 'nothing was traced'
	}
	each measures bare-calls boot-calls initramfs-calls bare-instructions boot-instructions initramfs-instructions
	number() { sed -n "s/^$2 //p" "$1-$2/traced"; }
	bare=$(number bare calls) boot=$(number boot calls) initramfs=$(number initramfs calls)
	echo "# calls: bare $bare, init alone $boot, with everything $initramfs" >&3
	diff <(sed 's/^/call /' initramfs-calls/traced) <(sed 's/^/call /' bare-calls/traced) || :
	[ "$boot" -le $((bare + calls_more)) ]
	[ "$initramfs" -le $((bare + calls_more)) ]
	bare=$(number bare instructions) boot=$(number boot instructions)
	initramfs=$(number initramfs instructions)
	echo "# instructions: bare $bare, init alone $boot, with everything $initramfs" >&3
	[ "$boot" -le $((bare * 3 / 2)) ]
	[ "$initramfs" -le $((bare * 5 / 2)) ]
}
