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
    { "CLAUDE.md", PLACE_FILE, SP_SCOPE_USER },
    { "rules", PLACE_RULES, SP_SCOPE_USER },
};

static const place project_places[] = {
    { "CLAUDE.md", PLACE_FILE, SP_SCOPE_PROJECT },      { ".claude/CLAUDE.md", PLACE_FILE, SP_SCOPE_PROJECT },
    { "AGENTS.md", PLACE_FALLBACK, SP_SCOPE_PROJECT },  { ".claude/AGENTS.md", PLACE_FALLBACK, SP_SCOPE_PROJECT },
    { ".claude/rules", PLACE_RULES, SP_SCOPE_PROJECT }, { "CLAUDE.local.md", PLACE_FILE, SP_SCOPE_LOCAL },
};

/* AGENTS.md of an added directory is never read. */
static const place added_places[] = {
    { "CLAUDE.md", PLACE_FILE, SP_SCOPE_ADDED },
    { ".claude/CLAUDE.md", PLACE_FILE, SP_SCOPE_ADDED },
    { ".claude/rules", PLACE_RULES, SP_SCOPE_ADDED },
    { "CLAUDE.local.md", PLACE_FILE, SP_SCOPE_ADDED },
};

/* omitClaudeMd drops all but managed files; a managed agent gets none at all. */
static bool is_omitted(const sp_loader *loader, sp_scope scope)
{
    const sp_agent *agent = loader->agent;
    if (!agent || !agent->omit_claude_md || scope == SP_SCOPE_NAMED)
        return false;
    return scope != SP_SCOPE_MANAGED || loader->sources[agent->source].scope == SP_SCOPE_MANAGED;
}

/* ---- what a switch keeps out -------------------------------------------------------------------------- */

/* why ptr NULL: nothing speaks against the file. */
typedef struct objection {
    sp_rule_key rule;
    sp_str why;
} objection;

static sp_status object(objection *ret, sp_rule_key rule, sp_str why, sp_err *err)
{
    *ret = (objection){ rule, why };
    return why.ptr ? SP_OK : sp_err_memory(err);
}

/* What keeps all files of that scope out. */
static sp_status find_scope_objection(const sp_loader *loader, sp_scope scope, objection *ret, sp_err *err)
{
    const sp_settings *settings = &loader->settings;
    sp_arena *arena = loader->arena;
    *ret = (objection){ 0 };
    if (scope == SP_SCOPE_NAMED)
        return SP_OK;
    if (settings->instructions_off.is_on)
        return object(ret, SP_RULE_CHAIN_DISABLED,
                      sp_str_format(arena, "%.*s keeps it out", SP_STR_ARG(settings->instructions_off.by)), err);
    if (is_omitted(loader, scope))
        return object(ret, SP_RULE_CHAIN_OMIT, SP_STR("the agent's omitClaudeMd: true leaves it out"), err);
    if (scope == SP_SCOPE_MANAGED)
        return SP_OK;
    if (settings->mode == SP_MANAGED_ONLY)
        return object(ret, SP_RULE_SETTINGS_INSTRUCTIONS,
                      sp_str_format(arena, "%.*s is managed-only", SP_STR_ARG(settings->mode_by)), err);
    if (sp_loader_leaves_out(loader, scope))
        return object(ret, SP_RULE_SETTINGS_SOURCES, SP_STR("--setting-sources does not name its scope"), err);
    if (scope == SP_SCOPE_ADDED && !settings->added_on.is_on)
        return object(
            ret, SP_RULE_CHAIN_ADDED,
            SP_STR("of an added directory it loads only with "
                   "CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD=1; set it in env of ~/.claude/settings.json"),
            err);
    return SP_OK;
}

