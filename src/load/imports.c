/*
 * imports.c - @path: from the text of a file to more files.
 *
 * A client with rule import.order follows the imports of a file as soon as it has read that file, and theirs before the
 * file's next import. It keeps a file where it is first asked for, even if a later import would reach it in fewer hops
 * and so follow more of its imports. For other clients the sources are a worklist: first the chain, then its imports,
 * then theirs, so that a file loads at its shallowest depth. In both, a circle ends because each file loads once.
 */
#include "load/imports.h"

#include "base/diagnostic.h"
#include "base/numbers.h"
#include "base/types.h"
#include "model/source.h"

static bool is_network_path(sp_str path)
{
    return sp_str_starts(path, SP_STR("//")) || sp_str_starts(path, SP_STR("\\\\")) ||
           sp_str_starts(path, SP_STR("/net/"));
}

static bool is_binary(sp_str path)
{
    static const char *const endings[] = { ".png", ".jpg", ".jpeg", ".gif", ".webp", ".svgz", ".bmp", ".ico", ".pdf" };
    for (size_t i = 0; i < SP_COUNT_OF(endings); i++) {
        sp_str ending = sp_str_of(endings[i]);
        if (path.len > ending.len && sp_str_eq_nocase(sp_str_slice(path, path.len - ending.len, path.len), ending))
            return true;
    }
    return false;
}

/* ---- what is found ------------------------------------------------------------------------------- */

/* Says why, and makes the file a source that is not loaded. */
static sp_status leave_out(sp_loader *loader, const sp_import_request *r, const sp_file *file, sp_rule_key rule,
                           sp_str why, sp_err *err)
{
    bool was_said = false;
    SP_TRY(sp_import_say(loader, r, rule, why, &was_said, err));
    SP_TRY(sp_loader_skip(loader, &r->wanted, file, rule, why, err));
    loader->sources.items[loader->sources.count - 1].parsed->warning = was_said ? loader->diags->count : 0;
    return SP_OK;
}

/* Whether the importer, or a file that asked for it, is the source twin: then the imports go in a circle. */
static bool is_circle(const sp_sources *sources, uint32_t importer, uint32_t twin)
{
    for (uint32_t at = importer; at != SP_NONE; at = sources->items[at].importer)
        if (at == twin)
            return true;
    return false;
}

/* Where imports may load again: whether the file is one of those that lead to it, but for the one that is no import. */
static bool is_own_import(const sp_sources *sources, uint32_t importer, const sp_file *file)
{
    for (uint32_t at = importer; sources->items[at].importer != SP_NONE; at = sources->items[at].importer) {
        const sp_parsed *parsed = sources->items[at].parsed;
        if (parsed->device == file->device && parsed->inode == file->inode)
            return true;
    }
    return false;
}

static sp_status add_circle(sp_loader *loader, const sp_import_request *r, const sp_file *file, uint32_t twin,
                            sp_err *err)
{
    sp_str circle = loader->sources.items[twin].path;
    for (uint32_t at = r->importer; circle.ptr; at = loader->sources.items[at].importer) {
        circle = sp_str_format(loader->arena, "%.*s -> %.*s", SP_STR_ARG(loader->sources.items[at].path),
                               SP_STR_ARG(circle));
        if (at == twin)
            break;
    }
    sp_str why = circle;
    if (circle.ptr)
        why = sp_str_format(loader->arena, "the imports go in a circle, %.*s", SP_STR_ARG(circle));
    bool was_said;
    SP_TRY(sp_import_say(loader, r, SP_RULE_IMPORT_CYCLE, why, &was_said, err));
    return sp_loader_skip_twin(loader, &r->wanted, file, SP_RULE_IMPORT_CYCLE, why, err);
}

static sp_status add_own_import(sp_loader *loader, const sp_import_request *r, const sp_file *file, sp_err *err)
{
    sp_str why = SP_STR("it asks for itself, so the imports go in a circle");
    bool was_said;
    SP_TRY(sp_import_say(loader, r, SP_RULE_IMPORT_CYCLE, why, &was_said, err));
    return sp_loader_skip_twin(loader, &r->wanted, file, SP_RULE_IMPORT_CYCLE, why, err);
}

static sp_status add_known(sp_loader *loader, const sp_import_request *r, const sp_file *file, sp_err *err)
{
    uint32_t twin = sp_sources_find(&loader->sources, file);
    if (is_circle(&loader->sources, r->importer, twin))
        return add_circle(loader, r, file, twin, err);
    return sp_loader_skip_twin(
        loader, &r->wanted, file, SP_RULE_CHAIN_ONCE,
        sp_str_format(loader->arena, "%.*s is loaded already", SP_STR_ARG(loader->sources.items[twin].path)), err);
}

