/*
 * findings.h - what check has to say, once each, without what was ignored, worst first.
 *
 *   sp_findings findings = { .arena = arena, .config = config, .current = current };
 *   SP_TRY(sp_findings_take(&findings, &diags, err));          diagnostics of a load, of a pass
 *   SP_TRY(sp_findings_look_at(&findings, source, err));       <!-- sysprompt: ignore import.missing -->
 *   SP_TRY(sp_findings_settle(&findings, err));
 *
 * Copies what it takes, so sources and diagnostics may go.
 */
#ifndef SP_CHECK_FINDINGS_H
#define SP_CHECK_FINDINGS_H

#include "base/diag.h"
#include "base/diagnostic.h"
#include "base/map.h"
#include "base/types.h"
#include "check/config.h"
#include "check/result.h"
#include "model/source.h"

/* A comment in a file that keeps findings quiet. */
typedef struct sp_ignore_comment {
    sp_str path;
    sp_str rules;      /* as written, without the dashes of a reason */
    bool *keys;        /* by rule */
    uint32_t for_line; /* 0: the whole file */
    uint32_t line;
    uint32_t column;
    sp_str source_line;
    bool is_used;
    uint32_t next; /* of the same file, or SP_NONE */
} sp_ignore_comment;

typedef struct sp_findings {
    sp_arena *arena;
    const sp_check_config *config;
    sp_str current; /* the current directory, which paths are shown from */
    sp_diagnostic *items;
    size_t count;
    size_t capacity;
    sp_map seen;
    sp_map files; /* that were looked at: the last of their comments, or NO_COMMENT */
    sp_list(sp_ignore_comment) comments;
    size_t ignored_count;
    sp_check_part part;
} sp_findings;

/* Fails only with SP_ERR_NO_MEMORY, as all below. */
SP_MUST_USE sp_status sp_findings_take(sp_findings *findings, const sp_diags *diags, sp_err *err);
SP_MUST_USE sp_status sp_findings_add(sp_findings *findings, const sp_diagnostic *diagnostic, sp_err *err);

/* look.c: reads the comments in a file that are meant for check, and reports its hidden characters; each file once.
 * blocks may be NULL. */
SP_MUST_USE sp_status sp_findings_look_at(sp_findings *findings, const sp_source *source, sp_err *err);
/* comments.c: the comments alone. path lives as long as the findings do. */
SP_MUST_USE sp_status sp_findings_comments(sp_findings *findings, sp_str path, const sp_source *source, sp_err *err);

/* Leaves out what is ignored, gives the rest its severity, reports ignores that are good for nothing, and sorts. */
SP_MUST_USE sp_status sp_findings_settle(sp_findings *findings, sp_err *err);

#endif
