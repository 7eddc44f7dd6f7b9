#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# loopbox in the place of the commands of distributions' own initramfs: made by Debian's mkinitramfs
# with live-boot, and by dracut with dmsquash-live, from Debian's packages. All scripts are theirs.

load common

prepare_file() {
	cd "$work" || return
	# live-boot writes an /etc/fstab into it.
	root_with root root
	mkdir root/{etc,var}
	squashfs root root.squashfs
	mkdir -p medium/{live,LiveOS}
	cp root.squashfs medium/live/filesystem.squashfs
	cp root.squashfs medium/LiveOS/squashfs.img
	iso medium medium.iso LIVE
	vfat medium medium.vfat LIVE
	# A disk that holds the medium as an ISO image, one that keeps the changes of an earlier boot, and
	# one that is both a medium and that.
	mkdir -p isos/boot store/{rw,work} store/mine/{changes,ovlwork}
	printf x | tee store/rw/boots >store/mine/changes/boots
	cp -r medium both
	cp -r store/mine both
	cp medium.iso isos/boot/live.iso
	ext4 isos isos.ext4 isos
	echo '/ union' >store/persistence.conf
	ext4 store store.ext4 persistence
	ext4 both both.ext4 BOTH
	# The root as an ext4 within the squashfs.
	mkdir -p inner/LiveOS classic/LiveOS
	ext4 root inner/LiveOS/rootfs.img root
	squashfs inner classic/LiveOS/squashfs.img
	iso classic classic.iso CLASSIC
}

# Makes ./initramfs by that builder. The commands that loopbox is in it are in ./commands.
built_by() { # BUILDER COMMAND...
	local command

	need 6.1
	on 6.1
	or_skip "$here/debian-initramfs" "$1" "$loopbox" initramfs "$kernel" >commands
	shift
	for command; do
		grep -qx "usr/s\?bin/$command" commands || { echo "$command is not loopbox" >&2; return 1; }
	done
}

# The guest runs with a root that can be written to; these files are on loop devices; what each
# system has mounted is; and no script has called a command in a way that it does not know.
runs() { # FILE...
	told 'fact root root' 'root writable' "boots $boots" end \
		'mount [^ ]+ /dev devtmpfs .*' 'mount [^ ]+ /proc proc .*' 'mount [^ ]+ /sys sysfs .*' 'mount [^ ]+ /run tmpfs .*'
	same 'files on loop devices' "$(printf '%s\n' "$@")" "$(values 'loop [0-9]*' | sort)"
	has_console_only
	not grep -E 'Usage:|unknown option' console
}

@test "Debian's live-boot and initramfs-tools, by the lines of live-boot(7)" {
	in_turn 3
	loopbox=$LOOPBOX_DROPIN
	built_by live-boot losetup mount umount blkid findfs fstype blockdev modprobe insmod run-init switch_root \
		pivot_root swapon swapoff
	boots() {
		local image=/run/live/medium/live/filesystem.squashfs iso=/boot/live.iso boots=1
		ln ../initramfs .
		case $1 in
		iso)
			boot 'boot=live components quiet' "$work/medium.iso"
			told 'mount /dev/vda /run/live/medium iso9660 ro,.*'
			runs "$image" ;;
		fromiso)
			boot "boot=live fromiso=/dev/vda$iso" "$work/isos.ext4"
			told 'mount /dev/loop0 /run/live/medium iso9660 ro,.*'
			runs "/run/live/fromiso$iso" "$image" ;;
		toram)
			boot "boot=live findiso=$iso toram" "$work/isos.ext4"
			told 'mount [^ ]+ /run/live/medium tmpfs .*'
			untold 'mount /dev/vda .*'
			runs "$image" ;;
		persistence)
			cp "$work/store.ext4" store
			boots=2
			boot 'boot=live live-media=/dev/vda persistence quickusbmodules' "$work/medium.vfat" store:rw
			told 'mount /dev/vda /run/live/medium vfat ro,.*' 'mount /dev/vdb /run/live/persistence/vdb ext4 rw,.*'
			runs "$image" ;;
		esac
		told 'mount overlay / overlay rw,.*' 'mount /dev/loop[0-9]+ /run/live/rootfs/filesystem.squashfs squashfs ro,.*'
	}
	each boots iso persistence -- fromiso toram
}

@test "dracut with dmsquash-live, by the lines of dracut.cmdline(7)" {
	in_turn 3
	built_by dracut losetup mount umount blkid modprobe switch_root dmsetup
	boots() {
		local image=/run/initramfs/live/LiveOS/squashfs.img ram=/run/initramfs/squashed.img boots=1
		local live='rd.live.image rd.shell=0 rd.emergency=reboot' words
		words="$live rd.live.overlay.overlayfs=1"
		ln ../initramfs .
		case $1 in
		label)
			boot "root=live:LABEL=LIVE $words quiet" "$work/medium.iso"
			told 'mount /dev/vda /run/initramfs/live iso9660 ro,.*'
			runs "$image" ;;
		cdrom)
			LOOPBOX_QEMU="-drive file=$work/medium.iso,if=ide,media=cdrom,readonly=on" \
				boot "root=live:CDLABEL=LIVE $words rd.live.ram=1"
			told 'mount /dev/sr0 /run/initramfs/live iso9660 ro,.*'
			runs "$ram" ;;
		iso-scan)
			boot "root=live:CDLABEL=LIVE $words iso-scan/filename=/boot/live.iso rd.live.ram=1" "$work/isos.ext4"
			untold 'mount /dev/vda .*'
			runs "$ram" ;;
		store)
			cp "$work/store.ext4" store
			boots=2
			boot "root=live:LABEL=LIVE $words rd.live.overlay=LABEL=persistence:/mine/changes" "$work/medium.vfat" store:rw
			told 'mount /dev/vdb /run/initramfs/overlayfs ext4 rw,.*'
			runs "$image" ;;
		same)
			cp "$work/both.ext4" both
			boots=2
			boot "root=live:LABEL=BOTH $words rd.live.overlay=LABEL=BOTH:/mine/changes" both:rw
			told 'mount /dev/vda /run/initramfs/live ext4 rw,.*'
			runs "$image" ;;
		snapshot)
			# without the word for an overlay: device-mapper's
			boot "root=live:CDLABEL=CLASSIC $live" "$work/classic.iso"
			told 'mount /dev/mapper/live-rw / ext4 rw,.*'
			runs /LiveOS/rootfs.img '/overlay (deleted)' "$image"
			return ;;
		esac
		told 'mount LiveOS_rootfs / overlay rw,.*' 'mount /dev/loop[0-9]+ /run/rootfsbase squashfs ro,.*'
	}
	each boots cdrom store snapshot -- label iso-scan same
}
