# SPDX-License-Identifier: MIT
SUMMARY = "An initramfs of loopbox alone"
LICENSE = "MIT"

# The configuration with init: LOOPBOX_DEFCONFIG:pn-loopbox = "initramfs" in local.conf.
PACKAGE_INSTALL = "loopbox ${LOOPBOX_MODULES}"
LOOPBOX_MODULES ?= "kernel-module-loop kernel-module-squashfs kernel-module-overlay"
IMAGE_FEATURES = ""
IMAGE_LINGUAS = ""
IMAGE_FSTYPES = "${INITRAMFS_FSTYPES}"
IMAGE_ROOTFS_SIZE = "0"
IMAGE_NAME_SUFFIX = ""

inherit core-image

ROOTFS_POSTPROCESS_COMMAND += "loopbox_as_init; "
loopbox_as_init() {
	ln -sf ${base_sbindir}/loopbox ${IMAGE_ROOTFS}/init
	rm -rf ${IMAGE_ROOTFS}${libdir}/loopbox
}
