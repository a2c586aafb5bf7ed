#include "capture/assemble.h"

#include "attribute/attribute.h"
#include "base/base.h"
#include "base/types.h"
#include "capture/map.h"
#include "capture/requests.h"
#include "model/prompt.h"
#include "model/source.h"
#include "rules/profile.h"
#include "syntax/headings.h"
#include "syntax/markdown.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

/* The offsets of a source's line ends, in order. */
typedef struct line_ends {
    const size_t *at;
    size_t count;
} line_ends;

typedef struct assembler {
    sp_arena *arena;
    const sp_assembly *input;
    uint32_t question; /* index of the part that is the user's question; SP_NONE: none is */
    sp_mapping mapping;
    size_t next_span;
    sp_source *sources; /* the candidates', then those without a file */
    uint32_t source_count;
    line_ends *ends; /* of each source; at is NULL until they are asked for */
    sp_list(sp_segment) segments;
    sp_message *messages;
    size_t message_count;
    sp_captured *captured;
} assembler;

/* ---- what the texts are mapped to ---------------------------------------------------------------------- */

static sp_status map_all(assembler *a, const sp_str *texts, size_t count, sp_err *err)
{
    const sp_assembly *input = a->input;
    sp_mapped_source *sources = SP_ARENA_ARRAY(a->arena, sp_mapped_source, input->candidate_count + 1);
    if (!sources)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < input->candidate_count; i++) {
        const sp_candidate *candidate = &input->candidates[i];
        sources[i] = (sp_mapped_source){ .bytes = candidate->source.bytes,
                                         .path = candidate->source.real_path,
                                         .name = sp_source_sent_name(&candidate->source),
                                         .content_begin = candidate->source.content_begin,
                                         .is_expected = candidate->is_expected };
    }
    const sp_map_input wanted = { .texts = texts,
                                  .text_count = count,
                                  .sources = sources,
                                  .source_count = input->candidate_count,
                                  .phrases = input->phrases,
                                  .phrase_count = input->phrase_count,
                                  .expected = input->expected,
                                  .expected_count = input->expected_count };
    return sp_texts_map(a->arena, &wanted, &a->mapping, err);
}

/* The parts, then the tools. */
static sp_status map_request(assembler *a, sp_err *err)
{
    const sp_recorded *recorded = a->input->recorded;
    size_t count = recorded->part_count + recorded->tool_count;
    sp_str *texts = SP_ARENA_ARRAY(a->arena, sp_str, count + 1);
    if (!texts)
        return sp_err_memory(err);
    for (size_t i = 0; i < recorded->part_count; i++)
        texts[i] = recorded->parts[i].text;
    for (size_t i = 0; i < recorded->tool_count; i++)
        texts[recorded->part_count + i] = recorded->tools[i].text;
    return map_all(a, texts, count, err);
}

/* All of it as one. */
static sp_status add_block(assembler *a, sp_source *source, sp_err *err)
{
    sp_block *block = SP_ARENA_NEW(a->arena, sp_block);
    if (!block)
        return sp_err_memory(err);
    *block = (sp_block){
        .kind = SP_BLOCK_PARAGRAPH, .first_line = 1, .last_line = 1, .heading = SP_NONE, .end = source->bytes.len
    };
    source->blocks = block;
    source->block_count = 1;
    return SP_OK;
}

/* Sources that are not loaded have no blocks yet. Of an entry of a list only a line of front matter matters. */
static sp_status scan_source(assembler *a, sp_source *source, bool is_of_list, sp_err *err)
{
    sp_markdown found;
    if (source->block_count > 0 || source->bytes.len == 0)
        return SP_OK;
    if (is_of_list)
        return add_block(a, source, err);
    SP_TRY(sp_markdown_scan(a->arena, source->bytes, 0, &found, err));
    source->blocks = found.blocks;
    source->block_count = found.block_count;
    return SP_OK;
}

