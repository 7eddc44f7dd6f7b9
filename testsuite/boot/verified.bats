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
one_plan='root=/dev/vda loop=x.erofs,x rd.overlay roothash=x'

# Builds a ready configuration with a change, in the folder of that name.
variant() { # NAME CONFIGURATION SED
	copy_build "$2" "$PWD/$1"
	sed -i -e '/_REQUIRE_VERITY is not set/d; /_UNVERIFIED_OVERLAY is not set/d' -e "$3" "$1/.config"
	make -s -C "$top" O="$PWD/$1" olddefconfig >/dev/null
	make -s -C "$top" O="$PWD/$1"
}

share() { # KERNEL
	on "$1"
	planned "$one_plan" --medium ext4
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
	in_turn 3
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
	in_turn 3
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
	each boots newest-behind 5.10-sha512 newest-erofs 5.10-link newest-devices 5.10-table -- 6.1-erofs 5.10-beside newest-name \
		5.10-path newest-file 5.10-device 5.10-offset newest-options
}

@test "A list goes on to what is verified, and to nothing else, on old and new kernels" {
	in_turn 3
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
			'failure .*/superblock: no dm-verity superblock at byte [0-9]+' \
			'failure .*/cut: no dm-verity superblock at byte [0-9]+: truncated: 100,000 of [0-9,]+ bytes' \
			'failure .*/cut-tree: dm table: Argument list too long; .*[Hh]ash device is too small.*' \
			'failure .*/swapped: the root hash is not as long as those of this algorithm' \
			'failure .*/fifo: not a regular file or block device' \
			'failure .*/plain.squashfs: no root hash given, but one is demanded'
		said 'rd.shell: off, because a root hash is demanded'
		said 'rd.break: off, because a root hash is demanded'
		said 'loopbox.tries: off, because a root hash is demanded'
		# Nothing of them is left.
		same 'loop devices' second.squashfs "$(values 'loop [0-9]*' | sed 's,.*/,,')"
	}
	each boots 5.10 newest
}

@test "What is changed behind the start of an image is found when it is read" {
	in_turn 3
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
	in_turn 3
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
		store) said 'rd.overlay: kept in memory, because a root hash is demanded' ;;
		ram* | erofs) untold 'mount /dev/vda .*' 'loop .*medium.*'; told 'loop 0 /run/initramfs/ram/.*' ;;
		esac
	}
	each boots newest-layers newest-store newest-erofs 5.10-fifo -- 5.10-overlay newest-ram 5.10-ram-beside
}

@test "A signed root hash boots where the kernel knows the key, and nowhere else" {
	in_turn 3
	need 6.1 newest
	openssl genrsa -out key.pem 2048 2>/dev/null
	on 6.1
	"$here/kernel-with-key" "$kernel/kernel" key.pem known
	head -c -1 "$work/first.squashfs.root" >root-hash
	mkdir signed
	openssl smime -sign -nocerts -noattr -binary -in root-hash -inkey key.pem -signer known.crt -outform der \
		-out signed/signature
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
	in_turn 3
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
			grep -Eq "loopbox: /dev/vda1: needs (PARTUUID=0[-0]*|/dev/vdc): No such file or directory" console || complain 'the reason is missing'
			[ "$(grep -c verified console)" -le 1 ] || complain 'it does not wait, but try'
			passed "$(moment 'loopbox: .*waiting for')" "$(moment 'Kernel panic')" 1.5
			return ;;
		usr-alone)
			untold 'mount.*'
			grep -q 'loopbox: /dev/vda1: no root hash given, but one is demanded' console || complain 'the reason is missing'
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
	in_turn 3
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
		empty) said 'plain.squashfs: the root hash is not valid' ;;
		no-verity) said '/proc/cmdline: root hashes, as this build verifies nothing' ;;
		emergency) said 'first.squashfs: verify' ;;
		no-hash | tree | not-this | required) said '(plain|second).squashfs: no root hash given, but one is demanded' ;;
		table) said 'dm-mod.create=: no table of dm-verity alone' ;;
		table-two) said 'dm-mod.create=: more than one line' ;;
		option) said 'nonsense: option of dm-verity' ;;
		signature) said 'first.squashfs: dm table: .*Root hash verification failed' ;;
		module) said '/dev/mapper/control: open .*CONFIG_BLK_DEV_DM.*: No such' ;;
		esac
	}
	required=$PWD/required/loopbox small=$PWD/small/loopbox
	variant required verity_defconfig 's/^CONFIG_INIT_ANY_IMAGE=y/CONFIG_INIT_REQUIRE_VERITY=y/'
	variant small full_defconfig 's/^CONFIG_FEATURE_INIT_FALLBACK=y/# CONFIG_FEATURE_INIT_FALLBACK is not set/'
	each refuses emergency no-hash signature module required required-ok -- empty tree no-verity live not-this table \
		table-two option
}

