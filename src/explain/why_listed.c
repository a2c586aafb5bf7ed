/*
 * why_listed.c - agents and skills: the request lists them by name and description, and the client reads the rest once
 * one is used. For one that is not listed, the list knows the reason; for one that lies elsewhere, the tables do.
 */
#include "base/types.h"
#include "clients/agents/agents.h"
#include "clients/claude_code/skills.h"
#include "clients/plain/described.h"
#include "explain/why.h"
#include "model/agent_list.h"
#include "model/prompt.h"
#include "model/skill_list.h"
#include "model/source.h"
#include "sources/client.h"

/* ---- places ------------------------------------------------------------------------------------------------------ */

/* Whether the file lies in that place of the client, as seen from the launch directory. */
static sp_status is_in_place(const sp_why_question *q, sp_anchor anchor, const char *path, bool *ret, sp_err *err)
{
    const sp_place *here = q->loader->here;
    sp_paths folders;
    *ret = false;
    SP_TRY(sp_place_folders(q->loader->arena, here, anchor, &folders, err));
    for (size_t i = 0; i < folders.count && !*ret; i++) {
        sp_str folder = sp_place_path(q->loader->arena, here, anchor, folders.items[i], path);
        if (!folder.ptr)
            return sp_err_memory(err);
        *ret = sp_path_is_within(q->target->path, folder);
    }
    return SP_OK;
}

/* The directory that such a place of a project would be seen from; ptr NULL: the file lies in none of that name. */
static sp_str seen_from(const sp_why_question *q, sp_anchor anchor, const char *path)
{
    sp_str asked = q->target->path;
    size_t length = strlen(path);
    if (anchor == SP_ANCHOR_ROOT || anchor == SP_ANCHOR_HOME || anchor == SP_ANCHOR_USER)
        return (sp_str){ NULL, 0 };
    for (size_t at = sp_str_find(asked, sp_str_of(path), 0); at != SIZE_MAX;
         at = sp_str_find(asked, sp_str_of(path), at + 1))
        if (at > 1 && asked.ptr[at - 1] == '/' && asked.len > at + length && asked.ptr[at + length] == '/')
            return sp_str_slice(asked, 0, at - 1);
    return (sp_str){ NULL, 0 };
}

/* A file that only a session in another directory lists. */
static sp_status answer_elsewhere(const sp_why_question *q, sp_rule_key rule, const char *kind, sp_str from,
                                  sp_err *err)
{
    const sp_place *here = q->loader->here;
    sp_arena *arena = q->loader->arena;
    SP_TRY(sp_why_answer(q, rule,
                         sp_str_format(arena, "it lies in a directory of %s that %s does not look into from %.*s", kind,
                                       sp_profile_name(here->profile), SP_STR_ARG(sp_place_shown(here, here->launch))),
                         err));
    return sp_why_advise(q,
                         sp_str_format(arena, "launched in %.*s, with -C, the client looks there",
                                       SP_STR_ARG(sp_place_shown(here, from))),
                         err);
}

/* The same for a client without a table: its places have these names in the user's directory and in a project. */
static sp_status explain_claude_place(const sp_why_question *q, sp_rule_key rule, const char *name, const char *kind,
                                      sp_err *err)
{
    sp_str path = sp_str_format(q->loader->arena, ".claude/%s", name);
    bool is_users = false, is_projects = false;
    if (!path.ptr)
        return sp_err_memory(err);
    if (q->why->why.ptr || !sp_str_ends(q->target->path, SP_STR(".md")))
        return SP_OK;
    SP_TRY(is_in_place(q, SP_ANCHOR_USER, name, &is_users, err));
    SP_TRY(is_in_place(q, SP_ANCHOR_FROM_REPOSITORY, path.ptr, &is_projects, err));
    sp_str from = is_users || is_projects ? (sp_str){ NULL, 0 } : seen_from(q, SP_ANCHOR_FROM_REPOSITORY, path.ptr);
    return from.ptr ? answer_elsewhere(q, rule, kind, from, err) : SP_OK;
}

