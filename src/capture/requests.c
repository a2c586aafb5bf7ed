/* requests.c - which protocol a body speaks, and its decoder. */
#include "capture/requests.h"

#include "base/base.h"
#include "base/parse_json.h"
#include "base/types.h"
#include "capture/decoder.h"
#include "capture/exchange.h"
#include "model/prompt.h"
#include "tokenizer/tokens.h"

static const struct {
    const char *name;
    sp_status (*decode)(sp_decoder *decoder, const sp_json_node *body, sp_err *err);
} protocols[] = {
    [SP_PROTOCOL_ANTHROPIC] = { "anthropic-messages", sp_decode_anthropic },
    [SP_PROTOCOL_RESPONSES] = { "openai-responses", sp_decode_responses },
    [SP_PROTOCOL_CHAT] = { "openai-chat", sp_decode_chat },
    [SP_PROTOCOL_GEMINI] = { "gemini-generate", sp_decode_gemini },
    [SP_PROTOCOL_SAVED] = { "saved", sp_decode_saved },
    [SP_PROTOCOL_ITEMS] = { "openai-items", sp_decode_items },
};

sp_str sp_protocol_name(sp_protocol protocol)
{
    return sp_str_of(protocols[protocol].name);
}

/* ---- which protocol ------------------------------------------------------------------------------------ */

static bool holds(sp_str target, const char *part)
{
    return target.ptr && sp_str_find(target, sp_str_of(part), 0) != SIZE_MAX;
}

/* Targets that take a body of the same shape and start no conversation. */
static bool is_count(sp_str target)
{
    return holds(target, "count_tokens") || holds(target, ":countTokens") || holds(target, "input_tokens");
}

static bool has_tool_with(const sp_json_node *tools, const char *member)
{
    for (const sp_json_node *tool = tools ? tools->first : NULL; tool; tool = tool->next)
        if (sp_json_member(tool, member))
            return true;
    return false;
}

/* Both have model and messages. */
static sp_protocol tell_chat(const sp_json_node *body)
{
    static const char *const anthropic[] = {
        "system", "thinking", "stop_sequences", "context_management", "anthropic_version", "anthropic_beta"
    };
    static const char *const chat[] = { "max_completion_tokens", "n",    "stream_options", "frequency_penalty",
                                        "response_format",       "stop", "functions",      "reasoning_effort" };
    const sp_json_node *tools = sp_json_member(body, "tools");
    sp_str model = sp_member_text(body, "model");
    for (size_t i = 0; i < SP_COUNT_OF(anthropic); i++)
        if (sp_json_member(body, anthropic[i]))
            return SP_PROTOCOL_ANTHROPIC;
    for (size_t i = 0; i < SP_COUNT_OF(chat); i++)
        if (sp_json_member(body, chat[i]))
            return SP_PROTOCOL_CHAT;
    if (has_tool_with(tools, "input_schema"))
        return SP_PROTOCOL_ANTHROPIC;
    if (has_tool_with(tools, "function"))
        return SP_PROTOCOL_CHAT;
    return model.ptr && sp_str_find(model, SP_STR("claude"), 0) != SIZE_MAX ? SP_PROTOCOL_ANTHROPIC : SP_PROTOCOL_CHAT;
}

/* A list whose first object is an item of Responses: a message, tools in the role of the developer, or another one that
 * only Responses has. */
static bool is_items(const sp_json_node *list)
{
    const sp_json_node *first = list->first;
    if (!first || first->kind != SP_JSON_OBJECT)
        return false;
    sp_str type = sp_member_text(first, "type");
    bool is_message = (!type.ptr || sp_str_eq(type, SP_STR("message"))) && sp_json_member(first, "role") &&
                      sp_json_member(first, "content");
    bool is_tools = sp_member_text(first, "role").ptr && sp_member_is(first, "tools", SP_JSON_ARRAY);
    return is_message || is_tools ||
           (type.ptr && (sp_json_member(first, "call_id") || sp_str_eq(type, SP_STR("reasoning"))));
}