sp_status sp_loader_find_exclusion(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_str *ret,
                                   sp_err *err)
{
    *ret = (sp_str){ NULL, 0 };
    if (wanted->scope == SP_SCOPE_NAMED || wanted->scope == SP_SCOPE_MANAGED)
        return SP_OK;
    const sp_exclude *exclude = sp_settings_find_exclude(loader, wanted->path, file->real_path);
    if (!exclude)
        return SP_OK;
    sp_str by = sp_settings_name_exclude(loader, exclude);
    if (by.ptr)
        *ret = sp_str_format(loader->arena, "%.*s names it", SP_STR_ARG(by));
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

static sp_status find_objection(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, objection *ret,
                                sp_err *err)
{
    bool is_local = sp_str_eq(sp_path_base(wanted->path), SP_STR("CLAUDE.local.md"));
    SP_TRY(find_scope_objection(loader, wanted->scope, ret, err));
    if (!ret->why.ptr && is_local && wanted->scope == SP_SCOPE_ADDED)
        SP_TRY(find_scope_objection(loader, SP_SCOPE_LOCAL, ret, err));
    if (ret->why.ptr)
        return SP_OK;
    ret->rule = SP_RULE_SETTINGS_EXCLUDES;
    return sp_loader_find_exclusion(loader, wanted, file, &ret->why, err);
}

/* ---- one file ------------------------------------------------------------------------------------------- */

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

/* Whether there is a file that would be a source without an objection. */
static bool is_left_out(const sp_file *file)
{
    return file->state == SP_FILE_READ || file->state == SP_FILE_LARGE || file->state == SP_FILE_DENIED ||
           file->state == SP_FILE_OUTSIDE;
}

static sp_status add_file(sp_loader *loader, const sp_wanted *wanted, sp_err *err)
{
    sp_file file;
    objection found;
    SP_TRY(sp_loader_read(loader, wanted, &file, err));
    SP_TRY(find_objection(loader, wanted, &file, &found, err));
    if (found.why.ptr && is_left_out(&file))
        return sp_loader_has_listed(loader, wanted, &file)
                   ? SP_OK
                   : sp_loader_skip(loader, wanted, &file, found.rule, found.why, err);
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

/* git's core.symlinks=false, or an archive, makes a file of a link to a folder. */
static sp_status skip_file_for_folder(sp_loader *loader, sp_wanted wanted, sp_str folder, sp_err *err)
{
    sp_file file;
    wanted.path = folder;
    SP_TRY(sp_loader_read(loader, &wanted, &file, err));
    if (!is_left_out(&file) || sp_loader_has_listed(loader, &wanted, &file))
        return SP_OK;
    SP_TRY(warn(loader, &wanted, SP_RULE_CHAIN_LINK_AS_TEXT,
                "a file where the folder of rules should be; if it was a symbolic link, make it a link again", err));
    return sp_loader_skip(loader, &wanted, &file, SP_RULE_CHAIN_LINK_AS_TEXT,
                          SP_STR("it is a file where the folder of rules should be"), err);
}

/* What lies among rules and is none. */
static sp_status skip_others(sp_loader *loader, const sp_walk *walk, sp_wanted wanted, sp_err *err)
{
    for (size_t i = 0; i < walk->others.count; i++) {
        sp_file file;
        wanted.path = walk->others.items[i];
        SP_TRY(sp_loader_read(loader, &wanted, &file, err));
        if (is_left_out(&file) && !sp_loader_has_listed(loader, &wanted, &file))
            SP_TRY(sp_loader_skip(loader, &wanted, &file, SP_RULE_RULE_EXTENSION,
                                  SP_STR("its name does not end in .md; rename it if it is a rule"), err));
    }
    return SP_OK;
}

/* A link in a project's rules may lead about in that folder and in the launch directory (rule import.external). */
static sp_status add_rules(sp_loader *loader, sp_str folder, sp_scope scope, sp_err *err)
{
    const sp_str places[] = { loader->launch, folder };
    bool is_free = scope == SP_SCOPE_USER || loader->request->allow_external_imports;
    sp_places within = { is_free ? NULL : places, SP_COUNT_OF(places) };
    sp_wanted wanted = {
        .kind = SP_SOURCE_RULE, .scope = scope, .reason = "session_start", .importer = SP_NONE, .within = within
    };
    sp_walk walk;
    SP_TRY(sp_loader_walk(loader, folder, within, &walk, err));
    if (walk.is_file)
        return skip_file_for_folder(loader, wanted, folder, err);
    for (size_t i = 0; i < walk.files.count; i++) {
        wanted.path = walk.files.items[i];
        SP_TRY(add_file(loader, &wanted, err));
    }
    for (size_t i = 0; i < walk.outside.count; i++) {
        wanted.path = walk.outside.items[i];
        SP_TRY(add_file(loader, &wanted, err));
    }
    return skip_others(loader, &walk, wanted, err);
}

/* Whether AGENTS.md loads by itself; where it does not, an import may still bring it in. */
static bool reads_agents_md(const sp_loader *loader)
{
    const sp_settings *settings = &loader->settings;
    return settings->mode != SP_CLAUDE_MD_ONLY &&
           (settings->mode != SP_CLAUDE_MD_OR_AGENTS_MD || !loader->claude_md.ptr);
}

static sp_status add_places(sp_loader *loader, sp_str above, const place *places, size_t count, sp_err *err)
{
    for (size_t i = 0; i < count; i++) {
        sp_str path = sp_path_join(loader->arena, above, sp_str_of(places[i].path));
        if (!path.ptr)
            return sp_err_memory(err);
        if (places[i].kind == PLACE_RULES) {
            SP_TRY(add_rules(loader, path, places[i].scope, err));
        } else if (places[i].kind == PLACE_FILE || reads_agents_md(loader)) {
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

/* Whether a CLAUDE.md at that place keeps AGENTS.md from being read. What does not load does not. */
static sp_status counts(sp_loader *loader, sp_str path, const place *at, bool *ret, sp_err *err)
{
    sp_file file;
    objection found;
    sp_wanted wanted = { .path = path, .scope = at->scope, .importer = SP_NONE };
    SP_TRY(loader->reader->read(loader->arena, path, (sp_read_limits){ .root = loader->allowed }, &file, err));
    SP_TRY(find_objection(loader, &wanted, &file, &found, err));
    *ret = sp_file_exists(&file) && !found.why.ptr;
    if (file.state == SP_FILE_DENIED && !found.why.ptr)
        return sp_err_unread(err, sp_loader_shown(loader, path), &file);
    return SP_OK;
}

/* The first CLAUDE.md or CLAUDE.local.md at or above the launch directory: AGENTS.md is not read beside it. The user's
 * own file is met again when the launch directory lies below home; it does not count. */
static sp_status find_claude_md(sp_loader *loader, const sp_paths *folders, sp_err *err)
{
    for (size_t i = 0; i < folders->count && !loader->claude_md.ptr; i++)
        for (size_t j = 0; j < SP_COUNT_OF(project_places) && !loader->claude_md.ptr; j++) {
            bool it_counts;
            sp_str path = sp_path_join(loader->arena, folders->items[i], sp_str_of(project_places[j].path));
            if (!path.ptr)
                return sp_err_memory(err);
            bool is_users = loader->user_dir.ptr && sp_str_eq(sp_path_folder(path), loader->user_dir);
            if (project_places[j].kind != PLACE_FILE || is_users)
                continue;
            SP_TRY(counts(loader, path, &project_places[j], &it_counts, err));
            if (it_counts)
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

/* claudeMd of managed settings: a managed CLAUDE.md without a file. */
static sp_status add_managed_text(sp_loader *loader, sp_err *err)
{
    const sp_setting_text *text = &loader->settings.claude_md;
    sp_file file = { .state = SP_FILE_READ, .what = "text", .bytes = text->text, .real_path = text->path };
    sp_wanted wanted = {
        .kind = SP_SOURCE_INSTRUCTIONS, .scope = SP_SCOPE_MANAGED, .reason = "session_start", .importer = SP_NONE
    };
    objection found;
    uint32_t index;
    if (!text->text.ptr)
        return SP_OK;
    file.size_bytes = text->text.len;
    file.device = file.inode = UINT64_MAX; /* no file has that, so it is the same as no other */
    wanted.path = sp_str_format(loader->arena, "%.*s#claudeMd", SP_STR_ARG(text->path));
    if (!wanted.path.ptr)
        return sp_err_memory(err);
    SP_TRY(find_scope_objection(loader, SP_SCOPE_MANAGED, &found, err));
    if (found.why.ptr)
        return sp_loader_skip(loader, &wanted, &file, found.rule, found.why, err);
    return sp_loader_add(loader, &wanted, &file, &index, err);
}

sp_status sp_load_chain(sp_loader *loader, sp_err *err)
{
    sp_paths folders;
    if (loader->request->instruction_files)
        return load_named(loader, err);
    SP_TRY(list_folders(loader, &folders, err));
    SP_TRY(find_claude_md(loader, &folders, err));
    SP_TRY(add_places(loader, loader->root, managed_places, SP_COUNT_OF(managed_places), err));
    SP_TRY(add_managed_text(loader, err));
    if (loader->user_dir.ptr)
        SP_TRY(add_places(loader, loader->user_dir, user_places, SP_COUNT_OF(user_places), err));
    for (size_t i = 0; i < folders.count; i++)
        SP_TRY(add_places(loader, folders.items[i], project_places, SP_COUNT_OF(project_places), err));
    for (size_t i = 0; i < loader->added.count; i++)
        SP_TRY(add_places(loader, loader->added.items[i], added_places, SP_COUNT_OF(added_places), err));
    return SP_OK;
}

/* Why AGENTS.md was not read by itself. */
static objection why_no_agents_md(const sp_loader *loader)
{
    if (loader->settings.mode == SP_CLAUDE_MD_ONLY)
        return (objection){ SP_RULE_SETTINGS_INSTRUCTIONS,
                            sp_str_format(loader->arena,
                                          "%.*s keeps the client from reading it; import it with @AGENTS.md",
                                          SP_STR_ARG(loader->settings.mode_by)) };
    return (objection){ SP_RULE_CHAIN_AGENTS_MD,
                        sp_str_format(loader->arena,
                                      "%.*s counts, so the client does not read it; import it with @AGENTS.md",
                                      SP_STR_ARG(sp_loader_shown(loader, loader->claude_md))) };
}

static sp_status add_bystander(sp_loader *loader, sp_str folder, const place *at, sp_err *err)
{
    sp_file file;
    sp_wanted wanted = {
        .path = sp_path_join(loader->arena, folder, sp_str_of(at->path)),
        .kind = SP_SOURCE_INSTRUCTIONS,
        .scope = SP_SCOPE_PROJECT,
        .reason = "beside CLAUDE.md",
        .importer = SP_NONE,
    };
    if (!wanted.path.ptr)
        return sp_err_memory(err);
    if (at->kind != PLACE_FALLBACK)
        return SP_OK;
    SP_TRY(sp_loader_read(loader, &wanted, &file, err));
    if (file.state != SP_FILE_READ && file.state != SP_FILE_LARGE)
        return SP_OK;
    objection found = why_no_agents_md(loader);
    return sp_loader_skip(loader, &wanted, &file, found.rule, found.why, err);
}

sp_status sp_load_bystanders(sp_loader *loader, sp_err *err)
{
    sp_paths folders;
    if (loader->request->instruction_files || reads_agents_md(loader))
        return SP_OK;
    SP_TRY(list_folders(loader, &folders, err));
    for (size_t i = 0; i < folders.count; i++)
        for (size_t j = 0; j < SP_COUNT_OF(project_places); j++)
            SP_TRY(add_bystander(loader, folders.items[i], &project_places[j], err));
    return SP_OK;
}
