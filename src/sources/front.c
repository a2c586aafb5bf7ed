/* front.c - which files have front matter, and what it means for them. */
#include "base/diagnostic.h"
#include "base/types.h"
#include "model/source.h"
#include "sources/loader.h"
#include "syntax/front_matter.h"

/* The client reads nothing from the front matter of a memory file, and that of a skill was read when it was found; so
 * nothing is said about it here. */
static sp_status pass_over(sp_arena *arena, const sp_place *here, sp_rule_key rule, sp_source *source, sp_err *err)
{
    sp_diags unsaid = { .arena = arena };
    sp_front_matter front;
    if (!sp_rule_holds(here->profile, rule))
        return SP_OK;
    SP_TRY(sp_front_matter_read(arena, here->profile, source->path, source->bytes, SP_FRONT_MATTER_STRICT_ONLY, &unsaid,
                                &front, err));
    if (front.body_begin > source->content_begin)
        source->parsed->front_rule = rule;
    source->content_begin = front.body_begin;
    return SP_OK;
}

bool sp_source_is_kept_whole(const sp_loader *loader, const sp_source *source)
{
    bool is_of_agent = loader->agent && !sp_str_eq(source->reason, SP_STR("auto_memory"));
    return source->kind == SP_SOURCE_MEMORY && is_of_agent &&
           sp_rule_holds(loader->here->profile, SP_RULE_MEMORY_AGENT_WHOLE);
}

static bool has_value(const sp_field *field)
{
    if (!field || field->kind == SP_VALUE_NULL)
        return false;
    bool is_list = field->kind == SP_VALUE_LIST || field->kind == SP_VALUE_NESTED;
    return is_list ? field->items.count > 0 : sp_str_trim(field->value).len > 0;
}

static bool fits(const sp_mode *mode, const sp_front_matter *front)
{
    const sp_field *field = mode->key ? sp_front_matter_find(front, mode->key) : NULL;
    if (!mode->key)
        return true;
    if (!has_value(field))
        return field && mode->value && !*mode->value;
    if (field->kind == SP_VALUE_LIST && field->items.count == 1 && mode->value)
        return sp_str_eq(sp_str_trim(field->items.items[0]), sp_str_of(mode->value));
    return !mode->value ||
           (field->kind == SP_VALUE_SCALAR && sp_str_eq_nocase(sp_str_trim(field->value), sp_str_of(mode->value)));
}

/* What other tools call it. A rule with such a key was meant to be scoped, and loads always. */
static sp_status warn_of_other_keys(sp_loader *loader, const sp_source *source, const sp_front_matter *front,
                                    sp_err *err)
{
    static const char *const other_keys[] = { "path", "glob", "globs", "applyTo", "fileMatchPattern" };
    const char *own_key =
        loader->here->profile->client->mode_count ? loader->here->profile->client->modes[0].key : NULL;
    if (!own_key || !sp_rule_holds(loader->here->profile, SP_RULE_RULE_KEY) || sp_front_matter_find(front, own_key))
        return SP_OK;
    for (size_t i = 0; i < SP_COUNT_OF(other_keys); i++) {
        const sp_field *field = sp_front_matter_find(front, other_keys[i]);
        if (field)
            return sp_diag_add(
                loader->diags, err, SP_WARNING, source->path, source->bytes, field->key_offset, SP_RULE_RULE_KEY,
                "%s is not read, so this rule always loads; the key that scopes a rule is %s", other_keys[i], own_key);
    }
    return SP_OK;
}

/* Whether a rule of the project stands behind a link to a place that is neither in the launch directory nor in its own
 * folder of rules. */
static bool is_behind_link_out(const sp_place *here, const sp_source *source)
{
    return source->scope != SP_SCOPE_USER && !sp_path_is_within(source->real_path, here->launch) &&
           !sp_path_is_within(source->real_path, source->parsed->rules_folder);
}

/* Keeps a rule out for good, whatever its patterns match. */
static void never_load(sp_parsed *parsed, sp_rule_key rule, const char *why)
{
    parsed->patterns = (sp_patterns){ 0 };
    parsed->skip_rule = rule;
    parsed->skip_why = sp_str_of(why);
}

