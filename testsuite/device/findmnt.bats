#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # bats runs each test in a subshell; the rest is in common.bash
# findmnt, beside util-linux's.

load common

prepare_file() {
	# shellcheck disable=SC2034 # make_image takes it
	dir=$work/images
	make_image ext4 "$work/images/ext4" "fm$RANDOM"
}

# Runs findmnt by each line, as util-linux's and as ours, in one namespace where mounts of each
# kind lie in the folder, and says where they differ: $L is a loop device's, $LABEL its label.
alike() {
	printf '%s\n' "$@" >lines
	inside '
		mkdir e f g "m n"
		mount -t tmpfs -o size=1m,nosuid one f
		mkdir f/sub
		mount -t ramfs -o ro two f
		L=$(losetup -f --show -r "$work/images/ext4")
		trap "losetup -d $L" EXIT
		LABEL=$(blkid -p -o value -s LABEL "$L")
		mount -o ro "$L" g
		mount --bind g g/lost+found
		mount -t tmpfs "a b" "m n"
		mount --make-shared f
		mount -t tmpfs "" e
		cat >fstab <<-END
			# a comment
			LABEL=$LABEL $PWD/g ext4 ro,noauto,x-a=b 0 2
			UUID=deadbeef /mm ext4 defaults 1 0
			two	$PWD/f/	ramfs ro
			/dev/sda1 none swap sw 0 0
			a\\040b /x\\040y tmpfs size=1 0 0
		END
		printf "%s\n" "LABEL=$LABEL /one ext4 ro" "LABEL=fmother /two ext4 ro" >both
		bad=0
		run() { local code=0; "$@" 2>/dev/null || code=$?; echo "exit $code"; }
		while read -r words; do
			theirs=$(eval "run findmnt $words") ours=$(eval "run \"$lb\" findmnt $words")
			[ "$theirs" = "$ours" ] || {
				printf "%s\nutil-linux: %s\nours: %s\n" "findmnt $words" "$theirs" "$ours" >&2
				bad=1
			}
		done <lines
		exit $bad'
}
export lb

@test "Operands, -M, -S and -T find what they find with util-linux" {
	alike 'f' '-n f' '-M f' '-T g/lost+found' '-T g/lost+found/nosuch' '-T "m n"' '-S one' 'one f' \
		'two f' '-S two' '$L' '-S $L' 'LABEL=$LABEL' '-S LABEL=$LABEL' 'LABEL=nosuch' \
		'-S $(cat /sys/class/block/${L#/dev/}/dev)' 'nosuch' '-M nosuch' '-T nosuch' '-S nosuch' '-S /nosuch' 'a b c' \
		'-T' '-T $L' '/' '-T /' '-M ./f/../f' '--target g' '--mountpoint=f' '--source one' 'f/' '-M f/' '"m n"' '-C f' \
		'-C -M $PWD/f' '-T . -n -o TARGET' '-J nosuch' '-P nosuch' '-r nosuch' '-n e' '-n -o SOURCE e'
}

@test "-t, -O, -f and -i choose as with util-linux" {
	alike '-l -t ramfs' '-t ramfs,tmpfs -S one' '-t noramfs -S two' '-O ro -S two' '-O rw -S two' '-O norw -S two' \
		'-f f' '-fn -o FSTYPE f' '-i -t ramfs -n -o TARGET -l' '-n --types tmpfs --options nosuid -S one' \
		'--first-only --noheadings f' '-t ramfs f' '-t nosuch f'
}

