/* yaml_events.c - libyaml takes CRLF and lone CR for line ends by itself, so it reads the file's own bytes. */
#include "syntax/yaml_events.h"
#include "base/types.h"

bool sp_yaml_events_open(sp_yaml_events *events, sp_str text, size_t begin, size_t end)
{
    *events = (sp_yaml_events){ .marks = { .text = text, .begin = begin, .end = end, .cursor = begin } };
    if (!yaml_parser_initialize(&events->parser))
        return false;
    /* Named, or libyaml would guess UTF-16 from the first bytes. */
    yaml_parser_set_encoding(&events->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&events->parser, (const unsigned char *)text.ptr + begin, end - begin);
    return true;
}

void sp_yaml_events_close(sp_yaml_events *events)
{
    yaml_event_delete(&events->event);
    yaml_parser_delete(&events->parser);
}

static const sp_yaml_fault unindented = { "a value in quotes or brackets that goes on in lines that are not indented",
                                          "indent these lines" };
static const sp_yaml_fault beside_comment = { "a # directly after a value in quotes or brackets, or after | or >",
                                              "write a space before the #" };
static const sp_yaml_fault overindented = {
    "a text after | or > that begins with empty lines of more spaces than it is indented by",
    "delete the spaces on these lines"
};
static const sp_yaml_fault beside_colon = { "a colon directly after an alias (*name)",
                                            "write a space before the colon" };

/* ---- one event --------------------------------------------------------------------------------------- */

static bool is_null_word(sp_str value)
{
    static const char *const words[] = { "", "~", "null", "Null", "NULL" };
    for (size_t i = 0; i < SP_COUNT_OF(words); i++)
        if (sp_str_eq(value, sp_str_of(words[i])))
            return true;
    return false;
}

static void take_scalar(const yaml_event_t *event, sp_yaml_event *ret)
{
    ret->kind = SP_YAML_SCALAR;
    ret->text = (sp_str){ (const char *)event->data.scalar.value, event->data.scalar.length };
    const char *tag = (const char *)event->data.scalar.tag;
    bool is_text = tag && (strcmp(tag, "tag:yaml.org,2002:str") == 0 || strcmp(tag, "!") == 0);
    ret->is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !is_text;
    ret->is_null = ret->is_plain && is_null_word(ret->text);
}

static const char *property(const yaml_char_t *anchor, const yaml_char_t *tag)
{
    return anchor ? "an anchor (&name)" : tag ? "a tag (!name)" : NULL;
}

static sp_str name_of(const yaml_char_t *anchor)
{
    return anchor ? sp_str_of((const char *)anchor) : (sp_str){ NULL, 0 };
}

static void take(const yaml_event_t *event, sp_yaml_event *ret)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        ret->kind = SP_YAML_DOCUMENT;
        break;
    case YAML_ALIAS_EVENT:
        ret->kind = SP_YAML_ALIAS;
        ret->refused = "an alias (*name)";
        ret->anchor = name_of(event->data.alias.anchor);
        break;
    case YAML_SCALAR_EVENT:
        take_scalar(event, ret);
        ret->refused = property(event->data.scalar.anchor, event->data.scalar.tag);
        ret->anchor = name_of(event->data.scalar.anchor);
        break;
    case YAML_SEQUENCE_START_EVENT:
        ret->kind = SP_YAML_OPEN_LIST;
        ret->refused = property(event->data.sequence_start.anchor, event->data.sequence_start.tag);
        ret->anchor = name_of(event->data.sequence_start.anchor);
        break;
    case YAML_MAPPING_START_EVENT:
        ret->kind = SP_YAML_OPEN_MAPPING;
        ret->refused = property(event->data.mapping_start.anchor, event->data.mapping_start.tag);
        ret->anchor = name_of(event->data.mapping_start.anchor);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        ret->kind = SP_YAML_CLOSE;
        break;
    case YAML_STREAM_END_EVENT:
        ret->kind = SP_YAML_END;
        break;
    default:
        break;
    }
}

/* Whether a line of the text from begin on, but not the first, begins at the margin with more than a bracket. */
static bool goes_on_at_margin(sp_str text, size_t begin, size_t end)
{
    static const char others[] = { ' ', '\t', '\r', '\n', ']', '}', ',', ':' };
    for (size_t at = begin; at + 1 < end; at++)
        if (text.ptr[at] == '\n' && !memchr(others, text.ptr[at + 1], sizeof others))
            return true;
    return false;
}

