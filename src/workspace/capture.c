#include "workspace/capture.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/types.h"
#include "capture/assemble.h"
#include "capture/exchange.h"
#include "capture/functions.h"
#include "capture/requests.h"
#include "capture/result.h"
#include "capture/verify.h"
#include "clients/agents/agents.h"
#include "clients/claude_code/skills.h"
#include "clients/plain/described.h"
#include "model/agent_list.h"
#include "model/prompt.h"
#include "model/skill_list.h"
#include "rules/profile.h"
#include "sources/client.h"
#include "sources/docs.h"
#include "sources/place.h"
#include "syntax/toml.h"
#include "tokenizer/models/model.h"
#include "workspace/owner.h"
#include "workspace/workspace.h"

typedef struct capture_owner {
    sp_prompt_owner prompt; /* first: sp_prompt.owner is this */
    sp_prompt predicted;
    sp_captured captured;
} capture_owner;

typedef struct builder {
    capture_owner *owner;
    sp_arena *arena;
    const sp_capture_request *input;
    sp_request request;   /* input's, with the model of the recording */
    bool has_saved_agent; /* its agent, too */
    sp_err unpredicted;   /* why that agent's prompt is not */
    sp_workspace workspace;
    sp_recording recording;
    const sp_recorded *recorded;
    const sp_docs *docs; /* of the prediction */
    sp_list(sp_candidate) candidates;
    sp_list(sp_mapped_phrase) phrases;
    sp_list(sp_mapped_stretch) expected;
} builder;

/* ---- the recording ---------------------------------------------------------------------------------------- */

static sp_status read_recording(builder *b, sp_err *err)
{
    const sp_capture_request *input = b->input;
    sp_str path = sp_str_dup(b->arena, input->path);
    b->owner->captured.path = path;
    if (!path.ptr)
        return sp_err_memory(err);
    if (input->recording) {
        b->recording = *input->recording;
        return SP_OK;
    }
    return sp_requests_decode(b->arena, path, input->exchanges, &b->recording, err);
}

/* The number of the request that the caller knows as an exchange. */
static sp_status find_exchange(builder *b, size_t *ret, sp_err *err)
{
    const sp_recording *recording = &b->recording;
    size_t exchange = b->input->exchange - 1;
    for (size_t i = 0; i < recording->count && *ret == 0; i++)
        *ret = recording->items[i].exchange == exchange ? i + 1 : 0;
    for (size_t i = 0; i < recording->odd_count && *ret == 0; i++)
        if (recording->odd[i].exchange == exchange) {
            *err = recording->odd[i].err;
            return err->status;
        }
    if (*ret > 0)
        return SP_OK;
    return sp_err_set(err, SP_ERR_INPUT, "the request of %.*s that was to be recorded cannot be decoded",
                      SP_STR_ARG(b->owner->captured.path));
}

static sp_status choose_request(builder *b, sp_err *err)
{
    const sp_recording *recording = &b->recording;
    if (b->input->number > recording->count)
        return sp_err_set(err, SP_ERR_USAGE, "there is no request %zu: %.*s holds %zu", b->input->number,
                          SP_STR_ARG(b->owner->captured.path), recording->count);
    size_t number = b->input->number;
    if (number == 0 && b->input->exchange > 0)
        SP_TRY(find_exchange(b, &number, err));
    size_t chosen = sp_requests_choose(recording, number, sp_str_of(b->request.agent)) + 1;
    sp_captured *captured = &b->owner->captured;
    b->recorded = &recording->items[chosen - 1];
    captured->request_number = chosen;
    captured->request_count = recording->count;
    captured->other_count = recording->other_count;
    return SP_OK;
}

static sp_status copy_sender(builder *b, const sp_sender *from, sp_sender *ret, sp_err *err)
{
    const sp_str *const old[] = { &from->client, &from->version, &from->profile, &from->ended, &from->agent };
    sp_str *const made[] = { &ret->client, &ret->version, &ret->profile, &ret->ended, &ret->agent };
    ret->as_session = from->as_session;
    ret->is_chosen = from->is_chosen;
    for (size_t i = 0; i < SP_COUNT_OF(old); i++) {
        *made[i] = old[i]->ptr ? sp_str_dup(b->arena, *old[i]) : *old[i];
        if (old[i]->ptr && !made[i]->ptr)
            return sp_err_memory(err);
    }
    return SP_OK;
}

