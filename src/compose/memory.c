/*
 * memory.c - the memory section: instructions, and the head of MEMORY.md.
 *
 * Two limits hold for the text as it is sent: without front matter, block comments and white space at both ends. They
 * count lines and UTF-16 units, and the first that is reached counts. The cut falls after a line end; only where the
 * first line alone is over the limit it falls after a character.
 */
#include "base/diagnostic.h"
#include "base/numbers.h"
#include "base/types.h"
#include "clients/claude_code/memory_scopes.h"
#include "compose/composer.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/source.h"
#include "syntax/markdown.h"

/* How much text there is: lines as they end, or begin. */
typedef struct extent {
    uint32_t lines;
    size_t units; /* of UTF-16 */
    size_t bytes;
} extent;

/* Where the text ends that the limits let through. */
typedef struct limit {
    size_t end;        /* offset in the source; all of the text when nothing is cut */
    size_t client_end; /* offset where the limit of units itself falls, or SIZE_MAX */
    sp_rule_key rule;  /* the limit that is exceeded */
    bool is_cut;
    bool is_inside; /* the end is in the first line */
    extent all;
    extent kept;
} limit;

static const sp_source *memory_source(const sp_composer *composer)
{
    return &composer->docs->sources[composer->memory_source];
}

static const sp_parsed *memory_parsed(const sp_composer *composer)
{
    return composer->docs->sources[composer->memory_source].parsed;
}

/* ---- the text as it is sent ------------------------------------------------------------------------------ */

/* Goes from character to character, past block comments. What is not UTF-8 is one U+FFFD for each maximal subpart. */
typedef struct walk {
    const sp_source *source;
    const sp_parsed *parsed;
    size_t next;
    sp_span comment; /* the next one; begin is SIZE_MAX when there are no more */
    size_t at;       /* the character, */
    size_t end;      /* where it ends */
    uint32_t code;   /* and what it is */
} walk;

static walk walk_from(const sp_composer *composer, size_t begin)
{
    walk w = { memory_source(composer), memory_parsed(composer), .next = begin, .comment = { SIZE_MAX, SIZE_MAX } };
    sp_compose_next_comment(w.parsed, begin, &w.comment);
    return w;
}

static bool step(walk *w)
{
    while (w->next >= w->comment.begin) {
        w->next = w->next > w->comment.end ? w->next : w->comment.end;
        w->comment = (sp_span){ SIZE_MAX, SIZE_MAX };
        sp_compose_next_comment(w->parsed, w->next, &w->comment);
    }
    if (w->next >= w->source->bytes.len)
        return false;
    size_t bad = 1;
    w->at = w->next;
    size_t length = sp_utf8_decode(w->source->bytes, w->at, &w->code, &bad);
    if (length == 0)
        w->code = 0xFFFD;
    w->end = w->next = w->at + (length ? length : bad);
    return true;
}

/* Where the text begins and ends that is sent, without white space (rule memory.trim). Empty when there is none. */
static sp_span text_span(const sp_composer *composer)
{
    const sp_source *source = memory_source(composer);
    sp_span text = { source->bytes.len, source->bytes.len };
    if (!sp_rule_holds(composer->profile, SP_RULE_MEMORY_TRIM))
        return (sp_span){ source->content_begin, source->bytes.len };
    for (walk w = walk_from(composer, source->content_begin); step(&w);) {
        if (sp_code_is_space(w.code))
            continue;
        text.begin = w.at < text.begin ? w.at : text.begin;
        text.end = w.end;
    }
    return text;
}

bool sp_compose_has_memory_text(const sp_composer *composer)
{
    if (composer->memory_source == SP_NONE)
        return false;
    walk w = walk_from(composer, memory_source(composer)->content_begin);
    while (step(&w))
        if (!sp_code_is_space(w.code))
            return true;
    return false;
}

/* ---- limits ---------------------------------------------------------------------------------------------- */

/* Sets the end of what is kept: after the last line that is complete, else before the character the walk is at, so that
 * no surrogate pair is divided. */
