#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# Where init finds the medium: all kinds of devices, names and file systems, with every driver in
# a module that is loaded when it is needed.

load common

prepare_file() {
	cd "$work" || return
	root_with root one
	squashfs root root.squashfs
	mkdir -p medium/images
	cp root.squashfs medium/images/
	mkfs.erofs --quiet medium/root.erofs root >/dev/null 2>&1 || mkfs.erofs medium/root.erofs root >/dev/null
	ext4 medium medium.ext4 'the medium'
	vfat medium medium.vfat MEDIUM
	iso medium medium.iso THE_ISO
	# A GPT with two partitions, of which the second is the medium.
	truncate -s 40M parted
	printf '%s\n' 'label: gpt' 'start=2048, size=2048, name=first, uuid=11111111-2222-3333-4444-555555555555' \
		'start=8192, size=32768, name="the second", uuid=AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE' | sfdisk -q parted
	dd if=medium.ext4 of=parted bs=512 seek=8192 conv=notrunc status=none
	# The same by a DOS table.
	truncate -s 40M dos
	printf '%s\n' 'label: dos' 'label-id: 0x1234abcd' 'start=2048, size=2048' 'start=8192, size=32768' | sfdisk -q dos
	dd if=medium.ext4 of=dos bs=512 seek=8192 conv=notrunc status=none
}

usual='loop=/images/root.squashfs'

boots_from() { # WORDS TYPE MEDIUM [DISK...]
	local words=$1 type=$2
	shift 2
	loopbox=$LOOPBOX_INITRAMFS
	boot "$usual quiet $words" "$@"
	told 'fact one one' 'root Read-only file system' 'booted /run/initramfs/medium/images/root.squashfs' \
		"mount [^ ]+ /run/initramfs/medium $type ro,.*" end
}

@test "ext4, vfat and ISO 9660 media boot, on the oldest and the newest kernel" {
	in_turn 3
	need 5.10 newest
	boots() {
		local type=${1#*-}
		on "${1%%-*}"
		loopbox=$LOOPBOX_INITRAMFS
		case $type in
		ext4) planned "root=x $usual" ;;
		vfat) planned "root=x $usual" --medium vfat ;;
		iso9660) planned "root=x $usual" --medium iso9660 ;;
		esac
		case $type in
		ext4) boots_from 'root=LABEL="the medium"' ext4 "$work/medium.ext4" ;;
		vfat) boots_from 'root=LABEL=MEDIUM' vfat "$work/medium.vfat" ;;
		iso9660) boots_from 'root=/dev/vda' iso9660 "$work/medium.iso" ;;
		esac
	}
	each boots 5.10-vfat newest-vfat newest-iso9660 -- 5.10-ext4 newest-ext4 5.10-iso9660
}

@test "A CD in an optical drive boots, by its label" {
	in_turn 3
	need 5.10 newest
	boots() {
		on "${1%%-*}"
		loopbox=$LOOPBOX_INITRAMFS
		planned "root=x $usual" --medium iso9660 --hardware cdrom
		case $1 in
		*-ide) LOOPBOX_QEMU="-drive file=$work/medium.iso,if=ide,media=cdrom,readonly=on" boots_from root=LABEL=THE_ISO iso9660 ;;
		*-scsi)
			export LOOPBOX_QEMU="-drive file=$work/medium.iso,if=none,id=cd,media=cdrom,readonly=on"
			LOOPBOX_QEMU+=" -device virtio-scsi-pci -device scsi-cd,drive=cd"
			boots_from root=LABEL=THE_ISO iso9660
			;;
		esac
		told 'mount /dev/sr0 .*'
	}
	each boots 5.10-ide newest-scsi -- newest-ide
}

