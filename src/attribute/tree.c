/*
 * tree.c - every token of a prompt under its rows.
 *
 * A part is a segment, or what of it stands on one line. Its path is a key for each level, the outermost first; where a
 * row has no child with that key yet it gets one. Most parts have the path of the one before but for its end, so the
 * table of all keys is asked only about that. Time and memory are linear in the parts, and as headings have six levels
 * no path is longer than MAX_DEPTH.
 */
#include "attribute/tree.h"
#include "attribute/attribute.h"
#include "base/numbers.h"
#include "base/types.h"
#include "model/prompt.h"
#include "model/source.h"
#include "rules/ids.h"
#include "rules/profile.h"
#include "syntax/headings.h"

#include <stdlib.h>

enum {
    HEADING_LEVELS = 6,
    MAX_DEPTH = 1 + SP_TREE_MAX_LEVELS + HEADING_LEVELS,
    FIRST_NODES = 64,
};

/* What tells a row from the others in the same row. */
typedef struct row_key {
    uint32_t parent;
    sp_tree_level level;
    uint32_t source;
    uint64_t id; /* block, kind, line: whatever the level has */
} row_key;

typedef struct tree_part {
    uint32_t segment;
    uint32_t line; /* in the source, or in our own text; 0: the whole segment */
    sp_str text;
    size_t tokens;
} tree_part;

typedef struct planting {
    sp_arena *arena; /* of the tree */
    sp_arena scratch;
    const sp_prompt *prompt;
    sp_tree_options options;
    bool by_line;
    sp_node *nodes;
    row_key *keys; /* of the nodes */
    uint32_t count;
    uint32_t capacity;
    uint32_t *table; /* of indices, by hash of their key; 0 is free. Twice the capacity, a power of two */
    uint32_t *segment_nodes;
    uint32_t path[MAX_DEPTH]; /* of the part before */
    uint32_t path_length;
    uint32_t at; /* the row that a part has come to */
    tree_part *parts;
    size_t part_count;
    sp_tree_run *runs;
    size_t run_count;
} planting;

/* ---- rows ------------------------------------------------------------------------------------------------- */

static bool same_key(const row_key *a, const row_key *b)
{
    return a->id == b->id && a->parent == b->parent && a->level == b->level && a->source == b->source;
}

static uint32_t *slot_of(const planting *p, const row_key *key)
{
    size_t mask = 2 * (size_t)p->capacity - 1;
    uint64_t hash = (key->id + 1) * 0x9E3779B97F4A7C15u;
    hash = (hash ^ (hash >> 29) ^ ((uint64_t)key->parent << 3) ^ (uint64_t)key->level) * 0xBF58476D1CE4E5B9u;
    hash = (hash ^ (hash >> 32) ^ key->source) * 0x94D049BB133111EBu;
    size_t i = (size_t)(hash >> 20) & mask;
    while (p->table[i] && !same_key(&p->keys[p->table[i]], key))
        i = (i + 1) & mask;
    return &p->table[i];
}

static bool grow_array(void **items, size_t count, size_t size)
{
    void *grown = realloc(*items, count * size);
    if (grown)
        *items = grown;
    return grown != NULL;
}

static sp_status grow(planting *p, sp_err *err)
{
    if (p->count < p->capacity)
        return SP_OK;
    if (p->capacity > UINT32_MAX / 4)
        return sp_err_memory(err);
    uint32_t capacity = p->capacity ? 2 * p->capacity : FIRST_NODES;
    uint32_t *table = calloc(2 * (size_t)capacity, sizeof *table);
    if (!table || !grow_array((void **)&p->nodes, capacity, sizeof *p->nodes) ||
        !grow_array((void **)&p->keys, capacity, sizeof *p->keys)) {
        free(table);
        return sp_err_memory(err);
    }
    free(p->table);
    p->table = table;
    p->capacity = capacity;
    for (uint32_t i = 1; i < p->count; i++)
        *slot_of(p, &p->keys[i]) = i;
    return SP_OK;
}

static sp_str first_line(sp_str text)
{
    size_t end = 0;
    while (end < text.len && !sp_ends_line(text, end))
        end++;
    return sp_str_trim(sp_str_slice(text, 0, end));
}

