/*
 * transport.h - one HTTP request and its answer. There is one real way (curl.c); tests bring another.
 */
#ifndef SP_TRANSPORT_H
#define SP_TRANSPORT_H

#include "base/base.h"
#include "base/types.h"

enum { SP_MAX_REPLY_BYTES = 64 * 1024 };

typedef struct sp_post {
    const char *url;
    const char *const *headers; /* "name: value" */
    size_t header_count;
    sp_str body;
    uint32_t connect_timeout_ms;
    uint32_t timeout_ms;
    bool is_direct;      /* no proxy */
    const char *ca_file; /* of the certificates to trust, or NULL */
} sp_post;

typedef struct sp_reply {
    char problem[640];      /* why there is no answer; "" when there is one */
    bool may_pass;          /* and whether that may be otherwise at the next attempt */
    unsigned status;        /* of HTTP */
    uint64_t retry_after_s; /* what the answer asks for; 0: nothing */
    char content_type[64];
    sp_buf body; /* at most SP_MAX_REPLY_BYTES: a longer one is a problem. The caller's, to be released */
} sp_reply;

typedef struct sp_transport {
    /* Fills in *ret, which is zero-initialised. Fails with SP_ERR_NO_MEMORY, or SP_ERR_INPUT where there is no way to
     * post anything. */
    sp_status (*post)(struct sp_transport *transport, const sp_post *post, sp_reply *ret, sp_err *err);
    void (*pause)(struct sp_transport *transport, uint32_t ms);
    void (*close)(struct sp_transport *transport);
} sp_transport;

/* libcurl, loaded at the first post. *ret is the caller's, to be closed. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_transport_curl(sp_transport **ret, sp_err *err);

#endif
