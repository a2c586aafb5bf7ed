# install.mk - what goes with `make install`, and the targets that pack a release. Included by the Makefile.

DOCS = $(DESTDIR)$(PREFIX)/share/doc/sysprompt
install: install-notices
install-notices:
	install -d $(DOCS)
	install -m 644 LICENSE NOTICE CHANGELOG.md $(DOCS)

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

wheel: static library-x86_64-linux-gnu.2.28
	packaging/wheel/build $(VERSION)

deb: all
	packaging/deb/build $(VERSION)

# Packs from what is built and installs each package into empty directories, offline: under a minute.
check-packages:
	packaging/check-action
	packaging/check-packages $(VERSION)

# Every case and check of the program itself, with the static one; its tools are those of the release build.
STATIC_TOOLS := api_server http_post invariants record_command yaml_values
check-static: static-x86_64-linux-musl
	@$(MAKE) --no-print-directory $(JOBS) DEV=1 $(STATIC_TOOLS:%=build/tests/%)
	@mkdir -p build/x86_64-linux-musl/tests
	@ln -sf $(STATIC_TOOLS:%=../../tests/%) build/x86_64-linux-musl/tests
	@tests/run --out build/x86_64-linux-musl

SCRIPTS += packaging/fetch packaging/check-portability packaging/check-packages packaging/check-action packaging/release packaging/npm/build packaging/deb/build packaging/brew/build

.PHONY: version install-notices uninstall dist npm wheel deb check-packages check-static
