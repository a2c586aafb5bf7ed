/* names.h - what the name of a model tells by itself, without the table. */
#ifndef SP_TOKENIZER_MODELS_NAMES_H
#define SP_TOKENIZER_MODELS_NAMES_H

#include "base/base.h"

enum { SP_MODEL_NAME_ROOM = 128 }; /* bytes of a name that is written another way */

typedef enum sp_vendor {
    SP_VENDOR_NOT_TOLD,
    SP_VENDOR_ANTHROPIC,
    SP_VENDOR_OPENAI,
    SP_VENDOR_GOOGLE,
    SP_VENDOR_META,
    SP_VENDOR_QWEN,
    SP_VENDOR_DEEPSEEK,
    SP_VENDOR_XAI,
    SP_VENDOR_MISTRAL,
    SP_VENDOR_OTHER, /* one of those whose models are not known here */
} sp_vendor;

/* Whose model has such a name: claude-opus-9 is Anthropic's. */
sp_vendor sp_model_vendor(sp_str name);

/* Whether a typing error may have made that name of one that is known: they begin alike, and have the same version if
 * it tells one. A model of another version may have another tokenizer. */
bool sp_model_may_mean(sp_str name, sp_str known);

/* Without a date such as -20251001 at its end. */
sp_str sp_model_without_date(sp_str name);

/* Without what Amazon, Google, OpenRouter and LiteLLM have around it: a route, a region and the vendor in front, a
 * version or a date after it. *ret_vendor is the vendor that Amazon's id names, or empty. Both are borrowed from name.
 */
sp_str sp_model_plain_name(sp_str name, sp_str *ret_vendor);

/* The following return name itself where there is nothing to change, or the buffer is too small. */

/* claude-sonnet-4.5 (OpenRouter) as Anthropic has it. */
sp_str sp_model_without_dots(sp_str name, char buffer[SP_MODEL_NAME_ROOM]);
/* r1 of the vendor deepseek (Amazon): deepseek-r1. */
sp_str sp_model_with_vendor(sp_str vendor, sp_str name, char buffer[SP_MODEL_NAME_ROOM]);
/* claude-4-opus: claude-opus-4, and the other way round. */
sp_str sp_model_turned(sp_str name, char buffer[SP_MODEL_NAME_ROOM]);

#endif
