/* recorder.c - one thread, one poll() over all connections. */
#include "capture/recorder.h"
#include "base/base.h"
#include "base/sandbox.h"
#include "base/types.h"
#include "capture/http.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_CONNECTIONS = 128,
    TICK_MS = 50, /* how soon a signal is seen */
    OUTPUT_BYTES = 16 << 10,
};

const sp_record_limits sp_record_default_limits = {
    .timeout_ms = 120 * 1000,
    .linger_ms = 3000,
    .max_requests = 500,
    .max_body_bytes = (size_t)64 << 20,
    .max_bytes = (size_t)256 << 20,
};

typedef struct connection {
    int socket;
    sp_http http;
    sp_buf out;
    size_t sent;
    size_t uncounted; /* bytes received, of a request whose token is not known yet */
    bool closes;      /* once all is sent */
    bool has_token;   /* a request on it had the token */
    size_t number;    /* of all that were accepted */
} connection;

typedef struct recorder {
    sp_arena *arena;
    sp_sandbox *sandbox;
    const sp_record_plan *plan;
    sp_record *record;
    connection *connections; /* the first count are open */
    size_t count;
    sp_buf output;
    size_t total_bytes; /* received with the token, of unfinished requests too */
    int64_t begin_ms;
    int64_t answered_ms; /* 0: not yet */
    bool is_quiet;       /* the client has ended, and nothing of it is on its way any more */
    bool is_over;        /* with record->end */
    sp_err *err;
} recorder;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void end_with(recorder *r, sp_record_end end)
{
    if (!r->is_over)
        r->record->end = end;
    r->is_over = true;
}

/* ---- connections -------------------------------------------------------------------------------------------- */

static void drop(recorder *r, size_t index)
{
    connection *c = &r->connections[index];
    close(c->socket);
    sp_http_release(&c->http);
    sp_buf_release(&c->out);
    *c = r->connections[--r->count];
}

/* The oldest on which no token came, so that whoever connects and says nothing keeps no client out; SIZE_MAX: none. */
static size_t oldest_stranger(const recorder *r)
{
    size_t oldest = SIZE_MAX;
    for (size_t i = 0; i < r->count; i++)
        if (!r->connections[i].has_token &&
            (oldest == SIZE_MAX || r->connections[i].number < r->connections[oldest].number))
            oldest = i;
    return oldest;
}

static bool has_room(const recorder *r)
{
    return r->count < MAX_CONNECTIONS || oldest_stranger(r) != SIZE_MAX;
}

static void accept_all(recorder *r)
{
    for (unsigned i = 0; i < MAX_CONNECTIONS && has_room(r); i++) { /* an endless queue does not keep us */
        int socket = accept(r->sandbox->listener, NULL, NULL);
        if (socket < 0)
            return;
        if (r->count == MAX_CONNECTIONS)
            drop(r, oldest_stranger(r));
        fcntl(socket, F_SETFD, FD_CLOEXEC); /* sending and receiving say themselves that they do not wait */
        r->connections[r->count++] = (connection){ .socket = socket,
                                                   .http = { .max_body_bytes = r->plan->limits.max_body_bytes },
                                                   .number = r->record->connections++ };
    }
}

static void send_head(connection *c, int status, const char *type, size_t len)
{
    const char *reason = status == 200 ? "OK" : status == 404 ? "Not Found" : "Bad Request";
    sp_buf_format(&c->out, "HTTP/1.1 %d %s\r\ncontent-type: %s\r\ncontent-length: %zu\r\nconnection: %s\r\n\r\n",
                  status, reason, type, len, c->closes ? "close" : "keep-alive");
}

static void turn_away(connection *c, int status)
{
    c->closes = true;
    send_head(c, status, "text/plain", 0);
}

/* ---- requests ------------------------------------------------------------------------------------------------ */

/* Two runs record the same request, although each has marks of its own. */
static void zero_digits(sp_buf *body, sp_str mark, size_t digits)
{
    if (!mark.ptr)
        return;
    for (size_t at = 0; (at = sp_str_find(sp_buf_str(body), mark, at)) != SIZE_MAX; at += mark.len)
        memset(body->ptr + at + mark.len - digits, '0', digits);
}

static sp_status keep(recorder *r, connection *c, sp_str target, bool is_model)
{
    sp_str agent = sp_http_header(&c->http, SP_STR("user-agent"));
    const sp_script *script = &r->plan->script;
    sp_exchange *exchange = SP_LIST_PUSH(r->arena, &r->record->exchanges);
    if (!exchange)
        return sp_err_memory(r->err);
    zero_digits(&c->http.body, script->session_mark, script->mark_digits);
    zero_digits(&c->http.body, script->agent_mark, script->mark_digits);
    exchange->method = sp_str_dup(r->arena, c->http.method);
    exchange->target = sp_str_dup(r->arena, target);
    exchange->body = c->http.body.len > 0 ? sp_buf_move(&c->http.body, r->arena) : SP_STR("");
    if (agent.ptr && is_model) {
        r->record->agent = sp_str_dup(r->arena, agent);
        if (!r->record->agent.ptr)
            return sp_err_memory(r->err);
    }
    bool is_kept = exchange->method.ptr && exchange->target.ptr && exchange->body.ptr;
    return is_kept ? SP_OK : sp_err_memory(r->err);
}

