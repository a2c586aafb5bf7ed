/* findings.c - collects, filters, sorts. */
#include "check/findings.h"

#include "base/diagnostic.h"
#include "base/file.h"
#include "base/types.h"
#include "model/source.h"

#include <stdlib.h>

/* ---- collecting --------------------------------------------------------------------------------------- */

/* Neighbours are often about one file, and about one line of it, which may be long: those share a copy. */
static sp_str copy_text(sp_arena *arena, sp_str text, sp_str before)
{
    return before.ptr && sp_str_eq(text, before) ? before : sp_str_dup(arena, text);
}

static bool copy_texts(sp_findings *findings, sp_diagnostic *added)
{
    const sp_diagnostic none = { .rule = SP_RULE_NONE };
    const sp_diagnostic *before = findings->count > 1 ? added - 1 : &none;
    added->path = copy_text(findings->arena, added->path, before->path);
    added->message = copy_text(findings->arena, added->message, before->message);
    added->source_line = copy_text(findings->arena, added->source_line, before->source_line);
    return added->path.ptr && added->message.ptr && added->source_line.ptr;
}

sp_status sp_findings_add(sp_findings *findings, const sp_diagnostic *diagnostic, sp_err *err)
{
    sp_str key =
        sp_str_format(findings->arena, "%.*s:%u:%u:%.*s:%.*s", SP_STR_ARG(diagnostic->path), diagnostic->line,
                      diagnostic->column, SP_STR_ARG(sp_rule_name(diagnostic->rule)), SP_STR_ARG(diagnostic->message));
    uint32_t *slot = key.ptr ? sp_map_slot(findings->arena, &findings->seen, key) : NULL;
    if (!slot)
        return sp_err_memory(err);
    if (*slot != SP_NONE)
        return SP_OK;
    *slot = 0;
    sp_diagnostic *added = SP_LIST_PUSH(findings->arena, findings);
    if (!added)
        return sp_err_memory(err);
    *added = *diagnostic;
    return copy_texts(findings, added) ? SP_OK : sp_err_memory(err);
}

sp_status sp_findings_take(sp_findings *findings, const sp_diags *diags, sp_err *err)
{
    for (size_t i = 0; i < diags->count; i++)
        SP_TRY(sp_findings_add(findings, &diags->items[i], err));
    return SP_OK;
}

/* ---- leaving out ---------------------------------------------------------------------------------------- */

/* Every comment that fits is used, so that none of two that say the same is reported. */
static bool is_ignored_by_comment(sp_findings *findings, const sp_diagnostic *diagnostic, sp_rule_key rule)
{
    bool is_ignored = false;
    uint32_t at = sp_map_find(&findings->files, diagnostic->path);
    for (; at < findings->comments.count; at = findings->comments.items[at].next) {
        sp_ignore_comment *comment = &findings->comments.items[at];
        if (!comment->keys[rule] || (comment->for_line != 0 && comment->for_line != diagnostic->line))
            continue;
        comment->is_used = is_ignored = true;
    }
    return is_ignored;
}

static bool is_ignored_by_config(const sp_findings *findings, sp_str path, sp_rule_key rule)
{
    const sp_check_config *config = findings->config;
    for (size_t i = 0; i < config->ignore_count; i++)
        if (config->ignores[i].rules[rule] && sp_globs_match(&config->ignores[i].paths, path))
            return true;
    return false;
}

/* The path as the patterns of the configuration see it. */
static sp_status configured_path(const sp_findings *findings, sp_arena *arena, sp_str shown, sp_str *ret, sp_err *err)
{
    sp_str absolute = sp_path_join(arena, findings->current, shown);
    if (!absolute.ptr)
        return sp_err_memory(err);
    *ret = findings->config->folder.ptr ? sp_path_below(absolute, findings->config->folder) : absolute;
    return SP_OK;
}

static bool is_asked_for(const sp_findings *findings, sp_rule_key rule)
{
    return findings->part == SP_CHECK_ALL || sp_rule_is_budget(rule) == (findings->part == SP_CHECK_BUDGETS);
}

