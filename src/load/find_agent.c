/*
 * find_agent.c - an agent by path, by name, or from bytes that the caller has.
 *
 * A name is looked up as the client does: managed agents, then .claude/agents in the launch directory and every
 * folder above it up to the repository root, then the user's. The nearest wins, except that the exact name wins over
 * one that differs in case and separators.
 */
#include "base/near.h"
#include "load/agent.h"
#include "load/front_matter.h"
#include "load/loader.h"

typedef struct candidate {
    sp_str path;
    sp_str name;
    sp_scope scope;
    unsigned tree; /* the folder it was found in; a lower one is nearer */
} candidate;

typedef struct search {
    sp_loader *loader;
    sp_str wanted;
    sp_list(candidate) found;
    unsigned trees;
} search;

static bool is_separator(char c)
{
    return c == '-' || c == '_' || c == ' ' || c == '.';
}

/* Whether two names are one to the client: case and separators do not count (since 2.1.140). */
static bool same_name(sp_str a, sp_str b)
{
    size_t i = 0;
    size_t j = 0;
    for (;;) {
        while (i < a.len && is_separator(a.ptr[i]))
            i++;
        while (j < b.len && is_separator(b.ptr[j]))
            j++;
        if (i == a.len || j == b.len)
            return i == a.len && j == b.len;
        if (!sp_str_eq_nocase(sp_str_slice(a, i, i + 1), sp_str_slice(b, j, j + 1)))
            return false;
        i++;
        j++;
    }
}

/* Reads just the name. What is wrong with a file that is not the one asked for is not our business here. */
static sp_status add_candidate(search *s, sp_str path, sp_scope scope, sp_err *err)
{
    sp_loader *loader = s->loader;
    sp_diags unsaid = { .arena = loader->arena };
    sp_wanted wanted = { .path = path, .kind = SP_SOURCE_AGENT, .scope = scope };
    sp_front_matter front;
    sp_file file;
    SP_TRY(sp_loader_read(loader, &wanted, &file, err));
    if (file.state != SP_FILE_READ)
        return SP_OK;
    SP_TRY(sp_front_matter_read(loader->arena, path, file.bytes, SP_FRONT_MATTER_RECOVER, &unsaid, &front, err));
    const sp_field *name = sp_front_matter_find(&front, "name");
    if (!name || name->kind != SP_VALUE_SCALAR)
        return SP_OK;
    candidate *found = SP_LIST_PUSH(loader->arena, &s->found);
    if (!found)
        return sp_err_memory(err);
    *found = (candidate){ path, name->value, scope, s->trees };
    return SP_OK;
}

static sp_status search_tree(search *s, sp_str above, sp_scope scope, sp_err *err)
{
    sp_paths paths;
    sp_str folder = sp_path_join(s->loader->arena, above, SP_STR(".claude/agents"));
    if (!folder.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_loader_walk(s->loader, folder, &paths, err));
    for (size_t i = 0; i < paths.count; i++)
        SP_TRY(add_candidate(s, paths.items[i], scope, err));
    s->trees++;
    return SP_OK;
}

static sp_status search_trees(search *s, sp_err *err)
{
    sp_loader *loader = s->loader;
    sp_str managed = sp_path_join(loader->arena, loader->root, SP_STR("etc/claude-code"));
    if (!managed.ptr)
        return sp_err_memory(err);
    SP_TRY(search_tree(s, managed, SP_SCOPE_MANAGED, err));
    for (sp_str folder = loader->launch;; folder = sp_path_folder(folder)) {
        SP_TRY(search_tree(s, folder, SP_SCOPE_PROJECT, err));
        if (sp_str_eq(folder, loader->repository))
            break;
    }
    return loader->home.ptr ? search_tree(s, loader->home, SP_SCOPE_USER, err) : SP_OK;
}

static const candidate *best_match(const search *s, bool exactly)
{
    for (size_t i = 0; i < s->found.count; i++) {
        const candidate *found = &s->found.items[i];
        if (exactly ? sp_str_eq(found->name, s->wanted) : same_name(found->name, s->wanted))
            return found;
    }
    return NULL;
}

/* The client's choice between equals is not defined, so the author had better know that there are two. */
static sp_status warn_of_twins(const search *s, const candidate *best, sp_err *err)
{
    sp_loader *loader = s->loader;
    for (size_t i = 0; i < s->found.count; i++) {
        const candidate *other = &s->found.items[i];
        if (other == best || other->tree != best->tree || !sp_str_eq(other->name, best->name))
            continue;
        SP_TRY(sp_diag_add(loader->diags, err, SP_WARNING, sp_loader_shown(loader, best->path), (sp_str){ 0 },
                           SP_WHOLE_FILE, sp_rule_id(SP_RULE_AGENT_SAME_NAME),
                           "%.*s has the same name, %.*s; which one the client takes is not defined, so rename one",
                           SP_STR_ARG(sp_loader_shown(loader, other->path)), SP_STR_ARG(best->name)));
    }
    return SP_OK;
}

