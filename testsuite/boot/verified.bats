#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# init with a root hash: what is what it should be boots, and nothing else does.

load common

: "${LOOPBOX_VERITY:=$top/build/verity_defconfig/loopbox}"

# Puts the hash tree behind an image; its root hash is in FILE.root then.
sign() { # FILE [OPTION...]
	local file=$1 size
	shift

	size=$(wc -c <"$file")
	veritysetup format "$file" "$file" --hash-offset="$size" "$@" | sed -n 's/^Root hash: *\t//p' >"$file.root"
}

root() { # NAME
	cat "$work/$1.root"
}

flip() { # FILE POSITION
	local byte

	byte=$(od -An -tu1 -j "$2" -N1 "$1")
	# shellcheck disable=SC2059
	printf "\\x$(printf %02x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

prepare_file() {
	cd "$work" || return
	root_with first first
	head -c 600K /dev/urandom >first/facts/.filler
	squashfs first first.squashfs
	cp first.squashfs plain.squashfs
	sign first.squashfs
	root_with second second
	squashfs second second.squashfs
	sign second.squashfs --hash=sha512 --salt=aabb
	root_with third third
	mkfs.erofs --quiet third.erofs third >/dev/null 2>&1 || mkfs.erofs third.erofs third >/dev/null
	sign third.erofs
	cp plain.squashfs beside.squashfs
	veritysetup format beside.squashfs beside.squashfs.verity | sed -n 's/^Root hash: *\t//p' >beside.root
	layer top top
	squashfs top top.squashfs
	sign top.squashfs

	mkdir -p medium/images
	cp ./*.squashfs ./*.erofs beside.squashfs.verity medium/images
	ext4 medium medium.ext4
}

# The medium with one of its images changed by a command, which finds it as $image.
changed_medium() { # IMAGE COMMAND...
	local image

	cp -r "$work/medium" changed
	image=changed/images/$1
	shift
	"$@" "$image"
	ext4 changed changed.ext4
}

on_medium='root=/dev/vda rootfstype=ext4'
# What mkinitramfs has to provide for.
one_plan='root=/dev/vda loop=x.erofs loop=x rd.overlay roothash=x'

# Makes KERNEL/initramfs of that for each, for `share` to take.
initramfs_for() { # KERNEL...
	local name

	for name; do
		on "$name"
		mkdir -p "all-$name"
		(cd "all-$name" && planned "$one_plan" --medium ext4)
	done
}

# Builds a ready configuration with a change, in the folder of that name.
variant() { # NAME CONFIGURATION SED
	make -s -C "$top" O="$PWD/$1" "$2" >/dev/null
	sed -i -e '/_REQUIRE_VERITY is not set/d; /_UNVERIFIED_OVERLAY is not set/d' -e "$3" "$1/.config"
	make -s -C "$top" O="$PWD/$1" olddefconfig >/dev/null
	make -s -C "$top" O="$PWD/$1"
}

share() { # KERNEL
	on "$1"
	cp "../all-$1/initramfs" .
}

# What the guest must see of a verified root.
is_verified() { # TYPE
	told "mount /dev/dm-[0-9]+ / $1 ro,.*" 'root Read-only file system' end
}

@test "A verified squashfs boots by the smallest build, on old and new kernels" {
	need 5.10 6.1 newest
	boots() {
		on "$1"
		loopbox=$LOOPBOX_VERITY
		initramfs --modules virtio_pci,virtio_blk,ext4,loop,squashfs,dm-verity
		boot "$on_medium loop=/images/first.squashfs loopfstype=squashfs roothash=$(root first.squashfs)" "$work/medium.ext4"
		is_verified squashfs
		told 'fact first first' 'mount /dev/vda .*/run/initramfs/medium ext4 ro,nosuid,nodev,noexec,.*'
		said 'verified /run/initramfs/medium/images/first.squashfs: /dev/dm-0'
		has_console_only
	}
	each boots 5.10 newest -- 6.1
}