@test "Each format is util-linux's" {
	alike '-n -o SOURCE g/lost+found' '-v -n -o SOURCE g/lost+found' '-nro SOURCE,FSROOT,MAJ:MIN g/lost+found' \
		'-no ID,PARENT g' '-o ID,PARENT,MAJ:MIN,FSROOT g' '-P g' '-P g/lost+found' '-P -o MAJ:MIN,TARGET f' \
		'-nro VFS-OPTIONS,FS-OPTIONS,OPTIONS,OPT-FIELDS,PROPAGATION g' '-o PROPAGATION,OPT-FIELDS f' \
		'-o LABEL,UUID,PARTUUID,TARGET g' '-J -l g' '-J -l f' '-J -o TARGET,MAJ:MIN,LABEL one f' '-r f' '--raw "m n"' \
		'"m n"' '-P "m n"' '-J "m n"' '-o +LABEL g' '-o +FSROOT f' '--output=fstype,target f' '-o NOSUCH f' '-n -l -o TARGET' \
		'-nr' '-l' '-r -o TARGET,SOURCE,FSTYPE,OPTIONS' '-nA -o TARGET f' '-k -n g' '-m -n g' '-a -u -c -n g' '-e -n g' \
		'-nr -o TARGET -R g' '-nl -o TARGET -R f' '-nr -R f/nosuch'
}

@test "-s reads fstab as util-linux does" {
	truncate -s 4M other
	mkfs.ext4 -q -L fmother other
	own_device
	losetup -r "$device" other
	export OTHER=$device
	alike '-F both -s -S LABEL=$LABEL' '-F both -s -S LABEL=fmother' '-F both -s $OTHER' '-F fstab -s' '-F fstab -s -n -o TARGET,SOURCE' '-F fstab -s -n -o SOURCE --target /mm' '-F fstab -s /mm' \
		'-F fstab --fstab -n -o TARGET,FSTYPE' '-F fstab -se LABEL=$LABEL' '-F fstab -s -e -n -o SOURCE $PWD/g' \
		'-F fstab -s -r' '-F fstab -s -t swap' '-F fstab -s -n -o OPTIONS -T /mm' '-F fstab -s -O noauto' \
		'-F fstab -s -S LABEL=$LABEL -n -o TARGET' '-F fstab -s -n /dev/sda1' '-F fstab -s -J' '-F fstab -s -P' \
		'-F fstab -s $L' '-F fstab -s -no TARGET -M $PWD/f' '-F nosuch -s' '-F fstab' '-F fstab -n -o SOURCE /mm' \
		'-F fstab -s -o TARGET,FREQ,PASSNO' '-F fstab -snero passno -T /mm' '-F fstab -s -J -o PASSNO,FREQ' '-F fstab -s -P -o FREQ,PASSNO' \
		'-F fstab --fstab -e -v -n -o FSTYPE --source LABEL=$LABEL' '-F fstab --fstab -e -v -n -o FSTYPE --target $PWD/g'
}

@test "What findmnt lacks is refused" {
	local words

	for words in -D -b "-d backward" -U -w -p --real --pseudo -x "-N 1" -y --tree --shadowed --deleted; do
		# shellcheck disable=SC2086
		refuses 1 "${words%% *}: unknown option" "$lb" findmnt $words
	done
	refuses 1 "SIZE: unknown column" "$lb" findmnt -o SIZE /
	refuses 1 "nosuch: open: No such file" "$lb" findmnt -s -F nosuch
}

@test "Options of a page are shown whole" {
	inside '
		lower=$PWD/lower
		for ((i = 0; i < 60; i++)); do
			mkdir -p "$PWD/layer-with-a-long-name-$i"
			lower+=:$PWD/layer-with-a-long-name-$i
		done
		mkdir lower o
		mount -t overlay -o "lowerdir=$lower" none o
		diff <(findmnt -nro OPTIONS o) <("$lb" findmnt -nro OPTIONS o)'
}

@test "-T finds the mount that is on top, and none that another hides" {
	inside '
		mkdir s
		mount -t tmpfs one s
		mkdir s/below
		mount -t tmpfs two s/below
		mount -t tmpfs three s
		mkdir s/below
		[ "$("$lb" findmnt -n -o SOURCE -T s)" = three ]
		[ "$("$lb" findmnt -n -o SOURCE -T s/below)" = three ]
		umount s
		[ "$("$lb" findmnt -n -o SOURCE -T s/below)" = two ]'
}