/* Whether the finding stays, with its level set. */
static sp_status judge(sp_findings *findings, sp_arena *arena, sp_diagnostic *diagnostic, bool *ret, sp_err *err)
{
    sp_rule_key rule = diagnostic->rule;
    sp_severity severity = findings->config->severities[rule];
    sp_str path = { NULL, 0 };
    *ret = false;
    SP_TRY(configured_path(findings, arena, diagnostic->path, &path, err));
    bool is_ignored = is_ignored_by_comment(findings, diagnostic, rule);
    if (!is_asked_for(findings, rule))
        return SP_OK;
    if (is_ignored || is_ignored_by_config(findings, path, rule) || severity == SP_SEVERITY_OFF) {
        findings->ignored_count++;
        return SP_OK;
    }
    diagnostic->level = severity == SP_SEVERITY_DEFAULT ? sp_rule_severity(rule, diagnostic->level)
                                                        : (sp_level)(severity - SP_SEVERITY_NOTE);
    *ret = true;
    return SP_OK;
}

static sp_status filter(sp_findings *findings, size_t from, sp_err *err)
{
    sp_arena scratch = { NULL };
    size_t kept = from;
    sp_status status = SP_OK;
    for (size_t i = from; i < findings->count && status == SP_OK; i++) {
        bool stays = false;
        status = judge(findings, &scratch, &findings->items[i], &stays, err);
        if (stays)
            findings->items[kept++] = findings->items[i];
    }
    findings->count = kept;
    sp_arena_release(&scratch);
    return status;
}

static sp_status report_unused(sp_findings *findings, sp_err *err)
{
    for (size_t i = 0; i < findings->comments.count; i++) {
        const sp_ignore_comment *comment = &findings->comments.items[i];
        if (comment->is_used || comment->rules.len == 0)
            continue;
        sp_diagnostic diagnostic = {
            .level = SP_NOTE,
            .line = comment->line,
            .column = comment->column,
            .path = comment->path,
            .message = sp_str_format(findings->arena, "nothing of %.*s is found %s, so this comment can go",
                                     SP_STR_ARG(comment->rules),
                                     comment->for_line ? "in the line that it is about" : "in this file"),
            .rule = SP_RULE_CHECK_UNUSED,
            .source_line = comment->source_line,
        };
        if (!diagnostic.message.ptr)
            return sp_err_memory(err);
        SP_TRY(sp_findings_add(findings, &diagnostic, err));
    }
    return SP_OK;
}

/* Budgets come in their own order, the worst first, before all else of the same level. */
static bool is_budget(const sp_diagnostic *diagnostic)
{
    return sp_rule_is_budget(diagnostic->rule);
}

typedef struct sorted {
    sp_diagnostic diagnostic;
    size_t index;
} sorted;

static int compare(const void *a, const void *b)
{
    const sorted *first = a, *second = b;
    const sp_diagnostic *x = &first->diagnostic, *y = &second->diagnostic;
    int by_index = (first->index > second->index) - (first->index < second->index);
    if (x->level != y->level)
        return x->level > y->level ? -1 : 1;
    if (is_budget(x) != is_budget(y))
        return is_budget(x) ? -1 : 1;
    if (is_budget(x))
        return by_index;
    int order = sp_str_cmp(x->path, y->path);
    if (order == 0)
        order = (x->line > y->line) - (x->line < y->line);
    if (order == 0)
        order = (x->column > y->column) - (x->column < y->column);
    return order ? order : by_index;
}

static sp_status sort(sp_findings *findings, sp_err *err)
{
    sorted *items = SP_ARENA_ARRAY(findings->arena, sorted, findings->count + 1);
    if (!items)
        return sp_err_memory(err);
    for (size_t i = 0; i < findings->count; i++)
        items[i] = (sorted){ findings->items[i], i };
    if (findings->count)
        qsort(items, findings->count, sizeof *items, compare);
    for (size_t i = 0; i < findings->count; i++)
        findings->items[i] = items[i].diagnostic;
    return SP_OK;
}

sp_status sp_findings_settle(sp_findings *findings, sp_err *err)
{
    SP_TRY(filter(findings, 0, err));
    size_t before = findings->count;
    SP_TRY(report_unused(findings, err));
    SP_TRY(filter(findings, before, err));
    return sort(findings, err);
}
