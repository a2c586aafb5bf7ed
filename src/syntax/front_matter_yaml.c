/*
 * front_matter_yaml.c - front matter as YAML, by libyaml's events. A field's value is a scalar or a list of scalars; of
 * anything deeper only the kind is known.
 *
 * The nodes of the document are kept until it ends, for aliases and merge keys: an alias repeats the nodes of its
 * anchor, and a merge key reads those of its mapping once more, as if they were a document. A few of both can stand for
 * any number of nodes, so what they repeat is counted, in nodes and in bytes (FM_MAX_REPEATED, FM_MAX_REPEATED_BYTES).
 */
#include "base/map.h"
#include "base/types.h"
#include "syntax/yaml_copy.h"
#include "syntax/yaml_events.h"

#define ONE_FIELD_A_LINE "write one `key: value` on each line"

/* One open collection. Level 0 is outside all of them. */
struct level {
    bool is_mapping;
    bool at_key;  /* the next node in this mapping is a key */
    size_t begin; /* where among the past events it was opened */
};

/* An event that was read: a scalar, or where a list or a mapping opens or closes. */
struct past {
    sp_yaml_event_kind kind;
    bool is_plain;
    bool is_null;
    size_t offset;
    sp_str text;
    size_t end; /* the event after the node that begins here; 0: the node is open */
};

struct reader {
    sp_arena *arena;
    sp_yaml_events events;
    sp_list(struct past) past; /* all events so far; an alias became the node that it repeats */
    sp_map anchors;            /* the name of each to where its node begins among the past events */
    sp_list(size_t) merges;    /* where among them the values of merge keys begin, of those at the top */

    struct repeated {
        size_t nodes;
        size_t bytes;
    } repeated; /* by aliases and merge keys */

    struct level *levels;
    size_t depth;
    size_t max_depth;
    size_t document_count;

    sp_field_list fields;
    sp_map names;          /* of the fields, when something is merged */
    sp_list(sp_str) items; /* of the list that is being read */
    sp_list(size_t) item_offsets;
    sp_list(bool) item_is_text;

    sp_yaml_verdict verdict;
    sp_yaml_problem problem;
    bool is_done;    /* nothing that follows can change the verdict */
    bool is_stopped; /* before the end, so the fields are not all */
};

/* What libyaml hands out for one node, whatever its kind. */
struct node {
    sp_value_kind kind;
    sp_str value;
    bool is_quoted;
    bool is_mapping;
    size_t offset;
};

/* ---- verdicts ------------------------------------------------------------------------------------------ */

static sp_status set_problem(struct reader *reader, sp_yaml_verdict verdict, sp_rule_key rule, size_t offset,
                             sp_str what, sp_str fix, sp_err *err)
{
    if (!what.ptr || !fix.ptr)
        return sp_err_memory(err);
    reader->verdict = verdict;
    reader->problem = (sp_yaml_problem){ .offset = offset, .rule = rule, .what = what, .fix = fix };
    return SP_OK;
}

static sp_status note_syntax_error(struct reader *reader, sp_err *err)
{
    size_t sigil_offset = reader->verdict == SP_YAML_REFUSED ? reader->problem.offset : SIZE_MAX;
    reader->is_done = reader->is_stopped = true;
    reader->verdict = SP_YAML_BROKEN;
    return sp_yaml_events_explain(&reader->events, reader->arena, sigil_offset, &reader->problem, err);
}

/* The first refusal stands, and reading goes on: if the text then turns out not to be YAML at all, a "*" or "!" was
 * never meant as YAML either. */
static sp_status refuse(struct reader *reader, size_t offset, const char *what, sp_err *err)
{
    if (reader->verdict != SP_YAML_OK)
        return SP_OK;
    return set_problem(reader, SP_YAML_REFUSED, SP_RULE_FM_REFUSED, offset, sp_str_of(what),
                       SP_STR("write the value out, or put it in double quotes if it is text"), err);
}

