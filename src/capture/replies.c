/*
 * replies.c - one row per endpoint. The replies are as short as the clients take them; no more is known of a model here
 * than the name that the client asked for.
 */
#include "capture/replies.h"
#include "base/base.h"
#include "base/json.h"
#include "base/parse_json.h"
#include "base/types.h"

#include <stdint.h>

/* Deeper than any request; a hostile one is answered like one that is not JSON. */
enum { MAX_DEPTH = 200 };

/* A request to a model, as far as its answer depends on it. */
typedef struct asked {
    const sp_json_node *root; /* NULL: not JSON */
    sp_str model;
    bool streams;
    size_t number;            /* of results of tools in it: each call gets an id of its own */
    const sp_tool_call *call; /* NULL: answer with text */
    sp_str space;             /* the namespace of its tool; ptr NULL: none */
    sp_str text;
} asked;

typedef void (*reply_writer)(const asked *a, sp_buf *out);

/* ---- reading --------------------------------------------------------------------------------------------- */

static bool has_text(const sp_json_node *object, const char *key, sp_str wanted)
{
    const sp_json_node *member = sp_json_member(object, key);
    return member && member->kind == SP_JSON_TEXT && sp_str_eq(member->text, wanted);
}

/* Results of tools in the messages of any protocol. */
static size_t count_results(const sp_json_node *node)
{
    size_t count = 0;
    if (node->kind == SP_JSON_OBJECT)
        count = has_text(node, "type", SP_STR("tool_result")) ||
                has_text(node, "type", SP_STR("function_call_output")) || has_text(node, "role", SP_STR("tool")) ||
                sp_json_member(node, "functionResponse");
    if (count > 0)
        return count;
    for (const sp_json_node *child = node->first; child; child = child->next)
        count += count_results(child);
    return count;
}

static size_t count_all_results(const sp_json_node *root)
{
    static const char *const lists[] = { "messages", "input", "contents" };
    for (size_t i = 0; i < SP_COUNT_OF(lists); i++) {
        const sp_json_node *list = sp_json_member(root, lists[i]);
        if (list)
            return count_results(list);
    }
    return 0;
}

/* Whether one of the tools has that name: {"name"}, {"function": {"name"}}, {"functionDeclarations": [{"name"}]}, or
 * tools in a namespace, whose name *ret_namespace becomes. */
static bool offers(const sp_json_node *tools, sp_str name, sp_str *ret_namespace)
{
    for (const sp_json_node *tool = tools ? tools->first : NULL; tool; tool = tool->next) {
        const sp_json_node *space = sp_json_member(tool, "name");
        if (has_text(tool, "name", name) || has_text(sp_json_member(tool, "function"), "name", name) ||
            offers(sp_json_member(tool, "functionDeclarations"), name, ret_namespace))
            return true;
        if (!offers(sp_json_member(tool, "tools"), name, ret_namespace))
            continue;
        *ret_namespace = space ? space->text : (sp_str){ 0 };
        return true;
    }
    return false;
}

/* The lists of tools, one after the other: that of the request, then those among the input of OpenAI Responses. */
static const sp_json_node *next_tools(const sp_json_node *root, const sp_json_node **item)
{
    const sp_json_node *input = sp_json_member(root, "input");
    *item = *item == root ? (input ? input->first : NULL) : (*item ? (*item)->next : root);
    for (; *item && *item != root; *item = (*item)->next)
        if (sp_json_member(*item, "tools"))
            break;
    return *item ? sp_json_member(*item, "tools") : NULL;
}

static bool has_tools(const sp_json_node *root)
{
    const sp_json_node *item = NULL;
    do {
        const sp_json_node *tools = next_tools(root, &item);
        if (tools && tools->kind == SP_JSON_ARRAY && tools->count > 0)
            return true;
    } while (item);
    return false;
}

static bool has_tool(const sp_json_node *root, sp_str name, sp_str *ret_namespace)
{
    const sp_json_node *item = NULL;
    do {
        if (offers(next_tools(root, &item), name, ret_namespace))
            return true;
    } while (item);
    return false;
}

static bool holds(sp_str body, sp_str mark)
{
    return mark.ptr && sp_str_find(body, mark, 0) != SIZE_MAX;
}

static sp_request_kind kind_of(const sp_script *script, sp_str body, const asked *a)
{
    bool is_session = script->session_mark.ptr ? holds(body, script->session_mark) : true;
    bool is_marked = holds(body, script->agent_mark) && !(script->session_mark.ptr && is_session);
    if (!a->root || a->root->kind != SP_JSON_OBJECT)
        return SP_REQUEST_OTHER;
    /* Without a mark of the session, its requests after the call have the agent's: they have the call's result, too. */
    if (is_marked && (script->session_mark.ptr || a->number < script->session.count))
        return SP_REQUEST_AGENT;
    return is_session && (!script->needs_tools || has_tools(a->root)) ? SP_REQUEST_SESSION : SP_REQUEST_OTHER;
}

