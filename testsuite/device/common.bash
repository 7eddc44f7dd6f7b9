# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the device tests share. They run as root on the machine's real loop
# devices, which others use at the same time. So a test
#  - binds by number only a device that it has added itself (own_device),
#  - lets go of nothing but what carries its own files (let_go),
#  - polls (eventually) after a detach, as clearing is asynchronous.
#
# LOOPBOX_FULL, LOOPBOX_CORE, LOOPBOX_CONFIGURE and LOOPBOX_LEGACY name the
# binaries under test. A bare `losetup`, `mount` or `umount` is util-linux's.

bats_require_minimum_version 1.5.0
export LC_ALL=C
# libblkid remembers for two seconds what was on a device. In that time a test may give another image
# to the same one.
export BLKID_FILE=/dev/null
# shellcheck source=testsuite/shared.bash
. "$BATS_TEST_DIRNAME/../shared.bash"

top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
: "${LOOPBOX_FULL:=$top/build/full_defconfig/loopbox}"
: "${LOOPBOX_CORE:=$top/build/core_defconfig/loopbox}"
: "${LOOPBOX_CONFIGURE:=$top/build/core_configure_defconfig/loopbox}"
: "${LOOPBOX_LEGACY:=$top/build/core_legacy_defconfig/loopbox}"
export LOOPBOX_FULL LOOPBOX_CORE LOOPBOX_CONFIGURE LOOPBOX_LEGACY

# Tests say "$lb losetup ..."; one that is about a binding sets lb itself.
lb=$LOOPBOX_FULL

setup_file() {
	[ "$(id -u)" -eq 0 ] || { echo "these tests need root" >&2; return 1; }
	unshare -m --propagation private true || { echo "these tests need a root that is a mount point" >&2; return 1; }
	for binary in "$LOOPBOX_FULL" "$LOOPBOX_CORE" "$LOOPBOX_CONFIGURE" "$LOOPBOX_LEGACY"; do
		[ -x "$binary" ] || { echo "$binary: not built" >&2; return 1; }
	done
	work=$(mktemp -d)
	# for the tests that act as nobody
	chmod 755 "$work"
	keep device
	once programs compile_programs
	cp -r "$kept/programs" "$work/bin"
	mkdir "$work/images"
	export work PATH=$work/bin:$PATH
	if declare -F prepare_file >/dev/null; then prepare_file; fi
}

compile_programs() { # FOLDER
	local source

	mkdir "$1"
	for source in "$BATS_TEST_DIRNAME"/*.c; do
		compile -O2 -Wall -Wextra -Werror -static -o "$1/$(basename "$source" .c)" "$source" || return
	done
}

# With the C library that loopbox has, where it is there, for a fair comparison.
compile() {
	if command -v musl-gcc >/dev/null; then
		musl-gcc -idirafter /usr/include -idirafter "/usr/include/$(gcc -print-multiarch)" "$@"
	else
		gcc "$@"
	fi
}

teardown_file() {
	[ -z "${work-}" ] || rm -rf --one-file-system "$work"
}

setup() {
	dir=$work/$BATS_TEST_NUMBER
	mkdir "$dir"
	cd "$dir" || return
	# What is left out needs nothing prepared.
	if [[ $(declare -f "$BATS_TEST_NAME") =~ in_turn\ ([0-9]+) ]]; then in_turn "${BASH_REMATCH[1]}"; fi
	if declare -F prepare >/dev/null; then prepare; fi
}

teardown() {
	local device

	cd / || return
	let_go
	for device in "${added[@]}"; do
		eventually loopctl remove "$device"
	done
	rm -rf --one-file-system "$dir"
}

# Unmounts what lies below our folder, last first, and detaches what carries files
# of it.
let_go() {
	local target device

	while read -r target; do
		umount -l "$target"
	done < <(mounts_below "$work" | tac)
	for device in $(devices_of "$work"); do
		losetup -d "$device"
	done
	eventually nothing_carries "$work"
}

added=()
# Sets $device to a new one. Its number is so high that nobody who asks for a
# free one is told of it.
own_device() {
	device=$(loopctl add)
	added+=("$device")
}

# The mount points below a folder, in the order of mounting.
mounts_below() {
	local target

	while read -r _ target _; do
		printf -v target '%b' "${target//\\/\\0}"
		case $target in "$1"/*) printf '%s\n' "$target" ;; esac
	done </proc/self/mounts
}

# The loop devices that carry a file, or one below a folder; by sysfs, which
# knows a deleted file too.
devices_of() {
	local entry name

	for entry in /sys/block/loop*/loop/backing_file; do
		name=
		# it may be gone by now
		{ IFS= read -r -d '' name <"$entry" || true; } 2>/dev/null
		name=${name%$'\n'}
		case $name in "$1" | "$1 (deleted)" | "$1"/*)
			entry=${entry#/sys/block/}
			echo "/dev/${entry%%/*}"
		esac
	done
}

nothing_carries() {
	[ -z "$(devices_of "$1")" ]
}

carried() {
	[ -n "$(devices_of "$1")" ]
}

# Runs the command until it succeeds, up to a minute: the machine may be busy.
eventually() {
	local i

	for ((i = 0; i < 3000; i++)); do
		! "$@" || return 0
		sleep 0.02
	done
	echo "never: $*" >&2
	return 1
}

# Detaches one of ours, and waits until it is gone.
detach() {
	losetup -d "$1"
	eventually unbound "$1"
}

unbound() {
	[ ! -e "/sys/block/${1#/dev/}/loop/backing_file" ]
}

is_mounted() {
	findmnt -n "$1" >/dev/null
}

# What sysfs and the block layer say of a device, without its name.
facts_of() {
	local sys=/sys/block/${1#/dev/}

	echo "size $(blockdev --getsize64 "$1"), block $(blockdev --getss "$1"), ro $(blockdev --getro "$1")"
	(cd "$sys/loop" && grep . autoclear dio offset partscan sizelimit)
}

# What the kernel says of the topmost mount at a directory, without its source.
mount_facts() {
	awk -v target="$(realpath "$1" | sed 's/ /\\\\040/g')" '
		$5 == target {
			facts = $6
			for (i = 7; $i != "-"; i++) {
				sub(/:.*/, "", $i)
				facts = facts " " $i
			}
			facts = facts " " $(i + 1) " " $(i + 3)
		}
		END { print facts }' /proc/self/mountinfo
}

