# SPDX-License-Identifier: MIT
# Drives kconfig: Debian's kconfig-frontends, or the conf, mconf and nconf of any
# kernel tree from 5.10 on (KCONF=, KMCONF=, KNCONF=).

KCONF = $(firstword $(shell command -v kconfig-conf) $(lastword $(sort $(wildcard /usr/lib/linux-kbuild-*/scripts/kconfig/conf))))
KMCONF = kconfig-mconf
KNCONF = kconfig-nconf

export srctree            := $(CURDIR)
export CONFIG_            := CONFIG_
export KCONFIG_CONFIG     := $(O)/.config
export KCONFIG_AUTOCONFIG := $(O)/include/config/auto.conf
export KCONFIG_AUTOHEADER := $(O)/include/generated/autoconf.h
export KCONFIG_TRISTATE   := $(O)/include/config/tristate.conf
export KCONFIG_RUSTCCFG   := $(O)/include/generated/rustc_cfg

# conf runs in $(O), since 4.11's writes below ./include whatever it is told; it
# finds Config.in through $srctree.
in_output = @mkdir -p $(O)/include/config && cd $(O) &&
# 4.11 knows --silentoldconfig only, 4.19 and later --syncconfig only. A newer
# conf does not fail on an unknown option: it asks on standard input.
sync = $(if $(findstring --syncconfig,$(shell $(KCONF) --help 2>&1)),--syncconfig,--silentoldconfig)

CONFIG_TARGETS := oldconfig olddefconfig allnoconfig allyesconfig alldefconfig randconfig listnewconfig
.PHONY: $(CONFIG_TARGETS) menuconfig nconfig defconfig savedefconfig
$(CONFIG_TARGETS): $(GEN)/generated
	$(in_output) $(KCONF) -s --$@ Config.in
menuconfig: $(GEN)/generated
	$(in_output) $(KMCONF) Config.in
nconfig: $(GEN)/generated
	$(in_output) $(KNCONF) Config.in
defconfig: use_defconfig
%_defconfig: $(GEN)/generated
	$(in_output) $(KCONF) -s --defconfig=$(srctree)/configs/$(@:use_%=%) Config.in
savedefconfig: $(GEN)/generated
	$(in_output) $(KCONF) -s --savedefconfig=$(O)/defconfig Config.in

# What is built first is what most people want.
$(KCONFIG_CONFIG): | $(GEN)/generated
	$(in_output) $(KCONF) -s --defconfig=$(srctree)/configs/defconfig Config.in
# olddefconfig first: the sync asks on standard input where .config lacks a symbol.
$(KCONFIG_AUTOCONFIG): $(KCONFIG_CONFIG) Config.in $(GEN)/applets.in $(GEN)/libbb.in $(GEN)/init.in
	$(in_output) $(KCONF) -s --olddefconfig Config.in && $(KCONF) -s $(sync) Config.in && touch $@
