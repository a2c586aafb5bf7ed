#include "tokenizer/files/flow.h"
#include "base/types.h"

#include <stdlib.h>

void sp_flow_release(sp_flow *f)
{
    free(f->bytes);
    free(f->ends);
    *f = (sp_flow){ 0 };
}

void sp_flow_clear(sp_flow *f, bool wants_ends)
{
    f->len = f->max_len = 0;
    f->failed = f->is_too_long = false;
    if (wants_ends != f->wants_ends)
        sp_flow_release(f);
    f->wants_ends = wants_ends;
}

static bool reserve(sp_flow *f, size_t more)
{
    if (f->max_len > 0 && more > f->max_len - f->len)
        f->failed = f->is_too_long = true;
    if (more <= f->capacity - f->len && !f->failed)
        return true;
    size_t capacity = f->capacity * 2 > f->len + more ? f->capacity * 2 : f->len + more + 256;
    char *bytes = f->failed ? NULL : realloc(f->bytes, capacity);
    f->bytes = bytes ? bytes : f->bytes;
    uint32_t *ends = bytes && f->wants_ends ? realloc(f->ends, capacity * sizeof *ends) : NULL;
    f->ends = ends ? ends : f->ends;
    f->failed = !bytes || (f->wants_ends && !ends);
    if (!f->failed)
        f->capacity = capacity;
    return !f->failed;
}

void sp_flow_copy(sp_flow *f, sp_view from, size_t begin, size_t end)
{
    if (begin == end || !reserve(f, end - begin))
        return;
    memcpy(f->bytes + f->len, from.text.ptr + begin, end - begin);
    for (size_t i = begin; f->wants_ends && i < end; i++)
        f->ends[f->len + i - begin] = (uint32_t)sp_view_end(from, i + 1);
    f->len += end - begin;
}

void sp_flow_put(sp_flow *f, sp_str bytes, sp_view from, size_t begin, size_t end)
{
    if (bytes.len == 0 || !reserve(f, bytes.len))
        return;
    memcpy(f->bytes + f->len, bytes.ptr, bytes.len);
    for (size_t i = 0; f->wants_ends && i < bytes.len; i++)
        f->ends[f->len + i] = (uint32_t)sp_view_end(from, i + 1 < bytes.len ? begin : end);
    f->len += bytes.len;
}
