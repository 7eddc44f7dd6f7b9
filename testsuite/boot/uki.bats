#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# A UKI with the root hash in its signed command line, under OVMF with Secure Boot, as docs/uki.md has
# it. The keys are those of Debian's ovmf, which everybody has.

load common

# Boots the EFI program from a disk, beside system.img.
secure_boot() { # EFI
	mkdir -p esp/EFI/BOOT
	cp "$1" esp/EFI/BOOT/BOOTX64.EFI
	rm -f esp.img
	vfat esp esp.img
	cp /usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd vars.fd
	timeout "${LOOPBOX_BOOT_TIMEOUT:-1500}" qemu-system-x86_64 -M q35,smm=on -cpu qemu64 -accel tcg -m 512 -smp 1 \
		-nodefaults -no-user-config -display none -serial stdio -no-reboot \
		-global driver=cfi.pflash01,property=secure,value=on \
		-drive if=pflash,unit=0,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd \
		-drive if=pflash,unit=1,format=raw,file=vars.fd \
		-drive file=esp.img,format=raw,if=none,id=e -device virtio-blk-pci,drive=e,bootindex=0 \
		-drive file=system.img,format=raw,if=none,id=s,snapshot=on -device virtio-blk-pci,drive=s \
		</dev/null >serial 2>&1 || :
	tr -d '\r' <serial >console
}

@test "A signed UKI boots what its root hash stands for, and nothing else; without a signature it is not run" {
	in_turn 2
	local size hash plan

	need 6.1
	on 6.1
	packed_kernel
	root_with root root
	squashfs root root.squashfs
	size=$(stat -c %s root.squashfs)
	hash=$("$LOOPBOX_FULL" veritysetup format root.squashfs root.squashfs --hash-offset="$size" | sed -n 's/^Root hash:[ \t]*//p')
	[ "${#hash}" = 64 ]
	mkdir disk
	cp root.squashfs disk/
	ext4 disk system.img system
	plan="root=LABEL=system loop=root.squashfs roothash=$hash rootwait=300"
	planned "$plan"
	openssl rsa -in /usr/share/ovmf/PkKek-1-snakeoil.key -passin pass:snakeoil -out key.pem 2>/dev/null
	"$top/scripts/mkuki" -o system.efi --kernel "$vmlinuz" --initrd initramfs --plan "$plan console=ttyS0 panic=-1" \
		--key key.pem --cert /usr/share/ovmf/PkKek-1-snakeoil.pem
	secure_boot system.efi
	grep -aq 'secureboot: Secure boot enabled' console
	told 'mount /dev/dm-0 / squashfs ro,.*' 'fact root root' end

	# Whoever changes the image on the disk, gets no further.
	printf 'changed' | dd of=disk/root.squashfs bs=1 seek=200 conv=notrunc status=none
	ext4 disk system.img system
	secure_boot system.efi
	untold end
	grep -aq 'Kernel panic' console

	# Nor does a UKI that nobody has signed, here with a command line of its own.
	[ "${LOOPBOX_SOAK-}" ] || return 0
	cp root.squashfs disk/
	ext4 disk system.img system
	"$top/scripts/mkuki" -o other.efi --kernel "$vmlinuz" --initrd initramfs \
		--plan 'root=LABEL=system loop=root.squashfs console=ttyS0 panic=-1'
	LOOPBOX_BOOT_TIMEOUT=60 secure_boot other.efi
	not grep -aq 'Linux version' console
}

@test "mkuki says what it lacks" {
	run "$top/scripts/mkuki" -o x
	[ "$status" = 2 ]
	run "$top/scripts/mkuki" -o x --kernel ./nothing --initrd ./nothing --plan quiet
	[ "$status" = 1 ]
	[ "$output" = 'mkuki: ./nothing: no such file, or not readable' ]
	[ ! -e x ]
	run "$top/scripts/mkuki" -o x --kernel a --initrd b --plan quiet --key c
	[ "$status" = 2 ]
	"$top/scripts/mkuki" --help | grep -q '^Usage: mkuki'
}