/* The request that is wanted: the agent's first, else the session's last before it has nothing more to do. */
static void note_reply(recorder *r, const sp_reply *reply)
{
    sp_record *record = r->record;
    sp_request_kind wanted = r->plan->script.agent_mark.ptr ? SP_REQUEST_AGENT : SP_REQUEST_SESSION;
    record->lacks_tool |= reply->lacks_tool;
    record->models += reply->is_model;
    if (reply->kind != wanted || !reply->is_last || record->wanted != SIZE_MAX)
        return;
    record->wanted = record->exchanges.count - 1;
    r->answered_ms = now_ms();
}

static sp_status answer(recorder *r, connection *c)
{
    sp_str target = c->http.target;
    sp_str prefix = r->plan->prefix;
    sp_reply reply;
    target = sp_str_slice(target, prefix.len, target.len);
    if (r->record->exchanges.count >= r->plan->limits.max_requests) {
        end_with(r, SP_RECORD_TOO_MANY);
        return SP_OK;
    }
    SP_TRY(sp_reply_make(&r->plan->script, c->http.method, target, sp_buf_str(&c->http.body), &reply, r->err));
    c->closes = !c->http.keeps_open;
    send_head(c, reply.status, reply.type, reply.body.len);
    if (!sp_str_eq(c->http.method, SP_STR("HEAD")))
        sp_buf_add(&c->out, sp_buf_str(&reply.body));
    sp_buf_release(&reply.body);
    SP_TRY(keep(r, c, target, reply.is_model));
    note_reply(r, &reply);
    return SP_OK;
}

static void reject(recorder *r, connection *c, sp_http_state state)
{
    if (state == SP_HTTP_TOO_LARGE && c->http.target.ptr) {
        end_with(r, SP_RECORD_TOO_LARGE);
        return;
    }
    r->record->garbled++;
    if (!r->record->problem)
        r->record->problem = state == SP_HTTP_TOO_LARGE ? "has a head of more than 256 KiB" : c->http.problem;
    turn_away(c, 400);
}

/* False: the head is read, and has no token. Who sent it can neither fill our memory nor end the recording. */
static bool is_welcome(recorder *r, connection *c)
{
    if (!c->http.target.ptr)
        return true;
    if (!sp_str_starts(c->http.target, r->plan->prefix)) {
        r->record->strangers++;
        turn_away(c, 404);
        return false;
    }
    c->has_token = true;
    r->total_bytes += c->uncounted;
    c->uncounted = 0;
    if (r->total_bytes > r->plan->limits.max_bytes)
        end_with(r, SP_RECORD_TOO_MANY);
    return true;
}

/* All complete requests of the connection. */
static sp_status take_requests(recorder *r, connection *c)
{
    while (!r->is_over && !c->closes) {
        sp_http_state state = sp_http_step(&c->http);
        if (state == SP_HTTP_NO_MEMORY)
            return sp_err_memory(r->err);
        if (state != SP_HTTP_GARBLED && (!is_welcome(r, c) || r->is_over))
            break;
        if (state == SP_HTTP_MORE)
            break;
        if (state == SP_HTTP_CONTINUE)
            sp_buf_add(&c->out, SP_STR("HTTP/1.1 100 Continue\r\n\r\n"));
        else if (state != SP_HTTP_REQUEST)
            reject(r, c, state);
        else {
            SP_TRY(answer(r, c));
            sp_http_next(&c->http);
        }
    }
    return c->out.failed ? sp_err_memory(r->err) : SP_OK;
}

/* ---- bytes ---------------------------------------------------------------------------------------------------- */

/* False: the connection is over. */
static bool receive(recorder *r, connection *c, sp_status *ret)
{
    static const int flags = MSG_DONTWAIT;
    char bytes[65536];
    ssize_t count = recv(c->socket, bytes, sizeof bytes, flags);
    if (count < 0)
        return errno == EINTR || errno == EAGAIN;
    if (count == 0)
        return false;
    c->uncounted += (size_t)count;
    sp_http_add(&c->http, (sp_str){ bytes, (size_t)count });
    *ret = take_requests(r, c);
    return true;
}

/* Sends what there is; false: the connection is over. */
static bool deliver(connection *c)
{
    while (c->sent < c->out.len) {
        ssize_t count = send(c->socket, c->out.ptr + c->sent, c->out.len - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno != EINTR)
            return errno == EAGAIN;
        c->sent += count > 0 ? (size_t)count : 0;
    }
    c->sent = 0;
    c->out.len = 0;
    return !c->closes;
}

