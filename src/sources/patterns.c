/*
 * patterns.c - from a field of the front matter to patterns that can be matched.
 *
 * How lines of a .gitignore are made of it was asked of Claude Code, with 4,000 lists made at random. Commas divide a
 * string and each item of a list. Then braces are written out, the first { with the } after it: braces in braces do not
 * nest. Then a slash and two stars are dropped from the end of each line, of one that takes files back as well.
 */
#include "sources/patterns.h"

#include "base/diagnostic.h"
#include "base/types.h"
#include "model/source.h"
#include "sources/loader.h"

/* ---- reading ------------------------------------------------------------------------------------------------ */

typedef sp_list(sp_str) strings;

/* A pattern, and where it stands. */
typedef struct written {
    sp_str text;
    size_t offset;
} written;

typedef sp_list(written) written_list;

/* Without white space at both ends, as JavaScript has it. */
static sp_str trim(sp_str text)
{
    size_t begin = text.len;
    size_t end = 0;
    for (size_t at = 0; at < text.len;) {
        uint32_t code = 0;
        size_t bad = 1;
        size_t length = sp_utf8_decode(text, at, &code, &bad);
        bool is_space = length && sp_code_is_space(code);
        begin = !is_space && begin == text.len ? at : begin;
        at += length ? length : bad;
        end = is_space ? end : at;
    }
    return begin < end ? sp_str_slice(text, begin, end) : (sp_str){ text.ptr, 0 };
}

static sp_status add(sp_arena *arena, written_list *list, sp_str text, size_t offset, sp_err *err)
{
    sp_str trimmed = trim(text);
    if (trimmed.len == 0)
        return SP_OK;
    written *slot = SP_LIST_PUSH(arena, list);
    if (!slot)
        return sp_err_memory(err);
    *slot = (written){ trimmed, offset };
    return SP_OK;
}

static sp_status add_string(sp_arena *arena, strings *list, sp_str text, sp_err *err)
{
    sp_str *slot = text.ptr ? SP_LIST_PUSH(arena, list) : NULL;
    if (!slot)
        return sp_err_memory(err);
    *slot = text;
    return SP_OK;
}

/* The end of the pattern that begins at begin: a comma outside of braces, or the end of the text. */
static size_t glob_end(sp_str text, size_t begin)
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

/* The same for lines of a .gitignore: a backslash is nothing special, and after a } too many no comma divides. */
static size_t line_end(sp_str text, size_t begin)
{
    int64_t depth = 0;
    for (size_t at = begin; at < text.len; at++) {
        char c = text.ptr[at];
        depth += (c == '{') - (c == '}');
        if (c == ',' && depth == 0)
            return at;
    }
    return text.len;
}

static sp_status split_text(sp_arena *arena, sp_str text, size_t offset, bool has_lines, written_list *list,
                            sp_err *err)
{
    for (size_t at = 0; at < text.len;) {
        size_t end = has_lines ? line_end(text, at) : glob_end(text, at);
        SP_TRY(add(arena, list, sp_str_slice(text, at, end), offset, err));
        at = end + 1;
    }
    return SP_OK;
}

static sp_status split(sp_arena *arena, const sp_field *field, bool has_lines, written_list *list, sp_err *err)
{
    if (field->kind == SP_VALUE_SCALAR)
        return split_text(arena, field->value, field->value_offset, has_lines, list, err);
    bool is_list = field->kind == SP_VALUE_LIST || (has_lines && field->kind == SP_VALUE_NESTED);
    for (size_t i = 0; is_list && i < field->items.count; i++) {
        sp_str item = field->items.items[i];
        if (has_lines && !field->item_is_text[i])
            continue;
        size_t offset = field->item_offsets[i];
        SP_TRY(has_lines ? split_text(arena, item, offset, true, list, err) : add(arena, list, item, offset, err));
    }
    return SP_OK;
}

/* ---- braces of a line ----------------------------------------------------------------------------------------- */

