/*
 * agent.c - the fields of an agent file, checked against what is documented.
 *
 * One table says how each field is read. The client is silent about nearly everything it does not like (an unknown
 * field, a value it does not know, a tool that does not exist), so most of this file is about saying it.
 */
#include "clients/claude_code/agent_fields.h"

#include "base/diagnostic.h"
#include "base/near.h"
#include "base/numbers.h"
#include "base/types.h"
#include "clients/agents/agent_tools.h"
#include "clients/claude_code/agent_words.h"
#include "clients/claude_code/memory_scopes.h"
#include "model/agent.h"
#include "model/profile.h"
#include "sources/client.h"
#include "tokenizer/models/model.h"
#include "tokenizer/models/models.h"

#include <stddef.h>

struct job {
    sp_arena *arena;
    const sp_profile *profile;
    const sp_models *known_models;
    sp_str path;
    sp_str text;
    sp_agent_form form;
    sp_diags *diags;
    sp_err *err;
    sp_agent *agent;
    sp_front_matter front_matter;
};

struct field_row;
typedef sp_status (*take_fn)(struct job *job, const struct field_row *row, const sp_field *field);

struct field_row {
    const char *key;
    take_fn take;
    size_t member; /* where in sp_agent it goes, or NO_MEMBER */
    const sp_str *choices;
    size_t choice_count;
    sp_agent_form ignored_in; /* the form in which it does nothing; SP_AGENT_FILE for none */
    sp_rule_key since;        /* the rule that brought the field, or SP_RULE_NONE */
};

#define NO_MEMBER SIZE_MAX

static sp_status take_text(struct job *job, const struct field_row *row, const sp_field *field);
static sp_status take_description(struct job *job, const struct field_row *row, const sp_field *field);
static sp_status take_choice(struct job *job, const struct field_row *row, const sp_field *field);
static sp_status take_memory(struct job *job, const struct field_row *row, const sp_field *field);
static sp_status take_effort(struct job *job, const struct field_row *row, const sp_field *field);
static sp_status take_flag(struct job *job, const struct field_row *row, const sp_field *field);
static sp_status take_count(struct job *job, const struct field_row *row, const sp_field *field);
static sp_status take_name(struct job *job, const struct field_row *row, const sp_field *field);
static sp_status take_model(struct job *job, const struct field_row *row, const sp_field *field);
static sp_status take_tools(struct job *job, const struct field_row *row, const sp_field *field);
static sp_status take_skills(struct job *job, const struct field_row *row, const sp_field *field);
static sp_status take_servers(struct job *job, const struct field_row *row, const sp_field *field);
static sp_status take_mapping(struct job *job, const struct field_row *row, const sp_field *field);

#define MEMBER(name) offsetof(sp_agent, name)
#define CHOICES(list) (list), SP_COUNT_OF(list)

static const struct field_row field_rows[] = {
    { "name", take_name, MEMBER(name), NULL, 0, SP_AGENT_FILE, SP_RULE_NONE },
    { "description", take_description, MEMBER(description), NULL, 0, SP_AGENT_FILE, SP_RULE_NONE },
    { "tools", take_tools, MEMBER(tools), NULL, 0, SP_AGENT_FILE, SP_RULE_NONE },
    { "disallowedTools", take_tools, MEMBER(disallowed_tools), NULL, 0, SP_AGENT_FILE, SP_RULE_NONE },
    { "model", take_model, MEMBER(model), NULL, 0, SP_AGENT_FILE, SP_RULE_NONE },
    { "memory", take_memory, MEMBER(memory), NULL, 0, SP_AGENT_FILE, SP_RULE_MEMORY_PLACE },
    { "color", take_choice, MEMBER(color), CHOICES(colors), SP_AGENT_JSON, SP_RULE_NONE },
    { "permissionMode", take_choice, MEMBER(permission_mode), CHOICES(permission_modes), SP_AGENT_PLUGIN_FILE,
      SP_RULE_NONE },
    { "effort", take_effort, NO_MEMBER, CHOICES(efforts), SP_AGENT_FILE, SP_RULE_NONE },
    { "isolation", take_choice, NO_MEMBER, CHOICES(isolations), SP_AGENT_FILE, SP_RULE_NONE },
    { "maxTurns", take_count, NO_MEMBER, NULL, 0, SP_AGENT_FILE, SP_RULE_NONE },
    { "background", take_flag, MEMBER(in_background), NULL, 0, SP_AGENT_FILE, SP_RULE_NONE },
    { "omitClaudeMd", take_flag, MEMBER(omit_claude_md), NULL, 0, SP_AGENT_FILE, SP_RULE_CHAIN_OMIT },
    { "skills", take_skills, MEMBER(skills), NULL, 0, SP_AGENT_FILE, SP_RULE_NONE },
    { "mcpServers", take_servers, NO_MEMBER, NULL, 0, SP_AGENT_PLUGIN_FILE, SP_RULE_NONE },
    { "hooks", take_mapping, NO_MEMBER, NULL, 0, SP_AGENT_PLUGIN_FILE, SP_RULE_NONE },
    { "experimental", take_mapping, NO_MEMBER, NULL, 0, SP_AGENT_JSON, SP_RULE_AGENT_CACHE_TTL },
    { "initialPrompt", take_text, MEMBER(initial_prompt), NULL, 0, SP_AGENT_PLUGIN_FILE, SP_RULE_NONE },
};