@test "The smallest build boots nothing that is not what its root hash stands for" {
	need 6.1
	on 6.1
	loopbox=$LOOPBOX_VERITY
	initramfs --modules virtio_pci,virtio_blk,ext4,loop,squashfs,dm-verity
	refuses() {
		local words="loop=/images/first.squashfs loopfstype=squashfs" hash
		hash=$(root first.squashfs)
		ln ../initramfs .
		case $1 in
		wrong) hash=$(root second.squashfs | cut -c1-64) ;;
		empty) hash= ;;
		long) hash=$hash$hash$hash$hash$hash ;;
		none) words='loop=/images/plain.squashfs loopfstype=squashfs' ;;
		first-block) changed_medium first.squashfs flip_at 100 ;;
		esac
		boot "quiet $on_medium $words roothash=$hash" "$([ -e changed.ext4 ] && echo "$PWD/changed.ext4" || echo "$work/medium.ext4")"
		grep -q 'Attempted to kill init! exitcode=0x00000100' console || complain 'no panic because init ended with 1' || return
		untold '.*' || return
		# a line of loopbox's own, and the kernel's
		grep -E '^\[.*\] loopbox: ' console
	}
	flip_at() { flip "$2" "$1"; }
	each refuses wrong none first-block -- empty long
}

@test "Each place of a hash tree, each kind of image, and each word for a root hash" {
	need 5.10 6.1 newest
	boots() {
		local words disks=("$work/medium.ext4") type=squashfs fact=first hash
		share "${1%%-*}"
		hash=$(root first.squashfs)
		case ${1#*-} in
		behind) words="loop=images/first.squashfs roothash=$hash" ;;
		sha512) words="loop=images/second.squashfs roothash=$(root second.squashfs)" fact=second ;;
		erofs) words="loop=images/third.erofs roothash=$(root third.erofs)" type=erofs fact=third ;;
		beside) words="loop=images/beside.squashfs roothash=$(cat "$work/beside.root")" ;;
		link)
			# by a name that would be words of a table
			cp -r "$work/medium" changed
			ln -s /dev/vdb "changed/images/x 4096 4096 9"
			ext4 changed changed.ext4
			disks=(changed.ext4 "$work/first.squashfs")
			words="\"loop=images/x 4096 4096 9\" roothash=$hash" ;;
		name) words="loop=images/first.squashfs loopbox.roothash.first.squashfs=$hash" ;;
		path) words="loop=/images/first.squashfs loopbox.roothash./images/first.squashfs=$hash" ;;
		file)
			cp "$work/first.squashfs.root" first.squashfs.roothash
			planned "root=/dev/vda loop=images/first.squashfs" --medium ext4 --roothash first.squashfs.roothash
			words="loop=images/first.squashfs" ;;
		device) words="roothash=$hash" disks=("$work/first.squashfs") ;;
		devices)
			words="systemd.verity_root_data=/dev/vda systemd.verity_root_hash=/dev/vdb roothash=$(cat "$work/beside.root")"
			disks=("$work/plain.squashfs" "$work/beside.squashfs.verity") ;;
		offset) words="loop=images/first.squashfs roothash=$hash systemd.verity_root_options=hash-offset=$(wc -c <"$work/plain.squashfs")" ;;
		options) words="loop=images/first.squashfs roothash=$hash loopbox.verity.options=restart-on-corruption,ignore-zero-blocks" ;;
		table)
			# shellcheck disable=SC2046 # two words
			set -- $(veritysetup dump "$work/first.squashfs" --hash-offset="$(wc -c <"$work/plain.squashfs")" | sed -n 's/^\(Data blocks\|Salt\): *\t//p')
			words="loop=images/first.squashfs dm-mod.create=\"vroot,,,ro,0 $(($1 * 8)) verity 1 IMAGE IMAGE 4096 4096 $1 $(($1 + 1)) sha256 $hash $2\"" ;;
		esac
		boot "root=/dev/vda $words" "${disks[@]}"
		is_verified "$type"
		told "fact $fact $fact"
		case $words in *loop=*) told 'mount /dev/vda .*/run/initramfs/medium ext4 ro,nosuid,nodev,noexec,.*' ;; esac
	}
	initramfs_for 5.10 6.1 newest
	each boots newest-behind 5.10-sha512 newest-erofs 5.10-link newest-devices 5.10-table -- 6.1-erofs 5.10-beside newest-name \
		5.10-path newest-file 5.10-device 5.10-offset newest-options
}

