#include "capture/verify.h"

#include "base/base.h"
#include "base/types.h"
#include "capture/map.h"
#include "capture/result.h"
#include "model/prompt.h"
#include "model/source.h"
#include "rules/names.h"
#include "rules/profile.h"

#include <stdlib.h>

static const struct {
    const char *name;
    sp_rule_key rule;
} verdicts[] = {
    [SP_VERDICT_SAME] = { "predicted and observed", SP_RULE_NONE },
    [SP_VERDICT_ABSENT] = { "predicted and absent", SP_RULE_CAPTURE_ABSENT },
    [SP_VERDICT_UNEXPECTED] = { "observed and not predicted", SP_RULE_CAPTURE_UNEXPECTED },
    [SP_VERDICT_ELSEWHERE] = { "elsewhere", SP_RULE_CAPTURE_ELSEWHERE },
    [SP_VERDICT_ORDER] = { "in another order", SP_RULE_CAPTURE_ORDER },
    [SP_VERDICT_BYTES] = { "in other bytes", SP_RULE_CAPTURE_BYTES },
};

sp_str sp_verdict_name(sp_verdict verdict)
{
    return sp_str_of(verdicts[verdict].name);
}

sp_rule_key sp_verdict_rule(sp_verdict verdict)
{
    return verdicts[verdict].rule;
}

/* A file in one of the two prompts. */
typedef struct side {
    bool is_there;
    sp_role role;
    size_t rank; /* of its first segment among all */
    size_t bytes;
} side;

typedef struct range {
    size_t begin;
    size_t end;
} range;

typedef sp_list(range) ranges;

typedef struct row {
    side predicted;
    side observed;
    side read; /* by a tool */
    ranges predicted_ranges;
    ranges observed_ranges;
    ranges read_ranges;
    bool is_only_read; /* what was read is taken for what was observed */
    bool is_in_order;
} row;

/* ---- what is where ------------------------------------------------------------------------------------- */

/* An entry in a list of agents or skills, of a file whose text is sent as well: it is of its front matter. */
static bool is_entry(const sp_prompt *prompt, const sp_segment *segment)
{
    const sp_source *source = &prompt->sources[segment->source];
    bool is_listed = source->kind == SP_SOURCE_AGENT || source->kind == SP_SOURCE_SKILL;
    return is_listed && segment->begin < source->content_begin;
}

/* A client may send messages of role system after others. They are not its system prompt: a prediction, which has one
 * message for all that comes later, has their files in that of the user. */
static sp_role side_of(sp_role role, bool *has_begun)
{
    *has_begun = *has_begun || role == SP_ROLE_USER || role == SP_ROLE_ASSISTANT;
    return *has_begun && role == SP_ROLE_SYSTEM ? SP_ROLE_USER : role;
}

/* ---- files that a tool has read ------------------------------------------------------------------------- */

/* Whether a call of a tool names that file. */
static bool is_named_in(sp_str call, sp_str path)
{
    for (size_t at = sp_str_find(call, path, 0); at != SIZE_MAX; at = sp_str_find(call, path, at + 1)) {
        size_t end = at + path.len;
        if (end == call.len || strchr("\"' \\", call.ptr[end]))
            return true;
    }
    return false;
}

static bool is_named(const sp_recorded *recorded, const sp_source *source)
{
    for (size_t i = 0; i < recorded->part_count && source->real_path.len > 0; i++)
        if (recorded->parts[i].kind == SP_PART_CALL && is_named_in(recorded->parts[i].text, source->real_path))
            return true;
    return false;
}

/* What the model reads with a tool is not a part of the prompt. Of a request that was saved the calls are not known;
 * there, of files that load at the start nothing in the result of a tool counts. */
static bool was_read(const sp_captured *captured, const sp_prompt *predicted, uint32_t index)
{
    bool is_at_start = index < captured->first_on_demand && predicted->sources[index].is_loaded;
    return captured->recorded->encoding ? is_at_start : is_named(captured->recorded, &predicted->sources[index]);
}

