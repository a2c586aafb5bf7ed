/* automaton.c - Blumer et al. (1985), with the steps of all states in one hash table. */
#include "capture/automaton.h"

#include "base/base.h"
#include "base/types.h"

typedef struct sp_automaton_state {
    uint32_t length; /* of the longest run that leads here */
    uint32_t link;   /* the state of the longest suffix that ends at more places; SP_NONE: of the root */
    uint32_t end;    /* a place where the runs end */
    uint32_t first_step;
    uint32_t first_child; /* states that link here */
    uint32_t next_sibling;
    bool is_clone;
} sp_automaton_state;

typedef struct sp_automaton_step {
    uint32_t from;
    uint32_t number;
    uint32_t to;
    uint32_t next; /* of the same state */
} sp_automaton_step;

static size_t slot_of(const sp_automaton *a, uint32_t from, uint32_t number)
{
    uint64_t key = ((uint64_t)from << 32 | number) * 0x9e3779b97f4a7c15u;
    return (size_t)((key ^ key >> 32) * 0xd6e8feb86659fd93u >> 32) & a->table_mask;
}

/* Most states have one step: lines go on as they do in their file. Those lie in the order of the lines, those of the
 * table do not. */
static sp_automaton_step *find(const sp_automaton *a, uint32_t from, uint32_t number)
{
    uint32_t first = a->states[from].first_step;
    if (first == SP_NONE || a->steps[first].number == number)
        return first == SP_NONE ? NULL : &a->steps[first];
    if (a->steps[first].next == SP_NONE)
        return NULL;
    for (size_t at = slot_of(a, from, number); a->table[at]; at = (at + 1) & a->table_mask) {
        sp_automaton_step *step = &a->steps[a->table[at] - 1];
        if (step->from == from && step->number == number)
            return step;
    }
    return NULL;
}

static void add_step(sp_automaton *a, uint32_t from, uint32_t number, uint32_t to)
{
    size_t at = slot_of(a, from, number);
    while (a->table[at])
        at = (at + 1) & a->table_mask;
    a->steps[a->step_count] = (sp_automaton_step){ from, number, to, a->states[from].first_step };
    a->states[from].first_step = a->step_count;
    a->table[at] = ++a->step_count;
}

static uint32_t add_state(sp_automaton *a, uint32_t length, uint32_t end)
{
    a->states[a->state_count] = (sp_automaton_state){ .length = length,
                                                      .link = SP_NONE,
                                                      .end = end,
                                                      .first_step = SP_NONE,
                                                      .first_child = SP_NONE,
                                                      .next_sibling = SP_NONE };
    return a->state_count++;
}

/* The state for the shorter of the runs that lead to old, which end at one place more. */
static uint32_t split(sp_automaton *a, uint32_t from, uint32_t old, uint32_t number)
{
    uint32_t clone = add_state(a, a->states[from].length + 1, a->states[old].end);
    a->states[clone].is_clone = true;
    a->states[clone].link = a->states[old].link;
    for (uint32_t s = a->states[old].first_step; s != SP_NONE; s = a->steps[s].next)
        add_step(a, clone, a->steps[s].number, a->steps[s].to);
    for (uint32_t p = from; p != SP_NONE; p = a->states[p].link) {
        sp_automaton_step *step = find(a, p, number);
        if (!step || step->to != old)
            break;
        step->to = clone;
    }
    a->states[old].link = clone;
    return clone;
}

static uint32_t extend(sp_automaton *a, uint32_t last, uint32_t number, uint32_t end)
{
    uint32_t made = add_state(a, a->states[last].length + 1, end);
    uint32_t p = last;
    for (; p != SP_NONE && !find(a, p, number); p = a->states[p].link)
        add_step(a, p, number, made);
    if (p == SP_NONE) {
        a->states[made].link = 0;
        return made;
    }
    uint32_t old = find(a, p, number)->to;
    bool is_whole = a->states[p].length + 1 == a->states[old].length;
    a->states[made].link = is_whole ? old : split(a, p, old, number);
    return made;
}

static void link_children(sp_automaton *a)
{
    for (uint32_t s = 1; s < a->state_count; s++) {
        sp_automaton_state *parent = &a->states[a->states[s].link];
        a->states[s].next_sibling = parent->first_child;
        parent->first_child = s;
    }
}

/* A sequence of n numbers has at most 2n states and 3n steps. */
sp_status sp_automaton_init(sp_arena *arena, const uint32_t *numbers, size_t count, sp_automaton *ret, sp_err *err)
{
    size_t slots = 16;
    while (slots < 6 * (count + 1))
        slots *= 2;
    sp_automaton a = { .table_mask = slots - 1 };
    a.states = SP_ARENA_ARRAY(arena, sp_automaton_state, 2 * (count + 1));
    a.steps = SP_ARENA_ARRAY(arena, sp_automaton_step, 3 * (count + 1) + 1);
    a.table = SP_ARENA_ARRAY(arena, uint32_t, slots);
    if (!a.states || !a.steps || !a.table)
        return sp_err_memory(err);
    uint32_t last = add_state(&a, 0, SP_NONE);
    for (size_t i = 0; i < count; i++)
        last = extend(&a, last, numbers[i], (uint32_t)i);
    link_children(&a);
    *ret = a;
    return SP_OK;
}

sp_automaton_at sp_automaton_follow(const sp_automaton *a, sp_automaton_at at, uint32_t number)
{
    for (;;) {
        const sp_automaton_step *step = find(a, at.state, number);
        if (step)
            return (sp_automaton_at){ step->to, at.length + 1 };
        if (at.state == 0)
            return (sp_automaton_at){ 0, 0 };
        at.state = a->states[at.state].link;
        at.length = a->states[at.state].length;
    }
}

uint32_t sp_automaton_shorten(const sp_automaton *a, uint32_t state, uint32_t length)
{
    while (a->states[state].link != SP_NONE && a->states[a->states[state].link].length >= length)
        state = a->states[state].link;
    return state;
}

/* Every state that is no clone is a place, and a run of a state ends at the places of the states that link to it. */
size_t sp_automaton_ends(const sp_automaton *a, uint32_t state, uint32_t *ret, size_t max, bool *ret_more)
{
    size_t count = 0;
    uint32_t at = state;
    *ret_more = false;
    for (;;) {
        if (!a->states[at].is_clone && at != 0) {
            if (count == max) {
                *ret_more = true;
                return count;
            }
            ret[count++] = a->states[at].end;
        }
        if (a->states[at].first_child != SP_NONE) {
            at = a->states[at].first_child;
            continue;
        }
        while (at != state && a->states[at].next_sibling == SP_NONE)
            at = a->states[at].link;
        if (at == state)
            return count;
        at = a->states[at].next_sibling;
    }
}
