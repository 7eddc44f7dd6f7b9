#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # bats runs each test in a subshell; the rest is in common.bash
# umount on real devices, beside util-linux's.

load common

prepare() {
	mkdir d e
	make_image squashfs squashfs
}

# Prepares by the first argument, then unmounts by util-linux's umount and by
# ours with the other words, and compares the exit code and what is left.
unmounts_alike() {
	local prepare=$1 by theirs ours
	shift

	for by in umount "$lb umount"; do
		theirs=$ours
		$prepare
		# shellcheck disable=SC2086
		ours="$(answer $by "$@" | tail -1), left: $(mounts_below "$dir" | xargs)"
		mounts_below "$dir" | tac | xargs -r -n 1 umount
		eventually nothing_carries "$dir"
	done
	same "$prepare; umount $*" "$theirs" "$ours"
}

# Which openat of `umount -d` opens the device: that behind the kernel's list.
position_of_open() {
	trace_calls "$lb" umount -d d
	position openat "\"$1\""
	losetup -r "$1" squashfs
	mount -r "$1" d
}

two() {
	mount -t tmpfs none d
	mount -t tmpfs none e
}

tree() {
	mount -t tmpfs none d
	mkdir d/one d/two
	mount -t tmpfs none d/one
	mkdir d/one/deep
	mount -t tmpfs none d/one/deep
	mount -t tmpfs none d/two
	mount -t tmpfs none e
}

image() {
	mount -o loop,ro -t squashfs squashfs d
}

stacked() {
	mount -t tmpfs none d
	mount -t tmpfs none d
}

@test "umount takes directories, and tells by its exit code whether all, some or none failed" {
	local words bad=0
	for words in "d" "d e" "e d" "$dir/d" "d/" "./d" "missing" "." "squashfs" "/dev/null" "--" "-- d" "d --bogus" "-Z" ""; do
		# shellcheck disable=SC2086
		unmounts_alike two $words || bad=1
	done
	[ "$bad" -eq 0 ]
	# here util-linux adds up, against its manual page: two failures make 64
	for words in "d missing" "missing d" "e d missing" "d d"; do
		clear_mounts "$dir/d"
		clear_mounts "$dir/e"
		two
		# shellcheck disable=SC2086
		refuses 64 "" "$lb" umount $words
		run ! is_mounted "$dir/d"
	done
	refuses 32 "missing2" "$lb" umount missing missing2
	refuses 1 "sage" "$lb" umount
	refuses 1 "bogus" "$lb" umount --bogus
	refuses 32 "missing" "$lb" umount missing
	refuses 32 "d: not mounted" "$lb" umount d
}

@test "umount finds the mount by image, device or link, and the loop device goes" {
	local words bad=0 source
	for words in "d" "squashfs" "$dir/squashfs" "./squashfs" "-d d" "-d squashfs" "-i d" "-n d" "-v d" "-c $dir/d"; do
		# shellcheck disable=SC2086
		unmounts_alike image $words || bad=1
	done
	[ "$bad" -eq 0 ]
	ln -s d link
	for words in link squashfs source; do
		image
		source=$(findmnt -n -o SOURCE d)
		[ "$words" != source ] || words=$source
		"$lb" umount "$words"
		run ! is_mounted "$dir/d"
		eventually nothing_carries "$dir/squashfs"
	done
}

@test "Each core binary unmounts a directory and lets the device go" {
	for lb in "$LOOPBOX_CORE" "$LOOPBOX_CONFIGURE" "$LOOPBOX_LEGACY"; do
		for words in d squashfs; do
			image
			"$lb" umount "$words"
			run ! is_mounted "$dir/d"
			eventually nothing_carries "$dir/squashfs"
		done
	done
}

@test "-d frees a loop device that has no autoclear; without it the device stays" {
	in_turn 3
	own_device
	losetup "$device" squashfs
	mount -r "$device" d
	"$lb" umount d
	carried "$dir/squashfs"
	mount -r "$device" d
	"$lb" umount -d d
	eventually unbound "$device"
	losetup "$device" squashfs
	mount -r "$device" d
	"$lb" umount --detach-loop "$device"
	eventually unbound "$device"
}

@test "The topmost of stacked mounts is unmounted" {
	in_turn 3
	unmounts_alike stacked d
	unmounts_alike stacked d d
}

