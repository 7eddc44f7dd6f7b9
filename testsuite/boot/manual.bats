#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2154 # what runs in the guest; common.bash has the variables
# Each example of the applets' manual pages, as it stands there, in a guest that has what they name.

load common

# The examples of a page, one a line.
examples() { # FILE
	awk '/^\.Sh/ { inside = $2 == "EXAMPLES" } inside && !/^\./ { gsub(/\\e/, "\\"); print }' "$1"
}

@test "Each example of the manual pages does what it says" {
	local page line count=0 modules

	need 6.1-full
	on 6.1-full
	initramfs --modules virtio_pci,virtio_blk,ext4,loop,squashfs,dm-verity
	modules=programs/lib/modules/$version
	mkdir -p "$modules" programs/work tree/files
	modprobe -d "$kernel" -S "$version" -a -D usb-storage fs-squashfs | while read -r _ line _; do cp "$line" "$modules"; done
	cp "$kernel/lib/modules/$version"/modules.{builtin,builtin.modinfo,order} "$modules"
	cp "$kernel/lib/modules/$version"/kernel/drivers/net/dummy.ko programs/work/extra.ko
	depmod -b programs "$version"
	head -c 100K /dev/urandom >tree/files/random
	squashfs tree programs/work/root.squashfs
	truncate -s 4M programs/work/disk.img
	printf '%s\n' 'label: dos' 'start=2048, size=2048' | sfdisk -q programs/work/disk.img
	overlay programs
	ext4 tree data.ext4 data
	truncate -s 16M swap
	mkswap -q -L swap swap

	# What an example needs that others have not made, and what would be in the way of the next one.
	{
		cat <<-'END'
			basics
			modules
			until [ -e /dev/vda ] && [ -e /dev/vdb ]; do sleep 0.1; done
			cd /work
			mkdir -p /data /mnt /srv/here /var/log /etc /new/bin /new/old
			cp -a /bin/busybox /new/bin
			for name in $(loopbox --list | grep -v -); do eval "$name() { loopbox $name \"\$@\"; }"; done
			cat >/stage.sh <<-'STAGE'
				mkdir -p /stage
				loopbox mount -t tmpfs stage /stage
				mkdir -p /stage/new /stage/bin
				cp /init /stage/bin/loopbox
				loopbox mount -t tmpfs new /stage/new
				mkdir /stage/new/old
				busybox chroot /stage /bin/loopbox "$@"
			STAGE
			prepare() {
				case $1 in
				'mount --bind /srv /mnt/srv') umount /mnt; mkdir -p /mnt/srv ;;
				'mountpoint -q /mnt'*) umount /mnt/srv; umount /data ;;
				'umount -R /mnt/new') mkdir -p /mnt/new; mount -t tmpfs new /mnt/new; mkdir /mnt/new/in; mount -t tmpfs in /mnt/new/in ;;
				'umount -l /mnt/server') mkdir -p /mnt/server; mount -t tmpfs server /mnt/server ;;
				esac
			}
			cleanup() {
				case $1 in
				'blockdev --setro /dev/vda') blockdev --setrw /dev/vda ;;
				'mount -o remount,ro /') mount -o remount,rw / ;;
				'losetup -d /dev/loop0') losetup -d /dev/loop1 ;;
				esac
			}
			example() { # LINE
				local code=0 line=$1
				prepare "$line"
				case $line in
				exec*) return ;; # they end this: tests of switch_root and init have them
				pivot_root*) # not from the initramfs itself, which is no mount that could be moved
					line="unshare -m --propagation private sh /stage.sh $line" ;;
				*HASH*) line=$(echo "$line" | sed "s/HASH/$hash/") ;;
				esac
				line=$(echo "$line" | sed 's/^rmmod extra$/rmmod dummy/')
				eval "$line" >/run/out 2>/run/errors || code=$?
				[ ! -s /run/errors ] || tell "says: $(cat /run/errors)"
				case $line in *veritysetup\ format*) hash=$(sed -n 's/^Root hash: *//p' /run/out) ;; esac
				tell "$code of $1"
				cleanup "$1"
			}
		END
		for page in "$top"/man/loopbox-*.8; do
			while IFS= read -r line; do
				printf "example '%s'\n" "${line//\'/\'\\\'\'}"
				count=$((count + 1))
				[[ $line == exec* ]] || echo "$line" >>expected
			done < <(examples "$page")
		done
		[ "$count" -gt 35 ]
	} | script
	boot 'rdinit=/test quiet loglevel=1' data.ext4:rw swap
	told end
	same 'examples that work' "$(<expected)" "$(values '0 of')"
	untold 'says: .*'
}
