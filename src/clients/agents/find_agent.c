/*
 * find_agent.c - the agent of a request: by path, by name, or from bytes that the caller has.
 *
 * A name is looked up in the list of all agents (agents.c). The first that loads wins, except that the exact name wins
 * over one that differs in case and separators.
 */
#include "base/diagnostic.h"
#include "base/near.h"
#include "base/types.h"
#include "clients/agents/agents.h"
#include "model/agent.h"
#include "model/agent_list.h"
#include "model/request.h"
#include "model/source.h"

typedef struct search {
    sp_loader *loader;
    sp_str wanted;
    sp_found_agents found;
} search;

static bool is_match(const search *s, const sp_listed_agent *listed, bool exactly)
{
    if (!listed->name.ptr)
        return false;
    return exactly ? sp_str_eq(listed->name, s->wanted) : sp_near_same(listed->name, s->wanted);
}

/* The user's own words keep it out; nothing is wrong with it. */
static bool is_left_out(const sp_listed_agent *listed)
{
    return listed->status == SP_AGENT_SKIPPED &&
           (listed->rule == SP_RULE_SETTINGS_SOURCES || listed->rule == SP_RULE_SESSION_BARE);
}

/* The first that the client loads; if it loads none, the first that it skips, so that the reason can be told. */
static const sp_found_agent *best_match(const search *s, bool exactly)
{
    const sp_found_agent *skipped = NULL;
    for (size_t i = 0; i < s->found.count; i++) {
        const sp_found_agent *found = &s->found.items[i];
        if (!is_match(s, &found->listed, exactly) || is_left_out(&found->listed))
            continue;
        if (found->listed.status != SP_AGENT_SKIPPED)
            return found;
        skipped = skipped ? skipped : found;
    }
    return skipped;
}

static bool is_called(const sp_found_agent *found, sp_str file)
{
    return sp_str_eq(sp_path_base(found->path), file);
}

/* A directory of agents that a link leads to out of the repository, which may hold any of them. */
static bool is_external_folder(const sp_found_agent *found)
{
    return sp_agents_is_external(found) && !sp_str_ends(found->path, SP_STR(".md"));
}

/* The file of that name, which for a plugin's agent is the last part of it, where a link keeps its front matter from
 * being read: the client probably finds the name in there. */
static const sp_found_agent *external_file(const search *s, sp_str file)
{
    size_t begin = 0;
    for (size_t i = 0; i < file.len; i++)
        begin = file.ptr[i] == ':' ? i + 1 : begin;
    sp_str last = sp_str_slice(file, begin, file.len);
    for (size_t i = 0; i < s->found.count; i++) {
        const sp_found_agent *found = &s->found.items[i];
        if (sp_agents_is_external(found) && is_called(found, found->form == SP_AGENT_PLUGIN_FILE ? last : file))
            return found;
    }
    return NULL;
}

static const sp_found_agent *external_folder(const search *s)
{
    for (size_t i = 0; i < s->found.count; i++)
        if (is_external_folder(&s->found.items[i]))
            return &s->found.items[i];
    return NULL;
}

/* An earlier file of that name would have won, but for what is wrong with it. */
static sp_status warn_of_skipped(const search *s, const sp_found_agent *best, sp_str file, sp_err *err)
{
    for (const sp_found_agent *found = s->found.items; found < best; found++)
        if (found->listed.status == SP_AGENT_SKIPPED &&
            (is_match(s, &found->listed, true) || is_called(found, file) || is_external_folder(found)))
            SP_TRY(sp_diag_add(s->loader->diags, err, SP_WARNING, found->listed.path, (sp_str){ 0 }, SP_WHOLE_FILE,
                               SP_RULE_AGENT_ORDER, "would come before %.*s, but %.*s", SP_STR_ARG(best->listed.path),
                               SP_STR_ARG(found->listed.why)));
    return SP_OK;
}

/* The client's choice between equals is not defined, so the author had better know that there are two. */
static sp_status warn_of_twins(const search *s, const sp_found_agent *best, sp_err *err)
{
    for (size_t i = 0; i < s->found.count; i++) {
        const sp_found_agent *other = &s->found.items[i];
        bool is_twin = other->listed.status == SP_AGENT_SHADOWED && other->tree == best->tree &&
                       &s->found.items[other->listed.winner] == best;
        if (is_twin)
            SP_TRY(sp_diag_add(s->loader->diags, err, SP_WARNING, best->listed.path, (sp_str){ 0 }, SP_WHOLE_FILE,
                               SP_RULE_AGENT_SAME_NAME,
                               "%.*s has the same name, %.*s; which one the client takes is not defined, so rename one",
                               SP_STR_ARG(other->listed.path), SP_STR_ARG(best->listed.name)));
    }
    return SP_OK;
}

/* ---- a name that nobody has ---------------------------------------------------------------------------- */

