#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Figures in README and docs are written by scripts/figures, and goals are checked.
# shellcheck disable=SC2154 # tree is from build.bash
load build.bash

setup_file() {
	copy_tree
	cp -a "$BATS_TEST_DIRNAME/../../"{README,docs} "$tree"
	cp -a "$tree" "$tree.kept"
}

setup() {
	rm -rf "$tree"
	cp -a "$tree.kept" "$tree"
	cd "$tree" || return
}

thousands() { sed ':a; s/\([0-9]\)\([0-9]\{3\}\)\($\|,\)/\1,\2\3/; ta' <<<"$1"; }

# A file of `make bench` in which each goal is just met.
met() {
	awk '!/^#/ && NF { printf "%s\t%s\t%s\t\t\n", $1, $2, $3 }' configs/goals
}

@test "README's sizes are those of configs/budget, and dated" {
	local name size
	while read -r name size; do
		sed -n '/^FIGURES$/,/^MORE$/p' README | grep -qE "(^|[^0-9,])$(thousands "$size")([^0-9,]|\$)" ||
			{ echo "$name: $size is not in README; make figures writes it"; return 1; }
	done < <(grep -v '^#' configs/budget)
	sed -n '/^FIGURES$/,/^MORE$/p' README | grep -qE '^Sizes of loopbox: 20[0-9]{2}-[0-9]{2}-[0-9]{2} '
}

@test "README and the guides have the figures that are stored: writing them again changes nothing" {
	run scripts/figures
	[ "$status" = 0 ]
	same 'what make figures changes' '' "$output"
	diff -r "$tree.kept" "$tree"
}

@test "a changed budget changes README and its date, once" {
	sed -i 's/^core_defconfig .*/core_defconfig 12345/' configs/budget
	scripts/figures
	grep -q ' 12,345 ' README
	grep -q "^Sizes of loopbox: $(date +%F)" README
	same 'written twice' '' "$(scripts/figures)"
	[ "$(wc -l <README)" -le 120 ]
}

@test "what make bench has measured comes to README, the guides and the pictures; parts of it keep the others" {
	local program
	printf 'date-time\t-\t2026-01-02\t\t\n' >new
	for program in bare core core_configure core_legacy busybox toybox klibc util-linux; do
		printf 'ratio-attach\t%s\t1.234\t1.111\t1.345\nratio-mount\t%s\t2.345\t2.111\t2.456\n' $program $program
	done >>new
	printf 'date-boot\t-\t2026-01-03\t\t\nboot-init\tloopbox-live-boot\t0.456\t0.4\t0.5\nboot-init\tbusybox\t1.5\t1.4\t1.6\n' >>new
	scripts/bench --write new
	grep -qE '^    time .* 1\.23 +1\.23 +1\.23 +1\.23$' README
	grep -qE "^    /init to the image's init +0\.5 s +1\.5 s$" README
	grep -q 'Whole boots, all else the same (2026-01-03' README
	grep -qF '| 1.23 (1.11-1.34) |' docs/figures.md || grep -qF '| 1.23 (1.11-1.35) |' docs/figures.md
	grep -q 'Measured on 2026-01-02' docs/figures.md
	grep -q '1.23' docs/figures-attach.svg
	grep -q 'losetup mount umount switch_root' README
	same 'a part that was not measured' "$(grep calls-boot "$tree.kept/docs/figures.tsv")" "$(grep calls-boot docs/figures.tsv)"
	[ "$(wc -l <README)" -le 120 ]
	same 'long lines' '' "$(awk 'length($0) > 82' README)"
	same 'written twice' '' "$(scripts/figures)"
}

@test "what --quick has measured is not written" {
	printf 'date-time\t-\t2026-01-02\t\t\nquick-time\t-\t1\t\t\nratio-attach\tcore\t9\t\t\n' >new
	run scripts/bench --write new
	[ "$status" = 1 ]
	[[ $output == *'time was measured by --quick'* ]]
	rm new
	diff -r "$tree.kept" "$tree"
}

@test "bench-check passes where each goal is met, and fails where one is not, or was not measured" {
	local measure program
	met >new
	scripts/bench --check new | grep -q '10 of 10 goals are met'
	while read -r measure program _; do
		met | awk -F '\t' -v OFS='\t' -v m="$measure" -v p="$program" '$1 == m && $2 == p { $3 += 0.001 } { print }' >new
		run scripts/bench --check new
		[ "$status" != 0 ]
		[ "$(grep -c ^WORSE <<<"$output")" = 1 ]
		met | grep -v "^$measure	$program	" >new
		run scripts/bench --check new
		[ "$status" != 0 ]
		[ "$(grep -c ^MISSING <<<"$output")" = 1 ]
	done < <(grep -v '^#' configs/goals)
	run scripts/bench --check nonesuch
	[ "$status" != 0 ]
}

@test "each picture is one that a page shows" {
	local file
	for file in docs/figures-*.svg; do
		grep -qF "(${file#docs/})" docs/figures.md docs/squashfs-or-erofs.md
	done
}

@test "a cost in a help text is dated, where configs/costs is" {
	sed -i '/^#/d' configs/costs
	sed -i '1i # 2026-01-02' configs/costs
	scripts/gen out applets/*.c libbb/*.c init/*.c
	grep -q "\[$(sed -n 's/^UMOUNT //p' configs/costs) bytes, 2026-01-02\]" out/applets.in
}
