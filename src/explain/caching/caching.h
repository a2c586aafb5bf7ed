/*
 * caching.h - what of a prompt a provider's cache can keep.
 *
 *   volatile.def   kinds of text that change, a row each
 *   volatile.c     where a line holds a date, a time, a UUID, a hash
 *   caching.c      the stable prefix, what cuts it short, and breakpoints
 *   prefix.c       the beginning that two prompts share
 *
 * A cache keeps prefixes: tools, system, messages, byte for byte up to a breakpoint. Everything behind a byte that
 * changed is paid anew.
 */
#ifndef SP_CACHE_H
#define SP_CACHE_H

#include "base/base.h"
#include "base/types.h"

typedef enum sp_volatile_key {
#define SP_VOLATILE(key, name, changes, ends_prefix, confidence, source, advice) SP_VOLATILE_##key,
#include "explain/caching/volatile.def"
#undef SP_VOLATILE
    SP_VOLATILE_COUNT
} sp_volatile_key;

/* The strongest kind that a line of text holds, or SP_VOLATILE_COUNT; *ret_begin and *ret_end are its bytes. */
sp_volatile_key sp_volatile_in_line(sp_str line, size_t *ret_begin, size_t *ret_end);

#endif
