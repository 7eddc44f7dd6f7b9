#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# packaging/: the build and install commands of each recipe are run, with a musl cross toolchain and
# the flags that the system sets, in a clean folder. The systems themselves are not here: what they
# give a recipe (variables, a macro) is put in its place. Each takes a build or two: `make soak`.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154,SC2317 # tree is from build.bash; recipes use variables and functions
load build.bash

packaging=$BATS_TEST_DIRNAME/../../packaging

setup_file() {
	copy_tree
	cp -a "$BATS_TEST_DIRNAME/../../"{packaging,man,docs,LICENSES,CHANGELOG.md,.ci,.gitlab-ci.yml} "$tree"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset MAKEFLAGS
}

in_soak() { [ "${LOOPBOX_SOAK-}" ] || skip 'takes a minute: make soak'; }

# Sets $cc and $cross of a musl toolchain for that machine.
toolchain() { # ARCHITECTURE
	local words
	words=$("$tree/scripts/cross-compiler" "$1")
	cc=${words#CC=} cc=${cc%% *} cross=${words##*CROSS_COMPILE=}
}

is_for() { # MACHINE FILE: as readelf names it
	readelf -h "$2" | grep -E "Machine: .*$1"
}

@test "each recipe is of this version" {
	local version
	version=$(<"$tree/VERSION")
	cd "$packaging"
	grep -qx "pkgver=$version" alpine/APKBUILD
	grep -qx "PKG_VERSION:=$version" openwrt/Makefile
	grep -qx "LOOPBOX_VERSION = $version" buildroot/package/loopbox/loopbox.mk
	[ -f "yocto/recipes-core/loopbox/loopbox_$version.bb" ]
	head -n 1 debian/changelog | grep -qF "loopbox ($version)"
	md5=$(md5sum <"$tree/LICENSES/MIT.txt" | cut -d' ' -f1)
	grep -q "md5=$md5" yocto/recipes-core/loopbox/*.bb
}

@test "each file that packaging names is there" {
	local file
	cd "$packaging/.."
	grep -rohE '(testsuite|scripts|packaging|configs)/[A-Za-z0-9_./-]*[A-Za-z0-9_]' packaging | sort -u >"$BATS_TEST_TMPDIR/named"
	while read -r file; do
		# Paths of an installed system, of the kernel, and of OpenWrt.
		case $file in scripts/config/conf | scripts/kconfig/conf | configs/NAME*) continue ;; esac
		[ -e "$file" ] || { echo "$file is named, and not there"; return 1; }
	done <"$BATS_TEST_TMPDIR/named"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/named")" -gt 5 ]
}

@test "what each README says of its recipe is so" {
	local word
	cd "$packaging"
	grep -ohE '\b(BR2_PACKAGE_LOOPBOX|LOOPBOX)_[A-Z_]+' ./*/README | sort -u >"$BATS_TEST_TMPDIR/words"
	while read -r word; do
		grep -rqE --exclude=README "$word\b" . || grep -q "config $word\$" buildroot/package/loopbox/Config.in ||
			{ echo "$word is nowhere but in a README"; return 1; }
	done <"$BATS_TEST_TMPDIR/words"
	# Each recipe takes the tarball, and says where it has to be.
	grep -q 'make dist' alpine/README buildroot/README openwrt/README yocto/README
}

@test "Buildroot: check-package's order, the hash of the licence, and packages with the same names come first" {
	cd "$packaging/buildroot/package/loopbox"
	# Attributes in this order: type, default, depends, select, help.
	awk '
		function rank(word) { return word ~ /^(bool|string)$/ ? 1 : word == "default" ? 2 : word == "depends" ? 3 : word == "select" ? 4 : word == "help" ? 5 : 0 }
		/^config/ { last = 0 }
		/^\t[a-z]/ && rank($1) { if (rank($1) < last) { print FILENAME ": " NR ": " $0; bad = 1 } last = rank($1) }
		END { exit bad }' Config.in
	same licence "sha256  $(sha256sum <"$tree/LICENSES/MIT.txt" | cut -d' ' -f1)  LICENSES/MIT.txt" "$(grep -v '^#' loopbox.hash)"
	for package in busybox cryptsetup kmod lvm2 util-linux; do
		grep -qF "\$(if \$(BR2_PACKAGE_$(tr a-z- A-Z_ <<<"$package")),$package)" loopbox.mk
	done
}

@test "Yocto: the layer is for each release from kirkstone on, and names what it takes of others" {
	cd "$packaging/yocto"
	same releases 'kirkstone scarthgap styhead walnascar whinlatter wrynose blacksail' "$(sed -n 's/^LAYERSERIES_COMPAT_loopbox = "\(.*\)"/\1/p' conf/layer.conf)"
	grep -qx 'LAYERDEPENDS_loopbox = "core openembedded-layer"' conf/layer.conf
	grep -qw python3native recipes-core/loopbox/loopbox_*.bb
	# bitbake.conf gives UNPACKDIR a weak default, which any default of ours would replace.
	not grep -nE '^UNPACKDIR' -r .
	# The Python in it can be read.
	sed -n '/^python do_package/,/^}/p' recipes-core/loopbox/loopbox_*.bb | sed '1s/.*/def step(d):/; $d' | python3 -c 'import ast, sys; ast.parse(sys.stdin.read())'
}

@test "mkinitcpio: the preset is one, and its functions' names are mkinitcpio's" {
	cd "$packaging/mkinitcpio"
	bash -euc '
		. ./loopbox.preset /path/of/the.preset
		[ "${PRESETS[*]}" = loopbox ] && [ "$loopbox_config" = /etc/mkinitcpio-loopbox.conf ] && [ "$loopbox_image" ] && [ "$ALL_kver" ]
		. ./mkinitcpio-loopbox.conf
		[ "${HOOKS[*]}" = loopbox-init ] && [ "$LOOPBOX_PLAN" ]'
	# It says what it makes, and makes nothing while it is read.
	same commands '' "$(grep -vE '^(#.*|[A-Za-z_]+=.*|)$' loopbox.preset)"
	for hook in loopbox loopbox-init; do bash -euc '. "$0"; declare -F build help >/dev/null' "./$hook"; done
	dash -n loopbox.runtime
}

@test "mkinitcpio: the runtime hook mounts the image of loop=, and says what fails" {
	# The names are those of init and init_functions of mkinitcpio 41.
	cat >script <<-'END'
		mount_handler=default_mount_handler
		msg() { :; }
		err() { echo "ERROR: $*"; }
		launch_interactive_shell() { echo shell; }
		mkdir() { :; }
		mount() { echo "mount $*"; case $* in *"$refused"*) return 1 ;; esac; }
		. "$hook"
		run_hook
		echo "$mount_handler"
		[ "$mount_handler" = default_mount_handler ] || "$mount_handler" /new_root
	END
	sed "s|/run/loopbox|$PWD&|; s|/usr/bin/loopbox mount|mount|" "$packaging/mkinitcpio/loopbox.runtime" >hook
	mkdir -p run/loopbox
	told() { env -i hook=./hook refused=nothing "$@" dash ./script; }
	same 'without loop=' default_mount_handler "$(told)"
	touch run/loopbox/a.squashfs
	same 'with loop=' "loopbox_mount_handler
mount -t vfat -o ro,sync LABEL=USB $PWD/run/loopbox
mount -t auto -o loop,ro $PWD/run/loopbox/a.squashfs /new_root" \
		"$(told loop=a.squashfs root=LABEL=USB rootfstype=vfat rootflags=sync)"
	told loop=b.squashfs root=LABEL=USB | grep -x 'ERROR: loopbox: b.squashfs: not a file on LABEL=USB'
	told loop=a.squashfs root=LABEL=USB refused=LABEL | grep -x "ERROR: loopbox: LABEL=USB: can't be mounted"
	told loop=a.squashfs root=LABEL=USB refused=new_root | grep -x "ERROR: loopbox: a.squashfs: can't be mounted"
}

