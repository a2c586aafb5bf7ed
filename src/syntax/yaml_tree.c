/* yaml_tree.c - libyaml's events become a tree. */
#include "syntax/yaml_tree.h"

#include "base/map.h"
#include "base/numbers.h"
#include "base/types.h"
#include "syntax/yaml_events.h"

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
    sp_arena *arena;
    sp_str path;
    sp_str text;
    sp_yaml_events events;
    struct level *levels;
    size_t depth;
    size_t max_depth;
    sp_rule_key limit; /* of keys and values, and how many more there may be */
    size_t values_left;
    size_t document_count;
    sp_yaml_node *root;
    bool is_done;
};

static sp_status fail(struct reader *reader, size_t offset, const char *what, sp_err *err)
{
    return sp_err_at(err, SP_ERR_INPUT, reader->path, reader->text, offset, NULL, "%s", what);
}

static sp_status fail_as_yaml(struct reader *reader, sp_err *err)
{
    sp_yaml_problem problem;
    SP_TRY(sp_yaml_events_explain(&reader->events, reader->arena, SIZE_MAX, &problem, err));
    return sp_err_at(err, SP_ERR_INPUT, reader->path, reader->text, problem.offset, NULL, "not valid YAML: %.*s; %.*s",
                     SP_STR_ARG(problem.what), SP_STR_ARG(problem.fix));
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
        return sp_err_at(err, SP_ERR_INPUT, reader->path, reader->text, node->offset, NULL,
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
    if (reader->values_left-- == 0)
        return sp_err_at(err, SP_ERR_INPUT, reader->path, reader->text, offset, sp_rule_id(reader->limit),
                         "the file has more than %s keys and values; shorten its lists",
                         SP_NUMBER(sp_own_limit(reader->limit)));
    *ret = SP_ARENA_NEW(reader->arena, sp_yaml_node);
    if (!*ret)
        return sp_err_memory(err);
    (*ret)->kind = kind;
    (*ret)->offset = offset;
    return SP_OK;
}

static sp_status open_collection(struct reader *reader, sp_yaml_kind kind, size_t offset, sp_err *err)
{
    sp_yaml_node *node = NULL;
    if (reader->depth == reader->max_depth)
        return sp_err_at(err, SP_ERR_INPUT, reader->path, reader->text, offset, NULL,
                         "lists or mappings nested too deeply; keep it to %zu levels", reader->max_depth);
    SP_TRY(make_node(reader, kind, offset, &node, err));
    SP_TRY(place(reader, node, err));
    reader->levels[++reader->depth] = (struct level){ .node = node, .at_key = kind == SP_YAML_MAPPING };
    return SP_OK;
}

static sp_status take_scalar(struct reader *reader, const sp_yaml_event *event, sp_err *err)
{
    sp_yaml_node *node;
    SP_TRY(make_node(reader, event->is_null ? SP_YAML_NULL : SP_YAML_TEXT, event->offset, &node, err));
    node->text = sp_str_dup(reader->arena, event->text);
    if (!node->text.ptr)
        return sp_err_memory(err);
    bool is_merge = event->is_plain && sp_str_eq(node->text, SP_STR("<<"));
    if (is_merge && reader->depth > 0 && reader->levels[reader->depth].at_key)
        return fail(reader, event->offset, "merge keys (<<) are not read; write the members out", err);
    return place(reader, node, err);
}

/* ---- events ---------------------------------------------------------------------------------------- */

static sp_status take_event(struct reader *reader, const sp_yaml_event *event, sp_err *err)
{
    if (event->refused)
        return sp_err_at(err, SP_ERR_INPUT, reader->path, reader->text, event->offset, NULL,
                         "%s is not read; write the value out, or put it in double quotes if it is text",
                         event->refused);
    switch (event->kind) {
    case SP_YAML_DOCUMENT:
        if (reader->document_count++ > 0)
            return fail(reader, event->offset, "a second YAML document; keep the file to one", err);
        return SP_OK;
    case SP_YAML_SCALAR:
    case SP_YAML_ALIAS:
        return take_scalar(reader, event, err);
    case SP_YAML_OPEN_LIST:
        return open_collection(reader, SP_YAML_LIST, event->offset, err);
    case SP_YAML_OPEN_MAPPING:
        return open_collection(reader, SP_YAML_MAPPING, event->offset, err);
    case SP_YAML_CLOSE:
        reader->depth--;
        return SP_OK;
    case SP_YAML_END:
        reader->is_done = true;
        return SP_OK;
    case SP_YAML_NOTHING:
        return SP_OK;
    }
    return SP_OK;
}

static sp_status read_events(struct reader *reader, sp_err *err)
{
    sp_yaml_event event;
    while (!reader->is_done) {
        if (!sp_yaml_events_next(&reader->events, &event))
            return fail_as_yaml(reader, err);
        SP_TRY(take_event(reader, &event, err));
    }
    return reader->root ? SP_OK : make_node(reader, SP_YAML_MAPPING, 0, &reader->root, err);
}

sp_status sp_yaml_read(sp_arena *arena, sp_str path, sp_str text, sp_rule_key limit, const sp_yaml_node **ret_root,
                       sp_err *err)
{
    struct reader reader = { .arena = arena, .path = path, .text = text, .limit = limit };
    reader.values_left = (size_t)sp_own_limit(limit);
    reader.max_depth = (size_t)sp_own_limit(SP_RULE_FM_MAX_DEPTH);
    reader.levels = SP_ARENA_ARRAY(arena, struct level, reader.max_depth + 1);
    if (!reader.levels || !sp_yaml_events_open(&reader.events, text, 0, text.len))
        return sp_err_memory(err);
    sp_status status = read_events(&reader, err);
    sp_yaml_events_close(&reader.events);
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
