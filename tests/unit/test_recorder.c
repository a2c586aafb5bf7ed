/*
 * test_recorder.c - the recorder and what it starts. The client is this program again, run with --client: it speaks the
 * protocols as clients do, or misbehaves. What it saw of the replies it sends back as a request of its own.
 *
 * Everything runs twice: in namespaces, where the kernel permits them, and without.
 */
#include "base/base.h"
#include "base/parse_json.h"
#include "base/sandbox.h"
#include "base/types.h"
#include "capture/launch.h"
#include "capture/recorder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- the client -------------------------------------------------------------------------------------------- */

static char answer[1 << 20]; /* the last reply, with its head; ends in NUL */
static size_t answer_len;

static int connect_to(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int socket_of = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(socket_of, (struct sockaddr *)&address, sizeof address) == 0)
        return socket_of;
    close(socket_of);
    return -1;
}

/* "http://127.0.0.1:PORT/TOKEN" */
static int port_of_url(void)
{
    return atoi(strrchr(getenv("SYSPROMPT_CAPTURE_URL"), ':') + 1);
}

static const char *token_of_url(void)
{
    return strrchr(getenv("SYSPROMPT_CAPTURE_URL"), '/');
}

static void send_bytes(int to, const char *bytes, size_t len, size_t piece)
{
    for (size_t at = 0; at < len; at += piece)
        if (send(to, bytes + at, len - at < piece ? len - at : piece, MSG_NOSIGNAL) < 0)
            exit(9);
}

/* A reply with its content-length, or what comes until the end. */
static void receive(int from)
{
    answer_len = 0;
    for (;;) {
        ssize_t count = read(from, answer + answer_len, sizeof answer - 1 - answer_len);
        if (count <= 0)
            break;
        answer_len += (size_t)count;
        answer[answer_len] = '\0';
        const char *body = strstr(answer, "\r\n\r\n");
        const char *length = strstr(answer, "content-length: ");
        if (body && length && answer_len >= (size_t)(body + 4 - answer) + (size_t)atol(length + 16))
            break;
    }
}

typedef enum manner { PLAIN, CHUNKED, EXPECTING, SLOWLY } manner; /* of sending a body */

static void send_request(int to, const char *method, const char *path, const char *body, manner how)
{
    char head[1024];
    char whole[8192];
    size_t len = strlen(body);
    int count = snprintf(head, sizeof head, "%s %s%s HTTP/1.1\r\nhost: x\r\nuser-agent: fake/1.2.3 (test)\r\n", method,
                         token_of_url(), path);
    if (how == CHUNKED)
        count += snprintf(head + count, sizeof head - (size_t)count, "transfer-encoding: chunked\r\n\r\n");
    else
        count += snprintf(head + count, sizeof head - (size_t)count, "content-length: %zu\r\n%s\r\n", len,
                          how == EXPECTING ? "expect: 100-continue\r\n" : "");
    if (how == CHUNKED)
        snprintf(whole, sizeof whole, "%s%zx\r\n%.*s\r\n%zx;a\r\n%s\r\n0\r\n\r\n", head, len / 2, (int)(len / 2), body,
                 len - len / 2, body + len / 2);
    else
        snprintf(whole, sizeof whole, "%s%s", head, how == EXPECTING ? "" : body);
    send_bytes(to, whole, strlen(whole), how == SLOWLY ? 1 : sizeof whole);
    if (how != EXPECTING)
        return;
    if (read(to, whole, sizeof whole) <= 0 || strncmp(whole, "HTTP/1.1 100 ", 13) != 0)
        exit(8);
    send_bytes(to, body, len, len);
}

/* Hands back what it got, as a request that nobody answers. */
static void tell(int to, const char *path)
{
    static char whole[sizeof answer + 1024];
    int count = snprintf(whole, sizeof whole, "POST %s%s HTTP/1.1\r\ncontent-length: %zu\r\n\r\n", token_of_url(), path,
                         answer_len);
    memcpy(whole + count, answer, answer_len);
    send_bytes(to, whole, (size_t)count + answer_len, sizeof whole);
    receive(to);
}

