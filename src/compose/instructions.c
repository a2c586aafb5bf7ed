/*
 * instructions.c - the instruction files, one after the other, each under a line that says what it is, if the client
 * has such lines.
 *
 * Imports come after the file that asks for them, or in the place of their @path, as the profile says. A file, or all
 * of them together, may have a limit.
 */
#include "base/diagnostic.h"
#include "base/types.h"
#include "compose/composer.h"
#include "model/prompt.h"
#include "model/source.h"
#include "sources/client.h"

#include <stdlib.h>

static const char *const scope_names[] = {
    [SP_SCOPE_NAMED] = "",           [SP_SCOPE_MANAGED] = "managed ", [SP_SCOPE_USER] = "user ",
    [SP_SCOPE_PROJECT] = "project ", [SP_SCOPE_LOCAL] = "local ",     [SP_SCOPE_ADDED] = "project ",
    [SP_SCOPE_SESSION] = "",         [SP_SCOPE_PLUGIN] = "",
};

static sp_segment_kind segment_kind(const sp_source *source)
{
    switch (source->kind) {
    case SP_SOURCE_RULE:
        return SP_SEGMENT_RULE;
    case SP_SOURCE_IMPORT:
        return SP_SEGMENT_IMPORT;
    default:
        return SP_SEGMENT_INSTRUCTIONS;
    }
}

/* What the header says a file is: "user instructions", "project rule", "imported by CLAUDE.md". */
static sp_str describe(const sp_composer *composer, const sp_source *source)
{
    if (source->kind == SP_SOURCE_IMPORT)
        return sp_str_format(composer->arena, "imported by %.*s",
                             SP_STR_ARG(sp_source_sent_name(&composer->docs->sources[source->importer])));
    return sp_str_format(composer->arena, "%s%s", scope_names[source->scope],
                         source->kind == SP_SOURCE_RULE ? "rule" : "instructions");
}

/* A line of our own, or none where the client has none. */
static sp_status add_line(sp_composer *composer, const sp_source *source, sp_text_key key, sp_err *err)
{
    const sp_text_value values[] = { { "name", sp_source_sent_name(source) }, { "scope", describe(composer, source) } };
    if (!values[1].value.ptr)
        return sp_err_memory(err);
    if (key == SP_TEXT_NONE)
        return SP_OK;
    return sp_compose_own(composer, SP_SEGMENT_HEADER,
                          sp_text_fill(composer->arena, composer->docs->texts[key], values, SP_COUNT_OF(values)), err);
}

/* ---- limits ----------------------------------------------------------------------------------------------- */

/* Where the text of a file ends by a limit. */
typedef struct limit {
    sp_rule_key rule; /* SP_RULE_NONE: nothing is cut */
    size_t end;
    size_t client_end; /* where the client cuts, which may be inside a character */
    size_t used;       /* of the limit on all files together */
} limit;

/* The user's own file counts for the limit of the whole chain only where the client's table says so. */
static bool counts_for_total(const sp_composer *composer, const sp_source *source)
{
    return (source->scope != SP_SCOPE_USER || composer->profile->client->limits_user_files) &&
           sp_rule_holds(composer->profile, SP_RULE_CHAIN_TOTAL_BYTES);
}

/* Whether that limit is one of UTF-16 units, as strings of JavaScript have them. */
static bool is_in_units(const sp_composer *composer)
{
    return strcmp(sp_rule_of(composer->profile, SP_RULE_CHAIN_TOTAL_BYTES)->unit, "UTF-16 units") == 0;
}

/* Where text has used up so many units, and how many were used. */
static size_t after_units(sp_str text, size_t begin, size_t most, size_t *ret_used)
{
    size_t at = begin;
    *ret_used = 0;
    while (at < text.len) {
        size_t length = 1;
        while (at + length < text.len && ((unsigned char)text.ptr[at + length] & 0xc0) == 0x80)
            length++;
        size_t units = (unsigned char)text.ptr[at] >= 0xf0 ? 2 : 1;
        if (*ret_used + units > most)
            break;
        *ret_used += units;
        at += length;
    }
    return at;
}

