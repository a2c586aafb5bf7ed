/*
 * agent_plain.c - agent files of clients other than Claude Code.
 *
 * Four fields mean the same everywhere; what else may stand in the front matter is a list in the client's table, and is
 * not looked into. Which of the four have to be there, and how a name may be spelt, the profile's rules say.
 */
#include "base/diagnostic.h"
#include "base/file.h"
#include "base/types.h"
#include "clients/plain/plain.h"
#include "model/agent.h"
#include "model/profile.h"
#include "sources/client.h"
#include "tokenizer/models/model.h"

struct job {
    sp_arena *arena;
    const sp_profile *profile;
    sp_str path;
    sp_str text;
    sp_diags *diags;
    sp_err *err;
    sp_front_matter front;
    size_t said; /* messages before this file's */
};

static sp_status say(const struct job *job, sp_level level, sp_rule_key rule, size_t offset, sp_str message)
{
    if (!message.ptr)
        return sp_err_memory(job->err);
    return sp_diag_add(job->diags, job->err, level, job->path, job->text, offset, rule, "%.*s", SP_STR_ARG(message));
}

/* ---- the four fields ------------------------------------------------------------------------------------- */

static sp_status take_text(const struct job *job, const char *key, sp_str *member)
{
    const sp_field *field = sp_front_matter_find(&job->front, key);
    if (!field || field->kind == SP_VALUE_NULL)
        return SP_OK;
    if (field->kind != SP_VALUE_SCALAR)
        return say(job, SP_WARNING, SP_RULE_AGENT_TYPE, field->value_offset,
                   sp_str_format(job->arena, "%s has to be text; it counts as absent", key));
    if (sp_str_trim(field->value).len)
        *member = field->value;
    return SP_OK;
}

/* "read, edit" or a list; a mapping of tools to switches is another client's way, and says nothing about the prompt. */
static sp_status take_tools(const struct job *job, sp_agent *agent)
{
    const sp_field *field = sp_front_matter_find(&job->front, "tools");
    sp_list(sp_str) tools = { 0 };
    if (!field || (field->kind != SP_VALUE_LIST && field->kind != SP_VALUE_SCALAR))
        return SP_OK;
    agent->has_tools = true;
    agent->tools = field->items;
    if (field->kind == SP_VALUE_LIST)
        return SP_OK;
    for (size_t begin = 0; begin < field->value.len;) {
        const char *comma = memchr(field->value.ptr + begin, ',', field->value.len - begin);
        size_t end = comma ? (size_t)(comma - field->value.ptr) : field->value.len;
        sp_str tool = sp_str_trim(sp_str_slice(field->value, begin, end));
        sp_str *slot = tool.len ? SP_LIST_PUSH(job->arena, &tools) : NULL;
        if (tool.len && !slot)
            return sp_err_memory(job->err);
        if (slot)
            *slot = tool;
        begin = end + 1;
    }
    agent->tools = (sp_str_list){ tools.items, tools.count };
    return SP_OK;
}

/* ---- what has to hold ------------------------------------------------------------------------------------ */

static bool is_plain_name(sp_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return name.len > 0;
}

static sp_status check_name(const struct job *job, sp_agent *agent)
{
    const sp_field *field = sp_front_matter_find(&job->front, "name");
    if (sp_rule_holds(job->profile, SP_RULE_AGENT_SUBDIRECTORY))
        return SP_OK; /* who finds it knows its directory */
    if (sp_rule_holds(job->profile, SP_RULE_AGENT_FILE_NAME)) {
        agent->name = agent->name.ptr ? agent->name : sp_agent_file_name(job->path);
        return SP_OK;
    }
    bool is_refused = job->front.was_reported && job->diags->items[job->diags->count - 1].level == SP_FINDING;
    if (!agent->name.ptr && !is_refused && sp_rule_has_effect(job->profile, SP_RULE_AGENT_DOCUMENT, SP_EFFECT_REFUSE))
        return say(
            job, SP_FINDING, SP_RULE_AGENT_DOCUMENT, 0,
            sp_str_format(job->arena,
                          "%.*s takes no file for an agent that does not begin with front matter with a name; add "
                          "a `name: ...` line",
                          SP_STR_ARG(sp_client_who(job->profile->client))));
    if (agent->name.ptr && sp_rule_holds(job->profile, SP_RULE_AGENT_NAME_LETTERS) && !is_plain_name(agent->name))
        return say(job, SP_FINDING, SP_RULE_AGENT_NAME_LETTERS, field->value_offset,
                   sp_str_format(job->arena,
                                 "the name \"%.*s\" may hold only lower-case letters, digits, dashes and underscores",
                                 SP_STR_ARG(agent->name)));
    return SP_OK;
}

