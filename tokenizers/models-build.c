/*
 * models-build.c - makes the table of models that is built in.
 *
 *   models-build models.yaml models_table.h
 */
#include "base/types.h"
#include "tokenizer/models/model.h"
#include "tokenizer/models/models.h"
#include "tokenizer/tokens.h"

#include <stdio.h>
#include <stdlib.h>

static void die(const char *what, const char *where)
{
    fprintf(stderr, "models-build: %s: %s\n", where, what);
    exit(1);
}

/* The reader asks whether there is an encoding of a name. All are checked when the table is used (tests/unit). */
sp_status sp_encoding_choose(sp_str encoding, sp_str model, const sp_models *models, const sp_encoding **ret_encoding,
                             sp_err *err)
{
    (void)encoding, (void)model, (void)models, (void)ret_encoding, (void)err;
    return SP_OK;
}

static void write_text(FILE *out, sp_str text)
{
    fprintf(out, "{ \"");
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < ' ' || text.ptr[i] == '"' || text.ptr[i] == '\\')
            die("a character that has no place in a name or a source", text.ptr);
        fputc(text.ptr[i], out);
    }
    fprintf(out, "\", %zu }", text.len);
}

static void write_names(FILE *out, const sp_model *model, size_t index)
{
    if (model->alias_count == 0)
        return;
    fprintf(out, "static const sp_str aliases_%zu[] = {", index);
    for (size_t i = 0; i < model->alias_count; i++) {
        fprintf(out, " ");
        write_text(out, model->aliases[i]);
        fprintf(out, ",");
    }
    fprintf(out, " };\n");
}

static void write_field(FILE *out, const sp_model *model, const sp_model_field *field, size_t index)
{
    const void *member = (const char *)model + field->offset;
    switch (field->type) {
    case SP_MODEL_FLAG:
        if (*(const bool *)member)
            fprintf(out, "      .%s = true,\n", field->member);
        return;
    case SP_MODEL_NAMES:
        if (model->alias_count > 0)
            fprintf(out, "      .aliases = aliases_%zu, .alias_count = %zu,\n", index, model->alias_count);
        return;
    case SP_MODEL_NUMBER:
    case SP_MODEL_PRICE:
        if (*(const uint64_t *)member > 0)
            fprintf(out, "      .%s = %llu,\n", field->member, (unsigned long long)*(const uint64_t *)member);
        return;
    default:
        if (!((const sp_str *)member)->ptr)
            return;
        fprintf(out, "      .%s = ", field->member);
        write_text(out, *(const sp_str *)member);
        fprintf(out, ",\n");
    }
}

static void write_table(FILE *out, sp_model_rows models)
{
    fprintf(out, "/* Made by tokenizers/models-build.c from tokenizers/models.yaml. */\n");
    for (size_t i = 0; i < models.count; i++)
        write_names(out, &models.items[i], i);
    fprintf(out, "static const sp_model built_in[] = {\n");
    for (size_t i = 0; i < models.count; i++) {
        fprintf(out, "    {\n");
        for (size_t f = 0; f < sp_model_field_count; f++)
            write_field(out, &models.items[i], &sp_model_fields[f], i);
        fprintf(out, "    },\n");
    }
    fprintf(out, "};\n");
}

int main(int argc, char **argv)
{
    static char text[1 << 20];
    sp_arena arena = { 0 };
    sp_model_rows models;
    sp_err err;
    if (argc != 3)
        die("usage: models-build models.yaml models_table.h", "");
    FILE *in = fopen(argv[1], "rb");
    if (!in)
        die("cannot be read", argv[1]);
    size_t len = fread(text, 1, sizeof text, in);
    if (ferror(in) || len == sizeof text)
        die("cannot be read, or is too large", argv[1]);
    fclose(in);
    if (sp_models_parse(&arena, sp_str_of(argv[1]), (sp_str){ text, len }, &models, &err) != SP_OK) {
        fprintf(stderr, "%s:%u:%u: %s\n", err.path, err.line, err.column, err.message);
        return 1;
    }
    FILE *out = fopen(argv[2], "w");
    if (!out)
        die("cannot be written", argv[2]);
    write_table(out, models);
    sp_arena_release(&arena);
    return fclose(out) == 0 ? 0 : 1;
}