/* Why a rule does not load at the start, and for which files it loads later; unless they are all files. */
static sp_status set_mode(sp_loader *loader, sp_source *source, const sp_mode *mode, const sp_front_matter *front,
                          sp_err *err)
{
    if (mode->patterns)
        SP_TRY(sp_patterns_read(loader, source, sp_front_matter_find(front, mode->patterns), &source->parsed->patterns,
                                err));
    if (source->parsed->patterns.is_everything) {
        source->parsed->patterns = (sp_patterns){ 0 };
        return SP_OK;
    }
    source->is_loaded = false;
    source->parsed->skip_rule = mode->rule;
    source->parsed->skip_why = sp_str_of(mode->why);
    if (!mode->patterns)
        return SP_OK;
    sp_str list = sp_patterns_list(loader->arena, &source->parsed->patterns);
    if (list.len)
        source->parsed->skip_why = sp_str_format(loader->arena, "%s (%.*s)", mode->why, SP_STR_ARG(list));
    if (source->parsed->patterns.count)
        source->reason = SP_STR("path_glob_match");
    if (!list.ptr || !source->parsed->skip_why.ptr)
        return sp_err_memory(err);
    if (sp_rule_holds(loader->here->profile, SP_RULE_RULE_LINKS) && is_behind_link_out(loader->here, source))
        never_load(source->parsed, SP_RULE_RULE_LINKS,
                   "it lies behind a link out of the launch directory, where only rules without paths: load; put the "
                   "file itself here");
    else if (sp_rule_holds(loader->here->profile, SP_RULE_RULE_OUTSIDE) && source->scope == SP_SCOPE_ADDED)
        never_load(source->parsed, SP_RULE_RULE_OUTSIDE,
                   "it lies in a directory of --add-dir, where only rules without paths: load");
    return SP_OK;
}

/* The opposite of agents: a rule of Claude Code whose YAML does not parse loads, as if it had no paths. */
static sp_front_matter_mode mode_of_rule(const sp_place *here)
{
    if (sp_rule_holds(here->profile, SP_RULE_RULE_RECOVERED))
        return SP_FRONT_MATTER_QUOTE;
    return sp_rule_holds(here->profile, SP_RULE_RULE_INVALID) ? SP_FRONT_MATTER_STRICT_ONLY : SP_FRONT_MATTER_RECOVER;
}

/* A finding of strict reading is a warning here. */
static sp_status read_rule(sp_loader *loader, sp_source *source, sp_err *err)
{
    const sp_client *client = loader->here->profile->client;
    sp_front_matter front;
    size_t before = loader->diags->count;
    SP_TRY(sp_front_matter_read(loader->arena, loader->here->profile, source->path, source->bytes,
                                mode_of_rule(loader->here), loader->diags, &front, err));
    for (size_t i = before; i < loader->diags->count; i++)
        if (loader->diags->items[i].level == SP_FINDING)
            loader->diags->items[i].level = SP_WARNING;
    bool is_sent = !sp_rule_has_effect(loader->here->profile, SP_RULE_RULE_FRONT_MATTER, SP_EFFECT_CUT);
    if (front.body_begin > source->content_begin && !is_sent)
        source->parsed->front_rule = SP_RULE_RULE_FRONT_MATTER;
    source->content_begin = is_sent ? source->content_begin : front.body_begin;
    SP_TRY(warn_of_other_keys(loader, source, &front, err));
    const sp_field *description = sp_front_matter_find(&front, "description");
    if (description && description->kind == SP_VALUE_SCALAR)
        source->parsed->description = description->value;
    size_t i = 0;
    while (i < client->mode_count && !fits(&client->modes[i], &front))
        i++;
    if (i == client->mode_count || client->modes[i].rule == SP_RULE_NONE)
        return SP_OK;
    return set_mode(loader, source, &client->modes[i], &front, err);
}

sp_status sp_source_ask_front(sp_loader *loader, uint32_t index, sp_err *err)
{
    sp_diags unsaid = { .arena = loader->arena };
    sp_diags *said = loader->diags;
    sp_source copy = loader->sources.items[index];
    loader->diags = &unsaid;
    sp_status status = read_rule(loader, &copy, err);
    loader->diags = said;
    return status;
}

sp_status sp_source_read_front(sp_loader *loader, sp_source *source, sp_err *err)
{
    switch (source->kind) {
    case SP_SOURCE_AGENT:
        return loader->here->profile->client->ops->take_agent(loader, source, err);
    case SP_SOURCE_MEMORY:
        if (sp_source_is_kept_whole(loader, source))
            return SP_OK;
        return pass_over(loader->arena, loader->here, SP_RULE_MEMORY_FRONT_MATTER, source, err);
    case SP_SOURCE_SKILL:
        return pass_over(loader->arena, loader->here, SP_RULE_SKILL_FRONT_MATTER, source, err);
    case SP_SOURCE_RULE:
        return read_rule(loader, source, err);
    case SP_SOURCE_INSTRUCTIONS:
    case SP_SOURCE_IMPORT:
        return pass_over(loader->arena, loader->here, SP_RULE_CHAIN_FRONT_MATTER, source, err);
    case SP_SOURCE_APPENDED:
        if (sp_is_output_style(source))
            return pass_over(loader->arena, loader->here, SP_RULE_SETTINGS_OUTPUT_STYLE, source, err);
        return SP_OK;
    case SP_SOURCE_CLIENT:
    case SP_SOURCE_TOOL:
        return SP_OK;
    }
    return SP_OK;
}
