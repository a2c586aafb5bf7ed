/* agents_read.c - what stands in the files of agents: read and judged each by itself, so by as many threads as are
 * lent. */
#include "base/types.h"
#include "clients/agents/agents.h"
#include "model/request.h"
#include "model/source.h"

#include <stdatomic.h>
#include <stdlib.h>

/* ---- one file ------------------------------------------------------------------------------------- */

/* A file of a plugin is called plugin:name, or plugin:folder:name; without a name in it, like the file. */
static sp_str scoped_name(sp_arena *arena, const sp_agent_place *place, const sp_found_agent *found)
{
    sp_str file = sp_path_base(found->path);
    sp_str name = found->listed.agent.name;
    sp_buf scoped = { 0 };
    sp_buf_add(&scoped, place->plugin);
    sp_buf_add_char(&scoped, ':');
    sp_str below = sp_path_below(sp_path_folder(found->path), place->folder);
    for (size_t i = 0; below.ptr != found->path.ptr && i < below.len; i++)
        sp_buf_add_char(&scoped, below.ptr[i] == '/' ? ':' : below.ptr[i]);
    if (below.ptr != found->path.ptr)
        sp_buf_add_char(&scoped, ':');
    sp_buf_add(&scoped, name.ptr                           ? name
                        : sp_str_ends(file, SP_STR(".md")) ? sp_str_slice(file, 0, file.len - 3)
                                                           : file);
    return sp_buf_move(&scoped, arena);
}

/* "sub/low" of sub/low.md in a directory of agents. */
static sp_str name_with_folder(const sp_agent_place *place, sp_str path)
{
    sp_str below = place->folder.ptr ? sp_path_below(path, place->folder) : path;
    bool is_text = sp_str_ends(below, SP_STR(".md"));
    return below.ptr == path.ptr ? sp_agent_file_name(path) : sp_str_slice(below, 0, below.len - (is_text ? 3 : 0));
}

/* What the rules make of a file that was read. */
static sp_status take_file(sp_arena *arena, const sp_place *here, const sp_agent_place *place, sp_found_agent *found,
                           sp_err *err)
{
    sp_front_matter_mode mode = sp_agent_mode(here);
    sp_str text = found->file.bytes;
    size_t begin;
    SP_TRY(sp_agent_read(arena, here->profile, here->request->models, found->listed.path, text, found->form, mode,
                         &found->diags, &found->listed.agent, &begin, err));
    found->listed.body = sp_str_slice(text, begin, text.len);
    if (!found->listed.agent.name.ptr && sp_rule_holds(here->profile, SP_RULE_AGENT_SUBDIRECTORY))
        found->listed.agent.name = name_with_folder(place, found->path);
    found->listed.name = found->listed.agent.name;
    sp_agents_judge(found);
    if (!place->plugin.ptr)
        return SP_OK;
    found->listed.name = scoped_name(arena, place, found);
    return found->listed.name.ptr ? SP_OK : sp_err_memory(err);
}

static sp_status read_file(sp_arena *arena, const sp_place *here, const sp_agent_place *place, sp_found_agent *found,
                           sp_err *err)
{
    sp_wanted wanted = { .path = found->path, .kind = SP_SOURCE_AGENT, .scope = place->scope, .importer = SP_NONE };
    SP_TRY(sp_place_read(arena, here, &wanted, &found->file, err));
    if (found->file.state != SP_FILE_READ)
        return sp_agents_skip(found, sp_agents_is_external(found) ? SP_RULE_LINK_EXTERNAL : SP_RULE_AGENT_UNREADABLE,
                              sp_agents_why_not_read(arena, here, found->path, &found->file), err);
    SP_TRY(take_file(arena, here, place, found, err));
    sp_str why;
    sp_rule_key rule = sp_place_leaves_out(here, place->scope, SP_SOURCE_AGENT, &why);
    return rule == SP_RULE_NONE ? SP_OK : sp_agents_skip(found, rule, why, err);
}

/* ---- many files: by as many threads as are lent ----------------------------------------------------- */

enum {
    FILES_AT_ONCE = 8,
    WORTH_THREADS_FILES = 32, /* about a millisecond's work; starting a thread takes a tenth of that */
};

/* What one thread made. */
struct share {
    struct share *next;
    sp_arena arena;
    sp_err err;
    sp_status status;
    size_t failed_at; /* the first file that could not be had, if status tells of one */
};

/* What the threads share. */
struct reading {
    sp_arena *arena; /* takes over those of the shares */
    const sp_place *here;
    const sp_agent_place *place;
    sp_found_agent *items;
    size_t count;
    atomic_size_t next;
    _Atomic(struct share *) shares;
    atomic_bool has_no_memory;
};

static void read_some(const struct reading *reading, struct share *share, size_t first)
{
    size_t end = first + FILES_AT_ONCE < reading->count ? first + FILES_AT_ONCE : reading->count;
    for (size_t i = first; i < end && share->status == SP_OK; i++) {
        reading->items[i].diags.arena = &share->arena;
        share->status = read_file(&share->arena, reading->here, reading->place, &reading->items[i], &share->err);
        share->failed_at = i;
    }
}

static void read_share(void *context)
{
    struct reading *reading = context;
    struct share *share = calloc(1, sizeof *share);
    if (!share) {
        atomic_store(&reading->has_no_memory, true);
        return;
    }
    while (share->status == SP_OK) {
        size_t first = atomic_fetch_add(&reading->next, FILES_AT_ONCE);
        if (first >= reading->count)
            break;
        read_some(reading, share, first);
    }
    share->next = atomic_load(&reading->shares);
    while (!atomic_compare_exchange_weak(&reading->shares, &share->next, share))
        ;
}

/* What all made is the loader's. Of several failures that of the first file is told, so that it is always the same. */
static sp_status gather(struct reading *reading, sp_err *err)
{
    sp_status status = reading->has_no_memory ? sp_err_memory(err) : SP_OK;
    size_t failed_at = SIZE_MAX;
    for (struct share *share = reading->shares, *next; share; share = next) {
        next = share->next;
        if (share->status != SP_OK && share->failed_at < failed_at) {
            status = share->status;
            *err = share->err;
            failed_at = share->failed_at;
        }
        sp_arena_adopt(reading->arena, &share->arena);
        free(share);
    }
    for (size_t i = 0; i < reading->count; i++)
        reading->items[i].diags.arena = reading->arena;
    return status;
}

sp_status sp_agents_read(sp_arena *arena, const sp_place *here, const sp_agent_place *place, sp_found_agent *items,
                         size_t count, sp_err *err)
{
    struct reading reading = { .arena = arena, .here = here, .place = place, .items = items, .count = count };
    const sp_threads *threads = here->request->threads;
    if (threads && count >= WORTH_THREADS_FILES && !here->request->revision) /* git answers one at a time */
        threads->run(threads->self, read_share, &reading);
    else
        read_share(&reading);
    return gather(&reading, err);
}
