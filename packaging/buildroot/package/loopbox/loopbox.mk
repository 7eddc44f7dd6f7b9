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

# The tarball has this file in it, so the hash of the tarball can't stand in
# loopbox.hash.
BR_NO_CHECK_HASH_FOR += $(LOOPBOX_SOURCE)

# Packages that provide commands that are applets of loopbox, too: its names
# are installed after theirs, and win.
LOOPBOX_DEPENDENCIES = \
	$(if $(BR2_PACKAGE_BUSYBOX),busybox) \
	$(if $(BR2_PACKAGE_CRYPTSETUP),cryptsetup) \
	$(if $(BR2_PACKAGE_KMOD),kmod) \
	$(if $(BR2_PACKAGE_LVM2),lvm2) \
	$(if $(BR2_PACKAGE_UTIL_LINUX),util-linux)

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
	$(LOOPBOX_REMOVE_INIT)
endef

ifeq ($(BR2_PACKAGE_LOOPBOX_INITRAMFS),y)
LOOPBOX_DEPENDENCIES += linux host-kmod
LOOPBOX_INSTALL_IMAGES = YES

define LOOPBOX_KCONFIG_FIXUP_CMDS
	$(call KCONFIG_ENABLE_OPT,CONFIG_INIT)
endef

# /init is for this image, not for one that is made of the target folder.
define LOOPBOX_REMOVE_INIT
	rm -f $(TARGET_DIR)/init
endef

# linux runs depmod when the target is finalized, which is after this step. Of
# kmod's names, host-kmod installs depmod only. Where the kernel has no modules,
# there are none to put in.
define LOOPBOX_INSTALL_IMAGES_CMDS
	ln -sf ../bin/kmod $(HOST_DIR)/sbin/modprobe
	if test -d $(TARGET_DIR)/lib/modules/$(LINUX_VERSION_PROBED); then \
		$(HOST_DIR)/sbin/depmod -a -b $(TARGET_DIR) $(LINUX_VERSION_PROBED) && \
		set -- -k $(LINUX_VERSION_PROBED) --moddir $(TARGET_DIR) \
			--plan $(BR2_PACKAGE_LOOPBOX_INITRAMFS_PLAN) \
			$(call qstrip,$(BR2_PACKAGE_LOOPBOX_INITRAMFS_OPTIONS)); \
	else \
		set --; \
	fi && \
	$(TARGET_MAKE_ENV) $(@D)/scripts/mkinitramfs \
		-o $(BINARIES_DIR)/loopbox-initramfs.img \
		--loopbox $(@D)/loopbox "$$@"
endef
endif

$(eval $(kconfig-package))

# `make loopbox-menuconfig` works without `make menuconfig` before it.
$(LOOPBOX_DIR)/.kconfig_editor_menuconfig: | $(BUILD_DIR)/buildroot-config/mconf
