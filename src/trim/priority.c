/*
 * priority.c - what goes first: by kind, by the user's rules, by annotations, each stronger than the one before.
 *
 * Own text has no priority: a header goes when nothing is left below it, and a marker with the block it stands in.
 */
#include "trim/annotations.h"

#include "base/glob.h"
#include "base/types.h"
#include "model/prompt.h"
#include "model/request.h"
#include "model/source.h"
#include "syntax/headings.h"

/* ---- kinds ----------------------------------------------------------------------------------------------- */

/* The first row that fits. No document defines an order. What is known: managed text cannot be left out, MEMORY.md
 * keeps its head, skills keep their start, and what is nearest to the work is most about it. */
typedef struct kind {
    unsigned segments; /* bit 1 << sp_segment_kind; 0: all */
    unsigned scopes;   /* bit 1 << sp_scope; 0: all */
    bool on_demand;
    uint8_t priority;
    const char *name;
} kind;

enum {
    BODY = 1u << SP_SEGMENT_BODY,
    MEMORY = 1u << SP_SEGMENT_MEMORY,
    RULE = 1u << SP_SEGMENT_RULE,
    SKILL = 1u << SP_SEGMENT_SKILL,
    APPENDED = 1u << SP_SEGMENT_APPENDED,
    MANAGED = 1u << SP_SCOPE_MANAGED,
    USER = 1u << SP_SCOPE_USER,
    PINNED = SP_PRIORITY_MAX,
};

static const kind kinds[] = {
    { BODY, 0, false, PINNED, "agent body" },
    { APPENDED, 0, false, PINNED, "appended text" },
    { 0, MANAGED, false, PINNED, "managed text" },
    { 0, 0, true, 10, "loads on demand" },
    { MEMORY, 0, false, 20, "memory" },
    { SKILL, 0, false, 30, "skill" },
    { RULE, USER, false, 40, "user rule" },
    { 0, USER, false, 50, "user instructions" },
    { 0, 0, false, 60, "instructions" },
};

/* Why a file is read that is not read at the start. */
static const char *const on_demand_reasons[] = { "path_glob_match", "nested_traversal" };

static bool is_on_demand(const sp_prompt *prompt, const sp_source *source)
{
    while (source->importer != SP_NONE)
        source = &prompt->sources[source->importer];
    for (size_t i = 0; i < SP_COUNT_OF(on_demand_reasons); i++)
        if (sp_str_eq(source->reason, sp_str_of(on_demand_reasons[i])))
            return true;
    return false;
}

static const kind *kind_of(const sp_prompt *prompt, sp_segment_kind segment, const sp_source *source)
{
    const kind *k = kinds;
    bool on_demand = is_on_demand(prompt, source);
    while ((k->segments && !(k->segments >> segment & 1)) || (k->scopes && !(k->scopes >> source->scope & 1)) ||
           (k->on_demand && !on_demand))
        k++;
    return k;
}

/* ---- rules ----------------------------------------------------------------------------------------------- */

typedef struct rules {
    const sp_priority_rule *items;
    sp_glob *files; /* parallel */
    const char **reasons;
    size_t count;
} rules;

static sp_status open_rules(sp_arena *arena, const sp_request *request, rules *ret, sp_err *err)
{
    sp_glob_budget budget = { 1000, 1 << 20 };
    *ret = (rules){ .items = request->priority_rules, .count = request->priority_rule_count };
    ret->files = SP_ARENA_ARRAY(arena, sp_glob, ret->count + 1);
    ret->reasons = SP_ARENA_ARRAY(arena, const char *, ret->count + 1);
    if (!ret->files || !ret->reasons)
        return sp_err_memory(err);
    for (size_t i = 0; i < ret->count; i++) {
        if (ret->items[i].priority > SP_PRIORITY_MAX)
            return sp_err_set(err, SP_ERR_USAGE, "trim rule %zu has priority %d; there are 0 to %d", i + 1,
                              ret->items[i].priority, SP_PRIORITY_MAX);
        if (ret->items[i].file.ptr)
            SP_TRY(sp_glob_compile(arena, ret->items[i].file, &budget, &ret->files[i], err));
        ret->reasons[i] = sp_str_format(arena, "trim rule %zu", i + 1).ptr;
        if (!ret->reasons[i])
            return sp_err_memory(err);
    }
    return SP_OK;
}

static bool fits_file(const rules *r, size_t i, const sp_source *source)
{
    sp_str pattern = r->items[i].file;
    if (!pattern.ptr)
        return true;
    bool is_path = memchr(pattern.ptr, '/', pattern.len) != NULL;
    return sp_glob_match(&r->files[i], is_path ? source->name : sp_path_base(source->name), true);
}

