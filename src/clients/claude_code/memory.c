/* memory.c - where MEMORY.md lies: an agent's by its scope, the main session's by the repository's path. */
#include "clients/claude_code/memory_scopes.h"

#include "base/diagnostic.h"
#include "base/types.h"
#include "clients/claude_code/memory.h"
#include "model/source.h"
#include "sources/client.h"

const sp_memory_scope sp_memory_scopes[SP_MEMORY_SCOPE_COUNT] = {
    { { "user", 4 }, SP_SCOPE_USER, "agent-memory", SP_TEXT_MEMORY_SCOPE_USER },
    { { "project", 7 }, SP_SCOPE_PROJECT, ".claude/agent-memory", SP_TEXT_MEMORY_SCOPE_PROJECT },
    { { "local", 5 }, SP_SCOPE_LOCAL, ".claude/agent-memory-local", SP_TEXT_MEMORY_SCOPE_LOCAL },
};

const sp_memory_scope *sp_memory_scope_find(sp_str name)
{
    for (size_t i = 0; i < SP_MEMORY_SCOPE_COUNT; i++)
        if (sp_str_eq(name, sp_memory_scopes[i].name))
            return &sp_memory_scopes[i];
    return NULL;
}

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* An agent's name as the name of a directory (rule memory.folder-name): each character but ASCII letters, digits, _ and
 * - becomes a dash. */
static sp_str folder_name(sp_arena *arena, sp_str name)
{
    sp_str copy = sp_str_dup(arena, name);
    char *c = (char *)copy.ptr;
    size_t used = 0; /* never more than was read */
    for (size_t at = 0; at < copy.len;) {
        uint32_t code;
        size_t bad = 1;
        size_t length = sp_utf8_decode(copy, at, &code, &bad);
        if (length != 1 || (!is_alphanumeric(c[at]) && c[at] != '_'))
            c[used++] = '-';
        else
            c[used++] = c[at];
        at += length ? length : bad;
    }
    copy.len = used;
    return copy;
}

/* ---- the name of a project ------------------------------------------------------------------------- */

/* The path of a folder with every character but ASCII letters and digits as one dash (rule memory.auto). */
static sp_str project_name(sp_arena *arena, const sp_place *here, sp_str repository)
{
    sp_str seen = sp_path_below(repository, here->root);
    sp_buf name = { 0 };
    sp_buf_add_char(&name, '-');
    if (sp_str_eq(repository, here->root))
        seen = (sp_str){ "", 0 };
    for (size_t at = 0; at < seen.len;) {
        uint32_t code;
        size_t bad = 1;
        size_t length = sp_utf8_decode(seen, at, &code, &bad);
        sp_buf_add_char(&name, is_alphanumeric(seen.ptr[at]) ? seen.ptr[at] : '-');
        at += length ? length : bad;
    }
    return sp_buf_move(&name, arena);
}

/* ---- the file ---------------------------------------------------------------------------------------- */