@test "What is mounted over an image is not unmounted in its place" {
	in_turn 3
	image
	mount -t tmpfs top d
	refuses 1 "another mount on $dir/d hides it" "$lb" umount squashfs
	[ "$(findmnt -nro SOURCE d | tail -n 1)" = top ]
	umount d
	umount d
	# nor what has its name on another mount above
	mount -t tmpfs below d
	mkdir d/sub
	mount -o loop,ro -t squashfs squashfs d/sub
	mount -t tmpfs top d
	mkdir d/sub
	mount -t tmpfs inner d/sub
	refuses 1 "another mount on $dir/d/sub hides it" "$lb" umount squashfs
	[ "$(mounts_below "$dir" | wc -l)" -eq 4 ]
}

@test "-R undoes all of a stack, and what another mount hides" {
	in_turn 3
	mount -t tmpfs none d
	mkdir d/below
	mount -t tmpfs none d/below
	mount -t tmpfs none d
	mount -t tmpfs none d
	"$lb" umount -R d
	[ -z "$(mounts_below "$dir")" ]
	mount -t tmpfs none d
	mount -t tmpfs none d
	local busy
	cd d && { sleep 60 & busy=$!; cd ..; }
	refuses 32 "$dir/d: target is busy" "$lb" umount -R d
	kill "$busy"
	wait "$busy" || true
	"$lb" umount -R d
	[ -z "$(mounts_below "$dir")" ]
}

@test "-R unmounts what is below, too" {
	in_turn 3
	local words bad=0
	for words in "d" "-R d" "--recursive d" "-R d/one" "-R d e" "-R missing" "-l d" "-R -l d" "-R $dir"; do
		# shellcheck disable=SC2086
		unmounts_alike tree $words || bad=1
	done
	[ "$bad" -eq 0 ]
}

@test "A target in use is busy, unless it is lazy" {
	in_turn 3
	local words
	mount -t tmpfs none d
	exec 8<d
	refuses 32 "d: Device or resource busy" "$lb" umount d || refuses 32 "d: target is busy" "$lb" umount d
	same "-f" "$(answer umount -f d)" "$(answer "$lb" umount -f d)"
	is_mounted "$dir/d"
	for words in -l --lazy -lf; do
		is_mounted "$dir/d" || { mount -t tmpfs none d; exec 8<d; }
		"$lb" umount "$words" d
		run ! is_mounted "$dir/d"
		exec 8<&-
	done
}

@test "-r leaves a busy file system mounted, but read-only" {
	in_turn 3
	make_image ext4 ext4
	mount -o loop ext4 d
	exec 8<d
	"$lb" umount -r d 2>says
	same says "umount: d: busy, remounted read-only" "$(<says)"
	[[ $(mount_facts d) == ro* ]] || [[ $(mount_facts d) == *" ext4 ro"* ]]
	run touch d/file
	[ "$status" -ne 0 ]
	exec 8<&-
	"$lb" umount --read-only d
	run ! is_mounted "$dir/d"
}

@test "A target with blanks, or a newline, is found" {
	in_turn 3
	local name
	for name in 'a b' $'tab\tline\nend' 'back\slash' 'oct\040al'; do
		mkdir "$name"
		for words in "" "-R" "-d" "-l"; do
			mount -t tmpfs none "$name"
			# shellcheck disable=SC2086
			"$lb" umount $words "$name"
			run ! findmnt -n -M "$dir/$name"
		done
	done
	cp squashfs 'an image'
	mount -o loop,ro 'an image' d
	"$lb" umount 'an image'
	eventually nothing_carries "$dir/an image"
}

@test "The word for what has no device is taken for its mount" {
	in_turn 3
	for by in umount "$lb umount"; do
		mount -t tmpfs "word$$" d
		mount -t tmpfs "word$$" d
		$by "word$$"
		same "mounts, by $by" 1 "$(mounts_below "$dir" | wc -l)"
		$by "word$$"
		refuses 32 "word$$" "$lb" umount "word$$"
		# nothing that lies above is taken for it
		mount -t tmpfs "word$$" d
		mount -t ramfs other d
		run $by "word$$"
		[ "$status" -eq 1 ]
		same "hidden mounts, by $by" 2 "$(mounts_below "$dir" | wc -l)"
		umount d
		umount d
	done
}

@test "-v tells what is unmounted, -q is quiet about what is not" {
	in_turn 3
	for words in -v "-v -l" -dv; do
		for by in umount "$lb umount"; do
			mount -t tmpfs none d
			# shellcheck disable=SC2086
			theirs=$ours ours=$($by $words d 2>&1)
		done
		same "umount $words" "$theirs" "$ours"
	done
	run --separate-stderr "$lb" umount -q d
	[ "$status" -eq 32 ]
	[ -z "$stderr" ]
}

