/* decode_openai.c - Responses, Chat Completions, and lists of items of Responses by themselves. */
#include "base/parse_json.h"
#include "base/types.h"
#include "capture/decoder.h"
#include "capture/requests.h"
#include "model/prompt.h"

static sp_role role_named(sp_str name)
{
    if (sp_str_eq(name, SP_STR("assistant")))
        return SP_ROLE_ASSISTANT;
    bool is_system = sp_str_eq(name, SP_STR("system")) || sp_str_eq(name, SP_STR("developer"));
    return is_system ? SP_ROLE_SYSTEM : SP_ROLE_USER;
}

static void begin_message(sp_decoder *decoder, sp_role role)
{
    decoder->role = role;
    decoder->message = (uint32_t)decoder->message_count++;
}

/* ---- content ----------------------------------------------------------------------------------------- */

static bool is_one_of(sp_str type, const char *const *names)
{
    for (; *names; names++)
        if (sp_str_eq(type, sp_str_of(*names)))
            return true;
    return false;
}

static sp_status read_part(sp_decoder *decoder, sp_part_kind kind, sp_str place, const sp_json_node *part, sp_err *err)
{
    static const char *const texts[] = { "input_text",     "output_text",       "text", "summary_text",
                                         "reasoning_text", "encrypted_content", NULL };
    static const char *const media[] = { "input_image", "input_file", "input_audio", "image_url", "file", NULL };
    sp_str type = sp_member_text(part, "type");
    bool is_sealed = type.ptr && sp_str_eq(type, SP_STR("encrypted_content")); /* to an agent: by name only */
    const char *member = is_sealed ? "encrypted_content" : "text";
    const sp_json_node *text = sp_json_member(part, member);
    if (part->kind == SP_JSON_TEXT)
        return sp_decode_part(decoder, kind, place, part, part->text, err);
    if (part->kind != SP_JSON_OBJECT)
        return sp_decode_refuse(decoder, place, part, "an object", err);
    if (is_one_of(type, media))
        return sp_decode_part(decoder, SP_PART_MEDIA, place, part, (sp_str){ NULL, 0 }, err);
    if (!is_one_of(type, texts) || !text)
        return sp_decode_unknown(decoder, place, part, err);
    SP_TRY(sp_decode_members(decoder, place, part,
                             is_sealed ? "type encrypted_content"
                                       : "type text annotations logprobs cache_control copilot_cache_control",
                             err));
    if (text->kind != SP_JSON_TEXT)
        return sp_decode_refuse(decoder, sp_place_member(decoder, place, sp_str_of(member)), text, "a string", err);
    return sp_decode_part(decoder, kind, place, text, text->text, err);
}

static sp_status read_content(sp_decoder *decoder, sp_part_kind kind, sp_str place, const sp_json_node *content,
                              sp_err *err)
{
    size_t index = 0;
    if (!content || content->kind == SP_JSON_NULL)
        return SP_OK;
    if (content->kind == SP_JSON_TEXT)
        return sp_decode_part(decoder, kind, place, content, content->text, err);
    if (content->kind != SP_JSON_ARRAY)
        return sp_decode_refuse(decoder, place, content, "a string or a list", err);
    for (const sp_json_node *part = content->first; part; part = part->next) {
        sp_str at = sp_place_item(decoder, place, index++);
        if (!at.ptr)
            return sp_err_memory(err);
        SP_TRY(read_part(decoder, kind, at, part, err));
    }
    return SP_OK;
}

/* ---- Responses ----------------------------------------------------------------------------------------- */

typedef struct item_type {
    const char *type;
    sp_part_kind kind;
    const char *content; /* the member that holds it; NULL: none that is read */
    const char *fields;
} item_type;

