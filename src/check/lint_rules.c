/* lint_rules.c - rules that never load, and folders of rules that are there twice. */
#include "base/diagnostic.h"
#include "base/types.h"
#include "check/lint.h"
#include "check/tree.h"
#include "model/profile.h"
#include "model/source.h"
#include "syntax/front_matter.h"

/* ---- paths that match nothing ---------------------------------------------------------------------- */

/* A pattern in a rule's paths, with the files it was tried on so far. */
typedef struct pattern {
    const sp_source *source;
    sp_str text;
    size_t offset;
    sp_glob glob;
    bool is_matched;
} pattern;

/* The patterns of all rules of one project, which are seen from its folder. */
typedef struct project {
    sp_str folder;
    sp_list(pattern) patterns;
} project;

typedef struct collector {
    sp_lint *lint;
    sp_list(project) projects;
    sp_err *err;
} collector;

static sp_status add_pattern(collector *c, project *to, const sp_source *source, sp_str text, size_t offset,
                             sp_glob_budget *budget)
{
    pattern *added = SP_LIST_PUSH(c->lint->arena, &to->patterns);
    if (!added)
        return sp_err_memory(c->err);
    text = sp_str_trim(text);
    *added = (pattern){ .source = source, .text = text, .offset = offset, .is_matched = text.len == 0 };
    if (sp_str_starts(text, SP_STR("./")))
        text = sp_str_slice(text, 2, text.len);
    return sp_glob_compile(c->lint->arena, text, budget, &added->glob, c->err);
}

/* A text with patterns between commas; a comma in braces belongs to its pattern. */
static sp_status add_comma_list(collector *c, project *to, const sp_source *source, const sp_field *field,
                                sp_glob_budget *budget)
{
    size_t begin = 0, depth = 0;
    for (size_t at = 0; at <= field->value.len; at++) {
        char mark = at < field->value.len ? field->value.ptr[at] : ',';
        depth += mark == '{';
        depth -= mark == '}' && depth > 0;
        if (mark != ',' || (depth > 0 && at < field->value.len))
            continue;
        SP_TRY(add_pattern(c, to, source, sp_str_slice(field->value, begin, at), field->value_offset, budget));
        begin = at + 1;
    }
    return SP_OK;
}

static sp_status add_patterns(collector *c, project *to, const sp_source *source, const char *key)
{
    const sp_profile *profile = c->lint->site->profile;
    sp_arena *arena = c->lint->arena;
    sp_glob_budget budget = { (uint64_t)sp_rule_value(profile, SP_RULE_RULE_PATTERNS),
                              (uint64_t)sp_rule_value(profile, SP_RULE_RULE_PATTERN_BYTES) };
    sp_diags unsaid = { .arena = arena };
    sp_front_matter front;
    SP_TRY(sp_front_matter_read(arena, profile, source->path, source->bytes, SP_FRONT_MATTER_STRICT_ONLY, &unsaid,
                                &front, c->err));
    const sp_field *field = sp_front_matter_find(&front, key);
    if (!field)
        return SP_OK;
    for (size_t i = 0; i < field->items.count; i++)
        SP_TRY(add_pattern(c, to, source, field->items.items[i], field->item_offsets[i], &budget));
    return field->kind == SP_VALUE_SCALAR ? add_comma_list(c, to, source, field, &budget) : SP_OK;
}

/* The folder that a project's rule belongs to: the one that holds .claude. ptr NULL: it lies elsewhere. */
static sp_str project_of(const sp_client *client, sp_str path)
{
    for (size_t i = 0; i < client->place_count; i++) {
        const sp_location *place = &client->places[i];
        sp_str below = sp_str_of(place->path);
        if (place->kind != SP_SOURCE_RULE || place->scope != SP_SCOPE_PROJECT)
            continue;
        for (sp_str folder = sp_path_folder(path); folder.len > below.len; folder = sp_path_folder(folder))
            if (sp_str_ends(folder, below) && folder.ptr[folder.len - below.len - 1] == '/')
                return sp_path_folder(sp_str_slice(folder, 0, folder.len - below.len));
    }
    return (sp_str){ NULL, 0 };
}

