/* find.c - the model of a name, and the table that is built in. */
#include "base/near.h"
#include "base/types.h"
#include "tokenizer/models/model.h"
#include "tokenizer/models/models.h"
#include "tokenizer/tokens.h"

#include "models_table.h" /* made by tokenizers/models-build.c */

#include <stdlib.h>

/* ---- tables ------------------------------------------------------------------------------------------------- */

static sp_model_rows own_rows(const sp_models *models)
{
    return models ? models->rows : (sp_model_rows){ NULL, 0 };
}

const sp_model *sp_model_at(const sp_models *models, size_t index)
{
    sp_model_rows own = own_rows(models);
    if (index < own.count)
        return own.items + index;
    index -= own.count;
    for (size_t i = 0; i < SP_COUNT_OF(built_in); i++) { /* but for those that a row of the file stands for */
        bool is_hidden = false;
        for (size_t j = 0; j < own.count && !is_hidden; j++)
            is_hidden = sp_str_eq(SP_MODEL_STR(&own.items[j], id), SP_MODEL_STR(&built_in[i], id));
        if (!is_hidden && index-- == 0)
            return &built_in[i];
    }
    return NULL;
}

sp_str sp_models_as_of(void)
{
    sp_str newest = SP_STR("");
    for (size_t i = 0; i < SP_COUNT_OF(built_in); i++)
        for (size_t f = 0; f < sp_model_field_count; f++) {
            const sp_model_field *field = &sp_model_fields[f];
            sp_str day = { NULL, 0 };
            if (strcmp(field->name, "as_of") == 0)
                day =
                    sp_model_text(&built_in[i], *(const sp_model_words *)((const char *)&built_in[i] + field->offset));
            newest = day.ptr && sp_str_cmp(day, newest) > 0 ? day : newest;
        }
    return newest;
}

/* Days of the Gregorian calendar, with a year that begins in March so that a leap day is its last. */
static int64_t days_of(uint32_t year, uint32_t month, uint32_t day)
{
    int64_t y = (int64_t)year - (month < 3), shifted = (month + 9) % 12;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * shifted + 2) / 5 + day;
}

static uint32_t number_at(sp_str text, size_t begin, size_t end)
{
    uint32_t number = 0;
    for (; begin < end && begin < text.len; begin++)
        number = number * 10 + (uint32_t)(text.ptr[begin] - '0');
    return number;
}

uint32_t sp_models_age_days(uint32_t today)
{
    sp_str newest = sp_models_as_of();
    int64_t then = days_of(number_at(newest, 0, 4), number_at(newest, 5, 7), number_at(newest, 8, 10));
    int64_t now = days_of(today / 10000, today / 100 % 100, today % 100);
    return now > then ? (uint32_t)(now - then) : 0;
}

/* ---- texts --------------------------------------------------------------------------------------------------- */

sp_str sp_model_next_alias(const sp_model *model, sp_str alias)
{
    sp_str all = SP_MODEL_STR(model, aliases);
    if (!all.ptr)
        return all;
    const char *next = alias.ptr ? alias.ptr + alias.len + 1 : all.ptr;
    return next < all.ptr + all.len ? sp_str_of(next) : (sp_str){ NULL, 0 };
}

/* ---- names --------------------------------------------------------------------------------------------------- */

static bool is_name_of(const sp_model *model, sp_str name)
{
    if (!model->is_prefix && sp_str_eq(SP_MODEL_STR(model, id), name))
        return true;
    sp_str alias = { NULL, 0 };
    while ((alias = sp_model_next_alias(model, alias)).ptr)
        if (sp_str_eq(alias, name))
            return true;
    return false;
}

static const sp_model *find_exact(const sp_models *models, sp_str name)
{
    sp_model_rows own = own_rows(models);
    for (size_t i = 0; i < own.count; i++)
        if (is_name_of(&own.items[i], name))
            return own.items + i;
    for (size_t i = 0; i < SP_COUNT_OF(built_in); i++)
        if (is_name_of(&built_in[i], name))
            return &built_in[i];
    return NULL;
}

static const sp_model *find_prefix(sp_model_rows rows, sp_str name)
{
    for (size_t i = 0; i < rows.count; i++)
        if (rows.items[i].is_prefix && sp_str_starts(name, SP_MODEL_STR(&rows.items[i], id)))
            return rows.items + i;
    return NULL;
}

enum { MAX_NAME = 128 }; /* of a model that is written another way */

static bool are_digits(sp_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len > 0;
}

/* openrouter/openai/gpt-5:free (LiteLLM, OpenRouter), as OpenAI has it. */
static sp_str without_route(sp_str name)
{
    size_t slash = name.len;
    while (slash > 0 && name.ptr[slash - 1] != '/')
        slash--;
    if (slash == 0)
        return name;
    name = sp_str_slice(name, slash, name.len);
    size_t variant = sp_str_find(name, SP_STR(":"), 0);
    bool is_version = variant != SIZE_MAX && sp_str_find(name, SP_STR("anthropic."), 0) != SIZE_MAX;
    return variant == SIZE_MAX || is_version ? name : sp_str_slice(name, 0, variant);
}