static sp_str name_of(const planting *p, const tree_part *part, const row_key *key)
{
    const sp_segment *segment = &p->prompt->segments[part->segment];
    const sp_source *source = segment->source == SP_NONE ? NULL : &p->prompt->sources[segment->source];
    switch (key->level) {
    case SP_TREE_FILE:
        return source ? source->path : (sp_str){ NULL, 0 };
    case SP_TREE_HEADING:
        return source && key->id != SP_NONE ? sp_heading_text(source, (uint32_t)key->id) : (sp_str){ NULL, 0 };
    case SP_TREE_BLOCK:
        if (source && segment->block != SP_NONE)
            return first_line(
                sp_str_slice(source->bytes, source->blocks[segment->block].begin, source->blocks[segment->block].end));
        return first_line(segment->text);
    case SP_TREE_LINE:
        return source ? sp_line_at(source->bytes, (size_t)(part->text.ptr - source->bytes.ptr))
                      : sp_line_at(segment->text, (size_t)(part->text.ptr - segment->text.ptr));
    default:
        return (sp_str){ NULL, 0 };
    }
}

static sp_status add_row(planting *p, const tree_part *part, const row_key *key, uint32_t *ret, sp_err *err)
{
    const sp_segment *segment = &p->prompt->segments[part->segment];
    SP_TRY(grow(p, err));
    const sp_node *parent = &p->nodes[key->parent];
    bool has_block = key->source != SP_NONE && (key->level == SP_TREE_HEADING || key->level == SP_TREE_BLOCK);
    p->nodes[p->count] = (sp_node){ .level = key->level,
                                    .kind = segment->kind,
                                    .name = name_of(p, part, key),
                                    .parent = key->parent,
                                    .first_child = SP_NONE,
                                    .next = SP_NONE,
                                    .depth = parent->depth + 1,
                                    .source = key->source,
                                    .block = has_block ? (uint32_t)key->id : SP_NONE,
                                    .first_segment = part->segment,
                                    .is_generated = true };
    p->keys[p->count] = *key;
    *slot_of(p, key) = p->count;
    *ret = p->count++;
    return SP_OK;
}

/* Goes on from the row that the part has come to into one of its children. */
static sp_status step(planting *p, const tree_part *part, sp_tree_level level, uint64_t id, sp_err *err)
{
    const sp_segment *segment = &p->prompt->segments[part->segment];
    uint32_t depth = p->nodes[p->at].depth + 1;
    /* a kind is that of any file, unless it stands in one */
    uint32_t source = level == SP_TREE_KIND ? p->nodes[p->at].source : segment->source;
    row_key key = { p->at, level, source, id };
    bool is_same = depth < p->path_length && same_key(&p->keys[p->path[depth]], &key);
    uint32_t row = is_same ? p->path[depth] : *slot_of(p, &key);
    if (!row)
        SP_TRY(add_row(p, part, &key, &row, err));
    p->path[depth] = row;
    p->path_length = is_same ? p->path_length : depth + 1;
    p->at = row;
    return SP_OK;
}

static sp_status step_headings(planting *p, const tree_part *part, sp_err *err)
{
    const sp_segment *segment = &p->prompt->segments[part->segment];
    uint32_t path[HEADING_LEVELS];
    size_t depth = 0;
    if (segment->source == SP_NONE)
        return step(p, part, SP_TREE_HEADING, segment->kind, err);
    if (segment->block != SP_NONE)
        depth = sp_heading_path(&p->prompt->sources[segment->source], segment->block, path, HEADING_LEVELS);
    if (depth == 0)
        return step(p, part, SP_TREE_HEADING, SP_NONE, err);
    for (size_t i = 0; i < depth && i < HEADING_LEVELS; i++)
        SP_TRY(step(p, part, SP_TREE_HEADING, path[i], err));
    return SP_OK;
}

static sp_status step_level(planting *p, const tree_part *part, sp_tree_level level, sp_err *err)
{
    const sp_segment *segment = &p->prompt->segments[part->segment];
    bool is_own = segment->source == SP_NONE;
    uint64_t own_id = (uint64_t)part->segment << 32;
    switch (level) {
    case SP_TREE_HEADING:
        return step_headings(p, part, err);
    case SP_TREE_KIND:
        return step(p, part, level, segment->kind, err);
    case SP_TREE_BLOCK:
        return step(p, part, level, is_own ? own_id : segment->block, err);
    case SP_TREE_LINE:
        return step(p, part, level, is_own ? own_id | part->line : part->line, err);
    default:
        return step(p, part, level, 0, err);
    }
}

static void widen(sp_node *node, uint32_t first_line, uint32_t last_line)
{
    if (node->first_line == 0 || first_line < node->first_line)
        node->first_line = first_line;
    if (last_line > node->last_line)
        node->last_line = last_line;
}

