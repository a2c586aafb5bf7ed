/*
 * gauge.c - how many tokens are left, after every step, without counting all of it every time.
 *
 * Counts of texts do not add up in general, but they do where cut.c says so. Every solid that has such a place is
 * counted once, between its first one and its last. What is between two solids (the end of one, the link, the beginning
 * of the next, and whole solids without such a place) is a joint. A step takes solids away, and with them joints; only
 * the joints that take their place are counted, most of them a few words. The sum is exactly what counting the whole
 * text gives.
 *
 * A text can be made so that it has no such place at all, and then every step means counting all that is left. After
 * FREE_BYTES of that, a step that was DEAR_BYTES of counting is followed by some that are not counted, a share of those
 * that are left: the larger, the longer the prompt is, so that all of it is about WORK_BYTES of counting. The steps
 * that are counted are still the same for every budget.
 */
#include "base/types.h"
#include "model/prompt.h"
#include "tokenizer/tokens.h"
#include "trim/trimmer.h"

enum {
    FREE_BYTES = 2 << 20,
    WORK_BYTES = 12 << 20,
    DEAR_BYTES = 64 << 10,
};

static sp_status count(sp_gauge *gauge, sp_str text, sp_counted *ret, sp_err *err)
{
    size_t tokens;
    gauge->work_bytes += text.len;
    SP_TRY(sp_counter_count(gauge->counter, text, &tokens, err));
    *ret = sp_counter_counted(gauge->counter);
    return SP_OK;
}

static sp_counted *counted_with(const sp_gauge *gauge, const sp_solid *solid)
{
    return &gauge->counted[solid->message];
}

size_t sp_gauge_tokens(const sp_gauge *gauge)
{
    const sp_prompt *prompt = gauge->trimmer->prompt;
    size_t tokens = 0;
    for (size_t i = 0; i < prompt->message_count; i++)
        tokens += sp_bound_tokens(prompt->bound, sp_tokens_of(prompt->encoding, gauge->counted[i].tokens),
                                  sp_counted_range(prompt->encoding, &gauge->counted[i]));
    return tokens;
}

/* Each counted step leaves all but 1 in so many of the steps that are left; counting what is left is a geometric
 * series, so many times the prompt. */
static size_t skipped_share(const sp_prompt *prompt)
{
    size_t bytes = 1 + sp_prompt_bytes(prompt);
    return bytes < WORK_BYTES / 2 ? WORK_BYTES / bytes : 2;
}

/* ---- places ---------------------------------------------------------------------------------------------- */

/* Whether a line ends before it, whatever is taken away: what stands in a hole ends in a line end, or there is nothing
 * before it at all. */
static bool begins_line(const sp_trimmer *t, uint32_t index)
{
    const sp_solid *solid = &t->solids.items[index];
    const sp_solid *before = &t->solids.items[index - 1];
    if (before->is_end && before->at == solid->at)
        return true;
    return sp_str_ends(t->chunks.items[solid->at - 1].text, SP_STR("\n"));
}

static sp_status open_solid(sp_gauge *gauge, uint32_t index, sp_err *err)
{
    const sp_encoding *encoding = gauge->trimmer->prompt->encoding;
    sp_solid *solid = &gauge->trimmer->solids.items[index];
    solid->has_cut = solid->is_end;
    if (solid->is_end)
        return SP_OK;
    bool is_apart = begins_line(gauge->trimmer, index) && sp_join_adds(encoding, SP_STR("\n"), solid->text);
    solid->first_cut = is_apart ? 0 : sp_cut_after(encoding, solid->text, 0);
    solid->has_cut = solid->first_cut < solid->text.len;
    if (!solid->has_cut)
        return SP_OK;
    size_t last = sp_cut_before(encoding, solid->text, solid->text.len);
    solid->last_cut = last > solid->first_cut ? last : solid->first_cut;
    SP_TRY(count(gauge, sp_str_slice(solid->text, solid->first_cut, solid->last_cut), &solid->inner, err));
    sp_counted_add(counted_with(gauge, solid), &solid->inner);
    return SP_OK;
}

/* The nearest solid at or left of index that is there and has a cut. */
static uint32_t find_anchor(sp_gauge *gauge, uint32_t index)
{
    sp_solid *solids = gauge->trimmer->solids.items;
    uint32_t found = index;
    while (solids[found].anchor != found)
        found = solids[found].anchor;
    while (index != found) {
        uint32_t next = solids[index].anchor;
        solids[index].anchor = found;
        index = next;
    }
    return found;
}

/* ---- joints ---------------------------------------------------------------------------------------------- */