@test "A partition is found by its UUID, its label, and those of its file system" {
	in_turn 3
	need 5.10 newest
	uuid=$(blkid -s UUID -o value "$work/medium.ext4")
	finds() {
		local words disk=$work/parted

		on "${1%%-*}"
		loopbox=$LOOPBOX_INITRAMFS
		planned "root=x $usual"
		case ${1#*-} in
		partuuid) words=root=PARTUUID=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee ;;
		partnroff) words=root=PARTUUID=11111111-2222-3333-4444-555555555555/PARTNROFF=1 ;;
		partlabel) words='root=PARTLABEL="the second"' ;;
		label) words='"root=LABEL=the medium"' ;;
		by-uuid) words=root=/dev/disk/by-uuid/${uuid^^} ;;
		by-label) words='root=/dev/disk/by-label/the\x20medium' ;;
		dos) words=root=PARTUUID=1234ABCD-02 disk=$work/dos ;;
		several) words='root=LABEL=missing,/dev/vdz,PARTLABEL="the second"' ;;
		any) words='root=*' ;;
		esac
		boots_from "$words" ext4 "$disk"
		told 'mount /dev/vda2 /run/initramfs/medium ext4 .*'
	}
	each finds 5.10-partuuid newest-dos newest-any -- newest-partuuid 5.10-label newest-label newest-partnroff \
		5.10-partlabel newest-by-uuid 5.10-by-label 5.10-several
}

@test "A disk on USB, NVMe, SATA or in an SD slot boots" {
	in_turn 3
	need 6.1-full
	on 6.1-full
	loopbox=$LOOPBOX_INITRAMFS
	boots() {
		local kind=$1 device node
		case $1 in
		usb) device='-device qemu-xhci -device usb-storage,drive=disk' node=sda ;;
		nvme) device='-device nvme,serial=1,drive=disk' node=nvme0n1 ;;
		ata) device='-device ahci,id=ahci -device ide-hd,drive=disk,bus=ahci.0' node=sda ;;
		mmc) device='-device sdhci-pci -device sd-card,drive=disk' node=mmcblk0 ;;
		esac
		planned "root=x $usual" --hardware "$kind"
		export LOOPBOX_QEMU="-drive file=$work/medium.ext4,format=raw,if=none,id=disk,snapshot=on $device"
		boots_from 'root=LABEL="the medium"' ext4
		told "mount /dev/$node .*"
	}
	each boots usb nvme ata mmc
}

# Flash that a disk plays, with erase blocks of 64 KiB; the MTD devices are called by these names.
flash_of() { # NAME FILE [NAME FILE]
	block2mtd=block2mtd.block2mtd=/dev/vda,64KiB,$1${3+ block2mtd.block2mtd=/dev/vdb,64KiB,$3}
	disks=("$2" ${4+"$4"})
}

@test "Flash memory boots: an MTD device by its name, a volume of UBI" {
	in_turn 3
	need 6.1-full
	on 6.1-full
	loopbox=$LOOPBOX_INITRAMFS
	printf '%s\n' '[root]' mode=ubi "image=$work/root.squashfs" vol_id=0 vol_type=dynamic vol_name=root \
		vol_size=1MiB >ubi.ini
	ubinize -o flash.ubi -p 64KiB -m 1 ubi.ini
	cp "$work/root.squashfs" flash.mtd
	truncate -s 8M flash.mtd flash.ubi
	boots() {
		local more block2mtd disks
		case $1 in
		mtd) more='root=mtd:flash' ;;
		mtdblock) more='root=/dev/mtdblock0' ;;
		ubi) more='root=/dev/ubiblock0_0 ubi.mtd=flash ubi.block=0,root' ;;
		esac
		planned root=x --medium squashfs --modules "virtio_pci,virtio_blk,block2mtd,mtdblock$([ "$1" != ubi ] || echo ,ubi)"
		flash_of flash "../flash.${1%block}"
		boot "$more $block2mtd quiet" "${disks[@]}"
		told 'fact one one' 'root Read-only file system' "mount /dev/[mu][a-z0-9_]+ / squashfs ro,.*" end
	}
	each boots mtd -- ubi mtdblock
}