static void cut_at(limit *found, const walk *w, sp_rule_key rule, size_t line_end, const extent *lines)
{
    bool has_line = lines->lines > 0;
    found->is_cut = true;
    found->rule = rule;
    found->client_end = rule == SP_RULE_MEMORY_LINES ? SIZE_MAX : w->at;
    found->is_inside = !has_line;
    found->end = has_line ? line_end : w->at;
    found->kept = has_line ? *lines : (extent){ 1, found->all.units, found->all.bytes };
}

/* Whether the character goes beyond the limit, which the documents give in bytes. The end of a line that fills it to
 * the last unit does not. */
static bool is_over(const sp_rule *rule, const walk *w, const extent *before)
{
    size_t most = (size_t)rule->value;
    bool has_bytes = strcmp(rule->unit, "bytes") == 0;
    size_t used = has_bytes ? before->bytes : before->units;
    size_t more = has_bytes ? w->end - w->at : sp_utf16_units(w->code);
    return used + more > most && !(w->code == '\n' && used == most);
}

/* Walks over the text. The first limit that is exceeded fixes the end; the walk goes on for the totals. */
static limit measure(const sp_composer *composer, sp_span text)
{
    const size_t max_lines = (size_t)sp_rule_value(composer->profile, SP_RULE_MEMORY_LINES);
    const sp_rule *most = sp_rule_of(composer->profile, SP_RULE_MEMORY_BYTES);
    limit found = { .end = text.end, .client_end = SIZE_MAX };
    size_t line_end = text.begin; /* after the last complete line, with what there is up to it */
    extent lines = { 0 };
    for (walk w = walk_from(composer, text.begin); w.next < text.end && step(&w);) {
        if (!found.is_cut && found.all.lines == max_lines)
            cut_at(&found, &w, SP_RULE_MEMORY_LINES, line_end, &lines);
        else if (!found.is_cut && most && is_over(most, &w, &found.all))
            cut_at(&found, &w, SP_RULE_MEMORY_BYTES, line_end, &lines);
        found.all.units += sp_utf16_units(w.code);
        found.all.bytes += w.end - w.at;
        if (w.code != '\n')
            continue;
        found.all.lines++;
        line_end = w.end;
        lines = found.all;
    }
    found.all.lines += line_end < text.end; /* a last line without a line end */
    return found;
}

enum { MAX_HEADINGS_NAMED = 8 };

/* The headings that were lost, as ": A, B, C and 5 more". */
static sp_str name_headings(sp_arena *arena, const sp_source *source, size_t begin)
{
    sp_buf names = { 0 };
    size_t count = 0;
    for (uint32_t i = 0; i < source->block_count; i++) {
        const sp_block *block = &source->blocks[i];
        if (block->kind != SP_BLOCK_HEADING || block->begin < begin)
            continue;
        if (count++ < MAX_HEADINGS_NAMED)
            sp_buf_format(&names, "%s\"%.*s\"", count == 1 ? "; headings lost: " : ", ",
                          SP_STR_ARG(sp_markdown_heading_text(source->bytes, block)));
    }
    if (count > MAX_HEADINGS_NAMED)
        sp_buf_format(&names, " and %zu more", count - MAX_HEADINGS_NAMED);
    return sp_buf_move(&names, arena);
}