sp_status sp_saved_profile(sp_arena *arena, sp_str path, sp_str name, const sp_profile **ret, sp_err *err)
{
    sp_err unknown;
    sp_profile *profile = SP_ARENA_NEW(arena, sp_profile);
    if (!profile)
        return sp_err_memory(err);
    *ret = profile;
    if (sp_profile_init(profile, name, &unknown) == SP_OK)
        return SP_OK;
    return sp_err_set(err, SP_ERR_INPUT,
                      "%.*s was saved with the profile %.*s, which is not known here; name another by --profile",
                      SP_STR_ARG(path), SP_STR_ARG(name));
}

/* The profile that a saved request was compared with, unless the caller names one. */
static sp_status choose_profile(builder *b, sp_err *err)
{
    sp_sender *sender = &b->owner->captured.sender;
    SP_TRY(copy_sender(b, b->input->sender ? b->input->sender : &b->recorded->sender, sender, err));
    if (b->input->sender || !b->request.has_default_profile || !sender->profile.ptr)
        return SP_OK;
    return sp_saved_profile(b->arena, b->owner->captured.path, sender->profile, &b->request.profile, err);
}

/* A saved request is that of an agent, or of the main session. */
static void choose_agent(builder *b)
{
    const sp_sender *sender = &b->owner->captured.sender;
    if (b->input->sender || !sender->is_chosen || !sender->agent.ptr)
        return;
    b->has_saved_agent = !b->request.agent;
    b->request.as_session = sender->as_session;
    if (!b->has_saved_agent)
        return;
    b->request.agent = sender->agent.ptr;
    b->request.agent_is_name = true;
}

/* The model of the request counts its tokens, unless the caller names another or an encoding; and its window is that of
 * the request. */
static sp_status choose_model(builder *b, sp_err *err)
{
    sp_str model = b->recorded->model;
    const sp_encoding *saved = b->recorded->encoding;
    if (saved && b->request.encoding && b->request.encoding != saved)
        return sp_err_set(err, SP_ERR_USAGE,
                          "%.*s was saved without the client's text, counted with %s; count with that, or record again",
                          SP_STR_ARG(b->owner->captured.path), sp_encoding_name(saved));
    if (saved)
        b->request.encoding = saved;
    if (b->request.model || !model.ptr || !sp_model_find(b->request.models, model))
        return SP_OK;
    sp_str name = sp_str_dup(b->arena, model);
    b->request.model = name.ptr;
    return name.ptr ? SP_OK : sp_err_memory(err);
}

/* ---- files ---------------------------------------------------------------------------------------------------- */

static sp_status add_docs(builder *b, sp_err *err)
{
    for (uint32_t i = 0; i < b->docs->count; i++) {
        const sp_parsed *parsed = b->docs->sources[i].parsed;
        sp_candidate *candidate = SP_LIST_PUSH(b->arena, &b->candidates);
        if (!candidate)
            return sp_err_memory(err);
        *candidate = (sp_candidate){ .source = b->docs->sources[i], .is_expected = b->docs->sources[i].is_loaded };
        if (!candidate->source.is_loaded) {
            candidate->rule = parsed->skip_rule;
            candidate->why = parsed->skip_why;
        }
    }
    return SP_OK;
}

/* The candidate that is that file; SP_NONE: none is. */
static uint32_t find_candidate(const builder *b, sp_str real_path)
{
    for (uint32_t i = 0; i < b->candidates.count; i++)
        if (sp_str_eq(b->candidates.items[i].source.real_path, real_path))
            return i;
    return SP_NONE;
}