/* The first { and the } after it. Where nothing is between them, no brace of the text means anything. */
static bool find_group(sp_str text, size_t *open, size_t *close)
{
    *open = sp_str_find(text, SP_STR("{"), 0);
    *close = *open == SIZE_MAX ? SIZE_MAX : sp_str_find(text, SP_STR("}"), *open);
    return *close != SIZE_MAX && *close > *open + 1;
}

/* How many lines there are once the first group of each is written out. */
static uint64_t count_next(const strings *lines)
{
    uint64_t count = lines->count;
    for (size_t i = 0; i < lines->count; i++) {
        size_t open, close;
        bool is_group = find_group(lines->items[i], &open, &close);
        for (size_t at = open; is_group && at < close; at++)
            count += lines->items[i].ptr[at] == ',';
    }
    return count;
}

static sp_status write_out(sp_arena *arena, sp_str text, strings *ret, sp_err *err)
{
    size_t open, close;
    if (!find_group(text, &open, &close))
        return add_string(arena, ret, text, err);
    for (size_t at = open + 1; at <= close;) {
        size_t comma = sp_str_find(sp_str_slice(text, 0, close), SP_STR(","), at);
        size_t end = comma == SIZE_MAX ? close : comma;
        sp_str item = sp_str_trim(sp_str_slice(text, at, end));
        sp_str line = sp_str_format(arena, "%.*s%.*s%.*s", SP_STR_ARG(sp_str_slice(text, 0, open)), SP_STR_ARG(item),
                                    SP_STR_ARG(sp_str_slice(text, close + 1, text.len)));
        SP_TRY(add_string(arena, ret, line, err));
        at = end + 1;
    }
    return SP_OK;
}

static bool has_group(const strings *lines)
{
    size_t open, close;
    for (size_t i = 0; i < lines->count; i++)
        if (find_group(lines->items[i], &open, &close))
            return true;
    return false;
}

static sp_status write_next_out(sp_arena *arena, const strings *lines, strings *ret, sp_err *err)
{
    *ret = (strings){ 0 };
    for (size_t i = 0; i < lines->count; i++)
        SP_TRY(write_out(arena, lines->items[i], ret, err));
    return SP_OK;
}

/* The lines that a text stands for: it was measured that the length of the text counts for each of them, and once more
 * for each group. Each group makes lines anew, in turns in two arenas, and *ret lies in the last one. */
static sp_status write_groups_out(sp_arena *turns, sp_str text, const sp_glob_budget *budget, strings *ret,
                                  sp_glob_budget *ret_cost, sp_err *err)
{
    *ret_cost = (sp_glob_budget){ 0, 0 };
    SP_TRY(add_string(&turns[0], ret, text, err));
    for (uint64_t groups = 1; has_group(ret); groups++) {
        sp_arena *arena = &turns[groups % 2];
        strings lines = *ret;
        uint64_t count = count_next(&lines);
        *ret_cost = (sp_glob_budget){ count, (count + groups) * text.len };
        if (ret_cost->patterns > budget->patterns || ret_cost->bytes > budget->bytes)
            return SP_OK;
        sp_arena_release(arena);
        SP_TRY(write_next_out(arena, &lines, ret, err));
    }
    return SP_OK;
}

/* A text that is too much keeps its braces, and costs nothing. */
static sp_status write_all_out(sp_arena *arena, sp_str text, sp_glob_budget *budget, strings *ret,
                               sp_glob_state *ret_state, sp_err *err)
{
    sp_arena turns[2] = { { NULL }, { NULL } };
    strings lines = { 0 };
    sp_glob_budget cost;
    sp_status status = write_groups_out(turns, text, budget, &lines, &cost, err);
    *ret_state = cost.patterns > budget->patterns ? SP_GLOB_OVER_BUDGET
                 : cost.bytes > budget->bytes     ? SP_GLOB_OVER_BYTES
                                                  : SP_GLOB_FINE;
    if (status == SP_OK && *ret_state != SP_GLOB_FINE)
        status = add_string(arena, ret, text, err);
    for (size_t i = 0; status == SP_OK && *ret_state == SP_GLOB_FINE && i < lines.count; i++)
        status = add_string(arena, ret, sp_str_dup(arena, lines.items[i]), err);
    if (*ret_state == SP_GLOB_FINE)
        *budget = (sp_glob_budget){ budget->patterns - cost.patterns, budget->bytes - cost.bytes };
    sp_arena_release(&turns[0]);
    sp_arena_release(&turns[1]);
    return status;
}