static void *member_of(struct job *job, const struct field_row *row)
{
    return row->member == NO_MEMBER ? NULL : (char *)job->agent + row->member;
}

/* ---- speaking ------------------------------------------------------------------------------------------- */

static sp_status say(struct job *job, sp_level level, sp_rule_key rule, size_t offset, sp_str message)
{
    if (!message.ptr)
        return sp_err_memory(job->err);
    return sp_diag_add(job->diags, job->err, level, job->path, job->text, offset, rule, "%.*s", SP_STR_ARG(message));
}

enum { QUOTED_BYTES = 80 };

/* A value as a message shows it: the first line, cut where it is long. */
static sp_str brief(struct job *job, sp_str value)
{
    size_t length = 0;
    while (length < value.len && length < QUOTED_BYTES && value.ptr[length] != '\n')
        length++;
    while (length > 0 && length < value.len && ((unsigned char)value.ptr[length] & 0xC0) == 0x80)
        length--;
    return length == value.len ? value : sp_str_format(job->arena, "%.*s...", (int)length, value.ptr);
}

/* "a, b or c" */
static sp_str listed(struct job *job, const sp_str *words, size_t count)
{
    sp_str list = { "", 0 };
    for (size_t i = 0; i < count && list.ptr; i++) {
        const char *joint = i == 0 ? "" : i + 1 == count ? " or " : ", ";
        list = sp_str_format(job->arena, "%.*s%s%.*s", SP_STR_ARG(list), joint, SP_STR_ARG(words[i]));
    }
    return list;
}

static const char *const kind_words[] = {
    [SP_VALUE_NULL] = "empty",
    [SP_VALUE_SCALAR] = "a single value",
    [SP_VALUE_LIST] = "a list",
    [SP_VALUE_NESTED] = "nested",
};

static sp_status warn_kind(struct job *job, const sp_field *field, const char *expected)
{
    return say(job, SP_WARNING, SP_RULE_AGENT_TYPE, field->value_offset,
               sp_str_format(job->arena, "%.*s has to be %s, but is %s; it counts as absent", SP_STR_ARG(field->key),
                             expected, kind_words[field->kind]));
}

static sp_status warn_value(struct job *job, sp_rule_key rule, const sp_field *field, const char *expected)
{
    return say(job, SP_WARNING, rule, field->value_offset,
               sp_str_format(job->arena, "%.*s has to be %s, but is \"%.*s\"; it counts as absent",
                             SP_STR_ARG(field->key), expected, SP_STR_ARG(brief(job, field->value))));
}

static bool is_missing(const sp_field *field)
{
    return !field || field->kind == SP_VALUE_NULL ||
           (field->kind == SP_VALUE_SCALAR && sp_str_trim(field->value).len == 0);
}

/* ---- plain fields ----------------------------------------------------------------------------------------- */

static sp_status take_text(struct job *job, const struct field_row *row, const sp_field *field)
{
    if (field->kind != SP_VALUE_SCALAR)
        return warn_kind(job, field, "text");
    sp_str *member = member_of(job, row);
    if (member && !is_missing(field))
        *member = field->value;
    return SP_OK;
}

/* What becomes of a definition that breaks a rule. */
static const char *consequence(const struct job *job)
{
    static const char *const words[] = {
        [SP_AGENT_FILE] = "the client skips the file",
        [SP_AGENT_PLUGIN_FILE] = "the client may not find it",
        [SP_AGENT_JSON] = "the client refuses --agents",
    };
    return words[job->form];
}

/* Whether it is known that the client skips an agent for a name or description that is not a string. */
static bool is_measured(const struct job *job)
{
    const sp_rule *rule = sp_rule_of(job->profile, SP_RULE_AGENT_TYPE);
    return rule && rule->confidence == 'M' && job->form == SP_AGENT_FILE;
}

/* Rule agent.description-lines: a backslash and an n in a file are a line end in the listing. */
static sp_status take_lines(struct job *job)
{
    sp_str text = job->agent->description;
    sp_buf lines = { 0 };
    size_t at, begin = 0;
    if (job->form != SP_AGENT_FILE || !sp_rule_holds(job->profile, SP_RULE_AGENT_DESCRIPTION_LINES))
        return SP_OK;
    while ((at = sp_str_find(text, SP_STR("\\n"), begin)) != SIZE_MAX) {
        sp_buf_add(&lines, sp_str_slice(text, begin, at));
        sp_buf_add_char(&lines, '\n');
        begin = at + 2;
    }
    if (begin == 0)
        return SP_OK;
    sp_buf_add(&lines, sp_str_slice(text, begin, text.len));
    job->agent->description = sp_buf_move(&lines, job->arena);
    return job->agent->description.ptr ? SP_OK : sp_err_memory(job->err);
}

