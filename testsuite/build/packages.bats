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
	cp -a "$BATS_TEST_DIRNAME/../../"{packaging,man,docs,LICENSES,CHANGELOG.md} "$tree"
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
	mkdir -p target build/buildroot-config
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
		BUILD_DIR = $PWD/build
	END
	cat >>Makefile <<-'END'
		qstrip = $(strip $(subst ",,$(1)))
		define kconfig-package
		endef
		all: source/.stamp
		include $(BR2_EXTERNAL_LOOPBOX_PATH)/external.mk
		.RECIPEPREFIX = >
		source/.stamp:
		>cp $(LOOPBOX_KCONFIG_FILE) $(@D)/.config
		>$(MAKE) -C $(@D) $(LOOPBOX_KCONFIG_OPTS) olddefconfig
		>$(LOOPBOX_BUILD_CMDS)
		>$(LOOPBOX_INSTALL_TARGET_CMDS)
	END
	make -s >log 2>&1 || { tail -n 20 log; return 1; }
	is_for ARM target/bin/loopbox
	[ "$(readlink -f target/sbin/losetup)" -ef target/bin/loopbox ]
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
		TARGET_CFLAGS='-Os -pipe -fno-caller-saves -fno-plt -Wno-error=unused-but-set-variable -ffunction-sections -fdata-sections -flto=auto -fno-fat-lto-objects -Wformat -Werror=format-security -fPIC -fstack-protector -D_FORTIFY_SOURCE=1 -Wl,-z,now -Wl,-z,relro' \
		TARGET_LDFLAGS='-fuse-linker-plugin -Wl,--gc-sections -flto=auto' \
		CONFIG_LOOPBOX_DEFCONFIG='"dropin"' CONFIG_LOOPBOX_LINKS=y
	is_for MIPS root/usr/sbin/loopbox
	[ "$(readlink -f root/usr/lib/loopbox/sbin/losetup)" -ef root/usr/lib/loopbox/bin/loopbox ]
}

@test "Alpine: the functions of APKBUILD make the package and its parts" {
	in_soak
	toolchain x86_64
	cp -r "$tree" loopbox-0.1
	(
		builddir=$PWD/loopbox-0.1 pkgdir=$PWD/pkg subpkgdir=$PWD/sub
		export CFLAGS='-Os -fstack-clash-protection -Wformat -Werror=format-security -fno-plt' LDFLAGS='-Wl,--as-needed,-O1,--sort-common -Wl,-z,pack-relative-relocs'
		set -e
		CC=$cc
		# shellcheck source=/dev/null
		. "$packaging/alpine/APKBUILD"
		cd "$builddir"
		build
		package
		mkinitfs
	) >log 2>&1 || { tail -n 20 log; return 1; }
	pkg/usr/lib/loopbox/loopbox --version
	pkg/usr/lib/loopbox/dropin/sbin/losetup --help
	[ -f pkg/usr/share/man/man8/loopbox-losetup.8 ]
	while read -r pattern; do compgen -G "pkg$pattern" >/dev/null; done <sub/etc/mkinitfs/features.d/loopbox.files
}

@test "Yocto: the recipe's steps build for arm64 and install its names" {
	in_soak
	toolchain arm64
	cp -r "$tree" source
	# What bitbake does to a recipe: variables with their values, and the steps as shell functions.
	sed -n '/^do_[a-z]*() {/,/^}/p' "$packaging"/yocto/recipes-core/loopbox/*.bb |
		sed 's/\${@[^}]*}//' >steps
	(
		cd source
		export CFLAGS='-O2 -pipe -g -feliminate-unused-debug-types -fstack-protector-strong -D_FORTIFY_SOURCE=2 -Wformat -Wformat-security -Werror=format-security'
		export LDFLAGS='-Wl,-O1 -Wl,--hash-style=gnu -Wl,--as-needed -Wl,-z,relro,-z,now'
		LOOPBOX_DEFCONFIG=dropin D=$BATS_TEST_TMPDIR/root base_sbindir=/sbin libdir=/usr/lib
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
	[ "$(readlink -f root/usr/lib/loopbox/sbin/losetup)" -ef root/usr/lib/loopbox/bin/loopbox ]
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
		. ./hook
		build'
	image/usr/bin/mount --help
	[ "$(readlink image/usr/bin/modprobe)" = loopbox ]
}
