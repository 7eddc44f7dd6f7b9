#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # initdir is dracut's
# loopbox in the place of the commands that dracut's other modules have taken, and whose names it has.

check() { return 0; }

depends() { echo base; }

install() {
	local link name folder
	inst /usr/lib/loopbox/dropin/bin/loopbox /usr/bin/loopbox
	for link in /usr/lib/loopbox/dropin/{bin,sbin}/*; do
		name=${link##*/}
		[ "$name" != loopbox ] || continue
		for folder in bin sbin; do
			if [ -e "$initdir/usr/$folder/$name" ] || [ -L "$initdir/usr/$folder/$name" ]; then
				ln -sfn /usr/bin/loopbox "$initdir/usr/$folder/$name"
			fi
		done
	done
}
