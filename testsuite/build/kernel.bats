#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# scripts/check-kernel and the fragments of a kernel's configuration.
# shellcheck disable=SC2154 # tree is from build.bash
load build.bash

setup_file() { copy_tree; }
setup() { cd "$BATS_TEST_TMPDIR" || return; }

check() { "$tree/scripts/check-kernel" "$@"; }

@test "the fragments in configs/ are those that check-kernel prints" {
	check --fragment --medium ext4,vfat,iso9660 --hardware virtio,usb,nvme,ata \
		--plan 'root=LABEL=x loop=root.squashfs,root.erofs rd.overlay' | diff "$tree/configs/kernel.config" -
	check --fragment --medium ext4,vfat --hardware virtio,usb,nvme,ata \
		--plan 'root=LABEL=x loop=root.squashfs roothash=HEX rd.overlay' | diff "$tree/configs/kernel-verity.config" -
	# Lines of a configuration, or comments.
	not grep -vE '^(#.*|CONFIG_[A-Z0-9_]+=y|)$' "$tree/configs/kernel.config" "$tree/configs/kernel-verity.config"
}

@test "a kernel of the fragment has all; without an option it is told what does not work" {
	local option
	check "$tree/configs/kernel.config" >told
	grep -qx 'all that the plan needs is there, and built in' told
	for option in OVERLAY_FS:rd.overlay BLK_DEV_LOOP:loop= SQUASHFS:loop= DEVTMPFS:every VIRTIO_BLK:--hardware; do
		grep -v "^CONFIG_${option%:*}=" "$tree/configs/kernel.config" >less
		run check less
		[ "$status" = 1 ]
		[[ $output == *"missing   CONFIG_${option%:*}"*" for ${option#*:}"*'1 missing' ]]
	done
	run check --plan 'root=LABEL=x loop=root.squashfs roothash=00' "$tree/configs/kernel.config"
	[ "$status" = 1 ]
	[[ $output == *'missing   CONFIG_DM_VERITY  for roothash=00: a root hash can'* ]]
	check --plan 'root=LABEL=x loop=root.squashfs roothash=00' "$tree/configs/kernel-verity.config"
	sed 's/^CONFIG_OVERLAY_FS=y/CONFIG_OVERLAY_FS=m/' "$tree/configs/kernel.config" | gzip >packed.gz
	check packed.gz | grep -q 'modules go into the initramfs: OVERLAY_FS=m$'
}

@test "a wrong call is told" {
	run check
	[ "$status" = 2 ]
	run check nothing
	[ "$status" = 2 ]
	[[ $output == *'nothing: neither a configuration nor'* ]]
	echo text >text
	run check text
	[ "$status" = 2 ]
	[[ $output == *'text: not the configuration of a kernel'* ]]
	run check --hardware virtio,foo "$tree/configs/kernel.config"
	[ "$status" = 2 ]
	[[ $output == *"unknown hardware 'foo' (there are: "*virtio* ]]
	run check --medium ext5 "$tree/configs/kernel.config"
	[ "$status" = 2 ]
	[[ $output == *"unknown file system 'ext5' (there are: "*ext4* ]]
	check --help | grep -q '^Usage: check-kernel'
}

@test "each need of the table of words is known, and each line says what is without it" {
	"$tree/scripts/words" | awk -F '\t' '$1 == "word" && $7 != "-" { gsub(/,/, "\n", $7); print $7 }' | sort -u | while read -r need; do
		grep -qE "^(fs:)?$need [|]" "$tree/configs/kernel.needs" || { echo "$need is not in configs/kernel.needs"; exit 1; }
	done
	awk -F ' *[|] *' '!/^#/ && (NF != 4 || $3 == "" || $4 == "") { print; bad = 1 } END { exit bad }' "$tree/configs/kernel.needs"
}