static sp_status add_listed_file(builder *b, sp_source_kind kind, sp_scope scope, sp_str path, const sp_file *file,
                                 uint32_t *ret, sp_err *err)
{
    sp_candidate *candidate = SP_LIST_PUSH(b->arena, &b->candidates);
    if (!candidate)
        return sp_err_memory(err);
    *ret = (uint32_t)b->candidates.count - 1;
    *candidate = (sp_candidate){ .is_of_list = true,
                                 .source = { .kind = kind,
                                             .scope = scope,
                                             .path = path,
                                             .name = path,
                                             .real_path = file->real_path,
                                             .reason = SP_STR("listed"),
                                             .bytes = file->bytes,
                                             .was_read = true,
                                             .size_bytes = file->size_bytes,
                                             .importer = SP_NONE } };
    return SP_OK;
}

/* Where a description is in its file: its beginning as it is written, else its field, else the first line. */
static sp_span place_of(sp_str bytes, sp_str description)
{
    size_t known = description.len < 40 ? description.len : 40;
    size_t begin = sp_str_find(bytes, sp_str_slice(description, 0, known), 0);
    if (begin == SIZE_MAX)
        begin = sp_str_find(bytes, SP_STR("description:"), 0);
    if (begin == SIZE_MAX)
        begin = 0;
    size_t end = begin + description.len;
    bool is_verbatim = end <= bytes.len && sp_str_eq(sp_str_slice(bytes, begin, end), description);
    return (sp_span){ begin, is_verbatim ? end : sp_line_end(bytes, begin) };
}

/* The entry of a list: its description is looked for in the request, and leads to the file, which was read before as
 * far as links may lead. */
static sp_status add_listed(builder *b, sp_source_kind kind, sp_scope scope, sp_str path, sp_str description,
                            sp_err *err)
{
    sp_file file;
    sp_read_limits limits = { .max_bytes = (uint64_t)sp_own_limit(SP_RULE_FILE_MAX_BYTES),
                              .origin = SP_ORIGIN_TRUSTED };
    if (description.len == 0)
        return SP_OK;
    SP_TRY(sp_reader_read(b->workspace.reader, b->arena, path, limits, &file, err));
    if (file.state == SP_FILE_DENIED) /* a moment before it was read */
        return sp_err_unread(err, path, &file);
    if (file.state != SP_FILE_READ)
        return SP_OK;
    uint32_t index = find_candidate(b, file.real_path);
    if (index == SP_NONE)
        SP_TRY(add_listed_file(b, kind, scope, path, &file, &index, err));
    sp_span place = place_of(b->candidates.items[index].source.bytes, description);
    sp_mapped_phrase *phrase = SP_LIST_PUSH(b->arena, &b->phrases);
    if (!phrase)
        return sp_err_memory(err);
    *phrase = (sp_mapped_phrase){ sp_str_trim(description), index, place.begin, place.end };
    return SP_OK;
}

static sp_status add_agents(builder *b, sp_err *err)
{
    const sp_found_agents *found;
    sp_agent_list list = { 0 };
    SP_TRY(sp_workspace_agents(&b->workspace, &found, err));
    sp_loader loader = sp_workspace_loader(&b->workspace);
    SP_TRY(sp_agents_list(&loader, found, &list, err));
    for (size_t i = 0; i < list.agent_count; i++)
        if (list.agents[i].status == SP_AGENT_LOADS && list.agents[i].scope != SP_SCOPE_SESSION)
            SP_TRY(add_listed(b, SP_SOURCE_AGENT, list.agents[i].scope, list.agents[i].path,
                              list.agents[i].agent.description, err));
    return SP_OK;
}

static sp_status add_described_agents(builder *b, sp_err *err)
{
    sp_loader loader = sp_workspace_loader(&b->workspace);
    sp_described_list found;
    SP_TRY(sp_described_agents_find(&loader, &found, err));
    for (size_t i = 0; i < found.count; i++)
        if (!found.items[i].why.ptr)
            SP_TRY(add_listed(b, SP_SOURCE_AGENT, found.items[i].scope,
                              sp_place_shown(loader.here, found.items[i].path), found.items[i].description, err));
    return SP_OK;
}

