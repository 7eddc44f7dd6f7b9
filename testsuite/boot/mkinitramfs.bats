#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# What scripts/mkinitramfs writes, who may run it, and what it does when it can't go on.

load common

prepare_file() {
	cd "$work" || return
	root_tree root
	squashfs root root.squashfs
	chmod 644 root.squashfs
	# Nobody may not be allowed to read where the sources lie.
	cp "$top/scripts/mkinitramfs" "$LOOPBOX_BOOT" .
	chmod 755 mkinitramfs loopbox
}

as_nobody() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}

# Sets $modules to a folder that nobody can read too, with only these of the kernel's modules.
some_modules() { # PATTERN...
	local pattern

	modules=$dir/modules
	mkdir -p "$modules/lib/modules/$version"
	for pattern in 'modules.*' "$@"; do
		(cd "$kernel" && find "lib/modules/$version" -name "$pattern" | cpio --quiet -pdm "$modules")
	done
}

# The names in an archive, or in several one after the other.
names() {
	cpio --quiet -it <"$1"
}

@test "The archive holds loopbox, the modules and nothing else" {
	need 6.1 newest
	holds() {
		on "$1"
		initramfs -c none
		names initramfs | grep -v '^lib' >found
		printf '%s\n' dev dev/console etc etc/loopbox.modules init proc run sys sysroot | diff - found
		cpio --quiet -i --to-stdout init <initramfs | cmp - "$LOOPBOX_FULL"
		cpio --quiet -i --to-stdout etc/loopbox.modules <initramfs | sed 's|^/||' >listed
		names initramfs | grep '\.ko' | sort | diff - <(sort listed)
		# Each stands after what it depends on, and none is left to be looked for.
		grep -q '/virtio_blk.ko$' listed
		grep -q '/squashfs.ko$' listed
		names initramfs | not grep '\.ko\.'
		names initramfs | awk '/^lib/ {
			folder = $0
			if (sub("/[^/]*$", "", folder) && !seen[folder]) exit 1
			seen[$0] = 1
		}'
	}
	each holds 6.1 newest
}

@test "The same input gives the same bytes, at any time, for anybody, anywhere" {
	local compression needed=loop,squashfs

	need 6.1
	on 6.1
	some_modules 'loop.ko*' 'squashfs.ko*'
	for compression in gzip xz zstd none; do
		local arguments=(-c "$compression" -k "$version" --moddir "$modules" --modules "$needed"
			--loopbox "$work/loopbox" --image "$work/root.squashfs")
		"$work/mkinitramfs" -o one "${arguments[@]}"
		mkdir -m 777 "$compression"
		sleep 1.1
		(
			umask 077
			cd "$compression"
			TZ=Asia/Tokyo LC_ALL=C.UTF-8 TMPDIR=$dir/$compression \
				as_nobody "$work/mkinitramfs" -o two "${arguments[@]}"
		)
		cmp one "$compression/two"
		[ "$(ls "$compression")" = two ]
	done
	[ "$(stat -c %a one)" = 644 ]
}

@test "Each compression boots" {
	need 6.1
	boots() {
		on "${1%-*}"
		loopbox=$LOOPBOX_BOOT
		initramfs -c "${1#*-}" --modules loop,squashfs --image "$work/root.squashfs"
		boot quiet
		told end
	}
	each boots 6.1-xz 6.1-zstd -- 6.1-gzip 6.1-none
}

@test "What nobody has made boots" {
	need 6.1
	on 6.1
	some_modules 'loop.ko*' 'squashfs.ko*'
	chmod 777 .
	as_nobody "$work/mkinitramfs" -o initramfs -k "$version" --moddir "$modules" --modules loop,squashfs \
		--loopbox "$work/loopbox" --image "$work/root.squashfs"
	boot quiet
	told end
}

@test "Without -k and --modules there are no modules in it" {
	"$top/scripts/mkinitramfs" -o out -c none --loopbox "$LOOPBOX_BOOT"
	names out | not grep lib
	[ -z "$(cpio --quiet -i --to-stdout etc/loopbox.modules <out)" ]
}

@test "What goes wrong is told, and no file is left behind" {
	local tool=$top/scripts/mkinitramfs

	need 6.1
	on 6.1
	some_modules 'loop.ko'
	fails() { # CODE TEXT ARGUMENT...
		local code=0

		"$tool" "${@:3}" >says 2>&1 || code=$?
		[ "$code" = "$1" ] && grep -q -- "$2" says || {
			echo "${*:3}: exit $code: $(cat says)" >&2
			return 1
		}
		[ ! -e out ]
		[ -z "$(compgen -G 'out.*')" ]
	}
	local loopbox=(--loopbox "$LOOPBOX_BOOT")
	fails 2 '-o is missing' "${loopbox[@]}"
	fails 2 'needs a value' -o
	fails 2 "'lzo'" -o out -c lzo "${loopbox[@]}"
	fails 2 "'--nonsense'" -o out --nonsense
	fails 1 'nothing: no such file' -o out --loopbox nothing
	fails 1 'nothing: no such file' -o out "${loopbox[@]}" --image nothing
	fails 1 'modules.dep: no such file' -o out "${loopbox[@]}" -k 1.2.3 --moddir "$kernel"
	fails 1 "no module 'nonsense'" -o out "${loopbox[@]}" -k "$version" --moddir "$kernel" --modules loop,nonsense
	fails 1 'squashfs.ko: No such file' -o out "${loopbox[@]}" -k "$version" --moddir "$modules" --modules squashfs
	mkdir folder
	fails 1 'folder: is a directory' -o folder "${loopbox[@]}"
	[ -z "$(ls folder)" ]
	# What was there before stays.
	echo old >out
	not "$tool" -o out --loopbox "$LOOPBOX_BOOT" --image nothing 2>says
	[ "$(cat out)" = old ]
}

@test "A disk that fills up leaves nothing behind" {
	need 6.1
	on 6.1
	mkdir tmp
	# As on a full disk: no file may grow beyond 64 KiB.
	TMPDIR=$dir/tmp not bash -c 'ulimit -f 64 && "$@" 2>/dev/null' - "$top/scripts/mkinitramfs" -o out \
		--loopbox "$LOOPBOX_BOOT" -k "$version" --moddir "$kernel" -c none
	[ -z "$(compgen -G 'out*')" ]
	[ -z "$(ls tmp)" ]
}
