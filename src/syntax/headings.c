/* headings.c - which block a byte lies in, and under which headings a block is. */
#include "syntax/headings.h"
#include "base/types.h"
#include "model/source.h"
#include "syntax/markdown.h"

/* By bisection: the blocks follow one another without a gap. */
uint32_t sp_block_at(const sp_source *source, size_t offset)
{
    uint32_t low = 0;
    uint32_t high = source->block_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (source->blocks[middle].begin <= offset)
            low = middle;
        else
            high = middle;
    }
    return source->block_count ? low : SP_NONE;
}

size_t sp_heading_path(const sp_source *source, uint32_t block, uint32_t *ret_path, size_t room)
{
    size_t depth = 0;
    uint32_t at = source->blocks[block].kind == SP_BLOCK_HEADING ? block : source->blocks[block].heading;
    for (uint32_t heading = at; heading != SP_NONE; heading = source->blocks[heading].heading)
        depth++;
    size_t i = depth;
    for (uint32_t heading = at; heading != SP_NONE; heading = source->blocks[heading].heading)
        if (--i < room)
            ret_path[i] = heading;
    return depth;
}

sp_str sp_heading_text(const sp_source *source, uint32_t block)
{
    return sp_markdown_heading_text(source->bytes, &source->blocks[block]);
}