static bool is_flow(const yaml_event_t *event)
{
    return (event->type == YAML_SEQUENCE_START_EVENT && event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE) ||
           (event->type == YAML_MAPPING_START_EVENT && event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
}

static void follow_flow(sp_yaml_events *events, sp_yaml_event *ret)
{
    if (events->flow_depth == 0 && is_flow(&events->event))
        events->flow_begin = ret->offset;
    if (events->flow_depth || is_flow(&events->event))
        events->flow_depth += (ret->kind == SP_YAML_OPEN_LIST || ret->kind == SP_YAML_OPEN_MAPPING);
    bool is_end = events->flow_depth && ret->kind == SP_YAML_CLOSE && --events->flow_depth == 0;
    if (is_end && goes_on_at_margin(events->marks.text, events->flow_begin, ret->offset))
        ret->fault = &unindented;
}

/* ---- what libyaml reads and clients do not ------------------------------------------------------------- */

static bool is_block(const yaml_event_t *event)
{
    return event->type == YAML_SCALAR_EVENT && (event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
                                                event->data.scalar.style == YAML_FOLDED_SCALAR_STYLE);
}

static bool is_at(const sp_yaml_marks *marks, size_t at, char c)
{
    return at < marks->end && marks->text.ptr[at] == c;
}

static size_t indentation_at(sp_str text, size_t at)
{
    size_t begin = at;
    while (at < text.len && text.ptr[at] == ' ')
        at++;
    return at - begin;
}

/* Whether the lines of nothing but spaces that begin a block have more of them than its first other line. */
static bool is_overindented(const sp_yaml_marks *marks, size_t header)
{
    sp_str text = sp_str_slice(marks->text, 0, marks->end);
    size_t outside = indentation_at(text, (size_t)(sp_line_at(text, header).ptr - text.ptr));
    size_t most = 0;
    for (size_t at = sp_line_end(text, header); at < text.len;) {
        at += text.ptr[at] == '\r' && at + 1 < text.len && text.ptr[at + 1] == '\n' ? 2 : 1;
        size_t columns = indentation_at(text, at);
        at += columns;
        if (at < text.len && text.ptr[at] != '\n' && text.ptr[at] != '\r')
            return columns > outside && most > columns;
        most = columns > most ? columns : most;
    }
    return false;
}

static void judge_block(const sp_yaml_marks *marks, sp_yaml_event *ret)
{
    size_t at = ret->offset;
    while (at < marks->end && !strchr("|>", marks->text.ptr[at])) /* after an anchor or a tag */
        at++;
    bool has_indentation = false;
    for (at++; at < marks->end && marks->text.ptr[at] && strchr("+-123456789", marks->text.ptr[at]); at++)
        has_indentation = has_indentation || (marks->text.ptr[at] >= '1' && marks->text.ptr[at] <= '9');
    ret->fault = is_at(marks, at, '#')                            ? &beside_comment
                 : !has_indentation && is_overindented(marks, at) ? &overindented
                                                                  : NULL;
}

static bool is_quoted(const yaml_event_t *event)
{
    return event->type == YAML_SCALAR_EVENT && (event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
                                                event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE);
}

/* What follows directly on a value in quotes or brackets, or on an alias, whose name a colon is a part of. */
static void judge_end(sp_yaml_events *events, sp_yaml_event *ret)
{
    bool is_text = is_quoted(&events->event);
    bool is_end_of_flow = ret->kind == SP_YAML_CLOSE && events->flow_depth == 0;
    if (!is_text && !is_end_of_flow && ret->kind != SP_YAML_ALIAS)
        return;
    size_t end = sp_yaml_offset(&events->marks, events->event.end_mark.index);
    if (ret->kind == SP_YAML_ALIAS)
        ret->fault = is_at(&events->marks, end, ':') ? &beside_colon : NULL;
    else if (end > ret->offset && is_at(&events->marks, end, '#'))
        ret->fault = &beside_comment;
    else if (is_text && goes_on_at_margin(events->marks.text, ret->offset, end))
        ret->fault = &unindented;
}

bool sp_yaml_events_next(sp_yaml_events *events, sp_yaml_event *ret)
{
    yaml_event_delete(&events->event);
    if (!yaml_parser_parse(&events->parser, &events->event))
        return false;
    *ret = (sp_yaml_event){ .offset = sp_yaml_offset(&events->marks, events->event.start_mark.index) };
    take(&events->event, ret);
    follow_flow(events, ret);
    if (is_block(&events->event))
        judge_block(&events->marks, ret);
    else
        judge_end(events, ret);
    return true;
}

/* ---- what is not YAML -------------------------------------------------------------------------------- */

/* The reader's own complaints (about bytes) come with an offset, those of the later stages with marks. */
sp_status sp_yaml_events_explain(sp_yaml_events *events, sp_arena *arena, size_t sigil_offset, sp_yaml_problem *ret,
                                 sp_err *err)
{
    const yaml_parser_t *parser = &events->parser;
    sp_yaml_marks *marks = &events->marks;
    sp_yaml_complaint complaint = { parser->problem, parser->context, .sigil_offset = sigil_offset };
    if (parser->error == YAML_MEMORY_ERROR)
        return sp_err_memory(err);
    complaint.problem_offset = parser->error == YAML_READER_ERROR ? marks->begin + parser->problem_offset
                                                                  : sp_yaml_offset(marks, parser->problem_mark.index);
    complaint.context_offset = sp_yaml_offset(marks, parser->context_mark.index);
    return sp_yaml_explain(arena, marks->text, marks->begin, marks->end, &complaint, ret, err);
}