/* ---- agents ------------------------------------------------------------------------------------------------------ */

static sp_status read_front_of(const sp_why_question *q, const sp_listed_agent *listed, sp_err *err)
{
    sp_file file;
    sp_wanted wanted = {
        .path = q->target->path, .kind = SP_SOURCE_AGENT, .scope = listed->scope, .importer = SP_NONE
    };
    SP_TRY(sp_loader_read(q->loader, &wanted, &file, err));
    sp_str text = file.state == SP_FILE_READ ? file.bytes : (sp_str){ NULL, 0 };
    return sp_why_read_front(q->loader, SP_SOURCE_AGENT, text, q->why, err);
}

/* The list knows each of them. */
static sp_status explain_listed_agent(const sp_why_question *q, sp_err *err)
{
    sp_loader *loader = q->loader;
    sp_found_agents found;
    sp_diags unsaid = { .arena = loader->arena };
    sp_diags *said = loader->diags;
    loader->diags = &unsaid; /* whoever looked up this prompt's agent has heard it */
    sp_status status = sp_agents_find(loader, &found, err);
    loader->diags = said;
    SP_TRY(status);
    for (size_t i = 0; i < found.count; i++) {
        const sp_listed_agent *listed = &found.items[i].listed;
        if (!sp_str_eq(found.items[i].path, q->target->path))
            continue;
        SP_TRY(read_front_of(q, listed, err));
        if (listed->status != SP_AGENT_LOADS) {
            SP_TRY(sp_why_answer(q, SP_RULE_AGENT_ORDER,
                                 sp_str_format(loader->arena,
                                               "it lies among the agents, and the client does not load it: %.*s",
                                               SP_STR_ARG(listed->why)),
                                 err));
            if (listed->rule != SP_RULE_NONE)
                q->why->rule = listed->rule;
            return SP_OK;
        }
        SP_TRY(sp_why_answer(q, SP_RULE_AGENT_ORDER,
                             sp_str_format(loader->arena, "it is the agent %.*s, and this is the prompt of %s",
                                           SP_STR_ARG(listed->name), loader->agent ? "another one" : "a main session"),
                             err));
        return sp_why_advise(
            q, sp_str_format(loader->arena, "sysprompt explain %.*s shows that agent's", SP_STR_ARG(listed->name)),
            err);
    }
    return SP_OK;
}

/* Agents of which no more than name and description is known. */
static sp_status explain_described_agent(const sp_why_question *q, sp_err *err)
{
    sp_described_list found;
    SP_TRY(sp_described_agents_find(q->loader, &found, err));
    for (size_t i = 0; i < found.count; i++) {
        const sp_described_agent *agent = &found.items[i];
        if (!sp_str_eq(agent->path, q->target->path))
            continue;
        return sp_why_answer(
            q, SP_RULE_AGENT_LISTED,
            agent->why.ptr
                ? sp_str_format(q->loader->arena, "it lies among the agents, and the client does not list it: %.*s",
                                SP_STR_ARG(agent->why))
                : sp_str_format(q->loader->arena,
                                "it is the agent %.*s; the session lists its name and description, and the "
                                "client reads the rest once it is started",
                                SP_STR_ARG(agent->name)),
            err);
    }
    return SP_OK;
}

/* A file that is no agent, though it lies where the client looks for them, or would look from another directory. */
static sp_status explain_no_agent(const sp_why_question *q, const sp_agent_folder *at, bool needs_trust,
                                  sp_rule_key rule, sp_err *err)
{
    bool is_among = false;
    SP_TRY(is_in_place(q, at->anchor, at->path, &is_among, err));
    sp_str from = is_among ? (sp_str){ NULL, 0 } : seen_from(q, at->anchor, at->path);
    if (is_among)
        return sp_why_answer(q, rule,
                             needs_trust && at->scope == SP_SCOPE_PROJECT
                                 ? SP_STR("it lies among the agents, and the client lists none for it: it lists a "
                                          "project's where the user trusts the project")
                                 : SP_STR("it lies among the agents, and the client lists none for it"),
                             err);
    return from.ptr ? answer_elsewhere(q, rule, "agents", from, err) : SP_OK;
}