static sp_status add_part(planting *p, const tree_part *part, sp_err *err)
{
    const sp_segment *segment = &p->prompt->segments[part->segment];
    p->at = 0;
    for (size_t i = 0; i < p->options.level_count; i++)
        SP_TRY(step_level(p, part, p->options.levels[i], err));
    sp_node *node = &p->nodes[p->at];
    node->bytes += part->text.len;
    node->own_tokens += part->tokens;
    node->is_generated = node->is_generated && segment->source == SP_NONE;
    if (node->source != SP_NONE)
        widen(node, part->line ? part->line : segment->first_line, part->line ? part->line : segment->last_line);
    if (p->segment_nodes[part->segment] == SP_NONE)
        p->segment_nodes[part->segment] = p->at;
    return SP_OK;
}

/* Where the part that was added last stands, in one run with the part before where they have the same row. */
static void add_run(planting *p, const tree_part *part)
{
    sp_tree_run *last = p->run_count ? &p->runs[p->run_count - 1] : NULL;
    size_t message = last ? last->message : 0;
    size_t begin = last ? last->end : 0;
    const sp_message *messages = p->prompt->messages;
    while (part->segment >= messages[message].first_segment + messages[message].segment_count) {
        message++;
        begin = 0;
    }
    if (last && last->message == message && last->node == p->at)
        last->end += part->text.len;
    else
        p->runs[p->run_count++] = (sp_tree_run){ message, begin, begin + part->text.len, p->at };
}

/* Rows stand behind those that they are in, so from the last to the first each is whole when it is passed on. */
static void sum_up(planting *p)
{
    p->nodes[0].tokens += p->nodes[0].own_tokens;
    for (uint32_t i = p->count - 1; i > 0; i--) {
        sp_node *node = &p->nodes[i];
        node->tokens += node->own_tokens;
        sp_node *parent = &p->nodes[node->parent];
        parent->bytes += node->bytes;
        parent->tokens += node->tokens;
        parent->is_generated = parent->is_generated && node->is_generated;
        if (parent->source != SP_NONE && parent->source == node->source)
            widen(parent, node->first_line, node->last_line);
        node->next = parent->first_child;
        parent->first_child = i;
        parent->child_count++;
    }
}

/* ---- parts ------------------------------------------------------------------------------------------------ */

/* Where the line ends that begins at offset at of a segment. Its source knows whether \n follows a \r. */
static size_t line_end(const sp_prompt *prompt, const sp_segment *segment, size_t at)
{
    bool is_own = segment->source == SP_NONE;
    sp_str text = is_own ? segment->text : prompt->sources[segment->source].bytes;
    size_t base = is_own ? 0 : segment->begin;
    while (at < segment->text.len && !sp_ends_line(text, base + at))
        at++;
    return at < segment->text.len ? at + 1 : at;
}

static size_t split_segment(const planting *p, uint32_t index, tree_part *parts)
{
    const sp_segment *segment = &p->prompt->segments[index];
    uint32_t line = segment->source == SP_NONE ? 1 : segment->first_line;
    size_t count = 0;
    if (!p->by_line) {
        if (parts)
            parts[0] = (tree_part){ .segment = index, .text = segment->text, .tokens = segment->tokens };
        return 1;
    }
    for (size_t at = 0, end; at < segment->text.len; at = end, count++, line++) {
        end = line_end(p->prompt, segment, at);
        if (parts)
            parts[count] = (tree_part){ .segment = index, .line = line, .text = sp_str_slice(segment->text, at, end) };
    }
    return count;
}

/* Rows take memory, and a file of line ends has more of them than anybody reads. */
static sp_status refuse(const planting *p, uint32_t index, sp_err *err)
{
    const sp_segment *segment = &p->prompt->segments[index];
    const sp_source *source = segment->source == SP_NONE ? NULL : &p->prompt->sources[segment->source];
    return sp_err_at(err, SP_ERR_INPUT, source ? source->path : (sp_str){ NULL, 0 },
                     source ? source->bytes : (sp_str){ NULL, 0 }, segment->begin, sp_rule_id(SP_RULE_TREE_LINES),
                     "the prompt has more than %s lines, too many for a row each; leave the level \"line\" out",
                     SP_NUMBER((uint64_t)sp_own_limit(SP_RULE_TREE_LINES)));
}

static sp_status split(planting *p, sp_err *err)
{
    size_t count = 0;
    for (uint32_t i = 0; i < p->prompt->segment_count; i++) {
        count += split_segment(p, i, NULL);
        if (p->by_line && count > (size_t)sp_own_limit(SP_RULE_TREE_LINES))
            return refuse(p, i, err);
    }
    p->parts = SP_ARENA_ARRAY(&p->scratch, tree_part, count + 1);
    p->runs = SP_ARENA_ARRAY(p->arena, sp_tree_run, count + 1);
    if (!p->parts || !p->runs)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < p->prompt->segment_count; i++)
        p->part_count += split_segment(p, i, p->parts + p->part_count);
    return SP_OK;
}

