/*
 * yaml_tree.c - libyaml's events become a tree.
 *
 * Each event is checked before the next one is asked for, for the reason that front_matter_yaml.c gives.
 */
#include "load/yaml_tree.h"

#include "base/map.h"
#include "load/front_matter_parts.h"
#include "load/yaml_marks.h"

#include <yaml.h>

/* One open collection. Level 0 is outside all of them. */
struct level {
    sp_yaml_node *node;
    sp_yaml_node *last; /* child */
    bool at_key;        /* the next node in this mapping is a key */
    sp_str key;
    size_t key_offset;
    sp_map keys;
};

struct reader {
    yaml_parser_t parser;
    sp_arena *arena;
    sp_str path;
    sp_yaml_marks marks;
    struct level *levels;
    size_t depth;
    size_t max_depth;
    size_t document_count;
    sp_yaml_node *root;
    bool is_done;
};

static sp_status fail(struct reader *reader, size_t offset, const char *what, sp_err *err)
{
    return sp_err_at(err, SP_ERR_INPUT, reader->path, reader->marks.text, offset, NULL, "%s", what);
}

static sp_status fail_as_yaml(struct reader *reader, sp_err *err)
{
    const yaml_parser_t *parser = &reader->parser;
    sp_yaml_problem problem;
    if (parser->error == YAML_MEMORY_ERROR)
        return sp_err_memory(err);
    const sp_yaml_complaint complaint = {
        .problem = parser->problem,
        .context = parser->context,
        .problem_offset = parser->error == YAML_READER_ERROR
                              ? parser->problem_offset
                              : sp_yaml_offset(&reader->marks, parser->problem_mark.index),
        .context_offset = sp_yaml_offset(&reader->marks, parser->context_mark.index),
        .sigil_offset = SIZE_MAX,
    };
    SP_TRY(sp_yaml_explain(reader->arena, reader->marks.text, 0, reader->marks.text.len, &complaint, &problem, err));
    return sp_err_at(err, SP_ERR_INPUT, reader->path, reader->marks.text, problem.offset, NULL,
                     "not valid YAML: %.*s; %.*s", SP_STR_ARG(problem.what), SP_STR_ARG(problem.fix));
}

/* ---- nodes ----------------------------------------------------------------------------------------- */

static sp_status take_key(struct reader *reader, const sp_yaml_node *node, sp_err *err)
{
    struct level *level = &reader->levels[reader->depth];
    if (node->kind == SP_YAML_LIST || node->kind == SP_YAML_MAPPING)
        return fail(reader, node->offset, "a key has to be plain text; write one `key: value` on each line", err);
    uint32_t *slot = sp_map_slot(reader->arena, &level->keys, node->text);
    if (!slot)
        return sp_err_memory(err);
    if (*slot != SP_NONE)
        return sp_err_at(err, SP_ERR_INPUT, reader->path, reader->marks.text, node->offset, NULL,
                         "%.*s stands here a second time; keep one of the two", SP_STR_ARG(node->text));
    *slot = 0;
    level->key = node->text;
    level->key_offset = node->offset;
    return SP_OK;
}

static void add_child(struct level *level, sp_yaml_node *node)
{
    if (level->node->kind == SP_YAML_MAPPING) {
        node->key = level->key;
        node->key_offset = level->key_offset;
    }
    if (level->last)
        level->last->next = node;
    else
        level->node->first = node;
    level->last = node;
    level->node->count++;
}

static sp_status place(struct reader *reader, sp_yaml_node *node, sp_err *err)
{
    struct level *level = &reader->levels[reader->depth];
    if (reader->depth == 0) {
        if (node->kind != SP_YAML_MAPPING && node->kind != SP_YAML_NULL)
            return fail(reader, node->offset, "text that is no `key: value`; write one `key: value` on each line", err);
        if (node->kind == SP_YAML_MAPPING)
            reader->root = node;
        return SP_OK;
    }
    bool is_key = level->node->kind == SP_YAML_MAPPING && level->at_key;
    level->at_key = level->node->kind == SP_YAML_MAPPING && !level->at_key;
    if (is_key)
        return take_key(reader, node, err);
    add_child(level, node);
    return SP_OK;
}

static sp_status make_node(struct reader *reader, sp_yaml_kind kind, size_t offset, sp_yaml_node **ret, sp_err *err)
{
    *ret = SP_ARENA_NEW(reader->arena, sp_yaml_node);
    if (!*ret)
        return sp_err_memory(err);
    (*ret)->kind = kind;
    (*ret)->offset = offset;
    return SP_OK;
}

static sp_status open_collection(struct reader *reader, sp_yaml_kind kind, size_t offset, sp_err *err)
{
    sp_yaml_node *node;
    if (reader->depth == reader->max_depth)
        return sp_err_at(err, SP_ERR_INPUT, reader->path, reader->marks.text, offset, NULL,
                         "lists or mappings nested too deeply; keep it to %zu levels", reader->max_depth);
    SP_TRY(make_node(reader, kind, offset, &node, err));
    SP_TRY(place(reader, node, err));
    reader->levels[++reader->depth] = (struct level){ .node = node, .at_key = kind == SP_YAML_MAPPING };
    return SP_OK;
}

