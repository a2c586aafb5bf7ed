/* load.c - the stage as a whole, and the order of what it found. */
#include "load/loader.h"

/*
 * Sources were found level by level, so that a file loads at its shallowest depth. They go into the prompt in another
 * order: each import before the file that asks for it. Depth is bounded by the rule on hops, and so is the recursion.
 */
typedef struct ordering {
    const sp_loader *from;
    sp_docs *to;
    uint32_t *new_index;
    uint32_t *first_import; /* of each source, in the order of its text, or SP_NONE */
    uint32_t *next_import;  /* of the same importer */
} ordering;

static void link_imports(ordering *o)
{
    for (uint32_t i = 0; i < o->from->count; i++)
        o->first_import[i] = SP_NONE;
    for (uint32_t i = o->from->count; i-- > 0;) {
        uint32_t importer = o->from->sources[i].importer;
        if (importer == SP_NONE)
            continue;
        o->next_import[i] = o->first_import[importer];
        o->first_import[importer] = i;
    }
}

static void place(ordering *o, uint32_t index)
{
    for (uint32_t i = o->first_import[index]; i != SP_NONE; i = o->next_import[i])
        place(o, i);
    o->new_index[index] = o->to->count;
    o->to->sources[o->to->count] = o->from->sources[index];
    o->to->parsed[o->to->count] = o->from->parsed[index];
    o->to->count++;
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

static sp_status put_in_order(const sp_loader *loader, sp_docs *docs, sp_err *err)
{
    ordering o = { .from = loader, .to = docs };
    size_t room = (size_t)loader->count + 1;
    o.new_index = SP_ARENA_ARRAY(loader->arena, uint32_t, room);
    o.first_import = SP_ARENA_ARRAY(loader->arena, uint32_t, room);
    o.next_import = SP_ARENA_ARRAY(loader->arena, uint32_t, room);
    docs->sources = SP_ARENA_ARRAY(loader->arena, sp_source, room);
    docs->parsed = SP_ARENA_ARRAY(loader->arena, sp_parsed, room);
    if (!o.new_index || !o.first_import || !o.next_import || !docs->sources || !docs->parsed)
        return sp_err_memory(err);
    link_imports(&o);
    for (uint32_t i = 0; i < loader->count; i++)
        if (loader->sources[i].importer == SP_NONE && !loader->parsed[i].is_on_demand)
            place(&o, i);
    for (size_t i = 0; i < loader->on_demand.count; i++)
        place(&o, loader->on_demand.items[i]);
    for (uint32_t i = 0; i < docs->count; i++)
        docs->sources[i].importer = renumbered(&o, docs->sources[i].importer);
    docs->memory_source = renumbered(&o, docs->memory_source);
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

sp_status sp_load(sp_arena *arena, const sp_profile *profile, const sp_request *request, const sp_reader *reader,
                  sp_diags *diags, sp_docs *ret, sp_err *err)
{
    sp_loader loader = { .arena = arena, .profile = profile, .request = request, .reader = reader, .diags = diags };
    sp_docs docs = { .memory_source = SP_NONE };
    SP_TRY(sp_loader_init(&loader, err));
    SP_TRY(sp_load_texts(&loader, docs.texts, err));
    if (request->agent || request->agent_text.ptr) {
        SP_TRY(sp_load_agent(&loader, err));
        SP_TRY(sp_settings_note_hooks(&loader, loader.agent->name, err));
    }
    SP_TRY(sp_load_memory(&loader, &docs, err));
    SP_TRY(sp_load_environment(&loader, &docs, err));
    SP_TRY(sp_load_appended(&loader, err));
    SP_TRY(sp_load_client_config(&loader, err));
    SP_TRY(sp_load_chain(&loader, err));
    SP_TRY(sp_load_imports(&loader, 0, err));
    SP_TRY(sp_load_touched(&loader, err));
    SP_TRY(sp_load_bystanders(&loader, err));
    SP_TRY(sp_load_skills(&loader, err));
    if (request->finds_unread)
        SP_TRY(sp_load_unread(&loader, err));
    SP_TRY(sp_load_why(&loader, &docs, err));
    SP_TRY(put_in_order(&loader, &docs, err));
    docs.has_chain_bytes = loader.has_chain_bytes;
    docs.chain_bytes = loader.chain_bytes;
    *ret = docs;
    return SP_OK;
}
