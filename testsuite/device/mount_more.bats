#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # bats runs each test in a subshell; the rest is in common.bash
# The rarer options of mount, and its helpers, beside util-linux's.

load common

prepare() {
	mkdir d e one two three
	make_image squashfs squashfs
}

# Runs bash lines twice in a namespace of its own, with $mount as util-linux's and as ours, and
# compares what they print, directories and messages apart.
alike_inside() {
	local by theirs ours

	for by in mount "$lb mount"; do
		ours=$(mount=$by inside "$1" 2>/dev/null) || ours+=" exit $?"
		[ "$by" != mount ] || theirs=$ours
	done
	same "$1" "$theirs" "$ours"
}

# In such lines: /sbin with a mount.mine that tells how it was called, and exits with 7.
helper='
	at=$(realpath /sbin)
	mkdir -p h
	mount -t tmpfs none h
	mkdir h/up h/work
	mount -t overlay -o lowerdir=$at,upperdir=h/up,workdir=h/work none $at
	printf "#!/bin/bash\nprintf \"helper: %%s\" \"\${*@Q}\"; echo; exit \$(cat $PWD/code)\n" >$at/mount.mine
	chmod +x $at/mount.mine
	echo 7 >code
'

@test "/sbin/mount.TYPE is called as by util-linux, and its exit code is mount's" {
	in_turn 3
	local words bad=0

	for words in "-t mine src d" "-t mine -o ro,a=b src d" "-t mine -o noauto,x-a,X-b,comment=u,defaults,a src d" \
		"-r -t mine src d" "-w -t mine src d" "-i -t mine src d" "-n -v -t mine src d" "-f -t mine src d" \
		"-s -t mine src d" "-t mine,other src d" "-t mine -o nosuid,noexec,relatime,sync,dirsync src d" \
		"-t mine -o X-mount.mkdir,a src dd" "-t mine.sub src d" "-t mine --make-private src d" \
		"-t mine -o rw,b,rw,ro,b,a=1,a=2,silent,loud,noatime,lazytime src d" "-t mine -o owner,group src d" \
		"-t other src d" "-t mine src nosuch" "-sfnv -t mine.sub src d" "-t mine src ./d/../d/"; do
		alike_inside "$helper"'$mount '"$words"'; echo "exit $?"' || bad=1
	done
	alike_inside "$helper"'
		echo 0 >code
		$mount -t mine src d; echo "exit $?"
		echo "src $PWD/d mine ro,x-mine,abc 0 0" >fstab
		$mount -T fstab $PWD/d; echo "exit $?"
		$mount -T fstab src -o rw; echo "exit $?"
		$mount -T fstab -a; echo "exit $?"
		for mode in ignore append prepend replace; do $mount -T fstab --options-mode $mode -o rw,def src; done
		echo 3 >code
		$mount -T fstab -a; echo "exit $?"'
	[ "$bad" -eq 0 ]
}

@test "A helper that is killed, and one that can't be run, are failures" {
	in_turn 3
	run inside "$helper"'
		printf "#!/bin/sh\nkill -9 \$\$\n" >$at/mount.mine
		"$LOOPBOX_FULL" mount -t mine src d'
	[ "$status" -eq 32 ]
	run inside "$helper"'
		echo "#!/nonexistent" >$at/mount.mine
		"$LOOPBOX_FULL" mount -t mine src d'
	[ "$status" -ne 0 ]
	[[ $output == *"/sbin/mount.mine: run: No such file"* ]]
	# a path is no type
	run inside "$helper"'"$LOOPBOX_FULL" mount -t ../sbin/mine src d'
	[ "$status" -eq 32 ]
	[[ $output != *helper* ]]
}

