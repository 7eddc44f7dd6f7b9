#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# try-plan: plans that the documentation names, each by one command; what it reports; what it says
# where a plan does not boot.

load common

try_plan() { # WORDS [OPTION...]
	LOOPBOX_BOOT_TIMEOUT=${LOOPBOX_BOOT_TIMEOUT:-1500} timeout 1500 "$top/scripts/try-plan" \
		--loopbox "$LOOPBOX_FULL" --console console --plan "rootwait=300 $1" "${@:2}" >report 2>&1 || {
		cat report >&2
		return 1
	}
}

# What the image's init has seen, and what the report must have.
plan() { # NAME
	case $1 in
	overlay)
		try_plan 'root=LABEL=usb rootfstype=vfat loop=root.squashfs rd.overlay'
		told 'mount overlay / overlay rw,.*' 'mount /dev/vda /run/initramfs/medium vfat .*' 'root writable'
		grep -qx '    linux  /vmlinuz-VERSION rootwait=300 root=LABEL=usb .* rd.overlay' report
		grep -qE '^ +[0-9.]+ s +[0-9]+ ms  #* +attached medium/root.squashfs to' report
		grep -qE '^From the start of the kernel [0-9.]+ s, of it [0-9.]+ s in loopbox' report
		grep -qF -- "--plan 'rootwait=300 root=LABEL=usb" report ;;
	verity)
		try_plan 'root=/dev/vda loop=root.squashfs roothash=auto'
		told 'mount /dev/dm-0 / squashfs ro,.*'
		grep -qE 'linux .* roothash=[0-9a-f]{64}$' report ;;
	live-boot)
		try_plan 'boot=live persistence'
		told 'mount /dev/vda /run/live/medium iso9660 .*' 'mount overlay / overlay rw,.*' 'mount /dev/vdb .* ext4 .*' ;;
	layers)
		try_plan 'root=LABEL=system loop=a.squashfs:b.squashfs rd.overlay'
		told 'fact layer1 layer 1' ;;
	toram)
		try_plan 'root=LABEL=system loop=root.squashfs loopbox.toram'
		untold 'mount /dev/vda .*' ;;
	erofs)
		try_plan 'root=/dev/vda loop=root.erofs'
		told 'mount /dev/loop0 / erofs .*' ;;
	tries)
		try_plan 'root=LABEL=system rw loop=new.squashfs,old.squashfs loopbox.tries=3'
		told 'booted .*/new.squashfs' ;;
	initramfs)
		try_plan 'loop=/images/root.erofs rd.overlay'
		told 'mount overlay / overlay rw,.*' ;;
	dracut)
		try_plan 'root=live:LABEL=Fedora rd.live.image'
		told 'mount /dev/vda /run/initramfs/live iso9660 .*' ;;
	casper)
		try_plan 'boot=casper layerfs-path=minimal.standard.squashfs'
		told 'fact layer1 layer 1' 'mount /dev/vda /cdrom iso9660 .*' ;;
	archiso)
		try_plan 'archisobasedir=arch archisolabel=ARCH_202611'
		told 'mount /dev/vda /run/archiso/bootmnt iso9660 .*' ;;
	genkernel)
		try_plan 'root=/dev/ram0 init=/linuxrc looptype=squashfs loop=/image.squashfs cdroot'
		told 'mount /dev/vda /mnt/cdrom iso9660 .*' ;;
	yocto)
		try_plan 'root=/dev/vda rootrw=/dev/vdb'
		told 'mount overlay / overlay rw,.*' 'mount /dev/vdb .* ext4 rw,.*' ;;
	alpine)
		try_plan 'root=LABEL=root overlaytmpfs'
		told 'mount overlay / overlay rw,.*' ;;
	volatile)
		try_plan 'root=PARTLABEL=root systemd.volatile=overlay'
		told 'mount overlay / overlay rw,.*' ;;
	iso)
		try_plan 'boot=live findiso=/boot/live.iso'
		told 'mount overlay / overlay rw,.*' ;;
	nvme)
		try_plan 'root=/dev/nvme0n1p1 rootfstype=ext4'
		told 'mount /dev/nvme0n1p1 / ext4 ro,.*' ;;
	esac
	told end
	grep -q "^The image's init was reached" report
}

@test "Plans that the documentation names boot by one command" {
	in_turn 2
	need 6.1
	each plan overlay verity live-boot -- layers toram erofs tries initramfs dracut casper archiso genkernel \
		yocto alpine volatile iso nvme
}

@test "Each plan of README and the guides boots, but those that are meant to fail" {
	local plan

	[ "${LOOPBOX_SOAK-}" ] || skip "takes minutes: make soak"
	need 6.1
	while read -r plan; do
		case $plan in *init=/sbin/nothing* | *"root=LABEL=system loop=root.squashfs") continue ;; esac
		try_plan "$plan" || { echo "$plan" >&2; return 1; }
	done < <(cat "$top"/README "$top"/docs/*.md | sed -n "s/^    make run PLAN='\(.*\)'.*/\1/p" | sort -u)
}

@test "What the user gives is booted: an image, or a disk" {
	in_turn 2
	need 6.1
	root_with root mine
	squashfs root my.squashfs
	mkdir disk
	cp my.squashfs disk/other.squashfs
	ext4 disk disk.ext4 given
	try_plan 'root=LABEL=x loop=images/root.squashfs' --image my.squashfs
	told 'fact mine mine' 'mount /dev/loop0 / squashfs .*'
	try_plan 'root=LABEL=given loop=other.squashfs' --disk disk.ext4
	told 'fact mine mine'
}

@test "A plan that does not boot fails, with what the console has, and --emergency gives a shell" {
	in_turn 2
	need 6.1
	not try_plan 'rootwait=1 root=LABEL=system loop=root.squashfs init=/sbin/nothing' 2>failed
	grep -q "the image's init was NOT reached" failed
	grep -q '/sbin/nothing' failed
	# Typed again and again: what comes before the shell runs is lost.
	: >report
	{
		for ((i = 0; i < 600; i++)); do
			! grep -q '^the-shell-says-42' report || break
			printf '\necho the-shell-says-$((6 * 7))\n'
			sleep 1
		done
		printf '\nreboot -f\n'
		sleep 5
	} | not try_plan 'rootwait=1 root=LABEL=system loop=root.squashfs init=/sbin/nothing' --emergency 2>failed
	grep -q '^the-shell-says-42' console
}

@test "try-plan says at once what it lacks" {
	run "$top/scripts/try-plan" --loopbox ./missing
	[ "$status" = 1 ]
	[ "$output" = 'try-plan: ./missing: no such program; make builds it' ]
	run "$top/scripts/try-plan" --nonsense
	[ "$status" = 2 ]
	run "$top/scripts/try-plan" --loopbox "$LOOPBOX_FULL" --image ./nothing
	[ "$status" = 1 ]
	[ "$output" = 'try-plan: ./nothing: no such file, or not readable' ]
	"$top/scripts/try-plan" --help | grep -q '^Usage: try-plan'
}