static sp_status copy_sources(assembler *a, sp_err *err)
{
    const sp_recorded *recorded = a->input->recorded;
    size_t room = a->input->candidate_count + recorded->part_count + recorded->tool_count + 1;
    a->sources = SP_ARENA_ARRAY(a->arena, sp_source, room);
    a->ends = SP_ARENA_ARRAY(a->arena, line_ends, room);
    if (!a->sources || !a->ends)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < a->input->candidate_count; i++) {
        a->sources[i] = a->input->candidates[i].source;
        a->sources[i].is_loaded = false;
        a->sources[i].tokens = 0;
    }
    a->source_count = a->input->candidate_count;
    for (size_t i = 0; i < a->mapping.count; i++) {
        sp_source *source = &a->sources[a->mapping.spans[i].source];
        if (!source->is_loaded)
            SP_TRY(scan_source(a, source, a->input->candidates[a->mapping.spans[i].source].is_of_list, err));
        source->is_loaded = true;
    }
    return SP_OK;
}

/* ---- sources without a file ------------------------------------------------------------------------------- */

static bool mentions(sp_str text, const char *const *words)
{
    for (; *words; words++)
        if (sp_str_find(text, sp_str_of(*words), 0) == SIZE_MAX)
            return false;
    return true;
}

sp_str sp_subject_name(sp_part_subject subject)
{
    static const char *const names[] = {
        [SP_SUBJECT_MESSAGE] = "message",         [SP_SUBJECT_SYSTEM] = "system prompt",
        [SP_SUBJECT_ENVIRONMENT] = "environment", [SP_SUBJECT_GIT] = "git status",
        [SP_SUBJECT_REMINDER] = "reminder",       [SP_SUBJECT_LIST] = "list of agents or skills",
        [SP_SUBJECT_RESULT] = "result of a tool", [SP_SUBJECT_CALL] = "call of a tool",
        [SP_SUBJECT_QUESTION] = "question",
    };
    return sp_str_of(names[subject]);
}

static bool is_environment(const assembler *a, const sp_recorded_part *part)
{
    static const char *const systems[] = { "linux", "darwin", "win32" };
    bool has_launch = a->input->launch.len > 1 && sp_str_find(part->text, a->input->launch, 0) != SIZE_MAX;
    for (size_t i = 0; i < SP_COUNT_OF(systems) && has_launch && part->text.len < 4096; i++)
        if (sp_str_find(part->text, sp_str_of(systems[i]), 0) != SIZE_MAX)
            return true;
    return false;
}

/* The last text of the user before the model's first answer, unless it is of files or in a tag, as a client's own is.
 */
static uint32_t find_question(const assembler *a)
{
    const sp_recorded *recorded = a->input->recorded;
    uint32_t found = SP_NONE;
    for (uint32_t i = 0; i < recorded->part_count && recorded->parts[i].role != SP_ROLE_ASSISTANT; i++)
        if (recorded->parts[i].kind == SP_PART_TEXT && recorded->parts[i].role == SP_ROLE_USER)
            found = i;
    for (size_t i = 0; i < a->mapping.count && found != SP_NONE; i++)
        if (a->mapping.spans[i].text == found)
            found = SP_NONE;
    bool is_tagged = found != SP_NONE && sp_str_starts(sp_str_trim(recorded->parts[found].text), SP_STR("<"));
    return is_tagged ? SP_NONE : found;
}

/* By the part's shape and by what of this machine it names; not by the client's wording. */
static sp_part_subject subject_of(const assembler *a, const sp_recorded_part *part, bool has_list)
{
    static const char *const git[] = { "git", "branch", "commit", NULL };
    size_t close = part->text.len && part->text.ptr[0] == '<' ? sp_str_find(part->text, SP_STR(">"), 0) : SIZE_MAX;
    sp_str tag = close < 64 ? sp_str_slice(part->text, 0, close) : (sp_str){ "", 0 };
    if (part->kind == SP_PART_RESULT)
        return SP_SUBJECT_RESULT;
    if (part->kind == SP_PART_CALL)
        return SP_SUBJECT_CALL;
    if (has_list)
        return SP_SUBJECT_LIST;
    if (a->question != SP_NONE && part == &a->input->recorded->parts[a->question])
        return SP_SUBJECT_QUESTION;
    if (is_environment(a, part))
        return SP_SUBJECT_ENVIRONMENT;
    if (part->role == SP_ROLE_USER && part->text.len < 8192 && mentions(part->text, git))
        return SP_SUBJECT_GIT;
    if (sp_str_find(tag, SP_STR("reminder"), 0) != SIZE_MAX)
        return SP_SUBJECT_REMINDER;
    return part->message == SP_NONE || part->role == SP_ROLE_SYSTEM ? SP_SUBJECT_SYSTEM : SP_SUBJECT_MESSAGE;
}

