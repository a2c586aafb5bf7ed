/*
 * bpe.h - merges the symbols of a piece: of all neighbours that merge those of the lowest rank, the leftmost first,
 * until none do.
 *
 *   sp_bpe_clear(&bpe);
 *   for each character: sp_bpe_add(&bpe, token, len_bytes);
 *   sp_bpe_merge(&bpe, lexicon);   bpe.symbols[0..bpe.count) are the tokens
 *
 * The time is that of sorting the symbols, whatever they are.
 */
#ifndef SP_VOCABULARY_BPE_H
#define SP_VOCABULARY_BPE_H

#include "tokenizer/files/lexicon.h"

typedef struct sp_bpe_symbol {
    uint32_t token;
    uint32_t len; /* bytes of the piece; 0: it has gone into the one before it */
    uint32_t previous;
    uint32_t next;
} sp_bpe_symbol;

typedef struct sp_bpe {
    sp_bpe_symbol *symbols;
    size_t count;
    size_t capacity;
    struct sp_bpe_merge *heap;
    size_t heap_count;
    size_t heap_capacity;
} sp_bpe;

void sp_bpe_release(sp_bpe *bpe);
void sp_bpe_clear(sp_bpe *bpe);
/* Both are false when memory is short. */
bool sp_bpe_add(sp_bpe *bpe, uint32_t token, uint32_t len);
bool sp_bpe_merge(sp_bpe *bpe, const sp_lexicon *lexicon);

#endif
