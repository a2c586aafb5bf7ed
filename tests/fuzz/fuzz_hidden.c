/*
 * fuzz_hidden.c - any text, looked at for hidden characters: finds in order and within the text, counted and named as
 * they are, nothing in printable ASCII, and the same in a text of twice the lines, twice.
 */
#include "base/base.h"
#include "base/types.h"
#include "syntax/hidden.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
    if (!holds)
        abort();
}

static uint32_t code_at(sp_str text, size_t at)
{
    uint32_t code = 0;
    size_t bad;
    require(sp_utf8_decode(text, at, &code, &bad) > 0);
    return code;
}

static void look_at(sp_str text, const sp_hidden *found)
{
    sp_buf decoded = { 0 };
    size_t lines = 0;
    require(found->kind < SP_HIDDEN_KINDS && found->count > 0);
    require(found->begin <= found->last && found->last < text.len);
    require(found->code_count >= 1 && found->code_count <= SP_HIDDEN_CODES);
    require(found->codes[0] == code_at(text, found->begin));
    require((found->count == 1) == (found->begin == found->last));
    for (size_t at = found->begin; at < found->last; at++)
        lines += sp_ends_line(text, at);
    require(lines == 0 && *sp_hidden_noun(found));
    for (unsigned i = 0; i < found->code_count; i++)
        require(found->codes[i] < ' ' || found->codes[i] >= 0x7F);
    bool is_decoded = sp_hidden_decode(found, &decoded);
    require(!decoded.failed && is_decoded == (decoded.len > 0));
    sp_buf_release(&decoded);
}

static size_t count(sp_hidden_scan *scan, sp_str text)
{
    size_t finds = 0, last = 0;
    sp_hidden_begin(scan, text);
    for (const sp_hidden *found; (found = sp_hidden_next(scan)); finds++) {
        require(finds == 0 || found->begin > last);
        last = found->begin;
        look_at(text, found);
    }
    require(scan->at == text.len);
    return finds;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sp_str text = { (const char *)data, size };
    sp_buf twice = { 0 };
    sp_hidden_scan *scan = malloc(sizeof *scan);
    if (size > 16384 || !scan) {
        free(scan);
        return 0;
    }
    sp_buf_add_char(&twice, '\n');
    sp_buf_add(&twice, text);
    sp_buf_add_char(&twice, '\n');
    size_t half = twice.len;
    sp_buf_add(&twice, text);
    require(!twice.failed);
    count(scan, text);
    /* below a line, a mark at the head is none */
    size_t once = count(scan, sp_str_slice(sp_buf_str(&twice), 0, half));
    require(count(scan, sp_buf_str(&twice)) == 2 * once);
    sp_buf_release(&twice);
    free(scan);
    return 0;
}