# Runs a mount command, then tells its exit code and what is at the directory.
mount_answer() {
	local at=$1 code=0
	shift

	"$@" >/dev/null 2>&1 || code=$?
	echo "exit $code, $(mount_facts "$at")"
}

# Unmounts all that is at or below a directory.
clear_mounts() {
	while is_mounted "$1"; do umount -R "$1"; done
}

# Makes an image of that type, with one file in it.
make_image() {
	local type=$1 file=$2 tree=$dir/tree

	mkdir -p "$tree"
	echo "a $type" >"$tree/type"
	case $type in
	squashfs) mksquashfs "$tree" "$file" -quiet -no-progress -noappend >/dev/null ;;
	erofs) mkfs.erofs --quiet -L "${3-}" "$file" "$tree" >/dev/null 2>&1 ||
		mkfs.erofs "$file" "$tree" >/dev/null ;;
	ext*) truncate -s 4M "$file" && "mkfs.$type" -q -L "${3-}" -d "$tree" "$file" ;;
	esac
}

# Of many of a kind, is the next to be tried? `make check` takes every third one, chosen by its seed.
of_kind=0
is_chosen() {
	of_kind=$((of_kind + 1))
	[ ! "${LOOPBOX_SAMPLE-}" ] || [ $(((of_kind + LOOPBOX_SEED) % 3)) = 0 ]
}

# Says what the answers differ in, and fails if they do.
same() {
	local what=$1 theirs=$2 ours=$3

	[ "$theirs" != "$ours" ] || return 0
	printf '%s\nutil-linux: %s\nours: %s\n' "$what" "$theirs" "$ours" >&2
	return 1
}

# Standard output and exit code of a command.
answer() {
	local code=0

	"$@" 2>/dev/null || code=$?
	echo "exit $code"
}

# Compares with util-linux's program of that name. Asks it twice, as others may
# change what there is meanwhile.
agrees() {
	local before ours after i

	for ((i = 0; i < 20; i++)); do
		before=$(answer "$@")
		ours=$(answer "$lb" "$@")
		after=$(answer "$@")
		[ "$before" != "$after" ] || break
	done
	same "$*" "$before" "$ours"
}

# Runs a command of ours that must fail: with that exit code, a message that
# holds the text, nothing on standard output.
refuses() {
	local code=$1 text=$2
	shift 2

	run --separate-stderr "$@"
	# shellcheck disable=SC2154 # stderr is bats's
	if [ "$status" -ne "$code" ] || [ -n "$output" ] || [[ $stderr != *"$text"* ]]; then
		printf '%s\n' "$*: exit $status, wanted $code" "stdout: $output" "stderr, wanted '$text': $stderr" >&2
		return 1
	fi
}

# Runs bash lines in a mount namespace of their own.
inside() {
	unshare -m --propagation private bash -euc "$@"
}

# The calls of a command, one a line, in $trace.
trace_calls() {
	trace=$dir/trace
	"${under[@]}" strace -f -qq -o "$trace" -- "$@"
}

# The names of the loop ioctls in $trace, in order, in one line.
loop_ioctls() {
	sed -n 's/.*ioctl([^,]*, \(LOOP_[A-Z0-9_]*\).*/\1/p' "$trace" | xargs
}

# Which of the calls with that name in $trace is the Nth that matches a pattern:
# what strace's inject wants to know (when=).
# position CALL PATTERN [N]
position() {
	awk -v call="$1" -v pattern="$2" -v nth="${3:-1}" '
		{ sub(/^[0-9]+ +/, "") }
		index($0, call "(") == 1 {
			count++
			if ($0 ~ pattern && !--nth) { found = count; exit }
		}
		END { print found; exit !found }' "$trace"
}

# faulty FAULT COMMAND...: runs it with a fault as strace's inject= takes it, and
# fails where that was never called for. $under runs strace itself.
under=()
faulty() {
	local fault=$1
	shift

	trace=$dir/trace
	run --separate-stderr "${under[@]}" strace -f -qq -o "$trace" -e inject="$fault" -- "$@"
	grep -q INJECTED "$trace" || { echo "$fault: not injected: $*" >&2; return 1; }
}

# How many calls in $trace match.
calls() {
	grep -c -- "$1" "$trace" || true
}