/* claude-sonnet-4.5 (OpenRouter) as Anthropic has it, in buffer where that differs. */
static sp_str without_dots(sp_str name, char buffer[MAX_NAME])
{
    if (!sp_str_starts(name, SP_STR("claude-")) || name.len > MAX_NAME || sp_str_find(name, SP_STR("."), 0) == SIZE_MAX)
        return name;
    for (size_t i = 0; i < name.len; i++)
        buffer[i] = name.ptr[i] == '.' ? '-' : name.ptr[i];
    return (sp_str){ buffer, name.len };
}

/* us.anthropic.claude-haiku-4-5-20251001-v1:0 (Amazon) and claude-opus-4-5@20251101 (Google), as Anthropic has them. */
static sp_str plain_name(sp_str name)
{
    static const sp_str vendor = { "anthropic.", 10 };
    name = without_route(name);
    size_t at = sp_str_find(name, vendor, 0);
    if (at != SIZE_MAX)
        name = sp_str_slice(name, at + vendor.len, name.len);
    size_t version = sp_str_find(name, SP_STR("-v"), 0);
    if (at != SIZE_MAX && version != SIZE_MAX)
        name.len = version;
    size_t date = sp_str_find(name, SP_STR("@"), 0);
    return date == SIZE_MAX ? name : sp_str_slice(name, 0, date);
}

/* Without a date such as -20251001 at its end. */
static sp_str without_date(sp_str name)
{
    enum { DATE_LEN = 9 };
    bool has_date = name.len > DATE_LEN && name.ptr[name.len - DATE_LEN] == '-' &&
                    are_digits(sp_str_slice(name, name.len - DATE_LEN + 1, name.len));
    return has_date ? sp_str_slice(name, 0, name.len - DATE_LEN) : name;
}

/* anthropic/claude-3.5-haiku (OpenRouter): the dots are hyphens, and the date at the end is left out. */
static const sp_model *find_routed(sp_str plain)
{
    enum { DATE_LEN = 9 };
    char buffer[MAX_NAME];
    sp_str name = without_dots(plain, buffer);
    const sp_model *found = find_exact(NULL, name);
    for (size_t i = 0; i < SP_COUNT_OF(built_in) && !found && sp_str_starts(name, SP_STR("claude-")); i++) {
        bool is_dated = SP_MODEL_STR(&built_in[i], id).len == name.len + DATE_LEN &&
                        sp_str_starts(SP_MODEL_STR(&built_in[i], id), name);
        found = is_dated ? &built_in[i] : NULL;
    }
    return found;
}

const sp_model *sp_model_find(const sp_models *models, sp_str name)
{
    if (sp_str_ends(name, SP_STR("[1m]"))) /* the window that Claude Code is to use */
        name.len -= 4;
    sp_str plain = plain_name(name);
    sp_str spellings[] = { name, plain, without_date(plain) };
    const sp_model *found = NULL;
    for (size_t i = 0; i < SP_COUNT_OF(spellings) && !found; i++)
        found = find_exact(models, spellings[i]);
    if (!found && sp_str_find(name, SP_STR("/"), 0) != SIZE_MAX)
        found = find_routed(plain);
    if (!found)
        found = find_prefix(own_rows(models), name);
    if (!found)
        found = find_prefix((sp_model_rows){ built_in, SP_COUNT_OF(built_in) }, name);
    if (!found && !sp_str_eq(plain, name))
        found = find_prefix((sp_model_rows){ built_in, SP_COUNT_OF(built_in) }, plain);
    return found;
}

/* "gpt-4-32k" begins other names and is one itself, "gpt-4-" is none. */
static bool is_beginning(const sp_model *model)
{
    return model->is_prefix && sp_str_ends(SP_MODEL_STR(model, id), SP_STR("-"));
}

sp_status sp_model_near(const sp_models *models, sp_str name, sp_str *ret, sp_err *err)
{
    const sp_model *model;
    size_t room = 1, count = 0;
    for (size_t i = 0; (model = sp_model_at(models, i)) != NULL; i++)
        room += 1 + model->aliases.len_bytes;
    sp_str *names = calloc(room, sizeof *names);
    if (!names)
        return sp_err_memory(err);
    for (size_t i = 0; (model = sp_model_at(models, i)) != NULL; i++) {
        if (!is_beginning(model) && SP_MODEL_STR(model, tokenizer).ptr)
            names[count++] = SP_MODEL_STR(model, id);
        sp_str alias = { NULL, 0 };
        while ((alias = sp_model_next_alias(model, alias)).ptr)
            names[count++] = alias;
    }
    size_t nearest = sp_near(name, names, count);
    *ret = nearest == SIZE_MAX ? (sp_str){ NULL, 0 } : names[nearest];
    free(names);
    return SP_OK;
}

