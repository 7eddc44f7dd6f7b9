# SPDX-License-Identifier: MIT
SUMMARY = "An initramfs of loopbox alone"
LICENSE = "MIT"

# Modules that the boot needs, where the kernel does not have them built in: "kernel-module-loop
# kernel-module-squashfs kernel-module-overlay", for example.
LOOPBOX_MODULES ?= ""

# loopbox-init is not there if LOOPBOX_DEFCONFIG names a configuration without init.
PACKAGE_INSTALL = "loopbox-init ${LOOPBOX_MODULES}"
IMAGE_FEATURES = ""
IMAGE_LINGUAS = ""
IMAGE_FSTYPES = "${INITRAMFS_FSTYPES}"
IMAGE_ROOTFS_SIZE = "0"
IMAGE_ROOTFS_EXTRA_SPACE = "0"
IMAGE_NAME_SUFFIX ?= ""
PACKAGE_EXCLUDE = "kernel-image-*"

inherit core-image
