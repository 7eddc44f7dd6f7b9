#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# The command lines that people already have: each family with the lines of its own documentation,
# on a medium laid out as that family does.

load common

prepare_file() {
	cd "$work" || return
	root_with root root
	mkdir root/{cdrom,var,host,mnt,media}
	mkdir -p root/mnt/cdrom root/usr/{bin,sbin}
	cp root/sbin/init root/usr/sbin/init
	squashfs root root.squashfs
	ext4 root root.ext4 root

	# Debian's and Ubuntu's: all *.squashfs of a folder.
	mkdir -p debian/live ubuntu/casper
	cp root.squashfs debian/live/filesystem.squashfs
	cp root.squashfs ubuntu/casper/filesystem.squashfs
	iso debian debian.iso DEBIAN_LIVE
	iso ubuntu ubuntu.iso UBUNTU
	# Since 23.10, a layer that stands on those whose names its own begins with.
	mkdir -p layered/casper
	layer standard standard
	layer live live
	layer german german
	cp root.squashfs layered/casper/minimal.squashfs
	squashfs standard layered/casper/minimal.standard.squashfs
	squashfs live layered/casper/minimal.standard.live.squashfs
	squashfs german layered/casper/minimal.de.squashfs
	iso layered layered.iso UBUNTU_LAYERED
	# Fedora's: a squashfs that holds an ext4, or the root itself.
	mkdir -p inner/LiveOS fedora/LiveOS plain/LiveOS
	cp root.ext4 inner/LiveOS/rootfs.img
	squashfs inner fedora/LiveOS/squashfs.img
	cp root.squashfs plain/LiveOS/squashfs.img
	iso fedora fedora.iso Fedora-Live
	iso plain plain.iso Fedora-Plain
	# Arch's.
	mkdir -p arch/arch/x86_64
	cp root.squashfs arch/arch/x86_64/airootfs.sfs
	(cd arch/arch/x86_64 && sha512sum airootfs.sfs >airootfs.sha512)
	iso arch arch.iso ARCH_202611
	# Gentoo's, and SONiC's.
	mkdir -p gentoo sonic/image-202611
	cp root.squashfs gentoo/image.squashfs
	iso gentoo gentoo.iso Gentoo
	cp root.squashfs sonic/image-202611/fs.squashfs
	ext4 sonic sonic.ext4 SONiC-OS
	# A disk that holds the others' images, and stores.
	mkdir -p isos/boot
	cp debian.iso ubuntu.iso fedora.iso arch.iso isos/boot/
	mke2fs -q -t ext4 -L isos -d isos isos.ext4 64M
	mkdir persistence
	echo '/ union' >persistence/persistence.conf
	ext4 persistence persistence.ext4 persistence
	mkdir store
	ext4 store casper-rw.ext4 casper-rw
	ext4 store cow.ext4 COW
}

# The modules for everything that is booted here.
everything() {
	planned 'root=x loop=x rd.overlay checksum' --medium iso9660,ext4,vfat --hardware virtio,cdrom
}

writable_root() { told 'fact root root' 'root writable' 'boots 1' 'mount overlay / overlay rw,.*' end; }

@test "Ubuntu and SONiC: loop= loopfstype= loopflags=" {
	in_turn 3
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	everything
	uuid=$(blkid -s UUID -o value "$work/sonic.ext4")
	boot "root=UUID=$uuid rw net.ifnames=0 loop=image-202611/fs.squashfs loopfstype=squashfs apparmor=1 quiet" "$work/sonic.ext4"
	told 'fact root root' 'mount /dev/vda /host ext4 rw,.*' 'mount /dev/vda /run/initramfs/medium ext4 rw,.*' end
}

@test "Gentoo: looptype= loop= cdroot, real_root=" {
	in_turn 3
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	everything
	boots() {
		ln ../initramfs .
		case $1 in
		cdroot) boot 'root=/dev/ram0 init=/linuxrc dokeymap looptype=squashfs loop=/image.squashfs cdroot quiet' "$work/root.ext4" "$work/gentoo.iso" ;;
		real_root) boot 'root=/dev/ram0 init=/linuxrc real_root=/dev/vdb looptype=squashfs loop=/image.squashfs quiet' "$work/root.ext4" "$work/gentoo.iso" ;;
		esac
		told 'fact root root' 'mount /dev/loop0 / squashfs .*' 'mount /dev/vdb /mnt/cdrom iso9660 .*' 'argv 0 /sbin/init' end
	}
	each boots cdroot -- real_root
}

