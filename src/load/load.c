/* load.c - the stage as a whole, and the order of what it found. */
#include "base/types.h"
#include "clients/claude_code/memory.h"
#include "clients/claude_code/settings.h"
#include "clients/claude_code/skills.h"
#include "clients/plain/client_config.h"
#include "load/shared.h"
#include "load/steps.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/request.h"
#include "model/source.h"

/*
 * Sources were found in another order than that of the prompt: files that load on demand among the others, and imports
 * level by level without rule import.order. In the prompt files on demand come last, and imports next to the file that
 * asks for them: after it by that rule, else before it. The rule on hops bounds the recursion.
 */
typedef struct ordering {
    const sp_sources *from;
    bool is_importer_first; /* rule import.order */
    sp_docs *to;
    uint32_t *new_index;
    uint32_t *first_import; /* of each source, in the order of its text, or SP_NONE */
    uint32_t *next_import;  /* of the same importer */
} ordering;

static void link_imports(ordering *o)
{
    for (uint32_t i = 0; i < o->from->count; i++)
        o->first_import[i] = o->new_index[i] = SP_NONE;
    for (uint32_t i = o->from->count; i-- > 0;) {
        uint32_t importer = o->from->items[i].importer;
        if (importer == SP_NONE)
            continue;
        o->next_import[i] = o->first_import[importer];
        o->first_import[importer] = i;
    }
}

static bool is_placed(const ordering *o, uint32_t index)
{
    return o->new_index[index] != SP_NONE;
}

static void put(ordering *o, uint32_t index)
{
    if (is_placed(o, index))
        return;
    o->new_index[index] = o->to->count;
    o->to->sources[o->to->count] = o->from->items[index];
    o->to->count++;
}

static void place(ordering *o, uint32_t index)
{
    if (o->is_importer_first)
        put(o, index);
    for (uint32_t i = o->first_import[index]; i != SP_NONE; i = o->next_import[i])
        place(o, i);
    if (!o->is_importer_first)
        put(o, index);
}

/* The memory that comes after the instructions: the session's (rule memory.auto-place). */
static uint32_t late_memory(const sp_loader *loader, const sp_docs *docs)
{
    if (!sp_rule_holds(loader->here->profile, SP_RULE_MEMORY_AUTO_PLACE))
        return SP_NONE;
    return loader->agent ? docs->session_memory : docs->memory_source;
}

/* The files that a rule which waited imported at the start (rule import.of-waiting). */
static void place_imports_of_start(ordering *o, uint32_t rule, const sp_on_demand *on_demand)
{
    for (uint32_t i = o->first_import[rule]; i != SP_NONE && i < on_demand->first_new; i = o->next_import[i])
        place(o, i);
}

static void place_all(ordering *o, uint32_t late, const sp_on_demand *on_demand)
{
    bool is_late_placed = late == SP_NONE;
    for (uint32_t i = 0; i < o->from->count; i++) {
        const sp_source *source = &o->from->items[i];
        if (source->importer == SP_NONE && source->parsed->is_on_demand)
            place_imports_of_start(o, i, on_demand);
        if (source->importer != SP_NONE || source->parsed->is_on_demand || i == late)
            continue;
        if (!is_late_placed && source->kind == SP_SOURCE_SKILL) {
            place(o, late);
            is_late_placed = true;
        }
        place(o, i);
    }
    if (!is_late_placed)
        place(o, late);
    o->to->first_on_demand = o->to->count;
    for (size_t i = 0; i < on_demand->count; i++)
        place(o, on_demand->items[i]);
}

static uint32_t renumbered(const ordering *o, uint32_t index)
{
    return index == SP_NONE ? SP_NONE : o->new_index[index];
}

static void renumber_why(const ordering *o, sp_why *why)
{
    why->source = renumbered(o, why->source);
    for (size_t i = 0; i < why->import_count; i++)
        why->imports[i].source = renumbered(o, why->imports[i].source);
}

static sp_status make_room(ordering *o, sp_arena *arena, sp_err *err)
{
    size_t room = (size_t)o->from->count + 1;
    o->new_index = SP_ARENA_ARRAY(arena, uint32_t, room);
    o->first_import = SP_ARENA_ARRAY(arena, uint32_t, room);
    o->next_import = SP_ARENA_ARRAY(arena, uint32_t, room);
    o->to->sources = SP_ARENA_ARRAY(arena, sp_source, room);
    return o->new_index && o->first_import && o->next_import && o->to->sources ? SP_OK : sp_err_memory(err);
}

