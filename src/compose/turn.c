/*
 * turn.c - the first turn of a session that is started as an agent: initialPrompt of its front matter (rule
 * agent.as-session).
 *
 * The lines of a plain value, and of a block, are in the file as they are sent, so they are slices of it: what they
 * cost is told by file and line. A value that is written otherwise (folded, or with escapes) is a text of our own in
 * the front matter's place.
 */
#include "base/types.h"
#include "compose/composer.h"
#include "model/source.h"

/* How far a value was found in front matter. */
typedef struct turn {
    sp_str front;
    size_t at; /* in it */
    sp_str value;
    size_t value_at;
} turn;

/* Front matter up to the field's value; false: there is no such field, as in JSON. */
static bool begin_turn(const sp_composer *composer, turn *ret)
{
    const sp_docs *docs = composer->docs;
    const sp_str key = SP_STR("\ninitialPrompt:");
    const sp_source *source = &docs->sources[docs->agent_source];
    *ret = (turn){ .front = sp_str_slice(source->bytes, 0, source->content_begin), .value = docs->first_turn };
    size_t at = sp_str_find(ret->front, key, 0);
    ret->at = at + key.len;
    return at != SIZE_MAX;
}

/* Whether nothing but indentation, or what introduces a value, is between two offsets. */
static bool is_between(const turn *t, size_t end)
{
    const char *allowed = t->value_at == 0 ? " \t\r\n'\"|>+-0123456789" : " \t\r\n";
    for (size_t i = t->at; i < end; i++)
        if (t->front.ptr[i] == '\0' || !strchr(allowed, t->front.ptr[i]))
            return false;
    return true;
}

/* The next line of the value; false: the front matter has it otherwise. */
static bool next_line(turn *t, sp_span *ret)
{
    size_t end = sp_str_find(t->value, SP_STR("\n"), t->value_at);
    end = end == SIZE_MAX ? t->value.len : end + 1;
    sp_str line = sp_str_slice(t->value, t->value_at, end);
    size_t found = sp_str_find(t->front, line, t->at);
    if (found == SIZE_MAX || !is_between(t, found))
        return false;
    *ret = (sp_span){ found, found + line.len };
    t->at = ret->end;
    t->value_at = end;
    return true;
}

/* Whether all lines of the first turn are in the file as they are sent. */
static bool is_in_file(const sp_composer *composer)
{
    turn t;
    sp_span line;
    bool is_found = begin_turn(composer, &t);
    while (is_found && t.value_at < t.value.len)
        is_found = next_line(&t, &line);
    return is_found;
}

sp_status sp_compose_cut_agent_front(sp_composer *composer, sp_err *err)
{
    const sp_docs *docs = composer->docs;
    const sp_str why = SP_STR("front matter is not part of the prompt");
    uint32_t agent = docs->agent_source;
    sp_rule_key rule = docs->sources[agent].parsed->front_rule;
    size_t begin = 0;
    turn t;
    sp_span line;
    if (!docs->first_turn.ptr || !is_in_file(composer) || !begin_turn(composer, &t))
        return sp_compose_cut_front(composer, agent, err);
    for (; t.value_at < t.value.len && next_line(&t, &line); begin = line.end)
        SP_TRY(sp_compose_cut(composer, agent, begin, line.begin, rule, why, err));
    return sp_compose_cut(composer, agent, begin, t.front.len, rule, why, err);
}

sp_status sp_compose_first_turn(sp_composer *composer, sp_err *err)
{
    const sp_docs *docs = composer->docs;
    turn t;
    sp_span line;
    if (!docs->first_turn.ptr || composer->role != SP_ROLE_USER)
        return SP_OK;
    SP_TRY(sp_compose_gap(composer, err));
    if (!is_in_file(composer) || !begin_turn(composer, &t))
        return sp_compose_marker(composer, docs->agent_source, 0, docs->first_turn, err);
    while (t.value_at < t.value.len && next_line(&t, &line))
        SP_TRY(sp_compose_slice(composer, docs->agent_source, SP_SEGMENT_APPENDED, line.begin, line.end, err));
    return SP_OK;
}
