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
    ret->is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !event->data.scalar.tag;
    ret->is_null = ret->is_plain && is_null_word(ret->text);
}

static const char *property(const yaml_char_t *anchor, const yaml_char_t *tag)
{
    return anchor ? "an anchor (&name)" : tag ? "a tag (!name)" : NULL;
}

/* Whether "&name" is in the text before the alias: a guess that is wrong only where that is a part of other text. */
static bool knows_anchor(const sp_yaml_events *events, const char *name)
{
    const sp_yaml_marks *marks = &events->marks;
    sp_str before = sp_str_slice(marks->text, marks->begin, marks->cursor);
    size_t length = strlen(name);
    for (size_t at = sp_str_find(before, SP_STR("&"), 0); at != SIZE_MAX; at = sp_str_find(before, SP_STR("&"), at + 1))
        if (before.len - at > length && memcmp(before.ptr + at + 1, name, length) == 0)
            return true;
    return false;
}

static void take(const sp_yaml_events *events, sp_yaml_event *ret)
{
    const yaml_event_t *event = &events->event;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        ret->kind = SP_YAML_DOCUMENT;
        break;
    case YAML_ALIAS_EVENT:
        ret->kind = SP_YAML_SCALAR;
        ret->text = SP_STR("");
        ret->is_plain = ret->is_null = true;
        ret->refused = "an alias (*name)";
        ret->is_unknown_alias = !knows_anchor(events, (const char *)event->data.alias.anchor);
        break;
    case YAML_SCALAR_EVENT:
        take_scalar(event, ret);
        ret->refused = property(event->data.scalar.anchor, event->data.scalar.tag);
        break;
    case YAML_SEQUENCE_START_EVENT:
        ret->kind = SP_YAML_OPEN_LIST;
        ret->refused = property(event->data.sequence_start.anchor, event->data.sequence_start.tag);
        break;
    case YAML_MAPPING_START_EVENT:
        ret->kind = SP_YAML_OPEN_MAPPING;
        ret->refused = property(event->data.mapping_start.anchor, event->data.mapping_start.tag);
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
    static const char others[] = { ' ', '\t', '\r', '\n', ']', '}' };
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
    if (events->flow_depth && ret->kind == SP_YAML_CLOSE && --events->flow_depth == 0)
        ret->is_unindented = goes_on_at_margin(events->marks.text, events->flow_begin, ret->offset);
}

static bool is_quoted(const yaml_event_t *event)
{
    return event->type == YAML_SCALAR_EVENT && (event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
                                                event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE);
}

bool sp_yaml_events_next(sp_yaml_events *events, sp_yaml_event *ret)
{
    yaml_event_delete(&events->event);
    if (!yaml_parser_parse(&events->parser, &events->event))
        return false;
    *ret = (sp_yaml_event){ .offset = sp_yaml_offset(&events->marks, events->event.start_mark.index) };
    take(events, ret);
    follow_flow(events, ret);
    if (is_quoted(&events->event))
        ret->is_unindented = goes_on_at_margin(events->marks.text, ret->offset,
                                               sp_yaml_offset(&events->marks, events->event.end_mark.index));
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