static int64_t total_bytes(const sp_composer *composer)
{
    return composer->docs->has_chain_bytes ? composer->docs->chain_bytes
                                           : sp_rule_value(composer->profile, SP_RULE_CHAIN_TOTAL_BYTES);
}

/* The number of a rule, or 0 without it. */
static size_t number_of(const sp_composer *composer, sp_rule_key rule)
{
    return sp_rule_holds(composer->profile, rule) ? (size_t)sp_rule_value(composer->profile, rule) : 0;
}

static sp_str without_end(sp_str text)
{
    while (text.len && strchr(" \t\r\n", text.ptr[text.len - 1]))
        text.len--;
    return text;
}

/* In UTF-16 units: white space at the end is free, the client's wrapper around a file counts. A file that is too large
 * gives way to a note, and is not sent at all where little more than that note has room. */
static void limit_units(const sp_composer *composer, const sp_source *source, size_t left, limit *found)
{
    sp_str text = without_end(sp_str_slice(source->bytes, 0, found->end));
    size_t wrapper = number_of(composer, SP_RULE_CHAIN_WRAPPER_UNITS);
    size_t note = number_of(composer, SP_RULE_CHAIN_NOTE_UNITS);
    size_t used;
    after_units(text, source->content_begin, SIZE_MAX, &used);
    found->used = used + wrapper;
    if (found->used <= left)
        return;
    found->used = left;
    found->end = source->content_begin;
    if (left > 2 * note)
        found->end = after_units(text, source->content_begin, left - note, &used);
    found->client_end = found->end;
}

static limit limit_of(const sp_composer *composer, const sp_source *source)
{
    const sp_parsed *parsed = source->parsed;
    size_t begin = source->content_begin;
    size_t text_end = sp_source_text_end(source);
    limit found = { SP_RULE_NONE, text_end, text_end, 0 };
    if (sp_rule_holds(composer->profile, parsed->limit_rule)) {
        size_t most = (size_t)sp_rule_value(composer->profile, parsed->limit_rule);
        found.end = found.client_end = sp_utf8_after(source->bytes, begin, most);
        found.rule = parsed->limit_rule;
    } else if (counts_for_total(composer, source)) {
        size_t most = (size_t)total_bytes(composer);
        size_t left = most > composer->chain_bytes ? most - composer->chain_bytes : 0;
        found.used = text_end - begin;
        if (is_in_units(composer)) {
            limit_units(composer, source, left, &found);
        } else if (text_end - begin > left) {
            found.used = left;
            found.client_end = begin + left;
            found.end = sp_compose_character_begin(source->bytes, found.client_end, begin);
        }
        found.rule = SP_RULE_CHAIN_TOTAL_BYTES;
    }
    if (found.client_end == text_end)
        found.rule = SP_RULE_NONE;
    return found;
}

/* How the limit falls in this file, where its number alone does not tell. */
static sp_str describe_cut(const sp_composer *composer, const sp_source *source, const limit *found)
{
    if (found->client_end != found->end)
        return sp_str_format(composer->arena,
                             " (the client cuts at byte offset %zu, inside a character, and sends U+FFFD for its first "
                             "bytes; this cut is at %zu)",
                             found->client_end, found->end);
    if (found->client_end == source->content_begin && composer->chain_bytes > 0)
        return SP_STR(" (0 bytes are left for this file)");
    return SP_STR("");
}

