/* The way to the provider's endpoint, with a transport of our own in the place of libcurl; and libcurl's numbers. */
#include "base/types.h"
#include "model/prompt.h"
#include "remote/curl.h"
#include "remote/provider.h"
#include "remote/remote.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* One answer after the other; the last one stays. */
typedef struct fake {
    sp_transport transport;
    sp_reply replies[8];
    const char *bodies[8];
    size_t reply_count;
    size_t posts;
    uint32_t pauses[16];
    size_t pause_count;
    char url[256];
    bool has_key;
    bool is_direct;
} fake;

static sp_status post(sp_transport *transport, const sp_post *post, sp_reply *ret, sp_err *err)
{
    fake *f = (fake *)transport;
    size_t at = f->posts < f->reply_count ? f->posts : f->reply_count - 1;
    (void)err;
    f->posts++;
    *ret = f->replies[at];
    if (f->bodies[at])
        sp_buf_add(&ret->body, sp_str_of(f->bodies[at]));
    snprintf(f->url, sizeof f->url, "%s", post->url);
    f->is_direct = post->is_direct;
    f->has_key = strcmp(post->headers[0], "x-api-key: a-key") == 0;
    return SP_OK;
}

static void take_pause(sp_transport *transport, uint32_t ms)
{
    fake *f = (fake *)transport;
    f->pauses[f->pause_count++] = ms;
}

static void close_fake(sp_transport *transport)
{
    (void)transport;
}

static sp_status count_with(fake *f, sp_api_options options, sp_api_count *count, sp_err *err)
{
    sp_api *api = NULL;
    f->transport = (sp_transport){ post, take_pause, close_fake };
    options.key = options.key ? options.key : "a-key";
    sp_status status = sp_api_open(&options, &api, err);
    if (status != SP_OK)
        return status;
    sp_api_use(api, &f->transport);
    status = sp_api_count_text(api, SP_STR("sonnet"), SP_STR("text"), count, err);
    sp_api_close(api);
    return status;
}

static const sp_reply fine = { .status = 200, .content_type = "application/json; charset=utf-8" };
static const char twelve[] = "{\"input_tokens\": 12}";

static void counts_at_once(void **state)
{
    (void)state;
    fake f = { .replies = { fine }, .bodies = { twelve }, .reply_count = 1 };
    sp_api_count count = { 0 };
    sp_err err;
    assert_int_equal(count_with(&f, (sp_api_options){ .today = 20261121 }, &count, &err), SP_OK);
    assert_int_equal(count.tokens, 12);
    assert_string_equal(count.counted_on, "2026-11-21");
    assert_false(count.is_cached);
    assert_string_equal(f.url, "https://api.anthropic.com/v1/messages/count_tokens");
    assert_true(f.has_key);
    assert_false(f.is_direct);
    assert_int_equal(f.posts, 1);
    assert_int_equal(f.pause_count, 0);
}

