/*
 * clean.c - characters of a memory file that the client does not send (rule memory.cleaned).
 *
 * Which ones they are was asked of the client character by character, with Unicode 17. Characters that the version of
 * utf8proc does not know count as unassigned.
 */
#include "base/types.h"
#include "compose/composer.h"

#include <utf8proc.h>

/* Characters that a terminal or a page shows as nothing, and that are neither controls nor formats. */
static bool is_ignorable(uint32_t code)
{
    return code == 0x034F || code == 0x115F || code == 0x1160 || code == 0x17B4 || code == 0x17B5 ||
           (code >= 0x180B && code <= 0x180F) || code == 0x3164 || code == 0xFFA0 ||
           (code >= 0xFE00 && code <= 0xFE0D) || (code >= 0xE0100 && code <= 0xE01EF);
}

static bool is_removed(uint32_t code)
{
    if (code == '\t' || code == '\n' || code == 0x200C || code == 0x200D)
        return false;
    if (is_ignorable(code))
        return true;
    switch (utf8proc_category((utf8proc_int32_t)code)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return true;
    default:
        return false;
    }
}

/* A line end that is not LF: it is removed before an LF, and is one itself anywhere else. */
static bool is_line_end(uint32_t code)
{
    return code == '\r' || code == 0x2028 || code == 0x2029;
}

bool sp_compose_next_unclean(sp_str text, size_t at, size_t end, sp_unclean *ret)
{
    while (at < end) {
        uint32_t code = 0;
        size_t bad = 1;
        size_t length = sp_utf8_decode(text, at, &code, &bad);
        size_t next = at + (length ? length : bad);
        if (length && is_removed(code)) {
            bool is_crlf = code == '\r' && next < text.len && text.ptr[next] == '\n';
            *ret = (sp_unclean){ { at, next }, is_line_end(code) && !is_crlf };
            return true;
        }
        at = next;
    }
    return false;
}