/* For what no later event can change, and for limits that are there to stop the work. */
static sp_status stop(struct reader *reader, sp_yaml_verdict verdict, sp_rule_key rule, size_t offset, sp_str what,
                      sp_str fix, sp_err *err)
{
    reader->is_done = reader->is_stopped = true;
    return set_problem(reader, verdict, rule, offset, what, fix, err);
}

/* ---- nodes ----------------------------------------------------------------------------------------- */

sp_yaml_problem sp_too_many_fields(sp_arena *arena, size_t offset)
{
    return (sp_yaml_problem){
        .offset = offset,
        .rule = SP_RULE_FM_MAX_KEYS,
        .what = SP_STR("too many fields"),
        .fix = sp_str_format(arena, "keep it to %lld", (long long)sp_own_limit(SP_RULE_FM_MAX_KEYS)),
    };
}

static sp_status take_root(struct reader *reader, const struct node *node, sp_err *err)
{
    if (node->is_mapping || node->kind == SP_VALUE_NULL)
        return SP_OK;
    return stop(reader, SP_YAML_BROKEN, SP_RULE_FM_INVALID, node->offset, SP_STR("text that is no `key: value`"),
                SP_STR(ONE_FIELD_A_LINE), err);
}

static bool is_full(const struct reader *reader)
{
    return reader->fields.count >= (size_t)sp_own_limit(SP_RULE_FM_MAX_KEYS);
}

static sp_status stop_full(struct reader *reader, size_t offset, sp_err *err)
{
    sp_yaml_problem problem = sp_too_many_fields(reader->arena, offset);
    return stop(reader, SP_YAML_REFUSED, problem.rule, problem.offset, problem.what, problem.fix, err);
}

/* A list or a mapping may be a key as well: nobody asks for such a field, which has an empty name. */
static sp_status take_key(struct reader *reader, const struct node *node, sp_err *err)
{
    if (is_full(reader))
        return stop_full(reader, node->offset, err);
    sp_field *field = SP_LIST_PUSH(reader->arena, &reader->fields);
    if (!field)
        return sp_err_memory(err);
    field->key = node->value.ptr ? node->value : (sp_str){ "", 0 };
    field->key_offset = node->offset;
    return SP_OK;
}

static void take_value(struct reader *reader, const struct node *node)
{
    sp_field *field = &reader->fields.items[reader->fields.count - 1];
    field->kind = node->is_mapping ? SP_VALUE_NESTED : node->kind;
    field->value = node->value;
    field->is_quoted = node->is_quoted;
    field->value_offset = node->offset;
}

static sp_status take_item(struct reader *reader, const struct node *node, sp_err *err)
{
    sp_field *field = &reader->fields.items[reader->fields.count - 1];
    if (node->kind == SP_VALUE_LIST || node->kind == SP_VALUE_NESTED) {
        field->kind = SP_VALUE_NESTED;
        return SP_OK;
    }
    sp_str *item = SP_LIST_PUSH(reader->arena, &reader->items);
    size_t *offset = SP_LIST_PUSH(reader->arena, &reader->item_offsets);
    bool *is_text = SP_LIST_PUSH(reader->arena, &reader->item_is_text);
    if (!item || !offset || !is_text)
        return sp_err_memory(err);
    *item = node->value;
    *offset = node->offset;
    *is_text = node->is_quoted || (node->kind == SP_VALUE_SCALAR && sp_yaml_is_string(node->value));
    return SP_OK;
}

/* Whether the value that is being read is a list, and there are only lists in it down to here. */
static bool is_in_lists(const struct reader *reader)
{
    for (size_t i = 2; i <= reader->depth; i++)
        if (reader->levels[i].is_mapping)
            return false;
    return reader->depth >= 2;
}

/* A list has ended: its items become the field's, and the next list begins with empty hands. */
static void finish_list(struct reader *reader)
{
    sp_field *field = &reader->fields.items[reader->fields.count - 1];
    if (field->kind == SP_VALUE_LIST || field->kind == SP_VALUE_NESTED) {
        field->item_is_text = reader->item_is_text.items;
        field->items = (sp_str_list){ reader->items.items, reader->items.count };
        field->item_offsets = reader->item_offsets.items;
    }
    memset(&reader->items, 0, sizeof reader->items);
    memset(&reader->item_offsets, 0, sizeof reader->item_offsets);
    memset(&reader->item_is_text, 0, sizeof reader->item_is_text);
}

