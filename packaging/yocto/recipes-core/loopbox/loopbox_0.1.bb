# SPDX-License-Identifier: MIT
SUMMARY = "Loop devices, images and the way to the real root, in one file"
DESCRIPTION = "One static binary: losetup, mount, umount, switch_root, blkid, modprobe and others, and an init \
that boots squashfs and EROFS images."
SECTION = "base"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://LICENSES/MIT.txt;md5=3238a8d70c02dc7ca518488ee72c2b1e"

# The tarball that `make dist` makes, in a folder files/ beside this recipe; or where LOOPBOX_URL says.
LOOPBOX_URL ?= "file://loopbox-${PV}.tar.xz"
SRC_URI = "${LOOPBOX_URL}"

# One of loopbox' ready configurations: configs/NAME_defconfig.
LOOPBOX_DEFCONFIG ?= "full"
DEPENDS = "python3-kconfiglib-native"

inherit python3native update-alternatives

# What is packaged is stripped by bitbake.
EXTRA_OEMAKE = "CC='${CC}' STRIP='${STRIP}' READELF='${READELF}' SKIP_STRIP=y"

# Where files of SRC_URI are: UNPACKDIR since 5.1. It must not be set here: bitbake.conf only gives it a default.
LOOPBOX_FILES = "${@d.getVar('UNPACKDIR') or d.getVar('WORKDIR')}"
LOOPBOX_FRAGMENTS = "${@' '.join(f.split(';')[0][len('file://'):] for f in (d.getVar('SRC_URI') or '').split() if f.split(';')[0].endswith('.cfg'))}"

do_configure() {
	oe_runmake ${LOOPBOX_DEFCONFIG}_defconfig
	for fragment in ${LOOPBOX_FRAGMENTS}; do
		cat ${LOOPBOX_FILES}/$fragment >>.config
	done
	oe_runmake olddefconfig
}

do_compile() {
	oe_runmake
}

# The program; links of the applets' names, for update-alternatives; /init, where it has init.
do_install() {
	install -D -m 0755 loopbox ${D}${base_sbindir}/loopbox
	oe_runmake install CONFIG_INSTALL_SYMLINKS=y DESTDIR=${D} CONFIG_PREFIX=${libdir}/loopbox
	ln -sf ${base_sbindir}/loopbox ${D}${libdir}/loopbox/bin/loopbox
	if [ -L ${D}${libdir}/loopbox/init ]; then
		rm ${D}${libdir}/loopbox/init
		ln -s ${base_sbindir}/loopbox ${D}/init
	fi
}

# ${PN} is the program; ${PN}-applets puts its names in the place of busybox', util-linux' and kmod's;
# ${PN}-init is /init. A package without files is not made, so an image of a configuration that lacks init
# fails, for nothing provides ${PN}-init.
PACKAGES =+ "${PN}-applets ${PN}-init"
FILES:${PN}-applets = "${libdir}/loopbox"
FILES:${PN}-init = "/init"
RDEPENDS:${PN}-applets = "${PN}"
RDEPENDS:${PN}-init = "${PN}"

ALTERNATIVE_PRIORITY = "100"
python do_package:prepend () {
    links = d.expand('${D}${libdir}/loopbox')
    for folder, path in (('bin', d.getVar('base_bindir')), ('sbin', d.getVar('base_sbindir'))):
        if not os.path.isdir(os.path.join(links, folder)):
            continue
        for name in sorted(os.listdir(os.path.join(links, folder))):
            if name == 'loopbox':
                continue
            d.appendVar(d.expand('ALTERNATIVE:${PN}-applets'), ' ' + name)
            d.setVarFlag('ALTERNATIVE_LINK_NAME', name, os.path.join(path, name))
            d.setVarFlag('ALTERNATIVE_TARGET', name, d.expand('${libdir}/loopbox/%s/%s' % (folder, name)))
}

# Static, with no flag of the linker's that only shared programs need.
INSANE_SKIP:${PN} += "ldflags"
