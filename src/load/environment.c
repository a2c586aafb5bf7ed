/*
 * environment.c - the environment section and the git status, in our own words.
 *
 * What the caller gives counts; what it does not give is found out where it can be told from the files at hand
 * (directory, is_git) or by git, and is "unknown" else. So the same request has the same result as long as they have.
 */
#include "base/diagnostic.h"
#include "base/types.h"
#include "load/git.h"
#include "load/steps.h"
#include "model/request.h"
#include "sources/client.h"

typedef enum value_key {
    DIRECTORY,
    IS_GIT,
    PLATFORM,
    SHELL,
    SYSTEM,
    DATE,
    BRANCH, /* from here on what git says */
    MAIN_BRANCH,
    USER,
    STATUS,
    COMMITS,
    VALUE_COUNT,
} value_key;

static const char *const names[VALUE_COUNT] = { "directory", "is_git",      "platform", "shell",  "os",     "date",
                                                "branch",    "main_branch", "user",     "status", "commits" };

const char *sp_environment_name_at(size_t index)
{
    return index < SP_COUNT_OF(names) ? names[index] : NULL;
}

static sp_status refuse_name(sp_arena *arena, sp_str given, sp_err *err)
{
    sp_str known = SP_STR("");
    for (size_t i = 0; i < VALUE_COUNT && known.ptr; i++)
        known = sp_str_format(arena, "%.*s%s%s", SP_STR_ARG(known), i ? ", " : "", names[i]);
    if (!known.ptr)
        return sp_err_memory(err);
    return sp_err_set(err, SP_ERR_USAGE, "the environment has no value \"%.*s\"; write NAME=VALUE, with one of %.*s",
                      SP_STR_ARG(given), SP_STR_ARG(known));
}

static sp_status take_given(sp_arena *arena, const sp_place *here, sp_str values[VALUE_COUNT], sp_err *err)
{
    const sp_request *request = here->request;
    for (size_t i = 0; i < request->environment_value_count; i++) {
        sp_str given = sp_str_of(request->environment_values[i]);
        size_t equals = sp_str_find(given, SP_STR("="), 0);
        size_t key = 0;
        while (equals != SIZE_MAX && key < VALUE_COUNT &&
               !sp_str_eq(sp_str_slice(given, 0, equals), sp_str_of(names[key])))
            key++;
        if (equals == SIZE_MAX || key == VALUE_COUNT)
            return refuse_name(arena, given, err);
        values[key] = sp_str_dup(arena, sp_str_slice(given, equals + 1, given.len));
        if (!values[key].ptr)
            return sp_err_memory(err);
        if (request->refuse_invalid_utf8 && sp_utf8_find_invalid(values[key], 0) != SIZE_MAX)
            return sp_err_set(err, SP_ERR_USAGE,
                              "the value %s of the environment is not UTF-8; convert it, or omit --invalid-utf8=refuse",
                              names[key]);
    }
    return SP_OK;
}

static sp_str fill(sp_arena *arena, sp_str text, const sp_str values[VALUE_COUNT])
{
    sp_text_value filled[VALUE_COUNT];
    for (size_t i = 0; i < VALUE_COUNT; i++)
        filled[i] = (sp_text_value){ names[i], values[i].ptr ? values[i] : SP_STR("unknown") };
    return sp_text_fill(arena, text, filled, VALUE_COUNT);
}

/* ---- git -------------------------------------------------------------------------------------------------- */

static sp_status note_left_out(sp_loader *loader, const char *why, sp_err *err)
{
    return sp_diag_add(loader->diags, err, SP_NOTE, sp_place_shown(loader->here, loader->here->repository),
                       (sp_str){ 0 }, SP_WHOLE_FILE, SP_RULE_AGENT_GIT_STATUS, "the git status is left out: %s", why);
}

