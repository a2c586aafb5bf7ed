/* diff.c - what changed between two sides, agent by agent. */
#include "base/map.h"
#include "base/numbers.h"
#include "base/types.h"
#include "diff/match.h"
#include "diff/result.h"
#include "model/agent_list.h"
#include "tokenizer/tokens.h"
#include "workspace/blame.h"
#include "workspace/products.h"
#include "workspace/sides.h"
#include "workspace/workspace.h"

#include <stdio.h>

typedef struct comparison {
    sp_arena *arena;
    const sp_diff_request *request;
    sp_sides sides;
    sp_diff *diff;
    const sp_encoding *encoding; /* of all prompts, once it is known; NULL: of each by itself */
    sp_list(sp_diff_prompt) prompts;
    size_t tokens; /* of both sides of all of them */
} comparison;

/* ---- agents ----------------------------------------------------------------------------------------- */

/* A name, and on which sides there is an agent that has it. */
typedef struct agent_name {
    sp_str name; /* ptr NULL: the main session */
    bool is_old;
    bool is_new;
} agent_name;

typedef struct agent_names {
    sp_list(agent_name) names;
    sp_map index_of_name;
} agent_names;

static bool is_prompt(const sp_side *side)
{
    return side->base.kind != SP_BASE_FILE && side->base.kind != SP_BASE_RESULT && side->base.kind != SP_BASE_CAPTURE;
}

static sp_status note_name(sp_arena *arena, agent_names *names, sp_str name, bool is_new, sp_err *err)
{
    sp_str key = sp_str_dup(arena, name);
    uint32_t *slot = key.ptr ? sp_map_slot(arena, &names->index_of_name, key) : NULL;
    if (!slot)
        return sp_err_memory(err);
    if (*slot == SP_NONE) {
        *slot = (uint32_t)names->names.count;
        agent_name *fresh = SP_LIST_PUSH(arena, &names->names);
        if (!fresh)
            return sp_err_memory(err);
        fresh->name = key;
    }
    agent_name *known = &names->names.items[*slot];
    known->is_old = known->is_old || !is_new;
    known->is_new = known->is_new || is_new;
    return SP_OK;
}

/* The agents that load on one side; wanted.ptr NULL: all. */
static sp_status find_agents(comparison *c, sp_side *side, sp_str wanted, agent_names *ret, sp_err *err)
{
    const sp_found_agents *agents;
    sp_workspace alone;
    if (c->request->all_agents)
        SP_TRY(sp_side_share(c->arena, side, err));
    else
        SP_TRY(sp_workspace_open(&alone, c->arena, &side->request, err));
    sp_workspace *workspace = side->workspace ? side->workspace : &alone;
    if (!sp_client_has(workspace->profile->client, SP_HAS_AGENTS))
        return sp_err_set(err, SP_ERR_USAGE, "no agents of %.*s are known here; leave out %s",
                          SP_STR_ARG(sp_client_who(workspace->profile->client)),
                          c->request->all_agents ? "--all" : "--agent");
    SP_TRY(sp_workspace_agents(workspace, &agents, err));
    for (size_t i = 0; i < agents->count; i++) {
        const sp_listed_agent *agent = &agents->items[i].listed;
        bool loads = agent->status == SP_AGENT_LOADS || agent->status == SP_AGENT_REFUSED;
        if (loads && agent->name.ptr && (!wanted.ptr || sp_str_eq(agent->name, wanted)))
            SP_TRY(note_name(c->arena, ret, agent->name, side == &c->sides.new_side, err));
    }
    return SP_OK;
}

/* A name that one side has and the other does not is no error; a path has to be there on both. */
static bool is_name(const char *agent)
{
    sp_str text = sp_str_of(agent);
    return !strchr(agent, '/') && !sp_str_ends(text, SP_STR(".md")) && strcmp(agent, "-") != 0;
}

/* Of a saved result the agent is known; the other side's is the same. */
static sp_status choose_saved_agent(comparison *c, const char **agent, sp_err *err)
{
    sp_side *const sides[] = { &c->sides.old_side, &c->sides.new_side };
    const char *asked = c->request->request->agent;
    for (size_t i = 0; i < SP_COUNT_OF(sides); i++) {
        sp_str saved = sides[i]->sender ? sides[i]->sender->agent : sides[i]->saved.agent;
        if (!sp_side_tells_agent(sides[i]))
            continue;
        if (asked && (!saved.ptr || (is_name(asked) && !sp_str_eq(saved, sp_str_of(asked)))))
            return sp_err_set(err, SP_ERR_USAGE, "%.*s is a prompt of %s%.*s, and --agent asks for %s; leave it out",
                              SP_STR_ARG(sides[i]->base.name), saved.ptr ? "agent " : "the main session",
                              SP_STR_ARG(saved), asked);
        if (!asked && saved.ptr) {
            *agent = sp_str_dup(c->arena, saved).ptr;
            if (!*agent)
                return sp_err_memory(err);
            if (sides[i]->sender)
                sides[0]->request.agent_is_name = sides[1]->request.agent_is_name = true;
        }
    }
    return SP_OK;
}

