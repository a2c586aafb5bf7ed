/* read.c - a file of models, by libyaml's events. */
#include "base/map.h"
#include "base/near.h"
#include "base/types.h"
#include "tokenizer/models/model.h"
#include "tokenizer/models/models.h"
#include "tokenizer/tokens.h"

#include <yaml.h>

enum {
    MAX_MODELS = 4096,
};

static const char rule[] = "models.file";

typedef struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the one in hand */
    bool has_event;
    sp_arena *arena;
    sp_str path;
    sp_str text;
    sp_buf texts; /* of all models, each with NUL at its end */
    sp_err *err;
    uint64_t seen; /* fields of the row */
} reader;

/* ---- events ------------------------------------------------------------------------------------------------ */

/* Marks count characters. */
static size_t offset_of(const reader *r, size_t chars)
{
    size_t at = 0;
    uint32_t code;
    size_t bad;
    for (; chars > 0 && at < r->text.len; chars--) {
        size_t len = sp_utf8_decode(r->text, at, &code, &bad);
        at += len ? len : 1;
    }
    return at;
}

static size_t here(const reader *r)
{
    return offset_of(r, r->event.start_mark.index);
}

#define FAIL(r, offset, ...) sp_err_at((r)->err, SP_ERR_INPUT, (r)->path, (r)->text, (offset), rule, __VA_ARGS__)

static sp_status next(reader *r)
{
    if (r->has_event)
        yaml_event_delete(&r->event);
    r->has_event = yaml_parser_parse(&r->parser, &r->event);
    if (r->has_event)
        return SP_OK;
    if (r->parser.error == YAML_MEMORY_ERROR)
        return sp_err_memory(r->err);
    size_t at =
        r->parser.error == YAML_READER_ERROR ? r->parser.problem_offset : offset_of(r, r->parser.problem_mark.index);
    return FAIL(r, at < r->text.len ? at : r->text.len, "this is not YAML: %s",
                r->parser.problem ? r->parser.problem : "it cannot be read");
}

static const char *name_of(yaml_event_type_t type)
{
    switch (type) {
    case YAML_SCALAR_EVENT:
        return "a text or a number";
    case YAML_MAPPING_START_EVENT:
        return "a mapping (name: value)";
    case YAML_SEQUENCE_START_EVENT:
        return "a list (- item)";
    case YAML_ALIAS_EVENT:
        return "an alias (*name)";
    default:
        return "the end";
    }
}

static sp_status expect(reader *r, yaml_event_type_t type, const char *what)
{
    if (r->event.type == type)
        return SP_OK;
    return FAIL(r, here(r), "expected %s, %s, and found %s", what, name_of(type), name_of(r->event.type));
}

/* Borrowed from the event in hand. */
static sp_str scalar(const reader *r)
{
    return (sp_str){ (const char *)r->event.data.scalar.value, r->event.data.scalar.length };
}

/* ---- values -------------------------------------------------------------------------------------------------- */