static sp_status cut_rest(sp_composer *composer, uint32_t index, const limit *found, sp_err *err)
{
    const sp_source *source = &composer->docs->sources[index];
    const sp_rule *rule = sp_rule_of(composer->profile, found->rule);
    long long value = (long long)(found->rule == SP_RULE_CHAIN_TOTAL_BYTES ? total_bytes(composer) : rule->value);
    sp_str exact = describe_cut(composer, source, found);
    if (!exact.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_diag_add(
        composer->diags, err, SP_WARNING, source->path, source->bytes, found->end, found->rule,
        "from here on nothing is in the prompt: the limit is %lld %s%.*s; %s", value, rule->unit, SP_STR_ARG(exact),
        found->rule == SP_RULE_CHAIN_TOTAL_BYTES ? "shorten this file or those above it" : "shorten the file"));
    return sp_compose_cut(
        composer, index, found->end, source->bytes.len, found->rule,
        sp_str_format(composer->arena, "over the limit of %lld %s%.*s", value, rule->unit, SP_STR_ARG(exact)), err);
}

/* ---- text ------------------------------------------------------------------------------------------------- */

static sp_status link_imports(sp_composer *composer, sp_err *err)
{
    uint32_t count = composer->docs->count;
    composer->first_import = SP_ARENA_ARRAY(composer->arena, uint32_t, (size_t)count + 1);
    composer->next_import = SP_ARENA_ARRAY(composer->arena, uint32_t, (size_t)count + 1);
    if (!composer->first_import || !composer->next_import)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < count; i++)
        composer->first_import[i] = SP_NONE;
    for (uint32_t i = count; i-- > 0;) {
        uint32_t importer = composer->docs->sources[i].importer;
        if (importer == SP_NONE)
            continue;
        composer->next_import[i] = composer->first_import[importer];
        composer->first_import[importer] = i;
    }
    return SP_OK;
}

/* The loaded file behind an import, or SP_NONE. *next is where the importer's imports are looked up from: both go
 * through them in the order of the text. */
static uint32_t imported_by(const sp_composer *composer, size_t ref, uint32_t *next)
{
    const sp_source *sources = composer->docs->sources;
    while (*next != SP_NONE && sources[*next].parsed->import_ref < ref)
        *next = composer->next_import[*next];
    bool is_it = *next != SP_NONE && sources[*next].parsed->import_ref == ref && sources[*next].is_loaded;
    return is_it ? *next : SP_NONE;
}

static sp_status add_comment(sp_composer *composer, uint32_t index, const sp_import_ref *ref, sp_err *err)
{
    const sp_text_value values[] = { { "name", ref->path } };
    return sp_compose_marker(
        composer, index, ref->begin,
        sp_text_fill(composer->arena, composer->docs->texts[SP_TEXT_IMPORT_FAILED], values, SP_COUNT_OF(values)), err);
}

static sp_status add_inline(sp_composer *composer, uint32_t index, size_t begin, size_t end, sp_err *err);

/* The text of an imported file after its @path, which stays. */
static sp_status add_after(sp_composer *composer, uint32_t target, sp_err *err)
{
    const sp_source *source = &composer->docs->sources[target];
    const sp_client *client = composer->profile->client;
    sp_line_cursor here = composer->cursor;
    SP_TRY(sp_compose_own(composer, SP_SEGMENT_HEADER, SP_STR("\n\n"), err));
    SP_TRY(add_line(composer, source, client->import_header, err));
    SP_TRY(sp_compose_line_end(composer, err));
    SP_TRY(sp_compose_cut_front(composer, target, err));
    SP_TRY(add_inline(composer, target, source->content_begin, source->bytes.len, err));
    SP_TRY(sp_compose_line_end(composer, err));
    SP_TRY(add_line(composer, source, client->import_footer, err));
    composer->cursor = here;
    return SP_OK;
}

