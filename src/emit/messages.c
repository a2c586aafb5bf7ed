/* messages.c - the prompt as text, and as the fields of a request to a model. */
#include "base/json.h"
#include "emit/emit.h"
#include "emit/names.h"
#include "emit/parts.h"

void sp_emit_text(sp_buf *out, const sp_prompt *prompt)
{
    for (size_t i = 0; i < prompt->message_count; i++)
        sp_buf_add(out, prompt->messages[i].text);
}

static void add_message(sp_json *json, sp_str role, sp_str text)
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
        add_message(json, SP_STR("user"), prompt->messages[i].text);
        has_one = true;
    }
    return has_one;
}

void sp_emit_anthropic(sp_buf *out, const sp_prompt *prompt)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_part_system(&json, prompt);
    sp_json_begin(&json, "messages", '[');
    sp_part_user_messages(&json, prompt);
    sp_json_end(&json);
    sp_json_end(&json);
}

void sp_emit_openai(sp_buf *out, const sp_prompt *prompt)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_begin(&json, "messages", '[');
    for (size_t i = 0; i < prompt->message_count; i++)
        add_message(&json, sp_name_of_role(prompt->messages[i].role), prompt->messages[i].text);
    sp_json_end(&json);
    sp_json_end(&json);
}
