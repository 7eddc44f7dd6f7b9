#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # bats runs each test in a subshell; the rest is in common.bash
# Images of every tool that makes file systems here, over its options, in sparse files: all tags that
# `blkid -p` and `-o udev` print, beside util-linux's. `make soak` makes all of them, which takes
# minutes; otherwise it is some, by $LOOPBOX_SEED.

load common

id=01234567-89ab-cdef-fedc-ba9876543210
zero=00000000-0000-0000-0000-000000000000

# Each line: a size, then the command, to which the image's name is added.
makers() {
	local bits size label
	cat <<-END
		4M mke2fs -q -t ext2 -L two -U $id
		4M mke2fs -q -t ext2 -r 0
		4M mke2fs -q -t ext3 -L sixteen-letters! -U $id -b 1024
		4M mke2fs -q -t ext3 -b 4096 -U $zero
		4M mke2fs -q -t ext4 -b 1024 -O ^metadata_csum,^64bit
		8M mke2fs -q -t ext4 -b 2048 -O bigalloc
		4M mke2fs -q -t ext4 -b 4096 -O ^has_journal -U clear
		4M mke2fs -q -t ext4 -E test_fs
		4M mke2fs -q -O journal_dev -L journal -U $id
		4M mke2fs -q -O journal_dev -b 4096
		300M mkfs.xfs -q -L twelve-chars -m uuid=$id
		300M mkfs.xfs -q -m crc=0 -b size=1024
		300M mkfs.xfs -q -s size=4096
		512M mkfs.xfs -q -b size=4096 -i size=1024
		128M mkfs.btrfs -q -L btrfs -U $id
		128M mkfs.btrfs -q -n 4096 -s 4096 --mixed
		128M mkfs.btrfs -q --csum xxhash
		64M mkfs.f2fs -q -l name
		64M mkfs.f2fs -q -l $(printf 'long%.0s' {1..60})
		64M mkfs.f2fs -q
		1M mkfs.fat -F 12 -n TWELVE -i 1234abcd
		1M mkfs.fat -F 12
		1M mkfs.fat -F 12 -i 00000000 -n 'A B'
		360K mkfs.fat
		1440K mkfs.fat -n FLOPPY
		2880K mkfs.fat -f 1 -r 16
		16M mkfs.fat -F 16 -n SIXTEEN
		16M mkfs.fat -F 16 -S 1024 -s 2
		256M mkfs.fat -F 16 -s 64 -R 8
		64M mkfs.fat -F 32 -s 1 -n THIRTYTWO -i 0000abcd
		64M mkfs.fat -F 32 -s 1 -f 1
		300M mkfs.fat -F 32 -S 2048 -n S2048
		300M mkfs.fat -F 32 -S 4096 -s 1 -a
		64M mkfs.fat -F 32 -s 1 -M 0xf0 --mbr=n
		64M mkfs.fat -F 32 -s 1 -D 0 --mbr=y
		16M mkfs.exfat -L exFAT
		16M mkfs.exfat -c 4K
		16M mkfs.exfat -c 128K -b 1M
		16M mkudffs -l label
		16M mkudffs -m hd -b 512 -r 2.01 -l hd --vid=volume --vsid=set
		16M mkudffs -b 1024 -r 1.50
		16M mkudffs -b 4096 -l x
		16M mkudffs -m dvd -r 1.02 -l $(printf '%0126d' 7)
		16M mkudffs -m cdr -l cdr
		16M mkudffs -u 0123456789abcdef -l x
		16M mkudffs --fullvsid=0123456789ABCDEFset -l x
		16M mkudffs --fullvsid=01234567x9abcdef -l x
		16M mkudffs --fullvsid=1x2y3z4w -l x
		16M mkudffs --fullvsid=short -l x
		4M mkswap -L swap -U $id
		4M mkswap
		16M luks --type luks1
		32M luks --type luks2 --label label --subsystem sub
		32M luks --type luks2
		4M verity
		0 squashfs -comp gzip
		0 squashfs -comp zstd -b 1M
		0 squashfs -comp xz -b 4096
		0 squashfs -comp lz4 -noappend
		0 erofs -U $id
		0 erofs -zlz4hc
		8M mkfs.ntfs -q -F -L NTFS
		8M mkfs.ntfs -q -F
		8M mkfs.ntfs -q -F -c 512 -s 512 -L ntfs-512
		16M mkfs.ntfs -q -F -c 65536 -s 1024
		16M mkfs.ntfs -q -F -c 4096 -s 4096 -L $(printf 'l%.0s' {1..32})
		16M mkfs.jfs -q -L journaled
		16M mkfs.jfs -q -O
		132M mkfs.nilfs2 -q -f -L nilfs -b 4096
		132M mkfs.nilfs2 -q -f -b 1024 -B 128
		64M mkfs.reiserfs -q -f -f -l reiser -u $id
		64M mkfs.reiserfs -q -f -f --format 3.5
		128M mkfs.reiserfs -q -f -f -b 4096 -s 513
		64M mkfs.reiser4 -y -f -L four -U $id
		64M mkfs.reiser4 -y -f
		2M mkfs.minix -1 -n 14
		2M mkfs.minix -1 -n 30
		2M mkfs.minix -2 -n 30
		2M mkfs.minix -3
		2M mkfs.bfs -V name -F pack
		2M make-bcache -B
		64M make-bcache -C
		0 cramfs -N little -n name
		0 cramfs -N big -n name
		0 cramfs -N big
		0 romfs -V label
		0 romfs
		0 jffs2 -l
		0 ubifs -m 2048 -e 126976 -c 100
		0 iso -V LABEL
		0 iso -V 'iso LABEL' -J -R
		0 iso -V 'A LABEL OF THIRTY-TWO CHARACTERS' -J -joliet-long
		0 iso -V ÄÖ_ü -J -input-charset utf-8
		0 iso -V HYBRID -partition_offset 16
		0 iso -V apple -hfsplus
		0 iso -sysid SYS -publisher PUB -p PREP -A APP -volset SET -V full
		0 iso -sysid sys -publisher _file -p prep -A app -volset set -V full -J
		0 iso --modification-date=2020010203040506 -V date
		0 iso --modification-date=2020010203040506 -V date -J -eltorito-alt-boot -e file -no-emul-boot
	END
	for bits in 4096 8192 16384 32768 65536; do
		echo "4M mkswap -p $bits -L pages -U $id"
		echo "4M other_order $bits"
		echo "4M hibernated $bits S1SUSPEND"
	done
	for label in S2SUSPEND ULSUSPEND LINHIB0001 SWAP-SPACE; do
		echo "4M hibernated 4096 $label"
	done
	for size in 4M 17M 260M; do
		echo "$size mkfs.fat -n S$size"
	done
}

