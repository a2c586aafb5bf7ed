/* skill_read.c - the front matter of a skill: what the session lists of it, and what keeps the model from seeing it. */
#include "base/diagnostic.h"
#include "base/numbers.h"
#include "base/types.h"
#include "clients/claude_code/skills.h"
#include "model/agent.h"
#include "model/skill_list.h"
#include "syntax/front_matter.h"

typedef struct job {
    sp_loader *loader;
    sp_found_skill *skill;
    sp_front_matter front;
    uint32_t malformed_line; /* of YAML that nobody can read; 0: there is none */
    sp_err *err;
} job;

static sp_status say(const job *j, sp_level level, sp_rule_key rule, size_t offset, sp_str message)
{
    if (!message.ptr)
        return sp_err_memory(j->err);
    return sp_diag_add(&j->skill->diags, j->err, level, j->skill->listed.path, j->skill->file.bytes, offset, rule,
                       "%.*s", SP_STR_ARG(message));
}

/* ---- YAML ----------------------------------------------------------------------------------------------- */

static bool has_said(const sp_diags *diags, sp_rule_key rule)
{
    for (size_t i = 0; i < diags->count; i++)
        if (diags->items[i].rule == rule)
            return true;
    return false;
}

static sp_status read_with(const job *j, sp_front_matter_mode mode, sp_diags *said, sp_front_matter *ret)
{
    const sp_found_skill *skill = j->skill;
    return sp_front_matter_read(j->loader->arena, j->loader->here->profile, skill->listed.path, skill->file.bytes, mode,
                                said, ret, j->err);
}

/* What an agent's file would be told is of no use here: a skill loads in any case. So just the place is taken. */
static sp_status tell_of_yaml(const job *j, sp_level level, sp_rule_key rule, const char *consequence,
                              const sp_diagnostic *first)
{
    SP_TRY(say(j, level, rule, 0,
               sp_str_format(j->loader->arena,
                             "the front matter is not valid YAML, and the client %s; fix it, for example with quotes "
                             "around a value that holds a colon",
                             consequence)));
    sp_diagnostic *diag = &j->skill->diags.items[j->skill->diags.count - 1];
    diag->line = first->line;
    diag->column = first->column;
    diag->source_line = first->source_line;
    return SP_OK;
}

static void skip(sp_found_skill *skill, sp_rule_key rule, sp_str why, uint32_t line)
{
    skill->listed.status = SP_SKILL_SKIPPED;
    skill->listed.rule = rule;
    skill->listed.why = why;
    skill->listed.line = line;
}

#define MALFORMED                                                                                                      \
    "its front matter is not valid YAML; fix it, for example with quotes around a value that holds a colon"

/* Strictly if it can be; then with quotes or line by line, as far as the client would; else nothing of it counts. */
static sp_status read_front(job *j)
{
    const sp_place *here = j->loader->here;
    sp_diags strict = { .arena = j->loader->arena };
    sp_diags recovered = { .arena = j->loader->arena };
    bool has_second = !here->request->strict && sp_rule_holds(here->profile, SP_RULE_SKILL_SECOND_READING);
    bool has_lines = !here->request->strict && sp_rule_holds(here->profile, SP_RULE_SKILL_RECOVERED) && !has_second;
    SP_TRY(read_with(j, has_second ? SP_FRONT_MATTER_QUOTE : SP_FRONT_MATTER_STRICT_ONLY, &strict, &j->front));
    j->skill->body_begin = j->front.body_begin;
    if (has_said(&strict, SP_RULE_RULE_RECOVERED))
        return tell_of_yaml(j, SP_NOTE, SP_RULE_SKILL_SECOND_READING,
                            "reads it a second time, with quotes around the values", &strict.items[0]);
    if (!has_said(&strict, SP_RULE_FM_INVALID))
        return SP_OK;
    size_t body_begin = j->front.body_begin;
    if (has_lines)
        SP_TRY(read_with(j, SP_FRONT_MATTER_RECOVER, &recovered, &j->front));
    bool is_read = j->front.state == SP_FRONT_MATTER_RECOVERED && !has_said(&recovered, SP_RULE_FM_UNINDENTED);
    if (is_read)
        return tell_of_yaml(j, SP_NOTE, SP_RULE_SKILL_RECOVERED, "reads it line by line", &strict.items[0]);
    bool is_skipped = sp_rule_has_effect(here->profile, SP_RULE_SKILL_MALFORMED, SP_EFFECT_SKIP);
    j->front = (sp_front_matter){ .state = SP_FRONT_MATTER_NONE, .body_begin = body_begin };
    SP_TRY(tell_of_yaml(j, SP_WARNING, SP_RULE_SKILL_MALFORMED,
                        is_skipped ? "does not load the skill" : "loads the skill as if it had none",
                        &strict.items[0]));
    j->malformed_line = strict.items[0].line;
    if (is_skipped)
        skip(j->skill, SP_RULE_SKILL_MALFORMED, SP_STR(MALFORMED), j->malformed_line);
    return SP_OK;
}