/* What stands where a memory file should be: a file becomes the source, nothing is fine, all else is said. */
static sp_status add_memory(sp_loader *loader, sp_wanted *wanted, uint32_t *ret, sp_err *err)
{
    sp_file file;
    const sp_switch *off = &loader->here->settings.memory_off;
    *ret = SP_NONE;
    SP_TRY(sp_place_read(loader->arena, loader->here, wanted, &file, err));
    if (off->is_on && sp_file_exists(&file))
        return sp_loader_skip(loader, wanted, &file, SP_RULE_MEMORY_OFF,
                              sp_str_format(loader->arena, "%.*s turns memory off", SP_STR_ARG(off->by)), err);
    if (off->is_on)
        return SP_OK;
    switch (file.state) {
    case SP_FILE_READ:
        return sp_loader_add(loader, wanted, &file, ret, err);
    case SP_FILE_ABSENT:
        return SP_OK;
    case SP_FILE_EXTERNAL:
        return sp_loader_leave_out_link(loader, wanted, &file, err);
    case SP_FILE_DENIED:
    case SP_FILE_LARGE:
        return sp_place_refuse(loader->arena, loader->here, wanted, &file, err);
    default:
        return sp_diag_add(loader->diags, err, SP_WARNING, sp_place_shown(loader->here, wanted->path), (sp_str){ 0 },
                           SP_WHOLE_FILE,
                           file.state == SP_FILE_DANGLING  ? SP_RULE_CHAIN_DANGLING
                           : file.state == SP_FILE_OUTSIDE ? SP_RULE_CHAIN_OUTSIDE_ROOT
                                                           : SP_RULE_CHAIN_NOT_A_FILE,
                           "no memory is read from here: it is %s",
                           file.state == SP_FILE_DANGLING  ? "a link whose target does not exist"
                           : file.state == SP_FILE_OUTSIDE ? "outside of --root"
                                                           : file.what);
    }
}

/* The folder as the prompt names it. */
static sp_status name_folder(sp_arena *arena, const sp_place *here, const sp_memory_scope *scope, sp_str folder,
                             sp_docs *docs, sp_err *err)
{
    sp_str name = folder;
    if (scope->scope == SP_SCOPE_USER && here->request->config_dir)
        SP_TRY(sp_place_name(arena, here, docs->memory_path, &name, err));
    else if (scope->scope == SP_SCOPE_USER)
        name = sp_str_format(arena, "~/.claude/%.*s", SP_STR_ARG(folder));
    if (name.ptr)
        docs->memory_folder = sp_str_format(arena, "%.*s/", SP_STR_ARG(name));
    return docs->memory_folder.ptr ? SP_OK : sp_err_memory(err);
}

/* Where an agent of that scope keeps its memory, whether or not anything is there. */
static sp_status set_folder(sp_loader *loader, const sp_memory_scope *scope, sp_docs *docs, sp_err *err)
{
    sp_arena *arena = loader->arena;
    sp_str above = scope->scope == SP_SCOPE_USER ? loader->here->user_dir : loader->here->launch;
    sp_str name = folder_name(arena, loader->agent->name.ptr ? loader->agent->name : SP_STR("agent"));
    sp_str folder = name.ptr ? sp_path_join(arena, sp_str_of(scope->folder), name) : name;
    if (!folder.ptr)
        return sp_err_memory(err);
    docs->has_memory = !loader->here->settings.memory_off.is_on;
    docs->memory_path = above.ptr ? sp_path_join(arena, above, folder) : above; /* no home, no user memory */
    if (above.ptr && !docs->memory_path.ptr)
        return sp_err_memory(err);
    docs->memory_dir = docs->memory_path;
    return name_folder(loader->arena, loader->here, scope, folder, docs, err);
}

static sp_status note_memory_off(sp_loader *loader, sp_err *err)
{
    const sp_source *agent = &loader->sources.items[loader->agent->source];
    return sp_diag_add(loader->diags, err, SP_NOTE, agent->path, (sp_str){ 0 }, SP_WHOLE_FILE, SP_RULE_MEMORY_OFF,
                       "%.*s turns memory off, so memory: %.*s has no effect",
                       SP_STR_ARG(loader->here->settings.memory_off.by), SP_STR_ARG(loader->agent->memory));
}

static sp_status load_agent_memory(sp_loader *loader, const sp_memory_scope *scope, sp_docs *docs, sp_err *err)
{
    sp_wanted wanted = {
        .kind = SP_SOURCE_MEMORY, .scope = scope->scope, .reason = "agent_memory", .importer = SP_NONE
    };
    SP_TRY(set_folder(loader, scope, docs, err));
    if (loader->here->settings.memory_off.is_on)
        SP_TRY(note_memory_off(loader, err));
    if (!docs->memory_path.ptr)
        return SP_OK; /* the same as a missing file */
    wanted.path = sp_path_join(loader->arena, docs->memory_path, SP_STR("MEMORY.md"));
    if (!wanted.path.ptr)
        return sp_err_memory(err);
    return add_memory(loader, &wanted, &docs->memory_source, err);
}