/* Whether block stands under that heading, or is it. Headings nest no deeper than their levels and containers do. */
static bool fits_heading(const sp_priority_rule *rule, const sp_source *source, uint32_t block)
{
    if (!rule->heading.ptr)
        return true;
    uint32_t at = source->blocks[block].kind == SP_BLOCK_HEADING ? block : source->blocks[block].heading;
    while (at != SP_NONE && !sp_str_eq_nocase(sp_heading_text(source, at), rule->heading))
        at = source->blocks[at].heading;
    return at != SP_NONE;
}

/* What is pinned unless a rule says otherwise has to be named by one: the body by its kind, managed text by a file. */
static bool names(const sp_priority_rule *rule, sp_segment_kind segment, const sp_source *source)
{
    if (segment == SP_SEGMENT_BODY)
        return rule->kinds & BODY;
    return source->scope != SP_SCOPE_MANAGED || rule->file.ptr;
}

/* The number of the last rule that is for it, from 1; 0 for none. */
static size_t find_rule(const rules *r, sp_segment_kind segment, const sp_source *source, uint32_t block)
{
    for (size_t i = r->count; i > 0; i--) {
        const sp_priority_rule *rule = &r->items[i - 1];
        if (names(rule, segment, source) && (!rule->kinds || rule->kinds >> segment & 1) &&
            fits_heading(rule, source, block) && fits_file(r, i - 1, source))
            return i;
    }
    return 0;
}

/* ---- all of it ------------------------------------------------------------------------------------------- */

typedef struct prioritiser {
    sp_arena *arena;
    rules rules;
    sp_prompt *prompt;
    const sp_note **notes; /* of each source */
} prioritiser;

static void prioritise(const prioritiser *p, sp_segment *segment, uint32_t index, uint32_t block)
{
    const sp_source *source = &p->prompt->sources[index];
    const kind *k = kind_of(p->prompt, segment->kind, source);
    const sp_note *notes = p->notes[index];
    size_t rule = find_rule(&p->rules, segment->kind, source, block);
    if (notes && notes[block].is_set && source->scope != SP_SCOPE_MANAGED) {
        segment->pinned = notes[block].pinned;
        segment->priority = notes[block].priority;
        segment->priority_reason = notes[block].reason;
    } else if (rule) {
        segment->pinned = p->rules.items[rule - 1].pinned;
        segment->priority = segment->pinned ? PINNED : p->rules.items[rule - 1].priority;
        segment->priority_reason = p->rules.reasons[rule - 1];
    } else {
        segment->pinned = k->priority == PINNED;
        segment->priority = k->priority;
        segment->priority_reason = k->name;
    }
}

/* A marker in a block's place is of that block's kind. */
static sp_segment_kind kind_of_place(const sp_source *source)
{
    switch (source->kind) {
    case SP_SOURCE_AGENT:
        return SP_SEGMENT_BODY;
    case SP_SOURCE_MEMORY:
        return SP_SEGMENT_MEMORY;
    case SP_SOURCE_RULE:
        return SP_SEGMENT_RULE;
    case SP_SOURCE_IMPORT:
        return SP_SEGMENT_IMPORT;
    case SP_SOURCE_SKILL:
        return SP_SEGMENT_SKILL;
    case SP_SOURCE_APPENDED:
        return SP_SEGMENT_APPENDED;
    default:
        return SP_SEGMENT_INSTRUCTIONS;
    }
}

static void prioritise_own(const prioritiser *p, sp_segment *segment)
{
    segment->pinned = true;
    segment->priority = PINNED;
    segment->priority_reason = "sysprompt's own wording";
    if (segment->place_source == SP_NONE)
        return;
    sp_segment_kind own = segment->kind;
    segment->kind = kind_of_place(&p->prompt->sources[segment->place_source]);
    prioritise(p, segment, segment->place_source, segment->place_block);
    segment->kind = own;
}

static sp_status read_all_notes(prioritiser *p, const sp_docs *docs, sp_diags *diags, sp_err *err)
{
    p->notes = SP_ARENA_ARRAY(p->arena, const sp_note *, (size_t)docs->count + 1);
    if (!p->notes)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < docs->count; i++)
        if (docs->sources[i].is_loaded && docs->sources[i].kind != SP_SOURCE_AGENT)
            SP_TRY(sp_trim_read_notes(p->arena, &docs->sources[i], diags, &p->notes[i], err));
    return SP_OK;
}

sp_status sp_prioritise(sp_arena *arena, const sp_docs *docs, const sp_request *request, sp_diags *diags,
                        sp_prompt *prompt, sp_err *err)
{
    prioritiser p = { .arena = arena, .prompt = prompt };
    SP_TRY(open_rules(arena, request, &p.rules, err));
    SP_TRY(read_all_notes(&p, docs, diags, err));
    for (size_t i = 0; i < prompt->segment_count; i++) {
        sp_segment *segment = &prompt->segments[i];
        if (segment->source == SP_NONE)
            prioritise_own(&p, segment);
        else
            prioritise(&p, segment, segment->source, segment->block);
    }
    return SP_OK;
}