/* ---- fields --------------------------------------------------------------------------------------------- */

/* The text of a field; ptr NULL when it is absent or no text. */
static sp_status text_of(const job *j, const char *key, sp_str *ret)
{
    const sp_field *field = sp_front_matter_find(&j->front, key);
    *ret = (sp_str){ NULL, 0 };
    if (!field || field->kind == SP_VALUE_NULL)
        return SP_OK;
    if (field->kind == SP_VALUE_SCALAR) {
        if (sp_str_trim(field->value).len)
            *ret = sp_str_trim(field->value);
        return SP_OK;
    }
    return say(j, SP_WARNING, SP_RULE_SKILL_TYPE, field->value_offset,
               sp_str_format(j->loader->arena, "%s has to be text; it counts as absent", key));
}

/* true and false in any case; before 2.1.218 no other word. */
static bool is_flag_word(const job *j, sp_str value, bool *ret)
{
    static const char *const words[] = { "false", "true", "no", "yes", "off", "on", "0", "1" };
    size_t count = sp_rule_holds(j->loader->here->profile, SP_RULE_SKILL_FLAGS) ? SP_COUNT_OF(words) : 2;
    for (size_t i = 0; i < count; i++)
        if (sp_str_eq_nocase(value, sp_str_of(words[i]))) {
            *ret = i % 2;
            return true;
        }
    return false;
}

static sp_status take_disabled(const job *j)
{
    sp_listed_skill *listed = &j->skill->listed;
    const sp_field *field = sp_front_matter_find(&j->front, "disable-model-invocation");
    bool is_on = false;
    if (!field || field->kind == SP_VALUE_NULL || !sp_rule_holds(j->loader->here->profile, SP_RULE_SKILL_DISABLED))
        return SP_OK;
    if (field->kind != SP_VALUE_SCALAR || !is_flag_word(j, field->value, &is_on))
        return say(j, SP_WARNING, SP_RULE_SKILL_TYPE, field->value_offset,
                   SP_STR("disable-model-invocation has to be true or false; it counts as absent"));
    if (!is_on)
        return SP_OK;
    listed->status = SP_SKILL_HIDDEN;
    listed->rule = SP_RULE_SKILL_DISABLED;
    listed->why = SP_STR("its disable-model-invocation: true keeps it from the model");
    listed->line = sp_position_of(j->skill->file.bytes, field->key_offset).line;
    return SP_OK;
}

/* ---- what the specification asks for ------------------------------------------------------------------------- */

static sp_status skip_as_long(const job *j, const sp_field *field, const sp_rule *row)
{
    sp_str why = sp_str_format(j->loader->arena, "its %.*s has more than %s characters; shorten it",
                               SP_STR_ARG(field->key), SP_NUMBER(row->value));
    skip(j->skill, row->key, why, sp_position_of(j->skill->file.bytes, field->key_offset).line);
    return why.ptr ? SP_OK : sp_err_memory(j->err);
}

