/*
 * http.h - the bytes of a connection -> HTTP/1.1 requests, one after the other. Pure; nothing is sent or received here.
 *
 *   sp_http http = { .max_body_bytes = ... };
 *   sp_http_add(&http, bytes);
 *   while (sp_http_step(&http) == SP_HTTP_REQUEST) {
 *       ... http.method, http.target, http.body, until
 *       sp_http_next(&http);
 *   }
 *   sp_http_release(&http);
 */
#ifndef SP_CAPTURE_HTTP_H
#define SP_CAPTURE_HTTP_H

#include "base/base.h"
#include "base/types.h"

enum { SP_HTTP_MAX_HEAD_BYTES = 256 << 10 };

typedef enum sp_http_state {
    SP_HTTP_MORE,      /* more bytes are needed */
    SP_HTTP_CONTINUE,  /* so is "100 Continue", before they come; told once */
    SP_HTTP_REQUEST,   /* one is complete */
    SP_HTTP_GARBLED,   /* this is not HTTP: see problem */
    SP_HTTP_TOO_LARGE, /* the head or the body is over its limit */
    SP_HTTP_NO_MEMORY,
} sp_http_state;

typedef struct sp_http {
    size_t max_body_bytes;
    /* of a complete request, or of its head; borrowed from here until sp_http_next */
    sp_str method;
    sp_str target; /* path and query */
    sp_buf body;   /* without chunks; may be taken */
    bool keeps_open;
    const char *problem; /* a sentence without its subject */
    /* the parser's */
    sp_buf bytes; /* not taken apart yet, from at on */
    size_t at;
    size_t searched; /* offset into bytes, up to which no head ends */
    sp_buf head;
    size_t left; /* of the body, or of a chunk */
    int part;    /* of the request */
    bool is_chunked;
    bool expects_continue;
} sp_http;

void sp_http_add(sp_http *http, sp_str bytes);
SP_MUST_USE sp_http_state sp_http_step(sp_http *http);
void sp_http_next(sp_http *http);
void sp_http_release(sp_http *http);
/* The value of a header of the request; ptr NULL: it has none of that name. Of several the first. */
sp_str sp_http_header(const sp_http *http, sp_str name);

#endif
