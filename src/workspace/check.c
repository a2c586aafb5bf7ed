/* check.c - the stages of a check: places are loaded, looked at, measured; what was found is sorted out. */
#include "check/check.h"

#include "attribute/attribute.h"
#include "base/diagnostic.h"
#include "base/file.h"
#include "base/types.h"
#include "check/lint.h"
#include "check/result.h"
#include "model/agent.h"
#include "model/agent_list.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/request.h"
#include "model/source.h"
#include "report/lock.h"
#include "workspace/workspace.h"

#include <stdlib.h>
#include <unistd.h>

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
        .rule = sp_rule_find(sp_str_of(err->rule)),
    };
    return sp_findings_add(&c->findings, &diagnostic, err);
}

static sp_status look_at_sources(sp_checker *c, const sp_docs *docs, sp_err *err)
{
    for (uint32_t i = 0; i < docs->count; i++)
        SP_TRY(sp_findings_look_at(&c->findings, &docs->sources[i], err));
    return SP_OK;
}

static sp_status check_agent_in(sp_checker *c, sp_lint *lint, const sp_launch *place, sp_arena *arena,
                                const sp_found_agent *agent, sp_err *err)
{
    sp_diags diags = { .arena = arena };
    sp_docs docs;
    sp_prompt prompt;
    SP_TRY(sp_site_agent_prompt(lint->site, arena, agent, &diags, &docs, &prompt, err));
    c->check->prompt_count++;
    if (place->is_target) {
        SP_TRY(sp_lint_agent(lint, arena, &diags, &docs, err));
        SP_TRY(look_at_sources(c, &docs, err));
        SP_TRY(sp_findings_take(&c->findings, &diags, err));
        c->check->agent_count++;
    }
    return sp_budgets_prompt(&c->budgets, place, agent->listed.name, &prompt, err);
}