static void pauses_double(void **state)
{
    (void)state;
    static const uint32_t most[] = { 500, 1000, 2000, 4000 };
    fake f = { .replies = { { .status = 529 } }, .reply_count = 1 };
    sp_api_count count = { 0 };
    sp_err err;
    assert_int_equal(count_with(&f, (sp_api_options){ 0 }, &count, &err), SP_ERR_INPUT);
    assert_string_equal(err.rule, SP_API_ENDPOINT);
    assert_int_equal(f.posts, 5);
    assert_int_equal(f.pause_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_in_range(f.pauses[i], most[i] / 2, most[i]);
    assert_int_equal(count.tokens, 0);
}

static void pauses_have_an_end(void **state)
{
    (void)state;
    fake f = { .replies = { { .status = 503 } }, .reply_count = 1 };
    sp_api_count count;
    sp_err err;
    assert_int_equal(count_with(&f, (sp_api_options){ .attempts = 12 }, &count, &err), SP_ERR_INPUT);
    assert_int_equal(f.posts, 12);
    for (size_t i = 8; i < 11; i++)
        assert_in_range(f.pauses[i], 15000, 30000);
}

static void pauses_as_asked(void **state)
{
    (void)state;
    fake f = { .replies = { { .status = 429, .retry_after_s = 7 }, { .status = 429, .retry_after_s = 60 }, fine },
               .bodies = { NULL, NULL, twelve },
               .reply_count = 3 };
    sp_api_count count = { 0 };
    sp_err err;
    assert_int_equal(count_with(&f, (sp_api_options){ 0 }, &count, &err), SP_OK);
    assert_int_equal(count.tokens, 12);
    assert_int_equal(f.pauses[0], 7000);
    assert_int_equal(f.pauses[1], 60000);
}

static void waits_no_longer_than_a_minute(void **state)
{
    (void)state;
    static const uint64_t asked[] = { 61, 3600, UINT64_MAX };
    for (size_t i = 0; i < SP_COUNT_OF(asked); i++) {
        fake f = { .replies = { { .status = 529, .retry_after_s = asked[i] } }, .reply_count = 1 };
        sp_api_count count;
        sp_err err;
        assert_int_equal(count_with(&f, (sp_api_options){ 0 }, &count, &err), SP_ERR_INPUT);
        assert_int_equal(f.posts, 1);
        assert_int_equal(f.pause_count, 0);
    }
}

static void what_will_not_pass_is_not_tried_again(void **state)
{
    (void)state;
    static const unsigned statuses[] = { 204, 301, 308, 400, 401, 403, 404, 413, 422 };
    for (size_t i = 0; i < SP_COUNT_OF(statuses); i++) {
        fake f = { .replies = { { .status = statuses[i] } }, .reply_count = 1 };
        sp_api_count count;
        sp_err err;
        bool is_about_request = statuses[i] == 400 || statuses[i] == 413;
        assert_int_equal(count_with(&f, (sp_api_options){ 0 }, &count, &err), SP_ERR_INPUT);
        assert_string_equal(err.rule, is_about_request ? SP_API_REQUEST : SP_API_ENDPOINT);
        assert_int_equal(f.posts, 1);
    }
}

static void problems(void **state)
{
    (void)state;
    fake f = { .replies = { { .problem = "cut off", .may_pass = true }, { .problem = "no route" } }, .reply_count = 2 };
    sp_api_count count;
    sp_err err;
    assert_int_equal(count_with(&f, (sp_api_options){ 0 }, &count, &err), SP_ERR_INPUT);
    assert_int_equal(f.posts, 2);
    assert_non_null(strstr(err.message, "no route"));
}

static void the_key_is_in_no_message(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "{\"error\":{\"type\":\"x\",\"message\":\"your a-key is\"}}",
        "{\"error\":{\"type\":\"a-key\",\"message\":\"\"}}",
        "{\"error\":{\"type\":\"x\",\"message\":\"\\u0061-key\"}}",
    };
    for (size_t i = 0; i < SP_COUNT_OF(bodies); i++) {
        fake f = { .replies = { { .status = 400 } }, .bodies = { bodies[i] }, .reply_count = 1 };
        sp_api_count count;
        sp_err err;
        assert_int_equal(count_with(&f, (sp_api_options){ 0 }, &count, &err), SP_ERR_INPUT);
        assert_null(strstr(err.message, "a-key"));
    }
    fake f = { .replies = { { .status = 200, .content_type = "text/a-key" } }, .reply_count = 1 };
    sp_api_count count;
    sp_err err;
    assert_int_equal(count_with(&f, (sp_api_options){ 0 }, &count, &err), SP_ERR_INPUT);
    assert_non_null(strstr(err.message, "not with JSON"));
    assert_null(strstr(err.message, "a-key"));
}

/* Of an answer that is cut off there may be only the beginning of the key. */
static void half_of_the_key_is_in_no_message(void **state)
{
    (void)state;
    fake f = { .replies = { { .status = 400 } },
               .bodies = { "{\"error\":{\"type\":\"x\",\"message\":\"not sk-0123456789abcdef...\"}}" },
               .reply_count = 1 };
    sp_api_count count;
    sp_err err;
    const sp_api_options options = { .key = "sk-0123456789abcdef0123456789abcdef" };
    assert_int_equal(count_with(&f, options, &count, &err), SP_ERR_INPUT);
    assert_non_null(strstr(err.message, "repeats the key"));
    assert_null(strstr(err.message, "0123456789"));
}

/* ---- addresses ---------------------------------------------------------------------------------------------- */

static void addresses(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool allow_http;
        bool is_fine;
        bool is_direct;
    } rows[] = {
        { "https://example.com", false, true, false },
        { "https://example.com:8443/a/b/", false, true, false },
        { "http://localhost", false, true, true },
        { "http://LOCALHOST:8080/x", false, true, true },
        { "http://127.0.0.1:1", false, true, true },
        { "http://[::1]:8080/x", false, true, true },
        { "http://example.com", false, false, false },
        { "http://example.com", true, true, false },
        { "http://127.0.0.1.example.com", false, false, false },
        { "http://localhost.", false, false, false },
        { "http://[::1].example.com", false, false, false },
        { "http://localhost@example.com", false, false, false },
        { "http://localhost:1@example.com", true, false, false },
        { "http://example.com/http://localhost", false, false, false },
        { "http:///x", true, false, false },
        { "https://a b", false, false, false },
        { "https://a\nb", false, false, false },
        { "https://ex\xc3\xa4mple.com", false, false, false },
        { "https://example.com?x", false, false, false },
        { "https://example.com#x", false, false, false },
        { "HTTPS://example.com", false, false, false },
        { "file:///etc/passwd", false, false, false },
        { "", false, false, false },
    };
    for (size_t i = 0; i < SP_COUNT_OF(rows); i++) {
        fake f = { .replies = { fine }, .bodies = { twelve }, .reply_count = 1 };
        sp_api_count count;
        sp_err err;
        sp_status status =
            count_with(&f, (sp_api_options){ .url = rows[i].url, .allow_http = rows[i].allow_http }, &count, &err);
        if (status != (rows[i].is_fine ? SP_OK : SP_ERR_USAGE) || f.is_direct != rows[i].is_direct)
            fail_msg("%s: %d", rows[i].url, status);
    }
}

