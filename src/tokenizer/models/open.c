/* open.c - a file of models, for as long as somebody asks it. */
#include "base/file.h"
#include "tokenizer/models/model.h"
#include "tokenizer/models/models.h"

#include <stdlib.h>

/* A list of models is a page; more is a mistake. */
#define MAX_FILE_BYTES ((uint64_t)1 << 20)

static sp_status read_models(sp_models *models, sp_str path, sp_err *err)
{
    sp_file file;
    SP_TRY(sp_reader_read(&sp_reader_disk, &models->arena, path, (sp_read_limits){ .max_bytes = MAX_FILE_BYTES }, &file,
                          err));
    if (file.state != SP_FILE_READ)
        return sp_err_unread(err, path, &file);
    return sp_models_parse(&models->arena, path, file.bytes, &models->rows, err);
}

sp_status sp_models_open(const char *path, sp_models **ret_models, sp_err *err)
{
    sp_models *models = calloc(1, sizeof *models);
    if (!models)
        return sp_err_memory(err);
    sp_status status = read_models(models, sp_str_of(path), err);
    if (status == SP_OK)
        *ret_models = models;
    else
        sp_models_free(models);
    return status;
}

void sp_models_free(sp_models *models)
{
    if (models)
        sp_arena_release(&models->arena);
    free(models);
}