/* The text of an imported file, or a comment, in the place of the @path; an @word that means no file stays. */
static sp_status replace_import(sp_composer *composer, uint32_t index, size_t ref_index, uint32_t *next, size_t *at,
                                sp_err *err)
{
    const sp_import_ref *ref = &composer->docs->sources[index].parsed->markdown.imports[ref_index];
    uint32_t target = imported_by(composer, ref_index, next);
    bool has_comment =
        target == SP_NONE && ref->is_reported && !ref->stays && sp_rule_holds(composer->profile, SP_RULE_IMPORT_FAILED);
    if (target == SP_NONE && !has_comment)
        return SP_OK;
    bool stays = composer->profile->client->import_header != SP_TEXT_NONE;
    SP_TRY(sp_compose_slice(composer, index, segment_kind(&composer->docs->sources[index]), *at,
                            stays ? ref->end : ref->begin, err));
    *at = ref->end;
    if (stays)
        return add_after(composer, target, err);
    SP_TRY(sp_compose_cut(composer, index, ref->begin, ref->end,
                          has_comment ? SP_RULE_IMPORT_FAILED : SP_RULE_IMPORT_INLINE,
                          has_comment ? SP_STR("a comment that nothing was imported stands in its place")
                                      : SP_STR("the text of the file stands in its place"),
                          err));
    if (has_comment)
        return add_comment(composer, index, ref, err);
    sp_line_cursor here = composer->cursor;
    SP_TRY(sp_compose_cut_front(composer, target, err));
    const sp_source *imported = &composer->docs->sources[target];
    SP_TRY(add_inline(composer, target, imported->content_begin, imported->bytes.len, err));
    composer->cursor = here;
    return SP_OK;
}

/* The depth of imports is bounded by the rule on hops, and so is the recursion. */
static sp_status add_inline(sp_composer *composer, uint32_t index, size_t begin, size_t end, sp_err *err)
{
    const sp_source *source = &composer->docs->sources[index];
    const sp_markdown *markdown = &composer->docs->sources[index].parsed->markdown;
    size_t at = begin;
    uint32_t next = composer->first_import[index];
    for (size_t i = 0; i < markdown->import_count && markdown->imports[i].end <= end; i++)
        SP_TRY(replace_import(composer, index, i, &next, &at, err));
    return sp_compose_slice(composer, index, segment_kind(source), at, end, err);
}

static sp_status add_text(sp_composer *composer, uint32_t index, size_t begin, size_t end, sp_err *err)
{
    const sp_source *source = &composer->docs->sources[index];
    if (sp_rule_holds(composer->profile, SP_RULE_IMPORT_INLINE))
        return add_inline(composer, index, begin, end, err);
    return sp_compose_slice(composer, index, segment_kind(source), begin, end, err);
}

/* Where the text of a file that loads on demand begins: the client drops white space after front matter, and keeps that
 * of a file without. */
static size_t head_on_demand(const sp_composer *composer, uint32_t index, size_t end)
{
    const sp_source *source = &composer->docs->sources[index];
    sp_rule_key front = source->parsed->front_rule;
    bool has_front =
        source->content_begin > 0 && (front == SP_RULE_CHAIN_FRONT_MATTER || front == SP_RULE_RULE_FRONT_MATTER);
    if (!has_front || !sp_rule_holds(composer->profile, SP_RULE_CHAIN_TRIM_FRONT))
        return source->content_begin;
    return sp_compose_trim(source, source->content_begin, end).begin;
}

/* A file in the wording that was learned. */
static sp_status add_with_learned(sp_composer *composer, uint32_t index, size_t end, sp_err *err)
{
    const sp_source *source = &composer->docs->sources[index];
    sp_run_family family = index >= composer->docs->first_on_demand ? SP_RUN_TOUCHED : SP_RUN_INSTRUCTIONS;
    sp_span text = sp_learned_span(composer, family, index, end);
    size_t head = family == SP_RUN_TOUCHED ? head_on_demand(composer, index, end) : source->content_begin;
    text.begin = text.begin > head ? text.begin : head;
    SP_TRY(sp_learned_enter(composer, family, index, err));
    composer->frame = index;
    SP_TRY(sp_compose_cut_blank(composer, index, source->content_begin, head, SP_RULE_CHAIN_TRIM_FRONT, err));
    SP_TRY(sp_compose_cut_blank(composer, index, head, text.begin, SP_RULE_TEMPLATES_LEARNED, err));
    SP_TRY(add_text(composer, index, text.begin, text.end, err));
    SP_TRY(sp_compose_cut_blank(composer, index, text.end, end, SP_RULE_TEMPLATES_LEARNED, err));
    return family == SP_RUN_TOUCHED ? sp_learned_leave_touched(composer, err) : SP_OK;
}

