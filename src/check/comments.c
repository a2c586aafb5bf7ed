/*
 * comments.c - <!-- sysprompt: ignore RULE --> in a text, # sysprompt: ignore RULE in front matter.
 *
 * Alone on its line a comment is about the next line that is not blank and no such comment itself; behind something,
 * about its own line. ignore-file is about the whole file. A reason may follow behind two dashes. Code is not looked
 * into.
 */
#include "check/findings.h"

#include "base/diagnostic.h"
#include "base/near.h"
#include "base/types.h"
#include "model/source.h"
#include "syntax/headings.h"

typedef struct looker {
    sp_findings *findings;
    const sp_source *source;
    sp_str path; /* a copy that outlives the source */
    size_t count;
    sp_position place;      /* of the last comment, */
    size_t at;              /* and where it begins */
    uint32_t skipped_to;    /* the line that the last comment alone on its line is about, */
    size_t skipped_to_byte; /* and where that begins: what stands between is about the same line */
} looker;

static const sp_str marks[] = { { "<!-- sysprompt:", 15 }, { "# sysprompt:", 12 } };

/* ---- the rules -------------------------------------------------------------------------------------- */

static sp_status complain(looker *l, const sp_ignore_comment *comment, sp_str message, sp_err *err)
{
    if (!message.ptr)
        return sp_err_memory(err);
    sp_diagnostic diagnostic = {
        .level = SP_WARNING,
        .line = comment->line,
        .column = comment->column,
        .path = l->path,
        .message = message,
        .rule = SP_RULE_CHECK_IGNORE,
        .source_line = comment->source_line,
    };
    return sp_findings_add(l->findings, &diagnostic, err);
}

static sp_status complain_of_rule(looker *l, const sp_ignore_comment *comment, sp_str id, sp_err *err)
{
    sp_arena *arena = l->findings->arena;
    sp_str known[SP_RULE_COUNT];
    size_t count = 0;
    for (int key = SP_RULE_NONE + 1; key < SP_RULE_COUNT; key++)
        known[count++] = sp_str_of(sp_rule_id((sp_rule_key)key));
    size_t nearest = sp_near(id, known, count);
    if (nearest != SIZE_MAX)
        return complain(l, comment,
                        sp_str_format(arena, "there is no rule %.*s; did you mean %.*s?", SP_STR_ARG(id),
                                      SP_STR_ARG(known[nearest])),
                        err);
    return complain(l, comment,
                    sp_str_format(arena,
                                  "there is no rule %.*s; the findings have their rule's id behind them, in brackets",
                                  SP_STR_ARG(id)),
                    err);
}

static sp_status take_rule(looker *l, sp_ignore_comment *comment, sp_str id, sp_err *err)
{
    sp_glob_budget budget = { 100, 10000 };
    sp_glob glob;
    bool is_one = false;
    sp_rule_key exact = sp_rule_find(id);
    if (exact != SP_RULE_NONE) {
        comment->keys[exact] = true;
        return SP_OK;
    }
    SP_TRY(sp_glob_compile(l->findings->arena, id, &budget, &glob, err));
    for (int key = SP_RULE_NONE + 1; key < SP_RULE_COUNT; key++)
        if (sp_glob_match(&glob, sp_str_of(sp_rule_id((sp_rule_key)key)), true))
            comment->keys[key] = is_one = true;
    if (is_one)
        return SP_OK;
    comment->is_used = true; /* one complaint is enough */
    return complain_of_rule(l, comment, id, err);
}

static bool is_between(char c)
{
    return c == ' ' || c == '\t' || c == ',';
}

/* The rules' ids stand between blanks or commas. What is wrong with the first of them is enough. */
static sp_status take_rules(looker *l, sp_ignore_comment *comment, sp_err *err)
{
    sp_str text = comment->rules;
    size_t count = 0;
    for (size_t at = 0; at < text.len && !comment->is_used;) {
        size_t end = at;
        while (end < text.len && !is_between(text.ptr[end]))
            end++;
        if (end > at)
            SP_TRY(take_rule(l, comment, sp_str_slice(text, at, end), err));
        if (end > at && ++count == (size_t)sp_own_limit(SP_RULE_CHECK_COMMENTS))
            return complain(l, comment, SP_STR("names too many rules; a pattern such as import.* stands for several"),
                            err);
        at = end + 1;
    }
    return count ? SP_OK : complain(l, comment, SP_STR("name the rules that are to be ignored here"), err);
}

/* ---- the place --------------------------------------------------------------------------------------- */

static sp_str line_from(sp_str text, size_t at)
{
    return sp_str_slice(text, at, sp_line_end(text, at));
}

static size_t next_line(sp_str text, size_t at)
{
    while (at < text.len && !sp_ends_line(text, at))
        at++;
    return at < text.len ? at + 1 : at;
}

static bool is_comment_line(sp_str line)
{
    sp_str trimmed = sp_str_trim(line);
    for (size_t i = 0; i < SP_COUNT_OF(marks); i++)
        if (sp_str_starts(trimmed, marks[i]))
            return true;
    return false;
}

