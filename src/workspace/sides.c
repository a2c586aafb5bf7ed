#include "workspace/sides.h"

#include "attribute/attribute.h"
#include "base/file.h"
#include "base/types.h"
#include "capture/exchange.h"
#include "capture/requests.h"
#include "capture/result.h"
#include "diff/result.h"
#include "model/prompt.h"
#include "model/request.h"
#include "sources/named.h"
#include "tokenizer/tokens.h"
#include "workspace/capture.h"
#include "workspace/operands.h"
#include "workspace/past.h"
#include "workspace/products.h"
#include "workspace/revision.h"
#include "workspace/workspace.h"

#include <stdlib.h>

/* ---- what an operand is ----------------------------------------------------------------------------- */

static bool is_saved_result(sp_str bytes)
{
    sp_str text = sp_str_trim(sp_str_slice(bytes, 0, bytes.len < 512 ? bytes.len : 512));
    if (sp_str_starts(text, SP_STR("\xEF\xBB\xBF")))
        text = sp_str_trim(sp_str_slice(text, 3, text.len));
    return sp_str_starts(text, SP_STR("{")) && sp_str_find(text, SP_STR("\"schema\""), 0) != SIZE_MAX &&
           sp_str_find(text, SP_STR("\"sysprompt."), 0) != SIZE_MAX;
}

/* Any other JSON is a text like others. */
static sp_status find_recording(sp_arena *arena, sp_side *side, sp_err *err)
{
    sp_exchanges exchanges = { 0 };
    sp_str text = sp_str_trim(sp_str_slice(side->bytes, 0, side->bytes.len < 512 ? side->bytes.len : 512));
    if (!sp_str_starts(text, SP_STR("{")) && !sp_str_starts(text, SP_STR("[")))
        return SP_OK;
    sp_err unsaid;
    sp_status status = sp_exchanges_read(arena, side->base.name, side->bytes, &exchanges, &unsaid);
    if (status == SP_OK)
        side->base.kind = SP_BASE_CAPTURE;
    return status == SP_ERR_NO_MEMORY ? sp_err_memory(err) : SP_OK;
}

static sp_status read_stream(sp_arena *arena, const char *path, sp_side *side, sp_err *err)
{
    char *bytes = NULL;
    size_t len = 0;
    SP_TRY(sp_file_load(path, &bytes, &len, err));
    side->bytes = sp_str_dup(arena, (sp_str){ bytes, len });
    free(bytes);
    return side->bytes.ptr ? SP_OK : sp_err_memory(err);
}

static sp_status read_named(sp_arena *arena, const char *path, sp_side *side, sp_err *err)
{
    sp_file file;
    SP_TRY(sp_named_read(arena, &side->request, sp_str_of(path), UINT64_MAX, &file, err));
    if (file.state != SP_FILE_READ)
        return sp_err_unread(err, sp_str_of(path), &file);
    side->bytes = file.bytes;
    return sp_place_of_file(arena, path, &side->place, err);
}

static sp_status load(sp_arena *arena, const char *path, sp_side *side, sp_err *err)
{
    if (strcmp(path, "-") == 0)
        side->base.name = SP_STR("<stdin>");
    side->path = side->base.name;
    SP_TRY(sp_descriptor_of(sp_str_of(path)) >= 0 ? read_stream(arena, path, side, err)
                                                  : read_named(arena, path, side, err));
    side->base.kind = SP_BASE_FILE;
    SP_TRY(find_recording(arena, side, err));
    if (side->base.kind == SP_BASE_CAPTURE || !is_saved_result(side->bytes))
        return SP_OK;
    side->base.kind = SP_BASE_RESULT;
    SP_TRY(sp_parts_of_result(arena, side->base.name, side->bytes, &side->saved, &side->encoding, err));
    side->base.lacks_text = !side->saved.has_text;
    return SP_OK;
}

