/*
 * vocabulary.h - tokenizers that are read from files, when the program runs.
 *
 *   open.c       a file -> an encoding: which reader it is for     packed.c    what was read the last time
 *   installed.c  a name -> a file in the user's directories
 *   tiktoken.c   .tiktoken files                                   ctok.c      ctok data files, another way: ctok.h
 *   json.c       tokenizer.json files; json_model.c the vocabulary in them, json_steps.c what is done with a text
 *
 *   added.c      tokens that are found in a text first              flow.c      where what is changed comes from
 *   normalize.c  the text is changed                                chars.c     kinds of characters
 *   charsmap.c   by a table that the file has
 *   cutter.c     and cut into pieces                                patterns.c  as split.c does it, or
 *   model.c      the pieces become tokens                           regex.c     as PCRE2 does it
 *   bpe.c        by merging                                         lexicon.c   tokens, and pairs that merge
 *   hand.c       all put together                                   decode.c    and the way back
 *
 * What is read becomes an sp_tokenizer, which is an encoding with an engine (tokenizer/engine.h). It is only read once
 * it is made, so threads share it; what changes while a text is counted is in a hand, one for each thread.
 */
#ifndef SP_VOCABULARY_H
#define SP_VOCABULARY_H

#include "base/types.h"
#include "tokenizer/engine.h"
#include "tokenizer/files/added.h"
#include "tokenizer/files/cutter.h"
#include "tokenizer/files/model.h"
#include "tokenizer/files/normalize.h"
#include "tokenizer/files/packed.h"
#include "tokenizer/tokens.h"

/* ---- formats ------------------------------------------------------------------------------------------ */

/* A file that an encoding is to be made of. */
typedef struct sp_vocab_file {
    sp_str path; /* for messages */
    sp_str bytes;
    sp_str name;    /* what the encoding is to be called: of the file's base name and a hash of its bytes */
    sp_str pattern; /* how to cut texts, where the file does not say; ptr NULL: the user did not say either */
    /* NULL, or what was kept of it the last time: then bytes are only the rest of the file. It lives as long as arena,
     * which the tokenizer takes over when it is opened. */
    const sp_packed *packed;
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

/* The same as sp_encoding_open, for a file that is in memory. */
SP_MUST_USE sp_status sp_encoding_read(const char *path, sp_str bytes, const char *pattern, const char *cache_dir,
                                       sp_encoding **ret, sp_err *err);

/* The same as sp_encoding_open; label comes before the file's name in the name of the encoding. */
SP_MUST_USE sp_status sp_encoding_open_labelled(const char *path, sp_str label, const char *pattern,
                                                const char *cache_dir, sp_encoding **ret, sp_err *err);

extern const sp_vocab_format sp_vocab_formats[];
extern const size_t sp_vocab_format_count;

bool sp_is_tiktoken(sp_str bytes);
SP_MUST_USE sp_status sp_tiktoken_open(const sp_vocab_file *file, sp_encoding **ret, sp_err *err);
bool sp_is_ctok(sp_str bytes);
SP_MUST_USE sp_status sp_ctok_open(const sp_vocab_file *file, sp_encoding **ret, sp_err *err);

bool sp_is_tokenizer_json(sp_str bytes);
SP_MUST_USE sp_status sp_tokenizer_json_open(const sp_vocab_file *file, sp_encoding **ret, sp_err *err);

/* ---- how text is cut ------------------------------------------------------------------------------------ */

/* The pattern of that text, or of the encoding of that name. False if split.c does not know it. */
bool sp_pattern_find(sp_str text, sp_split_rules *ret);
/* The same for its text alone. */
bool sp_pattern_find_text(sp_str text, sp_split_rules *ret);
/* Whether it has letters, digits, _ and - alone, as names have. */
bool sp_pattern_is_word(sp_str text);
/* All names, a comma and a blank between them; ptr NULL when memory is short. */
sp_str sp_pattern_names(sp_arena *arena);

/* Whether a pattern that split.c does not know is known at least to cut before a blank that follows a letter or a digit
 * of ASCII. */
bool sp_pattern_cuts_at_blanks(sp_str text);

/* ---- tokenizers ------------------------------------------------------------------------------------------- */

/* How tokens are put together to a text again. */
typedef enum sp_decoder_kind {
    SP_DECODE_REPLACE,   /* what by with, in every token */
    SP_DECODE_BYTES,     /* <0x0A> by that byte */
    SP_DECODE_STRIP,     /* what at the beginning of the whole, once for each time */
    SP_DECODE_WORDPIECE, /* a blank before each token that does not begin with what */
    SP_DECODE_SUFFIX,    /* what at the end of a token by a blank, but for the last */
} sp_decoder_kind;

typedef struct sp_decoder {
    sp_decoder_kind kind;
    sp_str what;
    sp_str with;
    size_t times;
} sp_decoder;

typedef struct sp_tokenizer {
    sp_engine_encoding base; /* first */
    sp_arena arena;          /* the name, and all that is small */
    sp_token_model model;
    sp_added_set added;            /* looked for in the text as it is */
    sp_added_set added_normalized; /* and in what it becomes */
    sp_normalizer *normalizers;
    size_t normalizer_count;
    sp_cutter *cutters;
    size_t cutter_count;
    sp_decoder *decoders;
    size_t decoder_count;
    bool cuts_at_blanks; /* counts add up before a blank that follows an ASCII letter or digit */
    sp_arena packed;     /* what the lexicon is borrowed from, if it is */
    size_t bulk[4];      /* where in the file the tokens begin and end, and the merges; 0: they do not */
    bool cuts_at_marks;  /* nothing else cuts the text: it is cut where no token can lie across */
} sp_tokenizer;

/* An empty one. NULL when memory is short. */
sp_tokenizer *sp_tokenizer_new(sp_str name);
void sp_tokenizer_free(sp_tokenizer *tokenizer);

/* Any of its regexes, or NULL; they share what is needed to match with them. */
const sp_regex *sp_tokenizer_regex(const sp_tokenizer *tokenizer);

extern const sp_engine sp_tokenizer_engine; /* hand.c */

/* The decode of sp_engine. */
size_t sp_tokenizer_decode(const sp_encoding *encoding, const uint32_t *ids, size_t count, sp_buf *out);

#endif
