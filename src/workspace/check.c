/* check.c - the stages of a check: places are loaded, looked at, measured; what was found is sorted out. */

#include "attribute/attribute.h"
#include "attribute/list.h"
#include "base/diagnostic.h"
#include "base/file.h"
#include "base/map.h"
#include "base/numbers.h"
#include "base/types.h"
#include "capture/result.h"
#include "capture/verify.h"
#include "check/budgets.h"
#include "check/lint.h"
#include "check/propose.h"
#include "check/result.h"
#include "model/agent.h"
#include "model/agent_list.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/request.h"
#include "model/source.h"
#include "report/lock.h"
#include "workspace/products.h"
#include "workspace/whole.h"
#include "workspace/workspace.h"

#include <stdlib.h>
#include <unistd.h>

/* The state of one check. */
typedef struct checker {
    sp_arena *arena; /* the result's */
    const sp_check_request *asked;
    sp_workspace workspace;        /* of the request, for what holds for all places */
    const sp_check_config *config; /* never NULL */
    sp_findings findings;
    sp_budgets budgets;
    sp_str launch;       /* absolute */
    sp_map outside;      /* paths of files outside the repository that a proposed budget measures */
    size_t prompt_bytes; /* of all prompts that were built */
    sp_check *check;
} checker;

/* A place that is checked: its workspace, and what the lint passes see of it. */
typedef struct site {
    sp_arena arena;
    sp_workspace workspace;
    sp_site seen;
} site;

/* ---- one prompt ------------------------------------------------------------------------------------------ */

/* What cannot be read of one agent does not keep the others from being checked. New limits would be too small without
 * it. */
static sp_status forgive(checker *c, sp_status status, sp_err *err)
{
    if (status != SP_ERR_INPUT || c->asked->proposes_budgets || c->asked->updates_baseline)
        return status;
    sp_diagnostic diagnostic = sp_diagnostic_of(err);
    diagnostic.rule = sp_rule_find(sp_str_of(err->rule));
    return sp_findings_add(&c->findings, &diagnostic, err);
}

/* Each of many prompts costs as much as a command of its own. */
static sp_status add_prompt(checker *c, const sp_prompt *prompt, sp_err *err)
{
    const size_t most = (size_t)sp_own_limit(SP_RULE_CHECK_BYTES);
    c->check->prompt_count++;
    c->prompt_bytes += sp_prompt_bytes(prompt);
    if (c->prompt_bytes <= most)
        return SP_OK;
    return sp_err_at(
        err, SP_ERR_USAGE, (sp_str){ NULL, 0 }, (sp_str){ NULL, 0 }, 0, sp_rule_id(SP_RULE_CHECK_BYTES),
        "the prompts of all directories and agents have more than %s bytes together; name fewer (sysprompt "
        "check FILE), or narrow directories: and agents: of the budgets",
        SP_NUMBER((uint64_t)most));
}

static sp_status look_at_sources(checker *c, const sp_docs *docs, sp_err *err)
{
    for (uint32_t i = 0; i < docs->count; i++)
        SP_TRY(sp_findings_look_at(&c->findings, &docs->sources[i], err));
    return SP_OK;
}

/* A machine without them, such as one of CI, has smaller prompts than the limits that are proposed here. */
static sp_status note_outside(checker *c, site *s, const sp_docs *docs, sp_err *err)
{
    const sp_place *here;
    if (!c->asked->proposes_budgets)
        return SP_OK;
    SP_TRY(sp_workspace_place(&s->workspace, &here, err));
    c->check->repository = sp_str_eq(here->repository, here->current)
                               ? SP_STR(".")
                               : sp_path_below(sp_str_dup(c->arena, here->repository), here->current);
    if (!c->check->repository.ptr)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < docs->count; i++) {
        const sp_source *source = &docs->sources[i];
        bool is_inside =
            !sp_str_starts(source->real_path, SP_STR("/")) || sp_path_is_within(source->real_path, here->repository);
        if (is_inside && docs->agent && docs->agent->source == i)
            c->check->has_inside_agent = true;
        if (is_inside || !source->is_loaded)
            continue;
        sp_str path = sp_str_dup(c->arena, source->path);
        if (!path.ptr || !sp_map_slot(c->arena, &c->outside, path))
            return sp_err_memory(err);
    }
    return SP_OK;
}