static bool is_of_plugin(const sp_found_agent *found, sp_str name)
{
    sp_str scoped = found->listed.name;
    return found->form == SP_AGENT_PLUGIN_FILE && sp_str_ends(scoped, name) && scoped.len > name.len &&
           scoped.ptr[scoped.len - name.len - 1] == ':';
}

/* The agent that was probably meant: one whose name is near, a plugin's of that name, or one whose file is called so.
 */
static sp_status find_meant(const search *s, const sp_found_agent **ret, sp_err *err)
{
    sp_arena *arena = s->loader->arena;
    sp_str *names = SP_ARENA_ARRAY(arena, sp_str, s->found.count + 1);
    sp_str file = sp_str_format(arena, "%.*s.md", SP_STR_ARG(s->wanted));
    if (!names || !file.ptr)
        return sp_err_memory(err);
    for (size_t i = 0; i < s->found.count; i++)
        names[i] = s->found.items[i].listed.name;
    size_t meant = sp_near(s->wanted, names, s->found.count);
    for (size_t i = 0; i < s->found.count && meant == SIZE_MAX; i++)
        if (is_of_plugin(&s->found.items[i], s->wanted) || is_called(&s->found.items[i], file))
            meant = i;
    *ret = meant == SIZE_MAX ? NULL : &s->found.items[meant];
    return SP_OK;
}

enum { MAX_NAMES_LISTED = 8 };

static bool is_first_of_name(const search *s, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (sp_str_eq(s->found.items[i].listed.name, s->found.items[index].listed.name))
            return false;
    return s->found.items[index].listed.name.ptr;
}

/* "; there are a, b, c and more" */
static sp_str list_names(const search *s)
{
    sp_buf names = { 0 };
    size_t listed = 0;
    for (size_t i = 0; i < s->found.count && listed <= MAX_NAMES_LISTED; i++) {
        if (!is_first_of_name(s, i))
            continue;
        if (listed++ == MAX_NAMES_LISTED)
            sp_buf_add(&names, SP_STR(" and more (sysprompt list shows them)"));
        else
            sp_buf_format(&names, "%s%.*s", listed == 1 ? "; there is " : ", ",
                          SP_STR_ARG(s->found.items[i].listed.name));
    }
    if (listed == 0)
        sp_buf_add(&names, SP_STR(": no .claude/agents holds one, here, above up to the repository root, or at home"));
    return sp_buf_move(&names, s->loader->arena);
}

static sp_status not_found(const search *s, sp_err *err)
{
    const sp_found_agent *meant = NULL;
    sp_str names = list_names(s);
    SP_TRY(find_meant(s, &meant, err));
    if (!names.ptr)
        return sp_err_memory(err);
    if (meant && (!meant->listed.name.ptr || meant->listed.status == SP_AGENT_SKIPPED))
        return sp_err_set(err, SP_ERR_INPUT, "there is no agent named %.*s: %.*s is not loaded, because %.*s",
                          SP_STR_ARG(s->wanted), SP_STR_ARG(meant->listed.path), SP_STR_ARG(meant->listed.why));
    if (sp_agents_is_built_in(s->loader->here, s->wanted))
        return sp_err_set(err, SP_ERR_INPUT,
                          "the agent %.*s comes with the client, and its prompt is in no file; an agent of that name "
                          "in .claude/agents would take its place",
                          SP_STR_ARG(s->wanted));
    if (meant)
        return sp_err_set(err, SP_ERR_INPUT, "there is no agent named %.*s; did you mean %.*s? (%.*s)",
                          SP_STR_ARG(s->wanted), SP_STR_ARG(meant->listed.name), SP_STR_ARG(meant->listed.path));
    return sp_err_set(err, SP_ERR_INPUT, "there is no agent named %.*s%.*s%s", SP_STR_ARG(s->wanted), SP_STR_ARG(names),
                      s->loader->here->request->agent_is_name ? "" : "; a path to a file works too");
}

/* ---- the agent of the request ----------------------------------------------------------------------------- */

static sp_status find_by_name(sp_loader *loader, sp_err *err)
{
    search s = { .loader = loader, .wanted = sp_str_of(loader->here->request->agent) };
    SP_TRY(sp_agents_find(loader, &s.found, err));
    sp_str file = sp_str_format(loader->arena, "%.*s.md", SP_STR_ARG(s.wanted));
    if (!file.ptr)
        return sp_err_memory(err);
    const sp_found_agent *best = best_match(&s, true);
    bool is_exact = loader->here->request->as_session; /* rule agent.as-session */
    if (!best && !is_exact && sp_rule_holds(loader->here->profile, SP_RULE_AGENT_LOOKUP))
        best = best_match(&s, false);
    const sp_found_agent *external = external_file(&s, file);
    if (!best || (external && external < best))
        best = external;
    if (!best)
        best = external_folder(&s);
    if (!best)
        return not_found(&s, err);
    loader->found_agent = best;
    SP_TRY(warn_of_skipped(&s, best, file, err));
    return warn_of_twins(&s, best, err);
}