/* ---- encodings ------------------------------------------------------------------------------------------------- */

const sp_encoding *sp_encoding_for_model(sp_str name)
{
    const sp_model *model = sp_model_find(NULL, name);
    return model ? sp_encoding_find(SP_MODEL_STR(model, tokenizer)) : NULL;
}

static sp_status unknown_model(sp_str name, const sp_models *models, sp_err *err)
{
    sp_str near = { NULL, 0 };
    if (sp_encoding_find(name))
        return sp_err_set(err, SP_ERR_USAGE, "%.*s is an encoding; give --encoding=%.*s", SP_STR_ARG(name),
                          SP_STR_ARG(name));
    if (sp_str_eq_nocase(name, SP_STR("claude")))
        return sp_err_set(
            err, SP_ERR_USAGE,
            "claude names several models; did you mean opus, sonnet or haiku? (count --models lists all)");
    SP_TRY(sp_model_near(models, name, &near, err));
    if (near.ptr)
        return sp_err_set(err, SP_ERR_USAGE, "unknown model %.*s; did you mean %.*s? (count --models lists all)",
                          SP_STR_ARG(name), SP_STR_ARG(near));
    return sp_err_set(
        err, SP_ERR_USAGE,
        "unknown model %.*s (count --models lists all); name its encoding with --encoding, or the file of "
        "its tokenizer with --tokenizer",
        SP_STR_ARG(name));
}

/* The first encoding whose name begins with that one, as o200k_base does with o200k; else the nearest. */
static size_t find_near(sp_str name, const sp_str *names, size_t count)
{
    for (size_t i = 0; i < count && name.len > 2; i++)
        if (sp_str_starts(names[i], name))
            return i;
    return sp_near(name, names, count);
}

static sp_status unknown_encoding(sp_str name, sp_err *err)
{
    sp_str names[16];
    size_t count = 0;
    if (sp_model_find(NULL, name))
        return sp_err_set(err, SP_ERR_USAGE, "%.*s is a model; give --model=%.*s", SP_STR_ARG(name), SP_STR_ARG(name));
    if (sp_str_eq_nocase(name, SP_STR("claude")))
        return sp_err_set(err, SP_ERR_USAGE,
                          "claude has several tokenizers; did you mean claude-4.7 (Opus 4.7 and later, Claude 5) or "
                          "claude-v3?");
    for (size_t i = 0; sp_encoding_at(i); i++)
        names[count++] = sp_str_of(sp_encoding_name(sp_encoding_at(i)));
    for (size_t i = 0; sp_estimate_at(i); i++)
        names[count++] = sp_str_of(sp_encoding_name(sp_estimate_at(i)));
    size_t nearest = find_near(name, names, count);
    if (nearest != SIZE_MAX)
        return sp_err_set(err, SP_ERR_USAGE, "unknown encoding %.*s; did you mean %.*s?", SP_STR_ARG(name),
                          SP_STR_ARG(names[nearest]));
    return sp_err_set(err, SP_ERR_USAGE,
                      "unknown encoding %.*s; there are r50k_base, p50k_base, p50k_edit, cl100k_base, o200k_base, "
                      "o200k_harmony, and the estimates claude-v3 and claude-4.7",
                      SP_STR_ARG(name));
}

static sp_status not_in_program(const sp_model *model, sp_str name, sp_err *err)
{
    return sp_err_set(
        err, SP_ERR_USAGE,
        "the tokenizer of %.*s (%.*s) is not in the program: give its file with --tokenizer, or save it as "
        "$XDG_DATA_HOME/sysprompt/%.*s.json and give --tokenizer=%.*s (%.*s)",
        SP_STR_ARG(name), SP_STR_ARG(SP_MODEL_STR(model, tokenizer_file)),
        SP_STR_ARG(SP_MODEL_STR(model, tokenizer_file)), SP_STR_ARG(SP_MODEL_STR(model, tokenizer_file)),
        SP_STR_ARG(SP_MODEL_STR(model, tokenizer_get)));
}

sp_status sp_encoding_choose(sp_str encoding, sp_str model, const sp_models *models, const sp_encoding **ret_encoding,
                             sp_err *err)
{
    const sp_encoding *found = NULL;
    if (encoding.ptr) {
        found = sp_encoding_find(encoding);
        if (!found)
            return unknown_encoding(encoding, err);
    } else if (model.ptr) {
        const sp_model *known = sp_model_find(models, model);
        if (!known)
            return unknown_model(model, models, err);
        if (!SP_MODEL_STR(known, tokenizer).ptr)
            return not_in_program(known, model, err);
        found = sp_encoding_find(SP_MODEL_STR(known, tokenizer));
    }
    *ret_encoding = found;
    return SP_OK;
}
