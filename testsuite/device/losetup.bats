#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # bats runs each test in a subshell; the rest is in common.bash
# losetup on real devices, beside util-linux's.

load common

prepare() {
	head -c 1M /dev/urandom >file
}

# All that 2.38 has, in the order of its --output-all.
old_columns=NAME,AUTOCLEAR,BACK-FILE,BACK-INO,BACK-MAJ:MIN,MAJ:MIN,OFFSET,PARTSCAN,RO,SIZELIMIT,DIO,LOG-SEC

# Attaches by `losetup OPTIONS`, and tells what became of it.
attached_facts() {
	local device

	device=$("$@" -f --show file) || return
	facts_of "$device"
	detach "$device"
}

@test "losetup DEV FILE attaches to that device" {
	own_device
	run "$lb" losetup "$device" file
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(devices_of "$dir/file")" = "$device" ]
	cmp file "$device"
}

@test "losetup DEV FILE makes a device that is not there yet" {
	own_device
	loopctl remove "$device"
	[ ! -e "$device" ]
	"$lb" losetup "$device" file
	[ "$(devices_of "$dir/file")" = "$device" ]
}

@test "losetup -f prints a device that is free" {
	run "$lb" losetup -f
	[ "$status" -eq 0 ]
	[[ $output =~ ^/dev/loop[0-9]+$ ]]
	agrees losetup -f
}

@test "losetup -f FILE attaches and prints nothing" {
	run "$lb" losetup -f file
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	carried "$dir/file"
}

@test "Each spelling that scripts use attaches and prints the device" {
	local words forms=(
		"-f --show file" "-f --show -r file" "-r -f --show file" "--show -f file"
		"-f file --show" "file -f --show" "-f --show -- file" "--show --find file"
		"--find --show --read-only -- file" "-f -s file" "-fs file" "-sf file"
		"-rfs file" "-frPs file" "--fin --sho file" "-f --show -o512 file"
	)
	for words in "${forms[@]}"; do
		# shellcheck disable=SC2086
		run --separate-stderr "$lb" losetup $words
		echo "$words: exit $status: $output $stderr" >&2
		[ "$status" -eq 0 ]
		[ "$output" = "$(devices_of "$dir/file")" ]
		[ -z "$stderr" ]
		detach "$output"
	done
}

@test "Each option makes the device that it makes with util-linux" {
	local words bad=0 table=(
		"" "-r" "--read-only" "-o 512" "-o512" "--offset 1KiB" "--offset=1K" "-o 1KB" "-o 0x400"
		"--sizelimit 4096" "--sizelimit=64KiB" "--sizelimit 100kB" "-o 4K --sizelimit 8K"
		"-b 512" "-b 1024" "-b 4096" "--sector-size 4096" "--sector-size=1K" "-P" "--partscan" "-rP"
		"-P -b 1024" "--direct-io" "--direct-io=on" "--direct-io=off" "--direct-io -b 4096"
		"--direct-io=on -r -o 4096" "--off 512 --sizel 1K" "--dir" "--read --part" "--sec 4096"
		"-v" "--verbose"
	)
	for words in "${table[@]}"; do
		# shellcheck disable=SC2086
		same "$words" "$(attached_facts losetup $words)" "$(attached_facts "$lb" losetup $words)" || bad=1
	done
	[ "$bad" -eq 0 ]
}

@test "The older way makes the same device of each option" {
	in_turn 3
	local words bad=0 table=(
		"" "-r" "-o 512" "--sizelimit 4096" "-o 4K --sizelimit 8K" "-b 4096" "-P" "-P -b 1024"
		"--direct-io" "--direct-io=off" "--direct-io -b 4096" "--direct-io -r -o 4096"
	)
	for words in "${table[@]}"; do
		# shellcheck disable=SC2086
		same "$words" "$(attached_facts "$LOOPBOX_CONFIGURE" losetup $words)" \
			"$(attached_facts "$LOOPBOX_LEGACY" losetup $words)" || bad=1
	done
	[ "$bad" -eq 0 ]
}

@test "-P finds the partitions, by either way" {
	in_turn 3
	truncate -s 4M disk
	# an MBR with one entry: type 0x83, from sector 2048, 2048 sectors
	printf '\0\0\0\0\x83\0\0\0\0\x08\0\0\0\x08\0\0' | dd of=disk bs=1 seek=446 conv=notrunc status=none
	printf '\x55\xaa' | dd of=disk bs=1 seek=510 conv=notrunc status=none
	own_device
	losetup -P "$device" disk
	[ -e "/sys/block/${device#/dev/}/${device#/dev/}p1" ] || skip "this kernel reads no MBR"
	for lb in "$LOOPBOX_CONFIGURE" "$LOOPBOX_LEGACY"; do
		own_device
		"$lb" losetup -P "$device" disk
		eventually test -e "/sys/block/${device#/dev/}/${device#/dev/}p1"
		detach "$device"
		"$lb" losetup "$device" disk
		[ ! -e "/sys/block/${device#/dev/}/${device#/dev/}p1" ]
		detach "$device"
	done
}

