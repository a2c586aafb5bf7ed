/*
 * arena.c - a chain of blocks; what it hands out never moves.
 *
 * Growing one block with realloc would move it under every view that is kept, so a full block stays where
 * it is and a new one goes in front. A request larger than a block gets a block of its own behind the
 * head, so that the head's free room is not lost.
 *
 * Blocks grow with the arena, up to a large page each: every small page that is touched costs a fault, and where many
 * files are read, faults cost as much as reading. What is in a block is zeroed as it is handed out; what has a block of
 * its own is left to calloc, which knows what the system has zeroed, so that a half of it that is not used is not
 * there.
 */
#include "base/base.h"
#include "base/types.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/* Memory that was not handed out is poisoned, and each allocation is followed by REDZONE_BYTES of it, so that the
 * address sanitizer reports a read past its end. */
#ifdef SP_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
enum { REDZONE_BYTES = alignof(max_align_t) };
#else
#define ASAN_POISON_MEMORY_REGION(begin, bytes) ((void)0)
#define ASAN_UNPOISON_MEMORY_REGION(begin, bytes) ((void)0)
enum { REDZONE_BYTES = 0 };
#endif

enum {
    FIRST_BLOCK_BYTES = 16 * 1024,
    CACHE_LINE_BYTES = 64,
    OVERSIZED_SHARE = 4, /* what takes more than such a share of a block gets one of its own */
};

struct sp_arena_block {
    struct sp_arena_block *next;
    size_t used;
    size_t capacity;
    alignas(max_align_t) unsigned char bytes[];
};

static void free_blocks(struct sp_arena_block *block)
{
    while (block) {
        struct sp_arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void sp_arena_release(sp_arena *arena)
{
    free_blocks(arena->head);
    arena->head = NULL;
}

void sp_arena_reuse(sp_arena *arena)
{
    if (!arena->head)
        return;
    free_blocks(arena->head->next);
    arena->head->next = NULL;
    arena->head->used = 0;
    ASAN_POISON_MEMORY_REGION(arena->head->bytes, arena->head->capacity);
}

static void ask_for_large_pages(void *memory, size_t bytes)
{
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    (void)madvise(memory, bytes, MADV_HUGEPAGE); /* good advice, and no more than that */
#else
    (void)memory, (void)bytes;
#endif
}

/* One block, where a large page begins. */
static void *large_page(void)
{
    void *memory = aligned_alloc(SP_LARGE_PAGE_BYTES, SP_LARGE_PAGE_BYTES);
    if (memory)
        ask_for_large_pages(memory, SP_LARGE_PAGE_BYTES);
    return memory;
}

/* calloc, for what comes fresh from the system is zero, and need not be touched. */
void *sp_table_new(size_t bytes, void **ret_memory)
{
    size_t alignment = bytes < SP_LARGE_PAGE_BYTES ? CACHE_LINE_BYTES : SP_LARGE_PAGE_BYTES;
    unsigned char *memory = calloc(1, bytes + alignment);
    *ret_memory = memory;
    if (!memory)
        return NULL;
    void *table = memory + (alignment - (uintptr_t)memory % alignment);
    if (bytes >= SP_LARGE_PAGE_BYTES)
        ask_for_large_pages(table, bytes);
    return table;
}

/* In front: a block of so many bytes, its own head among them, that are not zeroed. */
static struct sp_arena_block *add_block(sp_arena *arena, size_t bytes)
{
    struct sp_arena_block *block = bytes == SP_LARGE_PAGE_BYTES ? large_page() : malloc(bytes);
    if (!block)
        return NULL;
    block->next = arena->head;
    block->used = 0;
    block->capacity = bytes - sizeof *block;
    ASAN_POISON_MEMORY_REGION(block->bytes, block->capacity);
    arena->head = block;
    return block;
}

/* A block for one request alone. */
static void *alloc_apart(sp_arena *arena, size_t bytes)
{
    struct sp_arena_block *block = bytes > SIZE_MAX - sizeof *block ? NULL : calloc(1, sizeof *block + bytes);
    struct sp_arena_block **before = arena->head ? &arena->head->next : &arena->head;
    if (!block)
        return NULL;
    block->next = *before;
    block->used = block->capacity = bytes;
    *before = block;
    return block->bytes;
}

static size_t next_block_bytes(const sp_arena *arena)
{
    size_t last = arena->head ? sizeof *arena->head + arena->head->capacity : 0;
    size_t bytes = FIRST_BLOCK_BYTES;
    while (bytes <= last && bytes < SP_LARGE_PAGE_BYTES)
        bytes *= 2;
    return bytes;
}

void *sp_arena_alloc(sp_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    const size_t align = alignof(max_align_t);
    struct sp_arena_block *head = arena->head;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - align - REDZONE_BYTES)
        return NULL;
    size_t room = (bytes + align - 1) / align * align + REDZONE_BYTES;
    if (!head || room > head->capacity - head->used) {
        size_t block_bytes = next_block_bytes(arena);
        if (room > block_bytes / OVERSIZED_SHARE)
            return alloc_apart(arena, bytes);
        head = add_block(arena, block_bytes);
    }
    if (!head)
        return NULL;
    void *result = head->bytes + head->used;
    head->used += room;
    ASAN_UNPOISON_MEMORY_REGION(result, bytes);
    return memset(result, 0, bytes);
}

void *sp_arena_new(sp_arena **ret_arena, size_t size)
{
    sp_arena arena = { NULL };
    sp_arena *inside = SP_ARENA_NEW(&arena, sp_arena);
    void *thing = inside ? sp_arena_alloc(&arena, 1, size) : NULL;
    if (!thing) {
        sp_arena_release(&arena);
        return NULL;
    }
    *inside = arena;
    *ret_arena = inside;
    return thing;
}

void sp_arena_free(sp_arena *arena)
{
    sp_arena outside = *arena; /* it would be read after the block that it lies in is gone */
    sp_arena_release(&outside);
}

sp_status sp_arena_build(size_t size, sp_arena_make *make, const void *asked, void **ret, sp_err *err)
{
    sp_arena *arena;
    void *thing = sp_arena_new(&arena, size);
    if (!thing)
        return sp_err_memory(err);
    sp_status status = make(arena, thing, asked, err);
    if (status == SP_OK)
        *ret = thing;
    else
        sp_arena_free(arena);
    return status;
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

bool sp_list_reserve(sp_arena *arena, void **items, size_t room, size_t *capacity, size_t item_size)
{
    void *made = sp_arena_alloc(arena, room, item_size);
    if (!made)
        return false;
    *items = made;
    *capacity = room;
    return true;
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