@test "a release on GitLab: each file is uploaded, and the release links to it" {
	mkdir -p bin tree/build/release
	cp -r "$tree/.ci" tree
	touch tree/build/release/{loopbox-1.0.tar.xz,SHA256SUMS}
	cat >bin/curl <<-'END'
		#!/bin/sh
		printf '%s\n' "$*" >>"$CALLS"
		case $* in *"$REFUSED"*) exit 22 ;; esac
	END
	chmod +x bin/curl
	gitlab() { env PATH="$PWD/bin:$PATH" CALLS="$PWD/calls" CI_API_V4_URL=https://git.example.org/api/v4 CI_PROJECT_ID=7 CI_COMMIT_TAG=v1.0 CI_JOB_TOKEN=secret "$@" tree/.ci/gitlab-release; }
	gitlab REFUSED=nothing
	place=https://git.example.org/api/v4/projects/7
	grep -qF -- "--fail --header JOB-TOKEN: secret --upload-file SHA256SUMS $place/packages/generic/loopbox/1.0/SHA256SUMS" calls
	sed -n '$s/.*--data //p' calls | python3 -c '
import json, sys
release = json.load(sys.stdin)
assert release["tag_name"] == "v1.0", release
assert [link["name"] for link in release["assets"]["links"]] == ["SHA256SUMS", "loopbox-1.0.tar.xz"], release
assert release["assets"]["links"][1]["url"].endswith("/packages/generic/loopbox/1.0/loopbox-1.0.tar.xz"), release'
	rm calls
	not gitlab REFUSED=SHA256SUMS
	same 'calls after one that failed' 1 "$(wc -l <calls)"
	# The job's image has what the script needs.
	grep -q 'apt-get install -y curl' "$tree/.gitlab-ci.yml"
	not grep -qE '^ *release:$.*tag_name' "$tree/.gitlab-ci.yml"
}