static void take_revision(sp_side *side)
{
    const sp_revision *revision = side->revision;
    side->base.kind = SP_BASE_REVISION;
    side->base.id = revision->id;
    side->base.short_id = revision->short_id;
    side->base.date = revision->date;
    side->base.subject = revision->subject;
    side->request.revision = revision;
}

static sp_status open_revision(sp_side *side, const char *name, sp_err *err)
{
    SP_TRY(sp_revision_open(&side->request, name, &side->revision, err));
    take_revision(side);
    return SP_OK;
}

/* Between a path and what is said of it: most messages go on with its verb, some have a subject of their own. */
static const char *joint_of(const sp_err *err)
{
    bool has_subject = sp_str_starts(sp_str_of(err->message), SP_STR("its "));
    return !err->path[0] ? "" : has_subject ? ": " : " ";
}

/* problem: what it is for the user that there is no such revision. */
static sp_status need_revision(sp_side *side, const char *name, const char *problem, sp_err *err)
{
    sp_err why;
    sp_status status = open_revision(side, name, &why);
    if (status == SP_ERR_INPUT)
        return sp_err_set(err, status, "%s: %s%s%s", problem, why.path, joint_of(&why), why.message);
    if (status != SP_OK)
        *err = why;
    return status;
}

/* What is compared where nobody names a side. */
static sp_status open_head(sp_side *side, sp_err *err)
{
    side->base.name = SP_STR("HEAD");
    return need_revision(side, "HEAD",
                         "there is no HEAD to compare with, and no two folders, texts or saved results are named", err);
}

/* REV:PATH */
static sp_status open_past(sp_arena *arena, const sp_revision_path *word, sp_side *side, sp_err *err)
{
    sp_str place;
    side->base.name = sp_str_of(word->revision);
    SP_TRY(open_revision(side, word->revision, err));
    SP_TRY(sp_place_in_revision(arena, side, word->path, &place, err));
    SP_TRY(sp_side_take_past(arena, side, place, err));
    if (!side->is_absent)
        return SP_OK;
    return sp_err_set(err, SP_ERR_INPUT, "%s has no file %.*s; git ls-tree -r --name-only %s lists what it has",
                      word->revision, SP_STR_ARG(side->path), word->revision);
}

static sp_status open_operand(sp_arena *arena, const char *name, sp_side *side, sp_err *err)
{
    sp_file file = { .state = SP_FILE_READ };
    side->base.name = sp_str_dup(arena, sp_str_of(name));
    if (!side->base.name.ptr)
        return sp_err_memory(err);
    if (!*name)
        return sp_err_set(err, SP_ERR_USAGE, "a side is an empty text; name a file, a folder or a revision");
    if (sp_descriptor_of(sp_str_of(name)) < 0)
        SP_TRY(sp_file_look(side->base.name, &file, err));
    if (file.state == SP_FILE_FOLDER) {
        side->base.kind = SP_BASE_FOLDER;
        side->request.launch_dir = side->base.name.ptr;
        return SP_OK;
    }
    if (file.state != SP_FILE_ABSENT)
        return load(arena, name, side, err);
    sp_revision_path word;
    SP_TRY(sp_revision_path_parse(arena, name, &word, err));
    if (word.revision)
        return open_past(arena, &word, side, err);
    sp_str problem =
        sp_str_format(arena, "there is no file, directory or revision \"%s\" (--agent names an agent)", name);
    return problem.ptr ? need_revision(side, name, problem.ptr, err) : sp_err_memory(err);
}

/* ---- ranges ----------------------------------------------------------------------------------------- */

/* The newest commit that both come from, as a name. */
static sp_status name_ancestor(sp_arena *arena, sp_repo *repo, const sp_revision_range *r, const char **ret,
                               sp_err *err)
{
    sp_commit from = { .id = { NULL, 0 } };
    sp_commit to = { .id = { NULL, 0 } };
    sp_str found = { NULL, 0 };
    SP_TRY(sp_repo_find_commit(repo, sp_str_of(r->from), &from, err));
    SP_TRY(sp_repo_find_commit(repo, sp_str_of(r->to), &to, err));
    SP_TRY(sp_repo_find_ancestor(repo, &from, &to, &found, err));
    *ret = sp_str_dup(arena, found).ptr;
    return *ret ? SP_OK : sp_err_memory(err);
}