bool sp_protocol_of(const sp_json_node *body, sp_str target, sp_protocol *ret)
{
    if (body->kind == SP_JSON_ARRAY) {
        *ret = SP_PROTOCOL_ITEMS;
        return is_items(body);
    }
    if (body->kind != SP_JSON_OBJECT || is_count(target))
        return false;
    sp_str schema = sp_member_text(body, "schema");
    /* A saved result of build has messages, too. What was sent to a target is the client's, whatever it says. */
    if (target.len == 0 && sp_str_starts(schema, SP_STR("sysprompt."))) {
        *ret = SP_PROTOCOL_SAVED;
        return sp_str_eq(schema, SP_STR("sysprompt.capture/1")) && sp_json_member(body, "parts");
    }
    if (sp_member_is(body, "contents", SP_JSON_ARRAY) || sp_member_is(body, "contents", SP_JSON_OBJECT)) {
        *ret = SP_PROTOCOL_GEMINI;
        return true;
    }
    bool has_input = sp_member_is(body, "input", SP_JSON_ARRAY) || sp_member_is(body, "input", SP_JSON_TEXT);
    if (sp_json_member(body, "messages")) {
        *ret = holds(target, "/chat/completions") ? SP_PROTOCOL_CHAT
               : holds(target, "/messages")       ? SP_PROTOCOL_ANTHROPIC
                                                  : tell_chat(body);
        return true;
    }
    *ret = SP_PROTOCOL_RESPONSES;
    return has_input && !holds(target, "/embeddings") &&
           (sp_json_member(body, "model") || sp_json_member(body, "instructions"));
}

/* ---- one request ----------------------------------------------------------------------------------------- */

/* The target without its query, which may hold a key. */
static sp_str path_of(sp_str target)
{
    size_t query = target.ptr ? sp_str_find(target, SP_STR("?"), 0) : SIZE_MAX;
    return query == SIZE_MAX ? target : sp_str_slice(target, 0, query);
}

static bool is_true(const sp_json_node *body, const char *key)
{
    const sp_json_node *member = sp_json_member(body, key);
    return member && member->kind == SP_JSON_BOOL && member->is_true;
}

/* What a saved request says of itself. */
static sp_status read_saved(sp_decoder *decoder, const sp_json_node *body, sp_recorded *request, sp_err *err)
{
    sp_str encoding = sp_member_text(body, "encoding");
    sp_str protocol = sp_member_text(body, "protocol");
    for (size_t i = 0; i < SP_COUNT_OF(protocols) && protocol.ptr; i++)
        if (sp_str_eq(protocol, sp_str_of(protocols[i].name)))
            request->protocol = (sp_protocol)i;
    request->range = decoder->saved_range;
    request->sender = (sp_sender){ .client = sp_member_text(body, "client"),
                                   .version = sp_member_text(body, "version"),
                                   .profile = sp_member_text(body, "profile"),
                                   .ended = sp_member_text(body, "ended"),
                                   .agent = sp_member_text(body, "agent"),
                                   .as_session = is_true(body, "as_session"),
                                   .is_chosen = is_true(body, "chosen") };
    request->encoding = encoding.ptr ? sp_encoding_find(encoding) : NULL;
    return request->encoding ? SP_OK : sp_decode_refuse(decoder, SP_STR("encoding"), body, "a known encoding", err);
}

/* Gemini's model and whether it streams are in the target: "/v1beta/models/NAME:streamGenerateContent". Code Assist has
 * the model in an envelope: {"model": ..., "request": {"contents": ...}}. */
static void read_target(sp_recorded *request, sp_str envelope)
{
    sp_str target = request->target;
    size_t models = target.ptr ? sp_str_find(target, SP_STR("models/"), 0) : SIZE_MAX;
    size_t colon = models == SIZE_MAX ? SIZE_MAX : sp_str_find(target, SP_STR(":"), models);
    if (!request->model.ptr)
        request->model = envelope;
    if (!request->model.ptr && colon != SIZE_MAX)
        request->model = sp_str_slice(target, models + strlen("models/"), colon);
    request->streams = request->streams || holds(target, ":stream");
}

