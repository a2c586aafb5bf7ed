/* fuzz_models.c - any bytes as a file of models: rows that can be used, or an error with a place. */
#include "base/types.h"
#include "tokenizer/models/model.h"
#include "tokenizer/models/models.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_row(const sp_model *model)
{
    require(SP_MODEL_STR(model, id).ptr && SP_MODEL_STR(model, id).len > 0);
    require(sp_encoding_find(SP_MODEL_STR(model, tokenizer)) != NULL);
    sp_str alias = { NULL, 0 };
    while ((alias = sp_model_next_alias(model, alias)).ptr)
        require(alias.ptr[alias.len] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sp_arena arena = { 0 };
    sp_model_rows rows = { NULL, 0 };
    sp_err err;
    if (sp_models_parse(&arena, SP_STR("fuzz.yaml"), (sp_str){ (const char *)data, size }, &rows, &err) == SP_OK) {
        for (size_t i = 0; i < rows.count; i++)
            check_row(&rows.items[i]);
    } else {
        require(err.status == SP_ERR_INPUT && err.line > 0 && err.column > 0 && err.message[0]);
    }
    (void)sp_model_find(NULL, (sp_str){ (const char *)data, size });
    sp_arena_release(&arena);
    return 0;
}
