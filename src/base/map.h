/*
 * map.h - texts to numbers, in an arena. For what would otherwise be searched for in a list that grows.
 *
 *   sp_map seen = { 0 };
 *   uint32_t *slot = sp_map_slot(arena, &seen, path);   -> NULL when memory is short
 *   if (*slot != SP_NONE)
 *       ... was there before, with that number
 *   *slot = index;
 */
#ifndef SP_MAP_H
#define SP_MAP_H

#include "base/base.h"
#include "base/types.h"

typedef struct sp_map_entry {
    sp_str key; /* ptr NULL: the place is free */
    uint32_t value;
} sp_map_entry;

typedef struct sp_map {
    sp_map_entry *entries;
    size_t count;
    size_t capacity; /* 0 or a power of two; half of it stays free */
} sp_map;

/* The number of that key, SP_NONE when the key is new; good until the next call. The key is borrowed for as long as the
 * map lives. */
uint32_t *sp_map_slot(sp_arena *arena, sp_map *map, sp_str key);
/* The number of that key, or SP_NONE. */
uint32_t sp_map_find(const sp_map *map, sp_str key);

#endif
