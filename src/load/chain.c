/*
 * chain.c - the instruction files, in the order the client reads them.
 *
 * The order is the client's table of places. A run of places that are looked for in the same folders is gone through
 * folder by folder. A folder of rules counts as a place too: all its files, by path.
 */
#include "load/steps.h"

#include "base/diagnostic.h"
#include "base/numbers.h"
#include "base/types.h"
#include "clients/claude_code/settings.h"
#include "model/agent.h"
#include "model/request.h"
#include "model/source.h"
#include "syntax/front_matter.h"

#include <stdlib.h>

bool sp_chain_omits(const sp_loader *loader, sp_scope scope, bool is_touched)
{
    const sp_agent *agent = loader->agent;
    if (!agent || !sp_loader_omits_instructions(loader) || scope == SP_SCOPE_NAMED)
        return false;
    if (is_touched && !loader->here->profile->client->agents_lack_instructions)
        return false;
    return scope != SP_SCOPE_MANAGED || loader->sources.items[agent->source].scope == SP_SCOPE_MANAGED;
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

/* What keeps all files of that scope out, of those that load at the start or those that touched files ask for. */
static sp_status find_scope_objection(const sp_loader *loader, sp_scope scope, bool is_touched, objection *ret,
                                      sp_err *err)
{
    const sp_settings *settings = &loader->here->settings;
    sp_arena *arena = loader->arena;
    *ret = (objection){ 0 };
    if (scope == SP_SCOPE_NAMED)
        return SP_OK;
    sp_str why;
    sp_rule_key left_out = sp_place_leaves_out(loader->here, scope, SP_SOURCE_INSTRUCTIONS, &why);
    if (left_out == SP_RULE_SESSION_BARE)
        return object(ret, left_out, why, err);
    if (settings->instructions_off.is_on)
        return object(ret, SP_RULE_CHAIN_DISABLED,
                      sp_str_format(arena, "%.*s keeps it out", SP_STR_ARG(settings->instructions_off.by)), err);
    if (sp_chain_omits(loader, scope, is_touched))
        return object(ret, SP_RULE_CHAIN_OMIT,
                      loader->agent->omit_claude_md
                          ? SP_STR("the agent's omitClaudeMd: true leaves it out")
                          : SP_STR("a subagent gets no instruction files; with --as=session it is in the prompt"),
                      err);
    if (scope == SP_SCOPE_MANAGED)
        return SP_OK;
    if (settings->mode == SP_MANAGED_ONLY)
        return object(ret, SP_RULE_SETTINGS_INSTRUCTIONS,
                      sp_str_format(arena, "%.*s is managed-only", SP_STR_ARG(settings->mode_by)), err);
    if (left_out != SP_RULE_NONE)
        return object(ret, left_out, why, err);
    if (scope == SP_SCOPE_ADDED && !settings->added_on.is_on)
        return object(
            ret, SP_RULE_CHAIN_ADDED,
            SP_STR("of an added directory it loads only with "
                   "CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD=1; set it in env of ~/.claude/settings.json"),
            err);
    return SP_OK;
}

sp_status sp_loader_find_exclusion(sp_arena *arena, const sp_place *here, const sp_wanted *wanted, const sp_file *file,
                                   sp_str *ret, sp_err *err)
{
    *ret = (sp_str){ NULL, 0 };
    if (wanted->scope == SP_SCOPE_NAMED || wanted->scope == SP_SCOPE_MANAGED)
        return SP_OK;
    const sp_exclude *exclude = sp_settings_find_exclude(here, wanted->path, file->real_path);
    if (!exclude)
        return SP_OK;
    sp_str by = sp_settings_name_exclude(arena, exclude);
    if (by.ptr)
        *ret = sp_str_format(arena, "%.*s names it", SP_STR_ARG(by));
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

static sp_status find_objection_at(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, bool is_touched,
                                   objection *ret, sp_err *err)
{
    bool is_local = sp_str_eq(sp_path_base(wanted->path), SP_STR("CLAUDE.local.md"));
    SP_TRY(find_scope_objection(loader, wanted->scope, is_touched, ret, err));
    if (!ret->why.ptr && is_local && wanted->scope == SP_SCOPE_ADDED)
        SP_TRY(find_scope_objection(loader, SP_SCOPE_LOCAL, is_touched, ret, err));
    if (ret->why.ptr)
        return SP_OK;
    ret->rule = SP_RULE_SETTINGS_EXCLUDES;
    return sp_loader_find_exclusion(loader->arena, loader->here, wanted, file, &ret->why, err);
}

static sp_status find_objection(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, objection *ret,
                                sp_err *err)
{
    return find_objection_at(loader, wanted, file, wanted->trigger.ptr || wanted->hold != SP_RULE_NONE, ret, err);
}

/* ---- one file ------------------------------------------------------------------------------------------- */

static sp_status skip_as_large(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_err *err)
{
    sp_rule_key rule = sp_place_size_rule(loader->here, wanted->kind);
    long long limit = (long long)sp_rule_value(loader->here->profile, rule);
    const char *who = rule == SP_RULE_CHAIN_MAX_BYTES ? "the client skips files" : "no files are read";
    sp_str shown = sp_place_shown(loader->here, wanted->path);
    SP_TRY(sp_diag_add(loader->diags, err, SP_WARNING, shown, (sp_str){ 0 }, SP_WHOLE_FILE, rule,
                       "has %s bytes, and %s of more than %s; split it", SP_NUMBER(file->size_bytes), who,
                       SP_NUMBER(limit)));
    return sp_loader_skip(loader, wanted, file, rule,
                          sp_str_format(loader->arena, "it has %s bytes and the limit is %s; split it",
                                        SP_NUMBER(file->size_bytes), SP_NUMBER(limit)),
                          err);
}

static sp_status skip_as_same_text(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, uint32_t twin,
                                   sp_err *err)
{
    return sp_loader_skip_twin(loader, wanted, file, SP_RULE_CHAIN_ONCE,
                               sp_str_format(loader->arena, "it has the same text as %.*s, which is loaded",
                                             SP_STR_ARG(loader->sources.items[twin].path)),
                               err);
}

/* An instruction file of the start with that text; SP_NONE for none. Rules, imports and what comes with a file that is
 * read later are sent all the same. */
static uint32_t find_same_text(const sp_loader *loader, const sp_wanted *wanted, const sp_file *file)
{
    for (uint32_t i = 0; i < loader->sources.count && wanted->kind == SP_SOURCE_INSTRUCTIONS && !wanted->trigger.ptr;
         i++) {
        const sp_source *source = &loader->sources.items[i];
        if (source->is_loaded && source->kind == SP_SOURCE_INSTRUCTIONS && sp_str_eq(source->bytes, file->bytes))
            return i;
    }
    return SP_NONE;
}

static sp_status skip_as_twin(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, uint32_t twin,
                              sp_err *err)
{
    sp_str path = loader->sources.items[twin].path;
    sp_str who = sp_sources_importer_name(loader->arena, &loader->sources, twin);
    sp_str why = SP_STR("it is loaded already, further up");
    if (!who.ptr)
        return sp_err_memory(err);
    if (!sp_str_eq(path, sp_place_shown(loader->here, wanted->path)))
        why = sp_str_format(loader->arena, "it is the same file as %.*s, which is loaded", SP_STR_ARG(path));
    else if (who.len)
        why = sp_str_format(loader->arena, "it is loaded already: %.*s imports it", SP_STR_ARG(who));
    return sp_loader_skip_twin(loader, wanted, file, SP_RULE_CHAIN_ONCE, why, err);
}

static sp_status warn(sp_loader *loader, const sp_wanted *wanted, sp_rule_key rule, const char *what, sp_err *err)
{
    return sp_diag_add(loader->diags, err, SP_WARNING, sp_place_shown(loader->here, wanted->path), (sp_str){ 0 },
                       SP_WHOLE_FILE, rule, "not loaded: it is %s", what);
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
    SP_TRY(sp_place_exists(loader->arena, loader->here, target, (sp_places){ 0 }, &exists, err));
    if (!(exists || sp_str_ends(text, SP_STR(".md"))) || sp_str_eq(target, wanted->path))
        return SP_OK;
    sp_str advice = SP_STR("");
    if (sp_rule_holds(loader->here->profile, SP_RULE_IMPORT_DEPTH))
        advice = sp_str_format(loader->arena, "write @%.*s to import it, or ", SP_STR_ARG(text));
    if (!advice.ptr)
        return sp_err_memory(err);
    return sp_diag_add(loader->diags, err, SP_WARNING, sp_place_shown(loader->here, wanted->path), file->bytes, 0,
                       SP_RULE_CHAIN_LINK_AS_TEXT,
                       "the whole text is the path %.*s: probably a symbolic link that was checked out as a text file; "
                       "%.*smake it a link again",
                       SP_STR_ARG(text), SP_STR_ARG(advice));
}

static sp_status warn_of_size(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_err *err)
{
    long long limit = (long long)sp_rule_value(loader->here->profile, SP_RULE_CHAIN_WARN_CHARACTERS);
    if (file->bytes.len <= (size_t)limit || sp_utf8_count(file->bytes) <= (size_t)limit)
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_WARNING, sp_place_shown(loader->here, wanted->path), (sp_str){ 0 },
                       SP_WHOLE_FILE, SP_RULE_CHAIN_WARN_CHARACTERS,
                       "has %s characters, and the client warns of files of more than %s; it loads all the same",
                       SP_NUMBER(sp_utf8_count(file->bytes)), SP_NUMBER(limit));
}

/* Where the launch directory is a worktree inside its main repository: the worktree's own copy of a project's file
 * further up, or ptr NULL when it has none. *ret_is_above is whether the file is one further up. */
static sp_status find_own_copy(sp_arena *arena, const sp_place *here, const sp_wanted *wanted, sp_str *ret,
                               bool *ret_is_above, sp_err *err)
{
    bool exists = false;
    *ret = (sp_str){ NULL, 0 };
    *ret_is_above = false;
    if (!here->checkout.ptr || wanted->scope != SP_SCOPE_PROJECT || !sp_path_is_within(wanted->path, here->checkout) ||
        sp_path_is_within(wanted->path, here->repository))
        return SP_OK;
    *ret_is_above = true;
    sp_str copy = sp_path_join(arena, here->repository, sp_path_below(wanted->path, here->checkout));
    SP_TRY(sp_place_exists(arena, here, copy, (sp_places){ 0 }, &exists, err));
    if (exists)
        *ret = copy;
    return SP_OK;
}

/* The file of the project that the start loaded with the same text as an AGENTS.md on demand, or SP_NONE (rule
 * instructions.agents-md-same). */
static sp_status find_loaded_text(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, uint32_t *ret,
                                  sp_err *err)
{
    sp_str text;
    sp_str other;
    *ret = SP_NONE;
    if (!wanted->trigger.ptr || !sp_str_eq(sp_path_base(wanted->path), SP_STR("AGENTS.md")) ||
        !sp_rule_holds(loader->here->profile, SP_RULE_CHAIN_AGENTS_MD_SAME))
        return SP_OK;
    SP_TRY(sp_loader_text_apart(loader, wanted, file, &text, err));
    for (uint32_t i = 0; i < loader->sources.count && *ret == SP_NONE; i++) {
        const sp_source *source = &loader->sources.items[i];
        if (!source->is_loaded || !sp_is_of_chain(source->kind) || source->trigger.ptr ||
            source->scope == SP_SCOPE_USER || source->scope == SP_SCOPE_MANAGED)
            continue;
        SP_TRY(sp_loader_text_of(loader->arena, source, &other, err));
        *ret = sp_str_eq(text, other) ? i : SP_NONE;
    }
    return SP_OK;
}

static sp_status add_read_file(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_err *err)
{
    uint32_t index;
    sp_str copy;
    bool is_above;
    SP_TRY(find_own_copy(loader->arena, loader->here, wanted, &copy, &is_above, err));
    if (copy.ptr)
        return sp_loader_skip(loader, wanted, file, SP_RULE_CHAIN_WORKTREE,
                              sp_str_format(loader->arena, "the worktree has its own, %.*s",
                                            SP_STR_ARG(sp_place_shown(loader->here, copy))),
                              err);
    if (is_above && sp_rule_holds(loader->here->profile, SP_RULE_CHAIN_WORKTREE_ALL))
        return sp_loader_skip(loader, wanted, file, SP_RULE_CHAIN_WORKTREE_ALL,
                              SP_STR("it lies in the main tree, and a worktree inside it loads its own files only"),
                              err);
    if (loader->here->profile->client->again == SP_AGAIN_TEXT) {
        index = find_same_text(loader, wanted, file);
        if (index != SP_NONE)
            return skip_as_same_text(loader, wanted, file, index, err);
    }
    uint32_t same;
    SP_TRY(find_loaded_text(loader, wanted, file, &same, err));
    if (same != SP_NONE)
        return sp_loader_skip(loader, wanted, file, SP_RULE_CHAIN_AGENTS_MD_SAME,
                              sp_str_format(loader->arena, "its text is loaded already, as %.*s",
                                            SP_STR_ARG(loader->sources.items[same].path)),
                              err);
    SP_TRY(warn_of_link_as_text(loader, wanted, file, err));
    SP_TRY(warn_of_size(loader, wanted, file, err));
    return sp_loader_add(loader, wanted, file, &index, err);
}

static sp_status skip_as_outside(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_err *err)
{
    bool is_external = sp_places_hold(loader->here->allowed, file->real_path);
    sp_rule_key rule = is_external ? SP_RULE_IMPORT_EXTERNAL : SP_RULE_CHAIN_OUTSIDE_ROOT;
    const char *where = is_external ? "a link out of the launch directory; --external-imports=allow loads it"
                                    : "a link that leads outside of --root";
    SP_TRY(warn(loader, wanted, rule, where, err));
    return sp_loader_skip(loader, wanted, file, rule, sp_str_format(loader->arena, "it is %s", where), err);
}

/* A file that was listed a moment ago and is gone would be left out without a word. */
static sp_status check_vanished(const sp_place *here, const sp_wanted *wanted, sp_err *err)
{
    if (wanted->kind != SP_SOURCE_RULE)
        return SP_OK;
    return sp_err_at(err, SP_ERR_INPUT, sp_place_shown(here, wanted->path), (sp_str){ 0 }, 0, NULL,
                     "was there when its folder was listed, and is gone; run this again");
}

/* Whether there is a file that would be a source without an objection. */
static bool is_left_out(const sp_file *file)
{
    return file->state == SP_FILE_READ || file->state == SP_FILE_LARGE || file->state == SP_FILE_DENIED ||
           file->state == SP_FILE_OUTSIDE || file->state == SP_FILE_EXTERNAL;
}

static sp_status leave_out(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, const objection *found,
                           sp_err *err)
{
    if (sp_loader_has_listed(loader, wanted, file))
        return SP_OK;
    if (file->state == SP_FILE_EXTERNAL && found->rule == wanted->hold)
        return sp_loader_skip_link(loader, wanted, file, err); /* it would not load later either */
    SP_TRY(sp_loader_skip(loader, wanted, file, found->rule, found->why, err));
    bool waits = wanted->hold != SP_RULE_NONE && found->rule == wanted->hold && wanted->kind == SP_SOURCE_RULE;
    return waits ? sp_source_ask_front(loader, loader->sources.count - 1, err) : SP_OK;
}

/* A rule of the start that omitClaudeMd drops and that waits for a file all the same. */
static sp_status find_waiting(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, objection *found,
                              sp_err *err)
{
    bool waits;
    if (found->rule != SP_RULE_CHAIN_OMIT || wanted->kind != SP_SOURCE_RULE || file->state != SP_FILE_READ ||
        sp_chain_omits(loader, wanted->scope, true))
        return SP_OK;
    SP_TRY(sp_loader_waits(loader, wanted, file, &waits, err));
    return waits ? find_objection_at(loader, wanted, file, true, found, err) : SP_OK;
}

sp_status sp_chain_add_file(sp_loader *loader, const sp_wanted *wanted, sp_err *err)
{
    sp_file file;
    objection found;
    SP_TRY(sp_loader_read(loader, wanted, &file, err));
    if (wanted->hides_outside && (file.state == SP_FILE_OUTSIDE || file.state == SP_FILE_EXTERNAL))
        sp_file_identify(&file);
    SP_TRY(find_objection(loader, wanted, &file, &found, err));
    SP_TRY(find_waiting(loader, wanted, &file, &found, err));
    if (!found.why.ptr && wanted->hold != SP_RULE_NONE)
        found = (objection){ wanted->hold, wanted->hold_why };
    if (found.why.ptr && is_left_out(&file))
        return leave_out(loader, wanted, &file, &found, err);
    switch (file.state) {
    case SP_FILE_READ:
        return add_read_file(loader, wanted, &file, err);
    case SP_FILE_KNOWN:
        if (sp_sources_find(&loader->sources, &file) == SP_NONE || wanted->hold != SP_RULE_NONE)
            return SP_OK; /* met before, and left out with a reason: below home, ~/.claude is an ancestor's .claude */
        return skip_as_twin(loader, wanted, &file, sp_sources_find(&loader->sources, &file), err);
    case SP_FILE_ABSENT:
        return check_vanished(loader->here, wanted, err);
    case SP_FILE_DENIED:
        return sp_place_refuse(loader->arena, loader->here, wanted, &file, err);
    case SP_FILE_DANGLING:
        return warn(loader, wanted, SP_RULE_CHAIN_DANGLING, "a link whose target does not exist", err);
    case SP_FILE_FOLDER:
    case SP_FILE_SPECIAL:
        return warn(loader, wanted, SP_RULE_CHAIN_NOT_A_FILE, file.what, err);
    case SP_FILE_LARGE:
        return skip_as_large(loader, wanted, &file, err);
    case SP_FILE_OUTSIDE:
        return skip_as_outside(loader, wanted, &file, err);
    case SP_FILE_EXTERNAL:
        return sp_loader_leave_out_link(loader, wanted, &file, err);
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
static sp_status skip_others(sp_loader *loader, const sp_walk *walk, const char *ending, sp_wanted wanted, sp_err *err)
{
    for (size_t i = 0; i < walk->others.count; i++) {
        sp_file file;
        wanted.path = walk->others.items[i];
        SP_TRY(sp_loader_read(loader, &wanted, &file, err));
        if (is_left_out(&file) && !sp_loader_has_listed(loader, &wanted, &file))
            SP_TRY(sp_loader_skip(
                loader, &wanted, &file, SP_RULE_RULE_EXTENSION,
                sp_str_format(loader->arena, "its name does not end in %s; rename it if it is a rule", ending), err));
    }
    return SP_OK;
}

/* A file that was named: its own folder counts as inside for its imports, which imports.c looks up. */
static sp_status load_named(sp_loader *loader, sp_err *err)
{
    const sp_request *request = loader->here->request;
    for (size_t i = 0; i < request->instruction_file_count; i++) {
        uint32_t index;
        sp_file file;
        sp_wanted wanted = {
            .path = sp_path_append(loader->arena, loader->here->current, sp_str_of(request->instruction_files[i])),
            .kind = SP_SOURCE_INSTRUCTIONS,
            .scope = SP_SCOPE_NAMED,
            .reason = "named",
            .importer = SP_NONE,
        };
        if (!wanted.path.ptr)
            return sp_err_memory(err);
        SP_TRY(sp_loader_read_part(loader, &wanted, &file, err));
        index = sp_sources_find(&loader->sources, &file);
        if (file.state == SP_FILE_KNOWN)
            SP_TRY(skip_as_twin(loader, &wanted, &file, index, err));
        else if (file.state == SP_FILE_READ)
            SP_TRY(sp_loader_add(loader, &wanted, &file, &index, err));
    }
    return SP_OK;
}

/* ---- which files are picked ------------------------------------------------------------------------------ */

/* Where one run of places is looked for. */
typedef struct run {
    const sp_location *places;
    size_t count;
    const sp_look *look;
    sp_paths folders;          /* the outermost first */
    const sp_listing *listing; /* as in sp_look */
    sp_str preferred;          /* the first file of a preferred place, or ptr NULL */
    sp_str fallback;           /* and of a fallback */
    size_t nearest;            /* index of the innermost folder with a file that has to be the nearest, or SIZE_MAX */
} run;

static sp_status path_of(const sp_loader *loader, sp_str folder, const sp_location *place, sp_str *ret, sp_err *err)
{
    *ret = sp_place_path(loader->arena, loader->here, place->anchor, folder, place->path);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

/* Whether nothing but comments and white space is in text from begin on. */
static sp_status is_only_comments(sp_arena *arena, sp_str text, size_t begin, bool *ret, sp_err *err)
{
    sp_markdown markdown;
    sp_str rest = sp_str_trim(sp_str_slice(text, begin, text.len));
    *ret = rest.len == 0;
    if (!sp_str_starts(rest, SP_STR("<!--")))
        return SP_OK;
    SP_TRY(sp_markdown_scan(arena, text, begin, &markdown, err));
    size_t at = begin;
    *ret = true;
    for (size_t i = 0; i <= markdown.comment_count; i++) {
        size_t end = i < markdown.comment_count ? markdown.comments[i].begin : text.len;
        *ret = *ret && sp_str_trim(sp_str_slice(text, at, end)).len == 0;
        at = i < markdown.comment_count ? markdown.comments[i].end : end;
    }
    return SP_OK;
}

static sp_status is_without_text_in(sp_arena *arena, const sp_place *here, sp_str text, bool *ret, sp_err *err)
{
    sp_diags unsaid = { .arena = arena };
    sp_front_matter front;
    SP_TRY(sp_front_matter_read(arena, here->profile, SP_STR(""), text, SP_FRONT_MATTER_STRICT_ONLY, &unsaid, &front,
                                err));
    return is_only_comments(arena, text, front.body_begin, ret, err);
}

/* Whether nothing of the text is left without front matter and comments. */
static sp_status is_without_text(const sp_place *here, sp_str text, bool *ret, sp_err *err)
{
    sp_arena scratch = { NULL };
    sp_status status = is_without_text_in(&scratch, here, text, ret, err);
    sp_arena_release(&scratch);
    return status;
}

static sp_status look_for_file(const sp_loader *loader, const sp_wanted *wanted, sp_file *ret, sp_err *err)
{
    const sp_read_limits limits = { .root = loader->here->allowed, .hides_outside = wanted->hides_outside };
    return sp_reader_read(loader->here->reader, loader->arena, wanted->path, limits, ret, err);
}

/* Looks for a file that may decide about others, and tells whether it is without text. One that is not read, because
 * it is too large or a link leads out of the repository, has text. */
static sp_status look_for_text(sp_loader *loader, const sp_wanted *wanted, sp_file *ret, bool *ret_is_empty,
                               sp_err *err)
{
    *ret_is_empty = false;
    if (!sp_rule_holds(loader->here->profile, SP_RULE_CHAIN_AGENTS_MD_ONCE))
        return look_for_file(loader, wanted, ret, err);
    SP_TRY(sp_loader_read_ahead(loader, wanted, ret, err));
    if (ret->state == SP_FILE_DENIED) /* the file, or a directory on the way: then it is not known to be there */
        return look_for_file(loader, wanted, ret, err);
    if (ret->state == SP_FILE_READ)
        return is_without_text(loader->here, ret->bytes, ret_is_empty, err);
    uint32_t known =
        ret->state != SP_FILE_KNOWN ? SP_NONE : sp_sources_find_any(&loader->sources, ret->device, ret->inode);
    if (known == SP_NONE || !loader->sources.items[known].was_read)
        return SP_OK;
    return is_without_text(loader->here, loader->sources.items[known].bytes, ret_is_empty, err);
}

/* Whether a file at that place decides about others. What does not load does not. */
static sp_status counts(sp_loader *loader, sp_str path, const sp_location *place, bool *ret, sp_err *err)
{
    sp_file file;
    objection found;
    bool is_empty;
    sp_wanted wanted = {
        .path = path,
        .kind = place->kind,
        .scope = place->scope,
        .importer = SP_NONE,
        .hides_outside = place->hides_outside,
    };
    *ret = false;
    if (sp_place_off_by(loader->here, place->off_by))
        return SP_OK;
    SP_TRY(look_for_text(loader, &wanted, &file, &is_empty, err));
    SP_TRY(find_objection(loader, &wanted, &file, &found, err));
    bool is_there = sp_file_exists(&file) || file.state == SP_FILE_EXTERNAL; /* which the client reads */
    *ret = is_there && !is_empty && !found.why.ptr;
    if (file.state == SP_FILE_DENIED && !found.why.ptr)
        return sp_err_unread(err, sp_place_shown(loader->here, path), &file);
    return SP_OK;
}

/* The user's own file is met again when the launch directory lies below home; it does not count for the project. */
static bool is_users_own(const sp_loader *loader, sp_str path)
{
    for (size_t i = 0; i < loader->setup->place_count && loader->here->user_dir.ptr; i++) {
        const sp_location *place = &loader->setup->places[i];
        sp_str below = sp_path_below(path, loader->here->user_dir);
        if (place->anchor == SP_ANCHOR_USER && below.len < path.len && sp_str_eq(below, sp_str_of(place->path)))
            return true;
    }
    return false;
}

/* Whether this is the root, where this version of the client reads nothing. */
static bool is_unread_root(const sp_place *here, const run *r, const sp_location *place, size_t folder)
{
    return folder == 0 && r->folders.count > 1 && place->anchor == SP_ANCHOR_FROM_ROOT &&
           sp_rule_has_effect(here->profile, SP_RULE_CHAIN_ROOT, SP_EFFECT_SKIP);
}

/* Whether something can be at that place, as far as it is known. */
static bool may_be_there(const run *r, const sp_location *place)
{
    return !r->listing || sp_listing_may_have(r->listing, sp_str_of(place->path));
}

/* Whether a file is at that place of a folder, and decides about others. */
static sp_status find_deciding(sp_loader *loader, const run *r, const sp_location *place, size_t folder, sp_str *ret,
                               sp_err *err)
{
    bool exists = false;
    sp_str path;
    *ret = (sp_str){ NULL, 0 };
    if (is_unread_root(loader->here, r, place, folder) || !may_be_there(r, place))
        return SP_OK;
    SP_TRY(path_of(loader, r->folders.items[folder], place, &path, err));
    if (!(place->anchor == SP_ANCHOR_FROM_ROOT && is_users_own(loader, path)))
        SP_TRY(counts(loader, path, place, &exists, err));
    if (exists)
        *ret = path;
    return SP_OK;
}

/* The first file of such places in the folders from first to end. */
static sp_status find_picked(sp_loader *loader, const run *r, sp_pick pick, size_t first, size_t end, sp_str *ret,
                             sp_err *err)
{
    *ret = (sp_str){ NULL, 0 };
    for (size_t f = first; f < end; f++)
        for (size_t i = 0; i < r->count && !ret->ptr; i++)
            if (r->places[i].pick == pick)
                SP_TRY(find_deciding(loader, r, &r->places[i], f, ret, err));
    return SP_OK;
}

static bool has_pick(const run *r, sp_pick pick)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->places[i].pick == pick)
            return true;
    return false;
}

/* The first preferred file in the folders from first to end; and the first fallback, where something comes after it. */
static sp_status find_preferred(sp_loader *loader, run *r, size_t first, size_t end, sp_err *err)
{
    SP_TRY(find_picked(loader, r, SP_PICK_PREFERRED, first, end, &r->preferred, err));
    r->fallback = (sp_str){ NULL, 0 };
    return has_pick(r, SP_PICK_LAST) ? find_picked(loader, r, SP_PICK_FALLBACK, first, end, &r->fallback, err) : SP_OK;
}

/* The same for the directories of the start: what holds there holds for the directories below, too. It is found once,
 * however many directories are looked at. */
static sp_status find_preferred_at_start(sp_loader *loader, run *r, sp_err *err)
{
    if (loader->start_places != r->places) {
        run start = *r;
        start.listing = NULL;
        SP_TRY(sp_place_folders(loader->arena, loader->here, r->places[0].anchor, &start.folders, err));
        SP_TRY(find_preferred(loader, &start, 0, start.folders.count, err));
        loader->start_places = r->places;
        loader->start_preferred = start.preferred;
        loader->start_fallback = start.fallback;
    }
    r->preferred = loader->start_preferred;
    r->fallback = loader->start_fallback;
    return SP_OK;
}

static bool is_of_part(const sp_location *place, sp_look_part part)
{
    bool is_rule = place->kind == SP_SOURCE_RULE;
    bool is_fallback = place->pick == SP_PICK_FALLBACK || place->pick == SP_PICK_LAST;
    return part == SP_LOOK_ALL || part == (is_rule ? SP_LOOK_RULES : is_fallback ? SP_LOOK_FALLBACKS : SP_LOOK_FILES);
}

static sp_status find_nearest(sp_loader *loader, run *r, sp_err *err)
{
    r->nearest = SIZE_MAX;
    for (size_t f = 0; f < r->folders.count; f++)
        for (size_t i = 0; i < r->count; i++) {
            sp_str found = { NULL, 0 };
            if (r->places[i].pick == SP_PICK_NEAREST)
                SP_TRY(find_deciding(loader, r, &r->places[i], f, &found, err));
            if (found.ptr)
                r->nearest = f;
        }
    return SP_OK;
}

static sp_status pass_over(sp_arena *arena, sp_bystanders *beside, const sp_location *place, sp_str path,
                           sp_rule_key rule, sp_str why, sp_err *err)
{
    sp_passed *passed = why.ptr ? SP_LIST_PUSH(arena, beside) : NULL;
    if (!passed)
        return sp_err_memory(err);
    *passed = (sp_passed){ place, path, rule, why, { NULL, 0 } };
    return SP_OK;
}

/* The same of a file in whose place another one is read. */
static sp_status pass_over_hidden(sp_arena *arena, sp_bystanders *beside, const sp_location *place, sp_str path,
                                  sp_str instead, const objection *found, sp_err *err)
{
    SP_TRY(pass_over(arena, beside, place, path, found->rule, found->why, err));
    beside->items[beside->count - 1].instead = instead;
    return SP_OK;
}

/* Whether this version of Claude Code reads AGENTS.md by itself; other clients have fallbacks of their own. */
static bool is_known_fallback(const sp_place *here, const sp_location *place)
{
    return place->rule != SP_RULE_CHAIN_AGENTS_MD ||
           sp_rule_has_effect(here->profile, SP_RULE_CHAIN_AGENTS_MD, SP_EFFECT_ORDER);
}

/* The file in whose place a fallback is read; ptr NULL: there is none. */
static sp_str find_first(const run *r, const sp_location *place)
{
    return !r->preferred.ptr && place->pick == SP_PICK_LAST ? r->fallback : r->preferred;
}

/* Why a fallback is not read: something is preferred to it, a setting says so, or this version does not know it at all.
 * why ptr NULL: it is read. */
static sp_status find_fallback_objection(sp_arena *arena, const sp_place *here, const run *r, const sp_location *place,
                                         sp_str path, objection *ret, sp_err *err)
{
    const sp_settings *settings = &here->settings;
    bool is_agents_md = place->rule == SP_RULE_CHAIN_AGENTS_MD;
    sp_str first = find_first(r, place);
    sp_str preferred = first.ptr ? sp_place_shown(here, first) : SP_STR("");
    *ret = (objection){ 0 };
    if (!is_known_fallback(here, place))
        return object(
            ret, place->rule,
            sp_str_format(arena, "%s does not read it; import it with @%s", here->profile->label, place->path), err);
    if (is_agents_md && settings->mode == SP_CLAUDE_MD_ONLY)
        return object(ret, SP_RULE_SETTINGS_INSTRUCTIONS,
                      sp_str_format(arena, "%.*s keeps the client from reading it; import it with @AGENTS.md",
                                    SP_STR_ARG(settings->mode_by)),
                      err);
    if (!first.ptr || (is_agents_md && settings->mode != SP_CLAUDE_MD_OR_AGENTS_MD))
        return SP_OK;
    if (!sp_rule_holds(here->profile, SP_RULE_IMPORT_DEPTH))
        return object(ret, place->rule,
                      sp_str_format(arena, "the client reads it only where there is no %.*s", SP_STR_ARG(preferred)),
                      err);
    sp_str import = sp_place_import_path(arena, sp_path_folder(first), path);
    bool is_beside = sp_str_eq(sp_path_folder(first), sp_path_folder(path));
    if (!import.ptr)
        return sp_err_memory(err);
    return object(ret, place->rule,
                  sp_str_format(arena, "the client reads it only where there is no %.*s; import it %swith @%.*s",
                                SP_STR_ARG(preferred), is_beside ? "" : "there ", SP_STR_ARG(import)),
                  err);
}

/* ---- the walk -------------------------------------------------------------------------------------------- */

/* Whether such a place lies in a folder of the project, and not of the user or the machine. */
static bool is_of_project(sp_anchor anchor)
{
    return anchor != SP_ANCHOR_USER && anchor != SP_ANCHOR_HOME && anchor != SP_ANCHOR_ROOT;
}

/* By that path; a place in a place finds its files again. */
static bool is_loaded(const sp_sources *sources, sp_str path)
{
    for (uint32_t i = 0; i < sources->count; i++)
        if (sp_str_eq(sources->items[i].real_path, path))
            return true;
    return false;
}

/* What the patterns of a rule are relative to. */
static sp_str base_of(const sp_place *here, const run *r, const sp_location *place, size_t folder_index)
{
    if (here->profile->client->matches_from_root)
        return here->repository;
    return is_of_project(place->anchor) ? r->folders.items[folder_index] : here->launch;
}

/* A link in a project's rules may lead about in that folder and in the launch directory (rule import.external); where
 * links may lead anywhere, nothing else leads out. */
static sp_status add_rules(sp_loader *loader, const run *r, const sp_location *place, size_t folder_index,
                           sp_wanted wanted, sp_err *err)
{
    sp_str folder = wanted.path;
    const sp_client *client = loader->here->profile->client;
    const sp_str places[] = { loader->here->launch, folder };
    bool is_allowed = loader->here->request->allow_external_imports || loader->here->request->allow_external_links;
    sp_places within = { place->scope == SP_SCOPE_USER || is_allowed ? NULL : places, SP_COUNT_OF(places) };
    wanted.within = within;
    wanted.folder = folder;
    wanted.base = base_of(loader->here, r, place, folder_index);
    bool is_sorted = client->sorts_rules || client->sorts_each_directory;
    const sp_walk_options options = { sp_rules_ending(client, place),
                                      within,
                                      wanted.hold != SP_RULE_NONE ? loader->diags : NULL,
                                      sp_place_limits(loader->here, &wanted).origin,
                                      loader->here->request->is_directory_order && !is_sorted,
                                      client->ignores_case,
                                      client->sorts_each_directory };
    sp_walk walk;
    SP_TRY(sp_place_walk_with(loader->arena, loader->here, folder, &options, &walk, err));
    if (walk.is_file)
        return skip_file_for_folder(loader, wanted, folder, err);
    bool is_any_folder = place->anchor == SP_ANCHOR_ADDED && client->added_by;
    for (size_t i = 0; i < walk.files.count; i++) {
        wanted.path = walk.files.items[i];
        if (!is_any_folder || !is_loaded(&loader->sources, wanted.path))
            SP_TRY(sp_chain_add_file(loader, &wanted, err));
    }
    for (size_t i = 0; i < walk.outside.count; i++) {
        wanted.path = walk.outside.items[i];
        SP_TRY(sp_chain_add_file(loader, &wanted, err));
    }
    for (size_t i = 0; i < walk.external.count; i++) {
        wanted.path = walk.external.items[i];
        SP_TRY(sp_chain_add_file(loader, &wanted, err));
    }
    return is_any_folder ? SP_OK : skip_others(loader, &walk, options.ending, wanted, err);
}

/* Whether what was added first since then (its imports come after it) is a file with text, or one that is loaded
 * already. One that a link keeps out counts: the client reads it. */
static bool has_added_text(const sp_sources *sources, uint32_t count_before)
{
    if (sources->count == count_before)
        return false;
    const sp_source *added = &sources->items[count_before];
    const sp_parsed *parsed = sources->items[count_before].parsed;
    return parsed->is_twin || parsed->is_external || (added->is_loaded && sp_str_trim(added->bytes).len > 0);
}

static bool is_first_pick(const sp_location *place)
{
    return place->pick == SP_PICK_FIRST || place->pick == SP_PICK_FIRST_FILE;
}

static sp_status pass_over_untrusted(sp_loader *loader, sp_bystanders *beside, const sp_location *place, sp_str path,
                                     sp_err *err)
{
    return pass_over(loader->arena, beside, place, path, SP_RULE_CHAIN_TRUST,
                     sp_str_format(loader->arena, "%.*s does not trust the project",
                                   SP_STR_ARG(sp_place_shown(loader->here, loader->setup->trust_by))),
                     err);
}

static sp_status pass_over_switched(sp_loader *loader, sp_bystanders *beside, const sp_location *place, sp_str path,
                                    sp_err *err)
{
    return pass_over(loader->arena, beside, place, path, SP_RULE_CHAIN_SWITCHED,
                     sp_str_format(loader->arena, "%s switches it off", sp_place_off_by(loader->here, place->off_by)),
                     err);
}

static sp_status warn_of_legacy(sp_loader *loader, sp_str path, sp_err *err)
{
    const sp_client *client = loader->here->profile->client;
    const char *folder = "";
    for (size_t i = 0; i < client->place_count && !*folder; i++)
        if (client->places[i].kind == SP_SOURCE_RULE)
            folder = client->places[i].path;
    return sp_diag_add(loader->diags, err, SP_WARNING, sp_place_shown(loader->here, path), (sp_str){ 0 }, SP_WHOLE_FILE,
                       SP_RULE_CHAIN_LEGACY,
                       "is of an older kind, which the client still reads; move its text to a file in %s", folder);
}

/* The path as its file is called, in capitals or not; the first one by its bytes. */
static sp_status find_written(const sp_loader *loader, sp_str *path, sp_err *err)
{
    sp_listing listing;
    sp_str folder = sp_path_folder(*path);
    sp_str name = sp_path_base(*path);
    SP_TRY(sp_reader_list(loader->here->reader, loader->arena, folder,
                          (sp_read_limits){ .root = loader->here->allowed }, &listing, err));
    for (size_t i = 0; listing.state == SP_FILE_FOLDER && i < listing.count; i++)
        if (sp_str_eq_nocase(listing.entries[i].name, name)) {
            *path = sp_path_join(loader->arena, folder, listing.entries[i].name);
            return path->ptr ? SP_OK : sp_err_memory(err);
        }
    return SP_OK;
}

/* *picked is the file that counts in this folder, once there is one. */
static sp_status add_place(sp_loader *loader, sp_bystanders *beside, const run *r, const sp_location *place,
                           size_t folder, sp_str *picked, sp_err *err)
{
    uint32_t count_before = loader->sources.count;
    objection found = { 0 };
    sp_wanted wanted = {
        .kind = place->kind,
        .scope = place->scope,
        .reason = r->look->reason,
        .importer = SP_NONE,
        .limit = place->limit,
        .is_plain = place->is_plain,
        .hides_outside = place->hides_outside,
        .trigger = r->look->trigger,
        .hold = r->look->hold,
        .hold_why = r->look->hold_why,
    };
    SP_TRY(path_of(loader, r->folders.items[folder], place, &wanted.path, err));
    if (place->kind == SP_SOURCE_INSTRUCTIONS && loader->here->profile->client->ignores_case)
        SP_TRY(find_written(loader, &wanted.path, err));
    if (is_unread_root(loader->here, r, place, folder))
        return pass_over(loader->arena, beside, place, wanted.path, SP_RULE_CHAIN_ROOT,
                         SP_STR("this version of the client does not read files in /"), err);
    if (place->pick == SP_PICK_FALLBACK || place->pick == SP_PICK_LAST)
        SP_TRY(find_fallback_objection(loader->arena, loader->here, r, place, wanted.path, &found, err));
    if (found.why.ptr)
        return pass_over_hidden(loader->arena, beside, place, wanted.path, find_first(r, place), &found, err);
    if (place->pick == SP_PICK_NEAREST && r->nearest != SIZE_MAX && folder != r->nearest)
        return pass_over(loader->arena, beside, place, wanted.path, place->rule, SP_STR("a nearer one counts"), err);
    if (sp_place_off_by(loader->here, place->off_by))
        return pass_over_switched(loader, beside, place, wanted.path, err);
    if (loader->setup->trust == SP_UNTRUSTED && is_of_project(place->anchor))
        return pass_over_untrusted(loader, beside, place, wanted.path, err);
    if (is_first_pick(place) && picked->ptr) {
        bool is_beside = sp_str_eq(sp_path_folder(*picked), sp_path_folder(wanted.path));
        sp_str why = sp_str_format(loader->arena,
                                   is_beside ? "%.*s counts in this directory"
                                             : "the client reads it only where there is no %.*s",
                                   SP_STR_ARG(sp_place_shown(loader->here, *picked)));
        SP_TRY(object(&found, place->rule, why, err));
        return pass_over_hidden(loader->arena, beside, place, wanted.path, *picked, &found, err);
    }
    if (place->kind == SP_SOURCE_RULE)
        return add_rules(loader, r, place, folder, wanted, err);
    SP_TRY(sp_chain_add_file(loader, &wanted, err));
    bool has_added = loader->sources.count > count_before;
    if (place->pick == SP_PICK_FIRST_FILE ? has_added : has_added_text(&loader->sources, count_before))
        *picked = wanted.path;
    if (place->rule == SP_RULE_CHAIN_LEGACY && loader->sources.count > count_before)
        return warn_of_legacy(loader, wanted.path, err);
    return SP_OK;
}

/* A file of a run, by its whole path. */
typedef struct sorted_place {
    sp_str path;
    size_t folder;
    const sp_location *place;
} sorted_place;

static int compare_paths(const void *a, const void *b)
{
    sp_str x = ((const sorted_place *)a)->path;
    sp_str y = ((const sorted_place *)b)->path;
    int order = memcmp(x.ptr, y.ptr, x.len < y.len ? x.len : y.len);
    return order ? order : (x.len > y.len) - (x.len < y.len);
}

/* All files of a run, in the order of their whole paths. */
static sp_status look_sorted(sp_loader *loader, sp_bystanders *beside, const run *r, sp_err *err)
{
    size_t count = r->folders.count * r->count;
    sorted_place *all = SP_ARENA_ARRAY(loader->arena, sorted_place, count + 1);
    if (!all)
        return sp_err_memory(err);
    for (size_t i = 0; i < count; i++) {
        all[i] = (sorted_place){ .folder = i / r->count, .place = &r->places[i % r->count] };
        SP_TRY(path_of(loader, r->folders.items[all[i].folder], all[i].place, &all[i].path, err));
    }
    qsort(all, count, sizeof *all, compare_paths);
    for (size_t i = 0; i < count; i++) {
        sp_str picked = { NULL, 0 };
        SP_TRY(add_place(loader, beside, r, all[i].place, all[i].folder, &picked, err));
    }
    return SP_OK;
}

sp_status sp_loader_look(sp_loader *loader, sp_bystanders *beside, const sp_location *places, size_t count,
                         const sp_paths *folders, const sp_look *look, sp_err *err)
{
    const sp_client *client = loader->here->profile->client;
    run r = { .places = places, .count = count, .look = look, .folders = *folders, .listing = look->listing };
    SP_TRY(find_nearest(loader, &r, err));
    if (!look->is_nested || sp_rule_holds(loader->here->profile, SP_RULE_CHAIN_AGENTS_MD_ONCE))
        SP_TRY(find_preferred_at_start(loader, &r, err));
    bool is_decided = r.preferred.ptr != NULL;
    if (loader->here->profile->client->is_sorted && !look->is_nested)
        return look_sorted(loader, beside, &r, err);
    bool is_upwards =
        client->is_nearest_first && !look->is_nested && count > 0 && sp_anchor_reaches_below(places[0].anchor);
    for (size_t n = 0; n < folders->count; n++) {
        size_t f = is_upwards ? folders->count - 1 - n : n;
        sp_str picked = { NULL, 0 };
        if (look->is_nested && !is_decided)
            SP_TRY(find_preferred(loader, &r, f, f + 1, err));
        for (size_t i = 0; i < count; i++)
            if (is_of_part(&places[i], look->part) && may_be_there(&r, &places[i]))
                SP_TRY(add_place(loader, beside, &r, &places[i], f, &picked, err));
    }
    return SP_OK;
}

/* Whether one of the names that make a directory a project's root is in it. */
static sp_status has_marker(const sp_loader *loader, sp_str folder, bool *ret, sp_err *err)
{
    *ret = false;
    for (size_t i = 0; i < loader->setup->markers.count && !*ret; i++) {
        sp_file file;
        sp_str path = sp_path_join(loader->arena, folder, loader->setup->markers.items[i]);
        if (!path.ptr)
            return sp_err_memory(err);
        SP_TRY(sp_reader_read(loader->here->reader, loader->arena, path,
                              (sp_read_limits){ .root = loader->here->allowed, .max_bytes = 1, .hides_outside = true },
                              &file, err));
        *ret = file.state != SP_FILE_ABSENT && file.state != SP_FILE_DANGLING && file.state != SP_FILE_OUTSIDE;
    }
    return SP_OK;
}

/* The nearest directory with one of the names that the client's configuration gives; without one the launch directory
 * is alone. */
static sp_status find_root(const sp_loader *loader, sp_str *ret, sp_err *err)
{
    const sp_place *here = loader->here;
    for (sp_str folder = here->launch;; folder = sp_path_folder(folder)) {
        bool is_root;
        SP_TRY(has_marker(loader, folder, &is_root, err));
        *ret = is_root ? folder : here->launch;
        if (is_root || sp_str_eq(folder, here->root) || sp_str_eq(folder, sp_path_folder(folder)))
            return SP_OK;
    }
}

/* As sp_place_folders, from the root that the client's configuration marks. */
static sp_status folders_of(const sp_loader *loader, sp_anchor anchor, sp_paths *ret, sp_err *err)
{
    sp_place marked = *loader->here;
    if (!loader->setup->has_markers || !sp_anchor_reaches_below(anchor))
        return sp_place_folders(loader->arena, loader->here, anchor, ret, err);
    SP_TRY(find_root(loader, &marked.repository, err));
    marked.has_repository = true;
    return sp_place_folders(loader->arena, &marked, anchor, ret, err);
}

static sp_status load_run(sp_loader *loader, sp_bystanders *beside, const sp_location *places, size_t count,
                          sp_err *err)
{
    static const sp_look at_start = { .reason = "session_start" };
    sp_paths folders;
    SP_TRY(folders_of(loader, places[0].anchor, &folders, err));
    return sp_loader_look(loader, beside, places, count, &folders, &at_start, err);
}

/* claudeMd of managed settings: a managed CLAUDE.md without a file. */
static sp_status add_managed_text(sp_loader *loader, sp_err *err)
{
    const sp_setting_text *text = &loader->here->settings.claude_md;
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
    SP_TRY(find_scope_objection(loader, SP_SCOPE_MANAGED, false, &found, err));
    if (found.why.ptr)
        return sp_loader_skip(loader, &wanted, &file, found.rule, found.why, err);
    return sp_loader_add(loader, &wanted, &file, &index, err);
}

/* claudeMd is a file of its own, between the managed files and the managed rules. */
static sp_status load_managed(sp_loader *loader, sp_bystanders *beside, const sp_location *places, size_t count,
                              sp_err *err)
{
    size_t files = 0;
    while (files < count && places[files].kind != SP_SOURCE_RULE)
        files++;
    SP_TRY(load_run(loader, beside, places, files, err));
    SP_TRY(add_managed_text(loader, err));
    if (files == count || !sp_rule_holds(loader->here->profile, SP_RULE_RULE_MANAGED))
        return SP_OK;
    return load_run(loader, beside, places + files, count - files, err);
}

/* A text of the client's configuration, or the file that it names. */
static sp_status add_setup_text(sp_loader *loader, const sp_setup_text *text, sp_err *err)
{
    uint32_t index;
    bool is_file = text->setting->effect == SP_CONFIG_SYSTEM_FILE;
    sp_file file = { .state = SP_FILE_READ, .what = "text", .bytes = text->value, .real_path = text->config };
    sp_wanted wanted = {
        .kind = SP_SOURCE_APPENDED, .scope = text->scope, .reason = "configured", .importer = SP_NONE
    };
    file.size_bytes = text->value.len;
    file.device = file.inode = UINT64_MAX; /* no file has that, so it is the same as no other */
    wanted.path = is_file ? sp_path_join(loader->arena, sp_path_folder(text->config), text->value)
                          : sp_str_format(loader->arena, "%.*s#%s", SP_STR_ARG(text->config), text->setting->keys[0]);
    if (!wanted.path.ptr)
        return sp_err_memory(err);
    /* a file of the repository names files of it only, whether or not the user lets the client trust it */
    if (is_file && text->scope == SP_SCOPE_PROJECT && !sp_origin_holds(loader->here, wanted.path))
        return warn(loader, &wanted, SP_RULE_CHAIN_CONFIGURED,
                    "named by a file of the repository, and outside of it; --external-links=allow follows it", err);
    if (is_file)
        SP_TRY(sp_loader_read(loader, &wanted, &file, err));
    if (file.state != SP_FILE_READ)
        return warn(loader, &wanted, SP_RULE_CHAIN_CONFIGURED, "not a file that can be read", err);
    return sp_loader_add(loader, &wanted, &file, &index, err);
}

/* In the order of the client's table. */
static sp_status add_setup_texts(sp_loader *loader, sp_err *err)
{
    const sp_client *client = loader->here->profile->client;
    for (size_t s = 0; s < client->setting_count; s++)
        for (size_t i = 0; i < loader->setup->texts.count; i++)
            if (loader->setup->texts.items[i].setting == &client->settings[s])
                SP_TRY(add_setup_text(loader, &loader->setup->texts.items[i], err));
    return SP_OK;
}

/* Places of added directories, in those that are only granted. */
static sp_status pass_over_granted(sp_loader *loader, sp_bystanders *beside, const sp_location *place, sp_err *err)
{
    for (size_t i = 0; i < loader->here->granted.count; i++) {
        sp_str path;
        SP_TRY(path_of(loader, loader->here->granted.items[i], place, &path, err));
        SP_TRY(pass_over(loader->arena, beside, place, path, SP_RULE_CHAIN_GRANTED,
                         sp_str_format(loader->arena,
                                       "%.*s grants access to its folder, and reads no instructions there; "
                                       "use --add-dir, with CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD=1",
                                       SP_STR_ARG(loader->here->granted_by.items[i])),
                         err));
    }
    return SP_OK;
}

/* What lies where Claude Code knows of a folder and reads nothing of it. */
static sp_status pass_over_others(sp_loader *loader, sp_bystanders *beside, sp_err *err)
{
    static const sp_location of_plugin = { .path = "CLAUDE.md",
                                           .kind = SP_SOURCE_INSTRUCTIONS,
                                           .scope = SP_SCOPE_PLUGIN };
    const sp_client *client = loader->here->profile->client;
    for (size_t i = 0; i < client->place_count; i++)
        if (client->places[i].anchor == SP_ANCHOR_ADDED)
            SP_TRY(pass_over_granted(loader, beside, &client->places[i], err));
    for (size_t i = 0; sp_rule_holds(loader->here->profile, SP_RULE_CHAIN_PLUGIN) && i < loader->here->plugins.count;
         i++) {
        sp_str path;
        SP_TRY(path_of(loader, loader->here->plugins.items[i], &of_plugin, &path, err));
        SP_TRY(pass_over(loader->arena, beside, &of_plugin, path, SP_RULE_CHAIN_PLUGIN,
                         SP_STR("the client reads no CLAUDE.md of a plugin; put what counts into a skill or an agent"),
                         err));
    }
    return SP_OK;
}

static bool is_name_given(const sp_client_setup *setup, sp_str name)
{
    for (size_t i = 0; i < setup->names.count; i++)
        if (sp_str_eq(setup->names.items[i], name))
            return true;
    return false;
}

/* The client's own name, where its configuration gives others. */
static sp_status pass_over_usual(sp_loader *loader, sp_bystanders *beside, const sp_location *place, sp_err *err)
{
    sp_paths folders;
    if (is_name_given(loader->setup, sp_path_base(sp_str_of(place->path))))
        return SP_OK;
    SP_TRY(sp_place_folders(loader->arena, loader->here, place->anchor, &folders, err));
    for (size_t i = 0; i < folders.count; i++) {
        sp_str path;
        SP_TRY(path_of(loader, folders.items[i], place, &path, err));
        SP_TRY(pass_over(loader->arena, beside, place, path, SP_RULE_CHAIN_CONFIGURED,
                         SP_STR("the client's settings name other files"), err));
    }
    return SP_OK;
}

static sp_status pass_over_all_usual(sp_loader *loader, sp_bystanders *beside, sp_err *err)
{
    const sp_client *client = loader->here->profile->client;
    for (size_t i = 0; i < client->place_count && loader->setup->names.count; i++)
        if (client->places[i].kind != SP_SOURCE_RULE)
            SP_TRY(pass_over_usual(loader, beside, &client->places[i], err));
    return SP_OK;
}

/* ---- files in the order of their titles -------------------------------------------------------------------- */

typedef struct titled {
    sp_wanted wanted;
    sp_str title;
    size_t place;
} titled;

typedef struct titles {
    sp_loader *loader;
    sp_list(titled) files;
} titles;

static int compare_titles(const void *a, const void *b)
{
    const titled *x = a;
    const titled *y = b;
    size_t shorter = x->title.len < y->title.len ? x->title.len : y->title.len;
    for (size_t i = 0; i < shorter; i++) {
        int left = (unsigned char)sp_lower(x->title.ptr[i]);
        int right = (unsigned char)sp_lower(y->title.ptr[i]);
        if (left != right)
            return left - right;
    }
    if (x->title.len != y->title.len)
        return x->title.len < y->title.len ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

/* The name of a rule's front matter, else that of its file without the ending. */
static sp_status title_of(sp_loader *loader, const sp_wanted *wanted, sp_str *ret, sp_err *err)
{
    sp_diags unsaid = { .arena = loader->arena };
    sp_front_matter front = { 0 };
    sp_file file;
    *ret = sp_path_base(wanted->path);
    for (size_t dot = ret->len; dot > 1; dot--)
        if (ret->ptr[dot - 1] == '.') {
            ret->len = dot - 1;
            break;
        }
    if (wanted->kind != SP_SOURCE_RULE)
        return SP_OK;
    SP_TRY(sp_loader_read_ahead(loader, wanted, &file, err));
    if (file.state == SP_FILE_READ)
        SP_TRY(sp_front_matter_read(loader->arena, loader->here->profile, SP_STR(""), file.bytes,
                                    SP_FRONT_MATTER_STRICT_ONLY, &unsaid, &front, err));
    const sp_field *name = sp_front_matter_find(&front, "name");
    if (name && name->kind == SP_VALUE_SCALAR && sp_str_trim(name->value).len)
        *ret = sp_str_trim(name->value);
    return SP_OK;
}

static sp_status add_title(titles *t, const sp_location *place, size_t index, sp_str path, sp_err *err)
{
    titled *slot = SP_LIST_PUSH(t->loader->arena, &t->files);
    if (!slot)
        return sp_err_memory(err);
    *slot = (titled){ .place = index };
    slot->wanted = (sp_wanted){
        .path = path, .kind = place->kind, .scope = place->scope, .reason = "session_start", .importer = SP_NONE
    };
    if (!place->title)
        return title_of(t->loader, &slot->wanted, &slot->title, err);
    slot->title = sp_str_of(place->title);
    return SP_OK;
}

static sp_status find_titles(titles *t, const sp_location *place, size_t index, sp_str path, sp_err *err)
{
    sp_loader *loader = t->loader;
    const sp_walk_options options = { .ending = "", .lenient = loader->diags };
    sp_walk walk;
    bool exists;
    SP_TRY(sp_place_walk_with(loader->arena, loader->here, path, &options, &walk, err));
    if (place->kind == SP_SOURCE_INSTRUCTIONS) {
        SP_TRY(sp_place_exists(loader->arena, loader->here, path, (sp_places){ 0 }, &exists, err));
        return exists && walk.files.count == 0 ? add_title(t, place, index, path, err) : SP_OK;
    }
    if (walk.external.count && sp_str_eq(walk.external.items[0], path)) {
        SP_TRY(sp_place_exists(loader->arena, loader->here, path, (sp_places){ 0 }, &exists, err));
        const sp_wanted wanted = {
            .path = path, .kind = place->kind, .scope = place->scope, .reason = "session_start", .importer = SP_NONE
        };
        return exists ? SP_OK : sp_chain_add_file(loader, &wanted, err); /* a file has a place of its own */
    }
    for (size_t i = 0; i < walk.files.count; i++) {
        sp_str file = walk.files.items[i];
        bool is_rule = sp_str_ends(file, SP_STR(".md")) || sp_str_ends(file, SP_STR(".txt"));
        if (is_rule && sp_str_eq(sp_path_folder(file), path))
            SP_TRY(add_title(t, place, index, file, err));
    }
    return SP_OK;
}

static sp_status skip_title(sp_loader *loader, const titled *one, const titled *other, sp_err *err)
{
    sp_file file;
    SP_TRY(sp_loader_read(loader, &one->wanted, &file, err));
    if (!is_left_out(&file))
        return SP_OK;
    return sp_loader_skip(loader, &one->wanted, &file, SP_RULE_CHAIN_FIRST,
                          sp_str_format(loader->arena, "%.*s has the same title and counts",
                                        SP_STR_ARG(sp_place_shown(loader->here, other->wanted.path))),
                          err);
}

static sp_status load_by_title(sp_loader *loader, sp_err *err)
{
    titles t = { .loader = loader };
    for (size_t i = 0; i < loader->setup->place_count; i++) {
        const sp_location *place = &loader->setup->places[i];
        sp_paths folders;
        SP_TRY(sp_place_folders(loader->arena, loader->here, place->anchor, &folders, err));
        for (size_t f = 0; f < folders.count; f++) {
            sp_str path = sp_place_path(loader->arena, loader->here, place->anchor, folders.items[f], place->path);
            if (!path.ptr)
                return sp_err_memory(err);
            SP_TRY(find_titles(&t, place, i, path, err));
        }
    }
    if (t.files.count)
        qsort(t.files.items, t.files.count, sizeof *t.files.items, compare_titles);
    for (size_t i = 0; i < t.files.count; i++) {
        const titled *next = i + 1 < t.files.count ? &t.files.items[i + 1] : NULL;
        if (next && sp_str_eq_nocase(t.files.items[i].title, next->title))
            SP_TRY(skip_title(loader, &t.files.items[i], next, err));
        else
            SP_TRY(sp_chain_add_file(loader, &t.files.items[i].wanted, err));
    }
    return SP_OK;
}

sp_status sp_load_chain(sp_loader *loader, sp_bystanders *beside, sp_err *err)
{
    if (loader->here->request->instruction_files)
        return load_named(loader, err);
    SP_TRY(add_setup_texts(loader, err));
    if (loader->here->profile->client->by_title)
        return load_by_title(loader, err);
    SP_TRY(pass_over_all_usual(loader, beside, err));
    for (size_t begin = 0, end = 0; sp_setup_next_run(loader->setup, &begin, &end);) {
        const sp_location *places = loader->setup->places + begin;
        SP_TRY(places[0].anchor == SP_ANCHOR_ROOT ? load_managed(loader, beside, places, end - begin, err)
                                                  : load_run(loader, beside, places, end - begin, err));
    }
    return pass_over_others(loader, beside, err);
}

/* Whether a source of that path was read and has no text. */
static bool is_empty_source(const sp_loader *loader, sp_str shown)
{
    for (uint32_t i = 0; i < loader->sources.count; i++) {
        const sp_source *source = &loader->sources.items[i];
        if (source->was_read && sp_str_eq(source->path, shown))
            return sp_str_trim(source->bytes).len == 0;
    }
    return false;
}

/* An empty file in the place of one with text is hardly meant. */
static sp_status warn_if_empty_hides(sp_loader *loader, const sp_passed *passed, const sp_wanted *hidden,
                                     const sp_file *file, sp_err *err)
{
    if (!passed->instead.ptr || (file->state == SP_FILE_READ && sp_str_trim(file->bytes).len == 0))
        return SP_OK;
    sp_str shown = sp_place_shown(loader->here, passed->instead);
    if (!is_empty_source(loader, shown))
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_WARNING, shown, (sp_str){ 0 }, SP_WHOLE_FILE, SP_RULE_CHAIN_EMPTY_HIDES,
                       "is empty and hides %.*s; delete it or write the instructions there",
                       SP_STR_ARG(sp_place_shown(loader->here, hidden->path)));
}

static sp_status add_bystander(sp_loader *loader, const sp_passed *passed, sp_str path, sp_err *err)
{
    sp_file file;
    sp_wanted wanted = {
        .path = path,
        .kind = passed->place->kind,
        .scope = passed->place->scope,
        .reason = "passed over",
        .importer = SP_NONE,
        .hides_outside = passed->place->hides_outside,
    };
    SP_TRY(sp_loader_read(loader, &wanted, &file, err));
    bool is_there = file.state == SP_FILE_READ || file.state == SP_FILE_LARGE || file.state == SP_FILE_EXTERNAL;
    if (!is_there || sp_loader_has_listed(loader, &wanted, &file))
        return SP_OK; /* an import may have brought it in, or will on demand */
    SP_TRY(warn_if_empty_hides(loader, passed, &wanted, &file, err));
    return sp_loader_skip(loader, &wanted, &file, passed->rule, passed->why, err);
}

static sp_status add_bystanders(sp_loader *loader, const sp_passed *passed, sp_err *err)
{
    sp_walk walk;
    if (passed->place->kind != SP_SOURCE_RULE)
        return add_bystander(loader, passed, passed->path, err);
    const sp_walk_options options = { .ending = ".md", .within = { &passed->path, 1 }, .lenient = loader->diags };
    SP_TRY(sp_place_walk_with(loader->arena, loader->here, passed->path, &options, &walk, err));
    for (size_t i = 0; i < walk.files.count; i++)
        SP_TRY(add_bystander(loader, passed, walk.files.items[i], err));
    return SP_OK;
}

sp_status sp_load_bystanders(sp_loader *loader, const sp_bystanders *beside, sp_err *err)
{
    for (size_t i = 0; i < beside->count; i++)
        SP_TRY(add_bystanders(loader, &beside->items[i], err));
    return SP_OK;
}
