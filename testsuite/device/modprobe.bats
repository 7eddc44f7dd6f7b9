#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # bats runs each test in a subshell; the rest is in common.bash
# modprobe beside kmod's, on the modules of Debian's kernels for QEMU. Only what would
# be loaded is asked for: no test here loads or removes a module.

load common

prepare_file() {
	local kernel code

	PATH=$PATH:/usr/sbin:/sbin
	for kernel in 6.1 newest; do
		code=0
		"$top/scripts/fetch-kernel" "$kernel" >"$work/$kernel" || code=$?
		[ "$code" -eq 0 ] || rm "$work/$kernel"
		[ "$code" -eq 0 ] || [ "$code" -eq 77 ] || return 1
	done
}

# Sets $tree and $version.
of_kernel() {
	if [ ! -e "$work/$1" ]; then
		echo "# kernel $1 can't be had: its modules were NOT compared" >&3
		skip "kernel $1 can't be had"
	fi
	tree=$(<"$work/$1") version=$(<"$tree/version")
	modules=$tree/lib/modules/$version
}

# What would be loaded, one a line, and the exit code; $config is modprobe.d. kmod ends lines
# with a blank, and names what is built in where something depends on it, too.
config=/dev/null
kmods() {
	answer modprobe -C "$config" -d "$tree" -S "$version" "$@" | sed '/^builtin /d; s/ *$//'
}

ours() {
	answer "$lb" modprobe -C "$config" -d "$tree" -S "$version" "$@" | sed '/^builtin /d; s/ *$//'
}

# Likewise, without what comes a second time, which changes nothing.
agree() {
	same "modprobe $*" "$(kmods "$@" | awk '!seen[$0]++')" "$(ours "$@" | awk '!seen[$0]++')"
}

names_agree() {
	local name

	# with and without dependencies, soft ones, and of names with a - or an _
	for name in squashfs overlay loop isofs xfs f2fs nvme virtio_blk virtio-blk virtio_scsi sd_mod sr_mod \
		usb-storage usb_storage ahci ext4 erofs dm-verity dm_crypt xts vfio act_mpls libcrc32c vfat \
		crypto_simd xt_LOG ata_piix; do
		agree -D "$name"
	done
}

aliases_agree() {
	local name

	for name in fs-squashfs fs-iso9660 fs-overlay fs-xfs fs-vfat devname:loop-control block-major-7-0 \
		virtio:d00000001v00001AF4 virtio:d00000002v00001AF4 virtio:d00000008v00001AF4 \
		pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01 \
		pci:v00001D0Fd0000EC20sv00000000sd00000000bc02sc00i00 \
		usb:v0781p5567d0100dc00dsc00dp00ic08isc06ip50in00 \
		scsi:t-0x00 scsi:t-0x05 crypto-ccm nls_ascii nls-ascii dm-snapshot net-pf-38 \
		fs-nosuch pci:v0000FFFFd0000FFFFsv00000000sd00000000bc00sc00i00 virtio:; do
		agree -D "$name"
	done
}

@test "modprobe -D loads the same for a name as kmod, of Linux 6.1" {
	of_kernel 6.1
	names_agree
}

@test "modprobe -D loads the same for a name as kmod, of the newest kernel" {
	of_kernel newest
	names_agree
}

@test "modprobe -D loads the same for an alias as kmod, of Linux 6.1" {
	of_kernel 6.1
	aliases_agree
}

@test "modprobe -D loads the same for an alias as kmod, of the newest kernel" {
	of_kernel newest
	aliases_agree
}

