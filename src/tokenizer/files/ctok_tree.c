/*
 * ctok_tree.c - pieces as a tree, whose edges are in one hash table.
 *
 * Where a single piece goes on, its symbols are not made edges, but stay where all pieces are written one behind the
 * other: most edges of a tree would be such. To know where that is, the tree is made when all pieces are there, a
 * symbol of each of them at a time. Then the many lookups in a table that is larger than the processor's caches do not
 * wait for each other, either.
 */
#include "tokenizer/files/ctok.h"

#include <stdlib.h>

enum {
    MAX_PIECES = 1 << 22,
    MAX_SYMBOLS = 1 << 27, /* of all pieces together */
};

void sp_ctok_tree_release(sp_ctok_tree *tree)
{
    free(tree->edges);
    free(tree->symbols);
    free(tree->pieces);
    *tree = (sp_ctok_tree){ 0 };
}

/* ---- the table -------------------------------------------------------------------------------------------- */

static uint64_t key_of(uint32_t node, uint32_t symbol)
{
    return (uint64_t)node << 32 | symbol;
}

/* The edge, or the empty place for it. */
static sp_ctok_edge *place_of(const sp_ctok_tree *tree, uint64_t key)
{
    uint64_t mixed = (key ^ key >> 29) * 0x9E3779B97F4A7C15u;
    size_t place = (size_t)(mixed >> 32) & (tree->capacity - 1);
    while (tree->edges[place].key != 0 && tree->edges[place].key != key)
        place = (place + 1) & (tree->capacity - 1);
    return &tree->edges[place];
}

/* Room for so many more edges, with half of the places left free. */
static bool reserve(sp_ctok_tree *tree, size_t more)
{
    sp_ctok_tree larger = *tree;
    while (larger.capacity < 2 * (tree->edge_count + more))
        larger.capacity = larger.capacity ? larger.capacity * 2 : 64;
    if (larger.capacity == tree->capacity)
        return true;
    larger.edges = calloc(larger.capacity, sizeof *larger.edges);
    if (!larger.edges)
        return false;
    for (size_t i = 0; i < tree->capacity; i++)
        if (tree->edges[i].key)
            *place_of(&larger, tree->edges[i].key) = tree->edges[i];
    free(tree->edges);
    *tree = larger;
    return true;
}

/* ---- what is in it ------------------------------------------------------------------------------------------ */

sp_ctok_added sp_ctok_add(sp_ctok_tree *tree, uint32_t root, const uint32_t *symbols, size_t count)
{
    if (tree->piece_count == MAX_PIECES || count > MAX_SYMBOLS - tree->symbol_count)
        return SP_CTOK_TOO_MANY;
    if (!sp_heap_grow((void **)&tree->pieces, tree->piece_count, &tree->piece_capacity, sizeof *tree->pieces))
        return SP_CTOK_NO_MEMORY;
    tree->pieces[tree->piece_count++] = (sp_ctok_piece){ tree->symbol_count, (uint32_t)count, root, NULL };
    for (size_t i = 0; i < count; i++) {
        if (!sp_heap_grow((void **)&tree->symbols, tree->symbol_count, &tree->symbol_capacity, sizeof *tree->symbols))
            return SP_CTOK_NO_MEMORY;
        tree->symbols[tree->symbol_count++] = symbols[i];
    }
    return SP_CTOK_ADDED;
}

/* Gives every piece the edge of its next symbol. */
static void find_edges(sp_ctok_tree *tree, size_t piece_count)
{
    for (size_t i = 0; i < piece_count; i++) {
        sp_ctok_piece *piece = &tree->pieces[i];
        uint64_t key = key_of(piece->node, tree->symbols[piece->begin]);
        piece->edge = place_of(tree, key);
        tree->edge_count += piece->edge->key == 0;
        piece->edge->key = key;
        if (piece->len == 1)
            piece->edge->is_piece = true;
        else if (piece->edge->followers < 2)
            piece->edge->followers++;
    }
}

/* Says where edges lead to. False: the piece has its place in the tree. */
static bool go_on(sp_ctok_tree *tree, sp_ctok_piece *piece)
{
    sp_ctok_edge *edge = piece->edge;
    piece->begin++;
    piece->len--;
    if (piece->len == 0)
        return false;
    if (edge->followers == 1) {
        edge->next = piece->begin;
        edge->tail_len = (uint8_t)piece->len;
        return false;
    }
    if (edge->next == 0)
        edge->next = tree->node_count++;
    piece->node = edge->next;
    return true;
}

bool sp_ctok_tree_make(sp_ctok_tree *tree)
{
    size_t left = tree->piece_count;
    tree->node_count = SP_CTOK_BYTES + 1;
    while (left > 0) {
        size_t kept = 0;
        if (!reserve(tree, left))
            return false;
        find_edges(tree, left);
        for (size_t i = 0; i < left; i++)
            if (go_on(tree, &tree->pieces[i]))
                tree->pieces[kept++] = tree->pieces[i];
        left = kept;
    }
    free(tree->pieces);
    tree->pieces = NULL;
    return true;
}

/* ---- asking --------------------------------------------------------------------------------------------------- */

bool sp_ctok_step(const sp_ctok_tree *tree, sp_ctok_way *way, uint32_t symbol)
{
    if (way->tail_len > 0) {
        bool goes_on = *way->tail == symbol;
        way->tail++;
        way->tail_len--;
        way->is_piece = way->tail_len == 0;
        return goes_on;
    }
    if (way->node == 0 || tree->capacity == 0)
        return false;
    const sp_ctok_edge *edge = place_of(tree, key_of(way->node, symbol));
    bool has_tail = edge->tail_len > 0;
    *way = (sp_ctok_way){ .node = has_tail ? 0 : edge->next, .tail_len = edge->tail_len, .is_piece = edge->is_piece };
    way->tail = has_tail ? tree->symbols + edge->next : NULL;
    return edge->key != 0;
}
