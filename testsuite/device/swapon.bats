#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031,SC2154 # bats runs each test in a subshell; the rest is in common.bash
# swapon's tables, beside util-linux's. That areas are used is tested where there is a machine of
# its own: testsuite/boot/swap.bats.

load common

eval "common_$(declare -f teardown)"
teardown() {
	swapoff "$dir/area" 2>/dev/null || true
	common_teardown
}

prepare() {
	fallocate -l 20M area
	chmod 600 area
	mkswap -q -L 'a b' area
}

@test "swapon --show, and swapon alone, print what util-linux prints" {
	local words bad=0
	swapon -p 5 area || skip "no swap here"
	for words in "" --show "--show --noheadings" "--show --raw" "--show --bytes" "--show --output-all" \
		"--show=NAME,UUID,LABEL,PRIO,SIZE --noheadings --raw --bytes" --show=name --show=size,used,prio,type \
		--show=BOGUS --noheadings --bytes --raw -s; do
		# shellcheck disable=SC2086
		agrees swapon $words || bad=1
	done
	[ "$bad" -eq 0 ]
	"$lb" swapoff area
	[ "$("$lb" swapon --show=NAME --noheadings | grep -c "^$dir/area$")" -eq 0 ]
}

@test "A line of fstab that is none is named by swapon -a" {
	printf 'none none\n%s none swap defaults x\n' "$dir/area" >fstab
	refuses 255 "fstab: parse error at line 1 -- ignored" "$lb" swapon -a -T fstab
	[[ $stderr == *"line 2"* ]]
}