/* ---- what is wrong ------------------------------------------------------------------------------------------- */

typedef enum problem {
    PROBLEM_NONE,
    PROBLEM_INVALID,
    PROBLEM_ABSOLUTE,
    PROBLEM_DOTS,
    PROBLEM_NEGATION,
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
    [PROBLEM_DOTS] = { SP_RULE_RULE_PATTERN, "this pattern matches nothing, because the paths that it is compared with "
                                             "have no ./, ../ or ~/; begin it with a directory or **/" },
    [PROBLEM_NEGATION] = { SP_RULE_RULE_PATTERN, "[! and [^ do not negate here: ! and ^ are members of the set; to "
                                                 "take files back, add a pattern that begins with !" },
    [PROBLEM_PATTERNS] = { SP_RULE_RULE_PATTERNS,
                           "the braces of this pattern stand for too many patterns, so they are taken as they are; "
                           "write fewer, or use a wildcard" },
    [PROBLEM_BYTES] = { SP_RULE_RULE_PATTERN_BYTES,
                        "the braces of this pattern stand for too long patterns, so they are taken as they are; "
                        "write fewer, or use a wildcard" },
};

static problem problem_of_state(sp_glob_state state)
{
    static const problem of_state[] = {
        [SP_GLOB_FINE] = PROBLEM_NONE,
        [SP_GLOB_INVALID] = PROBLEM_INVALID,
        [SP_GLOB_OVER_BUDGET] = PROBLEM_PATTERNS,
        [SP_GLOB_OVER_BYTES] = PROBLEM_BYTES,
    };
    return of_state[state];
}

static problem problem_of_glob(sp_str text, sp_glob_state state)
{
    if (state == SP_GLOB_INVALID)
        return PROBLEM_INVALID;
    if (sp_str_starts(text, SP_STR("/")) || sp_str_starts(text, SP_STR("~/")) || sp_str_starts(text, SP_STR("../")))
        return PROBLEM_ABSOLUTE;
    return problem_of_state(state);
}

/* Where the first [ is that no backslash takes for itself, or SIZE_MAX. */
static size_t find_bracket(sp_str text)
{
    for (size_t at = 0; at < text.len; at++) {
        if (text.ptr[at] == '[')
            return at;
        at += text.ptr[at] == '\\';
    }
    return SIZE_MAX;
}

static problem problem_of_line(sp_str text, sp_glob_state state)
{
    text = sp_str_slice(text, sp_str_starts(text, SP_STR("!")), text.len);
    size_t bracket = find_bracket(text);
    bool has_bracket = bracket != SIZE_MAX && bracket + 1 < text.len;
    if (state == SP_GLOB_INVALID && bracket == SIZE_MAX)
        return PROBLEM_NONE;
    if (sp_str_starts(text, SP_STR("./")) || sp_str_starts(text, SP_STR("../")) || sp_str_starts(text, SP_STR("~/")))
        return PROBLEM_DOTS;
    if (state == SP_GLOB_FINE && has_bracket && (text.ptr[bracket + 1] == '!' || text.ptr[bracket + 1] == '^'))
        return PROBLEM_NEGATION;
    return problem_of_state(state);
}

/* Each kind of problem once, at its first pattern. */
static sp_status say(sp_loader *loader, const sp_source *source, size_t offset, problem what, size_t count, sp_err *err)
{
    sp_str more = SP_STR("");
    if (!sp_rule_holds(loader->here->profile, problems[what].rule))
        return SP_OK;
    if (count > 1)
        more = sp_str_format(loader->arena, " (and so with %zu more)", count - 1);
    if (!more.ptr)
        return sp_err_memory(err);
    return sp_diag_add(loader->diags, err, SP_WARNING, source->path, source->bytes, offset, problems[what].rule,
                       "%s%.*s", problems[what].text, SP_STR_ARG(more));
}