@test "dracut: root=live: rd.live.*" {
	in_turn 3
	need 5.10 newest
	boots() {
		on "${1%%-*}"
		loopbox=$LOOPBOX_INITRAMFS
		everything
		case $1 in
		*-cdlabel)
			export LOOPBOX_QEMU="-drive file=$work/fedora.iso,if=ide,media=cdrom,readonly=on"
			boot 'root=live:CDLABEL=Fedora-Live rd.live.image quiet'
			writable_root
			told 'mount /dev/sr0 /run/initramfs/live iso9660 .*' 'mount /dev/loop[0-9]+ /run/rootfsbase ext4 ro,.*'
			;;
		*-plain)
			boot 'root=live:LABEL=Fedora-Plain rd.live.image rd.live.overlay.overlayfs=1 rd.live.overlay.size=8 rd.live.check quiet' "$work/plain.iso"
			writable_root
			told 'mount /dev/loop[0-9]+ /run/rootfsbase squashfs .*' 'mount tmpfs .* tmpfs .*size=8192k.*'
			untold 'mount /dev/loop[0-9]+ /run/initramfs/layers.*'
			;;
		*-ram)
			boot 'root=live:/dev/vda rd.live.image rd.live.ram=1 rd.live.dir=LiveOS rd.live.squashimg=squashfs.img quiet' "$work/plain.iso"
			writable_root
			untold 'mount /dev/vda .*'
			;;
		*-isoscan)
			boot 'root=live:CDLABEL=Fedora-Live rd.live.image iso-scan/filename=/boot/fedora.iso quiet' "$work/root.ext4" "$work/isos.ext4"
			writable_root
			told 'mount /dev/vdb /run/initramfs/iso ext4 ro,.*' 'mount /dev/loop[0-9]+ /run/initramfs/live iso9660 .*'
			;;
		*-persistent)
			cp "$work/cow.ext4" cow
			for n in 1 2; do
				boot 'root=live:/dev/vda rd.live.image rd.live.overlay=LABEL=COW quiet' "$work/plain.iso" cow:rw
				told 'fact root root' "boots $n" end
			done
			debugfs -R 'ls -p /LiveOS' cow 2>/dev/null | grep -q '/overlay-Fedora-Plain-20'
			boot 'root=live:/dev/vda rd.live.image rd.live.overlay=LABEL=COW:/mine/changes quiet' "$work/plain.iso" cow:rw
			told 'boots 1'
			debugfs -R 'ls -p /mine' cow 2>/dev/null | grep -q '/changes/'
			debugfs -R 'ls -p /mine' cow 2>/dev/null | grep -q '/ovlwork/'
			head -c 64K /dev/zero >file
			debugfs -w -R 'write file cow.img' cow 2>/dev/null
			boot 'root=live:/dev/vda rd.live.image rd.live.overlay=LABEL=COW:/cow.img quiet' "$work/plain.iso" cow:rw
			told 'boots 1' "failure .*/cow.img: not a file system; device-mapper's COW is not supported" end
			;;
		*-none)
			boot 'root=live:/dev/vda rd.live.image rd.live.overlay=none quiet' "$work/plain.iso"
			told 'fact root root' 'root Read-only file system' end
			;;
		*-initramfs)
			mkdir -p more
			ln "$work/plain.iso" more/live.iso
			overlay more
			boot 'root=live:/live.iso rd.live.image quiet'
			writable_root
			;;
		*-thin)
			boot 'root=live:/dev/vda rd.live.image rd.live.overlay.thin=1' "$work/plain.iso"
			said 'rd.live.overlay.thin=1: not supported, ignored'
			writable_root
			;;
		*-http)
			boot 'root=live:http://example.org/squashfs.img rd.live.image'
			said 'http://example.org/squashfs.img: root= .*: Invalid argument'
			;;
		esac
	}
	each boots 5.10-cdlabel newest-isoscan newest-persistent -- newest-plain newest-ram \
		newest-none newest-initramfs newest-thin newest-http
}