static sp_status find_ancestor(sp_arena *arena, const sp_request *request, const sp_revision_range *r, const char **ret,
                               sp_err *err)
{
    sp_repo *repo = NULL;
    SP_TRY(sp_request_repo(request, &repo, err));
    sp_status status = name_ancestor(arena, repo, r, ret, err);
    sp_repo_close(repo);
    return status;
}

/* Revisions, even where there are files with these names. */
static sp_status open_range(sp_arena *arena, const sp_revision_range *r, sp_sides *sides, sp_err *err)
{
    const char *from = r->from;
    if (r->is_of_ancestor)
        SP_TRY(find_ancestor(arena, &sides->old_side.request, r, &from, err));
    SP_TRY(open_revision(&sides->old_side, from, err));
    SP_TRY(open_revision(&sides->new_side, r->to, err));
    sides->new_side.base.name = sp_str_of(r->to);
    sides->old_side.base.name = sp_str_of(from);
    if (r->is_of_ancestor)
        sides->old_side.base.name = sp_str_format(arena, "common ancestor of %s and %s", r->from, r->to);
    return sides->old_side.base.name.ptr ? SP_OK : sp_err_memory(err);
}

/* ---- both ------------------------------------------------------------------------------------------- */

static bool has_saved(const sp_sides *sides)
{
    return sides->old_side.base.kind == SP_BASE_RESULT || sides->new_side.base.kind == SP_BASE_RESULT;
}

static sp_status refuse_pair(const sp_diff_request *request, const sp_sides *sides, sp_err *err)
{
    const sp_side *old_side = &sides->old_side;
    const sp_side *new_side = &sides->new_side;
    sp_base_kind old_kind = old_side->base.kind;
    sp_base_kind new_kind = new_side->base.kind;
    if (request->capture && new_kind != SP_BASE_CAPTURE)
        return sp_err_set(err, SP_ERR_INPUT, "%s holds no recorded request", request->capture);
    if (request->number > 0 && old_kind != SP_BASE_CAPTURE && new_kind != SP_BASE_CAPTURE)
        return sp_err_set(err, SP_ERR_USAGE, "--request chooses a recorded request, and no side is one");
    if ((old_kind == SP_BASE_FILE) != (new_kind == SP_BASE_FILE)) {
        sp_str file = (old_kind == SP_BASE_FILE ? old_side : new_side)->base.name;
        return sp_err_set(
            err, SP_ERR_USAGE,
            "%.*s is a text, which is compared with another text or with its own at a revision; for a prompt "
            "name a folder, a revision or a result of build --format=json",
            SP_STR_ARG(file));
    }
    bool is_saved = has_saved(sides) || old_kind == SP_BASE_CAPTURE || new_kind == SP_BASE_CAPTURE;
    if (request->all_agents && (is_saved || old_kind == SP_BASE_FILE))
        return sp_err_set(err, SP_ERR_USAGE, "all agents are compared of folders and revisions, not of files");
    if (request->request->agent && old_kind == SP_BASE_FILE)
        return sp_err_set(err, SP_ERR_USAGE, "two texts have no agent; name folders or revisions");
    if (request->blame &&
        (old_kind != SP_BASE_REVISION || (new_kind != SP_BASE_REVISION && new_kind != SP_BASE_WORKING_TREE)))
        return sp_err_set(err, SP_ERR_USAGE,
                          "--blame names commits between two revisions, or a revision and the working tree; %.*s is "
                          "neither",
                          SP_STR_ARG((old_kind != SP_BASE_REVISION ? old_side : new_side)->base.name));
    if (request->blame && request->all_agents)
        return sp_err_set(err, SP_ERR_USAGE, "--blame and --all cannot be combined; name one agent with --agent");
    if (old_kind == SP_BASE_RESULT && old_kind == new_kind && !sp_str_eq(old_side->encoding, new_side->encoding))
        return sp_err_set(err, SP_ERR_USAGE,
                          "the one is counted with %.*s and the other with %.*s, so their numbers "
                          "cannot be compared; save both with the same --encoding",
                          SP_STR_ARG(old_side->encoding), SP_STR_ARG(new_side->encoding));
    return SP_OK;
}