@test "A list goes on to what is verified, and to nothing else, on old and new kernels" {
	need 5.10 newest
	local size names=(start tree superblock cut-tree cut swapped fifo wrong) words='' list='' name
	size=$(wc -c <"$work/plain.squashfs")
	for name in "${names[@]}"; do
		cp "$work/first.squashfs" "$name"
		case $name in
		start) flip "$name" 96 ;;
		tree) flip "$name" $((size + 4096)) ;;
		superblock) flip "$name" "$size" ;;
		cut-tree) truncate -s $((size + 4096)) "$name" ;;
		cut) truncate -s 100000 "$name" ;;
		swapped) cp "$work/second.squashfs" "$name" ;;
		fifo) rm "$name" && mkfifo "$name" ;;
		esac
		list=$list,$name
		if [ "$name" = wrong ]; then
			words="$words loopbox.roothash.wrong=$(printf %064d 5)"
		else
			words="$words loopbox.roothash.$name=$(root first.squashfs)"
		fi
	done
	mkdir medium
	cp -a "${names[@]}" "$work/plain.squashfs" "$work/second.squashfs" medium
	ext4 medium medium.ext4
	boots() {
		on "$1"
		planned "$one_plan" --medium ext4
		boot "root=/dev/vda rd.shell rd.break=pre-mount loopbox.tries=3 $words
			loop=${list#,},plain.squashfs,second.squashfs loopbox.roothash.second.squashfs=$(root second.squashfs)" ../medium.ext4
		is_verified squashfs
		told 'fact second second'
		same failures "$(printf '%s\n' "${names[@]}" plain.squashfs)" "$(values failure | sed 's,.*medium/\([^:]*\):.*,\1,')"
		# loopbox's reason, or the kernel's
		told 'failure .*/start: verify .*: Input/output error; device-mapper: verity: .* data block 0 is corrupted' \
			'failure .*/tree: verify .*: Input/output error; device-mapper: verity: .* metadata block [0-9]+ is corrupted' \
			'failure .*/wrong: verify .*: Input/output error; .*' \
			'failure .*/(superblock|cut): no dm-verity superblock at byte [0-9]+' \
			'failure .*/cut-tree: dm table: Argument list too long; .*[Hh]ash device is too small.*' \
			'failure .*/swapped: a bad root hash: not as long as those of the algorithm' \
			'failure .*/fifo: not a regular file or block device' \
			'failure .*/plain.squashfs: no root hash for it, and one is demanded'
		said 'rd.shell: off, since a root hash is demanded'
		said 'rd.break: off, since a root hash is demanded'
		said 'loopbox.tries: off, since a root hash is demanded'
		# Nothing of them is left.
		same 'loop devices' second.squashfs "$(values 'loop [0-9]*' | sed 's,.*/,,')"
	}
	each boots 5.10 newest
}

@test "What is changed behind the start of an image is found when it is read" {
	need newest
	on newest
	flip_at() { flip "$2" "$1"; }
	# Text that the guest reads, and that takes more than one block.
	root_with first first
	head -c 60000 /dev/urandom | base64 -w 76 >first/facts/long
	squashfs first first.squashfs
	sign first.squashfs
	cp -r "$work/medium" whole
	cp first.squashfs whole/images
	ext4 whole whole.ext4
	flip first.squashfs 40000
	cp first.squashfs whole/images
	ext4 whole changed.ext4
	planned "$one_plan" --medium ext4
	boot "root=/dev/vda loop=images/first.squashfs roothash=$(<first.squashfs.root)" whole.ext4
	told 'mount /dev/dm-[0-9]+ / squashfs ro,.*' end 'fact first first'
	same 'lines that are read' "$(wc -l <first/facts/long)" "$(values 'fact long' | wc -l)"
	boot "root=/dev/vda loop=images/first.squashfs roothash=$(<first.squashfs.root)" changed.ext4
	told 'mount /dev/dm-[0-9]+ / squashfs ro,.*' end
	[ "$(values 'fact long' | wc -l)" -lt "$(wc -l <first/facts/long)" ] || complain 'what was changed was read'
}

