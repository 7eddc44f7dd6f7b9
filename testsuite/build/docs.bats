#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# README and the guides: their commands are understood, their links lead somewhere; completion.
# shellcheck disable=SC2154 # tree is from build.bash
load build.bash

PATH=$PATH:/usr/sbin:/sbin

setup_file() {
	copy_tree
	cp -a "$BATS_TEST_DIRNAME/../../"{README,CHANGELOG.md,CONTRIBUTING.md,LICENSE,LICENSES,SECURITY.md,docs,packaging} "$tree"
}

setup() { cd "$tree" || return; }

# The commands in code blocks that begin with this word, each in one line.
commands() { # REGEX
	cat README docs/*.md | sed -e ':a' -e '/\\$/{N; s/ *\\\n */ /; ba' -e '}' | sed -n -E "s%^    ($1.*)%\1%p" | sort -u
}

@test "README has 120 lines at most, for screens of 80 columns, and names the test command" {
	[ "$(wc -l <README)" -le 120 ]
	same 'long lines' '' "$(awk 'length($0) > 82' README)"
	grep -q '^    make check ' README
	grep -q 'LUKS, LVM' README
	grep -oE 'docs/[a-z-]+\.md' README | while read -r file; do [ -f "$file" ] || { echo "$file"; exit 1; }; done
}

@test "each link of the guides leads to a file, and the index has each of them" {
	local file
	for file in docs/*.md ./*.md; do
		grep -oE '\]\([^)]*\)' "$file" | sed 's/](\(.*\))/\1/' | grep -v '^http' | while read -r link; do
			[ -e "${file%/*}/${link%%#*}" ] || { echo "$file: $link"; exit 1; }
		done
		[[ $file == ./* || $file = docs/README.md ]] || grep -qF "(${file#docs/})" docs/README.md || { echo "$file is not in the index"; return 1; }
	done
	scripts/boot-picture | cmp - docs/boot.svg
}

@test "each plan of README and the guides is understood without a warning" {
	local plan count=0
	while read -r plan; do
		count=$((count + 1))
		scripts/words --plan "$plan" >"$BATS_TEST_TMPDIR/plan"
		not grep '^warning' "$BATS_TEST_TMPDIR/plan" || { echo "$plan"; return 1; }
	done < <(commands '(make run|scripts/try-plan)' | sed -n "s/.*'\(.*\)'.*/\1/p" | sort -u)
	[ "$count" -ge 12 ]
}

@test "each mkinitramfs of README and the guides does what it says" {
	local command count=0 kernel=$BATS_TEST_TMPDIR/kernel name plan='root=x loop=a.squashfs roothash=HASH' # of uki.md
	mkdir -p "$kernel/lib/modules/1.2.3/kernel"
	for name in loop squashfs overlay ext4 vfat virtio_pci virtio_blk usb_storage sd_mod nvme dm-mod dm-verity mtd block2mtd ubi ubifs; do
		echo "const char info[] __attribute__((section(\".modinfo\"), used)) = \"name=$name\";" |
			gcc -c -x c -o "$kernel/lib/modules/1.2.3/kernel/$name.ko" -
	done
	touch "$kernel/lib/modules/1.2.3/modules.order" "$kernel/lib/modules/1.2.3/modules.builtin"
	echo 1.2.3 >"$kernel/version" # as of fetch-kernel, in flash.md
	depmod -b "$kernel" 1.2.3 2>/dev/null
	while read -r command; do
		count=$((count + 1))
		[[ $command != *-o\ * ]] || (
			cd "$BATS_TEST_TMPDIR"
			# shellcheck disable=SC2016 # as it stands there
			eval "${command/'$(uname -r)'/1.2.3} --moddir '$kernel' --loopbox /bin/true" 2>says
			[ ! -s says ] || { echo "$command:"; cat says; exit 1; }
		)
	done < <(commands scripts/mkinitramfs | sed "s|^scripts|$tree/scripts|")
	[ "$count" -ge 2 ]
}

# The examples of a manual page, each in one line.
examples() { # NAME.SECTION
	awk '/^\.Sh/ { inside = $2 == "EXAMPLES"; literal = 0 } /^\./ { literal = $1 == ".Bd"; next }
		inside && literal { sub(/\\e$/, "\\"); print }' "$BATS_TEST_DIRNAME/../../man/$1" |
		sed -e ':a' -e '/\\$/{N; s/ *\\\n */ /; ba' -e '}'
}

@test "each example of the scripts' manual pages, and of loopbox(7), does what it says" {
	local page command plan expected
	cd "$BATS_TEST_TMPDIR"
	export XDG_CACHE_HOME=$PWD
	# Which takes no modules, finds what it needs, and may be signed.
	mkdir -p bin boot lib/modules/1.2.3
	printf '#!/bin/sh\necho 1.2.3\n' >bin/uname
	chmod 755 bin/uname
	touch lib/modules/1.2.3/modules.{order,builtin}
	depmod -b . 1.2.3 2>says
	printf 'systemd.verity_root_hash= /etc/loopbox.words' >loopbox
	printf 'hsqs is squashfs' >root.squashfs
	cp "$tree/configs/kernel-verity.config" .config
	openssl req -new -x509 -newkey rsa:2048 -nodes -subj '/CN=my key' -keyout db.key -out db.pem 2>/dev/null
	echo kernel >boot/vmlinuz
	for page in mkinitramfs check-kernel mkuki; do
		while read -r command; do
			command=${command//\/boot/boot} expected=0
			case $command in
			mkinitramfs\ -o*) command+=' --loopbox loopbox --moddir .' ;;
			mkinitramfs\ --list*) cp initramfs.img boot/initrd.img ;;
			*' running') expected='[012]' ;; # of this machine
			esac
			run bash -c "PATH=$PWD/bin:$tree/scripts:\$PATH; $command"
			# shellcheck disable=SC2053 # a pattern
			[[ $status == $expected ]] || { echo "$command: $status: $output"; return 1; }
		done < <(examples $page.8)
	done
	[ "$(wc -c <system.efi)" -gt 1000 ] && [ -s loopbox.config ]
	# Those of try-plan(8) are booted by try.bats.
	while read -r plan; do
		grep -qF "try_plan '$plan'" "$BATS_TEST_DIRNAME/../boot/try.bats"
	done < <(examples try-plan.8 | sed "s/.*'\(.*\)'.*/\1/")
	while read -r plan; do
		"$tree/scripts/words" --plan "$plan" >words
		not grep '^warning' words || { echo "$plan"; return 1; }
	done < <(examples loopbox.7; examples try-plan.8 | sed "s/.*'\(.*\)'.*/\1/")
}

