/* model.h - what is known of models. */
#ifndef SP_TOKENIZER_MODELS_MODEL_H
#define SP_TOKENIZER_MODELS_MODEL_H

#include "base/types.h"
#include "tokenizer/tokens.h"

#include <string.h>

/* A text of a model, as sp_model_text says it. */
typedef struct sp_model_words {
    uint32_t at;
    uint32_t len_bytes; /* 0: it is not known */
} sp_model_words;

/* What is known of a model; numbers are 0 where it is not. Its texts are offsets, so that the dynamic linker has
 * nothing to do in the 64 KB of the table in the program. */
typedef struct sp_model {
    sp_model_words id;
    bool is_prefix;           /* every name that begins so */
    sp_model_words aliases;   /* each ends in NUL: sp_model_next_alias */
    sp_model_words tokenizer; /* name of the encoding; none for a model whose tokenizer is not in the program */
    sp_model_words edges; /* "claude-4.7", "claude-4.8" or "claude-5": pattern of sp_encoding_open for ctok's data */
    sp_model_words tokenizer_file;     /* without an encoding: the name sp_installed_find knows its file by, */
    sp_model_words tokenizer_get;      /* where that comes from; "none": it is not published */
    sp_model_words tokenizer_verified; /* and the models that it is known to be right for */
    sp_model_words tokenizer_as_of, tokenizer_source;
    sp_model_words released; /* "2026-08-05" */
    sp_model_words released_as_of, released_source;
    uint64_t window_tokens;
    uint64_t output_tokens;        /* of one answer, at most */
    uint64_t cache_minimum_tokens; /* a shorter prefix is not cached */
    sp_model_words limits_as_of, limits_source;
    uint64_t frame_tokens;        /* what a request has beside its texts, with one user message */
    uint64_t message_tokens;      /* more for each message that it has */
    uint64_t margin_tokens;       /* by how much that may be off */
    uint64_t exchange_tokens;     /* for each answer and user message after the first */
    uint64_t tools_tokens;        /* once there is a tool, beside what describes it */
    uint64_t forced_tools_tokens; /* the same where a tool has to be used */
    uint64_t function_tokens;     /* for each function, beside what describes it */
    sp_model_words request_as_of, request_source;
    uint64_t input_price; /* all prices: US dollars a million tokens, in millionths of a dollar */
    uint64_t output_price;
    uint64_t cache_write_5m_price;
    uint64_t cache_write_1h_price;
    uint64_t cache_read_price;
    uint64_t step_tokens; /* above so many tokens of prompt these hold for the whole request */
    uint64_t step_input_price;
    uint64_t step_output_price;
    uint64_t step_cache_write_5m_price;
    uint64_t step_cache_write_1h_price;
    uint64_t step_cache_read_price;
    sp_model_words prices_as_of, prices_source;
    sp_model_words retires;    /* "2026-08-05": the day it is taken off the provider's own platform */
    sp_model_words not_before; /* the day before which the provider will not */
    sp_model_words retires_as_of, retires_source;
    const char *texts; /* where its texts lie; NULL: in sp_model_texts */
} sp_model;

/* The texts of the models in the program. */
extern const char sp_model_texts[];

/* A text of that model; ptr NULL where it is not known. */
static inline sp_str sp_model_text(const sp_model *model, sp_model_words words)
{
    const char *texts = model->texts ? model->texts : sp_model_texts;
    return words.len_bytes ? (sp_str){ texts + words.at, words.len_bytes } : (sp_str){ NULL, 0 };
}

#define SP_MODEL_STR(model, field) sp_model_text((model), (model)->field)

/* The alias after that one, or the first after ptr NULL; ptr NULL after the last. */
static inline sp_str sp_model_next_alias(const sp_model *model, sp_str alias)
{
    sp_str all = SP_MODEL_STR(model, aliases);
    if (!all.ptr)
        return all;
    const char *next = alias.ptr ? alias.ptr + alias.len + 1 : all.ptr;
    return next < all.ptr + all.len ? (sp_str){ next, strlen(next) } : (sp_str){ NULL, 0 };
}

/* Models that a file adds to those that are built in. NULL stands for these alone, wherever it is asked for. */
typedef struct sp_models sp_models;

/* Reads such a file (YAML; tokenizers/models.yaml in the sources is the one that is built in, and says what may be in
 * it). A model with the id of one that is built in stands for that one. *ret_models is the caller's, to be dropped with
 * sp_models_free (NULL is fine). SP_ERR_INPUT with line and column for what cannot be read. */
SP_MUST_USE sp_status sp_models_open(const char *path, sp_models **ret_models, sp_err *err);

void sp_models_free(sp_models *models);

/* The models in order, those of the file first; NULL past the last one. Borrowed from models. */
const sp_model *sp_model_at(const sp_models *models, size_t index);

/* The newest day that a figure of the models in the program was looked up, as "2026-08-05". */
sp_str sp_models_as_of(void);
/* How many days before today (yyyymmdd, as sp_day_of says it) such a day was; 0 if it is later. */
uint32_t sp_models_age_days(sp_str as_of, uint32_t today);

/* The model of that name: its id, an alias, its id with a date behind it, a name that Amazon, Google, OpenRouter or
 * LiteLLM give it, or one that begins with a prefix in the table; in any case of letters where its tokenizer is not in
 * the program. A [1m] at the end does not count. NULL: it is not known. */
const sp_model *sp_model_find(const sp_models *models, sp_str name);

/* Fails with SP_ERR_USAGE for a name that sp_model_find does not know: with the nearest one that it does, or with what
 * else to give. */
SP_MUST_USE sp_status sp_model_unknown(const sp_models *models, sp_str name, sp_err *err);

/* The encoding of a model that is built in, or NULL for a name that is not known. */
SP_API const sp_encoding *sp_encoding_for_model(sp_str model);

/* The encoding a user asked for, by its name or by a model's; either may have ptr NULL, and the name wins. Both NULL:
 * *ret_encoding is NULL. SP_ERR_USAGE for a name that is not known, with the nearest one that is: there is no silent
 * fallback. */
SP_MUST_USE sp_status sp_encoding_choose(sp_str encoding, sp_str model, const sp_models *models,
                                         const sp_encoding **ret_encoding, sp_err *err);

#endif