/* The client says nothing about auto memory that is not there, so the prompt does not either. */
static sp_status find_auto_memory(sp_arena *arena, const sp_place *here, sp_str *ret, sp_err *err)
{
    sp_str moved = here->settings.memory_dir.text;
    sp_str repository;
    *ret = (sp_str){ NULL, 0 };
    if (moved.ptr && moved.ptr[0] == '/') {
        while (moved.len && moved.ptr[0] == '/')
            moved = sp_str_slice(moved, 1, moved.len);
        *ret = sp_path_join(arena, here->root, moved);
        return ret->ptr ? SP_OK : sp_err_memory(err);
    }
    if (moved.ptr) {
        if (here->home.ptr)
            *ret = sp_path_join(arena, here->home, sp_str_slice(moved, 2, moved.len));
        return ret->ptr || !here->home.ptr ? SP_OK : sp_err_memory(err);
    }
    if (!here->user_dir.ptr)
        return SP_OK;
    SP_TRY(sp_place_main_repository(arena, here, &repository, err));
    sp_str project = project_name(arena, here, repository);
    sp_str below = sp_str_format(arena, "projects/%.*s/memory", SP_STR_ARG(project));
    if (project.ptr && below.ptr)
        *ret = sp_path_join(arena, here->user_dir, below);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

/* Whether a settings file of the repository says where auto memory lies. */
static bool is_moved_by_repository(const sp_place *here)
{
    const sp_settings_file *file = here->settings.memory_dir.file;
    return file && (file->scope == SP_SCOPE_PROJECT || file->scope == SP_SCOPE_LOCAL);
}

/* The repository's settings name a directory out of it: the same as a link that leads there. Where no memory is there,
 * the prompt is the client's all the same. */
static sp_status refuse_folder(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_err *err)
{
    const sp_setting_text *moved = &loader->here->settings.memory_dir;
    bool is_there = file->state == SP_FILE_EXTERNAL;
    sp_str to = sp_place_shown(loader->here, is_there ? file->real_path : sp_path_folder(wanted->path));
    SP_TRY(sp_diag_add(loader->diags, err, is_there ? SP_FINDING : SP_WARNING, moved->file->path, moved->file->text,
                       moved->offset, SP_RULE_LINK_EXTERNAL,
                       "autoMemoryDirectory leads out of %s, to %.*s; nothing is read there without "
                       "--external-links=allow",
                       sp_origin_of_launch(loader->here), SP_STR_ARG(to)));
    if (!is_there)
        return SP_OK;
    return sp_loader_skip(loader, wanted, file, SP_RULE_LINK_EXTERNAL,
                          sp_str_format(loader->arena,
                                        "%.*s leads out of %s, to %.*s; --external-links=allow follows it",
                                        SP_STR_ARG(moved->by), sp_origin_of_launch(loader->here), SP_STR_ARG(to)),
                          err);
}

/* A directory that the repository's settings name has to lie in it, by its real path as far as it is there.
 * *ret_refused is whether nothing is read there. */
static sp_status judge_folder(sp_loader *loader, sp_docs *docs, sp_wanted *wanted, bool *ret_refused, sp_err *err)
{
    sp_file folder, file;
    sp_str path = docs->memory_dir;
    SP_TRY(sp_reader_read(loader->here->reader, loader->arena, path, (sp_read_limits){ .root = loader->here->allowed },
                          &folder, err));
    wanted->origin = SP_ORIGIN_REPOSITORY;
    *ret_refused = false;
    if (sp_origin_holds(loader->here, folder.state == SP_FILE_FOLDER ? folder.real_path : path))
        return SP_OK;
    docs->memory_dir = (sp_str){ NULL, 0 };
    SP_TRY(sp_place_read(loader->arena, loader->here, wanted, &file, err));
    *ret_refused = file.state != SP_FILE_READ; /* a link may lead back */
    return *ret_refused ? refuse_folder(loader, wanted, &file, err) : SP_OK;
}

static sp_status load_auto_memory(sp_loader *loader, sp_docs *docs, uint32_t *ret_source, sp_err *err)
{
    sp_wanted wanted = {
        .kind = SP_SOURCE_MEMORY, .scope = SP_SCOPE_USER, .reason = "auto_memory", .importer = SP_NONE
    };
    sp_str folder;
    bool is_refused = false;
    SP_TRY(find_auto_memory(loader->arena, loader->here, &folder, err));
    docs->memory_dir = folder;
    if (!folder.ptr)
        return SP_OK;
    wanted.path = sp_path_join(loader->arena, folder, SP_STR("MEMORY.md"));
    if (!wanted.path.ptr)
        return sp_err_memory(err);
    if (is_moved_by_repository(loader->here) && !loader->here->settings.memory_off.is_on)
        SP_TRY(judge_folder(loader, docs, &wanted, &is_refused, err));
    if (is_refused)
        return SP_OK;
    return add_memory(loader, &wanted, ret_source, err);
}

/* A subagent gets the session's memory with the instructions: neither with omitClaudeMd, nor where they are named. */
static sp_status load_session_memory(sp_loader *loader, sp_docs *docs, sp_err *err)
{
    bool gets_it = sp_rule_has_effect(loader->here->profile, SP_RULE_AGENT_AUTO_MEMORY, SP_EFFECT_ORDER);
    if (!gets_it || sp_loader_omits_instructions(loader) || loader->here->request->instruction_files)
        return SP_OK;
    return load_auto_memory(loader, docs, &docs->session_memory, err);
}

static sp_status load_named_memory(sp_loader *loader, sp_docs *docs, sp_err *err)
{
    sp_wanted wanted = { .kind = SP_SOURCE_MEMORY, .scope = SP_SCOPE_NAMED, .reason = "named", .importer = SP_NONE };
    sp_file file;
    wanted.path = sp_path_append(loader->arena, loader->here->current, sp_str_of(loader->here->request->memory_file));
    if (!wanted.path.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_loader_read_part(loader, &wanted, &file, err));
    docs->has_memory = true;
    if (file.state == SP_FILE_EXTERNAL)
        return SP_OK;
    return sp_loader_add(loader, &wanted, &file, &docs->memory_source, err);
}

sp_status sp_load_memory(sp_loader *loader, sp_docs *docs, sp_err *err)
{
    bool has_scopes = loader->agent && sp_rule_holds(loader->here->profile, SP_RULE_MEMORY_PLACE);
    const sp_memory_scope *scope = has_scopes ? sp_memory_scope_find(loader->agent->memory) : NULL;
    if (loader->here->request->memory_file && !sp_rule_holds(loader->here->profile, SP_RULE_MEMORY_LINES))
        return sp_err_set(err, SP_ERR_USAGE, "%s reads no memory file; leave out %s, or choose another profile",
                          sp_profile_name(loader->here->profile), loader->here->request->memory_file);
    if (loader->agent)
        SP_TRY(load_session_memory(loader, docs, err));
    if (loader->here->request->memory_file) {
        if (scope)
            SP_TRY(set_folder(loader, scope, docs, err));
        return load_named_memory(loader, docs, err);
    }
    if (!loader->agent && sp_rule_holds(loader->here->profile, SP_RULE_MEMORY_AUTO)) {
        SP_TRY(load_auto_memory(loader, docs, &docs->memory_source, err));
        docs->has_memory = docs->memory_source != SP_NONE;
    }
    return scope ? load_agent_memory(loader, scope, docs, err) : SP_OK;
}