static const char *const bodies[] = {
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
    "{\"model\":\"m\",\"stream\":true,\"messages\":[]}",
};

static void ask(int to, const char *path, const char *body, manner how)
{
    send_request(to, "POST", path, body, how);
    receive(to);
    tell(to, "/seen");
}

static void be_polite(const char *path)
{
    static const manner manners[] = { PLAIN, CHUNKED, EXPECTING, SLOWLY };
    int to = connect_to(port_of_url());
    for (size_t i = 0; i < SP_COUNT_OF(manners); i++)
        ask(to, path, bodies[i % 2], manners[i]);
}

/* A session with an agent: what each request holds is what Claude Code's would, of a project that quotes our prompts.
 */
static void be_agent(const char *prompt)
{
    static const char quoted[] =
        "\"system\":\"sysprompt capture: answer ok 000000000, sysprompt agent capture: answer ok\"";
    const char *rest = prompt + strlen("sysprompt ");
    char body[2048];
    int to = connect_to(port_of_url());
    snprintf(body, sizeof body,
             "{\"tools\":[{\"name\":\"Agent\"},{\"name\":\"Read\"}],%s,\"messages\":[{\"content\":\"%s\"}]}", quoted,
             prompt);
    ask(to, "/v1/messages", body, PLAIN);
    snprintf(body, sizeof body,
             "{\"tools\":[{\"name\":\"Read\"}],%s,\"messages\":[{\"content\":\"sysprompt agent %s\"}]}", quoted, rest);
    ask(to, "/v1/messages", body, PLAIN);
    snprintf(body, sizeof body,
             "{\"tools\":[{\"name\":\"Read\"}],%s,\"messages\":[{\"content\":\"sysprompt agent %s\"},"
             "{\"content\":[{\"type\":\"tool_result\",\"content\":\"text\"}]}]}",
             quoted, rest);
    ask(to, "/v1/messages", body, PLAIN);
    snprintf(body, sizeof body,
             "{\"tools\":[{\"name\":\"Agent\"}],%s,\"messages\":[{\"content\":\"%s\"},{\"content\":[{\"type\":"
             "\"tool_result\",\"content\":\"sysprompt agent %s\"}]}]}",
             quoted, prompt, rest);
    ask(to, "/v1/messages", body, PLAIN);
}

/* Away from its parent, its group and its session. */
static void leave_orphan(void)
{
    if (fork() != 0)
        return;
    setsid();
    if (fork() != 0)
        _exit(0);
    signal(SIGTERM, SIG_IGN);
    for (;;)
        sleep(100);
}

static void make_hostile_home(void)
{
    char path[4096];
    if (chdir(getenv("HOME")) != 0)
        exit(7);
    if (symlink("/etc/passwd", "link") != 0 || symlink("/", "root") != 0)
        exit(7);
    for (int i = 0; i < 300; i++) {
        snprintf(path, sizeof path, "directory-with-a-name-of-some-length-%d", i);
        if (mkdir(path, 0700) != 0 || chdir(path) != 0)
            exit(7);
    }
    close(open("file", O_CREAT | O_WRONLY, 0400));
    if (chdir(getenv("HOME")) != 0 || mkdir("closed", 0700) != 0)
        exit(7);
    close(open("closed/file", O_CREAT | O_WRONLY, 0400));
    if (chmod("closed", 0) != 0)
        exit(7);
}

static void be_endless(const char *head)
{
    static const char chunk[] = "ffff\r\n";
    static char bytes[0xffff + 2];
    int to = connect_to(port_of_url());
    memset(bytes, 'x', sizeof bytes);
    memcpy(bytes + 0xffff, "\r\n", 2);
    snprintf(answer, sizeof answer, "POST %s/v1/messages HTTP/1.1\r\n%s\r\n\r\n", token_of_url(), head);
    send_bytes(to, answer, strlen(answer), sizeof answer);
    for (;;) {
        send_bytes(to, chunk, sizeof chunk - 1, sizeof chunk);
        send_bytes(to, bytes, sizeof bytes, sizeof bytes);
    }
}

