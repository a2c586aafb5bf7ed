/*
 * requests.h - from recorded bytes to the requests in them.
 *
 *   sp_exchanges exchanges = { 0 };
 *   sp_recording recording;
 *   SP_TRY(sp_exchanges_read(arena, path, bytes, &exchanges, err));        a file that a proxy wrote; or a recorder's
 * own list SP_TRY(sp_requests_decode(arena, path, &exchanges, &recording, err));
 *
 * Nothing of a request is dropped: a field that no table here knows is listed with its place and size.
 */
#ifndef SP_CAPTURE_REQUESTS_H
#define SP_CAPTURE_REQUESTS_H

#include "base/base.h"
#include "base/types.h"
#include "capture/exchange.h"
#include "model/prompt.h"
#include "tokenizer/tokens.h"

typedef enum sp_protocol {
    SP_PROTOCOL_ANTHROPIC, /* Messages */
    SP_PROTOCOL_RESPONSES, /* OpenAI Responses */
    SP_PROTOCOL_CHAT,      /* OpenAI Chat Completions */
    SP_PROTOCOL_GEMINI,    /* generateContent */
    SP_PROTOCOL_SAVED,     /* sysprompt.capture/1; a request that was read has the protocol that it was saved with */
    SP_PROTOCOL_ITEMS,     /* a list of items of OpenAI Responses, as codex debug prompt-input prints it */
} sp_protocol;

/* "anthropic-messages", "openai-responses", ... */
sp_str sp_protocol_name(sp_protocol protocol);

typedef enum sp_part_kind {
    SP_PART_TEXT,
    SP_PART_RESULT, /* of a tool */
    SP_PART_CALL,   /* of a tool, by the model */
    SP_PART_MEDIA,  /* an image or another file; its text is empty */
} sp_part_kind;

/* A run of a text that was saved, with its tokens. */
typedef struct sp_saved_run {
    size_t begin;
    size_t end;
    size_t tokens;
} sp_saved_run;

/* A text of which only the files' part was saved: other bytes are in the place of the rest. No runs: it is as it was
 * recorded. */
typedef struct sp_saved_text {
    sp_str text;
    const sp_saved_run *runs; /* one after the other, up to the end */
    size_t run_count;
} sp_saved_text;

/* A run of text of the request, without JSON's quotes and escapes. */
typedef struct sp_recorded_part {
    sp_part_kind kind;
    sp_role role;
    sp_str place; /* "system[2]", "messages[0].content[1]": as a reader of the JSON would find it */
    sp_str text;
    uint32_t message; /* index of the message, or SP_NONE for a part of the system prompt that is not among them */
    size_t offset;    /* into the body */
    sp_saved_text saved;
    sp_str subject; /* what its client text was found to be about before it was saved; ptr NULL: not known */
} sp_recorded_part;

typedef struct sp_recorded_tool {
    sp_str name;        /* as the model sees it */
    sp_str server;      /* of an MCP tool (mcp__SERVER__TOOL): borrowed from name; ptr NULL: the client's own */
    sp_str description; /* without escapes; ptr NULL: none */
    sp_str schema;      /* of its input, as it is written; ptr NULL: none */
    sp_str text;        /* the whole definition, as it is written */
    sp_str place;
    sp_saved_text saved;
} sp_recorded_tool;

/* A field that the tables do not know. */
typedef struct sp_unknown_field {
    sp_str place; /* "metadata.trace[0]" */
    size_t offset;
    size_t size_bytes;
} sp_unknown_field;

typedef struct sp_recorded {
    sp_protocol protocol;
    size_t exchange; /* its index among those that were recorded */
    sp_str target;
    sp_str model; /* ptr NULL: not named */
    bool streams;
    sp_recorded_part *parts; /* system, then messages, in their order */
    size_t part_count;
    sp_recorded_tool *tools;
    size_t tool_count;
    sp_unknown_field *unknown;
    size_t unknown_count;
    size_t message_count;
    sp_str body;
    sp_sender sender;            /* of one that was saved */
    sp_range range;              /* of its tokens, as it was saved, */
    const sp_encoding *encoding; /* and what counted them; NULL: it is as it was recorded */
} sp_recorded;

/* A body that cannot be decoded. */
typedef struct sp_odd_body {
    size_t exchange;
    sp_err err; /* why, with the place */
} sp_odd_body;

typedef struct sp_recording {
    sp_recorded *items;
    size_t count;
    sp_odd_body *odd; /* the first of them */
    size_t odd_count;
    size_t more_odd;
    size_t other_count; /* exchanges that start no conversation: token counts, model lists, telemetry */
} sp_recording;

/* What the client's own text of a part is about. */
typedef enum sp_part_subject {
    SP_SUBJECT_MESSAGE,
    SP_SUBJECT_SYSTEM,
    SP_SUBJECT_ENVIRONMENT,
    SP_SUBJECT_GIT,
    SP_SUBJECT_REMINDER,
    SP_SUBJECT_LIST,
    SP_SUBJECT_RESULT,
    SP_SUBJECT_CALL,
    SP_SUBJECT_QUESTION, /* the user's own */
    SP_SUBJECT_COUNT,
} sp_part_subject;

/* "system prompt", ... Lives as long as the program. */
sp_str sp_subject_name(sp_part_subject subject);

/* Finds the request bodies in a file: one JSON value, a JSON array or JSON Lines; a body by itself, in an envelope
 * such as {"request": {"body": ...}}, or in a HAR. A body may be JSON or a string that holds JSON. Adds to *ret; all
 * lives in arena or borrows from bytes. A line of JSON Lines that is not JSON is added as it is. Errors: SP_ERR_INPUT
 * with the place for a file that is not JSON, and for one without a request body; SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_exchanges_read(sp_arena *arena, sp_str path, sp_str bytes, sp_exchanges *ret, sp_err *err);

/* Decodes them. path is for messages. A body that is not JSON or contradicts its protocol is listed as odd. Errors:
 * SP_ERR_INPUT where no exchange is a request to a model, with the place of the first that is odd; SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_requests_decode(sp_arena *arena, sp_str path, const sp_exchanges *exchanges, sp_recording *ret,
                                         sp_err *err);

/* Copies what a recording, which was decoded into that arena, borrows from the exchanges, so that they can go: a file
 * may be several times as large as the texts in it. The bodies (sp_recorded.body) are gone then. */
SP_MUST_USE sp_status sp_requests_keep(sp_arena *arena, const sp_exchanges *exchanges, sp_recording *recording,
                                       sp_err *err);

/* Index of the request to look at: that of the number, from 1, which there is; with 0 the one that was saved as asked
 * for, of that agent if one was (ptr NULL: of any), else the first with the most tools. */
size_t sp_requests_choose(const sp_recording *recording, size_t number, sp_str agent);

#endif