static sp_status add_skills(builder *b, sp_err *err)
{
    const sp_found_skills *found;
    sp_skill_list list = { 0 };
    const sp_profile *profile = b->workspace.profile;
    if (!sp_client_has_skills(profile))
        return SP_OK;
    SP_TRY(sp_workspace_skills(&b->workspace, &found, err));
    sp_loader loader = sp_workspace_loader(&b->workspace);
    SP_TRY(sp_skills_list(&loader, found, &list, err));
    for (size_t i = 0; i < list.skill_count; i++)
        if (list.skills[i].status == SP_SKILL_LISTED)
            SP_TRY(add_listed(b, SP_SOURCE_SKILL, list.skills[i].scope, list.skills[i].path, list.skills[i].description,
                              err));
    return SP_OK;
}

static sp_status add_piece(builder *b, uint32_t source, size_t begin, size_t end, sp_err *err)
{
    sp_str text = sp_str_trim(sp_str_slice(b->candidates.items[source].source.bytes, begin, end));
    if (text.len < SP_LEAST_PIECE_BYTES)
        return SP_OK;
    size_t at = (size_t)(text.ptr - b->candidates.items[source].source.bytes.ptr);
    sp_mapped_phrase *phrase = SP_LIST_PUSH(b->arena, &b->phrases);
    if (!phrase)
        return sp_err_memory(err);
    *phrase = (sp_mapped_phrase){ text, source, at, at + text.len };
    return SP_OK;
}

/* A place after the first byte of a line and before its end. */
static bool is_inside_line(sp_str bytes, size_t at)
{
    bool begins = at == 0 || sp_ends_line(bytes, at - 1);
    return !begins && at < bytes.len && bytes.ptr[at] != '\n' && bytes.ptr[at] != '\r';
}

/* Of a line that is predicted to be sent in parts, such as around an import that is put in its place: each part. Looks
 * at no byte outside of a segment, as one line may have a hundred thousand of them. */
static sp_status add_pieces(builder *b, sp_err *err)
{
    const sp_prompt *predicted = &b->owner->predicted;
    for (size_t i = 0; i < predicted->segment_count; i++) {
        const sp_segment *segment = &predicted->segments[i];
        if (segment->source == SP_NONE || segment->source >= b->docs->count || segment->end == segment->begin)
            continue;
        sp_str bytes = b->candidates.items[segment->source].source.bytes;
        size_t first = sp_line_end(sp_str_slice(bytes, 0, segment->end), segment->begin);
        size_t last = segment->end;
        while (last > segment->begin && !sp_ends_line(bytes, last - 1))
            last--;
        bool begins_inside = is_inside_line(bytes, segment->begin);
        if (begins_inside)
            SP_TRY(add_piece(b, segment->source, segment->begin, first, err));
        if (is_inside_line(bytes, segment->end) && !(begins_inside && last == segment->begin))
            SP_TRY(add_piece(b, segment->source, last, segment->end, err));
    }
    return SP_OK;
}

static sp_status add_expected(builder *b, sp_err *err)
{
    const sp_prompt *predicted = &b->owner->predicted;
    for (uint32_t m = 0; m < predicted->message_count; m++)
        for (size_t i = 0; i < predicted->messages[m].segment_count; i++) {
            const sp_segment *segment = &predicted->segments[predicted->messages[m].first_segment + i];
            if (segment->source == SP_NONE || segment->source >= b->docs->count || segment->end == segment->begin)
                continue;
            sp_mapped_stretch *stretch = SP_LIST_PUSH(b->arena, &b->expected);
            if (!stretch)
                return sp_err_memory(err);
            *stretch = (sp_mapped_stretch){ segment->source, m, segment->begin, segment->end };
        }
    return SP_OK;
}

static sp_status find_files(builder *b, sp_err *err)
{
    SP_TRY(add_docs(b, err));
    SP_TRY(add_expected(b, err));
    SP_TRY(add_pieces(b, err));
    if (sp_client_has(b->workspace.profile->client, SP_HAS_AGENTS))
        SP_TRY(add_agents(b, err));
    SP_TRY(add_described_agents(b, err));
    return add_skills(b, err);
}

