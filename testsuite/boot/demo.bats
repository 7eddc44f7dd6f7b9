#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # common.bash has the variables and calls functions
# The demonstration, which people run first.

load common

@test "The demo ends with its report: sizes, steps and their times" {
	in_turn 2
	local step

	need 6.1
	mkdir tmp
	TMPDIR=$dir/tmp "$top/scripts/demo" "$LOOPBOX_BOOT" >report
	cat report >&2
	tr -d , <report | grep -Eqx "loopbox +$(wc -c <"$LOOPBOX_BOOT") bytes"
	grep -Eqx 'initramfs +[0-9]{2,3},[0-9]{3} bytes' report
	grep -Eqx 'image +[0-9]{2,3},[0-9]{3} bytes' report
	for step in 'the kernel is up and runs /init' 'loaded [0-9]+ modules' 'mounted /dev/vda on .*' \
		'attached .*/images/root.squashfs to .* on /sysroot.*' 'handing over to /sbin/init' "the image's init runs"; do
		grep -Eqx " +[0-9]+\.[0-9]{3} s +\+[0-9]+ ms  $step" report
	done
	tail -n 1 report |
		grep -Eqx 'From the start .* to the init of the image: [0-9.]+ s, [0-9.]+ s of it in loopbox\.'
	[ -z "$(ls tmp)" ]
}

@test "The demo with the full binary and the newest kernel reports as well" {
	in_turn 2
	need newest
	"$top/scripts/demo" "$LOOPBOX_FULL" newest >report
	grep -q 'the init of the image: ' report
}

@test "The demo of a binary that does not boot shows the console and fails" {
	in_turn 2
	need 6.1
	fails() {
		case $1 in
		another) cp "$work/bin/count-syscalls" binary ;;
		other-machine) echo 'no program' >binary && chmod 755 binary ;;
		esac
		mkdir tmp
		TMPDIR=$PWD/tmp not "$top/scripts/demo" ./binary >report 2>errors
		grep -q 'Kernel panic' errors
		tail -n 1 errors | grep -qx 'demo: the init of the image was not reached, or did not end'
		not grep 'bytes' report
		[ -z "$(ls tmp)" ]
	}
	each fails another other-machine
}

@test "The demo says at once what it lacks" {
	run "$top/scripts/demo" ./missing
	[ "$status" = 1 ]
	[ "$output" = 'demo: ./missing: no such program; make builds it' ]
	run "$top/scripts/demo"
	[ "$status" = 2 ]
	[[ $output == usage:* ]]
}
