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
#include <string.h>

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

const sp_model *sp_model_of_no_encoding(sp_str name)
{
    (void)name;
    return NULL;
}

/* The reader's; those in the program are what is made here. */
const char sp_model_texts[] = "";

/* Every text once, with NUL at its end. */
static char texts[1 << 20];
static size_t texts_len;

static void place_text(FILE *out, sp_str text)
{
    size_t size = text.len + (text.ptr[text.len - 1] != '\0'); /* names have it already */
    const char *found = memmem(texts, texts_len, text.ptr, size);
    size_t at = found ? (size_t)(found - texts) : texts_len;
    for (size_t i = 0; i < text.len; i++)
        if ((text.ptr[i] && text.ptr[i] < ' ') || text.ptr[i] == '"' || text.ptr[i] == '\\')
            die("a character that has no place in a name or a source", text.ptr);
    if (!found) {
        if (size > sizeof texts - texts_len)
            die("too long", "the texts of all models");
        memcpy(texts + at, text.ptr, size);
        texts_len += size;
    }
    fprintf(out, "{ %zu, %zu }", at, text.len);
}

static void write_texts(FILE *out)
{
    fprintf(out, "const char sp_model_texts[] =\n");
    for (size_t at = 0; at < texts_len; at += strlen(texts + at) + 1)
        fprintf(out, "    \"%s\\0\"\n", texts + at);
    fprintf(out, "    ;\n");
}

static void write_field(FILE *out, const sp_model *model, const sp_model_field *field)
{
    const void *member = (const char *)model + field->offset;
    switch (field->type) {
    case SP_MODEL_FLAG:
        if (*(const bool *)member)
            fprintf(out, "      .%s = true,\n", field->member);
        return;
    case SP_MODEL_NUMBER:
    case SP_MODEL_PRICE:
        if (*(const uint64_t *)member > 0)
            fprintf(out, "      .%s = %llu,\n", field->member, (unsigned long long)*(const uint64_t *)member);
        return;
    default: /* of a text and of names */
        if (((const sp_model_words *)member)->len_bytes == 0)
            return;
        fprintf(out, "      .%s = ", field->member);
        place_text(out, sp_model_text(model, *(const sp_model_words *)member));
        fprintf(out, ",\n");
    }
}

static void write_table(FILE *out, sp_model_rows models)
{
    fprintf(out, "/* Made by tokenizers/models-build.c from tokenizers/models.yaml. */\n");
    fprintf(out, "static const sp_model built_in[] = {\n");
    for (size_t i = 0; i < models.count; i++) {
        fprintf(out, "    {\n");
        for (size_t f = 0; f < sp_model_field_count; f++)
            write_field(out, &models.items[i], &sp_model_fields[f]);
        fprintf(out, "    },\n");
    }
    fprintf(out, "};\n");
    write_texts(out);
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
