/* result.h - what is known of a recorded request, besides the prompt that it is. */
#ifndef SP_CAPTURE_RESULT_H
#define SP_CAPTURE_RESULT_H

#include "base/types.h"
#include "capture/requests.h"
#include "model/prompt.h"

typedef struct sp_captured_tool {
    sp_str name;
    sp_str server; /* of an MCP tool; ptr NULL: the client's own */
    uint32_t source;
    size_t tokens;
    size_t size_bytes;
    size_t schema_bytes;
} sp_captured_tool;

/* Bytes of the system prompt, the messages and the tools. Files and client sum to the whole. */
typedef struct sp_captured_sums {
    size_t bytes;
    size_t file_bytes;      /* that a file explains, */
    size_t ambiguous_bytes; /* of these: that another place explains as well */
    size_t client_bytes;    /* that no file explains, tools included */
} sp_captured_sums;

/* How a file, or a part of it, in the request compares with the prediction. */
typedef enum sp_verdict {
    SP_VERDICT_SAME,       /* predicted, and there */
    SP_VERDICT_ABSENT,     /* predicted, and not there */
    SP_VERDICT_UNEXPECTED, /* there, and not predicted */
    SP_VERDICT_ELSEWHERE,  /* in a message of another role */
    SP_VERDICT_ORDER,      /* after a file that it is predicted before */
    SP_VERDICT_BYTES,      /* not all of the lines that are predicted, or more */
    SP_VERDICT_COUNT,
} sp_verdict;

typedef struct sp_verified {
    sp_verdict verdict;
    uint32_t source;  /* of the captured prompt */
    sp_rule_key rule; /* that predicts it; SP_RULE_NONE: none by name */
    size_t predicted_bytes;
    size_t observed_bytes;
    sp_str message; /* a sentence; ptr NULL for what is the same */
} sp_verified;

/* A text of the request that holds files, beside the prediction in the client's own wording, byte for byte. */
typedef struct sp_compared_text {
    sp_str place;  /* in the request: "messages[0].content[0]"; ptr NULL: it has none */
    sp_str file;   /* the first in it, for messages */
    bool is_same;  /* or, where only the wording next to the files was learned, it is a part of the request's text */
    size_t offset; /* of the first byte that differs */
    size_t predicted_bytes;
    size_t observed_bytes;
} sp_compared_text;

typedef struct sp_captured {
    sp_str path; /* of the recording, as it was given */
    const sp_recorded *recorded;
    sp_sender sender;
    size_t request_number; /* from 1, of request_count */
    size_t request_count;
    size_t other_count; /* recorded besides: what starts no conversation */
    sp_captured_tool *tools;
    size_t tool_count;
    sp_captured_sums sums;
    const sp_verified *verified; /* a row for each file that is predicted or there */
    size_t verified_count;
    size_t drift_count;            /* of these: not the same */
    const sp_compared_text *texts; /* where the prediction is in learned wording */
    size_t text_count;
    size_t differing_texts;
    const sp_prompt *predicted;
    uint32_t first_on_demand; /* from this source of it on, files that load on demand */
    sp_str predicted_memory;  /* where the agent's memory is; ptr NULL: it has none */
    sp_prompt *prompt;
    void *owner; /* what all of the above lives in; for sp_captured_free */
} sp_captured;

#endif
