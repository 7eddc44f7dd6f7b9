#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # bats runs each test in a subshell; the rest is in common.bash
# mount on real devices, beside util-linux's.

load common

prepare_file() {
	local type
	dir=$work/images
	for type in squashfs erofs ext2 ext3 ext4; do
		make_image "$type" "$work/images/$type"
	done
}

prepare() {
	mkdir d e source source/below
	cp "$work"/images/{squashfs,ext4} .
}

# Mounts with each line of options after the applet's name, by util-linux and by
# us, and compares what is at d then.
mounts_alike() {
	local words theirs ours bad=0

	for words in "$@"; do
		# shellcheck disable=SC2086
		theirs=$(mount_answer d mount $words; clear_mounts "$dir/d")
		# shellcheck disable=SC2086
		ours=$(mount_answer d "$lb" mount $words; clear_mounts "$dir/d")
		same "mount $words" "$theirs" "$ours" || bad=1
	done
	return "$bad"
}

# The data that our mount(2) calls passed on.
data_passed() {
	sed -n 's/.*mount(.*, "\(.*\)") = .*/\1/p' "$trace"
}

# Fails where a loop device is open for writing while mount(2) is called, or
# where that never is.
nothing_writable_at_mount() {
	awk '
		{ sub(/^[0-9]+ +/, "") }
		/^open.*"\/dev\/loop[0-9]+".*O_RDWR.* = [0-9]+$/ { writable[$NF] }
		/^close\(/ { fd = $0; gsub(/close\(|\).*/, "", fd); delete writable[fd] }
		/^mount\("\/dev\/loop/ {
			mounted = 1
			for (fd in writable) bad = 1
		}
		END { exit bad || !mounted }' "$trace"
}


# --- images -------------------------------------------------------------------

@test "mount -o loop,ro -t squashfs mounts an image, and its device goes with umount" {
	for lb in "$LOOPBOX_FULL" "$LOOPBOX_CORE" "$LOOPBOX_CONFIGURE" "$LOOPBOX_LEGACY"; do
		"$lb" mount -o loop,ro -t squashfs squashfs d
		[ "$(<d/type)" = "a squashfs" ]
		carried "$dir/squashfs"
		umount -i "$dir/d"
		eventually nothing_carries "$dir/squashfs"
	done
}

@test "A regular file gets a loop device by itself" {
	local words

	for lb in "$LOOPBOX_FULL" "$LOOPBOX_CORE" "$LOOPBOX_LEGACY"; do
		for words in "-t squashfs" "-r -t squashfs" "-o ro -t squashfs" "-t squashfs -o nodev"; do
			# shellcheck disable=SC2086
			"$lb" mount $words squashfs d
			[ "$(<d/type)" = "a squashfs" ]
			umount "$dir/d"
			eventually nothing_carries "$dir/squashfs"
		done
	done
}

@test "The type of an image is found by its superblock, or by trying" {
	local type words

	for type in squashfs erofs ext2 ext3 ext4; do
		for words in "" "-t auto" "-o loop" "-o ro"; do
			for lb in "$LOOPBOX_FULL" "$LOOPBOX_CORE"; do
				# shellcheck disable=SC2086
				"$lb" mount $words "$work/images/$type" d
				[ "$(<d/type)" = "a $type" ]
				[ "$lb" = "$LOOPBOX_CORE" ] || [ "$(findmnt -n -o FSTYPE d)" = "$type" ]
				umount "$dir/d"
			done
		done
	done
	"$LOOPBOX_FULL" mount -t "" squashfs d
	[ "$(<d/type)" = "a squashfs" ]
	eventually nothing_carries "$work/images"
}

@test "A probed type is mounted at once, without trying others" {
	in_turn 3
	trace_calls "$lb" mount ext4 d
	[ "$(grep -c 'mount("/dev/loop' "$trace")" -eq 1 ]
	grep -q '"ext4"' "$trace"
}

@test "-t takes a list of types, and of types not to try" {
	in_turn 3
	mounts_alike "-t ext4,squashfs squashfs d" "-t squashfs,ext4 squashfs d" "-t ext4,ext3 squashfs d" \
		"-t noext4 squashfs d" "-t noext4,ext3 squashfs d" "-t nosquashfs squashfs d" \
		"-t nosuch squashfs d" "-t bogusfs squashfs d" "-t bogusfs,squashfs squashfs d"
	"$lb" mount -t ext4,squashfs squashfs d
	[ "$(<d/type)" = "a squashfs" ]
	refuses 32 squashfs "$lb" mount -t ext4,ext3 squashfs e
}

@test "offset= and sizelimit= choose a part of the file" {
	in_turn 3
	{ head -c 8192 /dev/zero; cat squashfs; head -c 8192 /dev/zero; } >packed
	local size
	size=$(stat -c %s squashfs)
	for lb in "$LOOPBOX_FULL" "$LOOPBOX_CORE" "$LOOPBOX_LEGACY"; do
		for words in "loop,offset=8192" "ro,offset=8KiB" "offset=0x2000,sizelimit=$size" \
			"loop,ro,sizelimit=$size,offset=8k"; do
			"$lb" mount -t squashfs -o "$words" packed d
			[ "$(<d/type)" = "a squashfs" ]
			device=$(devices_of "$dir/packed")
			[ "$(<"/sys/block/${device#/dev/}/loop/offset")" -eq 8192 ]
			[[ $words != *sizelimit* ]] || [ "$(blockdev --getsize64 "$device")" -eq $((size & -512)) ]
			umount "$dir/d"
			eventually nothing_carries "$dir/packed"
		done
	done
}

@test "loop=DEVICE takes that device" {
	in_turn 3
	own_device
	"$lb" mount -o "loop=$device" squashfs d
	[ "$(devices_of "$dir/squashfs")" = "$device" ]
	[ "$(findmnt -n -o SOURCE d)" = "$device" ]
	umount "$dir/d"
	eventually unbound "$device"
}

@test "An image is written to through its mount" {
	for lb in "$LOOPBOX_FULL" "$LOOPBOX_CORE" "$LOOPBOX_LEGACY"; do
		"$lb" mount -t ext4 ext4 d
		echo "$lb" >d/written
		umount "$dir/d"
		eventually nothing_carries "$dir/ext4"
		"$lb" mount -r -t ext4 ext4 d
		[ "$(<d/written)" = "$lb" ]
		run touch d/written
		[ "$status" -ne 0 ]
		umount "$dir/d"
		eventually nothing_carries "$dir/ext4"
	done
}

@test "For a read-only mount the device is opened for reading, and never otherwise" {
	for lb in "$LOOPBOX_FULL" "$LOOPBOX_CORE" "$LOOPBOX_CONFIGURE" "$LOOPBOX_LEGACY"; do
		for words in "-o loop,ro -t squashfs squashfs" "-t squashfs squashfs" "-r -t ext4 ext4"; do
			# shellcheck disable=SC2086
			trace_calls "$lb" mount $words d
			nothing_writable_at_mount
			run grep -E 'open.*"/dev/loop[0-9]+".*O_RDWR' "$trace"
			[ "$status" -eq 1 ]
			umount "$dir/d"
			eventually nothing_carries "$dir"
		done
	done
}

@test "For a writable mount no descriptor can write to the device while it is mounted" {
	in_turn 3
	for lb in "$LOOPBOX_FULL" "$LOOPBOX_CORE" "$LOOPBOX_CONFIGURE" "$LOOPBOX_LEGACY"; do
		trace_calls "$lb" mount -t ext4 ext4 d
		nothing_writable_at_mount
		touch d/file
		umount "$dir/d"
		eventually nothing_carries "$dir/ext4"
	done
}

@test "A failure leaves neither a device nor a mount behind" {
	in_turn 3
	head -c 64K /dev/urandom >noise
	cp squashfs cut
	truncate -s 100 cut
	: >empty
	cp noise other
	own_device
	losetup "$device" other
	local words file table=(
		"-o loop noise d" "-o loop -t squashfs noise d" "-t ext4 squashfs d" "cut d" "-o loop empty d"
		"-t squashfs empty d" "-o loop squashfs missing" "-t squashfs squashfs missing/d"
		"-o loop,offset=1G squashfs d" "-o loop,offset=512 -t squashfs squashfs d"
		"-o loop,offset=12abc squashfs d" "-o loop,sizelimit=17E squashfs d" "-o loop missing d"
		"-o loop source d" "-o loop,bogus=1 -t squashfs squashfs d" "-o loop -t bogusfs squashfs d"
		"-o loop squashfs squashfs" "-o loop=$device squashfs d" "-o loop=/dev/null squashfs d"
	)
	for lb in "$LOOPBOX_FULL" "$LOOPBOX_CORE" "$LOOPBOX_LEGACY"; do
		for words in "${table[@]}"; do
			# shellcheck disable=SC2086
			run --separate-stderr "$lb" mount $words
			echo "$lb mount $words: exit $status, $stderr" >&2
			[ "$status" -gt 0 ]
			[ "$status" -le 64 ]
			[ -n "$stderr" ]
			[ -z "$(mounts_below "$dir")" ]
			for file in noise cut empty squashfs; do eventually nothing_carries "$dir/$file"; done
		done
	done
	[ "$(devices_of "$dir/other")" = "$device" ]
}

@test "mount refuses an empty image, and an offset beyond its end" {
	in_turn 3
	: >empty
	for lb in "$LOOPBOX_FULL" "$LOOPBOX_CORE"; do
		for words in "-o loop -t squashfs empty" "-o loop,offset=1G -t squashfs squashfs"; do
			code=0
			# shellcheck disable=SC2086
			trace_calls "$lb" mount $words d || code=$?
			[ "$code" -eq 32 ]
			run grep -E 'LOOP_CONFIGURE|LOOP_SET_FD' "$trace"
			[ "$status" -eq 1 ]
		done
	done
}

@test "An image that can't be written is mounted read-only, and that is told" {
	in_turn 3
	mount --bind . e
	mount -o remount,bind,ro e
	for lb in "$LOOPBOX_FULL" "$LOOPBOX_CORE" "$LOOPBOX_LEGACY"; do
		run --separate-stderr "$lb" mount -t ext4 e/ext4 d
		[ "$status" -eq 0 ]
		[[ $stderr == *read-only* ]]
		[[ $(mount_facts d) == ro* ]]
		umount "$dir/d"
		run --separate-stderr "$lb" mount -r -t ext4 e/ext4 d
		[ "$status" -eq 0 ]
		[ -z "$stderr" ]
		umount "$dir/d"
	done
}

@test "An image that can't be written is mounted read-only, even where rw is said, as by util-linux" {
	in_turn 3
	mount --bind . e
	mount -o remount,bind,ro e
	for lb in "$LOOPBOX_FULL" "$LOOPBOX_CORE"; do
		for words in "-w" "-o rw" "-o loop,rw"; do
			# shellcheck disable=SC2086
			run --separate-stderr "$lb" mount $words -t ext4 e/ext4 d
			[ "$status" -eq 0 ]
			[[ $stderr == *read-only* ]]
			[[ $(mount_facts d) == ro* ]]
			umount "$dir/d"
			eventually nothing_carries "$dir/ext4"
		done
	done
}

@test "A read-only device is mounted read-only, and that is told; with rw it is not" {
	in_turn 3
	own_device
	losetup -r "$device" ext4
	run --separate-stderr "$lb" mount -t ext4 "$device" d
	[ "$status" -eq 0 ]
	[[ $stderr == *read-only* ]]
	[[ $(mount_facts d) == ro* ]]
	umount "$dir/d"
	refuses 32 "$device" "$lb" mount -w "$device" d
	[ "$(answer mount -w "$device" d)" = "exit 32" ]
}

@test "The same image mounted twice shares a device; a part of it is refused" {
	in_turn 3
	"$lb" mount ext4 d
	"$lb" mount ext4 e
	[ "$(devices_of "$dir/ext4" | wc -l)" -eq 1 ]
	touch d/file
	[ -e e/file ]
	mkdir f
	refuses 32 ext4 "$lb" mount -o offset=512 -t ext4 ext4 f
	[ "$(devices_of "$dir/ext4" | wc -l)" -eq 1 ]
	umount "$dir/d"
	[ -e e/file ]
	umount "$dir/e"
	eventually nothing_carries "$dir/ext4"
}

# With ROUNDS=1000 this is what `make soak` would want to know.
@test "Two mounts of one image for writing, at the same time, get one device, and break nothing" {
	in_turn 3
	local round first second

	for ((round = 0; round < ${ROUNDS:-50}; round++)); do
		"$lb" mount -o loop ext4 d &
		first=$!
		"$lb" mount -o loop ext4 e &
		second=$!
		wait "$first"
		wait "$second"
		[ "$(devices_of "$dir/ext4" | wc -l)" -eq 1 ]
		echo "$round" >d/first
		echo "$round" >e/second
		[ "$(<e/first)" = "$round" ]
		umount "$dir/d" "$dir/e"
		eventually nothing_carries "$dir/ext4"
		((round % 10)) || e2fsck -fn ext4
	done
	e2fsck -fn ext4
}

@test "Without a look for devices, of two mounts for writing one is refused, and nothing breaks" {
	in_turn 3
	local code=0 other=0

	"$LOOPBOX_CORE" mount -o loop -t ext4 ext4 d 2>errors &
	"$LOOPBOX_CORE" mount -o loop -t ext4 ext4 e 2>>errors || code=$?
	wait "$!" || other=$?
	[ "$((code + other))" -eq 32 ]
	grep "mount: ext4: already attached for writing" errors
	[ "$(devices_of "$dir/ext4" | wc -l)" -eq 1 ]
	# read-only ones do no harm
	mkdir f g
	"$LOOPBOX_CORE" mount -o loop,ro -t squashfs squashfs f
	"$LOOPBOX_CORE" mount -o loop,ro -t squashfs squashfs g
	umount "$dir/f" "$dir/g"
	let_go
	e2fsck -fn ext4
	# the lock goes with the device
	"$LOOPBOX_CORE" mount -o loop -t ext4 ext4 d
}

@test "An image that can't be locked is mounted all the same, and one that is locked for long, too" {
	in_turn 3
	local error

	for error in ENOLCK EOPNOTSUPP; do
		faulty "flock:error=$error" "$lb" mount -o loop ext4 d
		[ "$status" -eq 0 ]
		umount "$dir/d"
		eventually nothing_carries "$dir/ext4"
	done
	SECONDS=0
	flock ext4 "$lb" mount -o loop ext4 d
	[ "$SECONDS" -ge 4 ]
	is_mounted "$dir/d"
}

@test "Before Linux 5.8, too, a device goes with its mount, or with a mount that fails" {
	in_turn 3
	local device words

	for words in "$LOOPBOX_LEGACY" "noloopcfg $LOOPBOX_FULL"; do
		for options in loop,ro loop,ro,sizelimit=1M; do
			# shellcheck disable=SC2086
			$words mount -t squashfs -o "$options" squashfs d
			device=$(devices_of "$dir/squashfs")
			[ "$(<"/sys/block/${device#/dev/}/loop/autoclear")" -eq 1 ]
			"$lb" umount d
			eventually nothing_carries "$dir/squashfs"
			# shellcheck disable=SC2086
			run ! $words mount -t ext4 -o "$options" squashfs d
			eventually nothing_carries "$dir/squashfs"
			# shellcheck disable=SC2086
			run ! $words mount -t squashfs -o "$options" squashfs missing
			eventually nothing_carries "$dir/squashfs"
		done
		# shellcheck disable=SC2086
		$words mount -o loop -t ext4 ext4 e
		device=$(devices_of "$dir/ext4")
		[ "$(<"/sys/block/${device#/dev/}/loop/autoclear")" -eq 1 ]
		umount "$dir/e"
		eventually nothing_carries "$dir/ext4"
	done
}

@test "An image with a long path or a blank in it is mounted" {
	in_turn 3
	local name
	name="a b $(printf 'n%.0s' {1..190})"
	cp squashfs "$name"
	mkdir 'm n'
	for lb in "$LOOPBOX_FULL" "$LOOPBOX_CORE"; do
		"$lb" mount -o loop "$name" 'm n'
		[ "$(<'m n/type')" = "a squashfs" ]
		umount "$dir/m n"
		eventually nothing_carries "$dir/$name"
	done
}


# --- words and options ----------------------------------------------------------

@test "Each word and option mounts as util-linux's does" {
	in_turn 3
	# shellcheck disable=SC2054
	local words=(
		defaults ro rw ro,rw rw,ro nosuid,nodev,noexec noexec,exec suid,dev noatime atime nodiratime
		diratime relatime norelatime strictatime nostrictatime lazytime nolazytime sync async dirsync
		silent loud nomand nosymfollow user users nouser nousers owner group user,exec users,suid
		auto noauto nofail _netdev x-initrd.mount x-a=b,x-c comment=here ro,comment=a,x-b,size=1m
		size=1m,mode=0700 nr_inodes=100,uid=1,gid=2 size=1m,,ro private shared rshared,ro slave
		unbindable rprivate,noexec 'mode=0755,noexec,nosuid,strictatime'
	)
	mounts_alike "${words[@]/*/-t tmpfs -o & none d}"
	mounts_alike "-t tmpfs none d" "-t tmpfs -r none d" "-t tmpfs -w none d" "--read-only -t tmpfs none d" \
		"--rw -t tmpfs none d" "--types tmpfs --options ro none d" "-ttmpfs -oro none d" \
		"--types=tmpfs --options=size=1m none d" "-t tmpfs -o size=1m -o ro,nodev none d" \
		"none d -t tmpfs -o ro" "none -t tmpfs d -o ro" "-n -i -t tmpfs none d" "-nt tmpfs none d" \
		"-no ro -t tmpfs none d" "-t tmpfs -s -o size=1m none d" "-t tmpfs none d -s -w" \
		"--make-shared -t tmpfs none d" "--make-rprivate -t tmpfs none d" "-t tmpfs --make-unbindable none d" \
		"-t tmpfs -- none d" "-f -t tmpfs none d" "--fake -t tmpfs none d" "-t ramfs none d" "-t proc proc d" \
		"-t devpts devpts d" "-t sysfs none d"
}

@test "What fails, fails with util-linux's exit code and a message" {
	in_turn 3
	local words code bad=0
	# shellcheck disable=SC2089 # quotes that mount reads
	for words in "-t bogusfs none d" "-t tmpfs none missing" "--bogus" "-Z none d" "-t tmpfs none d e" \
		"-t tmpfs -o bogus none d" "missing d" "-t tmpfs none squashfs" "-o remount,ro d" \
		"--make-shared d" "--make-private missing" "--move d e" "--bind missing d" "--bind source missing" \
		"--rbind missing d" "-o loop missing d" "-L nosuchlabel d" "-U 1-2-3 d" "-t" "-o" \
		"-t tmpfs -o size=bogus none d" "missing" "-T missing d" "-T missing -a" "--make-bogus d" \
		"UUID= d" "LABEL= d" "PARTUUID=\"\" d" -r "-o ro" --bind --make-shared; do
		# shellcheck disable=SC2086,SC2090
		run --separate-stderr "$lb" mount $words
		code=$status
		[ -n "$stderr" ]
		# shellcheck disable=SC2086,SC2090
		run mount $words
		same "mount $words" "$status" "$code" || bad=1
		[ -z "$(mounts_below "$dir")" ]
	done
	[ "$bad" -eq 0 ]
}

@test "The file system gets its own words, and never mount's" {
	in_turn 3
	trace_calls "$lb" mount -t tmpfs -o "size=1m,x-a=b,comment=c,nofail,mode=0700,noauto,auto,_netdev,user,ro" none d
	[ "$(data_passed)" = "size=1m,mode=0700" ]
	trace_calls "$lb" mount -t squashfs -o "loop,offset=0,sizelimit=1m,errors=continue,x-initrd.mount" squashfs e
	[ "$(data_passed)" = "errors=continue" ]
}

@test "A word with a quoted comma stays whole" {
	in_turn 3
	trace_calls "$lb" mount -t tmpfs -o 'context="b,ro",size=1m' none d || true
	[ "$(data_passed)" = 'context=\"b,ro\",size=1m' ]
}

@test "Words for the file system that do not fit in a page are refused, not cut" {
	in_turn 3
	local long
	for long in "size=1m,$(printf 'x%.0s' {1..4200})" "size=1m$(printf ',mode=0700%.0s' {1..500})"; do
		for lb in "$LOOPBOX_FULL" "$LOOPBOX_CORE"; do
			# and the kernel is not even asked
			code=0
			trace_calls "$lb" mount -t tmpfs -o "$long" none d 2>errors || code=$?
			[ "$code" -gt 0 ]
			[ -s errors ]
			run grep ' mount(' "$trace"
			[ "$status" -eq 1 ]
		done
	done
}

@test "-v says what is mounted, in util-linux's words" {
	in_turn 3
	for words in "-t tmpfs none d" "-o remount,ro d" "--bind d e" "--rbind d e" "--bind -o private d e" "--make-private d" \
		"-f -t tmpfs x d"; do
		for by in mount "$lb mount"; do
			mount -t tmpfs word d
			# shellcheck disable=SC2086
			theirs=$ours ours=$(answer $by -v $words)
			clear_mounts "$dir/e"
			clear_mounts "$dir/d"
		done
		same "-v $words" "$theirs" "$ours"
	done
	printf '%s\n' "t $dir/d tmpfs defaults" "n $dir/e tmpfs noauto" "/dev/nosuch $dir/e ext4 nofail" "s none swap sw" >fstab
	for by in mount "$lb mount"; do
		# shellcheck disable=SC2086
		theirs=$ours ours=$(for words in "-t ramfs" "-O noauto" "" "" -f; do answer $by -v -a $words -T fstab; done)
		clear_mounts "$dir/d"
	done
	same "-a -v" "$theirs" "$ours"
	same "-v of an image" 'mount: /dev/loop mounted on '"$dir/d." "$("$lb" mount -v squashfs d | sed 's/loop[0-9]*/loop/')"
}

@test "-f does all but the mount" {
	in_turn 3
	trace_calls "$lb" mount -f -t tmpfs none d
	run grep -c 'mount(' "$trace"
	[ "$output" -eq 0 ]
	trace_calls "$lb" mount -f -o loop squashfs e
	run grep -cE 'mount\(|LOOP_CONFIGURE|LOOP_SET' "$trace"
	[ "$output" -eq 0 ]
	nothing_carries "$dir/squashfs"
}


# --- bind, remount, move, propagation --------------------------------------------

@test "Bind mounts are what util-linux makes of them" {
	in_turn 3
	mount -t tmpfs none source
	mkdir source/below
	mount -t tmpfs none source/below
	touch source/below/deep
	mounts_alike "--bind source d" "-B source d" "-o bind source d" "--rbind source d" "-R source d" \
		"-o rbind source d" "-o bind,ro source d" "--bind -r source d" "-o ro,bind source d" \
		"-o bind,nosuid,noexec source d" "-o bind,noatime source d" "-o bind,ro,nodev,x-a source d" \
		"-o bind,shared source d" "--bind --make-private source d" "source d --bind" "-o bind,rw source d"
	"$lb" mount --bind source d
	[ ! -e d/below/deep ]
	clear_mounts "$dir/d"
	"$lb" mount --rbind source d
	[ -e d/below/deep ]
}

@test "A file can be bound to a file" {
	in_turn 3
	echo one >one
	echo two >two
	"$lb" mount --bind one two
	[ "$(<two)" = one ]
}

@test "bind,ro can't be written to, and leaves its source alone" {
	in_turn 3
	"$lb" mount -o bind,ro source d
	run touch d/file
	[ "$status" -ne 0 ]
	touch source/file
	[ -e d/file ]
}

@test "remount changes what it is told, and keeps the rest" {
	in_turn 3
	local words theirs ours initial bad=0
	for initial in "ro,nosuid,nodev,noexec" "noatime,nosuid,size=1m" "strictatime,nodiratime" "rw" "sync,ro" "nosymfollow"; do
		for words in "-o remount,rw" "-o remount" "-o remount,ro" "-no remount,rw" "-no remount,ro" \
			"-o remount,noexec" "-o remount,suid" "-o remount,rw,exec,dev" "-o remount,bind,ro" \
			"-o bind,remount,rw" "-o remount,noatime" "-o remount,atime" \
			"-o remount,size=2m" "-r -o remount" "-w -o remount" "-o remount -o rw" "-o rw,remount,async"; do
			is_chosen || continue
			for by in mount "$lb mount"; do
				mount -t tmpfs -o "$initial" none d
				# shellcheck disable=SC2086
				theirs=$ours ours=$(mount_answer d $by $words d)
				clear_mounts "$dir/d"
			done
			same "mount -o $initial, then $words" "$theirs" "$ours" || bad=1
		done
	done
	[ "$bad" -eq 0 ]
}

@test "remount of an image does not attach it again" {
	in_turn 3
	"$lb" mount -o loop,ro -t ext4 ext4 d
	"$lb" mount -o remount,ro,nosuid d
	[ "$(devices_of "$dir/ext4" | wc -l)" -eq 1 ]
	[[ $(mount_facts d) == ro,nosuid* ]]
}

@test "--make-* sets the propagation as util-linux's does" {
	in_turn 3
	local words
	mount -t tmpfs none source
	for words in --make-private --make-shared --make-slave --make-unbindable --make-rprivate \
		--make-rshared --make-rslave --make-runbindable; do
		for by in mount "$lb mount"; do
			mount --bind source d
			mount --make-shared d
			# shellcheck disable=SC2086
			theirs=$ours ours=$(mount_answer d $by $words d)
			clear_mounts "$dir/d"
		done
		same "$words" "$theirs" "$ours"
	done
}

@test "The words private and shared change a mount that is there" {
	in_turn 3
	mount -t tmpfs none d
	mount --make-shared d
	"$lb" mount -o private d
	[[ $(mount_facts d) != *shared* ]]
	"$lb" mount -o rshared d
	[[ $(mount_facts d) == *shared* ]]
}

@test "--move takes a mount, and what is below, to another place" {
	in_turn 3
	inside '
		for option in --move -M "-o move"; do
			mount -t tmpfs none d
			mkdir d/below
			mount -t tmpfs none d/below
			touch d/below/deep
			"$LOOPBOX_FULL" mount $option d e
			[ -e e/below/deep ]
			! findmnt -n "$PWD/d"
			umount -R "$PWD/e"
		done'
}


# --- lists -----------------------------------------------------------------------

@test "With no argument it lists /proc/self/mounts in the form that scripts grep" {
	in_turn 3
	inside '
		mount -t tmpfs -o ro,size=1m none d
		awk "{ print \$1 \" on \" \$2 \" type \" \$3 \" (\" \$4 \")\" }" /proc/self/mounts >expected
		"$LOOPBOX_CORE" mount | diff expected -
		grep -F " on $PWD/d type tmpfs (ro," expected
		grep " type tmpfs " expected >tmpfs
		"$LOOPBOX_CORE" mount -t tmpfs | diff tmpfs -
		grep -v " type tmpfs " expected >others
		"$LOOPBOX_CORE" mount -t notmpfs | diff others -
		"$LOOPBOX_CORE" mount -t tmpfs,proc | diff <(grep -E " type (tmpfs|proc) " expected) -
		[ -z "$("$LOOPBOX_CORE" mount -t bogusfs)" ]
		diff <(mount -t tmpfs) tmpfs'
}

@test "A blank in a name is listed as /proc/mounts has it" {
	in_turn 3
	mkdir 'm n'
	inside '
		mount -t tmpfs "a b" "m n"
		"$LOOPBOX_FULL" mount -t tmpfs | grep -F "a\\040b on $PWD/m\\040n type tmpfs"'
}

@test "A full standard output is an error" {
	in_turn 3
	run --separate-stderr bash -c '"$LOOPBOX_FULL" mount >/dev/full'
	[ "$status" -ne 0 ]
	[[ $stderr == *"standard output: No space left on device"* ]]
}

@test "Without /proc it still mounts, and lists with a message" {
	in_turn 3
	inside '
		mount -t tmpfs none /proc
		"$LOOPBOX_FULL" mount -o loop,ro -t squashfs squashfs d
		[ "$(cat d/type)" = "a squashfs" ]
		"$LOOPBOX_FULL" umount d'
	run --separate-stderr inside 'mount -t tmpfs none /proc; exec "$LOOPBOX_FULL" mount'
	[ "$status" -ne 0 ]
	[[ $stderr == */proc* ]]
	eventually nothing_carries "$dir/squashfs"
}


# --- fstab, labels ---------------------------------------------------------------

# Writes an fstab whose directories lie here, from lines "SOURCE DIR TYPE WORDS".
fstab() {
	local source target rest

	while read -r source target rest; do
		printf '%s\t%s %s\n' "$source" "$dir/$target" "$rest"
		mkdir -p "$target"
	done >fstab
}

# Compares the exit code and everything that is mounted then.
fstab_alike() {
	local by theirs ours line

	for by in mount "$lb mount"; do
		theirs=$ours
		ours=$(
			# shellcheck disable=SC2086
			answer $by "$@" | tail -1
			mounts_below "$dir" | while read -r line; do
				echo "$line $(mount_facts "$line")"
			done
		)
		while read -r line; do umount "$line"; done < <(mounts_below "$dir" | tac)
		eventually nothing_carries "$dir"
	done
	same "mount $*" "$theirs" "$ours"
}

@test "mount -a and mount DIR do what util-linux does with fstab" {
	in_turn 3
	fstab <<-EOT
		none	one	tmpfs	size=1m,ro 0 0
		none	two	tmpfs	noauto,nosuid 0 0
		two-it	three	tmpfs	_netdev
		$dir/squashfs four squashfs loop,ro,nofail 0 0
		none	none	swap	sw 0 0
		none	five	tmpfs	defaults,x-mine=1,mode=0700,user
	EOT
	sed -i '1i # a comment\n\n   # another' fstab
	fstab_alike -T fstab -a
	fstab_alike -aT fstab
	fstab_alike --fstab fstab --all
	fstab_alike -T fstab -a -t tmpfs
	fstab_alike -T fstab -a -t notmpfs
	fstab_alike -T fstab -a -t squashfs,tmpfs
	fstab_alike -T fstab -a -O _netdev
	fstab_alike -T fstab -a -O no_netdev
	fstab_alike -T fstab -a -O nosuch
	fstab_alike -T fstab "$dir/one"
	fstab_alike -T fstab "$dir/two"
	fstab_alike -T fstab "$dir/four"
	fstab_alike -T fstab "$dir/squashfs"
	fstab_alike -T fstab two-it
	fstab_alike -T fstab -o rw,noexec "$dir/one"
	fstab_alike -T fstab -r "$dir/five"
	fstab_alike -T fstab "$dir/six"
	fstab_alike -T fstab -f -a
}

@test "mount -a leaves alone what is mounted" {
	in_turn 3
	fstab <<<"none one tmpfs size=1m"
	"$lb" mount -T fstab -a
	"$lb" mount -T fstab -a
	[ "$(mounts_below "$dir" | wc -l)" -eq 1 ]
}

@test "mount -a tells by its exit code whether all, none or some failed" {
	in_turn 3
	fstab <<<"none one bogusfs defaults"
	fstab_alike -T fstab -a
	refuses 32 "one" "$lb" mount -T fstab -a
	fstab <<-EOT
		none	one	bogusfs	defaults
		none	two	tmpfs	defaults
	EOT
	fstab_alike -T fstab -a
	refuses 64 "one" "$lb" mount -T fstab -a
	umount "$dir/two"
	fstab <<-EOT
		$dir/missing one ext4 nofail
		none	two	tmpfs	defaults
	EOT
	fstab_alike -T fstab -a
}

@test "fstab's escapes mean blanks" {
	in_turn 3
	mkdir 'm n'
	echo "none $dir/m n tmpfs ro,size=1m 0 0" | sed 's/m n/m\\040n/' >fstab
	"$lb" mount -T fstab "$dir/m n"
	[[ $(mount_facts "m n") == ro* ]]
	umount "$dir/m n"
	fstab_alike -T fstab -a
}

@test "A device is found by its label or UUID" {
	in_turn 3
	local label=lb$RANDOM uuid
	truncate -s 4M labelled
	mkfs.ext4 -q -L "$label" labelled
	uuid=$(dumpe2fs -h labelled 2>/dev/null | sed -n 's/^Filesystem UUID: *//p')
	own_device
	losetup "$device" labelled
	fstab <<-EOT
		LABEL=$label one ext4 ro
		UUID=$uuid two ext4 ro
	EOT
	local words
	for words in "-L $label d" "--label $label d" "-U $uuid d" "--uuid=$uuid d" "LABEL=$label d" "UUID=$uuid d" \
		"d -L $label" "-U ${uuid^^} d" "-T fstab $dir/one" "-T fstab $dir/two"; do
		# shellcheck disable=SC2086
		"$lb" mount $words
		[ "$(findmnt -n -o SOURCE "$(mounts_below "$dir")")" = "$device" ]
		umount "$(mounts_below "$dir")"
	done
	refuses 1 nosuch "$lb" mount -L nosuch d || refuses 32 nosuch "$lb" mount -L nosuch d
}

@test "mount -a knows a directory by another name, and a list of three hundred" {
	in_turn 3
	inside '
		for ((i = 0; i < 300; i++)); do
			mkdir -p many/$i
			echo "none $PWD/many/./$i/ tmpfs size=4k 0 0"
		done >many.fstab
		"$LOOPBOX_FULL" mount -a -T many.fstab
		"$LOOPBOX_FULL" mount -a -T many.fstab
		[ "$(grep -c "$PWD/many/" /proc/self/mounts)" -eq 300 ]'
}
