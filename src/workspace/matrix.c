/* matrix.c - a prompt for each client, directory or agent, and the table of their files. */
#include "workspace/matrix.h"
#include "base/base.h"
#include "base/numbers.h"
#include "base/types.h"
#include "clients/profiles.h"
#include "explain/matrix/matrix.h"
#include "model/agent_list.h"
#include "model/prompt.h"
#include "rules/profile.h"
#include "sources/client.h"
#include "sources/place.h"
#include "workspace/products.h"

#include <stdlib.h>

enum { MAX_DIRECTORIES = 24 }; /* that are found; as many as anybody reads */

typedef struct builder {
    sp_arena *arena;
    const sp_matrix_request *wanted;
    sp_matrix *matrix;
    sp_list(sp_matrix_column) columns;
    size_t bytes; /* of all prompts until now */
} builder;

/* A configuration with which the client does not start, or an agent that it refuses. */
static sp_str problem_of(sp_arena *arena, const sp_prompt *prompt)
{
    for (size_t i = 0; i < prompt->diagnostic_count; i++) {
        const sp_diagnostic *diagnostic = &prompt->diagnostics[i];
        if (diagnostic->level == SP_FINDING)
            return sp_str_format(arena, "%.*s%s%.*s", SP_STR_ARG(diagnostic->path), diagnostic->path.len ? ": " : "",
                                 SP_STR_ARG(diagnostic->message));
    }
    return (sp_str){ NULL, 0 };
}

/* The text of a prompt, or of the files that load where that is more: a file of line ends alone is read, too. */
static size_t size_of(const sp_prompt *prompt)
{
    size_t text_bytes = sp_prompt_bytes(prompt);
    size_t file_bytes = 0;
    for (size_t i = 0; i < prompt->source_count; i++)
        file_bytes += prompt->sources[i].is_loaded ? prompt->sources[i].bytes.len : 0;
    return file_bytes > text_bytes ? file_bytes : text_bytes;
}

/* Each of many prompts costs as much as a command of its own. Only those that nobody would send count, so that a table
 * of a thousand agents is none of these. */
static sp_status check_size(builder *b, const sp_prompt *prompt, sp_err *err)
{
    enum { LARGE_BYTES = 512 << 10 };
    const size_t most = (size_t)sp_own_limit(SP_RULE_MATRIX_BYTES);
    size_t bytes = size_of(prompt);
    b->bytes += bytes > LARGE_BYTES ? bytes : 0;
    if (b->bytes <= most)
        return SP_OK;
    static const char *const names[] = {
        [SP_MATRIX_BY_CLIENT] = "clients", [SP_MATRIX_BY_DIRECTORY] = "directories", [SP_MATRIX_BY_AGENT] = "agents"
    };
    return sp_err_at(err, SP_ERR_INPUT, (sp_str){ NULL, 0 }, (sp_str){ NULL, 0 }, 0, sp_rule_id(SP_RULE_MATRIX_BYTES),
                     "the table's prompts of more than 512 KiB read more than %s bytes together; name fewer %s%s",
                     SP_NUMBER(most), names[b->wanted->by],
                     b->wanted->by == SP_MATRIX_BY_CLIENT ? " with --clients" : "");
}

static sp_status fill_in(builder *b, const sp_prompt *prompt, sp_str name, sp_matrix_column *column, sp_err *err)
{
    const sp_profile *profile;
    SP_TRY(sp_profile_choose(b->arena, prompt->profile, &profile, err));
    *column = (sp_matrix_column){ .name = name,
                                  .profile = profile,
                                  .is_measured = sp_profile_is_measured(prompt->profile),
                                  .problem = problem_of(b->arena, prompt) };
    b->matrix->encoding = prompt->encoding;
    b->matrix->exact = prompt->exact;
    return sp_matrix_take(b->arena, prompt, column, err);
}

/* The prompts are built one after the other, and each goes before the next: each may hold megabytes. */
static sp_status add_column(builder *b, const sp_request *request, sp_str name, sp_err *err)
{
    sp_prompt *prompt;
    sp_matrix_column *column = SP_LIST_PUSH(b->arena, &b->columns);
    if (!column)
        return sp_err_memory(err);
    SP_TRY(sp_prompt_build(request, &prompt, err));
    sp_status status = check_size(b, prompt, err);
    if (status == SP_OK)
        status = fill_in(b, prompt, name, column, err);
    sp_prompt_free(prompt);
    return status;
}

/* The client's name; where another version of it has a column, too, with the version. */
static sp_str column_name(const sp_matrix_request *wanted, size_t index)
{
    const sp_profile *profile = wanted->profiles[index];
    for (size_t i = 0; i < wanted->profile_count; i++)
        if (i != index && wanted->profiles[i]->client == profile->client)
            return sp_str_of(sp_profile_name(profile));
    return sp_str_of(profile->client->name);
}

static sp_status add_clients(builder *b, sp_request *request, sp_err *err)
{
    for (size_t i = 0; i < b->wanted->profile_count; i++) {
        request->profile = b->wanted->profiles[i];
        SP_TRY(add_column(b, request, column_name(b->wanted, i), err));
    }
    return SP_OK;
}

/* ---- directories --------------------------------------------------------------------------------------------- */

static int compare_paths(const void *a, const void *b)
{
    return sp_str_cmp(*(const sp_str *)a, *(const sp_str *)b);
}

