/* prompt.h - for targets whose property is one of a counted prompt. */
#ifndef TESTS_FUZZ_PROMPT_H
#define TESTS_FUZZ_PROMPT_H

#include "invariants.h"
#include "mutate.h"
#include "workspace/products.h"

/* Of a prompt and the size of the input; why says what does not hold. */
typedef bool (*fuzz_property)(sp_prompt *prompt, size_t size, char *why);

/* Builds the prompt of an input, which has the property. A request that is refused says why. */
static inline void fuzz_build(const fuzz_input *input, size_t size, fuzz_property holds)
{
    sp_prompt *prompt = NULL;
    sp_err err = { 0 };
    char why[INV_ROOM] = "";
    sp_status status = sp_prompt_build(&input->request, &prompt, &err);
    if (status != SP_OK)
        fuzz_require_refused(&err);
    bool hold = status != SP_OK || holds(prompt, size, why);
    if (!hold)
        fprintf(stderr, "%s\n", why);
    fuzz_require(hold);
    sp_prompt_free(prompt);
}

static inline void fuzz_prompt(const uint8_t *data, size_t size, fuzz_property holds)
{
    fuzz_input input;
    fuzz_open(&input, data, size);
    fuzz_build(&input, size, holds);
    fuzz_close(&input);
}

#endif
