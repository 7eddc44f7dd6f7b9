#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# veritysetup and dmsetup on kernels that have device-mapper, beside cryptsetup's and LVM's own programs.

load common

uuid=11111111-2222-3333-4444-555555555555

root_of() {
	sed -n 's/^Root hash: *\t//p'
}

# Makes v/NAME.data and v/NAME.tree, with v/NAME.root and v/NAME.options for those who open it.
verity_files() { # NAME MAKER OPTION...
	local name=$1 maker=$2
	shift 2

	head -c 256K /dev/urandom >"v/$name.data"
	$maker format "v/$name.data" "v/$name.tree" --uuid=$uuid "$@" | root_of >"v/$name.root"
	echo "$*" >"v/$name.options"
}

flip() { # FILE POSITION
	local byte

	byte=$(od -An -tu1 -j "$2" -N1 "$1")
	# shellcheck disable=SC2059
	printf "\\x$(printf %02x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

prepare_file() {
	local maker

	cd "$work" || return
	mkdir v programs
	for maker in veritysetup "$LOOPBOX_FULL veritysetup"; do
		name=ours
		[ "$maker" != veritysetup ] || name=theirs
		verity_files $name-plain "$maker"
		verity_files $name-512 "$maker" --hash=sha512 --salt=aabbcc
		verity_files $name-salt "$maker" --salt="$(printf '%0512d' 7)"
		verity_files $name-1024 "$maker" --data-block-size=1024 --hash-block-size=1024 --salt=aabb
		verity_files $name-mixed "$maker" --data-block-size=1024 --hash-block-size=4096 --salt=aabb
		verity_files $name-chrome "$maker" --format=0 --salt=aabb
		verity_files $name-bare "$maker" --no-superblock --salt=aabb
		verity_files $name-offset "$maker" --hash-offset=8192
		verity_files $name-one "$maker" --data-blocks=1
	done
	# One file for both.
	verity_files single veritysetup
	cat v/single.tree >>v/single.data
	ln -sf single.data v/single.tree
	echo --hash-offset=262144 >v/single.options

	# The other's programs, with what they need.
	theirs veritysetup dmsetup strace
	mkdir -p programs/var programs/tmp
}

# ./initramfs with what is for dm-verity, both kinds of programs, and the script on standard input, in
# which ours are called by their name.
verity_script() {
	initramfs --modules loop,squashfs,dm-verity,dm-zero
	mkdir -p both/v
	cp -a "$work/programs/." both
	cp -aL v/. both/v 2>/dev/null || cp -a "$work/v/." both/v
	overlay both
	{
		cat <<-'END'
			basics
			modules
			veritysetup() { loopbox veritysetup "$@"; }
			dmsetup() { loopbox dmsetup "$@"; }
			cd /v
		END
		cat
	} | script
}

@test "veritysetup opens what it and cryptsetup's have made, on old and new kernels" {
	in_turn 3
	need 5.10 newest
	opens() {
		local name
		on "$1"
		verity_script <<-'END'
			for root in *.root; do
				name=${root%.root}
				veritysetup open $name.data $name $name.tree $(cat $root) $(cat $name.options) ||
					{ tell "$name: not opened"; continue; }
				cmp -n $(blockdev --getsize64 /dev/mapper/$name) $name.data /dev/mapper/$name && tell "$name: reads"
				dmsetup table $name >/tmp/ours
				/theirs/dmsetup table $name >/tmp/theirs
				cmp /tmp/ours /tmp/theirs && tell "$name: table"
				veritysetup status $name >/tmp/ours
				/theirs/veritysetup status $name >/tmp/theirs
				cmp /tmp/ours /tmp/theirs && tell "$name: status"
				veritysetup close $name || tell "$name: not closed"
				tell "$name: left" $(ls /dev/mapper /sys/block/loop*/loop/backing_file 2>/dev/null)
			done
		END
		boot 'rdinit=/test quiet'
		told end
		for name in "$work"/v/*.root; do
			name=${name##*/} name=${name%.root}
			told "$name: reads" "$name: table" "$name: status" "$name: left (/dev/mapper: )?control"
		done
	}
	each opens 5.10 newest
}