static sp_status count_joint(sp_gauge *gauge, uint32_t index, sp_err *err)
{
    const sp_trimmer *t = gauge->trimmer;
    sp_solid *left = &t->solids.items[index];
    gauge->text.len = 0;
    sp_buf_add(&gauge->text, sp_str_slice(left->text, left->last_cut, left->text.len));
    for (uint32_t at = index;;) {
        uint32_t following = t->solids.items[at].following;
        const sp_solid *right = &t->solids.items[following];
        sp_trim_add_link(t, at, following, &gauge->text);
        sp_buf_add(&gauge->text, sp_str_slice(right->text, 0, right->has_cut ? right->first_cut : right->text.len));
        if (right->has_cut)
            break;
        at = following;
    }
    if (gauge->text.failed)
        return sp_err_memory(err);
    sp_counted_take(counted_with(gauge, left), &left->joint);
    SP_TRY(count(gauge, sp_buf_str(&gauge->text), &left->joint, err));
    sp_counted_add(counted_with(gauge, left), &left->joint);
    return SP_OK;
}

static bool ends_message(const sp_trimmer *t, uint32_t index)
{
    return t->solids.items[index].is_end &&
           (index + 1 == t->solids.count || t->solids.items[index + 1].message != t->solids.items[index].message);
}

static sp_status count_all(sp_gauge *gauge, sp_err *err)
{
    sp_trimmer *t = gauge->trimmer;
    for (uint32_t i = 0; i < t->solids.count; i++) {
        SP_TRY(open_solid(gauge, i, err));
        if (!t->solids.items[i].has_cut)
            t->solids.items[i].anchor = i - 1;
    }
    for (uint32_t i = 0; i < t->solids.count; i++)
        if (t->solids.items[i].has_cut && !ends_message(t, i))
            SP_TRY(count_joint(gauge, i, err));
    return SP_OK;
}

sp_status sp_gauge_init(sp_gauge *gauge, sp_trimmer *trimmer, sp_err *err)
{
    *gauge = (sp_gauge){ .trimmer = trimmer };
    gauge->counted = SP_ARENA_ARRAY(trimmer->arena, sp_counted, trimmer->prompt->message_count + 1);
    if (!gauge->counted)
        return sp_err_memory(err);
    SP_TRY(sp_counter_new(trimmer->prompt->encoding, SP_SPECIAL_AS_TEXT, &gauge->counter, err));
    sp_status status = count_all(gauge, err);
    gauge->work_bytes = 0;
    if (status != SP_OK)
        sp_gauge_release(gauge);
    return status;
}

void sp_gauge_release(sp_gauge *gauge)
{
    sp_counter_free(gauge->counter);
    sp_buf_release(&gauge->text);
}

/* ---- steps ----------------------------------------------------------------------------------------------- */

static void forget(void *context, uint32_t index)
{
    sp_gauge *gauge = context;
    sp_trimmer *t = gauge->trimmer;
    sp_solid *solid = &t->solids.items[index];
    if (solid->has_cut) {
        sp_counted_take(counted_with(gauge, solid), &solid->inner);
        sp_counted_take(counted_with(gauge, solid), &solid->joint);
    }
    solid->anchor = index - 1;
    uint32_t left = find_anchor(gauge, index);
    if (t->solids.items[left].is_dirty)
        return;
    uint32_t *slot = SP_LIST_PUSH(t->arena, &gauge->dirty);
    gauge->failed = gauge->failed || !slot;
    if (!slot)
        return;
    *slot = left;
    t->solids.items[left].is_dirty = true;
}

sp_status sp_gauge_step(sp_gauge *gauge, uint32_t unit, size_t steps_left, size_t *ret_tokens, sp_err *err)
{
    sp_trimmer *t = gauge->trimmer;
    uint64_t before = gauge->work_bytes;
    sp_trim_take(t, unit, forget, gauge);
    if (gauge->failed)
        return sp_err_memory(err);
    *ret_tokens = SIZE_MAX;
    if (gauge->skip > 0 && steps_left > 0) {
        gauge->skip--;
        return SP_OK;
    }
    for (size_t i = 0; i < gauge->dirty.count; i++) {
        sp_solid *solid = &t->solids.items[gauge->dirty.items[i]];
        solid->is_dirty = false;
        if (!solid->is_dead)
            SP_TRY(count_joint(gauge, gauge->dirty.items[i], err));
    }
    gauge->dirty.count = 0;
    if (gauge->work_bytes > FREE_BYTES && gauge->work_bytes - before > DEAR_BYTES)
        gauge->skip = steps_left / skipped_share(t->prompt);
    *ret_tokens = sp_gauge_tokens(gauge);
    return SP_OK;
}