@test "A helper is told nothing of how its type was found, and -F waits for its failure" {
	in_turn 3
	alike_inside "$helper"'
		mkdir -p h2
		mount -t tmpfs none h2
		mkdir h2/up h2/work
		mount -t overlay -o lowerdir=/etc,upperdir=h2/up,workdir=h2/work none /etc
		echo mine >/etc/filesystems
		head -c 64K /dev/urandom >noise
		$mount -o loop noise d | sed "s,/dev/loop[0-9]*,LOOP,"'
	run inside "$helper"'
		echo 255 >code
		echo "src $PWD/d mine defaults" >fstab
		"$LOOPBOX_FULL" mount -T fstab -aF'
	[ "$status" -eq 32 ]
	run inside "$helper"'
		printf "#!/bin/sh\nkill -9 \$\$\n" >$at/mount.mine
		echo "src $PWD/d mine defaults" >fstab
		"$LOOPBOX_FULL" mount -T fstab -aF'
	[ "$status" -eq 32 ]
}

@test "An image whose helper fails has no loop device left" {
	in_turn 3
	run inside "$helper"'"$LOOPBOX_FULL" mount -o loop -t mine squashfs d'
	[ "$status" -eq 7 ]
	[[ $output == *"helper: '/dev/loop"* ]]
	eventually nothing_carries "$dir/squashfs"
}

@test "--mkdir and X-mount.mkdir make the directory as util-linux's do" {
	in_turn 3
	local words

	for words in "-m none new/er/one" "--mkdir none new" "--mkdir=0700 none new/er" "-m0750 none new" \
		"-o X-mount.mkdir none new" "-o X-mount.mkdir=0711 none new/er" "-o x-mount.mkdir none new" \
		"-o X-mount.mkdir=755 none d" "-m none new/"; do
		alike_inside '
			$mount -t ramfs '"$words"'; echo "exit $?"
			find . -name "new*" -o -path "*/er*" | sort | xargs -r stat -c "%n %F"
			umount new/er/one new/er new 2>/dev/null
			find . -name "new*" -o -path "*/er*" | sort | xargs -r stat -c "%n %a"
			rm -rf --one-file-system new'
	done
}

@test "A directory that was made for a mount that fails goes again, and only that" {
	in_turn 3
	refuses 32 "bogusfs" "$lb" mount -m -t bogusfs bogusfs new/er/one
	[ ! -e new ]
	mkdir new
	refuses 32 "bogusfs" "$lb" mount --mkdir -t bogusfs bogusfs new/er/one
	[ -d new ] && [ ! -e new/er ]
	mkdir empty
	refuses 32 "bogusfs" "$lb" mount -m -t bogusfs bogusfs new/er/../../empty/two/..
	[ -d new ] && [ -d empty ] && [ ! -e new/er ] && [ ! -e empty/two ]
	refuses 32 "bogusfs" "$lb" mount -m -t bogusfs bogusfs new
	[ -d new ]
	refuses 32 "9: not a mode (octal digits)" "$lb" mount -t ramfs -o X-mount.mkdir=9 none never
	refuses 32 "squashfs/one: mkdir: Not a directory" "$lb" mount -m -t ramfs none squashfs/one
	"$lb" mount -f -m -t ramfs none never
	[ ! -e never ]
}

@test "X-mount.owner, group and mode are those of what is mounted" {
	in_turn 3
	inside '
		"$LOOPBOX_FULL" mount -t tmpfs -o X-mount.owner=daemon,X-mount.group=5,X-mount.mode=0751 none d
		[ "$(stat -c "%U %g %a" d)" = "daemon 5 751" ]
		"$LOOPBOX_FULL" mount -t tmpfs -o X-mount.group=daemon none d
		[ "$(stat -c "%U %G" d)" = "root daemon" ]
		umount d
		umount d
		[ "$(stat -c "%U %G" d)" = "root root" ]'
	refuses 32 "nosuch: not a user or group" "$lb" mount -t tmpfs -o X-mount.owner=nosuch none d
	refuses 32 "nosuch: not a user or group" "$lb" mount -t tmpfs -o X-mount.group=nosuch none d
	refuses 32 "888: not a mode (octal digits)" "$lb" mount -t tmpfs -o X-mount.mode=888 none d
	# what can't be written keeps its owner, so the mount is undone
	refuses 32 "owner or mode: Read-only file system" "$lb" mount -o X-mount.owner=1,X-mount.mkdir squashfs new
	[ ! -e new ]
	[ -z "$(mounts_below "$dir")" ]
	eventually nothing_carries "$dir/squashfs"
}