@test "UBI is attached where a word needs it, with a store on UBIFS and counts on JFFS2" {
	in_turn 3
	need 6.1-full
	on 6.1-full
	local block2mtd disks plan
	printf '%s\n' '[root]' mode=ubi "image=$work/root.squashfs" vol_id=0 vol_type=dynamic vol_name=root vol_size=1MiB \
		'[data]' mode=ubi vol_id=1 vol_type=dynamic vol_name=data vol_size=8MiB >ubi.ini
	ubinize -o ubi -p 64KiB -m 1 ubi.ini
	truncate -s 16M ubi
	root_with jffs2 two
	mkfs.jffs2 -l -e 64KiB -r jffs2 -p8388608 -o env
	flash_of ubi ubi:rw env env:rw
	plan='root=ubi0:root rd.overlay=ubi0:data:/up,required loopbox.tries=3 loopbox.tries.on=mtd:env:/tries'
	planned "$plan root=mtd:env" --hardware virtio,ubi --modules virtio_pci,virtio_blk,block2mtd
	for n in 1 2; do
		boot "$plan $block2mtd guest=systemd" "${disks[@]}"
		told "boots $n" 'fact one one' 'root writable' 'mount ubi0:data /run/initramfs/overlay ubifs rw,.*' \
			'mount /dev/ubiblock0_0 .* squashfs ro,.*' end
		said 'attached mtd0 to ubi0'
		told "state root=ubi0:root" 'state device=/dev/ubiblock0_0' 'state store=ubi0:data' \
			'state counts=mtd1' "state attempts=$n"
	done
	# The counts on it were written, and it is a root by itself.
	boot "root=ubi0:rot,mtd:env $block2mtd quiet" "${disks[@]}"
	told 'fact two two' 'mount mtd1 / jffs2 ro,.*' end
	said 'ubi0:rot: no such UBI volume; there are: root, data'
}

@test "The commands of docs/flash.md make a flash that boots" {
	in_turn 3
	need 6.1-full
	ln -s "$top/scripts" scripts
	ln -s "$LOOPBOX_FULL" loopbox
	cp "$work/root.squashfs" .
	awk '/^## /{ here = /^## (What the flash holds|Try it in QEMU)$/ } here && /^    /' "$top/docs/flash.md" >commands
	[ "$(wc -l <commands)" -gt 10 ]
	LOOPBOX_BOOT_TIMEOUT=${LOOPBOX_BOOT_TIMEOUT:-1500} bash -e commands </dev/null >serial 2>&1 || :
	tr -d '\r' <serial | whole_lines >console
	told 'fact one one' 'root writable' 'mount ubi0:data /run/initramfs/overlay ubifs rw,.*' \
		'mount /dev/ubiblock0_0 .* squashfs ro,.*' end
	[ -s data.jffs2 ]
}

@test "What is behind the image in flash keeps changes from its next erase block on" {
	need 6.1-full
	on 6.1-full
	local plan='root=mtd:flash rd.overlay=behind,required' flash
	planned "$plan" --hardware virtio,mtd --modules virtio_pci,virtio_blk,block2mtd,mtdblock,ext4
	cp "$work/root.squashfs" flash
	size=$(wc -c <flash)
	first=$(((size + 262143) / 262144))
	mke2fs -q -t ext4 rest 8M
	dd if=rest of=flash bs=256K seek="$first" conv=sparse status=none
	for n in 1 2; do
		boot "$plan block2mtd.block2mtd=/dev/vda,256KiB,flash guest=systemd" flash:rw
		told "boots $n" 'fact one one' 'root writable' 'mount /dev/loop0 /run/initramfs/overlay ext4 rw,.*' \
			'state device=/dev/mtdblock0' 'state store=/dev/loop0' end
	done
	said "attached /dev/mtdblock0 from byte $((first * 262144)) on to /dev/loop0"
	cmp -n "$size" flash "$work/root.squashfs"
}