/* The first file of a message comes after an empty line, as any other part. */
static sp_status add_separator(sp_composer *composer, sp_err *err)
{
    const char *separator = composer->profile->client->separator;
    if (!separator || composer->segments.count == composer->message_begin || !composer->has_file)
        return sp_compose_gap(composer, err);
    return sp_compose_own(composer, SP_SEGMENT_HEADER, sp_str_of(separator), err);
}

static sp_status add_line_end(sp_composer *composer, sp_err *err)
{
    return sp_compose_own(composer, SP_SEGMENT_HEADER, SP_STR("\n"), err);
}

/* Header, text and footer of a client that sends files as they are. */
static sp_status add_as_is(sp_composer *composer, uint32_t index, size_t end, sp_err *err)
{
    const sp_source *source = &composer->docs->sources[index];
    const sp_client *client = composer->profile->client;
    if (source->kind == SP_SOURCE_RULE && client->has_bare_rules)
        return add_text(composer, index, source->content_begin, end, err);
    SP_TRY(add_line(composer, source, client->header, err));
    if (client->header != SP_TEXT_NONE)
        SP_TRY(add_line_end(composer, err));
    SP_TRY(add_text(composer, index, source->content_begin, end, err));
    if (client->footer != SP_TEXT_NONE)
        SP_TRY(add_line_end(composer, err));
    return add_line(composer, source, client->footer, err);
}

/* What of a file's text up to end is sent: files of the start are trimmed (rule instructions.trim). A line end directly
 * after the text stays with it, for the client writes one there itself. */
static sp_span sent_span(const sp_composer *composer, uint32_t index, size_t end)
{
    const sp_source *source = &composer->docs->sources[index];
    sp_span text = { source->content_begin, end };
    if (index >= composer->docs->first_on_demand)
        return (sp_span){ head_on_demand(composer, index, end), end };
    if (!sp_rule_holds(composer->profile, SP_RULE_CHAIN_TRIM))
        return text;
    text = sp_compose_trim(source, text.begin, text.end);
    text.end += text.end < end && source->bytes.ptr[text.end] == '\n';
    return text;
}

static sp_status add_tidied(sp_composer *composer, uint32_t index, size_t end, sp_err *err)
{
    const sp_source *source = &composer->docs->sources[index];
    const sp_client *client = composer->profile->client;
    sp_span text = sent_span(composer, index, end);
    SP_TRY(add_line(composer, source, client->header, err));
    if (client->header != SP_TEXT_NONE)
        SP_TRY(client->footer == SP_TEXT_NONE ? sp_compose_gap(composer, err) : sp_compose_line_end(composer, err));
    bool is_later = index >= composer->docs->first_on_demand;
    SP_TRY(sp_compose_cut_blank(composer, index, source->content_begin, text.begin,
                                is_later ? SP_RULE_CHAIN_TRIM_FRONT : SP_RULE_CHAIN_TRIM, err));
    SP_TRY(add_text(composer, index, text.begin, text.end, err));
    SP_TRY(sp_compose_cut_blank(composer, index, text.end, end, SP_RULE_CHAIN_TRIM, err));
    if (client->footer != SP_TEXT_NONE)
        SP_TRY(sp_compose_line_end(composer, err));
    return add_line(composer, source, client->footer, err);
}