/* Sets for each segment of the results of tools that it is a part of a file that was read. */
static sp_status find_read(sp_arena *arena, const sp_captured *captured, const sp_prompt *predicted,
                           const sp_prompt *recorded, uint32_t shared, bool **ret, sp_err *err)
{
    enum { UNKNOWN, READ, NOT_READ };
    unsigned char *known = SP_ARENA_ARRAY(arena, unsigned char, (size_t)shared + 1);
    bool *is_read = SP_ARENA_ARRAY(arena, bool, recorded->segment_count + 1);
    if (!known || !is_read)
        return sp_err_memory(err);
    size_t m = 0;
    for (size_t i = 0; i < captured->recorded->part_count; i++) {
        const sp_recorded_part *part = &captured->recorded->parts[i];
        if (part->text.len == 0)
            continue;
        const sp_message *message = &recorded->messages[m++];
        for (size_t s = 0; s < message->segment_count && part->kind == SP_PART_RESULT; s++) {
            uint32_t source = recorded->segments[message->first_segment + s].source;
            if (source >= shared)
                continue;
            if (known[source] == UNKNOWN)
                known[source] = was_read(captured, predicted, source) ? READ : NOT_READ;
            is_read[message->first_segment + s] = known[source] == READ;
        }
    }
    *ret = is_read;
    return SP_OK;
}

/* The first line that a limit leaves out, quoted in a line of the client's own: a notice of the cut. */
static bool is_quoted(const sp_prompt *prompt, const sp_memory_cut *cut, size_t at)
{
    const sp_segment *segment = &prompt->segments[at];
    if (!cut || segment->begin < cut->end || at == 0)
        return false;
    sp_str before = prompt->segments[at - 1].text;
    return before.len > 0 && !sp_ends_line(before, before.len - 1) &&
           sp_str_find(segment->text, SP_STR("\n"), 0) == SIZE_MAX;
}

/* is_read is NULL for the prediction. */
static sp_status look_at(sp_arena *arena, const sp_prompt *predicted, const sp_prompt *prompt, uint32_t shared,
                         const bool *is_read, row *rows, sp_err *err)
{
    bool has_begun = false;
    for (size_t i = 0; i < prompt->segment_count; i++) {
        const sp_segment *segment = &prompt->segments[i];
        sp_role role = side_of(segment->role, &has_begun);
        if (segment->source == SP_NONE || segment->source >= shared || is_entry(prompt, segment))
            continue;
        if (is_read && is_quoted(prompt, predicted->sources[segment->source].memory_cut, i))
            continue;
        row *r = &rows[segment->source];
        bool was_read = is_read && is_read[i];
        side *s = !is_read ? &r->predicted : was_read ? &r->read : &r->observed;
        range *added = !is_read   ? SP_LIST_PUSH(arena, &r->predicted_ranges)
                       : was_read ? SP_LIST_PUSH(arena, &r->read_ranges)
                                  : SP_LIST_PUSH(arena, &r->observed_ranges);
        if (!added)
            return sp_err_memory(err);
        *added = (range){ segment->begin, segment->end };
        if (!s->is_there)
            *s = (side){ .is_there = true, .role = role, .rank = i };
        s->bytes += segment->text.len;
    }
    return SP_OK;
}

/* A file that is predicted to load when it is read is in the request as the result of that, at least. */
static void take_read(const sp_prompt *predicted, uint32_t first_on_demand, uint32_t shared, row *rows)
{
    for (uint32_t i = first_on_demand; i < shared; i++) {
        row *r = &rows[i];
        if (!predicted->sources[i].is_loaded || r->observed.is_there || !r->read.is_there)
            continue;
        r->observed = r->read;
        r->observed_ranges = r->read_ranges;
        r->is_only_read = true;
    }
}

static int compare_ranges(const void *x, const void *y)
{
    const range *a = x;
    const range *b = y;
    return (a->begin > b->begin) - (a->begin < b->begin);
}

/* Whether a client's request would tell that text apart from its own: it is not blank, and not just the first bytes of
 * a line that a limit cuts, or the last ones. */
