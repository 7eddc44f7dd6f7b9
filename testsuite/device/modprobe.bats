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
	in_turn 3
	of_kernel newest
	names_agree
}

@test "modprobe -D loads the same for an alias as kmod, of Linux 6.1" {
	in_turn 3
	of_kernel 6.1
	aliases_agree
}

@test "modprobe -D loads the same for an alias as kmod, of the newest kernel" {
	in_turn 3
	of_kernel newest
	aliases_agree
}

# Every seventh of all modules; but those with several lines of soft dependencies, of
# which kmod 30 reads one.
@test "modprobe -D loads the same for many modules as kmod" {
	in_turn 3
	local kernel name count=0

	for kernel in 6.1 newest; do
		of_kernel "$kernel"
		while read -r name; do
			is_chosen || continue
			[ "$(grep -c "^softdep ${name//-/_} " "$modules/modules.softdep")" -lt 2 ] || continue
			agree -D "$name"
			count=$((count + 1))
		done < <(sed 's/:.*//; s,.*/,,; s/\.ko.*//' "$modules/modules.dep" | awk 'NR % 7 == 3')
	done
	[ "$count" -gt 70 ]
}

@test "modprobe -D lists each dependency before what needs it" {
	in_turn 3
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
	in_turn 3
	of_kernel 6.1
	agree -D loop max_loop=8
	agree -D usb-storage delay_use=3 quirks=1234:5678:u
	agree -D fs-squashfs x
	agree -D -- loop max_part=15
}

@test "modprobe takes its options as kmod does" {
	in_turn 3
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
	in_turn 3
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
		alias of-alias mine
		alias only
		install sr_mod
		softdep sd_mod
		install sd_mod echo disks
		blacklist fs-isofs
	END
	for config in conf conf/one.conf; do
		for words in "-D squashfs" "-D mine" "-D two_three" "-D overlay" "-D -i overlay" "-D nothing" "-D -b loop" \
			"-D loop" "-D usb_storage" "-aDb loop squashfs" "-R mine" "-R two-x" "-D fs-squashfs" \
			"-b -D block-major-7-0" "-D block-major-7-0" "-n nothing" "-n -v mine" "-D squashfs z" \
			"-D net-pf-10" "-D isofs" "-D tabs" "-D fat_y" "-D dm-mirror" "-R tabs" "-D abc" "-b -D abc" "-D of-alias" "-R of-alias" \
			"-D only" "-D sr_mod" "-D sd-mod" "-b -D fs-isofs"; do
			# shellcheck disable=SC2086
			agree $words
		done
	done
}

# Nothing of this loads a module: the commands stand for it.
@test "Commands of modprobe.d are run, and their failures told" {
	in_turn 3
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
	refuses 1 "modprobe: nothing: the install command of one.conf failed with exit code 1" modprobe_ours nothing
}

@test "A long modprobe.d is heeded as a whole" {
	in_turn 3
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
	in_turn 3
	of_kernel 6.1
	agree -a -D squashfs loop isofs
	agree -aD overlay
	run --separate-stderr "$lb" modprobe -d "$tree" -S "$version" -aD squashfs nosuch isofs
	[ "$status" -eq 1 ]
	[[ $output == *squashfs.ko*isofs.ko* ]]
	[[ $stderr == *nosuch* ]]
}

@test "modprobe says what it does not find" {
	in_turn 3
	local name

	of_kernel 6.1
	for name in nosuch squash squashfs.ko '*' kernel/fs/squashfs/squashfs ''; do
		refuses 1 "modprobe: $name: not found in directory $modules" "$lb" modprobe -d "$tree" -S "$version" -D "$name"
		refuses 1 "modprobe: $name: not found in directory $modules" "$lb" modprobe -d "$tree" -S "$version" -n "$name"
		run --separate-stderr "$lb" modprobe -d "$tree" -S "$version" -q -D -- "$name"
		[ "$status" -eq 1 ]
		[ -z "$output$stderr" ]
	done
	refuses 1 "squashfs: not found in directory $tree/lib/modules/0.0.0" "$lb" modprobe -d "$tree" -S 0.0.0 -D squashfs
	refuses 1 "squashfs: not found in directory $dir/lib" "$lb" modprobe -d "$dir" -S "$version" -D squashfs
}

@test "modprobe has nothing to do for what is built in" {
	in_turn 3
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
	in_turn 3
	refuses 1 'Usage: modprobe' "$lb" modprobe
	refuses 1 'Usage: modprobe' "$lb" modprobe -D
	refuses 1 '-Z: unknown option' "$lb" modprobe -n -Z squashfs
	refuses 1 '--bogus: unknown option' "$lb" modprobe -n --bogus squashfs
	refuses 1 '-S: needs an argument' "$lb" modprobe -n squashfs -S
	refuses 1 '--quiet=1: takes no argument' "$lb" modprobe --quiet=1 squashfs
	refuses 1 'Usage: insmod' "$lb" insmod
	refuses 1 '/no/such.ko: open: No such file' "$lb" insmod /no/such.ko
}

@test "modprobe -D and -n load nothing" {
	in_turn 3
	of_kernel 6.1
	for words in "-D squashfs" "-n squashfs" "-n -v usb-storage" "-q -n nosuch"; do
		# shellcheck disable=SC2086
		trace_calls "$lb" modprobe -d "$tree" -S "$version" $words >/dev/null || true
		[ "$(calls openat)" -gt 0 ]
		[ "$(calls 'init_module\|delete_module')" -eq 0 ]
	done
}


# --- trees that depmod makes here, of modules that are nothing but what they say of themselves ---------

# module NAME LINE...: one that is made of lines of .modinfo.
module() {
	local name=$1 line n=0
	shift

	for line in license=GPL "name=$name" "vermagic=1.0 SMP mod_unload " "$@"; do
		printf '__attribute__((section(".modinfo"), used)) static const char line%d[] = "%s";\n' $((n++)) "$line"
	done >"$name.c"
	gcc -c "$name.c" -o "own/lib/modules/1.0/kernel/$name.ko"
	rm "$name.c"
}

own_tree() {
	mkdir -p own/lib/modules/1.0/kernel conf
	module a alias=fs-a 'alias=pci:v0000*d[0-4]*' depends=b,c-c description='What it is' author=Me \
		parmtype=debug:int 'parm=debug:Say more' parmtype=untold:charp 'parm=told:It has no type' author=Else
	module b depends=c-c 'softdep=pre: d'
	module c-c
	module d
	module e
	printf '%s\n' kernel/fs/inside.ko kernel/in-the-kernel.ko >own/lib/modules/1.0/modules.builtin
	printf '%s\0' inside.license=GPL inside.alias=fs-inside 'inside.parm=x:y' inside.file=fs/inside \
		in_the_kernel.license=GPL 'in_the_kernel.alias=acpi*:X*:*' >own/lib/modules/1.0/modules.builtin.modinfo
	touch own/lib/modules/1.0/modules.order
	# what depends= says is made of symbols elsewhere
	depmod -b "$PWD/own" 1.0
	tree=$PWD/own version=1.0 config=conf
	sed -i 's,^kernel/a.ko:,& kernel/b.ko kernel/c-c.ko,; s,^kernel/b.ko:,& kernel/c-c.ko,' own/lib/modules/1.0/modules.dep
	# kmod reads the indexes that depmod makes of it
	python3 - own/lib/modules/1.0/modules.dep.bin <<-'END'
		import struct, sys
		# The format of kmod's index: a trie; here each node has but one path more than needed.
		lines = {}
		for line in open(sys.argv[1][:-4]):
		    name = line.split(":")[0].split("/")[-1][:-3].replace("-", "_")
		    lines[name] = line.strip()
		out = bytearray(struct.pack(">II", 0xb007f457, 0x00020001) + b"\0\0\0\0")
		def node(names, depth):
		    children = {}
		    values = [n for n in names if len(n) == depth]
		    for n in names:
		        if len(n) > depth:
		            children.setdefault(ord(n[depth]), []).append(n)
		    refs, first, last = [], 128, 0
		    if children:
		        first, last = min(children), max(children)
		        refs = [node(children[c], depth + 1) if c in children else 0 for c in range(first, last + 1)]
		    at, flags = len(out), 0
		    if children:
		        flags |= 0x20000000
		        out.extend(bytes([first, last]) + b"".join(struct.pack(">I", r) for r in refs))
		    if values:
		        flags |= 0x40000000
		        out.extend(struct.pack(">I", len(values)))
		        for n in values:
		            out.extend(struct.pack(">I", 0) + lines[n].encode() + b"\0")
		    return at | flags
		root = node(list(lines), 0)
		out[8:12] = struct.pack(">I", root)
		open(sys.argv[1], "wb").write(out)
	END
	agree -D a
	[ "$(ours -D a | wc -l)" -gt 3 ]
}

@test "modprobe reads modprobe.d's files as kmod does" {
	in_turn 3
	own_tree
	cat >conf/b.conf <<-'END'
		options a b=1
		install d first; true
		alias mine a
		alias two-* a
		options mine m=1
		options two_* t=1
		options fs-a f=1
		alias off-x off
		softdep e pre: c_c post: d
		install e not this
	END
	cat >conf/a.conf <<-'END'
		options a a=1 'quoted=x y' "dyndbg=file a.c +p"
		opt\
		ions a \
			folded=1
		install d\
		 zeroth
		  options   a   blanks=1
		options a back\slash=\\1
		remove b away
		softdep c-c pre: e
	END
	cat >conf/z.conf <<-'END'
		options a z=1
		softdep b pre: e
		install c? by pattern
		blacklist e
	END
	echo 'options a no=1' >conf/.hidden.conf
	echo 'options a no=2' >conf/c.conf.bak
	mkdir conf/folder.conf
	for config in conf conf/a.conf conf/b.conf conf/z.conf /dev/null; do
		for words in "-D a" "-D mine" "-D two-three" "-D fs-a" "-D b" "-D d" "-D e" "-D c_c" "-D -i d" "-D -i a" \
			"-R mine" "-R two-x" "-R fs-a" "-R inside" "-R fs-inside" "-D inside" "-D fs-inside" "-D acpi:X1:y" \
			"-D in-the-kernel" "-D off-x" "-R off-x" "-b -D e" "-aD a e d" "-r -D a" "-r -D b" "-r -D nosuch" \
			"-r -n a" "-r a" "-r e d" "-r --first-time d" "-r inside" "-r a inside d" "-r -q nosuch" "-q nosuch" \
			"-q off-x" "off-x" "-n -v mine" "-n -v -q mine" "-r off-x" "-r --first-time off-x" "-r -n --first-time d" \
			"-b -R e" "-D --first-time inside" "-r -D inside" "-r -n -v inside" "--first-time -n off-x"; do
			is_chosen || continue
			# shellcheck disable=SC2086
			agree $words
		done
	done
	config=conf
	agree -D a 'dyndbg=file a.c +p'
	agree -D a 'x="y z"' "q='y z'" plain=1 word
	agree -C conf/z.conf -D a
}

@test "modprobe -q is silent about what is not there, and about nothing else" {
	in_turn 3
	own_tree
	echo 'alias gone nosuch' >conf/a.conf
	for words in nosuch gone "-a nosuch gone" "-r nosuch"; do
		# shellcheck disable=SC2086
		run --separate-stderr "$lb" modprobe -C conf -d own -S 1.0 -q $words
		[ "$status" -eq 1 ]
		[ -z "$output$stderr" ]
	done
	rm own/lib/modules/1.0/kernel/e.ko
	refuses 1 'e.ko: open: No such file' "$lb" modprobe -C conf -d own -S 1.0 -q e
}

@test "modprobe tells of a file that can't be read" {
	in_turn 3
	own_tree
	ln -s loop conf/a.conf
	ln -s a.conf conf/loop
	refuses 1 'modprobe: conf/a.conf: open: Too many levels' "$lb" modprobe -C conf -d own -S 1.0 -D a
	rm conf/*
	mv own/lib/modules/1.0/modules.dep dep
	mkdir own/lib/modules/1.0/modules.dep
	refuses 1 'modprobe: own/lib/modules/1.0/modules.dep: read: Is a directory' "$lb" modprobe -C conf -d own -S 1.0 -D a
}

@test "An alias of many stars takes no time" {
	in_turn 3
	own_tree
	stars=$(printf '*a%.0s' {1..100})
	name=$(printf 'a%.0s' {1..2000})b
	for ((i = 0; i < 50; i++)); do echo "alias ${stars}x d"; done >conf/a.conf
	timeout 20 "$lb" modprobe -C conf -d own -S 1.0 -q "$name" || [ $? -eq 1 ]
}

# Beside kmod's; these read nothing of this machine's.
modinfo_agrees() {
	same "modinfo $*" "$(answer modinfo -b "$PWD/own" -k 1.0 "$@" | tr '\0' '@')" \
		"$(answer "$lb" modinfo -b "$PWD/own" -k 1.0 "$@" | tr '\0' '@')"
}

@test "modinfo shows what kmod's does" {
	in_turn 3
	local words

	own_tree
	for words in a b c-c c_c fs-a pci:v00001d3 inside fs-inside in-the-kernel "-F alias a" "-F parm a" "-p a" "-n a" \
		"-n inside" "-d a" "-a a" "-l a" "-F depends a b" "-F nothing a" "-0 a" "-0 -F alias a" "-m a" "-m fs-a" \
		"-m inside" "-m fs-inside" nosuch "a nosuch b" "-F parmtype a" own/lib/modules/1.0/kernel/a.ko "-F name a inside" \
		"-F filename a" "--field vermagic a" "-F license inside" "-F name own/lib/modules/1.0/kernel/c-c.ko"; do
		# shellcheck disable=SC2086
		modinfo_agrees $words
	done
}

@test "modinfo shows what kmod's does of Debian's modules" {
	in_turn 3
	local file

	of_kernel 6.1
	while read -r file; do
		# but for signatures
		same "$file" "$(modinfo "$file" | sed '/^sig_id:/,$ { /^parm:/!d }')" "$("$lb" modinfo "$file")"
	done < <(find "$modules" -name '*.ko' | sort | awk 'NR % 60 == 1')
}

@test "modinfo says what it can't read" {
	in_turn 3
	own_tree
	ln -s circle.ko circle.ko
	refuses 1 'circle.ko: open: Too many levels of symbolic links' "$lb" modinfo -F alias circle.ko
	echo nonsense >bad.ko
	xz -k -c own/lib/modules/1.0/kernel/a.ko >x.ko.xz
	refuses 1 'bad.ko: truncated' "$lb" modinfo -F alias bad.ko
	head -c 100 /dev/zero >bad.ko
	refuses 1 'bad.ko: not a module (an ELF file)' "$lb" modinfo -F alias bad.ko
	head -c 600 own/lib/modules/1.0/kernel/a.ko >bad.ko
	refuses 1 'bad.ko: truncated' "$lb" modinfo -F alias bad.ko
	refuses 1 "x.ko.xz: compressed: only -n (the file name) works" "$lb" modinfo -F alias x.ko.xz
	refuses 1 'nosuch: not found in directory' "$lb" modinfo -b own -k 1.0 nosuch
	refuses 1 'Usage: modinfo' "$lb" modinfo
	refuses 1 'Usage: rmmod' "$lb" rmmod
	refuses 1 'Usage: lsmod' "$lb" lsmod x
}
