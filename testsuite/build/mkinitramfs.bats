#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The table of words, and what scripts/mkinitramfs makes of it: which modules go into an
# initramfs, what else does, and what it says. The kernel is one of empty modules.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # variables from build.bash, and set_up's
load build.bash

PATH=$PATH:/usr/sbin:/sbin

# A kernel's folder: empty modules with these names, and files of firmware.
make_kernel() { # NAME...
	local name folder=$kernel/lib/modules/1.2.3/kernel

	mkdir -p "$folder" "$kernel/lib/firmware"
	for name; do
		printf 'const char info[] __attribute__((section(".modinfo"), used)) = "name=%s\\0license=MIT\\0firmware=%s.bin";\n' \
			"$name" "$name" | gcc -c -x c -o "$folder/$name.ko" -
	done
	: >"$kernel/lib/modules/1.2.3/modules.order"
	echo kernel/fs/ext4/ext4.ko >"$kernel/lib/modules/1.2.3/modules.builtin"
	depmod -b "$kernel" 1.2.3
}

setup_file() {
	copy_tree
	export kernel=$BATS_FILE_TMPDIR/kernel
	make_kernel loop squashfs erofs overlay isofs vfat nls_utf8 dm-mod dm-verity md-mod raid1 algif_hash \
		virtio_pci virtio_blk usb_storage xhci_pci sd_mod nvme
	printf 'systemd.verity_root_hash=' >"$BATS_FILE_TMPDIR/loopbox"
	printf 'firmware of loop' >"$kernel/lib/firmware/loop.bin"
	printf 'hsqs is squashfs' >"$BATS_FILE_TMPDIR/squashfs"
	{ head -c 1024 /dev/zero; printf '\342\341\365\340'; } >"$BATS_FILE_TMPDIR/erofs"
	{ head -c 1080 /dev/zero; printf '\123\357'; } >"$BATS_FILE_TMPDIR/ext4"
}

setup() { cd "$BATS_TEST_TMPDIR" || return; }

words() { "$tree/scripts/words"; }
make_it() { "$tree/scripts/mkinitramfs" -o out -c none --loopbox "$BATS_FILE_TMPDIR/loopbox" "$@" 2>says; }
plan() { make_it -k 1.2.3 --moddir "$kernel" --plan "$@"; }
modules() { names | sed -n 's|.*/\([^/]*\)\.ko$|\1|p' | tr '\n' ' '; }
names() { cpio --quiet -it <out; }
says() { grep -qF -- "$1" says || { echo "not said: $1; but:"; cat says; return 1; }; }

has_modules() { # NAME...
	local name
	for name; do [[ " $(modules)" == *" $name "* ]] || { echo "$name is missing: $(modules)"; return 1; }; done
}
lacks_modules() {
	local name
	for name; do [[ " $(modules)" != *" $name "* ]] || { echo "$name is there: $(modules)"; return 1; }; done
}

@test "the table has each word of the sources, with its family, slot and meaning" {
	words >table
	# As many words as the sources have, and those that select a family and stand in no table.
	same 'number of words' "$(sed '/^#define OWN_WORDS/,/^$/d' "$tree"/init/words.c "$tree"/init/families.c |
		grep -oE 'X\([A-Z_]+( \| CLEARS)?, "' | wc -l)" "$(grep ^word table | grep -vc 'selects the family$')"
	awk -F '\t' '$1 == "family" && NF != 5 || $1 == "word" && (NF != 9 || $9 == "") || $1 !~ /^(family|word)$/ { print; bad = 1 } END { exit bad }' table
	grep -qP '^word\trd.overlay\[=\]\tloopbox\tOVERLAY\tFEATURE_INIT_OVERLAY\t-\toverlay\t' table
	grep -qP '^word\trd.live.image\tdracut\tIGNORED\tFEATURE_INIT_DRACUT\tselects\t' table
	grep -qP '^word\tpersistence-\|label=\tlive-boot\tPERSISTENT_ON\t' table
	grep -qP '^word\tro\tloopbox\t-RW\t' table
	grep -qP '^family\tcasper\tFEATURE_INIT_CASPER\tlive\troot=\* ' table
	# Each option is one of kconfig's.
	awk -F '\t' '$1 == "word" { print $5 } $1 == "family" { print $3 }' table | sort -u | while read -r option; do
		grep -rqx "//config:config $option" "$tree/init" "$tree/applets" || { echo "no option $option"; return 1; }
	done
}

