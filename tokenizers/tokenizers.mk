# tokenizers.mk - the vocabularies, from packed form to the image that is linked in. Included by the Makefile,
# which sets GEN and HOST_CC and compiles GEN_ASM with -I$(GEN).
#
#   *.pairs --vocab-unpack--> *.tiktoken --sha256sum--> --image-build--> vocabularies.bin
#     --estimates-build--> encodings.bin --image.S--> the program

TOKENIZER_IMAGE := $(GEN)/encodings.bin
TOKENIZER_VOCABS := p50k_base cl100k_base o200k_base
TOKENIZER_FILES := $(TOKENIZER_VOCABS:%=$(GEN)/%.tiktoken) $(GEN)/r50k_base.tiktoken
TOKENIZER_HOST := $(HOST_CC) -std=c17 -O2 -D_GNU_SOURCE -Isrc $(LIBRARY_CFLAGS)

GEN_ASM += src/tokenizer/image.S
EMBED_DEPS += $(TOKENIZER_IMAGE)

$(GEN)/vocab-pack $(GEN)/vocab-unpack: $(GEN)/%: tokenizers/%.c tokenizers/vocab.c tokenizers/pairs.c \
                                                tokenizers/vocab.h tokenizers/pairs.h
	@mkdir -p $(@D)
	$(TOKENIZER_HOST) $(filter %.c,$^) -o $@

$(GEN)/image-build: tokenizers/image-build.c tokenizers/vocab.c tokenizers/vocab.h src/tokenizer/image.h
	@mkdir -p $(@D)
	$(TOKENIZER_HOST) $(filter %.c,$^) -o $@

$(TOKENIZER_VOCABS:%=$(GEN)/%.tiktoken): $(GEN)/%.tiktoken: tokenizers/%.pairs $(GEN)/vocab-unpack
	$(GEN)/vocab-unpack $< $@

# r50k's ranks are p50k's first.
$(GEN)/r50k_base.tiktoken: tokenizers/p50k_base.pairs $(GEN)/vocab-unpack
	$(GEN)/vocab-unpack $< $@ 50256

# The image is made of these files only if they are, byte for byte, what their owner publishes.
$(GEN)/vocabularies-verified: tokenizers/SHA256SUMS $(TOKENIZER_FILES)
	cd $(GEN) && sha256sum --quiet --strict -c "$(CURDIR)/tokenizers/SHA256SUMS"
	@touch $@

$(GEN)/vocabularies.bin: $(GEN)/image-build $(GEN)/vocabularies-verified tokenizers/unicode-16.0.0-classes.txt
	$(GEN)/image-build $@.new $(TOKENIZER_VOCABS:%=$(GEN)/%.tiktoken) tokenizers/unicode-16.0.0-classes.txt
	@mv $@.new $@

ESTIMATES_BUILD := tokenizers/estimates-build.c $(addprefix src/base/,arena.c err.c str.c utf8.c) \
    $(addprefix src/tokenizer/,encodings.c estimate.c merge.c split.c split_window.c words.c)
$(GEN)/estimates-build: $(ESTIMATES_BUILD) $(wildcard src/tokenizer/*.h src/tokenizer/*.def)
	@mkdir -p $(@D)
	$(TOKENIZER_HOST) $(filter %.c,$^) -o $@

$(TOKENIZER_IMAGE): $(GEN)/estimates-build $(GEN)/vocabularies.bin
	$(GEN)/estimates-build $(GEN)/vocabularies.bin $@.new
	@mv $@.new $@

# The table of models, by the reader that reads a user's.
MODELS_BUILD := tokenizers/models-build.c src/tokenizer/models/read.c src/tokenizer/models/fields.c $(addprefix src/base/,arena.c err.c map.c near.c str.c utf8.c)
$(GEN)/models-build: $(MODELS_BUILD) src/tokenizer/models/models.h | build/.libraries
	@mkdir -p $(@D)
	$(TOKENIZER_HOST) $(filter %.c,$^) -lyaml -o $@

$(GEN)/models_table.h: $(GEN)/models-build tokenizers/models.yaml
	$(GEN)/models-build tokenizers/models.yaml $@.new
	@mv $@.new $@

# For maintainers: pack the vocabularies in the folder FROM again. See tokenizers/README.md.
pack-vocabularies: $(GEN)/vocab-pack
	for name in $(TOKENIZER_VOCABS); do $(GEN)/vocab-pack $(FROM)/$$name.tiktoken tokenizers/$$name.pairs || exit 1; done

# The estimators, judged by texts that the fit has not seen; with WRITE=1 their weights and ranges are made again. With
# FURTHER only some of these are, and the others are kept: see README.md. The texts and their counts are not in the
# repository: CORPUS is the folder that has them.
CALIBRATION := $(CORPUS)/calibration
WRITE ?=
FURTHER ?=
calibrate: $(OUT)/calibrate
	@if ! [ -e $(CALIBRATION)/corpus-counts.tsv ]; then \
	    echo "skipped: there is no $(CALIBRATION)/corpus-counts.tsv; CORPUS=FOLDER names another place"; \
	else \
	    gzip -dc $(CALIBRATION)/claude-measured-texts.jsonl.gz >$(GEN)/measured.jsonl && \
	    FURTHER=$(FURTHER) $< $(CALIBRATION)/corpus-counts.tsv $(CORPUS) $(GEN)/measured.jsonl $(if $(WRITE),src/tokenizer) && \
	    $(if $(WRITE),clang-format -i src/tokenizer/estimate_weights.h,:); \
	fi

# Every generated file that the build makes: all of it is made by the build, so that nothing generated is checked in.
gen: $(TOKENIZER_IMAGE) $(GEN)/models_table.h

.PHONY: pack-vocabularies calibrate gen
