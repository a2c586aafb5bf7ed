/*
 * body.c - the agent's own text, byte for byte.
 *
 * A former version of the client wrote its memory instructions into the agent file. Such a section stays, beside the
 * one that the client adds (rule memory.in-body).
 */
#include "base/diagnostic.h"
#include "base/types.h"
#include "compose/composer.h"
#include "model/prompt.h"
#include "model/source.h"
#include "sources/client.h"
#include "syntax/markdown.h"

static bool is_blank_char(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

sp_span sp_compose_body_span(sp_str text, size_t content_begin)
{
    sp_span body = { content_begin, text.len };
    while (body.end > body.begin && is_blank_char(text.ptr[body.end - 1]))
        body.end--;
    for (size_t at = body.begin; at < body.end && is_blank_char(text.ptr[at]); at++)
        if (text.ptr[at] == '\n')
            body.begin = at + 1;
    return body;
}

static bool contains_nocase(sp_str text, sp_str needle)
{
    for (size_t at = 0; at + needle.len <= text.len; at++)
        if (sp_str_eq_nocase(sp_str_slice(text, at, at + needle.len), needle))
            return true;
    return false;
}

/* The heading of a memory section in the body, or SP_NONE. */
static uint32_t find_memory_heading(const sp_source *source)
{
    for (uint32_t i = 0; i < source->block_count; i++)
        if (source->blocks[i].kind == SP_BLOCK_HEADING &&
            contains_nocase(sp_markdown_heading_text(source->bytes, &source->blocks[i]),
                            SP_STR("persistent agent memory")))
            return i;
    return SP_NONE;
}

static bool is_absolute(sp_str path)
{
    bool has_drive = path.len > 2 && path.ptr[1] == ':' && (path.ptr[2] == '\\' || path.ptr[2] == '/');
    return has_drive || sp_str_starts(path, SP_STR("/"));
}

/* An agent that was made on another machine, or moved, names a folder that is not its memory: it would write there. */
static sp_status warn_of_foreign_path(sp_composer *composer, const sp_source *source, uint32_t heading, sp_err *err)
{
    sp_str text = source->bytes;
    size_t at = sp_str_find(text, SP_STR("agent-memory"), source->blocks[heading].begin);
    if (at == SIZE_MAX)
        return SP_OK;
    size_t begin = at;
    size_t end = at;
    while (begin > 0 && !strchr("`'\"\n\t <>()", text.ptr[begin - 1]))
        begin--;
    while (end < text.len && !strchr("`'\"\n\t <>()", text.ptr[end]))
        end++;
    sp_str path = sp_str_slice(text, begin, end);
    sp_str own = composer->docs->memory_path;
    while (path.len > 1 && strchr("/\\", path.ptr[path.len - 1]))
        path.len--;
    if (!is_absolute(path) || sp_str_eq(path, own))
        return SP_OK;
    return sp_diag_add(
        composer->diags, err, SP_WARNING, source->path, text, begin, SP_RULE_MEMORY_FOREIGN_PATH,
        "the body sends the agent to %.*s, but its memory is in %.*s; write that, or take the section out "
        "and let the client add its own",
        SP_STR_ARG(path), SP_STR_ARG(composer->docs->memory_folder));
}

static sp_status cut_over_limit(sp_composer *composer, uint32_t agent, size_t begin, size_t end, sp_err *err)
{
    const sp_source *source = &composer->docs->sources[agent];
    long long limit = (long long)sp_rule_value(composer->profile, SP_RULE_AGENT_MAX_CHARACTERS);
    SP_TRY(
        sp_diag_add(composer->diags, err, SP_WARNING, source->path, source->bytes, begin, SP_RULE_AGENT_MAX_CHARACTERS,
                    "from here on nothing is in the prompt: an agent of %.*s has at most %lld characters; shorten the "
                    "body",
                    SP_STR_ARG(sp_client_who(composer->profile->client)), limit));
    return sp_compose_cut(composer, agent, begin, end, SP_RULE_AGENT_MAX_CHARACTERS,
                          sp_str_format(composer->arena, "over the limit of %lld characters", limit), err);
}

sp_status sp_compose_body(sp_composer *composer, sp_err *err)
{
    uint32_t agent = composer->docs->agent_source;
    const sp_source *source = &composer->docs->sources[agent];
    sp_span body = sp_compose_body_span(source->bytes, source->content_begin);
    if (body.begin < body.end && sp_rule_holds(composer->profile, SP_RULE_AGENT_TRIM_INDENTATION))
        body = sp_compose_trim(source, source->content_begin, source->bytes.len);
    sp_str why = SP_STR("blank lines before the body and white space behind it are not sent");
    SP_TRY(sp_compose_cut_agent_front(composer, err));
    SP_TRY(sp_compose_cut(composer, agent, source->content_begin, body.begin, SP_RULE_AGENT_TRIM, why, err));

    size_t whole_end = body.end;
    size_t most = (size_t)sp_rule_value(composer->profile, SP_RULE_AGENT_MAX_CHARACTERS);
    body.end = sp_utf8_after(sp_str_slice(source->bytes, 0, body.end), body.begin, most);
    uint32_t heading = composer->docs->has_memory ? find_memory_heading(source) : SP_NONE;
    if (heading != SP_NONE && composer->docs->memory_folder.ptr)
        SP_TRY(warn_of_foreign_path(composer, source, heading, err));
    if (composer->docs->wording)
        SP_TRY(sp_learned_enter(composer, SP_RUN_AGENT, agent, err));
    SP_TRY(sp_compose_slice(composer, agent, SP_SEGMENT_BODY, body.begin, body.end, err));
    if (whole_end > body.end)
        SP_TRY(cut_over_limit(composer, agent, body.end, whole_end, err));
    return sp_compose_cut(composer, agent, whole_end, source->bytes.len, SP_RULE_AGENT_TRIM, why, err);
}