static sp_status report_cut(sp_composer *composer, const sp_source *source, const limit *found, sp_err *err)
{
    sp_arena *arena = composer->arena;
    const sp_rule *rule = sp_rule_of(composer->profile, found->rule);
    sp_str headings = name_headings(arena, source, found->end);
    sp_str exact = found->client_end == SIZE_MAX || found->client_end == found->end
                       ? SP_STR("")
                       : sp_str_format(arena, " (the limit falls at byte offset %zu of the file, this cut at %zu)",
                                       found->client_end, found->end);
    uint32_t lines = found->all.lines - found->kept.lines; /* 0 when the cut falls in the last line */
    sp_str omitted = lines == 0
                         ? SP_STR("")
                         : sp_str_format(arena, "%s of %s lines with ", SP_NUMBER(lines), SP_NUMBER(found->all.lines));
    if (!headings.ptr || !exact.ptr || !omitted.ptr)
        return sp_err_memory(err);
    return sp_diag_add(composer->diags, err, SP_WARNING, source->path, source->bytes, found->end, found->rule,
                       "truncated here: the client reads at most %s %s; %.*s%s of %s UTF-16 units are omitted%.*s%.*s; "
                       "move details into files of their own and link them",
                       SP_NUMBER(rule->value), rule->unit, SP_STR_ARG(omitted),
                       SP_NUMBER(found->all.units - found->kept.units), SP_NUMBER(found->all.units), SP_STR_ARG(exact),
                       SP_STR_ARG(headings));
}

static sp_str number(sp_arena *arena, size_t value)
{
    return sp_str_format(arena, "%zu", value);
}

/* ---- what a client tells of it --------------------------------------------------------------------------- */

/* "lines", "size" or "both" for the limits that all of the text exceeds; with "-inside" where the first line is divided
 * and "-blank" where the first line that is left out has no text. */
static const char *kind_of(const sp_composer *composer, const limit *found, sp_str text)
{
    static const char *const kinds[3][3] = { { "lines", "lines-blank", "lines-inside" },
                                             { "size", "size-blank", "size-inside" },
                                             { "both", "both-blank", "both-inside" } };
    const sp_rule *most = sp_rule_of(composer->profile, SP_RULE_MEMORY_BYTES);
    bool has_lines = found->all.lines > (size_t)sp_rule_value(composer->profile, SP_RULE_MEMORY_LINES);
    bool has_size = most && found->all.units > (size_t)most->value;
    size_t which = has_lines && has_size ? 2 : has_size ? 1 : 0;
    return kinds[which][found->is_inside ? 2 : text.len == 0 ? 1 : 0];
}

/* As Claude Code 2.1.286 and 2.1.330 write it: "25KB", "29.4KB", "1.1MB". */
static sp_str size_of(sp_arena *arena, size_t units)
{
    static const char *const names[] = { "KB", "MB", "GB" };
    size_t unit = 1024, name = 0;
    if (units < unit)
        return sp_str_format(arena, "%zu bytes", units);
    while (units / unit >= 1024 && name + 1 < SP_COUNT_OF(names)) {
        unit *= 1024;
        name++;
    }
    size_t tenths = (units * 20 + unit) / (unit * 2);
    return tenths % 10 ? sp_str_format(arena, "%zu.%zu%s", tenths / 10, tenths % 10, names[name])
                       : sp_str_format(arena, "%zu%s", tenths / 10, names[name]);
}

enum { SHOWN_UNITS = 80 }; /* of a line: measured in 2.1.286 and 2.1.330 */

/* Without white space at the ends, as JavaScript trims. */
static sp_str trim_line(sp_str line)
{
    size_t begin = SIZE_MAX, end = 0;
    for (size_t at = 0; at < line.len;) {
        uint32_t code = 0xFFFD;
        size_t bad = 1, length = sp_utf8_decode(line, at, &code, &bad);
        size_t next = at + (length ? length : bad);
        if (length == 0 || !sp_code_is_space(code)) {
            begin = begin == SIZE_MAX ? at : begin;
            end = next;
        }
        at = next;
    }
    return begin == SIZE_MAX ? SP_STR("") : sp_str_slice(line, begin, end);
}

/* Without white space at the ends; a longer one ends with an ellipsis, which counts. */
static sp_str shorten(sp_arena *arena, sp_str line)
{
    sp_str all = trim_line(line);
    size_t at = 0, end = 0, units = 0;
    while (at < all.len) {
        uint32_t code;
        size_t bad = 1, length = sp_utf8_decode(all, at, &code, &bad);
        units += length ? sp_utf16_units(code) : 1;
        at += length ? length : bad;
        end = units < SHOWN_UNITS ? at : end;
    }
    if (units <= SHOWN_UNITS)
        return all;
    sp_str kept = trim_line(sp_str_slice(all, 0, end));
    return sp_str_format(arena, "%.*s\xE2\x80\xA6", SP_STR_ARG(kept));
}