static void be_busy(void)
{
    for (int to = connect_to(port_of_url());;) {
        send_request(to, "POST", "/v1/messages", bodies[0], PLAIN);
        receive(to);
    }
}

/* Whether a listener outside of the sandbox can be reached. */
static void look_outside(const char *port)
{
    int outside = connect_to(atoi(port));
    int to = connect_to(port_of_url());
    answer_len = (size_t)snprintf(answer, sizeof answer, "%s", outside >= 0 ? "reached" : "blocked");
    tell(to, "/seen");
    send_request(to, "POST", "/v1/messages", bodies[0], PLAIN);
    receive(to);
}

static void be_stranger(void)
{
    int to = connect_to(port_of_url());
    static const char bytes[] = "POST /v1/messages HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}";
    send_bytes(to, bytes, sizeof bytes - 1, sizeof bytes);
    receive(to);
    close(to);
    to = connect_to(port_of_url());
    tell(to, "/seen");
}

/* Sends a request and ends before the answer. */
static void be_hasty(void)
{
    send_request(connect_to(port_of_url()), "POST", "/v1/messages", bodies[0], PLAIN);
}

/* How many descriptors there are but the three. */
static void count_descriptors(void)
{
    int count = 0;
    for (int i = 3; i < 1024; i++)
        count += fcntl(i, F_GETFD) >= 0;
    int to = connect_to(port_of_url());
    answer_len = (size_t)snprintf(answer, sizeof answer, "%d", count);
    tell(to, "/seen");
}

static int be_client(char **argv)
{
    const char *mode = argv[2];
    const char *more = argv[3] ? argv[3] : "";
    alarm(60);
    if (strncmp(more, "/tmp/", 5) == 0 && open(more, O_WRONLY) < 0) /* held by whoever is left */
        return 6;
    if (strcmp(mode, "polite") == 0)
        be_polite(more);
    else if (strcmp(mode, "agent") == 0)
        be_agent(more);
    else if (strcmp(mode, "garbled") == 0)
        send_bytes(connect_to(port_of_url()), "\x16\x03\x01 hello\r\n\r\n", 12, 12);
    else if (strcmp(mode, "endless") == 0)
        be_endless(more);
    else if (strcmp(mode, "busy") == 0)
        be_busy();
    else if (strcmp(mode, "outside") == 0)
        look_outside(more);
    else if (strcmp(mode, "stranger") == 0)
        be_stranger();
    else if (strcmp(mode, "hasty") == 0)
        be_hasty();
    else if (strcmp(mode, "orphan") == 0)
        leave_orphan();
    else if (strcmp(mode, "traitor") == 0) {
        leave_orphan();
        kill(getppid(), SIGKILL); /* the supervisor; in namespaces process 1, which nothing in there can kill */
    } else if (strcmp(mode, "descriptors") == 0)
        count_descriptors();
    else if (strcmp(mode, "home") == 0)
        make_hostile_home();
    else if (strcmp(mode, "die") == 0)
        raise(SIGKILL);
    else if (strcmp(mode, "hang") == 0 && connect_to(port_of_url()) >= 0)
        pause();
    else if (strcmp(mode, "silent") == 0)
        pause();
    else if (strcmp(mode, "say") == 0)
        puts(more);
    return 5;
}

/* ---- running it --------------------------------------------------------------------------------------------- */

static char self[4096];

typedef struct trial {
    sp_arena arena;
    sp_launched launched;
    sp_err err;
} trial;

static const char *const fake_environment[] = { "SYSPROMPT_CAPTURE_URL={url}", NULL };
static const char *const fake_asked[] = { "{prompt}", NULL };
static const sp_driver fake = {
    .client = "fake",
    .title = "Fake",
    .program = "fake",
    .environment = fake_environment,
    .asked = fake_asked,
    .agent_calls = { { "Task", "{\"prompt\":{=agent_prompt}}" }, { "Agent", "{\"subagent_type\":{=agent}}" } },
    .read_calls = { { "Read", "{\"file_path\":{=file}}" } },
};

