/* numbers.h - numbers as people read them, in tables and messages. Each call writes into a buffer of the caller's. */
#ifndef SP_NUMBERS_H
#define SP_NUMBERS_H

#include "base/base.h"

/* 1234567 as 1,234,567. A NUL stands behind it. */
sp_str sp_number_text(char buffer[32], uint64_t number);
/* The same as an argument for %s, good until the end of the block. */
#define SP_NUMBER(number) (sp_number_text((char[32]){ 0 }, (uint64_t)(number)).ptr)
/* The same; an estimate begins with ~. */
sp_str sp_estimate_text(char buffer[32], bool is_exact, uint64_t number);
/* " (11,900..12,800)" behind an estimate, and nothing behind what is exact. */
void sp_buf_add_range(sp_buf *out, bool is_exact, sp_range range);

#endif