/* Without a description there is no agent, so a wrong one is no mere warning. */
static sp_status take_description(struct job *job, const struct field_row *row, const sp_field *field)
{
    if (sp_field_is_string(field) || (field->kind == SP_VALUE_SCALAR && !is_measured(job))) {
        SP_TRY(take_text(job, row, field));
        return take_lines(job);
    }
    return say(job, SP_FINDING, SP_RULE_AGENT_TYPE, field->value_offset,
               sp_str_format(job->arena, "description has to be text, but is %s: %s",
                             field->kind == SP_VALUE_SCALAR ? "a number or a truth value" : kind_words[field->kind],
                             consequence(job)));
}

static bool is_among(sp_str value, const sp_str *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sp_str_eq(value, words[i]))
            return true;
    return false;
}

static sp_status take_choice(struct job *job, const struct field_row *row, const sp_field *field)
{
    sp_str expected = listed(job, row->choices, row->choice_count);
    if (!expected.ptr)
        return sp_err_memory(job->err);
    if (field->kind != SP_VALUE_SCALAR)
        return warn_kind(job, field, expected.ptr);
    if (!is_among(field->value, row->choices, row->choice_count))
        return warn_value(job, SP_RULE_AGENT_VALUE, field, expected.ptr);
    sp_str *member = member_of(job, row);
    if (member)
        *member = field->value;
    return SP_OK;
}

static sp_status take_memory(struct job *job, const struct field_row *row, const sp_field *field)
{
    sp_str names[SP_MEMORY_SCOPE_COUNT];
    struct field_row with_names = *row;
    for (size_t i = 0; i < SP_MEMORY_SCOPE_COUNT; i++)
        names[i] = sp_memory_scopes[i].name;
    with_names.choices = names;
    with_names.choice_count = SP_MEMORY_SCOPE_COUNT;
    return take_choice(job, &with_names, field);
}

/* Digits only, and not only zeros. */
static bool is_positive(sp_str value)
{
    bool has_more = false;
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] < '0' || value.ptr[i] > '9')
            return false;
        has_more |= value.ptr[i] != '0';
    }
    return has_more;
}

/* The SDK also takes a number here; the page does not say whether a file may. */
static sp_status take_effort(struct job *job, const struct field_row *row, const sp_field *field)
{
    if (field->kind == SP_VALUE_SCALAR && is_positive(field->value))
        return SP_OK;
    return take_choice(job, row, field);
}

static sp_status take_count(struct job *job, const struct field_row *row, const sp_field *field)
{
    (void)row;
    static const char expected[] = "a positive whole number";
    if (field->kind != SP_VALUE_SCALAR)
        return warn_kind(job, field, expected);
    return is_positive(field->value) ? SP_OK : warn_value(job, SP_RULE_AGENT_TYPE, field, expected);
}

struct flag_word {
    const char *word;
    bool value;
    bool is_documented; /* for agents; the others are documented for skills */
};

static const struct flag_word flag_words[] = {
    { "true", true, true }, { "false", false, true }, { "yes", true, false }, { "no", false, false },
    { "on", true, false },  { "off", false, false },  { "1", true, false },   { "0", false, false },
};

static sp_status take_flag(struct job *job, const struct field_row *row, const sp_field *field)
{
    if (field->kind != SP_VALUE_SCALAR)
        return warn_kind(job, field, "true or false");
    const struct flag_word *end = flag_words + SP_COUNT_OF(flag_words), *word = flag_words;
    while (word < end && !sp_str_eq_nocase(field->value, sp_str_of(word->word)))
        word++;
    if (word == end)
        return warn_value(job, SP_RULE_AGENT_TYPE, field, "true or false");
    bool *member = member_of(job, row);
    if (member)
        *member = word->value;
    if (word->is_documented)
        return SP_OK;
    return say(job, SP_WARNING, SP_RULE_AGENT_TYPE, field->value_offset,
               sp_str_format(job->arena,
                             "%.*s has to be true or false; \"%.*s\" is taken for %s, and the client may not do so",
                             SP_STR_ARG(field->key), SP_STR_ARG(field->value), word->value ? "true" : "false"));
}

static sp_status take_servers(struct job *job, const struct field_row *row, const sp_field *field)
{
    (void)row;
    return field->kind == SP_VALUE_SCALAR ? warn_kind(job, field, "a list or a mapping") : SP_OK;
}

static sp_status take_mapping(struct job *job, const struct field_row *row, const sp_field *field)
{
    (void)row;
    return field->kind != SP_VALUE_NESTED ? warn_kind(job, field, "a mapping") : SP_OK;
}

/* ---- name ------------------------------------------------------------------------------------------------- */

static sp_status refuse_name(struct job *job, const sp_field *field, sp_rule_key rule, const char *why)
{
    return say(job, SP_FINDING, rule, field->value_offset,
               sp_str_format(job->arena, "the name \"%.*s\" %s: %s", SP_STR_ARG(brief(job, field->value)), why,
                             consequence(job)));
}