@test "X-mount words that would mount something else are refused, other words pass" {
	in_turn 3
	local word

	for word in X-mount.subdir=a X-mount.idmap=b:0:0:1 X-mount.noloop x-mount.subdir=a; do
		refuses 1 "mount.${word#*.}: not a valid option" "$lb" mount -t tmpfs -o "$word" none d
	done
	"$lb" mount -t tmpfs -o X-mine,X-mount,x-systemd.automount none d
	umount d
}

@test "--source, --target and operands name the same things as with util-linux" {
	in_turn 3
	local words

	echo "none $dir/one tmpfs size=1m,ro" >fstab
	for words in "-t tmpfs --source none --target d" "-t tmpfs --source none d" "-t tmpfs --target d none" \
		"-t tmpfs --target=d none" "-T fstab --target $dir/one" "-T fstab --source none" "-T fstab --target none" \
		"-T fstab --source $dir/one" "-T fstab --target one" "-T fstab one" "-T fstab ./one/" \
		"-T fstab --target $dir/one -o remount,size=2m" "-t tmpfs --target d --source none e" \
		"-t tmpfs --target-prefix $dir none d" "-T fstab -o rw,size=2m $dir/one"; do
		alike_inside '$mount '"$words"'; echo "exit $?"; grep $PWD /proc/self/mounts'
	done
}

@test "--options-mode says how fstab's words and those of the command line come together" {
	in_turn 3
	local mode words

	echo "none $dir/one tmpfs ro,size=1m,nosuid" >fstab
	for mode in "" "--options-mode=append" "--options-mode=prepend" "--options-mode=ignore" \
		"--options-mode=replace"; do
		for words in "" "-o rw" "-o size=2m,suid" "-o noexec"; do
			for of in "$dir/one" -a; do
				alike_inside '$mount -T fstab '"$mode $words $of"'; echo "exit $?"; grep $PWD /proc/self/mounts'
			done
		done
	done
	refuses 1 "bogus" "$lb" mount -T fstab --options-mode bogus -a
}

@test "--target-prefix puts what is mounted below another directory" {
	in_turn 3
	local words

	echo "none /one tmpfs size=1m" >fstab
	alike_inside '$mount -T fstab --target-prefix $PWD -a; grep $PWD /proc/self/mounts'
	alike_inside '$mount -T fstab --target-prefix $PWD -o X-mount.mkdir /one; grep $PWD /proc/self/mounts'
	# and what operands name
	mkdir -p p/d p/one
	for words in "-t tmpfs none d" "-t tmpfs none /d" "-t tmpfs --source none --target /d" "--bind one /d" \
		"-T fstab one" "-T fstab /one" "-t tmpfs none /missing" "-m -t tmpfs none /made/too"; do
		alike_inside '$mount --target-prefix p '"$words"'; echo "exit $?"; grep $PWD /proc/self/mounts'
	done
	# where it is mounted already has its prefix
	run inside '"$LOOPBOX_FULL" mount --target-prefix p -t tmpfs word /d
		"$LOOPBOX_FULL" mount --target-prefix p -o remount,ro word
		"$LOOPBOX_FULL" mount --target-prefix p -o remount,noexec /d
		findmnt -n -o VFS-OPTIONS p/d'
	[ "$output" = ro,noexec,relatime ]
}

@test "-a -o remount changes what is mounted, as far as -t and -O choose" {
	in_turn 3
	alike_inside '
		$mount -t ramfs x one; $mount -t ramfs -o nosuid x two; $mount -t tmpfs x three
		$mount -a -t ramfs -o remount,ro; echo "exit $?"; grep $PWD /proc/self/mounts
		$mount -a -t ramfs -O nosuid -o remount,rw; echo "exit $?"; grep $PWD /proc/self/mounts'
}