/* The value of `<<` begins with the next event. */
static sp_status take_merge_key(struct reader *reader, const struct node *node, sp_err *err)
{
    if (!node->is_quoted)
        SP_TRY(refuse(reader, node->offset, SP_YAML_MERGE_KEY, err));
    if (reader->depth != 1)
        return SP_OK;
    size_t *begin = SP_LIST_PUSH(reader->arena, &reader->merges);
    if (!begin)
        return sp_err_memory(err);
    *begin = reader->past.count;
    return SP_OK;
}

static sp_status place_node(struct reader *reader, const struct node *node, sp_err *err)
{
    struct level *level = &reader->levels[reader->depth];
    bool is_key = level->is_mapping && level->at_key;
    level->at_key = level->is_mapping && !level->at_key;
    if (is_key && node->value.ptr && sp_str_eq(node->value, SP_STR("<<")))
        SP_TRY(take_merge_key(reader, node, err));
    if (reader->depth == 0)
        return take_root(reader, node, err);
    if (reader->depth == 1 && is_key)
        return take_key(reader, node, err);
    if (reader->depth == 1)
        take_value(reader, node);
    if (is_in_lists(reader))
        return take_item(reader, node, err);
    return SP_OK;
}

static sp_status open_collection(struct reader *reader, const struct node *node, sp_err *err)
{
    SP_TRY(place_node(reader, node, err));
    if (reader->depth == reader->max_depth && !reader->is_done) {
        sp_str fix = sp_str_format(reader->arena, "keep it to %zu levels", reader->max_depth);
        return stop(reader, SP_YAML_REFUSED, SP_RULE_FM_MAX_DEPTH, node->offset,
                    SP_STR("lists or mappings nested too deeply"), fix, err);
    }
    if (!reader->is_done)
        reader->levels[++reader->depth] = (struct level){ node->is_mapping, node->is_mapping, reader->past.count - 1 };
    return SP_OK;
}

static void close_collection(struct reader *reader)
{
    if (--reader->depth == 1)
        finish_list(reader);
}

static sp_status take_scalar(struct reader *reader, const sp_yaml_event *event, sp_err *err)
{
    struct node node = {
        .kind = event->is_null ? SP_VALUE_NULL : SP_VALUE_SCALAR,
        .value = event->text, /* of the arena: see take_fresh */
        .is_quoted = !event->is_plain,
        .offset = event->offset,
    };
    return place_node(reader, &node, err);
}

static sp_status begin_document(struct reader *reader, size_t offset, sp_err *err)
{
    if (reader->document_count++ == 0)
        return SP_OK;
    return stop(reader, SP_YAML_BROKEN, SP_RULE_FM_INVALID, offset, SP_STR("a second YAML document"),
                SP_STR("keep the front matter to one list of `key: value` lines"), err);
}

static sp_status take_alias(struct reader *reader, const sp_yaml_event *event, sp_err *err);

static sp_status take_event(struct reader *reader, const sp_yaml_event *event, sp_err *err)
{
    struct node opened = { .kind = SP_VALUE_LIST, .offset = event->offset };
    switch (event->kind) {
    case SP_YAML_DOCUMENT:
        return begin_document(reader, event->offset, err);
    case SP_YAML_SCALAR:
        return take_scalar(reader, event, err);
    case SP_YAML_ALIAS:
        return take_alias(reader, event, err);
    case SP_YAML_OPEN_LIST:
        return open_collection(reader, &opened, err);
    case SP_YAML_OPEN_MAPPING:
        opened.kind = SP_VALUE_NESTED;
        opened.is_mapping = true;
        return open_collection(reader, &opened, err);
    case SP_YAML_CLOSE:
        close_collection(reader);
        return SP_OK;
    case SP_YAML_END:
        reader->is_done = true;
        return SP_OK;
    case SP_YAML_NOTHING:
        return SP_OK;
    }
    return SP_OK;
}

