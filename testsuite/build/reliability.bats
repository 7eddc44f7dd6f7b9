#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# docs/reliability.md names tests that exist.

setup() { cd "$BATS_TEST_DIRNAME/../.." || exit; }

@test "every test that docs/reliability.md names is there" {
	local file between name count=0 bad=

	# | promise | `FILE`: `NAME` | or | promise | `FILE`, `FILE` |
	while IFS='`' read -r _ file between name _; do
		count=$((count + 1))
		[ "$between" != ', ' ] || [ ! -e "$name" ] || name=
		[ -e "$file" ] || { echo "$file is not there"; bad=y; continue; }
		[ -z "$name" ] || [ "$name" = kill ] || grep -qF "$name" "$file" || { echo "$file: no $name"; bad=y; }
	done < <(sed -n 's/^| .* | \(`testsuite.*\) |$/\1/p' docs/reliability.md)
	[ "$count" -gt 20 ]
	[ ! "$bad" ]
}