/* A path has a slash in it or names something that is there; all else is a name, and so is one that no user gave. */
static sp_status is_path(sp_arena *arena, const sp_place *here, sp_str agent, sp_str path, bool *ret, sp_err *err)
{
    sp_file file;
    bool may_be_name = sp_rule_holds(here->profile, SP_RULE_AGENT_SUBDIRECTORY);
    bool is_given = !here->request->agent_is_name;
    *ret =
        is_given && ((memchr(agent.ptr, '/', agent.len) != NULL && !may_be_name) || sp_str_ends(agent, SP_STR(".md")));
    if (*ret || !is_given)
        return SP_OK;
    SP_TRY(sp_reader_read(here->reader, arena, path, (sp_read_limits){ 0 }, &file, err));
    *ret = file.state != SP_FILE_ABSENT && file.state != SP_FILE_FOLDER;
    return SP_OK;
}

/* Bytes that are no file, or a part of one. */
static sp_status take_text(sp_arena *arena, sp_str text, sp_wanted *wanted, sp_file *file, sp_err *err)
{
    *file = (sp_file){ .state = SP_FILE_READ, .what = "text", .bytes = sp_str_dup(arena, text) };
    file->real_path = wanted->path;
    file->size_bytes = text.len;
    file->device = UINT64_MAX; /* no file has that, so it is the same as no other */
    return file->bytes.ptr && wanted->path.ptr ? SP_OK : sp_err_memory(err);
}

static sp_status read_agent(sp_loader *loader, sp_wanted *wanted, sp_file *file, sp_err *err)
{
    sp_str agent = sp_str_of(loader->here->request->agent);
    bool by_path;
    wanted->path = sp_path_append(loader->arena, loader->here->current, agent);
    if (!wanted->path.ptr)
        return sp_err_memory(err);
    SP_TRY(is_path(loader->arena, loader->here, agent, wanted->path, &by_path, err));
    if (!by_path && loader->here->profile->client->ops->find_agent) {
        SP_TRY(loader->here->profile->client->ops->find_agent(loader, wanted, err));
    } else if (!by_path) {
        SP_TRY(find_by_name(loader, err));
        wanted->path = loader->found_agent->path;
        wanted->scope = loader->found_agent->listed.scope;
    }
    if (by_path || loader->found_agent->form != SP_AGENT_JSON)
        return sp_loader_read_part(loader, wanted, file, err);
    wanted->path = loader->found_agent->listed.path;
    return take_text(loader->arena, loader->found_agent->listed.body, wanted, file, err);
}

/* Of an agent that a link keeps out nothing is known; the rest of its prompt can be told. */
static sp_status take_unread(sp_loader *loader, sp_err *err)
{
    loader->agent->source = loader->sources.count - 1;
    return loader->here->profile->client->ops->resolve_agent(loader, loader->agent, err);
}

sp_status sp_load_agent(sp_loader *loader, sp_err *err)
{
    const sp_request *request = loader->here->request;
    sp_wanted wanted = { .kind = SP_SOURCE_AGENT, .scope = SP_SCOPE_NAMED, .reason = "agent", .importer = SP_NONE };
    sp_file file = { 0 };
    uint32_t index;
    if (request->as_session && !sp_rule_holds(loader->here->profile, SP_RULE_AGENT_AS_SESSION))
        return sp_err_set(err, SP_ERR_USAGE,
                          "how %.*s starts a session as an agent was not measured; leave out --as=session",
                          SP_STR_ARG(sp_client_who(loader->here->profile->client)));
    loader->agent = SP_ARENA_NEW(loader->arena, sp_agent);
    if (!loader->agent)
        return sp_err_memory(err);
    if (request->agent_text.ptr) {
        wanted.path = sp_str_dup(loader->arena, request->agent ? sp_str_of(request->agent) : SP_STR("<stdin>"));
        SP_TRY(take_text(loader->arena, request->agent_text, &wanted, &file, err));
    } else {
        SP_TRY(read_agent(loader, &wanted, &file, err));
    }
    if (file.state == SP_FILE_EXTERNAL)
        return take_unread(loader, err);
    return sp_loader_add(loader, &wanted, &file, &index, err);
}

sp_status sp_load_found_agent(sp_loader *loader, const sp_found_agent *found, sp_err *err)
{
    sp_wanted wanted = {
        .kind = SP_SOURCE_AGENT, .scope = found->listed.scope, .reason = "agent", .importer = SP_NONE
    };
    sp_file file = found->file;
    uint32_t index;
    bool is_text = found->form == SP_AGENT_JSON;
    wanted.path = is_text ? found->listed.path : found->path;
    loader->found_agent = found;
    loader->agent = SP_ARENA_NEW(loader->arena, sp_agent);
    if (!loader->agent)
        return sp_err_memory(err);
    if (is_text)
        SP_TRY(take_text(loader->arena, found->listed.body, &wanted, &file, err));
    return sp_loader_add(loader, &wanted, &file, &index, err);
}