/* ---- what was read ---------------------------------------------------------------------------------------- */

static sp_status keep(struct reader *reader, const sp_yaml_event *event, sp_err *err)
{
    struct past *past = SP_LIST_PUSH(reader->arena, &reader->past);
    if (!past)
        return sp_err_memory(err);
    *past = (struct past){ .kind = event->kind,
                           .is_plain = event->is_plain,
                           .is_null = event->is_null,
                           .offset = event->offset,
                           .text = event->text };
    if (event->kind == SP_YAML_SCALAR)
        past->end = reader->past.count;
    else if (event->kind == SP_YAML_CLOSE)
        reader->past.items[reader->levels[reader->depth].begin].end = reader->past.count;
    return SP_OK;
}

/* The last node of a name is the one that its aliases repeat. */
static sp_status name_node(struct reader *reader, sp_str name, size_t begin, sp_err *err)
{
    sp_str key = sp_str_dup(reader->arena, name);
    uint32_t *slot = key.ptr ? sp_map_slot(reader->arena, &reader->anchors, key) : NULL;
    if (!slot)
        return sp_err_memory(err);
    *slot = (uint32_t)begin;
    return SP_OK;
}

static sp_status go_through(struct reader *reader, const sp_yaml_event *event, sp_err *err)
{
    bool opens = event->kind == SP_YAML_OPEN_LIST || event->kind == SP_YAML_OPEN_MAPPING;
    if (opens || event->kind == SP_YAML_SCALAR || event->kind == SP_YAML_CLOSE) {
        SP_TRY(keep(reader, event, err));
        if (event->anchor.ptr)
            SP_TRY(name_node(reader, event->anchor, reader->past.count - 1, err));
    }
    return take_event(reader, event, err);
}

/* An event of libyaml's, whose strings are borrowed until the next one. */
static sp_status take_fresh(struct reader *reader, const sp_yaml_event *event, sp_err *err)
{
    sp_yaml_event own = *event;
    if (event->text.ptr && !(own.text = sp_str_dup(reader->arena, event->text)).ptr)
        return sp_err_memory(err);
    return go_through(reader, &own, err);
}

static sp_status read_events(struct reader *reader, sp_err *err)
{
    sp_yaml_event event;
    while (!reader->is_done) {
        if (!sp_yaml_events_next(&reader->events, &event))
            return note_syntax_error(reader, err);
        if (event.fault)
            SP_TRY(stop(reader, SP_YAML_BROKEN, SP_RULE_FM_INVALID, event.offset, sp_str_of(event.fault->what),
                        sp_str_of(event.fault->fix), err));
        if (event.refused && !reader->is_done)
            SP_TRY(refuse(reader, event.offset, event.refused, err));
        if (!reader->is_done)
            SP_TRY(take_fresh(reader, &event, err));
    }
    return SP_OK;
}

/* ---- aliases ---------------------------------------------------------------------------------------------- */

static sp_status count_repeated(struct reader *reader, const sp_yaml_event *event, sp_err *err)
{
    long long max_nodes = (long long)sp_own_limit(SP_RULE_FM_MAX_REPEATED);
    long long max_bytes = (long long)sp_own_limit(SP_RULE_FM_MAX_REPEATED_BYTES);
    reader->repeated.nodes += event->kind != SP_YAML_CLOSE;
    reader->repeated.bytes += event->text.len;
    if (reader->repeated.nodes > (size_t)max_nodes)
        return stop(reader, SP_YAML_REFUSED, SP_RULE_FM_MAX_REPEATED, event->offset,
                    SP_STR("aliases or merge keys that repeat too many keys and values"),
                    sp_str_format(reader->arena, "keep them to %lld", max_nodes), err);
    if (reader->repeated.bytes > (size_t)max_bytes)
        return stop(reader, SP_YAML_REFUSED, SP_RULE_FM_MAX_REPEATED_BYTES, event->offset,
                    SP_STR("aliases or merge keys that repeat too much text"),
                    sp_str_format(reader->arena, "keep it to %lld bytes", max_bytes), err);
    return SP_OK;
}

