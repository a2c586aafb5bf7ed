/* composer.c - segments and cuts, and how a slice of a source falls into them. */
#include "compose/composer.h"
#include "base/types.h"
#include "model/prompt.h"
#include "model/source.h"
#include "syntax/headings.h"

static unsigned newlines_at_end(sp_str text, unsigned before)
{
    unsigned count = 0;
    size_t at = text.len;
    while (at > 0 && text.ptr[at - 1] == '\n' && count < 2) {
        count++;
        at--;
        if (at > 0 && text.ptr[at - 1] == '\r')
            at--;
    }
    if (at == 0)
        count += before;
    return count < 2 ? count : 2;
}

/* The block that own text stands in the place of, or of a part of it. */
typedef struct own_place {
    uint32_t source;
    uint32_t block;
} own_place;

static const own_place nowhere = { SP_NONE, SP_NONE };

static sp_status push_segment(sp_composer *composer, sp_segment segment, own_place place, sp_err *err)
{
    sp_segment *slot = SP_LIST_PUSH(composer->arena, &composer->segments);
    if (!slot)
        return sp_err_memory(err);
    segment.role = composer->role;
    segment.frame = composer->frame;
    segment.place_source = place.source;
    segment.place_block = place.block;
    *slot = segment;
    composer->trailing_newlines = newlines_at_end(segment.text, composer->trailing_newlines);
    return SP_OK;
}

/* text as it can be sent: itself, or a copy with U+FFFD for each maximal subpart that is not UTF-8, and for each NUL
 * where the client sends none. ptr NULL when memory is short. */
static sp_str sendable(const sp_composer *composer, sp_str text)
{
    bool has_nul = text.len && memchr(text.ptr, '\0', text.len) != NULL;
    bool is_nul_sent = sp_rule_holds(composer->profile, SP_RULE_TEXT_NUL_SENT);
    if (!text.len || ((!has_nul || is_nul_sent) && sp_utf8_find_invalid(text, 0) == SIZE_MAX))
        return text;
    return sp_str_valid_utf8(composer->arena, text, is_nul_sent);
}

/* Own text holds names of files, which may be any bytes. All of it comes by here. */
static sp_status add_own(sp_composer *composer, sp_segment_kind kind, sp_str text, own_place place, sp_err *err)
{
    sp_segment segment = { .kind = kind,
                           .source = SP_NONE,
                           .block = SP_NONE,
                           .text = sendable(composer, text),
                           .is_learned = composer->is_learned };
    if (!segment.text.ptr)
        return sp_err_memory(err);
    return text.len ? push_segment(composer, segment, place, err) : SP_OK;
}

sp_status sp_compose_own(sp_composer *composer, sp_segment_kind kind, sp_str text, sp_err *err)
{
    return add_own(composer, kind, text, nowhere, err);
}

sp_status sp_compose_marker(sp_composer *composer, uint32_t source, size_t at, sp_str text, sp_err *err)
{
    own_place place = { source, sp_block_at(&composer->docs->sources[source], at) };
    return add_own(composer, SP_SEGMENT_MARKER, text, place.block == SP_NONE ? nowhere : place, err);
}

sp_status sp_compose_line_end(sp_composer *composer, sp_err *err)
{
    if (composer->segments.count == composer->message_begin || composer->trailing_newlines > 0)
        return SP_OK;
    return sp_compose_own(composer, SP_SEGMENT_HEADER, SP_STR("\n"), err);
}

sp_status sp_compose_gap(sp_composer *composer, sp_err *err)
{
    if (composer->segments.count == composer->message_begin)
        return SP_OK;
    sp_str lines = SP_STR("\n\n");
    lines.len -= composer->trailing_newlines;
    return sp_compose_own(composer, SP_SEGMENT_HEADER, lines, err);
}

/* ---- messages ------------------------------------------------------------------------------------ */

sp_status sp_compose_end_message(sp_composer *composer, sp_role role, sp_err *err)
{
    size_t bytes = 0;
    size_t first = composer->message_begin;
    size_t count = composer->segments.count - first;
    composer->message_begin = composer->segments.count;
    composer->trailing_newlines = 0;
    composer->has_file = false;
    if (count == 0)
        return SP_OK;
    for (size_t i = first; i < first + count; i++)
        bytes += composer->segments.items[i].text.len;
    char *text = sp_arena_alloc(composer->arena, bytes + 1, 1);
    if (!text)
        return sp_err_memory(err);
    sp_message *message = &composer->prompt->messages[composer->prompt->message_count++];
    *message = (sp_message){ .role = role, .first_segment = first, .segment_count = count };
    message->text = (sp_str){ text, bytes };
    for (size_t i = first; i < first + count; i++) {
        sp_str part = composer->segments.items[i].text;
        if (part.len)
            memcpy(text, part.ptr, part.len);
        text += part.len;
    }
    *text = '\0';
    return SP_OK;
}

