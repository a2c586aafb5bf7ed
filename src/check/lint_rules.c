/* lint_rules.c - rules that never load, that have no defined order, and folders of rules that are there twice. */
#include "base/diagnostic.h"
#include "base/types.h"
#include "check/lint.h"
#include "check/tree.h"
#include "model/profile.h"
#include "model/source.h"

/* ---- paths that match nothing ---------------------------------------------------------------------- */

/* A rule with paths, and which of its patterns matched one of the files that were tried so far. */
typedef struct scoped_rule {
    const sp_source *source;
    const sp_patterns *patterns;
    bool *is_matched;
    bool is_reached; /* the patterns together match one */
} scoped_rule;

/* The rules whose patterns are relative to one directory. */
typedef struct project {
    sp_str folder;
    sp_list(scoped_rule) rules;
} project;

typedef struct collector {
    sp_lint *lint;
    sp_list(project) projects;
    sp_err *err;
} collector;

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

static sp_status collect(collector *c, uint32_t index)
{
    const sp_docs *docs = &c->lint->site->shared->docs;
    const sp_source *source = &docs->sources[index];
    const sp_parsed *parsed = docs->sources[index].parsed;
    if (source->kind != SP_SOURCE_RULE || source->scope != SP_SCOPE_PROJECT || !source->was_read ||
        parsed->skip_rule != SP_RULE_RULE_SCOPED || parsed->patterns.count == 0)
        return SP_OK;
    project *to = find_project(c, parsed->base);
    scoped_rule *added = to ? SP_LIST_PUSH(c->lint->arena, &to->rules) : NULL;
    bool *is_matched = SP_ARENA_ARRAY(c->lint->arena, bool, parsed->patterns.count);
    if (!added || !is_matched)
        return sp_err_memory(c->err);
    *added = (scoped_rule){ .source = source, .patterns = &parsed->patterns, .is_matched = is_matched };
    return SP_OK;
}

static bool takes_back(const scoped_rule *r, size_t index)
{
    return !r->patterns->globs && sp_str_starts(r->patterns->texts[index], SP_STR("!"));
}

/* Tries the patterns that matched nothing so far; false when there are none left. */
static bool try_rule(scoped_rule *r, sp_str path)
{
    bool is_match = sp_patterns_find(r->patterns, path) != SIZE_MAX;
    r->is_reached = r->is_reached || is_match;
    bool is_left = !r->is_reached;
    for (size_t i = 0; i < r->patterns->count; i++) {
        bool is_tried = !r->is_matched[i] && !(is_match && takes_back(r, i));
        r->is_matched[i] = r->is_matched[i] || (is_tried && sp_patterns_has_match(r->patterns, i, path));
        is_left = is_left || !r->is_matched[i];
    }
    return is_left;
}

static bool try_path(project *p, sp_str path)
{
    bool is_left = false;
    for (size_t i = 0; i < p->rules.count; i++)
        is_left = try_rule(&p->rules.items[i], path) || is_left;
    return is_left;
}

/* First among what git knows; only where that has nothing, among all there is. */
static sp_status try_tree(const sp_reader *reader, project *p, sp_err *err)
{
    bool is_left = true;
    for (int pass = 0; pass < 2 && is_left; pass++) {
        sp_arena scratch = { NULL };
        sp_path_list files = { NULL, 0, 0 };
        sp_status status = sp_tree_list(&scratch, reader, p->folder, pass == 0, &files, err);
        for (size_t i = 0; status == SP_OK && i < files.count && is_left; i++)
            is_left = try_path(p, files.items[i]);
        sp_arena_release(&scratch);
        SP_TRY(status);
    }
    return SP_OK;
}

static sp_status report_pattern(const collector *c, const project *p, const scoped_rule *r, size_t index)
{
    sp_str shown = sp_place_shown(c->lint->site->shared->here, p->folder);
    if (takes_back(r, index))
        return sp_diag_add(c->lint->diags, c->err, SP_NOTE, r->source->path, r->source->bytes,
                           r->patterns->offsets[index], SP_RULE_RULE_UNMATCHED,
                           "%.*s takes back no file in %.*s; it has to match files themselves, and no other pattern "
                           "their directory",
                           SP_STR_ARG(r->patterns->texts[index]), SP_STR_ARG(shown));
    return sp_diag_add(c->lint->diags, c->err, r->is_reached ? SP_NOTE : SP_WARNING, r->source->path, r->source->bytes,
                       r->patterns->offsets[index], SP_RULE_RULE_UNMATCHED, "no file in %.*s matches %.*s%s",
                       SP_STR_ARG(shown), SP_STR_ARG(r->patterns->texts[index]),
                       r->is_reached ? "" : ", so the rule never loads");
}

static sp_status report_all_taken_back(const collector *c, const scoped_rule *r)
{
    return sp_diag_add(c->lint->diags, c->err, SP_WARNING, r->source->path, r->source->bytes, r->patterns->offsets[0],
                       SP_RULE_RULE_UNMATCHED,
                       "patterns with a ! take back every file that the others match, so the rule never loads");
}

/* One pattern of several that has nothing to match yet is no more than a note. */
static sp_status report_rule(const collector *c, const project *p, const scoped_rule *r)
{
    size_t unmatched = 0;
    for (size_t i = 0; i < r->patterns->count; i++) {
        if (r->is_matched[i])
            continue;
        SP_TRY(report_pattern(c, p, r, i));
        unmatched += !takes_back(r, i);
    }
    return unmatched || r->is_reached ? SP_OK : report_all_taken_back(c, r);
}