@test "zsh and bash find the completion where it is installed" {
	build "$PWD/out" install-completion DESTDIR="$PWD/root"
	head -n 1 root/usr/share/zsh/site-functions/_loopbox | grep -x '#compdef loopbox loopbox-mkinitramfs loopbox-check-kernel loopbox-mkuki'
	for tool in loopbox loopbox-mkinitramfs loopbox-check-kernel loopbox-mkuki; do
		bash -c '. "$0/$1" && complete -p "$1"' "root/usr/share/bash-completion/completions" "$tool" | grep -w _loopbox_complete
	done
	# Others have a mkinitramfs, too.
	not bash -c '. root/usr/share/bash-completion/completions/loopbox && complete -p mkinitramfs'
	command -v zsh >/dev/null || { [ -z "${LOOPBOX_SOAK-}" ]; return; }
	cat >complete.zsh <<-'END'
		zmodload zsh/zpty
		zpty shell 'zsh -f'
		zpty -w shell "fpath=($PWD/root/usr/share/zsh/site-functions \$fpath); autoload -U compinit; compinit -D -u"
		zpty -w shell 'echo rea""dy'
		zpty -r shell output '*ready*'
		zpty -n -w shell $'loopbox-mkinitramfs --micro\t'
		zpty -r shell output '*--microcode*'
		print -r -- "$output"
	END
	timeout 100 zsh -f complete.zsh | grep -- '--microcode'
}

@test "each folder of packaging has a README of ten lines at most that says what was run" {
	cd "$packaging"
	for folder in */; do
		[ "$(wc -l <"$folder/README")" -le 12 ] || { echo "$folder"; return 1; }
		grep -qE 'testsuite/|Run here' "$folder/README" || { echo "$folder"; return 1; }
	done
}

