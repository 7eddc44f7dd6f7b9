#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# How the sources are written.
load build.bash

setup() { cd "$BATS_TEST_DIRNAME/../.." || exit; }

sources() { find applets init libbb testsuite -name '*.[ch]'; }

# By name or first line: bats, sh, bash, and what bash sources.
shells() {
	find scripts testsuite docs .ci packaging -type f ! -name '*.[cho]' 2>/dev/null | while read -r file; do
		case $(head -n 1 "$file" | tr -d '\0') in
		'#!/bin/sh' | '#!/bin/bash' | '#!/usr/bin/env bats' | '# shellcheck shell='*) echo "$file" ;;
		esac
	done
}

@test "shellcheck finds nothing in the scripts" {
	shells | grep -qx scripts/gen
	shells | grep -qx testsuite/build/style.bats
	shells | xargs shellcheck -x -P SCRIPTDIR
}

@test "clang-format would change nothing" {
	sources | grep -qx applets/main.c
	local bad=
	for file in $(sources); do
		clang-format "$file" | diff -u "$file" - || bad=y
	done
	[ ! "$bad" ]
}

@test "every source names its licence" {
	{ sources; shells; } | xargs grep -L 'SPDX-License-Identifier: MIT' | not grep .
}
