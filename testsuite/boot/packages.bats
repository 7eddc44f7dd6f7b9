#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# Debian's packages, in a bare system made by debootstrap: built, looked at by lintian, installed,
# purged; the images that update-initramfs, dracut and the kernel's hook make with them boot. They are
# built as a new user would: from a clone, in a Debian 12 that has git and make only, by what the READMEs
# say; there, `make demo` and `make check` run, too. Takes an hour and downloads 500 MB, so only `make
# soak` does it.

load common

# In a system, with its own /dev, /proc and nothing of ours mounted when it ends.
within() { # SYSTEM COMMAND...
	unshare --mount --pid --fork --propagation private sh -c '
		cd "$1" && shift &&
		mount --rbind /dev dev && mount -t proc proc proc && mount -t sysfs sysfs sys &&
		exec chroot . env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive "$@"' \
		sh "$@"
}
inside() { within "$work/system" "$@"; }

# The same in the clone of the repository, in the system that has git and make only.
in_clone() { # COMMANDS
	within "$work/bare" sh -ec "cd /root/loopbox && $1"
}

prepare_file() {
	[ "${LOOPBOX_SOAK-}" ] || return 0
	local kernel version
	cd "$work" || return
	kernel=$("$top/scripts/fetch-kernel" 6.1)
	version=$(<"$kernel/version")
	packages >log 2>&1 || { tail -n 30 log >&2; return 1; }
	cp -r "$kernel/lib/modules/$version" system/lib/modules
	cp "$kernel/config" "system/boot/config-$version"
	root_with root root
	mkdir root/{etc,var}
	ext4 root root.ext4 root
	squashfs root root.squashfs
	mkdir medium
	cp root.squashfs medium
	vfat medium medium.vfat USB
}