static bool is_telling(sp_str bytes, size_t begin, size_t end)
{
    sp_str text = sp_str_trim(sp_str_slice(bytes, begin, end));
    if (text.len == 0 || text.len >= SP_LEAST_PIECE_BYTES)
        return text.len > 0;
    size_t first = (size_t)(text.ptr - bytes.ptr);
    size_t last = first + text.len;
    while (first > 0 && (bytes.ptr[first - 1] == ' ' || bytes.ptr[first - 1] == '\t'))
        first--;
    return (first == 0 || sp_ends_line(bytes, first - 1)) &&
           sp_str_trim(sp_str_slice(bytes, last, sp_line_end(bytes, last))).len == 0;
}

/* From the first to the last text of a that is telling and not in b; both are sorted. False: there is none. */
static bool find_missing(sp_str bytes, const ranges *a, const ranges *b, range *ret)
{
    size_t next = 0;
    bool is_found = false;
    for (size_t i = 0; i < a->count; i++) {
        size_t at = a->items[i].begin;
        while (at < a->items[i].end) {
            while (next < b->count && b->items[next].end <= at)
                next++;
            size_t end = a->items[i].end;
            bool is_in = next < b->count && b->items[next].begin <= at;
            if (is_in) {
                at = b->items[next].end < end ? b->items[next].end : end;
                continue;
            }
            if (next < b->count && b->items[next].begin < end)
                end = b->items[next].begin;
            if (is_telling(bytes, at, end)) {
                *ret = (range){ is_found ? ret->begin : at, end };
                is_found = true;
            }
            at = end;
        }
    }
    return is_found;
}

/* ---- order ------------------------------------------------------------------------------------------------ */

typedef struct ranked {
    uint32_t source;
    size_t predicted;
    size_t observed;
} ranked;

static int compare_ranked(const void *x, const void *y)
{
    const ranked *a = x;
    const ranked *b = y;
    return (a->predicted > b->predicted) - (a->predicted < b->predicted);
}

/* All but the fewest files that have to move are in order: the longest run that goes up, by patience sorting. */
static sp_status find_order(sp_arena *arena, row *rows, uint32_t shared, sp_err *err)
{
    ranked *both = SP_ARENA_ARRAY(arena, ranked, (size_t)shared + 1);
    size_t *ends = SP_ARENA_ARRAY(arena, size_t, (size_t)shared + 1);
    size_t *before = SP_ARENA_ARRAY(arena, size_t, (size_t)shared + 1);
    size_t count = 0;
    size_t longest = 0;
    if (!both || !ends || !before)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < shared; i++)
        if (rows[i].predicted.is_there && rows[i].observed.is_there)
            both[count++] = (ranked){ i, rows[i].predicted.rank, rows[i].observed.rank };
    qsort(both, count, sizeof *both, compare_ranked);
    for (size_t i = 0; i < count; i++) {
        size_t low = 0;
        for (size_t high = longest; low < high;) {
            size_t middle = (low + high) / 2;
            if (both[ends[middle]].observed < both[i].observed)
                low = middle + 1;
            else
                high = middle;
        }
        ends[low] = i;
        before[i] = low > 0 ? ends[low - 1] : SIZE_MAX;
        longest = low == longest ? longest + 1 : longest;
    }
    for (size_t i = longest ? ends[longest - 1] : SIZE_MAX; i != SIZE_MAX; i = before[i])
        rows[both[i].source].is_in_order = true;
    return SP_OK;
}

/* ---- verdicts --------------------------------------------------------------------------------------------- */