/* The first line that is left out, as it would be sent. */
static sp_str lost_line(const sp_composer *composer, const limit *found)
{
    sp_buf line = { 0 };
    sp_str bytes = memory_source(composer)->bytes;
    bool is_cleaned = sp_rule_holds(composer->profile, SP_RULE_MEMORY_CLEANED);
    sp_buf_add(&line, SP_STR(""));
    for (walk w = walk_from(composer, found->end); step(&w) && w.code != '\n';) {
        sp_unclean unclean;
        bool is_unclean = is_cleaned && sp_compose_next_unclean(bytes, w.at, w.end, &unclean);
        if (!is_unclean)
            sp_buf_add(&line, sp_str_slice(bytes, w.at, w.end));
        else if (unclean.is_line_end)
            sp_buf_add_char(&line, '\n');
    }
    return sp_buf_move(&line, composer->arena);
}

static sp_status set_figures(sp_composer *composer, const limit *found, sp_err *err)
{
    sp_arena *arena = composer->arena;
    sp_memory_cut *cut = SP_ARENA_NEW(arena, sp_memory_cut);
    sp_str line = lost_line(composer, found);
    if (!cut || !line.ptr)
        return sp_err_memory(err);
    cut->text = found->is_inside ? SP_STR("") : shorten(arena, line);
    cut->kind = kind_of(composer, found, cut->text);
    cut->end = found->end;
    cut->lines = number(arena, found->all.lines);
    cut->lost = number(arena, found->all.lines - found->kept.lines);
    cut->line = number(arena, found->kept.lines + 1);
    cut->size = size_of(arena, found->all.units);
    cut->units = number(arena, found->all.units);
    if (!cut->text.ptr || !cut->lines.ptr || !cut->lost.ptr || !cut->line.ptr || !cut->size.ptr || !cut->units.ptr)
        return sp_err_memory(err);
    composer->docs->sources[composer->memory_source].memory_cut = cut;
    return SP_OK;
}

/* ---- the text, and what stands after it ------------------------------------------------------------------ */

static sp_status add_marker(sp_composer *composer, const sp_source *source, const limit *found, sp_err *err)
{
    sp_arena *arena = composer->arena;
    const sp_text_value values[] = {
        { "name", source->name },
        { "kept_lines", number(arena, found->kept.lines) },
        { "lines", number(arena, found->all.lines) },
        { "kept_bytes", number(arena, found->kept.bytes) },
        { "bytes", number(arena, found->all.bytes) },
    };
    for (size_t i = 0; i < SP_COUNT_OF(values); i++)
        if (!values[i].value.ptr)
            return sp_err_memory(err);
    SP_TRY(sp_compose_gap(composer, err));
    return sp_compose_marker(
        composer, composer->memory_source, source->bytes.len - 1,
        sp_text_fill(arena, composer->docs->texts[SP_TEXT_MEMORY_CUT], values, SP_COUNT_OF(values)), err);
}

/* Leaves out white space at an end of the text, and the comments in it. */
static sp_status cut_space(sp_composer *composer, size_t begin, size_t end, sp_err *err)
{
    uint32_t index = composer->memory_source;
    while (begin < end) {
        sp_span comment;
        bool has_comment = sp_compose_next_comment(memory_parsed(composer), begin, &comment) && comment.begin < end;
        size_t stop = has_comment ? comment.begin : end;
        SP_TRY(sp_compose_cut(composer, index, begin, stop, SP_RULE_MEMORY_TRIM,
                              SP_STR("white space before and after the text is not sent"), err));
        if (has_comment)
            SP_TRY(sp_compose_slice(composer, index, SP_SEGMENT_MEMORY, comment.begin, comment.end, err));
        begin = has_comment ? comment.end : end;
    }
    return SP_OK;
}

