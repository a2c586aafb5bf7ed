/* messages.c - the prompt as text, and as the fields of a request to a model. */
#include "compose/request_body.h"
#include "model/prompt.h"
#include "report/emit.h"
#include "rules/names.h"

void sp_emit_text(sp_buf *out, const sp_prompt *prompt)
{
    for (size_t i = 0; i < prompt->message_count; i++)
        sp_buf_add(out, prompt->messages[i].text);
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
        sp_part_message(&json, sp_name_of_role(prompt->messages[i].role), prompt->messages[i].text);
    sp_json_end(&json);
    sp_json_end(&json);
}