static sp_status take_name(struct job *job, const struct field_row *row, const sp_field *field)
{
    SP_TRY(take_text(job, row, field));
    if (field->kind != SP_VALUE_SCALAR || is_missing(field))
        return SP_OK;
    size_t max_characters = (size_t)sp_rule_value(job->profile, SP_RULE_AGENT_NAME_LENGTH);
    if (is_measured(job) && !sp_field_is_string(field))
        return refuse_name(job, field, SP_RULE_AGENT_TYPE, "is a number or a truth value; put it in quotes");
    if (sp_str_starts(field->value, SP_STR("-")))
        return refuse_name(job, field, SP_RULE_AGENT_NAME, "begins with a dash");
    if (sp_str_find(field->value, SP_STR(":"), 0) != SIZE_MAX && sp_rule_holds(job->profile, SP_RULE_AGENT_NAME_COLON))
        return refuse_name(job, field, SP_RULE_AGENT_NAME_COLON, "holds a colon");
    for (size_t i = 0; i < field->value.len; i++)
        if ((unsigned char)field->value.ptr[i] < ' ' || field->value.ptr[i] == 0x7f)
            return refuse_name(job, field, SP_RULE_AGENT_NAME, "holds a control character");
    if (sp_utf8_count(field->value) > max_characters) {
        sp_str why = sp_str_format(job->arena, "has %s characters, and at most %s are allowed",
                                   SP_NUMBER(sp_utf8_count(field->value)), SP_NUMBER(max_characters));
        return why.ptr ? refuse_name(job, field, SP_RULE_AGENT_NAME_LENGTH, why.ptr) : sp_err_memory(job->err);
    }
    return SP_OK;
}

/* ---- model -------------------------------------------------------------------------------------------------- */

/* "sonnet[1m]" asks for the long window of sonnet. */
static sp_str without_window(sp_str model)
{
    return sp_str_ends(model, SP_STR("[1m]")) ? sp_str_slice(model, 0, model.len - 4) : model;
}

/* Amazon's and Google's names for a model: not ours to judge. */
static bool is_of_provider(sp_str model)
{
    static const sp_str marks[] = { WORD("anthropic."), WORD("arn:aws:"), WORD("@") };
    for (size_t i = 0; i < SP_COUNT_OF(marks); i++)
        if (sp_str_find(model, marks[i], 0) != SIZE_MAX)
            return true;
    return false;
}

/* "GPT-4o" as a menu shows it: the name itself is in lower case. */
static sp_str lower_case(struct job *job, sp_str model)
{
    char *lower = sp_arena_alloc(job->arena, model.len + 1, 1);
    for (size_t i = 0; lower && i < model.len; i++)
        lower[i] = sp_lower(model.ptr[i]);
    return (sp_str){ lower, lower ? model.len : 0 };
}

/* What there is to say about a model; empty for one that is served. Other platforms have days of their own. */
static sp_str remark_on_model(struct job *job, sp_str name)
{
    const sp_model *model = is_of_provider(name) ? NULL : sp_model_find(job->known_models, name);
    if (model && SP_MODEL_STR(model, retires).ptr) {
        bool is_past = sp_str_cmp(SP_MODEL_STR(model, retires), SP_MODEL_STR(model, retires_as_of)) <= 0;
        return sp_str_format(job->arena, "%s on %.*s", is_past ? "was retired" : "is to be retired",
                             SP_STR_ARG(SP_MODEL_STR(model, retires)));
    }
    for (size_t i = 0; i < SP_COUNT_OF(retired_models); i++)
        if (sp_str_eq(name, retired_models[i].name))
            return sp_str_of(retired_models[i].remark);
    return SP_STR("");
}

/* "llama" names a family to count with, and no model that a client could ask for. */
static bool is_served(struct job *job, sp_str name)
{
    const sp_model *model = sp_model_find(job->known_models, name);
    return model && (SP_MODEL_STR(model, tokenizer).ptr || sp_str_find(name, SP_STR("-"), 0) != SIZE_MAX);
}

/* ptr NULL: memory is short. */
static sp_str suggest_model(struct job *job, sp_str model)
{
    sp_str near, lower = lower_case(job, model);
    if (!lower.ptr || sp_model_near(job->known_models, model, &near, job->err) != SP_OK)
        return (sp_str){ NULL, 0 };
    if (near.ptr && is_served(job, near)) {
        sp_str remark = remark_on_model(job, near);
        return sp_str_format(job->arena, "; did you mean %.*s%s%.*s?", SP_STR_ARG(near), remark.len ? ", which " : "",
                             SP_STR_ARG(remark));
    }
    if (is_served(job, lower))
        return sp_str_format(job->arena, "; did you mean %.*s?", SP_STR_ARG(lower));
    return SP_STR("; use sonnet, opus, haiku, fable, inherit or the full id of a model");
}