/* The directory that a file is about: above .claude, .github and the like. */
static sp_str folder_of(sp_str path)
{
    size_t end = 0;
    for (size_t at = 0; at < path.len; at++) {
        if (path.ptr[at] == '.' && (at == 0 || path.ptr[at - 1] == '/'))
            break;
        if (path.ptr[at] == '/')
            end = at;
    }
    return sp_str_slice(path, 0, end);
}

/* The directories below the launch directory that a file of the first prompt lies in, by name. */
static sp_status find_directories(builder *b, const char *launch, sp_err *err)
{
    sp_list(sp_str) found = { 0 };
    size_t file_count = b->columns.items[0].file_count;
    for (size_t i = 0; i < file_count; i++) {
        const sp_matrix_file *file = &b->columns.items[0].files[i];
        sp_str folder = folder_of(file->name);
        bool is_below = folder.len && file->name.ptr[0] != '/' && file->name.ptr[0] != '~' &&
                        (file->kind == SP_SOURCE_INSTRUCTIONS || file->kind == SP_SOURCE_RULE);
        for (size_t n = 0; n < found.count && is_below; n++)
            is_below = !sp_str_eq(found.items[n], folder);
        sp_str *slot = is_below ? SP_LIST_PUSH(b->arena, &found) : NULL;
        if (is_below && !slot)
            return sp_err_memory(err);
        if (slot)
            *slot = folder;
    }
    if (found.count)
        qsort(found.items, found.count, sizeof *found.items, compare_paths);
    for (size_t i = 0; i < found.count && i < MAX_DIRECTORIES; i++) {
        sp_request request = *b->wanted->request;
        sp_str path = sp_path_join(b->arena, sp_str_of(launch), found.items[i]);
        if (!path.ptr)
            return sp_err_memory(err);
        request.launch_dir = path.ptr;
        request.finds_unread = true;
        SP_TRY(add_column(b, &request, found.items[i], err));
    }
    return SP_OK;
}

static sp_status add_directories(builder *b, sp_request *request, sp_err *err)
{
    const sp_matrix_request *wanted = b->wanted;
    const char *launch = request->launch_dir ? request->launch_dir : ".";
    for (size_t i = 0; i < wanted->name_count; i++) {
        sp_str path = sp_path_join(b->arena, sp_str_of(launch), sp_str_of(wanted->names[i]));
        if (!path.ptr)
            return sp_err_memory(err);
        request->launch_dir = path.ptr;
        SP_TRY(add_column(b, request, sp_str_of(wanted->names[i]), err));
    }
    if (wanted->name_count)
        return SP_OK;
    SP_TRY(add_column(b, request, SP_STR("."), err));
    return find_directories(b, launch, err);
}

/* ---- agents -------------------------------------------------------------------------------------------------- */

static sp_status add_agent(builder *b, sp_request *request, const char *name, sp_err *err)
{
    request->agent = name;
    return add_column(b, request, sp_str_of(name), err);
}

static sp_status add_listed_agents(builder *b, sp_request *request, const sp_agent_list *list, sp_err *err)
{
    for (size_t i = 0; i < list->agent_count; i++) {
        if (list->agents[i].status != SP_AGENT_LOADS || !list->agents[i].name.ptr)
            continue;
        sp_str name = sp_str_dup(b->arena, list->agents[i].name);
        if (!name.ptr)
            return sp_err_memory(err);
        SP_TRY(add_agent(b, request, name.ptr, err));
    }
    return SP_OK;
}

static sp_status add_agents(builder *b, sp_request *request, sp_err *err)
{
    const sp_matrix_request *wanted = b->wanted;
    sp_agent_list *list = NULL;
    SP_TRY(add_column(b, request, SP_STR("main session"), err));
    for (size_t i = 0; i < wanted->name_count; i++)
        SP_TRY(add_agent(b, request, wanted->names[i], err));
    if (wanted->name_count)
        return SP_OK;
    SP_TRY(sp_agent_list_build(wanted->request, &list, err));
    sp_status status = add_listed_agents(b, request, list, err);
    sp_agent_list_free(list);
    return status;
}

/* ---- the table ----------------------------------------------------------------------------------------------- */

static sp_status make(sp_arena *arena, void *made, const void *asked, sp_err *err)
{
    const sp_matrix_request *wanted = asked;
    sp_matrix *matrix = made;
    sp_request request = *wanted->request;
    builder b = { .arena = arena, .wanted = wanted, .matrix = matrix };
    matrix->owner = arena;
    matrix->by = wanted->by;
    matrix->place = sp_str_dup(arena, sp_str_of(request.launch_dir ? request.launch_dir : "."));
    request.finds_unread = true;
    if (!matrix->place.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_place_find_current(arena, &matrix->current, err));
    switch (wanted->by) {
    case SP_MATRIX_BY_CLIENT:
        SP_TRY(add_clients(&b, &request, err));
        break;
    case SP_MATRIX_BY_DIRECTORY:
        SP_TRY(add_directories(&b, &request, err));
        break;
    case SP_MATRIX_BY_AGENT:
        SP_TRY(add_agents(&b, &request, err));
        break;
    }
    matrix->columns = b.columns.items;
    matrix->column_count = b.columns.count;
    return sp_matrix_fill(arena, matrix, err);
}

sp_status sp_matrix_run(const sp_matrix_request *wanted, sp_matrix **ret_matrix, sp_err *err)
{
    void *made;
    SP_TRY(sp_arena_build(sizeof **ret_matrix, make, wanted, &made, err));
    *ret_matrix = made;
    return SP_OK;
}

void sp_matrix_free(sp_matrix *matrix)
{
    if (matrix)
        sp_arena_free(matrix->owner);
}