@test "Layers, copies in memory and overlays of what is verified" {
	need 5.10 newest
	boots() {
		local words type=overlay first second
		share "${1%%-*}"
		first=$(root first.squashfs)
		case ${1#*-} in
		layers) words="loop=images/first.squashfs:images/top.squashfs loopbox.roothash.first.squashfs=$first loopbox.roothash.top.squashfs=$(root top.squashfs)" ;;
		overlay) words="loop=images/first.squashfs roothash=$first rd.overlay" ;;
		store) words="loop=images/first.squashfs roothash=$first rd.overlay=/dev/vda:/changes rw" ;;
		ram) words="loop=images/first.squashfs roothash=$first loopbox.toram" type=squashfs ;;
		ram-beside) words="loop=images/beside.squashfs roothash=$(cat "$work/beside.root") loopbox.toram rd.overlay" ;;
		erofs) words="loop=images/third.erofs roothash=$(root third.erofs) rd.overlay loopbox.toram" ;;
		fifo)
			cp -r "$work/medium" changed
			mkfifo changed/images/other.squashfs.verity
			cp "$work/plain.squashfs" changed/images/other.squashfs
			ext4 changed changed.ext4
			words="loop=images/other.squashfs,images/first.squashfs roothash=$first loopbox.toram" type=squashfs ;;
		esac
		boot "root=/dev/vda $words" "$([ -e changed.ext4 ] && echo changed.ext4 || echo "$work/medium.ext4")"
		told "mount [^ ]+ / $type .*" end 'mount /dev/dm-0 .* ro,.*'
		case ${1#*-} in
		layers) told 'fact first first' 'fact top top' 'mount /dev/dm-1 .* squashfs ro,.*' 'root Read-only file system' ;;
		store | overlay) told 'fact first first' 'root writable' 'mount tmpfs /run/initramfs/overlay tmpfs rw,.*' 'mount /dev/vda /run/initramfs/medium ext4 ro,.*' ;;
		erofs) told 'fact third third' 'root writable' ;;
		esac
		case ${1#*-} in
		store) said 'rd.overlay: in memory, since a root hash is demanded' ;;
		ram* | erofs) untold 'mount /dev/vda .*' 'loop .*medium.*'; told 'loop 0 /run/initramfs/ram/.*' ;;
		esac
	}
	initramfs_for 5.10 newest
	each boots newest-layers newest-store newest-erofs 5.10-fifo -- 5.10-overlay newest-ram 5.10-ram-beside
}

@test "A signed root hash boots where the kernel knows the key, and nowhere else" {
	need 6.1 newest
	openssl genrsa -out key.pem 2048 2>/dev/null
	on 6.1
	"$here/kernel-with-key" "$kernel/kernel" key.pem known
	head -c -1 "$work/first.squashfs.root" >root-hash
	mkdir signed
	openssl smime -sign -nocerts -noattr -binary -in root-hash -inkey key.pem -signer known.crt -outform der \
		-out signed/signature
	initramfs_for 6.1 newest
	boots() {
		share "${1%-known}"
		cp -r ../signed .
		overlay signed
		if [ "$1" != "${1%-known}" ]; then
			mkdir patched
			ln ../known patched/kernel
			kernel=patched
		fi
		boot "root=/dev/vda loop=images/first.squashfs roothash=$(root first.squashfs) dm_verity.require_signatures=1
			loopbox.verity.options=root-hash-signature=/signature" "$work/medium.ext4"
		if [ "$kernel" = patched ]; then
			is_verified squashfs
		else
			untold '.*'
			said 'first.squashfs: dm table: Required key not available; .*Root hash verification failed'
		fi
	}
	each boots 6.1-known newest -- 6.1
}

