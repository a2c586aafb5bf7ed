/* test_http.c - requests from bytes that come in any pieces, and bytes that are no requests. */
#include "base/types.h"
#include "capture/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MAX_BODY = 1000 };

static const char two_requests[] = "\r\nPOST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
                                   "POST http://127.0.0.1:1/v1/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                                   "3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n";

static void check_two(const char *bytes, size_t len, size_t piece)
{
    sp_http http = { .max_body_bytes = MAX_BODY };
    static const char *const targets[] = { "/a?b=c", "/v1/x" };
    static const char *const bodies[] = { "hello", "abc0123456789" };
    size_t count = 0;
    for (size_t at = 0; at < len; at += piece) {
        sp_http_state state;
        sp_http_add(&http, (sp_str){ bytes + at, len - at < piece ? len - at : piece });
        while ((state = sp_http_step(&http)) == SP_HTTP_REQUEST) {
            assert_true(count < 2);
            assert_true(sp_str_eq(http.method, SP_STR("POST")));
            assert_true(sp_str_eq(http.target, sp_str_of(targets[count])));
            assert_true(sp_str_eq(sp_buf_str(&http.body), sp_str_of(bodies[count])));
            assert_true(http.keeps_open);
            count++;
            sp_http_next(&http);
        }
        assert_int_equal(state, SP_HTTP_MORE);
    }
    assert_int_equal(count, 2);
    sp_http_release(&http);
}

static void test_pieces(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < sizeof two_requests; piece++)
        check_two(two_requests, sizeof two_requests - 1, piece);
}

static sp_http_state state_of(const char *bytes, sp_http *http)
{
    *http = (sp_http){ .max_body_bytes = MAX_BODY };
    sp_http_add(http, sp_str_of(bytes));
    return sp_http_step(http);
}

static void test_garbled(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "\x16\x03\x01\x02", /* TLS */
        " GET / HTTP/1.1\r\n\r\n",
        "get / HTTP/1.1\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / HTTP/2.0\r\n\r\n",
        "GET / HTTP/1.1 x\r\n\r\n",
        "GET / HTTP/1.1\r\nno header\r\n\r\n",
        "GET / HTTP/1.1\r\n: empty\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-length: 1x\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-length: 99999999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-encoding: zstd\r\ncontent-length: 1\r\n\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nx\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n\r\n",
    };
    for (size_t i = 0; i < SP_COUNT_OF(texts); i++) {
        sp_http http;
        if (state_of(texts[i], &http) != SP_HTTP_GARBLED)
            fail_msg("not garbled: %s", texts[i]);
        assert_non_null(http.problem);
        sp_http_release(&http);
    }
}

static void test_limits(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "POST / HTTP/1.1\r\ncontent-length: 1001\r\n\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n3e6\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n111111111\r\n",
    };
    sp_http http;
    for (size_t i = 0; i < SP_COUNT_OF(texts); i++) {
        if (state_of(texts[i], &http) != SP_HTTP_TOO_LARGE)
            fail_msg("not too large: %s", texts[i]);
        sp_http_release(&http);
    }
    http = (sp_http){ .max_body_bytes = MAX_BODY };
    sp_http_add(&http, SP_STR("GET / HTTP/1.1\r\na: "));
    for (size_t i = 0; i <= SP_HTTP_MAX_HEAD_BYTES; i += 16)
        sp_http_add(&http, SP_STR("0123456789abcdef"));
    assert_int_equal(sp_http_step(&http), SP_HTTP_TOO_LARGE);
    sp_http_release(&http);
}

static void test_continue(void **state)
{
    (void)state;
    sp_http http;
    assert_int_equal(state_of("POST / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n", &http),
                     SP_HTTP_CONTINUE);
    assert_int_equal(sp_http_step(&http), SP_HTTP_MORE); /* told once */
    sp_http_add(&http, SP_STR("ok"));
    assert_int_equal(sp_http_step(&http), SP_HTTP_REQUEST);
    sp_http_release(&http);
    assert_int_equal(state_of("POST / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\nok", &http),
                     SP_HTTP_REQUEST);
    sp_http_release(&http);
}

static void test_headers(void **state)
{
    (void)state;
    sp_http http;
    assert_int_equal(state_of("GET / HTTP/1.0\nUser-Agent:  a/1 \nX: y\n\n", &http), SP_HTTP_REQUEST);
    assert_true(sp_str_eq(sp_http_header(&http, SP_STR("user-agent")), SP_STR("a/1")));
    assert_null(sp_http_header(&http, SP_STR("agent")).ptr);
    assert_false(http.keeps_open);
    sp_http_release(&http);
    assert_int_equal(state_of("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", &http), SP_HTTP_REQUEST);
    assert_false(http.keeps_open);
    sp_http_release(&http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),   cmocka_unit_test(test_garbled), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_continue), cmocka_unit_test(test_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
