/* decode_gemini.c - Gemini's generateContent. */
#include "base/parse_json.h"
#include "base/types.h"
#include "capture/decoder.h"
#include "capture/requests.h"
#include "model/prompt.h"

/* A member by either of its spellings. */
static const sp_json_node *member(const sp_json_node *object, const char *camel, const char *snake)
{
    const sp_json_node *found = sp_json_member(object, camel);
    return found ? found : sp_json_member(object, snake);
}

/* Every string of a value, for results of functions, which are objects. */
static sp_status read_strings(sp_decoder *decoder, sp_str place, const sp_json_node *node, sp_err *err)
{
    size_t index = 0;
    if (node->kind == SP_JSON_TEXT)
        return sp_decode_part(decoder, SP_PART_RESULT, place, node, node->text, err);
    for (const sp_json_node *child = node->first; child; child = child->next, index++) {
        sp_str at = child->key.ptr ? sp_place_member(decoder, place, child->key) : sp_place_item(decoder, place, index);
        if (!at.ptr)
            return sp_err_memory(err);
        SP_TRY(read_strings(decoder, at, child, err));
    }
    return SP_OK;
}

static sp_status read_part(sp_decoder *decoder, sp_str place, const sp_json_node *part, sp_err *err)
{
    if (part->kind == SP_JSON_TEXT)
        return sp_decode_part(decoder, SP_PART_TEXT, place, part, part->text, err);
    if (part->kind != SP_JSON_OBJECT)
        return sp_decode_refuse(decoder, place, part, "an object", err);
    const sp_json_node *text = sp_json_member(part, "text");
    const sp_json_node *call = member(part, "functionCall", "function_call");
    const sp_json_node *result = member(part, "functionResponse", "function_response");
    const sp_json_node *media = member(part, "inlineData", "inline_data");
    media = media ? media : member(part, "fileData", "file_data");
    SP_TRY(sp_decode_members(decoder, place, part,
                             "text thought thoughtSignature thought_signature functionCall function_call "
                             "functionResponse function_response inlineData inline_data fileData file_data",
                             err));
    if (text && text->kind != SP_JSON_TEXT)
        return sp_decode_refuse(decoder, sp_place_member(decoder, place, SP_STR("text")), text, "a string", err);
    if (text)
        return sp_decode_part(decoder, SP_PART_TEXT, place, text, text->text, err);
    if (call)
        return sp_decode_part(decoder, SP_PART_CALL, place, call, call->text, err);
    if (result)
        return read_strings(decoder, sp_place_member(decoder, place, result->key), result, err);
    return media ? sp_decode_part(decoder, SP_PART_MEDIA, place, part, (sp_str){ NULL, 0 }, err) : SP_OK;
}

static sp_status read_parts(sp_decoder *decoder, sp_str place, const sp_json_node *content, sp_err *err)
{
    const sp_json_node *parts = sp_json_member(content, "parts");
    if (content->kind == SP_JSON_TEXT)
        return sp_decode_part(decoder, SP_PART_TEXT, place, content, content->text, err);
    if (content->kind != SP_JSON_OBJECT)
        return sp_decode_refuse(decoder, place, content, "an object", err);
    SP_TRY(sp_decode_members(decoder, place, content, "role parts", err));
    if (!parts)
        return SP_OK;
    sp_str at = sp_place_member(decoder, place, SP_STR("parts"));
    if (!at.ptr)
        return sp_err_memory(err);
    return parts->kind == SP_JSON_OBJECT ? read_part(decoder, at, parts, err)
                                         : sp_decode_list(decoder, at, parts, read_part, err);
}

static sp_status read_content(sp_decoder *decoder, sp_str place, const sp_json_node *content, sp_err *err)
{
    decoder->role = sp_str_eq(sp_member_text(content, "role"), SP_STR("model")) ? SP_ROLE_ASSISTANT : SP_ROLE_USER;
    decoder->message = (uint32_t)decoder->message_count++;
    return read_parts(decoder, place, content, err);
}

static sp_status read_function(sp_decoder *decoder, sp_str place, const sp_json_node *function, sp_err *err)
{
    const sp_json_node *schema = member(function, "parametersJsonSchema", "parameters_json_schema");
    if (function->kind != SP_JSON_OBJECT)
        return sp_decode_refuse(decoder, place, function, "an object", err);
    SP_TRY(sp_decode_members(decoder, place, function,
                             "name description parameters parametersJsonSchema parameters_json_schema response "
                             "responseJsonSchema behavior",
                             err));
    return sp_decode_tool(decoder, place, function, sp_member_text(function, "name"),
                          sp_json_member(function, "description"),
                          schema ? schema : sp_json_member(function, "parameters"), err);
}

/* {"functionDeclarations": [...]}, or a tool of the provider's own such as {"googleSearch": {}}. */
static sp_status read_tool(sp_decoder *decoder, sp_str place, const sp_json_node *tool, sp_err *err)
{
    const sp_json_node *functions = member(tool, "functionDeclarations", "function_declarations");
    if (tool->kind != SP_JSON_OBJECT)
        return sp_decode_refuse(decoder, place, tool, "an object", err);
    for (const sp_json_node *own = tool->first; own; own = own->next)
        if (own != functions)
            SP_TRY(sp_decode_tool(decoder, sp_place_member(decoder, place, own->key), own, own->key, NULL, NULL, err));
    if (!functions)
        return SP_OK;
    return sp_decode_list(decoder, sp_place_member(decoder, place, functions->key), functions, read_function, err);
}

sp_status sp_decode_gemini(sp_decoder *decoder, const sp_json_node *body, sp_err *err)
{
    static const char fields[] =
        "contents systemInstruction system_instruction tools toolConfig tool_config generationConfig "
        "generation_config safetySettings safety_settings cachedContent cached_content model labels session_id";
    const sp_json_node *system = member(body, "systemInstruction", "system_instruction");
    const sp_json_node *contents = sp_json_member(body, "contents");
    const sp_json_node *tools = sp_json_member(body, "tools");
    SP_TRY(sp_decode_members(decoder, (sp_str){ NULL, 0 }, body, fields, err));
    decoder->role = SP_ROLE_SYSTEM;
    if (system)
        SP_TRY(read_parts(decoder, system->key, system, err));
    if (contents && contents->kind == SP_JSON_OBJECT)
        SP_TRY(read_content(decoder, SP_STR("contents"), contents, err));
    else if (contents)
        SP_TRY(sp_decode_list(decoder, SP_STR("contents"), contents, read_content, err));
    return tools ? sp_decode_list(decoder, SP_STR("tools"), tools, read_tool, err) : SP_OK;
}