static sp_status check_length(const job *j, const char *key, sp_rule_key rule)
{
    const sp_field *field = sp_front_matter_find(&j->front, key);
    const sp_rule *row = sp_rule_of(j->loader->here->profile, rule);
    size_t length = field && field->kind == SP_VALUE_SCALAR ? sp_utf8_count(field->value) : 0;
    if (!row || (int64_t)length <= row->value)
        return SP_OK;
    if (row->effect == SP_EFFECT_SKIP)
        return skip_as_long(j, field, row);
    return say(j, SP_WARNING, rule, field->value_offset,
               sp_str_format(j->loader->arena,
                             "%s has %s characters, and the specification of skills allows %s; the client loads it "
                             "all the same",
                             key, SP_NUMBER(length), SP_NUMBER(row->value)));
}

static sp_status check_lines(const job *j)
{
    sp_str text = j->skill->file.bytes;
    const sp_rule *row = sp_rule_of(j->loader->here->profile, SP_RULE_SKILL_ADVICE_LINES);
    size_t lines = text.len ? sp_position_of(text, text.len - 1).line : 0;
    if (!row || (int64_t)lines <= row->value)
        return SP_OK;
    return say(j, SP_WARNING, SP_RULE_SKILL_ADVICE_LINES, SP_WHOLE_FILE,
               sp_str_format(j->loader->arena,
                             "has %s lines, and the advice is at most %s; move details into files beside it",
                             SP_NUMBER(lines), SP_NUMBER(row->value)));
}

/* A name that is the directory's has the limit, too, where it is one for the client. */
static sp_status check_directory_name(const job *j)
{
    const sp_rule *row = sp_rule_of(j->loader->here->profile, SP_RULE_SKILL_SPEC_NAME);
    bool is_long = row && row->effect == SP_EFFECT_SKIP && !sp_front_matter_find(&j->front, "name") &&
                   (int64_t)sp_utf8_count(j->skill->listed.name) > row->value;
    if (!is_long)
        return SP_OK;
    sp_str why = sp_str_format(j->loader->arena,
                               "its name, which is that of the directory, has more than %s characters; shorten it, "
                               "or give the skill a name",
                               SP_NUMBER(row->value));
    skip(j->skill, row->key, why, 0);
    return why.ptr ? SP_OK : sp_err_memory(j->err);
}

static sp_status check_advice(const job *j)
{
    SP_TRY(check_directory_name(j));
    SP_TRY(check_length(j, "name", SP_RULE_SKILL_SPEC_NAME));
    SP_TRY(check_length(j, "description", SP_RULE_SKILL_SPEC_DESCRIPTION));
    SP_TRY(check_length(j, "compatibility", SP_RULE_SKILL_SPEC_COMPATIBILITY));
    return check_lines(j);
}

enum { MARK_CHARACTERS = 3 }; /* with which the client ends what it cuts */

/* ---- the description -------------------------------------------------------------------------------------------- */

/* The first line of the body that says something, without the marks of a heading. */
static sp_str first_line(sp_str body)
{
    for (size_t at = 0; at < body.len;) {
        size_t end = sp_str_find(body, SP_STR("\n"), at);
        end = end == SIZE_MAX ? body.len : end;
        sp_str line = sp_str_trim(sp_str_slice(body, at, end));
        while (line.len && line.ptr[0] == '#')
            line = sp_str_slice(line, 1, line.len);
        line = sp_str_trim(line);
        if (line.len)
            return line;
        at = end + 1;
    }
    return SP_STR("");
}

/* What the client sends of a description, where no budget of all of them decides. */
static void shorten_description(const job *j)
{
    const sp_profile *profile = j->loader->here->profile;
    sp_str *text = &j->skill->listed.description;
    size_t most = profile->client->skill_place_count ? (size_t)sp_rule_value(profile, SP_RULE_SKILL_DESCRIPTION) : 0;
    if (profile->client->lists_first_lines)
        *text = sp_str_trim(sp_str_slice(*text, 0, sp_line_end(*text, 0)));
    if (most && sp_utf8_count(*text) > most)
        *text = sp_str_slice(*text, 0, sp_utf8_after(*text, 0, most - MARK_CHARACTERS));
}

