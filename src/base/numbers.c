#include "base/numbers.h"
#include "base/types.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

sp_str sp_number_text(char buffer[32], uint64_t number)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, number);
    size_t used = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            buffer[used++] = ',';
        buffer[used++] = digits[i];
    }
    buffer[used] = '\0'; /* 20 digits and 6 commas at most */
    return (sp_str){ buffer, used };
}

sp_str sp_estimate_text(char buffer[32], bool is_exact, uint64_t number)
{
    if (is_exact || number == 0)
        return sp_number_text(buffer, number);
    char digits[32];
    sp_str text = sp_number_text(digits, number);
    memcpy(buffer + 1, text.ptr, text.len + 1);
    buffer[0] = '~';
    return (sp_str){ buffer, text.len + 1 };
}

void sp_buf_add_range(sp_buf *out, bool is_exact, sp_range range)
{
    char low[32], high[32];
    if (!is_exact && range.high > 0)
        sp_buf_format(out, " (%s..%s)", sp_number_text(low, range.low).ptr, sp_number_text(high, range.high).ptr);
}

const char *sp_tokens_text(char *buffer, bool is_exact, size_t tokens, sp_range range)
{
    char number[32], low[32], high[32];
    if (is_exact || range.high == 0)
        snprintf(buffer, SP_TOKENS_ROOM, "%s", sp_number_text(number, tokens).ptr);
    else
        snprintf(buffer, SP_TOKENS_ROOM, "%s (%s..%s)", sp_estimate_text(number, false, tokens).ptr,
                 sp_number_text(low, range.low).ptr, sp_number_text(high, range.high).ptr);
    return buffer;
}

uint32_t sp_day_of(int64_t seconds)
{
    time_t when = (time_t)seconds;
    struct tm day;
    if (!gmtime_r(&when, &day) || day.tm_year < 1000 - 1900 || day.tm_year > 9999 - 1900)
        return 0;
    return (uint32_t)((day.tm_year + 1900) * 10000 + (day.tm_mon + 1) * 100 + day.tm_mday);
}
