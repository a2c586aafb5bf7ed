/*
 * sections.c - environment, git status, appended text, after body and memory or around the skills, and the skills after
 * the instructions.
 */
#include "base/types.h"
#include "compose/composer.h"
#include "model/prompt.h"
#include "model/source.h"

/* A section that has its place in messages of this role. */
static sp_status add_section(sp_composer *composer, sp_str text, sp_role role, sp_err *err)
{
    if (!text.ptr || !text.len || composer->role != role)
        return SP_OK;
    SP_TRY(sp_compose_gap(composer, err));
    return sp_compose_own(composer, SP_SEGMENT_ENVIRONMENT, text, err);
}

/* A file's text, or a cut where it has none. *ret_is_blank says which. */
static sp_status begin_source(sp_composer *composer, uint32_t index, bool *ret_is_blank, sp_err *err)
{
    const sp_source *source = &composer->docs->sources[index];
    *ret_is_blank = sp_compose_is_blank(source, source->content_begin, source->bytes.len);
    if (*ret_is_blank)
        return sp_compose_cut(composer, index, 0, source->bytes.len, SP_RULE_CHAIN_EMPTY,
                              SP_STR("there is no text in it"), err);
    SP_TRY(sp_compose_cut_front(composer, index, err));
    return sp_compose_gap(composer, err);
}

static sp_status add_appended(sp_composer *composer, uint32_t index, sp_err *err)
{
    const sp_source *source = &composer->docs->sources[index];
    bool is_blank;
    if (sp_is_output_style(source) != (composer->role == SP_ROLE_USER))
        return SP_OK;
    SP_TRY(begin_source(composer, index, &is_blank, err));
    if (is_blank)
        return SP_OK;
    return sp_compose_slice(composer, index, SP_SEGMENT_APPENDED, source->content_begin, source->bytes.len, err);
}

/* ---- variables in skills (rule skills.variables) ----------------------------------------------------------------- */

typedef struct variable {
    sp_span at;   /* what goes */
    sp_str value; /* and what comes in its place */
} variable;

