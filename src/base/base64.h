/* base64.h - bytes that are written as letters, digits, + and /, as RFC 4648 (section 4) has them. */
#ifndef SP_BASE_BASE64_H
#define SP_BASE_BASE64_H

#include "base/base.h"
#include "base/types.h"

/* Whether a character stands for 6 bits; = does not. */
bool sp_base64_is_digit(char c);

/* Decodes text from *at on, up to what is no base64, to out, which has room for 3 bytes for each 4 characters, begun
 * ones too. Returns how many bytes that are. *at is moved behind them and their padding; *ret_is_whole tells that there
 * are some, and as many characters as it takes. */
size_t sp_base64_decode(sp_str text, size_t *at, char *out, bool *ret_is_whole);

#endif
