/*
 * invariants_tree.h - what holds for the rows that the tokens of a prompt stand under.
 *
 * Every row is the sum of its rows and its own; the root is the prompt; file rows are the sources, and line rows have
 * the tokens that begin on their line, counted here once more in another way. What rows cost alone, and what the prompt
 * loses without them, is what counting the text says, byte for byte put together anew.
 */
#ifndef TESTS_INVARIANTS_TREE_H
#define TESTS_INVARIANTS_TREE_H

#include "attribute/tree.h"
#include "base/types.h"
#include "invariants.h"
#include "model/prompt.h"
#include "tokenizer/tokens.h"

static inline bool inv_node(const sp_prompt *prompt, const sp_tree *tree, uint32_t index, char *why)
{
    const sp_node *node = &tree->nodes[index];
    size_t tokens = node->own_tokens;
    size_t bytes = 0;
    uint32_t children = 0;
    for (uint32_t at = node->first_child, before = index; at != SP_NONE; before = at, at = tree->nodes[at].next) {
        const sp_node *child = &tree->nodes[at];
        INV(at > before && at < tree->node_count && child->parent == index && child->depth == node->depth + 1,
            "row %u is no child of row %u", at, index);
        tokens += child->tokens;
        bytes += child->bytes;
        children++;
    }
    INV(tokens == node->tokens, "row %u has %zu tokens, what is in it %zu", index, node->tokens, tokens);
    INV(bytes <= node->bytes && (node->own_tokens == 0 || bytes < node->bytes),
        "row %u has %zu bytes, what is in it %zu", index, node->bytes, bytes);
    INV(children == node->child_count, "row %u has %u rows, not %u", index, children, node->child_count);
    INV(node->bytes > 0 || index == 0, "row %u is empty", index);
    INV(node->source == SP_NONE || (node->source < prompt->source_count && node->first_line > 0 &&
                                    node->last_line >= node->first_line && !node->is_generated),
        "row %u has no place", index);
    return true;
}

/* Where file rows are the outermost they say what the sources say. */
static inline bool inv_file_rows(const sp_prompt *prompt, const sp_tree *tree, char *why)
{
    size_t files = 0;
    for (uint32_t i = 0; i < tree->node_count; i++) {
        const sp_node *node = &tree->nodes[i];
        if (node->level != SP_TREE_FILE)
            continue;
        size_t tokens = node->source == SP_NONE ? prompt->generated_tokens : prompt->sources[node->source].tokens;
        INV(node->tokens == tokens, "file row %u has %zu tokens, the source %zu", i, node->tokens, tokens);
        files += node->tokens;
    }
    INV(files == prompt->tokens, "the file rows have %zu tokens, the prompt %zu", files, prompt->tokens);
    return true;
}

/* The row of the line that each token's first byte is on loses one: all end at none. */
static inline bool inv_take_tokens(const sp_prompt *prompt, const sp_message *message, size_t **lines,
                                   const uint32_t *ends, size_t count, char *why)
{
    size_t token = 0;
    size_t at = 0;
    for (size_t i = message->first_segment; i < message->first_segment + message->segment_count; i++) {
        const sp_segment *s = &prompt->segments[i];
        uint32_t line = s->first_line;
        for (size_t b = 0; b < s->text.len; b++, at++) {
            if (token < count && at == (token ? ends[token - 1] : 0)) {
                token++;
                if (s->source != SP_NONE)
                    INV(lines[s->source][line]-- > 0, "%.*s:%u has a token too few",
                        SP_STR_ARG(prompt->sources[s->source].path), line);
            }
            if (s->source != SP_NONE)
                line += sp_ends_line(prompt->sources[s->source].bytes, s->begin + b);
        }
    }
    INV(token == count, "%zu of %zu tokens begin in segments", token, count);
    return true;
}