static project *find_project(collector *c, sp_str folder)
{
    for (size_t i = 0; i < c->projects.count; i++)
        if (sp_str_eq(c->projects.items[i].folder, folder))
            return &c->projects.items[i];
    project *added = SP_LIST_PUSH(c->lint->arena, &c->projects);
    if (added)
        added->folder = folder;
    return added;
}

/* The key of the front matter because of which a rule does not load at the start, or NULL. */
static const char *scoping_key(const sp_site *site, uint32_t index)
{
    const sp_client *client = site->profile->client;
    const sp_source *source = &site->shared.docs.sources[index];
    if (source->kind != SP_SOURCE_RULE || source->scope != SP_SCOPE_PROJECT || !source->was_read ||
        site->shared.docs.parsed[index].skip_rule != SP_RULE_RULE_SCOPED)
        return NULL;
    for (size_t i = 0; i < client->mode_count; i++)
        if (client->modes[i].rule == SP_RULE_RULE_SCOPED)
            return client->modes[i].key;
    return NULL;
}

static sp_status collect(collector *c, uint32_t index)
{
    const sp_site *site = c->lint->site;
    const sp_source *source = &site->shared.docs.sources[index];
    const char *key = scoping_key(site, index);
    if (!key)
        return SP_OK;
    sp_str path = sp_path_join(c->lint->arena, site->shared.loader.current, source->path);
    if (!path.ptr)
        return sp_err_memory(c->err);
    sp_str folder = project_of(site->profile->client, path);
    if (!folder.ptr)
        return SP_OK;
    project *to = find_project(c, folder);
    return to ? add_patterns(c, to, source, key) : sp_err_memory(c->err);
}

/* Tries the patterns that match nothing yet; false when there is none left. */
static bool try_path(project *p, sp_str path)
{
    bool is_left = false;
    for (size_t i = 0; i < p->patterns.count; i++) {
        pattern *tried = &p->patterns.items[i];
        tried->is_matched = tried->is_matched || sp_glob_match(&tried->glob, path, true);
        is_left = is_left || !tried->is_matched;
    }
    return is_left;
}

/* First among what git knows; only where that has nothing, among all there is. */
static sp_status try_tree(project *p, sp_err *err)
{
    bool is_left = try_path(p, SP_STR(""));
    for (int pass = 0; pass < 2 && is_left; pass++) {
        sp_arena scratch = { NULL };
        sp_path_list files = { NULL, 0, 0 };
        sp_status status = sp_tree_list(&scratch, p->folder, pass == 0, &files, err);
        for (size_t i = 0; status == SP_OK && i < files.count && is_left; i++)
            is_left = try_path(p, files.items[i]);
        sp_arena_release(&scratch);
        SP_TRY(status);
    }
    return SP_OK;
}

/* The patterns of one rule: those from begin on with the same source. */
static size_t end_of_rule(const project *p, size_t begin)
{
    size_t end = begin;
    while (end < p->patterns.count && p->patterns.items[end].source == p->patterns.items[begin].source)
        end++;
    return end;
}

/* One pattern of several that has nothing to match yet is no more than a note. */
static sp_status report_rule(const collector *c, const project *p, size_t begin, size_t end)
{
    sp_str shown = sp_loader_shown(&c->lint->site->shared.loader, p->folder);
    bool is_dead = true;
    for (size_t i = begin; i < end; i++)
        is_dead = is_dead && !p->patterns.items[i].is_matched;
    for (size_t i = begin; i < end; i++) {
        const pattern *tried = &p->patterns.items[i];
        if (tried->is_matched)
            continue;
        bool is_plain = !memchr(tried->text.ptr, '/', tried->text.len);
        SP_TRY(sp_diag_add(c->lint->diags, c->err, is_dead ? SP_WARNING : SP_NOTE, tried->source->path,
                           tried->source->bytes, tried->offset, sp_rule_id(SP_RULE_RULE_UNMATCHED),
                           "no file in %.*s matches %.*s%s%s", SP_STR_ARG(shown), SP_STR_ARG(tried->text),
                           is_dead ? ", so the rule never loads" : "",
                           is_plain ? "; without **/ the pattern is about that folder alone" : ""));
    }
    return SP_OK;
}

