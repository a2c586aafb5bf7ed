/*
 * replies.h - the answer to a client's request: "ok", or the call of one of the client's own tools, in the form that
 * the request's protocol and its streaming ask for. Pure.
 */
#ifndef SP_CAPTURE_REPLIES_H
#define SP_CAPTURE_REPLIES_H

#include "base/base.h"
#include "base/types.h"

/* One way to make the client do something: the clients' versions name their tools differently. */
typedef struct sp_tool_call {
    sp_str tool;
    sp_str arguments; /* a JSON object */
} sp_tool_call;

/* The first of these whose tool is in the request is called. */
typedef struct sp_step {
    const sp_tool_call *calls;
    size_t count;
} sp_step;

typedef struct sp_steps {
    const sp_step *items;
    size_t count;
} sp_steps;

typedef enum sp_request_kind {
    SP_REQUEST_OTHER,   /* a title, a token count, a model list */
    SP_REQUEST_SESSION, /* of the main session */
    SP_REQUEST_AGENT,   /* of a subagent */
} sp_request_kind;

/* What the recorder is to make the client do. */
typedef struct sp_script {
    sp_str session_mark; /* a string in each request of the session; ptr NULL: all are the session's */
    sp_str agent_mark;   /* the same of the agent; ptr NULL: none is wanted */
    size_t mark_digits;  /* of this run alone, which both end with: they are recorded as zeros */
    bool needs_tools;    /* a request of the session has tools; others are titles and the like */
    sp_steps session;    /* the calls that each of them is answered with, in turn */
    sp_steps agent;
} sp_script;

typedef struct sp_reply {
    sp_request_kind kind;
    bool is_model;   /* the request is one to a model */
    bool is_last;    /* the session, or the agent, has nothing more to do: it was not answered with a call */
    bool lacks_tool; /* none of the tools of the next step is in the request */
    int status;
    const char *type; /* content-type */
    sp_buf body;
} sp_reply;

/* ret->body is the caller's, to be released. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_reply_make(const sp_script *script, sp_str method, sp_str target, sp_str body, sp_reply *ret,
                                    sp_err *err);

#endif