static sp_status serve_connection(recorder *r, size_t index, short ready)
{
    connection *c = &r->connections[index];
    sp_status status = SP_OK;
    bool is_open = true;
    if (ready & (POLLIN | POLLHUP | POLLERR) && c->out.len == 0)
        is_open = receive(r, c, &status);
    if (is_open)
        is_open = deliver(c);
    if (!is_open)
        drop(r, index);
    return status;
}

/* The end of what the client wrote, as far as there is some now. */
static void read_output(recorder *r)
{
    char bytes[4096];
    ssize_t count;
    while (r->sandbox->output >= 0 && (count = read(r->sandbox->output, bytes, sizeof bytes)) != 0) {
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return;
        sp_buf_add(&r->output, (sp_str){ bytes, (size_t)count });
        if (r->output.len <= (size_t)2 * OUTPUT_BYTES)
            continue;
        memmove(r->output.ptr, r->output.ptr + r->output.len - OUTPUT_BYTES, OUTPUT_BYTES);
        r->output.len = OUTPUT_BYTES;
        return; /* an endless one does not keep us */
    }
    if (r->sandbox->output >= 0)
        close(r->sandbox->output);
    r->sandbox->output = -1;
}

/* ---- the loop --------------------------------------------------------------------------------------------------- */

static void look_for_end(recorder *r)
{
    const sp_record_limits *limits = &r->plan->limits;
    int64_t now = now_ms();
    if (r->plan->signals && sp_signals_came(r->plan->signals))
        end_with(r, SP_RECORD_INTERRUPTED);
    else if (r->sandbox->exec_error || (r->sandbox->has_ended && r->is_quiet))
        end_with(r, SP_RECORD_ENDED);
    else if (r->answered_ms && limits->linger_ms >= 0 && now - r->answered_ms > limits->linger_ms)
        end_with(r, SP_RECORD_ANSWERED);
    else if (limits->timeout_ms > 0 && now - r->begin_ms > limits->timeout_ms)
        end_with(r, SP_RECORD_TIMEOUT);
}

static sp_status turn(recorder *r)
{
    struct pollfd wanted[MAX_CONNECTIONS + 3] = {
        { .fd = has_room(r) ? r->sandbox->listener : -1, .events = POLLIN },
        { .fd = r->sandbox->control, .events = POLLIN },
        { .fd = r->sandbox->output, .events = POLLIN },
    };
    size_t count = r->count;
    for (size_t i = 0; i < count; i++)
        wanted[i + 3] =
            (struct pollfd){ .fd = r->connections[i].socket, .events = r->connections[i].out.len ? POLLOUT : POLLIN };
    bool has_ended = r->sandbox->has_ended;
    int ready = poll(wanted, (nfds_t)(count + 3), has_ended ? 0 : TICK_MS);
    r->is_quiet = has_ended && ready <= 0;
    if (ready > 0) {
        /* From the last on: dropping one moves the last into its place. */
        for (size_t i = count; i-- > 0 && !r->is_over;)
            if (wanted[i + 3].revents)
                SP_TRY(serve_connection(r, i, wanted[i + 3].revents));
        if (wanted[0].revents)
            accept_all(r);
        if (wanted[2].revents)
            read_output(r);
        if (wanted[1].revents)
            sp_sandbox_poll(r->sandbox);
    }
    look_for_end(r);
    return SP_OK;
}

static sp_status serve(recorder *r)
{
    while (!r->is_over)
        SP_TRY(turn(r));
    read_output(r);
    if (r->output.len > OUTPUT_BYTES) {
        memmove(r->output.ptr, r->output.ptr + r->output.len - OUTPUT_BYTES, OUTPUT_BYTES);
        r->output.len = OUTPUT_BYTES;
    }
    sp_buf_add(&r->output, SP_STR(""));
    r->record->output = sp_buf_move(&r->output, r->arena);
    r->record->elapsed_ms = now_ms() - r->begin_ms;
    return r->record->output.ptr ? SP_OK : sp_err_memory(r->err);
}

sp_status sp_record_serve(sp_arena *arena, sp_sandbox *sandbox, const sp_record_plan *plan, sp_record *ret, sp_err *err)
{
    recorder r = { .arena = arena, .sandbox = sandbox, .plan = plan, .record = ret, .begin_ms = now_ms(), .err = err };
    *ret = (sp_record){ .wanted = SIZE_MAX };
    r.connections = calloc(MAX_CONNECTIONS, sizeof *r.connections);
    sp_status status = r.connections ? serve(&r) : sp_err_memory(err);
    while (r.count > 0)
        drop(&r, r.count - 1);
    free(r.connections);
    sp_buf_release(&r.output);
    return status;
}