static sp_status take_description(const job *j)
{
    sp_listed_skill *listed = &j->skill->listed;
    sp_str when;
    SP_TRY(text_of(j, "description", &listed->description));
    SP_TRY(text_of(j, "when_to_use", &when));
    if (!listed->description.ptr)
        listed->description = first_line(listed->body);
    if (when.ptr)
        listed->description =
            sp_str_format(j->loader->arena, "%.*s %.*s", SP_STR_ARG(listed->description), SP_STR_ARG(when));
    if (!listed->description.ptr)
        return sp_err_memory(j->err);
    shorten_description(j);
    return SP_OK;
}

/* A list, or text such as "file mode". */
static sp_status take_arguments(const job *j)
{
    const sp_field *field = sp_front_matter_find(&j->front, "arguments");
    sp_list(sp_str) names = { 0 };
    if (field && field->kind == SP_VALUE_LIST)
        j->skill->arguments = field->items;
    if (!field || field->kind != SP_VALUE_SCALAR)
        return SP_OK;
    for (sp_str rest = sp_str_trim(field->value); rest.len;) {
        size_t space = sp_str_find(rest, SP_STR(" "), 0);
        sp_str *name = SP_LIST_PUSH(j->loader->arena, &names);
        if (!name)
            return sp_err_memory(j->err);
        *name = sp_str_slice(rest, 0, space == SIZE_MAX ? rest.len : space);
        rest = sp_str_trim(sp_str_slice(rest, name->len, rest.len));
    }
    j->skill->arguments = (sp_str_list){ names.items, names.count };
    return SP_OK;
}

static bool has_other_letters(sp_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
            return true;
    }
    return false;
}

/* Whether it lacks a field without which the client lists no skill. */
static bool is_without(const job *j, sp_str name)
{
    const sp_client *client = j->loader->here->profile->client;
    const sp_field *description = sp_front_matter_find(&j->front, "description");
    bool has_description =
        description && description->kind == SP_VALUE_SCALAR && sp_str_trim(description->value).len > 0;
    if (client->skill_needs && j->malformed_line)
        skip(j->skill, SP_RULE_SKILL_LISTED, SP_STR(MALFORMED), j->malformed_line);
    else if ((client->skill_needs & SP_NEEDS_FRONT_MATTER) && j->front.state == SP_FRONT_MATTER_NONE)
        skip(j->skill, SP_RULE_SKILL_LISTED, SP_STR("it has no front matter; begin it with a name and a description"),
             0);
    else if ((client->skill_needs & SP_NEEDS_NAME) && !name.ptr)
        skip(j->skill, SP_RULE_SKILL_LISTED, SP_STR("it has no name; add a `name: ...` line to its front matter"), 0);
    else if ((client->skill_needs & SP_NEEDS_DESCRIPTION) && !has_description)
        skip(j->skill, SP_RULE_SKILL_LISTED,
             SP_STR("it has no description; add a `description: ...` line to its front matter"), 0);
    else if (sp_rule_holds(j->loader->here->profile, SP_RULE_SKILL_NAME_LETTERS) && has_other_letters(name))
        skip(j->skill, SP_RULE_SKILL_NAME_LETTERS,
             SP_STR("its name may have lower-case letters, digits and dashes alone; rename it"), 0);
    else
        return false;
    return true;
}

sp_status sp_skill_read(sp_loader *loader, sp_found_skill *skill, sp_err *err)
{
    job j = { .loader = loader, .skill = skill, .err = err };
    sp_str name = { NULL, 0 };
    SP_TRY(read_front(&j));
    skill->listed.body = sp_str_slice(skill->file.bytes, skill->body_begin, skill->file.bytes.len);
    if (skill->listed.status == SP_SKILL_SKIPPED)
        return SP_OK;
    if (!skill->listed.is_command)
        SP_TRY(text_of(&j, "name", &name));
    skill->listed.name = name.ptr ? name : skill->folder_name;
    if (is_without(&j, name))
        return SP_OK;
    SP_TRY(take_description(&j));
    SP_TRY(take_arguments(&j));
    SP_TRY(take_disabled(&j));
    return check_advice(&j);
}