static sp_status add_source(assembler *a, sp_source_kind kind, sp_str path, sp_str reason, size_t bytes, sp_err *err)
{
    char *text = sp_arena_alloc(a->arena, bytes + 1, 1);
    if (!text || !path.ptr)
        return sp_err_memory(err);
    memset(text, '.', bytes);
    sp_source *source = &a->sources[a->source_count++];
    *source = (sp_source){ .kind = kind,
                           .scope = SP_SCOPE_NAMED,
                           .path = path,
                           .name = path,
                           .real_path = SP_STR(""),
                           .reason = reason,
                           .bytes = { text, bytes },
                           .was_read = true,
                           .is_loaded = true,
                           .size_bytes = bytes,
                           .importer = SP_NONE };
    return add_block(a, source, err);
}

/* ---- segments ------------------------------------------------------------------------------------------------ */

static sp_segment_kind kind_of(const assembler *a, uint32_t source)
{
    static const sp_segment_kind kinds[] = {
        [SP_SOURCE_AGENT] = SP_SEGMENT_BODY,
        [SP_SOURCE_MEMORY] = SP_SEGMENT_MEMORY,
        [SP_SOURCE_INSTRUCTIONS] = SP_SEGMENT_INSTRUCTIONS,
        [SP_SOURCE_RULE] = SP_SEGMENT_RULE,
        [SP_SOURCE_IMPORT] = SP_SEGMENT_IMPORT,
        [SP_SOURCE_SKILL] = SP_SEGMENT_SKILL,
        [SP_SOURCE_APPENDED] = SP_SEGMENT_APPENDED,
        [SP_SOURCE_CLIENT] = SP_SEGMENT_CLIENT,
        [SP_SOURCE_TOOL] = SP_SEGMENT_TOOL,
    };
    bool is_of_list = source < a->input->candidate_count && a->input->candidates[source].is_of_list;
    return is_of_list ? SP_SEGMENT_LISTING : kinds[a->sources[source].kind];
}

static sp_status find_line_ends(assembler *a, uint32_t source, sp_err *err)
{
    sp_str bytes = a->sources[source].bytes;
    size_t count = 0;
    if (a->ends[source].at)
        return SP_OK;
    for (size_t at = 0; at < bytes.len; at++)
        count += sp_ends_line(bytes, at);
    size_t *ends = SP_ARENA_ARRAY(a->arena, size_t, count + 1);
    if (!ends)
        return sp_err_memory(err);
    count = 0;
    for (size_t at = 0; at < bytes.len; at++)
        if (sp_ends_line(bytes, at))
            ends[count++] = at;
    a->ends[source] = (line_ends){ ends, count };
    return SP_OK;
}

