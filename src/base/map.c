/*
 * map.c - a hash table with open addressing. The hash is FNV-1a with a final mix: names and paths come from the file
 * system of the user, so a hash without a secret will do, and the same input takes the same time everywhere.
 */
#include "base/map.h"

static uint64_t hash(sp_str key)
{
    uint64_t value = 0xCBF29CE484222325u;
    for (size_t i = 0; i < key.len; i++)
        value = (value ^ (unsigned char)key.ptr[i]) * 0x100000001B3u;
    return value ^ value >> 32;
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

static bool make_room(sp_arena *arena, sp_map *map)
{
    if (map->count < map->capacity / 2)
        return true;
    sp_map larger = { .count = map->count, .capacity = map->capacity ? map->capacity * 4 : 64 };
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
