/* request_body.c - a prompt as the fields of a request to a model. */
#include "compose/request_body.h"
#include "base/types.h"
#include "model/prompt.h"

void sp_part_message(sp_json *json, sp_str role, sp_str text)
{
    sp_json_begin(json, NULL, '{');
    sp_json_str(json, "role", role);
    sp_json_str(json, "content", text);
    sp_json_end(json);
}

void sp_part_system(sp_json *json, const sp_prompt *prompt)
{
    sp_json_begin(json, "system", '[');
    for (size_t i = 0; i < prompt->message_count; i++) {
        if (prompt->messages[i].role != SP_ROLE_SYSTEM)
            continue;
        sp_json_begin(json, NULL, '{');
        sp_json_str(json, "type", SP_STR("text"));
        sp_json_str(json, "text", prompt->messages[i].text);
        sp_json_end(json);
    }
    sp_json_end(json);
}

bool sp_part_user_messages(sp_json *json, const sp_prompt *prompt)
{
    bool has_one = false;
    for (size_t i = 0; i < prompt->message_count; i++) {
        if (prompt->messages[i].role != SP_ROLE_USER)
            continue;
        sp_part_message(json, SP_STR("user"), prompt->messages[i].text);
        has_one = true;
    }
    return has_one;
}