static sp_status put_in_order(const sp_loader *loader, const sp_on_demand *on_demand, sp_docs *docs, sp_err *err)
{
    const sp_sources *from = &loader->sources;
    ordering o = { .from = from, .to = docs };
    o.is_importer_first = sp_rule_holds(loader->here->profile, SP_RULE_IMPORT_ORDER);
    SP_TRY(make_room(&o, loader->arena, err));
    link_imports(&o);
    place_all(&o, late_memory(loader, docs), on_demand);
    for (uint32_t i = 0; i < docs->count; i++)
        docs->sources[i].importer = renumbered(&o, docs->sources[i].importer);
    docs->memory_source = renumbered(&o, docs->memory_source);
    docs->session_memory = renumbered(&o, docs->session_memory);
    if (docs->why)
        renumber_why(&o, docs->why);
    docs->agent = loader->agent;
    docs->agent_source = SP_NONE;
    if (loader->agent) {
        docs->agent->source = renumbered(&o, docs->agent->source);
        docs->agent_source = docs->agent->source;
    }
    return SP_OK;
}

/* The instructions with their imports, those that touched files ask for, and the files beside them. */
static sp_status load_chain(sp_loader *loader, sp_docs *docs, sp_on_demand *on_demand, sp_err *err)
{
    sp_bystanders beside = { 0 };
    SP_TRY(sp_load_chain(loader, &beside, err));
    if (!loader->here->request->instruction_files)
        SP_TRY(sp_load_configured(loader, err));
    SP_TRY(sp_load_imports(loader, 0, err));
    on_demand->first_new = loader->sources.count;
    SP_TRY(sp_load_touched(loader, &beside, docs, on_demand, err));
    SP_TRY(sp_load_settle_imports(loader, err));
    return sp_load_bystanders(loader, &beside, err);
}

static sp_status load_before_chain(sp_loader *loader, sp_docs *docs, sp_err *err)
{
    if (loader->agent)
        SP_TRY(sp_settings_note_hooks(loader, loader->agent->name, err));
    SP_TRY(sp_load_memory(loader, docs, err));
    SP_TRY(sp_load_environment(loader, docs, err));
    return sp_load_appended(loader, err);
}

static sp_status finish(const sp_loader *loader, const sp_on_demand *on_demand, sp_docs *docs, sp_err *err)
{
    const sp_setting_text *session = &loader->here->settings.model;
    docs->has_chain_bytes = loader->setup->has_chain_bytes;
    docs->chain_bytes = loader->setup->chain_bytes;
    docs->model = loader->agent ? loader->agent->model_resolved : session->text;
    docs->model_reason = loader->agent ? loader->agent->model_reason : session->by;
    docs->is_as_session = loader->agent && loader->here->request->as_session;
    docs->is_chain_last = docs->wording && sp_learned_chain_is_last(loader);
    if (docs->is_as_session && loader->agent->initial_prompt.len)
        docs->first_turn = loader->agent->initial_prompt;
    return put_in_order(loader, on_demand, docs, err);
}

/* The agent whose prompt a session has, where the client has such a thing. NULL: there is none. */
static sp_status find_session_agent(sp_loader *loader, const sp_found_agent **ret, sp_err *err)
{
    sp_diags unsaid = { .arena = loader->arena };
    sp_loader silent = *loader;
    sp_str configured = loader->setup->session_agent;
    sp_str name = configured.ptr ? configured : sp_str_of(loader->here->profile->client->session_agent);
    sp_found_agents found;
    silent.diags = &unsaid;
    *ret = NULL;
    SP_TRY(sp_agents_find(&silent, &found, err));
    for (size_t i = 0; i < found.count && !*ret; i++) {
        const sp_listed_agent *listed = &found.items[i].listed;
        if (listed->status == SP_AGENT_LOADS && sp_str_eq(listed->name, name) && sp_str_trim(listed->body).len)
            *ret = found.items + i;
    }
    return SP_OK;
}

static sp_status load_session_agent(sp_loader *loader, sp_err *err)
{
    const sp_request *request = loader->here->request;
    const sp_found_agent *agent;
    uint32_t index;
    if (!loader->here->profile->client->session_agent || request->agent || request->agent_text.ptr)
        return SP_OK;
    SP_TRY(find_session_agent(loader, &agent, err));
    if (!agent)
        return SP_OK;
    bool is_text = agent->form == SP_AGENT_JSON;
    sp_wanted wanted = { .path = agent->path,
                         .kind = SP_SOURCE_APPENDED,
                         .scope = agent->listed.scope,
                         .reason = "session agent",
                         .importer = SP_NONE };
    sp_file file = agent->file;
    if (is_text)
        file = (sp_file){ .state = SP_FILE_READ,
                          .what = "text",
                          .bytes = agent->listed.body,
                          .real_path = agent->path,
                          .size_bytes = agent->listed.body.len,
                          .device = UINT64_MAX,
                          .inode = UINT64_MAX };
    SP_TRY(sp_loader_add(loader, &wanted, &file, &index, err));
    sp_source *source = &loader->sources.items[index];
    size_t front = source->bytes.len - agent->listed.body.len;
    while (front < source->bytes.len && source->bytes.ptr[front] == '\n')
        front++;
    if (!is_text && front > source->content_begin) {
        source->content_begin = front;
        source->parsed->front_rule = SP_RULE_AGENT_FRONT_MATTER;
    }
    return SP_OK;
}