/* ---- the prompt ---------------------------------------------------------------------------------------------- */

/* Both files of a recorded request and what is said of it. */
static void take_prediction(const sp_prompt *predicted, sp_prompt *prompt)
{
    prompt->profile = predicted->profile;
    prompt->model_encoding = predicted->model_encoding;
    prompt->encoding_note = predicted->encoding_note;
    prompt->bound = predicted->bound;
    prompt->window_tokens = predicted->window_tokens;
    prompt->model = predicted->model;
    prompt->own_model = predicted->own_model;
    prompt->own_model_reason = predicted->own_model_reason;
    prompt->agent = predicted->agent;
    prompt->why = predicted->why;
}

enum { MAX_UNKNOWN = 10 }; /* fields that are told one by one */

static sp_status say_unknown(builder *b, sp_diags *diags, sp_err *err)
{
    const sp_recorded *recorded = b->recorded;
    const sp_rule_key rule = SP_RULE_CAPTURE_UNKNOWN;
    size_t count = recorded->unknown_count;
    for (size_t i = 0; i < count && i < MAX_UNKNOWN; i++)
        SP_TRY(sp_diag_add(diags, err, SP_WARNING, b->owner->captured.path, (sp_str){ 0 }, SP_WHOLE_FILE, rule,
                           "request %zu: unknown field %.*s (%zu bytes); its text is not mapped",
                           b->owner->captured.request_number, SP_STR_ARG(recorded->unknown[i].place),
                           recorded->unknown[i].size_bytes));
    if (count <= MAX_UNKNOWN)
        return SP_OK;
    return sp_diag_add(diags, err, SP_WARNING, b->owner->captured.path, (sp_str){ 0 }, SP_WHOLE_FILE, rule,
                       "request %zu: %zu more unknown fields; --json lists them all", b->owner->captured.request_number,
                       count - MAX_UNKNOWN);
}

/* Bodies that cannot be decoded. Their number is that of the recording; requests are counted without them. */
static sp_status say_odd(builder *b, sp_diags *diags, sp_err *err)
{
    for (size_t i = 0; i < b->recording.odd_count; i++) {
        sp_diagnostic *slot = SP_LIST_PUSH(b->arena, diags);
        if (!slot)
            return sp_err_memory(err);
        *slot = sp_diagnostic_of(&b->recording.odd[i].err);
        slot->level = SP_WARNING;
        slot->rule = SP_RULE_CAPTURE_FORMAT;
        slot->message =
            sp_str_format(b->arena, "%.*s; it is omitted, and --request does not count it", SP_STR_ARG(slot->message));
        if (!slot->message.ptr)
            return sp_err_memory(err);
    }
    if (b->recording.more_odd == 0)
        return SP_OK;
    return sp_diag_add(diags, err, SP_WARNING, b->owner->captured.path, (sp_str){ 0 }, SP_WHOLE_FILE,
                       SP_RULE_CAPTURE_FORMAT, "%zu more bodies are omitted", b->recording.more_odd);
}

/* A session is predicted in the place of the agent. */
static sp_status say_unpredicted(const builder *b, sp_diags *diags, sp_err *err)
{
    if (b->unpredicted.status == SP_OK)
        return SP_OK;
    return sp_diag_add(diags, err, SP_WARNING, b->owner->captured.path, (sp_str){ 0 }, SP_WHOLE_FILE,
                       SP_RULE_CAPTURE_AGENT,
                       "this is a request of the agent %.*s, and it is compared with the main session: %s",
                       SP_STR_ARG(b->owner->captured.sender.agent), b->unpredicted.message);
}