@test "the build writes the table, and what it can't read ends the build" {
	build "$BATS_TEST_TMPDIR/out" defconfig
	make -s -C "$tree" O="$BATS_TEST_TMPDIR/out" words >table
	words | diff - table
	cp -a "$tree" copy
	sed -i '/^\/\/slot:ROOT_TYPE/d' copy/init/plan.h
	not copy/scripts/words >/dev/null 2>says
	says 'no //slot: line for ROOT_TYPE'
}

@test "what the families take for granted counts: their modules go in" {
	plan 'rd.live.image'
	has_modules loop squashfs overlay isofs virtio_blk
	plan 'boot=live'
	has_modules loop squashfs erofs overlay
	plan 'boot=casper layerfs-path=a.b.squashfs'
	has_modules loop squashfs overlay
	plan 'archisobasedir=arch'
	has_modules loop squashfs erofs overlay
	plan 'root=/dev/ram0 init=/linuxrc looptype=squashfs loop=/image.squashfs cdroot'
	has_modules loop squashfs isofs
	lacks_modules overlay
	plan 'root=/dev/vda rootrw=/dev/vdb'
	has_modules overlay
	lacks_modules loop squashfs
	plan 'root=/dev/vda overlaytmpfs'
	has_modules overlay
	plan 'root=/dev/vda systemd.volatile=overlay'
	has_modules overlay
	[ ! -s says ] || { cat says; false; }
}

@test "each word brings what it needs, and only that" {
	plan 'root=/dev/vda'
	lacks_modules loop squashfs overlay dm-mod md-mod
	plan 'root=/dev/vda loop=a.squashfs'
	has_modules loop squashfs
	lacks_modules overlay erofs
	plan 'root=/dev/vda loop=a.erofs'
	has_modules loop erofs
	plan 'root=/dev/vda loop=a.squashfs:b.squashfs'
	has_modules overlay
	plan 'root=/dev/vda loop=images/'
	has_modules overlay squashfs
	plan 'root=/dev/vda loop=a.squashfs rd.overlay=no'
	lacks_modules overlay
	plan 'root=/dev/vda rootfstype=vfat loop=x loopfstype=erofs'
	has_modules vfat nls_utf8 erofs
	lacks_modules squashfs
	plan 'root=/dev/vda loop=a.squashfs roothash=00'
	has_modules dm-mod dm-verity
	plan 'md=0,/dev/vda,/dev/vdb root=/dev/md0'
	has_modules md-mod raid1
	plan 'root=/dev/vda loopbox.iso=/boot/live.iso loop=a.squashfs'
	has_modules loop isofs
	plan 'archisobasedir=arch checksum'
	has_modules algif_hash
	# What stands behind "--", or in another word, is not init's.
	plan 'root=/dev/vda foo="a loop=b" -- rd.overlay'
	lacks_modules loop overlay
}

@test "words that nobody knows are warned of, with the one that was meant" {
	plan 'root=/dev/vda lop=a.squashfs'
	says 'lop=: did you mean loop=?'
	plan 'root=/dev/vda rd.overly rotfstype=ext4'
	says 'rd.overly: did you mean rd.overlay?'
	says 'rotfstype=: did you mean rootfstype=?'
	plan 'boot=live persistance'
	says 'persistance: did you mean persistence?'
	plan 'root=/dev/vda toram'
	says 'toram: a word of live-boot, which only counts beside boot=live'
	plan 'root=/dev/vda loopbox.nonsense'
	says 'loopbox.nonsense: not a word of loopbox'
	plan 'root=/dev/vda rd.luks.uuid=1 rd.lvm.lv=a/b ip=dhcp'
	says 'rd.luks.uuid=: loopbox does nothing about LUKS'
	says 'rd.lvm.lv=: loopbox does nothing about LVM'
	says 'ip=: loopbox does nothing about network roots'
	plan 'boot=live fetch=http://x/'
	says 'fetch=http://x/: not supported'
	# These are the kernel's, systemd's or a module's.
	plan 'root=/dev/vda quiet splash console=ttyS0,115200n8 panic=5 loop.max_loop=8 systemd.unit=rescue.target net.ifnames=0 BOOT_IMAGE=/vmlinuz'
	[ ! -s says ] || { cat says; false; }
}