/* An operand that is there as a file is never a range; ret->from is NULL then. */
static sp_status find_range(sp_arena *arena, const char *name, sp_revision_range *ret, sp_err *err)
{
    sp_file file = { .state = SP_FILE_READ };
    sp_str path = sp_str_dup(arena, sp_str_of(name));
    *ret = (sp_revision_range){ .from = NULL };
    if (!path.ptr)
        return sp_err_memory(err);
    if (sp_descriptor_of(path) < 0 && path.len)
        SP_TRY(sp_file_look(path, &file, err));
    return file.state == SP_FILE_ABSENT ? sp_revision_range_parse(arena, name, ret, err) : SP_OK;
}

static sp_status open_one(sp_arena *arena, const char *name, sp_sides *ret, sp_err *err)
{
    sp_revision_range r;
    SP_TRY(find_range(arena, name, &r, err));
    if (r.from)
        return open_range(arena, &r, ret, err);
    return open_operand(arena, name, &ret->old_side, err);
}

/* Behind a revision, what is nothing today may be a file that stood there. */
static sp_status open_gone(sp_arena *arena, const char *path, sp_sides *sides, const sp_err *why, sp_err *err)
{
    sp_side past = sides->old_side;
    sp_str place;
    sp_err unused;
    SP_TRY(sp_place_of_file(arena, path, &place, err));
    sp_status status = sp_side_take_past(arena, &past, place, &unused);
    if (status == SP_ERR_NO_MEMORY)
        return sp_err_memory(err);
    if (status != SP_OK || past.is_absent) {
        *err = *why;
        return why->status;
    }
    sides->old_side = past;
    return sp_side_take_present(arena, &sides->new_side, place, past.revision->top, err);
}

static sp_status open_new(sp_arena *arena, const char *name, sp_sides *sides, sp_err *err)
{
    sp_err why;
    sp_status status = open_operand(arena, name, &sides->new_side, &why);
    if (status == SP_ERR_INPUT && sides->old_side.base.kind == SP_BASE_REVISION)
        return open_gone(arena, name, sides, &why, err);
    if (status != SP_OK)
        *err = why;
    return status;
}

/* A range may have a file behind it, which is then *file. */
static sp_status open_two(sp_arena *arena, const char *const *names, const char **file, sp_sides *ret, sp_err *err)
{
    for (size_t i = 0; i < 2; i++) {
        sp_revision_range r;
        SP_TRY(find_range(arena, names[i], &r, err));
        if (r.from && (i > 0 || *file))
            return sp_err_set(err, SP_ERR_USAGE, "%s has both sides already; leave out %s, or name a file behind it",
                              names[i], names[1 - i]);
        if (r.from) {
            *file = names[1];
            return open_range(arena, &r, ret, err);
        }
        SP_TRY(i == 0 ? open_operand(arena, names[0], &ret->old_side, err) : open_new(arena, names[1], ret, err));
    }
    return SP_OK;
}

/* ---- a file and its past ---------------------------------------------------------------------------- */

/* One file of two revisions. */
static sp_status take_file(sp_arena *arena, const char *file, sp_sides *sides, sp_err *err)
{
    sp_side *const both[] = { &sides->old_side, &sides->new_side };
    const sp_str revisions[] = { both[0]->base.name, both[1]->base.name };
    sp_str place;
    SP_TRY(sp_place_of_file(arena, file, &place, err));
    for (size_t i = 0; i < SP_COUNT_OF(both); i++) {
        if (both[i]->base.kind != SP_BASE_REVISION)
            return sp_err_set(err, SP_ERR_USAGE, "%.*s is no revision, and a file is named behind two of them: %s",
                              SP_STR_ARG(both[i]->base.name), file);
        SP_TRY(sp_side_take_past(arena, both[i], place, err));
    }
    if (!both[0]->is_absent || !both[1]->is_absent)
        return SP_OK;
    return sp_err_set(err, SP_ERR_INPUT, "there is no file %s in %.*s, and none in %.*s", file,
                      SP_STR_ARG(revisions[0]), SP_STR_ARG(revisions[1]));
}