@test "live-boot: boot=live" {
	in_turn 3
	need 5.10 newest
	boots() {
		on "${1%%-*}"
		loopbox=$LOOPBOX_INITRAMFS
		everything
		case $1 in
		*-cd)
			boot 'boot=live components quiet splash' "$work/root.ext4" "$work/debian.iso"
			writable_root
			told 'mount /dev/vdb /run/live/medium iso9660 .*' 'mount tmpfs /run/live/overlay tmpfs .*'
			;;
		*-media)
			boot 'boot=live live-media=/dev/vdb live-media-path=/live live-media-timeout=20 toram quiet' "$work/root.ext4" "$work/debian.iso"
			writable_root
			untold 'mount /dev/vdb .*'
			;;
		*-findiso)
			boot 'boot=live components findiso=/boot/debian.iso quiet' "$work/isos.ext4"
			writable_root
			told 'mount /dev/loop[0-9]+ /run/live/medium iso9660 .*'
			;;
		*-fromiso)
			boot 'boot=live fromiso=/dev/vdb/boot/debian.iso quiet' "$work/root.ext4" "$work/isos.ext4"
			writable_root
			told 'mount /dev/loop[0-9]+ /run/live/medium iso9660 .*'
			;;
		*-persistence)
			cp "$work/persistence.ext4" store
			for n in 1 2; do
				boot 'boot=live components persistence quiet' "$work/debian.iso" store:rw
				told "boots $n" 'mount /dev/vdb /run/live/overlay ext4 rw,.*' end
			done
			debugfs -R 'ls -p /rw' store 2>/dev/null | grep -q '/boots/'
			boot 'boot=live components persistence nopersistence quiet' "$work/debian.iso" store:rw
			told 'boots 1'
			;;
		*-label)
			cp "$work/persistence.ext4" store
			e2label store mine
			printf '/ union\n/home bind\n' >conf
			debugfs -w -R 'rm persistence.conf' store 2>/dev/null
			debugfs -w -R 'write conf persistence.conf' store 2>/dev/null
			boot 'boot=live persistence persistence-label=mine persistence-encryption=luks' "$work/debian.iso" store:rw
			told 'boots 1' 'mount /dev/vdb /run/live/overlay ext4 rw,.*' end
			said 'persistence.conf: /home bind: not supported, ignored'
			said 'persistence-encryption=luks: not supported, ignored'
			;;
		esac
	}
	each boots newest-cd 5.10-persistence -- 5.10-media 5.10-findiso 5.10-fromiso 5.10-label
}

# A number as a table of partitions has it.
le32() { printf '%08x' "$1" | sed 's/\(..\)\(..\)\(..\)\(..\)/\\x\4\\x\3\\x\2\\x\1/'; }

# What dd leaves of an ISO on a stick, where the disk and its first partition both carry it, with one more
# partition behind it that has an ext4 named persistence.
stick() { # FILE
	local size
	xorriso -as mkisofs -quiet -R -J -V DEBIAN_LIVE -partition_offset 16 -o "$1" "$work/debian" 2>/dev/null
	size=$((($(wc -c <"$1") >> 20) + 1))
	truncate -s "${size}M" "$1"
	cat "$work/persistence.ext4" >>"$1"
	# shellcheck disable=SC2059 # the format is bytes
	{
		printf "\\x80\\0\\0\\0\\x17\\0\\0\\0$(le32 64)$(le32 $((size * 2048 - 64)))"
		printf "\\0\\0\\0\\0\\x83\\0\\0\\0$(le32 $((size * 2048)))$(le32 $(($(wc -c <"$work/persistence.ext4") / 512)))"
		head -c 32 /dev/zero
		printf '\x55\xaa'
	} | dd of="$1" bs=1 seek=446 conv=notrunc status=none
}

