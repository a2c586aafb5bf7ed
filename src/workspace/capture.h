/* capture.h - a recorded request beside the files that it could be made of. */
#ifndef SP_WORKSPACE_CAPTURE_H
#define SP_WORKSPACE_CAPTURE_H

#include "base/types.h"
#include "capture/exchange.h"
#include "capture/requests.h"
#include "capture/result.h"
#include "model/prompt.h"
#include "model/request.h"

typedef struct sp_capture_request {
    const sp_request *request;     /* what the client could read, as for sp_prompt_build */
    sp_str path;                   /* of the recording, for messages */
    const sp_exchanges *exchanges; /* as sp_exchanges_read found them, or a recorder received them */
    const sp_recording *recording; /* what sp_requests_decode made of these, which the result then borrows; NULL: it is
                                    * decoded here */
    const sp_sender *sender;       /* NULL: as the recording says */
    size_t number;                 /* of the request to look at, from 1; 0: that of the exchange */
    size_t exchange;               /* its place among the exchanges, from 1; 0: the one that sp_requests_choose names */
    bool needs_agent;              /* refuse a request that holds nothing of the agent's prompt, too */
    bool with_client_text;         /* else the prompt has other bytes in the place of those that no file explains */
} sp_capture_request;

/* Maps one request of a recording to the files that a client could have read for request. On success *ret is the
 * caller's, to be dropped with sp_captured_free (NULL is fine), and so is its prompt; it borrows the exchanges and
 * the recording until then. Errors: SP_ERR_INPUT for a recording that cannot be read, with its place; SP_ERR_USAGE for
 * a number that it does not have; else as for sp_prompt_build. */
SP_MUST_USE sp_status sp_capture_build(const sp_capture_request *request, sp_captured **ret, sp_err *err);

/* The profile that a request of the file path was saved with, in arena. Errors: SP_ERR_INPUT where none has the name;
 * SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_saved_profile(sp_arena *arena, sp_str path, sp_str name, const sp_profile **ret, sp_err *err);

/* Puts other bytes in the place of those that no file explains, as without with_client_text. Fails only with
 * SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_captured_mask(sp_captured *captured, sp_err *err);

/* Lets it own the arena that its exchanges live in, which is empty then. */
void sp_captured_keep(sp_captured *captured, sp_arena *arena);

void sp_captured_free(sp_captured *captured);

#endif