/* Counts the whole request of a prompt if some budget is about it. */
static sp_status sum_request(const checker *c, site *s, const sp_launch *place, sp_arena *arena, const sp_docs *docs,
                             sp_str name, sp_prompt *prompt, sp_err *err)
{
    bool is_wanted;
    SP_TRY(sp_budgets_want_request(&c->budgets, place, name, s->workspace.profile, &is_wanted, err));
    if (!is_wanted)
        return SP_OK;
    SP_TRY(sp_attribute(c->budgets.encoding, prompt, err));
    return sp_workspace_whole(&s->workspace, arena, docs, prompt, err);
}

static sp_status check_agent_in(checker *c, site *s, sp_lint *lint, const sp_launch *place, sp_arena *arena,
                                const sp_found_agent *agent, sp_err *err)
{
    sp_diags diags = { .arena = arena };
    sp_docs docs;
    sp_prompt prompt;
    SP_TRY(sp_workspace_agent_prompt(&s->workspace, arena, agent, &diags, &docs, &prompt, err));
    SP_TRY(add_prompt(c, &prompt, err));
    if (place->is_target) {
        SP_TRY(sp_lint_agent(lint, arena, &diags, &docs, err));
        SP_TRY(look_at_sources(c, &docs, err));
        SP_TRY(sp_findings_take(&c->findings, &diags, err));
        c->check->agent_count++;
    }
    SP_TRY(note_outside(c, s, &docs, err));
    SP_TRY(sum_request(c, s, place, arena, &docs, agent->listed.name, &prompt, err));
    return sp_budgets_prompt(&c->budgets, place, agent->listed.name, &prompt, err);
}

static sp_status check_agent(checker *c, site *s, sp_lint *lint, const sp_launch *place, const sp_found_agent *agent,
                             sp_err *err)
{
    sp_arena arena = { NULL };
    sp_status status = SP_OK;
    if (place->is_target || sp_budgets_want_agent(&c->budgets, place, agent->listed.name))
        status = check_agent_in(c, s, lint, place, &arena, agent, err);
    sp_arena_release(&arena);
    return forgive(c, status, err);
}

/* ---- one place ------------------------------------------------------------------------------------------- */

static bool has_prompt(const sp_found_agent *agent)
{
    return agent->listed.status == SP_AGENT_LOADS || agent->listed.status == SP_AGENT_REFUSED;
}

/* Comments in files that have no prompt count too. */
static sp_status look_at_agent_file(checker *c, const sp_found_agent *agent, sp_err *err)
{
    sp_source source = {
        .path = agent->listed.path,
        .bytes = agent->file.bytes,
        .was_read = agent->file.state == SP_FILE_READ && agent->form != SP_AGENT_JSON,
        .content_begin = agent->file.bytes.len - agent->listed.body.len,
    };
    return sp_findings_look_at(&c->findings, &source, err);
}

static sp_status check_agents(checker *c, site *s, sp_lint *lint, const sp_launch *place, sp_err *err)
{
    const sp_found_agents *agents = s->seen.agents;
    for (size_t i = 0; i < agents->count; i++) {
        if (has_prompt(&agents->items[i]))
            SP_TRY(check_agent(c, s, lint, place, &agents->items[i], err));
        else if (place->is_target)
            SP_TRY(look_at_agent_file(c, &agents->items[i], err));
    }
    return SP_OK;
}

/* What the site starts with by itself, without its agents. */
static sp_status lint_site(checker *c, sp_lint *lint, site *s, sp_err *err)
{
    const sp_docs *docs = &s->workspace.shared.docs;
    SP_TRY(sp_lint_prompt(lint, err));
    if (docs->agent) {
        SP_TRY(sp_lint_agent(lint, &s->arena, &s->workspace.diags, docs, err));
        c->check->agent_count++;
    }
    SP_TRY(look_at_sources(c, docs, err));
    return sp_findings_take(&c->findings, &s->workspace.diags, err);
}

