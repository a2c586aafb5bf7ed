/* check.c - the stages of a check: places are loaded, looked at, measured; what was found is sorted out. */
#include "check/check.h"

#include "check/lint.h"

#include <stdlib.h>
#include <unistd.h>

/* A check and the arena it lives in, in one allocation. */
typedef struct check_owner {
    sp_check check;
    sp_arena arena;
} check_owner;

/* ---- one prompt ------------------------------------------------------------------------------------------ */

/* What cannot be read of one agent does not keep the others from being checked. */
static sp_status forgive(sp_checker *c, sp_status status, sp_err *err)
{
    if (status != SP_ERR_INPUT)
        return status;
    sp_diagnostic diagnostic = {
        .level = SP_FINDING,
        .line = err->line,
        .column = err->column,
        .path = sp_str_of(err->path),
        .message = sp_str_of(err->message),
        .rule = sp_str_of(err->rule),
    };
    return sp_findings_add(&c->findings, &diagnostic, err);
}

static sp_status look_at_sources(sp_checker *c, const sp_docs *docs, sp_err *err)
{
    for (uint32_t i = 0; i < docs->count; i++)
        SP_TRY(sp_findings_look_at(&c->findings, &docs->sources[i], err));
    return SP_OK;
}

static sp_status check_agent_in(sp_checker *c, sp_lint *lint, sp_arena *arena, const sp_found_agent *agent, sp_err *err)
{
    sp_diags diags = { .arena = arena };
    sp_docs docs;
    sp_prompt prompt;
    SP_TRY(sp_site_agent_prompt(lint->site, arena, agent, &diags, &docs, &prompt, err));
    SP_TRY(sp_lint_agent(lint, arena, &diags, &docs, err));
    SP_TRY(look_at_sources(c, &docs, err));
    c->check->prompt_count++;
    c->check->agent_count++;
    return sp_findings_take(&c->findings, &diags, err);
}

static sp_status check_agent(sp_checker *c, sp_lint *lint, const sp_found_agent *agent, sp_err *err)
{
    sp_arena arena = { NULL };
    sp_status status = check_agent_in(c, lint, &arena, agent, err);
    sp_arena_release(&arena);
    return forgive(c, status, err);
}

/* ---- one place ------------------------------------------------------------------------------------------- */

static bool has_prompt(const sp_found_agent *agent)
{
    return agent->listed.status == SP_AGENT_LOADS || agent->listed.status == SP_AGENT_REFUSED;
}

/* Comments in files that have no prompt count too. */
static sp_status look_at_agent_file(sp_checker *c, const sp_found_agent *agent, sp_err *err)
{
    sp_source source = {
        .path = agent->listed.path,
        .bytes = agent->file.bytes,
        .was_read = agent->file.state == SP_FILE_READ && agent->form != SP_AGENT_JSON,
        .content_begin = agent->file.bytes.len - agent->listed.body.len,
    };
    return sp_findings_look_at(&c->findings, &source, err);
}

static sp_status check_agents(sp_checker *c, sp_lint *lint, sp_err *err)
{
    const sp_found_agents *agents = &lint->site->agents;
    for (size_t i = 0; i < agents->count; i++)
        SP_TRY(has_prompt(&agents->items[i]) ? check_agent(c, lint, &agents->items[i], err)
                                             : look_at_agent_file(c, &agents->items[i], err));
    return SP_OK;
}

static sp_status check_site(sp_checker *c, sp_site *site, bool is_place, sp_err *err)
{
    sp_lint lint = { .site = site, .arena = &site->arena, .diags = &site->diags };
    if (is_place)
        SP_TRY(sp_lint_place(&lint, err));
    SP_TRY(sp_lint_prompt(&lint, err));
    if (site->shared.docs.agent) {
        SP_TRY(sp_lint_agent(&lint, &site->arena, &site->diags, &site->shared.docs, err));
        c->check->agent_count++;
    }
    SP_TRY(look_at_sources(c, &site->shared.docs, err));
    SP_TRY(sp_findings_take(&c->findings, &site->diags, err));
    c->check->prompt_count++;
    return check_agents(c, &lint, err);
}

/* A request for one place, or for one agent or file in it. */
static sp_status check_request(sp_checker *c, const sp_request *request, bool is_place, sp_err *err)
{
    sp_site site;
    sp_status status = sp_site_open(&site, request, c->profile, err);
    if (status == SP_OK && is_place)
        status = sp_site_find_agents(&site, err);
    if (status == SP_OK)
        status = check_site(c, &site, is_place, err);
    sp_site_close(&site);
    return status;
}

/* ---- what is asked for ------------------------------------------------------------------------------------ */

/* Anything that is not UTF-8 is a finding, and the rest is checked all the same. */
static sp_request base_request(const sp_checker *c)
{
    sp_request request = *c->asked->request;
    request.agent = NULL;
    request.agent_text = (sp_str){ NULL, 0 };
    request.memory_file = NULL;
    request.instruction_files = NULL;
    request.instruction_file_count = 0;
    request.layout = SP_LAYOUT_FLAT;
    request.replace_invalid_utf8 = true;
    return request;
}