/* The line end right after the text stays: it is as good as one of our own before the next section. */
static size_t after_line_end(sp_str text, size_t at)
{
    size_t end = at;
    end += end < text.len && text.ptr[end] == '\r';
    return end < text.len && text.ptr[end] == '\n' ? end + 1 : at;
}

/* Whether the text that is kept ends with a CR that is cleaned: with the LF of the notice after it, it is a CRLF. */
static bool ends_with_return(const sp_composer *composer, size_t end)
{
    return end > 0 && memory_source(composer)->bytes.ptr[end - 1] == '\r' &&
           sp_rule_holds(composer->profile, SP_RULE_MEMORY_CLEANED);
}

/* The text up to the limit. In the client's wording, the last line loses its end. */
static sp_status add_cut_text(sp_composer *composer, const sp_span *text, const limit *found, sp_err *err)
{
    uint32_t index = composer->memory_source;
    const sp_source *source = memory_source(composer);
    const sp_rule *rule = sp_rule_of(composer->profile, found->rule);
    bool is_worded = false;
    size_t end = found->end;
    if (composer->docs->wording && (!found->is_inside || ends_with_return(composer, end)))
        end--;
    SP_TRY(sp_compose_slice(composer, index, SP_SEGMENT_MEMORY, text->begin, end, err));
    SP_TRY(report_cut(composer, source, found, err));
    SP_TRY(sp_compose_cut(composer, index, end, source->bytes.len, found->rule,
                          sp_str_format(composer->arena, "only the first %lld %s are read; shorten the file",
                                        (long long)rule->value, rule->unit),
                          err));
    if (composer->docs->wording)
        SP_TRY(sp_learned_cut(composer, index, &is_worded, err));
    return is_worded ? SP_OK : add_marker(composer, source, found, err);
}

static sp_status add_limited_text(sp_composer *composer, sp_err *err)
{
    uint32_t index = composer->memory_source;
    const sp_source *source = memory_source(composer);
    sp_span text = text_span(composer);
    limit found = measure(composer, text);
    SP_TRY(sp_compose_cut_front(composer, index, err));
    SP_TRY(cut_space(composer, source->content_begin, text.begin, err));
    if (!found.is_cut) {
        if (!composer->docs->wording)
            text.end = after_line_end(source->bytes, text.end);
        SP_TRY(sp_compose_slice(composer, index, SP_SEGMENT_MEMORY, text.begin, text.end, err));
        return cut_space(composer, text.end, source->bytes.len, err);
    }
    SP_TRY(set_figures(composer, &found, err));
    return add_cut_text(composer, &text, &found, err);
}

static sp_status add_empty_text(sp_composer *composer, sp_err *err)
{
    bool is_missing = composer->memory_source == SP_NONE;
    if (!is_missing)
        SP_TRY(sp_compose_cut(composer, composer->memory_source, 0, memory_source(composer)->bytes.len,
                              SP_RULE_MEMORY_EMPTY, SP_STR("there is no text in it"), err));
    return sp_compose_own(composer, SP_SEGMENT_MEMORY,
                          composer->docs->texts[is_missing ? SP_TEXT_MEMORY_MISSING : SP_TEXT_MEMORY_EMPTY], err);
}

static sp_status add_text(sp_composer *composer, sp_err *err)
{
    return sp_compose_has_memory_text(composer) ? add_limited_text(composer, err) : add_empty_text(composer, err);
}

/* "200 lines or 25000 characters": those of the limits that hold. A model has no use for UTF-16 units. */
static sp_str limits(const sp_composer *composer)
{
    static const struct {
        sp_rule_key key;
        const char *unit;
    } rows[] = { { SP_RULE_MEMORY_LINES, "lines" }, { SP_RULE_MEMORY_BYTES, "characters" } };
    sp_buf text = { 0 };
    for (size_t i = 0; i < SP_COUNT_OF(rows); i++)
        if (sp_rule_holds(composer->profile, rows[i].key))
            sp_buf_format(&text, "%s%lld %s", text.len ? " or " : "",
                          (long long)sp_rule_value(composer->profile, rows[i].key), rows[i].unit);
    return sp_buf_move(&text, composer->arena);
}