static void no_password_is_shown(void **state)
{
    (void)state;
    static const char *const urls[] = { "https://me:secret@example.com", "ftp://me:secret@example.com",
                                        "me:secret@example.com", "https//me:secret@example.com",
                                        "https://me:secret@exa mple.com" };
    for (size_t i = 0; i < SP_COUNT_OF(urls); i++) {
        sp_api *api = NULL;
        sp_err err;
        assert_int_equal(sp_api_open(&(sp_api_options){ .url = urls[i] }, &api, &err), SP_ERR_USAGE);
        assert_null(strstr(err.message, "secret"));
    }
}

/* ---- libcurl -------------------------------------------------------------------------------------------------- */

typedef struct easy_option {
    const char *name;
    int id;
    int type;
    unsigned flags;
} easy_option;

#define OPTION(name)                                                                                                   \
    {                                                                                                                  \
        SP_CURLOPT_##name, #name                                                                                       \
    }
#define ERROR(name, text)                                                                                              \
    {                                                                                                                  \
        SP_CURLE_##name, text                                                                                          \
    }

static void numbers_are_libcurls(void **state)
{
    (void)state;
    static const struct {
        int number;
        const char *name;
    } options[] = { OPTION(POST),           OPTION(FOLLOWLOCATION),
                    OPTION(SSL_VERIFYPEER), OPTION(SSL_VERIFYHOST),
                    OPTION(NOSIGNAL),       OPTION(TIMEOUT_MS),
                    OPTION(PROTOCOLS),      OPTION(CONNECTTIMEOUT_MS),
                    OPTION(WRITEDATA),      OPTION(URL),
                    OPTION(PROXY),          OPTION(POSTFIELDS),
                    OPTION(USERAGENT),      OPTION(HTTPHEADER),
                    OPTION(WRITEFUNCTION),  OPTION(POSTFIELDSIZE_LARGE) },
      errors[] = { ERROR(COULDNT_RESOLVE_HOST, "resolve host"),
                   ERROR(COULDNT_CONNECT, "connect"),
                   ERROR(PARTIAL_FILE, "partial"),
                   ERROR(WRITE_ERROR, "writing received"),
                   ERROR(OUT_OF_MEMORY, "memory"),
                   ERROR(OPERATION_TIMEDOUT, "Timeout"),
                   ERROR(GOT_NOTHING, "nothing"),
                   ERROR(SEND_ERROR, "sending data"),
                   ERROR(RECV_ERROR, "receiving data") };
    void *library = dlopen("libcurl.so.4", RTLD_NOW);
    const easy_option *(*by_id)(int) = NULL;
    const char *(*words)(int) = NULL;
    if (library) {
        *(void **)&by_id = dlsym(library, "curl_easy_option_by_id");
        *(void **)&words = dlsym(library, "curl_easy_strerror");
    }
    if (!by_id || !words)
        skip();
    for (size_t i = 0; i < SP_COUNT_OF(options); i++)
        assert_string_equal(by_id(options[i].number)->name, options[i].name);
    for (size_t i = 0; i < SP_COUNT_OF(errors); i++)
        assert_non_null(strstr(words(errors[i].number), errors[i].name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_at_once),
        cmocka_unit_test(pauses_double),
        cmocka_unit_test(pauses_have_an_end),
        cmocka_unit_test(pauses_as_asked),
        cmocka_unit_test(waits_no_longer_than_a_minute),
        cmocka_unit_test(what_will_not_pass_is_not_tried_again),
        cmocka_unit_test(problems),
        cmocka_unit_test(the_key_is_in_no_message),
        cmocka_unit_test(half_of_the_key_is_in_no_message),
        cmocka_unit_test(addresses),
        cmocka_unit_test(no_password_is_shown),
        cmocka_unit_test(numbers_are_libcurls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