static sp_status check_agent(sp_checker *c, sp_lint *lint, const sp_launch *place, const sp_found_agent *agent,
                             sp_err *err)
{
    sp_arena arena = { NULL };
    sp_status status = SP_OK;
    if (place->is_target || sp_budgets_want_agent(&c->budgets, place, agent->listed.name))
        status = check_agent_in(c, lint, place, &arena, agent, err);
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

static sp_status check_agents(sp_checker *c, sp_lint *lint, const sp_launch *place, sp_err *err)
{
    const sp_found_agents *agents = &lint->site->agents;
    for (size_t i = 0; i < agents->count; i++) {
        if (has_prompt(&agents->items[i]))
            SP_TRY(check_agent(c, lint, place, &agents->items[i], err));
        else if (place->is_target)
            SP_TRY(look_at_agent_file(c, &agents->items[i], err));
    }
    return SP_OK;
}

/* What the site starts with by itself, without its agents. */
static sp_status lint_site(sp_checker *c, sp_lint *lint, sp_site *site, sp_err *err)
{
    SP_TRY(sp_lint_prompt(lint, err));
    if (site->shared.docs.agent) {
        SP_TRY(sp_lint_agent(lint, &site->arena, &site->diags, &site->shared.docs, err));
        c->check->agent_count++;
    }
    SP_TRY(look_at_sources(c, &site->shared.docs, err));
    return sp_findings_take(&c->findings, &site->diags, err);
}

static sp_status check_place(sp_checker *c, sp_site *site, const sp_launch *place, sp_err *err)
{
    sp_lint lint = { .site = site, .arena = &site->arena, .diags = &site->diags };
    c->check->prompt_count++;
    if (place->is_target || sp_budgets_want_agent(&c->budgets, place, (sp_str){ NULL, 0 }))
        SP_TRY(sp_site_find_agents(site, err));
    if (place->is_target) {
        SP_TRY(sp_lint_place(&lint, err));
        SP_TRY(lint_site(c, &lint, site, err));
    }
    SP_TRY(sp_budgets_prompt(&c->budgets, place, (sp_str){ NULL, 0 }, &site->prompt, err));
    return check_agents(c, &lint, place, err);
}

/* One agent or file. */
static sp_status check_alone(sp_checker *c, sp_site *site, sp_err *err)
{
    sp_lint lint = { .site = site, .arena = &site->arena, .diags = &site->diags };
    const sp_launch place = {
        .folder = c->launch, .item = sp_budgets_item(&c->budgets, c->launch), .is_target = true, .is_at_target = true
    };
    c->check->prompt_count++;
    SP_TRY(lint_site(c, &lint, site, err));
    if (!site->prompt.agent || !site->prompt.agent->name.ptr)
        return SP_OK;
    return sp_budgets_prompt(&c->budgets, &place, site->prompt.agent->name, &site->prompt, err);
}

/* ---- what is asked for ------------------------------------------------------------------------------------ */

/* Anything that is not UTF-8 is a finding, and the rest is checked all the same. */
static sp_request base_request(const sp_checker *c)
{
    sp_request request = *c->asked->request;
    request.encoding = c->check->encoding;
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
    sp_status status = sp_agent_read(c->arena, c->profile, NULL, SP_STR(""), (sp_str){ bytes, len }, SP_AGENT_FILE,
                                     SP_FRONT_MATTER_RECOVER, &unsaid, &agent, &body, err);
    *ret = status == SP_OK && agent.name.ptr && agent.description.ptr;
    free(bytes);
    return status;
}

/* An agent, by its name or its file, or a file of instructions. */
static sp_status check_file(sp_checker *c, const char *target, bool is_file, sp_err *err)
{
    sp_request request = base_request(c);
    bool is_agent = !is_file || is_agent_file(sp_str_of(target));
    sp_site site;
    if (!is_agent)
        SP_TRY(has_name(c, target, &is_agent, err));
    if (is_agent) {
        request.agent = target;
    } else {
        request.instruction_files = &target;
        request.instruction_file_count = 1;
    }
    sp_status status = sp_site_open(&site, &request, c->profile, err);
    if (status == SP_OK)
        status = check_alone(c, &site, err);
    sp_site_close(&site);
    return status;
}

static sp_status run_place(sp_checker *c, const sp_launch *place, sp_err *err)
{
    sp_request request = base_request(c);
    sp_profile named;
    sp_site site;
    sp_str folder = sp_str_dup(c->arena, place->folder);
    if (!folder.ptr)
        return sp_err_memory(err);
    request.launch_dir = folder.ptr;
    if (place->profile.ptr)
        SP_TRY(sp_profile_init(&named, place->profile, err));
    sp_status status = sp_site_open(&site, &request, place->profile.ptr ? &named : c->profile, err);
    if (status == SP_OK)
        status = check_place(c, &site, place, err);
    sp_site_close(&site);
    return status;
}

/* What the operands come to. */
typedef struct targets {
    sp_launch_list places;
    sp_list(sp_str) paths; /* absolute, of folders and files */
} targets;

static sp_status add_place(sp_checker *c, targets *t, sp_str folder, sp_err *err)
{
    sp_launch *place = SP_LIST_PUSH(c->arena, &t->places);
    if (!place)
        return sp_err_memory(err);
    *place = (sp_launch){
        .folder = folder, .item = sp_budgets_item(&c->budgets, folder), .is_target = true, .is_at_target = true
    };
    return SP_OK;
}

static sp_status take_target(sp_checker *c, targets *t, const char *target, sp_err *err)
{
    sp_file file;
    SP_TRY(sp_file_look(sp_str_of(target), &file, err));
    bool is_file = file.state == SP_FILE_READ;
    if (file.state != SP_FILE_FOLDER)
        SP_TRY(check_file(c, target, is_file, err));
    if (file.state != SP_FILE_FOLDER && !is_file)
        return SP_OK; /* an agent's name */
    SP_TRY(sp_reader_read(&sp_reader_disk, c->arena, sp_path_append(c->arena, c->findings.current, sp_str_of(target)),
                          (sp_read_limits){ 0 }, &file, err));
    sp_str *path = SP_LIST_PUSH(c->arena, &t->paths);
    if (!path)
        return sp_err_memory(err);
    *path = file.real_path;
    return is_file ? SP_OK : add_place(c, t, file.real_path, err);
}

/* ---- locks -------------------------------------------------------------------------------------------------- */

/* Its files are looked at as those of other prompts are. */
static sp_status look_at_lock(sp_checker *c, const sp_lock_check *item, sp_err *err)
{
    const sp_source lock = { .path = item->lock->path, .bytes = item->lock->text, .was_read = true };
    SP_TRY(sp_findings_look_at(&c->findings, &lock, err));
    for (uint32_t i = 0; item->prompt && i < item->prompt->source_count; i++) {
        sp_source source = item->prompt->sources[i];
        if (sp_str_starts(source.real_path, SP_STR("/")))
            source.path = sp_path_below(source.real_path, c->findings.current);
        SP_TRY(sp_findings_look_at(&c->findings, &source, err));
    }
    return SP_OK;
}

static sp_status report_failure(sp_checker *c, const sp_lock_check *item, sp_err *err)
{
    const sp_err *failure = item->failure;
    sp_diagnostic diagnostic = {
        .level = SP_FINDING,
        .path = item->lock->path,
        .message = sp_str_format(c->arena, "its prompt cannot be built any more: %s%s%s", failure->path,
                                 *failure->path ? ": " : "", failure->message),
        .rule = SP_RULE_LOCK_DIFFERS,
    };
    if (!diagnostic.message.ptr)
        return sp_err_memory(err);
    return sp_findings_add(&c->findings, &diagnostic, err);
}

static sp_status check_lock(sp_checker *c, const sp_lock_check *item, sp_err *err)
{
    const sp_diagnostic *found = NULL;
    size_t count = 0;
    SP_TRY(look_at_lock(c, item, err));
    c->check->lock_count++;
    if (!item->prompt)
        return report_failure(c, item, err);
    SP_TRY(sp_lock_compare_in(c->arena, item->prompt, item->lock->text, item->lock->path, c->findings.current, &found,
                              &count, err));
    for (size_t i = 0; i < count; i++)
        SP_TRY(sp_findings_add(&c->findings, &found[i], err));
    return SP_OK;
}

/* ---- all of it ---------------------------------------------------------------------------------------------- */

static sp_status check_targets(sp_checker *c, sp_err *err)
{
    targets t = { 0 };
    for (size_t i = 0; i < c->asked->target_count; i++)
        SP_TRY(take_target(c, &t, c->asked->targets[i], err));
    for (size_t i = 0; i < c->asked->lock_count; i++)
        SP_TRY(check_lock(c, &c->asked->locks[i], err));
    if (c->asked->only_locks)
        return SP_OK;
    if (c->asked->target_count == 0)
        SP_TRY(add_place(c, &t, c->launch, err));
    SP_TRY(sp_budgets_plan(&c->budgets, &t.places, err));
    for (size_t i = 0; i < t.places.count; i++)
        SP_TRY(run_place(c, &t.places.items[i], err));
    if (c->asked->target_count == 0 || t.paths.count)
        SP_TRY(sp_budgets_files(&c->budgets, t.paths.items, t.paths.count, err));
    return sp_budgets_finish(&c->budgets, err);
}

/* ---- the whole --------------------------------------------------------------------------------------------- */

static sp_status choose_config(sp_checker *c, sp_err *err)
{
    static const sp_check_config nothing = { .path = { NULL, 0 } };
    c->config = c->asked->config && c->asked->config->path.ptr ? sp_config_rules(c->asked->config) : &nothing;
    if (!c->asked->proposes_budgets)
        return SP_OK;
    sp_check_config *proposed = SP_ARENA_NEW(c->arena, sp_check_config);
    if (!proposed)
        return sp_err_memory(err);
    c->config = proposed;
    return sp_check_propose(c->arena, c->launch, proposed, err);
}

/* One for everything, by the model of the session in the launch directory. Locks alone bring encodings of their own. */
static sp_status choose_encoding(sp_checker *c, sp_err *err)
{
    const sp_request *request = c->asked->request;
    sp_str model = { NULL, 0 };
    if (!request->encoding && !request->model && !c->asked->only_locks)
        SP_TRY(sp_load_session_model(c->arena, c->profile, request, &sp_reader_disk, &model, err));
    const sp_counted_with counted_with = sp_attribute_choose(request, c->profile, model);
    c->check->encoding = counted_with.encoding;
    c->check->encoding_note = counted_with.note;
    return SP_OK;
}

static sp_status start(sp_checker *c, sp_err *err)
{
    sp_place here;
    SP_TRY(sp_profile_choose(c->arena, c->asked->request->profile, &c->profile, err));
    SP_TRY(sp_place_locate(c->arena, c->asked->request, &sp_reader_disk, &here, err));
    c->launch = here.launch;
    SP_TRY(choose_config(c, err));
    c->findings = (sp_findings){ .arena = c->arena, .config = c->config, .current = here.current };
    c->check->profile = c->profile;
    c->check->fail_level = c->asked->fail_level;
    c->check->bound = c->asked->request->bound;
    SP_TRY(choose_encoding(c, err));
    c->budgets = (sp_budgets){
        .arena = c->arena,
        .config = c->config,
        .request = c->asked->request,
        .encoding = c->check->encoding,
        .findings = &c->findings,
        .current = here.current,
        .base = c->config->folder.ptr ? c->config->folder : c->launch,
        .today = c->asked->today,
        .is_complete = c->asked->target_count == 0,
        .compares = !c->asked->updates_baseline,
        .new_baseline = c->asked->baseline_file,
        .api = c->asked->api,
    };
    return sp_budgets_start(&c->budgets, err);
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

static sp_status run_stages(sp_arena *arena, const sp_check_request *request, sp_check *check, sp_err *err)
{
    sp_checker c = { .arena = arena, .asked = request, .check = check };
    SP_TRY(start(&c, err));
    sp_status status = check_targets(&c, err);
    sp_budgets_release(&c.budgets);
    if (status != SP_OK)
        return status;
    SP_TRY(sp_findings_settle(&c.findings, err));
    check->measures = c.budgets.measures.items;
    check->measure_count = c.budgets.measures.count;
    check->baseline_path = c.budgets.baseline.path;
    check->baseline_place = c.budgets.baseline.place;
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
    sp_arena *arena;
    sp_check *check = sp_arena_new(&arena, sizeof *check);
    if (!check)
        return sp_err_memory(err);
    check->owner = arena;
    sp_status status = run_stages(arena, request, check, err);
    if (status == SP_OK)
        *ret_check = check;
    else
        sp_check_free(check);
    return status;
}

void sp_check_free(sp_check *check)
{
    if (check)
        sp_arena_free(check->owner);
}
