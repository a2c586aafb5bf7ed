/*
 * encodings.c - names of encodings, and special tokens.
 *
 * From tiktoken 0.14.0, tiktoken_ext/openai_public.py.
 */
#include "base/types.h"
#include "tokenizer/engine.h"
#include "tokenizer/tokens.h"

/* ---- encodings ------------------------------------------------------------------------------------ */

static const struct sp_encoding encodings[] = {
    { "r50k_base", SP_EXACT, SP_VOCAB_P50K, SP_PATTERN_R50K, 0, 1, 50256, 0, 0 },
    { "p50k_base", SP_EXACT, SP_VOCAB_P50K, SP_PATTERN_R50K, 0, 1, 50281, 0, 0 },
    { "p50k_edit", SP_EXACT, SP_VOCAB_P50K, SP_PATTERN_R50K, 0, 4, 50281, 0, 0 },
    { "cl100k_base", SP_EXACT, SP_VOCAB_CL100K, SP_PATTERN_CL100K, 4, 5, 100256, 0, 0 },
    { "o200k_base", SP_EXACT, SP_VOCAB_O200K, SP_PATTERN_O200K, 9, 2, 199998, 0, 0 },
    { "o200k_harmony", SP_EXACT, SP_VOCAB_O200K, SP_PATTERN_O200K, 9, 10, 199998, 200000, 201087 },
    { "claude-v3", SP_FAMILY_V3, SP_VOCAB_CL100K, SP_PATTERN_CL100K, 0, 0, 100256, 0, 0 },
    { "claude-4.7", SP_FAMILY_47, SP_VOCAB_CL100K, SP_PATTERN_CL100K, 0, 0, 100256, 0, 0 },
};

enum {
    R50K = 0,
    FIRST_ESTIMATE = 6,
};

const sp_encoding *sp_encoding_at(size_t index)
{
    return index < FIRST_ESTIMATE ? &encodings[index] : NULL;
}

const sp_encoding *sp_estimate_at(size_t index)
{
    return index < SP_COUNT_OF(encodings) - FIRST_ESTIMATE ? &encodings[FIRST_ESTIMATE + index] : NULL;
}

bool sp_encoding_is_exact(const sp_encoding *encoding)
{
    const sp_engine *engine = sp_engine_of(encoding);
    return engine ? engine->is_exact : encoding->family == SP_EXACT;
}

const char *sp_encoding_name(const sp_encoding *encoding)
{
    return sp_engine_of(encoding) ? ((const sp_engine_encoding *)encoding)->name : encoding->name;
}

const sp_encoding *sp_encoding_find(sp_str name)
{
    if (sp_str_eq(name, SP_STR("gpt2")))
        return &encodings[R50K];
    for (size_t i = 0; i < SP_COUNT_OF(encodings); i++)
        if (sp_str_eq(name, sp_str_of(encodings[i].name)))
            return &encodings[i];
    return NULL;
}

/* ---- special tokens ------------------------------------------------------------------------------------ */

typedef struct special {
    char text[20];
    uint32_t id;
} special;

/* Each encoding names a run of these. In harmony 200018 has two names, of which this one is decoded to. */
static const special specials[] = {
    { "<|endoftext|>", 50256 }, /* r50k, p50k */
    { "<|fim_prefix|>", 50281 },   { "<|fim_middle|>", 50282 },   { "<|fim_suffix|>", 50283 },
    { "<|endoftext|>", 100257 }, /* cl100k */
    { "<|fim_prefix|>", 100258 },  { "<|fim_middle|>", 100259 },  { "<|fim_suffix|>", 100260 },
    { "<|endofprompt|>", 100276 }, { "<|endoftext|>", 199999 },   /* o200k */
    { "<|endofprompt|>", 200018 }, { "<|startoftext|>", 199998 }, /* and harmony */
    { "<|return|>", 200002 },      { "<|constrain|>", 200003 },   { "<|channel|>", 200005 },
    { "<|start|>", 200006 },       { "<|end|>", 200007 },         { "<|message|>", 200008 },
    { "<|call|>", 200012 },
};

static const char reserved_begin[] = "<|reserved_";
static const char reserved_end[] = "|>";

enum {
    RESERVED_DIGITS = 6,
    RESERVED_LEN = sizeof reserved_begin - 1 + RESERVED_DIGITS + sizeof reserved_end - 1,
};

static const special *special_with_id(const sp_encoding *encoding, uint32_t id)
{
    const special *first = &specials[encoding->specials];
    for (const special *s = first; s < first + encoding->special_count; s++)
        if (s->id == id)
            return s;
    return NULL;
}

/* Is N the id of a token called <|reserved_N|>? Not if another name has taken it, but for 200018, which has
 * both names. */
static bool is_reserved(const sp_encoding *encoding, uint32_t id)
{
    return encoding->reserved_max != 0 && id >= encoding->reserved_min && id <= encoding->reserved_max &&
           (id > 200012 || !special_with_id(encoding, id));
}

