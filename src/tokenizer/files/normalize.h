/* normalize.h - what a tokenizer.json does to a text before it is cut. */
#ifndef SP_VOCABULARY_NORMALIZE_H
#define SP_VOCABULARY_NORMALIZE_H

#include "base/types.h"
#include "tokenizer/files/charsmap.h"
#include "tokenizer/files/flow.h"
#include "tokenizer/files/regex.h"

typedef enum sp_normalizer_kind {
    SP_NORMALIZE_NFC,
    SP_NORMALIZE_NFD,
    SP_NORMALIZE_NFKC,
    SP_NORMALIZE_NFKD,
    SP_NORMALIZE_LOWERCASE,
    SP_NORMALIZE_STRIP,
    SP_NORMALIZE_STRIP_ACCENTS,    /* all marks */
    SP_NORMALIZE_STRIP_NONSPACING, /* Bert's, behind NFD */
    SP_NORMALIZE_PREPEND,
    SP_NORMALIZE_REPLACE,
    SP_NORMALIZE_CLEAN, /* Bert's: controls go, white space is blanks */
    SP_NORMALIZE_HAN,   /* Bert's: blanks around Han characters */
    SP_NORMALIZE_CHARSMAP,
} sp_normalizer_kind;

/* One step. Bert's normalizer is several. */
typedef struct sp_normalizer {
    sp_normalizer_kind kind;
    bool left, right; /* STRIP: on which sides */
    sp_str what;      /* REPLACE: this text, unless there is a regex */
    sp_str with;      /* REPLACE, PREPEND */
    sp_regex *regex;
    sp_charsmap *charsmap;
} sp_normalizer;

/* What from becomes, added to out. scratch is for the regex. False when that takes too long; out says itself when
 * memory is short. */
bool sp_normalize(const sp_normalizer *normalizer, void *scratch, sp_view from, sp_flow *out);

#endif