@test "Partitions are found by the root hash; /usr has a hash of its own" {
	need newest
	on newest
	local hash usr number guid
	planned "root=/dev/vda roothash=x usrhash=x loop=x" --medium squashfs,ext4
	mkdir tree usr
	root_with tree root
	rm -rf tree/usr && mkdir tree/usr
	squashfs tree root.squashfs
	layer usr usr
	squashfs usr usr.squashfs
	mkdir -p usr/usr-was-mounted
	squashfs usr usr.squashfs
	for name in root usr; do
		veritysetup format $name.squashfs $name.verity | sed -n 's/^Root hash: *\t//p' >$name.hash
		truncate -s %1M $name.squashfs
		truncate -s %1M $name.verity
	done
	guid() { echo "${1:0:8}-${1:8:4}-${1:12:4}-${1:16:4}-${1:20:12}"; }
	for name in root usr; do
		hash=$(<$name.hash)
		guid "$hash" >$name.data-guid
		guid "$(echo "$hash" | tail -c 33)" >$name.tree-guid
	done
	truncate -s 16M disk
	{
		echo 'label: gpt'
		for file in root.squashfs:root.data root.verity:root.tree usr.squashfs:usr.data usr.verity:usr.tree; do
			echo "size=$(($(wc -c <"${file%:*}") / 512)), uuid=$(<"${file#*:}-guid")"
		done
	} | sfdisk -q disk
	number=1
	for file in root.squashfs root.verity usr.squashfs usr.verity; do
		dd if=$file of=disk bs=512 seek="$(sfdisk -d disk | sed -n "s/^disk$number : start= *\([0-9]*\),.*/\1/p")" conv=notrunc status=none
		number=$((number + 1))
	done
	boots() {
		local words

		words="roothash=$(<../root.hash)"
		ln ../initramfs .
		cp ../disk .
		case $1 in
		mapper) words="root=/dev/mapper/root $words" ;;
		usr) words="$words usrhash=$(<../usr.hash)" ;;
		usr-words) words="$words usrhash=$(<../usr.hash) systemd.verity_usr_options=check-at-most-once
			systemd.verity_usr_data=/dev/vda3 systemd.verity_usr_hash=PARTUUID=$(<../usr.tree-guid)" ;;
		usr-alone) words="root=/dev/vda1 usrhash=$(<../usr.hash)" ;;
		absent-usr) words="$words usrhash=$(printf %064d 7) rootwait=2" ;;
		absent-tree) words="root=/dev/vda1 $words systemd.verity_root_hash=/dev/vdc rootwait=2" ;;
		bad-usr) words="$words usrhash=$(<../usr.hash)"
			flip disk "$(($(sfdisk -d disk | sed -n 's/^disk3 : start= *\([0-9]*\),.*/\1/p') * 512))" ;;
		esac
		boot "$words" disk
		case $1 in
		absent-*)
			untold 'mount.*'
			said "waiting for"
			grep -Eq "loopbox: /dev/vda1: its partner (PARTUUID=0[-0]*|/dev/vdc): No such file or directory" console || complain 'the reason is missing'
			[ "$(grep -c verified console)" -le 1 ] || complain 'it does not wait, but try'
			passed "$(moment 'loopbox: .*waiting for')" "$(moment 'Kernel panic')" 1.5
			return ;;
		usr-alone)
			untold 'mount.*'
			grep -q 'loopbox: /dev/vda1: no root hash for it, and one is demanded' console || complain 'the reason is missing'
			return ;;
		bad-usr)
			untold 'mount.*'
			grep -q 'loopbox: /dev/vda3: verify' console || complain 'the reason is missing'
			return ;;
		esac
		is_verified squashfs
		told 'fact root root'
		case $1 in usr*) told 'mount /dev/dm-[0-9]+ /usr squashfs ro,.*' ;; *) untold 'mount /dev/dm-[0-9]+ /usr .*' ;; esac
	}
	each boots mapper usr bad-usr absent-tree -- usr-words usr-alone absent-usr
}

