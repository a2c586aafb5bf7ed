/* request_body.h - a prompt as the fields of a request to a model: for the reports, and for what is really sent. */
#ifndef SP_REQUEST_BODY_H
#define SP_REQUEST_BODY_H

#include "base/json.h"
#include "base/types.h"
#include "model/prompt.h"

/* {"role": ROLE, "content": TEXT} */
void sp_part_message(sp_json *json, sp_str role, sp_str text);
/* "system": an array of texts */
void sp_part_system(sp_json *json, const sp_prompt *prompt);
/* The items of "messages". Returns whether there are any. */
bool sp_part_user_messages(sp_json *json, const sp_prompt *prompt);

#endif