@test "no guide has the words that words of ours must not be" {
	not grep -nE '[Ww]hat one should know|[Ll]ikewise|surprises' README docs/*.md
}

@test "bash completes applets, options, words of a plan, and kinds" {
	scripts/completion bash >"$BATS_TEST_TMPDIR/completion"
	scripts/completion zsh | grep -q bashcompinit
	completed() { # WORD... : what the last one may become
		bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _loopbox_complete; echo "${COMPREPLY[*]}"' "$BATS_TEST_TMPDIR/completion" "$@"
	}
	same applet 'losetup' "$(completed loopbox lose)"
	same option '--offset' "$(completed loopbox losetup --offs)"
	same option '--microcode' "$(completed scripts/mkinitramfs --micro)"
	same word 'rd.overlay.readonly' "$(completed mkinitramfs --plan rd.overlay.reado)"
	same kind 'usb' "$(completed try-plan --hardware us)"
	same type 'squashfs' "$(completed check-kernel --medium squ)"
}

@test "make says what it has made, how large it is, and what comes next; make -s does not" {
	make -C "$tree" O="$BATS_TEST_TMPDIR/out" boot_defconfig >"$BATS_TEST_TMPDIR/says" 2>&1 </dev/null
	make -C "$tree" O="$BATS_TEST_TMPDIR/out" >"$BATS_TEST_TMPDIR/says" 2>&1 </dev/null
	grep -qx "$BATS_TEST_TMPDIR/out/loopbox: $(wc -c <"$BATS_TEST_TMPDIR/out/loopbox") bytes\. Next: .*" "$BATS_TEST_TMPDIR/says"
	make -s -C "$tree" O="$BATS_TEST_TMPDIR/out" >"$BATS_TEST_TMPDIR/says" 2>&1 </dev/null
	[ ! -s "$BATS_TEST_TMPDIR/says" ]
	rm "$BATS_TEST_TMPDIR/out/loopbox"
	make -s -C "$tree" O="$BATS_TEST_TMPDIR/out" >"$BATS_TEST_TMPDIR/says" 2>&1 </dev/null
	[ ! -s "$BATS_TEST_TMPDIR/says" ]
}

# What the guides quote in the first column of their tables of messages, without names and numbers that are
# examples, and without the kernel's reasons: a piece in each line.
quoted() { # FILE HEADING
	# shellcheck disable=SC2016 # backticks
	awk -v heading="## $2" '/^## /{ here = $0 == heading } here && /^\| .*`/' "$1" | cut -d '|' -f 2 |
		grep -o '`[^`]*`' | tr -d '`' | grep -vE '^(No init found|Unable to mount root fs)$' |
		sed -E 's/: (No such file or directory|Invalid argument|Filesystem uses .*)$//
			s/[;:] |"[^"]*"|\.\.\.|[0-9][0-9,]*|\/[^ ,]+|LABEL=x|^ubi\b|\b(vda|mtd0|root\.squashfs|ext4|squashfs|aarch64|x86_64|X|N)\b/\n/g' |
		sed -E 's/^[ :;,()]+//; s/[ :;,()]+$//; /^$/d'
}

@test "each message that the guides explain is one of the program's" {
	local piece count=0
	cd "$BATS_TEST_DIRNAME/../.."
	{
		scripts/messages
		grep -hoE '"([^"\\]|\\.)*"' applets/*.c init/*.[ch] libbb/*.[ch]
	} | sed 's/\\"/"/g' >"$BATS_TEST_TMPDIR/says"
	while read -r piece; do
		count=$((count + 1))
		grep -qF -- "$piece" "$BATS_TEST_TMPDIR/says" || { echo "no message has '$piece'"; return 1; }
	done < <(quoted docs/not-booting.md 'By the last line'; quoted docs/flash.md Messages)
	[ "$count" -ge 30 ]
}

@test "GRUB understands the entries of the guides" {
	local file count=0
	command -v grub-script-check >/dev/null || skip 'grub-common is not installed'
	for file in docs/*.md; do
		grep -q '^    menuentry ' "$file" || continue
		awk '/^    menuentry /{ inside = 1 } /^[^ ]/{ inside = 0 } inside' "$file" >"$BATS_TEST_TMPDIR/grub.cfg"
		count=$((count + $(grep -c menuentry "$BATS_TEST_TMPDIR/grub.cfg")))
		grub-script-check "$BATS_TEST_TMPDIR/grub.cfg" || { cat "$BATS_TEST_TMPDIR/grub.cfg"; return 1; }
	done
	[ "$count" -ge 2 ]
}