/* Everything of one request, which shared is made for. */
static sp_status load_all(sp_shared *shared, sp_arena *arena, const sp_load_pass *passes, sp_diags *diags, sp_err *err)
{
    const sp_request *request = shared->here->request;
    sp_docs *docs = &shared->docs;
    sp_loader loader = sp_shared_loader(shared, arena, diags);
    sp_on_demand on_demand = { 0 };
    *docs = (sp_docs){ .memory_source = SP_NONE, .session_memory = SP_NONE };
    SP_TRY(sp_load_texts(&loader, docs->texts, err));
    if (sp_wants_learned(request))
        SP_TRY(sp_load_learned(&loader, docs, err));
    if (request->agent || request->agent_text.ptr)
        SP_TRY(sp_load_agent(&loader, err));
    SP_TRY(load_before_chain(&loader, docs, err));
    SP_TRY(sp_load_client_config(arena, shared->here, diags, &shared->setup, err));
    SP_TRY(load_session_agent(&loader, err));
    SP_TRY(load_chain(&loader, docs, &on_demand, err));
    SP_TRY(sp_load_skills(&loader, err));
    SP_TRY(sp_load_output_style(&loader, err));
    for (; passes && *passes; passes++)
        SP_TRY((*passes)(&loader, docs, err));
    return finish(&loader, &on_demand, docs, err);
}

/* ---- many prompts that are started in one place -------------------------------------------------------- */

sp_loader sp_shared_loader(const sp_shared *shared, sp_arena *arena, sp_diags *diags)
{
    return (sp_loader){
        .arena = arena,
        .diags = diags,
        .here = shared->here,
        .setup = &shared->setup,
        .next = sp_load_imports_at_once,
    };
}

sp_status sp_load_shared(sp_arena *arena, const sp_place *here, const sp_load_pass *passes, sp_diags *diags,
                         sp_shared *ret, sp_err *err)
{
    *ret = (sp_shared){ .here = here };
    return load_all(ret, arena, passes, diags, err);
}

/* The sources of the shared chain behind those that the agent has for itself. */
static sp_status append_chain(sp_arena *arena, const sp_docs *shared, sp_docs *docs, sp_err *err)
{
    size_t room = (size_t)docs->count + shared->count + 1;
    sp_source *sources = SP_ARENA_ARRAY(arena, sp_source, room);
    uint32_t *moved = SP_ARENA_ARRAY(arena, uint32_t, room);
    if (!sources || !moved)
        return sp_err_memory(err);
    memcpy(sources, docs->sources, docs->count * sizeof *sources);
    uint32_t first = docs->count;
    for (uint32_t i = 0; i < shared->count; i++) {
        if (i == shared->first_on_demand)
            docs->first_on_demand = docs->count;
        if (!sp_is_of_chain(shared->sources[i].kind))
            continue;
        moved[i] = docs->count;
        sources[docs->count] = shared->sources[i];
        sources[docs->count++].tokens = 0; /* which somebody may have counted there */
    }
    for (uint32_t i = first; i < docs->count; i++)
        if (sources[i].importer != SP_NONE)
            sources[i].importer = moved[sources[i].importer];
    if (shared->first_on_demand >= shared->count)
        docs->first_on_demand = docs->count;
    docs->sources = sources;
    return SP_OK;
}

sp_status sp_load_with_agent(const sp_shared *shared, sp_arena *arena, const sp_found_agent *found, sp_diags *diags,
                             sp_docs *ret, sp_err *err)
{
    sp_loader loader = sp_shared_loader(shared, arena, diags);
    sp_on_demand on_demand = { 0 };
    *ret = (sp_docs){ .memory_source = SP_NONE, .session_memory = SP_NONE };
    memcpy(ret->texts, shared->docs.texts, sizeof ret->texts);
    ret->wording = shared->docs.wording;
    ret->wording_place = shared->docs.wording_place;
    SP_TRY(sp_load_found_agent(&loader, found, err));
    SP_TRY(load_before_chain(&loader, ret, err));
    bool has_own_chain = sp_loader_omits_instructions(&loader);
    if (has_own_chain)
        SP_TRY(load_chain(&loader, ret, &on_demand, err));
    SP_TRY(sp_load_skills(&loader, err));
    SP_TRY(finish(&loader, &on_demand, ret, err));
    return has_own_chain ? SP_OK : append_chain(arena, &shared->docs, ret, err);
}