/* How many lines end before an offset. */
static size_t ends_before(const line_ends *ends, size_t offset)
{
    size_t low = 0, high = ends->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ends->at[middle] < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t line_at(const assembler *a, uint32_t source, uint32_t block, size_t offset)
{
    const line_ends *ends = &a->ends[source];
    if (block == SP_NONE)
        return 1 + (uint32_t)ends_before(ends, offset);
    const sp_block *from = &a->sources[source].blocks[block];
    return from->first_line + (uint32_t)(ends_before(ends, offset) - ends_before(ends, from->begin));
}

static sp_status push(assembler *a, sp_role role, sp_str text, uint32_t source, size_t begin, size_t end,
                      bool is_ambiguous, sp_err *err)
{
    sp_segment *segment = SP_LIST_PUSH(a->arena, &a->segments);
    if (!segment)
        return sp_err_memory(err);
    SP_TRY(find_line_ends(a, source, err));
    uint32_t block = sp_block_at(&a->sources[source], begin);
    *segment = (sp_segment){ .kind = kind_of(a, source),
                             .role = role,
                             .source = source,
                             .block = block,
                             .first_line = line_at(a, source, block, begin),
                             .begin = begin,
                             .end = end,
                             .text = text,
                             .frame = SP_NONE,
                             .place_source = SP_NONE,
                             .place_block = SP_NONE,
                             .is_ambiguous = is_ambiguous };
    segment->last_line = line_at(a, source, block, end > begin ? end - 1 : begin);
    return SP_OK;
}

/* Of bytes that are the file's own, a segment for each block. */
static sp_status push_span(assembler *a, sp_role role, sp_str text, const sp_span_of *span, sp_err *err)
{
    const sp_source *source = &a->sources[span->source];
    size_t at = span->source_begin;
    while (span->match == SP_SPAN_VERBATIM && at < span->source_end) {
        uint32_t block = sp_block_at(source, at);
        size_t end = block == SP_NONE || source->blocks[block].end <= at ? span->source_end : source->blocks[block].end;
        end = end < span->source_end ? end : span->source_end;
        size_t begin = span->begin + (at - span->source_begin);
        SP_TRY(push(a, role, sp_str_slice(text, begin, begin + (end - at)), span->source, at, end, span->is_ambiguous,
                    err));
        at = end;
    }
    if (span->match == SP_SPAN_VERBATIM)
        return SP_OK;
    return push(a, role, sp_str_slice(text, span->begin, span->end), span->source, span->source_begin, span->source_end,
                span->is_ambiguous, err);
}

/* The spans of a text, and between them what belongs to the source without a file. */
static sp_status push_text(assembler *a, uint32_t index, sp_role role, sp_str text, uint32_t own, sp_err *err)
{
    size_t at = 0;
    size_t own_at = 0;
    for (;; a->next_span++) {
        const sp_span_of *span = a->next_span < a->mapping.count ? &a->mapping.spans[a->next_span] : NULL;
        bool is_here = span && span->text == index;
        size_t end = is_here ? span->begin : text.len;
        if (end > at) {
            SP_TRY(push(a, role, sp_str_slice(text, at, end), own, own_at, own_at + (end - at), false, err));
            own_at += end - at;
        }
        if (!is_here)
            return SP_OK;
        SP_TRY(push_span(a, role, text, span, err));
        a->captured->sums.file_bytes += span->end - span->begin;
        a->captured->sums.ambiguous_bytes += span->is_ambiguous ? span->end - span->begin : 0;
        at = span->end;
    }
}

/* How many bytes of a text no span has; and whether an entry of a list is in it. */
static size_t own_bytes(const assembler *a, uint32_t index, size_t len, bool *ret_has_list)
{
    size_t left = len;
    *ret_has_list = false;
    for (size_t i = a->next_span; i < a->mapping.count && a->mapping.spans[i].text == index; i++) {
        const sp_span_of *span = &a->mapping.spans[i];
        left -= span->end - span->begin;
        *ret_has_list = *ret_has_list || a->input->candidates[span->source].is_of_list;
    }
    return left;
}

static void end_message(assembler *a, sp_role role, size_t first, sp_str text)
{
    a->messages[a->message_count++] =
        (sp_message){ .role = role, .first_segment = first, .segment_count = a->segments.count - first, .text = text };
}

static sp_status add_part(assembler *a, uint32_t index, sp_err *err)
{
    const sp_recorded_part *part = &a->input->recorded->parts[index];
    size_t first = a->segments.count;
    bool has_list;
    size_t bytes = own_bytes(a, index, part->text.len, &has_list);
    uint32_t own = a->source_count;
    sp_str path = sp_str_format(a->arena, "(client) %.*s", SP_STR_ARG(part->place));
    if (bytes > 0)
        SP_TRY(add_source(a, SP_SOURCE_CLIENT, path,
                          part->subject.ptr ? part->subject : sp_subject_name(subject_of(a, part, has_list)), bytes,
                          err));
    SP_TRY(push_text(a, index, part->role, part->text, own, err));
    a->captured->sums.bytes += part->text.len;
    if (a->segments.count > first)
        end_message(a, part->role, first, part->text);
    return SP_OK;
}

static sp_status add_tool(assembler *a, size_t index, sp_err *err)
{
    const sp_recorded *recorded = a->input->recorded;
    const sp_recorded_tool *tool = &recorded->tools[index];
    uint32_t text = (uint32_t)(recorded->part_count + index);
    bool has_list;
    size_t bytes = own_bytes(a, text, tool->text.len, &has_list);
    uint32_t own = a->source_count;
    size_t first = a->segments.count;
    sp_str path = sp_str_format(a->arena, "(tool) %.*s", SP_STR_ARG(tool->name));
    SP_TRY(add_source(a, SP_SOURCE_TOOL, path, tool->server.ptr ? SP_STR("MCP") : SP_STR("client"), bytes, err));
    SP_TRY(push_text(a, text, SP_ROLE_TOOLS, tool->text, own, err));
    a->captured->sums.bytes += tool->text.len;
    a->captured->tools[a->captured->tool_count++] = (sp_captured_tool){ .name = tool->name,
                                                                        .server = tool->server,
                                                                        .source = own,
                                                                        .size_bytes = tool->text.len,
                                                                        .schema_bytes = tool->schema.len };
    if (a->segments.count > first)
        end_message(a, SP_ROLE_TOOLS, first, tool->text);
    return SP_OK;
}

static sp_status add_all(assembler *a, sp_err *err)
{
    const sp_recorded *recorded = a->input->recorded;
    a->messages = SP_ARENA_ARRAY(a->arena, sp_message, recorded->part_count + recorded->tool_count + 1);
    a->captured->tools = SP_ARENA_ARRAY(a->arena, sp_captured_tool, recorded->tool_count + 1);
    if (!a->messages || !a->captured->tools)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < recorded->part_count; i++)
        SP_TRY(add_part(a, i, err));
    for (size_t i = 0; i < recorded->tool_count; i++)
        SP_TRY(add_tool(a, i, err));
    a->captured->sums.client_bytes = a->captured->sums.bytes - a->captured->sums.file_bytes;
    return SP_OK;
}