static inline bool inv_lines_of(const sp_prompt *prompt, const sp_tree *tree, size_t **lines, char *why)
{
    sp_err err;
    for (uint32_t i = 0; i < prompt->source_count; i++) {
        lines[i] = calloc(prompt->sources[i].bytes.len + 2, sizeof **lines);
        INV(lines[i], "out of memory");
    }
    for (uint32_t i = 0; i < tree->node_count; i++) {
        const sp_node *node = &tree->nodes[i];
        if (node->level == SP_TREE_LINE && node->source != SP_NONE)
            lines[node->source][node->first_line] += node->tokens;
    }
    for (size_t i = 0; i < prompt->message_count; i++) {
        uint32_t *ends;
        size_t count;
        INV(sp_token_ends(prompt->encoding, prompt->messages[i].text, SP_SPECIAL_AS_TEXT, &ends, &count, &err) == SP_OK,
            "%s", err.message);
        bool hold = inv_take_tokens(prompt, &prompt->messages[i], lines, ends, count, why);
        free(ends);
        if (!hold)
            return false;
    }
    for (uint32_t i = 0; i < prompt->source_count; i++)
        for (size_t line = 0; line < prompt->sources[i].bytes.len + 2; line++)
            INV(lines[i][line] == 0, "%.*s:%zu has %zu tokens too many", SP_STR_ARG(prompt->sources[i].path), line,
                lines[i][line]);
    return true;
}

static inline bool inv_line_rows(const sp_prompt *prompt, const sp_tree *tree, char *why)
{
    if (!prompt->exact) /* has no tokens, only numbers of them */
        return true;
    size_t **lines = calloc(prompt->source_count + 1, sizeof *lines);
    bool hold = lines && inv_lines_of(prompt, tree, lines, why);
    for (uint32_t i = 0; lines && i < prompt->source_count; i++)
        free(lines[i]);
    free(lines);
    return hold;
}

static inline bool inv_tree_rows(const sp_prompt *prompt, const sp_tree_options *options, const sp_tree *tree,
                                 char *why)
{
    bool by_file = options->levels[0] == SP_TREE_FILE;
    bool by_line = false;
    INV(tree->nodes[0].tokens == prompt->tokens, "the tree has %zu tokens, the prompt %zu", tree->nodes[0].tokens,
        prompt->tokens);
    for (uint32_t i = 0; i < tree->node_count; i++)
        if (!inv_node(prompt, tree, i, why))
            return false;
    for (size_t i = 0; i < prompt->segment_count; i++)
        INV(tree->segment_nodes[i] < tree->node_count, "segment %zu is in no row", i);
    for (size_t i = 0; i < options->level_count; i++)
        by_line = by_line || options->levels[i] == SP_TREE_LINE;
    return (!by_file || inv_file_rows(prompt, tree, why)) && (!by_line || inv_line_rows(prompt, tree, why));
}

/* ---- costs -------------------------------------------------------------------------------------------------- */

static inline bool inv_is_in(const sp_tree *tree, uint32_t node, uint32_t row)
{
    while (node != SP_NONE && node != row)
        node = tree->nodes[node].parent;
    return node == row;
}

/* The tokens of what is in a row of one message, or of what is not. */
static inline bool inv_count_row(const sp_prompt *prompt, const sp_tree *tree, uint32_t row, size_t message, bool is_in,
                                 size_t *tokens, char *why)
{
    sp_buf text = { 0 };
    sp_err err;
    size_t counted = 0;
    for (size_t i = 0; i < tree->run_count; i++) {
        const sp_tree_run *run = &tree->runs[i];
        if (run->message == message && inv_is_in(tree, run->node, row) == is_in)
            sp_buf_add(&text, sp_str_slice(prompt->messages[message].text, run->begin, run->end));
    }
    bool done =
        !text.failed && sp_count(prompt->encoding, sp_buf_str(&text), SP_SPECIAL_AS_TEXT, &counted, &err) == SP_OK;
    sp_buf_release(&text);
    INV(done, "out of memory");
    *tokens += counted;
    return true;
}

