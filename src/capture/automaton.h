/*
 * automaton.h - every run of numbers in a sequence, for finding the longest that another sequence shares with it.
 *
 * A suffix automaton: one state for all runs that end at the same places. Linear in the length of the sequence.
 */
#ifndef SP_CAPTURE_AUTOMATON_H
#define SP_CAPTURE_AUTOMATON_H

#include "base/base.h"
#include "base/types.h"

typedef struct sp_automaton {
    struct sp_automaton_state *states;
    uint32_t state_count;
    struct sp_automaton_step *steps;
    uint32_t step_count;
    uint32_t *table; /* of the steps, by state and number: index plus 1, or 0 */
    size_t table_mask;
} sp_automaton;

/* The longest run that ends with the last number that was followed, and occurs in the sequence. */
typedef struct sp_automaton_at {
    uint32_t state;
    uint32_t length; /* 0: the last number does not occur */
} sp_automaton_at;

/* Fails only with SP_ERR_NO_MEMORY. count is below 2^30. */
SP_MUST_USE sp_status sp_automaton_init(sp_arena *arena, const uint32_t *numbers, size_t count, sp_automaton *ret,
                                        sp_err *err);
sp_automaton_at sp_automaton_follow(const sp_automaton *automaton, sp_automaton_at at, uint32_t number);
/* The state of the last length numbers of a run that leads to that state; length is at least 1 and at most the run's.
 */
uint32_t sp_automaton_shorten(const sp_automaton *automaton, uint32_t state, uint32_t length);
/* Where runs of that state end: indexes into the sequence, at most max of them, in no order. Returns how many;
 * *ret_more tells whether there are more. */
size_t sp_automaton_ends(const sp_automaton *automaton, uint32_t state, uint32_t *ret, size_t max, bool *ret_more);

#endif