static sp_rule_key rule_of_kind(const sp_prompt *prompt, const sp_source *source)
{
    static const sp_rule_key rules[] = {
        [SP_SOURCE_AGENT] = SP_RULE_AGENT_ORDER,
        [SP_SOURCE_MEMORY] = SP_RULE_MEMORY_PLACE,
        [SP_SOURCE_INSTRUCTIONS] = SP_RULE_CHAIN_ORDER,
        [SP_SOURCE_RULE] = SP_RULE_RULE_ORDER,
        [SP_SOURCE_IMPORT] = SP_RULE_IMPORT_ORDER,
        [SP_SOURCE_SKILL] = SP_RULE_SKILL_PRELOAD,
        [SP_SOURCE_APPENDED] = SP_RULE_NONE,
        [SP_SOURCE_CLIENT] = SP_RULE_NONE,
        [SP_SOURCE_TOOL] = SP_RULE_NONE,
    };
    if (source->kind == SP_SOURCE_MEMORY && !prompt->agent)
        return SP_RULE_MEMORY_AUTO;
    return rules[source->kind];
}

/* The rule of the omission, for a file that is predicted to be left out. */
static sp_rule_key rule_of(const sp_prompt *predicted, uint32_t index)
{
    const sp_source *source = &predicted->sources[index];
    if (source->is_loaded) {
        sp_rule_key key = rule_of_kind(predicted, source);
        bool has_rule = key != SP_RULE_NONE && sp_rule_holds(predicted->profile, key);
        return has_rule ? key : SP_RULE_NONE;
    }
    for (size_t i = 0; i < predicted->cut_count; i++)
        if (predicted->cuts[i].source == index)
            return predicted->cuts[i].rule;
    return SP_RULE_NONE;
}

/* Whether all that is predicted of a file cannot be told from the client's own text, such as the line ends between its
 * imports. */
static bool is_blank(const ranges *predicted, sp_str bytes)
{
    for (size_t i = 0; i < predicted->count; i++)
        if (is_telling(bytes, predicted->items[i].begin, predicted->items[i].end))
            return false;
    return true;
}

static sp_verdict judge(const sp_source *source, const row *r, range *ret_missing, bool *ret_is_more)
{
    *ret_is_more = false;
    if (!r->observed.is_there)
        return is_blank(&r->predicted_ranges, source->bytes) ? SP_VERDICT_SAME : SP_VERDICT_ABSENT;
    if (!r->predicted.is_there)
        return SP_VERDICT_UNEXPECTED;
    if (r->predicted.role != r->observed.role)
        return SP_VERDICT_ELSEWHERE;
    if (!r->is_in_order)
        return SP_VERDICT_ORDER;
    if (find_missing(source->bytes, &r->predicted_ranges, &r->observed_ranges, ret_missing))
        return SP_VERDICT_BYTES;
    *ret_is_more =
        !r->is_only_read && find_missing(source->bytes, &r->observed_ranges, &r->predicted_ranges, ret_missing);
    return *ret_is_more ? SP_VERDICT_BYTES : SP_VERDICT_SAME;
}

static sp_str lines_of(sp_arena *arena, sp_str bytes, range r)
{
    sp_str text = sp_str_slice(bytes, r.begin, r.end);
    size_t lead = 0;
    while (lead < text.len && (text.ptr[lead] == '\n' || text.ptr[lead] == '\r' || text.ptr[lead] == ' '))
        lead++;
    uint32_t first = sp_position_of(bytes, r.begin + lead).line;
    uint32_t last = sp_position_of(bytes, r.end - 1).line;
    return first == last ? sp_str_format(arena, "line %u", first) : sp_str_format(arena, "lines %u-%u", first, last);
}

static sp_str explain(sp_arena *arena, const sp_source *source, const row *r, sp_verdict verdict, range missing,
                      bool is_more)
{
    switch (verdict) {
    case SP_VERDICT_ABSENT:
        return SP_STR("the request does not hold it");
    case SP_VERDICT_UNEXPECTED:
        return SP_STR("the request holds it, and the prediction omits it");
    case SP_VERDICT_ELSEWHERE:
        return sp_str_format(arena, "predicted in a message of role %s, observed in one of role %s",
                             sp_name_of_role(r->predicted.role).ptr, sp_name_of_role(r->observed.role).ptr);
    case SP_VERDICT_ORDER:
        return SP_STR("it is in another place among the other files than predicted");
    case SP_VERDICT_BYTES: {
        sp_str lines = lines_of(arena, source->bytes, missing);
        if (!lines.ptr)
            return lines;
        return sp_str_format(arena, is_more ? "%.*s: observed and not predicted" : "%.*s: predicted and absent",
                             SP_STR_ARG(lines));
    }
    case SP_VERDICT_SAME:
    case SP_VERDICT_COUNT:
        break;
    }
    return SP_STR("");
}