/* Of one that was asked about by --why: whether it is there. */
static sp_status answer_why(builder *b, sp_prompt *prompt, sp_err *err)
{
    if (!prompt->why)
        return SP_OK;
    sp_why *why = SP_ARENA_NEW(b->arena, sp_why);
    if (!why)
        return sp_err_memory(err);
    *why = *prompt->why;
    why->is_in_prompt = false;
    for (size_t i = 0; i < prompt->segment_count && why->source != SP_NONE; i++) {
        const sp_segment *segment = &prompt->segments[i];
        bool holds_line = segment->first_line <= why->line && why->line <= segment->last_line;
        why->is_in_prompt = why->is_in_prompt || (segment->source == why->source && (why->line == 0 || holds_line));
    }
    prompt->why = why;
    return SP_OK;
}

static sp_status assemble(builder *b, sp_err *err)
{
    sp_prompt *prompt = &b->owner->prompt.prompt;
    sp_prompt *predicted = &b->owner->predicted;
    sp_captured *captured = &b->owner->captured;
    sp_diags diags = { .arena = b->arena };
    sp_assembly assembly = { .recorded = b->recorded,
                             .candidates = b->candidates.items,
                             .candidate_count = (uint32_t)b->candidates.count,
                             .phrases = b->phrases.items,
                             .phrase_count = b->phrases.count,
                             .expected = b->expected.items,
                             .expected_count = b->expected.count };
    sp_listing launch;
    sp_str directory = sp_str_of(b->request.launch_dir ? b->request.launch_dir : ".");
    SP_TRY(sp_reader_list(&sp_reader_disk, b->arena, directory, (sp_read_limits){ .origin = SP_ORIGIN_TRUSTED },
                          &launch, err));
    assembly.launch = launch.real_path;
    take_prediction(predicted, prompt);
    SP_TRY(sp_capture_assemble(b->arena, &assembly, captured, prompt, err));
    SP_TRY(sp_capture_count(b->arena, predicted->encoding, b->recorded, captured, prompt, err));
    sp_str model = sp_str_of(b->request.model ? b->request.model : "");
    SP_TRY(sp_capture_count_request(b->arena, model.len ? sp_model_find(b->request.models, model) : NULL, model,
                                    captured, prompt, err));
    captured->first_on_demand = b->docs->first_on_demand;
    SP_TRY(sp_capture_verify(b->arena, predicted, prompt, b->docs->count, captured, err));
    if (b->docs->wording)
        SP_TRY(sp_capture_compare_texts(b->arena, b->docs, predicted, prompt, captured, err));
    SP_TRY(answer_why(b, prompt, err));
    if (!b->input->with_client_text)
        SP_TRY(sp_capture_mask(b->arena, prompt, err));
    SP_TRY(say_unpredicted(b, &diags, err));
    SP_TRY(say_odd(b, &diags, err));
    SP_TRY(say_unknown(b, &diags, err));
    prompt->diagnostics = diags.items;
    prompt->diagnostic_count = diags.count;
    captured->predicted = predicted;
    captured->predicted_memory = b->docs->memory_path;
    captured->prompt = prompt;
    if (!predicted->agent)
        prompt->unfiled_agent = captured->sender.agent;
    return SP_OK;
}

static sp_status predict(builder *b, sp_err *err)
{
    sp_prompt *predicted;
    SP_TRY(sp_workspace_open(&b->workspace, b->arena, &b->request, err));
    SP_TRY(sp_workspace_attribute(&b->workspace, &predicted, err));
    predicted->diagnostics = b->workspace.diags.items;
    predicted->diagnostic_count = b->workspace.diags.count;
    b->owner->predicted = *predicted;
    sp_sender *sender = &b->owner->captured.sender;
    bool is_named = b->input->request->profile && !b->request.has_default_profile;
    if (sender->client.ptr || sender->profile.ptr || is_named)
        sender->profile = sp_str_of(sp_profile_name(predicted->profile));
    b->docs = &b->workspace.shared.docs;
    return SP_OK;
}

static bool holds_source(const sp_prompt *prompt, uint32_t source)
{
    for (size_t i = 0; i < prompt->segment_count; i++)
        if (prompt->segments[i].source == source && prompt->segments[i].end > prompt->segments[i].begin)
            return true;
    return false;
}

/* Another one's request would pass for that of the agent. One that the caller chose by its number may be any, as long
 * as nobody knows better. */
