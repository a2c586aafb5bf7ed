/*
 * vocabulary.h - tokenizers that are read from files, when the program runs.
 *
 *   open.c       a file -> an encoding: which reader it is for      tiktoken.c  .tiktoken files
 *   lexicon.c    tokens by their spelling, and pairs that merge     patterns.c  how text is cut into pieces
 *   bpe.c        a piece -> tokens, by merging                      hand.c      text -> tokens: all put together
 *
 * What is read becomes an sp_tokenizer, which is an encoding with an engine (tokenize/engine.h). It is only read once
 * it is made, so threads share it; what changes while a text is counted is in a hand, one for each thread.
 */
#ifndef SP_VOCABULARY_H
#define SP_VOCABULARY_H

#include "tokenize/engine.h"
#include "vocabulary/lexicon.h"

/* ---- formats ------------------------------------------------------------------------------------------ */

/* A file that an encoding is to be made of. */
typedef struct sp_vocab_file {
    sp_str path; /* for messages */
    sp_str bytes;
    sp_str name;    /* what the encoding is to be called: of the file's base name and a hash of its bytes */
    sp_str pattern; /* how to cut texts, where the file does not say; ptr NULL: the user did not say either */
} sp_vocab_file;

/* A kind of file. The first row of sp_vocab_formats that matches reads it. */
typedef struct sp_vocab_format {
    const char *name;              /* "a .tiktoken file" */
    bool takes_pattern;            /* --pattern is for it */
    bool (*matches)(sp_str bytes); /* told by its content, never by the name of the file; cheap */
    /* *ret is the caller's, to be dropped with sp_encoding_close. SP_ERR_INPUT with path, line and column for what
     * cannot be used. Borrows nothing from file once it has returned. */
    sp_status (*open)(const sp_vocab_file *file, sp_encoding **ret, sp_err *err);
} sp_vocab_format;

extern const sp_vocab_format sp_vocab_formats[];
extern const size_t sp_vocab_format_count;

bool sp_is_tiktoken(sp_str bytes);
SP_MUST_USE sp_status sp_tiktoken_open(const sp_vocab_file *file, sp_encoding **ret, sp_err *err);

/* ---- how text is cut ------------------------------------------------------------------------------------ */

/* One way to cut a text into pieces. */
typedef struct sp_cutter {
    sp_split_rules rules; /* of a pattern that split.c knows */
} sp_cutter;

/* The pattern of that text, or of the encoding of that name. False if split.c does not know it. */
bool sp_pattern_find(sp_str text, sp_split_rules *ret);

/* ---- tokenizers ------------------------------------------------------------------------------------------- */

typedef struct sp_tokenizer {
    sp_engine_encoding base; /* first */
    sp_arena arena;          /* the name, and all that is small */
    sp_lexicon lexicon;
    sp_cutter cutter;
    bool whole_pieces;   /* a piece that is a token is that token, however it would merge */
    bool cuts_at_blanks; /* counts add up before a blank that follows an ASCII letter or digit */
} sp_tokenizer;

/* An empty one. NULL when memory is short. */
sp_tokenizer *sp_tokenizer_new(sp_str name);
void sp_tokenizer_free(sp_tokenizer *tokenizer);

extern const sp_engine sp_tokenizer_engine; /* hand.c */

#endif
