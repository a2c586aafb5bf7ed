/*
 * fuzz_front_matter.c - agent files of any bytes, in each mode.
 *
 * Besides not crashing: offsets lie inside the file, keys are unique, a list has a place for every item, and text
 * without a diagnostic was not recovered.
 */
#include "base/types.h"
#include "clients/agents/agent.h"
#include "model/agent.h"
#include "model/profile.h"

#include <stdint.h>
#include <stdlib.h>

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void check_field(const sp_front_matter *front_matter, size_t index, size_t size)
{
    const sp_field *field = &front_matter->fields[index];
    demand(field->key_offset >= 4 && field->key_offset < front_matter->body_begin);
    demand(field->value_offset >= 4 && field->value_offset <= front_matter->body_begin);
    demand(front_matter->body_begin <= size);
    for (size_t i = 0; i < field->items.count; i++)
        demand(field->item_offsets[i] < front_matter->body_begin);
    for (size_t i = 0; i < index; i++)
        demand(!sp_str_eq(front_matter->fields[i].key, field->key));
}

static void check_front_matter(const sp_profile *profile, sp_str text, sp_front_matter_mode mode)
{
    sp_arena arena = { 0 };
    sp_diags diags = { .arena = &arena };
    sp_front_matter front_matter;
    sp_err err;
    sp_status status =
        sp_front_matter_read(&arena, profile, SP_STR("fuzz.md"), text, mode, &diags, &front_matter, &err);
    demand(status == SP_OK);
    demand(front_matter.body_begin <= text.len);
    demand(front_matter.state != SP_FRONT_MATTER_RECOVERED || mode != SP_FRONT_MATTER_STRICT_ONLY);
    demand(front_matter.state != SP_FRONT_MATTER_RECOVERED || diags.count > 0);
    demand(front_matter.state != SP_FRONT_MATTER_NONE || front_matter.field_count == 0);
    for (size_t i = 0; i < front_matter.field_count; i++)
        check_field(&front_matter, i, text.len);
    sp_arena_release(&arena);
}

static void check_agent(const sp_profile *profile, sp_str text, sp_front_matter_mode mode)
{
    sp_arena arena = { 0 };
    sp_diags diags = { .arena = &arena };
    sp_agent agent;
    sp_err err;
    size_t body;
    sp_status status =
        sp_agent_read(&arena, profile, NULL, SP_STR("fuzz.md"), text, SP_AGENT_FILE, mode, &diags, &agent, &body, &err);
    demand(status == SP_OK && body <= text.len);
    for (size_t i = 0; i < diags.count; i++)
        demand(diags.items[i].line > 0 && diags.items[i].message.len > 0);
    sp_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sp_str text = { size ? (const char *)data : "", size };
    static const char *const names[] = { "claude-code", "claude-code:documented@2.1.83", "gemini", "opencode" };
    for (size_t i = 0; i < SP_COUNT_OF(names); i++) {
        sp_profile profile;
        sp_err err;
        demand(sp_profile_init(&profile, sp_str_of(names[i]), &err) == SP_OK);
        check_front_matter(&profile, text, SP_FRONT_MATTER_RECOVER);
        check_front_matter(&profile, text, SP_FRONT_MATTER_STRICT_ONLY);
        check_front_matter(&profile, text, SP_FRONT_MATTER_QUOTE);
        check_agent(&profile, text, SP_FRONT_MATTER_RECOVER);
        check_agent(&profile, text, SP_FRONT_MATTER_STRICT_ONLY);
    }
    return 0;
}
