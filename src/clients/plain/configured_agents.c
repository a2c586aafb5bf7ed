/*
 * configured_agents.c - agents that the client's own configuration defines: opencode.json's `agent`, with {file:PATH}
 * in their prompts. Files of agents come before them, and a later configuration file before an earlier one.
 */
#include "base/diagnostic.h"
#include "base/types.h"
#include "clients/agents/agents.h"
#include "clients/plain/client_config.h"
#include "clients/plain/plain.h"
#include "model/agent_list.h"
#include "model/source.h"
#include "sources/origin.h"

typedef struct job {
    const sp_agent_finder *finder;
    const sp_configured_agent *asked;
    sp_found_agent *found;
    sp_err *err;
} job;

/* ---- {file:PATH} -------------------------------------------------------------------------------------------- */

static sp_status warn_of_file(const job *j, sp_str path, sp_str why)
{
    const sp_configured_agent *asked = j->asked;
    return sp_diag_add(&j->found->diags, j->err, SP_WARNING, sp_place_shown(j->finder->loader->here, asked->config),
                       asked->text, asked->definition->key_offset, SP_RULE_AGENT_CONFIGURED,
                       "{file:%.*s} in the prompt of %.*s %.*s; nothing takes its place", SP_STR_ARG(path),
                       SP_STR_ARG(asked->definition->key), SP_STR_ARG(why));
}

/* "~/" is the home directory, and anything else is seen from the configuration file. */
static sp_str path_of(sp_arena *arena, const sp_place *here, sp_str config, sp_str path)
{
    if (sp_str_starts(path, SP_STR("~/")) && here->home.ptr)
        return sp_path_join(arena, here->home, sp_str_slice(path, 2, path.len));
    if (sp_str_starts(path, SP_STR("/")))
        return sp_path_join(arena, here->root, sp_str_slice(path, 1, path.len));
    return sp_path_join(arena, sp_path_folder(config), path);
}

/* The text of the file, without white space around it. A project's configuration names files of its repository only. */
static sp_status add_file(const job *j, sp_str path, sp_buf *body)
{
    const sp_loader *loader = j->finder->loader;
    const sp_place *here = loader->here;
    sp_wanted wanted = { .path = path_of(loader->arena, here, j->asked->config, path),
                         .kind = SP_SOURCE_AGENT,
                         .scope = j->asked->scope,
                         .importer = SP_NONE };
    sp_file file;
    if (!wanted.path.ptr)
        return sp_err_memory(j->err);
    if (j->asked->scope == SP_SCOPE_PROJECT && !sp_origin_holds(here, wanted.path))
        return warn_of_file(j, path, SP_STR("leads out of the repository, and --external-links=allow follows it"));
    SP_TRY(sp_place_read(loader->arena, here, &wanted, &file, j->err));
    if (file.state != SP_FILE_READ)
        return warn_of_file(j, path, SP_STR("names no file that can be read"));
    sp_buf_add(body, sp_str_trim(file.bytes));
    return SP_OK;
}

static sp_status fill_files(const job *j, sp_str prompt, sp_buf *body)
{
    size_t at = 0;
    for (;;) {
        size_t begin = sp_str_find(prompt, SP_STR("{file:"), at);
        size_t end = begin == SIZE_MAX ? SIZE_MAX : sp_str_find(prompt, SP_STR("}"), begin);
        if (end == SIZE_MAX)
            break;
        sp_buf_add(body, sp_str_slice(prompt, at, begin));
        SP_TRY(add_file(j, sp_str_slice(prompt, begin + strlen("{file:"), end), body));
        at = end + 1;
    }
    sp_buf_add(body, sp_str_slice(prompt, at, prompt.len));
    return SP_OK;
}

/* ---- definitions --------------------------------------------------------------------------------------------- */

static sp_str text_of(const sp_json_node *definition, const char *key)
{
    const sp_json_node *node = sp_json_member(definition, key);
    return node && node->kind == SP_JSON_TEXT && sp_str_trim(node->text).len ? node->text : (sp_str){ NULL, 0 };
}

static bool is_true(const sp_json_node *definition, const char *key)
{
    const sp_json_node *node = sp_json_member(definition, key);
    return node && node->kind == SP_JSON_BOOL && sp_str_eq(node->text, SP_STR("true"));
}

static sp_status take_definition(job *j, const sp_json_node *definition)
{
    sp_listed_agent *listed = &j->found->listed;
    sp_buf body = { 0 };
    j->found->form = SP_AGENT_JSON;
    listed->name = listed->agent.name = definition->key;
    listed->agent.description = text_of(definition, "description");
    listed->agent.model = text_of(definition, "model");
    listed->agent.is_unlisted = sp_str_eq(text_of(definition, "mode"), SP_STR("primary"));
    sp_status status = fill_files(j, text_of(definition, "prompt"), &body);
    listed->body = sp_buf_move(&body, j->finder->loader->arena);
    SP_TRY(status);
    if (!listed->body.ptr)
        return sp_err_memory(j->err);
    if (is_true(definition, "disable"))
        return sp_agents_skip(j->found, SP_RULE_AGENT_CONFIGURED, SP_STR("its disable: true switches it off"), j->err);
    return SP_OK;
}

static sp_status add_definition(sp_agent_finder *finder, const sp_configured_agent *asked, sp_err *err)
{
    sp_arena *arena = finder->loader->arena;
    const sp_agent_place place = { .scope = asked->scope };
    const sp_place *here = finder->loader->here;
    job j = { .finder = finder, .asked = asked, .err = err };
    if (asked->definition->kind != SP_JSON_OBJECT || !text_of(asked->definition, "prompt").ptr)
        return SP_OK; /* it changes an agent that is elsewhere */
    sp_str path = sp_str_format(arena, "%.*s#%.*s", SP_STR_ARG(sp_place_shown(here, asked->config)),
                                SP_STR_ARG(asked->definition->key));
    SP_TRY(sp_agents_push(finder, &place, path, &j.found, err));
    j.found->listed.path = path;
    return take_definition(&j, asked->definition);
}

sp_status sp_plain_add_configured_agents(sp_agent_finder *finder, sp_err *err)
{
    const sp_loader *loader = finder->loader;
    sp_diags unsaid = { .arena = loader->arena }; /* loading says it */
    sp_client_setup setup;
    if (!sp_rule_holds(loader->here->profile, SP_RULE_AGENT_CONFIGURED))
        return SP_OK;
    SP_TRY(sp_load_client_config(loader->arena, loader->here, &unsaid, &setup, err));
    for (size_t i = setup.agents.count; i-- > 0;) {
        SP_TRY(add_definition(finder, &setup.agents.items[i], err));
        finder->tree++;
    }
    return SP_OK;
}