/* The line that a comment which begins at offset is about; end is where it ends. */
static uint32_t line_of(looker *l, size_t offset, size_t end)
{
    sp_str text = l->source->bytes;
    sp_str line = sp_line_at(text, offset);
    sp_str before = sp_str_slice(text, (size_t)(line.ptr - text.ptr), offset);
    if (sp_str_trim(before).len > 0 || sp_str_trim(line_from(text, end)).len > 0)
        return l->place.line;
    if (offset < l->skipped_to_byte)
        return l->skipped_to;
    uint32_t number = sp_position_after(text, l->place, offset, end).line + 1;
    size_t at = next_line(text, end);
    for (; at < text.len; at = next_line(text, at), number++) {
        sp_str below = line_from(text, at);
        if (sp_str_trim(below).len > 0 && !is_comment_line(below))
            break;
    }
    l->skipped_to = number;
    l->skipped_to_byte = at;
    return number;
}

static bool is_in_code(const sp_source *source, size_t offset)
{
    uint32_t block = sp_block_at(source, offset);
    if (block == SP_NONE)
        return false;
    sp_block_kind kind = source->blocks[block].kind;
    return kind == SP_BLOCK_FENCED_CODE || kind == SP_BLOCK_INDENTED_CODE;
}

/* ---- one comment ------------------------------------------------------------------------------------- */

static sp_status push(looker *l, const sp_ignore_comment *made, sp_err *err)
{
    sp_findings *f = l->findings;
    uint32_t *slot = sp_map_slot(f->arena, &f->files, l->path);
    sp_ignore_comment *comment = slot ? SP_LIST_PUSH(f->arena, &f->comments) : NULL;
    if (!comment)
        return sp_err_memory(err);
    *comment = *made;
    comment->next = *slot;
    *slot = (uint32_t)(f->comments.count - 1);
    return SP_OK;
}

/* body is what stands behind "sysprompt:". What is no ignore is another part's business. */
static sp_status take_comment(looker *l, size_t offset, sp_str body, size_t end, sp_err *err)
{
    sp_arena *arena = l->findings->arena;
    sp_str text = l->source->bytes;
    bool is_file = sp_str_starts(body, SP_STR("ignore-file"));
    size_t word = is_file ? 11 : 6;
    if (!sp_str_starts(body, SP_STR("ignore")) || (body.len > word && !is_between(body.ptr[word])))
        return SP_OK;
    if (++l->count > (size_t)sp_own_limit(SP_RULE_CHECK_COMMENTS))
        return SP_OK;
    l->place = l->at ? sp_position_after(text, l->place, l->at, offset) : sp_position_of(text, offset);
    l->at = offset;
    sp_str rules = sp_str_slice(body, word, body.len);
    size_t reason = sp_str_find(rules, SP_STR(" -- "), 0);
    sp_ignore_comment comment = {
        .path = l->path,
        .rules = sp_str_dup(arena, sp_str_trim(reason == SIZE_MAX ? rules : sp_str_slice(rules, 0, reason))),
        .keys = SP_ARENA_ARRAY(arena, bool, SP_RULE_COUNT),
        .for_line = is_file ? 0 : line_of(l, offset, end),
        .line = l->place.line,
        .column = l->place.column,
        .source_line = sp_str_dup(arena, sp_line_at(text, offset)),
    };
    if (!comment.rules.ptr || !comment.keys || !comment.source_line.ptr)
        return sp_err_memory(err);
    SP_TRY(take_rules(l, &comment, err));
    return push(l, &comment, err);
}

static sp_status look_in_front_matter(looker *l, sp_err *err)
{
    sp_str front = sp_str_slice(l->source->bytes, 0, l->source->content_begin);
    for (size_t at = 0; (at = sp_str_find(front, marks[1], at)) != SIZE_MAX;) {
        sp_str rest = line_from(front, at + marks[1].len);
        size_t end = at + marks[1].len + rest.len;
        SP_TRY(take_comment(l, at, sp_str_trim(rest), end, err));
        at = end;
    }
    return SP_OK;
}

static sp_status look_in_text(looker *l, sp_err *err)
{
    sp_str text = l->source->bytes;
    for (size_t at = l->source->content_begin; (at = sp_str_find(text, marks[0], at)) != SIZE_MAX;) {
        size_t begin = at + marks[0].len;
        size_t close = sp_str_find(text, SP_STR("-->"), begin);
        if (close == SIZE_MAX)
            return SP_OK;
        if (!is_in_code(l->source, at))
            SP_TRY(take_comment(l, at, sp_str_trim(sp_str_slice(text, begin, close)), close + 3, err));
        at = close + 3;
    }
    return SP_OK;
}

static sp_status report_too_many(looker *l, sp_err *err)
{
    long long limit = (long long)sp_own_limit(SP_RULE_CHECK_COMMENTS);
    sp_diagnostic diagnostic = { .level = SP_WARNING, .path = l->path, .rule = SP_RULE_CHECK_COMMENTS };
    if (l->count <= (size_t)limit)
        return SP_OK;
    diagnostic.message =
        sp_str_format(l->findings->arena,
                      "has %zu comments that ignore something, and only the first %lld count; use ignore-file, or "
                      "ignore: in sysprompt.yaml",
                      l->count, limit);
    return diagnostic.message.ptr ? sp_findings_add(l->findings, &diagnostic, err) : sp_err_memory(err);
}

sp_status sp_findings_comments(sp_findings *findings, sp_str path, const sp_source *source, sp_err *err)
{
    looker l = { .findings = findings, .source = source, .path = path };
    SP_TRY(look_in_front_matter(&l, err));
    SP_TRY(look_in_text(&l, err));
    return report_too_many(&l, err);
}