sp_status sp_capture_verify(sp_arena *arena, const sp_prompt *predicted, const sp_prompt *recorded, uint32_t shared,
                            sp_captured *captured, sp_err *err)
{
    row *rows = SP_ARENA_ARRAY(arena, row, (size_t)shared + 1);
    sp_verified *verified = SP_ARENA_ARRAY(arena, sp_verified, (size_t)shared + 1);
    bool *is_read = NULL;
    if (!rows || !verified)
        return sp_err_memory(err);
    SP_TRY(find_read(arena, captured, predicted, recorded, shared, &is_read, err));
    SP_TRY(look_at(arena, predicted, predicted, shared, NULL, rows, err));
    SP_TRY(look_at(arena, predicted, recorded, shared, is_read, rows, err));
    take_read(predicted, captured->first_on_demand, shared, rows);
    SP_TRY(find_order(arena, rows, shared, err));
    captured->verified = verified;
    for (uint32_t i = 0; i < shared; i++) {
        row *r = &rows[i];
        range missing = { 0, 0 };
        bool is_more;
        if (!r->predicted.is_there && !r->observed.is_there)
            continue;
        if (r->predicted_ranges.count > 1)
            qsort(r->predicted_ranges.items, r->predicted_ranges.count, sizeof(range), compare_ranges);
        if (r->observed_ranges.count > 1)
            qsort(r->observed_ranges.items, r->observed_ranges.count, sizeof(range), compare_ranges);
        const sp_source *source = &recorded->sources[i];
        sp_verdict verdict = judge(source, r, &missing, &is_more);
        sp_str message = explain(arena, source, r, verdict, missing, is_more);
        if (!message.ptr)
            return sp_err_memory(err);
        verified[captured->verified_count++] = (sp_verified){ .verdict = verdict,
                                                              .source = i,
                                                              .rule = rule_of(predicted, i),
                                                              .predicted_bytes = r->predicted.bytes,
                                                              .observed_bytes = r->observed.bytes,
                                                              .message = message };
        captured->drift_count += verdict != SP_VERDICT_SAME;
    }
    return SP_OK;
}

/* ---- as diagnostics -------------------------------------------------------------------------------------- */

static sp_status tell_text(const sp_compared_text *text, sp_diags *diags, sp_err *err)
{
    const sp_rule_key rule = SP_RULE_CAPTURE_BYTES;
    if (text->is_same)
        return SP_OK;
    if (!text->place.ptr)
        return sp_diag_add(diags, err, SP_FINDING, text->file, (sp_str){ 0 }, SP_WHOLE_FILE, rule,
                           "no text of the request holds it: %zu bytes predicted", text->predicted_bytes);
    return sp_diag_add(diags, err, SP_FINDING, text->file, (sp_str){ 0 }, SP_WHOLE_FILE, rule,
                       "%.*s: differs from byte %zu on: %zu bytes predicted, %zu observed", SP_STR_ARG(text->place),
                       text->offset + 1, text->predicted_bytes, text->observed_bytes);
}

sp_status sp_capture_tell_drift(const sp_captured *captured, sp_diags *diags, sp_err *err)
{
    for (size_t i = 0; i < captured->verified_count; i++) {
        const sp_verified *file = &captured->verified[i];
        sp_rule_key rule = sp_verdict_rule(file->verdict);
        if (rule != SP_RULE_NONE)
            SP_TRY(sp_diag_add(diags, err, SP_FINDING, captured->prompt->sources[file->source].path, (sp_str){ 0 },
                               SP_WHOLE_FILE, rule, "%.*s", SP_STR_ARG(file->message)));
    }
    for (size_t i = 0; i < captured->text_count; i++)
        SP_TRY(tell_text(&captured->texts[i], diags, err));
    return SP_OK;
}
