/*
 * fuzz_trim.c - any project and two budgets: what is left fits, all its bytes are accounted for, a smaller budget keeps
 * no more than a larger one, and the same one the same.
 */
#include "base/types.h"
#include "prompt.h"
#include "trim/budget.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Trims to a number of tokens. */
static bool trims(sp_prompt *prompt, size_t budget, char *why)
{
    sp_err err;
    fuzz_require(sp_prompt_trim(prompt, budget, SP_TRIM_SMALLEST, &err) == SP_OK);
    INV(prompt->tokens == prompt->trim->tokens && prompt->trim->fits == (prompt->tokens <= budget),
        "a budget of %zu leaves %zu tokens", budget, prompt->tokens);
    return inv_prompt(prompt, why);
}

static bool holds(sp_prompt *prompt, size_t size, char *why)
{
    const size_t budget = prompt->tokens * (size % 7) / 6, next = size % 2 ? budget : budget / 2;
    char first[sizeof prompt->trim->sha256];
    if (!trims(prompt, budget, why))
        return false;
    const size_t units = prompt->trim->unit_count;
    memcpy(first, prompt->trim->sha256, sizeof first);
    if (!trims(prompt, next, why))
        return false;
    INV(prompt->trim->unit_count >= units, "a budget of %zu keeps more than one of %zu", next, budget);
    INV(size % 2 == 0 || strcmp(first, prompt->trim->sha256) == 0,
        "a budget of %zu gives something else the second time", budget);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_prompt(data, size, holds);
    return 0;
}