static sp_status choose_agents(comparison *c, agent_names *ret, sp_err *err)
{
    const char *agent = c->request->request->agent;
    SP_TRY(choose_saved_agent(c, &agent, err));
    bool looks = is_prompt(&c->sides.old_side) && is_prompt(&c->sides.new_side);
    agent_name *first = NULL;
    if (c->request->all_agents || !agent || !looks || !is_name(agent)) {
        first = SP_LIST_PUSH(c->arena, &ret->names);
        if (!first)
            return sp_err_memory(err);
        *first = (agent_name){ sp_str_of(c->request->all_agents ? NULL : agent), true, true };
        if (!c->request->all_agents)
            return SP_OK;
    }
    sp_str wanted = c->request->all_agents ? (sp_str){ NULL, 0 } : sp_str_of(agent);
    SP_TRY(find_agents(c, &c->sides.new_side, wanted, ret, err));
    SP_TRY(find_agents(c, &c->sides.old_side, wanted, ret, err));
    if (ret->names.count == 0) { /* building says what is wrong */
        first = SP_LIST_PUSH(c->arena, &ret->names);
        if (!first)
            return sp_err_memory(err);
        *first = (agent_name){ sp_str_of(agent), true, true };
    }
    return SP_OK;
}

/* ---- a prompt --------------------------------------------------------------------------------------- */

/* A path in a message about a revision may well be there on the disk. */
static sp_status parts_of(comparison *c, const sp_side *side, const agent_name *agent, const sp_encoding **encoding,
                          sp_parts *ret, sp_err *err)
{
    sp_status status = sp_side_parts(c->arena, side, agent->name.ptr, encoding, ret, err);
    if (status == SP_OK || status == SP_ERR_NO_MEMORY || side->base.kind != SP_BASE_REVISION)
        return status;
    size_t len = strlen(err->message);
    snprintf(err->message + len, sizeof err->message - len, " (in %.*s)", SP_STR_ARG(side->base.name));
    return status;
}

/* The new side first: the old one is counted as it is. A saved result says how by itself. */
static sp_status build_both(comparison *c, const agent_name *agent, const sp_encoding **encoding, sp_parts *old_parts,
                            sp_parts *new_parts, sp_err *err)
{
    const sp_side *old_side = &c->sides.old_side;
    const sp_side *new_side = &c->sides.new_side;
    bool old_first = old_side->base.kind == SP_BASE_RESULT || !agent->is_new;
    *encoding = c->encoding;
    *old_parts = *new_parts = (sp_parts){ .has_text = true };
    if (old_first && agent->is_old)
        SP_TRY(parts_of(c, old_side, agent, encoding, old_parts, err));
    if (agent->is_new)
        SP_TRY(parts_of(c, new_side, agent, encoding, new_parts, err));
    if (!old_first && agent->is_old)
        SP_TRY(parts_of(c, old_side, agent, encoding, old_parts, err));
    return SP_OK;
}

static sp_status blame(comparison *c, const agent_name *agent, const sp_encoding *encoding, const sp_parts *new_parts,
                       sp_blamed *ret, sp_err *err)
{
    *ret = (sp_blamed){ .of_new = NULL };
    if (!c->request->blame)
        return SP_OK;
    SP_TRY(sp_blame_parts(c->arena, &c->sides, agent->name.ptr, encoding, new_parts, ret, err));
    c->diff->is_blamed = true;
    c->diff->commit_count = ret->commit_count;
    c->diff->looked_at_count = ret->looked_at_count;
    c->diff->built_count = ret->built_count;
    c->diff->failed_count = ret->failed_count;
    c->diff->failed_id = ret->failed_id;
    c->diff->failed_why = ret->failed_why;
    return SP_OK;
}

/* The main session comes first, and counts for all agents. */
static void take_notes(comparison *c, const sp_parts parts[2], sp_diff_prompt *prompt)
{
    for (size_t i = 0; i < 2; i++)
        if (!c->diff->encoding_note.ptr)
            c->diff->encoding_note = parts[i].encoding_note;
    if (!c->request->all_agents)
        return;
    c->encoding = prompt->encoding;
    prompt->model_encoding = parts[1].model_encoding ? parts[1].model_encoding : parts[0].model_encoding;
}

