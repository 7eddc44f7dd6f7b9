# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2030,SC2031,SC2317 # each calls functions, in subshells
# What the boot tests share. They need no root, and no device of this machine: images are made by
# mksquashfs and mke2fs -d, and what mounts anything does so in QEMU.
#
# LOOPBOX_FULL, LOOPBOX_CORE, LOOPBOX_CONFIGURE, LOOPBOX_LEGACY, LOOPBOX_BOOT, LOOPBOX_INITRAMFS
# and LOOPBOX_DROPIN name the binaries under test. A guest says what it sees in lines "guest: KEY VALUE" on the console.

bats_require_minimum_version 1.5.0
export LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin

here=$BATS_TEST_DIRNAME
# shellcheck source=testsuite/shared.bash
. "$here/../shared.bash"
top=$(cd "$here/../.." && pwd)
: "${LOOPBOX_FULL:=$top/build/full_defconfig/loopbox}"
: "${LOOPBOX_CORE:=$top/build/core_defconfig/loopbox}"
: "${LOOPBOX_CONFIGURE:=$top/build/core_configure_defconfig/loopbox}"
: "${LOOPBOX_LEGACY:=$top/build/core_legacy_defconfig/loopbox}"
: "${LOOPBOX_BOOT:=$top/build/boot_defconfig/loopbox}"
: "${LOOPBOX_INITRAMFS:=$top/build/initramfs_defconfig/loopbox}"
: "${LOOPBOX_DROPIN:=$top/build/dropin_defconfig/loopbox}"

# The binary that initramfs puts in. A test sets another one.
loopbox=$LOOPBOX_FULL

setup_file() {
	local binary source

	for binary in "$LOOPBOX_FULL" "$LOOPBOX_CORE" "$LOOPBOX_CONFIGURE" "$LOOPBOX_LEGACY" "$LOOPBOX_BOOT" \
		"$LOOPBOX_INITRAMFS" "$LOOPBOX_DROPIN"; do
		[ -x "$binary" ] || { echo "$binary: not built" >&2; return 1; }
	done
	work=$(mktemp -d)
	export work
	chmod 755 "$work" # for the tests that act as nobody
	keep boot
	once programs compile_programs
	cp -r "$kept/programs" "$work/bin" # a copy: arm64.bats puts a program of its own there
	if declare -F prepare_file >/dev/null; then prepare_file; fi
}