sp_status sp_compose_end_run(sp_composer *composer, sp_err *err)
{
    return composer->layout == SP_LAYOUT_SPLIT ? sp_compose_end_message(composer, composer->role, err) : SP_OK;
}

/* ---- characters ---------------------------------------------------------------------------------- */

size_t sp_compose_character_begin(sp_str text, size_t at, size_t not_before)
{
    for (size_t begin = at; begin + 3 >= at; begin--) {
        if (sp_utf8_begins(text.ptr[begin]))
            return begin;
        if (begin == not_before)
            break;
    }
    return at;
}

/* ---- lines -------------------------------------------------------------------------------------- */

static uint32_t count_line_ends(sp_str text, size_t begin, size_t end)
{
    uint32_t lines = 0;
    for (size_t at = begin; at < end; at++)
        lines += sp_ends_line(text, at);
    return lines;
}

static uint32_t line_of(const sp_source *source, sp_line_cursor *cursor, size_t at)
{
    cursor->line += count_line_ends(source->bytes, cursor->at, at);
    cursor->at = at;
    return cursor->line;
}

/* From the last place in the same source, if it is nearer than the block's beginning. */
static sp_line_cursor cursor_at(const sp_composer *composer, uint32_t index, size_t at)
{
    const sp_source *source = &composer->docs->sources[index];
    const sp_line_cursor *last = &composer->cursor;
    uint32_t block = sp_block_at(source, at);
    if (block == SP_NONE)
        return (sp_line_cursor){ index, 1, 0 };
    if (last->line && last->source == index && last->at <= at && last->at >= source->blocks[block].begin)
        return *last;
    return (sp_line_cursor){ index, source->blocks[block].first_line, source->blocks[block].begin };
}

/* ---- cuts and slices ------------------------------------------------------------------------------ */

static sp_status cut_from(sp_composer *composer, uint32_t index, sp_line_cursor *cursor, size_t begin, size_t end,
                          sp_rule_key rule, sp_str why, sp_err *err)
{
    const sp_source *source = &composer->docs->sources[index];
    if (begin >= end)
        return SP_OK;
    sp_cut *cut = why.ptr ? SP_LIST_PUSH(composer->arena, &composer->cuts) : NULL;
    if (!cut)
        return sp_err_memory(err);
    *cut = (sp_cut){ .source = index, .begin = begin, .end = end, .rule = rule, .why = why };
    cut->first_line = line_of(source, cursor, begin);
    cut->last_line = line_of(source, cursor, end - 1);
    return SP_OK;
}

sp_status sp_compose_cut(sp_composer *composer, uint32_t source, size_t begin, size_t end, sp_rule_key rule, sp_str why,
                         sp_err *err)
{
    sp_line_cursor cursor = cursor_at(composer, source, begin);
    SP_TRY(cut_from(composer, source, &cursor, begin, end, rule, why, err));
    composer->cursor = cursor;
    return SP_OK;
}

sp_status sp_compose_cut_front(sp_composer *composer, uint32_t index, sp_err *err)
{
    sp_rule_key rule = composer->docs->sources[index].parsed->front_rule;
    sp_str why = SP_STR("front matter is not part of the prompt");
    if (rule == SP_RULE_TEXT_BOM)
        why = SP_STR("a byte order mark is not sent");
    if (rule == SP_RULE_CHAIN_TRIMMED || rule == SP_RULE_CHAIN_TRIMMED_USER)
        why = SP_STR("white space at the head of the file is not sent");
    return sp_compose_cut(composer, index, 0, composer->docs->sources[index].content_begin, rule, why, err);
}

/* Where the text begins; end: there is none. */
static size_t begin_of_text(const sp_source *source, size_t begin, size_t end)
{
    for (size_t at = begin; at < end;) {
        sp_span comment;
        uint32_t code;
        size_t bad;
        if (sp_compose_next_comment(source->parsed, at, &comment) && comment.begin <= at) {
            at = comment.end;
            continue;
        }
        size_t length = sp_utf8_decode(source->bytes, at, &code, &bad);
        if (!length || !sp_code_is_space(code))
            return at;
        at += length;
    }
    return end;
}

