#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# switch_root and run-init, where they belong: called by the script that is PID 1 of an initramfs.

load common

prepare_file() {
	cd "$work" || return
	root_tree root
	mkdir root/etc
	echo 'no program' >root/etc/text
	ln -s /sbin/init root/etc/link
	squashfs root root.squashfs
}

# Boots the script on standard input, with all file systems and the image mounted before.
boot_script() {
	initramfs --modules loop,squashfs --image "$work/root.squashfs"
	{
		cat <<-'END'
			basics
			modules
			mkdir -p /sysroot /old/folder
			touch /old/file
			loopbox mount -o loop,ro -t squashfs /root.squashfs /sysroot
			stay_behind
		END
		cat
	} | script
	boot 'rdinit=/test quiet'
}

# The guest runs as PID 1 with these arguments and has the usual mounts.
arrived() { # ARGUMENT...
	told 'pid 1' 'mount /dev/loop0 / squashfs ro,.*' 'initramfs (visible|replaced)' end
	same arguments "$(printf '%s\n' "$@")" "$(values 'argv [0-9]*')"
	same mounts "$(printf '%s\n' / /dev /proc /run /sys)" "$(values mount | cut -d' ' -f2 | sort)"
	has_console_only
}

@test "switch_root goes to the image with each binary, on old and new kernels" {
	in_turn 3
	need 5.10 6.1 newest legacy
	goes() {
		local binary=${1#*-}

		on "${1%-*}"
		loopbox=${!binary}
		boot_script <<-'END'
			exec loopbox switch_root /sysroot /sbin/init one --two ''
		END
		arrived /sbin/init one --two ''
		untold 'initramfs-entry .*'
	}
	each goes 5.10-LOOPBOX_FULL newest-LOOPBOX_CORE 6.1-LOOPBOX_LEGACY -- legacy-LOOPBOX_LEGACY 6.1-LOOPBOX_FULL 6.1-LOOPBOX_CORE \
		newest-LOOPBOX_CONFIGURE
}

@test "switch_root takes the new root in each spelling, and mounts that were moved before" {
	in_turn 3
	need 6.1
	on 6.1
	goes() {
		local init=/sbin/init

		[ "$1" != link ] || init=/etc/link
		case $1 in
		dot) boot_script <<<'cd /sysroot; exec loopbox switch_root . /sbin/init' ;;
		up) boot_script <<<'cd /old/folder; exec loopbox switch_root -- ../../sysroot/ /sbin/init' ;;
		link) boot_script <<<'ln -s sysroot link; exec loopbox switch_root /link /etc/link' ;;
		console) boot_script <<<'exec loopbox switch_root -c /dev/console /sysroot /sbin/init' ;;
		moved) boot_script <<-'END' ;;
			for name in dev proc sys run; do mount --move "/$name" "/sysroot/$name"; done
			exec loopbox switch_root /sysroot /sbin/init
		END
		linked) boot_script <<-'END' ;;
			for name in dev proc sys run; do
				mount --move "/$name" "/sysroot/$name"
				rm -rf "/$name"
				ln -s "/sysroot/$name" "/$name"
			done
			exec loopbox run-init /sysroot /sbin/init </sysroot/dev/console >/sysroot/dev/console 2>&1
		END
		run-init) boot_script <<<'exec loopbox run-init -c /dev/console /sysroot /sbin/init' ;;
		esac
		arrived "$init"
		untold 'initramfs-entry .*'
		case $1 in
		console | run-init) untold 'fd .*\(deleted\)' ;;
		esac
	}
	each goes dot up link console moved linked run-init
}

@test "run-init -d takes capabilities from the image's init, and from what the kernel starts" {
	in_turn 3
	need 6.1
	on 6.1
	goes() {
		boot_script <<-END
			loopbox run-init -d "${1#* }" -n /sysroot /sbin/init && tell fits
			exec loopbox run-init -d "${1#* }" /sysroot /sbin/init
		END
		arrived /sbin/init
		told fits "status CapBnd:	${1% *}" "status CapPrm:	${1% *}" "status CapEff:	${1% *}" \
			"helpers $((16#${1:8:8}))	$((16#${1:0:8}))"
	}
	# all are 41: 0 to 40; sys_module is 16, mknod 27, bpf 39, chown 0
	each goes "000001fff7feffff sys_module,CAP_MKNOD" "0000017ffffffffe cap_bpf,Chown" "000001ffffffff7f 7"
}