@test "-a with --make-* mounts what fstab lists, and nothing that is mounted a second time" {
	in_turn 3
	echo "none $dir/one tmpfs size=1m" >fstab
	alike_inside '$mount -t ramfs x two; $mount -T fstab --make-private -a; echo "exit $?"; grep $PWD /proc/self/mounts'
}

@test "What was mounted before stays, whatever fails behind it" {
	in_turn 3
	inside '
		mount -t tmpfs none d
		! "$LOOPBOX_FULL" mount -o remount,ro,X-mount.mode=0700 d
		mountpoint -q d
		! "$LOOPBOX_FULL" mount -o remount,X-mount.owner=nosuch d
		mountpoint -q d'
}

@test "-F mounts all at once, and waits for all" {
	in_turn 3
	{
		echo "none $dir/one tmpfs size=1m"
		echo "none $dir/two tmpfs noauto"
		echo "none $dir/three ramfs defaults"
	} >fstab
	alike_inside '$mount -T fstab -aF; echo "exit $?"; grep $PWD /proc/self/mounts | sort'
	alike_inside '$mount -T fstab --fork --all -t tmpfs; echo "exit $?"; grep $PWD /proc/self/mounts | sort'
	echo "none $dir/d bogusfs defaults" >>fstab
	alike_inside '$mount -T fstab -aF; echo "exit $?"; grep $PWD /proc/self/mounts | sort'
	alike_inside '$mount -T fstab -aF -t bogusfs; echo "exit $?"'
}

@test "-O compares whole options, values where they are given, and + literally" {
	in_turn 3
	local long=x-systemd.device-timeout=infinity-and-much-more words

	echo "none $dir/one tmpfs size=1m,$long,nosuid" >fstab
	for words in "$long" "no$long" size nosize size=1m size=2m nosize=2m +nosuid nosuid suid "+nodev" "size,nosuid" "," \
		"x-systemd.device-timeout" "nox-systemd.device-timeout=infinity-and-much-les" "siz"; do
		alike_inside '$mount -T fstab -a -O '"$words"'; echo "exit $?"; grep $PWD /proc/self/mounts'
	done
}

@test "-l shows labels behind what is listed" {
	in_turn 3
	local label=lb$RANDOM

	make_image ext4 labelled "$label"
	make_image ext2 plain
	"$lb" mount labelled d
	"$lb" mount plain e
	for words in "-l" "-l -t ext4" "--show-labels -t ext2" "-t ext4" "-lt ext2,ext4"; do
		# shellcheck disable=SC2086
		same "mount $words" "$(mount $words | grep "$dir")" "$("$lb" mount $words | grep "$dir")"
	done
	"$lb" mount -l | grep -q " \[$label\]$"
}

@test "A device stands for where it was mounted last for a remount" {
	in_turn 3
	local label=lb$RANDOM

	make_image ext4 labelled "$label"
	own_device
	losetup "$device" labelled
	for words in "-o remount,ro $device" "-o remount,ro LABEL=$label" \
		"-o remount,ro -L $label" "-o remount,ro LABEL=nosuch" "-o remount,ro $PWD/one" "-o remount,ro three"; do
		alike_inside '$mount '"$device"' one; $mount '"$device"' two; $mount '"$words"'; echo "exit $?"
			findmnt -n -o TARGET,VFS-OPTIONS,PROPAGATION '"$device"
	done
}

@test "The word for what has no device stands for its mount in a remount" {
	in_turn 3
	mkdir src
	for words in none other src; do
		alike_inside '$mount -t tmpfs none one; $mount -t tmpfs none two; $mount -t tmpfs src three
			$mount -o remount,ro '"$words"'; echo "exit $?"; findmnt -n -l -o TARGET,VFS-OPTIONS -t tmpfs | grep $PWD'
	done
}