@test "Only the calls that it needs: a directory costs one umount2" {
	in_turn 3
	mount -t tmpfs none d
	trace_calls "$LOOPBOX_CORE" umount d
	[ "$(grep -c 'umount2(' "$trace")" -eq 1 ]
	run grep -E 'open|/proc' "$trace"
	[ "$status" -eq 1 ]
}

@test "-a -t unmounts the file systems of a type, last first" {
	in_turn 3
	inside '
		umount -l /dev/shm 2>/dev/null || :
		mount -t ramfs none d
		mkdir d/below
		mount -t ramfs none d/below
		mount -t tmpfs none e
		"$LOOPBOX_FULL" umount -a -t ramfs
		! findmnt -n "$PWD/d"
		! findmnt -n "$PWD/d/below"
		findmnt -n "$PWD/e"
		"$LOOPBOX_FULL" umount -a -t ramfs
		mount -t ramfs none d
		exec 8<d
		code=0
		"$LOOPBOX_FULL" umount -a -t ramfs || code=$?
		[ "$code" -eq 32 ]
		"$LOOPBOX_FULL" umount -al -t ramfs
		! findmnt -n "$PWD/d"'
}

@test "-a leaves the kernel's own file systems" {
	in_turn 3
	# what a mount namespace of its own is left with; the test's tools go first
	inside '
		mount -t tmpfs none d
		mount -t ramfs none e
		cp "$LOOPBOX_CORE" e/loopbox
		exec 8<e
		e/loopbox umount -a 2>errors || :
		awk "{ print \$2 }" /proc/self/mounts >left
		grep -qx / left
		grep -qx /proc left
		grep -qx /sys left
		! grep -qx "$PWD/d" left
		grep -q "$PWD/e" errors'
	is_mounted /proc
	is_mounted /dev
}

@test "umount -a with a full or closed standard error still unmounts" {
	in_turn 3
	inside '
		mount -t ramfs none d
		"$LOOPBOX_FULL" umount -v -a -t ramfs >&- 2>&- || :
		! findmnt -n "$PWD/d"'
}

@test "Without /proc a directory is unmounted, and an image is told why not" {
	in_turn 3
	inside '
		mount -t tmpfs none d
		mount -t tmpfs none /proc
		"$LOOPBOX_FULL" umount d
		code=0
		"$LOOPBOX_FULL" umount squashfs 2>errors || code=$?
		[ "$code" -eq 32 ]
		grep -q squashfs errors'
}

# What could not be read is told, and nothing counts as done.
@test "Without /proc -a, -A and -R fail and say what could not be read, and -d unmounts and says so" {
	in_turn 3
	inside '
		mount -t tmpfs none d
		mount -t tmpfs none /proc
		for words in -a "-a -t tmpfs" "-A d" "-R d" "-A -R d"; do
			code=0
			"$LOOPBOX_FULL" umount $words 2>errors || code=$?
			[ "$code" -eq 32 ]
			grep -q "/proc/self/m.*No such file or directory" errors
		done
		mountpoint -q d
		code=0
		"$LOOPBOX_FULL" umount -d d 2>errors || code=$?
		[ "$code" -eq 32 ]
		grep -q "d: unmounted, but" errors
		! mountpoint -q d'
}

@test "-d fails where the loop device can't be opened or detached, and says what was done" {
	in_turn 3
	own_device
	losetup -r "$device" squashfs
	mount -r "$device" d
	faulty "ioctl:error=EPERM" "$lb" umount -d d
	[ "$status" -eq 32 ]
	[[ $stderr == *"$device: unmounted, but not detached: Operation not permitted"* ]]
	run ! is_mounted "$dir/d"
	mount -r "$device" d
	faulty "openat:error=EACCES:when=$(position_of_open "$device")" "$lb" umount -d d
	[ "$status" -eq 32 ]
	[[ $stderr == *"$device: unmounted, but not detached: Permission denied"* ]]
	run ! is_mounted "$dir/d"
}

@test "A partition of a loop device is not the device: -d leaves it, an image does not mean it" {
	in_turn 3
	own_device
	truncate -s 8M disk
	printf '2048,,L\n' | sfdisk -q disk
	losetup -P "$device" disk
	if [ ! -b "${device}p1" ]; then
		losetup -d "$device"
		skip "no partitions of loop devices"
	fi
	mkfs.ext4 -q "${device}p1"
	mount "${device}p1" d
	refuses 32 "disk: " "$lb" umount disk
	[[ $("$lb" mount | grep "on $dir/d ") == "${device}p1 on "* ]]
	"$lb" umount -d d
	losetup "$device" | grep -q disk
	losetup -d "$device"
}

