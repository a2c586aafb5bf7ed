/* lint_advice.c - what the documents advise and no client asks for: notes. */
#include "base/diagnostic.h"
#include "base/numbers.h"
#include "base/types.h"
#include "check/lint.h"
#include "compose/compose.h"
#include "model/agent.h"
#include "model/source.h"
#include "syntax/front_matter.h"

static sp_status note(sp_diags *diags, const sp_source *source, size_t offset, sp_rule_key rule, sp_str message,
                      sp_err *err)
{
    if (!message.ptr)
        return sp_err_memory(err);
    return sp_diag_add(diags, err, SP_NOTE, source->path, source->bytes, offset, rule, "%.*s", SP_STR_ARG(message));
}

static size_t count_characters(sp_str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return count;
}

/* ---- instruction files and memory ------------------------------------------------------------------- */

static size_t count_lines(sp_str text)
{
    size_t lines = text.len > 0 && !sp_ends_line(text, text.len - 1);
    for (size_t i = 0; i < text.len; i++)
        lines += sp_ends_line(text, i);
    return lines;
}

/* Which advice holds for which kind of source, and what to do. */
static const struct {
    sp_source_kind kind;
    sp_rule_key rule;
    bool counts_bytes;
    const char *what;
} size_rows[] = {
    { SP_SOURCE_INSTRUCTIONS, SP_RULE_CHAIN_ADVICE_LINES, false,
      "an instruction file is best kept below; move parts into rules or files that are read when needed" },
    { SP_SOURCE_RULE, SP_RULE_RULE_ADVICE_LINES, false, "a rule is best kept below; split it" },
    { SP_SOURCE_MEMORY, SP_RULE_MEMORY_ADVICE_LINES, false,
      "near the limit the client asks for a shorter one; move details into files beside it" },
    { SP_SOURCE_MEMORY, SP_RULE_MEMORY_ADVICE_BYTES, true, "it is best kept below; move details into files beside it" },
};

static sp_status advise_on_size(const sp_site *site, sp_diags *diags, const sp_source *source, sp_err *err)
{
    for (size_t i = 0; i < SP_COUNT_OF(size_rows) && source->is_loaded; i++) {
        const sp_rule *rule = sp_rule_of(site->profile, size_rows[i].rule);
        if (size_rows[i].kind != source->kind || !sp_rule_holds(site->profile, size_rows[i].rule))
            continue;
        size_t size = size_rows[i].counts_bytes ? source->bytes.len : count_lines(source->bytes);
        if (size <= (size_t)rule->value)
            continue;
        SP_TRY(note(diags, source, SP_WHOLE_FILE, size_rows[i].rule,
                    sp_str_format(diags->arena, "has %zu %s, and the advice is at most %lld: %s", size, rule->unit,
                                  (long long)rule->value, size_rows[i].what),
                    err));
    }
    return SP_OK;
}

sp_status sp_lint_advice(sp_lint *lint, sp_err *err)
{
    const sp_docs *docs = &lint->site->shared->docs;
    for (uint32_t i = 0; i < docs->count; i++)
        SP_TRY(advise_on_size(lint->site, lint->diags, &docs->sources[i], err));
    return SP_OK;
}

/* ---- agents ------------------------------------------------------------------------------------------ */

typedef struct advisor {
    const sp_site *site;
    sp_diags *diags;
    const sp_source *source;
    sp_err *err;
} advisor;

/* Where a field stands: asked for only when there is something to say about it. */
static sp_status offset_of(const advisor *a, const char *key, size_t *ret)
{
    sp_diags unsaid = { .arena = a->diags->arena };
    sp_front_matter front;
    *ret = SP_WHOLE_FILE;
    SP_TRY(sp_front_matter_read(a->diags->arena, a->site->profile, a->source->path, a->source->bytes,
                                SP_FRONT_MATTER_RECOVER, &unsaid, &front, a->err));
    const sp_field *field = sp_front_matter_find(&front, key);
    if (field)
        *ret = field->kind == SP_VALUE_SCALAR ? field->value_offset : field->key_offset;
    return SP_OK;
}

