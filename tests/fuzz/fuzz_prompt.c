/*
 * fuzz_prompt.c - any project as a prompt, in both layouts: every format prints it, any file may be asked about, and
 * what a cache keeps is told rightly. Of what is slow; fuzz_load, fuzz_trim, fuzz_tree and fuzz_duplicates hold a
 * prompt to the rest.
 */
#include "base/types.h"
#include "invariants_cache.h"
#include "prompt.h"
#include "report/format.h"
#include "report/reports.h"
#include "trim/budget.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_format(const sp_prompt *prompt, sp_format format)
{
    char *bytes;
    size_t len;
    sp_err err;
    bool is_why = format == SP_FORMAT_WHY || format == SP_FORMAT_WHY_JSON;
    bool is_plan = format == SP_FORMAT_PLAN || format == SP_FORMAT_PLAN_JSON;
    bool has_none = (format == SP_FORMAT_TEXT && prompt->message_count > 1) || (is_why && !prompt->why) ||
                    (is_plan && !prompt->trim);
    sp_status status = sp_prompt_render(prompt, format, NULL, &bytes, &len, &err);
    fuzz_require(status == (has_none ? SP_ERR_USAGE : SP_OK));
    if (has_none)
        return;
    fuzz_require(sp_utf8_find_invalid((sp_str){ bytes, len }, 0) == SIZE_MAX);
    free(bytes);
}

/* What is in the prompt has a source. */
static bool why_holds(const sp_prompt *prompt, char *why)
{
    if (!prompt->why)
        return true;
    INV(prompt->why->source != SP_NONE || prompt->why->why.len, "a question has no answer");
    INV(!prompt->why->is_in_prompt || prompt->sources[prompt->why->source].is_loaded, "what is told is not loaded");
    return true;
}

static bool holds(sp_prompt *prompt, size_t size, char *why)
{
    sp_err err;
    bool hold = inv_prompt(prompt, why) && inv_caching(prompt, why) && why_holds(prompt, why);
    if (size % 2)
        fuzz_require(sp_prompt_trim(prompt, prompt->tokens / 2, SP_TRIM_SMALLEST, &err) == SP_OK);
    for (int format = SP_FORMAT_TEXT; format <= SP_FORMAT_PLAN_JSON && hold; format++)
        check_format(prompt, (sp_format)format);
    return hold;
}

/* The same request in the other layout, and asked about a file of the project or a line of it. */
static void check_layouts(fuzz_input *input, const sp_prompt *prompt, size_t size)
{
    sp_prompt *other = NULL;
    sp_err err;
    char why[INV_ROOM] = "";
    sp_request request = input->request;
    request.layout = request.layout == SP_LAYOUT_FLAT ? SP_LAYOUT_SPLIT : SP_LAYOUT_FLAT;
    fuzz_require(sp_prompt_build(&request, &other, &err) == SP_OK);
    bool is_flat = request.layout == SP_LAYOUT_SPLIT;
    bool hold = inv_layouts(is_flat ? prompt : other, is_flat ? other : prompt, why) && holds(other, size, why);
    if (!hold)
        fprintf(stderr, "%s\n", why);
    fuzz_require(hold);
    sp_prompt_free(other);
}

static const char *ask_about(fuzz_input *input, size_t size)
{
    const fuzz_project *project = &input->project;
    sp_str path = project->count ? project->files[size % project->count].path : SP_STR("/r/p/CLAUDE.md");
    sp_str asked = size % 3 ? path : sp_str_format(&input->arena, "%.*s:%zu", SP_STR_ARG(path), size / 2 % 5 + 1);
    return sp_str_format(&input->arena, "%.*s", SP_STR_ARG(asked)).ptr;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input;
    sp_prompt *prompt = NULL;
    sp_err err = { 0 };
    fuzz_open(&input, data, size);
    sp_status status = sp_prompt_build(&input.request, &prompt, &err);
    if (status != SP_OK)
        fuzz_require_refused(&err);
    if (status == SP_OK)
        check_layouts(&input, prompt, size);
    sp_prompt_free(prompt);
    input.request.why = ask_about(&input, size);
    fuzz_build(&input, size, holds);
    fuzz_close(&input);
    return 0;
}