/* ---- what of the files is not there --------------------------------------------------------------------------- */

typedef sp_list(sp_cut) cuts;

static sp_status add_cut(assembler *a, cuts *list, uint32_t index, size_t begin, size_t end, sp_err *err)
{
    const sp_candidate *candidate = &a->input->candidates[index];
    sp_source *source = &a->sources[index];
    if (candidate->is_of_list || end <= begin)
        return SP_OK;
    if (source->is_loaded && sp_str_trim(sp_str_slice(source->bytes, begin, end)).len == 0)
        return SP_OK;
    sp_cut *cut = SP_LIST_PUSH(a->arena, list);
    if (!cut)
        return sp_err_memory(err);
    bool has_rule = candidate->rule != SP_RULE_NONE && !source->is_loaded;
    *cut = (sp_cut){ .source = index,
                     .begin = begin,
                     .end = end,
                     .first_line = sp_position_of(source->bytes, begin).line,
                     .last_line = sp_position_of(source->bytes, end - 1).line,
                     .rule = has_rule ? candidate->rule : SP_RULE_CAPTURE_UNSENT,
                     .why = has_rule ? candidate->why : SP_STR("it is not in the recorded request") };
    return SP_OK;
}

/* A file that was not read is known by its size only. */
static sp_status add_unread(assembler *a, cuts *list, uint32_t index, sp_err *err)
{
    const sp_candidate *candidate = &a->input->candidates[index];
    sp_cut *cut = SP_LIST_PUSH(a->arena, list);
    if (!cut)
        return sp_err_memory(err);
    *cut = (sp_cut){ .source = index,
                     .end = (size_t)candidate->source.size_bytes,
                     .rule = candidate->rule != SP_RULE_NONE ? candidate->rule : SP_RULE_CAPTURE_UNSENT,
                     .why = candidate->rule != SP_RULE_NONE ? candidate->why : SP_STR("it was not read") };
    return SP_OK;
}

