/* fuzz_duplicates.c - any project: a copy that is reported is one, and costs what is said. */
#include "base/types.h"
#include "invariants_waste.h"
#include "prompt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool holds(sp_prompt *prompt, size_t size, char *why)
{
    (void)size;
    return inv_waste(prompt, why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_prompt(data, size, holds);
    return 0;
}