/* The node of from that begins there, once more for to. offset is the place of the alias; SIZE_MAX: the node's own. */
static sp_status repeat(struct reader *to, const struct reader *from, size_t begin, size_t offset, sp_err *err)
{
    size_t end = from->past.items[begin].end;
    for (size_t i = begin; i < end && !to->is_done; i++) {
        const struct past *past = &from->past.items[i];
        sp_yaml_event event = { .kind = past->kind,
                                .offset = offset == SIZE_MAX ? past->offset : offset,
                                .text = past->text,
                                .is_plain = past->is_plain,
                                .is_null = past->is_null };
        SP_TRY(count_repeated(to, &event, err));
        if (!to->is_done)
            SP_TRY(go_through(to, &event, err));
    }
    return SP_OK;
}

/* In the node that it is an alias of, a null takes its place. */
static sp_status take_alias(struct reader *reader, const sp_yaml_event *event, sp_err *err)
{
    sp_yaml_event null = {
        .kind = SP_YAML_SCALAR, .offset = event->offset, .text = SP_STR(""), .is_plain = true, .is_null = true
    };
    uint32_t begin = sp_map_find(&reader->anchors, event->anchor);
    if (begin == SP_NONE)
        return stop(reader, SP_YAML_BROKEN, SP_RULE_FM_INVALID, event->offset,
                    SP_STR("a value that begins with * and has no quotes"), SP_STR("put the value in double quotes"),
                    err);
    if (reader->past.items[begin].end != 0)
        return repeat(reader, reader, begin, event->offset, err);
    return go_through(reader, &null, err);
}

/* ---- merge keys ------------------------------------------------------------------------------------------- */

static sp_status finish(struct reader *reader, sp_err *err);

static sp_status name_fields(struct reader *reader, sp_err *err)
{
    for (size_t i = 0; i < reader->fields.count; i++) {
        uint32_t *slot = sp_map_slot(reader->arena, &reader->names, reader->fields.items[i].key);
        if (!slot)
            return sp_err_memory(err);
        *slot = 0;
    }
    return SP_OK;
}

/* Adds those whose name the reader has not. */
static sp_status merge_fields(struct reader *reader, const sp_field_list *fields, sp_err *err)
{
    for (size_t i = 0; i < fields->count; i++) {
        uint32_t *slot = sp_map_slot(reader->arena, &reader->names, fields->items[i].key);
        if (!slot)
            return sp_err_memory(err);
        if (*slot != SP_NONE)
            continue;
        if (is_full(reader))
            return stop_full(reader, fields->items[i].key_offset, err);
        sp_field *field = SP_LIST_PUSH(reader->arena, &reader->fields);
        if (!field)
            return sp_err_memory(err);
        *field = fields->items[i];
        *slot = 0;
    }
    return SP_OK;
}

/* Adds the fields of the mapping that begins there. The levels are free: the reader has read its own document. */
static sp_status merge_mapping(struct reader *reader, size_t begin, sp_err *err)
{
    struct reader part = {
        .arena = reader->arena, .levels = reader->levels, .max_depth = reader->max_depth, .repeated = reader->repeated
    };
    SP_TRY(repeat(&part, reader, begin, SIZE_MAX, err));
    SP_TRY(finish(&part, err));
    reader->repeated = part.repeated;
    if (!part.is_stopped)
        return merge_fields(reader, &part.fields, err);
    reader->is_stopped = true;
    reader->verdict = part.verdict;
    reader->problem = part.problem;
    return SP_OK;
}

/* A merge key takes a mapping or a list of them; anything else has no effect. */
static sp_status merge(struct reader *reader, size_t begin, sp_err *err)
{
    const struct past *past = reader->past.items;
    if (past[begin].kind == SP_YAML_OPEN_MAPPING)
        return merge_mapping(reader, begin, err);
    if (past[begin].kind != SP_YAML_OPEN_LIST)
        return SP_OK;
    for (size_t i = begin + 1; past[i].kind != SP_YAML_CLOSE && !reader->is_stopped; i = past[i].end)
        if (past[i].kind == SP_YAML_OPEN_MAPPING)
            SP_TRY(merge_mapping(reader, i, err));
    return SP_OK;
}