/* Where a run without comments has no more than white space up to its end. */
static size_t end_of_run(sp_str bytes, size_t begin, size_t end)
{
    while (end > begin) {
        size_t at = end - 1;
        uint32_t code;
        size_t bad;
        while (at > begin && ((unsigned char)bytes.ptr[at] & 0xC0) == 0x80)
            at--;
        size_t length = sp_utf8_decode(bytes, at, &code, &bad);
        if (at + length < end || !sp_code_is_space(code))
            return end;
        end = at;
    }
    return begin;
}

static size_t end_of_text(const sp_source *source, size_t begin, size_t end)
{
    size_t found = begin;
    for (size_t at = begin; at < end;) {
        sp_span comment = { end, end };
        bool has = sp_compose_next_comment(source->parsed, at, &comment) && comment.begin < end;
        size_t stop = !has ? end : comment.begin > at ? comment.begin : at;
        size_t last = end_of_run(source->bytes, at, stop);
        found = last > at ? last : found;
        at = has ? comment.end : end;
    }
    return found;
}

sp_span sp_compose_trim(const sp_source *source, size_t begin, size_t end)
{
    size_t first = begin_of_text(source, begin, end);
    return first < end ? (sp_span){ first, end_of_text(source, first, end) } : (sp_span){ begin, end };
}

sp_status sp_compose_cut_blank(sp_composer *composer, uint32_t index, size_t begin, size_t end, sp_rule_key rule,
                               sp_err *err)
{
    while (begin < end) {
        sp_span comment;
        bool has =
            sp_compose_next_comment(composer->docs->sources[index].parsed, begin, &comment) && comment.begin < end;
        size_t stop = has && comment.begin > begin ? comment.begin : has ? comment.end : end;
        stop = stop < end ? stop : end;
        if (has && comment.begin <= begin)
            SP_TRY(sp_compose_slice(composer, index, SP_SEGMENT_INSTRUCTIONS, begin, stop, err));
        else
            SP_TRY(sp_compose_cut(composer, index, begin, stop, rule,
                                  SP_STR("white space before and after the text is not sent"), err));
        begin = stop;
    }
    return SP_OK;
}

/* The first span that ends behind offset at. */
static bool next_span(const sp_span *spans, size_t count, size_t at, sp_span *ret)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (spans[middle].end <= at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == count)
        return false;
    *ret = spans[low];
    return true;
}

bool sp_compose_next_comment(const sp_parsed *parsed, size_t at, sp_span *ret)
{
    return parsed->strips_comments && next_span(parsed->markdown.comments, parsed->markdown.comment_count, at, ret);
}

static bool next_invalid(const sp_parsed *parsed, size_t at, sp_span *ret)
{
    return next_span(parsed->invalid, parsed->invalid_count, at, ret);
}

static sp_rule_key comment_rule(const sp_source *source)
{
    return source->kind == SP_SOURCE_MEMORY ? SP_RULE_MEMORY_COMMENT : SP_RULE_CHAIN_COMMENT;
}