@test "What goes with its mount is listed by its file, as scripts can read it" {
	in_turn 3
	cp squashfs 'an image\1'
	inside '
		"$LOOPBOX_FULL" mount "an image\\1" d
		"$LOOPBOX_FULL" mount | grep -F "$PWD/an\040image\1341 on $PWD/d type squashfs (ro,"
		rm "an image\\1"
		"$LOOPBOX_FULL" mount | grep -F "$PWD/an\040image\1341 (deleted) on $PWD/d type squashfs (ro,"'
	own_device
	losetup -r "$device" squashfs
	inside '
		"$LOOPBOX_FULL" mount '"$device"' d
		"$LOOPBOX_FULL" mount | grep -F "'"$device"' on $PWD/d type squashfs (ro,"
		"$LOOPBOX_CORE" mount squashfs e
		diff <(mount | grep "/[de] type") <("$LOOPBOX_FULL" mount | grep "/[de] type")'
}

@test "An fstab entry by label is found by its device" {
	in_turn 3
	local label=lb$RANDOM

	make_image ext4 labelled "$label"
	own_device
	losetup "$device" labelled
	echo "LABEL=$label $dir/one ext4 ro" >fstab
	alike_inside '$mount -T fstab '"$device"'; echo "exit $?"; grep $PWD /proc/self/mounts'
	alike_inside '$mount -T fstab LABEL='"$label"'; echo "exit $?"; grep $PWD /proc/self/mounts'
	alike_inside '$mount -T fstab -L '"$label"'; echo "exit $?"; grep $PWD /proc/self/mounts'
}

@test "Types are tried in the order of /etc/filesystems, and behind its star in the kernel's" {
	in_turn 3
	# what tells nothing by a superblock
	head -c 64K /dev/urandom >noise
	own_device
	losetup "$device" noise
	tried() {
		inside '
			printf "$1" >list
			mkdir -p h; mount -t tmpfs none h; mkdir h/up h/work
			mount -t overlay -o lowerdir=/etc,upperdir=h/up,workdir=h/work none /etc
			cp list /etc/filesystems
			strace -o trace $2 $3 d 2>/dev/null || :
			sed -n "s/^mount([^,]*, [^,]*, \"\([a-z0-9]*\)\".*/\1/p" trace | paste -sd " "' bash "$@"
	}
	[ "$(tried 'ext4\nsquashfs\n' "$lb mount" "$device")" = "ext4 squashfs" ]
	[ "$(tried '# none\n\nxfs\n' "$lb mount" "$device")" = "xfs" ]
	[[ $(tried 'xfs\n*\n' "$lb mount" "$device") == "xfs "*ext4* ]]
	[[ $(tried '*\n' "$lb mount" "$device") == *ext4* ]]
	[ "$(tried 'nodev\ttmpfs\n\text4\n  xfs  \n' "$lb mount" "$device")" = "ext4 xfs" ]
	same "noxfs" "squashfs" "$(tried 'xfs\nsquashfs\n' "$lb mount -t noxfs" "$device")"
}

# docs/examples/container-images, with the programs of the machine and with ours.
@test "The example of a container's images works as it is, with loopbox alone" {
	in_turn 3
	local name device devices

	mkdir path
	for name in losetup mount umount findmnt; do ln -s "$LOOPBOX_FULL" "path/$name"; done
	cp squashfs app.squashfs
	make_image ext4 data.img
	example() { PATH=$dir/path:/usr/bin:/bin "$top/docs/examples/container-images" "$@"; }
	run --separate-stderr example up "$dir/rootfs" app.squashfs data.img
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	[ "$(<rootfs/app/type)" = "a squashfs" ]
	[ "$(<rootfs/data/type)" = "a ext4" ]
	for name in app data; do
		device=$(awk -v at="$dir/rootfs/$name" '$2 == at { print $1 }' <<<"$output")
		[ "$(findmnt -no SOURCE "rootfs/$name")" = "$device" ]
		# read-only, direct, and bound to its mount
		[ "$(losetup -nO RO,DIO,AUTOCLEAR "$device" | xargs)" = "1 1 1" ]
	done
	example down "$dir/rootfs"
	[ -z "$(mounts_below "$dir")" ]
	eventually nothing_carries "$dir"

	run example attach app.squashfs data.img app.squashfs
	devices=$output
	[ "$(devices_of "$dir" | wc -l)" -eq 3 ]
	# shellcheck disable=SC2086
	example detach $devices
	eventually nothing_carries "$dir"
	# a failure leaves nothing
	head -c 64K /dev/urandom >noise.img
	run example up "$dir/rootfs" noise.img
	[ "$status" -eq 32 ]
	[ ! -e rootfs/noise ]
	eventually nothing_carries "$dir"
}


