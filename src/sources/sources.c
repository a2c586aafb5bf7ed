#include "sources/sources.h"

#include "base/types.h"

/* One file that one importer asked for, as the key of sources->asked. No padding: it is compared byte by byte. */
typedef struct asked_key {
    uint64_t device;
    uint64_t inode;
    uint64_t importer;
} asked_key;

bool sp_sources_was_asked(const sp_sources *sources, uint32_t importer, uint64_t device, uint64_t inode)
{
    asked_key key = { device, inode, importer };
    return sp_map_find(&sources->asked, (sp_str){ (const char *)&key, sizeof key }) != SP_NONE;
}

sp_status sp_sources_ask(sp_arena *arena, sp_sources *sources, uint32_t importer, const sp_file *file, bool *ret_again,
                         sp_err *err)
{
    asked_key key = { file->device, file->inode, importer };
    *ret_again = sp_sources_was_asked(sources, importer, file->device, file->inode);
    if (*ret_again)
        return SP_OK;
    sp_str kept = sp_str_dup(arena, (sp_str){ (const char *)&key, sizeof key });
    uint32_t *slot = kept.ptr ? sp_map_slot(arena, &sources->asked, kept) : NULL;
    if (!slot)
        return sp_err_memory(err);
    *slot = 0;
    return SP_OK;
}

static uint32_t *slot_of(const sp_sources *sources, uint64_t device, uint64_t inode)
{
    size_t mask = sources->identity_slots - 1;
    size_t at = (size_t)((inode ^ device << 32) * 0x9E3779B97F4A7C15u >> 20) & mask;
    for (;; at = (at + 1) & mask) {
        uint32_t *slot = &sources->by_identity[at];
        const sp_parsed *parsed = *slot ? sources->items[*slot - 1].parsed : NULL;
        if (!parsed || (parsed->device == device && parsed->inode == inode))
            return slot;
    }
}

uint32_t sp_sources_find_any(const sp_sources *sources, uint64_t device, uint64_t inode)
{
    uint32_t index = sources->identity_slots ? *slot_of(sources, device, inode) : 0;
    return index ? index - 1 : SP_NONE;
}

uint32_t sp_sources_find(const sp_sources *sources, const sp_file *file)
{
    uint32_t index = sp_sources_find_any(sources, file->device, file->inode);
    return index != SP_NONE && sources->items[index].is_loaded ? index : SP_NONE;
}

/* Half of the slots stay free. The agent, its memory and its skills are not remembered: they are sent in parts, so that
 * an instruction file that is the same still loads. */
bool sp_sources_remember(sp_arena *arena, sp_sources *sources, uint32_t index)
{
    const sp_parsed *parsed = sources->items[index].parsed;
    if (!sp_is_of_chain(sources->items[index].kind))
        return true;
    if ((size_t)index * 2 >= sources->identity_slots) {
        sources->identity_slots = sources->identity_slots ? sources->identity_slots * 4 : 64;
        sources->by_identity = SP_ARENA_ARRAY(arena, uint32_t, sources->identity_slots);
        if (!sources->by_identity)
            return false;
        for (uint32_t i = 0; i < index; i++)
            if (!sp_sources_remember(arena, sources, i))
                return false;
    }
    uint32_t *slot = slot_of(sources, parsed->device, parsed->inode);
    if (*slot == 0 || !sources->items[*slot - 1].is_loaded)
        *slot = index + 1;
    return true;
}

sp_status sp_sources_add(sp_arena *arena, sp_sources *sources, const sp_source *source, const sp_parsed *parsed,
                         uint32_t *ret_index, sp_err *err)
{
    sp_parsed *kept = SP_ARENA_NEW(arena, sp_parsed);
    if (!kept ||
        !sp_list_grow(arena, (void **)&sources->items, sources->count, &sources->capacity, sizeof *sources->items))
        return sp_err_memory(err);
    *kept = *parsed;
    sources->items[sources->count] = *source;
    sources->items[sources->count].parsed = kept;
    if (!sp_sources_remember(arena, sources, sources->count))
        return sp_err_memory(err);
    *ret_index = sources->count++;
    return SP_OK;
}

sp_str sp_sources_importer_name(sp_arena *arena, const sp_sources *sources, uint32_t index)
{
    const sp_source *source = &sources->items[index];
    if (source->importer == SP_NONE)
        return SP_STR("");
    return sp_str_format(arena, "%.*s:%u", SP_STR_ARG(sources->items[source->importer].path), source->importer_line);
}
