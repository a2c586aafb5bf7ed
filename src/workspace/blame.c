/*
 * blame.c - one commit after the other.
 *
 * A commit is built only if it changes a path that the build before it has looked at, whether something stood there or
 * not: what a prompt is made of depends on nothing else. One list of all commits with the paths that they change is
 * enough to know.
 */
#include "workspace/blame.h"

#include "base/types.h"
#include "diff/match.h"
#include "diff/result.h"
#include "model/request.h"
#include "tokenizer/tokens.h"
#include "workspace/revision.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_LOG_BYTES = 1 << 28 };

/* A commit with the paths that it changes: a run of texts that end in NUL. */
typedef struct logged {
    sp_commit commit;
    sp_str paths;
} logged;

/* The parts of the prompt at one commit, and for each what added the most to it. Lives in its own arena, which goes
 * when the next one is known. */
typedef struct station {
    sp_arena arena;
    sp_parts parts;
    sp_blame *blames; /* added_tokens 0: none */
} station;

typedef struct walker {
    sp_arena *arena; /* of the result */
    sp_repo *repo;
    const sp_side *side; /* what is built, at other revisions */
    const char *agent;
    const sp_encoding *encoding;
    sp_list(logged) commits; /* the oldest first */
    sp_tree_files *files;    /* of the commit that was built last */
    station now;
    sp_blamed *result;
} walker;

/* ---- the commits ------------------------------------------------------------------------------------ */

static sp_str take_text(sp_str all, size_t *at)
{
    sp_str text = *at < all.len ? sp_str_of(all.ptr + *at) : SP_STR("");
    *at += text.len + 1;
    return text;
}

/* A commit begins with an empty text, which no path is, so that no path can pass for one. */
static bool begins_commit(sp_str all, size_t at)
{
    return at < all.len && all.ptr[at] == '\0';
}

/* The empty text, id, short id, date, subject, and one more line end before the first path. */
static sp_status parse_log(walker *w, sp_str all, sp_err *err)
{
    for (size_t at = 0; begins_commit(all, at);) {
        logged *slot = SP_LIST_PUSH(w->arena, &w->commits);
        if (!slot)
            return sp_err_memory(err);
        at++;
        slot->commit.id = take_text(all, &at);
        slot->commit.short_id = take_text(all, &at);
        slot->commit.date = take_text(all, &at);
        slot->commit.subject = take_text(all, &at);
        at += at < all.len && all.ptr[at] == '\n';
        size_t begin = at;
        while (at < all.len && !begins_commit(all, at))
            take_text(all, &at);
        slot->paths = sp_str_slice(all, begin < all.len ? begin : all.len, at < all.len ? at : all.len);
    }
    return SP_OK;
}

static sp_status count_commits(walker *w, const char *range, sp_err *err)
{
    const char *const words[] = { "rev-list", "--first-parent", "--count", range, "--", NULL };
    sp_str said = { NULL, 0 };
    SP_TRY(sp_repo_ask(w->repo, w->arena, words, 64, &said, err));
    w->result->commit_count = (size_t)strtoull(said.ptr, NULL, 10);
    return SP_OK;
}

static sp_status list_commits(walker *w, const sp_sides *sides, sp_err *err)
{
    char limit[32];
    sp_str new_id = sides->new_side.base.id.ptr ? sides->new_side.base.id : SP_STR("HEAD");
    sp_str from = sides->old_side.base.id;
    sp_str range = sp_str_format(w->arena, "%.*s..%.*s", SP_STR_ARG(from), SP_STR_ARG(new_id));
    sp_str all = { NULL, 0 };
    if (!range.ptr)
        return sp_err_memory(err);
    SP_TRY(count_commits(w, range.ptr, err));
    snprintf(limit, sizeof limit, "-%d", (int)SP_BLAME_MAX_COMMITS);
    const char *const words[] = { "log",
                                  "--first-parent",
                                  "-m",
                                  "--name-only",
                                  "--no-renames",
                                  "--no-show-signature",
                                  "--encoding=UTF-8",
                                  "-z",
                                  "--reverse",
                                  limit,
                                  "--format=tformat:%x00%H%x00%h%x00%as%x00%s",
                                  range.ptr,
                                  "--",
                                  NULL };
    SP_TRY(sp_repo_ask(w->repo, w->arena, words, MAX_LOG_BYTES, &all, err));
    SP_TRY(parse_log(w, all, err));
    w->result->looked_at_count = w->commits.count;
    return SP_OK;
}

/* ---- a step ----------------------------------------------------------------------------------------- */

/* What each new part has from the old ones, and what the commit adds to it. */
static sp_status hand_on(walker *w, station *next, const sp_commit *commit, sp_err *err)
{
    sp_match match;
    next->blames = SP_ARENA_ARRAY(&next->arena, sp_blame, (size_t)next->parts.count + 1);
    if (!next->blames)
        return sp_err_memory(err);
    SP_TRY(sp_match_parts(&next->arena, &w->now.parts, &next->parts, &match, err));
    for (uint32_t i = 0; i < next->parts.count; i++) {
        uint32_t from = match.old_of_new[i];
        size_t before = from == SP_NONE ? 0 : w->now.parts.parts[from].tokens;
        size_t after = next->parts.parts[i].tokens;
        bool is_changed = from == SP_NONE || sp_match_is_edited(&match, from, i);
        size_t added = is_changed && after > before ? after - before : 0;
        if (from != SP_NONE)
            next->blames[i] = w->now.blames[from];
        if (added > next->blames[i].added_tokens)
            next->blames[i] = (sp_blame){ commit->id, commit->short_id, commit->date, commit->subject, added };
    }
    return SP_OK;
}