# --- exit 0 means done -------------------------------------------------------------

@test "Without the kernel's list, nothing of fstab counts as mounted" {
	in_turn 3
	echo 'proc /proc proc defaults 0 0' >fstab
	inside '
		mount -t tmpfs none /proc
		"$LOOPBOX_FULL" mount -a -T fstab
		[ -e /proc/self/mounts ]'
}

@test "A line of fstab that is none is named, and the others are mounted, as by util-linux" {
	in_turn 3
	local name
	printf '%s\n' "none $dir/one tmpfs size=1m 0 0" "bad" "none $dir/two" "none $dir/two tmpfs defaults x 0" \
		"none $dir/three tmpfs" >short
	printf 'none %s tmpfs ro 0 0\n\0\0\0\0none /x tmpfs\nnone %s tmpfs noexec 0\0 0\nnone %s tmpfs noexec\n' \
		"$dir/one" "$dir/two" "$dir/three" >torn
	for name in short torn; do
		run --separate-stderr "$lb" mount -a -T "$name"
		[ "$status" -eq 64 ]
		[ "$(mounts_below "$dir" | xargs)" = "$dir/one $dir/three" ]
		umount one three
		run --separate-stderr mount -a -T "$name"
		[ "$(mounts_below "$dir" | xargs)" = "$dir/one $dir/three" ]
		umount one three
		mount -a -T "$name" 2>theirs || true
		umount one three
		"$lb" mount -a -T "$name" 2>ours || true
		umount one three
		diff theirs ours
		run --separate-stderr "$lb" findmnt -s -F "$name"
		[[ $stderr == *"$name: parse error at line 2 -- ignored"* ]]
	done
	# also those behind the one that is wanted
	run --separate-stderr "$lb" mount -T short "$dir/one"
	[ "$status" -eq 0 ]
	[ "$(grep -c "parse error" <<<"$stderr")" -eq 3 ]
}

@test "nofail is silent about what is missing, and about nothing else" {
	in_turn 3
	local source
	for source in /dev/nonex LABEL=nonex-$RANDOM "$dir/missing.img" "$dir/squashfs/below"; do
		run --separate-stderr "$lb" mount -o nofail "$source" d
		[ "$status" -eq 0 ]
		[ -z "$stderr" ]
		run --separate-stderr "$lb" mount -t squashfs -o nofail "$source" d
		[ "$status" -eq 0 ]
		[ -z "$stderr" ]
	done
	refuses 32 "$dir/nonex" "$lb" mount -o nofail squashfs "$dir/nonex"
	echo nothing >bad
	refuses 32 "bad" "$lb" mount -o nofail bad d
}

@test "100,000 entries of fstab take no longer than with util-linux" {
	in_turn 3
	local start theirs ours
	yes 'proc /proc proc defaults 0 0' | head -n 100000 >mounted
	yes "none $dir/one tmpfs noauto 0 0" | head -n 100000 >others
	for name in mounted others; do
		start=${EPOCHREALTIME/./}
		mount -a -T "$name"
		theirs=$((${EPOCHREALTIME/./} - start))
		start=${EPOCHREALTIME/./}
		"$lb" mount -a -T "$name"
		ours=$((${EPOCHREALTIME/./} - start))
		echo "$name: util-linux $theirs us, loopbox $ours us"
		[ "$ours" -le "$theirs" ]
	done
}


# --- flags -------------------------------------------------------------------------