/* "Opus", where the client does not mind. No memory counts as no. */
static bool is_alias_in_any_case(struct job *job, sp_str model)
{
    if (!sp_rule_holds(job->profile, SP_RULE_AGENT_MODEL_CASE))
        return false;
    sp_str lower = lower_case(job, model);
    return lower.ptr && !sp_model_is_full_id(lower) && is_served(job, lower);
}

static sp_status take_model(struct job *job, const struct field_row *row, const sp_field *field)
{
    SP_TRY(take_text(job, row, field));
    if (field->kind != SP_VALUE_SCALAR || is_missing(field))
        return SP_OK;
    sp_str model = without_window(field->value);
    sp_str remark = remark_on_model(job, model);
    if (!remark.ptr)
        return sp_err_memory(job->err);
    if (remark.len)
        return say(job, SP_WARNING, SP_RULE_AGENT_MODEL, field->value_offset,
                   sp_str_format(job->arena, "the model %.*s %.*s; name one that is served, or an alias such as sonnet",
                                 SP_STR_ARG(model), SP_STR_ARG(remark)));
    if (sp_model_is_full_id(model) && sp_rule_has_effect(job->profile, SP_RULE_AGENT_MODEL_ID, SP_EFFECT_WARN))
        return say(job, SP_WARNING, SP_RULE_AGENT_MODEL_ID, field->value_offset,
                   sp_str_format(job->arena, "%s ignores the full id of a model, so the session's counts; use an alias",
                                 sp_profile_name(job->profile)));
    if (is_of_provider(model) || is_served(job, model) || is_alias_in_any_case(job, model))
        return SP_OK;
    sp_str suggestion = suggest_model(job, model);
    if (!suggestion.ptr)
        return sp_err_memory(job->err);
    return say(job, SP_WARNING, SP_RULE_AGENT_MODEL, field->value_offset,
               sp_str_format(job->arena, "the model \"%.*s\" is not known%.*s", SP_STR_ARG(brief(job, model)),
                             SP_STR_ARG(suggestion)));
}

/* ---- tools -------------------------------------------------------------------------------------------------- */

struct entries {
    sp_list(sp_str) items;
    sp_list(size_t) offsets;
};

static bool is_wrapper(char c)
{
    return c == '"' || c == '\'' || c == '[' || c == ']';
}

/* Blanks off, and quotes or brackets that YAML left because they did not stand around the whole value. */
static sp_str bare_entry(sp_str entry)
{
    entry = sp_str_trim(entry);
    while (entry.len && is_wrapper(entry.ptr[0]))
        entry = sp_str_slice(entry, 1, entry.len);
    while (entry.len && is_wrapper(entry.ptr[entry.len - 1]))
        entry.len--;
    return sp_str_trim(entry);
}

static sp_status add_entry(struct job *job, struct entries *entries, sp_str raw, size_t offset)
{
    sp_str entry = bare_entry(raw);
    if (entry.len == 0)
        return SP_OK;
    sp_str *item = SP_LIST_PUSH(job->arena, &entries->items);
    size_t *place = SP_LIST_PUSH(job->arena, &entries->offsets);
    if (!item || !place)
        return sp_err_memory(job->err);
    *item = entry;
    *place = offset + (size_t)(entry.ptr - raw.ptr);
    return SP_OK;
}

