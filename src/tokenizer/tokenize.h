/*
 * tokenize.h - what the files of this folder share. Everyone else uses the tokens part of sysprompt.h.
 *
 *   image.h         the layout of the read-only tables         image.S     puts them into the binary
 *   encodings.c     names, special tokens                      vocab.h     finding tokens in the tables
 *   split.c         text -> pieces, a character at a time      masks.h     64 bytes of text as bit masks
 *   split_window.c  the same, 64 bytes at a time               cache.h     pieces that have come before
 *   merge.c         piece -> tokens                            words.c     the same for many words, side by side
 *   tokenize.c      all put together: counting and encoding    batch.c     pieces -> what is known of them
 *   cut.c           where a text may be cut in two             truncate.c  the longest prefix of N tokens
 *   estimate.c      pieces of tokenizers that are not public   shares.c    estimates of the parts of a text
 *   reading.c       text -> what is estimated                  decode.c    tokens -> bytes
 *   engine.c        tokenizers that are not built in           targets.h   what the paths ask of the processor
 *   lanes.inc       batch.c for several pieces a step
 *
 * A text is cut into pieces by the pattern of its encoding, and every piece is merged into tokens on its own.
 * Nearly every piece has come before, and costs one look into a table.
 */
#ifndef SP_TOKENIZE_H
#define SP_TOKENIZE_H

#include "base/base.h"
#include "base/types.h"
#include "tokenizer/image.h"
#include "tokenizer/tokens.h"

/* ---- encodings ------------------------------------------------------------------------------------ */

typedef enum sp_pattern {
    SP_PATTERN_R50K,
    SP_PATTERN_CL100K,
    SP_PATTERN_O200K,
} sp_pattern;

/* A pattern and what its relatives have changed in it: cl100k's with single numbers is Qwen's, o200k's without
 * contractions is Mistral's. */
typedef struct sp_split_rules {
    sp_pattern pattern;
    uint8_t number_len; /* characters of a number in one piece: 1, 3, or 0 for all of them */
    bool contractions;  /* 's, 't, 're, 've, 'm, 'll, 'd */
    bool lines_first;   /* white space at the end of a text is cut behind its last line end, as elsewhere */
} sp_split_rules;

/* How pieces are found: with what this processor has, or with less, for tests. All give the same pieces. */
typedef enum sp_path {
    SP_PATH_BEST,
    SP_PATH_SCALAR,   /* a character at a time: what the others are held to */
    SP_PATH_PORTABLE, /* 64 bytes at a time, in plain C */
    SP_PATH_SSE2,
    SP_PATH_AVX2,
    SP_PATH_AVX512,
} sp_path;

bool sp_path_exists(sp_path path);
sp_path sp_path_taken(sp_path path); /* what SP_PATH_BEST stands for on this machine; or path */

/* What the tokens of an encoding are: those of its vocabulary, or an estimate with the weights of that family. */
typedef enum sp_family {
    SP_EXACT,
    SP_FAMILY_V3,
    SP_FAMILY_47,
    SP_FAMILY_END,
    SP_ENGINE = SP_FAMILY_END, /* what its engine says: engine.h */
} sp_family;

/* No pointers in here: the table of encodings is then plain data that needs no relocation. */
struct sp_encoding {
    char name[16];
    uint8_t family;   /* sp_family */
    uint8_t vocab;    /* SP_VOCAB_... */
    uint8_t pattern;  /* sp_pattern */
    uint8_t specials; /* first in the table of special tokens */
    uint8_t special_count;
    uint32_t rank_limit;   /* ids of ordinary tokens are below it */
    uint32_t reserved_min; /* <|reserved_N|> is id N for N from here to reserved_max; 0 if there are none */
    uint32_t reserved_max;
};

/* Whether it is estimated with weights (estimate.h), and counted in ticks. */
static inline bool sp_is_weighed(const sp_encoding *encoding)
{
    return encoding->family > SP_EXACT && encoding->family < SP_FAMILY_END;
}

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
typedef struct sp_vocab sp_vocab;

#define SP_SPLIT_MAX 384u /* the most pieces of a call of sp_split_reaching */

/* A bit for each piece of a text: it reaches beyond its end, or sp_estimate_reach has to tell. The word after those of
 * the pieces is written to without a test, and stays 0. */