luks() {
	echo secret | cryptsetup -q luksFormat --uuid "$id" --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "$@" -
}

verity() {
	veritysetup format --uuid "$id" ext4 "$1"
}

iso() {
	xorriso -as mkisofs -quiet "${@:1:$#-1}" -o "${!#}" tree
}

squashfs() {
	rm "${!#}"
	mksquashfs tree "${!#}" "${@:1:$#-1}" -quiet -no-progress -noappend
}

erofs() {
	mkfs.erofs "${@:1:$#-1}" "${!#}" tree
}

cramfs() {
	mkfs.cramfs "${@:1:$#-1}" tree "${!#}"
}

romfs() {
	genromfs "${@:1:$#-1}" -d tree -f "${!#}"
}

jffs2() {
	mkfs.jffs2 "${@:1:$#-1}" -r tree -o "${!#}"
}

ubifs() {
	mkfs.ubifs "${@:1:$#-1}" -r tree -o "${!#}"
}

# A swap area of a machine of the other byte order: its version, and its last page.
other_order() {
	mkswap -p "$1" -L other -U "$id" "$2"
	printf '\0\0\0\1\0\0\0\77' | dd of="$2" bs=1 seek=1024 conv=notrunc status=none
}

hibernated() {
	mkswap -p "$1" -L hibernated -U "$id" "$3"
	{ printf %s "$2"; head -c $((10 - ${#2})) /dev/zero; } |
		dd of="$3" bs=1 seek=$(($1 - 10)) conv=notrunc status=none
}

some() {
	local count=12

	[ -z "${LOOPBOX_SOAK-}" ] || count=1000
	awk -v "seed=${LOOPBOX_SEED:-$RANDOM}" 'BEGIN { srand(seed) } { print rand() "\t" $0 }' |
		sort | cut -f 2- | head -n $count
}

prepare_file() {
	local size words number=0

	cd "$work/images" || return
	PATH=$PATH:/usr/sbin:/sbin
	export LC_ALL=C.UTF-8
	mkdir tree
	head -c 3000 /dev/urandom >tree/file
	truncate -s 4M ext4
	mkfs.ext4 -q ext4
	makers | some >list
	while read -r size words; do
		number=$((number + 1))
		truncate -s "$size" $number
		eval "set -- $words"
		"$@" $number >log 2>&1 || { echo "$words: $(<log)" >&2; return 1; }
	done <list
}

prepare() {
	cd "$work/images" || return
	export LC_ALL=C.UTF-8 # or util-linux's escapes what is no ASCII
}

# What is printed, without regard to the order of tags.
sorted() {
	answer "$@" | sed 's/" \([A-Z_]*="\)/"\n\1/g; s/: \([A-Z_]*="\)/:\n\1/' | sort
}

# What a newer util-linux tells, or no longer: squashfs, cramfs and bcache have more tags, an exFAT is
# no partition table; tables of Apple's are none of ours. A label that is not ASCII is printed as it
# is, and by util-linux 2.38 in M- notation, but for -o udev and -o value.
same_versions() {
	case $1 in
	squashfs* | cramfs* | make-bcache*) sed '/\(BLOCK_SIZE\|VERSION\)=/d' ;;
	mkfs.exfat*) sed '/\(PTTYPE\|PART_TABLE_TYPE\)=/d' ;;
	*apple*) sed '/\(PTTYPE\|PART_TABLE_TYPE\)=/d' ;;
	*Ä*) sed '/^LABEL=/d' ;;
	*) cat ;;
	esac
}

# Compares what `blkid OPTIONS` says of each image. util-linux does not know jffs2.
compare() {
	local number=0 size words failed=

	while read -r size words; do
		number=$((number + 1))
		case $words in jffs2*) continue ;; esac
		same "blkid $* # $size $words" "$(sorted blkid "$@" $number | same_versions "$words")" \
			"$(sorted "$lb" blkid "$@" $number | same_versions "$words")" || failed=y
	done <list
	[ $number -ge 12 ] && [ ! "$failed" ]
}

@test "blkid -p prints of each image what util-linux's does" {
	compare -p
}

@test "blkid -p -o udev prints of each image what util-linux's does" {
	compare -p -o udev
}

@test "blkid prints of each image what util-linux's does" {
	compare -c /dev/null
}
