/* divide.c - a block that is too large to be taken away as one becomes parts. */
#include "base/types.h"
#include "trim/trimmer.h"

#include <utf8proc.h>

enum {
    ENDS_CHARACTER,
    ENDS_SENTENCE,
    ENDS_LINE,
    ENDS_COUNT,
};

static bool ends_sentence(uint32_t code)
{
    return code == '.' || code == '!' || code == '?' || code == 0x3002 || code == 0xFF01 || code == 0xFF1F;
}

/* What ends where a character ends and the next one begins. Behind a full stop of Latin script a blank has to come, and
 * the sentence ends behind that. */
static int end_of(uint32_t before_last, uint32_t last)
{
    if (last == '\n' || last == '\r')
        return ENDS_LINE;
    if ((last == ' ' && ends_sentence(before_last)) || (last > 0x7F && ends_sentence(last)))
        return ENDS_SENTENCE;
    return ENDS_CHARACTER;
}

size_t sp_trim_part_end(sp_str text, size_t begin, size_t max_bytes)
{
    size_t found[ENDS_COUNT] = { 0 };
    uint32_t code = 0, last = 0, before_last = 0;
    utf8proc_int32_t state = 0;
    size_t at = begin, bad = 0;
    if (text.len - begin <= max_bytes)
        return text.len;
    for (; at < text.len; before_last = last, last = code) {
        size_t len = sp_utf8_decode(text, at, &code, &bad);
        if (len == 0) {
            code = 0xFFFD;
            len = bad;
        }
        bool is_boundary =
            at > begin && utf8proc_grapheme_break_stateful((utf8proc_int32_t)last, (utf8proc_int32_t)code, &state);
        if (is_boundary && at - begin <= max_bytes)
            found[end_of(before_last, last)] = at;
        if (at - begin > max_bytes &&
            (found[ENDS_LINE] || found[ENDS_SENTENCE] || found[ENDS_CHARACTER] || is_boundary))
            break;
        at += len;
    }
    for (int i = ENDS_COUNT - 1; i >= 0; i--)
        if (found[i])
            return found[i];
    return at;
}
