# SPDX-License-Identifier: MIT
# Drives kconfig: Debian's kconfig-frontends, or the conf, mconf and nconf of any
# kernel tree from 5.10 on (KCONF=, KMCONF=, KNCONF=), or Python's kconfiglib.
# KCONF= may also name a tree of the kernel, Buildroot or OpenWrt that was built.

# An empty one, on the command line too, is none: override.
override KCONF := $(or $(KCONF),$(shell command -v kconfig-conf))
override KCONF := $(or $(KCONF),$(lastword $(sort $(wildcard /usr/lib/linux-kbuild-*/scripts/kconfig/conf))))
override KCONF := $(or $(KCONF),$(shell for python in python3 /usr/bin/python3; do \
	$$python -c 'import kconfiglib' 2>/dev/null && echo $$python $(CURDIR)/scripts/kconfiglib-conf && break; done))
in_tree = $(firstword $(wildcard $(addprefix $(KCONF)/,scripts/kconfig/$(1) scripts/config/$(1) output/build/buildroot-config/$(1) build/buildroot-config/$(1))))
ifneq ($(wildcard $(addsuffix /.,$(KCONF))),)
KMCONF ?= $(call in_tree,mconf)
KNCONF ?= $(call in_tree,nconf)
override KCONF := $(or $(call in_tree,conf),$(KCONF))
endif
KMCONF := $(or $(KMCONF),$(shell command -v kconfig-mconf))
KNCONF := $(or $(KNCONF),$(shell command -v kconfig-nconf))

# One line that says what to do, where a program is missing.
needs = $(if $(shell command -v $(firstword $($(1)))),,@echo "$(1)=$($(1)): a program of kconfig is missing: install $(2), or name it by $(1)=" >&2; exit 1)

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
	$(call needs,KCONF,kconfig-frontends-nox or python3-kconfiglib)
	$(in_output) $(KCONF) -s --$@ Config.in
menuconfig: $(GEN)/generated
	$(call needs,KMCONF,kconfig-frontends)
	$(in_output) $(KMCONF) Config.in
nconfig: $(GEN)/generated
	$(call needs,KNCONF,kconfig-frontends)
	$(in_output) $(KNCONF) Config.in
defconfig: use_defconfig
# The small ones say so in their first line: they name all that they have, so that no new option
# creeps in. Others name what differs from the defaults.
%_defconfig: $(GEN)/generated
	$(call needs,KCONF,kconfig-frontends-nox or python3-kconfiglib)
	$(in_output) file=$(srctree)/configs/$(@:use_%=%) && \
	if grep -qx '# What is not named here is off.' $$file; then \
		KCONFIG_ALLCONFIG=$$file $(KCONF) -s --allnoconfig Config.in; \
	else \
		$(KCONF) -s --defconfig=$$file Config.in; \
	fi
savedefconfig: $(GEN)/generated
	$(call needs,KCONF,kconfig-frontends-nox or python3-kconfiglib)
	$(in_output) $(KCONF) -s --savedefconfig=$(O)/defconfig Config.in

# What is built first is what most people want.
$(KCONFIG_CONFIG): | $(GEN)/generated
	$(call needs,KCONF,kconfig-frontends-nox or python3-kconfiglib)
	$(in_output) $(KCONF) -s --defconfig=$(srctree)/configs/defconfig Config.in
# olddefconfig first: the sync asks on standard input where .config lacks a symbol.
$(KCONFIG_AUTOCONFIG): $(KCONFIG_CONFIG) Config.in $(GEN)/applets.in $(GEN)/libbb.in $(GEN)/init.in
	$(call needs,KCONF,kconfig-frontends-nox or python3-kconfiglib)
	$(in_output) $(KCONF) -s --olddefconfig Config.in && $(KCONF) -s $(sync) Config.in && touch $@
