/*
 * curl.c - posts with libcurl, which is loaded when something is to be posted and not before: linked, it would triple
 * the time that the program takes to start.
 *
 * Its few functions and numbers are declared here, so that nobody needs its headers to build a program that most
 * people never let near a network. They are part of the stable interface of libcurl.so.4;
 * tests/unit/test_remote.c asks the library whether they are what they should be.
 */
#include "remote/curl.h"
#include "base/system.h"
#include "base/types.h"
#include "remote/remote.h"
#include "version.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct curl_functions {
    int (*global_init)(long flags);
    void *(*easy_init)(void);
    int (*easy_setopt)(void *handle, int option, ...);
    int (*easy_perform)(void *handle);
    int (*easy_getinfo)(void *handle, int info, ...);
    void (*easy_reset)(void *handle);
    void (*easy_cleanup)(void *handle);
    const char *(*easy_strerror)(int code);
    void *(*slist_append)(void *list, const char *text);
    void (*slist_free_all)(void *list);
} curl_functions;

/* Loaded once and never unloaded: what libcurl itself loads does not bear that. */
static curl_functions curl;
static bool is_loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#ifdef SP_STATIC
#define NO_LIBRARY                                                                                                     \
    "a count by the provider needs libcurl, which a static program cannot load; use a program built from source, or "  \
    "the Debian package"
#else
#define NO_LIBRARY "a count by the provider needs libcurl, which cannot be loaded here; Debian's package is libcurl4"
#endif

static bool find_functions(void *library)
{
    const struct {
        const char *name;
        void *place;
    } wanted[] = {
        { "curl_global_init", &curl.global_init },   { "curl_easy_init", &curl.easy_init },
        { "curl_easy_setopt", &curl.easy_setopt },   { "curl_easy_perform", &curl.easy_perform },
        { "curl_easy_getinfo", &curl.easy_getinfo }, { "curl_easy_reset", &curl.easy_reset },
        { "curl_easy_cleanup", &curl.easy_cleanup }, { "curl_easy_strerror", &curl.easy_strerror },
        { "curl_slist_append", &curl.slist_append }, { "curl_slist_free_all", &curl.slist_free_all },
    };
    for (size_t i = 0; i < SP_COUNT_OF(wanted); i++) {
        void *found = dlsym(library, wanted[i].name);
        if (!found)
            return false;
        memcpy(wanted[i].place, &found, sizeof found);
    }
    return true;
}

#ifdef SP_STATIC
static void load(void)
{
    (void)find_functions;
}
#else
static void load(void)
{
    static const char *const names[] = { "libcurl.so.4", "libcurl-gnutls.so.4" };
    for (size_t i = 0; i < SP_COUNT_OF(names) && !is_loaded; i++) {
        void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        is_loaded = library && find_functions(library) && curl.global_init(SP_CURL_GLOBAL_ALL) == 0;
    }
}
#endif

typedef struct curl_transport {
    sp_transport transport;
    void *handle; /* keeps its connection for the next post */
} curl_transport;

/* ---- one post ------------------------------------------------------------------------------------------ */

/* Less than it was given ends the transfer. */
static size_t take_bytes(const char *bytes, size_t size, size_t count, void *context)
{
    sp_buf *body = context;
    if (count > SP_MAX_REPLY_BYTES - body->len)
        return 0;
    sp_buf_add(body, (sp_str){ bytes, size * count });
    return body->failed ? 0 : count;
}

/* TLS libraries may write to a connection that is closed; without this, that would end the program. */
#if !SP_HAS_PROCESSES /* and no signals */
static int perform(void *handle)
{
    return curl.easy_perform(handle);
}
#else
static int perform(void *handle)
{
    sigset_t pipe, before, pending;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigpending(&pending);
    bool was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe, &before);
    int taken;
    int code = curl.easy_perform(handle);
    sigpending(&pending);
    if (!was_pending && sigismember(&pending, SIGPIPE) == 1)
        sigwait(&pipe, &taken);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}