@test "dmsetup shows and does what LVM's does" {
	in_turn 3
	need 5.10 newest
	shows() {
		on "$1"
		verity_script <<-'END'
			# The same words to both, and what they print.
			agree() {
				local ours theirs
				ours=$(dmsetup "$@" 2>/dev/null; echo "exit $?")
				theirs=$(/theirs/dmsetup "$@" 2>/dev/null; echo "exit $?")
				if [ "$ours" = "$theirs" ]; then tell "same $*"; else tell "differs $*: ours:" $ours "theirs:" $theirs; fi
			}
			for what in ls table status info; do agree $what; done
			agree info nothing
			agree table nothing
			veritysetup open ours-plain.data one ours-plain.tree $(cat ours-plain.root)
			echo '0 8 zero' | dmsetup create two
			printf '0 8 error\n8 8 zero\n' >table
			dmsetup create --noudevsync three table
			dmsetup create four --table '0 16 zero' -u UUID-4 -r
			dmsetup create five --notable
			for what in ls table status info 'ls --target zero' 'table --target verity' 'status --target error'; do
				agree $what
			done
			for what in one two three four five; do
				agree info $what
				agree table $what
				agree status $what
			done
			agree info one two
			agree table one two
			agree table one nothing two
			agree deps
			agree deps one
			agree deps -o blkdevname one
			agree deps -o devname two three
			agree deps nothing
			agree ls -o devname
			agree ls -o blkdevname
			agree info /dev/dm-0
			agree table /dev/dm-0 /dev/mapper/two one
			agree targets
			agree mknodes
			dmsetup version | grep Driver >/tmp/ours
			/theirs/dmsetup version | grep Driver | cmp - /tmp/ours && tell 'same version'
			ln -s ../dm-77 /dev/mapper/stale
			rm /dev/mapper/two
			dmsetup mknodes
			[ -b /dev/mapper/two ] && tell nodes $(ls /dev/mapper)
			ls -l /dev/mapper | sed 's/.* /node: /' | grep -v control
			dd if=/dev/mapper/two bs=4096 count=1 2>/dev/null | tr -d '\0' | wc -c
			dmsetup suspend two
			agree info two
			dmsetup resume two
			agree info two
			agree message one 0 nonsense
			exec 7</dev/mapper/two
			try dmsetup remove two
			dmsetup remove --deferred two
			agree info two
			exec 7<&-
			try dmsetup remove nothing one
			try dmsetup remove one three
			dmsetup remove four
			dmsetup remove five
			agree ls
			try dmsetup remove nothing
			try dmsetup create bad --table '0 8 nonsense'
			try dmsetup create bad --table 'zero'
			try dmsetup create bad --table '0 8 zero' --nonsense
			try dmsetup nonsense
			try dmsetup ls
			echo '0 8 zero' | dmsetup create six
			echo '0 8 linear /dev/mapper/six 0' | dmsetup create seven
			echo '0 8 zero' | dmsetup create eight
			exec 7</dev/mapper/eight
			try dmsetup remove_all
			tell remained $(ls /dev/mapper)
			try loopbox rmmod dm_zero
			exec 7<&-
			dmsetup remove_all
			tell left $(ls /dev/mapper)
			loopbox lsmod | sed -n 's/^\(Module\|dm_zero\) .*/guest: lsmod \1/p'
			try loopbox rmmod -v dm-zero
			try loopbox rmmod dm_zero
			# One word may have several parameters.
			for i in 1 2 3 4 5; do loopbox rmmod loop && break; sleep 0.3; done
			loopbox insmod $(grep /loop.ko /etc/loopbox.modules) 'max_loop=3 max_part=1' && tell loops $(ls -d /sys/block/loop* | wc -l)
		END
		boot 'rdinit=/test quiet'
		told end 'left control' 'dmsetup remove two = 1 dmsetup: two: remove: Device or resource busy' \
			'dmsetup remove one three = 0' 'loops 3' \
			'dmsetup remove nothing one = 1 dmsetup: nothing: remove: No such device or address' 'dmsetup remove nothing = 1 dmsetup: nothing: remove: No such device or address' \
			'dmsetup create bad --table 0 8 nonsense = 1 dmsetup: bad: dm table: Invalid argument' \
			'dmsetup create bad --table zero = 1 dmsetup: zero: table.*' \
			'dmsetup create bad .*--nonsense = 1 dmsetup: --nonsense: unknown.*' 'dmsetup nonsense = 1 Usage.*' \
			'dmsetup ls = 0 No devices found' 'same version' 'nodes control five four one three two' \
			'dmsetup remove_all = 1 dmsetup: eight: still in use' 'remained control eight' \
			'loopbox rmmod dm_zero = 1 rmmod: dm_zero: the module is in use' 'lsmod Module' 'lsmod dm_zero' \
			'loopbox rmmod -v dm-zero = 0 rmmod dm_zero' \
			'loopbox rmmod dm_zero = 1 rmmod: dm_zero: the module is not currently loaded'
		untold 'differs.*'
		[ "$(grep -c '^guest: same' console)" -ge 30 ] || complain 'dmsetup was not compared'
	}
	each shows 5.10 newest
}