/* Without an agent to list the client has none. */
static sp_status find_agents(site *s, sp_err *err)
{
    sp_agent_list *list = &s->seen.descriptions;
    const sp_found_agents *found;
    SP_TRY(sp_workspace_agents(&s->workspace, &found, err));
    list->encoding = s->workspace.request.encoding;
    list->exact = sp_encoding_is_exact(list->encoding);
    list->agent_count = found->count;
    list->agents = SP_ARENA_ARRAY(&s->arena, sp_listed_agent, found->count + 1);
    if (!list->agents)
        return sp_err_memory(err);
    for (size_t i = 0; i < found->count; i++)
        list->agents[i] = found->items[i].listed;
    return found->count ? sp_list_count(s->workspace.profile, list, false, NULL, &s->workspace.diags, err) : SP_OK;
}

static sp_status check_place(checker *c, site *s, const sp_launch *place, sp_err *err)
{
    sp_lint lint = { .site = &s->seen, .arena = &s->arena, .diags = &s->workspace.diags, .config = c->config };
    SP_TRY(add_prompt(c, &s->workspace.prompt, err));
    if (place->is_target || sp_budgets_want_agent(&c->budgets, place, (sp_str){ NULL, 0 }))
        SP_TRY(find_agents(s, err));
    if (place->is_target) {
        SP_TRY(sp_lint_place(&lint, err));
        SP_TRY(lint_site(c, &lint, s, err));
    }
    const sp_str session = { NULL, 0 };
    SP_TRY(note_outside(c, s, &s->workspace.shared.docs, err));
    SP_TRY(sum_request(c, s, place, &s->arena, &s->workspace.shared.docs, session, &s->workspace.prompt, err));
    SP_TRY(sp_budgets_prompt(&c->budgets, place, session, &s->workspace.prompt, err));
    return check_agents(c, s, &lint, place, err);
}

/* One agent or file. */
static sp_status check_alone(checker *c, site *s, sp_err *err)
{
    sp_lint lint = { .site = &s->seen, .arena = &s->arena, .diags = &s->workspace.diags, .config = c->config };
    sp_prompt *prompt = &s->workspace.prompt;
    const sp_launch place = {
        .folder = c->launch, .item = sp_budgets_item(&c->budgets, c->launch), .is_target = true, .is_at_target = true
    };
    SP_TRY(add_prompt(c, prompt, err));
    SP_TRY(lint_site(c, &lint, s, err));
    if (!prompt->agent || !prompt->agent->name.ptr)
        return SP_OK;
    SP_TRY(sum_request(c, s, &place, &s->arena, &s->workspace.shared.docs, prompt->agent->name, prompt, err));
    return sp_budgets_prompt(&c->budgets, &place, prompt->agent->name, prompt, err);
}

/* ---- what is asked for ------------------------------------------------------------------------------------ */

/* Anything that is not UTF-8 is a finding, and the rest is checked all the same. */
static sp_request base_request(const checker *c)
{
    sp_request request = *c->asked->request;
    request.profile = c->workspace.profile;
    request.encoding = c->check->encoding;
    request.agent = NULL;
    request.agent_text = (sp_str){ NULL, 0 };
    request.memory_file = NULL;
    request.instruction_files = NULL;
    request.instruction_file_count = 0;
    request.layout = SP_LAYOUT_FLAT;
    request.refuse_invalid_utf8 = false;
    request.checks_all = true;
    return request;
}

/* Whether the place was found in choosing the encoding. */
static bool is_known_place(const checker *c, const sp_request *request)
{
    return request->profile == c->workspace.profile && (request->launch_dir == c->asked->request->launch_dir ||
                                                        sp_str_eq(sp_str_of(request->launch_dir), c->launch));
}

static sp_status open_site(const checker *c, site *s, const sp_request *request, sp_err *err)
{
    sp_prompt *prompt;
    SP_TRY(is_known_place(c, request) ? sp_workspace_open_beside(&s->workspace, &s->arena, request, &c->workspace, err)
                                      : sp_workspace_open(&s->workspace, &s->arena, request, err));
    SP_TRY(sp_workspace_compose(&s->workspace, &prompt, err));
    s->seen = (sp_site){ .profile = s->workspace.profile,
                         .reader = s->workspace.reader,
                         .shared = &s->workspace.shared,
                         .prompt = prompt,
                         .agents = &s->workspace.agents };
    return SP_OK;
}

static bool is_agent_file(sp_str path)
{
    sp_str folder = sp_path_folder(path);
    return sp_str_eq(sp_path_base(folder), SP_STR("agents")) ||
           sp_str_find(folder, SP_STR("/agents/"), 0) != SIZE_MAX || sp_str_starts(folder, SP_STR("agents/"));
}