/* The agent that was probably meant: one whose name is near, or one whose file is called so. */
static sp_status find_meant(const search *s, const candidate **ret, sp_err *err)
{
    sp_arena *arena = s->loader->arena;
    sp_str *names = SP_ARENA_ARRAY(arena, sp_str, s->found.count + 1);
    sp_str file = sp_str_format(arena, "%.*s.md", SP_STR_ARG(s->wanted));
    if (!names || !file.ptr)
        return sp_err_memory(err);
    for (size_t i = 0; i < s->found.count; i++)
        names[i] = s->found.items[i].name;
    size_t meant = sp_near(s->wanted, names, s->found.count);
    for (size_t i = 0; i < s->found.count && meant == SIZE_MAX; i++)
        if (sp_str_eq(sp_path_base(s->found.items[i].path), file))
            meant = i;
    *ret = meant == SIZE_MAX ? NULL : &s->found.items[meant];
    return SP_OK;
}

enum { MAX_NAMES_LISTED = 8 };

/* "; there are a, b, c and 5 more" */
static sp_str list_names(const search *s)
{
    sp_buf names = { 0 };
    size_t count = s->found.count;
    for (size_t i = 0; i < count && i < MAX_NAMES_LISTED; i++)
        sp_buf_format(&names, "%s%.*s",
                      i            ? ", "
                      : count == 1 ? "; there is "
                                   : "; there are ",
                      SP_STR_ARG(s->found.items[i].name));
    if (count > MAX_NAMES_LISTED)
        sp_buf_format(&names, " and %zu more", count - MAX_NAMES_LISTED);
    if (count == 0)
        sp_buf_add(&names, SP_STR(": no .claude/agents holds one, here, above up to the repository root, or at home"));
    sp_str list = sp_buf_move(&names, s->loader->arena);
    return list;
}

static sp_status not_found(const search *s, sp_err *err)
{
    const candidate *meant = NULL;
    sp_str names = list_names(s);
    SP_TRY(find_meant(s, &meant, err));
    if (!names.ptr)
        return sp_err_memory(err);
    if (meant)
        return sp_err_set(err, SP_ERR_INPUT, "there is no agent named %.*s; did you mean %.*s? (%.*s)",
                          SP_STR_ARG(s->wanted), SP_STR_ARG(meant->name),
                          SP_STR_ARG(sp_loader_shown(s->loader, meant->path)));
    return sp_err_set(err, SP_ERR_INPUT, "there is no agent named %.*s%.*s; a path to a file works too",
                      SP_STR_ARG(s->wanted), SP_STR_ARG(names));
}

static sp_status find_by_name(sp_loader *loader, sp_wanted *wanted, sp_err *err)
{
    search s = { .loader = loader, .wanted = sp_str_of(loader->request->agent) };
    SP_TRY(search_trees(&s, err));
    const candidate *best = best_match(&s, true);
    if (!best)
        best = best_match(&s, false);
    if (!best)
        return not_found(&s, err);
    wanted->path = best->path;
    wanted->scope = best->scope;
    return warn_of_twins(&s, best, err);
}

/* A path has a slash in it or names something that is there; all else is a name. */
static sp_status is_path(sp_loader *loader, sp_str agent, sp_str path, bool *ret, sp_err *err)
{
    sp_file file;
    *ret = memchr(agent.ptr, '/', agent.len) != NULL || sp_str_ends(agent, SP_STR(".md"));
    if (*ret)
        return SP_OK;
    SP_TRY(loader->reader->read(loader->arena, path, (sp_read_limits){ .max_bytes = 0 }, &file, err));
    *ret = file.state != SP_FILE_ABSENT && file.state != SP_FILE_FOLDER;
    return SP_OK;
}

static sp_status locate(sp_loader *loader, sp_wanted *wanted, sp_err *err)
{
    sp_str agent = sp_str_of(loader->request->agent);
    bool by_path;
    wanted->path = sp_path_join(loader->arena, loader->current, agent);
    if (!wanted->path.ptr)
        return sp_err_memory(err);
    SP_TRY(is_path(loader, agent, wanted->path, &by_path, err));
    return by_path ? SP_OK : find_by_name(loader, wanted, err);
}

sp_status sp_load_agent(sp_loader *loader, sp_err *err)
{
    const sp_request *request = loader->request;
    sp_wanted wanted = { .kind = SP_SOURCE_AGENT, .scope = SP_SCOPE_NAMED, .reason = "agent", .importer = SP_NONE };
    sp_file file = { .state = SP_FILE_READ, .what = "text" };
    uint32_t index;
    loader->agent = SP_ARENA_NEW(loader->arena, sp_agent);
    if (!loader->agent)
        return sp_err_memory(err);
    if (request->agent_text.ptr) {
        wanted.path = request->agent ? sp_str_of(request->agent) : SP_STR("<stdin>");
        file.bytes = sp_str_dup(loader->arena, request->agent_text);
        file.real_path = wanted.path;
        file.size_bytes = file.bytes.len;
        if (!file.bytes.ptr)
            return sp_err_memory(err);
    } else {
        SP_TRY(locate(loader, &wanted, err));
        SP_TRY(sp_loader_read_named(loader, &wanted, &file, err));
    }
    return sp_loader_add(loader, &wanted, &file, &index, err);
}