static bool is_null(const yaml_event_t *event)
{
    static const char *const words[] = { "", "~", "null", "Null", "NULL" };
    sp_str value = { (const char *)event->data.scalar.value, event->data.scalar.length };
    for (size_t i = 0; i < SP_COUNT_OF(words); i++)
        if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && sp_str_eq(value, sp_str_of(words[i])))
            return true;
    return false;
}

static sp_status take_scalar(struct reader *reader, const yaml_event_t *event, size_t offset, sp_err *err)
{
    sp_str borrowed = { (const char *)event->data.scalar.value, event->data.scalar.length };
    sp_yaml_node *node;
    SP_TRY(make_node(reader, is_null(event) ? SP_YAML_NULL : SP_YAML_TEXT, offset, &node, err));
    node->text = sp_str_dup(reader->arena, borrowed);
    if (!node->text.ptr)
        return sp_err_memory(err);
    bool is_merge = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && sp_str_eq(node->text, SP_STR("<<"));
    if (is_merge && reader->depth > 0 && reader->levels[reader->depth].at_key)
        return fail(reader, offset, "merge keys (<<) are not read; write the members out", err);
    return place(reader, node, err);
}

/* ---- events ---------------------------------------------------------------------------------------- */

static sp_status check_properties(struct reader *reader, const yaml_char_t *anchor, const yaml_char_t *tag,
                                  size_t offset, sp_err *err)
{
    if (anchor)
        return fail(reader, offset,
                    "anchors (&name) are not read; write the value out, or put it in double quotes if it is text", err);
    if (tag)
        return fail(reader, offset,
                    "tags (!name) are not read; write the value out, or put it in double quotes if it is text", err);
    return SP_OK;
}

static sp_status take_event(struct reader *reader, const yaml_event_t *event, sp_err *err)
{
    size_t offset = sp_yaml_offset(&reader->marks, event->start_mark.index);
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (reader->document_count++ > 0)
            return fail(reader, offset, "a second YAML document; keep the file to one", err);
        return SP_OK;
    case YAML_ALIAS_EVENT:
        return fail(reader, offset,
                    "aliases (*name) are not read; write the value out, or put it in double quotes if it is text", err);
    case YAML_SCALAR_EVENT:
        SP_TRY(check_properties(reader, event->data.scalar.anchor, event->data.scalar.tag, offset, err));
        return take_scalar(reader, event, offset, err);
    case YAML_SEQUENCE_START_EVENT:
        SP_TRY(
            check_properties(reader, event->data.sequence_start.anchor, event->data.sequence_start.tag, offset, err));
        return open_collection(reader, SP_YAML_LIST, offset, err);
    case YAML_MAPPING_START_EVENT:
        SP_TRY(check_properties(reader, event->data.mapping_start.anchor, event->data.mapping_start.tag, offset, err));
        return open_collection(reader, SP_YAML_MAPPING, offset, err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        reader->depth--;
        return SP_OK;
    case YAML_STREAM_END_EVENT:
        reader->is_done = true;
        return SP_OK;
    default:
        return SP_OK;
    }
}

static sp_status read_events(struct reader *reader, sp_err *err)
{
    sp_status status = SP_OK;
    while (status == SP_OK && !reader->is_done) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader->parser, &event))
            return fail_as_yaml(reader, err);
        status = take_event(reader, &event, err);
        yaml_event_delete(&event);
    }
    return status;
}

sp_status sp_yaml_read(sp_arena *arena, sp_str path, sp_str text, const sp_yaml_node **ret_root, sp_err *err)
{
    struct reader reader = { .arena = arena, .path = path, .marks = { .text = text, .end = text.len } };
    reader.max_depth = (size_t)sp_own_limit(SP_RULE_FM_MAX_DEPTH);
    reader.levels = SP_ARENA_ARRAY(arena, struct level, reader.max_depth + 1);
    if (!reader.levels || !yaml_parser_initialize(&reader.parser))
        return sp_err_memory(err);
    /* Named, or libyaml would guess UTF-16 from the first bytes. */
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text.ptr, text.len);
    sp_status status = read_events(&reader, err);
    yaml_parser_delete(&reader.parser);
    if (status == SP_OK && !reader.root)
        status = make_node(&reader, SP_YAML_MAPPING, 0, &reader.root, err);
    if (status == SP_OK)
        *ret_root = reader.root;
    return status;
}

const sp_yaml_node *sp_yaml_member(const sp_yaml_node *mapping, const char *key)
{
    for (const sp_yaml_node *node = mapping->first; node; node = node->next)
        if (sp_str_eq(node->key, sp_str_of(key)))
            return node;
    return NULL;
}

const char *sp_yaml_kind_name(sp_yaml_kind kind)
{
    static const char *const names[] = {
        [SP_YAML_NULL] = "nothing",
        [SP_YAML_TEXT] = "a text",
        [SP_YAML_LIST] = "a list",
        [SP_YAML_MAPPING] = "a mapping",
    };
    return names[kind];
}