# Every seventh of all modules; but those with several lines of soft dependencies, of
# which kmod 30 reads one.
@test "modprobe -D loads the same for many modules as kmod" {
	local kernel name count=0

	for kernel in 6.1 newest; do
		of_kernel "$kernel"
		while read -r name; do
			[ "$(grep -c "^softdep ${name//-/_} " "$modules/modules.softdep")" -lt 2 ] || continue
			agree -D "$name"
			count=$((count + 1))
		done < <(sed 's/:.*//; s,.*/,,; s/\.ko.*//' "$modules/modules.dep" | awk 'NR % 7 == 3')
	done
	[ "$count" -gt 200 ]
}

@test "modprobe -D lists each dependency before what needs it" {
	local line file files

	of_kernel 6.1
	mapfile -t files < <(ours -D xfs | sed -n "s,^insmod $modules/,,p")
	[ "${#files[@]}" -gt 1 ]
	listed=' '
	for file in "${files[@]}"; do
		line=$(grep "^$file:" "$modules/modules.dep")
		for dependency in ${line#*:}; do
			[[ $listed == *" $dependency "* ]]
		done
		listed+="$file "
	done
}

@test "modprobe hands parameters to the module itself" {
	of_kernel 6.1
	agree -D loop max_loop=8
	agree -D usb-storage delay_use=3 quirks=1234:5678:u
	agree -D fs-squashfs x
	agree -D -- loop max_part=15
}

@test "modprobe takes its options as kmod does" {
	of_kernel 6.1
	agree -D -q squashfs
	agree --show-depends squashfs
	agree -D -b squashfs
	agree -D -i squashfs
	agree -D squashfs -q
	agree -n squashfs
	agree -n -v squashfs
	agree -D -f squashfs
	agree -D --force-vermagic --force-modversion squashfs
	agree -R squashfs
	agree -R fs-squashfs
	agree --resolve-alias virtio:d00000001v00001AF4
	agree -R nosuch
	agree --all --ignore-install --quiet --show-depends btrfs xfs
	agree -D -i btrfs
	agree --dry-run --verbose usb-storage
	agree --show -v squashfs
	agree -qn nosuch
}

@test "modprobe reads of modprobe.d what kmod reads" {
	of_kernel 6.1
	mkdir conf
	cat >conf/one.conf <<-'END'
		# options squashfs x=9
		options squashfs x=1 y=2
		alias mine squashfs
		alias two-* isofs
		install overlay echo instead of it; true
		install nothing /bin/false
		remove xfs echo away
		blacklist loop
		blacklist usb-storage
		alias abc usb-storage
		alias net-pf-10 off
		alias isofs isofs
		alias vfat-x vfat_x
		alias	tabs	squashfs	
		alias dm_mirror nosuch
	END
	for config in conf conf/one.conf; do
		for words in "-D squashfs" "-D mine" "-D two_three" "-D overlay" "-D -i overlay" "-D nothing" "-D -b loop" \
			"-D loop" "-D usb_storage" "-aDb loop squashfs" "-R mine" "-R two-x" "-D fs-squashfs" \
			"-b -D block-major-7-0" "-D block-major-7-0" "-n nothing" "-n -v mine" "-D squashfs z" \
			"-D net-pf-10" "-D isofs" "-D tabs" "-D fat_y" "-D dm-mirror" "-R tabs" "-D abc" "-b -D abc"; do
			# shellcheck disable=SC2086
			agree $words
		done
	done
}

# Nothing of this loads a module: the commands stand for it.
@test "Commands of modprobe.d are run, and their failures told" {
	of_kernel 6.1
	cat >one.conf <<-END
		install overlay echo "got \$CMDLINE_OPTS" >$dir/said
		install nothing /bin/false
		install only echo 'it' "is" "\$MODPROBE_MODULE" >>$dir/said; true
	END
	config=one.conf
	modprobe_ours() { "$lb" modprobe -C one.conf -d "$tree" -S "$version" "$@"; }
	modprobe_ours overlay a=1 "b=x'y"
	[ "$(<said)" = "got a=1 b=x'y" ] || { cat said >&2; false; }
	modprobe_ours only
	[ "$(tail -n 1 said)" = "it is only" ]
	refuses 1 "/bin/false: a command of modprobe.d has failed" modprobe_ours nothing
}

@test "A long modprobe.d is heeded as a whole" {
	of_kernel 6.1
	{
		echo blacklist usb_storage
		for ((i = 0; i < 3000; i++)); do echo "blacklist some_module_of_a_name_$i"; done
		echo blacklist loop
	} >long.conf
	config=long.conf
	for name in loop usb_storage some-module-of-a-name-2999; do
		run "$lb" modprobe -C long.conf -d "$tree" -S "$version" -D -b "$name"
		[ "$status" -eq 0 ] && [ -z "$output" ]
	done
	agree -D -b squashfs
}

@test "modprobe -a takes each operand for a module" {
	of_kernel 6.1
	agree -a -D squashfs loop isofs
	agree -aD overlay
	run --separate-stderr "$lb" modprobe -d "$tree" -S "$version" -aD squashfs nosuch isofs
	[ "$status" -eq 1 ]
	[[ $output == *squashfs.ko*isofs.ko* ]]
	[[ $stderr == *nosuch* ]]
}

@test "modprobe says what it does not find" {
	local name

	of_kernel 6.1
	for name in nosuch squash squashfs.ko '*' kernel/fs/squashfs/squashfs ''; do
		refuses 1 "modprobe: $name: no such module" "$lb" modprobe -d "$tree" -S "$version" -D "$name"
		refuses 1 "modprobe: $name: no such module" "$lb" modprobe -d "$tree" -S "$version" -n "$name"
		run --separate-stderr "$lb" modprobe -d "$tree" -S "$version" -q -D -- "$name"
		[ "$status" -eq 1 ]
		[ -z "$output$stderr" ]
	done
	refuses 1 'squashfs: no such module' "$lb" modprobe -d "$tree" -S 0.0.0 -D squashfs
	refuses 1 'squashfs: no such module' "$lb" modprobe -d "$dir" -S "$version" -D squashfs
}

@test "modprobe has nothing to do for what is built in" {
	local name

	of_kernel 6.1
	for name in $(sed 's,.*/,,; s/\.ko//' "$modules/modules.builtin" | head -n 20); do
		run --separate-stderr "$lb" modprobe -d "$tree" -S "$version" -n "$name"
		[ "$status" -eq 0 ]
		[ -z "$output$stderr" ]
		same "-D $name" "$(answer modprobe -C /dev/null -d "$tree" -S "$version" -D "$name")" \
			"$(answer "$lb" modprobe -d "$tree" -S "$version" -D "$name")"
	done
}

@test "modprobe refuses a wrong call" {
	refuses 1 'Usage: modprobe' "$lb" modprobe
	refuses 1 'Usage: modprobe' "$lb" modprobe -D
	refuses 1 '-Z: unknown option' "$lb" modprobe -n -Z squashfs
	refuses 1 '--bogus: unknown option' "$lb" modprobe -n --bogus squashfs
	refuses 1 '-S: unknown option' "$lb" modprobe -n squashfs -S
	refuses 1 'Usage: insmod' "$lb" insmod
	refuses 1 '/no/such.ko: No such file' "$lb" insmod /no/such.ko
}

@test "modprobe -D and -n load nothing" {
	of_kernel 6.1
	for words in "-D squashfs" "-n squashfs" "-n -v usb-storage" "-q -n nosuch"; do
		# shellcheck disable=SC2086
		trace_calls "$lb" modprobe -d "$tree" -S "$version" $words >/dev/null || true
		[ "$(calls openat)" -gt 0 ]
		[ "$(calls 'init_module\|delete_module')" -eq 0 ]
	done
}
