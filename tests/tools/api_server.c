/*
 * api_server.c - a counting endpoint on this machine that speaks the documented protocol, and every way to break it.
 *
 *   exec 9< <(exec api_server [SCRIPT]); read -r ANTHROPIC_BASE_URL <&9; export ANTHROPIC_BASE_URL     in a case's
 * setup
 *
 * Prints its address and answers one request after the other until whoever started it ends. Each line of SCRIPT is for
 * one request; behind the last it counts. A count is 7 for the frame and 1 for each byte of text.
 *
 *   count                         what the real one does: a count, or an error for what is not as documented
 *   reply STATUS TYPE[;NAME=VALUE] BODY   just that; TYPE is the content type
 *   hang                          no answer, until the client goes away
 *   close                         the connection ends instead of an answer
 *   cut                           it ends in the middle of one
 *   huge                          10 MB of answer
 *
 * Each request is a line of the file "log": method, path, the headers that matter (a key that is not "test-key" as
 * "?"), bytes.
 */
#include <jansson.h>

#include <arpa/inet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_REQUEST = 40 << 20, MAX_LINE = 4096 };

typedef struct request {
    char *bytes; /* ends in NUL */
    size_t len;
    char *body;
    size_t body_len;
} request;

static void die(const char *what)
{
    perror(what);
    exit(2);
}

static void send_all(int client, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(client, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes += sent;
        len -= (size_t)sent;
    }
}

static void answer(int client, int status, const char *headers, const char *body)
{
    char head[MAX_LINE];
    int len = snprintf(head, sizeof head, "HTTP/1.1 %d X\r\n%scontent-length: %zu\r\nconnection: close\r\n\r\n", status,
                       headers, strlen(body));
    send_all(client, head, (size_t)len);
    send_all(client, body, strlen(body));
}

/* ---- the request ------------------------------------------------------------------------------------------- */

/* The value of a header, in a buffer of its own; "" where there is none. */
static const char *header(const request *r, const char *name, char value[256])
{
    size_t len = strlen(name);
    value[0] = '\0';
    for (char *line = strstr(r->bytes, "\r\n"); line && line + 2 < r->body; line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, name, len) == 0 && line[2 + len] == ':') {
            const char *begin = line + 3 + len;
            begin += strspn(begin, " ");
            size_t size = strcspn(begin, "\r");
            snprintf(value, 256, "%.*s", (int)size, begin);
        }
    return value;
}

static bool read_request(int client, request *r)
{
    size_t wanted = 0;
    r->len = 0;
    r->body = NULL;
    while (!r->body || r->body_len < wanted) {
        ssize_t got = r->len < MAX_REQUEST ? recv(client, r->bytes + r->len, MAX_REQUEST - r->len, 0) : 0;
        if (got <= 0)
            return false;
        r->len += (size_t)got;
        r->bytes[r->len] = '\0';
        char *end = r->body ? NULL : strstr(r->bytes, "\r\n\r\n");
        if (end) {
            char length[256];
            r->body = end + 4;
            wanted = strtoul(header(r, "content-length", length), NULL, 10);
        }
        if (r->body)
            r->body_len = r->len - (size_t)(r->body - r->bytes);
    }
    return true;
}

static void write_log(const request *r)
{
    char key[256], version[256], type[256];
    FILE *log = fopen("log", "a");
    if (!log)
        die("log");
    header(r, "x-api-key", key);
    fprintf(log, "%.*s key=%s version=%s type=%s body=%zu\n", (int)strcspn(r->bytes, "\r"), r->bytes,
            strcmp(key, "test-key") == 0 ? key : "?", header(r, "anthropic-version", version),
            header(r, "content-type", type), r->body_len);
    fclose(log);
}

/* ---- counting ------------------------------------------------------------------------------------------------ */

static void complain(int client, int status, const char *type, const char *message)
{
    char body[MAX_LINE];
    snprintf(body, sizeof body, "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":\"%s\"}}", type, message);
    answer(client, status, "content-type: application/json\r\n", body);
}

/* A text, or a list of {"type": "text", "text": ...}; SIZE_MAX for anything else and for an empty one. */
static size_t text_bytes(const json_t *content)
{
    size_t sum = 0, i;
    json_t *block;
    if (json_is_string(content))
        return json_string_length(content) ? json_string_length(content) : SIZE_MAX;
    json_array_foreach(content, i, block)
    {
        size_t len = json_string_length(json_object_get(block, "text"));
        const char *type = json_string_value(json_object_get(block, "type"));
        if (!type || strcmp(type, "text") != 0 || len == 0)
            return SIZE_MAX;
        sum += len;
    }
    return json_is_array(content) ? sum : SIZE_MAX;
}

