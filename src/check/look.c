/* look.c - a file of a prompt, looked at once, for what check alone asks about. */
#include "base/diag.h"
#include "base/types.h"
#include "check/findings.h"
#include "check/hidden.h"
#include "model/source.h"

enum { NO_COMMENT = SP_NONE - 1 }; /* of a file that was looked at */

static sp_status take_hidden(sp_findings *findings, sp_str path, sp_str text, sp_err *err)
{
    sp_arena arena = { NULL };
    sp_diags diags = { .arena = &arena };
    sp_status status = sp_find_hidden(&diags, path, text, err);
    if (status == SP_OK)
        status = sp_findings_take(findings, &diags, err);
    sp_arena_release(&arena);
    return status;
}

sp_status sp_findings_look_at(sp_findings *findings, const sp_source *source, sp_err *err)
{
    if (!source->was_read || sp_map_find(&findings->files, source->path) != SP_NONE)
        return SP_OK;
    sp_str path = sp_str_dup(findings->arena, source->path);
    uint32_t *slot = path.ptr ? sp_map_slot(findings->arena, &findings->files, path) : NULL;
    if (!slot)
        return sp_err_memory(err);
    *slot = NO_COMMENT;
    SP_TRY(sp_findings_comments(findings, path, source, err));
    return take_hidden(findings, path, source->bytes, err);
}
