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
    unsigned tree;       /* the folder it was found in; a lower one is nearer */
    const char *problem; /* why the client skips it, or NULL; the name may then have ptr NULL */
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

static const char *problem_of_state(sp_file_state state)
{
    switch (state) {
    case SP_FILE_DANGLING:
        return "is a link whose target does not exist";
    case SP_FILE_DENIED:
        return "cannot be read: permission denied";
    case SP_FILE_OUTSIDE:
        return "is a link that leads outside of --root";
    case SP_FILE_LARGE:
        return "is too large";
    default:
        return "is not a file that can be read";
    }
}

static bool is_text(const sp_field *field)
{
    return field && field->kind == SP_VALUE_SCALAR && field->value.len > 0;
}

/* What the client skips without a word (the rules agent.document, agent.name and agent.description). */
static const char *problem_of_fields(const sp_front_matter *front)
{
    const sp_field *name = sp_front_matter_find(front, "name");
    if (!is_text(name))
        return "has no name in its front matter";
    if (name->value.ptr[0] == '-' || memchr(name->value.ptr, ':', name->value.len))
        return "has a name that begins with a dash or holds a colon";
    return is_text(sp_front_matter_find(front, "description")) ? NULL : "has no description";
}

/* Reads just the name, and whether the client would skip the file. What else is wrong with a file that is not the one
 * asked for is not our business here. */
static sp_status read_candidate(search *s, candidate *found, sp_err *err)
{
    sp_arena *arena = s->loader->arena;
    sp_diags unsaid = { .arena = arena };
    sp_wanted wanted = { .path = found->path, .kind = SP_SOURCE_AGENT, .scope = found->scope, .importer = SP_NONE };
    sp_front_matter front;
    sp_file file;
    SP_TRY(sp_loader_read(s->loader, &wanted, &file, err));
    if (file.state != SP_FILE_READ) {
        found->problem = problem_of_state(file.state);
        return SP_OK;
    }
    SP_TRY(sp_front_matter_read(arena, s->loader->profile, found->path, file.bytes, SP_FRONT_MATTER_RECOVER, &unsaid,
                                &front, err));
    found->problem = problem_of_fields(&front);
    if (is_text(sp_front_matter_find(&front, "name")))
        found->name = sp_front_matter_find(&front, "name")->value;
    return SP_OK;
}