static bool has_value(const struct job *job, const char *key, sp_str value)
{
    const sp_field *field = sp_front_matter_find(&job->front, key);
    return field && field->kind == SP_VALUE_SCALAR && sp_str_eq(sp_str_trim(field->value), value);
}

/* Which agents the model is not told of. */
static bool is_unlisted(const struct job *job)
{
    return has_value(job, "mode", SP_STR("primary")) || has_value(job, "disable-model-invocation", SP_STR("true")) ||
           has_value(job, "infer", SP_STR("false"));
}

/* An agent that is switched off by its own file. */
static sp_status check_disabled(const struct job *job)
{
    const sp_field *field = sp_front_matter_find(&job->front, "disable");
    if (!sp_rule_holds(job->profile, SP_RULE_AGENT_CONFIGURED) || !has_value(job, "disable", SP_STR("true")))
        return SP_OK;
    return say(job, SP_FINDING, SP_RULE_AGENT_CONFIGURED, field->key_offset,
               SP_STR("disable: true switches this agent off"));
}

static sp_status check_description(const struct job *job, const sp_agent *agent)
{
    size_t said = job->diags->count;
    bool is_refused = said > job->said && job->diags->items[said - 1].level == SP_FINDING; /* one reason is enough */
    if (is_refused || agent->description.ptr || !sp_rule_holds(job->profile, SP_RULE_AGENT_DESCRIPTION))
        return SP_OK;
    return say(job, SP_FINDING, SP_RULE_AGENT_DESCRIPTION, 0,
               sp_str_format(job->arena, "%.*s needs a description of an agent; add a `description: ...` line",
                             SP_STR_ARG(sp_client_who(job->profile->client))));
}

static bool is_documented(const struct job *job, sp_str key)
{
    static const char *const common[] = { "name", "description", "model", "tools", NULL };
    const char *const *const lists[] = { common, job->profile->client->agent_fields };
    for (size_t l = 0; l < SP_COUNT_OF(lists); l++)
        for (size_t i = 0; lists[l] && lists[l][i]; i++)
            if (sp_str_eq(key, sp_str_of(lists[l][i])))
                return true;
    return false;
}

/* A client without agents of its own has no fields to hold a file to. */
static sp_status note_unknown_keys(const struct job *job)
{
    if (!sp_client_has(job->profile->client, SP_HAS_AGENTS))
        return SP_OK;
    for (size_t i = 0; i < job->front.field_count; i++) {
        const sp_field *field = &job->front.fields[i];
        if (!is_documented(job, field->key))
            SP_TRY(say(job, SP_NOTE, SP_RULE_AGENT_UNKNOWN_KEY, field->key_offset,
                       sp_str_format(job->arena, "%.*s is no field that is documented for agents of %.*s",
                                     SP_STR_ARG(field->key), SP_STR_ARG(sp_client_who(job->profile->client)))));
    }
    return SP_OK;
}

/* Where the client puts another file, the text that asks for it is kept. */
static sp_status warn_of_files(const struct job *job)
{
    size_t at = sp_str_find(job->text, SP_STR("{file:"), job->front.body_begin);
    if (at == SIZE_MAX || !sp_rule_holds(job->profile, SP_RULE_AGENT_FILE_TEXT))
        return SP_OK;
    return say(job, SP_WARNING, SP_RULE_AGENT_FILE_TEXT, at,
               sp_str_format(job->arena,
                             "%s puts the text of that file in its place; sysprompt reads none for it and keeps the "
                             "words",
                             sp_profile_title(job->profile)));
}

sp_status sp_plain_read_agent(sp_arena *arena, const sp_profile *profile, const sp_models *known_models, sp_str path,
                              sp_str text, sp_agent_form form, sp_front_matter_mode mode, sp_diags *diags,
                              sp_agent *ret, size_t *ret_body_begin, sp_err *err)
{
    sp_agent agent = { .source = SP_NONE };
    (void)known_models; /* no model of these clients is checked, */
    (void)form;         /* and there is one form */
    struct job job = { arena, profile, path, text, diags, err, { 0 }, diags->count };
    SP_TRY(sp_front_matter_read(arena, profile, path, text, mode, diags, &job.front, err));
    agent.front_matter = job.front.state;
    SP_TRY(take_text(&job, "name", &agent.name));
    SP_TRY(take_text(&job, "description", &agent.description));
    SP_TRY(take_text(&job, "model", &agent.model));
    SP_TRY(take_tools(&job, &agent));
    SP_TRY(check_name(&job, &agent));
    SP_TRY(check_description(&job, &agent));
    SP_TRY(check_disabled(&job));
    agent.is_unlisted = is_unlisted(&job);
    SP_TRY(note_unknown_keys(&job));
    SP_TRY(warn_of_files(&job));
    *ret = agent;
    *ret_body_begin = job.front.body_begin;
    return SP_OK;
}
