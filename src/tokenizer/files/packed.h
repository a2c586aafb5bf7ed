/*
 * packed.h - a vocabulary that has been read, as it is in memory: to be found again the next time.
 *
 * What takes time to read of a file, its tokens and merges, is kept with a copy of the rest of the file. It is found by
 * a hash of the whole file, and is as good as that: what is in it is checked, as it may have been written by anybody.
 */
#ifndef SP_VOCABULARY_PACKED_H
#define SP_VOCABULARY_PACKED_H

#include "base/types.h"
#include "tokenizer/files/model.h"

/* Which file it was. */
typedef struct sp_packed_key {
    uint64_t words[2];
} sp_packed_key;

sp_packed_key sp_packed_key_of(sp_str bytes);

/* What was found in a cache. */
typedef struct sp_packed {
    sp_token_model model; /* its lexicon, scores and joins_mark only; borrowed from the bytes that it was found in */
    sp_str rest;          /* of the file; the same */
} sp_packed;

/* Looks in the folder, and puts the bytes into arena. *ret_found is false where nothing is there that can be used.
 * Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_packed_read(sp_arena *arena, const char *folder, sp_packed_key key, sp_packed *ret,
                                     bool *ret_found, sp_err *err);

/* Keeps it, if that can be done. */
void sp_packed_write(const char *folder, sp_packed_key key, const sp_token_model *model, sp_str rest);

#endif