static sp_status run_with(trial *t, sp_launch launch, const char *mode, const char *more)
{
    const char *const command[] = { self, "--client", mode, more };
    *t = (trial){ .launched = { .is_offline = false } };
    launch.command = command;
    launch.command_count = more ? 4 : 3;
    launch.variables = (const char *const *)environ;
    launch.directory = SP_STR("/");
    launch.timeout_ms = launch.timeout_ms ? launch.timeout_ms : 20000;
    return sp_launch_run(&t->arena, &launch, &t->launched, &t->err);
}

static void run(trial *t, bool has_network, const char *mode, const char *more)
{
    struct stat info;
    sp_status status = run_with(t, (sp_launch){ .has_network = has_network }, mode, more);
    if (status != SP_OK)
        fail_msg("%s: %s", mode, t->err.message);
    assert_int_not_equal(stat(t->launched.home.ptr, &info), 0); /* the scratch home is gone */
}

static const sp_exchange *exchange(const trial *t, size_t i)
{
    assert_true(i < t->launched.record.exchanges.count);
    return &t->launched.record.exchanges.items[i];
}

static bool has(sp_str text, const char *wanted)
{
    return sp_str_find(text, sp_str_of(wanted), 0) != SIZE_MAX;
}

#define EACH_WAY(name)                                                                                                 \
    static void name##_inside(void **state)                                                                            \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        name(false);                                                                                                   \
    }                                                                                                                  \
    static void name##_outside(void **state)                                                                           \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        name(true);                                                                                                    \
    }

/* ---- replies --------------------------------------------------------------------------------------------------- */

static void check_json(sp_arena *arena, sp_str text)
{
    sp_json_node *root;
    sp_json_problem problem;
    sp_err err;
    assert_int_equal(sp_json_parse(arena, text, 64, &root, &problem, &err), SP_OK);
    if (!root)
        fail_msg("not JSON: %.*s", SP_STR_ARG(text));
}

static void check_events(sp_arena *arena, sp_str body)
{
    size_t count = 0;
    for (size_t at = 0; at < body.len; at = sp_line_end(body, at) + 1) {
        sp_str line = sp_line_at(body, at);
        if (!sp_str_starts(line, SP_STR("data: ")) || sp_str_eq(line, SP_STR("data: [DONE]")))
            continue;
        check_json(arena, sp_str_slice(line, 6, line.len));
        count++;
    }
    assert_true(count > 0);
}

static void check_reply(trial *t, sp_str reply, const char *wanted)
{
    size_t head = sp_str_find(reply, SP_STR("\r\n\r\n"), 0);
    assert_true(sp_str_starts(reply, SP_STR("HTTP/1.1 200 OK\r\n")));
    assert_int_not_equal(head, SIZE_MAX);
    sp_str body = sp_str_slice(reply, head + 4, reply.len);
    if (has(reply, "text/event-stream"))
        check_events(&t->arena, body);
    else
        check_json(&t->arena, body);
    if (!has(body, wanted))
        fail_msg("no %s in %.*s", wanted, SP_STR_ARG(body));
}

/* Path, and what an answer in full and one in pieces have. */
static const struct {
    const char *path, *whole, *streamed;
} protocols[] = {
    { "/v1/messages?beta=true", "\"content\":[{\"type\":\"text\",\"text\":\"ok\"}]", "event: message_stop" },
    { "/v1/responses", "\"output_text\",\"text\":\"ok\"", "event: response.completed" },
    { "/v1/chat/completions", "\"content\":\"ok\"", "data: [DONE]" },
    { "/v1beta/models/g:generateContent", "\"parts\":[{\"text\":\"ok\"}]", "\"text\":\"ok\"" },
    { "/v1beta/models/g:streamGenerateContent?alt=sse", "data: {\"candidates\"", "\"text\":\"ok\"" },
    { "/api/chat", "\"content\":\"ok\"", "\"done\":true" },
};