static const item_type item_types[] = {
    { "message", SP_PART_TEXT, "content",
      "type role content id status phase internal_chat_message_metadata_passthrough" },
    { "agent_message", SP_PART_TEXT, "content", "type id author recipient content" },
    { "function_call", SP_PART_CALL, "arguments", "type id call_id name namespace arguments status" },
    { "function_call_output", SP_PART_RESULT, "output", "type id call_id output status" },
    { "custom_tool_call", SP_PART_CALL, "input", "type id call_id name namespace input status" },
    { "custom_tool_call_output", SP_PART_RESULT, "output", "type id call_id output status" },
    { "reasoning", SP_PART_TEXT, "summary", "type id summary content encrypted_content status" },
};

static sp_status read_tool(sp_decoder *decoder, sp_str place, const sp_json_node *tool, sp_err *err);

static sp_status read_item(sp_decoder *decoder, sp_str place, const sp_json_node *item, sp_err *err)
{
    const sp_json_node *tools = sp_json_member(item, "tools");
    if (item->kind != SP_JSON_OBJECT)
        return sp_decode_refuse(decoder, place, item, "an object", err);
    sp_str type = sp_member_text(item, "type");
    type = type.ptr ? type : SP_STR("message");
    begin_message(decoder, role_named(sp_member_text(item, "role")));
    for (size_t i = 0; i < SP_COUNT_OF(item_types); i++) {
        const item_type *known = &item_types[i];
        if (!sp_str_eq(type, sp_str_of(known->type)))
            continue;
        SP_TRY(sp_decode_members(decoder, place, item, known->fields, err));
        return read_content(decoder, known->kind, sp_place_member(decoder, place, sp_str_of(known->content)),
                            sp_json_member(item, known->content), err);
    }
    if (tools && tools->kind == SP_JSON_ARRAY)
        return sp_decode_list(decoder, sp_place_member(decoder, place, SP_STR("tools")), tools, read_tool, err);
    return sp_decode_unknown(decoder, place, item, err);
}

/* {"type": "function", "name": ...}, or the same in a namespace, or {"type": "web_search", ...}. */
static sp_status read_tool(sp_decoder *decoder, sp_str place, const sp_json_node *tool, sp_err *err)
{
    static const char *const described[] = { "function", "custom", NULL };
    const sp_json_node *inner = sp_json_member(tool, "tools");
    if (tool->kind != SP_JSON_OBJECT)
        return sp_decode_refuse(decoder, place, tool, "an object", err);
    sp_str type = sp_member_text(tool, "type");
    sp_str name = sp_member_text(tool, "name");
    const sp_json_node *schema = sp_json_member(tool, "parameters");
    if (inner && inner->kind == SP_JSON_ARRAY)
        return sp_decode_list(decoder, sp_place_member(decoder, place, SP_STR("tools")), inner, read_tool, err);
    if (is_one_of(type, described))
        SP_TRY(sp_decode_members(decoder, place, tool,
                                 "type name description parameters strict format defer_loading output_schema", err));
    return sp_decode_tool(decoder, place, tool, name.ptr ? name : type, sp_json_member(tool, "description"),
                          schema ? schema : sp_json_member(tool, "format"), err);
}

sp_status sp_decode_items(sp_decoder *decoder, const sp_json_node *body, sp_err *err)
{
    return sp_decode_list(decoder, (sp_str){ NULL, 0 }, body, read_item, err);
}

sp_status sp_decode_responses(sp_decoder *decoder, const sp_json_node *body, sp_err *err)
{
    static const char fields[] =
        "model input instructions tools tool_choice parallel_tool_calls reasoning store stream stream_options include "
        "prompt_cache_key prompt_cache_retention text temperature top_p max_output_tokens metadata "
        "previous_response_id service_tier truncation user safety_identifier background conversation max_tool_calls "
        "prompt top_logprobs client_metadata context_management";
    const sp_json_node *input = sp_json_member(body, "input");
    const sp_json_node *tools = sp_json_member(body, "tools");
    SP_TRY(sp_decode_members(decoder, (sp_str){ NULL, 0 }, body, fields, err));
    decoder->role = SP_ROLE_SYSTEM;
    SP_TRY(read_content(decoder, SP_PART_TEXT, SP_STR("instructions"), sp_json_member(body, "instructions"), err));
    if (input && input->kind == SP_JSON_TEXT) {
        begin_message(decoder, SP_ROLE_USER);
        SP_TRY(sp_decode_part(decoder, SP_PART_TEXT, SP_STR("input"), input, input->text, err));
    } else if (input) {
        SP_TRY(sp_decode_list(decoder, SP_STR("input"), input, read_item, err));
    }
    return tools && tools->kind != SP_JSON_NULL ? sp_decode_list(decoder, SP_STR("tools"), tools, read_tool, err)
                                                : SP_OK;
}

