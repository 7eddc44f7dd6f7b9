#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# What init makes the root of: layers, a writable one, copies in memory; and which image it takes
# where some can't be had.

load common

prepare_file() {
	cd "$work" || return
	mkdir -p medium/images medium/live
	root_with base base
	echo base >base/facts/top
	squashfs base medium/images/a.squashfs
	layer second second
	echo second >second/facts/top
	squashfs second medium/images/b.squashfs
	layer third third
	echo third >third/facts/top
	squashfs third medium/images/c.squashfs
	cp medium/images/[abc].squashfs medium/live/
	# Images that do not boot, each for another reason.
	head -c 8000 medium/images/a.squashfs >medium/truncated
	cp medium/images/a.squashfs medium/corrupt
	yes | dd of=medium/corrupt bs=1 seek=96 count=$(($(wc -c <medium/corrupt) - 96)) conv=notrunc 2>/dev/null
	mkdir -p empty/etc
	squashfs empty medium/without-init
	root_tree foreign
	# An ELF file for another machine: e_machine is at 18.
	printf '\xf3\x00' | dd of=foreign/sbin/init bs=1 seek=18 conv=notrunc status=none
	squashfs foreign medium/foreign
	root_tree text
	echo 'no format that a kernel knows' >text/sbin/init
	squashfs text medium/text
	# One that needs the C library's loader, which is not there; a shell would be.
	root_tree loaderless
	mkdir loaderless/bin
	mv loaderless/sbin/init loaderless/bin/sh
	cp "$(command -v env)" loaderless/sbin/init
	squashfs loaderless medium/loaderless
	echo "no file system" >medium/garbage
	mkfs.erofs --quiet medium/good.erofs base >/dev/null 2>&1 || mkfs.erofs medium/good.erofs base >/dev/null
	head -c 8192 medium/good.erofs >medium/truncated.erofs
	cp medium/images/a.squashfs 'medium/a,comma'
	ext4 medium medium.ext4 medium
	mkdir empty-store
	ext4 empty-store store.ext4 store
}

image=loop=/images/a.squashfs

@test "A layer in memory makes the root writable, on the oldest and the newest kernel" {
	in_turn 3
	need 5.10 newest
	boots() {
		on "${1%-*}"
		loopbox=$LOOPBOX_INITRAMFS
		planned "root=x $image rd.overlay"
		case $1 in
		*-plain) boot "root=/dev/vda $image rd.overlay quiet" "$work/medium.ext4" ;;
		*-size) boot "root=/dev/vda $image rd.overlay loopbox.overlay.size=8M quiet" "$work/medium.ext4" ;;
		esac
		told 'root writable' 'fact base base' 'boots 1' 'mount overlay / overlay rw,.*' 'mount tmpfs /run/initramfs/overlay tmpfs .*' end
		case $1 in *-size) told 'mount tmpfs /run/initramfs/overlay tmpfs .*size=8192k.*' ;; esac
		has_console_only
	}
	each boots 5.10-plain newest-size -- newest-plain
}

@test "Three layers are one over the other, in the order that is given, or that of their names" {
	in_turn 3
	need 5.10 newest
	boots() {
		on "${1%%-*}"
		loopbox=$LOOPBOX_INITRAMFS
		planned "root=x loop=x rd.overlay"
		case $1 in
		*-given) boot 'root=/dev/vda loop=/images/a.squashfs:/images/c.squashfs:/images/b.squashfs quiet' "$work/medium.ext4" ;;
		*-named) boot 'root=/dev/vda loop=/images/ rd.overlay quiet' "$work/medium.ext4" ;;
		esac
		told 'fact base base' 'fact second second' 'fact third third' end
		case $1 in
		*-given) told 'fact top second' 'root Read-only file system' ;;
		*-named) told 'fact top third' 'root writable' ;;
		esac
	}
	each boots 5.10-given newest-named -- newest-given 5.10-named
}

