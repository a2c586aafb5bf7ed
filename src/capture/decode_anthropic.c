/* decode_anthropic.c - the Messages API. */
#include "base/parse_json.h"
#include "base/types.h"
#include "capture/decoder.h"
#include "capture/requests.h"
#include "model/prompt.h"

static const char body_fields[] =
    "model messages system max_tokens metadata stop_sequences stream temperature thinking tool_choice tools top_k "
    "top_p "
    "service_tier container context_management mcp_servers betas anthropic_version anthropic_beta output_config "
    "output_format speed inference_geo cache_control";

typedef struct block_type {
    const char *type;
    sp_part_kind kind;
    const char *text;   /* the member that holds the text; NULL: none */
    const char *fields; /* those that are known */
} block_type;

static const block_type block_types[] = {
    { "text", SP_PART_TEXT, "text", "type text cache_control citations" },
    { "tool_use", SP_PART_CALL, "input", "type id name input cache_control caller" },
    { "server_tool_use", SP_PART_CALL, "input", "type id name input cache_control caller" },
    { "tool_result", SP_PART_RESULT, "content", "type tool_use_id content is_error cache_control" },
    { "thinking", SP_PART_TEXT, "thinking", "type thinking signature" },
    { "redacted_thinking", SP_PART_MEDIA, NULL, "type data" },
    { "image", SP_PART_MEDIA, NULL, "type source cache_control" },
    { "document", SP_PART_MEDIA, NULL, "type source title context citations cache_control" },
};

static sp_status read_content(sp_decoder *decoder, sp_part_kind kind, sp_str place, const sp_json_node *content,
                              sp_err *err);

static sp_status read_block_of(sp_decoder *decoder, const block_type *type, sp_part_kind outer, sp_str place,
                               const sp_json_node *block, sp_err *err)
{
    sp_part_kind kind = type->kind == SP_PART_TEXT ? outer : type->kind;
    const sp_json_node *text = type->text ? sp_json_member(block, type->text) : NULL;
    SP_TRY(sp_decode_members(decoder, place, block, type->fields, err));
    if (kind == SP_PART_MEDIA)
        return sp_decode_part(decoder, kind, place, block, (sp_str){ NULL, 0 }, err);
    if (!text)
        return SP_OK;
    if (type->kind == SP_PART_RESULT)
        return read_content(decoder, kind, sp_place_member(decoder, place, SP_STR("content")), text, err);
    if (type->kind == SP_PART_TEXT && text->kind != SP_JSON_TEXT)
        return sp_decode_refuse(decoder, sp_place_member(decoder, place, text->key), text, "a string", err);
    return sp_decode_part(decoder, kind, place, text, text->text, err);
}

static sp_status read_block(sp_decoder *decoder, sp_part_kind outer, sp_str place, const sp_json_node *block,
                            sp_err *err)
{
    if (block->kind != SP_JSON_OBJECT)
        return sp_decode_refuse(decoder, place, block, "an object", err);
    sp_str type = sp_member_text(block, "type");
    for (size_t i = 0; i < SP_COUNT_OF(block_types); i++)
        if (sp_str_eq(type, sp_str_of(block_types[i].type)))
            return read_block_of(decoder, &block_types[i], outer, place, block, err);
    return sp_decode_unknown(decoder, place, block, err);
}

/* A string, or a list of blocks. */
static sp_status read_content(sp_decoder *decoder, sp_part_kind kind, sp_str place, const sp_json_node *content,
                              sp_err *err)
{
    size_t index = 0;
    if (content->kind == SP_JSON_TEXT)
        return sp_decode_part(decoder, kind, place, content, content->text, err);
    if (content->kind == SP_JSON_NULL)
        return SP_OK;
    if (content->kind != SP_JSON_ARRAY)
        return sp_decode_refuse(decoder, place, content, "a string or a list of blocks", err);
    for (const sp_json_node *block = content->first; block; block = block->next) {
        sp_str at = sp_place_item(decoder, place, index++);
        if (!at.ptr)
            return sp_err_memory(err);
        SP_TRY(read_block(decoder, kind, at, block, err));
    }
    return SP_OK;
}

static sp_role role_named(sp_str name)
{
    if (sp_str_eq(name, SP_STR("assistant")))
        return SP_ROLE_ASSISTANT;
    return sp_str_eq(name, SP_STR("system")) ? SP_ROLE_SYSTEM : SP_ROLE_USER;
}

static sp_status read_message(sp_decoder *decoder, sp_str place, const sp_json_node *message, sp_err *err)
{
    const sp_json_node *content = sp_json_member(message, "content");
    if (message->kind != SP_JSON_OBJECT)
        return sp_decode_refuse(decoder, place, message, "an object", err);
    decoder->role = role_named(sp_member_text(message, "role"));
    decoder->message = (uint32_t)decoder->message_count++;
    SP_TRY(sp_decode_members(decoder, place, message, "role content output_config", err));
    if (!content)
        return SP_OK;
    return read_content(decoder, SP_PART_TEXT, sp_place_member(decoder, place, SP_STR("content")), content, err);
}

static sp_status read_tool(sp_decoder *decoder, sp_str place, const sp_json_node *tool, sp_err *err)
{
    static const char fields[] =
        "name description input_schema type cache_control strict defer_loading allowed_callers input_examples "
        "eager_input_streaming max_uses allowed_domains blocked_domains user_location display_width_px "
        "display_height_px display_number";
    if (tool->kind != SP_JSON_OBJECT)
        return sp_decode_refuse(decoder, place, tool, "an object", err);
    SP_TRY(sp_decode_members(decoder, place, tool, fields, err));
    return sp_decode_tool(decoder, place, tool, sp_member_text(tool, "name"), sp_json_member(tool, "description"),
                          sp_json_member(tool, "input_schema"), err);
}

sp_status sp_decode_anthropic(sp_decoder *decoder, const sp_json_node *body, sp_err *err)
{
    const sp_json_node *system = sp_json_member(body, "system");
    const sp_json_node *messages = sp_json_member(body, "messages");
    const sp_json_node *tools = sp_json_member(body, "tools");
    SP_TRY(sp_decode_members(decoder, (sp_str){ NULL, 0 }, body, body_fields, err));
    decoder->role = SP_ROLE_SYSTEM;
    if (system)
        SP_TRY(read_content(decoder, SP_PART_TEXT, SP_STR("system"), system, err));
    if (messages)
        SP_TRY(sp_decode_list(decoder, SP_STR("messages"), messages, read_message, err));
    return tools ? sp_decode_list(decoder, SP_STR("tools"), tools, read_tool, err) : SP_OK;
}