static sp_status add_worded(sp_composer *composer, uint32_t index, size_t end, sp_err *err)
{
    if (composer->docs->wording)
        return add_with_learned(composer, index, end, err);
    SP_TRY(add_separator(composer, err));
    SP_TRY((composer->profile->client->separator ? add_as_is : add_tidied)(composer, index, end, err));
    composer->has_file = true;
    return SP_OK;
}

static bool is_omitted_as_blank(const sp_composer *composer, const sp_source *source)
{
    sp_blank blank = composer->profile->client->blank;
    if (blank == SP_BLANK_OMITTED)
        return sp_compose_is_blank(source, source->content_begin, source->bytes.len);
    return blank == SP_BLANK_SENT && source->content_begin == source->bytes.len;
}

/* Nothing but white space is left of the file by the limit on all files: the client sends none of it, and counts none.
 */
static bool is_left_blank(const sp_source *source, const limit *found)
{
    return found->rule == SP_RULE_CHAIN_TOTAL_BYTES &&
           sp_str_trim(sp_str_slice(source->bytes, source->content_begin, found->end)).len == 0;
}

/* A character that a limit in bytes divides: the client sends U+FFFD in its place. */
static sp_status mark_divided(sp_composer *composer, uint32_t index, const limit *found, sp_err *err)
{
    bool is_divided = found->rule == SP_RULE_CHAIN_TOTAL_BYTES && found->client_end > found->end;
    return is_divided ? sp_compose_marker(composer, index, found->end, SP_STR("\xEF\xBF\xBD"), err) : SP_OK;
}

static sp_status cut_trimmed(sp_composer *composer, uint32_t index, sp_err *err)
{
    const sp_source *source = &composer->docs->sources[index];
    return sp_compose_cut(composer, index, sp_source_text_end(source), source->bytes.len,
                          sp_rule_holds(composer->profile, SP_RULE_CHAIN_TRIMMED) ? SP_RULE_CHAIN_TRIMMED
                                                                                  : SP_RULE_CHAIN_TRIMMED_USER,
                          SP_STR("white space at the end of the file is not sent"), err);
}

static sp_status add_file(sp_composer *composer, uint32_t index, sp_err *err)
{
    const sp_source *source = &composer->docs->sources[index];
    const sp_client *client = composer->profile->client;
    limit found = limit_of(composer, source);
    if (is_omitted_as_blank(composer, source))
        return sp_compose_cut(composer, index, 0, source->bytes.len, SP_RULE_CHAIN_EMPTY,
                              SP_STR("there is no text in it"), err);
    SP_TRY(sp_compose_cut_front(composer, index, err));
    bool is_blank = is_left_blank(source, &found);
    if (counts_for_total(composer, source) && !is_blank)
        composer->chain_bytes += found.used;
    composer->frame = index;
    found.end = is_blank ? source->content_begin : found.end;
    if (found.end > source->content_begin || client->blank == SP_EMPTY_SENT) {
        SP_TRY(add_worded(composer, index, found.end, err));
        SP_TRY(mark_divided(composer, index, &found, err));
    }
    composer->frame = SP_NONE;
    if (found.rule == SP_RULE_NONE)
        return cut_trimmed(composer, index, err);
    return cut_rest(composer, index, &found, err);
}

/* A file that stands in another one's place is not a file of its own. */
static bool is_placed_elsewhere(const sp_composer *composer, const sp_source *source)
{
    return source->importer != SP_NONE && sp_rule_holds(composer->profile, SP_RULE_IMPORT_INLINE);
}

/* A rule that was found at the start and waits for a file that its patterns match, in the prompt or not. */
static bool is_in_table(const sp_source *source)
{
    return source->kind == SP_SOURCE_RULE && source->parsed->patterns.count > 0 && source->importer == SP_NONE &&
           source->parsed->skip_rule == SP_RULE_RULE_GLOBS && source->parsed->start_number > 0;
}

/* How the table names a rule: that of a project from the directory that has .github or .claude, as measured, others by
 * their whole path. */
