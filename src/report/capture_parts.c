#include "report/capture_parts.h"

#include "base/base.h"
#include "base/types.h"
#include "capture/result.h"
#include "model/prompt.h"
#include "model/source.h"
#include "rules/names.h"

#include <stdlib.h>

/* Bytes of each source in the request. */
static size_t *bytes_of(sp_arena *arena, const sp_prompt *prompt)
{
    size_t *bytes = SP_ARENA_ARRAY(arena, size_t, (size_t)prompt->source_count + 1);
    for (size_t i = 0; bytes && i < prompt->segment_count; i++)
        bytes[prompt->segments[i].source] += prompt->segments[i].text.len;
    return bytes;
}

/* Whether it is an entry of a list of the client's. */
static bool *listed_of(sp_arena *arena, const sp_prompt *prompt)
{
    bool *listed = SP_ARENA_ARRAY(arena, bool, (size_t)prompt->source_count + 1);
    for (size_t i = 0; listed && i < prompt->segment_count; i++)
        if (prompt->segments[i].kind == SP_SEGMENT_LISTING)
            listed[prompt->segments[i].source] = true;
    return listed;
}

static const sp_captured_tool *tool_of(const sp_captured *captured, uint32_t source)
{
    for (size_t i = 0; i < captured->tool_count; i++)
        if (captured->tools[i].source == source)
            return &captured->tools[i];
    return NULL;
}

static sp_str group_of_file(const sp_source *source, bool is_listed)
{
    if (is_listed)
        return source->kind == SP_SOURCE_AGENT ? SP_STR("list of agents") : SP_STR("list of skills");
    switch (source->kind) {
    case SP_SOURCE_INSTRUCTIONS:
    case SP_SOURCE_RULE:
    case SP_SOURCE_IMPORT:
        return SP_STR("instructions");
    case SP_SOURCE_SKILL:
        return SP_STR("skills");
    case SP_SOURCE_AGENT:
    case SP_SOURCE_MEMORY:
    case SP_SOURCE_APPENDED:
    case SP_SOURCE_CLIENT:
    case SP_SOURCE_TOOL:
        break;
    }
    return sp_name_of_source_kind(source->kind);
}

static sp_captured_part part_of(const sp_captured *captured, uint32_t index, bool is_listed)
{
    const sp_source *source = &captured->prompt->sources[index];
    const sp_captured_tool *tool = source->kind == SP_SOURCE_TOOL ? tool_of(captured, index) : NULL;
    sp_captured_part part = { .count = 1, .tokens = source->tokens };
    if (tool && tool->server.ptr) {
        part.name = SP_STR("MCP server");
        part.detail = tool->server;
    } else if (source->kind == SP_SOURCE_TOOL) {
        part.name = SP_STR("tools");
        part.is_client = true;
    } else if (source->kind == SP_SOURCE_CLIENT) {
        part.name = source->reason;
        part.is_question = sp_str_eq(source->reason, sp_subject_name(SP_SUBJECT_QUESTION));
        part.is_client = !part.is_question;
    } else {
        part.name = group_of_file(source, is_listed);
    }
    return part;
}

static int compare(const void *x, const void *y)
{
    const sp_captured_part *a = x;
    const sp_captured_part *b = y;
    if (a->tokens != b->tokens)
        return a->tokens < b->tokens ? 1 : -1;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    int by_name = sp_str_cmp(a->name, b->name);
    return by_name ? by_name : sp_str_cmp(a->detail, b->detail);
}

static void add(sp_captured_parts *parts, sp_captured_part part)
{
    for (size_t i = 0; i < parts->count; i++) {
        sp_captured_part *known = &parts->items[i];
        if (known->is_client == part.is_client && sp_str_eq(known->name, part.name) &&
            sp_str_eq(known->detail, part.detail)) {
            known->count++;
            known->tokens += part.tokens;
            known->bytes += part.bytes;
            return;
        }
    }
    parts->items[parts->count++] = part;
}

static bool gather(sp_arena *arena, const sp_captured *captured, bool by_file, sp_captured_parts *ret)
{
    const sp_prompt *prompt = captured->prompt;
    size_t *bytes = bytes_of(arena, prompt);
    bool *listed = listed_of(arena, prompt);
    sp_captured_parts parts = { .items = SP_ARENA_ARRAY(arena, sp_captured_part, (size_t)prompt->source_count + 1) };
    if (!bytes || !listed || !parts.items)
        return false;
    for (uint32_t i = 0; i < prompt->source_count; i++) {
        sp_captured_part part = part_of(captured, i, listed[i]);
        part.bytes = bytes[i];
        if (!prompt->sources[i].is_loaded || (by_file && (part.is_client || part.is_question)))
            continue;
        if (by_file && !part.detail.ptr)
            part.detail = prompt->sources[i].path;
        add(&parts, part);
    }
    if (parts.count > 1)
        qsort(parts.items, parts.count, sizeof *parts.items, compare);
    *ret = parts;
    return true;
}

bool sp_captured_groups(sp_arena *arena, const sp_captured *captured, sp_captured_parts *ret)
{
    return gather(arena, captured, false, ret);
}

bool sp_captured_changeable(sp_arena *arena, const sp_captured *captured, sp_captured_parts *ret)
{
    return gather(arena, captured, true, ret);
}