/* The file that began the chain of imports. */
static uint32_t root_of(const sp_sources *sources, uint32_t index)
{
    while (sources->items[index].importer != SP_NONE)
        index = sources->items[index].importer;
    return index;
}

static const sp_source *origin_of(const sp_sources *sources, uint32_t index)
{
    return &sources->items[root_of(sources, index)];
}

/* Imports of a rule that waits load at the start, and with all of the start they are dropped. */
static bool is_omitted(const sp_loader *loader, const sp_import_request *r)
{
    const sp_source *origin = origin_of(&loader->sources, r->importer);
    return origin->parsed->start_number > 0 && sp_chain_omits(loader, origin->scope, false);
}

static sp_status add_read(sp_loader *loader, const sp_import_request *r, const sp_file *file, sp_err *err)
{
    uint32_t index;
    int64_t hops = sp_rule_value(loader->here->profile, SP_RULE_IMPORT_DEPTH);
    sp_str excluded;
    if (is_omitted(loader, r))
        return sp_loader_skip(loader, &r->wanted, file, SP_RULE_CHAIN_OMIT,
                              SP_STR("the agent's omitClaudeMd: true leaves it out"), err);
    SP_TRY(sp_loader_find_exclusion(loader->arena, loader->here, &r->wanted, file, &excluded, err));
    if (excluded.ptr)
        return leave_out(loader, r, file, SP_RULE_SETTINGS_EXCLUDES, excluded, err);
    if (is_binary(r->wanted.path) && sp_rule_has_effect(loader->here->profile, SP_RULE_IMPORT_BINARY, SP_EFFECT_SKIP))
        return leave_out(loader, r, file, SP_RULE_IMPORT_BINARY, SP_STR("images and PDF files are not imported"), err);
    if (sp_rule_holds(loader->here->profile, SP_RULE_IMPORT_EXTENSION) && !sp_import_has_text_extension(r->wanted.path))
        return leave_out(loader, r, file, SP_RULE_IMPORT_EXTENSION,
                         SP_STR("the client imports no files with this extension; use .md or .txt"), err);
    r->ref->stays = r->wanted.depth > hops;
    if (r->wanted.depth > hops)
        return leave_out(loader, r, file, SP_RULE_IMPORT_DEPTH,
                         sp_str_format(loader->arena,
                                       "imports are followed for %lld hops, and this is one more; import it further up",
                                       (long long)hops),
                         err);
    return sp_loader_add(loader, &r->wanted, file, &index, err);
}

static sp_status add_large(sp_loader *loader, const sp_import_request *r, const sp_file *file, sp_err *err)
{
    sp_rule_key rule = sp_place_size_rule(loader->here, r->wanted.kind);
    return leave_out(loader, r, file, rule,
                     sp_str_format(loader->arena, "it has %s bytes and the limit is %s; split it",
                                   SP_NUMBER(file->size_bytes), SP_NUMBER(sp_rule_value(loader->here->profile, rule))),
                     err);
}

static sp_status add_outside(sp_loader *loader, const sp_import_request *r, const sp_file *file, sp_err *err)
{
    if (sp_places_hold(loader->here->allowed, file->real_path))
        return leave_out(
            loader, r, file, r->wanted.scope == SP_SCOPE_MANAGED ? SP_RULE_IMPORT_MANAGED : SP_RULE_IMPORT_EXTERNAL,
            r->wanted.scope == SP_SCOPE_USER
                ? SP_STR("it lies outside the directory of the user's file; --external-imports=allow loads it")
            : loader->here->profile->client->import_bound == SP_ANCHOR_REPOSITORY
                ? SP_STR("it lies outside the repository; --external-imports=allow loads it")
                : SP_STR("it lies outside the launch directory; --external-imports=allow loads it"),
            err);
    return leave_out(loader, r, file, SP_RULE_CHAIN_OUTSIDE_ROOT, SP_STR("it lies outside of --root"), err);
}

static sp_status add_external(sp_loader *loader, const sp_import_request *r, const sp_file *file, sp_err *err)
{
    return leave_out(loader, r, file, SP_RULE_LINK_EXTERNAL,
                     sp_origin_why(loader->arena, loader->here, r->wanted.path, file->real_path), err);
}