static void choose_call(const sp_script *script, asked *a, sp_reply *ret)
{
    const sp_steps *steps = ret->kind == SP_REQUEST_AGENT ? &script->agent : &script->session;
    if (ret->kind == SP_REQUEST_OTHER || a->number >= steps->count)
        return;
    const sp_step *step = &steps->items[a->number];
    for (size_t i = 0; i < step->count && !a->call; i++)
        if (has_tool(a->root, step->calls[i].tool, &a->space))
            a->call = &step->calls[i];
    ret->lacks_tool = !a->call;
}

/* ---- writing --------------------------------------------------------------------------------------------- */

/* Adds text as a JSON string. */
static void add_quoted(sp_buf *out, sp_str text)
{
    sp_json json = { .out = out };
    sp_json_str(&json, NULL, text);
}

static void add(sp_buf *out, const char *text)
{
    sp_buf_add(out, sp_str_of(text));
}

static void add_namespace(sp_buf *out, sp_str name)
{
    if (!name.ptr)
        return;
    add(out, "\"namespace\":");
    add_quoted(out, name);
    add(out, ",");
}

/* Adds a template: %m the model, %s its tool's namespace as a member, %n the number, %t the text, %c the call's tool,
 * %a its arguments, %q these as a string; %% is not needed. */
static void fill(sp_buf *out, const char *pattern, const asked *a)
{
    for (const char *c = pattern; *c; c++) {
        if (*c != '%') {
            sp_buf_add_char(out, *c);
            continue;
        }
        c++;
        if (*c == 'm')
            add_quoted(out, a->model);
        else if (*c == 'n')
            sp_buf_format(out, "%zu", a->number);
        else if (*c == 't')
            add_quoted(out, a->text);
        else if (*c == 'c')
            add_quoted(out, a->call->tool);
        else if (*c == 'a')
            sp_buf_add(out, a->call->arguments);
        else if (*c == 's')
            add_namespace(out, a->space);
        else
            add_quoted(out, a->call->arguments);
    }
}

/* A server-sent event; name NULL: it has none. */
static void event(sp_buf *out, const char *name, const char *pattern, const asked *a)
{
    if (name)
        sp_buf_format(out, "event: %s\n", name);
    add(out, "data: ");
    fill(out, pattern, a);
    add(out, "\n\n");
}

#define ANTHROPIC_HEAD                                                                                                 \
    "{\"id\":\"msg_sysprompt_%n\",\"type\":\"message\",\"role\":\"assistant\",\"model\":%m,"                           \
    "\"usage\":{\"input_tokens\":1,\"output_tokens\":1},\"stop_sequence\":null,"

static void reply_anthropic(const asked *a, sp_buf *out)
{
    const char *stop = a->call ? "tool_use" : "end_turn";
    if (!a->streams) {
        fill(out, ANTHROPIC_HEAD, a);
        fill(out,
             a->call ? "\"content\":[{\"type\":\"tool_use\",\"id\":\"toolu_sysprompt_%n\",\"name\":%c,\"input\":%a}],"
                     : "\"content\":[{\"type\":\"text\",\"text\":%t}],",
             a);
        sp_buf_format(out, "\"stop_reason\":\"%s\"}", stop);
        return;
    }
    event(out, "message_start",
          "{\"type\":\"message_start\",\"message\":" ANTHROPIC_HEAD "\"content\":[],\"stop_reason\":null}}", a);
    event(out, "content_block_start",
          a->call
              ? "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\","
                "\"id\":\"toolu_sysprompt_%n\",\"name\":%c,\"input\":{}}}"
              : "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
          a);
    event(out, "content_block_delta",
          a->call ? "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\","
                    "\"partial_json\":%q}}"
                  : "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":%t}}",
          a);
    event(out, "content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0}", a);
    sp_buf_format(out,
                  "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"%s\","
                  "\"stop_sequence\":null},\"usage\":{\"output_tokens\":1}}\n\n",
                  stop);
    event(out, "message_stop", "{\"type\":\"message_stop\"}", a);
}

#define RESPONSE_HEAD(state)                                                                                           \
    "{\"id\":\"resp_sysprompt_%n\",\"object\":\"response\",\"created_at\":1,\"status\":\"" state "\",\"model\":%m,"    \
    "\"usage\":{\"input_tokens\":1,\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":1,"                \
    "\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":2},\"output\":"
