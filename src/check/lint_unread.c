/*
 * lint_unread.c - a file that is called nearly like one that clients read: claude.md, AGENT.md, .claude/rule/.
 *
 * The names are those of all clients' tables, because a file that another client reads is none of these. Each directory
 * from the repository root down to the launch directory is looked at, and those below it that the tables name.
 */
#include "base/diagnostic.h"
#include "base/near.h"
#include "base/types.h"
#include "check/lint.h"
#include "clients/clients.h"
#include "model/source.h"

#include <strings.h>

/* A name that some client reads. */
typedef struct known_name {
    sp_str name;
    bool is_directory;
    bool is_own; /* the client of the place does */
} known_name;

/* The names that are read in one directory below the project's; "." is that itself. */
typedef struct known_directory {
    sp_str path;
    sp_list(known_name) names;
} known_directory;

typedef struct names {
    sp_arena *arena;
    const sp_client *own; /* of the place */
    sp_list(known_directory) directories;
} names;

static known_directory *directory_of(names *n, sp_str path)
{
    for (size_t i = 0; i < n->directories.count; i++)
        if (sp_str_eq(n->directories.items[i].path, path))
            return &n->directories.items[i];
    known_directory *added = SP_LIST_PUSH(n->arena, &n->directories);
    if (added)
        *added = (known_directory){ .path = path };
    return added;
}

static sp_status add_name(names *n, const char *path, bool is_directory, bool is_own, sp_err *err)
{
    sp_str whole = sp_str_of(path);
    sp_str name = sp_path_base(whole);
    known_directory *directory = directory_of(n, sp_path_folder(whole));
    for (size_t i = 0; directory && i < directory->names.count; i++)
        if (sp_str_eq(directory->names.items[i].name, name) && directory->names.items[i].is_directory == is_directory) {
            directory->names.items[i].is_own |= is_own;
            return SP_OK;
        }
    known_name *added = directory ? SP_LIST_PUSH(n->arena, &directory->names) : NULL;
    if (!added)
        return sp_err_memory(err);
    *added = (known_name){ name, is_directory, is_own };
    return SP_OK;
}

static bool is_in_project(sp_anchor anchor)
{
    return anchor != SP_ANCHOR_ROOT && anchor != SP_ANCHOR_HOME && anchor != SP_ANCHOR_USER;
}

static sp_status add_client(names *n, const sp_client *client, sp_err *err)
{
    for (size_t i = 0; i < client->place_count; i++)
        if (is_in_project(client->places[i].anchor))
            SP_TRY(
                add_name(n, client->places[i].path, client->places[i].kind == SP_SOURCE_RULE, client == n->own, err));
    for (size_t i = 0; i < client->agent_place_count; i++)
        if (is_in_project(client->agent_places[i].anchor))
            SP_TRY(add_name(n, client->agent_places[i].path, true, client == n->own, err));
    return SP_OK;
}

static sp_status collect(names *n, sp_err *err)
{
    if (!directory_of(n, SP_STR("."))) /* the first one */
        return sp_err_memory(err);
    SP_TRY(add_name(n, ".claude/agents", true, true, err));
    for (size_t i = 0; i < sp_client_count; i++)
        SP_TRY(add_client(n, sp_clients[i], err));
    return SP_OK;
}

static bool is_respelled(sp_str a, sp_str b)
{
    return a.len == b.len && strncasecmp(a.ptr, b.ptr, a.len) == 0 && memcmp(a.ptr, b.ptr, a.len) != 0;
}

static bool is_listed(const known_directory *directory, sp_str name)
{
    for (size_t i = 0; i < directory->names.count; i++)
        if (sp_str_eq(directory->names.items[i].name, name))
            return true;
    return false;
}

/* Whether a name is not worth a finding: the place's client reads it, or no other spelling of it while others do. */
static bool is_known(const names *n, const known_directory *directory, sp_str name)
{
    bool has_spelling = false;
    for (size_t i = 0; i < directory->names.count; i++) {
        const known_name *known = &directory->names.items[i];
        bool is_spelling = is_respelled(known->name, name);
        if (known->is_own && (sp_str_eq(known->name, name) || (is_spelling && n->own->ignores_case)))
            return true;
        has_spelling |= is_spelling && known->is_own;
    }
    return is_listed(directory, name) && !has_spelling;
}

/* The name that this one was probably meant to be, or NULL. */
static const known_name *find_meant(const names *n, const known_directory *directory, const sp_entry *entry)
{
    if (entry->is_link || is_known(n, directory, entry->name))
        return NULL;
    for (size_t i = 0; i < directory->names.count; i++) {
        const known_name *known = &directory->names.items[i];
        bool is_same_kind = known->is_directory ? entry->is_folder : entry->is_file;
        if (is_same_kind && !sp_str_eq(entry->name, known->name) && sp_near(entry->name, &known->name, 1) == 0)
            return known;
    }
    return NULL;
}

static sp_status look_at_directory(sp_lint *lint, const names *n, const known_directory *directory, sp_str project,
                                   sp_listing *ret, sp_err *err)
{
    const sp_place *here = lint->site->shared->here;
    sp_str path = sp_path_join(lint->arena, project, directory->path);
    if (!path.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_reader_list(here->reader, lint->arena, path, (sp_read_limits){ .root = here->allowed }, ret, err));
    for (size_t i = 0; i < ret->count; i++) {
        const sp_entry *entry = &ret->entries[i];
        const known_name *meant = find_meant(n, directory, entry);
        if (!meant)
            continue;
        sp_str shown = sp_path_join(lint->arena, path, entry->name);
        if (!shown.ptr)
            return sp_err_memory(err);
        /* Copilot CLI takes any spelling, Windsurf one more. */
        SP_TRY(sp_diag_add(lint->diags, err, SP_WARNING, sp_place_shown(here, shown), (sp_str){ 0 }, SP_WHOLE_FILE,
                           SP_RULE_CHECK_UNREAD, "%s a %s of this name; rename it to %.*s",
                           is_respelled(meant->name, entry->name) ? "few clients read" : "no client is known to read",
                           meant->is_directory ? "directory" : "file", SP_STR_ARG(meant->name)));
    }
    return SP_OK;
}

/* Directories that the project's own does not have are not listed. */
static sp_status look_at_project(sp_lint *lint, const names *n, sp_str project, sp_err *err)
{
    const known_directory *top = &n->directories.items[0];
    sp_listing listing = { 0 };
    sp_listing below;
    SP_TRY(look_at_directory(lint, n, top, project, &listing, err));
    for (size_t i = 1; i < n->directories.count; i++)
        if (listing.state != SP_FILE_FOLDER || sp_listing_may_have(&listing, n->directories.items[i].path))
            SP_TRY(look_at_directory(lint, n, &n->directories.items[i], project, &below, err));
    return SP_OK;
}

sp_status sp_lint_unread(sp_lint *lint, sp_err *err)
{
    names n = { .arena = lint->arena, .own = lint->site->profile->client };
    sp_paths folders;
    SP_TRY(collect(&n, err));
    SP_TRY(sp_place_folders(lint->arena, lint->site->shared->here, SP_ANCHOR_FROM_REPOSITORY, &folders, err));
    for (size_t i = 0; i < folders.count; i++)
        SP_TRY(look_at_project(lint, &n, folders.items[i], err));
    return SP_OK;
}