static sp_status build_at(walker *w, const sp_commit *commit, station *next, sp_err *err)
{
    sp_tree_files *files = NULL;
    sp_side side = *w->side;
    sp_revision *revision = NULL;
    const sp_encoding *encoding = w->encoding;
    SP_TRY(sp_tree_files_open(w->repo, commit, &files, err));
    sp_tree_files_close(w->files);
    w->files = files;
    SP_TRY(sp_revision_wrap(&next->arena, commit, w->repo, files, &revision, err));
    side.base.kind = SP_BASE_REVISION;
    side.request.revision = revision;
    return sp_side_parts(&next->arena, &side, w->agent, &encoding, &next->parts, err);
}

static sp_status pass_over(walker *w, const sp_commit *commit, const sp_err *why, sp_err *err)
{
    sp_blamed *blamed = w->result;
    blamed->failed_count++;
    blamed->failed_id = commit->short_id;
    blamed->failed_why = sp_str_format(w->arena, "%s%s%s", why->path, why->path[0] ? ": " : "", why->message);
    return blamed->failed_why.ptr ? SP_OK : sp_err_memory(err);
}

/* commit NULL: what the range begins with adds nothing. */
static sp_status step(walker *w, const sp_commit *at, const sp_commit *commit, sp_err *err)
{
    station next = { .parts = { .tokens = 0 } };
    sp_err why;
    sp_status status = build_at(w, at, &next, &why);
    bool is_passed_over = status == SP_ERR_INPUT;
    w->result->built_count += commit != NULL;
    if (status == SP_OK && commit)
        status = hand_on(w, &next, commit, &why);
    else if (status == SP_OK && !(next.blames = SP_ARENA_ARRAY(&next.arena, sp_blame, (size_t)next.parts.count + 1)))
        status = sp_err_memory(&why);
    if (status != SP_OK) {
        sp_arena_release(&next.arena);
        if (is_passed_over)
            return pass_over(w, at, &why, err);
        *err = why;
        return status;
    }
    sp_arena_release(&w->now.arena);
    w->now = next;
    return SP_OK;
}

static bool may_change(const walker *w, const logged *l)
{
    if (!w->files)
        return true;
    for (size_t at = 0; at < l->paths.len;)
        if (sp_tree_files_depend_on(w->files, take_text(l->paths, &at)))
            return true;
    return false;
}

/* ---- the whole -------------------------------------------------------------------------------------- */

/* The prompt before the oldest commit; there is none before the very first. */
static sp_status begin(walker *w, sp_err *err)
{
    sp_commit parent;
    sp_err unused;
    sp_str name = sp_str_format(w->arena, "%.*s^1", SP_STR_ARG(w->commits.items[0].commit.id));
    if (!name.ptr)
        return sp_err_memory(err);
    sp_status status = sp_repo_find_commit(w->repo, name, &parent, &unused);
    if (status == SP_ERR_INPUT)
        return SP_OK;
    if (status != SP_OK)
        return sp_err_memory(err);
    return step(w, &parent, NULL, err);
}

/* The end of the way is the new side itself: what is in it and in no commit is not committed. */
static sp_status end(walker *w, const sp_parts *new_parts, sp_err *err)
{
    const sp_commit nobody = { .id = { NULL, 0 } };
    station last = { .parts = *new_parts };
    w->result->of_new = SP_ARENA_ARRAY(w->arena, const sp_blame *, (size_t)new_parts->count + 1);
    sp_blame *blames = SP_ARENA_ARRAY(w->arena, sp_blame, (size_t)new_parts->count + 1);
    sp_status status = w->result->of_new && blames ? hand_on(w, &last, &nobody, err) : sp_err_memory(err);
    for (uint32_t i = 0; i < new_parts->count && status == SP_OK; i++) {
        blames[i] = last.blames[i];
        w->result->of_new[i] = blames[i].added_tokens ? &blames[i] : NULL;
    }
    sp_arena_release(&last.arena);
    return status;
}

static sp_status walk(walker *w, const sp_sides *sides, const sp_parts *new_parts, sp_err *err)
{
    SP_TRY(list_commits(w, sides, err));
    if (w->commits.count)
        SP_TRY(begin(w, err));
    else
        SP_TRY(step(w, &(sp_commit){ .id = sides->old_side.base.id, .short_id = sides->old_side.base.short_id }, NULL,
                    err));
    for (size_t i = 0; i < w->commits.count; i++)
        if (may_change(w, &w->commits.items[i]))
            SP_TRY(step(w, &w->commits.items[i].commit, &w->commits.items[i].commit, err));
    return end(w, new_parts, err);
}

sp_status sp_blame_parts(sp_arena *arena, const sp_sides *sides, const char *agent, const sp_encoding *encoding,
                         const sp_parts *new_parts, sp_blamed *ret, sp_err *err)
{
    *ret = (sp_blamed){ .of_new = NULL };
    walker w = { .arena = arena, .side = &sides->new_side, .agent = agent, .encoding = encoding, .result = ret };
    SP_TRY(sp_request_repo(&sides->old_side.request, &w.repo, err));
    sp_status status = walk(&w, sides, new_parts, err);
    sp_arena_release(&w.now.arena);
    sp_tree_files_close(w.files);
    sp_repo_close(w.repo);
    return status;
}
