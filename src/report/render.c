/* render.c - a table of formats, and the buffer that becomes the caller's. */
#include "report/render.h"

#include "base/types.h"
#include "model/agent_list.h"
#include "model/prompt.h"
#include "model/skill_list.h"
#include "report/emit.h"
#include "report/format.h"
#include "report/reports.h"
#include "rules/profile.h"
#include "tokenizer/tokens.h"

sp_status sp_render_finish(sp_buf *out, char **ret_bytes, size_t *ret_len, sp_err *err)
{
    size_t length = out->len;
    sp_buf_add_char(out, '\0');
    if (out->failed) {
        sp_buf_release(out);
        return sp_err_memory(err);
    }
    *ret_bytes = out->ptr;
    *ret_len = length;
    return SP_OK;
}

bool sp_exceeds_argument(size_t len_bytes)
{
    return len_bytes >= (size_t)sp_own_limit(SP_RULE_OUTPUT_ARGUMENT);
}

sp_status sp_prompt_render(const sp_prompt *prompt, sp_format format, const sp_style *style, char **ret_bytes,
                           size_t *ret_len, sp_err *err)
{
    static const sp_style plain = { 0 };
    static void (*const emitters[])(sp_buf *, const sp_prompt *) = {
        [SP_FORMAT_TEXT] = sp_emit_text,
        [SP_FORMAT_JSON] = sp_emit_json,
        [SP_FORMAT_ANTHROPIC] = sp_emit_anthropic,
        [SP_FORMAT_OPENAI] = sp_emit_openai,
        [SP_FORMAT_MAP] = sp_emit_map,
        [SP_FORMAT_EXPLAIN_JSON] = sp_emit_explain_json,
        [SP_FORMAT_WHY_JSON] = sp_emit_why_json,
        [SP_FORMAT_PLAN_JSON] = sp_emit_plan_json,
        [SP_FORMAT_PAGE] = sp_emit_page,
    };
    static void (*const tables[])(sp_buf *, const sp_prompt *, const sp_style *) = {
        [SP_FORMAT_EXPLAIN] = sp_emit_explain,
        [SP_FORMAT_WHY] = sp_emit_why,
        [SP_FORMAT_PLAN] = sp_emit_plan,
    };
    sp_buf out = { 0 };
    if (format == SP_FORMAT_TEXT && prompt->message_count > 1)
        return sp_err_set(err, SP_ERR_USAGE, "a prompt of %zu messages cannot be one text", prompt->message_count);
    if ((format == SP_FORMAT_WHY || format == SP_FORMAT_WHY_JSON) && !prompt->why)
        return sp_err_set(err, SP_ERR_USAGE, "nothing was asked about a file: set why in the request");
    if ((format == SP_FORMAT_PLAN || format == SP_FORMAT_PLAN_JSON) && !prompt->trim)
        return sp_err_set(err, SP_ERR_USAGE, "there is no plan for a prompt without a budget");
    if ((size_t)format < SP_COUNT_OF(tables) && tables[format])
        tables[format](&out, prompt, style ? style : &plain);
    else if ((size_t)format < SP_COUNT_OF(emitters) && emitters[format])
        emitters[format](&out, prompt);
    else
        return sp_err_set(err, SP_ERR_USAGE, "there is no format %d", (int)format);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}

sp_status sp_counts_render(const sp_encoding *encoding, const sp_file_count *files, size_t count, sp_format format,
                           sp_total total, char **ret_bytes, size_t *ret_len, sp_err *err)
{
    sp_buf out = { 0 };
    if (format != SP_FORMAT_TEXT && format != SP_FORMAT_JSON)
        return sp_err_set(err, SP_ERR_USAGE, "counts have no format %d", (int)format);
    if (format == SP_FORMAT_JSON)
        sp_emit_counts_json(&out, encoding, files, count);
    else
        sp_emit_counts(&out, encoding, files, count, total);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}

sp_status sp_agent_list_render(const sp_agent_list *list, sp_format format, const sp_style *style, char **ret_bytes,
                               size_t *ret_len, sp_err *err)
{
    static const sp_style plain = { 0 };
    sp_buf out = { 0 };
    if (format != SP_FORMAT_TEXT && format != SP_FORMAT_JSON)
        return sp_err_set(err, SP_ERR_USAGE, "a list of agents has no format %d", (int)format);
    if (format == SP_FORMAT_JSON)
        sp_emit_list_json(&out, list);
    else
        sp_emit_list(&out, list, style ? style : &plain);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}

sp_status sp_skill_list_render(const sp_skill_list *list, sp_format format, const sp_style *style, char **ret_bytes,
                               size_t *ret_len, sp_err *err)
{
    static const sp_style plain = { .width_columns = 80 };
    sp_buf out = { 0 };
    if (format != SP_FORMAT_TEXT && format != SP_FORMAT_JSON)
        return sp_err_set(err, SP_ERR_USAGE, "a list of skills has no format %d", (int)format);
    if (format == SP_FORMAT_JSON)
        sp_emit_skills_json(&out, list);
    else
        sp_emit_skills(&out, list, style ? style : &plain);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}
