################################################################################
#
# loopbox
#
################################################################################

LOOPBOX_VERSION = 0.1
LOOPBOX_SOURCE = loopbox-$(LOOPBOX_VERSION).tar.xz
LOOPBOX_SITE = $(BR2_EXTERNAL_LOOPBOX_PATH)/../../build/release
LOOPBOX_SITE_METHOD = file
LOOPBOX_LICENSE = MIT
LOOPBOX_LICENSE_FILES = LICENSES/MIT.txt

# Like busybox: where both are chosen, its names win.
LOOPBOX_DEPENDENCIES = $(if $(BR2_PACKAGE_BUSYBOX),busybox)

LOOPBOX_KCONFIG_FILE = $(call qstrip,$(BR2_PACKAGE_LOOPBOX_CONFIG))
LOOPBOX_KCONFIG_FRAGMENT_FILES = \
	$(call qstrip,$(BR2_PACKAGE_LOOPBOX_CONFIG_FRAGMENT_FILES))
LOOPBOX_KCONFIG_EDITORS = menuconfig
LOOPBOX_KCONFIG_OPTS = $(LOOPBOX_MAKE_OPTS)

# Buildroot's own kconfig programs do.
LOOPBOX_MAKE_OPTS = \
	CC="$(TARGET_CC)" \
	STRIP="$(TARGET_STRIP)" \
	READELF="$(TARGET_READELF)" \
	CFLAGS="$(TARGET_CFLAGS)" \
	LDFLAGS="$(TARGET_LDFLAGS)" \
	KCONF="$(BUILD_DIR)/buildroot-config/conf" \
	KMCONF="$(BUILD_DIR)/buildroot-config/mconf"

define LOOPBOX_BUILD_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) -C $(@D) $(LOOPBOX_MAKE_OPTS)
endef

define LOOPBOX_INSTALL_TARGET_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) -C $(@D) $(LOOPBOX_MAKE_OPTS) \
		install DESTDIR=$(TARGET_DIR) CONFIG_PREFIX=/
endef

ifeq ($(BR2_PACKAGE_LOOPBOX_INITRAMFS),y)
LOOPBOX_DEPENDENCIES += linux host-kmod
LOOPBOX_INSTALL_IMAGES = YES
define LOOPBOX_INSTALL_IMAGES_CMDS
	$(TARGET_MAKE_ENV) $(@D)/scripts/mkinitramfs \
		-o $(BINARIES_DIR)/loopbox-initramfs.img \
		--loopbox $(@D)/loopbox --moddir $(TARGET_DIR) \
		-k $(LINUX_VERSION_PROBED) \
		--plan $(BR2_PACKAGE_LOOPBOX_INITRAMFS_PLAN)
endef
endif

$(eval $(kconfig-package))
