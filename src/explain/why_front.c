/*
 * why_front.c - the readings of a file's front matter, beside one another.
 *
 * The client reads it as YAML, and once more with quotes around values where that fails. This program reads it in the
 * same two ways, and then line by line, for its messages. Where the last is all that reads a field, the client has
 * none.
 */
#include "clients/agents/agents.h"
#include "explain/why.h"
#include "model/prompt.h"
#include "model/source.h"
#include "syntax/front_matter.h"

/* The rule by which the client reads that kind of file a second time; SP_RULE_NONE: it never does. */
static sp_rule_key second_reading_of(const sp_profile *profile, sp_source_kind kind)
{
    switch (kind) {
    case SP_SOURCE_AGENT:
        return SP_RULE_FM_SECOND_READING;
    case SP_SOURCE_RULE:
        return SP_RULE_RULE_RECOVERED;
    case SP_SOURCE_SKILL:
        return sp_rule_holds(profile, SP_RULE_SKILL_SECOND_READING) ? SP_RULE_SKILL_SECOND_READING
                                                                    : SP_RULE_SKILL_RECOVERED;
    default:
        return SP_RULE_NONE;
    }
}

/* Whether front matter of that kind of file is looked for: where it is not read, it is not sent either. */
static bool has_front_matter(const sp_profile *profile, sp_source_kind kind)
{
    switch (kind) {
    case SP_SOURCE_AGENT:
    case SP_SOURCE_RULE:
        return true;
    case SP_SOURCE_SKILL:
        return sp_rule_holds(profile, SP_RULE_SKILL_FRONT_MATTER);
    case SP_SOURCE_INSTRUCTIONS:
    case SP_SOURCE_IMPORT:
        return sp_rule_holds(profile, SP_RULE_CHAIN_FRONT_MATTER);
    case SP_SOURCE_MEMORY:
        return sp_rule_holds(profile, SP_RULE_MEMORY_FRONT_MATTER);
    case SP_SOURCE_APPENDED:
        return sp_rule_holds(profile, SP_RULE_SETTINGS_OUTPUT_STYLE);
    default:
        return false;
    }
}

/* How front matter of that kind of file is read here. */
static sp_front_matter_mode mode_of(const sp_loader *loader, sp_source_kind kind, bool has_second)
{
    if (kind == SP_SOURCE_AGENT)
        return sp_agent_mode(loader->here);
    if (kind == SP_SOURCE_SKILL && has_second)
        return sp_rule_holds(loader->here->profile, SP_RULE_SKILL_SECOND_READING) ? SP_FRONT_MATTER_QUOTE
                                                                                  : SP_FRONT_MATTER_RECOVER;
    if (kind != SP_SOURCE_RULE)
        return SP_FRONT_MATTER_STRICT_ONLY;
    if (has_second)
        return SP_FRONT_MATTER_QUOTE;
    return sp_rule_holds(loader->here->profile, SP_RULE_RULE_INVALID) ? SP_FRONT_MATTER_STRICT_ONLY
                                                                      : SP_FRONT_MATTER_RECOVER;
}

static sp_status show(sp_arena *arena, sp_str text, const sp_front_reading *reading, sp_why_reading *ret, sp_err *err)
{
    sp_str *keys = SP_ARENA_ARRAY(arena, sp_str, reading->field_count + 1);
    if (!keys)
        return sp_err_memory(err);
    for (size_t i = 0; i < reading->field_count; i++)
        keys[i] = reading->fields[i].key;
    *ret = (sp_why_reading){
        .is_tried = reading->is_tried,
        .is_read = reading->is_read,
        .keys = { keys, reading->field_count },
        .problem = reading->problem,
        .line = reading->problem.ptr ? sp_position_of(text, reading->problem_offset).line : 0,
    };
    return SP_OK;
}

static const sp_field *find(const sp_front_reading *reading, sp_str key)
{
    for (size_t i = 0; i < reading->field_count; i++)
        if (sp_str_eq(reading->fields[i].key, key))
            return &reading->fields[i];
    return NULL;
}

static bool is_same(const sp_field *a, const sp_field *b)
{
    bool is_equal = a->kind == b->kind && a->items.count == b->items.count;
    if (is_equal && a->kind == SP_VALUE_SCALAR)
        is_equal = sp_str_eq(a->value, b->value);
    for (size_t i = 0; is_equal && i < a->items.count; i++)
        is_equal = sp_str_eq(a->items.items[i], b->items.items[i]);
    return is_equal;
}

static void add_difference(sp_why_front *front, sp_str text, const sp_field *field)
{
    front->differences[front->difference_count++] =
        (sp_why_difference){ field->key, sp_position_of(text, field->key_offset).line };
}

static sp_status compare(sp_arena *arena, sp_str text, const sp_front_reading *client, const sp_front_reading *ours,
                         sp_why_front *front, sp_err *err)
{
    front->differences = SP_ARENA_ARRAY(arena, sp_why_difference, client->field_count + ours->field_count + 1);
    if (!front->differences)
        return sp_err_memory(err);
    for (size_t i = 0; i < ours->field_count; i++) {
        const sp_field *theirs = find(client, ours->fields[i].key);
        if (!theirs || !is_same(theirs, &ours->fields[i]))
            add_difference(front, text, &ours->fields[i]);
    }
    for (size_t i = 0; i < client->field_count; i++)
        if (!find(ours, client->fields[i].key))
            add_difference(front, text, &client->fields[i]);
    return SP_OK;
}

sp_status sp_why_read_front(sp_loader *loader, sp_source_kind kind, sp_str text, sp_why *why, sp_err *err)
{
    const sp_profile *profile = loader->here->profile;
    sp_diags unsaid = { .arena = loader->arena };
    sp_front_readings readings;
    sp_front_matter read;
    sp_rule_key second = second_reading_of(profile, kind);
    bool has_second = second != SP_RULE_NONE && sp_rule_holds(profile, second);
    if (!text.ptr || !has_front_matter(profile, kind))
        return SP_OK;
    SP_TRY(sp_front_matter_readings(loader->arena, profile, text, has_second, &readings, err));
    if (!readings.has_front_matter || !readings.first.is_tried)
        return SP_OK;
    SP_TRY(sp_front_matter_read(loader->arena, profile, why->path, text, mode_of(loader, kind, has_second), &unsaid,
                                &read, err));
    if (why->line && why->line >= sp_position_of(text, read.body_begin).line)
        return SP_OK; /* the line is not in it */
    why->front = SP_ARENA_NEW(loader->arena, sp_why_front);
    if (!why->front)
        return sp_err_memory(err);
    sp_front_reading ours = {
        .is_tried = true,
        .is_read = read.state != SP_FRONT_MATTER_NONE,
        .fields = read.fields,
        .field_count = read.field_count,
    };
    SP_TRY(show(loader->arena, text, &readings.first, &why->front->first, err));
    SP_TRY(show(loader->arena, text, &readings.second, &why->front->second, err));
    SP_TRY(show(loader->arena, text, &ours, &why->front->ours, err));
    return compare(loader->arena, text, readings.first.is_read ? &readings.first : &readings.second, &ours, why->front,
                   err);
}