/* Whether the text begins with front matter that names an agent. */
static sp_status has_name(const checker *c, sp_str path, bool *ret, sp_err *err)
{
    const sp_read_limits limits = { .max_bytes = (uint64_t)sp_own_limit(SP_RULE_FILE_MAX_BYTES) };
    sp_diags unsaid = { .arena = c->arena };
    sp_file file;
    sp_agent agent;
    size_t body;
    SP_TRY(sp_reader_read(c->workspace.reader, c->arena, path, limits, &file, err));
    if (file.state != SP_FILE_READ)
        return sp_err_unread(err, sp_path_below(path, c->findings.current), &file);
    SP_TRY(sp_agent_read(c->arena, c->workspace.profile, NULL, SP_STR(""), file.bytes, SP_AGENT_FILE,
                         SP_FRONT_MATTER_RECOVER, &unsaid, &agent, &body, err));
    *ret = agent.name.ptr && agent.description.ptr;
    return SP_OK;
}

/* An agent, by its name or its file, or a file of instructions. */
static sp_status check_file(checker *c, const char *target, sp_str path, bool is_file, sp_err *err)
{
    sp_request request = base_request(c);
    bool is_agent = !is_file || is_agent_file(sp_str_of(target));
    if (!is_agent)
        SP_TRY(has_name(c, path, &is_agent, err));
    if (is_agent) {
        request.agent = target;
    } else {
        request.instruction_files = &target;
        request.instruction_file_count = 1;
        request.touched_file_count = 0; /* which load nothing then */
    }
    site *s = calloc(1, sizeof *s); /* too much for a small stack */
    if (!s)
        return sp_err_memory(err);
    sp_status status = open_site(c, s, &request, err);
    if (status == SP_OK)
        status = check_alone(c, s, err);
    sp_arena_release(&s->arena);
    free(s);
    return status;
}

static sp_status take_profile(checker *c, sp_str name, sp_request *request, sp_err *err)
{
    sp_profile *named = SP_ARENA_NEW(c->arena, sp_profile);
    request->profile = named;
    return named ? sp_profile_init(named, name, err) : sp_err_memory(err);
}

static sp_status run_place(checker *c, const sp_launch *place, sp_err *err)
{
    sp_request request = base_request(c);
    sp_str folder = sp_str_dup(c->arena, place->folder);
    if (!folder.ptr)
        return sp_err_memory(err);
    request.launch_dir = folder.ptr;
    if (place->profile.ptr)
        SP_TRY(take_profile(c, place->profile, &request, err));
    site *s = calloc(1, sizeof *s); /* too much for a small stack */
    if (!s)
        return sp_err_memory(err);
    sp_status status = open_site(c, s, &request, err);
    if (status == SP_OK)
        status = check_place(c, s, place, err);
    sp_arena_release(&s->arena);
    free(s);
    return status;
}

/* What the operands come to. */
typedef struct targets {
    sp_launch_list places;
    sp_list(sp_str) paths; /* absolute, of folders and files */
} targets;

static sp_status add_place(checker *c, targets *t, sp_str folder, sp_err *err)
{
    sp_launch *place = SP_LIST_PUSH(c->arena, &t->places);
    if (!place)
        return sp_err_memory(err);
    *place = (sp_launch){
        .folder = folder, .item = sp_budgets_item(&c->budgets, folder), .is_target = true, .is_at_target = true
    };
    return SP_OK;
}

static sp_status take_target(checker *c, targets *t, const char *target, sp_err *err)
{
    sp_file file;
    sp_str path = sp_path_append(c->arena, c->findings.current, sp_str_of(target));
    if (!path.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_reader_read(c->workspace.reader, c->arena, path, (sp_read_limits){ 0 }, &file, err));
    bool is_file = sp_file_exists(&file);
    if (file.state != SP_FILE_FOLDER)
        SP_TRY(check_file(c, target, path, is_file, err));
    if (file.state != SP_FILE_FOLDER && !is_file)
        return SP_OK; /* an agent's name */
    sp_str *slot = SP_LIST_PUSH(c->arena, &t->paths);
    if (!slot)
        return sp_err_memory(err);
    *slot = file.real_path;
    return is_file ? SP_OK : add_place(c, t, file.real_path, err);
}

