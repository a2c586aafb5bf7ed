/*
 * arena.c - a chain of blocks; what it hands out never moves.
 *
 * Growing one block with realloc would move it under every view that is kept, so a full block stays where
 * it is and a new one goes in front. A request larger than a block gets a block of its own behind the
 * head, so that the head's free room is not lost.
 */
#include "base/base.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_BYTES = 64 * 1024 };

struct sp_arena_block {
    struct sp_arena_block *next;
    size_t used;
    size_t capacity;
    alignas(max_align_t) unsigned char bytes[];
};

void sp_arena_release(sp_arena *arena)
{
    struct sp_arena_block *block = arena->head;
    while (block) {
        struct sp_arena_block *next = block->next;
        free(block);
        block = next;
    }
    arena->head = NULL;
}

static struct sp_arena_block *block_new(size_t capacity)
{
    if (capacity > SIZE_MAX - sizeof(struct sp_arena_block))
        return NULL;
    struct sp_arena_block *block = calloc(1, sizeof *block + capacity);
    if (block)
        block->capacity = capacity;
    return block;
}

void *sp_arena_alloc(sp_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    const size_t align = alignof(max_align_t);
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - align)
        return NULL;
    bytes = (bytes + align - 1) / align * align;

    struct sp_arena_block *head = arena->head;
    if (!head || bytes > head->capacity - head->used) {
        bool oversized = bytes > BLOCK_BYTES / 4;
        struct sp_arena_block *block = block_new(oversized ? bytes : BLOCK_BYTES);
        if (!block)
            return NULL;
        if (oversized && head) {
            block->next = head->next;
            head->next = block;
        } else {
            block->next = head;
            arena->head = block;
        }
        head = block;
    }
    void *result = head->bytes + head->used;
    head->used += bytes;
    return result;
}

void sp_arena_adopt(sp_arena *arena, sp_arena *from)
{
    struct sp_arena_block **end = &from->head;
    while (*end)
        end = &(*end)->next;
    if (!arena->head) {
        arena->head = from->head;
    } else {
        *end = arena->head->next; /* the head has room to hand out */
        arena->head->next = from->head;
    }
    from->head = NULL;
}

sp_str sp_str_dup(sp_arena *arena, sp_str s)
{
    char *copy = s.len == SIZE_MAX ? NULL : sp_arena_alloc(arena, s.len + 1, 1);
    if (!copy)
        return (sp_str){ NULL, 0 };
    if (s.len)
        memcpy(copy, s.ptr, s.len);
    return (sp_str){ copy, s.len };
}

sp_str sp_str_vformat(sp_arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = length < 0 ? NULL : sp_arena_alloc(arena, (size_t)length + 1, 1);
    if (!text)
        return (sp_str){ NULL, 0 };
    vsnprintf(text, (size_t)length + 1, format, args);
    return (sp_str){ text, (size_t)length };
}

sp_str sp_str_format(sp_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sp_str text = sp_str_vformat(arena, format, args);
    va_end(args);
    return text;
}

bool sp_list_grow(sp_arena *arena, void **items, size_t count, size_t *capacity, size_t item_size)
{
    if (count < *capacity)
        return true;
    size_t grown = *capacity ? *capacity * 2 : 8;
    void *copy = grown < *capacity ? NULL : sp_arena_alloc(arena, grown, item_size);
    if (!copy)
        return false;
    if (count)
        memcpy(copy, *items, count * item_size);
    *items = copy;
    *capacity = grown;
    return true;
}

bool sp_heap_grow(void **items, size_t count, size_t *capacity, size_t item_size)
{
    size_t grown = *capacity ? *capacity * 2 : 64;
    size_t bytes;
    if (count < *capacity)
        return true;
    void *moved = grown < *capacity || __builtin_mul_overflow(grown, item_size, &bytes) ? NULL : realloc(*items, bytes);
    if (!moved)
        return false;
    *items = moved;
    *capacity = grown;
    return true;
}