static void test_protocols(bool has_network)
{
    for (size_t i = 0; i < SP_COUNT_OF(protocols); i++) {
        trial t;
        run(&t, has_network, "polite", protocols[i].path);
        const sp_record *record = &t.launched.record;
        assert_int_equal(record->end, SP_RECORD_ENDED);
        assert_int_equal(record->exchanges.count, 8);
        assert_int_equal(record->connections, 1);
        assert_int_equal(record->wanted, 0);
        assert_true(sp_str_eq(t.launched.version, SP_STR("1.2.3")));
        for (size_t k = 0; k < 8; k += 2) {
            assert_true(sp_str_eq(exchange(&t, k)->target, sp_str_of(protocols[i].path)));
            assert_true(sp_str_eq(exchange(&t, k)->body, sp_str_of(bodies[k / 2 % 2])));
            check_reply(&t, exchange(&t, k + 1)->body, k / 2 % 2 ? protocols[i].streamed : protocols[i].whole);
        }
        sp_arena_release(&t.arena);
    }
}
EACH_WAY(test_protocols)

static void test_agent(bool has_network)
{
    trial t;
    sp_launch launch = { .driver = &fake, .agent = "rev\"1", .files = { "/f" }, .has_network = has_network };
    assert_int_equal(run_with(&t, launch, "agent", NULL), SP_OK);
    assert_int_equal(t.launched.record.exchanges.count, 8);
    check_reply(&t, exchange(&t, 1)->body,
                "{\"type\":\"tool_use\",\"id\":\"toolu_sysprompt_0\",\"name\":\"Agent\","
                "\"input\":{\"subagent_type\":\"rev\\\"1\"}}");
    check_reply(&t, exchange(&t, 3)->body, "\"name\":\"Read\",\"input\":{\"file_path\":\"/f\"}");
    check_reply(&t, exchange(&t, 5)->body, "\"text\":\"ok\"");
    check_reply(&t, exchange(&t, 7)->body, "\"text\":\"ok\"");
    assert_int_equal(t.launched.record.wanted, 4); /* the agent's, after it has read the file */
    assert_true(has(exchange(&t, 0)->body, ":\"sysprompt capture: answer ok 000000000\"}"));
    assert_true(has(exchange(&t, 4)->body, ":\"sysprompt agent capture: answer ok 000000000\"}"));
    sp_arena_release(&t.arena);
}
EACH_WAY(test_agent)

/* ---- those that misbehave ---------------------------------------------------------------------------------------- */

static void test_hostile(bool has_network)
{
    static const struct {
        const char *mode, *more;
        sp_record_end end;
    } clients[] = {
        { "endless", "content-length: 1000000000000", SP_RECORD_TOO_LARGE },
        { "endless", "transfer-encoding: chunked", SP_RECORD_TOO_LARGE },
        { "busy", NULL, SP_RECORD_TOO_MANY },
    };
    for (size_t i = 0; i < SP_COUNT_OF(clients); i++) {
        trial t;
        run(&t, has_network, clients[i].mode, clients[i].more);
        assert_int_equal(t.launched.record.end, clients[i].end);
        sp_arena_release(&t.arena);
    }
}
EACH_WAY(test_hostile)

static void test_garbled(bool has_network)
{
    trial t;
    run(&t, has_network, "garbled", NULL);
    assert_int_equal(t.launched.record.garbled, 1);
    assert_non_null(t.launched.record.problem);
    assert_int_equal(t.launched.record.wanted, SIZE_MAX);
    sp_arena_release(&t.arena);
    run(&t, has_network, "stranger", NULL);
    assert_int_equal(t.launched.record.strangers, 1);
    assert_true(has(exchange(&t, 0)->body, "HTTP/1.1 404 "));
    sp_arena_release(&t.arena);
    run(&t, has_network, "hasty", NULL);
    assert_true(sp_str_eq(exchange(&t, 0)->body, sp_str_of(bodies[0])));
    sp_arena_release(&t.arena);
}
EACH_WAY(test_garbled)