/* ---- locks -------------------------------------------------------------------------------------------------- */

/* Its files are looked at as those of other prompts are. */
static sp_status look_at_lock(checker *c, const sp_lock_check *item, sp_err *err)
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

static sp_status report_failure(checker *c, const sp_lock_check *item, sp_err *err)
{
    const sp_err *failure = item->failure;
    const sp_lock *lock = item->lock;
    sp_diags diags = { .arena = c->arena };
    SP_TRY(sp_diag_add(&diags, err, SP_FINDING, lock->path, lock->text,
                       lock->origin.directory.ptr ? lock->origin.offset : SP_WHOLE_FILE, SP_RULE_LOCK_DIFFERS,
                       "its prompt cannot be built any more: %s%s%s", failure->path, *failure->path ? ": " : "",
                       failure->message));
    return sp_findings_add(&c->findings, &diags.items[0], err);
}

static sp_status check_lock(checker *c, const sp_lock_check *item, sp_err *err)
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

/* ---- a recorded request -------------------------------------------------------------------------------------- */

/* What loading says of the files that the request holds. */
static sp_status take_of_request(checker *c, const sp_captured *captured, sp_err *err)
{
    const sp_prompt *prompt = captured->prompt;
    sp_diags diags = { .arena = c->arena };
    sp_map sent = { 0 };
    for (uint32_t i = 0; i < prompt->source_count; i++) {
        if (!prompt->sources[i].is_loaded || sp_source_is_client(&prompt->sources[i]))
            continue;
        uint32_t *slot = sp_map_slot(c->arena, &sent, prompt->sources[i].path);
        if (!slot)
            return sp_err_memory(err);
        *slot = i;
        SP_TRY(sp_findings_look_at(&c->findings, &prompt->sources[i], err));
    }
    for (size_t i = 0; i < captured->predicted->diagnostic_count; i++)
        if (sp_map_find(&sent, captured->predicted->diagnostics[i].path) != SP_NONE)
            SP_TRY(sp_findings_add(&c->findings, &captured->predicted->diagnostics[i], err));
    for (size_t i = 0; i < prompt->diagnostic_count; i++)
        SP_TRY(sp_findings_add(&c->findings, &prompt->diagnostics[i], err));
    SP_TRY(sp_capture_tell_drift(captured, &diags, err));
    SP_TRY(sp_lint_request_duplicates(c->arena, &diags, prompt, err));
    return sp_findings_take(&c->findings, &diags, err);
}

/* Instead of all prompts that could be built. */
static sp_status check_request(checker *c, const sp_captured *captured, sp_err *err)
{
    sp_prompt *prompt = captured->prompt;
    sp_str name = prompt->agent ? prompt->agent->name : (sp_str){ NULL, 0 };
    const sp_launch place = {
        .folder = c->launch, .item = sp_budgets_item(&c->budgets, c->launch), .is_target = true, .is_at_target = true
    };
    c->check->prompt_count++;
    c->check->agent_count += prompt->agent != NULL;
    SP_TRY(take_of_request(c, captured, err));
    SP_TRY(sp_budgets_prompt(&c->budgets, &place, name, prompt, err));
    return sp_budgets_finish(&c->budgets, err);
}

/* ---- all of it ---------------------------------------------------------------------------------------------- */

