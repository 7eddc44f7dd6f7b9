# SPDX-License-Identifier: MIT
SUMMARY = "Loop devices, images and the way to the real root, in one file"
DESCRIPTION = "One static binary: losetup, mount, umount, switch_root, blkid, modprobe and others, and an init \
that boots squashfs and EROFS images."
SECTION = "base"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://LICENSES/MIT.txt;md5=3238a8d70c02dc7ca518488ee72c2b1e"

# The tarball that scripts/dist makes.
LOOPBOX_URL ?= "file://loopbox-${PV}.tar.xz"
SRC_URI = "${LOOPBOX_URL}"

LOOPBOX_DEFCONFIG ?= "dropin"
DEPENDS = "python3-kconfiglib-native"

# Section headers stay: QA and strip read them.
EXTRA_OEMAKE = "CC='${CC}' STRIP='${STRIP}' READELF='${READELF}' SKIP_STRIP=y"

do_configure() {
	oe_runmake ${LOOPBOX_DEFCONFIG}_defconfig
	sed -i '/CONFIG_CUT_SECTION_HEADERS/d' .config
	echo '# CONFIG_CUT_SECTION_HEADERS is not set' >>.config
	for fragment in ${@' '.join(f for f in (d.getVar('SRC_URI') or '').replace('file://', '').split() if f.endswith('.cfg'))}; do
		cat ${WORKDIR}/$fragment >>.config
	done
	oe_runmake olddefconfig
}

do_compile() {
	oe_runmake
}

do_install() {
	install -D -m 0755 loopbox ${D}${base_sbindir}/loopbox
	oe_runmake install DESTDIR=${D} CONFIG_PREFIX=${libdir}/loopbox
}

# Static: it takes nothing of the C library's package. No build-id, no debug packages of hard links.
INSANE_SKIP:${PN} += "ldflags"
FILES:${PN} += "${libdir}/loopbox"