/* How to use the folder: for an agent that has one. */
static sp_status add_instructions(sp_composer *composer, sp_err *err)
{
    sp_arena *arena = composer->arena;
    const sp_text_value values[] = {
        { "folder", composer->docs->memory_folder },
        { "scope", composer->docs->texts[sp_memory_scope_find(composer->docs->agent->memory)->text] },
        { "limits", limits(composer) },
        { "limit_lines", number(arena, (size_t)sp_rule_value(composer->profile, SP_RULE_MEMORY_LINES)) },
        { "limit_bytes", number(arena, (size_t)sp_rule_value(composer->profile, SP_RULE_MEMORY_BYTES)) },
    };
    for (size_t i = 0; i < SP_COUNT_OF(values); i++)
        if (!values[i].value.ptr)
            return sp_err_memory(err);
    SP_TRY(sp_compose_gap(composer, err));
    return sp_compose_own(
        composer, SP_SEGMENT_HEADER,
        sp_text_fill(arena, composer->docs->texts[SP_TEXT_MEMORY_INSTRUCTIONS], values, SP_COUNT_OF(values)), err);
}

/* In the wording that was learned. Of an agent's memory that has no text, what stands after the body says so; of a
 * session's, nothing does. */
static sp_status add_learned(sp_composer *composer, sp_err *err)
{
    const sp_docs *docs = composer->docs;
    uint32_t index = composer->memory_source;
    bool is_missing = index == SP_NONE;
    if (sp_compose_has_memory_text(composer)) {
        SP_TRY(sp_learned_enter(composer, docs->agent ? SP_RUN_AGENT : SP_RUN_INSTRUCTIONS, index, err));
        return add_limited_text(composer, err);
    }
    if (!is_missing)
        SP_TRY(sp_compose_cut(composer, index, 0, memory_source(composer)->bytes.len, SP_RULE_MEMORY_EMPTY,
                              SP_STR("there is no text in it"), err));
    if (!docs->agent)
        return SP_OK;
    sp_str class = sp_str_format(composer->arena, "agent.memory-%s-%.*s", is_missing ? "missing" : "empty",
                                 SP_STR_ARG(docs->agent->memory));
    return class.ptr ? sp_learned_leave_as(composer, class, err) : sp_err_memory(err);
}

sp_status sp_compose_memory(sp_composer *composer, sp_err *err)
{
    const sp_docs *docs = composer->docs;
    if (!docs->has_memory)
        return SP_OK;
    if (docs->wording)
        return add_learned(composer, err);
    if (docs->memory_folder.ptr)
        SP_TRY(add_instructions(composer, err));
    SP_TRY(sp_compose_gap(composer, err));
    SP_TRY(sp_compose_own(composer, SP_SEGMENT_HEADER, docs->texts[SP_TEXT_MEMORY_HEADER], err));
    SP_TRY(sp_compose_gap(composer, err));
    return add_text(composer, err);
}

sp_status sp_compose_session_memory(sp_composer *composer, sp_err *err)
{
    const sp_docs *docs = composer->docs;
    composer->memory_source = docs->session_memory;
    if (composer->memory_source == SP_NONE)
        return SP_OK;
    if (!sp_compose_has_memory_text(composer))
        return sp_compose_cut(composer, composer->memory_source, 0, memory_source(composer)->bytes.len,
                              SP_RULE_MEMORY_EMPTY, SP_STR("there is no text in it"), err);
    if (docs->wording) {
        SP_TRY(sp_learned_enter(composer, SP_RUN_INSTRUCTIONS, composer->memory_source, err));
        return add_text(composer, err);
    }
    SP_TRY(sp_compose_gap(composer, err));
    SP_TRY(sp_compose_own(composer, SP_SEGMENT_HEADER, docs->texts[SP_TEXT_MEMORY_HEADER], err));
    SP_TRY(sp_compose_gap(composer, err));
    return add_text(composer, err);
}
