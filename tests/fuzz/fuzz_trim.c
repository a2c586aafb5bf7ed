/*
 * fuzz_trim.c - any project and two budgets: what is left fits, all its bytes are accounted for, and the larger budget
 * keeps what the smaller one keeps.
 */
#include "base/types.h"
#include "prompt.h"
#include "trim/budget.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool holds(sp_prompt *prompt, size_t size, char *why)
{
    const size_t larger = prompt->tokens * (size % 7) / 6;
    const size_t budgets[] = { larger, larger / 2 };
    size_t units = 0;
    char first[sizeof prompt->trim->sha256];
    sp_err err;
    for (size_t i = 0; i < SP_COUNT_OF(budgets); i++) {
        fuzz_require(sp_prompt_trim(prompt, budgets[i], SP_TRIM_SMALLEST, &err) == SP_OK);
        INV(prompt->trim->unit_count >= units, "a budget of %zu keeps more than a larger one", budgets[i]);
        INV(prompt->tokens == prompt->trim->tokens && prompt->trim->fits == (prompt->tokens <= budgets[i]),
            "a budget of %zu leaves %zu tokens", budgets[i], prompt->tokens);
        units = prompt->trim->unit_count;
        if (!inv_prompt(prompt, why))
            return false;
        if (i == size % 2)
            continue;
        memcpy(first, prompt->trim->sha256, sizeof first);
        fuzz_require(sp_prompt_trim(prompt, budgets[i], SP_TRIM_SMALLEST, &err) == SP_OK);
        INV(strcmp(first, prompt->trim->sha256) == 0, "a budget of %zu gives something else the second time",
            budgets[i]);
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_prompt(data, size, holds);
    return 0;
}