#define RESPONSE_CALL                                                                                                  \
    "{\"type\":\"function_call\",\"id\":\"fc_sysprompt_%n\",\"call_id\":\"call_sysprompt_%n\",\"name\":%c,%s"          \
    "\"arguments\":%q,\"status\":\"completed\"}"
#define RESPONSE_TEXT                                                                                                  \
    "{\"type\":\"message\",\"id\":\"msg_sysprompt_%n\",\"role\":\"assistant\",\"status\":\"completed\","               \
    "\"content\":[{\"type\":\"output_text\",\"text\":%t,\"annotations\":[]}]}"

static void reply_responses(const asked *a, sp_buf *out)
{
    const char *whole =
        a->call ? RESPONSE_HEAD("completed") "[" RESPONSE_CALL "]}" : RESPONSE_HEAD("completed") "[" RESPONSE_TEXT "]}";
    if (!a->streams) {
        fill(out, whole, a);
        return;
    }
    event(out, "response.created", "{\"type\":\"response.created\",\"response\":" RESPONSE_HEAD("in_progress") "[]}}",
          a);
    event(out, "response.output_item.added",
          a->call ? "{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":" RESPONSE_CALL "}"
                  : "{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{\"type\":\"message\","
                    "\"id\":\"msg_sysprompt_%n\",\"role\":\"assistant\",\"status\":\"in_progress\",\"content\":[]}}",
          a);
    if (!a->call)
        event(out, "response.output_text.delta",
              "{\"type\":\"response.output_text.delta\",\"item_id\":\"msg_sysprompt_%n\",\"output_index\":0,"
              "\"content_index\":0,\"delta\":%t}",
              a);
    event(out, "response.output_item.done",
          a->call ? "{\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":" RESPONSE_CALL "}"
                  : "{\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":" RESPONSE_TEXT "}",
          a);
    add(out, "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":");
    fill(out, whole, a);
    add(out, "}\n\n");
}

#define CHAT_CALL                                                                                                      \
    "[{\"index\":0,\"id\":\"call_sysprompt_%n\",\"type\":\"function\",\"function\":{\"name\":%c,\"arguments\":%q}}]"
#define CHAT_HEAD(object)                                                                                              \
    "{\"id\":\"chat_sysprompt_%n\",\"object\":\"" object "\",\"created\":1,\"model\":%m,\"choices\":"
#define CHAT_USAGE ",\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}}"

static void reply_chat(const asked *a, sp_buf *out)
{
    if (!a->streams) {
        fill(out,
             a->call
                 ? CHAT_HEAD("chat.completion") "[{\"index\":0,\"finish_reason\":\"tool_calls\",\"message\":{\"role\":"
                                                "\"assistant\",\"content\":null,\"tool_calls\":" CHAT_CALL
                                                "}}]" CHAT_USAGE
                 : CHAT_HEAD("chat.completion") "[{\"index\":0,\"finish_reason\":\"stop\",\"message\":{\"role\":"
                                                "\"assistant\",\"content\":%t}}]" CHAT_USAGE,
             a);
        return;
    }
    event(out, NULL,
          a->call ? CHAT_HEAD("chat.completion.chunk") "[{\"index\":0,\"finish_reason\":null,\"delta\":{\"role\":"
                                                       "\"assistant\",\"tool_calls\":" CHAT_CALL "}}]}"
                  : CHAT_HEAD("chat.completion.chunk") "[{\"index\":0,\"finish_reason\":null,\"delta\":{\"role\":"
                                                       "\"assistant\",\"content\":%t}}]}",
          a);
    event(out, NULL,
          a->call
              ? CHAT_HEAD(
                    "chat.completion.chunk") "[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]" CHAT_USAGE
              : CHAT_HEAD("chat.completion.chunk") "[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]" CHAT_USAGE,
          a);
    add(out, "data: [DONE]\n\n");
}

static void reply_gemini(const asked *a, sp_buf *out)
{
    const char *pattern =
        a->call ? "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"functionCall\":{\"name\":"
                  "%c,\"args\":%a}}]},\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":"
                  "{\"promptTokenCount\":1,\"candidatesTokenCount\":1,\"totalTokenCount\":2},"
                  "\"modelVersion\":\"sysprompt\"}"
                : "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":%t}]},"
                  "\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":1,"
                  "\"candidatesTokenCount\":1,\"totalTokenCount\":2},\"modelVersion\":\"sysprompt\"}";
    if (a->streams)
        event(out, NULL, pattern, a);
    else
        fill(out, pattern, a);
}

static void reply_ollama(const asked *a, sp_buf *out)
{
    fill(out, "{\"model\":%m,\"message\":{\"role\":\"assistant\",\"content\":%t},\"done\":true}\n", a);
}

static void reply_count(const asked *a, sp_buf *out)
{
    fill(out, "{\"input_tokens\":1,\"totalTokens\":1,\"total_tokens\":1}", a);
}