static bool is_cleaned(const sp_composer *composer, const sp_source *source)
{
    return source->kind == SP_SOURCE_MEMORY && sp_rule_holds(composer->profile, SP_RULE_MEMORY_CLEANED);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* What begins at one offset, as far as it is of one sort. */
typedef struct run {
    sp_composer *composer;
    const sp_source *source;
    sp_line_cursor *cursor;
    uint32_t index;
    uint32_t block;
    size_t begin;
    size_t end;  /* of all that is to be added */
    size_t stop; /* of the run: something else begins there, or it does not go on */
    bool is_omitted;
} run;

/* The run is not sent. */
static sp_status omit_to(run *r, size_t stop, sp_rule_key rule, sp_str why, sp_err *err)
{
    r->is_omitted = true;
    r->stop = smaller(r->end, stop);
    return cut_from(r->composer, r->index, r->cursor, r->begin, r->stop, rule, why, err);
}

/* Whether a span of the comments is one of link definitions, which begin with a bracket. */
static bool is_definition(const sp_source *source, sp_span span)
{
    return sp_str_starts(sp_str_trim(sp_str_slice(source->bytes, span.begin, span.end)), SP_STR("["));
}

static sp_status take_comment(run *r, sp_err *err)
{
    sp_span span;
    if (!sp_compose_next_comment(r->source->parsed, r->begin, &span))
        return SP_OK;
    if (span.begin <= r->begin && is_definition(r->source, span))
        return omit_to(r, span.end, SP_RULE_CHAIN_COMMENT_DEFINITIONS,
                       SP_STR("link definitions of a file with a comment are not sent"), err);
    if (span.begin <= r->begin)
        return omit_to(r, span.end, comment_rule(r->source), SP_STR("block HTML comments are not sent"), err);
    r->stop = smaller(r->stop, span.begin);
    return SP_OK;
}

static sp_status take_invalid(run *r, sp_err *err)
{
    sp_span span;
    if (!next_invalid(r->source->parsed, r->begin, &span))
        return SP_OK;
    if (span.begin > r->begin) {
        r->stop = smaller(r->stop, span.begin);
        return SP_OK;
    }
    SP_TRY(omit_to(r, span.end, SP_RULE_TEXT_UTF8, SP_STR("not UTF-8, or NUL; U+FFFD stands in its place"), err));
    return sp_compose_marker(r->composer, r->index, r->begin, sp_str_slice(r->source->bytes, r->begin, r->stop), err);
}

static sp_status take_unclean(run *r, sp_err *err)
{
    sp_unclean unclean;
    if (!is_cleaned(r->composer, r->source) || !sp_compose_next_unclean(r->source->bytes, r->begin, r->stop, &unclean))
        return SP_OK;
    if (unclean.at.begin > r->begin) {
        r->stop = unclean.at.begin;
        return SP_OK;
    }
    SP_TRY(omit_to(r, unclean.at.end, SP_RULE_MEMORY_CLEANED, SP_STR("this character of a memory is not sent"), err));
    return unclean.is_line_end ? sp_compose_marker(r->composer, r->index, r->begin, SP_STR("\n"), err) : SP_OK;
}

static sp_status take_return(run *r, sp_err *err)
{
    sp_str bytes = r->source->bytes;
    size_t at = r->source->parsed->drops_returns ? sp_str_find(sp_str_slice(bytes, 0, r->stop), SP_STR("\r"), r->begin)
                                                 : SIZE_MAX;
    if (at > r->begin) {
        r->stop = smaller(r->stop, at);
        return SP_OK;
    }
    bool is_alone = at + 1 == bytes.len || bytes.ptr[at + 1] != '\n';
    SP_TRY(omit_to(r, at + 1, SP_RULE_CHAIN_COMMENT_CRLF,
                   SP_STR("line ends of a file that has lost a comment are sent as LF"), err));
    return is_alone ? sp_compose_marker(r->composer, r->index, at, SP_STR("\n"), err) : SP_OK;
}

static sp_status send_run(const run *r, sp_segment_kind kind, sp_err *err)
{
    uint32_t first_line = line_of(r->source, r->cursor, r->begin);
    uint32_t last_line = line_of(r->source, r->cursor, r->stop - 1);
    return push_segment(r->composer,
                        (sp_segment){ .kind = kind,
                                      .source = r->index,
                                      .block = r->block,
                                      .first_line = first_line,
                                      .last_line = last_line,
                                      .begin = r->begin,
                                      .end = r->stop,
                                      .text = sp_str_slice(r->source->bytes, r->begin, r->stop) },
                        nowhere, err);
}

/* Adds what begins at offset *at, as far as it is of one sort, and moves *at to where the next begins. */
static sp_status add_run(sp_composer *composer, uint32_t index, sp_segment_kind kind, sp_line_cursor *cursor,
                         size_t *at, size_t end, sp_err *err)
{
    static sp_status (*const takers[])(run *, sp_err *) = { take_comment, take_invalid, take_unclean, take_return };
    const sp_source *source = &composer->docs->sources[index];
    uint32_t block = sp_block_at(source, *at);
    run r = {
        .composer = composer,
        .source = source,
        .cursor = cursor,
        .index = index,
        .block = block,
        .begin = *at,
        .end = end,
        .stop = smaller(end, block == SP_NONE ? end : source->blocks[block].end),
    };
    for (size_t i = 0; i < SP_COUNT_OF(takers) && !r.is_omitted; i++)
        SP_TRY(takers[i](&r, err));
    *at = r.stop;
    return r.is_omitted ? SP_OK : send_run(&r, kind, err);
}

sp_status sp_compose_slice(sp_composer *composer, uint32_t source, sp_segment_kind kind, size_t begin, size_t end,
                           sp_err *err)
{
    sp_line_cursor cursor = cursor_at(composer, source, begin);
    for (size_t at = begin; at < end;)
        SP_TRY(add_run(composer, source, kind, &cursor, &at, end, err));
    composer->cursor = cursor;
    return SP_OK;
}

bool sp_compose_is_blank(const sp_source *source, size_t begin, size_t end)
{
    sp_span comment;
    while (begin < end) {
        size_t stop = end;
        bool has_comment = sp_compose_next_comment(source->parsed, begin, &comment);
        if (has_comment)
            stop = smaller(end, comment.begin);
        if (stop > begin && sp_str_trim(sp_str_slice(source->bytes, begin, stop)).len > 0)
            return false;
        begin = has_comment ? comment.end : end;
    }
    return true;
}