static sp_status report_not_a_file(sp_loader *loader, const sp_import_request *r, const sp_file *file, sp_err *err)
{
    bool is_word = !memchr(r->ref->path.ptr, '/', r->ref->path.len);
    if (is_word && file->state == SP_FILE_FOLDER && !sp_rule_holds(loader->here->profile, SP_RULE_IMPORT_WORD))
        return SP_OK; /* @src in a sentence is a word, not an import */
    return sp_import_drop(loader, r, SP_RULE_IMPORT_NOT_A_FILE,
                          sp_str_format(loader->arena, "it is %s; import a file", file->what), err);
}

/* Whether a path leads to where the file that names it has no business: then nobody is told whether something is there.
 * A file above the launch directory may not import what lies beside it, but that is its own directory. */
static bool is_elsewhere(const sp_loader *loader, const sp_import_request *r, const sp_file *file)
{
    const sp_source *origin = origin_of(&loader->sources, r->importer);
    return r->wanted.hides_outside && !sp_path_is_within(file->real_path, loader->here->repository) &&
           !sp_path_is_within(file->real_path, sp_path_folder(origin->real_path));
}

/* "/etc/passwd" is meant for a file, and "/components/x" is an alias of a project's modules. */
static bool is_system_path(sp_str path)
{
    static const char *const directories[] = { "/etc/", "/home/", "/root/",  "/Users/",   "/tmp/",    "/var/",
                                               "/usr/", "/opt/",  "/dev/",   "/proc/",    "/sys/",    "/mnt/",
                                               "/srv/", "/run/",  "/media/", "/private/", "/Volumes/" };
    for (size_t i = 0; i < SP_COUNT_OF(directories); i++)
        if (sp_str_starts(path, sp_str_of(directories[i])))
            return true;
    return false;
}

/* Whether a path that leads elsewhere is omitted without a message, whether something is there or not: where it does
 * not look like a file. A comment that the client puts in place of an import must be told. */
static bool is_word(const sp_loader *loader, const sp_import_request *r)
{
    if (sp_rule_holds(loader->here->profile, SP_RULE_IMPORT_FAILED))
        return false;
    return r->ref->is_in_code || (!sp_import_is_meant_for_a_file(r->ref->path) && !is_system_path(r->ref->path));
}

static sp_status drop_dangling(sp_loader *loader, const sp_import_request *r, sp_err *err)
{
    return sp_import_drop(loader, r, SP_RULE_IMPORT_MISSING, SP_STR("it is a link whose target does not exist"), err);
}

static sp_status refuse(sp_loader *loader, const sp_import_request *r, const sp_file *file, bool *ret_is_absent,
                        sp_err *err)
{
    bool is_unseen = is_elsewhere(loader, r, file);
    if (sp_sources_find(&loader->sources, file) != SP_NONE)
        return add_known(loader, r, file, err); /* a file that may reach it has brought it in */
    if (!is_unseen && file->was_dangling)
        return drop_dangling(loader, r, err);
    *ret_is_absent = !is_unseen && file->is_hidden;
    if (*ret_is_absent)
        return sp_import_report_missing(loader, r, err);
    if (is_unseen && is_word(loader, r))
        return SP_OK;
    return file->state == SP_FILE_OUTSIDE ? add_outside(loader, r, file, err) : add_external(loader, r, file, err);
}

/* A second mention in the same file asks for nothing new. Where nobody is told whether something is there, two paths
 * are the same file by their words alone: two hard links would be mentioned once, and two absent files twice. */
static sp_status ask(sp_loader *loader, const sp_import_request *r, const sp_file *file, bool is_once,
                     bool *ret_was_asked, sp_err *err)
{
    sp_file asked = *file;
    bool is_refused = file->state == SP_FILE_OUTSIDE || file->state == SP_FILE_EXTERNAL;
    if (!sp_file_exists(file) && !is_refused)
        return SP_OK;
    if (is_refused && is_elsewhere(loader, r, file))
        sp_file_identify(&asked);
    return sp_sources_ask(loader->arena, &loader->sources,
                          is_once ? root_of(&loader->sources, r->importer) : r->importer, &asked, ret_was_asked, err);
}

