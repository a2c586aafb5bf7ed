/* envelopes.c - the request bodies in a file, whatever a proxy wrapped around them. */
#include "base/base.h"
#include "base/base64.h"
#include "base/parse_json.h"
#include "base/types.h"
#include "capture/decoder.h"
#include "capture/exchange.h"
#include "capture/requests.h"

/* Bodies that are not JSON. They are added as they are, as the others are still worth reading. */
typedef struct odd_bodies {
    size_t count;
    sp_err first;
} odd_bodies;

typedef struct finder {
    sp_arena *arena;   /* for what is found */
    sp_arena *scratch; /* for the tree of a value: with escapes, its strings are a copy of the file */
    sp_str path;
    sp_str document; /* the whole file */
    size_t base;     /* where the JSON value that is read begins in it; SIZE_MAX: in a string of it */
    sp_exchanges *found;
    sp_str method; /* of the envelopes around */
    sp_str target;
    sp_str model;
    unsigned depth;
    odd_bodies *odd;
} finder;

enum { MAX_ENVELOPES = 8 };

static sp_status look(finder *f, const sp_json_node *node, sp_err *err);

/* A string of the tree, which goes: itself where it is a part of the file. */
static sp_status keep(const finder *f, sp_str text, sp_str *ret, sp_err *err)
{
    *ret = !text.ptr || sp_str_is_part(text, f->document) ? text : sp_str_dup(f->arena, text);
    return ret->ptr || !text.ptr ? SP_OK : sp_err_memory(err);
}

static sp_status add(finder *f, sp_str body, sp_err *err)
{
    sp_exchange kept = { .document = f->document };
    SP_TRY(keep(f, f->method, &kept.method, err));
    SP_TRY(keep(f, f->target, &kept.target, err));
    SP_TRY(keep(f, f->model, &kept.model, err));
    SP_TRY(keep(f, body, &kept.body, err));
    sp_exchange *exchange = SP_LIST_PUSH(f->arena, f->found);
    if (!exchange)
        return sp_err_memory(err);
    *exchange = kept;
    return SP_OK;
}

static sp_status refuse(const finder *f, size_t offset, const char *what, sp_err *err)
{
    return sp_err_at(err, SP_ERR_INPUT, f->path, f->document, f->base == SIZE_MAX ? 0 : f->base + offset,
                     "capture.format", "not a recorded request: %s", what);
}

static sp_status add_odd(finder *f, sp_str body, size_t offset, const char *what, sp_err *err)
{
    if (f->odd->count++ == 0)
        (void)refuse(f, offset, what, &f->odd->first);
    return add(f, body, err);
}

/* A body that is kept as a string: JSON again, perhaps in base64. */
static sp_status look_into_string(finder *f, const sp_json_node *node, bool is_base64, sp_err *err)
{
    finder inner = *f;
    sp_str body = node->text;
    sp_json_node *root = NULL;
    sp_json_problem problem;
    if (is_base64) {
        char *bytes = sp_arena_alloc(f->scratch, body.len / 4 + 1, 3);
        size_t at = 0;
        bool is_whole;
        if (!bytes)
            return sp_err_memory(err);
        body = (sp_str){ bytes, sp_base64_decode(body, &at, bytes, &is_whole) };
    }
    if (sp_str_trim(body).len == 0)
        return SP_OK;
    SP_TRY(sp_json_parse(f->scratch, body, SP_RECORDED_MAX_DEPTH, &root, &problem, err));
    if (!root)
        return add_odd(f, body, node->offset, problem.what, err);
    inner.base = SIZE_MAX;
    return look(&inner, root, err);
}

/* The path and query of a URL. */
static sp_str target_of(sp_str url)
{
    size_t scheme = url.ptr ? sp_str_find(url, SP_STR("://"), 0) : SIZE_MAX;
    size_t slash = scheme == SIZE_MAX ? 0 : sp_str_find(url, SP_STR("/"), scheme + 3);
    return slash == SIZE_MAX ? SP_STR("/") : url.ptr ? sp_str_slice(url, slash, url.len) : url;
}

/* A string that cannot be a body, and a value that is neither an object nor a list, are passed over. */
static sp_status look_into_value(finder *f, const sp_json_node *value, bool is_base64, sp_err *err)
{
    if (value->kind == SP_JSON_OBJECT || value->kind == SP_JSON_ARRAY)
        return look(f, value, err);
    sp_str text = value->kind == SP_JSON_TEXT ? sp_str_trim(value->text) : (sp_str){ 0 };
    bool holds_json = is_base64 || sp_str_starts(text, SP_STR("{")) || sp_str_starts(text, SP_STR("["));
    return text.len > 0 && holds_json ? look_into_string(f, value, is_base64, err) : SP_OK;
}

/* {"request": ...}, {"body": ...}, HAR's {"log": {"entries": [...]}} and {"postData": {"text": ...}}. A message of a
 * conversation is none: its content is anybody's, and may quote a request. */