static bool is_word(sp_str text, size_t at)
{
    char c = at < text.len ? text.ptr[at] : ' ';
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* $ARGUMENTS, which an agent gives none; after a backslash it stays, and the backslash goes. */
static bool is_arguments(sp_str text, size_t dollar, variable *ret)
{
    const sp_str name = SP_STR("$ARGUMENTS");
    bool is_escaped = dollar > 0 && text.ptr[dollar - 1] == '\\';
    size_t end = dollar + name.len;
    if (!sp_str_starts(sp_str_slice(text, dollar, text.len), name) || (end < text.len && text.ptr[end] == '['))
        return false;
    *ret = (variable){ is_escaped ? (sp_span){ dollar - 1, dollar } : (sp_span){ dollar, end }, SP_STR("") };
    return true;
}

/* $file, where the front matter has `arguments: file`. */
static bool is_named_argument(const sp_parsed *parsed, sp_str text, size_t dollar, variable *ret)
{
    for (size_t i = 0; i < parsed->arguments.count; i++) {
        sp_str name = parsed->arguments.items[i];
        size_t end = dollar + 1 + name.len;
        *ret = (variable){ { dollar, end }, SP_STR("") };
        if (name.len && sp_str_starts(sp_str_slice(text, dollar + 1, text.len), name) && !is_word(text, end))
            return true;
    }
    return false;
}

static bool is_directory(const sp_parsed *parsed, sp_str text, size_t dollar, variable *ret)
{
    const struct {
        sp_str name;
        sp_str value;
    } known[] = {
        { SP_STR("${CLAUDE_SKILL_DIR}"), parsed->skill_dir },
        { SP_STR("${CLAUDE_PROJECT_DIR}"), parsed->project_dir },
    };
    for (size_t i = 0; i < SP_COUNT_OF(known); i++) {
        *ret = (variable){ { dollar, dollar + known[i].name.len }, known[i].value };
        if (known[i].value.ptr && sp_str_starts(sp_str_slice(text, dollar, text.len), known[i].name))
            return true;
    }
    return false;
}

/* The first variable between two offsets. */
static bool next_variable(const sp_source *source, size_t begin, size_t end, variable *ret)
{
    sp_str text = sp_str_slice(source->bytes, 0, end);
    const sp_parsed *parsed = source->parsed;
    if (!parsed->project_dir.ptr)
        return false;
    for (size_t at = sp_str_find(text, SP_STR("$"), begin); at != SIZE_MAX; at = sp_str_find(text, SP_STR("$"), at + 1))
        if (is_arguments(text, at, ret) || is_directory(parsed, text, at, ret) ||
            is_named_argument(parsed, text, at, ret))
            if (ret->at.begin >= begin)
                return true;
    return false;
}

static sp_status add_skill_slice(sp_composer *composer, uint32_t index, size_t begin, size_t end, sp_err *err)
{
    const sp_source *source = &composer->docs->sources[index];
    variable found;
    while (next_variable(source, begin, end, &found)) {
        SP_TRY(sp_compose_slice(composer, index, SP_SEGMENT_SKILL, begin, found.at.begin, err));
        SP_TRY(sp_compose_cut(composer, index, found.at.begin, found.at.end, SP_RULE_SKILL_VARIABLES,
                              SP_STR("the client puts a value in the place of a variable"), err));
        if (found.value.len)
            SP_TRY(sp_compose_marker(composer, index, found.at.begin, found.value, err));
        begin = found.at.end;
        if (found.at.end - found.at.begin == 1) { /* the backslash: what it keeps is no variable */
            SP_TRY(sp_compose_slice(composer, index, SP_SEGMENT_SKILL, begin, begin + 1, err));
            begin++;
        }
    }
    return sp_compose_slice(composer, index, SP_SEGMENT_SKILL, begin, end, err);
}

static bool has_skill_after(const sp_composer *composer, uint32_t index)
{
    for (uint32_t i = index + 1; i < composer->docs->count; i++)
        if (composer->docs->sources[i].is_loaded && composer->docs->sources[i].kind == SP_SOURCE_SKILL)
            return true;
    return false;
}

/* What is learned is the text of the last skill: before another one the client has one more line end. */
static sp_status add_learned_skill(sp_composer *composer, uint32_t index, sp_err *err)
{
    const sp_source *source = &composer->docs->sources[index];
    sp_span text = sp_learned_span(composer, SP_RUN_SKILL, index, source->bytes.len);
    SP_TRY(sp_learned_enter(composer, SP_RUN_SKILL, index, err));
    composer->frame = index;
    SP_TRY(sp_compose_cut_blank(composer, index, source->content_begin, text.begin, SP_RULE_TEMPLATES_LEARNED, err));
    SP_TRY(add_skill_slice(composer, index, text.begin, text.end, err));
    SP_TRY(sp_compose_cut_blank(composer, index, text.end, source->bytes.len, SP_RULE_TEMPLATES_LEARNED, err));
    if (has_skill_after(composer, index))
        SP_TRY(sp_compose_own(composer, SP_SEGMENT_HEADER, SP_STR("\n"), err));
    return sp_learned_leave(composer, err);
}

static sp_status add_skill_text(sp_composer *composer, uint32_t index, sp_err *err)
{
    const sp_source *source = &composer->docs->sources[index];
    if (composer->docs->wording)
        return add_learned_skill(composer, index, err);
    const sp_text_value values[] = { { "name", source->name } };
    SP_TRY(sp_compose_own(
        composer, SP_SEGMENT_HEADER,
        sp_text_fill(composer->arena, composer->docs->texts[SP_TEXT_SKILL_HEADER], values, SP_COUNT_OF(values)), err));
    SP_TRY(sp_compose_gap(composer, err));
    size_t begin = source->content_begin;
    if (sp_rule_holds(composer->profile, SP_RULE_SKILL_TRIM))
        begin = sp_compose_trim(source, begin, source->bytes.len).begin;
    SP_TRY(sp_compose_cut_blank(composer, index, source->content_begin, begin, SP_RULE_SKILL_TRIM, err));
    return add_skill_slice(composer, index, begin, source->bytes.len, err);
}

static sp_status add_skill(sp_composer *composer, uint32_t index, sp_err *err)
{
    bool is_blank;
    composer->frame = index;
    SP_TRY(begin_source(composer, index, &is_blank, err));
    if (!is_blank)
        SP_TRY(add_skill_text(composer, index, err));
    composer->frame = SP_NONE;
    return SP_OK;
}

static sp_status add_all(sp_composer *composer, sp_source_kind kind,
                         sp_status (*add)(sp_composer *composer, uint32_t index, sp_err *err), sp_err *err)
{
    for (uint32_t i = 0; i < composer->docs->count; i++)
        if (composer->docs->sources[i].is_loaded && composer->docs->sources[i].kind == kind)
            SP_TRY(add(composer, i, err));
    return SP_OK;
}

/* In messages of the user where a rule holds, in the system prompt otherwise. */
static sp_role role_by(const sp_composer *composer, sp_rule_key place)
{
    return sp_rule_holds(composer->profile, place) ? SP_ROLE_USER : SP_ROLE_SYSTEM;
}

static sp_status add_environment(sp_composer *composer, sp_err *err)
{
    return add_section(composer, composer->docs->environment, role_by(composer, SP_RULE_AGENT_ENVIRONMENT_PLACE), err);
}

static sp_status add_git_status(sp_composer *composer, sp_err *err)
{
    return add_section(composer, composer->docs->git_status, role_by(composer, SP_RULE_AGENT_GIT_PLACE), err);
}

sp_status sp_compose_environment(sp_composer *composer, sp_err *err)
{
    SP_TRY(add_environment(composer, err));
    SP_TRY(add_git_status(composer, err));
    return add_all(composer, SP_SOURCE_APPENDED, add_appended, err);
}

sp_status sp_compose_skills(sp_composer *composer, sp_err *err)
{
    SP_TRY(add_git_status(composer, err));
    SP_TRY(add_all(composer, SP_SOURCE_SKILL, add_skill, err));
    SP_TRY(sp_compose_first_turn(composer, err));
    SP_TRY(add_environment(composer, err));
    return add_all(composer, SP_SOURCE_APPENDED, add_appended, err);
}