static bool is_file_alone(const sp_sides *sides)
{
    return sides->old_side.base.kind == SP_BASE_FILE && sides->new_side.base.kind == SP_BASE_WORKING_TREE &&
           sides->old_side.place.ptr;
}

/* A revision beside a file is that file's text then; and a file alone is compared with HEAD, or with today's. */
static sp_status take_past(sp_arena *arena, sp_sides *sides, sp_err *err)
{
    sp_side *old_side = &sides->old_side;
    sp_side *new_side = &sides->new_side;
    if (is_file_alone(sides) && old_side->revision)
        return sp_side_take_present(arena, new_side, old_side->place, old_side->revision->top, err);
    if (is_file_alone(sides)) {
        sp_request request = new_side->request;
        *new_side = *old_side;
        *old_side = (sp_side){ .request = request };
        SP_TRY(open_head(old_side, err));
    }
    if (old_side->base.kind == SP_BASE_REVISION && new_side->base.kind == SP_BASE_FILE && new_side->place.ptr)
        return sp_side_take_past(arena, old_side, new_side->place, err);
    if (new_side->base.kind == SP_BASE_REVISION && old_side->base.kind == SP_BASE_FILE && old_side->place.ptr)
        return sp_side_take_past(arena, new_side, old_side->place, err);
    return SP_OK;
}

/* Whose request it is, where it was saved. */
static sp_status find_sender(sp_arena *arena, size_t number, sp_side *side, sp_err *err)
{
    sp_exchanges exchanges = { 0 };
    sp_recording recording = { 0 };
    if (side->base.kind != SP_BASE_CAPTURE)
        return SP_OK;
    side->number = number;
    SP_TRY(sp_exchanges_read(arena, side->base.name, side->bytes, &exchanges, err));
    SP_TRY(sp_requests_decode(arena, side->base.name, &exchanges, &recording, err));
    if (number > recording.count)
        return SP_OK;
    const sp_recorded *chosen =
        &recording.items[sp_requests_choose(&recording, number, sp_str_of(side->request.agent))];
    side->sender = &chosen->sender;
    return SP_OK;
}

/* A prediction beside a saved request follows the same profile, unless the caller names one. */
static sp_status follow_recording(sp_arena *arena, const sp_side *recorded, sp_side *predicted, sp_err *err)
{
    bool is_pair = recorded->sender && predicted->base.kind != SP_BASE_CAPTURE;
    if (!is_pair || !predicted->request.has_default_profile || !recorded->sender->profile.ptr)
        return SP_OK;
    return sp_saved_profile(arena, recorded->base.name, recorded->sender->profile, &predicted->request.profile, err);
}