# What runs in guests.
compile_programs() { # FOLDER
	local source

	mkdir "$1"
	for source in "$here"/*.c; do
		# Debian's musl-gcc hides the kernel's headers together with glibc's.
		musl-gcc -Os -Wall -Wextra -Werror -static -s -idirafter /usr/include \
			-idirafter "/usr/include/$(gcc -print-multiarch)" -o "$1/$(basename "$source" .c)" "$source" || return
	done
}

teardown_file() {
	[ -z "${work-}" ] || rm -rf --one-file-system "$work"
}

setup() {
	dir=$work/$BATS_TEST_NUMBER
	mkdir "$dir"
	cd "$dir" || return
}

# --- kernels ---

# The tests that follow in this test need these kernels: names of fetch-kernel's, and "legacy" for
# the one without LOOP_CONFIGURE, for which 150 MB are downloaded: words with it stand behind "--".
# Skips the test where one can't be had.
need() {
	local name

	for name; do
		[ "$name" != legacy ] || [ $# = 1 ] || [ "${LOOPBOX_SOAK-}" ] || continue
		on "$name" && continue
		echo "# $BATS_TEST_DESCRIPTION: no kernel $name: $(tail -n 1 "$dir/unfetched")" >&3
		skip "kernel $name: $(tail -n 1 "$dir/unfetched")"
	done
}

# Sets $kernel to the folder of that kernel, and $version.
on() {
	local code=0

	case $1 in
	legacy) kernel=$("$here/no-configure-module" 2>"$dir/unfetched") || code=$? ;;
	*) kernel=$("$top/scripts/fetch-kernel" "$1" 2>"$dir/unfetched") || code=$? ;;
	esac
	[ "$code" != 77 ] || return 1
	if [ "$code" != 0 ]; then
		cat "$dir/unfetched" >&2
		exit "$code"
	fi
	version=$(<"$kernel/version")
}

# Sets $vmlinuz to the kernel of fetch-kernel's version, as the package has it: with its EFI stub.
packed_kernel() {
	local folder=${XDG_CACHE_HOME:-$HOME/.cache}/loopbox/packages/vmlinuz-$version

	if [ ! -d "$folder" ]; then
		mkdir -p "${folder%/*}"
		(
			# shellcheck disable=SC1091
			. "$top/scripts/apt-fetch"
			apt_open "$dir/apt" bookworm bookworm-security &&
				apt_unpack "$dir/unpacked" "linux-image-$version" && mv -T "$dir/unpacked" "$folder"
		) 2>unfetched || skip "linux-image-$version: $(tail -n 1 unfetched)"
	fi
	# shellcheck disable=SC2034 # for tests
	vmlinuz=$folder/boot/vmlinuz-$version
}

# --- what is booted ---

# The tree of a root image, below NAME: the usual folders, and the guest as /sbin/init.
root_tree() {
	mkdir -p "$1"/{dev,proc,sys,run,sbin}
	cp "$work/bin/guest-init" "$1/sbin/init"
}

# The same, with a fact that tells it from others.
root_with() { # NAME FACT...
	local name=$1 fact
	shift
	root_tree "$name"
	mkdir -p "$name/facts"
	for fact; do echo "$fact" >"$name/facts/$fact"; done
}

# One that is all facts.
layer() { # NAME FACT...
	local name=$1 fact
	shift
	mkdir -p "$name/facts"
	for fact; do echo "$fact" >"$name/facts/$fact"; done
}

vfat() { # TREE FILE [LABEL]
	truncate -s 48M "$2"
	mkfs.vfat -F 32 ${3:+-n "$3"} "$2" >/dev/null
	mcopy -s -i "$2" "$1"/* ::
}

iso() { # TREE FILE LABEL
	xorriso -as mkisofs -quiet -R -J -V "$3" -o "$2" "$1" 2>/dev/null
}

squashfs() { # TREE FILE
	mksquashfs "$1" "$2" -all-root -quiet -no-progress -noappend >/dev/null
}

ext4() { # TREE FILE [LABEL]
	mke2fs -q -t ext4 ${3:+-L "$3"} -E root_owner=0:0 -d "$1" "$2" 16M >/dev/null
}

# Makes ./initramfs, for $kernel and of $loopbox. Options are mkinitramfs's. Not compressed: that
# would take longer than a second, each time.
initramfs() { # OPTION...
	local name

	case "$* " in
	*--image* | *--add* | *--roothash* | *--words* | *--emergency* | *--firmware* | *--microcode*)
		make_initramfs -o initramfs "$@"
		return ;;
	esac
	# What follows from its options is the same each time.
	name=initramfs-$({ printf '%s\n' "$kernel" "$@" && cat "$loopbox"; } | md5sum)
	name=${name%% *}
	once "$name" make_folder "$@"
	cp --remove-destination "$kept/$name/initramfs" initramfs
	cat "$kept/$name/says" >&2
}

make_initramfs() {
	"$top/scripts/mkinitramfs" -c none --loopbox "$loopbox" -k "$version" --moddir "$kernel" "$@"
}

# An initramfs, and what mkinitramfs says of it.
make_folder() { # OPTION... FOLDER
	local folder=${*: -1}

	mkdir -p "$folder"
	make_initramfs -o "$folder/initramfs" "${@:1:$#-1}" 2>"$folder/says" || { cat "$folder/says" >&2; return 1; }
}

# The same for a plan: the words of a command line, and what else mkinitramfs wants to know.
planned() { # WORDS [OPTION...]
	initramfs --plan "$@"
}

# Puts programs of this machine, with the libraries that they need, below ./programs for an
# initramfs: as /theirs/NAME.
theirs() { # NAME...
	local name file library

	for name; do
		file=$(command -v "$name")
		install -D "$file" "programs/theirs/$name"
		ldd "$file" | grep -o '/[^ ]*' | while read -r library; do
			[ -e "programs$library" ] || install -D "$library" "programs$library"
		done
	done
}

# Runs a command, and skips the test where that says, by exit code 77, that something can't be had.
or_skip() { # COMMAND...
	local code=0

	"$@" 2>messages || code=$?
	case $code in
	0) ;;
	77)
		echo "# $BATS_TEST_DESCRIPTION: $(tail -n 1 messages)" >&3
		skip "$(tail -n 1 messages)" ;;
	*)
		cat messages >&2
		return 1 ;;
	esac
}

# Has the programs of one of Debian's packages in PATH, without installing it; skips the test where
# it can't be had.
from_debian() { # PACKAGE
	local folder=${XDG_CACHE_HOME:-$HOME/.cache}/loopbox/packages/$1

	if [ ! -d "$folder" ]; then
		mkdir -p "${folder%/*}"
		(
			# shellcheck disable=SC1091
			. "$top/scripts/apt-fetch"
			apt_open "$dir/apt" bookworm && apt_unpack "$dir/unpacked" "$1" && mv -T "$dir/unpacked" "$folder"
		) 2>unfetched || {
			echo "# $BATS_TEST_DESCRIPTION: no package $1: $(tail -n 1 unfetched)" >&3
			skip "package $1: $(tail -n 1 unfetched)"
		}
	fi
	PATH+=:$folder/sbin:$folder/usr/sbin:$folder/bin:$folder/usr/bin
}

# Adds what is below the folder to ./initramfs; the kernel unpacks one archive over the other.
overlay() {
	truncate -s %4 initramfs
	(cd "$1" && find . -mindepth 1 | sort | cpio --quiet -o -H newc -R 0:0) >>initramfs
}

# Adds busybox and the script on standard input to ./initramfs, as /test, which rdinit=/test
# starts. It finds the binary under test as `loopbox`, and busybox under all its names.
script() {
	mkdir -p script/bin
	cp "$(command -v busybox)" script/bin/busybox
	busybox --list | grep -vx busybox | xargs -I {} ln -s busybox script/bin/{}
	ln -s ../init script/bin/loopbox
	{
		cat <<-'END'
			#!/bin/busybox sh
			export PATH=/bin
			tell() { echo "guest: $*"; }
			# Tells a command, its exit code and, in one line, what it says.
			try() {
				local code=0 says
				says=$("$@" 2>&1) || code=$?
				tell "$* = $code" $says
			}
			# Runs a command as PID 1, of a PID namespace.
			pid1() { unshare -pf "$@"; }
			basics() {
				mkdir -p /dev /proc /sys /run
				mount -t devtmpfs dev /dev
				mount -t proc proc /proc
				mount -t sysfs sys /sys
				mount -t tmpfs run /run
			}
			modules() { for module in $(cat /etc/loopbox.modules); do insmod "$module"; done; }
			# Leaves a process whose root is the initramfs, for guest-init to look through.
			stay_behind() {
				mkfifo /fifo
				exec 9<>/fifo
				{ : >/behind; read -r _ <&9; } &
				exec 9<&-
				until [ -e /behind ]; do sleep 0.02; done
			}
			finish() { tell end; reboot -f; }
		END
		cat
		echo finish
	} >script/test
	chmod 755 script/test
	overlay script
}

# --- booting ---

# The kernel may speak in the middle of a program's line: what it says goes first, the line stays whole.
# (What the guest repeats of the log has times of its own.)
whole_lines() {
	awk '
		/^\[|^guest: log / { print; next }
		{ line = start $0; start = "" }
		match($0, /\[ *[0-9]+\.[0-9][0-9][0-9][0-9][0-9][0-9]\] /) {
			said = length(line) - length($0) + RSTART
			start = substr(line, 1, said - 1)
			line = substr(line, said)
		}
		{ print line }
		END { if (start != "") print start }'
}

# Boots $kernel with ./initramfs until it ends; the console goes to ./console.
#
# On a busy machine, ten seconds pass in the guest before its disks are there: where a test does not
# say itself how long init is to wait, it waits as long as it takes.
boot() { # APPEND [DISK[:rw]...]
	local append=$1 code=0
	shift

	[[ $append == *rootwait* ]] || append="rootwait=300 $append"

	LOOPBOX_BOOT_TIMEOUT=${LOOPBOX_BOOT_TIMEOUT:-1500} "$top/scripts/qemu-boot" "$kernel/kernel" initramfs "$append" "$@" >serial 2>&1 || code=$?
	tr -d '\r' <serial | whole_lines >console
	[ "$code" = 0 ] || complain "QEMU ended with $code"
}

# Which words `each` takes: what stands behind "--" takes its time and shows little more, which is for
# `make soak`; of what stands before it, `make check` takes every third one, chosen by its seed.
chosen() { # WORD... [-- WORD...]
	local word words=()

	for word; do
		[ "$word" != -- ] || [ "${LOOPBOX_SOAK-}" ] || break
		[ "$word" = -- ] || words+=("$word")
	done
	sampled "${words[@]}"
}

# Calls the function for each of the chosen words, in a folder of that name, on all CPUs.
each() { # FUNCTION WORD... [-- WORD...]
	# The function sees these names, and tests have variables of their own: `words`, say.
	local function=$1 running=0 failures=0 chosen word cpus
	shift

	cpus=$(nproc)
	mapfile -t chosen < <(chosen "$@")
	for word in "${chosen[@]}"; do
		if [ "$running" -eq "$cpus" ]; then
			wait -n || failures=$((failures + 1))
			running=$((running - 1))
		fi
		mkdir -p "$word"
		(
			set -e
			cd "$word"
			label=$word
			"$function" "$word"
		) &
		running=$((running + 1))
	done
	for (( ; running; running--)); do
		wait -n || failures=$((failures + 1))
	done
	[ "$failures" -eq 0 ]
}

# --- what the console must hold ---

# Fails, with what was last on the console, before a panic.
complain() {
	{
		echo "${label+$label: }$*; the console ends with:"
		sed '/Kernel panic/q' console | tail -n 25
	} >&2
	return 1
}

# The guest has said these lines: extended regular expressions, without the "guest: ".
told() {
	local line

	for line; do
		grep -Eqx "guest: $line" console || complain "the guest has not said '$line'" || return
	done
}

# The guest has said nothing of the kind.
untold() {
	local line

	for line; do
		! grep -Eqx "guest: $line" console || complain "the guest has said '$line'" || return
	done
}

# What the guest has said under a key, one a line.
values() {
	sed -n "s|^guest: $1 ||p" console
}

# Descriptors 0 to 2 are the console, be it one of the initramfs, and there are no others.
has_console_only() {
	same descriptors "$(printf '%s /dev/console\n' 0 1 2)" "$(values fd | sed 's/ (deleted)$//')"
}

# There is such a line of loopbox's on the console: an extended regular expression.
said() {
	grep -Eq -- "loopbox: .*($1)" console || complain "loopbox has not said '$1'"
}

# The command fails; bats does not look at the result of `!`.
not() {
	if "$@"; then
		echo "this must fail: $*" >&2
		return 1
	fi
}

# The two texts are the same.
same() { # WHAT EXPECTED ACTUAL
	[ "$2" = "$3" ] || {
		echo "${label+$label: }$1 differ:"
		diff <(echo "$2") <(echo "$3") | cut -c1-300
		false
	} >&2
}

# Seconds of the guest's clock at which the console showed the first line of that kind.
moment() {
	local time

	time=$(grep -Em1 "^\[.*$1" console | sed 's/^\[ *\([0-9.]*\)\].*/\1/')
	[ -n "$time" ] || complain "the console shows no '$1'" || return
	echo "$time"
}

# Whether so many seconds have passed between the two moments. That it were not more, a busy machine
# can't tell: unit tests do.
passed() { # FROM TO AT-LEAST
	awk -v from="$1" -v to="$2" -v least="$3" 'BEGIN { exit !(to - from >= least) }' ||
		complain "it took from $1 to $2, and not at least $3 seconds"
}