@test "EROFS boots from the file itself where the kernel can, and by a loop device where not" {
	in_turn 3
	need 5.10 newest
	boots() {
		on "$1"
		loopbox=$LOOPBOX_INITRAMFS
		planned 'root=x loop=/root.erofs'
		boot 'root=/dev/vda loop=/root.erofs quiet' "$work/medium.ext4"
		told 'fact one one' 'root Read-only file system' end
		case $1 in
		5.10) told 'mount /dev/loop[0-9]+ / erofs .*' ;;
		newest)
			told 'mount [^ ]*root.erofs / erofs .*'
			untold 'loop .*'
			;;
		esac
	}
	each boots 5.10 newest
}

# An initramfs that resumes, and room for what a guest has in memory.
may_sleep() {
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	planned "root=x $usual resume=x"
	truncate -s 384M swap
	mkswap -L sleep swap >/dev/null 2>&1
}

@test "A hibernated system is looked for before anything is mounted" {
	in_turn 3
	may_sleep
	boot "$usual root=/dev/vda resume=LABEL=sleep" "$work/medium.ext4" swap
	told 'fact one one' end
	said 'nothing to resume on /dev/vdb'
	[ "$(grep -n 'nothing to resume' console | head -n 1 | cut -d: -f1)" -lt "$(grep -n 'mounted /dev/vda' console | head -n 1 | cut -d: -f1)" ]
}

@test "A hibernated system goes on where it was" {
	in_turn 3
	may_sleep
	script <<-'END'
		basics
		loopbox modprobe virtio_pci
		loopbox modprobe virtio_blk
		echo here >/run/kept
		until [ -b /dev/vdb ]; do sleep 0.1; done
		try swapon /dev/vdb
		echo shutdown >/sys/power/disk
		tell sleeping
		echo disk >/sys/power/state
		tell "awake $(cat /run/kept) $(cut -d' ' -f1 /proc/sys/kernel/random/boot_id)"
	END
	boot 'rdinit=/test no_console_suspend' "$work/medium.ext4" swap:rw
	told sleeping
	untold 'awake.*'
	# The words of the new kernel are those of the old one again, once it is back.
	boot "$usual root=/dev/vda resume=LABEL=sleep no_console_suspend" "$work/medium.ext4" swap:rw
	told 'awake here .*' end
	untold 'fact .*'
}

@test "live-media=removable leaves disks alone that are built in" {
	in_turn 3
	need 6.1-full
	on 6.1-full
	loopbox=$LOOPBOX_INITRAMFS
	planned "root=x $usual rd.overlay" --hardware usb,virtio
	words='boot=live live-media-path=images quiet'
	stick='-device qemu-xhci -device usb-storage,drive=disk,removable=on -drive format=raw,if=none,id=disk,snapshot=on'
	boots() {
		ln ../initramfs .
		case $1 in
		disk) boot "$words live-media=removable live-media-timeout=1" "$work/medium.ext4" ;;
		stick) LOOPBOX_QEMU=$stick,file=$work/medium.ext4 boot "$words live-media=removable" "$work/medium.ext4" ;;
		partition) LOOPBOX_QEMU=$stick,file=$work/parted boot "$words live-media=removable-usb" "$work/medium.ext4" ;;
		esac
		if [ "$1" = disk ]; then
			said 'images/\*.squashfs: not found on '
			untold 'fact .*'
		else
			told 'fact one one' 'mount /dev/sda2? /run/live/medium ext4 .*' end
		fi
	}
	each boots stick -- disk partition
}