static sp_status say_all(sp_loader *loader, const sp_source *source, const sp_patterns *patterns,
                         const sp_glob_state *states, sp_err *err)
{
    size_t offsets[PROBLEM_COUNT] = { 0 };
    size_t counts[PROBLEM_COUNT] = { 0 };
    for (size_t i = 0; i < patterns->count; i++) {
        problem what = patterns->globs ? problem_of_glob(patterns->texts[i], states[i])
                                       : problem_of_line(patterns->texts[i], states[i]);
        offsets[what] = counts[what] ? offsets[what] : patterns->offsets[i];
        counts[what]++;
    }
    for (problem what = PROBLEM_NONE + 1; what < PROBLEM_COUNT; what++)
        if (counts[what])
            SP_TRY(say(loader, source, offsets[what], what, counts[what], err));
    return SP_OK;
}

static sp_status say_that_it_is_everything(sp_loader *loader, const sp_source *source, const sp_field *field,
                                           const sp_patterns *patterns, sp_err *err)
{
    const char *why = patterns->count ? "covers every file, so this rule loads at the start; name fewer files"
                                      : "names no file, so this rule loads at the start; name the files it is for";
    return sp_diag_add(loader->diags, err, SP_NOTE, source->path, source->bytes, field->value_offset,
                       SP_RULE_RULE_PATTERN_ALL, "%.*s %s, or delete the field", SP_STR_ARG(field->key), why);
}

/* ---- compiling ------------------------------------------------------------------------------------------------- */

static sp_glob_budget budget_of(const sp_profile *profile)
{
    return (sp_glob_budget){ (uint64_t)sp_rule_value(profile, SP_RULE_RULE_PATTERNS),
                             (uint64_t)sp_rule_value(profile, SP_RULE_RULE_PATTERN_BYTES) };
}

static sp_status compile_globs(sp_arena *arena, const sp_place *here, sp_patterns *patterns, sp_glob_state *states,
                               sp_err *err)
{
    sp_glob_budget budget = budget_of(here->profile);
    patterns->globs = SP_ARENA_ARRAY(arena, sp_glob, patterns->count + 1);
    if (!patterns->globs)
        return sp_err_memory(err);
    for (size_t i = 0; i < patterns->count; i++) {
        SP_TRY(sp_glob_compile(arena, patterns->texts[i], &budget, &patterns->globs[i], err));
        states[i] = patterns->globs[i].state;
    }
    return SP_OK;
}

typedef struct line_list {
    strings lines;
    sp_list(uint32_t) writers;
} line_list;

/* Adds the lines of one text, without a slash and two stars at their ends; a line that is then empty is not added. */
static sp_status take_lines(sp_arena *arena, const strings *lines, uint32_t writer, line_list *ret, sp_err *err)
{
    for (size_t i = 0; i < lines->count; i++) {
        sp_str line = lines->items[i];
        line.len -= sp_str_ends(line, SP_STR("/**")) ? 3 : 0;
        if (line.len == 0)
            continue;
        uint32_t *slot = SP_LIST_PUSH(arena, &ret->writers);
        if (!slot)
            return sp_err_memory(err);
        *slot = writer;
        SP_TRY(add_string(arena, &ret->lines, line, err));
    }
    return SP_OK;
}

static bool is_everything(const strings *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        if (!sp_str_eq(lines->items[i], SP_STR("**")))
            return false;
    return true;
}