/* Does the value stand in the file letter for letter, so that a place in it is a place in the file? */
static bool is_verbatim(const struct job *job, const sp_field *field)
{
    sp_str there = sp_str_slice(job->text, field->value_offset, job->text.len);
    return sp_str_starts(there, field->value);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Whether an entry ends at that character: at a comma, and in tools at white space that no parenthesis follows. */
static bool ends_entry(sp_str value, size_t at, bool at_spaces)
{
    size_t next = at;
    if (value.ptr[at] == ',')
        return true;
    while (next < value.len && is_blank(value.ptr[next]))
        next++;
    return at_spaces && next > at && next < value.len && value.ptr[next] != '(';
}

/* "Read, Bash(git add:*, git commit:*)": a comma in parentheses belongs to the entry. step: 0 where the value does not
 * appear in the file letter by letter. */
static sp_status split_entries(struct job *job, sp_str value, size_t offset, size_t step, bool at_spaces,
                               struct entries *entries)
{
    size_t begin = 0, open = 0;
    for (size_t at = 0; at <= value.len; at++) {
        char c = at < value.len ? value.ptr[at] : ',';
        if (c == '(')
            open++;
        else if (c == ')' && open > 0)
            open--;
        if (at < value.len && (open > 0 || !ends_entry(value, at, at_spaces)))
            continue;
        SP_TRY(add_entry(job, entries, sp_str_slice(value, begin, at), offset + step * begin));
        begin = at + 1;
    }
    return SP_OK;
}

static sp_status collect_entries(struct job *job, const sp_field *field, bool are_tools, struct entries *entries)
{
    bool at_spaces = are_tools && sp_rule_holds(job->profile, SP_RULE_AGENT_TOOLS_SPACES);
    if (field->kind == SP_VALUE_SCALAR)
        return split_entries(job, field->value, field->value_offset, is_verbatim(job, field), at_spaces, entries);
    for (size_t i = 0; i < field->items.count; i++)
        if (at_spaces)
            SP_TRY(split_entries(job, field->items.items[i], field->item_offsets[i], 0, true, entries));
        else
            SP_TRY(add_entry(job, entries, field->items.items[i], field->item_offsets[i]));
    return SP_OK;
}

/* What to say about one entry; text with ptr "" when there is nothing. *ret_is_tool: the client, or a newer one, may
 * well find a tool in it. */
static sp_str judge_entry(struct job *job, sp_str entry, bool is_alone, bool *ret_is_tool)
{
    sp_str tool = sp_tool_of(entry);
    const sp_tool *known = sp_tool_find(tool);
    *ret_is_tool = true;
    if (known && known->remark[0])
        return sp_str_format(job->arena, "%.*s %s", SP_STR_ARG(tool), known->remark);
    if (known || sp_tool_is_mcp(tool) || (sp_str_eq(tool, SP_STR("*")) && is_alone))
        return SP_STR("");
    const sp_tool *near = sp_tool_near(tool);
    *ret_is_tool = false;
    if (sp_str_eq(tool, SP_STR("*")))
        return SP_STR("\"*\" stands for all tools only where it is the only entry; here the client drops it");
    if (near)
        return sp_str_format(job->arena, "\"%.*s\" is not a built-in tool, and the client drops it; did you mean %.*s?",
                             SP_STR_ARG(brief(job, tool)), SP_STR_ARG(near->name));
    *ret_is_tool = sp_tool_looks_built_in(tool);
    return sp_str_format(
        job->arena,
        "\"%.*s\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
        "tools of an MCP server are named mcp__SERVER__TOOL",
        SP_STR_ARG(brief(job, tool)));
}

enum { MAX_TOOL_NOTES = 16 };

/* A note for every entry that is off, up to a number that a person reads; *ret_is_any: at least one may be a tool. */
static sp_status judge_entries(struct job *job, const sp_field *field, const struct entries *entries, bool *ret_is_any)
{
    size_t note_count = 0;
    *ret_is_any = false;
    for (size_t i = 0; i < entries->items.count; i++) {
        bool is_tool;
        sp_str remark = judge_entry(job, entries->items.items[i], entries->items.count == 1, &is_tool);
        if (!remark.ptr)
            return sp_err_memory(job->err);
        *ret_is_any |= is_tool;
        if (remark.len && note_count++ < MAX_TOOL_NOTES)
            SP_TRY(say(job, SP_NOTE, SP_RULE_AGENT_TOOL, entries->offsets.items[i], remark));
    }
    if (note_count <= MAX_TOOL_NOTES)
        return SP_OK;
    return say(job, SP_NOTE, SP_RULE_AGENT_TOOL, field->key_offset,
               sp_str_format(job->arena, "%zu more entries of %.*s are not tools we know", note_count - MAX_TOOL_NOTES,
                             SP_STR_ARG(field->key)));
}

/* What comes behind is compared with each other, so there has to be an end. */
static sp_status limit_entries(struct job *job, const sp_field *field, struct entries *entries)
{
    size_t max_entries = (size_t)sp_rule_value(job->profile, SP_RULE_AGENT_MAX_TOOLS);
    size_t count = entries->items.count;
    if (count <= max_entries)
        return SP_OK;
    entries->items.count = entries->offsets.count = max_entries;
    return say(job, SP_WARNING, SP_RULE_AGENT_MAX_TOOLS, field->key_offset,
               sp_str_format(job->arena, "%.*s has %zu entries, and only the first %zu are read",
                             SP_STR_ARG(field->key), count, max_entries));
}

static sp_status take_tools(struct job *job, const struct field_row *row, const sp_field *field)
{
    if (field->kind == SP_VALUE_NESTED)
        return warn_kind(job, field, "a list of names, or names with commas between them");
    struct entries entries = { 0 };
    SP_TRY(collect_entries(job, field, true, &entries));
    SP_TRY(limit_entries(job, field, &entries));
    *(sp_str_list *)member_of(job, row) = (sp_str_list){ entries.items.items, entries.items.count };
    bool is_allow_list = row->member == MEMBER(tools), is_any;
    job->agent->has_tools |= is_allow_list;
    SP_TRY(judge_entries(job, field, &entries, &is_any));
    if (!is_allow_list || is_any || entries.items.count == 0 || !sp_rule_holds(job->profile, SP_RULE_AGENT_TOOLS))
        return SP_OK;
    return say(job, SP_FINDING, SP_RULE_AGENT_TOOLS, field->value_offset,
               SP_STR("no entry of tools names a tool: the client refuses to start the agent; name tools such as Read "
                      "and Grep, or leave the field out to allow all"));
}

static sp_status take_skills(struct job *job, const struct field_row *row, const sp_field *field)
{
    struct entries entries = { 0 };
    if (field->kind == SP_VALUE_NESTED)
        return warn_kind(job, field, "a list of names");
    SP_TRY(collect_entries(job, field, false, &entries));
    SP_TRY(limit_entries(job, field, &entries));
    *(sp_str_list *)member_of(job, row) = (sp_str_list){ entries.items.items, entries.items.count };
    job->agent->skill_offsets = entries.offsets.items;
    return SP_OK;
}

/* Memory needs file tools, and the client allows them together with it. */
static sp_status check_memory_tools(struct job *job)
{
    static const sp_str needed[] = { WORD("Read"), WORD("Write"), WORD("Edit") };
    const sp_field *field = sp_front_matter_find(&job->front_matter, "disallowedTools");
    if (!field || !job->agent->memory.ptr)
        return SP_OK;
    for (size_t i = 0; i < job->agent->disallowed_tools.count; i++) {
        sp_str tool = sp_tool_of(job->agent->disallowed_tools.items[i]);
        if (is_among(tool, needed, SP_COUNT_OF(needed)))
            return say(job, SP_WARNING, SP_RULE_AGENT_MEMORY_TOOLS, field->value_offset,
                       sp_str_format(job->arena,
                                     "disallowedTools takes away %.*s, which memory needs to keep its files",
                                     SP_STR_ARG(tool)));
    }
    return SP_OK;
}

/* ---- fields that are not documented ----------------------------------------------------------------------------- */

static sp_str meant_key(sp_str key)
{
    for (size_t i = 0; i < SP_COUNT_OF(misnomers); i++)
        if (sp_str_eq(key, misnomers[i].name))
            return misnomers[i].meant;
    sp_str documented[SP_COUNT_OF(field_rows)];
    for (size_t i = 0; i < SP_COUNT_OF(field_rows); i++)
        documented[i] = sp_str_of(field_rows[i].key);
    size_t near = sp_near(key, documented, SP_COUNT_OF(documented));
    return near == SIZE_MAX ? (sp_str){ "", 0 } : documented[near];
}

static const struct field_row *find_row(sp_str key)
{
    for (size_t i = 0; i < SP_COUNT_OF(field_rows); i++)
        if (sp_str_eq(key, sp_str_of(field_rows[i].key)))
            return &field_rows[i];
    return NULL;
}

enum { MAX_NAMED_KEYS = 8 };

/* Unknown fields are common and do no harm: one note for all of them, but one each for those that look misspelt. */
static sp_status note_unknown_keys(struct job *job)
{
    const sp_field *first = NULL;
    sp_str names = { "", 0 };
    size_t count = 0;
    for (size_t i = 0; i < job->front_matter.field_count; i++) {
        const sp_field *field = &job->front_matter.fields[i];
        if (find_row(field->key))
            continue;
        sp_str meant = meant_key(field->key);
        if (meant.len) {
            SP_TRY(say(job, SP_NOTE, SP_RULE_AGENT_UNKNOWN_KEY, field->key_offset,
                       sp_str_format(job->arena,
                                     "the client does not know the field %.*s and ignores it; did you mean %.*s?",
                                     SP_STR_ARG(brief(job, field->key)), SP_STR_ARG(meant))));
            continue;
        }
        first = first ? first : field;
        if (count++ < MAX_NAMED_KEYS)
            names = sp_str_format(job->arena, "%.*s%s%.*s", SP_STR_ARG(names), count > 1 ? ", " : "",
                                  SP_STR_ARG(brief(job, field->key)));
        if (!names.ptr)
            return sp_err_memory(job->err);
    }
    if (count == 0)
        return SP_OK;
    sp_str more =
        count > MAX_NAMED_KEYS ? sp_str_format(job->arena, " and %zu more", count - MAX_NAMED_KEYS) : SP_STR("");
    if (!more.ptr)
        return sp_err_memory(job->err);
    return say(job, SP_NOTE, SP_RULE_AGENT_UNKNOWN_KEY, first->key_offset,
               sp_str_format(job->arena, "fields that the client does not know and ignores: %.*s%.*s",
                             SP_STR_ARG(names), SP_STR_ARG(more)));
}

/* ---- fields that have to be there ---------------------------------------------------------------------------------
 */

/* A plugin's agent loads all the same. */
static sp_status check_plugin(struct job *job)
{
    const sp_field *name = sp_front_matter_find(&job->front_matter, "name");
    const sp_field *description = sp_front_matter_find(&job->front_matter, "description");
    bool is_worse = sp_rule_has_effect(job->profile, SP_RULE_AGENT_PLUGIN_NAMELESS, SP_EFFECT_WARN);
    if (is_missing(name))
        SP_TRY(say(job, is_worse ? SP_WARNING : SP_NOTE, SP_RULE_AGENT_PLUGIN_NAMELESS, 0,
                   is_worse ? SP_STR("the front matter gives no name, so the agent is called like its file, and was "
                                     "seen to lose its description; add a `name: ...` line")
                            : SP_STR("the front matter gives no name, so the agent is called like its file")));
    if (is_missing(description))
        SP_TRY(say(job, SP_WARNING, SP_RULE_AGENT_PLUGIN, 0,
                   SP_STR("there is no description, so the client shows a placeholder and does not know when to use "
                          "the agent; add a `description: ...` line")));
    return SP_OK;
}

static sp_status check_required(struct job *job)
{
    if (job->form == SP_AGENT_PLUGIN_FILE)
        return check_plugin(job);
    const sp_field *name = sp_front_matter_find(&job->front_matter, "name");
    const sp_field *description = sp_front_matter_find(&job->front_matter, "description");
    if (is_missing(name))
        return say(
            job, SP_WARNING, SP_RULE_AGENT_DOCUMENT, name ? name->key_offset : 0,
            SP_STR("the front matter gives no name, so the client takes the file for documentation and not for an "
                   "agent; add a `name: ...` line"));
    if (is_missing(description))
        return say(job, SP_FINDING, SP_RULE_AGENT_DESCRIPTION, description ? description->key_offset : name->key_offset,
                   SP_STR("an agent with a name needs a description: the client skips the file; add a "
                          "`description: ...` line that says when to use the agent"));
    return SP_OK;
}

static sp_status note_new_key(struct job *job, const struct field_row *row, const sp_field *field)
{
    return say(job, SP_NOTE, SP_RULE_AGENT_NEW_KEY, field->key_offset,
               sp_str_format(job->arena, "%s does not know the field %s yet, and ignores it (rule %s)",
                             sp_profile_name(job->profile), row->key, sp_rule_id(row->since)));
}

static sp_status note_ignored(struct job *job, const sp_field *field)
{
    bool is_plugin = job->form == SP_AGENT_PLUGIN_FILE;
    return say(job, SP_NOTE, is_plugin ? SP_RULE_AGENT_PLUGIN_FIELD : SP_RULE_AGENT_JSON_FIELD, field->key_offset,
               sp_str_format(job->arena, "%.*s is ignored in an agent that comes %s", SP_STR_ARG(field->key),
                             is_plugin ? "with a plugin" : "from --agents"));
}

static sp_status take_fields(struct job *job)
{
    for (size_t i = 0; i < job->front_matter.field_count; i++) {
        const sp_field *field = &job->front_matter.fields[i];
        const struct field_row *row = find_row(field->key);
        bool is_new = row && row->since != SP_RULE_NONE && !sp_rule_holds(job->profile, row->since);
        bool is_no_tools = row && row->take == take_tools && job->form != SP_AGENT_JSON; /* rule agent.tools */
        if (!row || (field->kind == SP_VALUE_NULL && !is_new && !is_no_tools))
            continue;
        if (is_new)
            SP_TRY(note_new_key(job, row, field));
        else if (job->form != SP_AGENT_FILE && row->ignored_in == job->form)
            SP_TRY(note_ignored(job, field));
        else
            SP_TRY(row->take(job, row, field));
    }
    SP_TRY(check_required(job));
    SP_TRY(check_memory_tools(job));
    return note_unknown_keys(job);
}

static sp_status warn_no_front_matter(struct job *job)
{
    if (job->form == SP_AGENT_PLUGIN_FILE)
        return check_plugin(job);
    return say(
        job, SP_WARNING, SP_RULE_AGENT_DOCUMENT, 0,
        SP_STR("the file has no front matter, so the client takes it for documentation and not for an agent; begin "
               "it with a --- line, `name: ...`, `description: ...` and another --- line"));
}

sp_status sp_agent_take(sp_arena *arena, const sp_profile *profile, const sp_models *known_models, sp_str path,
                        sp_str text, sp_agent_form form, const sp_front_matter *fields, sp_diags *diags, sp_agent *ret,
                        sp_err *err)
{
    sp_agent agent = { .source = SP_NONE, .front_matter = fields->state };
    struct job job = { .arena = arena,
                       .profile = profile,
                       .known_models = known_models,
                       .path = path,
                       .text = text,
                       .form = form,
                       .diags = diags,
                       .err = err };
    job.agent = &agent;
    job.front_matter = *fields;
    if (fields->state != SP_FRONT_MATTER_NONE)
        SP_TRY(take_fields(&job));
    else if (!fields->was_reported)
        SP_TRY(warn_no_front_matter(&job));
    *ret = agent;
    return SP_OK;
}

sp_status sp_claude_code_read_agent(sp_arena *arena, const sp_profile *profile, const sp_models *known_models,
                                    sp_str path, sp_str text, sp_agent_form form, sp_front_matter_mode mode,
                                    sp_diags *diags, sp_agent *ret, size_t *ret_body_begin, sp_err *err)
{
    sp_front_matter front_matter;
    SP_TRY(sp_front_matter_read(arena, profile, path, text, mode, diags, &front_matter, err));
    SP_TRY(sp_agent_take(arena, profile, known_models, path, text, form, &front_matter, diags, ret, err));
    *ret_body_begin = front_matter.body_begin;
    return SP_OK;
}
