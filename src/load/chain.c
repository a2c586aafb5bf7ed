/*
 * chain.c - the instruction files, in the order the client reads them.
 *
 * The order is two tables: what stands in every folder from the root down to the launch directory, and what stands
 * once. A folder of rules counts as a place too: all its files, by path.
 */
#include "load/loader.h"

typedef enum place_kind {
    PLACE_FILE,
    PLACE_RULES,    /* a folder of rules */
    PLACE_FALLBACK, /* read only where no CLAUDE.md counts (rule instructions.agents-md) */
} place_kind;

typedef struct place {
    const char *path;
    place_kind kind;
    sp_scope scope;
} place;

static const place managed_places[] = { { "etc/claude-code/CLAUDE.md", PLACE_FILE, SP_SCOPE_MANAGED } };

static const place user_places[] = {
    { ".claude/CLAUDE.md", PLACE_FILE, SP_SCOPE_USER },
    { ".claude/rules", PLACE_RULES, SP_SCOPE_USER },
};

static const place project_places[] = {
    { "CLAUDE.md", PLACE_FILE, SP_SCOPE_PROJECT },      { ".claude/CLAUDE.md", PLACE_FILE, SP_SCOPE_PROJECT },
    { "AGENTS.md", PLACE_FALLBACK, SP_SCOPE_PROJECT },  { ".claude/AGENTS.md", PLACE_FALLBACK, SP_SCOPE_PROJECT },
    { ".claude/rules", PLACE_RULES, SP_SCOPE_PROJECT }, { "CLAUDE.local.md", PLACE_FILE, SP_SCOPE_LOCAL },
};

static sp_status skip_as_omitted(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_err *err)
{
    return sp_loader_skip(loader, wanted, file, SP_RULE_CHAIN_OMIT,
                          SP_STR("the agent's omitClaudeMd: true leaves it out"), err);
}

/* omitClaudeMd drops all but managed files; a managed agent gets none at all. */
static bool is_omitted(const sp_loader *loader, sp_scope scope)
{
    const sp_agent *agent = loader->agent;
    if (!agent || !agent->omit_claude_md || scope == SP_SCOPE_NAMED)
        return false;
    return scope != SP_SCOPE_MANAGED || loader->sources[agent->source].scope == SP_SCOPE_MANAGED;
}

static sp_status skip_as_large(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_err *err)
{
    long long limit = (long long)sp_rule_of(SP_RULE_CHAIN_MAX_BYTES)->value;
    sp_str shown = sp_loader_shown(loader, wanted->path);
    SP_TRY(sp_diag_add(loader->diags, err, SP_WARNING, shown, (sp_str){ 0 }, SP_WHOLE_FILE,
                       sp_rule_id(SP_RULE_CHAIN_MAX_BYTES),
                       "has %llu bytes, and the client skips files of more than %lld; split it",
                       (unsigned long long)file->size_bytes, limit));
    return sp_loader_skip(loader, wanted, file, SP_RULE_CHAIN_MAX_BYTES,
                          sp_str_format(loader->arena, "it has %llu bytes and the limit is %lld; split it",
                                        (unsigned long long)file->size_bytes, limit),
                          err);
}

static sp_status skip_as_twin(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, uint32_t twin,
                              sp_err *err)
{
    sp_str path = loader->sources[twin].path;
    sp_str why = sp_str_eq(path, sp_loader_shown(loader, wanted->path))
                     ? SP_STR("it is loaded already, further up")
                     : sp_str_format(loader->arena, "it is the same file as %.*s, which is loaded", SP_STR_ARG(path));
    return sp_loader_skip_twin(loader, wanted, file, SP_RULE_CHAIN_ONCE, why, err);
}

static sp_status warn(sp_loader *loader, const sp_wanted *wanted, sp_rule_key rule, const char *what, sp_err *err)
{
    return sp_diag_add(loader->diags, err, SP_WARNING, sp_loader_shown(loader, wanted->path), (sp_str){ 0 },
                       SP_WHOLE_FILE, sp_rule_id(rule), "not loaded: it is %s", what);
}

/* A symbolic link that was checked out as text (git's core.symlinks=false, or an archive) holds one path and nothing
 * else. It still loads: the client sees the same bytes. */
static sp_status warn_of_link_as_text(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_err *err)
{
    sp_str text = sp_str_trim(file->bytes);
    bool exists;
    if (text.len == 0 || text.len > 255)
        return SP_OK;
    for (size_t i = 0; i < text.len; i++) /* not in the path of a link that anybody made for this */
        if (memchr("\n\r\t @:", text.ptr[i], 7))
            return SP_OK;
    sp_str target = sp_path_join(loader->arena, sp_path_folder(wanted->path), text);
    if (!target.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_loader_exists(loader, target, (sp_places){ 0 }, &exists, err));
    if (!(exists || sp_str_ends(text, SP_STR(".md"))) || sp_str_eq(target, wanted->path))
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_WARNING, sp_loader_shown(loader, wanted->path), file->bytes, 0,
                       sp_rule_id(SP_RULE_CHAIN_LINK_AS_TEXT),
                       "the whole text is the path %.*s: probably a symbolic link that was checked out as a text file; "
                       "write @%.*s to import it, or make it a link again",
                       SP_STR_ARG(text), SP_STR_ARG(text));
}

