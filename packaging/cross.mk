# cross.mk - the program for other systems, compiled and linked here by zig. Included by the Makefile.
#
#   make static        build/static/sysprompt-linux-{x64,arm64}: static, position-independent, stripped; the same bytes
#                      wherever they are built
#   make portability   macOS (x86-64, arm64), 32-bit Linux and WebAssembly too, linked; Node.js runs WebAssembly's
#                      cases, and a big-endian machine is refused by the compiler
#
# Each target is a flavour: make FLAVOUR=aarch64-linux-musl build/aarch64-linux-musl/sysprompt. The libraries are
# compiled from source with the program, as packaging/fetch unpacks them.

ZIG ?= $(CURDIR)/build/zig/zig
STATIC_x86_64-linux-musl  := linux-x64
STATIC_aarch64-linux-musl := linux-arm64
STATIC_TARGETS   := x86_64-linux-musl aarch64-linux-musl
DYNAMIC_TARGETS  := x86_64-linux-gnu.2.28 aarch64-linux-gnu.2.28
MAC_TARGETS      := x86_64-macos aarch64-macos
SMALL_TARGETS    := x86-linux-musl
PORTABLE_TARGETS := $(MAC_TARGETS) $(SMALL_TARGETS) wasm32-wasi
CROSS := $(filter $(STATIC_TARGETS) $(DYNAMIC_TARGETS) $(PORTABLE_TARGETS),$(FLAVOUR))

ifneq ($(CROSS),)
export ZIG_GLOBAL_CACHE_DIR ?= $(CURDIR)/build/zig-cache
export ZIG_LOCAL_CACHE_DIR ?= $(CURDIR)/build/zig-cache

HOST_CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
override CC := $(ZIG) cc -target $(CROSS)
override AR := $(ZIG) ar
LIBRARIES := build/libraries

# No path of this machine in the program, and nothing that a second build would make otherwise.
FLAGS_$(CROSS) := -O2 -g0 -ffile-prefix-map=$(CURDIR)=. $(if $(filter $(DYNAMIC_TARGETS),$(CROSS)),-DSP_LINKED_PCRE2,-DSP_STATIC) -DPCRE2_STATIC -DYAML_DECLARE_STATIC -DUTF8PROC_STATIC \
                  -I$(LIBRARIES)/libyaml/include -I$(LIBRARIES)/utf8proc -I$(LIBRARIES)/pcre2/src
ifneq ($(filter $(STATIC_TARGETS) $(SMALL_TARGETS),$(CROSS)),)
FLAGS_$(CROSS) += -fstack-protector-strong
LINKING := -static -pie -s -Wl,-z,relro,-z,now -Wl,--build-id=none
endif
ifneq ($(filter $(DYNAMIC_TARGETS),$(CROSS)),)
# The flags of HARDENING by name: zig has the last two for x86-64 alone, and the host's compiler must not decide.
FLAGS_$(CROSS) += -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 \
                  $(if $(filter x86_64-%,$(CROSS)),-fstack-clash-protection -fcf-protection)
LDFLAGS := -s
endif
ifneq ($(filter $(MAC_TARGETS),$(CROSS)),)
FLAGS_$(CROSS) += -fstack-protector-strong -D_DARWIN_C_SOURCE
LINKING := -pie -Wl,-s
endif
ifeq ($(CROSS),wasm32-wasi)
# Signals and memory maps are emulated where they are only asked for; processes and threads are not there.
FLAGS_$(CROSS) += -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_MMAN -D_WASI_EMULATED_PROCESS_CLOCKS -D_WASI_EMULATED_GETPID -include packaging/wasi/shim.h
LINKING := -s -lwasi-emulated-signal -lwasi-emulated-mman -lwasi-emulated-process-clocks -lwasi-emulated-getpid -Wl,-z,stack-size=8388608
endif

YAML_OBJ := $(patsubst %,$(OUT)/libraries/yaml-%.o,api dumper emitter loader parser reader scanner writer)
PCRE2_OBJ := $(patsubst %,$(OUT)/libraries/pcre2-%.o,auto_possess chartables compile config context convert dfa_match error extuni \
               find_bracket jit_compile maketables match match_data newline ord2utf pattern_info script_run serialize string_utils \
               study substitute substring tables ucd valid_utf xclass)