static sp_status advise(const advisor *a, const char *key, sp_rule_key rule, sp_str message)
{
    size_t offset = SP_WHOLE_FILE;
    if (key)
        SP_TRY(offset_of(a, key, &offset));
    return note(a->diags, a->source, offset, rule, message, a->err);
}

static sp_status advise_on_length(const advisor *a, const char *key, const char *what, sp_str text, sp_rule_key least,
                                  sp_rule_key most)
{
    size_t length = count_characters(text);
    const sp_rule *low = sp_rule_of(a->site->profile, least);
    const sp_rule *high = sp_rule_of(a->site->profile, most);
    if (low && length < (size_t)low->value)
        return advise(a, key, least,
                      sp_str_format(a->diags->arena, "the %s has %s character%s, and the advice is at least %s", what,
                                    SP_NUMBER(length), length == 1 ? "" : "s", SP_NUMBER(low->value)));
    if (high && length > (size_t)high->value)
        return advise(a, key, most,
                      sp_str_format(a->diags->arena, "the %s has %s characters, and the advice is at most %s", what,
                                    SP_NUMBER(length), SP_NUMBER(high->value)));
    return SP_OK;
}

static bool is_plain_name(sp_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_end = i == 0 || i + 1 == name.len;
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && !is_end)))
            return false;
    }
    return true;
}

/* Of a plugin's agent only what its own file calls it. */
static sp_str own_name(sp_str name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == ':')
            return sp_str_slice(name, i, name.len);
    return name;
}

static sp_status advise_on_name(const advisor *a, const sp_agent *agent)
{
    if (!agent->name.ptr || !sp_rule_holds(a->site->profile, SP_RULE_AGENT_ADVICE_NAME))
        return SP_OK;
    sp_str name = own_name(agent->name);
    if (!is_plain_name(name))
        SP_TRY(
            advise(a, "name", SP_RULE_AGENT_ADVICE_NAME,
                   SP_STR("the advice for names is lower-case letters, digits and dashes, with no dash at the ends")));
    return advise_on_length(a, "name", "name", name, SP_RULE_AGENT_ADVICE_NAME_MIN, SP_RULE_AGENT_ADVICE_NAME);
}

/* The advised scope is the last word of the rule's text. */
static sp_status advise_on_memory(const advisor *a, const sp_agent *agent)
{
    const sp_rule *rule = sp_rule_of(a->site->profile, SP_RULE_MEMORY_ADVICE_SCOPE);
    if (!rule || !agent->memory.ptr || sp_str_eq(agent->memory, SP_STR("local")) ||
        sp_str_ends(sp_str_of(sp_rule_text(rule)), agent->memory))
        return SP_OK;
    return advise(a, "memory", SP_RULE_MEMORY_ADVICE_SCOPE,
                  sp_str_format(a->diags->arena, "memory: %.*s; %s", SP_STR_ARG(agent->memory), sp_rule_text(rule)));
}

static sp_status advise_on_agent(const advisor *a, const sp_docs *docs)
{
    const sp_agent *agent = docs->agent;
    sp_span body = sp_compose_body_span(a->source->bytes, a->source->content_begin);
    SP_TRY(advise_on_name(a, agent));
    SP_TRY(advise_on_memory(a, agent));
    if (agent->description.ptr)
        SP_TRY(advise_on_length(a, "description", "description", agent->description,
                                SP_RULE_AGENT_ADVICE_DESCRIPTION_MIN, SP_RULE_AGENT_ADVICE_DESCRIPTION));
    return advise_on_length(a, NULL, "body", sp_str_slice(a->source->bytes, body.begin, body.end),
                            SP_RULE_AGENT_ADVICE_BODY_MIN, SP_RULE_AGENT_ADVICE_BODY);
}

sp_status sp_lint_agent_advice(const sp_site *site, sp_diags *diags, const sp_docs *docs, sp_err *err)
{
    const advisor a = { site, diags, &docs->sources[docs->agent_source], err };
    if (docs->memory_source != SP_NONE)
        SP_TRY(advise_on_size(site, diags, &docs->sources[docs->memory_source], err));
    return advise_on_agent(&a, docs);
}