static void test_silent(bool has_network)
{
    static const char *const modes[] = { "silent", "hang" };
    static const int timeouts_ms[] = { 300, 5000 }; /* the one that hangs connects first */
    for (size_t i = 0; i < SP_COUNT_OF(modes); i++) {
        trial t;
        sp_launch launch = { .timeout_ms = timeouts_ms[i], .has_network = has_network };
        assert_int_equal(run_with(&t, launch, modes[i], NULL), SP_OK);
        assert_int_equal(t.launched.record.end, SP_RECORD_TIMEOUT);
        assert_int_equal(t.launched.record.connections, i);
        assert_true(t.launched.record.elapsed_ms < timeouts_ms[i] + 5000);
        sp_arena_release(&t.arena);
    }
}
EACH_WAY(test_silent)

static void test_ends(bool has_network)
{
    trial t;
    run(&t, has_network, "die", NULL);
    assert_true(t.launched.has_ended && WIFSIGNALED(t.launched.wait_status));
    sp_arena_release(&t.arena);
    run(&t, has_network, "say", "please log in");
    assert_true(t.launched.has_ended && WEXITSTATUS(t.launched.wait_status) == 5);
    assert_true(sp_str_eq(t.launched.record.output, SP_STR("please log in\n")));
    sp_arena_release(&t.arena);
}
EACH_WAY(test_ends)

/* Whoever is left holds the client's end of a FIFO open, wherever it hides. */
typedef struct leash {
    char place[32];
    char path[48];
    int end;
} leash;

