/*
 * sources.h - the files of one load so far, in the order in which they were asked for, each with what was parsed of it.
 *
 * The set only grows. A file's identity is its device and inode.
 */
#ifndef SP_SOURCES_H
#define SP_SOURCES_H

#include "base/file.h"
#include "base/map.h"
#include "base/types.h"
#include "model/source.h"
#include "sources/source.h"

typedef struct sp_sources {
    sp_source *items;
    uint32_t count;
    size_t capacity;
    uint32_t *by_identity; /* a hash table of device and inode: index of the source plus 1, or 0 */
    size_t identity_slots;
    sp_map asked; /* which importer asked for which file; an importer of SP_NONE is the instructions' table */
} sp_sources;

/* Adds a source, which takes over parsed; *ret_index says where. */
SP_MUST_USE sp_status sp_sources_add(sp_arena *arena, sp_sources *sources, const sp_source *source,
                                     const sp_parsed *parsed, uint32_t *ret_index, sp_err *err);
/* From now on that source is found by its identity; false when memory is short. Of several sources with one identity
 * the loaded one is found, else the last one. */
bool sp_sources_remember(sp_arena *arena, sp_sources *sources, uint32_t index);
/* The source with that identity, loaded or not, or SP_NONE. */
uint32_t sp_sources_find_any(const sp_sources *sources, uint64_t device, uint64_t inode);
/* The loaded source with this file's identity, or SP_NONE. */
uint32_t sp_sources_find(const sp_sources *sources, const sp_file *file);
/* Whether this importer has asked for the file. */
bool sp_sources_was_asked(const sp_sources *sources, uint32_t importer, uint64_t device, uint64_t inode);
/* Notes that this importer asks for the file; *ret_again says whether it had before. */
SP_MUST_USE sp_status sp_sources_ask(sp_arena *arena, sp_sources *sources, uint32_t importer, const sp_file *file,
                                     bool *ret_again, sp_err *err);
/* Who imports that source, as "CLAUDE.md:3"; empty when nobody does. ptr NULL when memory is short. */
sp_str sp_sources_importer_name(sp_arena *arena, const sp_sources *sources, uint32_t index);

#endif