@test "What is written stays over two boots, and the file system is clean between them" {
	in_turn 3
	need 5.10 newest
	boots() {
		local way=${1#*-}
		on "${1%%-*}"
		loopbox=$LOOPBOX_INITRAMFS
		planned "root=x $image rd.overlay"
		cp "$work/store.ext4" store
		for n in 1 2; do
			boot "root=/dev/vda $image rd.overlay=LABEL=store guest=$way quiet" "$work/medium.ext4" store:rw
			told 'root writable' "boots $n" 'mount /dev/vdb /run/initramfs/overlay ext4 rw,.*' shutdown end
			grep -q ': reboot, mounts left: 0' console || complain 'it was not all unmounted'
			dumpe2fs -h store 2>/dev/null | grep -E 'state: *clean$'
			not grep -q needs_recovery <(dumpe2fs -h store 2>/dev/null)
		done
		[ "$1" = 5.10-systemd ] || return 0
		boot "root=/dev/vda $image rd.overlay=LABEL=store rd.overlay.reset quiet" "$work/medium.ext4" store:rw
		told 'boots 1'
		boot "root=/dev/vda $image rd.overlay=LABEL=store rd.overlay.readonly quiet" "$work/medium.ext4" store:rw
		told 'boots 2'
		boot "root=/dev/vda $image rd.overlay=LABEL=store rd.overlay.readonly quiet" "$work/medium.ext4" store:rw
		told 'boots 2'
	}
	each boots 5.10-systemd newest-noexec -- newest-systemd newest-plain
}

@test "An image that is replaced while it is mounted leaves its medium clean" {
	in_turn 3
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	planned "root=x $image"
	cp "$work/medium.ext4" medium
	boot "root=/dev/vda rw $image guest=replaces quiet" medium:rw
	told 'read-only kept: yes' 'read-only deleted: Resource busy' shutdown end
	grep -q ': reboot, mounts left: 0' console || complain 'it was not all unmounted'
	dumpe2fs -h medium 2>/dev/null >state
	grep -E 'state: *clean$' state
	not grep -E 'needs_recovery|orphan inode' state
	e2fsck -fn medium
}

@test "The machine is turned off or halted where that is asked for" {
	in_turn 3
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	ends() {
		planned "root=x $image rd.overlay"
		cp "$work/store.ext4" store
		# What is halted does not end by itself.
		mkfifo monitor.in monitor.out
		(
			until grep -qs 'System halted' serial; do sleep 0.1; done
			echo quit >monitor.in
		) &
		export LOOPBOX_QEMU='-chardev pipe,id=monitor,path=monitor -mon chardev=monitor'
		boot "root=/dev/vda $image rd.overlay=LABEL=store guest=$1 quiet" "$work/medium.ext4" store:rw
		kill $! 2>/dev/null || :
		told 'boots 1' shutdown end
		grep -q ": $1, mounts left: 0" console || complain 'it was not all unmounted'
		case $1 in
		halt) grep -q 'System halted' console ;;
		poweroff) grep -q 'Power down' console ;;
		esac
	}
	each ends halt poweroff
}

@test "A medium that what is written was to be on is read-only again where that failed" {
	in_turn 3
	need 5.10 newest
	boots() {
		on "${1%%-*}"
		loopbox=$LOOPBOX_INITRAMFS
		planned "root=x $image rd.overlay"
		cp "$work/medium.ext4" medium
		local words="root=/dev/vda rootflags=nosuid $image quiet"
		case $1 in
		# A file on the medium by its label, and the medium itself as the device that has it.
		*-label) boot "$words rd.overlay loopbox.persistent loopbox.persistent.on=LABEL=garbage" medium:rw ;;
		*-device) boot "$words rd.overlay=/dev/vda:garbage" medium:rw ;;
		esac
		told 'root writable' "failure .*/garbage: .*" 'mount /dev/vda /run/initramfs/medium ext4 ro,nosuid,.*' end
		not grep -q needs_recovery <(dumpe2fs -h medium 2>/dev/null)
	}
	each boots newest-label -- 5.10-label newest-device
}

@test "The next image is taken where one can't be mounted or has no init, and the reason is kept" {
	in_turn 3
	need 5.10 newest
	boots() {
		local name=${1#*-} reason
		on "${1%%-*}"
		loopbox=$LOOPBOX_INITRAMFS
		planned "root=x $image" --medium ext4,erofs
		boot "root=/dev/vda loop=/$name,/images/a.squashfs quiet" "$work/medium.ext4"
		case $name in
		truncated) reason='truncated: 8,000 of [0-9,]+ bytes' ;;
		truncated.erofs) reason='truncated: 8,192 of [0-9,]+ bytes' ;;
		corrupt) reason='the kernel refused it as squashfs: .*' ;;
		missing) reason='open: No such file or directory' ;;
		without-init) reason='init in the new root: No such file or directory' ;;
		foreign) reason='built for [a-z0-9_]+, this machine is x86_64' ;;
		text) reason='not a program \(an ELF file or a script\)' ;;
		loaderless) reason='needs /[a-z0-9./-]+, which is missing' ;;
		esac
		told 'fact base base' 'booted .*/images/a.squashfs' "failure .*: $reason" end
		same failures 1 "$(values failure | wc -l)"
		# Nothing of the first is left.
		same loops 1 "$(values loop | wc -l)"
		same mounts 1 "$(values mount | grep -c squashfs)"
	}
	each boots 5.10-truncated newest-corrupt newest-loaderless -- newest-truncated.erofs 5.10-missing newest-missing \
		newest-without-init newest-foreign 5.10-text
}

