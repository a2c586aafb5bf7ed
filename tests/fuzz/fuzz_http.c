/*
 * fuzz_http.c - any bytes as what a client sends: in pieces of any size they are the same requests, whose bodies stay
 * within the limit, and each gets an answer.
 *
 * The first byte is the size of a piece.
 */
#include "base/types.h"
#include "capture/http.h"
#include "capture/replies.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_BODY = 3000 };

static void require(int holds)
{
    if (!holds)
        abort();
}

static const sp_tool_call call = { { "Read", 4 }, { "{}", 2 } };
static const sp_step step = { &call, 1 };

/* A sum over all requests, to compare. */
typedef struct seen {
    size_t count;
    size_t sum;
    sp_http_state end;
} seen;

static void add(seen *s, sp_str text)
{
    for (size_t i = 0; i < text.len; i++)
        s->sum = s->sum * 31 + (unsigned char)text.ptr[i];
}

static void take(seen *s, const sp_http *http)
{
    const sp_script script = { .session = { &step, 1 } };
    sp_reply reply;
    sp_err err;
    require(http->body.len <= MAX_BODY && http->method.len > 0);
    add(s, http->method);
    add(s, http->target);
    add(s, sp_buf_str(&http->body));
    s->count++;
    require(sp_reply_make(&script, http->method, http->target, sp_buf_str(&http->body), &reply, &err) == SP_OK);
    require(reply.status == 200 || reply.status == 404);
    sp_buf_release(&reply.body);
}

static seen read_in_pieces(sp_str bytes, size_t piece)
{
    sp_http http = { .max_body_bytes = MAX_BODY };
    seen s = { .end = SP_HTTP_MORE };
    for (size_t at = 0; at < bytes.len && (s.end == SP_HTTP_MORE || s.end == SP_HTTP_CONTINUE); at += piece) {
        sp_http_add(&http, sp_str_slice(bytes, at, bytes.len - at < piece ? bytes.len : at + piece));
        while ((s.end = sp_http_step(&http)) == SP_HTTP_REQUEST || s.end == SP_HTTP_CONTINUE)
            if (s.end == SP_HTTP_REQUEST) {
                take(&s, &http);
                sp_http_next(&http);
            }
    }
    require(s.end != SP_HTTP_GARBLED || http.problem != NULL);
    sp_http_release(&http);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    sp_str bytes = { (const char *)data + 1, size - 1 };
    seen whole = read_in_pieces(bytes, bytes.len + 1);
    seen pieces = read_in_pieces(bytes, (size_t)data[0] + 1);
    require(whole.count == pieces.count && whole.sum == pieces.sum && whole.end == pieces.end);
    return 0;
}
