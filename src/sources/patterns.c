/* patterns.c - from a field of the front matter to patterns that can be matched. */
#include "sources/patterns.h"

#include "base/diagnostic.h"
#include "base/types.h"
#include "model/source.h"
#include "sources/loader.h"

/* ---- reading ------------------------------------------------------------------------------------------------ */

/* A pattern, and where it stands. */
typedef struct written {
    sp_str text;
    size_t offset;
} written;

typedef sp_list(written) written_list;

static sp_status add(sp_arena *arena, written_list *list, sp_str text, size_t offset, sp_err *err)
{
    sp_str trimmed = sp_str_trim(text);
    if (trimmed.len == 0)
        return SP_OK;
    written *slot = SP_LIST_PUSH(arena, list);
    if (!slot)
        return sp_err_memory(err);
    *slot = (written){ trimmed, offset };
    return SP_OK;
}

/* The end of the pattern that begins at begin: a comma outside of braces, or the end of the text. */
static size_t pattern_end(sp_str text, size_t begin)
{
    size_t depth = 0;
    for (size_t at = begin; at < text.len; at++) {
        char c = text.ptr[at];
        if (c == '\\')
            at++;
        else if (c == '{')
            depth++;
        else if (c == '}' && depth)
            depth--;
        else if (c == ',' && !depth)
            return at;
    }
    return text.len;
}

static sp_status split(sp_arena *arena, const sp_field *field, written_list *list, sp_err *err)
{
    for (size_t i = 0; field->kind == SP_VALUE_LIST && i < field->items.count; i++)
        SP_TRY(add(arena, list, field->items.items[i], field->item_offsets[i], err));
    for (size_t at = 0; field->kind == SP_VALUE_SCALAR && at < field->value.len;) {
        size_t end = pattern_end(field->value, at);
        SP_TRY(add(arena, list, sp_str_slice(field->value, at, end), field->value_offset, err));
        at = end + 1;
    }
    return SP_OK;
}

/* ---- what is wrong ------------------------------------------------------------------------------------------- */

typedef enum problem {
    PROBLEM_NONE,
    PROBLEM_INVALID,
    PROBLEM_ABSOLUTE,
    PROBLEM_PATTERNS,
    PROBLEM_BYTES,
    PROBLEM_COUNT
} problem;

static const struct {
    sp_rule_key rule;
    const char *text;
} problems[] = {
    [PROBLEM_INVALID] = { SP_RULE_RULE_PATTERN,
                          "nothing closes a [ in this pattern, so it matches nothing; write \\[ for a [ in a name" },
    [PROBLEM_ABSOLUTE] = { SP_RULE_RULE_PATTERN, "this pattern matches nothing, because it is compared with paths "
                                                 "relative to the project; begin it with a folder or **/" },
    [PROBLEM_PATTERNS] = { SP_RULE_RULE_PATTERNS,
                           "the braces of this pattern stand for too many patterns, so they are taken as they are; "
                           "write fewer, or use a wildcard" },
    [PROBLEM_BYTES] = { SP_RULE_RULE_PATTERN_BYTES,
                        "the braces of this pattern stand for too long patterns, so they are taken as they are; "
                        "write fewer, or use a wildcard" },
};

static problem problem_of(sp_str text, const sp_glob *glob)
{
    if (glob->state == SP_GLOB_INVALID)
        return PROBLEM_INVALID;
    if (sp_str_starts(text, SP_STR("/")) || sp_str_starts(text, SP_STR("~/")) || sp_str_starts(text, SP_STR("../")))
        return PROBLEM_ABSOLUTE;
    return glob->state == SP_GLOB_OVER_BUDGET  ? PROBLEM_PATTERNS
           : glob->state == SP_GLOB_OVER_BYTES ? PROBLEM_BYTES
                                               : PROBLEM_NONE;
}

