/* types.h - borrowed strings, status codes and errors: the types that the library shares with its callers. */
#ifndef SP_BASE_TYPES_H
#define SP_BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The same text is in include/sysprompt.h; `make public-api` compares them. */
#ifndef SP_SHARED_TYPES
#define SP_SHARED_TYPES

#if defined(__GNUC__)
#define SP_API __attribute__((visibility("default")))
#define SP_MUST_USE __attribute__((warn_unused_result))
#else
#define SP_API
#define SP_MUST_USE
#endif

/* A borrowed run of bytes. It owns nothing, may hold any byte, and does not end in NUL. */
typedef struct sp_str {
    const char *ptr;
    size_t len;
} sp_str;

typedef enum sp_status {
    SP_OK = 0,
    SP_ERR_USAGE,     /* a request that makes no sense: an unknown encoding, two options that exclude each other */
    SP_ERR_INPUT,     /* a file, a name or a text that cannot be read or is not what it has to be */
    SP_ERR_NO_MEMORY, /* an allocation failed */
    SP_ERR_OUTPUT,    /* the result could not be written */
} sp_status;

/* Why a call failed. Text from outside is in here as it came: escape it before it reaches a terminal
 * (sp_message_render). path is empty, and line and column are 0, where the failure has no such place. */
typedef struct sp_err {
    sp_status status;
    uint32_t line;
    uint32_t column;
    char rule[48];      /* id of the rule that was broken, or "" */
    char path[512];     /* shortened from the left, with "...", when longer */
    char message[1024]; /* what happened, what was expected and what to do; without a final newline */
} sp_err;

/* Tokens of a text whose tokenizer is not public: it surely has so many and no more, as far as 95 in 100 texts go that
 * the estimate was not fitted to. An exact count is both. */
typedef struct sp_range {
    size_t low;
    size_t high;
} sp_range;

#endif

#define SP_NONE UINT32_MAX /* "no index": no source, no block */

typedef struct sp_str_list {
    const sp_str *items;
    size_t count;
} sp_str_list;

#endif