static sp_status decode_one(sp_decoder *decoder, sp_protocol protocol, const sp_json_node *body, sp_recorded *ret,
                            sp_err *err)
{
    SP_TRY(protocols[protocol].decode(decoder, body, err));
    *ret = (sp_recorded){
        .protocol = protocol,
        .exchange = decoder->number - 1,
        .target = path_of(decoder->exchange->target),
        .model = sp_member_text(body, "model"),
        .streams = is_true(body, "stream"),
        .parts = decoder->parts.items,
        .part_count = decoder->parts.count,
        .tools = decoder->tools.items,
        .tool_count = decoder->tools.count,
        .unknown = decoder->unknown.items,
        .unknown_count = decoder->unknown.count,
        .message_count = decoder->message_count,
        .body = decoder->exchange->body,
    };
    read_target(ret, decoder->exchange->model);
    return protocol == SP_PROTOCOL_SAVED ? read_saved(decoder, body, ret, err) : SP_OK;
}

static sp_status refuse_json(const sp_decoder *decoder, const sp_json_problem *problem, sp_err *err)
{
    const sp_exchange *exchange = decoder->exchange;
    sp_str document = exchange->document;
    bool is_inside = sp_str_is_part(exchange->body, document);
    size_t base = is_inside ? (size_t)(exchange->body.ptr - document.ptr) : 0;
    return sp_err_at(err, SP_ERR_INPUT, decoder->path, is_inside ? document : exchange->body, base + problem->offset,
                     "capture.format", "body %zu is not JSON: %s", decoder->number, problem->what);
}

static sp_status add(sp_decoder *decoder, sp_recording *ret, sp_err *err)
{
    sp_json_node *body = NULL;
    sp_json_problem problem;
    sp_protocol protocol;
    if (sp_str_trim(decoder->exchange->body).len == 0) {
        ret->other_count++;
        return SP_OK;
    }
    SP_TRY(sp_json_parse(decoder->arena, decoder->exchange->body, SP_RECORDED_MAX_DEPTH, &body, &problem, err));
    if (!body)
        return refuse_json(decoder, &problem, err);
    if (!sp_protocol_of(body, decoder->exchange->target, &protocol)) {
        ret->other_count++;
        return SP_OK;
    }
    SP_TRY(decode_one(decoder, protocol, body, &ret->items[ret->count], err));
    ret->count++;
    return SP_OK;
}

enum { MAX_ODD = 10 }; /* that are told one by one */

sp_status sp_requests_decode(sp_arena *arena, sp_str path, const sp_exchanges *exchanges, sp_recording *ret,
                             sp_err *err)
{
    sp_recording made = { .items = SP_ARENA_ARRAY(arena, sp_recorded, exchanges->count + 1) };
    sp_list(sp_odd_body) odd = { 0 };
    if (!made.items)
        return sp_err_memory(err);
    for (size_t i = 0; i < exchanges->count; i++) {
        sp_decoder decoder = {
            .arena = arena, .path = path, .exchange = &exchanges->items[i], .number = i + 1, .message = SP_NONE
        };
        sp_err problem;
        sp_status status = add(&decoder, &made, &problem);
        if (status == SP_OK)
            continue;
        made.more_odd += status == SP_ERR_INPUT && odd.count == MAX_ODD;
        if (status == SP_ERR_INPUT && odd.count == MAX_ODD)
            continue;
        sp_odd_body *slot = status == SP_ERR_INPUT ? SP_LIST_PUSH(arena, &odd) : NULL;
        if (!slot)
            return sp_err_memory(err);
        *slot = (sp_odd_body){ i, problem };
    }
    made.odd = odd.items;
    made.odd_count = odd.count;
    if (made.count == 0 && odd.count > 0) {
        *err = odd.items[0].err;
        return err->status;
    }
    if (made.count == 0)
        return sp_err_at(err, SP_ERR_INPUT, path, (sp_str){ NULL, 0 }, 0, "capture.format",
                         "no request to a model in %zu recorded; expected a body of the Messages, Responses, Chat "
                         "Completions or generateContent API",
                         exchanges->count);
    *ret = made;
    return SP_OK;
}

