# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the build tests share. Each file of them works on a copy of the sources, $tree, in which it
# may change what it likes.

# shellcheck source=testsuite/shared.bash
. "$BATS_TEST_DIRNAME/../shared.bash"

ready='core_defconfig core_configure_defconfig core_legacy_defconfig boot_defconfig verity_defconfig initramfs_defconfig dropin_defconfig defconfig full_defconfig'

copy_tree() {
	local top=$BATS_TEST_DIRNAME/../..
	tree=$BATS_FILE_TMPDIR/tree
	export tree ready
	mkdir "$tree"
	cp -a "$top"/{Makefile,VERSION,Config.in,.gitignore,applets,init,libbb,scripts,configs} "$tree"
	rm -f "$tree"/*/*.[od]
}

# Of what takes its time and differs little, `make soak` tries all, `make check` one, chosen by its seed
# and the test.
some() { # WORD...
	local words=("$@")
	[ ! "${LOOPBOX_SAMPLE-}" ] || words=("${words[(LOOPBOX_SEED + BATS_TEST_NUMBER) % $#]}")
	printf '%s\n' "${words[@]}"
}

build() { # DIR ARGUMENT...: make in the tree, for O=DIR; tells nothing unless it fails
	make -s -C "$tree" O="$1" "${@:2}" >"$BATS_TEST_TMPDIR/make" 2>&1 </dev/null || {
		echo "make O=$1 ${*:2}:"
		cat "$BATS_TEST_TMPDIR/make"
		return 1
	}
}

quiet() { # ARGUMENT...: the same for a build that must not even warn
	build "$@" WERROR=1 || return
	[ ! -s "$BATS_TEST_TMPDIR/make" ] || {
		cat "$BATS_TEST_TMPDIR/make"
		return 1
	}
}

choose() { # DIR LINE...: sets options in DIR/.config, "CONFIG_A=y" or "CONFIG_A=n"
	local line
	for line in "${@:2}"; do
		sed -i "/${line%=*}[= ]/d" "$1/.config"
		echo "$line" >>"$1/.config"
	done
	build "$1" olddefconfig
	for line in "${@:2}"; do
		case $line in
		*=n) ! grep "^${line%=*}=" "$1/.config" ;;
		*) grep -qx "$line" "$1/.config" ;;
		esac || { echo "can't have $line"; return 1; }
	done
}

not() { # COMMAND...: fails if that succeeds; bats does not look at the result of `!`
	if "$@"; then
		echo "this must fail: $*"
		return 1
	fi
}

same() { # WHAT EXPECTED ACTUAL
	[ "$2" = "$3" ] || {
		printf '%s differ:\n' "$1"
		diff <(echo "$2") <(echo "$3")
	}
}

options() { # DIR: what can be chosen, apart from choices
	awk '$1 == "config" { option = $2 } $1 == "bool" && NF > 1 { print option }' "$1"/include/generated/*.in
}
