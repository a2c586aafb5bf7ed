/*
 * tokenize.h - what the files of this folder share. Everyone else uses the tokens part of sysprompt.h.
 *
 *   image.h       the layout of the read-only tables            image.S    puts them into the binary
 *   encodings.c   names, models, special tokens                 vocab.h    finding tokens in the tables
 *   split.c       text -> pieces (the encoding's pattern)       merge.c    piece -> tokens
 *   tokenize.c    both put together: counting and encoding      truncate.c the longest prefix of N tokens
 *   decode.c      tokens -> bytes                     cut.c      where a text may be cut in two
 *
 * A text is cut into pieces by the pattern of its encoding, and every piece is merged into tokens on its own.
 * Nine pieces in ten are a token as they stand and cost one look into a table.
 */
#ifndef SP_TOKENIZE_H
#define SP_TOKENIZE_H

#include "base/base.h"
#include "tokenize/image.h"

/* ---- encodings ------------------------------------------------------------------------------------ */

typedef enum sp_pattern {
    SP_PATTERN_R50K,
    SP_PATTERN_CL100K,
    SP_PATTERN_O200K,
} sp_pattern;

/* No pointers in here: the table of encodings is then plain data that needs no relocation. */
struct sp_encoding {
    char name[16];
    uint8_t vocab;    /* SP_VOCAB_... */
    uint8_t pattern;  /* sp_pattern */
    uint8_t specials; /* first in the table of special tokens */
    uint8_t special_count;
    uint32_t rank_limit;   /* ids of ordinary tokens are below it */
    uint32_t reserved_min; /* <|reserved_N|> is id N for N from here to reserved_max; 0 if there are none */
    uint32_t reserved_max;
};

/* Is it the id of a token of the vocabulary, rather than of a special token or of none? */
bool sp_token_is_ordinary(const sp_encoding *encoding, uint32_t id);

/* The id of the special token that text starts with, and its length in bytes; or SP_NO_TOKEN. */
uint32_t sp_special_at(const sp_encoding *encoding, sp_str text, size_t *ret_len);

/* The text of a special token, written to buffer where it has to be made up; ptr is NULL for an id that is no
 * special token. */
sp_str sp_special_text(const sp_encoding *encoding, uint32_t id, char buffer[32]);

/* ---- tables --------------------------------------------------------------------------------------- */

/* The tables of one encoding, with offsets turned into pointers. Made anew for every call: it costs a dozen
 * additions. */
typedef struct sp_vocab {
    const uint64_t *short_keys;
    const uint16_t *short_multipliers;
    const uint64_t *long_keys;
    const uint16_t *long_multipliers;
    const uint8_t *short_ids;
    const uint8_t *long_ids;
    const uint64_t *records;
    const uint32_t *pairs;
    const uint16_t *pair_multipliers;
    const uint32_t *trie;
    const uint8_t *byte_values;
    const uint8_t *class_blocks;
    const uint8_t *class_values;
    const sp_image_vocab *image;
    uint32_t trie_root;
    uint32_t rank_limit;
    sp_pattern pattern;
    bool single_blanks; /* r50k: p50k's tables without its runs of blanks */
} sp_vocab;

void sp_vocab_open(sp_vocab *vocab, const sp_encoding *encoding);

/* ---- pieces --------------------------------------------------------------------------------------- */

/* Cuts text[at..end), which has to be valid UTF-8, and writes where each piece ends; stops after max pieces or
 * at the end. Returns how many. What follows end is never looked at: end is the end of the text. */
size_t sp_split(const sp_vocab *vocab, const uint8_t *text, size_t at, size_t end, size_t *ends, size_t max);

/* Length of the character of valid UTF-8 whose first byte is lead. */
static inline size_t sp_char_len(uint8_t lead)
{
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* Class of the character at p, which has to be valid UTF-8. */
sp_class sp_class_at(const sp_vocab *vocab, const uint8_t *p);

/* ---- merging -------------------------------------------------------------------------------------- */

#define SP_MERGE_STEP_BITS 9

/* Which token came after another, once. */
typedef struct sp_merge_step {
    uint64_t key;
    uint32_t token;
} sp_merge_step;

/* Memory for merging, kept from piece to piece. For one vocabulary only. */
typedef struct sp_merger {
    uint32_t *tokens; /* the result of the last merge */
    size_t count;
    uint64_t *dead;
    size_t tokens_cap;
    size_t dead_cap;
    bool has_steps; /* steps are cleared by the first merge: most short texts have none */
    sp_merge_step steps[1 << SP_MERGE_STEP_BITS];
} sp_merger;

void sp_merger_init(sp_merger *merger);
void sp_merger_release(sp_merger *merger);

/* Merges one piece into merger->tokens and returns how many there are, or 0 when memory is short. Any bytes,
 * any length but 0; the time is linear in it. */
size_t sp_merge(const sp_vocab *vocab, sp_merger *merger, const uint8_t *piece, size_t len);

/* The same for the rest of a piece whose encoding up to here ends in the token before: what has to be added so
 * that the whole is the encoding of the whole. Returns 0 if there is no such thing because more than the rest
 * changes (or memory is short). */
size_t sp_merge_after(const sp_vocab *vocab, sp_merger *merger, uint32_t before, const uint8_t *piece, size_t len);

/* ---- counting parts of a text, for truncate.c --------------------------------------------------------- */

/* Adds the tokens of text[at..end), a text of its own without special tokens, to *tokens. False when memory is
 * short. */
bool sp_count_part(const sp_vocab *vocab, sp_merger *merger, const uint8_t *text, size_t at, size_t end,
                   size_t *tokens);

/* The same for one piece of a text that ends at text_end. */
bool sp_count_piece(const sp_vocab *vocab, sp_merger *merger, const uint8_t *text, size_t at, size_t end,
                    size_t text_end, size_t *tokens);

/* For text[at..end) that is UTF-8 only up to valid_end: the place from which on everything is merged as one piece,
 * with the tokens before it added to *tokens. */
bool sp_count_stable(const sp_vocab *vocab, sp_merger *merger, const uint8_t *text, size_t at, size_t valid_end,
                     size_t *ret_begin, size_t *tokens);

/* The first special token at or after from: where it begins, its length and its id. False if there is none. */
bool sp_special_find(const sp_encoding *encoding, sp_str text, size_t from, size_t *ret_at, size_t *ret_len,
                     uint32_t *ret_id);

#endif