/* Drops merge keys and fields without a name, then adds the fields that are merged. */
static sp_status finish(struct reader *reader, sp_err *err)
{
    size_t kept = 0;
    if (reader->is_stopped)
        return SP_OK;
    for (size_t i = 0; i < reader->fields.count; i++)
        if (reader->fields.items[i].key.len && !sp_str_eq(reader->fields.items[i].key, SP_STR("<<")))
            reader->fields.items[kept++] = reader->fields.items[i];
    reader->fields.count = kept;
    if (reader->merges.count)
        SP_TRY(name_fields(reader, err));
    for (size_t i = 0; i < reader->merges.count && !reader->is_stopped; i++)
        SP_TRY(merge(reader, reader->merges.items[i], err));
    return SP_OK;
}

static sp_status read_fields(sp_arena *arena, sp_str text, size_t begin, size_t end, sp_yaml_verdict *ret_verdict,
                             sp_field_list *ret_fields, sp_yaml_problem *ret_problem, sp_err *err)
{
    struct reader reader = { .arena = arena };
    reader.max_depth = (size_t)sp_own_limit(SP_RULE_FM_MAX_DEPTH);
    reader.levels = SP_ARENA_ARRAY(arena, struct level, reader.max_depth + 1);
    if (!reader.levels || !sp_yaml_events_open(&reader.events, text, begin, end))
        return sp_err_memory(err);
    sp_status status = read_events(&reader, err);
    sp_yaml_events_close(&reader.events);
    if (status == SP_OK)
        status = finish(&reader, err);
    if (status != SP_OK)
        return status;
    *ret_verdict = reader.verdict;
    *ret_fields = reader.fields;
    *ret_problem = reader.problem;
    return SP_OK;
}

static sp_status read_copy(sp_arena *arena, const sp_yaml_copy *copy, sp_yaml_verdict *ret_verdict,
                           sp_field_list *ret_fields, sp_yaml_problem *ret_problem, sp_err *err)
{
    SP_TRY(read_fields(arena, copy->text, 0, copy->text.len, ret_verdict, ret_fields, ret_problem, err));
    if (*ret_verdict != SP_YAML_OK)
        ret_problem->offset = sp_yaml_copy_offset(copy, ret_problem->offset);
    return sp_yaml_copy_restore(arena, copy, ret_fields, err);
}

/* What libyaml does not know of YAML 1.2 is replaced only where it does not take the text for YAML. */
sp_status sp_yaml_fields(sp_arena *arena, sp_str text, size_t begin, size_t end, sp_yaml_verdict *ret_verdict,
                         sp_field_list *ret_fields, sp_yaml_problem *ret_problem, sp_err *err)
{
    sp_yaml_copy copy;
    sp_yaml_copy lenient;
    sp_yaml_verdict verdict = SP_YAML_OK;
    sp_field_list fields = { 0 };
    sp_yaml_problem problem = { 0 };
    SP_TRY(sp_yaml_copy_make(arena, text, begin, end, false, &copy, err));
    if (copy.text.ptr)
        SP_TRY(read_copy(arena, &copy, ret_verdict, ret_fields, ret_problem, err));
    else
        SP_TRY(read_fields(arena, text, begin, end, ret_verdict, ret_fields, ret_problem, err));
    if (*ret_verdict != SP_YAML_BROKEN)
        return SP_OK;
    SP_TRY(sp_yaml_copy_make(arena, text, begin, end, true, &lenient, err));
    if (!lenient.text.ptr)
        return SP_OK;
    SP_TRY(read_copy(arena, &lenient, &verdict, &fields, &problem, err));
    if (verdict == SP_YAML_BROKEN)
        return SP_OK;
    *ret_verdict = verdict;
    *ret_fields = fields;
    *ret_problem = problem;
    return SP_OK;
}
