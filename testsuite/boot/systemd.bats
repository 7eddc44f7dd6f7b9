#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# systemd of Debian 12 as the image's init. Other tests have one of their own, guest-init.c, which
# does what systemd's source says that systemd does.

load common

# Debian's tree, with a service that tells what it sees, writes to its root, and ends the machine.
systemd_image() { # FILE
	cat >end.service <<-'END'
		[Service]
		Type=oneshot
		StandardOutput=tty
		ExecStart=sh /usr/lib/end
		ExecStart=systemctl --no-block poweroff
	END
	cat >end <<-'END'
		tell() { echo "guest: $*"; }
		tell PID 1 is "$(cat /proc/1/comm)"
		printf x >>/var/boots
		tell boots "$(wc -c </var/boots)"
		while read -r source place type options rest; do
			tell mount "$source $place $type $options"
		done </proc/mounts
		tell failed units: $(systemctl list-units --failed --plain --no-legend)
		tell end
	END
	mksquashfs "$(<tree)" "$1" -all-root -quiet -no-progress -noappend -comp lz4 \
		-p 'usr/lib/systemd/system/end.service f 644 0 0 cat end.service' -p 'usr/lib/end f 644 0 0 cat end' \
		-p 'etc/machine-id f 644 0 0 true' -p 'etc/fstab f 644 0 0 true' >/dev/null
}

@test "systemd is booted, and shuts down through exitrd; systemd.volatile= is what it takes it for" {
	in_turn 2
	need 6.1 newest
	or_skip "$here/debian-tree" systemd systemd-sysv >tree
	mkdir -p medium/images store
	systemd_image medium/images/root.squashfs
	mke2fs -q -t ext4 -L medium -E root_owner=0:0 -d medium medium.ext4 128M
	ext4 store store.ext4 store
	loopbox=$LOOPBOX_INITRAMFS
	# What is done once, at the first boot of an installed system, takes a while.
	words='systemd.unit=end.service systemd.condition-needs-update=0 systemd.firstboot=no'
	boots() {
		on "${1%-*}"
		planned 'root=x loop=x rd.overlay'
		case $1 in
		*-store)
			words+=' root=LABEL=medium loop=/images/root.squashfs rd.overlay=LABEL=store'
			cp ../store.ext4 store
			for n in 1 2; do
				boot "$words" ../medium.ext4 store:rw
				told "boots $n" 'mount overlay / overlay rw,.*' 'mount /dev/vdb /run/initramfs/overlay ext4 rw,.*'
				grep -q ': poweroff, mounts left: 0' console || complain 'it was not all unmounted'
				dumpe2fs -h store 2>/dev/null | grep -E 'state: *clean$'
				not grep -q needs_recovery <(dumpe2fs -h store 2>/dev/null)
			done ;;
		*)
			boot "$words root=/dev/vda systemd.volatile=${1#*-}" ../medium/images/root.squashfs
			case $1 in
			*-state) told 'mount /dev/vda / squashfs ro,.*' 'mount tmpfs /var tmpfs rw,.*' ;;
			*-yes) told 'mount tmpfs / tmpfs rw,.*' 'mount /dev/vda /usr squashfs ro,.*' ;;
			esac ;;
		esac
		told 'PID 1 is systemd' 'failed units:' end
	}
	each boots 6.1-store newest-state newest-yes
}