static sp_status look_into_envelope(finder *f, const sp_json_node *node, sp_err *err)
{
    static const char *const inner[] = { "log",  "entries", "requests", "request", "postData", "body",
                                         "json", "payload", "data",     "content", "text" };
    static const char *const targets[] = { "url", "path", "target", "uri" };
    sp_str method = sp_member_text(node, "method");
    sp_str model = sp_member_text(node, "model");
    sp_str encoding = sp_member_text(node, "encoding");
    bool is_base64 = encoding.ptr && sp_str_eq_nocase(encoding, SP_STR("base64"));
    size_t before = f->found->count;
    finder next = *f;
    next.depth++;
    next.method = method.ptr ? method : f->method;
    next.model = model.ptr ? model : f->model;
    for (size_t i = SP_COUNT_OF(targets); i-- > 0;) /* the first in the table prevails */
        if (sp_member_text(node, targets[i]).ptr)
            next.target = target_of(sp_member_text(node, targets[i]));
    if (sp_json_member(node, "role") || next.depth > MAX_ENVELOPES)
        return SP_OK;
    for (size_t i = 0; i < SP_COUNT_OF(inner) && f->found->count == before; i++) {
        const sp_json_node *value = sp_json_member(node, inner[i]);
        if (value)
            SP_TRY(look_into_value(&next, value, is_base64, err));
    }
    return SP_OK; /* a response, a timing, a request without a body */
}

static sp_status look(finder *f, const sp_json_node *node, sp_err *err)
{
    sp_protocol protocol;
    sp_str schema = sp_member_text(node, "schema");
    if (sp_protocol_of(node, f->target, &protocol))
        return add(f, node->text, err);
    bool is_ours = f->target.len == 0 && sp_str_starts(schema, SP_STR("sysprompt."));
    if (is_ours && !sp_str_eq(schema, SP_STR("sysprompt.capture/1"))) /* that of --full is an envelope */
        return refuse(f, node->offset,
                      "it is a result of sysprompt; expected a request that a client sent, or what capture --save "
                      "wrote (sysprompt.capture/1)",
                      err);
    if (node->kind == SP_JSON_OBJECT)
        return look_into_envelope(f, node, err);
    if (node->kind != SP_JSON_ARRAY)
        return refuse(f, node->offset, "expected an object or a list", err);
    for (const sp_json_node *child = node->first; child; child = child->next)
        SP_TRY(look_into_value(f, child, false, err));
    return SP_OK;
}

/* One value. *ret_is_json tells whether it was one. */
static sp_status read_value(finder *f, sp_str text, sp_json_problem *ret_problem, bool *ret_is_json, sp_err *err)
{
    sp_json_node *root = NULL;
    sp_arena tree = { 0 };
    f->scratch = &tree;
    f->base = (size_t)(text.ptr - f->document.ptr);
    sp_status status = sp_json_parse(&tree, text, SP_RECORDED_MAX_DEPTH, &root, ret_problem, err);
    *ret_is_json = status == SP_OK && root;
    if (*ret_is_json)
        status = look(f, root, err);
    f->scratch = NULL;
    sp_arena_release(&tree);
    return status;
}

/* JSON Lines: each line from the first on is a value. */
static sp_status read_lines(finder *f, size_t from, sp_err *err)
{
    for (size_t at = from; at < f->document.len;) {
        const char *feed = memchr(f->document.ptr + at, '\n', f->document.len - at);
        size_t end = feed ? (size_t)(feed - f->document.ptr) : f->document.len;
        sp_str line = sp_str_slice(f->document, at, end);
        sp_json_problem problem;
        bool is_json = true;
        if (sp_str_trim(line).len > 0)
            SP_TRY(read_value(f, line, &problem, &is_json, err));
        if (!is_json)
            SP_TRY(add_odd(f, line, problem.offset, problem.what, err));
        at = end + 1;
    }
    return SP_OK;
}

/* Where the first line that is not blank begins and ends. */
static sp_str first_line(sp_str text)
{
    sp_str trimmed = sp_str_trim(text);
    const char *feed = trimmed.len ? memchr(trimmed.ptr, '\n', trimmed.len) : NULL;
    return feed ? sp_str_slice(trimmed, 0, (size_t)(feed - trimmed.ptr)) : trimmed;
}

sp_status sp_exchanges_read(sp_arena *arena, sp_str path, sp_str bytes, sp_exchanges *ret, sp_err *err)
{
    odd_bodies odd = { .count = 0 };
    finder f = { .arena = arena, .path = path, .document = bytes, .found = ret, .odd = &odd };
    sp_json_problem problem = { 0 };
    bool is_json = false;
    size_t before = ret->count;
    sp_str line = first_line(bytes);
    sp_str whole = sp_str_trim(bytes);
    if (whole.len == 0)
        return refuse(&f, 0, "the file is empty", err);
    bool has_more = line.len < whole.len;
    /* A line that is a value by itself, with more after it, is one of JSON Lines. */
    bool looks_whole = has_more && (line.ptr[line.len - 1] == '}' || line.ptr[line.len - 1] == '\r');
    if (looks_whole && line.ptr[0] == '{') {
        SP_TRY(read_value(&f, line, &problem, &is_json, err));
        if (is_json)
            SP_TRY(read_lines(&f, (size_t)(line.ptr - bytes.ptr) + line.len, err));
    }
    if (!is_json)
        SP_TRY(read_value(&f, bytes, &problem, &is_json, err));
    if (!is_json)
        return refuse(&f, problem.offset, problem.what, err);
    if (odd.count > 0 && ret->count - odd.count == before) {
        *err = odd.first;
        return err->status;
    }
    if (ret->count == before)
        return refuse(
            &f, 0,
            "it holds no body of the Messages, Responses, Chat Completions or generateContent API, by itself, "
            "in a list, in JSON Lines, as {\"request\": {\"body\": ...}} or in a HAR",
            err);
    return SP_OK;
}
