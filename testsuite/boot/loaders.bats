#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# The lines of docs/boot-loaders.md, each run by its boot loader: GRUB and systemd-boot under OVMF, U-Boot on arm64
# and armhf. They are taken from the page. Only `console=` is added to the words, and a disk is
# called by its name in QEMU.

load common

# A code block of the page, by its heading and number.
block() { # HEADING NUMBER
	awk -v heading="## $1" -v number="$2" '
		/^## / { here = index($0, heading) == 1; blocks = 0 }
		!here { next }
		/^    / { if (!inside) blocks++; inside = 1; if (blocks == number) print substr($0, 5); next }
		/./ { inside = 0 }' "$top/docs/boot-loaders.md" >lines
	[ -s lines ] || complain "boot-loaders.md has no block $2 of $1" || return
	sed -E "s/(root=LABEL=system .*|boot=live .*)/\1 console=${console-ttyS0} panic=-1 rootwait=300/" lines
}

# The disk of the page, from ./disk: its only file system, which has a label.
system_disk() {
	mkdir -p disk/images
	root_with root root
	squashfs root disk/images/root.squashfs
	cp initramfs disk/initramfs.img
	mke2fs -q -t ext4 -L system -E root_owner=0:0 -d disk system.img 160M >/dev/null
}

# Boots an EFI program, and what else is in ./esp, from a disk that has system.img as its second
# partition.
efi_boot() { # EFI
	mkdir -p esp/EFI/BOOT
	cp "$1" esp/EFI/BOOT/BOOTX64.EFI
	rm -f esp.img
	truncate -s 160M esp.img
	mkfs.vfat -F 32 esp.img >/dev/null
	mcopy -s -i esp.img esp/* ::
	rm -f disk.img
	truncate -s 324M disk.img
	printf '%s\n' 'label: gpt' 'start=2048, size=160M, type=uefi' 'size=160M' | sfdisk -q disk.img
	dd if=esp.img of=disk.img bs=1M seek=1 conv=notrunc,sparse status=none
	dd if=system.img of=disk.img bs=1M seek=161 conv=notrunc,sparse status=none
	cp /usr/share/OVMF/OVMF_VARS_4M.fd vars.fd
	timeout "${LOOPBOX_BOOT_TIMEOUT:-1500}" qemu-system-x86_64 -M q35 -cpu qemu64 -accel tcg -m 512 -smp 1 \
		-nodefaults -no-user-config -display none -serial stdio -no-reboot \
		-drive if=pflash,unit=0,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd \
		-drive if=pflash,unit=1,format=raw,file=vars.fd \
		-drive file=disk.img,format=raw,if=none,id=d,snapshot=on -device virtio-blk-pci,drive=d,bootindex=0 \
		</dev/null >serial 2>&1 || :
	tr -d '\r' <serial | whole_lines >console
}

@test "GRUB boots the entries of the page: an image, and a live system in an ISO file" {
	for_soak
	local name folder

	need 6.1
	on 6.1
	packed_kernel
	for name in grub-common grub-efi-amd64-bin libefivar1 libefiboot1; do from_debian "$name"; done
	folder=${XDG_CACHE_HOME:-$HOME/.cache}/loopbox/packages
	mkdir -p live/live disk/boot
	planned 'boot=live findiso=/boot/live.iso' --medium ext4,vfat
	root_with iso iso
	squashfs iso live/live/filesystem.squashfs
	cp "$vmlinuz" live/live/vmlinuz
	cp initramfs live/initramfs.img
	iso live disk/boot/live.iso LIVE
	cp "$vmlinuz" disk/vmlinuz
	planned 'root=LABEL=system loop=images/root.squashfs rd.overlay'
	system_disk
	for name in 'My system' 'Live ISO'; do
		{ echo "set timeout=0; set default='$name'"; block GRUB 1; block GRUB 2; } >grub.cfg
		# grub-install adds the modules that the disk needs, too.
		LD_LIBRARY_PATH=$folder/libefivar1/usr/lib/x86_64-linux-gnu:$folder/libefiboot1/usr/lib/x86_64-linux-gnu \
			grub-mkstandalone -d "$folder/grub-efi-amd64-bin/usr/lib/grub/x86_64-efi" -O x86_64-efi --locales= --fonts= --themes= \
			--modules='part_gpt ext2' -o grub.efi boot/grub/grub.cfg=grub.cfg
		efi_boot grub.efi
		told 'mount overlay / overlay rw,.*' end
		case $name in
		My*) told 'fact root root' 'mount /dev/vda2 /run/initramfs/medium ext4 .*' ;;
		*) told 'fact iso iso' ;;
		esac
	done
}

@test "systemd-boot boots the entry of the page" {
	for_soak
	need 6.1
	on 6.1
	packed_kernel
	planned 'root=LABEL=system loop=images/root.squashfs rd.overlay'
	system_disk
	mkdir -p esp/loader/entries
	block systemd-boot 1 >esp/loader/entries/system.conf
	cp "$vmlinuz" esp/vmlinuz
	cp initramfs esp/initramfs.img
	efi_boot /usr/lib/systemd/boot/efi/systemd-bootx64.efi
	told 'fact root root' 'mount overlay / overlay rw,.*' end
}

@test "U-Boot boots by extlinux.conf, and by a script, on arm64 and armhf" {
	for_soak
	need 6.1-arm64 6.1-armhf
	from_debian u-boot-qemu
	from_debian u-boot-tools
	boots() { # MACHINE: in its folder
		local triplet=aarch64-linux-gnu qemu=(qemu-system-aarch64 -cpu cortex-a53) image=Image folder=qemu_arm64
		local console=ttyAMA0 way packages=${XDG_CACHE_HOME:-$HOME/.cache}/loopbox/packages
		if [ "$1" = armhf ]; then
			triplet=arm-linux-gnueabihf qemu=(qemu-system-arm -cpu cortex-a15) image=zImage folder=qemu_arm
		fi

		dir=$PWD
		on "6.1-$1"
		make -s -C "$top" O="$PWD/build" full_defconfig >/dev/null
		# shellcheck disable=SC2046 # CC=... CROSS_COMPILE=...
		make -s -C "$top" O="$PWD/build" WERROR=1 $("$top/scripts/cross-compiler" "$1")
		loopbox=$PWD/build/loopbox
		root_with root root
		"$triplet-gcc" -Os -static -s -o root/sbin/init "$here/guest-init.c"
		mkdir -p disk/images fat/extlinux
		squashfs root disk/images/root.squashfs
		ext4 disk system.img system
		planned 'root=LABEL=system loop=images/root.squashfs rd.overlay'
		cp initramfs fat/initramfs.img
		cp "$kernel/kernel" "fat/$image"
		qemu+=(-m 256 -nodefaults -no-user-config -display none -bios "$packages/u-boot-qemu/usr/lib/u-boot/$folder/u-boot.bin")
		# With firmware, the board is another.
		"${qemu[@]}" -M virt,dumpdtb=fat/board.dtb 2>/dev/null
		for way in extlinux script; do
			label=$1-$way
			if [ "$way" = extlinux ]; then
				block U-Boot 1 | sed "s,/Image,/$image," >fat/extlinux/extlinux.conf
			else
				rm fat/extlinux/extlinux.conf
				# QEMU's board has no such variable.
				{ echo 'setenv fdt_addr_r 0x48000000'; block U-Boot 2; } | sed 's/^load mmc/load virtio/' >boot.txt
				[ "$1" = arm64 ] || sed -i 's/ Image$/ zImage/; s/^booti/bootz/' boot.txt
				eval "$(block U-Boot 3)" >/dev/null
				mv boot.scr fat/
			fi
			rm -f fat.img sd.img
			truncate -s 96M fat.img
			mkfs.vfat -F 32 fat.img >/dev/null
			mcopy -s -i fat.img fat/* ::
			truncate -s 98M sd.img
			printf '%s\n' 'label: dos' 'start=2048, type=c, bootable' | sfdisk -q sd.img
			dd if=fat.img of=sd.img bs=1M seek=1 conv=notrunc status=none
			# The device that stands last is U-Boot's virtio 0.
			timeout "${LOOPBOX_BOOT_TIMEOUT:-1500}" "${qemu[@]}" -M virt -accel tcg -serial stdio -no-reboot \
				-drive file=system.img,format=raw,if=none,id=b,snapshot=on -device virtio-blk-device,drive=b \
				-drive file=sd.img,format=raw,if=none,id=a,snapshot=on -device virtio-blk-device,drive=a \
				</dev/null >serial 2>&1 || :
			tr -d '\r' <serial | whole_lines >console
			told 'fact root root' 'mount overlay / overlay rw,.*' end
		done
	}
	each boots arm64 armhf
}