typedef struct stretch {
    uint32_t source;
    size_t begin;
    size_t end;
} stretch;

static int compare_stretches(const void *x, const void *y)
{
    const stretch *a = x;
    const stretch *b = y;
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    return (a->begin > b->begin) - (a->begin < b->begin);
}

static sp_status add_cuts(assembler *a, cuts *list, sp_err *err)
{
    size_t count = a->mapping.count;
    stretch *all = SP_ARENA_ARRAY(a->arena, stretch, count + 1);
    size_t next = 0;
    if (!all)
        return sp_err_memory(err);
    for (size_t i = 0; i < count; i++) {
        const sp_span_of *span = &a->mapping.spans[i];
        all[i] = (stretch){ span->source, span->source_begin, span->source_end };
    }
    qsort(all, count, sizeof *all, compare_stretches);
    for (uint32_t i = 0; i < a->input->candidate_count; i++) {
        size_t at = 0;
        for (; next < count && all[next].source == i; next++) {
            SP_TRY(add_cut(a, list, i, at, all[next].begin, err));
            at = all[next].end > at ? all[next].end : at;
        }
        if (!a->sources[i].was_read)
            SP_TRY(add_unread(a, list, i, err));
        else
            SP_TRY(add_cut(a, list, i, at, a->sources[i].bytes.len, err));
    }
    return SP_OK;
}

sp_status sp_capture_assemble(sp_arena *arena, const sp_assembly *assembly, sp_captured *ret, sp_prompt *prompt,
                              sp_err *err)
{
    assembler a = { .arena = arena, .input = assembly, .captured = ret };
    cuts list = { 0 };
    SP_TRY(map_request(&a, err));
    a.question = find_question(&a);
    SP_TRY(copy_sources(&a, err));
    SP_TRY(add_all(&a, err));
    SP_TRY(add_cuts(&a, &list, err));
    ret->recorded = assembly->recorded;
    prompt->is_recorded = true;
    prompt->sources = a.sources;
    prompt->source_count = a.source_count;
    prompt->segments = a.segments.items;
    prompt->segment_count = a.segments.count;
    prompt->messages = a.messages;
    prompt->message_count = a.message_count;
    prompt->cuts = list.items;
    prompt->cut_count = list.count;
    return SP_OK;
}

/* ---- tokens, and masks ------------------------------------------------------------------------------------------ */

/* Of each message: what was saved of its text. In the order of add_all. */
static void list_saved(const sp_recorded *recorded, const sp_saved_text **ret)
{
    size_t count = 0;
    for (size_t i = 0; i < recorded->part_count; i++)
        if (recorded->parts[i].text.len > 0)
            ret[count++] = &recorded->parts[i].saved;
    for (size_t i = 0; i < recorded->tool_count; i++)
        if (recorded->tools[i].text.len > 0)
            ret[count++] = &recorded->tools[i].saved;
}

/* A run has the tokens that it was saved with. Where files changed since, it may be several segments: each has those of
 * its bytes, and the last one what is left. */
