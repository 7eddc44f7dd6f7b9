# SPDX-License-Identifier: MIT
# Builds loopbox. `make help` lists the targets. Variables: O=DIR builds there,
# CC= or CROSS_COMPILE= name the compiler, STRIP= and READELF= other binutils,
# CPPFLAGS CFLAGS LDFLAGS EXTRA_CFLAGS EXTRA_LDFLAGS add flags, V=1 shows the
# commands, WERROR=1 makes warnings errors, SKIP_STRIP=y leaves the symbols in,
# KCONF= KMCONF= KNCONF= name other kconfig programs, `make install` installs
# below DESTDIR=, or CONFIG_PREFIX=.

MAKEFLAGS += --no-builtin-rules
all: build

override O := $(abspath $(or $(O),.))
Q := $(if $(V),,@)
ifeq ($(origin CC),default)
CC := $(if $(CROSS_COMPILE),$(CROSS_COMPILE)gcc,musl-gcc)
endif
# As other makefiles have it, DESTDIR stands before all of it.
CONFIG_PREFIX ?= $(if $(DESTDIR),,$(O)/_install)
# In this order, so that who calls make has the last word.
FLAGS := $(CPPFLAGS) $(CFLAGS) $(EXTRA_CFLAGS)
LINK_FLAGS := $(LDFLAGS) $(EXTRA_LDFLAGS)
GEN := $(O)/include/generated
SOURCES := $(wildcard libbb/*.c init/*.c applets/*.c)

CHECKS := unit mutants fuzz device faults build boot cross
.PHONY: all build bench bench-check figures install install-noclobber uninstall man install-man install-tools docs completion install-completion clean mrproper help words dist release size bloatcheck baseline costs cross size-cross demo run check soak $(CHECKS:%=check-%) FORCE
help:
	@sed -n 's/^#help://p' Makefile
#help:build (default)  compile $(O)/loopbox
#help:install          loopbox and its applets' names below DESTDIR=DIR or CONFIG_PREFIX=DIR
#help:install-noclobber  the same, but names that are there are left alone
#help:uninstall        take them away again
#help:man, install-man  manual pages below $(O)/man, or in MANDIR=/usr/share/man
#help:                 (CONFIG_PREFIX/share/man where that is set); not in install
#help:install-tools    mkinitramfs and other scripts, as bin/loopbox-NAME, below
#help:                 DESTDIR=DIR or CONFIG_PREFIX=DIR (default: /usr)
#help:docs             the manual pages as HTML and Markdown, below $(O)/docs
#help:completion       what bash and zsh complete
#help:clean, mrproper  remove what was built; and the configuration too
#help:words            the words of the kernel command line that init knows: a table
#help:demo             boot a squashfs image in QEMU and report
#help:run              boot a plan, PLAN='WORDS' of a kernel command line, and report
#help:check            run tests of all kinds: what takes long is chosen by a seed, which it
#help:                 prints, and some is left to soak; each kind of them alone:
#help:check-unit       the code on a fake kernel; needs nothing but a compiler
#help:check-mutants    whether these tests notice mistakes
#help:check-fuzz       what a superblock may hold
#help:check-device     real loop devices; needs root
#help:check-faults     each system call fails once
#help:check-build      configurations, compilers, kconfig, make, style
#help:check-boot       boots in QEMU; T=REGEX chooses tests by their name (also of
#help:                 check-device and check-build)
#help:check-cross      other architectures
#help:soak             all tests, completely: takes hours
#help:dist             the source as a tarball, in build/release
#help:release          the same, and programs for all architectures, or ARCH="NAME..."
#help:size             file, text, data, bss, xz size of each ready configuration
#help:cross            the ready configurations for other architectures, or ARCH="NAME..."
#help:size-cross       the same, and a table of their sizes
#help:bloatcheck       symbol by symbol, what changed against configs/baseline
#help:baseline         store the sizes of now as that baseline
#help:costs            measure what each option costs; shown in its help text
#help:bench            measure loopbox beside other programs: ten minutes, as root; ARGS='--quick'
#help:                 or the names of parts
#help:bench-check      whether each ratio of the last bench keeps to its goal
#help:figures          write the figures that are stored into README and docs
#help:menuconfig, nconfig, oldconfig, olddefconfig, savedefconfig, allnoconfig,
#help:allyesconfig, randconfig, defconfig, NAME_defconfig (see configs/)

include scripts/kconfig.mk

# Written by the recipe below only where their content changes, so that a changed
# comment in an applet rebuilds that applet and nothing else.
$(GEN)/generated: scripts/gen configs/costs $(SOURCES) $(O)/.sources
	$(Q)scripts/gen $(GEN) $(SOURCES) && touch $@
$(GEN)/applets.h $(GEN)/applets.in $(GEN)/libbb.in $(GEN)/init.in $(GEN)/objects.mk: $(GEN)/generated
	@:
$(GEN)/options.h: $(KCONFIG_AUTOCONFIG) scripts/gen-options VERSION
	$(Q)scripts/gen-options $(GEN)
$(GEN)/version.h: $(GEN)/options.h
	@:
$(GEN)/option/%: $(GEN)/options.h
	@:

# The words of the kernel command line, for scripts and manual pages.
$(GEN)/words: scripts/words init/plan.h init/words.c init/families.c
	$(Q)mkdir -p $(@D)
	$(Q)scripts/words >$@.new && mv $@.new $@
words: $(GEN)/words
	@cat $<

keep = @mkdir -p $(@D); echo '$(1)' | cmp -s - $@ || echo '$(1)' >$@
$(O)/.sources: FORCE
	$(call keep,$(SOURCES))
$(O)/.compiler: FORCE
	$(call keep,$(toolchain))
$(O)/.toolchain: $(O)/.compiler scripts/toolchain $(wildcard libbb/arch/*.h)
	$(Q)$(toolchain) >$@.new && mv $@.new $@
$(O)/.flags: FORCE
	$(call keep,$(COMPILE) $(LINK))

toolchain = scripts/toolchain $(if $(CONFIG_STATIC_PIE),--pie) $(CC) $(FLAGS) $(LINK_FLAGS)
COMPILE = $(CC) -std=gnu11 -Os $(if $(CONFIG_STATIC_PIE),,-static -fno-pie) -ffunction-sections -fdata-sections \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-unwind-tables \
	-Wall -Wextra $(if $(WERROR),-Werror) -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 \
	-Ilibbb -Iinit -I$(GEN) $(TOOLCHAIN_CFLAGS) $(filter-out $(TOOLCHAIN_REFUSED),$(FLAGS)) $(TOOLCHAIN_COUNTERS)
LINK = $(COMPILE) -Wl,--gc-sections,--build-id=none $(filter-out $(TOOLCHAIN_REFUSED),$(LINK_FLAGS)) $(TOOLCHAIN_COUNTERS) $(TOOLCHAIN_LDFLAGS)
STRIP ?= $(CROSS_COMPILE)strip
READELF ?= $(CROSS_COMPILE)readelf

BUILD_GOALS := all build install install-noclobber uninstall
ifneq ($(filter $(BUILD_GOALS),$(or $(MAKECMDGOALS),all)),)
include $(KCONFIG_AUTOCONFIG) $(GEN)/objects.mk $(O)/.toolchain
OBJECTS := $(addprefix $(O)/,$(obj-y) $(TOOLCHAIN_OBJECTS))
-include $(OBJECTS:.o=.d)
endif

build: $(O)/loopbox $(GEN)/words
$(O)/loopbox: $(O)/loopbox_unstripped scripts/strip
	$(Q)$(if $(SKIP_STRIP),cp $< $@,scripts/strip $(if $(CONFIG_CUT_SECTION_HEADERS),--cut) "$(STRIP)" "$(READELF)" $< $@)
	$(if $(findstring s,$(firstword -$(MAKEFLAGS))),,@echo "$@: $$(($$(wc -c <$@))) bytes. Next: make run (try it), make install, make help")
$(O)/loopbox_unstripped: $(OBJECTS) $(O)/.flags scripts/two-segments.ld
	$(Q)$(LINK) -o $@ $(OBJECTS) $(TOOLCHAIN_LDLIBS) -Wl,-Map=$@.map
FOLDERS := $(addprefix $(O)/,applets init libbb)
$(FOLDERS):
	$(Q)mkdir -p $@
$(O)/%.o: %.c $(O)/.flags | $(GEN)/options.h $(GEN)/applets.h $(FOLDERS)
	$(Q)$(COMPILE) -MMD -MF $(@:.o=.d) -c -o $@ $<
	$(Q)scripts/fixdep $(@:.o=.d) $(GEN)/option

# Manual pages: what is in man/, and what the code says of itself.
PAGES := $(wildcard man/*.[78])
$(O)/man/.made: scripts/man scripts/words scripts/mkinitramfs scripts/try-plan scripts/check-kernel scripts/mkuki init/plan.h $(PAGES) $(SOURCES)
	$(Q)scripts/man $(O)/man && touch $@
man: $(O)/man/.made
MANDIR ?= $(if $(CONFIG_PREFIX:/=),$(CONFIG_PREFIX)/share/man,/usr/share/man)
install-man: man
	$(Q)scripts/install-man $(O)/man "$(DESTDIR)$(MANDIR)"
install-tools: $(GEN)/words
	$(Q)scripts/install-tools $< "$(DESTDIR)$(if $(CONFIG_PREFIX:/=),$(CONFIG_PREFIX),/usr)"
docs: man
	$(Q)scripts/install-deps docs
	$(Q)mkdir -p $(O)/docs/html $(O)/docs/markdown
	$(Q)for page in $(PAGES:man/%=%); do file=$(O)/man/man$${page##*.}/$$page; \
		mandoc -I os=loopbox -T html -O man=%N.%S.html $$file >$(O)/docs/html/$$page.html && \
		mandoc -I os=loopbox -T markdown $$file >$(O)/docs/markdown/$$page.md || exit; done
	@echo "$(O)/docs/html and $(O)/docs/markdown: the manual pages; docs/README.md: the guides"

COMPLETION := $(O)/completion/loopbox
completion: $(GEN)/words
	$(Q)mkdir -p $(O)/completion
	$(Q)for shell in bash zsh; do scripts/completion $$shell >$(COMPLETION).$$shell || exit; done
	@echo "for your shell: source $(COMPLETION).bash, or loopbox.zsh"
# bash looks for a file of the command's name when the command is first completed.
SHAREDIR = $(DESTDIR)$(if $(CONFIG_PREFIX:/=),$(CONFIG_PREFIX),/usr)/share
BASH_COMPLETION_DIR ?= $(SHAREDIR)/bash-completion/completions
ZSH_COMPLETION_DIR ?= $(SHAREDIR)/zsh/site-functions
install-completion: completion
	$(Q)mkdir -p "$(BASH_COMPLETION_DIR)" "$(ZSH_COMPLETION_DIR)"
	$(Q)install -m 644 $(COMPLETION).bash "$(BASH_COMPLETION_DIR)/loopbox"
	$(Q)for tool in mkinitramfs check-kernel mkuki; do ln -sf loopbox "$(BASH_COMPLETION_DIR)/loopbox-$$tool" || exit; done
	$(Q)install -m 644 $(COMPLETION).zsh "$(ZSH_COMPLETION_DIR)/_loopbox"

install_links = $(O)/loopbox "$(DESTDIR)$(CONFIG_PREFIX)" \
	$(if $(CONFIG_INSTALL_SYMLINKS),-s,$(if $(CONFIG_INSTALL_HARDLINKS),,--no-links)) $(links-y)
install: build
	$(Q)scripts/install $(install_links)
install-noclobber: build
	$(Q)scripts/install --noclobber $(install_links)
uninstall:
	$(Q)scripts/install --remove $(install_links)
clean:
	$(Q)rm -rf $(O)/loopbox $(O)/loopbox_unstripped* $(O)/applets/*.[od] $(O)/libbb/*.[od] $(O)/init/*.[od] $(O)/include $(O)/.flags $(O)/.sources $(O)/.compiler $(O)/.toolchain $(O)/build $(O)/completion $(if $(filter $(CURDIR),$(O)),man/.made man/man7 man/man8 docs/html docs/markdown,$(O)/man $(O)/docs)
mrproper: clean
	$(Q)rm -rf $(O)/.config $(O)/.config.old $(O)/defconfig $(O)/_install

size bloatcheck baseline costs:
	$(Q)scripts/$@
bench:
	$(Q)scripts/install-deps bench
	$(Q)scripts/bench $(ARGS)
bench-check:
	$(Q)scripts/bench --check
figures:
	$(Q)scripts/figures
cross:
	$(Q)scripts/install-deps cross
	$(Q)scripts/cross $(ARCH)
size-cross:
	$(Q)scripts/install-deps cross
	$(Q)scripts/cross --sizes $(ARCH)
dist:
	$(Q)scripts/dist
release:
	$(Q)scripts/install-deps cross
	$(Q)scripts/release $(ARCH)
demo:
	$(Q)scripts/install-deps $@
	$(Q)$(MAKE) --no-print-directory build
	$(Q)scripts/$@ $(O)/loopbox
run:
	$(Q)scripts/install-deps $@
	$(Q)$(MAKE) --no-print-directory build
	$(Q)scripts/try-plan --loopbox $(O)/loopbox $(if $(PLAN),--plan '$(PLAN)')
check-unit check-mutants:
	$(Q)scripts/check $(@:check-%=%)
check soak $(filter-out check-unit check-mutants,$(CHECKS:%=check-%)):
	$(Q)scripts/install-deps $(if $(filter soak,$@),soak cross,check)
	$(Q)$(MAKE) --no-print-directory build
	$(Q)LOOPBOX=$(O)/loopbox T='$(T)' scripts/check $(patsubst check,all,$(@:check-%=%))