@test "an unknown medium or hardware is refused, with those that there are" {
	run make_it -k 1.2.3 --moddir "$kernel" --plan root=/dev/vda --medium fat
	[ "$status" = 2 ]
	says "unknown file system 'fat' (there are: squashfs, erofs,"
	run make_it -k 1.2.3 --moddir "$kernel" --plan root=/dev/vda --hardware floppy
	[ "$status" = 2 ]
	says "unknown hardware 'floppy' (there are: ata, cdrom, mmc, mtd, nand, nvme, ubi, usb, virtio)"
	[ ! -e out ]
}

@test "a plan of flash brings what its words need" {
	local kernel=$BATS_TEST_TMPDIR/kernel all
	all="mtd mtdblock cmdlinepart ubi ubifs zstd jffs2 squashfs overlay spi_nor nand virtio_blk virtio_pci"
	# shellcheck disable=SC2086 # words
	make_kernel $all
	brings() { # WORDS MODULES [OPTION...]
		local words=$1 wanted=$2 name
		shift 2
		plan "$words" "$@"
		[ ! -s says ] || { cat says; false; }
		# shellcheck disable=SC2086 # words
		has_modules $wanted
		for name in $all; do
			[[ " $wanted virtio_blk virtio_pci " == *" $name "* ]] || lacks_modules "$name"
		done
	}
	brings 'root=ubi0:rootfs ubi.mtd=rootfs' 'ubi ubifs zstd squashfs'
	brings 'root=/dev/ubiblock0_0 ubi.block=0,rootfs' 'ubi squashfs'
	brings 'root=mtd:rootfs' 'mtdblock jffs2 squashfs'
	brings 'root=/dev/mtdblock2 rootfstype=squashfs rd.overlay=mtd:data:/up,required mtdparts=spi0:1M(a)' \
		'mtdblock jffs2 squashfs overlay cmdlinepart'
	brings 'root=/dev/vda rd.overlay=ubi0_1 loopbox.tries.on=mtd4:/tries' 'ubi ubifs zstd mtdblock jffs2 overlay'
	brings 'root=/dev/vda' 'mtd mtdblock cmdlinepart spi_nor' --hardware virtio,mtd
	brings 'root=/dev/vda' 'mtd cmdlinepart nand ubi' --hardware virtio,nand,ubi
}

@test "what the kernel lacks is told, with what then does not work" {
	local kernel=$BATS_TEST_TMPDIR/kernel
	make_kernel loop virtio_pci virtio_blk
	plan 'root=/dev/vda loop=a.squashfs rd.overlay roothash=00 rootfstype=strangefs'
	says 'kernel 1.2.3 has no module squashfs, which loop=a.squashfs needs: squashfs images can'
	says 'kernel 1.2.3 has no module overlay, which rd.overlay needs: '
	says 'has no module dm-mod, dm-verity, which roothash=00 needs: a root hash can'
	says 'has no module strangefs, which rootfstype=strangefs needs'
	# Built in is there.
	plan 'root=/dev/vda rootfstype=ext4'
	[ ! -s says ] || { cat says; false; }
	plan 'root=/dev/vda' --hardware usb
	says 'has no module usb_storage, sd_mod, which --hardware needs'
}

@test "an image goes in by its own type, or by the name that loop= has" {
	local type
	for type in squashfs erofs ext4; do
		make_it --image "$BATS_FILE_TMPDIR/$type"
		names | grep -qx "root.$type"
	done
	plan 'quiet' --image "$BATS_FILE_TMPDIR/erofs"
	says 'add loop=/root.erofs to the command line'
	"$tree/scripts/mkinitramfs" --list out | grep -q 'modules, .* loop.* erofs\|modules, .* erofs.* loop'
	plan 'loop=/images/a.erofs' --image "$BATS_FILE_TMPDIR/erofs"
	[ ! -s says ]
	same members "$(printf '%s\n' images images/a.erofs)" "$(names | head -n 2)"
	cpio --quiet -i --to-stdout images/a.erofs <out | cmp - "$BATS_FILE_TMPDIR/erofs"
	printf 'nothing that is known' >strange
	make_it --image strange
	says 'strange: not squashfs, EROFS, ext4 or ISO'
}

