/* result.h - what of a prompt a provider's cache can keep. */
#ifndef SP_EXPLAIN_CACHING_RESULT_H
#define SP_EXPLAIN_CACHING_RESULT_H

#include "base/types.h"
#include "model/prompt.h"
#include "tokenizer/models/model.h"

/* How often text becomes another one. */
typedef enum sp_changes {
    SP_CHANGES_NEVER,   /* unless somebody edits it */
    SP_CHANGES_WRITTEN, /* when it is written again, by an agent or a program */
    SP_CHANGES_SESSION, /* in every session */
} sp_changes;

/* A kind of text that changes. Strings live as long as the program. */
typedef struct sp_volatile_kind {
    const char *name; /* "memory", "environment", "date" */
    sp_changes changes;
    bool ends_prefix; /* false: it may just as well stay as it is, so it is only told */
    char confidence;  /* B documented, D our own judgement */
    const char *source;
    const char *advice;
} sp_volatile_kind;

/* The kinds in a fixed order, NULL past the last one. */
const sp_volatile_kind *sp_volatile_kind_at(size_t index);

/* Text of such a kind: a section, or something on a line. */
typedef struct sp_volatile {
    const sp_volatile_kind *kind;
    uint32_t source; /* SP_NONE: own text, and lines are 0 */
    uint32_t first_line;
    uint32_t last_line;
    size_t message; /* bytes begin to end of its text */
    size_t begin;
    size_t end;
    size_t tokens_before; /* that begin in front of its block, in all messages */
    size_t tokens;        /* of its blocks: the same for two of one block */
} sp_volatile;

enum { SP_CACHE_BREAKS = 4 }; /* the most a request may have */

/* A place for a cache breakpoint: the end of a block. */
typedef struct sp_cache_break {
    size_t message;
    size_t end;    /* offset in its text */
    size_t tokens; /* of the prompt up to there */
} sp_cache_break;

typedef struct sp_caching {
    const sp_volatile *volatiles; /* in the order of the prompt */
    size_t volatile_count;
    size_t stable_tokens;  /* of the prompt before the first block that ends a stable prefix; all if there is none */
    size_t best_tokens;    /* what that would be if all such blocks stood at the end */
    char model[64];        /* id; "": not known */
    size_t minimum_tokens; /* a shorter prefix is not cached */
    bool minimum_is_known; /* false: the largest of any model, to be safe */
    uint64_t input_price;  /* as in sp_model; 0 where it is not known, and where another encoding counts */
    uint64_t read_price;
    uint64_t write_price;
    sp_cache_break breaks[SP_CACHE_BREAKS]; /* in the order of the prompt: where text begins that changes more often
                                             * than all before it, and the ends of messages; each behind at least
                                             * minimum_tokens, by the lower bound of an estimate */
    size_t break_count;
    void *owner; /* what all of the above lives in; for sp_caching_free */
} sp_caching;

/* What of a prompt stays the same from request to request. model may be NULL. Tools, which a provider caches before the
 * prompt, are not known and not counted. On success *ret_caching is the caller's, to be dropped with sp_caching_free
 * (NULL is fine); indices are the prompt's, and it borrows nothing. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_caching_find(const sp_prompt *prompt, const sp_model *model, sp_caching **ret_caching,
                                      sp_err *err);

void sp_caching_free(sp_caching *caching);

/* Where a prompt goes on by itself. */
typedef struct sp_prefix_side {
    uint32_t source; /* SP_NONE: own text, a prompt without segments, or nothing: line and column are 0 */
    uint32_t line;
    uint32_t column;
    size_t message;       /* of the first byte that is another one; message_count: it has no more */
    size_t offset;        /* in its text */
    uint32_t output_line; /* there */
    bool is_end;          /* its text ends there */
} sp_prefix_side;

/* The beginning that two prompts share. */
typedef struct sp_prefix {
    bool is_same; /* there is nothing else */
    size_t bytes;
    size_t tokens; /* that both begin with, in the encoding of the first; an estimate counts the bytes by themselves */
    sp_prefix_side here;
    sp_prefix_side there;
} sp_prefix;

/* Compares two prompts, message by message. Of other only the messages matter, and its sources and segments if it has
 * some. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_prompts_share(const sp_prompt *prompt, const sp_prompt *other, sp_prefix *ret_shared,
                                       sp_err *err);

#endif
