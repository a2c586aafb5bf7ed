/* whole.c - the three sums, at the end of explain and in JSON. */
#include "report/whole.h"

#include "base/numbers.h"
#include "base/types.h"
#include "model/prompt.h"
#include "report/table.h"

#include <stdio.h>

static size_t file_tokens(const sp_prompt *prompt)
{
    return prompt->tokens - prompt->generated_tokens;
}

/* ---- the table ------------------------------------------------------------------------------------------------- */

static size_t window_of(const sp_prompt *prompt)
{
    return prompt->window_tokens ? prompt->window_tokens : prompt->whole->window_tokens;
}

static void add_sum(sp_table *table, const sp_prompt *prompt, sp_str number, size_t tokens, sp_buf *what)
{
    char share[16];
    size_t window = window_of(prompt);
    sp_str of_window = window ? sp_table_share(share, tokens, window) : SP_STR("");
    sp_table_row(table, (sp_str[]){ number, number.ptr[0] == '?' ? SP_STR("") : of_window, sp_buf_str(what) });
    table->out->failed = table->out->failed || what->failed;
    sp_buf_release(what);
    *what = (sp_buf){ 0 };
}

/* The range of an estimate is one of counting: nothing is known of the client's wording that a template stands for. */
static void describe_prompt(sp_buf *what, const sp_prompt *prompt)
{
    char number[32];
    sp_buf_add(what, SP_STR("prompt: what build prints"));
    if (prompt->generated_tokens)
        sp_buf_format(what, ", %s of it in %s words%s",
                      sp_estimate_text(number, prompt->exact, prompt->generated_tokens).ptr,
                      prompt->templates.ptr ? "the client's" : "sysprompt's",
                      prompt->exact || prompt->templates.ptr ? "" : ", which its range does not cover");
}

static void describe_request(sp_buf *what, const sp_prompt *prompt)
{
    const sp_whole *whole = prompt->whole;
    if (!whole->is_known) {
        sp_buf_format(what, "request: not known, because %.*s", SP_STR_ARG(whole->problem));
        return;
    }
    sp_buf_format(what, "request: files and the client's own parts, as measured in %s", whole->version);
    if (!prompt->exact)
        sp_buf_add_range(what, false, whole->range);
}

/* "skills: names and descriptions of 5, in the system prompt" */
static void add_list(sp_table *table, const sp_prompt *prompt, const sp_client_list *list)
{
    char number[32], count[32];
    sp_buf what = { 0 };
    sp_buf_format(&what, "%s: names and descriptions of %s, in %s; not printed by build", list->of,
                  sp_number_text(count, list->count).ptr,
                  list->role == SP_ROLE_TOOLS  ? "the definition of a tool"
                  : list->role == SP_ROLE_USER ? "a message of the user"
                  : list->is_before            ? "the system prompt, before the instructions"
                                               : "the system prompt, after the instructions");
    add_sum(table, prompt, sp_estimate_text(number, prompt->exact, list->tokens), list->tokens, &what);
}

static void add_sums(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    static const sp_column columns[] = { { "tokens", true }, { "of window", true }, { "sum", false } };
    const sp_whole *whole = prompt->whole;
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    char number[32];
    sp_buf what = { 0 };
    sp_buf_add(&what, SP_STR("files: the text of yours that is sent"));
    add_sum(&table, prompt, sp_estimate_text(number, prompt->exact, file_tokens(prompt)), file_tokens(prompt), &what);
    describe_prompt(&what, prompt);
    add_sum(&table, prompt, sp_estimate_text(number, prompt->exact, prompt->tokens), prompt->tokens, &what);
    for (size_t i = 0; i < prompt->list_count; i++)
        add_list(&table, prompt, &prompt->lists[i]);
    describe_request(&what, prompt);
    add_sum(&table, prompt, whole->is_known ? sp_estimate_text(number, false, whole->tokens) : SP_STR("?"),
            whole->tokens, &what);
    sp_table_end(&table);
}

enum { LARGEST = 3 };

/* "Largest that you can change: CLAUDE.md ~74, skill listing (1) ~20" */
static void add_largest(sp_buf *out, const sp_prompt *prompt, bool is_client, const char *head)
{
    const sp_whole *whole = prompt->whole;
    size_t shown = 0;
    char number[32];
    for (size_t i = 0; i < whole->part_count && shown < LARGEST; i++) {
        const sp_whole_part *part = &whole->parts[i];
        if (part->is_client != is_client || part->tokens == 0)
            continue;
        sp_buf_add(out, shown++ ? SP_STR(", ") : sp_str_of(head));
        sp_table_name(out, part->name);
        if (part->count > 1)
            sp_buf_format(out, " (%zu)", part->count);
        sp_buf_add_char(out, ' ');
        sp_buf_add(out, sp_estimate_text(number, false, part->tokens));
    }
    if (shown)
        sp_buf_add(out, SP_STR(".\n"));
}

void sp_whole_show(sp_buf *out, const sp_prompt *prompt, const sp_style *style)
{
    if (!prompt->whole)
        return;
    sp_buf_add_char(out, '\n');
    add_sums(out, prompt, style);
    if (!prompt->whole->is_known)
        return;
    add_largest(out, prompt, false, "Largest that you can change: ");
    add_largest(out, prompt, true, "Largest of the client's own: ");
}

/* ---- JSON ----------------------------------------------------------------------------------------------------------
 */

static const char *const starts[] = {
    [SP_START_SESSION] = "session",
    [SP_START_AGENT] = "agent",
    [SP_START_AS_SESSION] = "as-session",
};

static void add_parts(sp_json *json, const sp_whole *whole)
{
    sp_json_begin(json, "request_parts", '[');
    for (size_t i = 0; i < whole->part_count; i++) {
        const sp_whole_part *part = &whole->parts[i];
        sp_json_begin_line(json, NULL, '{');
        sp_json_path(json, "part", part->name);
        sp_json_str(json, "whose", part->is_client ? SP_STR("client") : SP_STR("user"));
        sp_json_uint(json, "count", part->count);
        sp_json_uint(json, "tokens", part->tokens);
        sp_json_end(json);
    }
    sp_json_end(json);
}

static void add_measured(sp_json *json, const sp_whole *whole)
{
    sp_json_begin_line(json, "request_measured", '{');
    sp_json_str(json, "kind", sp_str_of(starts[whole->start]));
    sp_json_str(json, "version", sp_str_of(whole->version));
    sp_json_str(json, "model", sp_str_of(whole->model));
    sp_json_str(json, "date", sp_str_of(whole->measured_on));
    sp_json_str(json, "grade", SP_STR("M"));
    sp_json_begin(json, "tools", '[');
    for (size_t i = 0; i < whole->tools.count; i++)
        sp_json_str(json, NULL, whole->tools.items[i]);
    sp_json_end(json);
    sp_json_end(json);
}

void sp_part_whole(sp_json *json, const sp_prompt *prompt)
{
    const sp_whole *whole = prompt->whole;
    if (!whole)
        return;
    sp_json_uint(json, "file_tokens", file_tokens(prompt));
    if (!whole->is_known) {
        sp_json_null(json, "request_tokens");
        sp_json_str(json, "request_note", whole->problem);
        return;
    }
    sp_json_uint(json, "request_tokens", whole->tokens);
    sp_json_uint(json, "request_low", whole->range.low);
    sp_json_uint(json, "request_high", whole->range.high);
    sp_json_uint_or_null(json, "window_tokens", window_of(prompt));
    add_measured(json, whole);
    add_parts(json, whole);
}