static size_t request_bytes(const json_t *root)
{
    size_t sum = 0, i;
    json_t *message;
    const json_t *system = json_object_get(root, "system"), *messages = json_object_get(root, "messages");
    if (system && (sum = text_bytes(system)) == SIZE_MAX)
        return SIZE_MAX;
    json_array_foreach(messages, i, message)
    {
        size_t bytes = text_bytes(json_object_get(message, "content"));
        const char *role = json_string_value(json_object_get(message, "role"));
        if (bytes == SIZE_MAX || !role || strcmp(role, "user") != 0)
            return SIZE_MAX;
        sum += bytes;
    }
    return i > 0 ? sum : SIZE_MAX;
}

static void count(int client, const request *r)
{
    char value[256], body[64];
    static const char line[] = "POST /v1/messages/count_tokens HTTP/1.1\r\n";
    json_t *root = json_loadb(r->body, r->body_len, 0, NULL);
    const char *model = json_string_value(json_object_get(root, "model"));
    size_t bytes = root ? request_bytes(root) : SIZE_MAX;
    bool is_line = strncmp(r->bytes, line, sizeof line - 1) == 0;
    bool is_version = strcmp(header(r, "anthropic-version", value), "2023-06-01") == 0;
    bool is_json = strcmp(header(r, "content-type", value), "application/json") == 0;
    if (!is_line)
        complain(client, 404, "not_found_error", "no such path");
    else if (strcmp(header(r, "x-api-key", value), "test-key") != 0)
        complain(client, 401, "authentication_error", "invalid x-api-key");
    else if (!is_version || !is_json || !model || bytes == SIZE_MAX)
        complain(client, 400, "invalid_request_error", "messages: text content blocks must be non-empty");
    else if (strncmp(model, "claude-", 7) != 0 || strstr(model, "-3-"))
        complain(client, 404, "not_found_error", "model not found");
    else {
        snprintf(body, sizeof body, "{\"input_tokens\":%zu}", bytes + 7);
        answer(client, 200, "content-type: application/json\r\n", body);
    }
    json_decref(root);
}

/* ---- the script ------------------------------------------------------------------------------------------------ */

/* STATUS TYPE[;NAME=VALUE] BODY */
static void reply(int client, char *line)
{
    char headers[MAX_LINE];
    int status = (int)strtol(strtok(line, " "), NULL, 10);
    char *type = strtok(NULL, " "), *body = strtok(NULL, "");
    char *more = strchr(type, ';');
    char *equals = more ? strchr(more, '=') : NULL;
    if (more)
        *more = '\0';
    if (equals)
        *equals = '\0';
    snprintf(headers, sizeof headers, "content-type: %s\r\n%s%s%s%s", type, equals ? more + 1 : "", equals ? ": " : "",
             equals ? equals + 1 : "", equals ? "\r\n" : "");
    answer(client, status, headers, body ? body : "");
}

static void send_huge(int client)
{
    static char bytes[1 << 16];
    memset(bytes, ' ', sizeof bytes);
    static const char head[] = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10485760\r\n\r\n";
    send_all(client, head, sizeof head - 1);
    for (int i = 0; i < 160; i++)
        send_all(client, bytes, sizeof bytes);
}

static void serve(int client, const request *r, char *line)
{
    static const char part[] =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{\"input";
    char byte;
    if (strncmp(line, "reply ", 6) == 0)
        reply(client, line + 6);
    else if (strcmp(line, "hang") == 0)
        (void)recv(client, &byte, 1, 0);
    else if (strcmp(line, "cut") == 0)
        send_all(client, part, sizeof part - 1);
    else if (strcmp(line, "huge") == 0)
        send_huge(client);
    else if (strcmp(line, "close") != 0)
        count(client, r);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    FILE *script = argc > 1 ? fopen(argv[1], "r") : NULL;
    request r = { .bytes = malloc(MAX_REQUEST + 1) };
    char line[MAX_LINE];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(60);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (!r.bytes || (argc > 1 && !script))
        die(argc > 1 ? argv[1] : "memory");
    if (server < 0 || bind(server, (struct sockaddr *)&address, size) != 0 || listen(server, 16) != 0 ||
        getsockname(server, (struct sockaddr *)&address, &size) != 0)
        die("socket");
    printf("http://127.0.0.1:%u\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int client = accept(server, NULL, NULL);
        if (client >= 0 && read_request(client, &r)) {
            write_log(&r);
            bool has_line = script && fgets(line, sizeof line, script);
            line[has_line ? strcspn(line, "\n") : 0] = '\0';
            serve(client, &r, line);
        }
        if (client >= 0)
            close(client);
    }
}