sp_status sp_sides_open(sp_arena *arena, const sp_diff_request *request, sp_sides *ret, sp_err *err)
{
    const char *old_base = request->old_base;
    const char *file = request->file;
    *ret = (sp_sides){ .old_side = { .request = *request->request }, .new_side = { .request = *request->request } };
    ret->old_side.request.revision = ret->new_side.request.revision = NULL;
    ret->old_side.request.without_count = 0;
    ret->old_side.request.agent_text = ret->new_side.request.agent_text = (sp_str){ NULL, 0 };
    if (request->new_base && old_base && sp_descriptor_of(sp_str_of(old_base)) >= 0 &&
        strcmp(old_base, request->new_base) == 0)
        return sp_err_set(err, SP_ERR_USAGE, "%s can be read only once", old_base);
    if (request->capture)
        SP_TRY(open_operand(arena, request->capture, &ret->new_side, err));
    else if (old_base && request->new_base)
        SP_TRY(open_two(arena, (const char *[]){ old_base, request->new_base }, &file, ret, err));
    else if (old_base)
        SP_TRY(open_one(arena, old_base, ret, err));
    else
        SP_TRY(open_head(&ret->old_side, err));
    if (!old_base && request->new_base && !request->capture)
        SP_TRY(open_operand(arena, request->new_base, &ret->new_side, err));
    if (file)
        SP_TRY(take_file(arena, file, ret, err));
    else
        SP_TRY(take_past(arena, ret, err));
    SP_TRY(find_sender(arena, request->number, &ret->old_side, err));
    SP_TRY(find_sender(arena, request->number, &ret->new_side, err));
    SP_TRY(follow_recording(arena, &ret->old_side, &ret->new_side, err));
    SP_TRY(follow_recording(arena, &ret->new_side, &ret->old_side, err));
    ret->old_side.by_path = ret->new_side.by_path = has_saved(ret);
    return refuse_pair(request, ret, err);
}

void sp_sides_close(sp_sides *sides)
{
    sp_revision_free(sides->old_side.revision);
    sp_revision_free(sides->new_side.revision);
}

bool sp_side_tells_agent(const sp_side *side)
{
    return side->base.kind == SP_BASE_RESULT || (side->sender && side->sender->is_chosen);
}

/* ---- their parts ------------------------------------------------------------------------------------ */

static sp_status choose_saved_encoding(const sp_side *side, const sp_encoding **encoding, sp_err *err)
{
    const sp_encoding *found = sp_encoding_find(side->encoding);
    if (*encoding && found != *encoding)
        return sp_err_set(err, SP_ERR_USAGE,
                          "%.*s is counted with %.*s, so nothing else can count the other side; save it again with "
                          "--encoding=%s",
                          SP_STR_ARG(side->base.name), SP_STR_ARG(side->encoding), sp_encoding_name(*encoding));
    if (!found)
        return sp_err_set(err, SP_ERR_USAGE, "%.*s is counted with %.*s, which is not known here",
                          SP_STR_ARG(side->base.name), SP_STR_ARG(side->encoding));
    *encoding = found;
    return SP_OK;
}

sp_status sp_side_share(sp_arena *arena, sp_side *side, sp_err *err)
{
    side->workspace = SP_ARENA_NEW(arena, sp_workspace);
    return side->workspace ? sp_workspace_open(side->workspace, arena, &side->request, err) : sp_err_memory(err);
}

static sp_status take_parts(sp_arena *arena, const sp_side *side, const sp_prompt *prompt, const sp_encoding **encoding,
                            sp_parts *ret, sp_err *err)
{
    sp_status status = sp_parts_of_prompt(arena, prompt, side->by_path, ret, err);
    ret->encoding_note = prompt->encoding_note;
    ret->model_encoding = sp_attribute_other(&side->request, prompt->profile, prompt->encoding, prompt->own_model);
    *encoding = prompt->encoding;
    return status;
}

/* The agent that the client starts by that name; NULL: none. */
static const sp_found_agent *find_agent(const sp_found_agents *agents, const char *name)
{
    for (size_t i = 0; i < agents->count; i++) {
        const sp_listed_agent *listed = &agents->items[i].listed;
        bool loads = listed->status == SP_AGENT_LOADS || listed->status == SP_AGENT_REFUSED;
        if (loads && listed->name.ptr && sp_str_eq(listed->name, sp_str_of(name)))
            return &agents->items[i];
    }
    return NULL;
}