@test "An image that was tried so many times in vain is passed over" {
	in_turn 3
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	planned 'root=x loop=/images/a.squashfs,/good.erofs'
	cp "$work/medium.ext4" medium
	for attempt in 1 2; do
		boot 'root=/dev/vda rootflags=nosuid,nodev loop=/images/a.squashfs,/good.erofs loopbox.tries=2 quiet' medium:rw
		told 'booted .*/images/a.squashfs' 'mount /dev/vda /run/initramfs/medium ext4 ro,nosuid,nodev,.*' end
		same attempts "$attempt" "$(debugfs -R 'cat /images/a.squashfs.tries' medium 2>/dev/null | tr -d ' ')"
	done
	boot 'root=/dev/vda loop=/images/a.squashfs,/good.erofs loopbox.tries=2 quiet' medium:rw
	told 'booted .*/good.erofs' 'failure .*/images/a.squashfs: skipped, 2 boots were not confirmed' end
	# Where none is left, all begin anew.
	echo 2 >used-up
	debugfs -w -R 'rm /good.erofs.tries' medium 2>/dev/null
	debugfs -w -R 'write used-up /good.erofs.tries' medium 2>/dev/null
	boot 'root=/dev/vda loop=/images/a.squashfs,/good.erofs loopbox.tries=2' medium:rw
	said 'loopbox.tries=: no image is left; trying them again'
	told 'booted .*/images/a.squashfs' end
	same attempts 1 "$(debugfs -R 'cat /images/a.squashfs.tries' medium 2>/dev/null | tr -d ' ')"
}

@test "Attempts of root partitions are counted on another device, which stays clean" {
	in_turn 3
	need 6.1
	on 6.1
	planned 'root=/dev/vda rootfstype=squashfs loopbox.tries=2 loopbox.tries.on=LABEL=BOOT:/tries' --medium vfat,ext4
	root_with a a
	root_with b b
	squashfs a a.squashfs
	squashfs b b.squashfs
	mkdir boot && echo kernel >boot/kernel
	vfat boot boot.vfat BOOT
	ext4 boot boot.ext4 BOOT
	truncate -s 64K raw
	slots='root=/dev/vda,/dev/vdb rootfstype=squashfs loopbox.tries=2 quiet'
	order() { # WORD DISK
		for slot in a a b b a; do
			boot "$slots loopbox.tries.on=$1" a.squashfs b.squashfs "$2:rw"
			told "fact $slot $slot" end
			same 'mounts of it' 0 "$(values mount | grep -c '/dev/vdc')"
		done
		said 'loopbox.tries=: no image is left; trying them again'
	}
	order LABEL=BOOT:/tries boot.vfat
	fsck.vfat -n boot.vfat >fsck 2>&1 || complain "$(<fsck)"
	order LABEL=BOOT:/tries boot.ext4
	e2fsck -fn boot.ext4 >fsck 2>&1 || complain "$(<fsck)"
	order /dev/vdc:0x8000 raw
	same 'the first 32 KiB' 0 "$(head -c 32768 raw | tr -d '\0' | wc -c)"
}

@test "An image in memory needs its medium no more" {
	in_turn 3
	need 5.10 newest
	boots() {
		on "${1%%-*}"
		loopbox=$LOOPBOX_INITRAMFS
		planned "root=x $image rd.overlay"
		case $1 in
		*-squashfs) boot "root=/dev/vda $image loopbox.toram" "$work/medium.ext4" ;;
		*-erofs) boot "root=/dev/vda loop=/good.erofs loopbox.toram loopfstype=erofs" "$work/medium.ext4" ;;
		*-layers) boot "root=/dev/vda loop=/images/ loopbox.toram rd.overlay" "$work/medium.ext4" ;;
		esac
		told 'fact base base' end
		untold 'mount /dev/vda .*' 'loop .*/medium/.*'
		said 'copied .* to /run/initramfs/ram, and compared it'
		said 'the medium is not needed any more'
		grep -q 'loopbox: copying .*: 100%, ' serial
	}
	each boots 5.10-squashfs newest-layers -- newest-squashfs
}

@test "A medium whose image is in memory can be pulled out" {
	in_turn 3
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	planned "root=x $image"
	mkfifo monitor.in monitor.out
	(
		until grep -qs '^guest: waits' serial; do sleep 0.1; done
		echo 'device_del medium' >monitor.in
	) &
	export LOOPBOX_QEMU="-chardev pipe,id=monitor,path=monitor -mon chardev=monitor"
	LOOPBOX_QEMU+=" -drive file=$work/medium.ext4,format=raw,if=none,id=disk,snapshot=on"
	LOOPBOX_QEMU+=" -device virtio-blk-pci,drive=disk,id=medium"
	boot "root=/dev/vda $image loopbox.toram guest=unplugged modprobe=acpiphp"
	kill $! 2>/dev/null || :
	told 'disk gone' 'fact base base' 'root Read-only file system' end
	not grep -Ei 'I/O error|squashfs error' console
}

@test "rd.break and rd.shell run a program where there is one" {
	in_turn 3
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	runs() {
		planned "root=x $image"
		mkdir -p more/bin
		cp "$(command -v busybox)" more/bin/sh
		printf '#!/bin/sh\n/bin/sh -c "echo the emergency program runs"\n' >more/emergency
		chmod 755 more/emergency
		overlay more
		case $1 in
		break) boot "root=/dev/vda $image rd.break" "$work/medium.ext4" && told 'fact base base' end ;;
		pre-mount) boot "root=/dev/vda $image rd.break=pre-mount" "$work/medium.ext4" && told 'fact base base' end ;;
		shell) boot "root=/dev/vda loop=/missing rd.shell" "$work/medium.ext4" && grep -q 'Kernel panic' console ;;
		esac
		grep -qx 'the emergency program runs' console
	}
	each runs break shell -- pre-mount
}