@test "A persistent layer over a verified root only where the build says so, and the medium stays harmless" {
	in_turn 3
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


# --- attacks ---------------------------------------------------------------------------------
#
# Each starts init as PID 1 of a PID namespace of its own, in a root of its own, a tmpfs as an
# initramfs is, with a command line of its own: the only change to the binary is that it reads
# /line/cmdline. So many of them share a guest. What should not run prints EVIL.

who_tree() { # NAME
	mkdir -p "$1"/{dev,proc,sys,run,sbin,images}
	cp "$work/bin/who-init" "$1/sbin/init"
	echo "$1" >"$1/who"
}

# Writes bytes, by printf's escapes, at a position.
poke() { # FILE POSITION BYTES
	# shellcheck disable=SC2059
	printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# A copy of an image whose superblock of dm-verity says something else.
super() { # NAME OFFSET BYTES
	cp ../good.squashfs "$1"
	poke "$1" $((data_size + $2)) "$3"
}

# The words of a table from the hash device on, with more of them behind that count for nothing.
words_of() { # NAME
	echo "/dev/vdb 4096 4096 $((data_size / 4096)) $((data_size / 4096 + 1)) sha256 $(<"$work/attacks/$1.root") $(salt_of "$1") 0 y"
}

salt_of() { # NAME
	veritysetup dump "$work/attacks/$1.squashfs" --hash-offset="$data_size" | sed -n 's/^Salt: *\t//p'
}

# Images that are not what the root hash of good.squashfs stands for: most hold EVIL.
hostile_images() {
	local evil=../evil.squashfs name

	super version 8 '\002'
	super type 12 '\007'
	super block-1 64 '\001\000\000\000'
	super block-512K 64 '\000\000\010\000'
	super block-huge 68 '\000\000\000\200'
	super blocks-0 72 '\000\000\000\000\000\000\000\000'
	super blocks-1 72 '\001\000\000\000\000\000\000\000'
	super blocks-huge 72 '\377\377\377\377\377\377\377\377'
	super salt-long 80 '\377\377'
	super salt-other 88 '\377\377'
	for name in 'crc32c' 'md5' 'sha1' 'sha256 x' 'sha256%%n%%s' 'sha256-generic' 'hmac(sha256)' '../../x' 'xxhash64' ''; do
		super "algorithm-${name//[^a-z0-9]/_}" 32 "$name\\000"
	done
	super algorithm-unterminated 32 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
	super no-magic 0 'VERITY'
	# evil's data, with good's tree behind it; the other way round; and nothing behind it
	head -c "$data_size" "$evil" >swapped-data
	tail -c +$((data_size + 1)) ../good.squashfs >>swapped-data
	cp "$evil" evil
	cp ../plain.squashfs plain
	head -c $((data_size + 4096)) "$evil" >cut-tree
	head -c 8192 "$evil" >cut-short
	cp ../good.squashfs flipped
	flip flipped 4200
	cp ../good.squashfs block-evil
	dd if="$evil" of=block-evil bs=4096 skip="$at" seek="$at" count=1 conv=notrunc status=none
	# what the file system says of its size leads to a superblock elsewhere: evil's own
	cp "$evil" elsewhere
	cat ../good.squashfs >>elsewhere
	# foreign trees beside it
	cp ../plain.squashfs beside
	tail -c +$((data_size + 1)) ../good.squashfs >beside.verity
	cp ../plain.squashfs beside-evil
	tail -c +$((data_size + 1)) "$evil" >beside-evil.verity
	cp ../good.squashfs beside-fifo
	mkfifo beside-fifo.verity
	cp ../plain.squashfs beside-link
	ln -s /dev/vdb beside-link.verity
	# what is not a file, or not of this medium
	ln -s /dev/vdb link-device
	ln -s /dev/vda link-disk
	ln -s /proc/kcore link-proc
	ln -s /proc/self/exe link-init
	ln -s /dev/zero link-zero
	ln -s ../../../../init link-out
	ln -s link-loop link-loop
	# a path that would be words of the table
	ln -s /dev/vdb x
	mkdir -p 'x /dev'
	ln -s /dev/vdb "x /$(words_of evil | cut -c2-)"
	mkfifo fifo
	mkdir folder
	cp "$evil" folder
	: >empty
}

# Codes that correct errors: of good.squashfs, and others.
hostile_codes() {
	local roots

	cp ../good.codes ../evil.codes .
	cp ../evil.squashfs evil
	cp ../good.squashfs block-evil
	dd if=../evil.squashfs of=block-evil bs=4096 skip="$at" seek="$at" count=1 conv=notrunc status=none
	for roots in 3 24; do
		cp ../plain.squashfs evil-$roots
		veritysetup format evil-$roots evil-$roots --hash-offset="$data_size" --fec-device="evil-$roots.codes" --fec-roots=$roots >/dev/null
	done
	head -c "$(wc -c <good.codes)" /dev/urandom >random.codes
	head -c "$(wc -c <good.codes)" /dev/zero >zero.codes
	head -c 4096 good.codes >short.codes
	: >empty.codes
	ln -s /dev/vdb link.codes
	ln -s /proc/kcore kcore.codes
	mkfifo fifo.codes
	# in one file: the image, with codes before, behind, and in the place of its tree
	cat ../good.squashfs good.codes >behind
	cat ../evil.squashfs evil.codes >behind-evil
}

# What looks like configuration, on every medium.
hostile_files() {
	local hash

	hash=$(<"$work/attacks/evil.root")
	echo "$hash" >good.squashfs.roothash
	echo "$hash" >a-hash
	echo 9 >good.squashfs.tries
	echo 'x  good.squashfs' >good.squashfs.sha512
	echo '/ union' >persistence.conf
	mkdir -p upper/sbin overlay/sbin etc
	cp "$work/bin/who-init" upper/sbin/init
	echo EVIL >upper/who
	echo "loop=images/evil.squashfs roothash=$hash" >etc/loopbox.words
}

# Makes attacks/ in $work, once for all kernels.
prepare_attacks() {
	local data_size at # the block that is evil

	[ ! -d "$work/attacks" ] || return 0
	mkdir "$work/attacks"
	(
		cd "$work/attacks" || exit
		who_tree GOOD
		who_tree EVIL
		# They differ in what /who says, and nowhere else, so that one fits in the place of the other.
		head -c 100K /dev/urandom >GOOD/filler
		cp GOOD/filler EVIL/filler
		mkdir usr
		echo EVIL-usr >usr/who
		for name in GOOD EVIL; do
			mksquashfs $name ${name,,}.squashfs -all-root -quiet -no-progress -noappend -noI -noD -noF -noX \
				-all-time 0 -mkfs-time 0 >/dev/null
		done
		[ "$(cmp -l good.squashfs evil.squashfs | wc -l)" = 4 ]
		at=$(($(cmp -l good.squashfs evil.squashfs | awk 'NR == 1 { print $1 }') / 4096))
		squashfs usr usr.squashfs
		data_size=$(wc -c <good.squashfs)
		cp evil.squashfs plain.squashfs
		for name in good evil usr; do
			sign $name.squashfs --fec-device=$name.codes --fec-roots=2
			mv $name.squashfs.root $name.root
		done
		printf 'loop=images/good.squashfs\nroothash=%s\n' "$(<good.root)" >good.words
		echo loop=images/good.squashfs >image.words
		printf 'loop=images/good.squashfs rootash=%s\n' "$(<good.root)" >bad.words
		mkfs.erofs --quiet good.erofs GOOD >/dev/null 2>&1 || mkfs.erofs good.erofs GOOD >/dev/null
		sign good.erofs
		mv good.erofs.root erofs.root
		mkdir -p medium/images hostile codes
		cp ./*.squashfs ./*.erofs medium/images
		(cd hostile && hostile_images)
		(cd codes && hostile_codes)
		cp -a hostile codes medium
		(cd medium && hostile_files)
		(cd medium/images && hostile_files)
		ext4 medium medium.ext4 system
		# the same medium, whose good.squashfs is evil
		cp medium.ext4 turned.ext4
		block=$(dumpe2fs -h medium.ext4 2>/dev/null | sed -n 's/^Block size: *//p')
		debugfs -R 'dump_extents -l /images/good.squashfs' medium.ext4 2>/dev/null | tr -d / |
			awk '$1 ~ /^[0-9]/ && NF > 8 { print $5, $8, $11 }' |
			while read -r from to count; do
				dd if=evil.squashfs of=turned.ext4 bs="$block" skip="$from" seek="$to" count="$count" conv=notrunc status=none
			done
		[ "$(debugfs -R 'cat /images/good.squashfs' turned.ext4 2>/dev/null | sha256sum)" = "$(sha256sum <evil.squashfs)" ]
		# a stick with the same label, whose images are all evil
		cp -a medium stick
		cp evil.squashfs stick/images/good.squashfs
		ext4 stick stick.ext4 system
		# good and evil once more, as btrfs: of one file-system id
		if command -v mkfs.btrfs >/dev/null; then
			for name in GOOD EVIL; do
				truncate -s 128M $name.btrfs
				mkfs.btrfs -q -U 11112222-3333-4444-5555-666677778888 --rootdir $name $name.btrfs >/dev/null 2>&1
			done
			veritysetup format GOOD.btrfs btrfs.tree | sed -n 's/^Root hash: *\t//p' >btrfs.root
		fi
	)
}

# One attack: what init must boot ("GOOD", "nothing", or "-": either, but never EVIL), its name, the
# command line, and files for its initramfs, FILE or NAME:FILE. With "file", what the initramfs
# says is always there, and the words of all attacks say otherwise.
attack() { # WANTED NAME LINE [FILE...]
	local wanted=$1 name=$2 line=$3
	shift 3

	number=$((number + 1))
	# A third of them, whichever guest the seed has chosen.
	[ ! "${LOOPBOX_SAMPLE-}" ] || [ "$wanted" = GOOD ] || [ $(((number + LOOPBOX_SEED / 3) % 3)) = 0 ] || return 0
	if [ "$kind" = file ]; then
		wanted=${wanted/GOOD/-}
		set -- "$@" etc/loopbox.words:good.words
	fi
	printf '%s %s\n' "$wanted" "$name" >>wanted
	{
		[ ! "${before-}" ] || echo "$before"
		printf 'attack %q %q' "$name" "$line"
		[ $# = 0 ] || printf ' %q' "$@"
		echo
		[ ! "${after-}" ] || echo "$after"
	} >>attacks
}

# The same with a disk that turns from one to the other once it has been read WHEN times.
turning() { # WANTED NAME WHEN GOOD EVIL LINE
	local before after=unturn

	printf -v before 'turn %q %q %q' "$3" "$4" "$5"
	attack "$1" "$2, $3" "$6"
}

# The same with a mapping that the kernel has made before init runs. What a kernel with DM_INIT does,
# the guest does: none of Debian's has it, as their device-mapper is a module.
mapped() { # WANTED NAME HASH DEVICE WORDS
	local before after=unmap

	printf -v before 'map %q' "$(mapping "$3" "$4")"
	attack "$1" "$2" "root=/dev/dm-0 rootfstype=squashfs loopfstype=squashfs loopbox.wait=0 rootwait=1 $5"
}

mapping() { # HASH DEVICE
	local blocks=$((data_size / 4096))

	echo "0 $((blocks * 8)) verity 1 $2 $2 4096 4096 $blocks $((blocks + 1)) sha256 $(<"$work/attacks/$1.root") $(salt_of "$1")"
}

table() { # HASH
	local blocks=$((data_size / 4096))

	echo "dm-mod.create=\"vroot,,,ro,0 $((blocks * 8)) verity 1 IMAGE IMAGE 4096 4096 $blocks $((blocks + 1)) sha256 $(<"$work/attacks/$1.root") $(salt_of "$1")\""
}

# Codes that correct errors, by options. What fails takes long, so that `make check` has one of each kind.
list_codes() {
	local fec=nothing codes=/run/initramfs/medium/codes/ name

	! grep -q '^CONFIG_DM_VERITY_FEC=y' "$kernel/config" || fec=GOOD
	codes() { # WANTED IMAGE CODES ROOTS [OFFSET]
		attack "$1" "codes: ${*:2}" "$medium loop=codes/$2 roothash=$good loopbox.verity.options=hash-offset=$data_size,fec-device=${codes}$3,fec-roots=$4${5+,fec-offset=$5}"
	}
	codes $fec behind good.codes 2
	codes $fec ../hostile/flipped good.codes 2
	# Codes by which what is evil is right; codes of something else, over the data, and what are none.
	codes nothing evil evil.codes 2
	codes nothing block-evil evil-24.codes 24
	codes nothing evil evil 2 0
	codes nothing evil random.codes 2
	codes nothing evil fifo.codes 2
	codes nothing evil kcore.codes 2
	[ "${LOOPBOX_SOAK-}" ] || return 0
	codes $fec behind behind 2 "$(wc -c <"$work/attacks/good.squashfs")"
	# It is repaired, or can't be.
	codes - block-evil good.codes 2
	codes - ../hostile/swapped-data good.codes 2
	codes - evil good.codes 2
	for name in evil:2 evil-3:3 evil-24:24; do
		codes nothing "${name%:*}" "${name%:*}.codes" "${name#*:}"
		codes nothing ../hostile/swapped-data "${name%:*}.codes" "${name#*:}"
		codes nothing block-evil "${name%:*}.codes" "${name#*:}"
	done
	codes nothing behind-evil behind-evil 2 "$(wc -c <"$work/attacks/evil.squashfs")"
	for name in 3 24 25 0; do codes - block-evil good.codes "$name"; done
	for name in 4095 4096 1048576 9223372036854771712 18446744073709547520; do codes nothing block-evil evil.codes 2 "$name"; done
	for name in 4096 "$data_size"; do codes nothing evil evil 2 "$name"; done
	for name in random zero short empty link kcore fifo; do codes nothing block-evil "$name.codes" 2; done
	codes=
	for name in /dev/vdb /dev/zero /proc/kcore /init; do codes nothing evil "$name" 2; done
}

# What is there when it is looked at, and not when it is used.
list_turns() {
	local when disk=(/dev/vde /dev/vdb) whole=(/dev/vdc /dev/vdf) options='rootfstype=squashfs loopfstype=squashfs rootwait=1 loopbox.wait=0'
	local turns_of_disk=(0 2 4 again odd) turns_of_medium=(6 12 16 again) turns_of_tree=(0 4)

	if [ "${LOOPBOX_SOAK-}" ]; then
		turns_of_disk=(0 1 2 3 4 5 6 8 10 12 16 24 32 again odd)
		turns_of_medium=(2 4 6 8 10 12 14 16 20 24 32 64 again odd)
		turns_of_tree=(0 1 2 4 8 16)
	fi
	# That they are read from, and that it can be seen if they are evil.
	turning GOOD 'a loyal disk' 1000000 "${disk[@]}" "root=/dev/nbd0 $options roothash=$good"
	[ "$kind" = word ] || turning "$unverified" 'an unverified disk' 2 "${disk[@]}" "root=/dev/nbd0 $options"
	for when in "${turns_of_disk[@]}"; do
		turning - 'a disk turns' "$when" "${disk[@]}" "root=/dev/nbd0 $options roothash=$good"
	done
	turning GOOD 'a loyal medium' 1000000 "${whole[@]}" "${signed/vdc/nbd0}"
	for when in "${turns_of_medium[@]}"; do
		turning - 'a medium turns' "$when" "${whole[@]}" "${signed/vdc/nbd0}"
		[ "$kind" = word ] || turning - 'a medium that is copied turns' "$when" "${whole[@]}" "${signed/vdc/nbd0} loopbox.toram"
	done
	[ "$kind" != word ] || return 0
	for when in "${turns_of_tree[@]}"; do
		turning nothing 'a tree turns' "$when" "${disk[@]}" "root=/dev/vdb $options roothash=$good systemd.verity_root_hash=/dev/nbd0 loopbox.verity.options=hash-offset=$data_size"
	done
}

# Mappings that the kernel makes of dm-mod.create=, before init comes.
list_mappings() {
	local table other

	table="\"dm-mod.create=vroot,,,ro,$(mapping good /dev/vde)\""
	other="\"dm-mod.create=vroot,,,ro,$(mapping evil /dev/vdb)\""
	mapped GOOD 'by the kernel' good /dev/vde "$table"
	mapped GOOD 'by the kernel, its name' good /dev/vde "$table root=/dev/mapper/vroot root=/dev/dm-0"
	# The kernel obeys the last one.
	mapped nothing 'by the kernel, another table' evil /dev/vdb "$table $other"
	mapped nothing 'by the kernel, another table, underscores' evil /dev/vdb "$table ${other/dm-mod/dm_mod}"
	mapped nothing 'by the kernel, a table before' evil /dev/vdb "$other $table"
	mapped nothing 'by the kernel, another root' good /dev/vde "$table root=/dev/vdb"
	mapped nothing 'by the kernel, an image' good /dev/vde "$table loop=../../../dev/vdb"
	mapped nothing 'by the kernel, a medium' good /dev/vde "$table root=/dev/vdc loop=images/plain.squashfs"
	mapped - 'by the kernel, a store' good /dev/vde "$table rd.overlay=/dev/vda loopbox.overlay.upper=upper rw"
	mapped nothing 'by the kernel, a root hash' good /dev/vde "$table roothash=$evil"
	mapped nothing 'by the kernel, dashes' evil /dev/vdb "$other -- $table"
}

# With the build option, what the files of the initramfs say boots, whatever the line says.
list_files() {
	local word kind=files words=etc/loopbox.words:good.words

	attack GOOD 'words of the initramfs' "$medium" $words
	attack GOOD 'words of the initramfs, and a root hash' "$medium" etc/loopbox.words:image.words good.squashfs.roothash:good.root
	attack GOOD 'words of the initramfs, the same again' "$signed" $words
	attack GOOD 'words of the initramfs, and what the line may say' "$medium rw rd.shell rd.break init=/sbin/init systemd.verity=yes" $words emergency
	attack GOOD 'words of the initramfs, the hash decides' "${medium/\/dev\/vdc/LABEL=system}" $words
	attack nothing 'words of the initramfs, a stick' "${medium/vdc/vda}" $words
	attack nothing 'no words of the initramfs' "$signed"
	attack nothing 'no words of the initramfs, and no root hash' "$plain_line"
	attack nothing 'no words of the initramfs, a disk' "$medium root=/dev/vdb"
	attack nothing 'words of the initramfs that nobody knows' "$medium" etc/loopbox.words:bad.words
	attack nothing 'an image alone' "$medium" etc/loopbox.words:image.words
	attack nothing 'a root hash alone' "$plain_line" good.squashfs.roothash:good.root
	for word in loop=images/evil.squashfs loop=images/plain.squashfs loop= roothash=$evil roothash= \
		loopbox.roothash.good.squashfs=$evil loopbox.roothash.evil.squashfs=$evil usrhash=$evil \
		systemd.verity_root_data=/dev/vdb systemd.verity_root_hash=/dev/vdb loopbox.verity.options=check-at-most-once \
		systemd.verity_usr_data=/dev/vdd boot=live boot=casper rd.live.image archisobasedir=images \
		"$(table evil)" "loop=images/good.squashfs -- roothash=$evil" 'rd.live.squashimg=evil.squashfs rd.live.image'; do
		attack nothing "says otherwise: $word" "$medium rd.shell $word" $words emergency
		attack nothing "says otherwise, before: $word" "$word $medium" $words
	done
	attack nothing 'says otherwise, a hash' "$medium loop=images/evil.squashfs roothash=$evil" etc/loopbox.words:image.words good.squashfs.roothash:good.root
}

# Every attack, for a build with all words ("words"), with roothash= alone ("word"), without ("none"), or
# with words of the initramfs ("file").
list_attacks() { # KIND
	local kind=$1 number=0 good evil image signed plain_line named unverified=${unverified-EVIL} data_size live='rd.live.image rd.live.dir=images' nl=$'\n'

	: >attacks
	: >wanted
	good=$(<"$work/attacks/good.root")
	evil=$(<"$work/attacks/evil.root")
	data_size=$(wc -c <"$work/attacks/plain.squashfs")
	local medium='root=/dev/vdc rootfstype=ext4 loopfstype=squashfs rootwait=1 loopbox.wait=0'
	signed="$medium loop=images/good.squashfs roothash=$good"
	plain_line="$medium loop=images/plain.squashfs"
	named="$medium loop=images/good.squashfs loopbox.roothash.good.squashfs=$good"
	local boots=GOOD of_disk=nothing

	if [ "$kind" = file ]; then
		list_files
		[ "${LOOPBOX_SOAK-}" ] || return 0
	fi
	[ "$kind" != none ] || boots=nothing
	# The kernel looks at some fields then, and they may be no matter for what the root hash stands for.
	[ "$kind" != word ] || of_disk=-
	attack "$boots" signed "$signed"
	attack nothing 'a stick' "${signed/vdc/vda}"
	# What the disks hold.
	for image in "$work"/attacks/hostile/*; do
		image=${image##*/}
		attack $of_disk "disk: $image" "$medium \"loop=hostile/$image\" roothash=$good"
	done
	# Words behind the signed ones.
	attack - 'another image' "$signed loop=images/evil.squashfs"
	attack - 'an image without a tree' "$signed loop=images/plain.squashfs"
	attack - 'another root' "$signed root=/dev/vdb loop="
	attack nothing 'another root hash' "$signed roothash=$evil loop=images/evil.squashfs"
	attack nothing 'none' "$signed roothash= loop=images/plain.squashfs"
	attack nothing 'a hash of its own' "$signed loop=images/evil.squashfs loopbox.roothash.evil.squashfs=$evil"
	attack nothing 'a second hash' "$signed loopbox.roothash.good.squashfs=$evil"
	attack nothing 'a table' "$signed loop=images/evil.squashfs $(table evil)"
	attack nothing 'a table, underscores' "$signed loop=images/evil.squashfs $(table evil | sed 's/dm-mod/dm_mod/')"
	attack nothing 'a volume' "$signed root=/dev/vdb \"dm-mod.create=x,,,ro,0 8 linear /dev/vdb 0\" root=/dev/dm-0"
	for image in ignore-corruption root-hash-file=/run/initramfs/medium/a-hash hash=crc32c superblock=no; do
		attack nothing "option $image" "$signed loop=images/evil.squashfs loopbox.verity.options=$image"
		attack nothing "systemd's option $image" "$signed loop=images/evil.squashfs systemd.verity_root_options=$image"
	done
	attack nothing 'option ignore-corruption, changed' "$medium loop=hostile/block-evil roothash=$good loopbox.verity.options=ignore-corruption"
	attack nothing 'another tree' "$signed loop=images/plain.squashfs systemd.verity_root_hash=/dev/vdb systemd.verity_root_data=/dev/vdb"
	attack nothing 'usr' "$signed usrhash=$(<"$work/attacks/usr.root") systemd.verity_usr_data=/dev/vdd systemd.verity_usr_hash=/dev/vdd systemd.verity_usr_options=hash-offset=4096"
	attack nothing 'systemd.verity=no' "$plain_line systemd.verity=yes systemd.verity=no"
	attack - 'systemd.verity=no behind a hash' "$signed systemd.verity=no loop=images/plain.squashfs"
	attack - 'an inner image' "$signed loopbox.inner=../../medium/images/plain.squashfs"
	attack nothing 'an image elsewhere' "$signed loop=../../../../dev/vdb"
	attack nothing 'an image in /proc' "$signed loop=../../../../proc/self/exe"
	attack nothing 'words of a table' "$signed \"loop=hostile/x $(words_of evil)\""
	attack nothing 'a type' "$signed loop=images/plain.squashfs loopfstype=ext4"
	attack nothing 'another device in the flags' "$signed loopflags=device=/dev/vdb"
	attack nothing 'an offset' "$signed loopflags=offset=4096"
	attack - "dracut's words" "$signed $live rd.live.squashimg=plain.squashfs"
	attack - "dracut's words, a hash" "$named $live rd.live.squashimg=evil.squashfs loopbox.roothash.evil.squashfs=$evil"
	attack - "live-boot's words" "$signed boot=live live-media-path=images"
	attack - "casper's words" "$named boot=casper live-media-path=images layerfs-path=evil.squashfs loopbox.roothash.evil.squashfs=$evil"
	attack - "archiso's words" "$signed archisobasedir=images img_dev=/dev/vdc img_loop=images/plain.squashfs"
	attack - "genkernel's words" "$signed looptype=squashfs real_root=/dev/vdb subdir=hostile"
	attack - "Yocto's words" "$signed rootrw=/dev/vda"
	attack - 'a store' "$signed rd.overlay=/dev/vda loopbox.overlay.upper=upper rw"
	attack - 'a file as store' "$signed rd.overlay=/dev/vdc:/upper rw"
	attack - 'persistence' "$signed loopbox.persistent loopbox.persistent.on=LABEL=system boot=live"
	attack - 'in memory' "$signed loopbox.toram loop=images/evil.squashfs"
	attack - 'a shell' "$signed rd.shell rd.break=pre-mount rd.break" emergency
	attack nothing 'a shell, refused' "$signed rd.shell roothash=$evil" emergency
	attack nothing 'a shell, an open quote' "$signed rd.shell x=\"" emergency
	attack nothing 'a shell, no image' "$medium rd.shell loop=hostile/plain roothash=$good" emergency
	attack - 'resume' "$signed resume=/dev/vdb"
	attack - 'tries' "$signed loopbox.tries=3"
	attack - 'init elsewhere' "$signed init=/run/initramfs/medium/upper/sbin/init"
	# Words before them.
	attack nothing 'dashes' "$plain_line -- $signed"
	attack nothing 'a quote' "$plain_line x=\"$signed"
	attack nothing 'a closed quote' "$plain_line \"x=$signed\""
	attack nothing 'a quote, a table' "$plain_line x=\"$(table good)"
	attack nothing 'dashes, a table' "$plain_line -- $(table good)"
	attack nothing 'dashes, options' "$plain_line -- loopbox.verity.options=hash=sha256"
	attack nothing 'dashes, usr' "$plain_line -- usrhash=$evil"
	attack nothing 'dashes, systemd' "$plain_line -- systemd.verity_root_hash=/dev/vdb"
	attack nothing 'a hash before' "loop=images/evil.squashfs roothash=$evil $signed"
	attack nothing 'cut off' "$plain_line $(printf %0$((2046 - ${#plain_line}))d 0)"
	# Words that nobody understands.
	for image in loopbox.roothash=$good loopbox.roothash.=$good loopbox.roothash.plain.squashfs roothash \
		roothash.plain.squashfs=$good rd.roothash=$good xroothash=$good dm_mod.create=x dm-mod.create= \
		systemd.verity_new=1 rd.systemd.verity=1 loopbox.verity=1 usrhash; do
		attack nothing "not understood: $image" "$plain_line $image"
	done
	# What the initramfs demands.
	attack nothing 'a file of the initramfs' "$plain_line" "good.squashfs.roothash:good.root"
	attack nothing 'a file of the initramfs, a hash' "$plain_line loop=images/evil.squashfs roothash=$evil" "good.squashfs.roothash:good.root"
	attack nothing 'an empty file of the initramfs' "$medium loop=images/evil.squashfs roothash=$evil" "evil.squashfs.roothash:empty"
	if [ "$kind" = words ]; then
		attack GOOD 'by a file of the initramfs' "$medium loop=images/good.squashfs roothash=$evil" "good.squashfs.roothash:good.root"
		attack GOOD 'by a table' "$medium loop=images/good.squashfs $(table good)"
		attack GOOD 'the hash decides' "${signed/\/dev\/vdc/LABEL=system}"
		attack GOOD 'an erofs' "${medium/squashfs/erofs} loop=images/good.erofs roothash=$(<"$work/attacks/erofs.root")"
		attack nothing 'another table' "$medium loop=images/good.squashfs $(table good) $(table evil)"
		for image in 'boot=live root=' 'boot=casper live-media=' 'rd.live.image root=live:' 'archisobasedir=x archisodevice=' real_root=; do
			attack nothing "a disk instead of the image: $image" "$named ${image}/dev/vdb loopbox.roothash.vdb=$evil"
		done
		# Its images are evil.
		attack nothing 'a backslash' "loopbox.roothash.x=\\ ${named/vdc/vda} loopbox.roothash.good.squashfs=$evil"
		attack nothing 'a line feed' "${named/vdc/vda} \"loopbox.roothash.x=1$nl=good.squashfs=$evil\""
		attack nothing 'a line feed, no hash' "${named/vdc/vda} \"loopbox.roothash.x=1${nl}good.squashfs=$evil\""
		attack nothing 'a hash of its own, named' "$named loop=images/evil.squashfs loopbox.roothash.evil.squashfs=$evil"
		if [ -e "$work/attacks/btrfs.root" ]; then
			attack nothing 'btrfs' "root=/dev/vdg systemd.verity_root_hash=/dev/vdi roothash=$(<"$work/attacks/btrfs.root")"
			attack nothing 'btrfs, said' "root=/dev/vdg rootfstype=btrfs rootflags=device=/dev/vdh systemd.verity_root_hash=/dev/vdi roothash=$(<"$work/attacks/btrfs.root")"
		fi
		list_codes
		list_mappings
	fi
	[[ $kind != word* ]] || list_turns
}

# Boots a guest, in which all attacks are made, and looks at what came of each.
attacks_hold() { # KIND
	local disks=() disk

	list_attacks "$1"
	LC_ALL=C sed 's,/proc/cmdline,/line/cmdline,' "$loopbox" >tested
	chmod 755 tested
	loopbox=$LOOPBOX_FULL
	initramfs --modules virtio_pci,virtio_blk,ext4,loop,squashfs,erofs,overlay,dm-verity,btrfs,nbd
	mkdir -p more/attacks
	cp tested more/attacks/init
	cp "$work"/attacks/*.root "$work"/attacks/*.words "$work/bin/turncoat" more/attacks
	: >more/attacks/empty
	printf '#!/bin/busybox sh\necho "guest: who EVIL shell" >/dev/console\n' >more/attacks/emergency
	chmod 755 more/attacks/emergency
	overlay more
	{
		cat <<-'END'
			basics
			modules
			mkdir /r
			start='
				mount --make-rprivate /
				mount -t tmpfs root /r || exit 99
				cd /r
				mkdir dev proc sys run sysroot bin etc line
				cp /attacks/init init
				[ $# = 0 ] || cp /bin/busybox bin
				for file; do cp "/attacks/${file#*:}" "${file%:*}"; done
				cp /line line/cmdline
				mount --move . /
				exec chroot . /init'
			turn() { # WHEN GOOD EVIL
				/attacks/turncoat /dev/nbd0 "$2" "$3" "$1" &
				until [ -e /sys/block/nbd0/pid ]; do sleep 0.01; done
				while sleep 0.05; do echo 3 >/proc/sys/vm/drop_caches; done &
			}
			unturn() {
				kill %1 %2
				wait
				while [ -e /sys/block/nbd0/pid ]; do sleep 0.01; done
			}
			map() { # TABLE
				while [ -e /sys/block/dm-0 ]; do sleep 0.01; done
				loopbox dmsetup create vroot -r --table "$1"
			}
			unmap() { loopbox dmsetup remove --deferred vroot; }
			attack() {
				local name=$1 code=0
				printf '%s\n' "$2" >/line
				shift 2
				tell "attack $name"
				unshare -mpf sh -c "$start" sh "$@" || code=$?
				tell "ended $code"
			}
		END
		cat attacks
		echo 'tell uptime $(cut -d " " -f 1 /proc/uptime)'
	} | script
	for disk in stick.ext4 evil.squashfs medium.ext4 usr.squashfs good.squashfs turned.ext4 GOOD.btrfs EVIL.btrfs btrfs.tree; do
		[ ! -e "$work/attacks/$disk" ] || disks+=("$work/attacks/$disk")
	done
	boot 'rdinit=/test quiet' "${disks[@]}"
	told end || return
	awk -v label="$label" '
		FNR == NR { name = $0; sub(/^[^ ]* /, "", name); wanted[++n] = $1; names[n] = name; next }
		/loopbox: / { said = said "\n\t" $0 }
		# A line of the kernel may begin within one of the guest, or end there.
		/guest: / { sub(/.*guest: /, "guest: "); sub(/\[ *[0-9]+\.[0-9]+\].*/, "") }
		/^guest: attack / { name = $0; sub(/^guest: attack /, "", name); i++; booted = "nothing"; said = ""; if (name != names[i]) bad(names[i] " was not made, but " name) }
		/guest: who / { sub(/.*guest: who /, ""); booted = booted == "nothing" ? $0 : booted " " $0 }
		/^guest: ended / {
			if ((booted ~ /EVIL/ && wanted[i] != "EVIL") || (wanted[i] != "-" && wanted[i] != booted) || ($3 != 0 && $3 != 1))
				bad(names[i] ": booted " booted ", not " wanted[i] " (exit code " $3 ")" said)
		}
		END { if (i != n) bad(n " attacks, but " i + 0 " were made"); exit failed }
		function bad(what) { print label ": " what; failed = 1 }' wanted console >verdict || {
		cat verdict
		return 1
	}
	echo "# $label: $(wc -l <wanted) attacks in $(values uptime) s"
}