static void share_saved(sp_prompt *prompt, const sp_message *message, const sp_saved_text *saved)
{
    size_t at = 0;
    size_t run = 0;
    size_t left = saved->run_count ? saved->runs[0].tokens : 0;
    size_t end = message->first_segment + message->segment_count;
    for (size_t i = message->first_segment; i < end; i++) {
        sp_segment *segment = &prompt->segments[i];
        segment->tokens = 0;
        for (size_t begin = at; begin < at + segment->text.len && run < saved->run_count;) {
            const sp_saved_run *r = &saved->runs[run];
            size_t to = r->end < at + segment->text.len ? r->end : at + segment->text.len;
            size_t share = r->end > r->begin ? r->tokens * (to - begin) / (r->end - r->begin) : 0;
            share = to == r->end || share > left ? left : share;
            segment->tokens += share;
            left -= share;
            begin = to;
            if (to == r->end && ++run < saved->run_count)
                left = saved->runs[run].tokens;
        }
        at += segment->text.len;
    }
}

/* The numbers that were saved, instead of those of other bytes. */
static sp_status count_saved(sp_arena *arena, const sp_recorded *recorded, sp_prompt *prompt, sp_err *err)
{
    const sp_saved_text **saved = SP_ARENA_ARRAY(arena, const sp_saved_text *, prompt->message_count + 1);
    if (!saved)
        return sp_err_memory(err);
    list_saved(recorded, saved);
    for (uint32_t i = 0; i < prompt->source_count; i++)
        prompt->sources[i].tokens = 0;
    prompt->tokens = 0;
    prompt->encoding = recorded->encoding;
    prompt->exact = sp_encoding_is_exact(recorded->encoding);
    for (size_t m = 0; m < prompt->message_count; m++) {
        sp_message *message = &prompt->messages[m];
        message->tokens = 0;
        share_saved(prompt, message, saved[m]);
        for (size_t i = message->first_segment; i < message->first_segment + message->segment_count; i++) {
            message->tokens += prompt->segments[i].tokens;
            prompt->sources[prompt->segments[i].source].tokens += prompt->segments[i].tokens;
        }
        prompt->tokens += message->tokens;
    }
    prompt->range = recorded->range;
    return SP_OK;
}

sp_status sp_capture_count(sp_arena *arena, const sp_encoding *encoding, const sp_recorded *recorded,
                           sp_captured *captured, sp_prompt *prompt, sp_err *err)
{
    if (recorded->encoding)
        SP_TRY(count_saved(arena, recorded, prompt, err));
    else
        SP_TRY(sp_attribute(encoding, prompt, err));
    for (size_t i = 0; i < captured->tool_count; i++)
        captured->tools[i].tokens = prompt->sources[captured->tools[i].source].tokens;
    return SP_OK;
}

/* Of a recorded message that is all the client's, the source without a file has the dots already: add_source. */
static bool take_dots(const sp_prompt *prompt, sp_message *message)
{
    sp_segment *segment = &prompt->segments[message->first_segment];
    if (!prompt->is_recorded || message->segment_count != 1 || segment->source == SP_NONE)
        return false;
    const sp_source *source = &prompt->sources[segment->source];
    bool is_own = source->kind == SP_SOURCE_CLIENT || source->kind == SP_SOURCE_TOOL;
    if (!is_own || source->bytes.len != message->text.len || segment->text.len != message->text.len)
        return false;
    message->text = segment->text = source->bytes;
    return true;
}

sp_status sp_capture_mask(sp_arena *arena, sp_prompt *prompt, sp_err *err)
{
    prompt->is_masked = true;
    for (size_t i = 0; i < prompt->message_count; i++) {
        sp_message *message = &prompt->messages[i];
        if (take_dots(prompt, message))
            continue;
        sp_str copy = sp_str_dup(arena, message->text);
        size_t at = 0;
        if (!copy.ptr)
            return sp_err_memory(err);
        for (size_t s = message->first_segment; s < message->first_segment + message->segment_count; s++) {
            sp_segment *segment = &prompt->segments[s];
            bool is_own = segment->kind == SP_SEGMENT_CLIENT || segment->kind == SP_SEGMENT_TOOL || segment->is_learned;
            if (is_own)
                memset((char *)copy.ptr + at, '.', segment->text.len);
            segment->text = sp_str_slice(copy, at, at + segment->text.len);
            at += segment->text.len;
        }
        message->text = copy;
    }
    return SP_OK;
}