sp_status sp_why_explain_agent(const sp_why_question *q, sp_err *err)
{
    const sp_client *client = q->loader->here->profile->client;
    const sp_agent_table *table = client->described_agents;
    if (sp_client_has(client, SP_HAS_AGENTS))
        SP_TRY(explain_listed_agent(q, err));
    if (table)
        SP_TRY(explain_described_agent(q, err));
    for (size_t i = 0; i < client->agent_place_count && !q->why->why.ptr; i++)
        SP_TRY(explain_no_agent(q, &client->agent_places[i], false, SP_RULE_AGENT_ORDER, err));
    for (size_t i = 0; table && i < table->place_count && !q->why->why.ptr; i++)
        SP_TRY(explain_no_agent(q, &table->places[i], table->needs_trust, SP_RULE_AGENT_LISTED, err));
    return sp_client_has(client, SP_HAS_SETTINGS)
               ? explain_claude_place(q, SP_RULE_AGENT_ORDER, "agents", "agents", err)
               : SP_OK;
}

/* ---- skills ------------------------------------------------------------------------------------------------------ */

static const char *kind_of(const sp_listed_skill *skill)
{
    return skill->is_command ? "command" : "skill";
}

/* A skill that the session knows, and that nothing preloads. */
static sp_status explain_known_skill(const sp_why_question *q, const sp_listed_skill *skill, sp_err *err)
{
    sp_arena *arena = q->loader->arena;
    bool is_hidden = skill->status == SP_SKILL_HIDDEN;
    bool is_preloaded = sp_rule_holds(q->loader->here->profile, SP_RULE_SKILL_PRELOAD);
    const char *listed = skill->status == SP_SKILL_NAME_ONLY ? "its name" : "its name and description";
    sp_str why =
        is_hidden ? sp_str_format(arena, "it is the %s %.*s, which the model does not see: %.*s", kind_of(skill),
                                  SP_STR_ARG(skill->name), SP_STR_ARG(skill->why))
                  : sp_str_format(arena, "it is the %s %.*s; the session lists %s, and reads the rest once it is used",
                                  kind_of(skill), SP_STR_ARG(skill->name), listed);
    SP_TRY(sp_why_answer(q, is_preloaded ? SP_RULE_SKILL_PRELOAD : SP_RULE_SKILL_LISTED, why, err));
    if (is_hidden) {
        q->why->rule = skill->rule;
        return SP_OK;
    }
    return sp_why_advise(
        q,
        is_preloaded ? sp_str_format(arena, "`skills: [%.*s]` in an agent's front matter puts the whole of it there",
                                     SP_STR_ARG(skill->name))
                     : sp_str_format(arena, "sysprompt list --skills --profile=%s shows each entry of that list",
                                     q->loader->here->profile->client->name),
        err);
}

/* A file beside a SKILL.md belongs to the skill. */
static sp_status explain_beside(const sp_why_question *q, const sp_listed_skill *skill, sp_err *err)
{
    bool is_preloaded = sp_rule_holds(q->loader->here->profile, SP_RULE_SKILL_PRELOAD);
    bool is_known = skill->status < SP_SKILL_SHADOWED;
    sp_str why = sp_str_format(q->loader->arena,
                               is_known ? "it lies in the directory of the skill %.*s, and is read only when the skill "
                                          "needs it"
                                        : "it lies in the directory of a skill that the client does not load: %.*s",
                               SP_STR_ARG(is_known ? skill->name : skill->why));
    return sp_why_answer(q, is_preloaded ? SP_RULE_SKILL_PRELOAD : SP_RULE_SKILL_LISTED, why, err);
}

