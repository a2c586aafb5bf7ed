/* find.c - the model of a name, and the table that is built in. */
#include "base/near.h"
#include "base/types.h"
#include "tokenizer/models/model.h"
#include "tokenizer/models/models.h"
#include "tokenizer/models/names.h"
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

uint32_t sp_models_age_days(sp_str as_of, uint32_t today)
{
    int64_t then = days_of(number_at(as_of, 0, 4), number_at(as_of, 5, 7), number_at(as_of, 8, 10));
    int64_t now = days_of(today / 10000, today / 100 % 100, today % 100);
    return now > then ? (uint32_t)(now - then) : 0;
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

/* An id of OpenAI or Anthropic is in lower case, and what they serve has no other. Those of others are written as their
 * vendors and hosts like it: Qwen/Qwen3-8B, DeepSeek-V3. */
static const sp_model *find_in_any_case(const sp_models *models, sp_str name)
{
    const sp_model *model;
    for (size_t i = 0; (model = sp_model_at(models, i)) != NULL; i++) {
        sp_str id = SP_MODEL_STR(model, id), alias = { NULL, 0 };
        if (SP_MODEL_STR(model, tokenizer).ptr)
            continue;
        if (sp_str_eq_nocase(name, id) ||
            (model->is_prefix && name.len > id.len && sp_str_eq_nocase(sp_str_slice(name, 0, id.len), id)))
            return model;
        while ((alias = sp_model_next_alias(model, alias)).ptr)
            if (sp_str_eq_nocase(name, alias))
                return model;
    }
    return NULL;
}

/* claude-3-5-haiku, whose id has a date. */
static const sp_model *find_dated(sp_str name)
{
    for (size_t i = 0; i < SP_COUNT_OF(built_in) && sp_str_starts(name, SP_STR("claude-")); i++) {
        sp_str id = SP_MODEL_STR(&built_in[i], id);
        if (id.len > name.len && sp_str_eq(sp_model_without_date(id), name))
            return &built_in[i];
    }
    return NULL;
}

/* anthropic/claude-3.5-haiku (OpenRouter): the dots are hyphens, and the date at the end is left out. */
static const sp_model *find_routed(sp_str plain)
{
    char buffer[SP_MODEL_NAME_ROOM];
    sp_str name = sp_model_without_dots(plain, buffer);
    const sp_model *found = find_exact(NULL, name);
    return found ? found : find_dated(name);
}

/* "gpt-4-32k" begins other names and is one itself, "gpt-4-" is none. */
static bool is_beginning(const sp_model *model)
{
    return model->is_prefix && sp_str_ends(SP_MODEL_STR(model, id), SP_STR("-"));
}

/* The model of an id that differs in dashes or dots alone, as gpt-4o does from gpt-4-o, which begins as gpt-4-0613. */
static const sp_model *find_other_spelling(const sp_models *models, sp_str name)
{
    const sp_model *model, *found = NULL;
    for (size_t i = 0; (model = sp_model_at(models, i)) != NULL; i++) {
        if (sp_str_eq(SP_MODEL_STR(model, id), name))
            return NULL;
        if (!found && !is_beginning(model) && sp_near_same(SP_MODEL_STR(model, id), name))
            found = model;
    }
    return found;
}

static const sp_model *find_any(const sp_models *models, sp_str name)
{
    char buffer[SP_MODEL_NAME_ROOM];
    sp_str vendor;
    if (sp_str_ends(name, SP_STR("[1m]"))) /* the window that Claude Code is to use */
        name.len -= 4;
    sp_str plain = sp_model_plain_name(name, &vendor);
    sp_str whole = sp_model_with_vendor(vendor, plain, buffer);
    sp_str spellings[] = { name, plain, sp_model_without_date(plain) };
    sp_model_rows all = { built_in, SP_COUNT_OF(built_in) };
    const sp_model *found = NULL;
    for (size_t i = 0; i < SP_COUNT_OF(spellings) && !found; i++)
        found = find_exact(models, spellings[i]);
    if (!found && sp_str_find(name, SP_STR("/"), 0) != SIZE_MAX)
        found = find_routed(plain);
    bool is_misspelt = !found && find_other_spelling(models, plain);
    const sp_str beginnings[] = { name, plain };
    for (size_t i = 0; i < SP_COUNT_OF(beginnings) && !found; i++) {
        found = find_prefix(own_rows(models), beginnings[i]);
        if (!found && !is_misspelt)
            found = find_prefix(all, beginnings[i]);
    }
    if (!found)
        found = find_in_any_case(models, plain);
    return found ? found : find_in_any_case(models, whole);
}

/* A row of the user's with the id of one in the program stands for it by all its names. */
const sp_model *sp_model_find(const sp_models *models, sp_str name)
{
    sp_model_rows own = own_rows(models);
    const sp_model *found = find_any(models, name);
    for (size_t i = 0; found && i < own.count; i++)
        if (own.items[i].is_prefix == found->is_prefix &&
            sp_str_eq(SP_MODEL_STR(&own.items[i], id), SP_MODEL_STR(found, id)))
            return own.items + i;
    return found;
}

/* ---- suggestions ------------------------------------------------------------------------------------------------- */

static sp_vendor vendor_of(const sp_model *model)
{
    sp_vendor vendor = sp_model_vendor(SP_MODEL_STR(model, id));
    if (vendor != SP_VENDOR_NOT_TOLD || !SP_MODEL_STR(model, tokenizer).ptr)
        return vendor;
    return sp_str_starts(SP_MODEL_STR(model, tokenizer), SP_STR("claude-")) ? SP_VENDOR_ANTHROPIC : SP_VENDOR_OPENAI;
}

/* claude-4-opus, claude-opus-5.5, claude-3-opus and sonnet-4.5 are nobody's ids, but it is clear whose they are meant
 * to be. */
static const sp_model *find_misspelt(const sp_models *models, sp_str name)
{
    char whole[SP_MODEL_NAME_ROOM], dots[SP_MODEL_NAME_ROOM], turned[SP_MODEL_NAME_ROOM];
    if (!sp_str_starts(name, SP_STR("claude-")))
        name = sp_model_with_vendor(SP_STR("claude"), name, whole);
    sp_str plain = sp_model_without_dots(name, dots);
    sp_str spellings[] = { plain, sp_model_turned(plain, turned) };
    const sp_model *found = NULL;
    for (size_t i = 0; i < SP_COUNT_OF(spellings) && !found; i++) {
        found = find_exact(models, spellings[i]);
        found = found ? found : find_dated(spellings[i]);
    }
    return found;
}

static void add_likely(sp_str name, sp_str known, sp_str *names, size_t *count)
{
    if (sp_model_may_mean(name, known))
        names[(*count)++] = known;
}

sp_status sp_model_near(const sp_models *models, sp_str name, sp_str *ret, sp_err *err)
{
    const sp_model *model = find_misspelt(models, name);
    model = model ? model : find_other_spelling(models, name);
    sp_vendor vendor = sp_model_vendor(name);
    size_t room = 1, count = 0;
    if (model) {
        *ret = SP_MODEL_STR(model, id);
        return SP_OK;
    }
    for (size_t i = 0; (model = sp_model_at(models, i)) != NULL; i++)
        room += 1 + model->aliases.len_bytes;
    sp_str *names = calloc(room, sizeof *names);
    if (!names)
        return sp_err_memory(err);
    for (size_t i = 0; (model = sp_model_at(models, i)) != NULL; i++) {
        if (vendor != SP_VENDOR_NOT_TOLD && vendor != vendor_of(model))
            continue;
        if (!is_beginning(model))
            add_likely(name, SP_MODEL_STR(model, id), names, &count);
        sp_str alias = { NULL, 0 };
        while ((alias = sp_model_next_alias(model, alias)).ptr)
            add_likely(name, alias, names, &count);
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

/* What else to give than a model: never an encoding of another vendor. */
static const char *advice_of(sp_vendor vendor)
{
    switch (vendor) {
    case SP_VENDOR_ANTHROPIC:
        return "name its estimate with --encoding=claude-4.7 or --encoding=claude-v3";
    case SP_VENDOR_OPENAI:
        return "name its encoding with --encoding";
    default:
        return "give the file of its tokenizer with --tokenizer";
    }
}

sp_status sp_model_unknown(const sp_models *models, sp_str name, sp_err *err)
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
    return sp_err_set(err, SP_ERR_USAGE,
                      "unknown model %.*s (count --models lists all); %s, or add the model with --models=FILE",
                      SP_STR_ARG(name), advice_of(sp_model_vendor(name)));
}

const sp_model *sp_model_of_file(const sp_models *models, sp_str file)
{
    const sp_model *model = NULL;
    for (size_t i = 0; (model = sp_model_at(models, i)) != NULL; i++)
        if (SP_MODEL_STR(model, tokenizer_file).ptr && sp_str_eq(SP_MODEL_STR(model, tokenizer_file), file))
            return model;
    return NULL;
}

const sp_model *sp_model_of_no_encoding(sp_str name)
{
    const sp_model *model = sp_model_of_file(NULL, name);
    return model ? model : sp_model_find(NULL, name);
}

bool sp_model_is_published(const sp_model *model)
{
    sp_str get = SP_MODEL_STR(model, tokenizer_get);
    return !get.ptr || !sp_str_eq(get, SP_STR("none"));
}

sp_str sp_model_where(sp_arena *arena, const sp_model *model)
{
    sp_str get = SP_MODEL_STR(model, tokenizer_get), verified = SP_MODEL_STR(model, tokenizer_verified);
    if (!get.ptr && !verified.ptr)
        return SP_STR("");
    return sp_str_format(arena, " (%.*s%s%s%.*s%s)", SP_STR_ARG(get), get.ptr && verified.ptr ? "; " : "",
                         verified.ptr ? "verified for " : "", SP_STR_ARG(verified), verified.ptr ? " only" : "");
}

static sp_status not_in_program(const sp_model *model, sp_str name, sp_err *err)
{
    sp_arena arena = { 0 };
    sp_str file = SP_MODEL_STR(model, tokenizer_file), where = sp_model_where(&arena, model);
    sp_status status;
    if (!where.ptr)
        status = sp_err_memory(err);
    else if (!sp_model_is_published(model))
        status = sp_err_set(err, SP_ERR_USAGE,
                            "the tokenizer of %.*s is not in the program, and nobody publishes its file: give a "
                            "similar one with --tokenizer",
                            SP_STR_ARG(name));
    else
        status =
            sp_err_set(err, SP_ERR_USAGE,
                       "the tokenizer of %.*s (%.*s) is not in the program: give its file with --tokenizer, or "
                       "save it as ${XDG_DATA_HOME:-~/.local/share}/sysprompt/%.*s.json and give --tokenizer=%.*s%.*s",
                       SP_STR_ARG(name), SP_STR_ARG(file), SP_STR_ARG(file), SP_STR_ARG(file), SP_STR_ARG(where));
    sp_arena_release(&arena);
    return status;
}

static sp_status unknown_encoding(sp_str name, sp_err *err)
{
    sp_str names[16];
    size_t count = 0;
    const sp_model *model = sp_model_of_no_encoding(name);
    if (model && SP_MODEL_STR(model, tokenizer).ptr)
        return sp_err_set(err, SP_ERR_USAGE,
                          "%.*s is a model, not an encoding; name it as the model, or its encoding %.*s",
                          SP_STR_ARG(name), SP_STR_ARG(SP_MODEL_STR(model, tokenizer)));
    if (model)
        return not_in_program(model, name, err);
    if (name.len >= 6 && sp_str_eq_nocase(sp_str_slice(name, 0, 6), SP_STR("claude")))
        return sp_err_set(
            err, SP_ERR_USAGE,
            "unknown encoding %.*s; Opus 4.7 and later and Claude 5 have claude-4.7, the models before them "
            "claude-v3",
            SP_STR_ARG(name));
    for (size_t i = 0; sp_encoding_at(i); i++)
        names[count++] = sp_str_of(sp_encoding_name(sp_encoding_at(i)));
    for (size_t i = 0; sp_estimate_at(i); i++)
        names[count++] = sp_str_of(sp_encoding_name(sp_estimate_at(i)));
    size_t nearest = sp_near_or_longer(name, names, count);
    if (nearest != SIZE_MAX)
        return sp_err_set(err, SP_ERR_USAGE, "unknown encoding %.*s; did you mean %.*s?", SP_STR_ARG(name),
                          SP_STR_ARG(names[nearest]));
    return sp_err_set(err, SP_ERR_USAGE,
                      "unknown encoding %.*s; there are r50k_base, p50k_base, p50k_edit, cl100k_base, o200k_base, "
                      "o200k_harmony, and the estimates claude-v3 and claude-4.7",
                      SP_STR_ARG(name));
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
            return sp_model_unknown(models, model, err);
        if (!SP_MODEL_STR(known, tokenizer).ptr)
            return not_in_program(known, model, err);
        found = sp_encoding_find(SP_MODEL_STR(known, tokenizer));
    }
    *ret_encoding = found;
    return SP_OK;
}
