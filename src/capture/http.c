/*
 * http.c - as strict as a client's own library would make it: a line that is not a header ends the connection, because
 * nothing that follows could be trusted. Each byte is looked at a bounded number of times, however it arrives.
 */
#include "capture/http.h"
#include "base/base.h"
#include "base/types.h"

#include <stdint.h>
#include <string.h>

enum { PART_HEAD, PART_BODY, PART_CHUNK_SIZE, PART_CHUNK, PART_CHUNK_END, PART_TRAILER, PART_DONE };

/* A chunk's size has at most 8 digits, and extensions that nobody uses. */
enum { MAX_LINE_BYTES = 4096 };

void sp_http_add(sp_http *http, sp_str bytes)
{
    if (http->at > 0 && http->at >= http->bytes.len / 2) {
        http->searched = http->searched > http->at ? http->searched - http->at : 0;
        http->bytes.len -= http->at;
        memmove(http->bytes.ptr, http->bytes.ptr + http->at, http->bytes.len);
        http->at = 0;
    }
    sp_buf_add(&http->bytes, bytes);
}

static void clear(sp_buf *buf)
{
    sp_buf_release(buf);
    *buf = (sp_buf){ 0 };
}

void sp_http_next(sp_http *http)
{
    clear(&http->head);
    clear(&http->body);
    http->method = http->target = (sp_str){ 0 };
    http->part = PART_HEAD;
    http->searched = http->at;
    http->is_chunked = http->expects_continue = false;
    http->left = 0;
}

void sp_http_release(sp_http *http)
{
    sp_http_next(http);
    clear(&http->bytes);
}

static sp_str rest_of(const sp_http *http)
{
    return (sp_str){ http->bytes.ptr ? http->bytes.ptr + http->at : "", http->bytes.len - http->at };
}

static sp_http_state garbled(sp_http *http, const char *problem)
{
    http->problem = problem;
    return SP_HTTP_GARBLED;
}

/* ---- the head ------------------------------------------------------------------------------------------ */

/* The next line without its end; false at the end of the head. */
static bool next_line(sp_str head, size_t *at, sp_str *ret)
{
    if (*at >= head.len)
        return false;
    size_t end = sp_str_find(head, SP_STR("\n"), *at);
    end = end == SIZE_MAX ? head.len : end;
    *ret = sp_str_slice(head, *at, end);
    if (ret->len > 0 && ret->ptr[ret->len - 1] == '\r')
        ret->len--;
    *at = end + 1;
    return true;
}

sp_str sp_http_header(const sp_http *http, sp_str name)
{
    sp_str line;
    size_t at = 0;
    bool is_first = true;
    while (next_line(sp_buf_str(&http->head), &at, &line)) {
        size_t colon = sp_str_find(line, SP_STR(":"), 0);
        if (!is_first && colon != SIZE_MAX && sp_str_eq_nocase(sp_str_slice(line, 0, colon), name))
            return sp_str_trim(sp_str_slice(line, colon + 1, line.len));
        is_first = false;
    }
    return (sp_str){ 0 };
}

/* A word of visible ASCII, up to a space or the end. */
static bool take_word(sp_str line, size_t *at, sp_str *ret)
{
    size_t begin = *at;
    if (begin > line.len)
        return false;
    while (*at < line.len && line.ptr[*at] > ' ' && line.ptr[*at] < 0x7f)
        ++*at;
    *ret = sp_str_slice(line, begin, *at);
    bool is_word = ret->len > 0 && (*at == line.len || line.ptr[*at] == ' ');
    ++*at;
    return is_word;
}

/* "http://host/path" as a proxy gets it, without the host. */
static sp_str without_host(sp_str target)
{
    size_t slash = sp_str_starts(target, SP_STR("http://")) ? sp_str_find(target, SP_STR("/"), 7) : 0;
    return slash == SIZE_MAX ? SP_STR("/") : sp_str_slice(target, slash, target.len);
}

static bool read_request_line(sp_http *http, sp_str line)
{
    sp_str version;
    size_t at = 0;
    bool is_one = take_word(line, &at, &http->method) && take_word(line, &at, &http->target) &&
                  take_word(line, &at, &version) && at == line.len + 1;
    if (!is_one || (!sp_str_eq(version, SP_STR("HTTP/1.1")) && !sp_str_eq(version, SP_STR("HTTP/1.0"))))
        return false;
    http->target = without_host(http->target);
    http->keeps_open = sp_str_eq(version, SP_STR("HTTP/1.1"));
    return true;
}

