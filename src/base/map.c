/*
 * map.c - a hash table with open addressing. Names, paths and texts come from the user's own files, so a hash without a
 * secret will do, and the same input takes the same time everywhere.
 */
#include "base/map.h"
#include "base/types.h"

/* Eight bytes a step, multiplied and folded: whole texts are keys, too. */
static uint64_t hash(sp_str key)
{
    const uint64_t odd = 0x9E3779B97F4A7C15u;
    uint64_t value = key.len * odd;
    size_t at = 0;
    for (; key.len - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, key.ptr + at, sizeof word);
        value = (value ^ word) * odd;
        value ^= value >> 32;
    }
    for (; at < key.len; at++)
        value = (value ^ (unsigned char)key.ptr[at]) * odd;
    return value ^ value >> 29;
}

static sp_map_entry *place_of(const sp_map *map, sp_str key)
{
    size_t mask = map->capacity - 1;
    for (size_t at = (size_t)hash(key) & mask;; at = (at + 1) & mask) {
        sp_map_entry *entry = &map->entries[at];
        if (!entry->key.ptr || sp_str_eq(entry->key, key))
            return entry;
    }
}

enum { FIRST_CAPACITY = 16 }; /* every agent has some of its own, and few names in each */

static bool make_room(sp_arena *arena, sp_map *map)
{
    if (map->count < map->capacity / 2)
        return true;
    sp_map larger = { .count = map->count, .capacity = map->capacity ? map->capacity * 4 : FIRST_CAPACITY };
    larger.entries = SP_ARENA_ARRAY(arena, sp_map_entry, larger.capacity);
    if (!larger.entries)
        return false;
    for (size_t i = 0; i < map->capacity; i++)
        if (map->entries[i].key.ptr)
            *place_of(&larger, map->entries[i].key) = map->entries[i];
    *map = larger;
    return true;
}

uint32_t *sp_map_slot(sp_arena *arena, sp_map *map, sp_str key)
{
    if (!make_room(arena, map))
        return NULL;
    sp_map_entry *entry = place_of(map, key);
    if (!entry->key.ptr) {
        *entry = (sp_map_entry){ key.ptr ? key : SP_STR(""), SP_NONE };
        map->count++;
    }
    return &entry->value;
}

uint32_t sp_map_find(const sp_map *map, sp_str key)
{
    const sp_map_entry *entry = map->capacity ? place_of(map, key) : NULL;
    return entry && entry->key.ptr ? entry->value : SP_NONE;
}