# The packages, at $work/debs, with their unit tests; and a bare system, at $work/system.
packages() {
	debootstrap --variant=minbase bookworm system || return
	cp -a system bare || return
	within "$work/bare" sh -c 'apt-get -qq update && apt-get -qqy install --no-install-recommends git make ca-certificates' || return
	git clone -q "$top" bare/root/loopbox || return
	# As packaging/debian/README says it.
	in_clone "$(sed -n 's/^    apt-get install /apt-get -qqy install /p' "$top/packaging/debian/README")" || return
	in_clone 'packaging/debian/build' || return
	cp -r bare/root/loopbox/build/debian debs || return
	mkdir -p system/lib/modules
	cp debs/*.deb system/root
}

setup() {
	[ "${LOOPBOX_SOAK-}" ] || skip 'takes minutes: make soak'
	dir=$work/$BATS_TEST_NUMBER
	mkdir "$dir"
	cd "$dir" || return
	need 6.1
	on 6.1
}

# Installs packages, of ours and of Debian's.
add() { # PACKAGE|PATTERN...
	# Patterns are of files in the system.
	inside sh -c 'cd /root && apt-get -qqy install --no-install-recommends $* >apt.log 2>&1 || { cat apt.log; exit 1; }' sh "$@"
}

# Purges packages; nothing is left of them but what stood there before, which ./before names.
purge() {
	inside apt-get -qqy purge "$@" >purged 2>&1 || { cat purged >&2; return 1; }
	not grep -E '^ii|^rc' <(inside dpkg -l "$@" 2>/dev/null)
}

# The image as the kernel takes it; in what LISTER says of it, these commands are links to loopbox.
image() { # LISTER FILE COMMAND...
	local lister=$1 command
	cp "$work/system/$2" initramfs
	# shellcheck disable=SC2086 # a command and its option
	inside $lister "/$2" >members
	shift 2
	for command; do
		grep -qE "usr/s?bin/$command -> /?(usr/)?(\.\./)?(bin/)?loopbox\$" members ||
			{ echo "$command is not loopbox" >&2; grep "bin/$command" members >&2; return 1; }
	done
}

@test "lintian finds nothing in the packages" {
	same lintian '' "$(lintian --allow-root "$work"/debs/*.changes)"
}

@test "the package is of what was tested: its build has run the unit tests" {
	grep -qE '^ok [0-9]+ ' "$work/log"
	not grep -E '^not ok ' "$work/log"
}

@test "in a bare Debian with git and make, make demo boots an image" {
	in_clone 'make demo' >demo 2>&1 </dev/null || { tail -n 30 demo; return 1; }
	echo "# a bare Debian: 2 commands and $SECONDS seconds from the clone to a booted image" >&3
}

@test "a cross build makes packages for arm64" {
	in_clone 'dpkg --add-architecture arm64 && apt-get -qq update && apt-get -qqy install --no-install-recommends gcc-aarch64-linux-gnu libc6-dev-arm64-cross'
	in_clone 'packaging/debian/build build/arm64 -a arm64 -d' >cross 2>&1 || { tail -n 30 cross; return 1; }
	within "$work/bare" sh -c 'cd /root/loopbox/build/arm64 && dpkg-deb --fsys-tarfile loopbox_*_arm64.deb | tar -xO ./usr/lib/loopbox/loopbox' >program
	readelf -h program | grep AArch64
}

@test "loopbox is installed, runs, and leaves nothing behind" {
	inside find / -xdev -not -path '/root/*' -not -path '/var/*' -not -path '/proc/*' -not -path '/dev/*' | sort >before
	add './loopbox_*.deb'
	inside /usr/lib/loopbox/loopbox --version
	inside /usr/lib/loopbox/dropin/sbin/losetup -f
	inside test -f /usr/share/man/man8/loopbox-mkinitramfs.8.gz -o -d /usr/share/man
	inside loopbox-mkinitramfs -o /root/bare.img
	purge loopbox
	inside find / -xdev -not -path '/root/*' -not -path '/var/*' -not -path '/proc/*' -not -path '/dev/*' | sort >after
	same 'what is there' "$(<before)" "$(<after)"
}

@test "update-initramfs puts loopbox in, and its image boots to its root" {
	add initramfs-tools busybox klibc-utils zstd './loopbox_*.deb' './loopbox-initramfs-tools_*.deb'
	inside update-initramfs -c -k "$version"
	image "lsinitramfs -l" "boot/initrd.img-$version" losetup mount umount blkid modprobe run-init
	boot 'root=LABEL=root ro' "$work/root.ext4"
	told 'fact root root' end
	not grep -E 'Usage:|unknown option' console
	purge loopbox-initramfs-tools
	inside update-initramfs -u -k "$version"
	not image "lsinitramfs -l" "boot/initrd.img-$version" mount
}

@test "dracut puts loopbox in, and its image boots to its root" {
	add dracut udev cpio './loopbox_*.deb' './loopbox-dracut_*.deb'
	inside dracut --force --no-hostonly --add-drivers 'virtio_pci virtio_blk ext4' /boot/dracut.img "$version" >log 2>&1
	image lsinitrd boot/dracut.img losetup mount umount blkid modprobe switch_root
	boot 'root=LABEL=root ro rd.shell=0 rd.emergency=reboot' "$work/root.ext4"
	told 'fact root root' end
	not grep -E 'Usage:|unknown option' console
	# With systemd in the image, dracut's mounts and modules are its units'.
	add systemd
	inside dracut --force --no-hostonly --add systemd --add-drivers 'virtio_pci virtio_blk ext4' /boot/dracut.img "$version" >log 2>&1
	image lsinitrd boot/dracut.img losetup mount umount blkid modprobe
	grep -q 'usr/lib/systemd/systemd$' members
	boot 'root=LABEL=root ro rd.shell=0 rd.emergency=reboot' "$work/root.ext4"
	told 'fact root root' end
	not grep -E 'Usage:|unknown option' console
	purge loopbox-dracut
}

@test "loopbox-init makes an initramfs for the plan, keeps its configuration, and goes" {
	add './loopbox_*.deb' './loopbox-init_*.deb'
	inside run-parts --arg="$version" /etc/kernel/postinst.d
	not inside test -e "/boot/loopbox-$version.img"
	echo "PLAN='root=LABEL=USB rootfstype=vfat loop=root.squashfs'" >"$work/system/etc/loopbox/plan.conf"
	inside sh -c 'cd /root && dpkg -i --force-confold ./loopbox-init_*.deb' # an upgrade
	grep -q LABEL=USB "$work/system/etc/loopbox/plan.conf"
	inside run-parts --arg="$version" /etc/kernel/postinst.d
	cp "$work/system/boot/loopbox-$version.img" initramfs
	boot 'root=LABEL=USB rootfstype=vfat loop=root.squashfs' "$work/medium.vfat"
	told 'fact root root' end
	inside run-parts --arg="$version" /etc/kernel/postrm.d
	not inside test -e "/boot/loopbox-$version.img"
	# A purge takes the images that it has made, and no other.
	inside run-parts --arg="$version" /etc/kernel/postinst.d
	inside touch /boot/loopbox-mine.img
	purge loopbox-init
	not inside test -e "/boot/loopbox-$version.img"
	not inside test -e /etc/loopbox
	not inside test -e /var/lib/loopbox-init
	inside rm /boot/loopbox-mine.img
}

@test "in a bare Debian with git and make, make check runs, and finds nothing" {
	in_clone 'make check' >check 2>&1 </dev/null || { grep -A 20 '^not ok' check; tail -n 30 check; return 1; }
	echo "# a bare Debian: make check took $SECONDS seconds" >&3
}
