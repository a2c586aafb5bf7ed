/*
 * recorder.h - answers a client's requests, and keeps them, until it has ended or the one that is wanted was answered.
 *
 * Nothing is forwarded. A client may be hostile: what it sends, how much of it and how long it may take have limits.
 */
#ifndef SP_CAPTURE_RECORDER_H
#define SP_CAPTURE_RECORDER_H

#include "base/base.h"
#include "base/sandbox.h"
#include "base/types.h"
#include "capture/exchange.h"
#include "capture/replies.h"

typedef struct sp_record_limits {
    int timeout_ms; /* for all of it; 0: none */
    int linger_ms;  /* after the answer that ends it, for the client to end by itself */
    size_t max_requests;
    size_t max_body_bytes; /* of one request */
    size_t max_bytes;      /* received in all, of unfinished requests too */
} sp_record_limits;

extern const sp_record_limits sp_record_default_limits;

typedef enum sp_record_end {
    SP_RECORD_ENDED,    /* the client has ended */
    SP_RECORD_ANSWERED, /* the request that is wanted was answered, and the client went on */
    SP_RECORD_TIMEOUT,
    SP_RECORD_INTERRUPTED, /* a signal came */
    SP_RECORD_TOO_MANY,    /* requests, or bytes */
    SP_RECORD_TOO_LARGE,   /* one request */
} sp_record_end;

typedef struct sp_record_plan {
    sp_str prefix; /* of the path of each request, such as "/d41d8cd9"; others get 404, unread from the body on */
    sp_script script;
    sp_record_limits limits;
    const sp_signals *signals; /* NULL: none are looked for */
} sp_record_plan;

typedef struct sp_record {
    sp_exchanges exchanges; /* all; the targets without the prefix */
    size_t wanted;          /* index of the request that is wanted, SIZE_MAX: it did not come */
    size_t models;          /* requests to a model */
    size_t connections;
    size_t strangers;    /* requests without the prefix */
    size_t garbled;      /* connections that did not speak HTTP */
    const char *problem; /* of the first of them: a sentence without its subject; or NULL */
    bool lacks_tool;     /* the client has none of the tools that a step of the script calls */
    sp_str agent;        /* the User-Agent of the last request to a model; ptr NULL: none */
    sp_str output;       /* the end of what the client wrote */
    sp_record_end end;
    int64_t elapsed_ms;
} sp_record;

/* Serves sandbox until an end; the processes are still there then. Everything lives in arena. Fails only with
 * SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_record_serve(sp_arena *arena, sp_sandbox *sandbox, const sp_record_plan *plan, sp_record *ret,
                                      sp_err *err);

#endif