@test "live-boot: a stick that was written by dd keeps its data, and so does one that comes late" {
	in_turn 3
	need 6.1-full
	on 6.1-full
	loopbox=$LOOPBOX_INITRAMFS
	planned 'root=x loop=x rd.overlay' --medium iso9660,ext4 --hardware virtio,usb
	boots() {
		ln ../initramfs .
		case $1 in
		dd)
			stick disk
			for n in 1 2; do
				boot 'boot=live components persistence quiet' disk:rw
				told "boots $n" 'mount /dev/vda1 /run/live/medium iso9660 .*' 'mount /dev/vda2 /run/live/overlay ext4 rw,.*' end
			done
			;;
		late)
			LOOPBOX_QEMU="-device qemu-xhci -device usb-storage,drive=store -drive format=raw,if=none,id=store,snapshot=on,file=$work/persistence.ext4" \
				boot 'boot=live components persistence quiet' "$work/debian.iso"
			told 'boots 1' 'mount /dev/vda /run/live/medium iso9660 .*' 'mount /dev/sda /run/live/overlay ext4 rw,.*' end
			;;
		esac
	}
	each boots dd late
}

@test "casper: boot=casper" {
	in_turn 3
	need 5.10 newest
	boots() {
		on "${1%%-*}"
		loopbox=$LOOPBOX_INITRAMFS
		everything
		case $1 in
		*-cd)
			boot 'file=/cdrom/preseed/ubuntu.seed boot=casper quiet splash ---' "$work/root.ext4" "$work/ubuntu.iso"
			writable_root
			told 'mount /dev/vdb /cdrom iso9660 .*'
			;;
		*-isoscan)
			boot 'boot=casper iso-scan/filename=/boot/ubuntu.iso noprompt noeject quiet' "$work/isos.ext4"
			writable_root
			told 'mount /dev/loop[0-9]+ /cdrom iso9660 .*'
			;;
		*-layers)
			boot 'boot=casper layerfs-path=minimal.standard.live.squashfs quiet' "$work/layered.iso"
			writable_root
			told 'fact standard standard' 'fact live live'
			untold 'fact german .*'
			;;
		*-toram)
			boot 'boot=casper live-media=/dev/vda toram quiet' "$work/ubuntu.iso"
			writable_root
			untold 'mount /dev/vda .*'
			;;
		*-persistent)
			cp "$work/casper-rw.ext4" store
			for n in 1 2; do
				boot 'boot=casper persistent quiet' "$work/ubuntu.iso" store:rw
				told "boots $n" end
			done
			debugfs -R 'ls -p /upper' store 2>/dev/null | grep -q '/boots/'
			boot 'boot=casper persistent nopersistent quiet' "$work/ubuntu.iso" store:rw
			told 'boots 1'
			;;
		*-file)
			# A file system in a file on the medium, which can be written.
			mkdir -p tree/casper
			cp "$work/root.squashfs" tree/casper/filesystem.squashfs
			mke2fs -q -t ext4 tree/casper-rw 8M
			mke2fs -q -t ext4 -d tree medium 32M
			for n in 1 2; do
				boot 'boot=casper persistent quiet' medium:rw
				told "boots $n" end
			done
			;;
		esac
	}
	each boots newest-layers 5.10-persistent newest-file -- newest-cd newest-isoscan 5.10-toram
}