static sp_status report_unmatched(const collector *c, const project *p)
{
    for (size_t i = 0; i < p->rules.count; i++)
        SP_TRY(report_rule(c, p, &p->rules.items[i]));
    return SP_OK;
}

/* ---- folders that are reached twice ------------------------------------------------------------------- */

static sp_status report_twin(const sp_lint *lint, uint32_t index, sp_map *folders, sp_err *err)
{
    const sp_docs *docs = &lint->site->shared->docs;
    const sp_source *source = &docs->sources[index];
    sp_str folder = sp_path_folder(source->path);
    uint32_t *slot = sp_map_slot(lint->arena, folders, folder);
    if (!slot)
        return sp_err_memory(err);
    if (*slot != SP_NONE)
        return SP_OK;
    *slot = index;
    return sp_diag_add(lint->diags, err, SP_WARNING, source->path, (sp_str){ 0 }, SP_WHOLE_FILE, SP_RULE_RULE_TWICE,
                       "the rules in %.*s are there by another path too (%.*s); clients were seen to load such files "
                       "twice, so take one of the links away",
                       SP_STR_ARG(folder), SP_STR_ARG(docs->sources[index].parsed->skip_why));
}

/* A link to a folder that the walk has been in, or is in. */
static sp_status report_links(sp_lint *lint, sp_str folder, sp_err *err)
{
    const sp_place *here = lint->site->shared->here;
    const sp_walk_options options = { .ending = here->profile->client->rule_ending };
    sp_walk walk;
    SP_TRY(sp_place_walk_with(lint->arena, here, folder, &options, &walk, err));
    for (size_t i = 0; i < walk.again.count; i++) {
        sp_str path = sp_place_shown(here, walk.again.items[i]);
        SP_TRY(sp_diag_add(lint->diags, err, SP_WARNING, path, (sp_str){ 0 }, SP_WHOLE_FILE, SP_RULE_RULE_TWICE,
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
    const sp_docs *docs = &lint->site->shared->docs;
    sp_map folders = { 0 };
    for (uint32_t i = 0; i < docs->count; i++)
        if (docs->sources[i].kind == SP_SOURCE_RULE && docs->sources[i].parsed->is_twin &&
            !is_loaded_by_that_path(docs, docs->sources[i].path))
            SP_TRY(report_twin(lint, i, &folders, err));
    for (size_t i = 0; i < client->place_count; i++) {
        sp_paths anchors;
        if (client->places[i].kind != SP_SOURCE_RULE)
            continue;
        SP_TRY(sp_place_folders(lint->arena, lint->site->shared->here, client->places[i].anchor, &anchors, err));
        for (size_t j = 0; j < anchors.count; j++) {
            sp_str folder = sp_path_join(lint->arena, anchors.items[j], sp_str_of(client->places[i].path));
            if (!folder.ptr)
                return sp_err_memory(err);
            SP_TRY(report_links(lint, folder, err));
        }
    }
    return SP_OK;
}

/* ---- rules without a defined order ---------------------------------------------------------------------- */

static bool is_of_repository(const sp_source *source)
{
    return source->scope == SP_SCOPE_PROJECT || source->scope == SP_SCOPE_ADDED;
}

/* Whether a source is a rule that loads at the start, of a directory whose order is the file system's. */
static bool has_neighbours(const sp_source *source)
{
    return source->kind == SP_SOURCE_RULE && source->is_loaded && !source->parsed->is_on_demand &&
           is_of_repository(source) && source->parsed->rules_folder.ptr;
}

static sp_status report_order_of(const sp_lint *lint, sp_str folder, size_t count, sp_err *err)
{
    if (count < 2)
        return SP_OK;
    return sp_diag_add(lint->diags, err, SP_NOTE, sp_place_shown(lint->site->shared->here, folder), (sp_str){ 0 },
                       SP_WHOLE_FILE, SP_RULE_RULE_DIRECTORY_ORDER,
                       "the client loads these %zu rules in the order of the file system, which differs between "
                       "checkouts; if their order matters, make them one file, or import them from CLAUDE.md",
                       count);
}

/* One note for each directory: its rules follow one another, with imports between them. */
static sp_status report_order(const sp_lint *lint, sp_err *err)
{
    const sp_docs *docs = &lint->site->shared->docs;
    sp_str folder = { "", 0 };
    size_t count = 0;
    if (!sp_rule_holds(lint->site->profile, SP_RULE_RULE_DIRECTORY_ORDER))
        return SP_OK;
    for (uint32_t i = 0; i < docs->count; i++) {
        if (!has_neighbours(&docs->sources[i]))
            continue;
        if (!sp_str_eq(docs->sources[i].parsed->rules_folder, folder)) {
            SP_TRY(report_order_of(lint, folder, count, err));
            folder = docs->sources[i].parsed->rules_folder;
            count = 0;
        }
        count++;
    }
    return report_order_of(lint, folder, count, err);
}

sp_status sp_lint_rules(sp_lint *lint, sp_err *err)
{
    collector c = { .lint = lint, .err = err };
    for (uint32_t i = 0; i < lint->site->shared->docs.count; i++)
        SP_TRY(collect(&c, i));
    for (size_t i = 0; i < c.projects.count; i++) {
        SP_TRY(try_tree(c.lint->site->reader, &c.projects.items[i], err));
        SP_TRY(report_unmatched(&c, &c.projects.items[i]));
    }
    SP_TRY(report_order(lint, err));
    return look_for_twins(lint, err);
}