@test "run-init -d refuses what is no capability, and has then taken none" {
	in_turn 3
	need 6.1
	on 6.1
	boot_script <<-'END'
		for caps in nosuch sys_module,nosuch 41 64 cap_ , chown,,kill; do
			loopbox run-init -n -d "$caps" /sysroot /sbin/init && tell "went on: $caps"
		done 2>/run/says
		tell says $(grep -c 'not a capability' /run/says)
		# no PID 1 either
		loopbox run-init -d chown /sysroot /sbin/init && tell "went on: chown"
		exec loopbox run-init /sysroot /sbin/init
	END
	arrived /sbin/init
	told 'status CapBnd:	000001ffffffffff' 'says 7'
	untold 'went on.*'
	mkdir second
	cd second
	boot_script <<<'exec loopbox run-init -d kill,nosuch /sysroot /sbin/init'
	grep -q 'run-init: nosuch: not a capability' console
	untold 'pid.*'
}

@test "What switch_root and run-init refuse leaves everything as it was" {
	in_turn 3
	need 5.10 6.1 newest
	refuses() {
		on "$1"
		boot_script <<-'END'
			state() { cat /proc/mounts; find / -xdev; ls /proc/self /sys /dev; }
			# The command fails with 1, says why, and nothing has changed.
			harmless() {
				local code=0
				"$@" >/run/says 2>&1 || code=$?
				state >/run/after
				cmp -s /run/before /run/after || tell changed "$*"
				case $code:$(cat /run/says) in
				1:*[a-z]*) tell "refused $*:" $(cat /run/says) ;;
				*) tell "not refused $*: $code" ;;
				esac
			}
			: >/run/before >/run/after >/run/says
			state >/run/before
			loopbox run-init -n /sysroot /sbin/init || tell "run-init -n says no"
			loopbox run-init -n /sysroot /etc/link arguments || tell "run-init -n says no"
			harmless loopbox switch_root /sysroot /sbin/init
			harmless loopbox run-init /sysroot /sbin/init
			for root in /old / . /missing /old/file /sysroot/etc; do
				harmless pid1 loopbox switch_root $root /sbin/init
				harmless pid1 loopbox run-init $root /sbin/init
				harmless loopbox run-init -n $root /sbin/init
			done
			for init in /missing /etc/text /etc /sbin/init/below; do
				harmless pid1 loopbox switch_root /sysroot $init
				harmless pid1 loopbox run-init /sysroot $init
				harmless loopbox run-init -n /sysroot $init
			done
			exec loopbox switch_root /sysroot /sbin/init
		END
		untold 'not refused.*' 'changed.*' 'run-init -n says.*'
		same refusals 32 "$(values refused | wc -l)"
		told 'refused loopbox (switch_root|run-init) .*PID 1.*' \
			'refused pid1 loopbox switch_root /old /sbin/init: .*mount point.*' \
			'refused pid1 loopbox switch_root / /sbin/init: .*' \
			'refused pid1 loopbox switch_root /sysroot /missing: .*/missing: .*No such file or directory' \
			'refused pid1 loopbox switch_root /sysroot /etc/text: .*/etc/text: .*Permission denied'
		arrived /sbin/init
		untold 'initramfs-entry .*'
	}
	each refuses 5.10 newest -- 6.1
}

@test "run-init -p keeps the initramfs" {
	in_turn 3
	need 6.1
	on 6.1
	boot_script <<<'exec loopbox run-init -p /sysroot /sbin/init'
	arrived /sbin/init
	told 'initramfs-entry .*/old/file' 'initramfs-entry .*/root.squashfs' 'initramfs-entry .*/init'
}