static sp_status explain_found_skill(const sp_why_question *q, const sp_found_skill *skill, sp_err *err)
{
    const sp_listed_skill *listed = &skill->listed;
    if (!sp_str_eq(skill->path, q->target->path))
        return explain_beside(q, listed, err);
    SP_TRY(sp_why_read_front(q->loader, SP_SOURCE_SKILL, skill->file.bytes, q->why, err));
    if (listed->status < SP_SKILL_SHADOWED)
        return explain_known_skill(q, listed, err);
    SP_TRY(
        sp_why_answer(q, SP_RULE_SKILL_ORDER,
                      sp_str_format(q->loader->arena, "it lies among the skills, and the client does not load it: %.*s",
                                    SP_STR_ARG(listed->why)),
                      err));
    if (listed->rule != SP_RULE_NONE)
        q->why->rule = listed->rule;
    return SP_OK;
}

/* A file that is no skill, though it lies where the client looks for them, or would look from another directory. */
static sp_status explain_no_skill(const sp_why_question *q, const sp_skill_folder *at, sp_err *err)
{
    const sp_place *here = q->loader->here;
    bool is_among = false;
    SP_TRY(is_in_place(q, at->anchor, at->path, &is_among, err));
    sp_str from = is_among ? (sp_str){ NULL, 0 } : seen_from(q, at->anchor, at->path);
    if (from.ptr)
        return answer_elsewhere(q, SP_RULE_SKILL_ORDER, "skills", from, err);
    if (!is_among)
        return SP_OK;
    const char *variable = sp_place_off_by(here, at->off_by);
    sp_str why = variable ? sp_str_format(q->loader->arena, "it lies among the skills of %s, which %s switches off",
                                          at->path, variable)
                 : at->is_commands ? SP_STR("it lies among the commands, each of which is a file that ends in .md")
                 : here->profile->client->has_hidden_skills
                     ? SP_STR("it lies among the skills, each of which is a SKILL.md in a directory")
                 : here->profile->client->has_deep_skills
                     ? SP_STR("it lies among the skills, each of which is a SKILL.md in a directory whose name does "
                              "not begin with a dot")
                     : SP_STR("it lies among the skills, each of which is a SKILL.md in a directory directly there");
    return sp_why_answer(q, variable ? SP_RULE_SKILL_ORDER : SP_RULE_SKILL_FILE, why, err);
}

/* The list of skills knows each of them, and what lies beside a SKILL.md belongs to it. */
sp_status sp_why_explain_skill(const sp_why_question *q, sp_err *err)
{
    const sp_client *client = q->loader->here->profile->client;
    sp_found_skills found;
    const sp_found_skill *around = NULL;
    if (!sp_client_has_skills(q->loader->here->profile))
        return SP_OK;
    SP_TRY(sp_skills_find(q->loader, &found, err));
    for (size_t i = 0; i < found.count; i++) {
        const sp_found_skill *skill = &found.items[i];
        bool has_directory = !skill->listed.is_command && skill->file.state == SP_FILE_READ && skill->folder_name.ptr;
        if (sp_str_eq(skill->path, q->target->path))
            return explain_found_skill(q, skill, err);
        if (has_directory && sp_path_is_within(q->target->path, sp_path_folder(skill->path)))
            around = skill;
    }
    if (around)
        return explain_found_skill(q, around, err);
    for (size_t i = 0; i < client->skill_place_count && !q->why->why.ptr; i++)
        SP_TRY(explain_no_skill(q, &client->skill_places[i], err));
    if (!sp_client_has(client, SP_HAS_SETTINGS))
        return SP_OK;
    if (sp_str_eq(sp_path_base(q->target->path), SP_STR("SKILL.md")))
        SP_TRY(explain_claude_place(q, SP_RULE_SKILL_ORDER, "skills", "skills", err));
    return explain_claude_place(q, SP_RULE_SKILL_ORDER, "commands", "commands", err);
}
