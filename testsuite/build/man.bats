#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The manual pages: they are made without a complaint, and tell what the code knows.
# shellcheck disable=SC2154 # tree is from build.bash
load build.bash

setup_file() {
	copy_tree
	cp -a "$BATS_TEST_DIRNAME/../../man" "$tree"
	rm -rf "$tree"/man/man? "$tree/man/.made"
	export pages=$BATS_FILE_TMPDIR/pages
	"$tree/scripts/man" "$pages"
}

# A page as text.
text() { mandoc -T ascii "$pages/man${1##*.}/$1" | sed 's/.\x08//g'; }

# The same in one line, so that a word that is at the end of one is found with the next.
flat() { text "$1" | tr -s ' \n' ' '; }

@test "mandoc finds nothing in the manual pages, and each page that they name is there" {
	# That pages are not installed is no fault of theirs.
	mandoc -T lint "$pages"/man?/* | not grep -v 'referenced manual not found'
	sed -n 's/^\.Xr \([^ ]*\) \([0-9]\).*/man\2\/\1.\2/p' "$pages"/man?/* | sort -u | while read -r page; do
		[ -f "$pages/$page" ] || { echo "$page is missing"; exit 1; }
	done
	not grep -rn '^@' "$pages"
	awk 'length($0) > 80 { print FILENAME ": " $0; bad = 1 } END { exit bad }' "$tree"/man/*.[78]
}

@test "each applet has a page, and each page an applet or script" {
	local page name
	while read -r name; do
		[ "$name" != shutdown ] || continue # exitrd's other name
		[ -f "$pages/man8/loopbox-$name.8" ] || { echo "$name has no page"; return 1; }
	done < <(sed -n 's|^//applet:\([^ ]*\) .*|\1|p' "$tree"/applets/*.c | sed 's|.*/||')
	for page in "$pages"/man8/loopbox-*; do
		page=${page##*/loopbox-}
		grep -qE "^//applet:([^ ]*/)?${page%.8} " "$tree"/applets/*.c || { echo "$page: there is no such applet"; return 1; }
	done
}

@test "the pages have each option that the applets know and tell" {
	local page applet option missing='' count=0
	for page in "$pages"/man8/loopbox-*; do
		page=${page##*/} applet=${page#loopbox-} applet=${applet%.8}
		flat "$page" >"$BATS_TEST_TMPDIR/text"
		# What --help tells, and what the code's tables have.
		{
			sed -n "s|^//usage:${applet}[?A-Z_]* ||p" "$tree"/applets/*.c | grep -oE -- '--[a-z][a-z0-9-]+' || :
			[ ! -f "$tree/applets/$applet.c" ] || sed -n '/LONG_OPTIONS(/,/;/p' "$tree/applets/$applet.c" |
				grep -oE '"[a-z][a-z0-9-]+=(.|\\[0-7]+)"' | sed 's/"\(.*\)=.*/--\1/' || :
		} | sort -u >"$BATS_TEST_TMPDIR/options"
		while read -r option; do
			count=$((count + 1))
			grep -qF -- "$option" "$BATS_TEST_TMPDIR/text" || missing+=" $page:$option"
		done <"$BATS_TEST_TMPDIR/options"
	done
	same 'missing options' '' "$missing"
	[ "$count" -gt 150 ]
}

@test "loopbox(7) has each word of the table, with its meaning" {
	local missing=''
	flat loopbox.7 >"$BATS_TEST_TMPDIR/text"
	while IFS=$'\t' read -r _ word _ _ _ _ _ _ meaning; do
		grep -qF -- " ${word/|/} $meaning" "$BATS_TEST_TMPDIR/text" || missing+=" $word"
	done < <("$tree/scripts/words" | grep ^word)
	same 'missing words' '' "$missing"
	for family in $("$tree/scripts/words" | awk -F '\t' '$1 == "family" { print $2 }'); do
		grep -qF "Words of $family" "$BATS_TEST_TMPDIR/text"
	done
}

@test "the pages of the scripts have each option of their --help" {
	local script option
	for script in mkinitramfs try-plan check-kernel mkuki; do
		flat "$script.8" >"$BATS_TEST_TMPDIR/text"
		for option in $("$tree/scripts/$script" --help | grep -oE '^  (-[a-zA-Z]|--[a-z-]+)'); do
			grep -qF -- "$option" "$BATS_TEST_TMPDIR/text" || { echo "$script: $option is missing"; return 1; }
		done
	done
}

@test "make install-man and make docs put each page where it belongs" {
	make -s -C "$tree" O="$BATS_TEST_TMPDIR/out" DESTDIR="$BATS_TEST_TMPDIR/root" install-man
	make -s -C "$tree" O="$BATS_TEST_TMPDIR/out" docs
	for page in "$tree"/man/*.[78]; do
		page=${page##*/}
		installed=$page
		case $page in
		try-plan.8) installed='' ;;
		mkinitramfs.8 | check-kernel.8 | mkuki.8) installed=loopbox-$page ;;
		esac
		[ -z "$installed" ] || [ -f "$BATS_TEST_TMPDIR/root/usr/share/man/man${page##*.}/$installed" ]
		grep -q '<html' "$BATS_TEST_TMPDIR/out/docs/html/$page.html"
		grep -q '^# NAME' "$BATS_TEST_TMPDIR/out/docs/markdown/$page.md"
	done
}

@test "installed pages are named as what is installed is, and refer to each other" {
	local root=$BATS_TEST_TMPDIR/root/usr page name section
	make -s -C "$tree" O="$BATS_TEST_TMPDIR/out" DESTDIR="$BATS_TEST_TMPDIR/root" install-man install-tools
	for page in "$root"/bin/*; do [ -f "$root/share/man/man8/${page##*/}.8" ]; done
	same 'names of others' '' "$(find "$root/share/man" -type f -not -name 'loopbox*')"
	not grep -rnE '^(\.Nm |\.Xr |)(mkinitramfs|check-kernel|mkuki|try-plan)( |$)' "$root/share/man"
	grep -q '^loopbox-mkinitramfs -o' "$root/share/man/man8/loopbox-mkinitramfs.8"
	while read -r name section; do
		case $name in loopbox*) [ -f "$root/share/man/man$section/$name.$section" ] || { echo "$name"; return 1; } ;; esac
	done < <(sed -n 's/^\.Xr \([^ ]*\) \([0-9]\).*/\1 \2/p' "$root"/share/man/man?/*)
	mandoc -T lint -W warning "$root"/share/man/man?/loopbox{.7,-mkinitramfs.8,-check-kernel.8,-mkuki.8}
}