#endif

/* What is to be said of a failure that says all itself; those of a connection that ends may pass. */
static const struct {
    int code;
    bool may_pass;
    const char *problem;
} failures[] = {
    { SP_CURLE_GOT_NOTHING, true, "the connection ends before there is a whole answer" },
    { SP_CURLE_PARTIAL_FILE, true, "the connection ends before there is a whole answer" },
    { SP_CURLE_SEND_ERROR, true, "the connection ends before there is a whole answer" },
    { SP_CURLE_RECV_ERROR, true, "the connection ends before there is a whole answer" },
    { SP_CURLE_COULDNT_RESOLVE_HOST, false, "its name is not known to the network" },
    { SP_CURLE_COULDNT_CONNECT, false, "nothing answers there, or there is no connection to the network" },
};

static bool explain_by_code(int code, sp_reply *reply)
{
    for (size_t i = 0; i < SP_COUNT_OF(failures); i++) {
        if (failures[i].code != code)
            continue;
        snprintf(reply->problem, sizeof reply->problem, "%s", failures[i].problem);
        reply->may_pass = failures[i].may_pass;
        return true;
    }
    return false;
}

/* detail is what libcurl says beside the code, or "". */
static void explain(const sp_post *post, int code, const char *detail, sp_reply *reply)
{
    enum { ROOM = sizeof reply->problem };
    char *problem = reply->problem;
    const char *what = *detail ? detail : curl.easy_strerror(code);
    reply->may_pass = false;
    if (explain_by_code(code, reply))
        return;
    if (code == SP_CURLE_WRITE_ERROR && !reply->body.failed)
        snprintf(problem, ROOM, "it answers with more than %d bytes", SP_MAX_REPLY_BYTES);
    else if (code == SP_CURLE_OPERATION_TIMEDOUT)
        snprintf(problem, ROOM, "it does not answer within %u.%u s", post->timeout_ms / 1000,
                 post->timeout_ms % 1000 / 100);
    else if (code == SP_CURLE_PEER_FAILED_VERIFICATION)
        snprintf(problem, ROOM,
                 "its certificate is not trusted: %s; where your network signs for itself, CURL_CA_BUNDLE or "
                 "SSL_CERT_FILE names the file of its certificate",
                 what);
    else if (code == SP_CURLE_SSL_CACERT_BADFILE)
        snprintf(problem, ROOM, "the certificates to trust, %.200s, cannot be read: %s",
                 post->ca_file ? post->ca_file : "those of the system", what);
    else
        snprintf(problem, ROOM, "%s (libcurl's error %d)", what, code);
}

static void read_answer(void *handle, sp_reply *ret)
{
    long status = 0;
    int64_t wait = 0;
    const char *type = NULL;
    curl.easy_getinfo(handle, SP_CURLINFO_RESPONSE_CODE, &status);
    curl.easy_getinfo(handle, SP_CURLINFO_CONTENT_TYPE, &type);
    curl.easy_getinfo(handle, SP_CURLINFO_RETRY_AFTER, &wait);
    ret->status = status > 0 ? (unsigned)status : 0;
    ret->retry_after_s = wait > 0 ? (uint64_t)wait : 0;
    snprintf(ret->content_type, sizeof ret->content_type, "%s", type ? type : "");
}

