/* numbers.h - numbers as people read them, in tables and messages. Each call writes into a buffer of the caller's. */
#ifndef SP_NUMBERS_H
#define SP_NUMBERS_H

#include "base/base.h"
#include "base/types.h"

/* 1234567 as 1,234,567. A NUL stands behind it. */
sp_str sp_number_text(char buffer[32], uint64_t number);
/* The same as an argument for %s, good until the end of the block. */
#define SP_NUMBER(number) (sp_number_text((char[32]){ 0 }, (uint64_t)(number)).ptr)
/* The same; an estimate begins with ~. */
sp_str sp_estimate_text(char buffer[32], bool is_exact, uint64_t number);
/* " (11,900..12,800)" behind an estimate, and nothing behind what is exact. */
void sp_buf_add_range(sp_buf *out, bool is_exact, sp_range range);

/* Writes a number of tokens as people read it, ended by a NUL: "12,340", or "~12,340 (11,900..12,800)" where it is an
 * estimate. buffer has SP_TOKENS_ROOM bytes; it is returned. */
enum { SP_TOKENS_ROOM = 96 };

const char *sp_tokens_text(char *buffer, bool is_exact, size_t tokens, sp_range range);

/* The day (UTC) of a time in seconds since 1970 as yyyymmdd, as fields called today take it; 0 for a year that has not
 * four digits. */
uint32_t sp_day_of(int64_t seconds);

#endif