static sp_status report_unmatched(const collector *c, const project *p)
{
    for (size_t begin = 0; begin < p->patterns.count; begin = end_of_rule(p, begin))
        SP_TRY(report_rule(c, p, begin, end_of_rule(p, begin)));
    return SP_OK;
}

/* ---- folders that are reached twice ------------------------------------------------------------------- */

static sp_status report_twin(const sp_lint *lint, uint32_t index, sp_map *folders, sp_err *err)
{
    const sp_docs *docs = &lint->site->shared.docs;
    const sp_source *source = &docs->sources[index];
    sp_str folder = sp_path_folder(source->path);
    uint32_t *slot = sp_map_slot(lint->arena, folders, folder);
    if (!slot)
        return sp_err_memory(err);
    if (*slot != SP_NONE)
        return SP_OK;
    *slot = index;
    return sp_diag_add(lint->diags, err, SP_WARNING, source->path, (sp_str){ 0 }, SP_WHOLE_FILE,
                       sp_rule_id(SP_RULE_RULE_TWICE),
                       "the rules in %.*s are there by another path too (%.*s); clients were seen to load such files "
                       "twice, so take one of the links away",
                       SP_STR_ARG(folder), SP_STR_ARG(docs->parsed[index].skip_why));
}

/* A link to a folder that the walk has been in, or is in. */
static sp_status report_links(sp_lint *lint, sp_str folder, sp_err *err)
{
    const sp_loader *loader = &lint->site->shared.loader;
    const sp_walk_options options = { .ending = loader->profile->client->rule_ending };
    sp_walk walk;
    SP_TRY(sp_loader_walk_with(loader, folder, &options, &walk, err));
    for (size_t i = 0; i < walk.again.count; i++) {
        sp_str path = sp_loader_shown(loader, walk.again.items[i]);
        SP_TRY(sp_diag_add(lint->diags, err, SP_WARNING, path, (sp_str){ 0 }, SP_WHOLE_FILE,
                           sp_rule_id(SP_RULE_RULE_TWICE),
                           "is reached by two paths, and one of them is a link; clients were seen to load such files "
                           "twice, so take the link away"));
    }
    return SP_OK;
}

/* Below home the user's own folder is an ancestor's too: one path, and nobody's link. */
static bool is_loaded_by_that_path(const sp_docs *docs, sp_str path)
{
    for (uint32_t i = 0; i < docs->count; i++)
        if (docs->sources[i].is_loaded && sp_str_eq(docs->sources[i].path, path))
            return true;
    return false;
}

static sp_status look_for_twins(sp_lint *lint, sp_err *err)
{
    const sp_client *client = lint->site->profile->client;
    const sp_docs *docs = &lint->site->shared.docs;
    sp_map folders = { 0 };
    for (uint32_t i = 0; i < docs->count; i++)
        if (docs->sources[i].kind == SP_SOURCE_RULE && docs->parsed[i].is_twin &&
            !is_loaded_by_that_path(docs, docs->sources[i].path))
            SP_TRY(report_twin(lint, i, &folders, err));
    for (size_t i = 0; i < client->place_count; i++) {
        sp_paths anchors;
        if (client->places[i].kind != SP_SOURCE_RULE)
            continue;
        SP_TRY(sp_loader_folders(&lint->site->shared.loader, client->places[i].anchor, &anchors, err));
        for (size_t j = 0; j < anchors.count; j++) {
            sp_str folder = sp_path_join(lint->arena, anchors.items[j], sp_str_of(client->places[i].path));
            if (!folder.ptr)
                return sp_err_memory(err);
            SP_TRY(report_links(lint, folder, err));
        }
    }
    return SP_OK;
}

sp_status sp_lint_rules(sp_lint *lint, sp_err *err)
{
    collector c = { .lint = lint, .err = err };
    for (uint32_t i = 0; i < lint->site->shared.docs.count; i++)
        SP_TRY(collect(&c, i));
    for (size_t i = 0; i < c.projects.count; i++) {
        SP_TRY(try_tree(&c.projects.items[i], err));
        SP_TRY(report_unmatched(&c, &c.projects.items[i]));
    }
    return look_for_twins(lint, err);
}