static void leash_make(leash *l)
{
    strcpy(l->place, "/tmp/test-leash-XXXXXX");
    assert_non_null(mkdtemp(l->place));
    snprintf(l->path, sizeof l->path, "%s/fifo", l->place);
    assert_int_equal(mkfifo(l->path, 0600), 0);
    l->end = open(l->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(l->end >= 0);
}

/* It was held, and nobody holds it any more. */
static void leash_check(leash *l, int patience_ms)
{
    struct pollfd wanted = { .fd = l->end, .events = POLLIN };
    assert_int_equal(poll(&wanted, 1, patience_ms), 1);
    assert_true(wanted.revents & POLLHUP);
    close(l->end);
    unlink(l->path);
    rmdir(l->place);
}

static void test_orphan(bool has_network)
{
    static const char *const modes[] = { "orphan", "silent", "traitor" };
    for (size_t i = 0; i < SP_COUNT_OF(modes); i++) {
        leash l;
        trial t;
        sp_launch launch = { .timeout_ms = 500, .has_network = has_network };
        leash_make(&l);
        assert_int_equal(run_with(&t, launch, modes[i], l.path), SP_OK);
        leash_check(&l, 0);
        sp_arena_release(&t.arena);
    }
}
EACH_WAY(test_orphan)

/* A supervisor that was killed: told once, not over and over. */
static void test_supervisor(bool has_network)
{
    leash l;
    sp_err err;
    sp_sandbox sandbox;
    leash_make(&l);
    const char *const arguments[] = { self, "--client", "silent", l.path, NULL };
    const sp_sandbox_plan plan = { .program = self,
                                   .arguments = arguments,
                                   .environment = (const char *const *)environ,
                                   .directory = "/",
                                   .has_network = has_network };
    assert_int_equal(sp_sandbox_open(&sandbox, 0, &err), SP_OK);
    assert_int_equal(sp_sandbox_start(&sandbox, &plan, &err), SP_OK);
    usleep(300000);
    kill(sandbox.supervisor, SIGKILL);
    struct pollfd wanted = { .fd = sandbox.control, .events = POLLIN };
    assert_int_equal(poll(&wanted, 1, 5000), 1);
    sp_sandbox_poll(&sandbox);
    assert_int_equal(sandbox.control, -1);
    assert_true(sandbox.has_ended && WIFSIGNALED(sandbox.wait_status));
    sp_sandbox_close(&sandbox);
    leash_check(&l, 0);
}
EACH_WAY(test_supervisor)

static void test_descriptors(bool has_network)
{
    trial t;
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(dup2(nothing, 100), 100);
    assert_int_equal(dup2(nothing, 251), 251);
    run(&t, has_network, "descriptors", NULL);
    close(nothing);
    close(100);
    close(251);
    assert_true(sp_str_eq(exchange(&t, 0)->body, SP_STR("0")));
    sp_arena_release(&t.arena);
}
EACH_WAY(test_descriptors)

/* A system that lets us into namespaces and then permits nothing in there, as Ubuntu 24.04 does. */
static bool has_no_loopback;

int ioctl(int descriptor, unsigned long request, ...)
{
    va_list list;
    va_start(list, request);
    void *more = va_arg(list, void *);
    va_end(list);
    if (has_no_loopback && request == SIOCSIFFLAGS) {
        errno = EPERM;
        return -1;
    }
    return (int)syscall(SYS_ioctl, descriptor, request, more);
}

static void test_fallback(bool has_network)
{
    trial t;
    has_no_loopback = true;
    run(&t, has_network, "polite", protocols[0].path);
    has_no_loopback = false;
    assert_false(t.launched.is_offline);
    assert_int_equal(t.launched.record.end, SP_RECORD_ENDED);
    assert_int_equal(t.launched.record.exchanges.count, 8);
    sp_arena_release(&t.arena);
}
EACH_WAY(test_fallback)

/* ---- the recorder alone --------------------------------------------------------------------------------------------
 */

/* Five connections, each with 100 KiB of a body that is longer. */
static void send_unfinished(int port, const char *path)
{
    static char bytes[100 << 10];
    char head[256];
    for (int i = 0; i < 5; i++) {
        int to = connect_to(port);
        int len = snprintf(head, sizeof head, "POST %s HTTP/1.1\r\ncontent-length: 200000\r\n\r\n", path);
        if (send(to, head, (size_t)len, MSG_NOSIGNAL) > 0)
            (void)!send(to, bytes, sizeof bytes, MSG_NOSIGNAL);
    }
    pause();
}

static void test_unfinished(void **state)
{
    static const struct {
        const char *path;
        size_t strangers;
        sp_record_end end;
    } rows[] = { { "/token/x", 0, SP_RECORD_TOO_MANY }, { "/x", 5, SP_RECORD_TIMEOUT } };
    (void)state;
    for (size_t i = 0; i < SP_COUNT_OF(rows); i++) {
        sp_arena arena = { 0 };
        sp_err err;
        sp_sandbox sandbox;
        sp_record record;
        sp_record_plan plan = { .prefix = SP_STR("/token"), .limits = sp_record_default_limits };
        plan.limits.timeout_ms = i == 0 ? 10000 : 500;
        plan.limits.max_bytes = 300 << 10;
        assert_int_equal(sp_sandbox_open(&sandbox, 0, &err), SP_OK);
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            send_unfinished(sandbox.port, rows[i].path);
        }
        assert_int_equal(sp_record_serve(&arena, &sandbox, &plan, &record, &err), SP_OK);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        sp_sandbox_close(&sandbox);
        assert_int_equal(record.end, rows[i].end);
        assert_int_equal(record.strangers, rows[i].strangers);
        assert_int_equal(record.exchanges.count, 0);
        sp_arena_release(&arena);
    }
}

/* More connections than the recorder serves at a time, on which nothing comes; then a client. */
static void be_after_idle_ones(int port)
{
    static const char bytes[] = "POST /token/v1/messages HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}";
    for (int i = 0; i < 300; i++)
        (void)connect_to(port);
    send_bytes(connect_to(port), bytes, sizeof bytes - 1, sizeof bytes);
    pause();
}