CROSS_LIBRARIES := $(OUT)/libraries.a
CROSS_LIBS := $(CROSS_LIBRARIES) $(if $(filter wasm32-wasi,$(CROSS)),-lm,-pthread -lm)

LIBRARY_FLAGS = $(FLAGS) -fPIC -w
$(YAML_OBJ): $(OUT)/libraries/yaml-%.o: $(LIBRARIES)/.unpacked
	@mkdir -p $(@D)
	$(QUIET)$(CC) $(LIBRARY_FLAGS) -DYAML_VERSION_MAJOR=0 -DYAML_VERSION_MINOR=2 -DYAML_VERSION_PATCH=5 -DYAML_VERSION_STRING='"0.2.5"' \
	    -c $(LIBRARIES)/libyaml/src/$*.c -o $@
$(PCRE2_OBJ): $(OUT)/libraries/pcre2-%.o: $(LIBRARIES)/.unpacked
	@mkdir -p $(@D)
	$(QUIET)$(CC) $(LIBRARY_FLAGS) -DHAVE_CONFIG_H -DPCRE2_CODE_UNIT_WIDTH=8 -DSUPPORT_UNICODE -DHAVE_STDINT_H -DHAVE_MEMMOVE=1 \
	    $(if $(filter wasm32-wasi,$(CROSS)),,-DSUPPORT_JIT) -c $(LIBRARIES)/pcre2/src/pcre2_$*.c -o $@
$(OUT)/libraries/utf8proc.o: $(LIBRARIES)/.unpacked
	@mkdir -p $(@D)
	$(QUIET)$(CC) $(LIBRARY_FLAGS) -c $(LIBRARIES)/utf8proc/utf8proc.c -o $@
WASI_OBJ := $(if $(filter wasm32-wasi,$(CROSS)),$(OUT)/obj/packaging/wasi/shim.o)
# See there. Machines of the other kind have a memcpy of their own in musl that is fast.
MUSL_OBJ := $(if $(filter x86_64-linux-musl,$(CROSS)),$(OUT)/obj/packaging/musl/memcpy.o)
$(CROSS_LIBRARIES): $(WASI_OBJ) $(MUSL_OBJ) $(YAML_OBJ) $(PCRE2_OBJ) $(OUT)/libraries/utf8proc.o
	$(call say,AR,$@)
	@rm -f $@
	$(QUIET)$(AR) rcsD $@ $^

$(OUT)/sysprompt $(OUT)/libsysprompt.so: $(CROSS_LIBRARIES)
$(OUT)/obj/command: $(LIBRARIES)/.unpacked
endif

build/libraries/.unpacked: packaging/fetch
	@packaging/fetch libraries && touch $@
build/zig/.unpacked: packaging/fetch
	@packaging/fetch zig && touch $@

# The libraries and the compiler first, so that two targets do not fetch them at the same time.
CROSS_TOOLS := build/libraries/.unpacked $(if $(filter file,$(origin ZIG)),build/zig/.unpacked)

$(STATIC_TARGETS:%=static-%): static-%: $(CROSS_TOOLS)
	@$(MAKE) --no-print-directory $(JOBS) FLAVOUR=$* build/$*/sysprompt
	@install -D build/$*/sysprompt build/static/sysprompt-$(STATIC_$*)
static: $(STATIC_TARGETS:%=static-%)
	@ls -l build/static

# The program and the library with their own libraries inside, for any Linux with glibc 2.28: for the Debian packages and
# the wheels.
$(DYNAMIC_TARGETS:%=dynamic-%): dynamic-%: $(CROSS_TOOLS)
	@$(MAKE) --no-print-directory $(JOBS) FLAVOUR=$* build/$*/sysprompt build/$*/libsysprompt.so
dynamic: $(DYNAMIC_TARGETS:%=dynamic-%)

$(PORTABLE_TARGETS:%=portable-%): portable-%: $(CROSS_TOOLS)
	@$(MAKE) --no-print-directory $(JOBS) FLAVOUR=$* build/$*/sysprompt
portability: case-tools $(PORTABLE_TARGETS:%=portable-%)
	@packaging/check-portability

.PHONY: static dynamic portability $(DYNAMIC_TARGETS:%=dynamic-%) $(STATIC_TARGETS:%=static-%) $(PORTABLE_TARGETS:%=portable-%)
