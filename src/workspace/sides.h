/* sides.h - the two sides of a comparison: from what the user calls them to the parts of their prompts. */
#ifndef SP_SIDES_H
#define SP_SIDES_H

#include "base/types.h"
#include "capture/exchange.h"
#include "diff/parts.h"
#include "diff/result.h"
#include "model/request.h"
#include "tokenizer/tokens.h"

typedef struct sp_side {
    sp_base base;
    sp_request request;             /* what builds its prompts */
    sp_revision *revision;          /* that request has; or NULL */
    bool by_path;                   /* as for sp_parts_of_prompt */
    sp_str place;                   /* of a file: its absolute path; ptr NULL for standard input; */
    sp_str path;                    /* its name in the table; */
    bool is_absent;                 /* whether there is none at the revision; */
    sp_str bytes;                   /* what it holds, */
    size_t number;                  /* of a recording: the request of it that is taken, 0 as below, */
    const sp_sender *sender;        /* and whose that is, */
    sp_parts saved;                 /* or what is in it, if that is a saved result, */
    sp_str encoding;                /* and the name of what that is counted with */
    struct sp_workspace *workspace; /* of the main session, where all agents are compared; NULL until it is needed */
} sp_side;

typedef struct sp_sides {
    sp_side old_side;
    sp_side new_side;
} sp_sides;

/* Finds both. What they hold lives in arena, or until sp_sides_close, which is called after a failure, too. Errors as
 * for sp_diff_run. */
SP_MUST_USE sp_status sp_sides_open(sp_arena *arena, const sp_diff_request *request, sp_sides *ret, sp_err *err);
void sp_sides_close(sp_sides *sides);

/* Whether it was saved with its agent, or as the main session's. */
bool sp_side_tells_agent(const sp_side *side);

/* Opens the workspace in which all prompts of a side are made: what its agents have in common is loaded once. It lives
 * in arena, and the side stays where it is. */
SP_MUST_USE sp_status sp_side_share(sp_arena *arena, sp_side *side, sp_err *err);

/* The prompt of an agent, NULL for the main session, on one side, counted with encoding; NULL: with what it is counted
 * with by itself, which *encoding is then. */
SP_MUST_USE sp_status sp_side_parts(sp_arena *arena, const sp_side *side, const char *agent,
                                    const sp_encoding **encoding, sp_parts *ret, sp_err *err);

#endif