static sp_str name_in_table(const sp_source *source)
{
    sp_str above = sp_path_folder(sp_path_folder(source->parsed->rules_folder));
    if (!source->real_path.ptr || source->real_path.ptr[0] != '/')
        return sp_source_sent_name(source);
    bool is_below = source->scope == SP_SCOPE_PROJECT && sp_path_is_within(source->real_path, above);
    return is_below ? sp_path_below(source->real_path, above) : source->real_path;
}

static sp_status add_row(sp_composer *composer, const sp_source *source, sp_err *err)
{
    const sp_patterns *patterns = &source->parsed->patterns;
    sp_str description = source->parsed->description;
    sp_str name = name_in_table(source);
    sp_buf row = { 0 };
    sp_buf_add(&row, SP_STR("\n| "));
    for (size_t i = 0; i < patterns->count; i++)
        sp_buf_format(&row, "%s%.*s", i ? ", " : "", SP_STR_ARG(patterns->texts[i]));
    sp_buf_format(&row, " | '%.*s' | %.*s |", SP_STR_ARG(name), (int)description.len,
                  description.ptr ? description.ptr : "");
    return sp_compose_own(composer, SP_SEGMENT_HEADER, sp_buf_move(&row, composer->arena), err);
}

static int compare_start_numbers(const void *a, const void *b)
{
    const sp_source *x = *(const sp_source *const *)a;
    const sp_source *y = *(const sp_source *const *)b;
    return (x->parsed->start_number > y->parsed->start_number) - (x->parsed->start_number < y->parsed->start_number);
}

/* The table has the order of the start: a rule that has loaded since then keeps its row. */
sp_status sp_compose_rules_table(sp_composer *composer, sp_err *err)
{
    sp_text_key key = composer->profile->client->rules_table;
    size_t count = 0;
    if (key == SP_TEXT_NONE)
        return SP_OK;
    const sp_source **rows = SP_ARENA_ARRAY(composer->arena, const sp_source *, (size_t)composer->docs->count + 1);
    if (!rows)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < composer->docs->count; i++)
        if (is_in_table(&composer->docs->sources[i]))
            rows[count++] = &composer->docs->sources[i];
    if (count == 0)
        return SP_OK;
    qsort(rows, count, sizeof(const sp_source *), compare_start_numbers);
    SP_TRY(add_separator(composer, err));
    SP_TRY(sp_compose_own(composer, SP_SEGMENT_HEADER, composer->docs->texts[key], err));
    for (size_t i = 0; i < count; i++)
        SP_TRY(add_row(composer, rows[i], err));
    return SP_OK;
}

/* What the client sends a file as. */
static sp_role role_of(const sp_composer *composer, const sp_source *source, bool on_demand)
{
    if (on_demand && composer->profile->client->sends_later_as_user)
        return SP_ROLE_USER;
    bool is_users = source->scope == SP_SCOPE_USER && sp_rule_holds(composer->profile, SP_RULE_CHAIN_USER_SYSTEM);
    return is_users || sp_rule_holds(composer->profile, SP_RULE_CHAIN_SYSTEM) ? SP_ROLE_SYSTEM : SP_ROLE_USER;
}

sp_status sp_compose_instructions(sp_composer *composer, bool on_demand, sp_err *err)
{
    if (sp_rule_holds(composer->profile, SP_RULE_IMPORT_INLINE))
        SP_TRY(link_imports(composer, err));
    for (uint32_t i = 0; i < composer->docs->count; i++) {
        const sp_source *source = &composer->docs->sources[i];
        if ((i >= composer->docs->first_on_demand) != on_demand ||
            role_of(composer, source, on_demand) != composer->role)
            continue;
        if (source->is_loaded && sp_is_of_chain(source->kind) && !is_placed_elsewhere(composer, source))
            SP_TRY(add_file(composer, i, err));
    }
    return SP_OK;
}