/* A link in a project may lead about in the repository and at home, not across the machine. */
static sp_status search_tree(search *s, sp_str above, sp_scope scope, sp_err *err)
{
    sp_loader *loader = s->loader;
    const sp_str within[] = { above, loader->repository, loader->home };
    sp_walk walk;
    sp_str folder = sp_path_join(loader->arena, above, SP_STR(".claude/agents"));
    if (!folder.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_loader_walk(loader, folder, (sp_places){ within, loader->home.ptr ? 3 : 2 }, &walk, err));
    for (size_t i = 0; i < walk.files.count; i++) {
        candidate *found = SP_LIST_PUSH(loader->arena, &s->found);
        if (!found)
            return sp_err_memory(err);
        *found = (candidate){ .path = walk.files.items[i], .scope = scope, .tree = s->trees };
        SP_TRY(read_candidate(s, found, err));
    }
    for (size_t i = 0; i < walk.outside.count; i++)
        SP_TRY(sp_diag_add(
            loader->diags, err, SP_WARNING, sp_loader_shown(loader, walk.outside.items[i]), (sp_str){ 0 },
            SP_WHOLE_FILE, sp_rule_id(SP_RULE_AGENT_ORDER),
            "no agent is looked up here: it is a link to nothing, or out of the repository and the home directory"));
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

static bool is_match(const search *s, const candidate *found, bool exactly)
{
    if (!found->name.ptr)
        return false;
    return exactly ? sp_str_eq(found->name, s->wanted) : same_name(found->name, s->wanted);
}

/* The nearest that the client loads; if it loads none, the nearest that it skips, so that the reason can be told. */
static const candidate *best_match(const search *s, bool exactly)
{
    const candidate *skipped = NULL;
    for (size_t i = 0; i < s->found.count; i++) {
        const candidate *found = &s->found.items[i];
        if (!is_match(s, found, exactly))
            continue;
        if (!found->problem)
            return found;
        skipped = skipped ? skipped : found;
    }
    return skipped;
}

/* A nearer file of that name would have won, but for what is wrong with it. */
static sp_status warn_of_skipped(const search *s, const candidate *best, sp_err *err)
{
    sp_loader *loader = s->loader;
    sp_str file = sp_str_format(loader->arena, "%.*s.md", SP_STR_ARG(s->wanted));
    if (!file.ptr)
        return sp_err_memory(err);
    for (const candidate *found = s->found.items; found < best; found++)
        if (found->problem && (is_match(s, found, true) || sp_str_eq(sp_path_base(found->path), file)))
            SP_TRY(sp_diag_add(loader->diags, err, SP_WARNING, sp_loader_shown(loader, found->path), (sp_str){ 0 },
                               SP_WHOLE_FILE, sp_rule_id(SP_RULE_AGENT_ORDER),
                               "is nearer than %.*s, but the client skips it: it %s",
                               SP_STR_ARG(sp_loader_shown(loader, best->path)), found->problem));
    return SP_OK;
}

/* The client's choice between equals is not defined, so the author had better know that there are two. */
static sp_status warn_of_twins(const search *s, const candidate *best, sp_err *err)
{
    sp_loader *loader = s->loader;
    for (size_t i = 0; i < s->found.count; i++) {
        const candidate *other = &s->found.items[i];
        if (other == best || other->tree != best->tree || other->problem || !sp_str_eq(other->name, best->name))
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

static bool is_first_of_name(const search *s, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (sp_str_eq(s->found.items[i].name, s->found.items[index].name))
            return false;
    return s->found.items[index].name.ptr;
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
            sp_buf_add(&names, SP_STR(" and more"));
        else
            sp_buf_format(&names, "%s%.*s", listed == 1 ? "; there is " : ", ", SP_STR_ARG(s->found.items[i].name));
    }
    if (listed == 0)
        sp_buf_add(&names, SP_STR(": no .claude/agents holds one, here, above up to the repository root, or at home"));
    return sp_buf_move(&names, s->loader->arena);
}

static sp_status not_found(const search *s, sp_err *err)
{
    const candidate *meant = NULL;
    sp_str names = list_names(s);
    SP_TRY(find_meant(s, &meant, err));
    if (!names.ptr)
        return sp_err_memory(err);
    if (meant && !meant->name.ptr)
        return sp_err_set(err, SP_ERR_INPUT, "there is no agent named %.*s: %.*s %s", SP_STR_ARG(s->wanted),
                          SP_STR_ARG(sp_loader_shown(s->loader, meant->path)), meant->problem);
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
    if (loader->profile->client->agent_fields)
        return sp_find_plain_agent(loader, wanted, err);
    SP_TRY(search_trees(&s, err));
    const candidate *best = best_match(&s, true);
    if (!best && sp_rule_holds(loader->profile, SP_RULE_AGENT_LOOKUP))
        best = best_match(&s, false);
    if (!best)
        return not_found(&s, err);
    wanted->path = best->path;
    wanted->scope = best->scope;
    SP_TRY(warn_of_skipped(&s, best, err));
    return warn_of_twins(&s, best, err);
}

/* A path has a slash in it or names something that is there; all else is a name. */
static sp_status is_path(sp_loader *loader, sp_str agent, sp_str path, bool *ret, sp_err *err)
{
    sp_file file;
    *ret = memchr(agent.ptr, '/', agent.len) != NULL || sp_str_ends(agent, SP_STR(".md"));
    if (*ret)
        return SP_OK;
    SP_TRY(loader->reader->read(loader->arena, path, (sp_read_limits){ 0 }, &file, err));
    *ret = file.state != SP_FILE_ABSENT && file.state != SP_FILE_FOLDER;
    return SP_OK;
}

static sp_status locate(sp_loader *loader, sp_wanted *wanted, sp_err *err)
{
    sp_str agent = sp_str_of(loader->request->agent);
    bool by_path;
    wanted->path = sp_path_append(loader->arena, loader->current, agent);
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
        wanted.path = sp_str_dup(loader->arena, request->agent ? sp_str_of(request->agent) : SP_STR("<stdin>"));
        file.bytes = sp_str_dup(loader->arena, request->agent_text);
        file.real_path = wanted.path;
        file.size_bytes = file.bytes.len;
        file.device = UINT64_MAX; /* no file has that, so it is the same as no other */
        if (!file.bytes.ptr || !wanted.path.ptr)
            return sp_err_memory(err);
    } else {
        SP_TRY(locate(loader, &wanted, err));
        SP_TRY(sp_loader_read_named(loader, &wanted, &file, err));
    }
    return sp_loader_add(loader, &wanted, &file, &index, err);
}