static bool set_options(void *handle, const sp_post *post, void *headers, sp_buf *body, char *detail)
{
    int failed = curl.easy_setopt(handle, SP_CURLOPT_URL, post->url);
    failed |= curl.easy_setopt(handle, SP_CURLOPT_ERRORBUFFER, detail);
    failed |= curl.easy_setopt(handle, SP_CURLOPT_PROTOCOLS, (long)SP_CURLPROTO_HTTP_AND_HTTPS);
    failed |= curl.easy_setopt(handle, SP_CURLOPT_FOLLOWLOCATION, 0L);
    failed |= curl.easy_setopt(handle, SP_CURLOPT_SSL_VERIFYPEER, 1L);
    failed |= curl.easy_setopt(handle, SP_CURLOPT_SSL_VERIFYHOST, 2L);
    failed |= curl.easy_setopt(handle, SP_CURLOPT_NOSIGNAL, 1L);
    failed |= curl.easy_setopt(handle, SP_CURLOPT_CONNECTTIMEOUT_MS, (long)post->connect_timeout_ms);
    failed |= curl.easy_setopt(handle, SP_CURLOPT_TIMEOUT_MS, (long)post->timeout_ms);
    failed |= curl.easy_setopt(handle, SP_CURLOPT_USERAGENT, "sysprompt/" SP_VERSION);
    failed |= curl.easy_setopt(handle, SP_CURLOPT_HTTPHEADER, headers);
    failed |= curl.easy_setopt(handle, SP_CURLOPT_POST, 1L);
    failed |= curl.easy_setopt(handle, SP_CURLOPT_POSTFIELDS, post->body.ptr);
    failed |= curl.easy_setopt(handle, SP_CURLOPT_POSTFIELDSIZE_LARGE, (int64_t)post->body.len);
    failed |= curl.easy_setopt(handle, SP_CURLOPT_WRITEFUNCTION, take_bytes);
    failed |= curl.easy_setopt(handle, SP_CURLOPT_WRITEDATA, body);
    if (post->ca_file)
        failed |= curl.easy_setopt(handle, SP_CURLOPT_CAINFO, post->ca_file);
    if (post->is_direct)
        failed |= curl.easy_setopt(handle, SP_CURLOPT_PROXY, "");
    return failed == 0;
}

static bool add_headers(const sp_post *post, void **ret)
{
    for (size_t i = 0; i < post->header_count; i++) {
        void *longer = curl.slist_append(*ret, post->headers[i]);
        if (!longer)
            return false;
        *ret = longer;
    }
    return true;
}

static sp_status post_with_curl(sp_transport *transport, const sp_post *post, sp_reply *ret, sp_err *err)
{
    curl_transport *t = (curl_transport *)transport;
    char detail[SP_CURL_ERROR_SIZE] = "";
    void *headers = NULL;
    int code = SP_CURLE_OUT_OF_MEMORY;
    pthread_once(&once, load);
    if (!is_loaded)
        return sp_err_at(err, SP_ERR_INPUT, (sp_str){ 0 }, (sp_str){ 0 }, 0, SP_API_ENDPOINT, "%s", NO_LIBRARY);
    t->handle = t->handle ? t->handle : curl.easy_init();
    if (t->handle && add_headers(post, &headers) && set_options(t->handle, post, headers, &ret->body, detail))
        code = perform(t->handle);
    if (code == 0)
        read_answer(t->handle, ret);
    else if (code != SP_CURLE_OUT_OF_MEMORY)
        explain(post, code, detail, ret);
    if (t->handle)
        curl.easy_reset(t->handle); /* which forgets the headers, and the key in them */
    curl.slist_free_all(headers);
    return code == SP_CURLE_OUT_OF_MEMORY || ret->body.failed ? sp_err_memory(err) : SP_OK;
}

static void pause_for(sp_transport *transport, uint32_t ms)
{
    struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };
    (void)transport;
    while (nanosleep(&left, &left) != 0)
        continue;
}

static void close_curl(sp_transport *transport)
{
    curl_transport *t = (curl_transport *)transport;
    if (t->handle)
        curl.easy_cleanup(t->handle);
    free(t);
}

sp_status sp_transport_curl(sp_transport **ret, sp_err *err)
{
    curl_transport *made = calloc(1, sizeof *made);
    if (!made)
        return sp_err_memory(err);
    made->transport = (sp_transport){ post_with_curl, pause_for, close_curl };
    *ret = &made->transport;
    return SP_OK;
}