static sp_status follow(sp_loader *loader, const sp_import_request *r, bool *ret_is_absent, sp_err *err)
{
    sp_file file;
    SP_TRY(sp_loader_read(loader, &r->wanted, &file, err));
    *ret_is_absent = file.state == SP_FILE_ABSENT;
    if (file.is_hidden)
        sp_file_identify(&file);
    bool was_asked = false;
    bool may_repeat = sp_rule_holds(loader->here->profile, SP_RULE_IMPORT_AGAIN) && file.state == SP_FILE_READ;
    if (may_repeat && is_own_import(&loader->sources, r->importer, &file))
        return add_own_import(loader, r, &file, err);
    bool is_once = loader->here->profile->client->imports_once;
    if (!may_repeat || is_once)
        SP_TRY(ask(loader, r, &file, is_once, &was_asked, err));
    if (was_asked)
        return SP_OK;
    switch (file.state) {
    case SP_FILE_READ:
        return add_read(loader, r, &file, err);
    case SP_FILE_KNOWN:
        return add_known(loader, r, &file, err);
    case SP_FILE_LARGE:
        return add_large(loader, r, &file, err);
    case SP_FILE_OUTSIDE:
    case SP_FILE_EXTERNAL:
        return refuse(loader, r, &file, ret_is_absent, err);
    case SP_FILE_FOLDER:
    case SP_FILE_SPECIAL:
        return report_not_a_file(loader, r, &file, err);
    case SP_FILE_DENIED:
        return leave_out(loader, r, &file, SP_RULE_IMPORT_DENIED, SP_STR("permission denied"), err);
    case SP_FILE_DANGLING:
        return drop_dangling(loader, r, err);
    case SP_FILE_ABSENT:
        break;
    }
    return sp_import_report_missing(loader, r, err);
}

/* ---- from a reference to a file ------------------------------------------------------------------ */

static sp_str without_slashes(sp_str path, size_t from)
{
    while (from < path.len && path.ptr[from] == '/')
        from++;
    return sp_str_slice(path, from, path.len);
}

/* Without a home, ~/x is not there, and the message shows what it was. */
sp_str sp_import_target(sp_arena *arena, const sp_place *here, const sp_source *importer, sp_str path)
{
    if (sp_str_starts(path, SP_STR("~/")) && here->home.ptr)
        return sp_path_join(arena, here->home, without_slashes(path, 2));
    if (sp_str_starts(path, SP_STR("/")))
        return sp_path_join(arena, here->root, without_slashes(path, 1));
    return sp_path_join(arena, sp_path_folder(importer->real_path), path);
}

/* Whether its imports may lead anywhere: where it is the user's, or managed. */
static bool is_trusted(const sp_place *here, const sp_source *origin)
{
    if (origin->scope == SP_SCOPE_MANAGED)
        return !sp_rule_holds(here->profile, SP_RULE_IMPORT_MANAGED);
    return origin->scope == SP_SCOPE_USER && !sp_rule_holds(here->profile, SP_RULE_IMPORT_USER_BOUND);
}

/* A project's file may import from the launch directory only, and a file that was named, or of an added directory, also
 * from its own directory. */
static void set_bounds(const sp_place *here, const sp_source *origin, sp_import_request *r)
{
    if (is_trusted(here, origin) || here->request->allow_external_imports)
        return;
    r->within[0] = r->within[1] = sp_path_folder(origin->real_path);
    if (origin->scope == SP_SCOPE_USER) {
        r->wanted.within = (sp_places){ r->within, 1 };
        return;
    }
    r->within[0] = here->profile->client->import_bound == SP_ANCHOR_REPOSITORY ? here->repository : here->launch;
    bool is_elsewhere =
        origin->scope == SP_SCOPE_NAMED || origin->scope == SP_SCOPE_ADDED || origin->scope == SP_SCOPE_PLUGIN;
    sp_places within = { r->within, is_elsewhere ? 2 : 1 };
    bool is_link = here->request->allow_external_links && sp_places_hold(within, r->wanted.path);
    if (!is_link) /* which may lead anywhere then */
        r->wanted.within = within;
    r->wanted.hides_outside = origin->scope != SP_SCOPE_MANAGED;
}

