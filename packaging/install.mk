# install.mk - what goes with `make install`, and the targets that pack a release. Included by the Makefile.

DOCS = $(DESTDIR)$(PREFIX)/share/doc/sysprompt
install: install-notices
install-notices:
	install -d $(DOCS)
	install -m 644 LICENSE NOTICE CHANGELOG.md $(DOCS)

# The examples that the manual names. What can be run stays so.
EXAMPLES = $(addprefix examples/,bindings ci clients recipes shop)
install-program: install-examples
install-examples:
	find $(EXAMPLES) -type f | while read -r file; do \
	    mode=644; if [ -x "$$file" ]; then mode=755; fi; \
	    install -d "$(DOCS)/$${file%/*}" && install -m $$mode "$$file" "$(DOCS)/$$file" || exit 1; \
	done

# The files that install has put there, and no others.
uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,bin/sysprompt lib/libsysprompt.a lib/libsysprompt.so lib/$(SONAME) \
	    lib/pkgconfig/sysprompt.pc include/sysprompt.h share/bash-completion/completions/sysprompt \
	    share/zsh/site-functions/_sysprompt share/fish/vendor_completions.d/sysprompt.fish) \
	    $(foreach section,1 3 5 7,$(wildcard $(DESTDIR)$(PREFIX)/share/man/man$(section)/sysprompt*.$(section)))
	rm -rf $(DOCS)

version:
	@echo $(VERSION)

# The committed sources as an archive: the same commit gives the same bytes.
dist:
	@mkdir -p build/dist
	git archive --format=tar --prefix=sysprompt-$(VERSION)/ HEAD | gzip -n9 >build/dist/sysprompt-$(VERSION).tar.gz
	@ls -l build/dist/sysprompt-$(VERSION).tar.gz

npm: static
	packaging/npm/build $(VERSION)

wheel: static dynamic
	packaging/wheel/build $(VERSION)

deb: all dynamic
	packaging/deb/build $(VERSION)

# Installs each package that is built into an empty place, offline, and runs the examples of CI: a minute. What needs a tool
# that is not there (buildah, ruby, lintian, mypy, pre-commit) says so.
check-packages:
	packaging/check-action
	packaging/check-packages $(VERSION)
	packaging/check-workflows
	packaging/check-image
	packaging/check-brew $(VERSION)

# From the committed sources: the archive of make dist, and two builds in two directories.
check-sources:
	packaging/check-dist $(VERSION)
	packaging/check-reproducible $(VERSION)

# Every case and check of the program itself, with the static one; its tools are those of the release build.
STATIC_TOOLS := api_server http_post invariants record_command yaml_values
CASE_TOOLS = mkdir -p $(1)/tests && ln -sf $(STATIC_TOOLS:%=$(CURDIR)/build/tests/%) $(1)/tests
case-tools:
	@$(MAKE) --no-print-directory $(JOBS) DEV=1 $(STATIC_TOOLS:%=build/tests/%)
check-static: static-x86_64-linux-musl case-tools
	@$(call CASE_TOOLS,build/x86_64-linux-musl)
	@tests/run --out build/x86_64-linux-musl

# Every case with the program for arm64, which qemu runs; the 32-bit program runs by itself. tests/checks-per-flavour says
# which cases are left out.
QEMU_ARM64 ?= $(shell command -v qemu-aarch64-static)
check-arm64: static-aarch64-linux-musl case-tools
	@$(call CASE_TOOLS,build/arm64-emulated)
	@printf '#!/bin/sh\nexec %s -0 sysprompt %s "$$@"\n' $(QEMU_ARM64) $(CURDIR)/build/static/sysprompt-linux-arm64 >build/arm64-emulated/sysprompt
	@chmod +x build/arm64-emulated/sysprompt
	@tests/run --out build/arm64-emulated
check-32-bit: portable-x86-linux-musl case-tools
	@$(call CASE_TOOLS,build/x86-linux-musl)
	@tests/run --out build/x86-linux-musl

# In roots of Debian (x86-64, and arm64 under qemu) and of musl, which debootstrap makes: as root.
check-roots:
	packaging/check-roots $(VERSION)

SCRIPTS += packaging/fetch packaging/check-portability packaging/check-packages packaging/check-action packaging/check-workflows packaging/check-roots packaging/check-image packaging/check-brew packaging/check-dist \
           packaging/check-reproducible packaging/check-publish packaging/image/push packaging/hook packaging/set-repository packaging/release packaging/npm/build packaging/deb/build packaging/brew/build

.PHONY: version install-program install-examples install-notices uninstall dist npm wheel deb check-packages case-tools check-static check-arm64 check-32-bit check-roots check-sources