static uint32_t reserved_at(const sp_encoding *encoding, sp_str text)
{
    if (text.len < RESERVED_LEN || !sp_str_starts(text, sp_str_of(reserved_begin)))
        return SP_NO_TOKEN;
    uint32_t id = 0;
    const char *digits = text.ptr + sizeof reserved_begin - 1;
    for (size_t i = 0; i < RESERVED_DIGITS; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return SP_NO_TOKEN;
        id = id * 10 + (uint32_t)(digits[i] - '0');
    }
    bool closed = memcmp(digits + RESERVED_DIGITS, reserved_end, sizeof reserved_end - 1) == 0;
    return closed && is_reserved(encoding, id) ? id : SP_NO_TOKEN;
}

enum {
    GAP_P50K = 50256, /* the one rank without a token: a special token has that id */
};

bool sp_token_is_ordinary(const sp_encoding *encoding, uint32_t id)
{
    return id < encoding->rank_limit && !(encoding->vocab == SP_VOCAB_P50K && id == GAP_P50K);
}

uint32_t sp_special_at(const sp_encoding *encoding, sp_str text, size_t *ret_len)
{
    const special *first = &specials[encoding->specials];
    for (const special *s = first; s < first + encoding->special_count; s++)
        if (sp_str_starts(text, sp_str_of(s->text))) {
            *ret_len = strlen(s->text);
            return s->id;
        }
    *ret_len = RESERVED_LEN;
    return reserved_at(encoding, text);
}

sp_str sp_special_text(const sp_encoding *encoding, uint32_t id, char buffer[32])
{
    const special *s = special_with_id(encoding, id);
    if (s)
        return sp_str_of(s->text);
    if (!is_reserved(encoding, id))
        return (sp_str){ NULL, 0 };
    memcpy(buffer, reserved_begin, sizeof reserved_begin - 1);
    char *digits = buffer + sizeof reserved_begin - 1;
    for (size_t i = RESERVED_DIGITS; i-- > 0; id /= 10)
        digits[i] = (char)('0' + id % 10);
    memcpy(digits + RESERVED_DIGITS, reserved_end, sizeof reserved_end - 1);
    return (sp_str){ buffer, RESERVED_LEN };
}

_Static_assert(SP_IMAGE_FAMILIES == SP_FAMILY_END - 1, "the image has a table for each");

/* ---- tables ---------------------------------------------------------------------------------------------- */

extern const uint8_t sp_image[] __attribute__((visibility("hidden"))); /* image.S */

static const void *at(uint32_t offset)
{
    return sp_image + offset;
}

static const sp_split_rules split_rules[] = {
    [SP_PATTERN_R50K] = { SP_PATTERN_R50K, 0, true, false },
    [SP_PATTERN_CL100K] = { SP_PATTERN_CL100K, 3, true, false },
    [SP_PATTERN_O200K] = { SP_PATTERN_O200K, 3, true, false },
};

static sp_word_table word_table(const sp_image_hash *hash, uint32_t keys, uint32_t ids)
{
    return (sp_word_table){ at(keys), at(hash->multipliers), at(hash->prints), at(ids), hash };
}

void sp_vocab_open(sp_vocab *vocab, const sp_encoding *encoding, sp_path path)
{
    const sp_image_header *header = at(0);
    const sp_image_vocab *image = &header->vocabs[encoding->vocab];
    *vocab = (sp_vocab){
        .words = { word_table(&image->short_hash, image->short_keys, image->short_ids),
                   word_table(&image->long_hash, image->long_keys, image->long_ids) },
        .records = at(image->records),
        .pairs = at(image->pairs),
        .pair_multipliers = at(image->pair_hash.multipliers),
        .trie = at(image->trie),
        .byte_values = at(image->byte_values),
        .byte_ranks = at(image->byte_ranks),
        .byte_pairs = at(image->byte_pairs),
        .class_blocks = at(header->class_blocks),
        .class_values = at(header->class_values),
        .image = image,
        .trie_root = image->trie_root,
        .rank_limit = encoding->rank_limit,
        .rules = split_rules[encoding->pattern],
        .merge_words = sp_words_merger_of(path),
        .windows = sp_split_windows_of(path, (sp_pattern)encoding->pattern),
        .single_blanks = encoding == &encodings[R50K],
        .is_estimated = sp_is_weighed(encoding),
    };
}

const uint32_t *sp_vocab_estimates(const sp_encoding *encoding, bool is_long)
{
    const sp_image_header *header = at(0);
    return at(header->estimates[encoding->family - 1][is_long]);
}

const int16_t *sp_vocab_costs(const sp_encoding *encoding)
{
    const sp_image_header *header = at(0);
    return at(header->costs[encoding->family - 1]);
}