static bool parse_digits(sp_str text, size_t *at, uint64_t *number, unsigned *count)
{
    *count = 0;
    for (; *at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9'; ++*at, ++*count)
        if (__builtin_mul_overflow(*number, (uint64_t)10, number) ||
            __builtin_add_overflow(*number, (uint64_t)(text.ptr[*at] - '0'), number))
            return false;
    return true;
}

static bool parse_number(sp_str text, uint64_t *ret)
{
    size_t at = 0;
    unsigned count;
    *ret = 0;
    return parse_digits(text, &at, ret, &count) && count > 0 && at == text.len;
}

/* Dollars with up to six places, in millionths. */
static bool parse_price(sp_str text, uint64_t *ret)
{
    enum { PLACES = 6, MAX_DIGITS = 6 };
    size_t at = 0;
    unsigned whole, places = 0;
    *ret = 0;
    if (!parse_digits(text, &at, ret, &whole) || whole == 0 || whole > MAX_DIGITS)
        return false;
    if (at < text.len && text.ptr[at] == '.') {
        at++;
        if (!parse_digits(text, &at, ret, &places) || places == 0 || places > PLACES)
            return false;
    }
    for (; places < PLACES; places++)
        *ret *= 10;
    return at == text.len;
}

static bool is_date(sp_str text)
{
    static const char form[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (i >= text.len || (form[i] == 'd' ? text.ptr[i] < '0' || text.ptr[i] > '9' : text.ptr[i] != form[i]))
            return false;
    if (text.len != sizeof form - 1)
        return false;
    static const uint8_t days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    unsigned month = (unsigned)(text.ptr[5] - '0') * 10 + (unsigned)(text.ptr[6] - '0');
    unsigned day = (unsigned)(text.ptr[8] - '0') * 10 + (unsigned)(text.ptr[9] - '0');
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

static sp_status check_encoding(reader *r, sp_str name)
{
    sp_err why;
    const sp_encoding *found;
    if (sp_encoding_choose(name, (sp_str){ NULL, 0 }, NULL, &found, &why) == SP_OK)
        return SP_OK;
    const sp_model *model = sp_model_of_no_encoding(name);
    if (!model)
        return FAIL(r, here(r), "%s", why.message);
    if (SP_MODEL_STR(model, tokenizer).ptr)
        return FAIL(r, here(r), "%.*s is a model, not an encoding; write encoding: %.*s", SP_STR_ARG(name),
                    SP_STR_ARG(SP_MODEL_STR(model, tokenizer)));
    return FAIL(r, here(r), "%.*s is not in the program; write file: %.*s instead of encoding:", SP_STR_ARG(name),
                SP_STR_ARG(SP_MODEL_STR(model, tokenizer_file)));
}

static sp_model_words add_text(reader *r, sp_str text)
{
    sp_model_words words = { (uint32_t)r->texts.len, (uint32_t)text.len };
    sp_buf_add(&r->texts, text);
    sp_buf_add_char(&r->texts, '\0');
    return words;
}

/* As far as they are read. */
static sp_str text_of(const reader *r, sp_model_words words)
{
    return r->texts.failed ? SP_STR("") : sp_str_slice(sp_buf_str(&r->texts), words.at, words.at + words.len_bytes);
}

static sp_status take_names(reader *r, sp_model *model)
{
    SP_TRY(expect(r, YAML_SEQUENCE_START_EVENT, "names"));
    model->aliases.at = (uint32_t)r->texts.len;
    for (;;) {
        SP_TRY(next(r));
        if (r->event.type == YAML_SEQUENCE_END_EVENT)
            break;
        SP_TRY(expect(r, YAML_SCALAR_EVENT, "a name"));
        if (memchr(scalar(r).ptr, '\0', scalar(r).len))
            return FAIL(r, here(r), "a name must not contain a NUL character (\\0); remove it");
        add_text(r, scalar(r));
    }
    model->aliases.len_bytes = (uint32_t)r->texts.len - model->aliases.at;
    return SP_OK;
}

static sp_status take_text(reader *r, sp_str text, sp_model_words *ret)
{
    if (text.len == 0)
        return FAIL(r, here(r), "there is nothing here; leave out what is not known");
    *ret = add_text(r, text);
    return SP_OK;
}

static sp_status take_scalar(reader *r, const sp_model_field *field, void *member)
{
    sp_str text = scalar(r);
    switch (field->type) {
    case SP_MODEL_FLAG:
        *(bool *)member = sp_str_eq(text, SP_STR("true"));
        if (*(bool *)member || sp_str_eq(text, SP_STR("false")))
            return SP_OK;
        return FAIL(r, here(r), "%s is true or false, not \"%.*s\"", field->name, SP_STR_ARG(text));
    case SP_MODEL_NUMBER:
        if (parse_number(text, member))
            return SP_OK;
        return FAIL(r, here(r), "%s is a number of tokens such as 200000, not \"%.*s\"", field->name, SP_STR_ARG(text));
    case SP_MODEL_PRICE:
        if (parse_price(text, member))
            return SP_OK;
        return FAIL(r, here(r), "%s is a number of dollars such as 6.25, not \"%.*s\"", field->name, SP_STR_ARG(text));
    case SP_MODEL_DATE:
        if (!is_date(text))
            return FAIL(r, here(r), "%s is a day such as 2026-08-05, not \"%.*s\"", field->name, SP_STR_ARG(text));
        return take_text(r, text, member);
    case SP_MODEL_ENCODING:
        SP_TRY(check_encoding(r, text));
        return take_text(r, text, member);
    case SP_MODEL_EDGES:
        if (sp_str_eq(text, SP_STR("claude-4.7")) || sp_str_eq(text, SP_STR("claude-4.8")) ||
            sp_str_eq(text, SP_STR("claude-5")))
            return take_text(r, text, member);
        return FAIL(r, here(r), "%s is claude-4.7, claude-4.8 or claude-5, not \"%.*s\"", field->name,
                    SP_STR_ARG(text));
    default:
        return take_text(r, text, member);
    }
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static bool is_in(const sp_model_field *field, const char *group)
{
    return field->group ? group && strcmp(field->group, group) == 0 : !group;
}

static bool is_named(const char *name, sp_str text)
{
    return sp_str_eq(sp_str_of(name), text);
}

static sp_status unknown_field(reader *r, const char *group, sp_str name)
{
    sp_str names[SP_MODEL_FIELD_ROOM] = { { NULL, 0 } };
    size_t count = 0;
    for (size_t i = 0; i < sp_model_field_count; i++)
        if (is_in(&sp_model_fields[i], group))
            names[count++] = sp_str_of(sp_model_fields[i].name);
        else if (!group)
            names[count++] = sp_str_of(sp_model_fields[i].group);
    size_t nearest = sp_near(name, names, count);
    if (nearest != SIZE_MAX)
        return FAIL(r, here(r), "a model has no field \"%.*s\" here; did you mean %.*s?", SP_STR_ARG(name),
                    SP_STR_ARG(names[nearest]));
    sp_str known = SP_STR("");
    for (size_t i = 0; i < count && known.ptr; i++)
        if (!i || !sp_str_eq(names[i], names[i - 1])) /* the fields of a group are neighbours */
            known = sp_str_format(r->arena, "%.*s%s%.*s", SP_STR_ARG(known), i ? ", " : "", SP_STR_ARG(names[i]));
    if (!known.ptr)
        return sp_err_memory(r->err);
    return FAIL(r, here(r), "a model has no field \"%.*s\" here; there are %.*s", SP_STR_ARG(name), SP_STR_ARG(known));
}

static sp_status take_mapping(reader *r, const char *group, sp_model *model);

/* A field or, in the row itself, a group of them; its name is in hand. */
static sp_status take_field(reader *r, const char *group, sp_model *model)
{
    sp_str name = scalar(r);
    for (size_t i = 0; i < sp_model_field_count; i++) {
        const sp_model_field *field = &sp_model_fields[i];
        if (!group && field->group && is_named(field->group, name)) {
            SP_TRY(next(r));
            return take_mapping(r, field->group, model);
        }
        if (!is_in(field, group) || !is_named(field->name, name))
            continue;
        if (r->seen >> i & 1)
            return FAIL(r, here(r), "%s is given twice", field->name);
        r->seen |= (uint64_t)1 << i;
        SP_TRY(next(r));
        if (field->type == SP_MODEL_NAMES)
            return take_names(r, model);
        SP_TRY(expect(r, YAML_SCALAR_EVENT, field->name));
        return take_scalar(r, field, (char *)model + field->offset);
    }
    return unknown_field(r, group, name);
}

static sp_status take_mapping(reader *r, const char *group, sp_model *model)
{
    SP_TRY(expect(r, YAML_MAPPING_START_EVENT, group ? group : "a model"));
    for (;;) {
        SP_TRY(next(r));
        if (r->event.type == YAML_MAPPING_END_EVENT)
            return SP_OK;
        SP_TRY(expect(r, YAML_SCALAR_EVENT, "the name of a field"));
        SP_TRY(take_field(r, group, model));
    }
}

static sp_status take_model(reader *r, sp_model *model)
{
    size_t begin = r->event.start_mark.index;
    r->seen = 0;
    SP_TRY(take_mapping(r, NULL, model));
    if (model->id.len_bytes == 0)
        return FAIL(r, offset_of(r, begin), "this model has no id");
    if (model->tokenizer.len_bytes == 0 && model->tokenizer_file.len_bytes == 0)
        return FAIL(r, offset_of(r, begin), "the model %.*s has no tokenizer: { encoding: NAME }",
                    SP_STR_ARG(text_of(r, model->id)));
    if (model->tokenizer.len_bytes && model->tokenizer_file.len_bytes)
        return FAIL(r, offset_of(r, begin),
                    "the tokenizer of %.*s has an encoding and a file; give the one that counts its tokens",
                    SP_STR_ARG(text_of(r, model->id)));
    return SP_OK;
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

typedef struct read_rows {
    sp_list(sp_model) models;
    sp_list(size_t) begins; /* the character of each */
    sp_map names;           /* of models, by their numbers */
    sp_map beginnings;      /* the same of ids with prefix: true */
} read_rows;

static sp_status add_name(reader *r, const read_rows *rows, sp_map *names, uint32_t index, sp_str name)
{
    uint32_t *slot = sp_map_slot(r->arena, names, name);
    if (!slot)
        return sp_err_memory(r->err);
    if (*slot != SP_NONE && *slot != index)
        return FAIL(r, offset_of(r, rows->begins.items[index]), "%.*s is the name of a model above, too; remove one",
                    SP_STR_ARG(name));
    *slot = index;
    return SP_OK;
}

/* Of a name there is one model. */
static sp_status judge_names(reader *r, read_rows *rows)
{
    for (uint32_t i = 0; i < rows->models.count; i++) {
        const sp_model *model = &rows->models.items[i];
        sp_str alias = { NULL, 0 };
        SP_TRY(add_name(r, rows, model->is_prefix ? &rows->beginnings : &rows->names, i, SP_MODEL_STR(model, id)));
        while ((alias = sp_model_next_alias(model, alias)).ptr)
            SP_TRY(add_name(r, rows, &rows->names, i, alias));
    }
    return SP_OK;
}

static sp_status take_file(reader *r, sp_model_rows *ret)
{
    read_rows rows = { .names = { 0 } };
    do
        SP_TRY(next(r));
    while (r->event.type == YAML_STREAM_START_EVENT || r->event.type == YAML_DOCUMENT_START_EVENT);
    SP_TRY(expect(r, YAML_MAPPING_START_EVENT, "models: and a list of them"));
    SP_TRY(next(r));
    SP_TRY(expect(r, YAML_SCALAR_EVENT, "models: and a list of them"));
    if (!is_named("models", scalar(r)))
        return FAIL(r, here(r), "expected models: and a list of them, and found %.*s", SP_STR_ARG(scalar(r)));
    SP_TRY(next(r));
    SP_TRY(expect(r, YAML_SEQUENCE_START_EVENT, "models"));
    for (;;) {
        SP_TRY(next(r));
        if (r->event.type == YAML_SEQUENCE_END_EVENT)
            break;
        if (rows.models.count == MAX_MODELS)
            return FAIL(r, here(r), "there are more than %d models", MAX_MODELS);
        sp_model *model = SP_LIST_PUSH(r->arena, &rows.models);
        size_t *begin = SP_LIST_PUSH(r->arena, &rows.begins);
        if (!model || !begin)
            return sp_err_memory(r->err);
        *begin = r->event.start_mark.index;
        SP_TRY(take_model(r, model));
    }
    SP_TRY(next(r));
    SP_TRY(expect(r, YAML_MAPPING_END_EVENT, "nothing behind the list"));
    const char *texts = sp_buf_move(&r->texts, r->arena).ptr;
    if (!texts)
        return sp_err_memory(r->err);
    for (size_t i = 0; i < rows.models.count; i++)
        rows.models.items[i].texts = texts;
    *ret = (sp_model_rows){ rows.models.items, rows.models.count };
    return judge_names(r, &rows);
}

sp_status sp_models_parse(sp_arena *arena, sp_str path, sp_str text, sp_model_rows *ret, sp_err *err)
{
    reader r = { .arena = arena, .path = path, .text = text, .err = err };
    if (!yaml_parser_initialize(&r.parser))
        return sp_err_memory(err);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.ptr, text.len);
    sp_status status = take_file(&r, ret);
    sp_buf_release(&r.texts);
    if (r.has_event)
        yaml_event_delete(&r.event);
    yaml_parser_delete(&r.parser);
    return status;
}
