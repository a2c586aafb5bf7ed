/* list.c - how many tokens the agents of a list have, by as many threads as are lent. */
#include "attribute/list.h"

#include "base/diagnostic.h"
#include "base/numbers.h"
#include "base/types.h"
#include "compose/compose.h"
#include "model/agent_list.h"
#include "model/profile.h"
#include "model/request.h"
#include "tokenizer/tokens.h"

#include <stdatomic.h>

sp_status sp_list_add_tokens(sp_counter *counter, sp_str text, size_t *tokens, sp_range *range, sp_err *err)
{
    size_t more = 0;
    if (text.len == 0)
        return SP_OK;
    SP_TRY(sp_counter_count(counter, text, &more, err));
    *tokens += more;
    if (range) {
        range->low += sp_counter_range(counter).low;
        range->high += sp_counter_range(counter).high;
    }
    return SP_OK;
}

static bool has_its_name(const sp_listed_agent *listed)
{
    return listed->status == SP_AGENT_LOADS || listed->status == SP_AGENT_REFUSED;
}

/* ---- the tokens: by as many threads as are lent ------------------------------------------------------- */

enum {
    AGENTS_AT_ONCE = 8,
    WORTH_THREADS_BYTES = 256 * 1024, /* about a millisecond's work; starting a thread takes a tenth of that */
};

/* What the threads share. */
struct counting {
    sp_agent_list *list;
    bool with_bodies; /* which are most of the text */
    atomic_size_t next;
    atomic_size_t low; /* of all names and descriptions */
    atomic_size_t high;
    atomic_bool has_failed; /* there was no memory */
};

static sp_str body_of(const sp_listed_agent *listed)
{
    sp_span span = sp_compose_body_span(listed->body, 0);
    return sp_str_slice(listed->body, span.begin, span.end);
}

static sp_status count_agent(struct counting *counting, sp_counter *counter, sp_listed_agent *listed, sp_err *err)
{
    sp_range range = { 0, 0 };
    SP_TRY(sp_list_add_tokens(counter, listed->name, &listed->description_tokens, &range, err));
    SP_TRY(sp_list_add_tokens(counter, listed->agent.description, &listed->description_tokens, &range, err));
    if (counting->with_bodies)
        SP_TRY(sp_list_add_tokens(counter, body_of(listed), &listed->body_tokens, NULL, err));
    if (has_its_name(listed)) {
        atomic_fetch_add(&counting->low, range.low);
        atomic_fetch_add(&counting->high, range.high);
    }
    return SP_OK;
}

/* Agents are much alike, so what is known of one helps with the next: a counter for all that a thread takes. */
static void count_share(void *context)
{
    struct counting *counting = context;
    const sp_agent_list *list = counting->list;
    sp_counter *counter = NULL;
    sp_err err;
    sp_status status = sp_counter_new(list->encoding, SP_SPECIAL_AS_TEXT, &counter, &err);
    while (status == SP_OK) {
        size_t first = atomic_fetch_add(&counting->next, AGENTS_AT_ONCE);
        if (first >= list->agent_count)
            break;
        for (size_t i = first; i < first + AGENTS_AT_ONCE && i < list->agent_count && status == SP_OK; i++)
            status = count_agent(counting, counter, &list->agents[i], &err);
    }
    if (status != SP_OK)
        atomic_store(&counting->has_failed, true);
    sp_counter_free(counter);
}

static void sum_up(sp_agent_list *list, const struct counting *counting)
{
    list->description_range = (sp_range){ counting->low, counting->high };
    for (size_t i = 0; i < list->agent_count; i++) {
        if (!has_its_name(&list->agents[i]))
            continue;
        list->loaded_count++;
        list->description_tokens += list->agents[i].description_tokens;
    }
}

static sp_status count_agents(sp_agent_list *list, bool with_bodies, const sp_threads *threads, sp_err *err)
{
    struct counting counting = { .list = list, .with_bodies = with_bodies };
    size_t bytes = 0;
    for (size_t i = 0; i < list->agent_count && with_bodies; i++)
        bytes += list->agents[i].body.len;
    if (threads && bytes >= WORTH_THREADS_BYTES)
        threads->run(threads->self, count_share, &counting);
    else
        count_share(&counting);
    if (counting.has_failed)
        return sp_err_memory(err);
    sum_up(list, &counting);
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
    char tokens[32];
    if (list->description_limit_tokens == 0 || list->description_tokens <= list->description_limit_tokens)
        return SP_OK;
    find_largest(list, largest);
    for (size_t i = 0; i < LARGEST && largest[i]; i++)
        sp_buf_format(&names, "%s%.*s (%s)", i ? ", " : "", SP_STR_ARG(largest[i]->name),
                      sp_estimate_text(tokens, list->exact, largest[i]->description_tokens).ptr);
    sp_str listed = sp_buf_move(&names, diags->arena);
    if (!listed.ptr)
        return sp_err_memory(err);
    return sp_diag_add(diags, err, SP_WARNING, largest[0]->path, (sp_str){ 0 }, SP_WHOLE_FILE,
                       SP_RULE_AGENT_DESCRIPTIONS,
                       "names and descriptions of all agents have %s tokens together (%s), and above %s the client "
                       "shows a notice; the longest are %.*s",
                       sp_estimate_text(tokens, list->exact, list->description_tokens).ptr,
                       sp_encoding_name(list->encoding), SP_NUMBER(list->description_limit_tokens), SP_STR_ARG(listed));
}

sp_status sp_list_count(const sp_profile *profile, sp_agent_list *list, bool with_bodies, const sp_threads *threads,
                        sp_diags *diags, sp_err *err)
{
    SP_TRY(count_agents(list, with_bodies, threads, err));
    if (sp_rule_holds(profile, SP_RULE_AGENT_DESCRIPTIONS))
        list->description_limit_tokens = (size_t)sp_rule_value(profile, SP_RULE_AGENT_DESCRIPTIONS);
    return warn_of_descriptions(list, diags, err);
}
