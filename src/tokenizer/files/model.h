/* model.h - pieces -> tokens, by the model of a vocabulary. */
#ifndef SP_VOCABULARY_MODEL_H
#define SP_VOCABULARY_MODEL_H

#include "base/types.h"
#include "tokenizer/files/bpe.h"
#include "tokenizer/files/lexicon.h"

enum {
    SP_TOKEN_MODEL_MAX_TOKEN = SP_LEXICON_MAX_PREFIX, /* bytes of a token, where they are looked up length by length */
};

typedef enum sp_token_model_kind {
    SP_TOKEN_MODEL_BYTES,     /* byte-pair encoding, of bytes */
    SP_TOKEN_MODEL_CHARS,     /* the same, of characters */
    SP_TOKEN_MODEL_WORDPIECE, /* the longest token, and the longest one after that */
    SP_TOKEN_MODEL_UNIGRAM,   /* the tokens with the best sum of scores */
    SP_TOKEN_MODEL_WORDLEVEL, /* a piece is a token, or unknown */
} sp_token_model_kind;

typedef struct sp_token_model {
    sp_token_model_kind kind;
    sp_lexicon lexicon;
    bool whole_pieces;  /* BYTES, CHARS: a piece that is a token is that token, however it would merge */
    bool byte_fallback; /* what is not in the vocabulary is written in tokens of bytes, which lexicon.bytes are then */
    bool fuses_unknown; /* one token for all that is unknown one behind the other */
    uint32_t unknown;   /* the token for what is not in the vocabulary, or SP_LEXICON_NONE */
    sp_str prefix;      /* of a token that does not begin its piece */
    sp_str suffix;      /* CHARS: of one that ends it */
    size_t max_chars;   /* WORDPIECE: a longer piece is unknown */
    double *scores;     /* UNIGRAM: of each token */
    double unknown_score;
    bool joins_mark[256]; /* bytes behind which some token has the mark U+2581; see sp_token_model_mark_cut */
} sp_token_model;

void sp_token_model_release(sp_token_model *model);

/* Takes over the arrays of another, borrowed for as long as that has them. */
void sp_token_model_borrow(sp_token_model *model, const sp_token_model *from);

/* What a thread needs. */
typedef struct sp_token_model_work {
    sp_bpe result; /* the tokens of the last piece, with their lengths in bytes of it */
    struct sp_token_model_node *nodes;
    size_t node_capacity;
    sp_buf key;
    const char *problem; /* why the last call failed; NULL: memory was short */
} sp_token_model_work;

void sp_token_model_work_release(sp_token_model_work *work);

/* The tokens of a piece, which is not empty and UTF-8. False with work->problem. */
bool sp_token_model_tokens(const sp_token_model *model, sp_token_model_work *work, sp_str piece);

/* Where in a text no token of the model can lie across: before the mark U+2581, which stands for a blank, behind a byte
 * that no token has before it. Fills in joins_mark; needs a lexicon that is whole. */
void sp_token_model_find_marks(sp_token_model *model);
/* The first such place in text at or after from, which is above 0; or text.len. */
size_t sp_token_model_mark_cut(const sp_token_model *model, sp_str text, size_t from);

#endif