static sp_status check_targets(checker *c, sp_err *err)
{
    targets t = { 0 };
    if (c->asked->captured)
        return check_request(c, c->asked->captured, err);
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

static sp_status choose_config(checker *c, sp_err *err)
{
    static const sp_check_config nothing = { .path = { NULL, 0 } };
    c->config = c->asked->config && c->asked->config->path.ptr ? sp_config_rules(c->asked->config) : &nothing;
    if (!c->asked->proposes_budgets)
        return SP_OK;
    sp_check_config *proposed = SP_ARENA_NEW(c->arena, sp_check_config);
    if (!proposed)
        return sp_err_memory(err);
    c->config = proposed;
    return sp_check_propose(c->arena, c->launch, c->workspace.profile->is_pinned, proposed, err);
}

/* One for everything, by the model of the session in the launch directory. Locks alone bring encodings of their own. */
static sp_status choose_encoding(checker *c, sp_err *err)
{
    const sp_request *request = c->asked->request;
    const sp_place *here = NULL;
    if (c->asked->captured) {
        c->check->encoding = c->asked->captured->prompt->encoding;
        c->check->encoding_note = c->asked->captured->prompt->encoding_note;
        return SP_OK;
    }
    if (!request->encoding && !request->model && !c->asked->only_locks)
        SP_TRY(sp_workspace_place(&c->workspace, &here, err));
    const sp_counted_with counted_with =
        sp_workspace_counted_with(&c->workspace, here ? here->settings.model.text : (sp_str){ NULL, 0 });
    c->check->encoding = counted_with.encoding;
    c->check->encoding_note = counted_with.note;
    return SP_OK;
}

static sp_status start(checker *c, sp_err *err)
{
    sp_place here;
    SP_TRY(sp_workspace_open(&c->workspace, c->arena, c->asked->request, err));
    SP_TRY(sp_place_locate(c->arena, c->asked->request, c->workspace.reader, &here, err));
    c->launch = here.launch;
    SP_TRY(choose_config(c, err));
    c->findings =
        (sp_findings){ .arena = c->arena, .config = c->config, .current = here.current, .part = c->asked->part };
    sp_request compared = { .profile = c->workspace.profile };
    if (c->asked->captured)
        SP_TRY(take_profile(c, sp_str_of(sp_profile_name(c->asked->captured->prompt->profile)), &compared, err));
    c->check->profile = compared.profile;
    c->check->fail_level = c->asked->fail_level;
    c->check->bound = c->asked->request->bound;
    SP_TRY(choose_encoding(c, err));
    c->budgets = (sp_budgets){
        .arena = c->arena,
        .config = c->config,
        .request = c->asked->request,
        .reader = c->workspace.reader,
        .encoding = c->check->encoding,
        .findings = &c->findings,
        .current = here.current,
        .base = c->config->folder.ptr ? c->config->folder : c->launch,
        .today = c->asked->today,
        .is_complete = c->asked->target_count == 0 && !c->asked->captured,
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

/* The keys, sorted. */
static sp_status list_paths(checker *c, const sp_map *files, sp_str_list *ret, sp_err *err)
{
    sp_str *paths = SP_ARENA_ARRAY(c->arena, sp_str, files->count + 1);
    size_t count = 0;
    if (!paths)
        return sp_err_memory(err);
    for (size_t i = 0; i < files->capacity; i++)
        if (files->entries[i].key.ptr)
            paths[count++] = files->entries[i].key;
    qsort(paths, count, sizeof *paths, compare_paths);
    *ret = (sp_str_list){ paths, count };
    return SP_OK;
}

static sp_status make(sp_arena *arena, void *made, const void *asked, sp_err *err)
{
    const sp_check_request *request = asked;
    sp_check *check = made;
    checker *c = SP_ARENA_NEW(arena, checker);
    if (!c)
        return sp_err_memory(err);
    *c = (checker){ .arena = arena, .asked = request, .check = check };
    check->owner = arena;
    SP_TRY(start(c, err));
    sp_status status = check_targets(c, err);
    sp_budgets_release(&c->budgets);
    if (status != SP_OK)
        return status;
    SP_TRY(sp_findings_settle(&c->findings, err));
    check->measures = c->budgets.measures.items;
    check->measure_count = request->part == SP_CHECK_LINT ? 0 : c->budgets.measures.count;
    check->baseline_path = c->budgets.baseline.path;
    check->baseline_place = c->budgets.baseline.place;
    check->findings = c->findings.items;
    check->finding_count = c->findings.count;
    check->ignored_count = c->findings.ignored_count;
    SP_TRY(list_paths(c, &c->findings.files, &check->files, err));
    SP_TRY(list_paths(c, &c->outside, &check->outside, err));
    for (size_t i = 0; i < check->finding_count; i++)
        check->level_counts[check->findings[i].level]++;
    while (request->failures_only && check->finding_count &&
           check->findings[check->finding_count - 1].level < request->fail_level)
        check->finding_count--; /* the worst come first */
    return SP_OK;
}

sp_status sp_check_run(const sp_check_request *request, sp_check **ret_check, sp_err *err)
{
    void *made;
    SP_TRY(sp_arena_build(sizeof **ret_check, make, request, &made, err));
    *ret_check = made;
    return SP_OK;
}

void sp_check_free(sp_check *check)
{
    if (check)
        sp_arena_free(check->owner);
}
