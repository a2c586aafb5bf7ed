/* capture_parts.h - the rows of a recorded request: groups of sources. Private to report/. */
#ifndef SP_REPORT_CAPTURE_PARTS_H
#define SP_REPORT_CAPTURE_PARTS_H

#include "base/base.h"
#include "base/types.h"
#include "capture/result.h"

typedef struct sp_captured_part {
    sp_str name;      /* "instructions", "MCP server", "system prompt", ... */
    sp_str detail;    /* of an MCP server its name, of one file its path; ptr NULL: none */
    bool is_client;   /* the user cannot change it */
    bool is_question; /* the user's own, which is in no file */
    size_t count;     /* files, or tools */
    size_t tokens;
    size_t bytes;
} sp_captured_part;

typedef struct sp_captured_parts {
    sp_captured_part *items;
    size_t count;
} sp_captured_parts;

/* Groups that sum to the request, the largest first; and of what the user can change, each file and each server by
 * itself. False when memory is short. */
bool sp_captured_groups(sp_arena *arena, const sp_captured *captured, sp_captured_parts *ret);
bool sp_captured_changeable(sp_arena *arena, const sp_captured *captured, sp_captured_parts *ret);

#endif
