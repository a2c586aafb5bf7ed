/* headings.h - which block a byte lies in, and the headings above it. */
#ifndef SP_SYNTAX_HEADINGS_H
#define SP_SYNTAX_HEADINGS_H

#include "base/types.h"
#include "model/source.h"

/* Index of the block that holds the byte at offset (the last block, past the end), or SP_NONE for a source without
 * blocks: one that is empty or not loaded. */
uint32_t sp_block_at(const sp_source *source, size_t offset);

/* The headings a block stands under, outermost first, written to ret_path: at most room of them, blocks' indices
 * into source->blocks. Returns how many there are. block is below source->block_count (a segment's may be SP_NONE:
 * ask first); a heading is the last of its own path. */
size_t sp_heading_path(const sp_source *source, uint32_t block, uint32_t *ret_path, size_t room);

/* The text of a block of kind SP_BLOCK_HEADING, without its marks. Borrowed from the source. block is below
 * source->block_count, as what sp_heading_path wrote is. */
sp_str sp_heading_text(const sp_source *source, uint32_t block);

#endif