@test "Direct I/O that the file system refuses is left out, and told" {
	in_turn 3
	mkdir tmp
	# ramfs has no O_DIRECT at all; tmpfs has learnt it
	mount -t ramfs none tmp
	cp file tmp/file
	for lb in "$LOOPBOX_FULL" "$LOOPBOX_LEGACY"; do
		run --separate-stderr "$lb" losetup -f --show --direct-io tmp/file
		[ "$status" -eq 0 ]
		[ "$(<"/sys/block/${output#/dev/}/loop/dio")" -eq 0 ]
		[[ $stderr == *"direct I/O"* ]]
		cmp file "$output"
		detach "$output"
	done
}

@test "Nothing is said of direct I/O where it was set" {
	in_turn 3
	run --separate-stderr "$lb" losetup -f --show --direct-io file
	[ "$status" -eq 0 ]
	[ "$(<"/sys/block/${output#/dev/}/loop/dio")" -eq 1 ]
	[ -z "$stderr" ]
}

@test "--direct-io and -b change a device that is attached" {
	in_turn 3
	own_device
	losetup "$device" file
	"$lb" losetup --direct-io=on "$device"
	[ "$(<"/sys/block/${device#/dev/}/loop/dio")" -eq 1 ]
	"$lb" losetup --direct-io=off "$device"
	[ "$(<"/sys/block/${device#/dev/}/loop/dio")" -eq 0 ]
	"$lb" losetup -b 4096 "$device"
	[ "$(blockdev --getss "$device")" -eq 4096 ]
}

@test "A read-only attach opens both the file and the device for reading alone" {
	local binary

	for binary in "$LOOPBOX_CORE" "$LOOPBOX_LEGACY"; do
		trace_calls "$binary" losetup -r -f file
		run grep -E 'open.*("file"|/dev/loop[0-9])' "$trace"
		[ "${#lines[@]}" -ge 2 ]
		[[ $output != *O_RDWR* ]]
	done
}

@test "The status of a device, -a and -j read as util-linux's" {
	in_turn 3
	local i

	own_device
	for i in "" "-r" "-o 512" "--sizelimit 4096" "-o 4K --sizelimit 8K"; do
		# shellcheck disable=SC2086
		losetup $i "$device" file
		[[ $(losetup "$device") == *"($dir/file)"* ]]
		agrees losetup "$device"
		agrees losetup -j file
		agrees losetup --associated "$dir/file"
		same "losetup -a" "$(losetup -a | grep "^$device:")" "$("$lb" losetup -a | grep "^$device:")"
		detach "$device"
	done
}

@test "-a lists every device that is attached" {
	in_turn 3
	local i list

	for i in 1 2 3 4; do losetup -f file; done
	devices_of "$work" | sort >expected
	for list in "-a" "--all"; do
		"$lb" losetup "$list" | grep -F "($dir/file)" | cut -d: -f1 | sort | diff expected -
	done
}

@test "-j finds by file, not by name: links, other names, an offset" {
	in_turn 3
	own_device
	losetup -o 512 "$device" file
	ln file hard
	ln -s file soft
	cp file copy
	for name in file hard soft; do
		[[ $("$lb" losetup -j "$name") == "$device:"* ]]
	done
	agrees losetup -j copy
	[ -z "$("$lb" losetup -j copy)" ]
	agrees losetup -j file -o 512
	agrees losetup -j file -o 1024
	agrees losetup -j file -o 0
	[ -z "$("$lb" losetup -j file -o 1024)" ]
}

@test "-j and the status know a file that has been deleted" {
	own_device
	losetup "$device" file
	rm file
	agrees losetup "$device"
	[[ $("$lb" losetup "$device") == *"($dir/file (deleted))"* ]]
	agrees losetup -j "$dir/file"
	agrees losetup -j "$dir/file (deleted)"
}

@test "-c makes the device as large as its file has become" {
	in_turn 3
	own_device
	losetup "$device" file
	truncate -s 2M file
	[ "$(blockdev --getsize64 "$device")" -eq $((1 << 20)) ]
	"$lb" losetup -c "$device"
	[ "$(blockdev --getsize64 "$device")" -eq $((2 << 20)) ]
	truncate -s 3M file
	"$lb" losetup --set-capacity "$device"
	[ "$(blockdev --getsize64 "$device")" -eq $((3 << 20)) ]
}

@test "-d detaches the devices it is given, and no other" {
	in_turn 3
	own_device
	local first=$device
	own_device
	local second=$device
	own_device
	for i in "$first" "$second" "$device"; do losetup "$i" file; done
	"$lb" losetup -d "$first" "$second"
	eventually unbound "$first"
	eventually unbound "$second"
	[ "$(devices_of "$dir/file")" = "$device" ]
	"$lb" losetup --detach "$device"
	eventually unbound "$device"
}

@test "-d goes on behind a device that it can't detach" {
	own_device
	local free=$device
	own_device
	losetup "$device" file
	refuses 1 "$free" "$lb" losetup -d "$free" "$device"
	eventually unbound "$device"
}

@test "-d of a device in use is promised, and kept with its last user" {
	in_turn 3
	own_device
	losetup "$device" file
	exec 8<"$device"
	"$lb" losetup -d "$device"
	carried "$dir/file"
	exec 8<&-
	eventually unbound "$device"
}

@test "A device that is not attached is answered with util-linux's exit codes" {
	in_turn 3
	own_device
	for words in "" "-d" "-c"; do
		# shellcheck disable=SC2086
		agrees losetup $words "$device"
	done
	refuses 1 "$device" "$lb" losetup "$device"
	refuses 1 "$device" "$lb" losetup -d "$device"
	refuses 1 "$device" "$lb" losetup -c "$device"
}

@test "The tables are util-linux's to the byte" {
	in_turn 3
	local words bad=0

	own_device
	losetup -o 512 --sizelimit 4096 -r "$device" file
	for words in "-l" "--list" "-l -n" "-nl" "-l --noheadings" "-l --raw" "-l --raw -n" "-l --json" "-J -l" \
		"-O NAME" "-O BACK-FILE" "-ONAME,BACK-FILE" "-n -O NAME,BACK-FILE" "--output BACK-FILE,NAME" \
		"-l -O NAME,RO,DIO" "-O name,back-file" "-O BACK-INO,BACK-MAJ:MIN,MAJ:MIN,NAME" \
		"-O OFFSET,PARTSCAN,RO,SIZELIMIT,DIO,LOG-SEC" "-O +PARTSCAN" "-O $old_columns" \
		"--json -O NAME,RO" "-J -O BACK-FILE,OFFSET" \
		"--raw -O BACK-FILE,NAME" "-O NAME,NAME" "-n -O SIZELIMIT,NAME" "--raw --noheadings --output NAME"; do
		# shellcheck disable=SC2086
		agrees losetup $words "$device" || bad=1
		# shellcheck disable=SC2086
		agrees losetup $words -j file || bad=1
	done
	for words in -l -J --raw -n "-O NAME"; do
		# shellcheck disable=SC2086
		agrees losetup $words -j /dev/null || bad=1
	done
	[ "$bad" -eq 0 ]
}

@test "Device numbers in raw and JSON tables are not padded, as by later util-linux" {
	in_turn 3
	own_device
	losetup -r "$device" file
	same raw "$(losetup -l --raw -O "$old_columns" "$device" | sed 's/\\x20//g')" \
		"$("$lb" losetup -l --raw -O "$old_columns" "$device")"
	same json "$(losetup -l --json -O "$old_columns" "$device" |
		sed 's/: " *\([0-9]*:[0-9]*\) *"/: "\1"/')" "$("$lb" losetup -l --json -O "$old_columns" "$device")"
}

# What util-linux has later than 2.38 is held against expectations.
@test "--output-all and --list-columns have the newer columns, too" {
	in_turn 3
	local all

	own_device
	losetup "$device" file
	all=$("$lb" losetup --list-columns | paste -sd ' ')
	[ "$all" = "NAME AUTOCLEAR BACK-FILE BACK-INO BACK-MAJ:MIN BACK-MAJ BACK-MIN MAJ:MIN MAJ MIN OFFSET \
PARTSCAN REF RO SIZELIMIT DIO LOG-SEC" ] || { echo "$all" >&2; false; }
	[ "$all" = "$("$lb" losetup -H | paste -sd ' ')" ]
	[ "$("$lb" losetup --raw --output-all "$device" | head -n 1)" = "$all" ]
	IFS=: read -r major minor < <(stat -c %Hd:%Ld file)
	run "$lb" losetup -n --raw -O MAJ,MIN,BACK-MAJ,BACK-MIN,REF "$device"
	[ "$output" = "7 $(stat -c %Lr "$device") $major $minor $dir/file" ] || { echo "$output" >&2; false; }
}

@test "What a bare errno of the kernel means is said in words" {
	in_turn 3
	truncate -s 1M file
	own_device
	refuses 1 "file: sector size 1000 refused by the kernel: it must be a power of two" "$lb" losetup -b 1000 "$device" file
	refuses 1 "$device: lies on the loop device itself" "$lb" losetup "$device" "$device"
	nothing_carries "$dir"
}

@test "--loop-ref gives the device a name, by either way, and only up to 63 bytes" {
	in_turn 3
	local name

	own_device
	"$lb" losetup --loop-ref "my image" "$device" file
	[ "$("$lb" losetup -n -O REF "$device")" = "my image" ]
	[ "$("$lb" losetup -n -O BACK-FILE "$device")" = "$dir/file" ]
	detach "$device"
	noloopcfg -e EINVAL "$LOOPBOX_FULL" losetup --loop-ref=old "$device" file
	[ "$("$lb" losetup -n -O REF "$device")" = old ]
	detach "$device"
	name=$(printf '%063d' 1)
	"$lb" losetup --loop-ref "$name" "$device" file
	[ "$("$lb" losetup -n -O REF "$device")" = "$name" ]
	refuses 1 "longer than 63 bytes" "$lb" losetup -f --loop-ref "${name}0" file
	# without it, the file's
	detach "$device"
	"$lb" losetup -r "$device" file
	[[ $("$lb" losetup -n -O REF "$device") == *file ]]
}

@test "--remove takes devices from the kernel, but none that is attached" {
	in_turn 3
	own_device
	local first=$device
	own_device
	losetup "$device" file
	refuses 1 "$device: LOOP_CTL_REMOVE: Device or resource busy" "$lb" losetup --remove "$device" "$first"
	[ ! -e "/sys/block/${first#/dev/}" ]
	carried "$dir/file"
	detach "$device"
	eventually "$lb" losetup --remove "$device"
	[ ! -e "/sys/block/${device#/dev/}" ]
	refuses 1 "sage" "$lb" losetup --remove
	refuses 1 "/dev/null" "$lb" losetup --remove /dev/null
	refuses 1 "/dev/loop0000: open: No such file" "$lb" losetup --remove /dev/loop0000
	refuses 1 "file" "$lb" losetup --remove file
}

@test "What losetup has no longer is refused, and says so" {
	in_turn 3
	local words

	for words in "-e twofish /dev/loop0 file" "-E 1 /dev/loop0 file" "-p 0 /dev/loop0 file" \
		"--encryption aes -f file" "-I -f file" "-A" "-R" $'-\001 -f file'; do
		# shellcheck disable=SC2086
		refuses 1 "${words%% *}: unknown option" "$lb" losetup $words
	done
	nothing_carries "$dir"
}

@test "-h and -V do what --help and --version do" {
	in_turn 3
	for words in losetup mount umount blkid findfs switch_root modprobe; do
		same "$words -h" "$("$lb" "$words" --help)" "$("$lb" "$words" -h)"
		same "$words -V" "$("$lb" "$words" --version)" "$("$lb" "$words" -V)"
	done
	"$lb" losetup --help 2>&1 | grep -q -- "-r\b"
}

@test "The tables write strange names as util-linux does" {
	in_turn 3
	local name words bad=0

	export LC_ALL=C.UTF-8
	mkdir 'a folder'
	# shellcheck disable=SC1003
	for name in 'a folder/b c' 'quo"te' 'back\slash' $'tab\tline\n' $'caf\xc3\xa9'; do
		cp file "$name"
		own_device
		losetup "$device" "$name"
		for words in "-l" "-l --raw" "-l --json"; do
			# shellcheck disable=SC2086
			agrees losetup $words "$device" || bad=1
		done
		detach "$device"
	done
	[ "$bad" -eq 0 ]
}

@test "The table of all devices has util-linux's rows" {
	in_turn 3
	local words i theirs ours

	for i in 1 2 3; do losetup -f -o $((i * 512)) file; done
	for words in "" "-l" "-l -n" "--raw" "-n -O NAME,BACK-FILE" "-l -O $old_columns"; do
		for ((i = 0; i < 20; i++)); do
			# shellcheck disable=SC2086
			theirs=$(losetup $words | sort) ours=$("$lb" losetup $words | sort)
			[ "$theirs" != "$ours" ] || break
		done
		same "losetup $words" "$theirs" "$ours"
		[[ $ours == *"$dir/file"* ]]
	done
	"$lb" losetup --json -O NAME,BACK-FILE | tr -d ' \n' |
		grep -F "{\"name\":\"$(devices_of "$dir/file" | tail -1)\",\"back-file\":\"$dir/file\"}"
}

@test "--help on standard output shows -r as a word of its own" {
	in_turn 3
	"$lb" losetup --help 2>&1 | grep -q -- "-r\b"
	"$LOOPBOX_CORE" losetup --help 2>&1 | grep -q -- "-r\b"
	run --separate-stderr "$lb" losetup --help
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
}

@test "A wrong call exits with 1, and says how to call it on standard error" {
	in_turn 3
	local words bad=0
	for words in --bogus -Z --d --s "-e aes -f file" -o "--offset" "--show=x -f file" "-f file file" \
		"-O BOGUS" "--all=yes" "-f -P" "-f -r" "-r" "-s -a" "-o 512 -a" "-a -j file" "-c /dev/null -f" "-j file -f" \
		"-d /dev/null -f" "-d /dev/null -D"; do
		# shellcheck disable=SC2086
		refuses 1 "sage" "$lb" losetup $words
		# shellcheck disable=SC2086
		same "$words" "$(answer losetup $words)" "$(answer "$lb" losetup $words)" || bad=1
	done
	[ "$bad" -eq 0 ]
	nothing_carries "$dir/file"
}

@test "A path of 200 characters, and a relative one, are attached and shown whole" {
	in_turn 3
	local name
	name=$(printf 'd%.0s' {1..100})
	mkdir "$name"
	name=$name/$(printf 'f%.0s' {1..99})
	cp file "$name"
	for lb in "$LOOPBOX_FULL" "$LOOPBOX_CORE" "$LOOPBOX_LEGACY"; do
		own_device
		"$lb" losetup "$device" "$name"
		[[ $("$lb" losetup "$device") == *"($dir/$name)" ]]
		agrees losetup "$device"
		detach "$device"
	done
}

@test "A plain read-only attach by the older way takes LOOP_SET_FD alone, and still has a name" {
	in_turn 3
	own_device
	trace_calls "$LOOPBOX_LEGACY" losetup -r "$device" file
	[ "$(loop_ioctls)" = LOOP_SET_FD ]
	[[ $("$LOOPBOX_LEGACY" losetup "$device") == *"($dir/file)" ]]
	[[ $("$LOOPBOX_LEGACY" losetup -a) == *"($dir/file)"* ]]
}

@test "A device whose file is on a dead server is listed from sysfs" {
	in_turn 3
	local error words

	own_device
	losetup -o 512 --sizelimit 4096 -r "$device" file
	for error in ESTALE ENOTCONN; do
		[ "$(noloopcfg -s -e "$error" "$lb" losetup -a | grep "^$device:")" = \
			"$device: []: ($dir/file), offset 512, sizelimit 4096" ]
		[ "$(noloopcfg -s -e "$error" "$lb" losetup "$device")" = \
			"$device: []: ($dir/file), offset 512, sizelimit 4096" ]
		noloopcfg -s -e "$error" "$LOOPBOX_CORE" losetup -a | grep -F "$device: []: ($dir/file)"
		[[ $(noloopcfg -s -e "$error" "$lb" losetup -j file) == "$device: "* ]]
		for words in "-l" "-l -J" "-l --raw -O NAME,RO,OFFSET,SIZELIMIT,AUTOCLEAR,PARTSCAN,DIO,LOG-SEC"; do
			# shellcheck disable=SC2086
			same "$words" "$(losetup $words "$device")" "$(noloopcfg -s -e "$error" "$lb" losetup $words "$device")"
		done
	done
	[ "$(noloopcfg -s -e ESTALE "$lb" losetup --raw -n -O BACK-INO,NAME "$device")" = " $device" ]
}

@test "A device without a node in this /dev is listed" {
	in_turn 3
	own_device
	export device
	losetup -o 512 "$device" file
	inside '
		mkdir dev; mount -t tmpfs none dev
		cp -a /dev/null dev
		mount --rbind dev /dev
		"$LOOPBOX_FULL" losetup -a | grep -F "$device: []: ($PWD/file), offset 512"
		"$LOOPBOX_CORE" losetup -a | grep -F "$device: []: ($PWD/file)"
		"$LOOPBOX_FULL" losetup -l | grep "^$device .*$PWD/file"
		"$LOOPBOX_FULL" losetup -j file | grep "^$device: "'
}

@test "Where /sys/block can't be read, that is told, and nothing is listed or done" {
	in_turn 3
	own_device
	losetup "$device" file
	for words in "-a" "-l" "-j file" "-L -f file"; do
		# shellcheck disable=SC2086
		faulty "getdents64:error=EIO" "$lb" losetup $words
		echo "$words: $status $stderr" >&2
		[ "$status" -eq 1 ]
		[[ $stderr == *"losetup: /sys/block: read: Input/output error"* ]]
	done
	[ "$(devices_of "$dir/file")" = "$device" ]
}

@test "Who asks for the device, and goes before it is told, leaves none" {
	in_turn 3
	local round

	for ((round = 0; round < 10; round++)); do
		(exec 3> >(exec true); sleep 0.2; "$lb" losetup -f --show file >&3 2>errors; echo "$?" >code) || true
		[ "$(<code)" -eq 1 ]
		grep "standard output" errors
		eventually nothing_carries "$dir/file"
	done
}

@test "A running program that carries an image is attached read-only" {
	in_turn 3
	cp "$(command -v sleep)" program
	head -c 8192 file >>program
	truncate -s %512 program
	./program 60 &
	run --separate-stderr "$lb" losetup -f --show program
	kill "$!"
	[ "$status" -eq 0 ]
	[[ $stderr == *read-only* ]]
	[ "$(blockdev --getro "$output")" -eq 1 ]
}

@test "--nooverlap hands out no read-only device for writing, and keeps an autoclear one" {
	in_turn 3
	own_device
	losetup -r "$device" file
	refuses 1 "overlapping read-only loop device exists" "$lb" losetup -L -f --show file
	[ "$("$lb" losetup -L -r -f --show file)" = "$device" ]
	detach "$device"
	make_image ext4 ext4
	mkdir d
	"$lb" mount -o loop ext4 d
	device=$(devices_of "$dir/ext4")
	run --separate-stderr "$lb" losetup -L -f --show ext4
	if [ "$status" -eq 0 ]; then
		[ "$output" = "$device" ]
		umount "$dir/d"
		[ "$(<"/sys/block/${device#/dev/}/loop/autoclear")" -eq 0 ]
	else # since Linux 6.19 nothing of a mounted device can be changed
		[[ $stderr == *"$device: LOOP_SET_STATUS64: Device or resource busy"* ]]
	fi
}

@test "--nooverlap holds for a named device, too" {
	in_turn 3
	own_device
	local other=$device
	own_device
	losetup "$device" file
	for options in "" "-o 512" "-r"; do
		# shellcheck disable=SC2086
		refuses 1 "file: $device already uses an overlapping part of this file" "$lb" losetup -L $options "$other" file
		# shellcheck disable=SC2086
		[ "$(answer losetup -L $options "$other" file)" = "exit 1" ]
	done
	[ "$(devices_of "$dir/file")" = "$device" ]
	cp file copy
	"$lb" losetup -L "$other" copy
}

@test "Two losetup -L at the same time get one device" {
	in_turn 3
	together 8 "$lb" losetup -L -f --show "$dir/file" >devices 3>duration
	[ "$(sort -u devices | wc -l)" -eq 1 ]
	[ "$(devices_of "$dir/file" | wc -l)" -eq 1 ]
}

@test "A named device that runs down is waited for" {
	in_turn 3
	own_device
	for lb in "$LOOPBOX_FULL" "$LOOPBOX_CORE" "$LOOPBOX_LEGACY"; do
		losetup "$device" file
		losetup -d "$device"
		"$lb" losetup "$device" file
		carried "$dir/file"
		detach "$device"
	done
}

@test "A number with zeros before it is not a device's" {
	in_turn 3
	refuses 1 "/dev/loop0077" "$lb" losetup /dev/loop0077 file
	refuses 1 "/dev/loop0077" "$lb" losetup -d /dev/loop0077
	nothing_carries "$dir/file"
}

@test "Numbers are read as util-linux reads them" {
	in_turn 3
	local words

	for words in "-o 01000" "-o 0x200" "-o 1.5K" "-o 0.5K" "--sizelimit 1.5KiB" "--sizelimit 0.5M" "-o 010K" \
		"-o 08" "-o 1.5" "-o .5K" "-o 1.5X" "-o 0.5MB"; do
		# shellcheck disable=SC2086
		same "$words" "$(attached_facts losetup $words || echo none)" \
			"$(attached_facts "$lb" losetup $words 2>/dev/null || echo none)"
	done
}

@test "What is found out is told in words, without an errno" {
	in_turn 3
	own_device
	[ "$("$lb" losetup "$device" 2>&1)" = "losetup: $device: not attached" ]
	[ "$("$lb" losetup -d /dev/null 2>&1)" = "losetup: /dev/null: not a loop device" ]
	[ "$("$lb" losetup /dev/null file 2>&1)" = "losetup: /dev/null: not a loop device" ]
	[ "$("$lb" losetup -f /dev/null 2>&1)" = "losetup: /dev/null: not a regular file or block device" ]
	truncate -s 1000 tail
	[ "$("$lb" losetup -f tail 2>&1)" = \
		"losetup: tail: warning: the last 488 bytes do not fill a 512-byte sector and are not part of the device" ]
}

@test "--nooverlap gives the device that carries the same bytes, and refuses a part of them" {
	in_turn 3
	run "$lb" losetup -L -f --show file
	first=$output
	run "$lb" losetup --nooverlap -f --show file
	[ "$output" = "$first" ]
	[ "$(devices_of "$dir/file")" = "$first" ]
	refuses 1 file "$lb" losetup -L -f --show -o 512 file
	agrees losetup -L -f --show file
	agrees losetup -L -f --show -o 512 file
	[ "$(devices_of "$dir/file")" = "$first" ]
}


# --- bad input ----------------------------------------------------------------

@test "What can't be attached is refused with util-linux's exit code and the reason" {
	in_turn 3
	local words text bad=0 table=(
		"-f .|losetup: .: "
		"-f missing|No such file or directory"
		"-f missing/file|No such file or directory"
		"-f file/below|Not a directory"
		"-f /dev/null|not a regular file or block device"
		"-o 12abc -f file|12abc: not a number"
		"-o -1 -f file|-1"
		"-o 99999999999999999999 -f file|99999999999999999999"
		"-o 17E -f file|17E: too large"
		"--sizelimit 17E -f file|17E"
		"--sizelimit 18446744073709551616 -f file|18446744073709551616"
		"-b 5000000000 -f file|file"
		"-b x -f file|x"
		"-b 513 -f file|file: sector size 513 refused by the kernel"
		"/dev/null file|/dev/null"
		"file file|file"
		"missing file|missing"
		"-d file|file"
		"-d /dev/null|/dev/null"
		"-d missing|missing"
		"-c /dev/null|/dev/null"
		"file|file"
		"/dev/null|/dev/null"
		"--direct-io=maybe -f file|maybe"
	)
	for words in "${table[@]}"; do
		text=${words#*|}
		words=${words%|*}
		# shellcheck disable=SC2086
		refuses 1 "$text" "$lb" losetup $words || bad=1
		# shellcheck disable=SC2086
		[ "$(answer losetup $words)" = "exit 1" ]
		eventually nothing_carries "$dir"
	done
	[ "$bad" -eq 0 ]
}

@test "A device in use is not taken over" {
	in_turn 3
	own_device
	losetup "$device" file
	cp file other
	for lb in "$LOOPBOX_FULL" "$LOOPBOX_CORE" "$LOOPBOX_LEGACY"; do
		refuses 1 "$device" "$lb" losetup "$device" other
		refuses 1 "busy" "$lb" losetup "$device" other
	done
	[ "$(devices_of "$dir/file")" = "$device" ]
	nothing_carries "$dir/other"
}

@test "An empty file, and an offset beyond the end, are attached with a warning" {
	in_turn 3
	local words
	: >empty
	for words in "empty" "-o 2M file" "-o 1M file" "-o 18446744073709551104 file" "-o 1048400 file"; do
		# shellcheck disable=SC2086
		run --separate-stderr losetup -f --show $words
		echo "$words: util-linux: $status $stderr" >&2
		local expected=$status
		[ "$status" -ne 0 ] || detach "$output"
		# shellcheck disable=SC2086
		run --separate-stderr "$lb" losetup -f --show $words
		echo "$words: ours: $status $stderr" >&2
		[ "$status" -eq "$expected" ]
		[ -n "$stderr" ]
		if [ "$status" -eq 0 ]; then
			[[ $stderr == *arning* ]]
			[ "$(blockdev --getsize64 "$output")" -eq 0 ]
			detach "$output"
		fi
	done
}

@test "Bytes that do not fill a sector are warned of" {
	in_turn 3
	truncate -s 1000 tail
	run --separate-stderr "$lb" losetup -f --show tail
	[ "$status" -eq 0 ]
	[[ $stderr == *arning*488* ]]
	[ "$(blockdev --getsize64 "$output")" -eq 512 ]
	detach "$output"
	run --separate-stderr "$lb" losetup -f --show -o 488 tail
	[ -z "$stderr" ]
}

@test "An image on a read-only file system is attached read-only, and that is told" {
	in_turn 3
	mkdir ro
	mount --bind . ro
	mount -o remount,bind,ro ro
	for lb in "$LOOPBOX_FULL" "$LOOPBOX_LEGACY"; do
		run --separate-stderr "$lb" losetup -f --show ro/file
		[ "$status" -eq 0 ]
		[[ $stderr == *read-only* ]]
		[ "$(blockdev --getro "$output")" -eq 1 ]
		detach "$output"
		# asked for, it needs no word
		run --separate-stderr "$lb" losetup -r -f --show ro/file
		[ "$status" -eq 0 ]
		[ -z "$stderr" ]
		detach "$output"
	done
}

@test "Without permission it is refused at once" {
	in_turn 3
	chmod 644 file
	for lb in "$LOOPBOX_FULL" "$LOOPBOX_LEGACY"; do
		cp "$lb" loopbox
		refuses 1 "Permission denied" setpriv --reuid=65534 --clear-groups ./loopbox losetup -f --show file
		refuses 1 "Permission denied" setpriv --reuid=65534 --clear-groups ./loopbox losetup -d /dev/loop0
		# nothing waits
		trace_calls setpriv --reuid=65534 --clear-groups ./loopbox losetup -f --show file || :
		[ "$(calls 'poll(')" = 0 ]
	done
	nothing_carries "$dir/file"
}

@test "Without /dev/loop-control, a free device is found by looking" {
	in_turn 3
	inside '
		mkdir dev; mount -t tmpfs none dev
		cp -a /dev/loop[0-9]* /dev/null dev
		mount --rbind dev /dev
		[ ! -e /dev/loop-control ]
		device=$("$LOOPBOX_FULL" losetup -f --show file)
		cmp file "$device"
		"$LOOPBOX_FULL" losetup -d "$device"'
}

@test "With neither loop-control, nodes nor sysfs the message names what is missing" {
	in_turn 3
	run --separate-stderr inside '
		mkdir dev; mount -t tmpfs none dev; mount --rbind dev /dev; mount -t tmpfs none /sys
		exec "$LOOPBOX_FULL" losetup -f --show file'
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr == *"/dev/loop"* ]]
	nothing_carries "$dir/file"
}

@test "A node that is no device is not taken for loop-control" {
	in_turn 3
	run --separate-stderr inside '
		mount --bind /dev/null /dev/loop-control
		exec "$LOOPBOX_FULL" losetup -f --show file'
	[ "$status" -eq 1 ]
	[[ $stderr == *loop-control* ]]
	nothing_carries "$dir/file"
}

@test "Missing nodes are made after sysfs" {
	in_turn 3
	inside '
		mkdir dev; mount -t tmpfs none dev; mount --rbind dev /dev
		mknod /dev/loop-control c 10 237
		device=$("$LOOPBOX_FULL" losetup -f --show file)
		[ "$(stat -c %t:%T "$device")" = "$(printf %x:%x $(tr : " " <"/sys/block/${device#/dev/}/dev"))" ]
		cmp file "$device"
		"$LOOPBOX_FULL" losetup -d "$device"
		rm /dev/loop*
		device=$("$LOOPBOX_FULL" losetup -f --show file)
		cmp file "$device"
		"$LOOPBOX_FULL" losetup -d "$device"'
}

@test "Without /proc and /sys everything but the long name works" {
	in_turn 3
	inside '
		mount -t tmpfs none /proc; mount -t tmpfs none /sys
		device=$("$LOOPBOX_FULL" losetup -f --show file)
		cmp file "$device"
		"$LOOPBOX_FULL" losetup "$device" | grep -F "file)"
		"$LOOPBOX_FULL" losetup -a | grep "^$device: .*file)"
		"$LOOPBOX_FULL" losetup -l | grep "^$device "
		"$LOOPBOX_FULL" losetup -j file | grep "^$device:"
		"$LOOPBOX_FULL" losetup -d "$device"'
	eventually nothing_carries "$dir/file"
}

@test "A full standard output is an error" {
	in_turn 3
	own_device
	losetup "$device" file
	for words in "$device" "-a" "-l" "-f" "--json" "--help"; do
		run --separate-stderr bash -c "\"\$LOOPBOX_FULL\" losetup $words >/dev/full"
		echo "$words: $status" >&2
		[ "$status" -eq 1 ]
		[[ $stderr == *"standard output: No space left on device"* ]]
	done
}

@test "Closed standard descriptors get neither the file nor the device" {
	in_turn 3
	own_device
	"$lb" losetup "$device" file <&- >&- 2>&-
	cmp file "$device"
	detach "$device"
	(exec >&- 2>&-; "$lb" losetup -f --show file) || true
	# --show must not have been written into the image
	[ "$(head -c 9 file)" != /dev/loop ]
}

@test "With a standard descriptor closed, nothing is written into the image" {
	in_turn 3
	head -c 1000 file >small
	cp file file.before
	cp small small.before
	run bash -c '"$LOOPBOX_FULL" losetup -f --show file >&-'
	[ "$status" -eq 1 ]
	bash -c '"$LOOPBOX_FULL" losetup -f small 2>&-'
	cmp file file.before
	cmp small small.before
}