/* The tokens of the parts of one message, the first of which is parts[0]; *ret_count is how many there are. */
static sp_status count_message(const planting *p, const sp_message *message, tree_part *parts, size_t *ret_count,
                               sp_err *err)
{
    size_t count = 0;
    size_t end = 0;
    size_t total;
    sp_range range;
    size_t room = (size_t)(p->parts + p->part_count - parts);
    while (count < room && parts[count].segment < message->first_segment + message->segment_count)
        count++;
    size_t *ends = calloc(2 * (count + 1), sizeof *ends);
    if (!ends)
        return sp_err_memory(err);
    size_t *tokens = ends + count + 1;
    for (size_t i = 0; i < count; i++)
        ends[i] = end += parts[i].text.len;
    sp_status status =
        sp_attribute_shares(p->prompt->encoding, message->text, ends, count, tokens, &total, &range, err);
    for (size_t i = 0; i < count && status == SP_OK; i++)
        parts[i].tokens = tokens[i];
    free(ends);
    *ret_count = count;
    return status;
}

/* Segments have their tokens; lines do not. */
static sp_status count_lines(planting *p, sp_err *err)
{
    tree_part *parts = p->parts;
    for (size_t i = 0; p->by_line && i < p->prompt->message_count; i++) {
        size_t count = 0;
        SP_TRY(count_message(p, &p->prompt->messages[i], parts, &count, err));
        parts += count;
    }
    return SP_OK;
}

/* ---- the whole -------------------------------------------------------------------------------------------- */

static sp_status check_options(const sp_tree_options *options, sp_err *err)
{
    unsigned seen = 1u << SP_TREE_PROMPT;
    for (size_t i = 0; i < options->level_count; i++) {
        unsigned level = (unsigned)options->levels[i];
        if (level > SP_TREE_LINE || seen & 1u << level)
            return sp_err_set(err, SP_ERR_USAGE, "each level of a tree is one of five, and stands once");
        seen |= 1u << level;
    }
    return SP_OK;
}

static sp_status plant(planting *p, sp_err *err)
{
    SP_TRY(check_options(&p->options, err));
    for (size_t i = 0; i < p->options.level_count; i++)
        p->by_line = p->by_line || p->options.levels[i] == SP_TREE_LINE;
    SP_TRY(grow(p, err));
    p->nodes[p->count++] = (sp_node){ .parent = SP_NONE,
                                      .first_child = SP_NONE,
                                      .next = SP_NONE,
                                      .source = SP_NONE,
                                      .block = SP_NONE,
                                      .is_generated = true };
    p->path_length = 1;
    p->segment_nodes = SP_ARENA_ARRAY(p->arena, uint32_t, p->prompt->segment_count + 1);
    if (!p->segment_nodes)
        return sp_err_memory(err);
    memset(p->segment_nodes, 0xFF, (p->prompt->segment_count + 1) * sizeof *p->segment_nodes);
    SP_TRY(split(p, err));
    SP_TRY(count_lines(p, err));
    for (size_t i = 0; i < p->part_count; i++) {
        SP_TRY(add_part(p, &p->parts[i], err));
        add_run(p, &p->parts[i]);
    }
    sum_up(p);
    return SP_OK;
}

typedef struct tree_owner {
    sp_tree tree;
    sp_node *nodes;
    sp_arena arena;
} tree_owner;

sp_status sp_tree_build(const sp_prompt *prompt, const sp_tree_options *options, sp_tree **ret_tree, sp_err *err)
{
    static const sp_tree_level usual[] = { SP_TREE_FILE, SP_TREE_HEADING };
    tree_owner *made = calloc(1, sizeof *made);
    if (!made)
        return sp_err_memory(err);
    planting p = { .arena = &made->arena, .prompt = prompt, .options = { usual, SP_COUNT_OF(usual) } };
    if (options && options->level_count)
        p.options = *options;
    sp_status status = plant(&p, err);
    sp_arena_release(&p.scratch);
    free(p.table);
    free(p.keys);
    made->nodes = p.nodes;
    made->tree = (sp_tree){ p.nodes, p.count, p.runs, p.run_count, p.segment_nodes, made };
    if (status == SP_OK)
        *ret_tree = &made->tree;
    else
        sp_tree_free(&made->tree);
    return status;
}

void sp_tree_free(sp_tree *tree)
{
    if (!tree)
        return;
    tree_owner *made = tree->owner;
    free(made->nodes);
    sp_arena_release(&made->arena);
    free(made);
}