sp_status sp_import_prepare(const sp_loader *loader, uint32_t importer, size_t ref_index, uint32_t line,
                            sp_import_request *r, bool *ret_is_path, sp_err *err)
{
    sp_import_ref *ref = &loader->sources.items[importer].parsed->markdown.imports[ref_index];
    const sp_source *source = &loader->sources.items[importer];
    const sp_source *origin = origin_of(&loader->sources, importer);
    *r = (sp_import_request){
        .importer = importer,
        .ref = ref,
        .wanted = {
            .path = sp_import_target(loader->arena, loader->here, source, ref->path),
            .kind = SP_SOURCE_IMPORT,
            .scope = origin->scope,
            .reason = "include",
            .importer = importer,
            .importer_line = line,
            .import_ref = (uint32_t)ref_index,
            .depth = source->depth + 1,
        },
    };
    if (is_network_path(ref->path) || sp_import_is_address(ref->path))
        r->wanted.path = ref->path;
    if (!r->wanted.path.ptr)
        return sp_err_memory(err);
    *ret_is_path = ref->path.len && !memchr(ref->path.ptr, '\0', ref->path.len);
    set_bounds(loader->here, origin, r);
    return SP_OK;
}

/* What is known of a path that one file imports: it is looked up once, not each time that a hostile file repeats it. */
enum {
    NOTHING_TO_SAY,
    ABSENT,
};

static sp_status follow_once(sp_loader *loader, const sp_import_request *r, sp_map *known, sp_err *err)
{
    uint32_t sources = loader->sources.count;
    size_t reported = *r->reported, told = loader->diags->count;
    bool is_absent = sp_map_find(known, r->ref->path) == ABSENT;
    SP_TRY(is_absent ? sp_import_report_missing(loader, r, err) : follow(loader, r, &is_absent, err));
    bool is_silent = !r->ref->is_in_code && loader->sources.count == sources && *r->reported == reported &&
                     loader->diags->count == told;
    if (!is_silent && !is_absent)
        return SP_OK;
    uint32_t *slot = sp_map_slot(loader->arena, known, r->ref->path);
    if (!slot)
        return sp_err_memory(err);
    *slot = is_silent ? NOTHING_TO_SAY : ABSENT;
    return SP_OK;
}

static sp_status follow_ref(sp_loader *loader, uint32_t importer, size_t ref_index, uint32_t line, size_t *reported,
                            sp_map *known, sp_err *err)
{
    sp_import_request r;
    bool is_path = false;
    const sp_import_ref *ref = &loader->sources.items[importer].parsed->markdown.imports[ref_index];
    if (!ref->is_quoted && sp_map_find(known, ref->path) == NOTHING_TO_SAY)
        return SP_OK;
    SP_TRY(sp_import_prepare(loader, importer, ref_index, line, &r, &is_path, err));
    r.reported = reported;
    if (!is_path)
        return SP_OK;
    if (r.ref->is_quoted)
        return sp_import_report_quoted(loader, &r, err);
    if (is_network_path(r.ref->path))
        return sp_import_drop(loader, &r, SP_RULE_IMPORT_NETWORK, SP_STR("it is a network path"), err);
    if (sp_import_is_address(r.ref->path))
        return sp_import_report_missing(loader, &r, err);
    return follow_once(loader, &r, known, err);
}

static sp_status warn_of_more(sp_loader *loader, uint32_t importer, size_t at, const char *what, sp_err *err)
{
    const sp_source *source = &loader->sources.items[importer];
    if (at == SIZE_MAX)
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_WARNING, source->path, source->bytes, at, SP_RULE_IMPORT_MOST,
                       "%s more than %s imports; from here on none is followed; remove some", what,
                       SP_NUMBER((uint64_t)sp_own_limit(SP_RULE_IMPORT_MOST)));
}

/* Counts one more; false: there are too many in all files together, which is said once. */
static sp_status may_follow(sp_loader *loader, uint32_t importer, size_t at, bool *ret, sp_err *err)
{
    size_t most = (size_t)sp_own_limit(SP_RULE_IMPORT_MOST);
    *ret = loader->import_count < most;
    if (loader->import_count > most)
        return SP_OK;
    loader->import_count++;
    return *ret ? SP_OK : warn_of_more(loader, importer, at, "the files of the prompt have", err);
}

static sp_status follow_all(sp_loader *loader, uint32_t importer, sp_err *err)
{
    sp_str text = loader->sources.items[importer].bytes;
    const sp_markdown markdown = loader->sources.items[importer].parsed->markdown; /* the list of sources grows below */
    uint32_t line = 1;
    size_t at = 0;
    size_t reported = 0;
    sp_map known = { 0 };
    for (size_t i = 0; i < markdown.import_count; i++) {
        bool may;
        SP_TRY(may_follow(loader, importer, markdown.imports[i].begin, &may, err));
        if (!may)
            return SP_OK;
        for (; at < markdown.imports[i].begin; at++)
            line += sp_ends_line(text, at);
        SP_TRY(follow_ref(loader, importer, i, line, &reported, &known, err));
    }
    SP_TRY(warn_of_more(loader, importer, markdown.more_imports, "the file has", err));
    if (reported <= SP_IMPORT_MAX_REPORTED)
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_WARNING, loader->sources.items[importer].path, text, SP_WHOLE_FILE,
                       SP_RULE_IMPORT_MISSING, "%zu more imports in this file are not followed",
                       reported - SP_IMPORT_MAX_REPORTED);
}