@test "--words goes in for a binary that obeys it, and brings its modules" {
	local words='loop=images/a.erofs roothash=00'
	make_bound() { "$tree/scripts/mkinitramfs" -o out -c none --loopbox bound "$@" 2>says; }
	printf 'systemd.verity_root_hash= /etc/loopbox.words' >bound
	make_bound -k 1.2.3 --moddir "$kernel" --plan root=/dev/vda --words "$words"
	same words "$words" "$(cpio --quiet -i --to-stdout etc/loopbox.words <out)"
	has_modules loop erofs dm-verity
	[ ! -s says ] || { cat says; false; }
	# On several lines, and in quotes.
	words=$'loop="a b.squashfs"\nroothash=00 loopbox.verity.options=panic-on-corruption'
	make_bound --words "$words"
	same words "$words" "$(cpio --quiet -i --to-stdout etc/loopbox.words <out)"
	# Such a binary boots nothing without.
	make_bound
	says 'bound boots only what --words or --roothash says is verified, and there is neither'
	echo 00 >a.roothash
	make_bound --roothash a.roothash
	[ ! -s says ]
	rm out
	# What init would refuse there.
	for words in quiet 'loop=a roothash=00 rootash=1' 'boot=live' 'loop=a -- roothash=00'; do
		run make_bound --words "$words"
		[ "$status" = 2 ]
		says ': not a word for /etc/loopbox.words'
	done
	run make_it --words 'loop=a roothash=00'
	[ "$status" = 2 ]
	says "can't obey --words: it was built without INIT_ROOT_HASH_FROM_INITRAMFS"
	[ ! -e out ]
}

@test "--add and --add-tree put files in, with their folders, links and modes" {
	mkdir -p tree/etc/deep tree/usr/bin
	echo configuration >tree/etc/deep/file
	echo program >tree/usr/bin/program
	chmod 755 tree/usr/bin/program
	ln -s ../usr/bin/program tree/etc/link
	echo one >one
	echo two >'two words'
	make_it --add-tree tree --add one:/etc/one --add 'two words:/two words' --add one:/opt/
	(mkdir unpacked && cd unpacked && cpio --quiet -id --no-preserve-owner <../out 2>/dev/null) || :
	same files "$(cat tree/etc/deep/file one 'two words' one)" "$(cd unpacked && cat etc/deep/file etc/one 'two words' opt/one)"
	[ -x unpacked/usr/bin/program ]
	[ ! -x unpacked/etc/one ]
	same link ../usr/bin/program "$(readlink unpacked/etc/link)"
	names | awk '{ folder = $0; if (sub("/[^/]*$", "", folder) && !seen[folder]) { print; exit 1 } seen[$0] = 1 }'
	# Twice the same bytes.
	mv out before
	make_it --add-tree tree --add one:/etc/one --add 'two words:/two words' --add one:/opt/
	cmp before out
	run make_it --add nothing
	[ "$status" = 1 ]
	run make_it --add one:../../etc/x
	[ "$status" = 2 ]
	mkfifo tree/fifo
	run make_it --add-tree tree
	[ "$status" = 1 ]
	says 'tree/fifo: neither a file, nor a directory'
}

@test "--firmware takes what modules name, or what is named" {
	plan 'root=/dev/vda loop=a.squashfs' --firmware auto
	cpio --quiet -i --to-stdout lib/firmware/loop.bin <out | cmp - "$kernel/lib/firmware/loop.bin"
	says 'files that modules name'
	plan 'root=/dev/vda' --firmware loop.bin
	names | grep -qx lib/firmware/loop.bin
	xz -k --check=crc32 -c "$kernel/lib/firmware/loop.bin" >"$kernel/lib/firmware/packed.bin.xz"
	plan 'root=/dev/vda' --firmware packed.bin
	cpio --quiet -i --to-stdout lib/firmware/packed.bin <out | cmp - "$kernel/lib/firmware/loop.bin"
	run make_it -k 1.2.3 --moddir "$kernel" --plan root=/dev/vda --firmware missing.bin
	[ "$status" = 1 ]
	says 'lib/firmware/missing.bin: no such file'
}

@test "--microcode comes first, by its maker, and not compressed" {
	printf '\1\0\0\0intel' >intel
	printf 'DMA\0amd' >amd
	make_it -c gzip --microcode intel
	cpio --quiet -i --to-stdout kernel/x86/microcode/GenuineIntel.bin <out | cmp - intel
	make_it -c gzip --microcode amd --image "$BATS_FILE_TMPDIR/squashfs"
	cpio --quiet -i --to-stdout kernel/x86/microcode/AuthenticAMD.bin <out | cmp - amd
	same 'first member' kernel "$(names | head -n 1)"
	# As distributions have it: an archive.
	(mkdir -p a/kernel && cp amd a/kernel/ && cd a && find . | cpio --quiet -o -H newc) >ucode.img
	make_it -c gzip --microcode ucode.img
	names | grep -qx kernel/amd
	run make_it --microcode "$BATS_FILE_TMPDIR/squashfs"
	[ "$status" = 1 ]
	says 'neither microcode of Intel or AMD'
}