@test "Whoever has all disks, or adds words, gets nothing booted but what the root hash stands for" {
	need 5.10 6.1 newest
	prepare_attacks
	if [ "${LOOPBOX_SOAK-}" ]; then
		variant required verity_defconfig 's/^CONFIG_INIT_ANY_IMAGE=y/CONFIG_INIT_REQUIRE_VERITY=y/'
		variant required-full full_defconfig 's/^CONFIG_INIT_ANY_IMAGE=y/CONFIG_INIT_REQUIRE_VERITY=y/'
	fi
	variant file full_defconfig 's/^# \(CONFIG_INIT_ROOT_HASH_FROM_INITRAMFS\) is not set/\1=y/'
	local builds=$PWD
	holds() {
		on "${1%%-*}"
		case ${1#*-} in
		full) loopbox=$LOOPBOX_FULL; attacks_hold words ;;
		initramfs) loopbox=$LOOPBOX_INITRAMFS; attacks_hold none ;;
		file) loopbox=$builds/file/loopbox; attacks_hold file ;;
		required-full) loopbox=$builds/required-full/loopbox; unverified=nothing; attacks_hold words ;;
		verity) loopbox=$LOOPBOX_VERITY; attacks_hold word ;;
		required) loopbox=$builds/required/loopbox; attacks_hold word ;;
		boot) loopbox=$LOOPBOX_BOOT; attacks_hold none ;;
		esac
	}
	each holds newest-full 5.10-verity 6.1-file -- 5.10-full 6.1-full 6.1-verity newest-verity \
		{5.10,6.1,newest}-required {5.10,6.1,newest}-required-full {5.10,newest}-file \
		6.1-boot 6.1-initramfs
}
