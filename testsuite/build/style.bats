#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# How the sources are written.
load build.bash

setup() { cd "$BATS_TEST_DIRNAME/../.." || exit; }

sources() { find applets init libbb testsuite -name '*.[ch]'; }

# By their first line, or the second: bats, sh, bash, and what bash sources.
shells() {
	find scripts testsuite docs .ci packaging -type f ! -name '*.[cho]' ! -name '*.xz' -print0 2>/dev/null | xargs -0 awk '
		FNR == 1 && /^#!\/bin\/(sh|bash)$/ || FNR == 1 && /^#!\/usr\/bin\/env bats$/ || /^# shellcheck shell=/ { print FILENAME; nextfile }
		FNR == 2 { nextfile }'
}

@test "shellcheck finds nothing in the scripts" {
	shells | grep -qx scripts/gen
	shells | grep -qx testsuite/build/style.bats
	# Some of them, by the seed; and those that have changed since the last commit but one.
	{
		# shellcheck disable=SC2046 # names
		sampled $(shells)
		shells | grep -Fx "$(git diff --name-only HEAD~1 2>/dev/null)" || :
	} | sort -u | xargs -n 4 -P "$(nproc)" shellcheck -x -P SCRIPTDIR
}

@test "clang-format would change nothing" {
	sources | grep -qx applets/main.c
	sources | xargs -n 30 -P "$(nproc)" clang-format --dry-run -Werror
}

# Each of these once meant several things in several files.
@test "one name has one meaning" {
	local name
	for name in explain load look_at number_of run show tell; do
		run grep -lE "^(static )?[a-z_ ]+[ *]+$name\\(" applets/*.c init/*.c libbb/*.c
		[ "${#lines[@]}" -le 1 ] || {
			echo "$name() is in several files: ${lines[*]}"
			false
		}
	done
}

@test "every source names its licence" {
	{ sources; shells; } | xargs grep -L 'SPDX-License-Identifier:'' MIT' | not grep .
}

# Where an option is left out is for headers to say (an empty inline), or for a file of its own.
conditions() { # FILE...: what has too many ENABLE_
	awk '
		FNR == 1 { inside = 0 }
		/^[a-z].*\(/ && !/;$/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
		/^[{]/ { inside = 1; own = 0 }
		{ n = gsub(/ENABLE_/, "&"); sum += n; of[FILENAME] += n }
		inside { own += n }
		/^[}]/ {
			if (inside && own > 2) print FILENAME ": " name "(): " own " ENABLE_, 2 at most"
			inside = 0
		}
		END {
			for (file in of) if (of[file] > 5 && many++) print file ": " of[file] " ENABLE_, 5 at most (but in one file)"
			if (sum > 50) print FILENAME " and others: " sum " ENABLE_, 50 at most"
		}' "$@"
}

@test "init asks for an option 50 times at most, 5 in a file but for one, 2 in a function" {
	run conditions init/*.c
	[ ! "$output" ] || {
		echo "$output"
		echo 'Give what needs the option a file of its own, and the header an empty inline for builds without'
		echo 'it (attempt.h has some), or ask said(), is_on() or is_slot() of plan.h, which know what a build has.'
		false
	}
}

@test "too many conditions are found, in a function, in a file, and in all" {
	local dir=$BATS_TEST_TMPDIR i
	printf 'static int f(int a)\n{\n\treturn ENABLE_A && ENABLE_B && ENABLE_C;\n}\n' >"$dir/f.c"
	run conditions "$dir/f.c"
	[ "$output" = "$dir/f.c: f(): 3 ENABLE_, 2 at most" ]
	for i in 1 2 3; do echo "int i$i = ENABLE_A + ENABLE_A + ENABLE_A;"; done | tee "$dir/a.c" >"$dir/b.c"
	run conditions "$dir/a.c"
	[ "$output" = '' ]
	run conditions "$dir/a.c" "$dir/b.c"
	[[ $output == *'.c: 9 ENABLE_, 5 at most'* && ${#lines[@]} = 1 ]]
	for i in {1..17}; do cat "$dir/a.c"; done >"$dir/c.c"
	run conditions "$dir/c.c"
	[ "$output" = "$dir/c.c and others: 153 ENABLE_, 50 at most" ]
}