static void reply_models(const asked *a, sp_buf *out)
{
    fill(out, "{\"object\":\"list\",\"data\":[],\"models\":[]}", a);
}

/* ---- endpoints -------------------------------------------------------------------------------------------- */

typedef enum streaming { STREAM_NEVER, STREAM_ALWAYS, STREAM_AS_ASKED } streaming;

typedef struct endpoint {
    const char *method;
    const char *path; /* its end */
    bool is_model;
    streaming streaming;
    reply_writer write;
} endpoint;

static const endpoint endpoints[] = {
    { "POST", "/messages", true, STREAM_AS_ASKED, reply_anthropic },
    { "POST", "/responses", true, STREAM_AS_ASKED, reply_responses },
    { "POST", "/chat/completions", true, STREAM_AS_ASKED, reply_chat },
    { "POST", ":generateContent", true, STREAM_NEVER, reply_gemini },
    { "POST", ":streamGenerateContent", true, STREAM_ALWAYS, reply_gemini },
    { "POST", "/api/chat", true, STREAM_NEVER, reply_ollama },
    { "POST", "/count_tokens", false, STREAM_NEVER, reply_count },
    { "POST", "/input_tokens", false, STREAM_NEVER, reply_count },
    { "POST", ":countTokens", false, STREAM_NEVER, reply_count },
    { "GET", "/models", false, STREAM_NEVER, reply_models },
    { "GET", "/api/tags", false, STREAM_NEVER, reply_models },
};

static const endpoint *find_endpoint(sp_str method, sp_str target)
{
    size_t query = sp_str_find(target, SP_STR("?"), 0);
    sp_str path = sp_str_slice(target, 0, query == SIZE_MAX ? target.len : query);
    for (size_t i = 0; i < SP_COUNT_OF(endpoints); i++)
        if (sp_str_eq(method, sp_str_of(endpoints[i].method)) && sp_str_ends(path, sp_str_of(endpoints[i].path)))
            return &endpoints[i];
    return NULL;
}

/* Where JSON is asked for, "ok" would be none. */
static bool wants_json(const sp_json_node *root)
{
    return has_text(sp_json_member(root, "generationConfig"), "responseMimeType", SP_STR("application/json"));
}

static sp_status read_body(sp_arena *arena, const endpoint *e, sp_str body, asked *ret, sp_err *err)
{
    sp_json_problem problem;
    sp_json_node *root;
    SP_TRY(sp_json_parse(arena, body, MAX_DEPTH, &root, &problem, err));
    *ret = (asked){ .root = root, .model = SP_STR("none"), .text = SP_STR("ok") };
    const sp_json_node *model = sp_json_member(root, "model");
    const sp_json_node *stream = sp_json_member(root, "stream");
    if (model && model->kind == SP_JSON_TEXT)
        ret->model = model->text;
    bool asks = stream && stream->kind == SP_JSON_BOOL && stream->is_true;
    ret->streams = e->streaming == STREAM_ALWAYS || (e->streaming == STREAM_AS_ASKED && asks);
    ret->number = root ? count_all_results(root) : 0;
    if (wants_json(root))
        ret->text = SP_STR("{}");
    return SP_OK;
}

static sp_status answer(const sp_script *script, const endpoint *e, sp_str body, sp_reply *ret, sp_err *err)
{
    sp_arena scratch = { 0 };
    asked a;
    sp_status status = read_body(&scratch, e, body, &a, err);
    if (status == SP_OK) {
        ret->is_model = e->is_model;
        ret->kind = e->is_model ? kind_of(script, body, &a) : SP_REQUEST_OTHER;
        choose_call(script, &a, ret);
        ret->is_last = !a.call;
        ret->type = a.streams ? "text/event-stream" : "application/json";
        e->write(&a, &ret->body);
    }
    sp_arena_release(&scratch);
    return status;
}

sp_status sp_reply_make(const sp_script *script, sp_str method, sp_str target, sp_str body, sp_reply *ret, sp_err *err)
{
    const endpoint *e = find_endpoint(method, target);
    *ret = (sp_reply){ .status = 200, .type = "application/json" };
    if (e)
        SP_TRY(answer(script, e, body, ret, err));
    else if (sp_str_eq(method, SP_STR("GET")))
        add(&ret->body, "{}");
    else if (!sp_str_eq(method, SP_STR("HEAD"))) {
        ret->status = 404;
        add(&ret->body, "{\"error\":{\"type\":\"not_found_error\",\"message\":\"sysprompt does not answer this\"}}");
    }
    if (!ret->body.failed)
        return SP_OK;
    sp_buf_release(&ret->body);
    return sp_err_memory(err);
}