@test "A wrong root hash, data, tree or superblock is refused, and leaves nothing" {
	in_turn 3
	need 5.10 newest
	refuses() {
		on "$1"
		verity_script <<-'END'
			root=$(cat theirs-plain.root)
			wrong=$(echo $root | tr 0-7 1-8)
			# OPEN fails, and neither a mapping, a node nor a loop device remains.
			refused() {
				local what=$1
				shift
				code=0
				loopbox veritysetup open "$@" >/tmp/says 2>&1 || code=$?
				sleep 0.1
				tell "$what = $code" $(cat /tmp/says) / $(ls /dev/mapper) $(ls /sys/block/loop*/loop/backing_file 2>/dev/null)
			}
			# One bit of a file is another one; 0 is the first.
			flipped() {
				cp $1 /tmp/flipped
				byte=$(dd if=$1 bs=1 skip=$2 count=1 2>/dev/null | od -An -tu1)
				printf "\\$(printf %o $((byte ^ 1)))" | dd of=/tmp/flipped bs=1 seek=$2 conv=notrunc 2>/dev/null
			}
			data=theirs-plain.data tree=theirs-plain.tree
			refused wrong-root $data x $tree $wrong
			refused long-root $data x $tree ${root}00
			refused no-hex $data x $tree nonsense
			refused no-root $data x $tree
			refused no-tree $data x missing $root
			refused no-data missing x $tree $root
			refused no-superblock $data x $data $root
			refused other-data ours-plain.data x $tree $root
			refused other-tree $data x ours-plain.tree $root
			refused swapped $tree x $data $root
			flipped $data 0; refused first-block /tmp/flipped x $tree $root
			flipped $tree 4096; refused tree-top $data x /tmp/flipped $root
			flipped $tree 100; refused salt $data x /tmp/flipped $root
			flipped $tree 34; refused algorithm $data x /tmp/flipped $root
			flipped $tree 65; refused block-size $data x /tmp/flipped $root
			head -c 4096 $tree >/tmp/cut; refused cut-tree $data x /tmp/cut $root
			head -c 400 $tree >/tmp/cut; refused cut-superblock $data x /tmp/cut $root
			head -c 4096 $data >/tmp/cut; refused cut-data /tmp/cut x $tree $root
			# What is below /dev/mapper is nobody else's.
			veritysetup open $data x $tree $root
			refused() { code=0; says=$(loopbox veritysetup "$@" 2>&1) || code=$?; tell "$* = $code" $says; }
			refused open $data x $tree $root
			exec 5</dev/mapper/x
			refused close x
			tell still $(head -c 16 /dev/mapper/x | cmp -n 16 - $data && echo reads)
			exec 5<&-
			refused close x
			refused close x
			refused status x
			echo '0 8 zero' | dmsetup create zero
			refused close zero
			refused status zero
			dmsetup remove zero
			sleep 0.5 # the loop devices of x go after it
			tell left $(ls /dev/mapper) $(ls /sys/block/loop*/loop/backing_file 2>/dev/null)
			# What is flipped later on is found when it is read.
			flipped $data 200000
			veritysetup open /tmp/flipped x $tree $root
			dd if=/dev/mapper/x bs=4096 count=48 2>/dev/null | cmp -n 196608 - $data && tell 'before it: reads'
			dd if=/dev/mapper/x bs=4096 skip=48 count=1 >/dev/null 2>/tmp/says || tell 'it: refused' $(cat /tmp/says)
			veritysetup status x >/tmp/status; tell $(grep status /tmp/status)
			veritysetup close x
			veritysetup open /tmp/flipped x $tree $root --ignore-corruption
			cmp -n 262144 /tmp/flipped /dev/mapper/x && tell 'ignored: reads'
			veritysetup status x >/tmp/status; tell $(grep flags /tmp/status)
			veritysetup close x
			veritysetup open $data x $tree $root --ignore-zero-blocks --check-at-most-once
			dmsetup table x >/tmp/table; tell options $(sed 's/.* 2 /2 /' /tmp/table)
			veritysetup close x
			veritysetup open $data x $tree $root
			exec 5</dev/mapper/x
			veritysetup close --deferred x && tell deferred
			veritysetup close --cancel-deferred x && tell cancelled $(ls /dev/mapper)
			veritysetup close --deferred x
			exec 5<&-
			sleep 0.5
			refused status x
			tell left $(ls /dev/mapper) $(ls /sys/block/loop*/loop/backing_file 2>/dev/null)
		END
		boot 'rdinit=/test quiet'
		told end
		for what in wrong-root other-data other-tree first-block tree-top salt; do
			told "$what = 1 veritysetup: .*: verify \(wrong root hash, or hash tree\?\): Input/output error(; .*)? / control"
		done
		told 'long-root = 1 veritysetup: theirs-plain.data: the root hash is not as long as those of this algorithm / control' \
			'(no-hex|no-root) = 1 veritysetup: theirs-plain.data: the root hash is not valid / control' \
			'no-tree = 4 veritysetup: missing: open: No such file or directory / control' \
			'no-data = 4 veritysetup: missing: open: No such file or directory / control' \
			'no-superblock = 1 veritysetup: theirs-plain.data: no dm-verity superblock at byte 0 / control' \
			'swapped = 1 veritysetup: theirs-plain.data: no dm-verity superblock at byte 0 / control' \
			'algorithm = 4 veritysetup: x: dm table: No such file or directory; .*Cannot initialize hash function.* / control' \
			'block-size = 1 veritysetup: /tmp/flipped: a bad size of data blocks / control' \
			'cut-tree = 4 veritysetup: x: dm table: Argument list too long; .*[Hh]ash device is too small.* / control' \
			'cut-superblock = [0-9]+ veritysetup: /tmp/cut: holds less than one sector \(512 bytes\) / control' \
			'cut-data = 1 veritysetup: x: dm table: Invalid argument; .*too small for target.* / control' \
			'open .* = 5 veritysetup: x: dm create: Device or resource busy(; .*)?' \
			'close x = 5 veritysetup: x: remove: Device or resource busy' 'still reads' 'close x = 0' \
			'close x = 4 veritysetup: x: .*No such device or address' 'status x = 4 /dev/mapper/x is inactive\.' \
			'(close|status) zero = 4 veritysetup: zero: not a dm-verity device' \
			'before it: reads' 'it: refused .*(I/O|Input/output) error' 'status: corrupted' 'ignored: reads' \
			'flags: ignore_corruption' 'options 2 ignore_zero_blocks check_at_most_once' deferred 'cancelled control x' \
			'left control'
		same 'ends with nothing left' 2 "$(values left | grep -cx control)"
	}
	each refuses 5.10 newest
}