static bool is_agent_file(sp_str path)
{
    sp_str folder = sp_path_folder(path);
    return sp_str_eq(sp_path_base(folder), SP_STR("agents")) ||
           sp_str_find(folder, SP_STR("/agents/"), 0) != SIZE_MAX || sp_str_starts(folder, SP_STR("agents/"));
}

/* Whether the text begins with front matter that names an agent. */
static sp_status has_name(const sp_checker *c, const char *path, bool *ret, sp_err *err)
{
    char *bytes;
    size_t len;
    sp_diags unsaid = { .arena = c->arena };
    sp_agent agent;
    size_t body;
    SP_TRY(sp_file_load(path, &bytes, &len, err));
    sp_status status = sp_agent_read(c->arena, c->profile, SP_STR(""), (sp_str){ bytes, len }, SP_AGENT_FILE,
                                     SP_FRONT_MATTER_RECOVER, &unsaid, &agent, &body, err);
    *ret = status == SP_OK && agent.name.ptr && agent.description.ptr;
    free(bytes);
    return status;
}

static sp_status check_target(sp_checker *c, const char *target, sp_err *err)
{
    sp_request request = base_request(c);
    sp_str path = sp_str_of(target);
    sp_file file;
    bool is_agent = is_agent_file(path);
    SP_TRY(sp_file_look(path, &file, err));
    if (file.state == SP_FILE_FOLDER) {
        request.launch_dir = target;
        return check_request(c, &request, true, err);
    }
    if (file.state != SP_FILE_READ) { /* a name, or a path that the error will be about */
        request.agent = target;
        return check_request(c, &request, false, err);
    }
    if (!is_agent)
        SP_TRY(has_name(c, target, &is_agent, err));
    request.agent = is_agent ? target : NULL;
    if (!is_agent) {
        request.instruction_files = &target;
        request.instruction_file_count = 1;
    }
    return check_request(c, &request, false, err);
}

static sp_status check_targets(sp_checker *c, sp_err *err)
{
    if (c->asked->target_count == 0) {
        sp_request request = base_request(c);
        return check_request(c, &request, true, err);
    }
    for (size_t i = 0; i < c->asked->target_count; i++)
        SP_TRY(check_target(c, c->asked->targets[i], err));
    return SP_OK;
}

/* ---- the whole --------------------------------------------------------------------------------------------- */

static sp_status start(sp_checker *c, sp_err *err)
{
    static const sp_check_config nothing = { .path = { NULL, 0 } };
    sp_loader loader = { .arena = c->arena, .request = c->asked->request, .reader = &sp_reader_disk };
    SP_TRY(sp_profile_choose(c->arena, c->asked->request->profile, &c->profile, err));
    SP_TRY(sp_loader_locate(&loader, err));
    c->config = c->asked->config && c->asked->config->path.ptr ? sp_config_rules(c->asked->config) : &nothing;
    c->findings = (sp_findings){ .arena = c->arena, .config = c->config, .current = loader.current };
    c->check->encoding =
        c->asked->request->encoding ? c->asked->request->encoding : sp_encoding_find(SP_STR("o200k_base"));
    c->check->profile = c->profile;
    c->check->fail_level = c->asked->fail_level;
    return SP_OK;
}

static int compare_paths(const void *a, const void *b)
{
    return sp_str_cmp(*(const sp_str *)a, *(const sp_str *)b);
}

static sp_status list_files(sp_checker *c, sp_err *err)
{
    const sp_map *files = &c->findings.files;
    sp_str *paths = SP_ARENA_ARRAY(c->arena, sp_str, files->count + 1);
    size_t count = 0;
    if (!paths)
        return sp_err_memory(err);
    for (size_t i = 0; i < files->capacity; i++)
        if (files->entries[i].key.ptr)
            paths[count++] = files->entries[i].key;
    qsort(paths, count, sizeof *paths, compare_paths);
    c->check->files = (sp_str_list){ paths, count };
    return SP_OK;
}

static sp_status run_stages(check_owner *owner, const sp_check_request *request, sp_err *err)
{
    sp_checker c = { .arena = &owner->arena, .asked = request, .check = &owner->check };
    sp_check *check = &owner->check;
    SP_TRY(start(&c, err));
    SP_TRY(check_targets(&c, err));
    SP_TRY(sp_findings_settle(&c.findings, err));
    check->findings = c.findings.items;
    check->finding_count = c.findings.count;
    check->ignored_count = c.findings.ignored_count;
    SP_TRY(list_files(&c, err));
    for (size_t i = 0; i < check->finding_count; i++)
        check->level_counts[check->findings[i].level]++;
    while (request->failures_only && check->finding_count &&
           check->findings[check->finding_count - 1].level < request->fail_level)
        check->finding_count--; /* the worst come first */
    return SP_OK;
}

sp_status sp_check_run(const sp_check_request *request, sp_check **ret_check, sp_err *err)
{
    check_owner *made = calloc(1, sizeof *made);
    if (!made)
        return sp_err_memory(err);
    made->check.owner = made;
    sp_status status = run_stages(made, request, err);
    if (status == SP_OK)
        *ret_check = &made->check;
    else
        sp_check_free(&made->check);
    return status;
}

void sp_check_free(sp_check *check)
{
    if (!check)
        return;
    check_owner *made = check->owner;
    sp_arena_release(&made->arena);
    free(made);
}
