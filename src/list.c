/* list.c - the stages of a list of agents: what there is, and how many tokens it has. */
#include "base/map.h"
#include "compose/compose.h"
#include "load/load.h"

#include <stdlib.h>

/* A list and the arena it lives in, in one allocation. */
typedef struct list_owner {
    sp_agent_list list;
    sp_arena arena;
} list_owner;

/* Many lists hold the same body more than once (at home and in projects, in copies of a template): it is counted once.
 */
typedef struct counter {
    sp_arena *arena;
    const sp_encoding *encoding;
    sp_map bodies; /* index of the first agent with that body */
} counter;

static sp_status add_tokens(const sp_encoding *encoding, sp_str text, size_t *tokens, sp_err *err)
{
    size_t more = 0;
    if (text.len)
        SP_TRY(sp_count(encoding, text, SP_SPECIAL_AS_TEXT, &more, err));
    *tokens += more;
    return SP_OK;
}

static sp_status count_body(counter *c, sp_agent_list *list, uint32_t index, sp_err *err)
{
    sp_listed_agent *listed = &list->agents[index];
    sp_span span = sp_compose_body_span(listed->body, 0);
    sp_str body = sp_str_slice(listed->body, span.begin, span.end);
    uint32_t *slot = sp_map_slot(c->arena, &c->bodies, body);
    if (!slot)
        return sp_err_memory(err);
    if (*slot == SP_NONE) {
        *slot = index;
        return add_tokens(c->encoding, body, &listed->body_tokens, err);
    }
    listed->body_tokens = list->agents[*slot].body_tokens;
    return SP_OK;
}

static sp_status count_agent(counter *c, sp_agent_list *list, uint32_t index, sp_err *err)
{
    sp_listed_agent *listed = &list->agents[index];
    SP_TRY(count_body(c, list, index, err));
    SP_TRY(add_tokens(c->encoding, listed->name, &listed->description_tokens, err));
    return add_tokens(c->encoding, listed->agent.description, &listed->description_tokens, err);
}

static bool has_its_name(const sp_listed_agent *listed)
{
    return listed->status == SP_AGENT_LOADS || listed->status == SP_AGENT_REFUSED;
}

static sp_status count_agents(sp_arena *arena, sp_agent_list *list, sp_err *err)
{
    counter c = { .arena = arena, .encoding = list->encoding };
    list->description_limit_tokens = (size_t)sp_rule_of(SP_RULE_AGENT_DESCRIPTIONS)->value;
    for (uint32_t i = 0; i < list->agent_count; i++) {
        const sp_listed_agent *listed = &list->agents[i];
        SP_TRY(count_agent(&c, list, i, err));
        list->loaded_count += has_its_name(listed);
        list->description_tokens += has_its_name(listed) ? listed->description_tokens : 0;
    }
    return SP_OK;
}

/* ---- the limit for descriptions ------------------------------------------------------------------------- */

enum { LARGEST = 3 };

static void find_largest(const sp_agent_list *list, const sp_listed_agent *ret[LARGEST])
{
    for (size_t i = 0; i < list->agent_count; i++) {
        const sp_listed_agent *listed = &list->agents[i];
        if (!has_its_name(listed))
            continue;
        for (size_t rank = 0; rank < LARGEST; rank++) {
            if (ret[rank] && ret[rank]->description_tokens >= listed->description_tokens)
                continue;
            const sp_listed_agent *smaller = ret[rank];
            ret[rank] = listed;
            listed = smaller;
            if (!listed)
                break;
        }
    }
}

static sp_status warn_of_descriptions(const sp_agent_list *list, sp_diags *diags, sp_err *err)
{
    const sp_listed_agent *largest[LARGEST] = { NULL };
    sp_buf names = { 0 };
    if (list->description_tokens <= list->description_limit_tokens)
        return SP_OK;
    find_largest(list, largest);
    for (size_t i = 0; i < LARGEST && largest[i]; i++)
        sp_buf_format(&names, "%s%.*s (%zu)", i ? ", " : "", SP_STR_ARG(largest[i]->name),
                      largest[i]->description_tokens);
    sp_str listed = sp_buf_move(&names, diags->arena);
    if (!listed.ptr)
        return sp_err_memory(err);
    return sp_diag_add(
        diags, err, SP_WARNING, largest[0]->path, (sp_str){ 0 }, SP_WHOLE_FILE, sp_rule_id(SP_RULE_AGENT_DESCRIPTIONS),
        "names and descriptions of all agents have %zu tokens together (%s), and above %zu the client "
        "shows a notice; the longest are %.*s",
        list->description_tokens, sp_encoding_name(list->encoding), list->description_limit_tokens, SP_STR_ARG(listed));
}

/* ---- the whole -------------------------------------------------------------------------------------------- */

static sp_status run_stages(list_owner *owner, const sp_request *request, sp_err *err)
{
    sp_agent_list *list = &owner->list;
    sp_diags diags = { .arena = &owner->arena };
    list->encoding = request->encoding ? request->encoding : sp_encoding_find(SP_STR("o200k_base"));
    list->exact = true;
    SP_TRY(sp_load_agents(&owner->arena, request, &sp_reader_disk, &diags, &list->agents, &list->agent_count, err));
    SP_TRY(count_agents(&owner->arena, list, err));
    SP_TRY(warn_of_descriptions(list, &diags, err));
    list->diagnostics = diags.items;
    list->diagnostic_count = diags.count;
    return SP_OK;
}

sp_status sp_agent_list_build(const sp_request *request, sp_agent_list **ret_list, sp_err *err)
{
    list_owner *made = calloc(1, sizeof *made);
    if (!made)
        return sp_err_memory(err);
    made->list.owner = made;
    sp_status status = run_stages(made, request, err);
    if (status == SP_OK)
        *ret_list = &made->list;
    else
        sp_agent_list_free(&made->list);
    return status;
}

void sp_agent_list_free(sp_agent_list *list)
{
    if (!list)
        return;
    list_owner *made = list->owner;
    sp_arena_release(&made->arena);
    free(made);
}
