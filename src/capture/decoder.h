/* decoder.h - what the decoders of the protocols share. Private to capture/. */
#ifndef SP_CAPTURE_DECODER_H
#define SP_CAPTURE_DECODER_H

#include "base/base.h"
#include "base/parse_json.h"
#include "base/types.h"
#include "capture/requests.h"
#include "model/prompt.h"

typedef struct sp_decoder {
    sp_arena *arena;
    sp_str path; /* for messages */
    const sp_exchange *exchange;
    size_t number; /* of the exchange, from 1 */
    sp_role role;  /* of the message that is read */
    uint32_t message;
    size_t message_count;
    sp_range saved_range;
    size_t saved_bytes; /* in the place of those that were not saved */
    sp_list(sp_recorded_part) parts;
    sp_list(sp_recorded_tool) tools;
    sp_list(sp_unknown_field) unknown;
} sp_decoder;

enum { SP_RECORDED_MAX_DEPTH = 200 };

/* "PLACE.KEY" or "PLACE[INDEX]"; PLACE alone for what is empty. ptr NULL when memory is short. */
sp_str sp_place_member(sp_decoder *decoder, sp_str place, sp_str key);
sp_str sp_place_item(sp_decoder *decoder, sp_str place, size_t index);

/* Adds a part unless its text is empty. */
SP_MUST_USE sp_status sp_decode_part(sp_decoder *decoder, sp_part_kind kind, sp_str place, const sp_json_node *node,
                                     sp_str text, sp_err *err);
/* A definition: name, description and schema may be NULL. */
SP_MUST_USE sp_status sp_decode_tool(sp_decoder *decoder, sp_str place, const sp_json_node *definition, sp_str name,
                                     const sp_json_node *description, const sp_json_node *schema, sp_err *err);
/* Lists a value that no table knows. */
SP_MUST_USE sp_status sp_decode_unknown(sp_decoder *decoder, sp_str place, const sp_json_node *node, sp_err *err);
/* Lists the members of an object whose names are not in known, which are separated by spaces. */
SP_MUST_USE sp_status sp_decode_members(sp_decoder *decoder, sp_str place, const sp_json_node *object,
                                        const char *known, sp_err *err);
/* SP_ERR_INPUT for a value of the wrong kind. expected: "a list". */
sp_status sp_decode_refuse(sp_decoder *decoder, sp_str place, const sp_json_node *node, const char *expected,
                           sp_err *err);

/* The text of a member, or of one that is absent or not a text ptr NULL. */
sp_str sp_member_text(const sp_json_node *object, const char *key);
bool sp_member_is(const sp_json_node *object, const char *key, sp_json_kind kind);

/* Reads each child of a list with its place. */
typedef sp_status (*sp_decode_item)(sp_decoder *decoder, sp_str place, const sp_json_node *node, sp_err *err);
SP_MUST_USE sp_status sp_decode_list(sp_decoder *decoder, sp_str place, const sp_json_node *list, sp_decode_item read,
                                     sp_err *err);

/* One for each protocol: the body's parts, tools and unknown fields. */
SP_MUST_USE sp_status sp_decode_anthropic(sp_decoder *decoder, const sp_json_node *body, sp_err *err);
SP_MUST_USE sp_status sp_decode_responses(sp_decoder *decoder, const sp_json_node *body, sp_err *err);
SP_MUST_USE sp_status sp_decode_items(sp_decoder *decoder, const sp_json_node *body, sp_err *err);
SP_MUST_USE sp_status sp_decode_chat(sp_decoder *decoder, const sp_json_node *body, sp_err *err);
SP_MUST_USE sp_status sp_decode_gemini(sp_decoder *decoder, const sp_json_node *body, sp_err *err);

SP_MUST_USE sp_status sp_decode_saved(sp_decoder *decoder, const sp_json_node *body, sp_err *err);

/* What kind of request a value is, by its shape and the target it was sent to. False: none. */
bool sp_protocol_of(const sp_json_node *body, sp_str target, sp_protocol *ret);

#endif