/* A rule that the start finds and that waits for a file: its imports do not wait. */
static bool is_waiting(const sp_loader *loader, const sp_source *source)
{
    return source->kind == SP_SOURCE_RULE && !source->is_loaded && !source->trigger.ptr &&
           source->parsed->patterns.count > 0 && sp_rule_holds(loader->here->profile, SP_RULE_IMPORT_OF_WAITING);
}

static bool has_imports(const sp_loader *loader, uint32_t index)
{
    const sp_source *source = &loader->sources.items[index];
    return sp_rule_holds(loader->here->profile, SP_RULE_IMPORT_DEPTH) && sp_is_of_chain(source->kind) &&
           !source->parsed->is_plain && (source->is_loaded || is_waiting(loader, source));
}

/* Whether what an import brings in comes before the next import of the same file. */
static bool is_depth_first(const sp_loader *loader)
{
    return sp_rule_holds(loader->here->profile, SP_RULE_IMPORT_ORDER) || loader->here->profile->client->imports_once;
}

sp_status sp_load_imports_at_once(sp_loader *loader, uint32_t index, sp_err *err)
{
    if (!is_depth_first(loader) || !has_imports(loader, index))
        return SP_OK;
    return follow_all(loader, index, err); /* calls this again for each file; the rule on hops bounds the recursion */
}

/* The file is in the prompt after all, so nothing of it is lost, and the warning that it is not imported goes. */
static sp_status make_twin(sp_loader *loader, uint32_t index, uint32_t twin, sp_err *err)
{
    sp_parsed *parsed = loader->sources.items[index].parsed;
    sp_str who = sp_sources_importer_name(loader->arena, &loader->sources, twin);
    parsed->skip_why = SP_STR("it is loaded further down");
    if (who.len)
        parsed->skip_why = sp_str_format(loader->arena, "it is loaded further down: %.*s imports it", SP_STR_ARG(who));
    if (!who.ptr || !parsed->skip_why.ptr)
        return sp_err_memory(err);
    parsed->skip_rule = SP_RULE_CHAIN_ONCE;
    parsed->is_twin = true;
    loader->sources.items[index].bytes = (sp_str){ NULL, 0 };
    loader->sources.items[index].was_read = false;
    if (parsed->warning)
        loader->diags->items[parsed->warning - 1].message.ptr = NULL;
    return SP_OK;
}

/* Whether it is a file that one import could not bring in and another one can. */
static bool may_load_later(const sp_sources *sources, uint32_t index)
{
    sp_rule_key rule = sources->items[index].parsed->skip_rule;
    return !sources->items[index].is_loaded && sources->items[index].importer != SP_NONE &&
           (rule == SP_RULE_IMPORT_DEPTH || rule == SP_RULE_IMPORT_EXTERNAL || rule == SP_RULE_IMPORT_MANAGED);
}

sp_status sp_load_settle_imports(sp_loader *loader, sp_err *err)
{
    if (!sp_rule_holds(loader->here->profile, SP_RULE_IMPORT_ORDER))
        return SP_OK;
    for (uint32_t i = 0; i < loader->sources.count; i++) {
        sp_parsed *parsed = loader->sources.items[i].parsed;
        uint32_t twin = SP_NONE;
        if (may_load_later(&loader->sources, i))
            twin = sp_sources_find(&loader->sources, &(sp_file){ .device = parsed->device, .inode = parsed->inode });
        if (twin != SP_NONE)
            SP_TRY(make_twin(loader, i, twin, err));
    }
    sp_diags_forget(loader->diags);
    return SP_OK;
}

sp_status sp_load_imports_of(sp_loader *loader, uint32_t index, sp_err *err)
{
    if (is_depth_first(loader) || !has_imports(loader, index))
        return SP_OK;
    return follow_all(loader, index, err);
}

sp_status sp_load_imports(sp_loader *loader, uint32_t first, sp_err *err)
{
    for (uint32_t i = first; i < loader->sources.count; i++)
        SP_TRY(sp_load_imports_of(loader, i, err));
    return SP_OK;
}