/* ---- without the bodies ----------------------------------------------------------------------------------- */

static sp_status copy_text(sp_arena *arena, sp_str *text, sp_err *err)
{
    if (!text->ptr)
        return SP_OK;
    *text = sp_str_dup(arena, *text);
    return text->ptr ? SP_OK : sp_err_memory(err);
}

/* A text that was decoded is a copy already. */
static sp_status keep_text(sp_arena *arena, const sp_exchange *from, sp_str *text, sp_err *err)
{
    bool is_borrowed = sp_str_is_part(*text, from->body) || sp_str_is_part(*text, from->document);
    return is_borrowed ? copy_text(arena, text, err) : SP_OK;
}

static sp_status keep_texts(sp_arena *arena, const sp_exchange *from, sp_str *const *texts, size_t count, sp_err *err)
{
    for (size_t i = 0; i < count; i++)
        SP_TRY(keep_text(arena, from, texts[i], err));
    return SP_OK;
}

static sp_status keep_request(sp_arena *arena, const sp_exchange *from, sp_recorded *request, sp_err *err)
{
    sp_sender *sender = &request->sender;
    sp_str *const own[] = { &sender->client, &sender->version, &sender->profile, &sender->ended, &sender->agent };
    SP_TRY(copy_text(arena, &request->target, err)); /* these two may be an envelope's */
    SP_TRY(copy_text(arena, &request->model, err));
    SP_TRY(keep_texts(arena, from, own, SP_COUNT_OF(own), err));
    for (size_t i = 0; i < request->part_count; i++) {
        sp_recorded_part *part = &request->parts[i];
        sp_str *const texts[] = { &part->text, &part->place, &part->saved.text, &part->subject };
        SP_TRY(keep_texts(arena, from, texts, SP_COUNT_OF(texts), err));
    }
    for (size_t i = 0; i < request->tool_count; i++) {
        sp_recorded_tool *tool = &request->tools[i];
        sp_str *const texts[] = { &tool->name,   &tool->server, &tool->description, &tool->text,
                                  &tool->schema, &tool->place,  &tool->saved.text };
        SP_TRY(keep_texts(arena, from, texts, SP_COUNT_OF(texts), err));
    }
    for (size_t i = 0; i < request->unknown_count; i++)
        SP_TRY(keep_text(arena, from, &request->unknown[i].place, err));
    request->body = (sp_str){ NULL, 0 };
    return SP_OK;
}

sp_status sp_requests_keep(sp_arena *arena, const sp_exchanges *exchanges, sp_recording *recording, sp_err *err)
{
    for (size_t i = 0; i < recording->count; i++)
        SP_TRY(keep_request(arena, &exchanges->items[recording->items[i].exchange], &recording->items[i], err));
    return SP_OK;
}

/* ---- which one ------------------------------------------------------------------------------------------- */

static bool is_same_agent(sp_str a, sp_str b)
{
    return a.ptr && b.ptr && sp_str_eq(a, b);
}

size_t sp_requests_choose(const sp_recording *recording, size_t number, sp_str agent)
{
    const sp_recorded *items = recording->items;
    size_t chosen = SIZE_MAX, most = 0;
    if (number > 0)
        return number - 1;
    for (size_t i = 0; i < recording->count; i++) {
        if (items[i].sender.is_chosen && (chosen == SIZE_MAX || is_same_agent(items[i].sender.agent, agent)))
            chosen = i;
        if (items[i].tool_count > items[most].tool_count)
            most = i;
    }
    return chosen == SIZE_MAX ? most : chosen;
}
