# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What all tests in bats share.

# `make check` runs this test each Nth time, by its seed; `make soak`, and who names it, always. For what
# takes long and seldom finds anything. Of the tests of a file, one in N is run each time, more or less.
in_turn() { # N
	local file=${BATS_TEST_FILENAME##*/} turn

	[ "${LOOPBOX_SAMPLE-}" ] || return 0
	# Words are chosen by the seed as it is, and this must not go with them; nor all files with each other.
	turn=$(((LOOPBOX_SEED * 1103515245 + 12345 >> 8 & 0xffffff) + BATS_TEST_NUMBER + ${#file}))
	[ $((turn % $1)) = 0 ] || skip 'left to make soak'
}

# `make check` never runs this test.
for_soak() { [ ! "${LOOPBOX_SAMPLE-}" ] || skip 'left to make soak'; }

# Every third of the words; of two, one.
sampled() { # WORD...
	local step=$(($# < 3 ? $# : 3)) number=0 word

	for word; do
		number=$((number + 1))
		[ "${LOOPBOX_SAMPLE-}" ] && [ $(((number + LOOPBOX_SEED) % step)) != 0 ] || echo "$word"
	done
}

# Where `once` keeps what it has made: for all files of tests, where scripts/check runs them.
keep() { # NAME
	kept=${LOOPBOX_KEPT:-$work}/$1
	export kept
	mkdir -p "$kept"
}

# Makes $kept/NAME by a command, which gets its path as the last argument, unless that was done before.
once() { # NAME COMMAND...
	local name=$1
	shift

	[ -e "$kept/$name" ] || (
		flock 9
		[ -e "$kept/$name" ] || {
			rm -rf "$kept/$name.new"
			"$@" "$kept/$name.new" && mv "$kept/$name.new" "$kept/$name"
		}
	) 9>"$kept/.$name.lock"
}

# A build of a ready configuration in another folder, taken from build/NAME: make then compiles what is
# changed, and no more. For tests that are not about building.
copy_build() { # NAME DIR
	local from

	from=$(realpath "$BATS_TEST_DIRNAME/../..")/build/$1
	mkdir -p "${2%/*}"
	cp -a "$from" "$2"
	# Of the flags, make compares the text, and the date with that of the objects.
	sed -i "s,$from/,$2/,g; s/ -Werror /  /g" "$2/.flags" "$2"/*/*.d
	touch -r "$from/.flags" "$2/.flags"
}