/* Each kind of problem once, at its first pattern. */
static sp_status say(sp_loader *loader, const sp_source *source, const written *first, problem what, size_t count,
                     sp_err *err)
{
    sp_str more = SP_STR("");
    if (!sp_rule_holds(loader->profile, problems[what].rule))
        return SP_OK;
    if (count > 1)
        more = sp_str_format(loader->arena, " (and so with %zu more)", count - 1);
    if (!more.ptr)
        return sp_err_memory(err);
    return sp_diag_add(loader->diags, err, SP_WARNING, source->path, source->bytes, first->offset,
                       sp_rule_id(problems[what].rule), "%s%.*s", problems[what].text, SP_STR_ARG(more));
}

static sp_status say_all(sp_loader *loader, const sp_source *source, const written_list *list,
                         const sp_patterns *patterns, sp_err *err)
{
    const written *first[PROBLEM_COUNT] = { NULL };
    size_t counts[PROBLEM_COUNT] = { 0 };
    for (size_t i = 0; i < list->count; i++) {
        problem what = problem_of(list->items[i].text, &patterns->globs[i]);
        first[what] = first[what] ? first[what] : &list->items[i];
        counts[what]++;
    }
    for (problem what = PROBLEM_NONE + 1; what < PROBLEM_COUNT; what++)
        if (first[what])
            SP_TRY(say(loader, source, first[what], what, counts[what], err));
    return SP_OK;
}

sp_status sp_patterns_read(sp_loader *loader, const sp_source *source, const sp_field *field, sp_patterns *ret,
                           sp_err *err)
{
    sp_arena *arena = loader->arena;
    written_list list = { 0 };
    sp_glob_budget budget = { (uint64_t)sp_rule_value(loader->profile, SP_RULE_RULE_PATTERNS),
                              (uint64_t)sp_rule_value(loader->profile, SP_RULE_RULE_PATTERN_BYTES) };
    *ret = (sp_patterns){ 0 };
    if (!field)
        return SP_OK;
    SP_TRY(split(arena, field, &list, err));
    ret->texts = SP_ARENA_ARRAY(arena, sp_str, list.count + 1);
    ret->globs = SP_ARENA_ARRAY(arena, sp_glob, list.count + 1);
    if (!ret->texts || !ret->globs)
        return sp_err_memory(err);
    for (size_t i = 0; i < list.count; i++) {
        ret->texts[i] = list.items[i].text;
        SP_TRY(sp_glob_compile(arena, list.items[i].text, &budget, &ret->globs[i], err));
    }
    ret->count = list.count;
    return say_all(loader, source, &list, ret, err);
}

/* ---- asking ---------------------------------------------------------------------------------------------------- */

sp_str sp_patterns_match(const sp_loader *loader, const sp_patterns *patterns, sp_str base, sp_str path)
{
    bool has_names = sp_rule_holds(loader->profile, SP_RULE_RULE_PATTERN_NAME);
    if (!sp_path_is_within(path, base))
        return (sp_str){ NULL, 0 };
    sp_str below = sp_path_below(path, base);
    for (size_t i = 0; i < patterns->count; i++) {
        sp_str text = patterns->texts[i];
        bool is_name = has_names && !memchr(text.ptr, '/', text.len);
        if (sp_glob_match(&patterns->globs[i], is_name ? sp_path_base(below) : below, true))
            return text;
    }
    return (sp_str){ NULL, 0 };
}

enum { MAX_LISTED = 3 };

sp_str sp_patterns_list(sp_arena *arena, const sp_patterns *patterns)
{
    sp_buf list = { 0 };
    for (size_t i = 0; i < patterns->count && i < MAX_LISTED; i++)
        sp_buf_format(&list, "%s%.*s", i ? ", " : "", SP_STR_ARG(patterns->texts[i]));
    if (patterns->count > MAX_LISTED)
        sp_buf_format(&list, " and %zu more", patterns->count - MAX_LISTED);
    return sp_buf_move(&list, arena);
}