# The flags of a mount on d that is changed by lines with $mount, one of them util-linux's.
@test "A remount takes fstab's options as util-linux's does, or keeps what the mount has" {
	in_turn 3
	local words
	echo "none $dir/d tmpfs rw,noatime,nodev,size=2m 0 0" >fstab
	echo "none $dir/e tmpfs rw,nosuid 0 0" >other
	for words in "-T fstab -o remount $PWD/d" "-T fstab -o remount,ro $PWD/d" "-T fstab -o remount,exec d" \
		"-T other -o remount,ro d" "-T other -o remount,noatime $PWD/d" "-T other -o remount,bind,ro $PWD/d" \
		"-T none -o remount,ro d" "-T fstab --options-mode append -o remount,atime $PWD/d" \
		"-T fstab --options-mode ignore -o remount,ro $PWD/d"; do
		alike_inside "
			mount -t tmpfs -o nosuid,noexec,nodiratime none d
			\$mount $words
			findmnt -n -o VFS-OPTIONS d; findmnt -n -o FS-OPTIONS d | grep -o '^..'"
	done
}

@test "A remount asks the kernel's list, not a file system that may be dead" {
	in_turn 3
	mount -t tmpfs -o nosuid,nodev,noexec none d
	faulty "statfs:error=ENOTCONN" "$lb" mount -o remount,ro d || [ "$status" -eq 0 ]
	[[ $(findmnt -n -o VFS-OPTIONS d) == ro,nosuid,nodev,noexec,relatime ]]
	inside '
		mount -t tmpfs none /proc
		if strace -qq -o /dev/null -e inject=statfs:error=ENOTCONN "$LOOPBOX_FULL" mount -o remount,rw d; then
			exit 1
		fi'
	[[ $(findmnt -n -o VFS-OPTIONS d) == ro,nosuid,nodev,noexec,relatime ]]
}

@test "A bind mount with flags of its own keeps those of its source, with any kernel" {
	in_turn 3
	local fault
	mount -t tmpfs -o nosuid,nodev,noexec,noatime none d
	for fault in "" mount_setattr:error=ENOSYS; do
		if [ "$fault" ]; then
			faulty "$fault" "$lb" mount -o bind,ro d e
		else
			"$lb" mount -o bind,ro d e
		fi
		[ "$(findmnt -n -o VFS-OPTIONS e)" = ro,nosuid,nodev,noexec,noatime ]
		"$lb" mount -o remount,bind,rw,exec e
		[ "$(findmnt -n -o VFS-OPTIONS e)" = rw,nosuid,nodev,noatime ]
		umount e
	done
	[ "$(findmnt -n -o VFS-OPTIONS d)" = rw,nosuid,nodev,noexec,noatime ]
}

@test "In a user namespace, where flags are locked, a bind mount keeps them" {
	in_turn 3
	mount -t tmpfs -o nosuid,nodev,noexec none d
	unshare -U -r true || skip "no user namespaces"
	run unshare -U -r -m --propagation private "$LOOPBOX_FULL" mount -o bind,ro d e
	[ "$status" -eq 0 ]
}

@test "Steps of propagation are made in their order, as by util-linux" {
	in_turn 3
	local words
	for words in "-o bind,slave,shared e d" "--bind --make-private --make-shared e d" "-o bind,shared,private e d" \
		"-t tmpfs --make-rshared none d" "-t tmpfs -o slave,shared,unbindable none d"; do
		alike_inside "
			mount -t tmpfs none e
			mount --make-shared e
			\$mount $words
			findmnt -n -o PROPAGATION d"
	done
	# util-linux 2.38 takes such a series for one step
	mount -t tmpfs none d
	"$lb" mount --make-shared --make-slave --make-shared d
	[ "$(findmnt -n -o PROPAGATION d)" = shared ]
}

@test "A file system that is mounted read-only is mounted so a second time, with a warning" {
	in_turn 3
	make_image ext4 ext4
	own_device
	losetup "$device" ext4
	mount -o ro "$device" d
	run --separate-stderr "$lb" mount "$device" e
	[ "$status" -eq 0 ]
	[[ $stderr == *read-only* ]]
	[[ $(findmnt -n -o OPTIONS e) == ro* ]]
	umount e
	refuses 32 "$device" "$lb" mount -o rw "$device" e
	umount d
	losetup -d "$device"
	eventually unbound "$device"
	losetup "$device" squashfs
	mount -t squashfs "$device" d
	"$lb" mount "$device" e
	umount d e
	losetup -d "$device"
}