/* ---- Chat Completions ------------------------------------------------------------------------------------ */

static sp_status read_call(sp_decoder *decoder, sp_str place, const sp_json_node *call, sp_err *err)
{
    const sp_json_node *function = sp_json_member(call, "function");
    const sp_json_node *arguments = sp_json_member(function ? function : call, "arguments");
    if (!arguments)
        return sp_decode_unknown(decoder, place, call, err);
    return sp_decode_part(decoder, SP_PART_CALL, place, arguments, arguments->text, err);
}

static sp_status read_message(sp_decoder *decoder, sp_str place, const sp_json_node *message, sp_err *err)
{
    const sp_json_node *calls = sp_json_member(message, "tool_calls");
    if (message->kind != SP_JSON_OBJECT)
        return sp_decode_refuse(decoder, place, message, "an object", err);
    sp_str role = sp_member_text(message, "role");
    bool is_result = sp_str_eq(role, SP_STR("tool")) || sp_str_eq(role, SP_STR("function"));
    begin_message(decoder, role_named(role));
    SP_TRY(sp_decode_members(decoder, place, message,
                             "role content name tool_calls tool_call_id refusal reasoning_content reasoning "
                             "cache_control copilot_cache_control",
                             err));
    SP_TRY(read_content(decoder, is_result ? SP_PART_RESULT : SP_PART_TEXT,
                        sp_place_member(decoder, place, SP_STR("content")), sp_json_member(message, "content"), err));
    if (!calls || calls->kind != SP_JSON_ARRAY)
        return SP_OK;
    return sp_decode_list(decoder, sp_place_member(decoder, place, SP_STR("tool_calls")), calls, read_call, err);
}

static sp_status read_chat_tool(sp_decoder *decoder, sp_str place, const sp_json_node *tool, sp_err *err)
{
    const sp_json_node *function = sp_json_member(tool, "function");
    if (tool->kind != SP_JSON_OBJECT)
        return sp_decode_refuse(decoder, place, tool, "an object", err);
    if (!function)
        return read_tool(decoder, place, tool, err);
    SP_TRY(sp_decode_members(decoder, place, tool, "type function cache_control copilot_cache_control", err));
    SP_TRY(sp_decode_members(decoder, sp_place_member(decoder, place, SP_STR("function")), function,
                             "name description parameters strict", err));
    return sp_decode_tool(decoder, place, tool, sp_member_text(function, "name"),
                          sp_json_member(function, "description"), sp_json_member(function, "parameters"), err);
}

sp_status sp_decode_chat(sp_decoder *decoder, const sp_json_node *body, sp_err *err)
{
    static const char fields[] =
        "model messages tools tool_choice functions function_call stream stream_options temperature top_p n max_tokens "
        "max_completion_tokens presence_penalty frequency_penalty logit_bias logprobs top_logprobs user seed stop "
        "response_format parallel_tool_calls reasoning_effort reasoning store metadata service_tier prompt_cache_key "
        "safety_identifier verbosity modalities prediction snippy thinking_budget";
    const sp_json_node *messages = sp_json_member(body, "messages");
    const sp_json_node *tools = sp_json_member(body, "tools");
    SP_TRY(sp_decode_members(decoder, (sp_str){ NULL, 0 }, body, fields, err));
    if (messages)
        SP_TRY(sp_decode_list(decoder, SP_STR("messages"), messages, read_message, err));
    return tools && tools->kind != SP_JSON_NULL ? sp_decode_list(decoder, SP_STR("tools"), tools, read_chat_tool, err)
                                                : SP_OK;
}