static sp_status add_read_file(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_err *err)
{
    uint32_t index;
    if (is_omitted(loader, wanted->scope))
        return skip_as_omitted(loader, wanted, file, err);
    SP_TRY(warn_of_link_as_text(loader, wanted, file, err));
    return sp_loader_add(loader, wanted, file, &index, err);
}

static sp_status skip_as_outside(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_err *err)
{
    bool is_external = sp_places_hold(loader->allowed, file->real_path);
    sp_rule_key rule = is_external ? SP_RULE_IMPORT_EXTERNAL : SP_RULE_CHAIN_OUTSIDE_ROOT;
    const char *where = is_external ? "a link out of the launch directory; --external-imports=allow loads it"
                                    : "a link that leads outside of --root";
    SP_TRY(warn(loader, wanted, rule, where, err));
    return sp_loader_skip(loader, wanted, file, rule, sp_str_format(loader->arena, "it is %s", where), err);
}

/* A file that was listed a moment ago and is gone would be left out without a word. */
static sp_status check_vanished(const sp_loader *loader, const sp_wanted *wanted, sp_err *err)
{
    if (wanted->kind != SP_SOURCE_RULE)
        return SP_OK;
    return sp_err_at(err, SP_ERR_INPUT, sp_loader_shown(loader, wanted->path), (sp_str){ 0 }, 0, NULL,
                     "was there when its folder was listed, and is gone; run this again");
}

static sp_status add_file(sp_loader *loader, const sp_wanted *wanted, sp_err *err)
{
    sp_file file;
    SP_TRY(sp_loader_read(loader, wanted, &file, err));
    switch (file.state) {
    case SP_FILE_READ:
        return add_read_file(loader, wanted, &file, err);
    case SP_FILE_KNOWN:
        if (sp_loader_find(loader, &file) == SP_NONE)
            return SP_OK; /* met before, and left out with a reason: below home, ~/.claude is an ancestor's .claude */
        return skip_as_twin(loader, wanted, &file, sp_loader_find(loader, &file), err);
    case SP_FILE_ABSENT:
        return check_vanished(loader, wanted, err);
    case SP_FILE_DENIED:
        return sp_loader_refuse(loader, wanted, &file, err);
    case SP_FILE_DANGLING:
        return warn(loader, wanted, SP_RULE_CHAIN_DANGLING, "a link whose target does not exist", err);
    case SP_FILE_FOLDER:
    case SP_FILE_SPECIAL:
        return warn(loader, wanted, SP_RULE_CHAIN_NOT_A_FILE, file.what, err);
    case SP_FILE_LARGE:
        return skip_as_large(loader, wanted, &file, err);
    case SP_FILE_OUTSIDE:
        return skip_as_outside(loader, wanted, &file, err);
    }
    return SP_OK;
}

/* A link in a project's rules may lead about in that folder and in the launch directory (rule import.external). */
static sp_status add_rules(sp_loader *loader, sp_str folder, sp_scope scope, sp_err *err)
{
    const sp_str places[] = { loader->launch, folder };
    bool is_free = scope != SP_SCOPE_PROJECT || loader->request->allow_external_imports;
    sp_places within = { is_free ? NULL : places, SP_COUNT_OF(places) };
    sp_wanted wanted = {
        .kind = SP_SOURCE_RULE, .scope = scope, .reason = "session_start", .importer = SP_NONE, .within = within
    };
    sp_walk walk;
    SP_TRY(sp_loader_walk(loader, folder, within, &walk, err));
    for (size_t i = 0; i < walk.files.count; i++) {
        wanted.path = walk.files.items[i];
        SP_TRY(add_file(loader, &wanted, err));
    }
    for (size_t i = 0; i < walk.outside.count; i++) {
        wanted.path = walk.outside.items[i];
        SP_TRY(add_file(loader, &wanted, err));
    }
    return SP_OK;
}

static sp_status add_places(sp_loader *loader, sp_str above, const place *places, size_t count, sp_err *err)
{
    for (size_t i = 0; i < count; i++) {
        sp_str path = sp_path_join(loader->arena, above, sp_str_of(places[i].path));
        if (!path.ptr)
            return sp_err_memory(err);
        if (places[i].kind == PLACE_RULES) {
            SP_TRY(add_rules(loader, path, places[i].scope, err));
        } else if (places[i].kind == PLACE_FILE || !loader->claude_md.ptr) {
            sp_wanted wanted = {
                .path = path,
                .kind = SP_SOURCE_INSTRUCTIONS,
                .scope = places[i].scope,
                .reason = "session_start",
                .importer = SP_NONE,
            };
            SP_TRY(add_file(loader, &wanted, err));
        }
    }
    return SP_OK;
}