static sp_status check_agent(const builder *b, sp_err *err)
{
    const sp_captured *captured = &b->owner->captured;
    const sp_sender *sender = &captured->sender;
    const sp_agent *agent = b->owner->predicted.agent;
    if (!agent)
        return SP_OK;
    bool is_named = agent->name.ptr && sender->agent.ptr && sp_str_eq(agent->name, sender->agent);
    if (sender->is_chosen && !is_named)
        return sp_err_set(err, SP_ERR_INPUT,
                          "%.*s is a request of %s%.*s, not of the agent %.*s; record that with sysprompt capture "
                          "CLIENT --agent %.*s, or leave the agent out",
                          SP_STR_ARG(captured->path), sender->agent.ptr ? "the agent " : "the main session",
                          SP_STR_ARG(sender->agent), SP_STR_ARG(agent->name), SP_STR_ARG(agent->name));
    if (sender->is_chosen || !b->input->needs_agent || b->input->number > 0 ||
        !holds_source(&b->owner->predicted, agent->source) || holds_source(captured->prompt, agent->source))
        return SP_OK;
    return sp_err_set(err, SP_ERR_INPUT,
                      "request %zu of %.*s holds nothing of the agent %.*s; choose another one by --request N (there "
                      "are %zu), or leave the agent out",
                      captured->request_number, SP_STR_ARG(captured->path), SP_STR_ARG(agent->name),
                      captured->request_count);
}

/* Of one that was not saved, nobody but the caller says whose it is. */
static void take_agent(builder *b)
{
    sp_sender *sender = &b->owner->captured.sender;
    const sp_agent *agent = b->owner->predicted.agent;
    if (!sender->agent.ptr && agent && agent->name.ptr)
        sender->agent = agent->name;
    sender->as_session = sender->agent.ptr && b->request.as_session;
}

static sp_status run_stages(builder *b, sp_err *err)
{
    SP_TRY(read_recording(b, err));
    SP_TRY(choose_request(b, err));
    SP_TRY(choose_profile(b, err));
    choose_agent(b);
    SP_TRY(choose_model(b, err));
    b->request.finds_unread = true;
    b->request.layout = SP_LAYOUT_SPLIT;
    b->request.refuse_invalid_utf8 = false;
    sp_status status = predict(b, err);
    if (status == SP_ERR_INPUT && b->has_saved_agent) { /* it came with the client, or is not there any more */
        b->unpredicted = *err;
        b->request.agent = NULL;
        status = predict(b, err);
    }
    SP_TRY(status);
    SP_TRY(find_files(b, err));
    SP_TRY(assemble(b, err));
    SP_TRY(check_agent(b, err));
    take_agent(b);
    b->owner->prompt.whole = b->owner->prompt.prompt;
    return SP_OK;
}

sp_status sp_capture_build(const sp_capture_request *request, sp_captured **ret, sp_err *err)
{
    sp_arena *arena;
    capture_owner *owner = sp_arena_new(&arena, sizeof *owner);
    if (!owner)
        return sp_err_memory(err);
    owner->prompt.arena = arena;
    owner->prompt.prompt.owner = owner;
    owner->captured.owner = owner;
    builder b = { .owner = owner, .arena = arena, .input = request, .request = *request->request };
    sp_status status = run_stages(&b, err);
    if (status == SP_OK)
        *ret = &owner->captured;
    else
        sp_arena_free(arena);
    return status;
}

sp_status sp_captured_mask(sp_captured *captured, sp_err *err)
{
    sp_prompt_owner *owner = &((capture_owner *)captured->owner)->prompt;
    return sp_capture_mask(owner->arena, &owner->prompt, err);
}

void sp_captured_keep(sp_captured *captured, sp_arena *arena)
{
    sp_arena_adopt(((capture_owner *)captured->owner)->prompt.arena, arena);
}

void sp_captured_free(sp_captured *captured)
{
    if (captured)
        sp_arena_free(((capture_owner *)captured->owner)->prompt.arena);
}