static void test_idle_strangers(void **state)
{
    sp_arena arena = { 0 };
    sp_err err;
    sp_sandbox sandbox;
    sp_record record;
    sp_record_plan plan = { .prefix = SP_STR("/token"), .limits = sp_record_default_limits };
    (void)state;
    plan.limits.timeout_ms = 15000;
    plan.limits.max_requests = 0; /* so that the client's request is the end */
    assert_int_equal(sp_sandbox_open(&sandbox, 0, &err), SP_OK);
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        be_after_idle_ones(sandbox.port);
    }
    assert_int_equal(sp_record_serve(&arena, &sandbox, &plan, &record, &err), SP_OK);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    sp_sandbox_close(&sandbox);
    assert_int_equal(record.end, SP_RECORD_TOO_MANY);
    sp_arena_release(&arena);
}

static void test_home(bool has_network)
{
    trial t;
    run(&t, has_network, "home", NULL);
    assert_int_equal(WEXITSTATUS(t.launched.wait_status), 5);
    assert_int_equal(access("/etc/passwd", F_OK), 0);
    sp_arena_release(&t.arena);
}
EACH_WAY(test_home)

static void test_network(bool has_network)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t len = sizeof address;
    char port[16];
    trial t;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int outside = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(outside, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(outside, 5), 0);
    assert_int_equal(getsockname(outside, (struct sockaddr *)&address, &len), 0);
    snprintf(port, sizeof port, "%u", ntohs(address.sin_port));
    run(&t, has_network, "outside", port);
    assert_true(sp_str_eq(exchange(&t, 0)->body, t.launched.is_offline ? SP_STR("blocked") : SP_STR("reached")));
    if (!has_network && !t.launched.is_offline)
        print_message("# skipped: this system permits no network namespace\n");
    assert_true(!has_network || !t.launched.is_offline);
    sp_arena_release(&t.arena);
    /* a port that is taken */
    sp_launch launch = { .port = ntohs(address.sin_port), .has_network = has_network };
    assert_int_equal(run_with(&t, launch, "say", "x"), SP_ERR_USAGE);
    assert_non_null(strstr(t.err.message, "choose another port"));
    sp_arena_release(&t.arena);
    close(outside);
}
EACH_WAY(test_network)

/* ---- signals -------------------------------------------------------------------------------------------------------
 */

/* A process of its own that is told to end while the client hangs: it does, by that signal, and leaves nothing. */
static void check_signal(int number, bool has_network)
{
    leash l;
    int status;
    leash_make(&l);
    pid_t child = fork();
    if (child == 0) {
        trial t;
        sp_launch launch = { .has_network = has_network };
        signal(number, SIG_DFL);
        alarm(0);
        if (fork() == 0) { /* by then the client runs */
            usleep(400000);
            kill(getppid(), number);
            _exit(0);
        }
        (void)!run_with(&t, launch, "silent", l.path);
        _exit(77);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == number);
    leash_check(&l, 5000);
}

static void test_signals(bool has_network)
{
    char place[] = "/tmp/test-recorder-XXXXXX";
    assert_non_null(mkdtemp(place));
    setenv("TMPDIR", place, 1);
    check_signal(SIGINT, has_network);
    check_signal(SIGTERM, has_network);
    check_signal(SIGKILL, has_network); /* nothing of ours runs any more but the supervisor */
    unsetenv("TMPDIR");
    for (int i = 0; i < 100 && rmdir(place) != 0; i++)
        usleep(20000);
    assert_int_not_equal(access(place, F_OK), 0); /* it was empty */
}
EACH_WAY(test_signals)

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "--client") == 0)
        return be_client(argv);
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) {
        puts("1..0 # skipped: no /proc");
        return 0;
    }
#define BOTH(name) cmocka_unit_test(name##_inside), cmocka_unit_test(name##_outside)
    const struct CMUnitTest tests[] = {
        BOTH(test_protocols),
        BOTH(test_agent),
        BOTH(test_hostile),
        BOTH(test_garbled),
        BOTH(test_silent),
        BOTH(test_ends),
        BOTH(test_orphan),
        BOTH(test_home),
        BOTH(test_network),
        BOTH(test_signals),
        BOTH(test_supervisor),
        BOTH(test_descriptors),
        BOTH(test_fallback),
        cmocka_unit_test(test_unfinished),
        cmocka_unit_test(test_idle_strangers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