@test "a loopbox without init is told" {
	local built=$BATS_TEST_DIRNAME/../../build
	"$tree/scripts/mkinitramfs" -o out --loopbox "$built/dropin_defconfig/loopbox" --plan 'root=/dev/vda' -k 1.2.3 --moddir "$kernel" 2>says
	says 'dropin_defconfig/loopbox has no init: '
	run "$tree/scripts/try-plan" --loopbox "$built/dropin_defconfig/loopbox"
	[ "$status" = 1 ]
	[[ $output == *'dropin_defconfig/loopbox has no init: '* ]]
	for name in boot verity initramfs full; do
		"$tree/scripts/mkinitramfs" -o out --loopbox "$built/${name}_defconfig/loopbox" -k 1.2.3 --moddir "$kernel" --modules loop 2>says
		[ ! -s says ]
	done
}

@test "--emergency puts a shell in, which must be static" {
	plan 'root=/dev/vda' --emergency
	names | grep -qx bin/sh
	says 'the shell runs where the command line has rd.shell'
	cpio --quiet -i --to-stdout bin/busybox <out | cmp - "$(command -v busybox)"
	plan 'root=/dev/vda rd.shell' --emergency="$(command -v busybox)"
	[ ! -s says ]
	plan 'root=/dev/vda rd.shell' --emergency "$(command -v busybox)" -v
	names | grep -qx bin/busybox
	run make_it --emergency=/bin/bash
	[ "$status" = 1 ]
	says '/bin/bash: not static'
}

@test "--dry-run and -v tell what goes in and why; --dry-run writes nothing" {
	"$tree/scripts/mkinitramfs" --dry-run --loopbox "$BATS_FILE_TMPDIR/loopbox" -k 1.2.3 --moddir "$kernel" \
		--plan 'root=/dev/vda loop=a.squashfs rd.overlay' --image "$BATS_FILE_TMPDIR/squashfs" >told
	grep -q 'overlay\.ko (rd\.overlay)' told
	grep -q 'squashfs\.ko (loop=a\.squashfs)' told
	grep -q 'virtio_blk\.ko (--hardware)' told
	grep -q ' init (loopbox)' told
	[ ! -e out ]
	plan 'root=/dev/vda rd.overlay' -v
	says 'overlay.ko (rd.overlay)'
	says 'out: '
	"$tree/scripts/mkinitramfs" -h | grep -q '^Usage: mkinitramfs'
	"$tree/scripts/mkinitramfs" --version | grep -qxE 'mkinitramfs from loopbox [0-9.]+'
	same version "$(<"$tree/VERSION")" "$("$tree/scripts/mkinitramfs" --version | awk '{ print $NF }')"
}

@test "--list tells what is in ours and in others', archive by archive" {
	local compression
	for compression in none gzip xz zstd; do
		make_it -k 1.2.3 --moddir "$kernel" --plan 'root=/dev/vda loop=a.squashfs' -c "$compression" --image "$BATS_FILE_TMPDIR/squashfs"
		"$tree/scripts/mkinitramfs" --list out >told
		grep -q 'archive 1, not compressed: 1 members' told
		grep -qx ' *16   644  root.squashfs' told
		case $compression in
		none) grep -q 'archive 2, not compressed' told ;;
		*) grep -qE "archive 2, $compression, [0-9,]+ bytes, [0-9,]+ unpacked: " told ;;
		esac
		grep -qE ' [0-9]+ modules, [0-9]+ bytes:.* squashfs' told
		grep -qE 'sbin/modprobe \(link\)' told
		grep -qE 'dev/console \(device\)' told
	done
	# Of cpio's, with zeros behind it and another behind these.
	mkdir -p theirs/scripts
	echo x >theirs/scripts/init
	{
		(cd theirs && find . | cpio --quiet -o -H newc)
		head -c 4096 /dev/zero
		(cd theirs && find . | cpio --quiet -o -H newc) | lz4 -l -q
	} >their.img
	"$tree/scripts/mkinitramfs" --list their.img >told
	grep -q 'archive 1, not compressed: 3 members' told
	grep -qE 'archive 2, lz4, .*: 3 members' told
	same 'members of both' 2 "$(grep -c 'scripts/init$' told)"
	echo 'neither' >nothing
	run "$tree/scripts/mkinitramfs" --list nothing
	[ "$status" = 1 ]
	[[ $output == *'nothing: byte 0: neither a cpio archive'* ]]
}
