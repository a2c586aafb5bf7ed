/* compose.c - the order of the prompt: body, memory, environment, appended text; instructions, skills. */
#include "compose/compose.h"
#include "base/types.h"
#include "compose/composer.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/request.h"
#include "model/source.h"
#include "sources/client.h"

/* What was found and not loaded: a cut as large as the file. */
static sp_status cut_skipped(sp_composer *composer, sp_err *err)
{
    for (uint32_t i = 0; i < composer->docs->count; i++) {
        const sp_source *source = &composer->docs->sources[i];
        const sp_parsed *parsed = composer->docs->sources[i].parsed;
        if (source->is_loaded)
            continue;
        sp_cut *cut = SP_LIST_PUSH(composer->arena, &composer->cuts);
        if (!cut)
            return sp_err_memory(err);
        *cut = (sp_cut){
            .source = i,
            .end = source->was_read  ? source->bytes.len
                   : parsed->is_twin ? 0
                                     : (size_t)source->size_bytes,
            .tokens_known = parsed->is_twin,
            .rule = parsed->skip_rule,
            .why = parsed->skip_why,
        };
        if (source->was_read && source->bytes.len) {
            cut->first_line = 1;
            cut->last_line = sp_position_of(source->bytes, source->bytes.len - 1).line;
        }
    }
    return SP_OK;
}

/* The memory of a main session is context, like its instructions; an agent's is a part of its system prompt. */
static sp_role memory_role(const sp_docs *docs)
{
    return docs->agent ? SP_ROLE_SYSTEM : SP_ROLE_USER;
}

static sp_role chain_role(const sp_profile *profile)
{
    return sp_rule_holds(profile, SP_RULE_CHAIN_SYSTEM) ? SP_ROLE_SYSTEM : SP_ROLE_USER;
}

/* The instructions that load at the start and the session's memory, in the order of the profile. */
static sp_status add_context(sp_composer *composer, sp_err *err)
{
    bool is_memory_last = sp_rule_holds(composer->profile, SP_RULE_MEMORY_AUTO_PLACE);
    bool is_session = memory_role(composer->docs) == SP_ROLE_USER;
    if (is_session && !is_memory_last)
        SP_TRY(sp_compose_memory(composer, err));
    SP_TRY(sp_compose_instructions(composer, false, err));
    if (is_session && is_memory_last)
        SP_TRY(sp_compose_memory(composer, err));
    return is_session ? SP_OK : sp_compose_session_memory(composer, err);
}

static sp_status add_all(sp_composer *composer, sp_err *err)
{
    bool is_split = composer->layout == SP_LAYOUT_SPLIT;
    composer->role = SP_ROLE_SYSTEM;
    bool is_later_users =
        chain_role(composer->profile) == SP_ROLE_USER || composer->profile->client->sends_later_as_user;
    bool is_body_last = sp_rule_holds(composer->profile, SP_RULE_AGENT_PLACE);
    if (composer->docs->agent && !is_body_last)
        SP_TRY(sp_compose_body(composer, err));
    if (memory_role(composer->docs) == SP_ROLE_SYSTEM)
        SP_TRY(sp_compose_memory(composer, err));
    SP_TRY(sp_learned_leave(composer, err));
    SP_TRY(sp_compose_environment(composer, err));
    SP_TRY(sp_compose_instructions(composer, false, err));
    SP_TRY(sp_compose_rules_table(composer, err));
    if (composer->docs->agent && is_body_last) {
        SP_TRY(sp_compose_gap(composer, err));
        SP_TRY(sp_compose_body(composer, err));
    }
    SP_TRY(sp_compose_instructions(composer, true, err));
    SP_TRY(sp_learned_leave(composer, err));
    if (is_split)
        SP_TRY(sp_compose_end_message(composer, SP_ROLE_SYSTEM, err));
    composer->role = SP_ROLE_USER;
    if (chain_role(composer->profile) == SP_ROLE_USER)
        SP_TRY(add_context(composer, err));
    SP_TRY(sp_learned_leave(composer, err));
    SP_TRY(sp_compose_skills(composer, err));
    if (is_later_users)
        SP_TRY(sp_compose_instructions(composer, true, err));
    SP_TRY(sp_learned_leave(composer, err));
    SP_TRY(cut_skipped(composer, err));
    return sp_compose_end_message(composer, is_split ? SP_ROLE_USER : SP_ROLE_SYSTEM, err);
}

/* Whether something of the file that was asked about, or of its line, is in a segment. */
static bool is_in_prompt(const sp_prompt *prompt, const sp_why *why)
{
    for (size_t i = 0; i < prompt->segment_count; i++) {
        const sp_segment *segment = &prompt->segments[i];
        bool holds_line = segment->first_line <= why->line && why->line <= segment->last_line;
        if (segment->source == why->source && why->source != SP_NONE && (why->line == 0 || holds_line))
            return true;
    }
    return false;
}

/* Sources of many blocks get room for all of their segments at once. */
static sp_status make_room(sp_composer *composer, sp_err *err)
{
    enum { MANY = 4096 };
    const sp_docs *docs = composer->docs;
    size_t count = 0;
    for (uint32_t i = 0; i < docs->count; i++)
        count += docs->sources[i].is_loaded ? docs->sources[i].block_count : 0;
    return count < MANY || SP_LIST_RESERVE(composer->arena, &composer->segments, count + count / 8)
               ? SP_OK
               : sp_err_memory(err);
}

sp_status sp_compose(sp_arena *arena, const sp_profile *profile, sp_layout layout, const sp_docs *docs, sp_diags *diags,
                     sp_prompt *prompt, sp_err *err)
{
    sp_composer composer = { .arena = arena,
                             .profile = profile,
                             .docs = docs,
                             .diags = diags,
                             .prompt = prompt,
                             .layout = layout,
                             .frame = SP_NONE,
                             .memory_source = docs->memory_source };
    prompt->messages = SP_ARENA_ARRAY(arena, sp_message, 2 + (docs->wording ? (size_t)docs->count + 1 : 0));
    if (!prompt->messages)
        return sp_err_memory(err);
    SP_TRY(make_room(&composer, err));
    SP_TRY(add_all(&composer, err));
    if (docs->wording)
        prompt->templates = sp_str_format(arena, "%.*s@%.*s %s", SP_STR_ARG(docs->wording->client),
                                          SP_STR_ARG(docs->wording->version), docs->wording->sha256);
    if (docs->wording && !prompt->templates.ptr)
        return sp_err_memory(err);
    prompt->agent = docs->agent;
    prompt->model = prompt->own_model = docs->model;
    prompt->own_model_reason = docs->model_reason;
    prompt->sources = docs->sources;
    prompt->source_count = docs->count;
    prompt->segments = composer.segments.items;
    prompt->segment_count = composer.segments.count;
    prompt->cuts = composer.cuts.items;
    prompt->cut_count = composer.cuts.count;
    if (docs->why)
        docs->why->is_in_prompt = is_in_prompt(prompt, docs->why);
    prompt->why = docs->why;
    return SP_OK;
}
