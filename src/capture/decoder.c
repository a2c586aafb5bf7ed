/* decoder.c - parts, tools, unknown fields and their places, for every protocol. */
#include "capture/decoder.h"
#include "base/base.h"
#include "base/parse_json.h"
#include "base/types.h"
#include "capture/requests.h"

sp_str sp_place_member(sp_decoder *decoder, sp_str place, sp_str key)
{
    return sp_str_format(decoder->arena, "%.*s%s%.*s", SP_STR_ARG(place), place.len ? "." : "", SP_STR_ARG(key));
}

sp_str sp_place_item(sp_decoder *decoder, sp_str place, size_t index)
{
    return sp_str_format(decoder->arena, "%.*s[%zu]", SP_STR_ARG(place), index);
}

sp_status sp_decode_part(sp_decoder *decoder, sp_part_kind kind, sp_str place, const sp_json_node *node, sp_str text,
                         sp_err *err)
{
    if (!place.ptr)
        return sp_err_memory(err);
    if (text.len == 0 && kind != SP_PART_MEDIA)
        return SP_OK;
    sp_recorded_part *part = SP_LIST_PUSH(decoder->arena, &decoder->parts);
    if (!part)
        return sp_err_memory(err);
    *part = (sp_recorded_part){ .kind = kind,
                                .role = decoder->role,
                                .place = place,
                                .text = text.ptr ? text : SP_STR(""),
                                .message = decoder->message,
                                .offset = node->offset };
    return SP_OK;
}

/* mcp__SERVER__TOOL */
static sp_str server_of(sp_str name)
{
    const sp_str mark = SP_STR("mcp__");
    if (!sp_str_starts(name, mark))
        return (sp_str){ NULL, 0 };
    size_t end = sp_str_find(name, SP_STR("__"), mark.len);
    return end == SIZE_MAX || end == mark.len ? (sp_str){ NULL, 0 } : sp_str_slice(name, mark.len, end);
}

sp_status sp_decode_tool(sp_decoder *decoder, sp_str place, const sp_json_node *definition, sp_str name,
                         const sp_json_node *description, const sp_json_node *schema, sp_err *err)
{
    const sp_str none = { NULL, 0 };
    sp_recorded_tool *tool = place.ptr ? SP_LIST_PUSH(decoder->arena, &decoder->tools) : NULL;
    if (!tool)
        return sp_err_memory(err);
    *tool = (sp_recorded_tool){ .name = name.ptr ? name : SP_STR("(unnamed)"),
                                .server = name.ptr ? server_of(name) : none,
                                .description = description ? description->text : none,
                                .schema = schema ? schema->text : none,
                                .text = definition->text,
                                .place = place };
    return SP_OK;
}

sp_status sp_decode_unknown(sp_decoder *decoder, sp_str place, const sp_json_node *node, sp_err *err)
{
    sp_unknown_field *field = place.ptr ? SP_LIST_PUSH(decoder->arena, &decoder->unknown) : NULL;
    if (!field)
        return sp_err_memory(err);
    *field = (sp_unknown_field){ place, node->offset, node->text.len };
    return SP_OK;
}

/* Whether a list of words, separated by spaces, has that one. */
static bool is_listed(const char *words, sp_str word)
{
    sp_str list = sp_str_of(words);
    for (size_t at = 0; at < list.len;) {
        size_t end = sp_str_find(list, SP_STR(" "), at);
        end = end == SIZE_MAX ? list.len : end;
        if (sp_str_eq(sp_str_slice(list, at, end), word))
            return true;
        at = end + 1;
    }
    return false;
}

sp_status sp_decode_members(sp_decoder *decoder, sp_str place, const sp_json_node *object, const char *known,
                            sp_err *err)
{
    for (const sp_json_node *child = object->first; child; child = child->next)
        if (!is_listed(known, child->key))
            SP_TRY(sp_decode_unknown(decoder, sp_place_member(decoder, place, child->key), child, err));
    return SP_OK;
}

sp_status sp_decode_refuse(sp_decoder *decoder, sp_str place, const sp_json_node *node, const char *expected,
                           sp_err *err)
{
    const sp_exchange *exchange = decoder->exchange;
    sp_str document = exchange->document.ptr ? exchange->document : exchange->body;
    bool is_inside = sp_str_is_part(exchange->body, document);
    size_t base = is_inside ? (size_t)(exchange->body.ptr - document.ptr) : 0;
    return sp_err_at(err, SP_ERR_INPUT, decoder->path, is_inside ? document : exchange->body, base + node->offset,
                     "capture.format", "body %zu: %.*s is %s; expected %s", decoder->number,
                     SP_STR_ARG(place.len ? place : SP_STR("the body")), sp_json_kind_name(node->kind), expected);
}

sp_str sp_member_text(const sp_json_node *object, const char *key)
{
    const sp_json_node *member = sp_json_member(object, key);
    return member && member->kind == SP_JSON_TEXT ? member->text : (sp_str){ NULL, 0 };
}

bool sp_member_is(const sp_json_node *object, const char *key, sp_json_kind kind)
{
    const sp_json_node *member = sp_json_member(object, key);
    return member && member->kind == kind;
}

sp_status sp_decode_list(sp_decoder *decoder, sp_str place, const sp_json_node *list, sp_decode_item read, sp_err *err)
{
    size_t index = 0;
    if (list->kind != SP_JSON_ARRAY)
        return sp_decode_refuse(decoder, place, list, "a list", err);
    for (const sp_json_node *child = list->first; child; child = child->next) {
        sp_str at = sp_place_item(decoder, place, index++);
        if (!at.ptr)
            return sp_err_memory(err);
        SP_TRY(read(decoder, at, child, err));
    }
    return SP_OK;
}