/* The folders from the root down to the launch directory. */
static sp_status list_folders(const sp_loader *loader, sp_paths *ret, sp_err *err)
{
    *ret = (sp_paths){ 0 };
    for (sp_str folder = loader->launch;; folder = sp_path_folder(folder)) {
        sp_str *slot = SP_LIST_PUSH(loader->arena, ret);
        if (!slot)
            return sp_err_memory(err);
        *slot = folder;
        if (sp_str_eq(folder, loader->root))
            break;
    }
    for (size_t i = 0, j = ret->count - 1; i < j; i++, j--) {
        sp_str swapped = ret->items[i];
        ret->items[i] = ret->items[j];
        ret->items[j] = swapped;
    }
    return SP_OK;
}

/* The first CLAUDE.md or CLAUDE.local.md at or above the launch directory: AGENTS.md is not read beside it. The user's
 * own file is met again when the launch directory lies below home; it does not count. */
static sp_status find_claude_md(sp_loader *loader, const sp_paths *folders, sp_err *err)
{
    for (size_t i = 0; i < folders->count && !loader->claude_md.ptr; i++)
        for (size_t j = 0; j < SP_COUNT_OF(project_places) && !loader->claude_md.ptr; j++) {
            sp_file file;
            bool is_users = loader->home.ptr && sp_str_eq(folders->items[i], loader->home) &&
                            strcmp(project_places[j].path, user_places[0].path) == 0;
            sp_str path = sp_path_join(loader->arena, folders->items[i], sp_str_of(project_places[j].path));
            if (!path.ptr)
                return sp_err_memory(err);
            if (project_places[j].kind != PLACE_FILE || is_users)
                continue;
            SP_TRY(loader->reader->read(loader->arena, path, (sp_read_limits){ .root = loader->allowed }, &file, err));
            if (file.state == SP_FILE_DENIED)
                return sp_err_unread(err, sp_loader_shown(loader, path), &file);
            if (sp_file_exists(&file))
                loader->claude_md = path;
        }
    return SP_OK;
}

/* A file that was named: its own folder counts as inside for its imports, which imports.c looks up. */
static sp_status load_named(sp_loader *loader, sp_err *err)
{
    const sp_request *request = loader->request;
    for (size_t i = 0; i < request->instruction_file_count; i++) {
        uint32_t index;
        sp_file file;
        sp_wanted wanted = {
            .path = sp_path_append(loader->arena, loader->current, sp_str_of(request->instruction_files[i])),
            .kind = SP_SOURCE_INSTRUCTIONS,
            .scope = SP_SCOPE_NAMED,
            .reason = "named",
            .importer = SP_NONE,
        };
        if (!wanted.path.ptr)
            return sp_err_memory(err);
        SP_TRY(sp_loader_read_named(loader, &wanted, &file, err));
        index = sp_loader_find(loader, &file);
        if (file.state == SP_FILE_KNOWN)
            SP_TRY(skip_as_twin(loader, &wanted, &file, index, err));
        else
            SP_TRY(sp_loader_add(loader, &wanted, &file, &index, err));
    }
    return SP_OK;
}

sp_status sp_load_chain(sp_loader *loader, sp_err *err)
{
    sp_paths folders;
    if (loader->request->instruction_files)
        return load_named(loader, err);
    SP_TRY(list_folders(loader, &folders, err));
    SP_TRY(find_claude_md(loader, &folders, err));
    SP_TRY(add_places(loader, loader->root, managed_places, SP_COUNT_OF(managed_places), err));
    if (loader->home.ptr)
        SP_TRY(add_places(loader, loader->home, user_places, SP_COUNT_OF(user_places), err));
    for (size_t i = 0; i < folders.count; i++)
        SP_TRY(add_places(loader, folders.items[i], project_places, SP_COUNT_OF(project_places), err));
    return SP_OK;
}

sp_status sp_load_bystanders(sp_loader *loader, sp_err *err)
{
    sp_paths folders;
    if (loader->request->instruction_files || is_omitted(loader, SP_SCOPE_PROJECT) || !loader->claude_md.ptr)
        return SP_OK;
    SP_TRY(list_folders(loader, &folders, err));
    for (size_t i = 0; i < folders.count; i++)
        for (size_t j = 0; j < SP_COUNT_OF(project_places); j++) {
            sp_file file;
            sp_wanted wanted = {
                .path = sp_path_join(loader->arena, folders.items[i], sp_str_of(project_places[j].path)),
                .kind = SP_SOURCE_INSTRUCTIONS,
                .scope = SP_SCOPE_PROJECT,
                .reason = "beside CLAUDE.md",
                .importer = SP_NONE,
            };
            if (!wanted.path.ptr)
                return sp_err_memory(err);
            if (project_places[j].kind != PLACE_FALLBACK)
                continue;
            SP_TRY(sp_loader_read(loader, &wanted, &file, err));
            if (file.state != SP_FILE_READ && file.state != SP_FILE_LARGE)
                continue;
            SP_TRY(sp_loader_skip(
                loader, &wanted, &file, SP_RULE_CHAIN_AGENTS_MD,
                sp_str_format(loader->arena, "%.*s counts, so the client does not read it; import it with @AGENTS.md",
                              SP_STR_ARG(sp_loader_shown(loader, loader->claude_md))),
                err));
        }
    return SP_OK;
}