@test "What else could put something in the place of a verified root is off" {
	need 6.1
	on 6.1
	planned "$one_plan" --medium ext4
	refuses() {
		local words hash
		hash=$(root first.squashfs)
		ln ../initramfs .
		case $1 in
		live) words="boot=live live-media-path=images roothash=$hash" ;;
		no-hash) words="loop=images/plain.squashfs systemd.verity=yes" ;;
		empty) words="loop=images/plain.squashfs roothash=" ;;
		tree) words="loop=images/plain.squashfs systemd.verity_root_hash=/dev/vda" ;;
		no-verity)
			rm initramfs
			loopbox=$LOOPBOX_INITRAMFS
			initramfs --modules virtio_pci,virtio_blk,ext4,loop,squashfs
			words="loop=images/plain.squashfs roothash=$hash" ;;
		emergency)
			# no lists, but an emergency program, and a disk to resume from
			rm initramfs
			loopbox=$small
			initramfs --modules virtio_pci,virtio_blk,ext4,loop,squashfs,dm-verity
			printf '#!/bin/busybox sh\necho guest: emergency >/dev/console\n' >emergency
			mkdir -p more/bin
			install -m 755 emergency more/emergency
			cp "$(command -v busybox)" more/bin
			overlay more
			words="$on_medium loopfstype=squashfs loop=images/first.squashfs roothash=$(printf %064d 1) rd.break=pre-mount resume=/dev/vda" ;;
		not-this) words="loop=images/second.squashfs loopbox.roothash.first.squashfs=$hash" ;;
		table) words="loop=images/first.squashfs dm-mod.create=\"x,,,ro,0 8 linear IMAGE 0\"" ;;
		table-two) words='loop=images/first.squashfs dm-mod.create="x,,,ro,0 8 verity 1 IMAGE,8 8 linear IMAGE 0"' ;;
		option) words="loop=images/first.squashfs roothash=$hash loopbox.verity.options=nonsense" ;;
		signature) words="loop=images/first.squashfs roothash=$hash loopbox.verity.options=root-hash-signature=/init" ;;
		module) rm initramfs; planned "root=/dev/vda loop=x" --medium ext4; words="loop=images/first.squashfs roothash=$hash" ;;
		required | required-ok)
			rm initramfs
			loopbox=$required
			initramfs --modules virtio_pci,virtio_blk,ext4,loop,squashfs,dm-verity
			words="$on_medium loopfstype=squashfs loop=images/plain.squashfs"
			[ "$1" = required ] || words="$on_medium loopfstype=squashfs loop=images/first.squashfs roothash=$hash" ;;
		esac
		boot "quiet root=/dev/vda rd.shell $words" "$work/medium.ext4"
		if [ "$1" = required-ok ]; then
			is_verified squashfs
			return
		fi
		untold '.*'
		grep -q 'Attempted to kill init! exitcode=0x00000100' console || complain 'no panic because init ended with 1'
		case $1 in
		live) said 'a folder has no root hash: name the images' ;;
		empty) said 'plain.squashfs: a bad root hash' ;;
		no-verity) said '/proc/cmdline: root hashes, as this build verifies nothing' ;;
		emergency) said 'first.squashfs: verify' ;;
		no-hash | tree | not-this | required) said '(plain|second).squashfs: no root hash for it, and one is demanded' ;;
		table) said 'dm-mod.create=: no table of dm-verity alone' ;;
		table-two) said 'dm-mod.create=: more than one line' ;;
		option) said 'nonsense: option of dm-verity' ;;
		signature) said 'first.squashfs: dm table: .*Root hash verification failed' ;;
		module) said '/dev/mapper/control: open: No such' ;;
		esac
	}
	required=$PWD/required/loopbox small=$PWD/small/loopbox
	variant required verity_defconfig 's/^CONFIG_INIT_ANY_IMAGE=y/CONFIG_INIT_REQUIRE_VERITY=y/'
	variant small full_defconfig 's/^CONFIG_FEATURE_INIT_FALLBACK=y/# CONFIG_FEATURE_INIT_FALLBACK is not set/'
	each refuses emergency no-hash signature module required required-ok -- empty tree no-verity live not-this table \
		table-two option
}

@test "A persistent layer over a verified root only where the build says so, and the medium stays harmless" {
	need 6.1
	on 6.1
	variant build full_defconfig 's/^CONFIG_INIT_OVERLAY_IN_MEMORY=y/CONFIG_INIT_UNVERIFIED_OVERLAY=y/'
	loopbox=$PWD/build/loopbox
	planned "$one_plan" --medium ext4
	cp "$work/medium.ext4" .
	boot "root=/dev/vda loop=images/first.squashfs roothash=$(root first.squashfs) rd.overlay=/dev/vda:/changes" medium.ext4:rw
	told 'root writable' 'boots 1' 'mount /dev/dm-0 .* squashfs ro,.*'
	boot "root=/dev/vda loop=images/first.squashfs roothash=$(root first.squashfs) rd.overlay=/dev/vda:/changes" medium.ext4:rw
	told 'root writable' 'boots 2' end 'mount /dev/vda /run/initramfs/medium ext4 .*nosuid,nodev,noexec.*'
}