static sp_status ask_git(sp_loader *loader, sp_str values[VALUE_COUNT], bool *ret_is_known, sp_err *err)
{
    sp_git_facts facts;
    *ret_is_known = false;
    SP_TRY(sp_git_ask(loader, &facts, err));
    if (facts.problem)
        return note_left_out(loader, facts.problem, err);
    const sp_str found[] = { facts.branch, facts.main_branch, facts.user, facts.status, facts.commits };
    bool is_utf8 = true;
    for (size_t i = 0; i < SP_COUNT_OF(found); i++) {
        if (values[BRANCH + i].ptr)
            continue;
        values[BRANCH + i] = found[i];
        is_utf8 = is_utf8 && (!found[i].ptr || sp_utf8_find_invalid(found[i], 0) == SIZE_MAX);
    }
    if (!is_utf8)
        SP_TRY(sp_diag_add(loader->diags, err, SP_WARNING, sp_place_shown(loader->here, loader->here->repository),
                           (sp_str){ 0 }, SP_WHOLE_FILE, SP_RULE_TEXT_UTF8,
                           "the git status has bytes that are not UTF-8, replaced by U+FFFD"));
    *ret_is_known = true;
    return SP_OK;
}

/* A name of the user alone is no reason to ask: git may know none. */
static bool has_all_of_git(const sp_str values[VALUE_COUNT])
{
    for (size_t i = BRANCH; i < VALUE_COUNT; i++)
        if (!values[i].ptr && i != USER)
            return false;
    return true;
}

/* Where git knows no name of the user, the client has no line for it. */
static sp_str without_user(sp_arena *arena, sp_str text)
{
    sp_buf kept = { 0 };
    for (size_t begin = 0, end = 0; begin < text.len; begin = end) {
        while (end < text.len && !sp_ends_line(text, end))
            end++;
        end += end < text.len;
        sp_str line = sp_str_slice(text, begin, end);
        if (sp_str_find(line, SP_STR("{{user}}"), 0) == SIZE_MAX)
            sp_buf_add(&kept, line);
    }
    return sp_buf_move(&kept, arena);
}

static sp_status load_git_status(sp_loader *loader, sp_str values[VALUE_COUNT], sp_docs *docs, sp_err *err)
{
    const sp_switch *off = &loader->here->settings.git_off;
    bool is_known = has_all_of_git(values);
    if (off->is_on) {
        sp_str why = sp_str_format(loader->arena, "%.*s says so", SP_STR_ARG(off->by));
        return why.ptr ? note_left_out(loader, why.ptr, err) : sp_err_memory(err);
    }
    if (!is_known)
        SP_TRY(ask_git(loader, values, &is_known, err));
    if (!is_known)
        return SP_OK;
    sp_str text = docs->texts[SP_TEXT_GIT_STATUS];
    if (!values[USER].ptr)
        text = without_user(loader->arena, text);
    if (!text.ptr)
        return sp_err_memory(err);
    docs->git_status = fill(loader->arena, text, values);
    return docs->git_status.ptr ? SP_OK : sp_err_memory(err);
}

sp_status sp_load_environment(sp_loader *loader, sp_docs *docs, sp_err *err)
{
    sp_str values[VALUE_COUNT] = { { NULL, 0 } };
    if (!loader->here->request->with_environment)
        return SP_OK;
    if (!sp_rule_holds(loader->here->profile, SP_RULE_AGENT_ENVIRONMENT))
        return sp_err_set(err, SP_ERR_USAGE, "the environment section of %s is not known; leave out --env",
                          sp_profile_name(loader->here->profile));
    SP_TRY(take_given(loader->arena, loader->here, values, err));
    if (!values[DIRECTORY].ptr)
        values[DIRECTORY] = sp_place_seen(loader->arena, loader->here, loader->here->launch);
    if (!values[DIRECTORY].ptr)
        return sp_err_memory(err);
    if (!values[IS_GIT].ptr)
        values[IS_GIT] = loader->here->has_repository ? SP_STR("yes") : SP_STR("no");
    bool is_agents_session = loader->agent && loader->here->request->as_session; /* rule agent.as-session */
    bool is_in_system = !sp_rule_holds(loader->here->profile, SP_RULE_AGENT_ENVIRONMENT_PLACE);
    if (is_agents_session && is_in_system)
        return SP_OK;
    docs->environment = fill(loader->arena, docs->texts[SP_TEXT_ENVIRONMENT], values);
    if (!docs->environment.ptr)
        return sp_err_memory(err);
    bool has_status = !is_agents_session && sp_rule_holds(loader->here->profile, SP_RULE_AGENT_GIT_STATUS);
    return has_status && sp_str_eq(values[IS_GIT], SP_STR("yes")) ? load_git_status(loader, values, docs, err) : SP_OK;
}