static bool are_headers(sp_str head)
{
    sp_str line;
    size_t at = 0;
    bool is_first = true;
    while (next_line(head, &at, &line)) {
        size_t colon = sp_str_find(line, SP_STR(":"), 0);
        if (!is_first && (colon == SIZE_MAX || colon == 0 || memchr(line.ptr, '\0', line.len)))
            return false;
        is_first = false;
    }
    return true;
}

static bool read_length(sp_str digits, size_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9' || *ret > (SIZE_MAX - 9) / 10)
            return false;
        *ret = *ret * 10 + (size_t)(digits.ptr[i] - '0');
    }
    return digits.len > 0;
}

static sp_http_state read_framing(sp_http *http)
{
    sp_str length = sp_http_header(http, SP_STR("content-length"));
    sp_str encoding = sp_http_header(http, SP_STR("transfer-encoding"));
    sp_str content = sp_http_header(http, SP_STR("content-encoding"));
    if (sp_str_eq_nocase(sp_http_header(http, SP_STR("connection")), SP_STR("close")))
        http->keeps_open = false;
    if (content.ptr && !sp_str_eq_nocase(content, SP_STR("identity")))
        return garbled(http, "has a compressed body, which is not read");
    if (length.ptr && encoding.ptr)
        return garbled(http, "has two lengths");
    if (encoding.ptr && !sp_str_eq_nocase(encoding, SP_STR("chunked")))
        return garbled(http, "has an unknown transfer encoding");
    if (length.ptr && !read_length(length, &http->left))
        return garbled(http, "has a length that is not a number");
    if (http->left > http->max_body_bytes)
        return SP_HTTP_TOO_LARGE;
    http->is_chunked = encoding.ptr != NULL;
    http->expects_continue = sp_str_eq_nocase(sp_http_header(http, SP_STR("expect")), SP_STR("100-continue"));
    http->part = http->is_chunked ? PART_CHUNK_SIZE : PART_BODY;
    return SP_HTTP_CONTINUE; /* here: go on */
}

/* Offset after the empty line that ends a head, or SIZE_MAX. */
static size_t head_end(sp_str bytes, size_t from)
{
    size_t crlf = sp_str_find(bytes, SP_STR("\r\n\r\n"), from);
    size_t lf = sp_str_find(bytes, SP_STR("\n\n"), from);
    if (crlf != SIZE_MAX && (lf == SIZE_MAX || crlf < lf))
        return crlf + 4;
    return lf == SIZE_MAX ? SIZE_MAX : lf + 2;
}

/* Line ends before a request are allowed (RFC 9112, 2.2). */
static void skip_line_ends(sp_http *http)
{
    while (http->at < http->bytes.len && (http->bytes.ptr[http->at] == '\r' || http->bytes.ptr[http->at] == '\n'))
        http->at++;
}

/* Whether the bytes could begin a request: what is not HTTP is told before it has ended. */
static bool may_be_request(sp_str bytes)
{
    for (size_t i = 0; i < bytes.len && bytes.ptr[i] != ' '; i++)
        if (i == 16 || bytes.ptr[i] < 'A' || bytes.ptr[i] > 'Z')
            return false;
    return bytes.len == 0 || bytes.ptr[0] != ' ';
}

static sp_http_state step_head(sp_http *http)
{
    skip_line_ends(http);
    sp_str bytes = rest_of(http);
    size_t window = bytes.len < SP_HTTP_MAX_HEAD_BYTES ? bytes.len : SP_HTTP_MAX_HEAD_BYTES;
    size_t from = http->searched > http->at + 3 ? http->searched - http->at - 3 : 0;
    size_t end = head_end(sp_str_slice(bytes, 0, window), from < window ? from : window);
    sp_str line;
    size_t at = 0;
    http->searched = http->bytes.len;
    if (!may_be_request(bytes))
        return garbled(http, "does not begin with a method");
    if (end == SIZE_MAX)
        return window == SP_HTTP_MAX_HEAD_BYTES ? SP_HTTP_TOO_LARGE : SP_HTTP_MORE;
    sp_buf_add(&http->head, sp_str_trim(sp_str_slice(bytes, 0, end)));
    if (http->head.failed)
        return SP_HTTP_NO_MEMORY;
    http->at += end;
    if (!next_line(sp_buf_str(&http->head), &at, &line) || !read_request_line(http, line))
        return garbled(http, "has no request line");
    if (!are_headers(sp_buf_str(&http->head)))
        return garbled(http, "has a line that is not a header");
    return read_framing(http);
}

