/*
 * fuzz_diff.c - any project before and after: the files of the comparison sum to both prompts, their rows to the files.
 *
 * Before, the last file is not there, and the first two have each other's text.
 */
#include "base/types.h"
#include "diff/match.h"
#include "invariants.h"
#include "mutate.h"
#include "workspace/products.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make_old(fuzz_project *project)
{
    if (project->count < 2)
        return;
    sp_str text = project->files[0].text;
    project->files[0].text = project->files[1].text;
    project->files[1].text = text;
    project->count--;
}

static bool row_holds(const sp_diff_row *row, char *why)
{
    INV(row->change != SP_CHANGE_NEW || row->old_tokens == 0, "a new row has %zu old tokens", row->old_tokens);
    INV(row->change != SP_CHANGE_GONE || row->new_tokens == 0, "a row that is gone has %zu tokens", row->new_tokens);
    /* A token that reaches over an edge counts where it begins: equal text has one more or less at each of its ends. */
    size_t apart =
        row->old_tokens > row->new_tokens ? row->old_tokens - row->new_tokens : row->new_tokens - row->old_tokens;
    INV(row->change != SP_CHANGE_NONE || apart <= 2 || row->headings.count == 0,
        "an unchanged row has %zu and %zu tokens", row->old_tokens, row->new_tokens);
    return true;
}

static bool holds(const sp_diff_prompt *diff, char *why)
{
    size_t olds = 0, news = 0;
    for (size_t i = 0; i < diff->file_count; i++) {
        const sp_diff_file *file = &diff->files[i];
        size_t old_rows = 0, new_rows = 0;
        for (size_t r = 0; r < file->row_count; r++) {
            old_rows += file->rows[r].change == SP_CHANGE_LEFT ? 0 : file->rows[r].old_tokens;
            new_rows += file->rows[r].new_tokens;
            if (!row_holds(&file->rows[r], why))
                return false;
        }
        INV(new_rows == file->new_tokens, "the rows of file %zu have %zu of %zu tokens", i, new_rows, file->new_tokens);
        olds += file->old_tokens;
        news += file->new_tokens;
        (void)old_rows;
    }
    INV(olds == diff->old_tokens && news == diff->new_tokens, "the files have %zu and %zu tokens, not %zu and %zu",
        olds, news, diff->old_tokens, diff->new_tokens);
    return true;
}

static void compare(sp_arena *arena, const sp_prompt *before, const sp_prompt *after, bool by_path)
{
    sp_parts old_parts, new_parts;
    sp_match match;
    sp_diff_prompt diff = { 0 };
    sp_err err;
    char why[INV_ROOM] = "";
    fuzz_require(sp_parts_of_prompt(arena, before, by_path, &old_parts, &err) == SP_OK);
    fuzz_require(sp_parts_of_prompt(arena, after, by_path, &new_parts, &err) == SP_OK);
    fuzz_require(sp_match_parts(arena, &old_parts, &new_parts, &match, &err) == SP_OK);
    fuzz_require(sp_match_rows(arena, &match, NULL, &diff, &err) == SP_OK);
    bool hold = holds(&diff, why);
    if (!hold)
        fprintf(stderr, "%s\n", why);
    fuzz_require(hold);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input;
    sp_prompt *before = NULL, *after = NULL;
    sp_err err = { 0 };
    fuzz_open(&input, data, size);
    sp_status status = sp_prompt_build(&input.request, &after, &err);
    make_old(&input.project);
    if (status == SP_OK)
        status = sp_prompt_build(&input.request, &before, &err);
    if (status != SP_OK)
        fuzz_require_refused(&err);
    if (status == SP_OK)
        compare(&input.arena, before, after, size % 2);
    sp_prompt_free(before);
    sp_prompt_free(after);
    fuzz_close(&input);
    return 0;
}