/* Each of many prompts costs as much as a command of its own. */
static sp_status add_tokens(comparison *c, const sp_parts parts[2], sp_err *err)
{
    const size_t most = (size_t)sp_own_limit(SP_RULE_DIFF_TOKENS);
    c->tokens += parts[0].tokens + parts[1].tokens;
    if (c->tokens <= most)
        return SP_OK;
    return sp_err_at(err, SP_ERR_USAGE, (sp_str){ NULL, 0 }, (sp_str){ NULL, 0 }, 0, sp_rule_id(SP_RULE_DIFF_TOKENS),
                     "the prompts of all agents have more than %s tokens together; name one with --agent",
                     SP_NUMBER((uint64_t)most));
}

static sp_status compare(comparison *c, const agent_name *agent, sp_err *err)
{
    const sp_encoding *encoding = NULL;
    sp_parts *parts = SP_ARENA_ARRAY(c->arena, sp_parts, 2); /* which the match keeps */
    sp_match match;
    sp_blamed blamed;
    sp_diff_prompt *prompt = SP_LIST_PUSH(c->arena, &c->prompts);
    if (!parts || !prompt)
        return sp_err_memory(err);
    SP_TRY(build_both(c, agent, &encoding, &parts[0], &parts[1], err));
    if (c->prompts.count > 1)
        SP_TRY(add_tokens(c, parts, err));
    if (c->sides.old_side.base.kind == SP_BASE_FILE && parts[0].file_count && parts[1].file_count)
        parts[0].files[0].path = parts[1].files[0].path; /* one text became the other */
    SP_TRY(blame(c, agent, encoding, &parts[1], &blamed, err));
    SP_TRY(sp_match_parts(c->arena, &parts[0], &parts[1], &match, err));
    SP_TRY(sp_match_rows(c->arena, &match, blamed.of_new, prompt, err));
    prompt->encoding = encoding;
    prompt->exact = sp_encoding_is_exact(encoding);
    take_notes(c, parts, prompt);
    if (!agent->is_old || !agent->is_new)
        prompt->change = agent->is_new ? SP_CHANGE_NEW : SP_CHANGE_GONE;
    return SP_OK;
}

/* ---- the whole -------------------------------------------------------------------------------------- */

static sp_status keep_base(sp_arena *arena, const sp_base *base, sp_base *ret, sp_err *err)
{
    *ret = *base;
    sp_str *const texts[] = { &ret->name, &ret->id, &ret->short_id, &ret->date, &ret->subject };
    for (size_t i = 0; i < SP_COUNT_OF(texts); i++) {
        if (!texts[i]->ptr)
            continue;
        *texts[i] = sp_str_dup(arena, *texts[i]);
        if (!texts[i]->ptr)
            return sp_err_memory(err);
    }
    return SP_OK;
}

static sp_status compare_all(comparison *c, sp_err *err)
{
    agent_names agents = { .index_of_name = { .count = 0 } };
    SP_TRY(sp_sides_open(c->arena, c->request, &c->sides, err));
    SP_TRY(keep_base(c->arena, &c->sides.old_side.base, &c->diff->old_base, err));
    SP_TRY(keep_base(c->arena, &c->sides.new_side.base, &c->diff->new_base, err));
    SP_TRY(choose_agents(c, &agents, err));
    for (size_t i = 0; i < agents.names.count; i++)
        SP_TRY(compare(c, &agents.names.items[i], err));
    c->diff->prompts = c->prompts.items;
    c->diff->prompt_count = c->prompts.count;
    return SP_OK;
}

static sp_status make(sp_arena *arena, void *made, const void *asked, sp_err *err)
{
    const sp_diff_request *request = asked;
    comparison c = { .arena = arena, .request = request, .diff = made, .encoding = request->request->encoding };
    c.diff->owner = arena;
    sp_status status = compare_all(&c, err);
    sp_sides_close(&c.sides);
    return status;
}

sp_status sp_diff_run(const sp_diff_request *request, sp_diff **ret_diff, sp_err *err)
{
    void *made;
    SP_TRY(sp_arena_build(sizeof **ret_diff, make, request, &made, err));
    *ret_diff = made;
    return SP_OK;
}

void sp_diff_free(sp_diff *diff)
{
    if (diff)
        sp_arena_free(diff->owner);
}
