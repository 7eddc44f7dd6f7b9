#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # bats runs each test in a subshell; the rest is in common.bash
# veritysetup format, verify and dump beside cryptsetup's: no device is needed for these. What opens
# one is in ../boot/verity.bats, since this machine has no device-mapper.

load common

uuid=11111111-2222-3333-4444-555555555555
long_salt=$(printf '%0512d' 7)

prepare() {
	head -c 1M /dev/urandom >data
}

# What a format prints, but for the name of the file.
format_answer() { # PROGRAM... -- OPTION...
	"$@" 2>/dev/null | sed 's/^\(VERITY header information for \).*/\1/'
}

root_of() {
	sed -n 's/^Root hash: *\t//p'
}

# Options of format, one set a line; blocks of the data, which decide how high the tree is.
formats() {
	cat <<-END
		--salt=aabb
		--salt=-
		--salt=$long_salt
		--hash=sha512 --salt=00
		--hash=sha512 --salt=- --data-block-size=1024
		--hash=sha256 --salt=aabb --data-block-size=512 --hash-block-size=4096
		--hash=sha256 --salt=aabb --data-block-size=4096 --hash-block-size=512
		--hash=sha512 --salt=aabb --data-block-size=512 --hash-block-size=512
		--salt=aabb --data-block-size=1024 --hash-block-size=2048
		--salt=aabb --data-blocks=1
		--salt=aabb --data-blocks=2
		--salt=aabb --data-blocks=128
		--salt=aabb --data-blocks=129
		--salt=aabb --format=0
		--hash=sha512 --salt=aabb --format=0
		--salt=aabb --no-superblock
		--salt=aabb --no-superblock --hash-offset=8192
		--salt=aabb --hash-offset=4096
		--salt=aabb --hash-offset=512
		--salt=aabb --hash-offset=1536 --hash-block-size=1024
	END
}

@test "veritysetup format writes and prints what cryptsetup's does" {
	local words theirs ours bad=0
	while read -r words; do
		rm -f theirs ours
		# shellcheck disable=SC2086
		theirs=$(format_answer veritysetup format data theirs --uuid=$uuid $words)
		# shellcheck disable=SC2086
		ours=$(format_answer "$lb" veritysetup format data ours --uuid=$uuid $words)
		[[ $theirs == *'Root hash'* ]] || { echo "cryptsetup refuses $words"; bad=1; }
		same "format $words" "$theirs" "$ours" || bad=1
		cmp theirs ours || { echo "$words: the files differ"; bad=1; }
	done < <(formats)
	[ "$bad" = 0 ]
}

@test "veritysetup verify accepts what it and cryptsetup's have made, and each accepts the other's" {
	local words root maker checker bad=0
	while read -r words; do
		for maker in veritysetup "$lb veritysetup"; do
			rm -f tree
			# shellcheck disable=SC2086
			root=$($maker format data tree $words | root_of)
			for checker in veritysetup "$lb veritysetup"; do
				# shellcheck disable=SC2086
				$checker verify data tree "$root" $words ||
					{ echo "$checker refuses what $maker made: $words"; bad=1; }
				# shellcheck disable=SC2086
				! $checker verify data tree "${root//[0-7]/8}" $words 2>/dev/null ||
					{ echo "$checker takes a wrong root hash: $words"; bad=1; }
			done
		done
	done < <(formats | grep -v -- --salt=-)
	[ "$bad" = 0 ]
}