/* *ret_done is false for an agent that is not found by that name. */
static sp_status share_parts(sp_arena *arena, const sp_side *side, const char *agent, const sp_encoding **encoding,
                             sp_parts *ret, bool *ret_done, sp_err *err)
{
    sp_workspace *workspace = side->workspace;
    const sp_found_agents *agents;
    sp_arena scratch = { NULL };
    sp_diags unsaid = { .arena = &scratch };
    sp_prompt made, *prompt;
    if (*encoding)
        workspace->request.encoding = *encoding;
    SP_TRY(sp_workspace_compose(workspace, &prompt, err));
    SP_TRY(sp_workspace_agents(workspace, &agents, err));
    const sp_found_agent *found = agent ? find_agent(agents, agent) : NULL;
    *ret_done = !agent || found;
    if (!*ret_done)
        return SP_OK;
    sp_status status = found ? sp_workspace_count_agent(workspace, &scratch, found, &unsaid, &made, err)
                             : sp_workspace_attribute(workspace, &prompt, err);
    if (status == SP_OK)
        status = take_parts(arena, side, found ? &made : prompt, encoding, ret, err);
    sp_arena_release(&scratch);
    return status;
}

static sp_status build_parts(sp_arena *arena, const sp_side *side, const char *agent, const sp_encoding **encoding,
                             sp_parts *ret, sp_err *err)
{
    sp_request request = side->request;
    sp_prompt *prompt = NULL;
    bool is_done = false;
    if (side->workspace)
        SP_TRY(share_parts(arena, side, agent, encoding, ret, &is_done, err));
    if (is_done)
        return SP_OK;
    request.agent = agent;
    if (*encoding)
        request.encoding = *encoding;
    SP_TRY(sp_prompt_build(&request, &prompt, err));
    sp_status status = take_parts(arena, side, prompt, encoding, ret, err);
    sp_prompt_free(prompt);
    return status;
}

static sp_status capture_parts(sp_arena *arena, const sp_side *side, const char *agent, const sp_encoding **encoding,
                               sp_parts *ret, sp_err *err)
{
    sp_request request = side->request;
    sp_exchanges exchanges = { 0 };
    sp_captured *captured = NULL;
    request.agent = sp_side_tells_agent(side) ? NULL : agent;
    if (*encoding)
        request.encoding = *encoding;
    SP_TRY(sp_exchanges_read(arena, side->base.name, side->bytes, &exchanges, err));
    const sp_capture_request wanted = { .request = &request,
                                        .path = side->base.name,
                                        .exchanges = &exchanges,
                                        .number = side->number,
                                        .needs_agent = true };
    SP_TRY(sp_capture_build(&wanted, &captured, err));
    sp_status status = sp_parts_of_prompt(arena, captured->prompt, side->by_path, ret, err);
    ret->encoding_note = captured->prompt->encoding_note;
    *encoding = captured->prompt->encoding;
    sp_captured_free(captured);
    return status;
}

static sp_status text_parts(sp_arena *arena, const sp_side *side, const sp_encoding **encoding, sp_parts *ret,
                            sp_err *err)
{
    sp_workspace workspace;
    SP_TRY(sp_workspace_open(&workspace, arena, &side->request, err));
    const sp_counted_with counted_with = sp_workspace_counted_with(&workspace, (sp_str){ NULL, 0 });
    if (!*encoding)
        *encoding = counted_with.encoding;
    *ret = (sp_parts){ .has_text = true };
    if (!side->is_absent)
        SP_TRY(sp_parts_of_text(arena, *encoding, side->path, side->bytes, ret, err));
    ret->encoding_note = counted_with.note;
    return SP_OK;
}

sp_status sp_side_parts(sp_arena *arena, const sp_side *side, const char *agent, const sp_encoding **encoding,
                        sp_parts *ret, sp_err *err)
{
    if (side->base.kind == SP_BASE_RESULT) {
        SP_TRY(choose_saved_encoding(side, encoding, err));
        *ret = side->saved;
        return SP_OK;
    }
    if (side->base.kind == SP_BASE_CAPTURE)
        return capture_parts(arena, side, agent, encoding, ret, err);
    if (side->base.kind != SP_BASE_FILE)
        return build_parts(arena, side, agent, encoding, ret, err);
    return text_parts(arena, side, encoding, ret, err);
}
