/* amount.h - sizes as people write them: "8000", "8,000", "8k", "1.25k", "0.5m", "1e4" or "5%". The command line and
 * sysprompt.yaml share this reader. */
#ifndef SP_AMOUNT_H
#define SP_AMOUNT_H

#include "base/types.h"

/* What a size is made of: a number of tokens, or a share of something in hundredths of a percent. */
typedef struct sp_amount {
    bool is_given;
    bool is_share;
    uint64_t value; /* at most INT64_MAX tokens, or SP_AMOUNT_MAX_SHARE */
    size_t offset;  /* of the file that it was read from; the reader leaves it 0 */
} sp_amount;

#define SP_AMOUNT_ALL ((uint64_t)10000) /* the share 100% */
#define SP_AMOUNT_MAX_SHARE ((uint64_t)1000000000000)

/* Reads all of text. k and m, of either case, are factors of a thousand and a million, and e4 of ten thousand. Decimals
 * need a unit, and the result is a whole number of tokens, or of hundredths of a percent: "8.192k" and "0.25%", not
 * "1.0005k", and not "8.000", which may mean either eight or eight thousand. False for anything else, and *ret is as
 * before. */
SP_MUST_USE bool sp_amount_read(sp_str text, sp_amount *ret);

/* amount as tokens, of a whole; rounded down, and at most INT64_MAX. */
uint64_t sp_amount_of(sp_amount amount, uint64_t whole);

#endif