@test "veritysetup format computes the codes for error correction that cryptsetup's does" {
	in_turn 2
	local words theirs ours bad=0
	head -c 1200K /dev/urandom >data # more than one round
	while read -r words; do
		rm -f codes tree theirs.codes
		# shellcheck disable=SC2086
		theirs=$(format_answer veritysetup format data tree --uuid=$uuid --salt=aabb --fec-device=codes $words)
		mv codes theirs.codes
		rm tree
		# shellcheck disable=SC2086
		ours=$(format_answer "$lb" veritysetup format data tree --uuid=$uuid --salt=aabb --fec-device=codes $words)
		same "format $words" "$theirs" "$ours" || bad=1
		cmp theirs.codes codes || { echo "$words: the codes differ"; bad=1; }
	done <<-END

		--fec-roots=2
		--fec-roots=3
		--fec-roots=24
		--fec-roots=4 --data-blocks=17
		--fec-roots=8 --data-block-size=1024 --hash-block-size=1024
		--fec-roots=8 --fec-offset=8192
		--fec-roots=2 --no-superblock
	END
	[ "$bad" = 0 ]
	# and all in one file
	for program in veritysetup "$lb veritysetup"; do
		cp data one
		truncate -s 1310720 one
		$program format one one --uuid=$uuid --salt=aabb --data-blocks=300 --hash-offset=1228800 \
			--fec-device=one --fec-offset=1310720 --fec-roots=4 >/dev/null
		mv one "one.${program//[!a-z]/}"
	done
	cmp one.*
	refuses 1 'error correction' "$lb" veritysetup format data tree --data-block-size=1024 --fec-device=codes
	# nothing is written over what it is for
	cp data before
	refuses 1 'overlaps with FEC area' "$lb" veritysetup format data tree --fec-device=data
	refuses 1 'overlaps with FEC area' "$lb" veritysetup format data tree --fec-device=tree --fec-offset=4096
	cmp before data
	refuses 1 'not a valid value of --fec-roots' "$lb" veritysetup format data tree --fec-device=codes --fec-roots=25
}

@test "veritysetup takes data and tree in one file" {
	in_turn 2
	local root

	cp data image
	root=$("$lb" veritysetup format image image --hash-offset=1M | root_of)
	cmp -n 1048576 data image
	veritysetup verify image image "$root" --hash-offset=1048576
	"$lb" veritysetup verify image image --hash-offset 1048576 "$root"
	refuses 1 'overlaps' "$lb" veritysetup format data data --hash-offset=524288
	# Nor where nobody can say whether both are one file: the last that is asked for before.
	cp data before
	trace_calls "$lb" veritysetup format data data --hash-offset=524288 || true
	local call
	call=$(grep -o '^[0-9]* *[a-z0-9]*stat[a-z0-9]*(.*"data"' "$trace" | sed 's/^[0-9]* *//; s/(.*//' | tail -n 1)
	faulty "$call:error=EIO:when=$(position "$call" '"data"' "$(calls "$call(.*\"data\"")")" \
		"$lb" veritysetup format data data --hash-offset=524288
	[ "$status" -ne 0 ]
	[[ $stderr == *"data: stat: Input/output error"* ]]
	cmp data before
	same dump "$(veritysetup dump image --hash-offset=1048576)" "$("$lb" veritysetup dump image --hash-offset=1M)"
}

@test "veritysetup finds each flipped bit, and says where" {
	in_turn 2
	local root block position

	root=$(veritysetup format data tree | root_of)
	for block in 0 1 127 128 200 255; do
		cp data changed
		position=$((block * 4096 + 77))
		byte=$(od -An -tu1 -j $position -N1 data)
		# shellcheck disable=SC2059
		printf "\\x$(printf %02x $((byte ^ 1)))" | dd of=changed bs=1 seek=$position conv=notrunc status=none
		refuses 2 "position $((block * 4096))" "$lb" veritysetup verify changed tree "$root"
	done
	# the superblock's block, the top, and two below it
	for position in 4100 8200 12345; do
		cp tree broken
		byte=$(od -An -tu1 -j $position -N1 tree)
		# shellcheck disable=SC2059
		printf "\\x$(printf %02x $((byte ^ 128)))" | dd of=broken bs=1 seek=$position conv=notrunc status=none
		same "a bit at $position" "$(veritysetup verify data broken "$root" >/dev/null 2>&1; echo $?)" \
			"$("$lb" veritysetup verify data broken "$root" >/dev/null 2>&1; echo $?)"
		run "$lb" veritysetup verify data broken "$root"
		[ "$status" -ne 0 ]
	done
}

