/*
 * assemble.h - a recorded request as a prompt: its text is mapped to files, the rest belongs to the client.
 *
 * The client's own text of each part of the request is a source without a file, and so is each tool: every view of a
 * prompt counts them like files.
 */
#ifndef SP_CAPTURE_ASSEMBLE_H
#define SP_CAPTURE_ASSEMBLE_H

#include "base/base.h"
#include "base/types.h"
#include "capture/map.h"
#include "capture/requests.h"
#include "capture/result.h"
#include "model/prompt.h"
#include "model/source.h"
#include "tokenizer/tokens.h"

/* A file that the request may hold. */
typedef struct sp_candidate {
    sp_source source;
    bool is_expected; /* the client is predicted to send its text */
    bool is_of_list;  /* it is an entry of a list that the client makes of agents or skills */
    sp_rule_key rule; /* unless it is expected: the rule that keeps it out (SP_RULE_NONE: none), */
    sp_str why;       /* and a sentence */
} sp_candidate;

typedef struct sp_assembly {
    const sp_recorded *recorded;
    const sp_candidate *candidates; /* in the order in which they are predicted */
    uint32_t candidate_count;
    const sp_mapped_phrase *phrases; /* of candidates */
    size_t phrase_count;
    const sp_mapped_stretch *expected; /* of candidates */
    size_t expected_count;
    sp_str launch; /* the real path of the launch directory */
} sp_assembly;

/* Fills in messages, segments, sources and cuts of *prompt, and *ret's tools and sums. All of it lives in arena or
 * borrows from what it is made of. Errors as for sp_texts_map. */
SP_MUST_USE sp_status sp_capture_assemble(sp_arena *arena, const sp_assembly *assembly, sp_captured *ret,
                                          sp_prompt *prompt, sp_err *err);

/* Counts the tokens of it all; runs that were not saved have the number that was saved with them. Errors:
 * SP_ERR_USAGE where those were counted by another encoding; as for sp_attribute. */
SP_MUST_USE sp_status sp_capture_count(sp_arena *arena, const sp_encoding *encoding, const sp_recorded *recorded,
                                       sp_captured *captured, sp_prompt *prompt, sp_err *err);

/* Puts as many other bytes in the place of every byte that no file explains, or that is in learned wording, so that no
 * writer can print them. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_capture_mask(sp_arena *arena, sp_prompt *prompt, sp_err *err);

#endif