static inline bool inv_cost(const sp_prompt *prompt, const sp_tree *tree, const sp_node_cost *costs, uint32_t row,
                            char *why)
{
    size_t alone = 0;
    size_t left = 0;
    for (size_t i = 0; i < prompt->message_count; i++)
        if (!inv_count_row(prompt, tree, row, i, true, &alone, why) ||
            !inv_count_row(prompt, tree, row, i, false, &left, why))
            return false;
    INV(costs[row].is_known && costs[row].standalone == alone, "row %u has %zu tokens alone, not %zu", row, alone,
        costs[row].standalone);
    INV(costs[row].marginal == (int64_t)prompt->tokens - (int64_t)left,
        "without row %u there are %zu of %zu tokens, not %lld less", row, left, prompt->tokens,
        (long long)costs[row].marginal);
    return true;
}

/* Of so many rows, from everywhere in the tree. */
enum { INV_COSTS = 6 };

static inline bool inv_costs(const sp_prompt *prompt, const sp_tree *tree, char *why)
{
    sp_node_cost *costs;
    sp_err err;
    bool hold = true;
    uint32_t step = 1 + tree->node_count / INV_COSTS;
    INV(sp_tree_costs(prompt, tree, &costs, &err) == SP_OK, "%s", err.message);
    for (uint32_t row = 0; row < tree->node_count && hold; row += step)
        hold = inv_cost(prompt, tree, costs, row, why);
    free(costs);
    return hold;
}

/* Every byte of every message is in one run. */
static inline bool inv_runs(const sp_prompt *prompt, const sp_tree *tree, char *why)
{
    size_t message = 0;
    size_t at = 0;
    for (size_t i = 0; i < tree->run_count; i++) {
        const sp_tree_run *run = &tree->runs[i];
        if (run->message != message) {
            INV(at == prompt->messages[message].text.len, "the runs of message %zu end at %zu", message, at);
            message++;
            at = 0;
        }
        INV(run->message == message && run->begin == at && run->end > at && run->node < tree->node_count,
            "run %zu begins at %zu, not %zu", i, run->begin, at);
        at = run->end;
    }
    INV(prompt->message_count == 0 ||
            (message == prompt->message_count - 1 && at == prompt->messages[message].text.len),
        "the runs end at %zu of message %zu", at, message);
    return true;
}

static inline bool inv_tree(const sp_prompt *prompt, char *why)
{
    static const sp_tree_level all[] = { SP_TREE_FILE, SP_TREE_HEADING, SP_TREE_KIND, SP_TREE_BLOCK, SP_TREE_LINE };
    static const sp_tree_level inside_out[] = { SP_TREE_LINE, SP_TREE_KIND, SP_TREE_HEADING, SP_TREE_FILE };
    static const sp_tree_level usual[] = { SP_TREE_FILE, SP_TREE_HEADING };
    static const sp_tree_level kinds[] = { SP_TREE_KIND, SP_TREE_BLOCK };
    static const sp_tree_options options[] = { { usual, SP_COUNT_OF(usual) },
                                               { all, SP_COUNT_OF(all) },
                                               { inside_out, SP_COUNT_OF(inside_out) },
                                               { kinds, SP_COUNT_OF(kinds) } };
    for (size_t i = 0; i < SP_COUNT_OF(options); i++) {
        sp_tree *tree;
        sp_err err;
        INV(sp_tree_build(prompt, &options[i], &tree, &err) == SP_OK, "%s", err.message);
        bool hold = inv_tree_rows(prompt, &options[i], tree, why) && inv_runs(prompt, tree, why) &&
                    (i % 2 == 0 || inv_costs(prompt, tree, why));
        sp_tree_free(tree);
        if (!hold)
            return false;
    }
    return true;
}

#endif