@test "veritysetup refuses what it can't use, with cryptsetup's exit code" {
	in_turn 2
	local words bad=0 root code

	root=$(veritysetup format data tree | root_of)
	head -c 100 tree >short
	head -c 8000 tree >half
	while read -r words; do
		code=0
		# shellcheck disable=SC2086
		veritysetup $words >/dev/null 2>&1 || code=$?
		[ "$code" -ne 0 ]
		# shellcheck disable=SC2086
		refuses "$code" '' "$lb" veritysetup $words || bad=1
	done <<-END
		verify missing tree $root
		verify data missing $root
		verify data tree ${root}00
		verify data tree zz
		verify data tree ${root%?}
		verify data data $root
		verify data short $root
		verify data half $root
		verify data tree
		verify data
		dump data
		dump missing
		dump
		format missing new
		format data
		format data new --salt=xyz
		format data new --salt=${long_salt}00
		format data new --data-block-size=1000
		format data new --data-block-size=256
		format data new --hash-block-size=1048576
		format data new --hash=nonsense
		format data new --format=2
		format data new --uuid=nonsense
		format data new --hash-offset=100
		format data new --nonsense
		nonsense data
	END
	[ "$bad" = 0 ]
}

@test "veritysetup dump tells of all fields, and a root hash comes from a file" {
	in_turn 2
	local root

	root=$(veritysetup format data tree --hash=sha512 --salt=0123456789abcdef | root_of)
	agrees veritysetup dump tree
	echo "$root" >root
	printf %s "$root" >bare
	"$lb" veritysetup verify data tree --root-hash-file=root
	"$lb" veritysetup verify data tree --root-hash-file bare
	refuses 1 '' "$lb" veritysetup verify data tree --root-hash-file=data
}

@test "veritysetup create takes name and data in either order" {
	in_turn 2
	local root operands

	! dmsetup version >/dev/null 2>&1 || skip "this machine has device-mapper"
	root=$(veritysetup format data tree | root_of)
	mkdir name
	for operands in "data name" "name data"; do
		# shellcheck disable=SC2086
		refuses 4 '/dev/mapper/control: open' "$lb" veritysetup create $operands tree "$root"
	done
	refuses 1 Usage "$lb" veritysetup dump --no-superblock data
	# shellcheck disable=SC2016 # for the inner one
	refuses 1 'standard input: read: Is a directory' bash -c '"$0" dmsetup create x </tmp' "$lb"
}

@test "veritysetup gives each format a salt and a UUID of its own" {
	in_turn 2
	"$lb" veritysetup format data one >first
	"$lb" veritysetup format data two >second
	[ "$(grep -e UUID first)" != "$(grep UUID second)" ]
	[ "$(grep -e Salt first)" != "$(grep Salt second)" ]
	[[ $(grep Salt first | cut -f2) =~ ^[0-9a-f]{64}$ ]]
	[[ $(grep UUID first | cut -f2) =~ ^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$ ]]
	veritysetup verify data one "$(root_of <first)"
}

@test "veritysetup and dmsetup say so where there is no device-mapper" {
	in_turn 2
	local root

	! dmsetup version >/dev/null 2>&1 || skip "this machine has device-mapper"
	root=$(veritysetup format data tree | root_of)
	refuses 4 '/dev/mapper/control: open' "$lb" veritysetup open data verity-test tree "$root"
	eventually nothing_carries "$work"
	refuses 1 '/dev/mapper/control' "$lb" dmsetup ls
}

@test "veritysetup writes a root hash to a file, and says how it went" {
	in_turn 2
	local words maker
	for maker in veritysetup "$lb veritysetup"; do
		rm -f tree file
		$maker format data tree --salt=aa --uuid=$uuid --root-hash-file file >/dev/null
		[ "$(<file)" = "$($maker format data tree --salt=aa --uuid=$uuid | root_of)" ]
		[ "$(wc -c <file)" -eq 64 ]
		"$lb" veritysetup verify data tree --root-hash-file file
		veritysetup verify data tree --root-hash-file=file
	done
	for words in "verify data tree --root-hash-file file" "verify data tree 00" "verify data missing --root-hash-file file" \
		"dump tree" "dump data" "--debug verify data tree --root-hash-file file"; do
		# shellcheck disable=SC2086
		same "$words" "$(answer veritysetup -v $words | grep -v '^#')" "$(answer "$lb" veritysetup -v $words)"
	done
	# cryptsetup 2.6 says "Cannot read root hash file" and "Command successful.", with exit code 0.
	refuses 1 'missing: open: No such file' "$lb" veritysetup verify data tree --root-hash-file missing
	rm tree
	refuses 1 '.: not a regular file or block device' "$lb" veritysetup format data .
	refuses 4 '/no/such/file: open' "$lb" veritysetup format data tree --root-hash-file /no/such/file
	[ ! -e tree ]
}
