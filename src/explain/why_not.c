/*
 * why_not.c - why nothing asked for a file, and what would make it load.
 *
 * One function for each reason, in a table; the first that knows one has it.
 */
#include "base/near.h"
#include "base/types.h"
#include "clients/clients.h"
#include "explain/why.h"
#include "model/prompt.h"
#include "model/source.h"
#include "sources/client.h"
#include "syntax/headings.h"

static sp_str shown(const sp_why_question *q, sp_str path)
{
    return sp_place_shown(q->loader->here, path);
}

/* ---- what stands there ------------------------------------------------------------------------------------ */

/* The entry of the path's folder, or the file of the prompt, whose name comes nearest; ptr NULL for none. */
static sp_status find_near(const sp_why_question *q, sp_str *ret, sp_err *err)
{
    sp_loader *loader = q->loader;
    sp_listing listing;
    sp_str folder = sp_path_folder(q->target->path);
    sp_str base = sp_path_base(q->target->path);
    SP_TRY(sp_reader_list(loader->here->reader, loader->arena, folder,
                          (sp_read_limits){ .root = loader->here->allowed }, &listing, err));
    size_t entries = listing.state == SP_FILE_FOLDER ? listing.count : 0;
    sp_str *names = SP_ARENA_ARRAY(loader->arena, sp_str, entries + loader->sources.count + 1);
    if (!names)
        return sp_err_memory(err);
    for (size_t i = 0; i < entries; i++)
        names[i] = listing.entries[i].name;
    for (uint32_t i = 0; i < loader->sources.count; i++)
        names[entries + i] = sp_path_base(loader->sources.items[i].path);
    size_t near = sp_near(base, names, entries + loader->sources.count);
    *ret = (sp_str){ NULL, 0 };
    if (near == SIZE_MAX)
        return SP_OK;
    *ret =
        near < entries ? sp_path_join(loader->arena, folder, names[near]) : loader->sources.items[near - entries].path;
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

static sp_status is_place_of(const sp_why_question *q, const sp_client *client, const sp_location *place, bool *ret,
                             sp_err *err);

/* A file that is not there, where the client looks for one. */
static sp_status advise_to_make(const sp_why_question *q, sp_err *err)
{
    const sp_loader *loader = q->loader;
    bool is_place = false;
    for (size_t i = 0; i < loader->setup->place_count && !is_place; i++)
        SP_TRY(is_place_of(q, loader->here->profile->client, &loader->setup->places[i], &is_place, err));
    if (!is_place)
        return SP_OK;
    return sp_why_advise(q,
                         sp_str_format(loader->arena, "%s looks for it there, and would find it",
                                       sp_profile_name(loader->here->profile)),
                         err);
}

static sp_status explain_absent(const sp_why_question *q, sp_err *err)
{
    sp_str near = { NULL, 0 };
    if (q->target->file.state == SP_FILE_DANGLING)
        return sp_why_answer(q, SP_RULE_CHAIN_DANGLING, SP_STR("it is a link whose target does not exist"), err);
    if (q->target->file.state != SP_FILE_ABSENT)
        return SP_OK;
    SP_TRY(find_near(q, &near, err));
    SP_TRY(sp_why_answer(q, SP_RULE_NONE, SP_STR("there is no such file"), err));
    if (!near.ptr)
        return advise_to_make(q, err);
    return sp_why_advise(q, sp_str_format(q->loader->arena, "did you mean %.*s?", SP_STR_ARG(shown(q, near))), err);
}

static sp_status explain_folder(const sp_why_question *q, sp_err *err)
{
    size_t loaded = 0;
    if (q->target->file.state != SP_FILE_FOLDER)
        return SP_OK;
    for (uint32_t i = 0; i < q->loader->sources.count; i++)
        loaded += q->loader->sources.items[i].is_loaded &&
                  sp_path_is_within(q->loader->sources.items[i].real_path, q->target->file.real_path);
    SP_TRY(sp_why_answer(q, SP_RULE_NONE, SP_STR("it is a folder"), err));
    if (loaded == 0)
        return sp_why_advise(q, SP_STR("no file below it is loaded; ask about one of them"), err);
    return sp_why_advise(q,
                         sp_str_format(q->loader->arena, "%zu file%s below it %s loaded; ask about one of them", loaded,
                                       loaded == 1 ? "" : "s", loaded == 1 ? "is" : "are"),
                         err);
}

static sp_status explain_special(const sp_why_question *q, sp_err *err)
{
    if (q->target->file.state == SP_FILE_DENIED)
        return sp_why_answer(q, SP_RULE_NONE, SP_STR("the system does not let us look at it: permission denied"), err);
    if (q->target->file.state == SP_FILE_SPECIAL)
        return sp_why_answer(q, SP_RULE_CHAIN_NOT_A_FILE,
                             sp_str_format(q->loader->arena, "it is %s", q->target->file.what), err);
    if (q->target->file.state == SP_FILE_OUTSIDE)
        return sp_why_answer(q, SP_RULE_CHAIN_OUTSIDE_ROOT, SP_STR("it lies outside of --root"), err);
    return SP_OK;
}

static sp_status explain_settings(const sp_why_question *q, sp_err *err)
{
    const sp_settings *settings = &q->loader->here->settings;
    for (size_t i = 0; i < settings->files.count; i++)
        if (sp_str_eq(settings->files.items[i].absolute, q->target->path))
            return sp_why_answer(q, SP_RULE_SETTINGS_ORDER,
                                 SP_STR("the client reads settings from it, and sends nothing of it"), err);
    for (size_t i = 0; i < q->loader->setup->configs.count; i++)
        if (sp_str_eq(q->loader->setup->configs.items[i], q->target->path))
            return sp_why_answer(q, SP_RULE_CHAIN_CONFIGURED,
                                 SP_STR("the client reads settings from it, and sends nothing of it"), err);
    return SP_OK;
}

/* ---- an @path that is no import -------------------------------------------------------------------------------- */

/* What an @path may stand behind. */
static bool begins_word(sp_str text, size_t at)
{
    return at == 0 || strchr(" \t\r\n`(\"'[*_>|", text.ptr[at - 1]);
}

enum { MAX_WORD = 4096 }; /* as long as a path may be */

static sp_str word_behind(sp_str text, size_t at)
{
    size_t end = at + 1;
    while (end < text.len && end - at <= MAX_WORD && text.ptr[end] && !strchr(" \t\r\n`<>@\"'()[]|", text.ptr[end]))
        end++;
    while (end > at + 1 && strchr(".,:;!?*_", text.ptr[end - 1]))
        end--;
    return sp_str_slice(text, at + 1, end);
}

static bool is_in_comment(const sp_markdown *markdown, size_t at)
{
    for (size_t i = 0; i < markdown->comment_count; i++)
        if (markdown->comments[i].begin <= at && at < markdown->comments[i].end)
            return true;
    return false;
}

/* Why no @path is an import in a file of that kind; NULL for those in which it is one. */
static const char *why_not_in(sp_source_kind kind)
{
    static const char *const whys[] = {
        [SP_SOURCE_AGENT] = "an @path in an agent's body is no import; import it in an instruction file",
        [SP_SOURCE_MEMORY] = "an @path in memory is no import; import it in an instruction file",
        [SP_SOURCE_SKILL] = "an @path in a skill is no import; import it in an instruction file",
        [SP_SOURCE_APPENDED] = "an @path in appended text is no import; import it in an instruction file",
    };
    return kind < SP_COUNT_OF(whys) ? whys[kind] : NULL;
}

/* An @path of a file that is sent as it is, or in a text that is no Markdown paragraph. */
static void say_where(const sp_sources *sources, uint32_t source, size_t at, sp_why_mention *ret)
{
    const sp_source *s = &sources->items[source];
    uint32_t block = sp_block_at(s, at);
    ret->rule = SP_RULE_IMPORT_CODE;
    ret->why = "it stands in code, where an @path is no import; take the backticks, the fence or the indentation off";
    if (!sp_is_of_chain(s->kind)) {
        ret->rule = SP_RULE_NONE;
        ret->why = why_not_in(s->kind);
    } else if (is_in_comment(&sources->items[source].parsed->markdown, at)) {
        ret->rule = SP_RULE_CHAIN_COMMENT;
        ret->why = "it stands in a comment, where an @path is no import";
    } else if (block != SP_NONE && s->blocks[block].kind == SP_BLOCK_FRONT_MATTER) {
        ret->rule = SP_RULE_RULE_FRONT_MATTER;
        ret->why = "it stands in front matter, where an @path is no import";
    } else if (block != SP_NONE && s->blocks[block].kind == SP_BLOCK_HTML) {
        ret->why = "it stands in HTML, where an @path is no import";
    }
}

bool sp_why_read_mention(const sp_loader *loader, uint32_t source, size_t at, sp_why_mention *ret)
{
    sp_str text = loader->sources.items[source].bytes;
    *ret = (sp_why_mention){ .path = { NULL, 0 } };
    if (!begins_word(text, at))
        return false;
    ret->path = word_behind(text, at);
    if (!sp_import_looks_like_a_file(ret->path))
        return false;
    say_where(&loader->sources, source, at, ret);
    if (!sp_rule_holds(loader->here->profile, ret->rule))
        ret->rule = SP_RULE_NONE;
    return true;
}

/* Whoever writes an @path into a file without imports means the launch directory. */
static sp_status is_meant(const sp_why_question *q, const sp_source *source, sp_str path, bool *ret, sp_err *err)
{
    bool is_relative = path.ptr[0] != '/' && path.ptr[0] != '~';
    sp_str target = sp_is_of_chain(source->kind) || !is_relative
                        ? sp_import_target(q->loader->arena, q->loader->here, source, path)
                        : sp_path_join(q->loader->arena, q->loader->here->launch, path);
    if (!target.ptr)
        return sp_err_memory(err);
    *ret = sp_str_eq(target, q->target->path) || sp_str_eq(target, q->target->file.real_path);
    return SP_OK;
}

enum { MAX_MENTIONS_TRIED = 1000 };

/* The first @path in a source that means this file and is no import. */
static sp_status explain_mention(const sp_why_question *q, sp_err *err)
{
    sp_loader *loader = q->loader;
    size_t tried = 0;
    for (uint32_t i = 0; i < loader->sources.count && sp_rule_holds(loader->here->profile, SP_RULE_IMPORT_DEPTH); i++) {
        sp_str text = loader->sources.items[i].is_loaded ? loader->sources.items[i].bytes : (sp_str){ "", 0 };
        for (size_t at = sp_str_find(text, SP_STR("@"), 0); at != SIZE_MAX && tried < MAX_MENTIONS_TRIED;
             at = sp_str_find(text, SP_STR("@"), at + 1)) {
            sp_why_mention mention;
            if (!sp_why_read_mention(loader, i, at, &mention))
                continue;
            tried++;
            bool means_it = false;
            SP_TRY(is_meant(q, &loader->sources.items[i], mention.path, &means_it, err));
            if (!means_it)
                continue;
            return sp_why_answer(q, mention.rule,
                                 sp_str_format(loader->arena, "@%.*s in %.*s:%u is not followed: %s",
                                               SP_STR_ARG(mention.path), SP_STR_ARG(loader->sources.items[i].path),
                                               sp_position_of(text, at).line, mention.why),
                                 err);
        }
    }
    return SP_OK;
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* The folder around the memory that is in this prompt; ptr NULL for none. */
static sp_str memory_folder(const sp_why_question *q)
{
    if (q->docs->memory_path.ptr)
        return q->docs->memory_path;
    if (q->docs->memory_source == SP_NONE)
        return (sp_str){ NULL, 0 };
    return sp_path_folder(q->loader->sources.items[q->docs->memory_source].real_path);
}

static sp_status explain_memory(const sp_why_question *q, sp_err *err)
{
    sp_str folder = memory_folder(q);
    bool is_within = folder.ptr && sp_path_is_within(q->target->path, folder);
    bool is_memory = sp_str_find(q->target->path, SP_STR("/.claude/agent-memory"), 0) != SIZE_MAX ||
                     sp_str_find(q->target->path, SP_STR("/.claude/projects/"), 0) != SIZE_MAX;
    if (is_within && sp_rule_holds(q->loader->here->profile, SP_RULE_MEMORY_TOPIC))
        return sp_why_answer(
            q, SP_RULE_MEMORY_TOPIC,
            SP_STR("it lies beside MEMORY.md, which alone is sent; the agent reads others when it needs them"), err);
    if (is_memory && sp_rule_holds(q->loader->here->profile, SP_RULE_MEMORY_PLACE))
        return sp_why_answer(q, SP_RULE_MEMORY_PLACE, SP_STR("it is the memory of another agent or project"), err);
    return SP_OK;
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

/* Some clients read a file whose name is written in other letters, capital or not. */
static bool is_path_of(const sp_client *client, sp_str asked, sp_str path)
{
    if (!client->ignores_case)
        return sp_str_eq(asked, path);
    return sp_str_eq(sp_path_folder(asked), sp_path_folder(path)) &&
           sp_str_eq_nocase(sp_path_base(asked), sp_path_base(path));
}

static bool ends_with(const sp_client *client, sp_str path, sp_str ending)
{
    if (path.len < ending.len)
        return false;
    sp_str end = sp_str_slice(path, path.len - ending.len, path.len);
    return client->ignores_case ? sp_str_eq_nocase(end, ending) : sp_str_eq(end, ending);
}

/* Whether a place of the client, as seen from where we are, is this path. */
static sp_status is_place_of(const sp_why_question *q, const sp_client *client, const sp_location *place, bool *ret,
                             sp_err *err)
{
    sp_paths folders;
    *ret = false;
    SP_TRY(sp_place_folders(q->loader->arena, q->loader->here, place->anchor, &folders, err));
    for (size_t i = 0; i < folders.count && !*ret; i++) {
        sp_str path = sp_place_path(q->loader->arena, q->loader->here, place->anchor, folders.items[i], place->path);
        if (!path.ptr)
            return sp_err_memory(err);
        *ret = place->kind == SP_SOURCE_RULE
                   ? sp_path_is_within(q->target->path, path) &&
                         ends_with(client, q->target->path, sp_str_of(sp_rules_ending(client, place)))
                   : is_path_of(client, q->target->path, path);
    }
    return SP_OK;
}

/* Whether the file would be found if the client were launched elsewhere. */
static bool is_called_like(const sp_why_question *q, const sp_location *place)
{
    bool is_walk = place->anchor == SP_ANCHOR_FROM_ROOT || place->anchor == SP_ANCHOR_FROM_REPOSITORY ||
                   place->anchor == SP_ANCHOR_FROM_HOME || place->anchor == SP_ANCHOR_FROM_TOP ||
                   place->anchor == SP_ANCHOR_FROM_REPOSITORIES || place->anchor == SP_ANCHOR_BETWEEN ||
                   place->anchor == SP_ANCHOR_REPOSITORY;
    sp_str path = sp_str_of(place->path);
    sp_str asked = q->target->path;
    if (!is_walk)
        return false;
    if (place->kind != SP_SOURCE_RULE)
        return sp_str_ends(asked, path) && asked.len > path.len && asked.ptr[asked.len - path.len - 1] == '/';
    size_t at = sp_str_find(asked, path, 0);
    return at != SIZE_MAX && at > 0 && asked.ptr[at - 1] == '/' && asked.len > at + path.len &&
           asked.ptr[at + path.len] == '/';
}

/* Whether only the client's configuration names it. */
static bool is_configured_name(const sp_client *client, const sp_location *place)
{
    sp_str name = sp_path_base(sp_str_of(place->path));
    for (size_t i = 0; i < client->place_count; i++)
        if (sp_str_eq(sp_path_base(sp_str_of(client->places[i].path)), name))
            return false;
    return true;
}

static sp_status explain_elsewhere(const sp_why_question *q, sp_err *err)
{
    const sp_loader *loader = q->loader;
    size_t i = 0;
    while (i < loader->setup->place_count && !is_called_like(q, &loader->setup->places[i]))
        i++;
    if (i == loader->setup->place_count)
        return SP_OK;
    if (sp_path_is_within(q->target->path, loader->here->launch)) {
        SP_TRY(sp_why_answer(q, SP_RULE_CHAIN_NESTED,
                             SP_STR("it lies below the launch directory, and a session there does not start with it"),
                             err));
        return sp_why_advise(q,
                             sp_str_format(loader->arena, "launched in %.*s, with -C, the client reads it%s",
                                           SP_STR_ARG(shown(q, sp_path_folder(q->target->path))),
                                           is_configured_name(loader->here->profile->client, &loader->setup->places[i])
                                               ? ", if settings that count there name it, too"
                                               : ""),
                             err);
    }
    return sp_why_answer(q, SP_RULE_CHAIN_ORDER,
                         sp_str_format(loader->arena, "it lies in a folder where %s does not look from %.*s",
                                       sp_profile_name(loader->here->profile),
                                       SP_STR_ARG(shown(q, loader->here->launch))),
                         err);
}

/* "codex, cursor", and the first of them. Clients with the same places are one. */
static sp_status find_other_clients(const sp_why_question *q, sp_buf *names, const char **ret_profile, sp_err *err)
{
    size_t count = 0;
    for (size_t c = 0; c < sp_client_count; c++) {
        const sp_client *client = sp_clients[c];
        bool is_place = false;
        if (client->places == q->loader->here->profile->client->places ||
            (c > 0 && client->places == sp_clients[c - 1]->places))
            continue;
        for (size_t i = 0; i < client->place_count && !is_place; i++)
            SP_TRY(is_place_of(q, client, &client->places[i], &is_place, err));
        if (!is_place)
            continue;
        sp_buf_format(names, "%s%s", count ? ", " : "", client->name);
        *ret_profile = count++ ? *ret_profile : client->name;
    }
    return SP_OK;
}

static sp_status advise_import(const sp_why_question *q, sp_err *err);

static sp_status explain_other_client(const sp_why_question *q, sp_err *err)
{
    sp_buf list = { 0 };
    const char *profile = NULL;
    sp_status status = find_other_clients(q, &list, &profile, err);
    sp_str names = sp_buf_move(&list, q->loader->arena);
    SP_TRY(status);
    if (!names.ptr)
        return sp_err_memory(err);
    if (!profile)
        return SP_OK;
    SP_TRY(sp_why_answer(
        q, SP_RULE_CHAIN_ORDER,
        sp_str_format(q->loader->arena, "%s %s it; it lies where other clients look: %.*s",
                      sp_profile_name(q->loader->here->profile),
                      sp_profile_is_measured(q->loader->here->profile) ? "does not read" : "is not documented to read",
                      SP_STR_ARG(names)),
        err));
    return advise_import(q, err);
}

/* ---- what would make it load ------------------------------------------------------------------------------------ */

static size_t common_length(sp_str a, sp_str b)
{
    size_t common = 0;
    for (size_t i = 0; i < a.len && i < b.len && a.ptr[i] == b.ptr[i]; i++)
        if (a.ptr[i] == '/')
            common = i;
    return common;
}

/* The loaded file that lies nearest and may import. */
static uint32_t nearest_importer(const sp_why_question *q)
{
    uint32_t found = SP_NONE;
    size_t longest = 0;
    for (uint32_t i = 0; i < q->loader->sources.count; i++) {
        const sp_source *source = &q->loader->sources.items[i];
        if (!source->is_loaded || source->kind != SP_SOURCE_INSTRUCTIONS || source->real_path.ptr[0] != '/')
            continue;
        size_t common = common_length(source->real_path, q->target->path);
        size_t further = found == SP_NONE ? SIZE_MAX : q->loader->sources.items[found].real_path.len;
        if (found == SP_NONE || common > longest || (common == longest && source->real_path.len < further)) {
            found = i;
            longest = common;
        }
    }
    return found;
}

/* The usual file of the launch directory: the first of the table, but where the first that is found counts, the last.
 * It need not be there. */
static sp_str nearest_place(const sp_why_question *q)
{
    const sp_location *found = NULL;
    for (size_t i = 0; i < q->loader->setup->place_count; i++) {
        const sp_location *place = &q->loader->setup->places[i];
        bool is_usual = place->scope == SP_SCOPE_PROJECT && place->kind == SP_SOURCE_INSTRUCTIONS &&
                        place->rule != SP_RULE_CHAIN_LEGACY;
        if (is_usual && (!found || (found->pick == place->pick &&
                                    (found->pick == SP_PICK_FIRST || found->pick == SP_PICK_FIRST_FILE))))
            found = place;
    }
    if (!found)
        return q->loader->here->launch;
    return sp_path_join(q->loader->arena,
                        found->anchor == SP_ANCHOR_REPOSITORY ? q->loader->here->repository : q->loader->here->launch,
                        sp_str_of(found->path));
}

static sp_status advise_import(const sp_why_question *q, sp_err *err)
{
    sp_loader *loader = q->loader;
    uint32_t importer = nearest_importer(q);
    bool has_imports = sp_rule_holds(loader->here->profile, SP_RULE_IMPORT_DEPTH);
    sp_str place = nearest_place(q);
    if (!place.ptr)
        return sp_err_memory(err);
    if (!has_imports)
        return sp_why_advise(q,
                             sp_str_format(loader->arena,
                                           "%.*s is the nearest file that is read; --instructions %.*s takes this one",
                                           SP_STR_ARG(shown(q, place)), SP_STR_ARG(shown(q, q->target->path))),
                             err);
    sp_str from =
        importer == SP_NONE ? sp_path_folder(place) : sp_path_folder(loader->sources.items[importer].real_path);
    sp_str path = sp_place_import_path(loader->arena, from, q->target->path);
    sp_str bound = loader->here->profile->client->import_bound == SP_ANCHOR_REPOSITORY ? loader->here->repository
                                                                                       : loader->here->launch;
    bool is_external = !loader->here->request->allow_external_imports && !sp_path_is_within(q->target->path, bound);
    if (!path.ptr)
        return sp_err_memory(err);
    if (sp_str_find(path, SP_STR(" "), 0) != SIZE_MAX && !sp_rule_holds(loader->here->profile, SP_RULE_IMPORT_SPACE))
        return sp_why_advise(q, SP_STR("an @path ends at a space; rename it without spaces, and import it"), err);
    return sp_why_advise(
        q,
        sp_str_format(loader->arena, "@%.*s in %.*s%s would import it%s", SP_STR_ARG(path),
                      SP_STR_ARG(importer == SP_NONE ? shown(q, place) : loader->sources.items[importer].path),
                      importer == SP_NONE ? ", where nothing is loaded from yet," : "",
                      is_external ? ", with --external-imports=allow" : ""),
        err);
}

static sp_status explain_no_place(const sp_why_question *q, sp_err *err)
{
    SP_TRY(sp_why_answer(q, SP_RULE_CHAIN_ORDER,
                         sp_str_format(q->loader->arena, "nothing asks for it, and it lies in no place that %s reads",
                                       sp_profile_name(q->loader->here->profile)),
                         err));
    return advise_import(q, err);
}

sp_status sp_why_explain_absence(sp_loader *loader, sp_docs *docs, const sp_why_target *target, sp_err *err)
{
    static sp_status (*const explanations[])(const sp_why_question *q, sp_err *err) = {
        explain_absent,    explain_folder,       explain_special,      explain_settings,
        explain_mention,   sp_why_explain_agent, sp_why_explain_skill, explain_memory,
        explain_elsewhere, explain_other_client, explain_no_place,
    };
    sp_why_question q = { loader, docs, target, docs->why };
    docs->why->why = (sp_str){ NULL, 0 };
    for (size_t i = 0; i < SP_COUNT_OF(explanations) && !docs->why->why.ptr; i++)
        SP_TRY(explanations[i](&q, err));
    return SP_OK;
}