/* ---- the body ------------------------------------------------------------------------------------------- */

/* Moves what is there of the part; true when it is complete. */
static bool take_left(sp_http *http)
{
    sp_str bytes = rest_of(http);
    size_t count = bytes.len < http->left ? bytes.len : http->left;
    sp_buf_add(&http->body, sp_str_slice(bytes, 0, count));
    http->at += count;
    http->left -= count;
    return http->left == 0;
}

/* A line of the chunked encoding, or SP_HTTP_MORE. SP_HTTP_CONTINUE is "go on" again. */
static sp_http_state take_line(sp_http *http, sp_str *ret)
{
    sp_str bytes = rest_of(http);
    size_t end = sp_str_find(bytes, SP_STR("\n"), 0);
    if (end == SIZE_MAX)
        return bytes.len > MAX_LINE_BYTES ? garbled(http, "has a chunk without a size") : SP_HTTP_MORE;
    *ret = sp_str_trim(sp_str_slice(bytes, 0, end));
    http->at += end + 1;
    return SP_HTTP_CONTINUE;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c | 32) >= 'a' && (c | 32) <= 'f')
        return (c | 32) - 'a' + 10;
    return -1;
}

static sp_http_state step_chunk_size(sp_http *http)
{
    sp_str line;
    size_t size = 0, digits = 0;
    sp_http_state state = take_line(http, &line);
    if (state != SP_HTTP_CONTINUE)
        return state;
    for (; digits < line.len && hex_value(line.ptr[digits]) >= 0; digits++) {
        if (digits == 8)
            return SP_HTTP_TOO_LARGE;
        size = size * 16 + (size_t)hex_value(line.ptr[digits]);
    }
    if (digits == 0 || (digits < line.len && line.ptr[digits] != ';' && line.ptr[digits] != ' '))
        return garbled(http, "has a chunk without a size");
    if (size > http->max_body_bytes || http->body.len > http->max_body_bytes - size)
        return SP_HTTP_TOO_LARGE;
    http->left = size;
    http->part = size > 0 ? PART_CHUNK : PART_TRAILER;
    return SP_HTTP_CONTINUE;
}

static sp_http_state step_chunk_end(sp_http *http)
{
    sp_str line;
    sp_http_state state = take_line(http, &line);
    if (state != SP_HTTP_CONTINUE)
        return state;
    if (line.len > 0)
        return garbled(http, "has a chunk that is longer than its size");
    http->part = PART_CHUNK_SIZE;
    return SP_HTTP_CONTINUE;
}

static sp_http_state step_trailer(sp_http *http)
{
    sp_str line;
    sp_http_state state = take_line(http, &line);
    if (state == SP_HTTP_CONTINUE && line.len == 0)
        http->part = PART_DONE;
    return state;
}

static sp_http_state step_part(sp_http *http)
{
    switch (http->part) {
    case PART_HEAD:
        return step_head(http);
    case PART_CHUNK_SIZE:
        return step_chunk_size(http);
    case PART_CHUNK_END:
        return step_chunk_end(http);
    case PART_TRAILER:
        return step_trailer(http);
    default: /* a body or a chunk */
        if (!take_left(http))
            return SP_HTTP_MORE;
        http->part = http->is_chunked ? PART_CHUNK_END : PART_DONE;
        return SP_HTTP_CONTINUE;
    }
}

sp_http_state sp_http_step(sp_http *http)
{
    while (http->part != PART_DONE) {
        sp_http_state state = step_part(http);
        if (http->bytes.failed || http->head.failed || http->body.failed)
            return SP_HTTP_NO_MEMORY;
        if (state == SP_HTTP_MORE && http->expects_continue && http->part != PART_HEAD) {
            http->expects_continue = false;
            return SP_HTTP_CONTINUE;
        }
        if (state != SP_HTTP_CONTINUE)
            return state;
    }
    return SP_HTTP_REQUEST;
}
