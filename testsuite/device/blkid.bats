#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # bats runs each test in a subshell; the rest is in common.bash
# blkid and findfs beside util-linux's, on images of every type that we tell. Nothing
# is mounted; one loop device of our own is what is found by its label.

load common

id=01234567-89ab-cdef-fedc-ba9876543210

# image NAME SIZE COMMAND...: runs it with the image behind its words.
image() {
	local name=$1 size=$2
	shift 2

	truncate -s "$size" "$name"
	"$@" "$name" >log 2>&1 || { echo "$*: $(<log)" >&2; return 1; }
	rm log
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

# A FAT whose label comes behind many files, of which one is deleted.
late() {
	local n

	mkfs.vfat "$@"
	mkdir names
	for n in {1..5}; do
		echo "$n" >"names/a file with a name that is a long one $n"
	done
	MTOOLS_SKIP_CHECK=1 mcopy -i "${!#}" names/* ::
	MTOOLS_SKIP_CHECK=1 mdel -i "${!#}" '::a file with a name that is a long one 3'
	MTOOLS_SKIP_CHECK=1 mlabel -i "${!#}" ::BEHIND
	rm -r names
}

unlabeled() {
	mkfs.vfat "$@"
	mlabel -c -i "${!#}" ::
}

squashfs() {
	rm "$2"
	mksquashfs tree "$2" -comp "$1" -quiet -no-progress -noappend
}

erofs() {
	mkfs.erofs -U "$id" "$1" tree
}

table() {
	printf '%s\n' "${@:1:$#-1}" | sfdisk -q "${!#}"
}

prepare_file() {
	cd "$work/images" || return
	PATH=$PATH:/usr/sbin:/sbin
	mkdir tree
	echo a file >tree/file
	image ext2 4M mkfs.ext2 -q -L 'two words' -U "$id"
	image ext3 4M mkfs.ext3 -q -L 'ext3' -U "$id"
	image ext4 4M mkfs.ext4 -q -L sixteen-letters! -U "$id"
	image ext4-plain 4M mkfs.ext4 -q
	image ext4-small 4M mkfs.ext4 -q -b 1024 -O ^has_journal
	image jbd 4M mke2fs -q -O journal_dev -L journal -U "$id"
	image xfs 320M mkfs.xfs -q -L twelve-chars -m "uuid=$id"
	image xfs-plain 320M mkfs.xfs -q
	image btrfs 128M mkfs.btrfs -q -L 'a btrfs' -U "$id"
	image btrfs-plain 128M mkfs.btrfs -q
	image f2fs 64M env LC_ALL=C.UTF-8 mkfs.f2fs -l 'f2fs ü€'
	image f2fs-plain 64M mkfs.f2fs
	image fat12 1M mkfs.vfat -F 12 -n TWELVE -i 1234abcd
	image fat12-plain 1M mkfs.vfat -F 12
	image fat16 16M mkfs.vfat -F 16 -n 'SIX TEEN' -i 0000abcd
	image fat16-plain 16M mkfs.vfat -F 16
	image fat16-late 16M late -F 16
	image fat16-unlabeled 16M unlabeled -F 16 -n GONE
	image fat32 64M mkfs.vfat -F 32 -s 1 -n THIRTYTWO -i 1234ABCD
	image fat32-plain 64M mkfs.vfat -F 32 -s 1
	image fat32-4k 300M mkfs.vfat -F 32 -S 4096 -s 1 -n FOURK
	image fat32-late 300M late -F 32 -s 8
	image exfat 16M env LC_ALL=C.UTF-8 mkfs.exfat -L 'Ex Fät'
	image exfat-plain 16M mkfs.exfat
	image iso 0 iso -V 'ISO LABEL' -J -R
	image iso-long 0 iso -V 'A LABEL OF THIRTY-TWO CHARACTERS'
	image iso-hybrid 0 iso -V HYBRID -partition_offset 16
	image udf 16M mkudffs -l 'udf label'
	image udf-512 16M mkudffs -m hd -b 512 -r 2.01 -l hd
	image udf-uuid 16M mkudffs -u 0123456789abcdef -l x
	image udf-dvd 16M mkudffs -m dvd -l "$(printf '%0126d' 7)"
	image swap 4M mkswap -L swap -U "$id"
	image swap-plain 4M mkswap
	image luks1 16M luks --type luks1
	image luks2 32M luks --type luks2 --label 'luks label'
	image luks2-plain 32M luks --type luks2
	image verity 4M verity
	image squashfs-gzip 0 squashfs gzip
	image squashfs-xz 0 squashfs xz
	image squashfs-zstd 0 squashfs zstd
	image erofs 0 erofs
	image none-zeros 1M true
	image none-empty 0 true
	head -c 1M /dev/urandom >none-noise
	printf 'hsq' >none-short
	image gpt 16M table 'label: gpt' 'label-id: 11111111-2222-3333-4444-555555555555' \
		'size=4M, name="first one", uuid=AAAAAAAA-2222-3333-4444-555555555555' 'size=4M, name="zwei"'
	image dos 16M table 'label: dos' 'label-id: 0xdeadbeef' 'size=4M, type=83' 'type=5' 'size=2M'
}

prepare() {
	cd "$work/images" || return
}

# Standard output, sorted as the order of tags differs from type to type, and the
# exit code.
sorted_answer() {
	answer "$@" | sed 's/" \([A-Z_]*="\)/"\n\1/g; s/: \([A-Z_]*="\)/:\n\1/' | sort
}

# Compares with util-linux's blkid, which is not to look into its cache.
agree() {
	same "blkid $*" "$(sorted_answer blkid -c /dev/null "$@")" "$(sorted_answer "$lb" blkid "$@")"
}

# Only what both know.
tags=(-s LABEL -s UUID -s TYPE)

@test "blkid finds type, label and UUID of each type as util-linux does" {
	local file count=0

	for file in *; do
		[ -f "$file" ] || continue
		same "$file" "$(answer blkid -p -o value "${tags[@]}" "$file" | sort | grep -v exit)" \
			"$(answer "$lb" blkid -p -o value "${tags[@]}" "$file" | sort | grep -v exit)"
		count=$((count + 1))
	done
	[ "$count" -ge 40 ]
}

@test "blkid knows each type by its name" {
	local file type

	for file in *; do
		[ -f "$file" ] || continue
		type=${file%%-*}
		case $type in
		fat*) type=vfat ;;
		iso) type=iso9660 ;;
		luks*) type=crypto_LUKS ;;
		verity) type=DM_verity_hash ;;
		none | gpt | dos) type= ;;
		esac
		run "$lb" blkid -o value -s TYPE "$file"
		[ "$output" = "$type" ] || { echo "$file: $output"; return 1; }
		case $file in
		none*) [ "$status" -eq 2 ] ;;
		*) [ "$status" -eq 0 ] ;;
		esac
	done
}

@test "blkid finds no type in what is cut short" {
	in_turn 3
	local file

	cd "$dir"
	for file in ext4:1080 xfs:3 btrfs:65599 f2fs:1027 fat16:511 exfat:10 iso:32773 swap:4095 luks1:5 verity:5 squashfs-xz:3 erofs:1027; do
		head -c "${file#*:}" "$work/images/${file%:*}" >part
		run "$lb" blkid part
		[ "$status" -eq 2 ] && [ -z "$output" ] || { echo "$file: $output"; return 1; }
	done
}

@test "blkid finds LABEL, UUID and TYPE in an image of any size of the same start" {
	in_turn 3
	local file size

	cd "$dir"
	for file in ext4 xfs btrfs fat32 exfat udf iso; do
		for size in 70000 140000 530000 1050000; do
			[ "$file:$size" != udf:70000 ] || continue # which ends before the anchor
			head -c "$size" "$work/images/$file" >start
			run "$lb" blkid start
			[ "$status" -eq 0 ] && [[ $output == *TYPE=* ]] || { echo "$file, $size: $status, $output"; return 1; }
		done
	done
}

@test "blkid's formats are those of util-linux" {
	in_turn 3
	local file format

	for file in ext2 ext3 fat16 iso swap luks2 udf btrfs squashfs-xz erofs none-zeros none-empty missing; do
		agree "${tags[@]}" "$file"
		for format in full value export udev device; do
			agree -o "$format" "${tags[@]}" "$file"
		done
		agree -p -s USAGE "${tags[@]}" "$file"
		agree -p -o export -s USAGE "${tags[@]}" "$file"
		agree -p -o udev -s USAGE "${tags[@]}" "$file"
	done
}

@test "blkid quotes what is special in a label as util-linux does" {
	in_turn 3
	local label

	cp ext2 "$dir/quoted"
	cd "$dir"
	for label in 'a b  c' 'x"\y<>z' 'ab\x20c' '-.:=@_+#' '$HOME' ; do
		tune2fs -L "$label" quoted >/dev/null
		agree -s LABEL quoted
		agree -d -s LABEL quoted
		agree -o export -s LABEL quoted
		agree -o value -s LABEL quoted
		same "$label" "$(answer blkid -c /dev/null -o udev -s LABEL quoted | grep _ENC=)" \
			"$(answer "$lb" blkid -o udev -s LABEL quoted | grep _ENC=)"
	done
}

@test "blkid's export format can be read by a shell, whatever the label" {
	in_turn 3
	local label

	cp ext2 "$dir/quoted"
	cd "$dir"
	for label in '$(touch bad)' '`touch bad`' ';touch bad;' '&touch bad&' "'" '"' 'a|b' '(a)' '#a' 'a*?[b]'; do
		tune2fs -L "$label" quoted >/dev/null
		run bash -c 'eval "$("$1" blkid -o export quoted)"; echo "$LABEL"' - "$lb"
		[ "$output" = "$label" ] || { echo "$label: $output"; return 1; }
		[ ! -e bad ]
	done
}

@test "blkid prints only the tags of -s" {
	in_turn 3
	local file

	for file in ext4 fat12 swap; do
		agree -s TYPE "$file"
		agree -s TYPE -o value "$file"
		agree -s UUID -s TYPE -o export "$file"
		agree -s LABEL -s LABEL "$file"
	done
	run "$lb" blkid -s NOSUCH ext4
	[ -z "$output" ]
}

@test "A device that is known, but has not the tag, is found" {
	in_turn 3
	for words in "-s LABEL ext4-plain" "-s LABEL squashfs-gzip" "-s LABEL -o value squashfs-gzip" "-s NOSUCH ext4" \
		"-o device -s LABEL ext4-plain" "-s LABEL -o value swap-plain none-zeros" "-s LABEL none-zeros" \
		"-p -s PART_ENTRY_SCHEME -o value ext4" "-s LABEL -o export ext4-plain" "-s LABEL ext4-plain xfs"; do
		# shellcheck disable=SC2086
		agree $words
	done
}

@test "blkid -p -n asks for a type" {
	in_turn 3
	refuses 4 "-p needs a device or file" "$lb" blkid -p -n ext4
	refuses 1 "-k: unknown option" "$lb" blkid -k
	for words in "-n ext4 ext4" "-n noext4 ext4" "-n xfs,ext4 ext4" "-n noxfs,ext4 ext4" "-n swap ext4" "-n swap swap" \
		"-n swap swap ext4" "-n swap ext4 swap" "-n swap none-zeros" "-n vfat,swap fat32 swap"; do
		# shellcheck disable=SC2086
		agree -p "${tags[@]}" $words
	done
	# without -p it is nothing
	agree "${tags[@]}" -n xfs ext4
}

@test "blkid -t looks at devices that have the tag" {
	in_turn 3
	agree "${tags[@]}" -t TYPE=ext4 ext2 ext3 ext4
	agree "${tags[@]}" -t 'LABEL=two words' ext2 ext3 ext4
	agree "${tags[@]}" -t "UUID=$id" ext2 ext3 ext4-plain xfs
	agree "${tags[@]}" -t LABEL=none ext2 ext3
	agree "${tags[@]}" -t LABEL=ext ext3
	agree "${tags[@]}" -t TYPE=ext4 -o device ext2 ext3 ext4
	agree "${tags[@]}" -l -t TYPE=ext4 ext4
}

@test "blkid looks at each of several devices" {
	in_turn 3
	agree "${tags[@]}" ext2 ext4 swap
	agree "${tags[@]}" none-zeros ext4
	agree "${tags[@]}" missing ext4
	agree "${tags[@]}" ext4 missing
	agree "${tags[@]}" none-zeros none-empty missing
	agree -p "${tags[@]}" ext2 ext4
	agree -p "${tags[@]}" missing ext4
	agree -p "${tags[@]}" none-zeros ext4
	agree -o export "${tags[@]}" ext2 ext4 swap
}

@test "blkid -p -u asks for a usage" {
	in_turn 3
	agree -p -u filesystem "${tags[@]}" ext4
	agree -p -u nofilesystem "${tags[@]}" ext4
	agree -p -u crypto "${tags[@]}" luks2
	agree -p -u filesystem "${tags[@]}" luks2
	agree -p -u filesystem,other "${tags[@]}" swap
	agree -p -u filesystem "${tags[@]}" swap
	# what is not asked for hides no table, but its boot sector is none
	agree -p -u filesystem gpt
	agree -p -n vfat dos
	agree -p -u raid fat32
	agree -p -n swap fat16
	refuses 1 nonsense "$lb" blkid -p -u filesystem,nonsense ext4
	refuses 1 option "$lb" blkid -p -u '' ext4
}

@test "blkid -t takes a value in quotes, and nothing that is not NAME=VALUE" {
	in_turn 3
	local token

	for token in 'TYPE="ext4"' "TYPE='ext4'" 'TYPE="ext2"'; do
		agree -c /dev/null -t "$token" "${tags[@]}" ext4
	done
	for token in TYPE TYPE= ''; do
		agree -c /dev/null -t "$token" ext4
		refuses 4 "not NAME=VALUE" "$lb" blkid -t "$token" ext4
	done
	refuses 4 "-l needs -t" "$lb" blkid -l
}

@test "blkid -d prints values as they are, and -o udev joins blanks" {
	in_turn 3
	local label

	truncate -s 4M "$dir/odd"
	for label in ' before' 'two  of them' 'q"u\o' $'tab\there' ' a   b '; do
		mkfs.ext2 -q -F -L "$label" "$dir/odd"
		agree -p -s LABEL -o udev "$dir/odd"
		agree -p -s LABEL -d "$dir/odd"
		agree -p -s LABEL -d -o export "$dir/odd"
		agree -p -s LABEL -d -o value "$dir/odd"
		agree -p -s LABEL "$dir/odd"
	done
}

@test "blkid -p -D leaves the partition table's entry out" {
	in_turn 3
	agree -p -D gpt
	agree -p --no-part-details -o udev dos
}

@test "blkid tells the table of a disk" {
	in_turn 3
	local file

	for file in gpt dos; do
		agree "$file"
		agree -p "$file"
		agree -p -o export "$file"
		agree -p -o udev "$file"
		agree -s PTTYPE -s PTUUID "$file"
	done
	# a file system is no table, though it has its signature
	agree -s PTTYPE -s TYPE fat32
	agree -p -s PTTYPE -s TYPE fat16
}

@test "blkid takes options behind operands" {
	in_turn 3
	agree ext4 "${tags[@]}" -o value
	agree ext4 --output=export --match-tag=TYPE
	agree ext3 --match-tag LABEL --output udev
	agree ext4 -ovalue -sTYPE
	agree --probe ext4 "${tags[@]}"
	agree "${tags[@]}" -o value -- ext4
}

@test "blkid's exit code is 2 where nothing is found" {
	in_turn 3
	local words

	for words in none-zeros none-empty missing /dev/null . '-t LABEL=none ext4' '-L no-such-label' \
		'-U no-such-uuid' '-p none-noise'; do
		# shellcheck disable=SC2086
		run --separate-stderr "$lb" blkid $words
		[ "$status" -eq 2 ] && [ -z "$output" ] || { echo "$words: $status, $output"; return 1; }
	done
}

@test "blkid and findfs refuse what they do not know" {
	in_turn 3
	refuses 1 '-Z: unknown option' "$lb" blkid -Z
	refuses 1 '--bogus: unknown option' "$lb" blkid --bogus ext4
	refuses 1 'nonsense: unknown option' "$lb" blkid -o nonsense ext4
	refuses 1 '-L: needs an argument' "$lb" blkid -L
	refuses 1 '-o: needs an argument' "$lb" blkid ext4 -o
	refuses 2 '--bogus: unknown option' "$lb" findfs --bogus
	refuses 2 'exactly one argument is needed' "$lb" findfs
	refuses 2 'exactly one argument is needed' "$lb" findfs LABEL=a LABEL=b
}

# A copy of the image with a label and UUID that nobody else has, as $device.
unique() {
	label=h$RANDOM$RANDOM
	cp ext4 "$dir/unique"
	tune2fs -L "$label" -U random "$dir/unique" >/dev/null 2>&1
	uuid=$(blkid -p -o value -s UUID "$dir/unique")
	device=$(losetup -f --show "$dir/unique")
}

@test "blkid -L and -U find a device" {
	in_turn 3
	unique
	for words in "-L $label" "-U $uuid" "--label $label" "--uuid=$uuid" "-t LABEL=$label -o device" \
		"-l -t UUID=$uuid -o device"; do
		# shellcheck disable=SC2086
		run "$lb" blkid $words
		[ "$status" -eq 0 ]
		[ "$output" = "$device" ] || { echo "$words: $output"; return 1; }
	done
	[ "$(blkid -c /dev/null -L "$label")" = "$device" ]
	agree "${tags[@]}" "$device"
	agree -p "${tags[@]}" "$device"
	agree -L "${label}x"
	detach "$device"
	run "$lb" blkid -L "$label"
	[ "$status" -eq 2 ]
}

@test "blkid without a device looks at all of them" {
	in_turn 3
	unique
	run "$lb" blkid
	[ "$status" -eq 0 ]
	[[ $output == *"$device: LABEL=\"$label\" UUID=\"$uuid\" BLOCK_SIZE=\""*"\" TYPE=\"ext4\""* ]]
	run "$lb" blkid -o device
	[[ $'\n'$output$'\n' == *$'\n'"$device"$'\n'* ]]
	run "$lb" blkid -t "LABEL=$label"
	[[ $output == "$device: LABEL=\"$label\" UUID=\"$uuid\" BLOCK_SIZE=\""*"\" TYPE=\"ext4\"" ]]
}

@test "A list of devices that can not be read is told, and is not an empty one" {
	in_turn 3
	local words code
	while read -r code words; do
		# shellcheck disable=SC2086
		trace_calls "$lb" $words || true
		# shellcheck disable=SC2086
		faulty "openat:error=EIO:when=$(position openat /proc/partitions)" "$lb" $words
		[ "$status" -eq "$code" ] || { echo "$words: $status" >&2; return 1; }
		[[ $stderr == *"/proc/partitions: "*"Input/output error"* ]] || { echo "$words: $stderr" >&2; return 1; }
	done <<-END
		1 findfs LABEL=none-such
		4 blkid -L none-such
		4 blkid -U none-such
		4 blkid
		1 mount -o nofail LABEL=none-such none
		1 mount -T /dev/null LABEL=none-such
		255 swapon -e LABEL=none-such
		255 swapoff LABEL=none-such
		1 findmnt LABEL=none-such
		32 umount LABEL=none-such
	END
}

@test "findfs finds as util-linux's" {
	in_turn 3
	unique
	for words in "LABEL=$label" "UUID=$uuid" "LABEL=${label}x" UUID=no "$device"; do
		agrees findfs "$words"
	done
	[ "$("$lb" findfs "LABEL=$label")" = "$device" ]
	[ "$("$lb" findfs "UUID=${uuid^^}")" = "$device" ]
	[ "$("$lb" findfs "label=$label")" = "$device" ]
	[ "$("$lb" findfs "/dev/disk/by-label/$label")" = "$device" ]
	[ "$("$lb" findfs "/dev/disk/by-uuid/$uuid")" = "$device" ]
	for words in LABEL=none-such LABEL= /dev/missing nonsense; do
		refuses 1 "unable to resolve '$words'" "$lb" findfs "$words"
	done
}

# Attaches a disk with two file systems in the partitions of its table.
partitioned() {
	local at

	cp "$1" "$dir/disk"
	at=$(sfdisk -d "$dir/disk" | sed -n 's/.*start= *\([0-9]*\).*/\1/p' | head -n 1)
	dd if=ext2 of="$dir/disk" bs=512 seek="$at" conv=notrunc status=none
	device=$(losetup -f --show -P "$dir/disk")
	if [ ! -e "/sys/class/block/${device#/dev/}p1" ]; then
		echo "# this kernel finds no partitions on a loop device: the entries of a $1 were NOT compared" >&3
		skip "this kernel finds no partitions on a loop device"
	fi
	eventually test -b "${device}p1"
}

@test "blkid tells a GPT's entries as util-linux does" {
	in_turn 3
	partitioned gpt
	for part in "${device}p1" "${device}p2"; do
		agree "${tags[@]}" -s PARTLABEL -s PARTUUID "$part"
		agree -o export "${tags[@]}" -s PARTLABEL -s PARTUUID "$part"
		for tag in SCHEME NAME UUID TYPE NUMBER; do
			agree -p -o value -s "PART_ENTRY_$tag" "$part"
			# a blank in the name is \x20 there, and an underscore here
			[ "$tag" = NAME ] || agree -p -o udev -s "PART_ENTRY_$tag" "$part"
		done
	done
	[ "$("$lb" findfs PARTUUID=aaaaaaaa-2222-3333-4444-555555555555)" = "${device}p1" ]
	[ "$("$lb" findfs PARTUUID=aaaaaaaa-2222-3333-4444-555555555555/PARTNROFF=1)" = "${device}p2" ]
	[ "$("$lb" findfs 'PARTLABEL=first one')" = "${device}p1" ]
	[ "$("$lb" findfs '/dev/disk/by-partlabel/first\x20one')" = "${device}p1" ]
}

@test "blkid tells a DOS table's entries as util-linux does" {
	in_turn 3
	partitioned dos
	for part in "${device}p1" "${device}p5"; do
		agree "${tags[@]}" -s PARTUUID "$part"
		for tag in SCHEME UUID NUMBER; do
			agree -p -o value -s "PART_ENTRY_$tag" "$part"
		done
	done
	agree -p -o value -s PART_ENTRY_TYPE "${device}p1"
	[ "$("$lb" findfs PARTUUID=deadbeef-01)" = "${device}p1" ]
	[ "$("$lb" findfs PARTUUID=DEADBEEF-05)" = "${device}p5" ]
}

# What `dd` makes of an ISO image on a stick: the disk carries it, and partition 1 does.
@test "Of a disk and its partition with the same file system the partition is found" {
	in_turn 3
	local label=H$RANDOM$RANDOM

	cd "$dir"
	cp -r "$work/images/tree" tree
	image iso 0 iso -V "$label" -partition_offset 16
	truncate -s 4M iso
	device=$(losetup -f --show -P iso)
	[ -e "/sys/class/block/${device#/dev/}p1" ] || skip "this kernel finds no partitions on a loop device"
	eventually test -b "${device}p1"
	[ "$(blkid -p -o value -s LABEL "$device")" = "$label" ]
	[ "$("$lb" findfs "LABEL=$label")" = "${device}p1" ]
	[ "$("$lb" blkid -L "$label")" = "${device}p1" ]
	[ "$("$lb" blkid -U "$(blkid -p -o value -s UUID "$device")")" = "${device}p1" ]
	run "$lb" blkid -o device -t "LABEL=$label"
	[ "$output" = "${device}p1"$'\n'"$device" ]
}

# Numbers of so many bytes each, little-endian.
little_endian() { # BYTES NUMBER...
	local number i
	for number in "${@:2}"; do
		for ((i = 0; i < $1; i++)); do printf %b "\\x$(printf %02x $((number >> 8 * i & 255)))"; done
	done
}

# The superblock of a member of an md array, and what there is of a file system beside it.
md_member() { # VERSION FILE
	local at=$((16 << 20))
	rm -f "$2"
	mke2fs -q -t ext4 -L inside "$2" 16M >/dev/null
	case $1 in
	0.90)
		at=$((at - 65536))
		{
			little_endian 4 0xa92b4efc 0 90 0 0 0x01234567 0 1 0 2 2 0 0 0x89abcdef 0x02468ace 0x13579bdf
		} | dd of="$2" bs=512 seek=$((at / 512)) conv=notrunc status=none
		return
		;;
	1.0) at=$((at - 8192)) ;;
	1.1) at=0 ;;
	1.2) at=4096 ;;
	esac
	{
		little_endian 4 0xa92b4efc 1 0 0
		printf '0123456789abcdef%-32s' 'host:0' | tr ' ' '\0'
		head -c $((144 - 64)) /dev/zero
		little_endian 8 $((at / 512))
		head -c 104 /dev/zero
	} | dd of="$2" bs=512 seek=$((at / 512)) conv=notrunc status=none
}

@test "blkid tells the member of an md array from what the array holds" {
	in_turn 3
	local version
	for version in 0.90 1.0 1.1 1.2; do
		md_member $version "$work/member"
		own_device
		losetup "$device" "$work/member"
		[ "$(blkid -p -o value -s TYPE "$device")" = linux_raid_member ]
		agree "${tags[@]}" "$device"
		agree -p -o value -s USAGE -s TYPE "$device"
		agree -p "${tags[@]}" -u noraid "$device"
		agree -p "${tags[@]}" -n ext4 "$device"
		[ "$("$lb" blkid -L inside)" != "$device" ]
		losetup -d "$device"
		eventually unbound "$device"
	done
}