@test "Buildroot: the package builds for armhf and installs its names" {
	in_soak
	toolchain armhf
	mkdir -p build/buildroot-config host/sbin host/bin images
	# A kernel's modules as modules_install leaves them with DEPMOD=true; here all are built in.
	mkdir -p target/lib/modules/6.1.0
	printf 'kernel/%s.ko\n' mmc_block sdhci squashfs >target/lib/modules/6.1.0/modules.builtin
	touch target/lib/modules/6.1.0/modules.{order,builtin.modinfo}
	ln -s "$(command -v kmod)" host/bin/kmod
	ln -s ../bin/kmod host/sbin/depmod
	ln -s "$(command -v kconfig-conf)" build/buildroot-config/conf
	cp -r "$tree" source
	cat >Makefile <<-END
		BR2_EXTERNAL_LOOPBOX_PATH = $tree/packaging/buildroot
		BR2_PACKAGE_LOOPBOX_CONFIG = "$tree/packaging/buildroot/package/loopbox/loopbox.config"
		TARGET_CC = $cc
		TARGET_STRIP = ${cross}strip
		TARGET_READELF = ${cross}readelf
		TARGET_CFLAGS = -D_LARGEFILE_SOURCE -D_LARGEFILE64_SOURCE -D_FILE_OFFSET_BITS=64 -Os -g0 -D_FORTIFY_SOURCE=1
		TARGET_DIR = $PWD/target
		BINARIES_DIR = $PWD/images
		HOST_DIR = $PWD/host
		BUILD_DIR = $PWD/build
		TARGET_MAKE_ENV = PATH=$PWD/host/bin:$PWD/host/sbin:$PATH
		LINUX_VERSION_PROBED = 6.1.0
		BR2_PACKAGE_LOOPBOX_INITRAMFS = y
		BR2_PACKAGE_LOOPBOX_INITRAMFS_PLAN = "root=/dev/mmcblk0p2 rootfstype=squashfs"
		BR2_PACKAGE_LOOPBOX_INITRAMFS_OPTIONS = "--hardware mmc -c none"
	END
	cat >>Makefile <<-'END'
		qstrip = $(strip $(subst ",,$(1)))
		define kconfig-package
		endef
		KCONFIG_ENABLE_OPT = echo $(1)=y >>$(@D)/.config
		all: source/.stamp
		include $(BR2_EXTERNAL_LOOPBOX_PATH)/external.mk
		.RECIPEPREFIX = >
		source/.stamp:
		>cp $(LOOPBOX_KCONFIG_FILE) $(@D)/.config
		>sed -i /CONFIG_INIT/d $(@D)/.config
		>$(LOOPBOX_KCONFIG_FIXUP_CMDS)
		>$(MAKE) -C $(@D) $(LOOPBOX_KCONFIG_OPTS) olddefconfig
		>$(LOOPBOX_BUILD_CMDS)
		>$(LOOPBOX_INSTALL_TARGET_CMDS)
		>$(LOOPBOX_INSTALL_IMAGES_CMDS)
		>rm -r $(TARGET_DIR)/lib/modules
		>$(subst loopbox-initramfs.img,without-modules.img,$(LOOPBOX_INSTALL_IMAGES_CMDS))
	END
	make -s >log 2>&1 || { tail -n 20 log; return 1; }
	is_for ARM target/bin/loopbox
	[ "$(readlink -f target/sbin/losetup)" -ef target/bin/loopbox ]
	# init is in the image only.
	[ ! -e target/init ]
	for image in loopbox-initramfs without-modules; do
		"$tree/scripts/mkinitramfs" --list "images/$image.img" | grep -w init
	done
}

@test "OpenWrt: the package builds for mipsel and installs its names" {
	in_soak
	toolchain mipsel
	mkdir -p include root
	cp -r "$tree" source
	touch rules.mk
	cat >include/package.mk <<-'END'
		PKG_BUILD_DIR := $(TOPDIR)/source
		qstrip = $(strip $(subst ",,$(1)))
		INSTALL_DIR = install -d -m0755
		INSTALL_BIN = install -m0755
		.RECIPEPREFIX = >
		define BuildPackage
		all:
		>$$(Build/Configure)
		>$$(Build/Compile)
		>$$(call Package/$(1)/install,$$(TOPDIR)/root)
		endef
	END
	make -s -f "$tree/packaging/openwrt/Makefile" TOPDIR="$PWD" INCLUDE_DIR="$PWD/include" \
		TARGET_CC="$cc" TARGET_CROSS="$cross" \
		TARGET_CFLAGS='-Os -pipe -fno-caller-saves -fno-plt -Wno-error=unused-but-set-variable -mips32r2 -mtune=24kc -msoft-float -mips16 -minterlink-mips16 -ffunction-sections -fdata-sections -flto=auto -fno-fat-lto-objects -Wformat -Werror=format-security -fPIC -fstack-protector -D_FORTIFY_SOURCE=1 -Wl,-z,now -Wl,-z,relro' \
		TARGET_LDFLAGS='-fuse-linker-plugin -Wl,--gc-sections -flto=auto' \
		CONFIG_LOOPBOX_DEFCONFIG='"dropin"' CONFIG_LOOPBOX_LINKS=y
	is_for MIPS root/usr/sbin/loopbox
	# Once, and with what OpenWrt's strip needs.
	same programs root/usr/sbin/loopbox "$(find root -type f)"
	"${cross}strip" root/usr/sbin/loopbox
	same target /usr/sbin/loopbox "$(readlink root/usr/lib/loopbox/bin/loopbox)"
	same link ../bin/loopbox "$(readlink root/usr/lib/loopbox/sbin/losetup)"
	# -mips16 of who builds is taken back: none of it is in the program, which runs.
	readelf -sW source/loopbox_unstripped | not grep -F '[MIPS16]'
	qemu-mipsel-static root/usr/sbin/loopbox --help | grep '^Applets:'
}

@test "OpenWrt: -mips16 is taken back behind it, and the recipe does not ask for it" {
	toolchain mips
	# shellcheck disable=SC2086 # a command and its options
	(cd "$tree" && scripts/toolchain $cc -mips16 -minterlink-mips16) >words
	grep -E '^TOOLCHAIN_COUNTERS := .*-mno-mips16 ' words
	grep -x 'PKG_BUILD_FLAGS:=no-mips16' "$packaging/openwrt/Makefile"
}

@test "Alpine: the functions of APKBUILD make the package and its parts" {
	in_soak
	toolchain x86_64
	cp -r "$tree" loopbox-0.1
	(
		builddir=$PWD/loopbox-0.1 pkgdir=$PWD/pkg subpkgdir=$PWD/sub
		export CFLAGS='-Os -fstack-clash-protection -Wformat -Werror=format-security -fno-plt' LDFLAGS='-Wl,--as-needed,-O1,--sort-common -Wl,-z,pack-relative-relocs'
		set -e
		CC=$cc KCONF=$(command -v kconfig-conf)
		# shellcheck source=/dev/null
		. "$packaging/alpine/APKBUILD"
		cd "$builddir"
		build
		package
		mkinitfs
	) >log 2>&1 || { tail -n 20 log; return 1; }
	pkg/usr/lib/loopbox/loopbox --version
	# As abuild does to each program.
	for program in pkg/usr/lib/loopbox/loopbox pkg/usr/lib/loopbox/dropin/bin/loopbox; do
		"${cross}strip" -o stripped "$program"
		install -m 755 stripped "$program"
	done
	pkg/usr/lib/loopbox/dropin/sbin/losetup --help
	[ -f pkg/usr/share/man/man8/loopbox-losetup.8 ]
	[ -f pkg/usr/share/man/man8/loopbox-mkinitramfs.8 ]
	while read -r pattern; do compgen -G "pkg$pattern" >/dev/null; done <sub/etc/mkinitfs/features.d/loopbox.files
	# mkinitfs copies files to the path that they have, which is the one that the README tells.
	mkdir image
	(cd pkg && sed 's|^/*||' ../sub/etc/mkinitfs/features.d/loopbox.files | while read -r pattern; do compgen -G "$pattern"; done | sort -u | cpio --quiet -pdm ../image)
	image/usr/lib/loopbox/dropin/sbin/losetup --help
	grep -qF /usr/lib/loopbox/dropin/sbin/losetup "$packaging/alpine/README"
}

@test "Yocto: the recipe's steps build for arm64 and install its names" {
	in_soak
	toolchain arm64
	cp -r "$tree" source
	# What bitbake does to a recipe: variables with their values, and the steps as shell functions.
	sed -n '/^do_[a-z]*() {/,/^}/p' "$packaging"/yocto/recipes-core/loopbox/*.bb |
		sed 's/^python .*//' >steps
	(
		cd source
		export CFLAGS='-O2 -pipe -g -feliminate-unused-debug-types -fstack-protector-strong -D_FORTIFY_SOURCE=2 -Wformat -Wformat-security -Werror=format-security'
		export LDFLAGS='-Wl,-O1 -Wl,--hash-style=gnu -Wl,--as-needed -Wl,-z,relro,-z,now'
		LOOPBOX_DEFCONFIG=initramfs D=$BATS_TEST_TMPDIR/root base_sbindir=/sbin libdir=/usr/lib
		LOOPBOX_FILES=$BATS_TEST_TMPDIR LOOPBOX_FRAGMENTS=more.cfg
		echo CONFIG_LOSETUP=y >../more.cfg
		oe_runmake() { make "CC=$cc" "STRIP=${cross}strip" "READELF=${cross}readelf" SKIP_STRIP=y "$@"; }
		set -e
		# shellcheck source=/dev/null
		. ../steps
		do_configure
		do_compile
		do_install
	) >log 2>&1 || { tail -n 20 log; return 1; }
	is_for AArch64 root/sbin/loopbox
	"${cross}strip" root/sbin/loopbox # as the packages' own step
	same programs root/sbin/loopbox "$(find root -type f)"
	same 'the fragment: a link' ../bin/loopbox "$(readlink root/usr/lib/loopbox/sbin/losetup)"
	same target /sbin/loopbox "$(readlink root/usr/lib/loopbox/bin/loopbox)"
	same init /sbin/loopbox "$(readlink root/init)"
	[ ! -e root/usr/lib/loopbox/init ]
}

@test "mkinitcpio: the hook puts loopbox in the place of the names that it has" {
	in_soak
	build "$PWD/dropin" dropin_defconfig
	build "$PWD/dropin" install CONFIG_PREFIX="$PWD/usr/lib/loopbox/dropin"
	mkdir -p image/usr/bin
	ln -s busybox image/usr/bin/mount
	echo kmod >image/usr/bin/modprobe
	sed "s|/usr/lib/loopbox/dropin/{|$PWD&|" "$packaging/mkinitcpio/loopbox" >hook
	bash -ec '
		BUILDROOT=image
		add_file() { install -D -m "$3" "$PWD$1" "$BUILDROOT$2"; }
		add_symlink() { ln -s "$2" "$BUILDROOT$1"; }
		map() { :; }
		add_runscript() { echo hooks/loopbox >runscript; }
		. ./hook
		build'
	image/usr/bin/mount --help
	[ "$(readlink image/usr/bin/modprobe)" = loopbox ]
	[ -f runscript ]
}