@test "A signed root hash: an unknown key is rejected by the stock kernels, a known one passes" {
	in_turn 3
	need 5.10 6.1 newest
	openssl genrsa -out key.pem 2048 2>/dev/null
	on 6.1
	"$here/kernel-with-key" "$kernel/kernel" key.pem known
	head -c -1 "$work/v/theirs-plain.root" >root
	openssl smime -sign -nocerts -noattr -binary -in root -inkey key.pem -signer known.crt -outform der -out signature
	opens() {
		on "${1%-known}"
		verity_script <<-'END'
			for signature in signature theirs-plain.tree missing; do
				try loopbox veritysetup open theirs-plain.data x theirs-plain.tree $(cat theirs-plain.root) \
					--root-hash-signature=$signature
				veritysetup status x | grep status
				veritysetup close x 2>/dev/null
			done
			try loopbox veritysetup open ours-plain.data x ours-plain.tree $(cat ours-plain.root) --root-hash-signature=signature
			tell left $(ls /dev/mapper) $(ls /sys/block/loop*/loop/backing_file 2>/dev/null)
		END
		mkdir -p more/v
		cp ../signature more/v
		overlay more
		if [ "$1" != "${1%-known}" ]; then
			mkdir patched
			ln ../known patched/kernel
			kernel=patched
		fi
		boot 'rdinit=/test quiet'
		told end 'left control' '.*root-hash-signature=theirs-plain.tree = 1 .*' \
			'.*root-hash-signature=missing = 4 veritysetup: missing: read: No such file or directory'
		if [ "$kernel" = patched ]; then
			told '.* open theirs-plain.*root-hash-signature=signature = 0'
			grep -qx '  status:      verified (with signature)' console
		else
			told '.* open theirs-plain.*root-hash-signature=signature = 1 veritysetup: x: dm table: Required key not available; .*Root hash verification failed.*'
		fi
		# It is no signature of that.
		told '.* open ours-plain.*root-hash-signature=signature = 1 .*'
	}
	each opens 5.10 newest 6.1-known
}

