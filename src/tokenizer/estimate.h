/*
 * estimate.h - the tokens of a tokenizer that is not public, piece by piece.
 *
 * The pieces are those of cl100k_base. What is seen in a piece (estimate.def) is counted, and each count has a weight,
 * fitted to texts of which the tokens are known (tokenizers/calibrate.c); where these texts tell that a token of a word
 * or of symbols costs more or less than its like, the difference is its own (estimate_tokens.h). So an estimate is a
 * sum over pieces: it can be shared out, cut and added up like a count. How wide its range is depends on the kinds of
 * text it is made of.
 */
#ifndef SP_TOKENIZE_ESTIMATE_H
#define SP_TOKENIZE_ESTIMATE_H

#include "base/types.h"
#include "tokenizer/tokenize.h"
#include "tokenizer/tokens.h"

enum {
    SP_TICKS = 1024, /* to a token: estimates are added up in these */
    SP_SHAPES = 5,
    SP_CUTS = 12,
    SP_SYMBOLS = 33,
    SP_LENGTHS = 5,
    SP_REPEAT = 4,      /* more of one sign in a row than this cost hardly more; */
    SP_WIDE_REPEAT = 2, /* or of one that is not ASCII */
    SP_RANKS = 4,
    SP_CODE_PERCENT = 50,   /* so much of an agent file are names and symbols; of code it is more */
    SP_OWN_TICKS = 16,      /* in which what tokens cost of their own is kept, */
    SP_OWN_WIDE_TICKS = 32, /* and what those of o200k_base in words do: see sp_own_ticks */
    SP_OWN_WIDE = 392 << 8, /* the first number of a token of o200k_base; those of cl100k_base are below */
    SP_OWN_TITLE =
        SP_OWN_WIDE + (782 << 8), /* of one of cl100k_base that begins a word with a capital, and only that */
    SP_OWN_BEFORE = SP_OWN_TITLE + (392 << 8), /* of one of cl100k_base that ends a run of signs before a blank; */
    SP_OWN_WIDE_BEFORE = SP_OWN_BEFORE + (392 << 8),      /* of one of o200k_base, */
    SP_OWN_WIDE_BEHIND = SP_OWN_WIDE_BEFORE + (782 << 8), /* or that begins one behind a blank */
    SP_OWN_END = SP_OWN_WIDE_BEHIND + (782 << 8),
};

/* Scripts that the weights tell apart; the rest is one of them. */
typedef enum sp_script {
    SP_SCRIPT_LATIN,
    SP_SCRIPT_GREEK,
    SP_SCRIPT_CYRILLIC,
    SP_SCRIPT_ARMENIAN,
    SP_SCRIPT_HEBREW,
    SP_SCRIPT_ARABIC,
    SP_SCRIPT_DEVANAGARI,
    SP_SCRIPT_BENGALI,
    SP_SCRIPT_GURMUKHI,
    SP_SCRIPT_GUJARATI,
    SP_SCRIPT_ODIA,
    SP_SCRIPT_TAMIL,
    SP_SCRIPT_TELUGU,
    SP_SCRIPT_KANNADA,
    SP_SCRIPT_MALAYALAM,
    SP_SCRIPT_SINHALA,
    SP_SCRIPT_THAI,
    SP_SCRIPT_LAO,
    SP_SCRIPT_TIBETAN,
    SP_SCRIPT_MYANMAR,
    SP_SCRIPT_KHMER,
    SP_SCRIPT_GEORGIAN,
    SP_SCRIPT_ETHIOPIC,
    SP_SCRIPT_OTHER,
    SP_SCRIPT_ASTRAL,
    SP_SCRIPT_HIRAGANA,
    SP_SCRIPT_KATAKANA,
    SP_SCRIPT_HAN,
    SP_SCRIPT_HANGUL,
    SP_SCRIPT_PUNCTUATION,
    SP_SCRIPT_SYMBOLS,
    SP_SCRIPT_BOXES,
    SP_SCRIPT_CJK_PUNCTUATION,
    SP_SCRIPT_SELECTORS,
    SP_SCRIPT_PRIVATE,
    SP_SCRIPT_EMOJI,
    SP_SCRIPTS,
} sp_script;

sp_script sp_script_of(uint32_t code);

typedef enum sp_feature {
#define FEATURE(name, width) SP_FEATURE_##name, SP_FEATURE_END_##name = SP_FEATURE_##name + (width)-1,
#include "tokenizer/estimate.def"
#undef FEATURE
    SP_FEATURE_COUNT
} sp_feature;

/* The fitted numbers of one family of models. */
typedef struct sp_model_weights {
    int32_t features[SP_FEATURE_COUNT]; /* ticks each */
    uint16_t low[SP_KINDS];             /* how far the range goes below and above, by kind: ticks a token */
    uint16_t high[SP_KINDS];
    uint16_t low_root; /* and ticks for the root of the tokens, by variance, */
    uint16_t high_root;
    uint16_t low_code; /* and for each token of names and symbols that is above their share in prose */
    uint16_t high_code;
} sp_model_weights;

/* Ticks in a unit of sp_own_costs. A token of o200k_base in a word may cost up to four tokens of its own, which is more
 * than an int8_t holds in 16 ticks; one beside a blank does not. */
static inline int sp_own_ticks(uint32_t own)
{
    return own >= SP_OWN_WIDE && own < SP_OWN_TITLE ? SP_OWN_WIDE_TICKS : SP_OWN_TICKS;
}

/* What the fit is told about a piece. */
typedef struct sp_look {
    float counts[SP_FEATURE_COUNT]; /* added to */
    void (*saw)(uint32_t own);      /* called with each token that may have a cost of its own, below SP_OWN_END */
} sp_look;

/* How far behind a piece its estimate looks: 1 where a blank follows that is no word's and no other blank's alone. So
 * much is to be given as a part of the piece, which ends at end in a text that ends at text_end. */
size_t sp_estimate_reach(const sp_vocab *vocab, const uint8_t *text, size_t end, size_t text_end);

/* Estimates a piece of at least one byte, with its reach. look is NULL but for the fit. False when memory is short. */
bool sp_estimate_piece(sp_estimator *estimator, const uint8_t *piece, size_t len, sp_look *look, sp_finding *ret);

/* The same for up to SP_ESTIMATE_PIECES pieces, side by side. words are the same pieces, or of length 0 where
 * a piece has no key. */
bool sp_estimate_pieces(sp_estimator *estimator, const sp_str *pieces, const sp_word *words, size_t count,
                        sp_finding *ret);

/* What a token of cl100k_base costs to the way of asking of that number, below SP_IMAGE_COSTS, in ticks: for the
 * tables. */
int64_t sp_estimate_cost(sp_estimator *estimator, unsigned asking, uint32_t token);

/* Opens the vocabularies that the features come from; or, for an encoding that is no estimate, nothing. */
void sp_estimator_init(sp_estimator *estimator, const sp_encoding *encoding, sp_path path);
void sp_estimator_release(sp_estimator *estimator);

/* The weight of a token of a kind in the square root of a range's width: 1 for an English word, more for a kind that
 * may be off by more, and where single lines need wider ranges than files do. */
extern const uint8_t sp_kind_variances[SP_KINDS];

/* The range of an estimate that is made of so many ticks of each kind. */
sp_range sp_range_of(const sp_model_weights *weights, const uint64_t kinds[SP_KINDS]);

#endif