@test "-r of a busy mount keeps what else the mount is" {
	in_turn 3
	mount -t tmpfs -o nosuid,nodev,noexec,noatime none d
	local busy
	cd d && { sleep 60 & busy=$!; cd ..; }
	"$lb" umount -r d
	kill "$busy"
	wait "$busy" || true
	[[ $(findmnt -n -o VFS-OPTIONS d) == ro,nosuid,nodev,noexec,noatime ]]
}

@test "Without permission nothing is unmounted" {
	in_turn 3
	mount -t tmpfs none d
	cp "$lb" loopbox
	refuses 32 "d: " setpriv --reuid=65534 --clear-groups ./loopbox umount d
	is_mounted "$dir/d"
}

@test "-R unmounts what was moved in, though it stands first in the list" {
	in_turn 3
	inside '
		mkdir q p
		mount -t tmpfs B q; mount -t tmpfs A p; mkdir p/x; mount --move q p/x
		"$LOOPBOX_FULL" umount -R p
		! grep -F "$PWD/p" /proc/self/mounts'
}

@test "A mount without a source is found by its directory" {
	in_turn 3
	inside '
		mkdir d2
		mount -t tmpfs "" d2
		grep "^ $PWD/d2 " /proc/self/mounts
		"$LOOPBOX_FULL" umount -R d2
		! grep -F "$PWD/d2" /proc/self/mounts'
}

@test "-d frees the device that was mounted, not one that took its number" {
	in_turn 3
	mount -o loop -t squashfs squashfs d
	device=$(findmnt -n -o SOURCE d)
	strace -o trace "$LOOPBOX_FULL" umount -d d
	# It is opened while it can't be another.
	[ "$(grep -n "$device" trace | head -n 1 | cut -d: -f1)" -lt "$(grep -n 'umount2(' trace | cut -d: -f1)" ]
	eventually nothing_carries "$dir/squashfs"
}

# Runs by the words of the first argument as by util-linux, on mounts of each kind in a
# namespace of its own.
more_alike() {
	local by theirs ours

	for by in umount "$lb umount"; do
		ours=$(inside '
			mkdir -p a b c e
			mount -t ramfs x a
			mount --bind a b
			mount -t ramfs x c
			mount -t tmpfs -o ro,size=1m x e
			echo "x $PWD/c ramfs" >fstab
			code=0
			'"$by $1"' 2>/dev/null || code=$?
			echo "exit $code"
			grep "$PWD" /proc/self/mounts')
		[ "$by" != umount ] || theirs=$ours
	done
	same "umount $1" "$theirs" "$ours"
}

@test "The rarer options do what util-linux's do" {
	in_turn 3
	local words

	# x, the source of several, is unmounted where the last of them is
	for words in "-A a" "-A b" "--all-targets c" "-A c a" "-A nosuch" "-A e" "-AR a" "-A x" "--fake a" "--fake a nosuch" \
		"-a -t ramfs -O ro" "-a -t ramfs,tmpfs -O ro" "-a -t ramfs --test-opts rw" "-a -t ramfs -O noro" \
		"-c a" "-n -i a"; do
		more_alike "$words"
	done
}

@test "-A unmounts each subvolume of a btrfs" {
	in_turn 3
	truncate -s 128M btrfs
	mkfs.btrfs -q btrfs >/dev/null
	mkdir -p a b c
	own_device
	losetup "$device" btrfs
	mount "$device" a
	btrfs -q subvolume create a/s1
	mount -o subvol=s1 "$device" b
	mount -o subvol=s1 "$device" c
	"$lb" umount -A c
	[ -z "$(mounts_below "$dir")" ]
}

@test "--fake leaves the loop device as it is" {
	in_turn 3
	make_image ext4 image
	mkdir -p a
	own_device
	losetup "$device" image
	mount "$device" a
	"$lb" umount -d --fake a
	[ "$(losetup -nO AUTOCLEAR "$device" | xargs)" = 0 ]
	umount a
}

@test "-A unmounts an image wherever it is, and LABEL= stands for a device" {
	in_turn 3
	local label=lb$RANDOM

	make_image ext4 labelled "$label"
	mkdir -p a b
	own_device
	losetup "$device" labelled
	mount "$device" a
	mount --bind a b
	"$lb" umount -A labelled
	not_mounted() { [ -z "$(mounts_below "$dir")" ]; }
	not_mounted
	mount "$device" a
	"$lb" umount "LABEL=$label"
	not_mounted
	mount "$device" a
	mount --bind a b
	"$lb" umount -A "LABEL=$label"
	not_mounted
	refuses 32 "LABEL=nosuch" "$lb" umount LABEL=nosuch
}
