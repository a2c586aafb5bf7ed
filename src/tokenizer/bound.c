/* bound.c - which number of an estimate must fit a budget. */
#include "base/base.h"
#include "base/types.h"
#include "tokenizer/tokens.h"

const char *sp_bound_name(sp_bound bound)
{
    static const char *const names[] = {
        [SP_BOUND_UPPER] = "upper", [SP_BOUND_MIDDLE] = "middle", [SP_BOUND_LOWER] = "lower"
    };
    return (size_t)bound < SP_COUNT_OF(names) ? names[bound] : NULL;
}

size_t sp_bound_tokens(sp_bound bound, size_t tokens, sp_range range)
{
    return bound == SP_BOUND_UPPER ? range.high : bound == SP_BOUND_LOWER ? range.low : tokens;
}