@test "archiso: archisobasedir=" {
	in_turn 3
	need 5.10 newest
	boots() {
		local uuid
		on "${1%%-*}"
		loopbox=$LOOPBOX_INITRAMFS
		everything
		case $1 in
		*-label)
			boot 'archisobasedir=arch archisolabel=ARCH_202611 quiet' "$work/root.ext4" "$work/arch.iso"
			writable_root
			told 'mount /dev/vdb /run/archiso/bootmnt iso9660 .*' 'mount /dev/loop0 /run/archiso/airootfs squashfs .*' \
				'mount tmpfs /run/archiso/cowspace tmpfs .*size=262144k.*'
			;;
		*-uuid)
			uuid=$(blkid -s UUID -o value "$work/arch.iso")
			boot "archisobasedir=arch archisosearchuuid=$uuid cow_spacesize=8M quiet" "$work/arch.iso"
			writable_root
			told 'mount tmpfs /run/archiso/cowspace tmpfs .*size=8192k.*'
			;;
		*-img)
			boot 'archisobasedir=arch img_dev=/dev/disk/by-label/isos img_loop=/boot/arch.iso copytoram copytoram_size=50% quiet' "$work/root.ext4" "$work/isos.ext4"
			writable_root
			untold 'mount /dev/vdb .*'
			;;
		*-checksum)
			boot 'archisobasedir=arch archisolabel=ARCH_202611 checksum=y quiet' "$work/arch.iso"
			writable_root
			boot 'archisobasedir=arch archisolabel=ARCH_202611 checksum=y copytoram quiet' "$work/arch.iso"
			writable_root
			# One byte of the image is another.
			mkdir -p bad/arch/x86_64
			cp "$work"/arch/arch/x86_64/* bad/arch/x86_64/
			printf 'x' | dd of=bad/arch/x86_64/airootfs.sfs bs=1 seek=20000 conv=notrunc status=none
			iso bad bad.iso ARCH_202611
			boot 'archisobasedir=arch archisolabel=ARCH_202611 checksum=y' bad.iso
			said 'airootfs.sfs: SHA-512 differs from the one in .*/airootfs.sha512'
			;;
		*-cow)
			cp "$work/cow.ext4" cow
			for n in 1 2; do
				boot 'archisobasedir=arch archisodevice=/dev/vda cow_label=COW quiet' "$work/arch.iso" cow:rw
				told "boots $n" 'mount /dev/vdb /run/archiso/cowspace ext4 rw,.*' end
			done
			debugfs -R 'ls -p /persistent_ARCH_202611/x86_64/upperdir' cow 2>/dev/null | grep -q '/boots/'
			boot 'archisobasedir=arch archisodevice=/dev/vda cow_device=/dev/vdb cow_directory=mine quiet' "$work/arch.iso" cow:rw
			told 'boots 1'
			debugfs -R 'ls -p /mine/upperdir' cow 2>/dev/null | grep -q '/boots/'
			;;
		esac
	}
	each boots 5.10-label newest-cow newest-checksum -- 5.10-uuid 5.10-img
}

@test "Alpine: overlaytmpfs, usbdelay=, modules=" {
	in_turn 3
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	everything
	uuid=$(blkid -s UUID -o value "$work/root.ext4")
	boot "root=UUID=$uuid modules=virtio-blk,ext4 rootfstype=ext4 usbdelay=1 overlaytmpfs=yes overlaytmpfsflags=size=8M" "$work/root.ext4"
	writable_root
	told 'mount /dev/vda /media/root-ro ext4 ro,.*' 'mount tmpfs /media/root-rw tmpfs .*size=8192k.*'
	grep -q 'virtio_blk virtio0' console
}

@test "Yocto: rootrw=" {
	in_turn 3
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	everything
	cp "$work/cow.ext4" store
	for n in 1 2; do
		boot 'root=/dev/vda rootrw=/dev/vdb init=/init quiet' "$work/root.ext4" store:rw
		told "boots $n" 'mount /dev/vda /media/rfs/ro ext4 ro,.*' 'mount /dev/vdb /media/rfs/rw ext4 rw,.*' 'argv 0 /sbin/init' end
	done
	debugfs -R 'ls -p /upperdir' store 2>/dev/null | grep -q '/boots/'
	boot 'root=/dev/vda rootrw=/dev/vdb rootrwfstype=ext4 rootrwoptions=rw,noatime rootrwreset=yes rootinit=/usr/sbin/init quiet' "$work/root.ext4" store:rw
	told 'boots 1' 'mount /dev/vdb /media/rfs/rw ext4 rw,noatime.*' 'argv 0 /usr/sbin/init'
	boot 'root=/dev/vda rootrw=/dev/vdb rootrwupperdir=other quiet' "$work/root.ext4" store:rw
	told 'boots 1'
	debugfs -R 'ls -p /other' store 2>/dev/null | grep -q '/boots/'
}

@test "systemd: systemd.volatile=" {
	in_turn 3
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_INITRAMFS
	everything
	boots() {
		ln ../initramfs .
		boot "root=LABEL=root systemd.volatile=$1 quiet" "$work/root.ext4"
		case $1 in
		overlay) writable_root ;;
		state) told 'fact root root' 'root Read-only file system' 'mount tmpfs /var tmpfs rw,.*' end ;;
		yes) told 'mount tmpfs / tmpfs rw,.*' 'mount /dev/vda /usr ext4 ro,.*' 'root writable' end && untold 'fact .*' ;;
		no) told 'mount /dev/vda / ext4 ro,.*' end ;;
		esac
	}
	each boots overlay yes -- state no
}