@test "What is to happen about corruption happens" {
	in_turn 3
	need 5.10 newest
	happens() {
		on "${1%%-*}"
		flag=${1#*-}
		verity_script <<-END
			cp theirs-plain.data changed
			printf '\\377' | dd of=changed bs=1 seek=200000 conv=notrunc 2>/dev/null
			printf '\\0' | dd of=changed bs=1 seek=200001 conv=notrunc 2>/dev/null
			veritysetup open changed x theirs-plain.tree $(<"$work/v/theirs-plain.root") --$flag-on-corruption
			tell opened
			sleep 0.2
			cat /dev/mapper/x >/dev/null
			sleep 5
			tell survived
		END
		boot 'rdinit=/test'
		told opened
		untold survived
		case $flag in
		panic) grep -q 'Kernel panic - not syncing: dm-verity device corrupted' console ;;
		restart) grep -q 'dm-verity device corrupted' console && grep -q 'reboot: Restarting system' console && not grep -q 'Kernel panic' console ;;
		esac || complain "no $flag"
	}
	each happens 5.10-restart newest-panic -- 5.10-panic newest-restart
}

@test "Errors are corrected where there are codes for that" {
	in_turn 3
	need newest
	on newest
	cp "$work/v/theirs-plain.data" "$work/v/theirs-plain.tree" .
	veritysetup format theirs-plain.data new.tree --fec-device=codes --fec-roots=4 | root_of >root
	cp theirs-plain.data one
	truncate -s 512K one # all that is protected has to be there
	"$LOOPBOX_FULL" veritysetup format one one --data-blocks=64 --hash-offset=262144 --fec-device=one --fec-offset=524288 | root_of >one.root
	for file in theirs-plain.data one; do
		cp $file $file.changed
		yes | head -c 3000 | dd of=$file.changed bs=1 seek=40960 conv=notrunc status=none
	done
	mkdir -p more/v
	cp theirs-plain.data.changed new.tree codes root one.changed one.root more/v
	verity_script <<-'END'
		veritysetup open theirs-plain.data.changed x new.tree $(cat root) --fec-device=codes --fec-roots=4
		cmp theirs-plain.data /dev/mapper/x && tell corrected
		dmsetup table x | cut -d' ' -f14- | sed 's/ 7:[0-9]*//' >/tmp/ours
		veritysetup status x >/tmp/status
		/theirs/veritysetup status x >/tmp/theirs
		cmp /tmp/status /tmp/theirs && tell same status || diff /tmp/theirs /tmp/status
		veritysetup close x
		/theirs/veritysetup open theirs-plain.data.changed x new.tree $(cat root) --fec-device=codes --fec-roots=4
		dmsetup table x | cut -d' ' -f14- | sed 's/ 7:[0-9]*//' >/tmp/theirs
		veritysetup close x
		tell fec $(cat /tmp/ours)
		cmp /tmp/ours /tmp/theirs && tell same table
		options="--hash-offset=262144 --fec-device=one.changed --fec-offset=524288"
		veritysetup open one.changed x one.changed $(cat one.root) $options
		cmp theirs-plain.data /dev/mapper/x && tell 'one file: corrected'
		dmsetup table x | cut -d' ' -f14- | sed 's/ 7:[0-9]*//' >/tmp/ours
		veritysetup close x
		/theirs/veritysetup open one.changed x one.changed $(cat one.root) $options
		dmsetup table x | cut -d' ' -f14- | sed 's/ 7:[0-9]*//' >/tmp/theirs
		tell fec $(cat /tmp/ours) / $(cat /tmp/theirs)
		cmp /tmp/ours /tmp/theirs && tell 'one file: same table'
		veritysetup close x
		tell left $(ls /dev/mapper) $(ls /sys/block/loop*/loop/backing_file 2>/dev/null)
	END
	overlay more
	boot 'rdinit=/test quiet'
	told end corrected 'same table' 'same status' 'one file: corrected' 'one file: same table' 'left control'
}

@test "Opening a device takes eight ioctls at most" {
	in_turn 3
	need newest
	on newest
	verity_script <<-'END'
		for words in 'theirs-plain.data x theirs-plain.tree' 'single.data x single.data'; do
			/theirs/strace -e trace=ioctl -o /tmp/trace /bin/loopbox veritysetup open $words $(cat $(echo $words | cut -d. -f1).root) \
				$(cat $(echo $words | cut -d. -f1).options)
			tell "ioctls $(grep -c ioctl /tmp/trace)" $(sed -n 's/.* \(LOOP_[A-Z_]*\|DM_[A-Z_]*\)[,)].*/\1/p' /tmp/trace)
			veritysetup close x
		done
	END
	boot 'rdinit=/test quiet'
	told end 'ioctls 7 LOOP_CTL_GET_FREE LOOP_CONFIGURE LOOP_CTL_GET_FREE LOOP_CONFIGURE DM_DEV_CREATE DM_TABLE_LOAD DM_DEV_SUSPEND' \
		'ioctls 5 LOOP_CTL_GET_FREE LOOP_CONFIGURE DM_DEV_CREATE DM_TABLE_LOAD DM_DEV_SUSPEND'
}