@test "A member of an md array is left to the array" {
	in_turn 3
	need 5.10 newest
	from_debian mdadm
	theirs mdadm blkid
	cp "$work/medium.ext4" programs/
	truncate -s 32M member
	finds() {
		on "${1%%-*}"
		loopbox=$LOOPBOX_FULL
		initramfs --modules virtio_blk,virtio_pci,ext4,raid1
		overlay ../programs
		script <<-END
			basics
			modules
			until [ -b /dev/vdb ]; do sleep 0.1; done
			/theirs/mdadm --create /dev/md0 --run --assume-clean --metadata=${1#*-} --level=1 --raid-devices=2 /dev/vda /dev/vdb
			cat /medium.ext4 >/dev/md0
			try loopbox findfs LABEL='the medium'
			for device in vda vdb md0; do
				try loopbox blkid -o value -s TYPE /dev/\$device
				[ "\$(loopbox blkid -p -o value -s UUID /dev/\$device)" = "\$(/theirs/blkid -p -o value -s UUID /dev/\$device)" ] &&
					tell "the same UUID of \$device"
			done
		END
		boot 'rdinit=/test' ../member ../member
		told 'loopbox findfs LABEL=the medium = 0 /dev/md0' 'loopbox blkid .* /dev/vda = 0 linux_raid_member' \
			'loopbox blkid .* /dev/vdb = 0 linux_raid_member' \
			'loopbox blkid .* /dev/md0 = 0 ext4' 'the same UUID of vda' 'the same UUID of vdb' 'the same UUID of md0'
	}
	each finds newest-1.2 -- 5.10-0.90 newest-1.0
}

@test "md= assembles an array, of what is there in the end" {
	in_turn 3
	need 5.10 newest
	from_debian mdadm
	theirs mdadm
	cp "$work/medium.ext4" programs/
	boots() {
		on "${1%%-*}"
		truncate -s 32M one two
		loopbox=$LOOPBOX_FULL
		initramfs --modules virtio_blk,virtio_pci,ext4,raid1
		overlay ../programs
		script <<-END
			basics
			modules
			until [ -b /dev/vdb ]; do sleep 0.1; done
			# It goes down before its disks are in step.
			echo 1 >/proc/sys/dev/raid/speed_limit_max
			/theirs/mdadm --create /dev/md7 --run --metadata=${1##*-} --level=1 --raid-devices=2 /dev/vda /dev/vdb
			cat /medium.ext4 >/dev/md7
			sync
		END
		boot 'rdinit=/test' one:rw two:rw
		told end
		cksum one two >before
		loopbox=$LOOPBOX_INITRAMFS
		planned 'root=/dev/md3 loop=x md=3,vda'
		boot 'root=/dev/md3 loop=/images/root.squashfs md=3,vda,/dev/vdb' one:rw two:rw
		said 'assembled /dev/md3 of 2 devices'
		told 'mount /dev/md3 /run/initramfs/medium ext4 ro,.*' end
		[ "$(cksum one two)" = "$(<before)" ] || complain 'the disks have changed'
		# One disk is gone, and three words say nothing that can be had.
		boot 'root=LABEL="the medium" md=d0,vda md=5, md=4,vdc md=3,vdb,vda loop=/images/root.squashfs rootwait=3' one
		said 'assembled /dev/md3 of 1 devices'
		said 'md=d0,vda: assemble: Invalid argument'
		said 'md=5,: assemble: Invalid argument'
		said 'md=4,vdc: assemble: No such device or address'
		told 'mount /dev/md3 /run/initramfs/medium ext4 ro,.*' end
	}
	each boots newest-1.2 -- 5.10-0.90
}

@test "An array that can't run is named, and its disks are let go" {
	in_turn 3
	need 6.1
	on 6.1
	from_debian mdadm
	theirs mdadm
	truncate -s 32M one two
	initramfs --modules virtio_blk,virtio_pci,raid0
	overlay programs
	script <<-'END'
		basics
		modules
		until [ -b /dev/vdb ]; do sleep 0.1; done
		/theirs/mdadm --create /dev/md0 --run --metadata=1.0 --level=0 --raid-devices=2 /dev/vda /dev/vdb
		/theirs/mdadm --stop /dev/md0
	END
	boot 'rdinit=/test' one:rw two:rw
	told end
	loopbox=$LOOPBOX_INITRAMFS
	planned 'root=/dev/md0 loop=x md=0,vda'
	rm -r script
	script <<-'END'
		tell arrays $(grep -c '^md' /proc/mdstat)
	END
	mkdir emergency
	cp script/test emergency/emergency
	overlay emergency
	boot 'root=/dev/md0 loop=/images/root.squashfs md=0,vda,vdb rootwait=1 rd.shell' one
	said 'md=0,vda,vdb: assemble: Invalid argument'
	told 'arrays 0' end
}