@test "Names in uid= and gid= become numbers, as with util-linux" {
	in_turn 3
	local words
	for words in uid=nobody gid=nogroup uid=nobody,mode=0700,gid=daemon uid=12,gid=34 uid=nosuch uid=nobody,ro,nosuid; do
		alike_inside "
			\$mount -t tmpfs -o $words none d
			findmnt -n -o OPTIONS d"
	done
}

@test "--onlyonce mounts nothing that is mounted there" {
	in_turn 3
	"$lb" mount --onlyonce -t tmpfs mine d
	refuses 32 "mine: already mounted" "$lb" mount --onlyonce -t tmpfs mine d
	"$lb" mount --onlyonce -t tmpfs other d
	"$lb" mount --onlyonce squashfs e
	refuses 32 "already mounted" "$lb" mount --onlyonce squashfs e
	[ "$(mounts_below "$dir" | wc -l)" -eq 3 ]
}

# shellcheck disable=SC2089,SC2090 # quotes are part of the values
@test "fstab is searched for what a name means, as by util-linux" {
	in_turn 3
	local label=lb$RANDOM uuid words
	make_image ext4 ext4 "$label"
	uuid=$(dumpe2fs -h ext4 2>/dev/null | sed -n 's/^Filesystem UUID: *//p')
	own_device
	losetup "$device" ext4
	ln -s "$device" link
	ln -s d ld
	for entry in "$device" "LABEL=$label" "UUID=$uuid" "UUID='$uuid'" "LABEL=\"$label\"" "$dir/link"; do
		echo "$entry $dir/d ext4 ro 0 0" >fstab
		for words in "$device" "LABEL=$label" "UUID=$uuid" "UUID=\"$uuid\"" "-L $label" "-U $uuid" "$dir/link" link \
			d ld "$dir/./d"; do
			# shellcheck disable=SC2086
			"$lb" mount -T fstab $words || { echo "$entry: $words" >&2; return 1; }
			[ "$(findmnt -n -o SOURCE d)" = "$device" ]
			umount d
		done
	done
	losetup -d "$device"
}

@test "A label with blanks or quotes is found by each way to write it" {
	in_turn 3
	local words
	own_device
	truncate -s 4M labelled
	for label in 'a b' "a\"b" '"ab"'; do
		mkfs.ext4 -q -F -L "$label" labelled
		losetup "$device" labelled
		"$lb" mount LABEL="\"$label\"" d
		umount d
		"$lb" mount -L "$label" d
		umount d
		if [[ $label != '"'* ]]; then
			"$lb" mount LABEL="$label" d
			umount d
		fi
		losetup -d "$device"
		eventually unbound "$device"
	done
	mkfs.ext4 -q -F -L 'a b' labelled
	losetup "$device" labelled
	for entry in 'LABEL="a b"' "LABEL='a b'" 'LABEL=a\040b'; do
		echo "$entry $dir/d ext4 ro 0 0" >fstab
		"$lb" mount -T fstab d
		umount d
	done
	losetup -d "$device"
}

@test "mkdir names the parent that failed" {
	in_turn 3
	mkdir fixed
	echo file >fixed/file
	refuses 32 "fixed/file/a: mkdir: Not a directory" "$lb" mount -m -t tmpfs none fixed/file/a/b
}

@test "A source gets its whole path, wherever it lies; -c keeps it as it is" {
	in_turn 3
	ln -s squashfs image
	mkdir sub
	for words in "image d" "./image d" "sub/../image d" "-o loop image d"; do
		# shellcheck disable=SC2086
		"$lb" mount $words
		[ "$("$lb" mount | grep "on $dir/d ")" != "${words% *} on" ]
		[ "$(cat "/sys/block/$(basename "$(findmnt -n -o SOURCE d)")/loop/backing_file")" = "$dir/squashfs" ]
		umount d
		eventually nothing_carries "$dir/squashfs"
	done
	"$lb" mount -t tmpfs sub e
	[ "$(findmnt -n -o SOURCE e)" = sub ]
}