static sp_status compile_lines(sp_arena *arena, const sp_place *here, sp_patterns *patterns, sp_glob_state *states,
                               sp_err *err)
{
    sp_glob_budget budget = budget_of(here->profile);
    line_list list = { 0 };
    for (uint32_t i = 0; i < patterns->count; i++) {
        strings lines = { 0 };
        SP_TRY(write_all_out(arena, patterns->texts[i], &budget, &lines, &states[i], err));
        SP_TRY(take_lines(arena, &lines, i, &list, err));
    }
    patterns->writers = list.writers.items;
    patterns->is_everything = sp_rule_holds(here->profile, SP_RULE_RULE_PATTERN_ALL) && is_everything(&list.lines);
    SP_TRY(sp_ignore_parse_loosely(arena, (sp_str_list){ list.lines.items, list.lines.count }, &patterns->lines, err));
    for (size_t i = 0; i < list.lines.count; i++)
        if (states[list.writers.items[i]] == SP_GLOB_FINE && !sp_ignore_is_sound(&patterns->lines, i))
            states[list.writers.items[i]] = SP_GLOB_INVALID;
    return SP_OK;
}

static sp_status keep(sp_arena *arena, const written_list *list, sp_patterns *ret, sp_err *err)
{
    ret->count = list->count;
    ret->texts = SP_ARENA_ARRAY(arena, sp_str, list->count + 1);
    ret->offsets = SP_ARENA_ARRAY(arena, size_t, list->count + 1);
    if (!ret->texts || !ret->offsets)
        return sp_err_memory(err);
    for (size_t i = 0; i < list->count; i++) {
        ret->texts[i] = list->items[i].text;
        ret->offsets[i] = list->items[i].offset;
    }
    return SP_OK;
}

sp_status sp_patterns_read(sp_loader *loader, const sp_source *source, const sp_field *field, sp_patterns *ret,
                           sp_err *err)
{
    bool has_lines = sp_rule_holds(loader->here->profile, SP_RULE_RULE_GITIGNORE);
    written_list list = { 0 };
    sp_patterns patterns = { .has_names = sp_rule_holds(loader->here->profile, SP_RULE_RULE_PATTERN_NAME) };
    *ret = (sp_patterns){ 0 };
    if (!field)
        return SP_OK;
    if (!has_lines || field->kind != SP_VALUE_SCALAR || sp_field_is_string(field))
        SP_TRY(split(loader->arena, field, has_lines, &list, err));
    SP_TRY(keep(loader->arena, &list, &patterns, err));
    sp_glob_state *states = SP_ARENA_ARRAY(loader->arena, sp_glob_state, list.count + 1);
    if (!states)
        return sp_err_memory(err);
    SP_TRY(has_lines ? compile_lines(loader->arena, loader->here, &patterns, states, err)
                     : compile_globs(loader->arena, loader->here, &patterns, states, err));
    *ret = patterns;
    if (patterns.is_everything)
        return say_that_it_is_everything(loader, source, field, &patterns, err);
    return say_all(loader, source, &patterns, states, err);
}

/* ---- asking ---------------------------------------------------------------------------------------------------- */

bool sp_patterns_has_match(const sp_patterns *patterns, size_t index, sp_str below)
{
    if (patterns->globs) {
        sp_str text = patterns->texts[index];
        bool is_name = patterns->has_names && !memchr(text.ptr, '/', text.len);
        return sp_glob_match(&patterns->globs[index], is_name ? sp_path_base(below) : below, true);
    }
    for (size_t i = 0; i < patterns->lines.count; i++)
        if (patterns->writers[i] == index && sp_ignore_matches(&patterns->lines, i, below))
            return true;
    return false;
}

size_t sp_patterns_find(const sp_patterns *patterns, sp_str below)
{
    if (!patterns->globs) {
        size_t line = sp_ignore_find(&patterns->lines, below);
        return line == SIZE_MAX ? SIZE_MAX : patterns->writers[line];
    }
    for (size_t i = 0; i < patterns->count; i++)
        if (sp_patterns_has_match(patterns, i, below))
            return i;
    return SIZE_MAX;
}

sp_str sp_patterns_match(const sp_patterns *patterns, sp_str base, sp_str path)
{
    size_t found = sp_path_is_within(path, base) ? sp_patterns_find(patterns, sp_path_below(path, base)) : SIZE_MAX;
    return found == SIZE_MAX ? (sp_str){ NULL, 0 } : patterns->texts[found];
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