typedef struct sp_reach {
    uint64_t does[SP_SPLIT_MAX / 64 + 1];
    uint64_t may[SP_SPLIT_MAX / 64 + 1];
} sp_reach;

/* The same as sp_split_reaching, after the first count pieces; but it stops where it cannot tell, and near the end.
 * reach may be NULL. Returns how many pieces there are then. */
typedef size_t sp_split_windows(const sp_vocab *vocab, const uint8_t *text, size_t at, size_t end, size_t *ends,
                                size_t count, size_t max, sp_reach *reach);

sp_split_windows *sp_split_windows_of(sp_path path, sp_pattern pattern); /* NULL for SP_PATH_SCALAR */

typedef struct sp_words sp_words;
typedef void sp_words_merger(const sp_vocab *vocab, sp_words *words); /* see sp_words */

/* Tokens by their bytes: see image.h. */
typedef struct sp_word_table {
    const uint64_t *keys;
    const uint16_t *multipliers;
    const uint8_t *prints;
    const uint8_t *ids;
    const sp_image_hash *hash;
} sp_word_table;

struct sp_vocab {
    sp_word_table words[2]; /* of up to 8 bytes, and of 9 to 16 */
    const uint64_t *records;
    const uint32_t *pairs;
    const uint16_t *pair_multipliers;
    const uint32_t *trie;
    const uint8_t *byte_values;
    const uint8_t *byte_ranks;
    const uint16_t *byte_pairs;
    const uint8_t *class_blocks;
    const uint8_t *class_values;
    const sp_image_vocab *image;
    uint32_t trie_root;
    uint32_t rank_limit;
    sp_split_rules rules;
    sp_split_windows *windows;
    sp_words_merger *merge_words;
    bool single_blanks; /* r50k: p50k's tables without its runs of blanks */
    bool is_estimated;  /* pieces are told by what follows them, too: see sp_estimate_reach */
};

void sp_vocab_open(sp_vocab *vocab, const sp_encoding *encoding, sp_path path);

/* What pieces that are tokens of cl100k_base are estimated at: by the slot of a short one, or of a long one, a packed
 * sp_finding. 0 for those that are not UTF-8, or longer than SP_CACHE_MAX_PIECE. */
const uint32_t *sp_vocab_estimates(const sp_encoding *encoding, bool is_long);

/* What tokens of cl100k_base cost by that estimate, in ticks: by the way of asking (estimate.c) and by the token. */
const int16_t *sp_vocab_costs(const sp_encoding *encoding);

/* ---- pieces --------------------------------------------------------------------------------------- */

/* Cuts text[at..end), which has to be valid UTF-8, and writes where each piece ends: at most max of them, and at least
 * one unless at is end. Returns how many. What follows end is never looked at: end is the end of the text. */
size_t sp_split(const sp_vocab *vocab, const uint8_t *text, size_t at, size_t end, size_t *ends, size_t max);

/* The same, and what they reach. max is at most SP_SPLIT_MAX. */
size_t sp_split_reaching(const sp_vocab *vocab, const uint8_t *text, size_t at, size_t end, size_t *ends, size_t max,
                         sp_reach *ret_reach);

