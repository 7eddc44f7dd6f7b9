#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a release is made of: the tarball, the programs, licences.
# shellcheck disable=SC2154 # tree is from build.bash
load build.bash

# A repository of what stands here now, committed or not.
setup_file() {
	local list=$BATS_FILE_TMPDIR/list
	export tree=$BATS_FILE_TMPDIR/tree
	mkdir "$tree"
	cd "$BATS_TEST_DIRNAME/../.." || return
	{ git ls-files --cached --others --exclude-standard 2>/dev/null || find . -type f; } >"$list"
	# Of those that git knows, some may just have been removed.
	while read -r file; do [ ! -e "$file" ] || echo "$file"; done <"$list" | tar -T - -c | tar -x -C "$tree"
	cd "$tree" || return
	git init -q
	git add .
	git -c user.name=test -c user.email=test@localhost commit -qm test
}

@test "make dist makes the same tarball each time, and it builds without git" {
	in_turn 2
	cd "$BATS_TEST_TMPDIR"
	make -s -C "$tree" dist
	version=$(<"$tree/VERSION")
	cp "$tree/build/release/loopbox-$version.tar.xz" .
	# Neither the folder nor the user's mask of permissions shows in it.
	git clone -q "$tree" other
	(umask 077 && make -s -C other dist)
	cmp "loopbox-$version.tar.xz" "other/build/release/loopbox-$version.tar.xz"

	tar -xf "loopbox-$version.tar.xz"
	make -s -C "loopbox-$version" core_defconfig >/dev/null
	make -s -C "loopbox-$version" </dev/null
	"loopbox-$version/loopbox" --version | grep -F "$version (core)"
	run "loopbox-$version/scripts/dist"
	[ "$status" = 1 ]
	[[ $output == *'is not a git repository'* ]]
}

@test "make dist leaves out what is not committed, and says so" {
	cd "$tree"
	echo more >>CHANGELOG.md
	run scripts/dist "$BATS_TEST_TMPDIR"
	git checkout -q CHANGELOG.md
	[ "$status" = 0 ]
	[[ $output == *'not committed are left out'* ]]
	[ "$(tar -xOf "$BATS_TEST_TMPDIR"/loopbox-*.tar.xz --wildcards '*/CHANGELOG.md' | tail -n 1)" != more ]
}

@test "make release makes programs, their sums, sizes and an SPDX file" {
	in_turn 3
	cd "$tree"
	scripts/release x86_64
	cd build/release
	sha256sum -c --quiet SHA256SUMS
	for name in core dropin full; do
		program=loopbox-$name-x86_64
		[ "$(wc -c <$program)" = "$(awk -v name=$program '$1 == name { print $2 }' SIZES)" ]
		xz -dc $program.xz | cmp - $program
		grep -qx "FileName: ./$program" ./*.spdx
		grep -qx "FileChecksum: SHA256: $(sha256sum <$program | cut -d' ' -f1)" ./*.spdx
		./$program --version
	done
	grep -qx "PackageVersion: $(<"$tree/VERSION")" ./*.spdx
	[ "$(wc -l <SHA256SUMS)" = "$(find . -type f ! -name SHA256SUMS | wc -l)" ]
}

@test "set-version changes the version wherever it stands" {
	cd "$tree"
	git clone -q . "$BATS_TEST_TMPDIR/next"
	cd "$BATS_TEST_TMPDIR/next"
	scripts/set-version 9.87
	[ "$(<VERSION)" = 9.87 ]
	for file in packaging/{alpine/APKBUILD,openwrt/Makefile,buildroot/package/loopbox/loopbox.mk}; do
		grep -q '=[ ]*9\.87$' "$file"
	done
	[ -f packaging/yocto/recipes-core/loopbox/loopbox_9.87.bb ]
	[[ $(head -n 1 packaging/debian/changelog) == 'loopbox (9.87) '* ]]
	run scripts/set-version 9.87
	[ "$status" = 1 ]
	run scripts/set-version next
	[ "$status" = 2 ]
}

@test "each file tells its licence" {
	cd "$tree"
	reuse lint
}