/* Length of the character of valid UTF-8 whose first byte is lead. */
static inline size_t sp_char_len(uint8_t lead)
{
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* Class of the character at p, which has to be valid UTF-8. */
sp_class sp_class_at(const sp_vocab *vocab, const uint8_t *p);

/* Up to 16 bytes that may be a token, padded with zeros. */
typedef struct sp_word {
    uint64_t low, high;
    size_t len;
} sp_word;

/* Where the answer is to the question whether a word is a token. */
typedef struct sp_probe {
    uint32_t slot;
    bool is_likely; /* false: it is none, as far as the tables know */
} sp_probe;

/* ---- merging words -------------------------------------------------------------------------------------- */

enum {
    SP_WORDS_SHORT = 16, /* room of a word, which is more than its bytes */
    SP_WORDS_LONG = 64,
    SP_WORDS_PLACES = 512,
    SP_WORDS_MAX = SP_WORDS_PLACES / SP_WORDS_SHORT,
};

/* Words that are merged side by side: see words.c. There is room for SP_WORDS_PLACES / room of them. */
struct sp_words {
    unsigned room; /* SP_WORDS_SHORT or SP_WORDS_LONG */
    unsigned count;
    uint64_t begins[SP_WORDS_MAX];    /* bits of the places where tokens begin, and of the end */
    uint32_t tokens[SP_WORDS_PLACES]; /* by the place of their first byte */
    uint32_t pairs[SP_WORDS_PLACES];
};

/* Merges all words, which have been added and not been merged. */
sp_words_merger *sp_words_merger_of(sp_path path);

void sp_words_init(sp_words *words, unsigned room); /* none; also to begin again */
/* A word of at least one byte, and less than words->room. */
void sp_words_add(const sp_vocab *vocab, sp_words *words, const uint8_t *piece, size_t len);
/* The tokens of word i, when it is merged: how many, and which. There are as many as bytes at most. */
size_t sp_words_tokens(const sp_words *words, unsigned i);
size_t sp_words_ids(const sp_words *words, unsigned i, uint32_t *ids);

/* ---- merging pieces ----------------------------------------------------------------------------------- */

#define SP_MERGE_MEMO_BITS 9

/* Memory for merging, kept from piece to piece. For one vocabulary only. */
typedef struct sp_merger {
    sp_words word;
    uint32_t *tokens; /* the result of the last merge */
    size_t count;
    uint64_t *dead;
    size_t tokens_cap;
    size_t dead_cap;
    bool has_memo;                                /* it is cleared by the first merge: most short texts have none */
    uint64_t neighbours[1 << SP_MERGE_MEMO_BITS]; /* two tokens, and whether they go together */
    uint64_t longest[1 << SP_MERGE_MEMO_BITS];    /* two tokens, and what goes with the first of the second */
} sp_merger;

void sp_merger_init(sp_merger *merger);
void sp_merger_release(sp_merger *merger);

/* Merges one piece into merger->tokens and returns how many there are, or 0 when memory is short. Any bytes,
 * any length but 0; the time is linear in it. */
size_t sp_merge(const sp_vocab *vocab, sp_merger *merger, const uint8_t *piece, size_t len);

/* The same where only their number is wanted: merger->tokens need not be all of them. */
size_t sp_merge_count(const sp_vocab *vocab, sp_merger *merger, const uint8_t *piece, size_t len);

/* The same for the rest of a piece whose encoding up to here ends in the token before: what has to be added so
 * that the whole is the encoding of the whole. Returns 0 if there is no such thing because more than the rest
 * changes (or memory is short). */
size_t sp_merge_after(const sp_vocab *vocab, sp_merger *merger, uint32_t before, const uint8_t *piece, size_t len);

/* The first place from from on, and before stop, where the two sides of a cut have the tokens of the whole, if what is
 * left of it is UTF-8. SIZE_MAX if there is none. */
size_t sp_cut_find(const sp_vocab *vocab, sp_str text, size_t from, size_t stop);

/* The last such place before until, for a text that is UTF-8; 0, its beginning, if there is none. What is right of
 * until may be replaced. */
size_t sp_cut_before(const sp_encoding *encoding, sp_str text, size_t until);

/* ---- estimating ------------------------------------------------------------------------------------- */

/* Kinds of text: how wide the range of an estimate is depends on them. */
typedef enum sp_kind {
    SP_KIND_WORDS,         /* in ASCII, in small letters or with one capital in front, that look English */
    SP_KIND_NAMES,         /* in ASCII, with other capitals, or right behind a sign, as in URLs and paths */
    SP_KIND_SYMBOLS,       /* and digits, in ASCII */
    SP_KIND_BLANKS,        /* white space */
    SP_KIND_STRANGE_WORDS, /* like words, but cut small, as most are of another language, and names of projects */
    SP_KIND_LATIN,         /* with letters that are not ASCII, */
    SP_KIND_STRANGE_LATIN, /* the same, cut small */
    SP_KIND_ALPHABETS, /* Cyrillic, Greek, Arabic, those of India, Thai and others: many texts of the fit have them, */
    SP_KIND_STRANGE_ALPHABETS, /* the same, cut small, as most are of a language that few texts are in */
    SP_KIND_CJK,               /* Han, kana, Hangul */
    SP_KIND_SCRIPTS,           /* other scripts that some texts of the fit have */
    SP_KIND_RARE,              /* the rest of them */
    SP_KIND_SIGNS,             /* symbols and punctuation that are not ASCII, emoji */
    SP_KIND_LONG,              /* pieces that are too long to be words */
    SP_KINDS,
} sp_kind;

/* What is found in a piece. */
typedef struct sp_finding {
    uint64_t ticks;
    sp_kind kind;
} sp_finding;

enum {
    SP_FINDING_KIND_BITS = 4,
    SP_FINDING_KIND_MASK = (1 << SP_FINDING_KIND_BITS) - 1,
};

/* The same in one word, as it is kept; never 0. */
static inline uint32_t sp_finding_pack(sp_finding found)
{
    return (uint32_t)found.ticks << SP_FINDING_KIND_BITS | (uint32_t)found.kind;
}

static inline sp_finding sp_finding_unpack(uint32_t packed)
{
    return (sp_finding){ packed >> SP_FINDING_KIND_BITS, (sp_kind)(packed & SP_FINDING_KIND_MASK) };
}

typedef struct sp_model_weights sp_model_weights; /* estimate.h */

enum {
    SP_ESTIMATE_PIECES = 128, /* pieces that are estimated side by side */
    SP_ASKS = 128,
};

/* A part of a piece, of less than SP_WORDS_SHORT bytes, of which the tokens are asked for: see estimate.c. */
typedef struct sp_ask {
    sp_word word;
    sp_probe probe;
    struct sp_tally *tally; /* the piece */
    uint8_t asking;
    uint8_t script;
    bool decides;
} sp_ask;

/* Those of one vocabulary that wait. */
typedef struct sp_asks {
    sp_merger merger; /* of what is too long for that */
    sp_words words;
    sp_words long_words;
    sp_ask of_long[SP_WORDS_PLACES / SP_WORDS_LONG];
    size_t count; /* of those that are not known to be no token */
    sp_ask asks[SP_ASKS];
} sp_asks;

/* What it takes to estimate pieces: the tables that are asked about them. */
typedef struct sp_estimator {
    const sp_model_weights *weights; /* NULL: nothing is estimated, and the rest is not there */
    const uint32_t *of_tokens[2];    /* what pieces that are tokens of cl100k_base come to: sp_vocab_estimates */
    const int16_t *costs;            /* and what those tokens cost in other pieces: sp_vocab_costs */
    sp_vocab narrow;                 /* cl100k_base */
    sp_vocab wide;                   /* o200k_base */
    sp_asks narrow_asks;
    sp_asks wide_asks;
} sp_estimator;

/* ---- counting ----------------------------------------------------------------------------------------- */

/* The bytes of a piece, padded with zeros; then its length in bits 56 to 59 of high. In the table the number of tokens
 * is in the four bits above. Length 0 is an empty place, and a key that is never found has length 0 and high not 0. */
typedef struct sp_cache_key {
    _Alignas(8) uint64_t low; /* some 32-bit machines align it to 4, which makes atomic access slow */
    uint64_t high;
} sp_cache_key;

typedef struct sp_shared_table sp_shared_table; /* cache.c */

/* What pieces were the last time: see cache.h. */
typedef struct sp_cache {
    sp_cache_key *keys;
    uint8_t *longs;          /* NULL where ids are kept */
    uint32_t (*ids)[4];      /* NULL: only numbers are kept */
    size_t used;             /* places that were taken: all, or those that others who share it were not told of */
    size_t longs_used;       /* longer pieces that were put there */
    unsigned bits;           /* there are 2^bits places */
    unsigned long_bits;      /* and 2^long_bits groups of longer pieces */
    bool has_ids;            /* what is to be kept: known before there is any memory */
    bool has_findings;       /* of an estimate, instead of numbers */
    bool goes_on;            /* it is for one text after the other */
    sp_shared_cache *shared; /* NULL: the keys are its own */
    sp_shared_table *table;  /* of those that are not */
    void *keys_memory;       /* to be freed: NULL if they are not */
    void *longs_memory;
} sp_cache;

typedef struct sp_long_word {
    const uint8_t *piece;
    size_t len;
    uint8_t *group; /* of the cache */
} sp_long_word;

#define SP_PENDING_SEEN 128u

/* Words that wait to be merged or estimated, and then to be kept in the cache. */
typedef struct sp_pending {
    sp_words words;
    sp_words long_words;
    size_t count;
    sp_cache_key keys[SP_ESTIMATE_PIECES]; /* SP_WORDS_MAX of them where they are merged */
    size_t times[SP_ESTIMATE_PIECES];      /* how often a word came meanwhile */
    sp_str pieces[SP_ESTIMATE_PIECES];     /* in the text: only of those that are estimated */
    uint8_t seen[SP_PENDING_SEEN];         /* by its place in the cache: the number of a word that may be it */
    sp_long_word longs[SP_WORDS_PLACES / SP_WORDS_LONG]; /* in the text that is being counted */
} sp_pending;

/* Of a sentence that says why a text cannot be counted, with its final NUL. */
#define SP_PROBLEM_BYTES 384u

/* What sp_counter_new makes, and what every call that counts or encodes has one of. Where the encoding is an estimate,
 * tokens are ticks (estimate.h) everywhere in here; sp_tokens_of makes tokens of them. */
struct sp_counter {
    const sp_encoding *encoding;
    sp_special special;
    sp_ids *ids; /* NULL: only count */
    size_t tokens;
    size_t max_tokens;        /* counting may stop when there are more */
    uint64_t kinds[SP_KINDS]; /* of the ticks of an estimate */
    sp_cache cache;
    const struct sp_lookup *lookup; /* in the cache: batch.h */
    struct sp_batch *batch;         /* the same: the pieces that are looked up; NULL until there are any */
    void *batch_memory;             /* to be freed */
    sp_vocab vocab;
    void *hand;                     /* of an engine; NULL until it is needed */
    sp_range range;                 /* the same: what it estimated, */
    char problem[SP_PROBLEM_BYTES]; /* and why it failed; empty: it was memory */
    sp_pending pending;             /* from here on large, and not touched before it is needed */
    sp_merger merger;
    sp_estimator estimator;
};

/* Adds one id. False when memory is short. */
bool sp_ids_add(sp_ids *ids, uint32_t id);

/* Takes a part off again. */
void sp_counted_take(sp_counted *sum, const sp_counted *part);

_Static_assert(SP_KINDS == SP_COUNTED_KINDS, "sp_counted has a place for each kind");

/* The tokens that a number of a counter stands for, and the number that stands for so many of them. */
size_t sp_tokens_of(const sp_encoding *encoding, size_t counted);
size_t sp_counted_of(const sp_encoding *encoding, size_t tokens);

/* A counter for one text, to be dropped with sp_counter_free: too large for the stack. NULL when memory is short. */
sp_counter *sp_counter_once(const sp_encoding *encoding, sp_special special, sp_ids *ids);

void sp_counter_init(sp_counter *counter, const sp_encoding *encoding, sp_special special, sp_ids *ids, sp_path path);
void sp_counter_release(sp_counter *counter);

/* Adds the tokens of a text to counter->tokens, and to its ids. False when memory is short. The text is of no more use
 * to the counter when it returns, also where it failed. */
bool sp_counter_add(sp_counter *counter, sp_str text);

/* Makes the counter's numbers what sp_counter_counted said before. */
void sp_counter_set(sp_counter *counter, const sp_counted *counted);

/* The tokens of text[at..stop), added to *tokens. at and stop are where pieces end in the text that ends at end, or its
 * beginning and end; no special tokens. False when memory is short. */
bool sp_count_range(sp_counter *counter, const uint8_t *text, size_t at, size_t stop, size_t end, size_t *tokens);

/* The same for one piece of a text that ends at text_end. */
bool sp_count_piece(sp_counter *counter, const uint8_t *text, size_t at, size_t end, size_t text_end, size_t *tokens);

/* For text[at..end) that is UTF-8 only up to valid_end: the place from which on everything is merged as one piece,
 * with the tokens before it added to *tokens. */
bool sp_count_stable(sp_counter *counter, const uint8_t *text, size_t at, size_t valid_end, size_t *ret_begin,
                     size_t *tokens);

/* Estimates a text that is made of count parts, of which ends[i] are the ends, the last at text.len: the tokens of
 * each, which sum to *ret_total. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_estimate_shares(const sp_encoding *encoding, sp_str text, const size_t *ends, size_t count,
                                         size_t *ret_tokens, size_t *ret_total, sp_range *ret_range, sp_err *err);

/* The first special token at or after from: where it begins, its length and its id. False if there is none. */
bool sp_special_find(const sp_encoding *encoding, sp_str text, size_t from, size_t *ret_at, size_t *ret_len,
                     uint32_t *ret_id);

#endif
